//! What the process that reads documents is told beside the bytes, and what it answers: both ends.
//!
//! Its input is the length of the instructions in four bytes, the instructions as JSON, and the bytes
//! of the file. Its answer is a reply of `source`, or why a large document is refused.

use std::borrow::Cow;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::annex::{DocumentName, Layouts, ReadOptions, Reference, check};
use crate::diag::{Diagnose, Message, impl_error};
use crate::ingest::record_like::refuse_record_like;
use crate::records::profile::Profiles;
use crate::refdata::RefData;
use crate::source::{Document, Opened, Request, SourceError, open, parse_reply, reply_of};

/// First byte of an answer that is a refusal by what the document says; replies of `source` begin with
/// other bytes.
const REFUSED: u8 = 0xff;

/// Rows of each grid by which a layout is sketched, where a document is large.
const SKETCHED_ROWS: usize = 1_000;

/// What a document is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OpenedFor {
    /// Its figures: a large one is refused by the child that parsed it, if it has to be.
    Figures,
    /// A layout: of a large one the first rows of each table are enough.
    Layout,
}

/// What is needed to tell whether a document is refused.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Instructions<'a> {
    opened_for: OpenedFor,
    overrides: Cow<'a, [(String, String)]>,
    layouts: Cow<'a, [(String, String)]>,
    /// Name and text of the profiles that are not the program's.
    profiles: Vec<(String, String)>,
    options: Cow<'a, ReadOptions>,
}

/// Why a document was refused, in words that came from another process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    message: Message,
    causes: Vec<Message>,
    details: Vec<Message>,
    besides: Vec<Message>,
}

impl_error!(Refusal);

impl Diagnose for Refusal {
    fn message(&self) -> Message {
        self.message.clone()
    }

    fn causes(&self) -> Vec<Message> {
        self.causes.clone()
    }

    fn details(&self) -> Vec<Message> {
        self.details.clone()
    }

    fn besides(&self) -> Vec<Message> {
        self.besides.clone()
    }
}

impl Refusal {
    fn of(error: &impl Diagnose) -> Self {
        Self {
            message: error.message(),
            causes: error.causes(),
            details: error.details(),
            besides: error.besides(),
        }
    }
}

impl<'a> Instructions<'a> {
    /// Returns what a child needs to read as its parent does.
    pub(super) fn new(
        opened_for: OpenedFor,
        reference: Reference<'a>,
        profiles: &Profiles,
        options: &'a ReadOptions,
    ) -> Self {
        let own = profiles.iter().filter(|profile| !profile.is_builtin);
        Self {
            opened_for,
            overrides: reference.refdata.overrides().into(),
            layouts: reference.layouts.own().into(),
            profiles: own.map(|profile| (profile.id.clone(), profile.text.clone())).collect(),
            options: Cow::Borrowed(options),
        }
    }
}

/// Returns what stands before the bytes of a file in the input of a child.
pub(super) fn preamble(instructions: Option<&Instructions<'_>>) -> Vec<u8> {
    let json = serde_json::to_vec(&instructions).expect("instructions have text keys only");
    let length = u32::try_from(json.len()).unwrap_or(u32::MAX);
    [&length.to_le_bytes()[..], &json].concat()
}

/// Answers a request as the child does; `None` when the input is none.
///
/// A document that may take much memory to read is read here, as far as to know whether it is refused:
/// the limits of this process hold for that too.
pub fn answer_child(request: Request, input: Vec<u8>, file_name: &str) -> Option<Vec<u8>> {
    let (length, rest) = input.split_first_chunk()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let (json, bytes) = rest.split_at_checked(length)?;
    let instructions: Option<Instructions<'static>> = serde_json::from_slice(json).ok()?;
    let outcome = open(request, bytes, file_name);
    // A large document needs the room.
    drop(input);
    let Some(instructions) = instructions else { return Some(reply_of(&outcome, file_name)) };
    match outcome {
        Ok(Opened::Document(document)) if document.is_large() => {
            answer_large(document, file_name, &instructions)
        }
        outcome => Some(reply_of(&outcome, file_name)),
    }
}

fn answer_large(
    mut document: Document,
    file_name: &str,
    instructions: &Instructions<'_>,
) -> Option<Vec<u8>> {
    if instructions.opened_for == OpenedFor::Layout {
        document.cut(SKETCHED_ROWS);
        let outcome = if document.is_large() {
            Err(SourceError::TooLarge { file_name: file_name.to_owned() })
        } else {
            Ok(Opened::Document(document))
        };
        return Some(reply_of(&outcome, file_name));
    }
    let mut refdata = RefData::load(&instructions.overrides).ok()?;
    let layouts = Layouts::load(&instructions.layouts, &mut refdata).ok()?;
    let profiles = Profiles::load(&instructions.profiles, &refdata).ok()?;
    if let Err(error) = refuse_record_like(&document, file_name, &profiles) {
        return Some(refused(&error));
    }
    let opened = Ok(Opened::Document(document));
    let reply = reply_of(&opened, file_name);
    let Ok(Opened::Document(document)) = opened else { return None };
    let name = DocumentName { shown: file_name, file_name };
    let reference = Reference { refdata: &refdata, layouts: &layouts };
    let Err(error) = check(document, name, reference, &instructions.options) else {
        return Some(reply);
    };
    Some(refused(&error))
}

fn refused(error: &impl Diagnose) -> Vec<u8> {
    let mut refused = vec![REFUSED];
    serde_json::to_writer(&mut refused, &Refusal::of(error)).expect("messages have text keys only");
    refused
}

/// What a child answered.
#[derive(Debug)]
pub(super) enum Answer {
    Opened(Opened),
    /// The bytes are no document.
    NoDocument(SourceError),
    /// The document is refused by what it says.
    Refused(Refusal),
}

/// Parses what a child answered; `None` when it is no answer.
pub(super) fn parse_answer(answer: &Bytes) -> Option<Answer> {
    if let Some((&REFUSED, json)) = answer.split_first() {
        return serde_json::from_slice(json).ok().map(Answer::Refused);
    }
    Some(match parse_reply(answer)? {
        Ok(opened) => Answer::Opened(opened),
        Err(error) => Answer::NoDocument(error),
    })
}
