/*---
summary    = "The longest silence of each department that has records: days in a row without one"
summary_zh = "有数据的各部门最长静默：连续没有数据的天数"
reads      = ["cases", "cases_latest", "departments", "evaluations", "evaluations_latest", "session"]
order      = ["rank", "official_order", "department"]
show       = ["rank", "department_name", "longest_gap_days", "gap_start", "gap_end", "is_open", "silent_days", "last_record_day"]

[params.kind]
type    = "text"
default = "cases"
values  = ["cases", "evaluations"]
help    = "cases or evaluations"
help_zh = "cases（办件）或 evaluations（好差评）"

[params.basis]
type    = "text"
default = "arrival"
values  = ["arrival", "event"]
help    = "days of arrival (cd_time, else the day of the ingest) of every version, or days of the events"
help_zh = "arrival（按到达日，含各版本：cd_time，没有则取入库日）或 event（按业务发生日）"

[params.scope]
type    = "text"
default = "pushed"
values  = ["pushed", "platform"]
help    = "pushed by systems of departments, or handled on the platform itself"
help_zh = "pushed（部门自建系统推送）或 platform（在平台上直接办理）"

[returns]
rank             = "int"       # the longest silence first; equal ones share it
department       = { type = "text?", values = "departments" }  # null: records of bodies that no department is known of
department_name  = "text?"
first_record_day = "date"
last_record_day  = "date"
days_with_records = "bigint"   # days
longest_gap_days = "bigint"    # days; 0 where every day has a record
gap_start        = "date?"     # first silent day of it, the earliest of equal ones
gap_end          = "date?"     # last silent day
is_open          = "bool"      # whether it goes on to the end: the day of --as-of, else the last with a record of anybody
silent_days      = "bigint"    # days from the last record to that end
untimed          = "bigint"    # 条; do not say when they were pushed: the ingest counts
official_order   = "int?"

[returns_zh]
rank             = "静默最长的居首，天数相同的并列"
department       = "空值为不知归属部门的单位的数据"
days_with_records = "天"
longest_gap_days = "天；每日都有数据的为0"
gap_start        = "最长静默的首日，天数相同的取最早一段"
gap_end          = "最长静默的末日"
is_open          = "最长静默是否持续至截止日：--as-of 之日，不给则为任一部门最后有数据之日"
silent_days      = "天；最后有数据之日至截止日的天数"
untimed          = "条；未载明推送时间的，以入库时间计"
---*/
WITH dated AS (
    SELECT
        'cases' AS kind,
        'arrival' AS basis,
        cas.scope,
        cas.department,
        CAST(coalesce(cas.arrived_at, cas.received_at) AS DATE) AS day,
        CASE WHEN cas.arrived_at IS NULL THEN 1 ELSE 0 END AS n_untimed
    FROM cases AS cas
    CROSS JOIN session AS ses
    WHERE ses.as_of IS NULL OR CAST(cas.received_at AS DATE) <= ses.as_of
    UNION ALL
    SELECT
        'evaluations' AS kind,
        'arrival' AS basis,
        eva.scope,
        eva.department,
        CAST(coalesce(eva.arrived_at, eva.received_at) AS DATE) AS day,
        CASE WHEN eva.arrived_at IS NULL THEN 1 ELSE 0 END AS n_untimed
    FROM evaluations AS eva
    CROSS JOIN session AS ses
    WHERE ses.as_of IS NULL OR CAST(eva.received_at AS DATE) <= ses.as_of
    UNION ALL
    SELECT
        'cases' AS kind,
        'event' AS basis,
        cas.scope,
        cas.department,
        CAST(cas.event_at AS DATE) AS day,
        0 AS n_untimed
    FROM cases_latest AS cas
    UNION ALL
    SELECT
        'evaluations' AS kind,
        'event' AS basis,
        eva.scope,
        eva.department,
        CAST(eva.event_at AS DATE) AS day,
        0 AS n_untimed
    FROM evaluations_latest AS eva
),
days AS (
    SELECT
        dated.department,
        dated.day,
        sum(dated.n_untimed) AS n_untimed
    FROM dated
    WHERE dated.kind = $kind
        AND dated.basis = $basis
        AND dated.scope = $scope
        AND dated.day IS NOT NULL
    GROUP BY dated.department, dated.day
),
horizon AS (
    SELECT max(coalesce(ses.as_of, days.day)) AS last_day
    FROM days
    CROSS JOIN session AS ses
),
gaps AS (
    SELECT
        days.department,
        days.day,
        days.n_untimed,
        lead(days.day) OVER (PARTITION BY days.department ORDER BY days.day) AS next_day,
        horizon.last_day AS horizon
    FROM days
    CROSS JOIN horizon
),
silences AS (
    SELECT
        gaps.department,
        gaps.day,
        gaps.n_untimed,
        gaps.next_day,
        gaps.horizon,
        CASE
            WHEN gaps.next_day IS NOT NULL THEN date_diff('day', gaps.day, gaps.next_day) - 1
            -- What was pushed later than the day that is asked about leaves no silence before it.
            WHEN gaps.horizon > gaps.day THEN date_diff('day', gaps.day, gaps.horizon)
            ELSE 0
        END AS silent_days
    FROM gaps
),
ranked AS (
    SELECT
        silences.department,
        silences.day,
        silences.next_day,
        silences.horizon,
        silences.silent_days,
        row_number() OVER (
            PARTITION BY silences.department
            ORDER BY silences.silent_days DESC, silences.day
        ) AS longest_first
    FROM silences
),
spans AS (
    SELECT
        silences.department,
        min(silences.day) AS first_record_day,
        max(silences.day) AS last_record_day,
        CAST(count(silences.day) AS BIGINT) AS days_with_records,
        CAST(sum(CASE WHEN silences.next_day IS NULL THEN silences.silent_days ELSE 0 END) AS BIGINT)
            AS silent_days,
        CAST(sum(silences.n_untimed) AS BIGINT) AS untimed
    FROM silences
    GROUP BY silences.department
)
SELECT
    CAST(rank() OVER (ORDER BY ranked.silent_days DESC) AS INT) AS rank,
    ranked.department,
    coalesce(dep.name_zh, ranked.department) AS department_name,
    spans.first_record_day,
    spans.last_record_day,
    spans.days_with_records,
    CAST(ranked.silent_days AS BIGINT) AS longest_gap_days,
    CASE WHEN ranked.silent_days > 0 THEN CAST(ranked.day + INTERVAL 1 DAY AS DATE) END AS gap_start,
    CASE
        WHEN ranked.silent_days = 0 THEN NULL
        WHEN ranked.next_day IS NULL THEN ranked.horizon
        ELSE CAST(ranked.next_day - INTERVAL 1 DAY AS DATE)
    END AS gap_end,
    ranked.silent_days > 0 AND ranked.next_day IS NULL AS is_open,
    spans.silent_days,
    spans.untimed,
    dep.official_order
FROM ranked
JOIN spans
    ON coalesce(spans.department, '') = coalesce(ranked.department, '')
LEFT JOIN departments AS dep
    ON dep.department = ranked.department
WHERE ranked.longest_first = 1
ORDER BY rank, dep.official_order NULLS LAST, ranked.department NULLS LAST;
