//! The series of one subject: a point for every period, from the figures by the days that they are about.
//!
//! No figure is invented. A period whose figure does not follow from what was stated has none, and the
//! point says why.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use crate::diag::Message;
use crate::model::Period;
use crate::output::shown_double;
use crate::trend::breaks::mark_breaks;
use crate::trend::figure::{Figure, Subject};
use crate::trend::frequency::Slot;
use crate::trend::making::{difference, fallen, is_comparable, lowered, remainder, stated, sum};
use crate::trend::plan::Measure;
use crate::trend::point::{Contradiction, Made, Point};
use crate::trend::takeover::TakenOver;

/// The points of one subject, one for every period in the order of time.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Whom it is about.
    pub subject: Subject,
    /// The points, without gaps.
    pub points: Vec<Point>,
    /// Points behind them with nothing but what is said of them.
    pub beyond: Vec<Point>,
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

    /// Whether nothing is told of a period between others of which something is.
    pub(super) fn lacks(&self, slot: Slot) -> bool {
        let mut told = self.points.iter().filter(|point| point.is_told()).map(|point| point.slot);
        let ends = told.next().zip(told.next_back());
        ends.is_some_and(|(first, last)| first < slot && slot < last)
            && self.at(slot).is_some_and(|point| !point.is_told())
    }
}

/// Makes the series of one subject over the periods from `first` to `last`.
pub(super) fn series_of(
    subject: &Subject,
    figures: &[&Figure],
    measure: Measure,
    (first, last): (Slot, Slot),
    takeovers: &[TakenOver<'_>],
) -> Series {
    let spans = Spans::of(figures);
    let mut points: Vec<Point> = first.to(last).map(|slot| spans.point(slot, measure)).collect();
    mark_breaks(&mut points, takeovers);
    Series { subject: subject.clone(), points, beyond: Vec::new() }
}

/// The figures by the days that they are about; of one span those of the latest definition last.
pub(super) struct Spans<'a> {
    figures: BTreeMap<(NaiveDate, Option<NaiveDate>), Vec<&'a Figure>>,
}

impl<'a> Spans<'a> {
    /// Of the figures of one subject.
    pub(super) fn of(figures: &[&'a Figure]) -> Self {
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

    /// The figures that end within a period.
    fn within(&self, slot: Slot) -> impl DoubleEndedIterator<Item = &'a Figure> {
        self.figures
            .range((slot.first_day(), None)..=(slot.last_day(), Some(NaiveDate::MAX)))
            .flat_map(|(_, same)| same.iter().copied())
    }

    /// The figures that end before a period, the last of them first.
    fn before(&self, slot: Slot) -> impl Iterator<Item = &'a Figure> {
        self.figures
            .range(..(slot.first_day(), None))
            .rev()
            .flat_map(|(_, same)| same.iter().copied())
    }

    fn point(&self, slot: Slot, measure: Measure) -> Point {
        let mut point = match measure {
            Measure::Level => self.level(slot),
            Measure::Cumulative => self.cumulative(slot),
            Measure::Flow => self.flow(slot),
        };
        point.take_notes_from(self.within(slot));
        point
    }

    /// The state at the end of the period. It may fall, and so may a rate.
    fn level(&self, slot: Slot) -> Point {
        let figure = self.last_within(slot, |_| true);
        figure.map_or_else(|| Point::unknown(slot), |figure| of_its_day(slot, figure))
    }

    /// What happened from New Year, or the launch, to the end of the period, as it was stated.
    fn cumulative(&self, slot: Slot) -> Point {
        let Some(figure) = self.last_within(slot, |figure| is_cumulative(figure, slot)) else {
            return Point::unknown(slot);
        };
        let mut point = of_its_day(slot, figure);
        if let Some((contradiction, remark)) = self.contradiction(figure) {
            point.contradiction = Some(contradiction);
            point.remark(remark);
        }
        point
    }

