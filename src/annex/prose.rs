//! Figures told in sentences, by the patterns of saved layouts.

use std::ops::Range;
use std::sync::Arc;

use regex::Captures;

use crate::annex::cells::{Number, parse_number, word_code};
use crate::annex::definitions::Counted;
use crate::annex::labels::ordinary_width_of;
use crate::annex::layout::{Layout, ProseFigure};
use crate::annex::period::{PeriodContext, column_period};
use crate::annex::prose_doubts::{About, doubtful_words};
use crate::annex::regions::{RegionIndex, breakdown_of_region};
use crate::annex::time_words::Stated;
use crate::annex::{ReadingContext, RowSubject, Unknown};
use crate::diag::{Finding, Message, Severity};
use crate::model::{ObsStatus, Observation, PeriodBasis, Place};
use crate::source::{Block, Paragraph};

/// What came of the sentences of a document.
#[derive(Default)]
pub(super) struct ProseOutcome {
    pub(super) observations: Vec<Observation>,
    pub(super) findings: Vec<Finding>,
    pub(super) unknown: Vec<Unknown>,
}

/// Quotation marks, which authors set and leave out at will.
const QUOTES: [char; 10] = ['"', '\'', '“', '”', '‘', '’', '「', '」', '『', '』'];

/// Marks that end a clause.
const CLAUSE_ENDS: [char; 6] = ['，', ',', '；', ';', '：', ':'];
/// Marks that end a sentence.
const SENTENCE_ENDS: [char; 3] = ['。', '！', '？'];

/// Words before a number that say how exact it is; the longer ones first.
const QUALIFIERS: [&str; 10] =
    ["大约", "将近", "超过", "不足", "不到", "至少", "超", "逾", "约", "近"];

/// Reads every figure that the patterns of a layout find in the paragraphs of a document.
///
/// A figure is about the region that the pattern or its figure names, else about the issuer's; its
/// time is that of the document, because sentences say 截至目前. Where the words before it make
/// something else of it, it is left out with a warning. `time_in_text` is a paragraph that tells a
/// whole period.
pub(super) fn read_prose(
    blocks: &[Block],
    layout: &Layout,
    context: &ReadingContext<'_>,
    time_in_text: Option<&str>,
) -> ProseOutcome {
    let mut outcome = ProseOutcome::default();
    let paragraphs = blocks.iter().filter_map(|block| match block {
        Block::Paragraph(paragraph) => Some(paragraph),
        Block::Grid(_) => None,
    });
    for paragraph in paragraphs {
        let plain = PlainText::of(&paragraph.text);
        for prose in &layout.prose {
            let mut lead = Lead::default();
            for found in prose.pattern.captures_iter(&plain.text) {
                lead.go_to(found.get(0).map_or(0..0, |whole| whole.range()), &plain.text);
                let lead = lead.words.as_str();
                let sentence = Sentence { paragraph, plain: &plain, found: &found, lead };
                for figure in &prose.figures {
                    read_figure(&sentence, figure, layout, context, &mut outcome);
                }
            }
        }
    }
    outcome.report_time(context, time_in_text);
    outcome
}

/// A paragraph as patterns see it: in ordinary width, without white space, quotation marks and
/// separators of thousands.
struct PlainText {
    text: String,
    /// For each character, where it begins in `text` and where it stands in the paragraph.
    chars: Vec<(usize, Range<usize>)>,
}

impl PlainText {
    fn of(paragraph: &str) -> Self {
        let wide = paragraph.char_indices().map(|(at, c)| (at..at + c.len_utf8(), c));
        let narrow = wide.map(|(place, c)| (place, ordinary_width_of(c)));
        let kept: Vec<(Range<usize>, char)> =
            narrow.filter(|(_, c)| !c.is_whitespace() && !QUOTES.contains(c)).collect();
        let is_digit =
            |at: usize| kept.get(at).is_some_and(|(_, c): &(_, char)| c.is_ascii_digit());
        let separates_thousands = |at: usize| {
            kept[at].1 == ','
                && at.checked_sub(1).is_some_and(is_digit)
                && (1..=3).all(|ahead| is_digit(at + ahead))
                && !is_digit(at + 4)
        };
        let mut plain = Self { text: String::new(), chars: Vec::new() };
        for (at, (place, c)) in kept.iter().enumerate() {
            if !separates_thousands(at) {
                plain.chars.push((plain.text.len(), place.clone()));
                plain.text.push(*c);
            }
        }
        plain
    }

