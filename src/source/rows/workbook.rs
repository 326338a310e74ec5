//! Rows of workbooks: the sheets that show, which must have the same header.
//!
//! A sheet beside them that is much narrower and shares no column with them tells about the records, and
//! is passed over by its name. What holds records is not known here: what is wider, or shares a column, may
//! be records that were exported in another way, and refuses the file.

use crate::model::Text;
use crate::source::container::limit;
use crate::source::limits::{MAX_CELL_CHARS, MAX_COLUMNS, MAX_ROWS};
use crate::source::rows::block::Flaw;
use crate::source::rows::header::Header;
use crate::source::rows::output::RowOutput;
use crate::source::rows::{Readable, RowFaultKind, UnreadSheets};
use crate::source::sheets::{Area, Cells, NumberKind, SheetCells};
use crate::source::xlsx;
use crate::source::{RemarkKind, SourceError};

/// Digits that a number of a spreadsheet has at most.
const EXACT_DIGITS: usize = 15;

/// Cells that rows of a sheet have at most which stands before the header of the records and is passed
/// over: records have more columns.
const MAX_NOTE_CELLS: usize = 2;

/// Reads the rows of a workbook.
///
/// Rows of a second sheet are counted behind those of the first. Dates have a time of day, numbers no
/// exponent.
pub(super) fn read_workbook(bytes: &[u8], output: &mut RowOutput<'_>) -> Result<(), SourceError> {
    let file_name = output.file_name();
    let mut rows = SheetRows::new(&mut *output, FirstSheet::MayTell);
    let outcome = xlsx::read_cells(bytes, file_name, &mut rows);
    let SheetRows { is_first_needed, mut unread, .. } = rows;
    if is_first_needed || outcome.is_ok() && output.header().is_none() {
        // Nothing has been written yet.
        let mut rows = SheetRows::new(&mut *output, FirstSheet::HasRows);
        xlsx::read_cells(bytes, file_name, &mut rows)?;
        unread = rows.unread;
    } else {
        outcome?;
    }
    if output.header().is_none() {
        return Err(SourceError::Empty { file_name: file_name.to_owned() });
    }
    output.set_unread_sheets(unread);
    Ok(())
}

/// What the first sheets of a workbook may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FirstSheet {
    /// Narrow ones tell about the records that follow on others.
    MayTell,
    /// The first one has rows, however narrow it is.
    HasRows,
}

/// The cells of a sheet as they come, row by row.
struct SheetRows<'r, 'o> {
    output: &'r mut RowOutput<'o>,
    first: FirstSheet,
    /// Whether a narrow first sheet turned out to be wider, so that nobody can tell what it is.
    is_first_needed: bool,
    unread: UnreadSheets,
    sheet: String,
    /// Whether this sheet tells about the records and has none.
    is_note: bool,
    /// Rows of the sheets before.
    n_rows_before: usize,
    /// The row of the header in this sheet.
    header_row: Option<usize>,
    /// The row that is read, and its cells with their columns.
    row: usize,
    cells: Vec<(usize, Text)>,
    /// What the number is that comes next.
    kind: Option<NumberKind>,
    /// What keeps the row from being one, each with its column, and one of each column.
    flaws: Vec<(RowFaultKind, usize)>,
}

impl<'r, 'o> SheetRows<'r, 'o> {
    fn new(output: &'r mut RowOutput<'o>, first: FirstSheet) -> Self {
        Self {
            output,
            first,
            is_first_needed: false,
            unread: UnreadSheets::default(),
            sheet: String::new(),
            is_note: false,
            n_rows_before: 0,
            header_row: None,
            row: 0,
            cells: Vec::new(),
            kind: None,
            flaws: Vec::new(),
        }
    }
}

impl SheetRows<'_, '_> {
    fn damaged(&self, place: &str, reason: &str) -> SourceError {
        SourceError::Damaged {
            file_name: self.output.file_name().to_owned(),
            part: format!("{} {place}", self.sheet),
            reason: reason.to_owned(),
        }
    }

    fn unfit(&self, place: &str, reason: &str) -> SourceError {
        SourceError::Unfit {
            file_name: self.output.file_name().to_owned(),
            part: format!("{} {place}", self.sheet).trim_end().to_owned(),
            reason: reason.to_owned(),
        }
    }

    fn source_row(&self) -> u64 {
        (self.n_rows_before + self.row) as u64
    }

