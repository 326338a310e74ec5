//! Which format a file has: by content, never by its name alone.

use std::io::Cursor;

use crate::model::text_enum;
use crate::source::SourceError;
use crate::source::container::Container;

text_enum! {
    /// Formats of documents.
    Format {
        /// Plain text.
        Text = "text",
        /// Values separated by commas.
        Csv = "csv",
        /// Values separated by tabs, every line a row.
        Tsv = "tsv",
        /// A web page.
        Html = "html",
        /// WordprocessingML.
        Docx = "docx",
        /// OpenDocument text.
        Odt = "odt",
        /// SpreadsheetML.
        Xlsx = "xlsx",
        /// A legacy workbook (BIFF8), also with the extension `.et`.
        Xls = "xls",
        /// OpenDocument spreadsheet.
        Ods = "ods",
    }
}

/// What the bytes of a file are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    /// A document of this format.
    Document(Format),
    /// An archive of other files.
    Archive,
    /// Something that may be text in some encoding.
    MaybeText,
}

/// First bytes of formats that are no documents, or none that is read.
const REFUSED: [(&[u8], &str); 8] = [
    (b"%PDF", "PDF"),
    (b"\x1F\x8B", "gzip"),
    (b"\x28\xB5\x2F\xFD", "zstd"),
    (b"PAR1", "Parquet"),
    (b"\x89PNG", "PNG"),
    (b"\xFF\xD8\xFF", "JPEG"),
    (b"Rar!\x1A\x07", "RAR"),
    (b"7z\xBC\xAF\x27\x1C", "7-Zip"),
];

/// First bytes of containers, which hold documents or other files.
const CONTAINERS: [(&[u8], &str); 3] =
    [(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "OLE2"), (b"PK\x03\x04", "ZIP"), (b"PK\x05\x06", "ZIP")];

/// Streams of OLE2 files by which their format is known.
const OLE_STREAMS: [(&str, OleKind); 5] = [
    ("EncryptedPackage", OleKind::Encrypted),
    ("Workbook", OleKind::Workbook),
    ("Book", OleKind::Workbook),
    ("WordDocument", OleKind::Other("DOC")),
    ("PowerPoint Document", OleKind::Other("PPT")),
];

#[derive(Debug, Clone, Copy)]
enum OleKind {
    Encrypted,
    Workbook,
    Other(&'static str),
}

/// Returns the name of a format that is no text, by the first bytes of a file.
pub(super) fn format_of_start(start: &[u8]) -> Option<&'static str> {
    let mut known = REFUSED.iter().chain(&CONTAINERS);
    known.find(|(first, _)| start.starts_with(first)).map(|(_, format)| *format)
}

/// Finds out what a file is.
///
/// Refused here: formats that are known and not read, encrypted documents, archives that are
/// damaged or built to do harm.
pub(super) fn content_of(bytes: &[u8], file_name: &str) -> Result<Content, SourceError> {
    let refused = |format: &str| SourceError::FormatRefused {
        file_name: file_name.to_owned(),
        format: format.to_owned(),
    };
    if bytes.is_empty() {
        return Err(SourceError::Empty { file_name: file_name.to_owned() });
    }
    match format_of_start(bytes) {
        Some("OLE2") => content_of_ole(bytes, file_name),
        Some("ZIP") => content_of_zip(bytes, file_name),
        Some(format) => Err(refused(format)),
        None => Ok(Content::MaybeText),
    }
}

fn content_of_ole(bytes: &[u8], file_name: &str) -> Result<Content, SourceError> {
    let damaged = |error: std::io::Error| SourceError::Damaged {
        file_name: file_name.to_owned(),
        part: "OLE2".to_owned(),
        reason: error.to_string(),
    };
    let file = cfb::CompoundFile::open(Cursor::new(bytes)).map_err(damaged)?;
    let kind = OLE_STREAMS.iter().find(|(stream, _)| file.is_stream(stream));
    match kind.map(|(_, kind)| *kind) {
        Some(OleKind::Workbook) => Ok(Content::Document(Format::Xls)),
        Some(OleKind::Encrypted) => Err(SourceError::Encrypted { file_name: file_name.to_owned() }),
        Some(OleKind::Other(format)) => Err(SourceError::FormatRefused {
            file_name: file_name.to_owned(),
            format: format.to_owned(),
        }),
        None => Err(SourceError::FormatRefused {
            file_name: file_name.to_owned(),
            format: "OLE2".to_owned(),
        }),
    }
}

fn content_of_zip(bytes: &[u8], file_name: &str) -> Result<Content, SourceError> {
    let mut container = Container::open(bytes, file_name)?;
    if container.has("word/document.xml") {
        return Ok(Content::Document(Format::Docx));
    }
    if container.has("xl/workbook.xml") {
        return Ok(Content::Document(Format::Xlsx));
    }
    if container.has("xl/workbook.bin") {
        return Err(SourceError::FormatRefused {
            file_name: file_name.to_owned(),
            format: "XLSB".to_owned(),
        });
    }
    if container.has("mimetype") && container.has("content.xml") {
        if container.text("META-INF/manifest.xml")?.is_some_and(|t| t.contains("encryption-data")) {
            return Err(SourceError::Encrypted { file_name: file_name.to_owned() });
        }
        let mimetype = container.text("mimetype")?.unwrap_or_default();
        let format = match mimetype.trim() {
            text if text.starts_with("application/vnd.oasis.opendocument.text") => Format::Odt,
            text if text.starts_with("application/vnd.oasis.opendocument.spreadsheet") => {
                Format::Ods
            }
            other => {
                return Err(SourceError::FormatRefused {
                    file_name: file_name.to_owned(),
                    format: other.chars().take(80).collect(),
                });
            }
        };
        return Ok(Content::Document(format));
    }
    Ok(Content::Archive)
}
