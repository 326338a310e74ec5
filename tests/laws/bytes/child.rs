//! The process that reads damaged files, one after the other, until its time is up.
//!
//! It may die of any of them. Where it is, it writes into a file before it reads.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, setrlimit};
use tongban::refdata::RefData;
use tongban::sandbox::DOCUMENT_LIMITS;

use super::mutate::mutated;
use super::reader::{Probed, Reader, probe};
use super::seeds::seeds;
use crate::{Outcome, value};

/// The parent has no limit of memory; here it has one, so that nothing takes the whole machine.
const PARENT_BYTES: u64 = 4 << 30;
/// A file that takes longer to read is worth a look.
const SLOW: Duration = Duration::from_secs(10);
/// Every so many files are read twice, to see that the same comes out.
const TWICE_EVERY: u64 = 64;

/// What the last panic said.
static PANIC: Mutex<String> = Mutex::new(String::new());

/// What stands in the file that tells where the process is.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Progress {
    pub(crate) number: u64,
    /// Whether the part is over that has the limits of the child.
    pub(crate) is_parent: bool,
    pub(crate) n_done: u64,
    pub(crate) n_read: u64,
}

impl Progress {
    /// Reads where a process is, or was when it died.
    pub(crate) fn load(path: &Path) -> Outcome<Self> {
        let mut words = [[0; 8]; 4];
        let file = File::open(path)?;
        for (word, offset) in words.iter_mut().zip([0, 8, 16, 24]) {
            file.read_exact_at(word, offset)?;
        }
        let [number, parent, n_done, n_read] = words.map(u64::from_le_bytes);
        Ok(Self { number, is_parent: parent == 1, n_done, n_read })
    }

    fn store(self, file: &File) {
        let words = [self.number, u64::from(self.is_parent), self.n_done, self.n_read];
        file.write_all_at(words.map(u64::to_le_bytes).as_flattened(), 0).unwrap();
    }
}

/// Runs as the child: `--reader`, `--first`, `--count`, `--milliseconds`, `--progress`, `--seeds`.
pub(crate) fn run(args: &[String]) -> Outcome<()> {
    let name: String = value(args, "--reader")?.ok_or("no reader")?;
    let reader = Reader::named(&name).ok_or("no such reader")?;
    let first = value(args, "--first")?.unwrap_or(0);
    let count: u64 = value(args, "--count")?.unwrap_or(u64::MAX);
    let elapsed = Duration::from_millis(value(args, "--milliseconds")?.unwrap_or(1000));
    let path: PathBuf = value(args, "--progress")?.ok_or("no progress file")?;
    let dir: Option<PathBuf> = value(args, "--seeds")?;
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;

    set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        let words = info.payload_as_str().unwrap_or_default().replace('\n', " ");
        *PANIC.lock().unwrap() = format!("{place}: {words}");
    }));
    let refdata = RefData::load(&[])?;
    let seeds = seeds(reader, dir.as_deref());
    println!("seeds {}", seeds.len());
    let start = Instant::now();
    let mut progress = Progress::default();
    for number in (first..).take(usize::try_from(count).unwrap_or(usize::MAX)) {
        if start.elapsed() > elapsed {
            break;
        }
        progress = Progress { number, is_parent: false, ..progress };
        progress.store(&file);
        let bytes = mutated(reader, &seeds, number);
        progress.n_read += u64::from(read_one(reader, &bytes, progress, (&file, &refdata))?);
        progress.n_done += 1;
    }
    progress.store(&file);
    Ok(())
}

/// Reads one file, and prints what is wrong. Returns whether it was read.
fn read_one(
    reader: Reader,
    bytes: &[u8],
    progress: Progress,
    (file, refdata): (&File, &RefData),
) -> Outcome<bool> {
    let number = progress.number;
    let start = Instant::now();
    let once = || {
        limit_memory(DOCUMENT_LIMITS.memory_bytes).unwrap();
        let mut between = || {
            limit_memory(PARENT_BYTES).unwrap();
            Progress { is_parent: true, ..progress }.store(file);
        };
        probe((reader, number), bytes, refdata, &mut between)
    };
    let outcome = catch_unwind(AssertUnwindSafe(once));
    limit_memory(PARENT_BYTES)?;
    if start.elapsed() > SLOW {
        println!("slow {number} {} ms", start.elapsed().as_millis());
    }
    match outcome {
        Err(_) => {
            println!("panic {number} {}", PANIC.lock().unwrap());
            Ok(false)
        }
        Ok(Probed::Wrong(what)) => {
            println!("wrong {number} {what}");
            Ok(false)
        }
        Ok(probed) => {
            if number.is_multiple_of(TWICE_EVERY)
                && probe((reader, number), bytes, refdata, &mut || ()) != probed
            {
                println!("wrong {number} another outcome the second time");
            }
            Ok(probed == Probed::Read)
        }
    }
}

/// Limits the address space; the limit can be raised again.
fn limit_memory(n_bytes: u64) -> Outcome<()> {
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    let limit = Rlimit { current: Some(n_bytes), maximum: Some(PARENT_BYTES) };
    Ok(setrlimit(Resource::As, limit)?)
}
