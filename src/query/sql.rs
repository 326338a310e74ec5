//! What has to be known of a statement without an engine: the parameters that it names.

use std::collections::BTreeMap;

use crate::query::{Head, QueryError};

/// Checks that a statement names exactly the parameters that its head declares.
pub(super) fn check_parameters(file: &str, text: &str, head: &Head) -> Result<(), QueryError> {
    let named = parameters(text);
    let is_declared = |name: &str| head.params.iter().any(|param| param.name == name);
    if let Some((name, line)) = named.iter().find(|(name, _)| !is_declared(name)) {
        return Err(QueryError::ParameterUndeclared {
            file: file.to_owned(),
            line: *line,
            parameter: (*name).to_owned(),
        });
    }
    match head.params.iter().find(|param| !named.contains_key(param.name.as_str())) {
        Some(param) => Err(QueryError::ParameterUnused {
            file: file.to_owned(),
            parameter: param.name.clone(),
        }),
        None => Ok(()),
    }
}

/// Returns every `$name` outside comments and quotes with the first line, from 1, that it stands in.
fn parameters(text: &str) -> BTreeMap<&str, usize> {
    let mut found = BTreeMap::new();
    let mut rest = text;
    while let Some(at) = rest.find(['\'', '"', '-', '/', '$']) {
        let here = &rest[at..];
        let length = if here.starts_with("--") {
            here.find('\n').unwrap_or(here.len())
        } else if here.starts_with("/*") {
            here.find("*/").map_or(here.len(), |end| end + 2)
        } else if here.starts_with(['\'', '"']) {
            // A doubled quote inside reads as two quoted texts side by side, with the same effect.
            here[1..].find(&here[..1]).map_or(here.len(), |end| end + 2)
        } else if let Some(name) = here.strip_prefix('$') {
            let is_part = |character: char| character.is_alphanumeric() || character == '_';
            let length = name.find(|character| !is_part(character)).unwrap_or(name.len());
            if length > 0 {
                let before = &text[..text.len() - here.len()];
                found.entry(&name[..length]).or_insert_with(|| before.matches('\n').count() + 1);
            }
            length + 1
        } else {
            1
        };
        rest = &here[length..];
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found = parameters(text);
        let named: Vec<String> =
            found.iter().map(|(name, line)| format!("{name}:{line}")).collect();
        assert_eq!(named.join(" "), expected);
    }

    #[test]
    fn parameters_in_comments_and_quotes_do_not_count() {
        check("/* $a */ SELECT $b, -- $c\n '$d', 'it''s $e', \"$f\", $g / $b - 1", "b:1 g:2");
        check("SELECT '未完 $a", "");
        check("SELECT $期末;", "期末:1");
    }
}
