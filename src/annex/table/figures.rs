//! The figures of a table: what its cells hold.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use xxhash_rust::xxh3::xxh3_128;

use crate::annex::cells::{CellValue, Number, is_unshown, parse_cell, word_code};
use crate::annex::labels::normalise;
use crate::annex::layout::{LayoutIndicator, LayoutMeaning};
use crate::annex::persons::masked_label;
use crate::annex::rows::BodyRow;
use crate::annex::table::TableReader;
use crate::annex::{
    AnnexError, ColumnReading, ColumnRole, IndicatorColumn, Purpose, RowReading, RowSubject,
    Unknown,
};
use crate::diag::{Finding, Message, Severity};
use crate::model::{ObsStatus, Observation, Place, Spot, Text};
use crate::refdata::IndicatorKind;
use crate::source::Span;

/// What a cell was read as.
#[derive(Default)]
struct CellReading {
    number: Option<Number>,
    value_text: Option<Text>,
    /// The department has no such duty.
    is_not_applicable: bool,
}

impl TableReader<'_> {
    /// Reads the rows that are no totals; returns the most decimals printed in each column.
    pub(super) fn read_rows(
        &mut self,
        rows: &[BodyRow<'_>],
        columns: &[ColumnReading],
    ) -> Result<Vec<usize>, AnnexError> {
        let mut n_decimals = vec![0; columns.len()];
        // Where each subject stands first: in the grid and among the rows that were read.
        let mut seen = Seen::with_room_for(rows.len());
        let mut n_read = 0;
        let mut repeated = BTreeSet::new();
        let labels: Vec<Arc<str>> =
            columns.iter().map(|column| column.label.as_str().into()).collect();
        let is_figure = |column: &&ColumnReading| matches!(column.role, ColumnRole::Indicator(_));
        let keeps_rows = self.keeps_rows(columns);
        let shared = shared_figures(rows, columns);
        self.reserve(rows.len() * columns.iter().filter(is_figure).count());
        for row in rows {
            if row.is_total {
                self.pass_total(row, columns);
                continue;
            }
            let n_findings = self.findings.len() + self.unknown.len();
            AnnexError::check_findings(n_findings, self.context.file_name)?;
            if self.has_enough_unknown() {
                break;
            }
            let Some(subject) = self.subject_of(row, columns) else { continue };
            let print = fingerprint(&subject);
            if let Some((grid_idx, first)) = seen.get(print) {
                let place = row.row_place(self.number);
                let (label, first_row) = (self.name_of(row).into_owned(), grid_idx + 1);
                self.unknown.push(Unknown::RowRepeated { label, first_row, place });
                repeated.insert(first);
                continue;
            }
            seen.insert(print, (row.grid_idx, n_read));
            self.report_shape(row, columns);
            let row_idx = i32::try_from(n_read).ok();
            n_read += 1;
            self.read_rows.insert(row.grid_idx);
            let label: Arc<str> = masked_label(&row.label).into();
            let note: Option<Arc<str>> = remark_of(row, columns).map(Into::into);
            for (idx, column) in columns.iter().enumerate() {
                let ColumnRole::Indicator(indicator) = &column.role else { continue };
                let place = row.place(self.number, idx);
                let cell = row.cells.as_deref().and_then(|cells| cells.get(idx));
                let printed = cell.map(|cell| cell.text.clone());
                let reading = match printed.as_deref() {
                    Some(_) if shared.contains(&(row.grid_idx, idx)) => {
                        self.shared(row, column, place)
                    }
                    Some(text) => self.cell(text, row, (column, indicator), place),
                    None => CellReading::default(),
                };
                let decimals = reading.number.as_ref().map_or(0, |number| number.n_decimals);
                n_decimals[idx] = n_decimals[idx].max(decimals);
                self.keep(Observation {
                    row_idx,
                    printed,
                    note: note.clone(),
                    row_label: Some(Arc::clone(&label)),
                    column_label: Some(Arc::clone(&labels[idx])),
                    ..observation(indicator, &subject, reading, place)
                });
            }
            if keeps_rows {
                self.rows.push(RowReading { label, subject });
            }
        }
        // Nothing says which of two rows about the same counts.
        self.empty_figures(|figure| {
            let row_idx = figure.row_idx.and_then(|idx| usize::try_from(idx).ok());
            row_idx.is_some_and(|idx| repeated.contains(&idx))
        });
        Ok(n_decimals)
    }

    /// Whether anybody will ask what each row is about: who wants the figures, or a note or remark.
    fn keeps_rows(&self, columns: &[ColumnReading]) -> bool {
        matches!(self.context.purpose, Purpose::Figures)
            || !self.table.notes.is_empty()
            || columns.iter().any(|column| column.role == ColumnRole::Remark)
    }

    /// Leaves figures without values; what was printed stays.
    pub(super) fn empty_figures(&mut self, is_meant: impl Fn(&Observation) -> bool) {
        for figure in self.observations.iter_mut().filter(|figure| is_meant(figure)) {
            figure.value = None;
            figure.value_text = None;
            figure.qualifier = None;
            figure.obs_status = ObsStatus::Missing;
        }
    }

    /// Tells how the cells of a row came together, where that was not plain.
    pub(super) fn report_shape(&mut self, row: &BodyRow<'_>, columns: &[ColumnReading]) {
        let place = row.row_place(self.number);
        let (code, severity) = if row.cells.is_none() {
            ("row.cells_missing", Severity::Warning)
        } else if !row.joined_numbers.is_empty() {
            ("cell.joined_number", Severity::Warning)
        } else if row.leaves_pieces
            || (row.is_rejoined && columns.iter().any(|c| c.role == ColumnRole::Breakdown))
        {
            // 税务局 below 青海省地方 may be another one; of channels no list of names tells whether the
            // pieces belong together.
            ("cell.rejoined", Severity::Warning)
        } else if row.is_rejoined {
            ("cell.rejoined", Severity::Info)
        } else {
            return;
        };
        let name = self.name_of(row);
        let message = Message::new(code).with("label", &name).with("expected", columns.len());
        let finding = Finding::new(severity, message, place);
        let finding = finding.labelled(Some(&row.label), None);
        let is_quoted = row.cells.is_none();
        self.findings.push(if is_quoted { finding.quoting(self.row_text(row)) } else { finding });
    }

    /// Tells that a figure is that of several rows or columns, and nobody's own.
    fn shared(&mut self, row: &BodyRow<'_>, column: &ColumnReading, place: Place) -> CellReading {
        let message = Message::new("cell.merged")
            .with("row", self.name_of(row))
            .with("column", &column.label);
        let finding = Finding::new(Severity::Warning, message, place);
        self.findings.push(finding.labelled(Some(&row.label), Some(&column.label)));
        CellReading::default()
    }

    /// Reads a cell; whatever is odd about it becomes a finding.
    fn cell(
        &mut self,
        text: &str,
        row: &BodyRow<'_>,
        (column, indicator): (&ColumnReading, &IndicatorColumn),
        place: Place,
    ) -> CellReading {
        if let Some(of_layout) = self.with_states(column) {
            let state =
                of_layout.states.iter().find(|(word, _)| normalise(word) == normalise(text));
            if let Some((_, state)) = state {
                return CellReading {
                    value_text: Some(state.as_str().into()),
                    ..CellReading::default()
                };
            }
        }
        let value = parse_cell(text);
        let (code, severity) = match judged(&value, indicator) {
            (Some("cell.not_a_number"), severity) if is_unshown(text) => {
                (Some("cell.unshown"), severity)
            }
            judged => judged,
        };
        let number = match value {
            CellValue::Number(number) => Some(number),
            _ => None,
        };
        let Some(code) = code else {
            return CellReading { number, ..CellReading::default() };
        };
        let number = number.filter(|_| !IS_NO_FIGURE.contains(&code));
        let figure = number.as_ref().and_then(|number| number.in_column(indicator.exponent));
        let read_as = figure.map_or_else(String::new, |figure| figure.to_string());
        let qualifier = number.as_ref().and_then(|number| number.qualifier);
        let message = Message::new(code)
            .with("row", self.name_of(row))
            .with("column", &column.label)
            .with("printed", text)
            .with("value", &read_as)
            .with_coded("qualifier", qualifier.map_or_else(String::new, word_code));
        let finding = Finding::new(severity, message, place);
        self.findings
            .push(finding.labelled(Some(&row.label), Some(&column.label)).comparing(text, read_as));
        CellReading { number, value_text: None, is_not_applicable: code == "cell.not_applicable" }
    }

    /// What the layout says about a column whose cells hold states.
    fn with_states(&self, column: &ColumnReading) -> Option<&LayoutIndicator> {
        match &self.layout?.columns.get(column.layout_column?)?.meaning {
            LayoutMeaning::Indicator(indicator) if !indicator.states.is_empty() => Some(indicator),
            _ => None,
        }
    }
}

