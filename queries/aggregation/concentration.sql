/*---
summary    = "How much of each aggregated column one department holds"
summary_zh = "数据汇聚集中度：最大部门占比及去除后的情况"
reads      = ["aggregation_by_period", "departments", "indicators"]
order      = ["region", "indicator"]
show       = ["indicator_name", "total", "largest_department_name", "largest_share_pct", "total_without_largest"]

[params.period]
type      = "date?"
latest_of = ["cases_aggregated", "evaluations_aggregated"]
help      = "last day of the period; without it the latest that has figures, per region"
help_zh   = "统计期末日；不给则取各地区最近一期有数据的"

[returns]
region                       = { type = "text", values = "regions" }
period_end                   = "date"
indicator                    = { type = "text", values = "indicators" }
indicator_name               = "text"
n_departments                = "bigint"     # that have a cell in the column, empty ones included
n_with_data                  = "bigint"     # above zero
n_unknown                    = "bigint"     # empty cells: beside one, nobody's share is known
total                        = "double?"    # 条; of the cells that are known, null where every one is empty
largest_department           = { type = "text?", values = "departments" }  # null where the column adds up to 0
largest_department_name      = "text?"
largest_value                = "double?"    # 条
largest_share_pct            = "double?"    # percent of the total; null where a cell is empty, as all shares
total_without_largest        = "double?"    # 条
second_department            = { type = "text?", values = "departments" }  # null where no other department has data
second_department_name       = "text?"
second_value                 = "double?"    # 条
second_share_of_rest_pct     = "double?"    # percent of the total without the largest
top3_share_pct               = "double?"    # percent of the total
hhi                          = "double?"    # Herfindahl-Hirschman index: sum of squared shares in percent, 0 to 10,000

[returns_zh]
n_departments                = "列入该列的部门，含单元格为空的"
n_with_data                  = "数据大于零的部门"
n_unknown                    = "单元格为空的部门；只要有一个，各部门占比即无从得知"
total                        = "条；有数据的单元格之和，单元格全部为空的为空"
largest_department           = "该列合计为零的为空"
largest_share_pct            = "占合计的比例；有单元格为空的，与其他占比一样为空"
second_department            = "其他部门均无数据的为空"
second_share_of_rest_pct     = "占去除最大部门后合计的比例"
top3_share_pct               = "占合计的比例"
hhi                          = "赫芬达尔—赫希曼指数：各部门占比（%）的平方和，0至10000"
---*/
WITH columns_of_table AS (
    SELECT
        agg.region,
        agg.period_end,
        agg.department,
        'cases_aggregated' AS indicator,
        agg.cases_aggregated AS value,
        agg.cases_aggregated_status AS obs_status
    FROM aggregation_by_period AS agg
    WHERE agg.cases_aggregated_status IS NOT NULL
    UNION ALL
    SELECT
        agg.region,
        agg.period_end,
        agg.department,
        'evaluations_aggregated' AS indicator,
        agg.evaluations_aggregated AS value,
        agg.evaluations_aggregated_status AS obs_status
    FROM aggregation_by_period AS agg
    WHERE agg.evaluations_aggregated_status IS NOT NULL
),
-- The latest period of the region, not of the column: a column that has stopped is not shown
-- beside a newer one as if both were about the same months.
dated AS (
    SELECT
        cell.region,
        cell.period_end,
        cell.department,
        cell.indicator,
        cell.value,
        cell.value IS NULL AND cell.obs_status <> 'not_applicable' AS is_unknown,
        max(cell.period_end) OVER (PARTITION BY cell.region) AS latest_period_end
    FROM columns_of_table AS cell
),
placed AS (
    SELECT
        dated.region,
        dated.period_end,
        dated.indicator,
        dated.department,
        coalesce(dept.name_zh, dated.department) AS department_name,
        dated.value,
        dated.is_unknown,
        sum(dated.value) OVER whole AS total,
        -- Beside an empty cell nobody's share is known.
        CASE
            WHEN count(CASE WHEN dated.is_unknown THEN 1 END) OVER whole = 0
            THEN sum(dated.value) OVER whole
        END AS known_total,
        row_number() OVER (
            PARTITION BY dated.region, dated.indicator
            ORDER BY
                dated.value DESC NULLS LAST,
                dept.official_order NULLS LAST,
                dated.department
        ) AS position
    FROM dated
    LEFT JOIN departments AS dept
        ON dept.department = dated.department
    WHERE dated.period_end = coalesce(CAST($period AS DATE), dated.latest_period_end)
    WINDOW whole AS (PARTITION BY dated.region, dated.indicator)
),
summed AS (
    SELECT
        placed.region,
        placed.period_end,
        placed.indicator,
        count(*) AS n_departments,
        count(CASE WHEN placed.value > 0 THEN 1 END) AS n_with_data,
        count(CASE WHEN placed.is_unknown THEN 1 END) AS n_unknown,
        max(placed.total) AS total,
        max(placed.known_total) AS known_total,
        max(CASE WHEN placed.position = 1 AND placed.value > 0 THEN placed.department END)
            AS largest_department,
        max(CASE WHEN placed.position = 1 AND placed.value > 0 THEN placed.department_name END)
            AS largest_department_name,
        max(CASE WHEN placed.position = 1 AND placed.value > 0 THEN placed.value END)
            AS largest_value,
        max(CASE WHEN placed.position = 2 AND placed.value > 0 THEN placed.department END)
            AS second_department,
        max(CASE WHEN placed.position = 2 AND placed.value > 0 THEN placed.department_name END)
            AS second_department_name,
        max(CASE WHEN placed.position = 2 AND placed.value > 0 THEN placed.value END)
            AS second_value,
        sum(CASE WHEN placed.position <= 3 THEN placed.value END) AS top3_value,
        sum(
            (100 * placed.value / nullif(placed.known_total, 0))
            * (100 * placed.value / nullif(placed.known_total, 0))
        ) AS hhi
    FROM placed
    GROUP BY placed.region, placed.period_end, placed.indicator
),
-- Figures of whatever definition are in a column.
names AS (
    SELECT
        ind.indicator,
        max(ind.name_zh) AS name_zh
    FROM indicators AS ind
    GROUP BY ind.indicator
)
SELECT
    summed.region,
    summed.period_end,
    summed.indicator,
    coalesce(names.name_zh, summed.indicator) AS indicator_name,
    summed.n_departments,
    summed.n_with_data,
    summed.n_unknown,
    summed.total,
    summed.largest_department,
    summed.largest_department_name,
    summed.largest_value,
    100 * summed.largest_value / nullif(summed.known_total, 0) AS largest_share_pct,
    summed.total - summed.largest_value AS total_without_largest,
    summed.second_department,
    summed.second_department_name,
    summed.second_value,
    100 * summed.second_value / nullif(summed.known_total - summed.largest_value, 0)
        AS second_share_of_rest_pct,
    100 * summed.top3_value / nullif(summed.known_total, 0) AS top3_share_pct,
    summed.hhi
FROM summed
LEFT JOIN names
    ON names.indicator = summed.indicator
ORDER BY summed.region, summed.indicator;
