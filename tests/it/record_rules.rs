//! A small judge of made-up rows, written for the tests alone: one line a rule, one function a check.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;

use crate::synth::Row;

/// The rules of one dataset, as text.
pub(crate) struct Spec {
    profile: &'static str,
    dataset: &'static str,
    key: &'static [&'static str],
    lines: &'static str,
}

/// The rules of one dataset.
pub(crate) struct Rules {
    pub(crate) profile: &'static str,
    pub(crate) dataset: &'static str,
    pub(crate) file: &'static str,
    pub(crate) key: &'static [&'static str],
    /// Id of each rule, its check, and what that is given.
    checks: Vec<(String, &'static str, Vec<&'static str>)>,
}

impl Rules {
    /// Reads lines of `id check column …`; `required` takes columns, `column=field` where the field has
    /// another name.
    pub(crate) fn parse(spec: &Spec) -> Self {
        let mut rules = Vec::new();
        for line in spec.lines.lines().filter(|line| !line.is_empty()) {
            let words: Vec<&str> = line.split(' ').collect();
            if words[0] == "required" {
                for column in &words[1..] {
                    let (column, field) = column.split_once('=').unwrap_or((column, column));
                    rules.push((format!("{field}.required"), "blank", vec![column]));
                }
            } else {
                rules.push((words[0].to_owned(), words[1], words[2..].to_vec()));
            }
        }
        let file = format!("{}.csv", spec.dataset).leak();
        let Spec { profile, dataset, key, .. } = *spec;
        Self { profile, dataset, file, key, checks: rules }
    }

    pub(crate) fn ids(&self) -> BTreeSet<String> {
        self.checks.iter().map(|(id, _, _)| id.clone()).collect()
    }

    /// Returns the ids of the rules that a row breaks.
    pub(crate) fn broken_by(&self, row: &Row) -> BTreeSet<String> {
        let broken = self.checks.iter().filter(|(_, check, given)| is_broken(row, check, given));
        broken.map(|(id, _, _)| id.clone()).collect()
    }
}

fn is_broken(row: &Row, check: &str, given: &[&str]) -> bool {
    let column = |idx: usize| row.get(given[idx]).map_or("", String::as_str);
    let number = |idx: usize| given[idx].parse::<usize>().unwrap();
    let value = column(0);
    if check == "blank" {
        return value.is_empty();
    }
    if check == "blank_when" {
        return value.is_empty() && among(column(1), given[2]);
    }
    if check == "blank_all_when" {
        return value.is_empty() && column(1).is_empty() && among(column(2), given[3]);
    }
    if value.is_empty() {
        return false;
    }
    let part = || value.get(number(1) - 1..number(2));
    match check {
        "longer" => value.chars().count() > number(1),
        "chars" => value.chars().count() != number(1),
        "time" => time(value).is_none(),
        "order" => matches!((time(value), time(column(1))), (Some(a), Some(b)) if a > b),
        "future" => time(value).is_some_and(|time| time.and_utc().timestamp() > 1_893_456_000),
        "among" => !among(value, given[1]),
        "int" => !value.parse().is_ok_and(|it| (number(1)..=number(2)).contains(&it)),
        "mobile" => !(value.len() == 11 && value.starts_with('1') && is_digits(value)),
        "region" => !([6, 9, 12].contains(&value.len()) && is_digits(value)),
        "three_digits" => !(value.len() == 3 && is_digits(value)),
        "uscc" => !is_uscc(value),
        "certificate" => {
            let kind = column(1);
            (kind == given[2] && !is_resident_id(value)) || (kind == given[3] && !is_uscc(value))
        }
        "part_among" => part().is_some_and(|part| !among(part, given[3])),
        "part_uscc" => part().is_some_and(|part| !is_uscc(part)),
        "part_equals" => {
            let other = column(3);
            !other.is_empty() && part().is_some_and(|part| part != other)
        }
        "tags_disagree" => {
            let rating = column(1);
            !rating.is_empty() && value.split(',').any(|tag| !tag.starts_with(rating))
        }
        "tags_retired" => value.split(',').any(|tag| RETIRED.contains(&tag)),
        "words_disagree" => given[2].split('|').any(|pair| {
            let (word, code) = pair.split_once('=').unwrap();
            value == word && code != column(1) && !column(1).is_empty()
        }),
        other => panic!("no check `{other}`"),
    }
}

