/*---
summary    = "The figures of an annex to be printed, in printed order, beside those of the notice before"
summary_zh = "拟印附表的数据：按印发的顺序排列，并列上次通报的数据"
reads      = ["cells_by_period", "departments", "indicators", "observations", "observations_latest", "session"]
order      = ["row_no", "indicator", "definition", "period_start", "accumulation"]
show       = ["row_no", "row_label", "indicator", "value", "release", "previous_value"]

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
row_no              = "int"        # of the printed row, from 1
row_label           = "text"       # as the notice has it that the order is taken from, else the department's name
department          = { type = "text", values = "departments" }
indicator           = { type = "text", values = "indicators" }
definition          = "int"
period_start        = "date?"
period_end          = "date"
accumulation        = { type = "text", values = ["point", "period", "year_to_date", "since_launch"] }
value               = { type = "double?", status = "obs_status" }  # in `unit`
obs_status          = { type = "text", values = ["reported", "returned", "not_applicable", "missing", "estimated", "partly_missing", "partly_returned", "other_span", "other_definition"] }
unit                = "text?"      # null where the column is printed over another span
qualifier           = { type = "text?", values = ["approx", "more_than", "less_than", "ambiguous"] }
release             = { type = "text?", values = ["draft", "approved", "published"] }  # null for a sum of figures of several releases
column_label        = "text?"      # as printed; null unless the figure stands in the notice that the order is taken from
edition             = "text?"
note                = "text?"
previous_value      = "double?"    # of the notice before, which no figure here comes from
previous_period_end = "date?"
previous_edition    = "text?"

[returns_zh]
row_no              = "印出的行次，从1起"
row_label           = "按排序所依通报的写法，没有则用部门名称"
value               = "单位见 `unit`"
unit                = "该列按另一统计区间印发的为空"
release             = "由核定状态不同的数据合计而得的为空"
column_label        = "印出的列名；数据不在排序所依通报中的为空"
previous_value      = "上次通报的数据，本表数据均不出自该通报"
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
        cell.obs_status,
        cell.note,
        cell.edition,
        obs.unit,
        obs.qualifier,
        obs.release,
        obs.column_label,
        obs.batch
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
),
published AS (
    SELECT
        obs.department,
        obs.indicator,
        obs.definition,
        obs.period_end,
        obs.accumulation,
        obs.value,
        obs.row_label,
        obs.row_idx,
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
own AS (
    SELECT
        figures.batch,
        count(*) AS n_figures
    FROM figures
    WHERE figures.batch IS NOT NULL
    GROUP BY figures.batch
),
-- The order is that of the notice which most of the figures come from; where they come from none, as
-- figures that departments reported do, that of the last one.
notices AS (
    SELECT
        notice.batch,
        own.n_figures IS NOT NULL AS is_own,
        row_number() OVER (
            ORDER BY
                coalesce(own.n_figures, 0) DESC, notice.known_on DESC, notice.received_at DESC,
                notice.batch DESC
        ) AS model_no,
        row_number() OVER (
            PARTITION BY own.n_figures IS NOT NULL
            ORDER BY notice.known_on DESC, notice.received_at DESC, notice.batch DESC
        ) AS newest_no
    FROM (
        SELECT DISTINCT published.batch, published.known_on, published.received_at FROM published
    ) AS notice
    LEFT JOIN own
        ON own.batch = notice.batch
),
printed_rows AS (
    SELECT
        published.department,
        min(published.row_idx) AS row_idx,
        min(published.row_label) AS row_label
    FROM published
    JOIN notices
        ON  notices.batch = published.batch
        AND notices.model_no = 1
    GROUP BY published.department
),
previous AS (
    SELECT
        published.department,
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
        AND NOT notices.is_own
        AND notices.newest_no = 1
)
SELECT
    CAST(
        dense_rank() OVER (
            ORDER BY
                printed_rows.row_idx NULLS LAST, dept.official_order NULLS LAST, figures.department
        ) AS INT
    ) AS row_no,
    coalesce(printed_rows.row_label, dept.name_zh, figures.department) AS row_label,
    figures.department,
    figures.indicator,
    figures.definition,
    figures.period_start,
    figures.period_end,
    figures.accumulation,
    figures.value,
    figures.obs_status,
    figures.unit,
    figures.qualifier,
    figures.release,
    CASE WHEN notices.model_no = 1 THEN figures.column_label END AS column_label,
    figures.edition,
    figures.note,
    previous.value AS previous_value,
    previous.period_end AS previous_period_end,
    previous.edition AS previous_edition
FROM figures
LEFT JOIN notices
    ON notices.batch = figures.batch
LEFT JOIN printed_rows
    ON printed_rows.department = figures.department
LEFT JOIN departments AS dept
    ON dept.department = figures.department
LEFT JOIN previous
    ON  previous.department = figures.department
    AND previous.indicator = figures.indicator
    AND previous.accumulation = figures.accumulation
    AND previous.newest_first = 1
ORDER BY
    row_no,
    figures.indicator,
    figures.definition,
    figures.period_start NULLS LAST,
    figures.accumulation;
