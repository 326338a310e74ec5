/*---
summary    = "Figures of one indicator, one vintage per figure, as `tongban trend` takes them"
summary_zh = "一项指标的全部数据，每个数据只取最新版本，供 `tongban trend` 使用"
reads      = ["derived_observations", "findings", "observations", "observations_latest", "record_counts", "session"]
order      = ["region", "department", "breakdown", "period_end", "period_start", "accumulation", "definition"]
show       = ["region", "department", "breakdown", "accumulation", "period_start", "period_end", "value", "obs_status"]

[params.indicator]
type    = "text"
help    = "indicator, as cases_aggregated"
help_zh = "指标，如 cases_aggregated"

[returns]
region       = { type = "text", values = "regions" }
department   = { type = "text?", values = "departments" }  # null: of the region as a whole
breakdown    = "text?"
accumulation = { type = "text", values = ["point", "period", "year_to_date", "since_launch"] }
period_start = "date?"     # null since the launch
period_end   = "date"
period_basis = { type = "text", values = ["given", "printed", "column", "title", "document_date"] }
definition   = "int"
unit         = "text"
value        = { type = "double?", status = "obs_status" }  # in `unit`; null where missing or not applicable
obs_status   = { type = "text", values = ["reported", "returned", "not_applicable", "missing", "estimated", "partly_missing", "partly_returned"] }
qualifier    = { type = "text?", values = ["approx", "more_than", "less_than", "ambiguous"] }
n_parts      = "int"       # figures that were added up for it; 1 as reported
first_value  = "double?"   # of the first vintage; null where there is one vintage only, and for sums
n_vintages   = "bigint"    # vintages of the figure, 1 for sums
edition      = "text?"     # null: of several, or counted from records
origin       = { type = "text", values = ["published", "reported", "platform", "derived"] }
note         = "text?"     # what a note of the document says of it
printed      = "text?"     # as it stands in the document; null for sums, and where it is counted from records
recount      = "text?"     # what a note of its table says of figures being counted otherwise, where no definition has that
n_late       = "double?"   # 条; of figures by arrival, the records whose event lies in an earlier month

[returns_zh]
department   = "空值为地区整体的数据"
period_start = "上线以来累计的为空"
value        = "单位见 `unit`；缺失或不适用的为空"
n_parts      = "合计而成的数据个数；按印发列示的为1"
first_value  = "首个版本的数值；只有一个版本的和合计数为空"
n_vintages   = "该数据的版本数，合计数为1"
edition      = "空值为出自多份文件，或由记录统计"
note         = "文件附注对该数据的说明"
printed      = "文件原文；合计数和由记录统计的为空"
recount      = "所在表的附注关于统计口径调整的原文，用于口径定义中没有载明的"
n_late       = "条；按到达统计的数据中，业务发生在以前月份的记录"
---*/
WITH known AS (
    SELECT
        obs.definition,
        obs.department,
        obs.region,
        obs.breakdown,
        obs.accumulation,
        obs.period_start,
        obs.period_end,
        obs.value,
        row_number() OVER (
            PARTITION BY
                obs.definition, obs.department, obs.region, obs.breakdown, obs.accumulation,
                obs.period_start, obs.period_end
            ORDER BY
                coalesce(obs.published_on, CAST(obs.received_at AS DATE)), obs.received_at, obs.batch
        ) AS oldest_first
    FROM observations AS obs
    CROSS JOIN session AS ses
    WHERE obs.indicator = $indicator
        AND obs.origin = ses.origin
        AND (
            ses.as_of IS NULL
            OR coalesce(obs.published_on, CAST(obs.received_at AS DATE)) <= ses.as_of
        )
),
vintages AS (
    SELECT
        known.definition,
        known.department,
        known.region,
        known.breakdown,
        known.accumulation,
        known.period_start,
        known.period_end,
        count(*) AS n_vintages,
        max(CASE WHEN known.oldest_first = 1 THEN known.value END) AS first_value
    FROM known
    GROUP BY
        known.definition, known.department, known.region, known.breakdown, known.accumulation,
        known.period_start, known.period_end
    HAVING count(*) > 1
),
-- Since when figures are counted otherwise stands in the definitions; where it does not, a note is all that
-- tells it.
recounts AS (
    SELECT
        find.batch,
        regexp_extract(find.place, 'table=([0-9]+)', 1) AS table_no,
        min(find.found) AS sentence
    FROM findings AS find
    WHERE find.code = 'note.definition_changed'
    GROUP BY find.batch, regexp_extract(find.place, 'table=([0-9]+)', 1)
),
-- By arrival, old cases that are pushed late count in the month of the push: that is no growth.
late AS (
    SELECT
        concat(cnt.kind, '_aggregated_by_arrival') AS indicator,
        cnt.department,
        cnt.arrival_month,
        CAST(sum(CASE WHEN cnt.event_month < cnt.arrival_month THEN cnt.n_current ELSE 0 END) AS DOUBLE)
            AS n_late
    FROM record_counts AS cnt
    CROSS JOIN session AS ses
    WHERE ses.origin = 'derived'
        AND (ses.as_of IS NULL OR CAST(cnt.received_at AS DATE) <= ses.as_of)
        AND cnt.scope = 'pushed'
    GROUP BY cnt.kind, cnt.department, cnt.arrival_month
),
figures AS (
    SELECT
        latest.region,
        latest.department,
        latest.breakdown,
        latest.accumulation,
        latest.period_start,
        latest.period_end,
        latest.period_basis,
        latest.definition,
        latest.unit,
        latest.value,
        latest.obs_status,
        latest.qualifier,
        latest.n_parts,
        CASE WHEN latest.n_parts = 1 THEN vintages.first_value END AS first_value,
        CASE WHEN latest.n_parts = 1 THEN coalesce(vintages.n_vintages, 1) ELSE 1 END AS n_vintages,
        latest.edition,
        latest.origin,
        latest.note,
        latest.printed,
        recounts.sentence AS recount,
        CAST(NULL AS DOUBLE) AS n_late
    FROM observations_latest AS latest
    LEFT JOIN recounts
        ON  recounts.batch = latest.batch
        AND recounts.table_no = regexp_extract(latest.place, 'table=([0-9]+)', 1)
    LEFT JOIN vintages
        ON  vintages.definition = latest.definition
        AND vintages.region = latest.region
        AND vintages.accumulation = latest.accumulation
        AND vintages.period_end = latest.period_end
        AND vintages.period_start IS NOT DISTINCT FROM latest.period_start
        AND vintages.department IS NOT DISTINCT FROM latest.department
        AND vintages.breakdown IS NOT DISTINCT FROM latest.breakdown
    WHERE latest.indicator = $indicator
    UNION ALL
    SELECT
        counted.region,
        counted.department,
        counted.breakdown,
        counted.accumulation,
        counted.period_start,
        counted.period_end,
        'printed' AS period_basis,
        counted.definition,
        counted.unit,
        counted.value,
        counted.obs_status,
        CAST(NULL AS STRING) AS qualifier,
        CAST(1 AS INT) AS n_parts,
        CAST(NULL AS DOUBLE) AS first_value,
        CAST(1 AS BIGINT) AS n_vintages,
        CAST(NULL AS STRING) AS edition,
        counted.origin,
        CAST(NULL AS STRING) AS note,
        CAST(NULL AS STRING) AS printed,
        CAST(NULL AS STRING) AS recount,
        late.n_late
    FROM derived_observations AS counted
    CROSS JOIN session AS ses
    LEFT JOIN late
        ON  late.indicator = counted.indicator
        AND late.department = counted.department
        AND late.arrival_month = counted.period_start
    WHERE counted.indicator = $indicator
        AND ses.origin = 'derived'
)
SELECT
    figures.region,
    figures.department,
    figures.breakdown,
    figures.accumulation,
    figures.period_start,
    figures.period_end,
    figures.period_basis,
    figures.definition,
    figures.unit,
    figures.value,
    figures.obs_status,
    figures.qualifier,
    figures.n_parts,
    figures.first_value,
    figures.n_vintages,
    figures.edition,
    figures.origin,
    figures.note,
    figures.printed,
    figures.recount,
    figures.n_late
FROM figures
ORDER BY
    figures.region,
    figures.department NULLS LAST,
    figures.breakdown NULLS LAST,
    figures.period_end,
    figures.period_start NULLS LAST,
    figures.accumulation,
    figures.definition;
