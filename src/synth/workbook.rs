//! A workbook with one sheet of text, written from front to back.
//!
//! An XLSX file is a ZIP container of a few XML parts. Each part is packed as it comes, with its sizes
//! behind it, so that a sheet of a million rows takes no memory.

use std::io::{self, Write};

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

use crate::fsio::HashingFile;

/// Rows that a sheet can have, its header among them.
pub(super) const MAX_SHEET_ROWS: u64 = 1_048_576;

/// The parts beside the sheet: name and content.
const PARTS: [(&str, &str); 4] = [
    (
        "[Content_Types].xml",
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"#,
    ),
    (
        "_rels/.rels",
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
    ),
    (
        "xl/workbook.xml",
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="synthetic" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
    ),
    (
        "xl/_rels/workbook.xml.rels",
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
    ),
];
const SHEET: &str = "xl/worksheets/sheet1.xml";
const SHEET_START: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>"#;
const SHEET_END: &str = "</sheetData></worksheet>";

/// What a ZIP container says of every part: version 2.0; sizes come behind the data, names are UTF-8;
/// deflated; midnight of 1 January 1980.
const COMMON: [u8; 10] = [20, 0, 0x08, 0x08, 8, 0, 0, 0, 0x21, 0];

/// A part that was written.
#[derive(Debug)]
struct Part {
    name: &'static str,
    /// Where it begins.
    offset: u32,
    /// Check sum, packed size and size, as the container stores them.
    sums: [u8; 12],
}

/// A workbook that is being written.
pub(super) struct Workbook {
    file: HashingFile,
    parts: Vec<Part>,
    /// Bytes that were written.
    offset: u64,
    sheet: Packer,
}

/// The data of one part, packed as it comes.
struct Packer {
    encoder: DeflateEncoder<Vec<u8>>,
    crc: Crc,
    packed_bytes: u64,
}

impl Packer {
    fn new() -> Self {
        let encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        Self { encoder, crc: Crc::new(), packed_bytes: 0 }
    }

    fn add(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.crc.update(bytes);
        self.encoder.write_all(bytes)
    }

    /// Returns what has been packed since the last time.
    fn take(&mut self) -> Vec<u8> {
        let packed = std::mem::take(self.encoder.get_mut());
        self.packed_bytes += packed.len() as u64;
        packed
    }

    /// Ends the data: what is left of it, and its sums.
    fn finish(self) -> io::Result<(Vec<u8>, [u8; 12])> {
        let rest = self.encoder.finish()?;
        let packed = size(self.packed_bytes + rest.len() as u64)?;
        let mut sums = [0; 12];
        sums[..4].copy_from_slice(&self.crc.sum().to_le_bytes());
        sums[4..8].copy_from_slice(&packed.to_le_bytes());
        sums[8..].copy_from_slice(&self.crc.amount().to_le_bytes());
        Ok((rest, sums))
    }
}

impl Workbook {
    /// Begins a workbook; rows of its sheet follow.
    pub(super) fn begin(file: HashingFile) -> io::Result<Self> {
        let mut book = Self { file, parts: Vec::new(), offset: 0, sheet: Packer::new() };
        for (name, content) in PARTS {
            let offset = book.start_part(name)?;
            let mut packer = Packer::new();
            packer.add(content.as_bytes())?;
            let (bytes, sums) = packer.finish()?;
            book.put(&bytes)?;
            book.end_part(Part { name, offset, sums })?;
        }
        let offset = book.start_part(SHEET)?;
        // Its sums are known when it ends.
        book.parts.push(Part { name: SHEET, offset, sums: [0; 12] });
        book.write(SHEET_START.as_bytes())?;
        Ok(book)
    }

    /// Adds rows, as [`push_cells`] writes them.
    pub(super) fn write(&mut self, rows: &[u8]) -> io::Result<()> {
        self.sheet.add(rows)?;
        let packed = self.sheet.take();
        self.put(&packed)
    }

