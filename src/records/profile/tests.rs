//! Files of profiles: what they say, and where they are wrong.

use super::*;
use crate::diag::{Diagnose, Severity};
use crate::records::profile::file::parse;

/// A profile of one dataset that is right.
const RIGHT: &str = r#"format = 1
version = 3
title_zh = "甲"
title_en = "a"
source = "-"
[sources]
S1 = "a standard"
[[datasets]]
id = "ratings"
title_zh = "评价"
title_en = "ratings"
kind = "evaluations"
key = ["no"]
event = "rated"
basis = "S1"
[[datasets.fields]]
name = "no"
zh = "办件编号"
en = "case number"
aliases = ["PROJECT_NO"]
type = "text"
max_chars = 50
column = "project_no"
[[datasets.fields]]
name = "rated"
zh = "评价时间"
en = "time of rating"
type = "time"
[[datasets.fields]]
name = "grade"
zh = "满意度"
en = "satisfaction"
type = { code = { table = "hcp_satisfaction" } }
column = "satisfaction"
scale = "1_best"
[[datasets.fields]]
name = "name"
zh = "姓名"
en = "name"
type = "text"
personal = "evaluator_name"
[[datasets.rules]]
id = "words"
check = { one_of = { fields = ["name"], when = { field = "grade", codes = ["4", "5"] } } }
basis = "S1 BK"
[[datasets.batch_rules]]
id = "same"
look_for = { constant_value = { field = "grade" } }
min_rows = 10
min_share = 0.9
basis = "INF"
"#;

fn parsed(text: &str) -> Result<Profile, ProfileError> {
    parse("a", text, false, &RefData::load(&[]).unwrap())
}

/// Replaces a part of the right profile, which has to be there, and compares what is said about it.
#[track_caller]
fn check(part: &str, instead: &str, expected: &str) {
    assert!(RIGHT.contains(part), "{part}");
    let shown = match parsed(&RIGHT.replacen(part, instead, 1)) {
        Ok(_) => "right".to_owned(),
        Err(error) => {
            let ProfileError::Invalid { line, .. } = &error;
            format!("line {line}: {}", error.causes()[0].text(Lang::En))
        }
    };
    assert_eq!(shown, expected);
}

#[test]
fn a_file_says_what_its_records_are_held_to() {
    let profile = parsed(RIGHT).unwrap();
    assert_eq!(profile.name(), "a/3");
    assert_eq!(profile.hash.len(), 16);
    let dataset = &profile.datasets[0];
    assert_eq!((dataset.key.as_slice(), dataset.event), (&[0][..], Some(1)));
    let rules: Vec<String> = dataset
        .rules
        .iter()
        .map(|rule| format!("{} {} {}", rule.id, rule.severity, rule.confidence))
        .collect();
    let expected = [
        "no.required error sourced",
        "no.length error sourced",
        "no.personal error sourced",
        "rated.type error sourced",
        "grade.known error sourced",
        "words warning unverified",
    ];
    assert_eq!(rules, expected);
    // Every part of a key has to be there although nobody says so.
    assert_eq!((dataset.rules[0].basis.as_str(), dataset.rules[1].basis.as_str()), ("OWN", "S1"));
    let needed: Vec<bool> = dataset.fields.iter().map(|field| field.is_needed).collect();
    assert_eq!(needed, [true, true, false, false]);
    assert_eq!(dataset.fields[2].meaning["1"], "5");
    assert_eq!(dataset.fields[2].meaning["5"], "1");
    assert_eq!((dataset.fields[0].mask, dataset.fields[3].mask), (Mask::Plain, Mask::Name));
    assert_eq!(dataset.batch_rules[0].severity, Severity::Warning);
}

#[test]
fn sentences_are_made_where_a_rule_has_none_and_say_what_is_doubtful() {
    let profile = parsed(RIGHT).unwrap();
    let sentence = |idx: usize, lang| profile.datasets[0].rules[idx].sentence.text(lang).to_owned();
    assert_eq!(sentence(1, Lang::Zh), "“办件编号”（no）超过 50 个字符");
    assert_eq!(sentence(1, Lang::En), "`no` (case number) has more than 50 characters");
    assert_eq!(
        sentence(5, Lang::En),
        "one of `name` (name) has to be given where `grade` (satisfaction) is 4, 5 \
         (the rule is unverified and awaits confirmation)"
    );
    assert!(sentence(5, Lang::Zh).ends_with("（规则未经核实，待确认）"));
}

