/*---
summary    = "What was published about returned records: figures, not records"
summary_zh = "公布的退回数据条数（是数据，不是记录）"
reads      = ["departments", "observations_latest"]
order      = ["region", "department", "period_end", "period_start", "accumulation", "breakdown", "definition"]
show       = ["department_name", "period_end", "qualifier", "records_returned", "edition"]

[params.department]
type    = "text?"
help    = "department, as tax; without it all"
help_zh = "部门，如 tax；不给则取全部"

[returns]
region           = { type = "text", values = "regions" }
department       = { type = "text", values = "departments" }
department_name  = "text"
period_start     = "date?"
period_end       = "date"
accumulation     = { type = "text", values = ["point", "period", "year_to_date", "since_launch"] }
breakdown        = "text?"
definition       = "int"
records_returned = "double?"    # 条
qualifier        = { type = "text?", values = ["approx", "more_than", "less_than", "ambiguous"] }  # more_than: the figure is a lower bound
edition          = "text?"      # null where it comes from several

[returns_zh]
qualifier        = "more_than（余）：所列为下限"
edition          = "出自多份文件的为空"
---*/
SELECT
    obs.region,
    obs.department,
    coalesce(dept.name_zh, obs.department) AS department_name,
    obs.period_start,
    obs.period_end,
    obs.accumulation,
    obs.breakdown,
    obs.definition,
    obs.value AS records_returned,
    obs.qualifier,
    obs.edition
FROM observations_latest AS obs
LEFT JOIN departments AS dept
    ON dept.department = obs.department
WHERE obs.indicator = 'records_returned'
    AND obs.department IS NOT NULL
    AND (CAST($department AS STRING) IS NULL OR obs.department = $department)
ORDER BY
    obs.region,
    obs.department,
    obs.period_end,
    obs.period_start NULLS LAST,
    obs.accumulation,
    obs.breakdown NULLS LAST,
    obs.definition;
