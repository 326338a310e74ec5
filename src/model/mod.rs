//! Plain values that every other module speaks in: periods, places, observations, batches.

mod batch;
mod observation;
mod period;
mod place;
mod text;
mod text_enum;

pub use batch::{BatchId, Notice, SourceKind};
pub use observation::{ObsStatus, Origin, Qualifier, Release};
pub use observation::{Observation, TotalCheck};
pub use period::{Accumulation, Period, PeriodBasis};
pub use place::{Place, Spot};
pub use text::Text;
pub(crate) use text_enum::text_enum;
