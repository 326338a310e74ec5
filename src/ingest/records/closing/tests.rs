//! Which returns are open, and which rows close them.

use super::*;

/// A row of `returned`: batch, kind, type, key, and the day of the push; 0 for none, "" for no text.
type Returned = (&'static str, RecordKind, &'static str, &'static str, i64);

/// A row of `returns_closed`: batch of the return, kind, type and key.
type Ended = (&'static str, RecordKind, &'static str, &'static str);

/// An accepted row: type, key, and the day of the push.
type Row = (&'static str, &'static str, i64);

use RecordKind::{Cases, Evaluations, Returns};

fn dictionary<'a>(texts: impl Iterator<Item = &'a str>) -> ArrayRef {
    let mut words = new_words();
    texts.for_each(|text| words.append_option(Some(text).filter(|text| !text.is_empty())));
    Arc::new(words.finish())
}

fn plain<'a>(texts: impl Iterator<Item = &'a str>) -> ArrayRef {
    Arc::new(texts.map(|text| Some(text).filter(|text| !text.is_empty())).collect::<StringArray>())
}

fn days(days: impl Iterator<Item = i64>) -> ArrayRef {
    let days = days.map(|day| Some(day).filter(|day| *day > 0));
    Arc::new(days.collect::<TimestampMicrosecondArray>())
}

/// The rows of `returned` in pieces of `n_rows`, as the lake gives them.
fn returned(rows: &[Returned], n_rows: usize) -> Vec<Result<RecordBatch, ArrowError>> {
    returned_by("tongban", rows, n_rows)
}

/// The same of returns that somebody made.
fn returned_by(
    whom: &str,
    rows: &[Returned],
    n_rows: usize,
) -> Vec<Result<RecordBatch, ArrowError>> {
    let piece = |rows: &[Returned]| {
        RecordBatch::try_from_iter_with_nullable([
            ("batch", dictionary(rows.iter().map(|row| row.0)), true),
            ("kind", dictionary(rows.iter().map(|row| row.1.as_str())), true),
            ("record_type", dictionary(rows.iter().map(|row| row.2)), true),
            ("record_key", plain(rows.iter().map(|row| row.3)), true),
            ("returned_by", dictionary(rows.iter().map(|_| whom)), true),
            ("arrived_at", days(rows.iter().map(|row| row.4)), true),
        ])
    };
    rows.chunks(n_rows).map(piece).collect()
}

fn closed(rows: &[Ended]) -> Vec<Result<RecordBatch, ArrowError>> {
    let of_rows = |rows: &[Ended], source_row: Option<i64>| {
        let sources = vec![source_row; rows.len()];
        RecordBatch::try_from_iter_with_nullable([
            ("returned_batch", dictionary(rows.iter().map(|row| row.0)), true),
            ("kind", dictionary(rows.iter().map(|row| row.1.as_str())), true),
            ("record_type", dictionary(rows.iter().map(|row| row.2)), true),
            ("record_key", plain(rows.iter().map(|row| row.3)), true),
            ("source_row", Arc::new(Int64Array::from(sources)) as ArrayRef, true),
        ])
    };
    // Of batches in which one row was corrected, and another was not, the returns stay open.
    let of_one_row = [("b1", Cases, "accept", "k1"), ("b2", Cases, "accept", "k2")];
    vec![of_rows(rows, None), of_rows(&of_one_row, Some(7))]
}

fn keys_of(rows: &[Row]) -> Vec<u128> {
    rows.iter().map(|(record_type, key, _)| key_fingerprint(record_type, key)).collect()
}

/// Accepted rows of a file, from its second row on.
fn records(rows: &[Row]) -> RecordBatch {
    let file = arrow::array::Int32Array::from(vec![0; rows.len()]);
    let sources = Int64Array::from_iter_values((2..).take(rows.len()));
    RecordBatch::try_from_iter_with_nullable([
        ("file_idx", Arc::new(file) as ArrayRef, true),
        ("source_row", Arc::new(sources) as ArrayRef, true),
        ("record_type", dictionary(rows.iter().map(|row| row.0)), true),
        ("record_key", plain(rows.iter().map(|row| row.1)), true),
        ("arrived_at", days(rows.iter().map(|row| row.2)), true),
    ])
    .unwrap()
}

