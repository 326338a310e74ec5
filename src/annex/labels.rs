//! Labels made comparable, and how near two of them are.

use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use crate::annex::time_words::{Stated, time_words};
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

/// Units that may stand in the brackets of a label.
const UNITS: [&str; 15] =
    ["条", "件", "项", "个", "次", "宗", "封", "人", "家", "户", "%", "人次", "份", "类", "元"];

/// What stands before a unit to multiply it, and by which power of ten.
const SCALES: [(&str, i32); 5] = [("千万", 7), ("百万", 6), ("万", 4), ("亿", 8), ("千", 3)];

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

/// Returns the unit behind a scale and the power of ten that the scale is, as 条 and 4 for 万条; the
/// unit is empty where a scale stands alone.
///
/// `None` when the text is no unit.
pub(super) fn unit_scale(text: &str) -> Option<(&str, i32)> {
    if UNITS.contains(&text) {
        return Some((text, 0));
    }
    SCALES.iter().find_map(|(prefix, scale)| {
        let unit = text.strip_prefix(prefix)?;
        (unit.is_empty() || UNITS.contains(&unit)).then_some((unit, *scale))
    })
}

static UNIT_WORDS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        (?P<body> [各直属业任管关员头门] )? 单位
        (?:均|都|一律)? (?: (?:为|是)? (?P<colon> [:：] ) | 为 | 是 | (?P<by> 以 ) )?
        (?P<unit> [十百千万亿萬億]{0,2} (?:人次|[条件项个次宗封人家户份类元條%]) )
        (?P<more> \p{Han} )?",
    )
    .expect("the pattern is constant")
});

static CAPTION_UNIT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        (?:^|[^\p{Han}]) (?:数据量?|数量|计量|统计)? 单位 (?: (?:为|是)?[:：] | [-—(] ) (?P<unit>[^;；。]+)",
    )
    .expect("the pattern is constant")
});

static TOLD_UNIT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        [以按用] (?P<by> [十百千万亿萬億]{1,2} (?:人次|\p{Han})? ) (?:为单位|为计|计|统计|表示|计算)
        | (?:单位|数[据字值量])(?:均|都)?[为是]
          (?P<is> [十百千万亿萬億]{1,2} (?:人次|[条件项个次宗封人家户份类元條])? ) (?:$|[^\p{Han}])",
    )
    .expect("the pattern is constant")
});

/// Returns the unit that a caption states; where that is not one unit, as 条、万条, all of its words, so
/// that columns are refused rather than read unscaled.
pub(super) fn caption_unit(text: &str) -> Option<String> {
    let compact: String = ordinary_width(text).chars().filter(|c| !c.is_whitespace()).collect();
    let stated = CAPTION_UNIT.captures(&compact).and_then(|found| found.name("unit"));
    let Some(stated) = stated else {
        return told_unit(text).or_else(|| bare_scale(text)).or_else(|| stated_unit(text));
    };
    let rest = time_words(stated.as_str()).rest.replace("统计时间", "");
    let rest = rest.trim_matches(|c: char| c.is_ascii_punctuation() || "、，（）：".contains(c));
    let words = without_other_parts(rest);
    let words = words.trim_matches(|c: char| c.is_ascii_punctuation() || "、，（）：".contains(c));
    let is_of_units = words.contains(['万', '亿', '千', '百', '萬', '億', '、', ',', '/'])
        || words.contains(|c: char| c.is_ascii_digit());
    match unit_scale(words) {
        Some(_) => Some(words.to_owned()),
        None if is_of_units => Some(words.to_owned()),
        None => stated_unit(text),
    }
}

/// Words before the time of figures.
const TIME_LABELS: [&str; 8] = ["时间", "期间", "时点", "时段", "周期", "日期", "统计期", "数据期"];

/// Returns what is printed for a unit without the parts behind it that say something else, as 时间 and
/// its colon, of which the time was taken, or 数据来源：省大数据局.
fn without_other_parts(text: &str) -> String {
    let is_of_unit =
        |part: &str| part.contains(['万', '亿', '千', '百', '萬', '億', '条', '件', '项']);
    let is_other = |part: &str| {
        let label = part.trim_end_matches([':', '为']);
        TIME_LABELS.iter().any(|end| label.ends_with(end)) || part.contains(':')
    };
    let mut parts = text.split_inclusive([',', '，', ';', '；', '、']);
    let first = parts.next().unwrap_or_default();
    let more = parts.filter(|part| {
        let part = part.trim_matches(|c: char| ",，;；、()".contains(c));
        is_of_unit(part) || !is_other(part)
    });
    std::iter::once(first).chain(more).collect()
}

