//! How values are made of figures, and what is said of them.

use super::*;

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
fn one_figure_that_fell_to_less_than_half_makes_none_before_it_wrong() {
    check(
        by(Frequency::Month),
        "2021-01..2021-01 1000
         2021-01..2021-02 2000
         2021-01..2021-03 3000
         2021-01..2021-04 400
         2021-01..2021-05 5000
         2021-01..2021-06 6100",
        "2021-01 1000 stated no_value_before
         2021-02 1000 difference +0%
         2021-03 1000 difference +0%
         2021-04 - none no_value doubtful_fall
         2021-05 - none no_value longer
         2021-06 1100 difference no_value_before",
    );
    // The last figure is no more sure of itself.
    check(
        by(Frequency::Month),
        "2021-01..2021-01 1000
         2021-01..2021-02 2000
         2021-01..2021-03 90",
        "2021-01 1000 stated no_value_before
         2021-02 1000 difference +0%
         2021-03 - none no_value doubtful_fall",
    );
    // Another one that is as low bears it out: then all before were too high.
    check(
        by(Frequency::Month),
        "2021-01..2021-01 1000
         2021-01..2021-02 300
         2021-01..2021-03 450",
        "2021-01 - none no_value_before lowered
         2021-02 - none no_value lowered
         2021-03 150 difference no_value_before",
    );
    // Exactly half is a revision.
    check(
        by(Frequency::Month),
        "2021-01..2021-01 1000
         2021-01..2021-02 500
         2021-01..2021-03 1000",
        "2021-01 - none no_value_before lowered
         2021-02 - none no_value lowered
         2021-03 500 difference no_value_before",
    );
}

#[test]
fn a_quarter_is_made_of_nothing_that_is_taken_for_a_mistake() {
    check(
        by(Frequency::Quarter),
        "2021-01..2021-03 290
         2021-01..2021-06 43
         2021-01..2021-09 700
         2021-01..2021-12 900",
        "2021-Q1 290 stated no_value_before
         2021-Q2 - none no_value doubtful_fall
         2021-Q3 - none no_value longer
         2021-Q4 200 difference no_value_before",
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
fn what_rests_on_a_figure_that_was_revised_says_so() {
    // As it was printed first, November would be 800.
    check(
        by(Frequency::Month),
        "2020-01..2020-10 8100 first=8000
         2020-01..2020-11 8800
         2020-01..2020-12 9600",
        "2020-10 - none no_value_before longer revised
         2020-11 700 difference no_value_before revised
         2020-12 800 difference +14.285714285714286%",
    );
    // What is left of a longer time rests on the others as well.
    check(
        by(Frequency::Month),
        "2021-01..2021-01 10
         2021-02..2021-02 20 first=25
         2021-01..2021-03 60",
        "2021-01 10 stated no_value_before
         2021-02 20 stated +100% revised
         2021-03 30 difference +50% revised",
    );
}

#[test]
fn what_is_counted_otherwise_shows_nothing_that_was_too_high() {
    check(
        by(Frequency::Month),
        "2021-01..2021-03 310
         2021-01..2021-04 420
         2021-01..2021-05 540
         2021-01..2021-06 660
         2021-01..2021-07 400 recount=7月起口径调整
         2021-01..2021-08 450
         2021-01..2021-09 430",
        "2021-03 - none no_value_before longer
         2021-04 110 difference no_value_before
         2021-05 120 difference +9.090909090909092%
         2021-06 120 difference +0%
         2021-07 - none no_value across_recounts noted_recount
         2021-08 - none no_value lowered
         2021-09 - none no_value lowered",
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
fn months_make_a_quarter_only_when_all_are_there() {
    check(
        by(Frequency::Quarter),
        "2021-01..2021-01 1
         2021-02..2021-02 2
         2021-03..2021-03 3
         2021-04..2021-04 4
         2021-06..2021-06 6
         2021-07..2021-09 9",
        "2021-Q1 6 sum no_value_before
         2021-Q2 - none no_value
         2021-Q3 9 stated no_value_before",
    );
}

#[test]
fn what_is_left_of_a_longer_time_is_of_the_period_where_the_rest_is_told() {
    // January and February are told together, and March by itself.
    check(
        by(Frequency::Month),
        "2023-01..2023-02 250
         2023-03..2023-03 150
         2023-01..2023-04 550",
        "2023-02 - none no_value_before longer
         2023-03 150 stated no_value_before
         2023-04 150 difference +0%",
    );
    // A part that was sent back, or that is of another way of counting, tells nothing of the rest.
    for rest in ["2023-03..2023-03 0 returned", "2023-03..2023-03 150 d2", "2023-03..2023-03 500"] {
        let lines = format!("2023-01..2023-02 250\n{rest}\n2023-01..2023-04 550");
        let shown = shown(&trend(&lines, by(Frequency::Month)));
        assert!(shown.contains("2023-04 - none"), "{shown}");
    }
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

#[test]
fn a_definition_that_began_within_a_value_is_told() {
    let trend = trend(
        "2020-01..2020-12 100
         2020-01..2020-06 40
         2020-01..2020-09 70",
        cumulative_by(Frequency::Quarter),
    );
    let trend = trend.with_definitions(&["2020-07-01".parse().unwrap()]);
    assert_eq!(
        shown(&trend),
        "2020-Q2 40 stated no_value_before\n2020-Q3 70 stated +75% definition_within\n\
         2020-Q4 100 stated +42.857142857142854% definition_within"
    );
    // What lies between two figures begins after the first of them.
    let trend = super::trend(
        "2020-01..2020-06 40
         2020-01..2020-09 70
         2020-01..2020-12 100",
        by(Frequency::Quarter),
    );
    let trend = trend.with_definitions(&["2020-07-01".parse().unwrap()]);
    assert!(!shown(&trend).contains("definition_within"), "{}", shown(&trend));
}

#[test]
fn a_definition_that_began_since_the_launch_is_told_of_what_counts_since_then() {
    let lines = "-..2019-12 100
                 -..2020-12 150";
    let began: [NaiveDate; 1] = ["2020-07-01".parse().unwrap()];
    let asked = cumulative_by(Frequency::Year);
    assert_eq!(
        shown(&trend(lines, asked).with_definitions(&began)),
        "2019 100 stated no_value_before\n2020 150 stated +50% definition_within"
    );
    // A state at the end of a period has no beginning.
    let states = trend_of(IndicatorKind::Stock, lines, asked);
    let shown = shown(&states.with_definitions(&began));
    assert_eq!(shown, "2019 100 stated no_value_before\n2020 150 stated +50%");
}
