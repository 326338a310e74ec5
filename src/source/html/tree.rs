//! The elements of a page in order, as paragraphs and grids.

use scraper::{ElementRef, Node};

use crate::model::Spot;
use crate::source::blocks::BlockBuilder;
use crate::source::hidden::{Hidden, list};
use crate::source::html::element::{
    Apart, CellText, apart_within, check_depth, is_hidden, is_inline, is_left_out, left_out_as,
    text_of,
};
use crate::source::html::styles::Styles;
use crate::source::remarks::{remark, remark_apart};
use crate::source::spans::{SpanGrid, tidy};
use crate::source::{Block, Grid, Remark, RemarkKind, SourceError};

/// A walk over a page that collects its blocks.
pub(super) struct Walk<'n> {
    file_name: &'n str,
    styles: &'n Styles,
    blocks: BlockBuilder,
    remarks: Vec<Remark>,
    /// Text of the paragraph that is under way.
    text: String,
    /// What was left out of it.
    apart: Vec<Apart>,
    /// Whether line breaks and spaces count as they stand.
    is_preformatted: bool,
}

impl<'n> Walk<'n> {
    pub(super) fn new(file_name: &'n str, styles: &'n Styles) -> Self {
        Self {
            file_name,
            styles,
            blocks: BlockBuilder::default(),
            remarks: Vec::new(),
            text: String::new(),
            apart: Vec::new(),
            is_preformatted: false,
        }
    }

    /// Adds what stands in an element.
    pub(super) fn blocks_of(
        &mut self,
        element: ElementRef<'_>,
        depth: usize,
    ) -> Result<(), SourceError> {
        check_depth(depth, self.file_name)?;
        for child in element.children() {
            if let Node::Text(text) = child.value() {
                if self.is_preformatted {
                    self.text.push_str(text);
                } else {
                    self.text.push_str(&one_space(text));
                }
                continue;
            }
            let Some(child) = ElementRef::wrap(child) else { continue };
            let name = child.value().name();
            if is_left_out(child) {
                continue;
            }
            if let Some(kind) = left_out_as(child, self.styles) {
                self.apart.push((kind, text_of(child)));
                continue;
            }
            match name {
                "br" => self.text.push('\n'),
                "table" if is_data(child) => {
                    self.end_paragraph();
                    self.grid_of(child)?;
                }
                "pre" => {
                    self.end_paragraph();
                    self.is_preformatted = true;
                    self.blocks_of(child, depth + 1)?;
                    self.end_paragraph();
                    self.is_preformatted = false;
                }
                _ if is_inline(child, self.styles) => self.blocks_of(child, depth + 1)?,
                _ => {
                    self.end_paragraph();
                    self.blocks_of(child, depth + 1)?;
                    self.end_paragraph();
                }
            }
        }
        Ok(())
    }

    fn end_paragraph(&mut self) {
        let text = std::mem::take(&mut self.text);
        let apart = std::mem::take(&mut self.apart);
        let spot = (!text.trim().is_empty()).then(|| self.blocks.next_spot());
        if let Some(spot) = spot {
            self.blocks.paragraph(text.trim_matches([' ', '\n', '\r']), spot);
        }
        self.remark(apart, spot);
    }

    fn remark(&mut self, apart: Vec<Apart>, spot: Option<Spot>) {
        for (kind, text) in apart {
            remark_apart(&mut self.remarks, kind, &text, spot);
        }
    }

    fn grid_of(&mut self, table: ElementRef<'_>) -> Result<(), SourceError> {
        let mut grid = SpanGrid::new(self.file_name);
        let mut name = None;
        let mut hidden = HiddenParts::default();
        let mut row_number = 0;
        for element in table.descendent_elements() {
            match element.value().name() {
                "caption" => name = Some(self.caption(element)?).filter(|text| !text.is_empty()),
                "tr" => {
                    row_number += 1;
                    self.row(element, &mut grid, (row_number, &mut hidden))?;
                }
                _ => {}
            }
        }
        let Some(grid) = grid.finish(name) else { return Ok(()) };
        hidden.remark(&grid, &mut self.remarks);
        self.blocks.grid(grid);
        Ok(())
    }

    fn caption(&mut self, caption: ElementRef<'_>) -> Result<String, SourceError> {
        let CellText { text, apart } = CellText::of(caption, None, self.styles, self.file_name)?;
        self.remark(apart, None);
        Ok(tidy(&text))
    }

