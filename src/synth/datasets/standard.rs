//! The data sets of GB/T 39046-2020, tables 5 to 9, under their Chinese labels.

use crate::synth::calendar::{DAY, TimeStyle};
use crate::synth::datasets::{Again, Dataset, Facts};
use crate::synth::faults::{Change, Fault, Needs};
use crate::synth::row::Row;
use crate::synth::trap::{REPEATED, Trap};
use crate::synth::words::{push_person, remark};

const PROFILE: &str = "gbt39046-2020";
const STYLE: TimeStyle = TimeStyle::Basic;
/// The province, in which every department of the annex works.
const AREA: &str = "630000";

pub(super) const APPLY: Dataset = Dataset {
    profile: PROFILE,
    id: "apply",
    header: &[
        "办件编号",
        "实施编码",
        "事项名称",
        "办件类型",
        "办件类型代码",
        "申请者名称",
        "申请者证件类型代码",
        "申请者证件号码",
        "联系人/代理人姓名",
        "联系人/代理人证件类型代码",
        "联系人/代理人证件号码",
        "联系人手机号码",
        "邮政编码",
        "通讯地址",
        "法定代表人",
        "申报来源代码",
        "申请时间",
        "投资项目编号",
        "行政区划",
    ],
    fill: apply,
    style: STYLE,
    required: &[("办件编号", "project_no"), ("申请时间", "apply_at")],
    faults: &[
        Fault::error("办件类型代码", Change::Value("7"), "known")
            .about("case_type")
            .emptying(&["办件类型"]),
        Fault::error("办件类型", Change::OtherKind, "agrees")
            .about("case_type")
            .beside("办件类型代码"),
        Fault::error("申报来源代码", Change::Value("7"), "known").about("application_form"),
        Fault::error("申请时间", Change::Words, "type").about("apply_at"),
        Fault::error("申请时间", Change::NoSuchDay, "type").about("apply_at"),
        Fault::error("行政区划", Change::Value("6300"), "type").about("region"),
        // The lengths of the standard are too short for the codes in use: they only warn.
        Fault::warning("办件编号", Change::TooLong(50), "length").about("project_no"),
        Fault::warning("申请者名称", Change::TooLong(100), "length").about("applicant_name"),
        Fault::warning("申请者证件号码", Change::WrongCheck, "certificate")
            .about("applicant_code")
            .of(Needs::Person),
        Fault::warning("申请者证件号码", Change::WrongCheck, "certificate")
            .about("applicant_code")
            .of(Needs::Company),
        Fault::warning("联系人手机号码", Change::Value("20000000000"), "type")
            .about("contact_mobile"),
        Fault::warning("申请时间", Change::Future, "not_future").about("apply_at"),
    ],
    every_row: &[("task_code", "length")],
    again: Again { operation: "", corrected: "事项名称" },
};

fn apply(row: &mut Row, facts: &mut Facts<'_>) {
    let case = facts.case;
    row.put(&case.number);
    row.put(&facts.item().task_code);
    row.put(facts.item().name);
    put_kind(row, case.kind);
    facts.put_applicant(row);
    row.put(case.document_type());
    row.put(&case.applicant_code);
    for _ in 0..3 {
        row.blank();
    }
    row.put(&case.mobile);
    for _ in 0..3 {
        row.blank();
    }
    row.put(facts.random.pick(&["1", "2", "3"]));
    facts.put_time(row, case.applied_at, STYLE);
    row.blank();
    row.put(AREA);
}

/// Adds the kind of a case as a word and as a code.
fn put_kind(row: &mut Row, kind: u64) {
    row.put(match kind {
        1 => "即办件",
        2 => "承诺件",
        _ => "其他",
    });
    row.number(kind);
}

