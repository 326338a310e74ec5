//! Times in a line that are those of something else than the figures below it: of a paper, of an
//! edition, of what figures are compared with.

use std::sync::LazyLock;

use regex::Regex;

use crate::annex::time_words::constant;

static OTHER_THING: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?x)
        # A paper that is named, and who wrote what stands here.
        《[^》]*(?:19|20)\d{2}[^》]*》
        | ^[(（]? (?:数据|资料)?来源 | ^[(（]? (?:制表|制作|填表|填报|编制|审核|复核|联系|负责|印发|抄送)
        # What it is compared with, what is counted in besides, since when something runs.
        | (?: [较比与跟含] | 包括 | 依据 | 根据 | 按照 | 依照 | 参照 | (?:^|[^关由基至])于 ) [^，。；、,;()（）]{0,2}? (?:19|20)\d{2}年
        # What is so since a year.
        | (?:19|20)\d{2}年 [^，。；、,;()（）]{0,6}? (?: [^年前先]后 | 上线[^以] )
        # What is called by a year.
        | (?:19|20)\d{2}年 (?:\d{1,2}月)? [底末初]?
          (?: 版 | 修[订正] | [印颁]发 | 发布 | 公布 | 制[定订] | 编制 | 年?报[^送] | 年?报$ | 结[转余] | 相比
            | 以[来后前] | 标准 | 方案 | 办法 | 上线$ | 上线[，。；,;)）] | 启用 | 施行 | 实施 | 存量 | 遗留 | 基数 )",
    )
});

/// Whether a line tells the time of something else than the figures below it.
pub(in crate::annex) fn is_of_another_thing(text: &str) -> bool {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    OTHER_THING.is_match(&compact)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn papers_editions_and_comparisons_have_times_of_their_own() {
        for text in [
            "数据来源：2020年年报",
            "依据《2020年政务服务实施方案》编制",
            "2020年12月修订",
            "制表：省政府办公厅 2020年12月",
            "平台于2020年6月上线",
            "（2020年版）",
            "与2020年相比",
            "含2020年结转数据",
            "部门办件数据汇聚情况表（2020年结转）",
            "(截至2021年9月底，较2020年底)",
            "比2020年底增加",
        ] {
            assert!(is_of_another_thing(text), "{text}");
        }
        for text in [
            "(统计时间:2021年1月1日—9月30日)",
            "关于2021年1-9月政务服务数据汇聚情况的通报",
            "2021年1-9月部门办件数据汇聚情况表",
            "截至2021年9月底，单位：条",
            "2021年月报送情况",
        ] {
            assert!(!is_of_another_thing(text), "{text}");
        }
    }
}
