//! Cases in which a naive difference or sum would mislead.

use super::*;
use crate::diag::Lang;
use crate::model::Period;

/// Reads figures from lines of `first..last value [word…]`: days or months, `-` for no first day, and
/// words for what else is said: `d2` definition 2, `returned`, `missing`, `inferred`, `first=N` (first
/// vintage), `note=…` (of a resubmission), `parts=N`, `late=N`, `unit=…`, `@department`.
fn figures(lines: &str) -> Vec<Figure> {
    lines.lines().map(str::trim).filter(|line| !line.is_empty()).map(figure).collect()
}

fn figure(line: &str) -> Figure {
    let mut words = line.split_whitespace();
    let (first, last) = words.next().unwrap().split_once("..").unwrap();
    let day = |text: &str, is_last: bool| -> chrono::NaiveDate {
        let month = || format!("{text}-01").parse().unwrap();
        let whole = text.parse();
        whole.unwrap_or_else(|_| {
            let slot = Slot::of(month(), Frequency::Month);
            if is_last { slot.last_day() } else { slot.first_day() }
        })
    };
    let start = (first != "-").then(|| day(first, false));
    let value = words.next().unwrap().parse().ok();
    let mut figure = Figure {
        subject: Subject {
            region: "630000".into(),
            department: Some("water".into()),
            breakdown: None,
        },
        period: Period { start, end: day(last, true) },
        is_date_inferred: false,
        definition: 1,
        unit: "条".into(),
        value,
        status: if value.is_some() { FigureStatus::Reported } else { FigureStatus::Missing },
        is_inexact: false,
        n_parts: 1,
        first_value: None,
        resubmission: None,
        n_late: None,
    };
    for word in words {
        match word.split_once('=').unwrap_or((word, "")) {
            ("d2", _) => figure.definition = 2,
            ("returned", _) => figure.status = FigureStatus::Returned,
            ("note", note) => figure.resubmission = Some(note.to_owned()),
            ("inferred", _) => figure.is_date_inferred = true,
            ("first", number) => figure.first_value = number.parse().ok(),
            ("parts", number) => figure.n_parts = number.parse().unwrap(),
            ("late", number) => figure.n_late = number.parse().ok(),
            ("unit", unit) => figure.unit = unit.to_owned(),
            (name, _) => {
                figure.subject.department = Some(name.strip_prefix('@').unwrap().to_owned());
            }
        }
    }
    figure
}

fn bodies() -> Bodies {
    let body = |name: &str, kind, order| {
        let official_order = Some(order);
        (name.to_owned(), Body { name: name.to_owned(), kind: Some(kind), official_order })
    };
    let departments = [
        body("water", BodyKind::Provincial, 3),
        body("justice", BodyKind::Provincial, 1),
        body("sports", BodyKind::Provincial, 2),
        body("tax", BodyKind::Central, 4),
    ];
    Bodies { departments: departments.into_iter().collect(), takeovers: Vec::new() }
}

fn trend(lines: &str, asked: Asked) -> Trend {
    Trend::of(&figures(lines), IndicatorKind::Flow, asked, AcrossBreaks::Refuse, &bodies()).unwrap()
}

fn by(frequency: Frequency) -> Asked {
    Asked { frequency: Some(frequency), ..Asked::default() }
}

