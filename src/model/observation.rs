//! One value of one indicator, and the check of one printed total.

use std::sync::Arc;

use crate::model::{Accumulation, Period, PeriodBasis, Place, Text, text_enum};

/// One value of one indicator for one department and one period, as a table states it.
///
/// A form has millions: texts that many of them share are shared.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// Id in `indicators`.
    pub indicator: Arc<str>,
    /// Version of the indicator's definition (口径).
    pub definition: i32,
    /// Id in `departments`; `None` where the figure is for the region as a whole.
    pub department: Option<Arc<str>>,
    /// Region code of 6, 9 or 12 digits.
    pub region: Arc<str>,
    /// A further row dimension, where the table has one.
    pub breakdown: Option<Arc<str>>,
    /// How the figure adds up over time.
    pub accumulation: Accumulation,
    /// The days that the figure is about.
    pub period: Period,
    /// Where the weakest part of the period was found.
    pub period_basis: PeriodBasis,
    /// The figure in `unit`; `None` where missing. Counts are exact up to 2^53.
    pub value: Option<f64>,
    /// A state that is no number.
    pub value_text: Option<Text>,
    /// Unit of `value`, after scaling (万条 becomes 条).
    pub unit: Arc<str>,
    /// What kind of value this is.
    pub obs_status: ObsStatus,
    /// How exact the printed figure claims to be; `None` for an exact one.
    pub qualifier: Option<Qualifier>,
    /// The cell or note that it was read from.
    pub place: Place,
    /// The cell as it stood.
    pub printed: Option<Text>,
    /// The label of its row as it stood.
    pub row_label: Option<Arc<str>>,
    /// The label of its column as it stood.
    pub column_label: Option<Arc<str>>,
    /// Position of the row among the rows of its table, from 0, in printed order.
    pub row_idx: Option<i32>,
    /// The note under the table that names this row: the reason of a returned zero.
    pub note: Option<Arc<str>>,
}

impl Observation {
    /// Returns whether anything was taken from what is printed: a value, or a word for a state.
    pub fn is_taken(&self) -> bool {
        self.value.is_some() || self.value_text.is_some()
    }
}

/// One cell of a total row, and the check of its column.
///
/// A total is an assertion about its column, never an observation.
#[derive(Debug, Clone, PartialEq)]
pub struct TotalCheck {
    /// Title of the table.
    pub table_title: String,
    /// Indicator of the column.
    pub indicator: String,
    /// Version of the indicator's definition.
    pub definition: i32,
    /// Region of the table.
    pub region: String,
    /// Period of the column.
    pub period: Period,
    /// Label of the total row as it stood.
    pub row_label: String,
    /// The total as it stood.
    pub printed: String,
    /// The total as a number; `None` when it is none.
    pub printed_value: Option<f64>,
    /// Unit of both numbers.
    pub unit: String,
    /// Sum of the rows above, missing values left out.
    pub sum_value: f64,
    /// Number of rows that were added up.
    pub n_rows: usize,
    /// Number of values that are not in the sum, because they are missing or their rows were left out.
    pub n_missing: usize,
    /// Whether the printed total equals the sum.
    pub is_reconciled: bool,
    /// The cell of the total.
    pub place: Place,
}

/// What a printed total turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TotalStanding {
    /// Its rows add up to it.
    Proven,
    /// Its rows add up to something else, and all of them are there.
    Wrong,
    /// It is no number, or not all that it adds up is there.
    Unproven,
}

impl TotalStanding {
    /// Returns the word for it in data.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Wrong => "wrong",
            Self::Unproven => "unproven",
        }
    }
}

impl TotalCheck {
    /// Returns what the total turned out to be.
    pub fn standing(&self) -> TotalStanding {
        match (self.is_reconciled, self.printed_value, self.n_missing) {
            (true, _, _) => TotalStanding::Proven,
            (false, Some(_), 0) => TotalStanding::Wrong,
            (false, _, _) => TotalStanding::Unproven,
        }
    }

    /// Returns printed total minus sum, `None` when the printed total is no number.
    pub fn difference(&self) -> Option<f64> {
        self.printed_value.map(|printed| printed - self.sum_value)
    }
}

text_enum! {
    /// What kind of value an observation is.
    ObsStatus {
        /// Stated as it is.
        Reported = "reported",
        /// Zero because everything that was pushed was sent back.
        Returned = "returned",
        /// The department has no such duty.
        NotApplicable = "not_applicable",
        /// Nothing readable stands there.
        Missing = "missing",
        /// Estimated by whoever published it.
        Estimated = "estimated",
    }
}

text_enum! {
    /// How exact a printed figure claims to be.
    Qualifier {
        /// 近, 约, 左右.
        Approx = "approx",
        /// 余, 多, 以上.
        MoreThan = "more_than",
        /// 不足, 以下.
        LessThan = "less_than",
        /// Says both, as 近16000多个 does.
        Ambiguous = "ambiguous",
    }
}

text_enum! {
    /// Who states a figure.
    Origin {
        /// Published in a notice (印发).
        Published = "published",
        /// Reported by the department (部门自报).
        Reported = "reported",
        /// Counted by the platform (平台统计).
        Platform = "platform",
    }
}

text_enum! {
    /// How far a figure may travel.
    #[serde(rename_all = "snake_case")]
    Release {
        /// Not yet approved (未核定).
        Draft = "draft",
        /// Approved, not published (已核定).
        Approved = "approved",
        /// Published (已印发).
        Published = "published",
    }
}
