//! The head of a query: TOML in the comment that the file begins with, between `/*---` and `---*/`.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::diag::Lang;
use crate::query::QueryError;
use crate::query::column::{Meaning, ReturnColumn, WrittenColumn, check_looks};
use crate::query::types::{ParamType, ParamValue, Written};
use crate::refdata::IndicatorKind;

const OPENING: &str = "/*---";
const CLOSING: &str = "---*/";

/// What a head says. Unknown keys are refused.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    /// What the query answers, in English.
    pub summary: String,
    /// The same in Chinese.
    pub summary_zh: String,
    /// Tables and views that the statement names.
    pub reads: Vec<String>,
    /// Columns of the `ORDER BY`, unique together.
    pub order: Vec<String>,
    /// Columns that a terminal shows by default, in this order; empty for all. `{lang}` in a name
    /// stands for the language.
    pub show: Vec<String>,
    /// Whom a row without a department is about, where it is about several.
    pub without_department: Option<Several>,
    /// Parameters, in the order of the head.
    pub params: Vec<Param>,
    /// Columns, in the order of the head, which is the order of the statement.
    pub returns: Vec<ReturnColumn>,
}

/// Whom a row is about that is about no one department.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Several {
    /// The region as a whole.
    WholeRegion,
    /// All departments together.
    Total,
}

/// A parameter of a query, `$name` in the statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// Its name.
    pub name: String,
    /// Its type.
    pub data_type: ParamType,
    /// Whether it may be left out although it has no default; it is null then.
    pub is_optional: bool,
    /// The only values that it may have; empty for any of its type.
    pub values: Vec<String>,
    /// The least and the greatest whole number that it may be.
    pub range: Option<(i64, i64)>,
    /// The kinds of indicators that it may name; empty for any.
    pub kinds: Vec<IndicatorKind>,
    /// The parameter with the first day of the time that this one is the last day of.
    pub not_before: Option<String>,
    /// The indicators by which the latest period is found where this one, the last day of a period, is not
    /// given: in each region the latest of which a department has a figure of one of them. Says besides that
    /// the answer for a period needs no figure of another one. Empty where that is not so, or not known.
    pub latest_of: Vec<String>,
    /// What it chooses, in English.
    pub help: String,
    /// The same in Chinese.
    pub help_zh: String,
    /// Its value where none is given.
    pub default: Option<ParamValue>,
}

