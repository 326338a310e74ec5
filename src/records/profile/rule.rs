//! What records and batches are held to.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

use crate::diag::{Lang, Severity};
use crate::model::text_enum;
use crate::records::profile::Checksum;

text_enum! {
    /// How well founded something is.
    Confidence {
        /// Stated by a source.
        Sourced = "sourced",
        /// Inferred from what sources state.
        Inferred = "inferred",
        /// Unverified.
        Unverified = "unverified",
    }
}

/// Seconds by which clocks may differ: a push that is so much later than its ingest is no fault.
pub const ARRIVAL_TOLERANCE_S: i64 = 60 * 60;

/// A sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

impl Sentence {
    /// Returns it in a language.
    pub fn text(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Zh => &self.zh,
        }
    }
}

/// What each record is held to. A record that breaks a rule of severity `error` is returned.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its id, unique in the dataset: `<field>.<kind>` where it follows from a field.
    pub id: String,
    /// What it asks for.
    pub kind: RuleKind,
    /// What becomes of a record that breaks it.
    pub severity: Severity,
    /// Where it comes from, as marks of sources: `S2`, `INF`, `BK`.
    pub basis: String,
    /// How well founded it is; only what a source states can be an `error`.
    pub confidence: Confidence,
    /// What is wrong with a record that breaks it; says so where it is not sourced.
    pub sentence: Sentence,
}

impl Rule {
    /// Whether it returns every record in which the field at this position is blank.
    pub fn returns_blank(&self, idx: usize) -> bool {
        let is_required = matches!(self.kind, RuleKind::Required { field } if field == idx);
        is_required && self.severity == Severity::Error
    }
}

/// What a rule asks of a record. Numbers of fields are positions in the dataset.
///
/// All except `Required`, `RequiredWhen` and `OneOf` say nothing about a blank, nor does one about two
/// fields when either is blank or no value of its type.
#[derive(Debug, Clone)]
pub enum RuleKind {
    /// The field is not blank.
    Required {
        /// The field.
        field: usize,
    },
    /// The field is not blank where the condition holds.
    RequiredWhen {
        /// The field.
        field: usize,
        /// The condition.
        when: Condition,
    },
    /// One of the fields at least is not blank, where the condition holds.
    OneOf {
        /// The fields.
        fields: Vec<usize>,
        /// The condition; `None` for always.
        when: Option<Condition>,
    },
    /// The value has so many characters.
    Length {
        /// The field.
        field: usize,
        /// The least.
        min_chars: usize,
        /// The most.
        max_chars: usize,
    },
    /// The value is one of the field's type: a number in its bounds, a date in its forms, a region's
    /// code of 6, 9 or 12 digits, a mobile number. Never given for codes, tags, certificates and USCCs.
    Type {
        /// The field.
        field: usize,
    },
    /// The code, each tag or the region is known, in use or not.
    Known {
        /// The field.
        field: usize,
    },
    /// Each tag or the region is still in use.
    InUse {
        /// The field.
        field: usize,
    },
    /// The meaning of the code is declared. A code that is not known breaks `Known` only.
    Meaning {
        /// The field.
        field: usize,
    },
    /// The value has no number of a person, who would be known by the key or the code of a record
    /// ([`crate::records::shape::has_person_number`]), and in a name or title that is part of the key none
    /// stands anywhere.
    Personal {
        /// The field.
        field: usize,
    },
    /// The check digit fits.
    Checksum {
        /// The field.
        field: usize,
        /// Which.
        checksum: Checksum,
    },
    /// The check digit of a number fits, where the code in the field with its kind is one of `checks`.
    ///
    /// A number of more than 18 characters is a hash or encrypted and says nothing. A resident's ID of 15
    /// digits is of the time before check digits: of it only the day of birth has to exist.
    Certificate {
        /// The field with the kind.
        cert_type: usize,
        /// The field with the number.
        number: usize,
        /// Which check digit the numbers of a kind have, by the code of the kind.
        checks: BTreeMap<String, Checksum>,
    },
    /// A part of the value passes a test. A value that is shorter says nothing.
    Part {
        /// The field.
        field: usize,
        /// The part.
        part: Part,
        /// The test.
        test: PartTest,
    },
    /// One time is not after the other.
    Order {
        /// The field with what comes first.
        first: usize,
        /// The field with what comes then.
        then: usize,
        /// Seconds by which `first` may be later all the same, from 0 to ten years.
        tolerance_s: i64,
    },
    /// The time is not after the arrival of the file.
    NotFuture {
        /// The field.
        field: usize,
        /// Seconds by which it may be later all the same, from 0 to ten years.
        tolerance_s: i64,
    },
    /// The value matches a pattern, as a whole.
    Pattern {
        /// The field.
        field: usize,
        /// The pattern, anchored at both ends.
        pattern: Regex,
    },
    /// A name and a code mean the same: where the field has one of these codes or names, the other one
    /// has what belongs to it.
    Agree {
        /// The field.
        field: usize,
        /// The other field.
        other: usize,
        /// What belongs together, both in the form in which codes are compared.
        pairs: BTreeMap<String, String>,
    },
    /// The first digit of each tag is the satisfaction, 5 as the best.
    TagsAgree {
        /// The field with the tags.
        tags: usize,
        /// The field with the satisfaction.
        satisfaction: usize,
    },
}

