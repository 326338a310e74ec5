//! The figures of one indicator, as the question `trend/figures` answers them.

use std::fmt;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Date32Type, Float64Type, Int32Type};
use chrono::NaiveDate;

use crate::annex::tells_resubmission;
use crate::model::{ObsStatus, Period, PeriodBasis, Qualifier, text_enum};
use crate::table::ResultTable;
use crate::trend::rounding::rounding_of;

text_enum! {
    /// What kind of value a figure is, sums of several included.
    FigureStatus {
        /// Stated as it is.
        Reported = "reported",
        /// Zero because everything that was pushed was sent back.
        Returned = "returned",
        /// A sum with a returned zero among its parts.
        PartlyReturned = "partly_returned",
        /// Nothing readable stands there.
        Missing = "missing",
        /// A sum with a part that is not known.
        PartlyMissing = "partly_missing",
        /// The department has no such duty.
        NotApplicable = "not_applicable",
        /// Estimated by whoever published it.
        Estimated = "estimated",
    }
}

impl FigureStatus {
    /// Returns the code of the reader's word for it.
    pub(super) fn word(self) -> String {
        format!("word.{self}")
    }

    /// Whether a zero, or a part of a sum, stands for what was sent back.
    pub fn is_returned(self) -> bool {
        matches!(self, Self::Returned | Self::PartlyReturned)
    }

    /// Whether nothing readable stands there, or in a part of a sum.
    pub(super) fn is_blank(self) -> bool {
        matches!(self, Self::Missing | Self::PartlyMissing)
    }
}

/// Whom a series is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// Region code.
    pub region: String,
    /// Id of the department; `None` for the region as a whole.
    pub department: Option<String>,
    /// A further dimension, where the table has one.
    pub breakdown: Option<String>,
}

impl Subject {
    /// Returns the id of the department, or the code of the region where it is about that as a whole.
    pub fn id(&self) -> &str {
        self.department.as_ref().unwrap_or(&self.region)
    }

    /// Whether it is about a department of this id, or as a whole about the region of this code.
    pub fn is_of(&self, id: &str) -> bool {
        self.id() == id
    }

    /// Returns whom it is about, all parts together.
    pub(super) fn body(&self) -> (&str, Option<&str>) {
        (&self.region, self.department.as_deref())
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())?;
        self.breakdown.as_ref().map_or(Ok(()), |part| write!(f, "/{part}"))
    }
}

/// One figure, in its latest vintage.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// Whom it is about.
    pub subject: Subject,
    /// The days that it is about.
    pub period: Period,
    /// Whether its time was inferred from the date of the document.
    pub is_date_inferred: bool,
    /// Version of the definition of the indicator.
    pub definition: i32,
    /// Unit of the value.
    pub unit: String,
    /// The value; `None` where missing or not applicable.
    pub value: Option<f64>,
    /// What kind of value it is.
    pub status: FigureStatus,
    /// Whether it claims to be less than exact (近, 余, 以上), or was estimated.
    pub is_inexact: bool,
    /// Figures that were added up for it; 1 for a cell.
    pub n_parts: i32,
    /// The value of its first vintage, where a later one differs.
    pub first_value: Option<f64>,
    /// What a note says of data that came late or once more and counts in it.
    pub resubmission: Option<String>,
    /// What a note of its document says of figures being counted in another way than before, where no
    /// definition has that.
    pub recount: Option<String>,
    /// How often notes up to it told of another way of counting; 0 as it is read.
    pub counting: i32,
    /// How far the exact value may lie from it, because it was printed in 万 or 亿 with few decimals, or with
    /// a qualifier.
    pub rounding: f64,
    /// Of the records that arrived in the period, those of earlier months; `None` for figures that are
    /// not counted by arrival.
    pub n_late: Option<f64>,
}

/// Reads the rows of `trend/figures`.
///
/// # Panics
///
/// Where the table has other columns than the head of that question promises.
pub fn figures_of(table: &ResultTable) -> Vec<Figure> {
    table.batches.iter().flat_map(figures_of_batch).collect()
}

fn figures_of_batch(batch: &RecordBatch) -> Vec<Figure> {
    let columns = Columns(batch);
    (0..batch.num_rows()).map(|row| columns.figure(row)).collect()
}

struct Columns<'a>(&'a RecordBatch);

impl Columns<'_> {
    fn column(&self, name: &str) -> &dyn Array {
        self.0.column_by_name(name).expect("the head of the question promises the column").as_ref()
    }

    fn text(&self, name: &str, row: usize) -> Option<String> {
        let column = self.column(name).as_string::<i32>();
        column.is_valid(row).then(|| column.value(row).to_owned())
    }

    fn required(&self, name: &str, row: usize) -> String {
        self.text(name, row).expect("the head of the question promises a value")
    }

    fn day(&self, name: &str, row: usize) -> Option<NaiveDate> {
        let column = self.column(name).as_primitive::<Date32Type>();
        column.is_valid(row).then(|| Date32Type::to_naive_date_opt(column.value(row)))?
    }

    fn double(&self, name: &str, row: usize) -> Option<f64> {
        let column = self.column(name).as_primitive::<Float64Type>();
        column.is_valid(row).then(|| column.value(row))
    }

    fn int(&self, name: &str, row: usize) -> i32 {
        self.column(name).as_primitive::<Int32Type>().value(row)
    }

    fn figure(&self, row: usize) -> Figure {
        let subject = Subject {
            region: self.required("region", row),
            department: self.text("department", row),
            breakdown: self.text("breakdown", row),
        };
        let end = self.day("period_end", row).expect("every figure has a last day");
        let value = self.double("value", row);
        let first_value = self.double("first_value", row);
        let status = FigureStatus::parse(&self.required("obs_status", row));
        let status = status.expect("the lake holds known states");
        let unit = self.required("unit", row);
        let qualifier = self.text("qualifier", row);
        // Of a sum it may be said without a word that is known, and a proportion has no noughts to spare.
        let of_count = qualifier.as_deref().filter(|_| unit != "%").and_then(Qualifier::parse);
        Figure {
            subject,
            period: Period { start: self.day("period_start", row), end },
            is_date_inferred: self.text("period_basis", row).as_deref()
                == Some(PeriodBasis::DocumentDate.as_str()),
            definition: self.int("definition", row),
            unit,
            value,
            status,
            is_inexact: qualifier.is_some() || status == FigureStatus::Estimated,
            n_parts: self.int("n_parts", row),
            first_value: first_value.filter(|first| Some(*first) != value),
            resubmission: self.text("note", row).filter(|note| tells_resubmission(note)),
            recount: self.text("recount", row),
            counting: 0,
            rounding: rounding_of(self.text("printed", row).as_deref(), value, of_count),
            n_late: self.double("n_late", row),
        }
    }
}

/// Every state of an observation is one of a figure.
const _: () = assert!(ObsStatus::ALL.len() + 2 == FigureStatus::ALL.len());
