//! The columns of the lake, made of the fields of a block.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BooleanArray, DictionaryArray, Int32Array, Int64Array, StringArray,
    StringBuilder, StringDictionaryBuilder, TimestampMicrosecondArray, new_null_array,
};
use arrow::buffer::NullBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int32Type};
use chrono::DateTime;
use memchr::memchr2;

use crate::records::judge::across::satisfaction_of;
use crate::records::judge::columns::{Column, Columns, NONE, WordColumn};
use crate::records::places::normal_region;
use crate::records::profile::{ColumnForm, Dataset, Field, RecordColumn, ValueType};

/// Words as positions in a list, `None` for no word.
#[derive(Debug, Clone)]
pub(super) struct WordIds {
    /// For each row the position of its word; negative for none.
    pub(super) ids: Vec<i32>,
    pub(super) words: Arc<StringArray>,
}

impl WordIds {
    /// Returns the word of a row.
    pub(super) fn word(&self, row: usize) -> Option<&str> {
        let id = usize::try_from(self.ids[row]).ok()?;
        Some(self.words.value(id))
    }

    /// Returns a column of the words as they are shown, with another one where there is none.
    pub(super) fn shown(&self, show: impl Fn(&str) -> String, otherwise: &str) -> ArrayRef {
        let mut words: Vec<String> = self.words.iter().flatten().map(show).collect();
        let none = i32::try_from(words.len()).expect("a block has fewer values than that");
        words.push(otherwise.to_owned());
        let ids = self.ids.iter().map(|id| if *id < 0 { none } else { *id }).collect();
        dictionary(ids, &Arc::new(StringArray::from(words)))
    }

    /// Returns the words that may be told, and none in the place of each of the others.
    pub(super) fn told(&self, is_told: impl Fn(&str) -> bool) -> Self {
        let told: Vec<Option<&str>> =
            self.words.iter().map(|word| word.filter(|word| is_told(word))).collect();
        let is_shown = |id: i32| usize::try_from(id).is_ok_and(|at| told[at].is_some());
        let ids = self.ids.iter().map(|id| if is_shown(*id) { *id } else { -1 }).collect();
        let words = told.iter().map(|word| word.unwrap_or_default());
        Self { ids, words: Arc::new(StringArray::from_iter_values(words)) }
    }

    pub(super) fn array(&self) -> ArrayRef {
        dictionary(self.ids.clone(), &self.words)
    }
}

/// Returns a column of words.
pub(super) fn dictionary(ids: Vec<i32>, words: &Arc<StringArray>) -> ArrayRef {
    let is_null = |id: &i32| *id < 0;
    let keys = if ids.iter().any(is_null) {
        let nulls: NullBuffer = ids.iter().map(|id| !is_null(id)).collect();
        // What stands under a null has to be in the list, too.
        let ids: Vec<i32> = ids.into_iter().map(|id| id.max(0)).collect();
        Int32Array::new(ids.into(), Some(nulls))
    } else {
        Int32Array::new(ids.into(), None)
    };
    if words.is_empty() {
        return new_null_array(&words_type(), keys.len());
    }
    let words = DictionaryArray::<Int32Type>::try_new(keys, Arc::clone(words) as ArrayRef);
    Arc::new(words.expect("every position is one in the list"))
}

/// Returns the type of a column of words.
pub(super) fn words_type() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

/// Returns a column that holds the same word in every row.
pub fn constant(word: &str, n_rows: usize) -> ArrayRef {
    dictionary(vec![0; n_rows], &Arc::new(StringArray::from(vec![word])))
}

