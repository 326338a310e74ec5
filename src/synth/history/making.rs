//! The forms of a set, with what is planted in them.

use chrono::{Days, NaiveDate};

use crate::model::Qualifier;
use crate::synth::history::ends::Ends;
use crate::synth::history::form::{AGGREGATED, Form, Kind, Planted, Row, Told};
use crate::synth::history::month::Month;
use crate::synth::history::notes::{self, Resubmission};
use crate::synth::history::plants::{
    EARLY, LATE, MISPRINTS, MISSING, Misprint, NEW_DEFINITION, OLD_DEFINITION, REDEFINED, RENAMED,
    RESUBMITTED, RETURNED, RETURNED_EACH_MONTH, RETURNED_IN_FIRST_YEAR, day,
};
use crate::synth::history::series::{Series, Stocks};
use crate::synth::random::Random;

/// Number that sets the streams of forms apart from those of cases.
const STREAM: u64 = 0xF0F0;
/// Days after its month on which a form is published.
const PUBLISHED_AFTER: (i64, i64) = (8, 20);
/// How many of a thousand departments begin later than the first month, and when at the latest.
const BEGIN_LATER: u64 = 400;
const BEGIN_BY: i64 = 20;

/// All that is made up.
pub(super) struct History {
    /// The forms in the order of their publication.
    pub(super) forms: Vec<Form>,
    /// What was planted, in the order of the months.
    pub(super) planted: Vec<Planted>,
}

/// The true figures of a department.
struct Department {
    id: String,
    label: String,
    cases: Series,
    evaluations: Series,
    /// Cases handled on the platform itself, in a thousand of the others.
    on_platform_mille: u64,
}

/// What forms are made from.
struct Making {
    seed: u64,
    departments: Vec<Department>,
    /// Id, name and stocks of each department.
    connected: Vec<(String, String, Stocks)>,
    planted: Vec<Planted>,
}

impl History {
    /// Makes up the forms of all months before the one with which the notice ends.
    pub(super) fn of(ends: &Ends, seed: u64) -> Self {
        let mut making = Making::of(ends, seed);
        let mut forms = Vec::new();
        for month in ends.month().before() {
            for kind in Kind::ALL {
                if MISSING.contains(&(kind, month)) {
                    let missing = Planted::in_form("missing", (kind, month));
                    making.planted.push(Planted { issue: None, ..missing });
                    continue;
                }
                forms.extend(making.forms_of(kind, month));
            }
        }
        forms.sort_by_key(|form| (form.published_on, form.kind, form.month, form.issue));
        number(&mut forms);
        Self { forms, planted: making.planted }
    }
}

/// Gives each form its number, counted anew in each year of publication.
fn number(forms: &mut [Form]) {
    let mut last = (0, 0);
    for form in forms {
        let year = Month::of_day(form.published_on).year();
        last = if last.0 == year { (year, last.1 + 1) } else { (year, 1) };
        form.number = format!("合成数据〔{year}〕{}号", last.1);
    }
}

impl Making {
    fn of(ends: &Ends, seed: u64) -> Self {
        let end = ends.month();
        let department = |number: u64, id: &str, label: &str, [cases, evaluations]: [u64; 2]| {
            let mut random = Random::of(seed, &[STREAM, number]);
            let is_later = random.in_thousand(BEGIN_LATER) && !EARLY.contains(&id);
            let position = usize::try_from(random.between(3, BEGIN_BY)).expect("a few months");
            let begins = end.before().nth(position).filter(|_| is_later);
            let on_platform_mille = 50 + random.below(250);
            let cases = Series::year_to_date(&mut random, end, cases, begins);
            let evaluations = Series::year_to_date(&mut random, end, evaluations, begins);
            let (id, label) = (id.to_owned(), label.to_owned());
            Department { id, label, cases, evaluations, on_platform_mille }
        };
        let counted = ends.aggregated.departments.iter();
        let counted =
            counted.map(|it| (it.id.as_str(), it.label.as_str(), [it.cases, it.evaluations]));
        // The one that was renamed is not in the notice: it has to be called something until then.
        let renamed = (RENAMED.old.0, RENAMED.old.1, [RENAMED.count, 0]);
        let departments = counted
            .chain([renamed])
            .zip(0..)
            .map(|((id, label, counts), number)| department(number, id, label, counts))
            .collect();
        let connected = ends.connected.iter().zip(1000..).map(|(connected, number)| {
            let mut random = Random::of(seed, &[STREAM, number]);
            let stocks = Stocks::of(&mut random, end, connected);
            (connected.id.clone(), connected.label.clone(), stocks)
        });
        Self { seed, departments, connected: connected.collect(), planted: Vec::new() }
    }

    /// Makes up the form of a month, and once more where it was published again.
    fn forms_of(&mut self, kind: Kind, month: Month) -> Vec<Form> {
        let published_on = self.published_on(kind, month);
        let mut forms = vec![self.form(kind, month, (1, published_on))];
        let corrected = misprints(kind, month).find_map(|it| it.corrected_on);
        if let Some(corrected_on) = corrected {
            forms.push(self.form(kind, month, (2, day(corrected_on))));
        }
        forms
    }

    fn published_on(&mut self, kind: Kind, month: Month) -> NaiveDate {
        if let Some((.., late)) = LATE.iter().find(|(of, at, _)| (*of, *at) == (kind, month)) {
            self.planted.push(Planted::in_form("late", (kind, month)));
            return day(*late);
        }
        let mut random = Random::of(self.seed, &[STREAM, 2000 + month.position() as u64]);
        let (first, last) = PUBLISHED_AFTER;
        month.last_day() + Days::new(random.between(first, last).unsigned_abs())
    }

