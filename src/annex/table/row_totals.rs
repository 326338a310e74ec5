//! Columns that add up others of their row, as 合计 and 小计: checked row by row, never kept.

use crate::annex::cells::{CellValue, Number, parse_cell};
use crate::annex::header::Header;
use crate::annex::labels::label_parts;
use crate::annex::rows::BodyRow;
use crate::annex::table::TableReader;
use crate::annex::table::figures::figure_of;
use crate::annex::units::unit_scale;
use crate::annex::{ColumnReading, ColumnRole, Unknown};
use crate::diag::{Finding, Message, Severity};
use crate::model::Place;
use crate::refdata::IndicatorKind;

/// What a row's parts add up to.
struct Sum {
    value: f64,
    /// How far rounding can move it from the printed one.
    tolerance: f64,
}

/// A column of totals.
struct TotalColumn {
    idx: usize,
    /// Power of ten that its numbers are multiplied with.
    exponent: i32,
}

impl TableReader<'_> {
    /// Refuses columns of totals that have nothing to add up: they are figures of something else.
    pub(super) fn refuse_lone_totals(&mut self, columns: &mut [ColumnReading], header: &Header) {
        for idx in 0..columns.len() {
            if !is_row_total(&columns[idx]) || !parts_of(idx, columns, header).is_empty() {
                continue;
            }
            columns[idx].role = ColumnRole::LeftOut;
            let place = self.header_place(header.n_rows, idx, header.columns[idx].cell.spot);
            let label = columns[idx].label.clone();
            let (entry, nearest) = (label.clone(), Vec::new());
            self.unknown.push(Unknown::Column { label, place, nearest, entry });
        }
    }

    /// Checks every column of totals in every row, the total row included.
    pub(super) fn check_row_totals(
        &mut self,
        rows: &[BodyRow<'_>],
        columns: &[ColumnReading],
        header: &Header,
    ) {
        // Where a column is left out, what remains need not add up.
        if columns.iter().any(|column| column.role == ColumnRole::LeftOut) {
            return;
        }
        for (idx, column) in columns.iter().enumerate().filter(|(_, c)| is_row_total(c)) {
            let levels = header.columns[idx].levels.iter().rev();
            let unit = levels.into_iter().find_map(|label| label_parts(label).unit);
            let unit = unit.or_else(|| self.table.unit.clone());
            let exponent = unit.and_then(|unit| Some(unit_scale(&unit)?.1)).unwrap_or(0);
            let total = TotalColumn { idx, exponent };
            let candidates = parts_of(idx, columns, header);
            // What it adds up is what it adds up in most rows: the first of equally good ones.
            let n_agreeing = |parts: &[usize]| {
                rows.iter().filter(|row| total.agrees(row, parts, columns) == Some(true)).count()
            };
            let counted: Vec<(usize, &Vec<usize>)> =
                candidates.iter().map(|parts| (n_agreeing(parts), parts)).collect();
            let most = counted.iter().map(|(n, _)| *n).max().unwrap_or(0);
            let Some((_, parts)) = counted.into_iter().find(|(n, _)| *n == most) else { continue };
            let differing: Vec<&BodyRow<'_>> = rows
                .iter()
                .filter(|row| total.agrees(row, parts, columns) == Some(false))
                .collect();
            if most == 0 && differing.len() > 1 {
                self.report_nowhere(&total, parts, columns, header);
                continue;
            }
            for row in differing {
                self.report_differing(&total, row, parts, (column, columns));
            }
        }
    }

    /// Tells that a column adds up in no row: it is the total of something else, and was not read.
    fn report_nowhere(
        &mut self,
        total: &TotalColumn,
        parts: &[usize],
        columns: &[ColumnReading],
        header: &Header,
    ) {
        let label = &columns[total.idx].label;
        let others: Vec<&str> = parts.iter().map(|at| columns[*at].label.as_str()).collect();
        let message = Message::new("computed.nowhere")
            .with("column", label)
            .with("others", others.join("、"));
        let spot = header.columns[total.idx].cell.spot;
        let place = self.header_place(header.n_rows, total.idx, spot);
        let finding = Finding::new(Severity::Warning, message, place);
        self.findings.push(finding.labelled(None, Some(label)));
    }

    fn report_differing(
        &mut self,
        total: &TotalColumn,
        row: &BodyRow<'_>,
        parts: &[usize],
        (column, columns): (&ColumnReading, &[ColumnReading]),
    ) {
        let Some(sum) = sum_of(row, parts, columns) else { return };
        let printed = row.cells.as_deref().and_then(|cells| cells.get(total.idx));
        let printed = printed.map(|cell| cell.text.to_string()).unwrap_or_default();
        let computed = format!("{}", sum.value);
        let message = Message::new("computed.differs")
            .with("row", &row.label)
            .with("column", &column.label)
            .with("printed", &printed)
            .with("computed", &computed);
        let place: Place = row.place(self.number, total.idx);
        let finding = Finding::new(Severity::Warning, message, place);
        let finding = finding.labelled(Some(&row.label), Some(&column.label));
        self.findings.push(finding.comparing(&printed, computed));
    }
}

