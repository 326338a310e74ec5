//! Profiles of records: listed, shown, replaced by a workspace's own, and refused with their line.

use crate::support::{Sandbox, read, root};

/// Compares what a command prints on standard output with its expectation.
#[track_caller]
fn check(name: &str, args: &[&str]) {
    let shown = Sandbox::empty().run(args).ok();
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, shown));
}

#[test]
fn profiles_are_listed() {
    check("refs_profiles", &["refs", "profiles"]);
    check("refs_profiles_zh", &["--lang", "zh", "refs", "profiles"]);
}

#[test]
fn a_profile_is_shown_as_fields_and_rules() {
    check("refs_profile_interface", &["refs", "profiles", "evaluation-interface"]);
    check(
        "refs_profile_interface_zh",
        &["--lang", "zh", "refs", "profiles", "evaluation-interface"],
    );
    let accept = "up-exchange/up_pro_accept";
    check("refs_profile_accept", &["refs", "profiles", accept]);
    check("refs_profile_accept_zh", &["--lang", "zh", "refs", "profiles", accept]);
    check("refs_profile_push_csv", &["refs", "profiles", "evaluation-push", "--format", "csv"]);
    let standard = ["refs", "profiles", "gbt39046-2020", "--format", "csv"];
    check("refs_profile_standard_csv", &standard);
}

#[test]
fn names_that_nothing_has_are_told_with_the_nearest() {
    let sandbox = Sandbox::empty();
    let said = sandbox.run(&["refs", "profiles", "up-exchang"]).fails(1);
    assert!(said.contains("no profile `up-exchang`; near are up-exchange"), "{said}");
    let said = sandbox.run(&["refs", "profiles", "up-exchange/up_pro_acept"]).fails(1);
    assert!(said.contains("no dataset `up_pro_acept`; near are up_pro_accept"), "{said}");
    let said = sandbox.run(&["refs", "regions", "up-exchange"]).fails(2);
    assert!(said.contains("`regions` is shown as a whole"), "{said}");
    sandbox.run(&["refs", "profiles", "--source"]).fails(2);
}

#[test]
fn a_workspace_starts_its_own_profile_from_one_of_the_program() {
    let sandbox = Sandbox::new();
    let source = ["refs", "profiles", "up-exchange", "--source"];
    let text = sandbox.run(&source).ok();
    assert_eq!(text, read(&root().join("data/profiles/up-exchange.toml")));
    let own = text.replacen("version = 1", "version = 2", 1).replace("undeclared", "5_best");
    sandbox.write("profiles/up-exchange.toml", &own);
    let list = sandbox.run(&["refs", "profiles", "--format", "csv"]).ok();
    assert!(list.contains("up-exchange/2,own,6,"), "{list}");
    let result = ["refs", "profiles", "up-exchange/up_pro_result", "--format", "csv"];
    let shown = sandbox.run(&result).ok();
    assert!(!shown.contains("satisfaction.meaning"), "{shown}");
    assert_eq!(sandbox.run(&source).ok(), own);
}

#[test]
fn a_faulty_profile_is_refused_with_file_and_line() {
    let sandbox = Sandbox::new();
    let text = read(&root().join("data/profiles/evaluation-push.toml"));
    let faulty = text.replacen("table = \"hcp_task_type_zfsoft\"", "table = \"hcp_task\"", 1);
    let line = 1 + faulty.lines().position(|line| line.contains("\"hcp_task\"")).unwrap();
    sandbox.write("profiles/our-push.toml", faulty);
    for args in [&["refs"][..], &["refs", "profiles"]] {
        let said = sandbox.run(args).fails(1);
        let place = format!("line {line} of the profile `profiles/our-push.toml` is wrong");
        assert!(said.contains(&place) && said.contains("no code table `hcp_task`"), "{said}");
        assert!(said.contains("hint: correct the line"), "{said}");
    }
    let said = sandbox.run(&["--lang", "zh", "refs", "profiles"]).fails(1);
    assert!(said.contains(&format!("第 {line} 行有误")), "{said}");
}

#[test]
fn codes_are_a_table_like_others() {
    let sandbox = Sandbox::new();
    let codes = sandbox.run(&["refs", "codes", "--format", "csv"]).ok();
    assert_eq!(codes.lines().count(), 234, "{codes}");
    let reversed = "SELECT code_table, code, label_zh FROM codes \
        WHERE code_table LIKE '%satisfaction' AND label_zh = '非常满意' ORDER BY code_table";
    assert_eq!(
        sandbox.sql(reversed),
        "code_table,code,label_zh\ngbt39046_a8_satisfaction,1,非常满意\nhcp_satisfaction,5,非常满意\n"
    );
    sandbox.write(
        "refdata/department_codes.csv",
        "org_code,department,region,source,confidence\n11630000000000000X,tax,630000,made up,none\n",
    );
    let bodies = "SELECT org_code, department FROM department_codes ORDER BY org_code";
    assert_eq!(sandbox.sql(bodies), "org_code,department\n11630000000000000X,tax\n");
}