#[test]
fn words_that_are_none_are_told_with_their_line() {
    check("version = 3", "version = 4", "right");
    check("format = 1", "format = 2", "line 1: the profile has format 2; this program knows 1");
    check(
        "kind = \"evaluations\"",
        "kind = \"ratings\"",
        "line 12: `ratings` is none of cases, evaluations, returns",
    );
    check(
        "basis = \"S1\"\n[[datasets.fields]]",
        "basis = \"S2\"\n[[datasets.fields]]",
        "line 15: `S2` is none of S1, INF, BK, OWN",
    );
    check(
        "scale = \"1_best\"",
        "scale = \"best\"",
        "line 35: `best` is none of 5_best, 1_best, undeclared",
    );
    check("min_share = 0.9", "min_share = 90", "line 50: 90 is no share above 0 and up to 1");
    check(
        "type = \"time\"",
        "type = \"tme\"",
        "line 28: unknown variant `tme`, expected one of `text`, `code`, `code_of`, `tags`, `int`, \
         `time`, `region`, `uscc`, `mobile`, `certificate`",
    );
    check(
        "max_chars = 50",
        "max_length = 50",
        "line 22: unknown field `max_length`, expected one of `name`, `zh`, `en`, `aliases`, `type`, \
         `required`, `max_chars`, `column`, `personal`, `mask`, `meaning`, `scale`, `otherwise`, \
         `basis`, `rules`, `note_zh`, `note_en`",
    );
}

#[test]
fn names_of_nothing_are_told_with_the_nearest() {
    check(
        "event = \"rated\"",
        "event = \"rate\"",
        "line 14: there is no field `rate`; near are rated, grade",
    );
    check(
        "table = \"hcp_satisfaction\"",
        "table = \"hcp_satisfactoin\"",
        "line 33: there is no code table `hcp_satisfactoin`; near are hcp_satisfaction, \
         hcp_pro_status_zhejiang, hcp_applicant_type_zfsoft",
    );
    check(
        "codes = [\"4\", \"5\"]",
        "codes = [\"4\", \"6\"]",
        "line 44: there is no code `6`; there are 1, 2, 3, 4, 5",
    );
    check(
        "column = \"project_no\"",
        "column = \"result_at\"",
        "line 23: `result_at` is none of project_no, org_code, org_name, region, task_code, \
         task_handle_item, task_name, case_type, state, satisfaction, evaluator_type, channel, \
         eval_detail, text_length, assess_number, accept_at, arrived_at, operation, data_source, \
         source_batch",
    );
}

#[test]
fn what_does_not_fit_together_is_told_with_its_line() {
    check(
        "event = \"rated\"",
        "event = \"no\"",
        "line 14: the field no has the type text; time is needed here",
    );
    check(
        "column = \"project_no\"",
        "column = \"accept_at\"",
        "line 23: the column accept_at takes no field of type text",
    );
    check(
        "scale = \"1_best\"\n",
        "",
        "line 29: a field that goes to `satisfaction` declares its `scale`, other fields do not",
    );
    check(
        "aliases = [\"PROJECT_NO\"]",
        "aliases = [\"Ra ted\"]",
        "line 24: the header `rated` could mean the field no and rated",
    );
    check(
        "type = \"time\"",
        "type = \"text\"\ncolumn = \"project_no\"",
        "line 24: two fields go to the column project_no",
    );
    check("key = [\"no\"]", "key = []", "line 13: a key has fields, and none of them is personal");
    check(
        "type = \"time\"",
        "type = { code_of = { codes = [\"A\"] } }\nmeaning = { A = \"insert\" }",
        "line 29: only a field of type code that goes to a column of words has `meaning` and \
         `otherwise`",
    );
    check("id = \"words\"", "id = \"no.length\"", "line 43: `no.length` is there already");
    check(
        "kind = \"evaluations\"",
        "kind = \"evaluations\"\nrecord_type = \"accept\"",
        "line 12: cases have either `record_type` or `record_type_by`, other kinds neither",
    );
    check(
        "kind = \"evaluations\"",
        "kind = \"evaluations\"\nreturned_by = \"x\"",
        "line 12: returns say who made them in `returned_by`, other kinds do not",
    );
    check(
        "basis = \"S1 BK\"",
        "basis = \"S1 BK\"\nzh = \"无文字\"",
        "line 43: a text is given in Chinese and English, or in none",
    );
    check(
        "look_for = { constant_value = { field = \"grade\" } }",
        "look_for = { reversed_case_type = { case_type = \"grade\", from = \"rated\", to = \"rated\" } }",
        "line 48: the field grade does not go to the column case_type",
    );
}

