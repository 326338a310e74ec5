//! When a report is due, which of them are, and how a machine is told to look for them.
//!
//! What is due is made by the command line, once however often it was missed. Nothing here reads the
//! clock: now is an argument.

mod due;
mod error;
mod timing;
mod units;

pub use due::{Due, Planned, due};
pub use error::TimingError;
pub use timing::{Timing, beijing_of, instant_of};
pub use units::{CronTable, MARK, Runner, UnitFile};
