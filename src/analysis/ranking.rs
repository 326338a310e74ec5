//! The twin of `integration/ranking`.

use polars::prelude::{DataType, Expr, JoinArgs, JoinType, col, lit, when};

use crate::analysis::compared::{
    beside, periods, rank_change, ranked_by_kind, rows_of, why_not_compared,
};
use crate::analysis::terms::{answer, null_of};
use crate::analysis::{Inputs, Plan};

/// The kinds of departments in the order in which they are listed, from 1; any other comes last.
const KINDS: [&str; 3] = ["provincial", "central", "mass_organisation"];

/// Ranks of departments, provincial ones, central bodies and mass organisations apart.
pub(super) fn ranking(inputs: &Inputs<'_>) -> Plan {
    let indicator = inputs.text("indicator").unwrap_or_default();
    let peers = ["region", "period_end", "kind"].map(col);
    let peers_with_value = ["region", "period_end", "kind", "value"].map(col);
    let number = |count: Expr| count.cast(DataType::Int64);
    let n_tied = when(col("value").is_not_null())
        .then(number(col("value").count().over(peers_with_value)?))
        .otherwise(null_of(DataType::Int64));
    let rows = ranked_by_kind(periods(inputs, indicator)?, inputs)?.with_columns([
        number(col("value").count().over(peers)?).alias("n_ranked"),
        n_tied.alias("n_tied"),
    ]);
    let previous = [
        ("value", "previous_value"),
        ("is_approximate", "previous_is_approximate"),
        ("rank", "previous_rank"),
        ("definition", "previous_definition"),
        ("counted_from", "previous_counted_from"),
    ];
    let previous = rows_of(&rows, "previous_end", &previous);
    let kind = ["region", "kind"].map(col);
    let previous_kinds = rows
        .clone()
        .filter(col("period_end").eq(col("previous_end")))
        .group_by(&kind)
        .agg([col("n_ranked").max().alias("previous_n_ranked")]);
    let same_kind = JoinArgs { nulls_equal: true, ..JoinArgs::new(JoinType::Left) };
    let mut kind_order = lit(4_i32);
    for (name, place) in KINDS.iter().zip(1_i32..) {
        kind_order = when(col("kind").eq(lit(*name))).then(lit(place)).otherwise(kind_order);
    }
    let current = rows.filter(col("period_end").eq(col("current_end")));
    let rows = beside(current, previous)
        .join(previous_kinds, &kind, &kind, same_kind)
        .with_columns([
            lit(indicator).alias("indicator"),
            kind_order.cast(DataType::Int32).alias("kind_order"),
            col("previous_end").alias("previous_period_end"),
            why_not_compared().alias("cause"),
            col("previous_is_approximate").fill_null(lit(false)),
        ])
        .with_column(rank_change().alias("rank_change"));
    Ok(answer(
        rows,
        &["region", "kind_order", "rank", "official_order", "department"],
        [
            "region",
            "period_end",
            "indicator",
            "kind_order",
            "kind",
            "rank",
            "n_ranked",
            "n_tied",
            "department",
            "department_name",
            "value",
            "obs_status",
            "is_approximate",
            "previous_period_end",
            "previous_value",
            "previous_is_approximate",
            "previous_rank",
            "previous_n_ranked",
            "rank_change",
            "cause",
            "official_order",
        ],
    ))
}
