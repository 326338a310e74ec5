//! Tables of targets and scoring rules, which look like data and are none.

use crate::annex::tables::AnnexTable;

/// Words of such tables.
const WORDS: [&str; 8] =
    ["权重", "计分方法", "计分办法", "评分标准", "评分细则", "扣分标准", "赋分", "分值"];
/// Words in a title by which its figures are planned, expected or changes, and none of this period.
const TITLE_WORDS: [&str; 9] =
    ["目标", "计划", "预测", "预计", "预期", "增减", "增幅", "同比变化", "环比变化"];
/// Words in a title by which its figures are another measure than the labels of its columns say, or
/// made up to show a form. A saved layout may say which measure.
const OTHER_MEASURES: [&str; 18] = [
    "任务",
    "增量",
    "日均",
    "月均",
    "应汇聚",
    "应归集",
    "应接入",
    "应对接",
    "未汇聚",
    "未归集",
    "未接入",
    "未对接",
    "退回",
    "重复数据",
    "样表",
    "示例",
    "模拟",
    "测试",
];

/// Rows at the top of a table among which headers stand.
const MAX_HEADER_ROWS: usize = 3;

/// Returns the word by which a table tells how something is scored, instead of figures; `None` for
/// other tables.
pub(super) fn scoring_words(table: &AnnexTable<'_>, has_layout: bool) -> Option<&'static str> {
    let rows = table.grid.rows.iter().take(MAX_HEADER_ROWS);
    let labels = rows.flat_map(|row| &row.cells).map(|cell| cell.text.as_str());
    let around = std::iter::once(table.title.as_str()).chain(table.captions.iter().copied());
    let texts: Vec<String> =
        labels.chain(around).map(|text| text.split_whitespace().collect()).collect();
    let says_done = table.title.contains("完成");
    let of_title = TITLE_WORDS.into_iter().find(|word| !says_done && table.title.contains(word));
    let mut others = OTHER_MEASURES.into_iter().filter(|_| !has_layout);
    let of_title = of_title.or_else(|| others.find(|word| table.title.contains(word)));
    WORDS.into_iter().find(|word| texts.iter().any(|text| text.contains(word))).or(of_title)
}
