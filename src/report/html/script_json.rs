//! JSON that stands in a page: no text in it can end its element or begin another.

use serde::Serialize;

/// Returns a value as JSON in which `<`, `>`, `&` and the line ends of scripts are written as escapes.
///
/// All of these stand in strings only, so that the escapes mean the same.
pub(super) fn script_json(value: &impl Serialize) -> String {
    let json = serde_json::to_string(value).expect("plain texts, numbers and lists are JSON");
    let mut safe = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                safe.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            plain => safe.push(plain),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_it_ends_an_element_and_it_reads_back() {
        let text = "</script><script>alert(1)</script><!-- &amp; \u{2028}\u{2029} \" \\ '";
        let json = script_json(&text);
        assert!(!json.contains(['<', '>', '&', '\u{2028}', '\u{2029}']), "{json}");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }
}
