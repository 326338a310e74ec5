//! What every reader yields: paragraphs and grids, in order.

use serde::{Deserialize, Serialize};

use crate::model::{Spot, Text, text_enum};
use crate::source::{Encoding, Format};

/// The content of a file, in the order in which it is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// The format, as the content shows it.
    pub format: Format,
    /// How the bytes were decoded; `None` for formats that say it themselves.
    pub encoding: Option<Encoding>,
    /// Paragraphs and grids in order.
    pub blocks: Vec<Block>,
    /// What a reader of the document should know and does not see in it.
    pub remarks: Vec<Remark>,
}

/// One part of a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Block {
    /// Running text.
    Paragraph(Paragraph),
    /// Cells in rows and columns.
    Grid(Grid),
}

/// One line of running text, without white space at its ends. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paragraph {
    /// The text.
    pub text: String,
    /// Where it begins.
    pub spot: Spot,
}

/// Cells in rows and columns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Grid {
    /// What the format itself calls the grid: the name of a sheet, the caption of an HTML table.
    pub name: Option<String>,
    /// Number of cells that a row should have.
    pub n_columns: usize,
    /// The rows in order, header included. Between processes they have a form of their own.
    #[serde(skip)]
    pub rows: Vec<Row>,
    /// Lines within the grid that belong to no cell.
    pub strays: Vec<Paragraph>,
}

/// One row of a grid.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The cells: `n_columns` of them unless the shape says otherwise.
    pub cells: Vec<Cell>,
    /// Whether and how the cells were put together.
    pub shape: RowShape,
    /// Where the row begins.
    pub spot: Spot,
}

/// One cell of a grid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The text, without white space at its ends; may be empty. Empty in covered cells.
    pub text: Text,
    /// How far the cell reaches.
    pub span: Span,
    /// Where it begins.
    pub spot: Spot,
}

/// How far a cell reaches over its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// It stands alone.
    Single,
    /// It covers cells below it and to its right; the counts include itself.
    Wide {
        /// Rows covered, at least 1.
        n_rows: usize,
        /// Columns covered, at least 1.
        n_columns: usize,
    },
    /// Another cell covers it.
    Covered {
        /// How many rows above the covering cell stands.
        up: usize,
        /// How many columns to the left it stands.
        left: usize,
    },
}

/// How the cells of a row came together.
#[derive(Debug, Clone, PartialEq)]
pub enum RowShape {
    /// All cells stood together.
    Whole,
    /// Cells were broken by line breaks and could be rejoined in one way only.
    Rejoined {
        /// Columns put together from pieces, from 0.
        columns: Vec<usize>,
        /// Whether only the column count says where a number begins or ends.
        has_number: bool,
    },
    /// The row has another number of cells than its grid.
    Ragged {
        /// The ways to rejoin it that fit the number of columns; empty where none does, as for a
        /// row that lacks a cell.
        readings: Vec<Vec<Cell>>,
    },
}

/// Something about a document that its text does not show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// What it is.
    pub kind: RemarkKind,
    /// What it concerns, as the name of a sheet; may be empty.
    pub what: String,
    /// Where it is, where it has a place.
    pub spot: Option<Spot>,
    /// How many more of its kind are behind it that are not named.
    pub n_more: usize,
}

text_enum! {
    /// Kinds of remarks; the words are codes of findings.
    RemarkKind {
        /// A sheet that its author hid was not read.
        SheetHidden = "source.sheet_hidden",
        /// Rows that their author hid were read.
        RowsHidden = "source.rows_hidden",
        /// Columns that their author hid were read.
        ColumnsHidden = "source.columns_hidden",
        /// A formula whose result was not stored: its cell is empty.
        FormulaWithoutValue = "source.formula_without_value",
        /// Deletions that are tracked as changes were left out, insertions were taken.
        TrackedChanges = "source.tracked_changes",
        /// Macros are in the file and were not run.
        Macros = "source.macros",
        /// Linked or embedded objects were not read.
        Embedded = "source.embedded",
        /// Footnotes or comments were not read.
        SideTexts = "source.side_texts",
        /// Text in boxes and other shapes that lie over the cells of a sheet was not read.
        TextOverCells = "source.text_over_cells",
        /// Raised or lowered text, as marks of footnotes have it, was left out of its cell or line.
        Raised = "source.raised",
        /// Text that is struck through was left out of its cell or line.
        Struck = "source.struck",
        /// Text that does not show was left out of its cell or line.
        TextHidden = "source.text_hidden",
        /// Raised, lowered or struck text of a format that does not say where it stands was read.
        MarksRead = "source.marks_read",
        /// A number whose format shows another one: by scaling it, or by a point that is none.
        NumberScaled = "source.number_scaled",
        /// A number by a format that is not in the file: it was read as no number.
        FormatUnknown = "source.format_unknown",
    }
}

impl Cell {
    /// Returns a cell that stands alone.
    pub fn single(text: impl Into<Text>, spot: Spot) -> Self {
        Self { text: text.into(), span: Span::Single, spot }
    }
}

impl Remark {
    /// Returns a remark that stands for itself.
    pub fn new(kind: RemarkKind, what: impl Into<String>, spot: Option<Spot>) -> Self {
        Self { kind, what: what.into(), spot, n_more: 0 }
    }
}

impl Grid {
    /// Returns the cell that shows at a position: the one that covers it, where one does.
    ///
    /// `None` outside the grid.
    pub fn shown_at(&self, row_idx: usize, column_idx: usize) -> Option<&Cell> {
        let cell = self.rows.get(row_idx)?.cells.get(column_idx)?;
        match cell.span {
            Span::Covered { up, left } => {
                self.rows.get(row_idx.checked_sub(up)?)?.cells.get(column_idx.checked_sub(left)?)
            }
            Span::Single | Span::Wide { .. } => Some(cell),
        }
    }
}
