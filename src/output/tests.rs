//! What every format makes of every type that an engine returns.

use std::sync::Arc;

use arrow::array::types::{Int8Type, IntervalMonthDayNano};
use arrow::array::{
    Array, ArrayRef, BinaryArray, BinaryViewArray, BooleanArray, Date32Array, Date64Array,
    Decimal128Array, DictionaryArray, FixedSizeBinaryArray, Float16Array, Float32Array,
    Float64Array, Int8Array, Int16Array, Int32Array, Int64Array, IntervalMonthDayNanoArray,
    LargeBinaryArray, LargeStringArray, ListArray, MapArray, NullArray, RecordBatch, StringArray,
    StringViewArray, StructArray, Time64MicrosecondArray, TimestampMicrosecondArray,
    TimestampNanosecondArray, TimestampSecondArray, UInt8Array, UInt16Array, UInt32Array,
    UInt64Array, UnionArray,
};
use arrow::buffer::{OffsetBuffer, ScalarBuffer};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Fields, Schema, UnionFields};

use super::*;
use crate::table::read_parquet;

fn text_in(table: &ResultTable, format: Format, lang: Lang, width: Option<u16>) -> String {
    let mut bytes = Vec::new();
    render(table, format, RenderOptions { lang, width }, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn table_of(columns: Vec<(&str, ArrayRef)>) -> ResultTable {
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, array)| Field::new(*name, array.data_type().clone(), true))
        .collect();
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    ResultTable::of(RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap())
}

/// Checks the cells of one column in CSV, JSON and the terminal table, and that Parquet takes it.
#[track_caller]
fn check(array: impl Array + 'static, csv: &[&str], json: &[&str], shown: &[&str]) {
    let table = table_of(vec![
        ("n", Arc::new(Int8Array::from(vec![7; array.len()])) as ArrayRef),
        ("x", Arc::new(array)),
    ]);
    let text = text_in(&table, Format::Csv, Lang::En, None);
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    let cells: Vec<String> = reader.records().map(|record| record.unwrap()[1].to_owned()).collect();
    assert_eq!(cells, csv);

    let text = text_in(&table, Format::Jsonl, Lang::En, None);
    let lines = json.iter().map(|value| format!("{{\"n\":7,\"x\":{value}}}\n"));
    let expected = lines.collect::<Vec<_>>().concat();
    assert_eq!(text, expected);
    let array_text = text_in(&table, Format::Json, Lang::En, None);
    let values: Vec<serde_json::Value> = serde_json::from_str(&array_text).unwrap();
    assert_eq!(values.len(), json.len());

    let text = text_in(&table, Format::Table, Lang::En, None);
    let cells: Vec<&str> = text.lines().skip(2).map(|line| line.trim_start()[1..].trim()).collect();
    assert_eq!(cells, shown);
    assert!(text_in(&table, Format::Markdown, Lang::En, None).lines().count() == json.len() + 2);

    let mut bytes = Vec::new();
    let options = RenderOptions { lang: Lang::En, width: None };
    render(&table, Format::Parquet, options, &mut bytes).unwrap();
    let rows: usize = read_parquet(bytes.into()).unwrap().iter().map(RecordBatch::num_rows).sum();
    assert_eq!(rows, json.len());
}

/// The same cells in all three.
#[track_caller]
fn check_plain(array: impl Array + 'static, cells: &[&str]) {
    check(array, cells, cells, cells);
}

#[test]
fn whole_numbers_of_any_width() {
    check_plain(Int8Array::from(vec![-128]), &["-128"]);
    check_plain(Int16Array::from(vec![127]), &["127"]);
    check(Int32Array::from(vec![-32_768]), &["-32768"], &["-32768"], &["-32768"]);
    let max = "9223372036854775807";
    let shown = "9223372036854775807";
    check(Int64Array::from(vec![Some(i64::MAX), None]), &[max, ""], &[max, "null"], &[shown, "-"]);
    check_plain(UInt8Array::from(vec![255]), &["255"]);
    check(UInt16Array::from(vec![65_535]), &["65535"], &["65535"], &["65535"]);
    check(UInt32Array::from(vec![1_000]), &["1000"], &["1000"], &["1000"]);
    let max = "18446744073709551615";
    check(UInt64Array::from(vec![u64::MAX]), &[max], &[max], &["18446744073709551615"]);
}

