//! Notes and remarks about returned data, tied to the row that they are about.

use std::sync::Arc;

use crate::annex::cells::Number;
use crate::annex::notes::{
    NoteSubject, ReturnNote, Standing, parse_return_note, sentences, speaks_of_return,
};
use crate::annex::rows::BodyRow;
use crate::annex::table::figures::{remark_of, remark_spot};
use crate::annex::table::{TableReader, tells_another_time};
use crate::annex::{ColumnReading, ColumnRole, RowReading};
use crate::diag::{Finding, Message, Severity};
use crate::model::{Accumulation, ObsStatus, Observation, Place};

/// Longer notes are quoted by the sentence.
const MAX_QUOTED_BYTES: usize = 4_000;

/// A sentence about returned data.
struct Told<'a> {
    /// The whole note, shared by all figures that it explains.
    note: Arc<str>,
    sentence: &'a str,
    place: Place,
    returned: ReturnNote,
}

/// A figure that a note tells.
struct NoteQuantity<'a> {
    indicator: &'static str,
    number: Number,
    printed: String,
    note: &'a Arc<str>,
    place: Place,
}

/// The figures of a row that a note is about, as positions in the table's observations.
struct FiguresMeant {
    /// Zeros that the note may explain.
    zeros: Vec<usize>,
    /// The flow whose time the note's own figures share.
    flow: usize,
}

