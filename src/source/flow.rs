//! Parts of text documents whose place in the order is known only when their container ends.
//!
//! Tables nest, and frames are anchored in the middle of a paragraph; a document is one flat
//! sequence.

use crate::model::Spot;
use crate::source::Grid;
use crate::source::blocks::BlockBuilder;

/// One thing in the flow of a text document.
pub(super) enum Part {
    /// Running text, its tabs and line breaks kept.
    Paragraph {
        /// The text, not blank.
        text: String,
        /// Where it begins.
        spot: Spot,
    },
    /// A table.
    Grid(Grid),
    /// What frames hold that are anchored in the part before it. It belongs to no cell.
    Aside(Vec<Part>),
}

/// Returns the text of a cell, and whatever else stands in it.
pub(super) fn split_cell(parts: Vec<Part>) -> (String, Vec<Part>) {
    let mut lines = Vec::new();
    let mut others = Vec::new();
    for part in parts {
        match part {
            Part::Paragraph { text, .. } => lines.push(text),
            Part::Grid(_) | Part::Aside(_) => others.push(part),
        }
    }
    (lines.join("\n"), others)
}

/// Moves parts into a document, in order.
pub(super) fn emit(parts: &mut Vec<Part>, blocks: &mut BlockBuilder) {
    for part in parts.drain(..) {
        match part {
            Part::Paragraph { text, spot } => blocks.paragraph(&text, spot),
            Part::Grid(grid) => blocks.grid(grid),
            Part::Aside(mut inner) => emit(&mut inner, blocks),
        }
    }
}
