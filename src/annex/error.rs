//! Why a document was refused.

use crate::annex::layout::Layout;
use crate::diag::{Diagnose, Message, impl_error};
use crate::model::Place;

/// Places to mend that are told at most. To look for the names that are nearest takes long, and nobody
/// mends thousands one by one.
pub(super) const MAX_UNKNOWN: usize = 1_000;

/// Findings that a document has at most: more of them say that it is no such document.
const MAX_FINDINGS: usize = 100_000;

/// A document was refused as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnnexError {
    /// The document has no table.
    TableMissing {
        /// Name of the file.
        file_name: String,
    },
    /// Nothing says which province the departments belong to.
    IssuerUnknown {
        /// Name of the file.
        file_name: String,
        /// The issuer that was found, but begins with no known region.
        found: Option<String>,
    },
    /// Nothing says which time a column is about.
    PeriodUnknown {
        /// Name of the file.
        file_name: String,
        /// The column's label.
        column: String,
        /// Its place.
        place: Place,
    },
    /// What says which time a column is about is not understood.
    PeriodUnclear {
        /// Name of the file.
        file_name: String,
        /// The column's label.
        column: String,
        /// What is not understood.
        words: String,
        /// Its place.
        place: Place,
    },
    /// The copy lost or gained text on its way.
    Damaged {
        /// Name of the file.
        file_name: String,
        /// The kinds of damage that it shows, each with the text that shows it first and its place.
        signs: Vec<(&'static str, String, Place)>,
    },
    /// Saved layouts that read parts of one document contradict each other about the whole.
    LayoutsDisagree {
        /// Name of the file.
        file_name: String,
        /// The layouts.
        layouts: String,
    },
    /// A column of a layout is of another year than its table, and the layout does not say which.
    PeriodOfOtherYear {
        /// Name of the file.
        file_name: String,
        /// Label of the column.
        column: String,
        /// Its place.
        place: Place,
    },
    /// No table is recognised, and a line looks like the beginning of one.
    TableBroken {
        /// Name of the file.
        file_name: String,
        /// The line.
        line: String,
        /// Its place.
        place: Place,
    },
    /// There are more findings than anybody would look at.
    FindingsTooMany {
        /// Name of the file.
        file_name: String,
        /// How many it may have.
        max: usize,
    },
    /// Columns or departments are unknown, or say the same thing twice.
    Unknown {
        /// Name of the file.
        file_name: String,
        /// All of them in the order of the document, or the first 1,000.
        unknown: Vec<Unknown>,
        /// Saved layouts that would read some of it and still have to be completed.
        drafts: Vec<Draft>,
    },
}

/// A saved layout that fits tables and still has to be completed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Name of the layout.
    pub layout: String,
    /// Numbers of the tables, from 1.
    pub tables: Vec<usize>,
    /// Lines of its file that still have a question mark, from 1.
    pub open_lines: Vec<usize>,
}

/// Lines of a draft, and tables that it fits, that are told.
const MAX_TOLD: usize = 10;

impl Draft {
    /// Adds a table to the draft that fits it.
    pub(super) fn add_table(drafts: &mut Vec<Self>, layout: &Layout, table: usize) {
        if let Some(known) = drafts.iter_mut().find(|draft| draft.layout == layout.name) {
            known.tables.push(table);
            return;
        }
        drafts.push(Self {
            layout: layout.name.clone(),
            tables: vec![table],
            open_lines: layout.open_lines.clone(),
        });
    }

    fn message(&self) -> Message {
        // Of a draft without question marks only the word `draft` is left to delete.
        let code = if self.open_lines.is_empty() {
            "layout.draft_complete"
        } else {
            "layout.draft_incomplete"
        };
        Message::new(code)
            .with("layout", &self.layout)
            .with("tables", listed(&self.tables))
            .with("lines", listed(&self.open_lines))
    }
}

/// Lists the first of some numbers.
fn listed(numbers: &[usize]) -> String {
    let told: Vec<String> = numbers.iter().take(MAX_TOLD).map(usize::to_string).collect();
    let more = if numbers.len() > MAX_TOLD { "…" } else { "" };
    told.join("、") + more
}

