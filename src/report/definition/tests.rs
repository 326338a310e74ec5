//! Definitions that are wrong, and in which line.

use crate::diag::{Diagnose, Lang};
use crate::query::Catalogue;
use crate::refdata::RefData;
use crate::report::ReportError;
use crate::report::definition::builtin::REPORTS;
use crate::report::definition::{BlockPlan, Bound, Definition, Definitions, TablePlan};

const HEAD: &str = "format = 1\ntitle = \"T\"\ntitle_zh = \"题\"\nsummary = \"S\"\n\
    summary_zh = \"要\"\nperiods = \"aggregation/by_department\"\n";
const SECTION: &str = "[[sections]]\nid = \"one\"\ntitle = \"One\"\ntitle_zh = \"一\"\n";
const TITLES: &str = "title = \"B\"\ntitle_zh = \"块\"\n";

fn parsed(text: &str) -> Result<Definition, ReportError> {
    let catalogue = Catalogue::builtin();
    Definition::parse("mine", text, &catalogue, &RefData::load(&[]).unwrap())
}

/// What is said of a definition: nothing, or the line and the reason.
#[track_caller]
fn check(text: &str, expected: &str) {
    let found = match parsed(text) {
        Ok(definition) => format!("{} sections", definition.sections.len()),
        Err(ReportError::Invalid { line, reason, .. }) => {
            format!("line {line}: {}", reason.text(Lang::En))
        }
        Err(error) => error.to_string(),
    };
    assert_eq!(found, expected, "{text}");
}

#[track_caller]
fn check_block(block: &str, expected: &str) {
    check(&format!("{HEAD}{SECTION}[[sections.blocks]]\n{block}"), expected);
}

#[test]
fn what_comes_with_the_program_is_right() {
    let (catalogue, refdata) = (Catalogue::builtin(), RefData::load(&[]).unwrap());
    let definitions = Definitions::new(&[]);
    assert_eq!(definitions.names().count(), REPORTS.len());
    for (name, _) in REPORTS {
        let definition = definitions.get(name, &catalogue, &refdata).unwrap();
        assert!(definition.is_builtin && !definition.sections.is_empty(), "{name}");
    }
}

#[test]
fn a_definition_of_the_workspace_takes_the_place_of_a_built_in_one() {
    let (catalogue, refdata) = (Catalogue::builtin(), RefData::load(&[]).unwrap());
    let own = vec![("monthly-trend".to_owned(), HEAD.to_owned())];
    let definition = Definitions::new(&own).get("monthly-trend", &catalogue, &refdata).unwrap();
    assert!(!definition.is_builtin);
    let error = Definitions::new(&own).get("monthly-trends", &catalogue, &refdata).unwrap_err();
    let hint = error.message().hint(Lang::En).unwrap();
    assert!(hint.starts_with("did you mean `monthly-trend`?"), "{hint}");
}

#[test]
fn a_wrong_file_names_its_line() {
    check(HEAD, "0 sections");
    check(
        &HEAD.replace("format = 1", "format = 2"),
        "line 1: the form `2` is not known; this version knows 1",
    );
    check(
        &HEAD.replace("summary =", "sumary ="),
        "line 4: unknown field `sumary`, expected one of `format`, `title`, `title_zh`, `summary`, \
         `summary_zh`, `periods`, `states`, `region`, `params`, `sections`, `schedule`",
    );
    check(
        &HEAD.replace("aggregation/by_department", "quality/totals"),
        "line 6: query `quality/totals` cannot tell the periods: it needs a day as its parameter \
         `period`, and returns `period_end` and `region`",
    );
    check(
        &HEAD.replace("aggregation/by", "agregation/by"),
        "line 6: no query named `agregation/by_department`",
    );
    check(&format!("{HEAD}{SECTION}{SECTION}"), "line 12: the id `one` stands twice");
    check(
        &format!("{HEAD}{}", SECTION.replace("\"one\"", "\"<One>\"")),
        "line 8: the id `<One>` begins with a small letter and has small letters, digits and hyphens, \
         at most 40",
    );
    check(
        &format!("{HEAD}{SECTION}start = \"paper\"\n"),
        "line 11: `paper` is none of the words that can stand here: `page`",
    );
}

