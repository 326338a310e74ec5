//! Number formats of cells.

use std::collections::BTreeMap;

use crate::source::SourceError;
use crate::source::container::Container;
use crate::source::sheets::{NumberKind, kind_of_builtin, kind_of_code};
use crate::source::xlsx::parts::stored_name;
use crate::source::xml::{XmlEvent, XmlReader};

/// What the numbers of each cell format are.
#[derive(Default)]
pub(super) struct Styles {
    kinds: Vec<NumberKind>,
}

impl Styles {
    /// Reads the cell formats; without such a part every number is plain.
    pub(super) fn parse(
        container: &mut Container<'_>,
        file_name: &str,
        part: &str,
    ) -> Result<Self, SourceError> {
        let Some(part) = stored_name(container, part) else { return Ok(Self::default()) };
        let bytes = container.read(&part)?.unwrap_or_default();
        let mut xml = XmlReader::new(bytes.as_slice(), file_name, &part);
        let mut codes = BTreeMap::new();
        let mut format_ids = Vec::new();
        loop {
            let depth = xml.depth();
            let is_other = match xml.next()? {
                XmlEvent::Open(element) => match (depth, element.name()) {
                    (0, _) | (1, "numFmts" | "cellXfs") => false,
                    (2, "numFmt") => {
                        let code = element.attribute("formatCode").unwrap_or_default();
                        let format_id = element.number("numFmtId").unwrap_or(0);
                        codes.insert(format_id, kind_of_code(&code));
                        false
                    }
                    (2, "xf") => {
                        format_ids.push(element.number("numFmtId").unwrap_or(0));
                        false
                    }
                    // Other lists hold elements of the same names.
                    _ => true,
                },
                XmlEvent::End => break,
                XmlEvent::Close | XmlEvent::Text(_) => false,
            };
            if is_other {
                xml.skip_element()?;
            }
        }
        let kind = |id: usize| codes.get(&id).copied().unwrap_or_else(|| kind_of_builtin(id));
        Ok(Self { kinds: format_ids.into_iter().map(kind).collect() })
    }

    /// Returns what a number is in a cell of this format, from 0.
    pub(super) fn kind(&self, style: usize) -> NumberKind {
        self.kinds.get(style).copied().unwrap_or_default()
    }
}
