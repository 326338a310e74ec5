//! Record files in every kind of mess, from bytes to rows.

use std::io::Write as _;

use encoding_rs::{BIG5, GB18030};
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::fsio::{Mode, hash_hex, testing, write_atomic};
use crate::sandbox::Program;
use crate::source::Encoding;
use crate::source::rows::feed::{Input, InputBytes};
use crate::source::rows::limits::Limits;
use crate::source::rows::open::read_text;
use crate::source::rows::{
    Readable, RecordFileError, RowBlock, RowFaultKind, RowReader, record_files,
};

/// Limits with pieces of so many bytes, so that records are cut everywhere.
fn pieces_of(n_bytes: usize) -> Limits {
    Limits { block_bytes: n_bytes, chunk_bytes: n_bytes, ..Limits::default() }
}

fn open(bytes: &[u8], limits: Limits) -> Result<RowReader, RecordFileError> {
    let stream = InputBytes::Stream(Box::new(std::io::Cursor::new(bytes.to_owned())));
    read_text(Input { bytes: stream, file_name: "a.csv".to_owned() }, limits)
}

/// Reads to the end and returns header, blocks and the error, if any.
fn read_all(bytes: &[u8], limits: Limits) -> (Vec<String>, Vec<RowBlock>, Option<RecordFileError>) {
    let mut reader = match open(bytes, limits) {
        Ok(reader) => reader,
        Err(error) => return (Vec::new(), Vec::new(), Some(error)),
    };
    let header = reader.header().to_vec();
    let mut blocks = Vec::new();
    loop {
        match reader.next_block() {
            Ok(Some(block)) => {
                assert_eq!(block.number(), blocks.len());
                assert!(block.n_rows() > 0);
                blocks.push(block);
            }
            Ok(None) => {
                assert_eq!(reader.digest().unwrap().blake3, hash_hex(bytes));
                assert_eq!(reader.bytes_read(), bytes.len() as u64);
                assert!(reader.next_block().unwrap().is_none());
                return (header, blocks, None);
            }
            Err(error) => {
                assert!(reader.next_block().unwrap().is_none());
                return (header, blocks, Some(error));
            }
        }
    }
}

/// Returns a line for the header, for each row and for the error; line breaks in fields are `/`.
fn shown(bytes: &[u8], limits: Limits) -> String {
    let (header, blocks, error) = read_all(bytes, limits);
    let mut lines = Vec::new();
    if !header.is_empty() {
        lines.push(header.join("|"));
    }
    for block in &blocks {
        let mut faults = block.faults().iter().peekable();
        for row_idx in 0..block.n_rows() {
            let row = block.source_row(row_idx);
            let fields: Vec<&str> = block.fields_of(row_idx).collect();
            if let Some(fault) = faults.next_if(|fault| fault.row_idx == row_idx) {
                assert_eq!(fault.source_row, row);
                let found = fault.found.as_deref().unwrap_or_default();
                lines.push(format!("{row}! {} {found}", fault.kind).trim_end().to_owned());
                while faults.next_if(|fault| fault.row_idx == row_idx).is_some() {}
                // What could not be read is empty.
                let faults = block.faults_of(row_idx);
                let is_unread = |column: usize| {
                    let all = faults.iter().filter(|fault| fault.readable != Readable::Doubtful);
                    all.clone().any(|fault| !fault.readable.has(column))
                };
                let mut unread = (0..fields.len()).filter(|column| is_unread(*column));
                assert!(unread.all(|column| fields[column].is_empty()), "{row}");
            } else {
                lines.push(format!("{row}: {}", fields.join("|").replace(['\r', '\n'], "/")));
            }
        }
        assert!(faults.next().is_none());
    }
    lines.extend(error.map(|error| format!("error: {error}")));
    lines.join("\n")
}

/// Checks what comes of a text, whatever the size of pieces.
#[track_caller]
fn check(text: impl AsRef<[u8]>, expected: &str) {
    for n_bytes in [1, 2, 3, 5, 8, 13, 64, 1000, 1 << 20] {
        assert_eq!(shown(text.as_ref(), pieces_of(n_bytes)), expected, "pieces of {n_bytes}");
    }
}

