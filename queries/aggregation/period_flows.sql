/*---
summary    = "What was added in each month, quarter, half or year alone, from figures that add up over time"
summary_zh = "分段数据：由累计数推算各月、各季度、半年或全年的当期数"
reads      = ["departments", "figure_notes", "findings", "indicators", "period_flows"]
order      = ["region", "official_order", "department", "breakdown", "definition", "unit", "period_end", "period_start"]
show       = ["department_name", "first_month", "last_month", "value", "cause", "is_whole", "made", "is_revised_down", "closing_value", "opening_value"]
without_department = "whole_region"

[params.indicator]
type    = "text"
default = "cases_aggregated"
kinds   = ["flow"]
help    = "indicator id, as cases_aggregated"
help_zh = "指标代码，如 cases_aggregated"

[params.frequency]
type    = "text"
default = "quarter"
values  = ["month", "quarter", "half", "year", "as_published"]
help    = "month, quarter, half, year, or as_published for every step between published figures"
help_zh = "month（月）、quarter（季）、half（半年）、year（年）或 as_published（按印发期次）"

[params.department]
type    = "text?"
help    = "department id, as tax; without it all"
help_zh = "部门代码，如 tax；不给则全部"

[params.region]
type    = "text?"
help    = "region id, as 630000; without it all"
help_zh = "地区代码，如 630000；不给则全部"

[params.since]
type    = "date?"
help    = "first day: flows that end earlier are left out"
help_zh = "起始日：此前结束的不列"

[params.until]
type       = "date?"
not_before = "since"
help       = "last day: flows that end later are left out"
help_zh    = "截止日：此后结束的不列"

[returns]
region             = { type = "text", values = "regions" }
indicator          = { type = "text", values = "indicators" }
indicator_name     = "text"
department         = { type = "text?", values = "departments" }  # null for figures of the region as a whole
department_name    = "text?"
breakdown          = "text?"
period_start       = "date?"      # null where nothing tells it
period_end         = "date"
first_month        = { type = "date?", format = "month" }  # the month in which it begins, by its first day
last_month         = { type = "date", format = "month" }  # the month in which it ends, by its first day
n_months           = "int?"       # null where it is not of whole months
value              = { type = "double?", status = "obs_status", revised = "is_revised_down", approximate = "is_approximate" }  # in `unit`; null where there is none, see `cause`
unit               = "text"
made               = { type = "text", values = ["stated", "difference", "sum", "none"] }  # stated: as it stands; difference: closing minus opening figure, or minus figures of the rest of its time; sum: of shorter flows; none
cause              = { type = "text?", values = ["longer_span", "incomplete", "missing", "not_applicable", "returned", "revised_down", "doubtful_fall", "definition_changed", "unit_changed", "departments_changed", "no_earlier_figure", "recounted", "resubmitted"] }  # longer_span, incomplete: why it is not one period of the frequency; or why nothing was taken away, or why there is no value: revised_down where the figure was too high; doubtful_fall where it is less than half of the one before and no later one bears it out; returned: records were sent back, so that a value beside it is not what was done; recounted, resubmitted: a note says that figures within it are counted otherwise than before, or hold earlier data that came late or once more, so that neither is the value beside it
is_whole           = "bool"       # exactly one period of the frequency
is_revised_down    = "bool"       # a figure published within it was too high: a later one is lower, so that nothing here is negative
is_approximate     = "bool"
n_flows            = "bigint"     # steps between published figures that it consists of
n_ways             = "bigint"     # ways in which published figures tell it; the first of stated, difference, sum, rest of a longer time is shown
ways_difference    = { type = "double?", format = "change" }  # in `unit`, between the highest and the lowest of these ways
accumulation       = { type = "text", values = ["point", "period", "year_to_date", "since_launch"] }  # of the closing figure; period for a sum
closing_value      = { type = "double?", revised = "is_revised_down" }  # in `unit`; the figure published at its end; null for a sum
closing_edition    = "text?"
obs_status         = { type = "text", values = ["reported", "returned", "not_applicable", "missing", "estimated", "partly_missing", "partly_returned"] }  # of the closing figure
opening_period_end = "date?"      # of the figure that was taken away, or of the last of several
opening_value      = { type = "double?", revised = "is_revised_down" }  # in `unit`; of several figures their sum
opening_edition    = "text?"      # null where several figures were taken away
definition         = "int"
official_order     = "int?"

[returns_zh]
department         = "属地区整体的数据为空"
period_start       = "无从得知的为空"
first_month        = "起始月份，以当月首日表示"
last_month         = "截止月份，以当月首日表示"
n_months           = "不是整月的为空"
value              = "单位见 `unit`；无法得出的为空，原因见 `cause`"
made               = "stated（直接载明）；difference（两期累计之差）：期末数减期初数，或减去其余时段的数据；sum（各段之和）：较短时段之和；none（无法得出）"
cause              = "不是恰好一期的原因：longer_span（跨多期）、incomplete（不足一期）；或未作相减、没有数值的原因。revised_down（后经下调）：印发数偏高；doubtful_fall（骤降存疑）：不足上期一半，且无后续数据印证；returned（数据退回）：有数据退回，所列数值不是实际发生数；recounted（口径有变）、resubmitted（含补报的以前数据）：附注称其间统计口径有调整，或含迟报、重报的以前数据，所列数值也不是实际发生数"
is_whole           = "是否恰好为所选长度的一期"
is_revised_down    = "其间是否有印发数偏高，后经下调，因而不出现负数"
n_flows            = "由几段相邻印发数据之差构成"
n_ways             = "由印发数据可推算的方式数；依次取直接载明、两期累计之差、各段之和、较长时段的余数中的第一种"
ways_difference    = "单位见 `unit`；各方式中最高与最低之差"
accumulation       = "期末数据的累计口径；各段之和为 period"
closing_value      = "单位见 `unit`；期末的印发数据；各段之和为空"
obs_status         = "期末数据的状态"
opening_period_end = "所减数据的截止日；所减不止一个的，取最后一个"
opening_value      = "单位见 `unit`；所减不止一个的，为其和"
opening_edition    = "所减数据不止一个的为空"
---*/
WITH flows AS (
    SELECT
        flow.region,
        flow.department,
        flow.breakdown,
        flow.definition,
        flow.unit,
        flow.accumulation,
        flow.period_start,
        flow.period_end,
        flow.n_months,
        flow.value,
        flow.made,
        flow.cause,
        flow.is_revised_down,
        flow.is_approximate,
        flow.published_value,
        flow.edition,
        flow.obs_status,
        flow.opening_period_end,
        flow.opening_value,
        flow.opening_edition,
        flow.n_parts,
        -- The day from which the published figure counts; null since launch.
        coalesce(
            flow.cumulative_start,
            CASE
                WHEN flow.accumulation = 'year_to_date'
                THEN CAST(date_trunc('year', flow.period_end) AS DATE)
            END
        ) AS first_day,
        -- Whose figures they are and what they count, as one text, which goes through the steps below in
        -- place of its parts: rows are parted by one column much faster than by five.
        concat(
            flow.region, '|', coalesce(flow.department, ''), '|', coalesce(flow.breakdown, ''), '|',
            CAST(flow.definition AS STRING), '|', flow.unit
        ) AS body,
        -- From where and over how many departments they count.
        concat(
            flow.accumulation, '|', coalesce(CAST(flow.cumulative_start AS STRING), ''), '|',
            CAST(flow.n_parts AS STRING), '|',
            CASE
                WHEN flow.accumulation = 'year_to_date' THEN CAST(year(flow.period_end) AS STRING)
                ELSE ''
            END
        ) AS series,
        concat(
            CASE WHEN flow.made = 'stated' THEN '0' ELSE '1' END,
            CASE flow.accumulation WHEN 'year_to_date' THEN '0' WHEN 'since_launch' THEN '1' ELSE '2' END,
            coalesce(CAST(flow.cumulative_start AS STRING), ''),
            CAST(flow.n_parts AS STRING)
        ) AS way_order,
        -- Months since the year 0, from 0: a period of the frequency begins where their number is a
        -- multiple of its length.
        year(flow.period_start) * 12 + month(flow.period_start) - 1 AS first_month_no,
        year(flow.period_end) * 12 + month(flow.period_end) - 1 AS last_month_no,
        CASE $frequency
            WHEN 'month' THEN 1
            WHEN 'quarter' THEN 3
            WHEN 'half' THEN 6
            WHEN 'year' THEN 12
        END AS n_wanted
    FROM period_flows AS flow
    WHERE flow.indicator = $indicator
        AND (CAST($department AS STRING) IS NULL OR flow.department = $department)
        AND (CAST($region AS STRING) IS NULL OR flow.region = $region)
),
-- Steps of a series go together until a published figure ends with a period of the frequency.
numbered AS (
    SELECT
        flows.body,
        flows.series,
        flows.accumulation,
        flows.period_start,
        flows.period_end,
        flows.made,
        flows.cause,
        flows.is_revised_down,
        flows.is_approximate,
        flows.published_value,
        flows.edition,
        flows.obs_status,
        flows.opening_period_end,
        flows.opening_value,
        flows.opening_edition,
        -- All in one order and not series by series, which takes many times as long.
        count(
            CASE
                WHEN flows.made <> 'none'
                    AND (
                        flows.n_wanted IS NULL
                        OR (
                            flows.period_end = last_day(flows.period_end)
                            AND (flows.last_month_no + 1) % flows.n_wanted = 0
                        )
                    )
                THEN 1
            END
        ) OVER (
            ORDER BY flows.body, flows.series, flows.period_end
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS step_no
    FROM flows
),
steps AS (
    SELECT
        numbered.body,
        numbered.accumulation,
        numbered.made = 'none' AS is_none,
        max(CASE WHEN numbered.made = 'stated' THEN 1 ELSE 0 END) AS has_beginning,
        -- Of dates the first and the last, and so of the rows that have them.
        min(numbered.period_start) AS period_start,
        max(numbered.period_end) AS period_end,
        -- A return says something of the figure at the end only, which tells itself whether there was one.
        max(CASE WHEN numbered.cause <> 'returned' THEN numbered.cause END) AS cause,
        count(*) AS n_flows,
        max(CASE WHEN numbered.is_revised_down THEN 1 ELSE 0 END) AS has_revision,
        max(CASE WHEN numbered.is_approximate THEN 1 ELSE 0 END) AS has_approximate,
        max_by(numbered.published_value, numbered.period_end) AS closing_value,
        max_by(coalesce(numbered.edition, ''), numbered.period_end) AS closing_edition,
        max_by(numbered.obs_status, numbered.period_end) AS obs_status,
        min(numbered.opening_period_end) AS opening_period_end,
        min_by(numbered.opening_value, numbered.period_end) AS opening_value,
        min_by(coalesce(numbered.opening_edition, ''), numbered.period_end) AS opening_edition
    FROM numbered
    GROUP BY
        numbered.body, numbered.series, numbered.accumulation, numbered.step_no,
        numbered.made = 'none', CASE WHEN numbered.made = 'none' THEN numbered.period_end END
),
-- Shorter flows within a period.
shorter AS (
    SELECT
        flows.body,
        flows.n_wanted,
        flows.n_months,
        flows.n_parts,
        flows.period_start,
        flows.period_end,
        flows.first_month_no,
        flows.last_month_no,
        flows.last_month_no - flows.last_month_no % flows.n_wanted AS bucket,
        -- Of several that are about the same months the one that stands as it was published.
        min_by(flows.value, flows.way_order) AS value,
        min_by(flows.is_revised_down, flows.way_order) AS is_revised_down,
        min_by(flows.is_approximate, flows.way_order) AS is_approximate,
        min_by(flows.obs_status, flows.way_order) AS obs_status
    FROM flows
    WHERE flows.made <> 'none'
        AND flows.n_months < flows.n_wanted
        AND flows.first_month_no % flows.n_wanted + flows.n_months <= flows.n_wanted
    GROUP BY
        flows.body, flows.n_wanted, flows.n_months, flows.n_parts, flows.period_start,
        flows.period_end, flows.first_month_no, flows.last_month_no
),
told AS (
    SELECT
        steps.body,
        steps.accumulation,
        steps.period_start,
        steps.period_end,
        -- The closing figure itself, not the sum of its steps: no digit is lost on the way.
        CASE
            WHEN steps.is_none THEN NULL
            WHEN steps.has_beginning = 1 THEN steps.closing_value
            ELSE steps.closing_value - steps.opening_value
        END AS value,
        CASE
            WHEN steps.is_none THEN 'none'
            WHEN steps.has_beginning = 1 THEN 'stated'
            ELSE 'difference'
        END AS made,
        coalesce(
            steps.cause,
            CASE WHEN steps.obs_status IN ('returned', 'partly_returned') THEN 'returned' END
        ) AS cause,
        steps.n_flows,
        steps.has_revision,
        steps.has_approximate,
        steps.closing_value,
        nullif(steps.closing_edition, '') AS closing_edition,
        steps.obs_status,
        CASE WHEN steps.has_beginning = 0 THEN steps.opening_period_end END AS opening_period_end,
        CASE WHEN steps.has_beginning = 0 THEN steps.opening_value END AS opening_value,
        CASE WHEN steps.has_beginning = 0 THEN nullif(steps.opening_edition, '') END AS opening_edition
    FROM steps
    UNION ALL
    -- Those of one length, where all of them are there and are of as many departments.
    SELECT
        shorter.body,
        'period' AS accumulation,
        min(shorter.period_start) AS period_start,
        max(shorter.period_end) AS period_end,
        sum(shorter.value) AS value,
        'sum' AS made,
        CASE
            WHEN max(CASE WHEN shorter.obs_status IN ('returned', 'partly_returned') THEN 1 ELSE 0 END) = 1
            THEN 'returned'
        END AS cause,
        count(*) AS n_flows,
        max(CASE WHEN shorter.is_revised_down THEN 1 ELSE 0 END) AS has_revision,
        max(CASE WHEN shorter.is_approximate THEN 1 ELSE 0 END) AS has_approximate,
        CAST(NULL AS DOUBLE) AS closing_value,
        CAST(NULL AS STRING) AS closing_edition,
        CASE
            WHEN max(CASE WHEN shorter.obs_status IN ('returned', 'partly_returned') THEN 1 ELSE 0 END) = 1
            THEN 'partly_returned'
            ELSE 'reported'
        END AS obs_status,
        CAST(NULL AS DATE) AS opening_period_end,
        CAST(NULL AS DOUBLE) AS opening_value,
        CAST(NULL AS STRING) AS opening_edition
    FROM shorter
    WHERE shorter.n_wanted % shorter.n_months = 0
        AND shorter.first_month_no % shorter.n_months = 0
    GROUP BY shorter.body, shorter.n_wanted, shorter.n_months, shorter.n_parts, shorter.bucket
    HAVING count(*) * shorter.n_months = shorter.n_wanted
),
-- Periods of the frequency that are told by now.
wholes AS (
    SELECT DISTINCT
        told.body,
        year(told.period_start) * 12 + month(told.period_start) - 1 AS bucket
    FROM told
    WHERE told.value IS NOT NULL
        AND day(told.period_start) = 1
        AND told.period_end = last_day(told.period_end)
        AND year(told.period_end) * 12 + month(told.period_end)
            - year(told.period_start) * 12 - month(told.period_start) + 1
            = CASE $frequency
                WHEN 'month' THEN 1
                WHEN 'quarter' THEN 3
                WHEN 'half' THEN 6
                WHEN 'year' THEN 12
            END
),
-- Flows within one that is not, in time, and the month behind the last of those before: a longer one goes
-- before those that it contains.
pieces AS (
    SELECT
        shorter.body,
        shorter.n_wanted,
        shorter.n_parts,
        shorter.bucket,
        shorter.period_start,
        shorter.period_end,
        shorter.first_month_no,
        shorter.last_month_no,
        shorter.value,
        shorter.is_revised_down,
        shorter.is_approximate,
        shorter.obs_status,
        coalesce(
            max(shorter.last_month_no + 1) OVER (
                PARTITION BY shorter.body, shorter.n_parts, shorter.bucket
                ORDER BY shorter.first_month_no, shorter.last_month_no DESC
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ),
            shorter.bucket
        ) AS next_no
    FROM shorter
    LEFT JOIN wholes
        ON  wholes.body = shorter.body
        AND wholes.bucket = shorter.bucket
    WHERE wholes.body IS NULL
),
-- Flows of unlike length that fill a period without overlapping, as January and February together and March.
joined AS (
    SELECT
        pieces.body,
        pieces.bucket,
        min(pieces.period_start) AS period_start,
        max(pieces.period_end) AS period_end,
        sum(pieces.value) AS value,
        count(*) AS n_flows,
        max(CASE WHEN pieces.is_revised_down THEN 1 ELSE 0 END) AS has_revision,
        max(CASE WHEN pieces.is_approximate THEN 1 ELSE 0 END) AS has_approximate,
        max(CASE WHEN pieces.obs_status IN ('returned', 'partly_returned') THEN 1 ELSE 0 END) AS has_return
    FROM pieces
    WHERE pieces.last_month_no + 1 > pieces.next_no
    GROUP BY pieces.body, pieces.n_wanted, pieces.n_parts, pieces.bucket
    HAVING max(pieces.last_month_no) + 1 = pieces.bucket + pieces.n_wanted
        AND max(CASE WHEN pieces.first_month_no <> pieces.next_no THEN 1 ELSE 0 END) = 0
),
-- Figures of whole months as they were published, by their first month and the one behind their last.
figures AS (
    SELECT
        flows.body,
        flows.n_parts,
        flows.n_wanted,
        year(flows.first_day) * 12 + month(flows.first_day) - 1 AS start_no,
        flows.last_month_no + 1 AS end_no,
        flows.period_end,
        flows.accumulation,
        flows.published_value AS value,
        flows.edition,
        flows.obs_status,
        flows.is_revised_down,
        flows.is_approximate,
        flows.way_order
    FROM flows
    WHERE flows.made <> 'none'
        AND flows.obs_status NOT IN ('returned', 'partly_returned')
        AND day(flows.first_day) = 1
        AND flows.period_end = last_day(flows.period_end)
),
-- Those that end with a period of the frequency and began before it, where nothing tells the period yet.
closings AS (
    SELECT
        figures.body,
        figures.n_parts,
        figures.start_no,
        figures.end_no - figures.n_wanted AS period_no,
        CAST(
            CASE figures.n_wanted
                WHEN 1 THEN date_trunc('month', figures.period_end)
                WHEN 3 THEN date_trunc('quarter', figures.period_end)
                WHEN 6 THEN date_trunc('month', figures.period_end) - INTERVAL 5 MONTH
                ELSE date_trunc('year', figures.period_end)
            END AS DATE
        ) AS period_start,
        figures.period_end,
        min_by(figures.accumulation, figures.way_order) AS accumulation,
        min_by(figures.value, figures.way_order) AS value,
        min_by(coalesce(figures.edition, ''), figures.way_order) AS edition,
        min_by(figures.obs_status, figures.way_order) AS obs_status,
        min_by(figures.is_revised_down, figures.way_order) AS is_revised_down,
        min_by(figures.is_approximate, figures.way_order) AS is_approximate
    FROM figures
    LEFT JOIN wholes
        ON  wholes.body = figures.body
        AND wholes.bucket = figures.end_no - figures.n_wanted
    WHERE figures.end_no % figures.n_wanted = 0
        AND figures.start_no < figures.end_no - figures.n_wanted
        AND wholes.body IS NULL
    GROUP BY
        figures.body, figures.n_parts, figures.n_wanted, figures.start_no, figures.end_no,
        figures.period_end
),
-- All that is told of the time from the beginning of each up to its period.
parts AS (
    SELECT
        closings.body,
        closings.n_parts,
        closings.start_no,
        closings.period_no,
        closings.period_start,
        closings.period_end,
        closings.accumulation,
        closings.value,
        closings.edition,
        closings.obs_status,
        closings.is_revised_down,
        closings.is_approximate,
        part.start_no AS part_start_no,
        part.end_no AS part_end_no,
        min_by(part.value, part.way_order) AS part_value,
        min_by(coalesce(part.edition, ''), part.way_order) AS part_edition,
        min_by(part.is_revised_down, part.way_order) AS is_part_revised_down,
        min_by(part.is_approximate, part.way_order) AS is_part_approximate
    FROM closings
    JOIN figures AS part
        ON  part.body = closings.body
        AND part.n_parts = closings.n_parts
        AND part.start_no >= closings.start_no
        AND part.end_no <= closings.period_no
    GROUP BY
        closings.body, closings.n_parts, closings.start_no, closings.period_no, closings.period_start,
        closings.period_end, closings.accumulation, closings.value, closings.edition,
        closings.obs_status, closings.is_revised_down, closings.is_approximate, part.start_no,
        part.end_no
),
laid AS (
    SELECT
        parts.body,
        parts.n_parts,
        parts.start_no,
        parts.period_no,
        parts.period_start,
        parts.period_end,
        parts.accumulation,
        parts.value,
        parts.edition,
        parts.obs_status,
        parts.is_revised_down,
        parts.is_approximate,
        parts.part_start_no,
        parts.part_end_no,
        parts.part_value,
        parts.part_edition,
        parts.is_part_revised_down,
        parts.is_part_approximate,
        coalesce(
            max(parts.part_end_no) OVER (
                PARTITION BY parts.body, parts.n_parts, parts.start_no, parts.period_end
                ORDER BY parts.part_start_no, parts.part_end_no DESC
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ),
            parts.start_no
        ) AS next_no
    FROM parts
),
-- What is left of a figure without the longest of them, one after the other, where they fill its time up to
-- the period without overlapping. Where they are more than it, one of them is wrong.
remainders AS (
    SELECT
        laid.body,
        laid.accumulation,
        laid.period_start,
        laid.period_end,
        laid.value,
        laid.edition,
        laid.obs_status,
        sum(laid.part_value) AS rest,
        CASE WHEN count(*) = 1 THEN max(laid.part_edition) ELSE '' END AS rest_edition,
        max(CASE WHEN laid.is_revised_down OR laid.is_part_revised_down THEN 1 ELSE 0 END) AS has_revision,
        max(CASE WHEN laid.is_approximate OR laid.is_part_approximate THEN 1 ELSE 0 END) AS has_approximate
    FROM laid
    WHERE laid.part_end_no > laid.next_no
    GROUP BY
        laid.body, laid.n_parts, laid.start_no, laid.period_no, laid.period_start, laid.period_end,
        laid.accumulation, laid.value, laid.edition, laid.obs_status
    HAVING max(laid.part_end_no) = laid.period_no
        AND max(CASE WHEN laid.part_start_no <> laid.next_no THEN 1 ELSE 0 END) = 0
        AND sum(laid.part_value) <= laid.value
),
ways AS (
    SELECT
        told.body,
        told.accumulation,
        told.period_start,
        told.period_end,
        told.value,
        told.made,
        told.cause,
        told.n_flows,
        told.has_revision,
        told.has_approximate,
        told.closing_value,
        told.closing_edition,
        told.obs_status,
        told.opening_period_end,
        told.opening_value,
        told.opening_edition,
        CASE told.made WHEN 'stated' THEN 0 WHEN 'difference' THEN 1 WHEN 'sum' THEN 2 ELSE 4 END AS place
    FROM told
    UNION ALL
    SELECT
        joined.body,
        'period' AS accumulation,
        joined.period_start,
        joined.period_end,
        joined.value,
        'sum' AS made,
        CASE WHEN joined.has_return = 1 THEN 'returned' END AS cause,
        joined.n_flows,
        joined.has_revision,
        joined.has_approximate,
        CAST(NULL AS DOUBLE) AS closing_value,
        CAST(NULL AS STRING) AS closing_edition,
        CASE WHEN joined.has_return = 1 THEN 'partly_returned' ELSE 'reported' END AS obs_status,
        CAST(NULL AS DATE) AS opening_period_end,
        CAST(NULL AS DOUBLE) AS opening_value,
        CAST(NULL AS STRING) AS opening_edition,
        2 AS place
    FROM joined
    UNION ALL
    SELECT
        remainders.body,
        remainders.accumulation,
        remainders.period_start,
        remainders.period_end,
        remainders.value - remainders.rest AS value,
        'difference' AS made,
        CAST(NULL AS STRING) AS cause,
        CAST(1 AS BIGINT) AS n_flows,
        remainders.has_revision,
        remainders.has_approximate,
        remainders.value AS closing_value,
        nullif(remainders.edition, '') AS closing_edition,
        remainders.obs_status,
        CAST(remainders.period_start - INTERVAL 1 DAY AS DATE) AS opening_period_end,
        remainders.rest AS opening_value,
        nullif(remainders.rest_edition, '') AS opening_edition,
        3 AS place
    FROM remainders
),
measured AS (
    SELECT
        ways.body,
        ways.accumulation,
        ways.period_start,
        ways.period_end,
        ways.value,
        ways.made,
        ways.cause,
        ways.n_flows,
        ways.has_revision,
        ways.has_approximate,
        ways.closing_value,
        ways.closing_edition,
        ways.obs_status,
        ways.opening_period_end,
        ways.opening_value,
        ways.opening_edition,
        CASE $frequency
            WHEN 'month' THEN 1
            WHEN 'quarter' THEN 3
            WHEN 'half' THEN 6
            WHEN 'year' THEN 12
        END AS n_wanted,
        CASE
            WHEN day(ways.period_start) = 1 AND ways.period_end = last_day(ways.period_end)
            THEN year(ways.period_end) * 12 + month(ways.period_end)
                - year(ways.period_start) * 12 - month(ways.period_start) + 1
        END AS n_months,
        year(ways.period_start) * 12 + month(ways.period_start) - 1 AS first_month_no,
        year(ways.period_end) * 12 + month(ways.period_end) - 1 AS last_month_no,
        count(ways.value) OVER span AS n_ways,
        max(ways.value) OVER span - min(ways.value) OVER span AS ways_difference,
        coalesce(
            lag(ways.body) OVER best_first = ways.body
                AND lag(ways.period_end) OVER best_first = ways.period_end
                AND lag(coalesce(ways.period_start, CAST('0001-01-01' AS DATE))) OVER best_first
                    = coalesce(ways.period_start, CAST('0001-01-01' AS DATE)),
            false
        ) AS is_second
    FROM ways
    WINDOW
        span AS (PARTITION BY ways.body, ways.period_end, ways.period_start),
        best_first AS (
            ORDER BY
                ways.body,
                ways.period_end,
                ways.period_start NULLS FIRST,
                ways.place,
                -- A figure of the year before one since launch, which rounds more and is revised more.
                ways.accumulation DESC,
                ways.n_flows,
                ways.opening_period_end NULLS FIRST,
                ways.closing_value NULLS LAST,
                ways.value NULLS LAST
        )
),
placed AS (
    SELECT
        measured.body,
        measured.accumulation,
        measured.period_start,
        measured.period_end,
        measured.n_months,
        measured.value,
        measured.made,
        measured.n_flows,
        measured.n_ways,
        measured.ways_difference,
        measured.has_revision,
        measured.has_approximate,
        measured.closing_value,
        measured.closing_edition,
        measured.obs_status,
        measured.opening_period_end,
        measured.opening_value,
        measured.opening_edition,
        measured.made <> 'none'
            AND (
                measured.n_wanted IS NULL
                OR coalesce(
                    measured.n_months = measured.n_wanted
                        AND measured.first_month_no % measured.n_wanted = 0,
                    false
                )
            ) AS is_whole,
        coalesce(
            measured.cause,
            CASE
                WHEN measured.n_wanted IS NULL THEN NULL
                WHEN measured.first_month_no - measured.first_month_no % measured.n_wanted
                    <> measured.last_month_no - measured.last_month_no % measured.n_wanted
                THEN 'longer_span'
                WHEN coalesce(measured.n_months, 0) <> measured.n_wanted THEN 'incomplete'
            END
        ) AS cause,
        measured.first_month_no - measured.first_month_no % measured.n_wanted AS first_bucket,
        measured.last_month_no - measured.last_month_no % measured.n_wanted AS last_bucket
    FROM measured
    WHERE NOT measured.is_second
),
bodies AS (
    SELECT DISTINCT
        flows.body,
        flows.region,
        flows.department,
        flows.breakdown,
        flows.definition,
        flows.unit
    FROM flows
),
-- What notes say of figures. That they are counted otherwise is about the departments that the note names, or
-- all.
noted AS (
    SELECT
        note.region,
        note.department,
        note.breakdown,
        note.accumulation,
        note.first_day,
        note.period_end,
        note.code,
        note.sentence
    FROM figure_notes AS note
    WHERE note.indicator = $indicator
),
naming AS (
    SELECT
        find.found AS sentence,
        dept.department
    FROM findings AS find
    JOIN departments AS dept
        ON instr(find.found, dept.name_zh) > 0
    WHERE find.code = 'note.definition_changed'
    GROUP BY
        find.found,
        dept.department
),
firsts AS (
    SELECT
        noted.region,
        noted.department,
        noted.breakdown,
        noted.sentence,
        noted.accumulation,
        noted.first_day,
        noted.period_end,
        row_number() OVER (
            PARTITION BY noted.region, noted.department, noted.breakdown, noted.sentence
            ORDER BY noted.period_end, noted.first_day, noted.accumulation
        ) AS choice
    FROM noted
    WHERE noted.code = 'note.definition_changed'
),
doubts AS (
    SELECT
        noted.region,
        noted.department,
        noted.breakdown,
        'resubmitted' AS cause,
        noted.accumulation,
        noted.first_day,
        noted.period_end
    FROM noted
    WHERE noted.code = 'note.resubmitted'
    UNION ALL
    SELECT
        firsts.region,
        firsts.department,
        firsts.breakdown,
        'recounted' AS cause,
        firsts.accumulation,
        firsts.first_day,
        firsts.period_end
    FROM firsts
    LEFT JOIN naming AS own
        ON  own.sentence = firsts.sentence
        AND own.department = firsts.department
    LEFT JOIN (SELECT DISTINCT naming.sentence FROM naming) AS others
        ON others.sentence = firsts.sentence
    WHERE firsts.choice = 1
        AND (own.department IS NOT NULL OR others.sentence IS NULL)
),
-- A flow has two ways of counting in it where only the figure at its end has the new one: a figure that
-- began before it, or one of several that fill it.
doubted AS (
    SELECT
        placed.body,
        placed.period_start,
        placed.period_end,
        min(doubts.cause) AS cause
    FROM placed
    JOIN bodies
        ON bodies.body = placed.body
    JOIN doubts
        ON  doubts.region = bodies.region
        AND doubts.department IS NOT DISTINCT FROM bodies.department
        AND doubts.breakdown IS NOT DISTINCT FROM bodies.breakdown
        AND doubts.period_end BETWEEN placed.period_start AND placed.period_end
    WHERE placed.value IS NOT NULL
        AND placed.cause IS NULL
        AND CASE
            WHEN doubts.cause = 'resubmitted' THEN true
            WHEN doubts.accumulation = 'period' THEN doubts.first_day > placed.period_start
            ELSE doubts.first_day < placed.period_start
        END
    GROUP BY
        placed.body,
        placed.period_start,
        placed.period_end
)
SELECT
    bodies.region,
    CAST($indicator AS STRING) AS indicator,
    coalesce(ind.name_zh, $indicator) AS indicator_name,
    bodies.department,
    coalesce(dept.name_zh, bodies.department) AS department_name,
    bodies.breakdown,
    placed.period_start,
    placed.period_end,
    CAST(date_trunc('month', placed.period_start) AS DATE) AS first_month,
    CAST(date_trunc('month', placed.period_end) AS DATE) AS last_month,
    CAST(placed.n_months AS INT) AS n_months,
    placed.value,
    bodies.unit,
    placed.made,
    coalesce(placed.cause, doubted.cause) AS cause,
    placed.is_whole,
    placed.has_revision = 1 AS is_revised_down,
    placed.has_approximate = 1 AS is_approximate,
    CAST(placed.n_flows AS BIGINT) AS n_flows,
    CAST(placed.n_ways AS BIGINT) AS n_ways,
    placed.ways_difference,
    placed.accumulation,
    placed.closing_value,
    placed.closing_edition,
    placed.obs_status,
    placed.opening_period_end,
    placed.opening_value,
    placed.opening_edition,
    bodies.definition,
    dept.official_order
FROM placed
JOIN bodies
    ON bodies.body = placed.body
LEFT JOIN doubted
    ON  doubted.body = placed.body
    AND doubted.period_start = placed.period_start
    AND doubted.period_end = placed.period_end
LEFT JOIN departments AS dept
    ON dept.department = bodies.department
LEFT JOIN indicators AS ind
    ON  ind.indicator = $indicator
    AND ind.definition = bodies.definition
-- A part of a period that is told as a whole says nothing more.
LEFT JOIN placed AS whole
    ON  whole.is_whole
    AND whole.body = placed.body
    AND whole.last_bucket = placed.last_bucket
    AND whole.last_bucket = placed.first_bucket
WHERE (placed.is_whole OR whole.body IS NULL)
    AND (CAST($since AS DATE) IS NULL OR placed.period_end >= CAST($since AS DATE))
    AND (CAST($until AS DATE) IS NULL OR placed.period_end <= CAST($until AS DATE))
ORDER BY
    bodies.region,
    dept.official_order NULLS LAST,
    bodies.department NULLS LAST,
    bodies.breakdown NULLS LAST,
    bodies.definition,
    bodies.unit,
    placed.period_end,
    placed.period_start NULLS LAST;
