//! Drafts from answers that are written here.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};

use super::*;
use crate::diag::{Diagnose, Lang};
use crate::query::Catalogue;
use crate::refdata::RefData;
use crate::report::content::{Mark, RowKind, Span, Table, Value};

/// A definition with one text, one question of each kind and one annex.
const DEFINITION: &str = r#"
format = 1
kind = "notice"
title = "a"
title_zh = "甲"
summary = "a"
summary_zh = "甲"
region = "630000"
text = '''
TEXT
'''
[letter]
title = "关于情况的通报"
[[questions]]
name = "sums"
query = "notice/totals"
params = { indicator = "cases_aggregated", period = "$period", region = "$region" }
[[questions]]
name = "cells"
query = "notice/annex"
params = { indicator = "cases_aggregated", period = "$period", region = "$region" }
[figures.cases]
question = "sums"
column = "total"
row = { indicator = "cases_aggregated" }
style = "wan"
decimals = 2
unit = "条"
previous = "previous_total"
[figures.of]
question = "cells"
column = "value"
row = { indicator = "cases_aggregated" }
key = "department"
unit = "条"
[figures.any]
question = "cells"
column = "value"
[lists.all]
question = "cells"
where = { indicator = "cases_aggregated" }
name = "row_label"
key = "department"
note = "note"
[[annexes]]
id = "cells"
title = "汇聚情况表"
question = "cells"
name_label = "部门"
caption = "（统计时间：{{ span('sums') }}）"
note = "备注：1.共{{ figure('cases') }}。"
[[annexes.columns]]
indicator = "cases_aggregated"
label = "办件（条）"
[[annexes.columns]]
indicator = "evaluations_aggregated"
label = "{{ year('sums') }}年评价（条）"
"#;

const SUMS: &str = "\
indicator,period_start,period_end,total,release,previous_total
cases_aggregated,2021-01-01,2021-09-30,12869796,published,450
";

const CELLS: &str = "\
row_no,row_label,department,indicator,period_start,period_end,value,release,column_label,previous_value,obs_status
2,省水利厅,water,cases_aggregated,2021-01-01,2021-09-30,0,approved,,,reported
1,省公安厅,public_security,cases_aggregated,2021-01-01,2021-09-30,1873,published,,1800,reported
1,省公安厅,public_security,evaluations_aggregated,2021-01-01,2021-09-30,7,published,评价,7,reported
1,省公安厅,public_security,records_pushed,2021-01-01,2021-09-30,9,draft,,,reported
";

fn table(csv: &str) -> ResultTable {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let fields: Vec<Field> =
        header.iter().map(|name| Field::new(name, DataType::Utf8, true)).collect();
    let columns = (0..header.len()).map(|at| -> ArrayRef {
        let cells = rows.iter().map(|row| row.get(at).filter(|text| !text.is_empty()));
        Arc::new(cells.collect::<StringArray>())
    });
    let schema = Arc::new(Schema::new(fields));
    ResultTable::of(RecordBatch::try_new(schema, columns.collect()).unwrap())
}

fn definition(text: &str) -> Result<NoticeDefinition, NoticeError> {
    let catalogue = Catalogue::builtin();
    let refdata = RefData::load(&[]).unwrap();
    NoticeDefinition::parse("own", &DEFINITION.replace("TEXT", text), &catalogue, &refdata)
}

fn drafted(text: &str, sums: &str, cells: &str) -> Result<NoticeDraft, NoticeError> {
    let answers = BTreeMap::from([("notice/totals", table(sums)), ("notice/annex", table(cells))]);
    draft(&definition(text)?, &NoticeParams::default(), |asked| {
        Ok((asked.clone(), answers[asked.query.as_str()].clone()))
    })
}