#[test]
fn fields_are_separated_by_any_of_four_characters() {
    for separator in [",", "\t", ";", "|"] {
        let text = "id,部门,n\n1,省水利厅,\n,,3\n".replace(',', separator);
        check(text, "id|部门|n\n2: 1|省水利厅|\n3: ||3");
    }
    // What spreadsheets are told by a line of its own.
    check("sep=;\r\na,b;c\n1,2;3\n", "a,b|c\n3: 1,2|3");
    check("sep=x\n1\n", "sep=x\n2: 1");
    check("id\n1\n2,3\n", "id\n2: 1\n3! record.too_many_fields 2");
    check(
        "a,b;c\n1,2;3\n",
        "error: it is not clear what separates the columns of `a.csv`: its header has several characters that may",
    );
}

#[test]
fn lines_end_in_any_of_three_ways_and_the_last_one_need_not() {
    for line_break in ["\n", "\r\n", "\r"] {
        let text = "a,b\n1,2\n3,4\n".replace('\n', line_break);
        check(&text, "a|b\n2: 1|2\n3: 3|4");
        check(text.trim_end(), "a|b\n2: 1|2\n3: 3|4");
    }
    check("a,b\r1,2\n3,4\r\n5,6", "a|b\n2: 1|2\n3: 3|4\n4: 5|6");
    check("a,b\n1,", "a|b\n2: 1|");
}

#[test]
fn blank_lines_are_no_records_but_count() {
    check("\n \r\na,b\n\n1,2\n\n  \n3,4\n\n", "a|b\n5: 1|2\n8: 3|4");
    check("a\n\n1\n\"\"\n \n2\n", "a\n3: 1\n4: \n6: 2");
    check("a,b\n,\n", "a|b\n2: |");
    check("a,b\r\r\r1,2", "a|b\n4: 1|2");
}

#[test]
fn quotation_marks_hold_separators_line_breaks_and_doubled_marks() {
    check("\"a\",\"b,c\"\n\"1\n2\",\"x\"\"y\"\"\"\n", "a|b,c\n2: 1/2|x\"y\"");
    check("a,b\r\n\"1\r\n2\r3\n\n4\",\"\"\r\n\"\"\"\",5\r\n", "a|b\n2: 1//2/3//4|\n3: \"|5");
    check("a,b\n\"1\" ,\"2\"\t\n", "a|b\n2: 1|2");
    check("a,b\n5\" rohr,x\"\"y\n \"1\",2\n", "a|b\n2: 5\" rohr|x\"\"y\n3:  \"1\"|2");
}

#[test]
fn misplaced_quotation_marks_are_a_fault_of_their_row() {
    check("a,b\n\"1\"x,2\n3,4\n", "a|b\n2! record.text_behind_quotes\n3: 3|4");
    check("a,b\n\"1\" \"x,2\"\n3,4\n", "a|b\n2! record.text_behind_quotes\n3: 3|4");
    check("a,b\n\"1\"\"\"x,2\n3,4\n", "a|b\n2! record.text_behind_quotes\n3: 3|4");
    check("a,b\n1,\"2\"x", "a|b\n2! record.text_behind_quotes");
    check("a\n\"1\"x\n2\n", "a\n2! record.text_behind_quotes\n3: 2");
}

#[test]
fn quotation_marks_that_make_rows_uncertain_end_the_file() {
    let open = "error: a quotation mark that opens in row 3 of `a.csv` never closes, so that it takes in the rest of the file";
    let unclear = "error: the quotation marks in row 3 of `a.csv` are misplaced, so that nobody can tell where rows begin";
    for (text, expected) in [
        ("a,b\n1,2\n3,\"4\n5,6\n7,8\n", open),
        ("a,b\n1,2\n3,\"4\"\"\n", open),
        ("a,b\n1,2\n3,\"", open),
        ("a,b\n1,2\n\"3,4\n5\"6,7\n8,9\n", unclear),
        ("a,b\n1,2\n\"3\"x,\"4\n5\"\n8,9\n", unclear),
        ("a,b\n1,2\n\"3\n\",\"4\"x\n8,9\n", unclear),
    ] {
        // How many rows come before the error depends on the size of pieces, and does not matter.
        for n_bytes in [1, 3, 8, 1000] {
            let found = shown(text.as_bytes(), pieces_of(n_bytes));
            assert_eq!(found.lines().last(), Some(expected), "{text:?} in pieces of {n_bytes}");
        }
    }
}

