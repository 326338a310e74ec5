//! Tables: a grid of ruled cells, the header on every page, widths by what stands in the columns.

use crate::report::docx::paper::{PaperRow, PaperTable, Role, Run};
use crate::report::docx::story::{Keeping, cell_paragraph};
use crate::report::docx::xml::Xml;

/// Width of a character of the text of tables, 12 points, and of dense ones, 9, in twentieths of a point.
const CHARACTER: u32 = 240;
const DENSE_CHARACTER: u32 = 180;
/// Room at the left and the right of a cell's text.
const PADDING: u32 = 60;
/// Lines that a label of a column may take before the column becomes wider.
const LABEL_LINES: u32 = 4;
/// Characters of a label that stay on one line.
const MIN_LABEL: u32 = 4;
/// Characters of a cell that stand on one line; longer ones are broken.
const MAX_CELL: u32 = 18;
/// Width of a Chinese character, in which those of others are told, and of a Latin one in official papers.
const FULL: u32 = 100;
const HALF: u32 = 50;
/// Latin characters of a word that is not broken.
const MAX_WORD: u32 = 12;
/// Characters that a line of words has at least, and where a page need not be turned for its table.
const MIN_WORDS: u32 = 4;
const FEW_WORDS: u32 = 5;
/// Least height of a row, and of one of a dense table.
const ROW_HEIGHT: &str = "397";
const DENSE_HEIGHT: &str = "312";

/// Rows of a table that stands on one page with its notes, and last ones of a longer one that do: not every
/// program keeps those there.
const FEW_ROWS: usize = 8;
const LAST_ROWS: usize = 2;

/// Writes a table that is as wide as the text. Its last row never stands alone, and where the table is kept
/// with its notes, not without them.
pub(super) fn write(xml: &mut Xml, table: &PaperTable, width: u32, keeping: Keeping) {
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
        let labels = PaperRow { cells: labels.collect() };
        // Labels have something below them.
        let label = |_: usize| (drawn(Role::ColumnLabel, table.is_dense), Keeping::WithNext);
        row(xml, &labels, &widths, &label);
        let n_rows = table.rows.len();
        let is_whole = keeping == Keeping::WithNext && n_rows <= FEW_ROWS;
        for (at, body) in table.rows.iter().enumerate() {
            let kept = match n_rows - at {
                1 => keeping,
                left if is_whole || left <= LAST_ROWS => Keeping::WithNext,
                _ => Keeping::Free,
            };
            let cell = |idx: usize| (drawn(table.columns[idx].role, table.is_dense), kept);
            row(xml, body, &widths, &cell);
        }
    });
}

/// How a role looks in a table.
fn drawn(role: Role, is_dense: bool) -> Role {
    match role {
        Role::ColumnLabel if is_dense => Role::DenseLabel,
        Role::CellWords if is_dense => Role::DenseWords,
        Role::CellNumber if is_dense => Role::DenseNumber,
        role => role,
    }
}

/// Writes a row, each cell as `look` has it. That of the labels is repeated at the head of every page.
fn row(xml: &mut Xml, row: &PaperRow, widths: &[u32], look: &dyn Fn(usize) -> (Role, Keeping)) {
    let (first, _) = look(0);
    xml.element("w:tr", &[], |xml| {
        xml.element("w:trPr", &[], |xml| {
            xml.empty("w:cantSplit", &[]);
            let is_dense = matches!(first, Role::DenseLabel | Role::DenseWords | Role::DenseNumber);
            let height = if is_dense { DENSE_HEIGHT } else { ROW_HEIGHT };
            xml.empty("w:trHeight", &[("w:val", height), ("w:hRule", "atLeast")]);
            if matches!(first, Role::ColumnLabel | Role::DenseLabel) {
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
                let (role, keeping) = look(idx);
                cell_paragraph(xml, role, keeping, pieces);
            });
        }
    });
}

/// Returns the width of each column, together `width`: as their texts need it, the rest in proportion.
///
/// Where they need more, words are broken into lines and numbers are not.
fn column_widths(table: &PaperTable, width: u32) -> Vec<u32> {
    let needed = fitted(table, needed_widths(table), width);
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

/// Takes what is too much from the columns with words: the widest become as narrow as each other, as far as
/// a few characters.
fn fitted(table: &PaperTable, needed: Vec<u32>, width: u32) -> Vec<u32> {
    let least = words_width(table, MIN_WORDS);
    let widest = needed.iter().copied().max().unwrap_or(0);
    let longest = word_widths(table);
    let sum = |most: u32| capped(table, &needed, &longest, most).fold(0, u32::saturating_add);
    if sum(widest) <= width || sum(least) > width {
        return needed;
    }
    // The widest that words may be so that all columns fit.
    let (mut fits, mut is_too_wide) = (least, widest);
    while is_too_wide - fits > 1 {
        let middle = fits + (is_too_wide - fits) / 2;
        if sum(middle) <= width {
            fits = middle;
        } else {
            is_too_wide = middle;
        }
    }
    capped(table, &needed, &longest, fits).collect()
}

/// The widths of columns, those with words no wider than `most`, or than their longest word where that is
/// wider.
fn capped<'a>(
    table: &'a PaperTable,
    needed: &'a [u32],
    longest: &'a [u32],
    most: u32,
) -> impl Iterator<Item = u32> + 'a {
    let columns = table.columns.iter().zip(needed.iter().zip(longest));
    columns.map(move |(column, (needed, longest))| match column.role {
        Role::CellWords => (*needed).min(most.max(*longest)),
        _ => *needed,
    })
}

