/*---
summary    = "Records of one file that went back to a department, a row for each reason; what others returned stands once"
summary_zh = "一个文件中退回某部门的数据，每条原因一行；他方退回的只列一次"
reads      = ["returned_records"]
order      = ["source_row", "rule", "field", "message_zh"]
show       = ["source_row", "record_key", "rule", "field", "found", "message_{lang}"]

[params.batch]
type    = "text"
help    = "batch with which the records came; of what others returned, by its key until it is corrected, the first that told of it"
help_zh = "数据所在批次；他方退回的按记录主键、更正前取最早告知的批次"

[params.file_name]
type    = "text"
help    = "file of the batch"
help_zh = "批次中的文件"

[params.department]
type    = "text?"
help    = "department, as tax; without it records of which no department is known"
help_zh = "部门，如 tax；不给则取未识别部门的"

[params.first_row]
type    = "int"
range   = [0, 9_000_000_000_000_000]
default = 1
help    = "first row of the file"
help_zh = "起始行号"

[params.end_row]
type    = "int"
range   = [0, 9_000_000_000_000_000]
default = 9000000000000000
help    = "the row after the last one"
help_zh = "末行的下一行"

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
help_zh = "已更正的也列出"

[returns]
source_row  = "bigint"     # row of the file as it arrived; a head is row 1, and JSON lines and Parquet have none
kind        = { type = "text", values = ["cases", "evaluations", "returns"] }  # cases or evaluations; returns: a row of a list of returns made elsewhere
record_type = "text?"
record_key  = { type = "text?", format = "id" }
org_code    = { type = "text?", format = "id" }
org_name    = "text?"
rule        = { type = "text", format = "id" }
field       = "text?"      # names of the columns in the profile
found       = "text?"      # masked where it is personal
message_zh  = "text"
message_en  = "text"
returned_on = "date"
returned_by = "text"       # tongban, or who returned it elsewhere
profile     = "text"       # profile with its version
closed_on   = "date?"      # null while open

[returns_zh]
source_row  = "在原文件中的行号；表头为第1行，JSON 行文件和 Parquet 没有表头"
kind        = "cases（办件）或 evaluations（好差评）；returns：他方退回清单中的一行"
field       = "方案中的列名"
found       = "属个人信息的已遮盖"
returned_by = "tongban，或在他处退回的一方"
profile     = "方案及其版本"
closed_on   = "未更正的为空"
---*/
SELECT
    rec.source_row,
    rec.kind,
    rec.record_type,
    rec.record_key,
    rec.org_code,
    rec.org_name,
    rec.rule,
    rec.field,
    rec.found,
    rec.message_zh,
    rec.message_en,
    rec.returned_on,
    rec.returned_by,
    rec.profile,
    rec.closed_on
FROM returned_records AS rec
WHERE rec.batch = $batch
    AND rec.file_name = $file_name
    AND coalesce(rec.department, '') = coalesce(CAST($department AS STRING), '')
    AND rec.source_row >= $first_row
    AND rec.source_row < $end_row
    AND (CAST($rule AS STRING) IS NULL OR rec.rule = $rule)
    AND (CAST($profile AS STRING) IS NULL OR split_part(rec.profile, '/', 1) = $profile)
    AND (CAST($since AS DATE) IS NULL OR rec.returned_on >= CAST($since AS DATE))
    AND (CAST($until AS DATE) IS NULL OR rec.returned_on <= CAST($until AS DATE))
    AND ($closed OR rec.closed_by IS NULL)
ORDER BY
    rec.source_row,
    rec.rule,
    rec.field NULLS LAST,
    rec.message_zh;