/// A label that is not known, or not usable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unknown {
    /// A column label that means no known indicator.
    Column {
        /// The label.
        label: String,
        /// Its place.
        place: Place,
        /// Known labels that are nearest, best first.
        nearest: Vec<String>,
        /// The label as a table of labels would have it, without levels and units.
        entry: String,
    },
    /// A column of figures whose label is a time and names no indicator.
    ColumnOfTime {
        /// The label.
        label: String,
        /// Its place.
        place: Place,
    },
    /// A column of texts with a label that is not known.
    ColumnOfTexts {
        /// The label.
        label: String,
        /// Its place.
        place: Place,
    },
    /// A column that has no label.
    ColumnUnnamed {
        /// The first texts below it.
        label: String,
        /// Its place.
        place: Place,
    },
    /// A row label that means no known department.
    Department {
        /// The label.
        label: String,
        /// Its place.
        place: Place,
        /// Region in which it was looked for.
        region: String,
        /// Known names that are nearest, best first.
        nearest: Vec<String>,
    },
    /// A row label that by its name is a department of another region than the table's.
    DepartmentElsewhere {
        /// The label.
        label: String,
        /// The name of the other region, as the label has it.
        named: String,
        /// The table's region.
        region: String,
        /// Its place.
        place: Place,
    },
    /// A column is in a unit that its indicator is not counted in, or in none that is known.
    Unit {
        /// The label.
        label: String,
        /// Its place.
        place: Place,
        /// The unit as printed.
        unit: String,
        /// The unit of the indicator.
        expected: String,
    },
    /// Two columns of one table mean the same indicator and period.
    ColumnRepeated {
        /// The second label.
        label: String,
        /// Its place.
        place: Place,
    },
    /// A row label that means no known region.
    Region {
        /// The label.
        label: String,
        /// Its place.
        place: Place,
        /// Known names that are nearest, best first.
        nearest: Vec<String>,
    },
    /// A row label that means a region which does not lie in the one that it would have to.
    RegionElsewhere {
        /// The label.
        label: String,
        /// Code of the region.
        region: String,
        /// Code of the region in which it would have to lie.
        above: String,
        /// Its place.
        place: Place,
    },
    /// A row label that means a part of a region, as 市本级, and does not say of which one.
    RegionPart {
        /// The label.
        label: String,
        /// Its place.
        place: Place,
    },
    /// Two rows of one table are about the same.
    RowRepeated {
        /// The second label.
        label: String,
        /// Row of the table in which the first one stands, the header's first being 1.
        first_row: usize,
        /// Its place.
        place: Place,
    },
    /// A row whose further dimension is blank, or cannot be told from its other cells: such names are
    /// not known beforehand, so that nothing else would show it.
    RowUnnamed {
        /// What stands in the row.
        label: String,
        /// Its place.
        place: Place,
    },
    /// A row that is no member beside the others of its table: an average, a share, a part of the row
    /// above.
    RowAboutOthers {
        /// The label as it stood.
        label: String,
        /// Its place.
        place: Place,
    },
    /// A heading or another line within a table that tells a time, a unit, a region or a measure of its
    /// own.
    Section {
        /// The heading as it stood.
        label: String,
        /// Its place.
        place: Place,
    },
    /// A table of targets and scoring rules, which holds no figures.
    ScoringTable {
        /// The word that tells so.
        label: String,
        /// Place of the table.
        place: Place,
    },
    /// A table whose title names another region than that of the issuer, in rows of departments.
    OtherRegion {
        /// The title.
        label: String,
        /// The name in it.
        named: String,
        /// Place of the table.
        place: Place,
    },
    /// A figure that stands in an earlier table with another value.
    FigureRepeated {
        /// Label of its row.
        label: String,
        /// Label of its column.
        column: String,
        /// Its place.
        place: Place,
    },
    /// A table has no column that says what a row is about.
    RowColumnMissing {
        /// Title of the table.
        label: String,
        /// Place of its header.
        place: Place,
    },
    /// Where a saved layout has a label, the header prints another one or none.
    LabelOfLayout {
        /// The label of the layout.
        label: String,
        /// What is printed.
        printed: String,
        /// Place of the column.
        place: Place,
    },
    /// A table begins with figures in the place of a header.
    HeaderMissing {
        /// Its first row.
        label: String,
        /// Its place.
        place: Place,
    },
    /// A label stands above others, which ones is lost, and it may change what they mean.
    LabelAbove {
        /// The label.
        label: String,
        /// Its place.
        place: Place,
    },
    /// A row has more cells than the header and most other rows.
    RowLonger {
        /// Its cells.
        label: String,
        /// Its place.
        place: Place,
        /// How many cells the header has.
        n_pieces: usize,
        /// How many the row has.
        n_columns: usize,
    },
    /// The cells of the header could not be told apart.
    HeaderBroken {
        /// The pieces that were found.
        label: String,
        /// Place of the header.
        place: Place,
        /// How many pieces there are.
        n_pieces: usize,
        /// How many columns the table has.
        n_columns: usize,
        /// The first row with as many cells.
        against: String,
        /// What a saved layout would say about the columns, for the user to check.
        stanza: String,
    },
}

