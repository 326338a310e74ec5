//! The workspace: a folder with settings, a lake, and the user's own queries and reference data.

use std::num::NonZeroU16;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::annex::{Layouts, Reference};
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::keys::KEYS;
use crate::delivery::{Delivery, WrittenDeliveries, checked};
use crate::diag::Message;
use crate::fsio::{self, DirAccess};
use crate::lake::Lake;
use crate::query::Catalogue;
use crate::records::profile::Profiles;
use crate::records::pseudonym::KeyedHash;
use crate::refdata::RefData;
use crate::report::Definitions;

/// Name of the settings file; it marks a workspace.
pub(super) const SETTINGS_FILE: &str = "tongban.toml";

/// What a new settings file says.
pub(super) const NEW_SETTINGS: &str = "\
# Settings of this tongban workspace. Command-line options win over them.

# Threads of the engines; without it, one per core.
# threads = 2

# Memory of the engine for SQL.
# memory = \"2GB\"

# The province whose departments push records; regions.csv in refdata/ has to have it.
# province = \"630000\"

# The hash behind the pseudonyms of personal data, hmac-sha256 or hmac-sm3. Pseudonyms of one are not
# those of the other: choose before the first records come.
# pseudonyms = \"hmac-sm3\"

# Where reports are sent when they are due: by mail, or to a webhook (wecom, dingtalk, feishu, json). The
# reports that name it in their [schedule] go there: deliver = [\"office\"]. Secrets stand in files that only
# you can read, never in here. `tongban schedule test office` sends a test.
# [deliveries.office]
# kind = \"mail\"
# server = \"mail.example.cn\"
# user = \"reports@example.cn\"
# password_file = \"keys/mail-password\"
# from = \"reports@example.cn\"
# to = [\"office@example.cn\"]
# Let the group of this folder read the workspace, not write it. Pseudonyms and keys stay with the owner.
# group_readable = true
";

/// The settings of a workspace.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    /// Threads of the engines.
    pub(super) threads: Option<NonZeroU16>,
    /// Memory of the engine for SQL.
    pub(super) memory: Option<String>,
    /// Code of the province whose departments push records.
    pub(super) province: Option<String>,
    /// The hash behind the pseudonyms of personal data.
    pub(super) pseudonyms: Option<KeyedHash>,
    /// Where reports are sent, as written.
    #[serde(default)]
    deliveries: WrittenDeliveries,
    /// Whether the group of the workspace's folder may read it; as the modes are where it is not said.
    pub(super) group_readable: Option<bool>,
}

/// Folder of a workspace in which its lake stands.
pub(super) const LAKE: &str = "lake";

/// Folders of a workspace for what the user adds and the program reads.
pub(super) const OWN_FOLDERS: [&str; 4] = ["layouts", "profiles", "queries", "refdata"];

/// Folder of a workspace for definitions of reports; of what stands there, only those are read.
pub(super) const REPORTS: &str = "reports";
/// Folder of a workspace for the files of reports that were due.
pub(super) const OUT: &str = "out";
/// Ending of the names of definitions.
const DEFINITION: &str = "toml";

/// Tells whether a folder is one of those that a workspace is made of, which hold no documents.
pub(super) fn is_own_folder(folder: &Path) -> bool {
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let is_named_so = OWN_FOLDERS.contains(&name) || [LAKE, KEYS, REPORTS, OUT].contains(&name);
    is_named_so && folder.parent().is_some_and(|parent| fsio::exists(&parent.join(SETTINGS_FILE)))
}

/// Tells whether a file, by its absolute path without links, is none that a result may replace: all
/// in a lake, and what stands in a workspace that the program reads. It need not be the workspace
/// that is worked in.
pub(super) fn is_of_workspace(file: &Path) -> bool {
    file.ancestors().skip(1).any(|folder| {
        let inner = file.strip_prefix(folder).unwrap_or(file);
        let first = inner.iter().next().and_then(|name| name.to_str()).unwrap_or_default();
        let is_definition =
            || first == REPORTS && file.extension().is_some_and(|ending| ending == DEFINITION);
        let is_read = || (OWN_FOLDERS.contains(&first) || is_definition()) && fsio::exists(file);
        let is_settings = || inner == Path::new(SETTINGS_FILE);
        Lake::stands_in(folder)
            || fsio::exists(&folder.join(SETTINGS_FILE))
                && ([LAKE, KEYS].contains(&first) || is_settings() || is_read())
    })
}

/// Tells whether a folder, by its absolute path without links, is for what a workspace reads or keeps, or lies in
/// one that is. The folder for what it made is none of them.
pub(super) fn is_kept_by_workspace(folder: &Path) -> bool {
    let is_out = |folder: &Path| folder.file_name().is_some_and(|name| name == OUT);
    folder.ancestors().any(|folder| is_own_folder(folder) && !is_out(folder))
}

/// Reference tables and saved layouts, with what profiles of records are loaded from.
#[derive(Debug, Clone)]
pub(super) struct OwnedReference {
    pub(super) refdata: RefData,
    pub(super) layouts: Layouts,
    /// Name and text of the workspace's own profiles, which few commands need.
    own_profiles: Vec<(String, String)>,
}

impl OwnedReference {
    fn load(
        mut refdata: RefData,
        own_layouts: &[(String, String)],
        own_profiles: Vec<(String, String)>,
    ) -> Result<Self, Failure> {
        let layouts = Layouts::load(own_layouts, &mut refdata)?;
        Ok(Self { refdata, layouts, own_profiles })
    }

    /// Loads the profiles of records.
    pub(super) fn profiles(&self) -> Result<Profiles, Failure> {
        Ok(Profiles::load(&self.own_profiles, &self.refdata)?)
    }

