//! Pages as the bytes of office documents, with no more XML than a reader needs.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::chance::Chance;
use super::formats::escaped;
use super::page::{HeaderCell, Item, Mark, PageRow, PageTable, Slot};

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
    for (row_idx, row) in table.rows.iter().enumerate() {
        let properties = if row.is_hidden { "<w:trPr><w:hidden/></w:trPr>" } else { "" };
        let cells = if row.is_section {
            let span = format!("<w:gridSpan w:val=\"{}\"/>", table.n_columns);
            docx_cell(&span, &row.cells[0])
        } else {
            docx_cells(table, row_idx)
        };
        rows.push(format!("{properties}{cells}"));
    }
    let rows: String = rows.iter().map(|row| format!("<w:tr>{row}</w:tr>")).collect();
    format!("<w:tbl><w:tblPr/><w:tblGrid/>{rows}</w:tbl>")
}

/// Writes the cells of a row below the header.
fn docx_cells(table: &PageTable, row_idx: usize) -> String {
    let row = &table.rows[row_idx];
    let cells = row.cells.iter().enumerate().map(|(column, text)| {
        if row.has(column, &Mark::Above) {
            return docx_cell("<w:vMerge/>", "");
        }
        let Some((n_rows, n_columns)) = table.reach(row_idx, column) else { return String::new() };
        let mut properties = String::new();
        if n_columns > 1 {
            properties.push_str(&format!("<w:gridSpan w:val=\"{n_columns}\"/>"));
        }
        if n_rows > 1 {
            properties.push_str("<w:vMerge w:val=\"restart\"/>");
        }
        let (struck, raised) = row.apart(column);
        if struck.is_empty() && raised.is_empty() {
            return docx_cell(&properties, text);
        }
        let run = |look: &str, text: &str| {
            let text = escaped(text);
            format!("<w:r><w:rPr>{look}</w:rPr><w:t>{text}</w:t></w:r>")
        };
        let runs = run("<w:strike/>", struck)
            + &run("", text)
            + &run("<w:vertAlign w:val=\"superscript\"/>", raised);
        format!("<w:tc><w:tcPr>{properties}</w:tcPr><w:p>{runs}</w:p></w:tc>")
    });
    cells.collect()
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
                odf_cell(&odf_reach((*n_rows, *n_columns)), text)
            }
        });
        rows.push(cells.collect());
    }
    let mut text: String =
        rows.iter().map(|row| format!("<t:table-row>{row}</t:table-row>")).collect();
    for (row_idx, row) in table.rows.iter().enumerate() {
        let hides = if row.is_hidden { " t:visibility=\"collapse\"" } else { "" };
        let cells = row.cells.iter().enumerate().map(|(column, text)| {
            table.reach(row_idx, column).map_or_else(
                || "<t:covered-table-cell/>".to_owned(),
                |reach| odf_value(&odf_reach(reach), text),
            )
        });
        let cells: String = cells.collect();
        text.push_str(&format!("<t:table-row{hides}>{cells}</t:table-row>"));
    }
    text
}

fn odf_reach((n_rows, n_columns): (usize, usize)) -> String {
    if n_rows == 1 && n_columns == 1 {
        return String::new();
    }
    format!(
        " t:number-rows-spanned=\"{n_rows}\" \
         t:number-columns-spanned=\"{n_columns}\""
    )
}

/// A cell of a sheet: plain numbers as values.
fn odf_value(reach: &str, text: &str) -> String {
    if is_plain_number(text) {
        odf_cell(&format!("{reach} o:value-type=\"float\" o:value=\"{text}\""), text)
    } else {
        odf_cell(reach, text)
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

fn xlsx_cell(place: &str, text: &str) -> String {
    if is_plain_number(text) {
        return format!("<c r=\"{place}\"><v>{text}</v></c>");
    }
    let text = escaped(text);
    format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
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
            self.rows.push_str(&xlsx_cell(&reference(row, idx), text));
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
        for (row_idx, row) in table.rows.iter().enumerate() {
            for column in 0..row.cells.len() {
                let (n_rows, n_columns) = table.reach(row_idx, column).unwrap_or((1, 1));
                if n_rows > 1 || n_columns > 1 {
                    let start = reference(self.n_rows + 1, column);
                    let end = reference(self.n_rows + n_rows, column + n_columns - 1);
                    self.merges.push_str(&format!("<mergeCell ref=\"{start}:{end}\"/>"));
                }
            }
            self.page_row(row);
        }
    }

    /// Writes a row below the header, with what its cells have apart.
    fn page_row(&mut self, row: &PageRow) {
        if row.marks.is_empty() && !row.is_hidden {
            return self.row(&row.cells);
        }
        self.n_rows += 1;
        let number = self.n_rows;
        let hides = if row.is_hidden { " hidden=\"1\"" } else { "" };
        self.rows.push_str(&format!("<row r=\"{number}\"{hides}>"));
        for (idx, text) in row.cells.iter().enumerate() {
            let (struck, raised) = row.apart(idx);
            if [text.as_str(), struck, raised].concat().is_empty() {
                continue;
            }
            let place = reference(number, idx);
            let cell = if struck.is_empty() && raised.is_empty() {
                xlsx_cell(&place, text)
            } else {
                let run = |look: &str, text: &str| {
                    format!("<r><rPr>{look}</rPr><t>{}</t></r>", escaped(text))
                };
                let runs = run("<strike/>", struck)
                    + &run("", text)
                    + &run("<vertAlign val=\"superscript\"/>", raised);
                format!("<c r=\"{place}\" t=\"inlineStr\"><is>{runs}</is></c>")
            };
            self.rows.push_str(&cell);
        }
        self.rows.push_str("</row>");
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