/// Returns the words of a field, each in the word that the column has for it.
///
/// Codes get their declared meaning where the column is one of words; a region loses the zeros that make
/// its code longer, and numbers of persons in names and titles are masked. A blank, and a code without a
/// meaning, is none.
pub(super) fn words_of(field: &Field, column: &WordColumn<'_>) -> WordIds {
    let has_words = field.column.is_some_and(|to| matches!(to.form(), ColumnForm::Words(_)));
    let word_of = |value: &String| -> Option<String> {
        if value.is_empty() {
            return None;
        }
        if has_words {
            return field.meaning.get(value).or(field.otherwise.as_ref()).cloned();
        }
        Some(normal_region(value).to_owned())
    };
    let is_as_it_is = !has_words && field.value != ValueType::Region;
    let (of_values, words) = if is_as_it_is {
        let place =
            |(at, value): (usize, &String)| if value.is_empty() { -1 } else { position(at) };
        let of_values = column.normal.iter().enumerate().map(place).collect();
        let kept = (0..column.normal.len()).map(|at| column.kept(at));
        (of_values, StringArray::from_iter_values(kept))
    } else {
        places_of(column.normal.iter().map(word_of))
    };
    let ids = column.words.ids.iter().map(|id| of_values[*id as usize]).collect();
    WordIds { ids, words: Arc::new(words) }
}

/// Returns a list in which each word stands once, and for each word its place there; -1 for none.
fn places_of(all: impl Iterator<Item = Option<String>>) -> (Vec<i32>, StringArray) {
    let mut places: BTreeMap<String, i32> = BTreeMap::new();
    let mut words: Vec<String> = Vec::new();
    let place = |word: Option<String>| {
        word.map_or(-1, |word| {
            *places.entry(word).or_insert_with_key(|word| {
                words.push(word.clone());
                position(words.len() - 1)
            })
        })
    };
    let of_all: Vec<i32> = all.map(place).collect();
    (of_all, StringArray::from(words))
}

fn position(at: usize) -> i32 {
    i32::try_from(at).expect("a block has fewer values than that")
}

/// Returns a column of points in time.
pub(super) fn times_array(times: &[i64]) -> ArrayRef {
    let is_given = |time: &i64| *time != NONE;
    if times.iter().all(is_given) {
        return Arc::new(TimestampMicrosecondArray::new(times.to_vec().into(), None));
    }
    let nulls: NullBuffer = times.iter().map(is_given).collect();
    let times: Vec<i64> = times.iter().map(|time| if is_given(time) { *time } else { 0 }).collect();
    Arc::new(TimestampMicrosecondArray::new(times.into(), Some(nulls)))
}

/// Returns a column of whole numbers; one that is too large is none.
pub(super) fn ints_array(ints: impl Iterator<Item = i64>) -> ArrayRef {
    let narrow = |int: i64| (int != NONE).then(|| i32::try_from(int).ok()).flatten();
    Arc::new(ints.map(narrow).collect::<Int32Array>())
}

/// Returns a column of rows of the file.
pub(super) fn rows_array(columns: &Columns<'_>) -> ArrayRef {
    let rows = (0..columns.block.n_rows()).map(|row| columns.block.source_row(row));
    Arc::new(Int64Array::from_iter_values(rows.map(u64::cast_signed)))
}

/// Returns the column of the lake that a field goes to, as its type there; nulls where the field says
/// nothing of that type.
pub(super) fn field_array(
    dataset: &Dataset,
    columns: &Columns<'_>,
    field_idx: usize,
    data_type: &DataType,
) -> ArrayRef {
    let field = &dataset.fields[field_idx];
    let n_rows = columns.block.n_rows();
    match (&columns.of_fields[field_idx], data_type) {
        (Column::Words(column), DataType::Dictionary(..)) => words_of(field, column).array(),
        (Column::Words(column), DataType::Int32) => {
            let is_scale = field.column == Some(RecordColumn::Satisfaction);
            let number = |value: &str| {
                let number =
                    if is_scale { satisfaction_of(field, value) } else { value.parse().ok() };
                number.unwrap_or(NONE)
            };
            ints_array(column.of_rows(number).into_iter())
        }
        (Column::Words(column), DataType::Utf8) => {
            let text = |id: &u32| Some(column.kept(*id as usize)).filter(|text| !text.is_empty());
            Arc::new(column.words.ids.iter().map(text).collect::<StringArray>())
        }
        (Column::Times(times), DataType::Timestamp(..)) => times_array(times),
        (Column::Ints(ints), DataType::Int32) => ints_array(ints.iter().copied()),
        (Column::Text(column), DataType::Utf8) if let Some(text) = &column.text => {
            Arc::new(text.clone())
        }
        (Column::Text(column), DataType::Int32) if let Some(lengths) = &column.lengths => {
            ints_array(lengths.iter().copied())
        }
        (Column::Ints(_), _) => sent_array(columns, field_idx, data_type),
        (_, data_type) => new_null_array(data_type, n_rows),
    }
}

