//! The rows of a table: header, departments, totals; and rows that could not be put together.

use std::borrow::Cow;

use crate::annex::cells::parse_cell;
use crate::annex::departments::DepartmentIndex;
use crate::annex::labels::normalise;
use crate::annex::regions::{NoRegion, RegionIndex};
use crate::annex::sections::SectionLevel;
use crate::model::{Place, Spot, Text};
use crate::source::{Cell, Grid, Row, RowShape, Span};

/// Labels of rows that add up all others.
const TOTAL_LABELS: [&str; 4] = ["合计", "总计", "总数", "共计"];
/// Labels of rows that add up those above them, up to the one before.
const SUBTOTAL_LABELS: [&str; 1] = ["小计"];

/// A row below the header.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct BodyRow<'a> {
    /// Position in the grid, the first row of the header being 0.
    pub(super) grid_idx: usize,
    /// Text of the 序号 cell, where the table has one.
    pub(super) running_number: Option<Text>,
    /// The department or the word for a total, as it stood.
    pub(super) label: Cow<'a, str>,
    /// The cells in the order of the columns; `None` when the row could not be put together, so
    /// that no value of it can be told.
    pub(super) cells: Option<Cow<'a, [Cell]>>,
    /// Whether the row adds up others.
    pub(super) is_total: bool,
    /// Whether nothing but one text stands in it, as in the heading of a section.
    pub(super) is_alone: bool,
    /// Whether it adds up only those above it, up to the subtotal before.
    pub(super) is_subtotal: bool,
    /// Whether it opens a section whose rows it adds up, and how deep that lies.
    pub(super) section: Option<SectionLevel>,
    /// Where the row begins.
    pub(super) spot: Spot,
    /// Columns that were put together from pieces with a number among them.
    pub(super) joined_numbers: Vec<usize>,
    /// Whether a text cell was put together from pieces.
    pub(super) is_rejoined: bool,
    /// Whether lines above were left out that may have begun the row.
    pub(super) leaves_pieces: bool,
}

/// Where labels stand in a table.
#[derive(Debug, Clone, Copy)]
pub(super) struct LabelColumns {
    pub(super) running_number: Option<usize>,
    /// The column of the region in which that of the main one lies.
    pub(super) upper: Option<usize>,
    /// The column that says what a row is about.
    pub(super) main: usize,
}

/// The names that rows may have.
#[derive(Clone, Copy)]
pub(super) struct RowNames<'a> {
    pub(super) departments: &'a DepartmentIndex,
    pub(super) regions: &'a RegionIndex,
}

impl RowNames<'_> {
    /// Whether a text is the name of a department or region as it is known, or of a part of a region
    /// that does not say of which one.
    pub(super) fn knows(self, text: &str) -> bool {
        let region = || self.regions.find(text);
        self.departments.knows(text) || matches!(region(), Ok(_) | Err(NoRegion::PartOfUnsaid))
    }
}

impl BodyRow<'_> {
    /// Returns the place of a cell of this row, columns from 0.
    pub(super) fn place(&self, table: usize, column: usize) -> Place {
        let cell = self.cells.as_deref().and_then(|cells| cells.get(column));
        Place {
            table: Some(table),
            row: Some(self.grid_idx + 1),
            column: Some(column + 1),
            note: None,
            spot: Some(cell.map_or(self.spot, |cell| cell.spot)),
        }
    }

    /// Returns the place of the row as a whole.
    pub(super) fn row_place(&self, table: usize) -> Place {
        Place { column: None, spot: Some(self.spot), ..self.place(table, 0) }
    }
}

