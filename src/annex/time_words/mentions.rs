//! Lines that speak of a time without telling the one of the figures: single days, days that no
//! calendar has, 近一年, FY2021.

use std::sync::LazyLock;

use regex::Regex;

use crate::annex::time_words::constant;
use crate::annex::time_words::normal::normalise_times;

static MENTION: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?x)
        (?:^|[^\d〔\[【]) (?:19|20)\d{2} (?: [年./-] | (?:0[1-9]|1[0-2]) (?:[0-2]\d|3[01]) (?:\D|$) | $)
        | \d{1,2}月 \d{1,2} [日号]
        | (?: 近 | 最近 | 过去 | 前 ) [\d一二两三四五六七八九十半]{1,3} 个? (?: 年 | 季度 | 月 | 周 | 天 | 日 )
        | (?: ^ | [^A-Za-z] ) (?: FY | fy | CY ) (?:20)? \d{2}
        | 民国\d | 财年 | [元周]旦 | 春节 | 国庆 | 年初以来",
    )
});

/// Who made a paper, and when: its day is not that of the figures.
static OF_PAPER: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        "制[表作]|打印|更新|提取|导出|填[报表]|编制|印[发制]|发布|公布|成文|修订|审核|报送|日期$",
    )
});

/// Whether a line speaks of a time, understood or not.
pub(in crate::annex) fn mentions_time(text: &str) -> bool {
    MENTION.is_match(&normalise_times(text))
}

/// Whether the time in a line is that when somebody made, printed or sent a paper.
pub(in crate::annex) fn is_of_paper(text: &str) -> bool {
    OF_PAPER.is_match(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_speaks_of_a_time_is_seen_though_it_is_not_understood() {
        for text in [
            "2021年9月30日",
            "2021年10月8日统计",
            "2021年2月29日",
            "（2021年2月29日）",
            "二〇二一年九月三十日",
            "2021-10-08",
            "20211008",
            "9月30日",
            "近一年",
            "近 12 个月",
            "FY2021",
            "民国110年",
            "元旦至国庆",
            "2021年第9期",
            "数据 2021",
        ] {
            assert!(mentions_time(text), "{text}");
        }
        for text in [
            "各部门办件数据汇聚情况表",
            "青政办函〔2021〕185号",
            "12345热线办理情况",
            "单位：万条",
            "第9期",
            "共2021条",
            "年度考核",
        ] {
            assert!(!mentions_time(text), "{text}");
        }
    }

    #[test]
    fn the_day_of_a_paper_is_told_from_that_of_figures() {
        assert!(is_of_paper("制表时间：2021年10月8日"));
        assert!(is_of_paper("更新于2021年10月8日"));
        assert!(!is_of_paper("2021年10月8日统计"));
    }
}
