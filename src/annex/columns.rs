//! Column labels to indicators: exactly, or by a score that is shown.

use std::collections::BTreeSet;

use crate::annex::labels::{
    LabelParts, YEAR_PLACE, is_grouping, is_shortened, label_parts, nearest, normalise,
};
use crate::annex::time_words::Stated;
use crate::annex::{Layout, Layouts};
use crate::refdata::{Indicator, RefData};

/// Labels that are less alike than this do not mean the same indicator.
const MIN_SCORE: f64 = 0.8;
/// Known labels listed when none matches.
const NEAREST: usize = 2;

const RUNNING_NUMBER_LABELS: [&str; 3] = ["序号", "编号", "no"];
const DEPARTMENT_LABELS: [&str; 8] =
    ["部门", "单位", "部门名称", "单位名称", "部门单位", "单位部门", "责任单位", "机构名称"];
const REGION_LABELS: [&str; 14] = [
    "地区",
    "市州",
    "各市州",
    "各地区",
    "州市",
    "地市",
    "县区",
    "区县",
    "市县",
    "县市区",
    "市县区",
    "市州县",
    "行政区划",
    "行政区域",
];
const REMARK_LABELS: [&str; 2] = ["备注", "说明"];
/// Labels of columns that add up others of their row.
const TOTAL_LABELS: [&str; 4] = ["合计", "总计", "小计", "共计"];

/// What a label says by itself, without the table around it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum LabelMeaning {
    RunningNumber,
    Department,
    Region,
    Remark,
    /// It adds up other columns.
    Total,
    Indicator(Box<IndicatorMatch>),
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
    known: Vec<KnownLabel>,
    /// Names of the labels that saved layouts know.
    of_layouts: BTreeSet<String>,
}

/// A known label of an indicator.
struct KnownLabel {
    /// The label without year and unit, normalised.
    name: String,
    /// The label as it is known.
    label: String,
    /// Whether the label prints the year of its figures: without one it is another label.
    has_year: bool,
    indicator: Indicator,
}

impl KnownLabel {
    fn fits(&self, time: Stated) -> bool {
        match time {
            Stated::Nothing => !self.has_year,
            // 2022年6月便民应用对接数量 is none of the year.
            Stated::Time(span) => !self.has_year || span.begins_year(),
            Stated::Relative(_) | Stated::Unclear => true,
        }
    }
}

impl LabelIndex {
    pub(super) fn new(refdata: &RefData, layouts: &Layouts) -> Self {
        let indicators = refdata.indicators();
        let named = |id: &str| indicators.iter().find(|indicator| indicator.indicator == id);
        let labels = refdata.indicator_labels().into_iter();
        let known = labels
            .filter_map(|(label, id)| {
                let indicator = named(&id)?.clone();
                let has_year = label.contains(YEAR_PLACE);
                Some(KnownLabel { name: label_parts(&label).name, label, has_year, indicator })
            })
            .collect();
        let labels = layouts.iter().flat_map(Layout::labels);
        let of_layouts = labels.map(|label| label_parts(label).name).collect();
        Self { known, of_layouts }
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
        if is_in(&REGION_LABELS) {
            return LabelMeaning::Region;
        }
        if is_in(&REMARK_LABELS) {
            return LabelMeaning::Remark;
        }
        if let Some(meaning) = meaning_of_row_label(label) {
            return meaning;
        }
        let parts = label_parts(label);
        // 2021年合计 adds up something else than its row.
        if TOTAL_LABELS.contains(&parts.name.as_str()) && parts.time == Stated::Nothing {
            return LabelMeaning::Total;
        }
        self.indicator(parts)
    }

    /// Returns how near the labels of a column are to a known one, 1 for the same; `None` when they
    /// mean nothing.
    pub(super) fn score(&self, levels: &[&str]) -> Option<f64> {
        match self.meaning_of_levels(levels) {
            LabelMeaning::Unknown(_) => None,
            LabelMeaning::Indicator(found) => Some(found.score),
            LabelMeaning::RunningNumber
            | LabelMeaning::Department
            | LabelMeaning::Region
            | LabelMeaning::Remark
            | LabelMeaning::Total => Some(1.0),
        }
    }

