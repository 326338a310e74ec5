//! What is known about a source as a whole.

use std::fmt;

use chrono::NaiveDate;

use crate::model::text_enum;

/// Identity of a batch: 16 hexadecimal digits made from the source's bytes and how they were read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BatchId(String);

impl BatchId {
    /// Returns the id of a source with this hash (hexadecimal) that was read in this way.
    ///
    /// The same pair always gives the same id: neither clock nor chance takes part.
    pub fn of(source_hash: &str, reading: &str) -> Self {
        let hash = blake3::hash(format!("{source_hash}\n{reading}").as_bytes());
        Self(hash.to_hex()[..16].to_owned())
    }

    /// Takes an id that was stored before.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BatchId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The head of a notice. Every part may be absent from a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notice {
    /// 发文字号, as `青政办函〔2021〕185号`.
    pub document_number: Option<String>,
    /// 发文机关.
    pub issuer: Option<String>,
    /// 标题, without line breaks.
    pub title: Option<String>,
    /// 成文日期.
    pub dated: Option<NaiveDate>,
    /// Date of publication, where the document states one.
    pub published_on: Option<NaiveDate>,
}

text_enum! {
    /// What kind of submission a source is.
    SourceKind {
        /// A document that bears a 发文字号.
        Notice = "notice",
        /// A table that was filled in and submitted.
        Form = "form",
        /// Files of records: cases or ratings, row by row.
        Records = "records",
    }
}
