//! A walk over all records before anything else reads them: formats, hidden rows, sizes.
//!
//! Record types and offsets are those of [MS-XLS].

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::source::container::limit;
use crate::source::sheets::{Epoch, NumberKind, kind_of_builtin, kind_of_cell, kind_of_code};
use crate::source::xls::records::{Record, Records, damaged, damaged_part};
use crate::source::xls::strings::{MarkedString, apart_of, font, marked_strings};
use crate::source::{RemarkKind, SourceError};

/// Cells of the rectangles around what sheets use, all sheets together.
///
/// Less than other formats may have: calamine allocates each rectangle, and again to hand it over, at
/// 32 bytes a cell beside the grid's own. 65,536 rows of 60 numbers take 760 MB (2026-11-24).
const MAX_RECTANGLE_CELLS: u64 = 4_000_000;

const FORMULA: u16 = 0x0006;
const EOF: u16 = 0x000A;
const LBL: u16 = 0x0018;
const DATE_MODE: u16 = 0x0022;
const FILE_PASS: u16 = 0x002F;
const FONT: u16 = 0x0031;
const CONTINUE: u16 = 0x003C;
const COL_INFO: u16 = 0x007D;
const BOUND_SHEET: u16 = 0x0085;
const MUL_RK: u16 = 0x00BD;
const R_STRING: u16 = 0x00D6;
const XF: u16 = 0x00E0;
const MERGE_CELLS: u16 = 0x00E5;
const SST: u16 = 0x00FC;
const LABEL_SST: u16 = 0x00FD;
const SUP_BOOK: u16 = 0x01AE;
const DIMENSIONS: u16 = 0x0200;
const NUMBER: u16 = 0x0203;
const LABEL: u16 = 0x0204;
const BOOL_ERR: u16 = 0x0205;
const STRING: u16 = 0x0207;
const ROW: u16 = 0x0208;
const RK: u16 = 0x027E;
const FORMAT: u16 = 0x041E;
const BOF: u16 = 0x0809;

/// What the records say about a workbook.
pub(super) struct WorkbookFacts {
    /// The day from which dates count.
    pub(super) epoch: Epoch,
    /// Whether cells of other files are referred to.
    pub(super) has_links: bool,
    /// Shared strings that are partly raised, lowered or struck through, by their number; `None` where
    /// there may be some and the table of strings was not understood.
    pub(super) marked: Option<BTreeMap<u32, MarkedString>>,
    /// The sheets in order, whatever they are.
    pub(super) sheets: Vec<SheetFacts>,
}

/// What the records say about a sheet; rows and columns from 1.
#[derive(Default)]
pub(super) struct SheetFacts {
    /// Hidden rows.
    pub(super) hidden_rows: Vec<usize>,
    /// Hidden columns, both ends included.
    pub(super) hidden_columns: Vec<(usize, usize)>,
    /// Rows and columns of formulas whose result is a text that is not there.
    pub(super) without_value: Vec<(usize, usize)>,
    /// Cells of shared strings: row, column and number of the string. Kept where strings are marked.
    pub(super) shared: BTreeMap<(usize, usize), u32>,
    /// Cells whose text is struck through, raised or lowered as a whole.
    pub(super) apart: BTreeMap<(usize, usize), RemarkKind>,
    /// The last formula, while the text that is its result has not come.
    awaiting_text: Option<(usize, usize)>,
    /// What the cell formats of the workbook make of numbers.
    kinds: Rc<[NumberKind]>,
    /// The formats of numbers that are not plain, sorted by row and column, which share a number.
    formats: Vec<(u32, u16)>,
    values: Rectangle,
    formulas: Rectangle,
}

impl SheetFacts {
    /// Returns what a number is in a cell.
    pub(super) fn kind(&self, row: usize, column: usize) -> NumberKind {
        let idx = |number: usize| number.checked_sub(1).and_then(|idx| u16::try_from(idx).ok());
        let Some((row, column)) = idx(row).zip(idx(column)) else { return NumberKind::Plain };
        let key = key(row, column);
        // Of several records for a cell the last counts.
        let end = self.formats.partition_point(|(known, _)| *known <= key);
        let last = end.checked_sub(1).and_then(|idx| self.formats.get(idx));
        let format =
            last.filter(|(known, _)| *known == key).map(|(_, format)| usize::from(*format));
        format.map_or(NumberKind::Plain, |format| kind_of_cell(&self.kinds, format))
    }
}

/// The rectangle around cells; `None` without any.
#[derive(Default)]
struct Rectangle(Option<[u16; 4]>);

impl Rectangle {
    fn add(&mut self, row: u16, column: u16) {
        let [top, bottom, left, right] = self.0.unwrap_or([row, row, column, column]);
        self.0 = Some([top.min(row), bottom.max(row), left.min(column), right.max(column)]);
    }

