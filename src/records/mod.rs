//! Records of services handled (办件 cases) and rated (好差评 evaluations): what they have to look
//! like, as data, and which rows are accepted or returned.

pub mod checksum;
pub mod dates;
pub mod judge;
pub mod mask;
pub mod normal;
pub mod places;
pub mod profile;
pub mod pseudonym;
mod recent;
pub mod shape;
pub mod tally;
