//! Tables in every layout and format are read as they were printed, or not at all.
//!
//! `make laws` tries many more. Below are the smallest documents of what was once read wrongly without
//! a word; all of them are synthetic.

use tongban::annex::{DocumentName, Layouts, ReadOptions, Reference, read};
use tongban::diag::Severity;
use tongban::refdata::RefData;
use tongban::source::parse_document;

use crate::laws;

/// Documents that are read: the same ones every time.
const N_DOCUMENTS: u64 = 380;

#[test]
fn tables_are_read_as_they_were_printed_or_something_says_that_they_are_not() {
    let report = laws::check(0..N_DOCUMENTS);
    if let Some(seed) = report.first_broken() {
        panic!("{report}\n{}", laws::shown(seed));
    }
    assert!(report.too_rarely_read().is_empty(), "{report}");
}

/// Documents in hostile surroundings that are read: the same ones every time.
const N_HOSTILE: u64 = 190;

#[test]
fn what_stands_around_a_table_changes_no_figure_without_a_finding() {
    let report = laws::hostile::check(0..N_HOSTILE);
    if let Some(seed) = report.first_broken() {
        panic!("{report}\n{}", laws::hostile::shown(seed));
    }
    assert!(report.is_read_often_enough(), "{report}");
}

/// Checks the figures and the warnings of a document: `department value`, `code found row=n`.
#[track_caller]
fn check(name: &str, table: &str, expected: &str) {
    let head = "发布机构：青海省人民政府办公厅\n成文日期：2021-11-24\n合成数据表\n";
    let text = if name.ends_with("html") {
        let head: String = head.lines().map(|line| format!("<p>{line}</p>")).collect();
        format!("<html>{head}<table>{table}</table>")
    } else {
        format!("{head}{table}")
    };
    let document = parse_document(text.as_bytes(), name).unwrap();
    let names = DocumentName { shown: name, file_name: name };
    let refdata = RefData::load(&[]).unwrap();
    let mut lines = Vec::new();
    let reference = Reference { refdata: &refdata, layouts: &Layouts::default() };
    match read(document, names, reference, &ReadOptions::default()) {
        Err(error) => lines.push(format!("refused: {error}")),
        Ok(reading) => {
            lines.extend(reading.observations().map(|figure| {
                let value = figure.value.map_or_else(|| "-".to_owned(), |value| value.to_string());
                format!("{} {value}", figure.row_label.as_deref().unwrap_or_default())
            }));
            let warnings = reading.findings.iter().filter(|f| f.severity != Severity::Info);
            lines.extend(warnings.map(|warning| {
                let row = warning.place.row.map(|row| format!(" row={row}")).unwrap_or_default();
                let found = warning.found.as_deref().unwrap_or_default();
                format!("{} {found}{row}", warning.message.code)
            }));
        }
    }
    assert_eq!(lines.join("\n"), expected, "{text}");
}

#[test]
fn a_missing_cell_of_a_web_page_moves_no_figure() {
    check(
        "a.html",
        "<tr><td>部门<td>办件汇聚量<td>好差评汇聚量<tr><td>省水利厅<td>4<tr><td>省民政厅<td>5<td>6",
        "省水利厅 -\n省水利厅 -\n省民政厅 5\n省民政厅 6\nrow.cells_missing 省水利厅 | 4 row=2",
    );
}

#[test]
fn a_figure_without_its_label_is_no_heading() {
    check(
        "a.csv",
        "部门,办件汇聚量\n省水利厅,4\n,5\n省民政厅,6\n",
        "refused: places to mend in `a.csv`: 1; nothing was committed",
    );
    check(
        "a.html",
        "<tr><td>部门<td>办件汇聚量<tr><td>省水利厅<td>4<tr><td>5<td><tr><td>省民政厅<td>6",
        "省水利厅 4\n省民政厅 6\nrow.stray 5 row=3",
    );
}

#[test]
fn the_rest_of_a_broken_figure_is_told_with_its_row() {
    check(
        "a.txt",
        "单位 办件汇聚量 好差评汇聚量\n省水利厅 4 5\n省民政厅 6 13\n93\n",
        "省水利厅 4\n省水利厅 5\n省民政厅 6\n省民政厅 13\nrow.stray 93 row=3",
    );
}

#[test]
fn a_scale_that_a_line_break_took_from_its_label_is_missed() {
    check(
        "a.txt",
        "部门\t办件汇聚量\t退回数据量(\n省水利厅\t4\t5\n省民政厅\t6\t7\n",
        "refused: places to mend in `a.txt`: 1; nothing was committed",
    );
}

#[test]
fn figures_joined_to_fit_a_name_are_told() {
    check(
        "a.txt",
        "序号\t部门\t办件汇聚量\n1\t省民政厅\t5\n2\t\n省水\n\n利厅\n12\n\n34\n3\t省司法厅\t7\n4\t合计\t46\n",
        "省民政厅 5\n省水利厅 1234\n省司法厅 7\ncell.joined_number  row=3\ntotal.mismatch 46 row=5",
    );
}

#[test]
fn a_table_that_is_not_recognised_does_not_vanish() {
    check(
        "a.txt",
        "部门\t办件汇聚量\n省水利厅\t4\n省民政厅\t6\n附件2\n甲 |\n省司法厅 |\n7 |\n",
        "省水利厅 4\n省民政厅 6\nrow.stray 省司法厅 |\nrow.stray 7 |",
    );
}

#[test]
fn a_row_whose_figure_is_a_word_does_not_vanish() {
    check(
        "a.txt",
        "部门 办件汇聚量\n省水利厅 4\n省民政厅 6\n省司法厅 ≤341\n",
        "省水利厅 4\n省民政厅 6\nrow.stray 省司法厅 ≤341",
    );
}

#[test]
fn a_heading_that_makes_another_measure_of_the_rows_below_it_is_refused() {
    for heading in ["应汇聚", "日均", "其中：移动端", "西宁市"] {
        let table = format!(
            "<tr><td>部门<td>办件汇聚量<tr><td>省水利厅<td>4<tr><td colspan=2>{heading}\
             <tr><td>省民政厅<td>6"
        );
        check("a.html", &table, "refused: places to mend in `a.html`: 1; nothing was committed");
    }
    check(
        "a.html",
        "<tr><td>部门<td>办件汇聚量<tr><td>省水利厅<td>4<tr><td colspan=2>一、省直部门\
         <tr><td>省民政厅<td>6",
        "省水利厅 4\n省民政厅 6",
    );
}

#[test]
fn a_unit_below_a_table_is_that_of_its_figures() {
    let rows = "部门\t办件汇聚量\n省水利厅\t4\n省民政厅\t6\n";
    for line in
        ["数据单位：万条", "（单位：万条）", "说明：1.表中数据均为万条。2.合成数据。", "注：万条。"]
    {
        check("a.txt", &format!("{rows}{line}\n"), "省水利厅 40000\n省民政厅 60000");
    }
    let is_cut = format!("{rows}省\n司法厅\n零\n注：以上数据以万条计。\n");
    check("a.txt", &is_cut, "省水利厅 4\n省民政厅 6\nunit.in_text  row=1");
    let refused = "refused: places to mend in `a.txt`: 1; nothing was committed";
    check("a.txt", &format!("{rows}注：以上数据以百条为单位。\n"), refused);
}
