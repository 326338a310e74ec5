//! What becomes of targets.

use super::*;
use crate::refdata::Target;

fn target(department: Option<&str>, value: f64, due: &str) -> Target {
    Target {
        region: "630000".to_owned(),
        level: None,
        department: department.map(str::to_owned),
        valid_from: "2021-01-01".parse().unwrap(),
        due: due.parse().unwrap(),
        value,
        unit: "条".to_owned(),
        is_limit: false,
    }
}

/// Twelve months of the year before and eight of this, as a year to date: 100 a month, odd ones 10 more.
fn steady() -> String {
    let of_year = |year: i32, n_months: i32| {
        let mut sum = 0;
        let figure = move |month: i32| {
            sum += 100 + 10 * (month % 2);
            format!("{year}-01..{year}-{month:02} {sum}\n")
        };
        (1..=n_months).map(figure).collect::<String>()
    };
    of_year(2020, 12) + &of_year(2021, 8)
}

/// The outlook, what is expected, the days left and the code of the reason of one target.
fn stands(lines: &str, asked: Asked, kind: IndicatorKind, target: Target) -> String {
    let figures = figures(lines);
    let trend = Trend::of(&figures, kind, asked, AcrossBreaks::Refuse, &bodies()).unwrap();
    let goals = goals_of(&trend, &figures, &[target], &bodies());
    let [goal] = goals.as_slice() else { return format!("{} goals", goals.len()) };
    let table = goals_table(&goals, &trend, &bodies(), Lang::En).to_batch().unwrap();
    assert_eq!(table.num_rows(), 1);
    let expected = goal.expected.map(|it| format!("{:.0}", it.mean)).unwrap_or_default();
    let reached = goal.reached.map(|it| format!("{} {}", it.value, it.day)).unwrap_or_default();
    let reason = goal.reason.as_ref().map(|reason| reason.code).unwrap_or_default();
    [goal.outlook.as_str(), &reached, &expected, reason].join(" ").trim_end().to_owned()
}

fn of_flow(value: f64, due: &str, asked: Asked) -> String {
    stands(&steady(), asked, IndicatorKind::Flow, target(Some("water"), value, due))
}

#[test]
fn what_was_reached_and_the_months_that_are_left_say_whether_a_target_is_met() {
    let months = by(Frequency::Month);
    // Eight months are 840; four more are about 105 each.
    assert!(of_flow(1_000.0, "2021-12-31", months).starts_with("will_meet 840 2021-08-31 12"));
    assert!(of_flow(3_000.0, "2021-12-31", months).starts_with("will_miss 840 2021-08-31 12"));
    let close = of_flow(1_262.0, "2021-12-31", months);
    assert!(close.starts_with("may_m"), "{close}");
    assert_eq!(of_flow(840.0, "2021-12-31", months), "met 840 2021-08-31");
    assert_eq!(of_flow(900.0, "2021-08-31", months), "missed 840 2021-08-31");
    // Its time was over before.
    assert_eq!(of_flow(900.0, "2021-06-30", months), "0 goals");
}

#[test]
fn nothing_is_expected_where_it_does_not_follow() {
    let months = by(Frequency::Month);
    assert_eq!(
        of_flow(3_000.0, "2021-12-15", months),
        "not_due 840 2021-08-31  trend.target_within_period"
    );
    assert_eq!(
        of_flow(3_000.0, "2021-12-31", cumulative_by(Frequency::Month)),
        "not_due 840 2021-08-31  trend.begins_anew"
    );
    let short = "2021-01..2021-01 10\n2021-01..2021-02 20";
    let of_short = |target| stands(short, months, IndicatorKind::Flow, target);
    assert_eq!(
        of_short(target(Some("water"), 100.0, "2021-12-31")),
        "not_due 20 2021-02-28  trend.too_short"
    );
    // What was counted from another day on is no measure of it.
    let mut later = target(Some("water"), 100.0, "2021-12-31");
    later.valid_from = "2021-01-15".parse().unwrap();
    assert_eq!(of_short(later), "no_figure");
}

