//! Rules of the style sheets in a page, as far as they set text apart, hide it or divide its line.

use crate::source::SourceError;
use crate::source::container::limit;
use crate::source::html::declarations::Effect;

/// How deep rules nest, at most.
const MAX_NESTING: usize = 32;

/// At-rules with a block that is not about elements.
const OTHER_BLOCKS: [&str; 9] = [
    "font-face",
    "keyframes",
    "-webkit-keyframes",
    "-moz-keyframes",
    "-o-keyframes",
    "page",
    "property",
    "counter-style",
    "font-feature-values",
];

/// Media that are no screen.
const OTHER_MEDIA: [&str; 5] = ["print", "speech", "aural", "braille", "embossed"];

/// A rule that makes something of text.
#[derive(Debug)]
pub(super) struct Rule {
    /// Its selectors.
    pub(super) selectors: Vec<String>,
    /// What it makes of the text of the elements that they select.
    pub(super) effect: Effect,
}

/// Returns the rules of a style sheet that are for screens.
pub(super) fn parse(css: &str, file_name: &str) -> Result<Vec<Rule>, SourceError> {
    let mut rules = Vec::new();
    take_block(&without_comments(css), 0, &mut rules, file_name)?;
    Ok(rules)
}

/// Whether a list of media has one that is not known to be none of a screen.
pub(super) fn is_for_screen(media: &str) -> bool {
    media.to_lowercase().split(',').any(|query| {
        let query = query.trim();
        let query = query.strip_prefix("only").map_or(query, str::trim_start);
        !OTHER_MEDIA.iter().any(|medium| query.starts_with(medium))
    })
}

/// Adds the rules in a block, and returns the declarations that stand in it beside them.
fn take_block(
    block: &str,
    nesting: usize,
    rules: &mut Vec<Rule>,
    file_name: &str,
) -> Result<String, SourceError> {
    if nesting > MAX_NESTING {
        return Err(limit(file_name, "nested_elements", MAX_NESTING as u64));
    }
    let mut declarations = String::new();
    let mut rest = block;
    while let Some((idx, delimiter)) = find(rest, &[';', '{', '}']) {
        let (before, behind) = (&rest[..idx], &rest[idx + 1..]);
        rest = behind;
        match delimiter {
            ';' => {
                declarations.push_str(before);
                declarations.push(';');
            }
            '{' => {
                let end = end_of_block(behind);
                rest = behind.get(end + 1..).unwrap_or_default();
                let inner = &behind[..end];
                let Some(at_rule) = before.trim().strip_prefix('@') else {
                    let declared = take_block(inner, nesting + 1, rules, file_name)?;
                    let effect = Effect::of(&declared);
                    if effect != Effect::default() {
                        rules.push(Rule { selectors: split_selectors(before), effect });
                    }
                    continue;
                };
                let at_rule = at_rule.to_lowercase();
                let end = at_rule.find(|c: char| c.is_whitespace() || c == '(');
                let (name, prelude) = at_rule.split_at(end.unwrap_or(at_rule.len()));
                let is_other = OTHER_BLOCKS.contains(&name);
                if !is_other && (name != "media" || is_for_screen(prelude)) {
                    declarations.push_str(&take_block(inner, nesting + 1, rules, file_name)?);
                    declarations.push(';');
                }
            }
            _ => {}
        }
    }
    declarations.push_str(rest);
    Ok(declarations)
}

/// Returns where a block ends whose beginning has been passed.
fn end_of_block(text: &str) -> usize {
    let mut n_open = 1_usize;
    let mut start = 0;
    while let Some((idx, delimiter)) = find(&text[start..], &['{', '}']) {
        n_open = if delimiter == '{' { n_open + 1 } else { n_open - 1 };
        if n_open == 0 {
            return start + idx;
        }
        start += idx + 1;
    }
    text.len()
}

