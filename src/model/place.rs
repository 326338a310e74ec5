//! Where in a source something stands.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where in a file something stands, every number counted from 1.
///
/// Printed and stored as `line=85`, `paragraph=12` or `sheet=1 cell=C27`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Spot {
    /// A line of a text.
    Line(usize),
    /// A paragraph of a document that has no lines; those inside tables count too.
    Paragraph(usize),
    /// A cell of a workbook.
    Cell {
        /// Number of the sheet, hidden ones included.
        sheet: usize,
        /// Row of the sheet.
        row: usize,
        /// Column of the sheet, A being 1.
        column: usize,
    },
}

impl Spot {
    /// Returns the column's letters for a cell of a workbook, as `AB`.
    fn letters(column: usize) -> String {
        let mut letters = Vec::new();
        let mut rest = column;
        while rest > 0 {
            let digit = u8::try_from((rest - 1) % 26).unwrap_or(0);
            letters.push(char::from(b'A' + digit));
            rest = (rest - 1) / 26;
        }
        letters.into_iter().rev().collect()
    }

    /// Returns the kind of spot and what is counted, as words for a sentence: `line` and `85`.
    ///
    /// A cell is `cell` and `C27`; its sheet is [`Self::sheet`].
    pub fn named(self) -> (&'static str, String) {
        match self {
            Self::Line(number) => ("line", number.to_string()),
            Self::Paragraph(number) => ("paragraph", number.to_string()),
            Self::Cell { row, column, .. } => ("cell", format!("{}{row}", Self::letters(column))),
        }
    }

    /// Returns the number of the sheet; `None` outside a workbook.
    pub fn sheet(self) -> Option<usize> {
        match self {
            Self::Cell { sheet, .. } => Some(sheet),
            Self::Line(_) | Self::Paragraph(_) => None,
        }
    }
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(sheet) = self.sheet() {
            write!(f, "sheet={sheet} ")?;
        }
        let (kind, number) = self.named();
        write!(f, "{kind}={number}")
    }
}

/// A position in a document, every number counted from 1.
///
/// Printed and stored as `table=1 row=27 column=3 line=85`, leaving out what does not apply. Rows
/// and columns count the cells of the table as it stands, header included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
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
        let numbers = parts
            .into_iter()
            .filter_map(|(name, number)| number.map(|number| format!("{name}={number}")));
        let words: Vec<String> = numbers.chain(self.spot.map(|spot| spot.to_string())).collect();
        f.write_str(&words.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_of_a_workbook_have_letters() {
        let place = |column| Place::at(Spot::Cell { sheet: 2, row: 7, column }).to_string();
        assert_eq!(place(1), "sheet=2 cell=A7");
        assert_eq!(place(26), "sheet=2 cell=Z7");
        assert_eq!(place(27), "sheet=2 cell=AA7");
        assert_eq!(place(16_384), "sheet=2 cell=XFD7");
    }
}
