//! What is shown: which periods, and what is told of them.

use super::*;

#[test]
fn a_single_figure_is_shown_as_it_was_stated() {
    let trend = trend("2021-01..2021-09 90", Asked::default());
    assert!(!trend.plan.has_wanted_measure);
    assert_eq!(trend.plan.measure, Measure::Cumulative);
    assert_eq!(shown(&trend), "2021-Q3 90 stated no_value_before");
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
    // Figures reach further than what was asked for, and still not to the end.
    let to = "2021-04-30".parse().ok();
    let with_april = format!("{lines}\n2021-01..2021-04 40");
    let notes = trend(&with_april, Asked { to, ..by(Frequency::Quarter) }).notes();
    assert_eq!(notes.iter().map(|note| note.text(Lang::En)).collect::<Vec<_>>(), [left_out]);
}

#[test]
fn a_quarter_that_ends_after_what_was_asked_for_is_not_said_to_be_unknown() {
    let lines = "2021-01..2021-03 30
                 2021-01..2021-05 45
                 2021-01..2021-06 60";
    let shown_to = |from: Option<&str>| {
        let asked = Asked {
            from: from.map(|day| day.parse().unwrap()),
            to: "2021-05-31".parse().ok(),
            ..by(Frequency::Quarter)
        };
        let trend = trend(lines, asked);
        let notes: Vec<String> = trend.notes().iter().map(|note| note.text(Lang::En)).collect();
        (trend.plan.last.to_string(), shown(&trend), notes.join("; "))
    };
    let q1 = "2021-Q1 30 stated no_value_before";
    assert_eq!(
        shown_to(None),
        (
            "2021-Q1".to_owned(),
            q1.to_owned(),
            "2021-Q2 is left out: it ends on 2021-06-30, after `--to` 2021-05-31".to_owned()
        )
    );
    // There is nothing but that quarter.
    assert_eq!(
        shown_to(Some("2021-04-01")),
        (
            "2021-Q2".to_owned(),
            format!("{q1}\n2021-Q2 30 difference +0%"),
            "2021-Q2 is shown to its end on 2021-06-30, after `--to` 2021-05-31".to_owned()
        )
    );
}

/// What is told of all that is shown.
fn notes(trend: &Trend) -> Vec<String> {
    trend.notes().iter().map(|note| note.text(Lang::En)).collect()
}

#[test]
fn a_trend_ends_with_the_last_period_that_figures_tell_of() {
    let to = |day: &str| Asked { to: day.parse().ok(), ..by(Frequency::Month) };
    let lines = "2021-01..2021-01 10
                 2021-01..2021-02 30
                 2021-01..2021-05-20 90";
    let whole = trend(lines, by(Frequency::Month));
    assert_eq!(shown(&whole), "2021-01 10 stated no_value_before\n2021-02 20 difference +100%");
    assert_eq!(
        notes(&whole),
        [
            "2021-05 is left out: its figures reach only to 2021-05-20",
            "there is nothing to show for 2021-03 to 2021-04"
        ]
    );
    // No figure lies in the month that was asked for, nor in those after it.
    let asked = trend(lines, to("2021-03-31"));
    assert_eq!(asked.plan.last.to_string(), "2021-02");
    assert_eq!(notes(&asked), ["there is nothing to show for 2021-03"]);
    assert_eq!(
        notes(&trend(lines, to("2021-07-15")))[1..],
        ["there is nothing to show for 2021-03 to 2021-04", "there is nothing to show for 2021-06",]
    );
    assert!(notes(&trend(lines, to("2021-02-28"))).is_empty());
    // A period of which only what it has together with others is known tells so.
    let longer = trend("2021-01..2021-01 10\n2021-01..2021-03 30", by(Frequency::Month));
    assert_eq!(longer.plan.last.to_string(), "2021-03");
    assert!(notes(&longer).is_empty());
}

#[test]
fn a_level_before_the_end_of_its_period_is_told() {
    let figures = figures("-..2021-09 90\n-..2021-11-24 95");
    let asked = by(Frequency::Quarter);
    let kind = IndicatorKind::Stock;
    let trend = Trend::of(&figures, kind, asked, AcrossBreaks::Refuse, &bodies()).unwrap();
    assert_eq!(trend.plan.last.to_string(), "2021-Q4");
    let said = "2021-Q4 is shown as of 2021-11-24: its figures reach no further";
    assert_eq!(notes(&trend), [said]);
    let asked = Asked { is_cumulative: true, ..asked };
    let counted = super::trend("2021-01..2021-09 90\n2021-01..2021-11-24 95", asked);
    assert_eq!(notes(&counted), [said]);
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
