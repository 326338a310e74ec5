//! Large documents: those that are refused take little memory of the process that a user starts,
//! whatever they hold, and good ones are read as small ones are.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::measured::{MAX_PARENT_KB, measured};
use crate::support::Sandbox;

/// The line that a form begins with.
const ISSUER: &str = "发布机构：青海省人民政府办公厅\n";
/// The header of its tables.
const HEADER: &str = "部门,办件数据汇聚量(条),“好差评”数据汇聚量(条)\n";
/// Months of a form with more cells than a small document has.
const N_MONTHS: usize = 2_000;
const DEPARTMENTS: [&str; 5] = ["省水利厅", "省民政厅", "省司法厅", "省公安厅", "省商务厅"];

/// The official names of the departments of the province, each department once.
fn departments() -> Vec<&'static str> {
    let names = include_str!("../../data/department_names.csv").lines();
    let fields = names.map(|line| line.split(',').collect::<Vec<_>>());
    let official = fields.filter(|fields| fields[1] == "630000" && fields[3] == "official");
    official
        .map(|fields| (fields[2], fields[0]))
        .collect::<BTreeMap<_, _>>()
        .into_values()
        .collect()
}

/// Has a command read a file that must be refused, and checks why, and what that took.
#[track_caller]
fn refused(command: &[&str], name: &str, content: &str, reason: &str) {
    let sandbox = Sandbox::new();
    sandbox.write(name, content);
    let (output, peak_kb) = measured(sandbox.command(&[command, &[name]].concat()));
    let said = String::from_utf8_lossy(&output.stderr);
    let said: String = said.chars().take(600).collect();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(name) && said.contains(reason), "{said}");
    assert!(peak_kb <= MAX_PARENT_KB, "{peak_kb} kB\n{said}");
}

/// A form with a table for each month, one below the other.
fn form(n_months: usize) -> String {
    let mut text = ISSUER.to_owned();
    for month in 0..n_months {
        let (year, month) = (1900 + month / 12, month % 12 + 1);
        write!(text, "{year}年{month}月汇聚情况表\n{HEADER}").unwrap();
        for (row, department) in DEPARTMENTS.iter().enumerate() {
            writeln!(text, "{department},{},{row}", year * 100 + month).unwrap();
        }
    }
    text
}

#[test]
fn millions_of_cells_that_are_refused_never_reach_the_parent() {
    let content = "1,2,3,4,5,6,7\n".repeat(1_000_000);
    refused(&["ingest"], "cells.csv", &content, "");
    refused(&["inspect"], "cells.csv", &content, "");
}

#[test]
fn a_form_of_unknown_rows_never_reaches_the_parent() {
    let mut content = format!("{ISSUER}2021年9月汇聚情况表\n{HEADER}");
    for row in 0..100_000 {
        writeln!(content, "第{row}号窗口,{row},1").unwrap();
    }
    refused(&["ingest"], "rows.csv", &content, "places to mend in `rows.csv`: 1000+");
}

#[test]
fn a_form_with_too_many_findings_is_refused() {
    let table = format!("2021年9月汇聚情况表\n{HEADER}{}", departments().join(",,\n") + ",,\n");
    // Two blank cells a row, which the next table repeats.
    let n_tables = 100_000 / (2 * departments().len()) + 2;
    let content = ISSUER.to_owned() + &table.repeat(n_tables);
    refused(&["ingest"], "blanks.csv", &content, "has more than 100000 findings");
}

#[test]
fn texts_and_small_tables_without_end_are_refused_in_little_memory() {
    let paragraphs = "一句话的内容。\n".repeat(200_000);
    refused(&["ingest"], "paragraphs.txt", &paragraphs, "");
    refused(&["ingest"], "text.txt", &"字".repeat(5 << 20), "");
    let row = vec!["1"; 4_000].join(",") + "\n";
    refused(&["ingest"], "wide.csv", &row.repeat(500), "");
    let table = "<table><tr><td>部门</td><td>月球数据(条)</td></tr><tr><td>省水利厅</td><td>1</td></tr></table>";
    let page = format!("<html><body>{}</body></html>", table.repeat(30_000));
    refused(&["ingest"], "tables.html", &page, "");
}

#[test]
fn a_large_form_is_read_as_it_stands() {
    let sandbox = Sandbox::new();
    sandbox.write("form.csv", form(N_MONTHS));
    let outcome = sandbox.run(&["ingest", "form.csv"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let sums = sandbox.sql(
        "SELECT indicator, count(*) AS n, sum(value) AS total, count(DISTINCT period_start) AS months \
         FROM observations GROUP BY indicator ORDER BY indicator",
    );
    let n_departments = DEPARTMENTS.len();
    let months = (0..N_MONTHS).map(|month| (1900 + month / 12) * 100 + month % 12 + 1);
    let cases = months.sum::<usize>() * n_departments;
    let evaluations = (0..n_departments).sum::<usize>() * N_MONTHS;
    let n = N_MONTHS * n_departments;
    assert_eq!(
        sums,
        format!(
            "indicator,n,total,months\ncases_aggregated,{n},{cases},{N_MONTHS}\n\
             evaluations_aggregated,{n},{evaluations},{N_MONTHS}\n"
        )
    );
}

#[test]
fn a_large_form_with_two_values_of_one_figure_is_refused_with_its_place() {
    let twice = form(N_MONTHS) + &form(1).replace(",190001,", ",7,");
    let last_row = twice.lines().count();
    let place = format!("line {}", last_row - DEPARTMENTS.len() + 1);
    refused(&["ingest"], "twice.csv", &twice, &place);
}

#[test]
fn a_layout_is_drafted_from_the_first_rows_of_a_large_document() {
    let sandbox = Sandbox::new();
    let table = format!("{ISSUER}2021年9月汇聚情况表\n部门,月球数据(条)\n");
    sandbox.write("large.csv", table + &"省水利厅,5\n".repeat(200_000));
    let command = sandbox.command(&["inspect", "large.csv", "--save-layout", "moon"]);
    let (output, peak_kb) = measured(command);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(peak_kb <= MAX_PARENT_KB, "{peak_kb} kB");
    let layout = crate::support::read(&sandbox.path().join("layouts/moon.toml"));
    assert!(layout.contains("月球数据(条)"), "{layout}");
}
