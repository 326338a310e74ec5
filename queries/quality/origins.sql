/*---
summary    = "Who states the figures of every document: published, reported by departments, counted by the platform"
summary_zh = "各文件数据的来源：印发、部门自报还是平台统计"
reads      = ["batches", "observations"]
order      = ["batch", "origin", "release"]
show       = ["file_name", "document_number", "origin", "release", "n_figures", "first_period_end", "last_period_end"]

[params.period]
type    = "date?"
help    = "last day of a period: the documents that have figures of it; without it all"
help_zh = "统计期末日：只列有这一期数据的文件；不给则全部"

[returns]
batch            = { type = "text", format = "id" }
file_name        = "text?"
document_number  = { type = "text?", format = "id" }
layout           = "text?"      # saved layouts that were applied, where there were any
origin           = { type = "text", values = ["published", "reported", "platform"] }  # published, reported, platform; questions show published figures
release          = { type = "text", values = ["draft", "approved", "published"] }
n_figures        = "bigint"     # of the period, where one is asked for
first_period_end = "date"
last_period_end  = "date"

[returns_zh]
layout           = "所用的已存布局，未用的为空"
origin           = "published（印发）、reported（部门自报）、platform（平台统计）；查询默认显示印发数据"
n_figures        = "指定统计期的，只计该期"
---*/
SELECT
    obs.batch,
    bat.file_name,
    bat.document_number,
    bat.layout,
    obs.origin,
    obs.release,
    count(*) AS n_figures,
    min(obs.period_end) AS first_period_end,
    max(obs.period_end) AS last_period_end
FROM observations AS obs
LEFT JOIN batches AS bat
    ON bat.batch = obs.batch
WHERE CAST($period AS DATE) IS NULL
    OR obs.period_end = CAST($period AS DATE)
GROUP BY obs.batch, bat.file_name, bat.document_number, bat.layout, obs.origin, obs.release
ORDER BY obs.batch, obs.origin, obs.release;
