//! What record files would be read as: the fields that their columns are, and their first rows, masked.

use std::path::Path;

use crate::diag::{Finding, Message, is_identifier};
use crate::ingest::records::RecordsError;
use crate::ingest::records::intake::{Intake, IntakeFile, ProfileChoice};
use crate::records::mask::Masks;
use crate::records::profile::{Profiles, Sentence};
use crate::refdata::RefData;
use crate::sandbox::Program;
use crate::source::rows::RowFault;

/// Rows of each file that are shown.
const MAX_ROWS: usize = 3;

/// What stands for a value of which not even the length may be told.
const SECRET: &str = "***";

/// What record files would be read as.
#[derive(Debug)]
pub struct RecordsPreview {
    /// The profile with its version, and the dataset.
    pub dataset: String,
    /// The files, one or those of an archive.
    pub files: Vec<FilePreview>,
    /// What there is to tell before any row is judged: columns that are not read or not there, files of
    /// an archive that hold no records.
    pub findings: Vec<Finding>,
}

/// A record file, as it would be read.
#[derive(Debug)]
pub struct FilePreview {
    /// Its name.
    pub name: String,
    /// Its columns, in its order.
    pub columns: Vec<ColumnPreview>,
    /// Its first rows.
    pub rows: Vec<RowPreview>,
}

/// A column of a record file.
#[derive(Debug)]
pub struct ColumnPreview {
    /// What the header calls it; `None` where that may be anything but the name of a column.
    pub label: Option<String>,
    /// Name and labels of the field that it is; `None` where it is none and is not read.
    pub field: Option<(String, Sentence)>,
}

/// A row of a record file.
#[derive(Debug)]
pub struct RowPreview {
    /// The row of the file, from 1.
    pub source_row: u64,
    /// The values of the columns that are fields, as they are shown to people; blank ones are empty.
    pub values: Vec<String>,
    /// What keeps it from being a row.
    pub fault: Option<Message>,
}

impl RecordsPreview {
    /// Returns what the files at a path would be read as; fails where they would not be taken.
    pub fn of(
        path: &Path,
        profiles: &Profiles,
        refdata: &RefData,
        program: &Program,
    ) -> Result<Self, RecordsError> {
        let intake = Intake::open(&[path], profiles, &ProfileChoice::default(), program)?;
        let masks = Masks::new(refdata, refdata.province());
        let shown = |file: &IntakeFile<'_>| shown(file, &masks, program);
        Ok(Self {
            dataset: intake.name(),
            files: intake.files.iter().map(shown).collect::<Result<_, _>>()?,
            findings: intake.findings(),
        })
    }
}

fn shown(
    file: &IntakeFile<'_>,
    masks: &Masks,
    program: &Program,
) -> Result<FilePreview, RecordsError> {
    let fields = &file.fit.dataset.fields;
    let mut field_of = vec![None; file.header.len()];
    for (field, column) in file.fit.columns.iter().enumerate() {
        if let Some(column) = column {
            field_of[*column] = Some(field);
        }
    }
    let column = |(label, field): (&String, &Option<usize>)| ColumnPreview {
        label: (field.is_some() || is_identifier(label)).then(|| label.clone()),
        field: field.map(|field| {
            let field = &fields[field];
            let labels = Sentence { zh: field.label_zh.clone(), en: field.label_en.clone() };
            (field.name.clone(), labels)
        }),
    };
    let columns = file.header.iter().zip(&field_of).map(column).collect();
    let mut reader = file.source.open(program).map_err(RecordsError::File)?;
    let block = reader.next_block().map_err(RecordsError::File)?;
    let rows = block
        .iter()
        .flat_map(|block| (0..block.n_rows().min(MAX_ROWS)).map(move |row| (block, row)));
    let rows = rows.map(|(block, row)| {
        let value = |(value, field): (&str, &Option<usize>)| {
            let field = &fields[(*field)?];
            let is_blank = value.trim().is_empty();
            let shown = || masks.shown(field, value).unwrap_or_else(|| SECRET.to_owned());
            Some(if is_blank { String::new() } else { shown() })
        };
        let fault = block.faults_of(row).first().map(RowFault::message);
        // Where a row cannot be read, nobody knows in which columns its values stand.
        let values = block.fields_of(row).zip(&field_of).filter_map(value);
        RowPreview {
            source_row: block.source_row(row),
            values: if fault.is_none() { values.collect() } else { Vec::new() },
            fault,
        }
    });
    Ok(FilePreview { name: file.name.clone(), columns, rows: rows.collect() })
}
