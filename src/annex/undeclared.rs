//! Tables told as a sentence, 省水利厅667件，省财政厅12件, that no saved layout declares: not read, and told.

use crate::annex::ReadingContext;
use crate::annex::prose::plain_text;
use crate::diag::{Finding, Message, Severity};
use crate::model::{Observation, Place};
use crate::source::{Block, Paragraph};

/// Marks between the items of a sentence.
const MARKS: [char; 12] = ['，', ',', '；', ';', '、', '。', '：', ':', '！', '？', '!', '?'];
/// Fewer items make no table.
const MIN_ITEMS: usize = 2;
/// Characters of a name, and between a name and its figure: 窗口(办件量.
const MAX_NAME_CHARS: usize = 24;
const MAX_CHARS_BETWEEN: usize = 8;
/// Items that a finding quotes.
const MAX_QUOTED: usize = 100;

/// Returns a warning for each paragraph that tells figures of several departments or regions, unless
/// they were read or left out with a finding of their own.
pub(super) fn undeclared(
    blocks: &[Block],
    context: &ReadingContext<'_>,
    (read, told): (&[Observation], &[Finding]),
) -> Vec<Finding> {
    let paragraphs = blocks.iter().filter_map(|block| match block {
        Block::Paragraph(paragraph) => Some(paragraph),
        Block::Grid(_) => None,
    });
    let is_read = |place: Place| {
        read.iter().any(|figure| figure.place == place)
            || told
                .iter()
                .any(|finding| finding.place == place && finding.message.code.starts_with("prose."))
    };
    let found = paragraphs.filter(|paragraph| !is_read(Place::at(paragraph.spot)));
    found.filter_map(|paragraph| finding(paragraph, context)).collect()
}

fn finding(paragraph: &Paragraph, context: &ReadingContext<'_>) -> Option<Finding> {
    if !paragraph.text.contains(char::is_numeric) {
        return None;
    }
    let text = plain_text(&paragraph.text);
    let items: Vec<&str> = text.split(MARKS).filter(|item| is_item(item, context)).collect();
    if items.len() < MIN_ITEMS {
        return None;
    }
    let message = Message::new("prose.undeclared")
        .with("count", items.len())
        .with("first", items[0])
        .with("last", items[items.len() - 1]);
    let finding = Finding::new(Severity::Warning, message, Place::at(paragraph.spot));
    let quoted = &items[..items.len().min(MAX_QUOTED)];
    Some(finding.quoting(quoted.join("、")))
}

/// Whether a part of a sentence is a known name with a figure soon behind it.
fn is_item(item: &str, context: &ReadingContext<'_>) -> bool {
    let Some(digit) = item.find(|c: char| c.is_ascii_digit()) else { return false };
    let head = &item[..digit];
    let n_chars = head.chars().count();
    let ends = head.char_indices().map(|(at, c)| at + c.len_utf8()).enumerate();
    let near = ends.filter(|(idx, _)| {
        let n_behind = n_chars - (idx + 1);
        *idx >= 2 && *idx < MAX_NAME_CHARS && n_behind <= MAX_CHARS_BETWEEN
    });
    near.map(|(_, end)| &head[..end])
        .any(|name| context.departments.knows(name) || context.regions.knows(name))
}