#[test]
fn rows_of_another_width_are_faults() {
    check(
        "a,b,c\n1,2\n1,2,3,4\n1,2,3\n\"1\n2\",3\n,\n",
        "a|b|c\n2! record.too_few_fields 2\n3! record.too_many_fields 4\n4: 1|2|3\n\
         5! record.across_lines 2\n6! record.too_few_fields 2",
    );
}

#[test]
fn what_can_be_read_of_a_row_with_a_fault_is_kept() {
    let fields = |text: &str| {
        let (_, blocks, error) = read_all(text.as_bytes(), Limits::default());
        assert!(error.is_none(), "{text}");
        let block = &blocks[0];
        let row = block.fields_of(0).collect::<Vec<_>>().join("|");
        (row, block.faults_of(0).iter().map(|fault| fault.readable).collect::<Vec<_>>())
    };
    // Where the separator is missing nobody knows here.
    let doubtful = vec![Readable::Doubtful];
    assert_eq!(fields("a,b,c\n1,2\n"), ("1|2|".to_owned(), doubtful.clone()));
    assert_eq!(fields("a,b,c\n1,2,3,4\n"), ("1|2|3".to_owned(), doubtful));
    let nothing = vec![Readable::First(0)];
    assert_eq!(fields("a,b\n\"1\n2\"\n"), ("|".to_owned(), nothing.clone()));
    assert_eq!(fields("a,b\n1\0,\0\n"), ("|".to_owned(), nothing));
    assert_eq!(fields("a,b\n1,2\0\n"), ("1|".to_owned(), vec![Readable::AllBut(1)]));
    let twice = "{\"a\":1,\"b\":2,\"c\":3}\n";
    let first = |line: &str| fields(&format!("{line}\n{twice}"));
    assert_eq!(
        first("{\"a\":1,\"b\":2,\"b\":2,\"b\":4,\"c\":[5]}"),
        ("1||".to_owned(), vec![Readable::AllBut(1), Readable::AllBut(2)])
    );
    let limits = Limits { record_bytes: 30, ..pieces_of(30) };
    let text = format!("{}{{\"x\":1,\"c\":3,\"y\":{{}},\"z\":1}}\n", twice.repeat(9));
    let (_, blocks, _) = read_all(text.as_bytes(), limits);
    let last = blocks.last().unwrap();
    let row = last.n_rows() - 1;
    assert_eq!(last.fields_of(row).collect::<Vec<_>>(), ["", "", "3"]);
    let kinds: Vec<_> = last.faults_of(row).iter().map(|fault| fault.kind).collect();
    assert_eq!(kinds, [RowFaultKind::JsonKeyUnknown, RowFaultKind::JsonNested]);
}

#[test]
fn lines_in_quotation_marks_that_look_like_rows_are_pointed_out() {
    let check = |text: &str, expected: &[(u64, u64)]| {
        for limits in [Limits::default(), pieces_of(40)] {
            let (_, blocks, error) = read_all(format!("a,b,c,d,e\n{text}").as_bytes(), limits);
            assert!(error.is_none());
            let found: Vec<(u64, u64)> = blocks
                .iter()
                .flat_map(RowBlock::in_quotes)
                .map(|lines| (lines.source_row, lines.n_lines))
                .collect();
            assert_eq!(found, expected, "{text}");
        }
    };
    let row = "1,2,3,4,5\n";
    check(&format!("{row}1,\"2,3,4,5\n1,2,3,4,5\n1,2\",3,4,5\n{row}"), &[(3, 3)]);
    check(&format!("\n1,\"2,3,4,5\n1,2\",3,4,5\n{row}1,\"2\n,,,,\n\",3,4,5\n"), &[(3, 2), (5, 3)]);
    // Addresses have lines, too, and a comma here and there.
    check("1,\"西宁市,\n城中区\",3,4,5\n1,\"a\n\nb\n,c\",3,4,5\n", &[]);
    check("1,\"2,3,4,5,6,7\",3,4,5\n", &[]);
}

