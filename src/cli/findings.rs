//! `tongban findings`: what was wrong, odd or assumed.

use crate::cli::args::{FindingsArgs, SnapshotArgs};
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::query::main_columns;
use crate::cli::session::{Session, deliver, format_of};
use crate::engine::DuckDb;
use crate::model::FiguresBy;
use crate::output::Format;
use crate::query::bind;

/// The question that lists findings.
const QUERY: &str = "quality/findings";

pub(super) fn run(context: &Context, args: &FindingsArgs) -> Result<(), Failure> {
    let starting = DuckDb::start();
    let snapshot = SnapshotArgs { as_of: None, snapshot: args.snapshot };
    let session = Session::open(context, &snapshot, FiguresBy::default())?;
    let query = session.catalogue.get(QUERY)?;
    let params = bind(query, &[("minimum".to_owned(), args.severity.to_string())])?;
    let tables = session.tables_for(&[query], &snapshot)?;
    let engine = starting.open(&tables, &session.default_limits())?;
    let answer = engine.run(query, &params)?;
    engine.leave();
    let answer = if format_of(&args.output)? == Format::Table {
        main_columns(query, answer, context.lang())
    } else {
        answer
    };
    deliver(context, &answer, &args.output)
}
