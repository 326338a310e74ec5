//! Figures in the shape that another tool wants: one row each, one column for each indicator, or facts with
//! the dimensions that they refer to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Date32Array, Float64Array, Int32Array, RecordBatch, StringArray,
    new_null_array,
};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Date32Type, Field, Float64Type, Int32Type};
use chrono::{Datelike, NaiveDate};

use crate::export::{Column, Dataset, ExportError, Reference, RowFilter, Rows, Shape, column_of};

/// Columns by which the rows of a wide table are told apart.
const WIDE_KEY: [&str; 6] =
    ["region", "department", "breakdown", "accumulation", "period_start", "period_end"];
/// Columns of a figure that its dimensions have.
const IN_DIMENSIONS: [&str; 5] =
    ["indicator", "definition", "accumulation", "period_start", "period_end"];
/// What the status of a figure is whose value is not shown.
const HIDDEN: &str = "hidden";
const INDICATOR_KEY: &str = "indicator_key";
const PERIOD_KEY: &str = "period_key";

/// Returns figures in a shape: `figures` with one row each, all in memory, in the columns of the view of
/// figures; `indicators`, `departments` and `regions` are the reference tables.
///
/// In a wide table two definitions or units of an indicator have a column each. Fails where two figures claim
/// one cell. In a star, what a fact refers to stands in its dimension, also where the reference tables do not
/// know it.
pub fn reshape(
    shape: Shape,
    figures: Dataset,
    references: [Dataset; 3],
) -> Result<Vec<Dataset>, ExportError> {
    match shape {
        Shape::Long => Ok(std::iter::once(figures).chain(references).collect()),
        Shape::Wide => {
            let rows = held(&figures)?;
            let [indicators, departments, regions] = references.each_ref().map(held);
            let names = Names::of(&indicators?);
            let bodies = Bodies {
                departments: names_of(&departments?, "department", "name_zh"),
                regions: names_of(&regions?, "region", "name"),
            };
            let wide = wide(&figures, &rows, &names, &bodies)?;
            Ok(std::iter::once(wide).chain(references).collect())
        }
        Shape::Star => star(&figures, references),
    }
}

/// Returns the rows of a dataset that is in memory as one batch, in its types.
fn held(dataset: &Dataset) -> Result<RecordBatch, ExportError> {
    let Rows::Held(batches) = &dataset.rows else {
        return Err(ExportError::RowsAbsent { dataset: dataset.name.clone() });
    };
    let schema = dataset.schema();
    let plain = |rows: &RecordBatch| {
        crate::export::plain_batch(&schema, rows).and_then(|rows| dataset.filter.apply(&rows))
    };
    let batches: Result<Vec<RecordBatch>, _> = batches.iter().map(plain).collect();
    batches
        .and_then(|batches| concat_batches(&schema, &batches))
        .map_err(ExportError::rows(&dataset.name))
}

/// A column of texts of figures.
fn texts<'r>(rows: &'r RecordBatch, name: &str) -> &'r StringArray {
    let column = rows.column_by_name(name).expect("a figure has the columns of its view");
    column.as_string::<i32>()
}

fn days<'r>(rows: &'r RecordBatch, name: &str) -> &'r Date32Array {
    let column = rows.column_by_name(name).expect("a figure has the columns of its view");
    column.as_primitive::<Date32Type>()
}

fn ints<'r>(rows: &'r RecordBatch, name: &str) -> &'r Int32Array {
    let column = rows.column_by_name(name).expect("a figure has the columns of its view");
    column.as_primitive::<Int32Type>()
}

fn text_at(column: &StringArray, idx: usize) -> Option<String> {
    column.is_valid(idx).then(|| column.value(idx).to_owned())
}

fn day_at(column: &Date32Array, idx: usize) -> Option<i32> {
    column.is_valid(idx).then(|| column.value(idx))
}

/// Whether the value of a figure is not shown, because its count is small.
fn is_hidden(rows: &RecordBatch, idx: usize) -> bool {
    rows.column_by_name("is_hidden").is_some_and(|column| column.as_boolean().value(idx))
}

/// What indicators are called: Chinese names by indicator and definition.
struct Names(BTreeMap<(String, i32), String>);

