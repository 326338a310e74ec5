//! Results as CSV for machines: RFC 4180 with LF, a header of column ids, nothing neutralised.

use std::io::Write;

use arrow::array::RecordBatch;
use csv::{Terminator, WriterBuilder};

use crate::output::OutputError;
use crate::output::cells::{Column, TimeStyle};
use crate::output::json::encoder_options;

/// Writes header and rows. Null and empty text are both an empty cell.
///
/// Numbers are exact and whole doubles have no decimals; truth is `true` or `false`; lists, structs
/// and maps are JSON in one cell.
pub(super) fn write(batch: &RecordBatch, sink: &mut dyn Write) -> Result<(), OutputError> {
    let json = encoder_options();
    let mut columns = Column::all(batch, &json, TimeStyle::Iso)?;
    let mut writer = WriterBuilder::new().terminator(Terminator::Any(b'\n')).from_writer(sink);
    writer.write_record(columns.iter().map(|column| column.field.name())).map_err(refused)?;
    for row_idx in 0..batch.num_rows() {
        for column in &mut columns {
            writer.write_field(column.text(row_idx).unwrap_or_default()).map_err(refused)?;
        }
        writer.write_record(None::<&[u8]>).map_err(refused)?;
    }
    writer.flush().map_err(OutputError::Sink)
}

/// Only the sink can refuse: rows cannot differ in length here.
fn refused(error: csv::Error) -> OutputError {
    OutputError::Sink(error.into())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, StringArray};
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn text_cells_read_back(rows in vec(["\\PC{0,8}", "[\r\n\",; a]{0,5}"], 1..20)) {
            let column = |idx: usize| -> ArrayRef {
                let cells = rows.iter().map(|row| row[idx].as_str());
                Arc::new(StringArray::from_iter_values(cells))
            };
            let batch = RecordBatch::try_from_iter([("a", column(0)), ("b", column(1))]).unwrap();
            let mut bytes = Vec::new();
            write(&batch, &mut bytes).unwrap();
            let mut reader = csv::Reader::from_reader(bytes.as_slice());
            let back: Vec<Vec<String>> = reader
                .records()
                .map(|record| record.unwrap().iter().map(str::to_owned).collect())
                .collect();
            let written: Vec<Vec<String>> = rows.iter().map(|row| row.to_vec()).collect();
            prop_assert_eq!(back, written);
        }
    }
}
