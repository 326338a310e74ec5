//! Checks that change no value: totals against their column, running numbers against the count.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::annex::cells::{CellValue, parse_cell};
use crate::annex::rows::BodyRow;
use crate::annex::{ColumnReading, IndicatorColumn};
use crate::diag::{Finding, Message, Severity};
use crate::model::{Observation, TotalCheck};

/// A total row with the table that it belongs to.
pub(super) struct TotalRow<'a> {
    pub(super) table: usize,
    pub(super) title: &'a str,
    pub(super) region: &'a str,
    pub(super) row: &'a BodyRow<'a>,
    /// Sum of each column over the rows that it adds up.
    pub(super) sums: &'a [ColumnSum],
    /// How many of these rows were left out.
    pub(super) n_unread: usize,
    /// Most decimals printed in each column, the total's own left out.
    pub(super) n_decimals: &'a [usize],
}

/// What the figures of a column add up to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ColumnSum {
    value: f64,
    n_rows: usize,
    n_missing: usize,
}

/// Returns the sum of each column over the figures of some rows, which are counted from 1.
///
/// Figures stand in the order of their rows.
pub(super) fn column_sums(
    observations: &[Observation],
    rows: &Range<usize>,
    n_columns: usize,
) -> Vec<ColumnSum> {
    let start = observations.partition_point(|o| o.place.row.is_some_and(|row| row < rows.start));
    let below = &observations[start..];
    let covered = below.iter().take_while(|o| o.place.row.is_some_and(|row| rows.contains(&row)));
    let mut sums = vec![ColumnSum::default(); n_columns];
    for observation in covered {
        let idx = observation.place.column.and_then(|column| column.checked_sub(1));
        let Some(sum) = idx.and_then(|idx| sums.get_mut(idx)) else { continue };
        sum.n_rows += 1;
        match observation.value {
            Some(value) => sum.value += value,
            None => sum.n_missing += 1,
        }
    }
    sums
}

impl TotalRow<'_> {
    /// Checks the cell of one column against the sum of its rows.
    ///
    /// Figures printed as whole numbers have to add up exactly. Where decimals or a scale show that
    /// figures were rounded, each may be off by half of its last digit.
    pub(super) fn check(
        &self,
        (idx, column): (usize, &ColumnReading),
        indicator: &IndicatorColumn,
    ) -> (TotalCheck, Option<Finding>) {
        let cell = self.row.cells.as_deref().and_then(|cells| cells.get(idx));
        let printed = cell.map(|cell| cell.text.to_string()).unwrap_or_default();
        let (printed_value, own_decimals) = match parse_cell(&printed) {
            CellValue::Number(number) => (number.in_column(indicator.exponent), number.n_decimals),
            _ => (None, 0),
        };
        let ColumnSum { value: sum_value, n_rows, n_missing } = self.sums[idx];
        let n_missing = n_missing + self.n_unread;
        let n_decimals = self.n_decimals[idx].max(own_decimals);
        let tolerance = tolerance(n_rows, n_decimals, indicator.exponent);
        let is_reconciled =
            printed_value.is_some_and(|printed| (printed - sum_value).abs() <= tolerance);
        let place = self.row.place(self.table, idx);
        let check = TotalCheck {
            table_title: self.title.to_owned(),
            indicator: indicator.indicator.to_string(),
            definition: indicator.definition,
            region: self.region.to_owned(),
            period: indicator.period,
            row_label: self.row.label.to_string(),
            printed,
            printed_value,
            unit: indicator.unit.to_string(),
            sum_value,
            n_rows,
            n_missing,
            is_reconciled,
            place,
        };
        let finding = (!is_reconciled).then(|| mismatch(&check, &column.label, indicator.exponent));
        (check, finding)
    }
}

/// How far rounding can move the sum of `n_rows` figures from a printed total.
fn tolerance(n_rows: usize, n_decimals: usize, exponent: i32) -> f64 {
    if n_decimals == 0 && exponent == 0 {
        return 0.0;
    }
    let half_digit = 0.5 * 10_f64.powi(exponent - i32::try_from(n_decimals).unwrap_or(i32::MAX));
    let n_figures = u32::try_from(n_rows + 1).map_or(f64::MAX, f64::from);
    half_digit * n_figures * (1.0 + 1e-9)
}

fn mismatch(check: &TotalCheck, column_label: &str, exponent: i32) -> Finding {
    let code = match (check.difference(), check.n_missing) {
        (None, _) => "total.not_a_number",
        (Some(_), 0) => "total.mismatch",
        (Some(_), _) => "total.unproven",
    };
    let printed = match check.printed_value {
        Some(value) if exponent > 0 => format!("{} ({})", check.printed, plain(value)),
        _ => check.printed.clone(),
    };
    let message = Message::new(code)
        .with("column", column_label)
        .with("printed", printed)
        .with("sum", plain(check.sum_value))
        .with("difference", check.difference().map(plain).unwrap_or_default())
        .with("missing", check.n_missing);
    Finding::new(Severity::Warning, message, check.place)
        .labelled(Some(&check.row_label), Some(column_label))
        .comparing(&check.printed, plain(check.sum_value))
}

/// Writes a figure without an exponent and without decimals that it does not have.
fn plain(value: f64) -> String {
    format!("{value}")
}

/// Finds running numbers that are repeated, leave a gap or begin again, in the order of the rows.
pub(super) fn check_running_numbers(table: usize, rows: &[BodyRow<'_>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen = BTreeSet::new();
    let mut expected: Option<u64> = None;
    for row in rows {
        // Each section may count from 1.
        if row.section.is_some() {
            expected = None;
            seen.clear();
            continue;
        }
        let Some(printed) = row.running_number.as_ref() else { continue };
        let CellValue::Number(number) = parse_cell(printed) else { continue };
        let Ok(current) = number.value.to_string().parse::<u64>() else { continue };
        // Sections count anew as well; of two tables the reader has to be told.
        if current == 1 && expected.is_some_and(|wanted| wanted > 2) {
            let message = Message::new("numbering.restarted").with("label", &row.label);
            let finding = Finding::new(Severity::Warning, message, row.row_place(table));
            findings.push(finding.labelled(Some(&row.label), None));
            seen = BTreeSet::from([1]);
            expected = Some(2);
            continue;
        }
        let is_new = seen.insert(current);
        let wanted = expected.unwrap_or(current);
        // After a repeated number the count goes on as if it had been right: one slip, one finding.
        expected = Some(if is_new { current + 1 } else { wanted + 1 });
        if is_new && current == wanted {
            continue;
        }
        let code = if is_new { "numbering.gap" } else { "numbering.repeated" };
        let message = Message::new(code).with("number", current).with("expected", wanted);
        let finding = Finding::new(Severity::Warning, message, row.row_place(table));
        findings.push(
            finding
                .labelled(Some(&row.label), None)
                .comparing(printed.as_str(), wanted.to_string()),
        );
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_add_up_exactly_and_rounded_ones_within_half_a_digit() {
        assert_eq!(tolerance(28, 0, 0).to_bits(), 0.0_f64.to_bits());
        assert!((tolerance(1, 2, 0) - 0.01).abs() < 1e-6);
        assert!((tolerance(3, 1, 4) - 2000.0).abs() < 1.0);
    }
}
