//! Rows that say the same of different things, as one row with all of their names.

use std::collections::BTreeMap;

use crate::diag::{Lang, Message};
use crate::report::content::{Cell, Column, Row, Value};
use crate::report::shown::shown;
use crate::report::told::{cell_told, comma};

/// Names that a cell lists; of more, all but one of so many and how many there are.
const FEW_NAMES: usize = 3;
/// What stands between the cells of a key: no text that is shown has it.
const APART: &str = "\u{1f}";

/// Returns rows with those joined that differ in nothing but some columns, each where the first of them
/// stood. Without columns that may differ they are what they were.
pub(super) fn merged(
    rows: Vec<Row>,
    columns: &[Column],
    may_differ: &[String],
    lang: Lang,
) -> Vec<Row> {
    let is_merged: Vec<bool> =
        columns.iter().map(|column| may_differ.contains(&column.name)).collect();
    if !is_merged.contains(&true) {
        return rows;
    }
    let key = |row: &Row| -> String {
        let cells = row.cells.iter().zip(columns).zip(&is_merged);
        let cells = cells.filter(|(_, is_merged)| !**is_merged);
        let text = |((cell, column), _): ((&Cell, &Column), _)| {
            [shown(&cell.value, column.format, lang), cell_told(cell, lang)].join(APART)
        };
        cells.map(text).collect::<Vec<_>>().join(APART)
    };
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut groups: Vec<Vec<Row>> = Vec::new();
    for row in rows {
        let place = *places.entry(key(&row)).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(row),
            None => groups.push(vec![row]),
        }
    }
    let one = |group: Vec<Row>| {
        let cell = |idx: usize| joined(&group, idx, &columns[idx], lang);
        let mut cells: Vec<(usize, Cell)> = Vec::new();
        if group.len() > 1 {
            cells.extend(
                (0..columns.len()).filter(|idx| is_merged[*idx]).map(|idx| (idx, cell(idx))),
            );
        }
        let mut row = group.into_iter().next().expect("a group begins with a row");
        for (idx, cell) in cells {
            row.cells[idx] = cell;
        }
        row
    };
    groups.into_iter().map(one).collect()
}

/// Returns the different names in a column of some rows as one cell.
fn joined(rows: &[Row], idx: usize, column: &Column, lang: Lang) -> Cell {
    let mut names: Vec<String> = Vec::new();
    for row in rows {
        let name = shown(&row.cells[idx].value, column.format, lang);
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    let text = if names.len() <= FEW_NAMES {
        names.join(comma(lang))
    } else {
        Message::new("report.merged")
            .with("names", names[..FEW_NAMES - 1].join(comma(lang)))
            .with("count", names.len())
            .text(lang)
    };
    let value = if text.is_empty() { Value::Missing } else { Value::Text(text) };
    Cell { value, ..Cell::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::content::{CellFormat, RowKind};

    fn rows(texts: &[[&str; 2]]) -> Vec<Row> {
        let cell = |text: &&str| Cell { value: Value::Text((*text).to_owned()), ..Cell::default() };
        let row = |texts: &[&str; 2]| Row {
            kind: RowKind::Body,
            cells: texts.iter().map(cell).collect(),
        };
        texts.iter().map(row).collect()
    }

    #[track_caller]
    fn check(given: &[[&str; 2]], may_differ: &[&str], expected: &[[&str; 2]]) {
        let column = |name: &str| Column {
            name: name.to_owned(),
            label: name.to_owned(),
            unit: None,
            format: CellFormat::Text,
        };
        let columns = [column("message"), column("file")];
        let may_differ: Vec<String> = may_differ.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(merged(rows(given), &columns, &may_differ, Lang::Zh), rows(expected));
    }

    #[test]
    fn rows_that_say_the_same_become_one() {
        let given = [["甲", "1"], ["乙", "1"], ["甲", "2"], ["甲", "2"]];
        check(&given, &["file"], &[["甲", "1、2"], ["乙", "1"]]);
        check(&given, &[], &given);
        let many = [["甲", "1"], ["甲", "2"], ["甲", "3"], ["甲", "4"]];
        check(&many, &["file"], &[["甲", "1、2等 4 项"]]);
    }
}
