//! The sums and averages of a SELECT, and the rows that each of them takes together.

use serde_json::Value;

use crate::engine::mixing::scope::{DIMENSIONS, Scope};
use crate::engine::mixing::tree::{
    self, child, column_names, contains, function_name, is_aggregate, list, text,
};

/// Functions that add up.
const SUMS: [&str; 6] = ["fsum", "kahan_sum", "list_sum", "sum", "sum_no_overflow", "sumkahan"];
/// Functions that add up and divide by the number of rows.
const AVERAGES: [&str; 4] = ["avg", "favg", "list_avg", "mean"];
/// Functions that make a list of the rows of a group, for those above that take one.
const LISTS: [&str; 2] = ["array_agg", "list"];

/// A sum or average of values of figures.
#[derive(Debug, Clone)]
pub(super) struct Sum {
    /// How it is written, as `sum(value)`.
    pub(super) call: String,
    /// Whether it is an average, to which a zero matters.
    pub(super) is_average: bool,
    /// What is added up, per row.
    pub(super) amount: Value,
    /// The condition for a row to count; nothing where all do.
    pub(super) filter: Option<Value>,
    /// Position of the source whose figures are added up.
    pub(super) source: usize,
}

/// Sums over the same rows.
#[derive(Debug, Clone)]
pub(super) struct Together {
    /// What rows have in common that are taken together; nothing where all are.
    pub(super) keys: Vec<Value>,
    pub(super) sums: Vec<Sum>,
}

/// Returns the sums and averages of figures in a SELECT, by the rows that they take together.
///
/// Leaves out those that cannot be told apart row by row, so that nothing is said about them.
pub(super) fn sums_of(scope: &Scope<'_>, node: &Value) -> Vec<Together> {
    let mut calls = Vec::new();
    for key in ["select_list", "having", "qualify"] {
        if let Some(expression) = child(node, key) {
            find_calls(expression, &mut calls);
        }
    }
    let mut found: Vec<Together> = Vec::new();
    for call in calls {
        let Some(sum) = sum_of(scope, call) else { continue };
        let keys = match text(call, "class") {
            "WINDOW" => window_keys(scope, call).into_iter().collect(),
            _ => group_keys(scope, node),
        };
        for keys in keys {
            let is_same =
                |one: &&mut Together| one.keys == keys && one.sums[0].source == sum.source;
            match found.iter_mut().find(is_same) {
                Some(together) => together.sums.push(sum.clone()),
                None => found.push(Together { keys, sums: vec![sum.clone()] }),
            }
        }
    }
    found
}

/// Whether the rows of a SELECT are those of groups.
pub(super) fn is_grouped(node: &Value) -> bool {
    let has_aggregate = |key| child(node, key).is_some_and(|part| contains(part, &is_aggregate));
    !list(node, "group_expressions").is_empty()
        || is_grouped_by_all(node)
        || has_aggregate("select_list")
        || has_aggregate("having")
}

fn is_grouped_by_all(node: &Value) -> bool {
    text(node, "aggregate_handling") == "FORCE_AGGREGATES"
}

/// Finds the calls of functions that add up, those inside the window of another included.
fn find_calls<'a>(expression: &'a Value, found: &mut Vec<&'a Value>) {
    let name = function_name(expression);
    if SUMS.contains(&name.as_str()) || AVERAGES.contains(&name.as_str()) {
        found.push(expression);
    }
    for part in tree::parts(expression) {
        find_calls(part, found);
    }
}

fn sum_of(scope: &Scope<'_>, call: &Value) -> Option<Sum> {
    let name = function_name(call);
    let mut added = list(call, "children").first()?;
    let mut filter =
        child(call, if text(call, "class") == "WINDOW" { "filter_expr" } else { "filter" });
    if name.starts_with("list_") {
        if !LISTS.contains(&function_name(added).as_str()) {
            return None;
        }
        filter = child(added, "filter");
        added = list(added, "children").first()?;
    }
    // A window over the sums of groups adds up what those add up.
    while text(call, "class") == "WINDOW" && contains(added, &is_aggregate) {
        let is_sum = is_aggregate(added) && SUMS.contains(&function_name(added).as_str());
        added = list(added, "children")
            .first()
            .filter(|_| is_sum && child(added, "filter").is_none())?;
    }
    let source = scope.values_of(added)?;
    let shown = column_names(added).pop().unwrap_or_else(|| "…".to_owned());
    let over = if text(call, "class") == "WINDOW" { " OVER (…)" } else { "" };
    Some(Sum {
        call: format!("{name}({shown}){over}"),
        is_average: AVERAGES.contains(&name.as_str()),
        amount: scope.resolved(added),
        filter: filter.cloned(),
        source,
    })
}

/// Returns what the rows of a window have in common.
fn window_keys(scope: &Scope<'_>, call: &Value) -> Option<Vec<Value>> {
    let keys: Vec<Value> = list(call, "partitions").iter().map(|key| scope.resolved(key)).collect();
    let is_of_rows = |key: &Value| !contains(key, &|part| is_aggregate(part) || is_window(part));
    keys.iter().all(is_of_rows).then_some(keys)
}

/// Returns what the rows of a group have in common, for each of the ways in which they are grouped.
fn group_keys(scope: &Scope<'_>, node: &Value) -> Vec<Vec<Value>> {
    // Which groups are left is known only after they were made.
    let is_dimension = |part: &Value| {
        column_names(part).last().is_some_and(|name| DIMENSIONS.contains(&&*name.to_lowercase()))
    };
    let chooses = |part: &Value| is_aggregate(part) && contains(part, &is_dimension);
    if child(node, "having").is_some_and(|having| contains(having, &chooses)) {
        return Vec::new();
    }
    let select_list = list(node, "select_list");
    if is_grouped_by_all(node) {
        let is_key = |one: &&Value| !contains(one, &|part| is_aggregate(part) || is_window(part));
        let keys: Vec<Value> = select_list.iter().filter(is_key).cloned().collect();
        let has_star = keys.iter().any(|key| contains(key, &|part| text(part, "class") == "STAR"));
        return if has_star { Vec::new() } else { vec![keys] };
    }
    let expressions = list(node, "group_expressions");
    let meant = |expression: &Value| {
        let position = (text(expression, "class") == "CONSTANT")
            .then(|| expression.pointer("/value/value").and_then(Value::as_u64))
            .flatten();
        let named = position.and_then(|position| {
            usize::try_from(position).ok()?.checked_sub(1).and_then(|idx| select_list.get(idx))
        });
        named.map_or_else(|| scope.resolved(expression), Value::clone)
    };
    let sets = list(node, "group_sets");
    if sets.is_empty() {
        return vec![expressions.iter().map(meant).collect()];
    }
    let of_set = |set: &Value| {
        let positions = set.as_array().map_or(&[][..], Vec::as_slice).iter();
        let positions = positions.filter_map(|idx| usize::try_from(idx.as_u64()?).ok());
        positions.filter_map(|idx| expressions.get(idx)).map(meant).collect()
    };
    sets.iter().map(of_set).collect()
}

fn is_window(expression: &Value) -> bool {
    text(expression, "class") == "WINDOW"
}

/// Returns the conditions on groups that hold for each of their rows as well.
pub(super) fn row_conditions(node: &Value) -> Vec<Value> {
    let having = tree::conditions(child(node, "having"));
    having.into_iter().filter(|one| !contains(one, &is_aggregate)).collect()
}
