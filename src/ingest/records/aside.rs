//! Rows set aside because their key may have come before: kept in the order of the file until all
//! other rows are written, a few in memory, many in files that vanish with the process.

use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, FixedSizeBinaryArray, RecordBatch, UInt32Array};
use arrow::compute::{cast, concat_batches, take_record_batch};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::error::ArrowError;
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;

use crate::fsio::{FsError, ScratchFile};
use crate::ingest::records::groups::Rows;

/// Parts of all keys, by their first eight bits, once memory is not enough for them.
const N_PARTS: usize = 256;

/// Rows that are kept in memory: they wait beside a row group that fills up.
const MAX_IN_MEMORY: usize = 16 * 1024;

/// Pieces of rows that wait to be put together: each is a few rows of a block.
const MAX_FRESH: usize = 64;

/// Keys that are looked up at a time: each costs about 100 bytes, 30 more with a second version, and 40 more
/// where it was pushed again.
const MAX_AT_A_TIME: usize = 512 * 1024;

/// Column of the fingerprints of the keys, beside those of the rows.
const KEY_COLUMN: &str = "key_fingerprint";

/// Bytes of such a fingerprint.
const KEY_BYTES: i32 = 16;

/// Rows could not be set aside, or not be taken up again.
#[derive(Debug)]
pub(super) enum AsideError {
    /// The scratch file could not be made or written.
    File(FsError),
    /// The rows could not be encoded, or the scratch file not be read.
    Rows(ArrowError),
}

/// Rows with the fingerprints of their keys.
#[derive(Debug, Clone)]
pub(super) struct KeyedRows {
    /// The rows.
    pub(super) rows: Rows,
    /// The fingerprint of each row's key.
    pub(super) keys: Vec<u128>,
}

impl KeyedRows {
    /// Returns the rows that are chosen.
    pub(super) fn chosen(&self, is_chosen: &[bool]) -> Result<Self, ArrowError> {
        let pairs = self.keys.iter().zip(is_chosen);
        let keys = pairs.filter(|(_, is_chosen)| **is_chosen).map(|(key, _)| *key).collect();
        Ok(Self { rows: self.rows.filtered(&is_chosen.to_vec().into())?, keys })
    }
}

/// Rows that wait to be looked up.
#[derive(Debug)]
pub(super) struct Aside {
    folder: PathBuf,
    /// The last ones as they came, which keep the words of whole blocks.
    fresh: Vec<RecordBatch>,
    /// Those before, in the order of the file.
    waiting: Vec<RecordBatch>,
    /// Rows of both.
    n_waiting: usize,
    /// Those before, parted by their keys; none as long as memory was enough.
    written: Vec<Written>,
}

/// A scratch file of the rows whose keys begin with the same bits, in the order of the file.
#[derive(Debug)]
struct Written {
    file: ScratchFile,
    n_rows: usize,
}

/// Rows that can be looked up by themselves, in the order of the file: a key is in one part only.
#[derive(Debug)]
pub(super) struct Part(Kept);

#[derive(Debug)]
enum Kept {
    InMemory(Vec<RecordBatch>),
    InFile(Written),
}

impl Aside {
    /// Returns an empty one whose scratch files stand in `folder`.
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            fresh: Vec::new(),
            waiting: Vec::new(),
            n_waiting: 0,
            written: Vec::new(),
        }
    }

    /// Sets rows aside.
    pub(super) fn push(&mut self, keyed: &KeyedRows) -> Result<(), AsideError> {
        self.fresh.push(joined(keyed)?);
        self.n_waiting += keyed.keys.len();
        if self.fresh.len() >= MAX_FRESH {
            self.settle()?;
        }
        if self.n_waiting <= MAX_IN_MEMORY { Ok(()) } else { self.write_out() }
    }

    /// Puts the last rows together, with their own words alone.
    fn settle(&mut self) -> Result<(), AsideError> {
        let fresh = std::mem::take(&mut self.fresh);
        if let Some(first) = fresh.first() {
            self.waiting.push(compacted(&concat_batches(&first.schema(), &fresh)?)?);
        }
        Ok(())
    }

    /// Moves what waits to the scratch files.
    fn write_out(&mut self) -> Result<(), AsideError> {
        self.settle()?;
        self.n_waiting = 0;
        let waiting = std::mem::take(&mut self.waiting);
        let Some(first) = waiting.first() else { return Ok(()) };
        let rows = concat_batches(&first.schema(), &waiting)?;
        drop(waiting);
        let mut rows_of: Vec<Vec<u32>> = vec![Vec::new(); N_PARTS];
        let keys = rows.column(rows.num_columns() - 1).as_fixed_size_binary();
        for (row, key) in (0_u32..).zip(keys.iter().flatten()) {
            rows_of[usize::from(key[0])].push(row);
        }
        while self.written.len() < N_PARTS {
            let file = ScratchFile::create(&self.folder).map_err(AsideError::File)?;
            self.written.push(Written { file, n_rows: 0 });
        }
        let parts = self.written.iter_mut().zip(rows_of);
        for (part, rows_of_part) in parts.filter(|(_, rows_of_part)| !rows_of_part.is_empty()) {
            part.n_rows += rows_of_part.len();
            let rows_of_part = take_record_batch(&rows, &UInt32Array::from(rows_of_part))?;
            part.append(&compacted(&rows_of_part)?)?;
        }
        Ok(())
    }

    /// Gives everything back: parts with as many keys as are looked up at a time.
    pub(super) fn into_passes(mut self) -> Result<Vec<Vec<Part>>, AsideError> {
        self.settle()?;
        if self.written.is_empty() {
            let part = Part(Kept::InMemory(self.waiting));
            return Ok(if self.n_waiting == 0 { Vec::new() } else { vec![vec![part]] });
        }
        self.write_out()?;
        let mut passes: Vec<Vec<Part>> = Vec::new();
        let mut n_keys = MAX_AT_A_TIME;
        for part in self.written.into_iter().filter(|part| part.n_rows > 0) {
            n_keys += part.n_rows;
            let n_rows = part.n_rows;
            let part = Part(Kept::InFile(part));
            match passes.last_mut() {
                Some(pass) if n_keys <= MAX_AT_A_TIME => pass.push(part),
                _ => {
                    n_keys = n_rows;
                    passes.push(vec![part]);
                }
            }
        }
        Ok(passes)
    }
}

