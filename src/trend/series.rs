//! The series of one subject: a point for every period, how it was made, and what must be known of it.
//!
//! No figure is invented. A period whose figure does not follow from what was stated has none, and the
//! point says why.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use crate::diag::Message;
use crate::model::{Period, text_enum};
use crate::output::shown_double;
use crate::trend::figure::{Figure, Subject};
use crate::trend::frequency::Slot;
use crate::trend::plan::Measure;
use crate::trend::takeover::Takeover;

/// From this share of late records on, a month's arrivals are called a backfill.
const BACKFILL_SHARE: f64 = 0.5;

text_enum! {
    /// How the value of a point was made.
    Made {
        /// It is stated for just this period, or for its last day.
        Stated = "stated",
        /// One cumulative figure less an earlier one with the same beginning.
        Difference = "difference",
        /// The figures of parts of the period, all of them there.
        Sum = "sum",
        /// It does not follow from what is stated.
        None = "none",
    }
}

/// One period of a series.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// The period.
    pub slot: Slot,
    /// The value in `unit`; `None` where it is not known.
    pub value: Option<f64>,
    /// How it was made.
    pub made: Made,
    /// Version of the definition that it follows; `None` without a value.
    pub definition: Option<i32>,
    /// Its unit; `None` without a value.
    pub unit: Option<String>,
    /// Figures that were added up for each of its figures.
    pub n_parts: i32,
    /// Zero because everything was sent back.
    pub is_returned: bool,
    /// It holds what was sent back before and came again.
    pub is_resubmitted: bool,
    /// It consists mostly of records that were pushed late.
    pub is_backfilled: bool,
    /// Its time was inferred from the date of a document.
    pub is_date_inferred: bool,
    /// Days from the day of its figure to the end of the period; 0 for what happened within it.
    pub days_short: i64,
    /// Whether nothing before it can be compared with it, whatever the definitions say.
    pub is_break: bool,
    /// What must be known of it, in words.
    pub remarks: Vec<Message>,
}

impl Point {
    fn unknown(slot: Slot) -> Self {
        Self {
            slot,
            value: None,
            made: Made::None,
            definition: None,
            unit: None,
            n_parts: 1,
            is_returned: false,
            is_resubmitted: false,
            is_backfilled: false,
            is_date_inferred: false,
            days_short: 0,
            is_break: false,
            remarks: Vec::new(),
        }
    }

    fn remark(&mut self, message: Message) {
        self.remarks.push(message);
    }

    /// Whether its value stands for what was done in the period, and so may take part in growth, ranks of
    /// growth and statistics.
    pub fn is_sound(&self) -> bool {
        self.value.is_some() && !self.is_returned && !self.is_resubmitted && !self.is_backfilled
    }
}

/// The points of one subject, one for every period in the order of time.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Whom it is about.
    pub subject: Subject,
    /// The points, without gaps.
    pub points: Vec<Point>,
}

impl Series {
    /// Returns the unit of the last point that has one.
    pub fn unit(&self) -> Option<&str> {
        self.points.iter().rev().find_map(|point| point.unit.as_deref())
    }

    /// Returns the point of a period, `None` outside of the series.
    pub fn at(&self, slot: Slot) -> Option<&Point> {
        let first = self.points.first()?.slot;
        usize::try_from(first.distance_to(slot)).ok().and_then(|idx| self.points.get(idx))
    }
}

/// Makes the series of one subject over the periods from `first` to `last`.
pub(super) fn series_of(
    subject: &Subject,
    figures: &[&Figure],
    measure: Measure,
    (first, last): (Slot, Slot),
    takeovers: &[&Takeover],
) -> Series {
    let spans = Spans::of(figures);
    let mut points: Vec<Point> = first.to(last).map(|slot| spans.point(slot, measure)).collect();
    mark_breaks(&mut points, takeovers);
    Series { subject: subject.clone(), points }
}

