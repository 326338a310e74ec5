//! `tongban refs`: the reference tables, with the workspace's own rows.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int32Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};

use crate::annex::{Layout, Layouts};
use crate::cli::args::RefsArgs;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::refs_profiles;
use crate::cli::session::{deliver, deliver_text};
use crate::cli::workspace::OwnedReference;
use crate::diag::{Lang, Message, nearest_names, word};
use crate::records::profile::Profiles;
use crate::refdata::{RefData, RefTable};
use crate::table::{ResultTable, reference_batch};

/// What stands for the layouts among the names of tables.
const LAYOUTS: &str = "layouts";

/// What stands for the profiles among them.
const PROFILES: &str = "profiles";

pub(super) fn run(context: &Context, args: &RefsArgs) -> Result<(), Failure> {
    let reference = OwnedReference::find(context)?;
    let refdata = &reference.refdata;
    let profiles = reference.profiles()?;
    let Some(name) = &args.table else {
        deliver(context, &list(refdata, context.lang()), &args.output)?;
        context.ui.status(&Message::new("refs.next"));
        return Ok(());
    };
    if let Some(part) = args.name.as_ref().filter(|_| name != PROFILES) {
        let message = Message::new("refs.no_part").with("table", name).with("part", part);
        return Err(Failure::usage(message));
    }
    if name == LAYOUTS {
        return deliver(context, &layouts(&reference.layouts, context.lang()), &args.output);
    }
    if name == PROFILES {
        return show_profiles(context, &profiles, args);
    }
    let Some(table) = refdata.tables().find(|table| table.name == name) else {
        let tables = refdata.tables().map(|table| table.name);
        let known: Vec<&str> = tables.chain([LAYOUTS, PROFILES]).collect();
        return Err(Failure::user(unknown(name, &known)));
    };
    let batch = reference_batch(table);
    let shown = ResultTable { schema: batch.schema(), batches: vec![batch] };
    deliver(context, &shown, &args.output)
}

/// Says that no table has a name, and which are near it, else which there are.
fn unknown(name: &str, known: &[&str]) -> Message {
    let near = nearest_names(name, known.iter().copied());
    if near.is_empty() {
        Message::new("refs.table_unknown").with("table", name).with_list("known", known)
    } else {
        Message::new("refs.table_unknown_near").with("table", name).with_list("nearest", near)
    }
}

/// Lists the profiles, or shows one of them as fields and rules or as its file.
fn show_profiles(context: &Context, profiles: &Profiles, args: &RefsArgs) -> Result<(), Failure> {
    let Some(name) = &args.name else {
        return deliver(context, &refs_profiles::list(profiles, context.lang()), &args.output);
    };
    let chosen = refs_profiles::chosen(profiles, name)?;
    if args.source {
        return deliver_text(context, &chosen.profile.text, &args.output);
    }
    deliver(context, &refs_profiles::shown(&chosen, context.lang()), &args.output)
}

/// Returns the code of what a row of a table is.
fn row_code(table: &RefTable) -> String {
    format!("row_of.{}", table.name)
}

/// Returns the tables by name: rows, those that the workspace added or replaced, what a row is.
fn list(refdata: &RefData, lang: Lang) -> ResultTable {
    let tables: Vec<_> = refdata.tables().collect();
    let row = |table: &RefTable| word(&row_code(table), lang);
    let number = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    let columns: Vec<(&str, DataType, ArrayRef)> = vec![
        (
            "table",
            DataType::Utf8,
            Arc::new(tables.iter().map(|table| Some(table.name)).collect::<StringArray>()),
        ),
        (
            "n_rows",
            DataType::Int32,
            Arc::new(
                tables.iter().map(|table| number(table.rows().count())).collect::<Int32Array>(),
            ),
        ),
        (
            "n_own_rows",
            DataType::Int32,
            Arc::new(tables.iter().map(|table| number(table.n_own_rows)).collect::<Int32Array>()),
        ),
        (
            "row",
            DataType::Utf8,
            Arc::new(tables.iter().map(|table| Some(row(table))).collect::<StringArray>()),
        ),
    ];
    result_of(columns)
}

/// Returns the saved layouts in the order in which they are tried.
fn layouts(layouts: &Layouts, lang: Lang) -> ResultTable {
    let all: Vec<&Layout> = layouts.iter().collect();
    let state = |layout: &Layout| match (layout.is_draft, layout.is_builtin) {
        (true, _) => "draft_layout",
        (false, true) => "builtin",
        (false, false) => "own",
    };
    let summary = |layout: &Layout| match lang {
        Lang::En => layout.summary.clone(),
        Lang::Zh => layout.summary_zh.clone(),
    };
    result_of(vec![
        ("layout", DataType::Utf8, texts_of(&all, |layout| Some(layout.id()))),
        ("state", DataType::Utf8, texts_of(&all, |layout| Some(state(layout).to_owned()))),
        ("n_columns", DataType::Int32, counts_of(&all, |layout| layout.columns.len())),
        ("n_patterns", DataType::Int32, counts_of(&all, |layout| layout.prose.len())),
        ("summary", DataType::Utf8, texts_of(&all, |layout| Some(summary(layout)))),
    ])
}

/// Returns a column of texts, one for each of the things listed.
pub(super) fn texts_of<T>(all: &[&T], text: impl Fn(&T) -> Option<String>) -> ArrayRef {
    Arc::new(all.iter().map(|one| text(one)).collect::<StringArray>())
}

/// Returns a column of counts, one for each of the things listed.
pub(super) fn counts_of<T>(all: &[&T], count: impl Fn(&T) -> usize) -> ArrayRef {
    let number = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    Arc::new(all.iter().map(|one| number(count(one))).collect::<Int32Array>())
}

/// Returns columns of one length as a result.
pub(super) fn result_of(columns: Vec<(&str, DataType, ArrayRef)>) -> ResultTable {
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, kind, array)| Field::new(*name, kind.clone(), array.null_count() > 0))
        .collect();
    let schema = Arc::new(Schema::new(fields));
    let arrays = columns.into_iter().map(|(_, _, array)| array).collect();
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays)
        .expect("all columns come from the same list");
    ResultTable { schema, batches: vec![batch] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_described_in_both_languages() {
        let refdata = RefData::load(&[]).unwrap();
        for table in refdata.tables() {
            assert_eq!(word(&row_code(table), Lang::En), table.sidecar.row);
            let row = word(&row_code(table), Lang::Zh);
            assert!(!row.is_ascii(), "{row}");
        }
    }

    #[test]
    fn a_table_that_is_not_there_is_told_the_nearest_else_all() {
        let said = |name: &str| unknown(name, &["indicators", "regions"]).text(Lang::En);
        assert!(said("indicator").ends_with("the nearest are indicators"), "{}", said("indicator"));
        assert!(said("zzz").ends_with("there are indicators, regions"), "{}", said("zzz"));
    }
}
