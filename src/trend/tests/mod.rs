//! Cases in which a naive difference or sum would mislead.

mod ahead;
mod appendix;
mod choice;
mod comparing;
mod goals;
mod making;
mod misleading;
mod plan;
mod standing;

use super::*;
use crate::diag::Lang;
use crate::model::Period;
use crate::refdata::{RefData, RegionLevel};

/// Reads figures from lines of `first..last value [word…]`: days or months, `-` for no first day, and
/// words for what else is said: `d2` definition 2, `returned`, `missing`, `inferred`, `first=N` (first
/// vintage), `note=…` (of a resubmission), `recount=…` (of a way of counting), `rounded=N`, `parts=N`, `late=N`, `unit=…`, `@department`, `whole` (a region
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
        recount: None,
        counting: 0,
        rounding: 0.0,
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
            ("recount", note) => figure.recount = Some(note.to_owned()),
            ("rounded", half) => figure.rounding = half.parse().unwrap(),
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

/// A trend of flows that is not compared across breaks.
fn trend(lines: &str, asked: Asked) -> Trend {
    trend_of(IndicatorKind::Flow, lines, asked)
}

fn trend_of(kind: IndicatorKind, lines: &str, asked: Asked) -> Trend {
    Trend::of(&figures(lines), kind, asked, AcrossBreaks::Refuse, &bodies()).unwrap()
}

/// A trend of flows by month.
fn months(lines: &str, across: AcrossBreaks, bodies: &Bodies) -> Trend {
    let asked = by(Frequency::Month);
    Trend::of(&figures(lines), IndicatorKind::Flow, asked, across, bodies).unwrap()
}

fn by(frequency: Frequency) -> Asked {
    Asked { frequency: Some(frequency), ..Asked::default() }
}

fn cumulative_by(frequency: Frequency) -> Asked {
    Asked { is_cumulative: true, ..by(frequency) }
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
