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
use crate::report::notice::desk::{Desk, Entry, Piece};

/// Characters that no text has: markers of pieces are made of them. The first two begin and end one, the
/// next ten are digits.
const MARKERS: Range<u32> = 0xfdd0..0xfddc;
/// Digits in markers.
const FIRST_DIGIT: u32 = 0xfdd2;
/// What begins a marker.
const BEGIN: char = '\u{fdd0}';
/// What ends a marker.
const END: char = '\u{fdd1}';

/// Numbers that are no figures: those of notes and sections, as 1. and （2）, at the start of a line or of a
/// sentence. The number itself is the second group.
static NUMBERING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:^(?:备?注[:：])?|[。；;])[\s　]*([（(]?(\d{1,2})[.．、)）])(?:\D|$)")
        .expect("the pattern is valid")
});

/// The same in Chinese numerals: 一、 and （二） at the start of a line, and 一是 at that of a part.
static NUMBERING_IN_WORDS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        "^((?:[一二三四五六七八九十]{1,3}[、.．])|(?:[（(][一二三四五六七八九十]{1,3}[）)]))\
         |(?:^|[。；;:：])([一二三四五六七八九十]{1,2}是)",
    )
    .expect("the pattern is valid")
});

/// Chinese numerals, of which one alone may be a figure.
const NUMERALS: &str = "〇零一二三四五六七八九十百千万亿两半廿卅";

/// Words with a numeral in them that say nothing of how many. Others are said to be no figures one by one.
static FIXED_WORDS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        "一网通办|一事通办|一网|一张网|一体化|一件事|一次办|一窗|一门|一站式|一盘棋|一把手|一线|一流|一栏\
         |统一|唯一|同一|任一|逐一|一一|一致|一律|一定|一些|一般|一旦|一并|一起|一直|一方面\
         |进一步|下一步|第一时间|上一期|下一期|上一年|五级联动|四级四同\
         |零汇聚|零报告|零跑动|零距离|百姓|千方百计|千家万户|上半年|下半年",
    )
    .expect("the pattern is valid")
});

/// Numbers in digits or in words, with what makes one of it, as 第五, 百分之九十五, 三成 and 450余万条.
static NUMBERS: LazyLock<Regex> = LazyLock::new(|| {
    let numeral = format!(r"[\p{{N}}{NUMERALS}]");
    Regex::new(&format!(
        "(?:第|分之)?{numeral}+(?:[.,]{numeral}+)*(?:分之{numeral}+)?(?:[余多]?[万亿]*)[成倍个项条件家次户人]?\
         |翻番|翻倍|倍增|[数几成双]倍|[居列排]全?省?[首末]位|[壹贰叁肆伍陆柒捌玖拾佰仟]{{2,}}"
    ))
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
    environment.add_function("has_previous", move |name: String| at_desk.has_previous(&name));
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
        let mut told = Vec::new();
        let entry = at_desk.list(&name).into_iter().map(|entry| {
            let name = marker(at_desk.keep(Desk::plain(&entry.name)));
            let is_told = entry.note.is_some() && told.contains(&entry.note);
            let note = quoted(&at_desk, &entry);
            if note.is_some() {
                told.push(entry.note.clone());
            }
            let (key, indicator) = (entry.key, entry.indicator);
            context! {
                name => name,
                key => key,
                note => note,
                is_told => is_told,
                indicator => indicator,
            }
        });
        entry.collect()
    });
}

/// Returns what the source says of an entry, word for word as a sentence, with its numbers bound; `None`
/// where it says nothing, and where one of its numbers is no figure of the entry, or no longer true of it.
fn quoted(desk: &Desk, entry: &Entry) -> Option<String> {
    let note = entry.note.as_deref()?.trim();
    // Behind the number of a note it would be another number.
    if note.starts_with(is_numeral) || note.contains('\n') {
        return None;
    }
    let mut pieces = Vec::new();
    let mut end = 0;
    for range in unbound(note, &[]) {
        // 近 and the like say how exact a number is.
        let before = &note[end..range.start];
        let hedge = HEDGES.into_iter().find(|hedge| before.ends_with(hedge)).unwrap_or_default();
        let start = range.start - hedge.len();
        pieces.push(Desk::plain(&note[end..start]));
        pieces.push(desk.figure_of(entry, &note[start..range.end])?);
        end = range.end;
    }
    pieces.push(Desk::plain(&note[end..]));
    if !note.ends_with(SENTENCE_ENDS) {
        pieces.push(Desk::plain("。"));
    }
    Some(pieces.into_iter().map(|piece| marker(desk.keep(piece))).collect())
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
    let fixed = FIXED_WORDS.find_iter(line).map(|found| found.range());
    let in_words = NUMBERING_IN_WORDS
        .captures_iter(line)
        .filter_map(|found| Some(found.get(1).or_else(|| found.get(2))?.range()));
    let known: Vec<Range<usize>> = numbering(line)
        .into_iter()
        .chain(in_words)
        .chain(fixed)
        .chain(bound.iter().cloned())
        .collect();
    let is_open = |found: &Range<usize>| {
        let mut numerals = line[found.clone()].char_indices().filter(|(_, it)| is_numeral(*it));
        let is_known = |at: usize| known.iter().any(|range| range.contains(&(found.start + at)));
        let has_none = numerals.clone().next().is_none();
        has_none || numerals.any(|(at, _)| !is_known(at))
    };
    NUMBERS.find_iter(line).map(|found| found.range()).filter(is_open).collect()
}

