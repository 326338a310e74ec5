//! The cells of one sheet, as a stream.

use std::io::BufRead;

use crate::model::Text;
use crate::source::SourceError;
use crate::source::container::Container;
use crate::source::sheets::{Cells, Epoch, NumberKind, boolean_text, iso_date_text, stored_text};
use crate::source::spans::tidy;
use crate::source::xlsx::parts::damaged;
use crate::source::xlsx::plain::{PlainCell, plain_cell};
use crate::source::xlsx::reference::{parse_area, parse_reference, parse_row};
use crate::source::xlsx::strings::{Apart, SharedStrings, read_text, shown};
use crate::source::xlsx::styles::Styles;
use crate::source::xml::{Element, XmlEvent, XmlReader};

/// What all sheets of a workbook share.
pub(super) struct Shared<'n> {
    /// Name of the file, for messages.
    pub(super) file_name: &'n str,
    /// Texts that cells refer to.
    pub(super) strings: SharedStrings,
    /// Number formats that cells refer to.
    pub(super) styles: Styles,
    /// The day from which dates count.
    pub(super) epoch: Epoch,
}

/// Hands the cells of a sheet on.
pub(super) fn parse<'n>(
    container: &mut Container<'n>,
    part: &str,
    shared: &Shared<'n>,
    cells: &mut impl Cells,
) -> Result<(), SourceError> {
    let Some(input) = container.stream(part)? else { return Ok(()) };
    let mut xml = XmlReader::new(input, shared.file_name, part);
    let mut sheet = SheetReader { shared, part, cells, row: 0, column: 0, stored: String::new() };
    loop {
        let depth = xml.depth();
        while depth == CELL_DEPTH
            && let Some(cell) = xml.take_plain(|bytes| plain_cell(bytes, &mut sheet.stored))
        {
            sheet.take_plain(&cell)?;
        }
        let step = match xml.next()? {
            XmlEvent::Open(element) => sheet.open(&element, depth)?,
            XmlEvent::End => return Ok(()),
            XmlEvent::Close | XmlEvent::Text(_) => Step::On,
        };
        match step {
            Step::On => (),
            Step::Over => xml.skip_element()?,
            Step::Cell { style, kind } => sheet.read_cell(&mut xml, style, kind)?,
        }
    }
}

/// How many elements are open around a cell.
const CELL_DEPTH: usize = 3;

/// What to do with an element.
enum Step {
    /// Go on inside it.
    On,
    /// Pass over it.
    Over,
    /// Read the cell that it is.
    Cell { style: usize, kind: ValueKind },
}

/// How the value of a cell is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueKind {
    Number,
    Shared,
    Text,
    Boolean,
    Error,
    Date,
}

impl ValueKind {
    /// Returns the kind that a cell's attribute says.
    pub(super) fn of(word: &str) -> Self {
        match word {
            "n" => Self::Number,
            "s" => Self::Shared,
            "b" => Self::Boolean,
            "e" => Self::Error,
            "d" => Self::Date,
            _ => Self::Text,
        }
    }
}

struct SheetReader<'s, 'n, C> {
    shared: &'s Shared<'n>,
    part: &'s str,
    cells: &'s mut C,
    /// Where the reader is, from 1; 0 before the first row or cell.
    row: usize,
    column: usize,
    /// The value of the current cell; one for all, so that it is allocated once.
    stored: String,
}

impl<C: Cells> SheetReader<'_, '_, C> {
    /// Looks at an element that stands below `depth` others.
    fn open(&mut self, element: &Element<'_>, depth: usize) -> Result<Step, SourceError> {
        match (depth, element.name()) {
            (0, _) | (1, "cols" | "sheetData" | "mergeCells") => Ok(Step::On),
            (2, "col") => {
                if element.is_on("hidden") {
                    let (first, last) = (element.number("min"), element.number("max"));
                    if let Some((first, last)) = first.zip(last) {
                        self.cells.hide_columns(first, last);
                    }
                }
                Ok(Step::On)
            }
            (2, "row") => {
                self.column = 0;
                self.row = match element.attribute("r") {
                    Some(row) => {
                        parse_row(&row).ok_or_else(|| self.bad("flaw.row_unknown", &row))?
                    }
                    None => self.row.saturating_add(1),
                };
                if element.is_on("hidden") {
                    self.cells.hide_row(self.row);
                }
                Ok(Step::On)
            }
            (2, "mergeCell") => {
                let reference = element.attribute("ref").unwrap_or_default();
                let area = parse_area(&reference)
                    .ok_or_else(|| self.bad("flaw.area_unknown", &reference))?;
                self.cells.merge(area)?;
                Ok(Step::On)
            }
            (CELL_DEPTH, "c") => self.open_cell(element),
            // Elsewhere, as in the anchors of pictures, elements of the same names mean other things.
            _ => Ok(Step::Over),
        }
    }