    /// Returns a part of the plain text as it stands in the paragraph.
    fn verbatim<'p>(&self, part: Range<usize>, paragraph: &'p str) -> &'p str {
        let at = |byte: usize| self.chars.partition_point(|(start, _)| *start < byte);
        let chars = self.chars.get(at(part.start)..at(part.end)).unwrap_or_default();
        match (chars.first(), chars.last()) {
            (Some((_, first)), Some((_, last))) => &paragraph[first.start..last.end],
            _ => "",
        }
    }
}

/// Returns a paragraph as patterns see it.
pub(super) fn plain_text(paragraph: &str) -> String {
    PlainText::of(paragraph).text
}

/// The words before a match of a pattern that bear on it.
///
/// In a list, 计划达到：省水利厅667件，省财政厅12件, those before its first item bear on all of them;
/// what other items say does not.
#[derive(Default)]
struct Lead {
    words: String,
    /// Where the match before stands; empty before the first one.
    last: Range<usize>,
}

impl Lead {
    /// Goes on to the next match.
    fn go_to(&mut self, found: Range<usize>, text: &str) {
        let is_first = self.last.is_empty();
        if is_first || text[self.last.start..found.start].contains(SENTENCE_ENDS) {
            let before = &text[..found.start];
            before[lead_start(before)..].clone_into(&mut self.words);
        } else {
            self.words.push_str(&text[self.last.end..found.start]);
        }
        self.last = found;
    }
}

/// A match of a pattern in a paragraph.
struct Sentence<'a> {
    paragraph: &'a Paragraph,
    plain: &'a PlainText,
    found: &'a Captures<'a>,
    /// The words before it that bear on it.
    lead: &'a str,
}

/// The number of a figure.
struct Told<'a> {
    /// The number with what says how exact it is, as patterns see it.
    plain: &'a str,
    /// The same as it stands in the paragraph.
    printed: &'a str,
}

impl<'a> Sentence<'a> {
    /// Returns what the pattern matched, as it stands in the paragraph.
    fn shown(&self) -> &'a str {
        let whole = self.found.get(0).map_or(0..0, |whole| whole.range());
        self.plain.verbatim(whole, &self.paragraph.text)
    }

    /// Returns a message on a figure of the sentence.
    fn message(&self, code: &'static str, told: &Told<'_>) -> Message {
        Message::new(code).with("sentence", self.shown()).with("printed", told.printed)
    }

    /// Returns the number that a group caught, with a word before it that says how exact it is.
    fn told(&self, group: &str) -> Option<Told<'a>> {
        let caught = self.found.name(group)?;
        let before = &self.plain.text[..caught.start()];
        let qualifier = QUALIFIERS.iter().find(|word| before.ends_with(**word));
        let start = caught.start() - qualifier.map_or(0, |word| word.len());
        Some(Told {
            plain: &self.plain.text[start..caught.end()],
            printed: self.plain.verbatim(start..caught.end(), &self.paragraph.text),
        })
    }

    /// Returns the words by which the number that a group caught may be something else than the
    /// pattern takes it for: a piece of a longer number, a plan, a change, of another time, region or
    /// body.
    fn doubt(&self, group: &str, region: &str, context: &ReadingContext<'_>) -> Option<String> {
        let caught = self.found.name(group)?;
        let text = self.plain.text.as_str();
        let before = piece_of_number(text[..caught.start()].chars().rev());
        let after = piece_of_number(text[caught.end()..].chars());
        if let Some(piece) = before.or(after) {
            return Some(piece.to_string());
        }
        let whole = self.found.get(0)?;
        let about = About { region, has_department: self.found.name("department").is_some() };
        let before = self.lead.to_owned() + &self.without_subject(whole.start()..caught.start());
        let behind = &text[whole.end()..];
        let is_closed = text[..whole.end()].ends_with(CLAUSE_ENDS)
            || text[..whole.end()].ends_with(SENTENCE_ENDS);
        let end = behind.find(CLAUSE_ENDS).unwrap_or(behind.len());
        let end = behind.find(SENTENCE_ENDS).unwrap_or(behind.len()).min(end);
        let behind = if is_closed { "" } else { &behind[..end] };
        doubtful_words(&before, behind, about, context)
    }

    /// Returns a part of the plain text without the names by which the pattern says what its figures are
    /// about.
    fn without_subject(&self, part: Range<usize>) -> String {
        let groups = ["department", "region"].into_iter().filter_map(|name| self.found.name(name));
        let mut names: Vec<Range<usize>> = groups
            .map(|group| group.range())
            .filter(|name| name.start >= part.start && name.end <= part.end)
            .collect();
        names.sort_by_key(|name| name.start);
        let mut kept = String::new();
        let mut from = part.start;
        for name in names {
            kept.push_str(&self.plain.text[from..name.start.max(from)]);
            kept.push('|');
            from = name.end.max(from);
        }
        kept + &self.plain.text[from..part.end]
    }
}