#[test]
fn columns_without_a_name_may_only_be_the_last_and_blank() {
    check(
        "a,b,,\n1,2,,\n1,2,\n1,2\n1,2,,3\n1,2,,,\n1\n",
        "a|b\n2: 1|2\n3: 1|2\n4: 1|2\n5! record.too_many_fields 4\n\
         6! record.too_many_fields 5\n7! record.too_few_fields 1",
    );
    check("a,,b\n1,2,3\n", "error: column 2 of `a.csv` has no name, and columns with names follow");
    check("a,b, a\n", "error: columns 1 and 3 of `a.csv` are both called `a`");
}

#[test]
fn zero_bytes_are_a_fault_of_their_row() {
    check(
        "a,b\n1,2\n3\0,4\n5,\"6\"\"\0\"\n7,8\n9\n",
        "a|b\n2: 1|2\n3! record.zero_byte\n4! record.zero_byte\n5: 7|8\n6! record.too_few_fields 1",
    );
    check("a,b\0\n1,2\n", "error: `a.csv` is neither text nor a document of a known format");
}

#[test]
fn a_file_may_have_nothing_but_a_header() {
    check("a,b\n", "a|b");
    check("a,b", "a|b");
    check("a,b\n\n\n", "a|b");
    for text in ["", "\n \r\n", "\u{feff}", "\u{feff}\n"] {
        check(text, "error: `a.csv` is empty");
    }
}

#[test]
fn more_columns_than_are_read_refuse_the_file() {
    let header: Vec<String> = (0..100_000).map(|number| format!("c{number}")).collect();
    let error = "error: `a.csv` is too large to read: at most 4096 columns";
    let text = header.join(",");
    assert_eq!(shown(text.as_bytes(), Limits::default()), error);
    let widest = header[..4096].join("\t");
    let (names, _, error) = read_all(widest.as_bytes(), Limits::default());
    assert!(error.is_none());
    assert_eq!(names.len(), 4096);
}

/// What comes of a text when records may have ten bytes.
#[track_caller]
fn check_long(text: &str, expected: &str) {
    for n_bytes in [1, 2, 3, 5, 8, 13, 64, 1000] {
        let limits = Limits { record_bytes: 10, ..pieces_of(n_bytes) };
        let found = shown(text.as_bytes(), limits);
        if expected.starts_with("error") {
            assert_eq!(found.lines().last(), Some(expected), "{text:?} in pieces of {n_bytes}");
        } else {
            assert_eq!(found, expected, "{text:?} in pieces of {n_bytes}");
        }
    }
}

#[test]
fn records_that_are_too_long_are_faults_and_take_no_memory() {
    let too_long = "a|b\n2: 1|2\n3! record.too_long 10\n4: 3|4";
    check_long("a,b\n1,2\n12345678901,2\n3,4\n", too_long);
    check_long("a,b\r\n1,2\r\n1234567890,\r\n3,4\r\n", too_long);
    check_long("a,b\n1,2\n,,,,,,,,,,,,,,,,\n3,4\n", too_long);
    check_long("a,b\n1,2\n               \n3,4\n", too_long);
    check_long("a,b\n1,2\n\"1\n,\"\"\r\n5678901\",2\n3,4\n", too_long);
    check_long("a,b\n1,2\n\"1\"x5678901,2\n3,4\n", too_long);
    check_long("a,b\n123456789,\n3,4\n", "a|b\n2: 123456789|\n3: 3|4");
    check_long("a,b\n1,2\n12345678901,2", "a|b\n2: 1|2\n3! record.too_long 10");
    check_long(
        "a,b\n1,\"2345678901234\n",
        "error: a quotation mark that opens in row 2 of `a.csv` never closes, so that it takes in the rest of the file",
    );
    check_long(
        "a,b\n1,\"234567890\n1234\"5\n",
        "error: the quotation marks in row 2 of `a.csv` are misplaced, so that nobody can tell where rows begin",
    );
    let header = "error: `a.csv` is too large to read: at most 10 bytes in a record";
    let limits = Limits { record_bytes: 10, ..pieces_of(4) };
    assert_eq!(shown(b"a,\"3456789012345\",c\n", limits), header);
}

