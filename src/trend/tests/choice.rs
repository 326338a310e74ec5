//! Whose figures stand in one list, and what is told of others.

use super::*;
use crate::diag::Diagnose;
use crate::refdata::Indicator;

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
fn the_region_is_that_of_the_departments_that_are_wanted() {
    let lines = "2021-01..2021-01 1 @justice
                 2021-01..2021-01 2 @sports
                 2021-01..2021-01 4 region=630100
                 2021-01..2021-01 8 @sports region=630100";
    let check = |names: &[&str], expected| {
        let departments = names.iter().map(|name| (*name).to_owned()).collect();
        check_choice(lines, &Wanted { departments, ..Wanted::default() }, expected);
    };
    check(&["water"], "water 4\nsports 8");
    check(&["water", "sports"], "water 4\nsports 8");
    check(&["sports"], "justice 1\nsports 2");
    check(&["justice", "sports"], "justice 1\nsports 2");
    // No region has both.
    check(&["justice", "water"], "justice 1\nsports 2\nwater 4\nsports 8");
    // Nobody has any, and the province says who has.
    check(&["tax"], "justice 1\nsports 2");
    let wanted = Wanted {
        departments: vec!["water".to_owned()],
        breakdown: Some("hall".to_owned()),
        ..Wanted::default()
    };
    let parts = "2021-01..2021-01 1
                 2021-01..2021-01 4 of=hall region=630100";
    check_choice(parts, &wanted, "water/hall 4");
}

#[test]
fn a_region_with_figures_of_departments_only_is_told_to_have_some() {
    let lines = "2021-01..2021-01 4 region=630100
                 2021-01..2021-01 10 whole region=630200";
    let named = |codes: &[&str]| Wanted {
        regions: codes.iter().map(|code| (*code).to_owned()).collect(),
        ..Wanted::default()
    };
    check_choice(lines, &named(&["630100"]), "water 4");
    let said = "the region `西宁市` has figures of its departments and none as a whole";
    check_choice(lines, &named(&["630100", "630200"]), said);
    check_choice(lines, &named(&["630200", "630100"]), said);
    check_choice(
        lines,
        &named(&["630200", "632200"]),
        "the region `海北藏族自治州` has no figure of it",
    );
}

#[test]
fn who_has_figures_elsewhere_or_at_another_time_is_not_said_to_have_none() {
    let refdata = RefData::load(&[]).unwrap();
    let (bodies, mut all) = (Bodies::of(&refdata), refdata.indicators().into_iter());
    let indicator: Indicator = all.find(|known| known.indicator == "cases_aggregated").unwrap();
    let lines = "2021-01..2021-01 10
                 2021-03..2021-03 12
                 2023-01..2023-01 7 @justice
                 2023-02..2023-02 7 @justice
                 2023-02..2023-02 3 @justice of=hall
                 2021-01..2021-01 5 @sports region=630100";
    let said = |wanted: Wanted| {
        let choice = Choice::of(figures(lines), &wanted, &bodies).unwrap();
        let asked = Asked { from: "2023-01-01".parse().ok(), ..by(Frequency::Month) };
        let (kind, refuse) = (IndicatorKind::Flow, AcrossBreaks::Refuse);
        let trend = Trend::of(&choice.figures, kind, asked, refuse, &bodies).unwrap();
        let error = choice.shown_in(trend, &wanted, &indicator, &bodies).unwrap_err();
        let message = error.message();
        (message.text(Lang::En), message.hint(Lang::En).unwrap_or_default())
    };
    let of = |name: &str, region: Option<&str>| Wanted {
        departments: vec![name.to_owned()],
        region: region.map(str::to_owned),
        ..Wanted::default()
    };
    let (text, hint) = said(of("water", None));
    assert_eq!(text, "`省水利厅` has no figure to show in the periods from 2023-01 to 2023-02");
    assert!(hint.contains("from 2021-01-31 to 2021-03-31"), "{hint}");
    let (text, hint) = said(of("sports", Some("630000")));
    assert_eq!(text, "`省体育局` has figures of other regions than the one that is shown");
    assert!(hint.ends_with("regions that have: 西宁市 (630100)"), "{hint}");
    let hall = Wanted { breakdown: Some("hall".to_owned()), ..of("water", None) };
    let (text, _) = said(hall);
    assert_eq!(text, "`省水利厅` has figures and none of the part `hall`");
    let (text, _) = said(of("tax", None));
    assert_eq!(text, "`国家税务总局青海省税务局` has no figure of `cases_aggregated`");
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
