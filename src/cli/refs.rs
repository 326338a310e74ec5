//! `tongban refs`: the reference tables, with the workspace's own rows.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int32Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};

use crate::cli::args::RefsArgs;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::session::deliver;
use crate::cli::workspace::Workspace;
use crate::diag::Message;
use crate::refdata::RefData;
use crate::table::{ResultTable, reference_batch};

pub(super) fn run(context: &Context, args: &RefsArgs) -> Result<(), Failure> {
    let refdata = match Workspace::find(context) {
        Ok(workspace) => workspace.refdata()?,
        Err(failure) if context.workspace.is_some() => return Err(failure),
        Err(_) => RefData::load(&[])?,
    };
    let Some(name) = &args.table else {
        deliver(context, &list(&refdata), &args.output)?;
        context.ui.status(&Message::new("refs.next"));
        return Ok(());
    };
    let Some(table) = refdata.tables().find(|table| table.name == name) else {
        let known: Vec<&str> = refdata.tables().map(|table| table.name).collect();
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
    let fields: Vec<Field> =
        columns.iter().map(|(name, kind, _)| Field::new(*name, kind.clone(), false)).collect();
    let schema = Arc::new(Schema::new(fields));
    let arrays = columns.into_iter().map(|(_, _, array)| array).collect();
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays)
        .expect("all columns come from the same tables");
    ResultTable { schema, batches: vec![batch] }
}
