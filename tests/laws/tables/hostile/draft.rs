//! A table while chance makes it hostile: what it says, and what happens to its page.

use chrono::NaiveDate;
use tongban::model::{Accumulation, Origin, Period, Release};

use super::super::carrier::Carrier;
use super::super::chance::Chance;
use super::super::document::{
    Column, Document, Doubt, Kind, Series, Shape, Style, Subject, Table, TableRow, Total,
};
use super::super::figures::{Figure, total};
use super::super::page::{Abilities, Item, Mark, PageRow, PageTable};

/// Names of departments, with what they are called in figures.
const DEPARTMENTS: [(&str, &str); 12] = [
    ("water", "省水利厅"),
    ("justice", "省司法厅"),
    ("commerce", "省商务厅"),
    ("education", "省教育厅"),
    ("finance", "省财政厅"),
    ("transport", "省交通运输厅"),
    ("audit", "省审计厅"),
    ("emergency", "省应急厅"),
    ("veterans", "省退役军人厅"),
    ("civil_affairs", "省民政厅"),
    ("public_security", "省公安厅"),
    ("sports", "省体育局"),
];

/// Labels of columns, with what they stand for: indicator, unit, whether it is of a day.
const COLUMNS: [(&str, &str, &str, bool); 6] = [
    ("办件数据汇聚量", "cases_aggregated", "条", false),
    ("好差评数据汇聚量", "evaluations_aggregated", "条", false),
    ("推送数据量", "records_pushed", "条", false),
    ("退回数据量", "records_returned", "条", false),
    ("已对接事项数", "items_connected", "项", true),
    ("便民应用对接总数", "apps_connected", "项", true),
];

/// Times of a year: how they are printed, first and last month.
const TIMES: [(&str, u32, u32); 7] = [
    ("{Y}年1月1日—9月30日", 1, 9),
    ("{Y}年1-8月", 1, 8),
    ("{Y}年1—8月", 1, 8),
    ("{Y}年上半年", 1, 6),
    ("{Y}年第三季度", 7, 9),
    ("{Y}年6月", 6, 6),
    ("{Y}年前三季度", 1, 9),
];

/// Where the time of a table is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TimePlace {
    Title,
    Caption,
    Nowhere,
}

/// A table while it is made.
pub(super) struct Draft<'a> {
    pub(super) chance: &'a mut Chance,
    pub(super) carrier: Carrier,
    pub(super) abilities: Abilities,
    pub(super) year: i32,
    /// The time as it is printed, without marks around it.
    pub(super) time: String,
    pub(super) time_place: TimePlace,
    /// What is printed for the title.
    pub(super) title: String,
    /// Lines between the mark of the annex and the title.
    pub(super) above: Vec<String>,
    /// Lines between the title and the table.
    pub(super) lines: Vec<String>,
    pub(super) table: Table,
    pub(super) doubts: Vec<Doubt>,
    pub(super) edits: Edits,
    /// Whether a unit has been printed, so that no other may be.
    pub(super) has_unit: bool,
    /// Whether figures are printed oddly, so that they have to stay.
    pub(super) has_odd_figure: bool,
    /// What was drawn, for reports.
    pub(super) played: Vec<String>,
    head: Vec<String>,
    standing: (Origin, Release),
}

/// What happens to a page after it has been laid out.
#[derive(Debug, Default)]
pub(super) struct Edits {
    /// Rows that are put before those with these numbers, from 0.
    pub(super) rows: Vec<(usize, ExtraRow)>,
    /// Marks of figures: row, column of figures, from 0.
    pub(super) marks: Vec<(usize, usize, Mark)>,
    /// Marks of labels of rows.
    pub(super) label_marks: Vec<(usize, Mark)>,
    /// Rows that do not show.
    pub(super) hidden: Vec<usize>,
    /// Rows from which on two columns of figures have changed their places.
    pub(super) swapped_from: Option<usize>,
    /// A row before which the page ends, what is printed there, and whether the header is again.
    pub(super) page_break: Option<(usize, Vec<String>, bool)>,
    /// Lines below the table that are no notes.
    pub(super) below: Vec<String>,
    n_labels: usize,
    n_figures: usize,
    has_running_numbers: bool,
}

