/*---
summary    = "What notes of documents say of figures: counted otherwise than before, or with data that came late"
summary_zh = "文件附注对数据的说明：统计口径调整，或含迟报、重报的以往数据"
reads      = ["findings", "observations_latest"]
# Empty parts count as equal.
order      = ["indicator", "definition", "department", "region", "breakdown", "unit", "accumulation", "first_day", "period_end", "code", "sentence"]

[returns]
indicator    = "text"
definition   = "int"
department   = "text?"
region       = "text"
breakdown    = "text?"
unit         = "text"
accumulation = "text"
first_day    = "date"    # from which the figure counts; far back where nothing tells it
period_end   = "date"
code         = "text"    # note.definition_changed, note.resubmitted
sentence     = "text"    # what the note says

[returns_zh]
first_day    = "数据的起算日；无从得知的取久远之日"
code         = "note.definition_changed（统计口径调整）、note.resubmitted（含迟报、重报的以前数据）"
sentence     = "附注原文"
---*/
-- That figures are counted otherwise stands under every table after the change, and is said of all its
-- figures. That data came late stands beside the figure.
SELECT
    latest.indicator,
    latest.definition,
    latest.department,
    latest.region,
    latest.breakdown,
    latest.unit,
    latest.accumulation,
    CASE
        WHEN latest.accumulation = 'year_to_date'
        THEN coalesce(latest.period_start, CAST(date_trunc('year', latest.period_end) AS DATE))
        ELSE coalesce(latest.period_start, CAST('0001-01-01' AS DATE))
    END AS first_day,
    latest.period_end,
    find.code,
    find.found AS sentence
FROM observations_latest AS latest
JOIN findings AS find
    ON find.batch = latest.batch
WHERE (find.code = 'note.resubmitted' AND instr(latest.note, find.found) > 0)
    OR (
        find.code = 'note.definition_changed'
        AND regexp_extract(find.place, 'table=([0-9]+)', 1)
            = regexp_extract(latest.place, 'table=([0-9]+)', 1)
    );
