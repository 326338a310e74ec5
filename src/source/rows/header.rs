//! The names of columns.

use crate::source::SourceError;
use crate::source::container::limit;
use crate::source::encoding::is_no_text;
use crate::source::rows::RecordFileError;
use crate::source::rows::limits::MAX_NAME_CHARS;

/// The columns of a record file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    /// Names of the columns, without white space around them: none is empty and none stands twice.
    pub(super) names: Vec<String>,
    /// Columns without a name behind those that have one.
    pub(super) n_unnamed: usize,
}

impl Header {
    /// Checks the cells of a header.
    ///
    /// Columns without a name are taken where they are the last, as programs leave them that end every
    /// line with a separator.
    pub(super) fn new(
        cells: &[impl AsRef<str>],
        file_name: &str,
        max_columns: usize,
    ) -> Result<Self, RecordFileError> {
        if cells.len() > max_columns {
            let exceeded = limit(file_name, "columns", max_columns as u64);
            return Err(RecordFileError::Source(exceeded));
        }
        let file_name = file_name.to_owned();
        let mut names: Vec<String> =
            cells.iter().map(|cell| cell.as_ref().trim().to_owned()).collect();
        let n_named = names.iter().rposition(|name| !name.is_empty()).map_or(0, |idx| idx + 1);
        let n_unnamed = names.len() - n_named;
        names.truncate(n_named);
        if names.is_empty() {
            return Err(RecordFileError::Source(SourceError::Empty { file_name }));
        }
        if names.iter().any(|name| name.contains(is_no_text)) {
            return Err(RecordFileError::Source(SourceError::NotText { file_name }));
        }
        if names.iter().any(|name| name.chars().count() > MAX_NAME_CHARS) {
            let exceeded = limit(&file_name, "name_characters", MAX_NAME_CHARS as u64);
            return Err(RecordFileError::Source(exceeded));
        }
        if let Some(idx) = names.iter().position(String::is_empty) {
            let column = idx + 1;
            return Err(RecordFileError::HeaderUnnamed { file_name, column, header: names });
        }
        let mut sorted: Vec<(&String, usize)> = names.iter().zip(1..).collect();
        sorted.sort();
        if let Some([first, other]) = sorted.array_windows().find(|[a, b]| a.0 == b.0) {
            let columns = [first.1, other.1];
            return Err(RecordFileError::HeaderTwice { file_name, columns, header: names });
        }
        Ok(Self { names, n_unnamed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cells: &[&str], expected: &str) {
        let found = match Header::new(cells, "a.csv", 6) {
            Ok(header) => format!("{} + {}", header.names.join("|"), header.n_unnamed),
            Err(error) => error.to_string(),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn names_are_there_once_each() {
        check(&["id", " 部门　", "a b"], "id|部门|a b + 0");
        check(&["id", "a", "", " "], "id|a + 2");
        check(&["id", "", "a"], "column 2 of `a.csv` has no name, and columns with names follow");
        check(&["a", "b", "a "], "columns 1 and 3 of `a.csv` are both called `a`");
        // Where the header is missing, persons stand in its place.
        check(&["张三", "b", "张三"], "columns 1 and 3 of `a.csv` have the same name");
        check(&["", ""], "`a.csv` is empty");
        for name in ["a\0", "\u{1f}", "a\u{fffe}b"] {
            check(&[name], "`a.csv` is neither text nor a document of a known format");
        }
        check(&["a"; 7], "`a.csv` is too large to read: at most 6 columns");
        check(
            &[&"长".repeat(MAX_NAME_CHARS + 1)],
            "`a.csv` is too large to read: at most 1000 characters in the name of a column",
        );
    }
}