/// A row that is no row of the table.
#[derive(Debug, Clone)]
pub(super) enum ExtraRow {
    /// A label with figures.
    Labelled(String, Vec<String>),
    /// A text alone.
    Section(String),
    /// The header once more.
    Header,
    /// Nothing.
    Blank,
}

impl<'a> Draft<'a> {
    /// Draws a table that is easy to read.
    pub(super) fn new(carrier: Carrier, abilities: Abilities, chance: &'a mut Chance) -> Self {
        let year = i32::try_from(chance.between(2017, 2029)).expect("a year is small");
        let ordinal = u32::try_from(chance.between(280, 360)).expect("a day is small");
        let dated = NaiveDate::from_yo_opt(year, ordinal).expect("every year has that day");
        let (head, standing) = head(dated, chance);
        let time_place = *chance.pick(&[
            TimePlace::Title,
            TimePlace::Caption,
            TimePlace::Caption,
            TimePlace::Nowhere,
        ]);
        let (time, first, last) = *chance.pick(&TIMES);
        let time = time.replace("{Y}", &year.to_string());
        let period = match time_place {
            TimePlace::Nowhere => (1, dated),
            TimePlace::Title | TimePlace::Caption => (first, month_end(year, last)),
        };
        let columns = columns(year, period, chance);
        let n_rows = chance.between(3, 7);
        let rows: Vec<TableRow> = chance
            .some(&DEPARTMENTS, n_rows)
            .into_iter()
            .map(|(department, name)| row(department, name, columns.len(), chance))
            .collect();
        let has_running_numbers = chance.in_hundred(50);
        let has_total = chance.in_hundred(50);
        let base = "部门数据汇聚情况表";
        let title =
            if time_place == TimePlace::Title { format!("{time}{base}") } else { base.to_owned() };
        let line = match chance.below(3) {
            0 => format!("（统计时间：{time}）"),
            1 => format!("统计时间：{time}"),
            _ => format!("（{time}）"),
        };
        let lines = if time_place == TimePlace::Caption { vec![line] } else { Vec::new() };
        let total = has_total.then(|| total_of(&rows));
        let table = Table {
            captions: Vec::new(),
            title: String::new(),
            row_labels: vec!["部门".to_owned()],
            columns,
            groups: Vec::new(),
            rows,
            total,
            has_running_numbers,
            notes: Vec::new(),
            has_layout: false,
            miscomputed: Vec::new(),
        };
        Self {
            carrier,
            abilities,
            year,
            time,
            time_place,
            title,
            above: Vec::new(),
            lines,
            table,
            doubts: Vec::new(),
            edits: Edits::default(),
            has_unit: false,
            has_odd_figure: false,
            played: Vec::new(),
            head,
            standing,
            chance,
        }
    }

    /// Fills the places of a text: `{Y}` the year, `{P}` and `{O}` the two before, `{T}` the time.
    pub(super) fn filled(&self, text: &str) -> String {
        text.replace("{Y}", &self.year.to_string())
            .replace("{P}", &(self.year - 1).to_string())
            .replace("{O}", &(self.year - 2).to_string())
            .replace("{T}", &self.time)
    }

    /// Whether its columns have to stay as they are.
    pub(super) fn is_settled(&self) -> bool {
        let Edits { rows, marks, swapped_from, page_break, .. } = &self.edits;
        self.has_unit
            || self.has_odd_figure
            || !rows.is_empty()
            || !marks.is_empty()
            || swapped_from.is_some()
            || page_break.is_some()
            || !self.table.groups.is_empty()
            || self.table.columns.iter().any(|column| column.series.is_none())
    }

    /// Draws one of the texts and fills it.
    pub(super) fn one_of(&mut self, texts: &[&str]) -> String {
        let text = *self.chance.pick(texts);
        self.played.push(text.to_owned());
        self.filled(text)
    }

