//! What a child process that reads a document gives back, and how it is written.
//!
//! Both ends are the same program, so the form carries no version.

use serde::{Deserialize, Serialize};

use crate::source::container::Container;
use crate::source::format::{Content, content_of};
use crate::source::members::packed_from;
use crate::source::{Document, SourceError, parse_document};

/// What is asked of a child about the bytes on its standard input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// What the file is: a document, or an archive of files.
    Open,
    /// Documents of an archive, from this position in [`Opened::Archive`] on.
    Unpack(usize),
}

/// What a file is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Opened {
    /// A document.
    Document(Document),
    /// An archive: the names of its files with their folders, for messages only.
    Archive(Vec<String>),
    /// Documents of an archive, as [`parse_members`](crate::source::parse_members) takes them.
    Member(Vec<u8>),
}

/// Answers a request: the reply as bytes.
///
/// A member is written as it is after a first byte 0, everything else as JSON.
pub fn answer(request: Request, bytes: &[u8], file_name: &str) -> Vec<u8> {
    let outcome = match request {
        Request::Open => open(bytes, file_name),
        Request::Unpack(idx) => unpack(bytes, file_name, idx).map(Opened::Member),
    };
    match outcome {
        Ok(Opened::Member(member)) => [&[0], member.as_slice()].concat(),
        other => serde_json::to_vec(&other).expect("a document has text keys only"),
    }
}

/// Parses the reply of a child; `None` when it is none.
pub fn parse_reply(reply: &[u8]) -> Option<Result<Opened, SourceError>> {
    match reply {
        [0, member @ ..] => Some(Ok(Opened::Member(member.to_vec()))),
        json => serde_json::from_slice(json).ok(),
    }
}

fn open(bytes: &[u8], file_name: &str) -> Result<Opened, SourceError> {
    if content_of(bytes, file_name)? != Content::Archive {
        return parse_document(bytes, file_name).map(Opened::Document);
    }
    let container = Container::open(bytes, file_name)?;
    Ok(Opened::Archive(container.names().to_vec()))
}

fn unpack(bytes: &[u8], file_name: &str, idx: usize) -> Result<Vec<u8>, SourceError> {
    let mut container = Container::open(bytes, file_name)?;
    Ok(packed_from(&mut container, idx, file_name))
}
