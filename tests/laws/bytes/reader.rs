//! The readers whose bytes are damaged, and what is done with the result.

use bytes::Bytes;
use tongban::annex::{DocumentName, Layouts, ReadOptions, Reference, read};
use tongban::refdata::RefData;
use tongban::source::{Document, Opened, Request, answer, parse_document, parse_reply};

/// Members of an archive that are opened.
const MAX_MEMBERS: usize = 6;
/// What follows after reading takes most of the time: only so many documents go on.
const PARENT_EVERY: u64 = 4;

/// Something that reads foreign bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    Text,
    Csv,
    Html,
    Docx,
    Odt,
    Xlsx,
    Xls,
    Ods,
    Archive,
    Reply,
}

impl Reader {
    /// All of them.
    pub(crate) const ALL: [Self; 10] = [
        Self::Text,
        Self::Csv,
        Self::Html,
        Self::Docx,
        Self::Odt,
        Self::Xlsx,
        Self::Xls,
        Self::Ods,
        Self::Archive,
        Self::Reply,
    ];

    /// Returns its name, which is also the extension of its files.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Text => "txt",
            Self::Csv => "csv",
            Self::Html => "html",
            Self::Docx => "docx",
            Self::Odt => "odt",
            Self::Xlsx => "xlsx",
            Self::Xls => "xls",
            Self::Ods => "ods",
            Self::Archive => "zip",
            Self::Reply => "json",
        }
    }

    /// Returns the reader of a name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reader| reader.name() == name)
    }

    /// Whether its files are zip containers.
    pub(crate) fn is_container(self) -> bool {
        matches!(self, Self::Docx | Self::Odt | Self::Xlsx | Self::Ods | Self::Archive)
    }
}

/// What came of some bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Probed {
    /// They were a document, or an archive.
    Read,
    /// They were refused.
    Refused,
    /// What came out cannot be.
    Wrong(String),
}

/// Has the bytes read as the program does: by the child, then by its parent.
///
/// `between` is called when the child's part is over.
pub(crate) fn probe(
    (reader, number): (Reader, u64),
    bytes: &[u8],
    refdata: &RefData,
    between: &mut dyn FnMut(),
) -> Probed {
    if reader == Reader::Reply {
        between();
        return match parse_reply(&Bytes::copy_from_slice(bytes)) {
            Some(Ok(Opened::Document(document))) => {
                parent_reads(&document, refdata);
                Probed::Read
            }
            Some(Ok(_)) => Probed::Read,
            Some(Err(_)) | None => Probed::Refused,
        };
    }
    let name = format!("a.{}", reader.name());
    let reply = answer(Request::Open, bytes, &name);
    between();
    match opened(&reply) {
        Err(wrong) => Probed::Wrong(wrong),
        Ok(None) => Probed::Refused,
        Ok(Some(Opened::Archive(names))) => {
            let wrong = (0..names.len().min(MAX_MEMBERS))
                .find_map(|idx| member(bytes, &name, idx, refdata).err());
            wrong.map_or(Probed::Read, Probed::Wrong)
        }
        Ok(Some(Opened::Member(_))) => Probed::Wrong("a member that nobody asked for".to_owned()),
        Ok(Some(Opened::Document(document))) => {
            if let Some(misfit) = document.misfit() {
                return Probed::Wrong(format!("{misfit:?}"));
            }
            if number.is_multiple_of(PARENT_EVERY) {
                parent_reads(&document, refdata);
            }
            Probed::Read
        }
    }
}

/// Returns what a child replied; `None` for a refusal.
fn opened(reply: &[u8]) -> Result<Option<Opened>, String> {
    match parse_reply(&Bytes::copy_from_slice(reply)) {
        Some(Ok(opened)) => Ok(Some(opened)),
        Some(Err(_)) => Ok(None),
        None => Err("the reply is none".to_owned()),
    }
}

fn member(bytes: &[u8], name: &str, idx: usize, refdata: &RefData) -> Result<(), String> {
    let reply = answer(Request::Unpack(idx), bytes, name);
    let Some(Opened::Member(member)) = opened(&reply)? else { return Ok(()) };
    if let Ok(document) = parse_document(&member, "a.txt") {
        if let Some(misfit) = document.misfit() {
            return Err(format!("{misfit:?}"));
        }
        parent_reads(&document, refdata);
    }
    Ok(())
}

/// The parent finds the figures; whether it does is another question.
fn parent_reads(document: &Document, refdata: &RefData) {
    let name = DocumentName { shown: "a", file_name: "a" };
    let reference = Reference { refdata, layouts: &Layouts::default() };
    match read(document.clone(), name, reference, &ReadOptions::default()) {
        Ok(reading) => assert!(reading.observations().count() < usize::MAX),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
