/*---
summary    = "What each department has connected"
summary_zh = "各部门对接情况"
reads      = ["departments", "integration_by_period"]
order      = ["region", "rank", "official_order", "department"]
show       = ["rank", "department_name", "items_connected", "items_on_platform", "apps_connected", "apps_connected_in_year"]

[params.period]
type      = "date?"
latest_of = ["items_connected", "items_on_platform", "apps_connected"]
help      = "last day of the period; without it the latest that has figures, per region"
help_zh   = "统计期末日；不给则取各地区最近一期有数据的"

[returns]
region                   = { type = "text", values = "regions" }
period_end               = "date"
rank                     = "int?"       # by items connected among the departments of the province, equal figures share it; null without a figure, and for central bodies and mass organisations
department               = { type = "text", values = "departments" }
department_name          = "text"
kind                     = { type = "text?", values = ["provincial", "central", "mass_organisation"] }
items_connected          = { type = "double?", approximate = "items_connected_is_approximate" }  # 项; by interface or single sign-on
items_connected_status   = { type = "text?", values = ["reported", "returned", "not_applicable", "missing", "estimated", "partly_missing", "partly_returned", "other_span", "other_definition"] }
items_connected_share_pct = "double?"   # percent of the column; null where it adds up to 0, and where a cell of it is empty or over another time
items_on_platform        = { type = "double?", approximate = "items_on_platform_is_approximate" }  # 项
items_on_platform_status = { type = "text?", values = ["reported", "returned", "not_applicable", "missing", "estimated", "partly_missing", "partly_returned", "other_span", "other_definition"] }
apps_connected           = { type = "double?", approximate = "apps_connected_is_approximate" }  # 项
apps_connected_status    = { type = "text?", values = ["reported", "returned", "not_applicable", "missing", "estimated", "partly_missing", "partly_returned", "other_span", "other_definition"] }
apps_connected_in_year   = { type = "double?", approximate = "apps_connected_in_year_is_approximate" }  # 项
apps_connected_in_year_status = { type = "text?", values = ["reported", "returned", "not_applicable", "missing", "estimated", "partly_missing", "partly_returned", "other_span", "other_definition"] }
items_connected_is_approximate = "bool"  # told with a qualifier, estimated or rounded
items_on_platform_is_approximate = "bool"
apps_connected_is_approximate = "bool"
apps_connected_in_year_is_approximate = "bool"
edition                  = "text?"      # null where the figures come from several
official_order           = "int?"

[returns_zh]
rank                     = "按接口、单点对接事项数在省级部门中的位次，数据相同的并列；无数据的为空，中央驻青单位和群团组织不排位"
items_connected          = "项；以接口或单点登录方式对接的"
items_connected_share_pct = "占该列合计的比例；合计为零的，以及该列有单元格为空或属另一统计区间的，均为空"
items_connected_is_approximate = "是否为约数、估计数或取整数"
edition                  = "数据出自多份文件的为空"
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
        integ.apps_connected,
        integ.apps_connected_status,
        integ.apps_connected_in_year,
        integ.apps_connected_in_year_status,
        integ.items_connected_is_approximate,
        integ.items_on_platform_is_approximate,
        integ.apps_connected_is_approximate,
        integ.apps_connected_in_year_is_approximate,
        integ.edition,
        -- A period that has only the applications of the year is no picture of what is connected.
        max(CASE
            WHEN coalesce(
                integ.items_connected_status, integ.items_on_platform_status, integ.apps_connected_status
            ) IS NOT NULL
            THEN integ.period_end
        END) OVER (PARTITION BY integ.region) AS latest_period_end
    FROM integration_by_period AS integ
),
ranked AS (
    SELECT
        figures.region,
        figures.period_end,
        -- Central bodies and mass organisations stand apart.
        CASE
            WHEN figures.items_connected IS NOT NULL AND dept.kind = 'provincial'
            THEN CAST(
                rank() OVER (
                    PARTITION BY figures.region, dept.kind
                    ORDER BY figures.items_connected DESC NULLS LAST
                ) AS INT
            )
        END AS rank,
        figures.department,
        dept.name_zh,
        dept.kind,
        dept.official_order,
        figures.items_connected,
        figures.items_connected_status,
        -- Beside an empty cell nobody's share is known.
        CASE
            WHEN count(figures.items_connected) OVER whole
                = count(nullif(figures.items_connected_status, 'not_applicable')) OVER whole
            THEN sum(figures.items_connected) OVER whole
        END AS total_items_connected,
        figures.items_on_platform,
        figures.items_on_platform_status,
        figures.apps_connected,
        figures.apps_connected_status,
        figures.apps_connected_in_year,
        figures.apps_connected_in_year_status,
        figures.items_connected_is_approximate,
        figures.items_on_platform_is_approximate,
        figures.apps_connected_is_approximate,
        figures.apps_connected_in_year_is_approximate,
        figures.edition
    FROM figures
    LEFT JOIN departments AS dept
        ON dept.department = figures.department
    WHERE figures.period_end = coalesce(CAST($period AS DATE), figures.latest_period_end)
    WINDOW whole AS (PARTITION BY figures.region)
)
SELECT
    ranked.region,
    ranked.period_end,
    ranked.rank,
    ranked.department,
    coalesce(ranked.name_zh, ranked.department) AS department_name,
    ranked.kind,
    ranked.items_connected,
    ranked.items_connected_status,
    100 * ranked.items_connected / nullif(ranked.total_items_connected, 0) AS items_connected_share_pct,
    ranked.items_on_platform,
    ranked.items_on_platform_status,
    ranked.apps_connected,
    ranked.apps_connected_status,
    ranked.apps_connected_in_year,
    ranked.apps_connected_in_year_status,
    ranked.items_connected_is_approximate,
    ranked.items_on_platform_is_approximate,
    ranked.apps_connected_is_approximate,
    ranked.apps_connected_in_year_is_approximate,
    ranked.edition,
    ranked.official_order
FROM ranked
ORDER BY
    ranked.region,
    ranked.rank NULLS LAST,
    ranked.official_order NULLS LAST,
    ranked.department;