    /// Loads those of the workspace; those of the program outside of any.
    pub(super) fn find(context: &Context) -> Result<Self, Failure> {
        match Workspace::find(context) {
            Ok(workspace) => workspace.reference(),
            Err(failure) if context.workspace.is_some() => Err(failure),
            Err(_) => Self::load(RefData::load(&[])?, &[], Vec::new()),
        }
    }

    pub(super) fn as_ref(&self) -> Reference<'_> {
        Reference { refdata: &self.refdata, layouts: &self.layouts }
    }
}

/// A workspace that exists.
#[derive(Debug, Clone)]
pub(super) struct Workspace {
    pub(super) root: PathBuf,
    pub(super) settings: Settings,
    /// Where reports are sent, by name.
    pub(super) deliveries: Vec<Delivery>,
}

impl Workspace {
    /// Finds the workspace that the user named, else the nearest one from the current folder up.
    pub(super) fn find(context: &Context) -> Result<Self, Failure> {
        if let Some(root) = &context.workspace {
            if !fsio::exists(&root.join(SETTINGS_FILE)) {
                let message = Message::new("workspace.none_there").with("path", root.display());
                return Err(Failure::user(message));
            }
            return Self::open(root);
        }
        let here = std::env::current_dir().unwrap_or_default();
        let found = here.ancestors().find(|dir| fsio::exists(&dir.join(SETTINGS_FILE)));
        let root = found.ok_or_else(|| {
            Failure::user(Message::new("workspace.none").with("path", here.display()))
        })?;
        Self::open(root)
    }

    /// Opens the workspace of a folder that has a settings file.
    pub(super) fn open(root: &Path) -> Result<Self, Failure> {
        let path = root.join(SETTINGS_FILE);
        let text = fsio::read_text(&path)?;
        let refused = |code: &'static str, line: usize, reason: Message| {
            let line = Message::new("workspace.settings_line").with("line", line);
            let head = Message::new(code).with("path", path.display());
            Failure { causes: vec![line, reason], ..Failure::user(head) }
        };
        let settings: Settings = toml::from_str(&text).map_err(|error| {
            // Without the line itself, which the library would show: a secret may stand there.
            let start = error.span().map_or(0, |span| span.start);
            let line = text.get(..start).unwrap_or_default().matches('\n').count() + 1;
            let reason = Message::new("io.other").with("reason", error.message().trim());
            refused("workspace.settings", line, reason)
        })?;
        let deliveries = checked(&text, &settings.deliveries)
            .map_err(|fault| refused("workspace.deliveries", fault.line, fault.reason))?;
        let root = std::path::absolute(root).unwrap_or_else(|_| root.to_owned());
        Ok(Self { root, settings, deliveries })
    }

    /// Returns the folder of the lake.
    pub(super) fn lake_root(&self) -> PathBuf {
        self.root.join(LAKE)
    }

    /// Opens the lake and passes on what it warns of.
    pub(super) fn lake(&self, context: &Context) -> Result<Lake, Failure> {
        let mut lake = Lake::open(&self.lake_root())?;
        let ui = context.ui.clone();
        lake.tell_who_waits(move |message| ui.status(message));
        lake.set_suitability(context.suitability);
        self.share(&lake)?;
        for warning in lake.warnings() {
            context.ui.warning(warning);
        }
        Ok(lake)
    }

    /// Lets the group read the workspace, or nobody, as the settings say; keys stay with their owner.
    fn share(&self, lake: &Lake) -> Result<(), Failure> {
        let Some(is_group_readable) = self.settings.group_readable else { return Ok(()) };
        let access = if is_group_readable { DirAccess::Group } else { DirAccess::Owner };
        if lake.access() == access || lake.read_only_reason().is_some() {
            return Ok(());
        }
        lake.share(access)?;
        for folder in OWN_FOLDERS.into_iter().chain([REPORTS]).map(|name| self.root.join(name)) {
            if fsio::is_dir(&folder) {
                fsio::set_dir_access(&folder, access)?;
            }
        }
        Ok(fsio::set_dir_access(&self.root, access)?)
    }

    /// Loads the reference data, the layouts and the profiles with the workspace's own.
    pub(super) fn reference(&self) -> Result<OwnedReference, Failure> {
        let mut refdata = RefData::load(&self.texts("refdata", "csv")?)?;
        if let Some(province) = &self.settings.province {
            refdata = refdata.in_province(province)?;
        }
        let layouts = self.texts("layouts", "toml")?;
        OwnedReference::load(refdata, &layouts, self.texts("profiles", "toml")?)
    }

    /// Loads the built-in queries with the workspace's own.
    pub(super) fn queries(&self) -> Result<Catalogue, Failure> {
        Ok(Catalogue::builtin().with_workspace(self.texts("queries", "sql")?)?)
    }

    /// Takes the definitions of reports: the built-in ones and the workspace's own.
    pub(super) fn reports(&self) -> Result<Definitions, Failure> {
        Ok(Definitions::new(&self.texts(REPORTS, DEFINITION)?))
    }

    /// Reads every file of a folder with this extension: name without extension, and text.
    fn texts(&self, folder: &str, extension: &str) -> Result<Vec<(String, String)>, Failure> {
        let dir = self.root.join(folder);
        if !fsio::exists(&dir) {
            return Ok(Vec::new());
        }
        let files = fsio::list_files(&dir)?.into_iter();
        let wanted = files.filter(|path| path.extension().is_some_and(|end| end == extension));
        wanted
            .map(|path| {
                let name = path.strip_prefix(&dir).unwrap_or(&path).with_extension("");
                Ok((name.to_string_lossy().into_owned(), fsio::read_text(&path)?))
            })
            .collect()
    }
}
