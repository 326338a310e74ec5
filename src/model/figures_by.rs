//! Which figures are shown: by whom they are stated, and under which departments and regions.

use crate::model::text_enum;

text_enum! {
    /// Under which departments and regions figures are shown.
    #[derive(Default)]
    Departments {
        /// Those that the document names.
        #[default]
        AsReported = "as-reported",
        /// Those that took over, as far as there is one successor only.
        Comparable = "comparable",
    }
}

text_enum! {
    /// Whose figures are shown.
    #[derive(Default)]
    ShownOrigin {
        /// Those published in notices.
        #[default]
        Published = "published",
        /// Those that departments report.
        Reported = "reported",
        /// Those that the platform counts.
        Platform = "platform",
        /// Those counted from records.
        Derived = "derived",
    }
}

/// Which figures a session shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FiguresBy {
    /// Under which departments and regions.
    pub departments: Departments,
    /// Whose they are.
    pub origin: ShownOrigin,
}