/// Closes what rows close that say something new; returns each as batch of the return and key.
fn close(open: &mut OpenReturns, rows: &[Row]) -> Vec<String> {
    close_by(open, rows, Content::New)
}

fn close_by(open: &mut OpenReturns, rows: &[Row], content: Content) -> Vec<String> {
    let keyed = keys_of(rows).into_iter().enumerate();
    let closed = open.close(&records(rows), keyed, content, ("now", 20_000)).unwrap();
    let Some(closed) = closed else { return Vec::new() };
    let rows = &closed.rows;
    assert_eq!(rows.schema(), schema_of(LakeTable::ReturnsClosed));
    let column = |name: &str| rows.column_by_name(name).unwrap();
    let (batches, keys) = (words(column("returned_batch")), column("record_key"));
    let (keys, files) = (keys.as_string::<i32>(), words(column("file_name")));
    let sources = source_rows(rows);
    let told = |row: usize| {
        let told = format!("{} {}", batches.value(row), keys.value(row));
        let is_of_row = sources.is_valid(row);
        let place = is_of_row.then(|| format!(" {} {}", text(&files, row), sources.value(row)));
        told + &place.unwrap_or_default()
    };
    (0..rows.num_rows()).map(told).collect()
}

#[track_caller]
fn check(
    kind: RecordKind,
    rows: &[Returned],
    ended: &[Ended],
    accepted: &[Row],
    expected: &[&str],
) {
    // However the rows are cut into pieces.
    for n_rows in 1..=rows.len().max(1) {
        let returned = returned(rows, n_rows).into_iter();
        let mut open = OpenReturns::of(kind, returned, closed(ended).into_iter()).unwrap();
        let mut told = close(&mut open, accepted);
        told.sort_unstable();
        assert_eq!(told, expected, "{n_rows}");
        assert_eq!(close(&mut open, accepted), [""; 0], "each is closed once");
    }
}

#[test]
fn a_row_closes_the_open_returns_of_its_key_and_kind() {
    let twice = [
        ("b1", Cases, "accept", "k1", 0),
        ("b1", Cases, "accept", "k1", 0),
        ("b2", Cases, "accept", "k2", 0),
        ("b3", Cases, "accept", "k1", 0),
        ("b1", Cases, "accept", "", 0),
    ];
    check(Cases, &twice, &[], &[("accept", "k1", 0)], &["b1 k1", "b3 k1"]);
    check(Cases, &twice, &[], &[("accept", "k3", 0), ("accept", "k2", 0)], &["b2 k2"]);
    check(Cases, &twice, &[], &[("result", "k1", 0)], &[]);
    check(Evaluations, &twice, &[], &[("accept", "k1", 0)], &[]);
    let ended = [("b1", Cases, "accept", "k1"), ("b2", Evaluations, "accept", "k2")];
    check(Cases, &twice, &ended, &[("accept", "k1", 0), ("accept", "k2", 0)], &["b2 k2", "b3 k1"]);
    let untyped = [("b1", Evaluations, "", "k1", 0), ("b1", Returns, "", "k1", 0)];
    check(Evaluations, &untyped, &[], &[("", "k1", 0)], &["b1 k1"]);
    check(Evaluations, &untyped, &[("b1", Returns, "", "k1")], &[("", "k1", 0)], &["b1 k1"]);
    check(Returns, &untyped, &[("b1", Returns, "", "k1")], &[("", "k1", 0)], &[]);
}

#[test]
fn a_row_that_was_pushed_before_what_went_back_closes_nothing() {
    let pushed = |day| [("b1", Cases, "accept", "k1", day)];
    for (returned, accepted, is_closed) in
        [(10, 10, true), (10, 11, true), (10, 9, false), (10, 0, true), (0, 9, true), (0, 0, true)]
    {
        let expected: &[&str] = if is_closed { &["b1 k1"] } else { &[] };
        check(Cases, &pushed(returned), &[], &[("accept", "k1", accepted)], expected);
    }
    // The last push of a batch counts, and each batch for itself.
    let several = [
        ("b1", Cases, "accept", "k1", 10),
        ("b1", Cases, "accept", "k1", 0),
        ("b1", Cases, "accept", "k1", 12),
        ("b1", Cases, "accept", "k1", 11),
        ("b2", Cases, "accept", "k1", 5),
    ];
    check(Cases, &several, &[], &[("accept", "k1", 11)], &["b2 k1"]);
    check(Cases, &several, &[], &[("accept", "k1", 12)], &["b1 k1", "b2 k1"]);
    check(Cases, &several, &[], &[("accept", "k1", 4), ("accept", "k1", 12)], &["b1 k1", "b2 k1"]);
}