#[test]
fn a_record_with_a_blank_in_its_key_always_goes_back() {
    let refused = "a record with a blank in its key has to go back: it cannot be told from others";
    let with = |text: &str| format!("max_chars = 50\n{text}");
    let rule = "rules = { required = { severity = \"warning\" } }";
    check("max_chars = 50", &with(rule), &format!("line 23: {refused}"));
    let rule = "rules = { required = { basis = \"INF\" } }";
    check("max_chars = 50", &with(rule), &format!("line 23: {refused}"));
    // So does one whose basis makes it a warning without a word about the rule.
    let inferred = with("required = true\nbasis = \"INF\"");
    check("max_chars = 50", &inferred, &format!("line 16: {refused}"));
    check("max_chars = 50", &with("required = true"), "right");
    let rule = "required = true\nbasis = \"INF\"\nrules = { required = { basis = \"OWN\" } }";
    check("max_chars = 50", &with(rule), "right");
}

#[test]
fn tolerances_are_bounded() {
    let order = |tolerance: &str| {
        format!("check = {{ not_future = {{ field = \"rated\", tolerance_s = {tolerance} }} }}")
    };
    let check_order = |tolerance: &str, expected: &str| {
        let words = "check = { one_of = { fields = [\"name\"], when = { field = \"grade\", \
                     codes = [\"4\", \"5\"] } } }";
        check(words, &order(tolerance), expected);
    };
    let refused = |found: &str| {
        format!("line 44: the tolerance_s is {found}; it is from 0 to 315360000 seconds, ten years")
    };
    check_order("0", "right");
    check_order("315360000", "right");
    check_order("315360001", &refused("315360001"));
    check_order("-1", &refused("-1"));
    check_order("9223372036854775807", &refused("9223372036854775807"));
}

#[test]
fn nobody_else_returns_under_the_name_of_the_program() {
    let (_, text) = builtin::PROFILES.iter().find(|(name, _)| *name == "up-exchange").unwrap();
    let line = text.lines().find(|line| line.starts_with("returned_by = ")).unwrap();
    for name in ["tongban", " Tongban "] {
        let error =
            parsed(&text.replacen(line, &format!("returned_by = \"{name}\""), 1)).unwrap_err();
        let ProfileError::Invalid { line: found, .. } = &error;
        let expected = text.lines().position(|it| it == line).map(|at| at + 1);
        assert_eq!(Some(*found), expected);
        assert_eq!(
            error.causes()[0].text(Lang::En),
            format!(
                "`{name}` stands for what this program returns itself: `returned_by` names who else \
                 returned it"
            )
        );
    }
}

#[test]
fn a_rule_that_the_program_has_itself_takes_the_place_of_the_same_in_a_profile() {
    let with = |rule: &str| {
        format!(
            "type = \"time\"\ncolumn = \"arrived_at\"\n[[datasets.rules]]\n\
             id = \"rated.not_future\"\nbasis = \"S1\"\n{rule}"
        )
    };
    let same = "severity = \"warning\"\n\
                check = { not_future = { field = \"rated\", tolerance_s = 3600 } }";
    let text = RIGHT.replacen("type = \"time\"", &with(same), 1);
    let profile = parsed(&text).unwrap();
    let rules = profile.datasets[0].rules.iter();
    let found: Vec<_> = rules.filter(|rule| rule.id == "rated.not_future").collect();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].basis.as_str(), found[0].severity), ("OWN", Severity::Warning));
    // What an earlier profile of this program says.
    let inferred =
        "basis = \"INF\"\ncheck = { not_future = { field = \"rated\", tolerance_s = 3600 } }";
    check("type = \"time\"", &with(inferred).replacen("basis = \"S1\"\n", "", 1), "right");
    let refused = "line 31: this program has the rule `rated.not_future` itself: a push more than an \
                   hour after the arrival of the file is a warning, and the arrival counts in its place";
    let returning = same.replace("warning", "error");
    check("type = \"time\"", &with(&returning), refused);
    check("type = \"time\"", &with(&same.replace("3600", "600")), refused);
    // Another rule cannot have that id.
    let other = "check = { length = { field = \"no\", max_chars = 9 } }";
    check("type = \"time\"", &with(other), "line 31: `rated.not_future` is there already");
}

