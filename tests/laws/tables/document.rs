//! Documents that chance makes: what they say, before anyone prints it. All of it is synthetic.

use chrono::{Datelike, NaiveDate};
use tongban::model::{Period, Qualifier};
use tongban::refdata::{IndicatorKind, RefData};

use super::chance::Chance;
use super::figures::{Figure, cell, total};

/// A notice with one or two tables.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    /// The lines above the first table.
    pub(crate) head: Vec<String>,
    pub(crate) tables: Vec<Table>,
}

/// A table of departments and indicators.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    /// The lines right above it: mark of the annex, title, period, unit.
    pub(crate) captions: Vec<String>,
    /// Label of the column of departments.
    pub(crate) department_label: String,
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<TableRow>,
    pub(crate) total: Option<Total>,
    pub(crate) has_running_numbers: bool,
    /// The lines right below it.
    pub(crate) notes: Vec<String>,
}

/// A column of figures.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) indicator: String,
    pub(crate) label: String,
    pub(crate) unit: String,
    /// Power of ten by which its figures are printed smaller than they are.
    pub(crate) exponent: i32,
    pub(crate) period: Period,
}

/// A row of figures.
#[derive(Debug, Clone)]
pub(crate) struct TableRow {
    pub(crate) department: String,
    pub(crate) label: String,
    pub(crate) figures: Vec<Figure>,
}

/// A row that adds up all others.
#[derive(Debug, Clone)]
pub(crate) struct Total {
    pub(crate) label: String,
    pub(crate) has_running_number: bool,
    pub(crate) is_first: bool,
    pub(crate) printed: Vec<String>,
}

/// One figure as it ought to be read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Expected {
    pub(crate) value: Option<f64>,
    pub(crate) qualifier: Option<Qualifier>,
    pub(crate) unit: String,
    pub(crate) row_label: String,
    pub(crate) printed: String,
}

/// What makes two figures the same one: indicator, department, period.
pub(crate) type Key = (String, String, Period);

impl Document {
    /// Whether a time is printed that is no period, so that the document has to be refused.
    pub(crate) fn has_no_period(&self) -> bool {
        let mut columns = self.tables.iter().flat_map(|table| &table.columns);
        columns.any(|column| column.period.end == NO_DAY)
    }

    /// Returns every figure of the document.
    pub(crate) fn figures(&self) -> Vec<(Key, Expected)> {
        let mut all = Vec::new();
        for table in &self.tables {
            for row in &table.rows {
                for (column, figure) in table.columns.iter().zip(&row.figures) {
                    let key = (column.indicator.clone(), row.department.clone(), column.period);
                    let expected = Expected {
                        value: figure.value(column.exponent),
                        qualifier: figure.qualifier,
                        unit: column.unit.clone(),
                        row_label: row.label.clone(),
                        printed: figure.printed.clone(),
                    };
                    all.push((key, expected));
                }
            }
        }
        all
    }
}

/// Makes documents out of what the program knows.
pub(crate) struct Maker<'a> {
    /// Ids of indicators with kind, unit and labels.
    indicators: Vec<KnownIndicator>,
    /// Ids of departments with all their names.
    departments: Vec<(String, Vec<String>)>,
    chance: &'a mut Chance,
}

#[derive(Debug, Clone)]
struct KnownIndicator {
    id: String,
    kind: IndicatorKind,
    unit: String,
    labels: Vec<String>,
}

const HEADERS: [&str; 6] = ["部门", "单位", "部门名称", "单位名称", "部 门", "单 位"];
const TITLES: [&str; 4] =
    ["各部门业务办理系统对接情况表", "数据汇聚情况表", "省直部门情况统计表", "合成数据表"];
