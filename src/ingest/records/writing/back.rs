//! What of a batch goes back although nothing is wrong with its rows by themselves: single files, or all
//! of it.

use std::collections::BTreeMap;

use chrono::Datelike;

use crate::ingest::records::RecordsError;
use crate::ingest::records::aside::{Aside, KeyedRows};
use crate::ingest::records::groups::Rows;
use crate::ingest::records::resolve::VerdictCounts;
use crate::ingest::records::whole_return::{
    Reason, Reasons, WHOLE_COLUMNS, WholeReturn, returned_of, share_exceeded,
};
use crate::ingest::records::writing::{EPOCH_DAYS, Standing, Writing, rows_of};
use crate::records::judge::JudgedRows;
use crate::table::LakeTable;

impl Writing<'_> {
    /// Returns the files that have to go back by themselves, by their positions, and why. None where the
    /// batch goes back as a whole, and none that are known to.
    pub(in crate::ingest::records) fn files_to_return(&self) -> BTreeMap<usize, Reason> {
        if self.tables.is_none() || !self.files_back.is_empty() || self.reason_for_all().is_some() {
            return BTreeMap::new();
        }
        self.signs.returning_files(self.dataset)
    }

    /// Sets aside the rows of a file that goes back: what corrects them is looked up, too.
    pub(super) fn set_back(&mut self, rows: JudgedRows) -> Result<(), RecordsError> {
        let JudgedRows { records, pseudonyms, keys, .. } = rows;
        self.filter.insert_all(&keys, None);
        self.aside_back.push(&KeyedRows { rows: Rows::of(records, pseudonyms), keys })?;
        Ok(())
    }

    /// Sends back the rows of files that go back by themselves, but for those that were there already, as
    /// when such a file comes alone. None of them is a version or closes anything, and rows of other files
    /// are judged without them.
    pub(super) fn resolve_back(&mut self) -> Result<(), RecordsError> {
        let Some(tables) = self.tables else { return Ok(()) };
        let aside = std::mem::replace(&mut self.aside_back, Aside::new(self.staging.folder()));
        let facts = self.whole_return(Reasons::OfFiles(self.files_back.clone()));
        for parts in aside.into_passes()? {
            let mut lookup = self.known_in_lake(&parts, tables)?;
            let mut verdicts = VerdictCounts::default();
            for part in &parts {
                part.try_each(|keyed| {
                    let goes_back = lookup.judge_back(&keyed, &mut verdicts, &mut self.counts);
                    let back = keyed.chosen(&goes_back).map_err(RecordsError::Rows)?;
                    let rows = returned_of(&back.rows.records, &facts);
                    self.take_returned(rows.map_err(RecordsError::Rows)?)
                })?;
            }
            let VerdictCounts { accepted, updated, deleted, duplicate, .. } = verdicts;
            self.accounts.returned += accepted + updated + deleted;
            self.accounts.duplicate += duplicate;
        }
        self.write_returned()
    }

    /// Returns why all rows go back of the files that do not go back by themselves: a rule about all of
    /// them together, or that too many went back already. `None` where they do not.
    #[expect(clippy::cast_precision_loss, reason = "counts of rows are below 2^53")]
    pub(super) fn reason_for_all(&self) -> Option<Reason> {
        self.tables?;
        let Standing { n_rows, n_returned } = self.standing;
        let share = n_returned as f64 / n_rows.max(1) as f64;
        let most = self.max_returned_share.filter(|most| share > *most);
        self.signs.returning_rule(self.dataset).or_else(|| most.map(share_exceeded))
    }

    fn whole_return(&self, reasons: Reasons) -> WholeReturn {
        WholeReturn {
            batch: self.batch.clone(),
            file_names: self.file_names.clone(),
            kind: self.dataset.kind,
            returned_on: self.closed_on.num_days_from_ce() - EPOCH_DAYS,
            profile: self.profile.clone(),
            reasons,
        }
    }

    /// Sends back the rows that were accepted.
    pub(super) fn return_whole(&mut self, reason: Reason) -> Result<(), RecordsError> {
        let Some(tables) = self.tables else { return Ok(()) };
        let facts = self.whole_return(Reasons::OfBatch(reason));
        let files = self.staging.written_files(tables.records);
        for rows in rows_of(files, &WHOLE_COLUMNS)? {
            let rows = returned_of(&rows?, &facts).map_err(RecordsError::Rows)?;
            self.stage(LakeTable::Returned, &rows)?;
        }
        let of_accepted = [LakeTable::ReturnsClosed, LakeTable::PushedAgain];
        for table in [tables.records, tables.pseudonyms].into_iter().chain(of_accepted) {
            self.staging.discard(table).map_err(RecordsError::Lake)?;
        }
        let accounts = &mut self.accounts;
        accounts.returned += accounts.accepted + accounts.updated + accounts.deleted;
        (accounts.accepted, accounts.updated, accounts.deleted) = (0, 0, 0);
        accounts.closed = 0;
        self.counts.return_whole();
        Ok(())
    }
}
