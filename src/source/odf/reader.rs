//! What texts and spreadsheets have in common: tokens, and paragraphs with what they hold.

use std::io::BufRead;

use crate::model::Spot;
use crate::source::blocks::BlockBuilder;
use crate::source::container::limit;
use crate::source::flow::Part;
use crate::source::odf::line::Line;
use crate::source::odf::styles::{Family, TextStyles};
use crate::source::odf::token::Token;
use crate::source::remarks::{remark_apart, remark_once};
use crate::source::styles::TextLook;
use crate::source::xml::{XmlEvent, XmlReader};
use crate::source::{Remark, RemarkKind, SourceError};

/// Bytes that repeated cells may take. A few characters in a file can stand for any number of them.
const MAX_REPEATED_BYTES: usize = 128 << 20;
/// About as much as a cell takes besides its text.
const CELL_BYTES: usize = 128;

/// A reader of `content.xml`.
pub(super) struct Reader<'n, R> {
    xml: XmlReader<'n, R>,
    /// The name of the file, for messages.
    pub(super) file_name: &'n str,
    /// The blocks of a text, for which the paragraphs are counted here.
    pub(super) blocks: BlockBuilder,
    /// What is to be said about the document.
    pub(super) remarks: Vec<Remark>,
    /// The paragraph or the cell that began last.
    pub(super) here: Option<Spot>,
    repeated_bytes: usize,
    /// Styles of texts, paragraphs and cells.
    styles: TextStyles,
    /// How the style of the last paragraph sets its text apart.
    apart_paragraph: Option<RemarkKind>,
    /// Texts that were left out because they are set apart.
    pub(super) n_left_out: usize,
}

impl<'n, R: BufRead> Reader<'n, R> {
    /// Returns a reader at the beginning, with the styles of another part; the name is for messages.
    pub(super) fn new(xml: XmlReader<'n, R>, styles: TextStyles, file_name: &'n str) -> Self {
        Self {
            xml,
            file_name,
            blocks: BlockBuilder::default(),
            remarks: Vec::new(),
            here: None,
            repeated_bytes: 0,
            styles,
            apart_paragraph: None,
            n_left_out: 0,
        }
    }

    /// Returns how many elements are open.
    pub(super) fn depth(&self) -> usize {
        self.xml.depth()
    }

    /// Passes over the rest of the element that was opened last.
    pub(super) fn skip_element(&mut self) -> Result<(), SourceError> {
        self.xml.skip_element()
    }

    /// Returns the next token that makes a difference; `None` at the end of the element that is as
    /// deep as `inside`.
    pub(super) fn next_token(&mut self, inside: usize) -> Result<Option<Token>, SourceError> {
        loop {
            let token = match self.xml.next()? {
                XmlEvent::Open(element) => Token::of(&element),
                XmlEvent::Close => Token::Closed,
                XmlEvent::Text(text) => Token::Text(text.into_owned()),
                XmlEvent::End => return Ok(None),
            };
            match token {
                Token::Closed if self.xml.depth() < inside => return Ok(None),
                Token::Closed | Token::Other => {}
                Token::LeftOut => self.xml.skip_element()?,
                Token::TrackedChanges => self.tracked_changes()?,
                Token::SideText => {
                    remark_once(&mut self.remarks, RemarkKind::SideTexts, self.here);
                    self.xml.skip_element()?;
                }
                Token::Embedded => {
                    remark_once(&mut self.remarks, RemarkKind::Embedded, self.here);
                    self.xml.skip_element()?;
                }
                Token::SetsApart(look) => self.styles.set(look, self.xml.depth()),
                Token::Span(style) => {
                    if let Some(kind) = self.look(Family::Text, style.as_deref()).apart() {
                        return Ok(Some(Token::Apart(kind)));
                    }
                }
                Token::StyledParagraph(style) => {
                    self.apart_paragraph = self.look(Family::Paragraph, style.as_deref()).apart();
                    return Ok(Some(Token::Paragraph));
                }
                Token::Style { of_tables, of_texts } => {
                    self.styles.begin(of_texts, self.xml.depth());
                    return Ok(Some(Token::Style { of_tables, of_texts: None }));
                }
                token => return Ok(Some(token)),
            }
        }
    }

