//! A workbook with one sheet of text, written from front to back.
//!
//! An XLSX file is a ZIP container of a few XML parts, each packed as it comes, so that a sheet of a
//! million rows takes no memory.

use std::io::{self, Write};

use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

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

/// A workbook that is being written.
pub(super) struct Workbook {
    package: ZipWriter<StreamWriter<HashingFile>>,
}

impl Workbook {
    /// Begins a workbook; rows of its sheet follow.
    pub(super) fn begin(file: HashingFile) -> io::Result<Self> {
        let mut package = ZipWriter::new_stream(file);
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        for (name, content) in PARTS {
            package.start_file(name, options)?;
            package.write_all(content.as_bytes())?;
        }
        package.start_file(SHEET, options)?;
        package.write_all(SHEET_START.as_bytes())?;
        Ok(Self { package })
    }

    /// Adds rows, as [`push_cells`] writes them.
    pub(super) fn write(&mut self, rows: &[u8]) -> io::Result<()> {
        self.package.write_all(rows)
    }

    /// Ends the workbook and gives the file back.
    pub(super) fn finish(mut self) -> io::Result<HashingFile> {
        self.package.write_all(SHEET_END.as_bytes())?;
        Ok(self.package.finish()?.into_inner())
    }
}

/// Appends a row of a sheet, its number as a spreadsheet counts; blank cells are left out.
pub(super) fn push_cells<'a>(
    text: &mut String,
    fields: impl Iterator<Item = &'a str>,
    source_row: u64,
) {
    push_row(text, fields.map(SheetCell::Text), source_row);
}

/// What stands in a cell.
#[derive(Debug, Clone, Copy)]
pub(super) enum SheetCell<'a> {
    Text(&'a str),
    Number(u64),
}

/// Appends a row of a sheet with cells of both kinds.
pub(super) fn push_sheet_row(text: &mut String, cells: &[SheetCell<'_>], source_row: u64) {
    push_row(text, cells.iter().copied(), source_row);
}

fn push_row<'a>(text: &mut String, cells: impl Iterator<Item = SheetCell<'a>>, source_row: u64) {
    let number = source_row.to_string();
    text.push_str("<row r=\"");
    text.push_str(&number);
    text.push_str("\">");
    for (idx, cell) in cells.enumerate() {
        if matches!(cell, SheetCell::Text("")) {
            continue;
        }
        text.push_str("<c r=\"");
        push_column(text, idx);
        text.push_str(&number);
        match cell {
            // No value has a character that XML would escape.
            SheetCell::Text(field) => {
                text.push_str("\" t=\"inlineStr\"><is><t>");
                text.push_str(field);
                text.push_str("</t></is></c>");
            }
            SheetCell::Number(value) => {
                text.push_str("\"><v>");
                text.push_str(&value.to_string());
                text.push_str("</v></c>");
            }
        }
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
