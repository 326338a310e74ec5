//! To whom the report of a run is sent beside its folders, and what came of it: rows of `report_deliveries`.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use rusqlite::Connection;

use crate::diag::{Lang, Message};
use crate::lake::record::time_text;
use crate::lake::rows::each_row;

/// A report on its way to one receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportDelivery {
    /// Name of the delivery in the settings.
    pub delivery: String,
    /// Who gets it: the address of a mail, or the kind of a webhook.
    pub receiver: String,
    /// Title of the report.
    pub title: String,
    /// What stands below the title.
    pub subtitle: String,
    /// Language of the reader.
    pub lang: Lang,
    /// How often it was tried.
    pub n_attempts: i64,
    /// When it is tried next, naive Beijing time; `None` where it was delivered or given up.
    pub next_at: Option<NaiveDateTime>,
    /// When it was delivered, naive Beijing time; `None` where it was not.
    pub delivered_at: Option<NaiveDateTime>,
    /// Why it was not delivered the last time; empty otherwise.
    pub reasons: Vec<Message>,
}

/// Records deliveries of a run; those that are recorded already have what came of another attempt.
pub(super) fn put_deliveries(
    tx: &Connection,
    number: i64,
    deliveries: &[ReportDelivery],
) -> rusqlite::Result<()> {
    let mut insert = tx.prepare(
        "INSERT INTO report_deliveries (report_run, delivery_idx, delivery, receiver, title, subtitle,
             lang, n_attempts, next_at, delivered_at, reasons)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
         ON CONFLICT (report_run, delivery_idx) DO UPDATE
         SET n_attempts = excluded.n_attempts, next_at = excluded.next_at,
             delivered_at = excluded.delivered_at, reasons = excluded.reasons",
    )?;
    for (delivery_idx, delivery) in (0_i64..).zip(deliveries) {
        let reasons = serde_json::to_string(&delivery.reasons).expect("messages have plain names");
        insert.execute((
            number,
            delivery_idx,
            &delivery.delivery,
            &delivery.receiver,
            &delivery.title,
            &delivery.subtitle,
            delivery.lang.as_str(),
            delivery.n_attempts,
            delivery.next_at.map(time_text),
            delivery.delivered_at.map(time_text),
            reasons,
        ))?;
    }
    Ok(())
}

/// Returns the deliveries of runs by the number of the run, in order; none in a catalog of a version that knew
/// none. `numbers` selects the runs.
pub(super) fn deliveries(
    connection: &Connection,
    numbers: &str,
) -> rusqlite::Result<BTreeMap<i64, Vec<ReportDelivery>>> {
    let mut of_runs = BTreeMap::<i64, Vec<ReportDelivery>>::new();
    if !connection.table_exists(None, "report_deliveries")? {
        return Ok(of_runs);
    }
    let statement = format!(
        "SELECT * FROM report_deliveries WHERE report_run IN ({numbers})
         ORDER BY report_run, delivery_idx"
    );
    each_row(connection, &statement, [], |row| {
        let reasons: String = row.get("reasons")?;
        of_runs.entry(row.get("report_run")?).or_default().push(ReportDelivery {
            delivery: row.get("delivery")?,
            receiver: row.get("receiver")?,
            title: row.get("title")?,
            subtitle: row.get("subtitle")?,
            lang: row.required("lang", Lang::parse)?,
            n_attempts: row.get("n_attempts")?,
            next_at: row.optional_time("next_at")?,
            delivered_at: row.optional_time("delivered_at")?,
            // A later version may say what this one has no words for.
            reasons: serde_json::from_str(&reasons).unwrap_or_default(),
        });
        Ok(())
    })?;
    Ok(of_runs)
}
