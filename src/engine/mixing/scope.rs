//! What the names in a SELECT mean, as far as figures are concerned: which columns hold values of
//! figures, and where the dimensions of those figures are found.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::engine::mixing::figures::{
    ACCUMULATION, Column, DIMENSIONS, Figures, VALUE, carried, columns_of, is_of_figures,
};
use crate::engine::mixing::tree::{self, column_names, function_name, list, text};

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
        Self { alias: alias.to_owned(), columns: columns_of(relation, names), is_derived: false }
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
        let column = self.columns.iter().find(|column| column.dimension == dimension);
        column.map_or_else(tree::null, |column| tree::column(&self.alias, &column.name))
    }

    fn is_known(&self) -> bool {
        !self.columns.is_empty()
    }

    /// Returns the figures that it has, of the first column that holds some.
    pub(super) fn figures(&self) -> Option<Figures> {
        self.columns.iter().find_map(|column| column.figures.clone())
    }
}

/// Columns of figures by source and name, each with the columns of tables and views that are added up
/// in it.
type Terms = BTreeMap<(usize, String), BTreeSet<&'static str>>;

/// The sources of a SELECT, and the names that it gives to its own columns.
pub(super) struct Scope<'a> {
    pub(super) sources: Vec<Source>,
    select_list: &'a [Value],
}

impl<'a> Scope<'a> {
    pub(super) fn of(sources: Vec<Source>, node: &'a Value) -> Self {
        Self { sources, select_list: list(node, "select_list") }
    }

    /// Returns the source from which the values of an expression come first, by its position, and what
    /// they are; `None` where it is no amount of figures.
    ///
    /// What is compared, counted or only decides a CASE is no amount.
    pub(super) fn values_of(&self, expression: &Value) -> Option<(usize, Figures)> {
        let amount = self.resolved(expression);
        let mut values = tree::values(&amount).into_iter();
        let (source, first) = values.find_map(|value| {
            let (source, column) = self.found(value)?;
            Some((source, column.figures.clone()?))
        })?;
        let is_plain = first.is_plain && !has_product(&amount);
        let is_joined = first.is_joined || self.sources.len() > 1;
        let figures = match self.terms(&amount) {
            Some(terms) => {
                let columns: BTreeSet<&'static str> = terms.values().flatten().copied().collect();
                let n_added: usize = terms.values().map(BTreeSet::len).sum();
                // Of a column of values it is the row that says of what they are.
                let is_told = n_added < 2 || !columns.contains(&VALUE);
                let is_followed = is_told && n_added == columns.len();
                Figures { columns, is_followed, is_plain, is_joined, ..first }
            }
            None => Figures { is_followed: false, is_plain, is_joined, ..first },
        };
        Some((source, figures))
    }

    /// Returns the columns of figures that each value of an expression adds up; `None` where it is one
    /// of several.
    fn terms(&self, expression: &Value) -> Option<Terms> {
        if let Some((source, column)) = self.found(expression) {
            let Some(figures) = &column.figures else { return Some(Terms::new()) };
            let term = ((source, column.name.clone()), figures.columns.clone());
            return figures.is_followed.then(|| Terms::from([term]));
        }
        let parts = tree::amounts(expression).into_iter().map(|part| self.terms(part));
        let mut parts = parts.collect::<Option<Vec<Terms>>>()?;
        parts.retain(|terms| !terms.is_empty());
        match function_name(expression).as_str() {
            "+" | "add" => Some(parts.into_iter().flatten().collect()),
            // What is taken away, or what a share is of, is not added.
            "-" | "subtract" | "*" | "multiply" | "/" | "divide" => {
                Some(parts.into_iter().next().unwrap_or_default())
            }
            _ => {
                parts.dedup();
                (parts.len() < 2).then(|| parts.pop().unwrap_or_default())
            }
        }
    }

    /// Whether the values of an expression may be figures of a source of which nothing is known.
    pub(super) fn may_be_figures(&self, expression: &Value) -> bool {
        let is_one = |value: &&Value| {
            let name = column_names(value).pop().unwrap_or_default();
            is_of_figures(&name) && self.found(value).is_none()
        };
        let is_all_known = self.sources.iter().all(Source::is_known);
        !is_all_known && tree::values(&self.resolved(expression)).iter().any(is_one)
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

    /// Returns a dimension of the figures of a source, which stands at `source`.
    pub(super) fn dimension(&self, source: usize, figures: &Figures, name: &str) -> Value {
        match figures.accumulation {
            Some(accumulation) if name == ACCUMULATION => tree::constant(accumulation),
            _ => self.sources.get(source).map_or_else(tree::null, |source| source.dimension(name)),
        }
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
            let figures = self.values_of(expression).map(|(source, figures)| {
                let is_keyed = figures.is_keyed && self.hands_on() == Some(source);
                Figures { is_keyed, ..figures }
            });
            let name = name.to_lowercase();
            return vec![Column { name, dimension: "", figures }];
        }
        let left_out: BTreeSet<String> = tree::texts(expression, "exclude_list")
            .iter()
            .map(|name| name.to_lowercase())
            .collect();
        let only = text(expression, "relation_name");
        let sources = self.sources.iter().enumerate();
        let sources =
            sources.filter(|(_, one)| only.is_empty() || one.alias.eq_ignore_ascii_case(only));
        let columns = sources.flat_map(|(idx, source)| {
            let left = source.columns.iter().filter(|column| !left_out.contains(&column.name));
            left.map(move |column| (idx, column.clone()))
        });
        let is_joined = self.sources.len() > 1;
        let handed_on = |(idx, mut column): (usize, Column)| {
            if let Some(figures) = &mut column.figures {
                figures.is_joined |= is_joined;
                figures.is_keyed &= self.hands_on() == Some(idx);
            }
            column
        };
        columns.map(handed_on).collect()
    }

    /// Returns the position of the source whose dimensions this SELECT hands on inside another one.
    fn hands_on(&self) -> Option<usize> {
        self.sources.iter().position(|source| source.figures().is_some())
    }

    /// Returns the columns by which this SELECT, inside another one, hands on the dimensions of its
    /// figures; of the rows of a group the least.
    pub(super) fn dimensions(&self, is_grouped: bool) -> Vec<Value> {
        let mut sources = self.sources.iter().enumerate();
        let first = sources.find_map(|(idx, source)| Some((idx, source.figures()?)));
        let of_row = |name: &str| match &first {
            Some((source, figures)) => self.dimension(*source, figures, name),
            None => tree::null(),
        };
        let dimension = |name: &&str| {
            // A sum over several documents is no figure of one of them.
            let value = match (is_grouped, *name) {
                (true, "batch" | "edition" | "version") => tree::null(),
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

/// Whether an expression puts several columns into one value, as `value * n`.
fn has_product(expression: &Value) -> bool {
    let is_column = |part: &Value| text(part, "class") == "COLUMN_REF";
    let is_product = |part: &Value| {
        let factors = list(part, "children").iter();
        let n_factors = factors.filter(|factor| tree::contains(factor, &is_column)).count();
        ["*", "/"].contains(&function_name(part).as_str()) && n_factors > 1
    };
    tree::contains(expression, &is_product)
}
