//! The interfaces of evaluations (好差评): what people rated, and the cases that may be rated.

use crate::synth::calendar::{DAY, Time, TimeStyle};
use crate::synth::datasets::{Again, DATA_SOURCE, Dataset, Facts};
use crate::synth::faults::{Change, Fault, Needs, TAGS};
use crate::synth::making::{LOW_WITHOUT_REASON, TAGS_AGREE};
use crate::synth::row::Row;
use crate::synth::trap::{CONSTANT_OFFSET, REPEATED, Trap};
use crate::synth::words::{push_person, remark};

const STYLE: TimeStyle = TimeStyle::Dashed;
/// Channel of ratings that nobody gave (系统默认评价).
const DEFAULT_CHANNEL: u64 = 7;
/// The province, in which every department of the annex works.
const AREA: &str = "630000";
const AREA_NAME: &str = "青海省";

pub(super) const INTERFACE: Dataset = Dataset {
    profile: "evaluation-interface",
    id: "hcp_offlinereport",
    header: &[
        "areaCode",
        "areaName",
        "deptCode",
        "taskCode",
        "taskHandleItem",
        "taskName",
        "subMatter",
        "projectNo",
        "proStatus",
        "proDepartCode",
        "proDepart",
        "proManager",
        "pf",
        "certkeyGOV",
        "userName",
        "userProp",
        "satisfaction",
        "evalDetail",
        "writingEvaluation",
        "assessTime",
        "assessNumber",
        "appStatus",
        "promiseTime",
        "acceptDate",
        "dataSource",
    ],
    fill: interface,
    style: STYLE,
    required: &[
        ("projectNo", "projectNo"),
        ("satisfaction", "satisfaction"),
        ("assessTime", "assessTime"),
        ("assessNumber", "assessNumber"),
    ],
    faults: &[
        Fault::error("satisfaction", Change::Value("6"), "known").emptying(&["evalDetail"]),
        Fault::error("pf", Change::Value("9"), "known"),
        Fault::error("proStatus", Change::Value("5"), "known"),
        Fault::error("promiseTime", Change::Value("3"), "known"),
        Fault::error("userProp", Change::Value("3"), "known").beside("certkeyGOV"),
        Fault::error("assessNumber", Change::Value("3"), "type"),
        Fault::error("areaCode", Change::Value("6300"), "type"),
        Fault::error("dataSource", Change::Value("63"), "shape"),
        Fault::error("deptCode", Change::WrongCheck, "checksum"),
        Fault::error("assessTime", Change::Words, "type"),
        Fault::error("assessTime", Change::NoSuchDay, "type"),
        Fault::error("acceptDate", Change::Words, "type"),
        Fault::error("evalDetail", Change::OtherTag, TAGS_AGREE.1).beside("satisfaction"),
        // Nobody states what follows, or it rests on what was inferred: it only warns.
        Fault::warning("deptCode", Change::Empty, "required"),
        Fault::warning("projectNo", Change::TooLong(50), "length"),
        Fault::warning("areaCode", Change::Value("639999"), "known"),
        Fault::warning("certkeyGOV", Change::WrongCheck, "certificate").of(Needs::Person),
        Fault::warning("certkeyGOV", Change::WrongCheck, "certificate").of(Needs::Company),
        Fault::warning("certkeyGOV", Change::NoSuchBirthday, "certificate").of(Needs::Person),
        Fault::warning("evalDetail", Change::RetiredTag, "in_use").beside("satisfaction"),
        Fault::warning("satisfaction", Change::Value("2"), LOW_WITHOUT_REASON)
            .about("")
            .emptying(&["evalDetail", "writingEvaluation"]),
        Fault::warning("taskCode", Change::Value("XK63000001"), "shape")
            .emptying(&["taskHandleItem"]),
        Fault::warning("taskCode", Change::Digit(18, '9'), "level").emptying(&["taskHandleItem"]),
        Fault::warning("taskHandleItem", Change::Value("63"), "shape").beside("taskCode"),
        Fault::warning("assessTime", Change::YearBefore, "before_assessTime")
            .about("acceptDate")
            .beside("acceptDate"),
        Fault::warning("assessTime", Change::Future, "not_future"),
    ],
    every_row: &[],
    again: Again { operation: "", corrected: "writingEvaluation" },
};

