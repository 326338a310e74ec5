//! The header of a table: one to three rows, and what each of its columns is called.

use crate::annex::cells::parse_cell;
use crate::annex::columns::{LabelIndex, LabelMeaning};
use crate::annex::header_rows::{begins_with_unit, is_column_numbers, units_of_row};
use crate::annex::labels::{is_grouping, label_parts};
use crate::annex::layout::{Layout, LayoutColumn};
use crate::annex::rows::{RowNames, is_total};
use crate::annex::time_words::Stated;
use crate::model::Spot;
use crate::source::{Cell, Grid, Row, RowShape, Span};

/// More rows than this are no header.
const MAX_LEVELS: usize = 3;

/// The header of a table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Header {
    /// Rows of the grid with its labels, at least 1.
    pub(super) n_rows: usize,
    /// First row of the grid below it: rows of units and of column numbers belong to it.
    pub(super) body_start: usize,
    /// The row that numbers its columns, where there is one.
    pub(super) column_numbers: Option<usize>,
    /// The columns in order.
    pub(super) columns: Vec<HeaderColumn>,
}

/// What a column is called.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct HeaderColumn {
    /// The labels from the top down, each once; none in a column without a label.
    pub(super) levels: Vec<String>,
    /// The lowest cell that has a label, else the top one.
    pub(super) cell: Cell,
}

impl Header {
    fn of_rows(n_rows: usize, columns: Vec<HeaderColumn>) -> Self {
        Self { n_rows, body_start: n_rows, column_numbers: None, columns }
    }
}

impl HeaderColumn {
    /// Whether one of its labels prints a unit.
    fn says_unit(&self) -> bool {
        self.levels.iter().any(|label| label_parts(label).unit.is_some())
    }

    /// Returns the labels as one text, as they are shown and stored.
    pub(super) fn label(&self) -> String {
        self.levels.join("/")
    }

    /// Returns the labels from the top down.
    pub(super) fn level_texts(&self) -> Vec<&str> {
        self.levels.iter().map(String::as_str).collect()
    }
}

/// Why a header could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoHeader {
    /// Its broken cells can be put together in several ways, and none is the best.
    Broken,
    /// It has no label where the saved layout has one.
    LabelMissing {
        /// The label of the layout.
        label: String,
        /// Place of its column, from 1.
        position: usize,
    },
    /// A label stands above others, and it is lost which; it may change what they mean.
    Unplaced {
        /// The label.
        label: String,
        /// Where it stands.
        spot: Spot,
    },
}

/// Reads the header of a grid, with the rows of units and of column numbers right below its labels.
///
/// A saved layout says how many rows of labels it has, and where its labels stand in rows that lost their
/// blanks; what they say, with unit and time, is always what is printed.
pub(super) fn read_header(
    grid: &Grid,
    labels: &LabelIndex,
    names: RowNames<'_>,
    layout: Option<&Layout>,
) -> Result<Header, NoHeader> {
    let mut header = read_labels(grid, labels, names, layout)?;
    let mut has_units = header.columns.iter().any(HeaderColumn::says_unit);
    while header.body_start + 1 < grid.rows.len() {
        let row_idx = header.body_start;
        if header.column_numbers.is_none() && is_column_numbers(&grid.rows[row_idx], names) {
            header.column_numbers = Some(row_idx);
        } else if let Some(units) = units_of_row(grid, row_idx).filter(|_| !has_units) {
            has_units = true;
            for (column, unit) in header.columns.iter_mut().zip(units) {
                column.levels.extend(unit.map(|unit| format!("({unit})")));
            }
        } else {
            break;
        }
        header.body_start += 1;
    }
    // The end of a label ran into the row below: (项)1. What it says of its column is lost.
    let below = grid.rows.get(header.body_start).into_iter().flat_map(|row| &row.cells);
    if below.into_iter().any(|cell| begins_with_unit(&cell.text)) {
        return Err(NoHeader::Broken);
    }
    Ok(header)
}

