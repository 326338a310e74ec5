//! One row of text while it is made up: its fields one after the other in one buffer.

use crate::synth::codes::push_digits;

/// The fields of a row, filled from left to right and used again for the next one.
#[derive(Debug, Default)]
pub(super) struct Row {
    text: String,
    /// Where each field ends in `text`.
    ends: Vec<usize>,
}

impl Row {
    /// Forgets all fields.
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    /// Adds a field.
    pub(super) fn put(&mut self, value: &str) {
        self.text.push_str(value);
        self.ends.push(self.text.len());
    }

    /// Adds a field that is left empty.
    pub(super) fn blank(&mut self) {
        self.ends.push(self.text.len());
    }

    /// Adds a field that `write` appends to the text.
    pub(super) fn write(&mut self, write: impl FnOnce(&mut String)) {
        write(&mut self.text);
        self.ends.push(self.text.len());
    }

    /// Adds a field with a number.
    pub(super) fn number(&mut self, number: u64) {
        self.write(|out| push_digits(out, number, 1));
    }

    /// Returns how many fields there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns a field.
    pub(super) fn field(&self, idx: usize) -> &str {
        &self.text[self.start(idx)..self.ends[idx]]
    }

    /// Returns the fields in order.
    pub(super) fn fields(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|idx| self.field(idx))
    }

    /// Puts another value in the place of a field.
    pub(super) fn replace(&mut self, idx: usize, value: &str) {
        let start = self.start(idx);
        let old_end = self.ends[idx];
        self.text.replace_range(start..old_end, value);
        for end in &mut self.ends[idx..] {
            *end = *end - (old_end - start) + value.len();
        }
    }

    fn start(&self, idx: usize) -> usize {
        if idx == 0 { 0 } else { self.ends[idx - 1] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_replaced_by_a_shorter_or_longer_one() {
        let mut row = Row::default();
        row.put("甲");
        row.blank();
        row.number(120);
        row.replace(1, "中间");
        row.replace(0, "");
        row.replace(2, "1");
        assert_eq!(row.fields().collect::<Vec<_>>(), ["", "中间", "1"]);
    }
}