impl AnnexError {
    /// Refuses a document with too many findings.
    pub(super) fn check_findings(n_findings: usize, file_name: &str) -> Result<(), Self> {
        if n_findings <= MAX_FINDINGS {
            return Ok(());
        }
        Err(Self::FindingsTooMany { file_name: file_name.to_owned(), max: MAX_FINDINGS })
    }
}

impl Unknown {
    /// Returns what is wrong, with its place.
    pub fn message(&self) -> Message {
        let (code, label, place) = match self {
            Self::Column { label, place, nearest, .. } if nearest.is_empty() => {
                ("column.unknown", label, place)
            }
            Self::Column { label, place, .. } => ("column.unknown_near", label, place),
            Self::ColumnOfTime { label, place } => ("column.only_time", label, place),
            Self::ColumnOfTexts { label, place } => ("column.of_texts", label, place),
            Self::ColumnUnnamed { label, place } => ("column.unnamed", label, place),
            Self::Department { label, place, nearest, .. } if nearest.is_empty() => {
                ("department.unknown", label, place)
            }
            Self::Department { label, place, .. } => ("department.unknown_near", label, place),
            Self::DepartmentElsewhere { label, place, .. } => {
                ("department.of_other_region", label, place)
            }
            Self::Unit { label, place, .. } => ("column.unit_unknown", label, place),
            Self::ColumnRepeated { label, place } => ("column.repeated", label, place),
            Self::FigureRepeated { label, place, .. } => ("figure.two_values", label, place),
            Self::Region { label, place, nearest } if nearest.is_empty() => {
                ("region.unknown", label, place)
            }
            Self::Region { label, place, .. } => ("region.unknown_near", label, place),
            Self::RegionElsewhere { label, place, .. } => ("region.elsewhere", label, place),
            Self::RegionPart { label, place } => ("region.part_of_unsaid", label, place),
            Self::RowRepeated { label, place, .. } => ("row.repeated", label, place),
            Self::RowUnnamed { label, place } => ("row.unnamed", label, place),
            Self::RowAboutOthers { label, place } => ("row.about_others", label, place),
            Self::Section { label, place } => ("section.of_its_own", label, place),
            Self::ScoringTable { label, place } => ("table.scoring", label, place),
            Self::OtherRegion { label, place, .. } => ("table.other_region", label, place),
            Self::RowColumnMissing { label, place } => ("row_column.missing", label, place),
            Self::HeaderMissing { label, place } => ("header.missing", label, place),
            Self::RowLonger { label, place, .. } => ("row.longer_than_header", label, place),
            Self::HeaderBroken { label, place, .. } => ("header.broken", label, place),
            Self::LabelOfLayout { label, place, .. } => ("header.not_of_layout", label, place),
            Self::LabelAbove { label, place } => ("header.label_above", label, place),
        };
        self.with_facts(Message::new(code).with("label", label).at(*place))
    }

    /// Adds to a message what it tells besides the label and its place.
    fn with_facts(&self, message: Message) -> Message {
        match self {
            Self::RowRepeated { first_row, .. } => message.with("first", first_row),
            Self::OtherRegion { named, .. } => message.with("named", named),
            Self::DepartmentElsewhere { named, region, .. } => {
                message.with("named", named).with("region", region)
            }
            Self::Column { nearest, entry, .. } => {
                message.with("nearest", nearest.join("、")).with("entry", entry)
            }
            Self::ColumnOfTime { place, .. } | Self::ColumnOfTexts { place, .. } => {
                message.with("table", place.table.unwrap_or(1))
            }
            Self::Region { nearest, .. } => message.with("nearest", nearest.join("、")),
            Self::RegionElsewhere { region, above, .. } => {
                message.with("region", region).with("above", above)
            }
            Self::RowLonger { n_pieces, n_columns, .. } => {
                message.with("pieces", n_pieces).with("columns", n_columns)
            }
            Self::Department { nearest, region, .. } => {
                message.with("nearest", nearest.join("、")).with("region", region)
            }
            Self::FigureRepeated { column, .. } => message.with("column", column),
            Self::LabelOfLayout { printed, .. } => message.with("printed", printed),
            Self::HeaderBroken { n_pieces, n_columns, against, stanza, place, .. } => message
                .with("pieces", n_pieces)
                .with("columns", n_columns)
                .with("row", against)
                .with("stanza", stanza)
                .with("table", place.table.unwrap_or(1)),
            Self::Unit { unit, expected, .. } => {
                message.with("unit", unit).with("expected", expected)
            }
            _ => message,
        }
    }