impl TotalColumn {
    /// Whether the total that a row prints is the sum of its parts; `None` where that cannot be told.
    fn agrees(
        &self,
        row: &BodyRow<'_>,
        parts: &[usize],
        columns: &[ColumnReading],
    ) -> Option<bool> {
        let number = number_at(row, self.idx)?;
        let printed = number.in_column(self.exponent)?;
        let sum = sum_of(row, parts, columns)?;
        let tolerance = sum.tolerance + half_digit(&number, self.exponent);
        Some((printed - sum.value).abs() <= tolerance * (1.0 + 1e-9))
    }
}

/// Whether a column adds up others of its row, as its label says.
fn is_row_total(column: &ColumnReading) -> bool {
    column.role == ColumnRole::Computed && column.layout_column.is_none()
}

/// Returns the sets of columns that a column of totals may add up, the likeliest first: those under
/// the same label above; else all, those to its left, or those to its right, up to the next total.
fn parts_of(idx: usize, columns: &[ColumnReading], header: &Header) -> Vec<Vec<usize>> {
    let above = |at: usize| {
        let levels = &header.columns[at].levels;
        levels.split_last().map_or(&[][..], |(_, above)| above)
    };
    let is_count = |at: &usize| matches!(&columns[*at].role, ColumnRole::Indicator(c) if c.kind != IndicatorKind::Ratio);
    let counts = |range: std::ops::Range<usize>| -> Vec<usize> { range.filter(is_count).collect() };
    let all = counts(0..columns.len());
    let in_group: Vec<usize> = all.iter().copied().filter(|at| above(*at) == above(idx)).collect();
    let is_grouped = !above(idx).is_empty();
    let left = (0..idx).rev().find(|at| is_row_total(&columns[*at])).map_or(0, |at| at + 1);
    let right = (idx + 1..columns.len()).find(|at| is_row_total(&columns[*at]));
    let candidates = if is_grouped {
        vec![in_group]
    } else {
        vec![all, counts(left..idx), counts(idx + 1..right.unwrap_or(columns.len()))]
    };
    candidates.into_iter().filter(|parts| !parts.is_empty()).collect()
}

fn number_at(row: &BodyRow<'_>, idx: usize) -> Option<Number> {
    match parse_cell(&row.cells.as_deref()?.get(idx)?.text) {
        CellValue::Number(number) => Some(number),
        _ => None,
    }
}

/// Adds up parts of a row, in the units of their indicators; `None` where one has no figure.
fn sum_of(row: &BodyRow<'_>, parts: &[usize], columns: &[ColumnReading]) -> Option<Sum> {
    let mut sum = Sum { value: 0.0, tolerance: 0.0 };
    for at in parts {
        let ColumnRole::Indicator(indicator) = &columns[*at].role else { return None };
        let number = number_at(row, *at)?;
        sum.value += figure_of(&number, indicator)?;
        sum.tolerance += half_digit(&number, indicator.exponent);
    }
    Some(sum)
}

/// Half of the last digit of a number that was rounded; nothing for a whole one without a scale.
fn half_digit(number: &Number, exponent: i32) -> f64 {
    if number.n_decimals == 0 && exponent == 0 && number.exponent == 0 {
        return 0.0;
    }
    let decimals = i32::try_from(number.n_decimals).unwrap_or(i32::MAX);
    0.5 * 10_f64.powi(exponent + number.exponent - decimals)
}