/// Subjects of rows by their fingerprints, each with two positions.
///
/// A map of a million of them has its nodes all over the memory; in small ones they are found at once.
struct Seen {
    parts: Vec<BTreeMap<u128, (usize, usize)>>,
}

/// Subjects in each of the small maps.
const PER_PART: usize = 128;

impl Seen {
    fn with_room_for(n_rows: usize) -> Self {
        Self { parts: vec![BTreeMap::new(); n_rows / PER_PART + 1] }
    }

    fn get(&self, print: u128) -> Option<(usize, usize)> {
        self.parts[self.part(print)].get(&print).copied()
    }

    fn insert(&mut self, print: u128, positions: (usize, usize)) {
        let part = self.part(print);
        self.parts[part].insert(print, positions);
    }

    fn part(&self, print: u128) -> usize {
        let n_parts = self.parts.len() as u128;
        usize::try_from(print % n_parts).expect("there are fewer parts than rows")
    }
}

/// What tells the subject of a row from others: 128 bits of it, because the subjects of a million rows
/// and the order of their texts take too much room and time.
fn fingerprint(subject: &RowSubject) -> u128 {
    let RowSubject { department, region, breakdown } = subject;
    let mut bytes = Vec::with_capacity(64);
    for part in [department.as_deref(), Some(&**region), breakdown.as_deref()] {
        // No text has these bytes.
        bytes.push(0xff - u8::from(part.is_none()));
        bytes.extend_from_slice(part.unwrap_or_default().as_bytes());
    }
    xxh3_128(&bytes)
}

