/*---
summary    = "Departments whose aggregated records are zero, and why"
summary_zh = "零汇聚部门及原因"
reads      = ["departments", "integration_with_aggregation"]
order      = ["region", "cause_order", "official_order", "department"]
show       = ["cause", "department_name", "kind", "items_connected", "items_on_platform", "records_returned"]

[params.period]
type    = "date?"
help    = "last day of the aggregation figures; without it the latest with figures of the indicator, per region"
help_zh = "汇聚数据统计期末日；不给则取各地区最近一期有该指标数据的"

[params.indicator]
type    = "text"
default = "cases_aggregated"
values  = ["cases_aggregated", "evaluations_aggregated"]
help    = "cases_aggregated or evaluations_aggregated"
help_zh = "cases_aggregated（办件）或 evaluations_aggregated（好差评）"

[returns]
region                 = { type = "text", values = "regions" }
period_end             = "date"       # of the aggregation figures
indicator              = { type = "text", values = "indicators" }
cause_order            = "int"        # order of the causes, from 1
cause                  = { type = "text", values = ["returned", "connected_silent", "platform_only", "not_in_integration_table", "no_items", "unknown"] }
department             = { type = "text", values = "departments" }
department_name        = "text"
kind                   = { type = "text?", values = ["provincial", "central", "mass_organisation"] }
obs_status             = { type = "text", values = ["reported", "returned", "not_applicable", "missing", "estimated", "partly_missing", "partly_returned", "other_span", "other_definition"] }
items_connected        = { type = "double?", approximate = "items_connected_is_approximate" }  # 项
items_on_platform      = { type = "double?", approximate = "items_on_platform_is_approximate" }  # 项
records_pushed         = { type = "double?", approximate = "records_pushed_is_approximate" }  # 条; of cases, null for other indicators
records_returned       = { type = "double?", approximate = "records_returned_is_approximate" }  # 条; of cases, null for other indicators
note                   = "text?"      # why a zero stands for returned records
items_connected_is_approximate = "bool"  # told with a qualifier, estimated or rounded
items_on_platform_is_approximate = "bool"
records_pushed_is_approximate = "bool"
records_returned_is_approximate = "bool"
integration_period_end = "date?"      # of the items; null: no integration table belongs to the figures
official_order         = "int?"

[returns_zh]
period_end             = "汇聚数据的统计期末日"
cause_order            = "原因的次序，从1起"
records_pushed         = "条；办件数据，其他指标为空"
records_returned       = "条；办件数据，其他指标为空"
note                   = "因数据退回而为零的，附注所载缘由"
items_connected_is_approximate = "是否为约数、估计数或取整数"
integration_period_end = "事项数的统计期末日；空值为没有与汇聚数据相应的对接情况表"
---*/
WITH figures AS (
    SELECT
        compared.region,
        compared.period_end,
        compared.department,
        CASE $indicator
            WHEN 'cases_aggregated' THEN compared.cases_aggregated
            WHEN 'evaluations_aggregated' THEN compared.evaluations_aggregated
        END AS value,
        CASE $indicator
            WHEN 'cases_aggregated' THEN compared.cases_aggregated_status
            WHEN 'evaluations_aggregated' THEN compared.evaluations_aggregated_status
        END AS obs_status,
        compared.is_in_integration,
        compared.items_connected,
        compared.items_on_platform,
        CASE WHEN $indicator = 'cases_aggregated' THEN compared.records_pushed END AS records_pushed,
        CASE WHEN $indicator = 'cases_aggregated' THEN compared.records_returned END AS records_returned,
        CASE $indicator
            WHEN 'cases_aggregated' THEN compared.cases_aggregated_note
            WHEN 'evaluations_aggregated' THEN compared.evaluations_aggregated_note
        END AS note,
        compared.items_connected_is_approximate,
        compared.items_on_platform_is_approximate,
        $indicator = 'cases_aggregated' AND compared.records_pushed_is_approximate
            AS records_pushed_is_approximate,
        $indicator = 'cases_aggregated' AND compared.records_returned_is_approximate
            AS records_returned_is_approximate,
        compared.integration_period_end
    FROM integration_with_aggregation AS compared
),
dated AS (
    SELECT
        figures.region,
        figures.period_end,
        figures.department,
        figures.value,
        figures.obs_status,
        figures.is_in_integration,
        figures.items_connected,
        figures.items_on_platform,
        figures.records_pushed,
        figures.records_returned,
        figures.note,
        figures.items_connected_is_approximate,
        figures.items_on_platform_is_approximate,
        figures.records_pushed_is_approximate,
        figures.records_returned_is_approximate,
        figures.integration_period_end,
        max(CASE WHEN figures.obs_status IS NOT NULL THEN figures.period_end END)
            OVER (PARTITION BY figures.region) AS latest_period_end
    FROM figures
),
zeros AS (
    SELECT
        dated.region,
        dated.period_end,
        dated.department,
        dated.obs_status,
        dated.items_connected,
        dated.items_on_platform,
        dated.records_pushed,
        dated.records_returned,
        dated.note,
        dated.items_connected_is_approximate,
        dated.items_on_platform_is_approximate,
        dated.records_pushed_is_approximate,
        dated.records_returned_is_approximate,
        dated.integration_period_end,
        -- The first that holds. An empty cell leaves the cause open: it may hide an item.
        CASE
            WHEN dated.obs_status IN ('returned', 'partly_returned') THEN 'returned'
            WHEN dated.records_returned > 0 THEN 'returned'
            WHEN dated.items_connected > 0 THEN 'connected_silent'
            WHEN dated.integration_period_end IS NULL THEN 'unknown'
            WHEN NOT dated.is_in_integration THEN 'not_in_integration_table'
            WHEN dated.items_connected IS NULL THEN 'unknown'
            WHEN dated.items_on_platform > 0 THEN 'platform_only'
            WHEN dated.items_on_platform IS NULL THEN 'unknown'
            ELSE 'no_items'
        END AS cause
    FROM dated
    WHERE dated.period_end = coalesce(CAST($period AS DATE), dated.latest_period_end)
        AND dated.value = 0
)
SELECT
    zeros.region,
    zeros.period_end,
    CAST($indicator AS STRING) AS indicator,
    CASE zeros.cause
        WHEN 'returned' THEN 1
        WHEN 'connected_silent' THEN 2
        WHEN 'platform_only' THEN 3
        WHEN 'not_in_integration_table' THEN 4
        WHEN 'no_items' THEN 5
        ELSE 6
    END AS cause_order,
    zeros.cause,
    zeros.department,
    coalesce(dept.name_zh, zeros.department) AS department_name,
    dept.kind,
    zeros.obs_status,
    zeros.items_connected,
    zeros.items_on_platform,
    zeros.records_pushed,
    zeros.records_returned,
    zeros.note,
    zeros.items_connected_is_approximate,
    zeros.items_on_platform_is_approximate,
    zeros.records_pushed_is_approximate,
    zeros.records_returned_is_approximate,
    zeros.integration_period_end,
    dept.official_order
FROM zeros
LEFT JOIN departments AS dept
    ON dept.department = zeros.department
ORDER BY
    zeros.region,
    cause_order,
    dept.official_order NULLS LAST,
    zeros.department;
