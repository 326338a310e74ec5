//! Reports for tests: one with everything that content can have, and one whose data means to do harm.

use chrono::NaiveDate;

use crate::diag::Lang;
use crate::report::content::{
    Asked, BatchRead, Block, Cell, CellFormat, Chart, ChartKind, Column, Figure, FigureSource,
    Mark, Provenance, QuestionAsked, QuestionCheck, Report, Row, RowKind, Section, SectionStart,
    Series, Span, Table, TablePurpose, Value,
};

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

fn asked() -> Asked {
    Asked {
        query: "aggregation/by_department".to_owned(),
        params: vec![("period".to_owned(), "2021-08-31".to_owned())],
    }
}

fn column(name: &str, label: &str, unit: Option<&str>, format: CellFormat) -> Column {
    Column { name: name.to_owned(), label: label.to_owned(), unit: unit.map(str::to_owned), format }
}

fn cell(value: Value) -> Cell {
    Cell { value, ..Cell::default() }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// A report in Chinese with every kind of block, cell and mark.
pub(crate) fn sample() -> Report {
    let figure = Figure {
        shown: "1274万件".to_owned(),
        value: Value::Whole(12_741_337),
        unit: Some("件".to_owned()),
        source: FigureSource {
            asked: asked(),
            column: "value".to_owned(),
            row: vec![("department".to_owned(), "public_security".to_owned())],
        },
        release: None,
        previous: None,
        marks: vec![Mark::DateInferred],
    };
    let spans = vec![
        Span::Text { text: "全省汇聚".to_owned() },
        Span::Figure(figure),
        Span::Text { text: "。".to_owned() },
    ];
    let blocks = vec![
        Block::Paragraph { spans },
        Block::Heading { level: 2, text: "各部门".to_owned() },
        Block::Table(departments()),
        Block::Remark { text: "8月有退回。".to_owned() },
        Block::Chart(course()),
    ];
    let section = Section {
        id: "totals".to_owned(),
        title: "总体情况".to_owned(),
        start: SectionStart::Below,
        blocks,
    };
    Report {
        name: "monthly-trend".to_owned(),
        title: "月度趋势 2021年8月".to_owned(),
        subtitle: Some("办件汇聚".to_owned()),
        lang: Lang::Zh,
        period_end: day(2021, 8, 31),
        is_synthetic: true,
        letter: None,
        sections: vec![section],
        provenance: provenance(),
    }
}

fn departments() -> Table {
    let columns = vec![
        column("department", "部门", None, CellFormat::Text),
        column("value", "汇聚量", Some("条"), CellFormat::Number { decimals: 0 }),
        column("share", "占比", None, CellFormat::Percent { decimals: 1 }),
        column("change", "变化", None, CellFormat::PercentChange { decimals: 1 }),
        column("course", "走势", None, CellFormat::Course),
    ];
    let total = vec![
        cell(text("合计")),
        cell(Value::Whole(12_741_337)),
        cell(Value::Number(100.0)),
        Cell::default(),
        Cell::default(),
    ];
    let first = vec![
        cell(text("省公安厅")),
        Cell { marks: vec![Mark::DateInferred], ..cell(Value::Whole(12_741_337)) },
        cell(Value::Number(97.3)),
        cell(Value::Number(8.2)),
        cell(Value::Course(vec![None, Some(2.0), Some(3.5)])),
    ];
    let second = vec![
        cell(text("省税务局")),
        Cell {
            value: Value::Missing,
            marks: vec![Mark::Returned],
            remark: Some("未达标准".to_owned()),
        },
        Cell::default(),
        Cell::default(),
        cell(Value::Course(vec![None, None, None])),
    ];
    let body = |cells| Row { kind: RowKind::Body, cells };
    Table {
        id: "departments".to_owned(),
        title: "各部门汇聚量".to_owned(),
        purpose: TablePurpose::Headlines,
        columns,
        rows: vec![body(first), body(second), Row { kind: RowKind::Total, cells: total }],
        notes: vec!["单位为条。".to_owned()],
        asked: Some(asked()),
    }
}

fn course() -> Chart {
    let series = Series {
        name: "省公安厅".to_owned(),
        values: vec![None, Some(11_776_000.5), Some(12_741_337.0)],
        marks: vec![(1, Mark::Break), (2, Mark::Revised)],
    };
    Chart {
        id: "course".to_owned(),
        title: "办件量走势".to_owned(),
        kind: ChartKind::Line,
        x_label: "月份".to_owned(),
        x: ["2021-06", "2021-07", "2021-08"].map(str::to_owned).to_vec(),
        unit: Some("条".to_owned()),
        series: vec![series],
        notes: Vec::new(),
        asked: None,
    }
}

fn provenance() -> Provenance {
    let batch = BatchRead {
        batch: "42b430865d2fc122".to_owned(),
        kind: "notice".to_owned(),
        file_name: "通报.txt".to_owned(),
        source_hash: "0".repeat(64),
        document_number: Some("青政办函〔2021〕185号".to_owned()),
        published_on: Some(day(2021, 11, 16)),
        rows_received: 3,
        rows_accepted: 2,
        rows_returned: 1,
        is_synthetic: true,
    };
    let question = QuestionAsked {
        asked: asked(),
        query_hash: "1".repeat(64),
        n_rows: 2,
        check: QuestionCheck::Equal,
    };
    Provenance {
        tool_version: "0.1.0".to_owned(),
        definition_hash: "2".repeat(64),
        params: vec![("period".to_owned(), "2021-08".to_owned())],
        snapshot: 3,
        committed_at: day(2021, 11, 16).and_hms_opt(8, 0, 0),
        as_of: None,
        batches: vec![batch],
        questions: vec![question],
        engines: vec![("DuckDB".to_owned(), "1.5.6".to_owned())],
    }
}

/// What data can hold to do harm: formulas, links, scripts, marks of every format, characters that hide.
pub(crate) const PAYLOADS: [&str; 60] = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    "=HYPERLINK(\"http://a.example\",\"x\")",
    "=WEBSERVICE(\"http://a.example\")",
    "=IMPORTXML(\"http://a.example\",\"//a\")",
    "=DDE(\"cmd\";\"/C calc\";\"x\")",
    "=Sheet1!$A$1",
    "={1,2}",
    "+1+1",
    "+86 13800000000",
    "-1+1",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "%0A=1",
    "'=1+1",
    "\"=1+1\"",
    "$A$1",
    "1E5",
    "00012",
    "2021-08",
    "1/2",
    "TRUE",
    "#REF!",
    "#N/A",
    "http://a.example",
    "https://a.example/?q=1&r=2",
    "ftp://a.example",
    "mailto:a@b.example",
    "www.a.example/x",
    "a@b.example",
    "file:///etc/passwd",
    "internal:Sheet1!A1",
    "external:c:\\x.xlsx",
    "javascript:alert(1)",
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "\"><b>",
    "' onmouseover='alert(1)",
    "{{ 7*7 }}",
    "{% include 'x' %}",
    "${7*7}",
    "[x](http://a.example)",
    "![x](http://a.example/x.png)",
    "<http://a.example>",
    "| a | b |",
    "# heading",
    "`code`",
    "_x0041_",
    "\u{202e}txet",
    "a\u{2028}b\u{2029}c",
    "\u{0}\u{1}\u{7f}\u{ffff}",
];

