/*---
summary    = "What each department has connected, against the period before and the year before"
summary_zh = "各部门对接进展：本期、上期、去年同期及变动"
reads      = ["departments", "figures_by_period"]
order      = ["region", "official_order", "department"]
show       = ["department_name", "value", "previous_value", "change", "change_pct", "year_before_change", "share_pct", "rank", "rank_change"]

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
region                  = "text"
period_end              = "date"
indicator               = "text"
department              = "text"
department_name         = "text"
kind                    = "text?"      # provincial, central, mass_organisation
value                   = "double?"    # 项; null where the period has none, see `obs_status`
obs_status              = "text?"      # null: the department is not in the table of the period
share_pct               = "double?"    # percent of the column; null where it adds up to 0
rank                    = "int?"       # within its kind, equal figures share it; null without a figure
previous_period_end     = "date?"      # null where there is no earlier period
previous_value          = "double?"    # 项
change                  = "double?"    # 项, on the period before; null where `cause` says why
change_pct              = "double?"    # percent; null where the period before has 0
previous_rank           = "int?"       # within its kind
rank_change             = "int?"       # places gained, negative where lost
cause                   = "text?"      # why no change: not_in_period, no_figure, no_earlier_figure, definition_changed, reset
year_before_period_end  = "date?"      # the last of the same month of the year before; null where it has none
year_before_value       = "double?"    # 项
year_before_change      = "double?"    # 项; null also across definitions
year_before_change_pct  = "double?"    # percent; null where the year before has 0
official_order          = "int?"
---*/
WITH cells AS (
    SELECT
        figure.region,
        figure.department,
        figure.period_end,
        figure.definition,
        figure.counted_from,
        figure.value,
        figure.obs_status
    FROM figures_by_period AS figure
    WHERE figure.indicator = $indicator
        AND (CAST($period AS DATE) IS NULL OR figure.period_end <= CAST($period AS DATE))
),
latest AS (
    SELECT
        cells.region,
        max(cells.period_end) AS current_end
    FROM cells
    GROUP BY cells.region
    HAVING CAST($period AS DATE) IS NULL OR max(cells.period_end) = CAST($period AS DATE)
),
dated AS (
    SELECT
        cells.region,
        cells.department,
        cells.period_end,
        cells.definition,
        cells.counted_from,
        cells.value,
        cells.obs_status,
        latest.current_end,
        max(CASE WHEN cells.period_end < latest.current_end THEN cells.period_end END)
            OVER (PARTITION BY cells.region) AS previous_end,
        max(CASE
            WHEN year(cells.period_end) = year(latest.current_end) - 1
                AND month(cells.period_end) = month(latest.current_end)
            THEN cells.period_end
        END) OVER (PARTITION BY cells.region) AS year_before_end
    FROM cells
    JOIN latest
        ON latest.region = cells.region
),
ranked AS (
    SELECT
        dated.region,
        dated.department,
        dept.name_zh,
        dept.kind,
        dept.official_order,
        dated.period_end,
        dated.definition,
        dated.counted_from,
        dated.value,
        dated.obs_status,
        dated.current_end,
        dated.previous_end,
        dated.year_before_end,
        sum(dated.value) OVER (PARTITION BY dated.region, dated.period_end) AS total,
        CASE
            WHEN dated.value IS NOT NULL
            THEN rank() OVER (
                PARTITION BY dated.region, dated.period_end, dept.kind
                ORDER BY dated.value DESC NULLS LAST
            )
        END AS rank
    FROM dated
    LEFT JOIN departments AS dept
        ON dept.department = dated.department
    WHERE dated.period_end IN (dated.current_end, dated.previous_end, dated.year_before_end)
),
-- One row of a department: its cell of each of the three periods.
compared AS (
    SELECT
        ranked.region,
        ranked.department,
        ranked.name_zh,
        ranked.kind,
        ranked.official_order,
        ranked.current_end,
        ranked.previous_end,
        ranked.year_before_end,
        max(CASE WHEN ranked.period_end = ranked.current_end THEN ranked.value END) AS value,
        max(CASE WHEN ranked.period_end = ranked.current_end THEN ranked.obs_status END) AS obs_status,
        max(CASE WHEN ranked.period_end = ranked.current_end THEN ranked.total END) AS total,
        max(CASE WHEN ranked.period_end = ranked.current_end THEN ranked.rank END) AS rank,
        max(CASE WHEN ranked.period_end = ranked.current_end THEN ranked.definition END) AS definition,
        max(CASE WHEN ranked.period_end = ranked.current_end THEN ranked.counted_from END) AS counted_from,
        max(CASE WHEN ranked.period_end = ranked.previous_end THEN ranked.value END) AS previous_value,
        max(CASE WHEN ranked.period_end = ranked.previous_end THEN ranked.rank END) AS previous_rank,
        max(CASE WHEN ranked.period_end = ranked.previous_end THEN ranked.definition END)
            AS previous_definition,
        max(CASE WHEN ranked.period_end = ranked.previous_end THEN ranked.counted_from END)
            AS previous_counted_from,
        max(CASE WHEN ranked.period_end = ranked.year_before_end THEN ranked.value END)
            AS year_before_value,
        max(CASE WHEN ranked.period_end = ranked.year_before_end THEN ranked.definition END)
            AS year_before_definition
    FROM ranked
    GROUP BY
        ranked.region, ranked.department, ranked.name_zh, ranked.kind, ranked.official_order,
        ranked.current_end, ranked.previous_end, ranked.year_before_end
),
judged AS (
    SELECT
        compared.region,
        compared.department,
        compared.name_zh,
        compared.kind,
        compared.official_order,
        compared.current_end,
        compared.previous_end,
        compared.year_before_end,
        compared.value,
        compared.obs_status,
        compared.total,
        compared.rank,
        compared.previous_value,
        compared.previous_rank,
        compared.year_before_value,
        CASE
            WHEN compared.obs_status IS NULL THEN 'not_in_period'
            WHEN compared.value IS NULL THEN 'no_figure'
            WHEN compared.previous_value IS NULL THEN 'no_earlier_figure'
            WHEN compared.previous_definition <> compared.definition THEN 'definition_changed'
            -- What is counted from another day on began at 0 again.
            WHEN compared.previous_counted_from <> compared.counted_from THEN 'reset'
        END AS cause,
        CASE WHEN compared.year_before_definition = compared.definition THEN compared.year_before_value END
            AS like_value
    FROM compared
    -- Of a department that was in the table a year ago alone there is nothing to say.
    WHERE compared.obs_status IS NOT NULL
        OR compared.previous_definition IS NOT NULL
)
SELECT
    judged.region,
    judged.current_end AS period_end,
    CAST($indicator AS STRING) AS indicator,
    judged.department,
    coalesce(judged.name_zh, judged.department) AS department_name,
    judged.kind,
    judged.value,
    judged.obs_status,
    100 * judged.value / nullif(judged.total, 0) AS share_pct,
    CAST(judged.rank AS INT) AS rank,
    judged.previous_end AS previous_period_end,
    judged.previous_value,
    CASE WHEN judged.cause IS NULL THEN judged.value - judged.previous_value END AS change,
    CASE
        WHEN judged.cause IS NULL
        THEN 100 * (judged.value - judged.previous_value) / nullif(judged.previous_value, 0)
    END AS change_pct,
    CAST(judged.previous_rank AS INT) AS previous_rank,
    CAST(CASE WHEN judged.cause IS NULL THEN judged.previous_rank - judged.rank END AS INT) AS rank_change,
    judged.cause,
    judged.year_before_end AS year_before_period_end,
    judged.year_before_value,
    judged.value - judged.like_value AS year_before_change,
    100 * (judged.value - judged.like_value) / nullif(judged.like_value, 0) AS year_before_change_pct,
    judged.official_order
FROM judged
ORDER BY
    judged.region,
    judged.official_order NULLS LAST,
    judged.department;
