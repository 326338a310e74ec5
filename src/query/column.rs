//! A column that a query returns: its type, its unit, how it is shown, and what it can hold.

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use crate::diag::Lang;
use crate::model::text_enum;
use crate::output::stored_word;
use crate::query::QueryError;
use crate::query::head::{Head, Param};
use crate::query::types::{ColumnType, ParamType, Written};

/// Words with which the comment of a column says its unit, and the unit.
const UNITS: [(&str, &str); 10] = [
    ("条", "条"),
    ("件", "件"),
    ("项", "项"),
    ("个", "个"),
    ("人", "人"),
    ("家", "家"),
    ("percent", PERCENT),
    ("days", "days"),
    ("records", "条"),
    ("reasons", "reasons"),
];
/// The unit of columns whose names end in [`IN_PERCENT`].
const PERCENT: &str = "%";
const IN_PERCENT: &str = "_pct";
/// What stands before the name of a parameter where the unit is that of its indicator.
const GIVEN: char = '$';

/// A column that a query returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnColumn {
    /// Its name.
    pub name: String,
    /// Its type.
    pub data_type: ColumnType,
    /// Whether it may be null.
    pub is_nullable: bool,
    /// Its unit: by the key `unit`, else by its name or the first word of the comment behind it.
    pub unit: Option<ColumnUnit>,
    /// What its cells are, where the type alone does not say it.
    pub format: Option<ColumnFormat>,
    /// Decimals that a report shows at most; `None` for as many as its unit usually has.
    pub decimals: Option<u8>,
    /// What it can hold.
    pub values: ColumnValues,
    /// Columns of the same row that say what must be known of a cell.
    pub beside: Beside,
    /// What it means, in English, with the words that it can hold; empty without both.
    pub meaning: String,
    /// The same in Chinese.
    pub meaning_zh: String,
}

impl ReturnColumn {
    /// Returns what the column means; empty where nothing is said of it.
    pub fn meaning(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.meaning,
            Lang::Zh => &self.meaning_zh,
        }
    }
}

/// What a head says of the meaning of a column; the first word of the English may be its unit.
#[derive(Debug, Clone, Default)]
pub(super) struct Meaning {
    /// The comment behind the column.
    pub(super) en: String,
    /// The same in Chinese.
    pub(super) zh: String,
}

/// The unit of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnUnit {
    /// Always the same one.
    Fixed(String),
    /// That of the indicator which a parameter names.
    OfParameter(String),
}

impl ColumnUnit {
    /// Whether values are in percent.
    pub fn is_percent(&self) -> bool {
        matches!(self, Self::Fixed(unit) if unit == PERCENT)
    }
}

text_enum! {
    /// What the cells of a column are, beyond their type.
    #[serde(rename_all = "snake_case")]
    ColumnFormat {
        /// Text that identifies something: never broken, never a number.
        Id = "id",
        /// A day that stands for its month.
        Month = "month",
        /// A difference: shown with its sign.
        Change = "change",
    }
}

text_enum! {
    /// A list of the reference data that a column takes its ids from.
    #[serde(rename_all = "snake_case")]
    ReferenceList {
        /// Departments.
        Departments = "departments",
        /// Indicators.
        Indicators = "indicators",
        /// Regions, by their codes.
        Regions = "regions",
    }
}

impl ReferenceList {
    /// Returns the column of the list with the ids.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Departments => "department",
            Self::Indicators => "indicator",
            Self::Regions => "region",
        }
    }
}

/// What a column can hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ColumnValues {
    /// Whatever is of its type.
    #[default]
    Any,
    /// One of these words.
    Words(Vec<String>),
    /// An id of a list of the reference data.
    Ids(ReferenceList),
}

/// Columns of the same row that say what must be known of a cell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beside {
    /// With the status of a figure; `None` for the one whose name is that of the column and `_status`.
    pub status: Option<String>,
    /// True where a figure was lowered later.
    pub revised: Option<String>,
    /// True where a figure is told with a qualifier, estimated or rounded.
    pub approximate: Option<String>,
    /// With the numbers by which a row has its place, or its places that are compared: among those that have
    /// 0 of it, there is no first.
    pub ranked_by: Vec<String>,
}

/// A column as a head writes it: its type alone, or a table with it.
pub(super) struct WrittenColumn(WrittenKeys);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenKeys {
    #[serde(rename = "type")]
    written: Written<ColumnType>,
    unit: Option<String>,
    format: Option<ColumnFormat>,
    decimals: Option<u8>,
    values: Option<WrittenValues>,
    status: Option<String>,
    revised: Option<String>,
    approximate: Option<String>,
    ranked_by: Option<WrittenNames>,
}