fn read_labels(
    grid: &Grid,
    labels: &LabelIndex,
    names: RowNames<'_>,
    layout: Option<&Layout>,
) -> Result<Header, NoHeader> {
    let given = layout
        .and_then(|layout| layout.header_rows)
        .filter(|n_rows| (1..grid.rows.len()).contains(n_rows));
    let takes_in_row = |n_rows: &usize| (1..*n_rows).any(|row_idx| is_body(grid, row_idx, names));
    if given.as_ref().is_some_and(takes_in_row) {
        return Err(NoHeader::Broken);
    }
    if let (Some(layout), Some(n_rows)) = (layout, given)
        && let Some(placed) = columns_by_place(layout, grid.n_columns)
        && grid.rows[..n_rows].iter().any(|row| row.shape != RowShape::Whole)
    {
        return header_by_places(grid, n_rows, (layout, &placed));
    }
    // Without places nothing says above which columns the labels stand of a row that has too few of them.
    let is_ragged = |row: &Row| matches!(row.shape, RowShape::Ragged { .. });
    if given.is_some_and(|n_rows| n_rows > 1 && grid.rows[..n_rows].iter().any(is_ragged)) {
        return Err(NoHeader::Broken);
    }
    let n_rows = given.unwrap_or_else(|| n_levels(grid, labels, names, layout));
    if n_rows == 1 {
        let cells = single_row(grid, labels).ok_or(NoHeader::Broken)?;
        if time_may_be_of_others(&grid.rows[0], &cells, labels) {
            return Err(NoHeader::Broken);
        }
        let columns = cells.into_iter().map(|cell| HeaderColumn {
            levels: Some(cell.text.to_string())
                .filter(|text| !text.is_empty())
                .into_iter()
                .collect(),
            cell,
        });
        return Ok(Header::of_rows(n_rows, columns.collect()));
    }
    let columns = (0..grid.n_columns).map(|column_idx| column(grid, n_rows, column_idx));
    Ok(Header::of_rows(n_rows, columns.collect()))
}

/// Returns what the columns of a header that could not be read may be called, for a person to check:
/// the labels of rows first, then as many of the last labels as there are columns left.
pub(super) fn guessed_header(grid: &Grid, labels: &LabelIndex) -> Header {
    let is_figure = |cell: &Cell| parse_cell(&cell.text).is_figure();
    let body = grid.rows.iter().position(|row| row.cells.iter().any(is_figure));
    let n_rows = body.unwrap_or(1).clamp(1, MAX_LEVELS);
    let rows = grid.rows.iter().take(n_rows);
    let pieces: Vec<&Cell> =
        rows.flat_map(|row| &row.cells).filter(|cell| !cell.text.is_empty()).collect();
    let is_of_rows = |cell: &&&Cell| {
        matches!(
            labels.meaning(&cell.text),
            LabelMeaning::RunningNumber | LabelMeaning::Department | LabelMeaning::Region
        )
    };
    let n_lead = pieces.iter().take_while(is_of_rows).count().min(grid.n_columns);
    let n_rest = grid.n_columns - n_lead;
    let start = pieces.len().checked_sub(n_rest).filter(|start| *start >= n_lead);
    let columns = (0..grid.n_columns).map(|at| {
        let at = if at < n_lead { Some(at) } else { start.map(|start| start + at - n_lead) };
        let cell = at.and_then(|at| pieces.get(at)).copied();
        let levels = cell.map(|cell| cell.text.to_string()).into_iter().collect();
        let spot = grid.rows[0].spot;
        HeaderColumn { levels, cell: cell.cloned().unwrap_or_else(|| Cell::single("", spot)) }
    });
    Header::of_rows(n_rows, columns.collect())
}