#[test]
fn a_wrong_block_names_its_line() {
    check_block("kind = \"text\"\ntext = \"a\"\ntext_zh = \"甲\"\n", "1 sections");
    check_block(
        "kind = \"tabel\"\n",
        "line 12: `tabel` is none of the words that can stand here: `table`",
    );
    check_block(
        "kind = \"text\"\ntext = \"a\"\n",
        "line 12: a block of the kind `text` needs the key `text_zh`",
    );
    check_block(
        "kind = \"text\"\ntext = \"a\"\ntext_zh = \"甲\"\nchart = \"bar\"\n",
        "line 12: a block of the kind `text` has no key `chart`",
    );
    check_block(
        &format!("kind = \"table\"\n{TITLES}query = \"quality/total\"\n"),
        "line 15: no query named `quality/total`",
    );
    let table = format!("kind = \"table\"\n{TITLES}query = \"aggregation/zero_causes\"\n");
    check_block(&table, "1 sections");
    check_block(
        &format!("{table}columns = [\"cause\",\n  \"kid\"]\n"),
        "line 17: query `aggregation/zero_causes` does not return `kid`; near or known are `kind`",
    );
    check_block(
        &format!("{table}params = {{ perod = \"$period\" }}\n"),
        "line 16: query `aggregation/zero_causes` has no parameter `perod`",
    );
    check_block(
        &format!("{table}params = {{ period = \"$perod\" }}\n"),
        "line 16: the report has no `$perod`; it has `$period`, `$month`, `$year`, `$state`, `$region`, `$lang`",
    );
    check_block(
        &format!("{table}params = {{ indicator = \"items\" }}\n"),
        "line 16: `items` is no value for `indicator` of query `aggregation/zero_causes`",
    );
    check_block(
        &format!("{table}where = {{ regoin = \"$region\" }}\n"),
        "line 16: query `aggregation/zero_causes` does not return `regoin`; near or known are `region`",
    );
    check_block(&format!("{table}top = 0\n"), "line 16: a number of at least 1 stands here");
    check_block(
        &format!("{table}note = \"n\"\n"),
        "line 12: a block of the kind `table` needs the key `note_zh`",
    );
    check_block(
        &format!("kind = \"table\"\n{TITLES}query = \"trend/figures\"\n"),
        "line 15: query `trend/figures` also needs a value for `indicator`",
    );
}

#[test]
fn a_condition_that_no_row_can_meet_names_its_line() {
    let table = format!("kind = \"table\"\n{TITLES}query = \"aggregation/returned_published\"\n");
    let condition = |text: &str, expected: &str| {
        check_block(&format!("{table}where = {{ {text} }}\n"), expected);
    };
    let never = |told: &str| {
        format!("line 16: column {told}").replace("QUERY", "query `aggregation/returned_published`")
    };
    condition("qualifier = \"more_than\", period_start = \"\", edition = \"any\"", "1 sections");
    condition(
        "qualifer = \"x\"",
        "line 16: query `aggregation/returned_published` does not return `qualifer`; near or known are \
         `qualifier`",
    );
    condition(
        "qualifier = \"more_then\"",
        &never("`qualifier` of QUERY is never `more_then`; near or known are `more_than`"),
    );
    condition(
        "accumulation = \"nosuchword\"",
        &never(
            "`accumulation` of QUERY is never `nosuchword`; near or known are `point`, `period`, \
             `year_to_date`, `since_launch`",
        ),
    );
    condition(
        "region = \"63000\"",
        &never(
            "`region` of QUERY is never `63000`; near or known are `630000`, `630100`, `630200`",
        ),
    );
    condition(
        "period_end = \"2021-09\"",
        &never("`period_end` of QUERY is of the type date, and `2021-09` is none"),
    );
    condition(
        "period_end = \"$region\"",
        &never("`period_end` of QUERY is of the type date, and `630000` is none"),
    );
    condition(
        "definition = 1.5",
        &never("`definition` of QUERY is of the type int, and `1.5` is none"),
    );
    condition("region = \"\"", &never("`region` of QUERY is never empty"));
}

