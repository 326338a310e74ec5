//! Pieces of a broken row put together again, by column count and never by line.

use crate::model::Spot;
use crate::source::text::lines::is_number_like;
use crate::source::{Cell, RowShape};

/// A run of text between two tabs or line breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) spot: Spot,
    pub(super) boundary: Boundary,
    /// Whether it stands where a line left an empty cell behind.
    pub(super) fills_blank: bool,
}

/// What stands between a piece and the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Boundary {
    /// A tab, or the beginning of the row: two cells for certain.
    Tab,
    /// Line breaks only: one broken cell, or two.
    LineBreak,
}

/// The ways in which pieces can be a row of `n_columns` cells.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fit {
    /// Exactly one.
    One(Joined),
    /// Too few pieces.
    Short,
    /// Several, or none; all that are possible.
    Several(Vec<Vec<Cell>>),
}

/// A row that was put together from pieces.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Joined {
    pub(super) cells: Vec<Cell>,
    /// Columns that consist of more than one piece, from 0.
    pub(super) columns: Vec<usize>,
    /// Whether a number was joined, or cells were told apart between two numbers, where nothing
    /// but the column count speaks for it.
    pub(super) has_number: bool,
}

/// What a row may consist of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RowKind {
    /// Labels only: digits are part of a text, as in 2021年.
    Header,
    /// Texts and numbers, which are never one cell.
    Body,
}

impl RowKind {
    fn is_number(self, piece: &Piece) -> bool {
        self == Self::Body && is_number_like(&piece.text)
    }
}

/// More readings of one row than this are not listed: nobody could choose.
const MAX_READINGS: usize = 64;

/// Finds out how `pieces` make up a row.
///
/// Cells with text are joined before cells with numbers: a number next to a text is another cell.
pub(super) fn fit(pieces: &[Piece], n_columns: usize, kind: RowKind) -> Fit {
    if pieces.len() < n_columns {
        return Fit::Short;
    }
    let needed = pieces.len() - n_columns;
    let breaks: Vec<usize> =
        (1..pieces.len()).filter(|at| pieces[*at].boundary == Boundary::LineBreak).collect();
    let is_text = |at: usize| !kind.is_number(&pieces[at]);
    let text_breaks: Vec<usize> =
        breaks.iter().copied().filter(|at| is_text(at - 1) && is_text(*at)).collect();
    let chosen = if text_breaks.len() == needed {
        text_breaks
    } else if breaks.len() == needed {
        breaks
    } else {
        let candidates = if text_breaks.len() > needed { text_breaks } else { breaks };
        let readings = combinations(&candidates, needed);
        return Fit::Several(
            readings.iter().map(|joins| join(pieces, joins, kind).cells).collect(),
        );
    };
    Fit::One(join(pieces, &chosen, kind))
}

impl Fit {
    /// Returns the row's cells and shape; `pieces` stand in where they do not fit.
    pub(super) fn into_row(self, pieces: Vec<Piece>) -> (Vec<Cell>, RowShape) {
        let raw = |pieces: Vec<Piece>| {
            pieces.into_iter().map(|piece| Cell::single(piece.text, piece.spot)).collect()
        };
        match self {
            Self::One(joined) if pieces.iter().all(|piece| piece.spot == pieces[0].spot) => {
                (joined.cells, RowShape::Whole)
            }
            Self::One(Joined { cells, columns, has_number }) => {
                (cells, RowShape::Rejoined { columns, has_number })
            }
            Self::Short => (raw(pieces), RowShape::Ragged { readings: Vec::new() }),
            Self::Several(readings) => (raw(pieces), RowShape::Ragged { readings }),
        }
    }
}

/// Joins the pieces at the given boundaries.
fn join(pieces: &[Piece], joins: &[usize], kind: RowKind) -> Joined {
    let mut cells: Vec<Cell> = Vec::new();
    let mut columns = Vec::new();
    let mut has_number = false;
    for (at, piece) in pieces.iter().enumerate() {
        if piece.boundary == Boundary::LineBreak {
            let (left, right) = (kind.is_number(&pieces[at - 1]), kind.is_number(piece));
            has_number |= if joins.contains(&at) { left || right } else { left && right };
        }
        match cells.last_mut() {
            Some(cell) if joins.contains(&at) => {
                cell.text.push_str(&piece.text);
                columns.push(cells.len() - 1);
            }
            _ => cells.push(Cell::single(piece.text.clone(), piece.spot)),
        }
        // A page number on a line of its own fills a blank cell as well as the value of the cell.
        if piece.fills_blank && kind.is_number(piece) {
            has_number = true;
            columns.push(cells.len() - 1);
        }
    }
    columns.dedup();
    Joined { cells, columns, has_number }
}

/// Returns every choice of `count` of the candidates, in order; none when there are too many.
fn combinations(candidates: &[usize], count: usize) -> Vec<Vec<usize>> {
    if count > candidates.len() {
        return Vec::new();
    }
    let mut choices: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..count {
        choices = choices
            .iter()
            .flat_map(|choice| {
                let last = choice.last().copied();
                candidates
                    .iter()
                    .filter(move |at| last.is_none_or(|last| **at > last))
                    .map(|at| [choice.as_slice(), &[*at]].concat())
                    .collect::<Vec<_>>()
            })
            .collect();
        if choices.len() > MAX_READINGS {
            return Vec::new();
        }
    }
    choices
}
