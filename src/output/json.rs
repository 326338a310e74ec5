//! Results as JSON: every column in every object, nulls included, keys in the order of the columns.
//!
//! Numbers are as short as they read back, whole doubles without decimals; what JSON has no number
//! for (infinite, not a number) is null. Wide integers and decimals are numbers with all their
//! digits. Days and instants are ISO 8601 text, bytes hexadecimal text.

use std::io::Write;
use std::sync::Arc;

use arrow::array::cast::AsArray;
use arrow::array::{Array, Float32Array, Float64Array, RecordBatch};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, FieldRef, Float32Type, Float64Type};
use arrow::error::ArrowError;
use arrow::json::writer::{
    Encoder, EncoderFactory, EncoderOptions, JsonFormat, LineDelimited, NullableEncoder,
    WriterBuilder, make_encoder,
};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::output::OutputError;
use crate::output::cells::{Calendar, TimeStyle};
use crate::output::number::{exact_double, exact_single};

/// Writes one array with an object per line, and a final line break.
pub(super) fn write_array(batch: &RecordBatch, sink: &mut dyn Write) -> Result<(), OutputError> {
    if batch.num_rows() == 0 {
        return sink.write_all(b"[]\n").map_err(OutputError::Sink);
    }
    write::<ArrayOfLines>(batch, sink)
}

/// Writes one object per line; nothing for a table without rows.
pub(super) fn write_lines(batch: &RecordBatch, sink: &mut dyn Write) -> Result<(), OutputError> {
    write::<LineDelimited>(batch, sink)
}

fn write<F: JsonFormat>(batch: &RecordBatch, sink: &mut dyn Write) -> Result<(), OutputError> {
    let builder =
        WriterBuilder::new().with_explicit_nulls(true).with_encoder_factory(Arc::new(Exact));
    let mut writer = builder.build::<_, F>(sink);
    writer.write(batch).map_err(OutputError::of_encoder)?;
    writer.finish().map_err(OutputError::of_encoder)
}

/// Returns how a value inside a cell is encoded.
pub(super) fn encoder_options() -> EncoderOptions {
    EncoderOptions::default().with_explicit_nulls(true).with_encoder_factory(Arc::new(Exact))
}

/// An array whose objects stand on lines of their own, so that line tools still work.
#[derive(Debug, Default)]
struct ArrayOfLines;

impl JsonFormat for ArrayOfLines {
    fn start_stream<W: Write>(&self, writer: &mut W) -> Result<(), ArrowError> {
        Ok(writer.write_all(b"[\n")?)
    }

    fn start_row<W: Write>(&self, writer: &mut W, is_first_row: bool) -> Result<(), ArrowError> {
        if is_first_row { Ok(()) } else { Ok(writer.write_all(b",\n")?) }
    }

    fn end_stream<W: Write>(&self, writer: &mut W) -> Result<(), ArrowError> {
        Ok(writer.write_all(b"\n]\n")?)
    }
}

/// Encodes what Arrow's own encoders write differently or not at all.
#[derive(Debug)]
struct Exact;

impl EncoderFactory for Exact {
    fn make_default_encoder<'a>(
        &self,
        field: &'a FieldRef,
        array: &'a dyn Array,
        options: &'a EncoderOptions,
    ) -> Result<Option<NullableEncoder<'a>>, ArrowError> {
        let encoder: Box<dyn Encoder + 'a> = match array.data_type() {
            DataType::Float32 => Box::new(Singles(array.as_primitive::<Float32Type>())),
            DataType::Float64 => Box::new(Doubles(array.as_primitive::<Float64Type>())),
            kind if Calendar::holds(kind) => Box::new(Days(Calendar::of(array, TimeStyle::Iso)?)),
            DataType::Map(entries, _) if !has_text_keys(entries) => {
                let map = array.as_map();
                let names = FormatOptions::new().with_display_error(true);
                Box::new(Entries {
                    offsets: map.offsets().clone(),
                    keys: ArrayFormatter::try_new(map.keys(), &names)?,
                    values: make_encoder(field, map.values(), options)?,
                })
            }
            _ => return Ok(None),
        };
        Ok(Some(NullableEncoder::new(encoder, array.nulls().cloned())))
    }
}

fn has_text_keys(entries: &FieldRef) -> bool {
    match entries.data_type() {
        DataType::Struct(fields) => fields.first().is_some_and(|key| key.data_type().is_string()),
        _ => false,
    }
}

struct Singles<'a>(&'a Float32Array);

impl Encoder for Singles<'_> {
    fn encode(&mut self, idx: usize, out: &mut Vec<u8>) {
        let value = self.0.value(idx);
        let text = if value.is_finite() { exact_single(value) } else { "null".to_owned() };
        out.extend_from_slice(text.as_bytes());
    }
}

struct Doubles<'a>(&'a Float64Array);

impl Encoder for Doubles<'_> {
    fn encode(&mut self, idx: usize, out: &mut Vec<u8>) {
        let value = self.0.value(idx);
        let text = if value.is_finite() { exact_double(value) } else { "null".to_owned() };
        out.extend_from_slice(text.as_bytes());
    }
}

struct Days<'a>(Calendar<'a>);

impl Encoder for Days<'_> {
    fn encode(&mut self, idx: usize, out: &mut Vec<u8>) {
        push_string(&self.0.text(idx), out);
    }
}

/// Maps whose keys are no text: the keys are written as their text.
struct Entries<'a> {
    offsets: OffsetBuffer<i32>,
    keys: ArrayFormatter<'a>,
    values: NullableEncoder<'a>,
}

impl Encoder for Entries<'_> {
    fn encode(&mut self, idx: usize, out: &mut Vec<u8>) {
        let bound = |idx: usize| usize::try_from(self.offsets[idx]).unwrap_or_default();
        let (start, end) = (bound(idx), bound(idx + 1));
        out.push(b'{');
        for entry in start..end {
            if entry > start {
                out.push(b',');
            }
            push_string(&self.keys.value(entry).to_string(), out);
            out.push(b':');
            if self.values.is_null(entry) {
                out.extend_from_slice(b"null");
            } else {
                self.values.encode(entry, out);
            }
        }
        out.push(b'}');
    }
}

fn push_string(text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(serde_json::Value::from(text).to_string().as_bytes());
}
