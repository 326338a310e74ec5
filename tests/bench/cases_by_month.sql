/*---
summary    = "Cases of each department by month, counted from the records"
summary_zh = "各部门逐月办件量，逐条统计"
reads      = ["cases_latest"]
order      = ["month", "department"]

[returns]
month      = "date?"      # null: the record does not say when
department = "text?"      # null: not known
n_cases    = "bigint"     # 条
---*/
SELECT
    CAST(date_trunc('month', cas.event_at) AS DATE) AS month,
    cas.department,
    count(*) AS n_cases
FROM cases_latest AS cas
WHERE cas.scope = 'pushed'
GROUP BY CAST(date_trunc('month', cas.event_at) AS DATE), cas.department
ORDER BY CAST(date_trunc('month', cas.event_at) AS DATE) NULLS LAST, cas.department NULLS LAST;
