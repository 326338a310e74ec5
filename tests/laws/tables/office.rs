//! Pages as the bytes of office documents, with no more XML than a reader needs.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::chance::Chance;
use super::formats::escaped;
use super::page::{HeaderCell, Item, PageTable, Slot};

/// Packs parts into a file.
pub(crate) fn packed<B: AsRef<[u8]>>(parts: &[(&str, B)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content.as_ref()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Writes a page as a text document of Office Open XML.
pub(crate) fn docx(items: &[Item]) -> Vec<u8> {
    let body: String = items
        .iter()
        .map(|item| match item {
            Item::Line(line) => docx_paragraph(line),
            Item::Table(table) => docx_table(table),
        })
        .collect();
    docx_file(&body)
}

/// Writes lines of text as paragraphs of such a document.
pub(crate) fn docx_lines(text: &str) -> Vec<u8> {
    docx_file(&text.lines().map(docx_paragraph).collect::<String>())
}

fn docx_file(body: &str) -> Vec<u8> {
    let main = format!("<w:document xmlns:w=\"w\"><w:body>{body}</w:body></w:document>");
    packed(&[("[Content_Types].xml", "<Types/>"), ("word/document.xml", &main)])
}

fn docx_paragraph(text: &str) -> String {
    let runs: Vec<String> = text
        .split('\t')
        .map(|run| format!("<w:t xml:space=\"preserve\">{}</w:t>", escaped(run)))
        .collect();
    format!("<w:p><w:r>{}</w:r></w:p>", runs.join("<w:tab/>"))
}

fn docx_cell(properties: &str, text: &str) -> String {
    let paragraphs: String = text.split('\n').map(docx_paragraph).collect();
    format!("<w:tc><w:tcPr>{properties}</w:tcPr>{paragraphs}</w:tc>")
}

fn docx_table(table: &PageTable) -> String {
    let mut rows: Vec<String> = Vec::new();
    for slots in table.header_slots() {
        let cells = slots.into_iter().map(|slot| match slot {
            Slot::Left => String::new(),
            Slot::Above => docx_cell("<w:vMerge/>", ""),
            Slot::Start(HeaderCell { text, n_rows, n_columns }) => {
                let mut properties = String::new();
                if *n_columns > 1 {
                    properties.push_str(&format!("<w:gridSpan w:val=\"{n_columns}\"/>"));
                }
                if *n_rows > 1 {
                    properties.push_str("<w:vMerge w:val=\"restart\"/>");
                }
                docx_cell(&properties, text)
            }
        });
        rows.push(cells.collect());
    }
    for row in &table.rows {
        rows.push(if row.is_section {
            let span = format!("<w:gridSpan w:val=\"{}\"/>", table.n_columns);
            docx_cell(&span, &row.cells[0])
        } else {
            row.cells.iter().map(|cell| docx_cell("", cell)).collect()
        });
    }
    let rows: String = rows.iter().map(|row| format!("<w:tr>{row}</w:tr>")).collect();
    format!("<w:tbl><w:tblPr/><w:tblGrid/>{rows}</w:tbl>")
}

/// Writes a page as a text of OpenDocument.
pub(crate) fn odt(items: &[Item]) -> Vec<u8> {
    let body: String = items
        .iter()
        .map(|item| match item {
            Item::Line(line) => odf_paragraph(line),
            Item::Table(table) => odf_table(table),
        })
        .collect();
    odf_file("text", &body)
}

/// Writes lines of text as paragraphs of such a text.
pub(crate) fn odt_lines(text: &str) -> Vec<u8> {
    odf_file("text", &text.lines().map(odf_paragraph).collect::<String>())
}

/// Writes a page as a sheet of OpenDocument.
pub(crate) fn ods(items: &[Item]) -> Vec<u8> {
    let rows: String = items
        .iter()
        .map(|item| match item {
            Item::Line(line) => format!("<t:table-row>{}</t:table-row>", odf_cell("", line)),
            Item::Table(table) => odf_rows(table),
        })
        .collect();
    odf_file("spreadsheet", &format!("<t:table t:name=\"合成\">{rows}</t:table>"))
}

fn odf_file(kind: &str, body: &str) -> Vec<u8> {
    let mimetype = format!("application/vnd.oasis.opendocument.{kind}");
    let content = format!(
        "<o:document-content xmlns:o=\"o\" xmlns:t=\"t\" xmlns:x=\"x\"><o:body><o:{kind}>{body}\
         </o:{kind}></o:body></o:document-content>"
    );
    packed(&[("mimetype", mimetype), ("content.xml", content)])
}

fn odf_paragraph(text: &str) -> String {
    format!("<x:p>{}</x:p>", escaped(text).replace('\t', "<x:tab/>"))
}

fn odf_cell(attributes: &str, text: &str) -> String {
    let paragraphs: String = text.split('\n').map(odf_paragraph).collect();
    format!("<t:table-cell{attributes}>{paragraphs}</t:table-cell>")
}

fn odf_table(table: &PageTable) -> String {
    format!("<t:table t:name=\"合成\">{}</t:table>", odf_rows(table))
}

fn odf_rows(table: &PageTable) -> String {
    let mut rows: Vec<String> = Vec::new();
    for slots in table.header_slots() {
        let cells = slots.into_iter().map(|slot| match slot {
            Slot::Left | Slot::Above => "<t:covered-table-cell/>".to_owned(),
            Slot::Start(HeaderCell { text, n_rows, n_columns }) => {
                let mut reach = String::new();
                if *n_rows > 1 || *n_columns > 1 {
                    reach = format!(
                        " t:number-rows-spanned=\"{n_rows}\" \
                         t:number-columns-spanned=\"{n_columns}\""
                    );
                }
                odf_cell(&reach, text)
            }
        });
        rows.push(cells.collect());
    }
    for row in &table.rows {
        rows.push(row.cells.iter().map(|cell| odf_value(cell)).collect());
    }
    rows.iter().map(|row| format!("<t:table-row>{row}</t:table-row>")).collect()
}

/// A cell of a sheet: plain numbers as values.
fn odf_value(text: &str) -> String {
    if is_plain_number(text) {
        odf_cell(&format!(" o:value-type=\"float\" o:value=\"{text}\""), text)
    } else {
        odf_cell("", text)
    }
}

fn is_plain_number(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || c == '.')
}

/// Writes a page as a workbook of Office Open XML, the second table on a sheet of its own or not.
pub(crate) fn xlsx(items: &[Item], chance: &mut Chance) -> Vec<u8> {
    let divides = chance.in_hundred(40);
    let mut sheets: Vec<Sheet> = vec![Sheet::default()];
    let mut has_table = false;
    for item in items {
        let sheet = sheets.last_mut().expect("there is a first sheet");
        match item {
            Item::Line(line) if divides && has_table && line.starts_with("附件") => {
                let mut sheet = Sheet::default();
                sheet.row(std::slice::from_ref(line));
                sheets.push(sheet);
            }
            Item::Line(line) => sheet.row(std::slice::from_ref(line)),
            Item::Table(table) => {
                sheet.table(table);
                has_table = true;
            }
        }
    }
    let relation = |idx: usize| {
        format!(
            "<Relationship Id=\"s{idx}\" Type=\"x/worksheet\" Target=\"worksheets/s{idx}.xml\"/>"
        )
    };
    let relations: String = (0..sheets.len()).map(relation).collect();
    let list: String =
        (0..sheets.len()).map(|idx| format!("<sheet name=\"表{idx}\" r:id=\"s{idx}\"/>")).collect();
    let mut parts = vec![
        ("[Content_Types].xml".to_owned(), "<Types/>".to_owned()),
        (
            "xl/workbook.xml".to_owned(),
            format!("<workbook xmlns:r=\"r\"><sheets>{list}</sheets></workbook>"),
        ),
        (
            "xl/_rels/workbook.xml.rels".to_owned(),
            format!("<Relationships>{relations}</Relationships>"),
        ),
    ];
    for (idx, sheet) in sheets.iter().enumerate() {
        parts.push((format!("xl/worksheets/s{idx}.xml"), sheet.part()));
    }
    let parts: Vec<(&str, &str)> = parts.iter().map(|(name, part)| (&**name, &**part)).collect();
    packed(&parts)
}

/// A sheet while it is written.
#[derive(Default)]
struct Sheet {
    rows: String,
    n_rows: usize,
    merges: String,
}

impl Sheet {
    fn row(&mut self, cells: &[String]) {
        self.n_rows += 1;
        let row = self.n_rows;
        self.rows.push_str(&format!("<row r=\"{row}\">"));
        for (idx, text) in cells.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
            let reference = reference(row, idx);
            self.rows.push_str(&if is_plain_number(text) {
                format!("<c r=\"{reference}\"><v>{text}</v></c>")
            } else {
                let text = escaped(text);
                format!("<c r=\"{reference}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
            });
        }
        self.rows.push_str("</row>");
    }

    fn table(&mut self, table: &PageTable) {
        let first = self.n_rows + 1;
        for cells in table.flat_header() {
            self.row(&cells);
        }
        for (row_idx, slots) in table.header_slots().iter().enumerate() {
            for (column, slot) in slots.iter().enumerate() {
                let Slot::Start(HeaderCell { n_rows, n_columns, .. }) = slot else { continue };
                if *n_rows > 1 || *n_columns > 1 {
                    let start = reference(first + row_idx, column);
                    let end = reference(first + row_idx + n_rows - 1, column + n_columns - 1);
                    self.merges.push_str(&format!("<mergeCell ref=\"{start}:{end}\"/>"));
                }
            }
        }
        for row in &table.rows {
            self.row(&row.cells);
        }
    }

    fn part(&self) -> String {
        let merges = if self.merges.is_empty() {
            String::new()
        } else {
            format!("<mergeCells>{}</mergeCells>", self.merges)
        };
        format!("<worksheet><sheetData>{}</sheetData>{merges}</worksheet>", self.rows)
    }
}

/// A reference to a cell, as `B7`; columns from 0.
fn reference(row: usize, column: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(column).expect("tables here are narrow"));
    format!("{letter}{row}")
}
