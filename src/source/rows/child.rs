//! Rows from a child process, which alone looks into workbooks and Parquet.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind};
use std::path::Path;
use std::thread::JoinHandle;

use crate::fsio::{FileDigest, FileStamp, FsError, hash_file, stamp_of};
use crate::sandbox::{Program, Running, record_limits, start};
use crate::source::Encoding;
use crate::source::rows::header::Header;
use crate::source::rows::limits::Limits;
use crate::source::rows::reader::{Blocks, UnreadSheets};
use crate::source::rows::wire::{Frame, read_frame};
use crate::source::rows::{RecordFileError, RowBlock, RowReader};

/// Bytes that are taken from the pipe at a time.
const PIPE_BYTES: usize = 1 << 20;

/// A file that a child reads.
struct ChildRows {
    running: Option<BufReader<Running>>,
    file: File,
    file_name: String,
    stamp: Option<FileStamp>,
    number: usize,
    n_columns: usize,
    unread: UnreadSheets,
    hash: Option<JoinHandle<io::Result<FileDigest>>>,
    digest: Option<FileDigest>,
}

/// Opens a workbook or Parquet: `program`, this very program, reads it.
pub(super) fn open(
    file: File,
    path: &Path,
    program: &Program,
) -> Result<RowReader, RecordFileError> {
    let file_name = path.display().to_string();
    let unread = |error: io::Error| RecordFileError::File(FsError::read(path, error));
    let size_bytes = file.metadata().map_err(unread)?.len();
    let input = file.try_clone().map_err(unread)?;
    let hashed = file.try_clone().map_err(unread)?;
    let stamp = stamp_of(&file);
    // The child seeks in the file, so the hash is made without.
    let hash = std::thread::spawn(move || hash_file(&hashed));
    let args = ["read-document", "--rows", "--name", &file_name];
    let running = start(program, &args, input, record_limits(size_bytes));
    let running = running
        .map_err(|error| RecordFileError::Sandbox { file_name: file_name.clone(), error })?;
    let mut rows = ChildRows {
        running: Some(BufReader::with_capacity(PIPE_BYTES, running)),
        file,
        file_name: file_name.clone(),
        stamp,
        number: 0,
        n_columns: 0,
        unread: UnreadSheets::default(),
        hash: Some(hash),
        digest: None,
    };
    let Frame::Header(cells, _) = rows.frame()? else {
        return Err(RecordFileError::Reply { file_name });
    };
    let Header { names, .. } = Header::new(&cells, &file_name, Limits::default().columns)?;
    rows.n_columns = names.len();
    Ok(RowReader::new(names, Box::new(rows)))
}

impl ChildRows {
    /// Returns what the child says next; why it cannot go on is an error.
    fn frame(&mut self) -> Result<Frame, RecordFileError> {
        let file_name = self.file_name.clone();
        let reply = || RecordFileError::Reply { file_name };
        let Some(running) = &mut self.running else { return Err(reply()) };
        let frame = read_frame(running, self.number, self.n_columns);
        let error = match frame {
            Ok(Frame::Failed(error)) => RecordFileError::Source(error),
            Ok(frame) => return Ok(frame),
            Err(error) if error.kind() == ErrorKind::InvalidData => reply(),
            // It ended, or was ended, in the middle of what it said.
            Err(_) => match self.finish() {
                Ok(()) => reply(),
                Err(error) => error,
            },
        };
        self.running = None;
        Err(error)
    }

    /// Waits for the end of the child.
    fn finish(&mut self) -> Result<(), RecordFileError> {
        let Some(running) = self.running.take() else { return Ok(()) };
        running
            .into_inner()
            .finish()
            .map_err(|error| RecordFileError::Sandbox { file_name: self.file_name.clone(), error })
    }

    /// Takes the hash, which must be that of the bytes that the child read.
    fn end(&mut self) -> Result<(), RecordFileError> {
        self.finish()?;
        let hash = self.hash.take().and_then(|hash| hash.join().ok());
        let changed = || RecordFileError::Changed { file_name: self.file_name.clone() };
        let digest = hash.ok_or_else(changed)?;
        let path = Path::new(&self.file_name);
        let digest = digest.map_err(|error| RecordFileError::File(FsError::read(path, error)))?;
        if stamp_of(&self.file) != self.stamp {
            return Err(changed());
        }
        self.digest = Some(digest);
        Ok(())
    }
}

impl Blocks for ChildRows {
    fn next(&mut self) -> Result<Option<RowBlock>, RecordFileError> {
        match self.frame()? {
            Frame::Block(block) if block.n_rows() > 0 => {
                self.number += 1;
                Ok(Some(block))
            }
            Frame::End(unread) => {
                self.unread = unread;
                self.end().map(|()| None)
            }
            Frame::Header(..) | Frame::Block(_) | Frame::Failed(_) => {
                Err(RecordFileError::Reply { file_name: self.file_name.clone() })
            }
        }
    }

    fn encoding(&self) -> Option<Encoding> {
        None
    }

    /// How far the child is, it does not tell: all or nothing.
    fn bytes_read(&self) -> u64 {
        self.digest.as_ref().map_or(0, |digest| digest.size_bytes)
    }

    fn digest(&self) -> Option<FileDigest> {
        self.digest.clone()
    }

    fn unread_sheets(&self) -> UnreadSheets {
        self.unread.clone()
    }
}
