//! Legacy workbooks to grids, as text. Workbooks are written here, record by record.

use std::io::{Cursor, Write};

use super::parse;
use crate::source::xlsx::tests::shown;

/// Returns a record: type, length, and the bytes of its parts.
fn record(kind: u16, parts: &[&[u8]]) -> Vec<u8> {
    let data = parts.concat();
    let n_bytes = u16::try_from(data.len()).unwrap();
    [&kind.to_le_bytes(), &n_bytes.to_le_bytes(), data.as_slice()].concat()
}

/// Returns 16-bit numbers as bytes.
fn words(values: &[u16]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// Returns a text as 16-bit characters behind their number.
fn text(value: &str) -> Vec<u8> {
    let units: Vec<u16> = value.encode_utf16().collect();
    [words(&[u16::try_from(units.len()).unwrap()]), vec![1], words(&units)].concat()
}

fn label(row: u16, column: u16, value: &str) -> Vec<u8> {
    record(0x0204, &[&words(&[row, column, 0]), &text(value)])
}

fn number(row: u16, column: u16, format: u16, value: f64) -> Vec<u8> {
    record(0x0203, &[&words(&[row, column, format]), &value.to_le_bytes()])
}

/// Returns a row of 30-bit integers.
fn integers(row: u16, first_column: u16, values: &[u32]) -> Vec<u8> {
    let last_column = first_column + u16::try_from(values.len()).unwrap() - 1;
    let cells: Vec<u8> = values
        .iter()
        .flat_map(|value| [words(&[0]), (value << 2 | 2).to_le_bytes().to_vec()].concat())
        .collect();
    record(0x00BD, &[&words(&[row, first_column]), &cells, &words(&[last_column])])
}

fn hidden_row(row: u16) -> Vec<u8> {
    record(0x0208, &[&words(&[row, 0, 9, 0, 0, 0, 0x20, 0])])
}

fn hidden_columns(first: u16, last: u16) -> Vec<u8> {
    record(0x007D, &[&words(&[first, last, 0, 0, 1, 0])])
}

fn merged(areas: &[[u16; 4]]) -> Vec<u8> {
    let count = u16::try_from(areas.len()).unwrap();
    record(0x00E5, &[&words(&[count]), &words(areas.as_flattened())])
}

/// A sheet: its name, whether it is hidden, and its records.
type Sheet<'a> = (&'a str, bool, Vec<Vec<u8>>);

