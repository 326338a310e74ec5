//! Values for the parameters of a query, from what the user wrote.

use std::collections::BTreeMap;

use chrono::{Months, NaiveDate};

use crate::diag::nearest_names;
use crate::query::{Param, ParamType, ParamValue, Query, QueryError};

/// Returns a typed value for every parameter of `query`, from `given` pairs of name and text.
///
/// A month, as `2021-09`, stands for its last day, and for its first where that is what a span begins with.
/// A parameter that is not given has its default, or null where it is optional. An empty text for an
/// optional parameter is null as well. Fails for an unknown name, a name given twice, a value that is
/// not of the type, a required parameter that is missing, and a last day before the first.
pub fn bind(
    query: &Query,
    given: &[(String, String)],
) -> Result<BTreeMap<String, ParamValue>, QueryError> {
    let params = &query.head.params;
    let mut texts: BTreeMap<&str, &str> = BTreeMap::new();
    for (name, text) in given {
        if !params.iter().any(|param| param.name == *name) {
            return Err(unknown(query, name));
        }
        if texts.insert(name, text).is_some() {
            return Err(QueryError::ParameterTwice {
                query: query.id.clone(),
                parameter: name.clone(),
            });
        }
    }
    let values = params.iter().map(|param| {
        let value = value_of(query, param, texts.get(param.name.as_str()).copied())?;
        Ok((param.name.clone(), value))
    });
    let values = values.collect::<Result<_, _>>()?;
    check_spans(query, &values)?;
    Ok(values)
}

/// Refuses a last day before the first, which nothing lies between.
fn check_spans(query: &Query, values: &BTreeMap<String, ParamValue>) -> Result<(), QueryError> {
    for param in &query.head.params {
        let Some(first) = &param.not_before else { continue };
        if let (Some(ParamValue::Date(from)), Some(ParamValue::Date(to))) =
            (values.get(first), values.get(&param.name))
            && to < from
        {
            return Err(QueryError::DaysReversed {
                query: query.id.clone(),
                first: first.clone(),
                first_day: from.to_string(),
                last: param.name.clone(),
                last_day: to.to_string(),
            });
        }
    }
    Ok(())
}

fn value_of(query: &Query, param: &Param, text: Option<&str>) -> Result<ParamValue, QueryError> {
    match text {
        Some("") if param.is_optional => Ok(ParamValue::Null(param.data_type)),
        Some(text) if !param.values.is_empty() && !param.values.iter().any(|v| v == text) => {
            Err(QueryError::ValueUnlisted {
                query: query.id.clone(),
                parameter: param.name.clone(),
                values: param.values.clone(),
                found: text.to_owned(),
            })
        }
        Some(text) => {
            let value = ParamValue::parse(text, param.data_type);
            let value = value.or_else(|| day_of_month(query, param, text));
            let value = value.ok_or_else(|| QueryError::ValueInvalid {
                query: query.id.clone(),
                parameter: param.name.clone(),
                wanted: param.data_type,
                found: text.to_owned(),
            })?;
            match (param.range, &value) {
                (Some((least, most)), ParamValue::Int(number))
                    if !(least..=most).contains(number) =>
                {
                    Err(QueryError::ValueOutside {
                        query: query.id.clone(),
                        parameter: param.name.clone(),
                        range: (least, most),
                        found: text.to_owned(),
                    })
                }
                _ => Ok(value),
            }
        }
        None => match &param.default {
            Some(default) => Ok(default.clone()),
            None if param.is_optional => Ok(ParamValue::Null(param.data_type)),
            None => Err(QueryError::ParameterMissing {
                query: query.id.clone(),
                parameter: param.name.clone(),
                wanted: param.data_type,
                help: param.help.clone(),
                help_zh: param.help_zh.clone(),
            }),
        },
    }
}

/// Returns the day of a month that a parameter means.
fn day_of_month(query: &Query, param: &Param, text: &str) -> Option<ParamValue> {
    if param.data_type != ParamType::Date {
        return None;
    }
    let first = NaiveDate::parse_from_str(&format!("{}-01", text.trim()), "%Y-%m-%d").ok()?;
    let begins_span = |other: &Param| other.not_before.as_deref() == Some(param.name.as_str());
    if query.head.params.iter().any(begins_span) {
        return Some(ParamValue::Date(first));
    }
    first.checked_add_months(Months::new(1))?.pred_opt().map(ParamValue::Date)
}

