//! For every rule that stops wrong conclusions, what the last two figures as they are printed would say, and
//! what is said of them. More of each stands in the tests beside this one.

use chrono::Datelike;

use super::*;

/// What setting the last printed figure against the one before it says, in percent.
fn naive(lines: &str) -> String {
    let printed =
        figures(lines).into_iter().flat_map(|it| it.first_value.into_iter().chain(it.value));
    let printed: Vec<f64> = printed.collect();
    let (last, before) = (printed[printed.len() - 1], printed[printed.len() - 2]);
    format!("{:+}%", 100.0 * (last - before) / before)
}

#[track_caller]
fn misled(rule: &str, kind: IndicatorKind, lines: &str, naive_growth: &str, told: &str) {
    let mut bodies = bodies();
    bodies.takeovers.push(Takeover {
        region: "630000".into(),
        department: "justice".into(),
        predecessor: "public_security".into(),
        predecessor_name: "public_security".into(),
        on: Takeover::day_of("2021-02-01").unwrap(),
        recorded: "2021-02-01".into(),
    });
    assert_eq!(naive(lines), naive_growth, "{rule}");
    let asked = by(Frequency::Month);
    let trend = Trend::of(&figures(lines), kind, asked, AcrossBreaks::Refuse, &bodies).unwrap();
    assert_eq!(shown(&trend).lines().last(), Some(told), "{rule}");
}

#[track_caller]
fn flow(rule: &str, lines: &str, naive_growth: &str, told: &str) {
    misled(rule, IndicatorKind::Flow, lines, naive_growth, told);
}

#[test]
fn what_counts_otherwise_than_before_is_not_set_against_it() {
    flow(
        "cumulative against per-period, at New Year",
        "2020-01..2020-11 100\n2020-01..2020-12 120\n2021-01..2021-01 15",
        "-87.5%",
        "2021-01 15 stated -25%",
    );
    flow(
        "cumulative against per-period, within a year",
        "2021-01..2021-01 50\n2021-01..2021-02 75",
        "+50%",
        "2021-02 25 difference -50%",
    );
    flow(
        "a break of definition",
        "2021-01..2021-01 10\n2021-02..2021-02 50 d2",
        "+400%",
        "2021-02 50 stated break new_definition",
    );
    flow(
        "a way of counting that a note tells of",
        "2021-01..2021-01 10\n2021-02..2021-02 50 recount=自2月起口径调整",
        "+400%",
        "2021-02 50 stated break noted_recount",
    );
    flow(
        "a way of counting that a note tells of, between counts from New Year",
        "2021-01..2021-01 400\n2021-01..2021-02 1100 recount=自2月起口径调整",
        "+175%",
        "2021-02 - none no_value across_recounts noted_recount",
    );
    flow(
        "a narrower way of counting, which shows nothing that was too high",
        "2021-01..2021-01 660\n2021-01..2021-02 400 recount=自2月起口径调整\n2021-01..2021-03 450",
        "+12.5%",
        "2021-03 50 difference no_value_before",
    );
    flow(
        "a break of unit",
        "2021-01..2021-01 1000\n2021-02..2021-02 10 unit=万条",
        "-99%",
        "2021-02 10 stated break new_unit",
    );
    flow(
        "a break of scope",
        "2021-01..2021-01 10\n2021-02..2021-02 30 parts=2",
        "+200%",
        "2021-02 30 stated break new_parts",
    );
    flow(
        "a break of department",
        "2021-01..2021-01 10 @justice\n2021-02..2021-02 30 @justice",
        "+200%",
        "2021-02 30 stated break took_over",
    );
    flow(
        "a break of department, where the figures before are of the other one",
        "2021-01..2021-01 130 @public_security\n2021-02..2021-02 170 @justice",
        "+30.76923076923077%",
        "2021-02 170 stated no_value_before took_over",
    );
}

