/*---
summary    = "What each department has aggregated"
summary_zh = "各部门数据汇聚情况"
reads      = ["aggregation_by_period", "departments"]
order      = ["region", "rank", "official_order", "department"]
show       = ["rank", "department_name", "cases_aggregated", "cases_aggregated_share_pct", "evaluations_aggregated", "cases_aggregated_status"]

[params.period]
type      = "date?"
latest_of = ["cases_aggregated", "evaluations_aggregated"]
help      = "last day of the period; without it the latest that has figures, per region"
help_zh   = "统计期末日；不给则取各地区最近一期有数据的"

[returns]
region                        = { type = "text", values = "regions" }
period_start                  = "date?"      # null since launch, or where the columns differ
period_end                    = "date"
accumulation                  = { type = "text?", values = ["point", "period", "year_to_date", "since_launch"] }  # null where the columns differ
rank                          = "int?"       # by cases among the departments of the province, equal figures share it; null without a figure, and for central bodies and mass organisations
department                    = { type = "text", values = "departments" }
department_name               = "text"
kind                          = { type = "text?", values = ["provincial", "central", "mass_organisation"] }
cases_aggregated              = { type = "double?", approximate = "cases_aggregated_is_approximate" }  # 条
cases_aggregated_status       = { type = "text?", values = ["reported", "returned", "not_applicable", "missing", "estimated", "partly_missing", "partly_returned", "other_span", "other_definition"] }  # returned: a zero because everything was sent back
cases_aggregated_share_pct    = "double?"    # percent of the column; null where it adds up to 0, and where a cell of it is empty or over another time
evaluations_aggregated        = { type = "double?", approximate = "evaluations_aggregated_is_approximate" }  # 条
evaluations_aggregated_status = { type = "text?", values = ["reported", "returned", "not_applicable", "missing", "estimated", "partly_missing", "partly_returned", "other_span", "other_definition"] }
evaluations_aggregated_share_pct = "double?" # percent of the column; null where it adds up to 0, and where a cell of it is empty or over another time
records_pushed                = { type = "double?", approximate = "records_pushed_is_approximate" }  # 条
records_returned              = { type = "double?", approximate = "records_returned_is_approximate" }  # 条
cases_aggregated_note         = "text?"      # why a zero stands for returned records
evaluations_aggregated_note   = "text?"      # the same for evaluations
cases_aggregated_is_approximate = "bool"  # told with a qualifier, estimated or rounded
evaluations_aggregated_is_approximate = "bool"
records_pushed_is_approximate = "bool"
records_returned_is_approximate = "bool"
edition                       = "text?"      # null where the figures come from several
official_order                = "int?"

[returns_zh]
period_start                  = "上线以来累计的为空，各列不一致的也为空"
accumulation                  = "各列不一致的为空"
rank                          = "按办件数据汇聚量在省级部门中的位次，数据相同的并列；无数据的为空，中央驻青单位和群团组织不排位"
cases_aggregated_status       = "returned（数据退回）：全部退回，因而为零"
cases_aggregated_share_pct    = "占该列合计的比例；合计为零的，以及该列有单元格为空或属另一统计区间的，均为空"
evaluations_aggregated_share_pct = "占该列合计的比例；合计为零的，以及该列有单元格为空或属另一统计区间的，均为空"
cases_aggregated_note         = "因数据退回而为零的，附注所载缘由"
evaluations_aggregated_note   = "好差评数据因退回而为零的，附注所载缘由"
cases_aggregated_is_approximate = "是否为约数、估计数或取整数"
edition                       = "数据出自多份文件的为空"
---*/
WITH figures AS (
    SELECT
        agg.region,
        agg.period_start,
        agg.period_end,
        agg.accumulation,
        agg.department,
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
        agg.records_returned_is_approximate,
        agg.edition,
        -- A period that has only pushed or returned records says nothing about what was aggregated.
        max(CASE
            WHEN coalesce(agg.cases_aggregated_status, agg.evaluations_aggregated_status) IS NOT NULL
            THEN agg.period_end
        END) OVER (PARTITION BY agg.region) AS latest_period_end
    FROM aggregation_by_period AS agg
),
ranked AS (
    SELECT
        figures.region,
        figures.period_start,
        figures.period_end,
        figures.accumulation,
        -- Central bodies and mass organisations stand apart.
        CASE
            WHEN figures.cases_aggregated IS NOT NULL AND dept.kind = 'provincial'
            THEN CAST(
                rank() OVER (
                    PARTITION BY figures.region, dept.kind
                    ORDER BY figures.cases_aggregated DESC NULLS LAST
                ) AS INT
            )
        END AS rank,
        figures.department,
        dept.name_zh,
        dept.kind,
        dept.official_order,
        figures.cases_aggregated,
        figures.cases_aggregated_status,
        -- Beside an empty cell nobody's share is known.
        CASE
            WHEN count(figures.cases_aggregated) OVER whole
                = count(nullif(figures.cases_aggregated_status, 'not_applicable')) OVER whole
            THEN sum(figures.cases_aggregated) OVER whole
        END AS total_cases,
        figures.evaluations_aggregated,
        figures.evaluations_aggregated_status,
        CASE
            WHEN count(figures.evaluations_aggregated) OVER whole
                = count(nullif(figures.evaluations_aggregated_status, 'not_applicable')) OVER whole
            THEN sum(figures.evaluations_aggregated) OVER whole
        END AS total_evaluations,
        figures.records_pushed,
        figures.records_returned,
        figures.cases_aggregated_note,
        figures.evaluations_aggregated_note,
        figures.cases_aggregated_is_approximate,
        figures.evaluations_aggregated_is_approximate,
        figures.records_pushed_is_approximate,
        figures.records_returned_is_approximate,
        figures.edition
    FROM figures
    LEFT JOIN departments AS dept
        ON dept.department = figures.department
    WHERE figures.period_end = coalesce(CAST($period AS DATE), figures.latest_period_end)
    WINDOW whole AS (PARTITION BY figures.region)
)
SELECT
    ranked.region,
    ranked.period_start,
    ranked.period_end,
    ranked.accumulation,
    ranked.rank,
    ranked.department,
    coalesce(ranked.name_zh, ranked.department) AS department_name,
    ranked.kind,
    ranked.cases_aggregated,
    ranked.cases_aggregated_status,
    100 * ranked.cases_aggregated / nullif(ranked.total_cases, 0) AS cases_aggregated_share_pct,
    ranked.evaluations_aggregated,
    ranked.evaluations_aggregated_status,
    100 * ranked.evaluations_aggregated / nullif(ranked.total_evaluations, 0)
        AS evaluations_aggregated_share_pct,
    ranked.records_pushed,
    ranked.records_returned,
    ranked.cases_aggregated_note,
    ranked.evaluations_aggregated_note,
    ranked.cases_aggregated_is_approximate,
    ranked.evaluations_aggregated_is_approximate,
    ranked.records_pushed_is_approximate,
    ranked.records_returned_is_approximate,
    ranked.edition,
    ranked.official_order
FROM ranked
ORDER BY
    ranked.region,
    ranked.rank NULLS LAST,
    ranked.official_order NULLS LAST,
    ranked.department;
