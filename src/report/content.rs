//! What a report says, before it has a look: sections of headings, prose, tables and charts, and where
//! all of it comes from.
//!
//! Every writer of a format takes a [`Report`] and gives bytes. It asks nothing, computes no figure and
//! drops none; what it cannot show in its format (a sparkline, a chart) it shows as a table. Nothing here
//! says when the report was made, so that the same state of a lake gives the same report.

use chrono::{NaiveDate, NaiveDateTime};
use serde::Serialize;

use crate::diag::{Lang, Message};
use crate::model::{Release, text_enum};

/// The format of a report as JSON; goes up with every change that a reader of it could notice.
pub const CONTENT_FORMAT: (&str, u32) = ("tongban-report", 1);

/// A report with every figure in it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Name of its definition, as `monthly-trend`.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// What it is about, in one line.
    pub subtitle: Option<String>,
    /// The language of all texts in it.
    pub lang: Lang,
    /// Last day of the period that it is about.
    pub period_end: NaiveDate,
    /// Whether any of its figures comes from made-up data; every page, sheet or screen of it says so.
    pub is_synthetic: bool,
    /// What an official paper has around its text; `None` for a report that is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub letter: Option<Letter>,
    /// Its sections, in order. Those of an official paper on pages of their own are its annexes.
    pub sections: Vec<Section>,
    /// Where it comes from. Formats for people show it last.
    pub provenance: Provenance,
}

/// What an official paper has around its text, after GB/T 9704-2012.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Letter {
    /// 标题, in the lines in which it is set.
    pub title: String,
    /// What stands above every page, as that it is a draft.
    pub header: Option<String>,
    /// 发文字号.
    pub number: Option<String>,
    /// 主送机关, with the colon behind it.
    pub addressees: Option<String>,
    /// 发文机关署名.
    pub signature: Option<String>,
    /// 成文日期.
    pub dated: Option<NaiveDate>,
    /// What somebody should look at before the paper goes out. It does not stand in it.
    #[serde(skip)]
    pub warnings: Vec<Message>,
}

/// A part of a report under a title of its own.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Section {
    /// Unique in the report: small letters, digits and hyphens.
    pub id: String,
    /// Its heading, of level 1.
    pub title: String,
    /// Where it begins.
    pub start: SectionStart,
    /// What stands in it, in order.
    pub blocks: Vec<Block>,
}

text_enum! {
    /// Where a section begins in a format with pages.
    #[serde(rename_all = "snake_case")]
    SectionStart {
        /// Below the one before.
        Below = "below",
        /// On a page of its own, as annexes do.
        Page = "page",
        /// On a page of its own that is wider than high.
        WidePage = "wide_page",
    }
}

/// One thing after another in a section.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "block", rename_all = "snake_case")]
pub enum Block {
    /// A heading below that of the section.
    Heading {
        /// 2 to 4; the section's own is 1.
        level: u8,
        /// Its words.
        text: String,
    },
    /// Prose.
    Paragraph {
        /// Its parts, without blanks between them.
        spans: Vec<Span>,
    },
    /// Something to be heeded: a period without figures, a question without an answer.
    Remark {
        /// Its words.
        text: String,
    },
    /// A table.
    Table(Table),
    /// A chart.
    Chart(Chart),
}

/// A part of a paragraph.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "span", rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "prose has few parts")]
pub enum Span {
    /// Words.
    Text {
        /// As they stand; never markup.
        text: String,
    },
    /// A figure that an answer has.
    Figure(Figure),
}

/// A figure in prose, with the cell of the answer that it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// As it is printed, its unit included where the prose has it.
    pub shown: String,
    /// Its value, unrounded.
    pub value: Value,
    /// Unit of the value.
    pub unit: Option<String>,
    /// Where it stands.
    pub source: FigureSource,
    /// How far it is approved; `None` for what no document states.
    pub release: Option<Release>,
    /// The value in the notice before, where there is one and it differs.
    pub previous: Option<Value>,
    /// What must be known of it.
    pub marks: Vec<Mark>,
}

/// The one cell of an answer that a figure in prose is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FigureSource {
    /// The question and its parameters.
    pub asked: Asked,
    /// Column of the answer.
    pub column: String,
    /// Columns and values that only its row has.
    pub row: Vec<(String, String)>,
}

/// A question with what was given to it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Asked {
    /// Id of the query, as `aggregation/by_department`; `trend` for a table of `tongban trend`.
    pub query: String,
    /// Parameters and their values as text, in the order of the head of the query. What was not given
    /// and has no default is left out.
    pub params: Vec<(String, String)>,
}

/// A table, whole: formats that show a part of it only say so.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Table {
    /// Unique among the tables and charts of the report: small letters, digits and hyphens.
    pub id: String,
    /// What it shows.
    pub title: String,
    /// What it is for.
    pub purpose: TablePurpose,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows in the order of the answer, each with a cell for every column. A row of totals comes last.
    pub rows: Vec<Row>,
    /// What must be known of it, below it.
    pub notes: Vec<String>,
    /// What it answers; `None` for one that was put together from several.
    pub asked: Option<Asked>,
}

