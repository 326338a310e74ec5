//! What is compared with what, and what would mislead.

use super::*;

#[test]
fn cumulative_values_are_not_compared_across_new_year() {
    let asked = cumulative_by(Frequency::Month);
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
fn nothing_is_compared_with_a_cumulative_value_that_was_too_high() {
    let asked = cumulative_by(Frequency::Month);
    let lines = "2021-01..2021-01 40
                 2021-01..2021-02 90
                 2021-01..2021-03 80
                 2021-01..2021-04 100";
    check(
        asked,
        lines,
        "2021-01 40 stated no_value_before
         2021-02 90 stated too_high lowered
         2021-03 80 stated too_high
         2021-04 100 stated +25%",
    );
    let shown = trend(lines, asked);
    let ranks = |day: &str| {
        let slot = Slot::of(day.parse().unwrap(), Frequency::Month);
        shown.standings(slot, &bodies())[0].rank
    };
    assert_eq!((ranks("2021-02-28"), ranks("2021-03-31")), (None, Some(1)));
}

#[test]
fn nothing_is_compared_with_a_cumulative_value_that_is_taken_for_a_mistake() {
    let asked = cumulative_by(Frequency::Month);
    let lines = "2021-01..2021-01 40
                 2021-01..2021-02 90
                 2021-01..2021-03 10
                 2021-01..2021-04 100
                 2021-01..2021-05 110";
    check(
        asked,
        lines,
        "2021-01 40 stated no_value_before
         2021-02 90 stated +125%
         2021-03 10 stated doubtful doubtful_fall
         2021-04 100 stated doubtful
         2021-05 110 stated +10%",
    );
    let shown = trend(lines, asked);
    let ranks = |day: &str| {
        let slot = Slot::of(day.parse().unwrap(), Frequency::Month);
        shown.standings(slot, &bodies())[0].rank
    };
    assert_eq!((ranks("2021-03-31"), ranks("2021-04-30")), (None, Some(1)));
}

#[test]
fn a_state_may_fall() {
    for kind in [IndicatorKind::Stock, IndicatorKind::Ratio] {
        let trend = trend_of(kind, "-..2021-01 100\n-..2021-02 90", by(Frequency::Month));
        let series = &trend.all[0];
        assert!(series.points.iter().all(|point| point.remarks.is_empty()), "{kind:?}");
        assert_eq!(trend.on_before(series, &series.points[1]).change, Some(-10.0));
    }
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
    let shown = shown(&months(lines, AcrossBreaks::Compare, &bodies()));
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
        // What was sent back of the first half came again with the third quarter.
        "2021-Q2 - none no_value_before returned
         2021-Q3 - none no_value resubmitted longer
         2021-Q4 100 difference no_value_before",
    );
    check(
        by(Frequency::Month),
        "2021-01..2021-01 100
         2021-01..2021-02 0 returned
         2021-01..2021-03 300
         2021-01..2021-04 350",
        "2021-01 100 stated no_value_before
         2021-02 - none no_value returned
         2021-03 - none no_value resubmitted longer
         2021-04 50 difference no_value_before",
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
        predecessor_name: "irrigation".into(),
        on: Takeover::day_of("2021-02-11").unwrap(),
        recorded: "2021-02-11".into(),
    });
    let lines = "2021-01..2021-01 10\n2021-02..2021-02 30\n2021-03..2021-03 33";
    assert_eq!(
        shown(&months(lines, AcrossBreaks::Refuse, &bodies)),
        "2021-01 10 stated no_value_before\n2021-02 30 stated break took_over\n2021-03 33 stated +10%"
    );
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
fn eight_months_are_not_compared_with_nine() {
    let asked = cumulative_by(Frequency::Quarter);
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
fn figures_that_a_note_counts_otherwise_are_compared_with_none_before() {
    // The note stands under every table after the change, and is one change.
    check(
        by(Frequency::Month),
        "2021-01..2021-01 100
         2021-01..2021-02 500 recount=自2月起口径调整
         2021-01..2021-03 900 recount=自2月起口径调整
         2021-01..2021-04 1400",
        "2021-01 100 stated no_value_before
         2021-02 - none no_value across_recounts noted_recount
         2021-03 400 difference no_value_before noted_recount
         2021-04 500 difference +25%",
    );
    // One that names a department is about that.
    let mut lines = String::new();
    for month in ["2021-01", "2021-02"] {
        for department in ["water", "justice"] {
            let note = if month == "2021-02" { "recount=justice的口径有调整" } else { "" };
            lines.push_str(&format!("2021-01..{month} 100 @{department} {note}\n"));
        }
    }
    let trend = trend(&lines, by(Frequency::Month));
    let breaks = |series: &Series| series.points.iter().any(|point| point.is_break);
    let broken = trend.all.iter().filter(|series| breaks(series));
    let broken: Vec<&str> = broken.map(|series| series.subject.id()).collect();
    assert_eq!(broken, ["justice"]);
}

#[test]
fn what_a_note_counts_otherwise_stands_in_no_rank_and_no_share() {
    let lines = "2021-01..2021-03 3000000
                 2021-01..2021-03 300 @justice
                 2021-01..2021-04 4000000
                 2021-01..2021-04 400 @justice
                 2021-01..2021-05 11000000 recount=本月起water的口径调整
                 2021-01..2021-05 500 @justice
                 2021-01..2021-06 12000000
                 2021-01..2021-06 600 @justice";
    let months = trend(lines, by(Frequency::Month));
    let at = |day: &str| {
        let slot = Slot::of(day.parse().unwrap(), Frequency::Month);
        let standings = months.standings(slot, &bodies());
        standings.iter().map(|it| (it.rank, it.share_pct)).collect::<Vec<_>>()
    };
    assert_eq!(at("2021-05-31"), [(None, None), (Some(1), None)]);
    assert_eq!(at("2021-06-30").iter().map(|it| it.0).collect::<Vec<_>>(), [Some(1), Some(2)]);
    assert!(months.all[0].points[2].is_break);
}

#[test]
fn a_note_beside_any_figure_of_a_longer_period_is_about_that_period() {
    let lines = |note: &str| -> String {
        let line = |month| {
            let (value, note) = if month < 5 { (month, "") } else { (month + 40, note) };
            let note = if month == 5 { note } else { "" };
            format!("2021-01..2021-{month:02} {} {note}\n", 100 * value)
        };
        (1..=9).map(line).collect()
    };
    check(
        by(Frequency::Quarter),
        &lines("note=集中推送历史办件4000条"),
        "2021-Q1 300 stated no_value_before
         2021-Q2 4300 difference resubmitted noted_resubmission
         2021-Q3 300 difference resubmitted",
    );
    check(
        by(Frequency::Quarter),
        &lines("recount=本月起口径调整"),
        "2021-Q1 300 stated no_value_before
         2021-Q2 - none no_value across_recounts noted_recount
         2021-Q3 300 difference no_value_before",
    );
    for (note, told) in [
        ("note=集中推送历史办件4000条", "2021-H1 4600 stated no_value_before noted_resubmission"),
        ("recount=本月起口径调整", "2021-H1 4600 stated no_value_before noted_recount"),
    ] {
        check(by(Frequency::Half), &lines(note), told);
    }
    // A year that was counted otherwise in the end is compared with the next one, and with none before.
    check(
        by(Frequency::Year),
        "2020-01..2020-12 100
         2021-01..2021-05 400 recount=本月起口径调整
         2021-01..2021-12 900
         2022-01..2022-12 990",
        "2020 100 stated no_value_before
         2021 900 stated break noted_recount
         2022 990 stated +10%",
    );
    // The same note beside several figures of a period is told once.
    let quarter = trend(
        "2021-01..2021-02 20 note=补报去年数据10条
         2021-01..2021-03 30 note=补报去年数据10条",
        by(Frequency::Quarter),
    );
    assert_eq!(shown(&quarter), "2021-Q1 30 stated no_value_before noted_resubmission");
}

#[test]
fn what_came_again_after_a_gap_stands_where_it_came() {
    check(
        by(Frequency::Month),
        "2021-01..2021-03 0 returned
         2021-01..2021-04 0 returned
         2021-01..2021-06 1500000
         2021-01..2021-07 1600000
         2021-01..2021-08 1700000",
        "2021-03 - none no_value_before returned
         2021-04 0 difference no_value_before returned
         2021-05 - none no_value
         2021-06 - none no_value resubmitted longer
         2021-07 100000 difference no_value_before
         2021-08 100000 difference +0%",
    );
    // Across New Year, and on a day that ends no period.
    check(
        by(Frequency::Month),
        "2020-12..2020-12 0 returned
         2021-01..2021-02 50
         2021-01..2021-03 75",
        "2020-12 0 stated no_value_before returned
         2021-01 - none no_value
         2021-02 - none no_value resubmitted longer
         2021-03 25 difference no_value_before",
    );
    check(
        by(Frequency::Month),
        "2021-01..2021-01 0 returned
         2021-01..2021-02-15 90
         2021-01..2021-03 150
         2021-01..2021-04 160",
        "2021-01 0 stated no_value_before returned
         2021-02 - none no_value resubmitted
         2021-03 - none no_value longer
         2021-04 10 difference no_value_before",
    );
}

#[test]
fn the_first_figures_of_a_successor_are_no_growth_of_the_predecessor() {
    let mut bodies = bodies();
    bodies.takeovers.push(Takeover {
        region: "630000".into(),
        department: "water".into(),
        predecessor: "irrigation".into(),
        predecessor_name: "水管局".into(),
        on: Takeover::day_of("2021").unwrap(),
        recorded: "2021".into(),
    });
    let lines = "2021-01..2021-03 95 @irrigation
                 2021-01..2021-04 130
                 2021-01..2021-05 170";
    let months = months(lines, AcrossBreaks::Refuse, &bodies);
    assert_eq!(
        shown(&months),
        "2021-03 - none no_value_before\n2021-04 - none no_value longer took_over\n\
         2021-05 40 difference no_value_before"
    );
    let april = &months.all[0].points[1];
    assert!(april.is_break);
    assert_eq!(april.remarks[1].text(Lang::En), "took over from 水管局 (2021)");
}

#[test]
fn a_change_below_the_rounding_of_figures_is_none() {
    check(
        by(Frequency::Month),
        // February may be nothing at all, or twice as much.
        "2023-01..2023-01 12000 rounded=500
         2023-01..2023-02 13000 rounded=500
         2023-01..2023-03 16000 rounded=500
         2023-01..2023-04 36000 rounded=500",
        "2023-01 12000 stated no_value_before rounded
         2023-02 1000 difference rounded rounded
         2023-03 3000 difference rounded rounded
         2023-04 20000 difference +566.6666666666666% rounded",
    );
}