#[test]
fn no_profile_lets_numbers_of_persons_be_keys_or_codes() {
    check(
        "max_chars = 50",
        "max_chars = 50\nrules = { personal = { severity = \"warning\" } }",
        "line 23: unknown field `personal`, expected one of `required`, `length`, `type`, `known`, \
         `in_use`, `meaning`, `checksum`, `certificate`",
    );
    for_each_dataset(|_, dataset| {
        for (idx, field) in dataset.fields.iter().enumerate() {
            let has_rule = dataset
                .rules
                .iter()
                .any(|rule| matches!(rule.kind, RuleKind::Personal { field } if field == idx));
            let is_kept = field.column.is_some_and(|column| column.form() == ColumnForm::Text)
                || dataset.key.contains(&idx);
            let is_masked = field.column.is_some_and(RecordColumn::is_free_text);
            let is_safe = matches!(field.value, ValueType::DateTime(_))
                || dataset.kind == RecordKind::Returns;
            assert!(!is_kept || has_rule || is_masked || is_safe, "{} {}", dataset.id, field.name);
            assert!(field.personal.is_none() || !has_rule, "{} {}", dataset.id, field.name);
        }
    });
}

#[test]
fn what_is_about_a_person_stays_hidden() {
    check(
        "personal = \"evaluator_name\"",
        "personal = \"evaluator_name\"\ncolumn = \"task_name\"",
        "line 41: what is about a person goes to no column, except as its text_length",
    );
    check(
        "personal = \"evaluator_name\"",
        "personal = \"drop\"\ncolumn = \"text_length\"",
        "right",
    );
    check(
        "personal = \"evaluator_name\"",
        "personal = \"evaluator_name\"\nmask = \"plain\"",
        "line 42: what is about a person is never shown as it is, and a secret not at all",
    );
    check(
        "personal = \"evaluator_name\"",
        "personal = \"secret\"\nmask = \"name\"",
        "line 42: what is about a person is never shown as it is, and a secret not at all",
    );
    check(
        "personal = \"evaluator_name\"",
        "personal = \"applicant_name\"",
        "line 41: `applicant_name` is none of drop, secret, contact_mobile, evaluator_name, evaluator_code",
    );
    check(
        "type = \"text\"\npersonal = \"evaluator_name\"",
        "type = \"mobile\"",
        "line 36: certificate and mobile numbers are about people: `personal` has to say \
         what becomes of them",
    );
    check(
        "key = [\"no\"]",
        "key = [\"no\", \"name\"]",
        "line 13: a key has fields, and none of them is personal",
    );
}

#[test]
fn only_what_a_source_states_returns_a_record() {
    check(
        "basis = \"S1 BK\"",
        "basis = \"S1 BK\"\nseverity = \"error\"",
        "line 46: a rule whose basis is inferred (INF) or unverified (BK) can only warn and returns no record",
    );
    check("basis = \"S1 BK\"", "basis = \"S1\"\nseverity = \"error\"", "right");
    check(
        "max_chars = 50",
        "max_chars = 50\nrules = { length = { severity = \"error\", basis = \"INF\" } }",
        "line 23: a rule whose basis is inferred (INF) or unverified (BK) can only warn and returns no record",
    );
    check(
        "max_chars = 50",
        "max_chars = 50\nrules = { in_use = { severity = \"info\" } }",
        "line 23: no rule in_use follows from this field",
    );
}

/// Returns how a header fits, in words.
fn fitting(header: &str) -> String {
    fitting_in(None, header)
}

