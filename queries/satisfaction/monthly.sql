/*---
summary    = "Ratings of each department by month, those given by people and those given by default apart"
summary_zh = "各部门逐月好差评，主动评价与系统默认评价分列"
reads      = ["departments", "evaluations_latest"]
order      = ["month", "official_order", "department"]
show       = ["month", "department_name", "active", "good_pct", "negative", "default_ratings", "default_share_pct", "scale_status"]

[params.scope]
type    = "text"
default = "pushed"
values  = ["pushed", "platform"]
help    = "pushed by systems of departments, or handled on the platform itself"
help_zh = "pushed（部门自建系统推送）或 platform（在平台上直接办理）"

[returns]
month             = { type = "date?", format = "month" }  # its first day; null: the ratings do not say when
department        = { type = "text?", values = "departments" }  # null: ratings of bodies that no department is known of
department_name   = "text?"
ratings           = "bigint"   # 条; active, default_ratings and of_unknown_channel
active            = "bigint"   # 条; given by people
score_5           = "bigint"   # 条; active, very satisfied
score_4           = "bigint"   # 条; active, satisfied
score_3           = "bigint"   # 条; active, fairly satisfied
score_2           = "bigint"   # 条; active, dissatisfied
score_1           = "bigint"   # 条; active, very dissatisfied
without_score     = "bigint"   # 条; active, no score from 1 to 5 that could be taken
negative          = "bigint"   # 条; active, 2 or 1
good_pct          = "double?"  # percent; 5, 4 and 3 of active ones with a score (formula unverified)
average_score     = { type = "double?", decimals = 2 }  # 1 to 5, 5 best; of active ones with a score
default_ratings   = "bigint"   # 条; given by the system because nobody rated
default_share_pct = "double?"  # percent of active and default ratings
default_good_pct  = "double?"  # percent; the same as good_pct, of default ratings
of_unknown_channel = "bigint"  # 条; do not say whether they were given by default; in no other count but ratings
scale_status      = { type = "text?", values = ["agrees", "reversed"] }  # agrees, reversed: what the tags say of the scores; null without tags
official_order    = "int?"

[returns_zh]
month             = "以当月首日表示；空值为未载明时间的评价"
department        = "空值为不知归属部门的单位的评价"
ratings           = "条；active、default_ratings 与 of_unknown_channel 之和"
active            = "条；由办事人作出的评价"
score_5           = "条；主动评价中非常满意的"
score_4           = "条；主动评价中满意的"
score_3           = "条；主动评价中基本满意的"
score_2           = "条；主动评价中不满意的"
score_1           = "条；主动评价中非常不满意的"
without_score     = "条；主动评价中没有可采用的1至5分评分的"
negative          = "条；主动评价中评分为2或1的"
good_pct          = "评分为5、4、3的占有评分的主动评价的比例（公式未核实）"
average_score     = "1至5分，5分最好；按有评分的主动评价计"
default_ratings   = "条；无人评价、由系统默认给出的"
default_share_pct = "占主动评价与系统默认评价之和的比例"
default_good_pct  = "算法同 good_pct，按系统默认评价计"
of_unknown_channel = "条；未载明是否系统默认的，除 ratings 外不计入其他各项"
scale_status      = "agrees（与标签相符）、reversed（与标签相反）：据评价标签判断评分方向；没有标签的为空"
---*/
WITH rated AS (
    SELECT
        eva.department,
        CAST(date_trunc('month', eva.event_at) AS DATE) AS month,
        CASE WHEN eva.is_default = FALSE THEN eva.satisfaction END AS score,
        CASE WHEN eva.is_default = TRUE THEN eva.satisfaction END AS default_score,
        CASE WHEN eva.is_default = FALSE THEN 1 ELSE 0 END AS is_active,
        CASE WHEN eva.is_default = TRUE THEN 1 ELSE 0 END AS is_default,
        CASE WHEN eva.is_default IS NULL THEN 1 ELSE 0 END AS is_unknown,
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
),
counted AS (
    SELECT
        rated.department,
        rated.month,
        CAST(count(1) AS BIGINT) AS ratings,
        CAST(sum(rated.is_active) AS BIGINT) AS active,
        CAST(sum(CASE WHEN rated.score = 5 THEN 1 ELSE 0 END) AS BIGINT) AS score_5,
        CAST(sum(CASE WHEN rated.score = 4 THEN 1 ELSE 0 END) AS BIGINT) AS score_4,
        CAST(sum(CASE WHEN rated.score = 3 THEN 1 ELSE 0 END) AS BIGINT) AS score_3,
        CAST(sum(CASE WHEN rated.score = 2 THEN 1 ELSE 0 END) AS BIGINT) AS score_2,
        CAST(sum(CASE WHEN rated.score = 1 THEN 1 ELSE 0 END) AS BIGINT) AS score_1,
        CAST(count(rated.score) AS BIGINT) AS scored,
        CAST(sum(rated.score) AS DOUBLE) AS score_sum,
        CAST(sum(rated.is_default) AS BIGINT) AS default_ratings,
        CAST(count(rated.default_score) AS BIGINT) AS default_scored,
        CAST(sum(CASE WHEN rated.default_score >= 3 THEN 1 ELSE 0 END) AS BIGINT) AS default_good,
        CAST(sum(rated.is_unknown) AS BIGINT) AS of_unknown_channel,
        CAST(sum(rated.agrees) AS BIGINT) AS n_agree,
        CAST(sum(rated.is_reversed) AS BIGINT) AS n_reversed
    FROM rated
    GROUP BY rated.department, rated.month
)
SELECT
    counted.month,
    counted.department,
    coalesce(dep.name_zh, counted.department) AS department_name,
    counted.ratings,
    counted.active,
    counted.score_5,
    counted.score_4,
    counted.score_3,
    counted.score_2,
    counted.score_1,
    counted.active - counted.scored AS without_score,
    counted.score_2 + counted.score_1 AS negative,
    100 * CAST(counted.score_5 + counted.score_4 + counted.score_3 AS DOUBLE)
        / nullif(counted.scored, 0) AS good_pct,
    counted.score_sum / nullif(counted.scored, 0) AS average_score,
    counted.default_ratings,
    100 * CAST(counted.default_ratings AS DOUBLE)
        / nullif(counted.active + counted.default_ratings, 0) AS default_share_pct,
    100 * CAST(counted.default_good AS DOUBLE) / nullif(counted.default_scored, 0) AS default_good_pct,
    counted.of_unknown_channel,
    CASE
        WHEN counted.n_agree + counted.n_reversed = 0 THEN NULL
        WHEN counted.n_reversed > counted.n_agree THEN 'reversed'
        ELSE 'agrees'
    END AS scale_status,
    dep.official_order
FROM counted
LEFT JOIN departments AS dep
    ON dep.department = counted.department
ORDER BY counted.month NULLS LAST, dep.official_order NULLS LAST, counted.department NULLS LAST;
