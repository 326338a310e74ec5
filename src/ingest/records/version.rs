//! What a row is that brings a key again: a new version, the end of the last one, or the same once
//! more.

use std::collections::BTreeMap;

use crate::model::Operation;
use crate::rollup::CellId;

/// Other contents of a key that are looked through one by one.
const MAX_FEW: usize = 16;

/// The latest version of a key, and what the others said.
///
/// The latest one is the one that was pushed last, whenever it came: departments send old files after
/// new ones. There are as many of these in memory as keys that are looked up at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeyState {
    /// Number of the version that came last.
    version: i32,
    latest: Said,
    /// Number of the latest version.
    latest_version: i32,
    /// When that was pushed last, microseconds.
    last_at: i64,
    /// Whether a row that says what it says has a time of its own.
    is_timed: bool,
    /// When a record was pushed under this key first, microseconds; the largest number where none was.
    first_at: i64,
    /// Contents of the other versions, those that ended the key left out.
    others: Contents,
    /// Whether one of the others ended the key.
    was_deleted: bool,
}

/// What a version says, and where it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Said {
    /// What the sender calls it.
    pub(super) operation: Operation,
    /// Fingerprint of the content, without times of arrival.
    content: i64,
    /// Where it counts.
    pub(super) cell: CellId,
}

/// Different contents, each with the lowest number of a version that has it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Contents {
    /// Most keys have one or two: a map takes six times their memory.
    Few(Vec<(i64, i32)>),
    /// A faulty file may bring one key in every row.
    Many(BTreeMap<i64, i32>),
}

/// When a version was pushed again with nothing changed, microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Again {
    pub(super) first_at: i64,
    pub(super) last_at: i64,
}

/// What a row says about its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Event {
    /// What the sender calls it.
    pub(super) operation: Operation,
    /// Fingerprint of the content, without times of arrival.
    pub(super) content: i64,
    /// When it was pushed, microseconds.
    pub(super) arrived_at: Option<i64>,
    /// When its file was ingested, which counts where nobody says when it was pushed.
    pub(super) received_at: i64,
    /// Where it counts.
    pub(super) cell: CellId,
}

/// What becomes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The first version of its key.
    Accepted,
    /// A further version, with its number.
    Updated(i32),
    /// The version that ends a key, with its number.
    Deleted(i32),
    /// What is there already.
    Duplicate,
}

/// What becomes of a row, and whether its key is now what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Judgement {
    pub(super) verdict: Verdict,
    /// Whether nothing that was pushed later is known.
    pub(super) is_latest: bool,
    /// A version that says the same, where it matters when the row was pushed.
    pub(super) pushed_again: Option<SaidAgain>,
}

/// A version that a row says again without being one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SaidAgain {
    pub(super) version: i32,
    /// Whether the row was pushed before all records of its key. Otherwise the version is the latest one, and
    /// the row was pushed after it: what was pushed between them is older than what it says.
    pub(super) is_earlier: bool,
}

impl Verdict {
    /// Returns the version that the row has in the lake, `None` for one that is there already.
    pub(super) fn version(self) -> Option<i32> {
        match self {
            Self::Accepted => Some(1),
            Self::Updated(version) | Self::Deleted(version) => Some(version),
            Self::Duplicate => None,
        }
    }
}

/// Adds a version that the lake has, in whichever order they are read, with when it was pushed again. Tells
/// whether it is the latest.
pub(super) fn remember(
    state: &mut Option<KeyState>,
    version: i32,
    event: Event,
    again: Option<Again>,
) -> bool {
    let pushed_at = event.pushed_at();
    let last_at = again.map_or(pushed_at, |again| pushed_at.max(again.last_at));
    let first_at = match event.operation {
        Operation::Delete => i64::MAX,
        _ => again.map_or(pushed_at, |again| pushed_at.min(again.first_at)),
    };
    let is_timed = event.arrived_at.is_some() || last_at > pushed_at;
    let latest = event.said();
    let Some(known) = state else {
        *state = Some(KeyState {
            version,
            latest,
            latest_version: version,
            last_at,
            is_timed,
            first_at,
            others: Contents::Few(Vec::new()),
            was_deleted: false,
        });
        return true;
    };
    known.version = known.version.max(version);
    known.first_at = known.first_at.min(first_at);
    let is_latest = (last_at, version) > (known.last_at, known.latest_version);
    let (other, other_version) =
        if is_latest { (known.latest, known.latest_version) } else { (latest, version) };
    if is_latest {
        (known.latest, known.latest_version) = (latest, version);
        (known.last_at, known.is_timed) = (last_at, is_timed);
    }
    if other.operation == Operation::Delete {
        known.was_deleted = true;
    } else {
        known.others.insert(other.content, other_version);
    }
    is_latest
}

