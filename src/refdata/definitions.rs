//! Which definition of an indicator holds on a day.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::diag::Message;
use crate::refdata::table::RefRow;
use crate::refdata::{RefData, RefDataError, RefTable};

/// A version of the definition of an indicator, with the days on which it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Definition {
    /// Its number.
    pub number: i32,
    /// The first day on which it holds; `None` where that is not recorded.
    pub valid_from: Option<NaiveDate>,
    /// The last one; `None` where it is in force, or its end is not recorded.
    pub valid_to: Option<NaiveDate>,
}

/// The definition that figures of a day count under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DefinitionOn {
    /// The version.
    pub definition: Definition,
    /// Whether it holds on that day. Where none does it is the one that is nearest to it.
    pub holds: bool,
}

impl Definition {
    /// Returns the days between a day and the nearest one on which it holds; 0 where it holds.
    fn days_away(&self, day: NaiveDate) -> i64 {
        let before = self.valid_from.map_or(0, |from| (from - day).num_days());
        let behind = self.valid_to.map_or(0, |to| (day - to).num_days());
        before.max(behind).max(0)
    }
}

impl RefData {
    /// Returns the definition of an indicator that holds on a day; of several the one with the highest
    /// number. `None` for an indicator that is not there.
    pub fn definition_on(&self, indicator: &str, day: NaiveDate) -> Option<DefinitionOn> {
        let all = self.definitions(indicator).into_iter();
        let nearest = all.min_by_key(|it| (it.days_away(day), std::cmp::Reverse(it.number)))?;
        Some(DefinitionOn { definition: nearest, holds: nearest.days_away(day) == 0 })
    }

    /// Returns the days on which a later definition of an indicator than its first began.
    pub fn definitions_began(&self, indicator: &str) -> Vec<NaiveDate> {
        let later = self.definitions(indicator).into_iter().skip(1);
        later.filter_map(|definition| definition.valid_from).collect()
    }

    /// Returns every version of the definition of an indicator, by number.
    pub fn definitions(&self, indicator: &str) -> Vec<Definition> {
        let rows = self.tables["indicators"].rows();
        let of_indicator = rows.filter(|row| row.text("indicator") == indicator);
        let mut all: Vec<Definition> = of_indicator
            .map(|row| Definition {
                number: row.text("definition").parse().expect("the sidecar says int"),
                valid_from: row.text("valid_from").parse().ok(),
                valid_to: row.text("valid_to").parse().ok(),
            })
            .collect();
        all.sort_by_key(|definition| definition.number);
        all
    }
}

/// Refuses the workspace's own definitions of an indicator in another kind or unit than its others: its
/// figures would not be told apart.
pub(super) fn check_definitions(indicators: &RefTable) -> Result<(), RefDataError> {
    if indicators.n_own_rows == 0 {
        return Ok(());
    }
    let measure = |row: &RefRow<'_>| (row.text("kind"), row.text("unit"));
    let mut first: BTreeMap<String, RefRow<'_>> = BTreeMap::new();
    for row in indicators.rows() {
        let indicator = row.text("indicator");
        let known = first.entry(indicator.clone()).or_insert(row);
        if measure(known) == measure(&row) {
            continue;
        }
        return Err(RefDataError::RowInvalid {
            table: indicators.name.to_owned(),
            line: row.own_line().or_else(|| known.own_line()).unwrap_or(1),
            reason: Message::new("refdata.indicator_differs").with("indicator", indicator),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks on days which definition figures count under; `?` stands behind one that does not hold.
    #[track_caller]
    fn check(rows: &[(i32, &str, &str)], expected: &[(&str, &str)]) {
        let header = "indicator,definition,name_zh,name_en,area,kind,unit,definition_zh,\
            definition_en,valid_from,valid_to,source,confidence\n";
        let rows = rows.iter().map(|(number, from, to)| {
            format!("cases_aggregated,{number},办件,cases,aggregation,flow,条,口径,text,{from},{to},own,high\n")
        });
        let text = header.to_owned() + &rows.collect::<String>();
        let refdata = RefData::load(&[("indicators".to_owned(), text)]).unwrap();
        for (day, wanted) in expected {
            let found = refdata.definition_on("cases_aggregated", day.parse().unwrap()).unwrap();
            let mark = if found.holds { "" } else { "?" };
            assert_eq!(format!("{}{mark}", found.definition.number), *wanted, "{day}");
        }
    }

    #[test]
    fn a_definition_without_days_holds_always() {
        check(&[], &[("2000-01-01", "1"), ("2030-01-01", "1")]);
        check(&[(2, "", "")], &[("2000-01-01", "2")]);
    }

    #[test]
    fn a_definition_holds_from_its_first_day_to_its_last() {
        check(
            &[(0, "", "2020-06-30"), (1, "2020-07-01", "")],
            &[("2020-06-30", "0"), ("2020-07-01", "1"), ("2000-01-01", "0")],
        );
        // An older one whose end nobody recorded ends where the next begins.
        check(&[(2, "2023-01-01", "")], &[("2022-12-31", "1"), ("2023-01-01", "2")]);
    }

    #[test]
    fn definitions_of_one_indicator_have_one_kind_and_unit() {
        let header = "indicator,definition,name_zh,name_en,area,kind,unit,definition_zh,\
            definition_en,source,confidence\n";
        let with = |kind: &str, unit: &str| {
            let row = format!(
                "cases_aggregated,2,办件,cases,aggregation,{kind},{unit},口径,text,own,high\n"
            );
            RefData::load(&[("indicators".to_owned(), header.to_owned() + &row)])
        };
        assert!(with("flow", "条").is_ok());
        for (kind, unit) in [("flow", "件"), ("stock", "条")] {
            let refused = with(kind, unit).unwrap_err();
            assert_eq!(
                refused.to_string(),
                "line 2 of `refdata/indicators.csv` does not fit the table"
            );
        }
    }

    #[test]
    fn where_none_holds_the_nearest_one_is_told_apart() {
        check(
            &[(1, "2020-01-01", "2020-12-31"), (2, "2021-03-01", "")],
            &[("2019-12-31", "1?"), ("2021-01-05", "1?"), ("2021-02-25", "2?")],
        );
    }
}
