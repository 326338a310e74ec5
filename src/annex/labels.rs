//! Labels made comparable, and how near two of them are.

use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use crate::annex::time_words::{Stated, time_words};
use crate::annex::units::unit_scale;
pub(super) use crate::refdata::normalise;

/// A column label taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LabelParts {
    /// The label without unit and time, normalised.
    pub(super) name: String,
    /// The time in it, as 2021年 or 2021年1-9月.
    pub(super) time: Stated,
    /// The unit at its end, as 万条; a scale alone, as 万, where it prints no more.
    pub(super) unit: Option<String>,
    /// Whether as many brackets close as open.
    pub(super) is_whole: bool,
}

/// The place of the year in known labels, after NFKC.
pub(super) const YEAR_PLACE: &str = "〈year〉年";

/// Takes a label apart into name, time and unit.
pub(super) fn label_parts(label: &str) -> LabelParts {
    let compact: String = label.nfkc().filter(|c| !c.is_whitespace()).collect();
    let compact = compact.replace(YEAR_PLACE, "");
    let (rest, unit) = split_unit(&compact);
    let words = time_words(rest);
    let is_whole = compact.matches('(').count() == compact.matches(')').count();
    LabelParts { name: normalise(&words.rest), time: words.stated, unit, is_whole }
}

/// Takes the unit off the end of a label: in brackets, or behind a comma or slash.
fn split_unit(label: &str) -> (&str, Option<String>) {
    let in_brackets = label.strip_suffix(')').and_then(|rest| rest.rsplit_once('('));
    let Some((before, inside)) = in_brackets.or_else(|| label.rsplit_once([',', '/', '、']))
    else {
        return (label, None);
    };
    let inside = inside.trim_start_matches("单位").trim_start_matches(':');
    match unit_scale(inside) {
        Some(_) if in_brackets.is_some() || !before.is_empty() => (before, Some(inside.to_owned())),
        _ => (label, None),
    }
}

/// Returns how near two normalised labels are, from 0 to 1; 0 where one is more than three times as
/// long as the other, so that a label of thousands of characters costs nothing.
pub(super) fn similarity(a: &str, b: &str) -> f64 {
    let (n_a, n_b) = (a.chars().count(), b.chars().count());
    if n_a > 3 * n_b || n_b > 3 * n_a { 0.0 } else { strsim::normalized_levenshtein(a, b) }
}

/// Characters that make another thing of a label: negation, duty, rates, other times, scales.
const MEANING: &str =
    "未不无非应待拟可需撤率比占均上去前同环差好中退新余月季周旬日时万亿千百十%件证评质办结等";

/// Whether two normalised labels differ by one slip of the pen: a single character that is missing,
/// added or wrong, and that does not change the meaning (未汇聚 is not 汇聚, 汇聚率 no 汇聚量).
pub(super) fn is_slip(a: &str, b: &str) -> bool {
    let without = |left: &str, right: &str| {
        let mut rest: Vec<char> = right.chars().collect();
        let extra = left.chars().filter(|c| match rest.iter().position(|other| other == c) {
            Some(at) => {
                rest.remove(at);
                false
            }
            None => true,
        });
        extra.collect::<String>()
    };
    let changed = without(a, b) + &without(b, a);
    let bears_meaning = |c: char| MEANING.contains(c) || c.is_numeric();
    strsim::levenshtein(a, b) == 1 && !changed.chars().any(bears_meaning)
}

static GROUPING: LazyLock<Regex> = LazyLock::new(|| {
    let words = "好差评|办件|评价|数据|汇聚|对接|推送|事项|应用|便民|服务|政务|平台|一体化|系统|业务|部门|省级|办理|接口|\
                 单点|登录|方式|情况|统计|指标|项目|内容|类别|工作|进展|数量|各|省|和|与|及";
    Regex::new(words).expect("the pattern is constant")
});

/// Whether a label above `name` only groups columns: besides words for what all of them are about it
/// says nothing that the name does not.
pub(super) fn is_grouping(above: &str, name: &str) -> bool {
    GROUPING.replace_all(above, "").chars().all(|c| name.contains(c))
}

/// Whether a label is a known one that lost a single character in copying or typing.
///
/// An added or another character makes another measure of a label more often than not (待对接,
/// 证件汇聚量), and so does a lost one that bears meaning (差评汇聚量), or any in a short label.
pub(super) fn is_shortened(label: &str, known: &str) -> bool {
    let n_chars = known.chars().count();
    n_chars >= MIN_SHORTENED_CHARS && label.chars().count() + 1 == n_chars && is_slip(label, known)
}

/// Shorter known labels are not taken for others.
const MIN_SHORTENED_CHARS: usize = 8;

