//! An ingest of records that is killed leaves the lake as it was or with the whole batch, and the next
//! one succeeds.
#![expect(clippy::disallowed_methods, reason = "a test kills processes and reads its size")]

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Sandbox, must_have_all};

/// How often an ingest is killed; `make kills` has 200.
const KILLS: usize = 20;
/// Rows of a file: enough for several data files and rows that are looked up again.
const ROWS: &str = "2000";

/// Calls at which an ingest is killed: those that change what is on the disk.
const CALLS: &str = "openat,write,pwrite64,fsync,fdatasync,linkat,rename,unlink,ftruncate,fchmod";

/// What tells one moment of a run from another.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// In front of the so many-th of the calls of one thread.
    Call(usize),
    /// So many millionths of an undisturbed run after it began.
    Time(u32),
}

/// Numbers that look as if by chance, the same each time.
fn chances() -> impl Iterator<Item = usize> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap()
    })
}

fn has_strace() -> bool {
    let found = Command::new("strace").arg("-V").output().is_ok_and(|out| out.status.success());
    assert!(found || !must_have_all(), "the test needs strace");
    found
}

/// A command of the binary that runs under strace.
fn traced(sandbox: &Sandbox, options: &[&str], file: &str) -> Command {
    let plain = sandbox.command(&[]);
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o", "trace", "-e", &format!("trace={CALLS}")]).args(options);
    command.arg(plain.get_program()).args(["ingest", "--quiet", file]);
    command.current_dir(sandbox.path()).env_clear().envs([
        ("LANG", "C.UTF-8"),
        ("USER", "tester"),
        ("SOURCE_DATE_EPOCH", "1640995200"),
        ("PATH", "/usr/bin:/bin"),
    ]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Counts the calls of the thread that makes most of them in an undisturbed run.
fn count_calls(sandbox: &Sandbox, file: &str) -> usize {
    traced(sandbox, &[], file).status().unwrap();
    let trace = std::fs::read_to_string(sandbox.path().join("trace")).unwrap();
    let mut threads: Vec<&str> =
        trace.lines().filter_map(|line| line.split_whitespace().next()).collect();
    threads.sort_unstable();
    threads.chunk_by(|one, other| one == other).map(<[&str]>::len).max().unwrap()
}

fn kill(sandbox: &Sandbox, file: &str, moment: Moment, undisturbed: Duration) {
    match moment {
        Moment::Call(number) => {
            let inject = format!("inject={CALLS}:signal=SIGKILL:when={number}");
            traced(sandbox, &["-e", &inject], file).status().unwrap();
        }
        Moment::Time(millionths) => {
            let mut command = sandbox.command(&["ingest", "--quiet", file]);
            let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            std::thread::sleep(undisturbed * millionths / 1_000_000);
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

/// What is in the lake: batches, and the rows of every table that a batch of records has, which are as
/// many as the batches count.
fn state(sandbox: &Sandbox) -> String {
    let counts = sandbox.sql(
        "SELECT (SELECT count(*) FROM batches) AS batches,
             (SELECT CAST(coalesce(sum(rows_accepted + rows_updated + rows_deleted), 0) AS BIGINT)
                 FROM batches) AS counted,
             (SELECT count(*) FROM cases) AS cases,
             (SELECT CAST(coalesce(sum(rows_returned), 0) AS BIGINT) FROM batches) AS gone_back,
             (SELECT count(*) FROM (SELECT DISTINCT batch, source_row FROM returned)) AS returned",
    );
    let numbers: Vec<&str> = counts.lines().nth(1).unwrap().split(',').collect();
    assert_eq!((numbers[1], numbers[3]), (numbers[2], numbers[4]), "{counts}");
    counts
}

/// Makes a file of its own for each number.
fn make(sandbox: &Sandbox, number: usize) -> String {
    let folder = format!("made-{number}");
    let seed = number.to_string();
    let args = ["synth", &folder, "--profile", "up-exchange", "--dataset", "up_pro_accept"];
    sandbox.run(&[&args[..], &["--rows", ROWS, "--seed", &seed]].concat()).ok();
    format!("{folder}/up_pro_accept.csv")
}

#[test]
fn a_killed_ingest_leaves_the_lake_as_it_was_or_with_the_whole_batch() {
    let n_kills = std::env::var("TONGBAN_KILLS").map_or(KILLS, |count| count.parse().unwrap());
    let sandbox = Sandbox::new();
    let first = make(&sandbox, 1);
    let begun = Instant::now();
    assert_eq!(sandbox.run(&["ingest", "--quiet", &first]).code, 3);
    let undisturbed = begun.elapsed();
    let n_calls = has_strace().then(|| count_calls(&sandbox, &make(&sandbox, 2)));
    let mut n_whole = 0;
    for (number, chance) in (3_usize..).zip(chances().take(n_kills)) {
        let moment = match n_calls {
            Some(n_calls) if number.is_multiple_of(2) => Moment::Call(chance % n_calls + 1),
            _ => Moment::Time(u32::try_from(chance % 1_000_000).unwrap()),
        };
        let file = make(&sandbox, number);
        let before = state(&sandbox);
        kill(&sandbox, &file, moment, undisturbed);
        let after = state(&sandbox);
        let outcome = sandbox.run(&["ingest", "--quiet", &file]);
        assert!([0, 3].contains(&outcome.code), "{moment:?}: {}", outcome.stderr);
        let in_the_end = state(&sandbox);
        assert_ne!(in_the_end, before, "{moment:?}");
        assert!(
            after == before || after == in_the_end,
            "{moment:?}: {before} {after} {in_the_end}"
        );
        n_whole += usize::from(after == in_the_end);
        let left = std::fs::read_dir(sandbox.path().join("lake/tmp")).unwrap().count();
        assert_eq!(left, 0, "{moment:?}");
    }
    assert!(n_whole < n_kills, "no ingest was killed before its end");
}
