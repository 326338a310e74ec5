//! A record file while it is written: packed or not, as text or as Parquet.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::fsio::{FileDigest, FsError, HashingFile, Mode};
use crate::synth::SynthError;
use crate::synth::format::{Chunk, SynthFormat, header_line, mark_of};
use crate::synth::settings::{Packing, SynthSettings};
use crate::synth::workbook::Workbook;
use crate::table::ParquetSink;

/// How hard Zstandard tries: as its own program does.
const ZSTD_LEVEL: i32 = 3;

/// A record file that is being written.
pub(super) enum Sink {
    Plain(Box<HashingFile>),
    Gz(Box<GzEncoder<HashingFile>>),
    Zst(Box<zstd::Encoder<'static, HashingFile>>),
    Xlsx(Box<Workbook>),
    Parquet(Box<ParquetSink<HashingFile>>),
}

impl Sink {
    /// Creates the file and writes its header.
    pub(super) fn create(
        path: &Path,
        header: &[&str],
        settings: &SynthSettings,
    ) -> Result<Self, SynthError> {
        let file = HashingFile::create(path).map_err(SynthError::File)?;
        let failed = |error| SynthError::File(FsError::write(path, error));
        if settings.format == SynthFormat::Parquet {
            let fields = header.iter().map(|name| Field::new(*name, DataType::Utf8, true));
            let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
            let sink = ParquetSink::begin(schema, &[("tongban.synthetic", "true")], file);
            return Ok(Self::Parquet(Box::new(sink.map_err(SynthError::Encode)?)));
        }
        let mut sink = match settings.packing {
            None if settings.format == SynthFormat::Xlsx => {
                Self::Xlsx(Box::new(Workbook::begin(file).map_err(failed)?))
            }
            None => Self::Plain(Box::new(file)),
            Some(Packing::Gz) => Self::Gz(Box::new(GzEncoder::new(file, Compression::default()))),
            Some(Packing::Zst) => {
                let encoder = zstd::Encoder::new(file, ZSTD_LEVEL).map_err(failed)?;
                Self::Zst(Box::new(encoder))
            }
        };
        sink.write_bytes(mark_of(settings.encoding)).map_err(failed)?;
        let line = crate::source::encoded(header_line(settings.format, header), settings.encoding);
        sink.write_bytes(&line).map_err(failed)?;
        Ok(sink)
    }

    /// Adds rows.
    pub(super) fn write(&mut self, chunk: &Chunk, path: &Path) -> Result<(), SynthError> {
        match (self, chunk) {
            (Self::Parquet(sink), Chunk::Batch(batch)) => {
                sink.write(batch).map_err(SynthError::Encode)
            }
            (sink, Chunk::Bytes(bytes)) => sink
                .write_bytes(bytes)
                .map_err(|error| SynthError::File(FsError::write(path, error))),
            (_, Chunk::Batch(_)) => unreachable!("batches are made for Parquet"),
        }
    }

    fn write_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(file) => file.write_all(bytes),
            Self::Gz(encoder) => encoder.write_all(bytes),
            Self::Zst(encoder) => encoder.write_all(bytes),
            Self::Xlsx(book) => book.write(bytes),
            Self::Parquet(_) => unreachable!("Parquet takes batches"),
        }
    }

    /// Ends the file and makes it durable.
    pub(super) fn finish(self, path: &Path) -> Result<FileDigest, SynthError> {
        let failed = |error| SynthError::File(FsError::write(path, error));
        let mut file = match self {
            Self::Plain(file) => *file,
            Self::Gz(encoder) => encoder.finish().map_err(failed)?,
            Self::Zst(encoder) => encoder.finish().map_err(failed)?,
            Self::Xlsx(book) => book.finish().map_err(failed)?,
            Self::Parquet(sink) => sink.finish().map_err(SynthError::Encode)?,
        };
        file.finish(Mode::Public).map_err(SynthError::File)
    }
}

/// Returns what the names of files end with.
pub(super) fn extension(settings: &SynthSettings) -> String {
    let format = settings.format.as_str();
    match settings.packing {
        Some(packing) => format!("{format}.{packing}"),
        None => format.to_owned(),
    }
}
