//! Workbooks to grids, as text. Workbooks are written here, part by part.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::parse;
use crate::source::{Block, Document, Grid, SourceError, Span, parse_document};

const RELATIONS: &str = concat!(
    r#"<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet1.xml"/>"#,
    r#"<Relationship Id="rId2" Type="x/worksheet" Target="/xl/worksheets/sheet2.xml"/>"#,
    r#"<Relationship Id="rId3" Type="x/sharedStrings" Target="sharedStrings.xml"/>"#,
    r#"<Relationship Id="rId4" Type="x/styles" Target="styles.xml"/></Relationships>"#,
);
const ONE_SHEET: &str = r#"<workbook><sheets><sheet name="一" r:id="rId1"/></sheets></workbook>"#;
const STYLES: &str = concat!(
    r#"<styleSheet><numFmts count="2"><numFmt numFmtId="176" formatCode="0.0%;[Red]\-0.0%"/>"#,
    r#"<numFmt numFmtId="177" formatCode="yyyy&quot;年&quot;m&quot;月&quot;"/></numFmts>"#,
    r#"<cellStyleXfs><xf numFmtId="9"/></cellStyleXfs><cellXfs><xf numFmtId="0"/>"#,
    r#"<xf numFmtId="14"/><xf numFmtId="10"/><xf numFmtId="176"/><xf numFmtId="177"/></cellXfs>"#,
    r#"<dxfs><dxf><numFmt numFmtId="0" formatCode="0%"/></dxf></dxfs></styleSheet>"#,
);

