//! A fault at every call that a deed makes about the lake: an error, an error from then on, a kill.

use std::path::Path;

use crate::child::{Task, Work};
use crate::report::Report;
use crate::traced::{self, Call, Fault};
use crate::world::{self, Deed, State};
use crate::{Outcome, Scale};

/// A deed and the lakes before and after it.
struct Scene<'a> {
    folder: &'a Path,
    deed: Deed,
    before: State,
    after: State,
}

/// Tries faults at the calls of every deed.
pub(crate) fn run(folder: &Path, scale: Scale, report: &mut Report) -> Outcome<()> {
    for deed in Deed::ALL {
        let scene = Scene::set(folder, deed)?;
        let calls = scene.calls()?;
        let errors: Vec<(Call, Fault)> = calls
            .iter()
            .flat_map(|call| traced::faults_of(*call).into_iter().map(|fault| (*call, fault)))
            .collect();
        let kills: Vec<(Call, Fault)> = calls.iter().map(|call| (*call, Fault::Kill)).collect();
        for (kind, points) in [("errors", errors), ("kills", kills)] {
            let chosen = scale.some_of(&points);
            for (call, fault) in &chosen {
                let name = format!("{} {call:?} {fault:?}", deed.name());
                report.count(kind, &name, scene.play(*call, *fault));
            }
            report.note(kind, format!("{} {} of {}", deed.name(), chosen.len(), points.len()));
        }
    }
    Ok(())
}

impl<'a> Scene<'a> {
    /// Makes the lake before a deed, and finds out what it is after it.
    fn set(folder: &'a Path, deed: Deed) -> Outcome<Self> {
        let folder_of_deed = folder.join(deed.name());
        std::fs::create_dir(&folder_of_deed)?;
        let root = folder_of_deed.join("before");
        world::make_for(deed, &root)?;
        let whole = if deed.has_copy() { world::copy_of(&root) } else { root.clone() };
        let before = world::state(&whole)?;
        let played = folder_of_deed.join("lake");
        let scene = Self { folder, deed, after: before.clone(), before };
        scene.fresh(&played)?;
        deed.perform(&played)?;
        Ok(Self { after: world::state(&played)?, ..scene })
    }

    /// Puts the lake before the deed in place.
    fn fresh(&self, root: &Path) -> Outcome<()> {
        let before = self.folder.join(self.deed.name()).join("before");
        if root.exists() {
            std::fs::remove_dir_all(root)?;
        }
        world::copy(&before, root)?;
        let copy = world::copy_of(root);
        if self.deed.has_copy() && !copy.exists() {
            world::copy(&world::copy_of(&before), &copy)?;
        }
        Ok(())
    }

    fn with_task<T>(&self, then: impl FnOnce(&Task<'_>) -> Outcome<T>) -> Outcome<T> {
        let root = self.folder.join(self.deed.name()).join("lake");
        self.fresh(&root)?;
        let acks = root.with_extension("acks");
        then(&Task { work: Work::Do(self.deed), root: &root, acks: &acks, mutant: None })
    }

    fn calls(&self) -> Outcome<Vec<Call>> {
        self.with_task(|task| Ok(traced::calls(&traced::trace(task)?, task.root)))
    }

    fn play(&self, call: Call, fault: Fault) -> Outcome<()> {
        self.with_task(|task| {
            let is_acknowledged = traced::with_fault(call, fault, task)?;
            world::judge(task.root, self.deed, (&self.before, &self.after), is_acknowledged)
        })
    }
}
