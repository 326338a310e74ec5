/*---
summary    = "Every printed total beside the sum of its column"
summary_zh = "合计行核对：印发的合计与各行之和"
reads      = ["indicators", "totals"]
order      = ["period_end", "edition", "batch", "table_title", "place", "indicator"]
show       = ["period_end", "edition", "indicator_name", "printed", "sum_value", "difference", "unit", "n_rows", "reconciled"]

[returns]
edition        = "text"
table_title    = "text"
indicator      = { type = "text", values = "indicators" }
indicator_name = "text"
period_end     = "date"
row_label      = "text"
printed        = "text"       # the cell as it stood
printed_value  = "double?"    # in `unit`; null where the cell is no number
sum_value      = "double"     # in `unit`; of the rows above
difference     = { type = "double?", format = "change" }  # printed minus sum
unit           = "text"
n_rows         = "int"        # rows that were added
reconciled     = "bool"       # equal within the rounding that the print allows
batch          = { type = "text", format = "id" }
place          = { type = "text", format = "id" }

[returns_zh]
printed        = "单元格原文"
printed_value  = "单位见 `unit`；单元格不是数字的为空"
sum_value      = "单位见 `unit`；以上各行之和"
difference     = "印出的合计减各行之和"
n_rows         = "相加的行数"
reconciled     = "在印发取整误差以内是否相符"
---*/
SELECT
    total.edition,
    total.table_title,
    total.indicator,
    coalesce(ind.name_zh, total.indicator) AS indicator_name,
    total.period_end,
    total.row_label,
    total.printed,
    total.printed_value,
    total.sum_value,
    total.difference,
    total.unit,
    total.n_rows,
    total.reconciled,
    total.batch,
    total.place
FROM totals AS total
LEFT JOIN indicators AS ind
    ON  ind.indicator = total.indicator
    AND ind.definition = total.definition
ORDER BY
    total.period_end,
    total.edition,
    total.batch,
    total.table_title,
    total.place,
    total.indicator;
