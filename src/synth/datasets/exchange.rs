//! The tables of the exchange (`up_pro_*`) and what comes back from it (`dn_audit_abnormal`).

use crate::synth::calendar::TimeStyle;
use crate::synth::datasets::{Again, DATA_SOURCE, Dataset, Facts};
use crate::synth::faults::{Change, Fault, Needs};
use crate::synth::row::Row;
use crate::synth::words::push_person;

const PROFILE: &str = "up-exchange";
const STYLE: TimeStyle = TimeStyle::Dashed;
/// A code of 33 characters of another office's item.
const FOREIGN_HANDLE_ITEM: &str = "11440232MB2D06811W400011705100001";

pub(super) const ACCEPT: Dataset = Dataset {
    profile: PROFILE,
    id: "up_pro_accept",
    header: &[
        "row_guid",
        "project_no",
        "catalog_code",
        "local_catalog_code",
        "task_code",
        "local_task_code",
        "task_handle_item",
        "task_name",
        "task_version",
        "project_name",
        "project_type",
        "applyer_name",
        "applyer_type",
        "applyer_page_type",
        "applyer_page_code",
        "apply_date",
        "apply_type",
        "legal",
        "contact_name",
        "contact_type",
        "contact_code",
        "contact_mobile",
        "zip_code",
        "address",
        "org_name",
        "org_code",
        "handle_user_name",
        "accept_date",
        "accept_doc_no",
        "promise_date",
        "cd_operation",
        "cd_time",
        "cd_batch",
        "data_source",
    ],
    fill: accept,
    style: STYLE,
    required: &[
        ("row_guid", "row_guid"),
        ("project_no", "project_no"),
        ("catalog_code", "catalog_code"),
        ("task_code", "task_code"),
        ("task_name", "task_name"),
        ("task_version", "task_version"),
        ("project_type", "project_type"),
        ("applyer_name", "applyer_name"),
        ("applyer_type", "applyer_type"),
        ("applyer_page_type", "applyer_page_type"),
        ("applyer_page_code", "applyer_page_code"),
        ("apply_date", "apply_date"),
        ("apply_type", "apply_type"),
        ("org_name", "org_name"),
        ("org_code", "org_code"),
        ("accept_date", "accept_date"),
        ("cd_operation", "cd_operation"),
        ("cd_time", "cd_time"),
        ("cd_batch", "cd_batch"),
        ("data_source", "data_source"),
    ],
    faults: &[
        Fault::error("row_guid", Change::TooLong(50), "length"),
        Fault::error("project_no", Change::TooLong(50), "length"),
        Fault::error("applyer_name", Change::TooLong(100), "length"),
        Fault::error("org_name", Change::TooLong(100), "length"),
        Fault::error("cd_batch", Change::TooLong(32), "length"),
        Fault::error("data_source", Change::TooLong(3), "length"),
        Fault::error("contact_mobile", Change::TooLong(11), "length")
            .also(&[("contact_mobile", "type")]),
        Fault::error("catalog_code", Change::TooLong(12), "length")
            .also(&[("task_code", "catalog"), ("catalog_code", "shape")])
            .beside("task_code"),
        Fault::error("task_version", Change::Value("V1"), "type"),
        Fault::error("project_type", Change::Value("7"), "known"),
        Fault::error("apply_date", Change::Words, "type"),
        Fault::error("accept_date", Change::Words, "type"),
        Fault::error("accept_date", Change::NoSuchDay, "type"),
        Fault::error("cd_time", Change::NoSuchDay, "type"),
        Fault::error("org_code", Change::WrongCheck, "checksum"),
        Fault::error("org_code", Change::Value("630000001"), "checksum"),
        // Nobody states what follows, or it rests on what was inferred: it only warns.
        Fault::warning("applyer_page_code", Change::WrongCheck, "certificate").of(Needs::Person),
        Fault::warning("applyer_page_code", Change::WrongCheck, "certificate").of(Needs::Company),
        Fault::warning("applyer_page_code", Change::NoSuchBirthday, "certificate")
            .of(Needs::Person),
        Fault::warning("applyer_type", Change::Value("8"), "known"),
        Fault::warning("applyer_page_type", Change::Value("777"), "known")
            .beside("applyer_page_code"),
        Fault::warning("contact_mobile", Change::Value("20000000000"), "type"),
        Fault::warning("cd_operation", Change::Value("Z"), "known"),
        Fault::warning("task_code", Change::Value("XK63000001"), "shape")
            .emptying(&["task_handle_item"])
            .beside("catalog_code"),
        Fault::warning("task_code", Change::Digit(18, '9'), "level")
            .emptying(&["task_handle_item"])
            .beside("catalog_code"),
        Fault::warning("task_code", Change::Digit(7, '9'), "body")
            .emptying(&["task_handle_item"])
            .beside("catalog_code"),
        Fault::warning("task_handle_item", Change::Value("63"), "shape").beside("task_code"),
        Fault::warning("task_handle_item", Change::Value(FOREIGN_HANDLE_ITEM), "task")
            .beside("task_code"),
        Fault::warning("catalog_code", Change::Digit(11, '9'), "catalog")
            .about("task_code")
            .beside("task_code"),
        Fault::warning("catalog_code", Change::Digit(0, '4'), "place")
            .also(&[("task_code", "catalog")])
            .beside("task_code"),
        Fault::warning("catalog_code", Change::Digit(2, '9'), "item_type")
            .also(&[("task_code", "catalog")])
            .beside("task_code"),
        Fault::warning("accept_date", Change::YearBefore, "before_accept_date")
            .about("apply_date")
            .beside("apply_date"),
        Fault::warning("promise_date", Change::YearBefore, "before_promise_date")
            .about("accept_date")
            .beside("accept_date"),
        Fault::warning("cd_time", Change::YearBefore, "before_cd_time")
            .about("accept_date")
            .beside("accept_date"),
        Fault::warning("accept_date", Change::Future, "not_future")
            .also(&[("accept_date", "before_cd_time")])
            .emptying(&["promise_date"]),
    ],
    every_row: &[],
    again: Again { operation: "cd_operation", corrected: "project_name" },
};

