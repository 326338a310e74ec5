/*---
summary    = "Where a counted figure comes from: what each batch of records added to it or took from it"
summary_zh = "统计数的来历：各批记录使它增加或减少多少"
reads      = ["batches", "departments", "indicators", "record_counts", "session"]
order      = ["period_end", "indicator", "department", "breakdown", "received_at", "batch"]
show       = ["indicator_name", "department_name", "period_end", "value", "part", "rows_accepted", "rows_updated", "rows_deleted", "rows_returned", "rows_duplicate", "file_name"]

[params.indicator]
type    = "text"
help    = "indicator id, as cases_aggregated or records_returned_by_arrival"
help_zh = "指标代码，如 cases_aggregated 或 records_returned_by_arrival"

[params.department]
type    = "text?"
help    = "department id, as tax; without it all"
help_zh = "部门代码，如 tax；不给则全部"

[params.period]
type    = "date?"
help    = "last day of the month; without it the latest that the indicator has"
help_zh = "月份末日；不给则取该指标最近一月"

[params.breakdown]
type    = "text?"
help    = "breakdown; without it all"
help_zh = "分项；不给则全部"

[params.region]
type    = "text?"
help    = "region id; records count under the whole province alone, as 630000"
help_zh = "地区代码；统计数只按全省计，如 630000"

[params.accumulation]
type    = "text?"
help    = "period: what is counted is of one month"
help_zh = "累计口径：统计数只按当月（period）计"

[params.period_start]
type    = "date?"
help    = "first day of the month; without it all"
help_zh = "月份首日；不给则不限"

[returns]
indicator       = { type = "text", values = "indicators" }
indicator_name  = "text"
department      = { type = "text", values = "departments" }
department_name = "text"
region          = { type = "text", values = "regions" }
breakdown       = "text?"      # cases or evaluations, of figures that both have
accumulation    = { type = "text", values = ["period"] }
period_start    = "date"       # the first of the month
period_end      = "date"       # its last day
value           = "double"     # in `unit`; the figure, to which the parts of all its batches add up
unit            = "text"       # 条
part            = "double"     # in `unit`; negative where more records left the month than came into it
rows_accepted   = "bigint"     # 条; rows of the batch: first versions
rows_updated    = "bigint"     # 条; further versions
rows_deleted    = "bigint"     # 条; versions that withdraw a record
rows_returned   = "bigint"     # 条; rows that went back
rows_duplicate  = "bigint"     # 条; rows that were there already
file_name       = "text?"
profile         = "text?"      # with its version, and the dataset
source_hash     = { type = "text?", format = "id" }  # BLAKE3 of the file
received_at     = "timestamp"
snapshot        = "bigint?"    # that took the batch in
batch           = { type = "text", format = "id" }

[returns_zh]
breakdown       = "cases（办件）或 evaluations（好差评），用于两者兼有的指标"
period_start    = "当月首日"
period_end      = "当月末日"
value           = "单位见 `unit`；统计数，等于各批次所占部分之和"
part            = "单位见 `unit`；移出当月的记录多于移入的为负"
rows_accepted   = "条；该批次的行：首个版本"
rows_updated    = "条；后续版本"
rows_deleted    = "条；撤回记录的版本"
rows_returned   = "条；退回的行"
rows_duplicate  = "条；已入库的重复行"
profile         = "方案及其版本和数据集"
source_hash     = "文件的 BLAKE3 指纹"
snapshot        = "该批次入库时的快照"
---*/
WITH known AS (
    SELECT
        cnt.batch,
        cnt.kind,
        cnt.department,
        cnt.event_month,
        cnt.arrival_month,
        cnt.n_current,
        cnt.n_accepted,
        cnt.n_updated,
        cnt.n_deleted,
        cnt.n_returned,
        cnt.n_duplicate,
        cnt.received_at
    FROM record_counts AS cnt
    CROSS JOIN session AS ses
    WHERE (ses.as_of IS NULL OR CAST(cnt.received_at AS DATE) <= ses.as_of)
        AND cnt.department IS NOT NULL
        AND cnt.scope = 'pushed'
        AND ($department IS NULL OR cnt.department = $department)
),
placed AS (
    SELECT
        '' AS ending,
        known.event_month AS month,
        known.batch,
        known.kind,
        known.department,
        known.n_current,
        known.n_accepted,
        known.n_updated,
        known.n_deleted,
        known.n_returned,
        known.n_duplicate,
        known.received_at
    FROM known
    WHERE known.event_month IS NOT NULL
    UNION ALL
    SELECT
        '_by_arrival' AS ending,
        known.arrival_month AS month,
        known.batch,
        known.kind,
        known.department,
        known.n_current,
        known.n_accepted,
        known.n_updated,
        known.n_deleted,
        known.n_returned,
        known.n_duplicate,
        known.received_at
    FROM known
),
counted AS (
    SELECT
        placed.ending,
        placed.month,
        placed.batch,
        placed.kind,
        placed.department,
        CAST(sum(placed.n_current) AS BIGINT) AS n_current,
        CAST(sum(placed.n_accepted) AS BIGINT) AS n_accepted,
        CAST(sum(placed.n_updated) AS BIGINT) AS n_updated,
        CAST(sum(placed.n_deleted) AS BIGINT) AS n_deleted,
        CAST(sum(placed.n_returned) AS BIGINT) AS n_returned,
        CAST(sum(placed.n_duplicate) AS BIGINT) AS n_duplicate,
        max(placed.received_at) AS received_at
    FROM placed
    GROUP BY placed.ending, placed.month, placed.batch, placed.kind, placed.department
),
parts AS (
    SELECT
        concat(counted.kind, '_aggregated', counted.ending) AS indicator,
        CAST(NULL AS STRING) AS breakdown,
        counted.month,
        counted.batch,
        counted.department,
        counted.n_current AS part,
        counted.n_accepted,
        counted.n_updated,
        counted.n_deleted,
        counted.n_returned,
        counted.n_duplicate,
        counted.received_at
    FROM counted
    UNION ALL
    SELECT
        concat('records_pushed', counted.ending) AS indicator,
        counted.kind AS breakdown,
        counted.month,
        counted.batch,
        counted.department,
        counted.n_accepted + counted.n_updated + counted.n_deleted + counted.n_returned
        + counted.n_duplicate AS part,
        counted.n_accepted,
        counted.n_updated,
        counted.n_deleted,
        counted.n_returned,
        counted.n_duplicate,
        counted.received_at
    FROM counted
    UNION ALL
    SELECT
        concat('records_returned', counted.ending) AS indicator,
        counted.kind AS breakdown,
        counted.month,
        counted.batch,
        counted.department,
        counted.n_returned AS part,
        counted.n_accepted,
        counted.n_updated,
        counted.n_deleted,
        counted.n_returned,
        counted.n_duplicate,
        counted.received_at
    FROM counted
),
wanted AS (
    SELECT
        parts.indicator,
        parts.breakdown,
        parts.month,
        last_day(parts.month) AS period_end,
        parts.batch,
        parts.department,
        -- Records name the departments of the province.
        ses.province AS region,
        parts.part,
        parts.n_accepted,
        parts.n_updated,
        parts.n_deleted,
        parts.n_returned,
        parts.n_duplicate,
        parts.received_at
    FROM parts
    CROSS JOIN session AS ses
    WHERE parts.indicator = $indicator
        AND ($breakdown IS NULL OR parts.breakdown = $breakdown)
        AND ($region IS NULL OR $region = ses.province)
        AND ($accumulation IS NULL OR $accumulation = 'period')
        AND ($period_start IS NULL OR parts.month = CAST($period_start AS DATE))
),
latest AS (
    SELECT max(wanted.period_end) AS period_end
    FROM wanted
)
SELECT
    wanted.indicator,
    coalesce(ind.name_zh, wanted.indicator) AS indicator_name,
    wanted.department,
    coalesce(dep.name_zh, wanted.department) AS department_name,
    wanted.region,
    wanted.breakdown,
    'period' AS accumulation,
    wanted.month AS period_start,
    wanted.period_end,
    CAST(sum(wanted.part) OVER (
        PARTITION BY wanted.department, wanted.breakdown, wanted.month
    ) AS DOUBLE) AS value,
    '条' AS unit,
    CAST(wanted.part AS DOUBLE) AS part,
    wanted.n_accepted AS rows_accepted,
    wanted.n_updated AS rows_updated,
    wanted.n_deleted AS rows_deleted,
    wanted.n_returned AS rows_returned,
    wanted.n_duplicate AS rows_duplicate,
    bat.file_name,
    bat.layout AS profile,
    bat.source_hash,
    wanted.received_at,
    bat.snapshot,
    wanted.batch
FROM wanted
JOIN latest
    ON wanted.period_end = coalesce(CAST($period AS DATE), latest.period_end)
LEFT JOIN indicators AS ind
    ON  ind.indicator = wanted.indicator
    AND ind.definition = 1
LEFT JOIN departments AS dep
    ON dep.department = wanted.department
LEFT JOIN batches AS bat
    ON bat.batch = wanted.batch
ORDER BY
    wanted.period_end,
    wanted.indicator,
    wanted.department,
    wanted.breakdown NULLS LAST,
    wanted.received_at,
    wanted.batch;
