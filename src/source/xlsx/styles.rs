//! Number formats of cells, and which of them set their text apart.

use std::collections::BTreeMap;

use crate::source::container::Container;
use crate::source::sheets::{NumberKind, kind_of_builtin, kind_of_cell, kind_of_code};
use crate::source::xlsx::parts::stored_name;
use crate::source::xlsx::strings::apart_of;
use crate::source::xml::{Element, XmlEvent, XmlReader};
use crate::source::{RemarkKind, SourceError};

/// What the cell formats say, each by its number.
#[derive(Default)]
pub(super) struct Styles {
    kinds: Vec<NumberKind>,
    /// How the text is set apart, where it is.
    apart: Vec<Option<RemarkKind>>,
}

impl Styles {
    /// Reads the cell formats; without such a part, numbers of the first format are plain.
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
        let mut fonts = Vec::new();
        let mut font_ids = Vec::new();
        loop {
            let depth = xml.depth();
            let is_other = match xml.next()? {
                XmlEvent::Open(element) => match (depth, element.name()) {
                    (0, _) | (1, "numFmts" | "fonts" | "cellXfs") => false,
                    (2, "font") => {
                        fonts.push(None);
                        false
                    }
                    (3, "strike" | "vertAlign") => {
                        if let Some(font) = fonts.last_mut() {
                            *font = font.or(apart_of(&element));
                        }
                        false
                    }
                    (2, "numFmt") => {
                        let code = element.attribute("formatCode").unwrap_or_default();
                        codes.insert(number(&element, "numFmtId"), kind_of_code(&code));
                        false
                    }
                    (2, "xf") => {
                        format_ids.push(number(&element, "numFmtId"));
                        font_ids.push(number(&element, "fontId"));
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
        let apart = |id: usize| fonts.get(id).copied().unwrap_or_default();
        Ok(Self {
            kinds: format_ids.into_iter().map(kind).collect(),
            apart: font_ids.into_iter().map(apart).collect(),
        })
    }

    /// Returns how the text of a cell of this format, from 0, is set apart; `None` where it is not.
    pub(super) fn apart(&self, style: usize) -> Option<RemarkKind> {
        self.apart.get(style).copied().unwrap_or_default()
    }

    /// Returns what a number is in a cell of this format, from 0.
    pub(super) fn kind(&self, style: usize) -> NumberKind {
        kind_of_cell(&self.kinds, style)
    }
}

/// Returns the number in an attribute: 0 where it is absent, one that means nothing where it is none.
fn number(element: &Element<'_>, name: &str) -> usize {
    element.attribute(name).map_or(0, |value| value.trim().parse().unwrap_or(usize::MAX))
}
