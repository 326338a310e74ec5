//! What a child does to itself before it looks at foreign bytes.

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetError,
    RulesetStatus, Scope,
};
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, Signal, set_dumpable_behavior,
    set_parent_process_death_signal, setrlimit,
};

use crate::diag::Message;
use crate::sandbox::{Limits, SandboxError};

/// How far the kernel keeps a child from files and network; the weakest comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confinement {
    /// Not at all: the kernel has no Landlock. The limits hold all the same.
    None,
    /// Only in part: the kernel is older than the rules.
    Partial,
    /// Completely.
    Full,
}

impl Confinement {
    /// Returns the byte with which a child begins what it gives back, to say how far it is confined.
    pub fn mark(self) -> u8 {
        match self {
            Self::None => b'N',
            Self::Partial => b'P',
            Self::Full => b'F',
        }
    }

    /// Returns what a child said by its first byte; `None` for any other byte.
    pub(super) fn of_mark(mark: u8) -> Option<Self> {
        [Self::None, Self::Partial, Self::Full].into_iter().find(|known| known.mark() == mark)
    }

    /// Returns what a user should know; `None` where a child is kept from everything.
    pub fn warning(self) -> Option<Message> {
        match self {
            Self::None => Some(Message::new("sandbox.unconfined")),
            Self::Partial => Some(Message::new("sandbox.partly_confined")),
            Self::Full => None,
        }
    }
}

/// Takes everything from the current process but its open pipes, memory and processor time.
///
/// It can never be undone. From here on no file can be opened, no connection made, no file grow, and
/// no core be dumped; and the process ends with its parent.
pub fn confine(limits: Limits) -> Result<Confinement, SandboxError> {
    let limit = |resource, most: u64| {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })
            .map_err(|error| SandboxError::Confine(error.into()))
    };
    limit(Resource::As, limits.memory_bytes)?;
    limit(Resource::Cpu, limits.cpu_s)?;
    limit(Resource::Fsize, 0)?;
    limit(Resource::Core, 0)?;
    limit(Resource::Nofile, 16)?;
    let failed = |error: rustix::io::Errno| SandboxError::Confine(error.into());
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(failed)?;
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(failed)?;
    let status = forbid_files_and_network()
        .map_err(|error| SandboxError::Confine(std::io::Error::other(error)))?;
    Ok(match status {
        RulesetStatus::FullyEnforced => Confinement::Full,
        RulesetStatus::PartiallyEnforced => Confinement::Partial,
        RulesetStatus::NotEnforced => Confinement::None,
    })
}

/// Handles every right that the kernel knows and grants none.
fn forbid_files_and_network() -> Result<RulesetStatus, RulesetError> {
    let abi = ABI::V6;
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(abi))?
        .handle_access(AccessNet::from_all(abi))?
        .scope(Scope::from_all(abi))?
        .create()?
        .restrict_self()?;
    Ok(status.ruleset)
}
