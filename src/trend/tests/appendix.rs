//! How far forecasts look, and what the appendix says.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::Int32Type;

use super::*;
use crate::refdata::Target;

#[test]
fn a_target_of_another_region_or_department_is_no_outlook() {
    let target = |region: &str, level, department: Option<&str>, due: &str| Target {
        region: region.to_owned(),
        level,
        department: department.map(str::to_owned),
        valid_from: "2021-01-01".parse().unwrap(),
        due: due.parse().unwrap(),
        value: 1.0,
        unit: "条".to_owned(),
        is_limit: false,
    };
    let outlook = Outlook::to_targets(vec![
        target("630000", None, Some("justice"), "2021-02-28"),
        target("630200", None, None, "2021-03-31"),
        target("630000", Some(RegionLevel::Prefecture), None, "2021-04-30"),
        target("630000", None, None, "2021-05-31"),
        target("630000", None, Some("sports"), "2021-06-30"),
        // Nothing reaches so far.
        target("630102", None, None, "2031-06-30"),
    ]);
    let last = Slot::of("2021-01-31".parse().unwrap(), Frequency::Month);
    let bodies = bodies();
    let shown = |subject: &str| {
        let subject = figure(&format!("2021-01..2021-01 1 {subject}")).subject;
        outlook.last_of(&subject, last, &bodies).map(|slot| slot.to_string())
    };
    assert_eq!(shown("@justice").as_deref(), Some("2021-02"));
    assert_eq!(shown("@water").as_deref(), Some("2021-05"));
    assert_eq!(shown("@sports").as_deref(), Some("2021-06"));
    assert_eq!(shown("whole").as_deref(), Some("2021-05"));
    assert_eq!(shown("whole region=630100").as_deref(), Some("2021-04"));
    assert_eq!(shown("whole region=630200").as_deref(), Some("2021-03"));
    assert_eq!(shown("whole region=630102"), None);
}

#[test]
fn a_forecast_is_not_cut_off_where_it_was_asked_to_end() {
    let last = Slot::of("2021-01-31".parse().unwrap(), Frequency::Month);
    let until = |day: &str| match Outlook::until(day.parse().unwrap(), last) {
        Ok(outlook) => {
            let subject = figure("2021-01..2021-01 1").subject;
            outlook.last_of(&subject, last, &bodies()).unwrap().to_string()
        }
        Err(error) => error.to_string(),
    };
    assert_eq!(until("2024-01-31"), "2024-01");
    assert_eq!(
        until("2024-02-01"),
        "a forecast to 2024-02 reaches too far: it has 36 periods at most, to 2024-01"
    );
    assert_eq!(
        until("2021-01-31"),
        "a forecast to 2021-01 would end before it begins: figures reach to 2021-01"
    );
}

/// The appendix of a series of months as lines of statistic, number of values and reason.
fn appendix(values: &[f64], last_unit: &str, across: AcrossBreaks) -> Vec<String> {
    let batch = appendix_batch(values, last_unit, across);
    let counted = batch.column_by_name("n_values").unwrap().as_primitive::<Int32Type>();
    (0..batch.num_rows())
        .map(|row| {
            let [statistic, reason] = ["statistic", "reason"].map(|it| text(&batch, it, row));
            format!("{statistic} {} {reason}", counted.value(row))
        })
        .collect()
}

fn text(batch: &RecordBatch, name: &str, row: usize) -> String {
    let column = batch.column_by_name(name).unwrap().as_string::<i32>();
    let shown = if column.is_valid(row) { column.value(row) } else { "" };
    shown.to_owned()
}

/// The appendix of a series of months; what is no number is a month without a figure.
fn appendix_batch(values: &[f64], last_unit: &str, across: AcrossBreaks) -> RecordBatch {
    let first = Slot::of("2019-01-01".parse().unwrap(), Frequency::Month);
    let lines: String = values
        .iter()
        .zip(0..)
        .filter(|(value, _)| !value.is_nan())
        .map(|(value, n)| {
            let month = first.plus(n);
            let unit = if n < 3 { "条" } else { last_unit };
            format!("{month}..{month} {value} unit={unit}\n")
        })
        .collect();
    let trend =
        Trend::of(&figures(&lines), IndicatorKind::Flow, by(Frequency::Month), across, &bodies());
    let table = appendix_table(&trend.unwrap(), &bodies(), &Outlook::default(), Lang::En);
    table.to_batch().unwrap()
}

