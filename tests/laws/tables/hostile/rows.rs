//! Rows that are no members of a table, and headers that come again.

use super::super::document::Doubt;
use super::draft::{Draft, ExtraRow, plain};

/// Labels of rows that are no department.
const LABELS: [&str; 42] = [
    "平均",
    "平均值",
    "平均数",
    "户均",
    "其中：移动端",
    "其中",
    "其中：网上办理",
    "占比",
    "占比（%）",
    "比重",
    "上年同期",
    "去年同期",
    "{P}年同期",
    "同比",
    "同比增减",
    "增幅",
    "环比",
    "小计",
    "省直部门小计",
    "中央驻青单位小计",
    "最高",
    "最低",
    "最大值",
    "中位数",
    "排名",
    "上期",
    "本期",
    "目标值",
    "任务数",
    "其他",
    "其他部门",
    "其余部门",
    "全国平均",
    "西部平均",
    "全省平均",
    "总量",
    "累计",
    "上月累计",
    "本月合计",
    "备注",
    "说明",
    "合计中：省级",
];

/// Headings by which the rows below are something else.
const SECTIONS: [&str; 14] = [
    "日均",
    "应汇聚",
    "上年同期",
    "{P}年同期",
    "单位：万条",
    "其中：移动端",
    "二、未汇聚数据",
    "{P}年",
    "二、{P}年数据",
    "（{P}年1-9月）",
    "任务数",
    "（二）退回数据",
    "西宁市",
    "以下单位：万条",
];

/// Lines where a page ends and the next begins.
const PAGE_ENDS: [&[&str]; 7] = [
    &["— 2 —"],
    &["续表"],
    &["（续表）"],
    &["第2页 共3页"],
    &["附件1（续）"],
    &["2"],
    &["部门数据汇聚情况表（续）"],
];

/// A row with figures of something else.
pub(super) fn no_member(draft: &mut Draft<'_>) {
    let n_extra = draft.chance.between(1, 2);
    for _ in 0..n_extra {
        let n_rows = draft.table.rows.len();
        let at = if draft.chance.in_hundred(40) { n_rows } else { draft.chance.between(0, n_rows) };
        let extra = match draft.chance.below(20) {
            0 if draft.abilities.has_empty_cells => ExtraRow::Blank,
            _ => {
                let label = draft.one_of(&LABELS);
                let is_share = label.contains('比') || label.contains("增幅");
                let n_figures = draft.table.columns.len();
                let mut figures = Vec::new();
                for _ in 0..n_figures {
                    let figure = plain(draft.chance).printed;
                    let is_percent = is_share && draft.chance.in_hundred(60);
                    figures.push(if is_percent { format!("{figure}%") } else { figure });
                }
                draft.doubts.push(Doubt {
                    rows: Some(Vec::new()),
                    words: vec![label.clone()],
                    codes: Vec::new(),
                });
                ExtraRow::Labelled(label, figures)
            }
        };
        draft.edits.rows.push((at, extra));
    }
}

/// A heading that makes the rows below it something else.
pub(super) fn section(draft: &mut Draft<'_>) {
    if !draft.abilities.has_sections {
        return no_member(draft);
    }
    let text = draft.one_of(&SECTIONS);
    // The unit that all of the table has changes nothing.
    if draft.has_unit && text.contains("单位") {
        return;
    }
    let n_rows = draft.table.rows.len();
    let at = draft.chance.between(1, n_rows - 1);
    draft.doubt(Some((at..n_rows).collect()), &[&text]);
    draft.edits.rows.push((at, ExtraRow::Section(text)));
}

/// The header once more, as it was or with two columns in each other's place.
pub(super) fn header_again(draft: &mut Draft<'_>) {
    if draft.edits.page_break.is_some()
        || draft.edits.swapped_from.is_some()
        || !draft.table.groups.is_empty()
    {
        return;
    }
    let Some(at) = middle(draft) else { return };
    let swaps = draft.table.columns.len() > 1
        && draft.table.groups.is_empty()
        && draft.edits.marks.is_empty()
        && draft.chance.in_hundred(35);
    draft.played.push(if swaps { "swapped" } else { "same" }.to_owned());
    draft.edits.swapped_from = swaps.then_some(at);
    draft.edits.rows.push((at, ExtraRow::Header));
}

/// Draws a row with two or more on both sides: fewer are no table that anybody would know.
fn middle(draft: &mut Draft<'_>) -> Option<usize> {
    let n_rows = draft.table.rows.len();
    (n_rows >= 4).then(|| draft.chance.between(2, n_rows - 2))
}

/// The end of a page within the table.
pub(super) fn page_break(draft: &mut Draft<'_>) {
    let has_more = !draft.edits.rows.is_empty() || !draft.edits.marks.is_empty();
    if has_more || draft.edits.swapped_from.is_some() {
        return;
    }
    let Some(at) = middle(draft) else { return };
    let lines: Vec<String> =
        draft.chance.pick(&PAGE_ENDS).iter().map(|line| (*line).to_owned()).collect();
    let has_header = draft.chance.in_hundred(70);
    let swaps = has_header
        && draft.table.columns.len() > 1
        && draft.table.groups.is_empty()
        && draft.chance.in_hundred(30);
    draft.played.push(format!("{lines:?} header {has_header} swapped {swaps}"));
    draft.edits.swapped_from = swaps.then_some(at);
    draft.edits.page_break = Some((at, lines, has_header));
}
