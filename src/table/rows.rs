//! Readings as Arrow batches, in the columns of the lake.

use std::ops::Range;

use arrow::array::{ArrayRef, RecordBatch};
use chrono::{NaiveDate, NaiveDateTime};

use crate::diag::{Finding, Lang};
use crate::model::{BatchId, Observation, Origin, Qualifier, Release, TotalCheck};
use crate::table::columns::{bools, dates, doubles, ints, texts, times, written};
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
    let each = || observations.iter();
    let columns: Vec<ArrayRef> = vec![
        texts(each().map(|o| Some(&*o.indicator))),
        ints(each().map(|o| Some(o.definition))),
        texts(each().map(|o| o.department.as_deref())),
        texts(each().map(|o| Some(&*o.region))),
        texts(each().map(|o| o.breakdown.as_deref())),
        texts(each().map(|o| Some(o.accumulation.as_str()))),
        dates(each().map(|o| o.period.start)),
        dates(each().map(|o| Some(o.period.end))),
        texts(each().map(|o| Some(o.period_basis.as_str()))),
        doubles(each().map(|o| o.value)),
        texts(each().map(|o| o.value_text.as_deref())),
        texts(each().map(|o| Some(&*o.unit))),
        texts(each().map(|o| Some(o.obs_status.as_str()))),
        texts(each().map(|o| o.qualifier.map(Qualifier::as_str))),
        same(n, facts.origin.as_str()),
        same(n, &facts.edition),
        same(n, facts.release.as_str()),
        dates(std::iter::repeat_n(facts.published_on, n)),
        times(std::iter::repeat_n(Some(facts.received_at), n)),
        same(n, facts.batch.as_str()),
        written(each().map(|o| o.place)),
        texts(each().map(|o| o.printed.as_deref())),
        texts(each().map(|o| o.row_label.as_deref())),
        texts(each().map(|o| o.column_label.as_deref())),
        ints(each().map(|o| o.row_idx)),
        texts(each().map(|o| o.note.as_deref())),
    ];
    batch_of(LakeTable::Observations, columns)
}

/// Returns checks of totals as rows of the lake table `totals`, in the given order.
pub fn totals_batch(totals: &[&TotalCheck], facts: &BatchFacts) -> RecordBatch {
    let n = totals.len();
    let each = || totals.iter();
    let columns: Vec<ArrayRef> = vec![
        same(n, facts.batch.as_str()),
        same(n, &facts.edition),
        texts(each().map(|t| Some(&*t.table_title))),
        texts(each().map(|t| Some(&*t.indicator))),
        ints(each().map(|t| Some(t.definition))),
        texts(each().map(|t| Some(&*t.region))),
        dates(each().map(|t| t.period.start)),
        dates(each().map(|t| Some(t.period.end))),
        texts(each().map(|t| Some(&*t.row_label))),
        texts(each().map(|t| Some(&*t.printed))),
        doubles(each().map(|t| t.printed_value)),
        texts(each().map(|t| Some(&*t.unit))),
        doubles(each().map(|t| Some(t.sum_value))),
        doubles(each().map(|t| t.difference())),
        ints(each().map(|t| i32::try_from(t.n_rows).ok())),
        bools(each().map(|t| t.is_reconciled)),
        written(each().map(|t| t.place)),
    ];
    batch_of(LakeTable::Totals, columns)
}

/// Returns findings of a range as rows of the lake table `findings`, numbered among all of them.
pub fn findings_batch(findings: &[Finding], rows: Range<usize>, facts: &BatchFacts) -> RecordBatch {
    let n = rows.len();
    let each = || findings[rows.clone()].iter();
    let columns: Vec<ArrayRef> = vec![
        same(n, facts.batch.as_str()),
        same(n, &facts.edition),
        texts(each().map(|f| Some(f.message.code))),
        texts(each().map(|f| Some(f.severity.as_str()))),
        same(n, &facts.file_name),
        written(each().map(|f| f.place)),
        texts(each().map(|f| f.row_label.as_deref())),
        texts(each().map(|f| f.column_label.as_deref())),
        texts(each().map(|f| f.found.as_deref())),
        texts(each().map(|f| f.expected.as_deref())),
        written(each().map(|f| f.message.text(Lang::Zh))),
        written(each().map(|f| f.message.text(Lang::En))),
        ints(rows.clone().map(|idx| i32::try_from(idx).ok())),
    ];
    batch_of(LakeTable::Findings, columns)
}

fn batch_of(table: LakeTable, columns: Vec<ArrayRef>) -> RecordBatch {
    RecordBatch::try_new(schema_of(table), columns)
        .expect("columns are listed in the order of the schema, required ones without nulls")
}

fn same(n: usize, text: &str) -> ArrayRef {
    texts(std::iter::repeat_n(Some(text), n))
}