/// Tags that were in use before, one a rating.
const RETIRED: [&str; 5] = ["101", "201", "301", "401", "501"];

fn among(value: &str, list: &str) -> bool {
    list.split('|').any(|known| known == value)
}

fn is_digits(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_digit())
}

fn time(value: &str) -> Option<NaiveDateTime> {
    let styles = ["%Y-%m-%d %H:%M:%S", "%Y%m%dT%H%M%S", "%Y%m%d%H:%M:%S"];
    styles.iter().find_map(|style| NaiveDateTime::parse_from_str(value, style).ok())
}

fn is_uscc(value: &str) -> bool {
    let alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    let values: Option<Vec<usize>> = value.chars().map(|c| alphabet.find(c)).collect();
    let weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28, 1];
    values.is_some_and(|values| {
        let sum: usize = values.iter().zip(weights).map(|(value, weight)| value * weight).sum();
        values.len() == 18 && sum.is_multiple_of(31)
    })
}

fn is_resident_id(value: &str) -> bool {
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2, 1];
    let digit = |c: char| if c == 'X' { Some(10) } else { c.to_digit(10) };
    let digits: Option<Vec<u32>> = value.chars().map(digit).collect();
    let born = value.get(6..14).unwrap_or_default();
    digits.is_some_and(|digits| {
        let sum: u32 = digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum();
        digits.len() == 18
            && sum % 11 == 1
            && chrono::NaiveDate::parse_from_str(born, "%Y%m%d").is_ok()
    })
}

pub(crate) const CASES: Spec = Spec {
    profile: "up-exchange",
    dataset: "up_pro_accept",
    key: &["row_guid"],
    lines: "
required row_guid project_no catalog_code task_code task_name task_version project_type applyer_name
required applyer_type applyer_page_type applyer_page_code apply_date apply_type org_name org_code
required accept_date cd_operation cd_time cd_batch data_source
row_guid.length longer row_guid 50
project_no.length longer project_no 50
applyer_name.length longer applyer_name 100
org_name.length longer org_name 100
cd_batch.length longer cd_batch 32
data_source.length longer data_source 3
contact_mobile.length longer contact_mobile 11
catalog_code.length longer catalog_code 12
task_version.type int task_version 0 2147483647
project_type.known among project_type 1|2|9
apply_date.type time apply_date
accept_date.type time accept_date
cd_time.type time cd_time
org_code.checksum uscc org_code
applyer_page_code.certificate certificate applyer_page_code applyer_page_type 111 01
applyer_type.known among applyer_type 1|2|3|4|5|6|9
applyer_page_type.known among applyer_page_type 001|01|111
contact_mobile.type mobile contact_mobile
cd_operation.known among cd_operation I|U|D
task_code.shape chars task_code 31
task_code.level part_among task_code 19 19 1|2|3|4|5|6|7
task_code.body part_uscc task_code 1 18
task_code.catalog part_equals task_code 20 31 catalog_code
task_handle_item.shape chars task_handle_item 33
task_handle_item.task part_equals task_handle_item 1 31 task_code
catalog_code.shape chars catalog_code 12
catalog_code.place part_among catalog_code 1 2 00|63
catalog_code.item_type part_among catalog_code 3 4 00|01|02|03|04|05|06|07|08|09|10|20
apply_date.before_accept_date order apply_date accept_date
accept_date.before_promise_date order accept_date promise_date
accept_date.before_cd_time order accept_date cd_time
accept_date.not_future future accept_date
",
};

