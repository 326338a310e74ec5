//! `manifest.json`: what an export holds, as a Data Package (datapackage.org, version 2), so that tools
//! that know nothing of this program can read and check it.
//!
//! It says nothing of when it was made: the same datasets of the same snapshot have the same manifest.

use arrow::datatypes::DataType;
use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::diag::Lang;
use crate::export::file::FileEntry;
use crate::export::{Dataset, ExportFormat};

/// What a manifest is an instance of.
const PROFILE: &str = "https://datapackage.org/profiles/2.0/datapackage.json";
/// The format of what the program itself adds.
pub(super) const FORMAT: (&str, u32) = ("tongban-export", 1);

/// Instants are written without a zone, as clocks there show them.
const TIME_ZONE: &str = "Asia/Shanghai";

/// From what an export was made, and what was let out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Provenance {
    /// Version of the program.
    pub tool_version: String,
    /// Number of the snapshot.
    pub snapshot: i64,
    /// When it was committed, naive Beijing time; none in an empty lake.
    pub committed_at: Option<NaiveDateTime>,
    /// The day whose knowledge was asked for; all that is known where none was.
    pub as_of: Option<NaiveDate>,
    /// Whose figures are shown: those of one origin.
    pub origin: String,
    /// Under which departments.
    pub departments: String,
    /// Whether the data were made up.
    pub is_synthetic: bool,
    /// Whether figures are among them that were not published.
    pub has_unpublished: bool,
    /// Whether records are among them.
    pub has_records: bool,
    /// Whether pseudonyms of persons are among them.
    pub has_pseudonyms: bool,
    /// Counts of records below this are not shown.
    pub min_cell: u32,
    /// First day of the periods that were chosen.
    pub from: Option<NaiveDate>,
    /// Last day of them.
    pub to: Option<NaiveDate>,
    /// Departments that were chosen; all where it is empty.
    pub only_departments: Vec<String>,
    /// Hash of the reference data that the workspace adds or overrides.
    pub reference_hash: Option<String>,
}

/// One format of one dataset, as the manifest has it.
pub(super) struct Described<'a> {
    /// The dataset.
    pub(super) dataset: &'a Dataset,
    /// The format.
    pub(super) format: ExportFormat,
    /// Its columns as they are called in the files.
    pub(super) titles: &'a [String],
    /// The language of these, in which they are described.
    pub(super) lang: Lang,
    /// Its files.
    pub(super) files: &'a [FileEntry],
    /// Its rows.
    pub(super) n_rows: u64,
    /// The column by which it is in partitions.
    pub(super) partition: Option<&'a str>,
    /// What the key columns of its references are called in the other datasets.
    pub(super) keys: Vec<String>,
}

/// What of a manifest is read again.
#[derive(Debug, Deserialize)]
pub(super) struct ReadManifest {
    /// What the program added.
    pub(super) tongban: ReadOwn,
    /// The datasets.
    pub(super) resources: Vec<ReadResource>,
}

/// What the program adds to a manifest.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReadOwn {
    /// Name of the format.
    pub(super) format: String,
    /// Its version.
    pub(super) version: u32,
    /// Files beside the datasets.
    pub(super) other_files: Vec<FileEntry>,
}

/// A dataset in a manifest.
#[derive(Debug, Deserialize)]
pub(super) struct ReadResource {
    /// Its name.
    pub(super) name: String,
    /// Its format.
    pub(super) format: String,
    /// Its files.
    pub(super) files: Vec<FileEntry>,
    /// Its rows.
    #[serde(rename = "rowCount")]
    pub(super) n_rows: u64,
}

