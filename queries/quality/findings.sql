/*---
summary    = "What was wrong, odd or assumed, the gravest first"
summary_zh = "疑点清单，严重的在前"
reads      = ["batches", "findings"]
order      = ["severity_order", "batch", "finding_idx"]
show       = ["severity", "file_name", "place", "message_{lang}"]

[params.minimum]
type    = "text"
default = "info"
values  = ["info", "warning", "error"]
help    = "least severity to list"
help_zh = "列出的最低级别"

[params.since]
type    = "date?"
help    = "first day: findings in files that were known earlier are left out"
help_zh = "起始日：此前已知的文件不列"

[returns]
severity_order = "int"     # 1 error, 2 warning, 3 info
severity       = { type = "text", values = ["info", "warning", "error"] }
code           = { type = "text", format = "id" }
edition        = "text"
file_name      = "text"
place          = { type = "text", format = "id" }
row_label      = "text?"
column_label   = "text?"
found          = "text?"
expected       = "text?"
message_zh     = "text"
message_en     = "text"
known_on       = "date?"   # publication of the file, else its arrival
batch          = { type = "text", format = "id" }
finding_idx    = "int"     # position in the batch, from 0

[returns_zh]
severity_order = "1为错误，2为警告，3为提示"
known_on       = "文件印发之日，不详的取收到之日"
finding_idx    = "在批次中的位次，从0起"
---*/
WITH ordered AS (
    SELECT
        CASE find.severity WHEN 'error' THEN 1 WHEN 'warning' THEN 2 ELSE 3 END AS severity_order,
        find.severity,
        find.code,
        find.edition,
        find.file_name,
        find.place,
        find.row_label,
        find.column_label,
        find.found,
        find.expected,
        find.message_zh,
        find.message_en,
        coalesce(bat.published_on, CAST(bat.received_at AS DATE)) AS known_on,
        find.batch,
        find.finding_idx
    FROM findings AS find
    LEFT JOIN batches AS bat
        ON bat.batch = find.batch
)
SELECT
    ordered.severity_order,
    ordered.severity,
    ordered.code,
    ordered.edition,
    ordered.file_name,
    ordered.place,
    ordered.row_label,
    ordered.column_label,
    ordered.found,
    ordered.expected,
    ordered.message_zh,
    ordered.message_en,
    ordered.known_on,
    ordered.batch,
    ordered.finding_idx
FROM ordered
WHERE ordered.severity_order
    <= CASE $minimum WHEN 'error' THEN 1 WHEN 'warning' THEN 2 ELSE 3 END
    AND (CAST($since AS DATE) IS NULL OR ordered.known_on >= CAST($since AS DATE))
ORDER BY ordered.severity_order, ordered.batch, ordered.finding_idx;
