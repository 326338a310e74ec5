//! Rows and columns of a table that its author hid.

use crate::source::limits::MAX_ROWS;

/// How many ranges a remark lists.
const MAX_LISTED: usize = 20;

/// Numbers of hidden rows or columns, as ranges that include both ends.
#[derive(Default)]
pub(super) struct Hidden(Vec<(usize, usize)>);

impl Hidden {
    /// Adds a range; one that ends before it begins is nothing.
    pub(super) fn add(&mut self, first: usize, last: usize) {
        let is_full = self.0.len() == MAX_ROWS;
        match self.0.last_mut() {
            Some(range) if range.1.checked_add(1) == Some(first) => range.1 = last.max(range.1),
            // More ranges than rows are no sheet that anybody made.
            _ if first <= last && !is_full => self.0.push((first, last)),
            _ => (),
        }
    }

    /// Returns the ranges that hold at least one of the numbers that show, cut to their ends.
    ///
    /// The numbers ascend. Rows without text in between count to the range that they stand in.
    pub(super) fn among(&self, shown: &[usize]) -> Vec<(usize, usize)> {
        let mut ranges = self.0.clone();
        ranges.sort_unstable();
        let mut found: Vec<(usize, usize)> = Vec::new();
        for (first, last) in ranges {
            let start = shown.partition_point(|number| *number < first);
            let end = shown.partition_point(|number| *number <= last);
            let held = shown.get(start..end).unwrap_or_default();
            let Some((first, last)) = held.first().copied().zip(held.last().copied()) else {
                continue;
            };
            match found.last_mut() {
                Some(range) if first <= range.1.saturating_add(1) => range.1 = range.1.max(last),
                _ => found.push((first, last)),
            }
        }
        found
    }
}

/// Returns ranges as a list: `3, 5-7`. A long list ends with an ellipsis.
pub(super) fn list(ranges: &[(usize, usize)]) -> String {
    let mut words: Vec<String> = ranges
        .iter()
        .take(MAX_LISTED)
        .map(
            |(first, last)| {
                if first == last { first.to_string() } else { format!("{first}-{last}") }
            },
        )
        .collect();
    if ranges.len() > MAX_LISTED {
        words.push("…".to_owned());
    }
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(hidden: &[(usize, usize)], shown: &[usize], expected: &str) {
        let mut ranges = Hidden::default();
        for (first, last) in hidden {
            ranges.add(*first, *last);
        }
        assert_eq!(list(&ranges.among(shown)), expected);
    }

    #[test]
    fn ranges_are_joined_and_cut_to_what_shows() {
        check(&[(3, 3), (5, 5), (6, 6), (7, 7)], &[1, 2, 3, 4, 5, 6, 7, 8], "3, 5-7");
        check(&[(5, 7)], &[4, 5, 7, 8], "5-7");
        check(&[(5, 1_048_576)], &[1, 2, 3, 4], "");
        check(&[(5, 1_048_576)], &[1, 5, 9], "5-9");
        check(&[(6, 7), (3, 3), (6, 6)], &[3, 6, 7], "3, 6-7");
        check(&[(7, 3)], &[3, 6, 7], "");
    }

    #[test]
    fn a_long_list_is_cut() {
        let odd: Vec<(usize, usize)> = (0..30).map(|n| (2 * n + 1, 2 * n + 1)).collect();
        let all: Vec<usize> = (1..100).collect();
        let mut ranges = Hidden::default();
        for (first, last) in odd {
            ranges.add(first, last);
        }
        assert!(list(&ranges.among(&all)).ends_with("37, 39, …"));
    }
}
