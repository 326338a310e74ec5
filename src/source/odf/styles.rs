//! The styles of texts, paragraphs and cells of ODF, which may be in the part with the content or in
//! one of their own.

use crate::source::SourceError;
use crate::source::container::Container;
use crate::source::odf::token::{NamedStyle, Token};
use crate::source::styles::{Styles, TextLook};
use crate::source::xml::{XmlEvent, XmlReader};

/// The part with the styles that have names for users.
const PART: &str = "styles.xml";

/// What a style is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// Text within a paragraph.
    Text,
    /// Paragraphs.
    Paragraph,
    /// Cells.
    Cell,
}

/// Styles of texts, paragraphs and cells while they are read.
#[derive(Default)]
pub(super) struct TextStyles {
    texts: Styles,
    paragraphs: Styles,
    cells: Styles,
    /// The last style, and how deep it stands.
    last: Option<(NamedStyle, usize)>,
}

impl TextStyles {
    /// Reads the styles that have names for users; without such a part, there are none.
    ///
    /// Those of headers, footers and page layouts are left out: what they are for is not read.
    pub(super) fn parse(
        container: &mut Container<'_>,
        file_name: &str,
    ) -> Result<Self, SourceError> {
        let mut styles = Self::default();
        let Some(bytes) = container.read(PART)? else { return Ok(styles) };
        let mut xml = XmlReader::new(bytes.as_slice(), file_name, PART);
        loop {
            let token = match xml.next()? {
                XmlEvent::Open(element) => match element.name() {
                    "automatic-styles" | "master-styles" => Token::LeftOut,
                    _ => Token::of(&element),
                },
                XmlEvent::End => return Ok(styles),
                XmlEvent::Close | XmlEvent::Text(_) => continue,
            };
            match token {
                Token::LeftOut => xml.skip_element()?,
                Token::Style { of_texts, .. } => styles.begin(of_texts, xml.depth()),
                Token::SetsApart(look) => styles.set(look, xml.depth()),
                _ => {}
            }
        }
    }

    /// Begins a style that stands so deep; `None` for one of another family.
    pub(super) fn begin(&mut self, style: Option<NamedStyle>, depth: usize) {
        if let Some(style) = &style
            && let Some(name) = &style.name
        {
            self.family(style.family).add(name.clone(), style.parent.clone());
        }
        self.last = style.map(|style| (style, depth));
    }

    /// Adds properties that stand so deep to the last style.
    ///
    /// Properties of list levels stand deeper and concern their numbers only.
    pub(super) fn set(&mut self, look: TextLook, depth: usize) {
        let Some((style, style_depth)) = self.last.take() else { return };
        if style_depth + 1 == depth {
            self.family(style.family).set(style.name.as_deref(), look);
        }
        self.last = Some((style, style_depth));
    }

    fn family(&mut self, family: Family) -> &mut Styles {
        match family {
            Family::Text => &mut self.texts,
            Family::Paragraph => &mut self.paragraphs,
            Family::Cell => &mut self.cells,
        }
    }

    /// Returns how a style sets text apart from what it stands at.
    pub(super) fn look(&self, family: Family, style: Option<&str>) -> TextLook {
        match family {
            Family::Text => self.texts.look(style),
            Family::Paragraph => self.paragraphs.look(style),
            Family::Cell => self.cells.look(style),
        }
    }
}
