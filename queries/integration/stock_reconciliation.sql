/*---
summary    = "Whether what was connected before, with what was added and withdrawn, makes what is connected now"
summary_zh = "存量勾稽：期初数＋新增－撤下＝期末数，及未说明的差额"
reads      = ["departments", "observations_latest", "period_flows"]
order      = ["region", "official_order", "department", "definition", "unit"]
show       = ["department_name", "opening", "added", "withdrawn", "closing", "difference", "unexplained", "is_reconciled", "cause"]

[params.stock]
type    = "text"
default = "apps_connected"
values  = ["apps_connected", "items_connected"]
help    = "apps_connected (with apps_connected_in_year and apps_withdrawn) or items_connected (with items_connected_new and items_withdrawn)"
help_zh = "apps_connected（便民应用，新增取 apps_connected_in_year，撤下取 apps_withdrawn）或 items_connected（对接事项，新增取 items_connected_new，撤下取 items_withdrawn）"

[params.period]
type    = "date?"
help    = "last day of the period; without it the latest that the stock has, per region"
help_zh = "统计期末日；不给则取该存量在各地区的最近一期"

[returns]
region             = { type = "text", values = "regions" }
period_end         = "date"       # of the closing stock
department         = { type = "text", values = "departments" }
department_name    = "text"
kind               = { type = "text?", values = ["provincial", "central", "mass_organisation"] }
opening_period_end = "date?"      # of the stock before; null where there is none
opening            = "double?"    # in `unit`
added              = "double?"    # in `unit`; null where the figures published do not make up exactly the time between
withdrawn          = "double?"    # in `unit`; the same
closing            = "double?"    # in `unit`
expected_closing   = "double?"    # in `unit`; opening and added less withdrawn, what is not told counting as 0
difference         = { type = "double?", format = "change" }  # in `unit`; closing less opening
unexplained        = "double?"    # in `unit`; closing less what is expected
is_reconciled      = "bool?"      # nothing is unexplained; null where the added ones are not known
cause              = { type = "text?", values = ["no_figure", "no_earlier_figure", "definition_changed", "added_not_told", "added_for_another_time"] }
is_withdrawn_told  = "bool"       # otherwise they count as 0
added_in_part      = "double?"    # in `unit`; what the figures published tell, where they are for another time
unit               = "text"
definition         = "int"
edition            = "text?"      # of the closing stock
opening_edition    = "text?"
official_order     = "int?"

[returns_zh]
period_end         = "期末存量的统计期末日"
opening_period_end = "期初存量的截止日；没有期初存量的为空"
opening            = "单位见 `unit`"
added              = "单位见 `unit`；印发数据不能恰好覆盖期初至期末的为空"
withdrawn          = "单位见 `unit`；印发数据不能恰好覆盖期初至期末的为空"
closing            = "单位见 `unit`"
expected_closing   = "单位见 `unit`；期初数加新增数减撤下数，未公布的按0计"
difference         = "单位见 `unit`；期末数减期初数"
unexplained        = "单位见 `unit`；期末数减应有期末数"
is_reconciled      = "是否没有未说明的差额；新增数不明的为空"
is_withdrawn_told  = "未公布的按0计"
added_in_part      = "单位见 `unit`；印发数据为其他时段时所载的新增数"
edition            = "期末存量所据文件"
---*/
WITH stocks AS (
    SELECT
        latest.region,
        latest.department,
        latest.definition,
        latest.unit,
        latest.period_end,
        latest.value,
        latest.edition,
        max(latest.period_end) OVER (PARTITION BY latest.region) AS latest_period_end,
        lag(latest.period_end) OVER before AS opening_period_end,
        lag(latest.value) OVER before AS opening,
        lag(latest.definition) OVER before AS opening_definition,
        lag(latest.unit) OVER before AS opening_unit,
        lag(latest.edition) OVER before AS opening_edition
    FROM observations_latest AS latest
    WHERE latest.indicator = $stock
        AND latest.accumulation = 'point'
        AND latest.department IS NOT NULL
        AND latest.breakdown IS NULL
        AND latest.value_text IS NULL
    WINDOW before AS (
        PARTITION BY latest.region, latest.department
        ORDER BY latest.period_end, latest.definition, latest.unit
    )
),
pairs AS (
    SELECT
        stocks.region,
        stocks.department,
        stocks.definition,
        stocks.unit,
        stocks.period_end,
        stocks.value,
        stocks.edition,
        stocks.opening_period_end,
        stocks.opening,
        stocks.opening_edition,
        CASE
            WHEN stocks.value IS NULL THEN 'no_figure'
            WHEN stocks.opening IS NULL THEN 'no_earlier_figure'
            WHEN stocks.opening_definition <> stocks.definition OR stocks.opening_unit <> stocks.unit
            THEN 'definition_changed'
        END AS cause
    FROM stocks
    WHERE stocks.period_end = coalesce(CAST($period AS DATE), stocks.latest_period_end)
),
flows AS (
    SELECT
        flow.indicator IN ('apps_connected_in_year', 'items_connected_new') AS is_added,
        flow.region,
        flow.department,
        flow.unit,
        flow.period_start,
        flow.period_end,
        flow.value
    FROM period_flows AS flow
    WHERE flow.made <> 'none'
        AND flow.breakdown IS NULL
        AND flow.department IS NOT NULL
        AND (
            ($stock = 'apps_connected' AND flow.indicator IN ('apps_connected_in_year', 'apps_withdrawn'))
            OR ($stock = 'items_connected' AND flow.indicator IN ('items_connected_new', 'items_withdrawn'))
        )
),
-- What was told for the time between the two stocks, and whether it is for all of that time and no other.
told AS (
    SELECT
        pairs.region,
        pairs.department,
        pairs.definition,
        pairs.unit,
        flows.is_added,
        sum(flows.value) AS value,
        min(flows.period_start) = CAST(max(pairs.opening_period_end) + INTERVAL 1 DAY AS DATE)
            AND max(flows.period_end) = max(pairs.period_end)
            AND sum(date_diff('day', flows.period_start, flows.period_end) + 1)
                = date_diff('day', max(pairs.opening_period_end), max(pairs.period_end)) AS is_exact
    FROM pairs
    JOIN flows
        ON  flows.region = pairs.region
        AND flows.department = pairs.department
        AND flows.unit = pairs.unit
        AND flows.period_end > pairs.opening_period_end
        AND flows.period_start <= pairs.period_end
    WHERE pairs.cause IS NULL
    GROUP BY pairs.region, pairs.department, pairs.definition, pairs.unit, flows.is_added
),
balanced AS (
    SELECT
        pairs.region,
        pairs.department,
        pairs.definition,
        pairs.unit,
        pairs.period_end,
        pairs.edition,
        pairs.opening_period_end,
        pairs.opening,
        pairs.opening_edition,
        pairs.value AS closing,
        CASE WHEN pairs.cause IS NULL THEN pairs.value - pairs.opening END AS difference,
        CASE WHEN adds.is_exact THEN adds.value END AS added,
        CASE WHEN NOT adds.is_exact THEN adds.value END AS added_in_part,
        CASE WHEN gone.is_exact THEN gone.value END AS withdrawn,
        coalesce(
            pairs.cause,
            CASE WHEN adds.is_exact IS NULL THEN 'added_not_told'
                WHEN NOT adds.is_exact THEN 'added_for_another_time'
            END
        ) AS cause
    FROM pairs
    LEFT JOIN told AS adds
        ON  adds.region = pairs.region
        AND adds.department = pairs.department
        AND adds.definition = pairs.definition
        AND adds.unit = pairs.unit
        AND adds.is_added
    LEFT JOIN told AS gone
        ON  gone.region = pairs.region
        AND gone.department = pairs.department
        AND gone.definition = pairs.definition
        AND gone.unit = pairs.unit
        AND NOT gone.is_added
)
SELECT
    balanced.region,
    balanced.period_end,
    balanced.department,
    coalesce(dept.name_zh, balanced.department) AS department_name,
    dept.kind,
    balanced.opening_period_end,
    balanced.opening,
    balanced.added,
    balanced.withdrawn,
    balanced.closing,
    CASE
        WHEN balanced.difference IS NOT NULL
        THEN balanced.opening + coalesce(balanced.added, 0) - coalesce(balanced.withdrawn, 0)
    END AS expected_closing,
    balanced.difference,
    balanced.difference - coalesce(balanced.added, 0) + coalesce(balanced.withdrawn, 0) AS unexplained,
    CASE
        WHEN balanced.added IS NOT NULL
        THEN balanced.difference = balanced.added - coalesce(balanced.withdrawn, 0)
    END AS is_reconciled,
    balanced.cause,
    balanced.withdrawn IS NOT NULL AS is_withdrawn_told,
    balanced.added_in_part,
    balanced.unit,
    balanced.definition,
    balanced.edition,
    balanced.opening_edition,
    dept.official_order
FROM balanced
LEFT JOIN departments AS dept
    ON dept.department = balanced.department
ORDER BY
    balanced.region,
    dept.official_order NULLS LAST,
    balanced.department,
    balanced.definition,
    balanced.unit;
