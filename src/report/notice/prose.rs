//! The text of a notice, filled in: every number in it is bound to an answer, or is said to be none.

use std::ops::Range;
use std::sync::{Arc, LazyLock};

use minijinja::value::Kwargs;
use minijinja::{Environment, UndefinedBehavior, Value, context};
use regex::Regex;

use crate::diag::Message;
use crate::report::content::Span;
use crate::report::notice::NoticeError;
use crate::report::notice::definition::TemplatePlan;
use crate::report::notice::desk::{Desk, Piece};

/// Characters that no text has: markers of pieces are made of them. The first two begin and end one, the
/// next ten are digits.
const MARKERS: Range<u32> = 0xfdd0..0xfddc;
/// Digits in markers.
const FIRST_DIGIT: u32 = 0xfdd2;
/// What begins a marker.
const BEGIN: char = '\u{fdd0}';
/// What ends a marker.
const END: char = '\u{fdd1}';

/// Numbers that are no figures: those of sections and notes, as 1. and （2）.
static NUMBERING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:^|[:：。；;])[\s　]*([（(]?\d{1,2}[.．、)）])(?:\D|$)")
        .expect("the pattern is valid")
});

/// Figures in Chinese numerals, as 三十个.
static NUMERALS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("[〇零一二三四五六七八九十百千万亿两]{2,}[余多]?[个项条件家次户人]")
        .expect("the pattern is valid")
});

/// Whether a character is one that markers are made of.
pub(super) fn is_marker(character: char) -> bool {
    MARKERS.contains(&u32::from(character))
}

fn marker(idx: usize) -> String {
    let digits = idx.to_string();
    let digits =
        digits.chars().filter_map(|digit| char::from_u32(FIRST_DIGIT + digit.to_digit(10)?));
    std::iter::once(BEGIN).chain(digits).chain([END]).collect()
}

/// A line of a filled text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    /// How many `#` stand before it: the level of a heading, 0 for a paragraph.
    pub(super) level: usize,
    /// Its parts.
    pub(super) spans: Vec<Span>,
}

impl Line {
    /// Returns the line without what its parts are.
    pub(super) fn text(&self) -> String {
        let texts = self.spans.iter().map(|span| match span {
            Span::Text { text } => text.as_str(),
            Span::Figure(figure) => figure.shown.as_str(),
        });
        texts.collect()
    }
}

/// Fills in templates.
pub(super) struct Prose {
    environment: Environment<'static>,
    desk: Arc<Desk>,
    report: String,
}

impl Prose {
    /// Returns what fills in the templates of a definition.
    pub(super) fn new(report: &str, desk: Desk) -> Self {
        let desk = Arc::new(desk);
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        add_calls(&mut environment, &desk);
        Self { environment, desk, report: report.to_owned() }
    }

    /// Returns the answers.
    pub(super) fn desk(&self) -> &Desk {
        &self.desk
    }

    /// Returns the lines of a filled text, and adds what is wrong in them to `faults`, each with its
    /// sentence.
    pub(super) fn fill(
        &self,
        template: &TemplatePlan,
        faults: &mut Vec<Message>,
    ) -> Result<Vec<Line>, NoticeError> {
        let filled = self.environment.render_str(&template.text, context! {}).map_err(|error| {
            NoticeError::Template {
                report: self.report.clone(),
                line: template.first_line + error.line().unwrap_or(1) - 1,
                reason: error.detail().map_or_else(|| error.kind().to_string(), str::to_owned),
            }
        })?;
        let pieces = self.desk.kept();
        let lines = filled.lines().map(str::trim).filter(|line| !line.is_empty());
        Ok(lines.map(|line| line_of(line, &pieces, faults)).collect())
    }

    /// Returns a text of one line.
    pub(super) fn fill_line(
        &self,
        template: &TemplatePlan,
        faults: &mut Vec<Message>,
    ) -> Result<Line, NoticeError> {
        let lines = self.fill(template, faults)?;
        let spans = lines.into_iter().flat_map(|line| line.spans).collect();
        Ok(Line { level: 0, spans })
    }
}

/// Gives templates what they can call.
fn add_calls(environment: &mut Environment<'static>, desk: &Arc<Desk>) {
    let named = |call: fn(&Desk, &str) -> Piece| {
        let desk = Arc::clone(desk);
        move |name: String| marker(desk.keep(call(&desk, &name)))
    };
    environment.add_function("names", named(Desk::names));
    environment.add_function("day", named(Desk::day));
    environment.add_function("year", named(Desk::year));
    environment.add_function("span", named(Desk::span));
    environment.add_function("annex", named(Desk::annex));
    environment.add_function("plain", named(|_, text| Desk::plain(text)));
    let at_desk = Arc::clone(desk);
    environment.add_function("is_dated", move |name: String| at_desk.is_dated(&name));
    let at_desk = Arc::clone(desk);
    environment.add_function(
        "figure",
        move |name: String,
              key: Option<String>,
              options: Kwargs|
              -> Result<String, minijinja::Error> {
            let stated: Option<String> = options.get("stated")?;
            options.assert_all_used()?;
            let piece = at_desk.figure(&name, key.as_deref(), stated.as_deref());
            Ok(marker(at_desk.keep(piece)))
        },
    );
    let at_desk = Arc::clone(desk);
    environment.add_function("list", move |name: String| -> Vec<Value> {
        let entries = at_desk.list(&name).into_iter();
        let entry = entries.map(|entry| {
            let name = marker(at_desk.keep(Desk::plain(&entry.name)));
            context! { name => name, key => entry.key }
        });
        entry.collect()
    });
}

