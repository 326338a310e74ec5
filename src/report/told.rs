//! What formats without marks of their own say of values in words: of cells, of figures, of columns.

use crate::diag::{Lang, Message};
use crate::report::accounts::accounts;
use crate::report::content::{
    Block, Cell, CellFormat, Column, Figure, Mark, Report, Row, Span, Table, TablePurpose, Value,
};
use crate::report::shown::{mark_words, shown};

/// Digits of a hash.
const HASH_LENGTH: usize = 64;

/// Returns the accounts of a report that shows none by itself: its definition may have a place for them.
pub(super) fn closing_accounts(report: &Report) -> Vec<Table> {
    let mut blocks = report.sections.iter().flat_map(|section| &section.blocks);
    let is_accounts = |block: &Block| matches!(block, Block::Table(table) if table.purpose == TablePurpose::Accounts);
    if blocks.any(is_accounts) {
        return Vec::new();
    }
    accounts(&report.provenance, "provenance", report.lang)
}

/// Returns the title of a column with the unit of its values.
pub(super) fn title_of(column: &Column, lang: Lang) -> String {
    match &column.unit {
        None => column.label.clone(),
        Some(unit) => bracketed(&column.label, unit, lang),
    }
}

/// Returns which columns of a table need not be shown, and what is said instead: those in which all rows say
/// the same in words or name the same day, and those that are empty.
pub(super) fn folded(table: &Table, lang: Lang) -> (Vec<bool>, Vec<String>) {
    let mut are_folded = vec![false; table.columns.len()];
    let mut notes = Vec::new();
    if table.purpose != TablePurpose::Reading || table.rows.len() < 2 {
        return (are_folded, notes);
    }
    let mut empty: Vec<String> = Vec::new();
    for (idx, column) in table.columns.iter().enumerate().skip(1) {
        let mut cells = table.rows.iter().filter_map(|row| row.cells.get(idx));
        let Some(first) = cells.next() else { continue };
        if is_told(first) || !cells.all(|cell| cell == first) {
            continue;
        }
        let is_words =
            matches!(column.format, CellFormat::Text | CellFormat::Day | CellFormat::Month);
        match &first.value {
            // That nothing has to be remarked goes without saying.
            Value::Missing if column.format == CellFormat::Text => {}
            Value::Missing => empty.push(column.label.clone()),
            value if is_words => {
                let message = Message::new("report.note_same")
                    .with("label", &column.label)
                    .with("value", shown(value, column.format, lang));
                notes.push(message.text(lang));
            }
            _ => continue,
        }
        are_folded[idx] = true;
    }
    if !empty.is_empty() {
        notes.push(Message::new("report.note_empty").with_list("columns", empty).text(lang));
    }
    (are_folded, notes)
}

/// Returns a paragraph; what must be known of a figure stands behind it.
pub(super) fn prose(spans: &[Span], lang: Lang) -> String {
    let span_text = |span: &Span| match span {
        Span::Text { text } => text.clone(),
        Span::Figure(figure) => figure_text(figure, lang),
    };
    spans.iter().map(span_text).collect()
}

fn figure_text(figure: &Figure, lang: Lang) -> String {
    if figure.marks.is_empty() {
        return figure.shown.clone();
    }
    bracketed(&figure.shown, &marks_text(&figure.marks, lang), lang)
}

/// Returns what must be known of the cells of a row, each by the title of its column, those of which it is
/// the same together; empty where there is nothing.
pub(super) fn row_told(row: &Row, columns: &[Column], lang: Lang) -> String {
    let colon = if lang == Lang::Zh { "：" } else { ": " };
    let mut told: Vec<(String, Vec<&str>)> = Vec::new();
    for (cell, column) in row.cells.iter().zip(columns).filter(|(cell, _)| is_told(cell)) {
        let words = cell_told(cell, lang);
        match told.iter_mut().find(|(known, _)| *known == words) {
            Some((_, labels)) => labels.push(&column.label),
            None => told.push((words, vec![&column.label])),
        }
    }
    let told: Vec<String> = told
        .iter()
        .map(|(words, labels)| [&labels.join(comma(lang)), colon, words].concat())
        .collect();
    told.join(semicolon(lang))
}

/// Whether something must be known of a cell.
pub(super) fn is_told(cell: &Cell) -> bool {
    !cell.marks.is_empty() || cell.remark.is_some()
}