impl TableReader<'_> {
    /// Ties what notes and remarks say about returned data to the rows that they are about.
    pub(super) fn read_notes(&mut self, rows: &[BodyRow<'_>], columns: &[ColumnReading]) {
        let texts: Vec<Arc<str>> =
            self.table.notes.iter().map(|note| note.text.as_str().into()).collect();
        let all: Vec<(usize, &str)> = texts
            .iter()
            .enumerate()
            .flat_map(|(idx, text)| sentences(text).map(move |sentence| (idx, sentence)))
            .collect();
        for (at, (idx, sentence)) in all.iter().enumerate() {
            // Most notes speak of something else.
            if !speaks_of_return(sentence) {
                continue;
            }
            let behind = self.goes_on(all[at + 1..].iter().map(|(_, sentence)| *sentence));
            let Some(returned) = parse_return_note(sentence, &behind) else { continue };
            let named = self.context.departments.named_in(sentence);
            let is_named = |row: &&RowReading| {
                let department = row.subject.department.as_deref();
                department.is_some_and(|id| named.contains(id))
            };
            let named: Vec<RowReading> = self.rows.iter().filter(is_named).cloned().collect();
            let spot = self.table.notes[*idx].spot;
            let place = Place { table: Some(self.number), note: Some(idx + 1), ..Place::at(spot) };
            let told = Told { note: Arc::clone(&texts[*idx]), sentence, place, returned };
            match named.as_slice() {
                [row] => self.take_note(row, &told, columns),
                _ => self.report_unclear(&told),
            }
        }
        self.read_remarks(rows, columns);
    }

    /// Returns the sentences that go on with one about returned data: up to the next that speaks of some
    /// or names a department.
    fn goes_on<'t>(&self, sentences: impl Iterator<Item = &'t str>) -> String {
        let is_new = |sentence: &&str| {
            speaks_of_return(sentence) || !self.context.departments.named_in(sentence).is_empty()
        };
        let own: Vec<&str> = sentences.take_while(|sentence| !is_new(sentence)).collect();
        own.join("。")
    }

    /// A remark is about its own row.
    fn read_remarks(&mut self, rows: &[BodyRow<'_>], columns: &[ColumnReading]) {
        let read: Vec<&BodyRow<'_>> =
            rows.iter().filter(|row| self.read_rows.contains(&row.grid_idx)).collect();
        for (at, row) in read.into_iter().enumerate() {
            let Some(remark) = remark_of(row, columns) else { continue };
            let spot = remark_spot(row, columns);
            let place = Place { spot, ..row.row_place(self.number) };
            let text: Arc<str> = remark.as_str().into();
            let all: Vec<&str> = sentences(&remark).collect();
            for (sentence_at, sentence) in all.iter().enumerate() {
                let goes_on = |behind: &&&str| !speaks_of_return(behind);
                let behind = all[sentence_at + 1..].iter().take_while(goes_on);
                let behind: Vec<&str> = behind.copied().collect();
                let Some(returned) = parse_return_note(sentence, &behind.join("。")) else {
                    continue;
                };
                let told = Told { note: Arc::clone(&text), sentence, place, returned };
                let reading = self.rows[at].clone();
                self.take_note(&reading, &told, columns);
            }
        }
    }

    fn take_note(&mut self, row: &RowReading, told: &Told<'_>, columns: &[ColumnReading]) {
        let Told { returned, note, place, sentence } = told;
        let standing = match returned.standing {
            // Whether data of another time was sent back says nothing about these figures.
            Standing::Returned if tells_another_time(sentence, columns) => Standing::Open,
            standing => standing,
        };
        if let Some(reason) = standing.reason() {
            let message = Message::new("note.not_applied")
                .with("label", &row.label)
                .with_coded("reason", reason)
                .with("note", sentence);
            let severity = match standing {
                Standing::Denied => Severity::Info,
                _ => Severity::Warning,
            };
            let finding = Finding::new(severity, message, *place);
            let finding = finding.labelled(Some(&row.label), None);
            self.findings.push(finding.quoting(*sentence));
            return;
        }
        let figures = self.figures_meant(row, returned.subject, columns);
        // Which of several zeros is a returned one has to be said.
        let figures = figures.filter(|figures| !returned.is_all || figures.zeros.len() <= 1);
        let Some(figures) = figures else {
            self.report_unclear(told);
            return;
        };
        if returned.is_all {
            self.mark_returned(&figures.zeros, note);
        }
        let quantities = [
            ("records_pushed", returned.pushed.clone()),
            ("records_returned", returned.returned.clone()),
        ];
        for (indicator, quantity) in quantities {
            if let Some((number, printed)) = quantity
                && returned.subject != NoteSubject::Evaluations
            {
                let quantity = NoteQuantity { indicator, number, printed, note, place: *place };
                self.add_quantity(figures.flow, &quantity);
            }
        }
        let message = Message::new("note.returned").with("label", &row.label);
        let finding = Finding::new(Severity::Info, message, *place);
        let finding = finding.labelled(Some(&row.label), None);
        // A note of thousands of sentences is not kept once for each.
        let found = if note.len() <= MAX_QUOTED_BYTES { &**note } else { *sentence };
        self.findings.push(finding.quoting(found));
    }

    fn report_unclear(&mut self, told: &Told<'_>) {
        let message = Message::new("note.unclear").with("note", told.sentence);
        let finding = Finding::new(Severity::Warning, message, told.place);
        self.findings.push(finding.quoting(told.sentence));
    }

    /// Returns which figures of a row a note about returned data can mean: those of the flows that it
    /// names, else of all flows.
    ///
    /// `None` when the row has no flow.
    fn figures_meant(
        &self,
        row: &RowReading,
        subject: NoteSubject,
        columns: &[ColumnReading],
    ) -> Option<FiguresMeant> {
        let indicator = match subject {
            NoteSubject::Cases => Some("cases_aggregated"),
            NoteSubject::Evaluations => Some("evaluations_aggregated"),
            NoteSubject::Unsaid => None,
        };
        let has_named = columns.iter().any(|column| {
            matches!(&column.role, ColumnRole::Indicator(c) if Some(&*c.indicator) == indicator)
        });
        let indicator = indicator.filter(|_| has_named);
        let of_row = self.observations.iter().enumerate().filter(|(_, observation)| {
            observation.department == row.subject.department
                && observation.region == row.subject.region
                && observation.breakdown == row.subject.breakdown
                && observation.accumulation != Accumulation::Point
                && indicator.is_none_or(|indicator| &*observation.indicator == indicator)
        });
        let flows: Vec<(usize, &Observation)> = of_row.collect();
        let zeros: Vec<usize> = flows
            .iter()
            .filter(|(_, observation)| observation.value == Some(0.0))
            .map(|(at, _)| *at)
            .collect();
        let flow = zeros.first().or(flows.first().map(|(at, _)| at)).copied()?;
        Some(FiguresMeant { zeros, flow })
    }

    /// Zero because everything was sent back. A remark in the row stays beside the note.
    fn mark_returned(&mut self, zeros: &[usize], note: &Arc<str>) {
        for at in zeros {
            let observation = &mut self.observations[*at];
            observation.obs_status = ObsStatus::Returned;
            observation.note = Some(match observation.note.take() {
                Some(known) if known.contains(&**note) => known,
                Some(remark) => format!("{remark}；{note}").into(),
                None => Arc::clone(note),
            });
        }
    }

    /// Adds a figure that a note tells about a row, over the time of one of its flows.
    fn add_quantity(&mut self, flow: usize, quantity: &NoteQuantity<'_>) {
        let mut indicators = self.context.refdata.indicators().into_iter();
        let known = indicators.find(|known| known.indicator == quantity.indicator);
        let (Some(of_row), Some(known)) = (self.observations.get(flow).cloned(), known) else {
            return;
        };
        self.observations.push(Observation {
            indicator: known.indicator.into(),
            definition: known.definition,
            unit: known.unit.into(),
            value: Some(quantity.number.value),
            value_text: None,
            qualifier: quantity.number.qualifier,
            obs_status: ObsStatus::Reported,
            place: quantity.place,
            printed: Some(quantity.printed.as_str().into()),
            column_label: None,
            note: Some(Arc::clone(quantity.note)),
            ..of_row
        });
    }
}