/// Whether a row that a saved layout counts to the header holds figures of the table: it has a known
/// name or a total, or figures that do not number the columns.
fn is_body(grid: &Grid, row_idx: usize, names: RowNames<'_>) -> bool {
    let cells = grid.rows[row_idx].cells.iter().map(|cell| cell.text.as_str());
    let texts: Vec<&str> = cells.filter(|text| !text.is_empty()).collect();
    let is_figure = |text: &&str| parse_cell(text).is_figure();
    let is_named = texts.iter().any(|text| is_total(text) || names.knows(text));
    let has_figures = texts.iter().any(is_figure);
    is_named || (has_figures && !is_column_numbers(&grid.rows[row_idx], names))
}

/// The columns of a layout in their order, where it says the place of every one.
fn columns_by_place(layout: &Layout, n_columns: usize) -> Option<Vec<&LayoutColumn>> {
    let at = |position| layout.columns.iter().find(|column| column.position == Some(position));
    (1..=n_columns).map(at).collect()
}

/// The header whose rows lost their blanks, by the places of a layout: each of its labels has to be
/// printed, in one of the rows and in their order.
fn header_by_places(
    grid: &Grid,
    n_rows: usize,
    (layout, placed): (&Layout, &[&LayoutColumn]),
) -> Result<Header, NoHeader> {
    let rows = &grid.rows[..n_rows];
    // How many cells of each row are used up.
    let mut used = vec![0; n_rows];
    // Where the label of each column stands: row and cell.
    let mut label_at = Vec::new();
    let columns = placed.iter().enumerate().map(|(column_idx, column)| {
        let found = (0..n_rows).rev().find_map(|row_idx| {
            let is_whole = rows[row_idx].shape == RowShape::Whole;
            let first = if is_whole { column_idx } else { used[row_idx] };
            // A label stands at its column or before it, unless rows of labels ran into one another.
            let n_cells = rows[row_idx].cells.len();
            let end = if n_cells > placed.len() { n_cells } else { column_idx + 1 };
            let cells = rows[row_idx].cells.iter().enumerate().take(end).skip(first);
            cells.into_iter().find_map(|(cell_idx, cell)| {
                let levels = levels_of_label(column, cell, &rows[..row_idx])?;
                Some((row_idx, cell_idx, HeaderColumn { levels, cell: cell.clone() }))
            })
        });
        if let Some((row_idx, cell_idx, found)) = found {
            used[row_idx] = cell_idx + 1;
            label_at.push((row_idx, cell_idx));
            return Ok(found);
        }
        let label = column.labels.first().cloned().unwrap_or_default();
        Err(NoHeader::LabelMissing { label, position: column_idx + 1 })
    });
    let columns: Vec<HeaderColumn> = columns.collect::<Result<_, _>>()?;
    if !has_room(rows, &label_at) {
        return Err(NoHeader::Broken);
    }
    match unplaced(rows, &columns, layout) {
        None => Ok(Header::of_rows(n_rows, columns)),
        Some(cell) => Err(NoHeader::Unplaced { label: cell.text.to_string(), spot: cell.spot }),
    }
}

/// Whether what stands between the labels of columns in the first row has columns to stand above: there
/// are others between those columns, at least one for each. Otherwise the places are not those of this
/// table. `label_at` has row and cell of each column's label.
fn has_room(rows: &[Row], label_at: &[(usize, usize)]) -> bool {
    let Some(first) = rows.first().filter(|row| row.shape != RowShape::Whole) else { return true };
    // Where rows of labels ran into one another, nothing can be counted.
    if rows.len() < 2 || rows.iter().any(|row| row.cells.len() > label_at.len()) {
        return true;
    }
    let of_first = label_at.iter().enumerate().filter(|(_, (row_idx, _))| *row_idx == 0);
    let mut ends: Vec<(usize, usize)> =
        of_first.map(|(column, (_, cell_idx))| (column + 1, cell_idx + 1)).collect();
    ends.push((label_at.len() + 1, first.cells.len() + 1));
    let mut before = (0, 0);
    ends.into_iter().all(|(column, cell)| {
        let (n_columns, n_labels) = (column - before.0 - 1, (cell - before.1).saturating_sub(1));
        before = (column, cell);
        n_labels <= n_columns && (n_labels > 0) == (n_columns > 0)
    })
}

