//! The bytes of a file, hashed and unpacked on a thread of their own.

use std::io::{self, BufReader, Cursor, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

use flate2::read::MultiGzDecoder;

use crate::fsio::{FileDigest, FsError, HashingReader};
use crate::source::SourceError;
use crate::source::container::limit;
use crate::source::rows::RecordFileError;
use crate::source::rows::archive::Archive;

/// Bytes by which it is known how a file is packed.
const LOOK_BYTES: u64 = 16;
/// Bytes that a file unpacks to at most. They are never there at the same time.
const MAX_UNPACKED_BYTES: u64 = 1 << 38;
/// Chunks that may wait for the reader of rows.
const CHUNKS_AHEAD: usize = 3;

/// How a file is packed, by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packing {
    /// Not at all.
    None,
    /// gzip, of one or several members.
    Gzip,
    /// zstd, of one or several frames.
    Zstd,
}

impl Packing {
    /// Returns how a file is packed that begins with these bytes.
    fn of_start(start: &[u8]) -> Self {
        // A zstd file may also begin with a frame to be skipped, of which there are sixteen kinds.
        let is_skippable = start.first().is_some_and(|byte| byte & 0xF0 == 0x50)
            && start.get(1..4) == Some(&[0x2A, 0x4D, 0x18]);
        if start.starts_with(b"\x1F\x8B") {
            Self::Gzip
        } else if start.starts_with(b"\x28\xB5\x2F\xFD") || is_skippable {
            Self::Zstd
        } else {
            Self::None
        }
    }
}

/// A file to be read, and what messages call it.
pub(super) struct Input {
    /// Its bytes.
    pub(super) bytes: InputBytes,
    /// Name of the file, for messages.
    pub(super) file_name: String,
}

/// Bytes of a file, packed or not.
pub(super) enum InputBytes {
    /// As a stream.
    Stream(Box<dyn Read + Send>),
    /// The entry of an archive at this position.
    Member(Box<Archive>, usize),
}

/// Unpacked bytes of a file, read ahead.
pub(super) struct Feed {
    chunks: Receiver<Fed>,
    used: Sender<Vec<u8>>,
    bytes_read: Arc<AtomicU64>,
    file_name: String,
    digest: Option<FileDigest>,
}

/// What the thread that reads says.
enum Fed {
    Chunk(Vec<u8>),
    End(FileDigest),
    /// More came out than is read.
    TooMuch,
    /// The file could not be read.
    Unread(io::Error),
    /// What was read could not be unpacked.
    Packed(io::Error),
}

/// Why there are no more bytes.
#[derive(Debug)]
pub(super) enum FeedError {
    /// The file could not be read, or is no packed file.
    File(RecordFileError),
    /// It is packed, and ends early or is damaged: the words of the library that found it.
    CutOff(String),
}

impl Feed {
    /// Begins to read, so many bytes at a time.
    pub(super) fn start(input: Input, chunk_bytes: usize) -> Self {
        let (to_rows, chunks) = sync_channel(CHUNKS_AHEAD);
        let (used, to_fill) = channel();
        let bytes_read = Arc::new(AtomicU64::new(0));
        let Input { bytes, file_name } = input;
        let progress = Arc::clone(&bytes_read);
        thread::spawn(move || {
            let channels = Channels { to_rows, to_fill, chunk_bytes };
            let outcome = match bytes {
                InputBytes::Stream(stream) => channels.run(stream, progress),
                InputBytes::Member(mut archive, idx) => match archive.by_index(idx) {
                    Ok(entry) => channels.run(Box::new(entry), progress),
                    Err(error) => Err(io::Error::other(error)),
                },
            };
            // Where nobody listens any more, nobody wants to know.
            if let Err(error) = outcome {
                channels.to_rows.send(Fed::Packed(error)).unwrap_or_default();
            }
        });
        Self { chunks, used, bytes_read, file_name, digest: None }
    }

    /// Returns the next bytes; `None` at the end of the file.
    pub(super) fn next(&mut self) -> Result<Option<Vec<u8>>, FeedError> {
        if self.digest.is_some() {
            return Ok(None);
        }
        match self.chunks.recv() {
            Ok(Fed::Chunk(bytes)) => Ok(Some(bytes)),
            Ok(Fed::End(digest)) => {
                self.digest = Some(digest);
                Ok(None)
            }
            Ok(Fed::TooMuch) => Err(FeedError::File(RecordFileError::Source(limit(
                &self.file_name,
                "unpacked_bytes",
                MAX_UNPACKED_BYTES,
            )))),
            Ok(Fed::Unread(error)) => {
                let path = PathBuf::from(&self.file_name);
                Err(FeedError::File(RecordFileError::File(FsError::read(&path, error))))
            }
            Ok(Fed::Packed(error)) => Err(FeedError::CutOff(error.to_string())),
            Err(_) => Err(FeedError::File(RecordFileError::Source(SourceError::Damaged {
                file_name: self.file_name.clone(),
                part: "-".to_owned(),
                reason: "flaw.cut_off".to_owned(),
            }))),
        }
    }

