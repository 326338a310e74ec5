//! Times as captions, titles and labels tell them, in words.
//!
//! A text is read as a whole: words about time that are left over make it unclear, because half of
//! a period is another period.

mod mentions;
mod normal;
mod other_things;
mod phrase;
mod span;

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::annex::time_words::phrase::{Phrase, phrases};
use crate::annex::time_words::span::{SpanEnd, SpanStart};

pub(super) use mentions::{is_of_paper, mentions_time};
pub(super) use normal::normalise_times;
pub(super) use other_things::is_of_another_thing;
pub(super) use span::{Resolved, TimeSpan};

/// What a text says about time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stated {
    /// Nothing.
    Nothing,
    /// A span of time.
    Time(TimeSpan),
    /// A time told by another one, which a saved layout may know and nobody else.
    Relative(Relation),
    /// Something that is not understood.
    Unclear,
}

/// How a time is told by that of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    /// 本月, 当月: the month of the table.
    SameMonth,
    /// 上年, 同期: the same days of another year.
    OtherYear,
}

impl Stated {
    /// Returns the span, `None` where there is none or it is not understood.
    pub(super) fn span(self) -> Option<TimeSpan> {
        match self {
            Self::Time(span) => Some(span),
            Self::Nothing | Self::Relative(_) | Self::Unclear => None,
        }
    }
}

/// A text with the words that tell its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TimeWords {
    /// What they say.
    pub(super) stated: Stated,
    /// The text without them, white space and width made equal.
    pub(super) rest: String,
}

const NUMERALS: &str = "一二三四五六七八九";

fn constant(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is constant")
}

/// Words that show that a text speaks of a time, understood or not.
static TIME_WORD: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?x)
        (?:19|20)\d{2}年 | \d{1,2}月 | 季度 | 半年 | 学年 | 学期 | [上中下]旬 | \d{1,2}周 | \d{1,2}日
        | 以来 | 至今 | 截至 | 截止
        | (?:^|\D) (?:19|20)\d{5,6} (?:\D|$)
        | (?:^|[^\dA-Za-z./]) (?:19|20)\d{2}[./-]\d{1,2} (?:$|[^\d万亿千百余多条件项个次元%人户家号])
        | (?:^|[^\dA-Za-z./]) (?:19|20)\d{2}-(?:19|20)\d{2} (?:$|\D)
        | (?:^|[^\dA-Za-z]) [Qq][1-4] (?:$|[^\dA-Za-z])
        | (?:前|近|过去|最近) [\d一二两三四五六七八九十]{1,3}个月",
    )
});
/// Words that tell a time by another one.
static OTHER_YEAR: LazyLock<Regex> =
    LazyLock::new(|| constant(r"同期|(?:^|[^较比与跟于以])(?:去年|前年|上一?年)(?:$|[^龄])"));
static SAME_MONTH: LazyLock<Regex> = LazyLock::new(|| constant(r"(?:^|[^基成样版])[本当]月"));
/// Words for a time that neither the table nor a saved layout makes clear.
static OTHER_TIME: LazyLock<Regex> = LazyLock::new(|| {
    constant(r"(?:^|[^以线网])[上下]个?月(?:$|[^均度])|(?:^|[^计据告算报属])期间(?:$|[^:为\d])")
});
static LAUNCH: LazyLock<Regex> =
    LazyLock::new(|| constant(r"自?(?:平台|系统)?(?:上线|启用|运行|建成|开通)(?:运行)?以来"));
static UNTIL_NOW: LazyLock<Regex> = LazyLock::new(|| constant(r"截[至止](?:到)?(?:目前|当前|今)"));

/// Words by which figures are those of the time up to the end of a month, and not of the month.
static CUMULATIVE: LazyLock<Regex> =
    LazyLock::new(|| constant(r"(?:^|[^非不未])累[计积]|年初以来"));

