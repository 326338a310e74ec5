/*---
summary    = "Where a figure comes from: every vintage of it, with its cell, its document and its total"
summary_zh = "数据来源：一个数据的各个版本，连同所在单元格、文件和合计核对"
reads      = ["batches", "department_successors", "departments", "indicators", "observations", "observations_as_reported", "observations_latest", "region_successors", "session", "succession_parts", "totals"]
order      = ["period_end", "indicator", "department", "region", "breakdown", "accumulation", "period_start", "definition", "origin", "vintage", "batch", "place"]
show       = ["indicator_name", "department_name", "period_end", "value", "unit", "obs_status", "printed", "place", "file_name", "published_on", "is_shown"]

[params.indicator]
type    = "text"
help    = "indicator id, as cases_aggregated"
help_zh = "指标代码，如 cases_aggregated"

[params.department]
type    = "text?"
help    = "department id, as tax, with its predecessors under --departments comparable; without it all"
help_zh = "部门代码，如 tax；--departments comparable 时含其前身；不给则全部"

[params.period]
type    = "date?"
help    = "last day of the period; without it the latest that the indicator has"
help_zh = "统计期末日；不给则取该指标最近一期"

[params.region]
type    = "text?"
help    = "region id, as 630000, with its predecessors under --departments comparable; without it all"
help_zh = "地区代码，如 630000；--departments comparable 时含其前身；不给则全部"

[params.breakdown]
type    = "text?"
help    = "breakdown; without it all"
help_zh = "分项；不给则全部"

[params.accumulation]
type    = "text?"
help    = "point, period, year_to_date or since_launch; without it all"
help_zh = "累计口径：point、period、year_to_date 或 since_launch；不给则全部"

[params.period_start]
type    = "date?"
help    = "first day of the period; without it all"
help_zh = "统计期起始日；不给则全部"

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
period_basis    = { type = "text", values = ["given", "printed", "column", "title", "document_date"] }
value           = { type = "double?", status = "obs_status" }  # in `unit`
unit            = "text"
obs_status      = { type = "text", values = ["reported", "returned", "not_applicable", "missing", "estimated", "partly_missing", "partly_returned"] }
qualifier       = { type = "text?", values = ["approx", "more_than", "less_than", "ambiguous"] }
printed         = "text?"        # the cell as it stood
row_label       = "text?"
column_label    = "text?"
place           = { type = "text", format = "id" }
note            = "text?"        # why a zero stands for returned records
total_printed   = "text?"        # the total of its column, where its table has one
total_sum       = "double?"      # in `unit`; of the rows above it
reconciled      = "bool?"
definition      = "int"
origin          = { type = "text", values = ["published", "reported", "platform", "derived"] }
release         = { type = "text", values = ["draft", "approved", "published"] }
edition         = "text"
document_number = { type = "text?", format = "id" }
issuer          = "text?"
title           = "text?"
published_on    = "date?"
received_at     = "timestamp"
file_name       = "text?"
source_hash     = { type = "text?", format = "id" }  # BLAKE3 of the file, its name in `lake/source/`
reading         = "text?"        # how it was read
tool_version    = "text?"
snapshot        = "bigint?"      # that took it in
batch           = { type = "text", format = "id" }
vintage         = "int"          # of this figure and origin, the newest being 1
is_shown        = "bool"         # whether questions show this vintage
shown_department = { type = "text?", values = "departments" }  # the department they show it under
shown_department_name = "text?"
shown_region    = "text?"        # the region they show it under
shown_value     = "double?"      # what they show there, in `unit`
shown_status    = { type = "text?", values = ["reported", "returned", "not_applicable", "missing", "estimated", "partly_missing", "partly_returned"] }
n_parts         = "int?"         # vintages that were added up for it; 1 for a cell as it stands

[returns_zh]
value           = "单位见 `unit`"
printed         = "单元格原文"
note            = "因数据退回而为零的，附注所载缘由"
total_printed   = "所在列的合计，表中未列合计的为空"
total_sum       = "单位见 `unit`；合计以上各行之和"
source_hash     = "文件的 BLAKE3 指纹，即其在 `lake/source/` 中的文件名"
reading         = "文件的读法"
snapshot        = "该数据入库时的快照"
vintage         = "同一数据、同一来源的版本序，最新为1"
is_shown        = "查询是否采用该版本"
shown_department = "查询将其列在哪个部门名下"
shown_region    = "查询将其列在哪个区划名下"
shown_value     = "查询在该处显示的数值，单位见 `unit`"
n_parts         = "合计而成的版本个数；直接取自单元格的为1"
---*/
WITH wanted AS (
    SELECT
        obs.indicator,
        obs.definition,
        obs.department,
        obs.region,
        obs.breakdown,
        obs.accumulation,
        obs.period_start,
        obs.period_end,
        obs.period_basis,
        obs.value,
        obs.unit,
        obs.obs_status,
        obs.qualifier,
        obs.origin,
        obs.edition,
        obs.release,
        obs.published_on,
        obs.received_at,
        obs.batch,
        obs.place,
        obs.printed,
        obs.row_label,
        obs.column_label,
        obs.note,
        -- Total and figure of one column stand in one table and there in one column.
        regexp_extract(obs.place, 'table=([0-9]+)', 1) AS table_no,
        regexp_extract(obs.place, 'column=([0-9]+)', 1) AS column_no,
        coalesce(obs.published_on, CAST(obs.received_at AS DATE)) AS known_on
    FROM observations AS obs
    CROSS JOIN session AS ses
    LEFT JOIN region_successors AS reg
        ON reg.region = obs.region
    LEFT JOIN department_successors AS dept
        ON  dept.region = coalesce(reg.successor, obs.region)
        AND dept.department = obs.department
    WHERE obs.indicator = $indicator
        AND (
            $department IS NULL
            OR obs.department = $department
            OR (ses.departments = 'comparable' AND dept.successor = $department)
        )
        AND (
            $region IS NULL
            OR obs.region = $region
            OR (ses.departments = 'comparable' AND reg.successor = $region)
        )
        AND ($breakdown IS NULL OR obs.breakdown = $breakdown)
        AND ($accumulation IS NULL OR obs.accumulation = $accumulation)
        AND ($period_start IS NULL OR obs.period_start = CAST($period_start AS DATE))
),
latest AS (
    SELECT max(wanted.period_end) AS period_end
    FROM wanted
),
-- Where questions show a vintage. Sums have no cell, so what is shown is found by its key.
shown AS (
    SELECT
        latest.batch,
        latest.place,
        latest.definition,
        latest.breakdown,
        latest.accumulation,
        latest.period_start,
        latest.period_end,
        latest.department AS reported_department,
        latest.region AS reported_region,
        answer.department,
        answer.region,
        answer.value,
        answer.obs_status,
        answer.n_parts
    FROM observations_as_reported AS latest
    CROSS JOIN session AS ses
    LEFT JOIN succession_parts AS part
        ON  ses.departments = 'comparable'
        AND part.batch = latest.batch
        AND part.place = latest.place
        AND part.indicator = latest.indicator
        AND part.definition = latest.definition
        AND part.accumulation = latest.accumulation
        AND part.period_end = latest.period_end
        AND part.region = latest.region
        AND coalesce(part.breakdown, '') = coalesce(latest.breakdown, '')
        AND coalesce(CAST(part.period_start AS STRING), '')
            = coalesce(CAST(latest.period_start AS STRING), '')
        AND coalesce(part.department, '') = coalesce(latest.department, '')
    LEFT JOIN observations_latest AS answer
        ON  answer.indicator = latest.indicator
        AND answer.definition = latest.definition
        AND answer.accumulation = latest.accumulation
        AND answer.period_end = latest.period_end
        AND answer.region = coalesce(part.shown_region, latest.region)
        AND coalesce(answer.department, '') = coalesce(part.shown_department, latest.department, '')
        AND coalesce(answer.breakdown, '') = coalesce(latest.breakdown, '')
        AND coalesce(CAST(answer.period_start AS STRING), '')
            = coalesce(CAST(latest.period_start AS STRING), '')
    WHERE latest.indicator = $indicator
),
-- A second total of a column is a finding: the first one counts.
column_totals AS (
    SELECT
        total.batch,
        total.indicator,
        total.definition,
        total.period_start,
        total.period_end,
        total.printed,
        total.sum_value,
        total.reconciled,
        regexp_extract(total.place, 'table=([0-9]+)', 1) AS table_no,
        regexp_extract(total.place, 'column=([0-9]+)', 1) AS column_no,
        row_number() OVER (
            PARTITION BY
                total.batch, total.indicator, total.definition, total.period_start,
                total.period_end,
                regexp_extract(total.place, 'table=([0-9]+)', 1),
                regexp_extract(total.place, 'column=([0-9]+)', 1)
            ORDER BY
                CAST(nullif(regexp_extract(total.place, 'row=([0-9]+)', 1), '') AS INT) NULLS LAST,
                total.place,
                total.row_label,
                total.printed
        ) AS first_one
    FROM totals AS total
    WHERE total.row_label NOT LIKE '%小计%'
)
SELECT
    wanted.indicator,
    coalesce(ind.name_zh, wanted.indicator) AS indicator_name,
    wanted.department,
    coalesce(dep.name_zh, wanted.department) AS department_name,
    wanted.region,
    wanted.breakdown,
    wanted.accumulation,
    wanted.period_start,
    wanted.period_end,
    wanted.period_basis,
    wanted.value,
    wanted.unit,
    wanted.obs_status,
    wanted.qualifier,
    wanted.printed,
    wanted.row_label,
    wanted.column_label,
    wanted.place,
    wanted.note,
    tot.printed AS total_printed,
    tot.sum_value AS total_sum,
    tot.reconciled,
    wanted.definition,
    wanted.origin,
    wanted.release,
    wanted.edition,
    bat.document_number,
    bat.issuer,
    bat.title,
    wanted.published_on,
    wanted.received_at,
    bat.file_name,
    bat.source_hash,
    bat.reading,
    bat.tool_version,
    bat.snapshot,
    wanted.batch,
    CAST(row_number() OVER (
        PARTITION BY
            wanted.indicator, wanted.definition, wanted.department, wanted.region,
            wanted.breakdown, wanted.accumulation, wanted.period_start, wanted.period_end,
            wanted.origin
        ORDER BY wanted.known_on DESC, wanted.received_at DESC, wanted.batch DESC
    ) AS INT) AS vintage,
    shown.batch IS NOT NULL AS is_shown,
    shown.department AS shown_department,
    coalesce(shown_dep.name_zh, shown.department) AS shown_department_name,
    shown.region AS shown_region,
    shown.value AS shown_value,
    shown.obs_status AS shown_status,
    shown.n_parts
