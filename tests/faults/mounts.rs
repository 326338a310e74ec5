//! File systems that are cut from power, or full: small ones of our own, which the superuser may mount.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tongban::fsio;
use tongban::lake::{CheckLevel, Lake};

use crate::child::{self, Task, Work};
use crate::report::Report;
use crate::world;
use crate::{Outcome, Scale, chances};

/// Shuts a file system down as a power cut does: nothing that it still has in memory is written. Prints what
/// had been acknowledged when it began.
///
/// What is acknowledged while it goes on promises nothing: a sync of ext4 that waits for the journal may
/// then end well although the journal is given up (Linux 6.18), which no power cut lets anybody see.
const SHUT_DOWN: &str = "import fcntl, os, struct, sys\n\
    folder = os.open(sys.argv[1], os.O_RDONLY)\n\
    acknowledged = open(sys.argv[2]).read()\n\
    fcntl.ioctl(folder, 0x8004587D, struct.pack('I', 2))\n\
    print(acknowledged, end='')";

/// Batches after which a lake is made anew.
const MANY: usize = 60;

/// A file system of our own; unmounted when it is dropped.
pub(crate) struct Mount {
    pub(crate) dir: PathBuf,
    options: Vec<String>,
}

impl Mount {
    fn new(dir: &Path, options: &[&str]) -> Outcome<Self> {
        fs::create_dir_all(dir)?;
        let options = options.iter().map(|&option| option.to_owned()).collect();
        let mount = Self { dir: dir.to_owned(), options };
        mount.mount()?;
        Ok(mount)
    }

    fn mount(&self) -> Outcome<()> {
        said(Command::new("mount").args(&self.options).arg(&self.dir)).map(drop)
    }

    fn unmount(&self) -> Outcome<()> {
        said(Command::new("umount").arg(&self.dir)).map(drop)
    }

    /// Cuts it from power; returns the lines of `acks` that stood there before.
    fn cut(&self, acks: &Path) -> Outcome<String> {
        let python = std::env::var("TONGBAN_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let told = said(Command::new(python).args(["-c", SHUT_DOWN]).arg(&self.dir).arg(acks))?;
        // What was being written is no acknowledgement.
        Ok(told.rsplit_once('\n').map(|(whole, _)| format!("{whole}\n")).unwrap_or_default())
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        self.unmount().unwrap_or_default();
    }
}

/// Runs a command that must succeed, and returns what it prints.
fn said(command: &mut Command) -> Outcome<String> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let program = command.get_program().to_string_lossy().into_owned();
    Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr)).into())
}

/// Makes a file system in a file and mounts it.
fn of_kind(kind: &str, folder: &Path) -> Outcome<Mount> {
    fs::create_dir_all(folder)?;
    let image = folder.join(format!("{kind}.img"));
    let size_bytes = if kind == "xfs" { 320 << 20 } else { 64 << 20 };
    File::create(&image)?.set_len(size_bytes)?;
    let force = if kind == "xfs" { "-f" } else { "-F" };
    said(Command::new(format!("mkfs.{kind}")).args(["-q", force]).arg(&image))?;
    let image = image.to_str().ok_or("a path that is no text")?.to_owned();
    Mount::new(&folder.join(kind), &["-o", "loop", &image])
}

/// Whether file systems of a kind can be made, mounted and cut off here.
pub(crate) fn can_cut(kind: &str, folder: &Path) -> bool {
    of_kind(kind, folder).is_ok_and(|mount| mount.cut(Path::new("/dev/null")).is_ok())
}

