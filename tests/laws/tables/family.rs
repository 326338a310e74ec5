//! Tables that only a saved layout can read, with that layout.

use chrono::NaiveDate;
use tongban::model::{Accumulation, Origin, Release};
use tongban::refdata::IndicatorKind;

use super::document::{Column, Document, Kind, Shape, Style, Subject, Table};
use super::maker::{Frame, Maker, PROVINCE, series};
use super::saved::{Saved, SavedColumn, list, quoted};
use super::times::{ColumnTime, Rule, TableTime};

const TITLES: [&str; 4] =
    ["热线办理情况表", "窗口服务统计表", "渠道开通和使用情况表", "合成业务明细表"];
const LABELS: [&str; 14] = [
    "受理数",
    "办结数",
    "网上办理数",
    "窗口办理数",
    "好评数",
    "差评数",
    "接入应用数",
    "事项数",
    "评价数",
    "开通数",
    "指标甲",
    "指标乙",
    "数量",
    "第一类",
];
/// The label of two columns that only their places tell apart.
const SHARED_LABEL: &str = "办理数量";
const ROW_LABELS: [&str; 3] = ["承办方", "责任处室", "牵头方"];
const REGION_LABELS: [&str; 2] = ["所在地", "属地"];
const BREAKDOWN_LABELS: [&str; 3] = ["渠道", "诉求类型", "办理方式"];
/// What rows of a further dimension are called.
pub(super) const BREAKDOWNS: [&str; 8] =
    ["电话", "网络", "信件", "窗口", "微信", "自助终端", "投诉举报", "咨询求助"];
const UNITS: [&str; 7] = ["件", "条", "项", "个", "次", "宗", "人次"];

/// A column of a family with what the layout says about it.
struct FamilyColumn {
    column: Column,
    saved: SavedColumn,
    indicator: Meant,
}

/// The indicator of a column: id, kind, unit, and whether the layout brings it.
#[derive(Debug, Clone)]
struct Meant {
    id: String,
    kind: IndicatorKind,
    unit: String,
    is_own: bool,
}

