//! How often those who wait for an ingest are told how far it is.

/// Bytes of the files between two notes: some seconds' work at the least.
const BYTES_BETWEEN: u64 = 256 * 1024 * 1024;

/// Decides when it is time for another note.
#[derive(Debug)]
pub(super) struct Pace {
    size_bytes: u64,
    next_bytes: u64,
}

impl Pace {
    /// Begins with a note that is due at once; `size_bytes` is the size of all files.
    pub(super) fn of(size_bytes: u64) -> Self {
        Self { size_bytes, next_bytes: 0 }
    }

    /// Returns how much is done, in whole percent, when that is to be told again.
    pub(super) fn due(&mut self, done_bytes: u64) -> Option<u64> {
        if done_bytes < self.next_bytes {
            return None;
        }
        self.next_bytes = done_bytes + BYTES_BETWEEN;
        // Of a packed file more bytes may have been read than it has.
        Some((done_bytes.saturating_mul(100) / self.size_bytes.max(1)).min(100))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_due_at_first_and_then_now_and_then() {
        let mut pace = Pace::of(4 * BYTES_BETWEEN);
        let parts = (0..=16).map(|quarter| quarter * BYTES_BETWEEN / 4);
        let told: Vec<Option<u64>> = parts.map(|done| pace.due(done)).collect();
        let percents: Vec<u64> = told.iter().flatten().copied().collect();
        assert_eq!(percents, [0, 25, 50, 75, 100]);
        assert!(told[1..4].iter().all(Option::is_none));
        assert_eq!(Pace::of(0).due(0), Some(0));
        assert_eq!(Pace::of(10).due(30), Some(100));
    }
}
