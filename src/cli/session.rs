//! One snapshot of a workspace, ready to be asked; and where answers go.

use std::collections::BTreeSet;
use std::num::NonZeroU16;
use std::path::Path;

use arrow::array::AsArray;

use crate::cli::args::{EngineArgs, OutputArgs, SnapshotArgs};
use crate::cli::context::{Context, terminal_width};
use crate::cli::failure::Failure;
use crate::cli::ui::print_bytes;
use crate::cli::workspace::{Workspace, is_of_workspace};
use crate::diag::{Lang, Message, joined};
use crate::engine::{
    CHECK_TABLES, EngineLimits, RESTRICTED_TABLES, Relations, Tables, table_names,
};
use crate::fsio;
use crate::lake::SnapshotView;
use crate::model::{FiguresBy, ShownOrigin};
use crate::output::{Format, RenderOptions, render, stored_word};
use crate::query::{Catalogue, Query, QueryOrigin};
use crate::refdata::RefData;
use crate::table::{LakeTable, ResultTable, SessionChoice};

/// The column that says what to do about a row.
const ADVICE: &str = "advice";

/// The view of figures that questions are built on.
const FIGURES: &str = "observations_latest";

/// A snapshot with the queries and reference data of its workspace.
pub(super) struct Session {
    pub(super) workspace: Workspace,
    pub(super) catalogue: Catalogue,
    pub(super) refdata: RefData,
    pub(super) snapshot: SnapshotView,
    /// Which figures its views show.
    pub(super) figures: FiguresBy,
}

impl Session {
    pub(super) fn open(
        context: &Context,
        snapshot: &SnapshotArgs,
        figures: FiguresBy,
    ) -> Result<Self, Failure> {
        let workspace = Workspace::find(context)?;
        let session = Self::of(context, workspace, snapshot.snapshot)?;
        let catalogue = session.catalogue.with_departments(figures.departments);
        Ok(Self { catalogue, figures, ..session })
    }

    pub(super) fn of(
        context: &Context,
        workspace: Workspace,
        snapshot: Option<i64>,
    ) -> Result<Self, Failure> {
        let catalogue = workspace.queries()?;
        let refdata = workspace.reference()?.refdata;
        let snapshot = workspace.lake(context)?.snapshot(snapshot)?;
        if !snapshot.with_losses.is_empty() {
            context.ui.warning(&losses(snapshot.with_losses.len()));
        }
        let figures = FiguresBy::default();
        Ok(Self { workspace, catalogue, refdata, snapshot, figures })
    }

    /// Returns the tables that some queries read, with their views.
    pub(super) fn tables_for(
        &self,
        queries: &[&Query],
        args: &SnapshotArgs,
    ) -> Result<Tables, Failure> {
        self.tables_of_origin(queries, args, self.figures.origin)
    }

    /// Returns the tables that some queries read, with views that show the figures of this origin.
    pub(super) fn tables_of_origin(
        &self,
        queries: &[&Query],
        args: &SnapshotArgs,
        origin: ShownOrigin,
    ) -> Result<Tables, Failure> {
        let mut wanted: BTreeSet<&str> =
            queries.iter().flat_map(|query| self.catalogue.tables_for(query)).collect();
        if queries.iter().any(|query| query.origin == QueryOrigin::Workspace) {
            wanted.extend(CHECK_TABLES);
        }
        let read = queries.iter().flat_map(|query| &query.head.reads);
        let views = self.catalogue.views_named(read.map(String::as_str));
        let figures = FiguresBy { origin, ..self.figures };
        let choice = SessionChoice { figures, ..self.choice(args) };
        Ok(Tables::of(&self.snapshot, &self.refdata, choice, &views, Some(&wanted))?)
    }

    /// Returns what a statement may read: the tables and views that it names, with all that they read. All
    /// there are where it names something else, because then it may look at what there is.
    pub(super) fn tables_of(
        &self,
        relations: &Relations,
        args: &SnapshotArgs,
    ) -> Result<Tables, Failure> {
        let Relations::Named { names, own } = relations else { return self.all_tables(args) };
        let tables = table_names(&self.refdata);
        let mut wanted: BTreeSet<&str> = BTreeSet::new();
        for name in names {
            let table = tables.iter().copied().find(|known| known.eq_ignore_ascii_case(name));
            match table.or_else(|| self.catalogue.view_called(name)) {
                Some(known) => {
                    wanted.insert(known);
                }
                None if own.contains(name) => {}
                None => return self.all_tables(args),
            }
        }
        let views = self.catalogue.views_named(wanted.iter().copied());
        // What somebody wrote may read more than its head says.
        if views.iter().any(|view| view.origin == QueryOrigin::Workspace) {
            return self.all_tables(args);
        }
        let read = views.iter().flat_map(|view| &view.head.reads).map(String::as_str);
        let wanted = wanted.iter().copied().chain(read).collect();
        Ok(Tables::of(&self.snapshot, &self.refdata, self.choice(args), &views, Some(&wanted))?)
    }

