//! The head of a document: number, issuer, title and dates.

use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use crate::annex::time_words::normalise_times;
use crate::model::Notice;
use crate::source::{Block, Paragraph};

/// Labels of a document's head, as pages and files print them, with white space left out.
const LABELS: [(&str, Part); 15] = [
    ("索引号", Part::Other),
    ("发文字号", Part::DocumentNumber),
    ("文号", Part::DocumentNumber),
    ("发布机构", Part::Issuer),
    ("发文机关", Part::Issuer),
    ("发文机构", Part::Issuer),
    ("公文时效", Part::Other),
    ("主题分类", Part::Other),
    ("成文日期", Part::Dated),
    ("发文日期", Part::Dated),
    ("发布日期", Part::PublishedOn),
    ("发布时间", Part::PublishedOn),
    ("公开日期", Part::PublishedOn),
    ("标题", Part::Title),
    ("有效性", Part::Other),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    DocumentNumber,
    Issuer,
    Title,
    Dated,
    PublishedOn,
    Other,
}

static DOCUMENT_NUMBER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^\p{Han}{2,12}[〔\[(]((?:19|20)\d{2})[〕\])]\d{1,5}号$"));
static TITLE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?P<issuer>\p{Han}{2,24}(?:人民政府|办公厅|办公室|委员会|[厅局委]))?关于.{2,80}的(?:通报|通知|公告|报告|函|意见|公示|情况|方案)$",
    )
});
/// Lines that a title takes at most.
const MAX_TITLE_LINES: usize = 3;
static DATE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(\d{4})(?:年|-|/|\.)(\d{1,2})(?:月|-|/|\.)(\d{1,2})日?$"));
/// The time of day behind a date with two digits for each part, as pages print when they were published;
/// white space is gone, so that it follows at once.
static TIME_OF_DAY: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(\d{4}[-/.年]\d{2}[-/.月]\d{2}日?)\d{2}:\d{2}(?::\d{2})?$"));
static ISSUER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^\p{Han}{2,24}(?:人民政府|办公厅|办公室|委员会|[厅局委])$"));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is constant")
}

/// Reads the head of a document.
///
/// Labelled parts count first (`发文字号：…`); without labels the parts are known by their form: a
/// number alone on its line, a title 关于…的通报, the issuer above it, and the date of signature
/// before the first annex or below the last one, else that of 印发. Numbers and dates of other documents,
/// which stand inside sentences, are not taken.
pub(super) fn read_notice(blocks: &[Block]) -> Notice {
    let head: Vec<&Paragraph> = blocks
        .iter()
        .map_while(|block| match block {
            Block::Paragraph(paragraph) => Some(paragraph),
            Block::Grid(_) => None,
        })
        .collect();
    let mut notice = Notice::default();
    for paragraph in &head {
        take_labelled(&compact(&paragraph.text), &mut notice);
    }
    take_by_form(&head, &mut notice);
    take_signature_at_end(blocks, &mut notice);
    notice
}

/// Whether a cell is a label of a document's head.
pub(super) fn is_head_label(text: &str) -> bool {
    let compact = compact(text);
    let label = compact.trim_end_matches(':');
    LABELS.iter().any(|(known, _)| *known == label)
}

/// Whether a line begins with a label of a document's head.
pub(super) fn is_head_line(text: &str) -> bool {
    let compact = compact(text);
    compact.split_once(':').is_some_and(|(label, _)| is_head_label(label))
}

fn compact(text: &str) -> String {
    text.nfkc().filter(|c| !c.is_whitespace()).collect()
}

/// Takes the labelled parts of a line; several may stand on one line without space between them.
fn take_labelled(line: &str, notice: &mut Notice) {
    let mut found: Vec<(usize, usize, Part)> = Vec::new();
    for (label, part) in LABELS {
        for (at, _) in line.match_indices(label) {
            let after = at + label.len();
            let starts_line_or_value = line[after..].starts_with(':');
            if starts_line_or_value
                && !found.iter().any(|(start, end, _)| (*start..*end).contains(&at))
            {
                found.push((at, after + 1, part));
            }
        }
    }
    found.sort_by_key(|(at, _, _)| *at);
    // A label inside a sentence is no head: the line has to begin with one.
    if found.first().is_none_or(|(at, _, _)| *at != 0) {
        return;
    }
    for (idx, (_, start, part)) in found.iter().enumerate() {
        let end = found.get(idx + 1).map_or(line.len(), |(at, _, _)| *at);
        let value = &line[*start..end];
        if value.is_empty() {
            continue;
        }
        match part {
            Part::DocumentNumber => set(&mut notice.document_number, Some(restore_brackets(value))),
            Part::Issuer => set(&mut notice.issuer, Some(value.to_owned())),
            Part::Title => set(&mut notice.title, Some(value.to_owned())),
            Part::Dated => set(&mut notice.dated, parse_date(value)),
            Part::PublishedOn => set(&mut notice.published_on, parse_date(value)),
            Part::Other => {}
        }
    }
}

