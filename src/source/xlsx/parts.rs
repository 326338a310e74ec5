//! Which part of the package is which.

use std::collections::BTreeMap;

use crate::source::SourceError;
use crate::source::container::Container;
use crate::source::xml::{XmlEvent, XmlReader};

/// The part that says where the parts of the workbook are.
const RELATIONS: &str = "xl/_rels/workbook.xml.rels";

/// A part that the workbook refers to.
pub(super) struct Relation {
    /// The last word of its type, as `worksheet`.
    pub(super) kind: String,
    /// Name of the part; `None` when it lies outside of the file.
    pub(super) part: Option<String>,
}

/// Reads what the workbook refers to, by the id of the reference.
pub(super) fn read_relations(
    container: &mut Container<'_>,
    file_name: &str,
) -> Result<BTreeMap<String, Relation>, SourceError> {
    let mut relations = BTreeMap::new();
    let Some(bytes) = container.read(RELATIONS)? else { return Ok(relations) };
    let mut xml = XmlReader::new(bytes.as_slice(), file_name, RELATIONS);
    loop {
        match xml.next()? {
            XmlEvent::Open(element) if element.name() == "Relationship" => {
                let Some(id) = element.attribute("Id") else { continue };
                let kind = element.attribute("Type").unwrap_or_default();
                let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
                let is_external = element.attribute("TargetMode").as_deref() == Some("External");
                let target = element.attribute("Target").filter(|_| !is_external);
                relations.insert(id, Relation { kind, part: target.and_then(|t| resolve(&t)) });
            }
            XmlEvent::End => return Ok(relations),
            XmlEvent::Open(_) | XmlEvent::Close | XmlEvent::Text(_) => (),
        }
    }
}

/// Returns the part that a target names, seen from `xl/`; `None` when it leaves the package.
fn resolve(target: &str) -> Option<String> {
    let (mut folders, path) = match target.strip_prefix('/') {
        Some(path) => (Vec::new(), path),
        None => (vec!["xl"], target),
    };
    for step in path.split('/') {
        match step {
            "" | "." => (),
            ".." => drop(folders.pop()?),
            name => folders.push(name),
        }
    }
    Some(folders.join("/"))
}

/// Returns the name under which the package holds a part; names differ in more than case.
pub(super) fn stored_name(container: &Container<'_>, wanted: &str) -> Option<String> {
    if container.has(wanted) {
        return Some(wanted.to_owned());
    }
    container.names().iter().find(|name| name.eq_ignore_ascii_case(wanted)).cloned()
}

/// Returns the error for a part that is not as it must be.
pub(super) fn damaged(file_name: &str, part: &str, reason: &str) -> SourceError {
    SourceError::Damaged {
        file_name: file_name.to_owned(),
        part: part.to_owned(),
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_seen_from_the_folder_of_the_workbook() {
        let check = |target, expected| assert_eq!(resolve(target).as_deref(), expected);
        check("worksheets/sheet1.xml", Some("xl/worksheets/sheet1.xml"));
        check("/xl/worksheets/sheet1.xml", Some("xl/worksheets/sheet1.xml"));
        check("./a/../worksheets//sheet1.xml", Some("xl/worksheets/sheet1.xml"));
        check("../custom/sheet1.xml", Some("custom/sheet1.xml"));
        check("../../etc/passwd", None);
        check("/../etc/passwd", None);
    }
}
