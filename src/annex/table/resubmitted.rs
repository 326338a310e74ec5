//! Notes that data of earlier months came in late or once more, tied to the rows that they name: the year to
//! date of these rows jumps, and nothing grew.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::annex::notes::{
    NoteSubject, sentences, speaks_of_return, subject_of, tells_late_mending, tells_resubmission,
};
use crate::annex::table::TableReader;
use crate::diag::{Finding, Message, Severity};
use crate::model::{Accumulation, Place};

impl TableReader<'_> {
    /// Keeps what notes say of data that came in late or once more with the flows of the rows that they
    /// name. No figure is changed.
    pub(super) fn read_resubmissions(&mut self) {
        let mut told: Vec<(usize, String)> = Vec::new();
        for (idx, note) in self.table.notes.iter().enumerate() {
            // What is said of a return of the same time is told with that.
            let is_late = |it: &&str| {
                if speaks_of_return(it) { tells_late_mending(it) } else { tells_resubmission(it) }
            };
            let all = sentences(&note.text).filter(is_late);
            told.extend(all.map(|sentence| (idx, sentence.to_owned())));
        }
        if told.is_empty() {
            return;
        }
        let rows_of = self.rows_of_departments();
        for (idx, sentence) in told {
            let named = self.context.departments.named_in(&sentence);
            let rows: BTreeSet<usize> =
                named.into_iter().filter_map(|id| rows_of.get(id)).flatten().copied().collect();
            if rows.is_empty() {
                continue;
            }
            let labels: Vec<&str> = rows.iter().map(|row| &*self.rows[*row].label).collect();
            let message = Message::new("note.resubmitted")
                .with("labels", labels.join("、"))
                .with("note", &sentence);
            let spot = self.table.notes[idx].spot;
            let place = Place { table: Some(self.number), note: Some(idx + 1), ..Place::at(spot) };
            self.findings.push(Finding::new(Severity::Info, message, place).quoting(&sentence));
            let note: Arc<str> = sentence.as_str().into();
            for row in rows {
                self.keep_with_flows(row, subject_of(&sentence), &note);
            }
        }
    }

    /// Keeps a note with the flows of a row that it is about; what they say already stays.
    fn keep_with_flows(&mut self, row: usize, subject: NoteSubject, note: &Arc<str>) {
        let figures = self.figures_of(row);
        for figure in &mut self.observations[figures] {
            let is_meant = match subject {
                NoteSubject::Cases => &*figure.indicator == "cases_aggregated",
                NoteSubject::Evaluations => &*figure.indicator == "evaluations_aggregated",
                NoteSubject::Unsaid => true,
            };
            if !is_meant || figure.accumulation == Accumulation::Point {
                continue;
            }
            figure.note = Some(match figure.note.take() {
                Some(known) if known.contains(&**note) => known,
                Some(known) => format!("{known}；{note}").into(),
                None => Arc::clone(note),
            });
        }
    }
}