    /// Returns the named tables and views, and those that some queries read; with only what was published in
    /// them, where nothing else may be shown.
    pub(super) fn tables_to_export(
        &self,
        queries: &[&Query],
        names: &BTreeSet<&str>,
        (args, is_published_only): (&SnapshotArgs, bool),
    ) -> Result<Tables, Failure> {
        let read = queries.iter().flat_map(|query| &query.head.reads).map(String::as_str);
        let read: BTreeSet<&str> = read.chain(names.iter().copied()).collect();
        let views = self.catalogue.views_named(read.iter().copied());
        let of_views = views.iter().flat_map(|view| &view.head.reads).map(String::as_str);
        let mut wanted: BTreeSet<&str> = read.iter().copied().chain(of_views).collect();
        if is_published_only && RESTRICTED_TABLES.iter().any(|name| wanted.contains(name)) {
            wanted.insert(LakeTable::Observations.as_str());
        }
        let tables =
            Tables::of(&self.snapshot, &self.refdata, self.choice(args), &views, Some(&wanted))?;
        Ok(Tables { is_published_only, ..tables })
    }

    /// Returns all tables and views.
    pub(super) fn all_tables(&self, args: &SnapshotArgs) -> Result<Tables, Failure> {
        let views = self.catalogue.views();
        Ok(Tables::of(&self.snapshot, &self.refdata, self.choice(args), &views, None)?)
    }

    /// Tells whether a question is about figures of one origin, and so follows `--origin`.
    pub(super) fn is_of_one_origin(&self, query: &Query) -> bool {
        self.catalogue.views_for(query).into_iter().any(|view| view.name() == FIGURES)
    }

    fn choice(&self, args: &SnapshotArgs) -> SessionChoice {
        SessionChoice { as_of: args.as_of, figures: self.figures }
    }

    /// Returns the limits of the engines that the settings name.
    pub(super) fn default_limits(&self) -> EngineLimits {
        EngineLimits {
            threads: self.workspace.settings.threads.map(NonZeroU16::get),
            memory: self.workspace.settings.memory.clone(),
        }
    }

    /// Returns the limits of the engines: options, else settings.
    pub(super) fn limits(&self, args: &EngineArgs) -> EngineLimits {
        EngineLimits {
            threads: args.threads.or(self.workspace.settings.threads.map(NonZeroU16::get)),
            memory: args.memory.clone().or_else(|| self.workspace.settings.memory.clone()),
        }
    }
}

/// Says that rows of some batches are lost.
pub(super) fn losses(n_batches: usize) -> Message {
    Message::new("lake.losses").with("batches", n_batches)
}

/// Returns the format of a result: the one asked for, else as the file's name says, else a table.
pub(super) fn format_of(args: &OutputArgs) -> Result<Format, Failure> {
    if let Some(format) = args.format {
        return Ok(format);
    }
    let Some(path) = args.file() else { return Ok(Format::Table) };
    let extension = path.extension().map(|end| end.to_string_lossy().to_lowercase());
    match extension.as_deref() {
        Some("txt") => Ok(Format::Table),
        Some("md") => Ok(Format::Markdown),
        Some(end) if Format::parse(end).is_some() => Ok(Format::parse(end).unwrap_or(Format::Csv)),
        _ => {
            Err(Failure::usage(Message::new("output.format_unknown").with("path", path.display())))
        }
    }
}

/// Writes a result to standard output or, complete or not at all, to the file that is named.
pub(super) fn deliver(
    context: &Context,
    table: &ResultTable,
    args: &OutputArgs,
) -> Result<(), Failure> {
    deliver_about(context, table, "", args)
}

