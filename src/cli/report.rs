//! `tongban report`: reports listed, described, made.

use std::path::Path;

use crate::cli::args::{EngineArgs, ReportArgs, SnapshotArgs};
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::names::{Named, id_of};
use crate::cli::report_files::evidence_of;
use crate::cli::session::{Session, write_result, write_results};
use crate::cli::ui::{print, print_bytes};
use crate::cli::workspace::Workspace;
use crate::diag::Message;
use crate::engine::{DuckDb, Polars, StartingDuckDb};
use crate::model::FiguresBy;
use crate::query::Catalogue;
use crate::refdata::RefData;
use crate::report::content::{QuestionCheck, Report};
use crate::report::evidence::EvidenceOutput;
use crate::report::{
    Definition, Definitions, Given, ReportFormat, Sources, make, queries_of, render,
};

pub(super) fn run(context: &Context, args: &ReportArgs) -> Result<(), Failure> {
    let Some(name) = &args.name else { return list(context) };
    if args.source {
        return print(&Known::find(context)?.definition(name)?.text);
    }
    if args.describe {
        let known = Known::find(context)?;
        return describe(context, &known.definition(name)?);
    }
    if args.output.is_none() {
        return Err(Failure::usage(Message::new("report.output_missing")));
    }
    let target = args.file();
    let format = format_of(args.format, target)?;
    let starting = DuckDb::start();
    let session = Session::open(context, &args.snapshot, FiguresBy::default())?;
    let definitions = session.workspace.reports()?;
    let definition = definitions.get(name, &session.catalogue, &session.refdata)?;
    let given = Given { params: args.params.clone(), lang: context.lang() };
    let order = MakeOrder {
        definition: &definition,
        given: &given,
        snapshot: &args.snapshot,
        limits: &args.engine_limits,
    };
    let report = made(&session, &order, starting)?;
    let bytes = render(&report, format)?;
    match target {
        None => print_bytes(&bytes),
        Some(path) => {
            let Some(evidence) = &args.evidence else {
                write_result(path, &bytes)?;
                tell(context, path, &report);
                return Ok(());
            };
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let output = EvidenceOutput::of(&name, format.as_str(), &bytes);
            let proof = evidence_of(&session, &definition, &report, vec![output]).to_bytes();
            // A report and the evidence of another one would prove nothing.
            write_results(&[(path, &bytes), (evidence, &proof)])?;
            tell(context, path, &report);
            context.ui.status(&Message::new("ui.written_text").with("path", evidence.display()));
            Ok(())
        }
    }
}

/// What is made, and with what.
pub(super) struct MakeOrder<'a> {
    pub(super) definition: &'a Definition,
    pub(super) given: &'a Given,
    /// The snapshot and the day of the session.
    pub(super) snapshot: &'a SnapshotArgs,
    pub(super) limits: &'a EngineArgs,
}

/// Makes a report from a session.
pub(super) fn made(
    session: &Session,
    order: &MakeOrder<'_>,
    starting: StartingDuckDb,
) -> Result<Report, Failure> {
    let MakeOrder { definition, given, snapshot, limits } = *order;
    let queries = queries_of(definition, &session.catalogue)?;
    let origin = definition.origin(&given.params);
    let tables = session.tables_of_origin(&queries, snapshot, origin)?;
    let duckdb = starting.open(&tables, &session.limits(limits))?;
    let given = Given { params: with_codes(&session.refdata, &given.params)?, lang: given.lang };
    let sources = Sources {
        catalogue: &session.catalogue,
        refdata: &session.refdata,
        snapshot: &session.snapshot,
        as_of: snapshot.as_of,
        duckdb: &duckdb,
        polars: &Polars::open(&tables)?,
    };
    Ok(make(definition, &sources, &given)?)
}

/// The format that was named, else the one that the name of the file says; on standard output the page.
fn format_of(format: Option<ReportFormat>, target: Option<&Path>) -> Result<ReportFormat, Failure> {
    if let Some(format) = format {
        return Ok(format);
    }
    let Some(path) = target else { return Ok(ReportFormat::Html) };
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    let found =
        ReportFormat::ALL.iter().find(|format| ending.as_deref() == Some(format.extension()));
    found.copied().ok_or_else(|| {
        let known: Vec<String> =
            ReportFormat::ALL.iter().map(|format| format!(".{}", format.extension())).collect();
        let message = Message::new("report.format_unknown").with("path", path.display());
        Failure::usage(message.with("known", known.join(", ")))
    })
}