FROM wanted
JOIN latest
    ON wanted.period_end = coalesce(CAST($period AS DATE), latest.period_end)
LEFT JOIN indicators AS ind
    ON  ind.indicator = wanted.indicator
    AND ind.definition = wanted.definition
LEFT JOIN departments AS dep
    ON dep.department = wanted.department
LEFT JOIN batches AS bat
    ON bat.batch = wanted.batch
LEFT JOIN column_totals AS tot
    ON  tot.batch = wanted.batch
    AND tot.indicator = wanted.indicator
    AND tot.definition = wanted.definition
    AND tot.period_end = wanted.period_end
    AND coalesce(CAST(tot.period_start AS STRING), '')
        = coalesce(CAST(wanted.period_start AS STRING), '')
    AND tot.table_no = wanted.table_no
    AND tot.column_no = wanted.column_no
    AND tot.first_one = 1
    AND wanted.column_label IS NOT NULL
LEFT JOIN shown
    ON  shown.batch = wanted.batch
    AND shown.definition = wanted.definition
    AND shown.place = wanted.place
    AND shown.accumulation = wanted.accumulation
    AND shown.period_end = wanted.period_end
    AND shown.reported_region = wanted.region
    -- A note can tell figures of several departments, a sentence those of several breakdowns.
    AND coalesce(shown.breakdown, '') = coalesce(wanted.breakdown, '')
    AND coalesce(CAST(shown.period_start AS STRING), '')
        = coalesce(CAST(wanted.period_start AS STRING), '')
    AND coalesce(shown.reported_department, '') = coalesce(wanted.department, '')
LEFT JOIN departments AS shown_dep
    ON shown_dep.department = shown.department
ORDER BY
    wanted.period_end,
    wanted.indicator,
    wanted.department NULLS LAST,
    wanted.region,
    wanted.breakdown NULLS LAST,
    wanted.accumulation,
    wanted.period_start NULLS LAST,
    wanted.definition,
    wanted.origin,
    vintage,
    wanted.batch,
    wanted.place;
