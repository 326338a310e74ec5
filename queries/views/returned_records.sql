/*---
summary    = "Records that were returned, with the batch that brought them again; what others returned several times stands once until it is corrected"
summary_zh = "退回的记录，及其更正后再次报送的批次；他方多次退回同一记录的，更正前只列一次"
reads      = ["batches", "returned", "returns_closed", "session"]
order      = ["batch", "file_name", "source_row", "rule", "field", "message_zh"]

[returns]
batch       = "text"       # that told of it first, if it was returned elsewhere: by its key, until it is corrected
file_name   = "text"
source_row  = "bigint"     # row of the file as it arrived; a head is row 1, and JSON lines and Parquet have none; with batch and file_name it tells a record, also one without a key
kind        = "text"       # cases or evaluations; returns: a row of a list of returns made elsewhere
record_type = "text?"
record_key  = "text?"
department  = "text?"      # as the first that told of it has it, and so the body, if it was returned elsewhere
org_code    = "text?"
org_name    = "text?"
rule        = "text"       # id of the rule of the profile
field       = "text?"
found       = "text?"      # masked where it is personal
message_zh  = "text"
message_en  = "text"
event_at    = "timestamp?" # when it happened
returned_on = "date"       # the earliest day, if it was returned elsewhere several times
returned_by = "text"       # tongban, or who returned it elsewhere
profile     = "text"       # profile with its version
closed_by   = "text?"      # the first batch that brought the key again, corrected; null while open
closed_on   = "date?"

[returns_zh]
batch       = "他方退回的，按记录主键、更正前取最早告知的批次"
source_row  = "在原文件中的行号；表头为第1行，JSON 行文件和 Parquet 没有表头；与 batch、file_name 一起确定一条记录，没有主键的也可"
kind        = "cases（办件）或 evaluations（好差评）；returns：他方退回清单中的一行"
department  = "他方退回的，部门和机构均按最早告知的批次所载"
rule        = "方案中规则的代码"
found       = "属个人信息的已遮盖"
event_at    = "业务发生时间"
returned_on = "他方多次退回的，取最早之日"
returned_by = "tongban，或在他处退回的一方"
profile     = "方案及其版本"
closed_by   = "更正后再次报送同一主键的首个批次；未更正的为空"
---*/
-- Keys that others told of more than once. What they told of once goes through as it is, and so does what was
-- returned here: there may be much of it, and each row is a record of its own.
WITH told_again AS (
    SELECT ret.record_key
    FROM returned AS ret
    CROSS JOIN session AS ses
    LEFT JOIN batches
        ON batches.batch = ret.batch
    WHERE ret.returned_by <> 'tongban'
        AND ret.record_key IS NOT NULL
        -- What others returned is known from the day on which they told of it here.
        AND (
            ses.as_of IS NULL
            OR (ret.returned_on <= ses.as_of AND CAST(batches.received_at AS DATE) <= ses.as_of)
        )
    GROUP BY ret.record_key
    HAVING count(*) > 1
),
known_closings AS (
    SELECT
        clo.returned_batch,
        clo.kind,
        clo.record_type,
        clo.record_key,
        clo.batch,
        clo.closed_on,
        clo.file_name,
        clo.source_row,
        row_number() OVER (
            PARTITION BY
                clo.returned_batch,
                clo.kind,
                clo.record_type,
                clo.record_key,
                clo.file_name,
                clo.source_row
            ORDER BY clo.closed_on, clo.batch
        ) AS first_first
    FROM returns_closed AS clo
    CROSS JOIN session AS ses
    WHERE ses.as_of IS NULL OR clo.closed_on <= ses.as_of
),
closings AS (
    SELECT
        known_closings.returned_batch,
        known_closings.kind,
        known_closings.record_type,
        known_closings.record_key,
        known_closings.batch,
        known_closings.closed_on
    FROM known_closings
    WHERE known_closings.first_first = 1
        AND known_closings.source_row IS NULL
),
-- Of rows that were corrected in their own batch, in which a later row of their key went back.
row_closings AS (
    SELECT
        known_closings.returned_batch,
        known_closings.kind,
        known_closings.record_type,
        known_closings.record_key,
        known_closings.batch,
        known_closings.closed_on,
        known_closings.file_name,
        known_closings.source_row
    FROM known_closings
    WHERE known_closings.first_first = 1
        AND known_closings.source_row IS NOT NULL
),
-- Only what tells where and when: sentences make rows large that are put in order.
tellings AS (
    SELECT
        ret.batch,
        ret.file_name,
        ret.source_row,
        ret.kind,
        coalesce(ret.record_type, '') AS record_type,
        ret.record_key,
        ret.department,
        ret.org_code,
        ret.org_name,
        ret.event_at,
        ret.returned_on,
        ret.returned_by,
        ret.profile,
        ret.arrived_at,
        batches.received_at
    FROM returned AS ret
    CROSS JOIN session AS ses
    INNER JOIN told_again
        ON told_again.record_key = ret.record_key
    LEFT JOIN batches
        ON batches.batch = ret.batch
    WHERE ret.returned_by <> 'tongban'
        AND (
            ses.as_of IS NULL
            OR (ret.returned_on <= ses.as_of AND CAST(batches.received_at AS DATE) <= ses.as_of)
        )
),
-- The same return may be told of again after it was closed: on the same day, of the same push.
told_closings AS (
    SELECT
        tell.returned_by,
        tell.returned_on,
        tell.arrived_at,
        tell.kind,
        tell.record_type,
        tell.record_key,
        closings.batch,
        closings.closed_on,
        row_number() OVER (
            PARTITION BY
                tell.returned_by,
                tell.returned_on,
                tell.arrived_at,
                tell.kind,
                tell.record_type,
                tell.record_key
            ORDER BY closings.closed_on, closings.batch
        ) AS first_first
    FROM tellings AS tell
    INNER JOIN closings
        ON  closings.returned_batch = tell.batch
        AND closings.kind = tell.kind
        AND coalesce(closings.record_type, '') = tell.record_type
        AND closings.record_key = tell.record_key
),
placed AS (
    SELECT
        tell.batch,
        tell.file_name,
        tell.source_row,
        tell.kind,
        tell.record_type,
        tell.record_key,
        tell.department,
        tell.org_code,
        tell.org_name,
        tell.event_at,
        tell.returned_on,
        tell.returned_by,
        tell.profile,
        coalesce(told_closings.batch, '') AS closed_by,
        told_closings.closed_on,
        row_number() OVER (
            PARTITION BY
                tell.returned_by,
                tell.kind,
                tell.record_type,
                tell.record_key,
                coalesce(told_closings.batch, '')
            ORDER BY
                tell.returned_on,
                tell.received_at,
                tell.batch,
                tell.file_name,
                tell.source_row
        ) AS nth_telling
    FROM tellings AS tell
    LEFT JOIN told_closings
        ON  told_closings.returned_by = tell.returned_by
        AND told_closings.returned_on = tell.returned_on
        AND told_closings.arrived_at IS NOT DISTINCT FROM tell.arrived_at
        AND told_closings.kind = tell.kind
        AND told_closings.record_type = tell.record_type
        AND told_closings.record_key = tell.record_key
        AND told_closings.first_first = 1
)
SELECT
    ret.batch,
    ret.file_name,
    ret.source_row,
    ret.kind,
    ret.record_type,
    ret.record_key,
    ret.department,
    ret.org_code,
    ret.org_name,
    ret.rule,
    ret.field,
    ret.found,
    ret.message_zh,
    ret.message_en,
    ret.event_at,
    ret.returned_on,
    ret.returned_by,
    ret.profile,
    coalesce(row_closings.batch, closings.batch) AS closed_by,
    coalesce(row_closings.closed_on, closings.closed_on) AS closed_on