#[test]
fn the_corrected_test_is_given_where_values_depend_on_those_before_them() {
    let of = |values: &[f64]| {
        let lines = appendix(values, "条", AcrossBreaks::Refuse);
        lines.into_iter().find(|line| line.starts_with("corrected")).unwrap()
    };
    let slow: Vec<f64> = (0..24_u8).map(|at| (f64::from(at) / 4.0).sin() + 2.0).collect();
    assert_eq!(of(&slow), "corrected_mann_kendall 24 ");
    let apart = [5.0, 9.0, 7.0, 8.0, 4.0, 6.0, 7.5, 5.5, 8.5, 6.5, 4.5, 9.5];
    assert_eq!(
        of(&apart),
        "corrected_mann_kendall 12 values do not depend on those before them to a significant \
         degree: mann_kendall stands"
    );
}

#[test]
fn four_months_on_a_line_are_too_short_for_a_trend() {
    // A line through them fits perfectly and rises by ten a month.
    let lines = appendix(&[10.0, 20.0, 30.0, 40.0], "条", AcrossBreaks::Refuse);
    assert_eq!(lines.len(), Statistic::ALL.len());
    for line in lines {
        assert!(line.contains("too short"), "{line}");
    }
}

#[test]
fn a_gap_is_named_where_it_makes_a_series_short_and_no_change_lies_in_it() {
    let values: Vec<f64> = (0..8_u8)
        .map(|at| f64::from(at % 2) + 1.0)
        .chain([f64::NAN])
        .chain((0..8_u8).map(|at| f64::from(at % 2) + 8.0))
        .collect();
    let lines = appendix(&values, "条", AcrossBreaks::Refuse);
    assert_eq!(
        lines.iter().find(|line| line.starts_with("forecast")).unwrap(),
        "forecast 8 too short: it needs 10 values in a row, and since the last gap there are 8"
    );
    let batch = appendix_batch(&values, "条", AcrossBreaks::Refuse);
    let change =
        (0..batch.num_rows()).find(|row| text(&batch, "statistic", *row) == "change_point");
    // August has the last of the lower values, and September none.
    assert_eq!(text(&batch, "period", change.unwrap()), "2019-10");
}

#[test]
fn statistics_never_cross_a_change_of_the_unit() {
    let values: Vec<f64> = (0..14_u8).map(|at| f64::from(at * at % 11)).collect();
    let lines = appendix(&values, "万条", AcrossBreaks::Compare);
    assert!(lines.iter().any(|line| line == "mann_kendall 11 "), "{lines:?}");
}

#[test]
fn a_count_that_begins_anew_every_year_has_no_statistics() {
    let lines: String = (0..30)
        .map(|n| {
            let month = Slot::of("2019-01-01".parse().unwrap(), Frequency::Month).plus(n);
            format!("{}-01..{month} {}\n", month.year(), 100 * (month.in_year() + 1))
        })
        .collect();
    let reasons = |frequency| {
        let asked = cumulative_by(frequency);
        let trend = trend(&lines, asked);
        let table = appendix_table(&trend, &bodies(), &Outlook::default(), Lang::En);
        let batch = table.to_batch().unwrap();
        let reasons = batch.column_by_name("reason").unwrap().as_string::<i32>().clone();
        let values = batch.column_by_name("value").unwrap();
        let is_anew = |reason: Option<&str>| reason.is_some_and(|it| it.contains("begins anew"));
        let n_anew = reasons.iter().filter(|reason| is_anew(*reason)).count();
        (n_anew, values.len() - values.null_count(), batch.num_rows())
    };
    // Not even a forecast: it would go on from December into January.
    assert_eq!(reasons(Frequency::Month), (Statistic::ALL.len(), 0, Statistic::ALL.len()));
    // Whole years are set against each other.
    assert_eq!(reasons(Frequency::Year).0, 0);
}
