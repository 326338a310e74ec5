/*---
summary    = "Cases, the first push of each, whenever it was ingested"
summary_zh = "办件，每件只取最早一次推送，不论入库先后"
reads      = ["cases", "session"]
order      = ["record_type", "record_key"]

[returns]
record_type = "text"
record_key  = "text"
version     = "int"        # from 1, in the order of the ingest
department  = "text?"
scope       = "text"       # pushed or platform
event_at    = "timestamp?" # when it happened, as this version has it
arrived_at  = "timestamp"  # when it was pushed; where it does not say so, when its file was ingested
is_untimed  = "bool"       # it does not say when it was pushed
---*/
-- Few keys: most came once, and their rows are only asked whether they stand here.
WITH again AS (
    SELECT DISTINCT
        cas.record_type,
        cas.record_key
    FROM cases AS cas
    CROSS JOIN session AS ses
    WHERE (ses.as_of IS NULL OR CAST(cas.received_at AS DATE) <= ses.as_of)
        AND cas.version > 1
),
-- Departments send old files after new ones, so that the first version to be ingested need not be the
-- first to be pushed. A version that ends its key brings no record.
versions AS (
    SELECT
        cas.record_type,
        cas.record_key,
        cas.version,
        row_number() OVER (
            PARTITION BY cas.record_type, cas.record_key
            ORDER BY coalesce(cas.arrived_at, cas.received_at), cas.version
        ) AS place
    FROM cases AS cas
    CROSS JOIN session AS ses
    INNER JOIN again
        ON  again.record_type = cas.record_type
        AND again.record_key = cas.record_key
    WHERE (ses.as_of IS NULL OR CAST(cas.received_at AS DATE) <= ses.as_of)
        AND cas.operation <> 'delete'
)
SELECT
    cas.record_type,
    cas.record_key,
    cas.version,
    cas.department,
    cas.scope,
    cas.event_at,
    coalesce(cas.arrived_at, cas.received_at) AS arrived_at,
    cas.arrived_at IS NULL AS is_untimed
FROM cases AS cas
CROSS JOIN session AS ses
LEFT JOIN versions
    ON  versions.record_type = cas.record_type
    AND versions.record_key = cas.record_key
    AND versions.version = cas.version
WHERE (ses.as_of IS NULL OR CAST(cas.received_at AS DATE) <= ses.as_of)
    AND cas.operation <> 'delete'
    AND coalesce(versions.place, 1) = 1;
