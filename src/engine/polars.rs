//! Polars over the same files: lazy frames in, result tables out.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, FieldRef, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;
use chrono::NaiveDate;
use polars::prelude::{
    DataFrame, IntoLazy, IpcStreamReader, IpcStreamWriter, LazyFrame, PlRefPath, ScanArgsParquet,
    SerReader, SerWriter, UnionArgs, concat,
};

use crate::engine::{EngineError, Tables};
use crate::model::{Departments, ShownOrigin};
use crate::table::{ResultTable, later_columns, stored_schema_of};

/// Version of Polars.
pub const POLARS_VERSION: &str = ::polars::VERSION;

/// The tables of one snapshot as lazy frames.
pub struct Polars {
    frames: BTreeMap<String, LazyFrame>,
    departments: Departments,
    as_of: Option<NaiveDate>,
    origin: ShownOrigin,
}

fn setup_failed(error: impl std::fmt::Display) -> EngineError {
    EngineError::Setup { reason: error.to_string() }
}

impl Polars {
    /// Opens an engine over `tables`. Views are not known here: analyses build on tables.
    pub fn open(tables: &Tables) -> Result<Self, EngineError> {
        let mut frames = BTreeMap::new();
        for (table, files) in &tables.files {
            let mut args = ScanArgsParquet::default();
            if !later_columns(*table).is_empty() {
                // Files of earlier programs do not have all columns.
                let none = to_frame(&RecordBatch::new_empty(stored_schema_of(*table)))?;
                args.schema = Some(Arc::clone(none.schema()));
                args.allow_missing_columns = true;
            }
            let scans = files.iter().map(|path| {
                let path = PlRefPath::new(path.to_string_lossy());
                LazyFrame::scan_parquet(path, args.clone())
            });
            let scans = scans.collect::<Result<Vec<_>, _>>().map_err(setup_failed)?;
            let frame = if scans.is_empty() {
                to_frame(&RecordBatch::new_empty(stored_schema_of(*table)))?.lazy()
            } else {
                concat(scans, UnionArgs::default()).map_err(setup_failed)?
            };
            frames.insert(table.as_str().to_owned(), frame);
        }
        for (name, batch) in &tables.memory {
            frames.insert(name.clone(), to_frame(batch)?.lazy());
        }
        let session = tables.memory.get("session");
        let as_of = session.and_then(as_of);
        let origin = session.and_then(origin).unwrap_or_default();
        Ok(Self { frames, departments: tables.departments, as_of, origin })
    }

    /// Returns a table as a lazy frame.
    pub fn scan(&self, name: &str) -> Result<LazyFrame, EngineError> {
        self.frames
            .get(name)
            .cloned()
            .ok_or_else(|| EngineError::TableUnknown { table: name.to_owned() })
    }

    /// Returns under which departments figures are shown.
    pub fn departments(&self) -> Departments {
        self.departments
    }

    /// Returns the day that the session takes for today; `None` for everything known.
    ///
    /// A value and no table, so that it is compared where files are scanned.
    pub fn as_of(&self) -> Option<NaiveDate> {
        self.as_of
    }

    /// Returns whose figures the session shows.
    pub fn origin(&self) -> ShownOrigin {
        self.origin
    }

    /// Runs a lazy frame. `query` names the analysis in messages.
    pub fn collect(&self, frame: LazyFrame, query: &str) -> Result<ResultTable, EngineError> {
        let failed = |reason: String| EngineError::Analysis { query: query.to_owned(), reason };
        let mut collected = frame.collect().map_err(|error| failed(error.to_string()))?;
        to_result(&mut collected).map_err(failed)
    }
}

/// Returns the day in the one row of the table `session`.
pub(super) fn as_of(session: &RecordBatch) -> Option<NaiveDate> {
    let days = session.column_by_name("as_of")?.as_primitive_opt::<Date32Type>()?;
    days.iter().next().flatten().and_then(Date32Type::to_naive_date_opt)
}

/// Returns whose figures the one row of the table `session` names.
pub(super) fn origin(session: &RecordBatch) -> Option<ShownOrigin> {
    let origins = session.column_by_name("origin")?.as_string_opt::<i32>()?;
    origins.iter().next().flatten().and_then(ShownOrigin::parse)
}

/// Carries Arrow rows over to Polars. Small tables only: they cross as bytes in memory, because
/// the two have arrays of their own.
fn to_frame(batch: &RecordBatch) -> Result<DataFrame, EngineError> {
    let mut bytes = Vec::new();
    let mut writer = StreamWriter::try_new(&mut bytes, &batch.schema()).map_err(setup_failed)?;
    writer.write(batch).and_then(|()| writer.finish()).map_err(setup_failed)?;
    IpcStreamReader::new(Cursor::new(bytes)).finish().map_err(setup_failed)
}

fn to_result(frame: &mut DataFrame) -> Result<ResultTable, String> {
    let mut bytes = Vec::new();
    IpcStreamWriter::new(&mut bytes).finish(frame).map_err(|error| error.to_string())?;
    let reader =
        StreamReader::try_new(Cursor::new(bytes), None).map_err(|error| error.to_string())?;
    let schema = with_plain_texts(&reader.schema());
    let batches = reader
        .map(|batch| texts_as_in(&schema, &batch?))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| error.to_string())?;
    Ok(ResultTable { schema, batches })
}

/// Returns the columns with text as DuckDB gives it, where Polars has types of its own.
fn with_plain_texts(schema: &Schema) -> SchemaRef {
    let plain = |field: &FieldRef| match field.data_type() {
        DataType::Utf8View | DataType::LargeUtf8 => {
            Arc::new(field.as_ref().clone().with_data_type(DataType::Utf8))
        }
        _ => Arc::clone(field),
    };
    Arc::new(Schema::new(schema.fields().iter().map(plain).collect::<Vec<_>>()))
}

fn texts_as_in(schema: &SchemaRef, batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let columns = batch.columns().iter().zip(schema.fields());
    let columns = columns.map(|(column, field)| cast(column, field.data_type()));
    RecordBatch::try_new(Arc::clone(schema), columns.collect::<Result<Vec<_>, _>>()?)
}
