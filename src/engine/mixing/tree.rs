//! The parser's tree of a statement, as JSON: looked into, and made anew.

use serde_json::{Value, json};

/// Functions that make one value of the rows of a group.
const AGGREGATES: [&str; 74] = [
    "any_value",
    "approx_count_distinct",
    "approx_quantile",
    "approx_top_k",
    "arbitrary",
    "arg_max",
    "arg_max_null",
    "arg_max_nulls_last",
    "arg_min",
    "arg_min_null",
    "arg_min_nulls_last",
    "argmax",
    "argmin",
    "array_agg",
    "avg",
    "bit_and",
    "bit_or",
    "bit_xor",
    "bitstring_agg",
    "bool_and",
    "bool_or",
    "corr",
    "count",
    "count_if",
    "count_star",
    "countif",
    "covar_pop",
    "covar_samp",
    "entropy",
    "favg",
    "first",
    "fsum",
    "group_concat",
    "histogram",
    "histogram_exact",
    "kahan_sum",
    "kurtosis",
    "kurtosis_pop",
    "last",
    "list",
    "listagg",
    "mad",
    "max",
    "max_by",
    "mean",
    "median",
    "min",
    "min_by",
    "mode",
    "product",
    "quantile",
    "quantile_cont",
    "quantile_disc",
    "regr_avgx",
    "regr_avgy",
    "regr_count",
    "regr_intercept",
    "regr_r2",
    "regr_slope",
    "regr_sxx",
    "regr_sxy",
    "regr_syy",
    "reservoir_quantile",
    "sem",
    "skewness",
    "stddev",
    "stddev_pop",
    "stddev_samp",
    "string_agg",
    "sum",
    "sum_no_overflow",
    "sumkahan",
    "var_pop",
    "var_samp",
];

/// Functions whose result is no amount, whatever they are given.
const COUNTING: [&str; 4] = ["approx_count_distinct", "count", "count_if", "countif"];

/// Returns the text of a field; empty where it has none.
pub(super) fn text<'a>(node: &'a Value, key: &str) -> &'a str {
    node.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Returns the elements of a field; none where it is no list.
pub(super) fn list<'a>(node: &'a Value, key: &str) -> &'a [Value] {
    node.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Returns the texts of a field that is a list of them.
pub(super) fn texts(node: &Value, key: &str) -> Vec<String> {
    list(node, key).iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Returns what a field holds, unless that is nothing.
pub(super) fn child<'a>(node: &'a Value, key: &str) -> Option<&'a Value> {
    node.get(key).filter(|value| !value.is_null())
}

/// Returns the name of the function that an expression calls, in lower case; empty where it calls none.
pub(super) fn function_name(expression: &Value) -> String {
    text(expression, "function_name").to_lowercase()
}

/// Whether an expression is an aggregate of the rows of its group.
pub(super) fn is_aggregate(expression: &Value) -> bool {
    let is_named_so = || AGGREGATES.contains(&function_name(expression).as_str());
    text(expression, "class") == "FUNCTION" && is_named_so()
}

/// Whether an expression contains one for which `is_wanted` is true, in this SELECT and not in one
/// inside it.
pub(super) fn contains(expression: &Value, is_wanted: &impl Fn(&Value) -> bool) -> bool {
    is_wanted(expression) || parts(expression).any(|part| contains(part, is_wanted))
}

/// Returns what an expression is made of, without SELECTs inside it.
pub(super) fn parts(expression: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    match expression {
        Value::Object(fields) => {
            let fields = fields.iter().filter(|(name, _)| *name != "subquery");
            Box::new(fields.map(|(_, value)| value).filter(|value| is_branch(value)))
        }
        Value::Array(elements) => Box::new(elements.iter().filter(|value| is_branch(value))),
        _ => Box::new(std::iter::empty()),
    }
}

fn is_branch(value: &Value) -> bool {
    value.is_object() || value.is_array()
}

