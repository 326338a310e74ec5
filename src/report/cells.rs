//! The rows of an answer as the columns and cells of a table: labels, units, formats, words and marks.

use arrow::array::{Array, AsArray};
use arrow::datatypes::{
    DataType, Date32Type, Float64Type, Int32Type, Int64Type, TimeUnit, TimestampMicrosecondType,
};
use arrow::temporal_conversions::timestamp_us_to_datetime;
use arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::diag::{Lang, Message, column_title, word};
use crate::output::stored_word;
use crate::query::{
    ColumnFormat, ColumnType, ColumnUnit, ColumnValues, ReferenceList, ReturnColumn,
};
use crate::refdata::RefData;
use crate::report::asking::Answer;
use crate::report::content::{Cell, CellFormat, Column, Mark, Row, RowKind, Value};

/// Decimals of numbers and of percentages.
const DECIMALS: u8 = 4;
const PERCENT_DECIMALS: u8 = 2;
/// Units that cells or the titles of columns say themselves.
const TOLD: [&str; 3] = ["%", "days", "reasons"];
/// Units of the reference data, and what readers call them.
const UNITS: [(&str, &str); 6] = [
    ("个", "report.unit_count"),
    ("人", "report.unit_people"),
    ("件", "report.unit_cases"),
    ("家", "report.unit_bodies"),
    ("条", "report.unit_records"),
    ("项", "report.unit_items"),
];
/// Names that are no words, and what they stand for.
const INITIALS: [(&str, &str); 1] = [("hhi", "HHI (0 to 10,000)")];
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
            cells: returned.iter().map(|column| self.cell(answer, column, *row)).collect(),
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
        let unit = own.map(|(_, unit)| unit.clone()).or_else(|| self.unit_of(answer, column));
        Column {
            label: self.label(&column.name),
            name: column.name.clone(),
            unit: unit.filter(|unit| !TOLD.contains(&&**unit)).map(|unit| self.unit(&unit)),
            format: format_of(column),
        }
    }

    /// The unit of a column as its head says it, else that of the indicator that it bears the name of.
    fn unit_of(&self, answer: &Answer<'_>, column: &ReturnColumn) -> Option<String> {
        let wanted = match &column.unit {
            Some(ColumnUnit::Fixed(unit)) => return Some(unit.clone()),
            Some(ColumnUnit::OfParameter(parameter)) => {
                let mut asked = answer.asked.params.iter();
                &asked.find(|(name, _)| name == parameter)?.1
            }
            None => &column.name,
        };
        let indicators = self.refdata.indicators();
        let found = indicators.into_iter().find(|known| known.indicator == *wanted);
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
                if let Some((_, title)) = INITIALS.iter().find(|(known, _)| *known == name) {
                    return (*title).to_owned();
                }
                // How many there are.
                let name = name.strip_prefix("n_").unwrap_or(name);
                capitalised(&name.replace('_', " "))
            }
        }
    }

    fn cell(&self, answer: &Answer<'_>, column: &ReturnColumn, row: usize) -> Cell {
        let ReturnColumn { name, beside, .. } = column;
        let is_true = |flag: Option<&String>| {
            flag.is_some_and(|flag| answer.value(flag, row) == Value::Truth(true))
        };
        let status = match &beside.status {
            Some(status) => answer.value(status, row),
            None => answer.value(&format!("{name}_status"), row),
        };
        let mut marks = Vec::new();
        if is_true(beside.revised.as_ref()) {
            marks.push(Mark::Revised);
        }
        match &status {
            Value::Text(status) if status == "returned" || status == "partly_returned" => {
                marks.push(Mark::Returned);
            }
            Value::Text(status) if status == "estimated" => marks.push(Mark::Approximate),
            _ if is_true(beside.approximate.as_ref()) => marks.push(Mark::Approximate),
            _ => {}
        }
        let remark = match answer.value(&format!("{name}_note"), row) {
            Value::Text(note) => Some(note),
            _ => None,
        };
        // There is no first among those who have nothing.
        let has_any = |figure: &String| answer.value(figure, row).as_number() != Some(0.0);
        let is_placed = beside.ranked_by.iter().all(has_any);
        let value =
            if is_placed { self.worded(column, answer.value(name, row)) } else { Value::Missing };
        Cell { value, marks, remark }
    }

    /// A word of a closed list in the reader's language, an indicator by its name; anything else as it is.
    fn worded(&self, column: &ReturnColumn, value: Value) -> Value {
        let Value::Text(stored) = value else { return value };
        let name = column.name.as_str();
        Value::Text(match &column.values {
            ColumnValues::Ids(ReferenceList::Indicators) => self.indicator_name(&stored),
            _ if name == "returned_by" && stored == OURSELVES => {
                Message::new("report.returned_here").text(self.lang)
            }
            _ if name == "qualifier" => {
                let told = stored_word(name, &stored, self.lang).unwrap_or(stored);
                let qualified = Message::new("report.qualified");
                qualified.with("word", told.replace('_', " ")).text(self.lang)
            }
            _ if name == "unit" => self.unit(&stored),
            values => {
                let listed = || matches!(values, ColumnValues::Words(_));
                let own = stored_word(name, &stored, self.lang);
                let known = own.or_else(|| listed().then(|| word(&stored, self.lang)));
                match known {
                    Some(known) if self.lang == Lang::En => known.replace('_', " "),
                    Some(known) => known,
                    None => stored,
                }
            }
        })
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

/// How the cells of a column are written, as its head tells.
fn format_of(column: &ReturnColumn) -> CellFormat {
    let is_change = column.format == Some(ColumnFormat::Change);
    let is_percent = column.unit.as_ref().is_some_and(ColumnUnit::is_percent);
    let usual = if is_percent { PERCENT_DECIMALS } else { DECIMALS };
    let decimals = column.decimals.unwrap_or(usual);
    let names_a_body = matches!(
        column.values,
        ColumnValues::Ids(ReferenceList::Departments | ReferenceList::Regions)
    );
    match column.data_type {
        ColumnType::Text if names_a_body || column.format == Some(ColumnFormat::Id) => {
            CellFormat::Id
        }
        ColumnType::Text => CellFormat::Text,
        ColumnType::Bool => CellFormat::Truth,
        ColumnType::Timestamp => CellFormat::Instant,
        ColumnType::Date if column.format == Some(ColumnFormat::Month) => CellFormat::Month,
        ColumnType::Date => CellFormat::Day,
        ColumnType::Double if is_percent && is_change => CellFormat::PercentChange { decimals },
        ColumnType::Double if is_percent => CellFormat::Percent { decimals },
        ColumnType::Double if is_change => CellFormat::Change { decimals },
        ColumnType::Double => CellFormat::Number { decimals },
        ColumnType::Int | ColumnType::Bigint if is_change => CellFormat::Change { decimals: 0 },
        ColumnType::Int | ColumnType::Bigint => CellFormat::Number { decimals: 0 },
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, BooleanArray, Float64Array, RecordBatch, StringArray};

    use super::*;
    use crate::query::{Query, QueryOrigin};
    use crate::report::content::Asked;

    /// A query of a workspace that returns `x`, and what its row needs beside it.
    fn query(written: &str) -> Query {
        let text = format!(
            "/*---\nsummary = \"s\"\nsummary_zh = \"s\"\nreads = []\norder = [\"x\"]\n\n\
             [params.measure]\ntype = \"text\"\nhelp = \"h\"\nhelp_zh = \"h\"\n\n\
             [returns]\nx = {written}\nstate = \"text\"\nlowered = \"bool\"\nguessed = \"bool\"\n\
             figure = \"double\"\n---*/\nSELECT $measure AS x;"
        );
        Query::parse("own/x", &text, QueryOrigin::Workspace).unwrap()
    }

    #[track_caller]
    fn check(written: &str, expected: CellFormat) {
        assert_eq!(format_of(&query(written).head.returns[0]), expected, "{written}");
    }

    #[test]
    fn heads_and_types_tell_how_cells_are_written() {
        let number = |decimals| CellFormat::Number { decimals };
        let change = |decimals| CellFormat::Change { decimals };
        check("\"double\"", number(4));
        check("\"double\" # percent of all", CellFormat::Percent { decimals: 2 });
        check("{ type = \"double?\", unit = \"%\" }", CellFormat::Percent { decimals: 2 });
        check("{ type = \"double\", format = \"change\" }", change(4));
        check("{ type = \"double\", format = \"change\", decimals = 2 }", change(2));
        check(
            "{ type = \"double\", format = \"change\", unit = \"%\" }",
            CellFormat::PercentChange { decimals: 2 },
        );
        check("\"bigint\"", number(0));
        check("{ type = \"int\", format = \"change\" }", change(0));
        check("\"date\"", CellFormat::Day);
        check("{ type = \"date\", format = \"month\" }", CellFormat::Month);
        check("\"text\"", CellFormat::Text);
        check("{ type = \"text\", format = \"id\" }", CellFormat::Id);
        check("{ type = \"text\", values = \"departments\" }", CellFormat::Id);
        check("{ type = \"text\", values = [\"a\"] }", CellFormat::Text);
    }

    /// The unit, the text and the marks of `x` in one row.
    fn shown_of(written: &str, x: ArrayRef, figure: f64) -> (Option<String>, Value, Vec<Mark>) {
        let query = query(written);
        let rows = RecordBatch::try_from_iter([
            ("x", x),
            ("state", Arc::new(StringArray::from(vec!["returned"])) as ArrayRef),
            ("lowered", Arc::new(BooleanArray::from(vec![true])) as ArrayRef),
            ("guessed", Arc::new(BooleanArray::from(vec![true])) as ArrayRef),
            ("figure", Arc::new(Float64Array::from(vec![figure])) as ArrayRef),
        ]);
        let params = vec![("measure".to_owned(), "items_connected".to_owned())];
        let asked = Asked { query: query.id.clone(), params };
        let answer = Answer { asked, query: &query, rows: rows.unwrap() };
        let refdata = RefData::load(&[]).unwrap();
        let cells = Cells { refdata: &refdata, lang: Lang::En };
        let (columns, mut rows) = cells.table(&answer, &["x".to_owned()], &[], &[0]);
        let cell = rows.remove(0).cells.remove(0);
        (columns[0].unit.clone(), cell.value, cell.marks)
    }

    #[test]
    fn a_query_of_a_workspace_says_units_words_and_marks_of_its_columns() {
        let double = || Arc::new(Float64Array::from(vec![3.0])) as ArrayRef;
        let text = |text: &str| Arc::new(StringArray::from(vec![text.to_owned()])) as ArrayRef;
        let (unit, value, marks) = shown_of("\"double\"", double(), 1.0);
        assert_eq!((unit, value, marks), (None, Value::Number(3.0), Vec::new()));
        let (unit, _, marks) = shown_of(
            "{ type = \"double\", unit = \"$measure\", status = \"state\", revised = \"lowered\" }",
            double(),
            1.0,
        );
        assert_eq!(unit.as_deref(), Some("items"));
        assert_eq!(marks, [Mark::Revised, Mark::Returned]);
        let (unit, _, marks) = shown_of(
            "{ type = \"double\", unit = \"人\", approximate = \"guessed\" }",
            double(),
            1.0,
        );
        assert_eq!((unit.as_deref(), marks), (Some("people"), vec![Mark::Approximate]));
        assert_eq!(shown_of("\"double\" # 条; sent", double(), 1.0).0.as_deref(), Some("records"));
        // Nothing has no place.
        let ranked = "{ type = \"double\", ranked_by = \"figure\" }";
        assert_eq!(shown_of(ranked, double(), 1.0).1, Value::Number(3.0));
        assert_eq!(shown_of(ranked, double(), 0.0).1, Value::Missing);
        let by_both = "{ type = \"double\", ranked_by = [\"figure\", \"figure\"] }";
        assert_eq!(shown_of(by_both, double(), 1.0).1, Value::Number(3.0));
        assert_eq!(shown_of(by_both, double(), 0.0).1, Value::Missing);
        let worded = |written| shown_of(written, text("mass_organisation"), 1.0).1;
        let stored = Value::Text("mass_organisation".to_owned());
        assert_eq!(worded("\"text\""), stored);
        let listed = "{ type = \"text\", values = [\"mass_organisation\"] }";
        assert_eq!(worded(listed), Value::Text("mass organisation".to_owned()));
        let indicator = "{ type = \"text\", values = \"indicators\" }";
        let Value::Text(name) = shown_of(indicator, text("items_connected"), 1.0).1 else {
            panic!("an indicator is no text");
        };
        assert!(name.starts_with("Service items"), "{name}");
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
        assert_eq!(label("hhi", Lang::En), "HHI (0 to 10,000)");
        assert_eq!(label("share_pct", Lang::Zh), "占比");
        let unit = |name: &str, lang| Cells { refdata: &refdata, lang }.unit(name);
        let shown = [unit("条", Lang::En), unit("条", Lang::Zh), unit("%", Lang::En)];
        assert_eq!(shown, ["records", "条", "%"]);
    }
}
