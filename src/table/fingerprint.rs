//! What a column said when it was written, to compare with what it says when it is read back.

use std::ops::Range;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, DictionaryArray, GenericByteArray, StringArray,
};
use arrow::datatypes::{ByteArrayType, DataType, Int32Type};
use xxhash_rust::xxh3::{Xxh3Default, xxh3_64};

/// Stands for a null in the lengths of texts; no text is so long.
const NULL_LENGTH: u32 = u32::MAX;

/// What all rows of a column said: hashes of the values and of where nulls stand, number of rows.
pub(super) type ColumnPrint = (u128, u128, u64);

/// Running fingerprint of the values of a column, the same however its rows are cut into pieces.
///
/// XXH3 of 128 bits over all values and over where the nulls stand. Of a text of few values the hash of
/// each value, of 64 bits, is taken up instead of the text. No secret is in it: it tells accidents, not
/// forgeries, which the hash of the file tells.
#[derive(Default)]
pub(super) struct Fingerprint {
    /// Bytes of the values; nothing for a null.
    values: Xxh3Default,
    /// Lengths of texts, else the runs of rows that are null.
    marks: Xxh3Default,
    n_rows: u64,
    /// The last run of nulls, which the next piece may go on with.
    open_run: Range<u64>,
    dictionary: Option<HashedDictionary>,
    scratch: Vec<u8>,
}

/// Hashes of the values of the dictionary that was seen last: pieces of a file share one.
#[derive(Debug)]
struct HashedDictionary {
    values: StringArray,
    hashes: Vec<u64>,
}

impl HashedDictionary {
    fn of(values: &StringArray) -> Self {
        let hash = |text: Option<&str>| xxh3_64(text.unwrap_or_default().as_bytes());
        Self { values: values.clone(), hashes: values.iter().map(hash).collect() }
    }

    /// Whether these are the very values in memory, which cannot have changed while they are held.
    fn is_of(&self, values: &StringArray) -> bool {
        self.values.offsets().ptr_eq(values.offsets())
            && self.values.values().as_ptr() == values.values().as_ptr()
    }
}

impl Fingerprint {
    /// Takes up the rows of a piece.
    pub(super) fn add(&mut self, array: &ArrayRef) {
        match array.data_type() {
            DataType::Utf8 => self.add_texts(array.as_string::<i32>()),
            DataType::Binary => self.add_texts(array.as_binary::<i32>()),
            DataType::Dictionary(..) => self.add_words(array.as_dictionary()),
            DataType::Boolean => self.add_bools(array.as_boolean()),
            _ => self.add_equal_widths(array),
        }
        self.n_rows += array.len() as u64;
    }

    /// Returns the fingerprint of all rows that were taken up.
    pub(super) fn finish(&self) -> ColumnPrint {
        let mut marks = self.marks.clone();
        marks.update(&bounds(&self.open_run));
        (self.values.digest128(), marks.digest128(), self.n_rows)
    }

    /// Texts and pseudonyms.
    fn add_texts<T: ByteArrayType<Offset = i32>>(&mut self, texts: &GenericByteArray<T>) {
        self.scratch.clear();
        if texts.null_count() == 0 {
            let offsets = texts.value_offsets();
            let bounds = offsets.first().zip(offsets.last()).map_or((0, 0), |(a, b)| (*a, *b));
            self.values.update(&texts.values()[index(bounds.0)..index(bounds.1)]);
            for pair in offsets.windows(2) {
                self.scratch.extend_from_slice(&(pair[1] - pair[0]).to_le_bytes());
            }
        } else {
            for text in texts {
                let length = text.map_or(NULL_LENGTH, |text| {
                    let text: &[u8] = text.as_ref();
                    self.values.update(text);
                    u32::try_from(text.len()).unwrap_or(NULL_LENGTH)
                });
                self.scratch.extend_from_slice(&length.to_le_bytes());
            }
        }
        self.marks.update(&self.scratch);
    }

    fn add_words(&mut self, words: &DictionaryArray<Int32Type>) {
        let values = words.values().as_string::<i32>();
        let known = self.dictionary.take().filter(|known| known.is_of(values));
        let known = known.unwrap_or_else(|| HashedDictionary::of(values));
        let hash_of = |key: i32| known.hashes.get(index(key)).copied().unwrap_or(0);
        self.scratch.resize(words.len() * size_of::<u64>(), 0);
        let places = self.scratch.chunks_exact_mut(size_of::<u64>());
        if words.null_count() == 0 {
            for (place, key) in places.zip(words.keys().values()) {
                place.copy_from_slice(&hash_of(*key).to_le_bytes());
            }
        } else {
            for (place, key) in places.zip(words.keys()) {
                place.copy_from_slice(&key.map_or(0, hash_of).to_le_bytes());
            }
        }
        self.values.update(&self.scratch);
        self.dictionary = Some(known);
        self.mark_nulls(words);
    }

    fn add_bools(&mut self, bools: &BooleanArray) {
        self.scratch.clear();
        self.scratch.extend(bools.iter().map(|value| u8::from(value.unwrap_or(false))));
        self.values.update(&self.scratch);
        self.mark_nulls(bools);
    }

