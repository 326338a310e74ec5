//! The departments of a block, by the codes and names of bodies.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::StringArray;

use crate::diag::printable;
use crate::records::judge::Judge;
use crate::records::judge::arrays::WordIds;
use crate::records::judge::columns::{Columns, WordColumn};
use crate::records::judge::outcome::{Body, RowCount, Unmapped};
use crate::records::profile::{Mask, RecordColumn};
use crate::records::shape::{is_body_name, is_uscc_like};

/// The department of each row, and the bodies of which none is known.
pub(super) struct Bodies {
    pub(super) departments: WordIds,
    pub(super) unmapped: Unmapped,
}

/// Departments of the values of one field, as positions in a list.
struct Found<'a> {
    column: &'a WordColumn<'a>,
    departments: Vec<i32>,
}

impl Bodies {
    /// Finds the department of each row: by the code, else by the name.
    pub(super) fn new(judge: &Judge, columns: &Columns<'_>) -> Self {
        let mut names: Vec<Arc<str>> = Vec::new();
        let mut position = |department: Option<&Arc<str>>| {
            let Some(department) = department else { return -1 };
            let at = names.iter().position(|known| known == department);
            let at = at.unwrap_or_else(|| {
                names.push(Arc::clone(department));
                names.len() - 1
            });
            i32::try_from(at).expect("a short list")
        };
        let mut found = |column: RecordColumn| {
            let column_of = judge.dataset.field_of(column).and_then(|field| columns.words(field));
            column_of.map(|words| {
                let department = |value: &String| match column {
                    RecordColumn::OrgCode => judge.departments.by_code(value),
                    _ => judge.departments.by_name(value),
                };
                let departments = words.normal.iter().map(|value| position(department(value)));
                Found { column: words, departments: departments.collect() }
            })
        };
        let (codes, by_name) = (found(RecordColumn::OrgCode), found(RecordColumn::OrgName));
        let ids = ids_of(columns.block.n_rows(), codes.as_ref(), by_name.as_ref());
        let unmapped = unmapped(judge, columns, &ids, (codes.as_ref(), by_name.as_ref()));
        let words: Vec<&str> = names.iter().map(|name| &**name).collect();
        let words = Arc::new(StringArray::from(words));
        Self { departments: WordIds { ids, words }, unmapped }
    }
}

fn ids_of(n_rows: usize, codes: Option<&Found<'_>>, names: Option<&Found<'_>>) -> Vec<i32> {
    match (codes, names) {
        (None, None) => vec![-1; n_rows],
        (Some(only), None) | (None, Some(only)) => (0..n_rows).map(|row| only.of(row)).collect(),
        (Some(codes), Some(names)) => (0..n_rows)
            .map(|row| match codes.of(row) {
                -1 => names.of(row),
                id => id,
            })
            .collect(),
    }
}

/// Returns the bodies of which no department is known, with their rows; without code and name where
/// neither looks like that of a body. Rows without code and name of a
/// body have none, and are judged by other rules.
fn unmapped(
    judge: &Judge,
    columns: &Columns<'_>,
    ids: &[i32],
    (codes, names): (Option<&Found<'_>>, Option<&Found<'_>>),
) -> Unmapped {
    let value_of = |found: Option<&Found<'_>>, row: usize| {
        found.map_or(u32::MAX, |found| found.column.words.ids[row])
    };
    let mut rows: BTreeMap<(u32, u32), RowCount> = BTreeMap::new();
    let mut last = ((u32::MAX, u32::MAX), RowCount::default());
    for (row, _) in ids.iter().enumerate().filter(|(_, id)| **id < 0) {
        let pair = (value_of(codes, row), value_of(names, row));
        if pair != last.0 {
            rows.entry(last.0).or_default().merge(&last.1);
            last = (pair, RowCount::default());
        }
        last.1.add(columns.block.source_row(row));
    }
    rows.entry(last.0).or_default().merge(&last.1);
    let value = |found: Option<&Found<'_>>, id: u32| {
        let value = found.and_then(|found| found.column.normal.get(id as usize));
        value.filter(|value| !value.is_empty()).cloned()
    };
    let shown = |value: String| printable(&judge.masks.masked(Mask::Plain, &value));
    let mut unmapped: BTreeMap<Body, RowCount> = BTreeMap::new();
    for ((code, name), count) in rows.into_iter().filter(|(_, count)| count.n_rows > 0) {
        let (code, name) = (value(codes, code), value(names, name));
        if code.is_some() || name.is_some() {
            let body = Body {
                org_code: code.filter(|code| is_uscc_like(code)).map(shown),
                org_name: name.filter(|name| is_body_name(name)).map(shown),
            };
            unmapped.entry(body).or_default().merge(&count);
        }
    }
    Unmapped::of(unmapped)
}

impl Found<'_> {
    fn of(&self, row: usize) -> i32 {
        self.departments[self.column.words.ids[row] as usize]
    }
}
