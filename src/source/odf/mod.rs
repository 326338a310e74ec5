//! ODF: texts and spreadsheets, both from `content.xml`.
//!
//! Headers, footers and numbers that lists give themselves are not read.

mod line;
mod reader;
mod sheet;
mod styles;
mod table;
mod text;
mod token;

#[cfg(test)]
mod tests;

use crate::source::container::Container;
use crate::source::odf::reader::Reader;
use crate::source::odf::styles::TextStyles;
use crate::source::remarks::remark_once;
use crate::source::xml::XmlReader;
use crate::source::{Document, Format, Remark, RemarkKind, SourceError};

/// The part that holds the content.
const CONTENT: &str = "content.xml";

/// Folders of macros.
const MACROS: [&str; 2] = ["Basic/", "Scripts/"];

/// Reads an ODT file.
pub(super) fn parse_text(bytes: &[u8], file_name: &str) -> Result<Document, SourceError> {
    let mut container = Container::open(bytes, file_name)?;
    let styles = TextStyles::parse(&mut container, file_name)?;
    let content = container.read(CONTENT)?.ok_or_else(|| missing(file_name))?;
    let xml = XmlReader::new(content.as_slice(), file_name, CONTENT);
    let (blocks, mut remarks) = text::read(Reader::new(xml, styles, file_name))?;
    remark_macros(&container, &mut remarks);
    Ok(Document { format: Format::Odt, encoding: None, blocks, remarks })
}

/// Reads an ODS file: one grid for each sheet that shows and has text.
pub(super) fn parse_sheets(bytes: &[u8], file_name: &str) -> Result<Document, SourceError> {
    let mut container = Container::open(bytes, file_name)?;
    let styles = TextStyles::parse(&mut container, file_name)?;
    let content = container.stream(CONTENT)?.ok_or_else(|| missing(file_name))?;
    let xml = XmlReader::new(content, file_name, CONTENT);
    let (blocks, mut remarks) = sheet::read(Reader::new(xml, styles, file_name))?;
    remark_macros(&container, &mut remarks);
    Ok(Document { format: Format::Ods, encoding: None, blocks, remarks })
}

fn remark_macros(container: &Container<'_>, remarks: &mut Vec<Remark>) {
    if container.names().iter().any(|name| MACROS.iter().any(|folder| name.starts_with(folder))) {
        remark_once(remarks, RemarkKind::Macros, None);
    }
}

fn missing(file_name: &str) -> SourceError {
    SourceError::Damaged {
        file_name: file_name.to_owned(),
        part: CONTENT.to_owned(),
        reason: "flaw.missing".to_owned(),
    }
}
