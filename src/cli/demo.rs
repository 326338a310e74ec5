//! `tongban demo`: the main job on a real notice, in a workspace of its own, and then on made-up records
//! and forms, with reports about them.

use std::path::Path;

use crate::annex::{ReadOptions, Reading};
use crate::cli::about;
use crate::cli::args::DemoArgs;
use crate::cli::context::{Context, terminal_width};
use crate::cli::demo_records;
use crate::cli::failure::Failure;
use crate::cli::init::create;
use crate::cli::inspect::{described, described_total, head};
use crate::cli::query::main_columns;
use crate::cli::session::{Session, rendered};
use crate::cli::ui::print;
use crate::cli::workspace::{SETTINGS_FILE, Workspace};
use crate::diag::Message;
use crate::engine::{DuckDb, EngineLimits, Tables};
use crate::fsio;
use crate::ingest::{OpenSettings, OpenedFile, OpenedFor, ingest_source, open_file};
use crate::output::Format;
use crate::query::{Query, bind};

/// The transcription that ships with the program, and the name it gets.
pub(super) const NOTICE: &str = include_str!("../../data/notices/qinghai-2021-185.txt");
pub(super) const NOTICE_FILE: &str = "qinghai-2021-185.txt";

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
        create(&args.dir, context.suitability)?
    };
    let path = args.dir.join(NOTICE_FILE);
    if !fsio::exists(&path) {
        fsio::write_atomic(&path, NOTICE.as_bytes(), fsio::Mode::Public)?;
    }
    let reading = ingest(context, &workspace, &path)?;
    reconcile(context, &reading)?;
    answer(context, workspace, &QUESTIONS)?;
    tell_files(context, &args.dir)?;
    demo_records::run(context, &args.dir)?;
    let next = Message::new("demo.next").with("path", args.dir.display());
    print(&format!("\n{}\n", next.text(context.lang())))
}

/// Prints a title between two parts.
pub(super) fn heading(context: &Context, code: &'static str) -> Result<(), Failure> {
    print(&format!("\n== {} ==\n", Message::new(code).text(context.lang())))
}

fn ingest(context: &Context, workspace: &Workspace, path: &Path) -> Result<Reading, Failure> {
    heading(context, "demo.found")?;
    let reference = workspace.reference()?;
    let profiles = reference.profiles()?;
    let options = ReadOptions::default();
    let opening = OpenSettings {
        program: &context.program,
        opened_for: OpenedFor::Figures,
        reference: reference.as_ref(),
        profiles: &profiles,
        options: &options,
    };
    let OpenedFile::Document(mut source) = open_file(path, opening)? else {
        unreachable!("the demonstration has a text")
    };
    let settings = context.ingest_settings(reference.as_ref(), &profiles, &options);
    let ingested = ingest_source(&workspace.lake(context)?, &mut source, &settings)?;
    let reading = &ingested.reading;
    print(&head(&source, reading, context.lang()))?;
    for (idx, table) in reading.tables.iter().enumerate() {
        print(&described(idx + 1, table, context.lang()))?;
    }
    print("\n")?;
    for finding in &reading.findings {
        print(&format!("  {}\n", context.ui.finding(finding)))?;
    }
    crate::cli::ingest::tell(context, &source.shown, &ingested);
    Ok(ingested.reading)
}

fn reconcile(context: &Context, reading: &Reading) -> Result<(), Failure> {
    heading(context, "demo.reconciled")?;
    for total in reading.totals() {
        print(&format!("  {}\n", described_total(total, context.lang())))?;
    }
    Ok(())
}

/// Answers questions, each with the rows that are shown of it at most.
pub(super) fn answer(
    context: &Context,
    workspace: Workspace,
    questions: &[(&str, usize)],
) -> Result<(), Failure> {
    let session = Session::of(context, workspace, None)?;
    let ids = questions.iter().map(|(id, _)| session.catalogue.get(id));
    let queries = ids.collect::<Result<Vec<&Query>, _>>()?;
    let snapshot = crate::cli::args::SnapshotArgs { as_of: None, snapshot: None };
    let tables: Tables = session.tables_for(&queries, &snapshot)?;
    let engine = DuckDb::open(&tables, &EngineLimits::default())?;
    for (query, (_, n_rows)) in queries.iter().zip(questions) {
        let answer = engine.run(query, &bind(query, &[])?)?.first_rows(*n_rows);
        let table = main_columns(query, answer.clone(), context.lang());
        let bytes = rendered(&table, Format::Table, context.lang(), terminal_width())?;
        let title = query.summary(context.lang());
        print(&format!("\n== {title} ==\ntongban query {}\n\n", query.id))?;
        crate::cli::ui::print_bytes(&bytes)?;
        print(&about::lines(query, &answer, &table, context.lang()))?;
    }
    Ok(())
}

fn tell_files(context: &Context, dir: &Path) -> Result<(), Failure> {
    heading(context, "demo.files")?;
    for (table, files) in &Workspace::open(dir)?.lake(context)?.snapshot(None)?.files {
        for file in files {
            print(&format!("  {table}: {}\n", file.display()))?;
        }
    }
    Ok(())
}
