//! Blocks of formats with paragraphs, in order; tables told by tabs or bars are found in them.

use crate::model::Spot;
use crate::source::text::{TextLine, parse_lines};
use crate::source::{Block, Grid};

/// The blocks of a document while it is read.
#[derive(Default)]
pub(super) struct BlockBuilder {
    blocks: Vec<Block>,
    lines: Vec<TextLine>,
    n_paragraphs: usize,
}

impl BlockBuilder {
    /// Returns the place of the next paragraph, and counts it.
    pub(super) fn next_spot(&mut self) -> Spot {
        self.n_paragraphs += 1;
        Spot::paragraph(self.n_paragraphs)
    }

    /// Adds a paragraph outside any table. Its tabs and line breaks stay: they may be a table.
    pub(super) fn paragraph(&mut self, text: &str, spot: Spot) {
        let lines = text.split(['\n', '\r']).filter(|line| !line.trim().is_empty());
        self.lines.extend(lines.map(|line| TextLine { text: line.to_owned(), spot }));
    }

    /// Adds a grid.
    pub(super) fn grid(&mut self, grid: Grid) {
        self.flush();
        self.blocks.push(Block::Grid(grid));
    }

    fn flush(&mut self) {
        let lines = std::mem::take(&mut self.lines);
        self.blocks.extend(parse_lines(&lines));
    }

    /// Returns the blocks in order.
    pub(super) fn finish(mut self) -> Vec<Block> {
        self.flush();
        self.blocks
    }
}
