/*---
summary    = "Figures counted from records, by department and month"
summary_zh = "由记录统计的数据，按部门和月份"
reads      = ["record_counts", "session"]
order      = ["indicator", "department", "breakdown", "period_start"]

[returns]
indicator    = "text"      # by month of the event, or of the arrival (…_by_arrival)
definition   = "int"
department   = "text"      # records whose department is not known are in none
region       = "text"
breakdown    = "text?"     # cases or evaluations, of figures that both have
accumulation = "text"      # period
period_start = "date"      # the first of the month
period_end   = "date"      # its last day
value        = "double"    # in `unit`
unit         = "text"
obs_status   = "text"      # returned: a zero because everything was sent back
origin       = "text"      # derived
scope        = "text"      # pushed: what was handled on the platform itself is not in these indicators
received_at  = "timestamp" # arrival of the last batch that changed it

[returns_zh]
indicator    = "按业务发生月份统计，或按到达月份统计（…_by_arrival）"
department   = "部门不明的记录不计入任何部门"
breakdown    = "cases（办件）或 evaluations（好差评），用于两者兼有的指标"
accumulation = "period（当期）"
period_start = "当月首日"
period_end   = "当月末日"
value        = "单位见 `unit`"
obs_status   = "returned（数据退回）：全部退回，因而为零"
origin       = "derived（由记录统计）"
scope        = "pushed（部门自建系统推送）：这些指标不含在平台上直接办理的"
received_at  = "最近一次使其变动的批次的接收时间"
---*/
-- One row a month and none for longer times, so that a sum over months is right. A month without
-- records has no row: nothing arrived, which need not mean that nothing was done.
WITH known AS (
    SELECT
        cnt.kind,
        cnt.department,
        cnt.scope,
        cnt.event_month,
        cnt.arrival_month,
        cnt.n_current,
        cnt.n_accepted + cnt.n_updated + cnt.n_deleted + cnt.n_returned + cnt.n_duplicate AS n_pushed,
        cnt.n_returned,
        cnt.received_at
    FROM record_counts AS cnt
    CROSS JOIN session AS ses
    WHERE (ses.as_of IS NULL OR CAST(cnt.received_at AS DATE) <= ses.as_of)
        AND cnt.department IS NOT NULL
        AND cnt.scope = 'pushed'
),
placed AS (
    SELECT
        '' AS ending,
        known.kind,
        known.department,
        known.scope,
        known.event_month AS month,
        known.n_current,
        known.n_pushed,
        known.n_returned,
        known.received_at
    FROM known
    WHERE known.event_month IS NOT NULL
    UNION ALL
    SELECT
        '_by_arrival' AS ending,
        known.kind,
        known.department,
        known.scope,
        known.arrival_month AS month,
        known.n_current,
        known.n_pushed,
        known.n_returned,
        known.received_at
    FROM known
),
counted AS (
    SELECT
        placed.ending,
        placed.kind,
        placed.department,
        placed.scope,
        placed.month,
        CAST(sum(placed.n_current) AS DOUBLE) AS n_current,
        CAST(sum(placed.n_pushed) AS DOUBLE) AS n_pushed,
        CAST(sum(placed.n_returned) AS DOUBLE) AS n_returned,
        max(placed.received_at) AS received_at
    FROM placed
    GROUP BY placed.ending, placed.kind, placed.department, placed.scope, placed.month
),
figures AS (
    SELECT
        concat(counted.kind, '_aggregated', counted.ending) AS indicator,
        CAST(NULL AS STRING) AS breakdown,
        counted.department,
        counted.scope,
        counted.month,
        counted.n_current AS value,
        CASE
            WHEN counted.n_current = 0 AND counted.n_returned > 0 THEN 'returned'
            ELSE 'reported'
        END AS obs_status,
        counted.received_at
    FROM counted
    UNION ALL
    SELECT
        concat('records_pushed', counted.ending) AS indicator,
        counted.kind AS breakdown,
        counted.department,
        counted.scope,
        counted.month,
        counted.n_pushed AS value,
        'reported' AS obs_status,
        counted.received_at
    FROM counted
    UNION ALL
    SELECT
        concat('records_returned', counted.ending) AS indicator,
        counted.kind AS breakdown,
        counted.department,
        counted.scope,
        counted.month,
        counted.n_returned AS value,
        'reported' AS obs_status,
        counted.received_at
    FROM counted
)
SELECT
    figures.indicator,
    CAST(1 AS INT) AS definition,
    figures.department,
    -- Records name the departments of the province.
    ses.province AS region,
    figures.breakdown,
    'period' AS accumulation,
    figures.month AS period_start,
    last_day(figures.month) AS period_end,
    figures.value,
    '条' AS unit,
    figures.obs_status,
    'derived' AS origin,
    figures.scope,
    figures.received_at
FROM figures
CROSS JOIN session AS ses;
