//! `tongban lake repair`: what can be done about damage, and doing it.

use crate::cli::args::RepairArgs;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, FailureKind};
use crate::cli::lake::act;
use crate::cli::reread::read_again_all;
use crate::cli::session::{deliver_advised, format_of};
use crate::cli::workspace::{LAKE, SETTINGS_FILE, Workspace};
use crate::diag::{Lang, Message};
use crate::fsio;
use crate::lake::{Lake, RepairKind, RepairSettings, RepairStep};
use crate::model::BatchId;
use crate::output::Format;
use crate::table::{NULLABLE, REQUIRED, ResultTable, batch_of_columns, texts};

pub(super) fn run(context: &Context, args: &RepairArgs) -> Result<(), Failure> {
    // Rows are given up by it, as by taking a batch back.
    if args.accept_loss && args.reason.trim().is_empty() {
        return Err(Failure::usage(Message::new("repair.reason")));
    }
    let workspace = Workspace::find(context)?;
    // Of a workspace that was copied whole, its lake.
    let copy = args.from.as_deref().map(|from| {
        let is_workspace = fsio::exists(&from.join(SETTINGS_FILE));
        if is_workspace { from.join(LAKE) } else { from.to_owned() }
    });
    let settings = RepairSettings {
        act: act(context, args.reason.trim()),
        is_dry_run: !args.apply,
        accepts_loss: args.accept_loss,
        copy: copy.as_deref(),
        suitability: context.suitability,
    };
    let report = Lake::repair(&workspace.lake_root(), settings)?;
    let is_silent = report.steps.is_empty() && format_of(&args.output)? == Format::Table;
    if !is_silent {
        let table = steps_table(&report.steps, context.lang());
        deliver_advised(context, &table, "step", &args.output)?;
    }
    for warning in &report.warnings {
        context.ui.warning(warning);
    }
    if report.steps.is_empty() {
        context.ui.status(&Message::new("repair.nothing"));
        return Ok(());
    }
    // What is left for the user to do is neither done nor an end.
    let is_left = |step: &&RepairStep| matches!(step.kind, RepairKind::None | RepairKind::Ingest);
    let n_left = report.steps.iter().filter(is_left).count();
    let n_steps = report.steps.len() - n_left;
    let left = Message::new("repair.left").with("steps", n_left);
    let code = match (n_steps, args.apply) {
        (0, _) => "repair.nothing_here",
        (_, false) => "repair.dry_run",
        (_, true) => "repair.done",
    };
    let told = Message::new(code).with("steps", n_steps);
    if !args.apply {
        context.ui.status(&told);
        if n_left > 0 {
            context.ui.status(&left);
        }
        return Ok(());
    }
    if !report.reread.is_empty() {
        let lake = workspace.lake(context)?;
        let mut batches = lake.live_batches()?;
        batches.retain(|batch| report.reread.contains(&batch.batch));
        read_again_all(context, &workspace, &lake, (&batches, &args.reason))?;
    }
    context.ui.status(&told);
    if n_left == 0 {
        return Ok(());
    }
    context.ui.warning(&left);
    Err(Failure::told(FailureKind::Findings))
}

/// Columns: `step` (a word of [`RepairKind`]), `path?` below the folder of the lake, `batch?`, `message`
/// and `advice?` in the reader's language.
fn steps_table(steps: &[RepairStep], lang: Lang) -> ResultTable {
    let each = || steps.iter();
    let messages: Vec<String> = each().map(|step| step.message.text(lang)).collect();
    let advice: Vec<Option<String>> = each().map(|step| step.message.hint(lang)).collect();
    ResultTable::of(batch_of_columns([
        ("step", texts(each().map(|step| Some(step.kind.as_str()))), REQUIRED),
        ("path", texts(each().map(|step| step.path.as_deref())), NULLABLE),
        ("batch", texts(each().map(|step| step.batch.as_ref().map(BatchId::as_str))), NULLABLE),
        ("message", texts(messages.iter().map(|text| Some(text.as_str()))), REQUIRED),
        ("advice", texts(advice.iter().map(Option::as_deref)), NULLABLE),
    ]))
}