#[test]
fn sums_that_the_engine_returns_as_wide_integers() {
    let huge =
        Decimal128Array::from(vec![Some(170_141_183_460_469_231_731_687_303_715_884_105), None])
            .with_precision_and_scale(38, 0)
            .unwrap();
    let exact = "170141183460469231731687303715884105";
    let shown = "170141183460469231731687303715884105";
    check(huge, &[exact, ""], &[exact, "null"], &[shown, "-"]);
    let money = Decimal128Array::from(vec![123_450]).with_precision_and_scale(9, 2).unwrap();
    check(money, &["1234.50"], &["1234.50"], &["1234.50"]);
}

#[test]
fn doubles_are_exact_for_machines_and_round_for_the_eye() {
    check(
        Float64Array::from(vec![Some(12_741_337.0), Some(98.976_54), None, Some(f64::NAN)]),
        &["12741337", "98.97654", "", "NaN"],
        &["12741337", "98.97654", "null", "null"],
        &["12741337", "98.9765", "-", "NaN"],
    );
    check(Float32Array::from(vec![0.1]), &["0.1"], &["0.1"], &["0.1"]);
    let half = cast(&Float32Array::from(vec![1.5]), &DataType::Float16).unwrap();
    check_plain(half.as_any().downcast_ref::<Float16Array>().unwrap().clone(), &["1.5"]);
}

#[test]
fn texts_of_every_encoding() {
    let cells = vec![Some("省林草局"), Some(""), None, Some("a\"b\tc")];
    let csv = ["省林草局", "", "", "a\"b\tc"];
    let json = ["\"省林草局\"", "\"\"", "null", "\"a\\\"b\\tc\""];
    let shown = ["省林草局", "", "-", "a\"b\\tc"];
    check(StringArray::from(cells.clone()), &csv, &json, &shown);
    check(LargeStringArray::from(cells.clone()), &csv, &json, &shown);
    check(StringViewArray::from(cells.clone()), &csv, &json, &shown);
    let codes: DictionaryArray<Int8Type> = cells.into_iter().collect();
    check(codes, &csv, &json, &shown);
}

#[test]
fn truth_bytes_and_nothing() {
    let truth = BooleanArray::from(vec![Some(true), Some(false), None]);
    check(truth, &["true", "false", ""], &["true", "false", "null"], &["yes", "no", "-"]);
    let bytes: Vec<&[u8]> = vec![b"\x00\xff"];
    let hex = (&["00ff"], &["\"00ff\""]);
    check(BinaryArray::from(bytes.clone()), hex.0, hex.1, hex.0);
    check(LargeBinaryArray::from(bytes.clone()), hex.0, hex.1, hex.0);
    check(BinaryViewArray::from(bytes.clone()), hex.0, hex.1, hex.0);
    let fixed = FixedSizeBinaryArray::try_from_iter(bytes.into_iter()).unwrap();
    check(fixed, hex.0, hex.1, hex.0);
    check(NullArray::new(1), &[""], &["null"], &["-"]);
}

#[test]
fn what_no_calendar_has_is_worded_in_the_readers_language() {
    let days: ArrayRef = Arc::new(Date32Array::from(vec![i32::MAX, -i32::MAX]));
    let table = table_of(vec![("a", days)]);
    for (lang, words) in [(Lang::Zh, ["无穷远", "负无穷远"]), (Lang::En, ["infinity", "-infinity"])]
    {
        let text = text_in(&table, Format::Markdown, lang, None);
        assert!(words.iter().all(|word| text.contains(word)), "{text}");
        assert!(text_in(&table, Format::Csv, lang, None).contains("-infinity"));
    }
}

