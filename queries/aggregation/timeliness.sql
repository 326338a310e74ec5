/*---
summary    = "Days between event and first push of records, by month of the push"
summary_zh = "推送及时性：业务发生到首次推送的天数，按推送月份"
reads      = ["cases_first", "departments", "evaluations_first"]
order      = ["arrival_month", "official_order", "department"]
show       = ["arrival_month", "department_name", "records", "median_days", "p90_days", "within_pct", "untimed"]

[params.kind]
type    = "text"
default = "cases"
values  = ["cases", "evaluations"]
help    = "cases or evaluations"
help_zh = "cases（办件）或 evaluations（好差评）"

[params.days]
type    = "int"
range   = [0, 100_000]
default = 7
help    = "days within which a record is in time"
help_zh = "视为及时的天数上限"

[params.scope]
type    = "text"
default = "pushed"
values  = ["pushed", "platform"]
help    = "pushed by systems of departments, or handled on the platform itself"
help_zh = "pushed（部门自建系统推送）或 platform（在平台上直接办理）"

[returns]
arrival_month   = { type = "date", format = "month" }  # of the first push of a record, whenever it was ingested; its first day
department      = { type = "text?", values = "departments" }  # null: records of bodies that no department is known of
department_name = "text?"
records         = "bigint"    # 条; by their first push; those that say when they happened
median_days     = "bigint?"   # days; of half of the records at most so many
p90_days        = "bigint?"   # days; of nine tenths of the records at most so many
max_days        = "bigint?"   # days
within_pct      = "double?"   # percent that arrived within `days`, of those that did not arrive before the event
before_event    = "bigint"    # 条; arrived on a day before the event
undated         = "bigint"    # 条; do not say when they happened; in no other column but untimed
untimed         = "bigint"    # 条; do not say when they were pushed: the ingest counts as their arrival
official_order  = "int?"

[returns_zh]
arrival_month   = "数据首次推送的月份，不论何时入库；以当月首日表示"
department      = "空值为不知归属部门的单位的数据"
records         = "条；按首次推送计，限载明业务发生时间的"
median_days     = "天；半数数据不超过此天数"
p90_days        = "天；九成数据不超过此天数"
max_days        = "天"
within_pct      = "在 `days` 天内到达的，占到达不早于业务发生的数据的比例"
before_event    = "条；到达日早于业务发生日的"
undated         = "条；未载明业务发生时间的，除 untimed 外不计入其他各列"
untimed         = "条；未载明推送时间的，以入库时间为到达时间"
---*/
WITH first_pushes AS (
    SELECT
        cas.scope,
        cas.department,
        cas.event_at,
        cas.arrived_at,
        cas.is_untimed
    FROM cases_first AS cas
    WHERE $kind = 'cases'
    UNION ALL
    SELECT
        eva.scope,
        eva.department,
        eva.event_at,
        eva.arrived_at,
        eva.is_untimed
    FROM evaluations_first AS eva
    WHERE $kind = 'evaluations'
),
delayed AS (
    SELECT
        first_pushes.department,
        CAST(date_trunc('month', first_pushes.arrived_at) AS DATE) AS arrival_month,
        date_diff(
            'day',
            CAST(first_pushes.event_at AS DATE),
            CAST(first_pushes.arrived_at AS DATE)
        ) AS delay_days,
        CASE WHEN first_pushes.is_untimed THEN 1 ELSE 0 END AS n_untimed
    FROM first_pushes
    WHERE first_pushes.scope = $scope
),
-- Few different delays stand for many records.
delays AS (
    SELECT
        delayed.department,
        delayed.arrival_month,
        delayed.delay_days,
        CAST(count(1) AS BIGINT) AS n_records,
        CAST(sum(delayed.n_untimed) AS BIGINT) AS n_untimed
    FROM delayed
    GROUP BY delayed.department, delayed.arrival_month, delayed.delay_days
),
running AS (
    SELECT
        delays.department,
        delays.arrival_month,
        delays.delay_days,
        delays.n_records,
        CAST(
            sum(delays.n_records) OVER (
                PARTITION BY delays.department, delays.arrival_month
                ORDER BY delays.delay_days
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS BIGINT
        ) AS n_up_to,
        CAST(
            sum(delays.n_records) OVER (PARTITION BY delays.department, delays.arrival_month) AS BIGINT
        ) AS n_all
    FROM delays
    WHERE delays.delay_days IS NOT NULL
),
measured AS (
    SELECT
        running.department,
        running.arrival_month,
        max(running.n_all) AS records,
        min(CASE WHEN 2 * running.n_up_to >= running.n_all THEN running.delay_days END) AS median_days,
        min(CASE WHEN 10 * running.n_up_to >= 9 * running.n_all THEN running.delay_days END) AS p90_days,
        max(running.delay_days) AS max_days,
        sum(CASE WHEN running.delay_days BETWEEN 0 AND $days THEN running.n_records ELSE 0 END)
            AS n_within,
        sum(CASE WHEN running.delay_days < 0 THEN running.n_records ELSE 0 END) AS n_before
    FROM running
    GROUP BY running.department, running.arrival_month
),
told AS (
    SELECT
        delays.department,
        delays.arrival_month,
        CAST(sum(CASE WHEN delays.delay_days IS NULL THEN delays.n_records ELSE 0 END) AS BIGINT)
            AS undated,
        CAST(sum(delays.n_untimed) AS BIGINT) AS untimed
    FROM delays
    GROUP BY delays.department, delays.arrival_month
)
SELECT
    told.arrival_month,
    told.department,
    coalesce(dep.name_zh, told.department) AS department_name,
    CAST(coalesce(measured.records, 0) AS BIGINT) AS records,
    CAST(measured.median_days AS BIGINT) AS median_days,
    CAST(measured.p90_days AS BIGINT) AS p90_days,
    CAST(measured.max_days AS BIGINT) AS max_days,
    100 * CAST(measured.n_within AS DOUBLE)
        / nullif(CAST(measured.records - measured.n_before AS DOUBLE), 0) AS within_pct,
    CAST(coalesce(measured.n_before, 0) AS BIGINT) AS before_event,
    told.undated,
    told.untimed,
    dep.official_order
FROM told
LEFT JOIN measured
    ON  measured.arrival_month = told.arrival_month
    AND coalesce(measured.department, '') = coalesce(told.department, '')
LEFT JOIN departments AS dep
    ON dep.department = told.department
ORDER BY told.arrival_month, dep.official_order NULLS LAST, told.department NULLS LAST;
