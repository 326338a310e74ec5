//! Notes under a table that name one of its rows: what was pushed and sent back.

use std::sync::LazyLock;

use regex::Regex;

use crate::annex::cells::{Number, parse_number};
use crate::annex::labels::ordinary_width;

/// Which kind of data a note speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoteSubject {
    /// Cases alone.
    Cases,
    /// Evaluations alone.
    Evaluations,
    /// It does not say, or names both.
    Unsaid,
}

/// What a note says about one department's pushed data.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ReturnNote {
    /// Quantity pushed, with the words it was printed in.
    pub(super) pushed: Option<(Number, String)>,
    /// Quantity sent back.
    pub(super) returned: Option<(Number, String)>,
    /// Whether everything was sent back.
    pub(super) is_all: bool,
    /// Which kind of data it speaks of.
    pub(super) subject: NoteSubject,
}

const QUANTITY: &str = r"(?:约|近|大约|将近|超过|超|不足)?\d[\d,.]*(?:余|多)?[万亿]?(?:余|多)?条";

static PUSHED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(&format!("推送了?(?:数据)?({QUANTITY})")).expect("constant"));
static RETURNED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(&format!("退回了?(?:数据)?({QUANTITY})")).expect("constant"));
static ALL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("(?:全部|全数|均|都)[^,，。;；]{0,8}退回").expect("constant"));

static NOT_RETURNED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("(?:未|没有|无)[^,，。;；]{0,6}退回").expect("constant"));

/// Returns the sentences of a note: each speaks of one thing.
pub(super) fn sentences(note: &str) -> impl Iterator<Item = &str> {
    note.split(['。', '；', ';', '！']).map(str::trim).filter(|sentence| !sentence.is_empty())
}

/// Reads a sentence about returned data; `None` when it says nothing of the kind.
pub(super) fn parse_return_note(note: &str) -> Option<ReturnNote> {
    let normal: String = ordinary_width(note).split_whitespace().collect();
    if !normal.contains("退回") {
        return None;
    }
    let quantity = |pattern: &Regex| {
        let printed = pattern.captures(&normal)?.get(1)?.as_str();
        parse_number(printed).map(|number| (number, printed.to_owned()))
    };
    // "None was sent back" and "of these, all" say less than they seem to.
    let is_hedged = ["未", "没有", "其中", "次"].iter().any(|word| normal.contains(word));
    let is_all = ALL.is_match(&normal) && !is_hedged;
    let subject = match (normal.contains("办件"), normal.contains("评")) {
        (true, false) => NoteSubject::Cases,
        (false, true) => NoteSubject::Evaluations,
        _ => NoteSubject::Unsaid,
    };
    if NOT_RETURNED.is_match(&normal) {
        return Some(ReturnNote { pushed: None, returned: None, is_all: false, subject });
    }
    let pushed = quantity(&PUSHED);
    let returned = quantity(&RETURNED).or_else(|| pushed.clone().filter(|_| is_all));
    Some(ReturnNote { pushed, returned, is_all, subject })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(note: &str, expected: &str) {
        let shown = parse_return_note(note).map_or_else(
            || "nothing".to_owned(),
            |note| {
                let quantity = |part: Option<(Number, String)>| {
                    part.map_or_else(
                        || "-".to_owned(),
                        |(number, _)| match number.qualifier {
                            Some(qualifier) => format!("{} {qualifier}", number.value),
                            None => number.value.to_string(),
                        },
                    )
                };
                format!("{}; {}; {}", quantity(note.pushed), quantity(note.returned), note.is_all)
            },
        );
        assert_eq!(shown, expected);
    }

    #[test]
    fn what_was_pushed_and_sent_back_is_read() {
        check(
            "某局推送450余万条数据，但不符合标准，全部退回，故汇聚量为0。",
            "4500000 more_than; 4500000 more_than; true",
        );
        check("某局推送 1,200 条，其中退回300条。", "1200; 300; false");
        check("某局的数据已全部退回。", "-; -; true");
        check("某局全部数据已退回。", "-; -; true");
        check("某局推送100条数据，均未退回。", "-; -; false");
        check("某局推送450万条数据，其中不符合标准的12条数据全部退回。", "4500000; -; false");
        check("某局推送100条数据，退回30%。", "100; -; false");
        check("某局推送10万条，部分退回。", "100000; -; false");
        check("某局数据以接口方式对接。", "nothing");
    }
}
