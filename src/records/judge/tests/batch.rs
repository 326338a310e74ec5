//! What is counted for rules about whole batches, and what stays the same however rows are cut.

use super::*;
use crate::records::profile::BatchRule;
use crate::records::tally::{BatchOutcome, GroupSample, SAMPLE, ValueCounts};

/// Returns the batch rules that are told about some records, with hits and rows.
fn told(rows: &[Vec<String>]) -> Vec<String> {
    let judge = own_judge();
    let notes = judge.judge(&block(0, 2, rows)).notes;
    let rules = &judge.dataset.batch_rules;
    let shown = |outcome: &BatchOutcome| {
        format!(
            "{}.{} {}/{}",
            rules[outcome.rule_idx].id, outcome.part, outcome.n_hits, outcome.n_rows
        )
    };
    notes.tally.told(rules).iter().map(shown).collect()
}

/// Checks which batch rules are told about records that differ from each other and in some fields.
#[track_caller]
fn check(changes: &[&[(&str, &str)]], expected: &[&str]) {
    let texts = ["甲", "乙", "丙", "丁"];
    let rows: Vec<Vec<String>> = changes
        .iter()
        .enumerate()
        .map(|(idx, changes)| {
            let no = format!("A{idx}");
            let accepted = format!("2021-09-01 09:3{idx}:00");
            let person = texts[idx];
            let mut all = vec![
                ("no", &*no),
                ("text", texts[idx]),
                ("person", person),
                ("accepted", &accepted),
            ];
            all.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
            all.extend(*changes);
            record(&all)
        })
        .collect();
    assert_eq!(told(&rows), expected);
}

/// Items that differ, so that no two records say the same of one.
const ITEMS: [&[(&str, &str)]; 4] = [
    &[("kind", "1"), ("sub_item", "")],
    &[("kind", "9"), ("sub_item", "")],
    &[("kind", "1"), ("sub_item", "")],
    &[("kind", "9"), ("sub_item", "")],
];

/// Returns the changes that make a record differ from others, and some more.
fn with<'a>(idx: usize, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let is_changed = |name: &str| more.iter().any(|(changed, _)| *changed == name);
    let items = ITEMS[idx].iter().filter(|(name, _)| !is_changed(name));
    items.chain(more).copied().collect()
}

#[test]
fn what_is_unsuspicious_is_not_told() {
    check(&ITEMS, &[]);
}

#[test]
fn minutes_that_are_months_are_told_field_by_field() {
    let times = ["2021-03-01 09:03:10", "2021-11-01 12:11:50", "2021-09-01", "2021-10-02 10:10:00"];
    let rows: Vec<_> =
        (0..4).map(|idx| with(idx, &[("applied", ""), ("accepted", times[idx])])).collect();
    let rows: Vec<&[(&str, &str)]> = rows.iter().map(Vec::as_slice).collect();
    check(&rows, &["minutes.1 3/3"]);
    // One time in the afternoon, and it is a coincidence.
    let late = with(1, &[("applied", ""), ("accepted", "2021-11-01 13:11:50")]);
    check(&[rows[0], &late, rows[2], rows[3]], &[]);
}

#[test]
fn one_span_between_two_times_is_told_and_none_is_not() {
    let applied =
        ["2021-09-01 09:10:00", "2021-09-01 09:11:00", "2021-09-01 09:12:00", "2021-09-01"];
    let rows: Vec<_> = (0..4).map(|idx| with(idx, &[("applied", applied[idx])])).collect();
    let rows: Vec<&[(&str, &str)]> = rows.iter().map(Vec::as_slice).collect();
    check(&rows, &["offset.0 3/4"]);
    let same: Vec<_> = (0..4)
        .map(|idx| {
            with(idx, &[("applied", "2021-09-01 09:10:00"), ("accepted", "2021-09-01 09:10:00")])
        })
        .collect();
    let same: Vec<&[(&str, &str)]> = same.iter().map(Vec::as_slice).collect();
    check(&same, &[]);
}

#[test]
fn one_value_everywhere_is_told() {
    let rows: Vec<_> = (0..4).map(|idx| with(idx, &[("kind", "1"), ("text", "满意")])).collect();
    let rows: Vec<&[(&str, &str)]> = rows.iter().map(Vec::as_slice).collect();
    check(&rows, &["same_text.0 4/4", "same_kind.0 4/4"]);
}

