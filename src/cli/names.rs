//! What users call indicators, departments and regions: ids, official names and the names that notices
//! print.

use std::collections::BTreeSet;

use crate::cli::failure::Failure;
use crate::diag::{Message, nearest_names};
use crate::query::{Query, QueryError, QueryOrigin};
use crate::refdata::{IndicatorKind, RefData};

/// What a name is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// An indicator.
    Indicator,
    /// A department.
    Department,
    /// A region.
    Region,
}

impl Named {
    /// Returns what a parameter or column of this name is about, `None` where it is something else.
    pub(super) fn of_column(name: &str) -> Option<Self> {
        match name {
            "indicator" => Some(Self::Indicator),
            "department" => Some(Self::Department),
            "region" => Some(Self::Region),
            _ => None,
        }
    }

    /// Returns the column of ids, and the tables with their columns of names.
    fn tables(self) -> (&'static str, &'static [(&'static str, &'static str)]) {
        match self {
            Self::Indicator => (
                "indicator",
                &[
                    ("indicators", "name_zh"),
                    ("indicators", "name_en"),
                    ("indicator_labels", "label"),
                ],
            ),
            Self::Department => (
                "department",
                &[
                    ("departments", "name_zh"),
                    ("departments", "name_en"),
                    ("department_names", "name"),
                ],
            ),
            Self::Region => ("region", &[("regions", "name"), ("region_names", "name")]),
        }
    }

    fn unknown(self) -> Unknown {
        match self {
            Self::Indicator => Unknown {
                code: "refdata.indicator_unknown",
                with_nearest: "refdata.indicator_unknown_near",
            },
            Self::Department => Unknown {
                code: "refdata.department_unknown",
                with_nearest: "refdata.department_unknown_near",
            },
            Self::Region => Unknown {
                code: "refdata.region_unknown",
                with_nearest: "refdata.region_unknown_near",
            },
        }
    }
}

/// Codes of what is said of a name that nothing has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unknown {
    /// Where no other name is near.
    pub(super) code: &'static str,
    /// With the nearest names.
    pub(super) with_nearest: &'static str,
}

impl Unknown {
    /// Says so of a name, the fact `fact`, with the names that are near it, where there are such.
    pub(super) fn message(self, fact: &'static str, name: &str, near: Vec<String>) -> Message {
        if near.is_empty() {
            return Message::new(self.code).with(fact, name);
        }
        Message::new(self.with_nearest).with(fact, name).with_list("nearest", near)
    }
}

/// Names that are offered because they contain what was typed.
const MAX_CONTAINING: usize = 5;

/// Indicators that are named where the one that was asked for does not fit.
const MAX_FITTING: usize = 8;

/// Returns the given parameters with ids in place of the names of indicators, departments and
/// regions.
///
/// Only for built-in questions: in the others, parameters mean what their author says. Fails for an
/// indicator of a kind that the question says it has no answer for.
pub(super) fn with_ids(
    refdata: &RefData,
    query: &Query,
    given: &[(String, String)],
) -> Result<Vec<(String, String)>, Failure> {
    let id = |(name, text): &(String, String)| {
        let named = Named::of_column(name)
            .filter(|_| query.origin == QueryOrigin::Builtin && !text.is_empty());
        let text = match named {
            Some(named) => id_of(refdata, named, text)?,
            None => text.clone(),
        };
        check_kind(refdata, query, name, &text)?;
        Ok((name.clone(), text))
    };
    given.iter().map(id).collect()
}

fn check_kind(refdata: &RefData, query: &Query, name: &str, id: &str) -> Result<(), QueryError> {
    let kinds = query.head.params.iter().find(|param| param.name == name);
    let kinds = kinds.map_or(&[][..], |param| param.kinds.as_slice());
    if kinds.is_empty() {
        return Ok(());
    }
    let indicators = refdata.indicators();
    let kind_of = |wanted: &str| -> Option<IndicatorKind> {
        indicators.iter().find(|known| known.indicator == wanted).map(|known| known.kind)
    };
    match kind_of(id) {
        Some(kind) if !kinds.contains(&kind) => {
            let fitting = indicators.iter().filter(|known| kinds.contains(&known.kind));
            Err(QueryError::KindUnfit {
                query: query.id.clone(),
                found: id.to_owned(),
                kind,
                fitting: fitting.map(|known| known.indicator.clone()).take(MAX_FITTING).collect(),
            })
        }
        _ => Ok(()),
    }
}

/// Returns the id that `word` means: an id as it stands, or the one thing that has it as a name.
///
/// Fails, with the nearest that are known, when nothing has it, and when several have.
pub(super) fn id_of(refdata: &RefData, named: Named, word: &str) -> Result<String, Failure> {
    let word = word.trim();
    let pairs = pairs_of(refdata, named);
    meant(&pairs, named, word)?.ok_or_else(|| unknown(named.unknown(), word, &pairs))
}

/// Returns what `word` means, a department or a region, with its id.
///
/// Fails as [`id_of`] does, with the nearest of both.
pub(super) fn body_of(refdata: &RefData, word: &str) -> Result<(Named, String), Failure> {
    let word = word.trim();
    let mut all = Vec::new();
    for named in [Named::Department, Named::Region] {
        let pairs = pairs_of(refdata, named);
        if let Some(id) = meant(&pairs, named, word)? {
            return Ok((named, id));
        }
        all.extend(pairs);
    }
    let body = Unknown { code: "trend.body_unknown", with_nearest: "trend.body_unknown_near" };
    Err(unknown(body, word, &all))
}

