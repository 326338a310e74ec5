/*---
summary    = "Every target with what was reached: value, target, gap, met, missed or not due"
summary_zh = "目标达成情况：实际值、目标值、差距及达标、未达标或未到期"
reads      = ["targets_judged"]
order      = ["indicator", "valid_from", "target_region", "level_order", "official_order", "department", "valid_to", "direction", "region"]
show       = ["indicator_name", "region_name", "department_name", "value", "direction", "target", "unit", "gap", "standing", "valid_to", "days_left", "obs_status", "period_end"]
without_department = "whole_region"

[params.indicator]
type    = "text?"
help    = "indicator id, as online_rate; without it all that have a target"
help_zh = "指标代码，如 online_rate；不给则取全部有目标的指标"

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
target          = "double"     # in `unit`
value           = { type = "double?", status = "obs_status", approximate = "is_approximate" }  # in `unit`; null where `cause` says why
made            = { type = "text?", values = ["stated", "difference"] }  # stated: the figure as it stands; difference: of a running total that began before the time of the target (a year to date in the same year), less that of the day before it; null without a figure
n_departments   = "bigint?"    # whose figures were added up, because the region has none of its own; null where the figure is one
unit            = "text"
gap             = { type = "double?", format = "change" }  # in `unit`; what is lacking, of a limit what is too much: 0 or less where the target is met
is_met          = "bool?"      # null where `cause` says why
standing        = { type = "text", values = ["met", "missed", "not_due", "not_yet_met", "over_limit", "within_limit", "no_figure", "unit_differs", "revised_down", "doubtful_fall"] }  # met, missed (not met when its time was over), not_due, not_yet_met (without an end), over_limit, within_limit (so far), no_figure, unit_differs, revised_down (the figure was too high: a later one is lower), doubtful_fall (it, or the one that is taken away, is less than half of the one before, and no later one bears it out)
cause           = { type = "text?", values = ["no_figure", "unit_differs", "revised_down", "doubtful_fall"] }
obs_status      = { type = "text?", values = ["reported", "returned", "not_applicable", "missing", "estimated", "partly_missing", "partly_returned"] }  # of the figure; returned: a zero because everything was sent back
is_approximate  = "bool"       # the figure is told with a qualifier, estimated or rounded
period_end      = "date?"      # last day of the figure
valid_from      = "date"       # first day of the time that the target is set for
valid_to        = "date?"      # last day of it
days_left       = "int?"       # of its time, from the end of the figure on
edition         = "text?"      # of the figure
n_places        = "bigint"     # that have to reach the target
n_known         = "bigint"     # of them with a figure to judge by
n_met           = "bigint"     # of them that meet it
official_order  = "int?"

[returns_zh]
target_region   = "目标适用的地区"
level_order     = "地区本身0，省级1，市州级2，县级3，乡镇级4，村级5"
level           = "应分别达标的区划层级；以地区本身为对象的为空"
region          = "应达标的地区"
department      = "不分部门的目标为空"
target          = "单位见 `unit`"
value           = "单位见 `unit`；`cause` 载明原因的为空"
made            = "stated（直接载明）：照印发数；difference（两期累计之差）：目标期之前即已开始的累计数（年初起累计的须在同一年内），减去目标期前一日的累计数；无数据的为空"
n_departments   = "地区本身无数据、由各部门数据合计而得的，为所计部门数；单个数据的为空"
gap             = "单位见 `unit`；距目标的差额，上限类目标为超出数；达标的为0或负"
is_met          = "`cause` 载明原因的为空"
standing        = "met（已达标）、missed（到期未达标）、not_due（未到期）、not_yet_met（尚未达标，目标无截止日）、over_limit（超出限额）、within_limit（至今未超限额）、no_figure（本期无数据）、unit_differs（单位与目标不同）、revised_down（偏高，后经下调）、doubtful_fall（骤降存疑，本数或所减之数不足上期一半，且无后续数据印证）"
obs_status      = "数据的状态；returned（数据退回）：全部退回，因而为零"
is_approximate  = "数据是否为约数、估计数或取整数"
period_end      = "数据的截止日"
valid_from      = "目标考核期首日"
valid_to        = "目标考核期末日"
days_left       = "数据截止日至考核期末的剩余天数"
edition         = "数据所据文件"
n_places        = "应达标的地区或部门"
n_known         = "其中有数据可供判定的"
n_met           = "其中已达标的"
---*/
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
    judged.direction,
    judged.target,
    judged.value,
    judged.made,
    judged.n_departments,
    judged.unit,
    judged.gap,
    judged.is_met,
    CASE
        WHEN judged.is_met IS NULL THEN judged.cause
        WHEN judged.direction = 'at_most' AND NOT judged.is_met THEN 'over_limit'
        WHEN judged.direction = 'at_most' AND judged.days_left IS NULL THEN 'within_limit'
        WHEN judged.direction = 'at_most' AND judged.days_left > 0 THEN 'within_limit'
        WHEN judged.is_met THEN 'met'
        WHEN judged.days_left IS NULL THEN 'not_yet_met'
        WHEN judged.days_left > 0 THEN 'not_due'
        ELSE 'missed'
    END AS standing,
    judged.cause,
    judged.obs_status,
    judged.is_approximate,
    judged.period_end,
    judged.valid_from,
    judged.valid_to,
    judged.days_left,
    judged.edition,
    CAST(count(*) OVER goal AS BIGINT) AS n_places,
    CAST(count(judged.is_met) OVER goal AS BIGINT) AS n_known,
    CAST(count(CASE WHEN judged.is_met THEN 1 END) OVER goal AS BIGINT) AS n_met,
    judged.official_order
FROM targets_judged AS judged
WHERE (CAST($indicator AS STRING) IS NULL OR judged.indicator = $indicator)
    AND (CAST($region AS STRING) IS NULL OR judged.region = $region)
    AND (CAST($department AS STRING) IS NULL OR judged.department = $department)
    AND coalesce(CAST($day AS DATE), judged.valid_from) BETWEEN judged.valid_from AND judged.in_force_to
WINDOW goal AS (
    PARTITION BY
        judged.indicator, judged.target_region, judged.level, judged.department, judged.valid_from,
        judged.valid_to, judged.direction
)
ORDER BY
    judged.indicator,
    judged.valid_from,
    judged.target_region,
    judged.level_order,
    judged.official_order NULLS LAST,
    judged.department NULLS LAST,
    judged.valid_to NULLS LAST,
    judged.direction,
    judged.region;
