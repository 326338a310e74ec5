/*---
summary    = "The same figure by every origin, side by side: published, reported, counted by the platform, counted from records"
summary_zh = "同一数据的各来源对照：印发、部门自报、平台统计、由记录统计"
reads      = ["derived_observations", "observations", "session"]
# The key of a figure without its origin; empty parts of it count as equal.
order      = ["indicator", "definition", "department", "region", "breakdown", "accumulation", "period_start", "period_end", "unit"]

[returns]
indicator        = "text"
definition       = "int"
department       = "text?"
region           = "text"
breakdown        = "text?"
accumulation     = "text"
period_start     = "date?"
period_end       = "date"
unit             = "text"
published        = "double?"   # in `unit`; the latest vintage, null where there is none or it has no value
published_status = "text?"     # null where there is none
reported         = "double?"   # in `unit`
reported_status  = "text?"
platform         = "double?"   # in `unit`
platform_status  = "text?"
derived          = "double?"   # in `unit`; of single months only, see `quality/sources_compared` for longer times
derived_status   = "text?"
n_origins        = "bigint"    # that have such a figure

[returns_zh]
published        = "单位见 `unit`；取最新版本，没有或无数值的为空"
published_status = "没有此来源数据的为空"
reported         = "单位见 `unit`"
platform         = "单位见 `unit`"
derived          = "单位见 `unit`；只有单月数据，更长时段见 `quality/sources_compared`"
n_origins        = "有此数据的来源"
---*/
WITH known AS (
    SELECT
        obs.indicator,
        obs.definition,
        obs.department,
        obs.region,
        obs.breakdown,
        obs.accumulation,
        obs.period_start,
        obs.period_end,
        obs.unit,
        obs.origin,
        obs.value,
        obs.obs_status,
        row_number() OVER (
            PARTITION BY
                obs.indicator, obs.definition, obs.department, obs.region, obs.breakdown,
                obs.accumulation, obs.period_start, obs.period_end, obs.origin
            ORDER BY
                coalesce(obs.published_on, CAST(obs.received_at AS DATE)) DESC,
                obs.received_at DESC,
                obs.batch DESC
        ) AS newest_first
    FROM observations AS obs
    CROSS JOIN session AS ses
    WHERE ses.as_of IS NULL
        OR coalesce(obs.published_on, CAST(obs.received_at AS DATE)) <= ses.as_of
),
figures AS (
    SELECT
        known.indicator,
        known.definition,
        known.department,
        known.region,
        known.breakdown,
        known.accumulation,
        known.period_start,
        known.period_end,
        known.unit,
        known.origin,
        known.value,
        known.obs_status
    FROM known
    WHERE known.newest_first = 1
    UNION ALL
    SELECT
        counted.indicator,
        counted.definition,
        counted.department,
        counted.region,
        counted.breakdown,
        -- What is counted of January is stated as a year to date elsewhere.
        CASE WHEN month(counted.period_start) = 1 THEN 'year_to_date' ELSE counted.accumulation END
            AS accumulation,
        counted.period_start,
        counted.period_end,
        counted.unit,
        counted.origin,
        counted.value,
        counted.obs_status
    FROM derived_observations AS counted
)
SELECT
    figures.indicator,
    figures.definition,
    figures.department,
    figures.region,
    figures.breakdown,
    figures.accumulation,
    figures.period_start,
    figures.period_end,
    figures.unit,
    max(CASE WHEN figures.origin = 'published' THEN figures.value END) AS published,
    max(CASE WHEN figures.origin = 'published' THEN figures.obs_status END) AS published_status,
    max(CASE WHEN figures.origin = 'reported' THEN figures.value END) AS reported,
    max(CASE WHEN figures.origin = 'reported' THEN figures.obs_status END) AS reported_status,
    max(CASE WHEN figures.origin = 'platform' THEN figures.value END) AS platform,
    max(CASE WHEN figures.origin = 'platform' THEN figures.obs_status END) AS platform_status,
    max(CASE WHEN figures.origin = 'derived' THEN figures.value END) AS derived,
    max(CASE WHEN figures.origin = 'derived' THEN figures.obs_status END) AS derived_status,
    count(*) AS n_origins
FROM figures
GROUP BY
    figures.indicator, figures.definition, figures.department, figures.region, figures.breakdown,
    figures.accumulation, figures.period_start, figures.period_end, figures.unit;