/// Returns the unit in which a sentence says that figures are counted, as 万条 for 以万条计; where it says
/// so of several, all of them, so that columns are refused.
pub(super) fn told_unit(text: &str) -> Option<String> {
    let is_mark = |c: char| c.is_whitespace() || "“”\"'‘’「」".contains(c);
    let compact: String = ordinary_width(text).chars().filter(|c| !is_mark(*c)).collect();
    let told = TOLD_UNIT.captures_iter(&compact);
    let mut units: Vec<String> = told
        .filter_map(|found| found.name("by").or(found.name("is")))
        .map(|unit| unit.as_str().to_owned())
        .collect();
    // 办件数据以万条计，评价数据以条计: what is counted in ones is told in the same way.
    let is_in_part = compact.matches("计").count() > 1 || compact.matches("为单位").count() > 1;
    units.extend((!units.is_empty() && is_in_part).then(|| "…".to_owned()));
    if units.is_empty() { None } else { Some(units.join("、")) }
}

/// Returns the unit with a scale that stands in a caption by itself, beside a time or alone, as in
/// （2021年1-8月，万条）; where there are several units, all of them.
fn bare_scale(text: &str) -> Option<String> {
    let rest = ordinary_width(&time_words(text).rest);
    let parts = rest.split(|c: char| c.is_ascii_punctuation() || "、，（）：；。".contains(c));
    let says_more = |part: &&str| !part.is_empty() && !BEFORE_TIME.contains(part);
    let parts: Vec<&str> = parts.map(str::trim).filter(says_more).collect();
    let are_units = parts.iter().all(|part| unit_scale(part).is_some() || is_scaled(part));
    (are_units && parts.iter().any(|part| is_scaled(part))).then(|| parts.join("、"))
}

/// What stands before a time.
const BEFORE_TIME: [&str; 4] = ["统计时间", "统计期间", "统计周期", "统计期"];

static SCALED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[十百千万亿萬億]{1,2}(?:人次|[条件项个次宗封人家户份类元條])?$")
        .expect("the pattern is constant")
});

/// Whether a text is a unit with a scale before it, understood or not, as 万条 and 百条.
fn is_scaled(text: &str) -> bool {
    SCALED.is_match(text)
}

/// Returns the unit in the brackets at the end of a title; one with a scale that is not understood, too,
/// so that columns are refused.
pub(super) fn title_unit(title: &str) -> Option<String> {
    let compact: String = title.nfkc().filter(|c| !c.is_whitespace()).collect();
    let before = compact.strip_suffix([')', ']', '】', '〕'])?;
    let (_, inside) = before.rsplit_once(['(', '[', '【', '〔'])?;
    let unit = inside.trim_start_matches("单位").trim_start_matches(':');
    (unit_scale(unit).is_some() || is_scaled(unit)).then(|| unit.to_owned())
}

/// Returns the unit that a note below a table states; where it speaks of one of several columns, all of
/// its words, so that columns are refused.
pub(super) fn note_unit(note: &str, labels: &[&str]) -> Option<String> {
    let unit = stated_unit(note).or_else(|| told_unit(note)).or_else(|| bare_scale(note))?;
    let names = |label: &&str| label.chars().count() > 2 && note.contains(*label);
    let is_in_part = labels.iter().any(names) && !labels.iter().skip(1).all(names);
    Some(if is_in_part { note.to_owned() } else { unit })
}

/// What makes another word of a unit: 件数, 项目, 家庭, 个人.
const UNIT_COMPOUNDS: [&str; 6] = ["数", "目", "庭", "人", "均", "量"];

