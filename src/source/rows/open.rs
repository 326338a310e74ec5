//! From a path to the record files that it holds.

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::fsio::{FileDigest, FsError, digest_of, hash_file, open_file};
use crate::sandbox::Program;
use crate::source::SourceError;
use crate::source::container::zip_error;
use crate::source::format::format_of_start;
use crate::source::html::is_html;
use crate::source::members::{extension_of, is_leftover};
use crate::source::rows::archive::{Archive, open_archive};
use crate::source::rows::feed::{Input, InputBytes};
use crate::source::rows::limits::Limits;
use crate::source::rows::stream::{Progress, TextStream};
use crate::source::rows::text::Piece;
use crate::source::rows::{RecordFileError, RowReader, child, delimited, json_lines};

/// A record file, by itself or in an archive. Nothing of it has been read.
#[derive(Debug, Clone)]
pub struct RowFile {
    path: PathBuf,
    content: Content,
}

/// How a file is read.
#[derive(Debug, Clone)]
enum Content {
    /// As text, packed or not.
    Text,
    /// As text from an archive, by position and name. The archive stays open, and all its files share
    /// what was read of its directory: to read it anew for each takes too long where there are many.
    Member(Archive, usize, String),
    /// By a child process.
    Child,
}

/// What a file of an archive is by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberKind {
    /// It holds rows, as does every file that is in no archive.
    Rows,
    /// Its content has to tell.
    Text,
    /// A workbook or Parquet, which are not read out of archives.
    Binary,
    /// Something else, or what a system left.
    Other,
}

/// Endings of files of an archive that hold rows.
const ROW_ENDS: [&str; 7] = ["csv", "tsv", "jsonl", "ndjson", "gz", "zst", "zstd"];
/// Endings of files that hold rows and that children read.
const BINARY_ENDS: [&str; 6] = ["xlsx", "xlsm", "xls", "et", "ods", "parquet"];

/// Returns the record files at a path: one, or those of an archive in its order.
///
/// What a file holds is known by its content, never by its name.
pub fn record_files(path: &Path) -> Result<Vec<RowFile>, RecordFileError> {
    let shown = path.display().to_string();
    let mut file = open_file(path).map_err(RecordFileError::File)?;
    let mut start = Vec::new();
    let read = file.by_ref().take(8).read_to_end(&mut start);
    read.map_err(|error| RecordFileError::File(FsError::read(path, error)))?;
    let row_file = |content| RowFile { path: path.to_owned(), content };
    let content = match format_of_start(&start) {
        Some("ZIP") => None,
        Some("Parquet") => Some(Content::Child),
        _ => Some(Content::Text),
    };
    if let Some(content) = content {
        return Ok(vec![row_file(content)]);
    }
    let (archive, names) = open_archive(path, &shown)?;
    if names.iter().any(|name| name == "xl/workbook.xml") {
        return Ok(vec![row_file(Content::Child)]);
    }
    let members = names.into_iter().enumerate().filter(|(_, name)| !name.ends_with(['/', '\\']));
    let files: Vec<RowFile> =
        members.map(|(idx, name)| row_file(Content::Member(archive.clone(), idx, name))).collect();
    if files.is_empty() {
        return Err(RecordFileError::Source(SourceError::Empty { file_name: shown }));
    }
    Ok(files)
}

/// Reads rows from a stream of text, packed or not; the name is for messages.
pub fn read_rows(
    stream: Box<dyn Read + Send>,
    file_name: &str,
) -> Result<RowReader, RecordFileError> {
    let input = Input { bytes: InputBytes::Stream(stream), file_name: file_name.to_owned() };
    read_text(input, Limits::default())
}

impl RowFile {
    /// Returns the file as messages name it: the archive, and the name in it.
    pub fn shown(&self) -> String {
        match &self.content {
            Content::Member(.., name) => format!("{}!{name}", self.path.display()),
            Content::Text | Content::Child => self.path.display().to_string(),
        }
    }

    /// Returns what it is by its name, where it is in an archive.
    pub fn member_kind(&self) -> MemberKind {
        let Content::Member(.., name) = &self.content else { return MemberKind::Rows };
        let end = extension_of(name);
        match end.as_deref() {
            _ if is_leftover(name) => MemberKind::Other,
            Some(end) if ROW_ENDS.contains(&end) => MemberKind::Rows,
            Some(end) if BINARY_ENDS.contains(&end) => MemberKind::Binary,
            Some("txt" | "dat") | None => MemberKind::Text,
            Some(_) => MemberKind::Other,
        }
    }

    /// Returns the name of the file, without folders.
    pub fn file_name(&self) -> String {
        match &self.content {
            Content::Member(.., name) => name.rsplit(['/', '\\']).next().unwrap_or(name).to_owned(),
            Content::Text | Content::Child => {
                let name = self.path.file_name();
                name.map_or_else(|| self.shown(), |name| name.to_string_lossy().into_owned())
            }
        }
    }

    /// Returns size and hash of the file's bytes, as [`RowReader::digest`] gives them at the end.
    pub fn digest(&self) -> Result<FileDigest, RecordFileError> {
        let failed = |error| RecordFileError::File(FsError::read(&self.path, error));
        let Content::Member(archive, idx, _) = &self.content else {
            let file = open_file(&self.path).map_err(RecordFileError::File)?;
            return hash_file(&file).map_err(failed);
        };
        let mut archive = archive.clone();
        let member = archive.by_index(*idx).map_err(|e| zip_error(&e, &self.shown(), "ZIP"));
        digest_of(&mut member.map_err(RecordFileError::Source)?).map_err(failed)
    }

    /// Begins to read the file: its header has been read when this returns.
    ///
    /// Workbooks and Parquet are read by children of `program`, which is this very program.
    pub fn open(&self, program: &Program) -> Result<RowReader, RecordFileError> {
        let file = || open_file(&self.path).map_err(RecordFileError::File);
        let bytes = match &self.content {
            Content::Child => return child::open(file()?, &self.path, program),
            Content::Text => InputBytes::Stream(Box::new(file()?)),
            Content::Member(archive, idx, _) => InputBytes::Member(Box::new(archive.clone()), *idx),
        };
        read_text(Input { bytes, file_name: self.shown() }, Limits::default())
    }
}

/// Reads rows of text: separated values or JSON lines.
pub(super) fn read_text(input: Input, limits: Limits) -> Result<RowReader, RecordFileError> {
    let mut stream = TextStream::start(input, limits.chunk_bytes);
    let mut text = String::new();
    let piece = stream.fill(&mut text, limits.block_bytes);
    let start = text.trim_start();
    if start.is_empty() {
        let failure = stream.failure(Progress { row: 1, n_rows: 0 });
        if failure.is_some() || piece == Piece::Last {
            let file_name = stream.file_name().to_owned();
            let empty = RecordFileError::Source(SourceError::Empty { file_name });
            return Err(failure.unwrap_or(empty));
        }
    }
    let file_name = || stream.file_name().to_owned();
    if is_html(start.as_bytes()) {
        let (file_name, format) = (file_name(), "HTML".to_owned());
        return Err(RecordFileError::Source(SourceError::FormatRefused { file_name, format }));
    }
    if json_lines::begins_as_list(start) {
        return Err(RecordFileError::JsonWhole { file_name: file_name() });
    }
    if json_lines::begins_as_json_lines(start) {
        return json_lines::open(stream, text, limits);
    }
    delimited::open(stream, text, limits)
}
