//! Resolved successions, and when departments existed, as Arrow batches.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Date32Array, Int32Array, RecordBatch, StringArray};
use arrow::datatypes::{Date32Type, Field, Schema};
use chrono::NaiveDate;

use crate::refdata::{DepartmentSpan, Obstacle, RecordedDate, Successor};

/// A column: name, values, whether it may be null.
type Column = (&'static str, ArrayRef, bool);

/// Returns the table `department_successors`: every department that has or is a successor, with the
/// one under which its figures are compared.
pub fn department_successors_batch(successors: &[Successor]) -> RecordBatch {
    let regions = texts(successors, |known| Some(&known.region));
    let bodies = texts(successors, |known| Some(&known.body));
    let keys = vec![("region", regions, false), ("department", bodies, false)];
    batch(keys.into_iter().chain(chain_columns(successors)))
}

/// Returns the table `region_successors`: every region that has or is a successor, with the one
/// under which its figures are compared.
pub fn region_successors_batch(successors: &[Successor]) -> RecordBatch {
    let regions = texts(successors, |known| Some(&known.body));
    batch(std::iter::once(("region", regions, false)).chain(chain_columns(successors)))
}

fn chain_columns(successors: &[Successor]) -> Vec<Column> {
    let steps: Int32Array = successors.iter().map(|known| Some(known.n_steps)).collect();
    let sole: BooleanArray = successors.iter().map(|known| Some(known.is_sole)).collect();
    let obstacles: StringArray =
        successors.iter().map(|known| known.obstacle.map(Obstacle::as_str)).collect();
    vec![
        ("successor", texts(successors, |known| Some(&known.successor)), false),
        ("n_steps", Arc::new(steps), false),
        ("is_sole", Arc::new(sole), false),
        ("obstacle", Arc::new(obstacles), true),
    ]
}

/// Returns the table `department_spans`: the first and the last day on which a department may have
/// existed, with the year or date as recorded, where it is recorded and how sure it is.
pub fn department_spans_batch(spans: &[DepartmentSpan]) -> RecordBatch {
    let from = |text: fn(&RecordedDate) -> &str| -> ArrayRef {
        Arc::new(spans.iter().map(|span| span.from.as_ref().map(text)).collect::<StringArray>())
    };
    let to = |text: fn(&RecordedDate) -> &str| -> ArrayRef {
        Arc::new(spans.iter().map(|span| span.to.as_ref().map(text)).collect::<StringArray>())
    };
    let day = |day: Option<NaiveDate>| day.map(Date32Type::from_naive_date);
    let firsts: Date32Array =
        spans.iter().map(|span| day(span.from.as_ref().map(|date| date.first))).collect();
    let lasts: Date32Array =
        spans.iter().map(|span| day(span.to.as_ref().map(|date| date.last))).collect();
    batch([
        ("region", texts(spans, |span| Some(&span.region)), false),
        ("department", texts(spans, |span| Some(&span.department)), false),
        ("first_day", Arc::new(firsts) as ArrayRef, true),
        ("valid_from", from(|date| &date.text), true),
        ("from_source", from(|date| date.source.as_str()), true),
        ("from_confidence", from(|date| &date.confidence), true),
        ("last_day", Arc::new(lasts) as ArrayRef, true),
        ("valid_to", to(|date| &date.text), true),
        ("to_source", to(|date| date.source.as_str()), true),
        ("to_confidence", to(|date| &date.confidence), true),
    ])
}

fn texts<T>(rows: &[T], text: impl Fn(&T) -> Option<&String>) -> ArrayRef {
    Arc::new(rows.iter().map(text).collect::<StringArray>())
}

fn batch(columns: impl IntoIterator<Item = Column>) -> RecordBatch {
    let (mut fields, mut arrays) = (Vec::new(), Vec::new());
    for (name, array, is_nullable) in columns {
        fields.push(Field::new(name, array.data_type().clone(), is_nullable));
        arrays.push(array);
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
        .expect("all columns come from the same rows")
}