    /// Puts a line at any place between the title and the table.
    pub(super) fn add_line(&mut self, line: String) {
        let at = self.chance.between(0, self.lines.len());
        self.lines.insert(at, line);
    }

    /// Makes figures doubtful: a finding has to quote one of the words.
    pub(super) fn doubt(&mut self, rows: Option<Vec<usize>>, words: &[&str]) {
        for (idx, row) in self.table.rows.iter_mut().enumerate() {
            if rows.as_ref().is_none_or(|rows| rows.contains(&idx)) {
                for figure in &mut row.figures {
                    figure.is_doubtful = true;
                }
            }
        }
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        self.doubts.push(Doubt { rows, words, codes: Vec::new() });
    }

    /// Returns the document and what happens to its page.
    pub(super) fn finished(self) -> (Document, Edits) {
        let Self { mut table, mut edits, title, above, lines, head, doubts, standing, .. } = self;
        edits.n_labels = table.row_labels.len() + usize::from(table.has_running_numbers);
        edits.n_figures = table.columns.len();
        edits.has_running_numbers = table.has_running_numbers;
        table.captions = [vec!["附件1".to_owned()], above, vec![title.clone()], lines].concat();
        table.title = title;
        let document = Document {
            kind: Kind::Plain,
            head,
            tables: vec![table],
            sentence: None,
            layouts: Vec::new(),
            refusals: Vec::new(),
            standing,
            doubts,
        };
        (document, edits)
    }
}

fn head(dated: NaiveDate, chance: &mut Chance) -> (Vec<String>, (Origin, Release)) {
    let (year, day) = (dated.format("%Y"), dated.format("%-Y年%-m月%-d日"));
    let published = (Origin::Published, Release::Published);
    match chance.below(3) {
        0 => (
            vec![
                "发布机构：青海省人民政府办公厅".to_owned(),
                format!("发文字号：青政办函〔{year}〕12号"),
                "标题：关于合成数据情况的通报".to_owned(),
                format!("成文日期：{dated}"),
            ],
            published,
        ),
        1 => (
            vec![
                "青海省人民政府办公厅".to_owned(),
                "关于合成数据情况的通报".to_owned(),
                format!("青政办函〔{year}〕12号"),
                "青海省人民政府办公厅".to_owned(),
                day.to_string(),
            ],
            published,
        ),
        _ => (
            vec!["发布机构:青海省人民政府办公厅".to_owned(), format!("成文日期:{dated}")],
            (Origin::Reported, Release::Draft),
        ),
    }
}

fn month_end(year: i32, month: u32) -> NaiveDate {
    let next = NaiveDate::from_ymd_opt(year, month + 1, 1).expect("no time here ends in December");
    next.pred_opt().expect("it is not the first day of all")
}

/// Columns whose times follow from what is printed: a first month, and a last day.
fn columns(year: i32, (first, end): (u32, NaiveDate), chance: &mut Chance) -> Vec<Column> {
    let n_columns = chance.between(1, 3);
    let start = NaiveDate::from_ymd_opt(year, first, 1);
    let flow = if first == 1 { Accumulation::YearToDate } else { Accumulation::Period };
    let column = |(label, indicator, unit, is_of_day): (&str, &str, &str, bool)| {
        let (period, accumulation) = if is_of_day {
            (Period::point(end), Accumulation::Point)
        } else {
            (Period { start, end }, flow)
        };
        Column {
            label: label.to_owned(),
            series: Some(Series { indicator: indicator.to_owned(), accumulation, period }),
            style: Style { unit: unit.to_owned(), exponent: 0, shape: Shape::Count },
        }
    };
    chance.some(&COLUMNS, n_columns).into_iter().map(column).collect()
}

fn row(department: &str, name: &str, n_figures: usize, chance: &mut Chance) -> TableRow {
    let subject = Subject {
        department: department.to_owned(),
        region: "630000".to_owned(),
        breakdown: String::new(),
    };
    let figures = (0..n_figures).map(|_| plain(chance)).collect();
    TableRow { subject, labels: vec![name.to_owned()], figures }
}

