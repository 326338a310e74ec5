/*---
summary    = "Figures that a later publication changed: old, new, when, and in which document"
summary_zh = "数据修订：后来的文件改动过的数据，改动前后、时间和文件"
reads      = ["batches", "departments", "indicators", "observations", "session"]
order      = ["known_on", "indicator", "department", "region", "breakdown", "accumulation", "period_start", "period_end", "definition", "origin", "batch", "place"]
show       = ["indicator_name", "department_name", "period_end", "old_value", "new_value", "change", "unit", "old_text", "new_text", "old_edition", "new_edition", "known_on"]
without_department = "whole_region"

[params.since]
type    = "date?"
help    = "first day: changes that were known earlier are left out"
help_zh = "起始日：此前已知的修订不列"

[returns]
indicator       = { type = "text", values = "indicators" }
indicator_name  = "text"
department      = { type = "text?", values = "departments" }
department_name = "text?"
region          = { type = "text", values = "regions" }
breakdown       = "text?"
accumulation    = { type = "text", values = ["point", "period", "year_to_date", "since_launch"] }
period_start    = "date?"
period_end      = "date"
old_value       = "double?"      # in `unit`
new_value       = "double?"      # in `unit`
change          = { type = "double?", format = "change" }  # new minus old; null where one of them is missing
old_text        = "text?"        # a state that is no number
new_text        = "text?"
unit            = "text"
old_status      = { type = "text", values = ["reported", "returned", "not_applicable", "missing", "estimated", "partly_missing", "partly_returned"] }
new_status      = { type = "text", values = ["reported", "returned", "not_applicable", "missing", "estimated", "partly_missing", "partly_returned"] }
old_qualifier   = { type = "text?", values = ["approx", "more_than", "less_than", "ambiguous"] }  # about, more than, …: of the value
new_qualifier   = { type = "text?", values = ["approx", "more_than", "less_than", "ambiguous"] }
old_edition     = "text"
new_edition     = "text"
known_on        = "date"         # publication of the new value, else its arrival
file_name       = "text?"        # of the new value
definition      = "int"
origin          = { type = "text", values = ["published", "reported", "platform"] }
batch           = { type = "text", format = "id" }  # of the new value
place           = { type = "text", format = "id" }

[returns_zh]
old_value       = "单位见 `unit`"
new_value       = "单位见 `unit`"
change          = "新值减原值；其一缺失的为空"
old_text        = "不是数值的状态文字"
old_qualifier   = "数值所带的约、余等限定"
known_on        = "新值印发之日，不详的取收到之日"
file_name       = "新值所在文件"
batch           = "新值所在批次"
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
        obs.value,
        obs.value_text,
        obs.unit,
        obs.obs_status,
        obs.qualifier,
        obs.origin,
        obs.edition,
        obs.received_at,
        obs.batch,
        obs.place,
        coalesce(obs.published_on, CAST(obs.received_at AS DATE)) AS known_on
    FROM observations AS obs
    CROSS JOIN session AS ses
    WHERE ses.as_of IS NULL
        OR coalesce(obs.published_on, CAST(obs.received_at AS DATE)) <= ses.as_of
),
paired AS (
    SELECT
        known.indicator,
        known.definition,
        known.department,
        known.region,
        known.breakdown,
        known.accumulation,
        known.period_start,
        known.period_end,
        known.value,
        known.value_text,
        known.unit,
        known.obs_status,
        known.qualifier,
        known.origin,
        known.edition,
        known.known_on,
        known.batch,
        known.place,
        lag(known.value) OVER figure AS old_value,
        lag(known.value_text) OVER figure AS old_text,
        lag(known.qualifier) OVER figure AS old_qualifier,
        lag(known.obs_status) OVER figure AS old_status,
        lag(known.edition) OVER figure AS old_edition
    FROM known
    WINDOW figure AS (
        PARTITION BY
            known.indicator, known.definition, known.department, known.region, known.breakdown,
            known.accumulation, known.period_start, known.period_end, known.origin
        ORDER BY known.known_on, known.received_at, known.batch
    )
)
SELECT
    paired.indicator,
    coalesce(ind.name_zh, paired.indicator) AS indicator_name,
    paired.department,
    coalesce(dep.name_zh, paired.department) AS department_name,
    paired.region,
    paired.breakdown,
    paired.accumulation,
    paired.period_start,
    paired.period_end,
    paired.old_value,
    paired.value AS new_value,
    paired.value - paired.old_value AS change,
    paired.old_text,
    paired.value_text AS new_text,
    paired.unit,
    paired.old_status,
    paired.obs_status AS new_status,
    paired.old_qualifier,
    paired.qualifier AS new_qualifier,
    paired.old_edition,
    paired.edition AS new_edition,
    paired.known_on,
    bat.file_name,
    paired.definition,
    paired.origin,
    paired.batch,
    paired.place
FROM paired
LEFT JOIN indicators AS ind
    ON  ind.indicator = paired.indicator
    AND ind.definition = paired.definition
LEFT JOIN departments AS dep
    ON dep.department = paired.department
LEFT JOIN batches AS bat
    ON bat.batch = paired.batch
-- The first vintage has no status before it; every other one has.
WHERE paired.old_status IS NOT NULL
    AND (
        paired.value <> paired.old_value
        OR (paired.value IS NULL) <> (paired.old_value IS NULL)
        OR coalesce(paired.value_text, '') <> coalesce(paired.old_text, '')
        OR paired.obs_status <> paired.old_status
        OR coalesce(paired.qualifier, '') <> coalesce(paired.old_qualifier, '')
    )
    AND (CAST($since AS DATE) IS NULL OR paired.known_on >= CAST($since AS DATE))
ORDER BY
    paired.known_on,
    paired.indicator,
    paired.department NULLS LAST,
    paired.region,
    paired.breakdown NULLS LAST,
    paired.accumulation,
    paired.period_start NULLS LAST,
    paired.period_end,
    paired.definition,
    paired.origin,
    paired.batch,
    paired.place;
