//! The record files that can be made up: their columns, how a row is filled, what can be wrong.

mod evaluation;
mod exchange;
mod standard;

use crate::synth::calendar::{Time, TimeStyle};
use crate::synth::case::{Case, Item, Making, Office};
use crate::synth::faults::{Change, Fault, Placed};
use crate::synth::random::Random;
use crate::synth::row::Row;
use crate::synth::trap::{TEST_WORD, Trap};

/// One kind of record file.
#[derive(Debug)]
pub(super) struct Dataset {
    /// Profile that it is meant for.
    pub(super) profile: &'static str,
    /// Id in that profile; also the beginning of its files' names.
    pub(super) id: &'static str,
    /// The columns.
    pub(super) header: &'static [&'static str],
    /// Adds the fields of a row, one for each column.
    pub(super) fill: fn(&mut Row, &mut Facts<'_>),
    /// How times are written.
    pub(super) style: TimeStyle,
    /// Columns that must not be empty, each with the name of its field in the profile.
    pub(super) required: &'static [(&'static str, &'static str)],
    /// What can be wrong besides.
    pub(super) faults: &'static [Fault],
    /// Ids of rules that warn of every row, because the codes in use do not fit the standard.
    pub(super) every_row: &'static [(&'static str, &'static str)],
    /// How a row is sent again.
    pub(super) again: Again,
}

/// What differs when a row is sent again. Empty names are columns that the dataset has not; where both
/// are, its rows tell of something that happened once, and none comes again.
#[derive(Debug)]
pub(super) struct Again {
    /// Column that says insert, update or delete.
    pub(super) operation: &'static str,
    /// Column that an update corrects, one that the lake keeps.
    pub(super) corrected: &'static str,
}

/// Every dataset.
pub(super) const DATASETS: [&Dataset; 13] = [
    &exchange::ACCEPT,
    &exchange::PROCESS,
    &exchange::RESULT,
    &exchange::SPECIAL_PROCEDURE,
    &exchange::MATERIAL,
    &exchange::ABNORMAL,
    &standard::APPLY,
    &standard::ACCEPT,
    &standard::PROCESS,
    &standard::RESULT,
    &standard::EVALUATION,
    &evaluation::INTERFACE,
    &evaluation::PUSH,
];

/// The dataset of the default set's cases: of those of the exchange it alone names the department.
pub(super) const CASES: &Dataset = &exchange::ACCEPT;
/// The dataset of the default set's evaluations.
pub(super) const EVALUATIONS: &Dataset = &evaluation::INTERFACE;

/// Codes that say what a row does.
pub(super) const INSERT: &str = "I";
pub(super) const UPDATE: &str = "U";
pub(super) const DELETE: &str = "D";

impl Dataset {
    /// Returns everything that can be wrong with a row.
    pub(super) fn all_faults(&self) -> Vec<Placed> {
        let missing = self
            .required
            .iter()
            .map(|(column, field)| Fault::error(column, Change::Empty, "required").about(field));
        let faults = missing.chain(self.faults.iter().copied());
        faults.map(|fault| Placed::of(fault, self.header)).collect()
    }
}

/// What a row is filled from.
pub(super) struct Facts<'a> {
    /// The case that it is about.
    pub(super) case: &'a Case,
    /// The office that handles it.
    pub(super) office: &'a Office,
    /// Seed, days, trap.
    pub(super) making: Making<'a>,
    /// Chance for what is of this row alone.
    pub(super) random: Random,
}

impl Facts<'_> {
    /// Returns the item that was applied for.
    pub(super) fn item(&self) -> &Item {
        &self.office.items[self.case.item]
    }

    /// Adds the row's own identity.
    pub(super) fn put_guid(&mut self, row: &mut Row) {
        let (high, low) = (self.random.next(), self.random.next());
        row.write(|out| crate::synth::codes::push_hex(out, high, low));
    }

    /// Adds a time.
    pub(super) fn put_time(&self, row: &mut Row, time: Time, style: TimeStyle) {
        let time = self.seen(time);
        row.write(|out| self.making.calendar.push(out, time, style));
    }

    /// Adds how a row arrived: operation, time, transfer, source.
    pub(super) fn put_arrival(&self, row: &mut Row, event: Time) {
        let arrival = event + self.case.delay;
        row.put(INSERT);
        self.put_time(row, arrival, TimeStyle::Dashed);
        row.write(|out| {
            out.push_str("63-");
            crate::synth::codes::push_digits(out, self.making.calendar.day(arrival).into(), 8);
        });
        row.put(DATA_SOURCE);
    }

    /// Adds the name of who applied.
    pub(super) fn put_applicant(&mut self, row: &mut Row) {
        let is_test = self.making.trap == Some(Trap::TestWords) && self.random.in_thousand(250);
        row.write(|out| {
            out.push_str(&self.case.applicant);
            if is_test {
                out.push_str(TEST_WORD);
            }
        });
    }

    /// Returns how a time looks: with the minute of its month where that is the trap.
    fn seen(&self, time: Time) -> Time {
        if self.making.trap != Some(Trap::MinuteIsMonth) {
            return time;
        }
        let day = crate::synth::calendar::DAY;
        let (start, second) = (time - time.rem_euclid(day), time.rem_euclid(day));
        // On a clock of twelve hours noon is 12 and one o'clock in the afternoon is 01.
        let hour = match second / 3600 % 12 {
            0 => 12,
            hour => hour,
        };
        start + hour * 3600 + self.making.calendar.month(time) * 60 + second % 60
    }
}

/// Three digits by which the platform knows the province.
pub(super) const DATA_SOURCE: &str = "163";
/// Type of a resident ID card, and of a unified social credit code.
pub(super) const RESIDENT_CARD: &str = "111";
pub(super) const COMPANY_CODE: &str = "01";

impl Case {
    /// Returns the type of the applicant's document.
    pub(super) fn document_type(&self) -> &'static str {
        if self.is_person { RESIDENT_CARD } else { COMPANY_CODE }
    }
}
