//! The rows of an answer as the columns and cells of a table: labels, units, formats, words and marks.

use arrow::array::{Array, AsArray};
use arrow::datatypes::{
    DataType, Date32Type, Float64Type, Int32Type, Int64Type, TimeUnit, TimestampMicrosecondType,
};
use arrow::temporal_conversions::timestamp_us_to_datetime;
use arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::diag::{Lang, Message, column_title};
use crate::output::stored_word;
use crate::query::{ColumnType, ReturnColumn};
use crate::refdata::RefData;
use crate::report::asking::Answer;
use crate::report::content::{Cell, CellFormat, Column, Mark, Row, RowKind, Value};

/// Decimals of numbers and of percentages.
const DECIMALS: u8 = 4;
const PERCENT_DECIMALS: u8 = 2;
/// Columns with identifiers: never a number, never broken.
const IDS: [&str; 8] =
    ["batch", "code", "document_number", "record_key", "region", "rule", "source_hash", "place"];
/// Columns of differences, beside those whose names end in `_change`.
const CHANGES: [&str; 6] =
    ["change", "difference", "gap", "growth_points", "rank_movement", "ahead_points"];
/// Columns whose values are in the unit of the indicator that was asked for.
const OF_INDICATOR: [&str; 8] = [
    "base_value",
    "change",
    "closing_value",
    "opening_value",
    "previous_value",
    "value",
    "year_before_change",
    "year_before_value",
];

/// Columns that say where a department stands by its value: a value of zero has no place among others.
const RANKS: [&str; 3] = ["n_tied", "rank", "rank_change"];

/// Units of the reference data, and what readers call them.
const UNITS: [(&str, &str); 3] =
    [("个", "report.unit_count"), ("条", "report.unit_records"), ("项", "report.unit_items")];
/// Who sent records back that this program did not take.
const OURSELVES: &str = "tongban";

/// Returns the value of a cell of an answer.
pub(super) fn value_at(column: &dyn Array, row: usize) -> Value {
    if column.is_null(row) {
        return Value::Missing;
    }
    match column.data_type() {
        DataType::Utf8 => Value::Text(column.as_string::<i32>().value(row).to_owned()),
        DataType::Int32 => Value::Whole(column.as_primitive::<Int32Type>().value(row).into()),
        DataType::Int64 => Value::Whole(column.as_primitive::<Int64Type>().value(row)),
        DataType::Float64 => Value::Number(column.as_primitive::<Float64Type>().value(row)),
        DataType::Boolean => Value::Truth(column.as_boolean().value(row)),
        DataType::Date32 => {
            let day = Date32Type::to_naive_date_opt(column.as_primitive::<Date32Type>().value(row));
            day.map_or(Value::Missing, Value::Day)
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            let micros = column.as_primitive::<TimestampMicrosecondType>().value(row);
            timestamp_us_to_datetime(micros).map_or(Value::Missing, Value::Instant)
        }
        // Questions of a workspace may have columns of any type.
        _ => ArrayFormatter::try_new(column, &FormatOptions::default())
            .map_or(Value::Missing, |formatter| Value::Text(formatter.value(row).to_string())),
    }
}

impl Value {
    /// Returns the value as the parameter of a question is written.
    pub(super) fn exact_text(&self) -> String {
        match self {
            Self::Missing | Self::Course(_) => String::new(),
            Self::Text(text) => text.clone(),
            Self::Whole(number) => number.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Truth(truth) => truth.to_string(),
            Self::Day(day) => day.to_string(),
            Self::Instant(time) => time.to_string(),
        }
    }

    /// Returns the value as a number, where it is one.
    pub(super) fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number).filter(|number| number.is_finite()),
            #[expect(clippy::cast_precision_loss, reason = "a chart draws doubles")]
            Self::Whole(number) => Some(*number as f64),
            _ => None,
        }
    }
}

/// Makes cells of the answers of questions.
pub(super) struct Cells<'a> {
    pub(super) refdata: &'a RefData,
    pub(super) lang: Lang,
}