/// Reads the rows below the header, which takes up `n_header_rows`.
///
/// Rows without any text are left out.
pub(super) fn body_rows<'a>(
    grid: &'a Grid,
    n_header_rows: usize,
    columns: LabelColumns,
    names: RowNames<'_>,
) -> Vec<BodyRow<'a>> {
    let rows = grid.rows.iter().enumerate().skip(n_header_rows);
    rows.filter(|(grid_idx, row)| {
        !is_rule(row)
            && (0..grid.n_columns).any(|column| {
                grid.shown_at(*grid_idx, column).is_some_and(|cell| !cell.text.is_empty())
            })
    })
    .map(|(grid_idx, row)| {
        let cells = whole_cells(row, grid.n_columns, columns, names);
        let row = body_row(grid_idx, row, (columns, names), cells);
        // A name merged over several rows is that of each.
        let is_merged = |cell: &Cell| matches!(cell.span, Span::Covered { up: 1.., left: 0 });
        let is_covered = grid.rows[grid_idx].cells.get(columns.main).is_some_and(is_merged);
        match grid.shown_at(grid_idx, columns.main) {
            Some(cell) if is_covered && row.label.is_empty() => {
                BodyRow { label: cell.text.as_str().into(), ..row }
            }
            Some(_) | None => row,
        }
    })
    .collect()
}

/// Whether a row is the line of hyphens that Markdown has below a header.
fn is_rule(row: &Row) -> bool {
    let is_line = |cell: &Cell| {
        let text = cell.text.as_str();
        text.contains("---") && text.chars().all(|c| matches!(c, '-' | ':'))
    };
    row.cells.iter().all(is_line) && !row.cells.is_empty()
}

fn body_row<'a>(
    grid_idx: usize,
    row: &'a Row,
    (columns, names): (LabelColumns, RowNames<'_>),
    cells: Option<Cow<'a, [Cell]>>,
) -> BodyRow<'a> {
    let labels = match &cells {
        Some(Cow::Owned(own)) => RowLabels::of(own, columns, names).into_owned(),
        Some(Cow::Borrowed(stood)) => RowLabels::of(stood, columns, names),
        None => RowLabels::of(&row.cells, columns, names),
    };
    let n_texts = row.cells.iter().filter(|cell| !cell.text.is_empty()).count();
    let (joined_numbers, is_rejoined) = match &row.shape {
        RowShape::Rejoined { columns, has_number: true } => (columns.clone(), true),
        RowShape::Rejoined { .. } => (Vec::new(), true),
        RowShape::Ragged { .. } => (joined_figures(row, cells.as_deref()), cells.is_some()),
        RowShape::Whole => (Vec::new(), false),
    };
    BodyRow {
        grid_idx,
        is_total: labels.is_total,
        is_alone: n_texts == 1,
        is_subtotal: labels.is_subtotal,
        section: None,
        label: labels.label,
        running_number: labels.running_number,
        spot: row.spot,
        joined_numbers,
        is_rejoined,
        leaves_pieces: leaves_pieces(row, cells.as_deref()),
        cells,
    }
}

/// What the cells of a row say that are no figures. Large forms have no room for each label once more.
struct RowLabels<'c> {
    running_number: Option<Text>,
    /// The word for a total, else the label in the main column.
    label: Cow<'c, str>,
    is_total: bool,
    is_subtotal: bool,
}

impl<'c> RowLabels<'c> {
    fn of(cells: &'c [Cell], columns: LabelColumns, names: RowNames<'_>) -> Self {
        let at = |column: usize| cells.get(column).map(|cell| &cell.text);
        let running_number = columns.running_number.and_then(at);
        let label = at(columns.main);
        let upper = columns.upper.and_then(at);
        // A total without a number of its own often stands in the first cell.
        let is_of_all = |text: &&Text| is_total(text) || is_whole_region(text, names);
        let total = [label, upper, running_number].into_iter().flatten().find(is_of_all);
        Self {
            running_number: running_number.cloned(),
            label: total.or(label).map_or("", |label| label.as_str()).into(),
            is_total: total.is_some(),
            is_subtotal: total.is_some_and(|label| is_labelled(label, &SUBTOTAL_LABELS)),
        }
    }

    fn into_owned(self) -> RowLabels<'static> {
        let Self { running_number, label, is_total, is_subtotal } = self;
        let label = Cow::Owned(label.into_owned());
        RowLabels { running_number, label, is_total, is_subtotal }
    }
}

/// Whether a reading of a row holds less than all of its pieces.
fn leaves_pieces(row: &Row, reading: Option<&[Cell]>) -> bool {
    let n_bytes = |cells: &[Cell]| cells.iter().map(|cell| cell.text.len()).sum::<usize>();
    matches!(row.shape, RowShape::Ragged { .. })
        && reading.is_some_and(|cells| n_bytes(cells) < n_bytes(&row.cells))
}