    /// Adds a row of a table, and notes which parts of it are hidden.
    fn row(
        &mut self,
        row: ElementRef<'_>,
        grid: &mut SpanGrid<'_>,
        (row_number, hidden): (usize, &mut HiddenParts),
    ) -> Result<(), SourceError> {
        let spot = self.blocks.next_spot();
        grid.begin_row(spot)?;
        // What is around the table has been looked at.
        let groups = row.ancestors().filter_map(ElementRef::wrap);
        let groups = groups.take_while(|group| group.value().name() != "table");
        let around = apart_within(row, self.styles);
        let is_row_hidden = std::iter::once(row).chain(groups).any(|it| is_hidden(it, self.styles));
        for cell in row.child_elements().filter(is_cell) {
            let span = |name| cell.attr(name).and_then(|n| n.trim().parse::<usize>().ok());
            // A count of 0 reaches to the end of its group of rows; groups are not told apart here.
            let n_rows = match span("rowspan") {
                Some(0) => usize::MAX,
                Some(n_rows) => n_rows,
                None => 1,
            };
            let n_columns = span("colspan").unwrap_or(1);
            let CellText { text, apart } = CellText::of(cell, around, self.styles, self.file_name)?;
            if !text.trim().is_empty() {
                if is_row_hidden {
                    hidden.row(row_number, spot);
                } else if is_hidden(cell, self.styles) {
                    hidden.column(grid.next_column() + 1, spot);
                }
            }
            grid.cell(&text, spot, n_rows, n_columns)?;
            self.remark(apart, Some(spot));
        }
        Ok(())
    }

    /// Returns the blocks in order, and what is to be said about them.
    pub(super) fn finish(mut self) -> (Vec<Block>, Vec<Remark>) {
        self.end_paragraph();
        (self.blocks.finish(), self.remarks)
    }
}

/// Rows and columns of a table whose texts do not show, and the first place of either.
#[derive(Default)]
struct HiddenParts {
    rows: Hidden,
    columns: Hidden,
    first_row: Option<Spot>,
    first_column: Option<Spot>,
}

impl HiddenParts {
    fn row(&mut self, number: usize, spot: Spot) {
        self.rows.add(number, number);
        self.first_row.get_or_insert(spot);
    }

    fn column(&mut self, number: usize, spot: Spot) {
        self.columns.add(number, number);
        self.first_column.get_or_insert(spot);
    }

    /// Names them; they are counted from 1, and have been read.
    fn remark(&self, grid: &Grid, remarks: &mut Vec<Remark>) {
        let shown = |hidden: &Hidden, n_all: usize| {
            let numbers: Vec<usize> = (1..=n_all).collect();
            let listed = list(&hidden.among(&numbers));
            grid.name.as_ref().map_or(listed.clone(), |name| format!("{name}: {listed}"))
        };
        if self.first_row.is_some() {
            let what = shown(&self.rows, grid.rows.len());
            remark(remarks, RemarkKind::RowsHidden, what, self.first_row);
        }
        if self.first_column.is_some() {
            let what = shown(&self.columns, grid.n_columns);
            remark(remarks, RemarkKind::ColumnsHidden, what, self.first_column);
        }
    }
}

/// Whether a table holds figures: it has rows with more than one cell and no tables inside.
fn is_data(table: ElementRef<'_>) -> bool {
    let mut most_cells = 0;
    for element in table.descendent_elements() {
        match element.value().name() {
            "table" if element.id() != table.id() => return false,
            "tr" => {
                let cells = element.child_elements();
                let n_cells = cells.filter(is_cell).count();
                most_cells = most_cells.max(n_cells);
            }
            _ => {}
        }
    }
    most_cells > 1
}

/// Whether an element is a cell of a table.
fn is_cell(element: &ElementRef<'_>) -> bool {
    matches!(element.value().name(), "td" | "th")
}

/// White space in a page is one space; a tab stays, because pasted tables have nothing else.
fn one_space(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' => out.push('\t'),
            '\u{a0}' | '\n' | '\r' | ' ' => {
                if !out.ends_with([' ', '\t']) {
                    out.push(' ');
                }
            }
            other => out.push(other),
        }
    }
    out
}
