//! Labels made comparable, and how near two of them are.

use unicode_normalization::UnicodeNormalization;

use crate::annex::period::take_period;
use crate::model::Period;

/// Marks that carry no meaning in a label: quotes, separators and white space.
const MARKS: [char; 29] = [
    '"', '\'', '“', '”', '‘', '’', '《', '》', '〈', '〉', '「', '」', '『', '』', '、', '，', ',',
    '。', '.', '：', ':', '；', ';', '·', '*', '-', '—', '(', ')',
];

/// Returns a label in the form in which labels are compared: NFKC, without quotes, separators,
/// brackets and white space, in lower case. What stands in brackets stays.
pub(super) fn normalise(label: &str) -> String {
    label
        .nfkc()
        .flat_map(char::to_lowercase)
        .filter(|c| !c.is_whitespace() && !MARKS.contains(c))
        .collect()
}

/// A column label taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LabelParts {
    /// The label without unit and year, normalised.
    pub(super) name: String,
    /// The year in front of or inside the label, as 2021年.
    pub(super) year: Option<i32>,
    /// The period in it, as 2021年1-9月.
    pub(super) period: Option<Period>,
    /// The unit in the brackets at its end, as 万条.
    pub(super) unit: Option<String>,
    /// Whether as many brackets close as open.
    pub(super) is_whole: bool,
}

/// Units that may stand in the brackets of a label.
const UNITS: [&str; 15] =
    ["条", "件", "项", "个", "次", "宗", "封", "人", "家", "户", "%", "人次", "份", "类", "元"];

/// What stands before a unit to multiply it, and by which power of ten.
const SCALES: [(&str, i32); 5] = [("万", 4), ("亿", 8), ("千", 3), ("百万", 6), ("千万", 7)];

/// Takes a label apart into name, year and unit.
pub(super) fn label_parts(label: &str) -> LabelParts {
    let compact: String = label.nfkc().filter(|c| !c.is_whitespace()).collect();
    let (rest, unit) = split_unit(&compact);
    let (rest, period) = take_period(rest);
    let (rest, year) = split_year(&rest);
    let is_whole = compact.matches('(').count() == compact.matches(')').count();
    LabelParts { name: normalise(&rest), year, period, unit, is_whole }
}

fn split_unit(label: &str) -> (&str, Option<String>) {
    let Some((before, inside)) = label.strip_suffix(')').and_then(|rest| rest.rsplit_once('('))
    else {
        return (label, None);
    };
    let inside = inside.trim_start_matches("单位").trim_start_matches(':');
    match unit_scale(inside) {
        Some(_) => (before, Some(inside.to_owned())),
        None => (label, None),
    }
}

/// Returns the unit behind a scale and the power of ten that the scale is, as 条 and 4 for 万条.
///
/// `None` when the text is no unit.
pub(super) fn unit_scale(text: &str) -> Option<(&str, i32)> {
    if UNITS.contains(&text) {
        return Some((text, 0));
    }
    SCALES.iter().find_map(|(prefix, scale)| {
        let unit = text.strip_prefix(prefix)?;
        UNITS.contains(&unit).then_some((unit, *scale))
    })
}

/// Takes the first `20xx年` out of a label.
fn split_year(label: &str) -> (String, Option<i32>) {
    for (at, _) in label.match_indices('年') {
        let digits: String = label[..at]
            .chars()
            .rev()
            .take_while(char::is_ascii_digit)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect();
        if let Ok(year @ 1949..=2100) = digits.parse::<i32>()
            && digits.len() == 4
        {
            let rest =
                [&label[..at - 4], label[at..].trim_start_matches("年度").trim_start_matches('年')];
            return (rest.concat(), Some(year));
        }
    }
    (label.replace("〈year〉年", "").replace("<year>年", ""), None)
}

/// Returns how near two normalised labels are, from 0 to 1; 0 where one is more than three times as
/// long as the other, so that a label of thousands of characters costs nothing.
pub(super) fn similarity(a: &str, b: &str) -> f64 {
    let (n_a, n_b) = (a.chars().count(), b.chars().count());
    if n_a > 3 * n_b || n_b > 3 * n_a { 0.0 } else { strsim::normalized_levenshtein(a, b) }
}

/// Characters that make another thing of a label: negation, duty, rates, other times, scales.
const MEANING: &str = "未不无非应率比占均上去前同环差退新余月季周旬日时万亿千百十%";

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

/// Returns the known name that a normalised one means, and how near it is, 1 for the same.
///
/// Names are pairs of a normalised name and what it stands for. Only a single slip of the pen is
/// taken for the known name, and only where nothing else is nearly as near; otherwise `Err` has the
/// nearest ones, best first, as positions in `names`.
pub(super) fn nearest<'a, T: PartialEq + 'a>(
    wanted: &str,
    names: impl Iterator<Item = (&'a str, &'a T)>,
    min_score: f64,
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
        if is_same || (*score >= min_score && is_clear && is_slip(wanted, name)) {
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
    let narrow = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        other => other,
    };
    text.chars().map(narrow).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(label: &str, name: &str, year: Option<i32>, unit: Option<&str>) {
        let parts = label_parts(label);
        assert_eq!((parts.name.as_str(), parts.year, parts.unit.as_deref()), (name, year, unit));
    }

    #[test]
    fn units_years_and_marks_come_out_of_a_label() {
        check("“好差评”数据汇聚量(条)", "好差评数据汇聚量", None, Some("条"));
        check("办件数据 汇聚量（万条）", "办件数据汇聚量", None, Some("万条"));
        check("2021年便民应用对接数量", "便民应用对接数量", Some(2021), None);
        check("〈year〉年便民应用对接数量", "便民应用对接数量", None, None);
        check("办理事项数(含下放)", "办理事项数含下放", None, None);
        check("通过接口、单点方式对接", "通过接口单点方式对接", None, None);
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

    #[test]
    fn scaled_units_multiply() {
        assert_eq!(unit_scale("万件"), Some(("件", 4)));
        assert_eq!(unit_scale("千万条"), Some(("条", 7)));
        assert_eq!(unit_scale("条"), Some(("条", 0)));
        assert_eq!(unit_scale("含下放"), None);
    }
}
