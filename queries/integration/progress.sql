/*---
summary    = "What each department has connected, against the period before and the year before"
summary_zh = "各部门对接进展：本期、上期、去年同期及变动"
reads      = ["departments", "figures_by_period"]
order      = ["region", "official_order", "department"]
show       = ["department_name", "accumulation", "period_end", "value", "previous_period_end", "previous_value", "change", "change_pct", "cause", "year_before_period_end", "year_before_change", "year_before_cause", "share_pct", "rank", "rank_change"]

[params.indicator]
type    = "text"
default = "items_connected"
values  = ["items_connected", "items_on_platform", "apps_connected", "apps_connected_in_year"]
help    = "items_connected, items_on_platform, apps_connected or apps_connected_in_year"
help_zh = "items_connected（接口、单点对接事项）、items_on_platform（平台办理事项）、apps_connected（便民应用）或 apps_connected_in_year（当年便民应用）"

[params.period]
type    = "date?"
help    = "last day of the period; without it the latest that the indicator has, per region"
help_zh = "统计期末日；不给则取该指标在各地区的最近一期"

[returns]
region                  = { type = "text", values = "regions" }
period_end              = "date"
indicator               = { type = "text", values = "indicators" }
department              = { type = "text", values = "departments" }
department_name         = "text"
kind                    = { type = "text?", values = ["provincial", "central", "mass_organisation"] }
accumulation            = { type = "text?", values = ["point", "period", "year_to_date", "since_launch"] }  # what is compared: states, or running totals; null without a figure
value                   = { type = "double?", unit = "$indicator", status = "obs_status", approximate = "is_approximate" }  # 项; null where the period has none, see `obs_status`
obs_status              = { type = "text?", values = ["reported", "returned", "not_applicable", "missing", "estimated", "partly_missing", "partly_returned", "other_span", "other_definition"] }  # null: the department is not in the table of the period
is_approximate          = "bool"       # told with a qualifier, estimated or rounded
share_pct               = "double?"    # percent of the column; null where it adds up to 0, and where a cell of it is empty or over another time
rank                    = { type = "int?", ranked_by = "value" }  # within its kind, equal figures share it; null without a figure
previous_period_end     = "date?"      # null where there is no earlier period
previous_value          = { type = "double?", unit = "$indicator", approximate = "previous_is_approximate" }  # 项
previous_is_approximate = "bool"
change                  = { type = "double?", unit = "$indicator", format = "change" }  # 项, on the period before: of a running total what was added since; null where `cause` says why
change_pct              = { type = "double?", format = "change" }  # percent; null where the period before has 0, and of running totals: they grow with their length
previous_rank           = { type = "int?", ranked_by = "previous_value" }  # within its kind
rank_change             = { type = "int?", format = "change", ranked_by = ["value", "previous_value"] }  # places gained, negative where lost
cause                   = { type = "text?", values = ["not_in_period", "no_figure", "no_earlier_figure", "definition_changed", "reset", "other_span"] }  # why no change
year_before_period_end  = "date?"      # the same day of the year before, else the last of that month; null where it has none
year_before_value       = { type = "double?", unit = "$indicator", approximate = "year_before_is_approximate" }  # 项
year_before_is_approximate = "bool"
year_before_change      = { type = "double?", unit = "$indicator", format = "change" }  # 项; null where `year_before_cause` says why
year_before_change_pct  = { type = "double?", format = "change" }  # percent; null where the year before has 0
year_before_cause       = { type = "text?", values = ["not_in_period", "no_figure", "no_earlier_figure", "definition_changed", "reset", "other_span", "other_day"] }  # why no such change; other_day, as nine months are not set against ten
official_order          = "int?"

[returns_zh]
accumulation            = "所比数据为时点数或累计数；无数据的为空"
value                   = "项；本期无数据的为空，见 `obs_status`"
obs_status              = "空值为部门未列入本期的表"
is_approximate          = "是否为约数、估计数或取整数"
share_pct               = "占该列合计的比例；合计为零的，以及该列有单元格为空或属另一统计区间的，均为空"
rank                    = "在同类部门中的位次，数据相同的并列；无数据的为空"
previous_period_end     = "没有更早统计期的为空"
change                  = "项，较上期；累计数为上期以来新增数；`cause` 载明原因的为空"
change_pct              = "环比；上期为零的为空；累计数随时间增长，不计环比"
previous_rank           = "在同类部门中的位次"
rank_change             = "上升的位次，下降为负"
cause                   = "未计算变动的原因"
year_before_period_end  = "去年同日，没有则取该月末日；均无数据的为空"
year_before_change      = "项，同比；`year_before_cause` 载明原因的为空"
year_before_change_pct  = "同比；去年同期为零的为空"
year_before_cause       = "未计算同比的原因；other_day（日期不同）：如九个月的累计不与十个月的相比"
---*/
WITH cells AS (
    SELECT
        figure.region,
        figure.department,
        figure.period_end,
        figure.definition,
        figure.accumulation,
        figure.counted_from,
        figure.value,
        figure.is_approximate,
        figure.obs_status
    FROM figures_by_period AS figure
    WHERE figure.indicator = $indicator
        AND (CAST($period AS DATE) IS NULL OR figure.period_end <= CAST($period AS DATE))
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
        cells.accumulation,
        cells.counted_from,
        cells.value,
        cells.is_approximate,
        cells.obs_status,
        latest.current_end,
        max(CASE WHEN cells.period_end < latest.current_end THEN cells.period_end END)
            OVER (PARTITION BY cells.region) AS previous_end,
        max(CASE
            WHEN year(cells.period_end) = year(latest.current_end) - 1
                AND month(cells.period_end) = month(latest.current_end)
            THEN cells.period_end
        END) OVER (PARTITION BY cells.region) AS month_before_end,
        -- The last day of February is one day, whichever the year.
        max(CASE
            WHEN year(cells.period_end) = year(latest.current_end) - 1
                AND month(cells.period_end) = month(latest.current_end)
                AND (
                    day(cells.period_end) = day(latest.current_end)
                    OR (
                        cells.period_end = last_day(cells.period_end)
                        AND latest.current_end = last_day(latest.current_end)
                    )
                )
            THEN cells.period_end
        END) OVER (PARTITION BY cells.region) AS day_before_end
    FROM cells
    JOIN latest
        ON latest.region = cells.region
),
beside AS (
    SELECT
        dated.region,
        dated.department,
        dated.period_end,
        dated.definition,
        dated.accumulation,
        dated.counted_from,
        -- The first day as a number, so that a year is 10000; 0 for a state, and since launch.
        coalesce(
            year(dated.counted_from) * 10000 + month(dated.counted_from) * 100 + day(dated.counted_from),
            0
        ) AS first_day_number,
        dated.value,
        dated.is_approximate,
        dated.obs_status,
        dated.current_end,
        dated.previous_end,
        coalesce(dated.day_before_end, dated.month_before_end) AS year_before_end,
        dated.day_before_end IS NOT NULL AS has_same_day
    FROM dated
),
ranked AS (
    SELECT
        beside.region,
        beside.department,
        dept.name_zh,
        dept.kind,
        dept.official_order,
        beside.period_end,
        beside.definition,
        beside.accumulation,
        beside.counted_from,
        beside.first_day_number,
        beside.value,
        beside.is_approximate,
        beside.obs_status,
        beside.current_end,
        beside.previous_end,
        beside.year_before_end,
        beside.has_same_day,
        -- Beside an empty cell nobody's share is known.
        CASE
            WHEN count(beside.value) OVER whole
                = count(nullif(beside.obs_status, 'not_applicable')) OVER whole
            THEN sum(beside.value) OVER whole
        END AS total,
        CASE
            WHEN beside.value IS NOT NULL
            THEN rank() OVER (
                PARTITION BY beside.region, beside.period_end, dept.kind
                ORDER BY beside.value DESC NULLS LAST
            )
        END AS rank
    FROM beside
    LEFT JOIN departments AS dept
        ON dept.department = beside.department
    WHERE beside.period_end IN (beside.current_end, beside.previous_end, beside.year_before_end)
    WINDOW whole AS (PARTITION BY beside.region, beside.period_end)
),
-- One row of a department: its cell of each of the three periods.
compared AS (
    SELECT
        ranked.region,
        ranked.department,
        ranked.name_zh,
        ranked.kind,
        ranked.official_order,
        ranked.current_end,
        ranked.previous_end,
        ranked.year_before_end,
        ranked.has_same_day,
        max(CASE WHEN ranked.period_end = ranked.current_end THEN ranked.value END) AS value,
        max(CASE WHEN ranked.period_end = ranked.current_end AND ranked.is_approximate THEN 1 ELSE 0 END)
            AS is_approximate,
        max(CASE WHEN ranked.period_end = ranked.current_end THEN ranked.obs_status END) AS obs_status,
        max(CASE WHEN ranked.period_end = ranked.current_end THEN ranked.total END) AS total,
        max(CASE WHEN ranked.period_end = ranked.current_end THEN ranked.rank END) AS rank,
        max(CASE WHEN ranked.period_end = ranked.current_end THEN ranked.definition END) AS definition,
        max(CASE WHEN ranked.period_end = ranked.current_end THEN ranked.accumulation END) AS accumulation,
        max(CASE WHEN ranked.period_end = ranked.current_end THEN ranked.counted_from END) AS counted_from,
        max(CASE WHEN ranked.period_end = ranked.current_end THEN ranked.first_day_number END)
            AS first_day_number,
        max(CASE WHEN ranked.period_end = ranked.previous_end THEN ranked.value END) AS previous_value,
        max(CASE WHEN ranked.period_end = ranked.previous_end AND ranked.is_approximate THEN 1 ELSE 0 END)
            AS previous_is_approximate,
        max(CASE WHEN ranked.period_end = ranked.previous_end THEN ranked.obs_status END)
            AS previous_obs_status,
        max(CASE WHEN ranked.period_end = ranked.previous_end THEN ranked.rank END) AS previous_rank,
        max(CASE WHEN ranked.period_end = ranked.previous_end THEN ranked.definition END)
            AS previous_definition,
        max(CASE WHEN ranked.period_end = ranked.previous_end THEN ranked.accumulation END)
            AS previous_accumulation,
        max(CASE WHEN ranked.period_end = ranked.previous_end THEN ranked.counted_from END)
            AS previous_counted_from,
        max(CASE WHEN ranked.period_end = ranked.year_before_end THEN ranked.value END)
            AS year_before_value,
        max(CASE WHEN ranked.period_end = ranked.year_before_end AND ranked.is_approximate THEN 1 ELSE 0 END)
            AS year_before_is_approximate,
        max(CASE WHEN ranked.period_end = ranked.year_before_end THEN ranked.definition END)
            AS year_before_definition,
        max(CASE WHEN ranked.period_end = ranked.year_before_end THEN ranked.accumulation END)
            AS year_before_accumulation,
        max(CASE WHEN ranked.period_end = ranked.year_before_end THEN ranked.first_day_number END)
            AS year_before_first_day_number
    FROM ranked
    GROUP BY
        ranked.region, ranked.department, ranked.name_zh, ranked.kind, ranked.official_order,
        ranked.current_end, ranked.previous_end, ranked.year_before_end, ranked.has_same_day
),
judged AS (
    SELECT
        compared.region,
        compared.department,
        compared.name_zh,
        compared.kind,
        compared.official_order,
        compared.current_end,
        compared.previous_end,
        compared.year_before_end,
        compared.accumulation,
        compared.value,
        compared.is_approximate,
        compared.obs_status,
        compared.total,
        compared.rank,
        compared.previous_value,
        compared.previous_is_approximate,
        compared.previous_rank,
        compared.year_before_value,
        compared.year_before_is_approximate,
        CASE
            WHEN compared.obs_status IS NULL THEN 'not_in_period'
            WHEN compared.value IS NULL THEN 'no_figure'
            WHEN compared.previous_value IS NULL THEN 'no_earlier_figure'
            WHEN compared.previous_definition <> compared.definition THEN 'definition_changed'
            -- What is counted from another day on began at 0 again.
            WHEN compared.previous_counted_from <> compared.counted_from THEN 'reset'
            WHEN compared.previous_accumulation <> compared.accumulation THEN 'other_span'
        END AS cause,
        CASE
            WHEN compared.obs_status IS NULL THEN 'not_in_period'
            WHEN compared.value IS NULL THEN 'no_figure'
            WHEN compared.year_before_value IS NULL THEN 'no_earlier_figure'
            WHEN compared.year_before_definition <> compared.definition THEN 'definition_changed'
            WHEN compared.year_before_accumulation <> compared.accumulation THEN 'other_span'
            -- A year counts from its own first day.
            WHEN compared.first_day_number - compared.year_before_first_day_number NOT IN (0, 10000)
            THEN 'other_span'
            WHEN NOT compared.has_same_day THEN 'other_day'
        END AS year_before_cause
    FROM compared
    -- Of a department that was in the table a year ago alone there is nothing to say.
    WHERE compared.obs_status IS NOT NULL
        OR compared.previous_obs_status IS NOT NULL
)
SELECT
    judged.region,
    judged.current_end AS period_end,
    CAST($indicator AS STRING) AS indicator,
    judged.department,
    coalesce(judged.name_zh, judged.department) AS department_name,
    judged.kind,
    judged.accumulation,
    judged.value,
    judged.obs_status,
    judged.is_approximate = 1 AS is_approximate,
    100 * judged.value / nullif(judged.total, 0) AS share_pct,
    CAST(judged.rank AS INT) AS rank,
    judged.previous_end AS previous_period_end,
    judged.previous_value,
    judged.previous_is_approximate = 1 AS previous_is_approximate,
    CASE WHEN judged.cause IS NULL THEN judged.value - judged.previous_value END AS change,
    CASE
        WHEN judged.cause IS NULL AND judged.accumulation NOT IN ('year_to_date', 'since_launch')
        THEN 100 * (judged.value - judged.previous_value) / nullif(judged.previous_value, 0)
    END AS change_pct,
    CAST(judged.previous_rank AS INT) AS previous_rank,
    CAST(CASE WHEN judged.cause IS NULL THEN judged.previous_rank - judged.rank END AS INT) AS rank_change,
    judged.cause,
    judged.year_before_end AS year_before_period_end,
    judged.year_before_value,
    judged.year_before_is_approximate = 1 AS year_before_is_approximate,
    CASE WHEN judged.year_before_cause IS NULL THEN judged.value - judged.year_before_value END
        AS year_before_change,
    CASE
        WHEN judged.year_before_cause IS NULL
        THEN 100 * (judged.value - judged.year_before_value) / nullif(judged.year_before_value, 0)
    END AS year_before_change_pct,
    judged.year_before_cause,
    judged.official_order
FROM judged
ORDER BY
    judged.region,
    judged.official_order NULLS LAST,
    judged.department;
