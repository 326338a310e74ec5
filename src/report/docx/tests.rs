//! Papers written, taken apart again, and read as any other document.

use std::io::{Cursor, Read};

use chrono::NaiveDate;
use quick_xml::Reader;
use quick_xml::events::Event;
use zip::ZipArchive;

use super::*;
use crate::diag::{Lang, Message};
use crate::model::says_synthetic;
use crate::report::content::{
    Block as ContentBlock, Cell, CellFormat, Chart, ChartKind, Column, Letter, Mark, Provenance,
    Report, Row, RowKind, Section, SectionStart, Series, Span, Table, TablePurpose, Value,
};
use crate::report::docx::layout::paper_of;
use crate::report::docx::paper::{
    Emphasis, Orientation, PaperBlock, PaperColumn, PaperParagraph, PaperRow, PaperSection,
    PaperTable, Role, Run,
};
use crate::report::sample::hostile;
use crate::report::shown::mark_words;
use crate::source::{Block, parse_document};

fn cells(texts: &[&str]) -> PaperRow {
    PaperRow { cells: texts.iter().map(|text| vec![Run::plain(*text)]).collect() }
}

fn table() -> PaperTable {
    let column = |label: &str| PaperColumn { label: label.to_owned(), role: Role::CellWords };
    PaperTable {
        is_dense: false,
        columns: vec![column("序号"), column("部门"), column("办件数据汇聚量（条）")],
        rows: vec![cells(&["1", "省公安厅", "1873"]), cells(&["2", "合计", "1873"])],
    }
}

fn paper(text: &str) -> Paper {
    let body = PaperParagraph {
        role: Role::Body,
        runs: vec![
            Run::plain("汇聚"),
            Run { text: text.to_owned(), emphasis: Emphasis::Changed },
            Run::plain("条。"),
        ],
    };
    Paper {
        title: text.to_owned(),
        lang: Lang::Zh,
        header: Some(text.to_owned()),
        sections: vec![
            PaperSection {
                orientation: Orientation::Portrait,
                blocks: vec![
                    PaperBlock::Paragraph(PaperParagraph::of(Role::Title, "关于情况的通报")),
                    PaperBlock::Paragraph(body),
                ],
            },
            PaperSection {
                orientation: Orientation::Landscape,
                blocks: vec![
                    PaperBlock::Paragraph(PaperParagraph::of(Role::AnnexLabel, "附件1")),
                    PaperBlock::Table(table()),
                    PaperBlock::Table(table()),
                ],
            },
        ],
    }
}

fn parts(bytes: &[u8]) -> Vec<(String, String)> {
    let mut container = ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..container.len())
        .map(|idx| {
            let mut part = container.by_index(idx).unwrap();
            let mut text = String::new();
            part.read_to_string(&mut text).unwrap();
            (part.name().unwrap().into_owned(), text)
        })
        .collect()
}

fn part(paper: &Paper, name: &str) -> String {
    let parts = parts(&write(paper));
    parts.into_iter().find(|(known, _)| known == name).map(|(_, text)| text).unwrap()
}

#[test]
fn every_part_is_well_formed_and_declared() {
    let parts = parts(&write(&paper("12")));
    let types = &parts[0].1;
    for (name, text) in &parts {
        let mut reader = Reader::from_str(text);
        while !matches!(reader.read_event().unwrap(), Event::Eof) {}
        let is_declared = types.contains(&format!("PartName=\"/{name}\""));
        let is_of_relations = name.rsplit_once('.').is_some_and(|(_, ending)| ending == "rels");
        assert!(
            is_declared || is_of_relations || name == "[Content_Types].xml",
            "{name} is not declared"
        );
    }
    let relations = parts.iter().find(|(name, _)| name == "word/_rels/document.xml.rels").unwrap();
    let text = parts.iter().find(|(name, _)| name == "word/document.xml").unwrap();
    for (id, target) in [("rIdHeader", "header1.xml"), ("rIdFooterOdd", "footer1.xml")] {
        assert!(relations.1.contains(&format!("Id=\"{id}\"")) && text.1.contains(id), "{id}");
        assert!(parts.iter().any(|(name, _)| *name == format!("word/{target}")), "{target}");
    }
}

