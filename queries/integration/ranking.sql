/*---
summary    = "Ranks of departments, provincial ones, central bodies and mass organisations apart"
summary_zh = "各部门对接排名：省级部门、中央驻青单位、群团组织分列"
reads      = ["departments", "figures_by_period"]
order      = ["region", "kind_order", "rank", "official_order", "department"]
show       = ["kind", "rank", "department_name", "value", "n_tied", "previous_rank", "rank_change", "cause"]

[params.indicator]
type    = "text"
default = "items_connected"
values  = ["items_connected", "items_on_platform", "apps_connected", "apps_connected_in_year"]
help    = "items_connected, items_on_platform, apps_connected or apps_connected_in_year"
help_zh = "items_connected（接口、单点对接事项）、items_on_platform（平台办理事项）、apps_connected（便民应用）或 apps_connected_in_year（当年便民应用）"

[params.period]
type    = "date?"
help    = "last day of the period; without it the latest that the indicator has, per region"
help_zh = "统计期末日；不给则取该指标在各地区的最近一期"

[returns]
region              = { type = "text", values = "regions" }
period_end          = "date"
indicator           = { type = "text", values = "indicators" }
kind_order          = "int"        # provincial 1, central 2, mass organisations 3, any other 4
kind                = { type = "text?", values = ["provincial", "central", "mass_organisation"] }
rank                = { type = "int?", ranked_by = "value" }  # within the kind; equal figures share it; null without a duty or a figure
n_ranked            = "bigint"     # departments of the kind that have a rank
n_tied              = { type = "bigint?", ranked_by = "value" }  # departments that share the rank, this one included
department          = { type = "text", values = "departments" }
department_name     = "text"
value               = { type = "double?", unit = "$indicator", status = "obs_status", approximate = "is_approximate" }  # 项
obs_status          = { type = "text", values = ["reported", "returned", "not_applicable", "missing", "estimated", "partly_missing", "partly_returned", "other_span", "other_definition"] }  # not_applicable: no such duty
is_approximate      = "bool"       # told with a qualifier, estimated or rounded
previous_period_end = "date?"      # null where there is no earlier period
previous_value      = { type = "double?", unit = "$indicator", approximate = "previous_is_approximate" }  # 项
previous_is_approximate = "bool"
previous_rank       = { type = "int?", ranked_by = "previous_value" }  # within the kind
previous_n_ranked   = "bigint?"    # departments of the kind that had a rank
rank_change         = { type = "int?", format = "change", ranked_by = ["value", "previous_value"] }  # places gained, negative where lost; null where `cause` says why
cause               = { type = "text?", values = ["no_figure", "no_earlier_figure", "definition_changed", "reset"] }
official_order      = "int?"

[returns_zh]
kind_order          = "省级部门1，中央驻青单位2，群团组织3，其他4"
rank                = "在同类部门中的位次，数据相同的并列；不适用或无数据的为空"
n_ranked            = "同类部门中有位次的"
n_tied              = "并列于该位次的部门，含本部门"
obs_status          = "not_applicable（不适用）：部门无此项任务"
is_approximate      = "是否为约数、估计数或取整数"
previous_period_end = "没有更早统计期的为空"
previous_rank       = "在同类部门中的位次"
previous_n_ranked   = "上期同类部门中有位次的"
rank_change         = "上升的位次，下降为负；`cause` 载明原因的为空"
---*/
WITH dated AS (
    SELECT
        figure.region,
        figure.department,
        figure.period_end,
        figure.definition,
        figure.counted_from,
        figure.value,
        figure.is_approximate,
        figure.obs_status,
        dept.name_zh,
        dept.kind,
        dept.official_order,
        dense_rank() OVER (PARTITION BY figure.region ORDER BY figure.period_end DESC) AS period_no
    FROM figures_by_period AS figure
    LEFT JOIN departments AS dept
        ON dept.department = figure.department
    WHERE figure.indicator = $indicator
        AND (CAST($period AS DATE) IS NULL OR figure.period_end <= CAST($period AS DATE))
),
-- One pass for all ranks of one kind and period; a department without a figure has none.
ranked AS (
    SELECT
        dated.region,
        dated.department,
        dated.period_end,
        dated.definition,
        dated.counted_from,
        dated.value,
        dated.is_approximate,
        dated.obs_status,
        dated.name_zh,
        dated.kind,
        dated.official_order,
        dated.period_no,
        CASE WHEN dated.value IS NOT NULL THEN rank() OVER by_value END AS rank,
        CASE
            WHEN dated.value IS NOT NULL
            THEN count(*) OVER (
                PARTITION BY dated.region, dated.period_no, dated.kind, dated.value
            )
        END AS n_tied,
        count(dated.value) OVER (PARTITION BY dated.region, dated.period_no, dated.kind) AS n_ranked
    FROM dated
    WHERE dated.period_no <= 2
    WINDOW by_value AS (
        PARTITION BY dated.region, dated.period_no, dated.kind
        ORDER BY dated.value DESC NULLS LAST
    )
),
compared AS (
    SELECT
        ranked.region,
        ranked.department,
        ranked.period_end,
        ranked.definition,
        ranked.counted_from,
        ranked.value,
        ranked.is_approximate,
        ranked.obs_status,
        ranked.name_zh,
        ranked.kind,
        ranked.official_order,
        ranked.period_no,
        ranked.rank,
        ranked.n_tied,
        ranked.n_ranked,
        max(CASE WHEN ranked.period_no = 2 THEN ranked.period_end END)
            OVER (PARTITION BY ranked.region) AS previous_end,
        max(CASE WHEN ranked.period_no = 2 THEN ranked.n_ranked END)
            OVER (PARTITION BY ranked.region, ranked.kind) AS previous_n_ranked,
        lead(ranked.value) OVER series AS previous_value,
        lead(ranked.is_approximate) OVER series AS previous_is_approximate,
        lead(ranked.rank) OVER series AS previous_rank,
        lead(ranked.definition) OVER series AS previous_definition,
        lead(ranked.counted_from) OVER series AS previous_counted_from
    FROM ranked
    WINDOW series AS (PARTITION BY ranked.region, ranked.department ORDER BY ranked.period_no)
),
judged AS (
    SELECT
        compared.region,
        compared.department,
        compared.period_end,
        compared.value,
        compared.is_approximate,
        compared.obs_status,
        compared.name_zh,
        compared.kind,
        compared.official_order,
        compared.rank,
        compared.n_tied,
        compared.n_ranked,
        compared.previous_end,
        compared.previous_n_ranked,
        compared.previous_value,
        compared.previous_is_approximate,
        compared.previous_rank,
        CASE
            WHEN compared.value IS NULL THEN 'no_figure'
            WHEN compared.previous_value IS NULL THEN 'no_earlier_figure'
            WHEN compared.previous_definition <> compared.definition THEN 'definition_changed'
            WHEN compared.previous_counted_from <> compared.counted_from THEN 'reset'
        END AS cause
    FROM compared
    WHERE compared.period_no = 1
        AND (CAST($period AS DATE) IS NULL OR compared.period_end = CAST($period AS DATE))
)
SELECT
    judged.region,
    judged.period_end,
    CAST($indicator AS STRING) AS indicator,
    CASE judged.kind
        WHEN 'provincial' THEN 1
        WHEN 'central' THEN 2
        WHEN 'mass_organisation' THEN 3
        ELSE 4
    END AS kind_order,
    judged.kind,
    CAST(judged.rank AS INT) AS rank,
    CAST(judged.n_ranked AS BIGINT) AS n_ranked,
    CAST(judged.n_tied AS BIGINT) AS n_tied,
    judged.department,
    coalesce(judged.name_zh, judged.department) AS department_name,
    judged.value,
    judged.obs_status,
    judged.is_approximate,
    judged.previous_end AS previous_period_end,
    judged.previous_value,
    coalesce(judged.previous_is_approximate, false) AS previous_is_approximate,
    CAST(judged.previous_rank AS INT) AS previous_rank,
    CAST(judged.previous_n_ranked AS BIGINT) AS previous_n_ranked,
    CAST(CASE WHEN judged.cause IS NULL THEN judged.previous_rank - judged.rank END AS INT) AS rank_change,
    judged.cause,
    judged.official_order
FROM judged
ORDER BY
    judged.region,
    kind_order,
    judged.rank NULLS LAST,
    judged.official_order NULLS LAST,
    judged.department;
