//! What a text can call on: figures, names and days of the answers, each looked up and checked.
//!
//! A call gives no text but a piece, which stands in the text as a marker. So whatever a template does to
//! what it calls for, it can neither change a figure nor make one.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use chrono::{Datelike, NaiveDate};

use crate::diag::Message;
use crate::model::Release;
use crate::report::content::{Asked, Figure, FigureSource, Mark, Value};
use crate::report::notice::answer::{Answer, AnswerRow};
use crate::report::notice::definition::{FigurePlan, ListPlan};
use crate::report::notice::printed::{printed, read_back};

/// Something in a text that is bound.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Piece {
    /// As it stands in the text.
    pub(super) shown: String,
    /// The figure that it is; `None` for a name, a day, and what is said to be no figure.
    pub(super) figure: Option<Figure>,
    /// What is wrong with it, without its sentence.
    pub(super) fault: Option<Message>,
}

impl Piece {
    fn of(shown: impl Into<String>) -> Self {
        Self { shown: shown.into(), figure: None, fault: None }
    }

    fn wrong(shown: impl Into<String>, fault: Message) -> Self {
        Self { shown: shown.into(), figure: None, fault: Some(fault) }
    }
}

/// An answer with what was asked for it.
#[derive(Debug, Clone)]
pub(super) struct Answered {
    pub(super) asked: Asked,
    pub(super) answer: Answer,
}

/// Answers and plans, and the pieces that were called for.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) answers: BTreeMap<String, Answered>,
    pub(super) figures: BTreeMap<String, FigurePlan>,
    pub(super) lists: BTreeMap<String, ListPlan>,
    /// Ids of the annexes in order.
    pub(super) annexes: Vec<String>,
    /// 成文日期, where it is known already.
    pub(super) dated: Option<NaiveDate>,
    pub(super) pieces: Mutex<Vec<Piece>>,
}

/// An entry of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// The name, as it stands in the answer.
    pub(super) name: String,
    /// What figures of the entry are found by.
    pub(super) key: String,
    /// What the source says of it.
    pub(super) note: Option<String>,
    /// What its row is about, where the answer says so.
    pub(super) indicator: Option<String>,
}

impl Desk {
    /// Keeps a piece and returns its number.
    pub(super) fn keep(&self, piece: Piece) -> usize {
        let mut pieces = self.pieces.lock().unwrap_or_else(PoisonError::into_inner);
        pieces.push(piece);
        pieces.len() - 1
    }

    /// Returns the pieces that were kept, in order.
    pub(super) fn kept(&self) -> Vec<Piece> {
        self.pieces.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns what is said to be no figure.
    pub(super) fn plain(text: &str) -> Piece {
        Piece::of(text)
    }

    /// Returns a figure as its plan prints it, or as the text states it where it is true.
    pub(super) fn figure(&self, name: &str, key: Option<&str>, stated: Option<&str>) -> Piece {
        let shown = stated.unwrap_or(UNKNOWN);
        let Some(plan) = self.figures.get(name) else {
            return Piece::wrong(shown, Message::new("notice.figure_unknown").with("figure", name));
        };
        let wrong = |fault: Message| Piece::wrong(shown, fault.with("figure", name));
        let mut wanted = plan.row.clone();
        match (&plan.key, key) {
            (None, None) => {}
            (Some(column), Some(key)) => wanted.push((column.clone(), key.to_owned())),
            _ => return wrong(Message::new("notice.figure_key")),
        }
        let Some(answered) = self.answers.get(&plan.question) else {
            return wrong(
                Message::new("notice.figure_without_row").with("row", row_words(&wanted)),
            );
        };
        let mut rows = answered.answer.rows_where(&wanted);
        let row = match (rows.next(), rows.next()) {
            (Some(row), None) => row,
            (None, _) => {
                return wrong(
                    Message::new("notice.figure_without_row").with("row", row_words(&wanted)),
                );
            }
            (Some(_), Some(_)) => {
                return wrong(
                    Message::new("notice.figure_of_rows").with("row", row_words(&wanted)),
                );
            }
        };
        let source = FigureSource {
            asked: answered.asked.clone(),
            column: plan.column.clone(),
            row: wanted.clone(),
        };
        match bound(plan, row, stated) {
            Ok(figure) => Piece {
                shown: figure.shown.clone(),
                figure: Some(Figure { source, ..figure }),
                fault: None,
            },
            Err((fault, shown)) => Piece::wrong(shown, fault.with("figure", name)),
        }
    }

    /// Returns the figure of an entry of a list that a text states and that is true; `None` where there is
    /// no such figure.
    pub(super) fn figure_of(&self, entry: &Entry, stated: &str) -> Option<Piece> {
        let keyed = self.figures.iter().filter(|(_, plan)| plan.key.is_some());
        let mut pieces = keyed.map(|(name, _)| self.figure(name, Some(&entry.key), Some(stated)));
        pieces.find(|piece| piece.fault.is_none())
    }

    /// Returns the entries of a list; empty where no row of the answer belongs to it.
    pub(super) fn list(&self, name: &str) -> Vec<Entry> {
        let Some(plan) = self.lists.get(name) else { return Vec::new() };
        let Some(answered) = self.answers.get(&plan.question) else { return Vec::new() };
        let rows = answered.answer.rows_where(&plan.rows_where);
        let entry = |row: AnswerRow<'_>| {
            let text = |column: &str| row.text(column).map(str::to_owned);
            let note = plan.note.as_deref().and_then(text);
            let indicator = text("indicator");
            Some(Entry { name: text(&plan.name)?, key: text(&plan.key)?, note, indicator })
        };
        rows.filter_map(entry).collect()
    }

