//! Tables of targets and scoring rules, which look like data and are none.

use crate::annex::note_words::measure_of_note;
use crate::annex::tables::AnnexTable;

/// Words of such tables.
const WORDS: [&str; 8] =
    ["权重", "计分方法", "计分办法", "评分标准", "评分细则", "扣分标准", "赋分", "分值"];
/// Words in a title by which its figures are planned, expected or changes, and none of this period.
const TITLE_WORDS: [&str; 8] = ["目标", "计划", "预测", "预计", "预期", "增减", "增幅", "变化"];
/// Words in a title by which its figures are another measure than the labels of its columns say, or
/// made up to show a form. A saved layout may say which measure.
const OTHER_MEASURES: [&str; 34] = [
    "任务",
    "增量",
    "净增",
    "下降",
    "差额",
    "缺口",
    "平均",
    "日均",
    "月均",
    "人均",
    "户均",
    "待汇聚",
    "拟汇聚",
    "应汇聚",
    "应归集",
    "应接入",
    "应对接",
    "未汇聚",
    "未归集",
    "未接入",
    "未对接",
    "退回",
    "重复",
    "异常",
    "错误",
    "失败",
    "不合格",
    "抽样",
    "样表",
    "模板",
    "示例",
    "模拟",
    "测试",
    "演练",
];
/// What stands before the name of a measure in a line that says nothing else.
const BEFORE_MEASURE: [&str; 5] = ["指标", "口径", "表中数字为", "表中数据为", "以下为"];

/// What stands behind it.
const AFTER_MEASURE: [&str; 5] = ["数据", "数量", "情况", "数", "量"];

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
    let of_title = of_title.or_else(|| {
        let mut notes = table.notes.iter().filter(|_| !has_layout);
        notes.find_map(|note| measure_of_note(&note.text))
    });
    let of_title = of_title.or_else(|| {
        let mut captions = table.captions.iter().filter(|_| !has_layout);
        captions.find_map(|caption| sole_measure(caption))
    });
    WORDS.into_iter().find(|word| texts.iter().any(|text| text.contains(word))).or(of_title)
}

/// Returns the word by which a heading within a table makes the rows below it another measure.
pub(super) fn measure_of_section(heading: &str) -> Option<&'static str> {
    let words = ["其中", "上年同期", "去年同期"];
    let begins = words.into_iter().find(|word| heading.trim_start().starts_with(word));
    let says_done = heading.contains("完成");
    let mut planned = TITLE_WORDS.into_iter().filter(|_| !says_done);
    let planned = planned.find(|word| heading.contains(word));
    begins.or(planned).or_else(|| OTHER_MEASURES.into_iter().find(|word| heading.contains(word)))
}

/// Returns the measure that a line above a table names and nothing else, as （日均） and 指标：应汇聚.
fn sole_measure(caption: &str) -> Option<&'static str> {
    let is_mark = |c: char| !c.is_alphanumeric();
    let text = caption.trim_matches(is_mark);
    let behind = BEFORE_MEASURE.iter().find_map(|before| text.strip_prefix(before));
    let text = behind.map_or(text, |behind| behind.trim_start_matches(is_mark));
    let shorter = AFTER_MEASURE.iter().filter_map(|end| text.strip_suffix(*end));
    let forms: Vec<&str> = shorter.chain([text]).collect();
    measures().find(|word| forms.contains(word))
}

/// Returns the words by which figures are planned, expected, changes, or another measure.
pub(super) fn measures() -> impl Iterator<Item = &'static str> {
    TITLE_WORDS.into_iter().chain(OTHER_MEASURES)
}

/// Whether a text is one of these words.
pub(super) fn is_measure(text: &str) -> bool {
    measures().any(|word| word == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_names_a_measure_and_nothing_else_is_told_from_others() {
        for (line, word) in [
            ("（日均）", Some("日均")),
            ("——待汇聚", Some("待汇聚")),
            ("指标：增量", Some("增量")),
            ("表中数字为任务数", Some("任务")),
            ("计划数", Some("计划")),
            ("（应汇聚数据）", Some("应汇聚")),
            ("（模拟数据）", Some("模拟")),
            ("不含退回数据", None),
            ("退回数据另计", None),
        ] {
            assert_eq!(sole_measure(line), word, "{line}");
        }
        assert_eq!(measure_of_section("二、未汇聚数据"), Some("未汇聚"));
        assert_eq!(measure_of_section("其中：移动端"), Some("其中"));
        assert_eq!(measure_of_section("三、计划数"), Some("计划"));
        assert_eq!(measure_of_section("同比增减"), Some("增减"));
        assert_eq!(measure_of_section("二、目标值"), Some("目标"));
        assert_eq!(measure_of_section("二、目标任务完成情况"), Some("任务"));
        assert_eq!(measure_of_section("一、省直部门"), None);
        assert_eq!(measure_of_section("二、目标完成情况"), None);
    }
}
