/*---
summary    = "Figures of departments with one definition and one span for every column of a period"
summary_zh = "各部门数据，每统计期每列只取一种口径和一种统计区间"
reads      = ["observations_latest"]
order      = ["region", "period_end", "indicator", "department", "definition", "period_start", "accumulation"]

[returns]
edition      = "text?"      # null: a sum of figures from several
region       = "text"
department   = "text"
period_end   = "date"
indicator    = "text"
definition   = "int"
period_start = "date?"      # null since launch
accumulation = "text"
value        = "double?"    # in the unit of the indicator; null where missing, and where it is not chosen
obs_status   = "text"       # other_span, other_definition: the department has the column in another one only
note         = "text?"
is_approximate = "bool"    # told with a qualifier, estimated or rounded
is_chosen    = "bool"       # false: only the status counts

[returns_zh]
edition      = "空值为由多份文件的数据合计而得"
period_start = "上线以来累计的为空"
value        = "单位同指标；缺失的和未采用的为空"
obs_status   = "other_span（为另一统计区间）、other_definition（为另一口径）：部门的该列只有另一统计区间或另一口径的数据"
is_approximate = "是否为约数、估计数或取整数"
is_chosen    = "否（false）为未采用，只看状态"
---*/
-- One definition and one span for a whole column, so that a sum never mixes a month with the year so
-- far: the newest definition, then the span that most departments have, then the longest (no start:
-- since launch). Not the longest at once: one department that prints more would hide all others. A
-- department that has the column over another span alone keeps a row that says so, because without one
-- it would count as missing from the table.
WITH columns_of_tables AS (
    SELECT
        latest.edition,
        latest.region,
        latest.department,
        latest.period_end,
        latest.indicator,
        latest.definition,
        latest.period_start,
        latest.accumulation,
        latest.value,
        latest.obs_status,
        latest.note,
        latest.is_approximate,
        count(*) OVER (
            PARTITION BY
                latest.region, latest.period_end, latest.indicator, latest.definition,
                latest.period_start, latest.accumulation
        ) AS n_departments
    FROM observations_latest AS latest
    WHERE latest.department IS NOT NULL
        AND latest.breakdown IS NULL
),
ranked AS (
    SELECT
        cell.edition,
        cell.region,
        cell.department,
        cell.period_end,
        cell.indicator,
        cell.definition,
        cell.period_start,
        cell.accumulation,
        cell.value,
        cell.obs_status,
        cell.note,
        cell.is_approximate,
        max(cell.definition) OVER (
            PARTITION BY cell.region, cell.period_end, cell.indicator
        ) AS newest_definition,
        rank() OVER (
            PARTITION BY cell.region, cell.period_end, cell.indicator
            ORDER BY
                cell.definition DESC,
                cell.n_departments DESC,
                cell.period_start NULLS FIRST,
                cell.accumulation
        ) AS choice
    FROM columns_of_tables AS cell
),
placed AS (
    SELECT
        ranked.edition,
        ranked.region,
        ranked.department,
        ranked.period_end,
        ranked.indicator,
        ranked.definition,
        ranked.period_start,
        ranked.accumulation,
        ranked.value,
        ranked.obs_status,
        ranked.note,
        ranked.is_approximate,
        ranked.newest_definition,
        ranked.choice,
        -- Of one department, as peers in its column: a window has a price for each of its parts, 0.06 ms
        -- in DuckDB (2026-11), and there are many more departments than columns.
        min(ranked.choice) OVER (
            PARTITION BY ranked.region, ranked.period_end, ranked.indicator
            ORDER BY ranked.department
            RANGE BETWEEN CURRENT ROW AND CURRENT ROW
        ) AS best_choice
    FROM ranked
)
SELECT
    placed.edition,
    placed.region,
    placed.department,
    placed.period_end,
    placed.indicator,
    placed.definition,
    placed.period_start,
    placed.accumulation,
    CASE WHEN placed.choice = 1 THEN placed.value END AS value,
    CASE
        WHEN placed.choice = 1 THEN placed.obs_status
        WHEN placed.definition = placed.newest_definition THEN 'other_span'
        ELSE 'other_definition'
    END AS obs_status,
    CASE WHEN placed.choice = 1 THEN placed.note END AS note,
    placed.choice = 1 AND placed.is_approximate AS is_approximate,
    placed.choice = 1 AS is_chosen
FROM placed
WHERE placed.choice = 1
    OR placed.best_choice > 1;