/// Returns how a header fits the datasets of one profile, or of all, in words.
fn fitting_in(profile: Option<&str>, header: &str) -> String {
    let profiles = Profiles::load(&[], &RefData::load(&[]).unwrap()).unwrap();
    let header: Vec<String> = header.split(',').map(str::to_owned).collect();
    let names = |fit: &Fit<'_>| format!("{}/{}", fit.profile.id, fit.dataset.id);
    let fits = match profile {
        None => profiles.fitting(&header),
        Some(id) => profiles.get(id).unwrap().fitting(&header),
    };
    match fits {
        Fits::One(fit) => {
            let unknown: Vec<&str> = fit.unknown.iter().map(|at| header[*at].as_str()).collect();
            format!("{} without {unknown:?}", names(&fit))
        }
        Fits::Several(fits) => {
            format!("several: {}", fits.iter().map(names).collect::<Vec<_>>().join(" "))
        }
        Fits::None(None) => "none".to_owned(),
        Fits::None(Some(fit)) => {
            let fields = &fit.dataset.fields;
            let missing: Vec<&str> =
                fit.missing.iter().map(|idx| fields[*idx].name.as_str()).collect();
            let repeated: Vec<&str> = fit.repeated.iter().map(|at| header[*at].as_str()).collect();
            format!("near {}: missing {missing:?} repeated {repeated:?}", names(&fit))
        }
    }
}

/// The columns that an acceptance has to have.
const ACCEPT: &str = "row_guid,project_no,catalog_code,task_code,task_name,task_version,project_type,\
    applyer_name,applyer_type,applyer_page_type,applyer_page_code,apply_date,apply_type,org_name,\
    org_code,accept_date,cd_operation,cd_time,cd_batch,data_source";

#[test]
fn a_header_fits_the_dataset_whose_columns_it_has() {
    let accept = "up-exchange/up_pro_accept without []";
    assert_eq!(fitting(ACCEPT), accept);
    assert_eq!(fitting(&ACCEPT.to_uppercase()), accept);
    assert_eq!(fitting(&ACCEPT.replace('_', "")), accept);
    assert_eq!(fitting(&ACCEPT.replace("project_no", "ＰｒｏｊｅｃｔＮｏ")), accept);
    assert_eq!(fitting(&ACCEPT.replace("project_no", "办件编号")), accept);
    assert_eq!(fitting(&ACCEPT.replace("project_no", "SBLSH")), accept);
    assert_eq!(fitting(&format!("{ACCEPT},备用")), "up-exchange/up_pro_accept without [\"备用\"]");
    assert_eq!(fitting("a,b"), "none");
    assert_eq!(
        fitting(&ACCEPT.replace(",org_code", "")),
        "near up-exchange/up_pro_accept: missing [\"org_code\"] repeated []"
    );
    assert_eq!(
        fitting(&format!("{ACCEPT},ORG_CODE")),
        "near up-exchange/up_pro_accept: missing [] repeated [\"ORG_CODE\"]"
    );
}

#[test]
fn a_header_of_two_datasets_is_not_guessed() {
    let standard = Some("gbt39046-2020");
    assert_eq!(
        fitting_in(standard, "办件编号,受理时间,办结时间"),
        "several: gbt39046-2020/accept gbt39046-2020/result"
    );
    // More columns of one are all that the other has, and more.
    assert_eq!(
        fitting_in(standard, "办件编号,受理时间,办结时间,受理单位名称,结果证照名称"),
        "several: gbt39046-2020/accept gbt39046-2020/result"
    );
    assert_eq!(fitting_in(standard, "办件编号,办结时间"), "gbt39046-2020/result without []");
    // Of all three columns the pushed cases have one each, and lack others.
    assert!(fitting("办件编号,受理时间,办结时间").starts_with("near evaluation-push/"));
}

/// Runs a check for every dataset of the program's own profiles.
fn for_each_dataset(check: impl Fn(&Profile, &Dataset)) {
    let profiles = Profiles::load(&[], &RefData::load(&[]).unwrap()).unwrap();
    assert_eq!(profiles.iter().count(), 4);
    for profile in profiles.iter() {
        assert!(!profile.datasets.is_empty());
        profile.datasets.iter().for_each(|dataset| check(profile, dataset));
    }
}

