//! Total rows: assertions about their columns.

use crate::annex::checks::{TotalRow, column_sums};
use crate::annex::rows::BodyRow;
use crate::annex::sections::covered;
use crate::annex::table::TableReader;
use crate::annex::table::subjects::RegionColumns;
use crate::annex::{ColumnReading, ColumnRole, Purpose};
use crate::diag::{Finding, Message, Severity};
use crate::model::TotalCheck;
use crate::refdata::IndicatorKind;

impl TableReader<'_> {
    /// Takes the row of the whole region, 青海省 among its 市州, for what it is: the total of the others.
    pub(super) fn mark_whole_region(
        &mut self,
        rows: &mut [BodyRow<'_>],
        columns: &[ColumnReading],
    ) {
        let says_more = |column: &ColumnReading| {
            matches!(column.role, ColumnRole::Department | ColumnRole::Breakdown)
        };
        let Some(regions) = RegionColumns::of(columns) else { return };
        if columns.iter().any(says_more) {
            return;
        }
        let label = |row: &BodyRow<'_>, idx: usize| {
            let cells = row.cells.as_deref().unwrap_or_default();
            cells.get(idx).map_or_else(String::new, |cell| cell.text.to_string())
        };
        let is_whole = |row: &BodyRow<'_>| {
            let of_row = label(row, regions.region);
            let upper = regions.upper.map_or_else(String::new, |upper| label(row, upper));
            let named = match (of_row.is_empty(), upper.is_empty()) {
                (false, true) => of_row,
                (true, false) => upper,
                (true, true) | (false, false) => return false,
            };
            !row.is_total && self.context.regions.is_whole(&named)
        };
        let whole: Vec<usize> = (0..rows.len()).filter(|at| is_whole(&rows[*at])).collect();
        let n_parts = rows.iter().filter(|row| !row.is_total).count() - whole.len();
        if n_parts == 0 {
            return;
        }
        for at in whole {
            let row = &mut rows[at];
            row.is_total = true;
            let message = Message::new("region.whole").with("label", &row.label);
            let finding = Finding::new(Severity::Info, message, row.row_place(self.number));
            self.findings.push(finding.labelled(Some(&row.label), None));
        }
    }

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
        let n_unread_of_all = if has_total { self.n_unread(rows) } else { 0 };
        let mut n_totals = 0;
        for (at, row) in rows.iter().enumerate().filter(|(_, row)| row.is_total) {
            let mut sums = &sums_of_all;
            let mut n_unread = n_unread_of_all;
            let sums_of_part;
            if row.is_subtotal {
                let covered = covered(rows, at);
                n_unread = self.n_unread(rows.get(covered.clone()).unwrap_or_default());
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
                n_unread,
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

    /// Returns how many of some rows hold figures and were not read.
    fn n_unread(&self, rows: &[BodyRow<'_>]) -> usize {
        let is_unread =
            |row: &&BodyRow<'_>| !row.is_total && !self.read_rows.contains(&row.grid_idx);
        rows.iter().filter(is_unread).count()
    }
}
