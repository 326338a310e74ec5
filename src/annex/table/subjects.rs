//! What each row of a table is about: a department, a region, a further dimension.

use std::sync::Arc;

use crate::annex::cells::parse_cell;
use crate::annex::footnotes::Marked;
use crate::annex::members::{is_about_others, member_name};
use crate::annex::persons::masked_label;
use crate::annex::regions::{NoRegion, RegionMatch, breakdown_of_region};
use crate::annex::rows::{BodyRow, is_total};
use crate::annex::table::TableReader;
use crate::annex::{ColumnReading, ColumnRole, RowSubject, Unknown};
use crate::diag::Severity;
use crate::model::Place;
use crate::source::{RowShape, Span};

/// The columns that say which region a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RegionColumns {
    /// The region in which the other lies, as 市州 beside 县区.
    pub(super) upper: Option<usize>,
    pub(super) region: usize,
}

impl RegionColumns {
    /// Returns those of a table; `None` without one.
    pub(super) fn of(columns: &[ColumnReading]) -> Option<Self> {
        let is_region = |idx: &usize| columns[*idx].role == ColumnRole::Region;
        let mut found = (0..columns.len()).rev().filter(is_region);
        let region = found.next()?;
        Some(Self { upper: found.next(), region })
    }
}

impl<'a> TableReader<'a> {
    /// Returns what a row is about, or notes that it is unknown.
    pub(super) fn subject_of(
        &mut self,
        row: &BodyRow<'_>,
        columns: &[ColumnReading],
    ) -> Option<RowSubject> {
        let mut subject = self.no_subject();
        let mut is_own_level = false;
        if let Some(regions) = RegionColumns::of(columns) {
            let found = self.region_of_row(row, regions)?;
            is_own_level = found.is_own_level;
            subject.region = found.region.into();
        }
        for (idx, column) in columns.iter().enumerate() {
            let label = self.shown_text(row, idx);
            match column.role {
                ColumnRole::Department => {
                    subject.department = Some(self.department_of(label, row, idx)?);
                }
                ColumnRole::Breakdown => {
                    subject.breakdown = Some(self.breakdown_of(label, row, idx)?.into());
                }
                _ => {}
            }
        }
        let breakdown = breakdown_of_region(is_own_level, subject.breakdown.as_deref());
        Some(RowSubject { breakdown: breakdown.map(Into::into), ..subject })
    }

    /// Goes past a total row: what it says about the upper region holds for blank cells below it.
    pub(super) fn pass_total(&mut self, row: &BodyRow<'_>, columns: &[ColumnReading]) {
        let Some(upper) = RegionColumns::of(columns).and_then(|regions| regions.upper) else {
            return;
        };
        let label = self.own_text(row, upper);
        if !label.is_empty() {
            let found = (!is_total(label)).then(|| self.context.regions.find(label));
            self.upper_region = found.and_then(Result::ok);
        }
    }

    /// Returns the region of a row: where two columns name it, the one that lies in the other. A blank
    /// cell of the upper one goes on with the cell above; what lies elsewhere shows where it does not.
    fn region_of_row(&mut self, row: &BodyRow<'_>, columns: RegionColumns) -> Option<RegionMatch> {
        let label = self.shown_text(row, columns.region);
        let place = row.place(self.number, columns.region);
        let Some(upper) = columns.upper else {
            if label.is_empty() {
                let label = self.row_text(row);
                self.unknown.push(Unknown::RowUnnamed { label, place });
                return None;
            }
            return self.region_of(label, None, place);
        };
        let printed = self.own_text(row, upper);
        if !printed.is_empty() {
            let found = self.region_of(printed, None, row.place(self.number, upper));
            self.upper_region.clone_from(&found);
            let found = found?;
            // Nothing beside it: the row is about the whole.
            if label.is_empty() {
                return Some(found);
            }
        }
        let above = self.upper_region.as_ref().map(|above| above.region.clone());
        self.region_of(label, above.as_deref(), place)
    }

    /// Returns the region of a label, among the divisions of the one above where there is one.
    fn region_of(&mut self, label: &str, above: Option<&str>, place: Place) -> Option<RegionMatch> {
        let regions = self.context.regions;
        let find = |name: &str| match above {
            Some(above) => regions.find_below(name, above),
            None => regions.find(name),
        };
        let marked = Marked::parse(label);
        let of_rest = marked.as_ref().map(|marked| find(&marked.rest));
        let (marked, found) = match of_rest {
            Some(Ok(found)) => (marked, Ok(found)),
            Some(Err(_)) | None => (None, find(label)),
        };
        match found {
            Ok(found) => {
                self.report_mark(marked.as_ref(), label, Severity::Info, place);
                self.findings.extend(found.finding(label, place));
                Some(found)
            }
            Err(NoRegion::Unknown(_)) if is_about_others(label) => {
                let label = label.to_owned();
                self.unknown.push(Unknown::RowAboutOthers { label, place });
                None
            }
            Err(reason) => {
                let above = above.unwrap_or(&self.context.departments.region);
                let elsewhere = self.context.refdata.region_elsewhere(label, above);
                self.unknown.push(match (reason, elsewhere) {
                    (NoRegion::Unknown(_), Some(region)) => {
                        let (label, above) = (label.to_owned(), above.to_owned());
                        Unknown::RegionElsewhere { label, region, above, place }
                    }
                    (reason, _) => reason.of_label(label, place),
                });
                None
            }
        }
    }

