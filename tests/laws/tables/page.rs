//! A document as it is laid out: lines, and tables as rows of cells, before any format.

use super::chance::Chance;
use super::document::{Document, Table};
use super::levels::HeaderForm;

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
    /// The rows of labels: one, or more where labels stand above others.
    pub(crate) header: Vec<Vec<HeaderCell>>,
    /// How labels above others are printed.
    pub(crate) header_form: HeaderForm,
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
#[derive(Debug, Clone, Default)]
pub(crate) struct PageRow {
    pub(crate) cells: Vec<String>,
    /// Whether it is nothing but the heading of what follows.
    pub(crate) is_section: bool,
    /// What is special about cells, from 0, where the format can show it.
    pub(crate) marks: Vec<(usize, Mark)>,
    /// Whether it does not show.
    pub(crate) is_hidden: bool,
}

/// What is special about a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mark {
    /// It is merged with the cell above, and empty.
    Above,
    /// It is merged with the cell to its left, and empty.
    Left,
    /// This text, struck through, stands before its own.
    StruckBefore(String),
    /// This text, raised, stands behind its own.
    RaisedBehind(String),
}

impl PageRow {
    /// Whether a cell has a mark.
    pub(crate) fn has(&self, at: usize, mark: &Mark) -> bool {
        self.marks.iter().any(|(cell, known)| *cell == at && known == mark)
    }

    /// Returns what is struck through before the text of a cell, and what is raised behind it.
    pub(crate) fn apart(&self, at: usize) -> (&str, &str) {
        let (mut struck, mut raised) = ("", "");
        for (_, mark) in self.marks.iter().filter(|(cell, _)| *cell == at) {
            match mark {
                Mark::StruckBefore(text) => struck = text,
                Mark::RaisedBehind(text) => raised = text,
                Mark::Above | Mark::Left => {}
            }
        }
        (struck, raised)
    }
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
    /// Percent of the tables whose header has two levels though it needs but one.
    pub(crate) two_levels: usize,
    /// How labels above others are printed.
    pub(crate) header_form: HeaderForm,
}