#[test]
fn a_paper_without_a_header_has_no_part_for_one() {
    let plain = Paper { header: None, ..paper("12") };
    let parts = parts(&write(&plain));
    assert!(parts.iter().all(|(_, text)| !text.contains("rIdHeader") && !text.contains("header1")));
}

#[test]
fn the_same_paper_is_the_same_bytes_and_no_clock_is_in_it() {
    let bytes = write(&paper("12"));
    assert_eq!(bytes, write(&paper("12")));
    let core = part(&paper("12"), "docProps/core.xml");
    assert!(!core.contains("dcterms"), "{core}");
    let mut container = ZipArchive::new(Cursor::new(bytes)).unwrap();
    for idx in 0..container.len() {
        let time = container.by_index(idx).unwrap().last_modified().unwrap();
        assert_eq!((time.year(), time.month(), time.day(), time.hour()), (1980, 1, 1, 0));
    }
}

#[test]
fn a_reader_of_documents_finds_what_was_written() {
    let document = parse_document(&write(&paper("12")), "a.docx").unwrap();
    assert!(document.remarks.is_empty(), "{:?}", document.remarks);
    let mut texts = Vec::new();
    for block in &document.blocks {
        match block {
            Block::Paragraph(paragraph) => texts.push(paragraph.text.clone()),
            Block::Grid(grid) => {
                let rows = grid.rows.iter().map(|row| {
                    row.cells.iter().map(|cell| cell.text.to_string()).collect::<Vec<_>>().join("|")
                });
                texts.extend(rows);
            }
        }
    }
    let grid = ["序号|部门|办件数据汇聚量（条）", "1|省公安厅|1873", "2|合计|1873"];
    let head = ["关于情况的通报", "汇聚12条。", "附件1"];
    assert_eq!(texts, [&head[..], &grid, &grid].concat());
}

#[test]
fn what_data_says_is_never_markup_a_field_or_a_link() {
    let harmful = [
        "</w:t></w:r><w:r><w:instrText>DDE</w:instrText>",
        "{ HYPERLINK \"http://a.example\" }",
        "=cmd|' /C calc'!A0",
        "<w:hyperlink r:id=\"rId1\">",
        "<!DOCTYPE a [<!ENTITY b \"c\">]>&b;",
        "]]><w:p/>",
        "\u{0}\u{8}\u{1b}\u{ffff}",
        "http://a.example/",
        "INCLUDEPICTURE file:///etc/passwd",
    ];
    let plain = parts(&write(&paper("12")));
    for text in harmful {
        let found = parts(&write(&paper(text)));
        for ((name, found), (_, plain)) in found.iter().zip(&plain) {
            let tags = |text: &str| {
                let pieces = text.split('<').skip(1).filter_map(|piece| piece.split_once('>'));
                pieces.map(|(tag, _)| tag.to_owned()).collect::<Vec<_>>()
            };
            assert_eq!(tags(found), tags(plain), "{text:?} changes the elements of {name}");
        }
    }
}

#[test]
fn lines_and_tabs_within_a_text_stay() {
    let text = part(&paper("甲\r\n乙\t丙"), "word/document.xml");
    let preserved = "<w:t xml:space=\"preserve\">";
    let expected =
        format!("{preserved}甲</w:t><w:br/>{preserved}乙</w:t><w:tab/>{preserved}丙</w:t>");
    assert!(text.contains(&expected), "{text}");
}

#[test]
fn sections_have_pages_of_their_own_and_headers_of_tables_come_again() {
    let text = part(&paper("12"), "word/document.xml");
    assert_eq!(text.matches("<w:sectPr>").count(), 2);
    assert_eq!(text.matches("<w:tblHeader/>").count(), 2);
    let [portrait, landscape] = ["w:w=\"11906\" w:h=\"16838\"", "w:orient=\"landscape\""];
    assert!(text.find(portrait).unwrap() < text.find(landscape).unwrap());
    assert!(!text.contains("</w:tbl><w:tbl>"), "tables that touch become one");
}

