//! What a report is about: its period, its region, and the parameters of its definition.

use std::collections::BTreeSet;

use chrono::{Datelike, Months, NaiveDate};

use crate::diag::Lang;
use crate::query::{ParamType, ParamValue};
use crate::report::ReportError;
use crate::report::asking::{Answer, Asker};
use crate::report::content::Value;
use crate::report::definition::{Chosen, Definition};
use crate::report::trends::FIGURES;
use crate::table::ResultTable;
use crate::trend::{Bodies, Figure, figures_of};

/// Months behind a period in which states are still looked for.
const STATE_MONTHS: Months = Months::new(3);

/// What was given to a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Parameters by name, each once: `period` (a month or a day), `region` (its code), and those of the
    /// definition.
    pub params: Vec<(String, String)>,
    /// The language of the report.
    pub lang: Lang,
}

/// Returns the value of every parameter.
///
/// Without a period it is the last one that has figures. Fails for an unknown name, a name given twice, a
/// value that is none, and a period without figures in the region.
pub(super) fn chosen(
    definition: &Definition,
    given: &Given,
    asker: &mut Asker<'_>,
) -> Result<Chosen, ReportError> {
    check_names(definition, &given.params)?;
    let text = |name: &str| {
        let found = given.params.iter().find(|(given, _)| given == name);
        found.map(|(_, text)| text.trim()).filter(|text| !text.is_empty())
    };
    let period = match text("period") {
        Some(text) => Some(last_day_of(text).ok_or_else(|| ReportError::ValueInvalid {
            report: definition.name.clone(),
            parameter: "period".to_owned(),
            found: text.to_owned(),
            wanted: "report.wants_period",
        })?),
        None => None,
    };
    let region = text("region").map(str::to_owned).or_else(|| definition.region.clone());
    let (period_end, region) = period_with_figures(definition, period, region, asker)?;
    let state_end = match &definition.states {
        Some(indicator) => state_day(indicator, period_end, &region, asker)?,
        None => period_end,
    };
    let first = |month: u32| {
        NaiveDate::from_ymd_opt(period_end.year(), month, 1).map(|day| day.to_string())
    };
    let mut values = vec![
        ("period".to_owned(), period_end.to_string()),
        ("state".to_owned(), state_end.to_string()),
        ("region".to_owned(), region.clone()),
        ("month".to_owned(), first(period_end.month()).unwrap_or_default()),
        ("year".to_owned(), first(1).unwrap_or_default()),
        ("lang".to_owned(), given.lang.to_string()),
    ];
    for param in &definition.params {
        let value = text(&param.name).unwrap_or(&param.default);
        if ParamValue::parse(value, param.data_type).is_none() {
            return Err(ReportError::ValueInvalid {
                report: definition.name.clone(),
                parameter: param.name.clone(),
                found: value.to_owned(),
                wanted: wanted_of(param.data_type),
            });
        }
        values.push((param.name.clone(), value.to_owned()));
    }
    Ok(Chosen { period_end, state_end, region, values })
}

pub(super) fn check_names(
    definition: &Definition,
    given: &[(String, String)],
) -> Result<(), ReportError> {
    let known = definition.param_names();
    for (idx, (name, _)) in given.iter().enumerate() {
        if !known.contains(name) {
            return Err(ReportError::ParameterUnknown {
                report: definition.name.clone(),
                parameter: name.clone(),
                known,
            });
        }
        if given[..idx].iter().any(|(earlier, _)| earlier == name) {
            return Err(ReportError::ParameterTwice {
                report: definition.name.clone(),
                parameter: name.clone(),
            });
        }
    }
    Ok(())
}