#[test]
fn days_and_times() {
    let day = 18_900;
    let days = Date32Array::from(vec![Some(day), None, Some(i32::MAX), Some(-i32::MAX)]);
    let iso = ["2021-09-30", "", "infinity", "-infinity"];
    let json = ["\"2021-09-30\"", "null", "\"infinity\"", "\"-infinity\""];
    check(days, &iso, &json, &["2021-09-30", "-", "infinity", "-infinity"]);
    let noon = i64::from(day) * 86_400 + 43_200;
    let (iso, shown) = ("2021-09-30T12:00:00", "2021-09-30 12:00:00");
    let quoted = format!("\"{iso}\"");
    check(TimestampSecondArray::from(vec![noon]), &[iso], &[&quoted], &[shown]);
    check(Date64Array::from(vec![noon * 1_000]), &[iso], &[&quoted], &[shown]);
    let micros = noon * 1_000_000;
    check(
        TimestampMicrosecondArray::from(vec![
            Some(micros + 250_000),
            Some(i64::MAX),
            Some(i64::MAX - 1),
        ]),
        &["2021-09-30T12:00:00.250", "infinity", "out of range"],
        &["\"2021-09-30T12:00:00.250\"", "\"infinity\"", "\"out of range\""],
        &["2021-09-30 12:00:00.250", "infinity", "out of range"],
    );
    check(TimestampNanosecondArray::from(vec![micros * 1_000]), &[iso], &[&quoted], &[shown]);
    let known = TimestampMicrosecondArray::from(vec![micros]).with_timezone("+08:00");
    let zoned = "2021-09-30T20:00:00+08:00";
    check(known, &[zoned], &[&format!("\"{zoned}\"")], &["2021-09-30 20:00:00+08:00"]);
    for zone in ["Asia/Shanghai", "UTC"] {
        let named = TimestampMicrosecondArray::from(vec![micros]).with_timezone(zone);
        check(
            named,
            &["2021-09-30T12:00:00Z"],
            &["\"2021-09-30T12:00:00Z\""],
            &["2021-09-30 12:00:00+00:00"],
        );
    }
    let time = Time64MicrosecondArray::from(vec![3_723_000_000]);
    check(time, &["01:02:03"], &["\"01:02:03\""], &["01:02:03"]);
    let span = IntervalMonthDayNanoArray::from(vec![IntervalMonthDayNano::new(1, 2, 0)]);
    check(span, &["1 mons 2 days"], &["\"1 mons 2 days\""], &["1 mons 2 days"]);
}

fn days_list() -> ListArray {
    let days = Arc::new(Date32Array::from(vec![Some(18_900), None, Some(i32::MAX)]));
    let item = Arc::new(Field::new("item", DataType::Date32, true));
    ListArray::new(item, OffsetBuffer::from_lengths([3]), days, None)
}

