//! Where in a source something stands.

use std::fmt;

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
    /// Line of the file on which it begins.
    pub line: Option<usize>,
}

impl Place {
    /// Returns the place of a line outside any table.
    pub fn line(line: usize) -> Self {
        Self { line: Some(line), ..Self::default() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            ("table", self.table),
            ("row", self.row),
            ("column", self.column),
            ("note", self.note),
            ("line", self.line),
        ];
        let words: Vec<String> = parts
            .into_iter()
            .filter_map(|(name, number)| number.map(|number| format!("{name}={number}")))
            .collect();
        f.write_str(&words.join(" "))
    }
}
