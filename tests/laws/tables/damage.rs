//! Damage to pages: what copying, converting and typing do to tables.

use super::carrier::Carrier;
use super::chance::Chance;
use super::page::{Item, PageRow, PageTable, broken};

/// What happens to a document on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Damage {
    /// Nothing.
    None,
    /// A cell is gone, and those behind it move up; in a workbook it is empty.
    CellDropped,
    /// A number is broken over two lines.
    NumberBroken,
    /// A line that belongs to nothing stands between the others.
    LineInserted,
    /// A row stands there twice.
    RowRepeated,
    /// A cell stands there twice, and those behind it move on.
    CellRepeated,
    /// A line break is gone.
    LinesJoined,
}

impl Damage {
    /// Every kind of damage.
    pub(crate) const ALL: [Self; 6] = [
        Self::CellDropped,
        Self::NumberBroken,
        Self::LineInserted,
        Self::RowRepeated,
        Self::CellRepeated,
        Self::LinesJoined,
    ];

    /// Returns its name in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::CellDropped => "cell dropped",
            Self::NumberBroken => "number broken",
            Self::LineInserted => "line inserted",
            Self::RowRepeated => "row repeated",
            Self::CellRepeated => "cell repeated",
            Self::LinesJoined => "lines joined",
        }
    }
}

/// Lines that get between others: page numbers, marks of continuation, sentences.
pub(crate) const STRAY_LINES: [&str; 8] =
    ["12", "— 3 —", "（续表）", "3", "单位：万条", "合成数据。", "第2页 共5页", "1,234"];

/// Returns a line that belongs to nothing.
pub(crate) fn stray_line(chance: &mut Chance) -> String {
    (*chance.pick(&STRAY_LINES)).to_owned()
}

/// Damages one table of a page. What happens to lines of text is left to those who print them.
pub(crate) fn damage(items: &mut [Item], damage: Damage, carrier: Carrier, chance: &mut Chance) {
    let mut tables: Vec<&mut PageTable> = items
        .iter_mut()
        .filter_map(|item| match item {
            Item::Table(table) => Some(table),
            Item::Line(_) => None,
        })
        .collect();
    if tables.is_empty() {
        return;
    }
    let at = chance.below(tables.len());
    let table = &mut *tables[at];
    let bodies: Vec<usize> =
        (0..table.rows.len()).filter(|idx| !table.rows[*idx].is_section).collect();
    let row_idx = *chance.pick(&bodies);
    let n_cells = table.rows[row_idx].cells.len();
    let cell_idx = chance.below(n_cells);
    match damage {
        Damage::CellDropped if carrier.has_fixed_places() => {
            table.rows[row_idx].cells[cell_idx].clear();
        }
        Damage::CellDropped => drop(table.rows[row_idx].cells.remove(cell_idx)),
        Damage::NumberBroken => break_number(&mut table.rows[row_idx], chance),
        Damage::RowRepeated => {
            let row = table.rows[row_idx].clone();
            let at = chance.between(row_idx, table.rows.len());
            table.rows.insert(at, row);
        }
        Damage::CellRepeated => {
            let cell = table.rows[row_idx].cells[cell_idx].clone();
            // Beside an empty cell it would pass for what stands there.
            if table.rows[row_idx].cells.iter().all(|cell| !cell.is_empty()) {
                table.rows[row_idx].cells.insert(cell_idx, cell);
            }
        }
        Damage::LineInserted if !carrier.is_text() => {
            let mut cells = vec![String::new(); table.n_columns];
            let is_first = chance.in_hundred(70);
            let at = if is_first { 0 } else { chance.below(table.n_columns) };
            cells[at] = stray_line(chance);
            let row = PageRow {
                cells,
                is_section: at == 0 && chance.in_hundred(60),
                ..PageRow::default()
            };
            let at = chance.between(0, table.rows.len());
            table.rows.insert(at, row);
        }
        Damage::None | Damage::LineInserted | Damage::LinesJoined => {}
    }
}

/// Breaks a number of a row, the longest it has.
fn break_number(row: &mut PageRow, chance: &mut Chance) {
    let is_number = |cell: &String| {
        cell.chars().count() > 1 && cell.chars().all(|c| c.is_numeric() || ",.".contains(c))
    };
    let numbers: Vec<usize> =
        (0..row.cells.len()).filter(|at| is_number(&row.cells[*at])).collect();
    if let Some(at) = numbers.iter().max_by_key(|at| row.cells[**at].len()) {
        row.cells[*at] = broken(&row.cells[*at], chance);
    }
}