/// Packs parts into a file.
pub(in crate::source) fn packed(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Parses a workbook of the given parts; those that every workbook has need not be among them.
fn parsed(parts: &[(&str, &str)]) -> Result<Document, SourceError> {
    let usual = [
        ("xl/workbook.xml", ONE_SHEET),
        ("xl/_rels/workbook.xml.rels", RELATIONS),
        ("xl/styles.xml", STYLES),
    ];
    let mut all = parts.to_vec();
    all.extend(usual.iter().filter(|(name, _)| parts.iter().all(|(given, _)| given != name)));
    parse(&packed(&all), "a.xlsx")
}

/// Shows a grid as text: spans in front of their cells, `^` for what is covered.
fn shown_grid(grid: &Grid) -> Vec<String> {
    let cell = |row_idx: usize, column_idx: usize| {
        let cell = &grid.rows[row_idx].cells[column_idx];
        match cell.span {
            Span::Single => cell.text.to_string(),
            Span::Wide { n_rows, n_columns } => format!("({n_rows}x{n_columns}){}", cell.text),
            Span::Covered { .. } => {
                assert!(cell.text.is_empty());
                let shown = grid.shown_at(row_idx, column_idx).unwrap();
                assert!(matches!(shown.span, Span::Wide { .. }));
                "^".to_owned()
            }
        }
    };
    let row = |row_idx: usize| {
        let cells: Vec<String> = (0..grid.n_columns).map(|idx| cell(row_idx, idx)).collect();
        let spot = grid.rows[row_idx].cells[0].spot;
        assert_eq!(spot, grid.rows[row_idx].spot);
        format!("{} {}", spot.named().1, cells.join("|"))
    };
    (0..grid.rows.len()).map(row).collect()
}

/// Shows a document as text: rows with the reference of their first cell, remarks at the end.
pub(in crate::source) fn shown(document: Result<Document, SourceError>) -> String {
    let document = match document {
        Ok(document) => document,
        Err(SourceError::Damaged { part, reason, .. }) => return format!("{part}: {reason}"),
        Err(SourceError::LimitExceeded { what, max, .. }) => {
            return format!("more {what} than {max}");
        }
        Err(error) => return format!("{error:?}"),
    };
    let mut lines = Vec::new();
    for block in &document.blocks {
        let Block::Grid(grid) = block else { panic!("sheets are grids") };
        lines.push(format!("[{}]", grid.name.as_deref().unwrap_or_default()));
        lines.extend(shown_grid(grid));
    }
    for remark in &document.remarks {
        let spot = remark.spot.map(|spot| format!(" at {}", spot.named().1)).unwrap_or_default();
        lines.push(format!("{}: {}{spot}", remark.kind.as_str(), remark.what));
    }
    lines.join("\n")
}

#[track_caller]
fn check(parts: &[(&str, &str)], expected: &str) {
    assert_eq!(shown(parsed(parts)), expected);
}

/// Checks a workbook with one sheet, given by what stands in its worksheet.
#[track_caller]
fn check_sheet(inside: &str, expected: &str) {
    let sheet = format!("<worksheet>{inside}</worksheet>");
    check(&[("xl/worksheets/sheet1.xml", &sheet)], expected);
}

/// Checks a sheet given by its rows.
#[track_caller]
fn check_rows(rows: &str, expected: &str) {
    check_sheet(&format!("<sheetData>{rows}</sheetData>"), expected);
}

#[test]
fn a_merged_header_covers_its_neighbours() {
    check_sheet(
        r#"<sheetData><row r="1"><c r="A1" t="str"><v>部门</v></c><c r="B1" t="str"><v>办件</v></c></row>
        <row r="2"><c r="B2" t="str"><v>甲</v></c><c r="C2" t="str"><v>乙</v></c></row>
        <row r="3"><c r="A3" t="str"><v>省水利厅</v></c><c r="B3"><v>1</v></c><c r="C3"><v>2</v></c></row>
        </sheetData><mergeCells><mergeCell ref="A1:A2"/><mergeCell ref="B1:C1"/></mergeCells>"#,
        "[一]\nA1 (2x1)部门|(1x2)办件|^\nA2 ^|甲|乙\nA3 省水利厅|1|2",
    );
}

#[test]
fn empty_rows_and_columns_go_and_merged_cells_stay_right() {
    check_sheet(
        r#"<sheetData><row r="3"><c r="C3"><v>1</v></c><c r="D3"><v>2</v></c><c r="H3" s="1"/></row>
        <row r="5"><c r="C5" t="str"><v> </v></c></row><row r="7"><c r="D7"><v>3</v></c></row>
        <row r="9"><c r="D9"><v>4</v></c></row></sheetData>
        <mergeCells><mergeCell ref="A3:C8"/><mergeCell ref="A9:C10"/></mergeCells>"#,
        // What A3 covers does not show, so that column C has no text of its own either.
        "[一]\nD3 2\nD7 3\nD9 4",
    );
    check_sheet(
        r#"<sheetData><row r="3"><c r="C3"><v>1</v></c><c r="D3"><v>2</v></c></row>
        <row r="7"><c r="D7"><v>3</v></c></row><row r="9"><c r="D9"><v>4</v></c></row></sheetData>
        <mergeCells><mergeCell ref="C3:C8"/></mergeCells>"#,
        "[一]\nC3 (2x1)1|2\nC7 ^|3\nC9 |4",
    );
}

#[test]
fn a_merge_of_the_whole_sheet_costs_nothing() {
    check_sheet(
        r#"<sheetData><row><c t="str"><v>标题</v></c></row></sheetData>
        <mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>"#,
        "[一]\nA1 标题",
    );
    check_sheet(
        r#"<sheetData><row><c><v>1</v></c></row><row><c r="A2"><v>2</v></c></row></sheetData>
        <mergeCells><mergeCell ref="B1:XFD1048576"/></mergeCells>"#,
        "[一]\nA1 1\nA2 2",
    );
}

#[test]
fn of_overlapping_merges_the_first_stays() {
    check_sheet(
        r#"<sheetData><row><c><v>1</v></c><c><v>2</v></c><c><v>3</v></c></row>
        <row><c><v>4</v></c><c><v>5</v></c><c><v>6</v></c></row></sheetData>
        <mergeCells><mergeCell ref="A1:B1"/><mergeCell ref="B1:B2"/><mergeCell ref="B2:C2"/></mergeCells>"#,
        "[一]\nA1 (1x2)1|^|3\nA2 4|(1x2)5|^",
    );
}

#[test]
fn hidden_sheets_are_named_and_not_read() {
    let workbook = r#"<workbook><sheets><sheet name="底稿" state="hidden" r:id="rId9"/>
        <sheet name="码表" state="veryHidden" r:id="rId1"/><sheet name="二" r:id="rId2"/></sheets></workbook>"#;
    let sheet = "<worksheet><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>";
    check(
        &[("xl/workbook.xml", workbook), ("xl/worksheets/sheet2.xml", sheet)],
        "[二]\nA1 1\nsource.sheet_hidden: 底稿\nsource.sheet_hidden: 码表",
    );
    let document = parsed(&[("xl/workbook.xml", workbook), ("xl/worksheets/sheet2.xml", sheet)]);
    let Some(Block::Grid(grid)) = document.unwrap().blocks.pop() else { panic!("one grid") };
    assert_eq!(grid.rows[0].spot.sheet(), Some(3), "hidden sheets count");
}

#[test]
fn a_workbook_whose_sheets_are_all_hidden_is_refused_as_such() {
    let check = |state: &str, is_hidden: bool| {
        let sheet = format!(r#"<sheet name="一" {state} r:id="rId1"/>"#);
        let workbook = format!("<workbook><sheets>{sheet}</sheets></workbook>");
        let bytes = packed(&[
            ("xl/workbook.xml", &workbook),
            ("xl/_rels/workbook.xml.rels", RELATIONS),
            ("xl/worksheets/sheet1.xml", "<worksheet/>"),
        ]);
        let file_name = "a.xlsx".to_owned();
        let expected = if is_hidden {
            SourceError::SheetsHidden { file_name }
        } else {
            SourceError::Empty { file_name }
        };
        assert_eq!(parse_document(&bytes, "a.xlsx"), Err(expected));
    };
    check(r#"state="hidden""#, true);
    check("", false);
}

#[test]
fn hidden_rows_and_columns_are_read_and_named() {
    check_sheet(
        r#"<cols><col min="2" max="2" hidden="1"/><col min="3" max="16384" hidden="true"/></cols><sheetData>
        <row r="1"><c><v>1</v></c><c><v>2</v></c><c><v>3</v></c></row>
        <row r="2" hidden="1"><c><v>4</v></c></row>
        <row r="4" hidden="1"><c><v>5</v></c></row><row r="5" hidden="1"/>
        <row r="6" hidden="1"><c><v>6</v></c></row><row r="9" hidden="1"/></sheetData>"#,
        "[一]\nA1 1|2|3\nA2 4||\nA4 5||\nA6 6||\nsource.rows_hidden: 一: 2, 4-6 at A2\nsource.columns_hidden: 一: 2-3 at B1",
    );
}

#[test]
fn numbers_show_as_their_formats_have_them() {
    check_rows(
        r#"<row><c><v>1.2741337E7</v></c><c s="2"><v>0.9735</v></c><c s="3"><v>7.0000000000000007E-2</v></c>
        <c s="1"><v>44469</v></c><c s="4"><v>44440.5</v></c><c t="n"><v>630123199001011234</v></c></row>"#,
        "[一]\nA1 12741337|97.35%|7%|2021-09-30|2021-09-01 12:00:00|630123199001011234",
    );
    check_rows(
        r#"<row><c t="b"><v>1</v></c><c t="e"><v>#DIV/0!</v></c><c t="d"><v>2021-09-30T00:00:00</v></c>
        <c t="d"><v>2021-09-30T08:30:00Z</v></c><c><v>0.5</v></c></row>"#,
        "[一]\nA1 TRUE|#DIV/0!|2021-09-30|2021-09-30 08:30:00|0.5",
    );
}

#[test]
fn a_number_that_its_format_scales_is_not_read_as_stored() {
    let styles = concat!(
        r#"<styleSheet><numFmts><numFmt numFmtId="176" formatCode="0!.0000"/>"#,
        r##"<numFmt numFmtId="177" formatCode="#,##0,"/>"##,
        r#"<numFmt numFmtId="178" formatCode="0!.0,&quot;万&quot;"/></numFmts><cellXfs>"#,
        r#"<xf numFmtId="0"/><xf numFmtId="176"/><xf numFmtId="177"/><xf numFmtId="178"/>"#,
        "</cellXfs></styleSheet>",
    );
    let sheet = r#"<worksheet><sheetData><row><c><v>31770</v></c><c s="1"><v>31770</v></c>
        <c s="2"><v>31770</v></c><c s="3"><v>31770</v></c><c s="2"/><c s="2" t="str"><v>甲</v></c></row>
        </sheetData></worksheet>"#;
    check(
        &[("xl/styles.xml", styles), ("xl/worksheets/sheet1.xml", sheet)],
        "[一]\nA1 31770|3.1770|≠31770|3.177万||甲\nsource.number_scaled: 一 at B1\n\
         source.number_scaled: 一 at C1\nsource.number_scaled: 一 at D1",
    );
}

#[test]
fn what_a_format_shows_beside_a_number_or_instead_of_it_counts() {
    let codes = [
        "General&quot;件&quot;",
        "0.0&quot;%&quot;",
        "¥0",
        "#&quot;0&quot;",
        "00-00",
        "&quot;-&quot;",
        ";;;",
        "0;-0;;@",
    ];
    let mut styles = String::from("<styleSheet><numFmts>");
    let (mut formats, mut cells) = (String::from("<xf/>"), String::new());
    for (idx, code) in codes.into_iter().enumerate() {
        let (id, style) = (idx + 176, idx + 1);
        styles.push_str(&format!(r#"<numFmt numFmtId="{id}" formatCode="{code}"/>"#));
        formats.push_str(&format!(r#"<xf numFmtId="{id}"/>"#));
        cells.push_str(&format!(r#"<c s="{style}"><v>57</v></c>"#));
    }
    let styles = format!("{styles}</numFmts><cellXfs>{formats}</cellXfs></styleSheet>");
    let sheet = format!(
        r#"<worksheet><sheetData><row>{cells}<c s="8"><v>0</v></c></row></sheetData></worksheet>"#
    );
    let remarks: Vec<String> =
        ["D1", "E1", "F1", "G1", "I1"].map(|at| format!("source.number_scaled: 一 at {at}")).into();
    check(
        &[("xl/styles.xml", &styles), ("xl/worksheets/sheet1.xml", &sheet)],
        &format!("[一]\nA1 57件|57%|¥57|≠57|≠57|≠57|≠57|57|≠0\n{}", remarks.join("\n")),
    );
}

#[test]
fn a_number_whose_format_is_lost_is_no_number() {
    let unknown = "[一]\nA1 ≠44469|甲\nsource.format_unknown: 一 at A1";
    for style in ["99", "x", "-1", "18446744073709551616", "5"] {
        for place in ["", r#" r="A1""#] {
            let cell = format!(r#"<c{place} s="{style}"><v>44469</v></c>"#);
            let row = format!(r#"<row r="1">{cell}<c s="99" t="str"><v>甲</v></c></row>"#);
            check_rows(&row, unknown);
        }
    }
    let sheet = |style: &str| {
        format!(
            r#"<worksheet><sheetData><row r="1"><c r="A1" s="{style}"><v>44469</v></c>
            <c r="B1" t="str"><v>甲</v></c></row></sheetData></worksheet>"#
        )
    };
    let check = |style: &str, styles: &str, expected: &str| {
        let sheet = sheet(style);
        check(&[("xl/worksheets/sheet1.xml", &sheet), ("xl/styles.xml", styles)], expected);
    };
    let formats = |xf: &str| format!("<styleSheet><cellXfs><xf/>{xf}</cellXfs></styleSheet>");
    check("1", &formats(r#"<xf numFmtId="176"/>"#), unknown);
    check("1", &formats(r#"<xf numFmtId="x"/>"#), unknown);
    check("1", "<styleSheet/>", unknown);
    for (style, styles) in [("0", "<styleSheet/>"), ("1", &formats("<xf/>"))] {
        check(style, styles, "[一]\nA1 44469|甲");
    }
}

#[test]
fn malformed_attributes_are_refused() {
    for cell in
        [r#"<c r="A1" t=s><v>5</v></c>"#, r#"<c r="A1" t="&x;"><v>5</v></c>"#, "<c r><v>5</v></c>"]
    {
        check_rows(
            &format!("<row>{cell}</row>"),
            "xl/worksheets/sheet1.xml: flaw.attribute_malformed",
        );
    }
}

#[test]
fn a_mark_of_a_footnote_is_no_digit_of_the_figure_before_it() {
    let strings = r#"<sst uniqueCount="2"><si><r><t>878</t></r><r><rPr><vertAlign val="superscript"/></rPr>
        <t>1</t></r></si><si><r><rPr><strike/></rPr><t>87</t></r><r><rPr><strike val="0"/></rPr><t>88</t></r></si></sst>"#;
    let sheet = r#"<worksheet><sheetData><row><c t="s"><v>0</v></c><c t="s"><v>1</v></c>
        <c t="inlineStr"><is><r><t>12</t></r><r><rPr><vertAlign val="subscript"/></rPr><t>2</t></r></is></c>
        </row></sheetData></worksheet>"#;
    check(
        &[("xl/sharedStrings.xml", strings), ("xl/worksheets/sheet1.xml", sheet)],
        "[一]\nA1 878|88|12\nsource.raised: 1 at A1\nsource.struck: 87 at B1\nsource.raised: 2 at C1",
    );
}

#[test]
fn a_cell_that_is_struck_through_is_not_read() {
    let styles = r#"<styleSheet><fonts><font/><font><b/><strike/></font></fonts><cellXfs>
        <xf numFmtId="0" fontId="0"/><xf numFmtId="0" fontId="1"/></cellXfs></styleSheet>"#;
    for struck in [r#"<c s="1">"#, r#"<c r="B1" s="1">"#, r#"<c r="B1" s="1" t="n">"#] {
        let sheet = format!(
            r#"<worksheet><sheetData><row r="1"><c r="A1" t="str"><v>甲</v></c>{struck}<v>878</v></c>
            <c r="C1"><v>9</v></c></row></sheetData></worksheet>"#
        );
        check(
            &[("xl/styles.xml", styles), ("xl/worksheets/sheet1.xml", &sheet)],
            "[一]\nA1 甲||9\nsource.struck: 878 at B1",
        );
        let raised = styles.replace("<strike/>", r#"<vertAlign val="superscript"/>"#);
        check(
            &[("xl/styles.xml", &raised), ("xl/worksheets/sheet1.xml", &sheet)],
            "[一]\nA1 甲||9\nsource.raised: 878 at B1",
        );
    }
}

#[test]
fn a_workbook_can_count_from_1904() {
    let workbook = ONE_SHEET.replace("<sheets>", r#"<workbookPr date1904="1"/><sheets>"#);
    let sheet =
        r#"<worksheet><sheetData><row><c s="1"><v>43007</v></c></row></sheetData></worksheet>"#;
    check(
        &[("xl/workbook.xml", &workbook), ("xl/worksheets/sheet1.xml", sheet)],
        "[一]\nA1 2021-09-30",
    );
}

#[test]
fn formulas_have_the_value_that_was_stored() {
    check_rows(
        r#"<row><c><f>1+1</f><v>2</v></c><c t="str"><f>"甲"</f><v>甲</v></c><c><f>NOW()</f></c>
        <c><f>B1</f><v></v></c><c t="str"><f>""</f><v></v></c><c><v>9</v></c></row>"#,
        "[一]\nA1 2|甲||||9\nsource.formula_without_value: 一 at C1\nsource.formula_without_value: 一 at D1",
    );
}

#[test]
fn texts_are_shared_rich_or_inline() {
    let strings = r#"<sst uniqueCount="3"><si><t>省水利厅</t></si>
        <si><r><t>已办</t></r><r><rPr><b/></rPr><t xml:space="preserve"> A</t></r><rPh><t>yi</t></rPh></si>
        <si><t>第一行&#10;第二行_x000D_</t></si></sst>"#;
    let sheet = r#"<worksheet><sheetData><row><c t="s"><v>0</v></c><c t="s"><v>1</v></c>
        <c t="s"><v>2</v></c><c t="inlineStr"><is><r><t>甲</t></r><r><t>&amp;乙</t></r></is></c></row>
        </sheetData></worksheet>"#;
    check(
        &[("xl/sharedStrings.xml", strings), ("xl/worksheets/sheet1.xml", sheet)],
        "[一]\nA1 省水利厅|已办A|第一行第二行|甲&乙",
    );
}

#[test]
fn cells_without_references_stand_behind_each_other() {
    check_rows(
        "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>",
        "[一]\nA1 1|2\nA2 3|",
    );
    check_rows(
        r#"<row r="4"><c r="C4"><v>1</v></c><c><v>2</v></c></row><row><c/><c/><c><v>3</v></c></row>"#,
        "[一]\nC4 1|2\nC5 3|",
    );
}

#[test]
fn cells_in_any_order_are_sorted_and_the_last_of_a_place_counts() {
    check_rows(
        r#"<row r="2"><c r="B2"><v>4</v></c><c r="A2"><v>3</v></c></row>
        <row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c><c r="A1"><v>7</v></c></row>
        <row r="2"><c r="B2"><v>8</v></c></row>"#,
        "[一]\nA1 7|2\nA2 3|8",
    );
}

#[test]
fn references_beyond_any_sheet_are_refused() {
    let cell = |reference: &str| format!(r#"<row><c r="{reference}"><v>1</v></c></row>"#);
    check_rows(&cell("XFD1048576"), "[一]\nXFD1048576 1");
    check_rows(&cell("A99999999999"), "more rows than 1048576");
    check_rows(&cell("ZZZZZZZZZZZZZZZZZZZ9"), "more columns than 16384");
    check_rows(&cell("1"), "xl/worksheets/sheet1.xml `1`: flaw.cell_unknown");
    check_rows(
        r#"<row r="-1"><c><v>1</v></c></row>"#,
        "xl/worksheets/sheet1.xml `-1`: flaw.row_unknown",
    );
    check_rows(
        r#"<row><c r="A1"><v>1</v></c><c r="XFD1"><v>1</v></c></row>"#,
        "more columns than 4096",
    );
    check_rows(
        r#"<row><c t="s"><v>0</v></c></row>"#,
        "xl/worksheets/sheet1.xml `0`: flaw.string_unknown",
    );
}

#[test]
fn tables_that_declare_too_many_strings_are_refused() {
    let refused = "xl/sharedStrings.xml: flaw.too_many_strings";
    let sheet = ("xl/worksheets/sheet1.xml", "<worksheet/>");
    for count in ["4294967295", "18446744073709551616", "x"] {
        let strings = format!(r#"<sst uniqueCount="{count}"><si><t>甲</t></si></sst>"#);
        check(&[sheet, ("xl/sharedStrings.xml", &strings)], refused);
    }
}

#[test]
fn document_types_are_refused() {
    check(
        &[("xl/worksheets/sheet1.xml", "<!DOCTYPE a [<!ENTITY b \"c\">]><worksheet/>")],
        "xl/worksheets/sheet1.xml: flaw.document_type",
    );
}

#[test]
fn targets_outside_of_the_file_are_refused() {
    let target = |attributes: &str| {
        let relation = format!(r#"<Relationship Id="rId1" Type="x/worksheet" {attributes}/>"#);
        format!("<Relationships>{relation}</Relationships>")
    };
    let outside = "xl/workbook.xml `一`: flaw.outside";
    for attributes in [
        r#"Target="../../../../etc/passwd""#,
        r#"Target="http://example.org/a.xml" TargetMode="External""#,
    ] {
        check(&[("xl/_rels/workbook.xml.rels", &target(attributes))], outside);
    }
    check(
        &[("xl/_rels/workbook.xml.rels", &target(r#"Target="a.xml""#))],
        "xl/workbook.xml `一`: flaw.refers_to_nothing",
    );
}

#[test]
fn what_is_not_read_is_named() {
    let sheet =
        "<worksheet><sheetData><row><c><v>1</v></c></row></sheetData><oleObjects><oleObject>
        <from><row>7</row></from></oleObject></oleObjects></worksheet>";
    check(
        &[
            ("xl/worksheets/sheet1.xml", sheet),
            ("xl/vbaProject.bin", ""),
            ("xl/externalLinks/externalLink1.xml", ""),
        ],
        "[一]\nA1 1\nsource.macros: xl/vbaProject.bin\nsource.embedded: xl/externalLinks/externalLink1.xml",
    );
}

#[test]
fn text_in_boxes_over_the_cells_is_named() {
    let sheet = "<worksheet><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>";
    let drawing = |body: &str| {
        format!("<xdr:wsDr><xdr:sp><xdr:txBody>{body}</xdr:txBody></xdr:sp></xdr:wsDr>")
    };
    let boxed = drawing("<a:p><a:r><a:t>单位：</a:t></a:r><a:r><a:t>万条</a:t></a:r></a:p>");
    check(
        &[
            ("xl/worksheets/sheet1.xml", sheet),
            ("xl/drawings/drawing1.xml", &boxed),
            ("xl/drawings/drawing2.xml", &drawing("<a:p/>")),
            ("xl/drawings/_rels/drawing1.xml.rels", "not read"),
        ],
        "[一]\nA1 1\nsource.text_over_cells: 单位：万条",
    );
}

/// Writes a cell of a place, with further attributes and a value.
type WriteCell<'a> = &'a dyn Fn(&str, &str, &str) -> String;

#[test]
fn cells_are_the_same_however_they_are_written() {
    let rows = |cell: WriteCell<'_>| {
        let row = |number: usize| {
            let cells = [
                cell(&format!("A{number}"), r#" t="s""#, "0"),
                cell(&format!("B{number}"), r#" s="2""#, "0.5"),
                cell(&format!("D{number}"), r#" t="str""#, " 甲 乙 "),
                cell(&format!("E{number}"), "", ""),
                cell(&format!("F{number}"), r#" s="1""#, "800"),
                cell(&format!("G{number}"), r#" s="3""#, "31770"),
                cell(&format!("H{number}"), r#" s="4""#, "44469"),
            ];
            format!("<row r=\"{number}\">{}</row>\n", cells.concat())
        };
        format!("<sheetData>\n{}</sheetData>", (1..900).map(row).collect::<String>())
    };
    let strings = "<sst><si><t>部门</t></si></sst>";
    let styles = concat!(
        r#"<styleSheet><numFmts><numFmt numFmtId="176" formatCode="0!.0000"/></numFmts>"#,
        r#"<fonts><font/><font><strike/></font></fonts><cellXfs><xf numFmtId="0" fontId="0"/>"#,
        r#"<xf numFmtId="0" fontId="1"/><xf numFmtId="9" fontId="0"/><xf numFmtId="176" fontId="0"/>"#,
        r#"<xf numFmtId="14" fontId="0"/></cellXfs></styleSheet>"#,
    );
    let read = |cell: WriteCell<'_>| {
        let sheet = format!("<worksheet>{}</worksheet>", rows(cell));
        let parts = [
            ("xl/worksheets/sheet1.xml", &*sheet),
            ("xl/sharedStrings.xml", strings),
            ("xl/styles.xml", styles),
        ];
        parsed(&parts).unwrap()
    };
    let plain = read(&|place, kind, value| format!(r#"<c r="{place}"{kind}><v>{value}</v></c>"#));
    let text = shown(Ok(plain.clone()));
    let last = text.lines().find(|line| line.starts_with("A899 "));
    assert_eq!(last, Some("A899 部门|50%||甲乙|||3.1770|2021-09-30"));
    let others: [WriteCell<'_>; 4] = [
        &|place, kind, value| format!("<c r='{place}'{kind}><v>{value}</v></c>"),
        &|place, kind, value| format!("\n <c r=\"{place}\"{kind}><v>{value}</v></c>"),
        &|place, kind, value| format!("<c r=\"{place}\"{kind}>\n<v>{value}</v>\n</c>"),
        &|place, kind, value| match value {
            "" => format!(r#"<c r="{place}"/>"#),
            // Some cells in each form, side by side.
            "0" => format!("<c r=\"{place}\"{kind}><v>{value}</v><extLst/></c> <!-- -->"),
            _ => format!(r#"<c r="{place}"{kind}><v>{value}</v></c>"#),
        },
    ];
    for other in others {
        assert_eq!(read(other), plain);
    }
}
