//! One period of a series: its value, how it was made, and what must be known of it.

use std::collections::BTreeSet;

use crate::diag::Message;
use crate::model::{Period, text_enum};
use crate::output::shown_double;
use crate::trend::figure::Figure;
use crate::trend::frequency::Slot;
use crate::trend::plan::Measure;

text_enum! {
    /// How the value of a point was made.
    Made {
        /// It is stated for just this period, or for its last day.
        Stated = "stated",
        /// One cumulative figure less an earlier one with the same beginning.
        Difference = "difference",
        /// The figures of parts of the period, all of them there.
        Sum = "sum",
        /// It does not follow from what is stated.
        None = "none",
    }
}

/// Whether figures are exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exactness {
    /// All of them are.
    Exact,
    /// One of them is rounded, estimated or told with a qualifier.
    Approximate,
}

/// Whether figures can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Legibility {
    /// All of them can.
    Readable,
    /// Nothing readable stands in place of one.
    Blank,
}

/// What other figures with the same beginning say against a cumulative one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contradiction {
    /// A later one is lower, so that it was too high.
    TooHigh,
    /// It is less than half of the one before it, and no later one bears it out.
    Doubtful,
}

/// One period of a series.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// The period.
    pub slot: Slot,
    /// The value in `unit`; `None` where it is not known.
    pub value: Option<f64>,
    /// How it was made.
    pub made: Made,
    /// Version of the definition that it follows; `None` without a value.
    pub definition: Option<i32>,
    /// Its unit; `None` without a value.
    pub unit: Option<String>,
    /// Figures that were added up for each of its figures.
    pub n_parts: i32,
    /// Zero because everything was sent back.
    pub is_returned: bool,
    /// It holds what was sent back before and came again.
    pub is_resubmitted: bool,
    /// It consists mostly of records that were pushed late.
    pub is_backfilled: bool,
    /// What other figures with the same beginning say against its value.
    pub contradiction: Option<Contradiction>,
    /// How far the exact value may lie from it, because figures were printed in 万 or 亿 with few decimals.
    pub rounding: f64,
    /// Whether the figures that it rests on are exact.
    pub(super) exactness: Exactness,
    /// How often notes up to it told of another way of counting.
    pub counting: i32,
    /// Whether something readable stands where its figures should.
    pub(super) legibility: Legibility,
    /// Its time was inferred from the date of a document.
    pub is_date_inferred: bool,
    /// The days that its value is about; `None` without a figure.
    pub days: Option<Period>,
    /// Days from the day of its figure to the end of the period; 0 for what happened within it.
    pub days_short: i64,
    /// Whether nothing before it can be compared with it, whatever the definitions say.
    pub is_break: bool,
    /// What must be known of it, in words.
    pub remarks: Vec<Message>,
}

impl Point {
    /// A point of which nothing is known.
    pub(super) fn unknown(slot: Slot) -> Self {
        Self {
            slot,
            value: None,
            made: Made::None,
            definition: None,
            unit: None,
            n_parts: 1,
            is_returned: false,
            is_resubmitted: false,
            is_backfilled: false,
            contradiction: None,
            rounding: 0.0,
            exactness: Exactness::Exact,
            counting: 0,
            legibility: Legibility::Readable,
            is_date_inferred: false,
            days: None,
            days_short: 0,
            is_break: false,
            remarks: Vec::new(),
        }
    }

    /// Whether figures say anything of it, if only why it has no value.
    pub(super) fn is_told(&self) -> bool {
        let has = |code| self.has_remark(code);
        self.definition.is_some() || has("trend.longer") || has("trend.returned")
    }

    /// Whether it has no value because its figure is of a longer time.
    pub fn is_within_longer(&self) -> bool {
        self.value.is_none() && self.has_remark("trend.longer")
    }

    /// Adds what must be known of it.
    pub(super) fn remark(&mut self, message: Message) {
        self.remarks.push(message);
    }

    /// Whether one of its remarks has a code.
    pub(super) fn has_remark(&self, code: &str) -> bool {
        self.remarks.iter().any(|remark| remark.code == code)
    }

