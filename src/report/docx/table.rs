//! Tables: a grid of ruled cells, the header on every page, widths by what stands in the columns.

use crate::report::docx::paper::{PaperRow, PaperTable, Role, Run};
use crate::report::docx::story::cell_paragraph;
use crate::report::docx::xml::Xml;

/// Width of a character of the text of tables, 12 points, in twentieths of a point.
const CHARACTER: u32 = 240;
/// Room at the left and the right of a cell's text.
const PADDING: u32 = 60;
/// Lines that a label of a column may take before the column becomes wider.
const LABEL_LINES: u32 = 4;
/// Characters of a label that stay on one line.
const MIN_LABEL: u32 = 4;
/// Characters of a cell that stand on one line; longer ones are broken.
const MAX_CELL: u32 = 18;
/// Least height of a row.
const ROW_HEIGHT: &str = "397";

/// Writes a table that is as wide as the text.
pub(super) fn write(xml: &mut Xml, table: &PaperTable, width: u32) {
    let widths = column_widths(table, width);
    xml.element("w:tbl", &[], |xml| {
        xml.element("w:tblPr", &[], |xml| {
            xml.empty("w:tblW", &[("w:w", &width.to_string()), ("w:type", "dxa")]);
            xml.value("w:jc", "center");
            xml.element("w:tblBorders", &[], |xml| {
                for side in ["top", "left", "bottom", "right", "insideH", "insideV"] {
                    let line = [
                        ("w:val", "single"),
                        ("w:sz", "4"),
                        ("w:space", "0"),
                        ("w:color", "000000"),
                    ];
                    xml.empty(&format!("w:{side}"), &line);
                }
            });
            xml.empty("w:tblLayout", &[("w:type", "fixed")]);
            xml.element("w:tblCellMar", &[], |xml| {
                for side in ["left", "right"] {
                    let room = [("w:w", &*PADDING.to_string()), ("w:type", "dxa")];
                    xml.empty(&format!("w:{side}"), &room);
                }
            });
        });
        xml.element("w:tblGrid", &[], |xml| {
            for width in &widths {
                xml.empty("w:gridCol", &[("w:w", &width.to_string())]);
            }
        });
        let labels = table.columns.iter().map(|column| vec![Run::plain(&column.label)]);
        row(xml, &PaperRow { cells: labels.collect() }, &widths, &|_| Role::ColumnLabel);
        for body in &table.rows {
            row(xml, body, &widths, &|idx| table.columns[idx].role);
        }
    });
}

/// Writes a row. That of the labels is repeated at the head of every page.
fn row(xml: &mut Xml, row: &PaperRow, widths: &[u32], role_of: &dyn Fn(usize) -> Role) {
    xml.element("w:tr", &[], |xml| {
        xml.element("w:trPr", &[], |xml| {
            xml.empty("w:cantSplit", &[]);
            xml.empty("w:trHeight", &[("w:val", ROW_HEIGHT), ("w:hRule", "atLeast")]);
            if role_of(0) == Role::ColumnLabel {
                xml.empty("w:tblHeader", &[]);
            }
        });
        for (idx, width) in widths.iter().enumerate() {
            xml.element("w:tc", &[], |xml| {
                xml.element("w:tcPr", &[], |xml| {
                    xml.empty("w:tcW", &[("w:w", &width.to_string()), ("w:type", "dxa")]);
                    xml.value("w:vAlign", "center");
                });
                let pieces = row.cells.get(idx).map_or(&[][..], Vec::as_slice);
                cell_paragraph(xml, role_of(idx), pieces);
            });
        }
    });
}

/// Returns the width of each column, together `width`: as their texts need it, the rest in proportion.
fn column_widths(table: &PaperTable, width: u32) -> Vec<u32> {
    let needed = needed_widths(table);
    let total: u64 = needed.iter().map(|needed| u64::from(*needed)).sum();
    let mut widths: Vec<u32> = needed
        .iter()
        .map(|needed| {
            let share = u64::from(*needed) * u64::from(width) / total.max(1);
            u32::try_from(share).unwrap_or(width)
        })
        .collect();
    // What rounding leaves goes to the last column.
    let left = width.saturating_sub(widths.iter().sum());
    if let Some(last) = widths.last_mut() {
        *last += left;
    }
    widths
}

/// Returns the width that the texts of a table need, in twentieths of a point.
pub(super) fn needed_width(table: &PaperTable) -> u32 {
    needed_widths(table).iter().fold(0, |sum, width| sum.saturating_add(*width))
}

fn needed_widths(table: &PaperTable) -> Vec<u32> {
    let columns = table.columns.iter().enumerate();
    columns
        .map(|(idx, column)| {
            let cells = table.rows.iter().filter_map(|row| row.cells.get(idx));
            let width_of = |cell: &Vec<Run>| {
                let widths = cell.iter().map(|run| half_characters(&run.text));
                widths.fold(0, u32::saturating_add)
            };
            let longest = cells.map(width_of).max().unwrap_or(0);
            let label = half_characters(&column.label);
            let label = label.min(2 * MIN_LABEL).max(label.div_ceil(LABEL_LINES));
            let n_halves = longest.min(2 * MAX_CELL).max(label).max(2);
            n_halves * CHARACTER / 2 + 2 * PADDING
        })
        .collect()
}

/// Returns the width of a text in halves of a Chinese character.
fn half_characters(text: &str) -> u32 {
    let widths = text.chars().map(|character| if character.is_ascii() { 1 } else { 2 });
    widths.fold(0, u32::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::docx::paper::PaperColumn;

    #[track_caller]
    fn check(labels: &[&str], row: &[&str], expected: &[u32]) {
        let columns = labels
            .iter()
            .map(|label| PaperColumn { label: (*label).to_owned(), role: Role::CellWords });
        let cells = row.iter().map(|text| vec![Run::plain(*text)]).collect();
        let table = PaperTable { columns: columns.collect(), rows: vec![PaperRow { cells }] };
        let widths = column_widths(&table, 8844);
        assert_eq!(widths.iter().sum::<u32>(), 8844);
        assert_eq!(widths, expected);
    }

    #[test]
    fn columns_are_as_wide_as_their_texts_ask_for() {
        check(&["序号", "部门"], &["1", "省人力资源社会保障厅"], &[1700, 7144]);
        // A long label is broken into lines, a long text is, too.
        check(&["甲".repeat(16).as_str(), "乙"], &["", ""], &[6633, 2211]);
        check(&["甲", "乙"], &["字".repeat(500).as_str(), "1"], &[8180, 664]);
    }
}
