//! Saved layouts from draft to figures, sources read again, and readings as data.

use crate::support::{self, Sandbox};

/// A synthetic form that no built-in label knows.
const FORM: &str = "发布机构：青海省人民政府办公厅\n成文日期：2023-07-05\n合成热线情况表\n(统计时间:2023年6月)\n序号\t渠道\t受理量(件)\n1\t电话\t12\n2\t网络\t3\n3\t合计\t15\n";

/// The layout that reads it, completed.
const LAYOUT: &str = r#"
format     = 1
version    = 1
summary    = "Synthetic"
summary_zh = "合成"

[recognise]
title = "合成热线情况表"

[source]
origin = "platform"

[[columns]]
label = "渠道"
role  = "breakdown"

[[columns]]
label     = "受理量"
indicator = "hotline_accepted"

[[indicators]]
indicator     = "hotline_accepted"
name_zh       = "合成"
name_en       = "Synthetic"
area          = "hotline"
kind          = "flow"
unit          = "件"
definition_zh = "合成"
definition_en = "synthetic"
source        = "synthetic"
confidence    = "synthetic"
"#;

#[test]
fn a_draft_changes_nothing_until_it_is_completed() {
    let sandbox = Sandbox::new();
    sandbox.write("form.txt", FORM);
    assert_eq!(sandbox.run(&["ingest", "form.txt"]).code, 1);
    sandbox.run(&["inspect", "--save-layout", "hotline", "form.txt"]).ok();
    let twice = sandbox.run(&["inspect", "--save-layout", "hotline", "form.txt"]).fails(1);
    assert!(twice.contains("there is a layout"), "{twice}");
    // With its question marks it is a draft: it loads, and is not applied.
    assert!(sandbox.run(&["refs", "layouts"]).ok().contains("hotline/1"));
    let said = sandbox.run(&["ingest", "form.txt"]).fails(1);
    let draft = support::read(&sandbox.path().join("layouts/hotline.toml"));
    let open = draft.lines().position(|line| line == "summary    = \"?\"").unwrap() + 1;
    let told = format!(
        "the draft layout `layouts/hotline.toml` fits table 1 and is not applied; complete its lines {open}、"
    );
    assert!(said.contains(&told), "{said}");
    sandbox.write("layouts/hotline.toml", LAYOUT);
    sandbox.run(&["ingest", "form.txt"]).ok();
    let figures = sandbox.sql(
        "SELECT breakdown, value, unit, origin, period_start FROM observations ORDER BY breakdown",
    );
    assert_eq!(
        figures,
        "breakdown,value,unit,origin,period_start\n电话,12,件,platform,2023-06-01\n网络,3,件,platform,2023-06-01\n"
    );
    let reading = sandbox.sql("SELECT reading FROM batches");
    assert!(reading.contains("layouts=hotline/1@"), "{reading}");
    let batch =
        sandbox.sql("SELECT layout, rows_received, rows_accepted, superseded_by FROM batches");
    assert_eq!(batch, "layout,rows_received,rows_accepted,superseded_by\nhotline/1,2,2,\n");
}

#[test]
fn a_draft_is_told_once_behind_all_places_that_it_would_read() {
    let sandbox = Sandbox::new();
    let (head, table) = FORM.split_at(FORM.find("合成热线").unwrap());
    sandbox.write("form.txt", format!("{head}{}", format!("附件\n{table}").repeat(60)));
    sandbox.run(&["inspect", "--save-layout", "hotline", "form.txt"]).ok();
    let draft = support::read(&sandbox.path().join("layouts/hotline.toml"));
    let n_places = |said: &str| said.lines().filter(|line| line.starts_with("  - ")).count();
    let told = |said: &str, advice: &str| {
        let fits =
            "the draft layout `layouts/hotline.toml` fits table 1、2、3、4、5、6、7、8、9、10…";
        assert_eq!(said.matches("the draft layout").count(), 1, "{said}");
        let line = said.lines().position(|line| line.contains(fits) && line.contains(advice));
        let more = said.lines().position(|line| line.starts_with("  - and ")).unwrap();
        assert_eq!(line, Some(more + 1), "{said}");
        // 50 places, how many more there are, and the draft.
        assert_eq!(n_places(said), 52, "{said}");
    };
    told(&sandbox.run(&["ingest", "form.txt"]).fails(1), "complete its lines ");
    sandbox.write("layouts/hotline.toml", draft.replace("\"?\"", "\"x\""));
    told(&sandbox.run(&["ingest", "form.txt"]).fails(1), "check it, then delete the line `draft`");
}

#[test]
fn a_scaled_unit_is_a_place_to_complete_in_a_draft() {
    let sandbox = Sandbox::new();
    sandbox.write("form.txt", FORM.replace("受理量(件)", "受理量(万件)"));
    sandbox.run(&["inspect", "--save-layout", "hotline", "form.txt"]).ok();
    let draft = support::read(&sandbox.path().join("layouts/hotline.toml"));
    assert!(draft.contains("unit = \"?\" # printed: 万件\n"), "{draft}");
    assert!(!draft.contains("\"万件\""), "{draft}");
}

