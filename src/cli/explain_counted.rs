//! `tongban explain` of a figure that was counted from records: what each batch added or took away.

use chrono::{Days, NaiveDate};

use crate::cli::explain::{Row, headline, text};
use crate::diag::{Lang, Message};

/// What an indicator is counted from: records of this kind, by the month of this time.
struct CountedFrom {
    view: &'static str,
    time: &'static str,
}

/// Columns that are told of every batch.
const PART_COLUMNS: [&str; 11] = [
    "part",
    "file_name",
    "profile",
    "rows_accepted",
    "rows_updated",
    "rows_deleted",
    "rows_returned",
    "rows_duplicate",
    "batch",
    "snapshot",
    "received_at",
];

/// Tells figures down to their batches, from the rows of `quality/counted`, in which those of a figure
/// follow each other.
pub(super) fn told(parts: &[Row], lang: Lang) -> Vec<String> {
    let figure = |row: &Row| {
        ["indicator", "department", "breakdown", "period_end"].map(|name| text(row, name))
    };
    let figures = parts.chunk_by(|one, next| figure(one) == figure(next));
    figures.map(|parts| told_figure(parts, lang)).collect()
}

fn told_figure(parts: &[Row], lang: Lang) -> String {
    let mut lines = vec![headline(&parts[0], lang)];
    let mut say = |message: Message| lines.push(message.text(lang));
    say(Message::new("explain.counted").with("parts", parts.len()));
    for part in parts {
        let message = Message::new("explain.counted_part");
        let none = || Message::new("inspect.none").text(lang);
        let with =
            |message: Message, name| message.with(name, text(part, name).unwrap_or_else(none));
        say(PART_COLUMNS.into_iter().fold(message, with));
    }
    if let Some(message) = records_of(&parts[0]) {
        say(message);
    }
    lines.join("\n") + "\n"
}

/// Returns the statement that lists the records behind a figure; `None` where rows and not records are
/// counted.
fn records_of(figure: &Row) -> Option<Message> {
    let indicator = text(figure, "indicator")?;
    let CountedFrom { view, time } = match indicator.as_str() {
        "cases_aggregated" => CountedFrom { view: "cases_latest", time: "event_at" },
        "cases_aggregated_by_arrival" => {
            CountedFrom { view: "cases_latest", time: "coalesce(arrived_at, received_at)" }
        }
        "evaluations_aggregated" => CountedFrom { view: "evaluations_latest", time: "event_at" },
        "evaluations_aggregated_by_arrival" => {
            CountedFrom { view: "evaluations_latest", time: "coalesce(arrived_at, received_at)" }
        }
        _ => return None,
    };
    let last: NaiveDate = text(figure, "period_end")?.parse().ok()?;
    Some(
        Message::new("explain.counted_rows")
            .with("view", view)
            .with("department", text(figure, "department")?)
            .with("time", time)
            .with("start", text(figure, "period_start")?)
            .with("next", last.checked_add_days(Days::new(1))?),
    )
}
