//! Reports: from a definition and the answers of a lake to content, and from that to files.

pub mod content;