/// The figures by the days that they are about; of one span those of the latest definition last.
struct Spans<'a> {
    figures: BTreeMap<(NaiveDate, Option<NaiveDate>), Vec<&'a Figure>>,
}

impl<'a> Spans<'a> {
    fn of(figures: &[&'a Figure]) -> Self {
        let mut spans: BTreeMap<_, Vec<&Figure>> = BTreeMap::new();
        for figure in figures {
            spans.entry((figure.period.end, figure.period.start)).or_default().push(figure);
        }
        for same in spans.values_mut() {
            same.sort_by_key(|figure| figure.definition);
        }
        Self { figures: spans }
    }

    /// The figure of a span in its latest definition.
    fn latest(&self, period: Period) -> Option<&'a Figure> {
        self.figures.get(&(period.end, period.start))?.last().copied()
    }

    /// The figures that end on a day, those of the latest beginning last.
    fn ending(&self, day: NaiveDate) -> impl DoubleEndedIterator<Item = &'a Figure> {
        self.figures
            .range((day, None)..=(day, Some(NaiveDate::MAX)))
            .flat_map(|(_, same)| same.iter().copied())
    }

    fn point(&self, slot: Slot, measure: Measure) -> Point {
        match measure {
            Measure::Level => self.level(slot, |_| true),
            Measure::Cumulative => self.level(slot, |figure| is_cumulative(figure, slot)),
            Measure::Flow => self.flow(slot),
        }
    }

    /// The last figure within the period, of those that are `wanted`.
    fn level(&self, slot: Slot, wanted: impl Fn(&Figure) -> bool) -> Point {
        let days = (slot.first_day(), None)..=(slot.last_day(), Some(NaiveDate::MAX));
        let within = self.figures.range(days).flat_map(|(_, same)| same.iter().copied());
        let Some(figure) = within.rev().find(|figure| wanted(figure)) else {
            return Point::unknown(slot);
        };
        let mut point = stated(slot, figure);
        if let Some(lower) = self.lower_later(figure) {
            point.remark(lowered(figure, lower));
        }
        point.days_short = (slot.last_day() - figure.period.end).num_days();
        if point.days_short > 0 {
            point.remark(Message::new("trend.not_at_end").with("day", figure.period.end));
        }
        point
    }

    /// What happened within the period.
    fn flow(&self, slot: Slot) -> Point {
        let whole = Period { start: Some(slot.first_day()), end: slot.last_day() };
        if let Some(figure) = self.latest(whole) {
            return self.unless_too_high(&[figure], stated(slot, figure));
        }
        if let Some((opening, closing)) = self.ends(slot) {
            return self.unless_too_high(&[opening, closing], difference(slot, opening, closing));
        }
        if let Some(parts) = self.tiles(slot) {
            return sum(slot, &parts);
        }
        let mut point = Point::unknown(slot);
        if let Some(longer) = self.longer(slot) {
            point.remark(longer);
        } else if self.ending(slot.last_day()).any(|figure| figure.status.is_returned()) {
            point.remark(Message::new("trend.returned"));
        }
        point
    }

    /// The first later figure with the same beginning that is lower: what is done is never undone, so the
    /// earlier one was too high.
    fn lower_later(&self, figure: &Figure) -> Option<&'a Figure> {
        let value = figure.value?;
        let later = self.figures.range((figure.period.end.succ_opt()?, None)..);
        let later = later.flat_map(|(_, same)| same.iter().copied());
        later.filter(|later| later.period.start == figure.period.start).find(|later| {
            let is_lower = later.value.is_some_and(|lower| lower < value);
            is_lower && !later.status.is_returned() && is_comparable(figure, later)
        })
    }

    /// Takes the value from a point that rests on a figure which was too high.
    fn unless_too_high(&self, figures: &[&Figure], mut point: Point) -> Point {
        let lower = figures.iter().find_map(|figure| Some((*figure, self.lower_later(figure)?)));
        if let Some((figure, lower)) = lower {
            point.value = None;
            point.made = Made::None;
            point.remark(lowered(figure, lower));
        }
        point
    }

    /// The two cumulative figures that enclose the period, in one definition where there are such.
    fn ends(&self, slot: Slot) -> Option<(&'a Figure, &'a Figure)> {
        let day_before = slot.before().last_day();
        let pairs: Vec<(&Figure, &Figure)> = self
            .ending(slot.last_day())
            .flat_map(|closing| {
                self.ending(day_before)
                    .filter(move |opening| opening.period.start == closing.period.start)
                    .map(move |opening| (opening, closing))
            })
            .collect();
        let in_one = pairs.iter().rev().find(|(opening, closing)| is_comparable(opening, closing));
        in_one.or(pairs.last()).copied()
    }

    /// The figures of parts that fill the period without a gap.
    fn tiles(&self, slot: Slot) -> Option<Vec<&'a Figure>> {
        let mut parts = Vec::new();
        let mut next = slot.first_day();
        while next <= slot.last_day() {
            let days = (next, None)..=(slot.last_day(), Some(NaiveDate::MAX));
            let within =
                self.figures.range(days).rev().filter_map(|(_, same)| same.last().copied());
            let part = within.into_iter().find(|figure| figure.period.start == Some(next))?;
            parts.push(part);
            next = part.period.end.succ_opt()?;
        }
        Some(parts)
    }

    /// Says what is known of a longer time that ends with the period.
    fn longer(&self, slot: Slot) -> Option<Message> {
        let is_good = |figure: &Figure| figure.value.is_some() && !figure.status.is_returned();
        let closing = self.ending(slot.last_day()).rev().find(|figure| {
            is_good(figure) && figure.period.start.is_none_or(|day| day < slot.first_day())
        })?;
        let earlier = self.figures.iter().rev().flat_map(|(_, same)| same.iter().copied());
        let opening =
            earlier.filter(|figure| figure.period.end < slot.first_day()).find(|figure| {
                let is_before = figure.period.start == closing.period.start;
                is_before && is_good(figure) && is_comparable(figure, closing)
            });
        let (from, value) = match (opening, closing.period.start) {
            (Some(opening), _) => (opening.period.end.succ_opt()?, closing.value? - opening.value?),
            (None, Some(start)) => (start, closing.value?),
            (None, None) => return None,
        };
        if value < 0.0 {
            return None;
        }
        let message =
            Message::new("trend.longer").with("from", from).with("to", closing.period.end);
        Some(message.with("value", shown_double(value)))
    }
}

