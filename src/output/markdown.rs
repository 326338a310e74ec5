//! Results as a Markdown table: titles, words and digits for the eye, safe to paste.

use std::io::Write;

use arrow::array::RecordBatch;

use crate::diag::Lang;
use crate::output::OutputError;
use crate::output::cells::{Column, TimeStyle};
use crate::output::human::{self, Role};
use crate::output::json::encoder_options;

/// Writes a table with one line per row. Characters that Markdown acts upon are escaped.
pub(super) fn write(
    batch: &RecordBatch,
    lang: Lang,
    sink: &mut dyn Write,
) -> Result<(), OutputError> {
    let json = encoder_options();
    let mut columns = Column::all(batch, &json, TimeStyle::Spaced)?;
    let roles: Vec<Role> = columns.iter().map(|column| Role::of(column.field)).collect();
    let titles = columns.iter().map(|column| human::title(column.field, lang));
    let marks = roles.iter().map(|role| if role.is_right_aligned() { "---:" } else { "---" });
    let mut text = line(titles.map(|title| escaped(&title)));
    text.push_str(&line(marks.map(str::to_owned)));
    for row_idx in 0..batch.num_rows() {
        let cells = columns.iter_mut().zip(&roles);
        text.push_str(&line(
            cells.map(|(column, role)| escaped(&human::cell(column, *role, row_idx, lang))),
        ));
    }
    sink.write_all(text.as_bytes()).map_err(OutputError::Sink)
}

fn line(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = cells.collect();
    format!("| {} |\n", cells.join(" | "))
}

/// Escapes what would end a cell, start HTML, or change the look of the text, wherever in a line.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut before = ' ';
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let after = characters.peek().copied().unwrap_or(' ');
        let acts = match character {
            '\\' | '|' | '`' | '*' | '<' | '[' | ']' | '~' | '&' => true,
            // Inside a word, as in `year_to_date`, an underscore is just that.
            '_' => !(before.is_alphanumeric() && after.is_alphanumeric()),
            _ => false,
        };
        if acts {
            escaped.push('\\');
        }
        escaped.push(character);
        before = character;
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(escaped(text), expected);
    }

    #[test]
    fn what_markdown_acts_upon_is_escaped() {
        check("a|b", "a\\|b");
        check("year_to_date _x_", "year_to_date \\_x\\_");
        check("<script>*`\\n", "\\<script>\\*\\`\\\\n");
        check("近16000多个（余）", "近16000多个（余）");
    }
}
