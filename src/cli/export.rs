//! `tongban export`: datasets for other tools, and the check of an export.

use std::sync::atomic::AtomicBool;

use crate::cli::args::ExportArgs;
use crate::cli::context::Context;
use crate::cli::export_datasets::{Planner, WHOLE};
use crate::cli::failure::{Failure, FailureKind};
use crate::cli::interrupt;
use crate::cli::names::{Named, id_of};
use crate::cli::session::Session;
use crate::cli::workspace::{is_kept_by_workspace, is_of_workspace};
use crate::diag::Message;
use crate::engine::DuckDb;
use crate::export::{
    Access, CURRENT, Dataset, ExportError, ExportFolder, ExportFormat, Order, Placed, Provenance,
    RowFilter, Written, check, write,
};
use crate::fsio;
use crate::model::ShownOrigin;
use crate::table::ParquetReaders;

pub(super) fn run(context: &Context, args: &ExportArgs) -> Result<(), Failure> {
    let is_cancelled = interrupt::watch();
    if args.check {
        return tell_check(context, args, &is_cancelled);
    }
    check_choice(args)?;
    let starting = DuckDb::start();
    let session = Session::open(context, &args.snapshot, args.figures.by())?;
    let filter = filter_of(&session, args)?;
    let planner = Planner::new(&session, args, filter.clone(), &is_cancelled)?;
    let duckdb = starting.open(&planner.tables()?, &session.limits(&args.engine_limits))?;
    let datasets = planner.datasets(&duckdb)?;
    let provenance = provenance_of(&session, args, &filter);
    let order = Order {
        datasets: &datasets,
        formats: &distinct(&args.formats),
        headers: args.headers,
        partition_by: args.partition_by.as_deref(),
        readers: if args.compat { ParquetReaders::Old } else { ParquetReaders::Current },
        provenance: &provenance,
        lang: context.lang(),
        duckdb: Some(&duckdb),
        is_cancelled: &is_cancelled,
    };
    let access = if args.records { Access::Owner } else { Access::Everybody };
    let folder = ExportFolder::take(&args.dir, access).map_err(failure)?;
    let written = match write(order, folder.part()) {
        Ok(written) => written,
        Err(error) => {
            folder.abandon();
            return Err(failure(error));
        }
    };
    let placed = folder.place(session.snapshot.number, usize::from(args.keep)).map_err(failure)?;
    if provenance.is_synthetic {
        context.ui.warning(&Message::new("export.synthetic"));
    }
    tell(context, (&datasets, &written), &placed);
    Ok(())
}

/// Returns why an export ended: by the user, by us, or by what stood in its way.
pub(super) fn failure(error: ExportError) -> Failure {
    let kind = match error {
        ExportError::Cancelled => FailureKind::Interrupted,
        ExportError::RowsAbsent { .. } => FailureKind::Internal,
        _ => FailureKind::User,
    };
    Failure { kind, ..Failure::from(error) }
}

/// Refuses what would let out more than was asked for, or write where nothing is written.
fn check_choice(args: &ExportArgs) -> Result<(), Failure> {
    if let Some((from, to)) = args.from.zip(args.to).filter(|(from, to)| from > to) {
        let message = Message::new("trend.reversed").with("from", from).with("to", to);
        return Err(Failure::usage(message));
    }
    let origin = args.figures.origin;
    if origin != ShownOrigin::Published && !args.unpublished {
        let message = Message::new("export.origin_unpublished").with("origin", origin);
        return Err(Failure::usage(message));
    }
    let of_parquet = [("--partition-by", args.partition_by.is_some()), ("--compat", args.compat)];
    if let Some((option, _)) = of_parquet.into_iter().find(|(_, is_given)| *is_given)
        && !args.formats.contains(&ExportFormat::Parquet)
    {
        let formats: Vec<&str> = args.formats.iter().map(|format| format.as_str()).collect();
        let message = Message::new("export.parquet_only").with("option", option);
        return Err(Failure::usage(message.with("formats", formats.join(","))));
    }
    let dir = fsio::real_path(&args.dir);
    if is_kept_by_workspace(&dir) || is_of_workspace(&dir.join(CURRENT)) {
        let message = Message::new("output.of_workspace").with("path", args.dir.display());
        return Err(Failure::user(message));
    }
    Ok(())
}