const PROSE: [&str; 4] = [
    "各部门、各单位：",
    "现将合成数据通报如下。本文由程序生成，仅供测试。",
    "一、总体情况",
    "截至目前，共有3个部门完成对接，占12.5%。",
];
const NOTES: [&str; 5] = [
    "备注:合成数据。",
    "备注：1.不含3.5版。2.仅供测试。",
    "注：合成数据，仅供测试。",
    "备注:2021年对接优先采用接口。",
    "说明：合成数据。",
];

/// Month and day.
type Day = (u32, u32);

/// First and last day of a period of the document's year, and how it is printed.
const PERIODS: [((Day, Day), &str); 24] = [
    (((1, 1), (9, 30)), "YEAR年1月1日—9月30日"),
    (((1, 1), (3, 31)), "YEAR年1-3月"),
    (((7, 1), (9, 30)), "YEAR年第三季度"),
    (((1, 1), (6, 30)), "YEAR年上半年"),
    (((3, 1), (3, 31)), "YEAR年3月份"),
    (((1, 1), (9, 30)), "YEAR.1-9月"),
    (((3, 1), (3, 31)), "YEAR-3月"),
    (((1, 1), (9, 30)), "YEAR年前9个月"),
    (((1, 1), (3, 31)), "YEAR年前三个月"),
    (((1, 1), (9, 30)), "YEAR.01-YEAR.09"),
    (((9, 1), (9, 30)), "YEAR-09"),
    (((9, 1), (9, 30)), "YEAR09"),
    (((1, 1), (9, 30)), "YEAR0101-YEAR0930"),
    (((7, 1), (9, 30)), "YEAR年Q3"),
    (((1, 1), (9, 30)), "YEAR年1.1-9.30"),
    (((1, 1), (9, 30)), "YEAR.1.1-9.30"),
    (((1, 1), (9, 30)), "YEAR-01-01 00:00:00至YEAR-09-30 23:59:59"),
    (((1, 1), (9, 30)), "YEAR年1月1日零时至9月30日24时"),
    (((1, 1), (9, 30)), "YEAR年1月1日（含）至9月30日（含）"),
    (((1, 1), (9, 30)), "YEAR年1月1日起至9月30日止"),
    (((6, 1), (6, 29)), "YEAR年6月1日12时至6月30日12时"),
    (((6, 1), (6, 30)), "YEAR年6月1日8时至6月30日18时"),
    (((1, 1), (9, 30)), "YEAR年一至九月"),
    (((1, 1), (9, 30)), "YEAR年1-9月期间"),
];

/// The end of what is no period.
const NO_DAY: NaiveDate = NaiveDate::MAX;

/// Words about time that tell no period.
const NO_PERIODS: [&str; 18] = [
    "前9个月",
    "近三个月",
    "本月",
    "上月",
    "YEAR年同期",
    "YEAR年9月以前",
    "YEAR年9月30日前",
    "YEAR年9月初",
    "YEAR年1-9",
    "YEAR.1-9",
    "YEAR年9月30",
    "YEAR-13月",
    "YEAR年春节期间",
    "上线至YEAR年9月",
    "去年1-9月",
    "不含YEAR年9月",
    "YEAR年6月1日18时至6月30日8时",
    "YEAR年1月1日-办理完毕",
];

impl<'a> Maker<'a> {
    /// Returns a maker that draws from `chance`.
    pub(crate) fn new(refdata: &RefData, chance: &'a mut Chance) -> Self {
        let mut departments: Vec<(String, Vec<String>)> = Vec::new();
        for name in refdata.department_names("630000") {
            match departments.iter_mut().find(|(known, _)| **known == *name.department) {
                Some((_, names)) => names.push(name.name),
                None => departments.push((name.department.to_string(), vec![name.name])),
            }
        }
        let labels = refdata.indicator_labels();
        let indicators = refdata.indicators().into_iter().map(|known| KnownIndicator {
            labels: labels
                .iter()
                .filter(|(_, id)| *id == known.indicator)
                .map(|(label, _)| label.clone())
                .collect(),
            id: known.indicator,
            kind: known.kind,
            unit: known.unit,
        });
        // Those without a label are told in sentences only.
        let indicators = indicators.filter(|known| !known.labels.is_empty()).collect();
        Self { indicators, departments, chance }
    }

