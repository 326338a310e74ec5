/*---
summary    = "Every target beside the latest figure of every place that has to reach it"
summary_zh = "目标与实际：每个目标在每个应达标的地区或部门的最近数据"
reads      = ["departments", "indicators", "observations_latest", "regions", "targets", "totals"]
# Empty parts count as equal.
order      = ["indicator", "target_region", "level", "department", "valid_from", "valid_to", "direction", "region"]

[returns]
indicator       = "text"
indicator_name  = "text"
kind            = "text?"    # of the indicator: stock, flow, ratio; null where it is not known
target_region   = "text"     # in which the target holds
level           = "text?"    # of the divisions that each have to reach it; null for the region itself
level_order     = "int"      # the region itself 0, province 1, prefecture 2, county 3, township 4, village 5
department      = "text?"    # null where it is no department's
department_name = "text?"
official_order  = "int?"
region          = "text"     # that has to reach it
region_name     = "text"
direction       = "text"     # at_least, at_most
target          = "double"   # in `unit`
unit            = "text"
valid_from      = "date"     # first day of the time that the target is set for
valid_to        = "date?"    # last day of it
value           = "double?"  # in `unit`; null where `cause` says why; the sum of all departments' figures where the region has none of its own
n_departments   = "bigint?"  # whose figures were added up; null where the figure is one
made            = "text?"    # stated: the figure as it stands; difference: of a running total that began before the time of the target (a year to date in the same year), less that of the day before it; null without a figure
cause           = "text?"    # no_figure, unit_differs, revised_down (the figure was too high: a later one is lower), doubtful_fall (it, or the one that is taken away, is less than half of the one before, and no later one bears it out)
obs_status      = "text?"
is_approximate  = "bool"     # the figure is told with a qualifier, estimated or rounded
period_end      = "date?"    # last day of the figure
others_end      = "date?"    # last day of later figures of other departments in that time, where this one has none any more
edition         = "text?"    # of the figure; null: a sum of figures from several
gap             = "double?"  # in `unit`; what is lacking, of a limit what is too much: 0 or less where the target is met
is_met          = "bool?"    # null where there is no figure
completion_pct  = "double?"  # percent of the target; null where that is 0
opening_value   = "double?"  # in `unit`; of a stock, the figure at the end of the month before the target's time
opening_period_end = "date?" # day of that figure
gained_pct      = "double?"  # of a stock, percent of what the target asks for beyond the opening; null without one, and where it asks for no more
days_total      = "int?"     # of the time that the target is set for; null without an end
days_elapsed    = "int?"     # of that time, at the end of the figure
days_left       = "int?"     # of that time, from the end of the figure on; null without an end
elapsed_pct     = "double?"  # percent of that time; null without an end
in_force_to     = "date"     # `valid_to`, far away where there is none

[returns_zh]
kind            = "指标的类别：stock（存量）、flow（流量）、ratio（比率）；不明的为空"
target_region   = "目标适用的地区"
level           = "应分别达标的区划层级；以地区本身为对象的为空"
level_order     = "地区本身0，省级1，市州级2，县级3，乡镇级4，村级5"
department      = "不分部门的目标为空"
region          = "应达标的地区"
direction       = "at_least（不低于）、at_most（不高于）"
target          = "单位见 `unit`"
valid_from      = "目标考核期首日"
valid_to        = "目标考核期末日"
value           = "单位见 `unit`；`cause` 载明原因的为空；地区本身无数据的，取各部门数据之和"
n_departments   = "所合计数据的部门；单个数据的为空"
made            = "stated（直接载明）：照印发数；difference（两期累计之差）：目标期之前即已开始的累计数（年初起累计的须在同一年内），减去目标期前一日的累计数；无数据的为空"
cause           = "no_figure（本期无数据）、unit_differs（单位与目标不同）、revised_down（偏高，后经下调）、doubtful_fall（骤降存疑，本数或所减之数不足上期一半，且无后续数据印证）"
is_approximate  = "数据是否为约数、估计数或取整数"
period_end      = "数据的截止日"
others_end      = "本部门其后无数据的，考核期内其他部门更近数据的截止日"
edition         = "数据所据文件；空值为由多份文件的数据合计而得"
gap             = "单位见 `unit`；距目标的差额，上限类目标为超出数；达标的为0或负"
is_met          = "无数据的为空"
completion_pct  = "占目标值的比例；目标值为零的为空"
opening_value   = "单位见 `unit`；存量在考核期前一月末的数据"
opening_period_end = "期初数的截止日"
gained_pct      = "存量期内增量占目标要求增量（目标值减期初数）的比例；没有期初数的为空，目标值不高于期初数的也为空"
days_total      = "考核期总天数；目标无截止日的为空"
days_elapsed    = "考核期首日至数据截止日已过的天数"
days_left       = "数据截止日至考核期末的剩余天数；目标无截止日的为空"
elapsed_pct     = "至数据截止日已过时间占考核期的比例；目标无截止日的为空"
in_force_to     = "同 `valid_to`；目标无截止日的取久远之日"
---*/
-- The figure is the latest within the time of the target that is about the same: a state at a day, a rate,
-- or what was counted from the first day of that time on; of a running total that began before it in the same year, or since launch, what
-- was added since the day before, where that day has a figure. What was counted since another day, and single months, are no measure of it. A
-- region that has no figure of its own is measured by all its departments
-- together, as they are known now, where a printed total proves that none of them is missing.
WITH divisions AS (
    SELECT
        reg.region,
        CASE
            WHEN reg.level IN ('prefecture_city', 'autonomous_prefecture', 'prefecture') THEN 'prefecture'
            WHEN reg.level IN (
                'district', 'county_level_city', 'county', 'autonomous_county', 'admin_committee'
            ) THEN 'county'
            ELSE reg.level
        END AS level,
        reg.parent,
        above.parent AS parent_of_parent,
        highest.parent AS parent_of_that
    FROM regions AS reg
    LEFT JOIN regions AS above
        ON above.region = reg.parent
    LEFT JOIN regions AS highest
        ON highest.region = above.parent
    WHERE reg.status = 'current'
),
places AS (
    SELECT
        tar.indicator,
        tar.region AS target_region,
        tar.level,
        tar.department,
        tar.direction,
        tar.value AS target,
        tar.unit,
        tar.valid_from,
        tar.valid_to,
        coalesce(div.region, tar.region) AS region,
        -- Who has to reach what and since when, as one text, by which the steps below find it.
        concat(
            tar.indicator, '|', tar.region, '|', coalesce(tar.level, ''), '|', coalesce(tar.department, ''), '|',
            CAST(tar.valid_from AS STRING), '|', coalesce(CAST(tar.valid_to AS STRING), ''), '|', tar.direction,
            '|', coalesce(div.region, tar.region)
        ) AS aim
    FROM targets AS tar
    LEFT JOIN divisions AS div
        ON  div.level = tar.level
        AND tar.region IN (div.region, div.parent, div.parent_of_parent, div.parent_of_that)
    -- A level that the region has no division of leaves nobody to reach it.
    WHERE tar.level IS NULL
        OR div.region IS NOT NULL
),
-- A target holds for an indicator in whichever definition it is published.
kinds AS (
    SELECT
        known.indicator,
        max(known.name_zh) AS name_zh,
        max(known.kind) AS kind
    FROM indicators AS known
    GROUP BY known.indicator
),
printed AS (
    SELECT
        latest.indicator,
        latest.region,
        latest.department,
        latest.definition,
        latest.accumulation,
        latest.period_start,
        latest.period_end,
        latest.value,
        latest.unit,
        latest.obs_status,
        latest.is_approximate,
        latest.edition,
        latest.batch,
        coalesce(kinds.kind, '') NOT IN ('ratio', 'stock')
            AND latest.accumulation <> 'point'
            AND latest.unit <> '%' AS is_running,
        latest.obs_status NOT IN ('returned', 'partly_returned') AS is_sound,
        -- Whose figures count the same from the same day on, as one text.
        concat(
            latest.indicator, '|', latest.region, '|', coalesce(latest.department, ''), '|',
            CAST(latest.definition AS STRING), '|', latest.unit, '|', CAST(latest.n_parts AS STRING), '|',
            latest.accumulation, '|', coalesce(CAST(latest.period_start AS STRING), ''), '|',
            CASE
                WHEN latest.accumulation = 'year_to_date' THEN CAST(year(latest.period_end) AS STRING)
                ELSE ''
            END
        ) AS chain
    FROM observations_latest AS latest
    LEFT JOIN kinds
        ON kinds.indicator = latest.indicator
    WHERE latest.indicator IN (SELECT tar.indicator FROM targets AS tar)
        AND latest.breakdown IS NULL
        AND latest.value IS NOT NULL
),
neighboured AS (
    SELECT
        printed.indicator,
        printed.region,
        printed.department,
        printed.definition,
        printed.accumulation,
        printed.period_start,
        printed.period_end,
        printed.value,
        printed.unit,
        printed.obs_status,
        printed.is_approximate,
        printed.edition,
        printed.batch,
        printed.is_running,
        printed.is_sound,
        printed.chain,
        lag(printed.value) OVER sound AS value_before,
        lead(printed.value) OVER sound AS value_after
    FROM printed
    WINDOW sound AS (PARTITION BY printed.chain, printed.is_sound ORDER BY printed.period_end)
),
doubted AS (
    SELECT
        neighboured.indicator,
        neighboured.region,
        neighboured.department,
        neighboured.definition,
        neighboured.accumulation,
        neighboured.period_start,
        neighboured.period_end,
        neighboured.value,
        neighboured.unit,
        neighboured.obs_status,
        neighboured.is_approximate,
        neighboured.edition,
        neighboured.batch,
        neighboured.is_running,
        neighboured.is_sound,
        neighboured.chain,
        neighboured.is_running
            AND neighboured.is_sound
            AND coalesce(
                neighboured.value < neighboured.value_before / 2
                    AND coalesce(neighboured.value_after >= (neighboured.value_before + neighboured.value) / 2, true),
                false
            ) AS is_doubtful
    FROM neighboured
),
-- What is done is never undone: where a later figure of the same count is lower, the one that is there was
-- too high, and nobody can tell whether the target was met at its day; unless the lower one is taken for a
-- mistake itself, as `period_flows` says.
stated AS (
    SELECT
        doubted.indicator,
        doubted.region,
        doubted.department,
        doubted.definition,
        doubted.accumulation,
        doubted.period_start,
        doubted.period_end,
        doubted.value,
        doubted.unit,
        doubted.obs_status,
        doubted.is_approximate,
        doubted.edition,
        doubted.batch,
        doubted.is_running,
        doubted.chain,
        doubted.is_doubtful,
        doubted.is_running
            AND NOT doubted.is_doubtful
            AND coalesce(
                doubted.value > min(
                    CASE WHEN doubted.is_sound AND NOT doubted.is_doubtful THEN doubted.value END
                ) OVER (
                    PARTITION BY doubted.chain
                    ORDER BY doubted.period_end
                    ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
                ),
                false
            ) AS is_too_high
    FROM doubted
),
-- Departments that were printed with their total are all that there are. A total counts with the document
-- that prints it: where the figures of that are known, and of the origin that is asked for.
proven AS (
    SELECT
        stated.indicator,
        stated.definition,
        stated.region,
        stated.period_start,
        stated.period_end,
        max(total.n_rows) AS n_rows
    FROM totals AS total
    INNER JOIN stated
        ON  stated.batch = total.batch
        AND stated.indicator = total.indicator
        AND stated.definition = total.definition
        AND stated.region = total.region
        AND stated.period_start IS NOT DISTINCT FROM total.period_start
        AND stated.period_end = total.period_end
    WHERE total.reconciled
        AND stated.department IS NOT NULL
    GROUP BY
        stated.indicator,
        stated.definition,
        stated.region,
        stated.period_start,
        stated.period_end
),
summed AS (
    SELECT
        stated.indicator,
        stated.region,
        stated.definition,
        stated.accumulation,
        stated.period_start,
        stated.period_end,
        sum(stated.value) AS value,
        stated.unit,
        CASE
            WHEN min(CASE WHEN stated.obs_status = 'returned' THEN 1 ELSE 0 END) = 1 THEN 'returned'
            WHEN max(CASE WHEN stated.obs_status IN ('returned', 'partly_returned') THEN 1 ELSE 0 END) = 1
            THEN 'partly_returned'
            ELSE 'reported'
        END AS obs_status,
        max(CASE WHEN stated.is_approximate THEN 1 ELSE 0 END) = 1 AS is_approximate,
        CASE WHEN min(stated.edition) = max(stated.edition) THEN min(stated.edition) END AS edition,
        count(*) AS n_departments,
        max(CASE WHEN stated.is_running THEN 1 ELSE 0 END) = 1 AS is_running,
        -- A sum is as high as its parts.
        max(CASE WHEN stated.is_doubtful THEN 1 ELSE 0 END) = 1 AS is_doubtful,
        max(CASE WHEN stated.is_too_high THEN 1 ELSE 0 END) = 1 AS is_too_high
    FROM stated
    INNER JOIN kinds
        ON kinds.indicator = stated.indicator
    WHERE stated.department IS NOT NULL
        AND kinds.kind <> 'ratio'
        AND stated.unit <> '%'
    GROUP BY
        stated.indicator,
        stated.region,
        stated.definition,
        stated.accumulation,
        stated.period_start,
        stated.period_end,
        stated.unit
),
measures AS (
    SELECT
        stated.indicator,
        stated.region,
        coalesce(stated.department, '') AS department,
        stated.definition,
        stated.accumulation,
        stated.period_start,
        stated.period_end,
        stated.value,
        stated.unit,
        stated.obs_status,
        stated.is_approximate,
        stated.edition,
        CAST(NULL AS BIGINT) AS n_departments,
        stated.is_running,
        stated.is_doubtful,
        stated.is_too_high,
        stated.chain
    FROM stated
    UNION ALL
    SELECT
        summed.indicator,
        summed.region,
        '' AS department,
        summed.definition,
        summed.accumulation,
        summed.period_start,
        summed.period_end,
        summed.value,
        summed.unit,
        summed.obs_status,
        summed.is_approximate,
        summed.edition,
        summed.n_departments,
        summed.is_running,
        summed.is_doubtful,
        summed.is_too_high,
        concat(
            CAST(summed.n_departments AS STRING), '|', summed.indicator, '|', summed.region, '|',
            CAST(summed.definition AS STRING), '|', summed.unit, '|', summed.accumulation, '|',
            coalesce(CAST(summed.period_start AS STRING), ''), '|',
            CASE
                WHEN summed.accumulation = 'year_to_date' THEN CAST(year(summed.period_end) AS STRING)
                ELSE ''
            END
        ) AS chain
    FROM summed
    INNER JOIN proven
        ON  proven.indicator = summed.indicator
        AND proven.definition = summed.definition
        AND proven.region = summed.region
        AND proven.period_start IS NOT DISTINCT FROM summed.period_start
        AND proven.period_end = summed.period_end
        AND proven.n_rows >= summed.n_departments
),
figures AS (
    SELECT
        places.aim,
        places.unit,
        latest.definition,
        latest.value,
        latest.unit AS figure_unit,
        latest.obs_status,
        latest.is_approximate,
        latest.accumulation,
        latest.period_start,
        latest.period_end,
        latest.edition,
        latest.n_departments,
        latest.is_doubtful,
        latest.is_too_high,
        'stated' AS made
    FROM places
    LEFT JOIN kinds AS ind
        ON ind.indicator = places.indicator
    INNER JOIN measures AS latest
        ON  latest.indicator = places.indicator
        AND latest.region = places.region
        AND latest.department = coalesce(places.department, '')
        AND latest.period_end >= places.valid_from
        AND (places.valid_to IS NULL OR latest.period_end <= places.valid_to)
        AND (
            latest.accumulation = 'point'
            OR ind.kind = 'ratio'
            OR latest.period_start = places.valid_from
            OR (
                latest.accumulation = 'year_to_date'
                AND latest.period_start IS NULL
                AND places.valid_from = CAST(date_trunc('year', latest.period_end) AS DATE)
            )
            OR (latest.accumulation = 'since_launch' AND ind.kind = 'stock')
        )
    UNION ALL
    -- A total that has everything sent back has nothing of the time of the target, either.
    SELECT
        places.aim,
        places.unit,
        closing.definition,
        CASE WHEN closing.obs_status = 'returned' THEN 0 ELSE closing.value - opening.value END AS value,
        closing.unit AS figure_unit,
        closing.obs_status,
        closing.is_approximate OR opening.is_approximate AS is_approximate,
        closing.accumulation,
        closing.period_start,
        closing.period_end,
        closing.edition,
        closing.n_departments,
        closing.is_doubtful OR opening.is_doubtful AS is_doubtful,
        closing.is_too_high OR opening.is_too_high AS is_too_high,
        'difference' AS made
    FROM places
    INNER JOIN measures AS closing
        ON  closing.indicator = places.indicator
        AND closing.region = places.region
        AND closing.department = coalesce(places.department, '')
        AND closing.period_end >= places.valid_from
        AND (places.valid_to IS NULL OR closing.period_end <= places.valid_to)
    INNER JOIN measures AS opening
        ON  opening.chain = closing.chain
        AND opening.period_end = CAST(places.valid_from - INTERVAL 1 DAY AS DATE)
    WHERE closing.is_running
        -- A year to date tells nothing of what is left of the time of the target behind New Year.
        AND (closing.accumulation <> 'year_to_date' OR year(places.valid_to) = year(places.valid_from))
        AND opening.obs_status NOT IN ('returned', 'partly_returned')
        AND (
            closing.value >= opening.value
            OR closing.obs_status = 'returned'
            OR closing.is_doubtful
            OR opening.is_doubtful
            OR opening.is_too_high
        )
),
ranked AS (
    SELECT
        figures.aim,
        figures.definition,
        figures.value,
        figures.figure_unit,
        figures.obs_status,
        figures.is_approximate,
        figures.accumulation,
        figures.period_end,
        figures.edition,
        figures.n_departments,
        figures.is_doubtful,
        figures.is_too_high,
        figures.made,
        row_number() OVER (
            PARTITION BY figures.aim
            ORDER BY
                CASE WHEN figures.n_departments IS NULL THEN 0 ELSE 1 END,
                figures.period_end DESC,
                CASE WHEN figures.made = 'stated' THEN 0 ELSE 1 END,
                figures.definition DESC,
                CASE figures.accumulation
                    WHEN 'point' THEN 0
                    WHEN 'year_to_date' THEN 1
                    WHEN 'period' THEN 2
                    ELSE 3
                END,
                figures.period_start NULLS LAST,
                CASE WHEN figures.figure_unit = figures.unit THEN 0 ELSE 1 END,
                figures.figure_unit
        ) AS choice
    FROM figures
),
found AS (
    SELECT
        places.aim,
        places.indicator,
        ind.name_zh,
        ind.kind,
        places.target_region,
        places.level,
        places.department,
        places.region,
        places.direction,
        places.target,
        places.unit,
        places.valid_from,
        places.valid_to,
        ranked.value,
        CASE
            WHEN ranked.value IS NULL THEN 'no_figure'
            WHEN ranked.figure_unit <> places.unit THEN 'unit_differs'
            WHEN ranked.is_too_high THEN 'revised_down'
            WHEN ranked.is_doubtful THEN 'doubtful_fall'
        END AS cause,
        ranked.made,
        ranked.obs_status,
        coalesce(ranked.is_approximate, false) AS is_approximate,
        ranked.definition,
        ranked.figure_unit,
        ranked.accumulation,
        ranked.period_end,
        ranked.edition,
        ranked.n_departments
    FROM places
    LEFT JOIN kinds AS ind
        ON ind.indicator = places.indicator
    LEFT JOIN ranked
        ON  ranked.aim = places.aim
        AND ranked.choice = 1
),
measured AS (
    SELECT
        found.aim,
        found.indicator,
        found.name_zh,
        found.kind,
        found.target_region,
        found.level,
        found.department,
        found.region,
        found.direction,
        found.target,
        found.unit,
        found.valid_from,
        found.valid_to,
        CASE WHEN found.cause IS NULL THEN found.value END AS value,
        found.cause,
        found.made,
        found.obs_status,
        found.is_approximate,
        found.definition,
        found.figure_unit,
        found.accumulation,
        found.period_end,
        found.edition,
        found.n_departments
    FROM found
),
-- A stock begins with what there was: only what comes on top of that was gained in the time of the target.
openings AS (
    SELECT
        measured.aim,
        earlier.value AS opening_value,
        earlier.period_end AS opening_period_end,
        row_number() OVER (
            PARTITION BY measured.aim
            ORDER BY earlier.period_end DESC
        ) AS choice
    FROM measured
    INNER JOIN measures AS earlier
        ON  earlier.indicator = measured.indicator
        AND earlier.region = measured.region
        AND earlier.department = coalesce(measured.department, '')
        AND earlier.definition = measured.definition
        AND earlier.unit = measured.unit
        AND earlier.accumulation = measured.accumulation
        AND earlier.n_departments IS NOT DISTINCT FROM measured.n_departments
        AND earlier.period_end < measured.valid_from
        AND earlier.period_end >= CAST(measured.valid_from - INTERVAL 1 MONTH AS DATE)
    WHERE measured.kind = 'stock'
        AND measured.accumulation = 'point'
        AND measured.value IS NOT NULL
),
-- A department that was renamed or stopped telling has no later figure, and the others have.
horizons AS (
    SELECT
        measured.aim,
        max(stated.period_end) AS others_end
    FROM measured
    INNER JOIN stated
        ON  stated.indicator = measured.indicator
        AND stated.region = measured.region
        AND stated.accumulation = measured.accumulation
    WHERE measured.department IS NOT NULL
        AND stated.department <> measured.department
        AND stated.period_end > measured.period_end
        AND (measured.valid_to IS NULL OR stated.period_end <= measured.valid_to)
    GROUP BY measured.aim
)
SELECT
    measured.indicator,
    coalesce(measured.name_zh, measured.indicator) AS indicator_name,
    measured.kind,
    measured.target_region,
    measured.level,
    CASE measured.level
        WHEN 'province' THEN 1
        WHEN 'prefecture' THEN 2
        WHEN 'county' THEN 3
        WHEN 'township' THEN 4
        WHEN 'village' THEN 5
        ELSE 0
    END AS level_order,
    measured.department,
    coalesce(dept.name_zh, measured.department) AS department_name,
    dept.official_order,
    measured.region,
    coalesce(reg.name, measured.region) AS region_name,
    measured.direction,
    measured.target,
    measured.unit,
    measured.valid_from,
    measured.valid_to,
    measured.value,
    measured.n_departments,
    measured.made,
    measured.cause,
    measured.obs_status,
    measured.is_approximate,
    measured.period_end,
    horizons.others_end,
    measured.edition,
    CASE
        WHEN measured.direction = 'at_most' THEN measured.value - measured.target
        ELSE measured.target - measured.value
    END AS gap,
    CASE
        WHEN measured.direction = 'at_most' THEN measured.value <= measured.target
        ELSE measured.value >= measured.target
    END AS is_met,
    100 * measured.value / nullif(measured.target, 0) AS completion_pct,
    openings.opening_value,
    openings.opening_period_end,
    CASE
        WHEN measured.target > openings.opening_value
        THEN 100 * (measured.value - openings.opening_value) / (measured.target - openings.opening_value)
    END AS gained_pct,
    CAST(date_diff('day', measured.valid_from, measured.valid_to) + 1 AS INT) AS days_total,
    CAST(date_diff('day', measured.valid_from, measured.period_end) + 1 AS INT) AS days_elapsed,
    CAST(date_diff('day', measured.period_end, measured.valid_to) AS INT) AS days_left,
    100 * CAST(date_diff('day', measured.valid_from, measured.period_end) + 1 AS DOUBLE)
        / (date_diff('day', measured.valid_from, measured.valid_to) + 1) AS elapsed_pct,
    coalesce(measured.valid_to, CAST('9999-12-31' AS DATE)) AS in_force_to
FROM measured
LEFT JOIN horizons
    ON horizons.aim = measured.aim
LEFT JOIN openings
    ON  openings.aim = measured.aim
    AND openings.choice = 1
LEFT JOIN regions AS reg
    ON reg.region = measured.region
LEFT JOIN departments AS dept
    ON dept.department = measured.department;
