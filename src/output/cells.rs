//! The cells of one column as exact text, whatever its type.

use arrow::array::cast::AsArray;
use arrow::array::{Array, BooleanArray, Float32Array, Float64Array, Int64Array, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef, Float32Type, Float64Type};
use arrow::error::ArrowError;
use arrow::json::writer::{EncoderOptions, NullableEncoder, make_encoder};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::output::OutputError;
use crate::output::number::{exact_double, exact_single};

/// What a day or an instant beyond the calendar of this program is called.
pub(super) const OUT_OF_RANGE: &str = "out of range";
/// What the days before and after all others are called, as DuckDB has them.
pub(super) const MINUS_INFINITY: &str = "-infinity";
pub(super) const INFINITY: &str = "infinity";

/// How instants look: to machines as ISO 8601 has them, to the eye with a space for the `T`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TimeStyle {
    /// `2021-11-24T08:00:00`.
    Iso,
    /// `2021-11-24 08:00:00`.
    Spaced,
}

/// One column whose cells can be asked for as text.
pub(super) struct Column<'a> {
    /// Name and type.
    pub(super) field: &'a Field,
    array: &'a dyn Array,
    cells: Cells<'a>,
}

enum Cells<'a> {
    Single(&'a Float32Array),
    Double(&'a Float64Array),
    Boolean(&'a BooleanArray),
    Calendar(Calendar<'a>),
    /// Lists, structs and maps are written as JSON in every text format.
    Nested(NullableEncoder<'a>),
    Other(ArrayFormatter<'a>),
}

impl<'a> Column<'a> {
    /// Returns the columns of a batch whose types are plain (`output::plain`).
    pub(super) fn all(
        batch: &'a RecordBatch,
        json: &'a EncoderOptions,
        times: TimeStyle,
    ) -> Result<Vec<Self>, OutputError> {
        let schema = batch.schema_ref();
        let pairs = schema.fields().iter().zip(batch.columns());
        pairs
            .map(|(field, array)| {
                let cells =
                    Cells::of(field, array, json, times).map_err(|reason| OutputError::Column {
                        column: field.name().clone(),
                        data_type: field.data_type().clone(),
                        reason,
                    })?;
                Ok(Column { field, array, cells })
            })
            .collect()
    }

    /// Returns whether the cell is null.
    pub(super) fn is_null(&self, row_idx: usize) -> bool {
        matches!(self.array.data_type(), DataType::Null) || self.array.is_null(row_idx)
    }

    /// Returns the exact text of a cell; `None` for null.
    ///
    /// Text as it is; numbers as short as they read back; dates and times in ISO 8601; bytes in
    /// hexadecimal; lists, structs and maps as JSON.
    pub(super) fn text(&mut self, row_idx: usize) -> Option<String> {
        if self.is_null(row_idx) {
            return None;
        }
        Some(match &mut self.cells {
            Cells::Single(array) => exact_single(array.value(row_idx)),
            Cells::Double(array) => exact_double(array.value(row_idx)),
            Cells::Boolean(array) => array.value(row_idx).to_string(),
            Cells::Calendar(calendar) => calendar.text(row_idx),
            Cells::Nested(encoder) => {
                let mut bytes = Vec::new();
                encoder.encode(row_idx, &mut bytes);
                String::from_utf8_lossy(&bytes).into_owned()
            }
            Cells::Other(formatter) => formatter.value(row_idx).to_string(),
        })
    }

    /// Returns the truth of a cell; `None` for null and for other types.
    pub(super) fn truth(&self, row_idx: usize) -> Option<bool> {
        match &self.cells {
            Cells::Boolean(array) if !self.is_null(row_idx) => Some(array.value(row_idx)),
            _ => None,
        }
    }
}

impl<'a> Cells<'a> {
    fn of(
        field: &'a FieldRef,
        array: &'a dyn Array,
        json: &'a EncoderOptions,
        times: TimeStyle,
    ) -> Result<Self, ArrowError> {
        Ok(match array.data_type() {
            DataType::Float32 => Self::Single(array.as_primitive::<Float32Type>()),
            DataType::Float64 => Self::Double(array.as_primitive::<Float64Type>()),
            DataType::Boolean => Self::Boolean(array.as_boolean()),
            kind if Calendar::holds(kind) => Self::Calendar(Calendar::of(array, times)?),
            kind if kind.is_nested() => Self::Nested(make_encoder(field, array, json)?),
            _ => {
                let options = FormatOptions::new().with_display_error(true);
                Self::Other(ArrayFormatter::try_new(array, &options)?)
            }
        })
    }
}

/// Days and instants, with the infinite ones that DuckDB has and a calendar has not.
pub(super) struct Calendar<'a> {
    formatter: ArrayFormatter<'a>,
    /// The stored counts: the largest stands for infinity, the negative of it for minus infinity.
    counts: Int64Array,
    infinity: i64,
}

impl<'a> Calendar<'a> {
    /// Returns whether values of this type are days or instants.
    pub(super) fn holds(data_type: &DataType) -> bool {
        matches!(data_type, DataType::Date32 | DataType::Date64 | DataType::Timestamp(..))
    }

    /// Returns the texts of a column of days or instants.
    pub(super) fn of(array: &'a dyn Array, times: TimeStyle) -> Result<Self, ArrowError> {
        let (plain, zoned) = match times {
            TimeStyle::Iso => (None, None),
            TimeStyle::Spaced => (Some("%Y-%m-%d %H:%M:%S%.f"), Some("%Y-%m-%d %H:%M:%S%.f%:z")),
        };
        let options = FormatOptions::new()
            .with_display_error(false)
            .with_datetime_format(plain)
            .with_timestamp_format(plain)
            .with_timestamp_tz_format(zoned);
        let infinity = match array.data_type() {
            DataType::Date32 => i64::from(i32::MAX),
            _ => i64::MAX,
        };
        let counts = cast(&array.slice(0, array.len()), &DataType::Int64)?;
        Ok(Self {
            formatter: ArrayFormatter::try_new(array, &options)?,
            counts: counts.as_primitive().clone(),
            infinity,
        })
    }

    /// Returns the text of a value that is not null.
    pub(super) fn text(&self, row_idx: usize) -> String {
        self.formatter.value(row_idx).try_to_string().unwrap_or_else(|_| {
            let count = self.counts.value(row_idx);
            let name = match count {
                _ if count == self.infinity => INFINITY,
                _ if count == -self.infinity => MINUS_INFINITY,
                _ => OUT_OF_RANGE,
            };
            name.to_owned()
        })
    }
}