    /// Whether its value stands for what was done in the period, and so may take part in growth, ranks of
    /// growth and statistics.
    pub fn is_sound(&self) -> bool {
        let is_of_other_times = self.is_returned || self.is_resubmitted || self.is_backfilled;
        self.value.is_some() && !is_of_other_times && self.contradiction.is_none()
    }

    /// Whether it holds what is not of its time, or what happened in it is not known, so that no sum over
    /// several bodies is one of that time.
    ///
    /// What came again or late lies within a count from New Year, as it does within a state. Where there is no
    /// such duty nothing is unknown.
    pub(super) fn spoils_sums(&self, measure: Measure) -> bool {
        let has_other_times =
            measure == Measure::Flow && (self.is_resubmitted || self.is_backfilled);
        if self.value.is_some() {
            return self.contradiction.is_some() || has_other_times;
        }
        let has_no_duty =
            self.legibility == Legibility::Readable && self.has_remark("trend.without_value");
        self.is_told() && !has_no_duty
    }

    /// Whether it has a value that rests on a figure which is rounded, estimated or told with a qualifier.
    pub fn is_approximate(&self) -> bool {
        self.value.is_some() && self.exactness == Exactness::Approximate
    }

    /// Takes from one of its figures how exact that is.
    pub(super) fn take_doubt_from(&mut self, figure: &Figure) {
        self.rounding += figure.rounding;
        if figure.rounding > 0.0 || figure.is_inexact {
            self.exactness = Exactness::Approximate;
        }
    }

    /// Takes what one of its figures says beside the value.
    pub(super) fn take_from(&mut self, figure: &Figure) {
        self.definition = Some(figure.definition);
        self.unit = Some(figure.unit.clone());
        self.n_parts = figure.n_parts;
        self.counting = figure.counting;
        self.take_gap_from(figure);
        if figure.is_date_inferred {
            self.is_date_inferred = true;
            self.remark(Message::new("trend.inferred_date").with("day", figure.period.end));
        }
        self.take_revision_from(figure);
        self.take_doubt_from(figure);
        if figure.rounding > 0.0 {
            let message = Message::new("trend.rounded").with("day", figure.period.end);
            self.remark(message.with("rounding", shown_double(figure.rounding)));
        }
        if figure.is_inexact {
            self.remark(Message::new("trend.inexact").with("day", figure.period.end));
        }
    }

    /// Takes from one of its figures that it has no value.
    pub(super) fn take_gap_from(&mut self, figure: &Figure) {
        if figure.value.is_none() {
            if figure.status.is_blank() {
                self.legibility = Legibility::Blank;
            }
            let message = Message::new("trend.without_value").with("day", figure.period.end);
            self.remark(message.with_coded("status", figure.status.word()));
        }
    }

    /// Takes from one of its figures what it was at first.
    pub(super) fn take_revision_from(&mut self, figure: &Figure) {
        if let (Some(first), Some(value)) = (figure.first_value, figure.value) {
            let message = Message::new("trend.revised").with("day", figure.period.end);
            self.remark(
                message.with("first", shown_double(first)).with("latest", shown_double(value)),
            );
        }
    }

    /// Takes what notes say beside the figures that end within it, whether its value rests on them or not;
    /// a note that stands beside several of them once.
    pub(super) fn take_notes_from<'a>(&mut self, figures: impl Iterator<Item = &'a Figure>) {
        let (mut recounts, mut resubmissions) = (BTreeSet::new(), BTreeSet::new());
        for figure in figures {
            let remark =
                |code, note| Message::new(code).with("day", figure.period.end).with("note", note);
            if let Some(note) = figure.recount.as_ref().filter(|note| recounts.insert(*note)) {
                self.remark(remark("trend.noted_recount", note));
            }
            let resubmission = figure.resubmission.as_ref();
            if let Some(note) = resubmission.filter(|note| resubmissions.insert(*note)) {
                self.is_resubmitted = true;
                self.remark(remark("trend.noted_resubmission", note));
            }
        }
    }
}
