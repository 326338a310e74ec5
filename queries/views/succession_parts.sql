/*---
summary    = "Published figures that a succession of departments or regions touches, and where each is shown"
summary_zh = "涉及机构或区划承继的印发数据及其可比口径下的归属"
reads      = ["department_successors", "indicators", "observations_as_reported", "region_successors"]
order      = ["indicator", "definition", "department", "region", "breakdown", "accumulation", "period_start", "period_end"]

[returns]
indicator             = "text"
definition            = "int"
department            = "text?"
region                = "text"
breakdown             = "text?"
accumulation          = "text"
period_start          = "date?"
period_end            = "date"
period_basis          = "text"
value                 = "double?"
value_text            = "text?"
unit                  = "text"
obs_status            = "text"
qualifier             = "text?"
origin                = "text"
edition               = "text"
release               = "text"
published_on          = "date?"
received_at           = "timestamp"
batch                 = "text"
place                 = "text"
printed               = "text?"
row_label             = "text?"
column_label          = "text?"
row_idx               = "int?"
note                  = "text?"
is_approximate        = "bool"
comparable_department = "text?"     # where the chain of successors ends
comparable_region     = "text"      # where the chain of successors ends
n_steps               = "int"       # of that chain; 0 for its end
obstacle              = "text?"     # why the chain ends although a succession goes on: several_successors, circle, other_level
n_claims              = "int"       # figures that fall on the same key there, this one included
treatment             = "text"      # as_reported, moved, added, apart_ratio, apart_unlike, apart_editions
shown_department      = "text?"     # under `--departments comparable`
shown_region          = "text"      # under `--departments comparable`

[returns_zh]
comparable_department = "逐次承继后的最终部门"
comparable_region     = "逐次承继后的最终区划"
n_steps               = "承继次数；本身即为最终的为0"
obstacle              = "尚有承继而不再往下的原因：several_successors（由几家承继）、circle（首尾相连）、other_level（承继者层级不同）"
n_claims              = "归入同一键的数据个数，含本数据"
treatment             = "as_reported（按印发列示）、moved（列在承继者名下）、added（合并列示）、apart_ratio（未并入：比率）、apart_unlike（未并入：单位不同或非数字）、apart_editions（未并入：文件不同）"
shown_department      = "用 `--departments comparable` 时列在哪个部门名下"
shown_region          = "用 `--departments comparable` 时列在哪个区划名下"
---*/
WITH touched AS (
    SELECT
        latest.indicator,
        latest.definition,
        latest.department,
        latest.region,
        latest.breakdown,
        latest.accumulation,
        latest.period_start,
        latest.period_end,
        latest.period_basis,
        latest.value,
        latest.value_text,
        latest.unit,
        latest.obs_status,
        latest.qualifier,
        latest.origin,
        latest.edition,
        latest.release,
        latest.published_on,
        latest.received_at,
        latest.batch,
        latest.place,
        latest.printed,
        latest.row_label,
        latest.column_label,
        latest.row_idx,
        latest.note,
        latest.is_approximate,
        coalesce(dept.successor, latest.department) AS comparable_department,
        coalesce(reg.successor, latest.region) AS comparable_region,
        coalesce(reg.n_steps, 0) + coalesce(dept.n_steps, 0) AS n_steps,
        coalesce(dept.obstacle, reg.obstacle) AS obstacle,
        coalesce(reg.is_sole, true) AND coalesce(dept.is_sole, true) AS is_sole,
        coalesce(ind.kind, 'unknown') IN ('stock', 'flow') AS is_count
    FROM observations_as_reported AS latest
    LEFT JOIN region_successors AS reg
        ON reg.region = latest.region
    LEFT JOIN department_successors AS dept
        ON  dept.region = coalesce(reg.successor, latest.region)
        AND dept.department = latest.department
    LEFT JOIN indicators AS ind
        ON  ind.indicator = latest.indicator
        AND ind.definition = latest.definition
    WHERE reg.successor IS NOT NULL
        OR dept.successor IS NOT NULL
),
-- All figures that would have the same key under the last successor.
claims AS (
    SELECT
        touched.indicator,
        touched.definition,
        touched.department,
        touched.region,
        touched.breakdown,
        touched.accumulation,
        touched.period_start,
        touched.period_end,
        touched.period_basis,
        touched.value,
        touched.value_text,
        touched.unit,
        touched.obs_status,
        touched.qualifier,
        touched.origin,
        touched.edition,
        touched.release,
        touched.published_on,
        touched.received_at,
        touched.batch,
        touched.place,
        touched.printed,
        touched.row_label,
        touched.column_label,
        touched.row_idx,
        touched.note,
        touched.is_approximate,
        touched.comparable_department,
        touched.comparable_region,
        touched.n_steps,
        touched.obstacle,
        touched.is_sole,
        touched.is_count,
        count(*) OVER figure AS n_claims,
        count(touched.value_text) OVER figure AS n_texts,
        min(touched.unit) OVER figure = max(touched.unit) OVER figure AS is_of_one_unit,
        min(touched.edition) OVER figure = max(touched.edition) OVER figure AS is_of_one_edition,
        -- One that took over from another is further down the chain: equal numbers of steps mean
        -- that none of them can contain another.
        min(touched.n_steps) OVER figure = max(touched.n_steps) OVER figure AS is_among_equals
    FROM touched
    WINDOW figure AS (
        PARTITION BY
            touched.indicator, touched.definition, touched.comparable_department,
            touched.comparable_region, touched.breakdown, touched.accumulation,
            touched.period_start, touched.period_end, touched.origin
    )
),
treated AS (
    SELECT
        claims.indicator,
        claims.definition,
        claims.department,
        claims.region,
        claims.breakdown,
        claims.accumulation,
        claims.period_start,
        claims.period_end,
        claims.period_basis,
        claims.value,
        claims.value_text,
        claims.unit,
        claims.obs_status,
        claims.qualifier,
        claims.origin,
        claims.edition,
        claims.release,
        claims.published_on,
        claims.received_at,
        claims.batch,
        claims.place,
        claims.printed,
        claims.row_label,
        claims.column_label,
        claims.row_idx,
        claims.note,
        claims.is_approximate,
        claims.comparable_department,
        claims.comparable_region,
        claims.n_steps,
        claims.obstacle,
        claims.n_claims,
        CASE
            WHEN claims.n_claims > 1
                AND claims.is_count
                AND claims.n_texts = 0
                AND claims.is_of_one_unit
                AND (claims.is_of_one_edition OR claims.is_among_equals)
            THEN 'added'
            WHEN claims.n_steps = 0 THEN 'as_reported'
            WHEN claims.n_claims = 1 AND (claims.is_count OR claims.is_sole) THEN 'moved'
            WHEN NOT claims.is_count THEN 'apart_ratio'
            WHEN claims.n_texts > 0 OR NOT claims.is_of_one_unit THEN 'apart_unlike'
            ELSE 'apart_editions'
        END AS treatment
    FROM claims
)
SELECT
    treated.indicator,
    treated.definition,
    treated.department,
    treated.region,
    treated.breakdown,
    treated.accumulation,
    treated.period_start,
    treated.period_end,
    treated.period_basis,
    treated.value,
    treated.value_text,
    treated.unit,
    treated.obs_status,
    treated.qualifier,
    treated.origin,
    treated.edition,
    treated.release,
    treated.published_on,
    treated.received_at,
    treated.batch,
    treated.place,
    treated.printed,
    treated.row_label,
    treated.column_label,
    treated.row_idx,
    treated.note,
    treated.is_approximate,
    treated.comparable_department,
    treated.comparable_region,
    treated.n_steps,
    treated.obstacle,
    CAST(treated.n_claims AS INT) AS n_claims,
    treated.treatment,
    CASE
        WHEN treated.treatment IN ('moved', 'added') THEN treated.comparable_department
        ELSE treated.department
    END AS shown_department,
    CASE
        WHEN treated.treatment IN ('moved', 'added') THEN treated.comparable_region
        ELSE treated.region
    END AS shown_region
FROM treated;