/// Returns the bytes of a manifest.
pub(super) fn bytes(
    described: &[Described<'_>],
    provenance: &Provenance,
    other_files: &[FileEntry],
) -> Vec<u8> {
    let resources: Vec<Value> = described.iter().map(resource).collect();
    let mut own = json!({ "format": FORMAT.0, "version": FORMAT.1, "timeZone": TIME_ZONE });
    let added = json!({ "otherFiles": other_files });
    for more in [json!(provenance), added] {
        if let (Value::Object(own), Value::Object(more)) = (&mut own, more) {
            own.extend(more);
        }
    }
    let title = if provenance.is_synthetic {
        "Made-up figures of government services (synthetic data, 合成数据)"
    } else {
        "Figures of government services (政务服务数据)"
    };
    let manifest = json!({
        "$schema": PROFILE,
        "name": "tongban-export",
        "title": title,
        "version": format!("0.0.{}", provenance.snapshot),
        "resources": resources,
        "tongban": own,
    });
    let mut bytes = serde_json::to_vec_pretty(&manifest).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

fn resource(described: &Described<'_>) -> Value {
    let dataset = described.dataset;
    let paths: Vec<&str> = described.files.iter().map(|file| file.path.as_str()).collect();
    let mut resource = Map::new();
    let mut set = |key: &str, value: Value| resource.insert(key.to_owned(), value);
    set("name", json!(resource_name(&dataset.name, described.format)));
    // As Frictionless has it: a table where it can be read as text.
    let is_csv = matches!(described.format, ExportFormat::Csv | ExportFormat::CsvExact);
    if is_csv {
        set("type", json!("table"));
    }
    set("title", json!(dataset.title[1]));
    set("description", json!(dataset.title[0]));
    match paths.as_slice() {
        [only] => set("path", json!(only)),
        several => set("path", json!(several)),
    };
    set("format", json!(known_format(described.format)));
    set("exportFormat", json!(described.format.as_str()));
    set("mediatype", json!(media_type(described.format)));
    if is_csv {
        set("encoding", json!("utf-8"));
        let line_end = if described.format == ExportFormat::Csv { "\r\n" } else { "\n" };
        set("dialect", json!({ "delimiter": ",", "lineTerminator": line_end, "quoteChar": "\"" }));
    }
    if let [only] = described.files {
        set("bytes", json!(only.bytes));
        set("hash", json!(only.hash));
    }
    if is_csv {
        // Checked by whoever knows Data Packages, and only tables are read there.
        set("rows", json!(described.n_rows));
    }
    set("rowCount", json!(described.n_rows));
    if let Some(partition) = described.partition {
        set("partitionedBy", json!(partition));
    }
    set("schema", schema(described));
    if !dataset.notes.is_empty() {
        let said = |lang| dataset.notes.iter().map(|note| note.text(lang)).collect::<Vec<_>>();
        set("notes", json!({ "zh": said(Lang::Zh), "en": said(Lang::En) }));
    }
    set("files", json!(described.files));
    Value::Object(resource)
}

/// The name of a dataset in a format: that of the dataset for Parquet.
fn resource_name(dataset: &str, format: ExportFormat) -> String {
    match format {
        ExportFormat::Parquet => dataset.to_owned(),
        other => format!("{dataset}.{}", other.as_str()),
    }
}

fn schema(described: &Described<'_>) -> Value {
    let Described { dataset, titles, lang, .. } = *described;
    let name_of = |column: &str| {
        let at = dataset.columns.iter().position(|it| it.name == column);
        at.map_or(column, |at| titles[at].as_str()).to_owned()
    };
    let fields: Vec<Value> = dataset
        .columns
        .iter()
        .zip(titles)
        .map(|(column, name)| {
            let mut field = Map::new();
            let mut set = |key: &str, value: Value| field.insert(key.to_owned(), value);
            set("name", json!(name));
            set("type", json!(field_type(&column.data_type)));
            if let DataType::Timestamp(..) = column.data_type {
                set("format", json!("any"));
            }
            set("title", json!(column.title_zh));
            if let Some(help) = column.help(lang) {
                set("description", json!(help));
            }
            if let Some(unit) = &column.unit {
                set("unit", json!(unit));
            }
            if !column.is_nullable {
                set("constraints", json!({ "required": true }));
            }
            if *name != column.name {
                set("column", json!(column.name));
            }
            Value::Object(field)
        })
        .collect();
    let mut schema = json!({ "fields": fields });
    if !dataset.key.is_empty() {
        schema["primaryKey"] = dataset.key.iter().map(|column| name_of(column)).collect();
    }
    if !dataset.references.is_empty() {
        let references = dataset.references.iter().zip(&described.keys);
        let keys = references.map(|(reference, key)| {
            let resource = resource_name(&reference.dataset, described.format);
            json!({
                "fields": [name_of(&reference.column)],
                "reference": { "resource": resource, "fields": [key] },
            })
        });
        schema["foreignKeys"] = keys.collect();
    }
    schema
}

fn field_type(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Int32 | DataType::Int64 => "integer",
        DataType::Float64 => "number",
        DataType::Boolean => "boolean",
        DataType::Date32 => "date",
        DataType::Timestamp(..) => "datetime",
        _ => "string",
    }
}

/// Returns the name by which other programs know a format.
fn known_format(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::CsvExact => "csv",
        ExportFormat::MySql => "sql",
        other => other.as_str(),
    }
}

fn media_type(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Parquet => "application/vnd.apache.parquet",
        ExportFormat::Csv | ExportFormat::CsvExact => "text/csv",
        ExportFormat::Arrow => "application/vnd.apache.arrow.file",
        ExportFormat::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ExportFormat::DuckDb => "application/vnd.duckdb",
        ExportFormat::MySql => "application/sql",
    }
}