/// Returns numbers as they were sent, for a column of texts.
fn sent_array(columns: &Columns<'_>, field_idx: usize, data_type: &DataType) -> ArrayRef {
    let mut words = StringDictionaryBuilder::<Int32Type>::new();
    let mut scratch = String::new();
    for row in 0..columns.block.n_rows() {
        let value = columns.normal(field_idx, row, &mut scratch);
        words.append_option((!value.is_empty()).then_some(value));
    }
    let words = words.finish();
    cast(&words, data_type).expect("words become texts, or stay what they are")
}

/// Returns whether the numbers of a field are right; nulls where nothing says so.
pub(super) fn validity_array(columns: &Columns<'_>, field_idx: Option<usize>) -> ArrayRef {
    match field_idx.map(|field_idx| &columns.of_fields[field_idx]) {
        Some(Column::Text(column)) if let Some(validity) = &column.validity => {
            Arc::new(validity.clone())
        }
        _ => new_null_array(&DataType::Boolean, columns.block.n_rows()),
    }
}

/// Returns which ratings were made by the system; null where the channel is not known.
pub(super) fn is_default_array(
    dataset: &Dataset,
    columns: &Columns<'_>,
    channel: Option<usize>,
) -> ArrayRef {
    let words = channel.and_then(|channel| Some((channel, columns.words(channel)?)));
    let Some((channel, column)) = words else {
        return new_null_array(&DataType::Boolean, columns.block.n_rows());
    };
    let words = words_of(&dataset.fields[channel], column);
    let default = words.words.iter().position(|word| word == Some("default"));
    let default = default.and_then(|at| i32::try_from(at).ok());
    let is_default = |id: &i32| (*id >= 0).then_some(Some(*id) == default);
    Arc::new(words.ids.iter().map(is_default).collect::<BooleanArray>())
}

/// Returns the keys of all rows as one text each.
///
/// The parts of a key are joined by `|`; one that stands in a part is written as `\|`, so that two keys
/// are never written alike. Times and whole numbers are written in one form whatever the sender's.
pub(super) fn keys_array(dataset: &Dataset, columns: &Columns<'_>) -> Arc<StringArray> {
    let n_rows = columns.block.n_rows();
    if let [only] = dataset.key[..]
        && let Column::Text(column) = &columns.of_fields[only]
        && let Some(keys) = &column.text
        && keys.null_count() == 0
        // The bytes of all keys together tell at once whether one of them has to be written otherwise.
        && memchr2(b'|', b'\\', keys.value_data()).is_none()
    {
        return Arc::new(keys.clone());
    }
    let mut keys = StringBuilder::with_capacity(n_rows, n_rows * 32);
    let mut scratch = String::new();
    for row in 0..n_rows {
        for (at, field) in dataset.key.iter().enumerate() {
            if at > 0 {
                write_part(&mut keys, "|");
            }
            let (time, int) = match &columns.of_fields[*field] {
                Column::Times(times) => (times[row], NONE),
                Column::Ints(ints) => (NONE, ints[row]),
                _ => (NONE, NONE),
            };
            match (time, int) {
                (NONE, NONE) => {
                    let part = columns.normal(*field, row, &mut scratch);
                    if part.contains(['|', '\\']) {
                        let escaped = part.replace('\\', "\\\\").replace('|', "\\|");
                        write_part(&mut keys, &escaped);
                    } else {
                        write_part(&mut keys, part);
                    }
                }
                (NONE, int) => write_part(&mut keys, &int.to_string()),
                (time, _) => write_part(&mut keys, &written(time)),
            }
        }
        keys.append_value("");
    }
    Arc::new(keys.finish())
}

/// Returns a time as keys have it, whatever form the sender uses.
fn written(micros: i64) -> String {
    let time = DateTime::from_timestamp_micros(micros).unwrap_or_default().naive_utc();
    time.format("%Y%m%dT%H%M%S%.f").to_string()
}

fn write_part(keys: &mut StringBuilder, part: &str) {
    keys.write_str(part).expect("memory takes any text");
}
