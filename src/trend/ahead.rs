//! Figures of times that had not begun when the lake was last written to: their dates must be wrong.

use chrono::NaiveDate;

use crate::diag::Message;
use crate::trend::figure::Figure;

/// Leaves out the figures of times that begin after a day, that of the last commit, and says so.
///
/// One faulty date would make hundreds of periods without figures, and the first page about the last of
/// them. Where all are of such times, they stay, and that is said.
pub fn without_ahead(figures: Vec<Figure>, day: NaiveDate) -> (Vec<Figure>, Option<Message>) {
    let is_ahead = |figure: &Figure| figure.period.start.unwrap_or(figure.period.end) > day;
    let (ahead, others): (Vec<Figure>, Vec<Figure>) = figures.into_iter().partition(is_ahead);
    let ends = || ahead.iter().map(|figure| figure.period.end);
    let Some((first, last)) = ends().min().zip(ends().max()) else { return (others, None) };
    let code = match (others.is_empty(), ahead.len()) {
        (true, _) => "trend.all_ahead",
        (false, 1) => "trend.one_ahead",
        (false, _) => "trend.ahead",
    };
    let message = Message::new(code).with("count", ahead.len()).with("day", day);
    let message = message.with("first", first).with("last", last);
    (if others.is_empty() { ahead } else { others }, Some(message))
}