    /// The last figure within the period, of those that are `wanted`.
    fn last_within(&self, slot: Slot, wanted: impl Fn(&Figure) -> bool) -> Option<&'a Figure> {
        self.within(slot).rev().find(|figure| wanted(figure))
    }

    /// What happened within the period.
    fn flow(&self, slot: Slot) -> Point {
        let mut point = self.followed(slot).unwrap_or_else(|| self.unfollowed(slot));
        if point.value.is_none()
            && let Some(returned) = self.returned_before(slot)
        {
            let message = Message::new("trend.resubmitted").with("day", returned.period.end);
            point.remarks.insert(0, message);
        }
        point
    }

    /// What happened within the period as it follows from figures of just that time.
    fn followed(&self, slot: Slot) -> Option<Point> {
        let whole = Period { start: Some(slot.first_day()), end: slot.last_day() };
        if let Some(figure) = self.latest(whole) {
            return Some(self.unless_contradicted(&[figure], stated(slot, figure)));
        }
        if let Some((opening, closing)) = self.ends(slot) {
            let point = difference(slot, opening, closing);
            return Some(self.unless_contradicted(&[opening, closing], point));
        }
        if let Some(parts) = self.tiles((slot.first_day(), slot.last_day())) {
            return Some(self.unless_contradicted(&parts, sum(slot, &parts)));
        }
        let (closing, parts) = self.rest(slot)?;
        let figures: Vec<&Figure> = parts.iter().copied().chain([closing]).collect();
        Some(self.unless_contradicted(&figures, remainder(slot, &parts, closing)))
    }

    /// A period whose figure follows from none, with what is known of a longer time instead.
    fn unfollowed(&self, slot: Slot) -> Point {
        let mut point = Point::unknown(slot);
        if let Some((longer, figures)) = self.longer(slot) {
            point.remark(longer);
            for figure in figures {
                point.take_revision_from(figure);
            }
        } else if self.ending(slot.last_day()).any(|figure| figure.status.is_returned()) {
            point.remark(Message::new("trend.returned"));
        }
        point
    }

    /// The later figures with the same beginning that say what was done, in the order of time.
    fn later(&self, figure: &Figure) -> impl Iterator<Item = &'a Figure> {
        let next_day = figure.period.end.succ_opt().unwrap_or(NaiveDate::MAX);
        let later = self.figures.range((next_day, None)..);
        later.flat_map(|(_, same)| same.iter().copied()).filter(move |other| goes_on(figure, other))
    }

    /// The first later figure with the same beginning that is lower: what is done is never undone, so the
    /// earlier one was too high.
    fn lower_later(&self, figure: &Figure) -> Option<&'a Figure> {
        self.later(figure)
            .find(|later| later.value < figure.value && self.fallen_from(later).is_none())
    }

    /// The figure before with the same beginning, of which this one is less than half while no later one
    /// bears it out: the next is nearer to that than to this one, or there is none yet. It is taken for a
    /// mistake, so that one typing error does not make all that came before it wrong.
    fn fallen_from(&self, figure: &Figure) -> Option<&'a Figure> {
        let value = figure.value.filter(|_| !figure.status.is_returned())?;
        let earlier = self.figures.range(..(figure.period.end, None)).rev();
        let mut earlier = earlier.flat_map(|(_, same)| same.iter().copied());
        let before = earlier.find(|other| goes_on(figure, other))?;
        let halfway = f64::midpoint(before.value?, value);
        let next = self.later(figure).next().and_then(|next| next.value);
        let is_borne_out = next.is_some_and(|next| next < halfway);
        (value < before.value? / 2.0 && !is_borne_out).then_some(before)
    }

    /// Takes the value from a point that rests on a figure which others say is wrong.
    fn unless_contradicted(&self, figures: &[&Figure], mut point: Point) -> Point {
        if let Some((_, remark)) = figures.iter().find_map(|figure| self.contradiction(figure)) {
            point.value = None;
            point.made = Made::None;
            point.remark(remark);
        }
        point
    }

    /// What others with the same beginning say against a cumulative figure, and that in words.
    pub(super) fn contradiction(&self, figure: &Figure) -> Option<(Contradiction, Message)> {
        if let Some(before) = self.fallen_from(figure) {
            return Some((Contradiction::Doubtful, fallen(before, figure)));
        }
        let lower = self.lower_later(figure)?;
        Some((Contradiction::TooHigh, lowered(figure, lower)))
    }

    /// Whether a figure says what was done up to its day: nothing was sent back, and others do not say that
    /// it is a mistake.
    fn is_good(&self, figure: &Figure) -> bool {
        says_what_was_done(figure) && self.fallen_from(figure).is_none()
    }

    /// The two cumulative figures that enclose the period, in one definition where there are such.
    fn ends(&self, slot: Slot) -> Option<(&'a Figure, &'a Figure)> {
        let day_before = slot.before().last_day();
        let pairs: Vec<(&Figure, &Figure)> = self
            .ending(slot.last_day())
            .flat_map(|closing| {
                // What was done before it was sent back came again with the closing figure.
                let is_again = |opening: &Figure| {
                    opening.status.is_returned() && opening.value < closing.value
                };
                self.ending(day_before)
                    .filter(move |opening| opening.period.start == closing.period.start)
                    .filter(move |opening| !is_again(opening))
                    .filter(|opening| self.fallen_from(opening).is_none())
                    .map(move |opening| (opening, closing))
            })
            .collect();
        let in_one = pairs.iter().rev().find(|(opening, closing)| is_comparable(opening, closing));
        in_one.or(pairs.last()).copied()
    }

    /// A returned zero of the last day before the period of which there is a value, where one within the
    /// period is more: what was sent back came again with that.
    fn returned_before(&self, slot: Slot) -> Option<&'a Figure> {
        let is_more = |figure: &Figure| {
            !figure.status.is_returned() && figure.value.is_some_and(|value| value > 0.0)
        };
        let valued = || self.before(slot).filter(|figure| figure.value.is_some());
        let day = valued().next()?.period.end;
        let mut of_day = valued().take_while(|figure| figure.period.end == day);
        let returned = of_day.find(|figure| figure.status.is_returned())?;
        self.within(slot).any(is_more).then_some(returned)
    }

    /// A figure that ends with the period and began before it, and those of parts that fill the time up to
    /// the period: what is left of it is of the period alone.
    fn rest(&self, slot: Slot) -> Option<(&'a Figure, Vec<&'a Figure>)> {
        let day_before = slot.before().last_day();
        let mut closings =
            self.ending(slot.last_day()).rev().filter(|closing| self.is_good(closing));
        closings.find_map(|closing| {
            let start = closing.period.start.filter(|day| *day < slot.first_day())?;
            let parts = self.tiles((start, day_before))?;
            let is_fitting = |part: &&Figure| self.is_good(part) && is_comparable(part, closing);
            let total: f64 = parts.iter().filter_map(|part| part.value).sum();
            let is_whole = parts.iter().all(is_fitting) && Some(total) <= closing.value;
            is_whole.then_some((closing, parts))
        })
    }

    /// The figures of parts that fill the days from one to another without a gap.
    fn tiles(&self, (first, last): (NaiveDate, NaiveDate)) -> Option<Vec<&'a Figure>> {
        let mut parts = Vec::new();
        let mut next = first;
        while next <= last {
            let days = (next, None)..=(last, Some(NaiveDate::MAX));
            let within =
                self.figures.range(days).rev().filter_map(|(_, same)| same.last().copied());
            let part = within.into_iter().find(|figure| figure.period.start == Some(next))?;
            parts.push(part);
            next = part.period.end.succ_opt()?;
        }
        Some(parts)
    }

    /// Says what is known of a longer time that ends with the period, and by which figures.
    fn longer(&self, slot: Slot) -> Option<(Message, Vec<&'a Figure>)> {
        let closing = self.ending(slot.last_day()).rev().find(|figure| {
            self.is_good(figure) && figure.period.start.is_none_or(|day| day < slot.first_day())
        })?;
        let opening = self.before(slot).find(|figure| {
            let is_before = figure.period.start == closing.period.start;
            is_before && self.is_good(figure) && is_comparable(figure, closing)
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
        let figures = opening.into_iter().chain([closing]).collect();
        Some((message.with("value", shown_double(value)), figures))
    }
}

/// Makes a point of the last figure within a period; it says where that is not of the last day.
fn of_its_day(slot: Slot, figure: &Figure) -> Point {
    let mut point = stated(slot, figure);
    point.days_short = (slot.last_day() - figure.period.end).num_days();
    if point.days_short > 0 {
        point.remark(Message::new("trend.not_at_end").with("day", figure.period.end));
    }
    point
}

/// Whether a figure says what was done up to its day, and does not stand for what was sent back.
pub(super) fn says_what_was_done(figure: &Figure) -> bool {
    figure.value.is_some() && !figure.status.is_returned()
}

/// Whether two figures are of one count with the same beginning, and the other one says what was done.
fn goes_on(figure: &Figure, other: &Figure) -> bool {
    other.period.start == figure.period.start
        && says_what_was_done(other)
        && is_comparable(figure, other)
}

/// Whether a figure counts from New Year of the year of a period, or since the launch.
fn is_cumulative(figure: &Figure, slot: Slot) -> bool {
    figure.period.start.is_none_or(|day| day.ordinal() == 1 && day.year() == slot.year())
}
