/*---
summary    = "Published figures under the departments and regions that took over, one vintage per figure"
summary_zh = "按承继后的部门和区划列示的印发数据，每个数据只取最新版本"
reads      = ["department_successors", "observations_as_reported", "region_successors", "succession_parts"]
# The key of a figure; empty parts of it count as equal.
order      = ["indicator", "definition", "department", "region", "breakdown", "accumulation", "period_start", "period_end"]

[returns]
indicator    = "text"
definition   = "int"
department   = "text?"
region       = "text"
breakdown    = "text?"
accumulation = "text"
period_start = "date?"
period_end   = "date"
period_basis = "text"      # of a sum the weakest of its parts
value        = "double?"   # in `unit`; null where a part is missing
value_text   = "text?"
unit         = "text"
obs_status   = "text"      # also partly_missing and partly_returned, of sums
qualifier    = "text?"     # the parts' own; ambiguous where they differ
origin       = "text"
edition      = "text?"     # null where the parts come from several
release      = "text"      # of a sum the least far
published_on = "date?"     # of a sum the latest
received_at  = "timestamp" # of a sum the latest
batch        = "text?"     # null where the parts come from several
place        = "text?"     # null for a sum, which is no cell
printed      = "text?"     # null for a sum
row_label    = "text?"     # as reported; null for a sum
column_label = "text?"     # null for a sum
row_idx      = "int?"      # null for a sum
note         = "text?"     # of a sum those of its parts, two at most
is_approximate = "bool"    # of a sum whether a part is
n_parts      = "int"       # figures that were added up for it; 1 for a cell

[returns_zh]
period_basis = "合计数取各组成数据中最弱的依据"
value        = "单位见 `unit`；有组成数据缺失的为空"
obs_status   = "合计数另有 partly_missing（部分缺失）和 partly_returned（部分退回）"
qualifier    = "从各组成数据所载；不一致的为 ambiguous（近、余并用）"
edition      = "组成数据出自多份文件的为空"
release      = "合计数取各组成数据中最低的核定状态"
published_on = "合计数取各组成数据中最晚的"
received_at  = "合计数取各组成数据中最晚的"
batch        = "组成数据出自多个批次的为空"
place        = "合计数不对应单元格，为空"
printed      = "合计数为空"
row_label    = "按印发原文；合计数为空"
column_label = "合计数为空"
row_idx      = "合计数为空"
note         = "合计数列出各组成数据的附注，至多两条"
is_approximate = "是否为约数、估计数或取整数；合计数看组成数据中有无"
n_parts      = "合计而成的数据个数；取自单元格的为1"
---*/
-- Takes the name `observations_latest` under `--departments comparable`.
WITH untouched AS (
    SELECT
        latest.indicator,
        latest.definition,
        latest.department,
        latest.region,
        latest.breakdown,
        latest.accumulation,
        latest.period_start,
        latest.period_end,
        latest.period_basis,
        latest.value,
        latest.value_text,
        latest.unit,
        latest.obs_status,
        latest.qualifier,
        latest.origin,
        latest.edition,
        latest.release,
        latest.published_on,
        latest.received_at,
        latest.batch,
        latest.place,
        latest.printed,
        latest.row_label,
        latest.column_label,
        latest.row_idx,
        latest.note,
        latest.is_approximate,
        latest.n_parts
    FROM observations_as_reported AS latest
    LEFT JOIN region_successors AS reg
        ON reg.region = latest.region
    LEFT JOIN department_successors AS dept
        ON  dept.region = coalesce(reg.successor, latest.region)
        AND dept.department = latest.department
    WHERE reg.successor IS NULL
        AND dept.successor IS NULL
),
-- A figure that is not added up is a group of its own, whose only value max() returns.
sums AS (
    SELECT
        part.indicator,
        part.definition,
        part.shown_department AS department,
        part.shown_region AS region,
        part.breakdown,
        part.accumulation,
        part.period_start,
        part.period_end,
        part.origin,
        count(*) AS n_parts,
        -- A part that does not apply has nothing to count; any other without a value is unknown.
        count(CASE
            WHEN part.value IS NULL AND part.obs_status <> 'not_applicable' THEN 1
        END) AS n_unknown,
        count(CASE WHEN part.obs_status = 'not_applicable' THEN 1 END) AS n_not_applicable,
        count(CASE WHEN part.obs_status = 'returned' THEN 1 END) AS n_returned,
        count(CASE WHEN part.obs_status = 'estimated' THEN 1 END) AS n_estimated,
        sum(part.value) AS total,
        max(part.obs_status) AS obs_status,
        -- The weakest, in the order of its digits.
        max(CASE part.period_basis
            WHEN 'document_date' THEN '5document_date'
            WHEN 'title' THEN '4title'
            WHEN 'column' THEN '3column'
            WHEN 'printed' THEN '2printed'
            ELSE concat('1', part.period_basis)
        END) AS weakest_basis,
        min(CASE part.release
            WHEN 'draft' THEN '1draft'
            WHEN 'approved' THEN '2approved'
            ELSE concat('3', part.release)
        END) AS least_release,
        max(part.value_text) AS value_text,
        max(part.unit) AS unit,
        min(part.qualifier) AS first_qualifier,
        max(part.qualifier) AS last_qualifier,
        min(part.edition) AS first_edition,
        max(part.edition) AS last_edition,
        max(part.published_on) AS published_on,
        max(part.received_at) AS received_at,
        min(part.batch) AS first_batch,
        max(part.batch) AS last_batch,
        max(part.place) AS place,
        max(part.printed) AS printed,
        max(part.row_label) AS row_label,
        max(part.column_label) AS column_label,
        max(part.row_idx) AS row_idx,
        count(DISTINCT part.note) AS n_notes,
        min(part.note) AS first_note,
        max(part.note) AS last_note,
        max(CASE WHEN part.is_approximate THEN 1 ELSE 0 END) AS has_approximate
    FROM succession_parts AS part
    GROUP BY
        part.indicator, part.definition, part.shown_department, part.shown_region, part.breakdown,
        part.accumulation, part.period_start, part.period_end, part.origin
)
SELECT
    untouched.indicator,
    untouched.definition,
    untouched.department,
    untouched.region,
    untouched.breakdown,
    untouched.accumulation,
    untouched.period_start,
    untouched.period_end,
    untouched.period_basis,
    untouched.value,
    untouched.value_text,
    untouched.unit,
    untouched.obs_status,
    untouched.qualifier,
    untouched.origin,
    untouched.edition,
    untouched.release,
    untouched.published_on,
    untouched.received_at,
    untouched.batch,
    untouched.place,
    untouched.printed,
    untouched.row_label,
    untouched.column_label,
    untouched.row_idx,
    untouched.note,
    untouched.is_approximate,
    untouched.n_parts
