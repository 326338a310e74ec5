//! The elements of a page in order, as paragraphs and grids.

use scraper::{ElementRef, Node};

use crate::model::Spot;
use crate::source::blocks::BlockBuilder;
use crate::source::container::limit;
use crate::source::flow::remark_apart;
use crate::source::limits::MAX_DEPTH;
use crate::source::spans::SpanGrid;
use crate::source::{Block, Remark, RemarkKind, SourceError};

/// Elements whose content is no text of the article.
const LEFT_OUT: [&str; 17] = [
    "script", "style", "noscript", "head", "nav", "header", "footer", "select", "option", "button",
    "iframe", "object", "svg", "form", "textarea", "template", "input",
];

/// Elements that stand in a line of text.
const INLINE: [&str; 19] = [
    "a", "abbr", "b", "bdi", "big", "cite", "code", "em", "font", "i", "label", "o:p", "q",
    "small", "span", "strong", "tt", "u", "ins",
];

/// Text that is set apart from what it stands at, and how.
type Apart = (RemarkKind, String);

/// A walk over a page that collects its blocks.
pub(super) struct Walk<'n> {
    file_name: &'n str,
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
    pub(super) fn new(file_name: &'n str, blocks: BlockBuilder) -> Self {
        Self {
            file_name,
            blocks,
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
        // Deeper elements are chrome at best; browsers stop near 512 too.
        if depth > MAX_DEPTH * 2 {
            return Err(limit(self.file_name, "nested_elements", MAX_DEPTH as u64 * 2));
        }
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
            if LEFT_OUT.contains(&name) || is_hidden(child) {
                continue;
            }
            if let Some(kind) = apart(child) {
                self.apart.push((kind, child.text().collect()));
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
                name if INLINE.contains(&name) => self.blocks_of(child, depth + 1)?,
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
        for row in table.descendent_elements() {
            match row.value().name() {
                "caption" => name = Some(text_of(row).0).filter(|text| !text.is_empty()),
                "tr" if !is_hidden(row) => {
                    let spot = self.blocks.next_spot();
                    grid.begin_row(spot);
                    for cell in row.child_elements() {
                        if matches!(cell.value().name(), "td" | "th") {
                            let span =
                                |name| cell.attr(name).and_then(|n| n.trim().parse::<usize>().ok());
                            // A count of 0 reaches to the end of its group, as browsers have it.
                            let n_rows = match span("rowspan") {
                                Some(0) => usize::MAX,
                                Some(n_rows) => n_rows,
                                None => 1,
                            };
                            let n_columns = span("colspan").unwrap_or(1);
                            let (text, apart) = text_of(cell);
                            grid.cell(&text, spot, n_rows, n_columns)?;
                            self.remark(apart, Some(spot));
                        }
                    }
                }
                _ => {}
            }
        }
        if let Some(grid) = grid.finish(name) {
            self.blocks.grid(grid);
        }
        Ok(())
    }

    /// Returns the blocks in order, and what is to be said about them.
    pub(super) fn finish(mut self) -> (Vec<Block>, Vec<Remark>) {
        self.end_paragraph();
        (self.blocks.finish(), self.remarks)
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
                let n_cells = cells.filter(|c| matches!(c.value().name(), "td" | "th")).count();
                most_cells = most_cells.max(n_cells);
            }
            _ => {}
        }
    }
    most_cells > 1
}

/// Whether an element is not shown.
fn is_hidden(element: ElementRef<'_>) -> bool {
    element.attr("hidden").is_some() || style_of(element).contains("display:none")
}

/// The style that an element has itself, in lower case and without white space.
fn style_of(element: ElementRef<'_>) -> String {
    let style = element.attr("style").unwrap_or_default().to_lowercase();
    style.split_whitespace().collect()
}

/// How the text of an element is set apart from what it stands at; `None` where it is not.
fn apart(element: ElementRef<'_>) -> Option<RemarkKind> {
    match element.value().name() {
        "sup" | "sub" => return Some(RemarkKind::Raised),
        "s" | "strike" | "del" => return Some(RemarkKind::Struck),
        _ => {}
    }
    let style = style_of(element);
    let has = |words: [&str; 2]| words.iter().any(|word| style.contains(word));
    if has(["vertical-align:super", "vertical-align:sub"]) {
        return Some(RemarkKind::Raised);
    }
    let is_struck = style.contains("text-decoration") && style.contains("line-through");
    is_struck.then_some(RemarkKind::Struck)
}

/// The text of a cell, scripts and hidden parts left out, and beside it what is set apart from it; its
/// line breaks are those of the page.
fn text_of(cell: ElementRef<'_>) -> (String, Vec<Apart>) {
    let mut text = String::new();
    let mut left_out = Vec::new();
    for node in cell.descendants() {
        match node.value() {
            Node::Text(piece) => {
                let around = || node.ancestors().take(MAX_DEPTH).filter_map(ElementRef::wrap);
                if around().any(|e| LEFT_OUT.contains(&e.value().name()) || is_hidden(e)) {
                    continue;
                }
                match around().find_map(apart) {
                    Some(kind) => left_out.push((kind, piece.to_string())),
                    None => text.push_str(piece),
                }
            }
            Node::Element(element) if matches!(element.name(), "br" | "p" | "div" | "li") => {
                text.push('\n');
            }
            _ => {}
        }
    }
    (text.trim().to_owned(), left_out)
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
