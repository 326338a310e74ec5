/*---
summary    = "Records accepted at their first push, of all that were new or went back (updates too), by month"
summary_zh = "一次通过率：首次推送即被接收的数据，占新接收数据与退回数据（含退回的更新）之和的比例，按推送月份"
reads      = ["departments", "record_counts", "session"]
order      = ["arrival_month", "official_order", "department"]
show       = ["arrival_month", "department_name", "pushed", "accepted_first", "accepted_later", "returned", "first_pass_pct"]

[params.kind]
type    = "text"
default = "cases"
values  = ["cases", "evaluations"]
help    = "cases or evaluations"
help_zh = "cases（办件）或 evaluations（好差评）"

[params.scope]
type    = "text"
default = "pushed"
values  = ["pushed", "platform"]
help    = "pushed by systems of departments, or handled on the platform itself"
help_zh = "pushed（部门自建系统推送）或 platform（在平台上直接办理）"

[returns]
arrival_month   = { type = "date", format = "month" }  # of the row that was taken or went back, whatever comes later; its first day
department      = { type = "text?", values = "departments" }  # null: rows of bodies that no department is known of
department_name = "text?"
pushed          = "bigint"    # 条; accepted_first, accepted_later and returned: no updates, deletions and duplicates that were taken
accepted_first  = "bigint"    # 条; accepted, and never returned before
accepted_later  = "bigint"    # 条; accepted after they had been returned
returned        = "bigint"    # 条; new records, updates and deletions that went back: not told apart
first_pass_pct  = "double?"   # percent; accepted_first of pushed
official_order  = "int?"

[returns_zh]
arrival_month   = "数据接收或退回的月份，不论其后变化；以当月首日表示"
department      = "空值为不知归属部门的单位的数据"
pushed          = "条；accepted_first、accepted_later 与 returned 之和，不含已接收的更新、删除和重复数据"
accepted_first  = "条；接收且此前从未退回的"
accepted_later  = "条；曾经退回、后来接收的"
returned        = "条；退回的新数据、更新和删除，不作区分"
first_pass_pct  = "accepted_first 占 pushed 的比例"
---*/
WITH counted AS (
    SELECT
        cnt.arrival_month,
        cnt.department,
        CAST(sum(cnt.n_accepted + cnt.n_returned) AS BIGINT) AS pushed,
        CAST(sum(cnt.n_accepted - cnt.n_resubmitted) AS BIGINT) AS accepted_first,
        CAST(sum(cnt.n_resubmitted) AS BIGINT) AS accepted_later,
        CAST(sum(cnt.n_returned) AS BIGINT) AS returned
    FROM record_counts AS cnt
    CROSS JOIN session AS ses
    WHERE cnt.kind = $kind
        AND cnt.scope = $scope
        AND (ses.as_of IS NULL OR CAST(cnt.received_at AS DATE) <= ses.as_of)
    GROUP BY cnt.arrival_month, cnt.department
)
SELECT
    counted.arrival_month,
    counted.department,
    coalesce(dep.name_zh, counted.department) AS department_name,
    counted.pushed,
    counted.accepted_first,
    counted.accepted_later,
    counted.returned,
    100 * CAST(counted.accepted_first AS DOUBLE) / nullif(counted.pushed, 0) AS first_pass_pct,
    dep.official_order
FROM counted
LEFT JOIN departments AS dep
    ON dep.department = counted.department
WHERE counted.pushed > 0
ORDER BY counted.arrival_month, dep.official_order NULLS LAST, counted.department NULLS LAST;
