//! A dataset as a workbook: a sheet of what it is, then its rows.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{
    DataType, Date32Type, Float64Type, Int32Type, Int64Type, TimestampMicrosecondType,
};
use chrono::NaiveDate;

use crate::diag::{Lang, Message};
use crate::export::file::{ExportFile, FileEntry};
use crate::export::{Column, Dataset, ExportError};
use crate::output::{
    ListCell, ListColumn, ListFormat, ListPlan, ListSummary, ListWriter, MAX_SHEET_ROWS,
};
use crate::query::unit_of_comment;

/// Widths of columns by what stands in them, in Latin characters.
const TEXT_WIDTH: u16 = 18;
const NUMBER_WIDTH: u16 = 12;
/// Characters of the name of a sheet.
const MAX_SHEET_NAME: usize = 24;
/// How instants are written: workbooks have no type for them that every program shows alike.
const TIME: &str = "%Y-%m-%d %H:%M:%S";
const EXACT_TIME: &str = "%Y-%m-%d %H:%M:%S%.6f";
/// Whole numbers beyond are not exact in a workbook.
const MAX_EXACT: u64 = 1 << 53;

/// Rows of a workbook, which are counted before they are written.
pub(super) struct WorkbookRows {
    rows: Vec<RecordBatch>,
    n_rows: u64,
}

/// What a workbook says of itself.
pub(super) struct BookWords<'a> {
    /// Its titles.
    pub(super) titles: &'a [String],
    /// The day of the snapshot.
    pub(super) day: NaiveDate,
    /// What has to be known first.
    pub(super) mark: Option<String>,
    /// What is known about the export: name and value.
    pub(super) facts: Vec<(String, String)>,
    /// Language of the words.
    pub(super) lang: Lang,
}

impl WorkbookRows {
    pub(super) fn new() -> Self {
        Self { rows: Vec::new(), n_rows: 0 }
    }

    /// Adds rows; fails where a sheet does not take them.
    pub(super) fn push(&mut self, dataset: &str, rows: &RecordBatch) -> Result<(), ExportError> {
        self.n_rows += rows.num_rows() as u64;
        if self.n_rows > MAX_SHEET_ROWS {
            let dataset = dataset.to_owned();
            return Err(ExportError::SheetFull { dataset, max: MAX_SHEET_ROWS });
        }
        self.rows.push(rows.clone());
        Ok(())
    }

    /// Writes the workbook; returns its file, and how many texts were cut.
    pub(super) fn write(
        &self,
        dataset: &Dataset,
        words: &BookWords<'_>,
        file: ExportFile,
    ) -> Result<(FileEntry, u64), ExportError> {
        let path = file.path().to_owned();
        let failed = |error| ExportError::output(&path, error);
        let plan = self.plan(dataset, words);
        let mut list = ListWriter::begin(ListFormat::Xlsx, &plan, file).map_err(failed)?;
        for rows in &self.rows {
            for row_idx in 0..rows.num_rows() {
                let texts: Vec<Option<String>> =
                    rows.columns().iter().map(|column| text_of(column, row_idx)).collect();
                let cells = rows.columns().iter().zip(&texts);
                let cells: Vec<ListCell<'_>> =
                    cells.map(|(column, text)| cell_of(column, row_idx, text.as_deref())).collect();
                list.push(&cells).map_err(failed)?;
            }
        }
        let done = list.finish().map_err(failed)?;
        Ok((done.sink.finish()?, done.n_cut))
    }

    fn plan(&self, dataset: &Dataset, words: &BookWords<'_>) -> ListPlan {
        let said = |code| Message::new(code).text(words.lang);
        let columns = words.titles.iter().zip(&dataset.columns).map(|(title, column)| ListColumn {
            title: title.clone(),
            width: if column.data_type == DataType::Utf8 { TEXT_WIDTH } else { NUMBER_WIDTH },
            is_day: column.data_type == DataType::Date32,
        });
        let told = words.titles.iter().zip(&dataset.columns);
        let told = told.map(|(title, column)| (title.clone(), told_of(title, column, words.lang)));
        let facts = words.facts.iter().cloned();
        let title = &dataset.title[usize::from(words.lang == Lang::Zh)];
        ListPlan {
            sheet_name: dataset.name.chars().take(MAX_SHEET_NAME).collect(),
            columns: columns.collect(),
            n_rows: self.n_rows,
            summary: ListSummary {
                sheet_name: said("export.about_sheet"),
                title: title.clone(),
                mark: words.mark.clone(),
                facts: facts.chain(told.filter(|(_, told)| !told.is_empty())).collect(),
                tables: Vec::new(),
                notes_title: said("export.notes_title"),
                notes: dataset.notes.iter().map(|note| note.text(words.lang)).collect(),
            },
            made_on: words.day,
        }
    }
}

