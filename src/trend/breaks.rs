//! Where something other than the value changed from one period to the next.

use crate::diag::Message;
use crate::trend::frequency::Slot;
use crate::trend::point::Point;
use crate::trend::takeover::TakenOver;

/// Marks the points that differ from the one before in more than their value.
///
/// Where the change lies within the figures of one period, its point says so already, and no second time.
pub(super) fn mark_breaks(points: &mut [Point], takeovers: &[TakenOver<'_>]) {
    let mut known: Option<Point> = None;
    for point in points.iter_mut() {
        for taken in takeovers {
            let is_here = Slot::of(taken.on, point.slot.frequency()) == point.slot;
            if is_here && (taken.is_at_first || known.is_some()) {
                point.is_break = true;
                point.remark(taken.takeover.remark());
            }
        }
        if let Some(before) = &known {
            let changes = [
                (
                    ("trend.new_definition", "trend.across_definitions"),
                    before.definition.map(|v| v.to_string()),
                    point.definition.map(|v| v.to_string()),
                ),
                (("trend.new_unit", "trend.across_units"), before.unit.clone(), point.unit.clone()),
                (
                    ("trend.new_parts", "trend.across_parts"),
                    Some(before.n_parts.to_string()),
                    point.definition.map(|_| point.n_parts.to_string()),
                ),
            ];
            let is_counted_otherwise = before.counting != point.counting;
            point.is_break |= point.definition.is_some() && is_counted_otherwise;
            for ((code, within), old, new) in changes {
                if let (Some(old), Some(new)) = (old, new)
                    && old != new
                {
                    point.is_break = true;
                    if !point.has_remark(within) {
                        point.remark(Message::new(code).with("old", old).with("new", new));
                    }
                }
            }
            if before.is_returned
                && !point.is_returned
                && !point.is_resubmitted
                && point.value.is_some_and(|value| value > 0.0)
            {
                point.is_resubmitted = true;
                point.remark(Message::new("trend.resubmitted").with("day", before.slot.last_day()));
            }
        }
        if point.definition.is_some() {
            known = Some(Point { remarks: Vec::new(), ..point.clone() });
        } else if let Some(known) = known.as_mut().filter(|_| point.has_remark("trend.resubmitted"))
        {
            // It has come again.
            known.is_returned = false;
        }
    }
}