fn accept(row: &mut Row, facts: &mut Facts<'_>) {
    let (case, office) = (facts.case, facts.office);
    facts.put_guid(row);
    row.put(&case.number);
    row.put(&facts.item().catalog_code);
    row.blank();
    row.put(&facts.item().task_code);
    row.blank();
    row.put(if facts.random.in_thousand(500) { &facts.item().handling_code } else { "" });
    row.put(facts.item().name);
    row.put("1");
    row.blank();
    row.number(case.kind);
    facts.put_applicant(row);
    row.put(if case.is_person { "1" } else { "2" });
    row.put(case.document_type());
    row.put(&case.applicant_code);
    facts.put_time(row, case.applied_at, STYLE);
    row.put("1");
    row.blank();
    let mut random = facts.random.clone();
    row.write(|out| {
        if !case.is_person {
            push_person(out, &mut random);
        }
    });
    row.blank();
    row.blank();
    row.put(&case.mobile);
    row.blank();
    row.blank();
    row.put(&office.name);
    row.put(&office.code);
    row.blank();
    facts.put_time(row, case.accepted_at, STYLE);
    row.blank();
    if case.kind == 2 {
        facts.put_time(row, case.promised_at, STYLE);
    } else {
        row.blank();
    }
    facts.put_arrival(row, case.accepted_at);
}

pub(super) const PROCESS: Dataset = Dataset {
    profile: PROFILE,
    id: "up_pro_process",
    header: &[
        "row_guid",
        "project_no",
        "process_name",
        "event_name",
        "event_start_time",
        "event_end_time",
        "handle_user_name",
        "handle_explain",
        "remark",
        "cd_operation",
        "cd_time",
        "cd_batch",
        "data_source",
    ],
    fill: process,
    style: STYLE,
    required: &[
        ("row_guid", "row_guid"),
        ("project_no", "project_no"),
        ("process_name", "process_name"),
        ("event_name", "event_name"),
        ("event_start_time", "event_start_time"),
        ("event_end_time", "event_end_time"),
        ("handle_user_name", "handle_user_name"),
        ("handle_explain", "handle_explain"),
        ("cd_operation", "cd_operation"),
        ("cd_time", "cd_time"),
        ("cd_batch", "cd_batch"),
        ("data_source", "data_source"),
    ],
    faults: &[
        Fault::error("remark", Change::TooLong(256), "length"),
        Fault::error("event_name", Change::TooLong(2), "length"),
        Fault::error("event_start_time", Change::Words, "type"),
        Fault::error("event_end_time", Change::NoSuchDay, "type"),
        Fault::warning("event_end_time", Change::YearBefore, "before_event_end_time")
            .about("event_start_time")
            .beside("event_start_time"),
        Fault::warning("cd_time", Change::YearBefore, "before_cd_time")
            .about("event_end_time")
            .beside("event_end_time"),
    ],
    every_row: &[],
    again: Again { operation: "cd_operation", corrected: "remark" },
};