/// Returns the width of a column whose lines have so many characters.
fn words_width(table: &PaperTable, n_characters: u32) -> u32 {
    n_characters * character_of(table) + 2 * PADDING
}

fn character_of(table: &PaperTable) -> u32 {
    if table.is_dense { DENSE_CHARACTER } else { CHARACTER }
}

/// Returns the width that the texts of a table need where words are broken into lines of a few characters, in
/// twentieths of a point.
pub(super) fn needed_width(table: &PaperTable) -> u32 {
    let (needed, longest) = (needed_widths(table), word_widths(table));
    let fitting = capped(table, &needed, &longest, words_width(table, FEW_WORDS));
    fitting.fold(0, u32::saturating_add)
}

fn needed_widths(table: &PaperTable) -> Vec<u32> {
    let columns = table.columns.iter().enumerate();
    columns
        .map(|(idx, column)| {
            let cells = table.rows.iter().filter_map(|row| row.cells.get(idx));
            let width_of = |cell: &Vec<Run>| {
                let widths = cell.iter().map(|run| hundredths(&run.text, table));
                widths.fold(0, u32::saturating_add)
            };
            let longest = cells.map(width_of).max().unwrap_or(0);
            let label = hundredths(&column.label, table);
            let label = label.min(FULL * MIN_LABEL).max(label.div_ceil(LABEL_LINES));
            let label = label.max(word_hundredths(&column.label, table));
            width_of_hundredths(longest.min(FULL * MAX_CELL).max(label).max(FULL), table)
        })
        .collect()
}

/// Returns the width that the longest word of each column needs: Chinese text is broken anywhere.
fn word_widths(table: &PaperTable) -> Vec<u32> {
    let columns = table.columns.iter().enumerate();
    columns
        .map(|(idx, column)| {
            let cells = table.rows.iter().filter_map(|row| row.cells.get(idx)).flatten();
            let words = cells.map(|run| word_hundredths(&run.text, table));
            let longest = words.chain([word_hundredths(&column.label, table)]).max().unwrap_or(0);
            width_of_hundredths(longest, table)
        })
        .collect()
}

fn width_of_hundredths(n_hundredths: u32, table: &PaperTable) -> u32 {
    n_hundredths * character_of(table) / FULL + 2 * PADDING
}

/// Returns the width of a text in hundredths of a Chinese character.
fn hundredths(text: &str, table: &PaperTable) -> u32 {
    let widths = text.chars().map(|character| width_of(character, table.is_dense));
    widths.fold(0, u32::saturating_add)
}

/// Dense tables are full of numbers, and where the fonts of official papers are missing, those that stand in for
/// them have wider digits, letters and signs: these are the widths of `DejaVu Sans`.
fn width_of(character: char, is_dense: bool) -> u32 {
    match character {
        _ if !character.is_ascii() => FULL,
        _ if !is_dense => HALF,
        ' ' | ',' | '.' | ':' | ';' | '-' | '/' | '(' | ')' => 39,
        '+' | '%' | 'm' | 'w' | 'M' | 'W' => 98,
        _ => 64,
    }
}

/// Returns the width of the longest Latin word of a text in hundredths of a Chinese character.
fn word_hundredths(text: &str, table: &PaperTable) -> u32 {
    let words = text.split(|character: char| !character.is_ascii_graphic());
    let most = MAX_WORD * width_of('a', table.is_dense);
    words.map(|word| hundredths(word, table)).max().unwrap_or(0).min(most)
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
        let table = PaperTable {
            is_dense: false,
            columns: columns.collect(),
            rows: vec![PaperRow { cells }],
        };
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

    /// A dense table of one column with words and others with numbers, and one row.
    fn dense(labels: [&str; 2], cells: [&str; 2], n_numbers: usize) -> PaperTable {
        let kind = |idx: usize| usize::from(idx > 0);
        let role = |idx: usize| if idx == 0 { Role::CellWords } else { Role::CellNumber };
        let columns = (0..=n_numbers)
            .map(|idx| PaperColumn { label: labels[kind(idx)].to_owned(), role: role(idx) });
        let cells = (0..=n_numbers).map(|idx| vec![Run::plain(cells[kind(idx)])]).collect();
        PaperTable { is_dense: true, columns: columns.collect(), rows: vec![PaperRow { cells }] }
    }

    #[test]
    fn words_give_way_to_numbers() {
        let words = "字".repeat(18);
        let table = dense(["甲", "甲"], [&words, "12,869,796"], 6);
        let number = width_of_hundredths(8 * 64 + 2 * 39, &table);
        let widths = column_widths(&table, 8844);
        assert_eq!(widths[1..6], [number; 5]);
        assert!(widths[0] < 18 * DENSE_CHARACTER && widths[6] - number < 8, "{widths:?}");
    }

    #[test]
    fn words_of_labels_and_cells_are_not_broken() {
        let cells = ["Evaluation records aggregated", "1"];
        let table = dense(["Indicator name", "Change (records)"], cells, 7);
        let [longest, label] = ["Evaluation", "(records)"]
            .map(|word| width_of_hundredths(hundredths(word, &table), &table));
        assert_eq!(
            column_widths(&table, longest + 7 * label)[..7],
            [longest, label, label, label, label, label, label]
        );
        // An id may be broken: it would take the whole page.
        let id = dense(["Batch", "1"], [&"a".repeat(40), "1"], 1);
        assert_eq!(word_widths(&id)[0], width_of_hundredths(MAX_WORD * 64, &id));
    }
}
