/*---
summary    = "The same figure as published, as departments report it and as the platform counts it"
summary_zh = "多源对照：同一数据的印发数、部门自报数和平台统计数"
reads      = ["departments", "indicators", "observations", "session"]
order      = ["period_end", "indicator", "official_order", "department", "region", "breakdown", "accumulation", "period_start", "definition"]
show       = ["indicator_name", "department_name", "period_end", "published", "reported", "platform", "largest_difference", "unit"]

[returns]
indicator          = "text"
indicator_name     = "text"
department         = "text?"
department_name    = "text?"
region             = "text"
breakdown          = "text?"
accumulation       = "text"
period_start       = "date?"
period_end         = "date"
published          = "double?"      # in `unit`; latest vintage of each source
reported           = "double?"      # in `unit`
platform           = "double?"      # in `unit`
n_sources          = "bigint"       # that have a value, at least 2
largest_difference = "double"       # in `unit`, between any two of them
unit               = "text"
definition         = "int"
official_order     = "int?"
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
compared AS (
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
        max(CASE WHEN known.origin = 'published' THEN known.value END) AS published,
        max(CASE WHEN known.origin = 'reported' THEN known.value END) AS reported,
        max(CASE WHEN known.origin = 'platform' THEN known.value END) AS platform,
        count(known.value) AS n_sources,
        max(known.value) - min(known.value) AS largest_difference
    FROM known
    WHERE known.newest_first = 1
    GROUP BY
        known.indicator, known.definition, known.department, known.region, known.breakdown,
        known.accumulation, known.period_start, known.period_end, known.unit
)
SELECT
    compared.indicator,
    coalesce(ind.name_zh, compared.indicator) AS indicator_name,
    compared.department,
    coalesce(dep.name_zh, compared.department) AS department_name,
    compared.region,
    compared.breakdown,
    compared.accumulation,
    compared.period_start,
    compared.period_end,
    compared.published,
    compared.reported,
    compared.platform,
    CAST(compared.n_sources AS BIGINT) AS n_sources,
    compared.largest_difference,
    compared.unit,
    compared.definition,
    dep.official_order
FROM compared
LEFT JOIN indicators AS ind
    ON  ind.indicator = compared.indicator
    AND ind.definition = compared.definition
LEFT JOIN departments AS dep
    ON dep.department = compared.department
WHERE compared.n_sources >= 2
ORDER BY
    compared.period_end,
    compared.indicator,
    dep.official_order NULLS LAST,
    compared.department NULLS LAST,
    compared.region,
    compared.breakdown NULLS LAST,
    compared.accumulation,
    compared.period_start NULLS LAST,
    compared.definition;
