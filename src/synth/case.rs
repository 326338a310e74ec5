//! One made-up case: who applied for what, where, and when.

use crate::synth::calendar::{Calendar, DAY, Time};
use crate::synth::codes::{NOBODYS_MOBILE, push_digits, push_resident_id, push_uscc};
use crate::synth::figures::Department;
use crate::synth::random::Random;
use crate::synth::trap::{CONSTANT_OFFSET, Trap};
use crate::synth::words::{items_of, push_company, push_person};

/// Number that sets the stream of a case apart from those of its rows.
const STREAM: u64 = 0xCA5E;
/// How the codes of authorities of the province begin, and those of companies, which here are
/// registered in 630100.
const AUTHORITY: &str = "11630000";
const COMPANY: &str = "91630100";
/// Kinds of items, in digits 3 and 4 of an item's code: licence, payment, confirmation, service.
const ITEM_KINDS: [&str; 5] = ["01", "05", "07", "20", "10"];

/// What is the same for every case of a department.
#[derive(Debug)]
pub(super) struct Office {
    /// Position among the departments.
    pub(super) number: usize,
    /// Name as the notice prints it.
    pub(super) name: String,
    /// Unified social credit code, made up and valid.
    pub(super) code: String,
    /// Its items.
    pub(super) items: Vec<Item>,
}

/// A service that can be applied for.
#[derive(Debug)]
pub(super) struct Item {
    /// Name.
    pub(super) name: &'static str,
    /// Code of 12 digits (基本编码).
    pub(super) catalog_code: String,
    /// Code of 31 characters (实施编码).
    pub(super) task_code: String,
    /// Code of 33 characters (业务办理项编码).
    pub(super) handling_code: String,
}

impl Office {
    /// Returns the office of a department.
    pub(super) fn of(number: usize, department: &Department) -> Self {
        let code = department_code(number);
        let items = items_of(&department.id).iter().zip(ITEM_KINDS).enumerate();
        let items = items.map(|(idx, (name, kind))| {
            let catalog_code = format!("00{kind}{:02}{:03}000", number + 1, idx + 1);
            let task_code = format!("{code}2{catalog_code}");
            let handling_code = format!("{task_code}01");
            Item { name, catalog_code, task_code, handling_code }
        });
        Self { number, name: department.label.clone(), code: code.clone(), items: items.collect() }
    }
}

/// Returns the code that the made-up records of a department bear.
pub(super) fn department_code(number: usize) -> String {
    let mut code = String::new();
    push_uscc(&mut code, AUTHORITY, number as u64 + 1);
    code
}

/// One case. Texts are filled anew for each, so that millions cost no allocation.
#[derive(Debug, Default)]
pub(super) struct Case {
    /// Position of the item among those of its office.
    pub(super) item: usize,
    /// Case number (办件编号).
    pub(super) number: String,
    /// Whether a person applied, not a company.
    pub(super) is_person: bool,
    /// Name and code of who applied.
    pub(super) applicant: String,
    pub(super) applicant_code: String,
    /// Mobile number of who applied.
    pub(super) mobile: String,
    /// 1 at once, 2 by a promised day, 9 other.
    pub(super) kind: u64,
    /// When it was applied for, accepted, promised for and finished.
    pub(super) applied_at: Time,
    pub(super) accepted_at: Time,
    pub(super) promised_at: Time,
    pub(super) finished_at: Time,
    /// How long after an event the record of it arrives.
    pub(super) delay: Time,
}

impl Case {
    /// Makes up case number `idx` of an office.
    pub(super) fn fill(&mut self, office: &Office, idx: u64, making: &Making<'_>) {
        let mut random = Random::of(making.seed, &[STREAM, office.number as u64, idx]);
        self.item = random.position(office.items.len());
        self.is_person = random.in_thousand(820);
        self.fill_applicant(&mut random);
        self.fill_times(&mut random, making);
        self.number.clear();
        self.number.push_str("63");
        push_digits(&mut self.number, office.number as u64 + 1, 2);
        push_digits(&mut self.number, u64::from(making.calendar.day(self.accepted_at)), 8);
        push_digits(&mut self.number, idx + 1, 9);
    }

    fn fill_applicant(&mut self, random: &mut Random) {
        self.applicant.clear();
        self.applicant_code.clear();
        if self.is_person {
            push_person(&mut self.applicant, random);
            let (year, month, day) =
                (1950 + random.below(52), 1 + random.below(12), 1 + random.below(28));
            let born = year * 10_000 + month * 100 + day;
            push_resident_id(&mut self.applicant_code, born, random.below(1000));
        } else {
            push_company(&mut self.applicant, random);
            push_uscc(&mut self.applicant_code, COMPANY, random.below(100_000));
        }
        self.mobile.clear();
        self.mobile.push_str(NOBODYS_MOBILE);
        push_digits(&mut self.mobile, random.below(100_000_000), 8);
    }

    fn fill_times(&mut self, random: &mut Random, making: &Making<'_>) {
        self.kind = match random.below(100) {
            0..55 => 1,
            55..98 => 2,
            _ => 9,
        };
        self.accepted_at = making.calendar.working_time(random);
        self.applied_at = self.accepted_at - random.between(60, 3 * DAY);
        self.promised_at = self.accepted_at + random.between(5, 20) * DAY;
        self.finished_at = match self.kind {
            1 => self.accepted_at + random.between(300, 3600),
            _ => self.accepted_at + random.between(DAY, self.promised_at - self.accepted_at),
        };
        // Most arrive with the transfer of one of the next nights; some come months late.
        self.delay = if random.in_thousand(40) {
            random.between(30, 60) * DAY
        } else {
            random.between(1, 3) * DAY + random.between(0, 7200)
        };
        match making.trap {
            Some(Trap::ConstantOffset) => {
                self.applied_at = self.accepted_at - CONSTANT_OFFSET;
                self.finished_at = self.accepted_at + CONSTANT_OFFSET;
            }
            // Whole days, so that the order of times outlives the loss of their hours.
            Some(Trap::MinuteIsMonth) => {
                self.applied_at = self.accepted_at - random.between(1, 3) * DAY;
                self.finished_at = self.accepted_at + random.between(1, 5) * DAY;
            }
            _ => {}
        }
    }
}

/// What everything is made up from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Making<'a> {
    /// Seed of all chance.
    pub(super) seed: u64,
    /// Days.
    pub(super) calendar: &'a Calendar,
    /// The trap that a file as a whole is.
    pub(super) trap: Option<Trap>,
}