#[test]
fn every_rule_of_the_program_has_both_sentences_and_a_basis() {
    for_each_dataset(|_, dataset| {
        let rules = dataset.rules.iter().map(|r| (&r.id, &r.basis, &r.sentence, r.confidence));
        let batch = dataset.batch_rules.iter();
        let all = rules.chain(batch.map(|r| (&r.id, &r.basis, &r.sentence, r.confidence)));
        for (id, basis, sentence, confidence) in all {
            assert!(!basis.is_empty(), "{id}");
            // A fact that a text has no value for stays in braces.
            let is_whole = |text: &str| !text.is_empty() && !text.contains(['{', '}']);
            assert!(is_whole(&sentence.zh) && is_whole(&sentence.en), "{id}: {sentence:?}");
            assert!(!sentence.zh.is_ascii(), "{id}: {}", sentence.zh);
            let says_doubt = sentence.zh.contains("待确认") && sentence.en.contains("awaits");
            assert_eq!(says_doubt, confidence != Confidence::Sourced, "{id}: {sentence:?}");
        }
    });
}

#[test]
fn every_dataset_of_the_program_says_which_way_its_scales_run() {
    let mut scales = Vec::new();
    let profiles = Profiles::load(&[], &RefData::load(&[]).unwrap()).unwrap();
    for dataset in profiles.iter().flat_map(|profile| &profile.datasets) {
        for (column, code) in [(RecordColumn::Satisfaction, "1"), (RecordColumn::CaseType, "1")] {
            let Some(idx) = dataset.field_of(column) else { continue };
            let meaning = dataset.fields[idx].meaning.get(code);
            let meaning = meaning.map_or("undeclared", String::as_str);
            scales.push(format!("{} {column} 1 = {meaning}", dataset.id));
        }
    }
    let expected = [
        "hcp_offlinereport satisfaction 1 = 1",
        "hcp_offlinereport case_type 1 = promised",
        "hcp_case_push case_type 1 = immediate",
        "apply case_type 1 = immediate",
        "accept case_type 1 = immediate",
        "evaluation satisfaction 1 = 5",
        "up_pro_accept case_type 1 = immediate",
        "up_pro_result satisfaction 1 = undeclared",
    ];
    assert_eq!(scales, expected);
}

#[test]
fn no_header_means_a_scale_in_two_directions() {
    let profiles = Profiles::load(&[], &RefData::load(&[]).unwrap()).unwrap();
    let datasets = profiles.iter().flat_map(|profile| &profile.datasets);
    let mut known: BTreeMap<(RecordKind, String), (&Field, &str)> = BTreeMap::new();
    for dataset in datasets {
        for column in [RecordColumn::Satisfaction, RecordColumn::CaseType] {
            let Some(idx) = dataset.field_of(column) else { continue };
            let field = &dataset.fields[idx];
            for name in field.names() {
                let key = (dataset.kind, crate::records::profile::fit::folded(name));
                let (first, id) = *known.entry(key).or_insert((field, &dataset.id));
                let is_same = first.meaning.get("1") == field.meaning.get("1");
                assert!(is_same, "`{name}` of {id} and of {}", dataset.id);
            }
        }
    }
    assert!(known.len() > 8);
    // A label that the standard has for the words does not stand for the codes of an interface.
    let header = "办件编号,评价次数,评价时间,满意度";
    assert!(fitting(header).starts_with("near "), "{}", fitting(header));
}

#[test]
fn nobody_who_is_named_in_a_record_is_kept_in_clear() {
    // Columns of the facts about interfaces that are marked as personal, by how they are called.
    let about_people =
        ["姓名", "手机", "电话", "证件号", "地址", "申请人", "评价人", "经办人", "受理人员"];
    for_each_dataset(|_, dataset| {
        for field in &dataset.fields {
            let label = field.label_zh.as_str();
            let is_person = about_people.iter().any(|word| label.contains(word))
                && !["类型", "编码"].iter().any(|word| label.contains(word));
            assert!(
                !is_person || field.personal.is_some(),
                "{}.{} {label}",
                dataset.id,
                field.name
            );
            assert!(field.personal.is_none() || field.mask != Mask::Plain, "{}", field.name);
        }
    });
}

#[test]
fn a_workspace_takes_the_place_of_a_profile() {
    let refdata = RefData::load(&[]).unwrap();
    let own = [("up-exchange".to_owned(), RIGHT.to_owned())];
    let profiles = Profiles::load(&own, &refdata).unwrap();
    let names: Vec<String> =
        profiles.iter().map(|p| format!("{} {}", p.name(), p.is_builtin)).collect();
    let expected = [
        "evaluation-interface/1 true",
        "evaluation-push/1 true",
        "gbt39046-2020/1 true",
        "up-exchange/3 false",
    ];
    assert_eq!(names, expected);
}
