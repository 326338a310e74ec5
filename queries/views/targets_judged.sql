/*---
summary    = "Every target beside the latest figure of every place that has to reach it"
summary_zh = "目标与实际：每个目标在每个应达标的地区或部门的最近数据"
reads      = ["departments", "indicators", "observations_latest", "regions", "targets", "totals"]
# Empty parts count as equal.
order      = ["indicator", "target_region", "level", "department", "valid_from", "region"]

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
cause           = "text?"    # no_figure, unit_differs, revised_down (the figure was too high: a later one is lower)
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
---*/
-- The figure is the latest within the time of the target that is about the same: a state at a day, a rate,
-- or what was counted from the first day of that time on. What was counted since another day, and single
-- months, are no measure of it. A region that has no figure of its own is measured by all its departments
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
            CAST(tar.valid_from AS STRING), '|', coalesce(div.region, tar.region)
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
stated AS (
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
        latest.n_parts,
        latest.edition,
        latest.batch
    FROM observations_latest AS latest
    WHERE latest.indicator IN (SELECT tar.indicator FROM targets AS tar)
        AND latest.breakdown IS NULL
        AND latest.value IS NOT NULL
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
        count(*) AS n_departments
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
        CAST(NULL AS BIGINT) AS n_departments
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
        summed.n_departments
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
        places.indicator,
        places.target_region,
        places.level,
        places.department,
        places.direction,
        places.target,
        places.unit,
        places.valid_from,
        places.valid_to,
        places.region,
        ind.name_zh,
        ind.kind,
        latest.value,
        latest.definition,
        latest.unit AS figure_unit,
        latest.obs_status,
        latest.is_approximate,
        latest.accumulation,
        latest.period_start,
        latest.period_end,
        latest.edition,
        latest.n_departments,
        row_number() OVER (
            PARTITION BY places.aim
            ORDER BY
                CASE WHEN latest.n_departments IS NULL THEN 0 ELSE 1 END,
                latest.period_end DESC NULLS LAST,
                latest.definition DESC NULLS LAST,
                CASE latest.accumulation
                    WHEN 'point' THEN 0
                    WHEN 'year_to_date' THEN 1
                    WHEN 'period' THEN 2
                    ELSE 3
                END,
                latest.period_start NULLS LAST,
                CASE WHEN latest.unit = places.unit THEN 0 ELSE 1 END,
                latest.unit NULLS LAST
        ) AS choice
    FROM places
    LEFT JOIN kinds AS ind
        ON ind.indicator = places.indicator
    LEFT JOIN measures AS latest
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
),
found AS (
    SELECT
        figures.aim,
        figures.indicator,
        figures.name_zh,
        figures.kind,
        figures.target_region,
        figures.level,
        figures.department,
        figures.region,
        figures.direction,
        figures.target,
        figures.unit,
        figures.valid_from,
        figures.valid_to,
        CASE WHEN figures.figure_unit = figures.unit THEN figures.value END AS value,
        CASE
            WHEN figures.value IS NULL THEN 'no_figure'
            WHEN figures.figure_unit <> figures.unit THEN 'unit_differs'
        END AS cause,
        figures.obs_status,
        coalesce(figures.is_approximate, false) AS is_approximate,
        figures.definition,
        figures.figure_unit,
        figures.accumulation,
        figures.period_start,
        figures.period_end,
        figures.edition,
        figures.n_departments
    FROM figures
    WHERE figures.choice = 1
),
-- What is done is never undone: where a later figure of the same count is lower, the one that is there was
-- too high, and nobody can tell whether the target was met at its day. A sum is as high as its parts.
undercut AS (
    SELECT found.aim
    FROM found
    INNER JOIN stated AS own
        ON  own.indicator = found.indicator
        AND own.region = found.region
        AND own.definition = found.definition
        AND own.unit = found.figure_unit
        AND own.accumulation = found.accumulation
        AND own.period_start IS NOT DISTINCT FROM found.period_start
        AND own.period_end = found.period_end
    INNER JOIN stated AS later
        ON  later.indicator = own.indicator
        AND later.region = own.region
        AND later.department IS NOT DISTINCT FROM own.department
        AND later.definition = own.definition
        AND later.unit = own.unit
        AND later.accumulation = own.accumulation
        AND later.period_start IS NOT DISTINCT FROM own.period_start
        AND later.n_parts = own.n_parts
        AND later.period_end > own.period_end
        AND later.value < own.value
    WHERE coalesce(found.kind, '') NOT IN ('ratio', 'stock')
        AND found.accumulation <> 'point'
        AND found.figure_unit <> '%'
        AND (
            own.department IS NOT DISTINCT FROM found.department
            OR (found.n_departments IS NOT NULL AND own.department IS NOT NULL)
        )
        AND later.obs_status NOT IN ('returned', 'partly_returned')
        AND (later.accumulation <> 'year_to_date' OR year(later.period_end) = year(own.period_end))
    GROUP BY found.aim
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
        CASE WHEN undercut.aim IS NULL THEN found.value END AS value,
        CASE
            WHEN found.cause IS NOT NULL THEN found.cause
            WHEN undercut.aim IS NOT NULL THEN 'revised_down'
        END AS cause,
        found.obs_status,
        found.is_approximate,
        found.definition,
        found.figure_unit,
        found.accumulation,
        found.period_end,
        found.edition,
        found.n_departments
    FROM found
    LEFT JOIN undercut
        ON undercut.aim = found.aim
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
        AND stated.department IS NOT NULL
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
