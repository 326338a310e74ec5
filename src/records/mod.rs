//! Records of services handled (办件 cases) and rated (好差评 evaluations): what they have to look
//! like, as data.

pub mod profile;
