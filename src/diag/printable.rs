//! Makes characters visible that would move the cursor, reorder text or hide in it.

use std::fmt::Write as _;

/// Returns the text with control, bidirectional and invisible characters as escapes: `\n`, `\t`,
/// `\u{202e}`.
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            hidden if is_hidden(hidden) => {
                write!(shown, "{}", hidden.escape_unicode()).expect("a string takes any text");
            }
            plain => shown.push(plain),
        }
    }
    shown
}

/// Returns a text of several lines with everything but its line ends made visible.
pub fn printable_lines(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(printable).collect();
    lines.join("\n")
}

/// Controls, line and paragraph separators, marks of direction, and what has no width. The joiner
/// U+200D stays: scripts and emoji need it.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
                | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(printable(text), expected);
    }

    #[test]
    fn what_acts_on_the_terminal_is_spelled_out() {
        check("国家税务总局\n青海省税务局", "国家税务总局\\n青海省税务局");
        check("a\tb\r\u{1b}[31m", "a\\tb\\r\\u{1b}[31m");
        check("1\u{202e}21", "1\\u{202e}21");
        check("\u{9b}0m\u{feff}", "\\u{9b}0m\\u{feff}");
        check("青松办 ✓ é", "青松办 ✓ é");
        assert_eq!(printable_lines("a\n\u{1b}b\n"), "a\n\\u{1b}b\n");
    }
}