#[test]
fn a_large_record_is_passed_over() {
    let long = "x".repeat(3 << 20);
    let text = format!("a,b\n1,2\n{long},\"{long}\n\"\n3,4\n");
    let expected = "a|b\n2: 1|2\n3! record.too_long 1048576\n4: 3|4";
    assert_eq!(shown(text.as_bytes(), Limits::default()), expected);
    let (_, blocks, _) = read_all(text.as_bytes(), Limits::default());
    assert!(blocks.iter().all(|block| block.size_bytes() <= 5 << 20));
}

const SAMPLE: &str = "id,部门\n1,国家税务总局青海省税务局\n2,\"𠮷a€é\"\n3,x\n";
const SAMPLE_SHOWN: &str = "id|部门\n2: 1|国家税务总局青海省税务局\n3: 2|𠮷a€é\n4: 3|x";

fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(to_bytes).collect()
}

#[test]
fn the_same_rows_come_out_of_every_encoding() {
    let marked = format!("\u{feff}{SAMPLE}");
    for (bytes, encoding) in [
        (SAMPLE.as_bytes().to_owned(), Encoding::Utf8),
        (marked.as_bytes().to_owned(), Encoding::Utf8),
        (GB18030.encode(SAMPLE).0.into_owned(), Encoding::Gb18030),
        (utf16(&marked, u16::to_le_bytes), Encoding::Utf16Le),
        (utf16(&marked, u16::to_be_bytes), Encoding::Utf16Be),
    ] {
        check(&bytes, SAMPLE_SHOWN);
        assert_eq!(open(&bytes, Limits::default()).unwrap().encoding(), Some(encoding));
    }
    for to_bytes in [u16::to_le_bytes, u16::to_be_bytes as fn(u16) -> [u8; 2]] {
        assert_eq!(shown(&utf16(SAMPLE, to_bytes), Limits::default()), SAMPLE_SHOWN);
    }
}

#[test]
fn a_file_that_changes_its_encoding_is_an_error_that_says_where() {
    let long = format!("id,部门\n{}", "1,国家税务总局\n".repeat(30));
    let gb = GB18030.encode(&long).0;
    let n_same = "id,".len();
    let error_of = |bytes: &[u8], n_bytes| read_all(bytes, pieces_of(n_bytes)).2.unwrap();
    for n_bytes in [7, 100, 1 << 20] {
        let both = [long.as_bytes(), &gb].concat();
        let expected = format!(
            "row 32 of `a.csv` (byte {}) is not UTF-8, as everything before it is",
            long.len() + n_same
        );
        assert_eq!(error_of(&both, n_bytes).to_string(), expected, "{n_bytes}");
    }
    let ascii = format!("id,name\n{}", "1,a\n".repeat(10));
    let bytes = [ascii.as_bytes(), b"2,\xFF\xFF\n"].concat();
    assert_eq!(
        error_of(&bytes, 1 << 20).to_string(),
        format!("line 12 of `a.csv` (byte {}) is neither UTF-8 nor GB18030", ascii.len() + 2)
    );
}