/// Returns the SELECTs that stand inside an expression, without those inside them.
pub(super) fn subqueries(expression: &Value) -> Vec<&Value> {
    let own = expression.get("subquery").and_then(|subquery| child(subquery, "node"));
    own.into_iter().chain(parts(expression).flat_map(subqueries)).collect()
}

/// Returns the parts of a name, as `obs.value`; none where an expression is no column.
pub(super) fn column_names(expression: &Value) -> Vec<String> {
    if text(expression, "class") == "COLUMN_REF" {
        texts(expression, "column_names")
    } else {
        Vec::new()
    }
}

/// Returns the columns whose values an expression gives or adds up, in order.
///
/// What is compared, counted or only decides a CASE is none.
pub(super) fn values(expression: &Value) -> Vec<&Value> {
    if text(expression, "class") == "COLUMN_REF" {
        return vec![expression];
    }
    amounts(expression).into_iter().flat_map(values).collect()
}

/// Returns the parts of an expression of which one is its value, or of which that is made.
pub(super) fn amounts(expression: &Value) -> Vec<&Value> {
    match text(expression, "class") {
        "FUNCTION" | "WINDOW" if COUNTING.contains(&function_name(expression).as_str()) => {
            Vec::new()
        }
        "OPERATOR" if text(expression, "type") != "OPERATOR_COALESCE" => Vec::new(),
        "FUNCTION" | "WINDOW" | "OPERATOR" => list(expression, "children").iter().collect(),
        "CAST" => child(expression, "child").into_iter().collect(),
        "CASE" => {
            let checks = list(expression, "case_checks").iter();
            let then = checks.filter_map(|check| child(check, "then_expr"));
            then.chain(child(expression, "else_expr")).collect()
        }
        _ => Vec::new(),
    }
}

/// Returns an expression under another name.
pub(super) fn named(mut expression: Value, alias: &str) -> Value {
    expression["alias"] = json!(alias);
    expression
}

/// Returns a column of a source.
pub(super) fn column(source: &str, name: &str) -> Value {
    json!({
        "class": "COLUMN_REF", "type": "COLUMN_REF", "alias": "", "query_location": 0,
        "column_names": [source, name]
    })
}

/// Returns nothing, as a text.
pub(super) fn null() -> Value {
    json!({
        "class": "CONSTANT", "type": "VALUE_CONSTANT", "alias": "", "query_location": 0,
        "value": {"type": {"id": "VARCHAR", "type_info": null}, "is_null": true}
    })
}

/// Returns a text.
pub(super) fn constant(text: &str) -> Value {
    json!({
        "class": "CONSTANT", "type": "VALUE_CONSTANT", "alias": "", "query_location": 0,
        "value": {"type": {"id": "VARCHAR", "type_info": null}, "is_null": false, "value": text}
    })
}

/// Returns the least of an expression in its group.
pub(super) fn least(expression: &Value) -> Value {
    json!({
        "class": "FUNCTION", "type": "FUNCTION", "alias": "", "query_location": 0,
        "function_name": "min", "schema": "", "children": [expression], "filter": null,
        "order_bys": {"type": "ORDER_MODIFIER", "orders": []}, "distinct": false,
        "is_operator": false, "export_state": false, "catalog": ""
    })
}

/// Returns the condition that holds where all of some hold; nothing where there are none.
pub(super) fn all_of(mut conditions: Vec<Value>) -> Value {
    match conditions.len() {
        0 => Value::Null,
        1 => conditions.remove(0),
        _ => json!({
            "class": "CONJUNCTION", "type": "CONJUNCTION_AND", "alias": "", "query_location": 0,
            "children": conditions
        }),
    }
}

/// Returns the conditions that have to hold together for a condition.
pub(super) fn conditions(condition: Option<&Value>) -> Vec<Value> {
    match condition {
        None => Vec::new(),
        Some(all) if text(all, "type") == "CONJUNCTION_AND" => {
            list(all, "children").iter().flat_map(|one| conditions(Some(one))).collect()
        }
        Some(one) => vec![one.clone()],
    }
}
