//! Labels of columns that are those of another measure.

use super::draft::Draft;

/// Labels that make another measure of a known one; `{l}` is that.
const LABELS: [&str; 26] = [
    "日均{l}",
    "月均{l}",
    "应{l}",
    "未{l}",
    "{l}（增量）",
    "{l}（应汇聚）",
    "{l}（日均）",
    "{l}（目标）",
    "其中：{l}",
    "{l}增幅",
    "{l}占比",
    "{l}同比",
    "{l}排名",
    "上年{l}",
    "{P}年{l}目标",
    "{l}(预计)",
    "{l}目标值",
    "待{l}",
    "{l}缺口",
    "全国{l}",
    "西宁市{l}",
    "{l}（{P}年同期）",
    "上年同期{l}",
    "{l}环比增长",
    "{l}退回",
    "重复{l}",
];

/// Labels above others that make another measure of them.
const ABOVE: [&str; 14] = [
    "应汇聚",
    "日均",
    "上年同期",
    "目标",
    "其中：移动端",
    "同比增加",
    "全国",
    "西宁市",
    "{P}年同期",
    "退回",
    "计划数",
    "增量",
    "不合格数据",
    "样例",
];

/// A label of a column.
pub(super) fn measure_in_label(draft: &mut Draft<'_>) {
    let label = draft.one_of(&LABELS);
    let at = draft.chance.below(draft.table.columns.len());
    let column = &mut draft.table.columns[at];
    column.label = label.replace("{l}", &column.label);
    column.series = None;
}

/// A label above all columns, or some.
pub(super) fn measure_above(draft: &mut Draft<'_>) {
    let is_settled = draft.edits.swapped_from.is_some() || !draft.table.groups.is_empty();
    if draft.abilities.two_levels == 0 || is_settled {
        return;
    }
    let label = draft.one_of(&ABOVE);
    let n_columns = draft.table.columns.len();
    let n_below = draft.chance.between(1, n_columns);
    for column in &mut draft.table.columns[..n_below] {
        column.series = None;
    }
    draft.table.groups.push((label, n_below));
    if n_below < n_columns {
        draft.table.groups.push((String::new(), n_columns - n_below));
    }
}