pub(crate) const EVALUATIONS: Spec = Spec {
    profile: "evaluation-interface",
    dataset: "hcp_offlinereport",
    key: &["projectNo", "assessNumber"],
    lines: "
required projectNo satisfaction assessTime assessNumber deptCode
satisfaction.known among satisfaction 1|2|3|4|5
pf.known among pf 1|2|3|4|5|6|7
proStatus.known among proStatus 1|2|3
promiseTime.known among promiseTime 1|2
userProp.known among userProp 1|2
assessNumber.type int assessNumber 1 2
areaCode.type region areaCode
areaCode.known among areaCode 630000|6300
dataSource.shape three_digits dataSource
deptCode.checksum uscc deptCode
assessTime.type time assessTime
acceptDate.type time acceptDate
evalDetail.agrees tags_disagree evalDetail satisfaction
evalDetail.in_use tags_retired evalDetail
low_without_reason blank_all_when evalDetail writingEvaluation satisfaction 1|2
projectNo.length longer projectNo 50
certkeyGOV.certificate certificate certkeyGOV userProp 1 2
taskCode.shape chars taskCode 31
taskCode.level part_among taskCode 19 19 1|2|3|4|5|6|7
taskHandleItem.shape chars taskHandleItem 33
acceptDate.before_assessTime order acceptDate assessTime
assessTime.not_future future assessTime
",
};

