//! What the names in a SELECT mean, as far as figures are concerned: which columns hold values of
//! figures, and where the dimensions of those figures are found.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::engine::mixing::tree::{self, child, column_names, function_name, list, text};

/// What tells figures apart, in the tables and views that hold them.
pub(super) const DIMENSIONS: [&str; 11] = [
    "accumulation",
    "batch",
    "breakdown",
    "definition",
    "department",
    "edition",
    "indicator",
    "origin",
    "period_end",
    "period_start",
    "region",
];

/// What makes a figure the same in whatever document it stands.
pub(super) const KEY: [&str; 9] = [
    "indicator",
    "definition",
    "department",
    "region",
    "breakdown",
    "accumulation",
    "period_start",
    "period_end",
    "origin",
];

/// The column of figures.
const VALUE: &str = "value";

/// The document that states a figure.
pub(super) const BATCH: &str = "batch";

/// Views that have one vintage of every figure, so that none of them needs to be looked for.
const EACH_ONCE: [&str; 3] =
    ["observations_as_reported", "observations_comparable", "observations_latest"];

/// The view of what was added between figures: its values are of their own spans, whatever the figures
/// count from, and add up.
const FLOWS: &str = "period_flows";

/// Functions whose result is no amount, whatever they are given.
const COUNTING: [&str; 4] = ["approx_count_distinct", "count", "count_if", "countif"];

/// Returns the name under which a SELECT inside another hands a dimension on.
pub(super) fn carried(dimension: &str) -> String {
    format!("__tongban_{dimension}")
}

/// A column that a source offers.
#[derive(Debug, Clone)]
pub(super) struct Column {
    /// Its name, in lower case.
    pub(super) name: String,
    /// Its name in the table or view that it comes from; empty where it is made by a SELECT.
    pub(super) own_name: String,
    /// Whether it holds values of figures, or amounts made of them.
    pub(super) is_value: bool,
}

/// Something that stands in FROM.
#[derive(Debug, Clone)]
pub(super) struct Source {
    /// The name by which columns are taken from it.
    pub(super) alias: String,
    /// Its columns in order; none where they are not known.
    pub(super) columns: Vec<Column>,
    /// Whether it is a SELECT that hands its dimensions on, and not a table or view.
    pub(super) is_derived: bool,
}

impl Source {
    /// Returns a table or view with its columns.
    pub(super) fn relation(relation: &str, alias: &str, names: &[String]) -> Self {
        let names: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
        // Whether a figure comes again can be told by its whole key only.
        let has_key = KEY.iter().all(|part| names.iter().any(|name| name == part));
        let may_come_again = has_key && !EACH_ONCE.contains(&&*relation.to_lowercase());
        let is_kept = |name: &String| may_come_again || name != BATCH;
        let names: Vec<String> = names.into_iter().filter(is_kept).collect();
        let has_figures = names.iter().any(|name| name == "indicator");
        let is_of_flows = relation.eq_ignore_ascii_case(FLOWS);
        let columns = names.into_iter().map(|name| {
            let is_value = has_figures && name == VALUE;
            let is_dimension = !(is_of_flows && name == "accumulation");
            let own_name = if is_dimension { name.clone() } else { String::new() };
            Column { name, own_name, is_value }
        });
        Self { alias: alias.to_owned(), columns: columns.collect(), is_derived: false }
    }

    /// Returns a source of which nothing is known.
    pub(super) fn unknown(alias: &str) -> Self {
        Self { alias: alias.to_owned(), columns: Vec::new(), is_derived: false }
    }

    /// Gives its first columns other names.
    pub(super) fn rename(&mut self, names: &[String]) {
        for (column, name) in self.columns.iter_mut().zip(names) {
            column.name = name.to_lowercase();
        }
    }

    /// Returns a dimension of its rows; nothing where it has no such column.
    pub(super) fn dimension(&self, dimension: &str) -> Value {
        if self.is_derived {
            return tree::column(&self.alias, &carried(dimension));
        }
        let column = self.columns.iter().find(|column| column.own_name == dimension);
        column.map_or_else(tree::null, |column| tree::column(&self.alias, &column.name))
    }

    fn is_known(&self) -> bool {
        !self.columns.is_empty()
    }

    fn has_values(&self) -> bool {
        self.columns.iter().any(|column| column.is_value)
    }
}

/// The sources of a SELECT, and the names that it gives to its own columns.
pub(super) struct Scope<'a> {
    pub(super) sources: Vec<Source>,
    select_list: &'a [Value],
}

impl<'a> Scope<'a> {
    pub(super) fn of(sources: Vec<Source>, node: &'a Value) -> Self {
        Self { sources, select_list: list(node, "select_list") }
    }

    /// Returns the source from which the values of an expression come first, by its position; `None`
    /// where it is no amount of figures.
    ///
    /// What is compared, counted or only decides a CASE is no amount.
    pub(super) fn values_of(&self, expression: &Value) -> Option<usize> {
        self.values_in(&self.resolved(expression))
    }

