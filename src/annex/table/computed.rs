//! Columns that are computed from others, as a saved layout says: recomputed, never corrected.

use std::collections::BTreeSet;

use crate::annex::cells::{CellValue, parse_cell};
use crate::annex::layout::Check;
use crate::annex::rows::BodyRow;
use crate::annex::table::TableReader;
use crate::annex::table::figures::figure_of;
use crate::annex::{ColumnReading, ColumnRole};
use crate::diag::{Finding, Message, Severity};

/// A printed number with its decimals.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Printed {
    value: f64,
    n_decimals: usize,
}

/// Where the columns of a check stand in the table.
struct Columns<'a> {
    rows: &'a [BodyRow<'a>],
    columns: &'a [ColumnReading],
}

impl Columns<'_> {
    /// Returns the table's column for one of the layout.
    fn of_layout(&self, at: usize) -> Option<usize> {
        self.columns.iter().position(|column| column.layout_column == Some(at))
    }

    /// Returns the number in a cell, in the unit of its indicator.
    fn number(&self, row: &BodyRow<'_>, column: usize) -> Option<Printed> {
        let cell = row.cells.as_deref()?.get(column)?;
        let CellValue::Number(number) = parse_cell(&cell.text) else { return None };
        let value = match &self.columns[column].role {
            ColumnRole::Indicator(indicator) => figure_of(&number, indicator)?,
            _ => number.value,
        };
        Some(Printed { value, n_decimals: number.n_decimals })
    }

    fn of_check(&self, row: &BodyRow<'_>, at: usize) -> Option<f64> {
        Some(self.number(row, self.of_layout(at)?)?.value)
    }

    /// Returns the numbers of a column in the rows that are no totals.
    fn column(&self, at: usize) -> Option<Vec<f64>> {
        let column = self.of_layout(at)?;
        let rows = self.rows.iter().filter(|row| !row.is_total);
        Some(rows.filter_map(|row| Some(self.number(row, column)?.value)).collect())
    }
}

impl TableReader<'_> {
    /// Recomputes every column that has a check and tells where the print differs.
    pub(super) fn check_computed(&mut self, rows: &[BodyRow<'_>], columns: &[ColumnReading]) {
        let Some(layout) = self.layout else { return };
        let all = Columns { rows, columns };
        // Figures that are fractions, by row and column as places count them.
        let mut fractions = BTreeSet::new();
        for (idx, column) in columns.iter().enumerate() {
            let check = column.layout_column.and_then(|at| layout.columns.get(at)?.check.as_ref());
            let Some(check) = check else { continue };
            let context = ColumnContext::of(check, &all);
            let is_figure = matches!(column.role, ColumnRole::Indicator(_));
            for row in rows {
                let Some(printed) = all.number(row, idx) else { continue };
                let Some(computed) = recomputed(check, row, &all, &context) else { continue };
                if computed.iter().any(|value| agrees(check, printed, *value)) {
                    continue;
                }
                let text = row.cells.as_deref().and_then(|cells| cells.get(idx));
                let text = text.map(|cell| cell.text.to_string()).unwrap_or_default();
                let place = row.place(self.number, idx);
                let code = if computed.iter().any(|value| is_fraction(check, printed, *value)) {
                    // A column that is only checked, and a total, may print fractions.
                    if !is_figure || row.is_total {
                        continue;
                    }
                    fractions.insert((place.row, place.column));
                    "computed.fraction"
                } else {
                    "computed.differs"
                };
                let shown = computed.first().map_or_else(String::new, |value| rounded(*value));
                let message = Message::new(code)
                    .with("row", &row.label)
                    .with("column", &column.label)
                    .with("printed", &text)
                    .with("computed", &shown);
                let finding = Finding::new(Severity::Warning, message, place);
                let finding = finding.labelled(Some(&row.label), Some(&column.label));
                self.findings.push(finding.comparing(&text, shown));
            }
        }
        self.empty_figures(|figure| fractions.contains(&(figure.place.row, figure.place.column)));
    }
}

/// Whether a printed number is a proportion as a fraction of 1.
fn is_fraction(check: &Check, printed: Printed, computed: f64) -> bool {
    let is_proportion = matches!(check, Check::Ratio(..) | Check::Share(_));
    is_proportion && printed.n_decimals >= 2 && agrees(check, printed, computed / 100.0)
}