    /// Returns the indicator of a label. One with half a bracket lacks what stands in it, which may
    /// be the scale of the figures.
    fn indicator(&self, parts: LabelParts) -> LabelMeaning {
        if !parts.is_whole {
            return LabelMeaning::Unknown(Vec::new());
        }
        let names = self.known.iter().map(|known| (known.name.as_str(), &known.indicator));
        match nearest(&parts.name, names, (MIN_SCORE, is_shortened)) {
            Ok((idx, _)) if !self.known[idx].fits(parts.time) => {
                LabelMeaning::Unknown(vec![self.known[idx].label.clone()])
            }
            Ok((idx, score)) => LabelMeaning::Indicator(Box::new(IndicatorMatch {
                indicator: self.known[idx].indicator.clone(),
                known_label: self.known[idx].label.clone(),
                score,
                parts,
            })),
            Err(near) => {
                let near = near.into_iter().filter(|(_, score)| *score >= 0.5).take(NEAREST);
                LabelMeaning::Unknown(near.map(|(idx, _)| self.known[idx].label.clone()).collect())
            }
        }
    }

    /// Returns what the labels of a column mean, from the top of the header down.
    ///
    /// The lowest one counts if it means something; what it does not say, its unit and its time, the
    /// ones above it may. Otherwise all of them together are one label. One above it that says more
    /// than the label does (目标值, 同比增加, 全国) makes another measure of it, which is unknown.
    pub(super) fn meaning_of_levels(&self, levels: &[&str]) -> LabelMeaning {
        let parts: Vec<LabelParts> = levels.iter().map(|label| label_parts(label)).collect();
        // A level may hold nothing but a time or a unit.
        let named: Vec<usize> =
            (0..levels.len()).filter(|at| !parts[*at].name.is_empty()).collect();
        let Some(leaf) = named.last() else { return LabelMeaning::Unknown(Vec::new()) };
        let time = time_of_levels(&parts);
        let meaning = match self.meaning(levels[*leaf]) {
            LabelMeaning::Indicator(_) | LabelMeaning::Unknown(_) => {
                let all: Vec<&str> = named.iter().map(|at| parts[*at].name.as_str()).collect();
                self.indicator_of_names(&all, &LabelParts { time, ..parts[*leaf].clone() })
            }
            meaning => meaning,
        };
        let LabelMeaning::Indicator(mut found) = meaning else { return meaning };
        found.parts.unit = parts.iter().rev().find_map(|parts| parts.unit.clone());
        found.parts.time = time;
        LabelMeaning::Indicator(found)
    }

    /// Returns the indicator of a label `leaf` below others, the names of all of them from the top.
    fn indicator_of_names(&self, names: &[&str], leaf: &LabelParts) -> LabelMeaning {
        let above = names.split_last().map_or(&[][..], |(_, above)| above);
        let alone = self.indicator(leaf.clone());
        if above.iter().all(|name| is_grouping(name, &leaf.name)) && is_indicator(&alone) {
            return alone;
        }
        let together = self.indicator(LabelParts { name: names.concat(), ..leaf.clone() });
        match alone {
            _ if is_indicator(&together) => together,
            LabelMeaning::Indicator(found) => LabelMeaning::Unknown(vec![found.known_label]),
            unknown => unknown,
        }
    }

    /// Whether a label is known with the year that it prints, and means something else without one.
    pub(super) fn needs_year(&self, label: &str) -> bool {
        let parts = label_parts(label);
        parts.time.span().is_some_and(|span| span.is_year)
            && matches!(self.indicator(parts), LabelMeaning::Indicator(found)
                if found.known_label.contains(YEAR_PLACE))
    }

    /// Whether a text is a label that headers begin with, or one of an indicator.
    pub(super) fn begins_header(&self, text: &str) -> bool {
        // 合计 begins a total row as well.
        !matches!(self.meaning(text), LabelMeaning::Unknown(_) | LabelMeaning::Total)
            || self.of_layouts.contains(&label_parts(text).name)
    }
}

/// What a header says of its figures in the corner where it is crossed: 单位\\数据.
const CORNER_WORDS: [&str; 6] = ["数据", "指标", "项目", "内容", "类别", "时间"];

/// Returns what a label of departments or regions means that says more: the unit of all figures, as
/// 部门（单位：万条）, or what the other side of the corner is, as 单位\\数据.
fn meaning_of_row_label(label: &str) -> Option<LabelMeaning> {
    let of_rows = |name: &str| {
        let is_in = |labels: &[&str]| labels.contains(&name);
        if is_in(&DEPARTMENT_LABELS) {
            Some(LabelMeaning::Department)
        } else {
            is_in(&REGION_LABELS).then_some(LabelMeaning::Region)
        }
    };
    if let Some((rows, columns)) = label.split_once(['\\', '＼', '/', '／'])
        && CORNER_WORDS.contains(&normalise(columns).as_str())
    {
        return of_rows(&normalise(rows));
    }
    let parts = label_parts(label);
    let is_unit = parts.unit.is_some() && parts.is_whole && parts.time == Stated::Nothing;
    of_rows(&parts.name).filter(|_| is_unit)
}

