//! Values separated by commas, semicolons or tabs: one grid, every record a row.

use csv::{ReaderBuilder, StringRecord};

use crate::model::Spot;
use crate::source::container::limit;
use crate::source::limits::{MAX_CELL_CHARS, MAX_CELLS, MAX_COLUMNS, MAX_ROWS};
use crate::source::spans::tidy;
use crate::source::{Block, Cell, Grid, Paragraph, Row, RowShape, SourceError};

/// What stands between two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Separator {
    /// A tab.
    Tab,
    /// Whatever the first lines have most of: a comma, a semicolon or a tab.
    Found,
}

/// Lines that are looked at to find the separator.
const LINES_TO_LOOK_AT: usize = 32;

/// Reads separated values; values in quotes may contain line breaks.
///
/// A record with one value is a paragraph, as titles and notes above and below tables are. Rows keep
/// the number of values that they have.
pub(super) fn parse(
    text: &str,
    separator: Separator,
    file_name: &str,
) -> Result<Vec<Block>, SourceError> {
    let delimiter = match separator {
        Separator::Tab => b'\t',
        Separator::Found => found_separator(text),
    };
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    if let Some((line, reason)) = faulty_quotes(text, delimiter) {
        return Err(SourceError::Damaged {
            file_name: file_name.to_owned(),
            part: format!("CSV:{line}"),
            reason: reason.to_owned(),
        });
    }
    let mut blocks = Blocks::default();
    let mut record = StringRecord::new();
    let (mut n_cells, mut n_rows) = (0, 0);
    loop {
        let has_record = reader.read_record(&mut record).map_err(|error| SourceError::Damaged {
            file_name: file_name.to_owned(),
            part: "CSV".to_owned(),
            reason: error.to_string(),
        })?;
        if !has_record {
            break;
        }
        let line = record.position().map_or(1, csv::Position::line);
        let spot = Spot::line(usize::try_from(line).unwrap_or(usize::MAX));
        n_cells += record.len();
        n_rows += 1;
        // As many as a sheet has: the next one would take memory for twice as many.
        if n_rows > MAX_ROWS {
            return Err(limit(file_name, "rows", MAX_ROWS as u64));
        }
        if record.len() > MAX_COLUMNS {
            return Err(limit(file_name, "columns", MAX_COLUMNS as u64));
        }
        if n_cells > MAX_CELLS {
            return Err(limit(file_name, "cells", MAX_CELLS as u64));
        }
        if record.iter().any(|value| value.len() > MAX_CELL_CHARS * 4) {
            return Err(limit(file_name, "cell_characters", MAX_CELL_CHARS as u64));
        }
        blocks.add(record.iter().map(|value| Cell::single(tidy(value), spot)).collect(), spot);
    }
    Ok(blocks.finish())
}

/// Returns the line, from 1, of a value in quotes that is no such value, and why: something stands
/// between its end and the next separator (`"12"34` would be read as one value; white space does not
/// count), or it never ends, so that it would take in all that follows.
fn faulty_quotes(text: &str, delimiter: u8) -> Option<(usize, &'static str)> {
    let mut bytes = text.bytes().peekable();
    let mut line = 1;
    let mut quoted_from = 1;
    // What the last byte was a part of: the beginning of a value, one without quotes, one in quotes,
    // or what is behind these.
    let mut place = Place::Beginning;
    while let Some(byte) = bytes.next() {
        line += usize::from(byte == b'\n');
        if matches!(place, Place::Beginning) {
            quoted_from = line;
        }
        place = match (place, byte) {
            (Place::Quoted, b'"') if bytes.peek() == Some(&b'"') => {
                bytes.next();
                Place::Quoted
            }
            (Place::Quoted, b'"') => Place::Behind,
            (Place::Quoted, _) | (Place::Beginning, b'"') => Place::Quoted,
            (_, b'\n' | b'\r') => Place::Beginning,
            (_, byte) if byte == delimiter => Place::Beginning,
            (Place::Behind, b' ' | b'\t') => Place::Behind,
            (Place::Behind, _) => return Some((line, "flaw.text_behind_quotes")),
            (Place::Beginning | Place::Plain, _) => Place::Plain,
        };
    }
    matches!(place, Place::Quoted).then_some((quoted_from, "flaw.quotes_open"))
}