/// A report with a table of [`PAYLOADS`], which are also its titles, names and notes.
pub(crate) fn hostile() -> (Report, &'static [&'static str]) {
    let mut report = sample();
    let rows = PAYLOADS.iter().map(|payload| {
        let cells = vec![cell(text(payload)), cell(Value::Whole(1))];
        Row { kind: RowKind::Body, cells }
    });
    let table = Table {
        id: "payloads".to_owned(),
        title: PAYLOADS[1].to_owned(),
        purpose: TablePurpose::Reading,
        columns: vec![
            column("text", PAYLOADS[2], None, CellFormat::Text),
            column("count", "=1", Some("=2"), CellFormat::Number { decimals: 0 }),
        ],
        rows: rows.collect(),
        notes: PAYLOADS.iter().map(|payload| (*payload).to_owned()).collect(),
        asked: None,
    };
    let chart = |payload: &&str| {
        let series = Series {
            name: (*payload).to_owned(),
            values: vec![Some(1.0)],
            marks: vec![(0, Mark::Approximate)],
        };
        Block::Chart(Chart {
            id: "chart".to_owned(),
            title: (*payload).to_owned(),
            kind: ChartKind::Column,
            x_label: (*payload).to_owned(),
            x: vec![(*payload).to_owned()],
            unit: Some((*payload).to_owned()),
            series: vec![series],
            notes: Vec::new(),
            asked: None,
        })
    };
    let blocks = std::iter::once(Block::Table(table)).chain(PAYLOADS.iter().map(chart));
    report.sections[0].blocks = blocks.collect();
    report.title = PAYLOADS[0].to_owned();
    report.sections[0].title = PAYLOADS[52].to_owned();
    (report, &PAYLOADS)
}
