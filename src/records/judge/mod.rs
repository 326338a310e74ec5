//! Rows of a file, accepted or returned.
//!
//! A block of rows is read column by column (`columns`): each value is parsed once, values of which
//! there are few are judged once each, rules across fields (`across`) see what was parsed. A row that
//! breaks a rule of severity `error` goes back with all its reasons; what the others say becomes columns
//! of the lake (`batches`), with pseudonyms in the place of what is personal. Blocks are judged each on
//! its own, in any order.

mod across;
mod arrays;
mod batches;
mod bodies;
mod columns;
mod content;
mod counting;
mod outcome;
mod plan;
mod readable;
mod remark;
mod returned;
mod test_words;
#[cfg(test)]
mod tests;
mod values;
mod words;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::StringArray;

use crate::diag::Severity;
use crate::model::Operation;
use crate::records::dates::SECOND;
use crate::records::judge::across::judge_across;
use crate::records::judge::arrays::{WordIds, keys_array};
use crate::records::judge::bodies::Bodies;
use crate::records::judge::columns::{Break, Column, Columns, Reading};
use crate::records::judge::content::{key_seed, seeded_fingerprint};
use crate::records::judge::counting::Counted;
use crate::records::judge::outcome::{InQuotes, counts_of};
use crate::records::judge::plan::{FieldPlan, plans_of};
use crate::records::judge::remark::RemarkWords;
use crate::records::judge::returned::{Sentences, fields_of, returned_batch};
use crate::records::judge::values::{RuleIdx, trimmed};
use crate::records::mask::Masks;
use crate::records::places::{Departments, Regions};
use crate::records::profile::{
    ARRIVAL_TOLERANCE_S, Dataset, Fit, RecordColumn, RecordKind, RecordType, RecordTypeOf, RuleKind,
};
use crate::records::pseudonym::Pseudonyms;
use crate::records::tally::Tally;
use crate::refdata::RefData;
use crate::source::rows::RowBlock;

pub use arrays::constant;
pub use batches::accepted_schema;
pub use content::key_fingerprint;
pub use outcome::{Body, Judged, JudgedRows, MAX_UNMAPPED, Notes, RowCount, Unmapped};

/// What is known of the file that is judged.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// Id of the batch that the file belongs to.
    pub batch: String,
    /// Position of the file in its batch, from 0.
    pub file_idx: i32,
    /// Name of the file.
    pub file_name: String,
    /// When it arrived: microseconds of Beijing time from 1970-01-01.
    pub received_at: i64,
    /// Who returns what is returned.
    pub returned_by: String,
}

/// Judges the rows of one file by one dataset of a profile.
#[derive(Debug)]
pub struct Judge {
    receipt: Receipt,
    /// Name and version of the profile.
    profile: String,
    dataset: Dataset,
    plans: Vec<Option<FieldPlan>>,
    departments: Departments,
    regions: Regions,
    masks: Masks,
    sentences: Sentences,
    /// What remarks may say.
    remark_words: RemarkWords,
    /// The rules that a record breaks whose type its own field does not tell.
    untold_type: UntoldType,
    /// For every batch rule the greatest hash of a content that is looked at.
    bounds: Vec<AtomicU64>,
}

impl Judge {
    /// Returns the judge of a file whose header fits a dataset as `fit` says.
    pub fn new(
        fit: &Fit<'_>,
        receipt: Receipt,
        pseudonyms: &Pseudonyms,
        refdata: &RefData,
    ) -> Self {
        let dataset = fit.dataset.clone();
        let province = refdata.province();
        Self {
            receipt,
            profile: fit.profile.name(),
            plans: plans_of(&dataset, &fit.columns, pseudonyms),
            departments: Departments::new(refdata, province),
            regions: Regions::new(refdata, province),
            masks: Masks::new(refdata, province),
            sentences: Sentences::new(&dataset),
            remark_words: RemarkWords::of(fit.profile),
            untold_type: UntoldType::of(&dataset),
            bounds: dataset.batch_rules.iter().map(|_| AtomicU64::new(u64::MAX)).collect(),
            dataset,
        }
    }

    /// Returns the dataset by which it judges.
    pub fn dataset(&self) -> &Dataset {
        &self.dataset
    }

