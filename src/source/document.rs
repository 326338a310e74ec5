//! What every reader yields: paragraphs and grids, in order.

use crate::source::Encoding;

/// The content of a file, in the order in which it is read.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// How the bytes were decoded.
    pub encoding: Encoding,
    /// Paragraphs and grids in order.
    pub blocks: Vec<Block>,
}

/// One part of a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// Running text.
    Paragraph(Paragraph),
    /// Cells in rows and columns.
    Grid(Grid),
}

/// One line of running text, without white space at its ends. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paragraph {
    /// The text.
    pub text: String,
    /// Line of the file, from 1.
    pub line: usize,
}

/// Cells in rows and columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// Number of cells that a row should have.
    pub n_columns: usize,
    /// The rows in order, header included.
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
    /// Line on which the row begins.
    pub line: usize,
}

/// One cell of a grid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The text, without white space at its ends; may be empty.
    pub text: String,
    /// Line on which the cell begins.
    pub line: usize,
}

/// How the cells of a row came together.
#[derive(Debug, Clone, PartialEq)]
pub enum RowShape {
    /// All cells stood on one line.
    Whole,
    /// Cells were broken by line breaks and could be rejoined in one way only.
    ///
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