#[test]
fn the_very_record_that_others_returned_is_no_correction() {
    for (told, came, content, is_closed) in [
        // However often it comes, and whether or not the lake had it before.
        (10, 10, Content::Known, false),
        (10, 10, Content::New, false),
        (10, 9, Content::New, false),
        (10, 11, Content::New, true),
        (10, 11, Content::Known, true),
        // Where one of the times is not known, what says nothing new is taken for the same.
        (0, 0, Content::Known, false),
        (0, 11, Content::Known, false),
        (10, 0, Content::Known, false),
        (0, 0, Content::New, true),
        (0, 11, Content::New, true),
        (10, 0, Content::New, true),
    ] {
        let rows = [("b1", Cases, "accept", "k1", told)];
        let of = |whom| {
            let returned = returned_by(whom, &rows, 1).into_iter();
            let mut open = OpenReturns::of(Cases, returned, closed(&[]).into_iter()).unwrap();
            close_by(&mut open, &[("accept", "k1", came)], content)
        };
        let expected: &[&str] = if is_closed { &["b1 k1"] } else { &[] };
        assert_eq!(of("elsewhere"), expected, "{told} {came} {content:?}");
        // What was returned here is another row than any that is accepted.
        let expected: &[&str] = if (told, came) == (10, 9) { &[] } else { &["b1 k1"] };
        assert_eq!(of("tongban"), expected, "{told} {came} {content:?}");
    }
}

#[test]
fn of_its_own_batch_a_row_closes_what_stands_before_it_and_was_not_pushed_later() {
    for (source_rows, pushes, accepted, expected) in [
        (&[1][..], &[10][..], 10, &["now k1"][..]),
        (&[1], &[10], 9, &[]),
        (&[3], &[10], 10, &[]),
        (&[1, 3], &[10, 10], 10, &["now k1 a.csv 1"]),
        (&[0, 1, 4, 3], &[10, 9, 8, 7], 10, &["now k1 a.csv 0", "now k1 a.csv 1"]),
        (&[0, 1], &[12, 10], 11, &["now k1 a.csv 1"]),
        (&[0, 1], &[0, 10], 11, &["now k1"]),
        (&[1, 1], &[10, 10], 11, &["now k1"]),
        (&[1], &[0], 1, &["now k1"]),
    ] {
        let rows: Vec<Row> = vec![("accept", "k1", accepted)];
        let own = RecordBatch::try_from_iter_with_nullable([
            ("file_name", dictionary(source_rows.iter().map(|_| "a.csv")), true),
            ("source_row", Arc::new(Int64Array::from(source_rows.to_vec())) as ArrayRef, true),
            ("record_type", dictionary(source_rows.iter().map(|_| "accept")), true),
            ("record_key", plain(source_rows.iter().map(|_| "k1")), true),
            ("arrived_at", days(pushes.iter().copied()), true),
        ]);
        let names = ["a.csv".to_owned()];
        let none = OpenReturns::none(Cases);
        let mut open = none.with_own(std::iter::once(own), &names).unwrap();
        assert_eq!(close(&mut open, &rows), expected, "{source_rows:?} {pushes:?} {accepted}");
        assert_eq!(close(&mut open, &rows), [""; 0], "each is closed once");
    }
}

#[test]
fn rows_of_files_without_times_of_push_are_closed_by_any() {
    let rows = returned(&[("b1", Cases, "accept", "k1", 10)], 1);
    let without = rows.into_iter().map(|rows| {
        let mut rows = rows?;
        rows.remove_column(rows.schema().index_of("arrived_at")?);
        Ok::<RecordBatch, ArrowError>(rows)
    });
    let mut open = OpenReturns::of(Cases, without, closed(&[]).into_iter()).unwrap();
    assert_eq!(close(&mut open, &[("accept", "k1", 1)]), ["b1 k1"]);
}
