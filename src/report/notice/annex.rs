//! An annex: rows in printed order, columns by indicator, the row that adds them up.

use std::collections::BTreeMap;

use crate::diag::Message;
use crate::report::content::{
    Block, Cell, CellFormat, Column, Mark, Row, RowKind, Section, Table, TablePurpose, Value,
};
use crate::report::notice::NoticeError;
use crate::report::notice::answer::{Answer, AnswerRow};
use crate::report::notice::definition::{AnnexColumnPlan, AnnexPlan};
use crate::report::notice::desk::{differ, is_approved, release_code};
use crate::report::notice::printed::{PrintPlan, printed};
use crate::report::notice::prose::{Line, Prose};

/// Columns that a query has to return for an annex: as `notice/annex` does.
pub(super) const COLUMNS: [&str; 8] = [
    "row_no",
    "row_label",
    "department",
    "indicator",
    "value",
    "release",
    "column_label",
    "previous_value",
];

/// What came of an annex.
pub(super) struct Drafted {
    pub(super) section: Section,
    /// What a reader should look at and does not stop the draft.
    pub(super) warnings: Vec<Message>,
}

/// Returns an annex as it is printed, and adds to `faults` what must not be printed.
pub(super) fn draft(
    plan: &AnnexPlan,
    prose: &Prose,
    faults: &mut Vec<Message>,
) -> Result<Drafted, NoticeError> {
    let empty = Answer::default();
    let answered = prose.desk().answers.get(&plan.question);
    let grid = Grid::of(plan, answered.map_or(&empty, |answered| &answered.answer));
    faults.extend(grid.faults);
    let mut columns = vec![
        column("number", &plan.number_label, CellFormat::Number { decimals: 0 }),
        column("department", &plan.name_label, CellFormat::Text),
    ];
    for (indicator, printed) in plan.columns.iter().zip(&grid.labels) {
        let label = match printed {
            Some(printed) => printed.clone(),
            None => prose.fill_line(&indicator.label, faults)?.text(),
        };
        columns.push(column(&indicator.indicator, &label, CellFormat::Number { decimals: 4 }));
    }
    let mut blocks = Vec::new();
    if let Some(caption) = &plan.caption {
        let spans = prose.fill_line(caption, faults)?.spans;
        if !spans.is_empty() {
            blocks.push(Block::Paragraph { spans });
        }
    }
    let note = plan.note.as_ref().map(|note| prose.fill_line(note, faults)).transpose()?;
    blocks.push(Block::Table(Table {
        id: plan.id.clone(),
        title: plan.title.clone(),
        purpose: TablePurpose::Annex,
        columns,
        rows: grid.rows,
        notes: note.iter().map(Line::text).collect(),
        asked: answered.map(|answered| answered.asked.clone()),
    }));
    let section =
        Section { id: plan.id.clone(), title: plan.title.clone(), start: plan.start, blocks };
    Ok(Drafted { section, warnings: grid.warnings })
}

fn column(name: &str, label: &str, format: CellFormat) -> Column {
    Column { name: name.to_owned(), label: label.to_owned(), unit: None, format }
}

/// The cells of an annex, and what is wrong with them.
struct Grid {
    /// The label of each column as printed before; `None` where its figures were not.
    labels: Vec<Option<String>>,
    rows: Vec<Row>,
    faults: Vec<Message>,
    warnings: Vec<Message>,
}

/// A row that is put together: its name and its cells by column.
struct Gathered<'a> {
    name: &'a str,
    cells: Vec<Option<AnswerRow<'a>>>,
}

impl Grid {
    fn of(plan: &AnnexPlan, answer: &Answer) -> Self {
        let mut grid =
            Self { labels: Vec::new(), rows: Vec::new(), faults: Vec::new(), warnings: Vec::new() };
        let gathered = grid.gather(plan, answer);
        for idx in 0..plan.columns.len() {
            let mut labels = gathered.iter().filter_map(|row| row.cells[idx]);
            let first = labels.next().and_then(|cell| cell.text("column_label"));
            let is_one = first.is_some() && labels.all(|cell| cell.text("column_label") == first);
            grid.labels.push(first.filter(|_| is_one).map(str::to_owned));
        }
        let mut sums = vec![Sum::default(); plan.columns.len()];
        for (idx, row) in gathered.iter().enumerate() {
            let mut cells = Vec::new();
            for ((cell, column), sum) in row.cells.iter().zip(&plan.columns).zip(&mut sums) {
                let exact = cell.filter(|cell| cell.qualifier().is_none());
                let before = cell.and_then(|cell| cell.number("previous_value"));
                sum.add(exact.and_then(|cell| cell.number("value")), before);
                cells.push(grid.cell(plan, row.name, *cell, column));
            }
            grid.push_row(RowKind::Body, idx + 1, row.name, cells);
        }
        if !gathered.is_empty() {
            let totals = sums.iter().map(Sum::cell).collect();
            grid.push_row(RowKind::Total, gathered.len() + 1, &plan.total_label, totals);
        }
        grid
    }

