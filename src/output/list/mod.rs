//! Lists for people that are too long to hold: written row by row, as a workbook or as CSV.
//!
//! Nothing in a list acts on a spreadsheet: in a workbook texts are texts, in CSV those that a
//! spreadsheet would take for formulas have an apostrophe before them. What is invisible is spelled out.
//! The same rows give the same bytes.

mod book;
mod csv;
mod sheet;
mod summary;
#[cfg(test)]
mod tests;

use std::io::Write;

use chrono::NaiveDate;

use crate::model::text_enum;
use crate::output::OutputError;
use crate::output::list::book::Book;
use crate::output::list::csv::CsvList;

pub use book::MAX_SHEET_ROWS;
pub(super) use csv::{MARK, neutral};
pub use summary::{ListSummary, SummaryTable};

text_enum! {
    /// The formats of lists.
    ListFormat {
        /// A workbook: a summary, then the rows, on several sheets where they are many.
        Xlsx = "xlsx",
        /// UTF-8 with a mark and CRLF, as spreadsheets open it: the rows alone.
        Csv = "csv",
    }
}

/// One column of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListColumn {
    /// Its title.
    pub title: String,
    /// Width in a workbook, in Latin characters.
    pub width: u16,
    /// Whether its cells are days.
    pub is_day: bool,
}

/// What has to be known of a list before its rows.
#[derive(Debug, Clone)]
pub struct ListPlan {
    /// Name of the sheet of rows; further ones are numbered.
    pub sheet_name: String,
    /// Its columns; at least one.
    pub columns: Vec<ListColumn>,
    /// How many rows there will be.
    pub n_rows: u64,
    /// The first sheet of a workbook.
    pub summary: ListSummary,
    /// Day on which it was made.
    pub made_on: NaiveDate,
}

/// One cell of a list.
#[derive(Debug, Clone, PartialEq)]
pub enum ListCell<'a> {
    /// Nothing.
    Blank,
    /// A text, whatever it looks like.
    Text(&'a str),
    /// A count or a position.
    Number(i64),
    /// A number that need not be whole.
    Decimal(f64),
    /// A day.
    Day(NaiveDate),
    /// Whether something is so.
    Truth(bool),
}

/// A list while it is written to `W`.
pub struct ListWriter<W: Write> {
    target: Target<W>,
    n_columns: usize,
    n_promised: u64,
    n_written: u64,
}

enum Target<W: Write> {
    Book(Box<Book<W>>),
    Csv(Box<CsvList<W>>),
}

/// What came of a list.
#[derive(Debug)]
pub struct ListDone<W> {
    /// Where it was written to.
    pub sink: W,
    /// Texts that have an apostrophe before them, because a spreadsheet would take them for formulas.
    pub n_neutralised: u64,
    /// Texts that are longer than a cell can be, and cut.
    pub n_cut: u64,
}

impl<W: Write> ListWriter<W> {
    /// Writes what stands before the rows.
    pub fn begin(format: ListFormat, plan: &ListPlan, sink: W) -> Result<Self, OutputError> {
        let target = match format {
            ListFormat::Xlsx => Target::Book(Box::new(Book::begin(plan, sink)?)),
            ListFormat::Csv => Target::Csv(Box::new(CsvList::begin(&plan.columns, sink)?)),
        };
        Ok(Self { target, n_columns: plan.columns.len(), n_promised: plan.n_rows, n_written: 0 })
    }

    /// Writes a row, whose cells are those of the columns.
    ///
    /// Fails when it has another number of cells than there are columns, and when there are more rows
    /// than were promised.
    pub fn push(&mut self, cells: &[ListCell<'_>]) -> Result<(), OutputError> {
        self.n_written += 1;
        if cells.len() != self.n_columns || self.n_written > self.n_promised {
            return Err(self.unlike());
        }
        match &mut self.target {
            Target::Book(book) => book.push(cells),
            Target::Csv(list) => list.push(cells),
        }
    }

    /// Writes what stands behind the rows. Fails when there were fewer than were promised.
    pub fn finish(self) -> Result<ListDone<W>, OutputError> {
        if self.n_written != self.n_promised {
            return Err(self.unlike());
        }
        match self.target {
            Target::Book(book) => book.finish(),
            Target::Csv(list) => list.finish(),
        }
    }

    fn unlike(&self) -> OutputError {
        OutputError::ListUnlike { promised: self.n_promised, written: self.n_written }
    }
}

/// Tells by how a file begins whether it is a list that was written here and not saved by another
/// program since, whose columns have these titles or begin with them.
///
/// `start` is the beginning of the file, of at least 4 kB where it is longer.
pub fn is_list(start: &[u8], titles: &[String]) -> bool {
    book::is_book(start) || csv::is_csv(start, titles)
}
