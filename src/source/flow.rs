//! Parts of text documents whose place in the order is known only when their container ends.
//!
//! Tables nest, and frames are anchored in the middle of a paragraph; a document is one flat
//! sequence.

use crate::model::Spot;
use crate::source::blocks::BlockBuilder;
use crate::source::{Grid, Remark, RemarkKind};

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

/// Texts set apart that are named for a document.
const MAX_APART_REMARKS: usize = 20;
/// Characters of such a text that are shown.
const MAX_SHOWN_CHARS: usize = 40;

/// Adds a remark on text that was left out because it is set apart from what it stands at: it is
/// raised, lowered or struck through.
///
/// The mark of a footnote would become a digit of the figure before it. Blank text is nothing.
pub(super) fn remark_apart(
    remarks: &mut Vec<Remark>,
    kind: RemarkKind,
    text: &str,
    spot: Option<Spot>,
) {
    let text = text.trim();
    let n_known = remarks.iter().filter(|known| known.kind == kind).count();
    if text.is_empty() || n_known >= MAX_APART_REMARKS {
        return;
    }
    let what = text.chars().take(MAX_SHOWN_CHARS).collect();
    remarks.push(Remark { kind, what, spot });
}

/// Adds a remark about a document as a whole, with the first place that gave rise to it.
pub(super) fn remark_once(remarks: &mut Vec<Remark>, kind: RemarkKind, spot: Option<Spot>) {
    if remarks.iter().all(|known| known.kind != kind) {
        remarks.push(Remark { kind, what: String::new(), spot });
    }
}