pub(super) const ACCEPT: Dataset = Dataset {
    profile: PROFILE,
    id: "accept",
    header: &[
        "办件编号",
        "基本编码",
        "实施编码",
        "事项名称",
        "受理单位名称",
        "受理单位统一社会信用代码",
        "受理人员",
        "受理时间",
        "受理文书编号",
        "承诺办结时间",
        "办件类型",
        "办件类型代码",
        "行政区划",
    ],
    fill: accept,
    style: STYLE,
    required: &[("办件编号", "project_no"), ("受理时间", "accept_at")],
    faults: &[
        Fault::error("办件类型代码", Change::Value("7"), "known")
            .about("case_type")
            .emptying(&["办件类型"]),
        Fault::error("办件类型", Change::OtherKind, "agrees")
            .about("case_type")
            .beside("办件类型代码"),
        Fault::error("受理时间", Change::Words, "type").about("accept_at"),
        Fault::error("受理时间", Change::NoSuchDay, "type").about("accept_at"),
        Fault::error("受理单位统一社会信用代码", Change::WrongCheck, "checksum").about("org_code"),
        Fault::warning("受理单位名称", Change::TooLong(100), "length").about("org_name"),
        Fault::warning("承诺办结时间", Change::YearBefore, "before_promise_at")
            .about("accept_at")
            .beside("受理时间"),
    ],
    every_row: &[("catalog_code", "length"), ("task_code", "length")],
    again: Again { operation: "", corrected: "事项名称" },
};

fn accept(row: &mut Row, facts: &mut Facts<'_>) {
    let (case, office) = (facts.case, facts.office);
    row.put(&case.number);
    row.put(&facts.item().catalog_code);
    row.put(&facts.item().task_code);
    row.put(facts.item().name);
    row.put(&office.name);
    row.put(&office.code);
    row.blank();
    facts.put_time(row, case.accepted_at, STYLE);
    row.blank();
    facts.put_time(row, case.promised_at, STYLE);
    put_kind(row, case.kind);
    row.put(AREA);
}

pub(super) const PROCESS: Dataset = Dataset {
    profile: PROFILE,
    id: "process",
    header: &[
        "办件编号",
        "业务动作",
        "环节名称",
        "环节处理人",
        "环节处理意见",
        "环节开始时间",
        "环节结束时间",
        "处理单位名称",
        "处理单位统一社会信用代码",
        "环节办理状态代码",
        "特别程序种类名称",
        "特别程序种类代码",
        "特别程序开始时间",
        "特别程序启动理由或依据",
        "申请人",
        "特别程序结束时间",
        "特别程序结果",
        "特别程序办理意见",
        "办理单位名称",
        "办理单位统一社会信用代码",
        "办理人",
    ],
    fill: process,
    style: STYLE,
    required: &[
        ("办件编号", "project_no"),
        ("环节名称", "step_name"),
        ("环节开始时间", "start_at"),
        ("环节结束时间", "end_at"),
    ],
    faults: &[
        Fault::error("业务动作", Change::Value("跳过"), "known").about("action"),
        Fault::error("环节办理状态代码", Change::Value("3"), "known").about("step_state"),
        Fault::error("环节开始时间", Change::Words, "type").about("start_at"),
        Fault::error("环节结束时间", Change::NoSuchDay, "type").about("end_at"),
        Fault::error("处理单位统一社会信用代码", Change::WrongCheck, "checksum").about("org_code"),
        Fault::warning("环节名称", Change::TooLong(100), "length").about("step_name"),
        Fault::warning("环节结束时间", Change::YearBefore, "before_end_at")
            .about("start_at")
            .beside("环节开始时间"),
    ],
    every_row: &[],
    again: Again { operation: "", corrected: "处理单位名称" },
};

fn process(row: &mut Row, facts: &mut Facts<'_>) {
    let (case, office) = (facts.case, facts.office);
    row.put(&case.number);
    row.put("通过");
    row.put(facts.random.pick(&["受理", "审核", "批准", "办结"]));
    let mut random = facts.random.clone();
    row.write(|out| push_person(out, &mut random));
    row.put(facts.random.pick(&["同意", "予以受理", "材料齐全", "符合条件"]));
    // A step without an end of its own has that of its beginning.
    let is_instant = facts.random.in_thousand(150);
    let started_at = if is_instant { case.finished_at } else { case.accepted_at };
    facts.put_time(row, started_at, STYLE);
    facts.put_time(row, case.finished_at, STYLE);
    row.put(&office.name);
    row.put(&office.code);
    row.put("2");
    for _ in 0..11 {
        row.blank();
    }
}