text_enum! {
    /// What a table is for.
    #[serde(rename_all = "snake_case")]
    TablePurpose {
        /// To be read and searched.
        Reading = "reading",
        /// A few figures that come first: one a row, of which the first column is its name. Where a format
        /// has something more striking than a table, they are shown so.
        Headlines = "headlines",
        /// An annex as it is published.
        Annex = "annex",
        /// Accounts: batches, checks, questions.
        Accounts = "accounts",
    }
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Its name in the answer, the same in every language; unique in the table.
    pub name: String,
    /// Its title.
    pub label: String,
    /// Unit of its values where all have the same, as 条. Percentages have their sign in the format.
    pub unit: Option<String>,
    /// What its cells are and how they are written.
    pub format: CellFormat,
}

/// What the cells of a column are and how they are written for people. A cell without a value is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CellFormat {
    /// Words.
    Text,
    /// Identifiers: kept as they are, never a number, however they look.
    Id,
    /// Numbers, with thousands apart; decimals as many as the value has, up to this many.
    Number {
        /// Decimals at most.
        decimals: u8,
    },
    /// Percentages: the value 12.5 is 12.5 %.
    Percent {
        /// Decimals always.
        decimals: u8,
    },
    /// Differences, with a sign before them when above zero; otherwise as numbers.
    Change {
        /// Decimals at most.
        decimals: u8,
    },
    /// Differences in percent, or between percentages, with a sign before them when above zero.
    PercentChange {
        /// Decimals always.
        decimals: u8,
    },
    /// Days.
    Day,
    /// Months, by their first day.
    Month,
    /// Instants without a zone.
    Instant,
    /// Yes or no.
    Truth,
    /// The course of a series, as a sparkline.
    Course,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// What it is.
    pub kind: RowKind,
    /// A cell for every column.
    pub cells: Vec<Cell>,
}

text_enum! {
    /// What a row is.
    #[serde(rename_all = "snake_case")]
    RowKind {
        /// One of those that the table is about.
        Body = "body",
        /// Their sum (合计), which is never counted or sorted among them.
        Total = "total",
    }
}

/// A cell of a table.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Cell {
    /// Its value.
    pub value: Value,
    /// What must be known of it, in the order of [`Mark`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Mark>,
    /// Why it is empty, or what else must be said of it, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
}

/// A value as the answer has it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// There is none.
    #[default]
    Missing,
    /// Words or an identifier. May hold whatever a document or a record holds.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// A finite number.
    Number(f64),
    /// Yes or no.
    Truth(bool),
    /// A day.
    Day(NaiveDate),
    /// An instant without a zone.
    Instant(NaiveDateTime),
    /// A series of values, in the order of time; `None` where a period has none.
    Course(Vec<Option<f64>>),
}

text_enum! {
    /// What must be known of a value, whatever its format.
    #[serde(rename_all = "snake_case")]
    Mark {
        /// Its time was inferred from the date of a document.
        DateInferred = "date_inferred",
        /// Nothing before it can be compared with it.
        Break = "break",
        /// A later publication changed it.
        Revised = "revised",
        /// Zero, or lower, because what was pushed was sent back.
        Returned = "returned",
        /// It holds what was sent back before and came again.
        Resubmitted = "resubmitted",
        /// It consists mostly of what was pushed late.
        Backfilled = "backfilled",
        /// It claims to be less than exact, or is estimated.
        Approximate = "approximate",
        /// It differs from the notice before.
        Changed = "changed",
        /// It is made up.
        Synthetic = "synthetic",
    }
}

/// A chart. Its values are also there as a table ([`Chart::table`]).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Chart {
    /// Unique among the tables and charts of the report: small letters, digits and hyphens.
    pub id: String,
    /// What it shows.
    pub title: String,
    /// How it is drawn.
    pub kind: ChartKind,
    /// What the labels of `x` are, as 月份.
    pub x_label: String,
    /// One label for every value of a series: periods in the order of time, or names.
    pub x: Vec<String>,
    /// Unit of the values.
    pub unit: Option<String>,
    /// What is drawn, at least one.
    pub series: Vec<Series>,
    /// What must be known of it, below it.
    pub notes: Vec<String>,
    /// What it answers.
    pub asked: Option<Asked>,
}

text_enum! {
    /// How a chart is drawn.
    #[serde(rename_all = "snake_case")]
    ChartKind {
        /// Lines over time.
        Line = "line",
        /// Upright columns, side by side.
        Column = "column",
        /// Lying bars, the first on top; for names.
        Bar = "bar",
        /// Upright columns on each other.
        Stacked = "stacked",
    }
}

