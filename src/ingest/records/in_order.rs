//! Blocks judged side by side, and what came out of each taken in the order of the file.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

/// Blocks under way for each worker: one that it works on, one that waits for it, and one that waits
/// for its turn to be taken.
const BLOCKS_PER_WORKER: usize = 3;

/// Hands every block that `next` gives to one of `n_workers` threads that run `work`, and what comes
/// out to `take`, one after the other and in the order in which `next` gave them.
///
/// At most three blocks for each worker are under way, so that memory stays bounded. Ends at the
/// first error of `next` or `take`; what comes before an error of `next` is taken.
pub(super) fn in_order<B, J, E>(
    n_workers: NonZeroUsize,
    next: impl FnMut() -> Result<Option<B>, E> + Send,
    work: impl Fn(B) -> J + Sync,
    mut take: impl FnMut(J) -> Result<(), E>,
) -> Result<(), E>
where
    B: Send,
    J: Send,
    E: Send,
{
    let n_under_way = n_workers.get() * BLOCKS_PER_WORKER;
    let (permit, permits) = sync_channel(n_under_way);
    for _ in 0..n_under_way {
        permit.send(()).expect("the channel has room for each");
    }
    let (to_work, blocks) = sync_channel(n_under_way);
    let (done, results) = channel();
    let blocks = Mutex::new(blocks);
    let (blocks, work) = (&blocks, &work);
    thread::scope(move |scope| {
        for _ in 0..n_workers.get() {
            let done = done.clone();
            scope.spawn(move || work_off(blocks, work, &done));
        }
        // The last sender that is dropped ends the results.
        scope.spawn(move || give(next, &permits, &to_work, &done));
        let outcome = take_in_order(&results, &permit, &mut take);
        // Whoever still gives or works finds nobody to do it for.
        drop((results, permit));
        outcome
    })
}

/// What came out of a block: `None` where its worker panicked, which the scope passes on.
type Outcome<J, E> = Option<Result<J, E>>;

/// Gives blocks to the workers, as many at a time as there are permits.
fn give<B, J, E>(
    mut next: impl FnMut() -> Result<Option<B>, E>,
    permits: &Receiver<()>,
    to_work: &SyncSender<(usize, B)>,
    done: &Sender<(usize, Outcome<J, E>)>,
) {
    for number in 0.. {
        // Whoever takes the results may have ended, and the workers with them.
        if permits.recv().is_err() {
            return;
        }
        let is_given = match next() {
            Ok(None) => return,
            Ok(Some(block)) => to_work.send((number, block)).is_ok(),
            Err(error) => {
                done.send((number, Some(Err(error)))).ok();
                return;
            }
        };
        if !is_given {
            return;
        }
    }
}

fn work_off<B, J, E>(
    blocks: &Mutex<Receiver<(usize, B)>>,
    work: impl Fn(B) -> J,
    done: &Sender<(usize, Outcome<J, E>)>,
) {
    let _alarm = Alarm(done);
    loop {
        let block = match blocks.lock() {
            Ok(blocks) => blocks.recv(),
            // Another worker panicked.
            Err(_) => return,
        };
        let Ok((number, block)) = block else { return };
        if done.send((number, Some(Ok(work(block))))).is_err() {
            return;
        }
    }
}

/// Tells whoever waits for results that a worker panicked: its block would never come.
struct Alarm<'a, J, E>(&'a Sender<(usize, Outcome<J, E>)>);

impl<J, E> Drop for Alarm<'_, J, E> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.send((0, None)).ok();
        }
    }
}

fn take_in_order<J, E>(
    results: &Receiver<(usize, Outcome<J, E>)>,
    permit: &SyncSender<()>,
    take: &mut impl FnMut(J) -> Result<(), E>,
) -> Result<(), E> {
    let mut waiting = BTreeMap::new();
    let mut wanted = 0;
    for (number, outcome) in results {
        let Some(result) = outcome else { break };
        waiting.insert(number, result);
        while let Some(result) = waiting.remove(&wanted) {
            take(result?)?;
            wanted += 1;
            // Nobody waits for it any more where the last block was given.
            permit.try_send(()).ok();
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Takes the numbers below `n_blocks`, each worked on for longer the earlier it comes.
    fn run(
        n_workers: usize,
        n_blocks: usize,
        fails_at: usize,
    ) -> (Result<(), &'static str>, Vec<usize>) {
        let mut given = 0;
        let mut taken = Vec::new();
        let next = || {
            given += 1;
            match given - 1 {
                number if number == fails_at => Err("torn"),
                number => Ok(Some(number).filter(|number| *number < n_blocks)),
            }
        };
        let work = |number: usize| {
            let spun = (0..(number % 7) * 2000).fold(number, |sum, step| sum ^ step.rotate_left(3));
            std::hint::black_box(spun);
            number
        };
        let outcome = in_order(NonZeroUsize::new(n_workers).unwrap(), next, work, |number| {
            taken.push(number);
            if taken.len() == 50 { Err("full") } else { Ok(()) }
        });
        (outcome, taken)
    }

    #[test]
    fn results_come_in_the_order_of_the_blocks() {
        for n_workers in 1..4 {
            assert_eq!(run(n_workers, 0, 99), (Ok(()), vec![]));
            assert_eq!(run(n_workers, 40, 99), (Ok(()), (0..40).collect()));
        }
    }

    #[test]
    fn an_error_on_either_side_ends_it() {
        for n_workers in 1..4 {
            assert_eq!(run(n_workers, 40, 9), (Err("torn"), (0..9).collect()));
            assert_eq!(run(n_workers, 400, 999), (Err("full"), (0..50).collect()));
        }
    }

    #[test]
    fn a_worker_that_panics_is_not_waited_for() {
        let outcome = std::panic::catch_unwind(|| {
            let mut given = 0;
            let next = || {
                given += 1;
                Ok::<_, ()>(Some(given))
            };
            let work = |number: i32| assert_ne!(number, 5);
            in_order(NonZeroUsize::new(2).unwrap(), next, work, |()| Ok(()))
        });
        assert!(outcome.is_err());
    }

    #[test]
    fn few_blocks_are_under_way_at_a_time() {
        let under_way = AtomicUsize::new(0);
        let most = AtomicUsize::new(0);
        let mut n_left = 200;
        let next = || {
            n_left -= 1;
            let now = under_way.fetch_add(1, Ordering::SeqCst) + 1;
            most.fetch_max(now, Ordering::SeqCst);
            Ok::<_, ()>(Some(n_left).filter(|n_left| *n_left > 0))
        };
        let take = |_| {
            under_way.fetch_sub(1, Ordering::SeqCst);
            Ok(())
        };
        in_order(NonZeroUsize::new(2).unwrap(), next, |n| n, take).unwrap();
        assert!(most.into_inner() <= 2 * BLOCKS_PER_WORKER + 1);
    }
}
