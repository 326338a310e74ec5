//! How the value of a period is made of figures: as one of them states it, as the difference of two, or as
//! the sum of parts.

use crate::diag::Message;
use crate::model::Period;
use crate::output::shown_double;
use crate::trend::figure::Figure;
use crate::trend::frequency::Slot;
use crate::trend::point::{Made, Point};

/// From this share of late records on, a month's arrivals are called a backfill.
const BACKFILL_SHARE: f64 = 0.5;

/// Makes a point with the value of one figure.
pub(super) fn stated(slot: Slot, figure: &Figure) -> Point {
    let mut point = Point {
        value: figure.value,
        made: if figure.value.is_some() { Made::Stated } else { Made::None },
        is_returned: figure.status.is_returned(),
        days: Some(figure.period),
        ..Point::unknown(slot)
    };
    point.take_from(figure);
    if point.is_returned {
        point.remark(Message::new("trend.returned"));
    }
    if let (Some(late), Some(value)) = (figure.n_late, figure.value)
        && late > 0.0
        && late >= BACKFILL_SHARE * value
    {
        point.is_backfilled = true;
        point.remark(
            Message::new("trend.backfilled")
                .with("late", shown_double(late))
                .with("count", shown_double(value)),
        );
    }
    point
}

/// Makes a point of what lies between two cumulative figures with the same beginning.
pub(super) fn difference(slot: Slot, opening: &Figure, closing: &Figure) -> Point {
    let days = Period { start: opening.period.end.succ_opt(), end: closing.period.end };
    let mut point = Point { made: Made::Difference, days: Some(days), ..Point::unknown(slot) };
    point.take_from(closing);
    // What else is said of the opening figure stands where it closes.
    point.is_date_inferred |= opening.is_date_inferred;
    point.take_revision_from(opening);
    point.take_doubt_from(opening);
    point.take_gap_from(opening);
    if let Some(difference) = difference_of_kind(opening, closing) {
        point.remark(difference);
        point.made = Made::None;
        return point;
    }
    let (Some(before), Some(after)) = (opening.value, closing.value) else {
        point.made = Made::None;
        return point;
    };
    if after < before {
        // Of a returned zero: everything was sent back. Of others it is told why.
        point.is_returned = closing.status.is_returned();
        if point.is_returned {
            point.remark(Message::new("trend.returned"));
        }
        point.made = Made::None;
        return point;
    }
    point.value = Some(after - before);
    point.is_returned = closing.status.is_returned() && after <= before;
    if point.is_returned {
        point.remark(Message::new("trend.returned"));
    }
    point
}

/// Makes a point of what is left of a figure that ends with it without `parts`, which fill its time up to
/// the point.
pub(super) fn remainder(slot: Slot, parts: &[&Figure], closing: &Figure) -> Point {
    let days = Period { start: Some(slot.first_day()), end: slot.last_day() };
    let mut point = Point { made: Made::Difference, days: Some(days), ..Point::unknown(slot) };
    point.take_from(closing);
    for part in parts {
        // What else is said of it stands where it ends.
        point.is_date_inferred |= part.is_date_inferred;
        point.take_revision_from(part);
        point.take_doubt_from(part);
    }
    let before: f64 = parts.iter().filter_map(|part| part.value).sum();
    point.value = closing.value.map(|after| after - before);
    point
}

/// Makes a point of the figures that fill a period.
pub(super) fn sum(slot: Slot, parts: &[&Figure]) -> Point {
    let days = Period { start: Some(slot.first_day()), end: slot.last_day() };
    let mut point = Point { made: Made::Sum, days: Some(days), ..Point::unknown(slot) };
    for part in parts {
        point.take_from(part);
    }
    let differing = parts.windows(2).find_map(|pair| difference_of_kind(pair[0], pair[1]));
    if let Some(difference) = differing {
        point.remark(difference);
        point.made = Made::None;
        return point;
    }
    let values: Option<Vec<f64>> = parts.iter().map(|part| part.value).collect();
    let Some(values) = values else {
        point.made = Made::None;
        return point;
    };
    point.value = Some(values.iter().sum());
    if parts.iter().any(|part| part.status.is_returned()) {
        point.is_returned = true;
        point.remark(Message::new("trend.returned_part"));
    }
    point
}

/// Says that a cumulative figure was too high, as a later one shows.
pub(super) fn lowered(figure: &Figure, lower: &Figure) -> Message {
    let (before, after) = (figure.value.unwrap_or_default(), lower.value.unwrap_or_default());
    Message::new("trend.lowered")
        .with("from", shown_double(before))
        .with("from_day", figure.period.end)
        .with("to", shown_double(after))
        .with("to_day", lower.period.end)
        .with("by", shown_double(before - after))
}

/// Says that a cumulative figure fell so far that it is taken for a mistake.
pub(super) fn fallen(before: &Figure, figure: &Figure) -> Message {
    Message::new("trend.doubtful_fall")
        .with("from", shown_double(before.value.unwrap_or_default()))
        .with("from_day", before.period.end)
        .with("to", shown_double(figure.value.unwrap_or_default()))
        .with("to_day", figure.period.end)
}

/// Whether one figure can be taken from the other, or added to it.
pub(super) fn is_comparable(opening: &Figure, closing: &Figure) -> bool {
    difference_of_kind(opening, closing).is_none()
}

/// Says in what two figures differ that are therefore neither subtracted nor added.
fn difference_of_kind(earlier: &Figure, later: &Figure) -> Option<Message> {
    let code = if earlier.definition != later.definition {
        "trend.across_definitions"
    } else if earlier.unit != later.unit {
        "trend.across_units"
    } else if earlier.n_parts != later.n_parts {
        "trend.across_parts"
    } else if earlier.counting != later.counting {
        "trend.across_recounts"
    } else {
        return None;
    };
    Some(Message::new(code).with("from", earlier.period.end).with("to", later.period.end))
}