/// The values of one line, or of one colour of columns.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Series {
    /// Whose values they are.
    pub name: String,
    /// One for every label; `None` leaves a gap and is never drawn as zero.
    pub values: Vec<Option<f64>>,
    /// What must be known of values: their positions, from 0, and marks, in order.
    pub marks: Vec<(usize, Mark)>,
}

impl Chart {
    /// Returns the values of the chart as a table: a row for each label, a column for each series.
    ///
    /// The columns are named `x`, `series-1`, `series-2`, ….
    pub fn table(&self) -> Table {
        let label = Column {
            name: "x".to_owned(),
            label: self.x_label.clone(),
            unit: None,
            format: CellFormat::Text,
        };
        let is_percent = self.unit.as_deref() == Some("%");
        let format = if is_percent {
            CellFormat::Percent { decimals: 2 }
        } else {
            CellFormat::Number { decimals: 4 }
        };
        let of_series = self.series.iter().enumerate().map(|(idx, series)| Column {
            name: format!("series-{}", idx + 1),
            label: series.name.clone(),
            unit: self.unit.clone().filter(|_| !is_percent),
            format,
        });
        let row = |idx: usize, label: &String| {
            let first = Cell { value: Value::Text(label.clone()), ..Cell::default() };
            let cells = self.series.iter().map(|series| series.cell(idx));
            Row { kind: RowKind::Body, cells: std::iter::once(first).chain(cells).collect() }
        };
        Table {
            id: format!("{}-table", self.id),
            title: self.title.clone(),
            purpose: TablePurpose::Reading,
            columns: std::iter::once(label).chain(of_series).collect(),
            rows: self.x.iter().enumerate().map(|(idx, label)| row(idx, label)).collect(),
            notes: self.notes.clone(),
            asked: self.asked.clone(),
        }
    }
}

impl Series {
    fn cell(&self, idx: usize) -> Cell {
        let value = self.values.get(idx).copied().flatten();
        let marks = self.marks.iter().filter(|(at, _)| *at == idx).map(|(_, mark)| *mark);
        Cell {
            value: value.map_or(Value::Missing, Value::Number),
            marks: marks.collect(),
            remark: None,
        }
    }
}

/// Where a report comes from: enough to make it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Provenance {
    /// Version of tongban.
    pub tool_version: String,
    /// BLAKE3 of the definition of the report, 64 hexadecimal digits.
    pub definition_hash: String,
    /// Parameters of the report as they were used, defaults included.
    pub params: Vec<(String, String)>,
    /// Number of the snapshot that was read.
    pub snapshot: i64,
    /// When it was committed; `None` for the state before the first commit.
    pub committed_at: Option<NaiveDateTime>,
    /// The day whose knowledge was asked for, where one was.
    pub as_of: Option<NaiveDate>,
    /// Batches that the snapshot holds, in the order of their commits.
    pub batches: Vec<BatchRead>,
    /// Questions, in the order in which they were first asked.
    pub questions: Vec<QuestionAsked>,
    /// Engines that answered, each with its version.
    pub engines: Vec<(String, String)>,
}

/// A batch that a report was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BatchRead {
    /// Its id.
    pub batch: String,
    /// What it was, as `notice`.
    pub kind: String,
    /// Name of the file.
    pub file_name: String,
    /// BLAKE3 of the file, 64 hexadecimal digits.
    pub source_hash: String,
    /// 发文字号.
    pub document_number: Option<String>,
    /// When it was published.
    pub published_on: Option<NaiveDate>,
    /// Rows received.
    pub rows_received: i64,
    /// Rows accepted.
    pub rows_accepted: i64,
    /// Rows returned.
    pub rows_returned: i64,
    /// Whether it is made up.
    pub is_synthetic: bool,
}

/// A question that a report was made from, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QuestionAsked {
    /// What was asked.
    pub asked: Asked,
    /// BLAKE3 of the text of the query, 64 hexadecimal digits.
    pub query_hash: String,
    /// Rows of the answer.
    pub n_rows: usize,
    /// What the other engine said. Where engines differ there is no report.
    pub check: QuestionCheck,
}

text_enum! {
    /// What came of asking the second engine.
    #[serde(rename_all = "snake_case")]
    QuestionCheck {
        /// Both engines gave the same.
        Equal = "equal",
        /// There is no second way to answer it.
        Unchecked = "unchecked",
    }
}

impl Report {
    /// Returns the tables in order, those of charts among them.
    pub fn tables(&self) -> Vec<Table> {
        let blocks = self.sections.iter().flat_map(|section| &section.blocks);
        blocks
            .filter_map(|block| match block {
                Block::Table(table) => Some(table.clone()),
                Block::Chart(chart) => Some(chart.table()),
                Block::Heading { .. } | Block::Paragraph { .. } | Block::Remark { .. } => None,
            })
            .collect()
    }
}