/// Returns the unit that a label of departments or regions prints for all figures.
pub(super) fn unit_of_row_label(label: &str) -> Option<String> {
    meaning_of_row_label(label)?;
    label_parts(label).unit
}

/// Returns what stands behind the label of a running number, or of departments or regions, with which a
/// normalised line begins; `None` where it begins with none.
pub(super) fn behind_row_label(line: &str) -> Option<&str> {
    let numbers = RUNNING_NUMBER_LABELS;
    let behind_number = numbers.into_iter().find_map(|label| line.strip_prefix(label));
    let rest = behind_number.unwrap_or(line);
    let labels = DEPARTMENT_LABELS.iter().chain(&REGION_LABELS);
    // 部门名称 begins with 部门.
    let longest = labels.filter(|label| rest.starts_with(**label)).max_by_key(|label| label.len());
    longest.map(|label| &rest[label.len()..]).or(behind_number)
}

fn is_indicator(meaning: &LabelMeaning) -> bool {
    matches!(meaning, LabelMeaning::Indicator(_))
}

/// Returns the time that the labels of a column tell, from the top of the header down.
pub(super) fn time_of_levels(parts: &[LabelParts]) -> Stated {
    parts.iter().rev().fold(Stated::Nothing, |time, parts| joined(time, parts.time))
}

/// The time of a label below another one: a year may stand above its months.
fn joined(lower: Stated, upper: Stated) -> Stated {
    match (lower, upper) {
        (Stated::Nothing, upper) => upper,
        (Stated::Time(span), Stated::Time(year)) if year.is_year => {
            Stated::Time(span.in_year(year.year()))
        }
        (lower, _) => lower,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annex::time_words::TimeSpan;

    #[track_caller]
    fn check(label: &str, expected: &str) {
        let index = LabelIndex::new(&RefData::load(&[]).unwrap(), &Layouts::default());
        let shown = match index.meaning(label) {
            LabelMeaning::Indicator(found) => {
                let year = found.parts.time.span().and_then(TimeSpan::year);
                format!("{} {:.3} {year:?}", found.indicator.indicator, found.score)
            }
            LabelMeaning::Unknown(nearest) => format!("unknown {}", nearest.len()),
            other => format!("{other:?}"),
        };
        assert_eq!(shown, expected);
    }

    #[test]
    fn printed_labels_mean_their_indicator() {
        check("序号", "RunningNumber");
        check("部门（单位：万条）", "Department");
        check("单位（万条）", "Department");
        check("单位\\数据", "Department");
        check("市州/指标", "Region");
        check("单位（个数）", "unknown 0");
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
    fn half_a_bracket_is_half_a_label() {
        check("退回数据量(", "unknown 0");
        check("退回数据量(万", "unknown 0");
        check("退回数据量(万条)", "records_returned 1.000 None");
    }

    #[track_caller]
    fn check_levels(levels: &[&str], expected: &str) {
        let index = LabelIndex::new(&RefData::load(&[]).unwrap(), &Layouts::default());
        let shown = match index.meaning_of_levels(levels) {
            LabelMeaning::Indicator(found) => found.indicator.indicator,
            LabelMeaning::Unknown(nearest) => format!("unknown, nearest {}", nearest.join(" ")),
            other => format!("{other:?}"),
        };
        assert_eq!(shown, expected, "{levels:?}");
    }

    #[test]
    fn a_label_above_groups_or_belongs_to_the_name_or_makes_it_unknown() {
        check_levels(&["办件数据汇聚情况", "办件数据汇聚量(条)"], "cases_aggregated");
        check_levels(&["办件数据", "汇聚量(条)"], "cases_aggregated");
        check_levels(&["2021年", "便民应用对接数量"], "apps_connected_in_year");
        for above in [
            "上年同期",
            "目标值",
            "同比增加",
            "环比增长(%)",
            "未汇聚",
            "占比",
            "全国",
            "西宁市",
            "其中：移动端",
        ] {
            check_levels(&[above, "办件数据汇聚量(条)"], "unknown, nearest 办件数据汇聚量");
        }
    }

    #[test]
    fn a_label_that_lacks_its_year_is_another_one() {
        check("便民应用对接数量", "unknown 1");
        check("当年便民应用对接数量", "apps_connected_in_year 1.000 None");
    }

    #[test]
    fn labels_of_nothing_known_are_unknown() {
        check("办结率", "unknown 0");
        check("数据", "unknown 0");
    }
}