/// Whether a text says that figures add up those before them.
pub(super) fn is_cumulative(text: &str) -> bool {
    CUMULATIVE.is_match(text)
}

/// Returns what a text says about time, and the text without it.
///
/// A single day is no time unless 截至 stands before it: it is a date of signature. A month, a quarter
/// or a half of a year beside 累计 is the time up to its end.
pub(super) fn time_words(text: &str) -> TimeWords {
    let normal = normalise_times(text);
    let phrases = phrases(&normal);
    let (days, told): (Vec<&Phrase>, Vec<&Phrase>) =
        phrases.iter().partition(|phrase| phrase.is_single_day);
    let (said, mut taken) = said(&normal, &told);
    let stated = match said {
        Stated::Nothing if days.is_empty() && TIME_WORD.is_match(&normal) => Stated::Unclear,
        Stated::Nothing => relative(&normal),
        Stated::Time(span) if span.is_unit && is_cumulative(&normal) => {
            Stated::Time(span.until_end())
        }
        said => said,
    };
    let rest = without(&normal, &mut taken);
    let is_left_over = stated.span().is_some()
        && (TIME_WORD.is_match(&without_days(&rest))
            || rest.contains("同期")
            || (SAME_MONTH.is_match(&rest) && !stated.span().is_some_and(TimeSpan::is_of_month))
            || OTHER_TIME.is_match(&rest));
    TimeWords { stated: if is_left_over { Stated::Unclear } else { stated }, rest }
}

/// Returns what a text says about time.
pub(super) fn stated_time(text: &str) -> Stated {
    time_words(text).stated
}

/// Returns the time up to the day that is all a text says; unclear where it says anything else.
pub(super) fn until_single_day(text: &str) -> Stated {
    let normal = normalise_times(text);
    match phrases(&normal).as_slice() {
        [day] if day.is_single_day && day.range == (0..normal.len()) => {
            day.span.map_or(Stated::Unclear, |span| Stated::Time(span.until_end()))
        }
        _ => Stated::Unclear,
    }
}

/// What the expressions of a text say, single days left out, and the bytes that they take up.
fn said(text: &str, told: &[&Phrase]) -> (Stated, Vec<Range<usize>>) {
    let mut taken: Vec<Range<usize>> = Vec::new();
    let ranges = || told.iter().map(|phrase| phrase.range.clone());
    if let Some(launch) = LAUNCH.find(text) {
        taken.push(launch.range());
        taken.extend(ranges());
        let stated = match told {
            [] => Stated::Time(TimeSpan::between(SpanStart::Launch, SpanEnd::Now)),
            [until] if until.is_until => match until.span {
                Some(span) => Stated::Time(TimeSpan::between(SpanStart::Launch, span.end)),
                None => Stated::Unclear,
            },
            _ => Stated::Unclear,
        };
        return (stated, taken);
    }
    if let (Some(now), []) = (UNTIL_NOW.find(text), told) {
        let span = TimeSpan::between(SpanStart::Open, SpanEnd::Now);
        return (Stated::Time(span), vec![now.range()]);
    }
    let periods: Vec<&Phrase> = told.iter().copied().filter(|phrase| !phrase.is_until).collect();
    match (told, periods.as_slice()) {
        ([], _) => (Stated::Nothing, taken),
        ([one], _) | (_, [one]) => {
            taken.extend(ranges());
            (one.span.map_or(Stated::Unclear, Stated::Time), taken)
        }
        _ => (Stated::Unclear, taken),
    }
}

/// What a text without an expression of time says by words such as 本月 and 上年.
fn relative(text: &str) -> Stated {
    match (OTHER_TIME.is_match(text), SAME_MONTH.is_match(text), OTHER_YEAR.is_match(text)) {
        (false, false, false) => Stated::Nothing,
        (false, true, false) => Stated::Relative(Relation::SameMonth),
        (false, false, true) => Stated::Relative(Relation::OtherYear),
        _ => Stated::Unclear,
    }
}

