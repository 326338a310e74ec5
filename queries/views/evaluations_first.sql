/*---
summary    = "Ratings, the first push of each, whenever it was ingested"
summary_zh = "好差评，每条只取最早一次推送，不论入库先后"
reads      = ["evaluations", "pushed_again", "session"]
order      = ["record_key"]

[returns]
record_key  = "text"
version     = "int"        # from 1, in the order of the ingest; a version that says what was pushed first
department  = "text?"
scope       = "text"       # pushed or platform
event_at    = "timestamp?" # when it happened, as this version has it
arrived_at  = "timestamp"  # when it was pushed; where it does not say so, when its file was ingested
is_untimed  = "bool"       # it does not say when it was pushed

[returns_zh]
version     = "从1起，按入库先后；所列版本载有最早一次推送的内容"
scope       = "pushed（部门自建系统推送）或 platform（在平台上直接办理）"
event_at    = "业务发生时间，按该版本所载"
arrived_at  = "推送时间；未载明的取文件入库时间"
is_untimed  = "是否未载明推送时间"
---*/
-- Few versions: old files that come after new ones say the same again, and when it was said before.
WITH earlier AS (
    SELECT
        pag.record_key,
        pag.version,
        min(pag.pushed_at) AS pushed_at
    FROM pushed_again AS pag
    CROSS JOIN session AS ses
    WHERE pag.kind = 'evaluations'
        AND (ses.as_of IS NULL OR CAST(pag.received_at AS DATE) <= ses.as_of)
        AND pag.is_earlier
    GROUP BY
        pag.record_key,
        pag.version
),
-- Few keys: most came once.
again AS (
    SELECT eva.record_key
    FROM evaluations AS eva
    CROSS JOIN session AS ses
    WHERE (ses.as_of IS NULL OR CAST(eva.received_at AS DATE) <= ses.as_of)
        AND eva.version > 1
    UNION
    SELECT earlier.record_key
    FROM earlier
),
-- Departments send old files after new ones, so that the first version to be ingested need not be the
-- first to be pushed. A version that ends its key brings no record.
versions AS (
    SELECT
        eva.batch,
        eva.file_idx,
        eva.source_row,
        least(
            coalesce(eva.arrived_at, eva.received_at),
            coalesce(earlier.pushed_at, eva.arrived_at, eva.received_at)
        ) AS pushed_at,
        earlier.pushed_at IS NULL AND eva.arrived_at IS NULL AS is_untimed,
        row_number() OVER (
            PARTITION BY eva.record_key
            ORDER BY
                least(
                    coalesce(eva.arrived_at, eva.received_at),
                    coalesce(earlier.pushed_at, eva.arrived_at, eva.received_at)
                ),
                eva.version
        ) AS place
    FROM evaluations AS eva
    CROSS JOIN session AS ses
    INNER JOIN again
        ON again.record_key = eva.record_key
    LEFT JOIN earlier
        ON  earlier.record_key = eva.record_key
        AND earlier.version = eva.version
    WHERE (ses.as_of IS NULL OR CAST(eva.received_at AS DATE) <= ses.as_of)
        AND eva.operation <> 'delete'
)
SELECT
    eva.record_key,
    eva.version,
    eva.department,
    eva.scope,
    eva.event_at,
    coalesce(versions.pushed_at, eva.arrived_at, eva.received_at) AS arrived_at,
    coalesce(versions.is_untimed, eva.arrived_at IS NULL) AS is_untimed
-- By where they stand, so that the keys of the others, the largest column of all, are not read.
FROM evaluations AS eva
CROSS JOIN session AS ses
LEFT JOIN versions
    ON  versions.batch = eva.batch
    AND versions.file_idx = eva.file_idx
    AND versions.source_row = eva.source_row
WHERE (ses.as_of IS NULL OR CAST(eva.received_at AS DATE) <= ses.as_of)
    AND eva.operation <> 'delete'
    AND coalesce(versions.place, 1) = 1;