/// Takes parts that are known by their form alone.
fn take_by_form(head: &[&Paragraph], notice: &mut Notice) {
    let lines: Vec<String> = head.iter().map(|paragraph| compact(&paragraph.text)).collect();
    let title = title_in(&lines);
    let number = lines.iter().find(|line| DOCUMENT_NUMBER.is_match(line));
    set(&mut notice.document_number, number.map(|line| restore_brackets(line)));
    if let Some((at, n_lines)) = title {
        let joined = lines[at..at + n_lines].concat();
        let within = TITLE.captures(&joined).and_then(|found| found.name("issuer"));
        set(&mut notice.issuer, within.map(|issuer| issuer.as_str().to_owned()));
        let above =
            at.checked_sub(1).map(|above| &lines[above]).filter(|line| ISSUER.is_match(line));
        set(&mut notice.issuer, above.cloned());
        let parts = head[at..at + n_lines].iter().map(|paragraph| paragraph.text.trim());
        set(&mut notice.title, Some(parts.collect()));
    }
    let signed = lines.iter().rposition(|line| parse_date(line).is_some());
    if let Some(at) = signed {
        set(&mut notice.dated, parse_date(&lines[at]));
        let above =
            at.checked_sub(1).map(|above| &lines[above]).filter(|line| ISSUER.is_match(line));
        set(&mut notice.issuer, above.cloned());
    }
    set(&mut notice.dated, lines.iter().rev().find_map(|line| printed_on(line)));
}

/// Returns where the title stands and how many lines it takes: one, else a few, as papers set a long one.
fn title_in(lines: &[String]) -> Option<(usize, usize)> {
    let is_title = |part: &[String]| match part {
        [line] => TITLE.is_match(line),
        [others @ .., _] => {
            let is_within = |line: &String| !line.contains(['。', '；', ';', ':', '，', ',']);
            others.iter().all(is_within) && TITLE.is_match(&part.concat())
        }
        [] => false,
    };
    (1..=MAX_TITLE_LINES).find_map(|n_lines| {
        let at = lines.windows(n_lines).position(is_title)?;
        Some((at, n_lines))
    })
}

/// Takes the date of a signature below the last table: a line that names the issuer, and the date alone
/// on the next. Of another signature there, as that of a department below its form, nothing is taken.
fn take_signature_at_end(blocks: &[Block], notice: &mut Notice) {
    let end: Vec<&Block> =
        blocks.iter().rev().take_while(|block| matches!(block, Block::Paragraph(_))).collect();
    let lines: Vec<String> = end
        .into_iter()
        .rev()
        .filter_map(|block| match block {
            Block::Paragraph(paragraph) => Some(compact(&paragraph.text)),
            Block::Grid(_) => None,
        })
        .collect();
    let is_issuer = |line: &str| match &notice.issuer {
        Some(issuer) => compact(issuer).ends_with(line),
        None => false,
    };
    let signed = lines.windows(2).rev().find_map(|pair| {
        parse_date(&pair[1]).filter(|_| ISSUER.is_match(&pair[0]) && is_issuer(&pair[0]))
    });
    let printed = lines.iter().rev().find_map(|line| printed_on(line));
    set(&mut notice.dated, signed.or(printed));
}

/// Longer lines that end in 印发 are sentences.
const MAX_PRINTED_BYTES: usize = 240;

/// Returns the day on which a line says that the document was printed and sent: 2022年7月20日印发, alone or
/// behind the name of the office.
fn printed_on(line: &str) -> Option<NaiveDate> {
    let text = line.strip_suffix("印发").filter(|text| text.len() <= MAX_PRINTED_BYTES)?;
    let starts = text.char_indices().map(|(at, _)| at);
    starts.into_iter().find_map(|at| {
        let date = parse_date(&text[at..])?;
        (at == 0 || ISSUER.is_match(&text[..at])).then_some(date)
    })
}

fn set<T>(part: &mut Option<T>, value: Option<T>) {
    if part.is_none() {
        *part = value;
    }
}

/// Gives a document number the brackets of the standard: 〔2021〕, whatever was typed.
fn restore_brackets(number: &str) -> String {
    number.replace(['(', '['], "〔").replace([')', ']'], "〕")
}

/// Returns the date that is all that a line holds.
pub(super) fn date_of_line(line: &str) -> Option<NaiveDate> {
    parse_date(&compact(line))
}