#[test]
fn nested_values_are_json_in_every_format() {
    let list = r#"["2021-09-30",null,"infinity"]"#;
    check_plain(days_list(), &[list]);

    let spans = IntervalMonthDayNanoArray::from(vec![IntervalMonthDayNano::new(0, 1, 0)]);
    let item = Arc::new(Field::new("item", spans.data_type().clone(), true));
    let spans = ListArray::new(item, OffsetBuffer::from_lengths([1]), Arc::new(spans), None);
    check_plain(spans, &[r#"["1 days"]"#]);

    let zoned = TimestampMicrosecondArray::from(vec![0]).with_timezone("Asia/Shanghai");
    let codes: DictionaryArray<Int8Type> = vec![Some("a|b")].into_iter().collect();
    let fields = Fields::from(vec![
        Field::new("at", zoned.data_type().clone(), true),
        Field::new("share", DataType::Float64, true),
        Field::new("code", codes.data_type().clone(), true),
    ]);
    let arrays: Vec<ArrayRef> =
        vec![Arc::new(zoned), Arc::new(Float64Array::from(vec![5.0])), Arc::new(codes)];
    let cell = r#"{"at":"1970-01-01T00:00:00Z","share":5,"code":"a|b"}"#;
    check_plain(StructArray::new(fields, arrays, None), &[cell]);
}

fn map_of(keys: ArrayRef, values: ArrayRef) -> MapArray {
    let fields = Fields::from(vec![
        Field::new("key", keys.data_type().clone(), false),
        Field::new("value", values.data_type().clone(), true),
    ]);
    let entry = Arc::new(Field::new("entries", DataType::Struct(fields.clone()), false));
    let offsets = OffsetBuffer::from_lengths([keys.len()]);
    MapArray::new(entry, offsets, StructArray::new(fields, vec![keys, values], None), None, false)
}

#[test]
fn maps_have_keys_of_any_type() {
    let values: ArrayRef = Arc::new(Float64Array::from(vec![Some(1.0), None]));
    let names = Arc::new(StringArray::from(vec!["a", "b"]));
    check_plain(map_of(names, Arc::clone(&values)), &[r#"{"a":1,"b":null}"#]);
    let numbers = Arc::new(Int32Array::from(vec![1, 2]));
    check_plain(map_of(numbers, values), &[r#"{"1":1,"2":null}"#]);
}

#[test]
fn unions_are_written_with_the_name_of_the_member() {
    let fields = UnionFields::from_fields(vec![
        Field::new("num", DataType::Int32, true),
        Field::new("str", DataType::Utf8, true),
    ]);
    let children: Vec<ArrayRef> = vec![
        Arc::new(Int32Array::from(vec![Some(1), None])),
        Arc::new(StringArray::from(vec![None, Some("a")])),
    ];
    let union =
        UnionArray::try_new(fields, ScalarBuffer::from(vec![0, 1]), None, children).unwrap();
    check(union, &["{num=1}", "{str=a}"], &["\"{num=1}\"", "\"{str=a}\""], &["{num=1}", "{str=a}"]);
}

fn aggregation() -> ResultTable {
    let texts =
        |cells: [Option<&str>; 3]| -> ArrayRef { Arc::new(StringArray::from(cells.to_vec())) };
    table_of(vec![
        ("region", texts([Some("630000"); 3])),
        ("period_end", Arc::new(Date32Array::from(vec![18_900; 3]))),
        ("rank", Arc::new(Int32Array::from(vec![Some(1), Some(2), None]))),
        ("department", texts([Some("human_resources"), Some("health"), Some("forestry")])),
        (
            "department_name",
            texts([Some("省人力资源社会保障厅"), Some("省卫生健康委"), Some("省林草局")]),
        ),
        ("cases_aggregated", Arc::new(Float64Array::from(vec![12_741_337.0, 2_994.0, 0.0]))),
        ("cases_aggregated_status", texts([Some("reported"), Some("reported"), Some("returned")])),
        (
            "cases_share_pct",
            Arc::new(Float64Array::from(vec![Some(98.976_5), Some(0.023_26), None])),
        ),
        ("note", texts([None, None, Some("推送数据不符合国家标准\n已全部退回")])),
        ("is_in_integration", Arc::new(BooleanArray::from(vec![true, true, false]))),
    ])
}

#[track_caller]
fn check_text(format: Format, lang: Lang, width: Option<u16>, expected: &str) {
    let text = text_in(&aggregation(), format, lang, width);
    assert_eq!(text, expected, "\n{text}");
}

#[test]
fn a_wide_terminal_shows_everything_as_a_table() {
    check_text(Format::Table, Lang::Zh, None, WIDE);
}

#[test]
fn a_narrow_terminal_lifts_what_is_constant_and_breaks_texts() {
    check_text(Format::Table, Lang::Zh, Some(80), NARROW);
}

#[test]
fn texts_and_titles_of_any_length_are_written() {
    let long = "x".repeat(65_535);
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["1", "2"]));
    let table = table_of(vec![(&long, texts.clone()), ("b", texts)]);
    for width in [None, Some(1), Some(80)] {
        let text = text_in(&table, Format::Table, Lang::En, width);
        assert!(text.matches('x').count() >= long.len(), "{width:?}");
    }
    let same: ArrayRef = Arc::new(StringArray::from(vec![long[..65_530].to_owned(); 7]));
    let table = table_of(vec![("a", same.clone()), ("b", same)]);
    let text = text_in(&table, Format::Table, Lang::En, Some(80));
    assert!(text.matches('x').count() >= 2 * 65_530);
}

#[test]
fn a_very_narrow_terminal_shows_records() {
    check_text(Format::Table, Lang::En, Some(40), RECORDS);
}

#[test]
fn a_document_has_the_words_of_the_reader() {
    check_text(Format::Markdown, Lang::Zh, None, DOCUMENT);
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for lang in [Lang::En, Lang::Zh] {
        for width in 37..140 {
            let text = text_in(&aggregation(), Format::Table, lang, Some(width));
            for line in text.lines().filter(|line| !line.contains("--format csv")) {
                assert!(layout::text_width(line) <= width, "{width}: {line}");
            }
            for figure in ["12741337", "98.98", "0.02", "2021-09-30"] {
                assert!(text.contains(figure), "{width}: {figure}\n{text}");
            }
        }
    }
}

#[test]
fn columns_that_share_a_name_are_told_apart_for_machines() {
    let ones: ArrayRef = Arc::new(Int8Array::from(vec![1]));
    let table = table_of(vec![("a", Arc::clone(&ones)), ("a_1", Arc::clone(&ones)), ("a", ones)]);
    assert_eq!(text_in(&table, Format::Csv, Lang::En, None), "a,a_1,a_2\n1,1,1\n");
    assert_eq!(
        text_in(&table, Format::Json, Lang::En, None),
        "[\n{\"a\":1,\"a_1\":1,\"a_2\":1}\n]\n"
    );
}

#[test]
fn a_result_without_rows_has_its_columns() {
    let table = table_of(vec![
        ("department", Arc::new(StringArray::from(Vec::<&str>::new()))),
        ("value", Arc::new(Float64Array::from(Vec::<f64>::new()))),
    ]);
    let check = |format: Format, expected: &str| {
        assert_eq!(text_in(&table, format, Lang::Zh, Some(80)), expected);
    };
    check(Format::Csv, "department,value\n");
    check(Format::Json, "[]\n");
    check(Format::Jsonl, "");
    check(Format::Markdown, "| 部门 | 数值 |\n| --- | ---: |\n");
    check(Format::Table, "部门  数值\n──────────\n");
}

#[test]
fn a_reader_that_goes_away_is_told_apart() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    for format in Format::ALL {
        let options = RenderOptions { lang: Lang::En, width: None };
        let error = render(&aggregation(), *format, options, &mut Closed).unwrap_err();
        assert!(error.is_broken_pipe(), "{format}: {error}");
    }
}

const WIDE: &str = r"行政区划  统计期末    位次  部门             部门名称              办件数据汇聚量  办件数据状态  办件占比（%）  备注                                在对接表中
──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
630000    2021-09-30     1  human_resources  省人力资源社会保障厅        12741337  正常                  98.98  -                                   是
630000    2021-09-30     2  health           省卫生健康委                    2994  正常                   0.02  -                                   是
630000    2021-09-30     -  forestry         省林草局                           0  数据退回                  -  推送数据不符合国家标准\n已全部退回  否
";
const NARROW: &str = r"行政区划: 630000   统计期末: 2021-09-30

位次  部门名称      办件数据汇  办件数据状    办件占比  备注          在对接表中
                          聚量  态               （%）
────────────────────────────────────────────────────────────────────────────────
   1  省人力资源社    12741337  正常             98.98  -             是
      会保障厅
   2  省卫生健康委        2994  正常              0.02  -             是
   -  省林草局               0  数据退回             -  推送数据不符  否
                                                        合国家标准\n
                                                        已全部退回
屏幕宽度不够，未显示：`部门`（加宽窗口，或用 `--format csv` 看全部）
";
const RECORDS: &str = r"── 1 ──
region                   630000
period_end               2021-09-30
rank                     1
department               human_resources
department_name          省人力资源社会
                         保障厅
cases_aggregated         12741337
cases_aggregated_status  reported
cases_share_pct          98.98
note                     -
is_in_integration        yes
── 2 ──
region                   630000
period_end               2021-09-30
rank                     2
department               health
department_name          省卫生健康委
cases_aggregated         2994
cases_aggregated_status  reported
cases_share_pct          0.02
note                     -
is_in_integration        yes
── 3 ──
region                   630000
period_end               2021-09-30
rank                     -
department               forestry
department_name          省林草局
cases_aggregated         0
cases_aggregated_status  returned
cases_share_pct          -
note                     推送数据不符合
                         国家标准\n已全
                         部退回
is_in_integration        no
";
const DOCUMENT: &str = r"| 行政区划 | 统计期末 | 位次 | 部门 | 部门名称 | 办件数据汇聚量 | 办件数据状态 | 办件占比（%） | 备注 | 在对接表中 |
| --- | --- | ---: | --- | --- | ---: | --- | ---: | --- | --- |
| 630000 | 2021-09-30 | 1 | human_resources | 省人力资源社会保障厅 | 12741337 | 正常 | 98.98 | - | 是 |
| 630000 | 2021-09-30 | 2 | health | 省卫生健康委 | 2994 | 正常 | 0.02 | - | 是 |
| 630000 | 2021-09-30 | - | forestry | 省林草局 | 0 | 数据退回 | - | 推送数据不符合国家标准\\n已全部退回 | 否 |
";