impl Param {
    /// Returns what the parameter chooses.
    pub fn help(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.help,
            Lang::Zh => &self.help_zh,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenHead {
    summary: String,
    summary_zh: String,
    reads: Vec<String>,
    order: Vec<String>,
    #[serde(default)]
    show: Vec<String>,
    without_department: Option<Several>,
    #[serde(default)]
    params: BTreeMap<Spanned<String>, WrittenParam>,
    returns: BTreeMap<Spanned<String>, WrittenColumn>,
    /// What columns mean, in Chinese; in English the comments behind them say it.
    #[serde(default)]
    returns_zh: BTreeMap<Spanned<String>, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenParam {
    #[serde(rename = "type")]
    written: Written<ParamType>,
    #[serde(default)]
    values: Vec<String>,
    range: Option<(i64, i64)>,
    #[serde(default)]
    kinds: Vec<String>,
    not_before: Option<String>,
    #[serde(default)]
    latest_of: Vec<String>,
    help: String,
    help_zh: String,
    default: Option<toml::Value>,
}

/// Reads the head of the file `file`, whose text is `text`.
pub(super) fn parse_head(file: &str, text: &str) -> Result<Head, QueryError> {
    let missing = || QueryError::HeadMissing { file: file.to_owned() };
    let after = text.strip_prefix(OPENING).ok_or_else(missing)?;
    let (toml_text, _) = after.split_once(CLOSING).ok_or_else(missing)?;
    let written: WrittenHead = toml::from_str(toml_text).map_err(|error| {
        // The head begins on the first line of the file, so lines of both are the same.
        let at = error.span().map(|span| line_of(toml_text, span.start));
        QueryError::HeadInvalid {
            file: file.to_owned(),
            line: at.unwrap_or(1),
            reason: error.message().to_owned(),
        }
    })?;
    let meanings = meanings_of(file, toml_text, &written)?;
    let params = in_written_order(written.params)
        .into_iter()
        .map(|(name, param)| param_of(file, name, param))
        .collect::<Result<_, _>>()?;
    let returns = in_written_order(written.returns).into_iter().map(|(name, column)| {
        let meaning = meanings.get(&name).cloned().unwrap_or_default();
        column.named(name, meaning)
    });
    let returns: Vec<ReturnColumn> = returns.collect();
    let head = Head {
        summary: written.summary,
        summary_zh: written.summary_zh,
        reads: written.reads,
        order: written.order,
        show: written.show,
        without_department: written.without_department,
        params,
        returns,
    };
    check_columns(file, &head)?;
    check_looks(file, &head)?;
    check_params(file, &head)?;
    Ok(head)
}

/// Returns what is written of the meaning of each column: the comment behind it, and its line in
/// `[returns_zh]`. Where one of the two is missing, the other stands for it.
fn meanings_of(
    file: &str,
    toml_text: &str,
    written: &WrittenHead,
) -> Result<BTreeMap<String, Meaning>, QueryError> {
    let mut meanings: BTreeMap<String, Meaning> = BTreeMap::new();
    for key in written.returns.keys() {
        let en = comment_at(toml_text, key.span().start);
        meanings.insert(key.as_ref().clone(), Meaning { zh: en.clone(), en });
    }
    for (key, zh) in &written.returns_zh {
        let Some(meaning) = meanings.get_mut(key.as_ref()) else {
            return Err(QueryError::ExplanationOfNothing {
                file: file.to_owned(),
                line: line_of(toml_text, key.span().start),
                column: key.as_ref().clone(),
            });
        };
        meaning.zh.clone_from(zh);
        if meaning.en.is_empty() {
            meaning.en.clone_from(zh);
        }
    }
    Ok(meanings)
}

/// Returns the comment at the end of the line of a position; what columns are has no `#` in it.
fn comment_at(text: &str, position: usize) -> String {
    let line = text.get(position..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    line.split_once('#').map_or_else(String::new, |(_, comment)| comment.trim().to_owned())
}

/// The parser sorts tables by key; where a key stands in the text tells the order of the author.
fn in_written_order<T>(table: BTreeMap<Spanned<String>, T>) -> Vec<(String, T)> {
    let mut entries: Vec<(Spanned<String>, T)> = table.into_iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries.into_iter().map(|(key, value)| (key.into_inner(), value)).collect()
}

fn param_of(file: &str, name: String, written: WrittenParam) -> Result<Param, QueryError> {
    let Written { data_type, is_nullable } = written.written;
    Ok(Param {
        kinds: kinds_of(file, &name, written.kinds)?,
        default: default_of(file, &name, data_type, written.default)?,
        name,
        data_type,
        is_optional: is_nullable,
        values: written.values,
        range: written.range,
        not_before: written.not_before,
        latest_of: written.latest_of,
        help: written.help,
        help_zh: written.help_zh,
    })
}

fn kinds_of(file: &str, name: &str, words: Vec<String>) -> Result<Vec<IndicatorKind>, QueryError> {
    let kind = |word: String| {
        IndicatorKind::parse(&word).ok_or_else(|| QueryError::KindUnknown {
            file: file.to_owned(),
            parameter: name.to_owned(),
            found: word,
        })
    };
    words.into_iter().map(kind).collect()
}

fn default_of(
    file: &str,
    name: &str,
    wanted: ParamType,
    written: Option<toml::Value>,
) -> Result<Option<ParamValue>, QueryError> {
    let Some(written) = written else { return Ok(None) };
    let found = match written {
        toml::Value::String(text) => text,
        other => other.to_string(),
    };
    match ParamValue::parse(&found, wanted) {
        Some(value) => Ok(Some(value)),
        None => Err(QueryError::DefaultInvalid {
            file: file.to_owned(),
            parameter: name.to_owned(),
            wanted,
            found,
        }),
    }
}

/// Every column that the head orders by or shows is returned.
fn check_columns(file: &str, head: &Head) -> Result<(), QueryError> {
    let is_returned = |column: &String| {
        let column = column.replace("{lang}", Lang::En.as_str());
        head.returns.iter().any(|known| known.name == column)
    };
    match head.order.iter().chain(&head.show).find(|column| !is_returned(column)) {
        Some(column) => {
            Err(QueryError::ColumnUnknown { file: file.to_owned(), column: column.clone() })
        }
        None => Ok(()),
    }
}

/// Every parameter that another one says it does not come before is there, what is said of days and of
/// indicators is said of parameters that can be some, and one period at most is what the answer is about.
fn check_params(file: &str, head: &Head) -> Result<(), QueryError> {
    for param in &head.params {
        if !param.kinds.is_empty() {
            check_type(file, param, "kinds", ParamType::Text)?;
        }
        if !param.latest_of.is_empty() {
            check_latest_of(file, param, head)?;
        }
        let Some(first) = &param.not_before else { continue };
        let other = head.params.iter().find(|other| other.name == *first);
        let other = other.ok_or_else(|| QueryError::FirstDayUnknown {
            file: file.to_owned(),
            parameter: param.name.clone(),
            first: first.clone(),
        })?;
        check_type(file, param, "not_before", ParamType::Date)?;
        check_type(file, other, "not_before", ParamType::Date)?;
    }
    Ok(())
}

/// A parameter with `latest_of` is the only one, and a day that can be left out.
fn check_latest_of(file: &str, param: &Param, head: &Head) -> Result<(), QueryError> {
    check_type(file, param, "latest_of", ParamType::Date)?;
    if !param.is_optional || param.default.is_some() {
        let (file, parameter) = (file.to_owned(), param.name.clone());
        return Err(QueryError::LatestNeverAsked { file, parameter });
    }
    let has_it = |other: &&Param| !other.latest_of.is_empty() && other.name != param.name;
    match head.params.iter().find(has_it) {
        Some(other) => Err(QueryError::LatestTwice {
            file: file.to_owned(),
            parameter: param.name.clone(),
            other: other.name.clone(),
        }),
        None => Ok(()),
    }
}

/// Refuses a key that is for parameters of another type.
fn check_type(
    file: &str,
    param: &Param,
    key: &'static str,
    wanted: ParamType,
) -> Result<(), QueryError> {
    if param.data_type == wanted {
        return Ok(());
    }
    Err(QueryError::KeyUnfit {
        file: file.to_owned(),
        parameter: param.name.clone(),
        key,
        wanted,
        found: param.data_type,
    })
}

/// Returns the line, from 1, of a byte position.
fn line_of(text: &str, position: usize) -> usize {
    let before = text.as_bytes().iter().take(position);
    before.filter(|byte| **byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Diagnose;
    use crate::query::{Catalogue, ColumnUnit, ColumnValues, unit_of_comment};

    const HEAD: &str = "/*---\nsummary = \"Sum\"\nsummary_zh = \"求和\"\nreads = [\"observations\"]\n\
        order = [\"year\"]\n\n[params.since]\ntype = \"date?\"\nhelp = \"first day\"\n\
        help_zh = \"起\"\n\n[params.at_least]\ntype = \"int\"\ndefault = 10\nhelp = \"least\"\n\
        help_zh = \"最少\"\n\n[returns]\nyear = \"int\"   # of the period\nvalue = \"double?\" # 条\n\
        ---*/\nSELECT 1;\n";

    #[test]
    fn a_head_keeps_the_order_in_which_it_is_written() {
        let head = parse_head("queries/a/b.sql", HEAD).unwrap();
        let params: Vec<&str> = head.params.iter().map(|param| param.name.as_str()).collect();
        assert_eq!(params, ["since", "at_least"]);
        assert!(head.params[0].is_optional);
        assert_eq!(head.params[1].default, Some(ParamValue::Int(10)));
        assert_eq!(head.params[1].help(Lang::Zh), "最少");
        let returns: Vec<&str> = head.returns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(returns, ["year", "value"]);
        assert!(head.returns[1].is_nullable);
        let meanings = |lang| head.returns.iter().map(|it| it.meaning(lang)).collect::<Vec<_>>();
        assert_eq!(meanings(Lang::En), ["of the period", "条"]);
        assert_eq!(meanings(Lang::Zh), ["of the period", "条"]);
    }

    #[track_caller]
    fn check(from: &str, to: &str, expected: &str) {
        let error = parse_head("queries/a/b.sql", &HEAD.replace(from, to)).unwrap_err();
        let mut lines = vec![error.to_string()];
        lines.extend(error.causes().iter().map(|cause| cause.text(Lang::En)));
        assert_eq!(lines.join("\n"), expected);
    }

    #[test]
    fn a_column_says_its_unit_its_words_and_what_stands_beside_it() {
        let to = "year = { type = \"text?\", values = [\"a\", \"b\"] }  # one of two";
        let text = HEAD.replace("year = \"int\"   # of the period", to);
        let head = parse_head("queries/a/b.sql", &text).unwrap();
        let year = &head.returns[0];
        assert_eq!(year.values, ColumnValues::Words(vec!["a".to_owned(), "b".to_owned()]));
        assert!(year.is_nullable);
        assert_eq!(year.meaning(Lang::En), "one of two (a, b)");
        // In Chinese with what a terminal shows for them, unless the head explains them itself.
        let told = |column: &str, comment: &str| {
            let keys = "{ type = \"text\", values = [\"at_least\", \"at_most\"] }";
            let text = HEAD.replace(
                "year = \"int\"   # of the period",
                &format!("{column} = {keys}{comment}"),
            );
            let text = text.replace("order = [\"year\"]", &format!("order = [\"{column}\"]"));
            let head = parse_head("queries/a/b.sql", &text).unwrap();
            [Lang::En, Lang::Zh].map(|lang| head.returns[0].meaning(lang).to_owned())
        };
        let bare = "at_least, at_most";
        assert_eq!(told("direction", ""), [bare, "at_least（不低于）、at_most（不高于）"]);
        assert_eq!(told("direction", " # at_least or at_most"), ["at_least or at_most"; 2]);
        // No words that a terminal translates.
        assert_eq!(told("other", ""), [bare, "at_least、at_most"]);
        // The comment says the unit where no key does.
        let unit = |head: &Head| head.returns[1].unit.clone();
        assert_eq!(unit(&head), Some(ColumnUnit::Fixed("条".to_owned())));
        let keyed = "value = { type = \"double?\", unit = \"项\" } # of all";
        let text = HEAD.replace("value = \"double?\" # 条", keyed);
        let head = parse_head("queries/a/b.sql", &text).unwrap();
        assert_eq!(unit(&head), Some(ColumnUnit::Fixed("项".to_owned())));
        assert_eq!(head.returns[1].meaning(Lang::En), "项; of all");
    }

    #[test]
    fn a_column_is_explained_in_both_languages() {
        let explained = |columns: &str| {
            let at = HEAD.find("year = ").unwrap();
            let text = format!("{}{columns}---*/\nSELECT 1;\n", &HEAD[..at]);
            let head = parse_head("queries/a/b.sql", &text).unwrap();
            let [en, zh] =
                [Lang::En, Lang::Zh].map(|lang| head.returns[1].meaning(lang).to_owned());
            (en, zh, head.returns[1].unit.clone())
        };
        let year = "year = \"int\"\n";
        let check = |value: &str, zh: &str, expected: [&str; 2]| {
            let (en, zh, unit) =
                explained(&format!("{year}value = {value}\n[returns_zh]\nvalue = \"{zh}\"\n"));
            assert_eq!([en.as_str(), zh.as_str()], expected);
            unit
        };
        let items = Some(ColumnUnit::Fixed("项".to_owned()));
        let told = check("\"int\"  # 项; of all", "项；占全部", ["项; of all", "项；占全部"]);
        assert_eq!(told, items);
        let keyed = "{ type = \"int\", unit = \"项\" }  # of all";
        assert_eq!(check(keyed, "占全部", ["项; of all", "项；占全部"]), items);
        // A unit is told by the Chinese line, too, and what stands alone stands for the other.
        assert_eq!(check("\"int\"", "项，占全部", ["项，占全部", "项，占全部"]), items);
        let words = "{ type = \"text\", values = [\"a\", \"b\"] }";
        let one = format!("{words}  # one of two");
        check(&one, "二者之一", ["one of two (a, b)", "二者之一（a、b）"]);
        check(&one, "a（甲）或 b（乙）", ["one of two (a, b)", "a（甲）或 b（乙）"]);
        let (en, zh, _) = explained(&format!("{year}value = {words}\n"));
        assert_eq!((en.as_str(), zh.as_str()), ("a, b", "a、b"));
    }

    #[test]
    fn only_a_column_that_is_returned_is_explained() {
        check(
            "---*/",
            "\n[returns_zh]\nyear = \"年份\"\nvaleu = \"数值\"\n---*/",
            "`[returns_zh]` in line 24 of `queries/a/b.sql` explains the column `valeu`, and `[returns]` has no \
             such column",
        );
    }

    /// What is built in is explained in English and in Chinese, column by column and in one order. An English
    /// comment has no Chinese but the unit that it begins with; one that is such a unit alone, as `条`, reads
    /// the same in both languages and has no line in `[returns_zh]`.
    #[test]
    fn what_is_built_in_is_explained_in_both_languages() {
        let catalogue = Catalogue::builtin();
        for query in catalogue.queries().chain(catalogue.views()) {
            let (_, after) = query.sql.split_once(OPENING).unwrap();
            let (toml_text, _) = after.split_once(CLOSING).unwrap();
            let written: WrittenHead = toml::from_str(toml_text).unwrap();
            let mut keys: Vec<_> = written.returns.keys().collect();
            keys.sort_by_key(|key| key.span().start);
            let comments = keys.into_iter().map(|key| {
                let comment = comment_at(toml_text, key.span().start);
                (key.as_ref().clone(), comment)
            });
            let comments: Vec<(String, String)> = comments
                .filter(|(_, comment)| comment.chars().any(|letter| letter.is_ascii_alphabetic()))
                .collect();
            let in_chinese = in_written_order(written.returns_zh);
            let names = |explained: &[(String, String)]| {
                explained.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>()
            };
            assert_eq!(names(&comments), names(&in_chinese), "{}", query.id);
            for ((name, en), (_, zh)) in comments.iter().zip(&in_chinese) {
                let place = format!("{} {name}: {en} / {zh}", query.id);
                let unit = unit_of_comment(en)
                    .filter(|unit| en.starts_with(unit) && unit.chars().all(is_chinese));
                let words = unit.map_or(en.as_str(), |unit| &en[unit.len()..]);
                assert!(!words.chars().any(is_chinese) && zh.chars().any(is_chinese), "{place}");
                assert!(unit.is_none() || unit == unit_of_comment(zh), "{place}");
            }
        }
    }

    fn is_chinese(letter: char) -> bool {
        ('\u{4e00}'..='\u{9fff}').contains(&letter)
    }

    #[test]
    fn a_column_that_is_wrong_is_named() {
        let year = |written: &str, expected: &str| {
            check("year = \"int\"", &format!("year = {written}"), expected);
        };
        let line = "the head of `queries/a/b.sql` is wrong in line 19\n";
        year(
            "\"integer\"",
            &format!(
                "{line}`integer` is no type; known are text, int, bigint, double, date, \
                timestamp, bool"
            ),
        );
        year(
            "{ type = \"int\", uint = \"条\" }",
            &format!(
                "{line}unknown field `uint`, expected one of `type`, `unit`, `format`, \
                `decimals`, `values`, `status`, `revised`, `approximate`, `ranked_by`"
            ),
        );
        year(
            "{ type = \"text\", values = \"places\" }",
            &format!("{line}words in brackets, or `departments`, `indicators` or `regions`"),
        );
        let of =
            |told: &str| format!("column `year` in `queries/a/b.sql` is of the type {told} only");
        year("{ type = \"int\", decimals = 2 }", &of("int, and `decimals` is for double"));
        year("{ type = \"int\", format = \"id\" }", &of("int, and `format = \"id\"` is for text"));
        year("{ type = \"int\", values = [\"a\"] }", &of("int, and `values` is for text"));
        year(
            "{ type = \"date\", unit = \"条\" }",
            &of("date, and `unit` is for int, bigint, double"),
        );
        year(
            "{ type = \"int\", revised = \"value\" }",
            "`revised` of the column `year` in `queries/a/b.sql` names `value`, and `[returns]` has no \
             such column",
        );
        year(
            "{ type = \"int\", unit = \"$at_least\" }",
            "column `year` in `queries/a/b.sql` is in the unit of the indicator that `at_least` names, \
             which is no parameter of text",
        );
    }

    #[test]
    fn a_head_that_is_wrong_names_file_and_line() {
        check("/*---", "/*", "`queries/a/b.sql` has no head");
        check("---*/", "*/", "`queries/a/b.sql` has no head");
        check(
            "reads = ",
            "raeds = ",
            "the head of `queries/a/b.sql` is wrong in line 4\nunknown field `raeds`, expected one of \
             `summary`, `summary_zh`, `reads`, `order`, `show`, `without_department`, `params`, `returns`, \
             `returns_zh`",
        );
        check(
            "\"date?\"",
            "\"day\"",
            "the head of `queries/a/b.sql` is wrong in line 8\n`day` is no type; known are date, text, \
             int, double, bool",
        );
        check(
            "default = 10",
            "default = \"ten\"",
            "the default `ten` of the parameter `at_least` in `queries/a/b.sql` is no int",
        );
        check(
            "[params.at_least]\ntype = \"int\"",
            "[params.at_least]\nnot_before = \"from\"\ntype = \"int\"",
            "parameter `at_least` in `queries/a/b.sql` is not to lie before `from`, which is no parameter",
        );
        check(
            "[params.at_least]\ntype = \"int\"",
            "[params.at_least]\nkinds = [\"flow\", \"rate\"]\ntype = \"int\"",
            "parameter `at_least` in `queries/a/b.sql` takes indicators of the kind `rate`, which is none",
        );
        check(
            "[params.at_least]\ntype = \"int\"",
            "[params.at_least]\nkinds = [\"flow\"]\ntype = \"int\"",
            "parameter `at_least` in `queries/a/b.sql` is of the type int, and `kinds` is for text only",
        );
        check(
            "[params.at_least]\ntype = \"int\"",
            "[params.at_least]\nnot_before = \"since\"\ntype = \"int\"",
            "parameter `at_least` in `queries/a/b.sql` is of the type int, and `not_before` is for date only",
        );
        check(
            "[params.since]\ntype = \"date?\"",
            "[params.since]\nnot_before = \"at_least\"\ntype = \"date?\"",
            "parameter `at_least` in `queries/a/b.sql` is of the type int, and `not_before` is for date only",
        );
        check(
            "[params.at_least]\ntype = \"int\"",
            "[params.at_least]\nlatest_of = [\"a\"]\ntype = \"int\"",
            "parameter `at_least` in `queries/a/b.sql` is of the type int, and `latest_of` is for date only",
        );
        let never = "parameter `since` in `queries/a/b.sql` says with `latest_of` what stands for it where it \
                     is not given, and it is always there";
        check("type = \"date?\"", "type = \"date\"\nlatest_of = [\"a\"]", never);
        check(
            "type = \"date?\"",
            "type = \"date?\"\ndefault = \"2021-01-31\"\nlatest_of = [\"a\"]",
            never,
        );
        check(
            "type = \"int\"\ndefault = 10",
            "type = \"date?\"\nlatest_of = [\"a\"]\nhelp = \"h\"\nhelp_zh = \"h\"\n\n\
             [params.until]\ntype = \"date?\"\nlatest_of = [\"a\"]",
            "parameters `at_least` and `until` in `queries/a/b.sql` both have `latest_of`",
        );
        check(
            "[\"year\"]",
            "[\"yaer\"]",
            "`queries/a/b.sql` orders by or shows `yaer` but does not return it",
        );
    }
}
