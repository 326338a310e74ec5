//! `views.sql`: a view for each dataset over its files, which DuckDB runs in the folder of the export.

use arrow::datatypes::Field;

use crate::engine::{quoted_name, quoted_text, sql_type};
use crate::export::file::FileEntry;

/// A dataset as its view sees it.
pub(super) struct Viewed<'a> {
    /// Name of the view.
    pub(super) name: &'a str,
    /// What the dataset holds, a line.
    pub(super) title: &'a str,
    /// Its files of one format.
    pub(super) files: &'a [FileEntry],
    /// The column by which it is in partitions.
    pub(super) partition: Option<&'a Field>,
    /// Columns of a CSV file, where there is no Parquet.
    pub(super) csv_columns: Option<&'a [Field]>,
}

/// What stands before the views.
const HEAD: &str = "-- Views over the files of this export. Paths count from the folder that this file is in:\n\
    --   cd current && duckdb -init views.sql\n";

/// Returns the text of the file.
pub(super) fn text(viewed: &[Viewed<'_>]) -> String {
    let mut text = HEAD.to_owned();
    for dataset in viewed {
        let files: Vec<String> = dataset.files.iter().map(|file| quoted_text(&file.path)).collect();
        let files = match files.as_slice() {
            [only] => only.clone(),
            several => format!("[\n    {}\n]", several.join(",\n    ")),
        };
        let reading = match (dataset.csv_columns, dataset.partition) {
            (Some(columns), _) => {
                let columns = columns.iter().map(|column| {
                    format!("{}: '{}'", quoted_text(column.name()), sql_type(column.data_type()))
                });
                let columns = columns.collect::<Vec<_>>().join(", ");
                // An empty text is not null: the two are told apart by their quotes.
                format!(
                    "read_csv({files}, header = true, delim = ',', quote = '\"', escape = '\"', \
                     nullstr = '', allow_quoted_nulls = false, auto_detect = false, \
                     columns = {{{columns}}})"
                )
            }
            (None, Some(column)) => format!(
                "read_parquet({files}, hive_partitioning = true, hive_types = {{{}: {}}})",
                quoted_text(column.name()),
                sql_type(column.data_type())
            ),
            (None, None) => format!("read_parquet({files})"),
        };
        text.push_str(&format!(
            "\n-- {}\nCREATE OR REPLACE VIEW {} AS FROM {reading};\n",
            dataset.title.replace(['\n', '\r'], " "),
            quoted_name(dataset.name),
        ));
    }
    text
}
