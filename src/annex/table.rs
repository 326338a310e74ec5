//! One table: its columns, rows, figures, totals and notes.

use crate::annex::cells::{CellValue, Number, parse_cell};
use crate::annex::checks::{TotalRow, check_running_numbers};
use crate::annex::columns::{IndicatorMatch, LabelIndex, LabelMeaning};
use crate::annex::departments::DepartmentIndex;
use crate::annex::labels::unit_scale;
use crate::annex::notes::{parse_return_note, sentences};
use crate::annex::period::{PeriodContext, column_period};
use crate::annex::rows::{BodyRow, LabelColumns, body_rows, header_cells};
use crate::annex::tables::AnnexTable;
use crate::annex::{AnnexError, ColumnReading, ColumnRole, IndicatorColumn, TableReading, Unknown};
use crate::diag::{Finding, Message, Severity};
use crate::model::{ObsStatus, Observation, PeriodBasis, Place, Qualifier, TotalCheck};
use crate::refdata::RefData;
use crate::source::{Cell, Paragraph};

/// What a table is read with.
pub(super) struct TableContext<'a> {
    pub(super) labels: &'a LabelIndex,
    pub(super) departments: &'a DepartmentIndex,
    pub(super) refdata: &'a RefData,
    pub(super) file_name: &'a str,
    /// What the document says about time; the table adds its own.
    pub(super) period: PeriodContext,
}

/// What came of a table.
pub(super) struct TableOutcome {
    /// `None` when its header could not be read at all.
    pub(super) reading: Option<TableReading>,
    pub(super) findings: Vec<Finding>,
    pub(super) unknown: Vec<Unknown>,
}

/// Reads one table; `number` counts the tables of the document from 1.
pub(super) fn read_table(
    number: usize,
    table: &AnnexTable<'_>,
    context: &TableContext<'_>,
) -> Result<TableOutcome, AnnexError> {
    let mut reader = TableReader {
        number,
        table,
        context,
        findings: Vec::new(),
        unknown: Vec::new(),
        observations: Vec::new(),
        rows: Vec::new(),
    };
    let reading = reader.read()?;
    Ok(TableOutcome { reading, findings: reader.findings, unknown: reader.unknown })
}

/// A figure that a note tells.
struct NoteQuantity<'a> {
    indicator: &'static str,
    number: Number,
    printed: String,
    note: &'a Paragraph,
    place: Place,
}

struct TableReader<'a> {
    number: usize,
    table: &'a AnnexTable<'a>,
    context: &'a TableContext<'a>,
    findings: Vec<Finding>,
    unknown: Vec<Unknown>,
    observations: Vec<Observation>,
    /// Labels of the rows that were read, with their departments.
    rows: Vec<(String, String)>,
}