/// What a check needs to know of a whole column.
struct ColumnContext {
    sum: f64,
    /// The values, the highest first.
    sorted: Vec<f64>,
}

impl ColumnContext {
    fn of(check: &Check, all: &Columns<'_>) -> Self {
        let values = match check {
            Check::Share(at) | Check::Rank(at) => all.column(*at).unwrap_or_default(),
            _ => Vec::new(),
        };
        let sum = values.iter().sum();
        let mut sorted = values;
        sorted.sort_by(|a, b| b.total_cmp(a));
        Self { sum, sorted }
    }
}

/// Returns what a cell should hold; more than one value where several ways of counting are in use.
///
/// `None` where it cannot be told: a part is missing, or 0 of 0.
fn recomputed(
    check: &Check,
    row: &BodyRow<'_>,
    all: &Columns<'_>,
    context: &ColumnContext,
) -> Option<Vec<f64>> {
    let value = |at: &usize| all.of_check(row, *at);
    match check {
        Check::Ratio(part, whole) => {
            let (part, whole) = (value(part)?, value(whole)?);
            (whole != 0.0).then(|| vec![100.0 * part / whole])
        }
        Check::Sum(parts) => {
            let parts: Vec<f64> = parts.iter().map(value).collect::<Option<_>>()?;
            Some(vec![parts.iter().sum()])
        }
        Check::Difference(minuend, less) => Some(vec![value(minuend)? - value(less)?]),
        Check::Share(at) if row.is_total => {
            let whole = value(at)?;
            (context.sum != 0.0).then(|| vec![100.0 * whole / context.sum])
        }
        Check::Share(at) => {
            let part = value(at)?;
            (context.sum != 0.0).then(|| vec![100.0 * part / context.sum])
        }
        Check::Rank(_) if row.is_total => None,
        Check::Rank(at) => {
            let own = value(at)?;
            let above: Vec<f64> = context.sorted.iter().copied().filter(|v| *v > own).collect();
            let mut distinct = above.clone();
            distinct.dedup();
            let rank = |n: usize| u32::try_from(n + 1).map_or(f64::MAX, f64::from);
            Some(vec![rank(above.len()), rank(distinct.len())])
        }
    }
}

/// Whether a printed number is a computed one: rounded, cut or rounded up to its last digit.
fn agrees(check: &Check, printed: Printed, computed: f64) -> bool {
    let places = i32::try_from(printed.n_decimals).unwrap_or(i32::MAX);
    let last_digit = 10_f64.powi(-places);
    let is_near = |wanted: f64| (printed.value - wanted).abs() < last_digit * (1.0 + 1e-9);
    match check {
        Check::Sum(_) | Check::Difference(..) if printed.n_decimals == 0 => {
            (printed.value - computed).abs() < 0.5
        }
        Check::Ratio(..) | Check::Share(_) | Check::Sum(_) | Check::Difference(..) => {
            is_near(computed)
        }
        Check::Rank(_) => (printed.value - computed).abs() < 0.5,
    }
}

/// A computed number for a sentence: four decimals at most.
fn rounded(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_ratio(value: f64, n_decimals: usize, computed: f64, expected: bool) {
        let printed = Printed { value, n_decimals };
        assert_eq!(agrees(&Check::Ratio(0, 1), printed, computed), expected);
    }

    #[test]
    fn a_proportion_as_a_fraction_is_known_as_one() {
        let is_fraction_of = |value, n_decimals, computed| {
            is_fraction(&Check::Ratio(0, 1), Printed { value, n_decimals }, computed)
        };
        assert!(is_fraction_of(0.571, 3, 57.14));
        assert!(!is_fraction_of(0.571, 3, 58.0));
        assert!(!is_fraction_of(1.0, 0, 100.0));
    }

    #[test]
    fn proportions_may_be_rounded_cut_or_rounded_up() {
        check_ratio(94.03, 2, 94.0344, true);
        check_ratio(94.04, 2, 94.0344, true);
        check_ratio(94.3, 1, 94.03, false);
        check_ratio(57.1, 1, 57.14, true);
        check_ratio(57.0, 0, 57.9, true);
    }
}
