//! What notes of documents say of figures: counted otherwise than before, or holding data that came late.

use polars::prelude::{
    Expr, JoinArgs, JoinType, LazyFrame, SortMultipleOptions, UnionArgs, UniqueKeepStrategy,
    coalesce, col, concat, lit, when,
};

use crate::analysis::latest::observations_latest;
use crate::analysis::{Inputs, Plan};

/// Whom a figure is about.
const BODY: [&str; 3] = ["region", "department", "breakdown"];
/// What is told of a figure with a note.
const NOTED: [&str; 7] =
    ["region", "department", "breakdown", "accumulation", "first_day", "noted_end", "found"];

/// Returns the figures under whose table a note says that figures are counted otherwise than before: whose
/// they are, `accumulation`, `first_day` from which they count, `noted_end`, and what it says, `found`.
pub(super) fn recounted(inputs: &Inputs<'_>, indicator: &str) -> Plan {
    let table_no = || col("place").str().extract(lit("table=([0-9]+)"), 1).alias("table_no");
    let table = ["batch", "table_no"].map(col);
    let sentences = inputs
        .scan("findings")?
        .filter(col("code").eq(lit("note.definition_changed")))
        .select([col("batch"), table_no(), col("found")]);
    Ok(figures(inputs, indicator)?
        .with_column(table_no())
        .join(sentences, &table, &table, JoinArgs::new(JoinType::Inner))
        .select(NOTED.map(col)))
}

/// Returns the figures of which a note says that data of earlier times came in late, or once more, with the
/// same columns.
pub(super) fn resubmitted(inputs: &Inputs<'_>, indicator: &str) -> Plan {
    let batch = [col("batch")];
    let sentences = inputs
        .scan("findings")?
        .filter(col("code").eq(lit("note.resubmitted")))
        .select([col("batch"), col("found")]);
    Ok(figures(inputs, indicator)?
        .filter(col("note").is_not_null())
        .join(sentences, &batch, &batch, JoinArgs::new(JoinType::Inner))
        .filter(col("note").str().contains_literal(col("found")))
        .select(NOTED.map(col)))
}

/// The latest figures of an indicator, with the first day from which each counts; null since launch.
fn figures(inputs: &Inputs<'_>, indicator: &str) -> Plan {
    let january = col("period_end").dt().truncate(lit("1y"));
    let is_year_to_date = col("accumulation").eq(lit("year_to_date"));
    let first_day = when(is_year_to_date)
        .then(coalesce(&[col("period_start"), january]))
        .otherwise(col("period_start"));
    let figures = observations_latest(inputs, col("indicator").eq(lit(indicator)))?;
    Ok(figures.with_columns([first_day.alias("first_day"), col("period_end").alias("noted_end")]))
}

/// Returns what notes say of each figure that makes a flow doubtful: `doubt`, resubmitted, or recounted for
/// the first figure with its note, where that is about its department.
pub(super) fn doubts(inputs: &Inputs<'_>, indicator: &str) -> Plan {
    let late = resubmitted(inputs, indicator)?.with_column(lit("resubmitted").alias("doubt"));
    let in_time = SortMultipleOptions::default();
    let mut once = BODY.map(col).to_vec();
    once.push(col("found"));
    let first = about_whom_it_names(recounted(inputs, indicator)?, inputs)?
        .sort_by_exprs(["noted_end", "first_day", "accumulation"].map(col), in_time)
        .unique_stable_generic(Some(once), UniqueKeepStrategy::First)
        .with_column(lit("recounted").alias("doubt"));
    let columns = NOTED.iter().chain(&["doubt"]).map(|name| col(*name)).collect::<Vec<_>>();
    Ok(concat([late.select(columns.clone()), first.select(columns)], UnionArgs::default())?)
}

/// Keeps of what is said of departments what is said of these, or of nobody by name.
fn about_whom_it_names(noted: LazyFrame, inputs: &Inputs<'_>) -> Plan {
    let names = inputs
        .scan("departments")?
        .select([col("department").alias("named"), col("name_zh").alias("name")]);
    let sentence = [col("found")];
    let naming = noted
        .clone()
        .select(&sentence)
        .unique_generic(None, UniqueKeepStrategy::Any)
        .cross_join(names, None)
        .filter(col("found").str().contains_literal(col("name")))
        .select([col("found"), col("named")]);
    let own = [col("found"), col("department")];
    let as_own = [col("found"), col("named")];
    let about = noted.clone().join(naming.clone(), &own, &as_own, JoinArgs::new(JoinType::Semi));
    let nobody = noted.join(naming, &sentence, &sentence, JoinArgs::new(JoinType::Anti));
    Ok(concat([about, nobody], UnionArgs::default())?)
}

/// Whether a time has two ways of counting in it where the first figure with the new one ends within it: one
/// that began before it, or one of several that fill it.
pub(super) fn is_mixed(start: &str) -> Expr {
    when(col("accumulation").eq(lit("period")))
        .then(col("first_day").gt(col(start)).fill_null(lit(false)))
        .otherwise(col("first_day").lt(col(start)).fill_null(lit(true)))
}

/// Adds to flows without another cause what notes say of the figures within them.
pub(super) fn with_doubts(flows: LazyFrame, doubts: LazyFrame) -> LazyFrame {
    const SPAN: [&str; 5] = ["region", "department", "breakdown", "period_start", "period_end"];
    let same = |how: JoinType| JoinArgs { nulls_equal: true, ..JoinArgs::new(how) };
    let [body, span] = [BODY.map(col).to_vec(), SPAN.map(col).to_vec()];
    let is_within =
        col("noted_end").gt_eq(col("period_start")).and(col("noted_end").lt_eq(col("period_end")));
    let is_meant = col("doubt").eq(lit("resubmitted")).or(is_mixed("period_start"));
    let doubted = flows
        .clone()
        .select(&span)
        .unique_generic(None, UniqueKeepStrategy::Any)
        .join(doubts, &body, &body, same(JoinType::Inner))
        .filter(is_within.and(is_meant))
        .group_by(&span)
        .agg([col("doubt").min()]);
    let is_told = col("cause").is_null().and(col("value").is_not_null());
    flows
        .join(doubted, &span, &span, same(JoinType::Left))
        .with_column(when(is_told).then(col("doubt")).otherwise(col("cause")).alias("cause"))
}