/// Says that a cumulative figure was too high, as a later one shows.
fn lowered(figure: &Figure, lower: &Figure) -> Message {
    let (before, after) = (figure.value.unwrap_or_default(), lower.value.unwrap_or_default());
    Message::new("trend.lowered")
        .with("from", shown_double(before))
        .with("from_day", figure.period.end)
        .with("to", shown_double(after))
        .with("to_day", lower.period.end)
        .with("by", shown_double(before - after))
}

/// Whether one figure can be taken from the other.
fn is_comparable(opening: &Figure, closing: &Figure) -> bool {
    opening.definition == closing.definition
        && opening.unit == closing.unit
        && opening.n_parts == closing.n_parts
}

/// Whether a figure counts from New Year of the year of a period, or since the launch.
fn is_cumulative(figure: &Figure, slot: Slot) -> bool {
    figure.period.start.is_none_or(|day| day.ordinal() == 1 && day.year() == slot.year())
}

/// A point with the value of one figure.
fn stated(slot: Slot, figure: &Figure) -> Point {
    let mut point = Point {
        value: figure.value,
        made: if figure.value.is_some() { Made::Stated } else { Made::None },
        is_returned: figure.status.is_returned(),
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

impl Point {
    /// Takes what one of its figures says beside the value.
    fn take_from(&mut self, figure: &Figure) {
        self.definition = Some(figure.definition);
        self.unit = Some(figure.unit.clone());
        self.n_parts = figure.n_parts;
        if figure.value.is_none() {
            let message = Message::new("trend.without_value").with("day", figure.period.end);
            self.remark(message.with("status", figure.status));
        }
        if figure.is_date_inferred {
            self.is_date_inferred = true;
            self.remark(Message::new("trend.inferred_date").with("day", figure.period.end));
        }
        if let (Some(first), Some(value)) = (figure.first_value, figure.value) {
            let message = Message::new("trend.revised").with("day", figure.period.end);
            self.remark(
                message.with("first", shown_double(first)).with("latest", shown_double(value)),
            );
        }
        if let Some(note) = &figure.resubmission {
            self.is_resubmitted = true;
            let message = Message::new("trend.noted_resubmission").with("day", figure.period.end);
            self.remark(message.with("note", note));
        }
        if figure.is_inexact {
            self.remark(Message::new("trend.inexact").with("day", figure.period.end));
        }
    }
}

/// What lies between two cumulative figures with the same beginning.
fn difference(slot: Slot, opening: &Figure, closing: &Figure) -> Point {
    let mut point = Point { made: Made::Difference, ..Point::unknown(slot) };
    point.take_from(closing);
    // What else is said of the opening figure stands where it closes.
    point.is_date_inferred |= opening.is_date_inferred;
    if opening.value.is_none() {
        let message = Message::new("trend.without_value").with("day", opening.period.end);
        point.remark(message.with("status", opening.status));
    }
    if !is_comparable(opening, closing) {
        let code = if opening.definition != closing.definition {
            "trend.across_definitions"
        } else if opening.unit != closing.unit {
            "trend.across_units"
        } else {
            "trend.across_parts"
        };
        point.remark(
            Message::new(code).with("from", opening.period.end).with("to", closing.period.end),
        );
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
    let is_after_return = opening.status.is_returned() && after > before;
    point.is_resubmitted |= is_after_return;
    if point.is_returned {
        point.remark(Message::new("trend.returned"));
    }
    if is_after_return {
        point.remark(Message::new("trend.resubmitted").with("day", opening.period.end));
    }
    point
}

/// The sum of figures that fill a period.
fn sum(slot: Slot, parts: &[&Figure]) -> Point {
    let mut point = Point { made: Made::Sum, ..Point::unknown(slot) };
    for part in parts {
        point.take_from(part);
    }
    if let Some(pair) = parts.windows(2).find(|pair| !is_comparable(pair[0], pair[1])) {
        let code = if pair[0].unit == pair[1].unit {
            "trend.across_definitions"
        } else {
            "trend.across_units"
        };
        let (from, to) = (pair[0].period.end, pair[1].period.end);
        point.remark(Message::new(code).with("from", from).with("to", to));
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

/// Marks the points that differ from the one before in more than their value.
fn mark_breaks(points: &mut [Point], takeovers: &[&Takeover]) {
    let mut known: Option<Point> = None;
    for point in points.iter_mut() {
        for takeover in takeovers {
            if Slot::of(takeover.on, point.slot.frequency()) == point.slot && known.is_some() {
                point.is_break = true;
                point.remark(takeover.remark());
            }
        }
        if let Some(before) = &known {
            let changes = [
                (
                    "trend.new_definition",
                    before.definition.map(|v| v.to_string()),
                    point.definition.map(|v| v.to_string()),
                ),
                ("trend.new_unit", before.unit.clone(), point.unit.clone()),
                (
                    "trend.new_parts",
                    Some(before.n_parts.to_string()),
                    point.definition.map(|_| point.n_parts.to_string()),
                ),
            ];
            for (code, old, new) in changes {
                if let (Some(old), Some(new)) = (old, new)
                    && old != new
                {
                    point.is_break = true;
                    point.remark(Message::new(code).with("old", old).with("new", new));
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
        }
    }
}
