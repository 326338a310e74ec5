/*---
summary    = "How many reasons the records that went back have, by file and span of rows; what others returned counts once"
summary_zh = "退回数据的原因条数，按文件和行号段；他方退回的只计一次"
reads      = ["returned_records"]
order      = ["department", "batch", "file_name", "part"]
show       = ["department", "file_name", "part", "n_reasons"]

[params.span]
type    = "int"
range   = [1, 1_000_000_000_000]
help    = "rows of a file that are one part"
help_zh = "文件中多少行为一段"

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
help    = "also records that came again, corrected"
help_zh = "已更正的也计入"

[returns]
department = { type = "text?", values = "departments" }  # null: not known
batch      = { type = "text", format = "id" }
file_name  = "text"
part       = "bigint"    # position of the span in the file, from 0
n_reasons  = "bigint"

[returns_zh]
department = "空值为部门不明"
part       = "该段在文件中的位次，从0起"
---*/
SELECT
    rec.department,
    rec.batch,
    rec.file_name,
    CAST(floor(rec.source_row / $span) AS BIGINT) AS part,
    count(*) AS n_reasons
FROM returned_records AS rec
WHERE (CAST($department AS STRING) IS NULL OR rec.department = $department)
    AND (CAST($batch AS STRING) IS NULL OR rec.batch = $batch)
    AND (CAST($rule AS STRING) IS NULL OR rec.rule = $rule)
    AND (CAST($profile AS STRING) IS NULL OR split_part(rec.profile, '/', 1) = $profile)
    AND (CAST($since AS DATE) IS NULL OR rec.returned_on >= CAST($since AS DATE))
    AND (CAST($until AS DATE) IS NULL OR rec.returned_on <= CAST($until AS DATE))
    AND ($closed OR rec.closed_by IS NULL)
GROUP BY
    rec.department,
    rec.batch,
    rec.file_name,
    CAST(floor(rec.source_row / $span) AS BIGINT)
ORDER BY
    rec.department NULLS LAST,
    rec.batch,
    rec.file_name,
    part;