#[test]
fn conditions_are_written_as_cells_are() {
    let text = format!(
        "{HEAD}{SECTION}[[sections.blocks]]\nkind = \"table\"\n{TITLES}\
         query = \"aggregation/returned_published\"\n\
         where = {{ records_returned = 5.0, period_end = \"2021-9-1\" }}\n"
    );
    let definition = parsed(&text).unwrap();
    let BlockPlan::Table(TablePlan { ask, .. }) = &definition.sections[0].blocks[0] else {
        panic!("{definition:?}");
    };
    let literal = |name: &str, text: &str| (name.to_owned(), Bound::Literal(text.to_owned()));
    let expected = [literal("period_end", "2021-09-01"), literal("records_returned", "5")];
    assert_eq!(ask.rows_where, expected);
}

#[test]
fn a_region_that_is_none_names_its_line() {
    check(&format!("{HEAD}region = \"630001\"\n"), "line 7: `630001` is no code of a region");
    let schedule = "[schedule]\ncron = \"0 8 5 * *\"\nzone = \"Asia/Shanghai\"\n\
        formats = [\"html\"]\nlang = \"zh\"\n";
    check(&format!("{HEAD}{schedule}region = \"630100\"\n"), "0 sections");
    check(
        &format!("{HEAD}{schedule}region = \"xining\"\n"),
        "line 12: `xining` is no code of a region",
    );
}

#[test]
fn a_wrong_chart_or_trend_names_its_line() {
    let chart = format!(
        "kind = \"chart\"\n{TITLES}query = \"aggregation/contribution\"\nx = \"department_name\"\n\
         y = [\"change\"]\n"
    );
    check_block(&format!("{chart}chart = \"bar\"\n"), "1 sections");
    check_block(
        &format!("{chart}chart = \"pie\"\n"),
        "line 18: `pie` is none of the words that can stand here: `line`, `column`, `bar`, `stacked`",
    );
    check_block(&chart, "line 12: a block of the kind `chart` needs the key `chart`");
    let trend = format!("kind = \"trend_chart\"\n{TITLES}chart = \"line\"\n");
    check_block(
        &format!("{trend}indicator = \"cases_agregated\"\n"),
        "line 16: there is no indicator `cases_agregated`; near or known are `cases_aggregated`, \
         `cases_aggregated_by_arrival`",
    );
    check_block(
        &format!("{trend}indicator = \"cases_aggregated\"\nfrequency = \"week\"\n"),
        "line 17: `week` is none of the words that can stand here: `month`, `quarter`, `half`, `year`",
    );
}

#[test]
fn parameters_of_its_own_have_a_type_and_a_default() {
    let param = |name: &str, data_type: &str, default: &str| {
        format!(
            "{HEAD}[params.{name}]\ntype = \"{data_type}\"\ndefault = {default}\nhelp = \"h\"\n\
             help_zh = \"助\"\n"
        )
    };
    check(&param("tolerance", "double", "1.5"), "0 sections");
    check(
        &param("tolerance", "double", "\"much\""),
        "line 9: the default `much` of `tolerance` is no double",
    );
    check(
        &param("region", "text", "\"x\""),
        "line 7: every report has `region`; it cannot be declared",
    );
    let text = format!(
        "{}{SECTION}[[sections.blocks]]\nkind = \"table\"\n{TITLES}query = \"targets/behind\"\n\
         params = {{ tolerance = \"$tolerance\" }}\n",
        param("tolerance", "double", "1.5")
    );
    let definition = parsed(&text).unwrap();
    let BlockPlan::Table(TablePlan { ask, .. }) = &definition.sections[0].blocks[0] else {
        panic!("{definition:?}");
    };
    let bound = Bound::Parameter("tolerance".to_owned());
    assert_eq!(ask.params, [("tolerance".to_owned(), bound)]);
}
