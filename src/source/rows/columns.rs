//! Rows of Parquet: values of any plain type as text.

use std::borrow::Cow;
use std::fs::File;

use arrow::array::{Array, ArrayRef, AsArray, BinaryArray, BooleanArray, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float16Type, Float32Type, Float64Type};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::source::SourceError;
use crate::source::rows::block::Flaw;
use crate::source::rows::output::RowOutput;
use crate::source::rows::{Readable, RowFaultKind};
use crate::table::ParquetTexts;

/// Numbers from here on have more digits in front of the point than a fraction keeps.
const FIRST_INEXACT: f64 = 1e15;
/// The same for fractions of 32 bits: up to here every whole number is one of them.
const FIRST_INEXACT_SINGLE: f32 = 16_777_216.0;
/// Digits that a fraction of 32 bits keeps at most.
const SINGLE_DIGITS: usize = 7;
/// The same as for 32 bits, for fractions of 16.
const FIRST_INEXACT_HALF: f32 = 2048.0;
/// Moments are shown in the time of Beijing, which has no summer time.
const BEIJING: &str = "+08:00";
/// A moment, with as many digits of a second as it has.
const MOMENT: &str = "%Y-%m-%d %H:%M:%S%.f";
const OPTIONS: FormatOptions<'_> = FormatOptions::new()
    .with_display_error(false)
    .with_timestamp_format(Some(MOMENT))
    .with_timestamp_tz_format(Some(MOMENT));

/// Reads the rows of a Parquet file, the first of which is row 1: its header is no row.
///
/// Times that are moments, and not the time of a clock on a wall, are those of Beijing.
pub(super) fn read_columns(file: File, output: &mut RowOutput<'_>) -> Result<(), SourceError> {
    let file_name = output.file_name().to_owned();
    let damaged = |part: &str, reason: String| SourceError::Damaged {
        file_name: file_name.clone(),
        part: part.to_owned(),
        reason,
    };
    let unfit = |part: &str, reason: &str| SourceError::Unfit {
        file_name: file_name.clone(),
        part: part.to_owned(),
        reason: reason.to_owned(),
    };
    let pieces = ParquetTexts::open(file);
    let pieces = pieces.map_err(|error| damaged("Parquet", error.reason()))?;
    if let Some(codec) = pieces.unread_codec() {
        return Err(unfit(codec, "flaw.codec_unread"));
    }
    if let Some(name) = pieces.ambiguous_time() {
        return Err(unfit(name, "flaw.time_without_zone"));
    }
    let names = pieces.names();
    output.begin(names.clone(), 0)?;
    let n_columns = output.header().map_or(0, |header| header.names.len());
    let mut row = 1;
    for piece in pieces {
        let piece = piece.map_err(|error| damaged("Parquet", error.reason()))?;
        let columns = columns(&piece, n_columns);
        let columns = columns.map_err(|idx| {
            let name = names.get(idx).map_or("", String::as_str);
            unfit(name, "flaw.column_of_no_text")
        })?;
        let formatted: Vec<Column<'_>> = columns.iter().map(Column::new).collect();
        for row_idx in 0..piece.num_rows() {
            write_row(&formatted, &names, (row_idx, row), output)?;
            row += 1;
        }
    }
    Ok(())
}

