//! The text of a file, as much at a time as is asked for.

use crate::fsio::FileDigest;
use crate::source::format::format_of_start;
use crate::source::rows::RecordFileError;
use crate::source::rows::feed::{Feed, FeedError, Input};
use crate::source::rows::oddness::OddText;
use crate::source::rows::text::{Piece, TextDecoder, Undecodable};
use crate::source::{Encoding, SourceError};

/// The text of a file while it is read.
pub(super) struct TextStream {
    feed: Feed,
    decoder: TextDecoder,
    /// Whether the first bytes have been looked at.
    is_begun: bool,
    end: Option<End>,
}

/// Why no more text comes.
enum End {
    /// It is the end of the file.
    Whole,
    /// The file could not be read or unpacked.
    Feed(FeedError),
    /// The bytes are not text in the encoding of the file.
    Text(Undecodable),
    /// They are, and it is hardly what was meant.
    Odd(OddText),
}

/// Where in the records a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Progress {
    /// The row that is read, as a spreadsheet counts.
    pub(super) row: u64,
    /// Rows that were read before, without the header.
    pub(super) n_rows: u64,
}

/// Returns the name of a format that is no text, by the first bytes of what was packed.
fn format_of_content(start: &[u8]) -> Option<&'static str> {
    let is_tar = start.get(257..262).is_some_and(|mark| mark == b"ustar");
    format_of_start(start).or(is_tar.then_some("TAR"))
}

impl TextStream {
    /// Begins to read a file, so many bytes at a time.
    pub(super) fn start(input: Input, chunk_bytes: usize) -> Self {
        let feed = Feed::start(input, chunk_bytes);
        Self { feed, decoder: TextDecoder::new(), is_begun: false, end: None }
    }

    /// Adds text until there are `n_bytes` at least, or no more comes; returns whether more may come.
    ///
    /// The text in front of a failure is text, so the failure is told only by [`Self::failure`].
    pub(super) fn fill(&mut self, text: &mut String, n_bytes: usize) -> Piece {
        while self.end.is_none() && text.len() < n_bytes {
            let end = match self.feed.next() {
                Ok(Some(bytes)) if !self.is_begun && format_of_content(&bytes).is_some() => {
                    let format = format_of_content(&bytes).unwrap_or_default().to_owned();
                    let file_name = self.feed.file_name().to_owned();
                    let refused = SourceError::FormatRefused { file_name, format };
                    Some(End::Feed(FeedError::File(RecordFileError::Source(refused))))
                }
                Ok(Some(bytes)) => {
                    self.is_begun = true;
                    let decoded = self.decoder.decode(&bytes, Piece::Inner, text);
                    self.feed.give_back(bytes);
                    decoded.err().map(End::Text)
                }
                Ok(None) => {
                    let decoded = self.decoder.decode(&[], Piece::Last, text);
                    Some(decoded.map_or_else(End::Text, |()| End::Whole))
                }
                Err(error) => Some(End::Feed(error)),
            };
            self.end = self.decoder.doubt().map(End::Odd).or(end);
        }
        if matches!(self.end, Some(End::Whole)) { Piece::Last } else { Piece::Inner }
    }

    /// Returns the failure that ended the text, once all of it has been used.
    pub(super) fn failure(&mut self, progress: Progress) -> Option<RecordFileError> {
        let file_name = self.feed.file_name().to_owned();
        let Progress { row, n_rows } = progress;
        Some(match self.end.take_if(|end| !matches!(end, End::Whole))? {
            End::Whole => return None,
            End::Feed(FeedError::File(error)) => error,
            End::Feed(FeedError::CutOff(reason)) => {
                RecordFileError::CutOff { file_name, n_rows, reason }
            }
            End::Text(Undecodable { offset_bytes, encoding: Some(encoding) }) => {
                RecordFileError::EncodingBroken { file_name, encoding, offset_bytes, row }
            }
            End::Odd(OddText { line, percent }) => RecordFileError::EncodingDoubtful {
                file_name,
                encoding: self.decoder.encoding(),
                line,
                percent,
            },
            End::Text(Undecodable { offset_bytes, encoding: None }) => {
                RecordFileError::Source(SourceError::Undecodable {
                    file_name,
                    offset_bytes: usize::try_from(offset_bytes).unwrap_or(usize::MAX),
                    line: usize::try_from(row).unwrap_or(usize::MAX),
                })
            }
        })
    }

    /// Returns the encoding of what has been read.
    pub(super) fn encoding(&self) -> Encoding {
        self.decoder.encoding()
    }

    /// Returns how many bytes of the file have been read.
    pub(super) fn bytes_read(&self) -> u64 {
        self.feed.bytes_read()
    }

    /// Returns size and hash of the file once its end has been reached.
    pub(super) fn digest(&self) -> Option<FileDigest> {
        self.feed.digest()
    }

    /// Returns what messages call the file.
    pub(super) fn file_name(&self) -> &str {
        self.feed.file_name()
    }
}
