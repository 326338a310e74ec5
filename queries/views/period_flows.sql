/*---
summary    = "What was added from one published figure to the next, of figures that add up over time"
summary_zh = "由累计数据推算的分段数据：相邻两次印发数据之差"
reads      = ["indicators", "observations_latest"]
# The key of the figure that a row ends with; empty parts of it count as equal.
order      = ["indicator", "definition", "department", "region", "breakdown", "accumulation", "cumulative_start", "period_end", "origin"]

[returns]
indicator          = "text"
definition         = "int"
department         = "text?"
region             = "text"
breakdown          = "text?"
accumulation       = "text"       # of the published figure: period, year_to_date, since_launch
cumulative_start   = "date?"      # its first day; null since launch
period_start       = "date?"      # first day of the flow; null where nothing tells it
period_end         = "date"       # last day of the flow
first_month        = "date?"      # the month in which it begins, by its first day
last_month         = "date"       # the month in which it ends, by its first day
n_months           = "int?"       # null where the flow is not of whole months
value              = "double?"    # in `unit`; null where there is no flow, see `cause`
unit               = "text"
made               = "text"       # stated: as it stands; difference: of two published figures; none
cause              = "text?"      # why no figure before it was taken away, or why there is no flow; returned: the figure at its end is not what was done, because records were sent back; revised_down: the figure was too high; doubtful_fall: it is less than half of the one before, and no later one bears it out
is_revised_down    = "bool"       # the figure at its end, or one within it, was too high: a later one is lower
is_approximate     = "bool"       # one of the figures is rounded, estimated or told with a qualifier
published_value    = "double?"    # in `unit`; the figure as published
obs_status         = "text"       # of that figure
edition            = "text?"      # of that figure; null: a sum of figures from several
opening_period_end = "date?"      # of the figure that was taken away
opening_value      = "double?"    # in `unit`
opening_edition    = "text?"
origin             = "text"
n_parts            = "int"        # figures that were added up for it, see `observations_latest`

[returns_zh]
accumulation       = "印发数据的累计口径：period（当期）、year_to_date（本年累计）、since_launch（上线以来累计）"
cumulative_start   = "累计起始日；上线以来累计的为空"
period_start       = "分段数据的首日；无从得知的为空"
period_end         = "分段数据的末日"
first_month        = "起始月份，以当月首日表示"
last_month         = "截止月份，以当月首日表示"
n_months           = "分段数据不是整月的为空"
value              = "单位见 `unit`；无法得出的为空，原因见 `cause`"
made               = "stated（直接载明）；difference（两期累计之差）：两次印发数据之差；none（无法得出）"
cause              = "未减上期数据或无法得出分段数据的原因；returned（数据退回）：有数据退回，期末数据不是实际发生数；revised_down（后经下调）：数据偏高；doubtful_fall（骤降存疑）：不足上期一半，且无后续数据印证"
is_revised_down    = "期末或其间的数据是否偏高，后经下调"
is_approximate     = "所据数据中是否有约数、估计数或取整数"
published_value    = "单位见 `unit`；印发的数据"
obs_status         = "该印发数据的状态"
edition            = "该印发数据所据文件；空值为由多份文件的数据合计而得"
opening_period_end = "所减数据的截止日"
opening_value      = "单位见 `unit`"
n_parts            = "合计而成的数据个数，见 `observations_latest`"
---*/
-- A series never goes on past a reset (its first day, and the year of a year to date), a definition, a
-- unit, an origin, or a change in the number of departments that were added up; the first figure of each
-- stands as it was published. Figures without a value and returned zeros are no base: the one that comes
-- after them is set against the last good one, so that its flow is over a longer span. Nor is a figure
-- that was too high: what is done is never undone, so a lower one that comes later is a revision of it;
-- unless it is less than half of the one before, and the next is nearer to that one than to it, or there is
-- none yet: one typing error must not make all that came before it wrong.
-- The figures that are left never fall, so no flow is negative, and together they are the last of them.
WITH figures AS (
    SELECT
        latest.indicator,
        latest.definition,
        latest.department,
        latest.region,
        latest.breakdown,
        latest.accumulation,
        latest.period_start AS cumulative_start,
        CASE
            WHEN latest.accumulation = 'year_to_date'
            THEN coalesce(
                latest.period_start,
                CAST(date_trunc('year', latest.period_end) AS DATE)
            )
            ELSE latest.period_start
        END AS first_day,
        -- Whose figures they are and from which day they count, and how they count, as one text each: a
        -- window over ten columns is four times as slow. The indicator stays one of its own, so that a
        -- question about one of them reads no other.
        concat(
            latest.origin, '|', latest.region, '|', coalesce(latest.department, ''), '|',
            coalesce(latest.breakdown, ''), '|', latest.accumulation, '|',
            coalesce(CAST(latest.period_start AS STRING), ''), '|',
            CASE
                WHEN latest.accumulation = 'year_to_date'
                THEN CAST(year(latest.period_end) AS STRING)
                ELSE ''
            END
        ) AS series,
        concat(
            CAST(latest.definition AS STRING), '|', latest.unit, '|', CAST(latest.n_parts AS STRING)
        ) AS counting,
        latest.period_end,
        latest.value,
        latest.unit,
        latest.obs_status,
        latest.value IS NOT NULL AND latest.obs_status NOT IN ('returned', 'partly_returned') AS is_sound,
        latest.is_approximate,
        latest.edition,
        latest.origin,
        latest.n_parts
    FROM observations_latest AS latest
    LEFT JOIN indicators AS ind
        ON  ind.indicator = latest.indicator
        AND ind.definition = latest.definition
    WHERE latest.accumulation <> 'point'
        AND latest.value_text IS NULL
        -- Rates do not add up, and a stock that falls is no revision.
        AND coalesce(ind.kind, '') NOT IN ('ratio', 'stock')
        AND latest.unit <> '%'
),
-- Windows go over all figures of an indicator in one order, because parting them by chains, of which there
-- are as many as departments and years, takes many times as long. `moment` orders them by chain, then by
-- day, so that it tells whether another figure is of the same chain.
numbered AS (
    SELECT
        figures.indicator,
        figures.definition,
        figures.department,
        figures.region,
        figures.breakdown,
        figures.accumulation,
        figures.cumulative_start,
        figures.first_day,
        figures.period_end,
        figures.value,
        figures.unit,
        figures.obs_status,
        figures.is_sound,
        figures.is_approximate,
        figures.edition,
        figures.origin,
        figures.n_parts,
        CAST(dense_rank() OVER chains AS BIGINT) * 1000000 AS chain_start,
        CAST(dense_rank() OVER chains AS BIGINT) * 1000000
            + date_diff('day', CAST('1900-01-01' AS DATE), figures.period_end) AS moment,
        CASE WHEN lag(figures.series) OVER whole = figures.series THEN lag(figures.definition) OVER whole END
            AS definition_before,
        CASE WHEN lag(figures.series) OVER whole = figures.series THEN lag(figures.unit) OVER whole END
            AS unit_before,
        CASE WHEN lag(figures.series) OVER whole = figures.series THEN lag(figures.n_parts) OVER whole END
            AS n_parts_before,
        CASE WHEN lag(figures.series) OVER whole = figures.series THEN lag(figures.period_end) OVER whole END
            AS end_before
    FROM figures
    WINDOW
        chains AS (PARTITION BY figures.indicator ORDER BY figures.series, figures.counting),
        whole AS (
            PARTITION BY figures.indicator
            ORDER BY
                figures.series, figures.period_end, figures.definition, figures.unit, figures.n_parts
        )
),
-- The sound figures before and after each sound one; a moment within the chain tells whether they are of it.
neighboured AS (
    SELECT
        numbered.indicator,
        numbered.definition,
        numbered.department,
        numbered.region,
        numbered.breakdown,
        numbered.accumulation,
        numbered.cumulative_start,
        numbered.first_day,
        numbered.period_end,
        numbered.value,
        numbered.unit,
        numbered.obs_status,
        numbered.is_sound,
        numbered.is_approximate,
        numbered.edition,
        numbered.origin,
        numbered.n_parts,
        numbered.definition_before,
        numbered.unit_before,
        numbered.n_parts_before,
        numbered.end_before,
        numbered.chain_start,
        numbered.moment,
        CASE WHEN lag(numbered.moment) OVER sound >= numbered.chain_start THEN lag(numbered.value) OVER sound END
            AS value_before,
        CASE
            WHEN lead(numbered.moment) OVER sound < numbered.chain_start + 1000000
            THEN lead(numbered.value) OVER sound
        END AS value_after
    FROM numbered
    WINDOW sound AS (PARTITION BY numbered.indicator, numbered.is_sound ORDER BY numbered.moment)
),
doubted AS (
    SELECT
        neighboured.indicator,
        neighboured.definition,
        neighboured.department,
        neighboured.region,
        neighboured.breakdown,
        neighboured.accumulation,
        neighboured.cumulative_start,
        neighboured.first_day,
        neighboured.period_end,
        neighboured.value,
        neighboured.unit,
        neighboured.obs_status,
        neighboured.is_sound,
        neighboured.is_approximate,
        neighboured.edition,
        neighboured.origin,
        neighboured.n_parts,
        neighboured.definition_before,
        neighboured.unit_before,
        neighboured.n_parts_before,
        neighboured.end_before,
        neighboured.chain_start,
        neighboured.moment,
        neighboured.is_sound
            AND coalesce(
                neighboured.value < neighboured.value_before / 2
                    AND coalesce(neighboured.value_after >= (neighboured.value_before + neighboured.value) / 2, true),
                false
            ) AS is_doubtful
    FROM neighboured
),
-- Of all figures that come before in this order, those of the same chain with a value as low or lower are
-- the only ones that can have a later moment.
followed AS (
    SELECT
        doubted.indicator,
        doubted.definition,
        doubted.department,
        doubted.region,
        doubted.breakdown,
        doubted.accumulation,
        doubted.cumulative_start,
        doubted.first_day,
        doubted.period_end,
        doubted.value,
        doubted.unit,
        doubted.obs_status,
        doubted.is_sound AND NOT doubted.is_doubtful AS is_sound,
        doubted.is_doubtful,
        doubted.is_approximate,
        doubted.edition,
        doubted.origin,
        doubted.n_parts,
        doubted.definition_before,
        doubted.unit_before,
        doubted.n_parts_before,
        doubted.end_before,
        doubted.chain_start,
        doubted.moment,
        doubted.value IS NOT NULL
            AND NOT doubted.is_doubtful
            AND coalesce(
                max(CASE WHEN doubted.is_sound AND NOT doubted.is_doubtful THEN doubted.moment END) OVER (
                    PARTITION BY doubted.indicator
                    ORDER BY
                        doubted.chain_start, doubted.value NULLS LAST, doubted.moment
                    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
                ) > doubted.moment,
                false
            ) AS is_too_high
    FROM doubted
),
sifted AS (
    SELECT
        followed.indicator,
        followed.definition,
        followed.department,
        followed.region,
        followed.breakdown,
        followed.accumulation,
        followed.cumulative_start,
        followed.first_day,
        followed.period_end,
        followed.value,
        followed.unit,
        followed.obs_status,
        followed.is_sound,
        followed.is_doubtful,
        followed.is_too_high,
        followed.is_approximate,
        followed.edition,
        followed.origin,
        followed.n_parts,
        followed.definition_before,
        followed.unit_before,
        followed.n_parts_before,
        followed.end_before,
        followed.chain_start,
        followed.moment,
        CASE WHEN followed.is_sound AND NOT followed.is_too_high THEN followed.moment END AS sound_moment,
        CASE WHEN followed.is_too_high THEN followed.moment END AS too_high_moment
    FROM followed
),
-- The last base of all that come before; it is one of another chain where its own has none.
chained AS (
    SELECT
        sifted.indicator,
        sifted.definition,
        sifted.department,
        sifted.region,
        sifted.breakdown,
        sifted.accumulation,
        sifted.cumulative_start,
        sifted.first_day,
        sifted.period_end,
        sifted.value,
        sifted.unit,
        sifted.obs_status,
        sifted.is_sound,
        sifted.is_doubtful,
        sifted.is_too_high,
        sifted.is_approximate,
        sifted.edition,
        sifted.origin,
        sifted.n_parts,
        sifted.definition_before,
        sifted.unit_before,
        sifted.n_parts_before,
        sifted.end_before,
        sifted.chain_start,
        max(sifted.sound_moment) OVER before AS base_moment,
        max_by(sifted.period_end, sifted.sound_moment) OVER before AS last_end,
        max_by(sifted.value, sifted.sound_moment) OVER before AS base_value,
        max_by(coalesce(sifted.edition, ''), sifted.sound_moment) OVER before AS base_edition,
        max_by(sifted.is_approximate, sifted.sound_moment) OVER before AS base_is_approximate,
        max(sifted.too_high_moment) OVER before AS too_high_moment
    FROM sifted
    WINDOW before AS (
        PARTITION BY sifted.indicator
        ORDER BY sifted.moment
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )
),
based AS (
    SELECT
        chained.indicator,
        chained.definition,
        chained.department,
        chained.region,
        chained.breakdown,
        chained.accumulation,
        chained.cumulative_start,
        chained.first_day,
        chained.period_end,
        chained.value,
        chained.unit,
        chained.obs_status,
        chained.is_sound,
        chained.is_doubtful,
        chained.is_too_high,
        chained.is_approximate,
        chained.edition,
        chained.origin,
        chained.n_parts,
        chained.definition_before,
        chained.unit_before,
        chained.n_parts_before,
        chained.end_before,
        CASE WHEN chained.base_moment >= chained.chain_start THEN chained.last_end END AS base_end,
        chained.base_value,
        nullif(chained.base_edition, '') AS base_edition,
        chained.base_is_approximate,
        chained.is_too_high
            OR coalesce(
                chained.too_high_moment > greatest(chained.base_moment, chained.chain_start),
                false
            ) AS is_revised_down
    FROM chained
),
placed AS (
    SELECT
        based.indicator,
        based.definition,
        based.department,
        based.region,
        based.breakdown,
        based.accumulation,
        based.cumulative_start,
        CASE
            WHEN based.base_end IS NOT NULL THEN CAST(based.base_end + INTERVAL 1 DAY AS DATE)
            ELSE based.first_day
        END AS period_start,
        based.period_end,
        based.value,
        based.unit,
        based.obs_status,
        based.is_approximate,
        based.edition,
        based.origin,
        based.n_parts,
        based.base_end,
        based.base_value,
        based.base_edition,
        based.base_is_approximate,
        based.is_revised_down,
        CASE
            WHEN based.value IS NULL AND based.obs_status = 'not_applicable' THEN 'not_applicable'
            WHEN based.value IS NULL THEN 'missing'
            WHEN based.is_doubtful THEN 'doubtful_fall'
            -- What was counted before may have been sent back with it: neither a fall nor a flow.
            WHEN NOT based.is_sound AND (based.base_end IS NOT NULL OR based.first_day IS NULL)
            THEN 'returned'
            WHEN based.is_too_high THEN 'revised_down'
            WHEN based.base_end IS NOT NULL THEN NULL
            -- A zero from the first day on, and none of what was done.
            WHEN NOT based.is_sound THEN 'returned'
            WHEN based.end_before < based.period_end
                AND based.definition_before <> based.definition
            THEN 'definition_changed'
            WHEN based.end_before < based.period_end AND based.unit_before <> based.unit
            THEN 'unit_changed'
            WHEN based.end_before < based.period_end AND based.n_parts_before <> based.n_parts
            THEN 'departments_changed'
            WHEN based.first_day IS NULL THEN 'no_earlier_figure'
        END AS cause,
        CASE
            WHEN based.value IS NULL OR based.is_doubtful OR based.is_too_high THEN 'none'
            WHEN NOT based.is_sound AND (based.base_end IS NOT NULL OR based.first_day IS NULL)
            THEN 'none'
            WHEN based.base_end IS NOT NULL THEN 'difference'
            WHEN based.first_day IS NULL THEN 'none'
            ELSE 'stated'
        END AS made
    FROM based
)
SELECT
    placed.indicator,
    placed.definition,
    placed.department,
    placed.region,
    placed.breakdown,
    placed.accumulation,
    placed.cumulative_start,
    placed.period_start,
    placed.period_end,
    CAST(date_trunc('month', placed.period_start) AS DATE) AS first_month,
    CAST(date_trunc('month', placed.period_end) AS DATE) AS last_month,
    CASE
        WHEN day(placed.period_start) = 1 AND placed.period_end = last_day(placed.period_end)
        THEN CAST(
            (year(placed.period_end) - year(placed.period_start)) * 12
                + month(placed.period_end) - month(placed.period_start) + 1
            AS INT
        )
    END AS n_months,
    CASE placed.made
        WHEN 'stated' THEN placed.value
        WHEN 'difference' THEN placed.value - placed.base_value
    END AS value,
    placed.unit,
    placed.made,
    placed.cause,
    placed.is_revised_down,
    placed.is_approximate OR (placed.made = 'difference' AND placed.base_is_approximate) AS is_approximate,
    placed.value AS published_value,
    placed.obs_status,
    placed.edition,
    CASE WHEN placed.made = 'difference' THEN placed.base_end END AS opening_period_end,
    CASE WHEN placed.made = 'difference' THEN placed.base_value END AS opening_value,
    CASE WHEN placed.made = 'difference' THEN placed.base_edition END AS opening_edition,
    placed.origin,
    placed.n_parts
FROM placed;