/// Returns the lines of the text, each figure in brackets.
fn lines(draft: &NoticeDraft) -> Vec<String> {
    let blocks = draft.sections.iter().flat_map(|section| {
        let title = (!section.title.is_empty()).then(|| format!("# {}", section.title));
        title.into_iter().chain(section.blocks.iter().filter_map(|block| {
            match block {
                Block::Paragraph { spans } => Some(
                    spans
                        .iter()
                        .map(|span| match span {
                            Span::Text { text } => text.clone(),
                            Span::Figure(figure) => format!("[{}]", figure.shown),
                        })
                        .collect(),
                ),
                Block::Heading { text, .. } => Some(format!("## {text}")),
                _ => None,
            }
        }))
    });
    blocks.collect()
}

#[track_caller]
fn check_fault(text: &str, expected: &str) {
    check_fault_of(text, SUMS, CELLS, expected);
}

#[track_caller]
fn check_fault_of(text: &str, sums: &str, cells: &str, expected: &str) {
    let error = drafted(text, sums, cells).unwrap_err();
    let told = error
        .details()
        .iter()
        .chain(&error.causes())
        .map(|it| it.text(Lang::En))
        .collect::<Vec<_>>();
    assert_eq!(told.join("\n"), expected, "{error}");
}

#[track_caller]
fn check_invalid(from: &str, to: &str, line: usize, reason: &str) {
    let text = DEFINITION.replace("TEXT", "甲");
    assert!(text.contains(from));
    let catalogue = Catalogue::builtin();
    let refdata = RefData::load(&[]).unwrap();
    let text = text.replacen(from, to, 1);
    match NoticeDefinition::parse("own", &text, &catalogue, &refdata).unwrap_err() {
        NoticeError::Invalid { line: found, reason: told, .. } => {
            let told = told.text(Lang::En);
            assert!(told.contains(reason), "{told}");
            assert_eq!(found, line, "{told}");
        }
        other => panic!("{other}"),
    }
}

#[test]
fn a_text_has_its_figures_names_and_headings() {
    let text = "# 一、总体\n截至{{ day('sums') }}，汇聚{{ figure('cases') }}（{{ annex('cells') }}）。\n\
                ## （一）部门\n{{ names('all') }}：{% for it in list('all') %}{{ it.name }}\
                {{ figure('of', it.key) }}；{% endfor %}";
    let draft = drafted(text, SUMS, CELLS).unwrap();
    assert_eq!(
        lines(&draft)[..4],
        [
            "# 一、总体",
            "截至2021年9月30日，汇聚[1286.98万条]（附件）。",
            "## （一）部门",
            "省水利厅、省公安厅：省水利厅[0条]；省公安厅[1873条]；",
        ]
    );
    assert_eq!(draft.period_end.to_string(), "2021-09-30");
}

#[test]
fn a_figure_knows_its_cell_and_what_it_was_before() {
    let draft = drafted("汇聚{{ figure('cases') }}。", SUMS, CELLS).unwrap();
    let Block::Paragraph { spans } = &draft.sections[0].blocks[0] else { panic!("a paragraph") };
    let Span::Figure(figure) = &spans[1] else { panic!("a figure") };
    assert_eq!(figure.value, Value::Number(12_869_796.0));
    assert_eq!(figure.previous, Some(Value::Number(450.0)));
    assert_eq!(figure.marks, [Mark::Changed]);
    assert_eq!(figure.source.asked.query, "notice/totals");
    assert_eq!(figure.source.column, "total");
    let row = [("indicator".to_owned(), "cases_aggregated".to_owned())];
    assert_eq!(figure.source.row, row);
}

