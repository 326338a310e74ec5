//! Tables with a header in levels: labels that stand over several columns.

use chrono::{Datelike, NaiveDate};
use tongban::model::Period;

use super::document::{Column, Document, Kind, Table};
use super::maker::{KnownIndicator, Maker, series};
use super::saved::{Saved, SavedColumn, list, quoted};
use super::times::{ColumnTime, TableTime, some_period};

/// How a format prints a header in levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HeaderForm {
    /// It has none.
    Flat,
    /// Labels reach over columns.
    Spans,
    /// Labels stand over their first column, with blank cells behind them.
    Blanks,
    /// Labels stand one behind the other, without blank cells.
    Lost,
}

const TITLE: &str = "合成数据分项表";

/// Labels that group columns and say nothing else.
const GROUPS: [&str; 5] =
    ["数据对接和汇聚情况", "政务服务工作进展情况", "对接情况", "数据汇聚情况", "业务办理系统情况"];

/// Labels that make another measure of those below them.
const OTHER_MEASURES: [&str; 5] = ["上年同期", "目标值", "其中：移动端", "同比增加", "全国"];

/// Labels that only a saved layout knows.
const OWN_LABELS: [&str; 8] =
    ["受理数", "办结数", "接入数", "好评数", "推送数", "退件数", "开通数", "评价数"];

/// The parts of a table with a header in levels.
#[derive(Default)]
struct Parts {
    columns: Vec<Column>,
    groups: Vec<(String, usize)>,
    /// The indicator of each column.
    indicators: Vec<String>,
}

