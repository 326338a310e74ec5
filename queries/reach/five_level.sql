/*---
summary    = "How far the five-level system reaches: townships and villages with a station, applications at all levels"
summary_zh = "五级联动覆盖情况：乡镇、村站点及五级应用对接数"
reads      = ["indicators", "observations_latest", "regions"]
order      = ["region", "indicator_order"]
show       = ["region_name", "indicator_name", "value", "unit", "qualifier", "n_divisions", "coverage_pct", "change", "period_end"]

[params.region]
type    = "text?"
help    = "region id, as 630000; without it all"
help_zh = "地区代码，如 630000；不给则全部"

[params.period]
type    = "date?"
help    = "day: later figures are left out; without it the latest"
help_zh = "截止日：此后的数据不取；不给则取最近一期"

[returns]
region              = { type = "text", values = "regions" }
region_name         = "text"
indicator_order     = "int"        # townships 1, villages 2, applications 3
indicator           = { type = "text", values = "indicators" }  # townships_covered, villages_covered, payment_apps_connected_told
indicator_name      = "text"
period_end          = "date"       # the latest that has a figure
value               = "double"     # in `unit`
unit                = "text"
qualifier           = { type = "text?", values = ["approx", "more_than", "less_than", "ambiguous"] }  # about, more than, …: as it was told
n_divisions         = "bigint?"    # townships or villages of the region in `regions`; null where none are listed
coverage_pct        = "double?"    # percent of them; above 100 where the list is another one
previous_period_end = "date?"      # of the figure before in the same definition
previous_value      = "double?"    # in `unit`
change              = { type = "double?", format = "change" }  # in `unit`; null where there is none before
edition             = "text?"

[returns_zh]
indicator_order     = "乡镇1，村（社区）2，在线缴费应用3"
indicator           = "townships_covered（服务站点覆盖乡镇）、villages_covered（服务站点覆盖村、社区）、payment_apps_connected_told（在线缴费应用）"
period_end          = "最近一期有数据的"
value               = "单位见 `unit`"
qualifier           = "原文所带的约、余等限定"
n_divisions         = "`regions` 表中该地区的乡镇或村；未列的为空"
coverage_pct        = "占乡镇或村总数的比例；与原文所依名录不同的，可能超过100"
previous_period_end = "同一口径上次数据的统计期末日"
previous_value      = "单位见 `unit`"
change              = "单位见 `unit`；没有上次数据的为空"
---*/
WITH figures AS (
    SELECT
        latest.region,
        latest.indicator,
        latest.definition,
        latest.period_end,
        latest.value,
        latest.unit,
        latest.qualifier,
        latest.edition,
        CASE latest.indicator
            WHEN 'townships_covered' THEN 'township'
            WHEN 'villages_covered' THEN 'village'
        END AS level,
        lag(latest.period_end) OVER series AS previous_period_end,
        lag(latest.value) OVER series AS previous_value,
        row_number() OVER (
            PARTITION BY latest.region, latest.indicator
            ORDER BY latest.period_end DESC, latest.definition DESC, latest.accumulation, latest.unit
        ) AS newest_first
    FROM observations_latest AS latest
    WHERE latest.indicator IN ('townships_covered', 'villages_covered', 'payment_apps_connected_told')
        AND latest.department IS NULL
        AND latest.breakdown IS NULL
        AND latest.value IS NOT NULL
        AND (CAST($region AS STRING) IS NULL OR latest.region = $region)
        AND (CAST($period AS DATE) IS NULL OR latest.period_end <= CAST($period AS DATE))
    WINDOW series AS (
        PARTITION BY
            latest.region, latest.indicator, latest.definition, latest.accumulation, latest.unit
        ORDER BY latest.period_end
    )
),
-- Towns and villages are in the table where a workspace put them there.
divisions AS (
    SELECT
        figures.region,
        figures.level,
        count(*) AS n_divisions
    FROM figures
    JOIN regions AS reg
        ON  reg.level = figures.level
        AND reg.status = 'current'
    LEFT JOIN regions AS above
        ON above.region = reg.parent
    LEFT JOIN regions AS higher
        ON higher.region = above.parent
    LEFT JOIN regions AS highest
        ON highest.region = higher.parent
    WHERE figures.newest_first = 1
        AND figures.region IN (reg.region, reg.parent, above.parent, higher.parent, highest.parent)
    GROUP BY figures.region, figures.level
)
SELECT
    figures.region,
    coalesce(reg.name, figures.region) AS region_name,
    CASE figures.indicator
        WHEN 'townships_covered' THEN 1
        WHEN 'villages_covered' THEN 2
        ELSE 3
    END AS indicator_order,
    figures.indicator,
    coalesce(ind.name_zh, figures.indicator) AS indicator_name,
    figures.period_end,
    figures.value,
    figures.unit,
    figures.qualifier,
    CAST(divisions.n_divisions AS BIGINT) AS n_divisions,
    100 * figures.value / nullif(CAST(divisions.n_divisions AS DOUBLE), 0) AS coverage_pct,
    figures.previous_period_end,
    figures.previous_value,
    figures.value - figures.previous_value AS change,
    figures.edition
FROM figures
LEFT JOIN divisions
    ON  divisions.region = figures.region
    AND divisions.level = figures.level
LEFT JOIN regions AS reg
    ON reg.region = figures.region
LEFT JOIN indicators AS ind
    ON  ind.indicator = figures.indicator
    AND ind.definition = figures.definition
WHERE figures.newest_first = 1
ORDER BY figures.region, indicator_order;
