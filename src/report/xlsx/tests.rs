//! Workbooks taken apart again. Another program reads one in `tests/it/report_files.rs`.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::to_xlsx;
use crate::diag::Lang;
use crate::report::content::Mark;
use crate::report::sample::{hostile, sample};
use crate::report::shown::mark_words;

/// The texts of all parts of a workbook, by name.
fn parts(book: &[u8]) -> Vec<(String, String)> {
    let mut archive = ZipArchive::new(Cursor::new(book)).unwrap();
    (0..archive.len())
        .map(|idx| {
            let mut part = archive.by_index(idx).unwrap();
            let name = part.name().unwrap().into_owned();
            let mut text = String::new();
            part.read_to_string(&mut text).unwrap();
            (name, text)
        })
        .collect()
}

fn part(book: &[u8], name: &str) -> String {
    let found = parts(book).into_iter().find(|(known, _)| known == name);
    found.unwrap_or_else(|| unreachable!("{name} is missing")).1
}

#[test]
fn every_table_and_chart_has_a_sheet_of_its_own() {
    let book = to_xlsx(&sample()).unwrap();
    let workbook = part(&book, "xl/workbook.xml");
    let names: Vec<&str> = workbook
        .split("<sheet name=\"")
        .skip(1)
        .filter_map(|rest| rest.split_once('"').map(|(name, _)| name))
        .collect();
    assert_eq!(names[..3], ["总览", "各部门汇聚量", "办件量走势"]);
    assert_eq!(names.len(), 6, "{names:?}");
    let table = part(&book, "xl/worksheets/sheet2.xml");
    // Mark, title, head, two rows and a total, which no filter sorts among them.
    assert!(table.contains("<autoFilter ref=\"A3:F5\"/>"), "{table}");
    assert!(table.contains("ySplit=\"3\""), "{table}");
    assert!(table.contains("<v>12741337</v>"), "{table}");
    assert!(table.contains("<v>0.973</v>"), "{table}");
    assert!(table.contains("sparkline"), "{table}");
    let chart = part(&book, "xl/charts/chart1.xml");
    assert!(chart.contains("<c:lineChart>"), "{chart}");
    assert!(chart.contains("<c:dispBlanksAs val=\"gap\"/>"), "{chart}");
    assert!(chart.contains("!$B$5:$B$7</c:f>"), "{chart}");
    for mark in [Mark::Break, Mark::Revised] {
        assert!(chart.contains(&format!("<a:t>{}</a:t>", mark_words(mark, Lang::Zh).0)), "{chart}");
    }
    let styles = part(&book, "xl/styles.xml");
    assert!(styles.contains("formatCode=\"#,##0.0%\""), "{styles}");
    assert!(styles.contains("formatCode=\"+#,##0.0%;-#,##0.0%;#,##0.0%\""), "{styles}");
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    assert_eq!(to_xlsx(&sample()).unwrap(), to_xlsx(&sample()).unwrap());
}

#[test]
fn nothing_that_data_says_is_a_formula_or_a_link() {
    let (report, payloads) = hostile();
    let book = to_xlsx(&report).unwrap();
    for (name, text) in parts(&book) {
        assert!(!text.contains("<f>") && !text.contains("<f "), "a formula in {name}");
        assert!(!text.contains("hyperlink"), "a link in {name}: {text}");
        assert!(!text.contains("TargetMode=\"External\""), "{name}");
        if !name.starts_with("xl/charts/") {
            continue;
        }
        // What a chart refers to are cells of its own sheet.
        for reference in text.split("<c:f>").skip(1) {
            let (reference, _) = reference.split_once("</c:f>").unwrap();
            let (_, cells) = reference.rsplit_once('!').unwrap();
            assert!(
                cells.chars().all(|c| "$:".contains(c) || c.is_ascii_alphanumeric()),
                "{cells}"
            );
        }
    }
    let strings = part(&book, "xl/sharedStrings.xml");
    assert!(strings.contains("=cmd|' /C calc'!A0"));
    assert!(strings.contains("_x005F_x0041_"));
    assert!(strings.matches("<si>").count() >= payloads.len());
}
