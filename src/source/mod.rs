//! Bytes to document: paragraphs and grids of cells in order, each with its place.
//!
//! One folder per format. What a table means is not known here.

mod blocks;
mod container;
mod csv;
mod document;
mod docx;
mod encoding;
mod error;
mod flow;
mod format;
mod frame;
mod hidden;
mod html;
mod limits;
mod members;
mod misfit;
mod odf;
mod plain_number;
mod remarks;
mod reply;
pub mod rows;
mod sheets;
mod spans;
mod styles;
mod text;
mod weight;
mod xls;
mod xlsx;
mod xml;

use crate::source::container::limit;
use crate::source::format::{Content, content_of};
use crate::source::limits::MAX_COLUMNS;

pub use document::{
    Block, Cell, Document, Grid, Paragraph, Remark, RemarkKind, Row, RowShape, Span,
};
pub use encoding::{Encoding, encoded};
pub use error::SourceError;
pub use format::Format;
pub use limits::MAX_FILE_BYTES;
pub use members::{Member, is_document_name, parse_members};
pub use misfit::Misfit;
pub use reply::{Opened, Request, answer, open, parse_reply, reply_of};

/// Reads a file's bytes as a document.
///
/// The format is known by the content; the extension of `file_name` only tells values separated by
/// commas or tabs from other text. An archive of several files is refused: see [`answer`].
pub fn parse_document(bytes: &[u8], file_name: &str) -> Result<Document, SourceError> {
    let document = match content_of(bytes, file_name)? {
        Content::Document(Format::Docx) => docx::parse(bytes, file_name)?,
        Content::Document(Format::Odt) => odf::parse_text(bytes, file_name)?,
        Content::Document(Format::Ods) => odf::parse_sheets(bytes, file_name)?,
        Content::Document(Format::Xlsx) => xlsx::parse(bytes, file_name)?,
        Content::Document(Format::Xls) => xls::parse(bytes, file_name)?,
        Content::Archive => {
            return Err(SourceError::FormatRefused {
                file_name: file_name.to_owned(),
                format: "ZIP".to_owned(),
            });
        }
        Content::MaybeText
        | Content::Document(Format::Text | Format::Csv | Format::Tsv | Format::Html) => {
            parse_text(bytes, file_name)?
        }
    };
    if document.blocks.is_empty() {
        let file_name = file_name.to_owned();
        let is_hidden = document.remarks.iter().any(|it| it.kind == RemarkKind::SheetHidden);
        return Err(if is_hidden {
            SourceError::SheetsHidden { file_name }
        } else {
            SourceError::Empty { file_name }
        });
    }
    let is_too_wide =
        |block: &Block| matches!(block, Block::Grid(grid) if grid.n_columns > MAX_COLUMNS);
    if document.blocks.iter().any(is_too_wide) {
        return Err(limit(file_name, "columns", MAX_COLUMNS as u64));
    }
    Ok(document)
}

/// Reads a file that is text in some encoding: a web page, separated values, or plain text.
fn parse_text(bytes: &[u8], file_name: &str) -> Result<Document, SourceError> {
    if html::is_html(bytes) {
        return html::parse(bytes, file_name);
    }
    let (content, encoding) = encoding::decode(bytes, file_name)?;
    if content.trim().is_empty() {
        return Err(SourceError::Empty { file_name: file_name.to_owned() });
    }
    let extension = file_name.rsplit_once('.').map(|(_, end)| end.to_lowercase());
    let (format, blocks) = match extension.as_deref() {
        Some("csv") => (Format::Csv, csv::parse(&content, csv::Separator::Found, file_name)?),
        Some("tsv") => (Format::Tsv, csv::parse(&content, csv::Separator::Tab, file_name)?),
        _ => (Format::Text, text::parse_blocks(&content)),
    };
    Ok(Document { format, encoding: Some(encoding), blocks, remarks: Vec::new() })
}