    /// Returns the names of a list on one line.
    pub(super) fn names(&self, name: &str) -> Piece {
        let names: Vec<String> = self.list(name).into_iter().map(|entry| entry.name).collect();
        Piece::of(names.join("、"))
    }

    /// Returns the last day of the period of an answer.
    pub(super) fn day(&self, question: &str) -> Piece {
        self.time(question, |_, end| day_words(end))
    }

    /// Returns the year of the last day of the period of an answer.
    pub(super) fn year(&self, question: &str) -> Piece {
        self.time(question, |_, end| end.year().to_string())
    }

    /// Returns the period of an answer, as captions of annexes have it.
    pub(super) fn span(&self, question: &str) -> Piece {
        self.time(question, |start, end| match start {
            None => format!("截至{}", day_words(end)),
            Some(start) if start == end => day_words(end),
            Some(start) if start.year() == end.year() => {
                format!("{}—{}月{}日", day_words(start), end.month(), end.day())
            }
            Some(start) => format!("{}—{}", day_words(start), day_words(end)),
        })
    }

    fn time(
        &self,
        question: &str,
        words: impl Fn(Option<NaiveDate>, NaiveDate) -> String,
    ) -> Piece {
        let row = self.answers.get(question).and_then(|answered| answered.answer.rows().next());
        let period = row.and_then(|row| Some((row.day("period_start"), row.day(PERIOD_END)?)));
        if let Some((start, end)) = period {
            return Piece::of(words(start, end));
        }
        Piece::wrong(UNKNOWN, Message::new("notice.without_time").with("question", question))
    }

    /// Tells whether an answer has something of the notice before.
    pub(super) fn has_previous(&self, question: &str) -> bool {
        let answered = self.answers.get(question);
        let mut rows = answered.into_iter().flat_map(|answered| answered.answer.rows());
        rows.any(|row| row.text(PREVIOUS_EDITION).is_some())
    }

    /// Tells whether the paper bears the last day of the period of an answer as its date.
    pub(super) fn is_dated(&self, question: &str) -> bool {
        let row = self.answers.get(question).and_then(|answered| answered.answer.rows().next());
        self.dated.is_some() && row.and_then(|row| row.day(PERIOD_END)) == self.dated
    }

    /// Returns the label of an annex, as 附件1.
    pub(super) fn annex(&self, id: &str) -> Piece {
        match self.annexes.iter().position(|known| known == id) {
            Some(_) if self.annexes.len() == 1 => Piece::of("附件"),
            Some(at) => Piece::of(format!("附件{}", at + 1)),
            None => Piece::wrong(UNKNOWN, Message::new("notice.annex_unknown").with("annex", id)),
        }
    }
}

/// What stands in a sentence where nothing can: a draft with it is never written.
const UNKNOWN: &str = "〔　〕";
/// The column with the last day of a period.
pub(super) const PERIOD_END: &str = "period_end";

/// The column of an answer that names the notice before.
const PREVIOUS_EDITION: &str = "previous_edition";

/// Returns a day as papers have it.
pub(super) fn day_words(day: NaiveDate) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

/// Tells whether two figures are not the same.
pub(super) fn differ(before: f64, now: f64) -> bool {
    (before - now).abs() > 0.0
}

/// Returns a number as messages tell it.
pub(super) fn exact(value: f64) -> String {
    value.to_string()
}

/// Returns the code of the word for how far something is approved.
pub(super) fn release_code(release: Option<Release>) -> String {
    format!("word.{}", release.unwrap_or(Release::Draft))
}

fn row_words(wanted: &[(String, String)]) -> String {
    let words = wanted.iter().map(|(column, value)| format!("{column}={value}"));
    words.collect::<Vec<_>>().join(" ")
}

/// Returns a figure without its source, or what is wrong with it and how it would stand.
fn bound(
    plan: &FigurePlan,
    row: AnswerRow<'_>,
    stated: Option<&str>,
) -> Result<Figure, (Message, String)> {
    let unknown = || stated.unwrap_or(UNKNOWN).to_owned();
    let Some(value) = row.number(&plan.column) else {
        return Err((Message::new("notice.figure_missing"), unknown()));
    };
    // How exact a sum is says nothing about how many went into it.
    let is_count = plan.column.starts_with("n_");
    let qualifier = if is_count { None } else { row.qualifier() };
    let shown = stated.map(str::to_owned).or_else(|| printed(value, qualifier, &plan.print));
    let Some(shown) = shown else {
        let fault = Message::new("notice.figure_unprintable").with("value", exact(value));
        return Err((fault, unknown()));
    };
    if !read_back(&shown).is_some_and(|told| told.is_true_of(value, qualifier, &plan.print)) {
        let fault = Message::new("notice.figure_differs").with("shown", &shown);
        return Err((fault.with("value", exact(value)), shown));
    }
    let release = row.release();
    if !is_approved(release) {
        let fault = Message::new("notice.unapproved").with_coded("release", release_code(release));
        return Err((fault, shown));
    }
    let before = plan.previous.as_ref().and_then(|column| row.number(column));
    let previous = before.filter(|before| differ(*before, value));
    let mut marks = Vec::new();
    if qualifier.is_some() {
        marks.push(Mark::Approximate);
    }
    if previous.is_some() {
        marks.push(Mark::Changed);
    }
    Ok(Figure {
        shown,
        value: Value::Number(value),
        unit: (!plan.print.unit.is_empty()).then(|| plan.print.unit.clone()),
        source: FigureSource {
            asked: Asked { query: String::new(), params: Vec::new() },
            column: String::new(),
            row: Vec::new(),
        },
        release,
        previous: previous.map(Value::Number),
        marks,
    })
}

/// Tells whether a figure may be printed. What does not say is taken for a draft.
pub(super) fn is_approved(release: Option<Release>) -> bool {
    matches!(release, Some(Release::Approved | Release::Published))
}
