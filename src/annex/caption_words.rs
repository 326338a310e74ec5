//! Words around a table that change nothing about its figures. Any other word may make them another
//! thing than the labels of their columns say, or their time that of something else.

use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use crate::annex::time_words::{Stated, time_words};

/// Words that change nothing about what figures are: of what they are, whose, how they are shown, and
/// how a time is introduced. The longest come first where one begins another.
const HARMLESS: &str = "\
    网上政务服务|政务服务大厅|一网通办|一事通办|一网协同|一件事|互联网\\+|最多跑一次|好差评|差评|好评|\
    部门业务办理系统|业务办理系统|业务系统|办理系统|自建系统|政务服务网|政务服务|政务|公共服务|公共|服务|\
    青松办|便民应用|便民|应用|一体化|平台|系统|网站|门户|\
    统一身份认证|单点登录|电子证照|证照|证件|许可|审批|行政|权力|事项|清单|目录|\
    办件量|办件|办理量|办理|受理|办结|评价|评议|满意|数据量|数据|信息|汇聚量|汇聚|归集|对接|接入|接口|联通|\
    推送|上报|报送|共享|交换|开通|运行|建设|推进|实施|落实|完成|进展|进度|工作|业务|\
    热线|信箱|咨询|投诉|建议|诉求|工单|渠道|套餐|\
    中央驻青|驻青|中央|群团组织|群团|党群|党政|政府|办公厅|垂直管理|垂管|直属|所属|\
    部门单位|各部门单位|省直部门|省级部门|省直单位|部门|单位|机构|厅局|委办局|处室|省直|省级|市级|县级|全省|本省|我省|\
    市县|市州|州市|各市|县市区|县市|县区|区县|地区|区域|乡镇|街道|村社区|村|社区|基层|五级|四级|\
    情况|统计|汇总|一览|明细|分布|分解|分类|排名|排序|排行|通报|报表|月报|季报|年报|周报|日报|台账|附件|附表|续表|续|\
    数量|总量|总数|数目|数字|指标|项目|内容|类型|类别|种类|方式|名称|名单|合计|累计|总计|\
    统计时间|统计期间|统计周期|统计区间|统计口径|统计期|统计时点|数据时间|数据截止|数据截至|时间段|时间范围|时间|期间|周期|时段|时点|\
    截至|截止|起止|年度|季度|月度|月份|当月|当年|当日|本月|本年|本季度|全年|上半年|下半年|半年|\
    计量|为单位|人次|百分比|合成";

/// Single characters between words, and units.
const SMALL: &str = "数量表图各及和与以等的之在于为按分至到由自从起止底末初中年月季周旬日度省市州县区条件项个次宗封人家户份类元千百万亿零〇一二三四五六七八九十";

static KNOWN: LazyLock<Regex> = LazyLock::new(|| {
    let mut words: Vec<&str> = HARMLESS.split('|').collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    Regex::new(&format!("{}|(?:附件|附表|表)[0-9]{{1,2}}|第[0-9]{{1,3}}[期号批]", words.join("|")))
        .expect("the pattern is constant")
});

/// Returns the words of a line that are not understood, times and `names` left out.
pub(super) fn unknown_words(line: &str, names: &[String]) -> Vec<String> {
    let rest: String = time_words(line).rest.nfkc().filter(|c| !c.is_whitespace()).collect();
    let rest = rest.to_lowercase();
    let rest = names.iter().fold(rest, |rest, name| rest.replace(name.as_str(), " "));
    let rest = KNOWN.replace_all(&rest, " ");
    rest.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.chars().all(|c| SMALL.contains(c)))
        .map(str::to_owned)
        .collect()
}

static IN_BRACKETS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[(（\[【〔]([^()（）\[\]【】〔〕]*)[)）\]】〕]").expect("the pattern is constant")
});

/// Whether a line tells a time among words that are not understood, so that the time may be that of
/// something else. Of a title only the brackets are looked at: it may be about anything.
pub(super) fn hides_time(line: &str) -> bool {
    let is_hidden = |text: &str| {
        time_words(text).stated != Stated::Nothing && !unknown_words(text, &[]).is_empty()
    };
    if !is_headline(line) {
        return is_hidden(line);
    }
    IN_BRACKETS.captures_iter(line).any(|found| is_hidden(&found[1]))
}

/// Whether a line is made as the title of a table is.
pub(super) fn is_headline(line: &str) -> bool {
    let line = IN_BRACKETS.replace_all(line, "");
    ["表", "情况", "统计", "数据", "通报", "汇总", "一览"]
        .iter()
        .any(|end| line.trim().ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_line_is_about_is_understood_or_told() {
        for line in [
            "部门业务办理系统数据汇聚情况表",
            "2023年1-3月各单位件数统计表",
            "(统计时间:2023年6月16日12时至6月23日12时)",
            "截至2023年5月底",
            "一、全省一网通办一事通办办件数据汇聚情况（2021年1—9月）",
            "(2023年1-6月，万条)",
            "一件事套餐情况",
            "二、中央驻青单位",
            "统计时间：2023-01-01 00:00:00至2023-03-31 23:59:59",
        ] {
            assert_eq!(unknown_words(line, &[]), Vec::<String>::new(), "{line}");
        }
        for (line, words) in [
            ("以2020年为基期", "以为基期"),
            ("自2019年平台上线", "上线"),
            ("2020年机构改革后办件数据汇聚情况表", "改革后"),
            ("部门数据汇聚情况表（2020年度考核对象）", "考核对象"),
            ("西北五省办件数据汇聚情况表", "西北五省"),
            ("2020年=100", "100"),
            ("发布时间：2020年12月", "发布"),
            ("移动端办件数据汇聚情况表", "移动端"),
            ("办件数据汇聚情况表（线上）", "线上"),
        ] {
            assert_eq!(unknown_words(line, &[]), [words], "{line}");
        }
    }

    #[test]
    fn a_time_among_unknown_words_may_be_that_of_something_else() {
        for line in ["以2020年为基期", "按2020年机构设置排序", "数据汇聚情况表（2020年度考核对象）"]
        {
            assert!(hides_time(line), "{line}");
        }
        for line in [
            "截至2023年5月底",
            "2021年9月营商环境数据汇聚情况表",
            "数据汇聚情况表（营商环境）",
            "营商环境",
        ] {
            assert!(!hides_time(line), "{line}");
        }
    }
}
