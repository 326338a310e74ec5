/*---
summary    = "Records that went back, by department, batch, reason or age, open and closed; what others returned counts once"
summary_zh = "退回的数据，按部门、批次、退回原因或未更正时长；他方退回的只计一次"
reads      = ["batch_files", "batches", "departments", "returned_records", "session"]
order      = ["position"]
show       = ["department_name", "batch", "rule", "rows_returned", "rows_open", "rows_closed", "oldest_open_days"]

[params.by_department]
type    = "bool"
default = true
help    = "a row for each department"
help_zh = "按部门分列"

[params.by_batch]
type    = "bool"
default = true
help    = "a row for each batch"
help_zh = "按批次分列"

[params.by_reason]
type    = "bool"
default = true
help    = "a row for each rule; a record that breaks several counts under each of them"
help_zh = "按规则分列；一条记录违反几条规则的，分别计入"

[params.by_age]
type    = "bool"
default = false
help    = "a row for each span of days that records have been open, those that came again apart"
help_zh = "按未更正天数分列，已更正的另列"

[params.department]
type    = "text?"
help    = "department, as tax; without it all, those unknown too"
help_zh = "部门，如 tax；不给则取全部，含未识别的"

[params.batch]
type    = "text?"
help    = "batch with which the records came; of what others returned, by its key until it is corrected, the first that told of it"
help_zh = "数据所在批次；他方退回的按记录主键、更正前取最早告知的批次"

[params.rule]
type    = "text?"
help    = "rule that the records break, as org_code.checksum"
help_zh = "违反的规则，如 org_code.checksum"

[params.profile]
type    = "text?"
help    = "profile that they were judged by, as up-exchange"
help_zh = "所依标准，如 up-exchange"

[params.since]
type    = "date?"
help    = "first day of return"
help_zh = "退回日期起"

[params.until]
type       = "date?"
not_before = "since"
help       = "last day of return"
help_zh    = "退回日期止"

[params.closed]
type    = "bool"
default = false
help    = "also rows in which everything came again, corrected"
help_zh = "已全部更正的也列出"

[params.day]
type    = "date?"
help    = "day to which days are counted; without it --as-of, else the last day on which something arrived"
help_zh = "天数算至哪一天；不给则取 --as-of，再不给则取最近一次收到文件之日"

[returns]
position           = "int"       # by department, span of days, then most records first; from 1
department         = { type = "text?", values = "departments" }  # null: not known, or not by department
department_name    = "text?"
batch              = { type = "text?", format = "id" }  # null: not by batch; the first that told of it, if it was returned elsewhere
file_name          = "text?"     # of the batch
rule               = { type = "text?", format = "id" }  # null: not by reason
message_zh         = "text?"     # null where the records of the row were told different things
message_en         = "text?"
age_order          = "int?"      # null: not by age
open_for           = { type = "text?", values = ["days_0_7", "days_8_30", "days_31_90", "days_over_90", "closed"] }
returned_by        = "text"      # tongban, or who returned them elsewhere
rows_returned      = "bigint"    # records; each counts once, however many reasons it has, and if others returned it, however often they told of it before it was corrected; one without a key counts for each row
rows_open          = "bigint"    # records that have not come again, corrected
rows_closed        = "bigint"    # records that have
n_reasons          = "bigint"    # reasons of all these records
n_rules            = "bigint"    # different rules among them
first_returned_on  = "date"
oldest_open_on     = "date?"     # null where nothing is open
oldest_open_days   = "int?"      # days
rows_received      = "bigint?"   # of the whole batch; null where it is not known how many were pushed
returned_share_pct = "double?"   # percent of rows_received

[returns_zh]
position           = "依次按部门、天数分段、记录数由多到少排列，从1起"
department         = "空值为部门不明，或不按部门分列"
batch              = "空值为不按批次分列；他方退回的，取最早告知的批次"
file_name          = "该批次的文件"
rule               = "空值为不按规则分列"
message_zh         = "本行记录的退回说明不一的为空"
age_order          = "空值为不按天数分列"
returned_by        = "tongban，或在他处退回的一方"
rows_returned      = "条；每条记录只计一次，不论有几条原因；他方退回的，更正前不论告知几次也只计一次；没有主键的按行计"
rows_open          = "条；尚未更正并再次报送的记录"
rows_closed        = "条；已更正并再次报送的记录"
n_reasons          = "这些记录的全部退回原因"
n_rules            = "其中涉及的不同规则"
oldest_open_on     = "全部已更正的为空"
oldest_open_days   = "天"
rows_received      = "整批收到的行数；推送行数不明的为空"
returned_share_pct = "占 rows_received 的比例"
---*/
-- A number for each file, so that a record is one number: its file and its row.
WITH files AS (
    SELECT
        batch_files.batch,
        batch_files.file_name,
        CAST(row_number() OVER (ORDER BY batch_files.batch, batch_files.file_name) AS BIGINT)
            AS file_number
    FROM batch_files
),
days AS (
    SELECT
        coalesce(
            CAST($day AS DATE),
            session.as_of,
            (SELECT CAST(max(batches.received_at) AS DATE) FROM batches)
        ) AS today
    FROM session
),
reasons AS (
    SELECT
        CASE WHEN $by_department THEN coalesce(rec.department, '') ELSE '' END AS department,
        CASE WHEN $by_batch THEN rec.batch ELSE '' END AS batch,
        CASE WHEN $by_reason THEN rec.rule ELSE '' END AS rule_shown,
        CASE
            WHEN NOT $by_age THEN 0
            WHEN rec.closed_by IS NOT NULL THEN 5
            WHEN CAST(days.today - rec.returned_on AS INT) <= 7 THEN 1
            WHEN CAST(days.today - rec.returned_on AS INT) <= 30 THEN 2
            WHEN CAST(days.today - rec.returned_on AS INT) <= 90 THEN 3
            ELSE 4
        END AS age_order,
        rec.returned_by,
        rec.rule,
        rec.message_zh,
        rec.message_en,
        rec.returned_on,
        rec.closed_by IS NULL AS is_open,
        -- No file has a trillion rows.
        coalesce(files.file_number, 0) * 1000000000000 + rec.source_row AS record_number
    FROM returned_records AS rec
    CROSS JOIN days
    LEFT JOIN files
        ON  files.batch = rec.batch
        AND files.file_name = rec.file_name
    WHERE (CAST($department AS STRING) IS NULL OR rec.department = $department)
        AND (CAST($batch AS STRING) IS NULL OR rec.batch = $batch)
        AND (CAST($rule AS STRING) IS NULL OR rec.rule = $rule)
        AND (CAST($profile AS STRING) IS NULL OR split_part(rec.profile, '/', 1) = $profile)
        AND (CAST($since AS DATE) IS NULL OR rec.returned_on >= CAST($since AS DATE))
        AND (CAST($until AS DATE) IS NULL OR rec.returned_on <= CAST($until AS DATE))
),
counts AS (
    SELECT
        reasons.department,
        reasons.batch,
        reasons.rule_shown,
        reasons.age_order,
        reasons.returned_by,
        CASE WHEN min(reasons.message_zh) = max(reasons.message_zh) THEN min(reasons.message_zh) END
            AS message_zh,
        CASE WHEN min(reasons.message_en) = max(reasons.message_en) THEN min(reasons.message_en) END
            AS message_en,
        count(DISTINCT reasons.record_number) AS rows_returned,
        -- Few most of the time: to tell different numbers apart takes memory for each.
        count(DISTINCT CASE WHEN NOT reasons.is_open THEN reasons.record_number END) AS rows_closed,
        count(*) AS n_reasons,
        count(DISTINCT reasons.rule) AS n_rules,
        min(reasons.returned_on) AS first_returned_on,
        min(CASE WHEN reasons.is_open THEN reasons.returned_on END) AS oldest_open_on
    FROM reasons
    GROUP BY
        reasons.department,
        reasons.batch,
        reasons.rule_shown,
        reasons.age_order,
        reasons.returned_by
),
shown AS (
    SELECT
        nullif(counts.department, '') AS department,
        dept.name_zh AS department_name,
        dept.official_order,
        nullif(counts.batch, '') AS batch,
        batches.file_name,
        nullif(counts.rule_shown, '') AS rule,
        CASE WHEN $by_reason THEN counts.message_zh END AS message_zh,
        CASE WHEN $by_reason THEN counts.message_en END AS message_en,
        nullif(counts.age_order, 0) AS age_order,
        CASE counts.age_order
            WHEN 1 THEN 'days_0_7'
            WHEN 2 THEN 'days_8_30'
            WHEN 3 THEN 'days_31_90'
            WHEN 4 THEN 'days_over_90'
            WHEN 5 THEN 'closed'
        END AS open_for,
        counts.returned_by,
        counts.rows_returned,
        counts.rows_closed,
        counts.n_reasons,
        counts.n_rules,
        counts.first_returned_on,
        counts.oldest_open_on,
        CAST(days.today - counts.oldest_open_on AS INT) AS oldest_open_days,
        -- A list of returns made elsewhere says nothing about what was pushed there.
        CASE WHEN counts.returned_by = 'tongban' THEN batches.rows_received END AS rows_received
    FROM counts
    CROSS JOIN days
    LEFT JOIN batches
        ON batches.batch = counts.batch
    LEFT JOIN departments AS dept
        ON dept.department = counts.department
    WHERE $closed OR counts.rows_returned > counts.rows_closed
)
SELECT
    CAST(
        row_number() OVER (
            ORDER BY
                shown.official_order NULLS LAST,
                shown.department NULLS LAST,
                shown.age_order NULLS LAST,
                shown.rows_returned DESC,
                shown.first_returned_on,
                shown.batch,
                shown.rule,
                shown.returned_by
        ) AS INT
    ) AS position,
    shown.department,
    shown.department_name,
    shown.batch,
    shown.file_name,
    shown.rule,
    shown.message_zh,
    shown.message_en,
    shown.age_order,
    shown.open_for,
    shown.returned_by,
    shown.rows_returned,
    shown.rows_returned - shown.rows_closed AS rows_open,
    shown.rows_closed,
    shown.n_reasons,
    shown.n_rules,
    shown.first_returned_on,
    shown.oldest_open_on,
    shown.oldest_open_days,
    shown.rows_received,
    100 * CAST(shown.rows_returned AS DOUBLE) / nullif(shown.rows_received, 0)
        AS returned_share_pct
FROM shown
ORDER BY position;
