//! Files that are made up: records with faults whose outcome is known, and forms with planted changes.
//!
//! Nothing here is shared with what judges records: the faults are written from the standards and
//! interfaces a second time, so that the truth file can find the judge wrong. The same settings give
//! the same bytes, whatever the number of threads; more files divide the same rows differently.

mod calendar;
mod case;
mod codes;
mod datasets;
mod error;
mod faults;
mod figures;
mod format;
mod history;
mod making;
mod plan;
mod random;
mod row;
mod settings;
mod sink;
mod trap;
mod words;
mod workbook;
mod write;

pub use error::SynthError;
pub use figures::{Department, Figures};
pub use format::SynthFormat;
pub use history::synthesise_forms;
pub use settings::{Choice, Packing, SynthSettings};
pub use trap::Trap;
pub use write::{Progress, synthesise};

use crate::synth::datasets::DATASETS;

/// Returns pairs of a profile and a dataset for which records can be made up.
pub fn datasets() -> impl Iterator<Item = (&'static str, &'static str)> {
    DATASETS.iter().map(|dataset| (dataset.profile, dataset.id))
}