impl Maker<'_> {
    /// Adds a table with a header in levels, and the saved layout that has its places, where there is
    /// one.
    pub(super) fn add_levels(
        &mut self,
        document: &mut Document,
        dated: NaiveDate,
        header: HeaderForm,
    ) {
        let frame = self.frame(TITLE, dated, None);
        let n_columns = self.chance.between(2, 6);
        let known = self.chance.some(&self.indicators.clone(), n_columns);
        let mut parts = Parts::default();
        if self.chance.in_hundred(15) {
            self.add_two_times(&known[..known.len().min(3)], frame.time, &mut parts);
        } else {
            let mut rest = known.as_slice();
            while !rest.is_empty() {
                let n_members = self.chance.between(1, rest.len().min(3));
                let (members, behind) = rest.split_at(n_members);
                self.add_group(members, frame.time, &mut parts);
                rest = behind;
            }
        }
        let has_others = parts.columns.iter().any(|column| column.series.is_none());
        if has_others || header == HeaderForm::Lost {
            document.refusals.extend(["annex.unknown", "annex.period_unclear"]);
        }
        let is_by_layout = document.kind == Kind::LevelsByLayout;
        if is_by_layout && self.chance.in_hundred(40) {
            rename(&mut parts.columns);
        }
        let Parts { columns, groups, indicators } = parts;
        let n_rows = *self.chance.pick(&[3, 4, 6, 10]);
        let table =
            Table { groups, has_layout: is_by_layout, ..self.table(frame, columns, n_rows) };
        if is_by_layout {
            let saved = self.layout_of_levels(&table, &indicators, header);
            document.layouts.push(("levels".to_owned(), saved.text()));
        }
        document.tables.push(table);
    }

    fn add_group(&mut self, members: &[KnownIndicator], time: TableTime, parts: &mut Parts) {
        let mut columns: Vec<Column> =
            members.iter().map(|known| self.column(known, time, (None, 0))).collect();
        parts.indicators.extend(members.iter().map(|known| known.id.clone()));
        let has_year = columns.iter().any(|column| column.label.contains('年'));
        let has_unit = columns.iter().any(|column| column.label.ends_with([')', '）']));
        let shares_unit = members.iter().all(|known| known.unit == members[0].unit);
        let label = match self.chance.below(100) {
            0..12 if !has_year => {
                let (period, text) = some_period(self.chance, time.dated.year());
                let time = TableTime { printed: Some(period), is_in_title: false, ..time };
                for (column, known) in columns.iter_mut().zip(members) {
                    let of_column = series(&known.id, known.kind, time, ColumnTime::default());
                    column.series = Some(of_column);
                }
                text
            }
            12..24 if !has_unit && shares_unit => {
                for column in &mut columns {
                    column.style.exponent = 4;
                }
                format!("{}(万{})", self.chance.pick(&GROUPS), members[0].unit)
            }
            24..28 => {
                for column in &mut columns {
                    column.series = None;
                }
                (*self.chance.pick(&OTHER_MEASURES)).to_owned()
            }
            28..60 if members.len() == 1 => String::new(),
            _ => (*self.chance.pick(&GROUPS)).to_owned(),
        };
        parts.columns.extend(columns);
        parts.groups.push((label, members.len()));
    }

    /// The same columns twice, below the same days of two years.
    fn add_two_times(&mut self, members: &[KnownIndicator], time: TableTime, parts: &mut Parts) {
        let year = time.dated.year();
        let mut columns: Vec<(Column, &KnownIndicator)> = Vec::new();
        for known in members {
            let column = self.column(known, time, (None, 0));
            if !column.label.contains('年') {
                columns.push((column, known));
            }
        }
        if columns.is_empty() {
            self.add_group(members, time, parts);
            return;
        }
        for year in [year - 1, year] {
            let day = |month, day| {
                NaiveDate::from_ymd_opt(year, month, day).expect("every year has that day")
            };
            let period = Period::between(day(1, 1), day(3, 31));
            let time = TableTime { printed: period, is_in_title: false, ..time };
            for (column, known) in &columns {
                let of_column = series(&known.id, known.kind, time, ColumnTime::default());
                parts.columns.push(Column { series: Some(of_column), ..column.clone() });
                parts.indicators.push(known.id.clone());
            }
            parts.groups.push((format!("{year}年1-3月"), columns.len()));
        }
    }

    /// The layout of a table; where blanks are lost it has the place of every column, now and then
    /// that of another one.
    fn layout_of_levels(
        &mut self,
        table: &Table,
        indicators: &[String],
        header: HeaderForm,
    ) -> Saved {
        let mut saved = Saved {
            recognise: vec![format!("title = {}", quoted(TITLE))],
            table: vec!["header_rows = 2".to_owned()],
            ..Saved::default()
        };
        if self.chance.in_hundred(30)
            && let Some((label, _)) = table.groups.iter().find(|(label, _)| is_known_by(label))
        {
            saved.recognise.push(format!("columns = {}", list(std::slice::from_ref(label))));
        }
        if table.has_running_numbers {
            saved.columns.push(SavedColumn::role("序号", "running_number"));
        }
        saved.columns.push(SavedColumn::role(&table.row_labels[0], "department"));
        let columns = table.columns.iter().zip(indicators);
        saved.columns.extend(columns.map(|(column, indicator)| {
            let (name, _) = name_and_unit(&column.label);
            SavedColumn::indicator(vec![name.to_owned()], indicator)
        }));
        if header == HeaderForm::Lost || self.chance.in_hundred(30) {
            let places: Vec<usize> = (1..=saved.columns.len()).collect();
            for (column, place) in saved.columns.iter_mut().zip(places) {
                column.position = Some(place);
            }
            let n_columns = saved.columns.len();
            if self.chance.in_hundred(10) {
                saved.columns[n_columns - 2].position = Some(n_columns);
                saved.columns[n_columns - 1].position = Some(n_columns - 1);
            }
        }
        saved
    }
}

/// Whether a table may be recognised by the label of a group: a layout that names one of another measure
/// says that it knows what is meant.
fn is_known_by(label: &str) -> bool {
    !label.is_empty() && !OTHER_MEASURES.contains(&label)
}

/// Gives columns labels that only a saved layout knows, their units kept.
fn rename(columns: &mut [Column]) {
    let mut known: Vec<String> = Vec::new();
    // A label with a year says more than a name.
    for column in columns.iter_mut().filter(|column| !column.label.contains('年')) {
        let (name, unit) = name_and_unit(&column.label);
        let at = known.iter().position(|other| other == name).unwrap_or(known.len());
        if at == known.len() {
            known.push(name.to_owned());
        }
        column.label = format!("{}{unit}", OWN_LABELS[at % OWN_LABELS.len()]);
    }
}

/// Parts a label from the brackets at its end.
fn name_and_unit(label: &str) -> (&str, &str) {
    let at = label.rfind(['(', '（']).filter(|_| label.ends_with([')', '）']));
    label.split_at(at.unwrap_or(label.len()))
}
