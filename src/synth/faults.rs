//! What can be wrong with one row: how it is brought about, and which rules must say so.
//!
//! Written from the standards and interfaces, apart from the rules that judge records.

use crate::synth::calendar::TimeStyle;
use crate::synth::codes::push_resident_id;
use crate::synth::random::Random;
use crate::synth::row::Row;

/// One thing that is wrong with a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fault {
    /// Column that is changed.
    pub(super) column: &'static str,
    /// How.
    pub(super) change: Change,
    /// Columns emptied besides, so that nothing else is wrong.
    pub(super) emptied: &'static [&'static str],
    /// Column that the change is relative to, and that must stay as it is.
    pub(super) beside: &'static str,
    /// Whose rows it can happen to.
    pub(super) needs: Needs,
    /// Field that the rule is about; empty for a rule about the whole row.
    about: &'static str,
    /// Kind of the rule that must say so: its id is the field, a point and the kind.
    kind: &'static str,
    /// Rules that warn besides: field and kind.
    also: &'static [(&'static str, &'static str)],
    /// Whether it only warns, because nobody states it.
    pub(super) is_warning: bool,
}

/// Whose rows a fault can happen to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    /// Everybody's.
    Nothing,
    /// Those in which a person applied, and has a resident ID.
    Person,
    /// Those in which a company applied, and has a unified social credit code.
    Company,
}

/// How a value is made wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// Left empty.
    Empty,
    /// One character longer than this many.
    TooLong(usize),
    /// Another value.
    Value(&'static str),
    /// A time in words, which no interface takes: `2021年3月5日9时12分`.
    Words,
    /// The thirtieth of February.
    NoSuchDay,
    /// The year 2099.
    Future,
    /// A year before the time in the column `beside`.
    YearBefore,
    /// The last character is another one.
    WrongCheck,
    /// The character at this position, from 0, is another digit.
    Digit(usize, char),
    /// A resident ID with a right check digit, of somebody born on 29 February 1900.
    NoSuchBirthday,
    /// A tag of another rating than the one in the column `beside`.
    OtherTag,
    /// A tag of the rating in the column `beside` that is in use no longer.
    RetiredTag,
    /// The word for a case of another kind than the code in the column `beside` says.
    OtherKind,
    /// The word for another rating than the code in the column `beside` says.
    OtherRating,
}

/// Tags of each rating, from 1 to 5: the first and last one in use.
pub(super) const TAGS: [(u64, u64); 5] =
    [(108, 115), (207, 214), (307, 314), (406, 413), (510, 517)];
/// A tag of each rating that was in use before.
const RETIRED_TAGS: [&str; 5] = ["101", "201", "301", "401", "501"];

impl Fault {
    /// Returns a fault that returns the row.
    pub(super) const fn error(column: &'static str, change: Change, kind: &'static str) -> Self {
        let needs = Needs::Nothing;
        let (emptied, beside, about, is_warning) = (&[], "", column, false);
        Self { column, change, emptied, beside, needs, about, kind, also: &[], is_warning }
    }

    /// Returns a fault that is only warned of.
    pub(super) const fn warning(column: &'static str, change: Change, kind: &'static str) -> Self {
        Self { is_warning: true, ..Self::error(column, change, kind) }
    }

    /// Returns it with the name of the field that the rule is about, where that is another one than
    /// the column that is changed.
    pub(super) const fn about(mut self, field: &'static str) -> Self {
        self.about = field;
        self
    }

    /// Returns it with rules that warn besides.
    pub(super) const fn also(mut self, rules: &'static [(&'static str, &'static str)]) -> Self {
        self.also = rules;
        self
    }

    /// Returns it with columns that are emptied besides.
    pub(super) const fn emptying(mut self, columns: &'static [&'static str]) -> Self {
        self.emptied = columns;
        self
    }

    /// Returns it with the column that it is relative to.
    pub(super) const fn beside(mut self, column: &'static str) -> Self {
        self.beside = column;
        self
    }

    /// Returns it for the rows of some applicants only.
    pub(super) const fn of(mut self, needs: Needs) -> Self {
        self.needs = needs;
        self
    }
}

/// A fault with the positions of its columns in one dataset.
#[derive(Debug)]
pub(super) struct Placed {
    pub(super) fault: Fault,
    /// Ids of the rules that return the row, and of those that only warn.
    pub(super) rules: Vec<String>,
    pub(super) warnings: Vec<String>,
    column: usize,
    beside: Option<usize>,
    emptied: Vec<usize>,
}

impl Placed {
    /// Finds the columns of a fault in a header.
    pub(super) fn of(fault: Fault, header: &[&str]) -> Self {
        let position = |name: &str| {
            let found = header.iter().position(|column| *column == name);
            found.unwrap_or_else(|| unreachable!("a test places every fault: `{name}`"))
        };
        let main = rule_id(fault.about, fault.kind);
        let mut warnings: Vec<String> =
            fault.also.iter().map(|(field, kind)| rule_id(field, kind)).collect();
        let rules = if fault.is_warning {
            warnings.insert(0, main);
            Vec::new()
        } else {
            vec![main]
        };
        Self {
            fault,
            rules,
            warnings,
            column: position(fault.column),
            beside: (!fault.beside.is_empty()).then(|| position(fault.beside)),
            emptied: fault.emptied.iter().map(|name| position(name)).collect(),
        }
    }