    fn form(&mut self, kind: Kind, month: Month, (issue, published_on): (u32, NaiveDate)) -> Form {
        let definition = if month < REDEFINED { OLD_DEFINITION } else { NEW_DEFINITION };
        let mut form = Form {
            kind,
            month,
            issue,
            number: String::new(),
            published_on,
            columns: kind.columns(month, definition),
            rows: Vec::new(),
            notes: notes::usual(kind, month),
            told: Vec::new(),
        };
        match kind {
            Kind::Aggregation => self.aggregate(&mut form),
            Kind::Integration => {
                let row = |(department, label, stocks): &(String, String, Stocks)| Row {
                    department: department.clone(),
                    label: label.clone(),
                    counts: stocks.at(month),
                    is_returned: false,
                };
                form.rows = self.connected.iter().map(row).collect();
            }
        }
        form
    }

    /// Fills in a form on aggregation.
    fn aggregate(&mut self, form: &mut Form) {
        let month = form.month;
        for at in 0..self.departments.len() {
            let right = AGGREGATED.map(|indicator| self.right(at, indicator, month));
            let (id, label) = self.called(at, month);
            let mut row = Row { department: id, label, counts: right.to_vec(), is_returned: false };
            self.misprint(form, at, &mut row);
            if let Some(told) = returned(month, &row) {
                let printed = std::mem::take(&mut row.counts[0]);
                row.is_returned = true;
                let returned = planted(form, "returned", &row, 0);
                self.planted.push(Planted { right: Some(printed), ..returned });
                form.notes.push(notes::returned(&told));
                form.told.push(told);
            }
            if (row.department.as_str(), month) == RESUBMITTED {
                let until = month.previous();
                let count = self.right(at, AGGREGATED[0], until);
                form.notes.push(notes::resubmitted(&Resubmission { row: &row, until, count }));
                let came_again = planted(form, "resubmitted", &row, 0);
                self.planted.push(came_again);
            }
            if month == RENAMED.from && row.department == RENAMED.new.0 {
                let renamed = planted(form, "renamed", &row, 0);
                self.planted.push(renamed);
            }
            form.rows.push(row);
        }
        if month == REDEFINED {
            let redefined = Planted::in_form("redefined", (form.kind, month));
            self.planted.push(Planted { indicator: Some(AGGREGATED[0]), ..redefined });
        }
    }

    /// Returns id and name of a department in a month.
    fn called(&self, at: usize, month: Month) -> (String, String) {
        let department = &self.departments[at];
        let (id, label) = if department.id == RENAMED.old.0 {
            RENAMED.at(month)
        } else {
            (department.id.as_str(), department.label.as_str())
        };
        (id.to_owned(), label.to_owned())
    }

    /// Returns the right figure of a department, by the definition that holds in the month.
    fn right(&self, at: usize, indicator: &str, month: Month) -> u64 {
        let department = &self.departments[at];
        if indicator != AGGREGATED[0] {
            return department.evaluations.at(month);
        }
        let pushed = department.cases.at(month);
        let on_platform = pushed * department.on_platform_mille / 1000;
        if month < REDEFINED { pushed + on_platform } else { pushed }
    }

    /// Prints figures of a row otherwise than they are right; the second issue has the right ones.
    fn misprint(&mut self, form: &Form, at: usize, row: &mut Row) {
        for (column, indicator) in AGGREGATED.into_iter().enumerate() {
            let is_here =
                |it: &Misprint| it.department == row.department && it.indicator == indicator;
            let Some(misprint) = misprints(form.kind, form.month).find(is_here) else { continue };
            if form.issue > 1 {
                continue;
            }
            let right = row.counts[column];
            row.counts[column] =
                self.right(at, indicator, misprint.of_month) * misprint.mille / 1000;
            let misprinted = planted(form, misprint.plant, row, column);
            self.planted.push(Planted { right: Some(right), ..misprinted });
        }
    }
}

/// Returns what is planted in a figure that is right as it is printed.
fn planted(form: &Form, plant: &'static str, row: &Row, column: usize) -> Planted {
    Planted {
        plant,
        kind: form.kind,
        month: form.month,
        issue: Some(form.issue),
        department: Some(row.department.clone()),
        indicator: Some(form.columns[column].indicator),
        printed: Some(row.counts[column]),
        right: Some(row.counts[column]),
    }
}

/// Returns the figures of a form that are not right.
fn misprints(kind: Kind, month: Month) -> impl Iterator<Item = Misprint> {
    let is_there = move |it: &Misprint| kind == Kind::Aggregation && it.month == month;
    MISPRINTS.into_iter().filter(is_there)
}

/// Returns what a note says of a row of which everything was sent back.
fn returned(month: Month, row: &Row) -> Option<Told> {
    let (department, label) = (row.department.clone(), row.label.clone());
    if row.department == RESUBMITTED.0 && month < RESUBMITTED.1 {
        return Some(Told { department, label, count: row.counts[0], qualifier: None });
    }
    if row.department != RETURNED.0 || month < RETURNED.1 {
        return None;
    }
    let first = RETURNED.1;
    let ten_thousands = if month.january() == first.january() {
        RETURNED_IN_FIRST_YEAR[month.position() - first.position()]
    } else {
        RETURNED_EACH_MONTH * u64::from(month.number())
    };
    let count = ten_thousands * 10_000;
    Some(Told { department, label, count, qualifier: Some(Qualifier::MoreThan) })
}
