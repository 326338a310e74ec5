//! Units in words, at any place where people write them.

use super::super::chance::Chance;
use super::super::document::{Column, Doubt};
use super::super::figures::{Figure, decimal};
use super::draft::{Draft, TimePlace, total_of};

/// Lines above a table by which its figures are in ten thousands.
const CAPTIONS: [&str; 30] = [
    "数据以万条为单位",
    "（数据以万条为单位）",
    "数据单位为万条",
    "计量单位：万条",
    "单位（万条）",
    "单位:万条",
    "单位 万条",
    "（单位：万条）",
    "统计单位：万条",
    "以下数据均以万条计",
    "数量单位：万条",
    "数据量单位：万条",
    "万条",
    "(万条)",
    "单位：万",
    "计量单位：万",
    "以“万条”为单位",
    "单位：10,000条",
    "单位：10000条",
    "单位：一万条",
    "数据单位万条",
    "单位均为万条",
    "（以万条计）",
    "表中数据为万条",
    "单位为：万条",
    "单位－万条",
    "单位：万 条",
    "单位：（万条）",
    "单位：万条 填报人：张三",
    "填报单位：省政务局 单位：万条",
];

/// Lines with the time of the table and a unit behind it.
const BEHIND_TIME: [&str; 10] = [
    "（{T}，万条）",
    "({T} 万条)",
    "（{T}；单位：万条）",
    "统计时间：{T}（万条）",
    "{T}（单位：万条）",
    "{T} 单位：万条",
    "统计时间：{T}，单位：万条",
    "（{T}，以万条计）",
    "（{T}、万条）",
    "（{T}/万条）",
];

/// Titles with a unit.
const TITLES: [&str; 8] = [
    "{t}（万条）",
    "{t}（单位：万条）",
    "{t}（以万条计）",
    "{t}(万条)",
    "{t} 单位：万条",
    "{t}（数据以万条为单位）",
    "{t}[万条]",
    "{t}（万）",
];

/// Labels with a unit.
const LABELS: [&str; 27] = [
    "{l}/万条",
    "{l}（万条）",
    "{l}[万条]",
    "{l}【万条】",
    "{l}，万条",
    "{l}-万条",
    "{l}(单位:万条)",
    "{l}（以万条计）",
    "{l} 万条",
    "{l}_万条",
    "{l}：万条",
    "{l}万条",
    "{l}\n万条",
    "{l}\n（万条）",
    "{l}（万）",
    "{l}/万",
    "{l}〔万条〕",
    "{l}<万条>",
    "（万条）{l}",
    "{l}（单位万条）",
    "{l}（ 万条 ）",
    "{l}（万条",
    "{l}(×万条)",
    "{l}·万条",
    "{l}／万条",
    "{l}（万条）①",
    "{l}（万条/年）",
];

/// Lines below a table by which its figures are in ten thousands.
const NOTES: [&str; 15] = [
    "注：数据单位为万条。",
    "注：以上数据以万条为单位。",
    "备注：单位：万条",
    "说明：1.表中数据均为万条。2.合成数据。",
    "注：表内数字单位：万条",
    "注：万条。",
    "注：1.合成数据。2.单位万条。",
    "注：本表数据均以万条计。",
    "备注：计量单位为万条，保留整数。",
    "*数据单位：万条",
    "数据单位：万条",
    "以上单位均为万条",
    "以上数据以万条为单位。",
    "（单位：万条）",
    "单位：万条",
];

/// Sizes of a unit that is counted in something else than ten thousands.
const SCALES: [(&str, i32); 6] =
    [("千条", 3), ("百万条", 6), ("亿条", 8), ("百条", 2), ("十万条", 5), ("萬條", 4)];

