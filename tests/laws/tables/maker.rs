//! Makes documents out of what the program knows: departments, regions, indicators and their labels.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use tongban::model::{Accumulation, Origin, Period, Release};
use tongban::refdata::{IndicatorKind, RefData};

use super::chance::Chance;
use super::document::{
    Column, Document, Kind, NO_DAY, Series, Shape, Style, Subject, Table, TableRow, Total,
};
use super::figures::{cell, total};
use super::levels::HeaderForm;
use super::times::{ColumnTime, Rule, TableTime, draw, time_line};

/// The province of all documents.
pub(super) const PROVINCE: &str = "630000";

/// Makes documents.
pub(crate) struct Maker<'a> {
    /// Ids of indicators with kind, unit and labels.
    pub(super) indicators: Vec<KnownIndicator>,
    /// Ids of departments with all their names.
    pub(super) departments: Vec<(String, Vec<String>)>,
    /// Codes of regions with the names that mean them alone.
    pub(super) regions: Vec<(String, Vec<String>)>,
    pub(super) chance: &'a mut Chance,
}

/// An indicator that the program knows.
#[derive(Debug, Clone)]
pub(super) struct KnownIndicator {
    pub(super) id: String,
    pub(super) kind: IndicatorKind,
    pub(super) unit: String,
    pub(super) labels: Vec<String>,
}

/// The head of a document.
pub(super) struct Head {
    pub(super) lines: Vec<String>,
    has_number: bool,
}

/// A table without its columns.
pub(super) struct Frame {
    pub(super) captions: Vec<String>,
    pub(super) title: String,
    pub(super) time: TableTime,
    pub(super) row_labels: Vec<String>,
    /// What its rows may be about, each with a label for each column of labels.
    pub(super) subjects: Vec<(Subject, Vec<String>)>,
}

pub(super) const DEPARTMENT_HEADERS: [&str; 6] =
    ["部门", "单位", "部门名称", "单位名称", "部 门", "单 位"];
pub(super) const REGION_HEADERS: [&str; 5] = ["地区", "市州", "各市州", "行政区划", "地 区"];
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