/// The name of a column, or several.
#[derive(Deserialize)]
#[serde(untagged, expecting = "the name of a column, or several in brackets")]
enum WrittenNames {
    One(String),
    Several(Vec<String>),
}

impl WrittenNames {
    fn into_names(self) -> Vec<String> {
        match self {
            Self::One(name) => vec![name],
            Self::Several(names) => names,
        }
    }
}

/// Words, or the name of a list.
#[derive(Deserialize)]
#[serde(untagged, expecting = "words in brackets, or `departments`, `indicators` or `regions`")]
enum WrittenValues {
    Words(Vec<String>),
    Ids(ReferenceList),
}

impl<'de> Deserialize<'de> for WrittenColumn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ColumnVisitor)
    }
}

struct ColumnVisitor;

impl<'de> Visitor<'de> for ColumnVisitor {
    type Value = WrittenColumn;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a type, or a table with the key `type`")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<WrittenColumn, E> {
        let written = Written::<ColumnType>::try_from(text.to_owned()).map_err(E::custom)?;
        Ok(WrittenColumn(WrittenKeys {
            written,
            unit: None,
            format: None,
            decimals: None,
            values: None,
            status: None,
            revised: None,
            approximate: None,
            ranked_by: None,
        }))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<WrittenColumn, A::Error> {
        WrittenKeys::deserialize(MapAccessDeserializer::new(map)).map(WrittenColumn)
    }
}

impl WrittenColumn {
    /// Returns the column with its name and its meaning.
    pub(super) fn named(self, name: String, written: Meaning) -> ReturnColumn {
        let Self(keys) = self;
        let Written { data_type, is_nullable } = keys.written;
        let told_unit = unit_of_comment(&written.en);
        let unit = keys.unit.map(|unit| match unit.strip_prefix(GIVEN) {
            Some(parameter) => ColumnUnit::OfParameter(parameter.to_owned()),
            None => ColumnUnit::Fixed(unit),
        });
        let is_number = is_number(data_type);
        let told = || {
            let is_percent = data_type == ColumnType::Double && name.ends_with(IN_PERCENT);
            let unit = if is_percent { Some(PERCENT) } else { told_unit };
            unit.filter(|_| is_number).map(|unit| ColumnUnit::Fixed(unit.to_owned()))
        };
        let unit = unit.or_else(told);
        let values = match keys.values {
            None => ColumnValues::Any,
            Some(WrittenValues::Words(words)) => ColumnValues::Words(words),
            Some(WrittenValues::Ids(list)) => ColumnValues::Ids(list),
        };
        let meaning_in = |lang, text| {
            let meaning = match &unit {
                Some(ColumnUnit::Fixed(unit)) if told_unit.is_none() => {
                    with_unit(&name, unit, text, lang)
                }
                _ => text,
            };
            match &values {
                ColumnValues::Words(words) => with_words(&name, meaning, words, lang),
                ColumnValues::Any | ColumnValues::Ids(_) => meaning,
            }
        };
        let meaning = meaning_in(Lang::En, written.en);
        let meaning_zh = meaning_in(Lang::Zh, written.zh);
        ReturnColumn {
            unit,
            format: keys.format,
            decimals: keys.decimals,
            values,
            beside: Beside {
                status: keys.status,
                revised: keys.revised,
                approximate: keys.approximate,
                ranked_by: keys.ranked_by.map_or_else(Vec::new, WrittenNames::into_names),
            },
            meaning,
            meaning_zh,
            name,
            data_type,
            is_nullable,
        }
    }
}

/// Puts the unit before what a head says without it; what the name of a column says needs no words.
fn with_unit(name: &str, unit: &str, text: String, lang: Lang) -> String {
    let between = match lang {
        Lang::En => "; ",
        Lang::Zh => "；",
    };
    match (unit == PERCENT && name.ends_with(IN_PERCENT), text.is_empty()) {
        (true, _) => text,
        (false, true) => unit.to_owned(),
        (false, false) => format!("{unit}{between}{text}"),
    }
}

