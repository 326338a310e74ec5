//! What came of a block of rows, and what is put together of many.

use std::collections::BTreeMap;

use arrow::array::{AsArray, BooleanArray, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::compute::filter_record_batch;

use crate::model::Operation;
use crate::records::judge::columns::Break;
use crate::records::tally::Tally;
use crate::source::rows::{QuotedLines, RowBlock};

/// Rows that are named as examples at most.
const FIRST_ROWS: usize = 5;
/// Bodies without a department that are told apart at most; a file with more has something else in the
/// place of the body.
pub const MAX_UNMAPPED: usize = 2000;

/// What came of the rows of a block.
#[derive(Debug, Clone)]
pub struct Judged {
    /// Position of the block in its file.
    pub number: usize,
    /// Rows of the block that are not blank: accepted and returned.
    pub n_rows: usize,
    /// Rows that go back.
    pub n_returned: usize,
    /// What all rows say, as if all were accepted.
    pub rows: JudgedRows,
    /// Which rows are accepted, those that are blank left out; `None` where all are.
    pub is_accepted: Option<BooleanArray>,
    /// Why rows go back: one row per reason, in the order of rows and rules.
    pub returned: RecordBatch,
    /// When the record of each of these rows was pushed, null where it does not say so.
    pub returned_arrivals: TimestampMicrosecondArray,
    /// What there is to tell about the block.
    pub notes: Notes,
}

/// Rows in the order of the file, and what has to be known to write them.
#[derive(Debug, Clone)]
pub struct JudgedRows {
    /// The columns of the lake without `version`; of returns that were made elsewhere the columns of
    /// `returned`.
    pub records: RecordBatch,
    /// The pseudonyms of the rows; `None` where there is no table for them.
    pub pseudonyms: Option<RecordBatch>,
    /// Fingerprint of the key of each row.
    pub keys: Vec<u128>,
    /// The keys of rows that tell of returns made elsewhere: their own, not those of the records that
    /// they tell of. `None` where `records` have them.
    pub list_keys: Option<StringArray>,
    /// What each row does.
    pub operations: Vec<Operation>,
}

/// What there is to tell about rows; that of several blocks can be put together in any order, of which
/// [`Unmapped`] says what it is to bodies.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Notes {
    /// Rows that break each rule, by its position in the dataset, whatever its severity.
    pub broken: BTreeMap<usize, RowCount>,
    /// Rows in which every field is blank, which count as none.
    pub blank: RowCount,
    /// Bodies of which no department is known.
    pub unmapped: Unmapped,
    /// For each field of the dataset, personal values that were written in another form than they are
    /// compared in: in full width, with blanks, x for X.
    pub n_folded: Vec<u64>,
    /// For each field of the dataset, rows with a number of a person in a name or title, where it was
    /// masked.
    pub n_masked: Vec<u64>,
    /// Rows with a field in quotation marks that may have swallowed others.
    pub in_quotes: InQuotes,
    /// Counts for the batch rules.
    pub tally: Tally,
}

/// Rows with a field in quotation marks whose lines look like rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InQuotes {
    /// How many there are.
    pub n_rows: u64,
    /// The first of them, up to five.
    pub first: Vec<QuotedLines>,
}

/// Some rows, with the first of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RowCount {
    /// How many there are.
    pub n_rows: u64,
    /// The first rows of the file, up to five.
    pub first_rows: Vec<u64>,
}

/// Bodies of which no department is known: those that come first in the file, as many as are told apart.
///
/// However blocks are put together, the bodies that are told apart are the same, and all rows together
/// add up to the same. In the order of the file each body has all of its rows, too.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unmapped {
    /// The bodies and their rows.
    pub bodies: BTreeMap<Body, RowCount>,
    /// Rows of other bodies, which are not told apart.
    pub n_other_rows: u64,
}

/// A body as records name it. Without both where neither looks like that of a body.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Body {
    /// Its code; `None` where it is blank or does not look like one.
    pub org_code: Option<String>,
    /// Its name; `None` where it is blank or does not look like one.
    pub org_name: Option<String>,
}

impl Judged {
    /// Returns the rows that are accepted.
    pub fn accepted(&self) -> JudgedRows {
        self.is_accepted.as_ref().map_or_else(|| self.rows.clone(), |is| self.rows.filtered(is))
    }
}

