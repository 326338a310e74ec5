//! Writes the datasets of an export into its folder, and what describes them.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;

use arrow::array::{RecordBatch, new_null_array};
use arrow::datatypes::{Field, Schema, SchemaRef};
use chrono::NaiveDate;

use crate::diag::{Lang, Message};
use crate::engine::{DatabaseFile, DuckDb};
use crate::export::dataset::check_names;
use crate::export::file::{ExportFile, FileEntry, copy, hash_of};
use crate::export::folder::{MANIFEST, settle};
use crate::export::manifest::{self, Described};
use crate::export::parquet_files::Style;
use crate::export::sinks::{Making, Sink, SinkDone, entry_path, partition_column};
use crate::export::views::{self, Viewed};
use crate::export::workbook::BookWords;
use crate::export::{
    Dataset, ExportError, ExportFormat, Headers, Provenance, Rows, StoredFile, plain_batch,
};
use crate::fsio::PlainFile;
use crate::table::{LakeTable, ParquetReaders, PartReader, stored_schema_of};

/// Pieces of rows that wait between reading and writing.
const WAITING: usize = 2;

/// Name of the file of views.
const VIEWS: &str = "views.sql";

/// Name of the file that tells whoever opens the folder that its data are made up.
const MADE_UP: &str = "合成数据-SYNTHETIC.txt";

/// What is exported, and how.
#[derive(Clone, Copy)]
pub struct Order<'a> {
    /// The datasets.
    pub datasets: &'a [Dataset],
    /// Their formats, each once.
    pub formats: &'a [ExportFormat],
    /// What columns are called.
    pub headers: Headers,
    /// The column by which Parquet is in partitions, where a dataset has it.
    pub partition_by: Option<&'a str>,
    /// Who has to be able to read the Parquet.
    pub readers: ParquetReaders,
    /// From what it is made.
    pub provenance: &'a Provenance,
    /// Language of the words in workbooks.
    pub lang: Lang,
    /// The engine that has the tables that are scanned.
    pub duckdb: Option<&'a DuckDb>,
    /// Becomes true when the user wants to end it.
    pub is_cancelled: &'a AtomicBool,
}

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// The datasets.
    pub datasets: Vec<WrittenDataset>,
    /// Number of files, with what describes them.
    pub n_files: usize,
    /// Their size.
    pub n_bytes: u64,
}

/// What was written of a dataset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WrittenDataset {
    /// Its name.
    pub name: String,
    /// Its rows.
    pub n_rows: u64,
    /// Texts in CSV for people that have an apostrophe before them.
    pub n_neutralised: u64,
    /// Texts in workbooks that are longer than a cell can be.
    pub n_cut: u64,
}

/// A dataset with the files of each format.
struct Made {
    schema: SchemaRef,
    titles: Vec<String>,
    n_rows: u64,
    files: BTreeMap<ExportFormat, Vec<FileEntry>>,
    /// Position of the column of the partitions, where there are some.
    partition: Option<usize>,
}

/// Writes everything into `root`, an empty folder.
///
/// All files are durable when it comes back; the folders are not yet.
pub fn write(order: Order<'_>, root: &Path) -> Result<Written, ExportError> {
    check_names(order.datasets)?;
    let database_path = root.join(entry_path("", ExportFormat::DuckDb));
    let is_database = order.formats.contains(&ExportFormat::DuckDb);
    let database = is_database.then(|| DatabaseFile::create(&database_path)).transpose()?;
    let mut written = Written::default();
    let mut made = Vec::new();
    for dataset in order.datasets {
        let (of, counts) = write_dataset(order, root, dataset, database.as_ref())?;
        made.push(of);
        written.datasets.push(counts);
    }
    if let Some(database) = database {
        database.finish()?;
        settle(&database_path)?;
        let (bytes, hash) = hash_of(&database_path)?;
        let entry = FileEntry { path: entry_path("", ExportFormat::DuckDb), bytes, hash };
        for dataset in &mut made {
            dataset.files.insert(ExportFormat::DuckDb, vec![entry.clone()]);
        }
    }
    let mut others = Vec::new();
    if let Some(text) = views_of(order, &made) {
        others.push(write_text(root, VIEWS, text.as_bytes())?);
    }
    if order.provenance.is_synthetic {
        let said = [Lang::Zh, Lang::En].map(|lang| Message::new("export.synthetic").text(lang));
        others.push(write_text(root, MADE_UP, format!("{}\n", said.join("\n")).as_bytes())?);
    }
    let manifest = write_text(root, MANIFEST, &manifest_of(order, &made, &others))?;
    let mut files: BTreeMap<&str, u64> = BTreeMap::new();
    let of_datasets = made.iter().flat_map(|dataset| dataset.files.values().flatten());
    for file in of_datasets.chain(&others).chain([&manifest]) {
        files.insert(&file.path, file.bytes);
    }
    written.n_files = files.len();
    written.n_bytes = files.values().sum();
    Ok(written)
}