fn process(row: &mut Row, facts: &mut Facts<'_>) {
    let case = facts.case;
    facts.put_guid(row);
    row.put(&case.number);
    row.put(facts.random.pick(&["受理", "审核", "批准", "办结"]));
    row.put("1");
    // A step without an end of its own has that of its beginning.
    let is_instant = facts.random.in_thousand(150);
    let started_at = if is_instant { case.finished_at } else { case.accepted_at };
    facts.put_time(row, started_at, STYLE);
    facts.put_time(row, case.finished_at, STYLE);
    let mut random = facts.random.clone();
    row.write(|out| push_person(out, &mut random));
    row.put(facts.random.pick(&["同意", "予以受理", "材料齐全", "符合条件"]));
    row.blank();
    facts.put_arrival(row, case.finished_at);
}

pub(super) const RESULT: Dataset = Dataset {
    profile: PROFILE,
    id: "up_pro_result",
    header: &[
        "row_guid",
        "project_no",
        "handle_user_name",
        "result_date",
        "result_type",
        "result_cetr_name",
        "result_cetr_no",
        "result_explain",
        "is_delivery_results",
        "satisfaction",
        "remark",
        "cd_operation",
        "cd_time",
        "cd_batch",
        "data_source",
    ],
    fill: result,
    style: STYLE,
    required: &[
        ("row_guid", "row_guid"),
        ("project_no", "project_no"),
        ("result_date", "result_date"),
        ("result_type", "result_type"),
        ("is_delivery_results", "is_delivery_results"),
        ("cd_operation", "cd_operation"),
        ("cd_time", "cd_time"),
        ("cd_batch", "cd_batch"),
        ("data_source", "data_source"),
    ],
    faults: &[
        Fault::error("result_cetr_name", Change::TooLong(256), "length"),
        Fault::error("remark", Change::TooLong(256), "length"),
        Fault::error("result_date", Change::Words, "type"),
        Fault::error("result_date", Change::NoSuchDay, "type"),
        Fault::warning("is_delivery_results", Change::Value("2"), "known"),
        Fault::warning("cd_time", Change::YearBefore, "before_cd_time")
            .about("result_date")
            .beside("result_date"),
        Fault::warning("result_date", Change::Future, "not_future")
            .also(&[("result_date", "before_cd_time")]),
    ],
    every_row: &[],
    again: Again { operation: "cd_operation", corrected: "remark" },
};

fn result(row: &mut Row, facts: &mut Facts<'_>) {
    let case = facts.case;
    facts.put_guid(row);
    row.put(&case.number);
    row.blank();
    facts.put_time(row, case.finished_at, STYLE);
    row.put("6");
    row.blank();
    row.blank();
    row.blank();
    row.put(if facts.random.in_thousand(80) { "1" } else { "0" });
    // In which direction it runs here is not known, so nobody fills it in.
    row.blank();
    row.blank();
    facts.put_arrival(row, case.finished_at);
}

pub(super) const SPECIAL_PROCEDURE: Dataset = Dataset {
    profile: PROFILE,
    id: "up_pro_special_procedure",
    header: &[
        "row_guid",
        "project_no",
        "special_type",
        "special_name",
        "special_time",
        "special_reason",
        "applyer_user_name",
        "end_time",
        "result",
        "special_explain",
        "handle_user",
        "remark",
        "cd_operation",
        "cd_time",
        "cd_batch",
        "data_source",
    ],
    fill: special_procedure,
    style: STYLE,
    required: &[
        ("row_guid", "row_guid"),
        ("project_no", "project_no"),
        ("special_type", "special_type"),
        ("special_name", "special_name"),
        ("special_time", "special_time"),
        ("special_reason", "special_reason"),
        ("end_time", "end_time"),
        ("cd_operation", "cd_operation"),
        ("cd_time", "cd_time"),
        ("cd_batch", "cd_batch"),
        ("data_source", "data_source"),
    ],
    faults: &[
        Fault::error("special_type", Change::Value("8"), "known"),
        Fault::error("special_time", Change::Words, "type"),
        Fault::error("remark", Change::TooLong(256), "length"),
        Fault::warning("end_time", Change::YearBefore, "before_end_time")
            .about("special_time")
            .beside("special_time"),
        Fault::warning("cd_time", Change::YearBefore, "before_cd_time")
            .about("special_time")
            .beside("special_time"),
    ],
    every_row: &[],
    again: Again { operation: "cd_operation", corrected: "remark" },
};