/// Reads a date that is all that a text holds, in digits or Chinese numerals.
fn parse_date(text: &str) -> Option<NaiveDate> {
    let day = TIME_OF_DAY.captures(text).and_then(|found| found.get(1));
    let in_digits = normalise_times(day.map_or(text, |day| day.as_str()));
    let found = DATE.captures(&in_digits)?;
    let part = |group: usize| found[group].parse::<u32>().ok();
    NaiveDate::from_ymd_opt(found[1].parse().ok()?, part(2)?, part(3)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::parse_document;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let notice = read_notice(&parse_document(text.as_bytes(), "a.txt").unwrap().blocks);
        let date = |date: Option<NaiveDate>| date.map_or_else(String::new, |date| date.to_string());
        let shown = [
            notice.document_number.unwrap_or_default(),
            notice.issuer.unwrap_or_default(),
            notice.title.unwrap_or_default(),
            date(notice.dated),
            date(notice.published_on),
        ];
        assert_eq!(shown.join("|"), expected);
    }

    #[test]
    fn labels_that_run_into_each_other_come_apart() {
        check(
            "索 引 号 :015/2021-1发文字号 :青政办函〔2021〕185号\n发布机构 :青海省人民政府办公厅公文时效 :有效\n主题分类 :综合政务成文日期 :2021-11-24\n",
            "青政办函〔2021〕185号|青海省人民政府办公厅||2021-11-24|",
        );
    }

    #[test]
    fn unlabelled_heads_are_known_by_their_form() {
        check(
            "青海省人民政府办公厅\n关于某项工作进展情况的通报\n青政办函(2021)185号\n根据《通知》(青政办〔2019〕68号)要求\n青海省人民政府办公厅\n2021年11月24日\n",
            "青政办函〔2021〕185号|青海省人民政府办公厅|关于某项工作进展情况的通报|2021-11-24|",
        );
    }

    #[test]
    fn a_page_says_when_it_was_published_with_the_time_of_day() {
        check("发布时间：2021-12-01 10:30\n", "||||2021-12-01");
        check("发布时间：2021-12-01\n", "||||2021-12-01");
        // Which digits are the day's is not said.
        check("发布时间：2021-12-1 19:30\n", "||||");
    }

    #[test]
    fn a_title_may_begin_with_its_issuer() {
        check(
            "青海省人民政府办公厅关于政务服务“一网通办”工作进展情况的通报\n青政办函〔2021〕185号\n",
            "青政办函〔2021〕185号|青海省人民政府办公厅|青海省人民政府办公厅关于政务服务“一网通办”工作进展情况的通报||",
        );
    }

    #[test]
    fn a_long_title_is_set_in_lines() {
        check(
            "青政办函〔2021〕185号\n\n青海省人民政府办公厅\n关于政务服务“一网通办、一事通办”\n工作进展情况的通报\n\n各单位：\n",
            "青政办函〔2021〕185号|青海省人民政府办公厅|关于政务服务“一网通办、一事通办”工作进展情况的通报||",
        );
        // A sentence that begins like one is none.
        check("关于此事，另行通知。\n各单位的报告\n", "||||");
    }

    #[test]
    fn dates_in_chinese_numerals_are_dates() {
        check(
            "青海省人民政府办公厅\n二〇二一年十一月二十四日\n",
            "|青海省人民政府办公厅||2021-11-24|",
        );
        check("成文日期：二○二一年十二月三日\n", "|||2021-12-03|");
    }

    #[test]
    fn the_date_of_signature_may_stand_below_the_annex() {
        let head = "青海省人民政府办公厅关于数据汇聚情况的通报\n青政办〔2022〕5号\n各市州：\n";
        let table = "附件1\n单位\t办件数据汇聚量(条)\n省公安厅\t1200\n省民政厅\t16\n\n";
        let with = |above: &str, below: &str, date: &str| {
            let found =
                "青政办〔2022〕5号|青海省人民政府办公厅|青海省人民政府办公厅关于数据汇聚情况的通报";
            check(&format!("{head}{above}{table}{below}"), &format!("{found}|{date}|"));
        };
        with("", "青海省人民政府办公厅\n2022年7月20日\n", "2022-07-20");
        with("", "青海省人民政府办公厅\n二〇二二年七月二十日\n（此件公开发布）\n", "2022-07-20");
        with("青海省人民政府办公厅\n2022年7月20日印发\n", "", "2022-07-20");
        with("", "青海省人民政府办公厅　　2022年7月20日印发\n", "2022-07-20");
        // The date of signature comes before that of 印发.
        with("2022年7月18日\n", "青海省人民政府办公厅 2022年7月20日印发\n", "2022-07-18");
        // Another one's signature, or a day without any, is not the issuer's.
        with("", "青海省公安厅\n2022年7月20日\n", "");
        with("", "数据截至\n2022年7月20日\n", "");
    }

    #[test]
    fn numbers_and_dates_inside_sentences_are_not_taken() {
        check("按照发文字号：青政办〔2019〕68号的要求，2021年1月1日起\n", "||||");
    }
}