/// Shows the periods of the first series: period, value, how made, growth or why none, codes of remarks.
fn shown(trend: &Trend) -> String {
    let series = &trend.all[0];
    let lines = series.points.iter().map(|point| {
        let number = |value: Option<f64>| value.map_or("-".to_owned(), |value| value.to_string());
        let on_before = trend.on_before(series, point);
        let growth = match on_before.not_compared {
            Some(reason) => reason.to_string(),
            None => format!("{:+}%", on_before.growth_pct.unwrap_or(f64::NAN)),
        };
        let codes: Vec<&str> =
            point.remarks.iter().map(|remark| remark.code.trim_start_matches("trend.")).collect();
        format!(
            "{} {} {} {growth} {}",
            point.slot,
            number(point.value),
            point.made,
            codes.join(" ")
        )
        .trim_end()
        .to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn check(asked: Asked, lines: &str, expected: &str) {
    let expected: Vec<&str> =
        expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(shown(&trend(lines, asked)), expected.join("\n"));
}

#[test]
fn the_fourth_quarter_alone_is_the_year_less_nine_months() {
    check(
        by(Frequency::Quarter),
        "2020-01..2020-09 90
         2020-01..2020-12 130
         2021-01..2021-03 50",
        "2020-Q3 - none no_value_before longer
         2020-Q4 40 difference no_value_before
         2021-Q1 50 stated +25%",
    );
}

#[test]
fn nothing_is_taken_from_a_figure_of_another_year() {
    // A naive difference would make January a fall from 120 to 15.
    check(
        by(Frequency::Month),
        "2020-01..2020-11 100
         2020-01..2020-12 120
         2021-01..2021-01 15
         2021-01..2021-02 25",
        "2020-11 - none no_value_before longer
         2020-12 20 difference no_value_before
         2021-01 15 stated -25%
         2021-02 10 difference -33.333333333333336%",
    );
}

#[test]
fn cumulative_values_are_not_compared_across_new_year() {
    let asked = Asked { is_cumulative: true, ..by(Frequency::Month) };
    check(
        asked,
        "2020-01..2020-12 120
         2021-01..2021-01 15
         2021-01..2021-02 30",
        "2020-12 120 stated no_value_before
         2021-01 15 stated new_year
         2021-02 30 stated +100%",
    );
}

#[test]
fn a_missing_month_is_not_shared_out() {
    // A naive difference of neighbours would give March what two months did.
    check(
        by(Frequency::Month),
        "2021-01..2021-01 10
         2021-01..2021-03 50
         2021-01..2021-04 60",
        "2021-01 10 stated no_value_before
         2021-02 - none no_value
         2021-03 - none no_value longer
         2021-04 10 difference no_value_before",
    );
    let trend = trend(
        "2021-01..2021-01 10
         2021-01..2021-03 50",
        by(Frequency::Month),
    );
    assert_eq!(
        trend.all[0].points[2].remarks[0].text(Lang::En),
        "only 2021-02-01 to 2021-03-31 together is known: 40"
    );
}

#[test]
fn a_falling_year_to_date_is_a_revision_and_no_negative_flow() {
    check(
        by(Frequency::Month),
        "2021-01..2021-01 40
         2021-01..2021-02 30
         2021-01..2021-03 45",
        "2021-01 - none no_value_before lowered
         2021-02 - none no_value lowered
         2021-03 15 difference no_value_before",
    );
    // Over quarters as well: neither holds what was too high.
    check(
        by(Frequency::Quarter),
        "2021-01..2021-03 290
         2021-01..2021-04 270
         2021-01..2021-06 430
         2021-01..2021-09 500",
        "2021-Q1 - none no_value_before lowered
         2021-Q2 - none no_value lowered
         2021-Q3 70 difference no_value_before",
    );
}

#[test]
fn a_new_definition_ends_the_comparison() {
    check(
        by(Frequency::Month),
        "2021-01..2021-01 10
         2021-01..2021-02 20
         2021-01..2021-03 500 d2
         2021-01..2021-04 600 d2",
        "2021-01 10 stated no_value_before
         2021-02 10 difference +0%
         2021-03 - none no_value across_definitions new_definition
         2021-04 100 difference no_value_before",
    );
    // Where both definitions are stated for the month of the change, it has a value.
    check(
        by(Frequency::Month),
        "2021-01..2021-01 10
         2021-01..2021-02 20
         2021-01..2021-02 400 d2
         2021-01..2021-03 500 d2",
        "2021-01 10 stated no_value_before
         2021-02 10 difference +0%
         2021-03 100 difference break new_definition",
    );
}

#[test]
fn comparing_across_breaks_has_to_be_asked_for_and_never_crosses_units() {
    let lines = "2021-01..2021-01 10
                 2021-02..2021-02 30 d2
                 2021-03..2021-03 3 d2 unit=万条";
    check(
        by(Frequency::Month),
        lines,
        "2021-01 10 stated no_value_before
         2021-02 30 stated break new_definition
         2021-03 3 stated break new_unit",
    );
    let figures = figures(lines);
    let asked = by(Frequency::Month);
    let crossed = AcrossBreaks::Compare;
    let trend = Trend::of(&figures, IndicatorKind::Flow, asked, crossed, &bodies()).unwrap();
    let shown = shown(&trend);
    assert!(shown.contains("2021-02 30 stated +200%"), "{shown}");
    assert!(shown.contains("2021-03 3 stated break"), "{shown}");
}

#[test]
fn a_returned_zero_is_no_fall_and_what_comes_again_no_growth() {
    check(
        by(Frequency::Month),
        "2021-01..2021-01 10
         2021-02..2021-02 0 returned
         2021-03..2021-03 90
         2021-04..2021-04 12",
        "2021-01 10 stated no_value_before
         2021-02 0 stated returned returned
         2021-03 90 stated returned resubmitted
         2021-04 12 stated resubmitted",
    );
    check(
        by(Frequency::Quarter),
        "2021-01..2021-06 0 returned
         2021-01..2021-09 4500
         2021-01..2021-12 4600",
        "2021-Q2 - none no_value_before returned
         2021-Q3 4500 difference no_value_before resubmitted
         2021-Q4 100 difference resubmitted",
    );
}

#[test]
fn what_a_note_calls_resubmitted_is_no_growth() {
    check(
        by(Frequency::Month),
        "2021-01..2021-01 10
         2021-01..2021-02 120 note=补报去年数据100条
         2021-01..2021-03 131",
        "2021-01 10 stated no_value_before
         2021-02 110 difference resubmitted noted_resubmission
         2021-03 11 difference resubmitted",
    );
}

#[test]
fn late_pushes_of_old_cases_are_no_growth() {
    check(
        by(Frequency::Month),
        "2021-01..2021-01 10 late=0
         2021-02..2021-02 100 late=95
         2021-03..2021-03 11 late=2",
        "2021-01 10 stated no_value_before
         2021-02 100 stated backfilled backfilled
         2021-03 11 stated backfilled",
    );
}

#[test]
fn a_revised_figure_says_so_and_the_latest_counts() {
    check(
        by(Frequency::Month),
        "2021-01..2021-01 10
         2021-01..2021-02 30 first=25",
        "2021-01 10 stated no_value_before
         2021-02 20 difference +100% revised",
    );
}

#[test]
fn an_inferred_date_is_told() {
    let trend = trend("2021-01..2021-09 90 inferred\n2021-01..2021-12 100", by(Frequency::Quarter));
    let points = &trend.all[0].points;
    assert!(points.iter().all(|point| point.is_date_inferred || point.slot.in_year() == 2));
    assert!(points[1].is_date_inferred, "the difference rests on it");
}

#[test]
fn a_sum_over_more_departments_is_not_compared() {
    check(
        by(Frequency::Month),
        "2021-01..2021-01 10
         2021-02..2021-02 30 parts=2",
        "2021-01 10 stated no_value_before
         2021-02 30 stated break new_parts",
    );
}

#[test]
fn a_department_that_took_over_another_begins_anew() {
    let mut bodies = bodies();
    bodies.takeovers.push(Takeover {
        region: "630000".into(),
        department: "water".into(),
        predecessor: "irrigation".into(),
        on: Takeover::day_of("2021-02-11").unwrap(),
        recorded: "2021-02-11".into(),
    });
    let figures = figures("2021-01..2021-01 10\n2021-02..2021-02 30\n2021-03..2021-03 33");
    let asked = by(Frequency::Month);
    let trend =
        Trend::of(&figures, IndicatorKind::Flow, asked, AcrossBreaks::Refuse, &bodies).unwrap();
    assert_eq!(
        shown(&trend),
        "2021-01 10 stated no_value_before\n2021-02 30 stated break took_over\n2021-03 33 stated +10%"
    );
}

#[test]
fn months_make_a_quarter_only_when_all_are_there() {
    check(
        by(Frequency::Quarter),
        "2021-01..2021-01 1
         2021-02..2021-02 2
         2021-03..2021-03 3
         2021-04..2021-04 4
         2021-06..2021-06 6",
        "2021-Q1 6 sum no_value_before
         2021-Q2 - none no_value",
    );
}

#[test]
fn counts_since_the_launch_give_flows_but_not_their_first() {
    check(
        by(Frequency::Year),
        "-..2019-12 100
         -..2020-12 150
         -..2021-12 275",
        "2019 - none no_value_before
         2020 50 difference no_value_before
         2021 125 difference +150%",
    );
}

#[test]
fn a_single_figure_is_shown_as_it_was_stated() {
    let trend = trend("2021-01..2021-09 90", Asked::default());
    assert!(trend.plan.is_without_flows);
    assert_eq!(trend.plan.measure, Measure::Cumulative);
    assert_eq!(shown(&trend), "2021-Q3 90 stated no_value_before");
}

#[test]
fn equal_values_share_a_rank_and_central_bodies_stand_apart() {
    let trend = trend(
        "2021-01..2021-01 0
         2021-01..2021-01 0 @justice
         2021-01..2021-01 40 @sports
         2021-01..2021-01 60 @tax",
        by(Frequency::Month),
    );
    let standings = trend.standings(trend.plan.last, &bodies());
    let named = trend.all.iter().zip(&standings).map(|(series, standing)| {
        let rank = standing.rank.map_or("apart".to_owned(), |rank| rank.to_string());
        format!("{} {rank} {}", series.subject, standing.share_pct.unwrap())
    });
    let named: Vec<String> = named.collect();
    assert_eq!(named, ["tax apart 60", "sports 1 40", "justice 2 0", "water 2 0"]);
}

#[test]
fn the_same_period_of_the_year_before_is_looked_for_by_its_time() {
    let trend = trend(
        "2020-01..2020-03 100
         2020-01..2020-06 150
         2021-01..2021-03 110",
        by(Frequency::Quarter),
    );
    let series = &trend.all[0];
    let on_year = trend.on_year(series, series.points.last().unwrap());
    assert_eq!((on_year.before, on_year.growth_pct), (Some(100.0), Some(10.0)));
    let first = trend.on_year(series, &series.points[1]);
    assert_eq!(first.not_compared, Some(NotCompared::NoValueBefore));
}

#[test]
fn a_quarter_that_has_not_ended_is_not_shown() {
    check(
        by(Frequency::Quarter),
        "2020-01..2020-12 100
         2021-01..2021-03 30
         2021-01..2021-05 45",
        "2020-Q4 - none no_value_before longer
         2021-Q1 30 stated no_value_before",
    );
}

#[test]
fn eight_months_are_not_compared_with_nine() {
    let asked = Asked { is_cumulative: true, ..by(Frequency::Quarter) };
    let trend = trend(
        "2020-01..2020-08 70
         2020-01..2020-09 90
         2021-01..2021-08 80",
        asked,
    );
    let series = &trend.all[0];
    let on_year = trend.on_year(series, series.points.last().unwrap());
    assert_eq!((on_year.before, on_year.growth_pct), (Some(90.0), None));
    assert_eq!(on_year.not_compared, Some(NotCompared::OtherDay));
}

#[test]
fn what_is_shown_is_compared_with_what_is_not() {
    let lines = "2020-01..2020-01 10
                 2020-01..2020-02 30
                 2020-01..2020-03 60";
    let from = "2020-03-01".parse().ok();
    let trend = trend(lines, Asked { from, ..by(Frequency::Month) });
    let series = &trend.all[0];
    let shown = trend.periods(series);
    assert_eq!(shown.len(), 1);
    assert_eq!(trend.on_before(series, &shown[0]).growth_pct, Some(50.0));
}

#[test]
fn an_empty_cell_is_no_zero_in_what_is_told_of_a_longer_time() {
    let trend = trend(
        "2021-01..2021-01 5
         2021-01..2021-02 x
         2021-01..2021-04 90",
        by(Frequency::Month),
    );
    let said: Vec<String> =
        trend.all[0].points[3].remarks.iter().map(|remark| remark.text(Lang::En)).collect();
    assert_eq!(said, ["only 2021-02-01 to 2021-04-30 together is known: 85"]);
}

#[test]
fn nobody_moves_because_another_has_no_figure() {
    let trend = trend(
        "2021-01..2021-01 50 @sports
         2021-01..2021-01 40 @justice
         2021-01..2021-01 30
         2021-02..2021-02 45 @justice
         2021-02..2021-02 50",
        by(Frequency::Month),
    );
    let movements = trend.movements(trend.plan.last, &bodies());
    let moved: Vec<(String, Option<i32>)> =
        trend.all.iter().map(|series| series.subject.to_string()).zip(movements).collect();
    let expected = [("water", Some(1)), ("justice", Some(-1)), ("sports", None)]
        .map(|(n, m)| (n.to_owned(), m));
    assert_eq!(moved, expected);
}
