//! Runs of reports that were due: when they began and ended, what came of them, and where their files
//! went. No snapshot knows of them: a run changes nothing that is asked.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDateTime;
use rusqlite::Connection;

use crate::diag::Message;
use crate::fsio::{self, Lock};
use crate::lake::catalog::Catalog;
use crate::lake::record::time_text;
use crate::lake::report_delivery::{deliveries, put_deliveries};
use crate::lake::rows::{all_rows, each_row};
use crate::lake::{Lake, LakeError, ReportDelivery, check_identity};
use crate::model::text_enum;

text_enum! {
    /// How far a run of a report came.
    ReportState {
        /// It is under way.
        Open = "open",
        /// Its files are where they belong.
        Done = "done",
        /// Its files are made, and some are not where they belong.
        Undelivered = "undelivered",
        /// There is no report.
        Failed = "failed",
        /// Its process ended before it did.
        Aborted = "aborted",
    }
}

/// One run of a report: a row of `report_runs`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportRun {
    /// Its number.
    pub number: i64,
    /// Name of the report.
    pub report: String,
    /// When it was due, naive Beijing time.
    pub due_at: NaiveDateTime,
    /// Earlier times at which it was due and not made, which this run stands for.
    pub n_missed: i64,
    /// The command that made it.
    pub command: String,
    /// Who ran the command.
    pub author: String,
    /// When it began, naive Beijing time.
    pub started_at: NaiveDateTime,
    /// When it ended; `None` while it is under way.
    pub ended_at: Option<NaiveDateTime>,
    /// How far it came.
    pub state: ReportState,
    /// The snapshot that it was made from; `None` where it did not come so far.
    pub snapshot: Option<i64>,
    /// Why it failed, or why files were not delivered; empty otherwise.
    pub reasons: Vec<Message>,
    /// Its files and where each belongs, in order.
    pub outputs: Vec<ReportOutput>,
    /// To whom it is sent, in order.
    pub deliveries: Vec<ReportDelivery>,
}

/// A file of a report and a place where it belongs: a row of `report_outputs`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportOutput {
    /// Name of the file.
    pub file_name: String,
    /// Its size.
    pub size_bytes: u64,
    /// BLAKE3 of its bytes, 64 hexadecimal digits.
    pub blake3: String,
    /// Where it belongs.
    pub destination: String,
    /// How often it was tried to bring it there.
    pub n_attempts: i64,
    /// When it came there, naive Beijing time; `None` where it did not.
    pub delivered_at: Option<NaiveDateTime>,
}

/// A run that is about to begin.
#[derive(Debug, Clone, Copy)]
pub struct ReportStart<'a> {
    /// Name of the report.
    pub report: &'a str,
    /// When it was due, naive Beijing time.
    pub due_at: NaiveDateTime,
    /// Earlier times at which it was due and not made.
    pub n_missed: i64,
    /// The command that makes it.
    pub command: &'a str,
    /// Who runs the command.
    pub author: &'a str,
    /// Now, naive Beijing time.
    pub started_at: NaiveDateTime,
}

/// What came of a run.
#[derive(Debug, Clone, Copy)]
pub struct ReportEnd<'a> {
    /// Now, naive Beijing time.
    pub ended_at: NaiveDateTime,
    /// How far it came.
    pub state: ReportState,
    /// The snapshot that it was made from.
    pub snapshot: Option<i64>,
    /// Why it failed.
    pub reasons: &'a [Message],
    /// Its files and where each belongs.
    pub outputs: &'a [ReportOutput],
    /// To whom it is sent.
    pub deliveries: &'a [ReportDelivery],
}

impl Lake {
    /// Takes the lock under which reports that are due are made; `None` where somebody holds it.
    ///
    /// Runs that are still open then are those of processes that died: they end as aborted.
    pub fn lock_reports(&self, now: NaiveDateTime) -> Result<Option<Lock>, LakeError> {
        self.check_writable()?;
        let taken = Lock::try_exclusive(&self.layout.reports_lock());
        let Some(lock) = taken.map_err(|source| self.folder(source))? else { return Ok(None) };
        self.catalog.upgrade()?;
        self.catalog.write(|tx| {
            tx.execute(
                "UPDATE report_runs SET state = 'aborted', ended_at = ?1 WHERE state = 'open'",
                [time_text(now)],
            )
        })?;
        Ok(Some(lock))
    }

