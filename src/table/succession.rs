//! Resolved successions, and when departments existed, as Arrow batches.

use arrow::array::{ArrayRef, RecordBatch};

use crate::refdata::{DepartmentSpan, Obstacle, RecordedDate, Successor};
use crate::table::columns::{Column, batch_of_columns, bools, dates, ints, texts};

/// Returns the table `department_successors`: every department that has or is a successor, with the
/// one under which its figures are compared.
pub fn department_successors_batch(successors: &[Successor]) -> RecordBatch {
    let regions = texts(successors.iter().map(|known| Some(known.region.as_str())));
    let bodies = texts(successors.iter().map(|known| Some(known.body.as_str())));
    let keys = vec![("region", regions, false), ("department", bodies, false)];
    batch_of_columns(keys.into_iter().chain(chain_columns(successors)))
}

/// Returns the table `region_successors`: every region that has or is a successor, with the one
/// under which its figures are compared.
pub fn region_successors_batch(successors: &[Successor]) -> RecordBatch {
    let regions = texts(successors.iter().map(|known| Some(known.body.as_str())));
    batch_of_columns(std::iter::once(("region", regions, false)).chain(chain_columns(successors)))
}

fn chain_columns(successors: &[Successor]) -> Vec<Column> {
    let each = || successors.iter();
    vec![
        ("successor", texts(each().map(|known| Some(known.successor.as_str()))), false),
        ("n_steps", ints(each().map(|known| Some(known.n_steps))), false),
        ("is_sole", bools(each().map(|known| known.is_sole)), false),
        ("obstacle", texts(each().map(|known| known.obstacle.map(Obstacle::as_str))), true),
    ]
}

/// Returns the table `department_spans`: the first and the last day on which a department may have
/// existed, with the year or date as recorded, where it is recorded and how sure it is.
pub fn department_spans_batch(spans: &[DepartmentSpan]) -> RecordBatch {
    let each = || spans.iter();
    let from = |text: fn(&RecordedDate) -> &str| -> ArrayRef {
        texts(each().map(|span| span.from.as_ref().map(text)))
    };
    let to = |text: fn(&RecordedDate) -> &str| -> ArrayRef {
        texts(each().map(|span| span.to.as_ref().map(text)))
    };
    let first = |span: &DepartmentSpan| span.from.as_ref().map(|date| date.first);
    let last = |span: &DepartmentSpan| span.to.as_ref().map(|date| date.last);
    batch_of_columns([
        ("region", texts(each().map(|span| Some(span.region.as_str()))), false),
        ("department", texts(each().map(|span| Some(span.department.as_str()))), false),
        ("first_day", dates(each().map(first)), true),
        ("valid_from", from(|date| &date.text), true),
        ("from_source", from(|date| date.source.as_str()), true),
        ("from_confidence", from(|date| &date.confidence), true),
        ("last_day", dates(each().map(last)), true),
        ("valid_to", to(|date| &date.text), true),
        ("to_source", to(|date| date.source.as_str()), true),
        ("to_confidence", to(|date| &date.confidence), true),
    ])
}