fn write_text(root: &Path, name: &str, bytes: &[u8]) -> Result<FileEntry, ExportError> {
    let mut file = ExportFile::create(root, name)?;
    let path = file.path().to_owned();
    file.write_all(bytes).map_err(|error| ExportError::write(&path, error))?;
    file.finish()
}

fn write_dataset(
    order: Order<'_>,
    root: &Path,
    dataset: &Dataset,
    database: Option<&DatabaseFile>,
) -> Result<(Made, WrittenDataset), ExportError> {
    let plain = dataset.schema();
    let titles = match order.headers {
        Headers::En => dataset.columns.iter().map(|column| column.name.clone()).collect(),
        Headers::Zh => dataset.titles_zh(),
    };
    let schema = renamed(&plain, &titles);
    let partition = partition_of(order, dataset, &plain)?;
    let snapshot = order.provenance.snapshot.to_string();
    let metadata = [
        ("tongban.dataset", dataset.name.as_str()),
        ("tongban.snapshot", &snapshot),
        ("tongban.is_synthetic", if order.provenance.is_synthetic { "true" } else { "false" }),
    ];
    let style = Style { readers: order.readers, metadata: &metadata };
    let making = Making {
        root,
        dataset,
        schema: &schema,
        style,
        partition: partition.map(|at| (at, dataset.columns[at].name.as_str())),
        database,
    };
    let mut made =
        Made { schema: Arc::clone(&schema), titles, n_rows: 0, files: BTreeMap::new(), partition };
    let mut formats = order.formats.to_vec();
    if let Some((files, n_rows)) = copied(order, making)? {
        made.files.insert(ExportFormat::Parquet, files);
        made.n_rows = n_rows;
        formats.retain(|format| *format != ExportFormat::Parquet);
    }
    let mut counts = WrittenDataset { name: dataset.name.clone(), ..WrittenDataset::default() };
    if !formats.is_empty() {
        made.n_rows = 0;
        let mut sinks = Vec::new();
        for format in &formats {
            sinks.push(Sink::begin(making, *format)?);
        }
        each_batch(order, dataset, |rows| {
            let rows = plain_batch(&plain, &rows).and_then(|rows| dataset.filter.apply(&rows));
            let rows = rows.map_err(ExportError::rows(&dataset.name))?;
            if rows.num_rows() == 0 {
                return Ok(());
            }
            made.n_rows += rows.num_rows() as u64;
            let rows = RecordBatch::try_new(Arc::clone(&schema), rows.columns().to_vec());
            let rows = rows.map_err(ExportError::rows(&dataset.name))?;
            sinks.iter_mut().try_for_each(|sink| sink.write(dataset, &rows))
        })?;
        for (format, sink) in formats.into_iter().zip(sinks) {
            let words = words_of(order, &made.titles);
            let SinkDone { mut files, n_neutralised, n_cut } = sink.finish(making, &words)?;
            if format == ExportFormat::Parquet && files.is_empty() {
                // A dataset without rows has no partitions, and still its columns.
                let making = Making { partition: None, ..making };
                files = Sink::begin(making, format)?.finish(making, &words)?.files;
                made.partition = None;
            }
            counts.n_neutralised += n_neutralised;
            counts.n_cut += n_cut;
            made.files.insert(format, files);
        }
    }
    counts.n_rows = made.n_rows;
    Ok((made, counts))
}

fn renamed(schema: &Schema, titles: &[String]) -> SchemaRef {
    let fields = schema.fields().iter().zip(titles);
    let fields = fields.map(|(field, title)| field.as_ref().clone().with_name(title));
    Arc::new(Schema::new(fields.collect::<Vec<Field>>()))
}