/// Returns what must be known of a cell: its marks, then its remark; empty where there is nothing.
pub(super) fn cell_told(cell: &Cell, lang: Lang) -> String {
    let marks = marks_text(&cell.marks, lang);
    let parts = [Some(marks).filter(|marks| !marks.is_empty()), cell.remark.clone()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(semicolon(lang))
}

/// Returns what marks mean.
pub(super) fn marks_text(marks: &[Mark], lang: Lang) -> String {
    let words: Vec<String> = marks.iter().map(|mark| mark_words(*mark, lang).1).collect();
    words.join(comma(lang))
}

/// Returns how many decimals a value has as it is shown.
pub(super) fn n_decimals(value: &Value, format: CellFormat) -> usize {
    let shown = shown(value, format, Lang::En);
    let decimals = shown.split_once('.').map_or("", |(_, decimals)| decimals);
    decimals.bytes().take_while(u8::is_ascii_digit).count()
}

/// Returns a text with another one in brackets behind it.
pub(super) fn bracketed(text: &str, inner: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("{text}（{inner}）"),
        Lang::En => format!("{text} ({inner})"),
    }
}

/// Tells whether a text is a hash: nobody compares all its digits on paper, and evidence has them.
pub(super) fn is_hash(text: &str, format: CellFormat) -> bool {
    format == CellFormat::Id
        && text.len() == HASH_LENGTH
        && text.bytes().all(|digit| digit.is_ascii_hexdigit())
}

/// Returns what stands between the parts of a list.
pub(super) fn comma(lang: Lang) -> &'static str {
    if lang == Lang::Zh { "、" } else { ", " }
}

/// Returns what stands between sentences.
pub(super) fn semicolon(lang: Lang) -> &'static str {
    if lang == Lang::Zh { "；" } else { "; " }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_must_be_known_of_a_row_stands_in_words() {
        let column = |label: &str, unit: Option<&str>| Column {
            name: label.to_owned(),
            label: label.to_owned(),
            unit: unit.map(str::to_owned),
            format: CellFormat::Text,
        };
        let columns = [column("办件", Some("件")), column("好差评", None)];
        assert_eq!(
            columns.each_ref().map(|column| title_of(column, Lang::Zh)),
            ["办件（件）", "好差评"]
        );
        let cell = Cell {
            value: Value::Missing,
            marks: vec![Mark::Returned],
            remark: Some("未报".to_owned()),
        };
        let kind = crate::report::content::RowKind::Body;
        let row = Row { kind, cells: vec![Cell::default(), cell.clone()] };
        let meaning = mark_words(Mark::Returned, Lang::Zh).1;
        assert_eq!(row_told(&row, &columns, Lang::Zh), format!("好差评：{meaning}；未报"));
        let row = Row { kind, cells: vec![cell.clone(), cell] };
        let both = format!("办件, 好差评: {}; 未报", mark_words(Mark::Returned, Lang::En).1);
        assert_eq!(row_told(&row, &columns, Lang::En), both);
    }

    #[test]
    fn what_all_rows_share_is_told_once() {
        let column = |name: &str, format| Column {
            name: name.to_owned(),
            label: name.to_owned(),
            unit: None,
            format,
        };
        let text = |text: &str| Cell { value: Value::Text(text.to_owned()), ..Cell::default() };
        let number = |value| Cell { value: Value::Whole(value), ..Cell::default() };
        let row = |name: &str, value| Row {
            kind: crate::report::content::RowKind::Body,
            cells: vec![
                text(name),
                text("省级"),
                number(value),
                number(1),
                Cell::default(),
                Cell::default(),
            ],
        };
        let count = CellFormat::Number { decimals: 0 };
        let columns = [
            column("部门", CellFormat::Text),
            column("类别", CellFormat::Text),
            column("数值", count),
            column("个数", count),
            column("变动", count),
            column("须知", CellFormat::Text),
        ];
        let mut table = Table {
            id: "a".to_owned(),
            title: "a".to_owned(),
            purpose: TablePurpose::Reading,
            columns: columns.to_vec(),
            rows: vec![row("甲", 1), row("乙", 2)],
            notes: Vec::new(),
            asked: None,
        };
        let notes = ["各行类别：省级".to_owned(), "各行均无数据，未列出：变动".to_owned()];
        assert_eq!(
            folded(&table, Lang::Zh),
            (vec![false, true, false, false, true, true], notes.to_vec())
        );
        // One row alone, and one of which something must be known, are shown as they are.
        table.rows[1].cells[4].remark = Some("未报".to_owned());
        assert_eq!(folded(&table, Lang::Zh).0, [false, true, false, false, false, true]);
        table.rows.truncate(1);
        assert_eq!(folded(&table, Lang::Zh), (vec![false; 6], Vec::new()));
    }

    #[test]
    fn decimals_are_those_that_are_shown() {
        let count = |value, format| n_decimals(&Value::Number(value), format);
        assert_eq!(count(1_234.5, CellFormat::Number { decimals: 4 }), 1);
        assert_eq!(count(12.0, CellFormat::Percent { decimals: 2 }), 2);
        assert_eq!(count(8.0, CellFormat::Change { decimals: 2 }), 0);
    }
}
