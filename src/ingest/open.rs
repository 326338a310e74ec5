//! Files opened by a child process, which alone looks at what strangers wrote.

use std::ops::ControlFlow;
use std::path::Path;

use bytes::Bytes;

use crate::annex::{ReadOptions, Reference};
use crate::fsio::read_bytes;
use crate::ingest::IngestError;
use crate::ingest::child::{Answer, Instructions, OpenedFor, parse_answer, preamble};
use crate::records::profile::Profiles;
use crate::sandbox::{DOCUMENT_LIMITS, Program, run};
use crate::source::{
    Document, MAX_FILE_BYTES, Member, Opened, Request, SourceError, is_document_name, parse_members,
};

/// How files are opened.
#[derive(Debug, Clone, Copy)]
pub struct OpenSettings<'a> {
    /// This very program.
    pub program: &'a Program,
    /// What for.
    pub opened_for: OpenedFor,
    /// What they will be read by.
    pub reference: Reference<'a>,
    /// Profiles of records, by which a document that holds records is known.
    pub profiles: &'a Profiles,
    /// What the user says about them.
    pub options: &'a ReadOptions,
}

/// A file with the document that it holds.
#[derive(Debug)]
pub struct SourceFile {
    /// The bytes, as they stand.
    pub bytes: Bytes,
    /// The file as the user gave it, with its folders: for messages.
    pub shown: String,
    /// Name of the file, without folders.
    pub file_name: String,
    /// What it holds.
    pub document: Document,
}

/// What a file turned out to be.
#[derive(Debug)]
pub enum OpenedFile {
    /// A document.
    Document(SourceFile),
    /// An archive of files.
    Archive(Archive),
}

/// An archive, its members still packed.
#[derive(Debug)]
pub struct Archive {
    bytes: Bytes,
    shown: String,
    names: Vec<String>,
}

/// A member by its position, and its bytes or the reason why there are none.
type Unpacked = (usize, Result<Bytes, IngestError>);

/// Opens a file: reads its bytes, and has a child process find out what they are.
///
/// A large document that would be refused is refused here, with the same reasons: then nothing of it
/// enters this process.
pub fn open_file(path: &Path, settings: OpenSettings<'_>) -> Result<OpenedFile, IngestError> {
    let bytes = read_bytes(path, MAX_FILE_BYTES).map_err(IngestError::File)?;
    let shown = path.display().to_string();
    let file_name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    open_bytes(bytes.into(), file_name.unwrap_or_else(|| shown.clone()), shown, settings)
}

/// Opens bytes that the lake kept of a file with this name.
pub fn open_kept(
    bytes: Vec<u8>,
    file_name: &str,
    settings: OpenSettings<'_>,
) -> Result<SourceFile, IngestError> {
    match open_bytes(bytes.into(), file_name.to_owned(), file_name.to_owned(), settings)? {
        OpenedFile::Document(source) => Ok(source),
        OpenedFile::Archive(archive) => Err(IngestError::Source(SourceError::FormatRefused {
            file_name: archive.shown,
            format: "ZIP".to_owned(),
        })),
    }
}

impl Archive {
    /// Returns the positions of the members that are documents by their names.
    pub fn documents(&self) -> Vec<usize> {
        let names = self.names.iter().enumerate();
        names.filter(|(_, name)| is_document_name(name)).map(|(idx, _)| idx).collect()
    }

    /// Returns the names of the other files.
    pub fn others(&self) -> Vec<&str> {
        let is_other = |name: &&str| !name.ends_with(['/', '\\']) && !is_document_name(name);
        self.names.iter().map(String::as_str).filter(is_other).collect()
    }

    /// Returns the archive as messages name it.
    pub fn path(&self) -> &str {
        &self.shown
    }

    /// Opens one document after the other, and gives each to a closure that can end it: with the name
    /// for messages, the archive and then the member.
    ///
    /// Children unpack the members, many at a time, and others open them, each one. An archive inside
    /// an archive is refused.
    pub fn open_documents(
        &self,
        settings: OpenSettings<'_>,
        mut take: impl FnMut(&str, Result<SourceFile, IngestError>) -> ControlFlow<()>,
    ) {
        let mut next = self.documents().into_iter().peekable();
        while let Some(&first) = next.peek() {
            // A child that gave nothing back costs the document that it was to begin with.
            let members =
                self.unpack(first, settings).unwrap_or_else(|error| vec![(first, Err(error))]);
            for (idx, member) in members {
                next.next_if_eq(&idx);
                let shown = self.shown(idx);
                let source = member.and_then(|bytes| self.open(bytes, idx, settings));
                if take(&shown, source).is_break() {
                    return;
                }
            }
        }
    }

