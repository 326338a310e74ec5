//! Grids with what stands around them: title, period line, unit line above, notes below.

use std::sync::LazyLock;

use regex::Regex;

use crate::annex::period::{find_period, has_open_start};
use crate::model::Period;
use crate::source::{Block, Grid, Paragraph};

/// A grid and the paragraphs that belong to it.
#[derive(Debug, Clone)]
pub(super) struct AnnexTable<'a> {
    /// Title; empty where there is none.
    pub(super) title: String,
    /// Period printed above the grid, on a line of its own.
    pub(super) period: Option<Period>,
    /// A line above the grid that speaks of a period, but not in words that are understood.
    pub(super) unread_period: Option<Paragraph>,
    /// The line with the period, where it says only when the period ends.
    pub(super) open_period: Option<Paragraph>,
    /// Period printed in the title.
    pub(super) title_period: Option<Period>,
    /// Unit printed above the grid, as 万条.
    pub(super) unit: Option<String>,
    /// The cells.
    pub(super) grid: &'a Grid,
    /// The notes below, one per item, numbers removed.
    pub(super) notes: Vec<Paragraph>,
}

static ANNEX_MARK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^附(?:件|表)\s*[\d一二三四五六七八九十]*\s*[:：]?$").expect("constant")
});
static NOTE_START: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^(?:备\s*注|注|说\s*明)\s*[:：]\s*").expect("constant"));
static NOTE_ITEM: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[\((（]?\d{1,2}[\)）.．、]").expect("constant"));
static UNIT_LINE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:^|[\s(（,，;；])(?:计量)?单\s*位\s*[:：]\s*([^\s,，;；)）]+)")
        .expect("constant")
});

/// Longer paragraphs above a grid are prose, not captions.
const MAX_CAPTION_CHARS: usize = 80;
/// More paragraphs than this above a grid are not searched for captions.
const MAX_CAPTIONS: usize = 4;

/// Returns every grid with what belongs to it, in order.
pub(super) fn find_tables(blocks: &[Block]) -> Vec<AnnexTable<'_>> {
    let mut tables = Vec::new();
    let mut above: Vec<&Paragraph> = Vec::new();
    let mut idx = 0;
    while idx < blocks.len() {
        match &blocks[idx] {
            Block::Paragraph(paragraph) => above.push(paragraph),
            Block::Grid(grid) => {
                let below = blocks[idx + 1..].iter().map_while(|block| match block {
                    Block::Paragraph(paragraph) => Some(paragraph),
                    Block::Grid(_) => None,
                });
                let (notes, n_taken) = take_notes(below);
                let table = framed(grid, &above, notes);
                tables.push(if above.is_empty() { under(tables.last(), table) } else { table });
                above.clear();
                idx += n_taken;
            }
        }
        idx += 1;
    }
    tables
}

fn framed<'a>(grid: &'a Grid, above: &[&Paragraph], notes: Vec<Paragraph>) -> AnnexTable<'a> {
    let captions = captions(above);
    // A unit that is not understood is kept: its columns are refused rather than read unscaled.
    let unit = captions
        .iter()
        .rev()
        .find_map(|caption| Some(UNIT_LINE.captures(caption)?.get(1)?.as_str().to_owned()));
    let is_title = |caption: &&str| {
        let without_unit = UNIT_LINE.replace(caption, "");
        let is_unit = without_unit.trim_matches(PUNCTUATION).is_empty();
        !is_unit && !is_period_line(caption) && !speaks_of_period(caption)
    };
    // Below the mark of an annex its title comes first; without one, the nearest caption is it.
    let has_mark = above.iter().rev().take(MAX_CAPTIONS + 1).any(|p| ANNEX_MARK.is_match(&p.text));
    let mut titles = captions.iter().copied().filter(|caption| is_title(caption));
    let title = if has_mark { titles.next() } else { titles.next_back() };
    let title = title.map(str::to_owned).or_else(|| grid.name.clone()).unwrap_or_default();
    let mut other_captions = captions.iter().rev().filter(|caption| **caption != title);
    let period = other_captions.find_map(|caption| find_period(caption));
    let unread_period = above.iter().rev().take(MAX_CAPTIONS).find(|paragraph| {
        let text = paragraph.text.as_str();
        captions.contains(&text) && speaks_of_period(text) && find_period(text).is_none()
    });
    let open_period = above.iter().rev().take(MAX_CAPTIONS).find(|paragraph| {
        captions.contains(&paragraph.text.as_str()) && has_open_start(&paragraph.text)
    });
    AnnexTable {
        unread_period: unread_period.map(|paragraph| (*paragraph).clone()),
        open_period: open_period.map(|paragraph| (*paragraph).clone()),
        title_period: find_period(&title),
        title,
        period,
        unit,
        grid,
        notes,
    }
}

/// Whether a caption is meant to say which time the figures are about.
fn speaks_of_period(caption: &str) -> bool {
    let text = caption.trim_start_matches(['(', '（']);
    ["统计时间", "统计期", "时间", "截至", "截止", "数据时间", "数据截"]
        .iter()
        .any(|start| text.starts_with(start))
        || caption.contains("以来")
}

/// A table right below another one stands under the same heading.
fn under<'a>(before: Option<&AnnexTable<'a>>, table: AnnexTable<'a>) -> AnnexTable<'a> {
    let Some(before) = before else { return table };
    AnnexTable { grid: table.grid, notes: table.notes, ..before.clone() }
}

