//! Notes and remarks that say what figures are: another measure, made up, withdrawn, corrected.

use std::sync::LazyLock;

use regex::Regex;

use crate::annex::labels::ordinary_width;
use crate::annex::notes::constant;
use crate::annex::scoring::{is_measure, measures};

/// What a note begins with that says what the figures of a whole table are: 本表数据为, 以上均系.
static WHOLE: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"^(?:以上|[本此该上]表|表格?[中内])?(?:[中内的]|所[列示]|统计|公布)*(?:数据|数字|数值|数|值|指标|情况)?(?:均|都|全部?|仅|皆|实)*(?:为|是|系|属于?|即)",
    )
});
/// What may stand before and behind the name of a measure.
static BEFORE: LazyLock<Regex> =
    LazyLock::new(|| constant("^(?:系统|平台|各?部门|年度|全年|[上下]半年|的)+"));
static BEHIND: LazyLock<Regex> =
    LazyLock::new(|| constant("(?:的|数据|数字|数值|数|值|量|表|性质|用途|结果)+$"));

/// What says so wherever it stands.
static PLAIN: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?x)
        作废 | 废止 | ^更正 | 更正[:为] | 勘误 | (?:^|[^响反])应[改更]?为\d | 有误 | [不失]实 | 互换 | 对调
        | [仅只] [为含] | 供参考 | 未经?核实 | 待核[实准] | 待确认 | [错误]填 | 填[报写]?错
        | 漏[报填] | [虚瞒]报 | [重多少]计 | 不是? (?:本|该) (?:部门|单位|厅|局|地区)
        | 含 [^,。;]{0,4} (?: \d{4}年 | \d{1,2}月 | 上年 | 去年 | 上月 | 往年 )",
    )
});

/// Words for figures that were not counted.
const NOT_COUNTED: [&str; 12] = [
    "估算",
    "估计",
    "预估",
    "推算",
    "测算",
    "暂估",
    "初步",
    "快报",
    "虚拟",
    "试运行",
    "培训",
    "仿真",
];

/// Returns the measure that a note says the figures of its whole table are, as 测试 in 本表为测试数据, where that
/// is one for which a table is refused.
pub(super) fn measure_of_note(note: &str) -> Option<&'static str> {
    let normal = compact(note);
    clauses(&normal).find_map(|clause| {
        let begun = WHOLE.find(clause)?;
        let name = name_of(&clause[begun.end()..]);
        measures().find(|word| *word == name)
    })
}

/// Returns the part of a note or remark that says figures are not what their labels say; one about
/// returned data is for others to read.
pub(super) fn words_on_figures(note: &str) -> Option<String> {
    let normal = compact(note);
    let mut clauses = clauses(&normal).filter(|clause| !clause.contains("退回"));
    clauses.find(|clause| PLAIN.is_match(clause) || names_measure(clause)).map(str::to_owned)
}

/// Whether a clause ends in saying that something is a measure, 省民政厅为预计数, or is the name of one.
fn names_measure(clause: &str) -> bool {
    let is_another = |name: &str| is_measure(name) || NOT_COUNTED.contains(&name);
    let said = ["为", "是", "系", "属"].iter().any(|verb| {
        let behind = clause.rsplit_once(verb).filter(|(before, _)| !before.ends_with('不'));
        behind.is_some_and(|(_, behind)| is_another(name_of(behind)))
    });
    let name = name_of(clause);
    // 未对接 tells what was not done, 未汇聚数据 too.
    let is_of_deeds = name.starts_with(['未', '待', '应', '拟']);
    let is_figure = !clause.ends_with(name) || NOT_COUNTED.contains(&name);
    said || (!is_of_deeds && is_figure && is_another(name))
}

/// Returns the name of a measure without the words around it.
fn name_of(text: &str) -> &str {
    let text = BEFORE.find(text).map_or(text, |found| &text[found.end()..]);
    BEHIND.find(text).map_or(text, |found| &text[..found.start()])
}

fn compact(note: &str) -> String {
    let is_quote = |c: &char| !c.is_whitespace() && !"“”\"‘’'".contains(*c);
    ordinary_width(note).chars().filter(is_quote).collect()
}

fn clauses(normal: &str) -> impl Iterator<Item = &str> {
    let parts = normal.split(['。', ',', ';', '!', '(', ')', '、']);
    parts.filter(|clause| !clause.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_that_makes_another_measure_of_a_table_is_told() {
        for (note, measure) in [
            ("本表数据为模拟数据，仅供参考。", Some("模拟")),
            ("本表为测试数据。", Some("测试")),
            ("（数据为目标值）", Some("目标")),
            ("本表统计的是退回数据。", Some("退回")),
            ("以上均为“系统测试数据”", Some("测试")),
            ("本表数据不是测试数据", None),
            ("省民政厅为预计数", None),
            ("数据为各部门推送的办件数据", None),
            ("不含退回数据", None),
        ] {
            assert_eq!(measure_of_note(note), measure, "{note}");
        }
    }

    #[test]
    fn a_note_that_says_what_figures_are_is_told() {
        for (note, words) in [
            ("本表数据已作废。", "本表数据已作废"),
            ("更正：省公安厅应为50。", "更正:省公安厅应为50"),
            ("省公安厅仅为西宁市数据。", "省公安厅仅为西宁市数据"),
            ("省民政厅为预计数。", "省民政厅为预计数"),
            ("本表数据为模拟数据，仅供参考。", "本表数据为模拟数据"),
            ("数据不实，以正式发布为准。", "数据不实"),
            ("估算数", "估算数"),
            ("测试数据", "测试数据"),
            ("仅含1-3月数据", "仅含1-3月数据"),
            ("含2021年12月数据", "含2021年12月数据"),
        ] {
            assert_eq!(words_on_figures(note).as_deref(), Some(words), "{note}");
        }
        for note in [
            "2021年以数据接口技术方式对接为主，国家系统或技术难度大的系统仍以单点登陆的技术方式对接。",
            "办件数据汇聚以各部门自建业务系统向一体化政务服务平台推送的办件数据统计，不包含使用一体化政务服务平台办理办件的数据。",
            "推送450余万条数据，但数据不符合国家平台数据标准，全部退回，故汇聚数据为0。",
            "应用数含历年接入的应用。",
            "合成数据。",
            "不是测试数据",
            "办件一栏只计部门自有业务系统推送给平台的部分",
            "未对接",
            "未汇聚数据",
            "系统异常，未推送",
            "无此类事项",
            "计划下月接入",
            "2021年5月上线",
        ] {
            assert_eq!(words_on_figures(note), None, "{note}");
        }
    }
}
