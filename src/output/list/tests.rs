//! Lists written and taken apart again. Other programs read them in `tests/it/returned.rs`.

use std::io::{Cursor, Read};

use chrono::NaiveDate;
use zip::ZipArchive;

use crate::output::OutputError;
use crate::output::list::{
    ListCell, ListColumn, ListFormat, ListPlan, ListSummary, ListWriter, MAX_SHEET_ROWS,
    SummaryTable, is_list,
};

fn plan(n_rows: u64) -> ListPlan {
    let column = |title: &str, is_day| ListColumn { title: title.to_owned(), width: 30, is_day };
    let table = SummaryTable {
        title: "各原因".to_owned(),
        header: ["规则", "原因", "条数"].map(str::to_owned),
        rows: vec![(["r1".to_owned(), "=1+1".to_owned()], 2)],
        note: Some("注".to_owned()),
    };
    ListPlan {
        sheet_name: "清单".to_owned(),
        columns: vec![column("行号", false), column("原因", false), column("日期", true)],
        n_rows,
        summary: ListSummary {
            sheet_name: "说明".to_owned(),
            title: "清单".to_owned(),
            mark: Some("合成数据".to_owned()),
            facts: vec![("部门".to_owned(), "某局".to_owned())],
            tables: vec![table],
            notes_title: "如何更正".to_owned(),
            notes: vec!["更正后重报。".to_owned()],
        },
        made_on: day(),
    }
}

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2025, 7, 2).unwrap()
}

fn titles() -> Vec<String> {
    plan(0).columns.into_iter().map(|column| column.title).collect()
}

/// Writes a list of `n_rows` rows where `n_promised` are announced.
fn written(format: ListFormat, n_promised: u64, n_rows: u64) -> Result<Vec<u8>, OutputError> {
    let mut list = ListWriter::begin(format, &plan(n_promised), Vec::new())?;
    for row in 0..n_rows {
        let number = ListCell::Number(i64::try_from(row).unwrap() + 2);
        list.push(&[number, ListCell::Text("=cmd|' /C calc'!A0"), ListCell::Day(day())])?;
    }
    list.finish().map(|done| done.sink)
}

/// The text of a part of a workbook.
fn part(book: &[u8], name: &str) -> String {
    let mut parts = ZipArchive::new(Cursor::new(book)).unwrap();
    let mut text = String::new();
    parts.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

#[test]
fn csv_is_marked_and_begins_no_formula() {
    let bytes = written(ListFormat::Csv, 1, 1).unwrap();
    let expected = "\u{feff}行号,原因,日期\r\n2,'=cmd|' /C calc'!A0,2025-07-02\r\n";
    assert_eq!(String::from_utf8(bytes).unwrap(), expected);
}

#[test]
fn a_workbook_has_its_rows_as_texts_below_the_head() {
    let book = written(ListFormat::Xlsx, 2, 2).unwrap();
    let parts = ZipArchive::new(Cursor::new(&book)).unwrap();
    assert!(parts.index_for_name("xl/worksheets/sheet2.xml").is_some());
    assert!(parts.index_for_name("xl/worksheets/sheet3.xml").is_none());
    let sheet = part(&book, "xl/worksheets/sheet2.xml");
    assert!(!sheet.contains("<f>"), "{sheet}");
    assert_eq!(sheet.matches("=cmd|' /C calc'!A0</t>").count(), 2, "{sheet}");
    assert!(sheet.contains("<row r=\"3\"><c r=\"A3\""), "{sheet}");
    assert!(sheet.contains("<v>45840</v>"), "{sheet}");
    assert!(sheet.contains("<autoFilter ref=\"A1:C3\"/>"), "{sheet}");
    assert!(sheet.contains("state=\"frozen\""), "{sheet}");
    // Readers believe it, and it would be that of a sheet without rows.
    assert!(!sheet.contains("<dimension"), "{sheet}");
    assert!(part(&book, "xl/sharedStrings.xml").contains("=1+1"));
}

#[test]
fn the_same_rows_give_the_same_bytes() {
    for format in [ListFormat::Xlsx, ListFormat::Csv] {
        assert_eq!(written(format, 3, 3).unwrap(), written(format, 3, 3).unwrap());
    }
}

#[test]
fn rows_that_no_sheet_takes_stand_on_the_next_one() {
    let book = written(ListFormat::Xlsx, MAX_SHEET_ROWS + 1, MAX_SHEET_ROWS + 1).unwrap();
    let [first, second] =
        [2, 3].map(|number| part(&book, &format!("xl/worksheets/sheet{number}.xml")));
    assert!(first.contains("<row r=\"1048576\">"));
    assert!(!first.contains("<row r=\"1048577\">"));
    assert!(second.contains("<row r=\"2\"><c r=\"A2\" s="));
    assert!(second.contains("<v>1048577</v>"));
    assert!(!second.contains("<row r=\"3\">"));
    assert!(second.contains("<autoFilter ref=\"A1:C2\"/>"));
    let workbook = part(&book, "xl/workbook.xml");
    assert!(workbook.contains("name=\"清单 2\""), "{workbook}");
}

#[test]
fn another_number_of_rows_than_promised_is_no_list() {
    for format in [ListFormat::Xlsx, ListFormat::Csv] {
        for (n_promised, n_rows) in [(1, 2), (2, 1)] {
            let error = written(format, n_promised, n_rows).unwrap_err();
            assert!(matches!(error, OutputError::ListUnlike { .. }), "{error}");
        }
        let mut list = ListWriter::begin(format, &plan(1), Vec::new()).unwrap();
        list.push(&[ListCell::Blank]).unwrap_err();
    }
}

#[test]
fn a_list_is_known_by_how_it_begins() {
    let mut titles = titles();
    for format in [ListFormat::Xlsx, ListFormat::Csv] {
        let bytes = written(format, 1, 1).unwrap();
        assert!(is_list(&bytes[..bytes.len().min(4096)], &titles), "{format}");
    }
    assert!(is_list("\u{feff}行号,原因,日期,更多\r\n".as_bytes(), &titles));
    assert!(!is_list("\u{feff}行号,原因,日期之后\r\n".as_bytes(), &titles));
    assert!(!is_list("行号,原因,日期\r\n".as_bytes(), &titles));
    assert!(!is_list(b"", &titles));
    assert!(!is_list(b"PK\x03\x04 another workbook", &titles));
    titles.swap(0, 1);
    assert!(!is_list("\u{feff}行号,原因,日期\r\n".as_bytes(), &titles));
}

#[test]
fn a_list_without_rows_has_its_head() {
    let book = written(ListFormat::Xlsx, 0, 0).unwrap();
    let sheet = part(&book, "xl/worksheets/sheet2.xml");
    assert!(sheet.contains("<row r=\"1\""), "{sheet}");
    assert!(!sheet.contains("<row r=\"2\""), "{sheet}");
}
