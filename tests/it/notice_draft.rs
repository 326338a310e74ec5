//! The next notice, drafted from a lake: as the published one where it is about the same, and read back.

use std::process::Command;

use tongban::source::{Block, parse_document};

use crate::support::{NOTICE, Outcome, Sandbox, must_have_all, read, root};

/// What the notice of 2021 bears.
const OF_2021: [&str; 3] = ["period=2021-09", "number=青政办函〔2021〕185号", "dated=2021-11-24"];

/// All that an observation says, without where it was read and when.
const FIGURES: &str = "SELECT indicator, definition, department, region, breakdown, accumulation, \
    period_start, period_end, period_basis, value, value_text, unit, obs_status, qualifier, origin, \
    edition, release, published_on, printed, row_label, column_label, row_idx, note \
    FROM observations ORDER BY ALL";

/// Drafts a notice into `draft.docx`.
fn run(sandbox: &Sandbox, report: &str, params: &[&str]) -> Outcome {
    let mut args = vec!["report", report, "--output", "draft.docx"];
    args.extend(params.iter().flat_map(|param| ["-p", param]));
    sandbox.run(&args)
}

/// Returns the bytes of a notice that can be drafted.
#[track_caller]
fn drafted(sandbox: &Sandbox, params: &[&str]) -> Vec<u8> {
    run(sandbox, "notice-draft", params).ok();
    bytes_of(sandbox, "draft.docx")
}

#[expect(clippy::disallowed_methods, reason = "tests read what was written")]
fn bytes_of(sandbox: &Sandbox, name: &str) -> Vec<u8> {
    std::fs::read(sandbox.path().join(name)).unwrap()
}

/// The cells of all tables of a document, row by row.
fn grids(bytes: &[u8], name: &str) -> Vec<Vec<Vec<String>>> {
    let document = parse_document(bytes, name).unwrap();
    let grids = document.blocks.iter().filter_map(|block| match block {
        Block::Grid(grid) => Some(&grid.rows),
        Block::Paragraph(_) => None,
    });
    let row = |cells: &[tongban::source::Cell]| {
        cells.iter().map(|cell| cell.text.to_string()).collect::<Vec<_>>()
    };
    grids.map(|rows| rows.iter().map(|it| row(&it.cells)).collect()).collect()
}

/// The paragraphs of a document.
fn paragraphs(bytes: &[u8]) -> Vec<String> {
    let document = parse_document(bytes, "draft.docx").unwrap();
    let texts = document.blocks.into_iter().filter_map(|block| match block {
        Block::Paragraph(paragraph) => Some(paragraph.text),
        Block::Grid(_) => None,
    });
    texts.collect()
}

#[test]
fn the_annexes_of_2021_come_out_as_they_were_printed() {
    let sandbox = Sandbox::with_notice();
    let printed = grids(NOTICE.as_bytes(), "notice.txt");
    assert_eq!(printed.iter().map(Vec::len).collect::<Vec<_>>(), [30, 31]);
    assert_eq!(grids(&drafted(&sandbox, &OF_2021), "draft.docx"), printed);
}

#[test]
fn a_draft_is_read_as_the_figures_that_it_was_drafted_from() {
    let first = Sandbox::with_notice();
    let bytes = drafted(&first, &OF_2021);
    let second = Sandbox::new();
    second.write("first.docx", &bytes);
    let outcome = second.run(&["ingest", "first.docx"]);
    assert!(outcome.code == 0 && outcome.stderr.contains("warnings 0"), "{}", outcome.stderr);
    let figures = first.sql(FIGURES);
    assert_eq!(figures.lines().count(), 173);
    assert_eq!(second.sql(FIGURES), figures);
    // And what is drafted from the draft is the same paper.
    assert_eq!(drafted(&second, &OF_2021), bytes);
}

#[test]
fn the_latest_period_is_drafted_where_none_is_given_and_prints_its_times() {
    let texts = paragraphs(&drafted(&Sandbox::with_notice(), &[]));
    for expected in ["（统计时间：截至2021年11月24日）", "（统计时间：2021年1月1日—9月30日）"]
    {
        assert!(texts.iter().any(|text| text == expected), "{texts:?}");
    }
    // Those that stand in the table, and those of them that sent anything.
    for sentence in [
        "28个部门中，19个部门通过接口、单点方式对接省一体化政务服务平台办理事项556项",
        "29个部门中，13个部门业务办理系统汇聚办件数据1286.98万条，4个部门汇聚“好差评”数据194.81万条（附件2）。",
    ] {
        assert!(texts.iter().any(|text| text.contains(sentence)), "{texts:?}");
    }
}