/// Returns the first character beside a number where it belongs to that number: a numeral, or a
/// separator with a digit behind it.
fn piece_of_number(mut beside: impl Iterator<Item = char>) -> Option<char> {
    let next = beside.next()?;
    let is_separator = matches!(next, ',' | '.') && beside.next().is_some_and(char::is_numeric);
    let is_numeral = next.is_numeric() || "〇零一二两三四五六七八九十百千万亿".contains(next);
    (is_separator || is_numeral).then_some(next)
}

/// Returns where the clause before the last one of a text begins, within its last sentence. The last
/// one may be whole, as before a list: 2015年，各部门办件量为：.
fn lead_start(text: &str) -> usize {
    let behind = |(at, mark): (usize, &str)| at + mark.len();
    let sentence = text.rmatch_indices(SENTENCE_ENDS).next().map_or(0, behind);
    let n_marks = 1 + usize::from(text.ends_with(CLAUSE_ENDS));
    let clause = text[sentence..].rmatch_indices(CLAUSE_ENDS).nth(n_marks).map_or(0, behind);
    sentence + clause
}

fn read_figure(
    sentence: &Sentence<'_>,
    figure: &ProseFigure,
    layout: &Layout,
    context: &ReadingContext<'_>,
    outcome: &mut ProseOutcome,
) {
    let Some(told) = sentence.told(&figure.capture) else { return };
    let place = Place::at(sentence.paragraph.spot);
    let shown = sentence.shown();
    let known = context.refdata.indicators();
    let Some(indicator) = known.iter().find(|known| known.indicator == figure.indicator) else {
        return;
    };
    let Some(subject) = subject(sentence.found, figure, place, context, outcome) else { return };
    if let Some(words) = sentence.doubt(&figure.capture, &subject.region, context) {
        let message = sentence.message("prose.doubtful", &told).with("words", words);
        outcome.report(Severity::Warning, message, sentence, &told);
        return;
    }
    let number = parse_number(told.plain)
        .filter(|number| number.unit.as_ref().is_none_or(|unit| *unit == indicator.unit));
    outcome.report_number(number.as_ref(), sentence, &told);
    let period = PeriodContext {
        caption: Stated::Nothing,
        title: Stated::Nothing,
        rule: layout.period,
        ..context.period
    };
    let Ok(time) = column_period(&period, indicator.kind, Stated::Nothing) else {
        let message = sentence.message("prose.without_time", &told);
        outcome.report(Severity::Warning, message, sentence, &told);
        return;
    };
    let counted = Counted { indicator, period: time.period };
    outcome.findings.extend(counted.findings(context.refdata, place));
    outcome.observations.push(Observation {
        indicator: indicator.indicator.as_str().into(),
        definition: counted.definition(context.refdata),
        department: subject.department,
        region: subject.region,
        breakdown: subject.breakdown,
        accumulation: time.accumulation,
        period: time.period,
        period_basis: time.basis,
        value: number.as_ref().map(|number| number.value),
        value_text: None,
        unit: indicator.unit.as_str().into(),
        obs_status: if number.is_some() { ObsStatus::Reported } else { ObsStatus::Missing },
        qualifier: number.and_then(|number| number.qualifier),
        place,
        printed: Some(told.printed.into()),
        row_label: Some(shown.into()),
        column_label: None,
        row_idx: None,
        note: None,
    });
}

impl ProseOutcome {
    /// Adds a finding on a figure of a sentence.
    fn report(
        &mut self,
        severity: Severity,
        message: Message,
        sentence: &Sentence<'_>,
        told: &Told<'_>,
    ) {
        let finding = Finding::new(severity, message, Place::at(sentence.paragraph.spot));
        self.findings.push(finding.quoting(told.printed));
    }

