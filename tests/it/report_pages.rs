//! Pages of reports: what data must never become, what stands in them, and what they do in a browser.
#![expect(clippy::disallowed_methods, reason = "tests look for a browser")]

use std::collections::BTreeSet;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::process::Command;

use chrono::NaiveDate;
use scraper::{Html, Selector};
use tongban::diag::Lang;
use tongban::report::content::{
    Asked, BatchRead, Block, Cell, CellFormat, Chart, ChartKind, Column, Figure, FigureSource,
    Mark, Provenance, QuestionAsked, QuestionCheck, Report, Row, RowKind, Section, SectionStart,
    Series, Span, Table, TablePurpose, Value,
};
use tongban::report::{ReportFormat, render};

use crate::support::{Outcome, Sandbox, must_have_all, python, root};

/// Texts that would do something where they are taken for more than text.
const PAYLOADS: [&str; 62] = [
    // Elements and handlers.
    "<script>window.pwned=1</script>",
    "</script><script>window.pwned=1</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<img src=x onerror=window.pwned=1>",
    "<svg onload=window.pwned=1>",
    "<svg><script>window.pwned=1</script></svg>",
    "<body onload=window.pwned=1>",
    "<iframe srcdoc='<script>parent.pwned=1</script>'></iframe>",
    "<iframe src=javascript:parent.pwned=1></iframe>",
    "<details open ontoggle=window.pwned=1>",
    "<input autofocus onfocus=window.pwned=1>",
    "<a href=\"javascript:window.pwned=1\">x</a>",
    "<a href=https://evil.example/>x</a>",
    "<form action=//evil.example><button>x</button></form>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>body{display:none}</style>",
    "<object data=//evil.example/x></object>",
    "<embed src=//evil.example/x>",
    "<math><mtext></mtext><script>window.pwned=1</script></math>",
    "<template><script>window.pwned=1</script></template>",
    "<noscript><p title=\"</noscript><img src=x onerror=window.pwned=1>\">",
    "<!--<script>",
    "--><script>window.pwned=1</script>",
    "<![CDATA[<script>window.pwned=1</script>]]>",
    "<plaintext>",
    "<textarea></textarea><script>window.pwned=1</script>",
    "</title><script>window.pwned=1</script>",
    "</style><script>window.pwned=1</script>",
    "</table></main></body></html><script>window.pwned=1</script>",
    // Out of attributes.
    "\" onmouseover=\"window.pwned=1",
    "' onmouseover='window.pwned=1",
    "\"><script>window.pwned=1</script>",
    "'><img src=x onerror=window.pwned=1>",
    "` onmouseover=window.pwned=1 x=`",
    "x\" style=\"background:url(//evil.example/x)",
    "\u{a0}onmouseover=window.pwned=1",
    // Out of JSON and scripts.
    "\"}];window.pwned=1;//",
    "\\\"};window.pwned=1;//",
    "\\u003c/script\\u003e",
    "\u{2028}window.pwned=1",
    "\u{2029}window.pwned=1",
    "${window.pwned=1}",
    "{{ 7 * 7 }}",
    "{% include '/etc/passwd' %}",
    "{#comment#}",
    "__proto__",
    "constructor",
    // Links and addresses.
    "javascript:window.pwned=1",
    "https://evil.example/?q=1",
    "data:text/html,<script>window.pwned=1</script>",
    "&lt;script&gt;window.pwned=1&lt;/script&gt;",
    "&#60;script&#62;",
    "&NewLine;javascript&colon;x",
    // Formulas.
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1)",
    "＝HYPERLINK(\"https://evil.example\")",
    // What moves or hides.
    "a\u{202e}b\u{200b}c\u{7}",
    "甲\r\n乙\t丙\u{0}",
];

/// Elements that a page is made of.
const TAGS: &str = "a abbr article aside body button caption code data dd details div dl dt figcaption \
    figure footer h1 h2 h3 h4 head header html li main meta nav ol p path pre script section span style \
    summary svg table tbody td tfoot th thead title tr ul";

/// Attributes that an element of a page may have.
const ATTRIBUTES: &str = "aria-hidden aria-label aria-labelledby aria-live charset class content d \
    data-chart data-kind data-name data-rows data-v hidden href http-equiv id lang name \
    preserveAspectRatio role scope style tabindex title type value viewBox";

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2021, 8, 31).unwrap()
}

fn asked(text: &str) -> Asked {
    Asked { query: text.to_owned(), params: vec![(text.to_owned(), text.to_owned())] }
}

