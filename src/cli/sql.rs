//! `tongban sql`: one SELECT over the lake.

use std::io::{IsTerminal, Read, stdin};
use std::path::Path;

use arrow::array::AsArray;

use crate::cli::args::SqlArgs;
use crate::cli::comparable;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::mixing::{self, Timed};
use crate::cli::session::{Session, deliver, deliver_text, format_of};
use crate::diag::Message;
use crate::engine::DuckDb;
use crate::fsio;
use crate::model::Departments;
use crate::output::Format;
use crate::table::ResultTable;

pub(super) fn run(context: &Context, args: &SqlArgs) -> Result<(), Failure> {
    let sql = statement(args)?;
    let starting = DuckDb::start();
    let session = Session::open(context, &args.snapshot, args.figures.by())?;
    let ready = starting.ready()?;
    let tables = match session.figures.departments {
        Departments::AsReported => session.tables_of(&ready.relations_in(&sql)?, &args.snapshot)?,
        // What was made comparable is told whatever is asked.
        Departments::Comparable => session.all_tables(&args.snapshot)?,
    };
    let engine = ready.open(&tables, &session.limits(&args.engine_limits))?;
    comparable::tell(context, &session, &engine)?;
    let timed = Timed::start();
    let answer = engine.run_sql(&sql)?;
    let budget = timed.budget();
    if format_of(&args.output)? == Format::Table
        && let Some(plan) = explained(&answer)
    {
        return deliver_text(context, &plan, &args.output);
    }
    deliver(context, &answer, &args.output)?;
    // What reference tables alone answer is made up by nobody.
    if session.snapshot.is_synthetic && tables.has_any_of_lake() && answer.n_rows() > 0 {
        context.ui.status(&Message::new("about.synthetic"));
    }
    mixing::tell(context, &engine.check_sums_in_sql(&sql, budget));
    engine.leave();
    Ok(())
}

/// Returns the text of an EXPLAIN, whose lines a table would run together.
fn explained(answer: &ResultTable) -> Option<String> {
    let batch = answer.batches.first().filter(|batch| batch.num_rows() > 0)?;
    batch.column_by_name("explain_key")?;
    let plan = batch.column_by_name("explain_value")?.as_string_opt::<i32>()?.value(0);
    Some(format!("{plan}\n"))
}

fn statement(args: &SqlArgs) -> Result<String, Failure> {
    if let Some(statement) = &args.statement {
        return Ok(statement.clone());
    }
    if let Some(path) = args.file.as_ref().filter(|path| *path != Path::new("-")) {
        return Ok(fsio::read_text(path)?);
    }
    if stdin().is_terminal() {
        return Err(Failure::usage(Message::new("sql.statement_missing")));
    }
    let mut sql = String::new();
    stdin().lock().read_to_string(&mut sql).map_err(|error| {
        let mut failure = Failure::user(Message::new("ui.stdin"));
        failure.causes.push(crate::diag::io_reason(&error));
        failure
    })?;
    Ok(sql)
}