    fn open_cell(&mut self, element: &Element<'_>) -> Result<Step, SourceError> {
        let (mut place, mut style, mut kind) = (None, 0, ValueKind::Number);
        // One pass: a large form has millions of cells.
        for (name, value) in element.attributes() {
            match name {
                "r" => {
                    let parsed = parse_reference(&value);
                    place = Some(parsed.ok_or_else(|| self.bad("flaw.cell_unknown", &value))?);
                }
                "s" => style = value.trim().parse().unwrap_or(usize::MAX),
                "t" => kind = ValueKind::of(&value),
                _ => (),
            }
        }
        (self.row, self.column) = place.unwrap_or((self.row, self.column.saturating_add(1)));
        Ok(Step::Cell { style, kind })
    }

    /// Takes a cell whose stored value is at hand.
    fn take_plain(&mut self, cell: &PlainCell) -> Result<(), SourceError> {
        (self.row, self.column) = (cell.row, cell.column);
        self.end_cell(cell.style, cell.kind)
    }

    fn read_cell<R: BufRead>(
        &mut self,
        xml: &mut XmlReader<'_, R>,
        style: usize,
        kind: ValueKind,
    ) -> Result<(), SourceError> {
        self.stored.clear();
        let outside = xml.depth().saturating_sub(1);
        let (mut is_value, mut has_formula) = (false, false);
        while xml.depth() > outside {
            let is_inline = match xml.next()? {
                XmlEvent::Open(element) => {
                    let name = element.name();
                    is_value = name == "v";
                    has_formula |= name == "f";
                    name == "is"
                }
                XmlEvent::Close => {
                    is_value = false;
                    false
                }
                XmlEvent::Text(piece) => {
                    if is_value {
                        self.stored.push_str(&piece);
                    }
                    false
                }
                XmlEvent::End => break,
            };
            if is_inline {
                let apart = read_text(xml, &mut self.stored)?;
                self.remark_apart(&apart)?;
            }
        }
        // The result of a formula can be a text without characters.
        if has_formula && self.stored.is_empty() && kind != ValueKind::Text {
            self.cells.formula_without_value(self.row, self.column)?;
        }
        self.end_cell(style, kind)
    }

    /// Adds the cell whose stored value is at hand, however it was written; text that is struck through,
    /// raised or lowered is named and left out.
    fn end_cell(&mut self, style: usize, kind: ValueKind) -> Result<(), SourceError> {
        let text = self.text(style, kind)?;
        self.remark_style(style, kind, &text)?;
        if self.shared.styles.apart(style).is_some() {
            return Ok(());
        }
        self.cells.cell(self.row, self.column, text)
    }

    fn remark_apart(&mut self, apart: &[Apart]) -> Result<(), SourceError> {
        for (kind, text) in apart {
            self.cells.apart(*kind, text, self.row, self.column)?;
        }
        Ok(())
    }

    /// Notes where a cell shows something else than its text.
    fn remark_style(
        &mut self,
        style: usize,
        kind: ValueKind,
        text: &str,
    ) -> Result<(), SourceError> {
        let shared = self.shared;
        if kind == ValueKind::Shared
            && let Ok(idx) = self.stored.trim().parse()
        {
            self.remark_apart(shared.strings.apart(idx))?;
        }
        if let Some(apart) = shared.styles.apart(style) {
            self.cells.apart(apart, text, self.row, self.column)?;
        } else if kind == ValueKind::Error {
            self.cells.error(self.row, self.column)?;
        } else if kind == ValueKind::Number && !text.is_empty() {
            self.cells.number(self.number_kind(style), self.row, self.column);
        }
        Ok(())
    }

    /// Returns what the stored number is.
    fn number_kind(&self, style: usize) -> NumberKind {
        match self.shared.styles.kind(style) {
            kind @ NumberKind::Scaled(_) => self.stored.trim().parse().map_or(kind, |n| kind.at(n)),
            kind => kind,
        }
    }

    /// Returns the text that shows for the stored value.
    fn text(&self, style: usize, kind: ValueKind) -> Result<Text, SourceError> {
        let stored = self.stored.trim();
        if stored.is_empty() {
            return Ok(Text::default());
        }
        Ok(match kind {
            ValueKind::Number => stored_text(stored, self.number_kind(style), self.shared.epoch)
                .unwrap_or_else(|| tidy(stored).into()),
            ValueKind::Shared => {
                let text = stored.parse().ok().and_then(|idx| self.shared.strings.get(idx));
                text.ok_or_else(|| self.bad("flaw.string_unknown", stored))?.into()
            }
            ValueKind::Text => shown(stored).into(),
            ValueKind::Boolean => boolean_text(matches!(stored, "1" | "true")).into(),
            ValueKind::Error => tidy(stored).into(),
            ValueKind::Date => iso_date_text(stored).into(),
        })
    }

    fn bad(&self, reason: &str, found: &str) -> SourceError {
        let found: String = found.chars().take(40).collect();
        damaged(self.shared.file_name, &format!("{} `{found}`", self.part), reason)
    }
}