    /// Notes a flaw of the row that a cell belongs to, unless the cell has another one.
    fn flaw(&mut self, kind: RowFaultKind, row: usize, column: usize) -> Result<(), SourceError> {
        self.go_to(row)?;
        // Cells mostly come in the order of their columns.
        let is_behind = self.flaws.last().is_none_or(|(_, last)| *last < column);
        if is_behind || self.flaws.iter().all(|(_, known)| *known != column) {
            self.flaws.push((kind, column));
        }
        Ok(())
    }

    /// Ends the row before when another one begins.
    fn go_to(&mut self, row: usize) -> Result<(), SourceError> {
        if row < self.row {
            return Err(self.damaged(&row.to_string(), "flaw.rows_unordered"));
        }
        if row > self.row {
            self.end_row()?;
            self.row = row;
        }
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), SourceError> {
        let mut cells = std::mem::take(&mut self.cells);
        let mut flaws = std::mem::take(&mut self.flaws);
        if cells.is_empty() && flaws.is_empty() {
            return Ok(());
        }
        flaws.sort_by_key(|(_, column)| *column);
        cells.sort_by_key(|(column, _)| *column);
        let n_filled = cells.len() + flaws.len();
        if self.header_row.is_none() {
            self.is_note = self.tells_about_records(&cells, n_filled);
            if self.is_note {
                self.header_row = Some(self.row);
                return Ok(());
            }
            if let Some((_, column)) = flaws.first() {
                return Err(self.unfit(&format!("R{}C{column}", self.row), "flaw.header_cell"));
            }
            return self.take_header(&cells);
        }
        if self.is_note {
            return self.check_note(n_filled);
        }
        let Some(Header { names, .. }) = self.output.header() else { return Ok(()) };
        let n_columns = names.len();
        let name_of = |column: usize| names.get(column - 1).cloned();
        let flaw = |(kind, column): (RowFaultKind, usize)| -> Flaw {
            (kind, name_of(column), Readable::AllBut(column - 1))
        };
        // A flaw behind the last column is told by the cells that stand there.
        let (flaws, behind): (Vec<_>, Vec<_>) =
            flaws.into_iter().partition(|(_, column)| *column <= n_columns);
        let last = cells.last().map(|(column, _)| *column);
        let last = last.into_iter().chain(behind.iter().map(|(_, column)| *column)).max();
        // Each cell says itself in which column it stands.
        let beyond = last.filter(|last| *last > n_columns).map(|last| {
            (RowFaultKind::TooManyFields, Some(last.to_string()), Readable::First(n_columns))
        });
        let flaws: Vec<Flaw> = flaws.into_iter().map(flaw).chain(beyond).collect();
        let source_row = self.source_row();
        let mut rest = cells.iter().peekable();
        let fields = (1..=n_columns).map(|column| {
            let cell = rest.next_if(|(at, _)| *at == column);
            cell.map_or("", |(_, text)| text.as_ref())
        });
        self.output.row(source_row, fields, flaws)
    }

    /// Whether a sheet with this first row tells about the records and has none: it is narrow, and shares
    /// no column with them.
    fn tells_about_records(&self, cells: &[(usize, Text)], n_filled: usize) -> bool {
        match self.output.header() {
            None => self.first == FirstSheet::MayTell && n_filled <= MAX_NOTE_CELLS,
            Some(Header { names, .. }) => {
                let is_shared = |text: &str| names.iter().any(|name| name == text.trim());
                n_filled * 2 < names.len() && !cells.iter().any(|(_, text)| is_shared(text))
            }
        }
    }

    /// Fails where a row of a sheet that is passed over has as many cells as a record may have.
    fn check_note(&mut self, n_filled: usize) -> Result<(), SourceError> {
        match self.output.header() {
            Some(Header { names, .. }) if n_filled * 2 >= names.len() => {
                Err(self.unfit("", "flaw.sheets_differ"))
            }
            None if n_filled > MAX_NOTE_CELLS => {
                self.is_first_needed = true;
                Err(self.unfit("", "flaw.sheets_differ"))
            }
            _ => Ok(()),
        }
    }