#[test]
fn an_annex_is_printed_in_order_with_its_total() {
    let draft = drafted("甲", SUMS, CELLS).unwrap();
    let blocks = &draft.sections[1].blocks;
    let Block::Table(Table { columns, rows, notes, .. }) = &blocks[1] else { panic!("a table") };
    let labels: Vec<&str> = columns.iter().map(|column| column.label.as_str()).collect();
    // As printed, where all figures of the column were; else as the definition has it.
    assert_eq!(labels, ["序号", "部门", "办件（条）", "评价"]);
    let shown = rows.iter().map(|row| {
        row.cells.iter().map(|cell| match &cell.value {
            Value::Whole(number) => number.to_string(),
            Value::Text(text) => text.clone(),
            _ => String::new(),
        })
    });
    let shown: Vec<String> = shown.map(|row| row.collect::<Vec<_>>().join("|")).collect();
    // What is not there is not zero, and what is not whole is not added up.
    assert_eq!(shown, ["1|省公安厅|1873|7", "2|省水利厅|0|", "3|合计|1873|"]);
    assert_eq!(rows[2].kind, RowKind::Total);
    assert_eq!(rows[0].cells[2].marks, [Mark::Changed]);
    assert_eq!(rows[2].cells[2].marks, [Mark::Changed], "1800 before");
    assert_eq!(rows[0].cells[3].marks, []);
    assert_eq!(notes[..], ["备注：1.共1286.98万条。"]);
    assert_eq!(draft.letter.warnings.len(), 1);
    assert_eq!(lines(&draft)[2], "（统计时间：2021年1月1日—9月30日）");
}

#[test]
fn what_is_not_exact_is_printed_as_such_and_not_added_up() {
    let (head, rows) = CELLS.split_once('\n').unwrap();
    let rows: String = rows.lines().map(|row| format!("{row},\n")).collect();
    let cells =
        format!("{head},qualifier\n{rows}").replace(",1800,reported,", ",,reported,more_than");
    let draft = drafted("甲", SUMS, &cells).unwrap();
    let Block::Table(Table { rows, .. }) = &draft.sections[1].blocks[1] else { panic!("a table") };
    assert_eq!(rows[0].cells[2].value, Value::Text("1873余".to_owned()));
    assert_eq!(rows[0].cells[2].marks, [Mark::Approximate]);
    assert_eq!(rows[2].cells[2].value, Value::Missing);
}

/// Checks what is told of the departments where the source says something of each.
#[track_caller]
fn check_quoted(of_water: &str, of_police: &str, expected: &str) {
    let cells = format!(
        "row_no,row_label,department,indicator,period_start,period_end,value,release,note\n\
         1,省水利厅,water,cases_aggregated,2021-01-01,2021-09-30,0,approved,{of_water}\n\
         2,省公安厅,public_security,cases_aggregated,2021-01-01,2021-09-30,1873,approved,{of_police}\n"
    );
    let text = "备注：{% for it in list('all') if not it.is_told %}{{ loop.index }}.\
                {% if it.note %}{{ it.note }}{% else %}{{ it.name }}未说明。{% endif %}{% endfor %}";
    assert_eq!(lines(&drafted(text, SUMS, &cells).unwrap())[0], expected);
}

#[test]
fn what_the_source_says_is_quoted_where_its_numbers_are_true() {
    check_quoted(
        "# 水利厅的数据{{ 1 }}退回",
        "全部1873条已退回。",
        "备注：1.省水利厅未说明。2.全部[1873条]已退回。",
    );
    check_quoted("## 数据已退回", "", "备注：1.## 数据已退回。2.省公安厅未说明。");
    // Another number than the figure's, and one that would be read with the number of the note.
    check_quoted("共1条", "1873条已退回。", "备注：1.省水利厅未说明。2.省公安厅未说明。");
    check_quoted("共0条", "共1872条。", "备注：1.共[0条]。2.省公安厅未说明。");
    // What is said of both is told once.
    check_quoted("两厅已整改。", "两厅已整改。", "备注：1.省水利厅未说明。2.省公安厅未说明。");
    check_quoted("均已整改。", "均已整改。", "备注：1.均已整改。");
}

#[test]
fn a_number_without_an_answer_stops_the_draft() {
    check_fault(
        "前句。共退回450余万条，另有{{ plain('3') }}条；末句。",
        "nothing binds `450余万条` in: 共退回450余万条，另有3条；",
    );
    check_fault("三十个部门。", "nothing binds `三十个` in: 三十个部门。");
    check_fault("{{ list('all') | length }}个部门。", "nothing binds `2个` in: 2个部门。");
    check_fault("# 第2部分", "nothing binds `第2` in: 第2部分");
}