    /// Returns every run of a report, in the order in which they began; none in a lake of a version that
    /// knew no reports.
    pub fn report_runs(&self) -> Result<Vec<ReportRun>, LakeError> {
        self.catalog.read(|connection| runs(connection, ALL))
    }

    /// Returns the last run of each report, and those of which something is still to be sent, in the order
    /// in which they began: what a later attempt may be about. It takes the lock of reports first, which
    /// brings the catalog up to date.
    pub fn waiting_reports(&self) -> Result<Vec<ReportRun>, LakeError> {
        self.catalog.read(|connection| runs(connection, WAITING))
    }

    /// Returns since when a report is due by a schedule, as text; `None` where that was never noted.
    pub fn scheduled_since(
        &self,
        report: &str,
        schedule: &str,
    ) -> Result<Option<NaiveDateTime>, LakeError> {
        self.catalog.read(|connection| since(connection, report, schedule))
    }

    /// Notes that a report is due by a schedule from now on, unless it is already. Another schedule of it
    /// ends.
    pub fn note_schedule(
        &self,
        report: &str,
        schedule: &str,
        now: NaiveDateTime,
    ) -> Result<NaiveDateTime, LakeError> {
        self.check_writable()?;
        self.catalog.upgrade()?;
        self.catalog.write(|tx| {
            if let Some(since) = since(tx, report, schedule)? {
                return Ok(since);
            }
            tx.execute(
                "INSERT INTO report_schedules (report, schedule, since) VALUES (?1, ?2, ?3)
                 ON CONFLICT (report) DO UPDATE
                 SET schedule = excluded.schedule, since = excluded.since",
                (report, schedule, time_text(now)),
            )?;
            Ok(now)
        })
    }

    /// Records that a run begins, and returns its number.
    pub fn begin_report(&self, start: &ReportStart<'_>) -> Result<i64, LakeError> {
        self.catalog.write(|tx| {
            tx.execute(
                "INSERT INTO report_runs
                     (report, due_at, n_missed, command, author, started_at, state, reasons)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'open', '[]')",
                (
                    start.report,
                    time_text(start.due_at),
                    start.n_missed,
                    start.command,
                    start.author,
                    time_text(start.started_at),
                ),
            )?;
            Ok(tx.last_insert_rowid())
        })
    }

    /// Records what came of a run. Of one that had ended without all of its files being delivered it
    /// records what came of another attempt.
    pub fn end_report(&self, number: i64, end: &ReportEnd<'_>) -> Result<(), LakeError> {
        let reasons = serde_json::to_string(end.reasons).expect("messages have plain names");
        self.catalog.write(|tx| {
            let is_ended = tx.execute(
                "UPDATE report_runs SET ended_at = ?2, state = ?3, snapshot = ?4, reasons = ?5
                 WHERE report_run = ?1 AND state IN ('open', 'undelivered')",
                (number, time_text(end.ended_at), end.state.as_str(), end.snapshot, &reasons),
            )?;
            if is_ended == 0 {
                return Ok(());
            }
            let mut insert = tx.prepare(
                "INSERT INTO report_outputs (report_run, output_idx, file_name, size_bytes, blake3,
                     destination, n_attempts, delivered_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT (report_run, output_idx) DO UPDATE
                 SET n_attempts = excluded.n_attempts, delivered_at = excluded.delivered_at",
            )?;
            for (output_idx, output) in (0_i64..).zip(end.outputs) {
                insert.execute((
                    number,
                    output_idx,
                    &output.file_name,
                    i64::try_from(output.size_bytes).unwrap_or(i64::MAX),
                    &output.blake3,
                    &output.destination,
                    output.n_attempts,
                    output.delivered_at.map(time_text),
                ))?;
            }
            put_deliveries(tx, number, end.deliveries)
        })
    }

    /// Copies the catalog where the copy for reports does not have all that is recorded of them: no manifest tells
    /// of that. Called while the lock of reports is held.
    pub fn keep_reports(&self) -> Result<(), LakeError> {
        let copy = self.layout.report_backup();
        let now = self.catalog.read(recorded)?;
        let is_kept =
            || Catalog::new(copy.clone(), false).read(recorded).is_ok_and(|kept| kept == now);
        if now == Recorded::default() || is_kept() {
            return Ok(());
        }
        let in_folder = |source| self.folder(source);
        let work = self.layout.report_work();
        fsio::remove_dir_tree(&work).map_err(in_folder)?;
        fsio::create_private_dir(&work).map_err(in_folder)?;
        self.copy_catalog(&work, &copy)?;
        fsio::remove_dir_tree(&work).map_err(in_folder)
    }

    fn check_writable(&self) -> Result<(), LakeError> {
        if let Some(reason) = &self.read_only {
            let root = self.root().to_owned();
            return Err(LakeError::ReadOnly { root, reason: reason.clone() });
        }
        check_identity(self.root(), &self.catalog)?;
        self.check_agreement()
    }
}