fn column(name: &str, label: &str, format: CellFormat) -> Column {
    Column { name: name.to_owned(), label: label.to_owned(), unit: Some(label.to_owned()), format }
}

fn cell(value: Value, remark: &str) -> Cell {
    Cell { value, marks: Mark::ALL.to_vec(), remark: Some(remark.to_owned()) }
}

fn table(id: &str, text: &str, purpose: TablePurpose) -> Table {
    let row = |kind: RowKind, number: f64| Row {
        kind,
        cells: vec![
            cell(Value::Text(text.to_owned()), text),
            cell(Value::Number(number), text),
            cell(Value::Course(vec![Some(1.0), None, Some(number)]), text),
            cell(Value::Missing, text),
        ],
    };
    let mut rows: Vec<Row> =
        (0..9).map(|idx| row(RowKind::Body, f64::from((idx * 7) % 10))).collect();
    rows.push(row(RowKind::Total, 45.0));
    Table {
        id: id.to_owned(),
        title: text.to_owned(),
        purpose,
        columns: vec![
            column("name", text, CellFormat::Text),
            column("value", text, CellFormat::Number { decimals: 4 }),
            column("course", text, CellFormat::Course),
            column("other", text, CellFormat::Change { decimals: 4 }),
        ],
        rows,
        notes: vec![text.to_owned()],
        asked: Some(asked(text)),
    }
}

fn chart(text: &str) -> Chart {
    Chart {
        id: "a-chart".to_owned(),
        title: text.to_owned(),
        kind: ChartKind::Line,
        x_label: text.to_owned(),
        x: vec![text.to_owned(), "2021-08".to_owned()],
        unit: Some(text.to_owned()),
        series: ["", "2"]
            .map(|more| Series {
                name: format!("{text}{more}"),
                values: vec![Some(1.0), Some(2.0)],
                marks: vec![(0, Mark::DateInferred), (1, Mark::Break)],
            })
            .to_vec(),
        notes: vec![text.to_owned()],
        asked: Some(asked(text)),
    }
}

fn prose(text: &str) -> Block {
    let figure = Figure {
        shown: text.to_owned(),
        value: Value::Text(text.to_owned()),
        unit: Some(text.to_owned()),
        source: FigureSource {
            asked: asked(text),
            column: text.to_owned(),
            row: vec![(text.to_owned(), text.to_owned())],
        },
        release: None,
        previous: None,
        marks: vec![Mark::Changed],
    };
    let words = Span::Text { text: text.to_owned() };
    Block::Paragraph { spans: vec![words, Span::Figure(figure)] }
}

/// A report in which a text stands wherever data can stand.
fn report_of(text: &str) -> Report {
    let blocks = vec![
        Block::Heading { level: 2, text: text.to_owned() },
        prose(text),
        Block::Remark { text: text.to_owned() },
        Block::Table(table("cards", text, TablePurpose::Headlines)),
        Block::Table(table("plain", text, TablePurpose::Reading)),
        Block::Chart(chart(text)),
    ];
    Report {
        name: text.to_owned(),
        title: text.to_owned(),
        subtitle: Some(text.to_owned()),
        lang: Lang::En,
        period_end: day(),
        is_synthetic: true,
        letter: None,
        sections: vec![Section {
            id: "one".to_owned(),
            title: text.to_owned(),
            start: SectionStart::Page,
            blocks,
        }],
        provenance: Provenance {
            tool_version: "0.1.0".to_owned(),
            definition_hash: text.to_owned(),
            params: vec![("region".to_owned(), text.to_owned())],
            snapshot: 1,
            committed_at: None,
            as_of: None,
            batches: vec![BatchRead {
                batch: text.to_owned(),
                kind: text.to_owned(),
                file_name: text.to_owned(),
                source_hash: text.to_owned(),
                document_number: Some(text.to_owned()),
                published_on: Some(day()),
                rows_received: 1,
                rows_accepted: 1,
                rows_returned: 0,
                is_synthetic: true,
            }],
            questions: vec![QuestionAsked {
                asked: asked(text),
                query_hash: text.to_owned(),
                n_rows: 1,
                check: QuestionCheck::Equal,
            }],
            engines: vec![("DuckDB".to_owned(), text.to_owned())],
        },
    }
}

fn page_of(text: &str) -> String {
    String::from_utf8(render(&report_of(text), ReportFormat::Html).unwrap()).unwrap()
}