fn filter_of(session: &Session, args: &ExportArgs) -> Result<RowFilter, Failure> {
    let departments = args.only_departments.iter();
    let ids = departments.map(|name| id_of(&session.refdata, Named::Department, name));
    Ok(RowFilter { from: args.from, to: args.to, departments: ids.collect::<Result<_, _>>()? })
}

fn distinct(formats: &[ExportFormat]) -> Vec<ExportFormat> {
    ExportFormat::ALL.iter().copied().filter(|format| formats.contains(format)).collect()
}

fn provenance_of(session: &Session, args: &ExportArgs, filter: &RowFilter) -> Provenance {
    Provenance {
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        snapshot: session.snapshot.number,
        committed_at: session.snapshot.snapshots.last().map(|last| last.committed_at),
        as_of: args.snapshot.as_of,
        origin: args.figures.origin.as_str().to_owned(),
        departments: session.figures.departments.as_str().to_owned(),
        is_synthetic: session.snapshot.is_synthetic,
        has_unpublished: args.unpublished,
        has_records: args.records,
        has_pseudonyms: args.pseudonyms,
        min_cell: args.min_cell,
        from: filter.from,
        to: filter.to,
        only_departments: filter.departments.clone(),
        reference_hash: session.refdata.overrides_hash().map(str::to_owned),
    }
}

/// Says what was written, and what has to be known about it.
fn tell(context: &Context, (datasets, written): (&[Dataset], &Written), placed: &Placed) {
    for (dataset, counts) in datasets.iter().zip(&written.datasets) {
        let about = |code| Message::new(code).with("dataset", &counts.name);
        if counts.n_rows == 0 {
            context.ui.warning(&about("export.no_rows"));
        }
        if counts.n_cut > 0 {
            context.ui.warning(&about("export.cut").with("count", counts.n_cut));
        }
        if counts.n_neutralised > 0 {
            context.ui.status(&about("export.neutralised").with("count", counts.n_neutralised));
        }
        for note in dataset.notes.iter().filter(|note| note.code != WHOLE) {
            context.ui.warning(&about("export.note").with("note", note.text(context.lang())));
        }
    }
    tell_whole(context, datasets);
    for warning in &placed.warnings {
        context.ui.warning(warning);
    }
    let code = if placed.is_unchanged { "export.unchanged" } else { "export.written" };
    let n_rows: u64 = written.datasets.iter().map(|counts| counts.n_rows).sum();
    let message = Message::new(code)
        .with("path", placed.folder.display())
        .with("datasets", datasets.len())
        .with("rows", n_rows)
        .with("files", written.n_files)
        .with("size", megabytes(written.n_bytes));
    context.ui.status(&message);
}

/// Says once of all reference tables that their rows were not chosen.
fn tell_whole(context: &Context, datasets: &[Dataset]) {
    let is_whole = |dataset: &&Dataset| dataset.notes.iter().any(|note| note.code == WHOLE);
    let names: Vec<&str> =
        datasets.iter().filter(is_whole).map(|dataset| dataset.name.as_str()).collect();
    if !names.is_empty() {
        let note = Message::new(WHOLE).text(context.lang());
        let message = Message::new("export.note").with_list("dataset", names);
        context.ui.note(&message.with("note", note));
    }
}

fn tell_check(
    context: &Context,
    args: &ExportArgs,
    is_cancelled: &AtomicBool,
) -> Result<(), Failure> {
    let outcome = check(&args.dir, is_cancelled).map_err(failure)?;
    let about = |code| {
        Message::new(code)
            .with("path", outcome.folder.display())
            .with("files", outcome.n_files)
            .with("size", megabytes(outcome.n_bytes))
    };
    if outcome.faults.is_empty() {
        context.ui.status(&about("export.checked"));
        return Ok(());
    }
    let found = Failure::user(about("export.damaged").with("count", outcome.faults.len()));
    let found = Failure { kind: FailureKind::Findings, details: outcome.faults, ..found };
    Err(found)
}

/// Returns a size in millions of bytes with one digit behind the point, as 86.1.
fn megabytes(n_bytes: u64) -> String {
    let tenths = n_bytes.div_ceil(100_000);
    format!("{}.{}", tenths / 10, tenths % 10)
}
