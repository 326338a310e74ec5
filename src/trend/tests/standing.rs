//! Ranks, shares and movements.

use super::*;

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
fn nobody_moves_across_what_is_not_compared() {
    let lines = "2021-01..2021-01 50 @sports
                 2021-01..2021-01 40 @justice
                 2021-01..2021-01 30
                 2021-02..2021-02 35 @sports
                 2021-02..2021-02 45 @justice
                 2021-02..2021-02 90 d2";
    let bodies = bodies();
    let moved = |across: AcrossBreaks| -> Vec<String> {
        let trend = months(lines, across, &bodies);
        let movements = trend.movements(trend.plan.last, &bodies);
        let each = trend.all.iter().zip(movements);
        each.map(|(series, moved)| format!("{} {moved:?}", series.subject)).collect()
    };
    let expected = ["water None", "justice Some(1)", "sports Some(-1)"];
    assert_eq!(moved(AcrossBreaks::Refuse), expected);
    let expected = ["water Some(2)", "justice Some(0)", "sports Some(-2)"];
    assert_eq!(moved(AcrossBreaks::Compare), expected);
    // Eight months of one year stand in no order with nine of another.
    let asked = cumulative_by(Frequency::Quarter);
    let trend = trend(
        "2021-01..2021-06 5 @justice
         2021-01..2021-06 6 @sports
         2021-01..2021-08 9 @justice
         2021-01..2021-09 8 @sports",
        asked,
    );
    let movements = trend.movements(trend.plan.last, &bodies);
    assert_eq!(movements, [None, Some(0)]);
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
fn a_period_that_holds_data_of_others_has_no_shares() {
    let lines = "2021-01..2021-01 30
                 2021-01..2021-01 10 @justice
                 2021-02..2021-02 90 note=补报去年数据60条
                 2021-02..2021-02 10 @justice
                 2021-02..2021-02 1 whole note=补报去年数据1条
                 2021-03..2021-03 30
                 2021-03..2021-03 10 @justice";
    let bodies = bodies();
    let shares = |trend: &Trend| -> Vec<Option<f64>> {
        let slots = trend.plan.first.to(trend.plan.last);
        slots.map(|slot| trend.standings(slot, &bodies)[0].share_pct).collect()
    };
    let months = trend(lines, by(Frequency::Month));
    assert_eq!(shares(&months), [Some(75.0), None, Some(75.0)]);
    let told = |trend: &Trend, from: Slot| trend.without_shares(from, &bodies);
    let found = told(&months, months.plan.first).unwrap();
    assert_eq!(
        found.message().text(Lang::En),
        "no shares for 2021-02: the figures of water hold data of other times, were \
         too high, are taken for a mistake, are blank, or are not known of each period"
    );
    assert_eq!(told(&months, months.plan.last), None);
    // The region as a whole is none of those whose sum it is, and has no share in anything.
    let whole = months.showing(&["630000".to_owned()]);
    assert_eq!(told(&whole, whole.plan.first), None);
    // A count from New Year holds what came late as well.
    let asked = cumulative_by(Frequency::Month);
    let counted = "2021-01..2021-01 30
                   2021-01..2021-01 10 @justice
                   2021-01..2021-02 120 note=补报1月数据60条
                   2021-01..2021-02 40 @justice";
    assert_eq!(shares(&trend(counted, asked)), [Some(75.0), Some(75.0)]);
    let blank = "2021-01..2021-01 30
                 2021-01..2021-01 10 @justice
                 2021-01..2021-02 60
                 2021-01..2021-02 x @justice
                 2021-01..2021-03 90
                 2021-01..2021-03 30 @justice
                 2021-01..2021-04 120
                 2021-01..2021-04 40 @justice";
    let months = trend(blank, by(Frequency::Month));
    assert_eq!(shares(&months), [Some(75.0), None, None, Some(75.0)]);
    let found = told(&months, months.plan.first).unwrap();
    assert_eq!((found.periods.len(), found.names), (2, vec!["justice".to_owned()]));
    // Who has no such duty keeps nobody from a share.
    let mut without_duty = figures(blank);
    for figure in without_duty.iter_mut().filter(|figure| figure.value.is_none()) {
        figure.status = FigureStatus::NotApplicable;
    }
    let asked_by = by(Frequency::Month);
    let of = |figures: &[Figure]| {
        Trend::of(figures, IndicatorKind::Flow, asked_by, AcrossBreaks::Refuse, &bodies).unwrap()
    };
    assert_eq!(shares(&of(&without_duty)), [Some(75.0), Some(100.0), Some(100.0), Some(75.0)]);
    let lowered = "2021-01..2021-01 45
                   2021-01..2021-01 10 @justice
                   2021-01..2021-02 30
                   2021-01..2021-02 10 @justice";
    assert_eq!(shares(&trend(lowered, asked)), [None, Some(75.0)]);
}

#[test]
fn nobody_has_a_share_of_a_period_in_which_somebody_is_not_known() {
    let bodies = bodies();
    let shares = |lines: &str| -> Vec<Option<f64>> {
        let trend = trend(lines, by(Frequency::Month));
        let slots = trend.plan.first.to(trend.plan.last);
        slots.map(|slot| trend.standings(slot, &bodies)[0].share_pct).collect()
    };
    // Nothing is known of a month between two others; who joins or has left was not there.
    let lacking = "2021-01..2021-01 30
                   2021-02..2021-02 30
                   2021-03..2021-03 30
                   2021-04..2021-04 30
                   2021-01..2021-01 10 @justice
                   2021-03..2021-03 10 @justice";
    assert_eq!(shares(lacking), [Some(75.0), None, Some(75.0), Some(100.0)]);
    // A running total that fell leaves two months unknown.
    let fallen = "2021-01..2021-01 30
                  2021-01..2021-02 60
                  2021-01..2021-03 90
                  2021-01..2021-01 10 @justice
                  2021-01..2021-02 30 @justice
                  2021-01..2021-03 20 @justice";
    assert_eq!(shares(fallen), [Some(75.0), None, None]);
}

#[test]
fn who_is_known_of_a_longer_time_only_is_there_and_leaves_nobody_a_share() {
    let lines = "2021-01..2021-09 30
                 2021-01..2021-12 70
                 2021-01..2021-09 0 @tax returned
                 2021-01..2021-12 50 @tax
                 2021-01..2021-12 7 @justice";
    let (trend, bodies) = (trend(lines, by(Frequency::Quarter)), bodies());
    let standings = trend.standings(trend.plan.last, &bodies);
    let each = trend.all.iter().zip(&standings).map(|(series, standing)| {
        let point = series.at(trend.plan.last).unwrap();
        let has_share = standing.share_pct.is_some();
        format!("{} {:?} {has_share} {}", series.subject, point.value, point.is_within_longer())
    });
    let each: Vec<String> = each.collect();
    assert_eq!(
        each,
        ["water Some(40.0) false false", "justice None false true", "tax None false true"]
    );
    let said = trend.without_shares(trend.plan.last, &bodies).unwrap();
    assert!(said.message().text(Lang::En).contains("the figures of justice, tax "), "{said:?}");
}
