//! Where in a source something stands.

use std::fmt::{self, Write};

use serde::{Deserialize, Serialize};

/// Where in a file something stands, every number counted from 1.
///
/// Printed and stored as `line=85`, `paragraph=12` or `sheet=1 cell=C27`. Every cell of a form has
/// one, so it is kept small.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Spot {
    /// A line of a text.
    Line(u32),
    /// A paragraph of a document that has no lines; those inside tables count too.
    Paragraph(u32),
    /// A cell of a workbook.
    Cell {
        /// Number of the sheet, hidden ones included.
        sheet: u32,
        /// Row of the sheet.
        row: u32,
        /// Column of the sheet, A being 1.
        column: u32,
    },
}

impl Spot {
    /// Returns a line of a text. Numbers beyond 32 bits, which no file has, are cut to them.
    pub fn line(number: usize) -> Self {
        Self::Line(narrow(number))
    }

    /// Returns a paragraph of a document.
    pub fn paragraph(number: usize) -> Self {
        Self::Paragraph(narrow(number))
    }

    /// Returns a cell of a workbook.
    pub fn cell(sheet: usize, row: usize, column: usize) -> Self {
        Self::Cell { sheet: narrow(sheet), row: narrow(row), column: narrow(column) }
    }

    /// Returns the kind of spot and what is counted, as words for a sentence: `line` and `85`.
    ///
    /// A cell is `cell` and `C27`; its sheet is [`Self::sheet`].
    pub fn named(self) -> (&'static str, String) {
        match self {
            Self::Line(number) => ("line", number.to_string()),
            Self::Paragraph(number) => ("paragraph", number.to_string()),
            Self::Cell { row, column, .. } => ("cell", format!("{}{row}", Letters(column))),
        }
    }

    /// Returns the number of the sheet; `None` outside a workbook.
    pub fn sheet(self) -> Option<usize> {
        match self {
            Self::Cell { sheet, .. } => Some(wide(sheet)),
            Self::Line(_) | Self::Paragraph(_) => None,
        }
    }

    /// Returns the row of the sheet; `None` outside a workbook.
    pub fn row(self) -> Option<usize> {
        match self {
            Self::Cell { row, .. } => Some(wide(row)),
            Self::Line(_) | Self::Paragraph(_) => None,
        }
    }

    /// Returns the column of the sheet; `None` outside a workbook.
    pub fn column(self) -> Option<usize> {
        match self {
            Self::Cell { column, .. } => Some(wide(column)),
            Self::Line(_) | Self::Paragraph(_) => None,
        }
    }

    /// Returns the cell of the same row in another column; outside a workbook, the same spot.
    #[must_use]
    pub fn in_column(self, column: usize) -> Self {
        match self {
            Self::Cell { sheet, row, .. } => Self::Cell { sheet, row, column: narrow(column) },
            Self::Line(_) | Self::Paragraph(_) => self,
        }
    }
}

/// Cuts a number to 32 bits.
fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn wide(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(number) => write!(f, "line={number}"),
            Self::Paragraph(number) => write!(f, "paragraph={number}"),
            Self::Cell { sheet, row, column } => {
                write!(f, "sheet={sheet} cell={}{row}", Letters(*column))
            }
        }
    }
}

/// The letters of a column of a workbook, as `AB`.
struct Letters(u32);

impl fmt::Display for Letters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return Ok(());
        }
        let (before, last) = ((self.0 - 1) / 26, (self.0 - 1) % 26);
        Letters(before).fmt(f)?;
        f.write_char(char::from(b'A' + u8::try_from(last).unwrap_or(0)))
    }
}

/// A position in a document, every number counted from 1.
///
/// Printed and stored as `table=1 row=27 column=3 line=85`, leaving out what does not apply. Rows
/// and columns count the cells of the table as it stands, header included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// Number of the table in the document.
    pub table: Option<usize>,
    /// Row within the table, the first header row being 1.
    pub row: Option<usize>,
    /// Column within the table.
    pub column: Option<usize>,
    /// Number of the note under the table.
    pub note: Option<usize>,
    /// Where in the file it begins.
    pub spot: Option<Spot>,
}

impl Place {
    /// Returns the place of something outside any table.
    pub fn at(spot: Spot) -> Self {
        Self { spot: Some(spot), ..Self::default() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            ("table", self.table),
            ("row", self.row),
            ("column", self.column),
            ("note", self.note),
        ];
        let mut separator = "";
        for (name, number) in parts {
            let Some(number) = number else { continue };
            write!(f, "{separator}{name}={number}")?;
            separator = " ";
        }
        self.spot.map_or(Ok(()), |spot| write!(f, "{separator}{spot}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_of_a_workbook_have_letters() {
        let place = |column| Place::at(Spot::cell(2, 7, column)).to_string();
        assert_eq!(place(1), "sheet=2 cell=A7");
        assert_eq!(place(26), "sheet=2 cell=Z7");
        assert_eq!(place(27), "sheet=2 cell=AA7");
        assert_eq!(place(16_384), "sheet=2 cell=XFD7");
    }
}
