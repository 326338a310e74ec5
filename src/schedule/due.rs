//! Which reports are due: by their schedules, and by what came of them before.

use chrono::NaiveDateTime;

use crate::lake::{ReportRun, ReportState};
use crate::schedule::{Timing, beijing_of, instant_of};

/// How often a report is begun for one time when its process dies each time.
const MAX_ABORTED: usize = 3;

/// A report with a schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// Its name.
    pub report: String,
    /// When it is due.
    pub timing: Timing,
    /// Since when it is due by this schedule, naive Beijing time.
    pub since: NaiveDateTime,
}

/// A report that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Its name.
    pub report: String,
    /// When it was due, naive Beijing time.
    pub due_at: NaiveDateTime,
    /// What tells its files from those of other times: the day on which it was due, as the clocks of its zone
    /// show it, and the hour and minute too where an earlier run has files of that day.
    pub label: String,
    /// Earlier times at which it was due and not made.
    pub n_missed: usize,
}

/// Returns the reports that are due `now` (naive Beijing time), in the order of `planned`.
///
/// After a time in which nothing ran, a report is due once, for the last of its times. A run that failed is
/// not begun anew before the next time; one whose process died is, a few times.
pub fn due(planned: &[Planned], runs: &[ReportRun], now: NaiveDateTime) -> Vec<Due> {
    planned.iter().filter_map(|planned| planned.due(runs, now)).collect()
}

impl Planned {
    fn due(&self, runs: &[ReportRun], now: NaiveDateTime) -> Option<Due> {
        let own = || runs.iter().filter(|run| run.report == self.report);
        let is_over = |run: &&ReportRun| {
            let n_aborted = || {
                let same = own().filter(|other| other.due_at == run.due_at);
                same.filter(|other| other.state == ReportState::Aborted).count()
            };
            run.state != ReportState::Aborted || n_aborted() >= MAX_ABORTED
        };
        let last = own().filter(is_over).map(|run| run.due_at).max();
        let since = last.map_or(self.since, |last| last.max(self.since));
        let (time, n_missed) = self.timing.last_between(instant_of(since), instant_of(now))?;
        Some(Due { n_missed, ..self.due_at(beijing_of(&time), runs) })
    }

    /// The report as it is due at this time, naive Beijing time.
    pub fn due_at(&self, due_at: NaiveDateTime, runs: &[ReportRun]) -> Due {
        let local = |time: NaiveDateTime| self.timing.local(instant_of(time));
        let time = local(due_at);
        let has_taken_day = |run: &ReportRun| {
            run.report == self.report
                && run.due_at != due_at
                && !run.outputs.is_empty()
                && local(run.due_at).date_naive() == time.date_naive()
        };
        let form = if runs.iter().any(has_taken_day) { "%Y-%m-%d_%H%M" } else { "%Y-%m-%d" };
        let label = time.format(form).to_string();
        Due { report: self.report.clone(), due_at, label, n_missed: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::lake::ReportOutput;

    fn at(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
    }

    fn run(due_at: &str, state: ReportState) -> ReportRun {
        ReportRun {
            number: 1,
            report: "monthly-trend".to_owned(),
            due_at: at(due_at),
            n_missed: 0,
            command: String::new(),
            author: String::new(),
            started_at: at(due_at),
            ended_at: None,
            state,
            snapshot: None,
            reasons: Vec::new(),
            outputs: Vec::new(),
            deliveries: Vec::new(),
        }
    }

    #[track_caller]
    fn check(runs: &[ReportRun], now: &str, expected: Option<(&str, usize)>) {
        let planned = Planned {
            report: "monthly-trend".to_owned(),
            timing: Timing::parse("0 8 5 * *", "Asia/Shanghai").unwrap(),
            since: at("2021-10-20 12:00"),
        };
        let found = due(&[planned], runs, at(now));
        let found = found.first().map(|due| (due.due_at, due.n_missed));
        assert_eq!(found, expected.map(|(due_at, n_missed)| (at(due_at), n_missed)));
    }

    #[test]
    fn a_report_is_due_from_its_first_time_on() {
        check(&[], "2021-11-05 07:59", None);
        check(&[], "2021-11-05 08:00", Some(("2021-11-05 08:00", 0)));
        // However long nothing ran, it is due once.
        check(&[], "2022-02-01 00:00", Some(("2022-01-05 08:00", 2)));
    }

    #[test]
    fn what_was_made_or_failed_is_not_due_again() {
        use ReportState::{Done, Failed, Undelivered};
        for state in [Done, Failed, Undelivered] {
            let runs = [run("2021-11-05 08:00", state)];
            check(&runs, "2021-11-30 00:00", None);
            check(&runs, "2021-12-05 08:00", Some(("2021-12-05 08:00", 0)));
        }
        let other = ReportRun { report: "other".to_owned(), ..run("2021-11-05 08:00", Done) };
        check(&[other], "2021-11-30 00:00", Some(("2021-11-05 08:00", 0)));
    }

    #[test]
    fn what_died_is_due_again_and_not_for_ever() {
        let died = run("2021-11-05 08:00", ReportState::Aborted);
        let mut runs = vec![died.clone(), died.clone()];
        check(&runs, "2021-11-30 00:00", Some(("2021-11-05 08:00", 0)));
        runs.push(died);
        check(&runs, "2021-11-30 00:00", None);
    }

    #[test]
    fn files_of_one_day_have_names_of_their_own() {
        let output = ReportOutput {
            file_name: "monthly-trend_2021-10_2021-11-05.html".to_owned(),
            size_bytes: 1,
            blake3: String::new(),
            destination: String::new(),
            n_attempts: 1,
            delivered_at: None,
        };
        let planned = Planned {
            report: "monthly-trend".to_owned(),
            timing: Timing::parse("30 8,14 * * *", "Asia/Shanghai").unwrap(),
            since: at("2021-10-20 12:00"),
        };
        let early = || run("2021-11-05 08:30", ReportState::Undelivered);
        let with_files = ReportRun { outputs: vec![output.clone()], ..early() };
        let label = |due_at: &str, runs: &[ReportRun]| planned.due_at(at(due_at), runs).label;
        let runs = [with_files.clone()];
        assert_eq!(label("2021-11-05 14:30", &runs), "2021-11-05_1430");
        // The same run once more, the next day, another report, and one that made no files.
        assert_eq!(label("2021-11-05 08:30", &runs), "2021-11-05");
        assert_eq!(label("2021-11-06 08:30", &runs), "2021-11-06");
        let other = ReportRun { report: "other".to_owned(), ..with_files };
        assert_eq!(label("2021-11-05 14:30", &[other]), "2021-11-05");
        assert_eq!(label("2021-11-05 14:30", &[early()]), "2021-11-05");
    }

    #[test]
    fn the_day_is_that_of_the_zone() {
        let planned = Planned {
            report: "monthly-trend".to_owned(),
            timing: Timing::parse("0 20 4 * *", "UTC").unwrap(),
            since: at("2021-10-20 12:00"),
        };
        let found = due(&[planned], &[], at("2021-11-05 08:00"));
        assert_eq!(found[0].due_at, at("2021-11-05 04:00"));
        assert_eq!(found[0].label, "2021-11-04");
    }
}