    /// Tells what is odd about the number of a figure.
    fn report_number(&mut self, number: Option<&Number>, sentence: &Sentence<'_>, told: &Told<'_>) {
        let Some(number) = number else {
            let message = sentence.message("prose.not_a_number", told);
            return self.report(Severity::Warning, message, sentence, told);
        };
        if number.is_odd {
            let message = sentence.message("prose.odd_digits", told).with("value", number.value);
            self.report(Severity::Warning, message, sentence, told);
        }
        if let Some(qualifier) = number.qualifier {
            let message = sentence.message("prose.qualified", told);
            let message = message.with_coded("qualifier", word_code(qualifier));
            self.report(Severity::Info, message, sentence, told);
        }
    }

    /// Tells that figures have the date of the document for their time, where they do.
    fn report_time(&mut self, context: &ReadingContext<'_>, time_in_text: Option<&str>) {
        let mut inferred =
            self.observations.iter().filter(|o| o.period_basis == PeriodBasis::DocumentDate);
        let (Some(first), Some(dated)) = (inferred.next(), context.period.dated) else { return };
        let (place, n_figures) = (first.place, inferred.count() + 1);
        let inferred = Message::new("prose.period_inferred").with("dated", dated);
        let inferred = inferred.with("figures", n_figures);
        self.findings.push(Finding::new(Severity::Info, inferred, place));
        if let Some(text) = time_in_text {
            let message = Message::new("prose.time_in_text").with("text", text);
            self.findings.push(Finding::new(Severity::Warning, message, place));
        }
    }
}

