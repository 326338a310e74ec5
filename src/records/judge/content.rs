//! Fingerprints of records: of their key, and of what they say.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int32Type, TimeUnit, TimestampMicrosecondType};
use xxhash_rust::xxh3::{xxh3_64, xxh3_128_with_seed};

/// Columns that say where a record comes from and how it got here, not what it says.
const NOT_CONTENT: [&str; 13] = [
    "batch",
    "file_idx",
    "source_row",
    "record_type",
    "record_key",
    "version",
    "operation",
    "arrived_at",
    "received_at",
    "source_batch",
    "scope",
    "profile",
    "content_hash",
];

/// Returns the fingerprint of a key: the type of the record, empty where it has none, and its key.
pub fn key_fingerprint(record_type: &str, record_key: &str) -> u128 {
    seeded_fingerprint(key_seed(record_type), record_key)
}

/// Returns what the type of a record adds to its fingerprint.
pub(super) fn key_seed(record_type: &str) -> u64 {
    xxh3_64(record_type.as_bytes())
}

pub(super) fn seeded_fingerprint(seed: u64, record_key: &str) -> u128 {
    xxh3_128_with_seed(record_key.as_bytes(), seed)
}

/// Adds to each row what some columns say. Columns are told apart by their names, and a null adds
/// nothing, so that a column that is null everywhere, or is not there yet, changes nothing.
///
/// Personal values are in it as pseudonyms only: whoever can guess a name or a number could otherwise
/// prove the guess by the fingerprint.
pub(super) fn add_contents(contents: &mut [u64], batch: &RecordBatch, left_out: &[&str]) {
    for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
        let name = field.name().as_str();
        if NOT_CONTENT.contains(&name) || left_out.contains(&name) {
            continue;
        }
        if array.null_count() == array.len() {
            continue;
        }
        add_column(contents, array.as_ref(), xxh3_64(name.as_bytes()));
    }
}

fn add_column(contents: &mut [u64], array: &dyn Array, salt: u64) {
    match array.data_type() {
        DataType::Dictionary(..) => {
            let words = array.as_dictionary::<Int32Type>();
            let values = words.values().as_string::<i32>();
            let hash = |value: Option<&str>| {
                value.map_or(0, |value| mixed(xxh3_64(value.as_bytes()), salt))
            };
            let hashes: Vec<u64> = values.iter().map(hash).collect();
            let at = |key: i32| hashes[usize::try_from(key).expect("keys count from 0")];
            match words.nulls() {
                None => add(contents, words.keys().values().iter().map(|key| at(*key))),
                Some(_) => add(contents, words.keys().iter().map(|key| key.map_or(0, at))),
            }
        }
        DataType::Utf8 => {
            let hash =
                |text: Option<&str>| text.map_or(0, |text| mixed(xxh3_64(text.as_bytes()), salt));
            add(contents, array.as_string::<i32>().iter().map(hash));
        }
        DataType::Int32 => {
            let hash = |number: i32| mixed(i64::from(number).cast_unsigned(), salt);
            let numbers = array.as_primitive::<Int32Type>();
            add(contents, numbers.iter().map(|number| number.map_or(0, hash)));
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            let times = array.as_primitive::<TimestampMicrosecondType>();
            let hash = |time: i64| mixed(time.cast_unsigned(), salt);
            match times.nulls() {
                None => add(contents, times.values().iter().map(|time| hash(*time))),
                Some(_) => add(contents, times.iter().map(|time| time.map_or(0, hash))),
            }
        }
        DataType::Boolean => {
            let hash = |truth: Option<bool>| truth.map_or(0, |truth| mixed(u64::from(truth), salt));
            add(contents, array.as_boolean().iter().map(hash));
        }
        DataType::Binary => {
            let hash = |bytes: Option<&[u8]>| bytes.map_or(0, |bytes| mixed(xxh3_64(bytes), salt));
            add(contents, array.as_binary::<i32>().iter().map(hash));
        }
        _ => {
            if let Ok(texts) = cast(array, &DataType::Utf8) {
                add_column(contents, texts.as_ref(), salt);
            }
        }
    }
}

fn add(contents: &mut [u64], hashes: impl Iterator<Item = u64>) {
    for (content, hash) in contents.iter_mut().zip(hashes) {
        *content = content.wrapping_add(hash);
    }
}

/// Returns a number that depends on every bit of both.
pub(super) fn mixed(value: u64, salt: u64) -> u64 {
    let mut mixed = value.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ salt;
    mixed = (mixed ^ (mixed >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    mixed = (mixed ^ (mixed >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    mixed ^ (mixed >> 32)
}