/// Returns the text of every paragraph, cells included, each with `+` where it is kept with the next one.
fn kept(blocks: Vec<PaperBlock>) -> String {
    let sections = vec![PaperSection { orientation: Orientation::Portrait, blocks }];
    let text = part(&Paper { sections, ..paper("12") }, "word/document.xml");
    let paragraphs = text.split("<w:p>").skip(1).map(|paragraph| {
        let paragraph = paragraph.split("</w:p>").next().unwrap();
        let words: String = paragraph
            .split("<w:t xml:space=\"preserve\">")
            .skip(1)
            .map(|piece| piece.split('<').next().unwrap())
            .collect();
        format!("{words}{}", if paragraph.contains("<w:keepNext/>") { "+" } else { "" })
    });
    paragraphs.collect::<Vec<_>>().join(" ")
}

#[test]
fn notes_stay_with_their_table_and_no_row_or_label_stands_alone() {
    let table = |n_rows: usize| {
        let column = PaperColumn { label: "甲".to_owned(), role: Role::CellWords };
        let rows = (1..=n_rows).map(|row| cells(&[&row.to_string()]));
        let (columns, rows) = (vec![column], rows.collect());
        PaperBlock::Table(PaperTable { is_dense: false, columns, rows })
    };
    let words = |role, text: &str| PaperBlock::Paragraph(PaperParagraph::of(role, text));
    let note = |text: &str| words(Role::Note, text);
    let long = "甲+ 1 2 3 4 5 6 7 8 9+ 10+ 注一+ 注二";
    assert_eq!(kept(vec![table(10), note("注一"), note("注二")]), long);
    // What follows a table without notes has nothing to do with it.
    assert_eq!(kept(vec![table(4), words(Role::Body, "正文")]), "甲+ 1 2 3+ 4 正文");
    let short = "甲+ 1+ 2+ 3+ 4+ 注一";
    assert_eq!(kept(vec![table(4), note("注一")]), short);
    // Many notes may go on on the next page, but the first one stays.
    let many = (1..=7).map(|idx| note(&format!("注{idx}")));
    let many: Vec<PaperBlock> = std::iter::once(table(1)).chain(many).collect();
    assert_eq!(kept(many), "甲+ 1+ 注1 注2 注3 注4 注5 注6 注7");
}

#[test]
fn headings_and_captions_stay_with_what_they_head() {
    let styles = part(&paper("12"), "word/styles.xml");
    let roles = [
        Role::Heading1,
        Role::Heading2,
        Role::Heading3,
        Role::Caption,
        Role::AnnexLabel,
        Role::AnnexTitle,
        Role::Blank,
    ];
    for role in roles {
        let start = format!("w:styleId=\"{}\"", super::styles::id_of(role));
        let (_, style) = styles.split_once(&start).unwrap();
        let (style, _) = style.split_once("</w:style>").unwrap();
        assert!(style.contains("<w:keepNext/>"), "{role:?}");
    }
}

fn report(sections: Vec<Section>) -> Report {
    Report {
        name: "a".to_owned(),
        title: "关于情况的通报".to_owned(),
        subtitle: Some("2021年9月".to_owned()),
        lang: Lang::Zh,
        period_end: NaiveDate::from_ymd_opt(2021, 9, 30).unwrap(),
        is_synthetic: false,
        letter: None,
        sections,
        provenance: Provenance {
            tool_version: String::new(),
            definition_hash: String::new(),
            params: Vec::new(),
            snapshot: 1,
            committed_at: None,
            as_of: None,
            batches: Vec::new(),
            questions: Vec::new(),
            engines: Vec::new(),
        },
    }
}

fn section(title: &str, start: SectionStart, blocks: Vec<ContentBlock>) -> Section {
    Section { id: "a".to_owned(), title: title.to_owned(), start, blocks }
}

