//! Figures whose time had not begun when the lake was last written to.

use super::*;

#[track_caller]
fn check_ahead(lines: &str, day: &str, expected: &[&str], said: Option<&str>) {
    let (kept, note) = without_ahead(figures(lines), day.parse().unwrap());
    let ends: Vec<String> = kept.iter().map(|figure| figure.period.end.to_string()).collect();
    assert_eq!(ends, expected);
    assert_eq!(note.map(|note| note.text(Lang::En)).as_deref(), said);
}

#[test]
fn a_faulty_date_is_left_out_and_told() {
    let lines = "2021-01..2021-01 10
                 2021-02..2021-02 4
                 2099-09..2099-09 1";
    check_ahead(
        lines,
        "2021-02-03",
        &["2021-01-31", "2021-02-28"],
        Some(
            "a figure of a time that ends on 2099-09-30, and begins after the lake was last written to on \
             2021-02-03, is left out: its date must be wrong",
        ),
    );
    check_ahead(
        lines,
        "2021-01-31",
        &["2021-01-31"],
        Some(
            "2 figures of times that end from 2021-02-28 to 2099-09-30, and begin after the lake was last \
             written to on 2021-01-31, are left out: their dates must be wrong",
        ),
    );
    check_ahead(lines, "2099-09-01", &["2021-01-31", "2021-02-28", "2099-09-30"], None);
}

#[test]
fn what_counts_since_the_launch_is_of_its_last_day() {
    check_ahead("-..2021-11-24 10", "2021-11-24", &["2021-11-24"], None);
    check_ahead(
        "-..2021-11-25 10",
        "2021-11-24",
        &["2021-11-25"],
        Some(
            "all figures are of times that begin after the lake was last written to on 2021-11-24: their dates must be wrong",
        ),
    );
}
