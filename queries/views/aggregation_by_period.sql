/*---
summary    = "Aggregation figures, one row per department and period, whichever edition has it last"
summary_zh = "汇聚情况，每部门每统计期一行，取最后印发的数据"
reads      = ["cells_by_period"]
order      = ["region", "department", "period_end"]

[returns]
region                        = "text"
department                    = "text"
period_end                    = "date"
period_start                  = "date?"      # null since launch, or where the columns differ
accumulation                  = "text?"      # null where the columns differ
cases_aggregated              = "double?"    # 条
cases_aggregated_status       = "text?"      # null: no such cell; missing: an empty one; other_span: see `cells_by_period`
evaluations_aggregated        = "double?"    # 条
evaluations_aggregated_status = "text?"      # null: no such cell; missing: an empty one; other_span: see `cells_by_period`
records_pushed                = "double?"    # 条; with what was sent back
records_returned              = "double?"    # 条
cases_aggregated_note         = "text?"      # why a zero stands for returned records
evaluations_aggregated_note   = "text?"      # the same for evaluations
cases_aggregated_is_approximate = "bool"  # told with a qualifier, estimated or rounded
evaluations_aggregated_is_approximate = "bool"
records_pushed_is_approximate = "bool"
records_returned_is_approximate = "bool"
edition                       = "text?"      # null where the figures of the row come from several

[returns_zh]
period_start                  = "上线以来累计的为空，各列不一致的也为空"
accumulation                  = "各列不一致的为空"
cases_aggregated_status       = "空值为没有该单元格；missing（缺失）：单元格为空；other_span（为另一统计区间）：见 `cells_by_period`"
evaluations_aggregated_status = "空值为没有该单元格；missing（缺失）：单元格为空；other_span（为另一统计区间）：见 `cells_by_period`"
records_pushed                = "条；含退回的"
cases_aggregated_note         = "因数据退回而为零的，附注所载缘由"
evaluations_aggregated_note   = "好差评数据因退回而为零的，附注所载缘由"
cases_aggregated_is_approximate = "是否为约数、估计数或取整数"
edition                       = "本行数据出自多份文件的为空"
---*/
-- A correction may reprint one department of an edition. Its other departments then stand in the
-- older edition, so questions about a period read this view and not the one by edition.
WITH cells AS (
    SELECT
        cell.edition,
        cell.region,
        cell.department,
        cell.period_end,
        cell.indicator,
        cell.period_start,
        cell.accumulation,
        cell.value,
        cell.obs_status,
        CASE WHEN cell.obs_status IN ('returned', 'partly_returned') THEN cell.note END AS note,
        cell.is_approximate,
        cell.is_chosen AND cell.indicator IN ('cases_aggregated', 'evaluations_aggregated') AS is_counted
    FROM cells_by_period AS cell
    WHERE cell.indicator IN (
        'cases_aggregated',
        'evaluations_aggregated',
        'records_pushed',
        'records_returned'
    )
)
SELECT
    cell.region,
    cell.department,
    cell.period_end,
    CASE
        WHEN min(CASE WHEN cell.is_counted THEN coalesce(CAST(cell.period_start AS STRING), '') END)
            = max(CASE WHEN cell.is_counted THEN coalesce(CAST(cell.period_start AS STRING), '') END)
        THEN max(CASE WHEN cell.is_counted THEN cell.period_start END)
    END AS period_start,
    CASE
        WHEN min(CASE WHEN cell.is_counted THEN cell.accumulation END)
            = max(CASE WHEN cell.is_counted THEN cell.accumulation END)
        THEN max(CASE WHEN cell.is_counted THEN cell.accumulation END)
    END AS accumulation,
    max(CASE WHEN cell.indicator = 'cases_aggregated' THEN cell.value END) AS cases_aggregated,
    max(CASE WHEN cell.indicator = 'cases_aggregated' THEN cell.obs_status END) AS cases_aggregated_status,
    max(CASE WHEN cell.indicator = 'evaluations_aggregated' THEN cell.value END) AS evaluations_aggregated,
    max(CASE WHEN cell.indicator = 'evaluations_aggregated' THEN cell.obs_status END) AS evaluations_aggregated_status,
    max(CASE WHEN cell.indicator = 'records_pushed' THEN cell.value END) AS records_pushed,
    max(CASE WHEN cell.indicator = 'records_returned' THEN cell.value END) AS records_returned,
    max(CASE WHEN cell.indicator = 'cases_aggregated' THEN cell.note END) AS cases_aggregated_note,
    max(CASE WHEN cell.indicator = 'evaluations_aggregated' THEN cell.note END) AS evaluations_aggregated_note,
    max(CASE WHEN cell.indicator = 'cases_aggregated' AND cell.is_approximate THEN 1 ELSE 0 END) = 1
        AS cases_aggregated_is_approximate,
    max(CASE WHEN cell.indicator = 'evaluations_aggregated' AND cell.is_approximate THEN 1 ELSE 0 END) = 1
        AS evaluations_aggregated_is_approximate,
    max(CASE WHEN cell.indicator = 'records_pushed' AND cell.is_approximate THEN 1 ELSE 0 END) = 1
        AS records_pushed_is_approximate,
    max(CASE WHEN cell.indicator = 'records_returned' AND cell.is_approximate THEN 1 ELSE 0 END) = 1
        AS records_returned_is_approximate,
    CASE
        -- A sum of figures from several editions has none.
        WHEN min(cell.edition) = max(cell.edition) AND count(cell.edition) = count(*)
        THEN max(cell.edition)
    END AS edition
FROM cells AS cell
GROUP BY cell.region, cell.department, cell.period_end;
