//! Units around tables: in captions, titles and notes, and what a scale before them multiplies by.

use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use crate::annex::labels::ordinary_width;
use crate::annex::time_words::time_words;

/// Units that may stand in the brackets of a label.
const UNITS: [&str; 15] =
    ["条", "件", "项", "个", "次", "宗", "封", "人", "家", "户", "%", "人次", "份", "类", "元"];

/// What stands before a unit to multiply it, and by which power of ten.
const SCALES: [(&str, i32); 5] = [("千万", 7), ("百万", 6), ("万", 4), ("亿", 8), ("千", 3)];

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
        (?P<unit> [十百千万亿萬億]{0,2} (?:人次|[条件项个次宗封人家户份类元條%]) | [十百千万亿萬億]{1,2} )
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
        || words.contains(|c: char| c.is_ascii_alphanumeric());
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

/// Returns the unit that the lines around a table state. Where they state several, or one of a part of
/// the figures, it is all of their words, so that columns without a unit of their own are refused.
///
/// `labels` are those of the columns with figures.
pub(super) fn unit_around<'t>(
    title: &str,
    captions: impl Iterator<Item = &'t str>,
    notes: impl Iterator<Item = &'t str>,
    labels: &[&str],
) -> Option<String> {
    let whole = |text: &str, unit: String| {
        if is_of_part(text, labels) { text.to_owned() } else { unit }
    };
    let of_caption = |text: &str| caption_unit(text).map(|unit| whole(text, unit));
    let of_title = title_unit(title).or_else(|| of_caption(title));
    let of_captions = captions.filter(|caption| *caption != title).filter_map(of_caption);
    let of_notes = notes.filter_map(|note| note_unit(note).map(|unit| whole(note, unit)));
    let mut units: Vec<String> = of_title.into_iter().chain(of_captions).chain(of_notes).collect();
    units.sort_unstable();
    units.dedup();
    if units.is_empty() { None } else { Some(units.join("、")) }
}

/// Returns the unit that a note below a table states.
fn note_unit(note: &str) -> Option<String> {
    stated_unit(note).or_else(|| told_unit(note)).or_else(|| bare_scale(note))
}

static BEFORE_UNIT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"单位\s*[:：(（—－-]\s*").expect("the pattern is constant"));

static STATEMENT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        ^ (?P<of> .*? )
        (?: 单位 (?:均|都|一律)? (?:为|是|以)? :? | [以按用] | 数[据字值量] (?:均|都|一律)? [为是] )
        [十百千万亿萬億]{0,2} (?: 人次 | [条件项个次宗封人家户份类元條%十百千万亿萬億] )",
    )
    .expect("the pattern is constant")
});

static OF_ALL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        "(?:备注|注|说明)[:：]|表中|表内|本表|以上|以下|上表|下表|上述|各项|各列|所有|全部|数据量|数据|数字|\
         数值|数量|指标|计量|统计|单位|均|都|一律|的",
    )
    .expect("the pattern is constant")
});

/// Whether a text states the unit of some of the figures alone, as 办件数据单位：万条 does in a table of
/// cases and evaluations, or of a single row.
fn is_of_part(text: &str, labels: &[&str]) -> bool {
    let text = ordinary_width(text).replace(['“', '”', '"'], "");
    let text = BEFORE_UNIT.replace_all(&text, "单位:");
    let ends = |c: char| c.is_whitespace() || "，,；;。()[]【】〔〕".contains(c);
    let is_of_labels = |subject: &str| {
        let rest = OF_ALL.replace_all(subject, " ");
        let mut words = rest.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        let words: Vec<&str> = words.by_ref().collect();
        words.is_empty()
            || (!labels.is_empty()
                && labels.iter().all(|label| words.iter().any(|word| label.contains(word))))
    };
    let stated = text.split(ends).filter_map(|clause| STATEMENT.captures(clause));
    stated.into_iter().any(|found| !is_of_labels(&found["of"]))
}

const SCALE_MARKS: &str = "十百千万亿萬億";

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
    // 万吨 is no 万.
    let is_scale = stated["unit"].chars().all(|c| SCALE_MARKS.contains(c));
    let more = stated.name("more").filter(|more| is_scale && !matches!(more.as_str(), "为" | "计"));
    Some(stated["unit"].to_owned() + more.map_or("", |more| more.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let labels = ["推送数据量", "退回数据量"];
        let of_note = |note| unit_around("", [].into_iter(), [note].into_iter(), &labels);
        let of_note = |note| of_note(note).unwrap_or_default();
        assert_eq!(of_note("万条。"), "万条");
        assert_eq!(of_note("表中数据均为万条。"), "万条");
        assert_eq!(of_note("推送数据量、退回数据量以万条计。"), "万条");
        assert_eq!(of_note("退回数据量以万条为单位。"), "退回数据量以万条为单位。");
        assert_eq!(of_note("不含退回数据。"), "");
    }

    #[test]
    fn a_unit_of_a_part_of_the_figures_is_none_of_all_of_them() {
        let both = ["办件数据汇聚量", "好差评数据汇聚量"];
        let is_told = |text: &str, labels: &[&str]| {
            let unit = unit_around("", [text].into_iter(), [].into_iter(), labels);
            unit.is_some_and(|unit| unit_scale(&unit).is_some())
        };
        for text in [
            "办件数据单位为万条，好差评数据单位为条",
            "（2021年1-9月，办件数据单位：万条）",
            "“好差评”数据以万条为单位。",
            "办件以万条计。",
            "省水利厅数据单位：万条",
            "省水利厅以万条计。",
            "数据单位：w条",
            "单位：万条（办件数据单位：条）",
        ] {
            assert!(!is_told(text, &both), "{text}");
        }
        for text in
            ["单位:万条", "填报单位：省水利厅 单位：万条", "（单位（万条））", "数据单位均为万条"]
        {
            assert!(is_told(text, &both), "{text}");
        }
        assert!(is_told("办件数据单位：万条", &both[..1]));
        assert!(!is_told("省水利厅单位：万条", &both[..1]));
        let around = |captions: &[&str], notes: &[&str]| {
            unit_around("甲表（单位：条）", captions.iter().copied(), notes.iter().copied(), &both)
        };
        assert_eq!(around(&["单位：条"], &["表中数据单位为条。"]).as_deref(), Some("条"));
        assert_eq!(around(&["单位：万条"], &[]).as_deref(), Some("万条、条"));
        assert_eq!(around(&[], &["表中数据均为万条。"]).as_deref(), Some("万条、条"));
        assert_eq!(stated_unit("金额单位:万").as_deref(), Some("万"));
        assert_eq!(stated_unit("金额单位:万吨").as_deref(), Some("万吨"));
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