/// A count in digits.
pub(super) fn plain(chance: &mut Chance) -> Figure {
    let most = *chance.pick(&[9, 99, 999, 9_999, 99_999, 9_999_999]);
    let number = i64::try_from(chance.between(1, most)).expect("it is small");
    Figure::new(number.to_string(), number * 100)
}

pub(super) fn total_of(rows: &[TableRow]) -> Total {
    let n_figures = rows.first().map_or(0, |row| row.figures.len());
    let printed = (0..n_figures).map(|idx| total(rows.iter().map(|row| &row.figures[idx])));
    Total {
        label: "合计".to_owned(),
        has_running_number: false,
        is_first: false,
        printed: printed.collect(),
    }
}

impl Edits {
    /// Changes a page.
    pub(super) fn applied(self, items: Vec<Item>, abilities: Abilities) -> Vec<Item> {
        let mut changed = Vec::new();
        for item in items {
            match item {
                Item::Table(table) => {
                    changed.extend(self.of_table(table, abilities));
                    changed.extend(self.below.iter().cloned().map(Item::Line));
                }
                Item::Line(_) => changed.push(item),
            }
        }
        changed
    }

    fn of_table(&self, mut table: PageTable, abilities: Abilities) -> Vec<Item> {
        for (row, column, mark) in &self.marks {
            table.rows[*row].marks.push((self.n_labels + column, mark.clone()));
        }
        for (row, mark) in &self.label_marks {
            table.rows[*row].marks.push((self.n_labels - 1, mark.clone()));
        }
        for row in &self.hidden {
            table.rows[*row].is_hidden = true;
        }
        if let Some(from) = self.swapped_from {
            for row in table.rows.iter_mut().skip(from) {
                // A total may stand there without the cell of the running number.
                let first = row.cells.len() - self.n_figures;
                row.cells.swap(first, first + 1);
            }
        }
        let header = table.flat_header().pop().unwrap_or_default();
        let mut rows = self.rows.clone();
        rows.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        for (at, extra) in rows {
            let is_new_order = self.swapped_from.is_some_and(|from| at >= from);
            table.rows.insert(at, self.page_row(extra, (&header, is_new_order), abilities));
        }
        let Some((at, lines, has_header)) = &self.page_break else {
            return vec![Item::Table(table)];
        };
        let mut rest = PageTable { rows: table.rows.split_off(*at), ..table.clone() };
        if !has_header {
            rest.header = Vec::new();
        } else if self.swapped_from.is_some()
            && let Some(labels) = rest.header.last_mut()
        {
            labels.swap(self.n_labels, self.n_labels + 1);
        }
        let lines = lines.iter().cloned().map(Item::Line);
        std::iter::once(Item::Table(table)).chain(lines).chain([Item::Table(rest)]).collect()
    }

    fn page_row(
        &self,
        extra: ExtraRow,
        (header, is_swapped): (&[String], bool),
        abilities: Abilities,
    ) -> PageRow {
        let n_cells = self.n_labels + self.n_figures;
        match extra {
            ExtraRow::Labelled(label, figures) => {
                let mut cells = Vec::new();
                if self.has_running_numbers && abilities.has_empty_cells {
                    cells.push(String::new());
                }
                cells.push(label);
                cells.extend(figures);
                PageRow { cells, ..PageRow::default() }
            }
            ExtraRow::Section(text) => {
                let mut cells = vec![String::new(); n_cells];
                cells[0] = text;
                PageRow { cells, is_section: true, ..PageRow::default() }
            }
            ExtraRow::Header => {
                let mut cells = header.to_vec();
                if is_swapped {
                    cells.swap(self.n_labels, self.n_labels + 1);
                }
                PageRow { cells, ..PageRow::default() }
            }
            ExtraRow::Blank => {
                PageRow { cells: vec![String::new(); n_cells], ..PageRow::default() }
            }
        }
    }
}