/// Returns where the numbers of notes stand: any at the start of the line, behind it those that count on.
fn numbering(line: &str) -> Vec<Range<usize>> {
    let mut last = 0;
    let mut ranges = Vec::new();
    for found in NUMBERING.captures_iter(line) {
        let (Some(whole), Some(number)) = (found.get(1), found.get(2)) else { continue };
        let number: usize = number.as_str().parse().unwrap_or_default();
        let is_first = found.get(0).is_some_and(|all| all.start() == 0);
        if is_first || number == last + 1 {
            last = number;
            ranges.push(whole.range());
        }
    }
    ranges
}

fn is_numeral(character: char) -> bool {
    character.is_numeric() || NUMERALS.contains(character)
}

/// Words before a number that say how exact it is.
const HEDGES: [&str; 3] = ["近", "约", "不足"];

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
        check_unbound("推送450余万条，退回２条，占½。", &["450余万条", "２条", "½"]);
        check_unbound("三十个部门零汇聚，推进五级联动和一体化。", &["三十个"]);
        check_unbound("1.办件只计推送的部分。2.评价相同。（3）其他。", &[]);
        check_unbound("备注：1.办件1.5倍。", &["1.5倍"]);
        check_unbound("2021年9月30日", &["2021", "9", "30"]);
        check_unbound("1,234.5万条", &["1,234.5万条"]);
    }

    #[test]
    fn numbers_in_words_are_numbers() {
        check_unbound("三个部门没有数据", &["三个"]);
        check_unbound("百分之九十五的数据来自一个部门", &["百分之九十五", "一个"]);
        check_unbound("三分之二以上的部门增长十倍", &["三分之二", "十倍"]);
        check_unbound("近三成，排名第五，数量翻番，过半", &["三成", "第五", "翻番", "半"]);
        check_unbound("壹佰项，双倍，居全省首位", &["壹佰", "双倍", "居全省首位"]);
        check_unbound("干部队伍，双随机，放在首位", &[]);
        check_unbound("共二十八部门", &["二十八"]);
        check_unbound("投诉量为零", &["零"]);
    }

    #[test]
    fn a_number_is_no_numbering_inside_a_sentence() {
        check_unbound("零汇聚部门：12、省水利厅", &["12"]);
        check_unbound("问题如下。12、13条", &["12", "13条"]);
        check_unbound("备注：1.甲；2.乙。3.丙", &[]);
    }

    #[test]
    fn headings_parts_and_fixed_words_have_numerals_that_are_no_figures() {
        check_unbound("一、总体情况", &[]);
        check_unbound("（二）推进“一网通办、一事通办”，进一步统一标准", &[]);
        check_unbound("要求：一是抓落实；二是抓质量。", &[]);
        check_unbound("一、二两个部门", &["二两个"]);
    }

    #[test]
    fn a_bound_number_is_known_by_its_place() {
        let line = "对接556项，另有6项。";
        let start = line.find("556").unwrap();
        let bound = start..start + 3;
        let found = unbound(line, std::slice::from_ref(&bound));
        assert_eq!(found.len(), 1);
        assert_eq!(sentence_at(line, found[0].start), line);
        // What stands behind a figure and makes another one of it is none of it.
        let bound = std::slice::from_ref(&(6..9));
        assert_eq!(unbound("对接556万项", bound), std::slice::from_ref(&(6..15)));
        let line = "前句。后句有1个；末句。";
        assert_eq!(sentence_at(line, line.find('1').unwrap()), "后句有1个；");
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
