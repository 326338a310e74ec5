/*---
summary    = "Who lags behind a target: missed it, is behind the time, has not reached it, or tells nothing"
summary_zh = "进展滞后：未达标、低于序时进度、尚未达标及无数据的地区和部门"
reads      = ["targets_judged"]
order      = ["cause_order", "position", "indicator", "valid_from", "target_region", "level", "official_order", "department", "valid_to", "direction", "region"]
show       = ["cause", "indicator_name", "region_name", "department_name", "value", "direction", "target", "unit", "gap", "lacking_pct", "valid_to", "obs_status", "period_end", "days_left", "is_known"]
without_department = "whole_region"

[params.indicator]
type    = "text?"
help    = "indicator id, as online_rate; without it all that have a target"
help_zh = "指标代码，如 online_rate；不给则取全部有目标的指标"

[params.day]
type    = "date?"
help    = "day on which the target is in force; without it every target"
help_zh = "目标生效之日；不给则取全部目标"

[params.tolerance]
type    = "double"
default = 0.0
help    = "percentage points that completion may lie behind the time elapsed"
help_zh = "完成比例可低于时间进度的百分点"

[returns]
cause_order     = "int"        # missed 1, over_limit 2, behind_schedule 3, not_yet_met 4, outdated 5, no_figure 6, unit_differs 7, revised_down 8, doubtful_fall 9
cause           = { type = "text", values = ["over_limit", "missed", "behind_schedule", "outdated", "not_yet_met", "no_figure", "unit_differs", "revised_down", "doubtful_fall"] }  # missed: not met when its time was over; not_yet_met: a rate, or a target without an end; outdated: not behind at the end of its figure, and others have later ones; revised_down: the figure was too high, a later one is lower; doubtful_fall: it, or the one that is taken away, is less than half of the one before, and no later one bears it out
position        = "int?"       # among those of the cause, by the share that is lacking, those where that is null last; null without a figure
indicator       = { type = "text", values = "indicators" }
indicator_name  = "text"
target_region   = "text"       # in which the target holds
level           = { type = "text?", values = ["province", "prefecture", "county", "township", "village"] }  # of the divisions that each have to reach it; null for the region itself
region          = { type = "text", values = "regions" }  # that has to reach it
region_name     = "text"
department      = { type = "text?", values = "departments" }  # null where it is no department's
department_name = "text?"
direction       = { type = "text", values = ["at_least", "at_most"] }
value           = { type = "double?", status = "obs_status" }  # in `unit`
made            = { type = "text?", values = ["stated", "difference"] }  # stated: the figure as it stands; difference: of a running total that began before the time of the target (a year to date in the same year), less that of the day before it; null without a figure
n_departments   = "bigint?"    # whose figures were added up, because the region has none of its own; null where the figure is one
target          = "double"     # in `unit`
unit            = "text"
gap             = { type = "double?", format = "change" }  # in `unit`; what is lacking, of a limit what is too much: 0 or less where the target is met; it is below 0 where a limit is used up too fast
lacking_pct     = "double?"    # the gap in percent of the target, of the same sign; null where that is 0
behind_points   = { type = "double?", format = "change", decimals = 2 }  # percentage points that completion, of a stock with an opening what was gained, lies behind the time elapsed
days_left       = "int?"       # from the end of the figure on
obs_status      = { type = "text?", values = ["reported", "returned", "not_applicable", "missing", "estimated", "partly_missing", "partly_returned"] }  # of the figure; returned: a zero because everything was sent back
period_end      = "date?"      # last day of the figure
others_end      = "date?"      # last day of later figures of other departments, where this one has none any more
valid_from      = "date"       # first day of the time that the target is set for
valid_to        = "date?"      # last day of it
official_order  = "int?"
is_known        = "bool"       # false: without a figure of today to judge by nobody knows who is behind; these stand last

[returns_zh]
cause_order     = "missed（到期未达标）1、over_limit（超出限额）2、behind_schedule（低于序时进度）3、not_yet_met（尚未达标）4、outdated（其后无数据）5、no_figure（本期无数据）6、unit_differs（单位与目标不同）7、revised_down（后经下调）8、doubtful_fall（骤降存疑）9"
cause           = "missed（到期未达标）；not_yet_met（尚未达标）：比率，或目标无截止日；outdated（其后无数据）：截至其数据截止日并不落后，而其他部门有更近的数据；revised_down（后经下调）：数据偏高；doubtful_fall（骤降存疑）：本数或所减之数不足上期一半，且无后续数据印证"
position        = "在同一原因中按欠缺比例排列的位次，欠缺比例为空的居后；无数据的为空"
target_region   = "目标适用的地区"
level           = "应分别达标的区划层级；以地区本身为对象的为空"
region          = "应达标的地区"
department      = "不分部门的目标为空"
value           = "单位见 `unit`"
made            = "stated（直接载明）：照印发数；difference（两期累计之差）：目标期之前即已开始的累计数（年初起累计的须在同一年内），减去目标期前一日的累计数；无数据的为空"
n_departments   = "地区本身无数据、由各部门数据合计而得的，为所计部门数；单个数据的为空"
target          = "单位见 `unit`"
gap             = "单位见 `unit`；距目标的差额，上限类目标为超出数；达标的为0或负，限额消耗过快而尚未超出的也为负"
lacking_pct     = "差距占目标值的比例，正负号同差距；目标值为零的为空"
behind_points   = "完成比例低于时间进度的百分点；有期初数的存量按期内增量完成比例计"
days_left       = "数据截止日至考核期末的剩余天数"
obs_status      = "数据的状态；returned（数据退回）：全部退回，因而为零"
period_end      = "数据的截止日"
others_end      = "本部门其后无数据的，其他部门更近数据的截止日"
valid_from      = "目标考核期首日"
valid_to        = "目标考核期末日"
is_known        = "否（false）为没有可供判定的近期数据，是否落后不得而知，排在最后"
---*/
WITH timed AS (
    SELECT
        judged.indicator,
        judged.indicator_name,
        judged.target_region,
        judged.level,
        judged.region,
        judged.region_name,
        judged.department,
        judged.department_name,
        judged.official_order,
        judged.direction,
        judged.value,
        judged.made,
        judged.n_departments,
        judged.target,
        judged.unit,
        judged.cause,
        judged.gap,
        judged.is_met,
        100 * judged.gap / nullif(judged.target, 0) AS lacking_pct,
        CASE
            WHEN judged.kind = 'ratio' THEN NULL
            -- What a stock had when the time began was not gained in it.
            WHEN judged.direction = 'at_most' AND judged.opening_value IS NULL
            THEN judged.completion_pct - judged.elapsed_pct
            WHEN judged.direction = 'at_most'
            THEN coalesce(judged.gained_pct, 0) - judged.elapsed_pct
            WHEN judged.opening_value IS NULL THEN judged.elapsed_pct - judged.completion_pct
            ELSE judged.elapsed_pct - coalesce(judged.gained_pct, 0)
        END AS behind_points,
        judged.days_left,
        judged.obs_status,
        judged.period_end,
        judged.others_end,
        judged.valid_from,
        judged.valid_to
    FROM targets_judged AS judged
    WHERE (CAST($indicator AS STRING) IS NULL OR judged.indicator = $indicator)
        AND coalesce(CAST($day AS DATE), judged.valid_from) BETWEEN judged.valid_from AND judged.in_force_to
),
named AS (
    SELECT
        timed.indicator,
        timed.indicator_name,
        timed.target_region,
        timed.level,
        timed.region,
        timed.region_name,
        timed.department,
        timed.department_name,
        timed.official_order,
        timed.direction,
        timed.value,
        timed.made,
        timed.n_departments,
        timed.target,
        timed.unit,
        timed.gap,
        timed.is_met IS NOT NULL AS is_judged,
        timed.lacking_pct,
        timed.behind_points,
        timed.days_left,
        timed.obs_status,
        timed.period_end,
        timed.others_end,
        timed.valid_from,
        timed.valid_to,
        CASE
            WHEN timed.is_met IS NULL THEN timed.cause
            WHEN timed.direction = 'at_most' AND NOT timed.is_met THEN 'over_limit'
            WHEN NOT timed.is_met AND timed.days_left <= 0 THEN 'missed'
            -- A limit that is kept so far, and used up faster than time goes by.
            WHEN timed.is_met AND timed.direction = 'at_most' AND timed.days_left > 0
                AND timed.behind_points > $tolerance
            THEN 'behind_schedule'
            WHEN timed.is_met AND timed.direction = 'at_most' AND timed.days_left > 0
                AND timed.others_end IS NOT NULL
            THEN 'outdated'
            WHEN timed.is_met THEN NULL
            WHEN timed.behind_points > $tolerance THEN 'behind_schedule'
            WHEN timed.behind_points IS NULL THEN 'not_yet_met'
            WHEN timed.others_end IS NOT NULL THEN 'outdated'
        END AS cause
    FROM timed
)
SELECT
    CASE named.cause
        WHEN 'missed' THEN 1
        WHEN 'over_limit' THEN 2
        WHEN 'behind_schedule' THEN 3
        WHEN 'not_yet_met' THEN 4
        WHEN 'outdated' THEN 5
        WHEN 'no_figure' THEN 6
        WHEN 'unit_differs' THEN 7
        WHEN 'revised_down' THEN 8
        ELSE 9
    END AS cause_order,
    named.cause,
    CAST(
        CASE
            WHEN named.is_judged AND named.cause <> 'outdated'
            THEN rank() OVER (PARTITION BY named.cause ORDER BY named.lacking_pct DESC NULLS LAST)
        END AS INT
    ) AS position,
    named.indicator,
    named.indicator_name,
    named.target_region,
    named.level,
    named.region,
    named.region_name,
    named.department,
    named.department_name,
    named.direction,
    named.value,
    named.made,
    named.n_departments,
    named.target,
    named.unit,
    named.gap,
    named.lacking_pct,
    named.behind_points,
    named.days_left,
    named.obs_status,
    named.period_end,
    named.others_end,
    named.valid_from,
    named.valid_to,
    named.official_order,
    named.is_judged AND named.cause <> 'outdated' AS is_known
FROM named
WHERE named.cause IS NOT NULL
ORDER BY
    cause_order,
    position NULLS LAST,
    named.indicator,
    named.valid_from,
    named.target_region,
    named.level NULLS LAST,
    named.official_order NULLS LAST,
    named.department NULLS LAST,
    named.valid_to NULLS LAST,
    named.direction,
    named.region;
