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
-- By day first: the day of a moment is a division, its month takes a calendar.
WITH daily AS (
    SELECT
        CAST(cas.event_at AS DATE) AS day,
        cas.department,
        count(*) AS n_cases
    FROM cases_latest AS cas
    WHERE cas.scope = 'pushed'
    GROUP BY CAST(cas.event_at AS DATE), cas.department
)
SELECT
    CAST(date_trunc('month', daily.day) AS DATE) AS month,
    daily.department,
    CAST(sum(daily.n_cases) AS BIGINT) AS n_cases
FROM daily
GROUP BY CAST(date_trunc('month', daily.day) AS DATE), daily.department
ORDER BY CAST(date_trunc('month', daily.day) AS DATE) NULLS LAST, daily.department NULLS LAST;