impl Written {
    /// Writes rows as a stream of their own, because each has dictionaries of its own.
    fn append(&mut self, rows: &RecordBatch) -> Result<(), AsideError> {
        let mut writer = StreamWriter::try_new(Vec::new(), &rows.schema())?;
        writer.write(rows)?;
        self.file.append(&writer.into_inner()?).map_err(AsideError::File)
    }

    fn try_each<E: From<AsideError>>(
        &self,
        mut take: impl FnMut(&RecordBatch) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut reader = BufReader::new(self.file.reader());
        let mut n_rows = 0;
        while n_rows < self.n_rows {
            for batch in StreamReader::try_new(&mut reader, None).map_err(AsideError::Rows)? {
                let batch = batch.map_err(AsideError::Rows)?;
                n_rows += batch.num_rows();
                take(&batch)?;
            }
        }
        Ok(())
    }
}

impl Part {
    /// Hands the rows to `take` in the order of the file; may be called again.
    pub(super) fn try_each<E: From<AsideError>>(
        &self,
        mut take: impl FnMut(KeyedRows) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut take = |batch: &RecordBatch| take(parted(batch).map_err(AsideError::Rows)?);
        match &self.0 {
            Kept::InMemory(batches) => batches.iter().try_for_each(take),
            Kept::InFile(written) => written.try_each(&mut take),
        }
    }
}

impl From<ArrowError> for AsideError {
    fn from(error: ArrowError) -> Self {
        Self::Rows(error)
    }
}

/// Puts rows, pseudonyms and keys side by side, to be written as one.
fn joined(keyed: &KeyedRows) -> Result<RecordBatch, ArrowError> {
    let Rows { records, pseudonyms } = &keyed.rows;
    let keys = keyed.keys.iter().map(|key| key.to_be_bytes());
    let keys: ArrayRef = Arc::new(FixedSizeBinaryArray::try_from_iter(keys)?);
    let of_key = Field::new(KEY_COLUMN, DataType::FixedSizeBinary(KEY_BYTES), false);
    let schemas = [records.schema(), pseudonyms.schema()];
    let fields = schemas.iter().flat_map(|schema| schema.fields().iter().cloned());
    let schema = Schema::new(fields.chain([Arc::new(of_key)]).collect::<Vec<_>>());
    let columns = records.columns().iter().chain(pseudonyms.columns()).cloned();
    RecordBatch::try_new(Arc::new(schema), columns.chain([keys]).collect())
}

/// Gives columns of words dictionaries of their own, with the words of these rows alone. A few rows of a
/// block would otherwise keep the words of all its rows.
fn compacted(rows: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let compact = |column: &ArrayRef| match column.data_type() {
        data_type @ DataType::Dictionary(_, words) => cast(&cast(column, words)?, data_type),
        _ => Ok(Arc::clone(column)),
    };
    let columns = rows.columns().iter().map(compact).collect::<Result<_, _>>()?;
    RecordBatch::try_new(rows.schema(), columns)
}

/// Takes apart what [`joined`] put together.
fn parted(joined: &RecordBatch) -> Result<KeyedRows, ArrowError> {
    let schema = joined.schema();
    let n_columns = joined.num_columns() - 1;
    // Both tables begin with the batch.
    let is_batch = |column: &usize| schema.field(*column).name() == schema.field(0).name();
    let split = (1..n_columns).find(is_batch).unwrap_or(n_columns);
    let records: Vec<usize> = (0..split).collect();
    let pseudonyms: Vec<usize> = (split..n_columns).collect();
    let keys = joined.column(n_columns).as_fixed_size_binary();
    let key = |bytes: Option<&[u8]>| {
        bytes.and_then(|bytes| bytes.try_into().ok()).map_or(0, u128::from_be_bytes)
    };
    Ok(KeyedRows {
        rows: Rows { records: joined.project(&records)?, pseudonyms: joined.project(&pseudonyms)? },
        keys: keys.iter().map(key).collect(),
    })
}