pub(crate) const OTHERS: [Spec; 11] = [
    Spec {
        profile: "up-exchange",
        dataset: "up_pro_process",
        key: &["row_guid"],
        lines: "
required row_guid project_no process_name event_name event_start_time event_end_time
required handle_user_name handle_explain cd_operation cd_time cd_batch data_source
remark.length longer remark 256
event_name.length longer event_name 2
event_start_time.type time event_start_time
event_end_time.type time event_end_time
event_start_time.before_event_end_time order event_start_time event_end_time
event_end_time.before_cd_time order event_end_time cd_time
",
    },
    Spec {
        profile: "up-exchange",
        dataset: "up_pro_result",
        key: &["row_guid"],
        lines: "
required row_guid project_no result_date result_type is_delivery_results
required cd_operation cd_time cd_batch data_source
result_cetr_name.length longer result_cetr_name 256
remark.length longer remark 256
result_date.type time result_date
is_delivery_results.known among is_delivery_results 0|1
result_date.before_cd_time order result_date cd_time
result_date.not_future future result_date
",
    },
    Spec {
        profile: "up-exchange",
        dataset: "up_pro_special_procedure",
        key: &["row_guid"],
        lines: "
required row_guid project_no special_type special_name special_time special_reason end_time
required cd_operation cd_time cd_batch data_source
special_type.known among special_type 1|2
special_time.type time special_time
remark.length longer remark 256
special_time.before_end_time order special_time end_time
special_time.before_cd_time order special_time cd_time
",
    },
    Spec {
        profile: "up-exchange",
        dataset: "up_pro_material",
        key: &["row_guid"],
        lines: "
required row_guid project_no material_name get_type cd_operation cd_time cd_batch data_source
material_name.length longer material_name 200
get_num.length longer get_num 5
cd_time.type time cd_time
cd_time.not_future future cd_time
",
    },
    Spec {
        profile: "up-exchange",
        dataset: "dn_audit_abnormal",
        key: &["row_guid"],
        lines: "
required row_guid err_type table_name table_sql_name table_row_guid
required table_cd_batch table_cd_source table_cd_time table_update_time cd_time
err_type.length longer err_type 100
table_cd_time.type time table_cd_time
table_sql_name.known among table_sql_name up_pro_accept
",
    },
    Spec {
        profile: "evaluation-push",
        dataset: "hcp_case_push",
        key: &["projectId", "serviceNumber"],
        lines: "
required taskId taskName projectId proStatus serviceNumber serviceTime deptCode
proStatus.known among proStatus 1|2|3
taskType.known among taskType 1|2
subMatter.known among subMatter 1|2|3|4|5|6|9
eventType.known among eventType 1|2
pf.known among pf 1|2|3|4|5|6|7
serviceNumber.type int serviceNumber 1 99
deptCode.checksum uscc deptCode
serviceTime.type time serviceTime
acceptDate.when_accepted blank_when acceptDate proStatus 2|3
resultDate.when_finished blank_when resultDate proStatus 3
userCert.certificate certificate userCert certType 111 01
phoneNumber.type mobile phoneNumber
acceptDate.before_resultDate order acceptDate resultDate
serviceTime.not_future future serviceTime
",
    },
    Spec {
        profile: "gbt39046-2020",
        dataset: "apply",
        key: &["办件编号"],
        lines: "
required 办件编号=project_no 申请时间=apply_at
case_type.known among 办件类型代码 1|2|9
case_type.agrees words_disagree 办件类型 办件类型代码 即办件=1|承诺件=2
application_form.known among 申报来源代码 1|2|3|4|9
apply_at.type time 申请时间
apply_at.not_future future 申请时间
region.type region 行政区划
project_no.length longer 办件编号 50
applicant_name.length longer 申请者名称 100
applicant_code.certificate certificate 申请者证件号码 申请者证件类型代码 111 01
contact_mobile.type mobile 联系人手机号码
",
    },
    Spec {
        profile: "gbt39046-2020",
        dataset: "accept",
        key: &["办件编号"],
        lines: "
required 办件编号=project_no 受理时间=accept_at
case_type.known among 办件类型代码 1|2|9
case_type.agrees words_disagree 办件类型 办件类型代码 即办件=1|承诺件=2
accept_at.type time 受理时间
org_code.checksum uscc 受理单位统一社会信用代码
org_name.length longer 受理单位名称 100
accept_at.before_promise_at order 受理时间 承诺办结时间
",
    },
    Spec {
        profile: "gbt39046-2020",
        dataset: "process",
        key: &["办件编号", "环节名称", "环节开始时间"],
        lines: "
required 办件编号=project_no 环节名称=step_name 环节开始时间=start_at 环节结束时间=end_at
action.known among 业务动作 通过|退回|其他
step_state.known among 环节办理状态代码 1|2
start_at.type time 环节开始时间
end_at.type time 环节结束时间
org_code.checksum uscc 处理单位统一社会信用代码
step_name.length longer 环节名称 100
start_at.before_end_at order 环节开始时间 环节结束时间
",
    },
    Spec {
        profile: "gbt39046-2020",
        dataset: "result",
        key: &["办件编号"],
        lines: "
required 办件编号=project_no 办结时间=result_at
is_sent_by_courier.known among 是否快递寄送结果 0|1
is_charged.known among 是否收费 0|1
result_at.type time 办结时间
result_at.not_future future 办结时间
certificate_name.length longer 结果证照名称 200
",
    },
    Spec {
        profile: "gbt39046-2020",
        dataset: "evaluation",
        key: &["办件编号", "评价次数"],
        lines: "
required 办件编号=project_no 评价时间=assess_at 评价次数=assess_number 满意度代码=satisfaction_code
channel.known among 评价渠道 PC端|移动服务端|二维码|政务大厅平板电脑|政务大厅其他终端|电话|短信
assess_number.type int 评价次数 1 99
satisfaction_code.known among 满意度代码 1|2|3|4|5
satisfaction_code.agrees words_disagree 满意度 满意度代码 非常满意=1|满意=2|基本满意=3|不满意=4|非常不满意=5
assess_at.type time 评价时间
evaluator_name.length longer 评价人 30
low_without_words blank_when 文字评价 满意度代码 4|5
",
    },
];