/// Whether a caption says nothing but a period.
fn is_period_line(caption: &str) -> bool {
    let words = ["统计时间", "统计期间", "统计周期", "数据时间", "时间", "期间", "截至", "截止"];
    let text = caption.trim_start_matches(PUNCTUATION);
    let is_bracketed = caption.starts_with(['(', '（']) && caption.ends_with([')', '）']);
    find_period(caption).is_some()
        && (is_bracketed || words.iter().any(|word| text.starts_with(word)))
}

/// Marks around and between the parts of a caption.
const PUNCTUATION: &[char] =
    &['(', ')', '（', '）', ':', '：', ',', '，', ';', '；', ' ', '\u{3000}', '、'];

/// Returns the short paragraphs right above a grid, down from the mark of the annex if there is one.
fn captions<'a>(above: &[&'a Paragraph]) -> Vec<&'a str> {
    let near = above.iter().rev().take(MAX_CAPTIONS).map(|paragraph| paragraph.text.as_str());
    let mut captions: Vec<&str> = near
        .take_while(|text| !ANNEX_MARK.is_match(text))
        .take_while(|text| text.chars().count() <= MAX_CAPTION_CHARS && !text.ends_with('。'))
        .collect();
    captions.reverse();
    captions
}

/// Takes the notes off the paragraphs below a grid; also returns how many paragraphs they were.
///
/// Notes begin with 备注 or 注 and go on while paragraphs are numbered.
fn take_notes<'a>(below: impl Iterator<Item = &'a Paragraph>) -> (Vec<Paragraph>, usize) {
    let mut notes = Vec::new();
    let mut n_taken = 0;
    for paragraph in below {
        let start = NOTE_START.find(&paragraph.text);
        if start.is_none() && (n_taken == 0 || !NOTE_ITEM.is_match(&paragraph.text)) {
            break;
        }
        let text = &paragraph.text[start.map_or(0, |found| found.end())..];
        let items = split_items(text);
        notes.extend(items.into_iter().map(|text| Paragraph { text, spot: paragraph.spot }));
        n_taken += 1;
    }
    (notes, n_taken)
}

/// Splits `1.…。2.…。` at its running numbers. A decimal is no running number.
fn split_items(text: &str) -> Vec<String> {
    let mut starts = Vec::new();
    let mut from = 0;
    for number in 1.. {
        let Some((at, after)) = find_item(text, from, number) else { break };
        starts.push((at, after));
        from = after;
    }
    if starts.is_empty() {
        let item = NOTE_ITEM.find(text).map_or(0, |found| found.end());
        return vec![text[item..].trim().to_owned()];
    }
    let before = text[..starts[0].0].trim();
    let mut items: Vec<String> = Vec::new();
    items.extend((!before.is_empty()).then(|| before.to_owned()));
    for (idx, (_, after)) in starts.iter().enumerate() {
        let end = starts.get(idx + 1).map_or(text.len(), |(at, _)| *at);
        items.push(text[*after..end].trim().to_owned());
    }
    items
}

/// Finds the running number of an item at the beginning of a sentence, from a byte position on.
fn find_item(text: &str, from: usize, number: usize) -> Option<(usize, usize)> {
    let digits = number.to_string();
    text[from..].match_indices(&digits).find_map(|(offset, _)| {
        let at = from + offset;
        let after = at + digits.len();
        let starts_sentence =
            text[..at].trim_end().chars().last().is_none_or(|c| "。；;:：.!".contains(c));
        let mark = text[after..].chars().next().filter(|c| ".．、".contains(*c))?;
        let after = after + mark.len_utf8();
        let is_decimal = text[after..].starts_with(|c: char| c.is_ascii_digit());
        (starts_sentence && !is_decimal).then_some((at, after))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::parse_document;

    const GRID: &str = "序号\t部门\t甲\n1\t省水利厅\t4\n2\t合计\t4\n";

    #[track_caller]
    fn check(before: &str, after: &str, expected: &str) {
        let text = format!("{before}\n{GRID}{after}");
        let document = parse_document(text.as_bytes(), "a.txt").unwrap();
        let table = &find_tables(&document.blocks)[0];
        let period = table.period.or(table.title_period);
        let period = period.map(|period| period.to_string()).unwrap_or_default();
        let notes: Vec<&str> = table.notes.iter().map(|note| note.text.as_str()).collect();
        let unit = table.unit.clone().unwrap_or_default();
        assert_eq!(format!("{}|{period}|{unit}|{}", table.title, notes.join("/")), expected);
    }

    #[test]
    fn title_period_and_unit_stand_above() {
        check(
            "附件2\n汇聚情况表\n(统计时间:2021年1月1日—9月30日)",
            "",
            "汇聚情况表|2021-01-01..2021-09-30||",
        );
        check(
            "附件\n2023年1-3月办件情况\n单位：万件",
            "",
            "2023年1-3月办件情况|2023-01-01..2023-03-31|万件|",
        );
        check("前面是一段话。\n汇聚情况表", "", "汇聚情况表|||");
        check("青海省人民政府办公厅\n热线情况表\n单位：件", "", "热线情况表||件|");
    }

    #[test]
    fn notes_come_apart_at_their_numbers() {
        check(
            "表",
            "备注:1.不含3.5版。2.全部退回，共2.1万条。\n附件2\n",
            "表|||不含3.5版。/全部退回，共2.1万条。",
        );
        check("表", "注：一句话。\n2.另一句。\n别的段落\n", "表|||一句话。/另一句。");
    }
}