/// A part of a line.
enum Part<'a> {
    Text(&'a str),
    Piece(&'a Piece),
}

/// Puts the pieces of a line where their markers stand.
fn line_of(line: &str, pieces: &[Piece], faults: &mut Vec<Message>) -> Line {
    let level = line.bytes().take_while(|byte| *byte == b'#').count();
    let parts = parts_of(line[level..].trim_start(), pieces);
    let mut whole = String::new();
    let mut bound: Vec<(Range<usize>, &Piece)> = Vec::new();
    for part in &parts {
        let start = whole.len();
        match part {
            Part::Text(text) => whole.push_str(text),
            Part::Piece(piece) => {
                whole.push_str(&piece.shown);
                bound.push((start..whole.len(), piece));
            }
        }
    }
    for (range, piece) in &bound {
        if let Some(fault) = &piece.fault {
            faults.push(fault.clone().with("sentence", sentence_at(&whole, range.start)));
        }
    }
    let ranges: Vec<Range<usize>> = bound.into_iter().map(|(range, _)| range).collect();
    for range in unbound(&whole, &ranges) {
        let fault = Message::new("notice.unbound")
            .with("number", &whole[range.clone()])
            .with("sentence", sentence_at(&whole, range.start));
        faults.push(fault);
    }
    let spans = parts.into_iter().map(|part| match part {
        Part::Text(text) => Span::Text { text: text.to_owned() },
        Part::Piece(Piece { figure: Some(figure), .. }) => Span::Figure(figure.clone()),
        Part::Piece(piece) => Span::Text { text: piece.shown.clone() },
    });
    Line { level, spans: spans.collect() }
}

fn parts_of<'a>(line: &'a str, pieces: &'a [Piece]) -> Vec<Part<'a>> {
    let mut parts = Vec::new();
    let mut rest = line;
    while let Some((before, behind)) = rest.split_once(BEGIN) {
        if !before.is_empty() {
            parts.push(Part::Text(before));
        }
        let (digits, behind) = behind.split_once(END).unwrap_or((behind, ""));
        let number = digits.chars().try_fold(0_usize, |number, digit| {
            let digit = u32::from(digit).checked_sub(FIRST_DIGIT)?;
            number.checked_mul(10)?.checked_add(usize::try_from(digit).ok()?)
        });
        if let Some(piece) = number.and_then(|number| pieces.get(number)) {
            parts.push(Part::Piece(piece));
        }
        rest = behind;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest));
    }
    parts
}

/// Returns where numbers stand that nothing binds, in order.
fn unbound(line: &str, bound: &[Range<usize>]) -> Vec<Range<usize>> {
    let numbering = NUMBERING.captures_iter(line).filter_map(|found| Some(found.get(1)?.range()));
    let known: Vec<Range<usize>> = numbering.chain(bound.iter().cloned()).collect();
    let is_known = |at: usize| known.iter().any(|range| range.contains(&at));
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, character) in line.char_indices() {
        if !character.is_numeric() || is_known(at) {
            continue;
        }
        let end = at + character.len_utf8();
        match found.last_mut() {
            Some(last) if last.end == at => last.end = end,
            _ => found.push(at..end),
        }
    }
    let in_words = NUMERALS.find_iter(line).map(|found| found.range());
    found.extend(in_words.filter(|range| !is_known(range.start)));
    found.sort_by_key(|range| range.start);
    found
}

/// Characters that end a sentence.
const SENTENCE_ENDS: [char; 4] = ['。', '！', '？', '；'];

/// Returns the sentence that stands at a place.
fn sentence_at(line: &str, at: usize) -> &str {
    let start = line[..at].rfind(SENTENCE_ENDS);
    let start = start.map_or(0, |end| end + line[end..].chars().next().map_or(0, char::len_utf8));
    let end = line[at..].find(SENTENCE_ENDS);
    let end = end.map_or(line.len(), |end| {
        at + end + line[at + end..].chars().next().map_or(0, char::len_utf8)
    });
    line[start..end].trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_unbound(line: &str, expected: &[&str]) {
        let found: Vec<&str> = unbound(line, &[]).into_iter().map(|range| &line[range]).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn numbers_are_bound_or_told() {
        check_unbound("推送450余万条，退回２条，占½。", &["450", "２", "½"]);
        check_unbound("三十个部门零汇聚，推进五级联动和一体化。", &["三十个"]);
        check_unbound("1.办件只计推送的部分。2.评价相同。（3）其他。", &[]);
        check_unbound("备注：1.办件1.5倍。", &["1", "5"]);
        check_unbound("2021年9月30日", &["2021", "9", "30"]);
        check_unbound("12.34", &["12", "34"]);
    }

    #[test]
    fn a_bound_number_is_known_by_its_place() {
        let line = "对接556项，另有6项。";
        let start = line.find("556").unwrap();
        let bound = start..start + 3;
        let found = unbound(line, std::slice::from_ref(&bound));
        assert_eq!(found.len(), 1);
        assert_eq!(sentence_at(line, found[0].start), line);
        let line = "第一句。第二句有1个；第三句。";
        assert_eq!(sentence_at(line, line.find('1').unwrap()), "第二句有1个；");
    }

    #[test]
    fn markers_are_found_again_whatever_their_number() {
        let pieces: Vec<Piece> = (0..12).map(|idx| Desk::plain(&format!("〈{idx}〉"))).collect();
        let mut faults = Vec::new();
        let line = line_of(&format!("## 甲{}乙{}", marker(11), marker(0)), &pieces, &mut faults);
        assert_eq!((line.level, line.text().as_str()), (2, "甲〈11〉乙〈0〉"));
        assert!(faults.is_empty());
    }
}
