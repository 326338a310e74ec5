//! `tongban demo`: the main job on a real notice, in a workspace of its own.

use std::path::Path;

use crate::annex::ReadOptions;
use crate::cli::args::DemoArgs;
use crate::cli::context::{Context, terminal_width};
use crate::cli::failure::Failure;
use crate::cli::init::create;
use crate::cli::inspect::{described, head};
use crate::cli::query::main_columns;
use crate::cli::session::{Session, rendered};
use crate::cli::ui::print;
use crate::cli::workspace::{SETTINGS_FILE, Workspace};
use crate::diag::Message;
use crate::engine::{DuckDb, EngineLimits, Tables};
use crate::fsio;
use crate::ingest::{FileReading, IngestSettings, ingest_file, read_file};
use crate::output::Format;
use crate::query::{Query, bind};

/// The transcription that ships with the program, and the name it gets.
const NOTICE: &str = include_str!("../../data/notices/qinghai-2021-185.txt");
const NOTICE_FILE: &str = "qinghai-2021-185.txt";

/// What a data team asks first: question, and rows shown at most.
const QUESTIONS: [(&str, usize); 3] = [
    ("aggregation/concentration", 10),
    ("integration/connected_without_data", 10),
    ("aggregation/without_evaluations", 10),
];

pub(super) fn run(context: &Context, args: &DemoArgs) -> Result<(), Failure> {
    let workspace = if fsio::exists(&args.dir.join(SETTINGS_FILE)) {
        Workspace::open(&args.dir)?
    } else {
        create(&args.dir)?
    };
    let path = args.dir.join(NOTICE_FILE);
    if !fsio::exists(&path) {
        fsio::write_atomic(&path, NOTICE.as_bytes(), fsio::Mode::Public)?;
    }
    let file = ingest(context, &workspace, &path)?;
    reconcile(context, &file)?;
    answer(context, workspace)?;
    let next = Message::new("demo.next").with("path", args.dir.display());
    print(&format!("\n{}\n", next.text(context.lang())))
}

fn heading(context: &Context, code: &'static str) -> Result<(), Failure> {
    print(&format!("\n== {} ==\n", Message::new(code).text(context.lang())))
}

fn ingest(context: &Context, workspace: &Workspace, path: &Path) -> Result<FileReading, Failure> {
    heading(context, "demo.found")?;
    let refdata = workspace.refdata()?;
    let options = ReadOptions::default();
    let file = read_file(path, &refdata, &options)?;
    print(&head(&file, context.lang()))?;
    for (idx, table) in file.reading.tables.iter().enumerate() {
        print(&described(idx + 1, table, context.lang()))?;
    }
    let settings = IngestSettings {
        refdata: &refdata,
        options: &options,
        command: &context.command_line,
        author: &context.author,
        now: context.now,
    };
    let ingested = ingest_file(&workspace.lake(context)?, path, &settings)?;
    print("\n")?;
    for finding in &ingested.reading.findings {
        print(&format!("  {}\n", context.ui.finding(finding)))?;
    }
    crate::cli::ingest::tell(context, path, &ingested);
    Ok(file)
}

fn reconcile(context: &Context, file: &FileReading) -> Result<(), Failure> {
    heading(context, "demo.reconciled")?;
    for total in file.reading.totals() {
        let code = if total.is_reconciled { "inspect.reconciled" } else { "inspect.mismatch" };
        let line = Message::new(code)
            .with("label", &total.row_label)
            .with("indicator", &total.indicator)
            .with("printed", &total.printed)
            .with("sum", total.sum_value)
            .with("rows", total.n_rows);
        print(&format!("  {}\n", line.text(context.lang())))?;
    }
    Ok(())
}

fn answer(context: &Context, workspace: Workspace) -> Result<(), Failure> {
    let session = Session::of(context, workspace, None)?;
    let ids = QUESTIONS.map(|(id, _)| id);
    let queries =
        ids.iter().map(|id| session.catalogue.get(id)).collect::<Result<Vec<&Query>, _>>()?;
    let snapshot = crate::cli::args::SnapshotArgs { as_of: None, snapshot: None };
    let tables: Tables = session.tables_for(&queries, &snapshot)?;
    let engine = DuckDb::open(&tables, &EngineLimits::default())?;
    for (query, (_, n_rows)) in queries.iter().zip(QUESTIONS) {
        let table = engine.run(query, &bind(query, &[])?)?.first_rows(n_rows);
        let table = main_columns(query, table, context.lang());
        let bytes = rendered(&table, Format::Table, context.lang(), terminal_width())?;
        let title = query.summary(context.lang());
        print(&format!("\n== {title} ==\ntongban query {}\n\n", query.id))?;
        crate::cli::ui::print_bytes(&bytes)?;
    }
    heading(context, "demo.files")?;
    for (table, files) in &session.snapshot.files {
        for file in files {
            print(&format!("  {table}: {}\n", file.display()))?;
        }
    }
    Ok(())
}
