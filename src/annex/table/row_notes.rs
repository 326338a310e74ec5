//! What notes and the remarks of rows say about figures: another time or unit, or that they are others.

use std::borrow::Cow;

use crate::annex::definitions::{change_of_definition, is_change_recorded};
use crate::annex::note_words::words_on_figures;
use crate::annex::notes::{sentences, tells_resubmission};
use crate::annex::rows::BodyRow;
use crate::annex::table::figures::{remark_of, remark_spot};
use crate::annex::table::{TableReader, tells_another_time};
use crate::annex::tables::{tells_time_of_figures, tells_time_of_row};
use crate::annex::time_words::{Stated, stated_time, time_words};
use crate::annex::units::{caption_unit, unit_scale};
use crate::annex::{ColumnReading, ColumnRole};
use crate::diag::{Finding, Message, Severity};
use crate::model::Place;

/// Longer notes say more than a name and a time or a unit.
const MAX_NAMING_CHARS: usize = 40;
/// Words beside a time or a unit that say nothing else.
const BESIDE: [&str; 12] =
    ["统计", "数据", "时间", "期间", "截至", "仅", "含", "为", "是", "按", "的", "数"];

impl TableReader<'_> {
    /// Tells which notes below the table, and which remarks of rows that were read, say something about
    /// figures that was not applied to them.
    pub(super) fn report_what_figures_are(
        &mut self,
        rows: &[BodyRow<'_>],
        columns: &[ColumnReading],
    ) {
        for (idx, note) in self.table.notes.iter().enumerate() {
            let place =
                Place { table: Some(self.number), note: Some(idx + 1), ..Place::at(note.spot) };
            let finding = self.finding_on_note(&note.text, columns, place);
            let changed = self.finding_on_definition(&note.text, columns, place);
            self.findings.extend(finding.map(|finding| finding.quoting(&note.text)));
            self.findings.extend(changed);
        }
        for row in rows.iter().filter(|row| self.read_rows.contains(&row.grid_idx)) {
            let Some(remark) = remark_of(row, columns) else { continue };
            let place = Place { spot: remark_spot(row, columns), ..row.row_place(self.number) };
            let Some(message) = message_on_remark(&row.label, &remark, columns) else { continue };
            let finding = Finding::new(Severity::Warning, message, place);
            self.findings.push(finding.labelled(Some(&row.label), None).quoting(remark));
        }
    }

    /// Tells that a note says figures are counted in another way: a warning where no reference table says
    /// since when, because they look as if they could be compared with earlier ones.
    fn finding_on_definition(
        &self,
        note: &str,
        columns: &[ColumnReading],
        place: Place,
    ) -> Option<Finding> {
        let sentence = change_of_definition(note)?;
        let is_recorded = columns.iter().any(|column| match &column.role {
            ColumnRole::Indicator(it) => is_change_recorded(self.context.refdata, &it.indicator),
            _ => false,
        });
        let (code, severity) = if is_recorded {
            ("note.definition_recorded", Severity::Info)
        } else {
            ("note.definition_changed", Severity::Warning)
        };
        let message = Message::new(code).with("note", sentence);
        Some(Finding::new(severity, message, place).quoting(sentence))
    }

    fn finding_on_note(
        &self,
        note: &str,
        columns: &[ColumnReading],
        place: Place,
    ) -> Option<Finding> {
        let is_short = note.chars().count() <= MAX_NAMING_CHARS;
        let rest = is_short.then(|| self.without_names(note)).flatten();
        let is_of_figures = tells_time_of_figures(note) || tells_time_of_row(note);
        let tells_time = tells_another_time(&of_figures_alone(note), columns);
        let is_other_time = tells_time && rest.as_deref().is_some_and(is_time_alone);
        // A unit that the note tells of the whole table was applied.
        let unit = rest.as_deref().filter(|_| caption_unit(note).is_none()).and_then(caption_unit);
        let message = if tells_time && is_of_figures {
            Message::new("note.other_time").with("note", note)
        } else if let Some(unit) = unit.filter(|unit| is_other_unit(unit, columns)) {
            Message::new("note.other_unit").with("unit", unit).with("note", note)
        } else if is_other_time {
            Message::new("note.other_time").with("note", note)
        } else {
            let words = words_on_figures(note)?;
            Message::new("note.other_figures").with("words", words).with("note", note)
        };
        Some(Finding::new(Severity::Warning, message, place))
    }

    /// Returns a note without the names of departments and regions in it; `None` where it names none.
    fn without_names(&self, note: &str) -> Option<String> {
        let departments = self.context.departments.names_in(note).map(|(name, _)| name.to_owned());
        let regions = self.context.regions.named_in(note).into_iter().map(str::to_owned);
        let mut names: Vec<String> = departments.chain(regions).collect();
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        let rest = names.iter().fold(note.to_owned(), |rest, name| rest.replace(name, ""));
        (rest != note).then_some(rest)
    }
}

/// Returns a note without the sentences that tell since when something is counted otherwise, or of which
/// months data came in late: these times are not those of the figures.
fn of_figures_alone(note: &str) -> Cow<'_, str> {
    let is_of_others =
        |sentence: &&str| change_of_definition(sentence).is_some() || tells_resubmission(sentence);
    if !sentences(note).any(|sentence| is_of_others(&sentence)) {
        return note.into();
    }
    let rest = sentences(note).filter(|sentence| !is_of_others(sentence));
    rest.collect::<Vec<_>>().join("。").into()
}

/// Returns what is to be told of the remark of a row: the first of a unit, a time and words on its figures
/// that are not those of the table.
fn message_on_remark(label: &str, remark: &str, columns: &[ColumnReading]) -> Option<Message> {
    if let Some(unit) = caption_unit(remark).filter(|unit| is_other_unit(unit, columns)) {
        let message = Message::new("note.other_unit").with("unit", unit);
        return Some(message.with("note", format!("{label} {remark}")));
    }
    let is_of_figures = tells_time_of_figures(remark) || is_time_alone(remark);
    if is_of_figures && tells_another_time(remark, columns) {
        return Some(Message::new("note.other_time").with("note", format!("{label} {remark}")));
    }
    let words = words_on_figures(remark)?;
    let message = Message::new("note.other_figures").with("words", words);
    Some(message.with("note", format!("{label} {remark}")))
}

/// Whether a text tells a time and nothing else.
fn is_time_alone(text: &str) -> bool {
    if stated_time(text) == Stated::Nothing {
        return false;
    }
    let rest = BESIDE.iter().fold(time_words(text).rest, |rest, word| rest.replace(word, ""));
    !rest.contains(char::is_alphanumeric)
}

/// Whether a unit is not that of every column of figures.
fn is_other_unit(unit: &str, columns: &[ColumnReading]) -> bool {
    let Some((name, exponent)) = unit_scale(unit) else { return true };
    columns.iter().any(|column| match &column.role {
        ColumnRole::Indicator(indicator) => {
            indicator.exponent != exponent || !(name.is_empty() || *name == *indicator.unit)
        }
        _ => false,
    })
}