#[test]
fn of_a_total_that_began_before_counts_what_came_since() {
    let months = by(Frequency::Month);
    let of = |lines: &str, from: &str, due: &str, unit: &str| {
        let target = Target {
            valid_from: from.parse().unwrap(),
            unit: unit.to_owned(),
            ..target(Some("water"), 100.0, due)
        };
        stands(lines, months, IndicatorKind::Flow, target)
    };
    let lines = "2021-01..2021-03 50
                 2021-01..2021-06 300
                 2021-01..2021-09 380";
    assert_eq!(
        of(lines, "2021-07-01", "2021-12-31", "条"),
        "not_due 80 2021-09-30  trend.begins_anew"
    );
    assert_eq!(of(lines, "2021-04-01", "2021-12-31", "条"), "met 330 2021-09-30");
    assert_eq!(of(lines, "2021-07-01", "2021-12-31", "件"), "unit_differs");
    // Nothing tells what was there on the day before, or what comes behind New Year.
    assert_eq!(of(lines, "2021-06-01", "2021-12-31", "条"), "no_figure");
    assert_eq!(of(lines, "2021-07-01", "2022-06-30", "条"), "no_figure");
    let returned = "2021-01..2021-06 300\n2021-01..2021-09 0 returned";
    assert_eq!(
        of(returned, "2021-07-01", "2021-12-31", "条"),
        "not_due 0 2021-09-30  trend.begins_anew"
    );
    let returned = "2021-01..2021-06 0 returned\n2021-01..2021-09 300";
    assert_eq!(of(returned, "2021-07-01", "2021-12-31", "条"), "no_figure");
}

#[test]
fn no_target_is_judged_by_a_figure_that_others_contradict() {
    let months = by(Frequency::Month);
    let of = |lines: &str, from: &str, due: &str| {
        let target =
            Target { valid_from: from.parse().unwrap(), ..target(Some("water"), 100.0, due) };
        stands(lines, months, IndicatorKind::Flow, target)
    };
    let fallen = "2021-01..2021-06 300
                  2021-01..2021-07 400
                  2021-01..2021-08 40";
    assert_eq!(of(fallen, "2021-01-01", "2021-12-31"), "doubtful_fall");
    assert_eq!(of(fallen, "2021-07-01", "2021-12-31"), "doubtful_fall");
    let back = "2021-01..2021-06 30
                2021-01..2021-07 400
                2021-01..2021-08 380
                2021-01..2021-09 500";
    assert_eq!(of(back, "2021-08-01", "2021-12-31"), "revised_down");
    assert_eq!(of(back, "2021-01-01", "2021-12-31"), "met 500 2021-09-30");
}

#[test]
fn a_target_is_of_those_that_it_names() {
    let months = by(Frequency::Month);
    for (department, n_goals) in [(Some("justice"), "0 goals"), (None, "0 goals")] {
        let target = target(department, 100.0, "2021-12-31");
        assert_eq!(stands(&steady(), months, IndicatorKind::Flow, target), n_goals);
    }
}

#[test]
fn a_limit_is_kept_until_its_time_is_over() {
    let limit =
        |value: f64, due: &str| Target { is_limit: true, ..target(Some("water"), value, due) };
    let of = |value: f64, due: &str| {
        stands(&steady(), by(Frequency::Month), IndicatorKind::Flow, limit(value, due))
    };
    assert_eq!(of(800.0, "2021-12-31"), "over_limit 840 2021-08-31");
    assert_eq!(of(840.0, "2021-08-31"), "met 840 2021-08-31");
    assert!(of(3_000.0, "2021-12-31").starts_with("will_meet 840"));
    assert!(of(900.0, "2021-12-31").starts_with("will_miss 840"));
}

#[test]
fn of_a_state_the_last_period_alone_is_expected() {
    let first = Slot::of("2020-01-01".parse().unwrap(), Frequency::Month);
    let lines: Vec<String> =
        (0..20).map(|n| format!("-..{} {}", first.plus(n), n - n % 2)).collect();
    let lines = lines.join("\n");
    let of = |value: f64| {
        let target = target(Some("water"), value, "2021-12-31");
        stands(&lines, by(Frequency::Month), IndicatorKind::Stock, target)
    };
    assert_eq!(of(18.0), "met 18 2021-08-31");
    assert!(of(1_000.0).starts_with("will_miss 18 2021-08-31 2"), "{}", of(1_000.0));
}
