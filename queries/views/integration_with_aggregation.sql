/*---
summary    = "What a department has connected beside what it has aggregated, one row per department and period"
summary_zh = "对接与汇聚对照，每部门每统计期一行"
reads      = ["aggregation_by_period", "integration_by_period", "observations_latest"]
order      = ["region", "department", "period_end"]

[returns]
region                        = "text"
department                    = "text"
period_end                    = "date"       # of the aggregation figures
integration_period_end        = "date?"      # null: no integration table was published with them
is_in_integration             = "bool"       # has a row in that integration table
items_connected               = "double?"    # 项
items_connected_status        = "text?"
items_on_platform             = "double?"    # 项
items_on_platform_status      = "text?"
cases_aggregated              = "double?"    # 条
cases_aggregated_status       = "text?"      # null: not in the table; missing: an empty cell
evaluations_aggregated        = "double?"    # 条
evaluations_aggregated_status = "text?"      # null: not in the table; missing: an empty cell
records_pushed                = "double?"    # 条
records_returned              = "double?"    # 条
note                          = "text?"      # why a zero stands for returned records
---*/
-- The two tables of a notice are about different days (a stock at its date, a flow over months),
-- so the edition joins them, not the period.
WITH aggregation_editions AS (
    SELECT DISTINCT latest.edition, latest.region, latest.period_end
    FROM observations_latest AS latest
    WHERE latest.department IS NOT NULL
        AND latest.breakdown IS NULL
        AND latest.indicator IN ('cases_aggregated', 'evaluations_aggregated')
),
integration_editions AS (
    SELECT latest.edition, latest.region, max(latest.period_end) AS period_end
    FROM observations_latest AS latest
    WHERE latest.department IS NOT NULL
        AND latest.breakdown IS NULL
        AND latest.indicator IN ('items_connected', 'items_on_platform')
    GROUP BY latest.edition, latest.region
),
dates AS (
    SELECT
        agg.region,
        agg.period_end,
        max(integ.period_end) AS integration_period_end
    FROM aggregation_editions AS agg
    LEFT JOIN integration_editions AS integ
        ON  integ.edition = agg.edition
        AND integ.region = agg.region
    GROUP BY agg.region, agg.period_end
),
aggregated AS (
    SELECT
        agg.region,
        agg.department,
        agg.period_end,
        dates.integration_period_end,
        agg.cases_aggregated,
        agg.cases_aggregated_status,
        agg.evaluations_aggregated,
        agg.evaluations_aggregated_status,
        agg.records_pushed,
        agg.records_returned,
        agg.note
    FROM aggregation_by_period AS agg
    JOIN dates
        ON  dates.region = agg.region
        AND dates.period_end = agg.period_end
),
connected AS (
    SELECT
        integ.region,
        integ.department,
        dates.period_end,
        dates.integration_period_end,
        integ.items_connected,
        integ.items_connected_status,
        integ.items_on_platform,
        integ.items_on_platform_status
    FROM integration_by_period AS integ
    JOIN dates
        ON  dates.region = integ.region
        AND dates.integration_period_end = integ.period_end
)
SELECT
    coalesce(aggregated.region, connected.region) AS region,
    coalesce(aggregated.department, connected.department) AS department,
    coalesce(aggregated.period_end, connected.period_end) AS period_end,
    coalesce(aggregated.integration_period_end, connected.integration_period_end)
        AS integration_period_end,
    connected.department IS NOT NULL AS is_in_integration,
    connected.items_connected,
    connected.items_connected_status,
    connected.items_on_platform,
    connected.items_on_platform_status,
    aggregated.cases_aggregated,
    aggregated.cases_aggregated_status,
    aggregated.evaluations_aggregated,
    aggregated.evaluations_aggregated_status,
    aggregated.records_pushed,
    aggregated.records_returned,
    aggregated.note
FROM aggregated
FULL OUTER JOIN connected
    ON  connected.region = aggregated.region
    AND connected.department = aggregated.department
    AND connected.period_end = aggregated.period_end;
