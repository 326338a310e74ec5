/*---
summary    = "Late pushes of old records: arrivals of each month whose events lie in earlier months"
summary_zh = "历史数据补推：各月到达的数据中业务发生在以前月份的占比"
reads      = ["departments", "record_counts", "session"]
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
arrival_month    = "date"      # its first day
department       = "text?"     # null: records of bodies that no department is known of
department_name  = "text?"
arrived          = "bigint"    # 条; records that were accepted for the first time
backfilled       = "bigint"    # 条; of these, events in a month before that of the arrival
share_pct        = "double?"   # percent of those that say when; null where none does
of_earlier_years = "bigint"    # 条; events in a year before that of the arrival
oldest_month     = "date?"     # of the events; its first day
undated          = "bigint"    # 条; do not say when
untimed          = "bigint"    # 条; do not say when they were pushed: the ingest counts as their arrival
official_order   = "int?"
---*/
WITH counted AS (
    SELECT
        cnt.arrival_month,
        cnt.department,
        CAST(sum(cnt.n_accepted) AS BIGINT) AS arrived,
        CAST(
            sum(CASE WHEN cnt.event_month < cnt.arrival_month THEN cnt.n_accepted ELSE 0 END) AS BIGINT
        ) AS backfilled,
        CAST(
            sum(CASE WHEN year(cnt.event_month) < year(cnt.arrival_month) THEN cnt.n_accepted ELSE 0 END)
            AS BIGINT
        ) AS of_earlier_years,
        min(CASE WHEN cnt.n_accepted > 0 THEN cnt.event_month END) AS oldest_month,
        CAST(sum(CASE WHEN cnt.event_month IS NULL THEN cnt.n_accepted ELSE 0 END) AS BIGINT) AS undated,
        CAST(sum(cnt.n_untimed) AS BIGINT) AS untimed
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
WHERE counted.arrived > 0
ORDER BY counted.arrival_month, dep.official_order NULLS LAST, counted.department NULLS LAST;
