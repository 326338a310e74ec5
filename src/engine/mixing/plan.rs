//! Plans what is asked of the data about the sums of a statement.

use serde_json::{Value, json};

use crate::engine::mixing::figures::{BATCH, Column, DIMENSIONS, Figures, carried, is_of_figures};
use crate::engine::mixing::scope::{Scope, Source};
use crate::engine::mixing::sums::{
    Sum, Together, calls_in, is_grouped, row_conditions, sums_of, words_of,
};
use crate::engine::mixing::tree::{self, child, text, texts};

/// Probes of one statement at most: each of them reads the figures once more.
const MAX_PROBES: usize = 12;

/// What is asked about sums over the same rows.
#[derive(Debug, Clone)]
pub(super) struct Probe {
    /// A SELECT of the rows that are added up, as the parser's tree: `a0` … what each sum adds, `f0` …
    /// whether it does, `g0` … what rows have in common that are taken together, and the dimensions.
    pub(super) rows: Value,
    /// Number of columns by which rows are taken together.
    pub(super) n_keys: usize,
    pub(super) sums: Vec<Sum>,
    /// Whether several documents may state the same figure there.
    pub(super) may_come_again: bool,
}

/// What is asked about the sums of a statement.
#[derive(Debug, Clone, Default)]
pub(super) struct Plan {
    pub(super) probes: Vec<Probe>,
    /// Sums of figures about which nothing can be asked, as they are written.
    pub(super) unfollowed: Vec<String>,
}

/// Plans the probes of a statement.
pub(super) struct Planner<'a> {
    /// Returns the columns of a table or view; `None` where there is none of that name.
    relations: &'a mut dyn FnMut(&str) -> Option<Vec<String>>,
    plan: Plan,
    /// Whether the statement reads figures at all, so that a sum which cannot be followed may be of them.
    has_figures: bool,
    n_unnamed: usize,
}

/// A SELECT that has a name in those after it.
#[derive(Clone)]
struct Named {
    name: String,
    /// What stands in WITH.
    entry: Value,
    /// `None` where its columns are not known.
    columns: Option<Vec<Column>>,
}

/// Returns what to ask about the sums in a statement.
pub(super) fn plan_of(
    statement: &Value,
    relations: &mut dyn FnMut(&str) -> Option<Vec<String>>,
) -> Plan {
    let mut planner =
        Planner { relations, plan: Plan::default(), has_figures: false, n_unnamed: 0 };
    if let Some(node) = child(statement, "node") {
        planner.node(&mut node.clone(), &[], Place::Whole);
    }
    let Planner { mut plan, has_figures, .. } = planner;
    if !has_figures {
        plan.unfollowed.clear();
    }
    let n_asked = plan.probes.len().min(MAX_PROBES);
    let unasked = plan.probes.split_off(n_asked).into_iter().flat_map(|probe| probe.sums);
    plan.unfollowed.extend(unasked.map(|sum| sum.call));
    plan
}

/// Where a SELECT stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// It is the statement, or one of those that are put together for it.
    Whole,
    /// Its rows are those of a source: it hands on the dimensions of its figures.
    Source,
    /// Inside an expression, where it may name columns of the SELECT around it.
    Expression,
}

