//! Results as a table for the terminal: one line under the titles, no boxes.
//!
//! Numbers stand at the right. Where the terminal is too narrow, titles and texts break into lines;
//! numbers, days and words never do. Then columns give way (`output::narrow`); a result that cannot
//! fit even so is written as records, one line per cell.

use std::fmt::Write as _;
use std::io::Write;

use arrow::array::RecordBatch;
use comfy_table::{CellAlignment, ColumnConstraint, LineStyle, Table, TableStyle, Width};

use crate::output::cells::{Column, TimeStyle};
use crate::output::human::{self, Role};
use crate::output::json::encoder_options;
use crate::output::layout::{GAP, broken_title, text_width};
use crate::output::narrow::{Fitted, TextColumn, fit, footing, heading};
use crate::output::{OutputError, RenderOptions};

/// Least width of the values in records, for terminals narrower than any title.
const MIN_VALUE_WIDTH: u16 = 12;

/// Writes the table; nothing for a result without columns.
pub(super) fn write(
    batch: &RecordBatch,
    options: RenderOptions,
    sink: &mut dyn Write,
) -> Result<(), OutputError> {
    if batch.num_columns() == 0 {
        return Ok(());
    }
    let columns = texts_of(batch, options)?;
    let text = match fit(&columns, options.width) {
        Some(fitted) => as_table(&fitted, options),
        None => as_records(&columns, options.width),
    };
    sink.write_all(text.as_bytes()).map_err(OutputError::Sink)
}

fn texts_of(batch: &RecordBatch, options: RenderOptions) -> Result<Vec<TextColumn>, OutputError> {
    let json = encoder_options();
    let columns = Column::all(batch, &json, TimeStyle::Spaced)?;
    let texts = columns.into_iter().map(|mut column| {
        let role = Role::of(column.field);
        let title = human::title(column.field, options.lang);
        let rows = 0..batch.num_rows();
        let cells = rows.map(|row| human::cell(&mut column, role, row, options.lang)).collect();
        TextColumn::new(column.field.name(), title, role, cells)
    });
    Ok(texts.collect())
}

fn as_table(fitted: &Fitted<'_>, options: RenderOptions) -> String {
    let mut table = Table::new();
    table.load_style(TableStyle::new().header_separator(LineStyle::none().fill('─')));
    let titles = fitted.columns.iter().zip(&fitted.widths);
    table.set_header(titles.map(|(column, width)| broken_title(&column.title, *width)));
    let n_rows = fitted.columns.first().map_or(0, |column| column.cells.len());
    for row_idx in 0..n_rows {
        table.add_row(fitted.columns.iter().map(|column| column.cells[row_idx].as_str()));
    }
    set_widths(&mut table, &fitted.widths);
    for (drawn, column) in table.column_iter_mut().zip(&fitted.columns) {
        if column.role.is_right_aligned() {
            drawn.set_cell_alignment(CellAlignment::Right);
        }
    }
    let heading = heading(&fitted.above, options.width);
    heading + &lines_of(&table) + &footing(&fitted.left_out, options.lang)
}

/// One block per row, a line per column. A result without rows shows its titles.
fn as_records(columns: &[TextColumn], limit: Option<u16>) -> String {
    let n_rows = columns.first().map_or(0, |column| column.cells.len());
    if n_rows == 0 {
        return columns.iter().fold(String::new(), |text, column| text + &column.title + "\n");
    }
    let title_widths = columns.iter().map(|column| text_width(&column.title));
    let title_width = title_widths.max().unwrap_or_default();
    let room = limit
        .unwrap_or(u16::MAX)
        .saturating_sub(title_width.saturating_add(GAP))
        .max(MIN_VALUE_WIDTH);
    let mut text = String::new();
    for row_idx in 0..n_rows {
        let mut table = Table::new();
        table.load_style(TableStyle::new());
        let mut value_width = 0;
        for column in columns {
            let cell = column.cells[row_idx].as_str();
            let width = text_width(cell);
            // What may not be broken is whole even beyond the edge of the terminal.
            let width = if column.role.is_breakable() { width.min(room) } else { width };
            value_width = width.max(value_width);
            table.add_row([column.title.as_str(), cell]);
        }
        set_widths(&mut table, &[title_width, value_width]);
        writeln!(text, "── {} ──", row_idx + 1).expect("a string takes any text");
        text += &lines_of(&table);
    }
    text
}

fn set_widths(table: &mut Table, widths: &[u16]) {
    let last = widths.len().saturating_sub(1);
    for (idx, (column, width)) in table.column_iter_mut().zip(widths).enumerate() {
        let gap = if idx == last { 0 } else { GAP };
        column.set_padding((0, gap));
        let width = Width::Fixed(width.saturating_add(gap).max(1));
        column.set_constraint(ColumnConstraint::Absolute(width));
    }
}

fn lines_of(table: &Table) -> String {
    let mut text = String::new();
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