pub(super) const RESULT: Dataset = Dataset {
    profile: PROFILE,
    id: "result",
    header: &[
        "办件编号",
        "办理人姓名",
        "办结时间",
        "结果证照名称",
        "结果证照编号",
        "办件结果描述",
        "证照有效期限",
        "发证/盖章单位",
        "行政区划",
        "是否快递寄送结果",
        "是否收费",
    ],
    fill: result,
    // Inside the standard the format of this table differs from the others.
    style: TimeStyle::Colons,
    required: &[("办件编号", "project_no"), ("办结时间", "result_at")],
    faults: &[
        Fault::error("是否快递寄送结果", Change::Value("2"), "known").about("is_sent_by_courier"),
        Fault::error("是否收费", Change::Value("2"), "known").about("is_charged"),
        Fault::error("办结时间", Change::Words, "type").about("result_at"),
        Fault::error("办结时间", Change::NoSuchDay, "type").about("result_at"),
        Fault::warning("结果证照名称", Change::TooLong(200), "length").about("certificate_name"),
        Fault::warning("办结时间", Change::Future, "not_future").about("result_at"),
    ],
    every_row: &[],
    again: Again { operation: "", corrected: "发证/盖章单位" },
};

fn result(row: &mut Row, facts: &mut Facts<'_>) {
    let (case, office) = (facts.case, facts.office);
    row.put(&case.number);
    row.blank();
    facts.put_time(row, case.finished_at, TimeStyle::Colons);
    for _ in 0..4 {
        row.blank();
    }
    row.put(&office.name);
    row.put(AREA);
    row.put(if facts.random.in_thousand(80) { "1" } else { "0" });
    row.put("0");
}

pub(super) const EVALUATION: Dataset = Dataset {
    profile: PROFILE,
    id: "evaluation",
    header: &[
        "办件编号",
        "评价渠道",
        "评价人",
        "评价时间",
        "评价次数",
        "满意度",
        "满意度代码",
        "文字评价",
        "行政区划",
    ],
    fill: evaluation,
    style: STYLE,
    required: &[
        ("办件编号", "project_no"),
        ("评价时间", "assess_at"),
        ("评价次数", "assess_number"),
        ("满意度代码", "satisfaction_code"),
    ],
    faults: &[
        Fault::error("评价渠道", Change::Value("传真"), "known").about("channel"),
        Fault::error("评价次数", Change::Value("0"), "type").about("assess_number"),
        Fault::error("满意度代码", Change::Value("6"), "known")
            .about("satisfaction_code")
            .emptying(&["满意度"]),
        Fault::error("满意度", Change::OtherRating, "agrees")
            .about("satisfaction_code")
            .beside("满意度代码"),
        Fault::error("评价时间", Change::Words, "type").about("assess_at"),
        Fault::error("评价时间", Change::NoSuchDay, "type").about("assess_at"),
        Fault::warning("评价人", Change::TooLong(30), "length").about("evaluator_name"),
        Fault::warning("满意度代码", Change::Value("4"), "low_without_words")
            .about("")
            .emptying(&["满意度", "文字评价"]),
    ],
    every_row: &[],
    again: Again { operation: "", corrected: "文字评价" },
};

/// Words of the ratings, the best one first: here 1 is the best.
const WORDS: [&str; 5] = ["非常满意", "满意", "基本满意", "不满意", "非常不满意"];
/// Names of the channels; the standard gives them no codes.
const CHANNELS: [&str; 7] =
    ["PC端", "移动服务端", "二维码", "政务大厅平板电脑", "政务大厅其他终端", "电话", "短信"];

fn evaluation(row: &mut Row, facts: &mut Facts<'_>) {
    let case = facts.case;
    let rank: usize = match facts.random.below(1000) {
        0..880 => 0,
        880..950 => 1,
        950..980 => 2,
        980..992 => 3,
        _ => 4,
    };
    let rank = if facts.making.trap == Some(Trap::ConstantRating) { 0 } else { rank };
    row.put(&case.number);
    row.put(facts.random.pick(&CHANNELS));
    facts.put_applicant(row);
    let lag = match facts.making.trap {
        Some(Trap::MinuteIsMonth) => facts.random.between(1, 7) * DAY,
        _ => facts.random.between(60, 7 * DAY),
    };
    let rated_at = (case.accepted_at + lag).min(facts.making.calendar.last_second());
    facts.put_time(row, rated_at, STYLE);
    row.put("1");
    row.put(WORDS[rank]);
    row.number(rank as u64 + 1);
    let points = 5 - rank as u64;
    let is_repeated = facts.making.trap == Some(Trap::RepeatedText);
    let words = remark(points, &mut facts.random);
    let has_words = points <= 2 || (!is_repeated && facts.random.in_thousand(40));
    row.put(match (has_words, is_repeated) {
        (false, _) => "",
        (true, true) => REPEATED,
        (true, false) => words,
    });
    row.put(AREA);
}
