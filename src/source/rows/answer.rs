//! What the child does that opens a workbook or Parquet.

use std::fs::File;
use std::io::{self, Read, Seek, Write};

use crate::source::SourceError;
use crate::source::container::limit;
use crate::source::format::format_of_start;
use crate::source::rows::columns::read_columns;
use crate::source::rows::limits::Limits;
use crate::source::rows::output::RowOutput;
use crate::source::rows::workbook::read_workbook;

/// Bytes of a workbook, which is held in memory while it is read.
const MAX_WORKBOOK_BYTES: u64 = 256 << 20;

/// Reads the rows of a workbook or Parquet and writes them as they come.
///
/// This is for a process that has taken its own rights away; `RowFile::open` understands what it
/// writes. The name is for messages.
pub fn answer_rows(file: File, file_name: &str, out: &mut dyn Write) {
    let mut output = RowOutput::new(out, file_name, Limits::default());
    let outcome = read(file, &mut output);
    output.finish(outcome);
}

fn read(mut file: File, output: &mut RowOutput<'_>) -> Result<(), SourceError> {
    let file_name = output.file_name().to_owned();
    let unread = |error: io::Error| SourceError::Damaged {
        file_name: file_name.clone(),
        part: "-".to_owned(),
        reason: error.to_string(),
    };
    let mut start = Vec::new();
    (&mut file).take(8).read_to_end(&mut start).map_err(unread)?;
    file.rewind().map_err(unread)?;
    if format_of_start(&start) == Some("Parquet") {
        return read_columns(file, output);
    }
    let mut bytes = Vec::new();
    file.take(MAX_WORKBOOK_BYTES + 1).read_to_end(&mut bytes).map_err(unread)?;
    if bytes.len() as u64 > MAX_WORKBOOK_BYTES {
        return Err(limit(&file_name, "bytes", MAX_WORKBOOK_BYTES));
    }
    read_workbook(&bytes, output)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{
        ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float32Array,
        Float64Array, Int64Array, ListArray, RecordBatch, StringArray, Time32MillisecondArray,
        TimestampMicrosecondArray, TimestampMillisecondArray,
    };
    use arrow::datatypes::{DataType, Int32Type};

    use super::*;
    use crate::source::rows::UnreadSheets;
    use crate::source::rows::wire::{Frame, read_frame};
    use crate::source::xlsx::tests::packed;
    use crate::table::write_parquet;

    /// What comes of the bytes of a file: header, rows, faults and what ended it.
    fn shown(bytes: &[u8]) -> String {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file.rewind().unwrap();
        let mut reply = Vec::new();
        answer_rows(file, "a", &mut reply);
        let (mut input, mut lines, mut n_columns) = (reply.as_slice(), Vec::new(), 1);
        loop {
            let number = lines.len();
            match read_frame(&mut input, number, n_columns) {
                Ok(Frame::Header(cells, row)) => {
                    n_columns = cells.len();
                    lines.push(format!("{row}: {}", cells.join("|")));
                }
                Ok(Frame::Block(block)) => {
                    let mut faults = block.faults().iter().peekable();
                    for row_idx in 0..block.n_rows() {
                        let row = block.source_row(row_idx);
                        let fault = faults.next_if(|fault| fault.row_idx == row_idx);
                        let fields: Vec<&str> = block.fields_of(row_idx).collect();
                        lines.push(match fault {
                            Some(fault) => {
                                let found = fault.found.as_deref().unwrap_or_default();
                                let also = std::iter::from_fn(|| {
                                    faults.next_if(|fault| fault.row_idx == row_idx)
                                });
                                let kinds: Vec<String> = also
                                    .map(|other| {
                                        format!(
                                            " {} {}",
                                            other.kind,
                                            other.found.as_deref().unwrap_or_default()
                                        )
                                    })
                                    .collect();
                                format!(
                                    "{row}! {} {found}{}: {}",
                                    fault.kind,
                                    kinds.concat(),
                                    fields.join("|")
                                )
                            }
                            None => format!("{row}: {}", fields.join("|")),
                        });
                    }
                }
                Ok(Frame::Failed(error)) => {
                    lines.push(format!("error: {error}"));
                    break;
                }
                Ok(Frame::End(UnreadSheets { hidden, notes })) => {
                    lines.extend(hidden.iter().map(|name| format!("hidden: {name}")));
                    lines.extend(notes.iter().map(|name| format!("notes: {name}")));
                    break;
                }
                // Nothing is said behind a header that is refused.
                Err(_) => {
                    lines.push("nothing more".to_owned());
                    break;
                }
            }
        }
        assert!(input.is_empty());
        lines.join("\n")
    }

    const STYLES: &str = concat!(
        r#"<styleSheet><numFmts><numFmt numFmtId="176" formatCode="0\0"/></numFmts>"#,
        r#"<fonts><font/><font><strike/></font></fonts><cellXfs><xf numFmtId="0"/>"#,
        r#"<xf numFmtId="22"/><xf numFmtId="0" fontId="1"/><xf numFmtId="9"/>"#,
        r#"<xf numFmtId="176"/></cellXfs></styleSheet>"#,
    );
    const RELATIONS: &str = concat!(
        r#"<Relationships><Relationship Id="r1" Type="x/worksheet" Target="worksheets/1.xml"/>"#,
        r#"<Relationship Id="r2" Type="x/worksheet" Target="worksheets/2.xml"/>"#,
        r#"<Relationship Id="r3" Type="x/styles" Target="styles.xml"/></Relationships>"#,
    );

    /// A workbook of two sheets with this inside them, the second one hidden or not.
    fn workbook(first: &str, second: Option<&str>) -> Vec<u8> {
        let hidden = if second.is_some() { "" } else { r#" state="hidden""# };
        let list = format!(
            r#"<workbook><sheets><sheet name="一" id="r1"/><sheet name="二" id="r2"{hidden}/></sheets></workbook>"#
        );
        let sheet = |inside: &str| format!("<worksheet>{inside}</worksheet>");
        packed(&[
            ("xl/workbook.xml", &list),
            ("xl/_rels/workbook.xml.rels", RELATIONS),
            ("xl/styles.xml", STYLES),
            ("xl/worksheets/1.xml", &sheet(first)),
            ("xl/worksheets/2.xml", &sheet(second.unwrap_or_default())),
        ])
    }

    fn text(place: &str, text: &str) -> String {
        format!(r#"<c r="{place}" t="str"><v>{text}</v></c>"#)
    }

    /// The rows of a sheet, each a row number and the cells in it.
    fn rows(rows: &[(usize, String)]) -> String {
        let row = |(number, cells): &(usize, String)| format!(r#"<row r="{number}">{cells}</row>"#);
        format!("<sheetData>{}</sheetData>", rows.iter().map(row).collect::<String>())
    }

    fn header() -> (usize, String) {
        (2, [text("A2", "编号"), text("B2", "时间"), text("C2", "数")].concat())
    }

    #[track_caller]
    fn check(cells: &str, expected: &str) {
        let sheet = rows(&[header(), (5, cells.to_owned()), (7, text("A7", "末"))]);
        let expected = format!("2: 编号|时间|数\n{expected}\n7: 末||\nhidden: 二");
        assert_eq!(shown(&workbook(&sheet, None)), expected);
    }

    #[test]
    fn rows_of_a_workbook_keep_their_numbers_and_values() {
        check(
            concat!(
                r#"<c r="A5"><v>630100199001</v></c><c r="B5" s="1"><v>44469.5</v></c>"#,
                r#"<c r="C5"><v>0.1</v></c>"#,
            ),
            "5: 630100199001|2021-09-30 12:00:00|0.1",
        );
        check(r#"<c r="B5" s="1"><v>44469</v></c>"#, "5: |2021-09-30 00:00:00|");
        check(r#"<c r="C5" s="3"><v>0.5</v></c>"#, "5: ||50%");
        check(r#"<c r="A5"><v>123456789012345</v></c>"#, "5: 123456789012345||");
        check(&text("A5", "630123199001011234"), "5: 630123199001011234||");
    }

    #[test]
    fn cells_that_do_not_hold_what_was_meant_are_faults() {
        let lost = "5! record.digits_lost 编号: ||";
        check(r#"<c r="A5"><v>6.30123199001011E+17</v></c>"#, lost);
        check(r#"<c r="A5"><v>630123199001011000</v></c>"#, lost);
        check(r#"<c r="B5" t="e"><v>#N/A</v></c>"#, "5! record.cell_in_error 时间: ||");
        check(r#"<c r="C5"><f>A1</f></c>"#, "5! record.cell_in_error 数: ||");
        check(r#"<c r="C5" s="7"><v>44469</v></c>"#, "5! record.cell_format_unknown 数: ||");
        check(r#"<c r="C5" s="4"><v>7</v></c>"#, "5! record.cell_format_unknown 数: ||");
        check(r#"<c r="C5" s="2"><v>7</v></c>"#, "5! record.cell_marked 数: ||");
        check(&[text("A5", "1"), text("D5", "2")].concat(), "5! record.too_many_fields 4: 1||");
        // What is right with the row stays, and everything that is wrong is told.
        let bad = [text("A5", "甲"), r#"<c r="B5" t="e"><v>#DIV/0!</v></c>"#.to_owned()];
        check(&bad.concat(), "5! record.cell_in_error 时间: 甲||");
        let worse =
            [&bad.concat(), r#"<c r="C5" s="2"><v>7</v></c><c r="E5" t="e"><v>#N/A</v></c>"#];
        check(
            &worse.concat(),
            "5! record.cell_in_error 时间 record.cell_marked 数 record.too_many_fields 5: 甲||",
        );
    }

    #[test]
    fn sheets_with_the_same_header_are_one_file() {
        let first = rows(&[header(), (3, text("A3", "甲"))]);
        let second = rows(&[header(), (3, text("C3", "乙"))]);
        let expected = "2: 编号|时间|数\n3: 甲||\n6: ||乙";
        assert_eq!(shown(&workbook(&first, Some(&second))), expected);
        assert_eq!(shown(&workbook(&first, Some(""))), "2: 编号|时间|数\n3: 甲||");
        assert_eq!(shown(&workbook("", None)), "error: `a` is empty");
    }

    #[test]
    fn a_narrow_sheet_that_shares_no_column_is_passed_over_by_its_name() {
        let records = rows(&[header(), (3, text("A3", "甲"))]);
        let notes = rows(&[(1, text("A1", "说明")), (2, text("B2", "每行一件"))]);
        let merged = format!(r#"{notes}<mergeCells><mergeCell ref="A2:C9"/></mergeCells>"#);
        for notes in [&notes, &merged] {
            let expected = "2: 编号|时间|数\n3: 甲||\nnotes: 二";
            assert_eq!(shown(&workbook(&records, Some(notes))), expected);
            // Its rows are not counted, wherever it stands.
            let expected = "2: 编号|时间|数\n3: 甲||\nnotes: 一";
            assert_eq!(shown(&workbook(notes, Some(&records))), expected);
        }
        let differ = "error: `a` cannot be read as a table of records (二: its sheets have different headers; remove or hide the others)";
        let end = |sheet: &str| {
            shown(&workbook(&records, Some(sheet))).lines().last().unwrap().to_owned()
        };
        // What may be records is never left out.
        assert_eq!(end(&rows(&[(1, text("A1", "编号"))])), differ);
        assert_eq!(end(&rows(&[(1, [text("A1", "号"), text("B1", "数量")].concat())])), differ);
        let wider = [(1, text("A1", "说明")), (2, [text("A2", "1"), text("C2", "2")].concat())];
        assert_eq!(end(&rows(&wider)), differ);
        // A title above the header is a header that fits nothing, as in other formats.
        let titled = rows(&[(1, text("A1", "某月明细")), header(), (3, text("A3", "甲"))]);
        assert!(shown(&workbook(&titled, None)).starts_with("1: 某月明细\n"));
        assert!(shown(&workbook(&notes, None)).starts_with("1: 说明\n"));
    }

    #[test]
    fn a_workbook_whose_rows_are_uncertain_is_refused() {
        let data = rows(&[header(), (3, text("A3", "甲"))]);
        let end = |sheet: &str| shown(&workbook(sheet, None)).lines().last().unwrap().to_owned();
        let merged = format!(r#"{data}<mergeCells><mergeCell ref="A3:A4"/></mergeCells>"#);
        assert!(end(&merged).contains("cells below the header are merged"));
        let title = format!(r#"{data}<mergeCells><mergeCell ref="A1:C1"/></mergeCells>"#);
        assert!(shown(&workbook(&title, None)).ends_with("\n3: 甲||\nhidden: 二"));
        let unordered = rows(&[header(), (3, text("A3", "甲")), (2, text("A2", "乙"))]);
        assert!(end(&unordered).contains("its rows are out of order"));
        let twice = rows(&[header(), (3, [text("A3", "甲"), text("A3", "乙")].concat())]);
        assert!(end(&twice).contains("a cell stands twice"));
        let bad = rows(&[(1, r#"<c r="A1" t="e"><v>#REF!</v></c>"#.to_owned())]);
        assert!(end(&bad).contains("a cell of the header has no text that can be read"));
        let unnamed = rows(&[(1, text("B1", "甲")), (2, text("B2", "乙"))]);
        assert_eq!(shown(&workbook(&unnamed, None)), "1: |甲\nnothing more");
    }

    /// What comes of a Parquet file with these columns.
    fn shown_columns(columns: Vec<(&str, ArrayRef)>) -> String {
        let batch = RecordBatch::try_from_iter_with_nullable(
            columns.into_iter().map(|(name, array)| (name, array, true)),
        );
        shown(&write_parquet(&batch.unwrap(), &[], Vec::new()).unwrap())
    }

    #[test]
    fn values_of_parquet_are_texts() {
        let moment = 1_632_974_400_250_000;
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("文", Arc::new(StringArray::from(vec![Some("甲,\"乙\n"), None]))),
            ("整", Arc::new(Int64Array::from(vec![Some(-630_123_199_001_011_234), Some(0)]))),
            ("分", Arc::new(Float64Array::from(vec![Some(0.1), Some(-1e-7)]))),
            ("真", Arc::new(BooleanArray::from(vec![Some(true), None]))),
            ("日", Arc::new(Date32Array::from(vec![Some(18_900), None]))),
            ("时", Arc::new(Time32MillisecondArray::from(vec![Some(30_600_000), None]))),
            ("钟", Arc::new(TimestampMicrosecondArray::from(vec![Some(moment), Some(0)]))),
            (
                "刻",
                Arc::new(
                    TimestampMillisecondArray::from(vec![Some(moment / 1000), Some(0)])
                        .with_timezone("UTC"),
                ),
            ),
            (
                "钱",
                Arc::new(
                    Decimal128Array::from(vec![Some(1050), Some(-7)])
                        .with_precision_and_scale(9, 2)
                        .unwrap(),
                ),
            ),
            ("字", Arc::new(BinaryArray::from(vec![Some("丙".as_bytes()), None]))),
        ];
        assert_eq!(
            shown_columns(columns),
            "0: 文|整|分|真|日|时|钟|刻|钱|字\n\
             1: 甲,\"乙\n|-630123199001011234|0.1|true|2021-09-30|08:30:00\
             |2021-09-30 04:00:00.250|2021-09-30 12:00:00.250|10.50|丙\n\
             2: |0|-0.0000001||||1970-01-01 00:00:00|1970-01-01 08:00:00|-0.07|"
        );
    }

    #[test]
    fn values_of_parquet_that_no_text_stands_for_are_faults_or_refused() {
        let numbers = Float64Array::from(vec![6.301_231_990_010_11e17, f64::NAN, 1e14]);
        assert_eq!(
            shown_columns(vec![("数", Arc::new(numbers))]),
            "0: 数\n1! record.digits_lost 数: \n2! record.cell_in_error 数: \n3: 100000000000000"
        );
        // A case number as a fraction of 32 bits is another one.
        let single = Float32Array::from(vec![13_877_665_544.0, 16_777_215.0, 0.1, 123_456.79]);
        assert_eq!(
            shown_columns(vec![("数", Arc::new(single))]),
            "0: 数\n1! record.digits_lost 数: \n2: 16777215\n3: 0.1\n4! record.digits_lost 数: "
        );
        let half: ArrayRef = Arc::new(Float32Array::from(vec![5.0, 2048.0, 0.1]));
        let half = arrow::compute::cast(&half, &DataType::Float16).unwrap();
        assert_eq!(
            shown_columns(vec![("数", half)]),
            "0: 数\n1: 5\n2! record.digits_lost 数: \n3! record.digits_lost 数: "
        );
        let bytes = BinaryArray::from(vec![&b"\xFF"[..]]);
        assert_eq!(
            shown_columns(vec![("字", Arc::new(bytes))]),
            "0: 字\n1! record.cell_in_error 字: "
        );
        let both: Vec<(&str, ArrayRef)> = vec![
            ("键", Arc::new(StringArray::from(vec!["r-1"]))),
            ("数", Arc::new(Float64Array::from(vec![1e18]))),
            ("分", Arc::new(Float64Array::from(vec![f64::INFINITY]))),
        ];
        assert_eq!(
            shown_columns(both),
            "0: 键|数|分\n1! record.digits_lost 数 record.cell_in_error 分: r-1||"
        );
        let lists = ListArray::from_iter_primitive::<Int32Type, _, _>([Some([Some(1)])]);
        assert_eq!(
            shown_columns(vec![("表", Arc::new(lists))]).lines().last().unwrap(),
            "error: `a` cannot be read as a table of records (表: the column holds lists, structures or \
             the like; leave it out, or write its values as text)"
        );
        assert!(shown(b"PAR1....PAR1").starts_with("error: `a` is damaged or unsafe (Parquet: "));
        assert!(shown(b"PK\x03\x04").starts_with("error: `a` is damaged or unsafe (ZIP: "));
    }
}
