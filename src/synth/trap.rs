//! What can be wrong with a file as a whole although each of its rows is right.

use crate::model::text_enum;

text_enum! {
    /// A trap that a whole file is.
    Trap {
        /// Every minute is the month and no hour is past twelve, as `hh:MM:ss` writes times in Oracle.
        MinuteIsMonth = "minute-is-month",
        /// Every event follows the one before it by the same 20 minutes.
        ConstantOffset = "constant-offset",
        /// Everybody is very satisfied.
        ConstantRating = "constant-rating",
        /// Satisfaction runs the other way than the interface says, and tags give it away.
        ReversedScale = "reversed-scale",
        /// Everybody who is dissatisfied writes the same words.
        RepeatedText = "repeated-text",
        /// One name in four says that it is a test.
        TestWords = "test-words",
    }
}

/// The words that are written again and again.
pub(super) const REPEATED: &str = "办事效率不高";
/// The word of tests.
pub(super) const TEST_WORD: &str = "测试";
/// Seconds between two events where they are always the same.
pub(super) const CONSTANT_OFFSET: i64 = 1200;