    /// Judges the rows of a block.
    pub fn judge(&self, block: &RowBlock) -> Judged {
        let block = &*self.settled(block);
        let mut breaks = Vec::new();
        let reading =
            Reading { dataset: &self.dataset, plans: &self.plans, regions: &self.regions };
        let mut columns = Columns::read(reading, block, &mut breaks);
        judge_across(&self.dataset, &columns, self.receipt.received_at, &mut breaks);
        if let Some(arrival) = self.dataset.field_of(RecordColumn::ArrivedAt) {
            let latest = self.receipt.received_at + ARRIVAL_TOLERANCE_S * SECOND;
            columns.leave_out_after(arrival, latest);
        }
        let record_types = self.record_types(&columns, &mut breaks);
        let blank = BlankRows::of(block);
        breaks.retain(|broken| !blank.has(broken.row as usize) && self.is_readable(block, *broken));
        breaks.sort_unstable();
        breaks.dedup();

        let bodies = Bodies::new(self, &columns);
        let keys = keys_array(&self.dataset, &columns);
        let pseudonyms = self.pseudonyms_batch(&columns);
        let made = Made { columns, keys, record_types, bodies };
        let (records, contents) = self.accepted_batch(&made, pseudonyms.as_ref());
        let keys = made.fingerprints();
        let tally = self.tally(&made, &keys, &contents, &blank);
        let (is_returned, reasons) = self.returned_rows(block, &breaks);
        let n_returned = is_returned.iter().filter(|is_returned| **is_returned).count();
        let (returned, returned_arrivals) = returned_batch(self, &made, &reasons);
        let operations = self.operations(&made.columns);
        let is_list = self.dataset.kind == RecordKind::Returns;
        let list_keys = is_list.then(|| (*made.keys).clone());
        Judged {
            number: block.number(),
            n_rows: block.n_rows() - blank.rows.len(),
            n_returned,
            rows: JudgedRows { records, pseudonyms, keys, list_keys, operations },
            is_accepted: (n_returned > 0 || !blank.rows.is_empty()).then(|| {
                let rows = is_returned.iter().enumerate();
                rows.map(|(row, is_returned)| Some(!is_returned && !blank.has(row))).collect()
            }),
            returned,
            returned_arrivals,
            notes: Notes {
                broken: counts_of(block, &breaks),
                blank: blank.count(block),
                unmapped: made.bodies.unmapped,
                n_folded: n_folded(&made.columns),
                n_masked: n_masked(&made.columns, &is_returned),
                in_quotes: InQuotes::of(block),
                tally,
            },
        }
    }

    /// Returns which rows go back, and the reasons, row by row.
    fn returned_rows(&self, block: &RowBlock, breaks: &[Break]) -> (Vec<bool>, Vec<Break>) {
        let returns = |rule: RuleIdx| {
            let is_error = self.dataset.rules[usize::from(rule)].severity == Severity::Error;
            // Without a type a record has no place in the lake, whatever the profile says.
            is_error || self.untold_type.has(rule)
        };
        let mut is_returned = vec![false; block.n_rows()];
        let reasons: Vec<Break> =
            breaks.iter().filter(|broken| returns(broken.rule)).copied().collect();
        let rows = reasons.iter().map(|broken| broken.row as usize);
        for row in rows.chain(block.faults().iter().map(|fault| fault.row_idx)) {
            is_returned[row] = true;
        }
        (is_returned, reasons)
    }

    /// Returns the type of each record; `None` where records of this kind have none. A record whose own
    /// field does not tell it breaks a rule of that field.
    fn record_types(&self, columns: &Columns<'_>, breaks: &mut Vec<Break>) -> Option<WordIds> {
        let n_rows = columns.block.n_rows();
        let all = RecordType::ALL.iter().map(|record_type| record_type.as_str());
        let words = Arc::new(all.collect::<Vec<_>>().into());
        let id_of = |wanted: Option<&RecordType>| {
            let at = RecordType::ALL.iter().position(|known| Some(known) == wanted);
            at.map_or(-1, |at| i32::try_from(at).expect("a short list"))
        };
        match &self.dataset.record_type {
            RecordTypeOf::All(None) => None,
            RecordTypeOf::All(all) => {
                Some(WordIds { ids: vec![id_of(all.as_ref()); n_rows], words })
            }
            RecordTypeOf::ByField { field, types } => {
                let ids = match columns.words(*field) {
                    Some(column) => column.of_rows(|code| id_of(types.get(code))),
                    None => vec![-1; n_rows],
                };
                let is_blank = columns.words(*field).map(|column| column.of_rows(str::is_empty));
                for (row, id) in (0_u32..).zip(&ids) {
                    let is_blank = is_blank.as_ref().is_none_or(|is_blank| is_blank[row as usize]);
                    let rule = self.untold_type.rule(is_blank).filter(|_| *id < 0);
                    breaks.extend(rule.map(|rule| Break { row, rule }));
                }
                Some(WordIds { ids, words })
            }
        }
    }

    fn operations(&self, columns: &Columns<'_>) -> Vec<Operation> {
        let field = self.dataset.field_of(RecordColumn::Operation);
        let column = field.and_then(|field| Some((field, columns.words(field)?)));
        let Some((field, column)) = column else {
            return vec![Operation::Insert; columns.block.n_rows()];
        };
        let field = &self.dataset.fields[field];
        column.of_rows(|code| {
            let meaning = field.meaning.get(code).or(field.otherwise.as_ref());
            meaning.and_then(|word| Operation::parse(word)).unwrap_or(Operation::Insert)
        })
    }

