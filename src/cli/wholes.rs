//! What rows are called on a terminal that are about no one department, but about a region as a whole or all
//! together.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};

use crate::diag::{Lang, word};
use crate::query::{Query, Several};
use crate::table::ResultTable;

/// The column that gets the names.
const NAME: &str = "department_name";

/// Returns an answer in which rows without a department have a name, where the head of the question says whom
/// they are about.
pub(super) fn with_names(query: &Query, table: ResultTable, lang: Lang) -> ResultTable {
    let Some(several) = query.head.without_department else { return table };
    let Ok(name_idx) = table.schema.index_of(NAME) else { return table };
    let named = |batch: &RecordBatch| {
        let mut columns = batch.columns().to_vec();
        columns[name_idx] = names(batch, several, lang)?;
        RecordBatch::try_new(batch.schema(), columns).ok()
    };
    match table.batches.iter().map(named).collect::<Option<Vec<RecordBatch>>>() {
        Some(batches) => ResultTable { batches, ..table },
        None => table,
    }
}

fn names(batch: &RecordBatch, several: Several, lang: Lang) -> Option<ArrayRef> {
    let column = |name: &str| batch.column_by_name(name)?.as_string_opt::<i32>();
    let (departments, names) = (column("department")?, column(NAME)?);
    let text = |name: &str, row: usize| {
        column(name).filter(|texts| texts.is_valid(row)).map(|texts| texts.value(row))
    };
    let name = |row: usize| {
        if departments.is_valid(row) {
            return names.is_valid(row).then(|| names.value(row).to_owned());
        }
        let code = match several {
            Several::Total => "in_all",
            Several::WholeRegion => whole(text("region", row), text("region_name", row)),
        };
        Some(word(code, lang))
    };
    Some(Arc::new((0..batch.num_rows()).map(name).collect::<StringArray>()))
}

/// Returns the code of the word for a region as a whole, which the name of a region ends with what it is.
fn whole(code: Option<&str>, name: Option<&str>) -> &'static str {
    match name.and_then(|name| name.chars().last()) {
        Some('省') => "whole_province",
        Some('市') => "whole_city",
        Some('州') => "whole_prefecture",
        Some('县') => "whole_county",
        Some('区') => "whole_district",
        None if code.is_some_and(|code| code.ends_with("0000")) => "whole_province",
        _ => "whole_region",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::Catalogue;

    fn table(rows: &[[&str; 4]]) -> ResultTable {
        let column = |idx: usize| -> ArrayRef {
            let values = rows.iter().map(|row| Some(row[idx]).filter(|text| !text.is_empty()));
            Arc::new(values.collect::<StringArray>())
        };
        let titles = ["region", "region_name", "department", NAME];
        let columns = titles.iter().enumerate().map(|(idx, title)| (*title, column(idx), true));
        ResultTable::of(RecordBatch::try_from_iter_with_nullable(columns).unwrap())
    }

    #[track_caller]
    fn check(query: &str, rows: &[[&str; 4]], expected: [&str; 2]) {
        let catalogue = Catalogue::builtin();
        let query = catalogue.get(query).unwrap();
        let shown = [Lang::Zh, Lang::En].map(|lang| {
            let answer = with_names(query, table(rows), lang);
            let names = answer.batches[0].column_by_name(NAME).unwrap().as_string::<i32>();
            names.iter().map(|name| name.unwrap_or("-")).collect::<Vec<_>>().join(" ")
        });
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_region_as_a_whole_is_called_so() {
        check(
            "targets/attainment",
            &[
                ["630000", "青海省", "", ""],
                ["630100", "西宁市", "", ""],
                ["632200", "海北藏族自治州", "", ""],
                ["630000", "青海省", "water", "省水利厅"],
            ],
            ["全省 全市 全州 省水利厅", "Whole region Whole region Whole region 省水利厅"],
        );
        // Without the name of the region its code tells of the province alone.
        check(
            "aggregation/period_flows",
            &[["630000", "", "", ""], ["630100", "", "", ""]],
            ["全省 全域", "Whole region Whole region"],
        );
    }

    #[test]
    fn a_total_is_called_so_and_bodies_of_no_known_department_are_neither() {
        check("integration/method_mix", &[["630000", "", "", "合计"]], ["合计", "Total"]);
        check("aggregation/gaps", &[["", "", "", ""]], ["-", "-"]);
    }
}
