//! What the template of a page is given: texts as they are printed, and values to sort by.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::diag::{Lang, Message, printable};
use crate::output::workbook::width_of;
use crate::report::content::{
    Asked, Block, Cell, CellFormat, Chart, ChartKind, Column, Mark, Report, Row, RowKind, Section,
    Span, Table, TablePurpose, Value,
};
use crate::report::html::assets;
use crate::report::html::policy::policy;
use crate::report::html::script_json::script_json;
use crate::report::letter::{self, LetterLine, is_annex};
use crate::report::shown::{mark_words, shown};
use crate::report::told::{folded, is_hash};

/// Height of a chart, and of each bar of a lying one, in pixels.
const CHART_HEIGHT: usize = 360;
const BAR_HEIGHT: usize = 30;
/// Characters of a text from which on its cell is made wider.
const LONG_TEXT: usize = 40;
/// Latin characters up to which a text stands on one line; a Chinese one takes two.
const BRIEF_WIDTH: usize = 26;
/// Width and height of a sparkline, in units of its own, and what is left free at its edges.
const SPARK: (f64, f64, f64) = (100.0, 24.0, 2.0);

/// A page.
#[derive(Serialize)]
pub(super) struct PageView {
    lang: &'static str,
    title: String,
    subtitle: String,
    tool_version: String,
    is_synthetic: bool,
    sections: Vec<SectionView>,
    legend: Vec<MarkView>,
    made_from: String,
    texts: BTreeMap<&'static str, String>,
    labels: String,
    policy: String,
    style: &'static str,
    script: &'static str,
    echarts: &'static str,
    licence: &'static str,
    licence_d3: &'static str,
    notice: &'static str,
}

#[derive(Serialize)]
struct SectionView {
    id: String,
    title: String,
    is_page: bool,
    /// What stands around the text of an official paper, in the sections where that begins and ends.
    above: Vec<LineView>,
    below: Vec<LineView>,
    blocks: Vec<BlockView>,
}

#[derive(Serialize)]
struct LineView {
    text: String,
    is_open: bool,
}

/// One of its parts is there; a table also behind cards and charts.
#[derive(Default, Serialize)]
struct BlockView {
    heading: Option<String>,
    level: u8,
    spans: Option<Vec<SpanView>>,
    remark: Option<String>,
    cards: Option<Vec<CardView>>,
    /// What must be known of the cards.
    notes: Vec<String>,
    chart: Option<ChartView>,
    table: Option<TableView>,
}

#[derive(Serialize)]
struct SpanView {
    text: String,
    figure: Option<String>,
    source: String,
    marks: Vec<MarkView>,
}

#[derive(Serialize)]
struct CardView {
    name: String,
    value: String,
    unit: Option<String>,
    marks: Vec<MarkView>,
    facts: Vec<FactView>,
}

#[derive(Serialize)]
struct FactView {
    label: String,
    text: String,
    direction: &'static str,
}

#[derive(Serialize)]
struct ChartView {
    id: String,
    title: String,
    unit: Option<String>,
    height: usize,
    json: String,
    notes: Vec<String>,
    source: Option<String>,
}

#[derive(Serialize)]
struct TableView {
    id: String,
    title: String,
    /// Whether the section bears its title.
    is_annex: bool,
    columns: Vec<ColumnView>,
    rows: Vec<RowView>,
    has_total: bool,
    notes: Vec<String>,
    source: Option<String>,
}

#[derive(Serialize)]
struct ColumnView {
    label: String,
    unit: Option<String>,
    kind: &'static str,
    /// Whether a note says what stands in it: it is only downloaded.
    is_folded: bool,
}

#[derive(Serialize)]
struct RowView {
    is_total: bool,
    cells: Vec<CellView>,
}

#[derive(Serialize)]
struct CellView {
    text: String,
    sort: String,
    kind: &'static str,
    is_negative: bool,
    is_long: bool,
    is_brief: bool,
    is_hash: bool,
    is_folded: bool,
    spark: Option<String>,
    marks: Vec<MarkView>,
    remark: Option<String>,
}