FROM untouched
UNION ALL
SELECT
    sums.indicator,
    sums.definition,
    sums.department,
    sums.region,
    sums.breakdown,
    sums.accumulation,
    sums.period_start,
    sums.period_end,
    substr(sums.weakest_basis, 2) AS period_basis,
    CASE WHEN sums.n_unknown = 0 THEN sums.total END AS value,
    sums.value_text,
    sums.unit,
    CASE
        WHEN sums.n_parts = 1 THEN sums.obs_status
        WHEN sums.n_unknown > 0 AND sums.total IS NULL THEN 'missing'
        WHEN sums.n_unknown > 0 THEN 'partly_missing'
        WHEN sums.n_not_applicable = sums.n_parts THEN 'not_applicable'
        WHEN sums.n_returned = sums.n_parts - sums.n_not_applicable THEN 'returned'
        WHEN sums.n_returned > 0 THEN 'partly_returned'
        WHEN sums.n_estimated > 0 THEN 'estimated'
        ELSE 'reported'
    END AS obs_status,
    CASE
        WHEN sums.first_qualifier = sums.last_qualifier THEN sums.first_qualifier
        WHEN sums.first_qualifier IS NOT NULL THEN 'ambiguous'
    END AS qualifier,
    sums.origin,
    CASE WHEN sums.first_edition = sums.last_edition THEN sums.first_edition END AS edition,
    substr(sums.least_release, 2) AS release,
    sums.published_on,
    sums.received_at,
    CASE WHEN sums.first_batch = sums.last_batch THEN sums.first_batch END AS batch,
    CASE WHEN sums.n_parts = 1 THEN sums.place END AS place,
    CASE WHEN sums.n_parts = 1 THEN sums.printed END AS printed,
    CASE WHEN sums.n_parts = 1 THEN sums.row_label END AS row_label,
    CASE WHEN sums.n_parts = 1 THEN sums.column_label END AS column_label,
    CASE WHEN sums.n_parts = 1 THEN sums.row_idx END AS row_idx,
    CASE
        WHEN sums.n_notes = 1 THEN sums.first_note
        WHEN sums.n_notes = 2 THEN concat(sums.first_note, '；', sums.last_note)
    END AS note,
    sums.has_approximate = 1 AS is_approximate,
    CAST(sums.n_parts AS INT) AS n_parts
FROM sums;
