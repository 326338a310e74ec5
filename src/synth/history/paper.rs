//! How made-up forms are written: as workbooks, pages, separated values, and plain text.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use crate::fsio::{FileDigest, FsError, HashingFile, Mode};
use crate::source::{Encoding, encoded};
use crate::synth::SynthError;
use crate::synth::history::form::{Form, Kind};
use crate::synth::history::notes::MARK;
use crate::synth::workbook::{SheetCell, Workbook, push_sheet_row};

/// Format of the file of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paper {
    Workbook,
    /// A page of a web site.
    Page,
    /// Values separated by commas, as older programs write them: in GB18030.
    Values,
    /// Lines with tabs, as they are copied from a page.
    Text,
}

/// Of so many forms in a row each other format has one.
const TURN: usize = 8;

impl Paper {
    /// Returns the format of a form: most are workbooks.
    pub(super) fn of(form: &Form) -> Self {
        let of_kind = if form.kind == Kind::Aggregation { 0 } else { 3 };
        match (form.month.position() + of_kind) % TURN {
            2 => Self::Page,
            4 => Self::Values,
            6 => Self::Text,
            _ => Self::Workbook,
        }
    }

    /// Returns what the name of a file ends with.
    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::Workbook => "xlsx",
            Self::Page => "html",
            Self::Values => "csv",
            Self::Text => "txt",
        }
    }

    /// Writes a form.
    pub(super) fn write(self, form: &Form, path: &Path) -> Result<FileDigest, SynthError> {
        let failed = |error| SynthError::File(FsError::write(path, error));
        let mut file = HashingFile::create(path).map_err(SynthError::File)?;
        let sheet = Sheet::of(form);
        match self {
            Self::Workbook => {
                let mut book = Workbook::begin(file).map_err(failed)?;
                book.write(sheet.cells().as_bytes()).map_err(failed)?;
                file = book.finish().map_err(failed)?;
            }
            Self::Page => file.write_all(sheet.page().as_bytes()).map_err(failed)?,
            Self::Values => {
                let bytes = encoded(sheet.lines(','), Encoding::Gb18030);
                file.write_all(&bytes).map_err(failed)?;
            }
            Self::Text => file.write_all(sheet.lines('\t').as_bytes()).map_err(failed)?,
        }
        file.finish(Mode::Public).map_err(SynthError::File)
    }
}

/// What stands on a form, line by line.
struct Sheet {
    /// Lines above the table.
    above: Vec<String>,
    header: Vec<String>,
    /// The rows and the total.
    rows: Vec<Vec<Cell>>,
    /// The notes, as one line.
    below: String,
}

enum Cell {
    Text(String),
    Number(u64),
}

impl Sheet {
    fn of(form: &Form) -> Self {
        let labels = form.columns.iter().map(|column| column.label.clone());
        let rows = form.rows.iter().zip(1..).map(|(row, number)| {
            let counts = row.counts.iter().map(|count| Cell::Number(*count));
            [Cell::Number(number), Cell::Text(row.label.clone())]
                .into_iter()
                .chain(counts)
                .collect()
        });
        let totals = (0..form.columns.len()).map(|column| Cell::Number(form.total(column)));
        let total = [Cell::Number(form.rows.len() as u64 + 1), Cell::Text("合计".to_owned())];
        let total = total.into_iter().chain(totals).collect();
        Self {
            above: above(form),
            header: ["序号".to_owned(), "单位".to_owned()].into_iter().chain(labels).collect(),
            rows: rows.chain([total]).collect(),
            below: below(&form.notes),
        }
    }

    /// Returns the rows of a workbook.
    fn cells(&self) -> String {
        let mut text = String::new();
        let mut number = 0;
        let mut push = |cells: &[SheetCell<'_>]| {
            number += 1;
            push_sheet_row(&mut text, cells, number);
        };
        for line in &self.above {
            push(&[SheetCell::Text(line)]);
        }
        push(&self.header.iter().map(|label| SheetCell::Text(label)).collect::<Vec<_>>());
        for row in &self.rows {
            let cells = row.iter().map(|cell| match cell {
                Cell::Text(text) => SheetCell::Text(text),
                Cell::Number(number) => SheetCell::Number(*number),
            });
            push(&cells.collect::<Vec<_>>());
        }
        push(&[SheetCell::Text(&self.below)]);
        text
    }

    /// Returns lines with a separator, of which no text has any.
    fn lines(&self, separator: char) -> String {
        let mut text = String::new();
        let separator = separator.to_string();
        let rows = self.rows.iter().map(|row| row.iter().map(Cell::text).collect::<Vec<_>>());
        let table = [self.header.clone()].into_iter().chain(rows);
        let above = self.above.iter().cloned();
        let all = above.chain(table.map(|row| row.join(&separator))).chain([self.below.clone()]);
        for line in all {
            text.push_str(&line);
            text.push_str("\r\n");
        }
        text
    }

    /// Returns a page; no text has a character that HTML would escape.
    fn page(&self) -> String {
        let mut text = String::from(
            "<!DOCTYPE html>\n<html lang=\"zh\"><head><meta charset=\"utf-8\"><title>合成数据</title></head><body>\n",
        );
        let mut line = |line: &str| {
            writeln!(text, "{line}").expect("memory takes it");
        };
        for paragraph in &self.above {
            line(&format!("<p>{paragraph}</p>"));
        }
        line("<table>");
        let header: String = self.header.iter().map(|label| format!("<th>{label}</th>")).collect();
        line(&format!("<tr>{header}</tr>"));
        for row in &self.rows {
            let cells: String =
                row.iter().map(|cell| format!("<td>{}</td>", cell.text())).collect();
            line(&format!("<tr>{cells}</tr>"));
        }
        line("</table>");
        line(&format!("<p>{}</p>", self.below));
        line("</body></html>");
        text
    }
}

impl Cell {
    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
        }
    }
}

/// Returns the lines above the table: what the document is, that it is made up, and its time.
fn above(form: &Form) -> Vec<String> {
    let end = form.month.last_day();
    let (year, month) = (form.month.year(), form.month.number());
    let (title, time) = match form.kind {
        Kind::Aggregation => (
            "部门业务办理系统数据汇聚情况表",
            format!("(统计时间:{year}年1月1日—{})", end.format("%-m月%-d日")),
        ),
        Kind::Integration => {
            let day = end.format("%-d");
            ("各部门业务办理系统对接情况表", format!("(统计时点:{year}年{month}月{day}日)"))
        }
    };
    vec![
        format!("发文字号：{}", form.number),
        "发布机构：青海省合成数据办公室".to_owned(),
        format!("成文日期：{}", form.published_on),
        format!("发布日期：{}", form.published_on),
        MARK.to_owned(),
        format!("{title}（合成数据）"),
        time,
    ]
}

/// Returns the notes as one line, numbered where there are several.
fn below(notes: &[String]) -> String {
    let numbered = notes.iter().zip(1..).map(|(note, number)| match notes.len() {
        1 => note.clone(),
        _ => format!("{number}.{note}"),
    });
    format!("备注:{}", numbered.collect::<String>())
}