#[derive(Serialize)]
struct MarkView {
    name: &'static str,
    short: String,
    long: String,
}

/// What the script of the page draws.
#[derive(Serialize)]
struct ChartValues<'a> {
    kind: ChartKind,
    unit: Option<String>,
    x: Vec<String>,
    series: Vec<SeriesValues<'a>>,
}

#[derive(Serialize)]
struct SeriesValues<'a> {
    name: String,
    values: &'a [Option<f64>],
    marks: Vec<(usize, Mark)>,
}

impl PageView {
    /// Returns what the page of a report says.
    pub(super) fn of(report: &Report) -> Self {
        let view = View { lang: report.lang };
        let of = &report.provenance;
        let made_from = Message::new("report.made_from")
            .with("version", &of.tool_version)
            .with("snapshot", of.snapshot)
            .with("count", of.batches.len());
        Self {
            lang: match report.lang {
                Lang::En => "en",
                Lang::Zh => "zh-CN",
            },
            title: printable(&report.title),
            subtitle: printable(report.subtitle.as_deref().unwrap_or_default()),
            tool_version: of.tool_version.clone(),
            is_synthetic: report.is_synthetic,
            sections: view.sections(report),
            legend: view.marks(&marks_in(report)),
            made_from: made_from.text(report.lang),
            texts: view.texts(),
            labels: view.labels(),
            policy: policy(&[assets::ECHARTS, assets::SCRIPT]),
            style: assets::STYLE,
            script: assets::SCRIPT,
            echarts: assets::ECHARTS,
            licence: assets::LICENCE,
            licence_d3: assets::LICENCE_D3,
            notice: assets::NOTICE,
        }
    }
}

/// Makes views in the language of a report.
struct View {
    lang: Lang,
}

impl View {
    fn sections(&self, report: &Report) -> Vec<SectionView> {
        let mut sections: Vec<SectionView> =
            report.sections.iter().map(|section| self.section(section)).collect();
        let n_text = report.sections.iter().take_while(|section| !is_annex(section)).count();
        if let Some(text) = sections.get_mut(..n_text) {
            text.iter_mut().take(1).for_each(|first| first.above = lines(letter::above(report)));
            text.iter_mut()
                .rev()
                .take(1)
                .for_each(|last| last.below = lines(letter::below(report)));
        }
        sections
    }

    fn section(&self, section: &Section) -> SectionView {
        SectionView {
            id: section.id.clone(),
            title: printable(&section.title),
            is_page: is_annex(section),
            above: Vec::new(),
            below: Vec::new(),
            blocks: section.blocks.iter().map(|block| self.block(block)).collect(),
        }
    }

    fn block(&self, block: &Block) -> BlockView {
        match block {
            Block::Heading { level, text } => BlockView {
                heading: Some(printable(text)),
                // The section has the second level of the page.
                level: (level + 1).clamp(3, 6),
                ..BlockView::default()
            },
            Block::Paragraph { spans } => BlockView {
                spans: Some(spans.iter().map(|span| self.span(span)).collect()),
                ..BlockView::default()
            },
            Block::Remark { text } => {
                BlockView { remark: Some(printable(text)), ..BlockView::default() }
            }
            // What is said below the cards is not said again below their table.
            Block::Table(table) if table.purpose == TablePurpose::Headlines => {
                let view = self.table(table);
                BlockView {
                    cards: Some(self.cards(table)),
                    notes: view.notes.clone(),
                    table: Some(TableView { notes: Vec::new(), ..view }),
                    ..BlockView::default()
                }
            }
            Block::Table(table) => {
                BlockView { table: Some(self.table(table)), ..BlockView::default() }
            }
            Block::Chart(chart) => BlockView {
                chart: Some(Self::chart(chart)),
                // What is said below the chart is not said again below its table.
                table: Some(TableView {
                    notes: Vec::new(),
                    source: None,
                    ..self.table(&chart.table())
                }),
                ..BlockView::default()
            },
        }
    }