/// A form of a department for the quarter after the notice.
const FORM: &str = "办件数据汇聚情况\n（统计时间：2021年1月1日—12月31日）\n序号\t部门\t办件数据汇聚量(条)\t“好差评”数据汇聚量(条)\n\
    1\t省公安厅\t2000\t5\n2\t省水利厅\t0\t0\n3\t合计\t2000\t5\n";
const CONNECTED: &str = "对接情况\n（统计时间：2021年12月31日）\n序号\t部门\t通过接口、单点方式对接省一体化服务平台办理事项数\t\
    使用一体化政务服务平台办理事项数\t便民应用对接总数\t2021年便民应用对接数量\n\
    1\t省公安厅\t2\t0\t20\t0\n2\t省水利厅\t4\t17\t0\t0\n3\t合计\t6\t17\t20\t0\n";

fn with_forms(release: &str) -> Sandbox {
    with(&[FORM, CONNECTED], release)
}

/// A lake with the notice and forms of departments.
fn with(forms: &[&str], release: &str) -> Sandbox {
    let sandbox = Sandbox::with_notice();
    for (idx, form) in forms.iter().enumerate() {
        let name = &format!("form-{idx}.txt");
        sandbox.write(name, form);
        let issuer = "青海省人民政府办公厅";
        let args = ["ingest", name, "--issuer", issuer, "--release", release, "--fail-on", "error"];
        sandbox.run(&args).ok();
    }
    sandbox
}

#[test]
fn what_departments_reported_is_drafted_once_it_is_approved() {
    let params = ["period=2021-12", "origin=reported"];
    let sandbox = with_forms("draft");
    let told = run(&sandbox, "notice-draft", &params).fails(1);
    assert!(told.contains("`departments_of_integration` is not approved"), "{told}");
    assert!(told.contains("2个部门通过接口、单点方式对接"), "{told}");
    assert!(told.contains("`省水利厅`"), "{told}");
    assert!(!sandbox.file_names().contains(&"draft.docx".to_owned()));
    let found = grids(&drafted(&with_forms("approved"), &params), "draft.docx");
    // In the order of the notice before, with its labels put right.
    let rows: Vec<String> = found.iter().flatten().map(|row| row.join("|")).collect();
    assert_eq!(
        rows,
        [
            "序号|部门|通过接口、单点方式对接省一体化服务平台办理事项数|使用一体化政务服务平台办理事项数|便民应用对接总数|2021年便民应用对接数量",
            "1|省公安厅|2|0|20|0",
            "2|省水利厅|4|17|0|0",
            "3|合计|6|17|20|0",
            "序号|单位|办件数据汇聚量(条)|“好差评”数据汇聚量(条)",
            "1|省公安厅|2000|5",
            "2|省水利厅|0|0",
            "3|合计|2000|5",
        ]
    );
}

#[test]
fn what_was_returned_is_told_as_its_source_tells_it_and_read_back() {
    let form = "办件数据汇聚情况\n（统计时间：2021年1月1日—12月31日）\n\
        序号\t部门\t办件数据汇聚量(条)\t“好差评”数据汇聚量(条)\n\
        1\t省公安厅\t0\t5\n2\t省民政厅\t94\t0\n3\t合计\t94\t5\n\
        备注：1.省公安厅推送12.3万余条数据，因不符合标准被全部退回，故汇聚数据为0。\
        2.省民政厅推送“好差评”数据3456条，因格式错误全部被退回。\n";
    let first = with(&[form, CONNECTED], "approved");
    let bytes = drafted(&first, &["period=2021-12", "origin=reported", "dated=2022-01-20"]);
    let texts = paragraphs(&bytes);
    for said in [
        // The first is a figure of the lake, the second is none and is left out.
        "省公安厅推送12.3万余条数据，因不符合标准被全部退回，故汇聚数据为0。",
        "省民政厅推送的“好差评”数据被全部退回，",
        "“好差评”数据汇聚量为零，其中推送的数据被全部退回的有：省民政厅。",
    ] {
        assert!(texts.iter().any(|text| text.contains(said)), "{said}: {texts:?}");
    }
    let second = Sandbox::new();
    second.write("draft.docx", &bytes);
    second.run(&["ingest", "draft.docx", "--fail-on", "error"]).ok();
    let figures = "SELECT indicator, department, value, unit, obs_status, qualifier \
        FROM observations WHERE period_end = '2021-12-31' ORDER BY ALL";
    let told = first.sql(figures);
    assert!(told.contains("evaluations_aggregated,civil_affairs,0,条,returned,"), "{told}");
    assert!(
        told.contains("records_returned,public_security,123000,条,reported,more_than"),
        "{told}"
    );
    assert_eq!(second.sql(figures), told);
}

