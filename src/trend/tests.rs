//! Cases in which a naive difference or sum would mislead.

use arrow::array::{Array, AsArray};
use arrow::datatypes::Int32Type;

use super::*;
use crate::diag::Lang;
use crate::model::Period;
use crate::refdata::{Indicator, RefData, RegionLevel, Target};

/// Reads figures from lines of `first..last value [word…]`: days or months, `-` for no first day, and
/// words for what else is said: `d2` definition 2, `returned`, `missing`, `inferred`, `first=N` (first
/// vintage), `note=…` (of a resubmission), `parts=N`, `late=N`, `unit=…`, `@department`, `whole` (a region
/// as a whole), `region=…`, `of=…` (a part of a further dimension).
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
            ("whole", _) => figure.subject.department = None,
            ("region", code) => figure.subject.region = code.to_owned(),
            ("of", part) => figure.subject.breakdown = Some(part.to_owned()),
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
    let regions = Bodies::of(&RefData::load(&[]).unwrap()).regions;
    Bodies { departments: departments.into_iter().collect(), regions, takeovers: Vec::new() }
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
         2021-03 - none no_value across_definitions
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
    assert!(!trend.plan.has_wanted_measure);
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
fn a_quarter_that_has_not_ended_is_not_shown_and_said_to_be_left_out() {
    let lines = "2020-01..2020-12 100
                 2021-01..2021-03 30
                 2021-01..2021-05 45";
    check(
        by(Frequency::Quarter),
        lines,
        "2020-Q4 - none no_value_before longer
         2021-Q1 30 stated no_value_before",
    );
    let said = |asked: Asked| -> Vec<String> {
        trend(lines, asked).notes().iter().map(|note| note.text(Lang::En)).collect()
    };
    let left_out = "2021-Q2 is left out: its figures reach only to 2021-05-31";
    assert_eq!(said(by(Frequency::Quarter)), [left_out]);
    let from = "2021-04-01".parse().ok();
    let alone = "2021-Q2 has no value of its own: its figures reach only to 2021-05-31";
    assert_eq!(said(Asked { from, ..by(Frequency::Quarter) }), [alone]);
    let to = "2021-03-31".parse().ok();
    assert!(said(Asked { to, ..by(Frequency::Quarter) }).is_empty());
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

#[test]
fn a_sum_over_other_departments_is_no_other_definition() {
    check(
        by(Frequency::Quarter),
        "2021-01..2021-01 1
         2021-02..2021-02 2 parts=2
         2021-03..2021-03 3 parts=2
         2021-04..2021-06 9 parts=2",
        "2021-Q1 - none no_value_before across_parts
         2021-Q2 9 stated no_value_before",
    );
}

#[test]
fn what_lies_within_a_period_is_not_told_as_what_changed_before_it() {
    check(
        by(Frequency::Month),
        "2021-01..2021-01 10
         2021-01..2021-02 20
         2021-01..2021-03 50 unit=万条",
        "2021-01 10 stated no_value_before
         2021-02 10 difference +0%
         2021-03 - none no_value across_units",
    );
}

/// The values that are shown of a choice: body, part and value, or why there is none.
#[track_caller]
fn check_choice(lines: &str, wanted: &Wanted, expected: &str) {
    let shown = match Choice::of(figures(lines), wanted, &bodies()) {
        Ok(choice) => {
            let values = choice
                .figures
                .iter()
                .map(|figure| format!("{} {}", figure.subject, figure.value.unwrap_or(f64::NAN)));
            let notes = choice.notes.iter().map(|note| note.text(Lang::En));
            values.chain(notes).collect::<Vec<_>>().join("\n")
        }
        Err(error) => error.to_string(),
    };
    let expected: Vec<&str> = expected.lines().map(str::trim).collect();
    assert_eq!(shown, expected.join("\n"));
}

#[test]
fn undivided_figures_stand_alone_and_parts_are_told() {
    let both = "2021-01..2021-01 10
                2021-01..2021-01 4 of=online
                2021-01..2021-01 6 of=hall
                2021-01..2021-01 7 of=hall @justice";
    check_choice(
        both,
        &Wanted::default(),
        "water 10
         figures of parts are not shown, choose one with `--breakdown`: hall, online
         not shown, because there are figures of parts only: justice",
    );
    let of = |part: &str| Wanted { breakdown: Some(part.to_owned()), ..Wanted::default() };
    check_choice(both, &of("hall"), "water/hall 6\njustice/hall 7");
    check_choice(both, &of("post"), "there is no figure of the part `post`");
    check_choice(
        "2021-01..2021-01 4 of=online
         2021-01..2021-01 6 of=hall",
        &Wanted::default(),
        "water/online 4
         water/hall 6
         there are figures of parts only, choose one with `--breakdown`: hall, online",
    );
    // Who has parts only is shown by parts where nobody else is.
    let departments = vec!["justice".to_owned()];
    check_choice(
        both,
        &Wanted { departments, ..Wanted::default() },
        "water/online 4
         water/hall 6
         justice/hall 7
         there are figures of parts only, choose one with `--breakdown`: hall",
    );
}

#[test]
fn the_province_is_that_of_the_figures() {
    let wanted = Wanted::default();
    check_choice(
        "2021-01..2021-01 10
         2021-01..2021-01 4 region=630100",
        &wanted,
        "water 10
         figures of these regions are not shown, name them or see their departments with `--region`: \
         西宁市 (630100)",
    );
    check_choice("2021-01..2021-01 4 region=630100", &wanted, "water 4");
    let whole = "2021-01..2021-01 10 whole
                 2021-01..2021-01 4 whole region=630100
                 2021-01..2021-01 1 region=630200";
    check_choice(
        whole,
        &wanted,
        "630000 10
         630100 4
         figures of departments of these regions are not shown, choose one with `--region`: \
         海东市 (630200)",
    );
    let of = |region: &str| Wanted { region: Some(region.to_owned()), ..Wanted::default() };
    check_choice(whole, &of("630200"), "water 1");
    check_choice(whole, &of("632200"), "the region `海北藏族自治州` has no figure of it");
    let named = Wanted { regions: vec!["630100".to_owned()], ..Wanted::default() };
    check_choice(whole, &named, "630000 10\n630100 4");
}

#[test]
fn another_province_is_as_good() {
    let own = "region,name,level,parent,status,source,confidence\n\
               620000,甘肃省,province,,current,own,high\n";
    let refdata = RefData::load(&[("regions".to_owned(), own.to_owned())]).unwrap();
    let figures = figures(
        "2021-01..2021-01 10 region=620000
         2021-01..2021-01 4 region=630100",
    );
    let choice = Choice::of(figures, &Wanted::default(), &Bodies::of(&refdata)).unwrap();
    assert_eq!(choice.figures.len(), 1);
    assert_eq!(choice.figures[0].subject.region, "620000");
}

#[test]
fn regions_of_one_level_are_ranked_among_themselves() {
    let trend = trend(
        "2021-01..2021-01 10 whole
         2021-01..2021-01 6 whole region=630100
         2021-01..2021-01 2 whole region=630200
         2021-01..2021-01 9 whole region=630102
         2021-02..2021-02 10 whole
         2021-02..2021-02 1 whole region=630100
         2021-02..2021-02 3 whole region=630200
         2021-02..2021-02 9 whole region=630102",
        by(Frequency::Month),
    );
    let bodies = bodies();
    let standings = trend.standings(trend.plan.last, &bodies);
    let movements = trend.movements(trend.plan.last, &bodies);
    let shown =
        trend.all.iter().zip(standings.iter().zip(movements)).map(|(series, (at, moved))| {
            let name = bodies.name_of(&series.subject);
            format!("{name} {:?} of {} {:?} {moved:?}", at.rank, at.n_ranked, at.share_pct)
        });
    let shown: Vec<String> = shown.collect();
    // The province and the only county have nobody to be compared with.
    assert_eq!(
        shown,
        [
            "青海省 None of 0 None None",
            "城东区 None of 0 None None",
            "海东市 Some(1) of 2 Some(75.0) Some(1)",
            "西宁市 Some(2) of 2 Some(25.0) Some(-1)",
        ]
    );
}

#[test]
fn a_region_beside_its_departments_is_told_to_be_none_of_them() {
    let trend = trend(
        "2021-01..2021-01 100 whole
         2021-01..2021-01 30
         2021-01..2021-01 30 @justice",
        by(Frequency::Month),
    );
    let codes = |series: &Series| -> Vec<&str> {
        series.points[0].remarks.iter().map(|remark| remark.code).collect()
    };
    let whole = trend.all.iter().find(|series| series.subject.department.is_none()).unwrap();
    assert_eq!(codes(whole), ["trend.whole_region"]);
    let water = trend.all.iter().position(|series| series.subject.is_of("water")).unwrap();
    assert_eq!(codes(&trend.all[water]), [""; 0]);
    let standings = trend.standings(trend.plan.last, &bodies());
    assert_eq!(standings[water].share_pct, Some(50.0));
}

#[test]
fn a_definition_that_began_within_a_value_is_told() {
    let trend = trend(
        "2020-01..2020-12 100
         2020-01..2020-06 40
         2020-01..2020-09 70",
        Asked { is_cumulative: true, ..by(Frequency::Quarter) },
    );
    let trend = trend.with_definitions(&["2020-07-01".parse().unwrap()]);
    assert_eq!(
        shown(&trend),
        "2020-Q2 40 stated no_value_before\n2020-Q3 70 stated +75% definition_within\n\
         2020-Q4 100 stated +42.857142857142854% definition_within"
    );
    // What lies between two figures begins behind the first of them.
    let trend = self::trend(
        "2020-01..2020-06 40
         2020-01..2020-09 70
         2020-01..2020-12 100",
        by(Frequency::Quarter),
    );
    let trend = trend.with_definitions(&["2020-07-01".parse().unwrap()]);
    assert!(!shown(&trend).contains("definition_within"), "{}", shown(&trend));
}

#[test]
fn the_same_remark_on_several_bodies_is_one_with_their_names() {
    let months = ["", " @justice", " @sports", " @tax", " @audit"]
        .map(|whose| format!("2021-01..2021-01 10 inferred{whose}\n2021-02..2021-02 11{whose}\n"));
    let told = |n: usize, lang: Lang| -> Vec<String> {
        let trend = trend(&months[..n].concat(), by(Frequency::Month));
        let remarks = spans_of_remarks(&trend, &bodies(), lang);
        remarks.iter().map(|remark| few_names(&remark.names, lang)).collect()
    };
    assert_eq!(told(2, Lang::En), ["justice, water"]);
    assert_eq!(told(5, Lang::En), ["justice, sports, water and others (5 in all)"]);
    assert_eq!(told(5, Lang::Zh), ["justice、sports、water等 5 个"]);
}

#[test]
fn a_target_of_another_region_or_department_is_no_outlook() {
    let target = |region: &str, level, department: Option<&str>, due: &str| Target {
        region: region.to_owned(),
        level,
        department: department.map(str::to_owned),
        due: due.parse().unwrap(),
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

/// The appendix of a series of months as lines of statistic, value and reason.
fn appendix(values: &[f64], last_unit: &str, across: AcrossBreaks) -> Vec<String> {
    let first = Slot::of("2019-01-01".parse().unwrap(), Frequency::Month);
    let lines: String = values
        .iter()
        .zip(0..)
        .map(|(value, n)| {
            let month = first.plus(n);
            let unit = if n < 3 { "条" } else { last_unit };
            format!("{month}..{month} {value} unit={unit}\n")
        })
        .collect();
    let trend =
        Trend::of(&figures(&lines), IndicatorKind::Flow, by(Frequency::Month), across, &bodies());
    let table = appendix_table(&trend.unwrap(), &bodies(), &Outlook::default(), Lang::En);
    let batch = table.to_batch().unwrap();
    let text = |name: &str, row: usize| {
        let column = batch.column_by_name(name).unwrap().as_string::<i32>();
        let shown = if column.is_valid(row) { column.value(row) } else { "" };
        shown.to_owned()
    };
    let counted = batch.column_by_name("n_values").unwrap().as_primitive::<Int32Type>();
    (0..batch.num_rows())
        .map(|row| {
            format!("{} {} {}", text("statistic", row), counted.value(row), text("reason", row))
        })
        .collect()
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
fn statistics_never_cross_a_change_of_the_unit() {
    let values: Vec<f64> = (0..14_u8).map(|at| f64::from(at * at % 11)).collect();
    let lines = appendix(&values, "万条", AcrossBreaks::Compare);
    assert!(lines.iter().any(|line| line == "mann_kendall 11 "), "{lines:?}");
}

#[test]
fn who_has_no_figure_is_told_why() {
    let refdata = RefData::load(&[]).unwrap();
    let (bodies, mut all) = (Bodies::of(&refdata), refdata.indicators().into_iter());
    let indicator: Indicator = all.find(|known| known.indicator == "cases_aggregated").unwrap();
    let lines = "2021-01..2021-01 10
                 2021-01..2021-01 7 of=hall @justice";
    let said = |names: &[&str], is_comparable: bool| {
        let wanted = Wanted {
            departments: names.iter().map(|name| (*name).to_owned()).collect(),
            successions: is_comparable.then(|| refdata.successions()),
            ..Wanted::default()
        };
        let choice = Choice::of(figures(lines), &wanted, &bodies).unwrap();
        let asked = by(Frequency::Month);
        let kind = IndicatorKind::Flow;
        let trend = Trend::of(&choice.figures, kind, asked, AcrossBreaks::Refuse, &bodies);
        let shown = choice.shown_in(trend.unwrap(), &wanted, &indicator, &bodies);
        shown.unwrap_err().to_string()
    };
    assert_eq!(
        said(&["tax"], false),
        "`国家税务总局青海省税务局` has no figure of `cases_aggregated`"
    );
    assert_eq!(said(&["water", "justice"], false), "`省司法厅` has figures of parts only: hall");
    assert_eq!(
        said(&["forestry"], true),
        "`省林业厅` passed on its duties: comparable figures stand under `省林草局`"
    );
    assert_eq!(said(&["forestry"], false), "`省林业厅` has no figure of `cases_aggregated`");
}