/// Returns what there is to say of a column: its name where it is not its title, its unit, what it means.
fn told_of(title: &str, column: &Column, lang: Lang) -> String {
    let name = (column.name != title).then_some(column.name.as_str());
    let unit = column.unit.as_deref();
    let help = column.help(lang).map(|help| beside_unit(help, unit));
    let told = [name, unit, help.filter(|help| !help.is_empty())];
    told.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Returns what the help of a column says beside its unit, with which it mostly begins.
fn beside_unit<'a>(help: &'a str, unit: Option<&str>) -> &'a str {
    let (first, rest) = help.split_once([';', '；']).unwrap_or((help, ""));
    // A sentence that goes on after the unit needs it.
    let is_unit = unit.is_some() && !first.contains(' ') && unit_of_comment(first) == unit;
    if is_unit { rest.trim_start() } else { help }
}

/// Returns what is written as a text: texts, instants, and numbers that a workbook does not have.
fn text_of(column: &dyn Array, row_idx: usize) -> Option<String> {
    if column.is_null(row_idx) {
        return None;
    }
    match column.data_type() {
        DataType::Utf8 => Some(column.as_string::<i32>().value(row_idx).to_owned()),
        DataType::Timestamp(..) => {
            let times = column.as_primitive::<TimestampMicrosecondType>();
            let is_whole = times.value(row_idx) % 1_000_000 == 0;
            let format = if is_whole { TIME } else { EXACT_TIME };
            times.value_as_datetime(row_idx).map(|time| time.format(format).to_string())
        }
        DataType::Int64 => {
            let value = column.as_primitive::<Int64Type>().value(row_idx);
            (value.unsigned_abs() > MAX_EXACT).then(|| value.to_string())
        }
        DataType::Float64 => {
            let value = column.as_primitive::<Float64Type>().value(row_idx);
            (!value.is_finite()).then(|| value.to_string())
        }
        _ => None,
    }
}

fn cell_of<'a>(column: &dyn Array, row_idx: usize, text: Option<&'a str>) -> ListCell<'a> {
    if let Some(text) = text {
        return ListCell::Text(text);
    }
    if column.is_null(row_idx) {
        return ListCell::Blank;
    }
    match column.data_type() {
        DataType::Boolean => ListCell::Truth(column.as_boolean().value(row_idx)),
        DataType::Int32 => {
            ListCell::Number(i64::from(column.as_primitive::<Int32Type>().value(row_idx)))
        }
        DataType::Int64 => ListCell::Number(column.as_primitive::<Int64Type>().value(row_idx)),
        DataType::Float64 => ListCell::Decimal(column.as_primitive::<Float64Type>().value(row_idx)),
        DataType::Date32 => {
            let day = column.as_primitive::<Date32Type>().value_as_date(row_idx);
            day.map_or(ListCell::Blank, ListCell::Day)
        }
        _ => ListCell::Blank,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::columns_of_query;
    use crate::query::Catalogue;

    #[test]
    fn the_unit_of_a_column_is_told_once() {
        let catalogue = Catalogue::builtin();
        let mut columns = columns_of_query(catalogue.get("aggregation/timeliness").unwrap());
        columns.extend(columns_of_query(catalogue.get("satisfaction/monthly").unwrap()));
        let told_in = |name: &str, lang| {
            told_of("", columns.iter().find(|column| column.name == name).unwrap(), lang)
        };
        let told = |name| told_in(name, Lang::En);
        assert_eq!(
            told("ratings"),
            "ratings · 条 · active, default_ratings and of_unknown_channel"
        );
        assert_eq!(
            told("default_share_pct"),
            "default_share_pct · % · percent of active and default ratings"
        );
        assert_eq!(
            told("default_good_pct"),
            "default_good_pct · % · the same as good_pct, of default ratings"
        );
        assert_eq!(told("max_days"), "max_days · days");
        assert_eq!(
            told_in("ratings", Lang::Zh),
            "ratings · 条 · active、default_ratings 与 of_unknown_channel 之和"
        );
    }
}