fn unknown(query: &Query, wanted: &str) -> QueryError {
    let known: Vec<String> = query.head.params.iter().map(|param| param.name.clone()).collect();
    let similar = nearest_names(wanted, known.iter().map(String::as_str));
    QueryError::ParameterUnknown {
        query: query.id.clone(),
        parameter: wanted.to_owned(),
        known,
        similar,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Diagnose, Lang};
    use crate::query::QueryOrigin;

    const TEXT: &str = "/*---\nsummary = \"a\"\nsummary_zh = \"甲\"\nreads = []\norder = [\"x\"]\n\
        [params.period]\ntype = \"date?\"\nhelp = \"h\"\nhelp_zh = \"h\"\n\
        [params.indicator]\ntype = \"text\"\nhelp = \"h\"\nhelp_zh = \"h\"\n\
        [params.top]\ntype = \"int\"\nrange = [1, 9]\ndefault = 3\nhelp = \"h\"\nhelp_zh = \"h\"\n\
        [returns]\nx = \"int\"\n---*/\nSELECT $period, $indicator, $top AS x;";

    #[track_caller]
    fn check(given: &[(&str, &str)], expected: &str) {
        let query = Query::parse("a/b", TEXT, QueryOrigin::Builtin).unwrap();
        let pairs: Vec<(String, String)> =
            given.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        let found = match bind(&query, &pairs) {
            Ok(values) => {
                let shown = values.iter().map(|(name, value)| format!("{name}={value}"));
                shown.collect::<Vec<_>>().join(" ")
            }
            Err(error) => {
                let hint = error.message().hint(Lang::En).unwrap_or_default();
                format!("{error}\n{hint}")
            }
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_not_given_is_the_default_or_null() {
        check(&[("indicator", "x")], "indicator=x period=null top=3");
        check(
            &[("period", "2021-09-30"), ("top", "5"), ("indicator", "")],
            "indicator= period=2021-09-30 top=5",
        );
        check(&[("indicator", "x"), ("period", "")], "indicator=x period=null top=3");
    }

    #[test]
    fn a_last_day_before_the_first_is_refused() {
        let text = TEXT
            .replace(
                "[params.top]",
                "[params.until]\ntype = \"date?\"\nnot_before = \"period\"\nhelp = \"h\"\n\
                 help_zh = \"h\"\n[params.top]",
            )
            .replace("SELECT $period", "SELECT $until, $period");
        let query = Query::parse("a/b", &text, QueryOrigin::Builtin).unwrap();
        let bound = |until: &str| {
            let given = [("indicator", "x"), ("period", "2021-09-30"), ("until", until)];
            bind(&query, &given.map(|(name, text)| (name.to_owned(), text.to_owned())))
        };
        assert!(bound("2021-09-30").is_ok() && bound("").is_ok());
        assert_eq!(
            bound("2021-09-29").unwrap_err().to_string(),
            "`until` of query `a/b` is 2021-09-29, before `period`, which is 2021-09-30: nothing lies \
             between"
        );
    }

    #[test]
    fn a_month_is_its_last_day_and_its_first_where_a_span_begins() {
        check(&[("indicator", "x"), ("period", "2021-02")], "indicator=x period=2021-02-28 top=3");
        check(&[("indicator", "x"), ("period", " 2020-2 ")], "indicator=x period=2020-02-29 top=3");
        let text = TEXT
            .replace(
                "[params.top]",
                "[params.until]\ntype = \"date?\"\nnot_before = \"period\"\nhelp = \"h\"\n\
                 help_zh = \"h\"\n[params.top]",
            )
            .replace("SELECT $period", "SELECT $until, $period");
        let query = Query::parse("a/b", &text, QueryOrigin::Builtin).unwrap();
        let given = [("indicator", "x"), ("period", "2021-02"), ("until", "2021-02")];
        let given = given.map(|(name, text)| (name.to_owned(), text.to_owned()));
        let values = bind(&query, &given).unwrap();
        assert_eq!(values["period"].to_string(), "2021-02-01");
        assert_eq!(values["until"].to_string(), "2021-02-28");
        for month in ["2021-13", "2021-", "2021", "2021-02-"] {
            let wrong = [("indicator", "x"), ("period", month)];
            let wrong = wrong.map(|(name, text)| (name.to_owned(), text.to_owned()));
            assert!(bind(&query, &wrong).is_err(), "{month}");
        }
    }

    #[test]
    fn what_cannot_be_bound_says_what_is_wanted() {
        check(&[], "query `a/b` needs a value for `indicator`\nadd `-p indicator=…`: h");
        check(
            &[("perod", "x")],
            "query `a/b` has no parameter `perod`\ndid you mean `period`? It has `period`, \
             `indicator`, `top`",
        );
        check(
            &[("indicator", "x"), ("period", "2021年9月")],
            "`2021年9月` is no value for `period` of query `a/b`\nwrite a day as in `-p \
             period=2021-09-30`, or a month as in `-p period=2021-09`",
        );
        for top in ["0", "-5", "10"] {
            check(
                &[("indicator", "x"), ("top", top)],
                &format!(
                    "`{top}` is no value for `top` of query `a/b`\nwrite a whole number from 1 to 9, \
                     as `-p top=1`"
                ),
            );
        }
        check(
            &[("top", "1"), ("top", "2")],
            "parameter `top` of query `a/b` is given twice\ngive it once",
        );
    }
}
