//! One table: its columns, rows, figures, totals and notes.

mod caption_words;
mod captions;
mod columns;
mod computed;
mod figures;
mod resubmitted;
mod returned;
mod row_notes;
mod row_totals;
mod subjects;
mod totals;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::annex::caption_words::unknown_words;
use crate::annex::cells::parse_cell;
use crate::annex::checks::check_running_numbers;
use crate::annex::columns::LabelIndex;
use crate::annex::departments::DepartmentIndex;
use crate::annex::error::MAX_UNKNOWN;
use crate::annex::header::{Header, NoHeader, read_header};
use crate::annex::layout::Layout;
use crate::annex::members::begins_parts;
use crate::annex::pages::lacks_header;
use crate::annex::period::PeriodContext;
use crate::annex::regions::{RegionIndex, RegionMatch};
use crate::annex::repeats::Mark;
use crate::annex::rows::{BodyRow, LabelColumns, RowNames, body_rows};
use crate::annex::scoring::{measure_of_section, scoring_words};
use crate::annex::sections::mark_sections;
use crate::annex::sketch::columns_on_a_line;
use crate::annex::table::subjects::RegionColumns;
use crate::annex::tables::AnnexTable;
use crate::annex::time_words::{Stated, stated_time};
use crate::annex::units::caption_unit;
use crate::annex::{
    AnnexError, ColumnReading, ColumnRole, OnUnknown, Purpose, RowReading, RowSubject,
    TableReading, Unknown,
};
use crate::diag::{Finding, Message, Severity};
use crate::model::{Observation, Place, Spot};
use crate::refdata::RefData;
use crate::source::{Row, RowShape};

/// What a table is read with.
#[derive(Clone)]
pub(super) struct TableContext<'a> {
    pub(super) labels: &'a LabelIndex,
    pub(super) departments: &'a DepartmentIndex,
    pub(super) regions: &'a RegionIndex,
    pub(super) refdata: &'a RefData,
    pub(super) file_name: &'a str,
    /// What the document says about time; the table adds its own.
    pub(super) period: PeriodContext,
    /// Title of the document; empty without one.
    pub(super) document_title: &'a str,
    /// A unit that the document's text states, for tables that print none.
    pub(super) unit_in_text: Option<String>,
    /// A paragraph of the document's text that tells a whole period.
    pub(super) time_in_text: Option<&'a str>,
    /// What is done about unknown rows.
    pub(super) unknown: OnUnknown,
    pub(super) purpose: Purpose<'a>,
}

impl TableContext<'_> {
    fn names(&self) -> RowNames<'_> {
        RowNames { departments: self.departments, regions: self.regions }
    }
}

/// What came of a table.
pub(super) struct TableOutcome {
    /// `None` when its header could not be read at all.
    pub(super) reading: Option<TableReading>,
    pub(super) findings: Vec<Finding>,
    pub(super) unknown: Vec<Unknown>,
    /// What tells figures that stand there twice, where no figure is kept.
    pub(super) marks: Vec<Mark>,
}

/// Reads one table; `number` counts the tables of the document from 1.
pub(super) fn read_table(
    number: usize,
    table: &AnnexTable<'_>,
    layout: Option<&Layout>,
    context: &TableContext<'_>,
) -> Result<TableOutcome, AnnexError> {
    let mut reader = TableReader {
        number,
        table,
        layout,
        context,
        findings: Vec::new(),
        unknown: Vec::new(),
        observations: Vec::new(),
        marks: Vec::new(),
        rows: Vec::new(),
        read_rows: BTreeSet::new(),
        upper_region: None,
        unit_of_rows: None,
    };
    let reading = reader.read()?;
    let TableReader { findings, unknown, marks, .. } = reader;
    Ok(TableOutcome { reading, findings, unknown, marks })
}