    fn n_cells(&self) -> u64 {
        self.0.map_or(0, |[top, bottom, left, right]| {
            (u64::from(bottom - top) + 1) * (u64::from(right - left) + 1)
        })
    }
}

/// Walks over the globals and all sheets of a stream.
///
/// Refused are encrypted workbooks, records that say impossible things, and sheets whose cells lie
/// so far apart that the rectangle around them is too large.
pub(super) fn walk(stream: &[u8], file_name: &str) -> Result<WorkbookFacts, SourceError> {
    let mut facts =
        WorkbookFacts { epoch: Epoch::Y1900, has_links: false, marked: None, sheets: Vec::new() };
    let mut fonts = Vec::new();
    let mut strings: Vec<&[u8]> = Vec::new();
    let mut last = 0;
    let mut codes = BTreeMap::new();
    let mut format_ids = Vec::new();
    let mut font_ids = Vec::new();
    let mut offsets = Vec::new();
    for (idx, record) in Records::new(stream, file_name).enumerate() {
        let record = record?;
        if idx == 0 && (record.kind != BOF || record.u16(0) != Some(0x0600)) {
            return Err(SourceError::FormatRefused {
                file_name: file_name.to_owned(),
                format: "BIFF5".to_owned(),
            });
        }
        match record.kind {
            FILE_PASS => {
                return Err(SourceError::Encrypted { file_name: file_name.to_owned() });
            }
            DATE_MODE if record.u16(0) == Some(1) => facts.epoch = Epoch::Y1904,
            FONT => fonts.push(apart_of(record)),
            SST => strings.push(record.data),
            CONTINUE if last == SST => strings.push(record.data),
            FORMAT => codes.extend(format_of(record)),
            XF => {
                format_ids.push(record.u16(2).unwrap_or(0));
                font_ids.push(record.u16(0).unwrap_or(0));
            }
            BOUND_SHEET => {
                let offset = record.u32(0).filter(|_| record.data.len() >= 8);
                offsets.push(offset.ok_or_else(|| damaged(file_name, "flaw.cut_off"))?);
            }
            // Calamine looks for the formula of a name at the end of the record.
            LBL if record.u16(4).is_none_or(|n| record.data.len() < usize::from(n).max(14)) => {
                return Err(damaged(file_name, "flaw.cut_off"));
            }
            // 0x0401 is the workbook itself, 0x3A01 an add-in.
            SUP_BOOK => facts.has_links |= !matches!(record.u16(2), Some(0x0401 | 0x3A01)),
            EOF => break,
            _ => (),
        }
        if record.kind != CONTINUE {
            last = record.kind;
        }
    }
    let may_be_marked = fonts.iter().any(Option::is_some) && !strings.is_empty();
    let marked = may_be_marked.then(|| marked_strings(&strings, &fonts));
    facts.marked = marked.unwrap_or_else(|| Some(BTreeMap::new()));
    let kind = |id: u16| codes.get(&id).copied().unwrap_or_else(|| kind_of_builtin(id.into()));
    let looks = Looks {
        kinds: format_ids.into_iter().map(kind).collect(),
        apart: font_ids.into_iter().map(|id| font(&fonts, id)).collect(),
        has_marked_strings: facts.marked.as_ref().is_some_and(|marked| !marked.is_empty()),
    };
    let mut n_cells = 0;
    for offset in offsets {
        let sheet = usize::try_from(offset).ok().and_then(|offset| stream.get(offset..));
        let sheet = sheet.ok_or_else(|| damaged(file_name, "flaw.outside"))?;
        let sheet = walk_sheet(sheet, file_name, &looks)?;
        n_cells += sheet.values.n_cells() + sheet.formulas.n_cells();
        if n_cells > MAX_RECTANGLE_CELLS {
            return Err(limit(file_name, "cells", MAX_RECTANGLE_CELLS));
        }
        facts.sheets.push(sheet);
    }
    Ok(facts)
}

/// What cell formats make of cells, each by its number.
struct Looks {
    kinds: Rc<[NumberKind]>,
    apart: Vec<Option<RemarkKind>>,
    /// Whether it matters which shared string a cell has.
    has_marked_strings: bool,
}

/// Returns the number of a format and what its code makes of numbers; `None` when it is cut off.
fn format_of(record: Record<'_>) -> Option<(u16, NumberKind)> {
    let n_chars = usize::from(record.u16(2)?);
    let is_wide = record.data.get(4)? & 1 != 0;
    let chars = record.data.get(5..)?;
    let code: String = if is_wide {
        let units = chars.chunks_exact(2).take(n_chars).filter_map(|unit| unit.first_chunk());
        char::decode_utf16(units.map(|unit| u16::from_le_bytes(*unit)))
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect()
    } else {
        chars.iter().take(n_chars).map(|byte| char::from(*byte)).collect()
    };
    Some((record.u16(0)?, kind_of_code(&code)))
}