/// Returns a label that is no column's own and stands above columns that are not known: one that tells
/// a unit or a time, or says more than what all columns are about and is not one of the layout's.
fn unplaced<'a>(rows: &'a [Row], columns: &[HeaderColumn], layout: &Layout) -> Option<&'a Cell> {
    let cells = rows.iter().flat_map(|row| &row.cells).filter(|cell| !cell.text.is_empty());
    let is_placed = |cell: &Cell| {
        columns.iter().any(|column| column.levels.iter().any(|label| *label == *cell.text))
    };
    let mut others = cells.filter(|cell| !is_placed(cell));
    others.find(|cell| {
        let parts = label_parts(&cell.text);
        let is_known = is_grouping(&parts.name, "") || layout.recognises(&parts.name);
        parts.unit.is_some() || parts.time != Stated::Nothing || !is_known
    })
}

/// The printed labels that one of a layout means: a cell alone, or one below another.
fn levels_of_label(column: &LayoutColumn, cell: &Cell, above: &[Row]) -> Option<Vec<String>> {
    let name = label_parts(&cell.text).name;
    if column.is_called(&name) {
        return Some(vec![cell.text.to_string()]);
    }
    let mut upper = above.iter().flat_map(|row| &row.cells);
    let upper = upper.find(|upper| {
        !name.is_empty() && column.is_called(&(label_parts(&upper.text).name + &name))
    })?;
    Some(vec![upper.text.to_string(), cell.text.to_string()])
}

/// The cells of a header of one row, once it is clear which they are.
///
/// A broken header can often be put together in several ways: the one in which the labels are
/// nearest to known ones is the right one, if every label means something and no other is as near.
fn single_row(grid: &Grid, labels: &LabelIndex) -> Option<Vec<Cell>> {
    let header = grid.rows.first()?;
    let RowShape::Ragged { readings } = &header.shape else { return Some(header.cells.clone()) };
    let score = |cells: &[Cell]| -> Option<f64> {
        cells.iter().map(|cell| labels.score(&[&cell.text])).sum()
    };
    let scored: Vec<(f64, &Vec<Cell>)> =
        readings.iter().filter_map(|cells| Some((score(cells)?, cells))).collect();
    let best = scored.iter().map(|(score, _)| *score).fold(f64::NEG_INFINITY, f64::max);
    let mut as_near = scored.into_iter().filter(|(score, _)| *score >= best);
    let (_, only) = as_near.next()?;
    as_near.next().is_none().then(|| only.clone())
}

/// Whether a label that was put together from pieces tells a time which those behind it do not: it may
/// have stood above all of them. Where a label is known with its year only, the year is its own.
fn time_may_be_of_others(header: &Row, cells: &[Cell], labels: &LabelIndex) -> bool {
    let is_joined = |column: usize, cell: &Cell| match &header.shape {
        RowShape::Whole => false,
        RowShape::Rejoined { columns, .. } => columns.contains(&column),
        RowShape::Ragged { .. } => !header.cells.iter().any(|piece| piece.text == cell.text),
    };
    let has_time = |cell: &Cell| label_parts(&cell.text).time != Stated::Nothing;
    let without = cells.iter().rposition(|cell| !has_time(cell));
    let before = cells.iter().enumerate().take(without.unwrap_or(0));
    before.into_iter().any(|(column, cell)| {
        is_joined(column, cell) && has_time(cell) && !labels.needs_year(&cell.text)
    })
}

