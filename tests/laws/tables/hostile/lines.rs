//! Lines around a table that tell the time, the region or the measure of something else.

use super::draft::{Draft, TimePlace};

/// Lines between a title and its table, with times that are not those of the figures.
const CAPTIONS: [&str; 34] = [
    "依据《青海省政务数据管理办法》（{P}年版）统计",
    "依据《政务服务数据归集规范（{P}年修订）》",
    "较{P}年底有所增长",
    "较{P}年底增长12.5%",
    "与{P}年同期相比",
    "与{P}年同期相比，增长12.5%",
    "同比{P}年",
    "依据青政办函〔{P}〕12号",
    "（青政办〔{P}〕12号）",
    "印发日期：{P}年12月8日",
    "{P}年12月8日印发",
    "《{P}年工作要点》附表",
    "数据来源：{P}年年报",
    "{P}年12月制",
    "填表日期：{Y}年10月8日",
    "制表日期：{P}年12月8日",
    "{P}年12月8日发布",
    "发布时间：{P}年12月8日",
    "更新时间：{P}年12月8日",
    "修订时间：{P}年12月",
    "自{O}年平台上线",
    "{O}年上线的系统",
    "以{P}年为基期",
    "基期：{P}年",
    "{P}年=100",
    "（{P}年底前完成整合的系统）",
    "{P}年机构改革后口径",
    "按{P}年机构设置排序",
    "{P}年度考核对象",
    "对标{P}年全国平均水平",
    "上期：{P}年1-6月",
    "对比期：{P}年1-9月",
    "参照{P}年12月31日机构名录",
    "（事项目录版本：{P}年6月）",
];

/// Titles with times that are not those of the figures; `{t}` is the title proper.
const TITLES: [&str; 14] = [
    "《{P}年工作要点》{t}",
    "{t}（{P}年版）",
    "{t}（较{P}年底）",
    "{t}（按{P}年口径）",
    "{t}（与{P}年同期相比）",
    "青政办函〔{P}〕12号文件{t}",
    "{P}年机构改革后{t}",
    "{t}（{P}年修订）",
    "落实《{P}年行动方案》{t}",
    "{t}（以{P}年为基期）",
    "{P}年版事项目录{t}",
    "{P}年上线系统{t}",
    "{t}（{P}年度考核对象）",
    "{t}（{P}年机构名录）",
];

/// Notes with times that are not those of the figures, and do not say so of them.
const NOTES: [&str; 8] = [
    "注：{P}年数据见上年通报。",
    "注：不含{P}年结转数据。",
    "备注：依据《青海省政务数据管理办法》（{P}年版）统计。",
    "说明：{P}年12月起新增接口方式。",
    "注：平台{O}年上线。",
    "注：1.合成数据。2.{P}年同期为12条。",
    "注：统计口径与{P}年一致。",
    "备注：机构名称以{P}年12月为准。",
];

/// Lines below a table by which its figures are of another time.
const MOVES: [&str; 14] = [
    "注：本表为{P}年数据。",
    "注：以上为{P}年1-12月数据。",
    "注：数据统计时间为{P}年1月1日至12月31日。",
    "备注：表中数据截至{P}年12月31日。",
    "说明：1.合成数据。2.本表数据截至{P}年底。",
    "注：统计截止{P}年12月。",
    "注：统计期为{P}年全年。",
    "注：以上数据均取自{P}年年报。",
    "注：本表统计{P}年1-6月情况。",
    "以上数据为{P}年1-12月数据。",
    "数据统计截止时间：{P}年12月31日",
    "（以上为{P}年数据）",
    "统计时间：{P}年1月1日—12月31日",
    "*表内为{P}年数据",
];

/// Regions whose departments are not those of the issuer.
const REGIONS: [&str; 16] = [
    "西宁市",
    "海东市",
    "甘肃省",
    "全国",
    "陕西省",
    "格尔木市",
    "兰州市",
    "玉树州",
    "海西州",
    "西藏自治区",
    "四川省",
    "全国各省",
    "西北五省",
    "外省",
    "湟中区",
    "国务院",
];