    fn span(&self, span: &Span) -> SpanView {
        match span {
            Span::Text { text } => SpanView {
                text: printable(text),
                figure: None,
                source: String::new(),
                marks: Vec::new(),
            },
            Span::Figure(figure) => SpanView {
                text: printable(&figure.shown),
                figure: Some(figure.value.exact_text()),
                source: format!("{} · {}", source_of(&figure.source.asked), figure.source.column),
                marks: self.marks(&figure.marks),
            },
        }
    }

    /// A card for each row: its name, its figure, and the other columns that have something.
    fn cards(&self, table: &Table) -> Vec<CardView> {
        let at = |name: &str| table.columns.iter().position(|column| column.name == name);
        let (value_at, unit_at) = (at("value").unwrap_or(1), at("unit"));
        let card = |row: &Row| {
            let text =
                |at: usize| row.cells.get(at).map(|cell| self.text(cell, table.columns[at].format));
            let facts = row.cells.iter().enumerate();
            let facts = facts.filter(|(idx, cell)| {
                *idx != 0
                    && *idx != value_at
                    && Some(*idx) != unit_at
                    && cell.value != Value::Missing
            });
            CardView {
                name: text(0).unwrap_or_default(),
                value: text(value_at).unwrap_or_default(),
                unit: unit_at.and_then(text),
                marks: row
                    .cells
                    .get(value_at)
                    .map_or_else(Vec::new, |cell| self.marks(&cell.marks)),
                facts: facts.map(|(idx, cell)| self.fact(cell, &table.columns[idx])).collect(),
            }
        };
        table.rows.iter().map(card).collect()
    }

    fn fact(&self, cell: &Cell, column: &Column) -> FactView {
        let is_change =
            matches!(column.format, CellFormat::Change { .. } | CellFormat::PercentChange { .. });
        let value = cell.value.as_number().filter(|_| is_change).unwrap_or_default();
        FactView {
            label: printable(&column.label),
            text: self.text(cell, column.format),
            direction: match value {
                value if value > 0.0 => "up",
                value if value < 0.0 => "down",
                _ => "",
            },
        }
    }

    fn table(&self, table: &Table) -> TableView {
        let (are_folded, said) = folded(table, self.lang);
        let columns = table.columns.iter().zip(&are_folded).map(|(column, is_folded)| ColumnView {
            label: printable(&column.label),
            unit: column.unit.as_deref().map(printable),
            kind: kind_of(column.format),
            is_folded: *is_folded,
        });
        let rows = table.rows.iter().map(|row| RowView {
            is_total: row.kind == RowKind::Total,
            cells: row
                .cells
                .iter()
                .zip(table.columns.iter().zip(&are_folded))
                .map(|(cell, (column, is_folded))| self.cell(cell, column.format, *is_folded))
                .collect(),
        });
        TableView {
            id: table.id.clone(),
            title: printable(&table.title),
            is_annex: table.purpose == TablePurpose::Annex,
            columns: columns.collect(),
            rows: rows.collect(),
            has_total: table.rows.iter().any(|row| row.kind == RowKind::Total),
            notes: said.iter().chain(&table.notes).map(|note| printable(note)).collect(),
            source: table.asked.as_ref().map(source_of),
        }
    }