/// Adds the words that a column can hold to what a head says, unless all of them stand there. They are what
/// cells hold, and so the same in both languages; in Chinese the word that a terminal shows stands behind each.
fn with_words(column: &str, text: String, words: &[String], lang: Lang) -> String {
    if !text.is_empty() && words.iter().all(|word| text.contains(word.as_str())) {
        return text;
    }
    let explained = words.iter().map(|word| match stored_word(column, word, lang) {
        Some(shown) if shown != *word => format!("{word}（{shown}）"),
        _ => word.clone(),
    });
    let all = explained.collect::<Vec<_>>().join(match lang {
        Lang::En => ", ",
        Lang::Zh => "、",
    });
    match (text.is_empty(), lang) {
        (true, _) => all,
        (false, Lang::En) => format!("{text} ({all})"),
        (false, Lang::Zh) => format!("{text}（{all}）"),
    }
}

/// Returns the unit with which what a head says of a column begins, in either language.
pub fn unit_of_comment(comment: &str) -> Option<&'static str> {
    let first = comment.split([';', ' ', ',', '；', '，']).next().unwrap_or_default();
    UNITS.iter().find(|(word, _)| *word == first).map(|(_, unit)| *unit)
}

/// Every key of a column is for its type, and the columns and the parameter that keys name are there.
pub(super) fn check_looks(file: &str, head: &Head) -> Result<(), QueryError> {
    head.returns.iter().try_for_each(|column| {
        let looks = Looks { file, head, column };
        looks.check_type()?;
        looks.check_others()
    })
}

struct Looks<'a> {
    file: &'a str,
    head: &'a Head,
    column: &'a ReturnColumn,
}

impl Looks<'_> {
    fn check_type(&self) -> Result<(), QueryError> {
        let ReturnColumn { data_type, unit, format, decimals, values, beside, .. } = self.column;
        let is_text = *data_type == ColumnType::Text;
        let is_number = is_number(*data_type);
        let keys = [
            ("unit", unit.is_some(), is_number, "int, bigint, double"),
            ("format = \"id\"", *format == Some(ColumnFormat::Id), is_text, "text"),
            (
                "format = \"month\"",
                *format == Some(ColumnFormat::Month),
                *data_type == ColumnType::Date,
                "date",
            ),
            (
                "format = \"change\"",
                *format == Some(ColumnFormat::Change),
                is_number,
                "int, bigint, double",
            ),
            ("decimals", decimals.is_some(), *data_type == ColumnType::Double, "double"),
            ("values", *values != ColumnValues::Any, is_text, "text"),
            ("ranked_by", !beside.ranked_by.is_empty(), is_number, "int, bigint, double"),
        ];
        match keys.into_iter().find(|(_, is_given, is_fit, _)| *is_given && !is_fit) {
            None => Ok(()),
            Some((key, _, _, wanted)) => Err(QueryError::ColumnKeyUnfit {
                file: self.file.to_owned(),
                column: self.column.name.clone(),
                key,
                wanted,
                found: *data_type,
            }),
        }
    }

    fn check_others(&self) -> Result<(), QueryError> {
        let Beside { status, revised, approximate, ranked_by } = &self.column.beside;
        let is_text = |data_type: ColumnType| data_type == ColumnType::Text;
        let is_truth = |data_type: ColumnType| data_type == ColumnType::Bool;
        self.check_other("status", status.as_ref(), is_text)?;
        self.check_other("revised", revised.as_ref(), is_truth)?;
        self.check_other("approximate", approximate.as_ref(), is_truth)?;
        for name in ranked_by {
            self.check_other("ranked_by", Some(name), is_number)?;
        }
        let Some(ColumnUnit::OfParameter(wanted)) = &self.column.unit else { return Ok(()) };
        let is_there = |param: &Param| param.name == *wanted && param.data_type == ParamType::Text;
        if self.head.params.iter().any(is_there) {
            return Ok(());
        }
        Err(QueryError::UnitOfNothing {
            file: self.file.to_owned(),
            column: self.column.name.clone(),
            parameter: wanted.clone(),
        })
    }

    fn check_other(
        &self,
        key: &'static str,
        wanted: Option<&String>,
        is_fit: impl Fn(ColumnType) -> bool,
    ) -> Result<(), QueryError> {
        let Some(wanted) = wanted else { return Ok(()) };
        let is_there = |other: &ReturnColumn| other.name == *wanted && is_fit(other.data_type);
        if self.head.returns.iter().any(is_there) {
            return Ok(());
        }
        Err(QueryError::ColumnBesideUnknown {
            file: self.file.to_owned(),
            column: self.column.name.clone(),
            key,
            found: wanted.clone(),
        })
    }
}

fn is_number(data_type: ColumnType) -> bool {
    matches!(data_type, ColumnType::Int | ColumnType::Bigint | ColumnType::Double)
}
