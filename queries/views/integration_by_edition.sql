/*---
summary    = "Integration figures, one row per department and edition"
summary_zh = "对接情况，每部门每期次一行"
reads      = ["cells_by_edition"]
order      = ["edition", "region", "department", "period_end"]

[returns]
edition                       = "text?"      # null: a sum of figures from several
region                        = "text"
department                    = "text"
period_end                    = "date"
items_connected               = "double?"    # 项; by interface or single sign-on
items_connected_status        = "text?"      # null: no such cell; missing: an empty one; other_span: see `cells_by_edition`
items_on_platform             = "double?"    # 项; handled on the platform itself
items_on_platform_status      = "text?"      # null: no such cell; missing: an empty one; other_span: see `cells_by_edition`
apps_connected                = "double?"    # 项
apps_connected_status         = "text?"      # null: no such cell; missing: an empty one; other_span: see `cells_by_edition`
apps_connected_in_year        = "double?"    # 项
apps_connected_in_year_status = "text?"      # null: no such cell; missing: an empty one; other_span: see `cells_by_edition`

[returns_zh]
edition                       = "空值为由多份文件的数据合计而得"
items_connected               = "项；以接口或单点登录方式对接的"
items_connected_status        = "空值为没有该单元格；missing（缺失）：单元格为空；other_span（为另一统计区间）：见 `cells_by_edition`"
items_on_platform             = "项；使用平台办理的"
items_on_platform_status      = "空值为没有该单元格；missing（缺失）：单元格为空；other_span（为另一统计区间）：见 `cells_by_edition`"
apps_connected_status         = "空值为没有该单元格；missing（缺失）：单元格为空；other_span（为另一统计区间）：见 `cells_by_edition`"
apps_connected_in_year_status = "空值为没有该单元格；missing（缺失）：单元格为空；other_span（为另一统计区间）：见 `cells_by_edition`"
---*/
-- An empty cell of this view is not a zero: with a null status beside it the edition has no such
-- cell, with `missing` it has an empty one.
SELECT
    cell.edition,
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
    max(CASE WHEN cell.indicator = 'apps_connected_in_year' THEN cell.obs_status END) AS apps_connected_in_year_status
FROM cells_by_edition AS cell
WHERE cell.indicator IN (
    'items_connected',
    'items_on_platform',
    'apps_connected',
    'apps_connected_in_year'
)
GROUP BY cell.edition, cell.region, cell.department, cell.period_end;