    /// Takes bytes back that have been used, so that their memory serves again.
    pub(super) fn give_back(&self, mut bytes: Vec<u8>) {
        bytes.clear();
        // A thread that has ended needs none.
        self.used.send(bytes).unwrap_or_default();
    }

    /// Returns how many bytes of the file have been read.
    pub(super) fn bytes_read(&self) -> u64 {
        self.bytes_read.load(Ordering::Relaxed)
    }

    /// Returns size and hash of the file once its end has been reached.
    pub(super) fn digest(&self) -> Option<FileDigest> {
        self.digest.clone()
    }

    /// Returns what messages call the file.
    pub(super) fn file_name(&self) -> &str {
        &self.file_name
    }
}

/// What the thread that reads needs to hand bytes on.
struct Channels {
    to_rows: SyncSender<Fed>,
    to_fill: Receiver<Vec<u8>>,
    chunk_bytes: usize,
}

impl Channels {
    /// Reads a stream to its end, or until nobody listens.
    fn run(&self, stream: Box<dyn Read + '_>, progress: Arc<AtomicU64>) -> io::Result<()> {
        let inner = HashingReader::new(stream);
        let mut raw = Raw { inner, progress, start: Cursor::default() };
        let packing = Packing::of_start(raw.look()?);
        let mut unpacker = Unpacker::new(raw, packing)?;
        let mut left_bytes = MAX_UNPACKED_BYTES;
        loop {
            let used = self.to_fill.try_recv();
            let mut bytes = used.unwrap_or_else(|_| Vec::with_capacity(self.chunk_bytes));
            let most = left_bytes.min(self.chunk_bytes as u64);
            let outcome = unpacker.stream().take(most).read_to_end(&mut bytes);
            left_bytes -= bytes.len() as u64;
            let is_last = bytes.is_empty();
            // What came out before a failure counts: it says how far the file goes.
            if !is_last && self.to_rows.send(Fed::Chunk(bytes)).is_err() {
                return Ok(());
            }
            let fed = match outcome {
                Ok(_) if left_bytes == 0 => Fed::TooMuch,
                Ok(_) if is_last => Fed::End(unpacker.raw().digest()),
                Ok(_) => continue,
                Err(error) => match unpacker.raw().take_failure() {
                    Some(original) => Fed::Unread(original),
                    None => Fed::Packed(error),
                },
            };
            self.to_rows.send(fed).unwrap_or_default();
            return Ok(());
        }
    }
}

/// The bytes of the file as they stand, hashed and counted.
struct Raw<'a> {
    inner: HashingReader<Box<dyn Read + 'a>>,
    progress: Arc<AtomicU64>,
    /// The first bytes, which were looked at.
    start: Cursor<Vec<u8>>,
}

impl Raw<'_> {
    /// Returns the first bytes, which are read all the same.
    fn look(&mut self) -> io::Result<&[u8]> {
        let mut start = Vec::new();
        (&mut self.inner).take(LOOK_BYTES).read_to_end(&mut start)?;
        self.start = Cursor::new(start);
        Ok(self.start.get_ref())
    }
}

impl Read for Raw<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n_bytes = self.start.read(buffer)?;
        if n_bytes > 0 {
            return Ok(n_bytes);
        }
        let n_bytes = self.inner.read(buffer)?;
        self.progress.store(self.inner.size_bytes(), Ordering::Relaxed);
        Ok(n_bytes)
    }
}

/// The way from packed to unpacked bytes.
enum Unpacker<'a> {
    None(Raw<'a>),
    Gzip(Box<MultiGzDecoder<Raw<'a>>>),
    Zstd(zstd::stream::read::Decoder<'static, BufReader<Raw<'a>>>),
}

impl<'a> Unpacker<'a> {
    fn new(raw: Raw<'a>, packing: Packing) -> io::Result<Self> {
        Ok(match packing {
            Packing::None => Self::None(raw),
            Packing::Gzip => Self::Gzip(Box::new(MultiGzDecoder::new(raw))),
            Packing::Zstd => Self::Zstd(zstd::stream::read::Decoder::new(raw)?),
        })
    }

    fn raw(&mut self) -> &mut HashingReader<Box<dyn Read + 'a>> {
        match self {
            Self::None(raw) => &mut raw.inner,
            Self::Gzip(gzip) => &mut gzip.get_mut().inner,
            Self::Zstd(zstd) => &mut zstd.get_mut().get_mut().inner,
        }
    }

    fn stream(&mut self) -> &mut dyn Read {
        match self {
            Self::None(raw) => raw,
            Self::Gzip(gzip) => gzip,
            Self::Zstd(zstd) => zstd,
        }
    }
}