/// Returns the known name that a normalised one means, and how near it is, 1 for the same.
///
/// Names are pairs of a normalised name and what it stands for. Only what `is_meant` says is a slip
/// is taken for the known name, and only where nothing else is nearly as near; otherwise `Err` has
/// the nearest ones, best first, as positions in `names`.
pub(super) fn nearest<'a, T: PartialEq + 'a>(
    wanted: &str,
    names: impl Iterator<Item = (&'a str, &'a T)>,
    (min_score, is_meant): (f64, fn(&str, &str) -> bool),
) -> Result<(usize, f64), Vec<(usize, f64)>> {
    let mut scored: Vec<(f64, usize, &str, &T)> = names
        .enumerate()
        .map(|(idx, (name, meaning))| (similarity(wanted, name), idx, name, meaning))
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.2.cmp(b.2)));
    if let Some((score, idx, name, meaning)) = scored.first() {
        let next = scored.iter().find(|(_, _, _, other)| other != meaning);
        let is_clear = next.is_none_or(|(next, _, _, _)| score - next >= MIN_LEAD);
        let is_same = *name == wanted;
        if is_same || (*score >= min_score && is_clear && is_meant(wanted, name)) {
            return Ok((*idx, if is_same { 1.0 } else { *score }));
        }
    }
    Err(scored.into_iter().map(|(score, idx, _, _)| (idx, score)).collect())
}

/// How much better than the next meaning's name a match has to be.
const MIN_LEAD: f64 = 0.1;

/// Returns a text with full-width forms in their ordinary width and everything else as it stands.
///
/// Not NFKC, which makes 8781 of 878① and 942 of 94².
pub(super) fn ordinary_width(text: &str) -> String {
    text.chars().map(ordinary_width_of).collect()
}

/// Returns a full-width form in its ordinary width and any other character as it is.
pub(super) fn ordinary_width_of(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annex::time_words::TimeSpan;

    #[track_caller]
    fn check(label: &str, name: &str, year: Option<i32>, unit: Option<&str>) {
        let parts = label_parts(label);
        let found_year = parts.time.span().and_then(TimeSpan::year);
        assert_eq!((parts.name.as_str(), found_year, parts.unit.as_deref()), (name, year, unit));
    }

    #[test]
    fn units_years_and_marks_come_out_of_a_label() {
        check("“好差评”数据汇聚量(条)", "好差评数据汇聚量", None, Some("条"));
        check("办件数据 汇聚量（万条）", "办件数据汇聚量", None, Some("万条"));
        check("办件数据汇聚量，万条", "办件数据汇聚量", None, Some("万条"));
        check("办件数据汇聚量/万条", "办件数据汇聚量", None, Some("万条"));
        check("(万条)", "", None, Some("万条"));
        check("办件数据汇聚量(万)", "办件数据汇聚量", None, Some("万"));
        check("2021年便民应用对接数量", "便民应用对接数量", Some(2021), None);
        check("〈year〉年便民应用对接数量", "便民应用对接数量", None, None);
        check("办理事项数(含下放)", "办理事项数含下放", None, None);
        check("通过接口、单点方式对接", "通过接口单点方式对接", None, None);
    }

    #[test]
    fn only_a_lost_character_without_meaning_is_forgiven_in_a_label() {
        assert!(is_shortened("民应用对接数量", "便民应用对接数量"));
        for (label, known) in [
            ("待对接事项数", "对接事项数"),
            ("已撤对接事项数", "已对接事项数"),
            ("差评数据汇聚量", "好差评数据汇聚量"),
            ("办结数据汇聚量", "办件数据汇聚量"),
            ("证件汇聚量", "办件汇聚量"),
            ("待退回数据量", "被退回数据量"),
        ] {
            assert!(!is_shortened(label, known), "{label} {known}");
        }
    }

    #[test]
    fn a_slip_changes_one_character_and_no_meaning() {
        assert!(is_slip("民应用对接数量", "便民应用对接数量"));
        assert!(is_slip("省交通运输局", "省交通运输厅"));
        for (a, b) in [
            ("办件数据未汇聚量", "办件数据汇聚量"),
            ("办件数据汇聚率", "办件数据汇聚量"),
            ("办件数据应汇聚量", "办件数据汇聚量"),
            ("上年便民应用对接数量", "当年便民应用对接数量"),
            ("办件数据汇聚量万", "办件数据汇聚量"),
            ("国家税务总局甘肃省税务局", "国家税务总局青海省税务局"),
        ] {
            assert!(!is_slip(a, b), "{a} {b}");
        }
    }

    #[test]
    fn labels_of_very_different_lengths_are_not_compared() {
        assert!(similarity("省水利厅", "省水务厅") > 0.7);
        assert!(similarity(&"省".repeat(1_000_000), "省水利厅") < f64::EPSILON);
    }
}