    /// The text of a cell of a row, empty where another cell covers it.
    fn own_text<'r>(&self, row: &'r BodyRow<'_>, idx: usize) -> &'r str
    where
        'a: 'r,
    {
        let cells = row.cells.as_deref().unwrap_or(&self.table.grid.rows[row.grid_idx].cells);
        cells.get(idx).map_or("", |cell| cell.text.as_str())
    }

    /// The text of a cell of a row, that of the cell which covers it included.
    fn shown_text<'r>(&self, row: &'r BodyRow<'_>, idx: usize) -> &'r str
    where
        'a: 'r,
    {
        let grid = self.table.grid;
        let cells = row.cells.as_deref().unwrap_or(&grid.rows[row.grid_idx].cells);
        let cell = cells.get(idx).and_then(|cell| match cell.span {
            Span::Covered { .. } => grid.shown_at(row.grid_idx, idx),
            Span::Single | Span::Wide { .. } => Some(cell),
        });
        cell.map_or("", |cell| cell.text.as_str())
    }

    /// The further dimension of a row. Its names are not known, so that it has to be plain which cell
    /// holds it.
    fn breakdown_of(&mut self, label: &str, row: &BodyRow<'_>, idx: usize) -> Option<String> {
        if is_about_others(label) {
            let (label, place) = (label.to_owned(), row.place(self.number, idx));
            self.unknown.push(Unknown::RowAboutOthers { label, place });
            return None;
        }
        let shape = &self.table.grid.rows[row.grid_idx].shape;
        let is_plain =
            !matches!(shape, RowShape::Ragged { .. }) && !row.joined_numbers.contains(&idx);
        // A text in the place of the running number and a figure behind it: the cells moved up.
        let is_figure = |text: &str| parse_cell(text).is_figure();
        let number = row.running_number.as_deref().unwrap_or_default();
        let is_moved = is_figure(label) && !number.is_empty() && !is_figure(number);
        if is_plain && !label.is_empty() && !is_moved {
            let marked = Marked::parse(label);
            self.report_mark(
                marked.as_ref(),
                label,
                Severity::Warning,
                row.place(self.number, idx),
            );
            let name = member_name(marked.as_ref().map_or(label, |marked| &marked.rest));
            return Some(masked_label(&name).into_owned());
        }
        let (label, place) = (self.row_text(row), row.row_place(self.number));
        self.unknown.push(Unknown::RowUnnamed { label, place });
        None
    }

    fn department_of(&mut self, label: &str, row: &BodyRow<'_>, idx: usize) -> Option<Arc<str>> {
        let departments = self.context.departments;
        let place = row.place(self.number, idx);
        if label.is_empty() {
            let label = self.row_text(row);
            self.unknown.push(Unknown::RowUnnamed { label, place });
            return None;
        }
        let marked = Marked::parse(label).filter(|_| !departments.is_printed_so(label));
        let marked = marked.filter(|marked| departments.knows(&marked.rest));
        let name = marked.as_ref().map_or(label, |marked| &marked.rest);
        let found = match departments.find(name) {
            Ok(found) => found,
            Err(_) if is_about_others(name) => {
                let label = label.to_owned();
                self.unknown.push(Unknown::RowAboutOthers { label, place });
                return None;
            }
            Err(nearest) => {
                let context = self.context;
                self.unknown.push(departments.unknown(label, nearest, context.refdata, place));
                return None;
            }
        };
        self.report_mark(marked.as_ref(), label, Severity::Info, place);
        self.findings.extend(found.findings(name, place, self.context.period.dated));
        Some(Arc::clone(&found.known.department))
    }

    /// Tells that a label was read without the mark of a footnote.
    fn report_mark(
        &mut self,
        marked: Option<&Marked<'_>>,
        label: &str,
        severity: Severity,
        place: Place,
    ) {
        let finding = marked.map(|marked| marked.finding(label, severity, place));
        self.findings.extend(finding.map(|finding| finding.labelled(Some(label), None)));
    }
}
