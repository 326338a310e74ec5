/*---
summary    = "What each department has connected or runs on the platform, of the items that are due"
summary_zh = "对接覆盖率：已对接及平台办理事项占应接事项的比例"
reads      = ["departments", "integration_by_period", "items_due"]
order      = ["region", "official_order", "department"]
show       = ["department_name", "items_due", "items_covered", "items_connected", "items_on_platform", "coverage_pct", "items_lacking", "cause"]

[params.period]
type      = "date?"
latest_of = ["items_connected", "items_on_platform"]
help      = "last day of the period; without it the latest that has figures, per region"
help_zh   = "统计期末日；不给则取各地区最近一期有数据的"

[returns]
region              = { type = "text", values = "regions" }
period_end          = "date"
department          = { type = "text", values = "departments" }
department_name     = "text"
kind                = { type = "text?", values = ["provincial", "central", "mass_organisation"] }
items_due           = "int?"       # 项; from the table `items_due` of the workspace; null where it has no row
items_connected     = "double?"    # 项; by interface or single sign-on
items_on_platform   = "double?"    # 项; handled on the platform itself
items_covered       = "double?"    # 项; both together; null where a cell is empty
coverage_pct        = "double?"    # percent of the items due; null where no list says how many
items_lacking       = "double?"    # 项; of the items due; negative where more are connected than due
cause               = { type = "text?", values = ["no_list", "no_duty", "not_in_table", "no_figure", "more_than_due"] }
region_items_due    = "bigint?"    # 项; of the departments that have a coverage
region_coverage_pct = "double?"    # percent, of these departments together
n_with_coverage     = "bigint"     # departments that have a coverage
n_departments       = "bigint"     # departments in the table or with items due
official_order      = "int?"

[returns_zh]
items_due           = "项；取自工作区的 `items_due` 表，表中没有的为空"
items_connected     = "项；以接口或单点登录方式对接的"
items_on_platform   = "项；使用平台办理的"
items_covered       = "项；上述两类之和，有单元格为空的为空"
coverage_pct        = "占应接事项数的比例；未提供应接清单的为空"
items_lacking       = "项；应接而未覆盖的；对接数多于应接数的为负"
region_items_due    = "项；可算覆盖率的部门之和"
region_coverage_pct = "上述部门合计的覆盖率"
n_with_coverage     = "可算覆盖率的部门"
n_departments       = "列入对接情况表或有应接事项的部门"
---*/
WITH figures AS (
    SELECT
        integ.region,
        integ.period_end,
        integ.department,
        integ.items_connected,
        integ.items_connected_status,
        integ.items_on_platform,
        integ.items_on_platform_status,
        max(integ.period_end) OVER (PARTITION BY integ.region) AS latest_period_end
    FROM integration_by_period AS integ
    WHERE integ.items_connected_status IS NOT NULL
        OR integ.items_on_platform_status IS NOT NULL
),
chosen AS (
    SELECT
        figures.region,
        figures.period_end,
        figures.department,
        figures.items_connected,
        figures.items_on_platform,
        -- A column that the table does not have adds nothing; an empty cell may hide items.
        CASE
            WHEN figures.items_connected IS NULL
                AND coalesce(figures.items_connected_status, 'not_applicable') <> 'not_applicable'
            THEN NULL
            WHEN figures.items_on_platform IS NULL
                AND coalesce(figures.items_on_platform_status, 'not_applicable') <> 'not_applicable'
            THEN NULL
            WHEN figures.items_connected IS NULL AND figures.items_on_platform IS NULL THEN NULL
            ELSE coalesce(figures.items_connected, 0) + coalesce(figures.items_on_platform, 0)
        END AS items_covered
    FROM figures
    WHERE figures.period_end = coalesce(CAST($period AS DATE), figures.latest_period_end)
),
periods AS (
    SELECT DISTINCT
        chosen.region,
        chosen.period_end
    FROM chosen
),
lists AS (
    SELECT
        due.region,
        periods.period_end,
        due.department,
        due.items_due,
        row_number() OVER (
            PARTITION BY due.region, due.department
            ORDER BY due.valid_from DESC
        ) AS choice
    FROM items_due AS due
    JOIN periods
        ON  periods.region = due.region
        AND due.valid_from <= periods.period_end
        AND (due.valid_to IS NULL OR due.valid_to >= periods.period_end)
),
latest_lists AS (
    SELECT
        lists.region,
        lists.period_end,
        lists.department,
        lists.items_due
    FROM lists
    WHERE lists.choice = 1
),
compared AS (
    SELECT
        coalesce(chosen.region, latest_lists.region) AS region,
        coalesce(chosen.period_end, latest_lists.period_end) AS period_end,
        coalesce(chosen.department, latest_lists.department) AS department,
        latest_lists.items_due,
        chosen.items_connected,
        chosen.items_on_platform,
        chosen.items_covered,
        CASE
            WHEN latest_lists.items_due IS NULL THEN 'no_list'
            WHEN chosen.department IS NULL AND latest_lists.items_due = 0 THEN 'no_duty'
            WHEN chosen.department IS NULL THEN 'not_in_table'
            WHEN chosen.items_covered IS NULL THEN 'no_figure'
            WHEN chosen.items_covered > latest_lists.items_due THEN 'more_than_due'
            WHEN latest_lists.items_due = 0 THEN 'no_duty'
        END AS cause,
        -- Without items due there is no share, of nobody and of the region.
        latest_lists.items_due > 0 AND chosen.items_covered IS NOT NULL AS has_coverage
    FROM chosen
    FULL OUTER JOIN latest_lists
        ON  latest_lists.region = chosen.region
        AND latest_lists.department = chosen.department
),
totals AS (
    SELECT
        compared.region,
        sum(CASE WHEN compared.has_coverage THEN compared.items_due END) AS items_due,
        sum(CASE WHEN compared.has_coverage THEN compared.items_covered END) AS items_covered,
        count(CASE WHEN compared.has_coverage THEN 1 END) AS n_with_coverage,
        count(*) AS n_departments
    FROM compared
    GROUP BY compared.region
)
SELECT
    compared.region,
    compared.period_end,
    compared.department,
    coalesce(dept.name_zh, compared.department) AS department_name,
    dept.kind,
    compared.items_due,
    compared.items_connected,
    compared.items_on_platform,
    compared.items_covered,
    100 * compared.items_covered / nullif(compared.items_due, 0) AS coverage_pct,
    compared.items_due - compared.items_covered AS items_lacking,
    compared.cause,
    CAST(totals.items_due AS BIGINT) AS region_items_due,
    100 * totals.items_covered / nullif(CAST(totals.items_due AS DOUBLE), 0) AS region_coverage_pct,
    CAST(totals.n_with_coverage AS BIGINT) AS n_with_coverage,
    CAST(totals.n_departments AS BIGINT) AS n_departments,
    dept.official_order
FROM compared
JOIN totals
    ON totals.region = compared.region
LEFT JOIN departments AS dept
    ON dept.department = compared.department
ORDER BY
    compared.region,
    dept.official_order NULLS LAST,
    compared.department;
