/*---
summary    = "What each department contributed to the change of the total, with and without the largest"
summary_zh = "各部门对总量变动的贡献率，含与不含变动最大的部门"
reads      = ["cells_by_period", "departments"]
order      = ["region", "position", "official_order", "department"]
show       = ["position", "department_name", "change", "contribution_pct", "contribution_without_largest_pct", "growth_points", "total_change", "cause"]

[params.indicator]
type    = "text"
default = "cases_aggregated"
help    = "indicator id, as cases_aggregated; not one of rates"
help_zh = "指标代码，如 cases_aggregated；不用于比率"

[params.base]
type    = "text"
default = "previous"
values  = ["previous", "year_before"]
help    = "previous (the period before) or year_before (the same month of the year before)"
help_zh = "previous（与上期比）或 year_before（与去年同月比）"

[params.period]
type    = "date?"
help    = "last day of the period; without it the latest that the indicator has, per region"
help_zh = "统计期末日；不给则取该指标在各地区的最近一期"

[returns]
region                           = "text"
period_end                       = "date"
base_period_end                  = "date?"     # null where there is none to compare with
indicator                        = "text"
position                         = "int?"      # by the size of the change, up or down; null where there is none
department                       = "text"
department_name                  = "text"
kind                             = "text?"     # provincial, central, mass_organisation
value                            = "double?"   # in the unit of the indicator
base_value                       = "double?"   # in the unit of the indicator
change                           = "double?"   # null where `cause` says why
cause                            = "text?"     # not_in_period, no_figure, returned, no_earlier_figure, definition_changed, reset
is_largest                       = "bool"      # the largest change, up or down
is_revised_down                  = "bool"      # a figure that adds up over time is lower than before: a revision
contribution_pct                 = "double?"   # percent of the total's change; null where that is 0
contribution_without_largest_pct = "double?"   # percent of what the others changed together; null for the largest and where that is 0
growth_points                    = "double?"   # percentage points of the total's growth; null where the base is 0
total_change                     = "double?"   # of the departments that are compared
total_change_without_largest     = "double?"
total_growth_pct                 = "double?"   # percent of their base; null where that is 0
n_compared                       = "bigint"    # departments with a change
n_departments                    = "bigint"    # departments that stand in one of the two periods
official_order                   = "int?"
---*/
WITH cells AS (
    SELECT
        cell.region,
        cell.department,
        cell.period_end,
        cell.definition,
        CASE
            WHEN cell.accumulation = 'point' THEN NULL
            WHEN cell.accumulation = 'year_to_date'
            THEN coalesce(cell.period_start, CAST(date_trunc('year', cell.period_end) AS DATE))
            ELSE cell.period_start
        END AS counted_from,
        cell.accumulation,
        cell.value,
        cell.obs_status
    FROM cells_by_period AS cell
    WHERE cell.indicator = $indicator
        AND (CAST($period AS DATE) IS NULL OR cell.period_end <= CAST($period AS DATE))
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
        cells.accumulation,
        cells.value,
        cells.obs_status,
        latest.current_end,
        max(CASE
            WHEN cells.period_end < latest.current_end
                AND (
                    $base = 'previous'
                    OR (
                        year(cells.period_end) = year(latest.current_end) - 1
                        AND month(cells.period_end) = month(latest.current_end)
                    )
                )
            THEN cells.period_end
        END) OVER (PARTITION BY cells.region) AS base_end
    FROM cells
    JOIN latest
        ON latest.region = cells.region
),
pairs AS (
    SELECT
        dated.region,
        dated.department,
        dated.current_end,
        dated.base_end,
        max(CASE WHEN dated.period_end = dated.current_end THEN dated.value END) AS value,
        max(CASE WHEN dated.period_end = dated.current_end THEN dated.obs_status END) AS obs_status,
        max(CASE WHEN dated.period_end = dated.current_end THEN dated.definition END) AS definition,
        max(CASE WHEN dated.period_end = dated.current_end THEN dated.counted_from END) AS counted_from,
        max(CASE WHEN dated.period_end = dated.current_end THEN dated.accumulation END) AS accumulation,
        max(CASE WHEN dated.period_end = dated.base_end THEN dated.value END) AS base_value,
        max(CASE WHEN dated.period_end = dated.base_end THEN dated.obs_status END) AS base_status,
        max(CASE WHEN dated.period_end = dated.base_end THEN dated.definition END) AS base_definition,
        max(CASE WHEN dated.period_end = dated.base_end THEN dated.counted_from END) AS base_counted_from,
        max(CASE WHEN dated.period_end = dated.base_end THEN dated.accumulation END) AS base_accumulation
    FROM dated
    WHERE dated.period_end = dated.current_end
        OR dated.period_end = dated.base_end
    GROUP BY dated.region, dated.department, dated.current_end, dated.base_end
),
judged AS (
    SELECT
        pairs.region,
        pairs.department,
        pairs.current_end,
        pairs.base_end,
        pairs.value,
        pairs.accumulation,
        pairs.base_value,
        CASE
            WHEN pairs.obs_status IS NULL THEN 'not_in_period'
            -- What was sent back is no fall, and what came again afterwards no growth.
            WHEN pairs.obs_status IN ('returned', 'partly_returned') THEN 'returned'
            WHEN pairs.value IS NULL THEN 'no_figure'
            WHEN pairs.base_status IN ('returned', 'partly_returned') THEN 'returned'
            WHEN pairs.base_value IS NULL THEN 'no_earlier_figure'
            WHEN pairs.base_definition <> pairs.definition THEN 'definition_changed'
            WHEN pairs.base_accumulation <> pairs.accumulation THEN 'reset'
            WHEN $base = 'previous' AND pairs.base_counted_from <> pairs.counted_from
                AND pairs.accumulation <> 'period'
            THEN 'reset'
        END AS cause
    FROM pairs
),
changed AS (
    SELECT
        judged.region,
        judged.department,
        dept.name_zh,
        dept.kind,
        dept.official_order,
        judged.current_end,
        judged.base_end,
        judged.value,
        judged.base_value,
        judged.accumulation,
        judged.cause,
        CASE WHEN judged.cause IS NULL THEN judged.value - judged.base_value END AS change,
        row_number() OVER (
            PARTITION BY judged.region
            ORDER BY
                CASE WHEN judged.cause IS NULL THEN abs(judged.value - judged.base_value) END
                    DESC NULLS LAST,
                dept.official_order NULLS LAST,
                judged.department
        ) AS place
    FROM judged
    LEFT JOIN departments AS dept
        ON dept.department = judged.department
),
totals AS (
    SELECT
        changed.region,
        sum(changed.change) AS total_change,
        sum(CASE WHEN changed.place > 1 THEN changed.change END) AS rest_change,
        sum(CASE WHEN changed.cause IS NULL THEN changed.base_value END) AS total_base,
        count(changed.change) AS n_compared,
        count(*) AS n_departments
    FROM changed
    GROUP BY changed.region
)
SELECT
    changed.region,
    changed.current_end AS period_end,
    changed.base_end AS base_period_end,
    CAST($indicator AS STRING) AS indicator,
    CAST(CASE WHEN changed.change IS NOT NULL THEN changed.place END AS INT) AS position,
    changed.department,
    coalesce(changed.name_zh, changed.department) AS department_name,
    changed.kind,
    changed.value,
    changed.base_value,
    changed.change,
    changed.cause,
    coalesce(changed.place = 1 AND changed.change <> 0, false) AS is_largest,
    coalesce(
        $base = 'previous'
            AND changed.accumulation IN ('year_to_date', 'since_launch')
            AND changed.change < 0,
        false
    ) AS is_revised_down,
    100 * changed.change / nullif(totals.total_change, 0) AS contribution_pct,
    CASE
        WHEN changed.place > 1 THEN 100 * changed.change / nullif(totals.rest_change, 0)
    END AS contribution_without_largest_pct,
    100 * changed.change / nullif(totals.total_base, 0) AS growth_points,
    totals.total_change,
    totals.rest_change AS total_change_without_largest,
    100 * totals.total_change / nullif(totals.total_base, 0) AS total_growth_pct,
    CAST(totals.n_compared AS BIGINT) AS n_compared,
    CAST(totals.n_departments AS BIGINT) AS n_departments,
    changed.official_order
FROM changed
JOIN totals
    ON totals.region = changed.region
ORDER BY
    changed.region,
    position NULLS LAST,
    changed.official_order NULLS LAST,
    changed.department;