/// Judges a row by what is known of its key, and takes it into account.
///
/// What is not known and is changed counts as new: senders call rows changed whose first version
/// never arrived. A content that an earlier version had is there already, unless it was pushed after
/// the latest one: then the case went back to it. What the sender calls changed and pushed later is a
/// new version, even where nothing that is kept differs. What was pushed before the latest version is a
/// version too, without effect. Only a row that says when it was pushed can be later: files without
/// times are sent again as a whole, with the old contents before the new ones.
pub(super) fn judge(state: &mut Option<KeyState>, event: Event) -> Judgement {
    let is_delete = event.operation == Operation::Delete;
    let version = match state {
        None => 1,
        Some(known) if known.says_already(event) => {
            let pushed_again = known.confirm(event);
            return Judgement { verdict: Verdict::Duplicate, is_latest: false, pushed_again };
        }
        Some(known) => known.version + 1,
    };
    let is_latest = remember(state, version, event, None);
    let verdict = match (is_delete, version) {
        (true, _) => Verdict::Deleted(version),
        (false, 1) => Verdict::Accepted,
        (false, _) => Verdict::Updated(version),
    };
    Judgement { verdict, is_latest, pushed_again: None }
}

impl Event {
    /// When it was pushed, else ingested; microseconds.
    pub(super) fn pushed_at(&self) -> i64 {
        self.arrived_at.unwrap_or(self.received_at)
    }

    /// Returns it without its times.
    fn said(self) -> Said {
        Said { operation: self.operation, content: self.content, cell: self.cell }
    }
}

impl Said {
    /// Whether a row says the same: the same content, or that the key ends.
    pub(super) fn is_said_by(self, event: Event) -> bool {
        let [is_delete, is_other] =
            [self.operation, event.operation].map(|operation| operation == Operation::Delete);
        is_delete == is_other && (is_delete || self.content == event.content)
    }
}

impl KeyState {
    /// Returns what the latest version says.
    pub(super) fn latest(&self) -> Said {
        self.latest
    }

    /// Takes into account that what is there was pushed again; returns the version that says so where it
    /// matters when that was. Where nobody says when anything was pushed, the order of ingest tells all.
    fn confirm(&mut self, event: Event) -> Option<SaidAgain> {
        let pushed_at = event.pushed_at();
        let is_first = event.arrived_at.is_some() && pushed_at < self.first_at;
        if is_first && event.operation != Operation::Delete {
            self.first_at = pushed_at;
            let version = self.version_of(event)?;
            return Some(SaidAgain { version, is_earlier: true });
        }
        let are_timed = event.arrived_at.is_some() || self.is_timed;
        if !(are_timed && pushed_at > self.last_at && self.latest.is_said_by(event)) {
            return None;
        }
        (self.last_at, self.is_timed) = (pushed_at, true);
        Some(SaidAgain { version: self.latest_version, is_earlier: false })
    }

    /// Returns a version with the content of a row.
    fn version_of(&self, event: Event) -> Option<i32> {
        let latest = self.latest.is_said_by(event).then_some(self.latest_version);
        latest.or_else(|| self.others.version_of(event.content))
    }

    fn says_already(&self, event: Event) -> bool {
        let is_deleted = self.latest.operation == Operation::Delete;
        let is_later = event.arrived_at.is_some_and(|time| time > self.last_at);
        if event.operation == Operation::Delete {
            return is_deleted || (self.was_deleted && event.pushed_at() < self.last_at);
        }
        // The sender changed something, perhaps what is not kept.
        if event.operation == Operation::Update && is_later {
            return false;
        }
        if self.latest.content == event.content && !is_deleted {
            return true;
        }
        !is_later && self.others.version_of(event.content).is_some()
    }
}

impl Contents {
    fn insert(&mut self, content: i64, version: i32) {
        let few = match self {
            Self::Few(few) => few,
            Self::Many(many) => {
                let known = many.entry(content).or_insert(version);
                *known = version.min(*known);
                return;
            }
        };
        if let Some((_, known)) = few.iter_mut().find(|(known, _)| *known == content) {
            *known = version.min(*known);
        } else if few.len() < MAX_FEW {
            // No more than is needed: there may be millions of these.
            few.reserve_exact(1);
            few.push((content, version));
        } else {
            let all = few.iter().copied().chain([(content, version)]);
            *self = Self::Many(all.collect());
        }
    }

