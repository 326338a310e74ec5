//! Asking: every question once, on both engines where there is a second way to its answer.

use std::collections::BTreeMap;

use arrow::array::{ArrayRef, RecordBatch};

use crate::analysis::{CORE_QUERIES, CrossCheck, cross_check, has_twin, run_twin};
use crate::fsio::hash_hex;
use crate::query::{Catalogue, ParamValue, Query, QueryOrigin, bind};
use crate::report::ReportError;
use crate::report::cells::value_at;
use crate::report::content::{Asked, QuestionAsked, QuestionCheck, Value};
use crate::report::make::Sources;

/// The answer of a question: its rows in order, as one batch.
#[derive(Debug, Clone)]
pub(super) struct Answer<'a> {
    /// The question with its values.
    pub(super) asked: Asked,
    /// The query.
    pub(super) query: &'a Query,
    /// The rows.
    pub(super) rows: RecordBatch,
}

impl Answer<'_> {
    /// Returns a column.
    pub(super) fn column(&self, name: &str) -> Option<&ArrayRef> {
        self.rows.column_by_name(name)
    }

    /// Returns the value of a cell; nothing where the column is not there.
    pub(super) fn value(&self, column: &str, row: usize) -> Value {
        self.column(column).map_or(Value::Missing, |values| value_at(values.as_ref(), row))
    }

    /// Returns the positions of the rows whose cells are as wanted.
    pub(super) fn rows_where(&self, wanted: &[(String, String)]) -> Vec<usize> {
        let is_as_wanted = |row: &usize| {
            wanted.iter().all(|(column, text)| match self.value(column, *row) {
                Value::Missing => text.is_empty(),
                value => value.exact_text() == *text,
            })
        };
        (0..self.rows.num_rows()).filter(is_as_wanted).collect()
    }
}

/// Asks the questions of one report.
pub(super) struct Asker<'a> {
    sources: &'a Sources<'a>,
    answers: BTreeMap<Asked, RecordBatch>,
    asked: Vec<QuestionAsked>,
}

impl<'a> Asker<'a> {
    /// Begins to ask.
    pub(super) fn new(sources: &'a Sources<'a>) -> Self {
        Self { sources, answers: BTreeMap::new(), asked: Vec::new() }
    }

    /// Returns what is asked.
    pub(super) fn sources(&self) -> &'a Sources<'a> {
        self.sources
    }

    /// Answers a question.
    ///
    /// Fails where engines differ, and where a question that leaders are answered with has only one way
    /// to its answer.
    pub(super) fn ask(
        &mut self,
        id: &str,
        given: &[(String, String)],
    ) -> Result<Answer<'a>, ReportError> {
        let query = self.sources.catalogue.get(id).map_err(ReportError::Query)?;
        let params = bind(query, given).map_err(ReportError::Query)?;
        let asked = Asked { query: query.id.clone(), params: in_head_order(query, &params) };
        if let Some(rows) = self.answers.get(&asked) {
            return Ok(Answer { asked, query, rows: rows.clone() });
        }
        let answer = self.sources.duckdb.run(query, &params).map_err(ReportError::Engine)?;
        let check = if is_checkable(self.sources.catalogue, query) {
            let twin = run_twin(self.sources.polars, &query.id, &params);
            let twin = twin.map_err(ReportError::Engine)?;
            match cross_check(&answer, &twin).map_err(ReportError::Rows)? {
                CrossCheck::Different(cells) => {
                    return Err(ReportError::EnginesDiffer { query: query.id.clone(), cells });
                }
                CrossCheck::Equal => QuestionCheck::Equal,
                CrossCheck::NoTwin => QuestionCheck::Unchecked,
            }
        } else if is_core(self.sources.catalogue, query) {
            return Err(ReportError::CoreUnchecked { query: query.id.clone() });
        } else {
            QuestionCheck::Unchecked
        };
        let rows = answer.to_batch().map_err(ReportError::Rows)?;
        self.asked.push(QuestionAsked {
            asked: asked.clone(),
            query_hash: hash_hex(query.sql.as_bytes()),
            n_rows: rows.num_rows(),
            check,
        });
        self.answers.insert(asked.clone(), rows.clone());
        Ok(Answer { asked, query, rows })
    }

    /// Answers a question that only tells what to ask next: it is no part of the report, and what is asked
    /// next confirms it.
    pub(super) fn look_up(
        &self,
        id: &str,
        given: &[(String, String)],
    ) -> Result<Answer<'a>, ReportError> {
        let query = self.sources.catalogue.get(id).map_err(ReportError::Query)?;
        let params = bind(query, given).map_err(ReportError::Query)?;
        let asked = Asked { query: query.id.clone(), params: in_head_order(query, &params) };
        let answer = self.sources.duckdb.run(query, &params).map_err(ReportError::Engine)?;
        Ok(Answer { asked, query, rows: answer.to_batch().map_err(ReportError::Rows)? })
    }

    /// Whether only one engine answered a question.
    pub(super) fn is_unchecked(&self, asked: &Asked) -> bool {
        let found = self.asked.iter().find(|question| question.asked == *asked);
        found.is_some_and(|question| question.check == QuestionCheck::Unchecked)
    }

    /// Returns what was asked, in order.
    pub(super) fn into_asked(self) -> Vec<QuestionAsked> {
        self.asked
    }
}

/// Values that were given or have a default, in the order of the head.
fn in_head_order(query: &Query, params: &BTreeMap<String, ParamValue>) -> Vec<(String, String)> {
    let value = |name: &String| match params.get(name) {
        None | Some(ParamValue::Null(_)) => None,
        Some(value) => Some((name.clone(), value.to_string())),
    };
    query.head.params.iter().filter_map(|param| value(&param.name)).collect()
}

/// Whether a question and the views that it reads are those that come with the program: a twin knows of
/// no others.
fn is_as_shipped(catalogue: &Catalogue, query: &Query) -> bool {
    let is_ours = |query: &Query| query.origin == QueryOrigin::Builtin;
    is_ours(query) && catalogue.views_for(query).into_iter().all(is_ours)
}

fn is_checkable(catalogue: &Catalogue, query: &Query) -> bool {
    has_twin(&query.id) && is_as_shipped(catalogue, query)
}

/// What a workspace put in the place of a core question is its own affair.
fn is_core(catalogue: &Catalogue, query: &Query) -> bool {
    CORE_QUERIES.contains(&query.id.as_str()) && is_as_shipped(catalogue, query)
}
