//! What a child process that reads a document gives back, and how it is written.
//!
//! Both ends are the same program, so the form carries no version. Rows are written as bytes, one
//! after the other, and their texts behind all of them: a form of a million rows takes little more
//! than its texts. Everything else is JSON.

mod read;
mod wire;
mod write;

#[cfg(test)]
mod tests;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::source::container::Container;
use crate::source::format::{Content, content_of};
use crate::source::limits::{MAX_CELLS, MAX_ROWS};
use crate::source::members::packed_from;
use crate::source::{Document, SourceError, parse_document};

/// Cells, rows, readings and rejoined columns that a reply holds at most, counted together.
///
/// Each takes at least a byte of the reply, and up to 72 bytes of memory besides its text: without a
/// limit, a reply could take far more memory than it has bytes.
const MAX_ITEMS: usize = MAX_CELLS + MAX_ROWS;

/// The bytes of a member follow.
const MEMBER: u8 = 0;
/// A document follows.
const DOCUMENT: u8 = 1;
/// JSON follows.
const OTHER: u8 = 2;

/// What is asked of a child about the bytes on its standard input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// What the file is: a document, or an archive of files.
    Open,
    /// Documents of an archive, from this position in [`Opened::Archive`] on.
    Unpack(usize),
}

/// What a file is.
#[derive(Debug, Clone, PartialEq)]
pub enum Opened {
    /// A document.
    Document(Document),
    /// An archive: the names of its files with their folders. None of them is a path to write to.
    Archive(Vec<String>),
    /// Documents of an archive, as [`parse_members`](crate::source::parse_members) takes them.
    Member(Bytes),
}

/// What is neither a document nor a member.
#[derive(Debug, Serialize, Deserialize)]
enum Other {
    Archive(Vec<String>),
    Refused(SourceError),
}

/// Answers a request: the reply as bytes.
pub fn answer(request: Request, bytes: &[u8], file_name: &str) -> Vec<u8> {
    reply_of(&open(request, bytes, file_name), file_name)
}

/// Does what is asked for, without a reply yet.
pub fn open(request: Request, bytes: &[u8], file_name: &str) -> Result<Opened, SourceError> {
    match request {
        Request::Open => open_file(bytes, file_name),
        Request::Unpack(idx) => {
            unpack(bytes, file_name, idx).map(|member| Opened::Member(member.into()))
        }
    }
}

/// Returns the reply that tells what came of a request.
pub fn reply_of(outcome: &Result<Opened, SourceError>, file_name: &str) -> Vec<u8> {
    let reply = match outcome {
        Ok(Opened::Member(member)) => Ok([&[MEMBER][..], member].concat()),
        Ok(Opened::Document(document)) => write::document(document, file_name),
        Ok(Opened::Archive(names)) => Ok(other(&Other::Archive(names.clone()))),
        Err(error) => Err(error.clone()),
    };
    reply.unwrap_or_else(|error| other(&Other::Refused(error)))
}

fn other(other: &Other) -> Vec<u8> {
    let mut reply = vec![OTHER];
    serde_json::to_writer(&mut reply, other).expect("it has text keys only");
    reply
}

/// Parses the reply of a child; `None` when it is none.
///
/// Nothing that it says about sizes is believed.
pub fn parse_reply(reply: &Bytes) -> Option<Result<Opened, SourceError>> {
    match &**reply {
        [MEMBER, ..] => Some(Ok(Opened::Member(reply.slice(1..)))),
        [DOCUMENT, document @ ..] => Some(Ok(Opened::Document(read::document(document)?))),
        [OTHER, json @ ..] => Some(match serde_json::from_slice(json).ok()? {
            Other::Archive(names) => Ok(Opened::Archive(names)),
            Other::Refused(error) => Err(error),
        }),
        _ => None,
    }
}

fn open_file(bytes: &[u8], file_name: &str) -> Result<Opened, SourceError> {
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
