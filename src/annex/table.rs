//! One table: its columns, rows, figures, totals and notes.

use crate::annex::cells::{CellValue, Number, is_part_of_figure, parse_cell};
use crate::annex::checks::{TotalRow, check_running_numbers};
use crate::annex::columns::{IndicatorMatch, LabelIndex, LabelMeaning};
use crate::annex::departments::DepartmentIndex;
use crate::annex::header::{Header, HeaderColumn, read_header};
use crate::annex::labels::unit_scale;
use crate::annex::notes::{NoteSubject, parse_return_note, sentences};
use crate::annex::period::{LabelTime, PeriodContext, column_period};
use crate::annex::rows::{BodyRow, LabelColumns, body_rows};
use crate::annex::tables::AnnexTable;
use crate::annex::{AnnexError, ColumnReading, ColumnRole, IndicatorColumn, TableReading, Unknown};
use crate::diag::{Finding, Message, Severity};
use crate::model::{
    Accumulation, ObsStatus, Observation, PeriodBasis, Place, Qualifier, Spot, TotalCheck,
};
use crate::refdata::RefData;
use crate::source::Paragraph;

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

/// The figures of a department that a note is about, as positions in the table's observations.
struct FiguresMeant {
    /// Zeros that the note may explain.
    zeros: Vec<usize>,
    /// The flow whose time the note's own figures share.
    flow: usize,
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
        let Some(spot) = grid.rows.first().map(|row| row.spot) else { return Ok(None) };
        let Some(header) = read_header(grid, self.context.labels, self.context.departments) else {
            let pieces: Vec<&str> =
                grid.rows[0].cells.iter().map(|cell| cell.text.as_str()).collect();
            let place = self.header_place(1, 0, spot);
            self.unknown.push(Unknown::HeaderBroken { label: pieces.join(" | "), place });
            return Ok(None);
        };
        let columns = self.read_columns(&header)?;
        let at = |role: &ColumnRole| columns.iter().position(|column| column.role == *role);
        let Some(department) = at(&ColumnRole::Department) else {
            let place = Place { table: Some(self.number), ..Place::at(spot) };
            let label = self.table.title.clone();
            self.unknown.push(Unknown::DepartmentColumnMissing { label, place });
            return Ok(None);
        };
        let label_columns =
            LabelColumns { running_number: at(&ColumnRole::RunningNumber), department };
        let rows = body_rows(grid, header.n_rows, label_columns, self.context.departments);
        let rows = self.without_sections(rows, &columns);
        self.findings.extend(check_running_numbers(self.number, &rows));
        self.report_strays();
        self.report_captions(&columns);
        let n_decimals = self.read_rows(&rows, &columns);
        self.read_notes(&columns);
        let totals = self.check_totals(&rows, &columns, &n_decimals);
        let n_left_out = self.n_left_out(&rows, &columns);
        Ok(Some(TableReading {
            title: self.table.title.clone(),
            spot,
            columns,
            n_left_out,
            rows: std::mem::take(&mut self.rows),
            observations: std::mem::take(&mut self.observations),
            totals,
            notes: self.table.notes.iter().map(|note| note.text.clone()).collect(),
        }))
    }

    /// Leaves out the headings of sections: a text alone in its row that is no known department.
    fn without_sections(&mut self, rows: Vec<BodyRow>, columns: &[ColumnReading]) -> Vec<BodyRow> {
        let (headings, rows): (Vec<BodyRow>, Vec<BodyRow>) = rows.into_iter().partition(|row| {
            let is_heading = row.is_alone && !row.is_total && !is_lone_figure(row, columns);
            is_heading && self.context.departments.find(&row.label).is_err()
        });
        for row in headings {
            let texts = self.table.grid.rows[row.grid_idx].cells.iter();
            let heading: String = texts.map(|cell| cell.text.as_str()).collect();
            // A figure is no heading: it is a page number, or what is left of a row.
            let (code, severity) = match parse_cell(&heading) {
                CellValue::Number(_) => ("row.stray", Severity::Warning),
                _ => ("row.section", Severity::Info),
            };
            let message = Message::new(code).with("text", &heading);
            let place = row.row_place(self.number);
            let finding = Finding::new(severity, message, place);
            self.findings.push(Finding { found: Some(heading), ..finding });
        }
        rows
    }

    /// Returns what stands in a row, cell after cell.
    fn row_text(&self, row: &BodyRow) -> String {
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

    fn read_columns(&mut self, header: &Header) -> Result<Vec<ColumnReading>, AnnexError> {
        let mut columns: Vec<ColumnReading> = Vec::new();
        for (idx, column) in header.columns.iter().enumerate() {
            let place = self.header_place(header.n_rows, idx, column.cell.spot);
            let label = column.label();
            let role = self.column_role(idx, column, place)?;
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

    /// Returns what a column is, or notes that nobody knows it.
    fn column_role(
        &mut self,
        idx: usize,
        column: &HeaderColumn,
        place: Place,
    ) -> Result<ColumnRole, AnnexError> {
        if column.levels.is_empty() && self.is_blank(idx) {
            return Ok(ColumnRole::Blank);
        }
        let label = column.label();
        Ok(match self.context.labels.meaning_of_levels(&column.level_texts()) {
            LabelMeaning::RunningNumber => ColumnRole::RunningNumber,
            LabelMeaning::Department => ColumnRole::Department,
            LabelMeaning::Remark => ColumnRole::Remark,
            LabelMeaning::Indicator(found) => match self.indicator_column(&label, place, &found)? {
                Some(column) => ColumnRole::Indicator(column),
                None => ColumnRole::LeftOut,
            },
            LabelMeaning::Unknown(nearest) => {
                self.unknown.push(Unknown::Column { label, place, nearest });
                ColumnRole::LeftOut
            }
        })
    }

    /// Whether nothing stands in a column.
    fn is_blank(&self, idx: usize) -> bool {
        let cells = self.table.grid.rows.iter().filter_map(|row| row.cells.get(idx));
        cells.into_iter().all(|cell| cell.text.is_empty())
    }

    /// Returns how a column of an indicator is read; `None` when its unit cannot be.
    fn indicator_column(
        &mut self,
        label: &str,
        place: Place,
        found: &IndicatorMatch,
    ) -> Result<Option<IndicatorColumn>, AnnexError> {
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
        let read_unit = match printed_unit {
            Some(unit) => unit_scale(unit),
            None => Some((indicator.unit.as_str(), 0)),
        };
        // 条 are not 件: figures in another unit are no figures of this indicator.
        let Some((unit, exponent)) = read_unit.filter(|(unit, _)| *unit == indicator.unit) else {
            self.unknown.push(Unknown::Unit {
                label: label.to_owned(),
                place,
                unit: printed_unit.cloned().unwrap_or_default(),
                expected: indicator.unit.clone(),
            });
            return Ok(None);
        };
        let context = PeriodContext {
            printed: self.table.period,
            title: self.table.title_period.or(self.context.period.title),
            ..self.context.period
        };
        let label_time = LabelTime { year: parts.year, period: parts.period };
        let time = column_period(&context, indicator.kind, label_time).ok_or_else(|| {
            AnnexError::PeriodUnknown {
                file_name: self.context.file_name.to_owned(),
                column: label.to_owned(),
                place,
            }
        })?;
        Ok(Some(IndicatorColumn {
            indicator: indicator.indicator.clone(),
            definition: indicator.definition,
            score: *score,
            unit: unit.to_owned(),
            exponent,
            accumulation: time.accumulation,
            period: time.period,
            period_basis: time.basis,
        }))
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
        let spot = self.table.grid.rows.first().map(|row| row.spot);
        let place = Place { table: Some(self.number), spot, ..Place::default() };
        self.findings.push(Finding::new(Severity::Info, message, place));
    }

    /// Tells what of the captions was not understood, or was understood only by an assumption.
    fn report_captions(&mut self, columns: &[ColumnReading]) {
        if let Some(caption) = &self.table.unread_period {
            self.report_caption("period.unread", Severity::Warning, &caption.clone());
        }
        let is_flow = |column: &ColumnReading| match &column.role {
            ColumnRole::Indicator(column) => column.accumulation != Accumulation::Point,
            _ => false,
        };
        if let Some(caption) = &self.table.open_period
            && columns.iter().any(is_flow)
        {
            self.report_caption("period.start_assumed", Severity::Warning, &caption.clone());
        }
    }

    fn report_caption(&mut self, code: &'static str, severity: Severity, caption: &Paragraph) {
        let place = Place { table: Some(self.number), ..Place::at(caption.spot) };
        let message = Message::new(code).with("text", &caption.text);
        let finding = Finding::new(severity, message, place);
        self.findings.push(Finding { found: Some(caption.text.clone()), ..finding });
    }

    fn report_strays(&mut self) {
        for stray in &self.table.grid.strays {
            // A figure may be the rest of one in the row above.
            let above = self.table.grid.rows.iter().rposition(|row| row.spot < stray.spot);
            let row = above.map(|row_idx| row_idx + 1);
            let row = row.filter(|_| is_part_of_figure(&stray.text));
            let place = Place { table: Some(self.number), row, ..Place::at(stray.spot) };
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

    /// Returns how many cells with a text stand in unknown columns or in rows of unknown departments.
    fn n_left_out(&self, rows: &[BodyRow], columns: &[ColumnReading]) -> usize {
        let is_figure = |column: &ColumnReading| matches!(column.role, ColumnRole::Indicator(_));
        let rows = rows.iter().filter(|row| !row.is_total);
        rows.map(|row| {
            let is_read = self.rows.iter().any(|(label, _)| *label == row.label);
            let cells = row.cells.iter().flatten().zip(columns);
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

    /// Tells how the cells of a row came together, where that was not plain.
    fn report_shape(&mut self, row: &BodyRow, columns: &[ColumnReading]) {
        let place = row.row_place(self.number);
        if row.cells.is_none() {
            let message = Message::new("row.cells_missing")
                .with("label", &row.label)
                .with("expected", columns.len());
            let finding = Finding::new(Severity::Warning, message, place);
            let finding = finding.labelled(Some(&row.label), None);
            self.findings.push(Finding { found: Some(self.row_text(row)), ..finding });
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
            CellValue::Number(number) if number.value < 0.0 => ("cell.negative", Severity::Warning),
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
        let value = number.as_ref().and_then(|number| number.in_column(column.exponent));
        let obs_status = if value.is_some() { ObsStatus::Reported } else { ObsStatus::Missing };
        Observation {
            indicator: column.indicator.clone(),
            definition: column.definition,
            department: Some(department.to_owned()),
            region: self.context.departments.region.clone(),
            breakdown: None,
            accumulation: column.accumulation,
            period: column.period,
            period_basis: column.period_basis,
            value,
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
    fn read_notes(&mut self, columns: &[ColumnReading]) {
        let notes = &self.table.notes;
        let all = notes.iter().enumerate().flat_map(|(idx, note)| {
            sentences(&note.text).map(move |sentence| (idx, note, sentence))
        });
        for (idx, note, sentence) in all {
            let Some(returned) = parse_return_note(sentence) else { continue };
            let place =
                Place { table: Some(self.number), note: Some(idx + 1), ..Place::at(note.spot) };
            let is_named = |(_, department): &&(String, String)| {
                self.context.departments.is_named_in(department, sentence)
            };
            let named: Vec<(String, String)> = self.rows.iter().filter(is_named).cloned().collect();
            let figures = match named.as_slice() {
                [(_, department)] => self.figures_meant(department, returned.subject, columns),
                _ => None,
            };
            // Which of several zeros is a returned one has to be said.
            let figures = figures.filter(|figures| !returned.is_all || figures.zeros.len() <= 1);
            let ([(label, _)], Some(figures)) = (named.as_slice(), figures) else {
                let message = Message::new("note.unclear").with("note", sentence);
                let finding = Finding::new(Severity::Warning, message, place);
                self.findings.push(Finding { found: Some(sentence.to_owned()), ..finding });
                continue;
            };
            if returned.is_all {
                self.mark_returned(&figures.zeros, note);
            }
            let quantities =
                [("records_pushed", returned.pushed), ("records_returned", returned.returned)];
            for (indicator, quantity) in quantities {
                if let Some((number, printed)) = quantity
                    && returned.subject != NoteSubject::Evaluations
                {
                    let quantity = NoteQuantity { indicator, number, printed, note, place };
                    self.add_quantity(figures.flow, &quantity);
                }
            }
            let message =
                Message::new("note.returned").with("label", label).with("note", &note.text);
            let finding = Finding::new(Severity::Info, message, place);
            let finding = finding.labelled(Some(label), None);
            self.findings.push(Finding { found: Some(note.text.clone()), ..finding });
        }
    }

    /// Returns which figures of a department a note about returned data can mean: those of the flows
    /// that it names, else of all flows.
    ///
    /// `None` when the department has no flow.
    fn figures_meant(
        &self,
        department: &str,
        subject: NoteSubject,
        columns: &[ColumnReading],
    ) -> Option<FiguresMeant> {
        let indicator = match subject {
            NoteSubject::Cases => Some("cases_aggregated"),
            NoteSubject::Evaluations => Some("evaluations_aggregated"),
            NoteSubject::Unsaid => None,
        };
        let has_named = columns.iter().any(|column| {
            matches!(&column.role, ColumnRole::Indicator(c) if Some(c.indicator.as_str()) == indicator)
        });
        let indicator = indicator.filter(|_| has_named);
        let of_row = self.observations.iter().enumerate().filter(|(_, observation)| {
            observation.department.as_deref() == Some(department)
                && observation.accumulation != Accumulation::Point
                && indicator.is_none_or(|indicator| observation.indicator == indicator)
        });
        let flows: Vec<(usize, &Observation)> = of_row.collect();
        let zeros: Vec<usize> = flows
            .iter()
            .filter(|(_, observation)| observation.value == Some(0.0))
            .map(|(at, _)| *at)
            .collect();
        let flow = zeros.first().or(flows.first().map(|(at, _)| at)).copied()?;
        Some(FiguresMeant { zeros, flow })
    }

    /// Zero because everything was sent back.
    fn mark_returned(&mut self, zeros: &[usize], note: &Paragraph) {
        for at in zeros {
            self.observations[*at].obs_status = ObsStatus::Returned;
            self.observations[*at].note = Some(note.text.clone());
        }
    }

    /// Adds a figure that a note tells about a department, over the time of one of its flows.
    fn add_quantity(&mut self, flow: usize, quantity: &NoteQuantity<'_>) {
        let mut indicators = self.context.refdata.indicators().into_iter();
        let known = indicators.find(|known| known.indicator == quantity.indicator);
        let (Some(of_row), Some(known)) = (self.observations.get(flow).cloned(), known) else {
            return;
        };
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

/// Whether the only text of a row is a figure in a column of figures: its label is missing.
fn is_lone_figure(row: &BodyRow, columns: &[ColumnReading]) -> bool {
    let cells = row.cells.iter().flatten().zip(columns);
    let mut figures = cells.filter(|(_, column)| matches!(column.role, ColumnRole::Indicator(_)));
    figures.any(|(cell, _)| matches!(parse_cell(&cell.text), CellValue::Number(_)))
}

/// Whether a cell prints a unit that is not its column's (条 are not 件), or a scale where the column
/// has one: which of them counts is not said.
fn is_in_another_unit(number: &Number, column: &ColumnReading) -> bool {
    match &column.role {
        ColumnRole::Indicator(indicator) => {
            let is_scaled_twice = number.exponent > 0 && indicator.exponent > 0;
            is_scaled_twice || number.unit.as_ref().is_some_and(|unit| *unit != indicator.unit)
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
