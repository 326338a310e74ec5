//! What users call indicators and departments: ids, official names and the names that notices print.

use std::collections::BTreeSet;

use crate::cli::failure::Failure;
use crate::diag::{Message, nearest_names};
use crate::refdata::RefData;

/// What a name is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// An indicator.
    Indicator,
    /// A department.
    Department,
}

impl Named {
    /// Returns what a parameter or column of this name is about, `None` where it is something else.
    pub(super) fn of_column(name: &str) -> Option<Self> {
        match name {
            "indicator" => Some(Self::Indicator),
            "department" => Some(Self::Department),
            _ => None,
        }
    }

    /// Returns the column of ids, and the tables with their columns of names.
    fn tables(self) -> (&'static str, [(&'static str, &'static str); 3]) {
        match self {
            Self::Indicator => (
                "indicator",
                [
                    ("indicators", "name_zh"),
                    ("indicators", "name_en"),
                    ("indicator_labels", "label"),
                ],
            ),
            Self::Department => (
                "department",
                [
                    ("departments", "name_zh"),
                    ("departments", "name_en"),
                    ("department_names", "name"),
                ],
            ),
        }
    }

    fn unknown(self) -> &'static str {
        match self {
            Self::Indicator => "refdata.indicator_unknown",
            Self::Department => "refdata.department_unknown",
        }
    }
}

/// Returns the id that `word` means: an id as it stands, or the one thing that has it as a name.
///
/// Fails, with the nearest that are known, when nothing has it, and when several have.
pub(super) fn id_of(refdata: &RefData, named: Named, word: &str) -> Result<String, Failure> {
    let word = word.trim();
    let (id_column, name_columns) = named.tables();
    let pairs: Vec<(String, String)> = name_columns
        .iter()
        .flat_map(|(table, column)| {
            let rows = refdata.tables().filter(|known| known.name == *table);
            rows.flat_map(|table| {
                table.rows().map(|row| (row.text(id_column), row.text(column))).collect::<Vec<_>>()
            })
            .collect::<Vec<_>>()
        })
        .collect();
    if pairs.iter().any(|(id, _)| id == word) {
        return Ok(word.to_owned());
    }
    let meant: BTreeSet<&str> =
        pairs.iter().filter(|(_, name)| name == word).map(|(id, _)| id.as_str()).collect();
    let meant: Vec<&str> = meant.into_iter().collect();
    match meant.as_slice() {
        [id] => Ok((*id).to_owned()),
        [] => {
            let known: BTreeSet<&str> =
                pairs.iter().flat_map(|(id, name)| [id.as_str(), name.as_str()]).collect();
            let near = nearest_names(word, known.into_iter());
            let near = if near.is_empty() { "—".to_owned() } else { near.join(", ") };
            let message = Message::new(named.unknown()).with("name", word).with("nearest", near);
            Err(Failure::user(message))
        }
        _ => {
            let message = Message::new("refdata.name_ambiguous")
                .with("name", word)
                .with("ids", meant.join(", "));
            Err(Failure::user(message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Lang;

    #[track_caller]
    fn check(named: Named, word: &str, expected: &str) {
        let refdata = RefData::load(&[]).unwrap();
        let found = match id_of(&refdata, named, word) {
            Ok(id) => id,
            Err(failure) => failure.message.unwrap().text(Lang::En),
        };
        assert_eq!(found, expected, "{word}");
    }

    #[test]
    fn ids_official_names_and_printed_names_are_known() {
        check(Named::Department, "tax", "tax");
        check(Named::Department, "省农业农村厅", "agriculture");
        check(Named::Department, "中华人民共和国西宁海关", "customs");
        check(Named::Indicator, " 便民应用对接总数 ", "apps_connected");
        check(Named::Indicator, "“好差评”数据汇聚量", "evaluations_aggregated");
    }

    #[test]
    fn what_nobody_knows_is_refused_with_the_nearest() {
        check(
            Named::Indicator,
            "cases_agregated",
            "there is no indicator `cases_agregated`; the nearest are cases_aggregated, cases_aggregated_by_arrival",
        );
        check(Named::Department, "xyz", "there is no department `xyz`; the nearest are —");
    }
}