fn special_procedure(row: &mut Row, facts: &mut Facts<'_>) {
    let case = facts.case;
    facts.put_guid(row);
    row.put(&case.number);
    let is_extension = facts.random.in_thousand(600);
    row.put(if is_extension { "1" } else { "2" });
    row.put(if is_extension { "延长审批" } else { "专家评审" });
    facts.put_time(row, case.accepted_at, STYLE);
    row.put("依法需要延长");
    row.blank();
    facts.put_time(row, case.finished_at, STYLE);
    for _ in 0..4 {
        row.blank();
    }
    facts.put_arrival(row, case.finished_at);
}

pub(super) const MATERIAL: Dataset = Dataset {
    profile: PROFILE,
    id: "up_pro_material",
    header: &[
        "row_guid",
        "project_no",
        "material_name",
        "material_attach_name",
        "get_type",
        "get_num",
        "remark",
        "cd_operation",
        "cd_time",
        "cd_batch",
        "data_source",
    ],
    fill: material,
    style: STYLE,
    required: &[
        ("row_guid", "row_guid"),
        ("project_no", "project_no"),
        ("material_name", "material_name"),
        ("get_type", "get_type"),
        ("cd_operation", "cd_operation"),
        ("cd_time", "cd_time"),
        ("cd_batch", "cd_batch"),
        ("data_source", "data_source"),
    ],
    faults: &[
        Fault::error("material_name", Change::TooLong(200), "length"),
        Fault::error("get_num", Change::TooLong(5), "length"),
        Fault::error("cd_time", Change::Words, "type"),
        Fault::warning("cd_time", Change::Future, "not_future"),
    ],
    every_row: &[],
    again: Again { operation: "cd_operation", corrected: "remark" },
};

fn material(row: &mut Row, facts: &mut Facts<'_>) {
    let case = facts.case;
    facts.put_guid(row);
    row.put(&case.number);
    row.put(facts.random.pick(&["申请表", "身份证件", "营业执照副本", "委托书"]));
    row.blank();
    row.put("1");
    row.put("1");
    row.blank();
    facts.put_arrival(row, case.applied_at);
}

pub(super) const ABNORMAL: Dataset = Dataset {
    profile: PROFILE,
    id: "dn_audit_abnormal",
    header: &[
        "row_guid",
        "err_type",
        "remark",
        "table_name",
        "table_sql_name",
        "table_row_guid",
        "table_cd_batch",
        "table_cd_source",
        "table_cd_time",
        "table_update_time",
        "cd_time",
    ],
    fill: abnormal,
    style: STYLE,
    required: &[
        ("row_guid", "row_guid"),
        ("err_type", "err_type"),
        ("table_name", "table_name"),
        ("table_sql_name", "table_sql_name"),
        ("table_row_guid", "table_row_guid"),
        ("table_cd_batch", "table_cd_batch"),
        ("table_cd_source", "table_cd_source"),
        ("table_cd_time", "table_cd_time"),
        ("table_update_time", "table_update_time"),
        ("cd_time", "cd_time"),
    ],
    faults: &[
        Fault::error("err_type", Change::TooLong(100), "length"),
        Fault::error("table_cd_time", Change::Words, "type"),
        Fault::warning("table_sql_name", Change::Value("up_pro_other"), "known"),
    ],
    every_row: &[],
    again: Again { operation: "", corrected: "" },
};

fn abnormal(row: &mut Row, facts: &mut Facts<'_>) {
    let case = facts.case;
    facts.put_guid(row);
    row.put(facts.random.pick(&["必填项为空", "代码不在标准内", "时间格式错误"]));
    row.blank();
    row.put("办件受理信息");
    row.put("up_pro_accept");
    facts.put_guid(row);
    let pushed_at = case.accepted_at + case.delay;
    row.write(|out| {
        out.push_str("63-");
        crate::synth::codes::push_digits(out, facts.making.calendar.day(pushed_at).into(), 8);
    });
    row.put(DATA_SOURCE);
    for hours in [0, 2, 4] {
        facts.put_time(row, pushed_at + hours * 3600, STYLE);
    }
}