/// Findings by which a number is no figure of its column.
const IS_NO_FIGURE: [&str; 3] = ["cell.unit_differs", "cell.too_large", "cell.decimals_in_count"];

/// Returns what is odd about a cell, `None` when nothing is.
fn judged(value: &CellValue, column: &IndicatorColumn) -> (Option<&'static str>, Severity) {
    let (code, severity) = match value {
        CellValue::Blank => ("cell.blank", Severity::Warning),
        CellValue::NoValue => ("cell.no_value", Severity::Info),
        CellValue::NotApplicable => ("cell.not_applicable", Severity::Info),
        CellValue::NotANumber => ("cell.not_a_number", Severity::Warning),
        CellValue::Number(number) => return judged_number(number, column),
    };
    (Some(code), severity)
}

/// Returns what is odd about a number, `None` when nothing is.
fn judged_number(number: &Number, column: &IndicatorColumn) -> (Option<&'static str>, Severity) {
    let (code, severity) = match number.in_column(column.exponent) {
        _ if is_in_another_unit(number, column) => ("cell.unit_differs", Severity::Warning),
        None => ("cell.too_large", Severity::Warning),
        // Half a record cannot be: the column's unit is not the one that was found.
        Some(value) if column.kind != IndicatorKind::Ratio && value.fract() != 0.0 => {
            ("cell.decimals_in_count", Severity::Warning)
        }
        Some(value) if value < 0.0 => ("cell.negative", Severity::Warning),
        Some(_) if number.is_odd => ("cell.odd_digits", Severity::Warning),
        Some(_) if number.is_phone => ("cell.like_phone", Severity::Warning),
        Some(_) if number.qualifier.is_some() => ("cell.qualified", Severity::Info),
        Some(_) if number.is_normalised => ("cell.normalised", Severity::Info),
        Some(_) => return (None, Severity::Info),
    };
    (Some(code), severity)
}

