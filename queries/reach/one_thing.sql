/*---
summary    = "“One thing” packages of each region, with their change and the rank of the region"
summary_zh = "各地区“一件事”套餐数、变动及排名"
reads      = ["observations_latest", "regions"]
order      = ["level_order", "rank", "region"]
show       = ["region_name", "level", "one_thing_packages", "qualifier", "rank", "n_ranked", "change", "period_end"]

[params.period]
type    = "date?"
help    = "day: later figures are left out; without it the latest"
help_zh = "截止日：此后的数据不取；不给则取最近一期"

[returns]
region              = { type = "text", values = "regions" }
region_name         = "text"
level_order         = "int"        # province 1, prefecture 2, county 3, any other 4
level               = { type = "text?", values = ["province", "prefecture", "county"] }
rank                = "int"        # among the regions of the level that tell a figure; equal ones share it
n_ranked            = "bigint"     # regions of the level that tell a figure
n_regions           = "bigint?"    # regions of the level in all
period_end          = "date"       # the latest that the region tells; regions differ
one_thing_packages  = "double"     # 项
qualifier           = { type = "text?", values = ["approx", "more_than", "less_than", "ambiguous"] }  # about, more than, …: as it was told
previous_period_end = "date?"      # of the figure before in the same definition
previous_value      = "double?"    # 项
change              = { type = "double?", format = "change" }  # 项; null where there is none before
edition             = "text?"

[returns_zh]
level_order         = "省级1，市州级2，县级3，其他4"
rank                = "在公布数据的同级地区中的位次，数据相同的并列"
n_ranked            = "公布数据的同级地区"
n_regions           = "全部同级地区"
period_end          = "该地区最近一期；各地区不尽相同"
qualifier           = "原文所带的约、余等限定"
previous_period_end = "同一口径上次数据的统计期末日"
change              = "项；没有上次数据的为空"
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
                latest.period_end DESC, latest.definition DESC, latest.accumulation, latest.unit,
                latest.period_start
        ) AS newest_first
    FROM observations_latest AS latest
    WHERE latest.indicator = 'one_thing_packages'
        AND latest.department IS NULL
        AND latest.breakdown IS NULL
        AND latest.value IS NOT NULL
        AND (CAST($period AS DATE) IS NULL OR latest.period_end <= CAST($period AS DATE))
    WINDOW series AS (
        PARTITION BY latest.region, latest.definition, latest.accumulation, latest.unit
        ORDER BY latest.period_end, latest.period_start
    )
),
levels AS (
    SELECT
        reg.region,
        reg.name,
        CASE
            WHEN reg.level IN ('prefecture_city', 'autonomous_prefecture', 'prefecture') THEN 'prefecture'
            WHEN reg.level IN (
                'district', 'county_level_city', 'county', 'autonomous_county', 'admin_committee'
            ) THEN 'county'
            WHEN reg.level = 'province' THEN 'province'
        END AS level,
        reg.status
    FROM regions AS reg
),
counts AS (
    SELECT
        levels.level,
        count(*) AS n_regions
    FROM levels
    WHERE levels.status = 'current'
        AND levels.level IS NOT NULL
    GROUP BY levels.level
)
SELECT
    figures.region,
    coalesce(levels.name, figures.region) AS region_name,
    CASE levels.level
        WHEN 'province' THEN 1
        WHEN 'prefecture' THEN 2
        WHEN 'county' THEN 3
        ELSE 4
    END AS level_order,
    levels.level,
    CAST(rank() OVER (PARTITION BY levels.level ORDER BY figures.value DESC) AS INT) AS rank,
    CAST(count(*) OVER (PARTITION BY levels.level) AS BIGINT) AS n_ranked,
    CAST(counts.n_regions AS BIGINT) AS n_regions,
    figures.period_end,
    figures.value AS one_thing_packages,
    figures.qualifier,
    figures.previous_period_end,
    figures.previous_value,
    figures.value - figures.previous_value AS change,
    figures.edition
FROM figures
LEFT JOIN levels
    ON levels.region = figures.region
LEFT JOIN counts
    ON counts.level = levels.level
WHERE figures.newest_first = 1
ORDER BY level_order, rank, figures.region;