    fn cell(&self, cell: &Cell, format: CellFormat, is_folded: bool) -> CellView {
        let is_change =
            matches!(format, CellFormat::Change { .. } | CellFormat::PercentChange { .. });
        let spark = match &cell.value {
            Value::Course(values) => Some(spark(values)),
            _ => None,
        };
        let text = self.text(cell, format);
        CellView {
            is_long: format == CellFormat::Text && text.chars().count() > LONG_TEXT,
            is_brief: width_of(&text) <= BRIEF_WIDTH,
            is_hash: is_hash(&text, format),
            is_folded,
            text,
            sort: match &cell.value {
                Value::Course(values) => course_text(values),
                value => printable(&value.exact_text()),
            },
            kind: kind_of(format),
            is_negative: is_change && cell.value.as_number().is_some_and(|value| value < 0.0),
            spark,
            marks: self.marks(&cell.marks),
            remark: cell.remark.as_deref().map(printable),
        }
    }

    fn text(&self, cell: &Cell, format: CellFormat) -> String {
        match &cell.value {
            Value::Course(values) => course_text(values),
            value => shown(value, format, self.lang),
        }
    }

    fn marks(&self, marks: &[Mark]) -> Vec<MarkView> {
        let view = |mark: &Mark| {
            let (short, long) = mark_words(*mark, self.lang);
            MarkView { name: mark.as_str(), short, long }
        };
        marks.iter().map(view).collect()
    }

    fn chart(chart: &Chart) -> ChartView {
        let series = chart.series.iter().map(|series| SeriesValues {
            name: printable(&series.name),
            values: &series.values,
            marks: series.marks.iter().map(|(at, mark)| (*at, *mark)).collect(),
        });
        let values = ChartValues {
            kind: chart.kind,
            unit: chart.unit.as_deref().map(printable),
            x: chart.x.iter().map(|label| printable(label)).collect(),
            series: series.collect(),
        };
        let height = match chart.kind {
            ChartKind::Bar => 60 + BAR_HEIGHT * chart.x.len() * chart.series.len().clamp(1, 2),
            ChartKind::Line | ChartKind::Column | ChartKind::Stacked => CHART_HEIGHT,
        };
        ChartView {
            id: chart.id.clone(),
            title: printable(&chart.title),
            unit: chart.unit.as_deref().map(printable),
            height,
            json: script_json(&values),
            notes: chart.notes.iter().map(|note| printable(note)).collect(),
            source: chart.asked.as_ref().map(source_of),
        }
    }

    /// What the page itself says.
    fn texts(&self) -> BTreeMap<&'static str, String> {
        let texts = [
            ("as_table", "report.page_as_table"),
            ("contents", "report.page_contents"),
            ("legend", "report.page_legend"),
            ("licences", "report.page_licences"),
            ("print", "report.page_print"),
            ("skip", "report.page_skip"),
            ("source", "report.page_source"),
            ("synthetic", "report.page_synthetic"),
            ("theme", "report.page_theme"),
        ];
        texts.into_iter().map(|(name, code)| (name, self.said(code))).collect()
    }

    /// What its script says, as JSON.
    fn labels(&self) -> String {
        let texts = [
            ("count", "report.page_count"),
            ("download", "report.page_download"),
            ("downloaded", "report.page_downloaded"),
            ("filter", "report.page_filter"),
            ("filter_of", "report.page_filter_of"),
            ("marks_column", "report.book.marks"),
            ("no_value", "report.page_no_value"),
            ("sorted_ascending", "report.page_ascending"),
            ("sorted_descending", "report.page_descending"),
            ("sorted_none", "report.page_unsorted"),
            ("told", "report.page_told"),
        ];
        let texts: BTreeMap<&str, String> =
            texts.into_iter().map(|(name, code)| (name, self.said(code))).collect();
        let marks: BTreeMap<&str, String> =
            Mark::ALL.iter().map(|mark| (mark.as_str(), mark_words(*mark, self.lang).1)).collect();
        let mut labels: BTreeMap<&str, serde_json::Value> =
            texts.into_iter().map(|(name, text)| (name, text.into())).collect();
        let marks = marks.into_iter().map(|(name, text)| (name.to_owned(), text.into()));
        labels.insert("marks", serde_json::Value::Object(marks.collect()));
        script_json(&labels)
    }

    fn said(&self, code: &'static str) -> String {
        Message::new(code).text(self.lang)
    }
}