    /// Returns the columns that it changes or relies on.
    pub(super) fn touched(&self) -> impl Iterator<Item = usize> {
        [self.column].into_iter().chain(self.beside).chain(self.emptied.iter().copied())
    }

    /// Makes the row wrong.
    pub(super) fn apply(&self, row: &mut Row, style: TimeStyle, random: &mut Random) {
        let old = row.field(self.column).to_owned();
        let beside = self.beside.map(|idx| row.field(idx).to_owned()).unwrap_or_default();
        let value = changed(self.fault.change, &old, &beside, style, random);
        row.replace(self.column, &value);
        for idx in &self.emptied {
            row.replace(*idx, "");
        }
    }
}

/// Returns the id of a rule: field and kind, or the kind alone where it is about the whole row.
pub(super) fn rule_id(field: &str, kind: &str) -> String {
    if field.is_empty() { kind.to_owned() } else { format!("{field}.{kind}") }
}

fn changed(
    change: Change,
    old: &str,
    beside: &str,
    style: TimeStyle,
    random: &mut Random,
) -> String {
    match change {
        Change::Empty => String::new(),
        Change::TooLong(most) => {
            let lacking = (most + 1).saturating_sub(old.chars().count());
            // Digits stay digits, so that only the length is wrong.
            let filling = if old.is_ascii() { "0" } else { "长" };
            old.to_owned() + &filling.repeat(lacking)
        }
        Change::Value(value) => value.to_owned(),
        Change::Words => in_words(old),
        Change::NoSuchDay => match style {
            TimeStyle::Dashed => format!("{}-02-30{}", &old[..4], &old[10..]),
            TimeStyle::Basic | TimeStyle::Colons => format!("{}0230{}", &old[..4], &old[8..]),
        },
        Change::Future => format!("2099{}", &old[4..]),
        Change::YearBefore => {
            let year: u32 = beside[..4].parse().expect("a time begins with its year");
            format!("{:04}{}", year - 1, &beside[4..])
        }
        Change::WrongCheck => {
            let last = old.chars().next_back().expect("a code");
            let other = if last == '1' { '2' } else { '1' };
            format!("{}{other}", &old[..old.len() - last.len_utf8()])
        }
        Change::Digit(idx, digit) => format!("{}{digit}{}", &old[..idx], &old[idx + 1..]),
        Change::OtherKind => if beside == "1" { "承诺件" } else { "即办件" }.to_owned(),
        Change::OtherRating => if beside == "1" { "不满意" } else { "非常满意" }.to_owned(),
        Change::NoSuchBirthday => {
            let mut id = String::new();
            push_resident_id(&mut id, 19_000_229, random.below(1000));
            id
        }
        Change::OtherTag => {
            let rating = beside.parse::<usize>().expect("a rating");
            let other = (rating + random.position(4)) % 5;
            let (first, last) = TAGS[other];
            (first + random.below(last - first + 1)).to_string()
        }
        Change::RetiredTag => {
            RETIRED_TAGS[beside.parse::<usize>().expect("a rating") - 1].to_owned()
        }
    }
}

/// Returns a time as people write it.
fn in_words(old: &str) -> String {
    let digits: String = old.chars().filter(char::is_ascii_digit).collect();
    let number = |from: usize| digits[from..from + 2].trim_start_matches('0');
    let (month, day, hour) = (number(4), number(6), &digits[8..10]);
    format!("{}年{month}月{day}日{hour}时{}分", &digits[..4], &digits[10..12])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(change: Change, old: &str, beside: &str, expected: &str) {
        let style = if old.contains('-') { TimeStyle::Dashed } else { TimeStyle::Basic };
        let mut random = Random::of(1, &[]);
        assert_eq!(changed(change, old, beside, style, &mut random), expected, "{change:?}");
    }

    #[test]
    fn values_become_wrong_in_one_way_each() {
        check(Change::Empty, "甲", "", "");
        check(Change::TooLong(4), "甲乙", "", "甲乙长长长");
        check(Change::TooLong(3), "12", "", "1200");
        check(Change::Words, "2021-03-05 09:12:44", "", "2021年3月5日09时12分");
        check(Change::Words, "20211231T091244", "", "2021年12月31日09时12分");
        check(Change::NoSuchDay, "2021-03-05 09:12:44", "", "2021-02-30 09:12:44");
        check(Change::NoSuchDay, "20210305T091244", "", "20210230T091244");
        check(Change::Future, "20210305T091244", "", "20990305T091244");
        check(Change::YearBefore, "", "2021-03-05 09:12:44", "2020-03-05 09:12:44");
        check(Change::WrongCheck, "12X", "", "121");
        check(Change::WrongCheck, "121", "", "122");
        check(Change::RetiredTag, "", "4", "401");
        check(Change::Digit(1, '9'), "123", "", "193");
        check(Change::OtherKind, "", "9", "即办件");
        check(Change::OtherRating, "", "1", "不满意");
    }

    #[test]
    fn another_tag_is_never_one_of_the_rating() {
        let mut random = Random::of(2, &[]);
        for rating in 1..=5 {
            for _ in 0..50 {
                let rating = rating.to_string();
                let tag = changed(Change::OtherTag, "", &rating, TimeStyle::Dashed, &mut random);
                assert!(tag.len() == 3 && !tag.starts_with(&rating), "{rating}: {tag}");
            }
        }
    }
}
