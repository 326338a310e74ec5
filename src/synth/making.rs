//! Rows made up block by block: text in one format, and what has to become of each row.

use std::ops::Range;

use crate::source::Encoding;
use crate::synth::calendar::{DAY, Time};
use crate::synth::case::{Case, Making, Office};
use crate::synth::codes::push_digits;
use crate::synth::datasets::{DELETE, Facts, UPDATE};
use crate::synth::faults::{Needs, Placed};
use crate::synth::format::{Chunk, Rows, SynthFormat};
use crate::synth::plan::{Outcome, Role, Series};
use crate::synth::random::Random;
use crate::synth::row::Row;
use crate::synth::trap::Trap;

/// Numbers that set the streams for rows, faults and re-sent rows apart.
const ROW_STREAM: u64 = 1;
const FAULT_STREAM: u64 = 2;
const AGAIN_STREAM: u64 = 3;

/// What an update says that the record did not say before.
const CORRECTION: &str = "更正";

/// The rule because of which a file whose scale is reversed goes back as a whole.
const REVERSED: &str = "reversed_satisfaction";
/// Rows from which on so many of them have tags that the rule is certain of it.
const MIN_REVERSED_ROWS: u64 = 100;

/// Columns of ratings, tags and words, and what must be said where they do not fit together.
const RATING_COLUMNS: [&str; 3] = ["satisfaction", "evalDetail", "writingEvaluation"];
pub(super) const TAGS_AGREE: (&str, &str) = ("evalDetail", "agrees");
pub(super) const LOW_WITHOUT_REASON: &str = "low_without_reason";

/// Rows of a file, one after the other.
#[derive(Debug)]
pub(super) struct Block {
    /// The rows.
    pub(super) chunk: Chunk,
    /// Lines of the truth file.
    pub(super) truth: String,
    /// Rows by outcome, in the order of [`Outcome::ALL`].
    pub(super) counts: [u64; 5],
}

/// What one series is made up with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Workshop<'a> {
    /// The series.
    pub(super) series: &'a Series,
    /// All offices.
    pub(super) offices: &'a [Office],
    /// Seed, days, trap.
    pub(super) making: Making<'a>,
    /// Format and encoding of the files.
    pub(super) format: SynthFormat,
    pub(super) encoding: Encoding,
    /// Id of the rule that tags and rating have to agree.
    pub(super) tags_disagree: &'a str,
}

/// What has to become of one row, and why.
struct Verdict<'a> {
    outcome: Outcome,
    /// Ids of rules that return it.
    rules: Vec<&'a str>,
    /// Ids of rules that warn of it.
    warnings: Vec<&'a str>,
}

impl<'a> Workshop<'a> {
    /// Makes up rows of a file that begins with the row `file_start` of the series.
    pub(super) fn block(&self, rows: Range<u64>, file_start: u64, file_name: &str) -> Block {
        let header = self.series.dataset.header;
        let mut made = Rows::new(self.format, header.len());
        let mut truth = String::new();
        let mut counts = [0; 5];
        let (mut row, mut case) = (Row::default(), Case::default());
        for row_idx in rows {
            let role = self.series.role(row_idx);
            let verdict = self.fill(&mut row, &mut case, role);
            let count = Outcome::ALL.iter().position(|it| *it == verdict.outcome);
            counts[count.expect("every outcome is counted")] += 1;
            let source_row = row_idx - file_start + self.format.first_row();
            verdict.tell(&mut truth, file_name, source_row);
            made.push(&row, header, source_row);
        }
        Block { chunk: made.chunk(header, self.encoding), truth, counts }
    }

