//! A document as it is laid out: lines, and tables as rows of cells, before any format.

use super::chance::Chance;
use super::document::{Document, Table};

/// A part of a page.
#[derive(Debug, Clone)]
pub(crate) enum Item {
    /// A line of text.
    Line(String),
    /// A table.
    Table(PageTable),
}

/// A table as it is laid out.
#[derive(Debug, Clone)]
pub(crate) struct PageTable {
    /// The title, for layouts that print it inside the table.
    pub(crate) title: String,
    /// One row of labels, or two where labels stand above others.
    pub(crate) header: Vec<Vec<HeaderCell>>,
    /// The rows below.
    pub(crate) rows: Vec<PageRow>,
    /// Cells of a whole row.
    pub(crate) n_columns: usize,
}

/// A label and how far it reaches.
#[derive(Debug, Clone)]
pub(crate) struct HeaderCell {
    pub(crate) text: String,
    pub(crate) n_rows: usize,
    pub(crate) n_columns: usize,
}

/// A row below the header. A line break in a cell means that the cell is broken there.
#[derive(Debug, Clone)]
pub(crate) struct PageRow {
    pub(crate) cells: Vec<String>,
    /// Whether it is nothing but the heading of what follows.
    pub(crate) is_section: bool,
}

/// What a carrier of tables can show.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Abilities {
    /// Cells may be empty.
    pub(crate) has_empty_cells: bool,
    /// Names of departments may be broken over lines.
    pub(crate) breaks_names: bool,
    /// Labels of columns may be broken over lines.
    pub(crate) breaks_labels: bool,
    /// Headings may stand alone in a row.
    pub(crate) has_sections: bool,
    /// Percent of the tables whose header has two levels.
    pub(crate) two_levels: usize,
}

/// Lays out a document.
pub(crate) fn laid_out(
    document: &Document,
    abilities: Abilities,
    chance: &mut Chance,
) -> Vec<Item> {
    let mut items: Vec<Item> = document.head.iter().cloned().map(Item::Line).collect();
    for table in &document.tables {
        items.extend(table.captions.iter().cloned().map(Item::Line));
        items.push(Item::Table(page_table(table, abilities, chance)));
        items.extend(table.notes.iter().cloned().map(Item::Line));
    }
    items
}

fn page_table(table: &Table, abilities: Abilities, chance: &mut Chance) -> PageTable {
    let mut rows = Vec::new();
    let mut number = 1;
    for row in &table.rows {
        let mut cells = Vec::new();
        if table.has_running_numbers {
            cells.push(number.to_string());
            number += 1;
        }
        let is_broken = abilities.breaks_names && chance.in_hundred(20);
        cells.push(if is_broken { broken(&row.label, chance) } else { row.label.clone() });
        cells.extend(row.figures.iter().map(|figure| {
            let is_lost = figure.printed.is_empty() && !abilities.has_empty_cells;
            if is_lost { "—".to_owned() } else { figure.printed.clone() }
        }));
        rows.push(PageRow { cells, is_section: false });
    }
    let n_columns = table.columns.len() + 1 + usize::from(table.has_running_numbers);
    if abilities.has_sections && chance.in_hundred(12) {
        let mut cells = vec![String::new(); n_columns];
        cells[0].push_str("一、合成数据的一节");
        let at = chance.below(rows.len());
        rows.insert(at, PageRow { cells, is_section: true });
    }
    if let Some(row) = total_row(table, number, abilities) {
        let at =
            if table.total.as_ref().is_some_and(|total| total.is_first) { 0 } else { rows.len() };
        rows.insert(at, row);
    }
    let title = table.captions.iter().find(|line| !line.starts_with("附件"));
    PageTable {
        title: title.cloned().unwrap_or_default(),
        header: header(table, abilities, chance),
        rows,
        n_columns,
    }
}

fn total_row(table: &Table, next_number: usize, abilities: Abilities) -> Option<PageRow> {
    let total = table.total.as_ref()?;
    let mut cells = Vec::new();
    if table.has_running_numbers {
        let is_numbered = total.has_running_number && !total.is_first;
        if is_numbered {
            cells.push(next_number.to_string());
        } else if abilities.has_empty_cells {
            cells.push(String::new());
        }
    }
    cells.push(total.label.clone());
    cells.extend(total.printed.iter().cloned());
    Some(PageRow { cells, is_section: false })
}

fn header(table: &Table, abilities: Abilities, chance: &mut Chance) -> Vec<Vec<HeaderCell>> {
    let has_two_levels = table.columns.len() > 1 && chance.in_hundred(abilities.two_levels);
    let n_rows = if has_two_levels { 2 } else { 1 };
    let cell =
        |text: &str, n_rows, n_columns| HeaderCell { text: text.to_owned(), n_rows, n_columns };
    let mut first = Vec::new();
    if table.has_running_numbers {
        first.push(cell("序号", n_rows, 1));
    }
    first.push(cell(&table.department_label, n_rows, 1));
    let labels: Vec<HeaderCell> = table
        .columns
        .iter()
        .map(|column| {
            let is_broken = abilities.breaks_labels && chance.in_hundred(8);
            let text = if is_broken { broken(&column.label, chance) } else { column.label.clone() };
            cell(&text, 1, 1)
        })
        .collect();
    if has_two_levels {
        let n_left = chance.between(1, table.columns.len());
        first.push(cell("数据对接和汇聚情况", 1, n_left));
        if n_left < table.columns.len() {
            first.push(cell("政务服务工作进展情况", 1, table.columns.len() - n_left));
        }
        vec![first, labels]
    } else {
        first.extend(labels);
        vec![first]
    }
}

/// Breaks a text in two at any of its characters.
pub(crate) fn broken(text: &str, chance: &mut Chance) -> String {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() < 2 {
        return text.to_owned();
    }
    let at = chance.between(1, chars.len() - 1);
    let halves = [&chars[..at], &chars[at..]].map(|half| half.iter().collect::<String>());
    halves.join("\n")
}

impl PageTable {
    /// Returns the labels of a header of one level.
    pub(crate) fn labels(&self) -> Vec<String> {
        self.header[0].iter().map(|cell| cell.text.clone()).collect()
    }

    /// Returns the header as rows of a grid that has no spans: what they cover is empty.
    pub(crate) fn flat_header(&self) -> Vec<Vec<String>> {
        let mut rows = vec![vec![String::new(); self.n_columns]; self.header.len()];
        let mut is_taken = vec![vec![false; self.n_columns]; self.header.len()];
        for (row_idx, cells) in self.header.iter().enumerate() {
            let mut column = 0;
            for cell in cells {
                while is_taken[row_idx][column] {
                    column += 1;
                }
                rows[row_idx][column].clone_from(&cell.text);
                for taken in is_taken.iter_mut().skip(row_idx).take(cell.n_rows) {
                    taken[column..column + cell.n_columns].fill(true);
                }
                column += cell.n_columns;
            }
        }
        rows
    }
}