    /// Puts the figures of the answer where they belong. Rows stand in the order of the answer's row
    /// numbers; one without a figure in any column is none.
    fn gather<'a>(&mut self, plan: &AnnexPlan, answer: &'a Answer) -> Vec<Gathered<'a>> {
        let mut rows: BTreeMap<(i64, &str), Gathered<'_>> = BTreeMap::new();
        for figure in answer.rows() {
            let at = plan
                .columns
                .iter()
                .position(|column| figure.text("indicator") == Some(column.indicator.as_str()));
            let number = figure.text("row_no").and_then(|number| number.parse().ok());
            let (Some(at), Some(number), Some(department)) =
                (at, number, figure.text("department"))
            else {
                continue;
            };
            let name = figure.text("row_label").unwrap_or(department);
            let row = rows
                .entry((number, department))
                .or_insert_with(|| Gathered { name, cells: vec![None; plan.columns.len()] });
            if row.cells[at].is_some() {
                self.faults.push(told(plan, "notice.cell_twice", name, &plan.columns[at]));
            }
            row.cells[at] = Some(figure);
        }
        rows.into_values().collect()
    }

    fn cell(
        &mut self,
        plan: &AnnexPlan,
        name: &str,
        cell: Option<AnswerRow<'_>>,
        column: &AnnexColumnPlan,
    ) -> Cell {
        let Some((figure, exact)) = cell.and_then(|cell| Some((cell, cell.number("value")?)))
        else {
            self.warnings.push(told(plan, "notice.cell_missing", name, column));
            return Cell::default();
        };
        if !is_approved(figure.release()) {
            let fault = told(plan, "notice.cell_unapproved", name, column);
            self.faults.push(fault.with_coded("release", release_code(figure.release())));
        }
        let mut marks = Vec::new();
        let value = match figure.qualifier() {
            None => number(exact),
            // 余 and the like belong to the figure, and what is not exact adds up to nothing exact.
            qualifier => {
                marks.push(Mark::Approximate);
                self.warnings.push(told(plan, "notice.cell_inexact", name, column));
                let plan = PrintPlan::whole();
                printed(exact, qualifier, &plan).map_or_else(|| number(exact), Value::Text)
            }
        };
        if figure.number("previous_value").is_some_and(|before| differ(before, exact)) {
            marks.push(Mark::Changed);
        }
        Cell { value, marks, remark: None }
    }

    fn push_row(&mut self, kind: RowKind, row_no: usize, name: &str, cells: Vec<Cell>) {
        let number = Value::Whole(i64::try_from(row_no).unwrap_or(i64::MAX));
        let head = [number, Value::Text(name.to_owned())];
        let head = head.into_iter().map(|value| Cell { value, ..Cell::default() });
        self.rows.push(Row { kind, cells: head.chain(cells).collect() });
    }
}

fn told(plan: &AnnexPlan, code: &'static str, name: &str, column: &AnnexColumnPlan) -> Message {
    Message::new(code)
        .with("annex", &plan.title)
        .with("row", name)
        .with("indicator", &column.indicator)
}

/// What a column adds up to.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    value: f64,
    n_values: usize,
    /// What the same rows added up to before, as far as they were there.
    before: f64,
    n_before: usize,
    /// Whether a cell of the column has no value, or none that is exact.
    is_open: bool,
}

impl Sum {
    fn add(&mut self, value: Option<f64>, before: Option<f64>) {
        if let Some(before) = before {
            self.before += before;
            self.n_before += 1;
        }
        match value {
            Some(value) => {
                self.value += value;
                self.n_values += 1;
            }
            None => self.is_open = true,
        }
    }

    /// Returns the cell of the total; empty where there is nothing to add, or not all of it.
    fn cell(&self) -> Cell {
        let is_whole = self.n_values > 0 && !self.is_open;
        let value = if is_whole { number(self.value) } else { Value::Missing };
        // A row that was not there before adds what it has.
        let is_changed = is_whole && self.n_before > 0 && differ(self.before, self.value);
        let marks = if is_changed { vec![Mark::Changed] } else { Vec::new() };
        Cell { value, marks, remark: None }
    }
}

/// Returns a number as a value: whole where it is.
fn number(value: f64) -> Value {
    /// Above this not every whole number is a double.
    const LIMIT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() < LIMIT {
        #[expect(clippy::cast_possible_truncation, reason = "whole and within the limit")]
        return Value::Whole(value as i64);
    }
    Value::Number(value)
}
