//! Plain text, and the paragraphs of other formats: tables told by tabs, bars, spaces or line breaks
//! are grids, other lines are paragraphs.

mod bars;
mod fit;
mod grid;
mod lines;
mod spaced;
mod stacked;

#[cfg(test)]
mod tests;

use crate::source::text::lines::Line;
use crate::source::{Block, Paragraph};

pub(super) use lines::TextLine;

/// Parses a whole text into paragraphs and grids.
pub(super) fn parse_blocks(text: &str) -> Vec<Block> {
    parse_lines(&TextLine::all(text))
}

/// Parses lines into paragraphs and grids.
pub(super) fn parse_lines(text_lines: &[TextLine]) -> Vec<Block> {
    let lines: Vec<Line<'_>> = text_lines.iter().map(Line::of).collect();
    let mut blocks = Vec::new();
    let mut rest = lines.as_slice();
    while let Some(line) = rest.first() {
        let grid = grid::parse_grid(rest)
            .or_else(|| bars::parse_grid(rest))
            .or_else(|| stacked::parse_grid(rest))
            .or_else(|| spaced::parse_grid(rest));
        if let Some((grid, n_lines)) = grid {
            blocks.push(Block::Grid(grid));
            rest = &rest[n_lines..];
        } else {
            blocks
                .push(Block::Paragraph(Paragraph { text: line.text.to_owned(), spot: line.spot }));
            rest = &rest[1..];
        }
    }
    blocks
}
