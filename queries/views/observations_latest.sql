/*---
summary    = "Published figures, one vintage per figure"
summary_zh = "印发的数据，每个数据只取最新版本"
reads      = ["observations", "session"]
# The key of a figure; empty parts of it count as equal.
order      = ["indicator", "definition", "department", "region", "breakdown", "accumulation", "period_start", "period_end"]

[returns]
indicator    = "text"
definition   = "int"
department   = "text?"
region       = "text"
breakdown    = "text?"
accumulation = "text"
period_start = "date?"
period_end   = "date"
period_basis = "text"
value        = "double?"                     # in `unit`; null where missing or not applicable
value_text   = "text?"                       # a state that is no number
unit         = "text"                        # after scaling, so that a figure in ten thousands has become one in ones
obs_status   = "text"
qualifier    = "text?"
origin       = "text"                        # of the session: published unless asked otherwise
edition      = "text?"                       # null: a sum of figures from several, under comparable departments
release      = "text"
published_on = "date?"
received_at  = "timestamp"
batch        = "text?"                       # null: a sum of figures from several
place        = "text?"                       # null: a sum of figures
printed      = "text?"
row_label    = "text?"
column_label = "text?"
row_idx      = "int?"                        # position in the printed table, from 0
note         = "text?"
is_approximate = "bool"                      # told with a qualifier, estimated, or rounded as a figure in ten thousands is
n_parts      = "int"                         # figures that were added up for it; 1 as reported

[returns_zh]
value        = "单位见 `unit`；缺失或不适用的为空"
value_text   = "不是数值的状态文字"
unit         = "换算后的单位：万条已换算为条"
origin       = "本次查询所取来源：不另指定则为 published（印发）"
edition      = "空值为可比部门口径下由多份文件的数据合计而得"
batch        = "空值为由多个批次的数据合计而得"
place        = "空值为合计数"
row_idx      = "在印发表中的位次，从0起"
is_approximate = "是否为约数、估计数或取整数（如1.2万）"
n_parts      = "合计而成的数据个数；按印发列示的为1"
---*/
-- Under `--departments comparable`, `observations_comparable` takes this name, and what stands here
-- is `observations_as_reported`.
WITH known AS (
    SELECT
        obs.indicator,
        obs.definition,
        obs.department,
        obs.region,
        obs.breakdown,
        obs.accumulation,
        obs.period_start,
        obs.period_end,
        obs.period_basis,
        obs.value,
        obs.value_text,
        obs.unit,
        obs.obs_status,
        obs.qualifier,
        obs.origin,
        obs.edition,
        obs.release,
        obs.published_on,
        obs.received_at,
        obs.batch,
        obs.place,
        obs.printed,
        obs.row_label,
        obs.column_label,
        obs.row_idx,
        obs.note,
        coalesce(obs.published_on, CAST(obs.received_at AS DATE)) AS known_on
    FROM observations AS obs
    CROSS JOIN session AS ses
    WHERE obs.origin = ses.origin
        AND (
            ses.as_of IS NULL
            OR coalesce(obs.published_on, CAST(obs.received_at AS DATE)) <= ses.as_of
        )
),
-- The vintages in their order: a window over one integer is three times as fast as one over the
-- three columns that it stands for. They are taken from the table, whoever states them: what is read
-- twice, as `known` would be, is written down with all of its columns before anything is left out, and
-- numbers that nobody has harm no order.
vintages AS (
    SELECT
        vintage.known_on,
        vintage.received_at,
        vintage.batch,
        row_number() OVER (
            ORDER BY vintage.known_on, vintage.received_at, vintage.batch
        ) AS vintage_no
    FROM (
        SELECT DISTINCT
            coalesce(obs.published_on, CAST(obs.received_at AS DATE)) AS known_on,
            obs.received_at,
            obs.batch
        FROM observations AS obs
    ) AS vintage
),
ranked AS (
    SELECT
        known.indicator,
        known.definition,
        known.department,
        known.region,
        known.breakdown,
        known.accumulation,
        known.period_start,
        known.period_end,
        known.period_basis,
        known.value,
        known.value_text,
        known.unit,
        known.obs_status,
        known.qualifier,
        known.origin,
        known.edition,
        known.release,
        known.published_on,
        known.received_at,
        known.batch,
        known.place,
        known.printed,
        known.row_label,
        known.column_label,
        known.row_idx,
        known.note,
        -- What the last digit that is printed stands for: a thousand in 1.2万.
        nullif(greatest(known.value, 0), 0)
            / nullif(
                CAST(
                    nullif(
                        translate(
                            regexp_extract(known.printed, '[0-9][0-9,，]*(?:[.．][0-9]+)?', 0),
                            ',，.．',
                            ''
                        ),
                        ''
                    ) AS DOUBLE
                ),
                0
            ) AS last_digit,
        length(regexp_extract(known.printed, '[0-9][0-9,，]*[.．]([0-9]+)', 1)) AS n_decimals,
        -- A batch has each figure once: ingest refuses two rows or columns that claim the same.
        row_number() OVER (
            PARTITION BY
                known.indicator, known.definition, known.department, known.region, known.breakdown,
                known.accumulation, known.period_start, known.period_end, known.origin
            ORDER BY vintages.vintage_no DESC
        ) AS newest_first
    FROM known
    JOIN vintages
        ON  vintages.known_on = known.known_on
        AND vintages.received_at = known.received_at
        AND vintages.batch = known.batch
)
SELECT
    ranked.indicator,
    ranked.definition,
    ranked.department,
    ranked.region,
    ranked.breakdown,
    ranked.accumulation,
    ranked.period_start,
    ranked.period_end,
    ranked.period_basis,
    ranked.value,
    ranked.value_text,
    ranked.unit,
    ranked.obs_status,
    ranked.qualifier,
    ranked.origin,
    ranked.edition,
    ranked.release,
    ranked.published_on,
    ranked.received_at,
    ranked.batch,
    ranked.place,
    ranked.printed,
    ranked.row_label,
    ranked.column_label,
    ranked.row_idx,
    ranked.note,
    -- Below a thousand what is printed is a percent or a count, and a value that was corrected is none of what
    -- is printed.
    ranked.qualifier IS NOT NULL
        OR ranked.obs_status = 'estimated'
        OR coalesce(
            ranked.last_digit > 1.5
                AND ranked.last_digit * power(10, ranked.n_decimals) > 999
                AND abs(ranked.last_digit / power(10, round(log10(ranked.last_digit))) - 1) <= 0.000001,
            false
        ) AS is_approximate,
    CAST(1 AS INT) AS n_parts
FROM ranked
WHERE ranked.newest_first = 1;
