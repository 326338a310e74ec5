//! Pages as lines of text, in the layouts that notices are found in when they have been copied.

use super::chance::Chance;
use super::damage::{Damage, stray_line};
use super::page::{Item, PageRow, PageTable};

/// How a table stands in lines of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// A row a line, tabs between cells.
    Tabs,
    /// A cell a line, a bar behind it.
    CellBars,
    /// A row a line, a bar behind each cell.
    RowBars,
    /// A header between bars, rows with bars behind their cells and spaces before them.
    LeadingBar,
    /// A cell a paragraph, nothing else.
    Paragraphs,
    /// A row a line, a space between cells.
    Spaces,
    /// Rows between bars, indented, the title in the first of them.
    TitleInside,
    /// A bar alone on the line above each row, a cell a line.
    BarAbove,
}

/// Prints a page, and damages its lines where the damage is one of lines.
pub(crate) fn printed(
    items: &[Item],
    layout: Layout,
    damage: Damage,
    chance: &mut Chance,
) -> String {
    let mut lines: Vec<String> = Vec::new();
    // Lines of tables, behind the first of each.
    let mut inner: Vec<usize> = Vec::new();
    for item in items {
        match item {
            Item::Line(line) => lines.push(line.clone()),
            Item::Table(table) => {
                let start = lines.len();
                lines.extend(table_lines(table, layout, chance));
                inner.extend(start + 1..lines.len());
            }
        }
        if chance.in_hundred(20) {
            lines.push(String::new());
        }
    }
    match damage {
        Damage::LineInserted => {
            let at = *chance.pick(&inner);
            lines.insert(at, stray_line(chance));
        }
        Damage::LinesJoined => {
            inner.retain(|at| !lines[*at].is_empty());
            let at = *chance.pick(&inner);
            let line = lines.remove(at);
            if let Some(before) = lines[..at].iter_mut().rfind(|line| !line.is_empty()) {
                before.push_str(&line);
            }
        }
        _ => {}
    }
    let end = *chance.pick(&["\n", "\n", "\n", "\r\n"]);
    lines.join(end) + end
}

fn table_lines(table: &PageTable, layout: Layout, chance: &mut Chance) -> Vec<String> {
    let mut lines = Vec::new();
    if layout == Layout::TitleInside {
        lines.push(format!("    | {} |{} ", table.title, "  |".repeat(table.n_columns - 1)));
    }
    for labels in table.flat_header() {
        lines.extend(row_lines(&labels, layout, true, chance));
    }
    for row in &table.rows {
        match (row.is_section, layout) {
            (true, Layout::RowBars | Layout::LeadingBar) => {
                lines.push(format!("{} | {}", row.cells[0], "|".repeat(table.n_columns)));
            }
            _ => lines.extend(body_lines(row, layout, chance)),
        }
    }
    lines
}

fn body_lines(row: &PageRow, layout: Layout, chance: &mut Chance) -> Vec<String> {
    let empty = row.cells.iter().position(String::is_empty);
    match empty {
        // An empty cell breaks its row.
        Some(at) if layout == Layout::RowBars && at > 1 && !row.is_section => {
            let before = format!("{} |", row.cells[..at].join(" | "));
            let after = format!("| {} |", row.cells[at + 1..].join(" | "));
            if at + 1 < row.cells.len() { vec![before, after] } else { vec![before + " |"] }
        }
        _ => row_lines(&row.cells, layout, false, chance),
    }
}

fn row_lines(
    cells: &[String],
    layout: Layout,
    is_header: bool,
    chance: &mut Chance,
) -> Vec<String> {
    match layout {
        Layout::Tabs => tab_lines(cells, chance),
        Layout::CellBars => stacked(cells, " |", false),
        Layout::RowBars => split(&format!("{} |", cells.join(" | "))),
        Layout::LeadingBar if is_header => split(&format!("| {} | ", cells.join(" | "))),
        Layout::LeadingBar => split(&format!("{}  | ", cells.join("  | "))),
        Layout::Paragraphs => stacked(cells, "", true),
        Layout::Spaces => split(&cells.join(" ")),
        Layout::TitleInside => split(&format!("    | {} | ", cells.join(" | "))),
        Layout::BarAbove => {
            let mut lines = vec!["|".to_owned()];
            lines.extend(stacked(cells, " |", false));
            lines
        }
    }
}

/// A cell a line, its pieces on lines of their own.
fn stacked(cells: &[String], end: &str, has_blank_lines: bool) -> Vec<String> {
    let mut lines = Vec::new();
    for cell in cells {
        for line in format!("{cell}{end}").split('\n') {
            lines.push(line.to_owned());
            lines.extend(has_blank_lines.then(String::new));
        }
    }
    lines
}

fn split(text: &str) -> Vec<String> {
    text.split('\n').map(str::to_owned).collect()
}

/// A row with tabs. A broken cell stands on lines of its own, as in notices, or within the line.
fn tab_lines(cells: &[String], chance: &mut Chance) -> Vec<String> {
    let Some(at) = cells.iter().position(|cell| cell.contains('\n')) else {
        return vec![cells.join("\t")];
    };
    // Of empty cells behind a broken one nothing would be left on a line of their own.
    let ends_empty = cells[at + 1..].iter().all(String::is_empty);
    if ends_empty || chance.in_hundred(25) {
        return split(&cells.join("\t"));
    }
    let mut lines = Vec::new();
    if at > 0 {
        lines.push(format!("{}\t", cells[..at].join("\t")));
    }
    for piece in cells[at].split('\n') {
        lines.extend([piece.to_owned(), String::new()]);
    }
    if at + 1 < cells.len() {
        lines.extend(split(&cells[at + 1..].join("\t")));
    }
    lines
}