#[test]
fn scales_that_are_turned_round_are_told() {
    // The standard's 1 is best, so that the tags of the best stand beside a 5.
    let rows = [
        with(0, &[("grade", "5"), ("tags", "510,511")]),
        with(1, &[("grade", "4"), ("tags", "406")]),
        with(2, &[("grade", "3"), ("tags", "510")]),
        with(3, &[("grade", "1"), ("tags", "510,108")]),
    ];
    let rows: Vec<&[(&str, &str)]> = rows.iter().map(Vec::as_slice).collect();
    check(&rows, &["turned_grade.0 2/2"]);
    let rows = [
        with(0, &[("kind", "1"), ("finished", "2021-09-09 09:00:00")]),
        with(1, &[("kind", "2"), ("finished", "2021-09-01 17:00:00")]),
        with(2, &[("kind", "1"), ("finished", "2021-09-05 09:00:00")]),
        with(3, &[("kind", "2"), ("finished", "2021-09-01 18:00:00")]),
    ];
    let rows: Vec<&[(&str, &str)]> = rows.iter().map(Vec::as_slice).collect();
    check(&rows, &["turned_kind.0 2/2", "turned_kind.1 2/2"]);
    // Promised cases that take their time are no sign of it.
    let slow = with(1, &[("kind", "2"), ("finished", "2021-09-08 17:00:00")]);
    check(&[rows[0], &slow, rows[2], &slow], &[]);
}

#[test]
fn words_of_tests_repeated_content_and_keys_are_told() {
    let tests = with(1, &[("person", "测试用户")]);
    check(&[ITEMS[0], &tests, ITEMS[2], ITEMS[3]], &["tests.0 1/4"]);
    let same = [("kind", "1"), ("accepted", "2021-09-01 09:30:00"), ("sub_item", "")];
    let same: Vec<(&str, &str)> =
        same.iter().chain(&[("text", ""), ("person", "某甲")]).copied().collect();
    check(&[&same, &same, ITEMS[1], ITEMS[2]], &["repeated.0 2/4"]);
    // The same item under two keys, in records that are inserts.
    let item = "11440232MB2D06811W400011705100001";
    let rows = [
        with(0, &[("sub_item", item)]),
        with(1, &[("sub_item", item)]),
        with(2, &[("sub_item", item), ("does", "U")]),
    ];
    let rows: Vec<&[(&str, &str)]> = rows.iter().map(Vec::as_slice).collect();
    check(&rows, &["twice.0 2/2"]);
}

/// Returns what the first row says, as the lake has it.
fn content_of(judged: &Judged) -> String {
    column(&judged.rows.records, "content_hash")[0].clone()
}

#[test]
fn what_a_record_says_has_a_fingerprint() {
    let of = |changes: &[(&str, &str)]| content_of(&judged(&[record(changes)]));
    let sound = of(&[]);
    // Arrival, and what is not kept.
    for change in
        [("pushed", "2021-09-04"), ("does", "U"), ("text", "好"), ("password", "x"), ("no", "A2")]
    {
        assert_eq!(of(&[change]), sound, "{change:?}");
    }
    for change in [
        ("kind", "2"),
        ("grade", ""),
        ("region", ""),
        ("org_name", ""),
        ("person", "某乙"),
        ("mobile", "13800000001"),
        ("accepted", "2021-09-01 09:30:01"),
        ("applied", ""),
        ("finished", "2021-09-02 10:00:01"),
        ("sender", "164"),
        ("id_kind", "414"),
    ] {
        assert_ne!(of(&[change]), sound, "{change:?}");
    }
    // Written otherwise it says the same.
    assert_eq!(
        of(&[("accepted", "20210901093000"), ("region", "630102000"), ("kind", "１")]),
        sound
    );
}

#[test]
fn fingerprints_never_change() {
    // They are kept in the lake: another way of making them would make every old record look new.
    assert_eq!(key_fingerprint("accept", "A1"), 73_572_476_928_454_602_129_376_351_061_076_658_011);
    assert_eq!(content_of(&judged(&[record(&[])])), "684090464122114824");
}