/// The numbers of all runs.
const ALL: &str = "SELECT report_run FROM report_runs";
/// The numbers of the last runs, and of those of which something is still to be sent.
const WAITING: &str = "SELECT max(report_run) FROM report_runs GROUP BY report
     UNION SELECT report_run FROM report_deliveries WHERE next_at IS NOT NULL";

/// What is recorded of reports: runs, and since when each is due by which schedule.
type Recorded = (Vec<ReportRun>, BTreeSet<[String; 3]>);

fn recorded(connection: &Connection) -> rusqlite::Result<Recorded> {
    let runs = runs(connection, ALL)?;
    if !connection.table_exists(None, "report_schedules")? {
        return Ok((runs, BTreeSet::new()));
    }
    let schedules = connection
        .prepare("SELECT report, schedule, since FROM report_schedules")?
        .query_map([], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))?
        .collect::<rusqlite::Result<_>>()?;
    Ok((runs, schedules))
}

fn since(
    connection: &Connection,
    report: &str,
    schedule: &str,
) -> rusqlite::Result<Option<NaiveDateTime>> {
    if !connection.table_exists(None, "report_schedules")? {
        return Ok(None);
    }
    let statement = "SELECT since FROM report_schedules WHERE report = ?1 AND schedule = ?2";
    Ok(all_rows(connection, statement, [report, schedule], |row| row.time("since"))?.pop())
}

/// Returns runs with what belongs to them; `numbers` selects them.
fn runs(connection: &Connection, numbers: &str) -> rusqlite::Result<Vec<ReportRun>> {
    if !connection.table_exists(None, "report_runs")? {
        return Ok(Vec::new());
    }
    let mut outputs = outputs(connection, numbers)?;
    let mut deliveries = deliveries(connection, numbers)?;
    let wanted =
        format!("SELECT * FROM report_runs WHERE report_run IN ({numbers}) ORDER BY report_run");
    all_rows(connection, &wanted, [], |row| {
        let number = row.get("report_run")?;
        let reasons: String = row.get("reasons")?;
        Ok(ReportRun {
            number,
            report: row.get("report")?,
            due_at: row.time("due_at")?,
            n_missed: row.get("n_missed")?,
            command: row.get("command")?,
            author: row.get("author")?,
            started_at: row.time("started_at")?,
            ended_at: row.optional_time("ended_at")?,
            state: row.required("state", ReportState::parse)?,
            snapshot: row.get("snapshot")?,
            // A later version may say what this one has no words for.
            reasons: serde_json::from_str(&reasons).unwrap_or_default(),
            outputs: outputs.remove(&number).unwrap_or_default(),
            deliveries: deliveries.remove(&number).unwrap_or_default(),
        })
    })
}

fn outputs(
    connection: &Connection,
    numbers: &str,
) -> rusqlite::Result<BTreeMap<i64, Vec<ReportOutput>>> {
    let mut of_runs = BTreeMap::<i64, Vec<ReportOutput>>::new();
    let statement = format!(
        "SELECT * FROM report_outputs WHERE report_run IN ({numbers}) ORDER BY report_run, output_idx"
    );
    each_row(connection, &statement, [], |row| {
        of_runs.entry(row.get("report_run")?).or_default().push(ReportOutput {
            file_name: row.get("file_name")?,
            size_bytes: row.count("size_bytes")?,
            blake3: row.get("blake3")?,
            destination: row.get("destination")?,
            n_attempts: row.get("n_attempts")?,
            delivered_at: row.optional_time("delivered_at")?,
        });
        Ok(())
    })?;
    Ok(of_runs)
}
