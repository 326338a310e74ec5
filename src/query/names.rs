//! Finding a query by the name that the user wrote.

use crate::diag::nearest_names;
use crate::query::QueryError;

/// Returns the last part of an id.
pub(super) fn bare(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

/// Returns the one of `ids` that is meant by `wanted`: the id itself or, where only one has it, the
/// last part of it.
pub(super) fn resolve<'a>(
    wanted: &str,
    ids: impl Iterator<Item = &'a str> + Clone,
) -> Result<&'a str, QueryError> {
    if let Some(id) = ids.clone().find(|id| *id == wanted) {
        return Ok(id);
    }
    let named: Vec<&str> = ids.clone().filter(|id| bare(id) == wanted).collect();
    match named.as_slice() {
        [id] => Ok(id),
        [] => Err(QueryError::Unknown { wanted: wanted.to_owned(), similar: similar(wanted, ids) }),
        several => Err(QueryError::Ambiguous {
            wanted: wanted.to_owned(),
            candidates: several.iter().map(|id| (*id).to_owned()).collect(),
        }),
    }
}

/// A user may have mistyped the id or only its last part; whole ids come first.
fn similar<'a>(wanted: &str, ids: impl Iterator<Item = &'a str> + Clone) -> Vec<String> {
    let mut near = nearest_names(wanted, ids.clone());
    if wanted.contains('/') {
        return near;
    }
    let near_names = nearest_names(wanted, ids.clone().map(bare));
    near.retain(|id| near_names.iter().any(|name| name == bare(id)));
    for id in ids {
        if near_names.iter().any(|name| name == bare(id)) && !near.iter().any(|known| known == id) {
            near.push(id.to_owned());
        }
    }
    near.truncate(3);
    near
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Diagnose, Lang};

    const IDS: [&str; 4] = [
        "aggregation/by_department",
        "aggregation/zero_causes",
        "integration/by_department",
        "quality/totals",
    ];

    #[track_caller]
    fn check(wanted: &str, expected: &str) {
        let found = match resolve(wanted, IDS.into_iter()) {
            Ok(id) => id.to_owned(),
            Err(error) => {
                format!("{error}: {}", error.message().hint(Lang::En).unwrap_or_default())
            }
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn an_id_or_a_name_that_only_one_has_is_enough() {
        check("quality/totals", "quality/totals");
        check("totals", "quality/totals");
        check(
            "by_department",
            "several queries are named `by_department`: write one of \
             `aggregation/by_department`, `integration/by_department`",
        );
        check("zero_cause", "no query named `zero_cause`: did you mean `aggregation/zero_causes`?");
        check(
            "agregation/zero_causes",
            "no query named `agregation/zero_causes`: did you mean `aggregation/zero_causes`, \
             `aggregation/by_department`?",
        );
        check("xyz", "no query named `xyz`: `tongban query` without a name lists all");
    }
}