/// Returns the columns with figures that stand there in pieces, in a reading of a row.
fn joined_figures(row: &Row, reading: Option<&[Cell]>) -> Vec<usize> {
    let stands = |cell: &Cell| row.cells.iter().any(|piece| piece.text == cell.text);
    let is_joined = |cell: &Cell| !stands(cell) && parse_cell(&cell.text).is_figure();
    let cells = reading.unwrap_or_default().iter().enumerate();
    cells.filter(|(_, cell)| is_joined(cell)).map(|(column, _)| column).collect()
}

/// Returns the cells of a row that is whole, or can be made so in one way with a known name.
fn whole_cells<'a>(
    row: &'a Row,
    n_columns: usize,
    columns: LabelColumns,
    names: RowNames<'_>,
) -> Option<Cow<'a, [Cell]>> {
    let RowShape::Ragged { readings } = &row.shape else {
        return Some(Cow::Borrowed(&row.cells));
    };
    if let Some(cells) = merged_total(row, n_columns, (columns, names)) {
        return Some(Cow::Owned(cells));
    }
    let is_known = |cells: &&Vec<Cell>| names.knows(&cells[columns.main].text);
    only(readings.iter().filter(is_known)).map(|cells| Cow::Borrowed(cells.as_slice()))
}

/// The cells of a total row whose label spans the running number and the department, so that the
/// text has one cell less.
fn merged_total(
    row: &Row,
    n_columns: usize,
    (columns, names): (LabelColumns, RowNames<'_>),
) -> Option<Vec<Cell>> {
    let is_of_all = |cell: &&Cell| is_total(&cell.text) || is_whole_region(&cell.text, names);
    let first = row.cells.first().filter(is_of_all)?;
    let spans_both = columns.running_number == Some(0) && columns.main == 1;
    if !spans_both || row.cells.len() + 1 != n_columns {
        return None;
    }
    let empty = Cell::single("", first.spot);
    Some(std::iter::once(empty).chain(row.cells.iter().cloned()).collect())
}

/// Whether a label says that its row adds up others.
pub(super) fn is_total(label: &str) -> bool {
    // All of them have one of these; to compare labels takes long.
    if !label.contains(['计', '数']) {
        return false;
    }
    is_labelled(label, &TOTAL_LABELS) || is_labelled(label, &SUBTOTAL_LABELS)
}

/// Words before the one for a total.
const TOTAL_PREFIXES: [&str; 6] = ["全省", "全市", "全州", "省级", "各部门", "全县"];

/// Labels of rows that add up a whole region, and how codes of such regions end: the row 全州 of a
/// province's table adds up something else.
const WHOLE_REGIONS: [(&str, &str); 3] = [("全省", "0000"), ("全市", "00"), ("全州", "00")];

/// Whether a label is that of a row which adds up the whole region of a table, without being the name
/// of one that a workspace knows.
fn is_whole_region(label: &str, names: RowNames<'_>) -> bool {
    if !label.contains('全') {
        return false;
    }
    let normal = normalise(label);
    let region = &*names.departments.region;
    let is_province = region.ends_with("0000");
    let fits = |(word, end): &(&str, &str)| {
        *word == normal && region.ends_with(end) && is_province == (*end == "0000")
    };
    WHOLE_REGIONS.iter().any(fits) && !names.knows(label)
}

/// Whether a label is one of some words, alone, behind 全省 and the like, or with a count in
/// brackets: 合计（3个部门）.
fn is_labelled(label: &str, labels: &[&str]) -> bool {
    let normal = normalise(label);
    let behind = TOTAL_PREFIXES.iter().find_map(|prefix| normal.strip_prefix(prefix));
    let word = behind.unwrap_or(&normal);
    labels.iter().any(|total| {
        word.strip_prefix(total).is_some_and(|rest| {
            rest.is_empty()
                || (label.contains(['(', '（']) && rest.starts_with(|c: char| c.is_ascii_digit()))
        })
    })
}

/// Returns the only item, `None` when there is none or more than one.
fn only<T>(mut items: impl Iterator<Item = T>) -> Option<T> {
    let first = items.next()?;
    items.next().is_none().then_some(first)
}