/// Where in a value a byte stands.
#[derive(Clone, Copy)]
enum Place {
    Beginning,
    Plain,
    Quoted,
    Behind,
}

/// The character that the first lines have most of, outside quotes.
fn found_separator(text: &str) -> u8 {
    let mut counts = [(b',', 0), (b'\t', 0), (b';', 0)];
    let mut is_quoted = false;
    for c in text.lines().take(LINES_TO_LOOK_AT).flat_map(str::bytes) {
        is_quoted ^= c == b'"';
        if let Some((_, count)) = counts.iter_mut().find(|(known, _)| *known == c && !is_quoted) {
            *count += 1;
        }
    }
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(known, _)| known)
}

/// Blocks while they are read: rows gather until a paragraph ends them.
#[derive(Default)]
struct Blocks {
    blocks: Vec<Block>,
    rows: Vec<Row>,
}

impl Blocks {
    fn add(&mut self, cells: Vec<Cell>, spot: Spot) {
        let mut texts = cells.iter().filter(|cell| !cell.text.is_empty());
        match (texts.next(), texts.next()) {
            (None, _) => {}
            (Some(only), None) if cells.len() == 1 => {
                self.end_grid();
                let text = only.text.to_string();
                self.blocks.push(Block::Paragraph(Paragraph { text, spot }));
            }
            _ => self.rows.push(Row { cells, shape: RowShape::Whole, spot }),
        }
    }

    fn end_grid(&mut self) {
        let mut rows = std::mem::take(&mut self.rows);
        let Some(n_columns) = rows.iter().map(|row| row.cells.len()).max() else { return };
        for row in rows.iter_mut().filter(|row| row.cells.len() < n_columns) {
            row.shape = RowShape::Ragged { readings: Vec::new() };
        }
        self.blocks.push(Block::Grid(Grid { name: None, n_columns, rows, strays: Vec::new() }));
    }

    fn finish(mut self) -> Vec<Block> {
        self.end_grid();
        self.blocks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let lines: Vec<String> = parse(text, Separator::Found, "a.csv")
            .unwrap()
            .into_iter()
            .flat_map(|block| match block {
                Block::Paragraph(paragraph) => vec![paragraph.text],
                Block::Grid(grid) => grid
                    .rows
                    .into_iter()
                    .map(|row| {
                        let cells: Vec<String> =
                            row.cells.into_iter().map(|c| c.text.to_string()).collect();
                        let mark = if row.shape == RowShape::Whole { "" } else { " ragged" };
                        format!("{}{mark}", cells.join("|"))
                    })
                    .collect(),
            })
            .collect();
        assert_eq!(lines.join("\n"), expected);
    }

    #[test]
    fn records_are_rows_and_single_values_paragraphs() {
        check(
            "汇聚情况表\n部门,\"办件\n数据\",评价\n省水利厅,\"1,234\",\n省民政厅,5\n备注:无\n",
            "汇聚情况表\n部门|办件数据|评价\n省水利厅|1,234|\n省民政厅|5 ragged\n备注:无",
        );
    }

    #[test]
    fn text_behind_quotes_is_refused() {
        let check = |text: &str, expected: Option<usize>| {
            let found = faulty_quotes(text, b',').map(|(line, _)| line);
            assert_eq!(found, expected, "{text:?}");
        };
        check("部门,办件\n甲,\"12\"34\n", Some(2));
        check("\"a\nb\",1\n\"甲\"乙,1", Some(3));
        check("\"a\"\"b\"c", Some(1));
        check("\"1,234\" ,\"甲\"\r\n\"a\"\"\"\n,\"\"", None);
        check("5\"3,a\"b\"", None);
        let error = parse("部门,办件\n甲,\"12\"34\n", Separator::Found, "a.csv").unwrap_err();
        assert!(matches!(error, SourceError::Damaged { part, .. } if part == "CSV:2"));
    }

    #[test]
    fn more_rows_than_a_sheet_has_are_refused_with_their_limit() {
        let text = "a,1\n".repeat(MAX_ROWS + 1);
        let error = parse(&text, Separator::Found, "a.csv").unwrap_err();
        assert_eq!(error, limit("a.csv", "rows", 1_048_576));
    }

    #[test]
    fn semicolons_and_tabs_separate_too() {
        check("部门;办件\n甲;1\n", "部门|办件\n甲|1");
        check("部门\t办件\n甲\t1\n", "部门|办件\n甲|1");
    }
}