/// Cuts the power while sources are committed, and looks for what was acknowledged.
pub(crate) fn cuts(
    folder: &Path,
    kind: &str,
    (n_cuts, mutant): (usize, Option<(&Path, &str)>),
    report: &mut Report,
) -> Outcome<()> {
    let name = match mutant {
        Some((_, mutant)) => format!("mutant {mutant}: power cuts"),
        None => format!("power cuts on {kind}"),
    };
    let mut n_acknowledged = 0;
    let mut mount = of_kind(kind, folder)?;
    let acks = folder.join(format!("{kind}.acks"));
    let root = mount.dir.join("lake");
    world::make(&root)?;
    said(&mut Command::new("sync"))?;
    fs::write(&acks, "")?;
    for (number, chance) in chances().take(n_cuts).enumerate() {
        let mut known = child::acknowledged(&acks)?;
        if known.len() > MANY {
            n_acknowledged += known.len();
            drop(mount);
            mount = of_kind(kind, folder)?;
            world::make(&root)?;
            said(&mut Command::new("sync"))?;
            fs::write(&acks, "")?;
            known.clear();
        }
        let first = 1000 + u32::try_from(number)? * 1000;
        let task =
            Task { work: Work::Commits { first, count: 1000 }, root: &root, acks: &acks, mutant };
        let mut child = child::command(&task)?.stderr(Stdio::null()).spawn()?;
        child::wait_for_more(&mut child, &acks, known.len())?;
        std::thread::sleep(Duration::from_millis(u64::try_from(chance % 100)?));
        let before = mount.cut(&acks)?;
        // It cannot write any more, and ends by itself.
        child.kill().unwrap_or_default();
        child.wait()?;
        mount.unmount()?;
        mount.mount()?;
        fs::write(&acks, before)?;
        let outcome = kept(&root, &acks);
        let is_lost = outcome.is_err();
        report.count(&name, &format!("cut {number}"), outcome);
        if is_lost {
            drop(mount);
            mount = of_kind(kind, folder)?;
            world::make(&root)?;
            said(&mut Command::new("sync"))?;
            fs::write(&acks, "")?;
        }
    }
    n_acknowledged += child::acknowledged(&acks)?.len();
    report.note(&name, format!("commits acknowledged before a cut: {n_acknowledged}"));
    Ok(())
}

/// Fails unless all that was acknowledged is there, and whole.
pub(crate) fn kept(root: &Path, acks: &Path) -> Outcome<()> {
    let state = world::state(root)?;
    for (source, _) in child::acknowledged(acks)? {
        if !state.sources.contains(&source) {
            return Err(format!("source {source} was acknowledged and is lost").into());
        }
    }
    world::check_whole(root, CheckLevel::Deep)
}

/// Fills small file systems up to the last bytes and commits: the lake is as it was, or has the batch; when
/// there is room again it takes the batch; and where there is none at all, room can be made.
pub(crate) fn sizes(folder: &Path, scale: Scale, report: &mut Report) -> Outcome<()> {
    let n_sizes = scale.of(400, 24);
    let dir = folder.join("full");
    let whole = folder.join("before");
    world::make_with_leftovers(&whole)?;
    let (mut n_taken, mut n_refused) = (0, 0);
    for number in 0..n_sizes {
        // From nothing to more than a commit takes, by file systems of 4 and of 16 MB.
        let size = if number % 2 == 0 { "4m" } else { "16m" };
        let mount = Mount::new(&dir, &["-t", "tmpfs", "-o", &format!("size={size}"), "none"])?;
        let root = mount.dir.join("lake");
        world::copy(&whole, &root)?;
        let free_bytes = u64::try_from(number)? * (1 << 20) / u64::try_from(n_sizes)?;
        let filler = mount.dir.join("filler");
        fill(&mount.dir, &filler, free_bytes)?;
        let outcome = full(&root, &filler);
        match &outcome {
            Ok(true) => n_taken += 1,
            _ => n_refused += 1,
        }
        report.count("full disks", &format!("{free_bytes} bytes of {size}"), outcome.map(drop));
    }
    report.note("full disks", format!("the commit was taken {n_taken} times, refused {n_refused}"));
    Ok(())
}

/// Takes all room but so many bytes.
fn fill(dir: &Path, filler: &Path, free_bytes: u64) -> Outcome<()> {
    let taken = fsio::free_bytes(dir)?.saturating_sub(free_bytes);
    fsio::allocate(filler, taken.max(1))?;
    Ok(())
}

/// Commits on a full disk, and when there is room; returns whether the first one was taken.
fn full(root: &Path, filler: &Path) -> Outcome<bool> {
    let before = world::state(root)?;
    let is_taken = world::commit(&Lake::open(root)?, 90, 200).is_ok();
    let after = world::state(root)?;
    if !is_taken && after != before {
        return Err("refused, and another state than before".into());
    }
    // What others left is removed although nothing can be written: the lake has room of its own.
    let n_free = fsio::free_bytes(filler)?;
    if n_free > 0 {
        let rest = filler.with_extension("rest");
        fsio::allocate(&rest, n_free).ok();
    }
    world::collect_leftovers(&Lake::open(root)?)?;
    fs::remove_file(filler)?;
    fs::remove_file(filler.with_extension("rest")).unwrap_or_default();
    world::commit(&Lake::open(root)?, 90, 200)?;
    world::check_whole(root, CheckLevel::Deep)?;
    let in_the_end = world::state(root)?;
    if in_the_end.sources.len() != before.sources.len() + 1 {
        return Err("not taken when there was room".into());
    }
    Ok(is_taken)
}
