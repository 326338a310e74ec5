/*---
summary    = "Share of items that can be handled online, by region, with its target and its change"
summary_zh = "各地区网上可办率、目标、差距及变动"
reads      = ["observations_latest", "regions", "targets_judged"]
order      = ["level_order", "region"]
show       = ["region_name", "level", "online_rate", "qualifier", "target", "gap", "is_met", "change_points", "period_end", "cause"]

[params.region]
type    = "text?"
help    = "region id, as 630100; without it all that have a figure or a target"
help_zh = "地区代码，如 630100；不给则取全部有数据或有目标的地区"

[returns]
region              = { type = "text", values = "regions" }
region_name         = "text"
level_order         = "int"        # province 1, prefecture 2, county 3, any other 4
level               = { type = "text?", values = ["province", "prefecture", "county"] }
online_rate         = "double?"    # percent; the latest figure; null where there is none
qualifier           = { type = "text?", values = ["approx", "more_than", "less_than", "ambiguous"] }  # about, more than, …: as it was told
period_end          = "date?"      # last day of the figure
previous_period_end = "date?"      # of the figure before in the same definition
previous_value      = "double?"    # percent
change_points       = { type = "double?", format = "change", decimals = 2 }  # percentage points; null where there is none before
target              = "double?"    # percent; the latest target set for the region or its level
target_value        = "double?"    # percent; the latest figure within the time of the target, by which it is judged
gap                 = { type = "double?", format = "change" }  # percentage points that are lacking, 0 or less where the target is met
is_met              = "bool?"      # null without a target, or a figure within its time
cause               = { type = "text?", values = ["no_target", "no_figure", "unit_differs"] }  # why nothing is judged
valid_from          = "date?"      # first day of the time that the target is set for
valid_to            = "date?"      # last day of it
edition             = "text?"      # of the latest figure

[returns_zh]
level_order         = "省级1，市州级2，县级3，其他4"
online_rate         = "最近一期数据；无数据的为空"
qualifier           = "原文所带的约、余等限定"
period_end          = "数据的截止日"
previous_period_end = "同一口径上次数据的统计期末日"
previous_value      = "百分比"
change_points       = "较上次变动的百分点；没有上次数据的为空"
target              = "为该地区或其层级设定的最新目标"
target_value        = "目标考核期内的最近数据，据以判定是否达标"
gap                 = "尚差的百分点，达标的为0或负"
is_met              = "未设目标或考核期内无数据的为空"
cause               = "未作判定的原因"
valid_from          = "目标考核期首日"
valid_to            = "目标考核期末日"
edition             = "最近一期数据所据文件"
---*/
WITH figures AS (
    SELECT
        latest.region,
        latest.period_end,
        latest.value,
        latest.qualifier,
        latest.edition,
        lag(latest.period_end) OVER series AS previous_period_end,
        lag(latest.value) OVER series AS previous_value,
        row_number() OVER (
            PARTITION BY latest.region
            ORDER BY
                latest.period_end DESC, latest.definition DESC, latest.accumulation,
                latest.period_start
        ) AS newest_first
    FROM observations_latest AS latest
    WHERE latest.indicator = 'online_rate'
        AND latest.department IS NULL
        AND latest.breakdown IS NULL
        AND latest.unit = '%'
        AND latest.value IS NOT NULL
    WINDOW series AS (
        PARTITION BY latest.region, latest.definition, latest.accumulation
        ORDER BY latest.period_end, latest.period_start
    )
),
-- A target of the region itself goes before one of its level, and one of the levels nearest to it first.
goals AS (
    SELECT
        judged.region,
        judged.target,
        judged.value,
        judged.gap,
        judged.is_met,
        judged.cause,
        judged.valid_from,
        judged.valid_to,
        row_number() OVER (
            PARTITION BY judged.region
            ORDER BY
                judged.valid_from DESC,
                CASE WHEN judged.level IS NULL THEN 0 ELSE 1 END,
                judged.target_region DESC
        ) AS choice
    FROM targets_judged AS judged
    WHERE judged.indicator = 'online_rate'
        AND judged.department IS NULL
),
latest_figures AS (
    SELECT
        figures.region,
        figures.period_end,
        figures.value,
        figures.qualifier,
        figures.edition,
        figures.previous_period_end,
        figures.previous_value
    FROM figures
    WHERE figures.newest_first = 1
),
latest_goals AS (
    SELECT
        goals.region,
        goals.target,
        goals.value,
        goals.gap,
        goals.is_met,
        goals.cause,
        goals.valid_from,
        goals.valid_to
    FROM goals
    WHERE goals.choice = 1
),
compared AS (
    SELECT
        coalesce(latest_figures.region, latest_goals.region) AS region,
        latest_figures.period_end,
        latest_figures.value,
        latest_figures.qualifier,
        latest_figures.edition,
        latest_figures.previous_period_end,
        latest_figures.previous_value,
        latest_goals.target,
        latest_goals.value AS target_value,
        latest_goals.gap,
        latest_goals.is_met,
        CASE WHEN latest_goals.region IS NULL THEN 'no_target' ELSE latest_goals.cause END AS cause,
        latest_goals.valid_from,
        latest_goals.valid_to
    FROM latest_figures
    FULL OUTER JOIN latest_goals
        ON latest_goals.region = latest_figures.region
)
SELECT
    compared.region,
    coalesce(reg.name, compared.region) AS region_name,
    CASE
        WHEN reg.level = 'province' THEN 1
        WHEN reg.level IN ('prefecture_city', 'autonomous_prefecture', 'prefecture') THEN 2
        WHEN reg.level IN ('district', 'county_level_city', 'county', 'autonomous_county', 'admin_committee')
        THEN 3
        ELSE 4
    END AS level_order,
    CASE
        WHEN reg.level = 'province' THEN 'province'
        WHEN reg.level IN ('prefecture_city', 'autonomous_prefecture', 'prefecture') THEN 'prefecture'
        WHEN reg.level IN ('district', 'county_level_city', 'county', 'autonomous_county', 'admin_committee')
        THEN 'county'
    END AS level,
    compared.value AS online_rate,
    compared.qualifier,
    compared.period_end,
    compared.previous_period_end,
    compared.previous_value,
    compared.value - compared.previous_value AS change_points,
    compared.target,
    compared.target_value,
    compared.gap,
    compared.is_met,
    compared.cause,
    compared.valid_from,
    compared.valid_to,
    compared.edition
FROM compared
LEFT JOIN regions AS reg
    ON reg.region = compared.region
WHERE CAST($region AS STRING) IS NULL
    OR compared.region = $region
ORDER BY level_order, compared.region;
