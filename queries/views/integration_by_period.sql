/*---
summary    = "Integration figures, one row per department and period, whichever edition has it last"
summary_zh = "对接情况，每部门每统计期一行，取最后印发的数据"
reads      = ["cells_by_period"]
order      = ["region", "department", "period_end"]

[returns]
region                        = "text"
department                    = "text"
period_end                    = "date"
items_connected               = "double?"    # 项; by interface or single sign-on
items_connected_status        = "text?"      # null: no such cell; missing: an empty one; other_span: see `cells_by_period`
items_on_platform             = "double?"    # 项; handled on the platform itself
items_on_platform_status      = "text?"      # null: no such cell; missing: an empty one; other_span: see `cells_by_period`
apps_connected                = "double?"    # 项
apps_connected_status         = "text?"      # null: no such cell; missing: an empty one; other_span: see `cells_by_period`
apps_connected_in_year        = "double?"    # 项
apps_connected_in_year_status = "text?"      # null: no such cell; missing: an empty one; other_span: see `cells_by_period`
items_connected_is_approximate = "bool"  # told with a qualifier, estimated or rounded
items_on_platform_is_approximate = "bool"
apps_connected_is_approximate = "bool"
apps_connected_in_year_is_approximate = "bool"
edition                       = "text?"      # null where the figures of the row come from several

[returns_zh]
items_connected               = "项；以接口或单点登录方式对接的"
items_connected_status        = "空值为没有该单元格；missing（缺失）：单元格为空；other_span（为另一统计区间）：见 `cells_by_period`"
items_on_platform             = "项；使用平台办理的"
items_on_platform_status      = "空值为没有该单元格；missing（缺失）：单元格为空；other_span（为另一统计区间）：见 `cells_by_period`"
apps_connected_status         = "空值为没有该单元格；missing（缺失）：单元格为空；other_span（为另一统计区间）：见 `cells_by_period`"
apps_connected_in_year_status = "空值为没有该单元格；missing（缺失）：单元格为空；other_span（为另一统计区间）：见 `cells_by_period`"
items_connected_is_approximate = "是否为约数、估计数或取整数"
edition                       = "本行数据出自多份文件的为空"
---*/
-- A correction may reprint one department of an edition. Its other departments then stand in the
-- older edition, so questions about a period read this view and not the one by edition.
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
    max(CASE WHEN cell.indicator = 'items_connected' AND cell.is_approximate THEN 1 ELSE 0 END) = 1
        AS items_connected_is_approximate,
    max(CASE WHEN cell.indicator = 'items_on_platform' AND cell.is_approximate THEN 1 ELSE 0 END) = 1
        AS items_on_platform_is_approximate,
    max(CASE WHEN cell.indicator = 'apps_connected' AND cell.is_approximate THEN 1 ELSE 0 END) = 1
        AS apps_connected_is_approximate,
    max(CASE WHEN cell.indicator = 'apps_connected_in_year' AND cell.is_approximate THEN 1 ELSE 0 END) = 1
        AS apps_connected_in_year_is_approximate,
    CASE
        -- A sum of figures from several editions has none.
        WHEN min(cell.edition) = max(cell.edition) AND count(cell.edition) = count(*)
        THEN max(cell.edition)
    END AS edition
FROM cells_by_period AS cell
WHERE cell.indicator IN (
    'items_connected',
    'items_on_platform',
    'apps_connected',
    'apps_connected_in_year'
)
GROUP BY cell.region, cell.department, cell.period_end;
