//! A large form: a workbook of many rows that is written here, always the same, and the same rows as
//! separated values for the peer.
#![expect(clippy::disallowed_methods, reason = "a benchmark writes what it measures")]

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::Outcome;

/// What the form is about: a sheet for each month, and in each of them a row for each department.
#[derive(Clone, Copy)]
pub(crate) struct Form {
    pub(crate) n_sheets: usize,
    pub(crate) n_departments: usize,
}

/// Months that sheets can be about.
const FIRST_YEAR: usize = 2000;

const HEADER: [&str; 3] = ["部门", "办件数据汇聚量(条)", "“好差评”数据汇聚量(条)"];

/// Two formats of cells, both of plain numbers.
const STYLES: &str =
    r#"<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="1"/></cellXfs></styleSheet>"#;

impl Form {
    /// Returns the number of rows of all sheets.
    pub(crate) fn n_rows(self) -> usize {
        self.n_sheets * self.n_departments
    }

    /// Writes the workbook.
    pub(crate) fn write_workbook(self, path: &Path) -> Outcome<()> {
        let mut zip = ZipWriter::new(BufWriter::new(File::create(path)?));
        let mut part = |name: &str, write: &mut dyn FnMut(&mut dyn Write) -> Outcome<()>| {
            zip.start_file(name, SimpleFileOptions::default())?;
            let mut buffered = BufWriter::with_capacity(1 << 16, &mut zip);
            write(&mut buffered)?;
            buffered.flush()?;
            Outcome::Ok(())
        };
        part("xl/workbook.xml", &mut |out| self.write_list(out))?;
        part("xl/_rels/workbook.xml.rels", &mut |out| self.write_relations(out))?;
        part("xl/sharedStrings.xml", &mut |out| self.write_strings(out))?;
        part("xl/styles.xml", &mut |out| Ok(write!(out, "{STYLES}")?))?;
        for sheet in 1..=self.n_sheets {
            let name = format!("xl/worksheets/sheet{sheet}.xml");
            part(&name, &mut |out| self.write_sheet(sheet, out))?;
        }
        zip.finish()?.flush()?;
        Ok(())
    }

    /// Writes the rows of all sheets, each with its month.
    pub(crate) fn write_csv(self, path: &Path) -> Outcome<()> {
        let mut out = BufWriter::new(File::create(path)?);
        writeln!(out, "month,department,cases,evaluations")?;
        for sheet in 1..=self.n_sheets {
            for row in 0..self.n_departments {
                let [cases, evaluations] = figures(sheet, row);
                writeln!(out, "{},{},{cases},{evaluations}", month(sheet), department(row))?;
            }
        }
        Ok(out.flush()?)
    }

    /// Writes the names of the departments as a workspace's own reference rows.
    pub(crate) fn write_refdata(self, folder: &Path) -> Outcome<()> {
        fs::create_dir_all(folder)?;
        let mut departments =
            "department,name_zh,name_en,kind,official_order,source,confidence\n".to_owned();
        let mut names =
            "name,region,department,name_kind,valid_from,valid_to,source,confidence\n".to_owned();
        for row in 0..self.n_departments {
            let name = department(row);
            writeln!(departments, "d{row:06},{name},{row},provincial,{},made,made", 1000 + row)?;
            writeln!(names, "{name},630000,d{row:06},official,,,made,made")?;
        }
        fs::write(folder.join("departments.csv"), departments)?;
        Ok(fs::write(folder.join("department_names.csv"), names)?)
    }

    fn write_list(self, out: &mut dyn Write) -> Outcome<()> {
        write!(out, "<workbook><sheets>")?;
        for sheet in 1..=self.n_sheets {
            write!(out, r#"<sheet name="{}" sheetId="{sheet}" r:id="r{sheet}"/>"#, month(sheet))?;
        }
        Ok(write!(out, "</sheets></workbook>")?)
    }

    fn write_relations(self, out: &mut dyn Write) -> Outcome<()> {
        write!(out, "<Relationships>")?;
        write!(out, r#"<Relationship Id="s" Type="x/sharedStrings" Target="sharedStrings.xml"/>"#)?;
        write!(out, r#"<Relationship Id="f" Type="x/styles" Target="styles.xml"/>"#)?;
        for sheet in 1..=self.n_sheets {
            let target = format!("worksheets/sheet{sheet}.xml");
            write!(out, r#"<Relationship Id="r{sheet}" Type="x/worksheet" Target="{target}"/>"#)?;
        }
        Ok(write!(out, "</Relationships>")?)
    }

    fn write_strings(self, out: &mut dyn Write) -> Outcome<()> {
        write!(out, "<sst>")?;
        for label in HEADER {
            write!(out, "<si><t>{label}</t></si>")?;
        }
        for row in 0..self.n_departments {
            write!(out, "<si><t>{}</t></si>", department(row))?;
        }
        Ok(write!(out, "</sst>")?)
    }

    fn write_sheet(self, sheet: usize, out: &mut dyn Write) -> Outcome<()> {
        let title = format!("{}汇聚情况表", month(sheet));
        write!(out, r#"<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr">"#)?;
        write!(out, r#"<is><t>{title}</t></is></c></row><row r="2">"#)?;
        for (column, string) in ["A", "B", "C"].into_iter().zip(0..) {
            write!(out, r#"<c r="{column}2" t="s"><v>{string}</v></c>"#)?;
        }
        write!(out, "</row>")?;
        for row in 0..self.n_departments {
            let [cases, evaluations] = figures(sheet, row);
            let (number, string) = (row + 3, row + HEADER.len());
            write!(out, r#"<row r="{number}"><c r="A{number}" s="1" t="s"><v>{string}</v></c>"#)?;
            write!(out, r#"<c r="B{number}" s="1"><v>{cases}</v></c>"#)?;
            write!(out, r#"<c r="C{number}" s="1"><v>{evaluations}</v></c></row>"#)?;
        }
        Ok(write!(out, "</sheetData></worksheet>")?)
    }
}

/// The period of a sheet, as its name and its title have it.
fn month(sheet: usize) -> String {
    let month = sheet - 1;
    format!("{}年{}月", FIRST_YEAR + month / 12, month % 12 + 1)
}

fn department(row: usize) -> String {
    format!("第{:03}号镇便民服务中心{:03}号窗口", row / 1000, row % 1000)
}

/// Figures that differ from row to row.
fn figures(sheet: usize, row: usize) -> [usize; 2] {
    let mixed = (row * 7919 + sheet * 104_729) % 1_000_003;
    [mixed, mixed / 3]
}