/// How a text that is shown in a page looks there: what moves or hides is spelled out.
fn visible(text: &str) -> String {
    let mut shown = String::new();
    for character in text.chars() {
        match character {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            '\u{0}' | '\u{7}' | '\u{200b}' | '\u{202e}' | '\u{2028}' | '\u{2029}' => {
                shown.extend(character.escape_unicode());
            }
            plain => shown.push(plain),
        }
    }
    shown
}

#[test]
fn data_never_becomes_script_link_or_element() {
    let tags: BTreeSet<&str> = TAGS.split_whitespace().collect();
    let attributes: BTreeSet<&str> = ATTRIBUTES.split_whitespace().collect();
    let all = Selector::parse("*").unwrap();
    let mut shapes = BTreeSet::new();
    for payload in PAYLOADS {
        let page = Html::parse_document(&page_of(payload));
        let mut shape = Vec::new();
        for element in page.select(&all) {
            let name = element.value().name();
            assert!(tags.contains(name), "{payload}: <{name}>");
            shape.push(name.to_owned());
            for (attribute, value) in element.value().attrs() {
                assert!(attributes.contains(attribute), "{payload}: {name} {attribute}={value}");
                let is_own_address = attribute != "href" || value.starts_with('#');
                assert!(is_own_address, "{payload}: {name} {attribute}={value}");
                let is_own_style = attribute != "style" || value == "height:360px";
                assert!(is_own_style, "{payload}: {name} {attribute}={value}");
            }
        }
        // Where a text is nothing but text, every page has the same elements.
        shapes.insert(shape);
        let scripts = Selector::parse("script").unwrap();
        let (data, run): (Vec<_>, Vec<_>) = page
            .select(&scripts)
            .partition(|script| script.value().attr("type") == Some("application/json"));
        assert_eq!((data.len(), run.len()), (2, 2), "{payload}");
        for script in data {
            let json: String = script.text().collect();
            let read: serde_json::Value = serde_json::from_str(&json).unwrap();
            if script.value().attr("id") == Some("a-chart-values") {
                assert_eq!(read["x"][0], visible(payload), "{payload}");
                assert_eq!(read["series"][1]["name"], visible(payload) + "2", "{payload}");
            }
        }
    }
    assert_eq!(shapes.len(), 1, "texts changed what a page is made of");
}

#[test]
fn data_is_shown_as_it_stands_with_what_hides_spelled_out() {
    let cell = Selector::parse("#plain-data tbody tr th").unwrap();
    for payload in PAYLOADS {
        let page = Html::parse_document(&page_of(payload));
        let text: String = page.select(&cell).next().unwrap().text().collect();
        assert!(text.starts_with(&visible(payload)), "{payload}: {text}");
        let sorted = page.select(&cell).next().unwrap().value().attr("data-v").unwrap();
        assert_eq!(sorted, visible(payload), "{payload}");
    }
}

#[test]
fn the_same_report_is_the_same_page_and_needs_nothing_from_elsewhere() {
    let page = page_of("省水利厅");
    assert_eq!(page, page_of("省水利厅"));
    let policy = page.split("Content-Security-Policy\" content=\"").nth(1).unwrap();
    let policy = policy.split('"').next().unwrap();
    assert!(
        policy.starts_with("default-src &#x27;none&#x27;; script-src &#x27;sha256-"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe-eval") && !policy.contains("http"), "{policy}");
    for kept in
        ["Apache License", "Apache ECharts", "Mike Bostock", "The Apache Software Foundation"]
    {
        assert!(page.contains(kept), "`{kept}` is missing");
    }
}

#[test]
fn a_page_of_made_up_data_says_so() {
    let mut report = report_of("省水利厅");
    let page =
        |report: &Report| String::from_utf8(render(report, ReportFormat::Html).unwrap()).unwrap();
    let banner = "<p class=\"synthetic\" role=\"note\">This report holds made-up data";
    assert!(page(&report).contains(banner));
    report.is_synthetic = false;
    assert!(!page(&report).contains(banner));
}

/// Bytes of all parts of a packed file.
fn unpacked(bytes: &[u8]) -> usize {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|idx| {
            let mut part = Vec::new();
            archive.by_index(idx).unwrap().read_to_end(&mut part).unwrap()
        })
        .sum()
}

#[test]
fn a_text_of_a_megabyte_is_written_in_every_format() {
    let long = "省<b>=&".repeat(150_000);
    let mut report = report_of("省水利厅");
    let Block::Table(table) = &mut report.sections[0].blocks[4] else { panic!("a table") };
    table.rows[0].cells[0].value = Value::Text(long.clone());
    for format in ReportFormat::ALL {
        let bytes = render(&report, *format).unwrap();
        // Workbooks and papers are packed, and a cell of a workbook has a limit.
        let is_packed = bytes.starts_with(b"PK");
        let expected = if *format == ReportFormat::Xlsx { 32_767 } else { long.len() };
        let unpacked = if is_packed { unpacked(&bytes) } else { bytes.len() };
        assert!(unpacked > expected, "{format}: {unpacked}");
        assert!(!is_packed || bytes.len() < long.len(), "{format}: {}", bytes.len());
    }
}

/// A browser that can be driven, and the Python that drives it; `None` where one is absent and may be.
fn browser(test: &str) -> Option<(PathBuf, PathBuf)> {
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|file| file.is_file());
    assert!(found.is_some() || !must_have_all(), "{test} needs Chromium: install `chromium`");
    if found.is_none() {
        eprintln!("skipped: {test} needs Chromium");
    }
    Some((found?, python(test)?))
}

