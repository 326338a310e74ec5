/*---
summary    = "Items that can be handled in another province, or anywhere in the province, over time"
summary_zh = "“跨省通办”“省内通办”事项数及变动"
reads      = ["observations_latest", "regions"]
order      = ["region", "period_end"]
show       = ["region_name", "period_end", "items_cross_province", "cross_province_change", "items_in_province", "in_province_change"]

[params.region]
type    = "text?"
help    = "region id, as 630000; without it all"
help_zh = "地区代码，如 630000；不给则全部"

[params.since]
type    = "date?"
help    = "first day: earlier figures are left out"
help_zh = "起始日：此前的数据不列"

[params.until]
type       = "date?"
not_before = "since"
help       = "last day: later figures are left out"
help_zh    = "截止日：此后的数据不列"

[returns]
region                    = { type = "text", values = "regions" }
region_name               = "text"
period_end                = "date"
items_cross_province      = "double?"    # 项; null where the day has no figure
cross_province_qualifier  = { type = "text?", values = ["approx", "more_than", "less_than", "ambiguous"] }  # about, more than, …: as it was told
cross_province_change     = { type = "double?", format = "change" }  # 项, on the figure before in the same definition; null where there is none
cross_province_change_pct = { type = "double?", format = "change" }  # percent; null where the figure before is 0
items_in_province         = "double?"    # 项; null where the day has no figure
in_province_qualifier     = { type = "text?", values = ["approx", "more_than", "less_than", "ambiguous"] }
in_province_change        = { type = "double?", format = "change" }  # 项
in_province_change_pct    = { type = "double?", format = "change" }  # percent; null where the figure before is 0
edition                   = "text?"      # null where the figures come from several

[returns_zh]
items_cross_province      = "项；当日无数据的为空"
cross_province_qualifier  = "原文所带的约、余等限定"
cross_province_change     = "项，较同一口径的上次数据；没有上次数据的为空"
cross_province_change_pct = "较上次数据的变动幅度；上次数据为零的为空"
items_in_province         = "项；当日无数据的为空"
in_province_change_pct    = "较上次数据的变动幅度；上次数据为零的为空"
edition                   = "数据出自多份文件的为空"
---*/
WITH figures AS (
    SELECT
        latest.region,
        latest.indicator,
        latest.period_end,
        latest.value,
        latest.qualifier,
        latest.edition,
        -- The figure before it, whatever was left out of the day in between.
        lag(latest.value) OVER series AS previous_value,
        row_number() OVER (
            PARTITION BY latest.region, latest.indicator, latest.period_end
            ORDER BY latest.definition DESC, latest.accumulation, latest.unit, latest.period_start
        ) AS choice
    FROM observations_latest AS latest
    WHERE latest.indicator IN ('items_cross_province', 'items_in_province')
        AND latest.department IS NULL
        AND latest.breakdown IS NULL
        AND latest.value IS NOT NULL
        AND (CAST($region AS STRING) IS NULL OR latest.region = $region)
    WINDOW series AS (
        PARTITION BY
            latest.region, latest.indicator, latest.definition, latest.accumulation, latest.unit
        ORDER BY latest.period_end, latest.period_start
    )
),
days AS (
    SELECT
        figures.region,
        figures.period_end,
        max(CASE WHEN figures.indicator = 'items_cross_province' THEN figures.value END)
            AS items_cross_province,
        max(CASE WHEN figures.indicator = 'items_cross_province' THEN figures.qualifier END)
            AS cross_province_qualifier,
        max(CASE WHEN figures.indicator = 'items_cross_province' THEN figures.previous_value END)
            AS cross_province_before,
        max(CASE WHEN figures.indicator = 'items_in_province' THEN figures.value END) AS items_in_province,
        max(CASE WHEN figures.indicator = 'items_in_province' THEN figures.qualifier END)
            AS in_province_qualifier,
        max(CASE WHEN figures.indicator = 'items_in_province' THEN figures.previous_value END)
            AS in_province_before,
        CASE
            WHEN min(figures.edition) = max(figures.edition) AND count(figures.edition) = count(*)
            THEN max(figures.edition)
        END AS edition
    FROM figures
    WHERE figures.choice = 1
    GROUP BY figures.region, figures.period_end
)
SELECT
    days.region,
    coalesce(reg.name, days.region) AS region_name,
    days.period_end,
    days.items_cross_province,
    days.cross_province_qualifier,
    days.items_cross_province - days.cross_province_before AS cross_province_change,
    100 * (days.items_cross_province - days.cross_province_before) / nullif(days.cross_province_before, 0)
        AS cross_province_change_pct,
    days.items_in_province,
    days.in_province_qualifier,
    days.items_in_province - days.in_province_before AS in_province_change,
    100 * (days.items_in_province - days.in_province_before) / nullif(days.in_province_before, 0)
        AS in_province_change_pct,
    days.edition
FROM days
LEFT JOIN regions AS reg
    ON reg.region = days.region
WHERE (CAST($since AS DATE) IS NULL OR days.period_end >= CAST($since AS DATE))
    AND (CAST($until AS DATE) IS NULL OR days.period_end <= CAST($until AS DATE))
ORDER BY days.region, days.period_end;
