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

use crate::source::text::lines::{Line, is_number_like};
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
        if let Some((mut grid, n_lines)) = grid {
            rest = &rest[n_lines..];
            // A figure right below may be the rest of one in the last row.
            let n_figures = rest.iter().take_while(|line| is_number_like(line.text)).count();
            let (figures, below) = rest.split_at(n_figures);
            let figures = figures.iter();
            grid.strays.extend(figures.map(|line| paragraph(line)));
            blocks.push(Block::Grid(grid));
            rest = below;
        } else {
            // What begins no table does not begin one where it stands again right below: thousands of
            // such lines are not worth thousands of attempts.
            let n_equal = rest.iter().take_while(|other| other.cells == line.cells).count();
            let (equal, below) = rest.split_at(n_equal);
            blocks.extend(equal.iter().map(|line| Block::Paragraph(paragraph(line))));
            rest = below;
        }
    }
    blocks
}

fn paragraph(line: &Line<'_>) -> Paragraph {
    Paragraph { text: line.text.to_owned(), spot: line.spot }
}