impl Planner<'_> {
    /// Plans for a SELECT and all inside it. Returns its columns, `None` where they are not known.
    fn node(&mut self, node: &mut Value, outer: &[Named], place: Place) -> Option<Vec<Column>> {
        let mut known = outer.to_vec();
        self.name_inner(node, &mut known);
        match text(node, "type") {
            "SELECT_NODE" => self.select(node, &known, place),
            "SET_OPERATION_NODE" => {
                let is_union = text(node, "setop_type").starts_with("UNION");
                let place = if is_union || place != Place::Source { place } else { Place::Whole };
                let columns = ["left", "right"]
                    .map(|side| node.get_mut(side).and_then(|side| self.node(side, &known, place)));
                let [Some(left), Some(right)] = columns else { return None };
                let either = left.into_iter().zip(right).map(|(left, right)| Column {
                    figures: either_figures(left.figures, right.figures),
                    ..left
                });
                is_union.then(|| either.collect())
            }
            "RECURSIVE_CTE_NODE" => {
                let first = node.get_mut("left")?;
                self.node(first, &known, Place::Whole);
                self.repeated(node, &known);
                None
            }
            _ => None,
        }
    }

    /// Notes the sums of figures in the part of a recursive SELECT that is answered again and again: what
    /// its rows are is known only while it is answered.
    fn repeated(&mut self, node: &Value, known: &[Named]) {
        let name = text(node, "cte_name").to_lowercase();
        let Some(mut part) = node.get("right").cloned() else { return };
        let mut known = known.to_vec();
        known.retain(|one| one.name != name);
        known.push(Named { name, entry: Value::Null, columns: None });
        let n_before = self.plan.probes.len();
        self.node(&mut part, &known, Place::Whole);
        let probes = self.plan.probes.split_off(n_before);
        let sums = probes.into_iter().flat_map(|probe| probe.sums);
        self.plan.unfollowed.extend(sums.map(|sum| sum.call));
    }

    /// Plans for the SELECTs in WITH, and adds them to those that have names.
    fn name_inner(&mut self, node: &mut Value, known: &mut Vec<Named>) {
        let Some(entries) = node.pointer_mut("/cte_map/map").and_then(Value::as_array_mut) else {
            return;
        };
        for entry in entries {
            let inner = entry.pointer_mut("/value/query/node");
            let mut columns = inner.and_then(|inner| self.node(inner, known, Place::Source));
            let aliases = entry.get("value").map(|value| texts(value, "aliases"));
            for (column, alias) in columns.iter_mut().flatten().zip(aliases.unwrap_or_default()) {
                column.name = alias.to_lowercase();
            }
            let name = text(entry, "key").to_lowercase();
            known.retain(|one| one.name != name);
            known.push(Named { name, entry: entry.clone(), columns });
        }
    }

    fn select(&mut self, node: &mut Value, known: &[Named], place: Place) -> Option<Vec<Column>> {
        let sources = self.sources(node.get_mut("from_table")?, known);
        for key in ["select_list", "where_clause", "having", "qualify", "modifiers"] {
            for inner in node.get(key).map(tree::subqueries).unwrap_or_default() {
                self.node(&mut inner.clone(), known, Place::Expression);
            }
        }
        let shown = node.clone();
        let scope = Scope::of(sources, &shown);
        let sums = sums_of(&scope, &shown);
        self.plan.unfollowed.extend(sums.unfollowed);
        for together in sums.followed {
            let calls: Vec<String> = together.sums.iter().map(|sum| sum.call.clone()).collect();
            match probe_of(&scope, &shown, together, known, place) {
                Some(probe) => self.plan.probes.push(probe),
                None => self.plan.unfollowed.extend(calls),
            }
        }
        let select_list = node.get_mut("select_list")?.as_array_mut()?;
        for expression in select_list.iter_mut().filter(|one| text(one, "class") == "STAR") {
            scope.without_carried(expression);
        }
        if place == Place::Source {
            select_list.extend(scope.dimensions(is_grouped(&shown)));
        }
        let mut columns = scope.columns();
        if is_grouped(&shown) {
            // A row of a group is none of the figures that it is made of.
            for figures in columns.iter_mut().filter_map(|column| column.figures.as_mut()) {
                figures.is_keyed = false;
            }
        }
        Some(columns)
    }

    /// Returns what stands in FROM, in order, and has SELECTs there hand on their dimensions.
    fn sources(&mut self, from: &mut Value, known: &[Named]) -> Vec<Source> {
        let mut source = match text(from, "type") {
            "EMPTY" => return Vec::new(),
            // Joined by whatever has the same name on both sides, which is more once something was
            // added to them.
            "JOIN" if text(from, "ref_type") == "NATURAL" => {
                for side in ["left", "right"] {
                    self.sources(&mut from[side].clone(), known);
                }
                Source::unknown("")
            }
            "JOIN" => {
                let sides = ["left", "right"].into_iter();
                let sides = sides.flat_map(|side| match from.get_mut(side) {
                    Some(side) => self.sources(side, known),
                    None => Vec::new(),
                });
                return sides.collect();
            }
            "BASE_TABLE" => self.relation(from, known),
            "SUBQUERY" => {
                if text(from, "alias").is_empty() {
                    self.n_unnamed += 1;
                    from["alias"] = json!(carried(&self.n_unnamed.to_string()));
                }
                let alias = text(from, "alias").to_owned();
                let inner = from.pointer_mut("/subquery/node");
                match inner.and_then(|inner| self.node(inner, known, Place::Source)) {
                    Some(columns) => Source { alias, columns, is_derived: true },
                    None => Source::unknown(&alias),
                }
            }
            "PIVOT" => {
                self.sources(&mut from["source"].clone(), known);
                let calls = calls_in(from, "aggregates").into_iter();
                let of_figures = calls.filter(|call| {
                    let mut values = tree::values(call).into_iter();
                    values.any(|value| {
                        tree::column_names(value).last().is_some_and(|name| is_of_figures(name))
                    })
                });
                self.plan.unfollowed.extend(of_figures.map(words_of));
                Source::unknown(text(from, "alias"))
            }
            "TABLE_FUNCTION" => {
                // Files of the lake may be read by their names.
                let function = tree::function_name(&from["function"]);
                self.has_figures |= function.contains("parquet");
                Source::unknown(text(from, "alias"))
            }
            _ => Source::unknown(text(from, "alias")),
        };
        source.rename(&texts(from, "column_name_alias"));
        vec![source]
    }

    fn relation(&mut self, from: &Value, known: &[Named]) -> Source {
        let name = text(from, "table_name");
        let alias = Some(text(from, "alias")).filter(|alias| !alias.is_empty()).unwrap_or(name);
        let is_so = |one: &&Named| one.name == name.to_lowercase();
        let is_bare = text(from, "schema_name").is_empty();
        if let Some(named) = known.iter().find(is_so).filter(|_| is_bare) {
            return match &named.columns {
                Some(columns) => {
                    Source { alias: alias.to_owned(), columns: columns.clone(), is_derived: true }
                }
                None => Source::unknown(alias),
            };
        }
        if let Some(columns) = (self.relations)(name) {
            let source = Source::relation(name, alias, &columns);
            self.has_figures |= source.figures().is_some();
            source
        } else {
            // Files may be named instead of a table.
            self.has_figures |= name.contains('.');
            Source::unknown(alias)
        }
    }
}

