/*---
summary    = "Ratings, the latest version of each that was not withdrawn"
summary_zh = "好差评，每条只取最新版本，撤回的不列"
reads      = ["evaluations", "pushed_again", "session"]
order      = ["record_key"]

[returns]
batch                = "text"
file_idx             = "int"        # position of the file in the batch, from 0
source_row           = "bigint"     # row of the file as it arrived; a head is row 1, and JSON lines and Parquet have none
record_key           = "text"
version              = "int"        # from 1
operation            = "text"       # insert or update
project_no           = "text?"
department           = "text?"
org_code             = "text?"
org_name             = "text?"
region               = "text?"
task_code            = "text?"
task_handle_item     = "text?"
task_name            = "text?"
case_type            = "text?"      # immediate, promised or other
state                = "text?"
channel              = "text?"
is_default           = "bool?"      # given by the system because nobody rated
satisfaction         = "int?"       # 1 to 5, 5 best
eval_detail          = "text?"
text_length          = "int?"
assess_number        = "int?"
evaluator_type       = "text?"
evaluator_code_valid = "bool?"
event_at             = "timestamp?" # when it happened
accept_at            = "timestamp?"
arrived_at           = "timestamp?" # when the platform got it
received_at          = "timestamp"  # when its file was ingested
data_source          = "text?"
source_batch         = "text?"
scope                = "text"       # pushed or platform
profile              = "text"       # profile with its version

[returns_zh]
file_idx             = "文件在批次中的位次，从0起"
source_row           = "在原文件中的行号；表头为第1行，JSON 行文件和 Parquet 没有表头"
version              = "从1起"
operation            = "insert（新增）或 update（更新）"
case_type            = "immediate（即办件）、promised（承诺件）或 other（其他）"
is_default           = "是否无人评价、由系统默认给出"
satisfaction         = "1至5分，5分最好"
event_at             = "业务发生时间"
arrived_at           = "到达平台的时间"
received_at          = "文件入库时间"
scope                = "pushed（部门自建系统推送）或 platform（在平台上直接办理）"
profile              = "方案及其版本"
---*/
-- Few keys: most came once. Each reason has a scan of its own, which leaves out the parts of files without
-- such rows.
WITH again AS (
    SELECT eva.record_key
    FROM evaluations AS eva
    CROSS JOIN session AS ses
    WHERE (ses.as_of IS NULL OR CAST(eva.received_at AS DATE) <= ses.as_of)
        AND eva.version > 1
    UNION
    SELECT eva.record_key
    FROM evaluations AS eva
    CROSS JOIN session AS ses
    WHERE (ses.as_of IS NULL OR CAST(eva.received_at AS DATE) <= ses.as_of)
        AND eva.operation = 'delete'
),
-- Versions that were pushed again later, with nothing changed.
pushed AS (
    SELECT
        pag.record_key,
        pag.version,
        max(pag.pushed_at) AS pushed_at
    FROM pushed_again AS pag
    CROSS JOIN session AS ses
    WHERE pag.kind = 'evaluations'
        AND (ses.as_of IS NULL OR CAST(pag.received_at AS DATE) <= ses.as_of)
    GROUP BY
        pag.record_key,
        pag.version
),
-- The latest version is the one that was pushed last, whenever it came.
versions AS (
    SELECT
        eva.batch,
        eva.file_idx,
        eva.source_row,
        row_number() OVER (
            PARTITION BY eva.record_key
            ORDER BY
                greatest(
                    coalesce(eva.arrived_at, eva.received_at),
                    coalesce(pushed.pushed_at, eva.arrived_at, eva.received_at)
                ) DESC,
                eva.version DESC
        ) AS place
    FROM evaluations AS eva
    CROSS JOIN session AS ses
    INNER JOIN again
        ON again.record_key = eva.record_key
    LEFT JOIN pushed
        ON  pushed.record_key = eva.record_key
        AND pushed.version = eva.version
    WHERE ses.as_of IS NULL OR CAST(eva.received_at AS DATE) <= ses.as_of
),
-- By where they stand, so that the keys of the others, the largest column of all, are not read.
superseded AS (
    SELECT
        versions.batch,
        versions.file_idx,
        versions.source_row
    FROM versions
    WHERE versions.place > 1
)
SELECT
    eva.batch,
    eva.file_idx,
    eva.source_row,
    eva.record_key,
    eva.version,
    eva.operation,
    eva.project_no,
    eva.department,
    eva.org_code,
    eva.org_name,
    eva.region,
    eva.task_code,
    eva.task_handle_item,
    eva.task_name,
    eva.case_type,
    eva.state,
    eva.channel,
    eva.is_default,
    eva.satisfaction,
    eva.eval_detail,
    eva.text_length,
    eva.assess_number,
    eva.evaluator_type,
    eva.evaluator_code_valid,
    eva.event_at,
    eva.accept_at,
    eva.arrived_at,
    eva.received_at,
    eva.data_source,
    eva.source_batch,
    eva.scope,
    eva.profile
FROM evaluations AS eva
CROSS JOIN session AS ses
LEFT JOIN superseded
    ON  superseded.batch = eva.batch
    AND superseded.file_idx = eva.file_idx
    AND superseded.source_row = eva.source_row
WHERE (ses.as_of IS NULL OR CAST(eva.received_at AS DATE) <= ses.as_of)
    AND superseded.batch IS NULL
    -- A version that ends its key is the latest one, and nothing is left to show.
    AND eva.operation <> 'delete';