fn lines(lines: Vec<LetterLine>) -> Vec<LineView> {
    let view = |line: LetterLine| LineView { text: printable(&line.text), is_open: line.is_open };
    lines.into_iter().map(view).collect()
}

/// The marks that stand anywhere in a report, in their order.
fn marks_in(report: &Report) -> Vec<Mark> {
    let mut marks = Vec::new();
    for block in report.sections.iter().flat_map(|section| &section.blocks) {
        match block {
            Block::Table(table) => {
                let cells = table.rows.iter().flat_map(|row| &row.cells);
                marks.extend(cells.flat_map(|cell| &cell.marks));
            }
            Block::Chart(chart) => {
                let series = chart.series.iter().flat_map(|series| &series.marks);
                marks.extend(series.map(|(_, mark)| *mark));
            }
            Block::Paragraph { spans } => marks.extend(spans.iter().flat_map(|span| match span {
                Span::Figure(figure) => figure.marks.clone(),
                Span::Text { .. } => Vec::new(),
            })),
            Block::Heading { .. } | Block::Remark { .. } => {}
        }
    }
    marks.sort_unstable();
    marks.dedup();
    marks
}

/// A question with its values, in one line.
fn source_of(asked: &Asked) -> String {
    let params = asked.params.iter().map(|(name, value)| format!("{name}={value}"));
    let parts = std::iter::once(asked.query.clone()).chain(params);
    printable(&parts.collect::<Vec<_>>().join(" "))
}

/// The class of a cell, by which it is aligned and sorted.
fn kind_of(format: CellFormat) -> &'static str {
    match format {
        CellFormat::Number { .. }
        | CellFormat::Percent { .. }
        | CellFormat::Change { .. }
        | CellFormat::PercentChange { .. } => "number",
        CellFormat::Id => "id",
        CellFormat::Day | CellFormat::Month | CellFormat::Instant | CellFormat::Truth => "short",
        CellFormat::Course => "course",
        CellFormat::Text => "text",
    }
}

/// The values of a course one after another, for who cannot see it.
fn course_text(values: &[Option<f64>]) -> String {
    let number = CellFormat::Number { decimals: 4 };
    let text = |value: &Option<f64>| match value {
        Some(value) => shown(&Value::Number(*value), number, Lang::En),
        None => "–".to_owned(),
    };
    values.iter().map(text).collect::<Vec<_>>().join(" ")
}

/// The line of a sparkline from the least to the greatest of its values; it breaks where there is none.
fn spark(values: &[Option<f64>]) -> String {
    let (width, height, edge) = SPARK;
    let known = values.iter().flatten().copied().filter(|value| value.is_finite());
    let least = known.clone().fold(f64::INFINITY, f64::min).min(0.0);
    let most = known.fold(f64::NEG_INFINITY, f64::max).max(0.0);
    let span = if most > least { most - least } else { 1.0 };
    #[expect(clippy::cast_precision_loss, reason = "a course has few periods")]
    let step = (width - 2.0 * edge) / (values.len().saturating_sub(1).max(1)) as f64;
    let mut path = String::new();
    let (mut x, mut is_drawn) = (edge, false);
    let is_known = |idx: usize| values.get(idx).is_some_and(Option::is_some);
    for (idx, value) in values.iter().enumerate() {
        if let Some(value) = value.filter(|value| value.is_finite()) {
            let y = height - edge - (value - least) / span * (height - 2.0 * edge);
            if !is_drawn && !is_known(idx + 1) {
                // A period alone is a dot, wide enough to be seen.
                path.push_str(&format!("M{:.1} {y:.1}h3", x - 1.5));
            } else {
                path.push_str(&format!("{}{x:.1} {y:.1}", if is_drawn { 'L' } else { 'M' }));
            }
            is_drawn = true;
        } else {
            is_drawn = false;
        }
        x += step;
    }
    path
}
