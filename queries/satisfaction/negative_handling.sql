/*---
summary    = "Negative ratings of each department, and how the same cases were rated afterwards"
summary_zh = "各部门差评及其后续评价情况"
reads      = ["departments", "evaluations_latest"]
order      = ["official_order", "department"]
show       = ["department_name", "active", "negative", "negative_pct", "with_reason", "rated_again", "improved", "improved_pct", "of_unknown_channel"]

[params.first_day]
type    = "date?"
help    = "first day of the ratings; without it from the first on"
help_zh = "评价起始日；不给则从最早算起"

[params.last_day]
type       = "date?"
not_before = "first_day"
help       = "last day of the ratings; without it up to the last"
help_zh    = "评价截止日；不给则到最晚为止"

[params.scope]
type    = "text"
default = "pushed"
values  = ["pushed", "platform"]
help    = "pushed by systems of departments, or handled on the platform itself"
help_zh = "pushed（部门自建系统推送）或 platform（在平台上直接办理）"

[returns]
department      = { type = "text?", values = "departments" }  # null: ratings of bodies that no department is known of
department_name = "text?"
active          = "bigint"   # 条; given by people, with a score
negative        = "bigint"   # 条; active, 2 or 1
negative_pct    = "double?"  # percent of active
with_reason     = "bigint"   # 条; negative ones with a tag or a text
rated_again     = "bigint"   # 条; negative ones whose case was rated again, by a person
improved        = "bigint"   # 条; of these, with 3 or more in the last rating
still_negative  = "bigint"   # 条; of these, with 2 or less
open            = "bigint"   # 条; negative ones whose case was not rated again
improved_pct    = "double?"  # percent of negative
of_unknown_channel = "bigint" # 条; do not say whether they were given by default; in no other count
official_order  = "int?"

[returns_zh]
department      = "空值为不知归属部门的单位的评价"
active          = "条；由办事人作出且有评分的评价"
negative        = "条；主动评价中评分为2或1的"
negative_pct    = "占主动评价的比例"
with_reason     = "条；差评中带标签或文字的"
rated_again     = "条；差评中同一办件由办事人再次评价的"
improved        = "条；其中最后一次评分为3及以上的"
still_negative  = "条；其中最后一次评分为2及以下的"
open            = "条；差评中同一办件未再评价的"
improved_pct    = "占差评的比例"
of_unknown_channel = "条；未载明是否系统默认的，不计入其他各项"
---*/
-- No interface that is known has a field that says whether a negative rating was handled (整改). That its
-- case was rated again (assessNumber 2) is the only sign of it in the records.
WITH rated AS (
    SELECT
        eva.record_key,
        eva.project_no,
        eva.assess_number,
        eva.department,
        CASE WHEN eva.is_default = FALSE THEN eva.satisfaction END AS score,
        CASE WHEN eva.is_default IS NULL THEN 1 ELSE 0 END AS is_unknown,
        CAST(eva.event_at AS DATE) AS day,
        CASE
            WHEN coalesce(eva.eval_detail, '') <> '' OR coalesce(eva.text_length, 0) > 0 THEN 1
            ELSE 0
        END AS has_reason
    FROM evaluations_latest AS eva
    WHERE eva.scope = $scope
        AND (eva.is_default IS NULL OR (eva.is_default = FALSE AND eva.satisfaction IS NOT NULL))
),
asked AS (
    SELECT
        rated.record_key,
        rated.project_no,
        rated.assess_number,
        rated.department,
        rated.score,
        rated.is_unknown,
        rated.has_reason
    FROM rated
    WHERE ($first_day IS NULL OR rated.day >= $first_day)
        AND ($last_day IS NULL OR rated.day <= $last_day)
),
-- Few rows: nobody rates a case more often than a few times, and most ratings are good.
followed AS (
    SELECT
        asked.record_key,
        later.score,
        row_number() OVER (
            PARTITION BY asked.record_key
            ORDER BY later.assess_number DESC, later.record_key DESC
        ) AS last_first
    FROM asked
    JOIN rated AS later
        ON  later.project_no = asked.project_no
        AND later.assess_number > asked.assess_number
        AND later.score IS NOT NULL
    WHERE asked.score <= 2
),
counted AS (
    SELECT
        asked.department,
        CAST(count(asked.score) AS BIGINT) AS active,
        CAST(sum(CASE WHEN asked.score <= 2 THEN 1 ELSE 0 END) AS BIGINT) AS negative,
        CAST(sum(CASE WHEN asked.score <= 2 THEN asked.has_reason ELSE 0 END) AS BIGINT) AS with_reason,
        CAST(count(followed.score) AS BIGINT) AS rated_again,
        CAST(sum(CASE WHEN followed.score >= 3 THEN 1 ELSE 0 END) AS BIGINT) AS improved,
        CAST(sum(asked.is_unknown) AS BIGINT) AS of_unknown_channel
    FROM asked
    LEFT JOIN followed
        ON  followed.record_key = asked.record_key
        AND followed.last_first = 1
    GROUP BY asked.department
)
SELECT
    counted.department,
    coalesce(dep.name_zh, counted.department) AS department_name,
    counted.active,
    counted.negative,
    100 * CAST(counted.negative AS DOUBLE) / nullif(counted.active, 0) AS negative_pct,
    counted.with_reason,
    counted.rated_again,
    counted.improved,
    counted.rated_again - counted.improved AS still_negative,
    counted.negative - counted.rated_again AS open,
    100 * CAST(counted.improved AS DOUBLE) / nullif(counted.negative, 0) AS improved_pct,
    counted.of_unknown_channel,
    dep.official_order
FROM counted
LEFT JOIN departments AS dep
    ON dep.department = counted.department
ORDER BY dep.official_order NULLS LAST, counted.department NULLS LAST;