/// Returns what a figure is about; groups named `department`, `region` and `breakdown` say so.
fn subject(
    found: &Captures<'_>,
    figure: &ProseFigure,
    place: Place,
    context: &ReadingContext<'_>,
    outcome: &mut ProseOutcome,
) -> Option<RowSubject> {
    let group = |name: &str| found.name(name).map(|group| group.as_str().to_owned());
    let department = match group("department") {
        None => None,
        Some(label) => match context.departments.find(&label) {
            Ok(found) => {
                let dated = context.period.dated;
                outcome.findings.extend(found.findings(&label, place, dated));
                Some(Arc::clone(&found.known.department))
            }
            Err(nearest) => {
                let unknown = context.departments.unknown(&label, nearest, context.refdata, place);
                outcome.unknown.push(unknown);
                return None;
            }
        },
    };
    let regions: &RegionIndex = context.regions;
    let mut is_own_level = false;
    let region = match (group("region"), &figure.region) {
        (Some(label), _) => match regions.find(&label) {
            Ok(found) => {
                outcome.findings.extend(found.finding(&label, place));
                is_own_level = found.is_own_level;
                found.region.into()
            }
            Err(reason) => {
                outcome.unknown.push(reason.of_label(&label, place));
                return None;
            }
        },
        (None, Some(region)) => region.as_str().into(),
        (None, None) => Arc::clone(&context.departments.region),
    };
    let breakdown = group("breakdown").or_else(|| figure.breakdown.clone());
    let breakdown = breakdown_of_region(is_own_level, breakdown.as_deref());
    Some(RowSubject { department, region, breakdown: breakdown.map(Into::into) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annex::departments::DepartmentIndex;
    use crate::annex::layout::{Layouts, PeriodRule};
    use crate::annex::period::Reach;
    use crate::refdata::RefData;
    use crate::source::parse_document;

    /// Shows the figures of a paragraph and the codes of the findings on them.
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut refdata = RefData::load(&[]).unwrap();
        let layouts = Layouts::load(&[], &mut refdata).unwrap();
        let layout = layouts.iter().find(|layout| layout.name == "qinghai-progress").unwrap();
        let departments = DepartmentIndex::new(&refdata, "630000");
        let regions = RegionIndex::new(&refdata, "630000");
        let period = PeriodContext {
            given: None,
            as_of_day: None,
            caption: Stated::Nothing,
            title: Stated::Nothing,
            document_title: Stated::Nothing,
            dated: "2022-11-24".parse().ok(),
            rule: PeriodRule::Stated,
            reach: Reach::Printed,
        };
        let context = ReadingContext {
            refdata: &refdata,
            departments: &departments,
            regions: &regions,
            period,
        };
        let document = parse_document(text.as_bytes(), "a.txt").unwrap();
        let outcome = read_prose(&document.blocks, layout, &context, None);
        let figure = |o: &Observation| {
            let printed = o.printed.as_deref().unwrap_or_default();
            format!("{} {:?} {printed} {}", o.indicator, o.value, o.region)
        };
        let shown: Vec<String> = outcome.observations.iter().map(figure).collect();
        let doubts = outcome.findings.iter().filter(|f| f.severity >= Severity::Warning);
        let doubts: Vec<&str> = doubts.map(|finding| finding.message.code).collect();
        assert_eq!(format!("{} | {}", shown.join(", "), doubts.join(" ")), expected, "{text}");
    }

    #[test]
    fn figures_are_read_with_separators_and_words_for_exactness() {
        check(
            "截至目前，已覆盖４０６个乡镇、4,474 个村(社区)的服务站点。",
            "townships_covered Some(406.0) ４０６ 630000, villages_covered Some(4474.0) 4,474 630000 | ",
        );
        check(
            "乡镇的至少1,210余项“水电气暖”等在线银行缴费应用对接完成。",
            "payment_apps_connected_told Some(1210.0) 至少1,210余 630000 | ",
        );
    }

    #[test]
    fn zeros_in_front_of_a_figure_are_told() {
        check(
            "已覆盖0406个乡镇、4474个村的服务站点。",
            "townships_covered Some(406.0) 0406 630000, villages_covered Some(4474.0) 4474 630000 | prose.odd_digits",
        );
    }

    #[test]
    fn figures_of_something_else_are_left_out_with_a_warning() {
        let left_out = |text: &str, n: usize| {
            check(text, &format!(" | {}", vec!["prose.doubtful"; n].join(" ")));
        };
        left_out("计划2023年实现覆盖500个乡镇、4000个村。", 2);
        left_out("仍未覆盖12个乡镇、40个村。", 2);
        left_out("截至2022年6月底，覆盖406个乡镇、4474个村。", 2);
        left_out("西宁市已覆盖40个乡镇、474个村。", 2);
        left_out("较2020年增加210项水电气暖等在线银行缴费应用对接完成。", 1);
        left_out("海南州推出“一件事”，西宁市推出18项“一件事”套餐。", 1);
        left_out("二百一十2余项水电气暖等在线银行缴费应用对接完成。", 1);
    }

    #[test]
    fn figures_of_others_are_left_out_with_a_warning() {
        for who in [
            "甘肃省",
            "四川省",
            "兰州市",
            "全国",
            "上海市",
            "新疆",
            "陕西省西安市",
            "成都",
            "浙江",
            "西藏自治区",
            "国家政务服务平台",
            "各市州",
            "市州",
            "省公安厅",
            "西宁",
            "海东",
            "格尔木市",
            "甘南州",
            "某某市",
            "与甘肃省共同",
            "省民政厅、省公安厅",
            "海南省",
            "国家税务总局",
        ] {
            let text = format!("{who}实现58项政务服务事项“跨省通办”、149项“省内通办”。");
            check(&text, " | prose.doubtful prose.doubtful");
        }
    }

    #[test]
    fn words_around_a_figure_make_something_else_of_it() {
        for text in [
            "覆盖406个乡镇、4474个村(社区)的服务站点建设任务尚未完成。",
            "取消58项政务服务事项“跨省通办”、149项“省内通办”。",
            "实现58项政务服务事项“跨省通办”、149项“省内通办”的目标。",
            "若实现200项政务服务事项“跨省通办”、300项“省内通办”则更好。",
            "上半年新实现58项政务服务事项“跨省通办”、149项“省内通办”。",
            "省政府要求实现58项政务服务事项“跨省通办”、149项“省内通办”。",
        ] {
            check(text, " | prose.doubtful prose.doubtful");
        }
    }

    #[test]
    fn figures_of_the_whole_province_are_read() {
        let read = "items_cross_province Some(58.0) 58 630000, items_in_province Some(149.0) 149 630000 | ";
        for who in [
            "",
            "全省",
            "青海省",
            "我省",
            "青海",
            "截至目前，全省各级政务大厅",
            "全省累计",
            "青海南部地区带头，全省",
            "省、市州、县(市、区)、乡镇(街道)、村(社区)",
            "各地区、各部门协同联动，整合共享，",
            "在",
            "贯彻落实省政府工作要求，目前",
            "省公安厅、省民政厅等省级部门协同，",
        ] {
            check(
                &format!(
                    "{who}实现58项政务服务事项“跨省通办”、149项“省内通办”的基础上，创新未停。"
                ),
                read,
            );
        }
        check(
            "海南州聚焦民生重点领域，推出30项“一件事”套餐。",
            "one_thing_packages Some(30.0) 30 632500 | ",
        );
        check("海南州和西宁共推出30项“一件事”套餐。", " | prose.doubtful");
    }
}
