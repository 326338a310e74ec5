/*---
summary    = "Late pushes of old records: first pushes of each month whose events lie in earlier months"
summary_zh = "历史数据补推：各月首次推送的数据中业务发生在以前月份的占比"
reads      = ["cases_first", "departments", "evaluations_first"]
order      = ["arrival_month", "official_order", "department"]
show       = ["arrival_month", "department_name", "arrived", "backfilled", "share_pct", "of_earlier_years", "oldest_month"]

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
arrival_month    = { type = "date", format = "month" }  # of the first push of a record, whenever it was ingested; its first day
department       = { type = "text?", values = "departments" }  # null: records of bodies that no department is known of
department_name  = "text?"
arrived          = "bigint"    # 条; records by their first push; withdrawn ones as well
backfilled       = "bigint"    # 条; of these, events in a month before that of the arrival
share_pct        = "double?"   # percent of those that say when; null where none does
of_earlier_years = "bigint"    # 条; events in a year before that of the arrival
oldest_month     = { type = "date?", format = "month" }  # of the events; its first day
undated          = "bigint"    # 条; do not say when
untimed          = "bigint"    # 条; do not say when they were pushed: the ingest counts as their arrival
official_order   = "int?"

[returns_zh]
arrival_month    = "数据首次推送的月份，不论何时入库；以当月首日表示"
department       = "空值为不知归属部门的单位的数据"
arrived          = "条；按首次推送计的数据，含后来撤回的"
backfilled       = "条；其中业务发生在到达月份之前的"
share_pct        = "占有业务时间的数据的比例；均无业务时间的为空"
of_earlier_years = "条；业务发生在到达年份之前的"
oldest_month     = "业务发生的最早月份；以当月首日表示"
undated          = "条；未载明业务发生时间的"
untimed          = "条；未载明推送时间的，以入库时间为到达时间"
---*/
WITH first_pushes AS (
    SELECT
        cas.scope,
        cas.department,
        cas.event_at,
        cas.arrived_at,
        cas.is_untimed
    FROM cases_first AS cas
    WHERE $kind = 'cases'
    UNION ALL
    SELECT
        eva.scope,
        eva.department,
        eva.event_at,
        eva.arrived_at,
        eva.is_untimed
    FROM evaluations_first AS eva
    WHERE $kind = 'evaluations'
),
placed AS (
    SELECT
        first_pushes.department,
        CAST(date_trunc('month', first_pushes.arrived_at) AS DATE) AS arrival_month,
        CAST(date_trunc('month', first_pushes.event_at) AS DATE) AS event_month,
        CASE WHEN first_pushes.is_untimed THEN 1 ELSE 0 END AS n_untimed
    FROM first_pushes
    WHERE first_pushes.scope = $scope
),
counted AS (
    SELECT
        placed.arrival_month,
        placed.department,
        CAST(count(1) AS BIGINT) AS arrived,
        CAST(sum(CASE WHEN placed.event_month < placed.arrival_month THEN 1 ELSE 0 END) AS BIGINT)
            AS backfilled,
        CAST(
            sum(CASE WHEN year(placed.event_month) < year(placed.arrival_month) THEN 1 ELSE 0 END)
            AS BIGINT
        ) AS of_earlier_years,
        min(placed.event_month) AS oldest_month,
        CAST(sum(CASE WHEN placed.event_month IS NULL THEN 1 ELSE 0 END) AS BIGINT) AS undated,
        CAST(sum(placed.n_untimed) AS BIGINT) AS untimed
    FROM placed
    GROUP BY placed.arrival_month, placed.department
)
SELECT
    counted.arrival_month,
    counted.department,
    coalesce(dep.name_zh, counted.department) AS department_name,
    counted.arrived,
    counted.backfilled,
    100 * CAST(counted.backfilled AS DOUBLE) / nullif(counted.arrived - counted.undated, 0) AS share_pct,
    counted.of_earlier_years,
    counted.oldest_month,
    counted.undated,
    counted.untimed,
    dep.official_order
FROM counted
LEFT JOIN departments AS dep
    ON dep.department = counted.department
ORDER BY counted.arrival_month, dep.official_order NULLS LAST, counted.department NULLS LAST;