/// Writes a result as [`deliver`] does, with lines below a table that say what it is about; formats that
/// programs read have none.
pub(super) fn deliver_about(
    context: &Context,
    table: &ResultTable,
    about: &str,
    args: &OutputArgs,
) -> Result<(), Failure> {
    let format = format_of(args)?;
    let width = if args.file().is_none() { terminal_width() } else { None };
    if format == Format::Parquet && width.is_some() {
        return Err(Failure::usage(Message::new("output.binary_to_terminal")));
    }
    let mut bytes = rendered(table, format, context.lang(), width)?;
    if format == Format::Table {
        bytes.extend_from_slice(about.as_bytes());
    }
    match args.file() {
        None => print_bytes(&bytes),
        Some(path) => {
            write_result(path, &bytes)?;
            let message = Message::new("ui.written")
                .with("path", path.display())
                .with("rows", table.n_rows());
            context.ui.status(&message);
            Ok(())
        }
    }
}

/// Writes what was found, with what to do about each row in the column `advice`. In a table it stands below, each
/// advice once and with what `key` says of its rows: those that are alike would repeat long sentences.
pub(super) fn deliver_advised(
    context: &Context,
    table: &ResultTable,
    key: &str,
    args: &OutputArgs,
) -> Result<(), Failure> {
    if format_of(args)? != Format::Table {
        return deliver(context, table, args);
    }
    let lang = context.lang();
    let [label, colon] = ["ui.hint", "ui.colon"].map(|code| Message::new(code).text(lang));
    let mut about = String::new();
    for (advice, keys) in advice_in(table, key) {
        let word =
            |stored: &&str| stored_word(key, stored, lang).unwrap_or_else(|| (*stored).to_owned());
        let words = joined(&keys.iter().map(word).collect::<Vec<_>>(), lang);
        about.push_str(&format!("{label}{words}{colon}{advice}\n"));
    }
    let names = table.schema.fields().iter().map(|field| field.name().clone());
    let shown: Vec<String> = names.filter(|name| name != ADVICE).collect();
    deliver_about(context, &table.select(&shown), &about, args)
}

/// Returns every advice of a table once, in order, with what the column `key` says of the rows that have it.
fn advice_in<'t>(table: &'t ResultTable, key: &str) -> Vec<(&'t str, Vec<&'t str>)> {
    let mut all: Vec<(&str, Vec<&str>)> = Vec::new();
    for batch in &table.batches {
        let [advice, keys] = [ADVICE, key].map(|name| {
            let column =
                batch.column_by_name(name).and_then(|column| column.as_string_opt::<i32>());
            column.into_iter().flatten()
        });
        for (advice, stored) in advice.zip(keys) {
            let (Some(advice), Some(stored)) = (advice, stored) else { continue };
            let at = all.iter().position(|(known, _)| *known == advice).unwrap_or_else(|| {
                all.push((advice, Vec::new()));
                all.len() - 1
            });
            if !all[at].1.contains(&stored) {
                all[at].1.push(stored);
            }
        }
    }
    all
}

/// Writes a text to standard output or, complete or not at all, to the file that is named.
pub(super) fn deliver_text(
    context: &Context,
    text: &str,
    args: &OutputArgs,
) -> Result<(), Failure> {
    let Some(path) = args.file() else { return print_bytes(text.as_bytes()) };
    write_result(path, text.as_bytes())?;
    context.ui.status(&Message::new("ui.written_text").with("path", path.display()));
    Ok(())
}

/// Writes a result to a file, complete or not at all; never over what a workspace is made of.
pub(super) fn write_result(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    check_free(path)?;
    Ok(fsio::write_result(path, bytes)?)
}

/// Writes several results to files, all of them or none.
pub(super) fn write_results(results: &[(&Path, &[u8])]) -> Result<(), Failure> {
    results.iter().try_for_each(|(path, _)| check_free(path))?;
    Ok(fsio::write_results(results)?)
}

/// Refuses a file that a workspace is made of.
pub(super) fn check_free(path: &Path) -> Result<(), Failure> {
    if fsio::final_path(path).is_ok_and(|file| is_of_workspace(&file)) {
        return Err(Failure::user(
            Message::new("output.of_workspace").with("path", path.display()),
        ));
    }
    Ok(())
}

/// Renders a result; for a table, with a closing line that counts its rows.
pub(super) fn rendered(
    table: &ResultTable,
    format: Format,
    lang: Lang,
    width: Option<u16>,
) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    render(table, format, RenderOptions { lang, width }, &mut bytes)?;
    if format == Format::Table {
        let code = if table.n_rows() == 1 { "ui.one_row" } else { "ui.rows" };
        let count = Message::new(code).with("rows", table.n_rows()).text(lang);
        bytes.extend_from_slice(format!("{count}\n").as_bytes());
    }
    Ok(bytes)
}
