//! Texts and spreadsheets to blocks, as text. Content is written here, element by element.

use super::{parse_sheets, parse_text};
use crate::source::xlsx::tests::packed;
use crate::source::{Block, Document, SourceError, Span};

fn text(body: &str) -> Result<Document, SourceError> {
    let content = format!(
        "<office:document-content><office:body><office:text>{body}</office:text></office:body>\
         </office:document-content>"
    );
    parse_text(&packed(&[("content.xml", &content)]), "a.odt")
}

fn sheets(styles: &str, body: &str) -> Result<Document, SourceError> {
    let content = format!(
        "<office:document-content><office:automatic-styles>{styles}</office:automatic-styles>\
         <office:body><office:spreadsheet>{body}</office:spreadsheet></office:body>\
         </office:document-content>"
    );
    parse_sheets(&packed(&[("content.xml", &content)]), "a.ods")
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
                lines.extend(grid.name.iter().map(|name| format!("[{name}]")));
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
        lines.push(format!("{} `{}`{spot}", remark.kind, remark.what));
    }
    lines.join("\n")
}

#[track_caller]
fn check_text(body: &str, expected: &str) {
    assert_eq!(shown(&text(body).unwrap()), expected);
}

/// Checks the sheet that rows make, without its name and the number of the sheet.
#[track_caller]
fn check_rows(rows: &str, expected: &str) {
    let document = sheets("", &format!(r#"<table:table table:name="一">{rows}</table:table>"#));
    let shown = shown(&document.unwrap()).replace("sheet=1 cell=", "").replace("[一]\n", "");
    assert_eq!(shown, expected);
}

#[track_caller]
fn check_refused(outcome: Result<Document, SourceError>, reason: &str) {
    let error = outcome.unwrap_err();
    assert!(format!("{error:?}").contains(reason), "{error:?}");
}

fn td(attributes: &str, text: &str) -> String {
    format!("<table:table-cell {attributes}><text:p>{text}</text:p></table:table-cell>")
}

fn tr(cells: &[String]) -> String {
    format!("<table:table-row>{}</table:table-row>", cells.concat())
}

fn row(texts: &[&str]) -> String {
    tr(&texts.iter().map(|text| td("", text)).collect::<Vec<_>>())
}

fn value(kind: &str, value: &str, shown: &str) -> String {
    td(&format!(r#"office:value-type="{kind}" office:value="{value}""#), shown)
}

const EMPTY: &str = r#"<table:table-cell table:number-columns-repeated="16380"/>"#;
const EMPTY_ROWS: &str = r#"<table:table-row table:number-rows-repeated="18446744073709551615">
    <table:table-cell table:number-columns-repeated="18446744073709551615"/></table:table-row>"#;

#[test]
fn white_space_counts_where_it_was_typed() {
    check_text(
        "<text:h>关于\n   <text:span>情况</text:span> 的通报</text:h>\n<text:p/>\
         <text:p> 甲<text:tab/>乙<text:s text:c=\"2\"/>丙<text:line-break/>丁 </text:p>",
        "paragraph=1: 关于 情况 的通报\nparagraph=3: 甲\t乙  丙\nparagraph=3: 丁",
    );
    let spaces = r#"<text:p>甲<text:s text:c="18446744073709551615"/>乙</text:p>"#;
    check_text(spaces, &format!("paragraph=1: 甲{}乙", " ".repeat(100)));
}

#[test]
fn spans_of_text_tables_are_kept() {
    let covered = "<table:covered-table-cell/>";
    check_text(
        &format!(
            "<table:table table:name=\"Table1\"><table:table-column/><table:table-header-rows>{}\
             </table:table-header-rows>{}{}</table:table>",
            tr(&[
                td(r#"table:number-rows-spanned="2""#, "部门"),
                td(r#"table:number-columns-spanned="2""#, "办件"),
                covered.to_owned(),
            ]),
            tr(&[covered.to_owned(), td("", "甲"), td("", "乙")]),
            row(&["省水利厅", "1", "2"]),
        ),
        "paragraph=1| (2x1)部门|(1x2)办件|^0,1\nparagraph=3| ^1,0|甲|乙\nparagraph=5| 省水利厅|1|2",
    );
    // Covered cells that are not written, and such that nothing covers.
    check_text(
        &format!(
            "<table:table>{}{}</table:table>",
            tr(&[td(r#"table:number-columns-spanned="2""#, "甲"), td("", "乙")]),
            tr(&[td("", "1"), covered.to_owned(), td("", "2")]),
        ),
        "paragraph=1| (1x2)甲|^0,1|乙\nparagraph=3| 1||2",
    );
}

#[test]
fn repeated_cells_of_text_tables_stand_as_often() {
    check_text(
        &format!(
            "<table:table><table:table-row table:number-rows-repeated=\"2\">{}{}{}</table:table-row>\
             {EMPTY_ROWS}</table:table>",
            td(r#"table:number-columns-repeated="2""#, "0"),
            r#"<table:table-cell table:number-columns-repeated="2"/>"#,
            td("", "1"),
        ),
        "paragraph=1| 0|0|||1\nparagraph=1| 0|0|||1",
    );
}

#[test]
fn nested_tables_follow_and_frames_vanish() {
    let inner = format!("<table:table>{}</table:table>", row(&["内", "部"]));
    let cell = |content: &str| format!("<table:table-cell>{content}</table:table-cell>");
    check_text(
        &format!(
            "<table:table>{}</table:table><text:p>后</text:p>",
            tr(&[cell("<text:p>外</text:p>"), cell(&format!("<text:p>旁</text:p>{inner}"))])
        ),
        "paragraph=1| 外|旁\nparagraph=3| 内|部\nparagraph=5: 后",
    );
    check_text(
        &format!(
            "<table:table>{}</table:table>",
            tr(&[cell(&format!("<text:p>前</text:p>{inner}"))])
        ),
        "paragraph=1: 前\nparagraph=2| 内|部",
    );
}

#[test]
fn text_boxes_follow_their_paragraph() {
    let frame = "<draw:frame><draw:text-box><text:p>框</text:p></draw:text-box>\
                 <svg:title>图</svg:title></draw:frame>";
    check_text(
        &format!("<text:p>前{frame}后</text:p><text:p>末</text:p>"),
        "paragraph=1: 前后\nparagraph=2: 框\nparagraph=3: 末",
    );
    check_text(
        &format!("<table:table>{}</table:table>", row(&[&format!("甲{frame}"), "乙"])),
        "paragraph=1| 甲|乙\nparagraph=2: 框",
    );
}

#[test]
fn what_is_not_read_is_remarked_on() {
    check_text(
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>旧</text:p>\
         </text:deletion></text:changed-region></text:tracked-changes><text:p>甲<text:note>\
         <text:note-citation>1</text:note-citation><text:note-body><text:p>注</text:p></text:note-body>\
         </text:note><office:annotation><text:p>批</text:p></office:annotation><draw:frame>\
         <draw:object/></draw:frame></text:p>",
        "paragraph=1: 甲\nsource.tracked_changes ``\nsource.side_texts `` paragraph=1\n\
         source.embedded `` paragraph=1",
    );
    check_text("<text:tracked-changes/><text:p>甲</text:p>", "paragraph=1: 甲");
}

#[test]
fn a_stored_value_does_not_bring_struck_text_back() {
    let cell = |attributes: &str, content: &str| {
        let cells = format!(
            r#"<table:table-cell office:value-type="string"><text:p>甲</text:p></table:table-cell>
            <table:table-cell {attributes}>{content}</table:table-cell>"#
        );
        let row = format!("<table:table-row>{cells}</table:table-row>");
        let table = format!(r#"<table:table table:name="一">{row}</table:table>"#);
        let shown = shown(&sheets(APART, &table).unwrap());
        shown.replace("sheet=1 cell=", "").replace("[一]\n", "")
    };
    let struck = "<text:p><text:span text:style-name=\"T2\">800</text:span></text:p>";
    for stored in [
        r#"office:value-type="float" office:value="800""#,
        r#"office:value-type="string" office:string-value="800""#,
        r#"office:value-type="percentage" office:value="8" table:formula="of:=1""#,
    ] {
        assert_eq!(cell(stored, struck), "A1| 甲\nsource.struck `800` B1", "{stored}");
    }
    let partly = "<text:p><text:span text:style-name=\"T2\">8</text:span>9</text:p>";
    let stored = r#"office:value-type="float" office:value="89""#;
    assert_eq!(cell(stored, partly), "A1| 甲|9\nsource.struck `8` B1");
    let styled = format!(r#"table:style-name="ce1" {stored}"#);
    assert_eq!(cell(&styled, "<text:p>89</text:p>"), "A1| 甲\nsource.struck `89` B1");
}

#[test]
fn values_show_without_their_format() {
    let dates = |stored: &str| {
        td(&format!(r#"office:value-type="date" office:date-value="{stored}""#), "shown")
    };
    check_rows(
        &format!(
            "{}{}{}{}",
            tr(&[
                value("float", "1.2741337E7", "12,741,337"),
                value("float", "0.5", "1"),
                value("currency", "3.50", "3.50"),
            ]),
            tr(&[
                value("percentage", "0.9850000000000001", "shown"),
                value("float", "n/a", "shown"),
                td("", "甲 乙"),
            ]),
            tr(&[dates("2021-09-30"), dates("2021-09-30T00:00:00"), dates("2021-09-30T08:30:00")]),
            tr(&[
                td(r#"office:value-type="boolean" office:boolean-value="true""#, "WAHR"),
                r#"<table:table-cell office:value-type="string" office:string-value="丙"/>"#.to_owned(),
                "<table:table-cell><text:p>国家税务</text:p><text:p>总局</text:p></table:table-cell>"
                    .to_owned(),
            ]),
        ),
        "A1| 12741337|0.5|3.5\nA2| 98.5%|shown|甲乙\n\
         A3| 2021-09-30|2021-09-30|2021-09-30 08:30:00\nA4| TRUE|丙|国家税务总局",
    );
}

#[test]
fn a_number_that_its_format_scales_is_not_read_as_stored() {
    let number = |shown: &str| td(r#"office:value-type="float" office:value="31770""#, shown);
    check_rows(
        &tr(&[td("", "甲"), number("31,770"), number("3.1770"), number("32"), number("3.2万")]),
        "A1| 甲|31770|3.1770|≠31770|3.177万\nsource.number_scaled `一` C1\n\
         source.number_scaled `一` D1\nsource.number_scaled `一` E1",
    );
}

#[test]
fn what_shows_beside_a_number_or_instead_of_it_counts() {
    let number = |shown: &str| value("float", "12", shown);
    let bare = r#"<table:table-cell office:value-type="float" office:value="12"/>"#.to_owned();
    check_rows(
        &tr(&[
            number("12件"),
            number("12%"),
            number("120"),
            number("1-2"),
            number("-"),
            number(""),
            bare,
        ]),
        "A1| 12件|12%|≠12|≠12|≠12|≠12|12\nsource.number_scaled `一` C1\n\
         source.number_scaled `一` D1\nsource.number_scaled `一` E1\nsource.number_scaled `一` F1",
    );
}

/// Styles that raise text, strike it through, or do neither; of texts, paragraphs and cells.
const APART: &str = r#"<style:style style:name="T1" style:family="text"><style:text-properties
    style:text-position="super 58%"/></style:style><style:style style:name="T2" style:family="text">
    <style:text-properties style:text-line-through-style="solid"/></style:style><style:style
    style:name="T3" style:family="text"><style:text-properties style:text-position="0% 100%"
    style:text-line-through-style="none"/></style:style><style:style style:name="P1"
    style:family="paragraph"><style:text-properties style:text-line-through-type="single"/>
    </style:style><style:style style:name="ce1" style:family="table-cell"><style:text-properties
    style:text-line-through-style="solid"/></style:style><style:style style:name="T4"
    style:family="text"/><text:list-style style:name="L1"><text:list-level-style-number>
    <style:text-properties style:text-position="super 58%"/></text:list-level-style-number>
    </text:list-style>"#;

#[test]
fn a_mark_of_a_footnote_is_no_digit_of_the_figure_before_it() {
    let span = |style: &str, text: &str| {
        format!(r#"<text:span text:style-name="{style}">{text}</text:span>"#)
    };
    let cells = tr(&[
        td("", &format!("878{}", span("T1", "1"))),
        td("", &format!("{}88{}", span("T2", &span("T3", "87")), span("T4", "0"))),
        td("", &format!("9{}", span("T3", "9"))),
        "<table:table-cell><text:p text:style-name=\"P1\">7</text:p></table:table-cell>".to_owned(),
    ]);
    let content = format!(
        "<office:document-content><office:automatic-styles>{APART}</office:automatic-styles>\
         <office:body><office:text><table:table>{cells}{}</table:table></office:text></office:body>\
         </office:document-content>",
        row(&["1", "2", "3", "4"])
    );
    let document = parse_text(&packed(&[("content.xml", &content)]), "a.odt").unwrap();
    assert_eq!(
        shown(&document),
        "paragraph=1| 878|880|99|\nparagraph=5| 1|2|3|4\nsource.raised `1` paragraph=1\n\
         source.struck `87` paragraph=2\nsource.struck `7` paragraph=4"
    );
}

#[test]
fn styles_with_names_for_users_and_their_children_count() {
    let style = |name: &str, family: &str, parent: &str, properties: &str| {
        format!(
            r#"<style:style style:name="{name}" style:family="{family}"
            style:parent-style-name="{parent}"><style:text-properties {properties}/></style:style>"#
        )
    };
    let raised = r#"style:text-position="super 58%""#;
    let named = [
        style("Mark", "text", "", raised),
        style("Gone", "text", "", r#"text:display="none""#),
        style("Old", "paragraph", "", r#"style:text-line-through-style="solid""#),
    ];
    let styles = format!(
        "<office:document-styles><office:styles>{}</office:styles><office:automatic-styles>{}\
         </office:automatic-styles></office:document-styles>",
        named.concat(),
        style("T2", "text", "", raised),
    );
    let own = [
        style("T1", "text", "Mark", ""),
        style("T2", "text", "", ""),
        style("T3", "text", "Mark", r#"style:text-position="0% 100%""#),
        style("P1", "paragraph", "Old", ""),
        style("Mark", "paragraph", "", ""),
    ];
    let spans: String = ["Mark", "Gone", "T1", "T2", "T3"]
        .iter()
        .map(|name| {
            format!(r#"<text:p text:style-name="Mark">1<text:span text:style-name="{name}">9</text:span></text:p>"#)
        })
        .collect();
    let content = format!(
        "<office:document-content><office:automatic-styles>{}</office:automatic-styles><office:body>\
         <office:text>{spans}<text:p text:style-name=\"P1\">7</text:p></office:text></office:body>\
         </office:document-content>",
        own.concat(),
    );
    let parts = [("content.xml", content.as_str()), ("styles.xml", styles.as_str())];
    assert_eq!(
        shown(&parse_text(&packed(&parts), "a.odt").unwrap()),
        "paragraph=1: 1\nparagraph=2: 1\nparagraph=3: 1\nparagraph=4: 19\nparagraph=5: 19\n\
         source.raised `9` paragraph=1\nsource.text_hidden `9` paragraph=2\n\
         source.raised `9` paragraph=3\nsource.struck `7` paragraph=6"
    );
}

#[test]
fn a_cell_that_is_struck_through_is_not_read() {
    let struck =
        td(r#"table:style-name="ce1" office:value-type="float" office:value="878""#, "878");
    let rows = tr(&[td("", "甲"), struck, td("", "9")]);
    let document = sheets(APART, &format!(r#"<table:table table:name="一">{rows}</table:table>"#));
    assert_eq!(
        shown(&document.unwrap()),
        "[一]\nsheet=1 cell=A1| 甲||9\nsource.struck `878` sheet=1 cell=B1"
    );
}

#[test]
fn sheets_are_cut_to_their_text_and_keep_their_places() {
    let blank = "<table:table-cell/>".to_owned();
    check_rows(
        &format!(
            "<table:table-row table:number-rows-repeated=\"2\">{EMPTY}</table:table-row>{}{}{}{EMPTY_ROWS}",
            tr(&[blank.clone(), td("", "部门"), td("", "甲"), EMPTY.to_owned()]),
            tr(&[blank.clone(), blank.clone(), EMPTY.to_owned()]),
            tr(&[blank, td("", "省水利厅"), value("float", "1", "1"), EMPTY.to_owned()]),
        ),
        "B3| 部门|甲\nB5| 省水利厅|1",
    );
    let document =
        sheets("", &format!("<table:table table:name=\"空\">{EMPTY_ROWS}</table:table>"));
    assert_eq!(shown(&document.unwrap()), "");
}

#[test]
fn repeated_cells_of_sheets_stand_as_often() {
    check_rows(
        &format!(
            "<table:table-row table:number-rows-repeated=\"3\">{}{}</table:table-row>",
            td(
                r#"table:number-columns-repeated="2" office:value-type="float" office:value="0""#,
                "0"
            ),
            td("", "甲"),
        ),
        "A1| 0|0|甲\nA2| 0|0|甲\nA3| 0|0|甲",
    );
}

#[test]
fn merged_cells_of_sheets_are_spans() {
    let covered = "<table:covered-table-cell><text:p>隐</text:p></table:covered-table-cell>";
    check_rows(
        &format!(
            "{}{}",
            tr(&[
                td(r#"table:number-rows-spanned="2""#, "部门"),
                td(r#"table:number-columns-spanned="2""#, "办件"),
                covered.to_owned(),
            ]),
            tr(&[covered.to_owned(), td("", "甲"), td("", "乙")]),
        ),
        "A1| (2x1)部门|(1x2)办件|^0,1\nA2| ^1,0|甲|乙",
    );
}

#[test]
fn a_formula_without_a_value_is_remarked_on() {
    check_rows(
        &tr(&[
            td("", "甲"),
            r#"<table:table-cell table:formula="of:=1"/>"#.to_owned(),
            r#"<table:table-cell table:formula="of:=A1" office:value-type="string" office:string-value=""/>"#
                .to_owned(),
            td(r#"table:formula="of:=1+1" office:value-type="float" office:value="2""#, "2"),
        ]),
        "A1| 甲|||2\nsource.formula_without_value `一` B1",
    );
}

#[test]
fn hidden_sheets_are_not_read_and_hidden_rows_are() {
    let styles = "<style:style style:name=\"ta1\" style:family=\"table\"><style:table-properties \
                  table:display=\"true\"/></style:style><style:style style:name=\"ta2\" \
                  style:family=\"table\"><style:table-properties table:display=\"false\"/></style:style>";
    let hidden_row = row(&["1", "2", "3"])
        .replace("<table:table-row>", r#"<table:table-row table:visibility="filter">"#);
    let document = sheets(
        styles,
        &format!(
            "<table:table table:name=\"暗\" table:style-name=\"ta2\">{}</table:table>\
             <table:table table:name=\"明\" table:style-name=\"ta1\"><table:table-column/>\
             <table:table-column table:visibility=\"collapse\" table:number-columns-repeated=\"2\"/>\
             {}{hidden_row}{}{hidden_row}{hidden_row}<table:table-row \
             table:visibility=\"collapse\" table:number-rows-repeated=\"1048000\">{EMPTY}\
             </table:table-row></table:table>",
            row(&["不"]),
            row(&["甲", "乙", "丙"]),
            row(&["4", "5", "6"]),
        ),
    );
    assert_eq!(
        shown(&document.unwrap()),
        "[明]\nsheet=2 cell=A1| 甲|乙|丙\nsheet=2 cell=A2| 1|2|3\nsheet=2 cell=A3| 4|5|6\n\
         sheet=2 cell=A4| 1|2|3\nsheet=2 cell=A5| 1|2|3\nsource.sheet_hidden `暗`\n\
         source.rows_hidden `明: 2, 4-5` sheet=2 cell=A2\n\
         source.columns_hidden `明: 2-3` sheet=2 cell=B1"
    );
}

#[test]
fn comments_and_shapes_of_sheets_are_no_text() {
    check_rows(
        &format!(
            "<table:shapes><draw:frame><draw:object/></draw:frame></table:shapes>{}",
            tr(&["<table:table-cell><office:annotation><text:p>批</text:p></office:annotation>\
                  <draw:custom-shape><text:p>形</text:p></draw:custom-shape><text:p>甲</text:p>\
                  </table:table-cell>"
                .to_owned()])
        ),
        "A1| 甲\nsource.embedded ``\nsource.side_texts `` A1",
    );
}

#[test]
fn hostile_repeats_are_refused() {
    let table = |rows: &str| sheets("", &format!("<table:table>{rows}</table:table>"));
    let huge = "18446744073709551615";
    let wide = td(&format!("table:number-columns-repeated=\"{huge}\""), "甲");
    check_refused(table(&tr(std::slice::from_ref(&wide))), "repeated");
    let wide_value = td(r#"table:number-columns-repeated="20000""#, "甲");
    check_refused(table(&tr(&[wide_value])), "columns");
    let tall = row(&["甲"]).replace(
        "<table:table-row>",
        &format!("<table:table-row table:number-rows-repeated=\"{huge}\">"),
    );
    check_refused(table(&tall), "repeated");
    let far = format!("{EMPTY_ROWS}{}", row(&["甲"]));
    check_refused(table(&far), "rows");
    let in_text = |rows: &str| text(&format!("<table:table>{rows}</table:table>"));
    check_refused(in_text(&tr(&[wide])), "repeated");
    check_refused(in_text(&tall), "repeated");
    let after = tr(&[EMPTY.to_owned(), td("", "甲")]);
    check_refused(in_text(&after), "columns");
    let span = td(&format!("table:number-columns-spanned=\"{huge}\""), "甲");
    check_refused(in_text(&tr(&[span.clone(), td("", "乙")])), "columns");
    // In a sheet a span is cut to the text that there is.
    let cut = table(&format!("{}{}", tr(&[span]), row(&["1", "2"]))).unwrap();
    assert!(shown(&cut).contains("(1x2)甲|^0,1"));
}

#[test]
fn hostile_xml_is_refused() {
    let declared = "<!DOCTYPE x><office:document-content/>";
    check_refused(parse_text(&packed(&[("content.xml", declared)]), "a.odt"), "document_type");
    check_refused(parse_sheets(&packed(&[("content.xml", declared)]), "a.ods"), "document_type");
    let (open, close) = (
        "<table:table><table:table-row><table:table-cell>",
        "</table:table-cell>\
                          </table:table-row></table:table>",
    );
    check_refused(text(&format!("{}{}", open.repeat(100), close.repeat(100))), "nested_elements");
    check_refused(parse_text(&packed(&[("other.xml", "")]), "a.odt"), "missing");
}

#[test]
fn paragraphs_nest_as_deep_as_elements_may() {
    let nested = format!("{}底{}", "<text:p>".repeat(250), "</text:p>".repeat(250));
    check_text(&nested, "paragraph=250: 底");
}