/// Returns what the values of a column are that is put together from two.
fn either_figures(left: Option<Figures>, right: Option<Figures>) -> Option<Figures> {
    match (left, right) {
        (Some(left), Some(right)) => Some(Figures {
            is_followed: left.is_followed && right.is_followed && left.columns == right.columns,
            columns: left.columns,
            accumulation: left.accumulation.filter(|_| left.accumulation == right.accumulation),
            is_plain: left.is_plain && right.is_plain,
            is_keyed: left.is_keyed && right.is_keyed,
            is_joined: left.is_joined || right.is_joined,
        }),
        (one, other) => one.or(other),
    }
}

/// Returns the probe of some sums; `None` where their rows cannot be had by themselves.
fn probe_of(
    scope: &Scope<'_>,
    node: &Value,
    together: Together,
    known: &[Named],
    place: Place,
) -> Option<Probe> {
    let Together { mut keys, sums } = together;
    let mut conditions = Vec::new();
    for condition in tree::conditions(child(node, "where_clause")) {
        if place == Place::Expression && scope.looks_out(&condition) {
            keys.push(inner_side(scope, &condition)?);
        } else {
            conditions.push(condition);
        }
    }
    conditions.extend(row_conditions(node));
    let mut columns = Vec::new();
    for (idx, sum) in sums.iter().enumerate() {
        columns.push(tree::named(sum.amount.clone(), &format!("a{idx}")));
        let filter = sum.filter.clone();
        columns.extend(filter.map(|filter| tree::named(filter, &format!("f{idx}"))));
    }
    let n_keys = keys.len();
    let keys = keys.into_iter().enumerate();
    columns.extend(keys.map(|(idx, key)| tree::named(key, &format!("g{idx}"))));
    let first = sums.first()?;
    let dimension = |name: &str| scope.dimension(first.source, &first.figures, name);
    columns.extend(DIMENSIONS.map(|name| tree::named(dimension(name), &carried(name))));
    let may_come_again = text(&dimension(BATCH), "class") == "COLUMN_REF";
    let mut rows = node.clone();
    for (key, value) in [
        ("modifiers", json!([])),
        ("cte_map", json!({"map": known.iter().map(|one| &one.entry).collect::<Vec<_>>()})),
        ("select_list", json!(columns)),
        ("where_clause", tree::all_of(conditions)),
        ("group_expressions", json!([])),
        ("group_sets", json!([])),
        ("aggregate_handling", json!("STANDARD_HANDLING")),
        ("having", Value::Null),
        ("qualify", Value::Null),
    ] {
        rows[key] = value;
    }
    Some(Probe { rows, n_keys, sums, may_come_again })
}

/// Returns what a SELECT inside another compares with a column of the outer one: for each value of
/// that, its rows are others.
fn inner_side(scope: &Scope<'_>, condition: &Value) -> Option<Value> {
    let sides = [child(condition, "left")?, child(condition, "right")?];
    let inner: Vec<&Value> = sides.into_iter().filter(|side| !scope.looks_out(side)).collect();
    match inner.as_slice() {
        [side] if text(condition, "type") == "COMPARE_EQUAL" => Some((*side).clone()),
        _ => None,
    }
}

/// Returns the names of the parameters in a tree, each once, in order.
pub(super) fn parameters(rows: &Value) -> Vec<String> {
    fn find(tree: &Value, found: &mut Vec<String>) {
        if text(tree, "type") == "VALUE_PARAMETER" {
            found.push(text(tree, "identifier").to_owned());
        }
        match tree {
            Value::Object(fields) => fields.values().for_each(|value| find(value, found)),
            Value::Array(elements) => elements.iter().for_each(|value| find(value, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    find(rows, &mut found);
    found.sort_unstable();
    found.dedup();
    found
}