FROM returned AS ret
CROSS JOIN session AS ses
LEFT JOIN batches
    ON batches.batch = ret.batch
LEFT JOIN closings
    ON  closings.returned_batch = ret.batch
    AND closings.kind = ret.kind
    -- Evaluations have no type.
    AND coalesce(closings.record_type, '') = coalesce(ret.record_type, '')
    AND closings.record_key = ret.record_key
LEFT JOIN row_closings
    ON  row_closings.returned_batch = ret.batch
    AND row_closings.kind = ret.kind
    AND coalesce(row_closings.record_type, '') = coalesce(ret.record_type, '')
    AND row_closings.record_key = ret.record_key
    AND row_closings.file_name = ret.file_name
    AND row_closings.source_row = ret.source_row
WHERE ret.returned_by = 'tongban'
    AND (
        ses.as_of IS NULL
        OR (ret.returned_on <= ses.as_of AND CAST(batches.received_at AS DATE) <= ses.as_of)
    )
UNION ALL
SELECT
    ret.batch,
    ret.file_name,
    ret.source_row,
    ret.kind,
    ret.record_type,
    ret.record_key,
    ret.department,
    ret.org_code,
    ret.org_name,
    ret.rule,
    ret.field,
    ret.found,
    ret.message_zh,
    ret.message_en,
    ret.event_at,
    ret.returned_on,
    ret.returned_by,
    ret.profile,
    closings.batch AS closed_by,
    closings.closed_on
