/*---
summary    = "Records that were returned, with the batch that brought them again; what others returned several times stands once until it is corrected"
summary_zh = "退回的记录，及其更正后再次报送的批次；他方多次退回同一记录的，更正前只列一次"
reads      = ["batches", "returned", "returns_closed", "session"]
order      = ["batch", "file_name", "source_row", "rule", "field", "message_zh"]

[returns]
batch       = "text"       # that told of it first, if it was returned elsewhere: by its key, until it is corrected
file_name   = "text"
source_row  = "bigint"     # row of the file as it arrived; a head is row 1, and JSON lines and Parquet have none
kind        = "text"       # cases or evaluations; returns: a row of a list of returns made elsewhere
record_type = "text?"
record_key  = "text?"
department  = "text?"
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
---*/
-- What was returned here goes through as it is: there is much of it, and each row is a record of its own.
WITH told AS (
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
        batches.received_at
    FROM returned AS ret
    CROSS JOIN session AS ses
    LEFT JOIN batches
        ON batches.batch = ret.batch
    WHERE ret.returned_by <> 'tongban'
        -- What others returned is known from the day on which they told of it here.
        AND (
            ses.as_of IS NULL
            OR (ret.returned_on <= ses.as_of AND CAST(batches.received_at AS DATE) <= ses.as_of)
        )
),
known_closings AS (
    SELECT
        clo.returned_batch,
        clo.kind,
        clo.record_type,
        clo.record_key,
        clo.batch,
        clo.closed_on,
        row_number() OVER (
            PARTITION BY clo.returned_batch, clo.kind, clo.record_type, clo.record_key
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
),
-- The same return may be told of again after it was closed.
told_closings AS (
    SELECT
        told.returned_by,
        told.returned_on,
        closings.kind,
        closings.record_type,
        closings.record_key,
        closings.batch,
        closings.closed_on,
        row_number() OVER (
            PARTITION BY
                told.returned_by,
                told.returned_on,
                closings.kind,
                coalesce(closings.record_type, ''),
                closings.record_key
            ORDER BY closings.closed_on, closings.batch
        ) AS first_first
    FROM told
    INNER JOIN closings
        ON  closings.returned_batch = told.batch
        AND closings.kind = told.kind
        AND coalesce(closings.record_type, '') = coalesce(told.record_type, '')
        AND closings.record_key = told.record_key
),
elsewhere AS (
    SELECT
        told.batch,
        told.file_name,
        told.source_row,
        told.kind,
        told.record_type,
        told.record_key,
        told.department,
        told.org_code,
        told.org_name,
        told.rule,
        told.field,
        told.found,
        told.message_zh,
        told.message_en,
        told.event_at,
        told.returned_on,
        told.returned_by,
        told.profile,
        told.received_at,
        told_closings.batch AS closed_by,
        told_closings.closed_on,
        -- Without a key nothing tells that two rows are about one record.
        coalesce(
            told.record_key,
            concat(told.batch, '/', told.file_name, '/', CAST(told.source_row AS STRING))
        ) AS record_id,
        told.record_key IS NULL AS is_keyless
    FROM told
    LEFT JOIN told_closings
        ON  told_closings.returned_by = told.returned_by
        AND told_closings.returned_on = told.returned_on
        AND told_closings.kind = told.kind
        AND coalesce(told_closings.record_type, '') = coalesce(told.record_type, '')
        AND told_closings.record_key = told.record_key
        AND told_closings.first_first = 1
),
placed AS (
    SELECT
        first_value(els.batch) OVER in_time AS batch,
        first_value(els.file_name) OVER in_time AS file_name,
        first_value(els.source_row) OVER in_time AS source_row,
        els.kind,
        els.record_type,
        els.record_key,
        els.department,
        els.org_code,
        els.org_name,
        els.rule,
        els.field,
        els.found,
        els.message_zh,
        els.message_en,
        els.event_at,
        first_value(els.returned_on) OVER in_time AS returned_on,
        els.returned_by,
        els.profile,
        els.closed_by,
        els.closed_on,
        row_number() OVER (
            PARTITION BY
                els.returned_by,
                els.kind,
                coalesce(els.record_type, ''),
                els.is_keyless,
                els.record_id,
                coalesce(els.closed_by, ''),
                els.rule,
                coalesce(els.field, ''),
                els.message_zh
            ORDER BY els.returned_on, els.received_at, els.batch, els.file_name, els.source_row
        ) AS nth_telling
    FROM elsewhere AS els
    WINDOW in_time AS (
        PARTITION BY
            els.returned_by,
            els.kind,
            coalesce(els.record_type, ''),
            els.is_keyless,
            els.record_id,
            coalesce(els.closed_by, '')
        ORDER BY els.returned_on, els.received_at, els.batch, els.file_name, els.source_row
    )
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
    closings.batch AS closed_by,
    closings.closed_on
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
WHERE ret.returned_by = 'tongban'
    AND (
        ses.as_of IS NULL
        OR (ret.returned_on <= ses.as_of AND CAST(batches.received_at AS DATE) <= ses.as_of)
    )
UNION ALL
SELECT
    placed.batch,
    placed.file_name,
    placed.source_row,
    placed.kind,
    placed.record_type,
    placed.record_key,
    placed.department,
    placed.org_code,
    placed.org_name,
    placed.rule,
    placed.field,
    placed.found,
    placed.message_zh,
    placed.message_en,
    placed.event_at,
    placed.returned_on,
    placed.returned_by,
    placed.profile,
    placed.closed_by,
    placed.closed_on
FROM placed
WHERE placed.nth_telling = 1;
