//! `tongban refs`: the reference tables, with the workspace's own rows.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int32Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};

use crate::annex::{Layout, Layouts};
use crate::cli::args::RefsArgs;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::session::deliver;
use crate::cli::workspace::OwnedReference;
use crate::diag::{Lang, Message};
use crate::refdata::RefData;
use crate::table::{ResultTable, reference_batch};

/// What stands for the layouts among the names of tables.
const LAYOUTS: &str = "layouts";

pub(super) fn run(context: &Context, args: &RefsArgs) -> Result<(), Failure> {
    let reference = OwnedReference::find(context)?;
    let refdata = &reference.refdata;
    let Some(name) = &args.table else {
        deliver(context, &list(refdata), &args.output)?;
        context.ui.status(&Message::new("refs.next"));
        return Ok(());
    };
    if name == LAYOUTS {
        return deliver(context, &layouts(&reference.layouts, context.lang()), &args.output);
    }
    let Some(table) = refdata.tables().find(|table| table.name == name) else {
        let known: Vec<&str> = refdata.tables().map(|table| table.name).chain([LAYOUTS]).collect();
        let message =
            Message::new("refs.table_unknown").with("table", name).with("known", known.join(", "));
        return Err(Failure::user(message));
    };
    let batch = reference_batch(table);
    let shown = ResultTable { schema: batch.schema(), batches: vec![batch] };
    deliver(context, &shown, &args.output)
}

/// Returns the tables by name: rows, those that the workspace added or replaced, what a row is.
fn list(refdata: &RefData) -> ResultTable {
    let tables: Vec<_> = refdata.tables().collect();
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
            Arc::new(tables.iter().map(|t| Some(t.sidecar.row.clone())).collect::<StringArray>()),
        ),
    ];
    result_of(columns)
}

/// Returns the saved layouts in the order in which they are tried.
fn layouts(layouts: &Layouts, lang: Lang) -> ResultTable {
    let all: Vec<&Layout> = layouts.iter().collect();
    let text = |value: &dyn Fn(&Layout) -> String| -> ArrayRef {
        Arc::new(all.iter().map(|layout| Some(value(layout))).collect::<StringArray>())
    };
    let state = |layout: &Layout| match (layout.is_draft, layout.is_builtin) {
        (true, _) => "draft_layout",
        (false, true) => "builtin",
        (false, false) => "own",
    };
    let number = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    let counts = |value: &dyn Fn(&Layout) -> usize| -> ArrayRef {
        Arc::new(all.iter().map(|layout| number(value(layout))).collect::<Int32Array>())
    };
    result_of(vec![
        ("layout", DataType::Utf8, text(&Layout::id)),
        ("state", DataType::Utf8, text(&|layout| state(layout).to_owned())),
        ("n_columns", DataType::Int32, counts(&|layout| layout.columns.len())),
        ("n_patterns", DataType::Int32, counts(&|layout| layout.prose.len())),
        (
            "summary",
            DataType::Utf8,
            text(&|layout| match lang {
                Lang::En => layout.summary.clone(),
                Lang::Zh => layout.summary_zh.clone(),
            }),
        ),
    ])
}

fn result_of(columns: Vec<(&str, DataType, ArrayRef)>) -> ResultTable {
    let fields: Vec<Field> =
        columns.iter().map(|(name, kind, _)| Field::new(*name, kind.clone(), false)).collect();
    let schema = Arc::new(Schema::new(fields));
    let arrays = columns.into_iter().map(|(_, _, array)| array).collect();
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays)
        .expect("all columns come from the same list");
    ResultTable { schema, batches: vec![batch] }
}
