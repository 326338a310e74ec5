//! Words around a figure in a sentence by which it is something else than a pattern takes it for.

use std::sync::LazyLock;

use regex::Regex;

use crate::annex::ReadingContext;
use crate::annex::notes::constant;

/// Words before a figure by which it is a plan, a change, a part, what is lacking, or of another time.
static DOUBTS: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?x)
        未 | 没有 | 尚 | 计划 | 拟 | 预计 | 力争 | 目标 | 将 | 确保 | 增加 | 新增 | 增长 | 减少 | 下降 | 较 | 同比 | 环比 | 其中
        | [0-9]{4}年 | [0-9]{1,2}月 | 年底 | 上年 | 去年 | 同期 | [上下]半年 | 季度
        | 取消 | 撤销 | 停止 | 如果 | 假如 | 倘若 | 若(?:[^干]|$) | 一旦 | 争取 | 有望 | 准备 | 打算 | 任务
        | (要求) [^，,；;：:]* $ | [应须需] (?: 当 | 该 | 要 | 于 | 在 | 完成 | 实现 | 达到 | 覆盖 | 推出 | $ )
        | [再新] (?: 实现 | 建成 | 建设 | 增 | 推出 | 覆盖 | 接入 | 完成 | 推进 | $ )",
    )
});

/// Words behind a figure, in its clause, that do the same.
static DOUBTS_BEHIND: LazyLock<Regex> =
    LazyLock::new(|| constant("未|没有|尚|计划|拟|预计|力争|目标|任务|要求|取消|撤销"));

/// Other regions, and bodies, whose names are in no list, and all divisions of one level together.
static OTHER_PLACES: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?x)
        国家 (?: 级 | 层面 | 政务 | 平台 | 部委 | 机关 | 发展 ) | 国务院 | (各省) (?: [^级直] | $ )
        | (?:外|他|兄弟|其余)省 | 省外 | 周边省 | 外地
        | (?: ^ | [^、省] ) ( 市州 | 州市 | 市\(州\) | 县区 | 区县 | 县市 | 市县 ) (?: [^、] | $ )
        | ( \p{Han} [^各全本我该城超设门\P{Han}] (?: [市州县盟旗] | 自治区 | 新区 | 开发区 ) )
          (?: [^场民群级直州县面政容区内外] | $ )",
    )
});

/// Names of bodies, and what may stand behind several of them that are an example of all.
static BODIES: LazyLock<Regex> =
    LazyLock::new(|| constant("\\p{Han}{2}(?:[^布格全结大]局|[^大客餐]厅|委员会)"));
static AND_OTHERS: LazyLock<Regex> =
    LazyLock::new(|| constant("等[^，,；;：:。]{0,6}(?:部门|单位|厅局)"));

/// Cities that sentences name without 市: of provinces, of others that stand for themselves, and near.
const CITIES: [&str; 46] = [
    "石家庄",
    "太原",
    "呼和浩特",
    "沈阳",
    "长春",
    "哈尔滨",
    "南京",
    "杭州",
    "合肥",
    "福州",
    "南昌",
    "济南",
    "郑州",
    "武汉",
    "长沙",
    "广州",
    "南宁",
    "海口",
    "成都",
    "贵阳",
    "昆明",
    "拉萨",
    "西安",
    "兰州",
    "银川",
    "乌鲁木齐",
    "深圳",
    "大连",
    "青岛",
    "宁波",
    "厦门",
    "苏州",
    "甘南",
    "临夏",
    "武威",
    "张掖",
    "酒泉",
    "敦煌",
    "嘉峪关",
    "阿坝",
    "甘孜",
    "昌都",
    "那曲",
    "西宁",
    "格尔木",
    "德令哈",
];

/// Returns what a pattern finds in a text: the group that caught something, else all of it.
fn found(pattern: &Regex, text: &str) -> Option<String> {
    let found = pattern.captures(text)?;
    let group = found.iter().skip(1).flatten().next().or(found.get(0))?;
    Some(group.as_str().to_owned())
}

/// What a figure of a sentence is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct About<'a> {
    pub(super) region: &'a str,
    /// Whether its pattern names the department.
    pub(super) has_department: bool,
}

/// Returns the words by which a figure may be something else: in `before`, which bears on it, or in
/// `behind`, the rest of its clause.
pub(super) fn doubtful_words(
    before: &str,
    behind: &str,
    about: About<'_>,
    context: &ReadingContext<'_>,
) -> Option<String> {
    found(&DOUBTS, before)
        .or_else(|| found(&DOUBTS_BEHIND, behind))
        .or_else(|| other_region(before, about.region, context))
        .or_else(|| body(before, context).filter(|_| !about.has_department))
}

/// Returns the region other than the one of a figure that some words name, or the country.
fn other_region(words: &str, region: &str, context: &ReadingContext<'_>) -> Option<String> {
    let regions = context.regions;
    let named = regions.named_in(words);
    if let Some(name) = named.iter().find(|name| !regions.means(name, region)) {
        return Some((*name).to_owned());
    }
    // Its own names may have those of others in them, as 青海南部.
    let words = regions.without_names_of(words, region);
    let short = regions.short_names_in(&words, region);
    let outside = regions.outside_in_short(&words);
    let city = CITIES.into_iter().find(|city| words.contains(city)).map(str::to_owned);
    short.or(outside).or(city).or_else(|| found(&OTHER_PLACES, &words))
}

/// Returns the body that some words name, unless it stands for all of its kind.
fn body(words: &str, context: &ReadingContext<'_>) -> Option<String> {
    let known = context.departments.names_in(words).map(|(name, _)| name.to_owned()).next();
    known.or_else(|| found(&BODIES, words)).filter(|_| !AND_OTHERS.is_match(words))
}
