/*---
summary    = "Records that were returned, with the batch that brought them again"
summary_zh = "退回的记录，及其更正后再次报送的批次"
reads      = ["returned", "returns_closed", "session"]
order      = ["batch", "file_name", "source_row", "rule", "field"]

[returns]
batch       = "text"
file_name   = "text"
source_row  = "bigint"     # row of the file as it arrived; a head is row 1, and JSON lines and Parquet have none
kind        = "text"       # cases or evaluations
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
returned_on = "date"
returned_by = "text"       # tongban, or who returned it elsewhere
profile     = "text"       # profile with its version
closed_by   = "text?"      # the first batch that brought the key again, corrected; null while open
closed_on   = "date?"
---*/
WITH known_closings AS (
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
LEFT JOIN closings
    ON  closings.returned_batch = ret.batch
    AND closings.kind = ret.kind
    -- Evaluations have no type.
    AND coalesce(closings.record_type, '') = coalesce(ret.record_type, '')
    AND closings.record_key = ret.record_key
WHERE ses.as_of IS NULL OR ret.returned_on <= ses.as_of;
