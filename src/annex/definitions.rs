//! Which definition of an indicator figures count under, and what is to be told of it.

use std::sync::LazyLock;

use regex::Regex;

use crate::annex::notes::{constant, sentences};
use crate::diag::{Finding, Message, Severity};
use crate::model::{Period, Place};
use crate::refdata::{Definition, Indicator, RefData};

/// Figures of an indicator over one time.
pub(super) struct Counted<'a> {
    pub(super) indicator: &'a Indicator,
    pub(super) period: Period,
}

impl Counted<'_> {
    /// Returns the version of the definition that they count under: the one that holds on their last day,
    /// because a document counts as it does when it is made.
    pub(super) fn definition(&self, refdata: &RefData) -> i32 {
        let found = refdata.definition_on(&self.indicator.indicator, self.period.end);
        found.map_or(self.indicator.definition, |found| found.definition.number)
    }

    /// Returns what is to be told: that no definition holds on that day, or that it began within their time.
    pub(super) fn findings(&self, refdata: &RefData, place: Place) -> Option<Finding> {
        let indicator = &self.indicator.indicator;
        let found = refdata.definition_on(indicator, self.period.end)?;
        let Definition { number, valid_from, .. } = found.definition;
        let told = |code| {
            Message::new(code)
                .with("indicator", indicator)
                .with("definition", number)
                .with("period", self.period)
        };
        if !found.holds {
            return Some(Finding::new(Severity::Warning, told("definition.not_on_day"), place));
        }
        let begun =
            valid_from.filter(|from| self.period.start.is_some_and(|start| start < *from))?;
        let message = told("definition.began_within").with("day", begun);
        Some(Finding::new(Severity::Info, message, place))
    }
}

/// What says that something is counted in another way than before.
static CHANGED: LazyLock<Regex> = LazyLock::new(|| {
    const CHANGE: &str = "(?:调整|变更|变化|变动|改变|修订|修改|更改|更新)";
    constant(&format!(
        "口径[^,，。;；]{{0,8}}(?:{CHANGE}|不同|不一致|不可比|不能比较)|{CHANGE}了?[^,，。;；]{{0,8}}口径|新(?:的)?(?:统计)?口径"
    ))
});
static UNCHANGED: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        "口径[^,，。;；]{0,4}(?:未|没有|无|不)(?:作|做|有|发生|予|变|进行)*(?:调整|变更|变化|变动|改变|修订|修改|更改|更新|$|[,，。;；])|(?:未|没有|不)(?:调整|变更|改变|修订|修改|更改)[^,，。;；]{0,8}口径",
    )
});

/// Returns the sentence of a note that says that figures are counted in another way than before.
pub(super) fn change_of_definition(note: &str) -> Option<&str> {
    sentences(note).find(|sentence| {
        let text: String = sentence.split_whitespace().collect();
        CHANGED.is_match(&text) && !UNCHANGED.is_match(&text)
    })
}

/// Whether it is recorded since when a definition of an indicator holds, so that figures of before and
/// after are told apart.
pub(super) fn is_change_recorded(refdata: &RefData, indicator: &str) -> bool {
    let all = refdata.definitions(indicator);
    all.len() > 1 && all.iter().any(|definition| definition.valid_from.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_how_figures_are_counted_is_seen_in_a_note() {
        for (note, changed) in [
            ("自2020年7月起统计口径调整，办件数据不含平台办件。", true),
            ("因调整统计口径，本期数据与上期不可比。", true),
            ("2.按新口径统计", true),
            ("统计口径与上年不一致", true),
            ("统计口径未作调整。", false),
            ("统计口径不变。", false),
            ("统计口径：各部门自建业务系统推送的数据", false),
            ("本月未调整统计口径", false),
            ("数据有调整", false),
        ] {
            assert_eq!(change_of_definition(note).is_some(), changed, "{note}");
        }
        let note = "一句话。自7月起口径有变化；另一句";
        assert_eq!(change_of_definition(note), Some("自7月起口径有变化"));
    }
}