/// Puts codes in the place of names of regions.
fn with_codes(
    refdata: &RefData,
    given: &[(String, String)],
) -> Result<Vec<(String, String)>, Failure> {
    let code = |(name, text): &(String, String)| {
        let is_region = name == "region" && !text.trim().is_empty();
        let text = if is_region { id_of(refdata, Named::Region, text)? } else { text.clone() };
        Ok((name.clone(), text))
    };
    given.iter().map(code).collect()
}

fn tell(context: &Context, path: &Path, report: &Report) {
    let questions = &report.provenance.questions;
    let count = |check| questions.iter().filter(|question| question.check == check).count();
    let code = if report.subtitle.is_some() { "report.written" } else { "report.written_paper" };
    let message = Message::new(code)
        .with("path", path.display())
        .with("title", &report.title)
        .with("subtitle", report.subtitle.as_deref().unwrap_or_default())
        .with("equal", count(QuestionCheck::Equal))
        .with("unchecked", count(QuestionCheck::Unchecked));
    context.ui.status(&message);
    let warnings = report.letter.iter().flat_map(|letter| &letter.warnings);
    warnings.for_each(|warning| context.ui.warning(warning));
}

/// What definitions are loaded with: those of the workspace, or of the program outside of any.
struct Known {
    definitions: Definitions,
    catalogue: Catalogue,
    refdata: RefData,
}

impl Known {
    fn find(context: &Context) -> Result<Self, Failure> {
        match Workspace::find(context) {
            Ok(workspace) => Ok(Self {
                definitions: workspace.reports()?,
                catalogue: workspace.queries()?,
                refdata: workspace.reference()?.refdata,
            }),
            Err(failure) if context.workspace.is_some() => Err(failure),
            Err(_) => Ok(Self {
                definitions: Definitions::new(&[]),
                catalogue: Catalogue::builtin(),
                refdata: RefData::load(&[])?,
            }),
        }
    }

    fn definition(&self, name: &str) -> Result<Definition, Failure> {
        Ok(self.definitions.get(name, &self.catalogue, &self.refdata)?)
    }
}

fn list(context: &Context) -> Result<(), Failure> {
    let known = Known::find(context)?;
    let width = known.definitions.names().map(str::len).max().unwrap_or_default();
    for name in known.definitions.names() {
        // One that is wrong is told, and the others are listed.
        match known.definition(name) {
            Ok(definition) => {
                let summary = definition.summary.text(context.lang());
                print(&format!("{name:width$}  {summary}\n"))?;
            }
            Err(failure) => context.ui.failure(&failure),
        }
    }
    context.ui.status(&Message::new("report.list_next"));
    Ok(())
}

fn describe(context: &Context, definition: &Definition) -> Result<(), Failure> {
    let lang = context.lang();
    let said = |code: &'static str| Message::new(code).text(lang);
    let mut text = format!(
        "{}\n{}\n{}\n\n{}\n",
        definition.name,
        definition.title.text(lang),
        definition.summary.text(lang),
        said("report.params")
    );
    let own = definition.params.iter().map(|param| {
        let help = format!("{} [{}]", param.help.text(lang), param.default);
        (param.name.clone(), param.data_type.to_string(), help)
    });
    let given = [
        ("period".to_owned(), "date?".to_owned(), said("report.help_period")),
        ("region".to_owned(), "text?".to_owned(), said("report.help_region")),
    ];
    for (name, data_type, help) in given.into_iter().chain(own) {
        text.push_str(&format!("  {name:16} {data_type:8} {help}\n"));
    }
    text.push_str(&format!("\n{}\n", said("report.contents")));
    for section in &definition.sections {
        text.push_str(&format!("  {}\n", section.title.text(lang)));
        let titles = section.blocks.iter().filter_map(|block| block.title());
        titles.for_each(|title| text.push_str(&format!("    {}\n", title.text(lang))));
    }
    print(&text)
}