impl Cells<'_> {
    /// Returns the columns of an answer in the order of some names, and its rows at some positions.
    pub(super) fn table(
        &self,
        answer: &Answer<'_>,
        names: &[String],
        units: &[(String, String)],
        rows: &[usize],
    ) -> (Vec<Column>, Vec<Row>) {
        let names: Vec<String> =
            names.iter().map(|name| name.replace("{lang}", self.lang.as_str())).collect();
        let of_name =
            |name: &String| answer.query.head.returns.iter().find(|column| column.name == *name);
        let returned: Vec<&ReturnColumn> = names.iter().filter_map(of_name).collect();
        let mut columns: Vec<Column> =
            returned.iter().map(|column| self.column(answer, column, units)).collect();
        self.tell_apart(&mut columns);
        let rows = rows.iter().map(|row| Row {
            kind: RowKind::Body,
            cells: returned.iter().map(|column| self.cell(answer, &column.name, *row)).collect(),
        });
        (columns, rows.collect())
    }

    /// A change and a change in percent are called the same without their unit.
    fn tell_apart(&self, columns: &mut [Column]) {
        for idx in 0..columns.len() {
            let is_percent = columns[idx].name.ends_with("_pct");
            let has_twin = columns
                .iter()
                .enumerate()
                .any(|(other, column)| other != idx && column.label == columns[idx].label);
            if is_percent && has_twin {
                let message = Message::new("report.in_percent").with("label", &columns[idx].label);
                columns[idx].label = message.text(self.lang);
            }
        }
    }

    fn column(
        &self,
        answer: &Answer<'_>,
        column: &ReturnColumn,
        units: &[(String, String)],
    ) -> Column {
        let own = units.iter().find(|(name, _)| *name == column.name);
        let unit = own.map(|(_, unit)| unit.clone()).or_else(|| self.unit_of(answer, &column.name));
        let format = format_of(&column.name, column.data_type);
        Column {
            label: self.label(&column.name),
            name: column.name.clone(),
            unit: unit.filter(|unit| unit != "%").map(|unit| self.unit(&unit)),
            format,
        }
    }

    /// The unit of the indicator that a column bears the name of, or that was asked for.
    fn unit_of(&self, answer: &Answer<'_>, column: &str) -> Option<String> {
        let asked = answer.asked.params.iter().find(|(name, _)| name == "indicator");
        let asked = asked.filter(|_| OF_INDICATOR.contains(&column));
        let wanted = asked.map_or(column, |(_, indicator)| indicator);
        let indicators = self.refdata.indicators();
        let found = indicators.into_iter().find(|known| known.indicator == wanted);
        found.map(|indicator| indicator.unit)
    }

    /// Returns a unit in the reader's language; one that is not known as it is.
    pub(super) fn unit(&self, unit: &str) -> String {
        let found = UNITS.iter().find(|(known, _)| *known == unit);
        found.map_or_else(|| unit.to_owned(), |(_, code)| Message::new(code).text(self.lang))
    }

    /// Returns the title of a column.
    pub(super) fn label(&self, name: &str) -> String {
        match self.lang {
            Lang::Zh => column_title(name, Lang::Zh).replace("（%）", ""),
            Lang::En => {
                let name = ["_zh", "_en", "_pct"]
                    .iter()
                    .find_map(|ending| name.strip_suffix(ending))
                    .unwrap_or(name);
                // How many there are.
                let name = name.strip_prefix("n_").unwrap_or(name);
                capitalised(&name.replace('_', " "))
            }
        }
    }

    fn cell(&self, answer: &Answer<'_>, column: &str, row: usize) -> Cell {
        let is_true = |name: &str| answer.value(name, row) == Value::Truth(true);
        let own_status = format!("{column}_status");
        let status = match answer.column(&own_status) {
            Some(_) => answer.value(&own_status, row),
            None if column == "value" => answer.value("obs_status", row),
            None => Value::Missing,
        };
        let mut marks = Vec::new();
        if OF_INDICATOR.contains(&column) && is_true("is_revised_down") {
            marks.push(Mark::Revised);
        }
        match &status {
            Value::Text(status) if status == "returned" || status == "partly_returned" => {
                marks.push(Mark::Returned);
            }
            Value::Text(status) if status == "estimated" => marks.push(Mark::Approximate),
            _ if column == "value" && is_true("is_approximate") => marks.push(Mark::Approximate),
            _ => {}
        }
        let remark = match answer.value(&format!("{column}_note"), row) {
            Value::Text(note) => Some(note),
            _ => None,
        };
        let is_zero = || answer.value("value", row).as_number() == Some(0.0);
        let value = if RANKS.contains(&column) && is_zero() {
            Value::Missing
        } else {
            self.worded(column, answer.value(column, row))
        };
        Cell { value, marks, remark }
    }

    /// A word of a closed list in the reader's language, an indicator by its name; anything else as it is.
    fn worded(&self, column: &str, value: Value) -> Value {
        match value {
            Value::Text(stored) if column == "indicator" => {
                Value::Text(self.indicator_name(&stored))
            }
            Value::Text(stored) if column == "returned_by" && stored == OURSELVES => {
                Value::Text(Message::new("report.returned_here").text(self.lang))
            }
            Value::Text(stored) if column == "qualifier" => {
                let word = stored_word(column, &stored, self.lang).unwrap_or(stored);
                let qualified = Message::new("report.qualified");
                Value::Text(qualified.with("word", word.replace('_', " ")).text(self.lang))
            }
            Value::Text(stored) if column == "unit" => Value::Text(self.unit(&stored)),
            Value::Text(stored) => Value::Text(match stored_word(column, &stored, self.lang) {
                Some(word) if self.lang == Lang::En => word.replace('_', " "),
                Some(word) => word,
                None => stored,
            }),
            value => value,
        }
    }

    /// Returns the name of an indicator in the reader's language, its id where it has none.
    pub(super) fn indicator_name(&self, id: &str) -> String {
        let column = if self.lang == Lang::Zh { "name_zh" } else { "name_en" };
        let mut tables = self.refdata.tables().filter(|table| table.name == "indicators");
        let found = tables.next().and_then(|table| {
            let last = table.rows().filter(|row| row.text("indicator") == id).last();
            last.map(|row| row.text(column))
        });
        found.filter(|name| !name.is_empty()).unwrap_or_else(|| id.to_owned())
    }
}

