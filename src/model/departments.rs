//! Under which departments and regions figures are shown.

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