fn interface(row: &mut Row, facts: &mut Facts<'_>) {
    let (case, office) = (facts.case, facts.office);
    row.put(AREA);
    row.put(AREA_NAME);
    row.put(&office.code);
    row.put(&facts.item().task_code);
    row.put(if facts.random.in_thousand(500) { &facts.item().handling_code } else { "" });
    row.put(facts.item().name);
    row.blank();
    row.put(&case.number);
    row.put("3");
    row.write(|out| {
        out.push_str(AREA);
        crate::synth::codes::push_digits(out, office.number as u64 + 1, 2);
    });
    row.put(&office.name);
    row.blank();
    let rating = Rating::of(facts);
    row.number(rating.channel);
    row.put(&case.applicant_code);
    facts.put_applicant(row);
    row.put(if case.is_person { "1" } else { "2" });
    row.number(rating.shown);
    put_tags(row, facts, &rating);
    put_words(row, facts, &rating);
    let rated_at = rated_at(facts);
    facts.put_time(row, rated_at, STYLE);
    row.put("1");
    row.put("1");
    // Here 1 is a promised case and 2 one that is done at once, against the national standard.
    row.put(if case.kind == 1 { "2" } else { "1" });
    facts.put_time(row, case.accepted_at, STYLE);
    row.put(DATA_SOURCE);
}

/// What somebody thought, 5 being the best, and what is written of it.
struct Rating {
    channel: u64,
    points: u64,
    shown: u64,
}

impl Rating {
    fn of(facts: &mut Facts<'_>) -> Self {
        let random = &mut facts.random;
        let channel = if random.in_thousand(120) { DEFAULT_CHANNEL } else { 1 + random.below(6) };
        let points = match random.below(1000) {
            0..880 => 5,
            880..950 => 4,
            950..980 => 3,
            980..992 => 2,
            _ => 1,
        };
        let is_best = channel == DEFAULT_CHANNEL || facts.making.trap == Some(Trap::ConstantRating);
        let points = if is_best { 5 } else { points };
        let is_reversed = facts.making.trap == Some(Trap::ReversedScale);
        Self { channel, points, shown: if is_reversed { 6 - points } else { points } }
    }
}

/// Adds one or two tags that belong to the rating; nobody chose any for a default one.
fn put_tags(row: &mut Row, facts: &mut Facts<'_>, rating: &Rating) {
    let random = &mut facts.random;
    let has_tags = rating.points <= 2 || random.in_thousand(650);
    let (first, last) = TAGS[usize::try_from(rating.points).expect("at most 5") - 1];
    let tag = first + random.below(last - first);
    let is_double = random.in_thousand(200);
    row.write(|out| {
        if rating.channel == DEFAULT_CHANNEL || !has_tags {
            return;
        }
        crate::synth::codes::push_digits(out, tag, 3);
        if is_double {
            out.push(',');
            crate::synth::codes::push_digits(out, tag + 1, 3);
        }
    });
}

fn put_words(row: &mut Row, facts: &mut Facts<'_>, rating: &Rating) {
    let is_repeated = facts.making.trap == Some(Trap::RepeatedText);
    let usual = if is_repeated { 0 } else { 40 };
    let has_words = facts.random.in_thousand(if rating.points <= 2 { 700 } else { usual });
    let words = remark(rating.points, &mut facts.random);
    row.put(if !has_words || rating.channel == DEFAULT_CHANNEL {
        ""
    } else if is_repeated {
        REPEATED
    } else {
        words
    });
}

