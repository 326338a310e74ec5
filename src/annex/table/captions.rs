//! What stands around a table and was not understood, or only by an assumption.

use crate::annex::cells::is_part_of_figure;
use crate::annex::notice::date_of_line;
use crate::annex::rows::BodyRow;
use crate::annex::sections::begins_section;
use crate::annex::table::{TableReader, tells_another_time};
use crate::annex::time_words::{is_of_paper, stated_time};
use crate::annex::{ColumnReading, ColumnRole, IndicatorColumn, PeriodDoubt, Unknown};
use crate::diag::{Finding, Message, Severity};
use crate::model::{Accumulation, PeriodBasis, Place};
use crate::source::Cell;

/// What is told of a table's columns together; hours are told of each.
const PERIOD_DOUBTS: [(PeriodDoubt, &str); 4] = [
    (PeriodDoubt::StartAssumed, "period.start_assumed"),
    (PeriodDoubt::EndAssumed, "period.end_assumed"),
    (PeriodDoubt::EndAhead, "period.end_ahead"),
    (PeriodDoubt::GivenDiffers, "period.given_differs"),
];

impl TableReader<'_> {
    /// Tells which columns print no time of their own.
    pub(super) fn report_inferred_periods(&mut self, columns: &[ColumnReading]) {
        let inferred: Vec<(&str, &IndicatorColumn)> = columns
            .iter()
            .filter_map(|column| match &column.role {
                ColumnRole::Indicator(indicator)
                    if indicator.period_basis == PeriodBasis::DocumentDate =>
                {
                    Some((column.label.as_str(), indicator))
                }
                _ => None,
            })
            .collect();
        let Some((_, first)) = inferred.first() else { return };
        let labels: Vec<&str> = inferred.iter().map(|(label, _)| *label).collect();
        let dated = self.context.period.dated.unwrap_or(first.period.end);
        let seen = self.table.times_seen();
        let (code, severity, words) = match (&*seen.not_understood, &*seen.in_part) {
            ([], []) => ("period.inferred", Severity::Info, &[][..]),
            ([], in_part) => ("period.completed", Severity::Info, in_part),
            (others, _) if others.iter().all(|line| date_of_line(line) == Some(dated)) => {
                ("period.inferred_from_line", Severity::Warning, others)
            }
            (others, _) if others.iter().all(|line| is_of_paper(line)) => {
                ("period.inferred_beside", Severity::Info, others)
            }
            (others, _) => ("period.inferred_beside", Severity::Warning, others),
        };
        let words = words.join("、");
        let message = Message::new(code)
            .with("columns", labels.join("、"))
            .with("dated", dated)
            .with("words", &words);
        let finding = Finding::new(severity, message, self.table_place());
        self.findings.push(if words.is_empty() { finding } else { finding.quoting(words) });
        let has_flow =
            inferred.iter().any(|(_, column)| column.accumulation != Accumulation::Point);
        if let Some(text) = self.context.time_in_text.filter(|_| has_flow) {
            let message = Message::new("period.in_text").with("text", text);
            let finding = Finding::new(Severity::Warning, message, self.table_place());
            self.findings.push(finding.quoting(text));
        }
    }

    /// Tells what is doubtful about times: what was assumed, what differs.
    pub(super) fn report_captions(&mut self, columns: &[ColumnReading]) {
        for (doubt, code) in PERIOD_DOUBTS {
            let indicators = columns.iter().filter_map(|column| match &column.role {
                ColumnRole::Indicator(indicator) => Some((column.label.as_str(), indicator)),
                _ => None,
            });
            let is_doubtful =
                |(_, indicator): &(&str, &IndicatorColumn)| indicator.doubts.contains(&doubt);
            let labels: Vec<&str> =
                indicators.filter(is_doubtful).map(|(label, _)| label).collect();
            if !labels.is_empty() {
                let dated = self.context.period.dated.map(|dated| dated.to_string());
                let given = self.context.period.given.map(|given| given.to_string());
                let message = Message::new(code)
                    .with("columns", labels.join("、"))
                    .with("dated", dated.unwrap_or_default())
                    .with("given", given.unwrap_or_default());
                self.findings.push(Finding::new(Severity::Warning, message, self.table_place()));
            }
        }
        self.report_sheet_name(columns);
        if let Some(caption) = self.table.caption_that_differs() {
            let message = Message::new("period.disagree")
                .with("caption", &caption.text)
                .with("title", &self.table.title);
            let place = Place { table: Some(self.number), ..Place::at(caption.spot) };
            let finding = Finding::new(Severity::Warning, message, place);
            self.findings.push(finding.quoting(&caption.text));
        }
    }

    /// Tells where the name of the sheet states another time than the columns end with.
    fn report_sheet_name(&mut self, columns: &[ColumnReading]) {
        let Some(name) = self.table.grid.name.as_deref() else { return };
        let Some(span) = stated_time(name).span().filter(|span| span.is_complete()) else { return };
        let mut periods = columns.iter().filter_map(|column| match &column.role {
            ColumnRole::Indicator(indicator) => Some(indicator.period),
            _ => None,
        });
        let Some(period) = periods.find(|period| span.ends_otherwise(*period)) else { return };
        let message = Message::new("sheet.other_time").with("sheet", name).with("period", period);
        let finding = Finding::new(Severity::Warning, message, self.table_place());
        self.findings.push(finding.quoting(name));
    }

    /// Tells which other lines above the table speak of a time that is not the table's.
    pub(super) fn report_other_times(&mut self, columns: &[ColumnReading]) {
        for line in &self.table.other_times {
            if !tells_another_time(&line.text, columns) {
                continue;
            }
            let message = Message::new("caption.other_time").with("text", &line.text);
            let place = Place { table: Some(self.number), ..Place::at(line.spot) };
            let finding = Finding::new(Severity::Warning, message, place);
            self.findings.push(finding.quoting(&line.text));
        }
    }

    /// Tells of lines within the table that belong to no cell; one that tells something of its own
    /// refuses the document, as the heading of a section does.
    pub(super) fn report_strays(&mut self, columns: &[ColumnReading]) {
        for stray in &self.table.grid.strays {
            if self.is_of_its_own(&stray.text, columns) {
                let place = Place { table: Some(self.number), ..Place::at(stray.spot) };
                self.unknown.push(Unknown::Section { label: stray.text.clone(), place });
                continue;
            }
            // A figure may be the rest of one in the row above.
            let above = self.table.grid.rows.iter().rposition(|row| row.spot < stray.spot);
            let row = above.map(|row_idx| row_idx + 1);
            let row = row.filter(|_| is_part_of_figure(&stray.text));
            let place = Place { table: Some(self.number), row, ..Place::at(stray.spot) };
            self.findings.push(stray_line(&stray.text, place));
        }
    }

    /// Refuses rows that tell another time than the table's where their running number is to stand.
    pub(super) fn refuse_times_as_numbers(
        &mut self,
        rows: &[BodyRow<'_>],
        columns: &[ColumnReading],
    ) {
        for row in rows {
            let text = row.running_number.as_deref().unwrap_or_default();
            let names_time = text.contains(['年', '月', '季', '旬', '周', '日']);
            if names_time && tells_another_time(text, columns) {
                let place = row.row_place(self.number);
                self.unknown.push(Unknown::Section { label: text.to_owned(), place });
            }
        }
    }

    /// Looks at the lines above a row that are not the beginning of its name: each is a heading or
    /// belongs to nothing, unless it may still be a part of the name.
    pub(super) fn take_lines_above(&mut self, rows: &mut [BodyRow<'_>], columns: &[ColumnReading]) {
        for row in rows.iter_mut().filter(|row| row.leaves_pieces) {
            let pieces = &self.table.grid.rows[row.grid_idx].cells;
            let Some(n_above) = pieces.len().checked_sub(columns.len()) else { continue };
            let (above, own) = pieces.split_at(n_above);
            let is_read = |cells: &[Cell]| cells.iter().zip(own).all(|(a, b)| a.text == b.text);
            if !row.cells.as_deref().is_some_and(is_read) {
                continue;
            }
            let are_headings = above.iter().all(|line| begins_section(&line.text));
            row.leaves_pieces &= !are_headings;
            row.is_rejoined &= !are_headings;
            // Lines that no row above them could have are told already.
            let strays = &self.table.grid.strays;
            let is_told = |line: &Cell| strays.iter().any(|stray| stray.spot == line.spot);
            for line in above.iter().filter(|line| !is_told(line)) {
                let place = Place { table: Some(self.number), ..Place::at(line.spot) };
                if self.is_of_its_own(&line.text, columns) {
                    let label = line.text.to_string();
                    self.unknown.push(Unknown::Section { label, place });
                } else if are_headings {
                    self.findings.push(stray_line(&line.text, place));
                }
            }
        }
    }

    /// The place of the table as a whole.
    pub(super) fn table_place(&self) -> Place {
        let spot = self.table.grid.rows.first().map(|row| row.spot);
        Place { table: Some(self.number), spot, ..Place::default() }
    }
}

/// What is told of a line that belongs to no cell. A number as sections have it makes it a heading.
fn stray_line(text: &str, place: Place) -> Finding {
    let (code, severity) = if begins_section(text) {
        ("row.section", Severity::Info)
    } else {
        ("row.stray", Severity::Warning)
    };
    Finding::new(severity, Message::new(code).with("text", text), place).quoting(text)
}
