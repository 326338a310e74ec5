//! Bytes to document: paragraphs and grids of cells in order, each with its place.
//!
//! One folder per format. What a table means is not known here.

mod document;
mod encoding;
mod text;

use crate::diag::{Diagnose, Message, impl_error};

pub use document::{Block, Cell, Document, Grid, Paragraph, Row, RowShape};
pub use encoding::Encoding;

/// A file could not become a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceError {
    /// The file has no bytes, or nothing but white space.
    Empty {
        /// Name of the file.
        file_name: String,
    },
    /// The bytes are no text; `looks_like` names the format where it is known.
    NotText {
        /// Name of the file.
        file_name: String,
        /// What the first bytes look like, as `ZIP`.
        looks_like: &'static str,
    },
    /// The bytes are neither UTF-8 nor GB18030.
    Undecodable {
        /// Name of the file.
        file_name: String,
        /// Position of the first byte that no encoding explains, from 0.
        offset_bytes: usize,
        /// Line on which that byte stands, from 1.
        line: usize,
    },
}

impl_error!(SourceError);

impl Diagnose for SourceError {
    fn message(&self) -> Message {
        match self {
            Self::Empty { file_name } => Message::new("source.empty").with("file", file_name),
            Self::NotText { file_name, looks_like } => Message::new("source.not_text")
                .with("file", file_name)
                .with("looks_like", looks_like),
            Self::Undecodable { file_name, offset_bytes, line } => {
                Message::new("source.undecodable")
                    .with("file", file_name)
                    .with("offset", offset_bytes)
                    .with("line", line)
            }
        }
    }
}

/// Reads a file's bytes as a document. `file_name` is used in messages only.
pub fn parse_document(bytes: &[u8], file_name: &str) -> Result<Document, SourceError> {
    let (content, encoding) = encoding::decode(bytes, file_name)?;
    if content.trim().is_empty() {
        return Err(SourceError::Empty { file_name: file_name.to_owned() });
    }
    Ok(Document { encoding, blocks: text::parse_blocks(&content) })
}