    /// Learns from the counts of the blocks of the file so far what need not be counted any more. What comes
    /// of the file is the same without it.
    pub fn narrow(&self, tally: &Tally) {
        for (bound, known) in self.bounds.iter().zip(tally.bounds()) {
            bound.fetch_min(known, Ordering::Relaxed);
        }
    }

    fn tally(&self, made: &Made<'_>, keys: &[u128], contents: &[u64], blank: &BlankRows) -> Tally {
        let is_record = |row: usize| !is_fault(made.columns.block, row) && !blank.has(row);
        let counted = Counted {
            dataset: &self.dataset,
            columns: &made.columns,
            keys,
            contents,
            is_record: &is_record,
            bounds: &self.bounds,
        };
        counted.tally()
    }
}

/// Rows of a block in which every field is blank, as a spreadsheet writes the rows below its last one.
struct BlankRows {
    /// In order.
    rows: Vec<usize>,
}

impl BlankRows {
    fn of(block: &RowBlock) -> Self {
        // Most rows have something in one of their first fields.
        let is_blank = |row: &usize| {
            block.fields_of(*row).all(|field| trimmed(field).is_empty()) && !is_fault(block, *row)
        };
        Self { rows: (0..block.n_rows()).filter(is_blank).collect() }
    }

    fn has(&self, row: usize) -> bool {
        self.rows.binary_search(&row).is_ok()
    }

    fn count(&self, block: &RowBlock) -> RowCount {
        let mut count = RowCount::default();
        self.rows.iter().for_each(|row| count.add(block.source_row(*row)));
        count
    }
}

/// What is made of a block before rows are parted.
struct Made<'b> {
    columns: Columns<'b>,
    keys: Arc<StringArray>,
    record_types: Option<WordIds>,
    bodies: Bodies,
}

impl Made<'_> {
    /// Returns the fingerprint of each key.
    fn fingerprints(&self) -> Vec<u128> {
        let seeds: Vec<u64> = match &self.record_types {
            Some(types) => {
                types.words.iter().map(|word| key_seed(word.unwrap_or_default())).collect()
            }
            None => Vec::new(),
        };
        let none = key_seed("");
        let seed_of = |row: usize| match &self.record_types {
            Some(types) => usize::try_from(types.ids[row]).map_or(none, |id| seeds[id]),
            None => none,
        };
        let keys = self.keys.iter().map(Option::unwrap_or_default).enumerate();
        keys.map(|(row, key)| seeded_fingerprint(seed_of(row), key)).collect()
    }
}

/// The rules that a record breaks whose type its own field does not tell; none where no field tells it.
#[derive(Debug, Default)]
struct UntoldType {
    /// The field is blank: that it is required, else as for a code that is not known.
    blank: Option<RuleIdx>,
    /// Its code is not known: that it has to be, else the first rule about the field.
    unknown: Option<RuleIdx>,
}

impl UntoldType {
    fn of(dataset: &Dataset) -> Self {
        let RecordTypeOf::ByField { field: teller, .. } = dataset.record_type else {
            return Self::default();
        };
        let find = |is_it: &dyn Fn(&RuleKind) -> bool| {
            let mut rules = (0..).zip(&dataset.rules);
            rules.find(|(_, rule)| is_it(&rule.kind)).map(|(idx, _)| idx)
        };
        let unknown = find(&|kind| matches!(kind, RuleKind::Known { field } if *field == teller))
            .or_else(|| find(&|kind| fields_of(kind).first() == Some(&teller)));
        let blank = find(&|kind| matches!(kind, RuleKind::Required { field } if *field == teller));
        Self { blank: blank.or(unknown), unknown }
    }

    fn rule(&self, is_blank: bool) -> Option<RuleIdx> {
        if is_blank { self.blank } else { self.unknown }
    }

    fn has(&self, rule: RuleIdx) -> bool {
        [self.blank, self.unknown].contains(&Some(rule))
    }
}

/// Whether a row could not be read as a whole.
fn is_fault(block: &RowBlock, row: usize) -> bool {
    !block.faults_of(row).is_empty()
}

/// Returns for each field how many values were written in another form than they are compared in.
fn n_folded(columns: &Columns<'_>) -> Vec<u64> {
    let of_column = |column: &Column<'_>| match column {
        Column::Text(column) => column.n_folded,
        _ => 0,
    };
    columns.of_fields.iter().map(of_column).collect()
}

/// Returns for each field of the dataset how many rows that do not go back have a number of a person in it
/// that was masked.
fn n_masked(columns: &Columns<'_>, is_returned: &[bool]) -> Vec<u64> {
    let of_column = |column: &Column<'_>| match column {
        Column::Words(column) => column.n_masked(is_returned),
        _ => 0,
    };
    columns.of_fields.iter().map(of_column).collect()
}