    /// Unpacks documents from a position on; the first is the one that was asked for.
    fn unpack(
        &self,
        first: usize,
        settings: OpenSettings<'_>,
    ) -> Result<Vec<Unpacked>, IngestError> {
        let shown = self.shown(first);
        let reply = || IngestError::Reply { file_name: shown.clone() };
        let request = Request::Unpack(first);
        let Opened::Member(packed) = ask(settings, request, &self.bytes, &shown)? else {
            return Err(reply());
        };
        let members: Vec<Member> = parse_members(packed).ok_or_else(reply)?;
        let expected: Vec<usize> =
            self.documents().into_iter().filter(|idx| *idx >= first).collect();
        let found: Vec<usize> = members.iter().map(|(idx, _)| *idx).collect();
        if found.is_empty() || !expected.starts_with(&found) {
            return Err(reply());
        }
        let named = members.into_iter();
        Ok(named.map(|(idx, member)| (idx, member.map_err(IngestError::Source))).collect())
    }

    fn open(
        &self,
        bytes: Bytes,
        idx: usize,
        settings: OpenSettings<'_>,
    ) -> Result<SourceFile, IngestError> {
        let file_name = last_step(self.name(idx)).to_owned();
        match open_bytes(bytes, file_name, self.shown(idx), settings)? {
            OpenedFile::Document(source) => Ok(source),
            OpenedFile::Archive(inner) => Err(IngestError::Source(SourceError::FormatRefused {
                file_name: inner.shown,
                format: "ZIP".to_owned(),
            })),
        }
    }

    fn shown(&self, idx: usize) -> String {
        format!("{}!{}", self.shown, self.name(idx))
    }

    fn name(&self, idx: usize) -> &str {
        self.names.get(idx).map_or("", String::as_str)
    }
}

/// Returns the name of a member without its folders, which archives of any system have.
fn last_step(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

fn open_bytes(
    bytes: Bytes,
    file_name: String,
    shown: String,
    settings: OpenSettings<'_>,
) -> Result<OpenedFile, IngestError> {
    match ask(settings, Request::Open, &bytes, &shown)? {
        Opened::Document(document) => {
            Ok(OpenedFile::Document(SourceFile { bytes, shown, file_name, document }))
        }
        Opened::Archive(names) => Ok(OpenedFile::Archive(Archive { bytes, shown, names })),
        Opened::Member(_) => Err(IngestError::Reply { file_name: shown }),
    }
}

/// Characters of a name that a child is told: those at its end, with the extension.
const MAX_NAME_CHARS: usize = 4_096;

/// Returns a name as a program can be given it, whatever an archive calls its members.
fn as_argument(shown: &str) -> String {
    let n_left_out = shown.chars().count().saturating_sub(MAX_NAME_CHARS);
    let end = shown.chars().skip(n_left_out);
    end.map(|c| if c == '\0' { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// Has a child process answer a request about bytes.
fn ask(
    settings: OpenSettings<'_>,
    request: Request,
    bytes: &[u8],
    shown: &str,
) -> Result<Opened, IngestError> {
    let failed = |error| IngestError::Sandbox { file_name: shown.to_owned(), error };
    let OpenSettings { program, opened_for, reference, profiles, options } = settings;
    let (number, instructions) = match request {
        Request::Open => (None, Some(Instructions::new(opened_for, reference, profiles, options))),
        Request::Unpack(idx) => (Some(idx.to_string()), None),
    };
    let name = as_argument(shown);
    let mut args = vec!["read-document", "--name", &name];
    args.extend(number.as_deref().map(|number| ["--unpack", number]).into_iter().flatten());
    let input = [&preamble(instructions.as_ref())[..], bytes];
    let reply = run(program, &args, &input, DOCUMENT_LIMITS).map_err(failed)?;
    match parse_answer(&reply.into_bytes()) {
        Some(Answer::Opened(opened)) => Ok(opened),
        Some(Answer::NoDocument(error)) => Err(IngestError::Source(error)),
        Some(Answer::Refused(refusal)) => Err(IngestError::Refused(refusal)),
        None => Err(IngestError::Reply { file_name: shown.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_folders_are_cut_off_the_name_of_a_member() {
        for (name, expected) in [
            ("a!b.html", "a!b.html"),
            ("通报/1!附件.docx", "1!附件.docx"),
            ("a\\b.xls", "b.xls"),
            ("b.xls", "b.xls"),
        ] {
            assert_eq!(last_step(name), expected);
        }
    }

    #[test]
    fn any_name_can_be_given_to_a_program() {
        assert_eq!(as_argument("a.zip!b\0c.txt"), "a.zip!b\u{fffd}c.txt");
        let long = "长".repeat(100_000) + ".csv";
        let argument = as_argument(&long);
        assert_eq!(argument.chars().count(), MAX_NAME_CHARS);
        assert!(argument.ends_with("长.csv"));
    }
}
