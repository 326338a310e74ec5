//! The layouts that come with the program.

/// Name and text of each.
pub(super) const LAYOUTS: [(&str, &str); 1] =
    [("qinghai-progress", include_str!("../../../data/layouts/qinghai-progress.toml"))];