/// Words by which figures are another measure than the labels of their columns say.
const MEASURES: [&str; 31] = [
    "应汇聚",
    "未汇聚",
    "日均",
    "月均",
    "增量",
    "任务数",
    "退回",
    "样表",
    "模板",
    "示例",
    "重复",
    "平均",
    "预计",
    "目标",
    "计划",
    "变化",
    "差额",
    "缺口",
    "待汇聚",
    "拟汇聚",
    "不合格",
    "异常",
    "错误",
    "失败",
    "测试",
    "演练",
    "人均",
    "户均",
    "下降",
    "净增",
    "抽样",
];

/// A line above the table.
pub(super) fn time_in_caption(draft: &mut Draft<'_>) {
    let line = draft.one_of(&CAPTIONS);
    if draft.chance.in_hundred(20) {
        draft.above.push(line);
    } else {
        draft.add_line(line);
    }
}

/// The title.
pub(super) fn time_in_title(draft: &mut Draft<'_>) {
    let title = draft.title.clone();
    draft.title = draft.one_of(&TITLES).replace("{t}", &title);
}

/// A note below that leaves the figures what they are.
pub(super) fn time_in_note(draft: &mut Draft<'_>) {
    let note = draft.one_of(&NOTES);
    draft.table.notes.push(note);
}

/// A line below that makes the figures those of another time.
pub(super) fn note_of_another_time(draft: &mut Draft<'_>) {
    let line = draft.one_of(&MOVES);
    let words = draft.filled("{P}年");
    draft.doubt(None, &[&words]);
    if line.starts_with(['注', '备', '说']) {
        draft.table.notes.push(line);
    } else {
        draft.edits.below.push(line);
    }
}

/// Puts the time of the table before a title, where it stands there.
fn titled(draft: &Draft<'_>, title: &str) -> String {
    if draft.time_place == TimePlace::Title {
        format!("{}{title}", draft.time)
    } else {
        title.to_owned()
    }
}

/// A title that names another region.
pub(super) fn region_in_title(draft: &mut Draft<'_>) {
    let region = *draft.chance.pick(&REGIONS);
    let title = match draft.chance.below(4) {
        0 => format!("{region}{}", titled(draft, "部门数据汇聚情况表")),
        1 => titled(draft, &format!("{region}数据汇聚情况表")),
        2 => titled(draft, &format!("部门数据汇聚情况表（{region}）")),
        _ => titled(draft, &format!("{region}各部门数据汇聚情况表")),
    };
    draft.played.push(title.clone());
    draft.title = title;
    draft.doubt(None, &[region]);
}

/// Draws another measure than that of any column.
fn measure(draft: &mut Draft<'_>) -> Option<&'static str> {
    let measure = *draft.chance.pick(&MEASURES);
    let is_of = |label: &str| label.contains(measure);
    (!draft.table.columns.iter().any(|column| is_of(&column.label))).then_some(measure)
}

/// A title that names another measure.
pub(super) fn measure_in_title(draft: &mut Draft<'_>) {
    let Some(measure) = measure(draft) else { return };
    let title = match draft.chance.below(5) {
        0 => format!("部门{measure}数据情况表"),
        1 => format!("部门数据汇聚{measure}情况表"),
        2 => format!("部门数据汇聚情况表（{measure}）"),
        3 => format!("各部门数据{measure}统计表"),
        _ => format!("数据汇聚情况{measure}"),
    };
    draft.title = titled(draft, &title);
    draft.played.push(title);
    draft.doubt(None, &[measure]);
}

/// A line above the table that names another measure.
pub(super) fn measure_in_caption(draft: &mut Draft<'_>) {
    let Some(measure) = measure(draft) else { return };
    let line = match draft.chance.below(4) {
        0 => format!("（{measure}）"),
        1 => format!("——{measure}"),
        2 => format!("表中数字为{measure}"),
        _ => format!("指标：{measure}"),
    };
    draft.played.push(line.clone());
    draft.add_line(line);
    draft.doubt(None, &[measure]);
}
