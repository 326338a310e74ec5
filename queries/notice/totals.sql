/*---
summary    = "What the columns of an annex add up to, beside the notice before"
summary_zh = "拟印附表各列的合计，并列上次通报的合计"
reads      = ["cells_by_period", "indicators", "observations", "observations_latest", "session"]
order      = ["indicator", "definition", "period_start", "accumulation"]
show       = ["indicator", "total", "n_departments", "n_zero", "n_missing", "release", "previous_total"]

[params.indicator]
type    = "text"
help    = "indicator that decides which area and which period, as cases_aggregated"
help_zh = "决定领域和统计期的指标，如 cases_aggregated"

[params.period]
type    = "date?"
help    = "last day of the period; without it as `not_before` says"
help_zh = "统计期末日；不给则按 not_before"

[params.not_before]
type    = "date?"
help    = "the first period that ends on this day or later; without both days the latest that has figures"
help_zh = "取期末日不早于这一天的最早一期；两个日期都不给则取最近一期"

[params.region]
type    = "text"
default = "630000"
help    = "region of the departments"
help_zh = "部门所属地区"

[returns]
indicator           = { type = "text", values = "indicators" }
definition          = "int"
period_start        = "date?"
period_end          = "date"
accumulation        = { type = "text", values = ["point", "period", "year_to_date", "since_launch"] }
n_departments       = "int"        # that have the column
n_zero              = "int"        # of them, those with a zero
n_above_zero        = "int"        # of them, those with more
n_missing           = "int"        # of them, those without a value
total               = "double?"    # of the values that there are
unit                = "text?"
qualifier           = { type = "text?", values = ["approx", "more_than", "less_than", "ambiguous"] }  # of the total: what all figures say that say something, else ambiguous
release             = { type = "text", values = ["draft", "approved", "published"] }  # the lowest of the figures; draft where one of them does not say
largest_department  = { type = "text?", values = "departments" }  # with the largest value; the first by name of several
largest_value       = "double?"
largest_share_pct   = "double?"    # percent of the total; null where that is 0
previous_total      = "double?"    # of the notice before, over its own departments
previous_n_departments = "int?"    # of the notice before
previous_n_zero     = "int?"       # of them
previous_n_above_zero = "int?"     # of them
previous_period_end = "date?"
previous_edition    = "text?"

[returns_zh]
n_departments       = "有该列的部门"
n_zero              = "其中数据为零的"
n_above_zero        = "其中数据大于零的"
n_missing           = "其中没有数值的"
total               = "已有数值之和"
qualifier           = "合计的精确程度：各数据所载一致的从其所载，否则为 ambiguous（近、余并用）"
release             = "各数据中最低的核定状态；有数据未载明的为 draft（未核定）"
largest_department  = "数值最大的部门；不止一个的，取代码在前的"
largest_share_pct   = "占合计的比例；合计为零的为空"
previous_total      = "上次通报的合计，按其所列部门计"
previous_n_departments = "上次通报所列部门"
previous_n_zero     = "上次通报所列部门中数据为零的"
previous_n_above_zero = "上次通报所列部门中数据大于零的"
---*/
WITH wanted AS (
    SELECT
        ind.indicator,
        ind.definition
    FROM indicators AS ind
    JOIN (
        SELECT DISTINCT named.area
        FROM indicators AS named
        WHERE named.indicator = $indicator
    ) AS asked
        ON asked.area = ind.area
),
chosen AS (
    SELECT
        CASE
            WHEN CAST($period AS DATE) IS NOT NULL THEN CAST($period AS DATE)
            WHEN CAST($not_before AS DATE) IS NOT NULL
            THEN min(CASE
                WHEN cell.period_end >= CAST($not_before AS DATE) THEN cell.period_end
            END)
            ELSE max(cell.period_end)
        END AS period_end
    FROM cells_by_period AS cell
    WHERE cell.region = $region
        AND cell.indicator = $indicator
),
figures AS (
    SELECT
        cell.department,
        cell.indicator,
        cell.definition,
        cell.period_start,
        cell.period_end,
        cell.accumulation,
        cell.value,
        obs.unit,
        obs.qualifier,
        obs.batch,
        CASE obs.release WHEN 'published' THEN 2 WHEN 'approved' THEN 1 ELSE 0 END AS release_no,
        row_number() OVER (
            PARTITION BY cell.indicator, cell.definition, cell.period_start, cell.accumulation
            ORDER BY cell.value DESC NULLS LAST, cell.department
        ) AS largest_first
    FROM cells_by_period AS cell
    JOIN wanted
        ON  wanted.indicator = cell.indicator
        AND wanted.definition = cell.definition
    JOIN chosen
        ON chosen.period_end = cell.period_end
    LEFT JOIN observations_latest AS obs
        ON  obs.indicator = cell.indicator
        AND obs.definition = cell.definition
        AND obs.department = cell.department
        AND obs.region = cell.region
        AND obs.accumulation = cell.accumulation
        AND obs.period_end = cell.period_end
        AND coalesce(obs.period_start, DATE '0001-01-01')
            = coalesce(cell.period_start, DATE '0001-01-01')
        AND obs.breakdown IS NULL
    WHERE cell.region = $region
        AND cell.is_chosen
),
published AS (
    SELECT
        obs.department,
        obs.indicator,
        obs.definition,
        obs.period_end,
        obs.accumulation,
        obs.value,
        obs.edition,
        obs.batch,
        obs.received_at,
        coalesce(obs.published_on, CAST(obs.received_at AS DATE)) AS known_on
    FROM observations AS obs
    JOIN wanted
        ON  wanted.indicator = obs.indicator
        AND wanted.definition = obs.definition
    CROSS JOIN chosen
    CROSS JOIN session AS ses
    WHERE obs.origin = 'published'
        AND obs.release = 'published'
        AND obs.region = $region
        AND obs.department IS NOT NULL
        AND obs.breakdown IS NULL
        AND obs.period_end <= chosen.period_end
        AND (
            ses.as_of IS NULL
            OR coalesce(obs.published_on, CAST(obs.received_at AS DATE)) <= ses.as_of
        )
),
notices AS (
    SELECT
        notice.batch,
        row_number() OVER (
            ORDER BY notice.known_on DESC, notice.received_at DESC, notice.batch DESC
        ) AS newest_no
    FROM (
        SELECT DISTINCT published.batch, published.known_on, published.received_at FROM published
    ) AS notice
    LEFT JOIN (SELECT DISTINCT figures.batch FROM figures WHERE figures.batch IS NOT NULL) AS own
        ON own.batch = notice.batch
    WHERE own.batch IS NULL
),
previous_figures AS (
    SELECT
        published.indicator,
        published.accumulation,
        published.value,
        published.period_end,
        published.edition,
        row_number() OVER (
            PARTITION BY published.department, published.indicator, published.accumulation
            ORDER BY published.period_end DESC, published.definition DESC
        ) AS newest_first
    FROM published
    JOIN notices
        ON  notices.batch = published.batch
        AND notices.newest_no = 1
),
previous AS (
    SELECT
        previous_figures.indicator,
        previous_figures.accumulation,
        sum(previous_figures.value) AS total,
        CAST(count(*) AS INT) AS n_departments,
        CAST(sum(CASE WHEN previous_figures.value = 0 THEN 1 ELSE 0 END) AS INT) AS n_zero,
        CAST(sum(CASE WHEN previous_figures.value > 0 THEN 1 ELSE 0 END) AS INT) AS n_above_zero,
        max(previous_figures.period_end) AS period_end,
        max(previous_figures.edition) AS edition
    FROM previous_figures
    WHERE previous_figures.newest_first = 1
    GROUP BY previous_figures.indicator, previous_figures.accumulation
),
added_up AS (
    SELECT
        figures.indicator,
        figures.definition,
        figures.period_start,
        figures.period_end,
        figures.accumulation,
        CAST(count(*) AS INT) AS n_departments,
        CAST(sum(CASE WHEN figures.value = 0 THEN 1 ELSE 0 END) AS INT) AS n_zero,
        CAST(sum(CASE WHEN figures.value > 0 THEN 1 ELSE 0 END) AS INT) AS n_above_zero,
        CAST(sum(CASE WHEN figures.value IS NULL THEN 1 ELSE 0 END) AS INT) AS n_missing,
        sum(figures.value) AS total,
        max(figures.unit) AS unit,
        CASE
            WHEN min(figures.qualifier) = max(figures.qualifier) THEN min(figures.qualifier)
            WHEN min(figures.qualifier) IS NOT NULL THEN 'ambiguous'
        END AS qualifier,
        min(figures.release_no) AS release_no,
        max(CASE WHEN figures.largest_first = 1 AND figures.value IS NOT NULL THEN figures.department END)
            AS largest_department,
        max(figures.value) AS largest_value
    FROM figures
    GROUP BY
        figures.indicator, figures.definition, figures.period_start, figures.period_end,
        figures.accumulation
)
SELECT
    added_up.indicator,
    added_up.definition,
    added_up.period_start,
    added_up.period_end,
    added_up.accumulation,
    added_up.n_departments,
    added_up.n_zero,
    added_up.n_above_zero,
    added_up.n_missing,
    added_up.total,
    added_up.unit,
    added_up.qualifier,
    CASE added_up.release_no WHEN 2 THEN 'published' WHEN 1 THEN 'approved' ELSE 'draft' END AS release,
    added_up.largest_department,
    added_up.largest_value,
    100 * added_up.largest_value / nullif(added_up.total, 0) AS largest_share_pct,
    previous.total AS previous_total,
    previous.n_departments AS previous_n_departments,
    previous.n_zero AS previous_n_zero,
    previous.n_above_zero AS previous_n_above_zero,
    previous.period_end AS previous_period_end,
    previous.edition AS previous_edition
FROM added_up
LEFT JOIN previous
    ON  previous.indicator = added_up.indicator
    AND previous.accumulation = added_up.accumulation
ORDER BY
    added_up.indicator,
    added_up.definition,
    added_up.period_start NULLS LAST,
    added_up.accumulation;