impl<'a> Maker<'a> {
    /// Returns a maker that draws from `chance`.
    pub(crate) fn new(refdata: &RefData, chance: &'a mut Chance) -> Self {
        let mut departments: Vec<(String, Vec<String>)> = Vec::new();
        for name in refdata.department_names(PROVINCE) {
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
        Self { indicators, departments, regions: regions(refdata), chance }
    }

    /// Makes a document, with a header in levels only where its format can print one.
    pub(crate) fn document(&mut self, header: HeaderForm) -> Document {
        let year = i32::try_from(self.chance.between(2016, 2030)).expect("a year is small");
        let ordinal = u32::try_from(self.chance.between(100, 365)).expect("a day is small");
        let dated = NaiveDate::from_yo_opt(year, ordinal).expect("every year has that day");
        let kind = match self.chance.below(100) {
            0..45 => Kind::Plain,
            45..55 => Kind::Regions,
            55..77 => Kind::Layout,
            77..90 if header == HeaderForm::Flat => Kind::Layout,
            77..84 => Kind::Levels,
            84..90 => Kind::LevelsByLayout,
            90..94 => Kind::Sentence,
            _ => Kind::SentenceByLayout,
        };
        let head = self.head(dated);
        let mut document = Document {
            kind,
            standing: head.standing(),
            head: head.lines,
            tables: Vec::new(),
            sentence: None,
            layouts: Vec::new(),
            refusals: Vec::new(),
            doubts: Vec::new(),
        };
        match kind {
            Kind::Plain | Kind::Regions => document.tables = self.known_tables(dated, kind),
            Kind::Layout => self.add_family(&mut document, dated),
            Kind::Levels | Kind::LevelsByLayout => self.add_levels(&mut document, dated, header),
            Kind::Sentence | Kind::SentenceByLayout => self.add_sentence(&mut document, dated),
        }
        document
    }

    fn head(&mut self, dated: NaiveDate) -> Head {
        let number = self.chance.between(1, 300);
        let year = dated.year();
        let issuer = "青海省人民政府办公厅".to_owned();
        let title = "关于合成数据情况的通报".to_owned();
        let written = format!("{}年{}月{}日", year, dated.month(), dated.day());
        let prose: Vec<String> =
            PROSE.iter().filter(|_| self.chance.in_hundred(30)).map(|p| (*p).to_owned()).collect();
        let form = self.chance.below(3);
        let lines = match form {
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
        };
        Head { lines, has_number: form < 2 }
    }

    /// One or two tables with labels that are known.
    fn known_tables(&mut self, dated: NaiveDate, kind: Kind) -> Vec<Table> {
        let has_two = self.chance.in_hundred(35);
        let indicators = self.chance.some(&self.indicators.clone(), self.indicators.len());
        let n_first = self.chance.between(1, 4);
        let mut tables =
            vec![self.known_table(&indicators[..n_first], (dated, kind), has_two.then_some(1))];
        if has_two {
            let n_second = self.chance.between(1, indicators.len() - n_first);
            let second = &indicators[n_first..n_first + n_second.min(4)];
            tables.push(self.known_table(second, (dated, kind), Some(2)));
        }
        tables
    }

    pub(super) fn known_table(
        &mut self,
        indicators: &[KnownIndicator],
        (dated, kind): (NaiveDate, Kind),
        number: Option<usize>,
    ) -> Table {
        let title = (*self.chance.pick(&TITLES)).to_owned();
        let mut frame = self.frame(&title, dated, number);
        if kind == Kind::Regions {
            frame.row_labels = vec![(*self.chance.pick(&REGION_HEADERS)).to_owned()];
            frame.subjects = self.regions_as_rows();
        }
        let (unit, exponent) = self.unit_line(indicators, &mut frame.captions);
        let columns: Vec<Column> = indicators
            .iter()
            .map(|known| self.column(known, frame.time, (unit.as_deref(), exponent)))
            .collect();
        let n_rows = *self.chance.pick(&[3, 4, 5, 6, 8, 10, 14, 20]);
        self.table(frame, columns, n_rows)
    }

    /// Draws what stands above a table, its rows departments.
    pub(super) fn frame(&mut self, title: &str, dated: NaiveDate, number: Option<usize>) -> Frame {
        let (printed, text) = draw(self.chance, dated);
        let is_in_title = self.chance.in_hundred(35);
        let mut captions = Vec::new();
        captions.extend(number.map(|number| format!("附件{number}")));
        let title = match &text {
            Some(text) if is_in_title => format!("{text}{title}"),
            _ => title.to_owned(),
        };
        captions.push(title.clone());
        let line = text.filter(|_| !is_in_title).map(|text| time_line(self.chance, &text));
        captions.extend(line);
        Frame {
            captions,
            title,
            time: TableTime { printed, is_in_title, dated, rule: Rule::Stated },
            row_labels: vec![(*self.chance.pick(&DEPARTMENT_HEADERS)).to_owned()],
            subjects: self.departments_as_rows(),
        }
    }

    pub(super) fn departments_as_rows(&mut self) -> Vec<(Subject, Vec<String>)> {
        let departments = self.departments.clone().into_iter();
        let subject = |department| Subject {
            department,
            region: PROVINCE.to_owned(),
            breakdown: String::new(),
        };
        departments
            .map(|(id, names)| (subject(id), vec![self.chance.pick(&names).clone()]))
            .collect()
    }

    pub(super) fn regions_as_rows(&mut self) -> Vec<(Subject, Vec<String>)> {
        let regions = self.regions.clone().into_iter();
        let subject = |region| Subject { region, ..Subject::default() };
        regions
            .map(|(code, names)| (subject(code), vec![self.chance.pick(&names).clone()]))
            .collect()
    }

    /// A table of some of the rows that a frame may have.
    pub(super) fn table(&mut self, frame: Frame, columns: Vec<Column>, n_rows: usize) -> Table {
        let Frame { captions, title, row_labels, subjects, .. } = frame;
        let rows: Vec<TableRow> = self
            .chance
            .some(&subjects, n_rows)
            .into_iter()
            .map(|(subject, labels)| self.row(subject, labels, &columns))
            .collect();
        let has_running_numbers = self.chance.in_hundred(60);
        let total = self.chance.in_hundred(60).then(|| self.total(&rows, &columns));
        let notes = if self.chance.in_hundred(40) {
            vec![self.chance.pick(&NOTES).to_string()]
        } else {
            Vec::new()
        };
        Table {
            captions,
            title,
            row_labels,
            columns,
            groups: Vec::new(),
            rows,
            total,
            has_running_numbers,
            notes,
            has_layout: false,
            miscomputed: Vec::new(),
        }
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

    /// A column of an indicator that is known by its label.
    pub(super) fn column(
        &mut self,
        known: &KnownIndicator,
        time: TableTime,
        (unit_above, exponent_above): (Option<&str>, i32),
    ) -> Column {
        let label = self.chance.pick(&known.labels).clone();
        let has_year = label.contains("〈year〉");
        let is_of_year = has_year || ["当年", "本年"].iter().any(|words| label.contains(words));
        let label = label.replace("〈year〉", &time.dated.year().to_string());
        let (label, exponent) = match self.chance.below(8) {
            0 | 1 => (format!("{label}({})", known.unit), 0),
            2 => (format!("{label}（{}）", known.unit), 0),
            3 if unit_above.is_none() => (format!("{label}(万{})", known.unit), 4),
            _ => (label, exponent_above),
        };
        let column = ColumnTime { has_year, is_of_year, ..ColumnTime::default() };
        Column {
            label,
            series: Some(series(&known.id, known.kind, time, column)),
            style: Style { unit: known.unit.clone(), exponent, shape: Shape::Count },
        }
    }

    fn row(&mut self, subject: Subject, labels: Vec<String>, columns: &[Column]) -> TableRow {
        let spaced = |label: String| {
            if label.chars().count() < 6 {
                label.chars().map(|c| c.to_string()).collect::<Vec<_>>().join(" ")
            } else {
                label
            }
        };
        let is_spaced = self.chance.in_hundred(4) && subject.breakdown.is_empty();
        let labels = if is_spaced { labels.into_iter().map(spaced).collect() } else { labels };
        let figures = columns.iter().map(|column| cell(self.chance, &column.style)).collect();
        TableRow { subject, labels, figures }
    }

    fn total(&mut self, rows: &[TableRow], columns: &[Column]) -> Total {
        let printed = columns.iter().enumerate().map(|(idx, column)| match column.style.shape {
            Shape::Count | Shape::PlainCount => total(rows.iter().map(|row| &row.figures[idx])),
            Shape::Percent | Shape::State | Shape::Computed => "—".to_owned(),
        });
        let printed = printed.collect();
        Total {
            label: (*self.chance.pick(&["合计", "总计", "合 计", "总数", "共计"])).to_owned(),
            has_running_number: self.chance.in_hundred(40),
            is_first: self.chance.in_hundred(12),
            printed,
        }
    }
}

impl Head {
    /// Who states figures, and how far they may travel, where nothing else says so: a document with
    /// a number is published.
    fn standing(&self) -> (Origin, Release) {
        if self.has_number {
            (Origin::Published, Release::Published)
        } else {
            (Origin::Reported, Release::Draft)
        }
    }
}

/// The figures of a column; without a day where what is told about its time contradicts.
pub(super) fn series(
    indicator: &str,
    kind: IndicatorKind,
    time: TableTime,
    column: ColumnTime,
) -> Series {
    let none = (Period::point(NO_DAY), Accumulation::Point);
    let (period, accumulation) = time.of_column(kind, column).unwrap_or(none);
    Series { indicator: indicator.to_owned(), accumulation, period }
}

/// The regions of the province with the names that mean one region alone.
fn regions(refdata: &RefData) -> Vec<(String, Vec<String>)> {
    let mut meanings: BTreeMap<String, Vec<String>> = BTreeMap::new();
    // 市辖区 and the like mean several, whatever their code.
    for name in refdata.region_names(PROVINCE).into_iter().filter(|name| !name.is_collective) {
        let codes = meanings.entry(name.name).or_default();
        if !codes.contains(&name.region) {
            codes.push(name.region);
        }
    }
    let mut regions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, codes) in meanings {
        if let [code] = codes.as_slice()
            && code != PROVINCE
        {
            regions.entry(code.clone()).or_default().push(name);
        }
    }
    regions.into_iter().collect()
}
