//! The twin of `satisfaction/monthly`.

use polars::prelude::{
    ClosedInterval, DataType, Expr, JoinArgs, JoinType, LazyFrame, PolarsResult, UnionArgs,
    UniqueKeepStrategy, coalesce, col, concat, len, lit, when,
};

use crate::analysis::terms::{answer, null_of, percent, with_departments};
use crate::analysis::{Inputs, Plan};

/// Ratings of each department by month, those given by people and those given by default apart.
pub(super) fn monthly(inputs: &Inputs<'_>) -> Plan {
    let scope = inputs.text("scope").map_or_else(|| null_of(DataType::String), lit);
    let month = col("event_at").cast(DataType::Date).dt().month_start().alias("month");
    let counted = latest_ratings(inputs)?
        .filter(col("scope").eq(scope))
        .group_by([col("department"), month])
        .agg(counts());
    let double = |name: &str| col(name).cast(DataType::Float64);
    let told = || double("active") + double("default_ratings");
    let average = when(col("scored").gt(lit(0)))
        .then(double("score_sum") / double("scored"))
        .otherwise(null_of(DataType::Float64));
    let scale = when((col("n_agree") + col("n_reversed")).eq(lit(0)))
        .then(null_of(DataType::String))
        .when(col("n_reversed").gt(col("n_agree")))
        .then(lit("reversed"))
        .otherwise(lit("agrees"));
    let rows = counted.with_columns([
        (col("active") - col("scored")).alias("without_score"),
        (col("score_1") + col("score_2")).alias("negative"),
        percent(double("good"), double("scored")).alias("good_pct"),
        average.alias("average_score"),
        percent(double("default_ratings"), told()).alias("default_share_pct"),
        percent(double("default_good"), double("default_scored")).alias("default_good_pct"),
        scale.alias("scale_status"),
    ]);
    Ok(answer(
        with_departments(rows, inputs)?,
        &["month", "official_order", "department"],
        [
            "month",
            "department",
            "department_name",
            "ratings",
            "active",
            "score_5",
            "score_4",
            "score_3",
            "score_2",
            "score_1",
            "without_score",
            "negative",
            "good_pct",
            "average_score",
            "default_ratings",
            "default_share_pct",
            "default_good_pct",
            "of_unknown_channel",
            "scale_status",
            "official_order",
        ],
    ))
}

/// What is counted of the ratings of one department and month.
fn counts() -> Vec<Expr> {
    let is_given = || col("is_default").not();
    let is_default = || col("is_default");
    let score = || col("satisfaction");
    let is_good = || score().is_between(lit(3), lit(5), ClosedInterval::Both);
    // A tag begins with the score that it belongs to; 3 is the same in both directions.
    let tag = || col("eval_detail").str().head(lit(1)).cast(DataType::Int32);
    let tells = || score().neq(lit(3));
    let number = |condition: Expr, name: &str| condition.sum().cast(DataType::Int64).alias(name);
    let mut counts = vec![
        len().cast(DataType::Int64).alias("ratings"),
        number(is_given(), "active"),
        number(is_given().and(score().is_not_null()), "scored"),
        number(is_given().and(is_good()), "good"),
        score().filter(is_given()).sum().alias("score_sum"),
        number(is_default(), "default_ratings"),
        number(is_default().and(score().is_not_null()), "default_scored"),
        number(is_default().and(score().gt_eq(lit(3))), "default_good"),
        number(is_default().is_null(), "of_unknown_channel"),
        number(tells().and(tag().eq(score())), "n_agree"),
        number(tells().and(tag().eq(lit(6) - score())), "n_reversed"),
    ];
    for stars in 1..=5_i32 {
        counts.push(number(is_given().and(score().eq(lit(stars))), &format!("score_{stars}")));
    }
    counts
}

/// Every rating in the version that was pushed last, whenever it came; without those that this version
/// withdraws.
fn latest_ratings(inputs: &Inputs<'_>) -> Plan {
    let ratings = inputs.scan_arrived("evaluations")?;
    let key = [col("record_key")];
    let several = ratings
        .clone()
        .filter(is_followed_or_withdrawn())
        .select(&key)
        .unique(None, UniqueKeepStrategy::Any);
    // Most came once, and are the latest without being compared with anything.
    let single = ratings.clone().join(several.clone(), &key, &key, JoinArgs::new(JoinType::Anti));
    let versions = ratings.join(several, &key, &key, JoinArgs::new(JoinType::Semi));
    let last = last_pushed(versions, inputs.scan_arrived("pushed_again")?)?;
    let columns = COLUMNS.map(col);
    concat([single.select(&columns), last.select(&columns)], UnionArgs::default())
        .map_err(Into::into)
}

/// What is counted of a rating.
const COLUMNS: [&str; 6] =
    ["department", "scope", "event_at", "is_default", "satisfaction", "eval_detail"];

/// Whether a row says that its key has more versions than one, or ends.
fn is_followed_or_withdrawn() -> Expr {
    col("version").gt(lit(1)).or(col("operation").eq(lit("delete")))
}

/// Keeps of every key the version that was pushed last, unless it withdraws the rating. One that was
/// pushed again with nothing changed counts as of then.
fn last_pushed(versions: LazyFrame, pushed_again: LazyFrame) -> PolarsResult<LazyFrame> {
    let version = [col("record_key"), col("version")];
    let again = pushed_again
        .filter(col("kind").eq(lit("evaluations")))
        .group_by(&version)
        .agg([col("pushed_at").max()]);
    let own_push = coalesce(&[col("arrived_at"), col("received_at")]);
    let last_push =
        when(col("pushed_at").gt(own_push.clone())).then(col("pushed_at")).otherwise(own_push);
    let key = [col("record_key")];
    let is_last_push = col("pushed_at").eq(col("pushed_at").max().over(&key)?);
    let last_version = col("version").filter(col("is_last_push")).max().over(&key)?;
    let is_standing = col("is_last_push")
        .and(col("version").eq(last_version))
        .and(col("operation").neq(lit("delete")));
    Ok(versions
        .join(again, &version, &version, JoinArgs::new(JoinType::Left))
        .with_column(last_push.alias("pushed_at"))
        .with_column(is_last_push.alias("is_last_push"))
        .filter(is_standing))
}
