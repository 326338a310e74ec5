//! Grids whose cells have nothing but a space between them.

use crate::source::text::fit::{Boundary, Piece, RowKind, fit};
use crate::source::text::lines::{Line, is_number_like, is_total_label, parse_running_number};
use crate::source::text::paragraph;
use crate::source::{Cell, Grid, Row, RowShape};

/// Reads the grid that begins at the first line; also returns how many lines it takes up.
///
/// The header begins with a label that begins headers. A row is a label and as many numbers as
/// columns are left; spaces inside a label are no boundary, because only numbers end it.
pub(super) fn parse_grid(lines: &[Line<'_>]) -> Option<(Grid, usize)> {
    let header = lines.first()?;
    let labels: Vec<&str> = header.text.split_whitespace().collect();
    let is_header = !header.has_tab() && labels.len() >= 2 && header.begins_with_header_label();
    if !is_header || labels.iter().any(|label| is_number_like(label)) {
        return None;
    }
    // A total that stands above the others has no number.
    let mut starts = lines[1..].iter().filter_map(|line| line.text.split_whitespace().next());
    let first = starts.find(|first| !is_total_label(first));
    let has_running_number = first.is_some_and(|first| parse_running_number(first) == Some(1));
    // Several words without a figure are the header of something else.
    let is_below = |line: &&Line<'_>| {
        let mut words = line.text.split_whitespace();
        let is_header = words.clone().count() > 1 && !words.any(is_number_like);
        !line.has_tab() && !line.ends_table() && !is_header
    };
    let below: Vec<(&Line<'_>, Option<Vec<String>>)> = lines[1..]
        .iter()
        .take_while(is_below)
        .map(|line| (line, cells_of(line.text, has_running_number)))
        .collect();
    let n_lines = below.iter().rposition(|(_, cells)| cells.is_some())? + 1;
    let rows = || below[..n_lines].iter().filter_map(|(_, cells)| cells.as_ref());
    let n_columns = most_frequent(rows().map(Vec::len))?;
    if rows().count() < 2 || n_columns < 2 || n_columns > labels.len() {
        return None;
    }
    let header = header_row(header, &labels, n_columns);
    let mut grid = Grid { name: None, n_columns, rows: vec![header], strays: Vec::new() };
    for (line, cells) in &below[..n_lines] {
        let spot = line.spot;
        // A line that is no row stands between rows: it may be what is left of one.
        let Some(cells) = cells else {
            grid.strays.push(paragraph(line));
            continue;
        };
        let cells: Vec<Cell> = cells.iter().map(|text| Cell::single(text.clone(), spot)).collect();
        let shape = if cells.len() == n_columns {
            RowShape::Whole
        } else {
            RowShape::Ragged { readings: Vec::new() }
        };
        grid.rows.push(Row { cells, shape, spot });
    }
    Some((grid, n_lines + 1))
}

/// The cells of a row: running number, label, numbers. `None` when the line is no row.
fn cells_of(text: &str, has_running_number: bool) -> Option<Vec<String>> {
    let tokens: Vec<&str> = text.split_whitespace().collect();
    let n_values = tokens.iter().rev().take_while(|token| is_number_like(token)).count();
    let mut labels = &tokens[..tokens.len() - n_values];
    let mut cells = Vec::new();
    if has_running_number
        && let [first, rest @ ..] = labels
        && parse_running_number(first).is_some()
    {
        cells.push((*first).to_owned());
        labels = rest;
    }
    let label = labels.concat();
    let is_row = n_values > 0 && !label.is_empty() && labels.iter().all(|l| !is_number_like(l));
    let is_numbered = !has_running_number || !cells.is_empty() || is_total_label(&label);
    (is_row && is_numbered).then(|| {
        cells.push(label);
        cells.extend(tokens[tokens.len() - n_values..].iter().map(|token| (*token).to_owned()));
        cells
    })
}

fn most_frequent(counts: impl Iterator<Item = usize>) -> Option<usize> {
    let mut seen: Vec<(usize, usize)> = Vec::new();
    for count in counts {
        match seen.iter_mut().find(|(known, _)| *known == count) {
            Some((_, times)) => *times += 1,
            None => seen.push((count, 1)),
        }
    }
    seen.into_iter().max_by_key(|(count, times)| (*times, *count)).map(|(count, _)| count)
}

/// The header: labels that contain a space leave more pieces than there are columns.
fn header_row(line: &Line<'_>, labels: &[&str], n_columns: usize) -> Row {
    let pieces: Vec<Piece> = labels
        .iter()
        .enumerate()
        .map(|(idx, label)| Piece {
            text: (*label).to_owned(),
            spot: line.spot,
            boundary: if idx == 0 { Boundary::Tab } else { Boundary::LineBreak },
            fills_blank: false,
        })
        .collect();
    let (cells, shape) = fit(&pieces, n_columns, RowKind::Header).into_row(pieces);
    Row { cells, shape, spot: line.spot }
}