/// Writes a workbook with cell formats 0 plain, 1 percent, 2 a date, 3 a percent of its own.
fn workbook(globals: &[Vec<u8>], sheets: &[Sheet<'_>]) -> Vec<u8> {
    let begin = |kind: u16| record(0x0809, &[&words(&[0x0600, kind, 0, 0, 0, 0, 0, 0])]);
    let end = record(0x000A, &[]);
    let mut head = [begin(5), globals.concat()].concat();
    head.extend(record(0x041E, &[&words(&[164]), &text("0.0%;[Red]-0.0%")]));
    for format in [0, 10, 14, 164] {
        head.extend(record(0x00E0, &[&words(&[0, format]), &[0; 16]]));
    }
    let name = |name: &str| -> Vec<u8> {
        let mut bytes = text(name);
        bytes.remove(1);
        bytes
    };
    let list_bytes: usize = sheets.iter().map(|sheet| 4 + 6 + name(sheet.0).len()).sum();
    let bodies: Vec<Vec<u8>> =
        sheets.iter().map(|sheet| [begin(0x10), sheet.2.concat(), end.clone()].concat()).collect();
    let mut offset = head.len() + list_bytes + end.len();
    for (sheet, body) in sheets.iter().zip(&bodies) {
        let start = u32::try_from(offset).unwrap().to_le_bytes();
        head.extend(record(0x0085, &[&start, &[u8::from(sheet.1), 0], &name(sheet.0)]));
        offset += body.len();
    }
    let stream = [head, end, bodies.concat()].concat();
    let memory = Cursor::new(Vec::new());
    let mut file = cfb::CompoundFile::create_with_version(cfb::Version::V3, memory).unwrap();
    file.create_stream("Workbook").unwrap().write_all(&stream).unwrap();
    file.flush().unwrap();
    file.into_inner().into_inner()
}

#[track_caller]
fn check(globals: &[Vec<u8>], sheets: &[Sheet<'_>], expected: &str) {
    assert_eq!(shown(parse(&workbook(globals, sheets), "a.xls")), expected);
}

#[track_caller]
fn check_sheet(records: Vec<Vec<u8>>, expected: &str) {
    check(&[], &[("一", false, records)], expected);
}

#[test]
fn a_merged_header_covers_its_neighbours() {
    check_sheet(
        vec![
            label(0, 0, "部门"),
            label(0, 1, "办件"),
            label(1, 1, "甲"),
            label(1, 2, "乙"),
            label(2, 0, "省水利厅"),
            integers(2, 1, &[1, 12_741_337]),
            merged(&[[0, 1, 0, 0], [0, 0, 1, 2]]),
        ],
        "[一]\nA1 (2x1)部门|(1x2)办件|^\nA2 ^|甲|乙\nA3 省水利厅|1|12741337",
    );
}

#[test]
fn numbers_show_as_their_formats_have_them() {
    check_sheet(
        vec![
            number(3, 2, 0, 0.5),
            number(3, 3, 1, 0.973_5),
            number(3, 4, 2, 44_469.0),
            number(3, 5, 3, 0.07),
            number(3, 6, 0, 12_741_337.0),
            record(0x0205, &[&words(&[3, 7, 0]), &[0x07, 1]]),
            record(0x0205, &[&words(&[3, 8, 0]), &[1, 0]]),
        ],
        "[一]\nC4 0.5|97.35%|2021-09-30|7%|12741337|#DIV/0!|TRUE",
    );
    check_sheet(
        vec![number(0, 0, 99, 44_469.0), label(0, 1, "甲")],
        "[一]\nA1 ≠44469|甲\nsource.format_unknown: 一 at A1",
    );
}

#[test]
fn a_number_that_its_format_scales_is_not_read_as_stored() {
    let own = |id: u16, code: &str| record(0x041E, &[&words(&[id]), &text(code)]);
    let format = |id: u16| record(0x00E0, &[&words(&[0, id]), &[0; 16]]);
    check(
        &[own(165, "0!.0000"), own(166, "#,##0,"), format(165), format(166)],
        &[("一", false, vec![number(0, 0, 0, 31_770.0), number(0, 1, 1, 31_770.0)])],
        "[一]\nA1 3.1770|≠31770\nsource.number_scaled: 一 at A1\nsource.number_scaled: 一 at B1",
    );
    let cells = vec![
        number(0, 0, 0, 57.0),
        number(0, 1, 1, 57.0),
        number(0, 2, 2, 57.0),
        number(0, 3, 2, 0.0),
    ];
    check(
        &[
            own(165, "0\"%\""),
            own(166, "0\"0\""),
            own(167, "0;-0;"),
            format(165),
            format(166),
            format(167),
        ],
        &[("一", false, cells)],
        "[一]\nA1 57%|≠57|57|≠0\nsource.number_scaled: 一 at B1\nsource.number_scaled: 一 at D1",
    );
}

fn font(flags: u16, raise: u16) -> Vec<u8> {
    record(0x0031, &[&words(&[200, flags, 0, 400, raise]), &[0; 4], &[0, 0]])
}

#[test]
fn a_mark_of_a_footnote_is_no_digit_of_the_figure_before_it() {
    // A string of 8-bit characters with one run: the last character has the second font.
    let rich = |text: &str, start: u16| {
        let n_chars = u16::try_from(text.len()).unwrap();
        [words(&[n_chars]), vec![0x08], words(&[1]), text.into(), words(&[start, 1])].concat()
    };
    let strings = record(0x00FC, &[&[2, 0, 0, 0, 2, 0, 0, 0], &rich("8781", 3), &rich("99", 0)]);
    let shared = |column: u16, string: u16| record(0x00FD, &[&words(&[0, column, 0, string, 0])]);
    let sheet = || ("一", false, vec![shared(0, 0), shared(1, 1), label(0, 2, "7")]);
    let raised = [font(0, 0), font(0, 1), strings.clone()];
    check(&raised, &[sheet()], "[一]\nA1 878||7\nsource.raised: 1 at A1\nsource.raised: 99 at B1");
    check(&[font(0, 0), font(0, 0), strings], &[sheet()], "[一]\nA1 8781|99|7");
}

#[test]
fn strings_that_are_not_understood_are_told() {
    let strings = record(0x00FC, &[&[1, 0, 0, 0, 1, 0, 0, 0], &[9, 0, 8, 1, 0]]);
    let records = Vec::from([label(0, 0, "8781")]);
    let file = workbook(&[font(0, 1), strings], &[("一", false, records)]);
    let said = shown(parse(&file, "a.xls"));
    assert!(said.ends_with("source.marks_read: ") || said.starts_with("Workbook"), "{said}");
}

#[test]
fn a_cell_that_is_struck_through_is_not_read() {
    let format = |font: u16| record(0x00E0, &[&words(&[font, 0]), &[0; 16]]);
    check(
        &[font(0, 0), font(0x08, 0), format(0), format(1)],
        &[("一", false, vec![number(0, 0, 0, 9.0), number(0, 1, 1, 878.0), label(0, 2, "7")])],
        "[一]\nA1 9||7\nsource.struck: 878 at B1",
    );
    check(
        &[font(0, 0), font(0, 1), format(0), format(1)],
        &[("一", false, vec![number(0, 0, 0, 9.0), number(0, 1, 1, 878.0), label(0, 2, "7")])],
        "[一]\nA1 9||7\nsource.raised: 878 at B1",
    );
}

#[test]
fn formulas_have_the_value_that_was_stored() {
    // A number, a text in the record behind, a text that is missing, a text without characters.
    let formula = |column: u16, result: &[u8]| {
        record(0x0006, &[&words(&[0, column, 1]), result, &[0; 6], &[3, 0], &[0x1E, 1, 0]])
    };
    let text_follows = [0, 0, 0, 0, 0, 0, 255, 255];
    check_sheet(
        vec![
            formula(0, &0.5_f64.to_le_bytes()),
            formula(1, &text_follows),
            record(0x0207, &[&text("甲")]),
            formula(2, &text_follows),
            formula(3, &[3, 0, 0, 0, 0, 0, 255, 255]),
            integers(0, 4, &[7]),
        ],
        "[一]\nA1 50%|甲|||7\nsource.formula_without_value: 一 at C1",
    );
}

#[test]
fn a_workbook_can_count_from_1904() {
    check(
        &[record(0x0022, &[&words(&[1])])],
        &[("一", false, vec![number(0, 0, 2, 43_007.0)])],
        "[一]\nA1 2021-09-30",
    );
}

#[test]
fn hidden_sheets_rows_and_columns_are_named() {
    check(
        &[],
        &[
            ("底稿", true, vec![label(0, 0, "密")]),
            (
                "二",
                false,
                vec![
                    hidden_columns(1, 255),
                    hidden_row(1),
                    hidden_row(8),
                    integers(0, 0, &[1, 2, 3]),
                    integers(1, 0, &[4]),
                ],
            ),
        ],
        "[二]\nA1 1|2|3\nA2 4||\nsource.sheet_hidden: 底稿\nsource.rows_hidden: 二: 2 at A2\nsource.columns_hidden: 二: 2-3 at B1",
    );
}

#[test]
fn encrypted_workbooks_are_refused() {
    check(
        &[record(0x002F, &[&words(&[1, 1, 1])])],
        &[("一", false, Vec::new())],
        r#"Encrypted { file_name: "a.xls" }"#,
    );
}

#[test]
fn cells_far_apart_and_impossible_sizes_are_refused() {
    check_sheet(vec![integers(0, 0, &[1]), integers(65_535, 255, &[1])], "more cells than 4000000");
    check_sheet(
        vec![record(0x0200, &[&[0, 0, 0, 0, 255, 255, 255, 255], &words(&[0, 255, 0])])],
        "Workbook `record 0x0200`: flaw.impossible",
    );
    check_sheet(vec![record(0x00E5, &[&words(&[9])])], "Workbook `record 0x00e5`: flaw.impossible");
}

#[test]
fn streams_that_are_cut_off_are_damaged() {
    let broken = vec![0xFD, 0x00, 0xFF, 0x00, 0x01];
    check_sheet(vec![broken], "Workbook: flaw.cut_off");
    // The record that says from which day dates count, without anything in it.
    check(&[record(0x0022, &[])], &[("一", false, Vec::new())], "Workbook: flaw.impossible");
}

#[test]
fn two_sheets_of_one_name_are_refused() {
    let sheet = || vec![integers(0, 0, &[1])];
    check(
        &[],
        &[("一", false, sheet()), ("一", false, sheet())],
        "Workbook `一`: flaw.sheets_of_one_name",
    );
}