/// Whether a cell prints a unit that is not its column's (条 are not 件), or a unit or scale of its
/// own where the column has a scale (500条 in 万条): which of them counts is not said.
fn is_in_another_unit(number: &Number, column: &IndicatorColumn) -> bool {
    let is_scaled_anew = number.exponent > 0 || number.unit.is_some();
    (column.exponent > 0 && is_scaled_anew)
        || number.unit.as_ref().is_some_and(|unit| **unit != *column.unit)
}

/// Returns the figure that a printed number is in its column, in the column's unit; `None` where it
/// is none.
pub(super) fn figure_of(number: &Number, column: &IndicatorColumn) -> Option<f64> {
    let (code, _) = judged_number(number, column);
    number.in_column(column.exponent).filter(|_| !code.is_some_and(|c| IS_NO_FIGURE.contains(&c)))
}

/// Returns the remark that stands in a row.
pub(super) fn remark_of(row: &BodyRow<'_>, columns: &[ColumnReading]) -> Option<String> {
    let at = columns.iter().position(|column| column.role == ColumnRole::Remark)?;
    let cell = row.cells.as_deref()?.get(at)?;
    Some(masked_label(&cell.text).into_owned()).filter(|text| !text.is_empty())
}

/// Returns the place in the file where a remark stands.
pub(super) fn remark_spot(row: &BodyRow<'_>, columns: &[ColumnReading]) -> Option<Spot> {
    let at = columns.iter().position(|column| column.role == ColumnRole::Remark)?;
    Some(row.cells.as_deref()?.get(at)?.spot)
}

fn observation(
    column: &IndicatorColumn,
    subject: &RowSubject,
    cell: CellReading,
    place: Place,
) -> Observation {
    let CellReading { number, value_text, is_not_applicable } = cell;
    let value = number.as_ref().and_then(|number| number.in_column(column.exponent));
    let obs_status = match (value, &value_text) {
        (None, None) if is_not_applicable => ObsStatus::NotApplicable,
        (None, None) => ObsStatus::Missing,
        _ => ObsStatus::Reported,
    };
    Observation {
        indicator: Arc::clone(&column.indicator),
        definition: column.definition,
        department: subject.department.clone(),
        region: Arc::clone(&subject.region),
        breakdown: subject.breakdown.clone(),
        accumulation: column.accumulation,
        period: column.period,
        period_basis: column.period_basis,
        value,
        value_text,
        unit: Arc::clone(&column.unit),
        obs_status,
        qualifier: number.and_then(|number| number.qualifier),
        place,
        printed: None,
        row_label: None,
        column_label: None,
        row_idx: None,
        note: None,
    }
}

/// Returns the figures that are those of several rows or columns, by row of the grid and column: where a
/// merged cell reaches over those of another row with a name, or of another column of figures. One that
/// reaches over the lines of a broken name is a figure like others.
fn shared_figures(rows: &[BodyRow<'_>], columns: &[ColumnReading]) -> BTreeSet<(usize, usize)> {
    let is_figure = |idx: usize| {
        columns.get(idx).is_some_and(|column| matches!(column.role, ColumnRole::Indicator(_)))
    };
    let mut shared = BTreeSet::new();
    for row in rows.iter().filter(|row| !row.label.is_empty()) {
        for (idx, cell) in row.cells.as_deref().unwrap_or_default().iter().enumerate() {
            let Span::Covered { up, left } = cell.span else { continue };
            let anchor = row.grid_idx.checked_sub(up).zip(idx.checked_sub(left));
            if let Some((row_idx, first)) = anchor.filter(|(_, first)| is_figure(*first))
                && is_figure(idx)
            {
                shared.extend([(row_idx, first), (row.grid_idx, idx)]);
            }
        }
    }
    shared
}
