//! Lines of a text and what can be said of each on its own.

use unicode_normalization::UnicodeNormalization;

use crate::model::Spot;

/// One line of a text, or one paragraph of a document, as it stands. Not blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::source) struct TextLine {
    /// The text, white space at its ends included: a tab there is an empty cell.
    pub(in crate::source) text: String,
    /// Where it stands.
    pub(in crate::source) spot: Spot,
}

impl TextLine {
    /// Cuts a text into its lines, leaving out blank ones. `\n`, `\r\n`, `\r` and form feeds end one.
    pub(in crate::source) fn all(text: &str) -> Vec<Self> {
        let mut lines = Vec::new();
        let mut rest = text;
        let mut number = 1;
        while !rest.is_empty() {
            let end = rest.find(['\n', '\r', '\u{c}']).unwrap_or(rest.len());
            let (line, tail) = rest.split_at(end);
            if !line.trim().is_empty() {
                lines.push(Self { text: line.to_owned(), spot: Spot::line(number) });
            }
            rest = tail
                .strip_prefix("\r\n")
                .unwrap_or_else(|| tail.strip_prefix(['\n', '\r', '\u{c}']).unwrap_or(tail));
            number += usize::from(!tail.starts_with('\u{c}'));
        }
        lines
    }
}

/// One line that is not blank, cut at its tabs.
#[derive(Debug, Clone)]
pub(super) struct Line<'a> {
    /// Where it stands.
    pub(super) spot: Spot,
    /// The text without white space at its ends.
    pub(super) text: &'a str,
    /// The cells, each without white space at its ends; one where the line has no tab.
    pub(super) cells: Vec<&'a str>,
}

/// First words of a paragraph that never belongs to the table above it.
const AFTER_TABLE: [&str; 6] = ["备注", "注:", "注：", "说明", "附件", "附表"];

/// First words of a note even where the line has tabs.
const NOTES: [&str; 4] = ["备注:", "备注：", "注:", "注："];

/// First labels of a header row: the running number or the row dimension.
const HEADER_STARTS: [&str; 12] = [
    "序号",
    "编号",
    "部门",
    "单位",
    "部门名称",
    "单位名称",
    "部门单位",
    "地区",
    "市州",
    "区域",
    "名称",
    "机构",
];

impl<'a> Line<'a> {
    /// Cuts a line at its tabs.
    pub(super) fn of(line: &'a TextLine) -> Self {
        let spot = line.spot;
        let line = line.text.as_str();
        // Spaces and ideographic spaces are padding; a tab at either end is an empty cell.
        let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
        let is_indent = line.trim().split('\t').count() == 1 && line.starts_with('\t');
        let cells = if is_indent { vec![line.trim()] } else { cells };
        Self { spot, text: line.trim(), cells }
    }

    pub(super) fn has_tab(&self) -> bool {
        self.cells.len() > 1
    }

    /// Whether the line can begin a grid: at least two cells with text, or a header's first label
    /// whose next cell is broken off.
    pub(super) fn can_begin_grid(&self) -> bool {
        self.cells.iter().filter(|cell| !cell.is_empty()).count() > 1 || self.is_header_like()
    }

    pub(super) fn has_number(&self) -> bool {
        self.cells.iter().any(|cell| is_number_like(cell))
    }

    /// Whether the line reads like the first row of another table.
    pub(super) fn is_header_like(&self) -> bool {
        let first: String = self
            .cells
            .iter()
            .find(|cell| !cell.is_empty())
            .unwrap_or(&"")
            .split_whitespace()
            .collect();
        self.has_tab() && !self.has_number() && HEADER_STARTS.contains(&first.as_str())
    }

    /// Whether the line is nothing but a label that begins headers.
    pub(super) fn is_header_start(&self) -> bool {
        let label: String = self.text.split_whitespace().collect();
        !self.has_tab() && HEADER_STARTS.contains(&label.as_str())
    }

    /// Whether the first word of the line, or the first two together, are a label that begins
    /// headers: 单 位 is spaced out.
    pub(super) fn begins_with_header_label(&self) -> bool {
        let words: Vec<&str> = self.text.split_whitespace().take(2).collect();
        (1..=words.len()).any(|n| HEADER_STARTS.contains(&words[..n].concat().as_str()))
    }

    /// Whether the line is a note or the head of the next annex.
    pub(super) fn ends_table(&self) -> bool {
        let starts = if self.has_tab() { &NOTES[..] } else { &AFTER_TABLE[..] };
        starts.iter().any(|start| self.text.starts_with(start))
    }

    /// The running number in the first cell, where there is one.
    pub(super) fn running_number(&self) -> Option<u64> {
        parse_running_number(self.cells.first()?)
    }
}

/// Words for the whole of a region, alone or before those for a total.
const WHOLE_REGIONS: [&str; 4] = ["全省", "全市", "全州", "全县"];

/// Labels of rows that add up others.
const TOTAL_LABELS: [&str; 5] = ["合计", "总计", "小计", "总数", "共计"];

/// Whether a cell says that its row adds up others.
pub(super) fn is_total_label(cell: &str) -> bool {
    let label: String = cell.split_whitespace().collect();
    let behind = WHOLE_REGIONS.iter().find_map(|word| label.strip_prefix(word));
    behind == Some("") || TOTAL_LABELS.contains(&behind.unwrap_or(&label))
}

/// Returns the whole number that a cell consists of, in digits of any width.
pub(super) fn parse_running_number(cell: &str) -> Option<u64> {
    cell.nfkc().collect::<String>().parse().ok()
}

/// Words in front of a figure that is not exact.
const BEFORE_FIGURE: [&str; 8] = ["大约", "将近", "超过", "不足", "不到", "约", "近", "超"];
/// What stands behind the digits of a figure: not exact, scaled, in a unit.
const BEHIND_FIGURE: &str = "余多万亿千条件项个次宗封人家户份类元左右以上下";

/// Whether a piece is a figure, so that text next to it is another cell: digits and signs, with the
/// words that figures are printed with, as in 4.9万, 0项 and 近16000多个.
pub(super) fn is_number_like(piece: &str) -> bool {
    let normal: String = piece.nfkc().filter(|c| !c.is_whitespace()).collect();
    let is_digits = |text: &str| {
        !text.is_empty()
            && text
                .chars()
                .all(|c| c.is_ascii_digit() || matches!(c, ',' | '.' | '%' | '-' | '—' | '–' | '/'))
    };
    let before = BEFORE_FIGURE.iter().find_map(|word| normal.strip_prefix(word));
    let digits = before.unwrap_or(&normal).trim_end_matches(|c| BEHIND_FIGURE.contains(c));
    is_digits(&normal) || (is_digits(digits) && digits.contains(|c: char| c.is_ascii_digit()))
}
