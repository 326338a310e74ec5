//! The list of sheets.

use crate::source::SourceError;
use crate::source::container::Container;
use crate::source::sheets::Epoch;
use crate::source::xlsx::parts::{damaged, read_relations, stored_name};
use crate::source::xml::{Element, XmlEvent, XmlReader};

const PART: &str = "xl/workbook.xml";

/// What the workbook says about its sheets.
pub(super) struct Workbook {
    /// The day from which dates count.
    pub(super) epoch: Epoch,
    /// The sheets in order.
    pub(super) sheets: Vec<SheetEntry>,
    /// Where the shared strings are, if there are any.
    pub(super) strings_part: String,
    /// Where the number formats are, if there are any.
    pub(super) styles_part: String,
}

/// One sheet of the list.
pub(super) struct SheetEntry {
    /// Its name.
    pub(super) name: String,
    /// Whether its author hid it.
    pub(super) is_hidden: bool,
    /// The part with its cells; `None` for hidden sheets, charts, dialogs and macros.
    pub(super) part: Option<String>,
}

/// A sheet as the workbook lists it.
struct Listed {
    name: String,
    is_hidden: bool,
    relation: String,
}

impl Workbook {
    /// Reads the list of sheets and where they are. Nothing outside of the file is followed.
    pub(super) fn parse(
        container: &mut Container<'_>,
        file_name: &str,
    ) -> Result<Self, SourceError> {
        let (epoch, listed) = read_list(container, file_name)?;
        let relations = read_relations(container, file_name)?;
        let part_of = |kind: &str, usual: &str| {
            let found = relations.values().find(|relation| relation.kind == kind);
            found.and_then(|relation| relation.part.clone()).unwrap_or_else(|| usual.to_owned())
        };
        let strings_part = part_of("sharedStrings", "xl/sharedStrings.xml");
        let styles_part = part_of("styles", "xl/styles.xml");
        let mut sheets = Vec::with_capacity(listed.len());
        for Listed { name, is_hidden, relation } in listed {
            let problem = |reason| damaged(file_name, &format!("{PART} `{name}`"), reason);
            let relation = relations.get(&relation);
            let kind = relation.map(|relation| relation.kind.as_str()).unwrap_or_default();
            let is_other =
                matches!(kind, "chartsheet" | "dialogsheet" | "xlMacrosheet" | "xlIntlMacrosheet");
            let part = if is_hidden || is_other {
                None
            } else {
                let relation = relation.ok_or_else(|| problem("flaw.refers_to_nothing"))?;
                let part = relation.part.as_ref();
                let part = part.ok_or_else(|| problem("flaw.outside"))?;
                let stored = stored_name(container, part);
                Some(stored.ok_or_else(|| problem("flaw.refers_to_nothing"))?)
            };
            sheets.push(SheetEntry { name, is_hidden, part });
        }
        Ok(Self { epoch, sheets, strings_part, styles_part })
    }
}

fn read_list(
    container: &mut Container<'_>,
    file_name: &str,
) -> Result<(Epoch, Vec<Listed>), SourceError> {
    let bytes = container.read(PART)?.unwrap_or_default();
    let mut xml = XmlReader::new(bytes.as_slice(), file_name, PART);
    let mut epoch = Epoch::Y1900;
    let mut listed = Vec::new();
    loop {
        match xml.next()? {
            XmlEvent::Open(element) => match element.name() {
                "workbookPr" if element.is_on("date1904") => epoch = Epoch::Y1904,
                "sheet" => listed.push(listed_sheet(&element)),
                _ => (),
            },
            XmlEvent::End => return Ok((epoch, listed)),
            XmlEvent::Close | XmlEvent::Text(_) => (),
        }
    }
}

fn listed_sheet(element: &Element<'_>) -> Listed {
    let state = element.attribute("state");
    Listed {
        name: element.attribute("name").unwrap_or_default().trim().to_owned(),
        is_hidden: matches!(state.as_deref(), Some("hidden" | "veryHidden")),
        relation: element.attribute("id").unwrap_or_default(),
    }
}