impl JudgedRows {
    /// Returns the rows that are chosen.
    #[must_use]
    pub fn filtered(&self, is_chosen: &BooleanArray) -> Self {
        let filter = |batch| filter_record_batch(batch, is_chosen).expect("a truth for each row");
        Self {
            records: filter(&self.records),
            pseudonyms: self.pseudonyms.as_ref().map(filter),
            keys: kept(&self.keys, is_chosen),
            list_keys: self.list_keys.as_ref().map(|keys| {
                let chosen = arrow::compute::filter(keys, is_chosen).expect("a truth for each row");
                chosen.as_string::<i32>().clone()
            }),
            operations: kept(&self.operations, is_chosen),
        }
    }
}

fn kept<T: Copy>(values: &[T], is_kept: &BooleanArray) -> Vec<T> {
    let pairs = values.iter().zip(is_kept.values());
    pairs.filter(|(_, is_kept)| *is_kept).map(|(value, _)| *value).collect()
}

impl Notes {
    /// Adds what there is to tell about another block of the same file.
    pub fn merge(&mut self, other: Self) {
        for (rule, count) in other.broken {
            self.broken.entry(rule).or_default().merge(&count);
        }
        self.blank.merge(&other.blank);
        self.unmapped.merge(other.unmapped);
        add_each(&mut self.n_folded, &other.n_folded);
        add_each(&mut self.n_masked, &other.n_masked);
        self.in_quotes.n_rows += other.in_quotes.n_rows;
        self.in_quotes.first.extend(other.in_quotes.first);
        self.in_quotes.first.sort_unstable_by_key(|lines| lines.source_row);
        self.in_quotes.first.truncate(FIRST_ROWS);
        self.tally.merge(other.tally);
    }
}

/// Adds to each count that of others at the same position.
fn add_each(sums: &mut Vec<u64>, counts: &[u64]) {
    if sums.len() < counts.len() {
        sums.resize(counts.len(), 0);
    }
    sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
}

impl Unmapped {
    /// Returns bodies with their rows, as many as are told apart.
    pub(super) fn of(bodies: BTreeMap<Body, RowCount>) -> Self {
        let mut unmapped = Self { bodies, n_other_rows: 0 };
        unmapped.cut();
        unmapped
    }

    fn merge(&mut self, other: Self) {
        for (body, count) in other.bodies {
            self.bodies.entry(body).or_default().merge(&count);
        }
        self.n_other_rows += other.n_other_rows;
        self.cut();
    }

    /// Leaves the bodies that come first.
    fn cut(&mut self) {
        if self.bodies.len() <= MAX_UNMAPPED {
            return;
        }
        let first_row = |(body, count): (&Body, &RowCount)| match body {
            // What is no body is told in any case, whatever row it comes in.
            Body { org_code: None, org_name: None } => 0,
            _ => count.first_rows.first().copied().unwrap_or(u64::MAX),
        };
        let mut rows: Vec<u64> = self.bodies.iter().map(first_row).collect();
        let (_, last, _) = rows.select_nth_unstable(MAX_UNMAPPED - 1);
        let last = *last;
        let n_other_rows = &mut self.n_other_rows;
        self.bodies.retain(|body, count| {
            let is_kept = first_row((body, &*count)) <= last;
            *n_other_rows += if is_kept { 0 } else { count.n_rows };
            is_kept
        });
    }
}

impl InQuotes {
    /// Returns those of a block.
    pub(super) fn of(block: &RowBlock) -> Self {
        let all = block.in_quotes();
        let first = all.iter().take(FIRST_ROWS).copied().collect();
        Self { n_rows: all.len() as u64, first }
    }
}

impl RowCount {
    /// Counts a row that comes after those counted before.
    pub(super) fn add(&mut self, source_row: u64) {
        self.n_rows += 1;
        if self.first_rows.len() < FIRST_ROWS {
            self.first_rows.push(source_row);
        }
    }

    /// Adds other rows.
    pub fn merge(&mut self, other: &Self) {
        self.n_rows += other.n_rows;
        self.first_rows.extend(&other.first_rows);
        self.first_rows.sort_unstable();
        self.first_rows.truncate(FIRST_ROWS);
    }
}

/// Counts the rows that break each rule; `breaks` are in the order of rows.
pub(super) fn counts_of(block: &RowBlock, breaks: &[Break]) -> BTreeMap<usize, RowCount> {
    let mut counts: BTreeMap<usize, RowCount> = BTreeMap::new();
    for broken in breaks {
        let source_row = block.source_row(broken.row as usize);
        counts.entry(usize::from(broken.rule)).or_default().add(source_row);
    }
    counts
}