impl Maker<'_> {
    /// Adds one or two tables that are read by a saved layout, among layouts of other tables.
    pub(super) fn add_family(&mut self, document: &mut Document, dated: NaiveDate) {
        let has_two = self.chance.in_hundred(25);
        let title = *self.chance.pick(&TITLES);
        let (table, saved) = self.family(document, (title, dated), has_two.then_some(1));
        if self.chance.in_hundred(25) {
            document.layouts.push(("another".to_owned(), another(&saved).text()));
        }
        document.layouts.push(("family".to_owned(), saved.text()));
        document.tables.push(table);
        if has_two {
            let indicators = self.chance.some(&self.indicators.clone(), 2);
            // What the first table has is not printed twice.
            let taken: Vec<String> =
                document.figures().into_iter().map(|f| f.key.indicator).collect();
            let left: Vec<_> =
                indicators.into_iter().filter(|known| !taken.contains(&known.id)).collect();
            if !left.is_empty() {
                let second = self.known_table(&left, (dated, Kind::Plain), Some(2));
                document.tables.push(second);
            }
        }
    }

    fn family(
        &mut self,
        document: &mut Document,
        (title, dated): (&str, NaiveDate),
        number: Option<usize>,
    ) -> (Table, Saved) {
        let mut frame = self.frame(title, dated, number);
        let mut saved = Saved::default();
        if self.chance.in_hundred(30) {
            let (rule, word) = *self.chance.pick(&Rule::ALL);
            frame.time.rule = rule;
            saved.table.push(format!("period = \"{word}\""));
        }
        self.take_rows(&mut frame, &mut saved);
        let computes = self.chance.in_hundred(35);
        let mut columns = self.family_columns(frame.time, computes);
        if !computes {
            self.family_unit_line(&mut columns, &mut frame.captions);
        }
        let own = columns.iter().map(|column| &column.indicator).filter(|meant| meant.is_own);
        for Meant { id, kind, unit, .. } in own {
            if !saved.indicators.iter().any(|(known, ..)| known == id) {
                saved.indicators.push((id.clone(), *kind, unit.clone()));
            }
        }
        let computations = if computes { self.computations() } else { Vec::new() };
        let sources: Vec<String> =
            columns.iter().map(|column| column.saved.labels[0].clone()).collect();
        saved.columns.extend(columns.iter().map(|column| column.saved.clone()));
        let mut printed: Vec<Column> = columns.into_iter().map(|column| column.column).collect();
        for computation in &computations {
            let of_column = computation.column(frame.time);
            saved.columns.push(computation.saved(&sources, &mut saved.indicators));
            printed.push(of_column);
        }
        self.recognise(title, &printed, document, &mut saved);
        let n_rows = *self.chance.pick(&[3, 4, 5, 6, 8, 12]);
        let mut table = self.table(frame, printed, n_rows);
        self.compute(&mut table, &computations);
        if !computes && self.chance.in_hundred(25) {
            self.place(&mut table, &mut saved);
        }
        if self.chance.in_hundred(25) {
            saved.source =
                vec!["origin = \"platform\"".to_owned(), "release = \"approved\"".to_owned()];
            document.standing = (Origin::Platform, Release::Approved);
        }
        table.has_layout = true;
        (table, saved)
    }

    /// Draws what rows are about, and what the layout says of the columns that tell it.
    fn take_rows(&mut self, frame: &mut Frame, saved: &mut Saved) {
        let breakdowns: Vec<String> = BREAKDOWNS.iter().map(|text| (*text).to_owned()).collect();
        let by_breakdown = |subjects: Vec<(Subject, Vec<String>)>| {
            let each = subjects.into_iter().flat_map(|(subject, labels)| {
                breakdowns.iter().map(move |breakdown| {
                    let subject = Subject { breakdown: breakdown.clone(), ..subject.clone() };
                    (subject, [labels.as_slice(), std::slice::from_ref(breakdown)].concat())
                })
            });
            each.collect::<Vec<_>>()
        };
        let of_region = || Subject { region: PROVINCE.to_owned(), ..Subject::default() };
        let form = self.chance.below(6);
        let main = match form {
            1 | 2 => Some((*self.chance.pick(&ROW_LABELS), "department")),
            3 => Some((*self.chance.pick(&REGION_LABELS), "region")),
            _ => None,
        };
        if let Some((label, role)) = main {
            frame.row_labels = vec![label.to_owned()];
            saved.columns.push(SavedColumn::role(label, role));
            if role == "region" {
                frame.subjects = self.regions_as_rows();
            }
        }
        let has_breakdown = form == 2 || form >= 4;
        if form == 4 {
            frame.row_labels.clear();
            frame.subjects = vec![(of_region(), Vec::new())];
        }
        if has_breakdown {
            let label = *self.chance.pick(&BREAKDOWN_LABELS);
            // A column that is known without the layout stands there as one that it does not know.
            if frame.row_labels.len() > saved.columns.len() {
                saved.columns.push(SavedColumn::default());
            }
            frame.row_labels.push(label.to_owned());
            saved.columns.push(SavedColumn::role(label, "breakdown"));
            frame.subjects = by_breakdown(std::mem::take(&mut frame.subjects));
        } else if saved.columns.is_empty() {
            saved.columns.push(SavedColumn::default());
        }
    }

    fn family_columns(&mut self, time: TableTime, computes: bool) -> Vec<FamilyColumn> {
        let n_columns = self.chance.between(if computes { 2 } else { 1 }, 4);
        let labels = self.chance.some(&LABELS, n_columns);
        let known = self.chance.some(&self.indicators.clone(), n_columns);
        let mut columns: Vec<FamilyColumn> = Vec::new();
        for (idx, label) in labels.into_iter().enumerate() {
            let is_own = self.chance.in_hundred(50) || computes;
            let meant = if is_own {
                self.own_indicator(idx, computes)
            } else {
                Meant {
                    id: known[idx].id.clone(),
                    kind: known[idx].kind,
                    unit: known[idx].unit.clone(),
                    is_own,
                }
            };
            columns.push(self.family_column(label, meant, (time, computes)));
        }
        // The same figures a year before, in a column of their own.
        if let Some(first) = columns.first()
            && !computes
            && first.column.series.as_ref().is_some_and(|series| series.period.start.is_some())
            && self.chance.in_hundred(15)
        {
            let meant = first.indicator.clone();
            let is_state = first.column.style.shape == Shape::State;
            if !is_state && columns[0].saved.lines.len() == 1 {
                columns.push(year_before(meant, time));
            }
        }
        columns
    }

    fn own_indicator(&mut self, idx: usize, computes: bool) -> Meant {
        let kind = match self.chance.below(10) {
            _ if computes => IndicatorKind::Flow,
            0..4 => IndicatorKind::Flow,
            4..7 => IndicatorKind::Stock,
            _ => IndicatorKind::Ratio,
        };
        let unit = if kind == IndicatorKind::Ratio { "%" } else { *self.chance.pick(&UNITS) };
        Meant { id: format!("own_{idx}"), kind, unit: unit.to_owned(), is_own: true }
    }

    fn family_column(
        &mut self,
        label: &str,
        meant: Meant,
        (time, computes): (TableTime, bool),
    ) -> FamilyColumn {
        let mut saved = SavedColumn::indicator(vec![label.to_owned()], &meant.id);
        let is_state =
            meant.is_own && meant.kind == IndicatorKind::Stock && self.chance.in_hundred(40);
        let shape = match meant.kind {
            _ if computes => Shape::PlainCount,
            IndicatorKind::Ratio => Shape::Percent,
            IndicatorKind::Stock if is_state => Shape::State,
            IndicatorKind::Stock | IndicatorKind::Flow => Shape::Count,
        };
        let mut printed = label.to_owned();
        if self.chance.in_hundred(10) {
            printed = label.chars().map(|c| c.to_string()).collect::<Vec<_>>().join(" ");
        }
        let exponent = match shape {
            Shape::Count | Shape::PlainCount | Shape::Percent => {
                self.unit_of(&meant, shape, (&mut printed, &mut saved))
            }
            Shape::State | Shape::Computed => {
                let states = super::document::STATES
                    .map(|(word, state)| format!("{} = {}", quoted(word), quoted(state)));
                saved.lines.push(format!("states = {{ {} }}", states.join(", ")));
                0
            }
        };
        let mut of_time = ColumnTime::default();
        if meant.kind != IndicatorKind::Stock && self.chance.in_hundred(20) {
            let ways = [Accumulation::YearToDate, Accumulation::SinceLaunch, Accumulation::Period];
            let told = *self.chance.pick(&ways);
            saved.lines.push(format!("accumulation = \"{told}\""));
            of_time.accumulation = Some(told);
        }
        if self.chance.in_hundred(8) {
            saved.lines.push("years_back = 1".to_owned());
            of_time.years_back = 1;
        }
        if self.chance.in_hundred(15) {
            saved.labels.insert(0, format!("{label}合计值"));
        }
        let column = Column {
            label: printed,
            series: Some(series(&meant.id, meant.kind, time, of_time)),
            style: Style { unit: meant.unit.clone(), exponent, shape },
        };
        FamilyColumn { column, saved, indicator: meant }
    }

    /// Draws where the unit of a column is told; returns the power of ten of its scale. What is printed
    /// counts for more than what the layout says.
    fn unit_of(
        &mut self,
        meant: &Meant,
        shape: Shape,
        (printed, saved): (&mut String, &mut SavedColumn),
    ) -> i32 {
        let unit = &meant.unit;
        let scales = shape == Shape::Count;
        let mut told = |unit: &str| saved.lines.push(format!("unit = {}", quoted(unit)));
        match self.chance.below(9) {
            0 => printed.push_str(&format!("({unit})")),
            1 if scales => {
                told(&format!("万{unit}"));
                return 4;
            }
            2 if scales => {
                told(&format!("万{unit}"));
                printed.push_str(&format!("（{unit}）"));
            }
            3 if scales => {
                printed.push_str(&format!("(万{unit})"));
                return 4;
            }
            4 => told(unit),
            _ => {}
        }
        0
    }

    /// Prints the unit of all columns above the table: it counts for more than the layout's.
    fn family_unit_line(&mut self, columns: &mut [FamilyColumn], captions: &mut Vec<String>) {
        let unit = columns[0].indicator.unit.clone();
        let fits = columns.iter().all(|column| {
            column.indicator.unit == unit
                && column.column.style.shape == Shape::Count
                && !column.column.label.ends_with([')', '）'])
        });
        if !fits || !self.chance.in_hundred(30) {
            return;
        }
        let (scale, exponent) = if self.chance.in_hundred(40) { ("万", 4) } else { ("", 0) };
        captions.push(format!("单位：{scale}{unit}"));
        for column in columns {
            column.column.style.exponent = exponent;
        }
    }

    fn recognise(
        &mut self,
        title: &str,
        columns: &[Column],
        document: &Document,
        saved: &mut Saved,
    ) {
        if self.chance.in_hundred(30) {
            let labels: Vec<String> =
                columns.iter().take(2).map(|column| column.label.clone()).collect();
            saved.recognise.push(format!("columns = {}", list(&labels)));
        } else {
            saved.recognise.push(format!("title = {}", quoted(title)));
        }
        if document.standing.0 == Origin::Published && self.chance.in_hundred(20) {
            saved.recognise.push("document = \"合成数据情况|青政办函\"".to_owned());
        }
    }

    /// Gives columns their places, and now and then two of them one label.
    fn place(&mut self, table: &mut Table, saved: &mut Saved) {
        let first = 1 + usize::from(table.has_running_numbers);
        for (idx, column) in saved.columns.iter_mut().enumerate() {
            column.position = Some(first + idx);
        }
        let n_row_columns = table.row_labels.len();
        let is_bare = |column: &Column| !column.label.ends_with([')', '）']);
        let is_by_title = saved.recognise[0].starts_with("title");
        if let [one, other, ..] = table.columns.as_mut_slice()
            && is_bare(one)
            && is_bare(other)
            && is_by_title
            && self.chance.in_hundred(50)
        {
            for column in [one, other] {
                SHARED_LABEL.clone_into(&mut column.label);
            }
            for column in &mut saved.columns[n_row_columns..n_row_columns + 2] {
                column.labels = vec![SHARED_LABEL.to_owned()];
            }
        }
        if table.has_running_numbers && self.chance.in_hundred(70) {
            let number = SavedColumn::role("序号", "running_number");
            saved.columns.insert(0, SavedColumn { position: Some(1), ..number });
        }
    }
}

/// The figures of an indicator a year before the table's.
fn year_before(meant: Meant, time: TableTime) -> FamilyColumn {
    let label = "上年同期".to_owned();
    let mut saved = SavedColumn::indicator(vec![label.clone()], &meant.id);
    saved.lines.push("years_back = 1".to_owned());
    let of_time = ColumnTime { years_back: 1, ..ColumnTime::default() };
    let shape = if meant.unit == "%" { Shape::Percent } else { Shape::Count };
    let column = Column {
        label,
        series: Some(series(&meant.id, meant.kind, time, of_time)),
        style: Style { unit: meant.unit.clone(), exponent: 0, shape },
    };
    FamilyColumn { column, saved, indicator: meant }
}

/// A layout of other tables that has the same labels for other indicators.
fn another(saved: &Saved) -> Saved {
    let mut columns = saved.columns.clone();
    for column in &mut columns {
        let is_indicator = column.lines.iter().any(|line| line.starts_with("indicator"));
        if is_indicator {
            column.lines = vec!["indicator = \"records_pushed\"".to_owned()];
        }
    }
    Saved { recognise: vec!["title = \"^别的表$\"".to_owned()], columns, ..Saved::default() }
}
