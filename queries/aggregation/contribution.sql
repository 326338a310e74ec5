/*---
summary    = "What each department contributed to the change of the total, with and without the largest"
summary_zh = "各部门对总量变动的贡献率，含与不含变动最大的部门"
reads      = ["departments", "figure_notes", "indicators", "observations_latest", "period_flows"]
order      = ["region", "position", "official_order", "department"]
show       = ["position", "department_name", "value", "base_value", "change", "contribution_pct", "contribution_without_largest_pct", "growth_points", "cause"]

[params.indicator]
type    = "text"
default = "cases_aggregated"
kinds   = ["flow", "stock"]
help    = "indicator id, as cases_aggregated; not one of rates"
help_zh = "指标代码，如 cases_aggregated；不用于比率"

[params.frequency]
type    = "text"
default = "quarter"
values  = ["month", "quarter", "half", "year", "year_to_date"]
help    = "length of the period: month, quarter, half, year, or year_to_date (January to the end of the period, always against the same months of the year before)"
help_zh = "统计期长度：month（当月）、quarter（当季）、half（半年）、year（全年）或 year_to_date（年初至期末累计，只与去年同期累计比）"

[params.base]
type    = "text"
default = "previous"
values  = ["previous", "year_before"]
help    = "previous (the period of the same length before) or year_before (the same months of the year before)"
help_zh = "previous（环比，与上一等长时期比）或 year_before（同比，与去年同期比）"

[params.period]
type    = "date?"
help    = "last day of the period; without it the latest that the indicator has, per region"
help_zh = "统计期末日；不给则取该指标在各地区的最近一期"

[returns]
region                           = { type = "text", values = "regions" }
period_start                     = "date"
period_end                       = "date"
base_period_start                = "date"
base_period_end                  = "date"
indicator                        = { type = "text", values = "indicators" }
position                         = "int?"      # by the size of the change, up or down; null where there is none
department                       = { type = "text", values = "departments" }
department_name                  = "text"
kind                             = { type = "text?", values = ["provincial", "central", "mass_organisation"] }
value                            = { type = "double?", unit = "$indicator", revised = "is_revised_down", approximate = "is_approximate" }  # in the unit of the indicator; added in the period alone, of a stock its level at the end
base_value                       = { type = "double?", unit = "$indicator", revised = "is_revised_down", approximate = "is_approximate" }  # the same of the base
change                           = { type = "double?", unit = "$indicator", format = "change", revised = "is_revised_down", approximate = "is_approximate" }  # value less base_value; null where `cause` says why
cause                            = { type = "text?", values = ["not_in_period", "no_figure", "returned", "resubmitted", "revised_down", "doubtful_fall", "longer_span", "no_earlier_figure", "definition_changed", "unit_changed", "departments_changed", "other_definition", "other_unit"] }  # longer_span: no figure of one of the periods alone; doubtful_fall: the figure at the end of one is less than half of the one before, and no later one bears it out; resubmitted: a note says that one of them has earlier data that came late or once more, which is no growth
is_largest                       = "bool"      # the largest change, up or down
is_revised_down                  = "bool"      # a figure published within one of the periods was too high: a later one is lower
is_approximate                   = "bool"      # one of the figures is told with a qualifier, estimated or rounded
contribution_pct                 = "double?"   # percent: change over that of the total; null where that is 0
contribution_without_largest_pct = "double?"   # percent of what the others changed together; null for the largest and where that is 0
growth_points                    = { type = "double?", format = "change", decimals = 2 }  # percentage points of the total's growth: change over the total of the base; null where that is 0
total_change                     = { type = "double?", format = "change" }  # of the departments that are compared
total_change_without_largest     = "double?"
total_growth_pct                 = { type = "double?", format = "change" }  # percent of their base; null where that is 0
n_compared                       = "bigint"    # departments with a change: both totals are theirs alone
n_departments                    = "bigint"    # departments with a figure at the end of one of the two periods
definition_began                 = "date?"     # day within one of the two periods on which a definition began: figures of that period count under it altogether
recount                          = "text?"     # what a note says, under a table of figures after the base, of figures being counted otherwise, where none up to the base says so; or under one within the base, which took away a figure that was counted as before
official_order                   = "int?"

[returns_zh]
position                         = "按变动幅度排列，不论增减；无变动数的为空"
value                            = "单位同指标；流量为本期新增数，存量为期末数"
base_value                       = "对比期的相应数据"
change                           = "value 减 base_value；`cause` 载明原因的为空"
cause                            = "未计算变动的原因。longer_span（跨多期）：两期之一没有单独数据；doubtful_fall（骤降存疑）：期末数据不足上期一半，且无后续数据印证；resubmitted（含补报的以前数据）：附注称两期之一含迟报或重报的以前数据，不属增长"
is_largest                       = "变动幅度是否最大，不论增减"
is_revised_down                  = "两期之内是否有印发数偏高，后经下调"
is_approximate                   = "所据数据中是否有约数、估计数或取整数"
contribution_pct                 = "贡献率：变动占合计变动的比例；合计变动为零的为空"
contribution_without_largest_pct = "变动占去除最大后合计变动的比例；变动最大的部门为空，该合计变动为零的也为空"
growth_points                    = "拉动合计增长的百分点：变动与对比期合计之比；对比期合计为零的为空"
total_change                     = "可比部门的合计变动"
total_growth_pct                 = "可比部门合计变动占其对比期合计的比例；对比期合计为零的为空"
n_compared                       = "有变动数的部门；两期合计只计这些部门"
n_departments                    = "两期之一的期末有数据的部门"
definition_began                 = "两期之内启用新口径之日；该期数据全部按新口径计"
recount                          = "附注关于统计口径调整的原文：载于对比期之后的表下，而对比期及以前的表均无此说明；或载于对比期内的表下，而所减数据仍按原口径统计"
---*/
-- As official statistics have it: a contribution is the change of one part over the change of the total,
-- between two periods of the same length, and the points are that change over the total of the base, so
-- that they add up to the growth. Both are about what was added in the periods alone, because what a
-- year to date has more than the month before is the flow of that month and not its change. The flow of
-- a period is the sum of the steps between published figures that fill it, day by day. A stock has
-- levels, and its change is between the ends of the periods. Sums over different numbers of departments
-- are not set against each other.
WITH facts AS (
    SELECT
        flow.region,
        flow.department,
        flow.definition,
        flow.unit,
        flow.accumulation,
        -- Figures of single periods go together where they are as long as each other.
        CASE WHEN flow.accumulation <> 'period' THEN flow.cumulative_start END AS counted_from,
        CASE WHEN flow.accumulation = 'period' THEN flow.n_months END AS n_months,
        flow.n_parts,
        flow.period_start,
        flow.period_end,
        flow.value,
        flow.made <> 'none' AS is_told,
        false AS is_level,
        flow.cause,
        flow.is_revised_down,
        flow.is_approximate,
        flow.obs_status
    FROM period_flows AS flow
    WHERE flow.indicator = $indicator
        AND flow.department IS NOT NULL
        AND flow.breakdown IS NULL
    UNION ALL
    SELECT
        latest.region,
        latest.department,
        latest.definition,
        latest.unit,
        latest.accumulation,
        latest.period_start AS counted_from,
        CAST(NULL AS INT) AS n_months,
        latest.n_parts,
        latest.period_start,
        latest.period_end,
        latest.value,
        latest.value IS NOT NULL AS is_told,
        true AS is_level,
        CASE WHEN latest.value IS NULL THEN 'missing' END AS cause,
        false AS is_revised_down,
        latest.is_approximate,
        latest.obs_status
    FROM observations_latest AS latest
    LEFT JOIN indicators AS ind
        ON  ind.indicator = latest.indicator
        AND ind.definition = latest.definition
    WHERE latest.indicator = $indicator
        AND latest.department IS NOT NULL
        AND latest.breakdown IS NULL
        AND latest.value_text IS NULL
        AND (latest.accumulation = 'point' OR ind.kind = 'stock')
        AND coalesce(ind.kind, '') <> 'ratio'
        AND latest.unit <> '%'
),
ends AS (
    SELECT
        facts.region,
        max(facts.period_end) AS period_end,
        CAST(date_trunc('month', max(facts.period_end)) AS DATE) AS last_month
    FROM facts
    WHERE facts.period_end = last_day(facts.period_end)
        AND month(facts.period_end)
            % CASE $frequency WHEN 'quarter' THEN 3 WHEN 'half' THEN 6 WHEN 'year' THEN 12 ELSE 1 END = 0
        AND (CAST($period AS DATE) IS NULL OR facts.period_end = CAST($period AS DATE))
    GROUP BY facts.region
),
starts AS (
    SELECT
        ends.region,
        CAST(
            CASE $frequency
                WHEN 'month' THEN ends.last_month
                WHEN 'quarter' THEN ends.last_month - INTERVAL 2 MONTH
                WHEN 'half' THEN ends.last_month - INTERVAL 5 MONTH
                WHEN 'year' THEN ends.last_month - INTERVAL 11 MONTH
                ELSE date_trunc('year', ends.last_month)
            END AS DATE
        ) AS period_start,
        ends.period_end
    FROM ends
),
periods AS (
    SELECT
        starts.region,
        starts.period_start,
        starts.period_end,
        CAST(
            CASE
                WHEN $base = 'year_before' THEN starts.period_start - INTERVAL 1 YEAR
                WHEN $frequency = 'month' THEN starts.period_start - INTERVAL 1 MONTH
                WHEN $frequency = 'quarter' THEN starts.period_start - INTERVAL 3 MONTH
                WHEN $frequency = 'half' THEN starts.period_start - INTERVAL 6 MONTH
                ELSE starts.period_start - INTERVAL 1 YEAR
            END AS DATE
        ) AS base_start,
        CASE
            WHEN $base = 'previous' AND $frequency <> 'year_to_date'
            THEN CAST(starts.period_start - INTERVAL 1 DAY AS DATE)
            ELSE last_day(CAST(starts.period_end - INTERVAL 1 YEAR AS DATE))
        END AS base_end
    FROM starts
),
-- A definition that began with a period makes figures of another one; within it, it is not seen in them.
begun AS (
    SELECT
        periods.region,
        max(ind.valid_from) AS day
    FROM periods
    JOIN indicators AS ind
        ON  ind.indicator = $indicator
        AND (
            (ind.valid_from > periods.period_start AND ind.valid_from <= periods.period_end)
            OR (ind.valid_from > periods.base_start AND ind.valid_from <= periods.base_end)
        )
    GROUP BY periods.region
),
-- Since when figures are counted otherwise stands in the definitions; where it does not, a note is all that
-- tells it.
noted AS (
    SELECT
        note.region,
        note.department,
        note.accumulation,
        note.first_day,
        note.period_end,
        note.code,
        note.sentence
    FROM figure_notes AS note
    WHERE note.indicator = $indicator
        AND note.department IS NOT NULL
        AND note.breakdown IS NULL
),
-- A flow within the base has two ways of counting in it where only the figure at its end has the new one: a
-- figure that began before the base, or one of several that fill it.
sentences AS (
    SELECT
        periods.region,
        noted.sentence
    FROM periods
    JOIN noted
        ON  noted.region = periods.region
        AND noted.period_end <= periods.period_end
    WHERE noted.code = 'note.definition_changed'
    GROUP BY
        periods.region,
        noted.sentence
    HAVING min(
        CASE
            WHEN noted.period_end > periods.base_end THEN 1
            WHEN noted.period_end < periods.base_start OR noted.accumulation = 'point' THEN 0
            WHEN noted.accumulation = 'period' AND noted.first_day > periods.base_start THEN 1
            WHEN noted.accumulation <> 'period' AND noted.first_day < periods.base_start THEN 1
            ELSE 0
        END
    ) = 1
),
recounted AS (
    SELECT
        sentences.region,
        max(sentences.sentence) AS sentence
    FROM sentences
    GROUP BY sentences.region
),
-- Departments of which a note says that data of earlier times came in late, or once more.
late AS (
    SELECT DISTINCT
        periods.region,
        noted.department
    FROM periods
    JOIN noted
        ON  noted.region = periods.region
        AND (
            noted.period_end BETWEEN periods.period_start AND periods.period_end
            OR noted.period_end BETWEEN periods.base_start AND periods.base_end
        )
    WHERE noted.code = 'note.resubmitted'
),
-- Both periods of one row, and not each of a SELECT of its own: what stands before is planned once less.
spans AS (
    SELECT
        periods.region,
        side.is_base,
        CASE WHEN side.is_base THEN periods.base_start ELSE periods.period_start END AS span_start,
        CASE WHEN side.is_base THEN periods.base_end ELSE periods.period_end END AS span_end
    FROM periods
    CROSS JOIN (SELECT true AS is_base UNION ALL SELECT false AS is_base) AS side
),
within AS (
    SELECT
        facts.region,
        facts.department,
        spans.is_base,
        facts.definition,
        facts.unit,
        facts.accumulation,
        facts.counted_from,
        facts.n_months,
        facts.n_parts,
        facts.period_start,
        facts.period_end,
        spans.span_start,
        spans.span_end,
        facts.value,
        facts.is_level,
        facts.is_told
            AND (
                facts.is_level
                OR (
                    facts.period_start >= spans.span_start
                    -- Of those that overlap, as of three months every month, the ones end to end.
                    AND coalesce(
                        (
                            (year(facts.period_start) - year(spans.span_start)) * 12
                                + month(facts.period_start) - month(spans.span_start)
                        ) % facts.n_months = 0,
                        true
                    )
                )
            ) AS is_part,
        facts.period_end = spans.span_end AS is_end,
        coalesce(facts.cause = 'revised_down', false) AS is_too_high,
        facts.cause,
        facts.is_revised_down,
        facts.is_approximate,
        facts.obs_status IN ('returned', 'partly_returned') AS is_returned
    FROM facts
    -- Also the figure of the day before, from which the first step of the period is counted.
    JOIN spans
        ON  spans.region = facts.region
        AND facts.period_end >= CAST(spans.span_start - INTERVAL 1 DAY AS DATE)
        AND facts.period_end <= spans.span_end
    WHERE NOT facts.is_level
        OR facts.period_end = spans.span_end
),
parts AS (
    SELECT
        within.region,
        within.department,
        within.is_base,
        within.definition,
        within.unit,
        within.accumulation,
        within.counted_from,
        within.n_months,
        within.n_parts,
        within.period_end,
        within.span_end,
        within.value,
        within.is_returned,
        within.is_revised_down,
        within.is_approximate,
        within.is_level
            OR within.period_start = coalesce(
                CAST(lag(within.period_end) OVER way + INTERVAL 1 DAY AS DATE),
                within.span_start
            ) AS is_next
    FROM within
    WHERE within.is_part
    WINDOW way AS (
        PARTITION BY
            within.region, within.department, within.is_base, within.definition, within.unit,
            within.accumulation, within.counted_from, within.n_months, within.n_parts
        ORDER BY within.period_end
    )
),
-- Steps fill a period where the first begins with it, every other on the day after the one before, and
-- the last ends with it.
filled AS (
    SELECT
        parts.region,
        parts.department,
        parts.is_base,
        parts.definition,
        parts.unit,
        parts.n_parts,
        concat(
            CAST(10000 + count(*) AS STRING),
            CASE parts.accumulation
                WHEN 'year_to_date' THEN 'a'
                WHEN 'since_launch' THEN 'b'
                WHEN 'point' THEN 'c'
                ELSE 'd'
            END,
            coalesce(CAST(parts.counted_from AS STRING), ''),
            CAST(10000 + parts.n_parts AS STRING)
        ) AS way_order,
        sum(parts.value) AS value,
        max(CASE WHEN parts.is_returned THEN 1 ELSE 0 END) AS is_returned,
        max(CASE WHEN parts.is_revised_down THEN 1 ELSE 0 END) AS is_revised,
        max(CASE WHEN parts.is_approximate THEN 1 ELSE 0 END) AS is_approximate
    FROM parts
    GROUP BY
        parts.region, parts.department, parts.is_base, parts.definition, parts.unit,
        parts.accumulation, parts.counted_from, parts.n_months, parts.n_parts
    HAVING min(CASE WHEN parts.is_next THEN 1 ELSE 0 END) = 1
        AND max(parts.period_end) = max(parts.span_end)
),
-- Of both periods what is in one definition and unit and added up over as many departments.
amounts AS (
    SELECT
        filled.region,
        filled.department,
        filled.definition,
        filled.unit,
        coalesce(
            min(CASE WHEN filled.is_base THEN NULL ELSE filled.way_order END),
            min(filled.way_order)
        ) AS way_order,
        min_by(filled.value, CASE WHEN filled.is_base THEN NULL ELSE filled.way_order END) AS value,
        min_by(filled.is_returned, CASE WHEN filled.is_base THEN NULL ELSE filled.way_order END)
            AS is_returned,
        min_by(filled.is_revised, CASE WHEN filled.is_base THEN NULL ELSE filled.way_order END)
            AS is_revised,
        min_by(filled.is_approximate, CASE WHEN filled.is_base THEN NULL ELSE filled.way_order END)
            AS is_approximate,
        min_by(filled.value, CASE WHEN filled.is_base THEN filled.way_order END) AS base_value,
        min_by(filled.is_returned, CASE WHEN filled.is_base THEN filled.way_order END) AS was_returned,
        min_by(filled.is_revised, CASE WHEN filled.is_base THEN filled.way_order END) AS was_revised,
        min_by(filled.is_approximate, CASE WHEN filled.is_base THEN filled.way_order END)
            AS was_approximate
    FROM filled
    GROUP BY filled.region, filled.department, filled.definition, filled.unit, filled.n_parts
),
measures AS (
    SELECT
        amounts.region,
        amounts.definition,
        amounts.unit,
        max(CASE WHEN amounts.value IS NOT NULL THEN 1 ELSE 0 END) AS has_value,
        max(CASE WHEN amounts.unit = ind.unit THEN 1 ELSE 0 END) AS is_own_unit,
        count(DISTINCT amounts.department) AS n_departments
    FROM amounts
    LEFT JOIN indicators AS ind
        ON  ind.indicator = $indicator
        AND ind.definition = amounts.definition
    GROUP BY amounts.region, amounts.definition, amounts.unit
),
-- The newest definition for all and one unit, so that no sum mixes two of them: that of the indicator, or
-- else the one that most departments have.
commons AS (
    SELECT
        measures.region,
        measures.definition,
        measures.unit,
        row_number() OVER (
            PARTITION BY measures.region
            ORDER BY
                measures.has_value DESC,
                measures.definition DESC,
                measures.is_own_unit DESC,
                measures.n_departments DESC,
                measures.unit
        ) AS choice
    FROM measures
),
ranked AS (
    SELECT
        amounts.region,
        amounts.department,
        amounts.definition,
        amounts.unit,
        amounts.value,
        amounts.is_returned,
        amounts.is_revised,
        amounts.is_approximate,
        amounts.base_value,
        amounts.was_returned,
        amounts.was_revised,
        amounts.was_approximate,
        commons.definition AS newest_definition,
        commons.unit AS common_unit,
        count(amounts.base_value) OVER (PARTITION BY amounts.region, amounts.department) AS n_bases,
        count(amounts.base_value) OVER (
            PARTITION BY amounts.region, amounts.department, amounts.definition
        ) AS n_bases_of_definition,
        count(amounts.base_value) OVER (
            PARTITION BY amounts.region, amounts.department, amounts.definition, amounts.unit
        ) AS n_bases_of_unit,
        row_number() OVER (
            PARTITION BY amounts.region, amounts.department
            ORDER BY
                CASE WHEN amounts.value IS NULL THEN 1 ELSE 0 END,
                amounts.definition DESC,
                CASE WHEN amounts.unit = commons.unit THEN 0 ELSE 1 END,
                amounts.unit,
                amounts.way_order
        ) AS choice
    FROM amounts
    JOIN commons
        ON  commons.region = amounts.region
        AND commons.choice = 1
),
-- What is known of each department whether it has an amount or not.
standing AS (
    SELECT
        within.region,
        within.department,
        within.is_base,
        max(CASE WHEN within.is_end THEN 1 ELSE 0 END) AS is_there,
        max(CASE WHEN within.is_returned AND (within.is_part OR within.is_end) THEN 1 ELSE 0 END)
            AS is_returned,
        max(
            CASE
                WHEN within.is_too_high THEN 1
                WHEN within.is_revised_down AND (within.is_part OR within.is_end) THEN 1
                ELSE 0
            END
        ) AS is_revised,
        max(CASE WHEN within.is_end THEN within.cause END) AS cause
    FROM within
    GROUP BY within.region, within.department, within.is_base
),
sides AS (
    SELECT
        standing.region,
        standing.department,
        max(CASE WHEN standing.is_base THEN 0 ELSE standing.is_there END) AS is_there,
        max(CASE WHEN standing.is_base THEN 0 ELSE standing.is_returned END) AS is_returned,
        max(CASE WHEN standing.is_base THEN 0 ELSE standing.is_revised END) AS is_revised,
        max(CASE WHEN standing.is_base THEN NULL ELSE standing.cause END) AS cause,
        max(CASE WHEN standing.is_base THEN standing.is_there ELSE 0 END) AS was_there,
        max(CASE WHEN standing.is_base THEN standing.is_returned ELSE 0 END) AS was_returned,
        max(CASE WHEN standing.is_base THEN standing.is_revised ELSE 0 END) AS was_revised,
        max(CASE WHEN standing.is_base THEN standing.cause END) AS base_cause
    FROM standing
    GROUP BY standing.region, standing.department
),
-- An amount is judged by the figures that it is made of, and only where there is none by all of them.
chosen AS (
    SELECT
        sides.region,
        sides.department,
        sides.is_there,
        sides.was_there,
        sides.cause,
        sides.base_cause,
        coalesce(ranked.is_returned, sides.is_returned) AS is_returned,
        coalesce(ranked.is_revised, sides.is_revised) AS is_revised,
        coalesce(ranked.was_returned, sides.was_returned) AS was_returned,
        coalesce(ranked.was_revised, sides.was_revised) AS was_revised,
        ranked.value,
        ranked.base_value,
        ranked.is_approximate,
        ranked.was_approximate,
        ranked.definition = ranked.newest_definition AS is_newest,
        ranked.unit = ranked.common_unit AS is_of_unit,
        ranked.n_bases,
        ranked.n_bases_of_definition,
        ranked.n_bases_of_unit,
        late.department IS NOT NULL AS is_resubmitted
    FROM sides
    LEFT JOIN ranked
        ON  ranked.region = sides.region
        AND ranked.department = sides.department
        AND ranked.choice = 1
    LEFT JOIN late
        ON  late.region = sides.region
        AND late.department = sides.department
    WHERE sides.is_there = 1
        OR sides.was_there = 1
),
judged AS (
    SELECT
        chosen.region,
        chosen.department,
        chosen.is_revised = 1 OR chosen.was_revised = 1 AS is_revised_down,
        coalesce(chosen.is_approximate = 1, false) OR coalesce(chosen.was_approximate = 1, false)
            AS is_approximate,
        CASE WHEN chosen.is_newest AND chosen.is_of_unit THEN chosen.value END AS value,
        CASE WHEN chosen.is_of_unit THEN chosen.base_value END AS base_value,
        CASE
            WHEN chosen.is_there = 0 THEN 'not_in_period'
            -- What was sent back is no fall, and what came again afterwards no growth.
            WHEN chosen.is_returned = 1 THEN 'returned'
            WHEN chosen.value IS NULL AND chosen.is_revised = 1 THEN 'revised_down'
            WHEN chosen.value IS NULL AND chosen.cause IN ('missing', 'not_applicable') THEN 'no_figure'
            WHEN chosen.value IS NULL THEN coalesce(chosen.cause, 'longer_span')
            WHEN NOT chosen.is_newest THEN 'other_definition'
            WHEN NOT chosen.is_of_unit THEN 'other_unit'
            WHEN chosen.was_returned = 1 THEN 'returned'
            WHEN chosen.base_value IS NOT NULL AND chosen.is_resubmitted THEN 'resubmitted'
            WHEN chosen.base_value IS NOT NULL THEN NULL
            WHEN chosen.n_bases_of_unit > 0 THEN 'departments_changed'
            WHEN chosen.n_bases_of_definition > 0 THEN 'unit_changed'
            WHEN chosen.n_bases > 0 THEN 'definition_changed'
            WHEN chosen.was_there = 0 THEN 'no_earlier_figure'
            WHEN chosen.was_revised = 1 THEN 'revised_down'
            WHEN chosen.base_cause IN ('missing', 'not_applicable') THEN 'no_earlier_figure'
            ELSE coalesce(chosen.base_cause, 'longer_span')
        END AS cause
    FROM chosen
),
changed AS (
    SELECT
        judged.region,
        judged.department,
        dept.name_zh,
        dept.kind,
        dept.official_order,
        judged.value,
        judged.base_value,
        judged.cause,
        judged.is_revised_down,
        judged.is_approximate,
        CASE WHEN judged.cause IS NULL THEN judged.value - judged.base_value END AS change,
        row_number() OVER (
            PARTITION BY judged.region
            ORDER BY
                CASE WHEN judged.cause IS NULL THEN abs(judged.value - judged.base_value) END
                    DESC NULLS LAST,
                dept.official_order NULLS LAST,
                judged.department
        ) AS place
    FROM judged
    LEFT JOIN departments AS dept
        ON dept.department = judged.department
),
totals AS (
    SELECT
        changed.region,
        changed.department,
        changed.name_zh,
        changed.kind,
        changed.official_order,
        changed.value,
        changed.base_value,
        changed.cause,
        changed.is_revised_down,
        changed.is_approximate,
        changed.change,
        changed.place,
        sum(changed.change) OVER whole AS total_change,
        sum(CASE WHEN changed.place > 1 THEN changed.change END) OVER whole AS rest_change,
        sum(CASE WHEN changed.cause IS NULL THEN changed.base_value END) OVER whole AS total_base,
        count(changed.change) OVER whole AS n_compared,
        count(*) OVER whole AS n_departments
    FROM changed
    WINDOW whole AS (PARTITION BY changed.region)
)
SELECT
    totals.region,
    periods.period_start,
    periods.period_end,
    periods.base_start AS base_period_start,
    periods.base_end AS base_period_end,
    CAST($indicator AS STRING) AS indicator,
    CAST(CASE WHEN totals.change IS NOT NULL THEN totals.place END AS INT) AS position,
    totals.department,
    coalesce(totals.name_zh, totals.department) AS department_name,
    totals.kind,
    totals.value,
    totals.base_value,
    totals.change,
    totals.cause,
    coalesce(totals.place = 1 AND totals.change <> 0, false) AS is_largest,
    totals.is_revised_down,
    totals.is_approximate,
    100 * totals.change / nullif(totals.total_change, 0) AS contribution_pct,
    CASE
        WHEN totals.place > 1 THEN 100 * totals.change / nullif(totals.rest_change, 0)
    END AS contribution_without_largest_pct,
    100 * totals.change / nullif(totals.total_base, 0) AS growth_points,
    totals.total_change,
    totals.rest_change AS total_change_without_largest,
    100 * totals.total_change / nullif(totals.total_base, 0) AS total_growth_pct,
    CAST(totals.n_compared AS BIGINT) AS n_compared,
    CAST(totals.n_departments AS BIGINT) AS n_departments,
    begun.day AS definition_began,
    recounted.sentence AS recount,
    totals.official_order
FROM totals
JOIN periods
    ON periods.region = totals.region
LEFT JOIN begun
    ON begun.region = totals.region
LEFT JOIN recounted
    ON recounted.region = totals.region
ORDER BY
    totals.region,
    position NULLS LAST,
    totals.official_order NULLS LAST,
    totals.department;