/// Writes one row with its faults.
fn write_row(
    columns: &[Column<'_>],
    names: &[String],
    (row_idx, source_row): (usize, u64),
    output: &mut RowOutput<'_>,
) -> Result<(), SourceError> {
    let mut texts = Vec::with_capacity(columns.len());
    let mut flaws: Vec<Flaw> = Vec::new();
    for (idx, (column, name)) in columns.iter().zip(names).enumerate() {
        let text = column.text(row_idx).unwrap_or_else(|kind| {
            flaws.push((kind, Some(name.clone()), Readable::AllBut(idx)));
            Cow::Borrowed("")
        });
        texts.push(text);
    }
    output.row(source_row, texts.iter().map(AsRef::as_ref), flaws)
}

/// Returns the columns of a piece, moments in the time of Beijing; the number of one that holds no
/// plain values otherwise.
fn columns(piece: &RecordBatch, n_columns: usize) -> Result<Vec<ArrayRef>, usize> {
    let columns = piece.columns().iter().take(n_columns).enumerate();
    let column = |(idx, array): (usize, &ArrayRef)| match array.data_type() {
        DataType::Timestamp(unit, Some(_)) => {
            let local = DataType::Timestamp(*unit, Some(BEIJING.into()));
            cast(array, &local).map_err(|_| idx)
        }
        kind if is_plain(kind) => Ok(array.clone()),
        _ => Err(idx),
    };
    columns.map(column).collect()
}

fn is_plain(kind: &DataType) -> bool {
    kind.is_integer()
        || kind.is_decimal()
        || matches!(
            kind,
            DataType::Null
                | DataType::Utf8
                | DataType::Binary
                | DataType::Boolean
                | DataType::Float16
                | DataType::Float32
                | DataType::Float64
                | DataType::Date32
                | DataType::Date64
                | DataType::Time32(_)
                | DataType::Time64(_)
                | DataType::Timestamp(..)
        )
}

/// A column whose values can be shown.
enum Column<'a> {
    Text(&'a StringArray),
    Bytes(&'a BinaryArray),
    Truth(&'a BooleanArray),
    Half(&'a arrow::array::Float16Array),
    Single(&'a arrow::array::Float32Array),
    Double(&'a arrow::array::Float64Array),
    Other(&'a dyn Array, Option<ArrayFormatter<'a>>),
}

impl<'a> Column<'a> {
    fn new(array: &'a ArrayRef) -> Self {
        match array.data_type() {
            DataType::Utf8 => Self::Text(array.as_string()),
            DataType::Binary => Self::Bytes(array.as_binary()),
            DataType::Boolean => Self::Truth(array.as_boolean()),
            DataType::Float16 => Self::Half(array.as_primitive::<Float16Type>()),
            DataType::Float32 => Self::Single(array.as_primitive::<Float32Type>()),
            DataType::Float64 => Self::Double(array.as_primitive::<Float64Type>()),
            _ => Self::Other(array, ArrayFormatter::try_new(array, &OPTIONS).ok()),
        }
    }

    /// Returns a value as text, empty where there is none.
    fn text(&self, row_idx: usize) -> Result<Cow<'a, str>, RowFaultKind> {
        let array: &dyn Array = match self {
            Self::Text(array) => *array,
            Self::Bytes(array) => *array,
            Self::Truth(array) => *array,
            Self::Half(array) => *array,
            Self::Single(array) => *array,
            Self::Double(array) => *array,
            Self::Other(array, _) => *array,
        };
        if array.is_null(row_idx) {
            return Ok(Cow::Borrowed(""));
        }
        match self {
            Self::Text(array) => Ok(Cow::Borrowed(array.value(row_idx))),
            Self::Bytes(array) => {
                let text = simdutf8::basic::from_utf8(array.value(row_idx));
                text.map(Cow::Borrowed).map_err(|_| RowFaultKind::CellInError)
            }
            Self::Truth(array) => {
                Ok(Cow::Borrowed(if array.value(row_idx) { "true" } else { "false" }))
            }
            Self::Half(array) => half(array.value(row_idx).to_f32()),
            Self::Single(array) => single(array.value(row_idx)),
            Self::Double(array) => double(array.value(row_idx)),
            Self::Other(_, formatter) => {
                let text = formatter.as_ref().map(|known| known.value(row_idx).try_to_string());
                let text = text.and_then(Result::ok).ok_or(RowFaultKind::CellInError)?;
                Ok(Cow::Owned(text))
            }
        }
    }
}

fn double(value: f64) -> Result<Cow<'static, str>, RowFaultKind> {
    shown(value.is_finite(), value.abs() < FIRST_INEXACT, value.to_string())
}

/// The shortest text of a single fraction is not that of the double that it is. One of more digits behind
/// the point than are kept was rounded when it was stored.
fn single(value: f32) -> Result<Cow<'static, str>, RowFaultKind> {
    let text = value.to_string();
    let digits = text.trim_start_matches(['-', '0', '.']).bytes().filter(u8::is_ascii_digit);
    let is_whole = value.fract() == 0.0;
    let is_exact =
        value.abs() < FIRST_INEXACT_SINGLE && (is_whole || digits.count() <= SINGLE_DIGITS);
    shown(value.is_finite(), is_exact, text)
}

/// Of fractions of 16 bits only whole numbers are sure to be what was meant.
fn half(value: f32) -> Result<Cow<'static, str>, RowFaultKind> {
    let is_exact = value.abs() < FIRST_INEXACT_HALF && value.fract() == 0.0;
    shown(value.is_finite(), is_exact, value.to_string())
}

fn shown(is_finite: bool, is_exact: bool, text: String) -> Result<Cow<'static, str>, RowFaultKind> {
    match (is_finite, is_exact) {
        (false, _) => Err(RowFaultKind::CellInError),
        (true, false) => Err(RowFaultKind::DigitsLost),
        (true, true) => Ok(Cow::Owned(text)),
    }
}
