//! What the notes below made-up forms say, in the words of the example notice where it has some.

use crate::synth::history::form::{Kind, Row, Told};
use crate::synth::history::month::Month;
use crate::synth::history::plants::{REDEFINED, REDEFINITION_TOLD};

/// What stands on every form.
pub(super) const MARK: &str = crate::model::SYNTHETIC_SENTENCE;

/// Returns the notes that stand below every form of a month.
pub(super) fn usual(kind: Kind, month: Month) -> Vec<String> {
    let mut notes = Vec::new();
    match kind {
        Kind::Integration => notes.push(format!(
            "{}年对接优先采用接口；国家级系统以及改造难度较高的系统，继续采用单点登录。",
            month.year()
        )),
        Kind::Aggregation => {
            notes.push(cases_counted(month).to_owned());
            notes.push(
                "评价一栏只计部门自有业务系统推送的评价，针对平台上所办事项的评价不算。".to_owned(),
            );
            let since = month.position().checked_sub(REDEFINED.position());
            if since.is_some_and(|since| since < REDEFINITION_TOLD) {
                notes.push(format!(
                    "自{}年{}月起统计口径调整，在平台上直接办的办件不再计入，本年累计数按调整后的口径重新统计。",
                    REDEFINED.year(),
                    REDEFINED.number()
                ));
            }
        }
    }
    notes
}

/// What counts as a case in a month.
fn cases_counted(month: Month) -> &'static str {
    if month < REDEFINED {
        "办件一栏计部门自有业务系统推送给平台的部分和在平台上直接办的部分。"
    } else {
        "办件一栏只计部门自有业务系统推送给平台的部分，在平台上直接办的不算。"
    }
}

/// Returns the note that everything a department pushed was sent back.
pub(super) fn returned(told: &Told) -> String {
    let (label, count) = (&told.label, told.count);
    match told.qualifier {
        Some(_) => format!(
            "{label}推送{}余万条，因不符合国家平台所用的标准，由省共享交换平台全部退回，本表所列汇聚量为0即源于此。",
            count / 10_000
        ),
        None => format!(
            "{label}推送{count}条办件数据，因不符合国家平台所用的标准，由省共享交换平台全部退回，本表所列办件汇聚量为0即源于此。"
        ),
    }
}

/// What came again.
pub(super) struct Resubmission<'a> {
    /// The row with it.
    pub(super) row: &'a Row,
    /// The last month whose data came again.
    pub(super) until: Month,
    /// How much of the figure that is.
    pub(super) count: u64,
}

/// Returns the note that data of earlier months came again and counts in this one.
pub(super) fn resubmitted(again: &Resubmission<'_>) -> String {
    let label = &again.row.label;
    let (until, count) = (again.until.number(), again.count);
    format!("{label}补报1—{until}月办件数据{count}条，计入本期。")
}
