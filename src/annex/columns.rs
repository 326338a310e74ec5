//! Column labels to indicators: exactly, or by a score that is shown.

use crate::annex::labels::{LabelParts, is_slip, label_parts, normalise, similarity};
use crate::refdata::{Indicator, RefData};

/// Labels that are less alike than this do not mean the same indicator.
const MIN_SCORE: f64 = 0.8;
/// How much better than the next indicator's label a match has to be.
const MIN_LEAD: f64 = 0.1;
/// Known labels listed when none matches.
const NEAREST: usize = 2;

const RUNNING_NUMBER_LABELS: [&str; 3] = ["序号", "编号", "no"];
const DEPARTMENT_LABELS: [&str; 8] =
    ["部门", "单位", "部门名称", "单位名称", "部门单位", "单位部门", "责任单位", "机构名称"];
const REMARK_LABELS: [&str; 2] = ["备注", "说明"];

/// What a label says by itself, without the table around it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum LabelMeaning {
    RunningNumber,
    Department,
    Remark,
    Indicator(IndicatorMatch),
    /// No known label is near enough; the nearest ones, best first.
    Unknown(Vec<String>),
}

/// The indicator that a label means.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct IndicatorMatch {
    pub(super) indicator: Indicator,
    /// The known label that it was matched to.
    pub(super) known_label: String,
    /// Similarity, 1 for the same.
    pub(super) score: f64,
    pub(super) parts: LabelParts,
}

/// The known labels, ready to be matched.
pub(super) struct LabelIndex {
    known: Vec<(String, String, Indicator)>,
}

impl LabelIndex {
    pub(super) fn new(refdata: &RefData) -> Self {
        let indicators = refdata.indicators();
        let named = |id: &str| indicators.iter().find(|indicator| indicator.indicator == id);
        let labels = refdata.indicator_labels().into_iter();
        let known = labels
            .filter_map(|(label, id)| {
                let indicator = named(&id)?.clone();
                Some((label_parts(&label).name, label, indicator))
            })
            .collect();
        Self { known }
    }

    /// Returns what a label means.
    pub(super) fn meaning(&self, label: &str) -> LabelMeaning {
        let normal = normalise(label);
        let is_in = |labels: &[&str]| labels.contains(&normal.as_str());
        if is_in(&RUNNING_NUMBER_LABELS) {
            return LabelMeaning::RunningNumber;
        }
        if is_in(&DEPARTMENT_LABELS) {
            return LabelMeaning::Department;
        }
        if is_in(&REMARK_LABELS) {
            return LabelMeaning::Remark;
        }
        self.indicator(label_parts(label))
    }

    /// Returns how near a label is to a known one, 1 for the same; `None` when it means nothing.
    pub(super) fn score(&self, label: &str) -> Option<f64> {
        match self.meaning(label) {
            LabelMeaning::Unknown(_) => None,
            LabelMeaning::Indicator(found) => Some(found.score),
            LabelMeaning::RunningNumber | LabelMeaning::Department | LabelMeaning::Remark => {
                Some(1.0)
            }
        }
    }

    fn indicator(&self, parts: LabelParts) -> LabelMeaning {
        let mut scored: Vec<(f64, &str, &Indicator)> = self
            .known
            .iter()
            .map(|(name, label, indicator)| {
                (similarity(&parts.name, name), label.as_str(), indicator)
            })
            .collect();
        scored
            .sort_by(|(a, a_label, _), (b, b_label, _)| b.total_cmp(a).then(a_label.cmp(b_label)));
        let nearest = |at_least: f64| {
            let near = scored.iter().filter(|(score, _, _)| *score >= at_least).take(NEAREST);
            near.map(|(_, label, _)| (*label).to_owned()).collect()
        };
        let Some((score, label, indicator)) = scored.first().copied() else {
            return LabelMeaning::Unknown(Vec::new());
        };
        let known = self.known.iter().find(|(_, known, _)| known == label);
        let known = known.map(|(name, _, _)| name.as_str());
        let next = scored.iter().find(|(_, _, other)| other.indicator != indicator.indicator);
        let is_clear = next.is_none_or(|(next_score, _, _)| score - next_score >= MIN_LEAD);
        let is_slip = known.is_some_and(|known| is_slip(&parts.name, known));
        if score < 1.0 && (score < MIN_SCORE || !is_clear || !is_slip) {
            return LabelMeaning::Unknown(nearest(0.5));
        }
        LabelMeaning::Indicator(IndicatorMatch {
            indicator: indicator.clone(),
            known_label: label.to_owned(),
            score,
            parts,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(label: &str, expected: &str) {
        let index = LabelIndex::new(&RefData::load(&[]).unwrap());
        let shown = match index.meaning(label) {
            LabelMeaning::Indicator(found) => {
                format!("{} {:.3} {:?}", found.indicator.indicator, found.score, found.parts.year)
            }
            LabelMeaning::Unknown(nearest) => format!("unknown {}", nearest.len()),
            other => format!("{other:?}"),
        };
        assert_eq!(shown, expected);
    }

    #[test]
    fn printed_labels_mean_their_indicator() {
        check("序号", "RunningNumber");
        check("单 位", "Department");
        check("办件数据汇聚量(条)", "cases_aggregated 1.000 None");
        check("\"好差评\"数据汇聚量(条)", "evaluations_aggregated 1.000 None");
        check("便民应用对接总数", "apps_connected 1.000 None");
        check("2022年便民应用对接数量", "apps_connected_in_year 1.000 Some(2022)");
    }

    #[test]
    fn a_typo_is_matched_with_a_score() {
        check("2021年民应用对接数量", "apps_connected_in_year 0.875 Some(2021)");
    }

    #[test]
    fn labels_of_nothing_known_are_unknown() {
        check("办结率", "unknown 0");
        check("数据", "unknown 0");
    }
}