impl Names {
    fn of(indicators: &RecordBatch) -> Self {
        let (ids, titles) = (texts(indicators, "indicator"), texts(indicators, "name_zh"));
        let definitions = ints(indicators, "definition");
        let named = (0..indicators.num_rows()).map(|idx| {
            let name = text_at(titles, idx).unwrap_or_default();
            ((ids.value(idx).to_owned(), definitions.value(idx)), name)
        });
        Self(named.collect())
    }

    fn get(&self, indicator: &str, definition: i32) -> String {
        let exact = self.0.get(&(indicator.to_owned(), definition));
        let any = || self.0.iter().rev().find(|((id, _), _)| id == indicator);
        let name = exact.or_else(|| any().map(|(_, name)| name));
        name.cloned().unwrap_or_else(|| indicator.to_owned())
    }
}

/// Where a figure stands in a wide table: the row by its key, the column by what is measured.
type RowKey = (String, Option<String>, Option<String>, String, Option<i32>, i32);
type Measure = (String, i32, String);

/// A cell of a wide table.
#[derive(Debug, Clone, Default, PartialEq)]
struct Cell {
    value: Option<f64>,
    text: Option<String>,
    status: Option<String>,
}

/// What bodies are called: Chinese names by id and by code.
struct Bodies {
    departments: BTreeMap<String, String>,
    regions: BTreeMap<String, String>,
}

impl Bodies {
    /// Returns columns with the names of what rows are about.
    fn columns(&self, keys: &[&RowKey]) -> [(Column, ArrayRef); 2] {
        let named = |column: &str, names: StringArray| {
            (column_of(&Field::new(column, DataType::Utf8, true)), Arc::new(names) as ArrayRef)
        };
        let regions = keys.iter().map(|key| self.regions.get(&key.0));
        let departments =
            keys.iter().map(|key| key.1.as_ref().and_then(|id| self.departments.get(id)));
        [named("region_name", regions.collect()), named("department_name", departments.collect())]
    }
}

fn names_of(table: &RecordBatch, key: &str, name: &str) -> BTreeMap<String, String> {
    let pairs = texts(table, key).iter().zip(texts(table, name));
    let pairs = pairs.filter_map(|(key, name)| Some((key?.to_owned(), name?.to_owned())));
    pairs.collect()
}

/// The cells of each row of a wide table, and what is measured in any of them.
type Cells = (BTreeMap<RowKey, BTreeMap<Measure, Cell>>, BTreeSet<Measure>);

fn cells_of(rows: &RecordBatch) -> Result<Cells, ExportError> {
    let [region, department, breakdown, accumulation] =
        ["region", "department", "breakdown", "accumulation"].map(|name| texts(rows, name));
    let [start, end] = ["period_start", "period_end"].map(|name| days(rows, name));
    let [indicator, unit, status, text] =
        ["indicator", "unit", "obs_status", "value_text"].map(|name| texts(rows, name));
    let definition = ints(rows, "definition");
    let value = rows.column_by_name("value").expect("a figure has a value");
    let value = value.as_primitive::<Float64Type>();
    let mut cells: BTreeMap<RowKey, BTreeMap<Measure, Cell>> = BTreeMap::new();
    let mut measures: BTreeSet<Measure> = BTreeSet::new();
    for idx in 0..rows.num_rows() {
        let key = (
            region.value(idx).to_owned(),
            text_at(department, idx),
            text_at(breakdown, idx),
            accumulation.value(idx).to_owned(),
            day_at(start, idx),
            end.value(idx),
        );
        let measure =
            (indicator.value(idx).to_owned(), definition.value(idx), unit.value(idx).to_owned());
        let cell = Cell {
            value: value.is_valid(idx).then(|| value.value(idx)),
            text: text_at(text, idx),
            status: if is_hidden(rows, idx) {
                Some(HIDDEN.to_owned())
            } else {
                text_at(status, idx)
            },
        };
        let row = format!("{} {}", key.1.as_deref().unwrap_or(&key.0), shown_day(key.5));
        if cells.entry(key).or_default().insert(measure.clone(), cell).is_some() {
            return Err(ExportError::CellTwice { column: measure.0, row });
        }
        measures.insert(measure);
    }
    Ok((cells, measures))
}