    /// Makes a document.
    pub(crate) fn document(&mut self) -> Document {
        let year = i32::try_from(self.chance.between(2016, 2030)).expect("a year is small");
        let ordinal = u32::try_from(self.chance.between(100, 365)).expect("a day is small");
        let dated = NaiveDate::from_yo_opt(year, ordinal).expect("every year has that day");
        let head = self.head(dated);
        let has_two = self.chance.in_hundred(35);
        let indicators = self.chance.some(&self.indicators.clone(), self.indicators.len());
        let n_first = self.chance.between(1, 4);
        let mut tables = vec![self.table(&indicators[..n_first], dated, has_two.then_some(1))];
        if has_two {
            let n_second = self.chance.between(1, indicators.len() - n_first);
            let second = &indicators[n_first..n_first + n_second.min(4)];
            tables.push(self.table(second, dated, Some(2)));
        }
        Document { head, tables }
    }

    fn head(&mut self, dated: NaiveDate) -> Vec<String> {
        let number = self.chance.between(1, 300);
        let year = dated.year();
        let issuer = "青海省人民政府办公厅".to_owned();
        let title = "关于合成数据情况的通报".to_owned();
        let written = format!("{}年{}月{}日", year, dated.month(), dated.day());
        let prose: Vec<String> =
            PROSE.iter().filter(|_| self.chance.in_hundred(30)).map(|p| (*p).to_owned()).collect();
        match self.chance.below(3) {
            0 => {
                let labelled = vec![
                    format!("发布机构：{issuer}"),
                    format!("发文字号：青政办函〔{year}〕{number}号"),
                    format!("标题：{title}"),
                    format!("成文日期：{dated}"),
                ];
                [labelled, prose].concat()
            }
            1 => {
                let start = vec![issuer.clone(), title, format!("青政办函〔{year}〕{number}号")];
                [start, prose, vec![issuer, written]].concat()
            }
            _ => vec![format!("发布机构:{issuer}"), format!("成文日期:{dated}")],
        }
    }

    fn table(
        &mut self,
        indicators: &[KnownIndicator],
        dated: NaiveDate,
        number: Option<usize>,
    ) -> Table {
        let (period, period_text) = self.period(dated);
        let is_in_title = self.chance.in_hundred(35);
        let title = self.chance.pick(&TITLES).to_string();
        let mut captions = Vec::new();
        captions.extend(number.map(|number| format!("附件{number}")));
        match &period_text {
            Some(text) if is_in_title => captions.push(format!("{text}{title}")),
            _ => captions.push(title),
        }
        if let Some(text) = period_text.filter(|_| !is_in_title) {
            captions.push(match self.chance.below(3) {
                0 => format!("(统计时间:{text})"),
                1 => format!("（统计时间：{text}）"),
                _ => format!("统计时间：{text}"),
            });
        }
        let (unit, exponent) = self.unit_line(indicators, &mut captions);
        let columns: Vec<Column> = indicators
            .iter()
            .map(|known| {
                self.column(known, (period, is_in_title, dated), (unit.as_deref(), exponent))
            })
            .collect();
        let n_rows = *self.chance.pick(&[3, 4, 5, 6, 8, 10, 14, 20]);
        let rows: Vec<TableRow> = self
            .chance
            .some(&self.departments.clone(), n_rows)
            .into_iter()
            .map(|(department, names)| self.row(department, &names, &columns))
            .collect();
        let has_running_numbers = self.chance.in_hundred(60);
        let total = self.chance.in_hundred(60).then(|| self.total(&rows, columns.len()));
        let notes = if self.chance.in_hundred(40) {
            vec![self.chance.pick(&NOTES).to_string()]
        } else {
            Vec::new()
        };
        let department_label = self.chance.pick(&HEADERS).to_string();
        Table { captions, department_label, columns, rows, total, has_running_numbers, notes }
    }

