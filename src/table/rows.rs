//! Readings as Arrow batches, in the columns of the lake.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int32Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use chrono::{NaiveDate, NaiveDateTime};

use crate::diag::{Finding, Lang};
use crate::model::{BatchId, Observation, Origin, Release, TotalCheck};
use crate::table::schema::{LakeTable, schema_of};

/// What every row of a batch has in common.
#[derive(Debug, Clone)]
pub struct BatchFacts {
    /// The batch.
    pub batch: BatchId,
    /// The notice or issue of a form.
    pub edition: String,
    /// Name of the file.
    pub file_name: String,
    /// Who states the figures.
    pub origin: Origin,
    /// How far the figures may travel.
    pub release: Release,
    /// Day of publication.
    pub published_on: Option<NaiveDate>,
    /// When the source arrived, naive Beijing time.
    pub received_at: NaiveDateTime,
}

/// Returns observations as rows of the lake table `observations`, in the given order.
pub fn observations_batch(observations: &[&Observation], facts: &BatchFacts) -> RecordBatch {
    let n = observations.len();
    let column = |value: &dyn Fn(&Observation) -> Option<String>| -> ArrayRef {
        Arc::new(observations.iter().map(|o| value(o)).collect::<StringArray>())
    };
    let columns: Vec<ArrayRef> = vec![
        column(&|o| Some(o.indicator.clone())),
        ints(observations.iter().map(|o| Some(o.definition))),
        column(&|o| o.department.clone()),
        column(&|o| Some(o.region.clone())),
        column(&|o| o.breakdown.clone()),
        column(&|o| Some(o.accumulation.to_string())),
        dates(observations.iter().map(|o| o.period.start)),
        dates(observations.iter().map(|o| Some(o.period.end))),
        column(&|o| Some(o.period_basis.to_string())),
        doubles(observations.iter().map(|o| o.value)),
        column(&|o| o.value_text.clone()),
        column(&|o| Some(o.unit.clone())),
        column(&|o| Some(o.obs_status.to_string())),
        column(&|o| o.qualifier.map(|qualifier| qualifier.to_string())),
        same(n, facts.origin.as_str()),
        same(n, &facts.edition),
        same(n, facts.release.as_str()),
        dates(std::iter::repeat_n(facts.published_on, n)),
        times(std::iter::repeat_n(facts.received_at, n)),
        same(n, facts.batch.as_str()),
        column(&|o| Some(o.place.to_string())),
        column(&|o| o.printed.clone()),
        column(&|o| o.row_label.clone()),
        column(&|o| o.column_label.clone()),
        ints(observations.iter().map(|o| o.row_idx)),
        column(&|o| o.note.clone()),
    ];
    batch_of(LakeTable::Observations, columns)
}

/// Returns checks of totals as rows of the lake table `totals`, in the given order.
pub fn totals_batch(totals: &[&TotalCheck], facts: &BatchFacts) -> RecordBatch {
    let n = totals.len();
    let column = |value: &dyn Fn(&TotalCheck) -> String| -> ArrayRef {
        Arc::new(totals.iter().map(|t| Some(value(t))).collect::<StringArray>())
    };
    let columns: Vec<ArrayRef> = vec![
        same(n, facts.batch.as_str()),
        same(n, &facts.edition),
        column(&|t| t.table_title.clone()),
        column(&|t| t.indicator.clone()),
        ints(totals.iter().map(|t| Some(t.definition))),
        column(&|t| t.region.clone()),
        dates(totals.iter().map(|t| t.period.start)),
        dates(totals.iter().map(|t| Some(t.period.end))),
        column(&|t| t.row_label.clone()),
        column(&|t| t.printed.clone()),
        doubles(totals.iter().map(|t| t.printed_value)),
        column(&|t| t.unit.clone()),
        doubles(totals.iter().map(|t| Some(t.sum_value))),
        doubles(totals.iter().map(|t| t.difference())),
        ints(totals.iter().map(|t| i32::try_from(t.n_rows).ok())),
        Arc::new(totals.iter().map(|t| Some(t.is_reconciled)).collect::<BooleanArray>()),
        column(&|t| t.place.to_string()),
    ];
    batch_of(LakeTable::Totals, columns)
}

/// Returns findings as rows of the lake table `findings`, in the given order.
pub fn findings_batch(findings: &[Finding], facts: &BatchFacts) -> RecordBatch {
    let n = findings.len();
    let column = |value: &dyn Fn(&Finding) -> Option<String>| -> ArrayRef {
        Arc::new(findings.iter().map(value).collect::<StringArray>())
    };
    let columns: Vec<ArrayRef> = vec![
        same(n, facts.batch.as_str()),
        same(n, &facts.edition),
        column(&|f| Some(f.message.code.to_owned())),
        column(&|f| Some(f.severity.to_string())),
        same(n, &facts.file_name),
        column(&|f| Some(f.place.to_string())),
        column(&|f| f.row_label.clone()),
        column(&|f| f.column_label.clone()),
        column(&|f| f.found.clone()),
        column(&|f| f.expected.clone()),
        column(&|f| Some(f.message.text(Lang::Zh))),
        column(&|f| Some(f.message.text(Lang::En))),
        ints((0..n).map(|idx| i32::try_from(idx).ok())),
    ];
    batch_of(LakeTable::Findings, columns)
}

fn batch_of(table: LakeTable, columns: Vec<ArrayRef>) -> RecordBatch {
    RecordBatch::try_new(schema_of(table), columns)
        .expect("columns are listed in the order of the schema, required ones without nulls")
}

fn same(n: usize, text: &str) -> ArrayRef {
    Arc::new(std::iter::repeat_n(Some(text), n).collect::<StringArray>())
}

fn ints(values: impl Iterator<Item = Option<i32>>) -> ArrayRef {
    Arc::new(values.collect::<Int32Array>())
}

fn doubles(values: impl Iterator<Item = Option<f64>>) -> ArrayRef {
    Arc::new(values.collect::<Float64Array>())
}

fn dates(values: impl Iterator<Item = Option<NaiveDate>>) -> ArrayRef {
    let days = |date: NaiveDate| arrow::datatypes::Date32Type::from_naive_date(date);
    Arc::new(values.map(|date| date.map(days)).collect::<Date32Array>())
}

fn times(values: impl Iterator<Item = NaiveDateTime>) -> ArrayRef {
    let micros = |time: NaiveDateTime| time.and_utc().timestamp_micros();
    Arc::new(TimestampMicrosecondArray::from_iter_values(values.map(micros)))
}
