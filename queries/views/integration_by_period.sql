/*---
summary    = "Integration figures, one row per department and period, whichever edition has it last"
summary_zh = "对接情况，每部门每统计期一行，取最后印发的数据"
reads      = ["observations_latest"]
order      = ["region", "department", "period_end"]

[returns]
region                        = "text"
department                    = "text"
period_end                    = "date"
items_connected               = "double?"    # 项; by interface or single sign-on
items_connected_status        = "text?"      # null: no such cell; missing: an empty one
items_on_platform             = "double?"    # 项; handled on the platform itself
items_on_platform_status      = "text?"      # null: no such cell; missing: an empty one
apps_connected                = "double?"    # 项
apps_connected_status         = "text?"      # null: no such cell; missing: an empty one
apps_connected_in_year        = "double?"    # 项
apps_connected_in_year_status = "text?"      # null: no such cell; missing: an empty one
edition                       = "text?"      # null where the figures of the row come from several
---*/
-- A correction may reprint one department of an edition. Its other departments then stand in the
-- older edition, so questions about a period read this view and not the one by edition.
WITH cells AS (
    SELECT
        latest.edition,
        latest.region,
        latest.department,
        latest.period_end,
        latest.indicator,
        latest.value,
        latest.obs_status,
        -- One definition and one span for a whole column, so that a sum never mixes a month with
        -- the year so far: the newest definition, then the longest span (no start: since launch).
        rank() OVER (
            PARTITION BY latest.region, latest.period_end, latest.indicator
            ORDER BY latest.definition DESC, latest.period_start NULLS FIRST, latest.accumulation
        ) AS choice
    FROM observations_latest AS latest
    WHERE latest.department IS NOT NULL
        AND latest.breakdown IS NULL
        AND latest.indicator IN (
            'items_connected',
            'items_on_platform',
            'apps_connected',
            'apps_connected_in_year'
        )
)
SELECT
    cell.region,
    cell.department,
    cell.period_end,
    max(CASE WHEN cell.indicator = 'items_connected' THEN cell.value END) AS items_connected,
    max(CASE WHEN cell.indicator = 'items_connected' THEN cell.obs_status END) AS items_connected_status,
    max(CASE WHEN cell.indicator = 'items_on_platform' THEN cell.value END) AS items_on_platform,
    max(CASE WHEN cell.indicator = 'items_on_platform' THEN cell.obs_status END) AS items_on_platform_status,
    max(CASE WHEN cell.indicator = 'apps_connected' THEN cell.value END) AS apps_connected,
    max(CASE WHEN cell.indicator = 'apps_connected' THEN cell.obs_status END) AS apps_connected_status,
    max(CASE WHEN cell.indicator = 'apps_connected_in_year' THEN cell.value END) AS apps_connected_in_year,
    max(CASE WHEN cell.indicator = 'apps_connected_in_year' THEN cell.obs_status END) AS apps_connected_in_year_status,
    CASE
        -- A sum of figures from several editions has none.
        WHEN min(cell.edition) = max(cell.edition) AND count(cell.edition) = count(*)
        THEN max(cell.edition)
    END AS edition
FROM cells AS cell
WHERE cell.choice = 1
GROUP BY cell.region, cell.department, cell.period_end;
