/*---
summary    = "Figures of departments that did not exist any more, or not yet, at the end of their period"
summary_zh = "机构存续核对：统计期末已撤销或尚未成立的部门的数据"
reads      = ["department_spans", "departments", "indicators", "observations_as_reported"]
order      = ["period_end", "region", "official_order", "department", "indicator", "definition", "breakdown", "accumulation", "period_start"]
show       = ["department_name", "problem", "changed_on", "indicator_name", "period_end", "value", "unit", "row_label", "edition", "confidence"]

[returns]
region          = { type = "text", values = "regions" }
department      = { type = "text", values = "departments" }
department_name = "text"
problem         = { type = "text", values = ["ended", "not_yet"] }
changed_on      = "text"       # the year or date, as recorded, of its end or beginning
limit_on        = "date"       # ended: its last possible day; not_yet: its first
date_source     = "text"       # department_names, department_succession
confidence      = "text"       # of the date: what is certain and what is not
indicator       = { type = "text", values = "indicators" }
indicator_name  = "text"
breakdown       = "text?"
accumulation    = { type = "text", values = ["point", "period", "year_to_date", "since_launch"] }
period_start    = "date?"
period_end      = "date"
value           = { type = "double?", status = "obs_status" }  # in `unit`
unit            = "text"
obs_status      = { type = "text", values = ["reported", "returned", "not_applicable", "missing", "estimated", "partly_missing", "partly_returned"] }
definition      = "int"
row_label       = "text?"
edition         = "text"
published_on    = "date?"
batch           = { type = "text", format = "id" }
place           = { type = "text", format = "id" }
official_order  = "int?"

[returns_zh]
changed_on      = "撤销或成立的年份或日期，按所载"
limit_on        = "ended（已撤销）：最晚可能存续之日；not_yet（尚未成立）：最早可能成立之日"
date_source     = "department_names（部门名称表）、department_succession（部门承继表）"
confidence      = "日期的可信程度：哪些确定，哪些存疑"
value           = "单位见 `unit`"
---*/
-- A year stands for all its days: nothing is said of a period that ends within it. A department
-- with a name whose dates are open is not listed at all.
WITH doubtful AS (
    SELECT
        obs.region,
        obs.department,
        CASE WHEN obs.period_end > span.last_day THEN 'ended' ELSE 'not_yet' END AS problem,
        span.first_day,
        span.valid_from,
        span.from_source,
        span.from_confidence,
        span.last_day,
        span.valid_to,
        span.to_source,
        span.to_confidence,
        obs.indicator,
        obs.breakdown,
        obs.accumulation,
        obs.period_start,
        obs.period_end,
        obs.value,
        obs.unit,
        obs.obs_status,
        obs.definition,
        obs.row_label,
        obs.edition,
        obs.published_on,
        obs.batch,
        obs.place
    FROM observations_as_reported AS obs
    JOIN department_spans AS span
        ON  span.region = obs.region
        AND span.department = obs.department
    WHERE obs.period_end > span.last_day
        OR obs.period_end < span.first_day
)
SELECT
    doubtful.region,
    doubtful.department,
    coalesce(dep.name_zh, doubtful.department) AS department_name,
    doubtful.problem,
    CASE doubtful.problem WHEN 'ended' THEN doubtful.valid_to ELSE doubtful.valid_from END
        AS changed_on,
    CASE doubtful.problem WHEN 'ended' THEN doubtful.last_day ELSE doubtful.first_day END
        AS limit_on,
    CASE doubtful.problem WHEN 'ended' THEN doubtful.to_source ELSE doubtful.from_source END
        AS date_source,
    CASE doubtful.problem WHEN 'ended' THEN doubtful.to_confidence ELSE doubtful.from_confidence END
        AS confidence,
    doubtful.indicator,
    coalesce(ind.name_zh, doubtful.indicator) AS indicator_name,
    doubtful.breakdown,
    doubtful.accumulation,
    doubtful.period_start,
    doubtful.period_end,
    doubtful.value,
    doubtful.unit,
    doubtful.obs_status,
    doubtful.definition,
    doubtful.row_label,
    doubtful.edition,
    doubtful.published_on,
    doubtful.batch,
    doubtful.place,
    dep.official_order
FROM doubtful
LEFT JOIN indicators AS ind
    ON  ind.indicator = doubtful.indicator
    AND ind.definition = doubtful.definition
LEFT JOIN departments AS dep
    ON dep.department = doubtful.department
ORDER BY
    doubtful.period_end,
    doubtful.region,
    dep.official_order NULLS LAST,
    doubtful.department,
    doubtful.indicator,
    doubtful.definition,
    doubtful.breakdown NULLS LAST,
    doubtful.accumulation,
    doubtful.period_start NULLS LAST;