/// Asks for the period, or which is the last, and holds the report to it.
fn period_with_figures(
    definition: &Definition,
    period: Option<NaiveDate>,
    region: Option<String>,
    asker: &mut Asker<'_>,
) -> Result<(NaiveDate, String), ReportError> {
    let query = definition.period_query.as_str();
    if let Some(day) = period {
        let of_period = asker.ask(query, &[("period".to_owned(), day.to_string())])?;
        if let Some((found, region)) = first_with(&of_period, region.as_deref()) {
            return Ok((found, region));
        }
    }
    let latest = asker.look_up(query, &[])?;
    let found = first_with(&latest, region.as_deref());
    let bodies = Bodies::of(asker.sources().refdata);
    let named = |region: Option<String>| region.map(|region| bodies.region_name(&region));
    match (period, found) {
        // Asked as it would be had the period been given, so that the report is the same.
        (None, Some((latest, region))) => {
            period_with_figures(definition, Some(latest), Some(region), asker)
        }
        (None, None) => Err(ReportError::PeriodWithoutFigures {
            period_end: NaiveDate::default(),
            region: named(region),
            latest: None,
            query: query.to_owned(),
        }),
        (Some(period_end), found) => Err(ReportError::PeriodWithoutFigures {
            period_end,
            region: named(region.or_else(|| found.as_ref().map(|(_, region)| region.clone()))),
            latest: found.map(|(day, _)| day),
            query: query.to_owned(),
        }),
    }
}

/// Returns the day whose states stand beside a period: the latest of its last month on which the indicator
/// was counted, else the first of the months behind it; the end of the period where there is none.
fn state_day(
    indicator: &str,
    period_end: NaiveDate,
    region: &str,
    asker: &mut Asker<'_>,
) -> Result<NaiveDate, ReportError> {
    let given = [("indicator".to_owned(), indicator.to_owned())];
    let answer = asker.ask(FIGURES, &given)?;
    let figures = figures_of(&ResultTable::of(answer.rows));
    let whole =
        |figure: &&Figure| figure.subject.region == region && figure.subject.breakdown.is_none();
    let days: BTreeSet<NaiveDate> =
        figures.iter().filter(whole).map(|figure| figure.period.end).collect();
    Ok(nearest_day(&days, period_end).unwrap_or(period_end))
}

fn nearest_day(days: &BTreeSet<NaiveDate>, period_end: NaiveDate) -> Option<NaiveDate> {
    let first = period_end.with_day(1)?;
    let last = period_end.checked_add_months(STATE_MONTHS)?;
    let mut near = days.range(first..=last).copied();
    let within = days.range(first..=period_end).next_back().copied();
    within.or_else(|| near.find(|day| *day > period_end))
}

/// The period and the region of the first row that is of a region, of any where none is wanted.
fn first_with(answer: &Answer<'_>, region: Option<&str>) -> Option<(NaiveDate, String)> {
    (0..answer.rows.num_rows()).find_map(|row| {
        match (answer.value("period_end", row), answer.value("region", row)) {
            (Value::Day(day), Value::Text(found))
                if region.is_none_or(|region| region == found) =>
            {
                Some((day, found))
            }
            _ => None,
        }
    })
}

/// The last day of a month, or a day.
pub(super) fn last_day_of(text: &str) -> Option<NaiveDate> {
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Some(day);
    }
    let (year, month) = text.split_once('-')?;
    let first = NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, 1)?;
    first.checked_add_months(Months::new(1))?.pred_opt()
}

fn wanted_of(data_type: ParamType) -> &'static str {
    match data_type {
        ParamType::Date => "report.wants_day",
        ParamType::Text => "report.wants_text",
        ParamType::Int => "report.wants_int",
        ParamType::Double => "report.wants_double",
        ParamType::Bool => "report.wants_bool",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(last_day_of(text).map(|day| day.to_string()).as_deref(), expected, "{text}");
    }

    #[test]
    fn states_are_those_of_the_month_else_of_a_later_day() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let near = |days: &[&str]| {
            let days = days.iter().map(|text| day(text)).collect();
            nearest_day(&days, day("2021-09-30")).map(|day| day.to_string())
        };
        let on = |text: &str| Some(text.to_owned());
        assert_eq!(
            near(&["2021-08-31", "2021-09-05", "2021-09-25", "2021-10-01"]),
            on("2021-09-25")
        );
        assert_eq!(near(&["2021-08-31", "2021-11-24", "2021-12-01"]), on("2021-11-24"));
        assert_eq!(near(&["2021-08-31", "2022-01-01"]), None);
        assert_eq!(near(&[]), None);
    }

    #[test]
    fn a_month_is_its_last_day() {
        check("2021-08", Some("2021-08-31"));
        check("2024-02", Some("2024-02-29"));
        check("2021-12", Some("2021-12-31"));
        check("2021-09-15", Some("2021-09-15"));
        check("2021-13", None);
        check("2021年8月", None);
        check("2021", None);
    }
}