    /// Returns where it stands.
    pub fn place(&self) -> Place {
        match self {
            Self::Column { place, .. }
            | Self::ColumnOfTime { place, .. }
            | Self::ColumnOfTexts { place, .. }
            | Self::ColumnUnnamed { place, .. }
            | Self::Department { place, .. }
            | Self::DepartmentElsewhere { place, .. }
            | Self::Unit { place, .. }
            | Self::FigureRepeated { place, .. }
            | Self::ColumnRepeated { place, .. }
            | Self::Region { place, .. }
            | Self::RegionElsewhere { place, .. }
            | Self::RegionPart { place, .. }
            | Self::RowLonger { place, .. }
            | Self::RowRepeated { place, .. }
            | Self::RowUnnamed { place, .. }
            | Self::RowAboutOthers { place, .. }
            | Self::Section { place, .. }
            | Self::ScoringTable { place, .. }
            | Self::OtherRegion { place, .. }
            | Self::RowColumnMissing { place, .. }
            | Self::LabelOfLayout { place, .. }
            | Self::HeaderMissing { place, .. }
            | Self::LabelAbove { place, .. }
            | Self::HeaderBroken { place, .. } => *place,
        }
    }
}

impl_error!(AnnexError);

impl Diagnose for AnnexError {
    fn message(&self) -> Message {
        match self {
            Self::TableMissing { file_name } => {
                Message::new("annex.table_missing").with("file", file_name)
            }
            Self::TableBroken { file_name, line, place } => Message::new("annex.table_broken")
                .with("file", file_name)
                .with("line", line)
                .at(*place),
            Self::IssuerUnknown { file_name, found: None } => {
                Message::new("annex.issuer_missing").with("file", file_name)
            }
            Self::IssuerUnknown { file_name, found: Some(found) } => {
                Message::new("annex.issuer_unknown").with("file", file_name).with("issuer", found)
            }
            Self::PeriodUnknown { file_name, column, place } => {
                Message::new("annex.period_unknown")
                    .with("file", file_name)
                    .with("column", column)
                    .at(*place)
            }
            Self::PeriodUnclear { file_name, column, words, place } => {
                Message::new("annex.period_unclear")
                    .with("file", file_name)
                    .with("column", column)
                    .with("words", words)
                    .at(*place)
            }
            Self::PeriodOfOtherYear { file_name, column, place } => {
                Message::new("annex.period_of_other_year")
                    .with("file", file_name)
                    .with("column", column)
                    .at(*place)
            }
            Self::Damaged { file_name, .. } => {
                Message::new("annex.damaged").with("file", file_name)
            }
            Self::LayoutsDisagree { file_name, layouts } => Message::new("annex.layouts_disagree")
                .with("file", file_name)
                .with("layouts", layouts),
            Self::FindingsTooMany { file_name, max } => {
                Message::new("annex.findings_too_many").with("file", file_name).with("max", max)
            }
            Self::Unknown { file_name, unknown, .. } => {
                let more = if unknown.len() < MAX_UNKNOWN { "" } else { "+" };
                let count = format!("{}{more}", unknown.len());
                Message::new("annex.unknown").with("file", file_name).with("count", count)
            }
        }
    }

    fn details(&self) -> Vec<Message> {
        match self {
            Self::Unknown { unknown, .. } => unknown.iter().map(Unknown::message).collect(),
            Self::Damaged { signs, .. } => {
                let detail = |(sign, text, place): &(&'static str, String, Place)| {
                    let message = Message::new("document.sign").with_coded("sign", *sign);
                    message.with("text", text).at(*place)
                };
                signs.iter().map(detail).collect()
            }
            _ => Vec::new(),
        }
    }

    fn besides(&self) -> Vec<Message> {
        match self {
            Self::Unknown { drafts, .. } => drafts.iter().map(Draft::message).collect(),
            _ => Vec::new(),
        }
    }
}