#[test]
fn a_stated_figure_that_is_not_true_stops_the_draft() {
    let stated = |text: &str| format!("前句。汇聚{{{{ figure('cases', stated='{text}') }}}}。");
    assert!(drafted(&stated("1286.98万条"), SUMS, CELLS).is_ok());
    check_fault(
        &stated("1286.97万条"),
        "the figure `cases` is stated as `1286.97万条`, the answer has 12869796: 汇聚1286.97万条。",
    );
}

#[test]
fn what_nobody_approved_stops_the_draft() {
    let sums = SUMS.replace("published", "draft");
    let error = drafted("前句。汇聚{{ figure('cases') }}。", &sums, CELLS).unwrap_err();
    let told: Vec<String> = error.details().iter().map(|it| it.text(Lang::Zh)).collect();
    assert_eq!(told.len(), 2, "the text and the note of the annex: {told:?}");
    assert!(told[0].contains("cases") && told[0].ends_with("汇聚1286.98万条。"), "{told:?}");
    let cells = CELLS.replace("1873,published", "1873,draft");
    let error = drafted("甲", SUMS, &cells).unwrap_err();
    let told: Vec<String> = error.details().iter().map(|it| it.text(Lang::Zh)).collect();
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("省公安厅") && told[0].contains("cases_aggregated"), "{told:?}");
}

#[test]
fn a_figure_is_one_cell_with_a_value() {
    check_fault(
        "{{ figure('of', 'none') }}。",
        "no row of the answer has `indicator=cases_aggregated department=none`, which the figure `of` needs: 〔　〕。",
    );
    check_fault(
        "{{ figure('any') }}。",
        "several rows of the answer have ``, the figure `any` needs one: 〔　〕。",
    );
    check_fault(
        "{{ figure('of') }}。",
        "the figure `of` and its call do not agree on a key: 〔　〕。",
    );
    let sums = SUMS.replace("12869796", "");
    let error = drafted("{{ figure('cases') }}。", &sums, CELLS).unwrap_err();
    assert!(!error.details().is_empty());
}

#[test]
fn data_is_never_a_template_nor_a_heading() {
    let cells = CELLS.replace("省水利厅", "# {{ figure('cases') }}\u{fdd0}\u{fdd2}\u{fdd1}2号");
    let draft = drafted("{{ names('all') }}。", SUMS, &cells).unwrap();
    let text = &lines(&draft)[0];
    assert!(text.starts_with("# {{ figure('cases') }}") && text.ends_with("省公安厅。"), "{text}");
    assert!(!text.contains('['), "{text}");
}

#[test]
fn a_period_without_figures_gives_no_draft() {
    let error = drafted("甲", SUMS.lines().next().unwrap(), CELLS).unwrap_err();
    assert!(matches!(error, NoticeError::WithoutFigures { .. }), "{error}");
}

