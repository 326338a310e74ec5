//! The figures of a report without its words, to be compared with those of the same report made again.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::report::content::{Block, Figure, Report, Span, Table, TablePurpose};

/// The figures of one table, or of the prose of one section.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FigureTable {
    /// Id of the table or chart; of prose `prose:` and the id of its section.
    pub table: String,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// A value for every column of every row, as JSON has it.
    pub rows: Vec<Vec<Json>>,
}

/// Columns of the figures of prose: the question, the column and the row that a figure is, and its value.
const PROSE_COLUMNS: [&str; 4] = ["asked", "column", "row", "value"];

/// Returns the figures of a report in the order in which it has them. Its accounts are none: they name
/// versions and hashes.
pub(super) fn figures_of(report: &Report) -> Vec<FigureTable> {
    let mut figures = Vec::new();
    for section in &report.sections {
        let of_prose: Vec<Vec<Json>> = section.blocks.iter().flat_map(prose_rows).collect();
        if !of_prose.is_empty() {
            figures.push(FigureTable {
                table: format!("prose:{}", section.id),
                columns: PROSE_COLUMNS.map(str::to_owned).to_vec(),
                rows: of_prose,
            });
        }
        figures.extend(section.blocks.iter().filter_map(|block| match block {
            Block::Table(table) if table.purpose != TablePurpose::Accounts => Some(table_of(table)),
            Block::Chart(chart) => Some(table_of(&chart.table())),
            _ => None,
        }));
    }
    figures
}

fn prose_rows(block: &Block) -> Vec<Vec<Json>> {
    let Block::Paragraph { spans } = block else { return Vec::new() };
    let figures = spans.iter().filter_map(|span| match span {
        Span::Figure(figure) => Some(prose_row(figure)),
        Span::Text { .. } => None,
    });
    figures.collect()
}

fn prose_row(figure: &Figure) -> Vec<Json> {
    let source = &figure.source;
    let pairs = |pairs: &[(String, String)]| {
        let texts = pairs.iter().map(|(name, value)| format!("{name}={value}"));
        texts.collect::<Vec<_>>().join(", ")
    };
    let asked = format!("{} {}", source.asked.query, pairs(&source.asked.params));
    vec![
        Json::from(asked.trim_end()),
        Json::from(source.column.as_str()),
        Json::from(pairs(&source.row)),
        json_of(&figure.value),
    ]
}

fn table_of(table: &Table) -> FigureTable {
    let rows = table.rows.iter();
    let row_of = |cells: &[crate::report::content::Cell]| {
        cells.iter().map(|cell| json_of(&cell.value)).collect()
    };
    FigureTable {
        table: table.id.clone(),
        columns: table.columns.iter().map(|column| column.name.clone()).collect(),
        rows: rows.map(|row| row_of(&row.cells)).collect(),
    }
}

fn json_of(value: &crate::report::content::Value) -> Json {
    serde_json::to_value(value).expect("values are texts, finite numbers and lists of them")
}