    /// Returns how a style sets text apart from what it stands at.
    pub(super) fn look(&self, family: Family, style: Option<&str>) -> TextLook {
        self.styles.look(family, style)
    }

    /// Passes over the list of changes, which has the deleted text; inserted text stands elsewhere.
    fn tracked_changes(&mut self) -> Result<(), SourceError> {
        let outside = self.xml.depth().saturating_sub(1);
        let mut is_changed = false;
        while self.xml.depth() > outside {
            match self.xml.next()? {
                XmlEvent::Open(element) => {
                    is_changed |= matches!(element.name(), "deletion" | "insertion");
                }
                XmlEvent::Close | XmlEvent::Text(_) => {}
                XmlEvent::End => break,
            }
        }
        if is_changed {
            remark_once(&mut self.remarks, RemarkKind::TrackedChanges, None);
        }
        Ok(())
    }

    /// Adds a part of the flow that a token begins; other tokens are passed over.
    pub(super) fn part(&mut self, token: &Token, parts: &mut Vec<Part>) -> Result<(), SourceError> {
        match token {
            Token::Paragraph => self.paragraph(parts),
            Token::Table { .. } => {
                parts.extend(self.table()?);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Adds the parts up to the end of the element that was opened last.
    pub(super) fn flow(&mut self, parts: &mut Vec<Part>) -> Result<(), SourceError> {
        let inside = self.depth();
        while let Some(token) = self.next_token(inside)? {
            self.part(&token, parts)?;
        }
        Ok(())
    }

    fn paragraph(&mut self, parts: &mut Vec<Part>) -> Result<(), SourceError> {
        let spot = self.blocks.next_spot();
        self.here = Some(spot);
        let mut aside = Vec::new();
        let text = self.line(&mut aside)?;
        if !text.trim().is_empty() {
            parts.push(Part::Paragraph { text, spot });
        }
        if !aside.is_empty() {
            parts.push(Part::Aside(aside));
        }
        Ok(())
    }

    /// Returns the text of the paragraph that was opened last, and adds what its frames hold.
    ///
    /// What is raised, lowered or struck through is left out.
    pub(super) fn line(&mut self, aside: &mut Vec<Part>) -> Result<String, SourceError> {
        let apart = self.apart_paragraph.take();
        let text = self.runs(aside)?;
        let Some(kind) = apart else { return Ok(text) };
        self.leave_out(kind, &text);
        Ok(String::new())
    }

    /// Returns the text of the element that was opened last.
    fn runs(&mut self, aside: &mut Vec<Part>) -> Result<String, SourceError> {
        let inside = self.depth();
        let mut line = Line::default();
        while let Some(token) = self.next_token(inside)? {
            match token {
                Token::Text(piece) => line.text(&piece),
                Token::Spaces(n_spaces) => line.spaces(n_spaces),
                Token::Character(character) => line.character(character),
                Token::Apart(kind) => {
                    let left_out = self.runs(aside)?;
                    self.leave_out(kind, &left_out);
                    // Tabs and line breaks divide cells whatever they look like.
                    let divides = left_out.chars().filter(|c| matches!(c, '\t' | '\n'));
                    divides.for_each(|c| line.character(c));
                }
                Token::Frame => self.flow(aside)?,
                // Outside a known frame, these stand in one that is not known.
                token => self.part(&token, aside)?,
            }
        }
        Ok(line.finish())
    }

    /// Notes text that is left out because it is set apart. Blank text is nothing.
    pub(super) fn leave_out(&mut self, kind: RemarkKind, text: &str) {
        self.n_left_out += usize::from(!text.trim().is_empty());
        remark_apart(&mut self.remarks, kind, text, self.here);
    }

    /// Counts cells that are made up from one; the length is that of their text in bytes.
    pub(super) fn repeat(&mut self, n_more: usize, len_bytes: usize) -> Result<(), SourceError> {
        let n_bytes = n_more.saturating_mul(len_bytes.saturating_add(CELL_BYTES));
        self.repeated_bytes = self.repeated_bytes.saturating_add(n_bytes);
        if self.repeated_bytes > MAX_REPEATED_BYTES {
            let max = MAX_REPEATED_BYTES as u64;
            return Err(limit(self.file_name, "repeated_bytes", max));
        }
        Ok(())
    }
}