/// Returns the position of the column that partitions are made by, where they are asked for and the dataset
/// has it. One that none has is told before anything is written.
fn partition_of(
    order: Order<'_>,
    dataset: &Dataset,
    plain: &Schema,
) -> Result<Option<usize>, ExportError> {
    let Some(column) = order.partition_by else { return Ok(None) };
    let is_anywhere =
        order.datasets.iter().any(|dataset| partition_column(&dataset.schema(), column).is_some());
    if !is_anywhere {
        let (dataset, column) = (dataset.name.clone(), column.to_owned());
        return Err(ExportError::PartitionUnknown { dataset, column });
    }
    // A reference table stays whole: its key is what others are partitioned by.
    let is_key = dataset.key == [column];
    Ok(partition_column(plain, column).filter(|_| !is_key))
}

/// Copies the files of a table of the lake where they are the Parquet that is asked for; `None` where they
/// are not. The copies have the bytes that the catalog says.
fn copied(
    order: Order<'_>,
    making: Making<'_>,
) -> Result<Option<(Vec<FileEntry>, u64)>, ExportError> {
    let Rows::Stored { table, files } = &making.dataset.rows else { return Ok(None) };
    let is_stored = making
        .dataset
        .columns
        .iter()
        .map(|column| &column.data_type)
        .eq(stored_schema_of(*table).fields().iter().map(|field| field.data_type()));
    let is_wanted = order.formats.contains(&ExportFormat::Parquet)
        && order.headers == Headers::En
        && order.readers == ParquetReaders::Current
        && making.partition.is_none();
    if !is_wanted || !making.dataset.filter.is_all() || !is_stored || files.is_empty() {
        return Ok(None);
    }
    let mut n_rows = 0;
    for file in files {
        let reader = reader_of(file, *table)?;
        if !reader.has_every_column(*table) {
            return Ok(None);
        }
        n_rows += reader.n_rows() as u64;
    }
    let mut entries = Vec::new();
    let name = &making.dataset.name;
    for (number, file) in (1..).zip(files) {
        check_cancelled(order)?;
        let entry_path = format!("{name}/{name}-{number:05}.parquet");
        entries.push(copy((&file.path, &file.blake3), making.root, &entry_path)?);
    }
    Ok(Some((entries, n_rows)))
}

fn reader_of(file: &StoredFile, table: LakeTable) -> Result<PartReader, ExportError> {
    let plain = PlainFile::open(&file.path)?;
    PartReader::open(plain, table).map_err(ExportError::parquet(&file.path))
}

fn check_cancelled(order: Order<'_>) -> Result<(), ExportError> {
    if order.is_cancelled.load(Ordering::Relaxed) { Err(ExportError::Cancelled) } else { Ok(()) }
}

/// Hands the rows of a dataset to `take`, a piece at a time.
fn each_batch(
    order: Order<'_>,
    dataset: &Dataset,
    mut take: impl FnMut(RecordBatch) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    let mut take = |rows: RecordBatch| {
        check_cancelled(order)?;
        take(rows)
    };
    match &dataset.rows {
        Rows::Held(batches) => batches.iter().cloned().try_for_each(&mut take),
        Rows::Scanned { table } => match order.duckdb {
            Some(duckdb) => duckdb.scan(table, &[], &mut take).map(drop),
            None => Err(ExportError::RowsAbsent { dataset: table.clone() }),
        },
        Rows::Stored { table, files } => std::thread::scope(|scope| {
            let (sender, pieces) = sync_channel(WAITING);
            // While a piece is written the next ones are read.
            scope.spawn(move || {
                let read = files.iter().try_for_each(|file| {
                    each_stored(file, *table, |rows| {
                        // Whoever takes them may have stopped at an error.
                        sender.send(Ok(rows)).map_err(|_| ExportError::Cancelled)
                    })
                });
                if let Err(error) = read {
                    sender.send(Err(error)).ok();
                }
            });
            // The receiver ends with the closure, so that the other thread never waits for ever.
            pieces.into_iter().try_for_each(|piece| take(piece?))
        }),
    }
}

