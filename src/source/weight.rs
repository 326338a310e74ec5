//! How much memory whoever reads a document may need for it.

use crate::source::{Block, Cell, Document, RowShape, Span};

/// What is made of a cell, row or paragraph at most besides its texts: a figure, or a finding.
const BYTES_PER_ITEM: usize = 1_000;
/// How often the text of an item is copied at most, its labels aside.
const COPIES: usize = 4;
/// Documents of up to this weight are small.
const MAX_SMALL_BYTES: usize = 32 << 20;

impl Document {
    /// Returns whether to read the document may take much memory.
    ///
    /// Every cell can become a finding that quotes the labels of its row and column, so what counts is
    /// the number of cells times the longest text that may be such a label.
    pub fn is_large(&self) -> bool {
        let mut weight = Weight::default();
        for block in &self.blocks {
            match block {
                Block::Paragraph(paragraph) => weight.add(paragraph.text.len()),
                Block::Grid(grid) => {
                    for row in &grid.rows {
                        weight.add(0);
                        weight.add_labels(&row.cells);
                        if let RowShape::Ragged { readings } = &row.shape {
                            for cells in readings {
                                weight.add_labels(cells);
                            }
                        }
                    }
                    for stray in &grid.strays {
                        weight.add(stray.text.len());
                    }
                }
            }
        }
        self.remarks.iter().for_each(|remark| weight.add(remark.what.len()));
        weight.bytes() > MAX_SMALL_BYTES
    }

    /// Leaves so many rows of each grid, those at its top.
    pub fn cut(&mut self, max_rows: usize) {
        for block in &mut self.blocks {
            let Block::Grid(grid) = block else { continue };
            grid.rows.truncate(max_rows);
            let n_rows = grid.rows.len();
            for (row_idx, row) in grid.rows.iter_mut().enumerate() {
                for cell in &mut row.cells {
                    if let Span::Wide { n_rows: reach, .. } = &mut cell.span {
                        *reach = (*reach).min(n_rows - row_idx);
                    }
                }
            }
        }
    }
}

#[derive(Default)]
struct Weight {
    n_items: usize,
    n_text_bytes: usize,
    n_cells: usize,
    longest_label_bytes: usize,
}

impl Weight {
    fn add(&mut self, n_text_bytes: usize) {
        self.n_items += 1;
        self.n_text_bytes += n_text_bytes;
    }

    fn add_labels(&mut self, cells: &[Cell]) {
        self.n_cells += cells.len();
        for cell in cells {
            self.add(cell.text.len());
            self.longest_label_bytes = self.longest_label_bytes.max(cell.text.len());
        }
    }

    fn bytes(&self) -> usize {
        let labels = self.n_cells.saturating_mul(self.longest_label_bytes);
        (self.n_items * BYTES_PER_ITEM)
            .saturating_add(self.n_text_bytes * COPIES)
            .saturating_add(labels)
    }
}

#[cfg(test)]
mod tests {
    use crate::model::Spot;
    use crate::source::{Block, Cell, Document, Format, Grid, Paragraph, Row, RowShape};

    fn is_large(n_rows: usize, text: &str, paragraph: &str) -> bool {
        let spot = Spot::line(1);
        let row = Row { cells: vec![Cell::single(text, spot); 2], shape: RowShape::Whole, spot };
        let rows = vec![row; n_rows];
        let blocks = vec![
            Block::Grid(Grid { name: None, n_columns: 2, rows, strays: Vec::new() }),
            Block::Paragraph(Paragraph { text: paragraph.to_owned(), spot }),
        ];
        Document { format: Format::Text, encoding: None, blocks, remarks: Vec::new() }.is_large()
    }

    #[test]
    fn many_cells_or_long_texts_make_a_document_large() {
        assert!(!is_large(5_000, "省水利厅", "一句话"));
        assert!(is_large(50_000, "1", "一句话"), "many cells");
        assert!(is_large(1, "1", &"字".repeat(10 << 20)), "a long paragraph");
        assert!(is_large(1_000, &"字".repeat(30_000), ""), "a label that every cell may quote");
    }
}
