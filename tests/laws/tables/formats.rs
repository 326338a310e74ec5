//! Pages as the bytes of files: encodings of text, separated values, web pages.

use super::chance::Chance;
use super::page::{HeaderCell, Item, PageTable};

/// Encodes a text as files are found: UTF-8 with or without a mark, GB18030, UTF-16.
pub(crate) fn encoded(text: &str, chance: &mut Chance) -> Vec<u8> {
    let utf16 = |to_bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(to_bytes);
    match chance.below(7) {
        0 => [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
        1 | 2 => encoding_rs::GB18030.encode(text).0.into_owned(),
        3 => [0xFF, 0xFE].into_iter().chain(utf16(u16::to_le_bytes)).collect(),
        4 => [0xFE, 0xFF].into_iter().chain(utf16(u16::to_be_bytes)).collect(),
        _ => text.as_bytes().to_vec(),
    }
}

/// Prints a page as separated values.
pub(crate) fn separated(items: &[Item], separator: char, chance: &mut Chance) -> String {
    let fills_up = chance.in_hundred(30);
    let mut text = String::new();
    for item in items {
        match item {
            Item::Line(line) => text.push_str(&record(std::slice::from_ref(line), separator)),
            Item::Table(table) => {
                for cells in table.flat_header() {
                    text.push_str(&record(&cells, separator));
                }
                for row in &table.rows {
                    // Spreadsheets write every row as wide as the sheet.
                    let is_short = row.is_section && !fills_up;
                    let cells = if is_short { &row.cells[..1] } else { &row.cells[..] };
                    text.push_str(&record(cells, separator));
                }
            }
        }
    }
    text
}

fn record(cells: &[String], separator: char) -> String {
    let quoted = |cell: &String| {
        if cell.contains([separator, '"', '\n']) {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell.clone()
        }
    };
    let cells: Vec<String> = cells.iter().map(quoted).collect();
    cells.join(&separator.to_string()) + "\n"
}

/// Escapes a text for XML and HTML.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Prints a page as a web page.
pub(crate) fn web_page(items: &[Item], chance: &mut Chance) -> Vec<u8> {
    let is_gb = chance.in_hundred(30);
    let charset = if is_gb { "gb2312" } else { "utf-8" };
    let mut text = format!("<html><head><meta charset=\"{charset}\"></head><body>\n");
    for item in items {
        match item {
            Item::Line(line) => text.push_str(&format!("<p>{}</p>\n", escaped(line))),
            Item::Table(table) => text.push_str(&web_table(table, chance)),
        }
    }
    text.push_str("</body></html>\n");
    if is_gb { encoding_rs::GB18030.encode(&text).0.into_owned() } else { text.into_bytes() }
}

/// Prints lines of text as paragraphs of a web page, tabs and all.
pub(crate) fn web_lines(text: &str) -> Vec<u8> {
    let paragraphs: String =
        text.lines().map(|line| format!("<p>{}</p>\n", escaped(line))).collect();
    format!("<html><head><meta charset=\"utf-8\"></head><body>{paragraphs}</body></html>")
        .into_bytes()
}

fn web_table(table: &PageTable, chance: &mut Chance) -> String {
    let closes = chance.in_hundred(80);
    let (end_cell, end_row) = if closes { ("</td>", "</tr>") } else { ("", "") };
    let mut text = "<table border=\"1\">\n".to_owned();
    for cells in &table.header {
        text.push_str("<tr>");
        for HeaderCell { text: label, n_rows, n_columns } in cells {
            let reach = web_reach((*n_rows, *n_columns));
            text.push_str(&format!("<td{reach}>{}{end_cell}", web_text(label)));
        }
        text.push_str(&format!("{end_row}\n"));
    }
    for (row_idx, row) in table.rows.iter().enumerate() {
        text.push_str(if row.is_hidden { "<tr style=\"display:none\">" } else { "<tr>" });
        if row.is_section {
            let label = web_text(&row.cells[0]);
            text.push_str(&format!("<td colspan=\"{}\">{label}{end_cell}", table.n_columns));
        } else {
            for (column, cell) in row.cells.iter().enumerate() {
                let Some(reach) = table.reach(row_idx, column) else { continue };
                let content = web_marked(cell, row.apart(column));
                text.push_str(&format!("<td{}>{content}{end_cell}", web_reach(reach)));
            }
        }
        text.push_str(&format!("{end_row}\n"));
    }
    text + "</table>\n"
}

fn web_reach((n_rows, n_columns): (usize, usize)) -> String {
    let mut reach = String::new();
    if n_rows > 1 {
        reach.push_str(&format!(" rowspan=\"{n_rows}\""));
    }
    if n_columns > 1 {
        reach.push_str(&format!(" colspan={n_columns}"));
    }
    reach
}

fn web_marked(text: &str, (struck, raised): (&str, &str)) -> String {
    let element = |name: &str, text: &str| {
        if text.is_empty() { String::new() } else { format!("<{name}>{}</{name}>", escaped(text)) }
    };
    element("s", struck) + &web_text(text) + &element("sup", raised)
}

fn web_text(text: &str) -> String {
    escaped(text).replace('\n', "<br>")
}
