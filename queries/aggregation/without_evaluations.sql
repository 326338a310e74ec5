/*---
summary    = "Departments that have aggregated cases but no evaluations"
summary_zh = "汇而无评：有办件数据但无好差评数据的部门"
reads      = ["aggregation_by_period", "departments"]
order      = ["region", "rank", "official_order", "department"]
show       = ["rank", "department_name", "kind", "cases_aggregated", "cases_share_pct", "cause"]

[params.period]
type      = "date?"
latest_of = ["cases_aggregated", "evaluations_aggregated"]
help      = "last day of the period; without it the latest that has figures, per region"
help_zh   = "统计期末日；不给则取各地区最近一期有数据的"

[returns]
region                        = { type = "text", values = "regions" }
period_end                    = "date"
rank                          = "int"        # by cases, among the listed
department                    = { type = "text", values = "departments" }
department_name               = "text"
kind                          = { type = "text?", values = ["provincial", "central", "mass_organisation"] }
cases_aggregated              = { type = "double", approximate = "cases_aggregated_is_approximate" }  # 条
cases_aggregated_is_approximate = "bool"  # told with a qualifier, estimated or rounded
evaluations_aggregated        = "double?"    # 条; null where the table has none of the department
evaluations_aggregated_status = { type = "text?", values = ["reported", "returned", "not_applicable", "missing", "estimated", "partly_missing", "partly_returned", "other_span", "other_definition"] }
cause                         = { type = "text", values = ["returned", "no_evaluations", "not_in_evaluations"] }
cases_share_pct               = "double?"    # percent of the cases of all departments; null where a cell of them is empty
edition                       = "text?"      # null where the figures come from several
official_order                = "int?"

[returns_zh]
rank                          = "按办件数据汇聚量在所列部门中的位次"
cases_aggregated_is_approximate = "是否为约数、估计数或取整数"
evaluations_aggregated        = "条；表中没有该部门此项数据的为空"
cases_share_pct               = "占各部门办件数据合计的比例；有单元格为空的为空"
edition                       = "数据出自多份文件的为空"
---*/
WITH figures AS (
    SELECT
        agg.region,
        agg.period_end,
        agg.department,
        agg.cases_aggregated,
        agg.cases_aggregated_is_approximate,
        agg.evaluations_aggregated,
        agg.evaluations_aggregated_status,
        agg.edition,
        -- Beside an empty cell nobody's share is known.
        CASE
            WHEN count(agg.cases_aggregated) OVER whole
                = count(nullif(agg.cases_aggregated_status, 'not_applicable')) OVER whole
            THEN sum(agg.cases_aggregated) OVER whole
        END AS total_cases,
        max(CASE
            WHEN coalesce(agg.cases_aggregated_status, agg.evaluations_aggregated_status) IS NOT NULL
            THEN agg.period_end
        END) OVER (PARTITION BY agg.region) AS latest_period_end
    FROM aggregation_by_period AS agg
    WINDOW whole AS (PARTITION BY agg.region, agg.period_end)
),
-- An empty cell is not a zero: what it hides is not known, so its department is not listed.
unrated AS (
    SELECT
        figures.region,
        figures.period_end,
        CAST(
            rank() OVER (
                PARTITION BY figures.region
                ORDER BY figures.cases_aggregated DESC
            ) AS INT
        ) AS rank,
        figures.department,
        figures.cases_aggregated,
        figures.cases_aggregated_is_approximate,
        figures.evaluations_aggregated,
        figures.evaluations_aggregated_status,
        CASE
            WHEN figures.evaluations_aggregated_status IS NULL THEN 'not_in_evaluations'
            WHEN figures.evaluations_aggregated_status IN ('returned', 'partly_returned') THEN 'returned'
            ELSE 'no_evaluations'
        END AS cause,
        figures.total_cases,
        figures.edition
    FROM figures
    WHERE figures.period_end = coalesce(CAST($period AS DATE), figures.latest_period_end)
        AND figures.cases_aggregated > 0
        AND (figures.evaluations_aggregated = 0 OR figures.evaluations_aggregated_status IS NULL)
)
SELECT
    unrated.region,
    unrated.period_end,
    unrated.rank,
    unrated.department,
    coalesce(dept.name_zh, unrated.department) AS department_name,
    dept.kind,
    unrated.cases_aggregated,
    unrated.cases_aggregated_is_approximate,
    unrated.evaluations_aggregated,
    unrated.evaluations_aggregated_status,
    unrated.cause,
    100 * unrated.cases_aggregated / nullif(unrated.total_cases, 0) AS cases_share_pct,
    unrated.edition,
    dept.official_order
FROM unrated
LEFT JOIN departments AS dept
    ON dept.department = unrated.department
ORDER BY
    unrated.region,
    unrated.rank,
    dept.official_order NULLS LAST,
    unrated.department;
