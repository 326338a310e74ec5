//! The sums and averages of a SELECT, and the rows that each of them takes together.

use serde_json::Value;

use crate::engine::mixing::figures::{DIMENSIONS, Figures};
use crate::engine::mixing::scope::Scope;
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
    /// What they are.
    pub(super) figures: Figures,
}

/// Sums over the same rows.
#[derive(Debug, Clone)]
pub(super) struct Together {
    /// What rows have in common that are taken together; nothing where all are.
    pub(super) keys: Vec<Value>,
    pub(super) sums: Vec<Sum>,
}

/// The sums and averages of figures in a SELECT.
#[derive(Debug, Clone, Default)]
pub(super) struct Sums {
    pub(super) followed: Vec<Together>,
    /// How those are written whose figures cannot be told row by row.
    pub(super) unfollowed: Vec<String>,
}

/// Returns the sums and averages of figures in a SELECT, by the rows that they take together.
pub(super) fn sums_of(scope: &Scope<'_>, node: &Value) -> Sums {
    let mut found = Sums::default();
    // The order of rows may be by what is not shown.
    let places = ["select_list", "having", "qualify", "modifiers"];
    for call in places.into_iter().flat_map(|key| calls_in(node, key)) {
        let sum = match sum_of(scope, call) {
            Ok(Some(sum)) => sum,
            Ok(None) => continue,
            Err(Unfollowed) => {
                found.unfollowed.push(words_of(call));
                continue;
            }
        };
        let keys = match text(call, "class") {
            "WINDOW" => window_keys(scope, call).into_iter().collect(),
            _ => group_keys(scope, node),
        };
        if keys.is_empty() || !sum.figures.is_followed {
            found.unfollowed.push(sum.call.clone());
        }
        for keys in keys {
            let is_same = |one: &&mut Together| one.keys == keys && one.sums[0].is_beside(&sum);
            match found.followed.iter_mut().find(is_same) {
                Some(together) => together.sums.push(sum.clone()),
                None => found.followed.push(Together { keys, sums: vec![sum.clone()] }),
            }
        }
    }
    found
}

impl Sum {
    /// Whether the figures of another sum are those of the same rows with the same dimensions.
    fn is_beside(&self, other: &Self) -> bool {
        self.source == other.source && self.figures.accumulation == other.figures.accumulation
    }
}

/// Whether a statement of which only the text is known may add something up.
pub(super) fn are_named_in(sql: &str) -> bool {
    let sql = sql.to_lowercase();
    SUMS.iter().chain(&AVERAGES).any(|name| sql.contains(name))
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

/// Returns the calls of functions that add up in a part of a SELECT, those inside the window of another
/// included.
pub(super) fn calls_in<'a>(node: &'a Value, key: &str) -> Vec<&'a Value> {
    let mut found = Vec::new();
    if let Some(expression) = child(node, key) {
        find_calls(expression, &mut found);
    }
    found
}

fn find_calls<'a>(expression: &'a Value, found: &mut Vec<&'a Value>) {
    let name = function_name(expression);
    if SUMS.contains(&name.as_str()) || AVERAGES.contains(&name.as_str()) {
        found.push(expression);
    }
    for part in tree::parts(expression) {
        find_calls(part, found);
    }
}

/// Figures are added up that cannot be told row by row.
struct Unfollowed;

/// Returns what a call adds up; `None` where that is no figures.
fn sum_of(scope: &Scope<'_>, call: &Value) -> Result<Option<Sum>, Unfollowed> {
    let Some((added, filter)) = added_by(call) else {
        let given = list(call, "children").first();
        let has_figures = given.is_some_and(|given| scope.values_of(given).is_some());
        return if has_figures { Err(Unfollowed) } else { Ok(None) };
    };
    let Some((source, figures)) = scope.values_of(added) else {
        return if scope.may_be_figures(added) { Err(Unfollowed) } else { Ok(None) };
    };
    Ok(Some(Sum {
        call: words_of(call),
        is_average: AVERAGES.contains(&function_name(call).as_str()),
        amount: scope.resolved(added),
        filter: filter.cloned(),
        source,
        figures,
    }))
}

/// Returns what a call adds up of each row, and the condition for a row to count; `None` where it adds up
/// what is no amount of one row.
fn added_by(call: &Value) -> Option<(&Value, Option<&Value>)> {
    let is_over = is_window(call);
    let mut added = list(call, "children").first()?;
    let mut filter = child(call, if is_over { "filter_expr" } else { "filter" });
    if function_name(call).starts_with("list_") {
        if !LISTS.contains(&function_name(added).as_str()) {
            return None;
        }
        filter = child(added, "filter");
        added = list(added, "children").first()?;
    }
    // A window over the sums of groups adds up what those add up.
    while is_over && contains(added, &is_aggregate) {
        let is_sum = is_aggregate(added) && SUMS.contains(&function_name(added).as_str());
        added = list(added, "children")
            .first()
            .filter(|_| is_sum && child(added, "filter").is_none())?;
    }
    Some((added, filter))
}

/// Returns how a call is written, in short.
pub(super) fn words_of(call: &Value) -> String {
    let added = added_by(call).map(|(added, _)| added);
    let name = added.and_then(|added| column_names(added).pop());
    let over = if is_window(call) { " OVER (…)" } else { "" };
    format!("{}({}){over}", function_name(call), name.as_deref().unwrap_or("…"))
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
