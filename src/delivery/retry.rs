//! When a delivery that failed is tried again.

use chrono::{NaiveDateTime, TimeDelta};

/// Minutes to wait after the first failure, the second and so on: the last attempt is made after two and a
/// half days, when whoever looks after the server has had a working day for it.
const PAUSES_MIN: [i64; 8] = [5, 15, 60, 180, 360, 720, 1080, 1200];

/// Returns when a delivery that failed `now`, for the `n_attempts`-th time, is tried again; `None` where it is
/// given up.
pub fn next_attempt(n_attempts: i64, now: NaiveDateTime) -> Option<NaiveDateTime> {
    let idx = usize::try_from(n_attempts - 1).ok()?;
    PAUSES_MIN.get(idx).map(|minutes| now + TimeDelta::minutes(*minutes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end() {
        let first: NaiveDateTime = "2021-11-05T08:00:00".parse().unwrap();
        let mut times = vec![first];
        while let Some(next) =
            next_attempt(i64::try_from(times.len()).unwrap(), times[times.len() - 1])
        {
            times.push(next);
        }
        assert_eq!(times.len(), 9);
        let pauses: Vec<TimeDelta> = times.windows(2).map(|two| two[1] - two[0]).collect();
        assert!(pauses.is_sorted() && pauses[0] == TimeDelta::minutes(5), "{pauses:?}");
        assert_eq!(times[8] - first, TimeDelta::minutes(3620));
        assert_eq!(next_attempt(0, first), None);
    }
}