/// Opens a page in a browser, works it, and returns what happened.
fn driven((browser, python): &(PathBuf, PathBuf), page: &Path) -> serde_json::Value {
    let mut command = Command::new(python);
    command.arg(root().join("tests/python/drive_page.py")).arg(browser).arg(page);
    command.env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONIOENCODING", "utf-8");
    let outcome: Outcome = command.output().unwrap().into();
    serde_json::from_str(&outcome.ok()).unwrap()
}

#[test]
fn a_page_sorts_filters_and_draws_in_a_browser_without_a_word_on_its_console() {
    let Some(browser) = browser("a page in a browser") else { return };
    let sandbox = Sandbox::empty();
    let page = sandbox.write("page.html", page_of("=省水利厅<b>"));
    let seen = driven(&browser, &page);
    assert_eq!(seen["complaints"], serde_json::json!([]), "{seen:#}");
    assert_eq!(seen["requests"], serde_json::json!([]), "{seen:#}");
    // As they stand, the largest first, the smallest first, and as they stood again.
    assert_eq!(seen["orders"][0], serde_json::json!(["0", "7", "4", "1", "8", "5", "2", "9", "6"]));
    assert_eq!(seen["orders"][1], serde_json::json!(["9", "8", "7", "6", "5", "4", "2", "1", "0"]));
    assert_eq!(seen["orders"][2], serde_json::json!(["0", "1", "2", "4", "5", "6", "7", "8", "9"]));
    assert_eq!(seen["orders"][3], seen["orders"][0]);
    assert_eq!(seen["sorts"], serde_json::json!(["descending", "ascending", "none"]));
    assert_eq!(seen["filtered"], serde_json::json!([9, 0, 9]), "{seen:#}");
    assert_eq!(seen["is_drawn"], true, "{seen:#}");
    assert_eq!(seen["toggled"], serde_json::json!([false, true, false]), "{seen:#}");
    assert_eq!(seen["themes"], serde_json::json!(["dark", "light"]), "{seen:#}");
    let csv = seen["csv"].as_str().unwrap();
    let lines: Vec<&str> = csv.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines.len(), 12, "{csv}");
    // What leaves the page says what the page says.
    assert!(lines[0].contains("made-up data") && lines[1].ends_with(",Marks"), "{csv}");
    assert!(lines[2].starts_with("'=省水利厅<b>,0,"), "{csv}");
}

#[test]
fn heads_with_long_words_and_units_fit_into_their_columns() {
    let Some(browser) = browser("heads in a browser") else { return };
    let sandbox = Sandbox::empty();
    let page = sandbox.write("page.html", page_of("Aggregated"));
    let seen = driven(&browser, &page);
    assert_eq!(seen["complaints"], serde_json::json!([]), "{seen:#}");
    assert_eq!(seen["cut"], serde_json::json!([]), "{seen:#}");
}

#[test]
fn no_payload_runs_in_a_browser() {
    let Some(browser) = browser("payloads in a browser") else { return };
    let sandbox = Sandbox::empty();
    // All at once, and those alone that are names of something to a script.
    for text in [PAYLOADS.join(" ").as_str(), "__proto__", "constructor"] {
        let page = sandbox.write("page.html", page_of(text));
        let seen = driven(&browser, &page);
        assert_eq!(seen["complaints"], serde_json::json!([]), "{text}: {seen:#}");
        assert_eq!(seen["requests"], serde_json::json!([]), "{text}: {seen:#}");
        assert_eq!(seen["pwned"], false, "{text}: {seen:#}");
    }
}