    fn values_in(&self, expression: &Value) -> Option<usize> {
        let first = |parts: &[Value]| parts.iter().find_map(|part| self.values_in(part));
        match text(expression, "class") {
            "COLUMN_REF" => {
                let (idx, column) = self.found(expression)?;
                column.is_value.then_some(idx)
            }
            "FUNCTION" | "WINDOW" if COUNTING.contains(&function_name(expression).as_str()) => None,
            "FUNCTION" | "WINDOW" => first(list(expression, "children")),
            "OPERATOR" if text(expression, "type") == "OPERATOR_COALESCE" => {
                first(list(expression, "children"))
            }
            "CAST" => self.values_in(child(expression, "child")?),
            "CASE" => {
                let checks = list(expression, "case_checks").iter();
                let then = checks.filter_map(|check| child(check, "then_expr"));
                let all = then.chain(child(expression, "else_expr"));
                all.into_iter().find_map(|part| self.values_in(part))
            }
            _ => None,
        }
    }

    /// Returns an expression with what it stands for, where it is only the name of another column of
    /// the same SELECT.
    pub(super) fn resolved(&self, expression: &Value) -> Value {
        match self.found(expression) {
            None => self.named_so(expression).unwrap_or(expression).clone(),
            Some(_) => expression.clone(),
        }
    }

    /// Whether an expression names a column of a SELECT around this one.
    pub(super) fn looks_out(&self, expression: &Value) -> bool {
        tree::contains(expression, &|part| {
            let names = column_names(part);
            match names.as_slice() {
                [] => false,
                [name] => {
                    let is_known = self.sources.iter().all(Source::is_known);
                    is_known && self.found(part).is_none() && self.named(name).is_none()
                }
                [.., source, _] => {
                    !self.sources.iter().any(|known| known.alias.eq_ignore_ascii_case(source))
                }
            }
        })
    }

    /// Returns the source whose dimensions go with the rows of this SELECT.
    fn of_figures(&self) -> Option<&Source> {
        self.sources.iter().find(|source| source.has_values())
    }

    /// Returns the columns that this SELECT gives.
    pub(super) fn columns(&self) -> Vec<Column> {
        self.select_list.iter().flat_map(|expression| self.columns_of(expression)).collect()
    }

    fn columns_of(&self, expression: &Value) -> Vec<Column> {
        if text(expression, "class") != "STAR" {
            let names = column_names(expression);
            let alias = text(expression, "alias");
            let name =
                if alias.is_empty() { names.last().map_or("", String::as_str) } else { alias };
            let is_value = self.values_of(expression).is_some();
            let name = name.to_lowercase();
            return vec![Column { name, own_name: String::new(), is_value }];
        }
        let left_out: BTreeSet<String> = tree::texts(expression, "exclude_list")
            .iter()
            .map(|name| name.to_lowercase())
            .collect();
        let only = text(expression, "relation_name");
        let sources = self.sources.iter();
        let sources = sources.filter(|one| only.is_empty() || one.alias.eq_ignore_ascii_case(only));
        let columns = sources.flat_map(|source| source.columns.iter());
        columns.filter(|column| !left_out.contains(&column.name)).cloned().collect()
    }

    /// Returns the columns by which this SELECT, inside another one, hands on the dimensions of its
    /// figures; of the rows of a group the least.
    pub(super) fn dimensions(&self, is_grouped: bool) -> Vec<Value> {
        let source = self.of_figures();
        let of_row = |name: &str| source.map_or_else(tree::null, |source| source.dimension(name));
        let dimension = |name: &&str| {
            // A sum over several documents is no figure of one of them.
            let value = match (is_grouped, *name) {
                (true, "batch") => tree::null(),
                (true, name) => tree::least(&of_row(name)),
                (false, name) => of_row(name),
            };
            tree::named(value, &carried(name))
        };
        DIMENSIONS.iter().map(dimension).collect()
    }

    /// Keeps `*` from giving the columns that only this analysis added to a source.
    pub(super) fn without_carried(&self, star: &mut Value) {
        let only = text(star, "relation_name");
        let has_carried = self.sources.iter().any(|source| {
            source.is_derived && (only.is_empty() || source.alias.eq_ignore_ascii_case(only))
        });
        if let Some(left_out) = star["exclude_list"].as_array_mut().filter(|_| has_carried) {
            left_out.extend(DIMENSIONS.iter().map(|name| json!(carried(name))));
        }
    }

    fn found(&self, expression: &Value) -> Option<(usize, &Column)> {
        let names = column_names(expression);
        let (name, source) = match names.as_slice() {
            [name] => (name, None),
            [.., source, name] => (name, Some(source)),
            [] => return None,
        };
        let name = name.to_lowercase();
        let sources = self.sources.iter().enumerate();
        let mut sources = sources
            .filter(|(_, known)| source.is_none_or(|name| known.alias.eq_ignore_ascii_case(name)));
        sources.find_map(|(idx, known)| {
            known.columns.iter().find(|column| column.name == name).map(|column| (idx, column))
        })
    }

    /// Returns the column of this SELECT whose name an expression is.
    fn named_so(&self, expression: &Value) -> Option<&'a Value> {
        match column_names(expression).as_slice() {
            [name] => self.named(name).filter(|meant| *meant != expression),
            _ => None,
        }
    }

    fn named(&self, name: &str) -> Option<&'a Value> {
        let is_so = |one: &&Value| text(one, "alias").eq_ignore_ascii_case(name);
        self.select_list.iter().find(is_so)
    }
}
