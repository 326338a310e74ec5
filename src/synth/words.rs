//! What made-up people, companies, items and remarks are called. Nobody is called so.

use crate::synth::random::Random;

/// Family names, and what stands for a given name: 某 says that the person is made up.
const FAMILY: [&str; 24] = [
    "赵", "钱", "孙", "李", "周", "吴", "郑", "王", "冯", "陈", "褚", "卫", "蒋", "沈", "韩", "杨",
    "马", "欧阳", "才让", "卓玛", "扎西", "东智", "上官", "司马",
];
const GIVEN: [&str; 24] = [
    "甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬", "癸", "子", "丑", "寅", "卯", "辰", "巳",
    "午", "未", "申", "酉", "戌", "亥",
    // Outside GB 2312, and outside GBK: names like these exist.
    "喆", "㛃",
];
const TRADES: [&str; 8] = ["商贸", "建筑", "牧业", "物流", "科技", "餐饮", "文旅", "能源"];

/// Items of departments whose work the notice counts; the rest have those of the last row.
const ITEMS: [(&str, [&str; 5]); 8] = [
    (
        "human_resources",
        [
            "企业职工基本养老保险参保登记",
            "城乡居民养老保险待遇申领",
            "失业保险金申领",
            "社会保障卡申领",
            "就业登记",
        ],
    ),
    (
        "tax",
        ["增值税一般纳税人登记", "发票领用", "企业所得税申报", "个人所得税申报", "完税证明开具"],
    ),
    (
        "market_regulation",
        ["企业设立登记", "企业变更登记", "食品经营许可", "特种设备使用登记", "股权出质登记"],
    ),
    (
        "ecology_environment",
        [
            "固定污染源排污登记",
            "排污许可证核发",
            "辐射安全许可证核发",
            "危险废物转移审批",
            "建设项目环境影响登记",
        ],
    ),
    (
        "transport",
        [
            "道路运输经营许可",
            "道路运输证配发",
            "超限运输车辆行驶公路许可",
            "从业资格证核发",
            "涉路施工许可",
        ],
    ),
    (
        "civil_affairs",
        [
            "社会团体成立登记",
            "高龄补贴发放",
            "最低生活保障金给付",
            "特困人员救助供养",
            "养老机构备案",
        ],
    ),
    (
        "public_security",
        ["居住证申领", "户口迁移审批", "普通护照签发", "机动车注册登记", "驾驶证期满换证"],
    ),
    ("", ["行政许可申请", "资质认定", "备案登记", "证书变更", "公共服务查询"]),
];

/// What people write when they are content, and when they are not.
const PRAISE: [&str; 4] = ["服务很好", "办得快，谢谢", "窗口人员热情", "一次就办成了"];
const COMPLAINTS: [&str; 4] = ["等的时间太长", "材料要求和指南不一样", "跑了两次", "系统打不开"];

/// Appends the name of a person.
pub(super) fn push_person(out: &mut String, random: &mut Random) {
    out.push_str(random.pick(&FAMILY));
    out.push('某');
    out.push_str(random.pick(&GIVEN));
}

/// Appends the name of a company.
pub(super) fn push_company(out: &mut String, random: &mut Random) {
    out.push_str("青海某");
    out.push_str(random.pick(&GIVEN));
    out.push_str(random.pick(&TRADES));
    out.push_str("有限公司");
}

/// Returns the five items that a department handles.
pub(super) fn items_of(department: &str) -> &'static [&'static str; 5] {
    let known = ITEMS.iter().find(|(id, _)| *id == department);
    &known.unwrap_or(&ITEMS[ITEMS.len() - 1]).1
}

/// Returns what somebody wrote who rated with this many points, 5 being the best.
pub(super) fn remark(points: u64, random: &mut Random) -> &'static str {
    let words = if points >= 3 { &PRAISE } else { &COMPLAINTS };
    words[random.position(words.len())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refdata::RefData;

    #[test]
    fn items_are_of_known_departments() {
        let reference = RefData::load(&[]).unwrap();
        let known: Vec<String> = reference
            .tables()
            .filter(|table| table.name == "departments")
            .flat_map(|table| table.rows().map(|row| row.text("department")).collect::<Vec<_>>())
            .collect();
        for (department, _) in &ITEMS[..ITEMS.len() - 1] {
            assert!(known.iter().any(|id| id == department), "{department}");
        }
        assert_eq!(items_of("none"), items_of(""));
    }
}