#[test]
fn json_lines_are_rows() {
    check(
        "{\"id\":1,\"部门\":\"水\\u5229\"}\n\n{\"部门\":null}\r\n{\"x\":1.10,\"id\":\"a\\\"\\n\"}\n",
        "id|部门|x\n1: 1|水利|\n3: ||\n4: a\"/||1.10",
    );
    check(
        "{\"a\":1}\n[1]\n{\"a\":[1]}\n{\"a\":1,\"a\":2}\n{\"a\"\n{\"a\":\"\\u0000\"}\n{\"a\":2}",
        "a\n1: 1\n2! record.json_no_object\n3! record.json_nested a\n4! record.json_key_twice a\n\
         5! record.json_malformed\n6! record.zero_byte\n7: 2",
    );
    let whole = "error: `a.csv` is JSON, and its records do not stand one in each line";
    check("[{\"a\":1}]", whole);
    let list = shown(b"[\n  {\"a\":1},\n  {\"a\":2}\n]\n", Limits::default());
    assert_eq!(list, whole);
    check("{\n  \"a\": 1\n}\n", whole);
    check("{\"data\": [{\"a\":1}]}\n", whole);
    check_long(
        "{\"a\":1}\n{\"a\":12345678901}\n{\"a\":2}\n",
        "a\n1: 1\n2! record.too_long 10\n3: 2",
    );
}

#[test]
fn text_in_big5_is_refused() {
    let text = format!("id,name\n{}", "1,公共服務查詢\n2,社會團體成立登記\n".repeat(40));
    let error = "error: read as GB18030, 33 % of the characters of `a.csv` beyond ASCII, the first in \
        line 2, are none that records have: it is likely in another encoding, as Big5";
    for limits in [Limits::default(), pieces_of(50)] {
        let found = shown(&BIG5.encode(&text).0, limits);
        let last = found.lines().last().unwrap();
        assert!(last.starts_with("error: read as GB18030, 3"), "{last}\n{error}");
    }
    let (_, _, error) = read_all(&GB18030.encode(&text).0, Limits::default());
    assert!(error.is_none());
}

#[test]
fn a_key_that_comes_late_is_a_fault_of_its_row() {
    let first = "{\"a\":1}\n".repeat(1000);
    let limits = Limits { record_bytes: 100, ..pieces_of(100) };
    let text = format!("{first}{{\"a\":1,\"b\":2}}\n{{\"王某\":2}}\n");
    let found = shown(text.as_bytes(), limits);
    assert!(found.ends_with("1001! record.json_key_unknown b\n1002! record.json_key_unknown"));
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::stream::Encoder::new(Vec::new(), 1).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn packed_files_are_unpacked_whatever_their_number_of_parts() {
    let (start, end) = SAMPLE.split_at(21);
    for pack in [gzip, zstd] {
        check(pack(SAMPLE.as_bytes()), SAMPLE_SHOWN);
        check([pack(start.as_bytes()), pack(b""), pack(end.as_bytes())].concat(), SAMPLE_SHOWN);
        check(pack(b""), "error: `a.csv` is empty");
    }
    let skipped =
        [b"\x50\x2A\x4D\x18\x03\x00\x00\x00abc".to_vec(), zstd(SAMPLE.as_bytes())].concat();
    check(skipped, SAMPLE_SHOWN);
}

#[test]
fn what_is_packed_twice_is_refused() {
    let mut tar = vec![b'a'; 512];
    tar[257..262].copy_from_slice(b"ustar");
    for (bytes, format) in [(gzip(b"a"), "gzip"), (tar, "TAR"), (archive(&[]), "ZIP")] {
        let found = shown(&zstd(&bytes), Limits::default());
        assert_eq!(found, format!("error: `a.csv` is a {format} file, which is not read"));
    }
}

#[test]
fn packed_files_that_are_cut_off_or_damaged_are_errors_at_every_byte() {
    for pack in [gzip, zstd] {
        let whole = pack(SAMPLE.as_bytes());
        // With fewer bytes than its mark has, it is text.
        for n_bytes in 4..whole.len() {
            let (_, _, error) = read_all(&whole[..n_bytes], Limits::default());
            assert!(error.is_some(), "{n_bytes} of {}", whole.len());
        }
        for place in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[place] ^= 0x10;
            let (_, blocks, error) = read_all(&damaged, Limits::default());
            // What is not packed data, as a time or a name, may change without a change of rows.
            let whole_blocks = read_all(&whole, Limits::default()).1;
            assert!(error.is_some() || blocks == whole_blocks, "byte {place}");
        }
        let (_, _, error) = read_all(&[&whole[..], b"behind"].concat(), Limits::default());
        assert!(error.is_some());
    }
}

