//! Plain values that every other module speaks in: periods, places, observations, batches, and
//! which figures are shown.

mod base64;
mod batch;
mod figures_by;
mod observation;
mod operation;
mod period;
mod person_number;
mod place;
mod synthetic;
mod text;
mod text_enum;

pub use base64::base64;
pub use batch::{BatchId, Notice, SourceKind};
pub use figures_by::{Departments, FiguresBy, ShownOrigin};
pub use observation::{ObsStatus, Origin, Qualifier, Release};
pub use observation::{Observation, TotalCheck, TotalStanding};
pub use operation::Operation;
pub use period::{Accumulation, Period, PeriodBasis};
pub use person_number::{CodeFault, ResidentId, check_resident_id, is_like_resident_id, is_mobile};
pub use place::{Place, Spot};
pub use synthetic::{
    PLANTED_FILE, SYNTHETIC_FILE, SYNTHETIC_NOTE_FILE, SYNTHETIC_PART_SENTENCE, SYNTHETIC_SENTENCE,
    SYNTHETIC_SIDE_FILES, SyntheticFile, SyntheticForm, SyntheticSet, TRUTH_FILE, says_synthetic,
};
pub use text::Text;
pub(crate) use text_enum::text_enum;