fn content_table(purpose: TablePurpose, n_columns: usize) -> ContentBlock {
    let columns = (0..n_columns).map(|idx| Column {
        name: format!("c{idx}"),
        label: "办件数据汇聚量".to_owned(),
        unit: Some("条".to_owned()),
        format: CellFormat::Number { decimals: 0 },
    });
    let cell = |marks: &[Mark]| Cell {
        value: Value::Whole(12_741_337),
        marks: marks.to_vec(),
        remark: None,
    };
    let row =
        |kind, marks: &[Mark]| Row { kind, cells: (0..n_columns).map(|_| cell(marks)).collect() };
    ContentBlock::Table(Table {
        id: "t".to_owned(),
        title: "各部门".to_owned(),
        purpose,
        columns: columns.collect(),
        rows: vec![row(RowKind::Body, &[Mark::Returned]), row(RowKind::Total, &[])],
        notes: vec!["备注：甲".to_owned()],
        asked: None,
    })
}

/// The paragraphs of a paper by their roles, tables as `T`, sections apart.
fn outline(paper: &Paper) -> String {
    let block = |block: &PaperBlock| match block {
        PaperBlock::Paragraph(it) => {
            let text: String = it.runs.iter().map(|run| run.text.as_str()).collect();
            format!("{:?} {text}", it.role)
        }
        PaperBlock::Table(table) => format!("T{}x{}", table.rows.len(), table.columns.len()),
        PaperBlock::Chart(chart) => format!("C{}", chart.series.len()),
    };
    let section = |it: &PaperSection| {
        let lines: Vec<String> = it.blocks.iter().map(block).collect();
        format!("{:?}\n{}", it.orientation, lines.join("\n"))
    };
    paper.sections.iter().map(section).collect::<Vec<_>>().join("\n--\n")
}

#[test]
fn an_official_paper_has_its_annexes_named_and_on_pages_of_their_own() {
    let text = ContentBlock::Paragraph { spans: vec![Span::Text { text: "正文。".to_owned() }] };
    let annex = |title: &str| {
        section(title, SectionStart::Page, vec![content_table(TablePurpose::Annex, 2)])
    };
    let sections = vec![
        section("一、总体情况", SectionStart::Below, vec![text]),
        annex("甲表"),
        annex("乙表"),
    ];
    let letter = Letter {
        title: "关于情况的通报".to_owned(),
        header: Some("代拟稿".to_owned()),
        number: Some("青政办函〔2021〕1号".to_owned()),
        addressees: Some("各单位：".to_owned()),
        signature: Some("办公厅".to_owned()),
        dated: NaiveDate::from_ymd_opt(2021, 11, 4),
        warnings: Vec::new(),
    };
    let paper = paper_of(&Report { letter: Some(letter), ..report(sections) });
    assert_eq!(
        outline(&paper),
        "Portrait\nNumber 青政办函〔2021〕1号\nBlank \nTitle 关于情况的通报\nBlank \nAddressees 各单位：\n\
         Heading1 一、总体情况\nBodyEnd 正文。\nBlank \nAttachment 附件：1.甲表\nAttachment 　　　2.乙表\n\
         Blank \nBlank \nSignature 办公厅\nDated 2021年11月4日\n--\n\
         Portrait\nAnnexLabel 附件1\nBlank \nAnnexTitle 甲表\nT2x2\nNote 备注：甲\n--\n\
         Portrait\nAnnexLabel 附件2\nBlank \nAnnexTitle 乙表\nT2x2\nNote 备注：甲"
    );
    assert_eq!(paper.header.as_deref(), Some("代拟稿"));
    let PaperBlock::Table(table) = &paper.sections[1].blocks[3] else { panic!("a table") };
    assert_eq!(table.rows[0].cells[0], [Run::plain("12741337")]);
    assert_eq!(table.columns[0].label, "办件数据汇聚量");
}

#[test]
fn any_report_is_a_paper_with_its_marks_told_below_its_tables() {
    let sections = vec![
        section("甲", SectionStart::Below, vec![content_table(TablePurpose::Reading, 2)]),
        section("乙", SectionStart::Below, vec![content_table(TablePurpose::Reading, 12)]),
    ];
    let paper = paper_of(&report(sections));
    assert_eq!(paper.sections.len(), 3, "last comes where the report comes from");
    let shown = Paper { sections: paper.sections[..2].to_vec(), ..paper.clone() };
    let means = mark_words(Mark::Returned, Lang::Zh).1;
    assert_eq!(
        outline(&shown),
        format!(
            "Portrait\nTitle 关于情况的通报\nSubtitle 2021年9月\nHeading1 甲\nCaption 各部门\nT2x2\n\
             Note 1 {means}\nNote 备注：甲\n--\n\
             Landscape\nHeading1 乙\nCaption 各部门\nT2x12\nNote 1 {means}\nNote 备注：甲"
        )
    );
    let PaperBlock::Table(table) = &paper.sections[0].blocks[4] else { panic!("a table") };
    assert_eq!(table.columns[0].label, "办件数据汇聚量（条）");
    let raised = Run { text: "1".to_owned(), emphasis: Emphasis::Mark };
    assert_eq!(table.rows[0].cells[0], [Run::plain("12,741,337"), raised]);
}

