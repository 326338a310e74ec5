//! `tongban doctor`: what this machine, this program and this workspace are like, and what is not as it
//! should be.

use std::env;
use std::path::{Path, PathBuf};

use chrono::Datelike;

use crate::annex::ReadOptions;
use crate::cli::args::DoctorArgs;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, FailureKind};
use crate::cli::session::{deliver, losses};
use crate::cli::workspace::{OwnedReference, Workspace};
use crate::diag::{Diagnose, Lang, Message, Severity};
use crate::engine::duckdb_version;
use crate::fsio;
use crate::ingest::{OpenSettings, OpenedFor, open_kept};
use crate::lake::{Lake, sqlite_version};
use crate::sandbox::Confinement;
use crate::table::{NULLABLE, REQUIRED, ResultTable, batch_of_columns, texts};

/// Below so many bytes a lake has little room left.
const LITTLE_ROOM: u64 = 1 << 30;

/// Folders in which a machine has its fonts.
const FONT_FOLDERS: [&str; 3] =
    ["/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/X11/fonts"];

/// Parts of the names of files of fonts with Chinese characters.
const CHINESE_FONTS: [&str; 12] = [
    "cjk",
    "wqy",
    "simsun",
    "simhei",
    "simfang",
    "simkai",
    "fangsong",
    "sourcehan",
    "uming",
    "ukai",
    "notosanssc",
    "hanazono",
];

/// One thing that was looked at.
struct Fact {
    subject: &'static str,
    severity: Severity,
    message: Message,
}

pub(super) fn run(context: &Context, args: &DoctorArgs) -> Result<(), Failure> {
    let mut facts = Facts(Vec::new());
    facts.program(context);
    facts.engine();
    facts.kernel(context);
    facts.terminal();
    facts.fonts();
    facts.clock(context);
    facts.workspace(context);
    deliver(context, &facts_table(&facts.0, context.lang()), &args.output)?;
    if facts.0.iter().any(|fact| fact.severity == Severity::Error) {
        return Err(Failure::told(FailureKind::Findings));
    }
    Ok(())
}

struct Facts(Vec<Fact>);

impl Facts {
    fn add(&mut self, subject: &'static str, severity: Severity, message: Message) {
        self.0.push(Fact { subject, severity, message });
    }

    fn good(&mut self, subject: &'static str, message: Message) {
        self.add(subject, Severity::Info, message);
    }

    fn program(&mut self, context: &Context) {
        let message = Message::new("doctor.program")
            .with("version", env!("CARGO_PKG_VERSION"))
            .with("path", context.program.path().display());
        self.good("program", message);
        self.good("catalog", Message::new("doctor.sqlite").with("version", sqlite_version()));
    }

    fn engine(&mut self) {
        match duckdb_version() {
            Ok(version) => {
                let library =
                    library().map_or_else(|| "-".to_owned(), |path| path.display().to_string());
                let message = Message::new("doctor.duckdb").with("version", version);
                self.good("engine", message.with("path", library));
            }
            Err(error) => self.add("engine", Severity::Error, error.message()),
        }
    }

    /// What keeps readers of foreign documents from files and network; a small one is read to find out.
    fn kernel(&mut self, context: &Context) {
        let release = fsio::read_text(Path::new("/proc/sys/kernel/osrelease")).unwrap_or_default();
        self.good("kernel", Message::new("doctor.kernel").with("release", release.trim()));
        match probe(context) {
            Some(Confinement::Full) => {
                self.good("sandbox", Message::new("doctor.confined"));
            }
            Some(confinement) => {
                let warning =
                    confinement.warning().unwrap_or_else(|| Message::new("doctor.unknown"));
                self.add("sandbox", Severity::Warning, warning);
            }
            None => self.add("sandbox", Severity::Error, Message::new("doctor.no_child")),
        }
        self.good("sandbox", Message::new("doctor.sql"));
    }

    fn terminal(&mut self) {
        let named = ["LC_ALL", "LC_CTYPE", "LANG"]
            .into_iter()
            .find_map(|name| env::var(name).ok().filter(|value| !value.is_empty()));
        let locale = named.unwrap_or_else(|| "C".to_owned());
        let is_utf8 = locale.to_lowercase().replace('-', "").contains("utf8");
        let severity = if is_utf8 { Severity::Info } else { Severity::Warning };
        let code = if is_utf8 { "doctor.locale" } else { "doctor.locale_not_utf8" };
        self.add("terminal", severity, Message::new(code).with("locale", locale));
        self.good("encodings", Message::new("doctor.encodings"));
    }

    /// Pages and papers name fonts and carry none: whoever looks at them here needs some.
    fn fonts(&mut self) {
        let is_chinese = |path: &PathBuf| {
            let name = path.to_string_lossy().to_lowercase();
            CHINESE_FONTS.iter().any(|part| name.contains(part))
        };
        let mut folders: Vec<PathBuf> = FONT_FOLDERS.iter().map(PathBuf::from).collect();
        let home = env::var_os("HOME").map(PathBuf::from);
        folders.extend(home.map(|home| home.join(".local/share/fonts")));
        let files = folders.iter().filter(|folder| fsio::is_dir(folder));
        let files = files.flat_map(|folder| fsio::list_files(folder).unwrap_or_default());
        match files.filter(is_chinese).count() {
            0 => self.add("fonts", Severity::Warning, Message::new("doctor.no_fonts")),
            n_files => self.good("fonts", Message::new("doctor.fonts").with("files", n_files)),
        }
    }