    /// A period and how it is printed, its year that of the document; `None` for none.
    ///
    /// What says no period is printed with one that no reader can find, so that only a refusal will
    /// do.
    fn period(&mut self, dated: NaiveDate) -> (Option<Period>, Option<String>) {
        let year = dated.year();
        let day = |year, month, day| {
            NaiveDate::from_ymd_opt(year, month, day).expect("there is that day")
        };
        if self.chance.in_hundred(35) {
            return (None, None);
        }
        if self.chance.in_hundred(10) {
            let text = self.chance.pick(&NO_PERIODS).replace("YEAR", &year.to_string());
            return (Some(Period::point(NO_DAY)), Some(text));
        }
        let ((start, end), text) = self.chance.pick(&PERIODS);
        let text = text.replace("YEAR", &year.to_string());
        let period = Period::between(day(year, start.0, start.1), day(year, end.0, end.1));
        (period, Some(text))
    }

    /// A line with the unit of all columns, where they share one.
    fn unit_line(
        &mut self,
        indicators: &[KnownIndicator],
        captions: &mut Vec<String>,
    ) -> (Option<String>, i32) {
        let unit = &indicators[0].unit;
        let is_shared = indicators.iter().all(|known| known.unit == *unit);
        if !is_shared || !self.chance.in_hundred(15) {
            return (None, 0);
        }
        let (scale, exponent) = if self.chance.in_hundred(40) { ("万", 4) } else { ("", 0) };
        captions.push(format!("单位：{scale}{unit}"));
        (Some(unit.clone()), exponent)
    }

    fn column(
        &mut self,
        known: &KnownIndicator,
        (printed, is_in_title, dated): (Option<Period>, bool, NaiveDate),
        (unit_above, exponent_above): (Option<&str>, i32),
    ) -> Column {
        let year = dated.year();
        let label = self.chance.pick(&known.labels).clone();
        // A year in the label counts for more than a period in the title.
        let printed = printed.filter(|_| !(is_in_title && label.contains("〈year〉")));
        let label = label.replace("〈year〉", &year.to_string());
        let (label, exponent) = match self.chance.below(8) {
            0 | 1 => (format!("{label}({})", known.unit), 0),
            2 => (format!("{label}（{}）", known.unit), 0),
            3 if unit_above.is_none() => (format!("{label}(万{})", known.unit), 4),
            _ => (label, exponent_above),
        };
        let to_date = Period::between(
            NaiveDate::from_ymd_opt(year, 1, 1).expect("every year has that day"),
            dated,
        );
        let flow = printed.or(to_date).expect("the document is dated after new year");
        let period = match known.kind {
            IndicatorKind::Stock => Period::point(flow.end),
            IndicatorKind::Flow | IndicatorKind::Ratio => flow,
        };
        Column { indicator: known.id.clone(), label, unit: known.unit.clone(), exponent, period }
    }

    fn row(&mut self, department: String, names: &[String], columns: &[Column]) -> TableRow {
        let label = self.chance.pick(names).clone();
        let label = if self.chance.in_hundred(4) && label.chars().count() < 6 {
            label.chars().map(|c| c.to_string()).collect::<Vec<_>>().join(" ")
        } else {
            label
        };
        let figures = columns.iter().map(|column| cell(self.chance, column)).collect();
        TableRow { department, label, figures }
    }

    fn total(&mut self, rows: &[TableRow], n_columns: usize) -> Total {
        let printed = (0..n_columns).map(|idx| total(rows.iter().map(|row| &row.figures[idx])));
        let printed = printed.collect();
        Total {
            label: (*self.chance.pick(&["合计", "总计", "合 计", "总数", "共计"])).to_owned(),
            has_running_number: self.chance.in_hundred(40),
            is_first: self.chance.in_hundred(12),
            printed,
        }
    }
}