#[test]
fn counts_of_blocks_and_files_add_up_in_any_order() {
    let rows: Vec<Vec<String>> = (0..40)
        .map(|idx| {
            let no = format!("A{idx}");
            let accepted = format!("2021-09-01 09:{:02}:00", idx % 7);
            let grade = ["1", "5", "3"][idx % 3];
            let tags = ["510", "115", ""][idx % 2];
            let text = ["好", "差"][usize::from(idx > 30)];
            let changes = [("no", &*no), ("accepted", &*accepted), ("grade", grade)];
            record(&[&changes[..], &[("tags", tags), ("text", text)]].concat())
        })
        .collect();
    let tally = |from: usize, to: usize| {
        own_judge().judge(&block(from, 2 + from as u64, &rows[from..to])).notes.tally
    };
    let cuts = [0, 5, 6, 19, 33, 40];
    let parts: Vec<Tally> = cuts.windows(2).map(|cut| tally(cut[0], cut[1])).collect();
    let merged = |order: [usize; 5]| {
        let mut all = Tally::default();
        for part in order {
            all.merge(parts[part].clone());
        }
        all
    };
    let forward = merged([0, 1, 2, 3, 4]);
    for order in [[4, 3, 2, 1, 0], [2, 0, 4, 1, 3], [1, 4, 0, 3, 2]] {
        assert_eq!(merged(order), forward);
    }
    // With few values in each block nothing is left out, so that the cuts do not matter either.
    assert_eq!(tally(0, 40), forward);
}

#[test]
fn counts_of_many_contents_are_an_estimate_that_does_not_depend_on_order() {
    // Every content stands twice, half of them under two keys.
    let rows = |from: u64, to: u64| -> Vec<(u64, u128)> {
        (from..to)
            .map(|idx| {
                let content = idx / 2;
                let key = if content % 2 == 0 { u128::from(idx) } else { u128::from(content) };
                (content.wrapping_mul(0x9e37_79b9_7f4a_7c15), key)
            })
            .collect()
    };
    let n_rows = 20 * SAMPLE as u64;
    let merged = |cuts: &[u64], is_narrowed: bool| {
        let mut tally = Tally::default();
        for pair in cuts.windows(2) {
            let bound = tally.bounds().next().filter(|_| is_narrowed).unwrap_or(u64::MAX);
            let groups = GroupSample::of(rows(pair[0], pair[1]), bound);
            tally.merge(Tally::of(vec![crate::records::tally::Counts::Groups(groups)]));
        }
        tally
    };
    let whole = merged(&[0, n_rows], false);
    for cuts in [[0, 7, n_rows], [0, n_rows / 2, n_rows], [0, n_rows - 3, n_rows]] {
        assert_eq!(merged(&cuts, false), whole);
        assert_eq!(merged(&cuts, true), whole);
    }
    assert!(whole.bounds().all(|bound| bound < u64::MAX), "so that something is left out");
    let rules: Vec<_> = own_judge().dataset.batch_rules.clone();
    let repeated: Vec<_> = rules.into_iter().filter(|rule| rule.id == "repeated").collect();
    let told = |min_share: f64| {
        let rules: Vec<_> =
            repeated.iter().map(|rule| BatchRule { min_share, ..rule.clone() }).collect();
        whole.told(&rules)
    };
    let [outcome] = &told(0.4)[..] else { panic!("{:?}", told(0.4)) };
    assert!(outcome.is_estimate && (0.45..0.55).contains(&outcome.share()), "{outcome:?}");
    assert_eq!(told(0.6), []);
}

#[test]
fn the_most_frequent_value_is_counted_exactly_in_any_order() {
    let values = |seed: u64| -> Vec<u64> {
        (0..500).map(|idx| if idx % 3 == 0 { 42 } else { 1000 + idx * seed }).collect()
    };
    let mut first = Tally::default();
    let mut second = Tally::default();
    let counts =
        |seed| crate::records::tally::Counts::Values(ValueCounts::of(values(seed).into_iter()));
    for seed in [3, 5, 7] {
        first.merge(Tally::of(vec![counts(seed)]));
    }
    for seed in [7, 3, 5] {
        second.merge(Tally::of(vec![counts(seed)]));
    }
    assert_eq!(first, second);
    let rules = own_judge().dataset.batch_rules.clone();
    let mut rule: Vec<_> = rules.into_iter().filter(|rule| rule.id == "same_text").collect();
    rule[0].min_share = 0.3;
    let told = first.told(&rule);
    assert_eq!((told[0].n_hits, told[0].n_rows, told[0].value), (501, 1500, Some(42)));
}
