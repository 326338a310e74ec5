/*---
summary    = "Records of each department by month, counted from the records themselves"
summary_zh = "各部门逐月数据量（由记录统计）"
reads      = ["departments", "record_counts", "session"]
order      = ["month", "official_order", "department"]
show       = ["month", "department_name", "records", "change", "change_pct", "share_pct", "year_to_date", "pushed", "returned"]

[params.kind]
type    = "text"
default = "cases"
values  = ["cases", "evaluations"]
help    = "cases or evaluations"
help_zh = "cases（办件）或 evaluations（好差评）"

[params.basis]
type    = "text"
default = "event"
values  = ["event", "arrival"]
help    = "month of the event, or of the arrival (cd_time, else the day of the ingest)"
help_zh = "event（按业务发生时间）或 arrival（按到达时间：cd_time，没有则取入库时间）"

[params.scope]
type    = "text"
default = "pushed"
values  = ["pushed", "platform"]
help    = "pushed by systems of departments, or handled on the platform itself"
help_zh = "pushed（部门自建系统推送）或 platform（在平台上直接办理）"

[returns]
month           = { type = "date?", format = "month" }  # its first day; null: the records do not say when
department      = { type = "text?", values = "departments" }  # null: records of bodies that no department is known of
department_name = "text?"
records         = "bigint"    # 条; latest versions that were not withdrawn
change          = { type = "bigint?", format = "change" }  # 条, on the calendar month before; null where none was accepted in that
change_pct      = { type = "double?", format = "change" }  # percent; null where change is, or the month before has 0 records left
share_pct       = "double?"   # percent of the month; null where it adds up to 0
year_to_date    = "bigint?"   # 条, from January on
pushed          = "bigint"    # 条; every row that was received: accepted, updated, deleted, returned, duplicate
returned        = "bigint"    # 条
official_order  = "int?"

[returns_zh]
month           = "以当月首日表示；空值为未载明时间的数据"
department      = "空值为不知归属部门的单位的数据"
records         = "条；各数据的最新版本，不含撤回的"
change          = "条，较上一自然月；上月没有接收数据的为空"
change_pct      = "环比；变动数为空的，或上月数据已全部撤回的，为空"
share_pct       = "占当月各部门合计的比例；合计为零的为空"
year_to_date    = "条，1月起累计"
pushed          = "条；收到的全部行：接收、更新、删除、退回和重复"
---*/
WITH placed AS (
    SELECT
        cnt.department,
        CASE WHEN $basis = 'arrival' THEN cnt.arrival_month ELSE cnt.event_month END AS month,
        cnt.n_current,
        cnt.n_accepted + cnt.n_updated AS n_taken,
        cnt.n_accepted + cnt.n_updated + cnt.n_deleted + cnt.n_returned + cnt.n_duplicate AS n_pushed,
        cnt.n_returned
    FROM record_counts AS cnt
    CROSS JOIN session AS ses
    WHERE cnt.kind = $kind
        AND cnt.scope = $scope
        AND (ses.as_of IS NULL OR CAST(cnt.received_at AS DATE) <= ses.as_of)
),
counted AS (
    SELECT
        placed.department,
        placed.month,
        CAST(sum(placed.n_current) AS BIGINT) AS records,
        CAST(sum(placed.n_taken) AS BIGINT) AS taken,
        CAST(sum(placed.n_pushed) AS BIGINT) AS pushed,
        CAST(sum(placed.n_returned) AS BIGINT) AS returned
    FROM placed
    GROUP BY placed.department, placed.month
)
SELECT
    cur.month,
    cur.department,
    coalesce(dep.name_zh, cur.department) AS department_name,
    cur.records,
    cur.records - before.records AS change,
    100 * CAST(cur.records - before.records AS DOUBLE) / nullif(before.records, 0) AS change_pct,
    100 * CAST(cur.records AS DOUBLE)
        / nullif(CAST(sum(cur.records) OVER (PARTITION BY cur.month) AS DOUBLE), 0) AS share_pct,
    CASE WHEN cur.month IS NOT NULL THEN
        CAST(
            sum(cur.records) OVER (
                PARTITION BY cur.department, year(cur.month)
                ORDER BY cur.month
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS BIGINT
        )
    END AS year_to_date,
    cur.pushed,
    cur.returned,
    dep.official_order
FROM counted AS cur
-- A join, not lag(): after a month without records the change is unknown. One of which everything went
-- back has none, either; one of which everything was withdrawn has 0.
LEFT JOIN counted AS before
    ON  before.month = CAST(cur.month - INTERVAL 1 MONTH AS DATE)
    AND coalesce(before.department, '') = coalesce(cur.department, '')
    AND before.taken > 0
LEFT JOIN departments AS dep
    ON dep.department = cur.department
ORDER BY cur.month NULLS LAST, dep.official_order NULLS LAST, cur.department NULLS LAST;
