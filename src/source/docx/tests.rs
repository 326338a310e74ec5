//! Documents to blocks, as text. Documents are written here, element by element.

use super::parse;
use crate::source::xlsx::tests::packed;
use crate::source::{Block, Document, SourceError, Span};

fn document(body: &str) -> String {
    format!(r#"<w:document xmlns:w="w" xmlns:mc="mc"><w:body>{body}</w:body></w:document>"#)
}

/// Returns a paragraph with a run for each of the texts.
fn p(texts: &[&str]) -> String {
    let runs: String = texts.iter().map(|text| format!("<w:r><w:t>{text}</w:t></w:r>")).collect();
    format!("<w:p>{runs}</w:p>")
}

fn tc(properties: &str, content: &str) -> String {
    format!("<w:tc><w:tcPr>{properties}</w:tcPr>{content}</w:tc>")
}

/// Returns a row of cells with a paragraph each.
fn tr(texts: &[&str]) -> String {
    let cells: String = texts.iter().map(|text| tc("", &p(&[text]))).collect();
    format!("<w:tr>{cells}</w:tr>")
}

fn tbl(rows: &[String]) -> String {
    format!("<w:tbl><w:tblPr/><w:tblGrid/>{}</w:tbl>", rows.concat())
}

/// Shows a document as text: places of blocks, spans in front of cells, `^` for what is covered,
/// remarks at the end.
fn shown(document: &Document) -> String {
    let mut lines = Vec::new();
    for block in &document.blocks {
        match block {
            Block::Paragraph(paragraph) => {
                lines.push(format!("{}: {}", paragraph.spot, paragraph.text));
            }
            Block::Grid(grid) => {
                for row in &grid.rows {
                    assert_eq!(row.cells.len(), grid.n_columns);
                    let cells: Vec<String> = row
                        .cells
                        .iter()
                        .map(|cell| match cell.span {
                            Span::Single => cell.text.to_string(),
                            Span::Wide { n_rows, n_columns } => {
                                format!("({n_rows}x{n_columns}){}", cell.text)
                            }
                            Span::Covered { up, left } => format!("^{up},{left}"),
                        })
                        .collect();
                    lines.push(format!("{}| {}", row.spot, cells.join("|")));
                }
            }
        }
    }
    for remark in &document.remarks {
        let spot = remark.spot.map(|spot| format!(" {spot}")).unwrap_or_default();
        let what =
            if remark.what.is_empty() { String::new() } else { format!(" `{}`", remark.what) };
        lines.push(format!("{}{what}{spot}", remark.kind));
    }
    lines.join("\n")
}

fn parsed(parts: &[(&str, &str)]) -> Result<Document, SourceError> {
    parse(&packed(parts), "a.docx")
}

#[track_caller]
fn check(body: &str, expected: &str) {
    check_parts(body, &[], expected);
}

#[track_caller]
fn check_parts(body: &str, others: &[(&str, &str)], expected: &str) {
    let main = document(body);
    let mut parts = vec![("word/document.xml", main.as_str())];
    parts.extend(others);
    assert_eq!(shown(&parsed(&parts).unwrap()), expected);
}

#[track_caller]
fn check_refused(main: &str, reason: &str) {
    let error = parsed(&[("word/document.xml", main)]).unwrap_err();
    assert!(format!("{error:?}").contains(reason), "{error:?}");
}

#[test]
fn runs_make_paragraphs_and_properties_make_none() {
    check(
        &format!(
            "{}{}{}",
            p(&["关于 ", "2021年 &amp; 情况"]),
            "<w:p><w:pPr><w:tabs><w:tab w:val=\"left\"/></w:tabs></w:pPr></w:p>",
            "<w:sdt><w:sdtPr><w:alias w:val=\"x\"/></w:sdtPr><w:sdtContent><w:p><w:r><w:t>甲</w:t>\
             <w:tab/><w:t>乙</w:t><w:noBreakHyphen/><w:t>丙</w:t><w:br/><w:t>丁</w:t></w:r></w:p>\
             </w:sdtContent></w:sdt>",
        ),
        "paragraph=1: 关于 2021年 & 情况\nparagraph=3: 甲\t乙-丙\nparagraph=3: 丁",
    );
}

#[test]
fn prefixes_do_not_matter() {
    let main = r#"<document xmlns="w"><body><p><r><t>甲</t></r></p></body></document>"#;
    let document = parsed(&[("word/document.xml", main)]).unwrap();
    assert_eq!(shown(&document), "paragraph=1: 甲");
}

#[test]
fn spans_of_cells_are_kept() {
    let span = |n: usize| format!(r#"<w:gridSpan w:val="{n}"/>"#);
    let restart = r#"<w:vMerge w:val="restart"/>"#;
    check(
        &tbl(&[
            format!("<w:tr>{}{}</w:tr>", tc(restart, &p(&["部门"])), tc(&span(2), &p(&["办件"]))),
            format!(
                "<w:tr>{}{}{}</w:tr>",
                tc("<w:vMerge/>", "<w:p/>"),
                tc("", &p(&["甲"])),
                tc("", &p(&["乙"]))
            ),
            tr(&["省水利厅", "1", "2"]),
        ]),
        "paragraph=1| (2x1)部门|(1x2)办件|^0,1\nparagraph=3| ^1,0|甲|乙\nparagraph=6| 省水利厅|1|2",
    );
}

#[test]
fn columns_left_out_are_empty_cells() {
    check(
        &tbl(&[
            tr(&["一", "二", "三"]),
            format!(
                "<w:tr><w:trPr><w:gridBefore w:val=\"1\"/><w:gridAfter w:val=\"1\"/></w:trPr>{}</w:tr>",
                tc("", &p(&["中"]))
            ),
        ]),
        "paragraph=1| 一|二|三\nparagraph=4| |中|",
    );
}

#[test]
fn paragraphs_of_a_cell_are_joined() {
    check(
        &tbl(&[
            tr(&["部门", "值"]),
            format!(
                "<w:tr>{}{}</w:tr>",
                tc("", &format!("{}{}", p(&["国家税务"]), p(&["总局"]))),
                tc("", "<w:p><w:r><w:t>1</w:t><w:tab/><w:t>2</w:t></w:r></w:p>"),
            ),
        ]),
        "paragraph=1| 部门|值\nparagraph=3| 国家税务总局|1 2",
    );
}

#[test]
fn nested_tables_follow_and_frames_vanish() {
    let inner = tbl(&[tr(&["内", "部"])]);
    check(
        &format!(
            "{}{}",
            tbl(&[format!(
                "<w:tr>{}{}</w:tr>",
                tc("", &p(&["外"])),
                tc("", &format!("{}{inner}<w:p/>", p(&["旁"])))
            )]),
            p(&["后"])
        ),
        "paragraph=1| 外|旁\nparagraph=3| 内|部\nparagraph=6: 后",
    );
    check(
        &tbl(&[format!(
            "<w:tr>{}</w:tr>",
            tc("", &format!("{}{inner}{}", p(&["前"]), p(&["后"])))
        )]),
        "paragraph=1: 前\nparagraph=2| 内|部\nparagraph=4: 后",
    );
    // A frame within a cell is part of the cell.
    let frame = tbl(&[tr(&["框"])]);
    check(
        &tbl(&[format!(
            "<w:tr>{}{}</w:tr>",
            tc("", &p(&["外"])),
            tc("", &format!("{frame}<w:p/>"))
        )]),
        "paragraph=1| 外|框",
    );
}

#[test]
fn tracked_deletions_are_left_out() {
    check(
        "<w:p><w:r><w:t>甲</w:t></w:r><w:del><w:r><w:delText>旧</w:delText></w:r></w:del>\
         <w:ins><w:r><w:t>新</w:t></w:r></w:ins><w:moveFrom><w:r><w:t>移</w:t></w:r></w:moveFrom></w:p>",
        "paragraph=1: 甲新\nsource.tracked_changes paragraph=1",
    );
    check(
        &tbl(&[
            tr(&["甲", "乙"]),
            format!(
                "<w:tr><w:trPr><w:del/></w:trPr>{}{}</w:tr>",
                tc("", &p(&["1"])),
                tc("", &p(&["2"]))
            ),
            tr(&["3", "4"]),
        ]),
        "paragraph=1| 甲|乙\nparagraph=5| 3|4\nsource.tracked_changes paragraph=4",
    );
    let row = |text: &str| {
        let deleted = tc("<w:cellDel w:id=\"1\"/>", &p(&["旧"]));
        format!("<w:tr>{}{deleted}{}</w:tr>", tc("", &p(&[text])), tc("", &p(&["1"])))
    };
    check(
        &tbl(&[row("甲"), row("乙")]),
        "paragraph=1| 甲|1\nparagraph=4| 乙|1\nsource.tracked_changes paragraph=2",
    );
    let inserted = tc("<w:cellIns w:id=\"1\"/>", &p(&["1"]));
    check(
        &tbl(&[format!("<w:tr>{}{inserted}</w:tr>", tc("", &p(&["甲"])))]),
        "paragraph=1| 甲|1\nsource.tracked_changes paragraph=2",
    );
}

#[test]
fn a_mark_of_a_footnote_is_no_digit_of_the_figure_before_it() {
    let run = |properties: &str, text: &str| {
        format!("<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>")
    };
    let cell =
        |mark: &str| tc("", &format!("<w:p>{}{mark}{}</w:p>", run("<w:b/>", "878"), run("", "0")));
    let raised = r#"<w:b/><w:vertAlign w:val="superscript"/>"#;
    let struck = "<w:strike/>";
    check(
        &tbl(&[
            tr(&["部门", "办件"]),
            format!("<w:tr>{}{}</w:tr>", tc("", &p(&["甲"])), cell(&run(raised, "1"))),
            format!("<w:tr>{}{}</w:tr>", tc("", &p(&["乙"])), cell(&run(struck, "2"))),
            format!(
                "<w:tr>{}{}</w:tr>",
                tc("", &p(&["丙"])),
                cell(&run(r#"<w:dstrike w:val="false"/><w:vertAlign w:val="baseline"/>"#, "3"))
            ),
        ]),
        "paragraph=1| 部门|办件\nparagraph=3| 甲|8780\nparagraph=5| 乙|8780\nparagraph=7| 丙|87830\n\
         source.raised `1` paragraph=4\nsource.struck `2` paragraph=6",
    );
}

#[test]
fn a_style_sets_text_apart_as_its_own_properties_do() {
    let style = |kind: &str, name: &str, based_on: &str, properties: &str| {
        format!(
            r#"<w:style w:type="{kind}" w:styleId="{name}"><w:basedOn w:val="{based_on}"/>
            <w:pPr><w:rPr><w:strike/></w:rPr></w:pPr><w:rPr>{properties}</w:rPr></w:style>"#
        )
    };
    let raised = r#"<w:vertAlign w:val="superscript"/>"#;
    let styles = [
        style("character", "Sup", "", raised),
        style("character", "Child", "Sup", "<w:b/>"),
        style("character", "Level", "Sup", r#"<w:vertAlign w:val="baseline"/>"#),
        style("character", "Gone", "", "<w:vanish/>"),
        style("paragraph", "Struck", "", "<w:strike/>"),
        style("table", "Sup", "", "<w:vanish/>"),
    ];
    let styles = format!("<w:styles>{}</w:styles>", styles.concat());
    let run = |properties: &str, text: &str| {
        format!("<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>")
    };
    let named = |name: &str| run(&format!(r#"<w:rStyle w:val="{name}"/>"#), "9");
    let paragraph = |properties: &str, runs: &str| {
        format!("<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>1</w:t></w:r>{runs}</w:p>")
    };
    let struck = r#"<w:pStyle w:val="Struck"/>"#;
    let body = [
        paragraph("", &named("Sup")),
        paragraph("", &named("Child")),
        paragraph("", &named("Level")),
        paragraph("", &named("Gone")),
        paragraph("", &run(r#"<w:rStyle w:val="Sup"/><w:vertAlign w:val="baseline"/>"#, "9")),
        paragraph("", &run(r#"<w:position w:val="12"/>"#, "9")),
        paragraph("", &run(r#"<w:position w:val="-2"/>"#, "9")),
        paragraph(struck, &run(r#"<w:strike w:val="0"/>"#, "9")),
        paragraph("", &named("Unknown")),
    ];
    check_parts(
        &body.concat(),
        &[("word/styles.xml", &styles)],
        "paragraph=1: 1\nparagraph=2: 1\nparagraph=3: 19\nparagraph=4: 1\nparagraph=5: 19\n\
         paragraph=6: 1\nparagraph=7: 19\nparagraph=8: 9\nparagraph=9: 19\n\
         source.raised `9` paragraph=1\nsource.raised `9` paragraph=2\n\
         source.text_hidden `9` paragraph=4\nsource.raised `9` paragraph=6\n\
         source.struck `1` paragraph=8",
    );
}

#[test]
fn styles_that_are_named_nowhere_set_text_apart_too() {
    let defaults = "<w:styles><w:docDefaults><w:rPrDefault><w:rPr><w:vanish/></w:rPr></w:rPrDefault>\
                    </w:docDefaults></w:styles>";
    let usual = r#"<w:styles><w:style w:type="paragraph" w:default="1" w:styleId="a"><w:rPr>
        <w:vanish/></w:rPr></w:style></w:styles>"#;
    let shown = "<w:p><w:r><w:rPr><w:vanish w:val=\"0\"/></w:rPr><w:t>2</w:t></w:r></w:p>";
    for styles in [defaults, usual] {
        check_parts(
            &format!("{}{shown}", p(&["1"])),
            &[("word/styles.xml", styles)],
            "paragraph=2: 2\nsource.text_hidden `1` paragraph=1",
        );
    }
}

#[test]
fn hidden_rows_are_read_and_named() {
    let hidden = |value: &str| {
        tr(&["甲", "1"]).replace("<w:tr>", &format!("<w:tr><w:trPr><w:hidden{value}/></w:trPr>"))
    };
    check(
        &tbl(&[tr(&["部门", "办件"]), hidden(""), hidden(" w:val=\"0\""), hidden("")]),
        "paragraph=1| 部门|办件\nparagraph=3| 甲|1\nparagraph=5| 甲|1\nparagraph=7| 甲|1\n\
         source.rows_hidden `2, 4` paragraph=3",
    );
}

#[test]
fn hidden_text_is_left_out_of_a_figure() {
    check(
        "<w:p><w:r><w:t>15</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>00</w:t></w:r></w:p>",
        "paragraph=1: 15\nsource.text_hidden `00` paragraph=1",
    );
}

#[test]
fn what_is_struck_through_still_divides_its_line() {
    check(
        "<w:p><w:r><w:rPr><w:dstrike/></w:rPr><w:t>旧</w:t><w:tab/><w:noBreakHyphen/><w:t>1</w:t></w:r>\
         <w:r><w:t>2</w:t></w:r></w:p>",
        "paragraph=1: 2\nsource.struck `旧` paragraph=1\nsource.struck `1` paragraph=1",
    );
    // The run around a text box is another one than those in it.
    check(
        "<w:p><w:r><w:rPr><w:strike/></w:rPr><w:txbxContent><w:p><w:r><w:t>框</w:t></w:r></w:p>\
         </w:txbxContent><w:t>旧</w:t></w:r><w:r><w:t>新</w:t></w:r></w:p>",
        "paragraph=1: 新\nparagraph=2: 框\nsource.struck `旧` paragraph=1",
    );
}

#[test]
fn a_deleted_paragraph_mark_joins_what_follows() {
    let open = "<w:pPr><w:rPr><w:del/></w:rPr></w:pPr>";
    check(
        &format!(
            "<w:p>{open}<w:r><w:t>甲</w:t></w:r></w:p><w:p>{open}</w:p>{}{}",
            p(&["乙"]),
            p(&["丙"])
        ),
        "paragraph=1: 甲乙\nparagraph=4: 丙\nsource.tracked_changes paragraph=1",
    );
    check(
        &format!("{}<w:p>{open}</w:p>{}", p(&["甲"]), p(&["乙"])),
        "paragraph=1: 甲\nparagraph=3: 乙\nsource.tracked_changes paragraph=2",
    );
}

#[test]
fn text_boxes_follow_their_paragraph_once() {
    let text_box = |text: &str| format!("<w:txbxContent>{}</w:txbxContent>", p(&[text]));
    let both = format!(
        "<mc:AlternateContent><mc:Choice Requires=\"wps\">{}</mc:Choice><mc:Fallback>{}</mc:Fallback>\
         </mc:AlternateContent>",
        text_box("框"),
        text_box("框"),
    );
    check(
        &format!(
            "<w:p><w:r><w:t>前</w:t></w:r><w:r>{both}</w:r><w:r><w:t>后</w:t></w:r></w:p>{}",
            p(&["末"])
        ),
        "paragraph=1: 前后\nparagraph=2: 框\nparagraph=3: 末",
    );
    check(
        &tbl(&[format!(
            "<w:tr>{}{}</w:tr>",
            tc("", &format!("<w:p><w:r><w:t>甲</w:t>{both}</w:r></w:p>")),
            tc("", &p(&["乙"]))
        )]),
        "paragraph=1| 甲|乙\nparagraph=2: 框",
    );
    // Two such boxes side by side are two.
    check(&format!("<w:p><w:r>{both}{both}</w:r></w:p>"), "paragraph=2: 框\nparagraph=3: 框");
}

#[test]
fn fields_show_their_results() {
    check(
        "<w:p><w:r><w:fldChar/><w:instrText>PAGE</w:instrText></w:r><w:r><w:t>3</w:t></w:r></w:p>",
        "paragraph=1: 3",
    );
}

#[test]
fn what_is_not_read_is_remarked_on() {
    let separators = r#"<w:footnotes><w:footnote w:type="separator"/></w:footnotes>"#;
    let notes =
        r#"<w:footnotes><w:footnote w:type="separator"/><w:footnote w:id="2"/></w:footnotes>"#;
    check_parts(&p(&["甲"]), &[("word/footnotes.xml", separators)], "paragraph=1: 甲");
    check_parts(
        "<w:p><w:r><w:t>甲</w:t><w:object><w:t>乙</w:t></w:object></w:r></w:p>",
        &[("word/footnotes.xml", notes), ("word/vbaProject.bin", "x")],
        "paragraph=1: 甲\nsource.embedded paragraph=1\nsource.side_texts\nsource.macros",
    );
    check_parts(
        &p(&["甲"]),
        &[("word/comments.xml", "<w:comments><w:comment/></w:comments>")],
        "paragraph=1: 甲\nsource.side_texts",
    );
}

#[test]
fn hostile_documents_are_refused() {
    check_refused(&format!("<!DOCTYPE x>{}", document(&p(&["甲"]))), "document_type");
    let deep =
        format!("{}{}", "<w:tbl><w:tr><w:tc>".repeat(100), "</w:tc></w:tr></w:tbl>".repeat(100));
    check_refused(&document(&deep), "nested_elements");
    check_refused("<w:document><w:body><w:p>", "ends_early");
    let wide = format!(
        "<w:tr>{}{}</w:tr>",
        tc("", &p(&["甲"])),
        tc(r#"<w:gridSpan w:val="18446744073709551615"/>"#, &p(&["乙"]))
    );
    check_refused(&document(&tbl(&[wide])), "columns");
    let late = format!(
        "<w:tr><w:trPr><w:gridBefore w:val=\"18446744073709551615\"/></w:trPr>{}{}</w:tr>",
        tc("", "<w:p/>"),
        tc("", "<w:p/>")
    );
    check_refused(&document(&tbl(&[late])), "columns");
}

#[test]
fn cells_that_fill_up_rows_count() {
    let half = tc(r#"<w:gridSpan w:val="2048"/>"#, "<w:p/>");
    let rows = format!("<w:tr>{half}{half}</w:tr>{}", "<w:tr><w:tc/></w:tr>".repeat(5_000));
    check_refused(&document(&format!("<w:tbl>{rows}</w:tbl>")), "cells");
}

#[test]
fn tables_nest_as_deep_as_elements_may() {
    let (open, close) = ("<w:tbl><w:tr><w:tc>", "</w:tc></w:tr></w:tbl>");
    let nested = format!("{}{}{}", open.repeat(80), p(&["底"]), close.repeat(80));
    check(&nested, "paragraph=1: 底");
}

#[test]
fn white_text_is_hidden_unless_it_stands_on_a_colour() {
    let white = r#"<w:rPr><w:color w:val="FFFFFF"/></w:rPr>"#;
    let run = |properties: &str, text: &str| format!("<w:r>{properties}<w:t>{text}</w:t></w:r>");
    let paragraph = |runs: &str| format!("<w:p>{runs}</w:p>");
    let blue = r#"<w:shd w:val="clear" w:color="auto" w:fill="4472C4"/>"#;
    let mixed = paragraph(&(run("", "1200") + &run(white, "1")));
    check(&mixed, "paragraph=1: 1200\nsource.text_hidden `1` paragraph=1");
    let alone = paragraph(&run(white, "甲"));
    check(&alone, "source.text_hidden `甲` paragraph=1");
    let head = |text: &str| tc(blue, &paragraph(&run(white, text)));
    let row = format!("<w:tr>{}{}</w:tr>", tc("", &p(&["甲"])), tc("", &mixed));
    check(
        &tbl(&[format!("<w:tr>{}{}</w:tr>", head("部门"), head("办件")), row]),
        "paragraph=1| 部门|办件\nparagraph=3| 甲|1200\nsource.text_hidden `1` paragraph=4",
    );
    let lit = r#"<w:rPr><w:color w:val="FFFFFF"/><w:highlight w:val="blue"/></w:rPr>"#;
    check(&paragraph(&(run("", "12") + &run(lit, "3"))), "paragraph=1: 123");
}
