//! What stands around a table and was not understood, or only by an assumption.

use crate::annex::cells::is_part_of_figure;
use crate::annex::table::{TableReader, tells_another_time};
use crate::annex::tables::{tells_time_of_figures, tells_time_of_row};
use crate::annex::time_words::is_of_paper;
use crate::annex::{ColumnReading, ColumnRole, IndicatorColumn, PeriodDoubt};
use crate::diag::{Finding, Message, Severity};
use crate::model::{Accumulation, PeriodBasis, Place};

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
        if let Some(caption) = self.table.caption_that_differs() {
            let message = Message::new("period.disagree")
                .with("caption", &caption.text)
                .with("title", &self.table.title);
            let place = Place { table: Some(self.number), ..Place::at(caption.spot) };
            let finding = Finding::new(Severity::Warning, message, place);
            self.findings.push(finding.quoting(&caption.text));
        }
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

    /// Tells where a note speaks of a time that is not the table's: it may be that of some figures.
    pub(super) fn report_notes(&mut self, columns: &[ColumnReading]) {
        for (idx, note) in self.table.notes.iter().enumerate() {
            let is_of_figures = tells_time_of_figures(&note.text) || tells_time_of_row(&note.text);
            if !is_of_figures || !tells_another_time(&note.text, columns) {
                continue;
            }
            let place =
                Place { table: Some(self.number), note: Some(idx + 1), ..Place::at(note.spot) };
            let message = Message::new("note.other_time").with("note", &note.text);
            let finding = Finding::new(Severity::Warning, message, place);
            self.findings.push(finding.quoting(&note.text));
        }
    }

    pub(super) fn report_strays(&mut self) {
        for stray in &self.table.grid.strays {
            // A figure may be the rest of one in the row above.
            let above = self.table.grid.rows.iter().rposition(|row| row.spot < stray.spot);
            let row = above.map(|row_idx| row_idx + 1);
            let row = row.filter(|_| is_part_of_figure(&stray.text));
            let place = Place { table: Some(self.number), row, ..Place::at(stray.spot) };
            let message = Message::new("row.stray").with("text", &stray.text);
            let finding = Finding::new(Severity::Warning, message, place);
            self.findings.push(finding.quoting(&stray.text));
        }
    }

    /// The place of the table as a whole.
    pub(super) fn table_place(&self) -> Place {
        let spot = self.table.grid.rows.first().map(|row| row.spot);
        Place { table: Some(self.number), spot, ..Place::default() }
    }
}