fn walk_sheet(stream: &[u8], file_name: &str, looks: &Looks) -> Result<SheetFacts, SourceError> {
    let mut facts = SheetFacts { kinds: Rc::clone(&looks.kinds), ..SheetFacts::default() };
    let mut depth = 0_usize;
    for record in Records::new(stream, file_name) {
        let record = record?;
        match record.kind {
            BOF => depth += 1,
            EOF if depth <= 1 => break,
            EOF => depth -= 1,
            // A chart within the sheet has cells of its own.
            _ if depth > 1 => (),
            _ => {
                let fits = facts.add(record, looks);
                fits.ok_or_else(|| {
                    let record = format!("record {:#06x}", record.kind);
                    damaged_part(file_name, &record, "flaw.impossible")
                })?;
            }
        }
    }
    facts.without_value.extend(facts.awaiting_text.take());
    facts.formats.sort_by_key(|(key, _)| *key);
    Ok(facts)
}

impl SheetFacts {
    /// Adds what a record says; `None` when it is cut off or contradicts itself.
    fn add(&mut self, record: Record<'_>, looks: &Looks) -> Option<()> {
        match record.kind {
            ROW => {
                let row = usize::from(record.u16(0)?) + 1;
                if record.u16(12)? & 0x20 != 0 {
                    self.hidden_rows.push(row);
                }
            }
            COL_INFO => {
                let (first, last) = (record.u16(0)?, record.u16(2)?);
                if record.u16(8)? & 1 != 0 {
                    self.hidden_columns.push((usize::from(first) + 1, usize::from(last) + 1));
                }
            }
            NUMBER | LABEL | R_STRING | BOOL_ERR | LABEL_SST | RK | FORMULA => {
                let (row, column) = (record.u16(0)?, record.u16(2)?);
                self.add_cell(row, column, looks, record.u16(4)?);
                if record.kind == LABEL_SST && looks.has_marked_strings {
                    self.shared.insert(place(row, column), record.u32(6)?);
                }
                if record.kind == FORMULA {
                    // Calamine reads the formula too, as long as the record says that it is.
                    record.data.get(22..22 + usize::from(record.u16(20)?))?;
                    self.formulas.add(row, column);
                    self.without_value.extend(self.awaiting_text.take());
                    // All bits set where a number has its exponent, and a type in its first byte.
                    let is_text = record.u16(12)? == 0xFFFF && record.u16(6)?.to_le_bytes()[0] == 0;
                    self.awaiting_text = is_text.then_some(place(row, column));
                }
            }
            STRING => self.awaiting_text = None,
            MUL_RK => {
                let row = record.u16(0)?;
                let first = record.u16(2)?;
                let last = record.u16(record.data.len().checked_sub(2)?)?;
                let n_columns = usize::from(last.checked_sub(first)?) + 1;
                if record.data.len() != 6 + 6 * n_columns {
                    return None;
                }
                for (column, offset) in (first..=last).zip((4..).step_by(6)) {
                    self.add_cell(row, column, looks, record.u16(offset)?);
                }
            }
            MERGE_CELLS => {
                let n_areas = usize::from(record.u16(0)?);
                return (record.data.len() >= 2 + 8 * n_areas).then_some(());
            }
            DIMENSIONS => {
                // Ends are exclusive, and those of an empty sheet are 0; calamine allocates what this
                // says.
                let (start, end) = (record.u32(0)?, record.u32(4)?);
                let (first_column, n_columns) = (record.u16(8)?, record.u16(10)?);
                let is_empty = end == 0 || n_columns == 0;
                let is_inverted = !is_empty && (start >= end || first_column == n_columns);
                return (end <= 0x1_0000 && n_columns <= 0x100 && !is_inverted).then_some(());
            }
            _ => (),
        }
        Some(())
    }

    fn add_cell(&mut self, row: u16, column: u16, looks: &Looks, format: u16) {
        self.values.add(row, column);
        if kind_of_cell(&looks.kinds, format.into()) != NumberKind::Plain {
            self.formats.push((key(row, column), format));
        }
        if let Some(kind) = looks.apart.get(usize::from(format)).copied().flatten() {
            self.apart.insert(place(row, column), kind);
        }
    }
}

/// Returns the place of a cell, from 1.
fn place(row: u16, column: u16) -> (usize, usize) {
    (usize::from(row) + 1, usize::from(column) + 1)
}

/// Returns a number that sorts cells by row and column.
fn key(row: u16, column: u16) -> u32 {
    u32::from(row) << 16 | u32::from(column)
}
