/*---
summary    = "Ratings by the channel on which they were given"
summary_zh = "各评价渠道好差评情况"
reads      = ["evaluations_latest"]
order      = ["channel"]
show       = ["channel", "ratings", "share_pct", "good_pct", "average_score", "negative", "n_departments"]

[params.department]
type    = "text?"
help    = "one department; without it all of them"
help_zh = "只看一个部门；不给则全部"

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
channel       = "text?"    # default: given by the system because nobody rated; null: not told
ratings       = "bigint"   # 条
share_pct     = "double"   # percent of all ratings
score_5       = "bigint"   # 条; very satisfied
score_4       = "bigint"   # 条; satisfied
score_3       = "bigint"   # 条; fairly satisfied
score_2       = "bigint"   # 条; dissatisfied
score_1       = "bigint"   # 条; very dissatisfied
without_score = "bigint"   # 条; no score from 1 to 5 that could be taken
negative      = "bigint"   # 条; 2 or 1
good_pct      = "double?"  # percent; 5, 4 and 3 of those with a score (formula unverified)
average_score = { type = "double?", decimals = 2 }  # 1 to 5, 5 best
scale_status  = { type = "text?", values = ["agrees", "reversed"] }  # agrees, reversed: what the tags say of the scores; null without tags
n_departments = "bigint"   # departments with ratings on the channel

[returns_zh]
channel       = "default（系统默认）：无人评价，由系统给出；空值为渠道未载明"
share_pct     = "占全部评价的比例"
score_5       = "条；评价为非常满意"
score_4       = "条；评价为满意"
score_3       = "条；评价为基本满意"
score_2       = "条；评价为不满意"
score_1       = "条；评价为非常不满意"
without_score = "条；没有可采用的1至5分评分"
negative      = "条；评分为2或1"
good_pct      = "评分为5、4、3的占有评分的比例（公式未核实）"
average_score = "1至5分，5分最好"
scale_status  = "agrees（与标签相符）、reversed（与标签相反）：据评价标签判断评分方向；没有标签的为空"
n_departments = "在该渠道有评价的部门"
---*/
WITH rated AS (
    SELECT
        eva.channel,
        eva.department,
        eva.satisfaction AS score,
        -- A tag begins with the score that it belongs to; 3 is the same in both directions.
        CASE
            WHEN eva.satisfaction <> 3
                AND substring(eva.eval_detail, 1, 1) = CAST(eva.satisfaction AS STRING) THEN 1
            ELSE 0
        END AS agrees,
        CASE
            WHEN eva.satisfaction <> 3
                AND substring(eva.eval_detail, 1, 1) = CAST(6 - eva.satisfaction AS STRING) THEN 1
            ELSE 0
        END AS is_reversed
    FROM evaluations_latest AS eva
    WHERE eva.scope = $scope
        AND ($department IS NULL OR eva.department = $department)
        AND ($first_day IS NULL OR CAST(eva.event_at AS DATE) >= $first_day)
        AND ($last_day IS NULL OR CAST(eva.event_at AS DATE) <= $last_day)
),
counted AS (
    SELECT
        rated.channel,
        CAST(count(1) AS BIGINT) AS ratings,
        CAST(sum(CASE WHEN rated.score = 5 THEN 1 ELSE 0 END) AS BIGINT) AS score_5,
        CAST(sum(CASE WHEN rated.score = 4 THEN 1 ELSE 0 END) AS BIGINT) AS score_4,
        CAST(sum(CASE WHEN rated.score = 3 THEN 1 ELSE 0 END) AS BIGINT) AS score_3,
        CAST(sum(CASE WHEN rated.score = 2 THEN 1 ELSE 0 END) AS BIGINT) AS score_2,
        CAST(sum(CASE WHEN rated.score = 1 THEN 1 ELSE 0 END) AS BIGINT) AS score_1,
        CAST(count(rated.score) AS BIGINT) AS scored,
        CAST(sum(rated.score) AS DOUBLE) AS score_sum,
        CAST(sum(rated.agrees) AS BIGINT) AS n_agree,
        CAST(sum(rated.is_reversed) AS BIGINT) AS n_reversed,
        CAST(count(DISTINCT rated.department) AS BIGINT) AS n_departments
    FROM rated
    GROUP BY rated.channel
)
SELECT
    counted.channel,
    counted.ratings,
    100 * CAST(counted.ratings AS DOUBLE) / CAST(sum(counted.ratings) OVER () AS DOUBLE) AS share_pct,
    counted.score_5,
    counted.score_4,
    counted.score_3,
    counted.score_2,
    counted.score_1,
    counted.ratings - counted.scored AS without_score,
    counted.score_2 + counted.score_1 AS negative,
    100 * CAST(counted.score_5 + counted.score_4 + counted.score_3 AS DOUBLE)
        / nullif(counted.scored, 0) AS good_pct,
    counted.score_sum / nullif(counted.scored, 0) AS average_score,
    CASE
        WHEN counted.n_agree + counted.n_reversed = 0 THEN NULL
        WHEN counted.n_reversed > counted.n_agree THEN 'reversed'
        ELSE 'agrees'
    END AS scale_status,
    counted.n_departments
FROM counted
ORDER BY counted.channel NULLS LAST;
