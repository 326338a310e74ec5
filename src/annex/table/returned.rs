//! Notes and remarks about returned data, tied to the row that they are about.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::annex::cells::Number;
use crate::annex::definitions::Counted;
use crate::annex::notes::{
    NoteSubject, ReturnNote, Standing, parse_return_note, sentences, speaks_of_return,
};
use crate::annex::rows::BodyRow;
use crate::annex::table::figures::{remark_of, remark_spot};
use crate::annex::table::{TableReader, tells_another_time};
use crate::annex::{ColumnReading, ColumnRole};
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
    /// Whether there are figures and none of them is zero.
    is_other: bool,
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
        let departments = self.context.departments;
        let names_another = |of: &str, behind: &str| {
            !departments.named_in(behind).is_subset(&departments.named_in(of))
        };
        let said: Vec<&str> = all.iter().map(|(_, sentence)| *sentence).collect();
        let returns = returns_told(&said, names_another);
        let rows_of = if returns.is_empty() { BTreeMap::new() } else { self.rows_of_departments() };
        for (at, returned) in returns {
            let (idx, sentence) = all[at];
            let named = self.context.departments.named_in(sentence);
            let named = named.into_iter().filter_map(|id| rows_of.get(id));
            // A second one is enough to see that the note is about more than one row.
            let named: Vec<usize> = named.flatten().copied().take(2).collect();
            let spot = self.table.notes[idx].spot;
            let place = Place { table: Some(self.number), note: Some(idx + 1), ..Place::at(spot) };
            let told = Told { note: Arc::clone(&texts[idx]), sentence, place, returned };
            match named.as_slice() {
                [row_idx] => self.take_note(*row_idx, &told, columns),
                _ => self.report_unclear("note.unclear", &told),
            }
        }
        self.read_remarks(rows, columns);
    }

    /// Returns the rows that were read, as positions, by the department that they are about.
    pub(super) fn rows_of_departments(&self) -> BTreeMap<Arc<str>, Vec<usize>> {
        let mut rows_of: BTreeMap<Arc<str>, Vec<usize>> = BTreeMap::new();
        for (row_idx, row) in self.rows.iter().enumerate() {
            if let Some(department) = &row.subject.department {
                rows_of.entry(Arc::clone(department)).or_default().push(row_idx);
            }
        }
        rows_of
    }

    /// A remark is about its own row.
    fn read_remarks(&mut self, rows: &[BodyRow<'_>], columns: &[ColumnReading]) {
        let read: Vec<&BodyRow<'_>> =
            rows.iter().filter(|row| self.read_rows.contains(&row.grid_idx)).collect();
        for (row_idx, row) in read.into_iter().enumerate() {
            let Some(remark) = remark_of(row, columns) else { continue };
            let spot = remark_spot(row, columns);
            let place = Place { spot, ..row.row_place(self.number) };
            let text: Arc<str> = remark.as_str().into();
            let all: Vec<&str> = sentences(&remark).collect();
            for (at, returned) in returns_told(&all, |_, _| false) {
                let told = Told { note: Arc::clone(&text), sentence: all[at], place, returned };
                self.take_note(row_idx, &told, columns);
            }
        }
    }

    fn take_note(&mut self, row_idx: usize, told: &Told<'_>, columns: &[ColumnReading]) {
        let label = Arc::clone(&self.rows[row_idx].label);
        let Told { returned, note, place, sentence } = told;
        let standing = match returned.standing {
            // Whether data of another time was sent back says nothing about these figures.
            Standing::Returned if tells_another_time(sentence, columns) => Standing::Open,
            standing => standing,
        };
        if let Some(reason) = standing.reason() {
            let message = Message::new("note.not_applied")
                .with("label", &label)
                .with_coded("reason", reason)
                .with("note", sentence);
            let severity = match standing {
                Standing::Denied => Severity::Info,
                _ => Severity::Warning,
            };
            let finding = Finding::new(severity, message, *place);
            let finding = finding.labelled(Some(&label), None);
            self.findings.push(finding.quoting(*sentence));
            return;
        }
        let figures = self.figures_meant(row_idx, returned.subject, columns);
        let Some(figures) = figures else {
            self.report_unclear("note.unclear", told);
            return;
        };
        // Which of several zeros is a returned one has to be said.
        if returned.is_all && figures.zeros.len() > 1 {
            self.report_unclear("note.unclear_column", told);
            return;
        }
        // A zero beside a note that data was sent back is one because of that, unless it was a part.
        let is_zero_told = !returned.is_part && figures.zeros.len() == 1;
        if returned.is_all || is_zero_told {
            self.mark_returned(&figures.zeros, note);
        }
        if returned.subject != NoteSubject::Evaluations {
            self.report_zeros_in_front(&label, told);
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
        let (code, severity) = if returned.is_all && figures.is_other {
            ("note.returned_nonzero", Severity::Warning)
        } else {
            ("note.returned", Severity::Info)
        };
        let message = Message::new(code).with("label", &label).with("note", sentence);
        let finding = Finding::new(severity, message, *place);
        let finding = finding.labelled(Some(&label), None);
        // A note of thousands of sentences is not kept once for each.
        let found = if note.len() <= MAX_QUOTED_BYTES { &**note } else { *sentence };
        self.findings.push(finding.quoting(found));
    }

    /// Tells quantities of a note that have zeros in front: a digit may be lost or wrong.
    fn report_zeros_in_front(&mut self, label: &str, told: &Told<'_>) {
        let Told { returned, place, sentence, .. } = told;
        let quantities = [&returned.pushed, &returned.returned].into_iter().flatten();
        // What was pushed may be what was sent back.
        let odd: BTreeMap<&str, f64> = quantities
            .filter(|(number, _)| number.is_odd)
            .map(|(number, printed)| (printed.as_str(), number.value))
            .collect();
        for (printed, value) in odd {
            let message = Message::new("note.odd_digits")
                .with("label", label)
                .with("printed", printed)
                .with("value", value)
                .with("note", sentence);
            let finding = Finding::new(Severity::Warning, message, *place);
            let finding = finding.labelled(Some(label), None);
            self.findings.push(finding.comparing(printed, value.to_string()));
        }
    }

    fn report_unclear(&mut self, code: &'static str, told: &Told<'_>) {
        let message = Message::new(code).with("note", told.sentence);
        let finding = Finding::new(Severity::Warning, message, told.place);
        self.findings.push(finding.quoting(told.sentence));
    }

    /// Returns which figures of a row a note about returned data can mean: those of the flows that it
    /// names, else of all flows.
    ///
    /// `None` when the row has no flow.
    fn figures_meant(
        &self,
        row_idx: usize,
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
        let of_row = self.figures_of(row_idx);
        let of_row = of_row.clone().zip(&self.observations[of_row]).filter(|(_, observation)| {
            observation.accumulation != Accumulation::Point
                && indicator.is_none_or(|indicator| &*observation.indicator == indicator)
        });
        let flows: Vec<(usize, &Observation)> = of_row.collect();
        let zeros: Vec<usize> = flows
            .iter()
            .filter(|(_, observation)| observation.value == Some(0.0))
            .map(|(at, _)| *at)
            .collect();
        let flow = zeros.first().or(flows.first().map(|(at, _)| at)).copied()?;
        let is_other = zeros.is_empty() && flows.iter().any(|(_, figure)| figure.value.is_some());
        Some(FiguresMeant { zeros, flow, is_other })
    }

    /// Returns where the figures of a row stand: those of cells, in the order of their rows, before those
    /// that notes tell.
    pub(super) fn figures_of(&self, row_idx: usize) -> Range<usize> {
        let row_idx = i32::try_from(row_idx).ok();
        let stands_in_cell = |observation: &Observation| observation.column_label.is_some();
        let start = self.observations.partition_point(|o| stands_in_cell(o) && o.row_idx < row_idx);
        let of_row = self.observations[start..]
            .partition_point(|o| stands_in_cell(o) && o.row_idx == row_idx);
        start..start + of_row
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
        let counted = Counted { indicator: &known, period: of_row.period };
        let definition = counted.definition(self.context.refdata);
        self.findings.extend(counted.findings(self.context.refdata, quantity.place));
        self.observations.push(Observation {
            indicator: known.indicator.into(),
            definition,
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

/// Returns the sentences that speak of returned data, as positions, with what each says. Those behind
/// it go on with it, up to the next that speaks of some or begins something else.
fn returns_told(
    sentences: &[&str],
    begins_else: impl Fn(&str, &str) -> bool,
) -> Vec<(usize, ReturnNote)> {
    // Most sentences speak of something else.
    let is_of_return: Vec<bool> = sentences.iter().copied().map(speaks_of_return).collect();
    let mut found = Vec::new();
    for (at, sentence) in sentences.iter().enumerate().filter(|(at, _)| is_of_return[*at]) {
        let goes_on =
            |next: &usize| !is_of_return[*next] && !begins_else(sentence, sentences[*next]);
        let behind = (at + 1..sentences.len()).take_while(goes_on);
        let behind: Vec<&str> = behind.map(|next| sentences[next]).collect();
        let returned = parse_return_note(sentence, &behind.join("。"));
        found.extend(returned.map(|returned| (at, returned)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sentences: &[&str], expected: &[(usize, Standing)]) {
        let told = returns_told(sentences, |of, behind| {
            ["水利厅", "民政厅"].iter().any(|name| behind.contains(name) && !of.contains(name))
        });
        let told: Vec<_> = told.iter().map(|(at, told)| (*at, told.standing)).collect();
        assert_eq!(told, expected, "{sentences:?}");
    }

    #[test]
    fn what_goes_on_with_a_return_ends_at_the_next_and_where_something_else_begins() {
        check(&["好", "好"], &[]);
        check(&["好", "数据全部退回", "好"], &[(1, Standing::Returned)]);
        check(&["数据全部退回", "好", "现已重新推送"], &[(0, Standing::Mended)]);
        check(&["省水利厅数据全部退回", "省民政厅已重新推送"], &[(0, Standing::Returned)]);
        check(&["省民政厅数据全部退回", "省民政厅已重新推送"], &[(0, Standing::Mended)]);
        check(
            &["数据全部退回", "好", "退回3条", "已整改"],
            &[(0, Standing::Returned), (2, Standing::Mended)],
        );
    }
}
