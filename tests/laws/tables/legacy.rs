//! Pages as legacy workbooks (BIFF8), record by record.

use std::io::{Cursor, Write};

use super::page::{HeaderCell, Item, PageTable, Slot};

/// Writes a page as a workbook of one sheet.
pub(crate) fn xls(items: &[Item]) -> Vec<u8> {
    let mut sheet = Sheet::default();
    for item in items {
        match item {
            Item::Line(line) => sheet.row(std::slice::from_ref(line)),
            Item::Table(table) => sheet.table(table),
        }
    }
    xls_file(&xls_stream(&sheet.records()))
}

/// Puts a stream of records into the container that workbooks have.
pub(crate) fn xls_file(stream: &[u8]) -> Vec<u8> {
    let memory = Cursor::new(Vec::new());
    let mut file = cfb::CompoundFile::create_with_version(cfb::Version::V3, memory).unwrap();
    file.create_stream("Workbook").unwrap().write_all(stream).unwrap();
    file.flush().unwrap();
    file.into_inner().into_inner()
}

/// The records of a workbook with one sheet.
fn xls_stream(sheet: &[u8]) -> Vec<u8> {
    let begin = |kind: u16| record(0x0809, &words(&[0x0600, kind, 0, 0, 0, 0, 0, 0]));
    let end = record(0x000A, &[]);
    let mut head = begin(5);
    for format in [0, 10] {
        head.extend(record(0x00E0, &[words(&[0, format]), vec![0; 16]].concat()));
    }
    let name = [vec![1, 1], words(&[0x8868])].concat();
    let list_bytes = 4 + 6 + name.len();
    let start = u32::try_from(head.len() + list_bytes + end.len()).unwrap();
    let listed = [start.to_le_bytes().to_vec(), vec![0, 0], name].concat();
    head.extend(record(0x0085, &listed));
    [head, end.clone(), begin(0x10), sheet.to_vec(), end].concat()
}

/// Returns a record: type, length, data.
fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    let n_bytes = u16::try_from(data.len()).unwrap();
    [&kind.to_le_bytes(), &n_bytes.to_le_bytes(), data].concat()
}

/// Returns 16-bit numbers as bytes.
fn words(values: &[u16]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

#[derive(Default)]
struct Sheet {
    cells: Vec<u8>,
    n_rows: u16,
    merges: Vec<[u16; 4]>,
}

impl Sheet {
    fn row(&mut self, cells: &[String]) {
        for (column, text) in (0_u16..).zip(cells).filter(|(_, text)| !text.is_empty()) {
            let place = words(&[self.n_rows, column, 0]);
            let is_number = text.chars().all(|c| c.is_ascii_digit() || c == '.');
            let number = text.parse::<f64>().ok().filter(|_| is_number);
            self.cells.extend(if let Some(number) = number {
                record(0x0203, &[place, number.to_le_bytes().to_vec()].concat())
            } else {
                let units: Vec<u16> = text.encode_utf16().collect();
                let n_units = words(&[u16::try_from(units.len()).unwrap()]);
                record(0x0204, &[place, n_units, vec![1], words(&units)].concat())
            });
        }
        self.n_rows += 1;
    }

    fn table(&mut self, table: &PageTable) {
        let first = usize::from(self.n_rows);
        for cells in table.flat_header() {
            self.row(&cells);
        }
        for (row_idx, slots) in table.header_slots().iter().enumerate() {
            for (column, slot) in slots.iter().enumerate() {
                let Slot::Start(HeaderCell { n_rows, n_columns, .. }) = slot else { continue };
                if *n_rows > 1 || *n_columns > 1 {
                    let row = first + row_idx;
                    let ends = [row, row + n_rows - 1, column, column + n_columns - 1];
                    self.merges.push(ends.map(|end| u16::try_from(end).unwrap()));
                }
            }
        }
        for (row_idx, row) in table.rows.iter().enumerate() {
            for column in 0..row.cells.len() {
                let (n_rows, n_columns) = table.reach(row_idx, column).unwrap_or((1, 1));
                if n_rows > 1 || n_columns > 1 {
                    let first = usize::from(self.n_rows);
                    let ends = [first, first + n_rows - 1, column, column + n_columns - 1];
                    self.merges.push(ends.map(|end| u16::try_from(end).unwrap()));
                }
            }
            self.row(&row.cells);
        }
    }

    fn records(&self) -> Vec<u8> {
        let count = u16::try_from(self.merges.len()).unwrap();
        let merges = [words(&[count]), words(self.merges.as_flattened())].concat();
        [self.cells.clone(), record(0x00E5, &merges)].concat()
    }
}
