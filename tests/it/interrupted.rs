//! Ctrl-C during long work ends it with its own exit code and a line that says so, and leaves nothing
//! behind.

use std::io::Read;
use std::path::Path;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};

use crate::support::Sandbox;

/// So many rows take seconds to judge, while the signal comes with the first of them.
const ROWS: &str = "50000";

/// Whether an ingest has begun to write.
fn has_begun(tmp: &Path) -> bool {
    tmp.read_dir().is_ok_and(|mut runs| runs.next().is_some())
}

#[test]
fn an_interrupted_ingest_of_records_leaves_the_lake_as_it_was() {
    for signal in [Signal::INT, Signal::TERM] {
        let sandbox = Sandbox::new();
        let made = ["synth", "made", "--profile", "up-exchange", "--dataset", "up_pro_accept"];
        sandbox.run(&[&made[..], &["--rows", ROWS]].concat()).ok();
        let file = "made/up_pro_accept.csv";
        let before = sandbox.lake_files();
        let tmp = sandbox.path().join("lake/tmp");

        let mut command = sandbox.command(&["ingest", file]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        while !has_begun(&tmp) {
            assert_eq!(child.try_wait().unwrap(), None, "it ended before it wrote anything");
            std::thread::yield_now();
        }
        kill_process(Pid::from_child(&child), signal).unwrap();
        let (mut printed, mut said) = (String::new(), String::new());
        child.stdout.take().unwrap().read_to_string(&mut printed).unwrap();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();

        assert_eq!(child.wait().unwrap().code(), Some(130), "{said}");
        assert_eq!(printed, "");
        assert!(said.ends_with("interrupted; nothing was committed\n"), "{said}");
        assert_eq!(sandbox.lake_files(), before);
        assert!(!has_begun(&tmp), "something was left in {}", tmp.display());
        assert_eq!(sandbox.sql("SELECT count(*) AS n FROM cases"), "n\n0\n");
        assert_eq!(sandbox.run(&["ingest", "--quiet", file]).code, 3);
    }
}