/// Returns a text with its first letter in upper case.
fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + letters.as_str()
    })
}

/// How the cells of a column are written, as its name and type tell.
fn format_of(name: &str, data_type: ColumnType) -> CellFormat {
    let is_change = CHANGES.contains(&name)
        || name.ends_with("_change")
        || name.ends_with("_points")
        || name.ends_with("_difference");
    match data_type {
        ColumnType::Text if IDS.contains(&name) || name.ends_with("_code") => CellFormat::Id,
        ColumnType::Text => CellFormat::Text,
        ColumnType::Bool => CellFormat::Truth,
        ColumnType::Timestamp => CellFormat::Instant,
        ColumnType::Date if name.ends_with("month") => CellFormat::Month,
        ColumnType::Date => CellFormat::Day,
        ColumnType::Double if name.ends_with("_pct") => {
            if name.contains("change") || name.contains("growth") {
                CellFormat::PercentChange { decimals: PERCENT_DECIMALS }
            } else {
                CellFormat::Percent { decimals: PERCENT_DECIMALS }
            }
        }
        ColumnType::Double if name.ends_with("_points") => {
            CellFormat::Change { decimals: PERCENT_DECIMALS }
        }
        ColumnType::Double if name.starts_with("average_") => {
            CellFormat::Number { decimals: PERCENT_DECIMALS }
        }
        ColumnType::Double if is_change => CellFormat::Change { decimals: DECIMALS },
        ColumnType::Double => CellFormat::Number { decimals: DECIMALS },
        ColumnType::Int | ColumnType::Bigint if is_change => CellFormat::Change { decimals: 0 },
        ColumnType::Int | ColumnType::Bigint => CellFormat::Number { decimals: 0 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, data_type: ColumnType, expected: CellFormat) {
        assert_eq!(format_of(name, data_type), expected, "{name}");
    }

    #[test]
    fn names_and_types_tell_how_cells_are_written() {
        check("share_pct", ColumnType::Double, CellFormat::Percent { decimals: 2 });
        check("change_pct", ColumnType::Double, CellFormat::PercentChange { decimals: 2 });
        check("year_before_change", ColumnType::Double, CellFormat::Change { decimals: 4 });
        check("growth_points", ColumnType::Double, CellFormat::Change { decimals: 2 });
        check("average_score", ColumnType::Double, CellFormat::Number { decimals: 2 });
        check("rank_change", ColumnType::Int, CellFormat::Change { decimals: 0 });
        check("records", ColumnType::Bigint, CellFormat::Number { decimals: 0 });
        check("month", ColumnType::Date, CellFormat::Month);
        check("period_end", ColumnType::Date, CellFormat::Day);
        check("batch", ColumnType::Text, CellFormat::Id);
    }

    #[test]
    fn a_change_and_its_percentage_are_told_apart() {
        let refdata = RefData::load(&[]).unwrap();
        let cells = Cells { refdata: &refdata, lang: Lang::Zh };
        let column = |name: &str| Column {
            name: name.to_owned(),
            label: cells.label(name),
            unit: None,
            format: CellFormat::Text,
        };
        let mut columns = ["change", "change_pct", "share_pct"].map(column);
        cells.tell_apart(&mut columns);
        assert_eq!(columns.map(|column| column.label), ["变动", "变动（%）", "占比"]);
    }

    #[test]
    fn titles_are_words() {
        let refdata = RefData::load(&[]).unwrap();
        let label = |name: &str, lang| Cells { refdata: &refdata, lang }.label(name);
        assert_eq!(label("cases_aggregated_share_pct", Lang::En), "Cases aggregated share");
        assert_eq!(label("message_en", Lang::En), "Message");
        assert_eq!(label("n_tied", Lang::En), "Tied");
        assert_eq!(label("share_pct", Lang::Zh), "占比");
        let unit = |name: &str, lang| Cells { refdata: &refdata, lang }.unit(name);
        let shown = [unit("条", Lang::En), unit("条", Lang::Zh), unit("%", Lang::En)];
        assert_eq!(shown, ["records", "条", "%"]);
    }
}