#[test]
fn a_chart_is_drawn_between_its_title_and_its_notes_with_its_values_in_it() {
    let chart = Chart {
        id: "course".to_owned(),
        title: "办件量走势".to_owned(),
        kind: ChartKind::Line,
        x_label: "月份".to_owned(),
        x: ["2021-07", "2021-08", "2021-09"].map(str::to_owned).to_vec(),
        unit: Some("条".to_owned()),
        series: vec![
            Series {
                name: "省公安厅".to_owned(),
                values: vec![Some(1_873.5), None, Some(0.0)],
                marks: vec![(2, Mark::Returned), (2, Mark::Synthetic)],
            },
            Series { name: "省民政厅".to_owned(), values: vec![None; 3], marks: Vec::new() },
        ],
        notes: vec!["各期当期数".to_owned()],
        asked: None,
    };
    let bars = Chart { kind: ChartKind::Bar, ..chart.clone() };
    let blocks = vec![ContentBlock::Chart(chart), ContentBlock::Chart(bars)];
    let paper = paper_of(&report(vec![section("趋势", SectionStart::Below, blocks)]));
    let shown = Paper { sections: paper.sections[..1].to_vec(), ..paper.clone() };
    let around = "Caption 办件量走势（条）\nC2\nNote 各期当期数";
    let expected = format!("Heading1 趋势\n{around}\n{around}");
    assert!(outline(&shown).ends_with(&expected), "{}", outline(&shown));
    let drawn = part(&paper, "word/charts/chart1.xml");
    let values = "<c:ptCount val=\"3\"/><c:pt idx=\"0\"><c:v>1873.5</c:v></c:pt>\
                  <c:pt idx=\"2\"><c:v>0</c:v></c:pt></c:numLit>";
    assert!(drawn.contains(values), "a gap is no zero: {drawn}");
    assert!(drawn.contains("<c:dispBlanksAs val=\"gap\"/>") && drawn.contains("<c:lineChart>"));
    assert!(drawn.contains("<c:tx><c:v>省民政厅</c:v></c:tx>"));
    let sign = mark_words(Mark::Returned, Lang::Zh).0;
    assert!(drawn.contains(&format!("<a:t>{sign}</a:t>")), "{drawn}");
    assert!(!drawn.contains("c:f>") && !drawn.contains("externalData"), "{drawn}");
    let bars = part(&paper, "word/charts/chart2.xml");
    assert!(bars.contains("<c:barDir val=\"bar\"/>") && bars.contains("maxMin"), "{bars}");
    let text = part(&paper, "word/document.xml");
    let relations = part(&paper, "word/_rels/document.xml.rels");
    for id in ["rIdChart1", "rIdChart2"] {
        assert!(text.contains(&format!("r:id=\"{id}\"")) && relations.contains(id), "{id}");
    }
}

#[test]
fn what_must_be_known_of_an_empty_cell_stands_behind_a_dash_and_hashes_are_cut() {
    let ContentBlock::Table(mut table) = content_table(TablePurpose::Reading, 1) else {
        panic!("a table")
    };
    table.rows[0].cells[0].value = Value::Missing;
    table.rows[1].cells[0] =
        Cell { value: Value::Text("0123456789abcdef".repeat(4)), ..Cell::default() };
    table.columns[0].format = CellFormat::Id;
    let blocks = vec![ContentBlock::Table(table)];
    let paper = paper_of(&report(vec![section("甲", SectionStart::Below, blocks)]));
    let tables = paper.sections[0].blocks.iter().filter_map(|block| match block {
        PaperBlock::Table(table) => Some(table),
        _ => None,
    });
    let rows: Vec<PaperRow> = tables.flat_map(|table| table.rows.clone()).collect();
    let raised = Run { text: "1".to_owned(), emphasis: Emphasis::Mark };
    assert_eq!(rows[0].cells[0], [Run::plain("—"), raised]);
    assert_eq!(rows[1].cells[0], [Run::plain("0123456789ab…")]);
}

