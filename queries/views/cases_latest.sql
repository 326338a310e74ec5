/*---
summary    = "Cases, the latest version of each that was not withdrawn"
summary_zh = "办件，每件只取最新版本，撤回的不列"
reads      = ["cases", "pushed_again", "session"]
order      = ["record_type", "record_key"]

[returns]
batch                = "text"
file_idx             = "int"        # position of the file in the batch, from 0
source_row           = "bigint"     # row of the file as it arrived; a head is row 1, and JSON lines and Parquet have none
record_type          = "text"
record_key           = "text"
version              = "int"        # from 1
operation            = "text"       # insert or update
project_no           = "text?"
department           = "text?"
org_code             = "text?"
org_name             = "text?"
region               = "text?"
catalog_code         = "text?"
task_code            = "text?"
task_handle_item     = "text?"
task_name            = "text?"
case_type            = "text?"      # immediate, promised or other
state                = "text?"
step_name            = "text?"
result_type          = "text?"
satisfaction         = "int?"       # 1 to 5, 5 best
applicant_type       = "text?"
applicant_cert_type  = "text?"
applicant_code_valid = "bool?"
contact_mobile_valid = "bool?"
event_at             = "timestamp?" # when it happened
apply_at             = "timestamp?"
accept_at            = "timestamp?"
promise_at           = "timestamp?"
start_at             = "timestamp?"
result_at            = "timestamp?"
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
    SELECT
        cas.record_type,
        cas.record_key
    FROM cases AS cas
    CROSS JOIN session AS ses
    WHERE (ses.as_of IS NULL OR CAST(cas.received_at AS DATE) <= ses.as_of)
        AND cas.version > 1
    UNION
    SELECT
        cas.record_type,
        cas.record_key
    FROM cases AS cas
    CROSS JOIN session AS ses
    WHERE (ses.as_of IS NULL OR CAST(cas.received_at AS DATE) <= ses.as_of)
        AND cas.operation = 'delete'
),
-- Versions that were pushed again later, with nothing changed.
pushed AS (
    SELECT
        pag.record_type,
        pag.record_key,
        pag.version,
        max(pag.pushed_at) AS pushed_at
    FROM pushed_again AS pag
    CROSS JOIN session AS ses
    WHERE pag.kind = 'cases'
        AND (ses.as_of IS NULL OR CAST(pag.received_at AS DATE) <= ses.as_of)
    GROUP BY
        pag.record_type,
        pag.record_key,
        pag.version
),
-- The latest version is the one that was pushed last, whenever it came.
versions AS (
    SELECT
        cas.batch,
        cas.file_idx,
        cas.source_row,
        row_number() OVER (
            PARTITION BY cas.record_type, cas.record_key
            ORDER BY
                greatest(
                    coalesce(cas.arrived_at, cas.received_at),
                    coalesce(pushed.pushed_at, cas.arrived_at, cas.received_at)
                ) DESC,
                cas.version DESC
        ) AS place
    FROM cases AS cas
    CROSS JOIN session AS ses
    INNER JOIN again
        ON  again.record_type = cas.record_type
        AND again.record_key = cas.record_key
    LEFT JOIN pushed
        ON  pushed.record_type = cas.record_type
        AND pushed.record_key = cas.record_key
        AND pushed.version = cas.version
    WHERE ses.as_of IS NULL OR CAST(cas.received_at AS DATE) <= ses.as_of
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
    cas.batch,
    cas.file_idx,
    cas.source_row,
    cas.record_type,
    cas.record_key,
    cas.version,
    cas.operation,
    cas.project_no,
    cas.department,
    cas.org_code,
    cas.org_name,
    cas.region,
    cas.catalog_code,
    cas.task_code,
    cas.task_handle_item,
    cas.task_name,
    cas.case_type,
    cas.state,
    cas.step_name,
    cas.result_type,
    cas.satisfaction,
    cas.applicant_type,
    cas.applicant_cert_type,
    cas.applicant_code_valid,
    cas.contact_mobile_valid,
    cas.event_at,
    cas.apply_at,
    cas.accept_at,
    cas.promise_at,
    cas.start_at,
    cas.result_at,
    cas.arrived_at,
    cas.received_at,
    cas.data_source,
    cas.source_batch,
    cas.scope,
    cas.profile
FROM cases AS cas
CROSS JOIN session AS ses
LEFT JOIN superseded
    ON  superseded.batch = cas.batch
    AND superseded.file_idx = cas.file_idx
    AND superseded.source_row = cas.source_row
WHERE (ses.as_of IS NULL OR CAST(cas.received_at AS DATE) <= ses.as_of)
    AND superseded.batch IS NULL
    -- A version that ends its key is the latest one, and nothing is left to show.
    AND cas.operation <> 'delete';