#[test]
fn a_header_whose_levels_lost_their_spans_is_read_by_the_layout_that_is_drafted_for_it() {
    let sandbox = Sandbox::new();
    let fixture = support::root().join("tests/fixtures/layout_10_header_levels_no_blanks.txt");
    sandbox.write("notice.txt", support::read(&fixture));
    let said = sandbox.run(&["ingest", "notice.txt"]).fails(1);
    assert!(said.contains("only a saved layout can tell its columns"), "{said}");
    let stanza = r#"columns = [{ position = 1, label = "序号", role = "running_number" }, "#;
    assert!(said.contains(stanza), "{said}");
    sandbox.run(&["inspect", "--save-layout", "levels", "notice.txt"]).ok();
    let draft = support::read(&sandbox.path().join("layouts/levels.toml"));
    let completed = draft.replace("draft      = true\n", "").replace("\"?\"", "\"Synthetic\"");
    sandbox.write("layouts/levels.toml", completed);
    sandbox.run(&["ingest", "notice.txt"]).ok();
    let figures = sandbox.sql("SELECT count(*) AS n, sum(value) AS total FROM observations");
    assert_eq!(figures, "n,total\n8,113411\n");
}

#[test]
fn a_faulty_layout_is_refused_with_its_line() {
    let sandbox = Sandbox::new();
    sandbox
        .write("layouts/hotline.toml", LAYOUT.replace("role  = \"breakdown\"", "role = \"rank\""));
    let said = sandbox.run(&["refs", "layouts"]).fails(1);
    assert!(said.contains("line 15 of the layout `layouts/hotline.toml`"), "{said}");
    assert!(said.contains("`rank` is none of"), "{said}");
}

#[test]
fn a_source_read_again_keeps_its_options_and_the_day_of_its_arrival() {
    let sandbox = Sandbox::with_notice();
    let arrived = sandbox.sql("SELECT DISTINCT received_at FROM observations");
    let batch = sandbox.sql("SELECT batch FROM batches");
    let batch = batch.lines().nth(1).unwrap();
    let reason = ["--reason", "synthetic"];
    let again = [&["reread", &batch[..8], "--published-on", "2021-12-01"][..], &reason].concat();
    sandbox.run(&again).ok();
    sandbox.run(&[&["reread", "--all", "--as-of-day", "2021-10-31"][..], &reason].concat()).ok();
    let days = sandbox.sql(
        "SELECT DISTINCT published_on, period_end, period_basis FROM observations WHERE indicator = 'items_connected'",
    );
    assert_eq!(days, "published_on,period_end,period_basis\n2021-12-01,2021-10-31,given\n");
    assert_eq!(sandbox.sql("SELECT DISTINCT received_at FROM observations"), arrived);
    assert_eq!(sandbox.sql("SELECT count(*) AS n FROM batches"), "n\n1\n");
    let nothing = sandbox.run(&[&["reread", "--all"][..], &reason].concat());
    assert!(nothing.stderr.contains("nothing changed"), "{}", nothing.stderr);
    let old = sandbox.run(&[&["reread", batch][..], &reason].concat()).fails(1);
    assert!(old.contains("was superseded"), "{old}");
}

#[test]
fn a_reading_is_told_as_data() {
    let sandbox = Sandbox::with_notice();
    let told = sandbox.run(&["inspect", "--format", "json", "notice.txt"]).ok();
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["document_number"], "青政办函〔2021〕185号");
    assert_eq!(told["tables"][1]["totals"][0]["reconciled"], true);
    let tax = told["tables"][1]["observations"].as_array().unwrap();
    let tax = tax.iter().find(|o| o["department"] == "tax").unwrap();
    assert_eq!((&tax["value"], &tax["obs_status"]), (&0.0.into(), &"returned".into()));
}

#[test]
fn an_empty_answer_says_that_nothing_is_published_only_where_nothing_is() {
    for (origin, is_said) in [("platform", true), ("published", false)] {
        let sandbox = Sandbox::new();
        sandbox.write("form.txt", FORM);
        sandbox.write("layouts/hotline.toml", LAYOUT.replace("platform", origin));
        sandbox.run(&["ingest", "form.txt"]).ok();
        let outcome = sandbox.run(&["query", "aggregation/by_department"]);
        let is_there = outcome.stderr.contains("counts as published");
        assert_eq!(is_there, is_said, "{origin}: {}", outcome.stderr);
        let origins = sandbox.run(&["query", "quality/origins", "--format", "csv"]).ok();
        assert!(origins.contains(&format!(",hotline/1,{origin},")), "{origins}");
    }
}
