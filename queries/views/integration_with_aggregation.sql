/*---
summary    = "What a department has connected beside what it has aggregated, one row per department and period"
summary_zh = "对接与汇聚对照，每部门每统计期一行"
reads      = ["aggregation_by_period", "batches", "integration_by_period", "observations", "region_successors", "session"]
order      = ["region", "department", "period_end"]

[returns]
region                        = "text"
department                    = "text"
period_end                    = "date"       # of the aggregation figures
integration_period_end        = "date?"      # of what is connected; null: no integration table belongs to them
is_in_integration             = "bool"       # has a row in an integration table of that day
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
cases_aggregated_note         = "text?"      # why a zero stands for returned records
evaluations_aggregated_note   = "text?"      # the same for evaluations
items_connected_is_approximate = "bool"  # told with a qualifier, estimated or rounded
items_on_platform_is_approximate = "bool"
cases_aggregated_is_approximate = "bool"
evaluations_aggregated_is_approximate = "bool"
records_pushed_is_approximate = "bool"
records_returned_is_approximate = "bool"

[returns_zh]
period_end                    = "汇聚数据的统计期末日"
integration_period_end        = "对接数据的统计期末日；空值为没有与汇聚数据相应的对接情况表"
is_in_integration             = "是否列入当日的对接情况表"
cases_aggregated_status       = "空值为未列入表中；missing（缺失）：单元格为空"
evaluations_aggregated_status = "空值为未列入表中；missing（缺失）：单元格为空"
cases_aggregated_note         = "因数据退回而为零的，附注所载缘由"
evaluations_aggregated_note   = "好差评数据因退回而为零的，附注所载缘由"
items_connected_is_approximate = "是否为约数、估计数或取整数"
---*/
-- What a department has connected on the day on which a flow ends stands beside that flow, whichever
-- documents have the two: monthly forms have one each. The two tables of a notice are about different
-- days (a stock at its date, a flow over months), so where there is no stock of the very day, the
-- document joins them. Every vintage of it counts: a correction that reprints one of the tables does not
-- part it from the other.
WITH printed AS (
    SELECT DISTINCT
        obs.batch,
        obs.edition,
        obs.region,
        obs.period_end,
        obs.indicator IN ('items_connected', 'items_on_platform') AS is_integration
    FROM observations AS obs
    CROSS JOIN session AS ses
    WHERE obs.origin = ses.origin
        AND obs.department IS NOT NULL
        AND obs.breakdown IS NULL
        AND obs.indicator IN (
            'cases_aggregated',
            'evaluations_aggregated',
            'items_connected',
            'items_on_platform'
        )
        AND (
            ses.as_of IS NULL
            OR coalesce(obs.published_on, CAST(obs.received_at AS DATE)) <= ses.as_of
        )
),
-- Figures may be shown under the region that took over, or stay where they are.
placed AS (
    SELECT
        printed.batch,
        printed.edition,
        printed.region,
        printed.period_end,
        printed.is_integration
    FROM printed
    UNION
    SELECT
        printed.batch,
        printed.edition,
        reg.successor AS region,
        printed.period_end,
        printed.is_integration
    FROM printed
    CROSS JOIN session AS ses
    JOIN region_successors AS reg
        ON reg.region = printed.region
    WHERE ses.departments = 'comparable'
),
candidates AS (
    SELECT
        agg.region,
        agg.period_end,
        integ.period_end AS integration_period_end,
        CASE WHEN integ.batch = agg.batch THEN 0 ELSE 1 END AS file_order,
        -- Days, but for leap years.
        abs(
            (year(integ.period_end) - year(agg.period_end)) * 365
            + dayofyear(integ.period_end) - dayofyear(agg.period_end)
        ) AS n_days_apart
    FROM placed AS agg
    LEFT JOIN batches AS bat
        ON bat.batch = agg.batch
    JOIN placed AS integ
        ON  integ.edition = agg.edition
        AND integ.region = agg.region
        AND integ.is_integration
        -- A title alone is shared by a series: without number and date a file stands for itself.
        AND (
            integ.batch = agg.batch
            OR bat.document_number IS NOT NULL
            OR bat.dated IS NOT NULL
            OR bat.published_on IS NOT NULL
        )
    WHERE NOT agg.is_integration
),
-- A document may print several periods: the stock that is nearest belongs to the flow.
pairs AS (
    SELECT
        candidates.region,
        candidates.period_end,
        candidates.integration_period_end,
        row_number() OVER (
            PARTITION BY candidates.region, candidates.period_end
            ORDER BY
                candidates.file_order,
                candidates.n_days_apart,
                candidates.integration_period_end DESC
        ) AS choice
    FROM candidates
),
flow_ends AS (
    SELECT
        placed.region,
        placed.period_end,
        max(CASE WHEN placed.is_integration THEN 1 ELSE 0 END) = 1 AS has_same_day
    FROM placed
    GROUP BY placed.region, placed.period_end
    HAVING min(CASE WHEN placed.is_integration THEN 1 ELSE 0 END) = 0
),
days AS (
    SELECT
        flow_ends.region,
        flow_ends.period_end,
        flow_ends.period_end AS integration_period_end
    FROM flow_ends
    WHERE flow_ends.has_same_day
    UNION
    SELECT
        pairs.region,
        pairs.period_end,
        pairs.integration_period_end
    FROM pairs
    WHERE pairs.choice = 1
),
-- For departments that have nothing connected on either day.
first_days AS (
    SELECT
        flow_ends.region,
        flow_ends.period_end,
        CASE
            WHEN flow_ends.has_same_day THEN flow_ends.period_end
            ELSE pairs.integration_period_end
        END AS integration_period_end
    FROM flow_ends
    LEFT JOIN pairs
        ON  pairs.region = flow_ends.region
        AND pairs.period_end = flow_ends.period_end
        AND pairs.choice = 1
),
aggregated AS (
    SELECT
        agg.region,
        agg.department,
        agg.period_end,
        first_days.integration_period_end,
        agg.cases_aggregated,
        agg.cases_aggregated_status,
        agg.evaluations_aggregated,
        agg.evaluations_aggregated_status,
        agg.records_pushed,
        agg.records_returned,
        agg.cases_aggregated_note,
        agg.evaluations_aggregated_note,
        agg.cases_aggregated_is_approximate,
        agg.evaluations_aggregated_is_approximate,
        agg.records_pushed_is_approximate,
        agg.records_returned_is_approximate
    FROM aggregation_by_period AS agg
    JOIN first_days
        ON  first_days.region = agg.region
        AND first_days.period_end = agg.period_end
),
-- A letter of one department may have the very day for it alone, so every department is looked for by
-- itself. One that has only applications of that day has its items in the other table.
stocks AS (
    SELECT
        integ.region,
        integ.department,
        days.period_end,
        days.integration_period_end,
        integ.items_connected,
        integ.items_connected_status,
        integ.items_on_platform,
        integ.items_on_platform_status,
        integ.items_connected_is_approximate,
        integ.items_on_platform_is_approximate,
        row_number() OVER (
            PARTITION BY integ.region, integ.department, days.period_end
            ORDER BY
                CASE
                    WHEN coalesce(integ.items_connected_status, integ.items_on_platform_status) IS NULL
                    THEN 1
                    ELSE 0
                END,
                CASE WHEN days.integration_period_end = days.period_end THEN 0 ELSE 1 END
        ) AS choice
    FROM integration_by_period AS integ
    JOIN days
        ON  days.region = integ.region
        AND days.integration_period_end = integ.period_end
),
connected AS (
    SELECT
        stocks.region,
        stocks.department,
        stocks.period_end,
        stocks.integration_period_end,
        stocks.items_connected,
        stocks.items_connected_status,
        stocks.items_on_platform,
        stocks.items_on_platform_status,
        stocks.items_connected_is_approximate,
        stocks.items_on_platform_is_approximate
    FROM stocks
    WHERE stocks.choice = 1
)
SELECT
    coalesce(aggregated.region, connected.region) AS region,
    coalesce(aggregated.department, connected.department) AS department,
    coalesce(aggregated.period_end, connected.period_end) AS period_end,
    coalesce(connected.integration_period_end, aggregated.integration_period_end)
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
    aggregated.cases_aggregated_note,
    aggregated.evaluations_aggregated_note,
    coalesce(connected.items_connected_is_approximate, false) AS items_connected_is_approximate,
    coalesce(connected.items_on_platform_is_approximate, false) AS items_on_platform_is_approximate,
    coalesce(aggregated.cases_aggregated_is_approximate, false) AS cases_aggregated_is_approximate,
    coalesce(aggregated.evaluations_aggregated_is_approximate, false) AS evaluations_aggregated_is_approximate,
    coalesce(aggregated.records_pushed_is_approximate, false) AS records_pushed_is_approximate,
    coalesce(aggregated.records_returned_is_approximate, false) AS records_returned_is_approximate
FROM aggregated
FULL OUTER JOIN connected
    ON  connected.region = aggregated.region
    AND connected.department = aggregated.department
    AND connected.period_end = aggregated.period_end;