/// Returns ids with their names.
fn pairs_of(refdata: &RefData, named: Named) -> Vec<(String, String)> {
    let (id_column, name_columns) = named.tables();
    name_columns
        .iter()
        .flat_map(|(table, column)| {
            let rows = refdata.tables().filter(|known| known.name == *table);
            rows.flat_map(|table| {
                table.rows().map(|row| (row.text(id_column), row.text(column))).collect::<Vec<_>>()
            })
            .collect::<Vec<_>>()
        })
        .collect()
}

/// Returns the id that a word means, `None` where it means nothing; fails where it means several.
fn meant(pairs: &[(String, String)], named: Named, word: &str) -> Result<Option<String>, Failure> {
    if pairs.iter().any(|(id, _)| id == word || (named == Named::Region && is_below(word, id))) {
        return Ok(Some(word.to_owned()));
    }
    let meant: BTreeSet<&str> =
        pairs.iter().filter(|(_, name)| name == word).map(|(id, _)| id.as_str()).collect();
    let meant: Vec<&str> = meant.into_iter().collect();
    match meant.as_slice() {
        [] => Ok(None),
        [id] => Ok(Some((*id).to_owned())),
        _ => {
            let message =
                Message::new("refdata.name_ambiguous").with("name", word).with_list("ids", &meant);
            Err(Failure::user(message))
        }
    }
}

/// Says that nothing has a name, and which names are the nearest: those that it is a part of, then those that
/// have its characters in their order, as 办件量 is short for 办件数据汇聚量, the shortest first, else those that
/// are written alike.
fn unknown(codes: Unknown, word: &str, pairs: &[(String, String)]) -> Failure {
    let known: BTreeSet<&str> =
        pairs.iter().flat_map(|(id, name)| [id.as_str(), name.as_str()]).collect();
    let is_word = word.chars().count() > 1;
    let mut near: Vec<(bool, usize, &str)> = known
        .iter()
        .filter(|_| is_word)
        .map(|name| (!name.contains(word), name.chars().count(), *name))
        .filter(|(is_apart, _, name)| !is_apart || is_short_for(word, name))
        .collect();
    near.sort_unstable();
    let mut near: Vec<String> = near.into_iter().map(|(_, _, name)| name.to_owned()).collect();
    near.truncate(MAX_CONTAINING);
    if near.is_empty() {
        near = nearest_names(word, known.into_iter());
    }
    Failure::user(codes.message("name", word, near))
}

/// Whether all characters of a word stand in a name in their order. Letters of the alphabet do in too many.
fn is_short_for(word: &str, name: &str) -> bool {
    let mut rest = name.chars();
    !word.is_ascii() && word.chars().all(|wanted| rest.any(|found| found == wanted))
}

/// Whether a code is that of a town or village of a county, which no table lists.
fn is_below(code: &str, county: &str) -> bool {
    let is_code = code.bytes().all(|byte| byte.is_ascii_digit());
    is_code && [9, 12].contains(&code.len()) && code.starts_with(county)
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
        check(Named::Region, "630000", "630000");
        check(Named::Region, "青海省", "630000");
        check(Named::Region, "西宁市", "630100");
        // A town of a county.
        check(Named::Region, "630121100", "630121100");
    }

    #[test]
    fn a_body_is_a_department_or_a_region() {
        let refdata = RefData::load(&[]).unwrap();
        for (word, named, id) in [
            ("省水利厅", Named::Department, "water"),
            ("water", Named::Department, "water"),
            ("西宁市", Named::Region, "630100"),
            ("630100", Named::Region, "630100"),
        ] {
            let found = body_of(&refdata, word).unwrap();
            assert_eq!(found, (named, id.to_owned()), "{word}");
        }
        for (word, near) in [("西宁是", "西宁市"), ("watr", "water"), ("省水利局", "省水利厅")]
        {
            let said = body_of(&refdata, word).unwrap_err().message.unwrap().text(Lang::En);
            assert!(said.starts_with("there is no department or region"), "{said}");
            assert!(said.contains(near), "{said}");
        }
    }

    #[test]
    fn what_nobody_knows_is_refused_with_the_nearest() {
        check(
            Named::Indicator,
            "cases_agregated",
            "there is no indicator `cases_agregated`; the nearest are cases_aggregated, cases_aggregated_by_arrival",
        );
        check(Named::Department, "xyz", "there is no department `xyz`");
        check(
            Named::Region,
            "630199",
            "there is no region `630199`; the nearest are 630100, 630101, 630102",
        );
        check(Named::Region, "西宁是", "there is no region `西宁是`; the nearest are 西宁市");
    }

    #[test]
    fn a_part_of_a_name_is_told_the_names_that_contain_it() {
        let refdata = RefData::load(&[]).unwrap();
        for (named, part, name) in [
            (Named::Indicator, "汇聚量", "办件数据汇聚量"),
            (Named::Indicator, "aggregated", "cases_aggregated"),
            (Named::Department, "水利", "省水利厅"),
            // Characters of a name in its order are short for it.
            (Named::Indicator, "办件量", "办件数据汇聚量"),
            (Named::Indicator, "办件量", "办件数据汇聚量（按到达时间）"),
            (Named::Department, "水厅", "省水利厅"),
        ] {
            let said = id_of(&refdata, named, part).unwrap_err().message.unwrap();
            let said = said.text(Lang::Zh);
            assert!(said.contains("相近的有：") && said.contains(name), "{said}");
        }
        // One character is part of too many.
        check(Named::Department, "x", "there is no department `x`");
    }
}