#[test]
fn a_wrong_definition_is_refused_with_its_line() {
    check_invalid("format = 1", "format = 2", 2, "2");
    check_invalid("summary = ", "sumary = ", 6, "sumary");
    check_invalid("\"630000\"", "\"999999\"", 8, "999999");
    check_invalid("甲\n'''", "{{ figure('case') }}\n'''", 10, "figure");
    check_invalid("甲\n'''", "乙\n{{ figure('cases' }}\n'''", 11, "");
    check_invalid("notice/totals", "notice/total", 16, "notice/total");
    check_invalid("$period", "$perid", 17, "perid");
    check_invalid("column = \"total\"", "column = \"totl\"", 24, "totl");
    check_invalid("style = \"wan\"", "style = \"wen\"", 26, "wen");
    let row = "row = { indicator = \"cases_aggregated\" }";
    check_invalid(row, "row = { indicator = \"cases_agregated\" }", 25, "`cases_aggregated`");
    check_invalid(row, "row = { period_end = \"2021-09\" }", 25, "of the type date");
    let rows = "where = { indicator = \"cases_aggregated\" }";
    check_invalid(rows, "where = { release = \"publishd\" }", 41, "`published`");
    check_invalid(rows, "where = { indicators = \"a\" }", 41, "`indicators`");
    check_invalid("indicator = \"evaluations_aggregated\"", "indicator = \"x\"", 56, "x");
    let unreleased =
        DEFINITION.replace("TEXT", "甲").replacen("notice/totals", "quality/totals", 1);
    let unreleased = unreleased.replacen(
        "params = { indicator = \"cases_aggregated\", period = \"$period\", region = \"$region\" }",
        "params = {}",
        1,
    );
    let unreleased = unreleased
        .replace("column = \"total\"", "column = \"sum_value\"")
        .replace("previous = \"previous_total\"\n", "");
    let (catalogue, refdata) = (Catalogue::builtin(), RefData::load(&[]).unwrap());
    let error = NoticeDefinition::parse("own", &unreleased, &catalogue, &refdata).unwrap_err();
    assert!(error.causes()[0].text(Lang::En).contains("quality/totals"), "{:?}", error.causes());
}

#[test]
fn what_stands_above_every_page_knows_of_a_notice_before() {
    let line =
        "header = \"{% if has_previous('sums') %}有{% else %}无{% endif %}{{ day('sums') }}\"";
    let text = DEFINITION.replace("TEXT", "甲").replace("[letter]", &format!("[letter]\n{line}"));
    let (catalogue, refdata) = (Catalogue::builtin(), RefData::load(&[]).unwrap());
    let definition = NoticeDefinition::parse("own", &text, &catalogue, &refdata).unwrap();
    let header = |sums: &str| {
        let answers = |asked: &Asked| -> Result<_, NoticeError> {
            let csv = if asked.query == "notice/totals" { sums } else { CELLS };
            Ok((asked.clone(), table(csv)))
        };
        let drafted = draft(&definition, &NoticeParams::default(), answers);
        drafted.unwrap().letter.header.unwrap()
    };
    assert_eq!(header(SUMS), "无2021年9月30日");
    let before = SUMS.replace("previous_total\n", "previous_total,previous_edition\n");
    assert_eq!(header(&before.replace(",450\n", ",450,青政办〔2020〕9号\n")), "有2021年9月30日");
}

#[test]
fn parameters_are_days_and_words() {
    let parsed =
        |name: &str, value: &str| NoticeParams::parse(&[(name.to_owned(), value.to_owned())]);
    let period = |text: &str| parsed("period", text).unwrap().period.map(|day| day.to_string());
    assert_eq!(period("2021-09").as_deref(), Some("2021-09-30"));
    assert_eq!(period("2021-11-24").as_deref(), Some("2021-11-24"));
    assert_eq!(period(" "), None);
    assert!(parsed("period", "2021年9月").is_err());
    assert!(parsed("dated", "2021-09").is_err());
    assert_eq!(parsed("origin", "reported").unwrap().origin, ShownOrigin::Reported);
    assert!(parsed("origin", "told").is_err());
}

#[test]
fn the_notice_that_comes_with_the_program_can_be_read() {
    let text = include_str!("../../../data/reports/notice-draft.toml");
    assert!(is_notice(text));
    let (catalogue, refdata) = (Catalogue::builtin(), RefData::load(&[]).unwrap());
    let notice = NoticeDefinition::parse("notice-draft", text, &catalogue, &refdata);
    let notice = notice.unwrap_or_else(|error| panic!("{error}: {:?}", error.causes()));
    assert_eq!(notice.annexes.len(), 2);
    assert!(!is_notice("kind = 1") && !is_notice("title = \"a\"") && !is_notice("="));
}
