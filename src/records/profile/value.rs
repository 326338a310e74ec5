//! What the values of a field look like.

use std::collections::BTreeSet;

use crate::model::text_enum;

/// What the values of a field look like. Blank is judged by other rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueType {
    /// Anything.
    Text,
    /// A code of a table, or one of a list in the profile itself.
    Code {
        /// Name of the code table in `codes`; `None` for a list of the profile's own.
        table: Option<String>,
        /// The codes, in ordinary width and upper case.
        codes: BTreeSet<String>,
    },
    /// Codes of tags, separated by commas.
    Tags(TagSets),
    /// A whole number, both bounds included.
    Int {
        /// The least.
        min: i64,
        /// The most.
        max: i64,
    },
    /// A point in time in one of these forms, tried in this order.
    DateTime(Vec<DateFormat>),
    /// A region's code: 6 digits, or 9 or 12 that begin with them. A code of another province is not
    /// held against the table of regions.
    Region,
    /// A unified social credit code: 18 characters and a check digit.
    Uscc,
    /// A mobile number: 11 digits that begin with 1.
    Mobile,
    /// A number of a certificate: a resident's ID, a USCC or whatever its kind says.
    Certificate,
}

impl ValueType {
    /// Returns the word for it in files and tables.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Code { .. } => "code",
            Self::Tags(_) => "tags",
            Self::Int { .. } => "int",
            Self::DateTime(_) => "time",
            Self::Region => "region",
            Self::Uscc => "uscc",
            Self::Mobile => "mobile",
            Self::Certificate => "certificate",
        }
    }
}

/// Tags of evaluations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagSets {
    /// Name of the code table with the tags in use.
    pub active_table: String,
    /// The tags in use.
    pub active: BTreeSet<String>,
    /// Name of the code table with the tags out of use.
    pub retired_table: String,
    /// The tags out of use.
    pub retired: BTreeSet<String>,
}

text_enum! {
    /// The forms of dates that interfaces prescribe or senders are seen to use.
    DateFormat {
        /// `2021-03-04 05:06:07`.
        DashedSeconds = "yyyy-MM-dd HH:mm:ss",
        /// `2021-03-04 05:06:07.0`, as databases print it; up to six digits count.
        DashedFraction = "yyyy-MM-dd HH:mm:ss.S",
        /// `2021-03-04T05:06:07`.
        DashedTee = "yyyy-MM-ddTHH:mm:ss",
        /// `2021-03-04 05:06`.
        DashedMinutes = "yyyy-MM-dd HH:mm",
        /// `2021-03-04`: midnight.
        DashedDay = "yyyy-MM-dd",
        /// `2021/3/4 5:06:07`, as spreadsheets print it, with or without leading zeros.
        SlashedSeconds = "yyyy/M/d H:mm:ss",
        /// `2021/3/4`, with or without leading zeros: midnight.
        SlashedDay = "yyyy/M/d",
        /// `20210304T050607`.
        CompactTee = "yyyyMMddTHHmmss",
        /// `20210304050607`.
        Compact = "yyyyMMddHHmmss",
        /// `2021030405:06:07`.
        CompactColons = "yyyyMMddHH:mm:ss",
        /// `20210304`: midnight.
        CompactDay = "yyyyMMdd",
        /// `2021/3/4 5:06`, as spreadsheets print it, with or without leading zeros.
        SlashedMinutes = "yyyy/M/d H:mm",
        /// `2021-3-4 5:06:07`, with or without leading zeros.
        ShortSeconds = "yyyy-M-d H:mm:ss",
        /// `2021-3-4 5:06`, with or without leading zeros.
        ShortMinutes = "yyyy-M-d H:mm",
        /// `2021-3-4`, with or without leading zeros: midnight.
        ShortDay = "yyyy-M-d",
        /// `2021年3月4日 5:06:07`, with or without leading zeros.
        HanSeconds = "yyyy年M月d日 H:mm:ss",
        /// `2021年3月4日 5:06`, with or without leading zeros.
        HanMinutes = "yyyy年M月d日 H:mm",
        /// `2021年3月4日`, with or without leading zeros: midnight.
        HanDay = "yyyy年M月d日",
    }
}

impl DateFormat {
    /// The forms that a profile takes which names none: those that a source prescribes, or that systems
    /// are seen to print.
    pub const USUAL: [Self; 11] = [
        Self::DashedSeconds,
        Self::DashedFraction,
        Self::DashedTee,
        Self::DashedMinutes,
        Self::DashedDay,
        Self::SlashedSeconds,
        Self::SlashedDay,
        Self::CompactTee,
        Self::Compact,
        Self::CompactColons,
        Self::CompactDay,
    ];

    /// Whether it says no time of day, so that midnight stands for none.
    pub fn is_day(self) -> bool {
        use DateFormat as F;
        matches!(self, F::DashedDay | F::SlashedDay | F::CompactDay | F::ShortDay | F::HanDay)
    }
}

text_enum! {
    /// Numbers with a check digit.
    Checksum {
        /// Unified social credit code, GB 32100-2015.
        Uscc = "uscc",
        /// Organisation code, GB 11714-1997, alone or in positions 9 to 17 of a USCC.
        OrgCode = "org_code",
        /// Resident's ID, GB 11643-1999: check digit and a date that exists.
        ResidentId = "resident_id",
    }
}

text_enum! {
    /// How a value is shown to people.
    Mask {
        /// As it is.
        Plain = "plain",
        /// A name: its first character.
        Name = "name",
        /// A number of a certificate: its last four characters.
        Code = "code",
        /// A phone number: the first three and the last four digits.
        Phone = "phone",
        /// An address: down to the county.
        Address = "address",
        /// Not at all: only its number of characters.
        Hidden = "hidden",
    }
}