/// Hands the rows of a data file to `take`, with every column of the table.
fn each_stored(
    file: &StoredFile,
    table: LakeTable,
    mut take: impl FnMut(RecordBatch) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    let digest = PlainFile::open(&file.path)?.digest()?;
    if digest.blake3 != file.blake3 {
        return Err(ExportError::SourceChanged { path: file.path.clone() });
    }
    let schema = stored_schema_of(table);
    let columns: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let pieces = reader_of(file, table)?.rows(&columns);
    for piece in pieces.map_err(ExportError::parquet(&file.path))? {
        let piece = piece.map_err(ExportError::parquet(&file.path))?;
        let columns = schema.fields().iter().map(|field| {
            let column = piece.column_by_name(field.name()).cloned();
            let column =
                column.unwrap_or_else(|| new_null_array(field.data_type(), piece.num_rows()));
            (field.name(), column, true)
        });
        let rows = RecordBatch::try_from_iter_with_nullable(columns);
        take(rows.map_err(ExportError::rows(table.as_str()))?)?;
    }
    Ok(())
}

fn words_of<'a>(order: Order<'_>, titles: &'a [String]) -> BookWords<'a> {
    let provenance = order.provenance;
    let said = |code| Message::new(code).text(order.lang);
    let day = provenance.committed_at.map_or_else(epoch, |time| time.date());
    let mut facts = vec![(said("export.fact_snapshot"), provenance.snapshot.to_string())];
    facts.extend(provenance.as_of.map(|day| (said("export.fact_as_of"), day.to_string())));
    BookWords {
        titles,
        day,
        mark: provenance.is_synthetic.then(|| said("export.synthetic")),
        facts,
        lang: order.lang,
    }
}

/// The day of an export of a lake without a commit.
fn epoch() -> NaiveDate {
    NaiveDate::from_ymd_opt(1970, 1, 1).unwrap_or_default()
}

fn views_of(order: Order<'_>, made: &[Made]) -> Option<String> {
    let format = [ExportFormat::Parquet, ExportFormat::CsvExact]
        .into_iter()
        .find(|format| order.formats.contains(format))?;
    let fields: Vec<Vec<Field>> = made
        .iter()
        .map(|dataset| dataset.schema.fields().iter().map(|it| it.as_ref().clone()).collect())
        .collect();
    // A partition is called as its folders are, and those have the name of the column.
    let partitions: Vec<Option<Field>> = order
        .datasets
        .iter()
        .zip(made)
        .map(|(dataset, made)| {
            let column = &dataset.columns[made.partition?];
            Some(Field::new(&column.name, column.data_type.clone(), true))
        })
        .collect();
    let viewed = order.datasets.iter().zip(made).zip(fields.iter().zip(&partitions));
    let viewed: Vec<Viewed<'_>> = viewed
        .map(|((dataset, made), (fields, partition))| Viewed {
            name: &dataset.name,
            title: &dataset.title[usize::from(order.headers == Headers::Zh)],
            files: made.files.get(&format).map_or(&[][..], Vec::as_slice),
            partition: partition.as_ref(),
            csv_columns: (format == ExportFormat::CsvExact).then_some(fields.as_slice()),
        })
        .collect();
    Some(views::text(&viewed))
}

fn manifest_of(order: Order<'_>, made: &[Made], others: &[FileEntry]) -> Vec<u8> {
    let lang = match order.headers {
        Headers::En => Lang::En,
        Headers::Zh => Lang::Zh,
    };
    let mut described = Vec::new();
    for (dataset, made_of) in order.datasets.iter().zip(made) {
        let key_of = |reference: &crate::export::Reference| {
            let at = order.datasets.iter().position(|other| other.name == reference.dataset);
            let column = at.and_then(|at| {
                let columns = &order.datasets[at].columns;
                let column_idx = columns.iter().position(|column| column.name == reference.key)?;
                made[at].titles.get(column_idx).cloned()
            });
            column.unwrap_or_else(|| reference.key.clone())
        };
        for (format, files) in &made_of.files {
            let is_parquet = *format == ExportFormat::Parquet;
            let partition = made_of.partition.filter(|_| is_parquet);
            described.push(Described {
                dataset,
                format: *format,
                titles: &made_of.titles,
                lang,
                files,
                n_rows: made_of.n_rows,
                partition: partition.map(|at| dataset.columns[at].name.as_str()),
                keys: dataset.references.iter().map(key_of).collect(),
            });
        }
    }
    manifest::bytes(&described, order.provenance, others)
}