/// The text without some of its parts.
fn without(text: &str, taken: &mut [Range<usize>]) -> String {
    taken.sort_by_key(|range| range.start);
    let mut rest = String::new();
    let mut from = 0;
    for range in taken.iter() {
        if range.start >= from {
            rest.push_str(&text[from..range.start]);
            from = range.end;
        }
    }
    rest.push_str(&text[from..]);
    rest
}

/// The text without dates of single days, which are dates of signature.
fn without_days(text: &str) -> String {
    let found = phrases(text);
    let mut days: Vec<_> = found
        .iter()
        .filter(|phrase| phrase.is_single_day)
        .map(|phrase| phrase.range.clone())
        .collect();
    without(text, &mut days)
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let shown = match stated_time(text) {
            Stated::Nothing => "nothing".to_owned(),
            Stated::Unclear => "unclear".to_owned(),
            Stated::Relative(relation) => format!("{relation:?}"),
            Stated::Time(span) => {
                let dated = NaiveDate::from_ymd_opt(2023, 7, 5);
                let year = dated.map(|dated| span.latest_year(dated));
                let found = span.resolve(year, dated).unwrap();
                let marks = [
                    (found.is_start_assumed, " start assumed"),
                    (found.is_end_inferred, " end inferred"),
                    (found.is_year_inferred, " year inferred"),
                    (span.is_year, " year"),
                    (span.has_hours, " hours"),
                ];
                let marks: String =
                    marks.iter().filter(|(holds, _)| *holds).map(|(_, mark)| *mark).collect();
                format!("{}{marks}", found.period)
            }
        };
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn days_months_and_quarters_are_understood() {
        check("(统计时间:2021年1月1日—9月30日)", "2021-01-01..2021-09-30");
        check("统计时间：２０２１年１月１日至2022年3月31日", "2021-01-01..2022-03-31");
        check("统计时间：2023.1.1-2023.3.31", "2023-01-01..2023-03-31");
        check("统计时间：2023-01-01至2023-03-31", "2023-01-01..2023-03-31");
        check("2016年3月4日— 3月10日", "2016-03-04..2016-03-10");
        check("2016年3月4日-10日", "2016-03-04..2016-03-10");
        check("2023年1-3月办件情况", "2023-01-01..2023-03-31");
        check("2024年1月至11月", "2024-01-01..2024-11-30");
        check("2022年第三季度", "2022-07-01..2022-09-30");
        check("2023年三季度", "2023-07-01..2023-09-30");
        check("2022年前三季度", "2022-01-01..2022-09-30");
        check("2022年上半年", "2022-01-01..2022-06-30");
        check("2024年2月份", "2024-02-01..2024-02-29");
        check("2023年4月上旬", "2023-04-01..2023-04-10");
        check("2020年度", "2020-01-01..2020-12-31");
        check("2022全年", "2022-01-01..2022-12-31");
        check("2022年数据汇聚情况表", "2022-01-01..2022-12-31 year");
    }

    #[test]
    fn lists_of_neighbours_are_one_period_and_others_none() {
        check("2023年3月和4月", "2023-03-01..2023-04-30");
        check("2023年1月、2月", "2023-01-01..2023-02-28");
        check("2023年3、4月", "2023-03-01..2023-04-30");
        check("2022年三季度和四季度", "2022-07-01..2022-12-31");
        check("2023年第一季度至第二季度", "2023-01-01..2023-06-30");
        check("2023年一季度与2022年一季度", "unclear");
        check("2023年1月、3月", "unclear");
    }

    #[test]
    fn chinese_numerals_are_numbers() {
        check("二○二三年一月至三月数据汇聚情况表", "2023-01-01..2023-03-31");
        check("统计时间：二〇二三年一季度", "2023-01-01..2023-03-31");
        check("二〇一一年十二月三十一日", "nothing");
        check("截至二〇一一年十二月三十一日", "2011-01-01..2011-12-31 start assumed");
    }

    #[test]
    fn what_is_not_told_is_marked() {
        check("截至2021年11月底", "2021-01-01..2021-11-30 start assumed");
        check("截至2021年11月24日", "2021-01-01..2021-11-24 start assumed");
        check("统计截止时间：2021年11月24日", "2021-01-01..2021-11-24 start assumed");
        check("数据截至日期:2021-11-24", "2021-01-01..2021-11-24 start assumed");
        check("截止2023年4月", "2023-01-01..2023-04-30 start assumed");
        check("截至目前", "2023-01-01..2023-07-05 start assumed end inferred");
        check("截至11月底", "2022-01-01..2022-11-30 start assumed year inferred");
        check("6月份数据汇聚情况表", "2023-06-01..2023-06-30 year inferred");
        check("1-3月", "2023-01-01..2023-03-31 year inferred");
        check("(统计时间:1月1日—3月31日)", "2023-01-01..2023-03-31 year inferred");
        check("平台上线以来", "..2023-07-05 end inferred");
        check("平台上线以来，数据截至2023年3月31日", "..2023-03-31");
        check("2023年6月16日12时至6月23日12时", "2023-06-16..2023-06-22 hours");
    }

    #[test]
    fn a_part_of_a_year_beside_words_for_a_sum_is_where_it_ends() {
        let until = "2022-01-01..2022-06-30 start assumed";
        for text in [
            "2022年6月（累计）",
            "2022年6月累计数",
            "（年累计，2022年6月）",
            "2022年二季度累计",
            "2022年6月部门数据累计汇聚情况表",
            "（2022年6月止）",
            "（2022年6月底数）",
        ] {
            check(text, until);
        }
        check("2022年1-6月累计", "2022-01-01..2022-06-30");
        check("2022年4-6月累计", "2022-04-01..2022-06-30");
        check("2022年6月非累计数", "2022-06-01..2022-06-30");
        check("2022年6月底数据", until);
        check("2022年6月底册", "2022-06-01..2022-06-30");
        assert!(is_cumulative("年初以来") && !is_cumulative("2022年1月1日起至6月30日止"));
    }

    #[test]
    fn half_of_a_period_is_none() {
        check("2021年10月以来", "unclear");
        check("2020年12月底至2021年9月", "unclear");
        check("2021年9月30日—1月1日", "unclear");
        check("2023年第25周、26周", "unclear");
        check("统计时间：2023331", "unclear");
        check("2021年11月24日", "nothing");
        check("一、总体情况", "nothing");
        check("12345热线办理情况", "nothing");
    }

    #[test]
    fn times_in_digits_are_read_as_those_with_words() {
        check("2021.1-9月", "2021-01-01..2021-09-30");
        check("2020-3月", "2020-03-01..2020-03-31");
        check("(2021.01-2021.09)", "2021-01-01..2021-09-30");
        check("2021.1-2021.9月", "2021-01-01..2021-09-30");
        check("2021-1-9月", "2021-01-01..2021-09-30");
        check("2021-09", "2021-09-01..2021-09-30");
        check("202109", "2021-09-01..2021-09-30");
        check("统计时间：202101-202109", "2021-01-01..2021-09-30");
        check("统计时间：20210101-20210930", "2021-01-01..2021-09-30");
        check("2021年Q3", "2021-07-01..2021-09-30");
        check("2021Q1-Q3", "2021-01-01..2021-09-30");
        check("2021年1.1-9.30", "2021-01-01..2021-09-30");
        check("2021.1.1-9.30", "2021-01-01..2021-09-30");
        check("2021-01-01至09-30", "2021-01-01..2021-09-30");
        check("2021/1/1-9/30", "2021-01-01..2021-09-30");
        check("2016-2020年", "2016-01-01..2020-12-31");
        check("2019—2021年办件情况", "2019-01-01..2021-12-31");
        check("二〇二一年一至九月", "2021-01-01..2021-09-30");
    }

    #[test]
    fn months_from_january_need_their_year() {
        check("2021年前9个月", "2021-01-01..2021-09-30");
        check("2021年前三个月", "2021-01-01..2021-03-31");
        check("2021前两个月", "2021-01-01..2021-02-28");
        check("前9个月", "unclear");
        check("近三个月", "unclear");
        check("近3月", "unclear");
    }

    #[test]
    fn what_stands_beside_an_expression_makes_another_of_it() {
        for text in [
            "2020年同期",
            "2021年9月以前",
            "2021年9月30日前",
            "2021年9月30日之前",
            "2021年9月后",
            "2021年及以前",
            "2021年1-9月当月",
            "2021年9月30日左右",
            "2021年9月初",
            "2021年10月以来",
            "2021年1月1日以来",
            "2021年1月1日起",
            "2021年1-9",
            "2021年01-09",
            "2021.1-9",
            "2021年9月30",
            "2021年9月30省直部门情况统计表",
            "2021-13月",
            "上线至2021年9月",
            "去年1-9月",
            "上年9月",
            "不含2021年9月",
            "Q3 2021",
            "2021年1-9月及上年同期",
            "2021年春节期间",
            "2021年1月1日至9月初",
            "2021年1月1日-办理完毕",
            "2021.10.100",
            "2021年1-9月/2.10",
            "(2016-2020)",
            "2021学年",
            "20210930",
            "2021年1-9月（含2020年结转）",
            "上月",
            "上个月",
            "国庆期间",
        ] {
            check(text, "unclear");
        }
        check("本月办件量", "SameMonth");
        check("当月办件量", "SameMonth");
        check("上年同期", "OtherYear");
        check("去年", "OtherYear");
    }

    #[test]
    fn what_only_looks_like_a_time_beside_it_does_not() {
        let first_nine = "2021-01-01..2021-09-30";
        for text in [
            "2021年1-9月12345热线办理情况",
            "2021年1-9月5个部门办件情况",
            "2021年1-9月前10名部门",
            "2021年1-9月前台办件情况",
            "2021年1-9月期间办件情况",
            "2021年1-9月月均办件量",
            "2021年1-9月日均办件量",
            "2021年1-9月与去年相比",
            "2021年1-9月统计期间：",
            "表1 2021年1-9月办件情况",
            "附件12021年1-9月办件情况",
            "表1-1 2021年1-9月办件情况",
            "表1-2021年1-9月办件情况",
            "一体化平台3.0 2021年1-9月",
            "1.2021年1-9月办件情况",
            "办件情况—2021年1-9月",
            "2021年1-9月线上月均办件量",
            "2021 年 1 - 9 月",
            "青海省2021年1-9月政务服务“好差评”情况统计表（截至2021年9月30日）",
            "2021年度1-9月政务服务中心（大厅）办件情况统计表",
            "2021年1-9月办件量同比增长情况",
            "2021年1-9月累计办件量前三名部门",
            "2021年1月-2021年9月",
            "2021.1月至2021.9月",
            "2 0 2 1 年 1 - 9 月",
            "2021年1-9月（2021年7月1日起施行）",
            "2021年1-9月（2021年12月1日前报送）",
        ] {
            check(text, first_nine);
        }
        check("2021.10-2022.03", "2021-10-01..2022-03-31");
        check("2021-2022年度", "2021-01-01..2022-12-31");
        for text in [
            "共2021.5万条",
            "编号：202109号",
            "共202109条",
            "索引号:015/2021-1",
            "V2021.1",
            "推送以上月份数据",
            "基本月报",
            "60岁以上年龄段",
            "目前办件情况",
            "与去年相比",
            "（2021年7月1日起施行）",
            "请于2021年12月1日前报送",
            "统计期间：见正文",
        ] {
            check(text, "nothing");
        }
        check("9月当月办件量", "2022-09-01..2022-09-30 year inferred");
        check("附件1 3-9月办件情况", "2022-03-01..2022-09-30 year inferred");
        check("2021年月度办件情况", "2021-01-01..2021-12-31 year");
        check("2021年初步统计", "2021-01-01..2021-12-31 year");
    }

    #[test]
    fn hours_change_the_days_where_they_make_part_of_one() {
        let whole = "2021-01-01..2021-09-30";
        check("2021-01-01 00:00:00至2021-09-30 23:59:59", whole);
        check("2021-1-1 00:00至2021-9-30 24:00", whole);
        check("2021年1月1日零时至9月30日24时", whole);
        check("2021年1月1日（含）至2021年9月30日（含）", whole);
        check("2021年1月1日起至9月30日止", whole);
        check("2021年1月1日0时至10月1日0时", "2021-01-01..2021-09-30 hours");
        check("2021年1月1日至9月30日18时", "2021-01-01..2021-09-30 hours");
        check("2022年11月24日0:00—12月1日0:00", "2022-11-24..2022-11-30 hours");
        check("2021年9月1日8:00-9月30日18:00", "2021-09-01..2021-09-30 hours");
        check("2023年6月1日8时至6月30日18时", "2023-06-01..2023-06-30 hours");
        check("2023年6月1日18时至6月30日8时", "unclear");
        check("2023年6月1日24时至6月30日24时", "unclear");
        check("2023年6月1日25时至6月30日26时", "unclear");
    }

    #[test]
    fn the_end_of_a_month_or_quarter_is_a_day() {
        check("2021年三季度末", "2021-01-01..2021-09-30 start assumed");
        check("2021年11月底", "2021-01-01..2021-11-30 start assumed");
        check("2021年三季度末数据汇聚情况表", "2021-01-01..2021-09-30 start assumed");
        check("2021年11月底数据汇聚情况表", "2021-01-01..2021-11-30 start assumed");
        check("2021年底数", "2021-01-01..2021-12-31 year");
        check("2021年底", "2021-01-01..2021-12-31 start assumed");
        check("2021年年末", "2021-01-01..2021-12-31 start assumed");
        check("2021年1月至11月底", "2021-01-01..2021-11-30");
        check("2021年1月1日至目前", "2021-01-01..2023-07-05 end inferred");
        check("2021年1月至今", "2021-01-01..2023-07-05 end inferred");
        check("2023年1月1日-发文日", "2023-01-01..2023-07-05 end inferred");
    }

    #[test]
    fn a_single_day_is_an_end_only_where_it_is_all() {
        let shown = |text: &str| match until_single_day(text) {
            Stated::Time(span) => span.resolve(None, None).unwrap().period.to_string(),
            other => format!("{other:?}"),
        };
        assert_eq!(shown("2021年9月30日"), "2021-01-01..2021-09-30");
        assert_eq!(shown("2021-09-30 24:00"), "2021-01-01..2021-09-30");
        for text in ["", "2021年1月1日 8时许", "2021年1月1日，2021年9月30日", "2021年1月1日起"]
        {
            assert_eq!(shown(text), "Unclear", "{text}");
        }
    }

    #[test]
    fn a_day_of_counting_beside_a_period_is_not_the_period() {
        check("2023年1-3月（数据截至2023年4月5日）", "2023-01-01..2023-03-31");
        check("2023年一季度 2023年4月5日提取", "2023-01-01..2023-03-31");
    }

    #[test]
    fn the_rest_of_a_label_is_its_name() {
        let rest = |label: &str| time_words(label).rest;
        assert_eq!(rest("2021年1-9月办件量"), "办件量");
        assert_eq!(rest("2021年3月份办件量"), "办件量");
        assert_eq!(rest("截至2023年5月办件量"), "办件量");
        assert_eq!(rest("2021年办件量"), "办件量");
        assert_eq!(rest("1-3月办件量"), "办件量");
    }
}
