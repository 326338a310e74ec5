//! The definitions that come with the program.

/// Name and text of each.
pub(super) const REPORTS: [(&str, &str); 2] = [
    ("monthly-trend", include_str!("../../../data/reports/monthly-trend.toml")),
    ("notice-draft", include_str!("../../../data/reports/notice-draft.toml")),
];