/// What stands at a place of a header.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Slot<'a> {
    /// A label begins here.
    Start(&'a HeaderCell),
    /// The label to the left reaches over it.
    Left,
    /// A label above reaches down over it.
    Above,
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
    if let Some(sentence) = &document.sentence {
        items.extend(sentence.captions.iter().cloned().map(Item::Line));
        items.push(Item::Line(sentence.text.clone()));
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
        cells.extend(row.labels.iter().map(|label| {
            let is_broken = abilities.breaks_names && chance.in_hundred(20);
            if is_broken { broken(label, chance) } else { label.clone() }
        }));
        cells.extend(row.figures.iter().map(|figure| {
            let is_lost = figure.printed.is_empty() && !abilities.has_empty_cells;
            if is_lost { "—".to_owned() } else { figure.printed.clone() }
        }));
        rows.push(PageRow { cells, ..PageRow::default() });
    }
    let n_columns =
        table.columns.len() + table.row_labels.len() + usize::from(table.has_running_numbers);
    if abilities.has_sections && chance.in_hundred(12) {
        let mut cells = vec![String::new(); n_columns];
        cells[0].push_str("一、合成数据的一节");
        let at = chance.below(rows.len());
        rows.insert(at, PageRow { cells, is_section: true, ..PageRow::default() });
    }
    if let Some(row) = total_row(table, number, abilities) {
        let at =
            if table.total.as_ref().is_some_and(|total| total.is_first) { 0 } else { rows.len() };
        rows.insert(at, row);
    }
    PageTable {
        title: table.title.clone(),
        header: header(table, abilities, chance),
        header_form: abilities.header_form,
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
    cells.extend(
        table
            .row_labels
            .iter()
            .skip(1)
            .map(|_| if abilities.has_empty_cells { String::new() } else { "—".to_owned() }),
    );
    cells.extend(total.printed.iter().cloned());
    Some(PageRow { cells, ..PageRow::default() })
}

fn header(table: &Table, abilities: Abilities, chance: &mut Chance) -> Vec<Vec<HeaderCell>> {
    let groups = if table.groups.is_empty() {
        needless_groups(table, abilities, chance)
    } else {
        table.groups.clone()
    };
    let has_top = abilities.header_form == HeaderForm::Spans
        && !groups.is_empty()
        && groups == table.groups
        && !table.has_layout
        && chance.in_hundred(20);
    let n_rows = 1 + usize::from(!groups.is_empty()) + usize::from(has_top);
    let cell =
        |text: &str, n_rows, n_columns| HeaderCell { text: text.to_owned(), n_rows, n_columns };
    let mut first = Vec::new();
    if table.has_running_numbers {
        first.push(cell("序号", n_rows, 1));
    }
    first.extend(table.row_labels.iter().map(|label| cell(label, n_rows, 1)));
    let labels: Vec<String> = table
        .columns
        .iter()
        .map(|column| {
            let is_broken = abilities.breaks_labels && chance.in_hundred(8);
            if is_broken { broken(&column.label, chance) } else { column.label.clone() }
        })
        .collect();
    if groups.is_empty() {
        first.extend(labels.iter().map(|label| cell(label, 1, 1)));
        return vec![first];
    }
    let (mut upper, mut lower) = (Vec::new(), Vec::new());
    let mut rest = labels.as_slice();
    for (text, n_columns) in &groups {
        let (members, behind) = rest.split_at(*n_columns);
        if text.is_empty() {
            upper.extend(members.iter().map(|label| cell(label, 2, 1)));
        } else {
            upper.push(cell(text, 1, *n_columns));
            lower.extend(members.iter().map(|label| cell(label, 1, 1)));
        }
        rest = behind;
    }
    if has_top {
        first.push(cell("数据对接和汇聚情况", 1, labels.len()));
        return vec![first, upper, lower];
    }
    first.extend(upper);
    vec![first, lower]
}

/// Labels above those of a table that would do without them; none for most tables.
fn needless_groups(
    table: &Table,
    abilities: Abilities,
    chance: &mut Chance,
) -> Vec<(String, usize)> {
    let n_columns = table.columns.len();
    if n_columns < 2 || table.has_layout || !chance.in_hundred(abilities.two_levels) {
        return Vec::new();
    }
    let n_left = chance.between(1, n_columns);
    let mut groups = vec![("数据对接和汇聚情况".to_owned(), n_left)];
    if n_left < n_columns {
        groups.push(("政务服务工作进展情况".to_owned(), n_columns - n_left));
    }
    groups
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
    /// Returns over how many rows and columns a cell of the body reaches; `None` where another one
    /// reaches over it.
    pub(crate) fn reach(&self, row: usize, column: usize) -> Option<(usize, usize)> {
        let is_covered = |row: usize, column: usize, mark: &Mark| self.rows[row].has(column, mark);
        if is_covered(row, column, &Mark::Above) || is_covered(row, column, &Mark::Left) {
            return None;
        }
        let n_below = (row + 1..self.rows.len())
            .take_while(|below| is_covered(*below, column, &Mark::Above))
            .count();
        let n_right = (column + 1..self.n_columns)
            .take_while(|right| is_covered(row, *right, &Mark::Left))
            .count();
        Some((1 + n_below, 1 + n_right))
    }

    /// Returns the header as the rows of cells that a format without spans prints: what labels cover
    /// is empty, or lost.
    pub(crate) fn flat_header(&self) -> Vec<Vec<String>> {
        let slots = self.header_slots();
        let rows = slots.iter().map(|row| {
            let texts = row.iter().map(|slot| match slot {
                Slot::Start(cell) => Some(cell.text.clone()),
                Slot::Left | Slot::Above => {
                    (self.header_form != HeaderForm::Lost).then(String::new)
                }
            });
            texts.flatten().collect()
        });
        rows.collect()
    }

    /// Returns what stands at every place of the header.
    pub(crate) fn header_slots(&self) -> Vec<Vec<Slot<'_>>> {
        let mut rows: Vec<Vec<Option<Slot<'_>>>> =
            vec![vec![None; self.n_columns]; self.header.len()];
        for (row_idx, cells) in self.header.iter().enumerate() {
            let mut column = 0;
            for cell in cells {
                while rows[row_idx][column].is_some() {
                    column += 1;
                }
                for below in rows.iter_mut().skip(row_idx + 1).take(cell.n_rows - 1) {
                    below[column..column + cell.n_columns].fill(Some(Slot::Above));
                }
                rows[row_idx][column..column + cell.n_columns].fill(Some(Slot::Left));
                rows[row_idx][column] = Some(Slot::Start(cell));
                column += cell.n_columns;
            }
        }
        let filled = rows.into_iter().map(|row| row.into_iter().flatten().collect());
        filled.collect()
    }
}