/// Returns the first of some ASCII characters that stands outside texts and parentheses, and where; a
/// brace that closes a block counts within parentheses too.
fn find(text: &str, wanted: &[char]) -> Option<(usize, char)> {
    let (mut quote, mut n_open, mut is_escaped) = (None, 0_usize, false);
    for (idx, c) in text.char_indices() {
        if std::mem::take(&mut is_escaped) {
            continue;
        }
        match (c, quote) {
            ('\\', _) => is_escaped = true,
            // A text ends with its line, whether it was closed or not.
            ('\n', _) => quote = None,
            (c, Some(open)) => quote = (c != open).then_some(open),
            ('"' | '\'', None) => quote = Some(c),
            ('(' | '[', None) => n_open += 1,
            (')' | ']', None) => n_open = n_open.saturating_sub(1),
            (c, None) if (n_open == 0 || c == '}') && wanted.contains(&c) => return Some((idx, c)),
            _ => {}
        }
    }
    None
}

fn split_selectors(list: &str) -> Vec<String> {
    let mut selectors = Vec::new();
    let mut rest = list;
    while let Some((idx, _)) = find(rest, &[',']) {
        selectors.push(rest[..idx].trim().to_owned());
        rest = &rest[idx + 1..];
    }
    selectors.push(rest.trim().to_owned());
    selectors
}

/// Returns the last compound of a selector, without what depends on the state of the page: `td.x` of
/// `tr:checked > td.x:target`.
pub(super) fn last_compound(selector: &str) -> String {
    let mut start = 0;
    while let Some((idx, _)) = find(&selector[start..], &[' ', '\t', '\n', '\r', '>', '+', '~']) {
        start += idx + 1;
    }
    let compound = &selector[start..];
    let end = find(compound, &[':']).map_or(compound.len(), |(idx, _)| idx);
    compound[..end].replace('&', "")
}

fn without_comments(css: &str) -> String {
    let mut plain = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, behind)) = rest.split_once("/*") {
        plain.push_str(before);
        plain.push(' ');
        rest = behind.split_once("*/").map_or("", |(_, behind)| behind);
    }
    plain.push_str(rest);
    plain.replace("<!--", " ").replace("-->", " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(css: &str, expected: &str) {
        let rules = parse(css, "a.html").unwrap();
        let shown: Vec<String> = rules.iter().map(|rule| rule.selectors.join("|")).collect();
        assert_eq!(shown.join(" / "), expected, "{css}");
    }

    #[test]
    fn rules_that_make_something_of_text_are_found() {
        check(".z{display:none} p{color:red} td.x , #y{vertical-align:super}", ".z / td.x|#y");
        check("<!-- .z{/* } */ display:none} -->", ".z");
        check("a{background:url(x;y}z.png);b:c} .z{content:\"}\";display:none", ".z");
        check("a[b=',']{display:none}", "a[b=',']");
        check("@import url(a.css); .z{display:none}", ".z");
        check("} .z{display:none}", ".z");
    }

    #[test]
    fn blocks_for_other_media_are_left_out() {
        check("@media print{.z{display:none}} .y{display:none}", ".y");
        check("@media screen and (max-width:9px){.z{display:none}}", ".z");
        check("@media print, screen{.z{display:none}}", ".z");
        check("@supports (display:grid){.z{display:none}}", ".z");
        check("@keyframes a{from{opacity:0}} @font-face{font-size:0}", "");
        check(".a{color:red;.b{display:none}}", ".b");
        check(".a{@media screen{display:none}}", ".a");
    }

    #[test]
    fn rules_that_nest_too_deep_are_refused() {
        let css = format!("{}display:none", ".a{".repeat(MAX_NESTING + 2));
        assert!(matches!(parse(&css, "a.html"), Err(SourceError::LimitExceeded { .. })));
    }

    #[test]
    fn the_last_compound_is_without_states() {
        for (selector, expected) in [
            ("tr:checked > td.x:target", "td.x"),
            ("a b", "b"),
            ("a>b", "b"),
            ("& .x", ".x"),
            ("td[a=\"b c\"]", "td[a=\"b c\"]"),
            (":target", ""),
        ] {
            assert_eq!(last_compound(selector), expected);
        }
    }
}