fn wide(
    figures: &Dataset,
    rows: &RecordBatch,
    names: &Names,
    bodies: &Bodies,
) -> Result<Dataset, ExportError> {
    let (cells, measures) = cells_of(rows)?;
    let mut columns: Vec<Column> =
        WIDE_KEY.iter().filter_map(|name| column_named(figures, name)).collect();
    let keys: Vec<&RowKey> = cells.keys().collect();
    let mut arrays = key_arrays(&keys);
    for (column, array) in bodies.columns(&keys) {
        columns.push(column);
        arrays.push(array);
    }
    for measure in &measures {
        let of: Vec<Option<&Cell>> = cells.values().map(|row| row.get(measure)).collect();
        let is_text = of.iter().flatten().any(|cell| cell.text.is_some());
        let (name, title) = called(measure, &measures, names);
        let mut add = |suffix: &str, suffix_zh: &str, array: ArrayRef, unit: Option<String>| {
            let field = Field::new(format!("{name}{suffix}"), array.data_type().clone(), true);
            let title_zh = format!("{title}{suffix_zh}");
            columns.push(Column { title_zh, unit, ..column_of(&field) });
            arrays.push(array);
        };
        let values: Float64Array = of.iter().map(|cell| cell.and_then(|it| it.value)).collect();
        add("", "", Arc::new(values), Some(measure.2.clone()));
        let words = |word: fn(&Cell) -> Option<&str>| -> ArrayRef {
            Arc::new(of.iter().map(|cell| cell.and_then(word)).collect::<StringArray>())
        };
        if is_text {
            add("_text", "（文字）", words(|cell| cell.text.as_deref()), None);
        }
        add("_status", "（状态）", words(|cell| cell.status.as_deref()), None);
    }
    let dataset = Dataset {
        columns,
        key: Vec::new(),
        references: references_of(figures),
        rows: Rows::Held(Vec::new()),
        filter: RowFilter::default(),
        ..figures.clone()
    };
    let batch = RecordBatch::try_new(dataset.schema(), arrays);
    let batch = batch.map_err(ExportError::rows(&dataset.name))?;
    Ok(Dataset { rows: Rows::Held(vec![batch]), ..dataset })
}

fn key_arrays(keys: &[&RowKey]) -> Vec<ArrayRef> {
    let required = |part: fn(&RowKey) -> &str| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(keys.iter().map(|key| part(key))))
    };
    let optional = |part: fn(&RowKey) -> Option<&str>| -> ArrayRef {
        Arc::new(keys.iter().map(|key| part(key)).collect::<StringArray>())
    };
    vec![
        required(|key| &key.0),
        optional(|key| key.1.as_deref()),
        optional(|key| key.2.as_deref()),
        required(|key| &key.3),
        Arc::new(keys.iter().map(|key| key.4).collect::<Date32Array>()),
        Arc::new(keys.iter().map(|key| Some(key.5)).collect::<Date32Array>()),
    ]
}

/// Returns what the column of a measure is called: by its indicator alone where it is the newest definition in
/// its only unit.
fn called(measure: &Measure, all: &BTreeSet<Measure>, names: &Names) -> (String, String) {
    let (indicator, definition, unit) = measure;
    let same = || all.iter().filter(|other| other.0 == *indicator);
    let newest = same().map(|other| other.1).max();
    let is_newest = newest == Some(*definition);
    let has_units = same().any(|other| other.1 == *definition && other.2 != *unit);
    let mut name = indicator.clone();
    let mut title = names.get(indicator, *definition);
    if !is_newest {
        name.push_str(&format!("__{definition}"));
        title.push_str(&format!("（口径{definition}）"));
    }
    if has_units {
        name.push_str(&format!("__{unit}"));
    }
    (name, format!("{title}（{unit}）"))
}

fn shown_day(days: i32) -> String {
    Date32Type::to_naive_date_opt(days).map(|day| day.to_string()).unwrap_or_default()
}

fn column_named(dataset: &Dataset, name: &str) -> Option<Column> {
    dataset.columns.iter().find(|column| column.name == name).cloned()
}

fn references_of(figures: &Dataset) -> Vec<Reference> {
    let is_kept = |reference: &&Reference| WIDE_KEY.contains(&reference.column.as_str());
    figures.references.iter().filter(is_kept).cloned().collect()
}