#[test]
fn a_paper_of_made_up_data_says_so_to_readers_of_documents() {
    let made_up = Report { is_synthetic: true, ..report(Vec::new()) };
    let letter = Report { letter: Some(Letter::default()), ..made_up.clone() };
    for report in [made_up, letter] {
        let paper = paper_of(&report);
        let document = parse_document(&write(&paper), "a.docx").unwrap();
        let is_told = document.blocks.iter().any(|block| match block {
            Block::Paragraph(paragraph) => says_synthetic(&paragraph.text),
            Block::Grid(_) => false,
        });
        assert!(is_told && paper.header.is_some());
        // Among what is made up there may be what was published.
        let told = Message::new("report.page_synthetic").text(Lang::Zh);
        let PaperBlock::Paragraph(first) = &paper.sections[0].blocks[0] else { panic!("a line") };
        assert_eq!(first.runs, [Run::plain(&told)]);
        assert!(!outline(&paper).contains("均为合成"));
    }
}

/// All elements that a paper is made of.
const ELEMENTS: &str = "a:graphic a:graphicData c:chart wp:docPr wp:extent wp:inline w:drawing \
    w:body w:br w:cantSplit w:docGrid w:document w:fldSimple w:footerReference w:ftr \
    w:gridCol w:hdr w:headerReference w:ind w:jc w:keepNext w:p w:pPr w:pStyle w:pgMar w:pgSz w:r w:rPr w:rStyle \
    w:sectPr w:snapToGrid w:spacing w:t w:tab w:tbl w:tblBorders w:tblCellMar w:tblGrid w:tblHeader \
    w:tblLayout w:tblPr w:tblW w:tc w:tcPr w:tcW w:tr w:trHeight w:trPr w:type w:vAlign w:top w:left \
    w:bottom w:right w:insideH w:insideV";

#[test]
fn nothing_that_data_says_is_markup_a_field_or_a_link() {
    let (mut report, payloads) = hostile();
    report.letter = Some(Letter {
        title: payloads[40].to_owned(),
        header: Some(payloads[41].to_owned()),
        number: Some(payloads[42].to_owned()),
        addressees: Some(payloads[43].to_owned()),
        signature: Some(payloads[0].to_owned()),
        ..Letter::default()
    });
    let plain = Report { letter: None, ..report.clone() };
    for report in [report, plain] {
        for (name, text) in parts(&to_docx(&report)) {
            let mut reader = Reader::from_str(&text);
            loop {
                match reader.read_event().unwrap() {
                    Event::Eof => break,
                    Event::Start(element) | Event::Empty(element)
                        if name == "word/document.xml"
                            || name.starts_with("word/header")
                            || name.starts_with("word/footer") =>
                    {
                        let element = element.name();
                        let element = element.as_ref();
                        let is_known = ELEMENTS.split_whitespace().any(|known| known == element);
                        assert!(is_known, "{name}: <{element}>");
                    }
                    Event::DocType(_) | Event::PI(_) | Event::CData(_) => panic!("{name}: {text}"),
                    _ => {}
                }
            }
            assert!(!text.contains("TargetMode") && !text.contains("instrText"), "{name}");
            assert_eq!(
                text.matches("w:instr=").count(),
                text.matches("w:instr=\" PAGE \"").count()
            );
        }
    }
    // Texts are there as they stand, and a reader of documents takes them for nothing but texts.
    let (report, payloads) = hostile();
    let text = part(&paper_of(&report), "word/document.xml");
    for payload in &payloads[..6] {
        let escaped = quick_xml::escape::escape(*payload);
        assert!(text.contains(&*escaped), "{payload}");
    }
}