    /// Numbers, days, instants.
    fn add_equal_widths(&mut self, array: &ArrayRef) {
        let width = array.data_type().primitive_width();
        let width = width.expect("no table has a column of another type");
        let data = array.to_data();
        let start = data.offset() * width;
        let bytes = &data.buffers()[0].as_slice()[start..start + array.len() * width];
        match array.nulls().filter(|nulls| nulls.null_count() > 0) {
            None => self.values.update(bytes),
            // What stands under a null is no value.
            Some(nulls) => {
                self.scratch.clear();
                for (start, end) in nulls.valid_slices() {
                    self.scratch.extend_from_slice(&bytes[start * width..end * width]);
                }
                self.values.update(&self.scratch);
            }
        }
        self.mark_nulls(array);
    }

    /// Takes up the rows that are null, as where one run of them begins and ends.
    fn mark_nulls(&mut self, array: &dyn Array) {
        let n_rows = array.len() as u64;
        let Some(nulls) = array.nulls().filter(|nulls| nulls.null_count() > 0) else { return };
        let mut next = 0;
        for (start, end) in nulls.valid_slices() {
            self.mark_run(next..start as u64);
            next = end as u64;
        }
        self.mark_run(next..n_rows);
    }

    /// Takes up a run of nulls, by rows of the piece. It may go on where the last piece ended.
    fn mark_run(&mut self, run: Range<u64>) {
        if run.is_empty() {
            return;
        }
        let (start, end) = (self.n_rows + run.start, self.n_rows + run.end);
        if self.open_run.end == start {
            self.open_run.end = end;
            return;
        }
        let ended = std::mem::replace(&mut self.open_run, start..end);
        self.marks.update(&bounds(&ended));
    }
}

/// Returns where a run begins and ends, as bytes.
fn bounds(run: &Range<u64>) -> Vec<u8> {
    [run.start.to_le_bytes(), run.end.to_le_bytes()].concat()
}

fn index(position: i32) -> usize {
    usize::try_from(position).expect("Arrow has no negative offsets, keys and widths")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{BinaryArray, Float64Array, Int32Array, TimestampMicrosecondArray};
    use arrow::compute::cast;
    use proptest::prelude::*;

    use super::*;

    /// Fingerprint of a column that comes in pieces of `n_rows`.
    fn print(array: &ArrayRef, n_rows: usize) -> ColumnPrint {
        let mut print = Fingerprint::default();
        for start in (0..array.len()).step_by(n_rows) {
            print.add(&array.slice(start, n_rows.min(array.len() - start)));
        }
        print.finish()
    }

    fn words(texts: &[Option<String>]) -> ArrayRef {
        let words = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        cast(&StringArray::from(texts.to_vec()), &words).unwrap()
    }

    /// The same values in columns of every type.
    fn columns(values: &[Option<i32>]) -> Vec<ArrayRef> {
        let texts: Vec<Option<String>> =
            values.iter().map(|value| value.map(|value| value.to_string())).collect();
        let bytes = values.iter().map(|value| value.map(|value| i128::from(value).to_be_bytes()));
        vec![
            Arc::new(Int32Array::from(values.to_vec())),
            Arc::new(values.iter().map(|value| value.map(f64::from)).collect::<Float64Array>()),
            Arc::new(
                values
                    .iter()
                    .map(|value| value.map(i64::from))
                    .collect::<TimestampMicrosecondArray>(),
            ),
            Arc::new(
                values
                    .iter()
                    .map(|value| value.map(|value| value % 2 == 0))
                    .collect::<BooleanArray>(),
            ),
            Arc::new(bytes.collect::<BinaryArray>()),
            words(&texts),
            Arc::new(StringArray::from(texts)),
        ]
    }

    proptest! {
        #[test]
        fn how_rows_are_cut_does_not_matter_and_every_value_does(
            values in prop::collection::vec(prop::option::of(-3..40_i32), 1..60),
            n_rows in 1..20_usize,
            row in any::<prop::sample::Index>(),
        ) {
            let mut others = values.clone();
            let changed = &mut others[row.index(values.len())];
            *changed = Some(changed.map_or(0, |value| value + 1));
            let mut shorter = values.clone();
            shorter.pop();
            for ((whole, other), shorter) in
                columns(&values).iter().zip(columns(&others)).zip(columns(&shorter))
            {
                let expected = print(whole, usize::MAX);
                prop_assert_eq!(print(whole, n_rows), expected, "{}", whole.data_type());
                prop_assert_ne!(print(&other, n_rows), expected, "{}", whole.data_type());
                prop_assert_ne!(print(&shorter, n_rows), expected, "{}", whole.data_type());
            }
        }
    }

    #[test]
    fn a_word_is_the_same_whatever_its_dictionary() {
        let texts = ["a", "b", "a", "c"].map(|text| Some(text.to_owned()));
        let whole = words(&texts);
        let mut pieces = Fingerprint::default();
        for text in &texts {
            pieces.add(&words(std::slice::from_ref(text)));
        }
        assert_eq!(pieces.finish(), print(&whole, usize::MAX));
    }

    #[test]
    fn texts_do_not_run_into_each_other() {
        let column = |texts: &[&str]| -> ArrayRef { Arc::new(StringArray::from(texts.to_vec())) };
        assert_ne!(print(&column(&["ab", "c"]), 9), print(&column(&["a", "bc"]), 9));
    }
}