/// Makes all columns such that are counted in 条 and so many times larger than they are printed;
/// returns a text with the unit of that size. `None` where the table cannot be changed any more.
fn scaled(draft: &mut Draft<'_>, texts: &[&str]) -> Option<String> {
    let is_of_rows = |column: &Column| column.style.unit == "条";
    if draft.is_settled() || !draft.table.columns.iter().any(is_of_rows) {
        return None;
    }
    draft.has_unit = true;
    draft.table.columns.retain(is_of_rows);
    let n_columns = draft.table.columns.len();
    let text = draft.one_of(texts);
    let is_fixed = !text.contains("万条") || text.contains("万条/") || text.contains("一万条");
    let (unit, exponent) = if is_fixed || draft.chance.in_hundred(85) {
        ("万条", 4)
    } else {
        *draft.chance.pick(&SCALES)
    };
    draft.played.push(unit.to_owned());
    // Where rows are cut off between a table and its note, a finding names the unit.
    let codes = vec!["unit.in_text"];
    draft.doubts.push(Doubt { rows: None, words: Vec::new(), codes });
    for column in &mut draft.table.columns {
        column.style.exponent = exponent;
    }
    for row in &mut draft.table.rows {
        row.figures.truncate(n_columns);
        for figure in &mut row.figures {
            *figure = Figure { is_doubtful: figure.is_doubtful, ..small(draft.chance) };
        }
    }
    if let Some(total) = &mut draft.table.total {
        *total = total_of(&draft.table.rows);
    }
    Some(text.replace("万条", unit))
}

/// A figure that is printed in ten thousands: often a whole number, which gives nothing away.
fn small(chance: &mut Chance) -> Figure {
    let whole = i64::try_from(chance.between(1, 900)).expect("it is small");
    if chance.in_hundred(70) {
        return Figure::new(whole.to_string(), whole * 100);
    }
    Figure::new(decimal(whole, 2), whole)
}

/// A line above the table.
pub(super) fn unit_in_caption(draft: &mut Draft<'_>) {
    if let Some(line) = scaled(draft, &CAPTIONS) {
        draft.add_line(line);
    }
}

/// The line with the time.
pub(super) fn unit_behind_time(draft: &mut Draft<'_>) {
    if draft.time_place != TimePlace::Caption {
        return unit_in_caption(draft);
    }
    let Some(line) = scaled(draft, &BEHIND_TIME) else { return };
    let time = draft.time.clone();
    draft.lines.retain(|known| !known.contains(&time));
    draft.add_line(line);
}

/// The title.
pub(super) fn unit_in_title(draft: &mut Draft<'_>) {
    if let Some(text) = scaled(draft, &TITLES) {
        draft.title = text.replace("{t}", &draft.title);
    }
}

/// The labels of the columns.
pub(super) fn unit_in_header(draft: &mut Draft<'_>) {
    let breaks = draft.abilities.breaks_labels;
    let labels: Vec<&str> =
        LABELS.into_iter().filter(|label| breaks || !label.contains('\n')).collect();
    let Some(text) = scaled(draft, &labels) else { return };
    for column in &mut draft.table.columns {
        column.label = text.replace("{l}", &column.label);
    }
}

/// A line below the table.
pub(super) fn unit_in_note(draft: &mut Draft<'_>) {
    let Some(line) = scaled(draft, &NOTES) else { return };
    if line.starts_with(['注', '备', '说']) {
        draft.table.notes.push(line);
    } else {
        draft.edits.below.push(line);
    }
}

/// One unit for some columns and another one for the others.
pub(super) fn two_units(draft: &mut Draft<'_>) {
    if draft.table.columns.len() < 2 || draft.is_settled() {
        return unit_in_header(draft);
    }
    draft.has_unit = true;
    let is_of_rows = |unit: &str| unit == "条";
    let label = draft.table.columns[0].label.clone();
    let unit = draft.table.columns[0].style.unit.clone();
    match draft.chance.below(5) {
        0 => {
            let line = format!("单位：万{unit}");
            let columns = &mut draft.table.columns;
            columns[0].style.exponent = 4;
            for column in &mut columns[1..] {
                column.label = format!("{}（{}）", column.label, column.style.unit);
            }
            draft.add_line(line);
        }
        1 => {
            draft.table.columns[0].style.exponent = 4;
            draft.table.columns[0].label = format!("{label}（万{unit}）");
        }
        2 if draft.table.columns.iter().any(|column| !is_of_rows(&column.style.unit)) => {
            for column in &mut draft.table.columns {
                column.style.exponent = if is_of_rows(&column.style.unit) { 4 } else { 0 };
            }
            draft.add_line("单位：万条、项".to_owned());
        }
        3 => {
            draft.table.columns[0].style.exponent = 4;
            draft.table.notes.push(format!("注：{label}以万{unit}为单位。"));
        }
        _ => {
            draft.table.columns[0].style.exponent = 4;
            let line = format!("单位：万{unit}（{label}）");
            draft.add_line(line);
        }
    }
}