    /// Ends the workbook and gives the file back.
    pub(super) fn finish(mut self) -> io::Result<HashingFile> {
        self.write(SHEET_END.as_bytes())?;
        let sheet = std::mem::replace(&mut self.sheet, Packer::new());
        let (packed, sums) = sheet.finish()?;
        self.put(&packed)?;
        let part = self.parts.pop().expect("the sheet was begun");
        self.end_part(Part { sums, ..part })?;
        let start = size(self.offset)?;
        for part in std::mem::take(&mut self.parts) {
            let name = part.name.as_bytes();
            // No comment, no attributes, on the first disk.
            let head: [&[u8]; 7] = [
                b"PK\x01\x02\x14\0",
                &COMMON,
                &part.sums,
                &short(name.len()),
                &[0; 12],
                &part.offset.to_le_bytes(),
                name,
            ];
            self.put(&head.concat())?;
        }
        let length = size(self.offset)? - start;
        let count = short(PARTS.len() + 1);
        let end: [&[u8]; 6] = [
            b"PK\x05\x06\0\0\0\0",
            &count,
            &count,
            &length.to_le_bytes(),
            &start.to_le_bytes(),
            &[0, 0],
        ];
        self.put(&end.concat())?;
        Ok(self.file)
    }

    /// Writes the head of a part and returns where it begins.
    fn start_part(&mut self, name: &str) -> io::Result<u32> {
        let offset = size(self.offset)?;
        let head: [&[u8]; 6] =
            [b"PK\x03\x04", &COMMON, &[0; 12], &short(name.len()), &[0, 0], name.as_bytes()];
        self.put(&head.concat())?;
        Ok(offset)
    }

    fn end_part(&mut self, part: Part) -> io::Result<()> {
        self.put(&[&b"PK\x07\x08"[..], &part.sums].concat())?;
        self.parts.push(part);
        Ok(())
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.offset += bytes.len() as u64;
        self.file.write_all(bytes)
    }
}

/// Returns a position or size as a container of this version stores it.
fn size(bytes: u64) -> io::Result<u32> {
    u32::try_from(bytes).map_err(|_| io::ErrorKind::FileTooLarge.into())
}

fn short(number: usize) -> [u8; 2] {
    u16::try_from(number).expect("names and parts are few").to_le_bytes()
}

/// Appends a row of a sheet, its number as a spreadsheet counts; blank cells are left out.
pub(super) fn push_cells<'a>(
    text: &mut String,
    fields: impl Iterator<Item = &'a str>,
    source_row: u64,
) {
    let number = source_row.to_string();
    text.push_str("<row r=\"");
    text.push_str(&number);
    text.push_str("\">");
    for (idx, field) in fields.enumerate().filter(|(_, field)| !field.is_empty()) {
        text.push_str("<c r=\"");
        push_column(text, idx);
        text.push_str(&number);
        // No value has a character that XML would escape.
        text.push_str("\" t=\"inlineStr\"><is><t>");
        text.push_str(field);
        text.push_str("</t></is></c>");
    }
    text.push_str("</row>");
}

/// Appends the letters of a column, of which there are fewer than 702.
fn push_column(text: &mut String, idx: usize) {
    let letter = |idx: usize| char::from(b'A' + u8::try_from(idx).expect("a letter"));
    if idx >= 26 {
        text.push(letter(idx / 26 - 1));
    }
    text.push(letter(idx % 26));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fsio::read_bytes;
    use crate::source::{Block, parse_document};

    #[test]
    fn the_sheet_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.xlsx");
        let mut book = Workbook::begin(HashingFile::create(&path).unwrap()).unwrap();
        let mut text = String::new();
        push_cells(&mut text, ["办件编号", "", "行政区划"].into_iter(), 1);
        push_cells(&mut text, ["63", "甲", "630000"].into_iter(), 2);
        book.write(text.as_bytes()).unwrap();
        drop(book.finish().unwrap());
        let document = parse_document(&read_bytes(&path, 1 << 20).unwrap(), "a.xlsx").unwrap();
        let grids = document.blocks.iter().filter_map(|block| match block {
            Block::Grid(grid) => Some(grid),
            Block::Paragraph(_) => None,
        });
        let cells: Vec<String> = grids
            .flat_map(|grid| &grid.rows)
            .flat_map(|row| &row.cells)
            .map(|cell| cell.text.as_str().to_owned())
            .filter(|text| !text.is_empty())
            .collect();
        assert_eq!(cells, ["办件编号", "行政区划", "63", "甲", "630000"]);
    }

    #[test]
    fn columns_are_lettered() {
        let letters = |idx| {
            let mut text = String::new();
            push_column(&mut text, idx);
            text
        };
        assert_eq!([0, 25, 26, 51, 52].map(letters), ["A", "Z", "AA", "AZ", "BA"]);
    }
}
