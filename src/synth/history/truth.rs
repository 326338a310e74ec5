//! The truth about made-up forms: every figure that has to be read from them, and what was planted.

use crate::model::{Accumulation, ObsStatus, Period, Qualifier};
use crate::synth::history::form::{Form, Kind, Planted};
use crate::synth::history::month::Month;

/// Columns of the file with all figures.
const TRUTH_HEADER: &str = "file,edition,published_on,row_label,department,indicator,definition,\
    accumulation,period_start,period_end,value,unit,obs_status,qualifier\n";
/// Columns of the file with what was planted.
const PLANTED_HEADER: &str =
    "plant,form,period_end,file,published_on,department,indicator,printed,right\n";

/// What notes on returned data tell.
const TOLD: [&str; 2] = ["records_pushed", "records_returned"];

/// Returns the figures of all forms, each with the name of its file.
pub(super) fn truth(forms: &[(String, &Form)]) -> String {
    let mut text = TRUTH_HEADER.to_owned();
    for (file, form) in forms {
        for row in &form.rows {
            for (idx, (column, count)) in form.columns.iter().zip(&row.counts).enumerate() {
                let is_returned = row.is_returned && idx == 0;
                let status = if is_returned { ObsStatus::Returned } else { ObsStatus::Reported };
                let figure = Figure {
                    row_label: &row.label,
                    department: &row.department,
                    indicator: column.indicator,
                    definition: column.definition,
                    accumulation: column.accumulation,
                    period: column.period,
                    count: *count,
                    unit: column.unit,
                    status,
                    qualifier: None,
                };
                text.push_str(&figure.line(file, form));
            }
        }
        for told in &form.told {
            // Over the time of the figure that the note explains.
            let period = form.columns[0].period;
            let figure = |indicator| Figure {
                row_label: &told.label,
                department: &told.department,
                indicator,
                definition: 1,
                accumulation: Accumulation::YearToDate,
                period,
                count: told.count,
                unit: "条",
                status: ObsStatus::Reported,
                qualifier: told.qualifier,
            };
            text.extend(TOLD.map(|indicator| figure(indicator).line(file, form)));
        }
    }
    text
}

/// A figure as it has to be read.
struct Figure<'a> {
    row_label: &'a str,
    department: &'a str,
    indicator: &'a str,
    definition: i32,
    accumulation: Accumulation,
    period: Period,
    count: u64,
    unit: &'a str,
    status: ObsStatus,
    qualifier: Option<Qualifier>,
}

impl Figure<'_> {
    fn line(&self, file: &str, form: &Form) -> String {
        let Self { row_label, department, indicator, definition, accumulation, .. } = self;
        let Self { count, unit, status, .. } = self;
        let start = self.period.start.map(|start| start.to_string()).unwrap_or_default();
        let qualifier = self.qualifier.map_or("", Qualifier::as_str);
        let (edition, published_on, end) = (&form.number, form.published_on, self.period.end);
        format!(
            "{file},{edition},{published_on},{row_label},{department},{indicator},{definition},\
             {accumulation},{start},{end},{count},{unit},{status},{qualifier}\n"
        )
    }
}

/// Returns what was planted, in the order of the months.
pub(super) fn planted(planted: &[Planted], forms: &[(String, &Form)]) -> String {
    let of = |kind: Kind, month: Month, issue: u32| {
        let is_it = |form: &Form| (form.kind, form.month, form.issue) == (kind, month, issue);
        forms.iter().find(|(_, form)| is_it(form))
    };
    let lines = planted.iter().map(|planted| {
        let form = planted.issue.and_then(|issue| of(planted.kind, planted.month, issue));
        let file = form.map_or("", |(file, _)| file.as_str());
        let published_on = form.map(|(_, form)| form.published_on.to_string()).unwrap_or_default();
        let number = |count: Option<u64>| count.map(|count| count.to_string()).unwrap_or_default();
        [
            planted.plant,
            planted.kind.as_str(),
            &planted.month.last_day().to_string(),
            file,
            &published_on,
            planted.department.as_deref().unwrap_or_default(),
            planted.indicator.unwrap_or_default(),
            &number(planted.printed),
            &number(planted.right),
        ]
        .join(",")
            + "\n"
    });
    PLANTED_HEADER.to_owned() + &lines.collect::<String>()
}