    /// Returns the lowest number of a version with a content.
    fn version_of(&self, content: i64) -> Option<i32> {
        match self {
            Self::Few(few) => {
                few.iter().find(|(known, _)| *known == content).map(|(_, version)| *version)
            }
            Self::Many(many) => many.get(&content).copied(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Operation::{Delete, Insert, Update};
    use proptest::prelude::*;

    /// Judges rows of one key, each as operation, content and day of arrival.
    #[track_caller]
    fn check(rows: &[(Operation, i64, i64)], expected: &[Verdict]) {
        let mut state = None;
        let verdicts: Vec<Verdict> =
            rows.iter().map(|row| judge(&mut state, event(*row)).verdict).collect();
        assert_eq!(verdicts, expected);
    }

    /// An operation, a content, and the day of arrival; none where it is 0.
    fn event((operation, content, day): (Operation, i64, i64)) -> Event {
        let arrived_at = Some(day).filter(|day| *day > 0);
        Event { operation, content, arrived_at, received_at: 100, cell: CellId::default() }
    }

    #[test]
    fn a_key_has_versions() {
        use Verdict::{Accepted, Deleted, Duplicate, Updated};
        check(&[(Insert, 1, 1), (Insert, 1, 2)], &[Accepted, Duplicate]);
        check(
            &[(Insert, 1, 1), (Update, 2, 2), (Update, 2, 2), (Insert, 2, 3)],
            &[Accepted, Updated(2), Duplicate, Duplicate],
        );
        // What was changed need not be among what is kept.
        check(&[(Insert, 1, 1), (Update, 1, 2)], &[Accepted, Updated(2)]);
        check(&[(Insert, 1, 1), (Update, 1, 1)], &[Accepted, Duplicate]);
        check(&[(Update, 1, 1)], &[Accepted]);
        check(
            &[(Insert, 1, 1), (Delete, 1, 2), (Delete, 1, 3)],
            &[Accepted, Deleted(2), Duplicate],
        );
        check(&[(Delete, 1, 1), (Delete, 1, 2)], &[Deleted(1), Duplicate]);
        check(
            &[(Insert, 1, 1), (Delete, 1, 2), (Insert, 1, 3)],
            &[Accepted, Deleted(2), Updated(3)],
        );
    }

    #[test]
    fn an_earlier_version_sent_again_is_no_way_back_unless_it_is_later() {
        use Verdict::{Accepted, Duplicate, Updated};
        let changed = [(Insert, 1, 1), (Update, 2, 5)];
        check(&[changed[0], changed[1], (Insert, 1, 1)], &[Accepted, Updated(2), Duplicate]);
        check(&[changed[0], changed[1], (Update, 1, 6)], &[Accepted, Updated(2), Updated(3)]);
        // Without times nobody can tell: what was there is there.
        check(
            &[(Insert, 1, 0), (Update, 2, 0), (Insert, 1, 0)],
            &[Accepted, Updated(2), Duplicate],
        );
    }

    #[test]
    fn what_was_pushed_again_later_was_pushed_last() {
        let check = |rows: &[(Operation, i64, i64)], expected: &[(bool, Option<i32>)]| {
            let mut state = None;
            let judged = rows.iter().map(|row| judge(&mut state, event(*row)));
            let later = |again: Option<SaidAgain>| again.filter(|it| !it.is_earlier);
            let judged = judged.map(|it| (it.is_latest, later(it.pushed_again)));
            let found: Vec<_> =
                judged.map(|(is_latest, it)| (is_latest, it.map(|it| it.version))).collect();
            assert_eq!(found, expected, "{rows:?}");
        };
        let (first, same) = ((true, None), (false, None));
        check(&[(Insert, 1, 1), (Insert, 1, 9), (Update, 2, 7)], &[first, (false, Some(1)), same]);
        check(&[(Insert, 1, 1), (Insert, 1, 5), (Update, 2, 7)], &[first, (false, Some(1)), first]);
        check(
            &[(Insert, 1, 1), (Delete, 1, 3), (Delete, 1, 9), (Update, 2, 7)],
            &[first, first, (false, Some(2)), same],
        );
        // The same push, and what an older version says.
        check(&[(Insert, 1, 5), (Insert, 1, 5)], &[first, same]);
        check(&[(Insert, 1, 1), (Update, 2, 9), (Insert, 1, 5)], &[first, first, same]);
        // Where nobody says when, nothing can come between; where one of them does, something can.
        check(&[(Insert, 1, 0), (Insert, 1, 0)], &[first, same]);
        check(&[(Insert, 1, 5), (Insert, 1, 0)], &[first, (false, Some(1))]);
    }

    #[test]
    fn what_was_pushed_before_all_records_of_a_key_was_pushed_first() {
        let check = |rows: &[(Operation, i64, i64)], expected: &[Option<i32>]| {
            let mut state = None;
            let judged = rows.iter().map(|row| judge(&mut state, event(*row)));
            let earlier = judged.map(|it| it.pushed_again.filter(|again| again.is_earlier));
            let found: Vec<_> = earlier.map(|it| it.map(|it| it.version)).collect();
            assert_eq!(found, expected, "{rows:?}");
        };
        // What the latest version says, or an older one; only as long as nothing is known from before it.
        check(&[(Insert, 1, 9), (Insert, 1, 3), (Insert, 1, 5)], &[None, Some(1), None]);
        check(&[(Insert, 1, 9), (Update, 1, 3), (Insert, 1, 2)], &[None, Some(1), Some(1)]);
        check(&[(Insert, 1, 5), (Update, 2, 9), (Insert, 1, 3)], &[None, None, Some(1)]);
        check(&[(Insert, 1, 5), (Update, 2, 9), (Insert, 2, 3)], &[None, None, Some(2)]);
        check(&[(Insert, 1, 5), (Update, 2, 3), (Insert, 1, 4)], &[None, None, None]);
        // An end is no record, and a record counts from before the key ended.
        check(&[(Insert, 1, 5), (Delete, 1, 9), (Delete, 1, 3)], &[None, None, None]);
        check(&[(Insert, 1, 5), (Delete, 1, 9), (Insert, 1, 3)], &[None, None, Some(1)]);
        // Without a time of its own a row is no earlier; with one it is earlier than an ingest.
        check(&[(Insert, 1, 150), (Insert, 1, 0)], &[None, None]);
        check(&[(Insert, 1, 0), (Insert, 1, 50)], &[None, Some(1)]);
        // What is latest stays so.
        let mut state = None;
        for row in [(Insert, 1, 5), (Update, 2, 9), (Insert, 2, 3), (Update, 3, 7)] {
            judge(&mut state, event(row));
        }
        let known = state.unwrap();
        assert_eq!((known.latest_version, known.last_at, known.first_at), (2, 9, 3));
    }

    #[test]
    fn times_of_pushes_again_are_remembered_with_their_version() {
        let again = |first_at, last_at| Some(Again { first_at, last_at });
        let mut state = None;
        assert!(remember(&mut state, 1, event((Insert, 1, 5)), again(3, 3)));
        assert!(remember(&mut state, 2, event((Insert, 2, 7)), None));
        assert!(!remember(&mut state, 3, event((Insert, 3, 6)), again(6, 6)));
        let known = state.clone().unwrap();
        assert_eq!((known.latest_version, known.last_at, known.first_at), (2, 7, 3));
        assert!(remember(&mut state, 4, event((Delete, 4, 1)), again(2, 8)));
        let known = state.unwrap();
        assert_eq!((known.latest_version, known.last_at, known.first_at), (4, 8, 3));
        // What was pushed again before its ingest has no time of its own yet.
        let mut state = None;
        remember(&mut state, 1, event((Insert, 1, 0)), again(50, 50));
        let known = state.unwrap();
        assert_eq!((known.is_timed, known.last_at, known.first_at), (false, 100, 50));
    }

    #[test]
    fn a_row_with_a_time_is_later_than_one_without_where_it_was_pushed_after_its_ingest() {
        use Verdict::{Accepted, Duplicate, Updated};
        let changed = [(Insert, 1, 1), (Update, 2, 0)];
        for (row, verdict) in [
            ((Insert, 1, 50), Duplicate),
            ((Update, 2, 50), Duplicate),
            ((Insert, 1, 100), Duplicate),
            ((Insert, 1, 150), Updated(3)),
            ((Update, 2, 150), Updated(3)),
        ] {
            check(&[changed[0], changed[1], row], &[Accepted, Updated(2), verdict]);
        }
    }

    /// The content that a latest version shows, 0 where it ends its key.
    fn shown(operation: Operation, content: i64) -> i64 {
        if operation == Delete { 0 } else { content }
    }

    /// The content of the latest of rows that were judged: the one that was pushed last. What says again
    /// what the latest of them says has it pushed again.
    fn latest_of(rows: &[(Operation, i64, i64)]) -> Option<i64> {
        let mut latest: Option<(Operation, i64, i64)> = None;
        for row in rows {
            if latest.is_none_or(|latest| row.2 > latest.2) {
                latest = Some(*row);
            }
        }
        latest.map(|(operation, content, _)| shown(operation, content))
    }

    proptest! {
        #[test]
        fn the_latest_is_what_was_pushed_last_in_whichever_order_rows_come(
            pushed in prop::collection::vec((0_usize..3, 1_i64..4), 1..9).prop_map(|rows| {
                let operations = [Insert, Update, Delete];
                let timed = rows.into_iter().zip(1_i64..);
                timed.map(|((operation, content), day)| (operations[operation], content, day))
                    .collect::<Vec<_>>()
            }).prop_shuffle(),
        ) {
            let mut state = None;
            for (idx, row) in pushed.iter().enumerate() {
                judge(&mut state, event(*row));
                let latest = state.as_ref().map(KeyState::latest);
                let latest = latest.map(|latest| shown(latest.operation, latest.content));
                prop_assert_eq!(latest, latest_of(&pushed[..=idx]));
            }
        }
    }

    #[test]
    fn what_was_pushed_last_is_the_latest_whenever_it_comes() {
        let late = [(Insert, 2, 5), (Insert, 1, 2), (Delete, 1, 3), (Delete, 9, 4)];
        check(
            &late,
            &[Verdict::Accepted, Verdict::Updated(2), Verdict::Deleted(3), Verdict::Duplicate],
        );
        let mut state = None;
        let is_latest = late.map(|row| judge(&mut state, event(row)).is_latest);
        assert_eq!(is_latest, [true, false, false, false]);
        let known = state.unwrap();
        assert_eq!((known.latest.content, known.latest_version), (2, 1));
        // Once ended, a key does not come back because an older row comes late.
        check(
            &[(Insert, 1, 1), (Delete, 1, 5), (Insert, 1, 1), (Update, 3, 4)],
            &[Verdict::Accepted, Verdict::Deleted(2), Verdict::Duplicate, Verdict::Updated(3)],
        );
        // Where nobody says when it was pushed, the ingest counts, and then the order of the rows.
        let mut state = None;
        assert!(judge(&mut state, event((Insert, 1, 5))).is_latest);
        assert!(judge(&mut state, event((Insert, 2, 0))).is_latest);
        assert!(judge(&mut state, event((Insert, 3, 0))).is_latest);
        assert!(!judge(&mut state, event((Insert, 4, 6))).is_latest);
    }

    #[test]
    fn a_key_that_comes_ever_again_is_judged_as_fast_as_many_keys() {
        let mut state = None;
        for version in 1..=200_000 {
            let day = i64::from(version);
            let verdict = judge(&mut state, event((Insert, day, day))).verdict;
            assert_eq!(verdict.version(), Some(version));
        }
        // What is old and there already has to be found among all of them.
        for day in 1..200_000 {
            let verdict = judge(&mut state, event((Insert, day, day))).verdict;
            assert_eq!(verdict, Verdict::Duplicate);
        }
    }

    #[test]
    fn a_key_takes_little_memory() {
        assert!(size_of::<Option<KeyState>>() <= 80);
        let mut state = None;
        for (n_others, content) in (1..=4).enumerate() {
            judge(&mut state, event((Insert, content, content)));
            let Some(KeyState { others: Contents::Few(few), .. }) = &state else {
                panic!("a key with few versions has a list of them");
            };
            assert_eq!((few.len(), few.capacity()), (n_others, n_others));
        }
    }

    #[test]
    fn versions_are_remembered_in_any_order() {
        let event = |content| event((Update, content, content));
        let mut up = None;
        let mut down = None;
        for version in 1..=3 {
            remember(&mut up, version, event(i64::from(version)), None);
            remember(&mut down, 4 - version, event(i64::from(4 - version)), None);
        }
        for mut state in [up, down] {
            assert_eq!(judge(&mut state.clone(), event(3)).verdict, Verdict::Duplicate);
            assert_eq!(judge(&mut state.clone(), event(1)).verdict, Verdict::Duplicate);
            assert_eq!(judge(&mut state, event(9)).verdict, Verdict::Updated(4));
        }
    }
}