#[test]
fn a_form_that_is_missing_is_named() {
    let told =
        run(&with(&[FORM], "approved"), "notice-draft", &["period=2021-12", "origin=reported"]);
    let told = told.fails(1);
    let said =
        "the annex “各部门业务办理系统对接情况表” has no figures for the period up to 2021-12-31";
    assert!(told.contains(said) && told.contains("--release approved"), "{told}");
}

#[test]
fn a_draft_is_proved_by_its_evidence() {
    let sandbox = with_forms("approved");
    let args =
        ["report", "notice-draft", "--output", "draft.docx", "--evidence", "draft.evidence.json"];
    sandbox.run(&[&args[..], &["-p", "period=2021-12", "-p", "origin=reported"]].concat()).ok();
    // The draft has the title of the notice, as any document has.
    let inspected = sandbox.run(&["inspect", "draft.docx"]).ok();
    assert!(
        inspected.contains("关于政务服务“一网通办、一事通办”工作进展情况的通报"),
        "{inspected}"
    );
    let said = sandbox.run(&["verify", "draft.docx"]).ok();
    assert!(said.contains("the same byte for byte: 1, "), "{said}");
}

#[test]
fn a_period_without_figures_and_values_that_are_none_are_told() {
    let sandbox = Sandbox::with_notice();
    let told = |param: &str| run(&sandbox, "notice-draft", &[param]).fails(1);
    let without = told("period=2020-09");
    assert!(
        without.contains("has no figures of region 青海省 for the period up to 2020-09-30"),
        "{without}"
    );
    assert!(without.contains("-p period=2021-09`"), "{without}");
    assert!(told("number=abc").contains("`abc` is no number of a document"));
    assert!(told("period=2021年").contains("period=2021-09"));
    assert!(told("origin=told").contains("published, reported or platform"));
    assert!(told("perod=2021-09").contains("perod"));
}

#[test]
fn a_stale_figure_stops_the_draft_and_the_earlier_one_stays() {
    let sandbox = Sandbox::with_notice();
    let text = read(&root().join("data/reports/notice-draft.toml"));
    let bound = "{{ figure(\"cases_aggregated\") }}";
    assert!(text.contains(bound));
    let stated = |text: &str, figure: &str| {
        text.replace(bound, &format!("{{{{ figure(\"cases_aggregated\", stated=\"{figure}\") }}}}"))
    };
    sandbox.write("reports/own.toml", stated(&text, "1286.98万条"));
    run(&sandbox, "own", &OF_2021).ok();
    let bytes = bytes_of(&sandbox, "draft.docx");
    sandbox.write("reports/own.toml", stated(&text, "1186.98万条"));
    let told = run(&sandbox, "own", &OF_2021).fails(1);
    assert!(told.contains("stated as `1186.98万条`, the answer has 12869796"), "{told}");
    assert!(told.contains("13个部门业务办理系统汇聚办件数据1186.98万条"), "{told}");
    assert_eq!(bytes_of(&sandbox, "draft.docx"), bytes);
    sandbox.write("reports/own.toml", text.replace(bound, "1286.98万条"));
    let told = run(&sandbox, "own", &OF_2021).fails(1);
    assert!(told.contains("nothing binds `1286.98万条`"), "{told}");
    // In words as in digits.
    for claim in
        ["近三成数据", "百分之九十五的数据", "三分之二以上", "排名第五", "零汇聚部门：12、"]
    {
        sandbox.write("reports/own.toml", text.replace("办件数据汇聚量最大的", claim));
        let told = run(&sandbox, "own", &OF_2021).fails(1);
        assert!(told.contains("nothing binds"), "{claim}: {told}");
    }
    sandbox.write(
        "reports/own.toml",
        text.replace("figure(\"cases_aggregated\")", "figure(\"cases\")"),
    );
    let told = run(&sandbox, "own", &OF_2021).fails(1);
    assert!(told.contains("line 22") && told.contains("figure(\"cases\")"), "{told}");
}

#[test]
fn a_paper_opens_in_another_program() {
    if Command::new("soffice").arg("--version").output().is_err() {
        assert!(!must_have_all(), "papers are opened by LibreOffice (soffice)");
        eprintln!("skipped: papers are opened by LibreOffice (soffice)");
        return;
    }
    let sandbox = Sandbox::with_notice();
    drafted(&sandbox, &OF_2021);
    let profile = format!("-env:UserInstallation=file://{}/profile", sandbox.path().display());
    let made = Command::new("soffice")
        .args([&profile, "--headless", "--convert-to", "txt:Text (encoded):UTF8", "draft.docx"])
        .current_dir(sandbox.path())
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let text = read(&sandbox.path().join("draft.txt"));
    for expected in ["关于政务服务“一网通办、一事通办”", "工作进展情况的通报", "12741337", "合计"]
    {
        assert!(text.contains(expected), "{text}");
    }
}