impl TableReader<'_> {
    fn read(&mut self) -> Result<Option<TableReading>, AnnexError> {
        let grid = self.table.grid;
        let line = grid.rows.first().map_or(1, |row| row.line);
        let Some(header) = header_cells(grid, self.context.labels) else {
            let pieces: Vec<&str> =
                grid.rows[0].cells.iter().map(|cell| cell.text.as_str()).collect();
            let place = self.header_place(0, line);
            self.unknown.push(Unknown::HeaderBroken { label: pieces.join(" | "), place });
            return Ok(None);
        };
        let columns = self.read_columns(&header)?;
        let at = |role: &ColumnRole| columns.iter().position(|column| column.role == *role);
        let Some(department) = at(&ColumnRole::Department) else {
            let place = Place { table: Some(self.number), ..Place::line(line) };
            let label = self.table.title.clone();
            self.unknown.push(Unknown::DepartmentColumnMissing { label, place });
            return Ok(None);
        };
        let label_columns =
            LabelColumns { running_number: at(&ColumnRole::RunningNumber), department };
        let rows = body_rows(grid, label_columns, self.context.departments);
        self.findings.extend(check_running_numbers(self.number, &rows));
        self.report_strays();
        self.report_unread_period();
        let n_decimals = self.read_rows(&rows, &columns);
        self.read_notes();
        let totals = self.check_totals(&rows, &columns, &n_decimals);
        Ok(Some(TableReading {
            title: self.table.title.clone(),
            line,
            columns,
            rows: std::mem::take(&mut self.rows),
            observations: std::mem::take(&mut self.observations),
            totals,
            notes: self.table.notes.iter().map(|note| note.text.clone()).collect(),
        }))
    }

    fn header_place(&self, column: usize, line: usize) -> Place {
        Place {
            table: Some(self.number),
            row: Some(1),
            column: Some(column + 1),
            note: None,
            line: Some(line),
        }
    }

    fn read_columns(&mut self, header: &[Cell]) -> Result<Vec<ColumnReading>, AnnexError> {
        let mut columns: Vec<ColumnReading> = Vec::new();
        for (idx, cell) in header.iter().enumerate() {
            let place = self.header_place(idx, cell.line);
            let label = cell.text.clone();
            let role = match self.context.labels.meaning(&label) {
                LabelMeaning::RunningNumber => ColumnRole::RunningNumber,
                LabelMeaning::Department => ColumnRole::Department,
                LabelMeaning::Remark => ColumnRole::Remark,
                LabelMeaning::Indicator(found) => {
                    let column = self.indicator_column(&label, place, &found)?;
                    ColumnRole::Indicator(column)
                }
                LabelMeaning::Unknown(nearest) => {
                    let label = label.clone();
                    self.unknown.push(Unknown::Column { label, place, nearest });
                    ColumnRole::LeftOut
                }
            };
            let role = if columns.iter().any(|column| says_the_same(&column.role, &role)) {
                self.unknown.push(Unknown::ColumnRepeated { label: label.clone(), place });
                ColumnRole::LeftOut
            } else {
                role
            };
            columns.push(ColumnReading { label, role });
        }
        self.report_inferred_periods(&columns);
        Ok(columns)
    }

    fn indicator_column(
        &mut self,
        label: &str,
        place: Place,
        found: &IndicatorMatch,
    ) -> Result<IndicatorColumn, AnnexError> {
        let IndicatorMatch { indicator, known_label, score, parts } = found;
        if *score < 1.0 {
            let message = Message::new("column.fuzzy")
                .with("label", label)
                .with("known", known_label)
                .with("score", format!("{score:.2}"));
            let finding = Finding::new(Severity::Info, message, place);
            self.findings.push(finding.labelled(None, Some(label)).comparing(label, known_label));
        }
        let printed_unit = parts.unit.as_ref().or(self.table.unit.as_ref());
        let (unit, scale) = printed_unit
            .and_then(|unit| unit_scale(unit))
            .unwrap_or((indicator.unit.as_str(), 1.0));
        if unit != indicator.unit {
            let message = Message::new("column.unit_differs")
                .with("label", label)
                .with("unit", unit)
                .with("expected", &indicator.unit);
            let finding = Finding::new(Severity::Warning, message, place);
            self.findings
                .push(finding.labelled(None, Some(label)).comparing(unit, &indicator.unit));
        }
        let context = PeriodContext {
            printed: self.table.period,
            title: self.table.title_period.or(self.context.period.title),
            ..self.context.period
        };
        let time = column_period(&context, indicator.kind, parts.year).ok_or_else(|| {
            AnnexError::PeriodUnknown {
                file_name: self.context.file_name.to_owned(),
                column: label.to_owned(),
                place,
            }
        })?;
        Ok(IndicatorColumn {
            indicator: indicator.indicator.clone(),
            definition: indicator.definition,
            score: *score,
            unit: unit.to_owned(),
            scale,
            accumulation: time.accumulation,
            period: time.period,
            period_basis: time.basis,
        })
    }

    fn report_inferred_periods(&mut self, columns: &[ColumnReading]) {
        let inferred: Vec<(&str, &IndicatorColumn)> = columns
            .iter()
            .filter_map(|column| match &column.role {
                ColumnRole::Indicator(indicator)
                    if indicator.period_basis == PeriodBasis::DocumentDate =>
                {
                    Some((column.label.as_str(), indicator))
                }
                _ => None,
            })
            .collect();
        let Some((_, first)) = inferred.first() else { return };
        let labels: Vec<&str> = inferred.iter().map(|(label, _)| *label).collect();
        let message = Message::new("period.inferred")
            .with("columns", labels.join("、"))
            .with("dated", first.period.end);
        let line = self.table.grid.rows.first().map(|row| row.line);
        let place = Place { table: Some(self.number), line, ..Place::default() };
        self.findings.push(Finding::new(Severity::Info, message, place));
    }

    fn report_unread_period(&mut self) {
        let Some(line) = &self.table.unread_period else { return };
        let place = Place { table: Some(self.number), ..Place::line(line.line) };
        let message = Message::new("period.unread").with("text", &line.text);
        let finding = Finding::new(Severity::Warning, message, place);
        self.findings.push(Finding { found: Some(line.text.clone()), ..finding });
    }

    fn report_strays(&mut self) {
        for stray in &self.table.grid.strays {
            let place = Place { table: Some(self.number), ..Place::line(stray.line) };
            let message = Message::new("row.stray").with("text", &stray.text);
            let finding = Finding::new(Severity::Warning, message, place);
            self.findings.push(Finding { found: Some(stray.text.clone()), ..finding });
        }
    }

    /// Reads the rows that are no totals; returns the most decimals printed in each column.
    fn read_rows(&mut self, rows: &[BodyRow], columns: &[ColumnReading]) -> Vec<usize> {
        let mut n_decimals = vec![0; columns.len()];
        for row in rows.iter().filter(|row| !row.is_total) {
            let Some(department) = self.department_of(row, columns) else { continue };
            self.report_shape(row, columns);
            let row_idx = i32::try_from(self.rows.len()).ok();
            self.rows.push((row.label.clone(), department.clone()));
            let remark = columns.iter().position(|column| column.role == ColumnRole::Remark);
            let remark = remark.and_then(|at| row.cells.as_ref()?.get(at));
            let note = remark.map(|cell| cell.text.clone()).filter(|text| !text.is_empty());
            for (idx, column) in columns.iter().enumerate() {
                let ColumnRole::Indicator(indicator) = &column.role else { continue };
                let place = row.place(self.number, idx);
                let cell = row.cells.as_ref().and_then(|cells| cells.get(idx));
                let printed = cell.map(|cell| cell.text.clone());
                let number =
                    printed.as_deref().and_then(|text| self.number_in(text, row, column, place));
                n_decimals[idx] = n_decimals[idx].max(number.as_ref().map_or(0, |n| n.n_decimals));
                let observation = Observation {
                    row_idx,
                    printed,
                    note: note.clone(),
                    row_label: Some(row.label.clone()),
                    column_label: Some(column.label.clone()),
                    ..self.observation(indicator, &department, number, place)
                };
                self.observations.push(observation);
            }
        }
        n_decimals
    }

    /// Returns the department of a row, or notes that it is unknown or stands there twice.
    fn department_of(&mut self, row: &BodyRow, columns: &[ColumnReading]) -> Option<String> {
        let column = columns.iter().position(|column| column.role == ColumnRole::Department)?;
        let place = row.place(self.number, column);
        let label = row.label.clone();
        let found = match self.context.departments.find(&label) {
            Ok(found) => found,
            Err(nearest) => {
                let region = self.context.departments.region.clone();
                self.unknown.push(Unknown::Department { label, place, region, nearest });
                return None;
            }
        };
        if self.rows.iter().any(|(_, department)| *department == found.department) {
            self.unknown.push(Unknown::DepartmentRepeated { label, place });
            return None;
        }
        if found.score < 1.0 {
            let message = Message::new("department.fuzzy")
                .with("label", &label)
                .with("known", &found.name)
                .with("score", format!("{:.2}", found.score));
            let finding = Finding::new(Severity::Warning, message, place);
            self.findings.push(finding.labelled(Some(&label), None).comparing(&label, &found.name));
        }
        Some(found.department)
    }

    /// Tells how the cells of a row came together, where that was not plain.
    fn report_shape(&mut self, row: &BodyRow, columns: &[ColumnReading]) {
        let place = row.row_place(self.number);
        if row.cells.is_none() {
            let message = Message::new("row.cells_missing")
                .with("label", &row.label)
                .with("expected", columns.len());
            let finding = Finding::new(Severity::Warning, message, place);
            self.findings.push(finding.labelled(Some(&row.label), None));
        } else if !row.joined_numbers.is_empty() {
            let message = Message::new("cell.joined_number").with("label", &row.label);
            let finding = Finding::new(Severity::Warning, message, place);
            self.findings.push(finding.labelled(Some(&row.label), None));
        } else if row.is_rejoined {
            let message = Message::new("cell.rejoined").with("label", &row.label);
            let finding = Finding::new(Severity::Info, message, place);
            self.findings.push(finding.labelled(Some(&row.label), None));
        }
    }

    /// Reads a cell; whatever is odd about it becomes a finding.
    fn number_in(
        &mut self,
        text: &str,
        row: &BodyRow,
        column: &ColumnReading,
        place: Place,
    ) -> Option<Number> {
        let value = parse_cell(text);
        let (code, severity) = match &value {
            CellValue::Blank => ("cell.blank", Severity::Warning),
            CellValue::NoValue => ("cell.no_value", Severity::Info),
            CellValue::NotANumber => ("cell.not_a_number", Severity::Warning),
            CellValue::Number(number) if is_in_another_unit(number, column) => {
                ("cell.unit_differs", Severity::Warning)
            }
            CellValue::Number(number) if number.qualifier.is_some() => {
                ("cell.qualified", Severity::Info)
            }
            CellValue::Number(number) if number.is_normalised => {
                ("cell.normalised", Severity::Info)
            }
            CellValue::Number(number) => return Some(number.clone()),
        };
        let number = match value {
            CellValue::Number(number) if code != "cell.unit_differs" => Some(number),
            _ => None,
        };
        let read_as = number.as_ref().map_or_else(String::new, |number| number.value.to_string());
        let qualifier = number.as_ref().and_then(|number| number.qualifier);
        let message = Message::new(code)
            .with("row", &row.label)
            .with("column", &column.label)
            .with("printed", text)
            .with("value", &read_as)
            .with("qualifier", qualifier.map(Qualifier::as_str).unwrap_or_default());
        let finding = Finding::new(severity, message, place);
        self.findings
            .push(finding.labelled(Some(&row.label), Some(&column.label)).comparing(text, read_as));
        number
    }

    fn observation(
        &self,
        column: &IndicatorColumn,
        department: &str,
        number: Option<Number>,
        place: Place,
    ) -> Observation {
        let obs_status = if number.is_some() { ObsStatus::Reported } else { ObsStatus::Missing };
        Observation {
            indicator: column.indicator.clone(),
            definition: column.definition,
            department: Some(department.to_owned()),
            region: self.context.departments.region.clone(),
            breakdown: None,
            accumulation: column.accumulation,
            period: column.period,
            period_basis: column.period_basis,
            value: number.as_ref().map(|number| number.value * column.scale),
            value_text: None,
            unit: column.unit.clone(),
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

    /// Ties notes about returned data to the row that they name.
    fn read_notes(&mut self) {
        let notes = &self.table.notes;
        let all = notes.iter().enumerate().flat_map(|(idx, note)| {
            sentences(&note.text).map(move |sentence| (idx, note, sentence))
        });
        for (idx, note, sentence) in all {
            let Some(returned) = parse_return_note(sentence) else { continue };
            let place =
                Place { table: Some(self.number), note: Some(idx + 1), ..Place::line(note.line) };
            let is_named = |(_, department): &&(String, String)| {
                self.context.departments.is_named_in(department, sentence)
            };
            let named: Vec<(String, String)> = self.rows.iter().filter(is_named).cloned().collect();
            let [(label, department)] = named.as_slice() else {
                let message = Message::new("note.unclear").with("note", sentence);
                let finding = Finding::new(Severity::Warning, message, place);
                self.findings.push(Finding { found: Some(sentence.to_owned()), ..finding });
                continue;
            };
            if returned.is_all {
                self.mark_returned(department, note);
            }
            let quantities =
                [("records_pushed", returned.pushed), ("records_returned", returned.returned)];
            for (indicator, quantity) in quantities {
                if let Some((number, printed)) = quantity {
                    let quantity = NoteQuantity { indicator, number, printed, note, place };
                    self.add_quantity(department, &quantity);
                }
            }
            let message =
                Message::new("note.returned").with("label", label).with("note", &note.text);
            let finding = Finding::new(Severity::Info, message, place);
            let finding = finding.labelled(Some(label), None);
            self.findings.push(Finding { found: Some(note.text.clone()), ..finding });
        }
    }

    /// Zero because everything was sent back: the zeros of the row are returned ones.
    fn mark_returned(&mut self, department: &str, note: &Paragraph) {
        for observation in &mut self.observations {
            let is_of_row = observation.department.as_deref() == Some(department);
            if is_of_row && observation.value == Some(0.0) {
                observation.obs_status = ObsStatus::Returned;
                observation.note = Some(note.text.clone());
            }
        }
    }

    /// Adds a figure that a note tells about a department, over the period of the table.
    fn add_quantity(&mut self, department: &str, quantity: &NoteQuantity<'_>) {
        let of_department = |o: &&Observation| o.department.as_deref() == Some(department);
        let of_row = self.observations.iter().find(of_department).cloned();
        let mut indicators = self.context.refdata.indicators().into_iter();
        let known = indicators.find(|known| known.indicator == quantity.indicator);
        let (Some(of_row), Some(known)) = (of_row, known) else { return };
        self.observations.push(Observation {
            indicator: known.indicator,
            definition: known.definition,
            unit: known.unit,
            value: Some(quantity.number.value),
            qualifier: quantity.number.qualifier,
            obs_status: ObsStatus::Reported,
            place: quantity.place,
            printed: Some(quantity.printed.clone()),
            column_label: None,
            note: Some(quantity.note.text.clone()),
            ..of_row
        });
    }

    fn check_totals(
        &mut self,
        rows: &[BodyRow],
        columns: &[ColumnReading],
        n_decimals: &[usize],
    ) -> Vec<TotalCheck> {
        let mut checks = Vec::new();
        let mut subtotals_end = 0;
        let mut n_totals = 0;
        for row in rows.iter().filter(|row| row.is_total) {
            // Places count rows from 1, the header included.
            let own = row.grid_idx + 1;
            let covered = if row.is_subtotal { subtotals_end..own } else { 0..usize::MAX };
            if row.is_subtotal {
                subtotals_end = own;
            } else {
                n_totals += 1;
            }
            if n_totals > 1 && !row.is_subtotal {
                let message = Message::new("total.repeated").with("label", &row.label);
                let finding = Finding::new(Severity::Warning, message, row.row_place(self.number));
                self.findings.push(finding.labelled(Some(&row.label), None));
            }
            if row.cells.is_none() {
                self.report_shape(row, columns);
                continue;
            }
            let total = TotalRow {
                table: self.number,
                title: &self.table.title,
                region: &self.context.departments.region,
                row,
                covered,
                observations: &self.observations,
                n_decimals,
            };
            for (idx, column) in columns.iter().enumerate() {
                let ColumnRole::Indicator(indicator) = &column.role else { continue };
                let (check, finding) = total.check((idx, column), indicator);
                checks.push(check);
                self.findings.extend(finding);
            }
        }
        checks
    }
}

/// Whether a cell prints a unit that is not its column's: 条 are not 件.
fn is_in_another_unit(number: &Number, column: &ColumnReading) -> bool {
    match &column.role {
        ColumnRole::Indicator(indicator) => {
            number.unit.as_ref().is_some_and(|unit| *unit != indicator.unit)
        }
        _ => false,
    }
}

/// Whether two columns would give figures with the same key, or are two columns of departments.
fn says_the_same(a: &ColumnRole, b: &ColumnRole) -> bool {
    match (a, b) {
        (ColumnRole::Indicator(a), ColumnRole::Indicator(b)) => {
            a.indicator == b.indicator && a.period == b.period
        }
        (ColumnRole::Department, ColumnRole::Department) => true,
        _ => false,
    }
}
