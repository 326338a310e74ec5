/*---
summary    = "Targets against the time that has passed: completion beside the share of time elapsed"
summary_zh = "序时进度：完成比例与时间进度对照"
reads      = ["targets_judged"]
order      = ["indicator", "valid_from", "target_region", "level_order", "official_order", "department", "valid_to", "direction", "region"]
show       = ["indicator_name", "region_name", "department_name", "value", "direction", "target", "unit", "completion_pct", "gained_pct", "elapsed_pct", "ahead_points", "pace", "valid_to", "obs_status", "period_end", "days_left"]
without_department = "whole_region"

[params.indicator]
type    = "text?"
help    = "indicator id, as cases_aggregated; without it all that have a target"
help_zh = "指标代码，如 cases_aggregated；不给则取全部有目标的指标"

[params.region]
type    = "text?"
help    = "region that has to reach it, as 630100; without it all"
help_zh = "应达标地区代码，如 630100；不给则全部"

[params.department]
type    = "text?"
help    = "department that has to reach it, as tax; without it all, and those of no department"
help_zh = "应达标部门代码，如 tax；不给则全部，含不分部门的"

[params.day]
type    = "date?"
help    = "day on which the target is in force; without it every target"
help_zh = "目标生效之日；不给则取全部目标"

[returns]
indicator       = { type = "text", values = "indicators" }
indicator_name  = "text"
target_region   = "text"       # in which the target holds
level_order     = "int"        # the region itself 0, province 1, prefecture 2, county 3, township 4, village 5
level           = { type = "text?", values = ["province", "prefecture", "county", "township", "village"] }  # of the divisions that each have to reach it; null for the region itself
region          = { type = "text", values = "regions" }  # that has to reach it
region_name     = "text"
department      = { type = "text?", values = "departments" }  # null where it is no department's
department_name = "text?"
direction       = { type = "text", values = ["at_least", "at_most"] }
value           = { type = "double?", status = "obs_status" }  # in `unit`; null where `cause` says why
made            = { type = "text?", values = ["stated", "difference"] }  # stated: the figure as it stands; difference: of a running total that began before the time of the target (a year to date in the same year), less that of the day before it; null without a figure
n_departments   = "bigint?"    # whose figures were added up, because the region has none of its own; null where the figure is one
target          = "double"     # in `unit`
unit            = "text"
completion_pct  = "double?"    # percent of the target; null where that is 0, and for rates
opening_value   = "double?"    # in `unit`; of a stock, the figure at the end of the month before the target's time
opening_period_end = "date?"   # day of that figure
gained_pct      = "double?"    # of a stock, percent of what the target asks for beyond the opening; null without one, and where it asks for no more
elapsed_pct     = "double?"    # percent of the target's time at the end of the figure; null without an end
ahead_points    = { type = "double?", format = "change", decimals = 2 }  # percentage points of what was gained, else of completion, before the time, negative behind it; for at_most what is left of the share
expected_value  = "double?"    # in `unit`; what the time elapsed asks for, of a stock beyond its opening
pace            = { type = "text", values = ["met", "on_schedule", "behind", "over_limit", "outdated", "no_figure", "unit_differs", "revised_down", "doubtful_fall", "not_applicable"] }  # met, on_schedule, behind, over_limit, outdated (on schedule at the end of the figure, and others have later ones), no_figure, unit_differs, revised_down (the figure was too high: a later one is lower), doubtful_fall (it, or the one that is taken away, is less than half of the one before, and no later one bears it out), not_applicable
cause           = { type = "text?", values = ["ratio", "no_end", "no_figure", "unit_differs", "revised_down", "doubtful_fall"] }  # why there is no schedule
days_elapsed    = "int?"       # of the target's time, at the end of the figure
days_left       = "int?"       # from the end of the figure on
obs_status      = { type = "text?", values = ["reported", "returned", "not_applicable", "missing", "estimated", "partly_missing", "partly_returned"] }  # of the figure; returned: a zero because everything was sent back
period_end      = "date?"      # last day of the figure
others_end      = "date?"      # last day of later figures of other departments, where this one has none any more
valid_from      = "date"       # first day of the time that the target is set for
valid_to        = "date?"      # last day of it
official_order  = "int?"

[returns_zh]
target_region   = "目标适用的地区"
level_order     = "地区本身0，省级1，市州级2，县级3，乡镇级4，村级5"
level           = "应分别达标的区划层级；以地区本身为对象的为空"
region          = "应达标的地区"
department      = "不分部门的目标为空"
value           = "单位见 `unit`；`cause` 载明原因的为空"
made            = "stated（直接载明）：照印发数；difference（两期累计之差）：目标期之前即已开始的累计数（年初起累计的须在同一年内），减去目标期前一日的累计数；无数据的为空"
n_departments   = "地区本身无数据、由各部门数据合计而得的，为所计部门数；单个数据的为空"
target          = "单位见 `unit`"
completion_pct  = "占目标值的比例；目标值为零的和比率为空"
opening_value   = "单位见 `unit`；存量在考核期前一月末的数据"
opening_period_end = "期初数的截止日"
gained_pct      = "存量期内增量占目标要求增量（目标值减期初数）的比例；没有期初数的为空，目标值不高于期初数的也为空"
elapsed_pct     = "至数据截止日已过时间占考核期的比例；目标无截止日的为空"
ahead_points    = "期内增量完成比例（没有的取完成比例）超前时间进度的百分点，落后为负；at_most（不高于）类目标为时间进度减已用比例"
expected_value  = "单位见 `unit`；按时间进度应达到的数，存量在期初数之上计"
pace            = "met（已达标）、on_schedule（符合序时进度）、behind（落后）、over_limit（超出限额）、outdated（其后无数据：截至其数据截止日符合序时进度，而其他部门有更近的数据）、no_figure（本期无数据）、unit_differs（单位与目标不同）、revised_down（偏高，后经下调）、doubtful_fall（骤降存疑，本数或所减之数不足上期一半，且无后续数据印证）、not_applicable（不适用）"
cause           = "不按序时进度判断的原因"
days_elapsed    = "考核期首日至数据截止日已过的天数"
days_left       = "数据截止日至考核期末的剩余天数"
obs_status      = "数据的状态；returned（数据退回）：全部退回，因而为零"
period_end      = "数据的截止日"
others_end      = "本部门其后无数据的，其他部门更近数据的截止日"
valid_from      = "目标考核期首日"
valid_to        = "目标考核期末日"
---*/
WITH timed AS (
    SELECT
        judged.indicator,
        judged.indicator_name,
        judged.target_region,
        judged.level_order,
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
        judged.is_met,
        -- Half of the year does not ask for half of a rate.
        CASE WHEN judged.kind = 'ratio' THEN NULL ELSE judged.completion_pct END AS completion_pct,
        judged.opening_value,
        judged.opening_period_end,
        judged.gained_pct,
        -- What a stock had when the time began was not gained in it.
        CASE
            WHEN judged.kind = 'ratio' THEN NULL
            WHEN judged.opening_value IS NULL THEN judged.completion_pct
            ELSE coalesce(judged.gained_pct, 0)
        END AS progress_pct,
        judged.elapsed_pct,
        coalesce(
            judged.cause,
            CASE WHEN judged.kind = 'ratio' THEN 'ratio' WHEN judged.days_total IS NULL THEN 'no_end' END
        ) AS cause,
        judged.days_elapsed,
        judged.days_left,
        judged.obs_status,
        judged.period_end,
        judged.others_end,
        judged.valid_from,
        judged.valid_to
    FROM targets_judged AS judged
    WHERE (CAST($indicator AS STRING) IS NULL OR judged.indicator = $indicator)
        AND (CAST($region AS STRING) IS NULL OR judged.region = $region)
        AND (CAST($department AS STRING) IS NULL OR judged.department = $department)
        AND coalesce(CAST($day AS DATE), judged.valid_from) BETWEEN judged.valid_from AND judged.in_force_to
)
SELECT
    timed.indicator,
    timed.indicator_name,
    timed.target_region,
    timed.level_order,
    timed.level,
    timed.region,
    timed.region_name,
    timed.department,
    timed.department_name,
    timed.direction,
    timed.value,
    timed.made,
    timed.n_departments,
    timed.target,
    timed.unit,
    timed.completion_pct,
    timed.opening_value,
    timed.opening_period_end,
    timed.gained_pct,
    timed.elapsed_pct,
    CASE
        WHEN timed.direction = 'at_most' THEN timed.elapsed_pct - timed.progress_pct
        ELSE timed.progress_pct - timed.elapsed_pct
    END AS ahead_points,
    CASE
        WHEN timed.cause IS NULL AND timed.target > timed.opening_value
        THEN timed.opening_value
            + (timed.target - timed.opening_value) * timed.elapsed_pct / 100
        WHEN timed.cause IS NULL AND timed.opening_value IS NULL
        THEN timed.target * timed.elapsed_pct / 100
        WHEN timed.cause IS NULL THEN timed.target
    END AS expected_value,
    CASE
        WHEN timed.is_met IS NULL THEN timed.cause
        WHEN timed.direction = 'at_most' AND NOT timed.is_met THEN 'over_limit'
        WHEN timed.direction = 'at_least' AND timed.is_met THEN 'met'
        WHEN timed.cause IS NOT NULL THEN 'not_applicable'
        WHEN timed.direction = 'at_most' AND timed.days_left <= 0 THEN 'met'
        -- Of a limit of 0 nothing may be used up.
        WHEN timed.direction = 'at_most' AND coalesce(timed.progress_pct, 0) > timed.elapsed_pct
        THEN 'behind'
        WHEN timed.direction = 'at_least' AND NOT coalesce(timed.progress_pct >= timed.elapsed_pct, false)
        THEN 'behind'
        WHEN timed.others_end IS NOT NULL THEN 'outdated'
        ELSE 'on_schedule'
    END AS pace,
    timed.cause,
    timed.days_elapsed,
    timed.days_left,
    timed.obs_status,
    timed.period_end,
    timed.others_end,
    timed.valid_from,
    timed.valid_to,
    timed.official_order
FROM timed
ORDER BY
    timed.indicator,
    timed.valid_from,
    timed.target_region,
    timed.level_order,
    timed.official_order NULLS LAST,
    timed.department NULLS LAST,
    timed.valid_to NULLS LAST,
    timed.direction,
    timed.region;