#[test]
fn what_came_back_late_or_again_is_neither_a_fall_nor_growth() {
    flow(
        "a returned zero",
        "2021-01..2021-01 10\n2021-02..2021-02 0 returned",
        "-100%",
        "2021-02 0 stated returned returned",
    );
    flow(
        "what came again after a return",
        "2021-01..2021-01 10\n2021-01..2021-02 0 returned\n2021-01..2021-03 90",
        "+inf%",
        "2021-03 - none no_value resubmitted longer",
    );
    flow(
        "what came again after a return, with a form missing between",
        "2021-01..2021-01 0 returned\n2021-01..2021-03 1500\n2021-01..2021-04 1800",
        "+20%",
        "2021-04 300 difference no_value_before",
    );
    flow(
        "backfill",
        "2021-01..2021-01 10 late=0\n2021-02..2021-02 100 late=95",
        "+900%",
        "2021-02 100 stated backfilled backfilled",
    );
    flow(
        "late data that a note tells of",
        "2021-01..2021-01 10\n2021-02..2021-02 110 note=补报去年数据100条",
        "+1000%",
        "2021-02 110 stated resubmitted noted_resubmission",
    );
    flow(
        "vintage: one month twice, first as it was printed first",
        "2021-01..2021-01 10\n2021-02..2021-02 30 first=24",
        "+25%",
        "2021-02 30 stated +200% revised",
    );
    flow(
        "vintage: a month that begins with a figure as it was printed first",
        "2021-01..2021-01 10 first=5\n2021-01..2021-02 20",
        "+100%",
        "2021-02 10 difference +0% revised",
    );
    misled(
        "an inferred date: the state of half a month",
        IndicatorKind::Stock,
        "-..2021-09 20\n-..2021-10-15 22 inferred",
        "+10%",
        "2021-10 22 stated other_day inferred_date not_at_end",
    );
}

#[test]
fn a_note_inside_a_quarter_is_about_the_quarter() {
    let of = |note: &str| {
        format!(
            "2021-01..2021-03 300\n2021-01..2021-05 4500 {note}\n2021-01..2021-06 4600\n\
             2021-01..2021-09 4900"
        )
    };
    let ends: Vec<f64> = figures(&of(""))
        .iter()
        .filter(|it| it.period.end.month() % 3 == 0)
        .filter_map(|it| it.value)
        .collect();
    let quarters: Vec<f64> = ends.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(quarters, [4300.0, 300.0]);
    assert_eq!(format!("{:.1}%", 100.0 * (quarters[0] - ends[0]) / ends[0]), "1333.3%");
    check(
        by(Frequency::Quarter),
        &of("note=集中推送历史办件4000条"),
        "2021-Q1 300 stated no_value_before
         2021-Q2 4300 difference resubmitted noted_resubmission
         2021-Q3 300 difference resubmitted",
    );
    check(
        by(Frequency::Quarter),
        &of("recount=统计口径调整"),
        "2021-Q1 300 stated no_value_before
         2021-Q2 - none no_value across_recounts noted_recount
         2021-Q3 300 difference no_value_before",
    );
}

#[test]
fn a_share_of_a_sum_with_a_blank_in_it_is_none() {
    let lines = "2021-01..2021-01 300\n2021-01..2021-01 100 @justice\n\
                 2021-02..2021-02 300\n2021-02..2021-02 x @justice";
    let february = figures(lines).into_iter().filter(|it| it.period.end.month() == 2);
    let printed: f64 = february.filter_map(|it| it.value).sum();
    assert_eq!(format!("{}%", 100.0 * 300.0 / printed), "100%");
    let months = trend(lines, by(Frequency::Month));
    assert_eq!(months.standings(months.plan.last, &bodies())[0].share_pct, None);
    assert!(months.without_shares(months.plan.last, &bodies()).is_some());
}

#[test]
fn the_sum_of_cumulative_figures_is_no_quarter() {
    let lines = "2021-01..2021-01 10\n2021-01..2021-02 30\n2021-01..2021-03 60";
    let printed: f64 = figures(lines).iter().filter_map(|figure| figure.value).sum();
    assert_eq!(printed.to_string(), "100");
    check(by(Frequency::Quarter), lines, "2021-Q1 60 stated no_value_before");
}