struct TableReader<'a> {
    number: usize,
    table: &'a AnnexTable<'a>,
    layout: Option<&'a Layout>,
    context: &'a TableContext<'a>,
    findings: Vec<Finding>,
    unknown: Vec<Unknown>,
    observations: Vec<Observation>,
    marks: Vec<Mark>,
    /// The rows that were read, in order.
    rows: Vec<RowReading>,
    /// Their positions in the grid.
    read_rows: BTreeSet<usize>,
    /// What the column of upper regions said last.
    upper_region: Option<RegionMatch>,
    /// The unit that the label of the column of departments or regions prints for all figures.
    unit_of_rows: Option<String>,
}

impl TableReader<'_> {
    fn read(&mut self) -> Result<Option<TableReading>, AnnexError> {
        let grid = self.table.grid;
        let Some(spot) = grid.rows.first().map(|row| row.spot) else { return Ok(None) };
        let place = Place { table: Some(self.number), ..Place::at(spot) };
        if let Some(unknown) = self.not_of_figures(place) {
            self.unknown.push(unknown);
            return Ok(None);
        }
        let names = self.context.names();
        let header = match read_header(grid, self.context.labels, names, self.layout) {
            Ok(header) => header,
            Err(fault) => {
                self.unknown.push(self.header_fault(fault, spot));
                return Ok(None);
            }
        };
        let columns = self.read_columns(&header)?;
        let at = |role: &ColumnRole| columns.iter().position(|column| column.role == *role);
        let regions = RegionColumns::of(&columns);
        let main = at(&ColumnRole::Department)
            .or_else(|| regions.map(|regions| regions.region))
            .or_else(|| at(&ColumnRole::Breakdown));
        let Some(main) = main else {
            let label = self.table.title.clone();
            self.unknown.push(Unknown::RowColumnMissing { label, place });
            return Ok(None);
        };
        if regions.is_none()
            && let Some((label, named)) = self.heading_of_other_region()
        {
            self.unknown.push(Unknown::OtherRegion { label, named, place });
            return Ok(None);
        }
        let running_number = at(&ColumnRole::RunningNumber);
        let upper = regions.and_then(|regions| regions.upper);
        let label_columns = LabelColumns { running_number, upper, main };
        let rows = body_rows(grid, header.body_start, label_columns, names);
        let rows = self.without_column_numbers(rows, &header);
        let mut rows = self.without_sections(rows, &columns, main)?;
        self.mark_whole_region(&mut rows, &columns);
        mark_sections(&mut rows, names);
        self.findings.extend(check_running_numbers(self.number, &rows));
        self.refuse_times_as_numbers(&rows, &columns);
        self.report_strays(&columns);
        self.take_lines_above(&mut rows, &columns);
        // Which rows a line of its own holds for is not certain: none of them are read.
        let is_divided = self.unknown.iter().any(|one| matches!(one, Unknown::Section { .. }));
        if is_divided && self.context.unknown == OnUnknown::LeaveOut {
            return Ok(None);
        }
        self.report_captions(&columns);
        self.report_caption_words(&columns);
        self.report_other_times(&columns);
        let n_decimals = self.read_rows(&rows, &columns)?;
        self.report_what_figures_are(&rows, &columns);
        let totals = self.check_totals(&rows, &columns, &n_decimals);
        self.check_computed(&rows, &columns);
        self.check_row_totals(&rows, &columns, &header);
        self.read_resubmissions();
        // Last, because it adds figures that stand in no cell.
        self.read_notes(&rows, &columns);
        let n_left_out = self.n_left_out(&rows, &columns);
        Ok(Some(TableReading {
            title: self.table.title.clone(),
            spot,
            layout: self.layout.map(Layout::id),
            columns,
            n_left_out,
            rows: std::mem::take(&mut self.rows),
            observations: std::mem::take(&mut self.observations),
            totals,
            notes: self.table.notes.iter().map(|note| note.text.clone()).collect(),
        }))
    }

    /// Returns why a grid is no table of figures, as far as that shows before its header is read.
    fn not_of_figures(&self, place: Place) -> Option<Unknown> {
        if let Some(words) = scoring_words(self.table, self.layout.is_some()) {
            return Some(Unknown::ScoringTable { label: words.to_owned(), place });
        }
        let grid = self.table.grid;
        if self.layout.is_some() || !lacks_header(grid, self.context.labels) {
            return None;
        }
        let cells = grid.rows[0].cells.iter().map(|cell| cell.text.as_str());
        let label = cells.collect::<Vec<_>>().join(" | ");
        Some(Unknown::HeaderMissing { label, place })
    }

    /// Leaves out the row that numbers the columns, where it is printed again.
    fn without_column_numbers<'r>(
        &mut self,
        rows: Vec<BodyRow<'r>>,
        header: &Header,
    ) -> Vec<BodyRow<'r>> {
        let Some(numbers) = header.column_numbers.map(|at| &self.table.grid.rows[at]) else {
            return rows;
        };
        let texts: Vec<&str> = numbers.cells.iter().map(|cell| cell.text.as_str()).collect();
        let place = Place { table: Some(self.number), ..Place::at(numbers.spot) };
        let message = Message::new("header.column_numbers").with("text", texts.join(" "));
        self.findings.push(Finding::new(Severity::Info, message, place));
        let is_again = |row: &BodyRow<'_>| {
            let cells = row.cells.as_deref().unwrap_or_default();
            cells.iter().map(|cell| cell.text.as_str()).eq(texts.iter().copied())
        };
        rows.into_iter().filter(|row| !is_again(row)).collect()
    }

    /// What is wrong with a header, with all that it prints.
    fn header_fault(&self, fault: NoHeader, spot: Spot) -> Unknown {
        let grid = self.table.grid;
        let n_rows = self.layout.and_then(|layout| layout.header_rows).unwrap_or(1);
        let rows = grid.rows.iter().take(n_rows);
        let pieces: Vec<&str> =
            rows.flat_map(|row| &row.cells).map(|cell| cell.text.as_str()).collect();
        let printed = pieces.join(" | ");
        match (fault, self.longer_row(pieces.len())) {
            (NoHeader::Broken, Some(row_idx)) => {
                let row = &grid.rows[row_idx];
                let texts: Vec<&str> = row.cells.iter().map(|cell| cell.text.as_str()).collect();
                let place = Place { column: None, ..self.header_place(row_idx + 1, 0, row.spot) };
                let label = texts.join(" | ");
                let (n_pieces, n_columns) = (pieces.len(), n_used(row));
                Unknown::RowLonger { label, place, n_pieces, n_columns }
            }
            (NoHeader::Broken, None) => {
                let place = self.header_place(1, 0, spot);
                let is_whole =
                    |row: &&Row| row.shape == RowShape::Whole && row.cells.len() == grid.n_columns;
                let against = grid.rows.iter().skip(1).find(is_whole);
                let texts = against.into_iter().flat_map(|row| &row.cells);
                let against: Vec<&str> = texts.map(|cell| cell.text.as_str()).collect();
                Unknown::HeaderBroken {
                    label: printed,
                    place,
                    n_pieces: pieces.len(),
                    n_columns: grid.n_columns,
                    against: against.join(" | "),
                    stanza: columns_on_a_line(grid, self.context.labels),
                }
            }
            (NoHeader::Unplaced { label, spot }, _) => {
                let place = Place { column: None, ..self.header_place(1, 0, spot) };
                Unknown::LabelAbove { label, place }
            }
            (NoHeader::LabelMissing { label, position }, _) => {
                let place = self.header_place(1, position - 1, spot);
                Unknown::LabelOfLayout { label, printed, place }
            }
        }
    }

    /// Returns the first row with more cells than the header has, where less than half of the rows have.
    fn longer_row(&self, n_labels: usize) -> Option<usize> {
        let rows = &self.table.grid.rows;
        let is_longer = |row: &&Row| n_used(row) > n_labels;
        let n_longer = rows.iter().skip(1).filter(is_longer).count();
        let is_plain = rows.first()?.cells.iter().all(|cell| !cell.text.is_empty());
        let first = rows.iter().skip(1).position(|row| is_longer(&row))? + 1;
        (is_plain && 2 * n_longer < rows.len() - 1).then_some(first)
    }

    /// Leaves out the headings of sections: a text alone in its row that names nothing known.
    fn without_sections<'r>(
        &mut self,
        mut rows: Vec<BodyRow<'r>>,
        columns: &[ColumnReading],
        main: usize,
    ) -> Result<Vec<BodyRow<'r>>, AnnexError> {
        let names = self.context.names();
        let is_heading = |row: &BodyRow<'_>| {
            // Last, because it takes long for a name that nobody knows.
            let is_named = || match columns[main].role {
                ColumnRole::Department => self.context.departments.find(&row.label).is_ok(),
                _ => names.knows(&row.label),
            };
            row.is_alone && !row.is_total && !is_lone_figure(row, columns) && !is_named()
        };
        // In place: a large table has few headings, and no room for its rows once more.
        let mut headings = Vec::new();
        rows.retain(|row| {
            let is_heading = is_heading(row);
            headings.extend(is_heading.then(|| row.clone()));
            !is_heading
        });
        AnnexError::check_findings(headings.len(), self.context.file_name)?;
        for row in headings {
            let texts = self.table.grid.rows[row.grid_idx].cells.iter();
            let heading: String = texts.map(|cell| cell.text.as_str()).collect();
            if self.is_of_its_own(&heading, columns) {
                let place = row.row_place(self.number);
                self.unknown.push(Unknown::Section { label: heading, place });
                continue;
            }
            if begins_parts(&heading) {
                let place = row.row_place(self.number);
                self.unknown.push(Unknown::RowAboutOthers { label: heading, place });
                continue;
            }
            // A figure is no heading: it is a page number, or what is left of a row, as is a word for
            // a state. Nor can a heading be told from a channel or a kind that lost its figures.
            let is_left = parse_cell(&heading).is_figure()
                || columns[main].role == ColumnRole::Breakdown
                || self.layout.is_some_and(|layout| layout.is_state(&heading));
            let (code, severity) = if is_left {
                ("row.stray", Severity::Warning)
            } else {
                ("row.section", Severity::Info)
            };
            let message = Message::new(code).with("text", &heading);
            let place = row.row_place(self.number);
            let finding = Finding::new(severity, message, place);
            self.findings.push(finding.quoting(heading));
        }
        Ok(rows)
    }

    /// Whether the heading of a section tells a time, a unit, a measure or a region that is not the
    /// table's: its rows would have to be read by it.
    fn is_of_its_own(&self, heading: &str, columns: &[ColumnReading]) -> bool {
        let has_regions = RegionColumns::of(columns).is_some();
        let is_other_time = tells_another_time(heading, columns);
        let is_other_measure = self.layout.is_none() && measure_of_section(heading).is_some();
        let is_other_region = !has_regions && self.other_regions(heading).is_some();
        let is_other = is_other_time || is_other_measure || is_other_region;
        is_other || caption_unit(heading).is_some_and(|unit| self.table.unit != Some(unit))
    }

    /// Returns the title, or another line above the table, by which its figures are another region's,
    /// with the regions that it names. Lines that say more than that are no such headings.
    fn heading_of_other_region(&self) -> Option<(String, String)> {
        let is_heading = |line: &&str| {
            let names = self.context.regions.named_in(line).into_iter().map(str::to_owned);
            let outside = self.context.regions.named_outside(line).into_iter().map(str::to_owned);
            unknown_words(line, &names.chain(outside).collect::<Vec<_>>()).is_empty()
        };
        let further = self.table.captions.iter().copied().filter(is_heading);
        let mut lines = std::iter::once(self.table.title.as_str()).chain(further);
        lines.find_map(|line| Some((line.to_owned(), self.other_regions(line)?)))
    }

    /// Returns the regions other than the issuer's that a title or a heading names.
    fn other_regions(&self, text: &str) -> Option<String> {
        self.context.regions.others_named_in(text, &self.context.departments.region)
    }

    /// Returns what a row is called in messages: by its label, else by what stands in it.
    fn name_of<'r>(&self, row: &'r BodyRow<'_>) -> Cow<'r, str> {
        if row.label.is_empty() { self.row_text(row).into() } else { (&*row.label).into() }
    }

    /// Returns what stands in a row, cell after cell.
    fn row_text(&self, row: &BodyRow<'_>) -> String {
        let cells = self.table.grid.rows[row.grid_idx].cells.iter();
        let texts: Vec<&str> =
            cells.map(|cell| cell.text.as_str()).filter(|text| !text.is_empty()).collect();
        texts.join(" | ")
    }

    fn header_place(&self, row: usize, column: usize, spot: Spot) -> Place {
        Place {
            table: Some(self.number),
            row: Some(row),
            column: Some(column + 1),
            note: None,
            spot: Some(spot),
        }
    }

    /// Returns how many cells with a text stand in unknown columns or in rows that were not read.
    fn n_left_out(&self, rows: &[BodyRow<'_>], columns: &[ColumnReading]) -> usize {
        let is_figure = |column: &ColumnReading| matches!(column.role, ColumnRole::Indicator(_));
        let rows = rows.iter().filter(|row| !row.is_total);
        rows.map(|row| {
            let is_read = self.read_rows.contains(&row.grid_idx);
            let cells = row.cells.as_deref().unwrap_or_default().iter().zip(columns);
            cells
                .filter(|(cell, column)| {
                    let is_left_out =
                        column.role == ColumnRole::LeftOut || (!is_read && is_figure(column));
                    is_left_out && !cell.text.is_empty()
                })
                .count()
        })
        .sum()
    }

    /// Makes room for so many figures.
    fn reserve(&mut self, n_figures: usize) {
        match self.context.purpose {
            Purpose::Figures => self.observations.reserve(n_figures),
            Purpose::Verdict => self.marks.reserve(n_figures),
            Purpose::Only(_) => {}
        }
    }

    /// Keeps a figure, as far as what the table is read for needs it.
    fn keep(&mut self, observation: Observation) {
        match self.context.purpose {
            Purpose::Figures => self.observations.push(observation),
            Purpose::Verdict => self.marks.push(Mark::of(&observation)),
            Purpose::Only(keys) => {
                let is_wanted = keys.contains(&Mark::of(&observation).key);
                self.observations.extend(is_wanted.then_some(observation));
            }
        }
    }

    /// Whether so many rows are unknown that no more of them need to be looked for.
    fn has_enough_unknown(&self) -> bool {
        self.context.unknown == OnUnknown::Refuse && self.unknown.len() >= MAX_UNKNOWN
    }

    /// The row's subject for figures of the issuer's region as a whole.
    fn no_subject(&self) -> RowSubject {
        RowSubject {
            department: None,
            region: Arc::clone(&self.context.departments.region),
            breakdown: None,
        }
    }
}

/// Returns how many cells a row has, empty ones at its end left out.
fn n_used(row: &Row) -> usize {
    let last = row.cells.iter().rposition(|cell| !cell.text.is_empty());
    last.map_or(0, |last| last + 1)
}

/// Whether a text tells a time that is not that of the columns with figures, or not understood.
fn tells_another_time(text: &str, columns: &[ColumnReading]) -> bool {
    let mut periods = columns.iter().filter_map(|column| match &column.role {
        ColumnRole::Indicator(indicator) => Some(indicator.period),
        _ => None,
    });
    match stated_time(text) {
        Stated::Nothing => false,
        Stated::Time(span) => periods.any(|period| span.contradicts(period)),
        Stated::Relative(_) | Stated::Unclear => true,
    }
}

/// Whether the only text of a row is a figure in a column of figures: its label is missing.
fn is_lone_figure(row: &BodyRow<'_>, columns: &[ColumnReading]) -> bool {
    let cells = row.cells.as_deref().unwrap_or_default().iter().zip(columns);
    let mut figures = cells.filter(|(_, column)| matches!(column.role, ColumnRole::Indicator(_)));
    figures.any(|(cell, _)| parse_cell(&cell.text).is_figure())
}