/// A period as figures have it: what it adds up to, its first day where it has one, its last day.
type Period = (String, Option<i32>, i32);

fn star(figures: &Dataset, references: [Dataset; 3]) -> Result<Vec<Dataset>, ExportError> {
    let rows = held(figures)?;
    let [indicators, departments, regions] = references;
    let periods: Vec<Period> = (0..rows.num_rows())
        .map(|idx| {
            let start = day_at(days(&rows, "period_start"), idx);
            let accumulation = texts(&rows, "accumulation").value(idx).to_owned();
            (accumulation, start, days(&rows, "period_end").value(idx))
        })
        .collect();
    let indicator_keys: Vec<String> = (0..rows.num_rows())
        .map(|idx| {
            let id = texts(&rows, "indicator").value(idx);
            indicator_key(id, ints(&rows, "definition").value(idx))
        })
        .collect();
    let members = |name: &str| -> BTreeSet<String> {
        texts(&rows, name).iter().flatten().map(str::to_owned).collect()
    };
    Ok(vec![
        facts(figures, &rows, &indicator_keys, &periods)?,
        indicator_dimension(&indicators, &indicator_keys)?,
        dimension(&departments, ("dim_departments", "department"), &members("department"))?,
        dimension(&regions, ("dim_regions", "region"), &members("region"))?,
        period_dimension(figures, &periods)?,
    ])
}

fn indicator_key(indicator: &str, definition: i32) -> String {
    format!("{indicator}/{definition}")
}

fn period_key((accumulation, start, end): &Period) -> String {
    let start = start.map(shown_day).unwrap_or_default();
    format!("{accumulation}:{start}/{}", shown_day(*end))
}

fn key_column(name: &str) -> Column {
    column_of(&Field::new(name, DataType::Utf8, false))
}

fn facts(
    figures: &Dataset,
    rows: &RecordBatch,
    indicator_keys: &[String],
    periods: &[Period],
) -> Result<Dataset, ExportError> {
    let keys: [ArrayRef; 2] = [
        Arc::new(StringArray::from_iter_values(indicator_keys)),
        Arc::new(StringArray::from_iter_values(periods.iter().map(period_key))),
    ];
    let mut columns = vec![key_column(INDICATOR_KEY), key_column(PERIOD_KEY)];
    let mut arrays = keys.to_vec();
    for (column, array) in figures.columns.iter().zip(rows.columns()) {
        if !IN_DIMENSIONS.contains(&column.name.as_str()) {
            columns.push(column.clone());
            arrays.push(Arc::clone(array));
        }
    }
    let refers = |column: &str, dataset: &str| Reference {
        column: column.to_owned(),
        dataset: dataset.to_owned(),
        key: column.to_owned(),
    };
    let dataset = Dataset {
        name: "fact_figures".to_owned(),
        columns,
        key: Vec::new(),
        references: vec![
            refers(INDICATOR_KEY, "dim_indicators"),
            refers(PERIOD_KEY, "dim_periods"),
            refers("department", "dim_departments"),
            refers("region", "dim_regions"),
        ],
        rows: Rows::Held(Vec::new()),
        filter: RowFilter::default(),
        ..figures.clone()
    };
    of_arrays(dataset, arrays)
}

fn of_arrays(dataset: Dataset, arrays: Vec<ArrayRef>) -> Result<Dataset, ExportError> {
    let batch = RecordBatch::try_new(dataset.schema(), arrays);
    let batch = batch.map_err(ExportError::rows(&dataset.name))?;
    Ok(Dataset { rows: Rows::Held(vec![batch]), ..dataset })
}