impl RuleKind {
    /// Returns the word for it in tables.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Required { .. } => "required",
            Self::RequiredWhen { .. } => "required_when",
            Self::OneOf { .. } => "one_of",
            Self::Length { .. } => "length",
            Self::Type { .. } => "type",
            Self::Known { .. } => "known",
            Self::InUse { .. } => "in_use",
            Self::Meaning { .. } => "meaning",
            Self::Personal { .. } => "personal",
            Self::Checksum { .. } => "checksum",
            Self::Certificate { .. } => "certificate",
            Self::Part { .. } => "part",
            Self::Order { .. } => "order",
            Self::NotFuture { .. } => "not_future",
            Self::Pattern { .. } => "pattern",
            Self::Agree { .. } => "agree",
            Self::TagsAgree { .. } => "tags_agree",
        }
    }
}

/// When a rule applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// The field has one of these codes, as sent (ordinary width, upper case).
    In {
        /// The field.
        field: usize,
        /// The codes.
        codes: BTreeSet<String>,
    },
    /// The field is not blank.
    Given {
        /// The field.
        field: usize,
    },
}

/// A part of a value, in characters from 1, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Its first character.
    pub first: usize,
    /// Its last character.
    pub last: usize,
}

/// What a part of a value is held to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartTest {
    /// It is digits.
    Digits,
    /// It is one of these.
    In(BTreeSet<String>),
    /// Its check digit fits.
    Checksum(Checksum),
    /// It is the value of another field.
    Equals {
        /// The other field.
        field: usize,
    },
}

/// What all records of a batch together are held to.
#[derive(Debug, Clone)]
pub struct BatchRule {
    /// Its id, unique in the dataset.
    pub id: String,
    /// What it looks for.
    pub kind: BatchRuleKind,
    /// Records that have to say something about it before it is judged.
    pub min_rows: u64,
    /// Share of those records, above 0 and up to 1, from which on it is told.
    pub min_share: f64,
    /// How much it matters. An `error` means that nothing of the batch may be counted as it is: all of
    /// it goes back.
    pub severity: Severity,
    /// Where it comes from, as marks of sources.
    pub basis: String,
    /// How well founded it is.
    pub confidence: Confidence,
    /// What it means when it is told; says so where it is not sourced.
    pub sentence: Sentence,
}

/// What a batch rule looks for. Numbers of fields are positions in the dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BatchRuleKind {
    /// The minute of the times is their month and no hour is above 12, midnights without a time of
    /// day left out: a month was printed for the minutes. Judged field by field.
    MinuteIsMonth {
        /// The fields.
        fields: Vec<usize>,
    },
    /// The second time is the first plus one and the same span, not 0: it was made from it.
    ConstantOffset {
        /// The field with the first time.
        from: usize,
        /// The field with the second time.
        to: usize,
    },
    /// One value or text stands in the field wherever it is not blank.
    ConstantValue {
        /// The field.
        field: usize,
    },
    /// The first digit of the tags is 6 less the satisfaction: the scale is turned round. Records with
    /// tags of more than one digit, and with a satisfaction of 3, say nothing.
    ReversedSatisfaction {
        /// The field with the satisfaction.
        satisfaction: usize,
        /// The field with the tags.
        tags: usize,
    },
    /// Cases that count as immediate take more than a day and promised ones are done on the day: the
    /// two are turned round. Told where the share holds for both.
    ReversedCaseType {
        /// The field with the type of the case.
        case_type: usize,
        /// The field with the time from which it counts.
        from: usize,
        /// The field with the time of the end, promised or real.
        to: usize,
    },
    /// One of the words stands in one of the fields, by itself: no Latin letter stands beside a Latin
    /// one, though a digit may, and it is no part of a phrase that means something else. Latin letters
    /// count in either case.
    TestWords {
        /// The fields.
        fields: Vec<usize>,
        /// The words.
        words: Vec<String>,
        /// The phrases.
        except: Vec<String>,
    },
    /// The rating was made by the system (channel `default`) and not by a person.
    DefaultRatings {
        /// The field with the channel.
        channel: usize,
    },
    /// The same values stand in all fields but the key, arrival and the sender's batch, under several
    /// keys.
    RepeatedContent,
    /// Several records have the same values in these fields, and different keys.
    Unique {
        /// The fields.
        fields: Vec<usize>,
        /// Which records; `None` for all.
        when: Option<Condition>,
    },
}

impl BatchRuleKind {
    /// Returns the word for it in tables.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::MinuteIsMonth { .. } => "minute_is_month",
            Self::ConstantOffset { .. } => "constant_offset",
            Self::ConstantValue { .. } => "constant_value",
            Self::ReversedSatisfaction { .. } => "reversed_satisfaction",
            Self::ReversedCaseType { .. } => "reversed_case_type",
            Self::TestWords { .. } => "test_words",
            Self::DefaultRatings { .. } => "default_ratings",
            Self::RepeatedContent => "repeated_content",
            Self::Unique { .. } => "unique",
        }
    }
}