/// Returns how many rows the header takes up.
///
/// Cells that reach down from the first row say so. Where the format has no spans, a second row
/// belongs to it that has a known label, without a figure, a known department or a state of the
/// saved layout: a row of names and words may as well be the first of the table.
fn n_levels(
    grid: &Grid,
    labels: &LabelIndex,
    names: RowNames<'_>,
    layout: Option<&Layout>,
) -> usize {
    let is_level = |row_idx: usize| {
        let row = &grid.rows[row_idx];
        let is_reached = row
            .cells
            .iter()
            .any(|cell| matches!(cell.span, Span::Covered { up, .. } if up > 0 && up <= row_idx));
        let texts: Vec<&str> =
            row.cells.iter().map(|cell| cell.text.as_str()).filter(|t| !t.is_empty()).collect();
        let has_figure = texts.iter().any(|text| parse_cell(text).stands_for_figure());
        let has_name = texts.iter().any(|text| names.knows(text));
        // 小计 beside labels of figures heads a column; alone with words it begins a row.
        let has_total = || texts.iter().any(|text| is_total(text));
        let is_row = has_name || (has_total() && !has_known_label(grid, row_idx, labels));
        let is_broken = row.shape != RowShape::Whole;
        let has_label = || {
            texts.len() > 1
                && !texts.iter().any(|text| layout.is_some_and(|layout| layout.is_state(text)))
                && has_known_label(grid, row_idx, labels)
        };
        !has_figure && !is_row && !is_broken && (is_reached || has_label())
    };
    let is_first_whole = grid.rows.first().is_some_and(|row| row.shape == RowShape::Whole);
    let last = grid.rows.len().saturating_sub(1).min(MAX_LEVELS);
    let below = (1..last).take_while(|row_idx| is_first_whole && is_level(*row_idx)).count();
    below + 1
}

/// Whether a cell of a row is a label that is known, by itself or with those above it.
fn has_known_label(grid: &Grid, row_idx: usize, labels: &LabelIndex) -> bool {
    grid.rows[row_idx].cells.iter().enumerate().any(|(column_idx, cell)| {
        if cell.text.is_empty() {
            return false;
        }
        let levels = column(grid, row_idx + 1, column_idx);
        let meaning = labels.meaning_of_levels(&levels.level_texts());
        matches!(meaning, LabelMeaning::Indicator(_)) || labels.begins_header(&cell.text)
    })
}

/// The labels of one column over all rows of the header.
fn column(grid: &Grid, n_rows: usize, column_idx: usize) -> HeaderColumn {
    let mut levels: Vec<String> = Vec::new();
    let mut lowest = None;
    for row_idx in 0..n_rows {
        let Some(shown) = shown_label(grid, n_rows, row_idx, column_idx) else { continue };
        if levels.last().is_none_or(|last| *last != shown.text) {
            levels.push(shown.text.to_string());
        }
        lowest = Some(shown);
    }
    let first = grid.rows.first().and_then(|row| row.cells.get(column_idx));
    let cell = lowest.or(first).cloned();
    let cell = cell.unwrap_or_else(|| Cell::single("", grid.rows[0].spot));
    HeaderColumn { levels, cell }
}

/// The cell with the label of a column in one row of the header.
///
/// Where the format has no spans, a label above several others stands over the first of them only.
fn shown_label(grid: &Grid, n_rows: usize, row_idx: usize, column_idx: usize) -> Option<&Cell> {
    let shown = grid.shown_at(row_idx, column_idx).filter(|cell| !cell.text.is_empty());
    if shown.is_some() || row_idx + 1 >= n_rows {
        return shown;
    }
    let has_label_below = (row_idx + 1..n_rows)
        .any(|below| grid.rows[below].cells.get(column_idx).is_some_and(|c| !c.text.is_empty()));
    let to_the_left = (0..column_idx).rev().find_map(|left| {
        let cell = grid.rows[row_idx].cells.get(left)?;
        (!cell.text.is_empty()).then_some((left, cell))
    });
    let (left, cell) = to_the_left.filter(|_| has_label_below)?;
    // It reaches over columns with labels of their own only, from its own column on.
    let reaches = (left..=column_idx).all(|between| {
        (row_idx + 1..n_rows)
            .any(|below| grid.rows[below].cells.get(between).is_some_and(|c| !c.text.is_empty()))
    });
    (reaches && cell.span == Span::Single).then_some(cell)
}