    fn take_header(&mut self, cells: &[(usize, Text)]) -> Result<(), SourceError> {
        let n_columns = cells.last().map_or(0, |(column, _)| *column);
        let mut names = vec![String::new(); n_columns];
        for (column, text) in cells {
            names[column - 1] = text.to_string();
        }
        self.header_row = Some(self.row);
        match self.output.header() {
            None => self.output.begin(names, self.source_row()),
            Some(first) => {
                let own = Header::new(&names, self.output.file_name(), MAX_COLUMNS);
                if own.is_ok_and(|own| own.names == first.names) {
                    Ok(())
                } else {
                    Err(self.unfit("", "flaw.sheets_differ"))
                }
            }
        }
    }
}

impl Cells for SheetRows<'_, '_> {
    fn cell(&mut self, row: usize, column: usize, mut text: Text) -> Result<(), SourceError> {
        let kind = self.kind.take();
        let file_name = self.output.file_name();
        if row > MAX_ROWS {
            return Err(limit(file_name, "rows", MAX_ROWS as u64));
        }
        if text.is_empty() {
            return Ok(());
        }
        if column > MAX_COLUMNS {
            return Err(limit(file_name, "columns", MAX_COLUMNS as u64));
        }
        if text.len() > MAX_CELL_CHARS && text.chars().count() > MAX_CELL_CHARS {
            return Err(limit(file_name, "cell_characters", MAX_CELL_CHARS as u64));
        }
        self.go_to(row)?;
        match kind {
            // A moment at midnight shows no time of day, and is one all the same.
            Some(NumberKind::Date) if is_date(&text) => text = format!("{text} 00:00:00").into(),
            Some(kind) if kind.is_unshown(&text) => {
                self.flaw(RowFaultKind::CellFormatUnknown, row, column)?;
            }
            Some(NumberKind::Plain) if n_whole_digits(&text) > EXACT_DIGITS => {
                self.flaw(RowFaultKind::DigitsLost, row, column)?;
            }
            _ => (),
        }
        let is_behind = self.cells.last().is_none_or(|(last, _)| *last < column);
        if !is_behind && self.cells.iter().any(|(known, _)| *known == column) {
            return Err(self.damaged(&format!("R{row}C{column}"), "flaw.cell_twice"));
        }
        self.cells.push((column, text));
        Ok(())
    }

    fn merge(&mut self, area: Area) -> Result<(), SourceError> {
        // All cells stand in front of what says which are merged.
        self.end_row()?;
        if self.is_note {
            return Ok(());
        }
        let header_row = self.header_row.unwrap_or(self.row);
        if !area.is_trivial() && area.last_row > header_row {
            let place = format!("R{}C{}", area.first_row, area.first_column);
            return Err(self.unfit(&place, "flaw.cells_merged"));
        }
        Ok(())
    }

    /// Rows are hidden by filters, and rows all the same.
    fn hide_row(&mut self, _: usize) {}

    fn hide_columns(&mut self, _: usize, _: usize) {}

    fn formula_without_value(&mut self, row: usize, column: usize) -> Result<(), SourceError> {
        self.flaw(RowFaultKind::CellInError, row, column)
    }

    fn error(&mut self, row: usize, column: usize) -> Result<(), SourceError> {
        self.flaw(RowFaultKind::CellInError, row, column)
    }

    fn number(&mut self, kind: NumberKind, _: usize, _: usize) {
        self.kind = Some(kind);
    }

    fn apart(
        &mut self,
        _: RemarkKind,
        _: &str,
        row: usize,
        column: usize,
    ) -> Result<(), SourceError> {
        self.flaw(RowFaultKind::CellMarked, row, column)
    }
}

impl SheetCells for SheetRows<'_, '_> {
    fn begin(&mut self, name: &str) {
        name.clone_into(&mut self.sheet);
        self.is_note = false;
        self.header_row = None;
        self.row = 0;
    }

    fn end(&mut self) -> Result<(), SourceError> {
        self.end_row()?;
        if self.is_note {
            self.unread.notes.push(std::mem::take(&mut self.sheet));
        } else {
            self.n_rows_before += self.row;
        }
        Ok(())
    }

    fn hidden(&mut self, name: &str) {
        self.unread.hidden.push(name.to_owned());
    }
}

/// Whether a text is a date without a time of day, as `2021-09-30`.
fn is_date(text: &str) -> bool {
    text.len() == 10 && text.bytes().filter(|byte| *byte == b'-').count() == 2
}

/// Returns how many digits stand in front of the point of a number.
fn n_whole_digits(text: &str) -> usize {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.bytes().take_while(u8::is_ascii_digit).count()
}
