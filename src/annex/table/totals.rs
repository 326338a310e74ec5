//! Total rows: assertions about their columns.

use crate::annex::checks::{TotalRow, column_sums};
use crate::annex::rows::BodyRow;
use crate::annex::sections::covered;
use crate::annex::table::TableReader;
use crate::annex::{ColumnReading, ColumnRole, Purpose};
use crate::diag::{Finding, Message, Severity};
use crate::model::TotalCheck;
use crate::refdata::IndicatorKind;

impl TableReader<'_> {
    /// Checks every total against the rows that it adds up. Proportions do not add up.
    pub(super) fn check_totals(
        &mut self,
        rows: &[BodyRow<'_>],
        columns: &[ColumnReading],
        n_decimals: &[usize],
    ) -> Vec<TotalCheck> {
        let mut checks = Vec::new();
        // Where figures are not kept there is nothing that a total could be compared with.
        if !matches!(self.context.purpose, Purpose::Figures) {
            return checks;
        }
        let has_total = rows.iter().any(|row| row.is_total && !row.is_subtotal);
        let everything = if has_total { 0..usize::MAX } else { 0..0 };
        let sums_of_all = column_sums(&self.observations, &everything, columns.len());
        let mut n_totals = 0;
        for (at, row) in rows.iter().enumerate().filter(|(_, row)| row.is_total) {
            let mut sums = &sums_of_all;
            let sums_of_part;
            if row.is_subtotal {
                let covered = covered(rows, at);
                // Places count rows from 1, the header included.
                let first = rows.get(covered.start).map_or(usize::MAX, |row| row.grid_idx + 1);
                let end = rows.get(covered.end).map_or(usize::MAX, |row| row.grid_idx + 1);
                sums_of_part = column_sums(&self.observations, &(first..end), columns.len());
                sums = &sums_of_part;
            } else {
                n_totals += 1;
            }
            if n_totals > 1 && !row.is_subtotal {
                let message = Message::new("total.repeated").with("label", &row.label);
                let finding = Finding::new(Severity::Warning, message, row.row_place(self.number));
                self.findings.push(finding.labelled(Some(&row.label), None));
            }
            if row.cells.is_none() {
                self.report_shape(row, columns);
                continue;
            }
            let total = TotalRow {
                table: self.number,
                title: &self.table.title,
                region: &self.context.departments.region,
                row,
                sums,
                n_decimals,
            };
            for (idx, column) in columns.iter().enumerate() {
                let ColumnRole::Indicator(indicator) = &column.role else { continue };
                if indicator.kind == IndicatorKind::Ratio {
                    continue;
                }
                let (check, finding) = total.check((idx, column), indicator);
                checks.push(check);
                self.findings.extend(finding);
            }
        }
        checks
    }
}
