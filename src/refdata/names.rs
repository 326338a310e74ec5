//! Names and labels as they are compared, and those that would mean two things.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

use crate::diag::Message;
use crate::refdata::{RefData, RefDataError, RefTable};

/// Marks that carry no meaning in a name: quotes, separators and white space.
const MARKS: [char; 29] = [
    '"', '\'', '“', '”', '‘', '’', '《', '》', '〈', '〉', '「', '」', '『', '』', '、', '，', ',',
    '。', '.', '：', ':', '；', ';', '·', '*', '-', '—', '(', ')',
];

/// Tables of names: the column with the name, that within which it counts, and what it means.
const NAMES: [(&str, &str, Option<&str>, &str); 2] = [
    ("department_names", "name", Some("region"), "department"),
    ("indicator_labels", "label", None, "indicator"),
];

/// Returns a name or label in the form in which they are compared: NFKC, without quotes, separators,
/// brackets and white space, in lower case. What stands in brackets stays.
pub fn normalise(name: &str) -> String {
    name.nfkc()
        .flat_map(char::to_lowercase)
        .filter(|c| !c.is_whitespace() && !MARKS.contains(c))
        .collect()
}

/// Refuses a row of the workspace's own whose name is compared like that of another row and means
/// something else.
pub(super) fn check_names(tables: &BTreeMap<&'static str, RefTable>) -> Result<(), RefDataError> {
    for (table, name, within, meaning) in NAMES {
        let table = &tables[table];
        if table.n_own_rows == 0 {
            continue;
        }
        let mut known: BTreeMap<(String, String), (String, String)> = BTreeMap::new();
        for row in table.rows() {
            let place = within.map_or_else(String::new, |column| row.text(column));
            let (printed, means) = (row.text(name), row.text(meaning));
            let first = known
                .entry((normalise(&printed), place))
                .or_insert_with(|| (printed.clone(), means.clone()));
            if first.1 == means {
                continue;
            }
            let reason = Message::new("refdata.name_clash")
                .with("name", &printed)
                .with("meaning", &means)
                .with("other", &first.0)
                .with("other_meaning", &first.1);
            let line = row.own_line().or_else(|| table.own_line_of(name, &first.0));
            return Err(RefDataError::RowInvalid {
                table: table.name.to_owned(),
                line: line.unwrap_or(1),
                reason,
            });
        }
    }
    Ok(())
}

/// Refuses a row of the workspace's own by which a department would be one of another region than its
/// name says.
pub(super) fn check_regions_of_names(refdata: &RefData) -> Result<(), RefDataError> {
    let table = &refdata.tables["department_names"];
    for row in table.rows() {
        let Some(line) = row.own_line() else { continue };
        let (name, region) = (row.text("name"), row.text("region"));
        if let Some(named) = refdata.other_region_in_name(&name, &region) {
            let reason = Message::new("refdata.name_of_other_region")
                .with("name", &name)
                .with("named", named)
                .with("region", &region);
            return Err(RefDataError::RowInvalid { table: table.name.to_owned(), line, reason });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::diag::{Diagnose, Lang};
    use crate::refdata::RefData;

    #[track_caller]
    fn check(table: &str, rows: &str, expected: &str) {
        let shown = match RefData::load(&[(table.to_owned(), rows.to_owned())]) {
            Ok(_) => "loaded".to_owned(),
            Err(error) => error.causes().iter().map(|cause| cause.text(Lang::En)).collect(),
        };
        assert!(shown.contains(expected), "{shown}");
    }

    #[test]
    fn a_name_that_would_mean_two_things_is_refused() {
        let header = "name,region,department,name_kind,source,confidence\n";
        let row = |name: &str, id: &str| format!("{name},630000,{id},alias,ours,high\n");
        let rows = format!("{header}{}", row("省 民政厅", "justice"));
        check("department_names", &rows, "`省民政厅` means civil_affairs");
        let rows = format!("{header}{}", row("省 民政厅", "civil_affairs"));
        check("department_names", &rows, "loaded");
        // A row with the same key replaces that row.
        let rows = format!("{header}{}", row("省民政厅", "justice"));
        check("department_names", &rows, "loaded");
        let rows = format!("{header}{}{}", row("省治水办", "water"), row("省治水办", "tourism"));
        check("department_names", &rows, "stands in line 2 already");
        check(
            "indicator_labels",
            "label,indicator,source\n办件数据 汇聚量,evaluations_aggregated,ours\n",
            "`办件数据汇聚量` means cases_aggregated",
        );
    }

    #[test]
    fn a_department_is_not_one_of_another_region_than_its_name_says() {
        let header = "name,region,department,name_kind,source,confidence\n";
        let row = |name: &str, region: &str| {
            format!("{header}{name},{region},public_security,alias,ours,high\n")
        };
        let refused = "begins with `西宁市`";
        check("department_names", &row("西宁市公安局", "630000"), refused);
        check("department_names", &row("青海省西宁市公安局", "630000"), "`青海省西宁市`");
        check("department_names", &row("省公安厅", "630100"), "begins with `省`");
        for (name, region) in [
            ("西宁市公安局", "630100"),
            ("西宁市公安局城东分局", "630102"),
            ("西宁铁路公安处", "630000"),
            ("海东地区公安处", "630200"),
        ] {
            check("department_names", &row(name, region), "loaded");
        }
    }
}
