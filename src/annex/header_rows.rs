//! Rows below the labels of a header that still belong to it: numbers of columns, and units.

use std::sync::LazyLock;

use regex::Regex;

use crate::annex::labels::ordinary_width;
use crate::annex::rows::RowNames;
use crate::annex::units::unit_scale;
use crate::source::{Grid, Row, RowShape};

/// What numbers the columns with labels, in this order.
const LETTERS: [&str; 2] = ["甲乙丙丁戊己庚辛", "ABCDEFGH"];
/// Words for the row itself.
const WORDS: [&str; 4] = ["栏次", "栏号", "列次", "序号"];

/// A number of a column, alone or with how it is computed from others: 3, (3), 3=1+2.
static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\(?(?P<number>\d{1,2})\)?(?:=[\d+\-*/×÷%()]+)?$").expect("constant")
});

/// Whether a row numbers the columns, as 甲 乙 1 2 3 does: letters in their order, then numbers that
/// go on from 1 or, without letters, from the first column. No name stands in it.
pub(super) fn is_column_numbers(row: &Row, names: RowNames<'_>) -> bool {
    if row.shape != RowShape::Whole {
        return false;
    }
    let texts: Vec<String> = row.cells.iter().map(|cell| compact(&cell.text)).collect();
    let is_said = |text: &&str| !text.is_empty() && !WORDS.contains(text);
    let said: Vec<&str> = texts.iter().map(String::as_str).filter(is_said).collect();
    let n_letters = LETTERS.iter().map(|letters| n_in_order(&said, letters)).max().unwrap_or(0);
    let (letters, numbers) = said.split_at(n_letters);
    let is_counted = numbers.iter().zip(1_usize..).all(|(text, wanted)| {
        let found = NUMBER.captures(text).and_then(|found| found["number"].parse().ok());
        found == Some(wanted)
    });
    // Without letters or a word, numbers in every column alone are certain.
    let has_word = said.len() < texts.iter().filter(|text| !text.is_empty()).count();
    let is_full = numbers.len() == row.cells.len() && numbers.len() > 2;
    let is_certain = (!letters.is_empty() || has_word) && !numbers.is_empty() || is_full;
    is_counted && is_certain && !letters.iter().any(|text| names.knows(text))
}

/// Returns how many texts at the beginning are the letters in their order.
fn n_in_order(texts: &[&str], letters: &str) -> usize {
    let mut wanted = letters.chars();
    texts.iter().take_while(|text| wanted.next().is_some_and(|c| text.chars().eq([c]))).count()
}

/// Returns the units that a row prints below labels, by column; `None` for another row.
///
/// Where labels of rows stand it is empty, or says that these are units.
pub(super) fn units_of_row(grid: &Grid, row_idx: usize) -> Option<Vec<Option<String>>> {
    let row = grid.rows.get(row_idx).filter(|row| row.shape == RowShape::Whole)?;
    let mut units = Vec::new();
    for cell in &row.cells {
        let text = compact(&cell.text);
        let text = text.trim_start_matches('(').trim_end_matches(')');
        let text = text.trim_start_matches("单位:");
        let is_label = text.is_empty() || ["单位", "计量单位"].contains(&text);
        let unit = unit_scale(text).filter(|(unit, _)| !unit.is_empty()).map(|_| text.to_owned());
        if unit.is_none() && !is_label {
            return None;
        }
        units.push(unit);
    }
    units.iter().any(Option::is_some).then_some(units)
}

/// Whether a text has a unit in brackets before it, or the end of one, as a label has that ran into a
/// cell.
pub(super) fn begins_with_unit(text: &str) -> bool {
    let compact = compact(text);
    compact.split_once(')').is_some_and(|(unit, rest)| {
        let unit = unit.trim_start_matches('(').trim_start_matches("单位").trim_start_matches(':');
        !rest.is_empty() && unit_scale(unit).is_some()
    })
}

/// The text in ordinary width and without white space, circled digits as digits.
fn compact(text: &str) -> String {
    let plain = |c: char| match c {
        '①'..='⑳' => (u32::from(c) - u32::from('①') + 1).to_string(),
        other => other.to_string(),
    };
    ordinary_width(text).chars().filter(|c| !c.is_whitespace()).map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annex::departments::DepartmentIndex;
    use crate::annex::regions::RegionIndex;
    use crate::model::Spot;
    use crate::refdata::RefData;
    use crate::source::Cell;

    fn row(texts: &str) -> Row {
        let spot = Spot::line(1);
        let cells = texts.split('|').map(|text| Cell::single(text.trim().to_owned(), spot));
        Row { cells: cells.collect(), shape: RowShape::Whole, spot }
    }

    #[track_caller]
    fn check(texts: &str, expected: bool) {
        let refdata = RefData::load(&[]).unwrap();
        let departments = DepartmentIndex::new(&refdata, "630000");
        let regions = RegionIndex::new(&refdata, "630000");
        let names = RowNames { departments: &departments, regions: &regions };
        assert_eq!(is_column_numbers(&row(texts), names), expected, "{texts}");
    }

    #[test]
    fn columns_are_numbered_by_letters_and_numbers() {
        check("甲 | 乙 | 1 | 2", true);
        check("甲|乙|(1)|（２）|3=1+2", true);
        check("A|B|1|2", true);
        check("栏次|1|2|3", true);
        check("|甲|①|②", true);
        check("1|2|3|4", true);
    }

    #[test]
    fn figures_number_no_columns() {
        for texts in [
            "1|省水利厅|1|2",
            "1|省水利厅|2|3",
            "甲|乙|1|3",
            "甲|乙|2|3",
            "乙|1|2",
            "甲|乙",
            "1|甲厅|1|2",
            "1|2",
            "|1|2",
            "3|4|5|6",
            "合计|1|2",
        ] {
            check(texts, false);
        }
    }

    #[test]
    fn the_unit_of_a_label_is_told_from_a_cell() {
        for text in ["(项)1", "项）1", "（万条） 省水利厅", "(单位：件)5"] {
            assert!(begins_with_unit(text), "{text}");
        }
        for text in ["(项)", "（一）省水利厅", "(1)", "1(项)", "项1", ""] {
            assert!(!begins_with_unit(text), "{text}");
        }
    }

    #[test]
    fn a_row_of_units_has_nothing_else() {
        let units = |texts: &str| {
            let grid =
                Grid { name: None, n_columns: 4, rows: vec![row(texts)], strays: Vec::new() };
            let units = units_of_row(&grid, 0);
            units.map(|units| {
                units.into_iter().map(Option::unwrap_or_default).collect::<Vec<_>>().join("|")
            })
        };
        assert_eq!(units("||万条|条").as_deref(), Some("||万条|条"));
        assert_eq!(units("|单位|（项）|( 条 )").as_deref(), Some("||项|条"));
        assert_eq!(units("|计量单位||单位：件").as_deref(), Some("|||件"));
        assert_eq!(units("1|省水利厅|条|条"), None);
        assert_eq!(units("||万条|5"), None);
        assert_eq!(units("||万条|十万条"), None);
        assert_eq!(units("||万|条"), None);
        assert_eq!(units("|||"), None);
    }
}
