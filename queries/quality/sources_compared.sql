/*---
summary    = "The same figure as published, as departments report it, as the platform counts it, and counted from records"
summary_zh = "多源对照：同一数据的印发数、部门自报数、平台统计数和记录统计数"
reads      = ["departments", "derived_observations", "indicators", "observations_by_origin", "record_counts", "session"]
order      = ["period_end", "indicator", "official_order", "department", "region", "breakdown", "accumulation", "period_start", "definition"]
show       = ["indicator_name", "department_name", "period_end", "published", "reported", "platform", "derived", "largest_difference", "unit"]
without_department = "whole_region"

[returns]
indicator          = { type = "text", values = "indicators" }
indicator_name     = "text"
department         = { type = "text?", values = "departments" }
department_name    = "text?"
region             = { type = "text", values = "regions" }
breakdown          = "text?"
accumulation       = { type = "text", values = ["point", "period", "year_to_date", "since_launch"] }
period_start       = "date?"
period_end         = "date"
published          = "double?"      # in `unit`; latest vintage of each source
reported           = "double?"      # in `unit`
platform           = "double?"      # in `unit`
derived            = "double?"      # in `unit`; counted from records by month of the event; null for parts of months
n_sources          = "bigint"       # that have a value, at least 2
largest_difference = { type = "double", format = "change" }  # in `unit`, between any two of them
derived_by_arrival = "double?"      # in `unit`; the same records by month of the arrival; no source of its own
unassigned         = "bigint?"      # 条; records that count in the period without a known department, or do not say when
unit               = "text"
definition         = "int"
official_order     = "int?"

[returns_zh]
published          = "单位见 `unit`；各来源均取最新版本"
reported           = "单位见 `unit`"
platform           = "单位见 `unit`"
derived            = "单位见 `unit`；由记录按业务发生月份统计；不足整月的为空"
n_sources          = "有数值的来源，至少两个"
largest_difference = "单位见 `unit`；任意两个来源之间的最大差额"
derived_by_arrival = "单位见 `unit`；同一批记录按到达月份统计，不另作一个来源"
unassigned         = "条；计入本期而部门不明的，或未载明时间的记录"
---*/
WITH stated AS (
    SELECT
        figure.indicator,
        figure.definition,
        figure.department,
        figure.region,
        figure.breakdown,
        figure.accumulation,
        figure.period_start,
        figure.period_end,
        figure.unit,
        figure.published,
        figure.reported,
        figure.platform,
        CASE WHEN figure.published IS NULL THEN 0 ELSE 1 END
            + CASE WHEN figure.reported IS NULL THEN 0 ELSE 1 END
            + CASE WHEN figure.platform IS NULL THEN 0 ELSE 1 END AS n_stated,
        greatest(figure.published, figure.reported, figure.platform) AS most,
        least(figure.published, figure.reported, figure.platform) AS least_value
    FROM observations_by_origin AS figure
    -- What is counted alone stands beside nothing; what it has for longer times is put together below.
    WHERE figure.published_status IS NOT NULL
        OR figure.reported_status IS NOT NULL
        OR figure.platform_status IS NOT NULL
),
-- Records are counted by months, so that only whole ones can be put together.
numbered AS (
    SELECT
        stated.indicator,
        stated.definition,
        stated.department,
        stated.region,
        stated.breakdown,
        stated.accumulation,
        stated.period_start,
        stated.period_end,
        stated.unit,
        stated.published,
        stated.reported,
        stated.platform,
        stated.n_stated,
        stated.most,
        stated.least_value,
        stated.accumulation <> 'point'
            AND stated.period_end = last_day(stated.period_end)
            AND (
                stated.period_start IS NULL
                OR stated.period_start = CAST(date_trunc('month', stated.period_start) AS DATE)
            ) AS has_whole_months,
        row_number() OVER (
            ORDER BY
                stated.indicator, stated.definition, stated.department, stated.region,
                stated.breakdown, stated.accumulation, stated.period_start, stated.period_end,
                stated.unit
        ) AS figure_no
    FROM stated
),
counted AS (
    SELECT
        numbered.figure_no,
        sum(CASE WHEN der.indicator = numbered.indicator THEN der.value END) AS derived,
        sum(CASE WHEN der.indicator <> numbered.indicator THEN der.value END) AS derived_by_arrival
    FROM numbered
    JOIN derived_observations AS der
        ON  der.department = numbered.department
        AND der.region = numbered.region
        AND der.definition = numbered.definition
        AND der.unit = numbered.unit
        AND coalesce(der.breakdown, '') = coalesce(numbered.breakdown, '')
        AND der.indicator IN (numbered.indicator, concat(numbered.indicator, '_by_arrival'))
        AND (numbered.period_start IS NULL OR der.period_start >= numbered.period_start)
        AND der.period_end <= numbered.period_end
    WHERE numbered.has_whole_months
    GROUP BY numbered.figure_no
),
-- What a figure of a department may lack: records of the kind that nobody could be found for, or that
-- stand in no month.
unplaced AS (
    SELECT
        concat(cnt.kind, '_aggregated') AS indicator,
        cnt.event_month,
        sum(cnt.n_current) AS n_records
    FROM record_counts AS cnt
    CROSS JOIN session AS ses
    WHERE cnt.scope = 'pushed'
        AND (cnt.department IS NULL OR cnt.event_month IS NULL)
        AND (ses.as_of IS NULL OR CAST(cnt.received_at AS DATE) <= ses.as_of)
    GROUP BY cnt.kind, cnt.event_month
),
lacking AS (
    SELECT
        numbered.figure_no,
        CAST(sum(unplaced.n_records) AS BIGINT) AS unassigned
    FROM numbered
    JOIN unplaced
        ON  unplaced.indicator = numbered.indicator
        AND (
            unplaced.event_month IS NULL
            OR (
                (numbered.period_start IS NULL OR unplaced.event_month >= numbered.period_start)
                AND unplaced.event_month <= numbered.period_end
            )
        )
    WHERE numbered.has_whole_months
    GROUP BY numbered.figure_no
),
compared AS (
    SELECT
        numbered.indicator,
        numbered.definition,
        numbered.department,
        numbered.region,
        numbered.breakdown,
        numbered.accumulation,
        numbered.period_start,
        numbered.period_end,
        numbered.unit,
        numbered.published,
        numbered.reported,
        numbered.platform,
        counted.derived,
        counted.derived_by_arrival,
        CASE WHEN counted.derived IS NOT NULL THEN coalesce(lacking.unassigned, 0) END AS unassigned,
        numbered.n_stated + CASE WHEN counted.derived IS NULL THEN 0 ELSE 1 END AS n_sources,
        greatest(numbered.most, coalesce(counted.derived, numbered.most))
            - least(numbered.least_value, coalesce(counted.derived, numbered.least_value))
            AS largest_difference
    FROM numbered
    LEFT JOIN counted
        ON counted.figure_no = numbered.figure_no
    LEFT JOIN lacking
        ON lacking.figure_no = numbered.figure_no
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
    compared.derived,
    CAST(compared.n_sources AS BIGINT) AS n_sources,
    compared.largest_difference,
    compared.derived_by_arrival,
    compared.unassigned,
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