FROM returned AS ret
CROSS JOIN session AS ses
LEFT JOIN batches
    ON batches.batch = ret.batch
LEFT JOIN told_again
    ON told_again.record_key = ret.record_key
LEFT JOIN closings
    ON  closings.returned_batch = ret.batch
    AND closings.kind = ret.kind
    AND coalesce(closings.record_type, '') = coalesce(ret.record_type, '')
    AND closings.record_key = ret.record_key
WHERE ret.returned_by <> 'tongban'
    AND told_again.record_key IS NULL
    AND (
        ses.as_of IS NULL
        OR (ret.returned_on <= ses.as_of AND CAST(batches.received_at AS DATE) <= ses.as_of)
    )
UNION ALL
SELECT
    firsts.batch,
    firsts.file_name,
    firsts.source_row,
    firsts.kind,
    nullif(firsts.record_type, '') AS record_type,
    firsts.record_key,
    firsts.department,
    firsts.org_code,
    firsts.org_name,
    ret.rule,
    ret.field,
    min(ret.found) AS found,
    ret.message_zh,
    min(ret.message_en) AS message_en,
    firsts.event_at,
    firsts.returned_on,
    firsts.returned_by,
    firsts.profile,
    nullif(firsts.closed_by, '') AS closed_by,
    firsts.closed_on
FROM returned AS ret
CROSS JOIN session AS ses
LEFT JOIN batches
    ON batches.batch = ret.batch
LEFT JOIN told_closings
    ON  told_closings.returned_by = ret.returned_by
    AND told_closings.returned_on = ret.returned_on
    AND told_closings.arrived_at IS NOT DISTINCT FROM ret.arrived_at
    AND told_closings.kind = ret.kind
    AND told_closings.record_type = coalesce(ret.record_type, '')
    AND told_closings.record_key = ret.record_key
    AND told_closings.first_first = 1
INNER JOIN placed AS firsts
    ON  firsts.returned_by = ret.returned_by
    AND firsts.kind = ret.kind
    AND firsts.record_type = coalesce(ret.record_type, '')
    AND firsts.record_key = ret.record_key
    AND firsts.closed_by = coalesce(told_closings.batch, '')
WHERE ret.returned_by <> 'tongban'
    AND firsts.nth_telling = 1
    AND (
        ses.as_of IS NULL
        OR (ret.returned_on <= ses.as_of AND CAST(batches.received_at AS DATE) <= ses.as_of)
    )
GROUP BY
    firsts.batch,
    firsts.file_name,
    firsts.source_row,
    firsts.kind,
    firsts.record_type,
    firsts.record_key,
    firsts.department,
    firsts.org_code,
    firsts.org_name,
    ret.rule,
    ret.field,
    ret.message_zh,
    firsts.event_at,
    firsts.returned_on,
    firsts.returned_by,
    firsts.profile,
    firsts.closed_by,
    firsts.closed_on;