#[test]
fn a_packed_file_that_breaks_off_says_after_how_many_rows() {
    let rows: String = (0..100_000).map(|number| format!("{number},{}\n", number * 7919)).collect();
    let whole = gzip(format!("a,b\n{rows}").as_bytes());
    let (_, blocks, error) = read_all(&whole[..whole.len() / 2], Limits::default());
    let n_read: usize = blocks.iter().map(RowBlock::n_rows).sum();
    assert!(n_read > 10_000);
    match error {
        Some(RecordFileError::CutOff { n_rows, .. }) => assert_eq!(n_rows, n_read as u64),
        other => panic!("{other:?}"),
    }
}

fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Text is read without a child.
fn no_program() -> Program {
    Program::new("/none".into())
}

/// Returns what the files at a path hold, or why they cannot be read.
fn read_path(path: &std::path::Path) -> Result<Vec<(String, usize)>, RecordFileError> {
    let mut found = Vec::new();
    for file in record_files(path)? {
        let mut reader = file.open(&no_program())?;
        let mut n_rows = 0;
        while let Some(block) = reader.next_block()? {
            n_rows += block.n_rows();
        }
        found.push((file.file_name(), n_rows));
    }
    Ok(found)
}

#[test]
fn every_file_of_an_archive_is_a_file_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.zip");
    let packed = gzip(b"a\n1\n");
    let whole = archive(&[("x/办件.csv", SAMPLE.as_bytes()), ("y/", b""), ("b.gz", &packed)]);
    testing::put(&path, &whole);
    let files = record_files(&path).unwrap();
    assert_eq!(files[0].shown(), format!("{}!x/办件.csv", path.display()));
    let expected = [("办件.csv".to_owned(), 3), ("b.gz".to_owned(), 1)];
    assert_eq!(read_path(&path).unwrap(), expected);
    let mut reader = files[0].open(&no_program()).unwrap();
    while reader.next_block().unwrap().is_some() {}
    assert_eq!(reader.digest().unwrap().blake3, hash_hex(SAMPLE.as_bytes()));
    // With fewer bytes than its mark has, it is text.
    for n_bytes in 4..whole.len() {
        testing::put(&path, &whole[..n_bytes]);
        assert!(read_path(&path).is_err(), "{n_bytes} of {}", whole.len());
    }
    testing::put(&path, &archive(&[]));
    let error = read_path(&path).unwrap_err();
    assert_eq!(error.to_string(), format!("`{}` is empty", path.display()));
}

#[test]
fn the_files_of_an_archive_are_those_of_the_archive_that_was_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.zip");
    testing::put(&path, &archive(&[("a.csv", b"a\n1\n"), ("b.csv", b"a\n1\n2\n")]));
    let files = record_files(&path).unwrap();
    let other = archive(&[("b.csv", b"a\n3\n4\n5\n")]);
    write_atomic(&path, &other, Mode::Private).unwrap();
    let mut n_rows = Vec::new();
    for file in &files {
        let mut reader = file.open(&no_program()).unwrap();
        n_rows.push(reader.next_block().unwrap().unwrap().n_rows());
        while reader.next_block().unwrap().is_some() {}
        assert_eq!(reader.digest().unwrap(), file.digest().unwrap());
    }
    assert_eq!(n_rows, [1, 2]);
    assert_eq!(read_path(&path).unwrap(), [("b.csv".to_owned(), 3)]);
}

#[test]
fn a_file_is_known_by_its_content_and_names_its_path_in_errors() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.zip");
    testing::put(&path, SAMPLE.as_bytes());
    assert_eq!(read_path(&path).unwrap(), [("a.zip".to_owned(), 3)]);
    for (bytes, format) in [(&b"%PDF-1.7"[..], "PDF"), (b"<table><tr>", "HTML")] {
        testing::put(&path, bytes);
        let error = read_path(&path).unwrap_err().to_string();
        assert_eq!(error, format!("`{}` is a {format} file, which is not read", path.display()));
    }
    let absent = folder.path().join("none.csv");
    let error = read_path(&absent).unwrap_err().to_string();
    assert_eq!(error, format!("cannot read `{}`", absent.display()));
}

