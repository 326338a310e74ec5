//! What a row is that brings a key again: a new version, the end of the last one, or the same once
//! more.

use crate::model::Operation;
use crate::rollup::CellId;

/// The latest version of a key, and what the ones before it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeyState {
    version: i32,
    latest: Event,
    /// Contents of the other versions.
    earlier: Vec<i64>,
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

/// Adds a version that the lake has, in whichever order they are read.
pub(super) fn remember(state: &mut Option<KeyState>, version: i32, event: Event) {
    match state {
        None => *state = Some(KeyState { version, latest: event, earlier: Vec::new() }),
        Some(known) if known.version < version => {
            known.earlier.push(known.latest.content);
            known.version = version;
            known.latest = event;
        }
        Some(known) => known.earlier.push(event.content),
    }
}

/// Judges a row by what is known of its key, and takes it into account.
///
/// What is not known and is changed counts as new: senders call rows changed whose first version
/// never arrived. A content that an earlier version had is there already, unless it was pushed after
/// the latest one: then the case went back to it. What the sender calls changed and pushed later is a
/// new version, even where nothing that is kept differs.
pub(super) fn judge(state: &mut Option<KeyState>, event: Event) -> Verdict {
    let is_delete = event.operation == Operation::Delete;
    let version = match state {
        None => 1,
        Some(known) if known.says_already(event) => return Verdict::Duplicate,
        Some(known) => known.version + 1,
    };
    remember(state, version, event);
    match (is_delete, version) {
        (true, _) => Verdict::Deleted(version),
        (false, 1) => Verdict::Accepted,
        (false, _) => Verdict::Updated(version),
    }
}

impl KeyState {
    /// Returns where the key counts, `None` where it has ended.
    pub(super) fn cell(&self) -> Option<CellId> {
        (self.latest.operation != Operation::Delete).then_some(self.latest.cell)
    }

    fn says_already(&self, event: Event) -> bool {
        let is_deleted = self.latest.operation == Operation::Delete;
        if event.operation == Operation::Delete {
            return is_deleted;
        }
        let is_later = event.arrived_at > self.latest.arrived_at;
        // The sender changed something, perhaps what is not kept.
        if event.operation == Operation::Update && is_later {
            return false;
        }
        if self.latest.content == event.content {
            return !is_deleted;
        }
        self.earlier.contains(&event.content) && !is_later
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Operation::{Delete, Insert, Update};

    /// Judges rows of one key, each as operation, content and day of arrival.
    #[track_caller]
    fn check(rows: &[(Operation, i64, i64)], expected: &[Verdict]) {
        let mut state = None;
        let verdicts: Vec<Verdict> = rows
            .iter()
            .map(|(operation, content, day)| {
                let arrived_at = Some(*day).filter(|day| *day > 0);
                let cell = CellId::default();
                let (operation, content) = (*operation, *content);
                judge(&mut state, Event { operation, content, arrived_at, cell })
            })
            .collect();
        assert_eq!(verdicts, expected);
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
    fn versions_are_remembered_in_any_order() {
        let cell = CellId::default();
        let event = |content| Event { operation: Update, content, arrived_at: Some(content), cell };
        let mut up = None;
        let mut down = None;
        for version in 1..=3 {
            remember(&mut up, version, event(i64::from(version)));
            remember(&mut down, 4 - version, event(i64::from(4 - version)));
        }
        for mut state in [up, down] {
            assert_eq!(judge(&mut state.clone(), event(3)), Verdict::Duplicate);
            assert_eq!(judge(&mut state.clone(), event(1)), Verdict::Duplicate);
            assert_eq!(judge(&mut state, event(9)), Verdict::Updated(4));
        }
    }
}
