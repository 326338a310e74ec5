/*---
summary    = "Departments that have connected items but aggregated no cases"
summary_zh = "接而未汇：已对接事项但办件数据为零或不在汇聚表中的部门"
reads      = ["departments", "integration_with_aggregation"]
order      = ["region", "rank", "official_order", "department"]
show       = ["department_name", "kind", "items_connected", "cause", "records_returned"]

[params.period]
type    = "date?"
help    = "last day of the aggregation figures; without it the latest with cases and connected items, per region"
help_zh = "汇聚数据统计期末日；不给则取各地区最近一期办件与对接数据俱全的"

[returns]
region                  = { type = "text", values = "regions" }
period_end              = "date"       # of the aggregation figures
rank                    = "int"        # by items connected, among the listed
department              = { type = "text", values = "departments" }
department_name         = "text"
kind                    = { type = "text?", values = ["provincial", "central", "mass_organisation"] }
items_connected         = { type = "double", approximate = "items_connected_is_approximate" }  # 项
cases_aggregated        = "double?"    # 条; null where the department is not in the table
cases_aggregated_status = { type = "text?", values = ["reported", "returned", "not_applicable", "missing", "estimated", "partly_missing", "partly_returned", "other_span", "other_definition"] }
cause                   = { type = "text", values = ["returned", "silent", "not_in_table"] }
records_pushed          = { type = "double?", approximate = "records_pushed_is_approximate" }  # 条
records_returned        = { type = "double?", approximate = "records_returned_is_approximate" }  # 条
note                    = "text?"      # why a zero stands for returned records
items_connected_is_approximate = "bool"  # told with a qualifier, estimated or rounded
records_pushed_is_approximate = "bool"
records_returned_is_approximate = "bool"
integration_period_end  = "date"       # of the items connected
official_order          = "int?"

[returns_zh]
period_end              = "汇聚数据的统计期末日"
rank                    = "按接口、单点对接事项数在所列部门中的位次"
cases_aggregated        = "条；部门未列入汇聚情况表的为空"
note                    = "因数据退回而为零的，附注所载缘由"
items_connected_is_approximate = "是否为约数、估计数或取整数"
integration_period_end  = "对接事项数的统计期末日"
---*/
WITH figures AS (
    SELECT
        compared.region,
        compared.period_end,
        compared.department,
        compared.items_connected,
        compared.cases_aggregated,
        compared.cases_aggregated_status,
        compared.records_pushed,
        compared.records_returned,
        compared.cases_aggregated_note AS note,
        compared.items_connected_is_approximate,
        compared.records_pushed_is_approximate,
        compared.records_returned_is_approximate,
        compared.integration_period_end,
        -- One table of the two says nothing of the other: nobody is silent in a month without both.
        count(compared.cases_aggregated_status) OVER (
            PARTITION BY compared.region, compared.period_end
        ) AS n_aggregated,
        count(compared.items_connected_status) OVER (
            PARTITION BY compared.region, compared.period_end
        ) AS n_connected
    FROM integration_with_aggregation AS compared
),
judged AS (
    SELECT
        figures.region,
        figures.period_end,
        figures.department,
        figures.items_connected,
        figures.cases_aggregated,
        figures.cases_aggregated_status,
        figures.records_pushed,
        figures.records_returned,
        figures.note,
        figures.items_connected_is_approximate,
        figures.records_pushed_is_approximate,
        figures.records_returned_is_approximate,
        figures.integration_period_end,
        max(figures.period_end) OVER (PARTITION BY figures.region) AS latest_period_end
    FROM figures
    WHERE figures.n_aggregated > 0
        AND figures.n_connected > 0
),
-- An empty cell is not a zero: what it hides is not known, so its department is not listed.
connected AS (
    SELECT
        judged.region,
        judged.period_end,
        CAST(
            rank() OVER (
                PARTITION BY judged.region
                ORDER BY judged.items_connected DESC
            ) AS INT
        ) AS rank,
        judged.department,
        judged.items_connected,
        judged.cases_aggregated,
        judged.cases_aggregated_status,
        CASE
            WHEN judged.cases_aggregated_status IS NULL THEN 'not_in_table'
            WHEN judged.cases_aggregated_status IN ('returned', 'partly_returned') THEN 'returned'
            WHEN judged.records_returned > 0 THEN 'returned'
            ELSE 'silent'
        END AS cause,
        judged.records_pushed,
        judged.records_returned,
        judged.note,
        judged.items_connected_is_approximate,
        judged.records_pushed_is_approximate,
        judged.records_returned_is_approximate,
        judged.integration_period_end
    FROM judged
    WHERE judged.period_end = coalesce(CAST($period AS DATE), judged.latest_period_end)
        AND judged.items_connected > 0
        AND (judged.cases_aggregated = 0 OR judged.cases_aggregated_status IS NULL)
)
SELECT
    connected.region,
    connected.period_end,
    connected.rank,
    connected.department,
    coalesce(dept.name_zh, connected.department) AS department_name,
    dept.kind,
    connected.items_connected,
    connected.cases_aggregated,
    connected.cases_aggregated_status,
    connected.cause,
    connected.records_pushed,
    connected.records_returned,
    connected.note,
    connected.items_connected_is_approximate,
    connected.records_pushed_is_approximate,
    connected.records_returned_is_approximate,
    connected.integration_period_end,
    dept.official_order
FROM connected
LEFT JOIN departments AS dept
    ON dept.department = connected.department
ORDER BY
    connected.region,
    connected.rank,
    dept.official_order NULLS LAST,
    connected.department;
