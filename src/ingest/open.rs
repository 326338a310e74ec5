//! Files opened by a child process, which alone looks at what strangers wrote.

use std::path::{Path, PathBuf};

use crate::fsio::read_bytes;
use crate::ingest::IngestError;
use crate::sandbox::{DOCUMENT_LIMITS, run};
use crate::source::{Document, Opened, Request, SourceError, parse_reply};

/// Larger files are neither notices nor forms.
const MAX_FILE_BYTES: u64 = 64 << 20;

/// A file with the document that it holds.
#[derive(Debug)]
pub struct SourceFile {
    /// The bytes, as they stand.
    pub bytes: Vec<u8>,
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
    bytes: Vec<u8>,
    shown: String,
    names: Vec<String>,
    program: PathBuf,
}

/// Opens a file: reads its bytes, and has `program`, this very program, find out what they are.
pub fn open_file(path: &Path, program: &Path) -> Result<OpenedFile, IngestError> {
    let bytes = read_bytes(path, MAX_FILE_BYTES).map_err(IngestError::File)?;
    open_bytes(bytes, path.display().to_string(), program)
}

/// Opens bytes that the lake kept of a file with this name.
pub fn open_kept(
    bytes: Vec<u8>,
    file_name: &str,
    program: &Path,
) -> Result<SourceFile, IngestError> {
    match open_bytes(bytes, file_name.to_owned(), program)? {
        OpenedFile::Document(source) => Ok(source),
        OpenedFile::Archive(archive) => Err(IngestError::Source(SourceError::FormatRefused {
            file_name: archive.shown,
            format: "ZIP".to_owned(),
        })),
    }
}

impl Archive {
    /// Returns the positions of the members that are files.
    pub fn members(&self) -> impl Iterator<Item = usize> {
        let is_file = |(_, name): &(usize, &String)| !name.ends_with(['/', '\\']);
        let files = self.names.iter().enumerate().filter(is_file);
        files.map(|(idx, _)| idx).collect::<Vec<_>>().into_iter()
    }

    /// Returns a member as messages name it: the archive, then the member.
    pub fn shown(&self, idx: usize) -> String {
        format!("{}!{}", self.shown, self.names.get(idx).map_or("", String::as_str))
    }

    /// Unpacks a member in a child process and opens it in another one.
    ///
    /// An archive inside an archive is refused.
    pub fn open_member(&self, idx: usize) -> Result<SourceFile, IngestError> {
        let shown = self.shown(idx);
        let request = Request::Unpack(idx);
        let Opened::Member(bytes) = ask(&self.program, request, &self.bytes, &shown)? else {
            unreachable!("an unpacked member is bytes")
        };
        match open_bytes(bytes, shown, &self.program)? {
            OpenedFile::Document(source) => Ok(source),
            OpenedFile::Archive(inner) => Err(IngestError::Source(SourceError::FormatRefused {
                file_name: inner.shown,
                format: "ZIP".to_owned(),
            })),
        }
    }
}

fn open_bytes(bytes: Vec<u8>, shown: String, program: &Path) -> Result<OpenedFile, IngestError> {
    match ask(program, Request::Open, &bytes, &shown)? {
        Opened::Document(document) => {
            let name = shown.rsplit(['/', '\\', '!']).next().unwrap_or(&shown);
            let file_name = name.to_owned();
            Ok(OpenedFile::Document(SourceFile { bytes, shown, file_name, document }))
        }
        Opened::Archive(names) => {
            Ok(OpenedFile::Archive(Archive { bytes, shown, names, program: program.to_owned() }))
        }
        Opened::Member(_) => unreachable!("nothing was to be unpacked"),
    }
}

/// Has a child process answer a request about bytes.
fn ask(program: &Path, request: Request, bytes: &[u8], shown: &str) -> Result<Opened, IngestError> {
    let failed = |error| IngestError::Sandbox { file_name: shown.to_owned(), error };
    let number = match request {
        Request::Open => None,
        Request::Unpack(idx) => Some(idx.to_string()),
    };
    let mut args = vec!["read-document", "--name", shown];
    args.extend(number.as_deref().map(|number| ["--unpack", number]).into_iter().flatten());
    let reply = run(program, &args, bytes, DOCUMENT_LIMITS).map_err(failed)?;
    let opened = parse_reply(&reply)
        .ok_or_else(|| IngestError::Source(SourceError::NotText { file_name: shown.to_owned() }))?;
    opened.map_err(IngestError::Source)
}