/// Returns a reference table as a dimension, with rows for members that it does not know.
fn dimension(
    table: &Dataset,
    (name, key): (&str, &str),
    members: &BTreeSet<String>,
) -> Result<Dataset, ExportError> {
    let rows = held(table)?;
    let known: BTreeSet<&str> = texts(&rows, key).iter().flatten().collect();
    let missing: Vec<&String> = members.iter().filter(|it| !known.contains(it.as_str())).collect();
    let columns = table.columns.iter().cloned();
    let columns = columns.map(|column| Column { is_nullable: column.name != key, ..column });
    let dataset = Dataset {
        name: name.to_owned(),
        columns: columns.collect(),
        key: vec![key.to_owned()],
        references: Vec::new(),
        ..table.clone()
    };
    let schema = dataset.schema();
    let added = schema.fields().iter().map(|field| {
        if field.name() == key {
            Arc::new(StringArray::from_iter_values(&missing)) as ArrayRef
        } else {
            new_null_array(field.data_type(), missing.len())
        }
    });
    let parts = [
        RecordBatch::try_new(Arc::clone(&schema), rows.columns().to_vec()),
        RecordBatch::try_new(Arc::clone(&schema), added.collect()),
    ];
    let [known, added] = parts.map(|part| part.map_err(ExportError::rows(name)));
    Ok(Dataset { rows: Rows::Held(vec![known?, added?]), ..dataset })
}

/// Returns the definitions of indicators, each with the one key by which facts name it.
fn indicator_dimension(table: &Dataset, keys: &[String]) -> Result<Dataset, ExportError> {
    let rows = held(table)?;
    let ids = texts(&rows, "indicator");
    let definitions = ints(&rows, "definition");
    let own = (0..rows.num_rows()).map(|idx| indicator_key(ids.value(idx), definitions.value(idx)));
    let mut columns = vec![key_column(INDICATOR_KEY)];
    columns.extend(table.columns.iter().cloned());
    let mut arrays: Vec<ArrayRef> = vec![Arc::new(StringArray::from_iter_values(own))];
    arrays.extend(rows.columns().iter().cloned());
    let keyed = Dataset { columns, filter: RowFilter::default(), ..table.clone() };
    let keyed = of_arrays(keyed, arrays)?;
    dimension(&keyed, ("dim_indicators", INDICATOR_KEY), &keys.iter().cloned().collect())
}

fn period_dimension(figures: &Dataset, periods: &[Period]) -> Result<Dataset, ExportError> {
    let periods: BTreeSet<&Period> = periods.iter().collect();
    let each = || periods.iter().copied();
    let end_of = |period: &Period| Date32Type::to_naive_date_opt(period.2);
    let part = |part: fn(NaiveDate) -> i32| -> ArrayRef {
        Arc::new(each().map(|period| end_of(period).map(part)).collect::<Int32Array>())
    };
    let month = |day: NaiveDate| i32::try_from(day.month()).unwrap_or_default();
    let key = Arc::new(StringArray::from_iter_values(each().map(period_key)));
    let accumulation = StringArray::from_iter_values(each().map(|period| period.0.as_str()));
    let numbers: [(&str, &str, ArrayRef); 4] = [
        ("year", "年份", part(|day| day.year())),
        (
            "half",
            "半年（1或2）",
            part(|day| (i32::try_from(day.month0()).unwrap_or_default()) / 6 + 1),
        ),
        ("quarter", "季度", part(|day| (i32::try_from(day.month0()).unwrap_or_default()) / 3 + 1)),
        ("month", "月份", Arc::new(each().map(|it| end_of(it).map(month)).collect::<Int32Array>())),
    ];
    let mut columns = vec![key_column(PERIOD_KEY)];
    columns.extend(IN_DIMENSIONS[2..].iter().filter_map(|name| column_named(figures, name)));
    let mut arrays: Vec<ArrayRef> = vec![
        key,
        Arc::new(accumulation),
        Arc::new(each().map(|period| period.1).collect::<Date32Array>()),
        Arc::new(each().map(|period| Some(period.2)).collect::<Date32Array>()),
    ];
    for (name, name_zh, array) in numbers {
        columns.push(Column {
            help: Some([format!("{name} of the last day"), format!("统计期末日所在{name_zh}")]),
            ..column_of(&Field::new(name, DataType::Int32, true))
        });
        arrays.push(array);
    }
    let dataset = Dataset {
        name: "dim_periods".to_owned(),
        title: ["Periods of figures".to_owned(), "数据的统计期".to_owned()],
        columns,
        key: vec![PERIOD_KEY.to_owned()],
        references: Vec::new(),
        notes: Vec::new(),
        filter: RowFilter::default(),
        rows: Rows::Held(Vec::new()),
    };
    of_arrays(dataset, arrays)
}