    /// Fills one row and says what has to become of it.
    fn fill(&self, row: &mut Row, case: &mut Case, role: Role) -> Verdict<'a> {
        let office = self.series.office(role.share, self.offices);
        case.fill(office, role.case, &self.making);
        let stream = |stream: u64| {
            let parts = [stream, self.series.number, office.number as u64, role.case];
            Random::of(self.making.seed, &parts)
        };
        case.delay += self.lateness(role.outcome, &mut stream(AGAIN_STREAM));
        row.clear();
        let mut facts = Facts { case, office, making: self.making, random: stream(ROW_STREAM) };
        (self.series.dataset.fill)(row, &mut facts);
        let mut verdict =
            Verdict { outcome: role.outcome, rules: Vec::new(), warnings: Vec::new() };
        match role.outcome {
            Outcome::Accepted if !role.is_paired => {
                let mut random = stream(FAULT_STREAM);
                let warnings = &self.series.warnings;
                if !warnings.is_empty() && random.in_thousand(self.series.warned_per_mille) {
                    let start = random.position(warnings.len());
                    let mut so_far = Spoiling::of(case, &mut verdict);
                    self.spoil(row, (warnings, start), &mut so_far, &mut random);
                }
            }
            Outcome::Accepted => {}
            Outcome::Returned => {
                let mut random = stream(FAULT_STREAM);
                self.ruin(row, role, &mut Spoiling::of(case, &mut verdict), &mut random);
            }
            again => self.send_again(row, again),
        }
        if self.making.trap == Some(Trap::ReversedScale) && verdict.is_plain() {
            self.tell_reversal(row, &mut verdict);
        }
        if self.goes_back_whole() && verdict.outcome == Outcome::Accepted {
            verdict.rules.push(REVERSED);
            verdict.outcome = Outcome::Returned;
        }
        verdict
    }

    /// Whether every file is returned whatever its rows say.
    fn goes_back_whole(&self) -> bool {
        let rows_of_file = self.series.files().map(|rows| rows.end - rows.start).min();
        self.making.trap == Some(Trap::ReversedScale)
            && rows_of_file.is_some_and(|n_rows| n_rows >= MIN_REVERSED_ROWS)
    }

    /// Makes a row wrong, in one way or in several that do not touch each other.
    fn ruin(&self, row: &mut Row, role: Role, so_far: &mut Spoiling<'_, 'a>, random: &mut Random) {
        let errors = &self.series.errors;
        if let Some(always) = self.series.always {
            self.apply(row, always, so_far, random);
        }
        // One after the other, so that none is left out.
        let turn = usize::try_from(self.series.returned_idx(role) % errors.len() as u64);
        let turn = turn.expect("a position among faults");
        let n_faults = match random.below(10) {
            0..7 => 1,
            7..9 => 2,
            _ => 3,
        };
        for n in 0..n_faults {
            let start = if n == 0 { turn } else { random.position(errors.len()) };
            self.spoil(row, (errors, start), so_far, random);
        }
    }

    /// Makes a row wrong with the first fault of a list that fits, from a position in it on, if one
    /// does.
    fn spoil(
        &self,
        row: &mut Row,
        (list, start): (&[usize], usize),
        so_far: &mut Spoiling<'_, 'a>,
        random: &mut Random,
    ) {
        let faults = &self.series.faults;
        let fits = |placed: &Placed| {
            let needs = match placed.fault.needs {
                Needs::Nothing => true,
                Needs::Person => so_far.is_person,
                Needs::Company => !so_far.is_person,
            };
            needs && placed.touched().all(|column| !so_far.touched.contains(&column))
        };
        let mut order = list[start..].iter().chain(&list[..start]);
        if let Some(idx) = order.find(|idx| fits(&faults[**idx])) {
            self.apply(row, *idx, so_far, random);
        }
    }

    fn apply(&self, row: &mut Row, idx: usize, so_far: &mut Spoiling<'_, 'a>, random: &mut Random) {
        let placed = &self.series.faults[idx];
        placed.apply(row, self.series.dataset.style, random);
        so_far.touched.extend(placed.touched());
        so_far.verdict.rules.extend(placed.rules.iter().map(String::as_str));
        so_far.verdict.warnings.extend(placed.warnings.iter().map(String::as_str));
    }

    /// Says that a record is sent again: corrected, or deleted.
    fn send_again(&self, row: &mut Row, outcome: Outcome) {
        let dataset = self.series.dataset;
        let mut set = |column: &str, value: &str| {
            if let Some(idx) = dataset.header.iter().position(|name| *name == column) {
                row.replace(idx, value);
            }
        };
        match outcome {
            Outcome::Updated => {
                set(dataset.again.operation, UPDATE);
                set(dataset.again.corrected, CORRECTION);
            }
            Outcome::Deleted => set(dataset.again.operation, DELETE),
            Outcome::Accepted | Outcome::Returned | Outcome::Duplicate => {}
        }
    }

    /// Returns how much later the record of a row arrives than the first one about its case: a
    /// duplicate may come twice with one transfer.
    fn lateness(&self, outcome: Outcome, random: &mut Random) -> Time {
        let has_arrival = !self.series.dataset.again.operation.is_empty();
        match outcome {
            Outcome::Updated | Outcome::Deleted if has_arrival => DAY,
            Outcome::Duplicate if has_arrival && random.in_thousand(500) => DAY,
            _ => 0,
        }
    }

    /// Says what the reversed scale does to a row: tags that give it away, or a rating that looks low
    /// and has no reason.
    fn tell_reversal(&self, row: &Row, verdict: &mut Verdict<'a>) {
        let field = |name: &str| {
            let idx = self.series.dataset.header.iter().position(|column| *column == name);
            idx.map(|idx| row.field(idx)).unwrap_or_default()
        };
        let [rating, tags, words] = RATING_COLUMNS.map(field);
        if !tags.is_empty() && !tags.starts_with(rating) {
            verdict.rules.push(self.tags_disagree);
            verdict.outcome = Outcome::Returned;
        } else if tags.is_empty() && words.is_empty() && matches!(rating, "1" | "2") {
            verdict.warnings.push(LOW_WITHOUT_REASON);
        }
    }
}

/// What was done to a row so far.
struct Spoiling<'v, 'a> {
    is_person: bool,
    touched: Vec<usize>,
    verdict: &'v mut Verdict<'a>,
}

impl<'v, 'a> Spoiling<'v, 'a> {
    fn of(case: &Case, verdict: &'v mut Verdict<'a>) -> Self {
        Self { is_person: case.is_person, touched: Vec::new(), verdict }
    }
}

impl Verdict<'_> {
    fn is_plain(&self) -> bool {
        self.outcome == Outcome::Accepted && self.rules.is_empty() && self.warnings.is_empty()
    }

    /// Adds a line to the truth, unless the row is simply to be accepted.
    fn tell(&self, truth: &mut String, file_name: &str, source_row: u64) {
        if self.is_plain() {
            return;
        }
        truth.push_str(file_name);
        truth.push(',');
        push_digits(truth, source_row, 1);
        truth.push(',');
        truth.push_str(self.outcome.as_str());
        for ids in [&self.rules, &self.warnings] {
            truth.push(',');
            for (idx, id) in ids.iter().enumerate() {
                if idx > 0 {
                    truth.push(';');
                }
                truth.push_str(id);
            }
        }
        truth.push('\n');
    }
}
