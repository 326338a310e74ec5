//! Rows as SQL for databases that understand that of MySQL: a table beside the one that stands, inserts that fill
//! it, and one statement that puts it in its place. Whoever reads meanwhile, or after an end half-way, finds the
//! table that was there.
//!
//! No text can be anything but a text, whatever the modes of the server: one with a backslash or a control
//! character is written by its bytes.

use std::fmt::Write as _;
use std::io::Write;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{
    DataType, Date32Type, Float64Type, Int32Type, Int64Type, Schema, SchemaRef,
    TimestampMicrosecondType,
};

use crate::export::ExportError;

/// Bytes after which an insert ends: far below what the oldest servers take in one packet.
const INSERT_BYTES: usize = 512 * 1024;

/// How the names of tables end that stand beside a table while it is replaced; no dataset has such a name.
const COMING: &str = "~new";
const GOING: &str = "~old";

/// How instants are written.
const TIME: &str = "%Y-%m-%d %H:%M:%S%.6f";

/// A file of SQL while it is written.
pub(super) struct MySqlFile<W: Write> {
    sink: W,
    dataset: String,
    schema: SchemaRef,
    insert: String,
    /// What is not written yet.
    sql: String,
}

impl<W: Write> MySqlFile<W> {
    /// Begins the file of a table with the columns of `schema`.
    pub(super) fn begin(dataset: &str, schema: SchemaRef, sink: W) -> std::io::Result<Self> {
        let columns: Vec<String> = schema
            .fields()
            .iter()
            .map(|field| {
                let null = if field.is_nullable() { "NULL" } else { "NOT NULL" };
                format!("  {} {} {null}", quoted(field.name()), sql_type(field.data_type()))
            })
            .collect();
        let [coming, going] = [COMING, GOING].map(|ending| quoted(&format!("{dataset}{ending}")));
        // What an end half-way left behind goes first.
        let sql = format!(
            "SET NAMES utf8mb4;\nDROP TABLE IF EXISTS {coming};\nDROP TABLE IF EXISTS {going};\nCREATE TABLE \
             {coming} (\n{}\n) DEFAULT CHARSET=utf8mb4;\nSTART TRANSACTION;\n",
            columns.join(",\n")
        );
        let insert = format!("INSERT INTO {coming} ({}) VALUES\n", names(&schema));
        let mut file = Self { sink, dataset: dataset.to_owned(), schema, insert, sql };
        file.write_sql()?;
        Ok(file)
    }

    /// Adds rows.
    pub(super) fn write(
        &mut self,
        rows: &RecordBatch,
        failed: impl Fn(std::io::Error) -> ExportError,
    ) -> Result<(), ExportError> {
        for row_idx in 0..rows.num_rows() {
            self.sql.push_str(if self.sql.is_empty() { &self.insert } else { ",\n" });
            self.sql.push('(');
            for (idx, column) in rows.columns().iter().enumerate() {
                if idx > 0 {
                    self.sql.push_str(", ");
                }
                if !push_value(&mut self.sql, column, row_idx) {
                    return Err(ExportError::ValueUnfit {
                        dataset: self.dataset.clone(),
                        column: self.schema.field(idx).name().clone(),
                    });
                }
            }
            self.sql.push(')');
            if self.sql.len() >= INSERT_BYTES {
                self.end_insert().map_err(&failed)?;
            }
        }
        Ok(())
    }

    /// Ends the file and gives the sink back.
    pub(super) fn finish(mut self) -> std::io::Result<W> {
        if !self.sql.is_empty() {
            self.end_insert()?;
        }
        let [table, coming, going] =
            ["", COMING, GOING].map(|ending| quoted(&format!("{}{ending}", self.dataset)));
        // Where there is no such table yet, an empty one stands for it, so that one statement does for both.
        self.sql.push_str(&format!(
            "COMMIT;\nCREATE TABLE IF NOT EXISTS {table} LIKE {coming};\nRENAME TABLE {table} TO {going}, \
             {coming} TO {table};\nDROP TABLE {going};\n"
        ));
        self.write_sql()?;
        self.sink.flush()?;
        Ok(self.sink)
    }

    fn end_insert(&mut self) -> std::io::Result<()> {
        self.sql.push_str(";\n");
        self.write_sql()
    }

    fn write_sql(&mut self) -> std::io::Result<()> {
        self.sink.write_all(self.sql.as_bytes())?;
        self.sql.clear();
        Ok(())
    }
}

fn names(schema: &Schema) -> String {
    let names: Vec<String> = schema.fields().iter().map(|field| quoted(field.name())).collect();
    names.join(", ")
}

fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

fn sql_type(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Int32 => "INT",
        DataType::Int64 => "BIGINT",
        DataType::Float64 => "DOUBLE",
        DataType::Boolean => "TINYINT(1)",
        DataType::Date32 => "DATE",
        DataType::Timestamp(..) => "DATETIME(6)",
        _ => "MEDIUMTEXT",
    }
}