/// Returns the unit that a caption, a note or a sentence states, as 万条 for 单位：万条.
///
/// 单位 is a body, too: 各单位件数 states no unit.
pub(super) fn stated_unit(text: &str) -> Option<String> {
    let compact: String = ordinary_width(text).chars().filter(|c| !c.is_whitespace()).collect();
    let mut found = UNIT_WORDS.captures_iter(&compact);
    let stated = found.find(|found| {
        let more = found.name("more").map_or("", |more| more.as_str());
        let is_word = found.name("by").is_none() || matches!(more, "" | "为" | "计");
        let is_unit = found.name("body").is_none() && !UNIT_COMPOUNDS.contains(&more) && is_word;
        found.name("colon").is_some() || is_unit
    })?;
    Some(stated["unit"].to_owned())
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
    fn units_are_found_in_sentences() {
        let unit = |text| stated_unit(text).unwrap_or_default();
        assert_eq!(unit("（以下数据单位均为万条）"), "万条");
        assert_eq!(unit("数据单位：万条"), "万条");
        assert_eq!(unit("（单位 万条）"), "万条");
        assert_eq!(unit("各单位办件情况"), "");
        assert_eq!(unit("单位：万元"), "万元");
        assert_eq!(unit("单位以万条计"), "万条");
        assert_eq!(unit("金额单位万元"), "万元");
        for text in ["各单位件数统计表", "省直单位件次", "单位个数", "各单位以家庭为主"]
        {
            assert_eq!(unit(text), "", "{text}");
        }
        assert_eq!(unit("各单位件数统计表（单位：万件）"), "万件");
    }

    #[test]
    fn captions_state_one_unit_or_are_not_understood() {
        let unit = |text| caption_unit(text).unwrap_or_default();
        for text in [
            "（单位：万条）",
            "单位（万条）",
            "单位为：万条",
            "单位－万条",
            "表中数据均为万条",
            "统计时间：2021年6月（万条）",
        ] {
            assert_eq!(unit(text), "万条", "{text}");
        }
        assert_eq!(unit("单位：条 统计时间：2021年1—9月"), "条");
        assert_eq!(unit("(统计时间：2021年1—9月，单位：万条)"), "万条");
        assert_eq!(unit("单位:万"), "万");
        assert_eq!(unit("单位：条，时间：2021年1-8月"), "条");
        assert_eq!(unit("单位：万条,统计期间为2021年1-8月"), "万条");
        assert_eq!(unit("（单位：条，截止日期：2021年8月31日）"), "条");
        assert_eq!(unit("单位：条，数据来源：省大数据局"), "条");
        assert_eq!(unit("以万条计"), "万条");
        for (text, words) in [
            ("单位：条、万条", "条、万条"),
            ("单位：条 万条", "条万条"),
            ("单位：10000条", "10000条"),
            ("单位：条，办件：万条", "条,办件:万条"),
            ("单位：条，万条，时间：2021年1-8月", "条,万条"),
            ("单位：十万条", "十万条"),
            ("单位：萬條", "萬條"),
            ("数量单位：萬條", "萬條"),
            ("（以百条计）", "百条"),
            ("表内数字单位：百条", "百条"),
            ("（2021年1—8月、十万条）", "十万条"),
            ("（单位：办件 万条、好差评 条）", "办件万条、好差评条"),
            ("单位：万条（好差评为条）", "万条(好差评为条"),
        ] {
            assert_eq!(unit(text), words, "{text}");
            assert_eq!(unit_scale(words), None, "{text}");
        }
        assert_eq!(unit("表中数据为万条以上的部门"), "");
        assert_eq!(unit("填报单位：省水利厅"), "");
        assert_eq!(unit("单位（盖章）：省水利厅"), "");
        assert_eq!(unit("单位：省水利厅"), "");
        assert_eq!(unit("各单位办件情况"), "");
    }

    #[test]
    fn titles_and_notes_state_units() {
        let of_title = |title| title_unit(title).unwrap_or_default();
        assert_eq!(of_title("汇聚情况表[万条]"), "万条");
        assert_eq!(of_title("汇聚情况表（单位：条）"), "条");
        assert_eq!(of_title("汇聚情况表（百条）"), "百条");
        assert_eq!(of_title("汇聚情况表（2021年）"), "");
        let of_note =
            |note| note_unit(note, &["部门", "推送数据量", "退回数据量"]).unwrap_or_default();
        assert_eq!(of_note("万条。"), "万条");
        assert_eq!(of_note("表中数据均为万条。"), "万条");
        assert_eq!(of_note("推送数据量、退回数据量以万条计。"), "万条");
        assert_eq!(of_note("退回数据量以万条为单位。"), "退回数据量以万条为单位。");
        assert_eq!(of_note("不含退回数据。"), "");
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

    #[test]
    fn scaled_units_multiply() {
        assert_eq!(unit_scale("万件"), Some(("件", 4)));
        assert_eq!(unit_scale("千万条"), Some(("条", 7)));
        assert_eq!(unit_scale("条"), Some(("条", 0)));
        assert_eq!(unit_scale("万"), Some(("", 4)));
        assert_eq!(unit_scale("含下放"), None);
    }
}
