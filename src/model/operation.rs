//! What senders do with records.

use crate::model::text_enum;

text_enum! {
    /// What a record does to the one with the same key.
    Operation {
        /// It is new.
        Insert = "insert",
        /// It takes its place.
        Update = "update",
        /// It ends it.
        Delete = "delete",
    }
}