    fn clock(&mut self, context: &Context) {
        let now = (context.clock)();
        let shown = now.format("%Y-%m-%d %H:%M:%S").to_string();
        if now.year() < 2025 {
            self.add(
                "clock",
                Severity::Warning,
                Message::new("doctor.clock_early").with("now", shown),
            );
        } else {
            self.good("clock", Message::new("doctor.clock").with("now", shown));
        }
    }

    fn workspace(&mut self, context: &Context) {
        let workspace = match Workspace::find(context) {
            Ok(workspace) => workspace,
            Err(failure) => {
                let message = failure.message.unwrap_or_else(|| Message::new("doctor.unknown"));
                self.add("workspace", Severity::Warning, message);
                return;
            }
        };
        self.good(
            "workspace",
            Message::new("doctor.workspace").with("path", workspace.root.display()),
        );
        self.disk(&workspace.root);
        match Lake::open(&workspace.lake_root()) {
            Ok(lake) => self.lake(context, &lake),
            Err(error) => {
                self.add("lake", Severity::Error, error.message());
                for cause in error.causes() {
                    self.add("lake", Severity::Error, cause);
                }
            }
        }
    }

    fn disk(&mut self, root: &Path) {
        match fsio::file_system_kind(root).map(fsio::FileSystemKind::unsuitable) {
            Ok(None) => self.good("disk", Message::new("doctor.file_system")),
            Ok(Some(kind)) => {
                let message = Message::new("lake.file_system").with("kind", kind);
                self.add("disk", Severity::Error, message.with("root", root.display()));
            }
            Err(error) => self.add("disk", Severity::Error, error.message()),
        }
        match (fsio::free_bytes(root), fsio::total_bytes(root)) {
            (Ok(free), Ok(total)) => {
                let is_little = total > 0 && free < LITTLE_ROOM.min(total / 20);
                let severity = if is_little { Severity::Warning } else { Severity::Info };
                let message = Message::new("doctor.room").with("free", free).with("total", total);
                self.add("disk", severity, message);
            }
            (Err(error), _) | (_, Err(error)) => {
                self.add("disk", Severity::Error, error.message());
            }
        }
    }

    fn lake(&mut self, context: &Context, lake: &Lake) {
        let log = match lake.log() {
            Ok(log) => log,
            Err(error) => {
                self.add("lake", Severity::Error, error.message());
                return;
            }
        };
        let latest = log.last().map_or(0, |snapshot| snapshot.number);
        self.good("lake", Message::new("doctor.lake").with("snapshot", latest));
        if let Some(reason) = lake.read_only_reason() {
            self.add("lake", Severity::Warning, reason.clone());
        }
        match lake.batches_with_losses() {
            Ok(batches) if batches.is_empty() => {}
            Ok(batches) => self.add("lake", Severity::Warning, losses(batches.len())),
            Err(error) => self.add("lake", Severity::Error, error.message()),
        }
        let now = (context.clock)();
        if let Some(last) = log.last().filter(|last| last.committed_at > now) {
            let at = last.committed_at.format("%Y-%m-%d %H:%M:%S");
            self.add(
                "clock",
                Severity::Warning,
                Message::new("doctor.clock_behind").with("last", at),
            );
        }
        for warning in lake.warnings() {
            self.add("lake", Severity::Warning, warning.clone());
        }
    }
}

/// Has a small document read, and returns how far its reader was confined; `None` where none began.
fn probe(context: &Context) -> Option<Confinement> {
    let reference = OwnedReference::find(context).ok()?;
    let profiles = reference.profiles().ok()?;
    let opening = OpenSettings {
        program: &context.program,
        opened_for: OpenedFor::Figures,
        reference: reference.as_ref(),
        profiles: &profiles,
        options: &ReadOptions::default(),
    };
    // What is found in it does not matter.
    open_kept(b"1\n".to_vec(), "probe", opening).ok();
    context.program.weakest()
}

/// Returns the shared library of the engine that this process has loaded.
fn library() -> Option<PathBuf> {
    let maps = fsio::read_text(Path::new("/proc/self/maps")).ok()?;
    maps.lines().find_map(|line| {
        let path = line.split_whitespace().last()?;
        path.contains("/libduckdb").then(|| PathBuf::from(path))
    })
}

/// Columns: `subject`, `severity`, `message`, and `advice?` in the reader's language.
fn facts_table(facts: &[Fact], lang: Lang) -> ResultTable {
    let each = || facts.iter();
    let messages: Vec<String> = each().map(|fact| fact.message.text(lang)).collect();
    // Advice for what is as it should be would only confuse.
    let advised = |fact: &Fact| fact.message.hint(lang).filter(|_| fact.severity > Severity::Info);
    let advice: Vec<Option<String>> = each().map(advised).collect();
    ResultTable::of(batch_of_columns([
        ("subject", texts(each().map(|fact| Some(fact.subject))), REQUIRED),
        ("severity", texts(each().map(|fact| Some(fact.severity.as_str()))), REQUIRED),
        ("message", texts(messages.iter().map(|text| Some(text.as_str()))), REQUIRED),
        ("advice", texts(advice.iter().map(Option::as_deref)), NULLABLE),
    ]))
}
