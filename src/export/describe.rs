//! What columns are called, in which unit, and what they say: from heads of queries, sidecars of reference
//! tables, and the schemas of the lake.

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};

use crate::diag::{Lang, column_title};
use crate::export::Column;
use crate::export::plain::plain_type;
use crate::query::{ColumnType, ColumnUnit, Query, ReturnColumn, unit_of_comment};
use crate::refdata::RefTable;

/// Returns the columns that a question or view promises, described as its head does.
pub fn columns_of_query(query: &Query) -> Vec<Column> {
    let columns = query.head.returns.iter().map(|column| Column {
        unit: unit_of(column),
        help: Some([Lang::En, Lang::Zh].map(|lang| column.meaning(lang).to_owned()))
            .filter(|[meaning, _]| !meaning.is_empty()),
        ..column_of(&Field::new(&column.name, arrow_type(column.data_type), column.is_nullable))
    });
    columns.collect()
}

/// Returns the columns of a reference table, described by its sidecar, which is in English alone.
pub fn columns_of_table(table: &RefTable, batch: &RecordBatch) -> Vec<Column> {
    let mut columns = columns_of_batch(batch.schema_ref());
    for column in &mut columns {
        if let Some(told) = table.sidecar.columns.get(&column.name) {
            column.help = Some([told.help.clone(), told.help.clone()]);
            column.unit.clone_from(&told.unit);
        }
    }
    columns
}

/// Returns the columns of a schema.
pub fn columns_of_batch(schema: &Schema) -> Vec<Column> {
    schema.fields().iter().map(|field| column_of(field)).collect()
}

/// Returns the column of a field, in the type in which it is exported.
pub fn column_of(field: &Field) -> Column {
    Column {
        name: field.name().clone(),
        title_zh: column_title(field.name(), Lang::Zh),
        unit: None,
        help: None,
        data_type: plain_type(field.data_type()),
        is_nullable: field.is_nullable(),
    }
}

/// The unit of a column; where that follows from a parameter, the usual one, as the comment says it.
fn unit_of(column: &ReturnColumn) -> Option<String> {
    match &column.unit {
        Some(ColumnUnit::Fixed(unit)) => Some(unit.clone()),
        Some(ColumnUnit::OfParameter(_)) => unit_of_comment(&column.meaning).map(str::to_owned),
        None => None,
    }
}

fn arrow_type(column_type: ColumnType) -> DataType {
    match column_type {
        ColumnType::Text => DataType::Utf8,
        ColumnType::Int => DataType::Int32,
        ColumnType::Bigint => DataType::Int64,
        ColumnType::Double => DataType::Float64,
        ColumnType::Date => DataType::Date32,
        ColumnType::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
        ColumnType::Bool => DataType::Boolean,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::Catalogue;

    #[test]
    fn comments_of_a_head_become_units_and_descriptions() {
        let catalogue = Catalogue::builtin();
        let columns = columns_of_query(catalogue.get("satisfaction/monthly").unwrap());
        let of = |name: &str| columns.iter().find(|column| column.name == name).unwrap();
        assert_eq!(of("active").unit.as_deref(), Some("条"));
        assert_eq!(of("active").help(Lang::En), Some("条; given by people"));
        assert_eq!(of("active").help(Lang::Zh), Some("条；由办事人作出的评价"));
        assert_eq!(of("good_pct").unit.as_deref(), Some("%"));
        assert_eq!(of("average_score").unit, None);
        assert_eq!(of("department_name").help(Lang::Zh), None);
        assert_eq!(of("active").title_zh, "主动评价");
        assert!(of("month").is_nullable && !of("ratings").is_nullable);
    }
}
