/*---
summary    = "One row for every department, column and period, with the day from which its figure counts"
summary_zh = "各部门每统计期每列一行，并给出数据起算日"
reads      = ["cells_by_period"]
order      = ["region", "period_end", "indicator", "department"]

[returns]
region       = "text"
department   = "text"
period_end   = "date"
indicator    = "text"
definition   = "int?"       # null where the department has the column in another definition or span only
accumulation = "text?"      # null there, too
counted_from = "date?"      # first day that the figure counts from; null for a state at a day, and since launch
value        = "double?"    # in the unit of the indicator; null where missing
is_approximate = "bool"     # told with a qualifier, estimated or rounded
obs_status   = "text"       # other_span, other_definition: see `cells_by_period`

[returns_zh]
definition   = "部门的该列只有另一口径或另一统计区间数据的为空"
accumulation = "部门的该列只有另一口径或另一统计区间数据的也为空"
counted_from = "数据的起算日；时点数和上线以来累计的为空"
value        = "单位同指标；缺失的为空"
is_approximate = "是否为约数、估计数或取整数"
obs_status   = "other_span（为另一统计区间）、other_definition（为另一口径）：见 `cells_by_period`"
---*/
-- A department may have the column over other spans as well: they leave it one row without a value.
SELECT
    cell.region,
    cell.department,
    cell.period_end,
    cell.indicator,
    max(CASE WHEN cell.is_chosen THEN cell.definition END) AS definition,
    max(CASE WHEN cell.is_chosen THEN cell.accumulation END) AS accumulation,
    max(
        CASE
            WHEN cell.is_chosen AND cell.accumulation = 'year_to_date'
            THEN coalesce(cell.period_start, CAST(date_trunc('year', cell.period_end) AS DATE))
            WHEN cell.is_chosen AND cell.accumulation <> 'point' THEN cell.period_start
        END
    ) AS counted_from,
    max(cell.value) AS value,
    max(CASE WHEN cell.is_approximate THEN 1 ELSE 0 END) = 1 AS is_approximate,
    max(cell.obs_status) AS obs_status
FROM cells_by_period AS cell
GROUP BY cell.region, cell.department, cell.period_end, cell.indicator;