/// A cell with everything that makes trouble.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-z0-9]{0,6}",
        2 => "[办件数据，。]{1,4}",
        2 => "[a,;|\t\"\r\n 甲]{0,6}",
    ]
}

fn table() -> impl Strategy<Value = Vec<Vec<String>>> {
    (1_usize..5).prop_flat_map(|n_columns| {
        proptest::collection::vec(proptest::collection::vec(cell(), n_columns), 0..12)
    })
}

/// The fields of all rows, and the errors and faults.
fn cells_of(bytes: &[u8], limits: Limits) -> (Vec<Vec<String>>, usize) {
    let (_, blocks, error) = read_all(bytes, limits);
    let n_bad = blocks.iter().map(|block| block.faults().len()).sum::<usize>();
    let rows = blocks.iter().flat_map(|block| {
        let texts = |row| block.fields_of(row).map(str::to_owned).collect();
        (0..block.n_rows()).map(texts).collect::<Vec<Vec<String>>>()
    });
    (rows.collect(), n_bad + usize::from(error.is_some()))
}

proptest! {
    #[test]
    fn what_another_program_writes_is_read_as_it_was(
        rows in table(),
        is_quoted in any::<bool>(),
        separator in prop_oneof![Just(b','), Just(b'\t'), Just(b';'), Just(b'|')],
        n_bytes in 1_usize..100,
        encoding in 0..4,
    ) {
        let n_columns = rows.first().map_or(2, Vec::len);
        // Nothing tells the separator of a single column.
        let separator = if n_columns == 1 { b',' } else { separator };
        let style = if is_quoted { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
        let mut writer = csv::WriterBuilder::new()
            .delimiter(separator)
            .quote_style(style)
            .from_writer(Vec::new());
        let header: Vec<String> = (0..n_columns).map(|number| format!("列{number}")).collect();
        writer.write_record(&header).unwrap();
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        let bytes = match encoding {
            0 => GB18030.encode(&text).0.into_owned(),
            1 => utf16(&format!("\u{feff}{text}"), u16::to_le_bytes),
            2 => zstd(text.as_bytes()),
            _ => text.clone().into_bytes(),
        };
        // A row of spaces alone is a blank line.
        let is_row = |row: &&Vec<String>| n_columns > 1 || is_quoted || row[0].is_empty() || !row[0].trim_matches(' ').is_empty();
        let expected: Vec<Vec<String>> = rows.iter().filter(is_row).cloned().collect();
        prop_assert_eq!(cells_of(&bytes, pieces_of(n_bytes)), (expected, 0), "{:?}", text);
    }

    #[test]
    fn rows_without_a_fault_are_those_of_another_reader(
        body in "[a,\"\r\n甲]{0,40}",
        n_bytes in 1_usize..50,
    ) {
        let text = format!("x,y,z\n{body}");
        let (rows, n_bad) = cells_of(text.as_bytes(), pieces_of(n_bytes));
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let expected: Vec<Vec<String>> = reader
            .records()
            .map(|record| record.unwrap().iter().map(str::to_owned).collect())
            .collect();
        if n_bad == 0 {
            prop_assert_eq!(rows, expected);
        } else {
            // Of a file that another reader takes as whole, only quotation marks are refused.
            prop_assert!(expected.iter().any(|row| row.len() != 3) || body.contains('"'));
        }
    }

    #[test]
    fn the_size_of_pieces_does_not_matter(
        body in "[a,\"\r\n甲 ]{0,60}",
        sizes in (1_usize..70, 1_usize..70),
    ) {
        let text = format!("x,y\n{body}");
        let limits = |n_bytes| Limits { record_bytes: 12, ..pieces_of(n_bytes) };
        let (one, other) = (shown(text.as_bytes(), limits(sizes.0)), shown(text.as_bytes(), limits(sizes.1)));
        if one.contains("error: ") {
            prop_assert_eq!(one.lines().last(), other.lines().last());
        } else {
            prop_assert_eq!(one, other);
        }
    }
}
