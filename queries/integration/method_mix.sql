/*---
summary    = "How items are handled: by interface, by single sign-on, on the platform; by department and in all"
summary_zh = "对接方式构成：接口、单点登录、平台办理，分部门及合计"
reads      = ["cells_by_period", "departments"]
order      = ["region", "is_department", "official_order", "department"]
show       = ["department_name", "items_in_all", "items_by_interface", "items_by_single_sign_on", "items_connected", "items_on_platform", "connected_pct", "platform_pct"]
without_department = "total"

[params.period]
type      = "date?"
latest_of = ["items_connected", "items_on_platform"]
help      = "last day of the period; without it the latest that has figures, per region"
help_zh   = "统计期末日；不给则取各地区最近一期有数据的"

[returns]
region                  = { type = "text", values = "regions" }
period_end              = "date"
is_department           = "bool"       # false: the first row, all departments of the region together
department              = { type = "text?", values = "departments" }  # null for all together
department_name         = "text"       # the word for a total, for all together
kind                    = { type = "text?", values = ["provincial", "central", "mass_organisation"] }
items_in_all            = "double?"    # 项; connected and on the platform; null where a cell of them is empty
items_by_interface      = "double?"    # 项; null where the table does not tell the two ways apart
items_by_single_sign_on = "double?"    # 项; null where the table does not tell the two ways apart
items_connected         = "double?"    # 项; by interface or single sign-on
items_on_platform       = "double?"    # 项; handled on the platform itself
interface_pct           = "double?"    # percent of all; null where that is 0
single_sign_on_pct      = "double?"    # percent of all
connected_pct           = "double?"    # percent of all
platform_pct            = "double?"    # percent of all
unassigned              = "double?"    # 项; connected, and neither by interface nor by single sign-on; null where these are not told
n_departments           = "bigint"     # that the row is about
n_unknown               = "bigint"     # of them without a figure for all: they are in no sum
official_order          = "int?"

[returns_zh]
is_department           = "否（false）为首行，即地区各部门合计"
department              = "合计行为空"
department_name         = "合计行为“合计”"
items_in_all            = "项；接口、单点对接与使用平台办理之和，有单元格为空的为空"
items_by_interface      = "项；表中未区分两种方式的为空"
items_by_single_sign_on = "项；表中未区分两种方式的为空"
items_connected         = "项；以接口或单点登录方式对接的"
items_on_platform       = "项；使用平台办理的"
interface_pct           = "占事项合计的比例；合计为零的为空"
single_sign_on_pct      = "占事项合计的比例"
connected_pct           = "占事项合计的比例"
platform_pct            = "占事项合计的比例"
unassigned              = "项；已对接而未归入接口或单点登录的；表中未区分方式的为空"
n_departments           = "本行所含部门"
n_unknown               = "其中无法得出事项合计的部门，不计入各项合计"
---*/
WITH cells AS (
    SELECT
        cell.region,
        cell.period_end,
        cell.department,
        cell.indicator,
        cell.value,
        cell.obs_status,
        max(CASE WHEN cell.indicator IN ('items_connected', 'items_on_platform') THEN cell.period_end END)
            OVER (PARTITION BY cell.region) AS latest_period_end
    FROM cells_by_period AS cell
    WHERE cell.indicator IN (
        'items_connected',
        'items_on_platform',
        'items_by_interface',
        'items_by_single_sign_on'
    )
),
methods AS (
    SELECT
        cells.region,
        cells.period_end,
        cells.department,
        max(CASE WHEN cells.indicator = 'items_connected' THEN cells.value END) AS items_connected,
        max(CASE WHEN cells.indicator = 'items_on_platform' THEN cells.value END) AS items_on_platform,
        max(CASE WHEN cells.indicator = 'items_by_interface' THEN cells.value END) AS items_by_interface,
        max(CASE WHEN cells.indicator = 'items_by_single_sign_on' THEN cells.value END)
            AS items_by_single_sign_on
    FROM cells
    WHERE cells.period_end = coalesce(CAST($period AS DATE), cells.latest_period_end)
    GROUP BY cells.region, cells.period_end, cells.department
),
-- Where a table has the two ways alone, both together are what is connected.
added AS (
    SELECT
        methods.region,
        methods.period_end,
        methods.department,
        methods.items_by_interface,
        methods.items_by_single_sign_on,
        coalesce(
            methods.items_connected,
            methods.items_by_interface + methods.items_by_single_sign_on
        ) AS items_connected,
        methods.items_on_platform
    FROM methods
),
rows_of_all AS (
    SELECT
        added.region,
        added.period_end,
        false AS is_department,
        CAST(NULL AS STRING) AS department,
        -- A sum is of departments that have all of its parts, so that its shares add up.
        sum(CASE WHEN added.items_connected + added.items_on_platform IS NOT NULL
            THEN added.items_by_interface END) AS items_by_interface,
        sum(CASE WHEN added.items_connected + added.items_on_platform IS NOT NULL
            THEN added.items_by_single_sign_on END) AS items_by_single_sign_on,
        sum(CASE WHEN added.items_on_platform IS NOT NULL THEN added.items_connected END)
            AS items_connected,
        sum(CASE WHEN added.items_connected IS NOT NULL THEN added.items_on_platform END)
            AS items_on_platform,
        count(*) AS n_departments,
        count(*) - count(added.items_connected + added.items_on_platform) AS n_unknown,
        count(CASE WHEN added.items_connected + added.items_on_platform IS NOT NULL
            AND added.items_by_interface + added.items_by_single_sign_on IS NULL THEN 1 END) AS n_unsplit
    FROM added
    GROUP BY added.region, added.period_end
    UNION ALL
    SELECT
        added.region,
        added.period_end,
        true AS is_department,
        added.department,
        added.items_by_interface,
        added.items_by_single_sign_on,
        added.items_connected,
        added.items_on_platform,
        1 AS n_departments,
        CASE WHEN added.items_connected + added.items_on_platform IS NULL THEN 1 ELSE 0 END AS n_unknown,
        CASE WHEN added.items_by_interface + added.items_by_single_sign_on IS NULL THEN 1 ELSE 0 END
            AS n_unsplit
    FROM added
)
SELECT
    mix.region,
    mix.period_end,
    mix.is_department,
    mix.department,
    CASE
        WHEN mix.is_department THEN coalesce(dept.name_zh, mix.department)
        ELSE '合计'
    END AS department_name,
    dept.kind,
    mix.items_connected + mix.items_on_platform AS items_in_all,
    -- A department that does not tell its two ways apart leaves those of all unknown.
    CASE WHEN mix.is_department OR mix.n_unsplit = 0 THEN mix.items_by_interface END AS items_by_interface,
    CASE WHEN mix.is_department OR mix.n_unsplit = 0 THEN mix.items_by_single_sign_on END
        AS items_by_single_sign_on,
    mix.items_connected,
    mix.items_on_platform,
    CASE WHEN mix.is_department OR mix.n_unsplit = 0
        THEN 100 * mix.items_by_interface / nullif(mix.items_connected + mix.items_on_platform, 0)
    END AS interface_pct,
    CASE WHEN mix.is_department OR mix.n_unsplit = 0
        THEN 100 * mix.items_by_single_sign_on / nullif(mix.items_connected + mix.items_on_platform, 0)
    END AS single_sign_on_pct,
    100 * mix.items_connected / nullif(mix.items_connected + mix.items_on_platform, 0) AS connected_pct,
    100 * mix.items_on_platform / nullif(mix.items_connected + mix.items_on_platform, 0) AS platform_pct,
    CASE WHEN mix.n_unsplit = 0
        THEN mix.items_connected - mix.items_by_interface - mix.items_by_single_sign_on
    END AS unassigned,
    CAST(mix.n_departments AS BIGINT) AS n_departments,
    CAST(mix.n_unknown AS BIGINT) AS n_unknown,
    dept.official_order
FROM rows_of_all AS mix
LEFT JOIN departments AS dept
    ON dept.department = mix.department
ORDER BY
    mix.region,
    mix.is_department,
    dept.official_order NULLS LAST,
    mix.department NULLS LAST;