/// Appends a value; false where SQL has no word for it.
fn push_value(sql: &mut String, column: &dyn Array, row_idx: usize) -> bool {
    if column.is_null(row_idx) {
        sql.push_str("NULL");
        return true;
    }
    let written = match column.data_type() {
        DataType::Int32 => write!(sql, "{}", column.as_primitive::<Int32Type>().value(row_idx)),
        DataType::Int64 => write!(sql, "{}", column.as_primitive::<Int64Type>().value(row_idx)),
        DataType::Boolean => write!(sql, "{}", u8::from(column.as_boolean().value(row_idx))),
        DataType::Float64 => {
            let value = column.as_primitive::<Float64Type>().value(row_idx);
            if !value.is_finite() {
                return false;
            }
            // With an exponent it is a double and no decimal, and reads back as the same.
            write!(sql, "{value:e}")
        }
        DataType::Date32 => {
            let days = column.as_primitive::<Date32Type>();
            let Some(day) = days.value_as_date(row_idx) else { return false };
            write!(sql, "'{day}'")
        }
        DataType::Timestamp(..) => {
            let times = column.as_primitive::<TimestampMicrosecondType>();
            let Some(time) = times.value_as_datetime(row_idx) else { return false };
            write!(sql, "'{}'", time.format(TIME))
        }
        DataType::Utf8 => {
            push_text(sql, column.as_string::<i32>().value(row_idx));
            Ok(())
        }
        _ => return false,
    };
    written.is_ok()
}

fn push_text(sql: &mut String, text: &str) {
    if text.contains(|character: char| character == '\\' || character.is_control()) {
        sql.push_str("_utf8mb4 x'");
        for byte in text.bytes() {
            sql.push_str(&format!("{byte:02x}"));
        }
    } else {
        sql.push('\'');
        sql.push_str(&text.replace('\'', "''"));
    }
    sql.push('\'');
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{
        ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, StringArray,
        TimestampMicrosecondArray,
    };

    use super::*;

    fn written(rows: &RecordBatch) -> Result<String, ExportError> {
        let failed = |error| ExportError::write(std::path::Path::new("a"), error);
        let mut file = MySqlFile::begin("a`b", rows.schema(), Vec::new()).unwrap();
        file.write(rows, failed)?;
        Ok(String::from_utf8(file.finish().unwrap()).unwrap())
    }

    #[test]
    fn values_are_values_and_texts_are_texts() {
        let columns: [(&str, ArrayRef); 6] = [
            ("文`本", Arc::new(StringArray::from(vec![Some("a'); DROP TABLE x; --"), None]))),
            ("n", Arc::new(Int64Array::from(vec![Some(i64::MIN), Some(2)]))),
            ("v", Arc::new(Float64Array::from(vec![Some(0.1), Some(-3.0)]))),
            ("is", Arc::new(BooleanArray::from(vec![true, false]))),
            ("on", Arc::new(Date32Array::from(vec![18_900, 0]))),
            ("at", Arc::new(TimestampMicrosecondArray::from(vec![Some(1_500_000), None]))),
        ];
        let columns = columns.map(|(name, column)| (name, column, name != "n"));
        let rows = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
        assert_eq!(
            written(&rows).unwrap(),
            "SET NAMES utf8mb4;\nDROP TABLE IF EXISTS `a``b~new`;\nDROP TABLE IF EXISTS `a``b~old`;\nCREATE \
             TABLE `a``b~new` (\n  `文``本` MEDIUMTEXT NULL,\n  `n` BIGINT NOT NULL,\n  `v` DOUBLE NULL,\n  \
             `is` TINYINT(1) NULL,\n  `on` DATE NULL,\n  `at` DATETIME(6) NULL\n) DEFAULT \
             CHARSET=utf8mb4;\nSTART TRANSACTION;\nINSERT INTO `a``b~new` (`文``本`, `n`, `v`, `is`, `on`, \
             `at`) VALUES\n('a''); DROP TABLE x; --', -9223372036854775808, 1e-1, 1, '2021-09-30', \
             '1970-01-01 00:00:01.500000'),\n(NULL, 2, -3e0, 0, '1970-01-01', NULL);\nCOMMIT;\nCREATE TABLE \
             IF NOT EXISTS `a``b` LIKE `a``b~new`;\nRENAME TABLE `a``b` TO `a``b~old`, `a``b~new` TO \
             `a``b`;\nDROP TABLE `a``b~old`;\n"
        );
        let none = written(&rows.slice(0, 0)).unwrap();
        assert!(none.contains("START TRANSACTION;\nCOMMIT;\n"), "{none}");
    }

    #[test]
    fn what_a_mode_of_the_server_could_turn_is_written_by_its_bytes() {
        let mut sql = String::new();
        push_text(&mut sql, "\\'; --\n");
        assert_eq!(sql, "_utf8mb4 x'5c273b202d2d0a'");
    }

    #[test]
    fn a_number_without_a_word_is_refused() {
        let values: ArrayRef = Arc::new(Float64Array::from(vec![f64::NAN]));
        let rows = RecordBatch::try_from_iter([("v", values)]).unwrap();
        assert!(
            matches!(written(&rows), Err(ExportError::ValueUnfit { column, .. }) if column == "v")
        );
    }

    #[test]
    fn an_insert_is_never_too_long_for_a_packet() {
        let texts: ArrayRef = Arc::new(StringArray::from(vec!["x".repeat(1000); 2_000]));
        let rows = RecordBatch::try_from_iter([("t", texts)]).unwrap();
        let sql = written(&rows).unwrap();
        assert_eq!(sql.matches("INSERT INTO").count(), 4);
        assert_eq!(sql.matches("('x").count(), 2_000);
    }
}
