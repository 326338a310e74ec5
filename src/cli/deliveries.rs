//! Deliveries of the settings: which a report names, and their secrets from where they are kept.

use std::env;
use std::path::Path;

use crate::cli::failure::Failure;
use crate::cli::report_files::EVIDENCE;
use crate::cli::workspace::Workspace;
use crate::delivery::{Channel, Delivery, Secret, SecretSource};
use crate::diag::{Message, name_list};
use crate::fsio;
use crate::report::Definition;

/// Returns the deliveries that a definition names, in its order.
///
/// Fails where the settings do not have one, or where one is to take along files that the report has not.
pub(super) fn deliveries_of<'a>(
    workspace: &'a Workspace,
    definition: &Definition,
) -> Result<Vec<&'a Delivery>, Failure> {
    let Some(plan) = &definition.schedule else { return Ok(Vec::new()) };
    let mut endings: Vec<&str> = plan.formats.iter().map(|format| format.extension()).collect();
    endings.push(EVIDENCE);
    let mut found = Vec::new();
    for name in &plan.deliver {
        let delivery = named(workspace, name).map_err(|failure| of_report(definition, failure))?;
        let attached = delivery.attach.iter().flatten();
        let unmade: Vec<&str> =
            attached.map(String::as_str).filter(|ending| !endings.contains(ending)).collect();
        if !unmade.is_empty() {
            let message = Message::new("delivery.attach_unmade")
                .with("delivery", name)
                .with("endings", name_list(&unmade));
            return Err(of_report(definition, Failure::user(message)));
        }
        found.push(delivery);
    }
    Ok(found)
}

/// Returns the delivery of this name.
pub(super) fn named<'a>(workspace: &'a Workspace, name: &str) -> Result<&'a Delivery, Failure> {
    let found = workspace.deliveries.iter().find(|delivery| delivery.name == name);
    found.ok_or_else(|| Failure::user(unknown(workspace, name)))
}

/// Says that the settings have no delivery of a name.
pub(super) fn unknown(workspace: &Workspace, name: &str) -> Message {
    let known = workspace.deliveries.iter().map(|delivery| &delivery.name);
    Message::new("delivery.unknown").with_list("names", [name]).with_list("known", known)
}

fn of_report(definition: &Definition, failure: Failure) -> Failure {
    let head = Message::new("report.deliver").with("report", &definition.name);
    Failure { causes: failure.message.into_iter().collect(), ..Failure::user(head) }
}

/// Makes a delivery ready to send, with its secrets.
pub(super) fn opened<'a>(
    workspace: &Workspace,
    delivery: &'a Delivery,
) -> Result<Channel<'a>, Failure> {
    delivery.open(|source| secret(&workspace.root, source))
}

/// Reads a secret: from a file that only we can read, or from a variable of the environment.
fn secret(root: &Path, source: &SecretSource) -> Result<Secret, Failure> {
    let (text, shown) = match source {
        SecretSource::File(path) => {
            let path = root.join(path);
            fsio::check_secret(&path)?;
            (fsio::read_text(&path)?, path.display().to_string())
        }
        SecretSource::Variable(name) => {
            let missing = || Message::new("delivery.variable_missing").with("variable", name);
            (env::var(name).map_err(|_| Failure::user(missing()))?, name.clone())
        }
    };
    Secret::of(&text)
        .ok_or_else(|| Failure::user(Message::new("delivery.secret_empty").with("source", shown)))
}
