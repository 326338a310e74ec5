//! Saved web pages: the tables and the text of the article, without what surrounds it.

mod charset;
mod declarations;
mod element;
mod rules;
mod styles;
mod tree;

use scraper::Html;

use crate::source::html::styles::Styles;
use crate::source::html::tree::Walk;
use crate::source::{Document, Format, SourceError};

pub(super) use charset::is_html;

/// Reads a web page.
///
/// It is parsed as browsers do, so that unclosed and wrongly nested elements come out as they would
/// be seen. Scripts, controls of forms and navigation are left out; so is text that is raised, lowered,
/// struck through or hidden, by itself or by a style sheet in the page, with a remark. Hidden rows and
/// cells of a table are read, with a remark.
/// A table that holds other tables only arranges the page: its texts are paragraphs.
pub(super) fn parse(bytes: &[u8], file_name: &str) -> Result<Document, SourceError> {
    let (text, encoding) = charset::decode(bytes, file_name)?;
    let page = Html::parse_document(&text);
    let styles = Styles::of(&page, file_name)?;
    let mut walk = Walk::new(file_name, &styles);
    walk.blocks_of(page.root_element(), 0)?;
    let (blocks, remarks) = walk.finish();
    Ok(Document { format: Format::Html, encoding: Some(encoding), blocks, remarks })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Block, Span};

    /// Shows blocks as text: covered cells as `<` or `^`.
    fn shown(page: &str) -> String {
        let document = parse(page.as_bytes(), "a.html").unwrap();
        let mut lines = Vec::new();
        let remarks: Vec<String> = document
            .remarks
            .iter()
            .map(|remark| {
                let spot = remark.spot.map(|spot| format!(" {spot}")).unwrap_or_default();
                format!("{}: {}{spot}", remark.kind, remark.what)
            })
            .collect();
        for block in document.blocks {
            match block {
                Block::Paragraph(paragraph) => lines.push(paragraph.text),
                Block::Grid(grid) => {
                    lines.extend(grid.name.map(|name| format!("[{name}]")));
                    for row in grid.rows {
                        let cell = |cell: crate::source::Cell| match cell.span {
                            Span::Covered { up: 0, .. } => "<".to_owned(),
                            Span::Covered { .. } => "^".to_owned(),
                            Span::Single | Span::Wide { .. } => cell.text.into_string(),
                        };
                        lines.push(row.cells.into_iter().map(cell).collect::<Vec<_>>().join("|"));
                    }
                }
            }
        }
        lines.extend(remarks);
        lines.join("\n")
    }

    #[track_caller]
    fn check(page: &str, expected: &str) {
        assert_eq!(shown(page), expected);
    }

    #[test]
    fn spans_keep_their_reach() {
        check(
            "<table><caption>表</caption><tr><th rowspan=2>部门<th colspan=2>汇聚量<tr><th>办件<th>评价<tr><td>甲<td>1<td>2</table>",
            "[表]\n部门|汇聚量|<\n^|办件|评价\n甲|1|2",
        );
        check("<table><tr><td rowspan=9 colspan=1>甲<td>1<tr><td>2</table>", "甲|1\n^|2");
    }

    #[test]
    fn a_row_that_lacks_a_cell_is_not_filled_up() {
        check(
            "<table><tr><td>部门<td>甲<td>乙<tr><td>省水利厅<td>4<tr><td>注</table>",
            "部门|甲|乙\n省水利厅|4\n注||",
        );
    }

    #[test]
    fn unclosed_and_nested_tables_come_out_as_they_are_seen() {
        check(
            "<table><tr><td>导航<td><p>标题<table><tr><td>部门<td>办件<tr><td>省水利厅<td>4</table></table>",
            "导航\n标题\n部门|办件\n省水利厅|4",
        );
    }

    #[test]
    fn scripts_and_navigation_are_left_out_and_line_breaks_count() {
        check(
            "<html><head><title>x</title><script>1</script></head><body><nav>首页</nav><p>一<br>二</p><div>三<span>四</span></div><style>p{}</style></body>",
            "一\n二\n三四",
        );
    }

    #[test]
    fn a_broken_cell_is_one_cell() {
        check(
            "<table><tr><td>部门<td>办件<tr><td>国家税务总<br>局青海省\n税务局<td><p>12</p></table>",
            "部门|办件\n国家税务总局青海省税务局|12",
        );
    }

    #[test]
    fn two_figures_of_a_cell_stay_two() {
        let divides = [
            "p",
            "div",
            "li",
            "h1",
            "h4",
            "center",
            "blockquote",
            "dd",
            "dt",
            "pre",
            "section",
            "address",
            "fieldset",
            "ul",
        ];
        let check = |cell: &str, expected: &str| {
            check(
                &format!("<table><tr><td>部门<td>办件<tr><td>甲<td>{cell}</table>"),
                &format!("部门|办件\n甲|{expected}"),
            );
        };
        for tag in divides {
            check(&format!("<{tag}>12</{tag}>34"), "12 34");
            check(&format!("12<{tag}>34</{tag}>"), "12 34");
            check(&format!("<{tag}>12</{tag}><{tag}>34</{tag}>"), "12 34");
            check(&format!("<{tag}>１２</{tag}>３４"), "１２ ３４");
            check(&format!("<{tag}>国家税务总</{tag}>局"), "国家税务总局");
        }
        for tag in ["br", "hr", "img", "input"] {
            check(&format!("12<{tag}>34"), "12 34");
        }
        check("<span style='Display: Block'>12</span>34", "12 34");
        for tag in ["b", "span", "font", "mark", "st1:chmetcnv", "o:p"] {
            check(&format!("1<{tag}>2</{tag}>"), "12");
        }
    }

    #[test]
    fn a_page_in_a_form_is_read() {
        check(
            "<body><form id=form1><input value=1><p>标题</p><select><option>1</select><table>\
             <tr><td>部门<td>办件<tr><td>甲<td>12</table><button>2</button></form></body>",
            "标题\n部门|办件\n甲|12",
        );
    }

    #[test]
    fn hidden_rows_and_cells_are_read_and_named() {
        check(
            "<table><caption>表</caption><tr><td>部门<td>办件<tr style='display: none'><td>甲<td>1<tr><td>乙<td>2\
             <tbody hidden><tr><td>丙<td>3<tr><td>丁<td>4</table>",
            "[表]\n部门|办件\n甲|1\n乙|2\n丙|3\n丁|4\nsource.rows_hidden: 表: 2, 4-5 paragraph=2",
        );
        check(
            "<table><tr><td hidden>号<td>部门<td>办件<tr><td hidden>7<td>甲<td>1<span hidden>x</span></table>",
            "号|部门|办件\n7|甲|1\nsource.text_hidden: x paragraph=2\nsource.columns_hidden: 1 paragraph=1",
        );
        check(
            "<table><tr><td>部门<td>办件<tr><td>甲<td>1<tr hidden><td><td></table>",
            "部门|办件\n甲|1\n|",
        );
    }

    #[test]
    fn a_mark_of_a_footnote_is_no_digit_of_the_figure_before_it() {
        check(
            "<table><tr><td>部门<td>办件<tr><td>省水利厅<sup>①</sup><td>878<sup>1</sup><tr><td>省民政厅<td>12<sub>2</sub></table>",
            "部门|办件\n省水利厅|878\n省民政厅|12\n\
             source.raised: ① paragraph=2\nsource.raised: 1 paragraph=2\nsource.raised: 2 paragraph=3",
        );
        check(
            "<table><tr><td>部门<td>办件<tr><td>甲<td>878<span style='vertical-align: super'>1</span></table>",
            "部门|办件\n甲|878\nsource.raised: 1 paragraph=2",
        );
        check(
            "<p>部门\t办件</p><p>省水利厅\t4<sup>2</sup></p><p>合计\t4</p>",
            "部门|办件\n省水利厅|4\n合计|4\nsource.raised: 2 paragraph=2",
        );
    }

    #[test]
    fn a_style_sheet_sets_text_apart_as_an_attribute_does() {
        let page = |css: &str, cell: &str| {
            format!(
                "<style>{css}</style><table><tr><td>部门<td>办件<tr><td>甲<td class=b>{cell}</table>"
            )
        };
        let check = |css: &str, cell: &str, expected: &str| {
            check(&page(css, cell), &format!("部门|办件\n甲|{expected}"));
        };
        let mark = "1<span class='a z' id=i>9</span>";
        let hidden = "1\nsource.text_hidden: 9 paragraph=2";
        for css in [
            ".z{display:none}",
            "span.a.z{visibility:hidden}",
            "p,#i{font-size:0}",
            "td > span{display:none}",
            "span:nth-child(1){opacity:0}",
            "td:checked span:visited{display:none}",
            "@media screen{[class~=z]{display:none}}",
        ] {
            check(css, mark, hidden);
        }
        check(".z{vertical-align:super}", mark, "1\nsource.raised: 9 paragraph=2");
        check(".z{position:relative;top:-6px}", mark, "1\nsource.raised: 9 paragraph=2");
        check(".z{text-decoration:line-through}", mark, "1\nsource.struck: 9 paragraph=2");
        check(".z{display:block}", mark, "1 9");
        for css in [
            ".y{display:none}",
            "span.y,p .z{display:none}",
            ".z:hover{display:none}",
            "td::before{display:none}",
            "@media print{.z{display:none}}",
        ] {
            check(css, mark, "19");
        }
        check(
            "",
            "1<span style='font-size:0'>3<script>x</script></span>",
            "1\nsource.text_hidden: 3 paragraph=2",
        );
        check("", "1<span hidden>9</span>", hidden);
        super::tests::check(
            "<style>.z{display:none}</style><table><tr><td>部门<td>办件<tr class=z><td>甲<td>1</table>",
            "部门|办件\n甲|1\nsource.rows_hidden: 2 paragraph=2",
        );
        super::tests::check(
            "<p>共<span hidden>8</span>7</p>",
            "共7\nsource.text_hidden: 8 paragraph=1",
        );
    }

    #[test]
    fn a_page_with_too_many_rules_is_refused() {
        let css = ".z{display:none}".repeat(1_001);
        let page = format!("<html><style>{css}</style><p>甲</p></html>");
        let error = parse(page.as_bytes(), "a.html").unwrap_err();
        assert!(matches!(error, SourceError::LimitExceeded { .. }), "{error:?}");
    }

    #[test]
    fn a_figure_that_is_struck_through_is_not_read() {
        for tag in ["s", "strike", "del"] {
            check(
                &format!("<table><tr><td>部门<td>办件<tr><td>甲<td><{tag}>87</{tag}>88</table>"),
                "部门|办件\n甲|88\nsource.struck: 87 paragraph=2",
            );
        }
        check(
            "<table><tr><td>部门<td>办件<tr><td>甲<td style='text-decoration: line-through'>88<tr><td>乙<td>9</table>",
            "部门|办件\n甲|\n乙|9\nsource.struck: 88 paragraph=2",
        );
        check("<p>共<del>87</del>88</p>", "共88\nsource.struck: 87 paragraph=1");
    }

    #[test]
    fn a_table_told_with_tabs_in_paragraphs_is_found() {
        check("<p>部门\t办件</p><p>省水利厅\t4</p><p>合计\t4</p>", "部门|办件\n省水利厅|4\n合计|4");
    }
}
