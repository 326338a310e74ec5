/*---
summary    = "What becomes of departments and regions that were succeeded, when figures are made comparable"
summary_zh = "可比口径核对：撤并更名的部门和区划的数据如何归属"
reads      = ["departments", "regions", "succession_parts"]
order      = ["region", "official_order", "department", "treatment"]
show       = ["region_name", "department_name", "treatment", "comparable_region_name", "comparable_department_name", "n_figures", "obstacle"]
without_department = "whole_region"

[returns]
region                     = { type = "text", values = "regions" }
region_name                = "text"
department                 = { type = "text?", values = "departments" }  # null for figures of the region as a whole
department_name            = "text?"
treatment                  = { type = "text", values = ["as_reported", "moved", "added", "apart_ratio", "apart_unlike", "apart_editions"] }
comparable_region          = "text"
comparable_region_name     = "text"
comparable_department      = { type = "text?", values = "departments" }
comparable_department_name = "text?"
n_figures                  = "bigint"
first_period_end           = "date"
last_period_end            = "date"
n_steps                    = "int"        # successions from one to the other
obstacle                   = { type = "text?", values = ["several_successors", "circle", "other_level"] }  # why no more are followed: several_successors, circle, other_level
official_order             = "int?"

[returns_zh]
department                 = "属地区整体的数据为空"
n_steps                    = "由前身至可比部门、区划经过的承继次数"
obstacle                   = "不再往下承继的原因：several_successors（由几家承继）、circle（首尾相连）、other_level（承继者层级不同）"
---*/
WITH bodies AS (
    SELECT
        part.region,
        part.department,
        part.treatment,
        part.comparable_region,
        part.comparable_department,
        count(*) AS n_figures,
        min(part.period_end) AS first_period_end,
        max(part.period_end) AS last_period_end,
        max(part.n_steps) AS n_steps,
        max(part.obstacle) AS obstacle
    FROM succession_parts AS part
    -- What is left as it was is of interest only where a succession could not be followed.
    WHERE part.treatment <> 'as_reported'
        OR part.obstacle IS NOT NULL
    GROUP BY
        part.region, part.department, part.treatment, part.comparable_region,
        part.comparable_department
)
SELECT
    bodies.region,
    coalesce(reg.name, bodies.region) AS region_name,
    bodies.department,
    coalesce(dep.name_zh, bodies.department) AS department_name,
    bodies.treatment,
    bodies.comparable_region,
    coalesce(to_reg.name, bodies.comparable_region) AS comparable_region_name,
    bodies.comparable_department,
    coalesce(to_dep.name_zh, bodies.comparable_department) AS comparable_department_name,
    CAST(bodies.n_figures AS BIGINT) AS n_figures,
    bodies.first_period_end,
    bodies.last_period_end,
    bodies.n_steps,
    bodies.obstacle,
    dep.official_order
FROM bodies
LEFT JOIN regions AS reg
    ON reg.region = bodies.region
LEFT JOIN departments AS dep
    ON dep.department = bodies.department
LEFT JOIN regions AS to_reg
    ON to_reg.region = bodies.comparable_region
LEFT JOIN departments AS to_dep
    ON to_dep.department = bodies.comparable_department
ORDER BY
    bodies.region,
    dep.official_order NULLS LAST,
    bodies.department NULLS LAST,
    bodies.treatment;
