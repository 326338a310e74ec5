//! What a definition asks cells of an answer to be: refused is what no cell of the column can be.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime};

use crate::diag::{Message, name_list, nearest_names};
use crate::query::{ColumnType, ColumnValues, Query, ReferenceList, ReturnColumn};
use crate::refdata::RefData;

/// How an instant is written.
const INSTANT: &str = "%Y-%m-%d %H:%M:%S%.f";

/// Returns a value that a definition asks for as cells of the column are compared with it, so that `1.0`
/// finds the number 1; else why no cell is ever like it.
///
/// No text stands for an empty cell.
pub(in crate::report) fn cell_text(
    query: &Query,
    column: &ReturnColumn,
    text: &str,
    refdata: &RefData,
) -> Result<String, Message> {
    let about = |code| {
        Message::new(code).with("column", &column.name).with("query", &query.id).with("found", text)
    };
    if text.is_empty() {
        let is_text = column.data_type == ColumnType::Text && column.values == ColumnValues::Any;
        let can_be = column.is_nullable || is_text;
        return if can_be { Ok(String::new()) } else { Err(about("report.where_null")) };
    }
    let Some(canonical) = canonical(column.data_type, text) else {
        return Err(about("report.where_type").with("type", column.data_type));
    };
    let known: Vec<String> = match &column.values {
        ColumnValues::Any => return Ok(canonical),
        ColumnValues::Words(words) => words.clone(),
        ColumnValues::Ids(list) => ids(refdata, *list).into_iter().collect(),
    };
    if known.contains(&canonical) {
        return Ok(canonical);
    }
    Err(about("report.where_word").with("known", near_or_known(text, &known)))
}

/// Refuses a region that is none.
pub(in crate::report) fn check_region(region: &str, refdata: &RefData) -> Result<(), Message> {
    let known = ids(refdata, ReferenceList::Regions);
    if known.contains(region) {
        return Ok(());
    }
    Err(Message::new("layout.region").with("region", region))
}

/// A value of a type as cells of it are written; `None` where it is none.
fn canonical(data_type: ColumnType, text: &str) -> Option<String> {
    match data_type {
        ColumnType::Text => Some(text.to_owned()),
        ColumnType::Int => text.parse().ok().map(|number: i32| number.to_string()),
        ColumnType::Bigint => text.parse().ok().map(|number: i64| number.to_string()),
        ColumnType::Double => {
            text.parse().ok().filter(|number: &f64| number.is_finite()).map(|it| it.to_string())
        }
        ColumnType::Bool => text.parse().ok().map(|truth: bool| truth.to_string()),
        ColumnType::Date => {
            NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(|day| day.to_string())
        }
        ColumnType::Timestamp => {
            NaiveDateTime::parse_from_str(text, INSTANT).ok().map(|time| time.to_string())
        }
    }
}

fn ids(refdata: &RefData, list: ReferenceList) -> BTreeSet<String> {
    let tables = refdata.tables().filter(|table| table.name == list.as_str());
    tables.flat_map(|table| table.rows().map(|row| row.text(list.key()))).collect()
}

/// Names that are near; where none is, all of a few.
fn near_or_known(wanted: &str, known: &[String]) -> String {
    /// Ids of a list that are told at most: there are thousands of regions.
    const FEW: usize = 24;
    let near = nearest_names(wanted, known.iter().map(String::as_str));
    if near.is_empty() { name_list(&known[..known.len().min(FEW)]) } else { name_list(&near) }
}
