//! DOCX: the body of a document, and what it has besides.
//!
//! Headers, footers and numbers that lists give themselves are not read.

mod story;
mod styles;
mod table;
mod tag;

#[cfg(test)]
mod tests;

use crate::source::container::Container;
use crate::source::docx::styles::TextStyles;
use crate::source::remarks::remark_once;
use crate::source::xml::{XmlEvent, XmlReader};
use crate::source::{Document, Format, RemarkKind, SourceError};

/// The part that holds the text.
const MAIN_PART: &str = "word/document.xml";

/// Parts with text beside the main text, and the element that each such text is.
const SIDE_PARTS: [(&str, &str); 3] = [
    ("word/footnotes.xml", "footnote"),
    ("word/endnotes.xml", "endnote"),
    ("word/comments.xml", "comment"),
];

/// Reads a DOCX file.
pub(super) fn parse(bytes: &[u8], file_name: &str) -> Result<Document, SourceError> {
    let mut container = Container::open(bytes, file_name)?;
    let Some(part) = container.read(MAIN_PART)? else {
        return Err(SourceError::Damaged {
            file_name: file_name.to_owned(),
            part: MAIN_PART.to_owned(),
            reason: "flaw.missing".to_owned(),
        });
    };
    let styles = TextStyles::parse(&mut container, file_name)?;
    let xml = XmlReader::new(part.as_slice(), file_name, MAIN_PART);
    let (blocks, mut remarks) = story::read(xml, styles, file_name)?;
    if has_side_texts(&mut container, file_name)? {
        remark_once(&mut remarks, RemarkKind::SideTexts, None);
    }
    if container.has("word/vbaProject.bin") {
        remark_once(&mut remarks, RemarkKind::Macros, None);
    }
    Ok(Document { format: Format::Docx, encoding: None, blocks, remarks })
}

/// Returns whether there are footnotes, endnotes or comments.
fn has_side_texts(container: &mut Container<'_>, file_name: &str) -> Result<bool, SourceError> {
    for (part, element) in SIDE_PARTS {
        if let Some(bytes) = container.read(part)?
            && has_side_text(&bytes, element, file_name, part)?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn has_side_text(
    bytes: &[u8],
    name: &str,
    file_name: &str,
    part: &str,
) -> Result<bool, SourceError> {
    let mut xml = XmlReader::new(bytes, file_name, part);
    loop {
        match xml.next()? {
            // Every document with a footnote part has two of another type: they are the lines
            // that separate footnotes from the text.
            XmlEvent::Open(element) if element.name() == name => {
                if element.attribute("type").is_none_or(|kind| kind == "normal") {
                    return Ok(true);
                }
            }
            XmlEvent::End => return Ok(false),
            XmlEvent::Open(_) | XmlEvent::Close | XmlEvent::Text(_) => {}
        }
    }
}