/// Returns when somebody rated: within a week of the visit, and within the period.
fn rated_at(facts: &mut Facts<'_>) -> Time {
    let visited_at = facts.case.accepted_at;
    let lag = match facts.making.trap {
        Some(Trap::ConstantOffset) => CONSTANT_OFFSET,
        Some(Trap::MinuteIsMonth) => facts.random.between(1, 7) * DAY,
        _ => facts.random.between(60, 7 * DAY),
    };
    let later = visited_at + lag;
    later.min(facts.making.calendar.last_second())
}

pub(super) const PUSH: Dataset = Dataset {
    profile: "evaluation-push",
    id: "hcp_case_push",
    header: &[
        "taskId",
        "taskName",
        "projectId",
        "proStatus",
        "proDepartId",
        "proDepart",
        "deptCode",
        "userName",
        "userCert",
        "certType",
        "subMatter",
        "taskHandleItem",
        "taskType",
        "handleUserName",
        "handleUserPageType",
        "handleUserPageCode",
        "serviceName",
        "serviceNumber",
        "serviceTime",
        "acceptDate",
        "resultDate",
        "eventType",
        "areaId",
        "areaName",
        "phoneNumber",
        "proManager",
        "proManagerNo",
        "certKey",
        "pf",
    ],
    fill: push,
    style: STYLE,
    required: &[
        ("taskId", "taskId"),
        ("taskName", "taskName"),
        ("projectId", "projectId"),
        ("proStatus", "proStatus"),
        ("serviceNumber", "serviceNumber"),
        ("serviceTime", "serviceTime"),
    ],
    faults: &[
        Fault::error("proStatus", Change::Value("5"), "known"),
        Fault::error("taskType", Change::Value("3"), "known"),
        Fault::error("subMatter", Change::Value("8"), "known"),
        Fault::error("eventType", Change::Value("3"), "known"),
        Fault::error("serviceNumber", Change::Value("100"), "type"),
        Fault::error("deptCode", Change::WrongCheck, "checksum"),
        Fault::error("serviceTime", Change::Words, "type"),
        Fault::error("acceptDate", Change::Empty, "when_accepted").beside("proStatus"),
        Fault::error("resultDate", Change::Empty, "when_finished").beside("proStatus"),
        // Nobody states what follows, or it rests on what was inferred: it only warns.
        Fault::warning("deptCode", Change::Empty, "required"),
        Fault::warning("userCert", Change::WrongCheck, "certificate").of(Needs::Person),
        Fault::warning("userCert", Change::WrongCheck, "certificate").of(Needs::Company),
        Fault::warning("phoneNumber", Change::Value("20000000000"), "type"),
        Fault::warning("pf", Change::Value("9"), "known"),
        Fault::warning("resultDate", Change::YearBefore, "before_resultDate")
            .about("acceptDate")
            .beside("acceptDate"),
        Fault::warning("serviceTime", Change::Future, "not_future"),
    ],
    every_row: &[],
    again: Again { operation: "", corrected: "taskName" },
};

fn push(row: &mut Row, facts: &mut Facts<'_>) {
    let (case, office) = (facts.case, facts.office);
    row.put(&facts.item().task_code);
    row.put(facts.item().name);
    row.put(&case.number);
    row.put("3");
    row.write(|out| {
        out.push_str(AREA);
        crate::synth::codes::push_digits(out, office.number as u64 + 1, 2);
    });
    row.put(&office.name);
    row.put(&office.code);
    facts.put_applicant(row);
    row.put(&case.applicant_code);
    row.put(case.document_type());
    row.put(if case.is_person { "1" } else { "2" });
    row.put(&facts.item().handling_code);
    row.put(if case.kind == 1 { "1" } else { "2" });
    for _ in 0..3 {
        row.blank();
    }
    row.put(facts.item().name);
    row.put("1");
    facts.put_time(row, case.accepted_at, STYLE);
    facts.put_time(row, case.accepted_at, STYLE);
    facts.put_time(row, case.finished_at, STYLE);
    row.put("1");
    row.put(AREA);
    row.put(AREA_NAME);
    row.put(&case.mobile);
    let mut random = facts.random.clone();
    row.write(|out| push_person(out, &mut random));
    row.blank();
    row.blank();
    row.number(1 + facts.random.below(6));
}
