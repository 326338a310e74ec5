//! How wide each column of a terminal table is, and where its title breaks.

use comfy_table::Table;

/// Columns between two columns.
pub(super) const GAP: u16 = 2;

/// A column of text is never narrower than six Chinese characters, unless its cells are.
const MIN_TEXT_WIDTH: u16 = 12;

/// A title is never broken into lines narrower than three Chinese characters.
const MIN_TITLE_WIDTH: u16 = 6;

/// What a column needs, in terminal columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Need {
    /// The title, on one line.
    pub(super) title: String,
    /// Width of the widest cell.
    pub(super) cell_width: u16,
    /// Whether cells may be broken into lines.
    pub(super) is_breakable: bool,
}

/// Returns the width of every column so that the table fits `limit`; `None` when it cannot fit
/// without breaking a number, a day or a word.
pub(super) fn widths(needs: &[Need], limit: Option<u16>) -> Option<Vec<u16>> {
    let natural = needs.iter().map(|need| need.cell_width.max(text_width(&need.title)));
    let mut widths: Vec<u16> = natural.collect();
    let Some(limit) = limit else { return Some(widths) };
    let least: Vec<u16> = needs.iter().map(least_width).collect();
    if total(&least) > u32::from(limit) {
        return None;
    }
    for (width, least) in widths.iter_mut().zip(&least) {
        *width = (*width).min(limit).max(*least);
    }
    // The widest column gives way first: a long title or a long text, not a number.
    while total(&widths) > u32::from(limit) {
        let shrinkable = (0..widths.len()).filter(|&idx| widths[idx] > least[idx]);
        let widest = shrinkable.max_by_key(|&idx| widths[idx])?;
        widths[widest] -= 1;
    }
    Some(widths)
}

/// Returns the title broken into lines of at most `width`, where its pieces allow.
pub(super) fn broken_title(title: &str, width: u16) -> String {
    if text_width(title) <= width {
        return title.to_owned();
    }
    let mut broken = String::new();
    let mut line = String::new();
    for piece in pieces(title) {
        let longer = format!("{line}{piece}");
        if !line.is_empty() && text_width(longer.trim_end()) > width {
            broken.push_str(line.trim_end());
            broken.push('\n');
            piece.clone_into(&mut line);
        } else {
            line = longer;
        }
    }
    broken + &line
}

/// Returns the columns that a line of text takes on a terminal; Chinese characters take two.
pub(super) fn text_width(text: &str) -> u16 {
    if text.is_ascii() {
        return u16::try_from(text.len()).unwrap_or(u16::MAX);
    }
    // The same measure as when the table is drawn.
    let mut table = Table::new();
    table.add_row([text]);
    table.column_max_content_widths().first().copied().unwrap_or_default()
}

fn least_width(need: &Need) -> u16 {
    let pieces = pieces(&need.title);
    let longest = pieces.iter().map(|piece| text_width(piece)).max().unwrap_or_default();
    let title = longest.max(MIN_TITLE_WIDTH).min(text_width(&need.title));
    let cell =
        if need.is_breakable { need.cell_width.min(MIN_TEXT_WIDTH) } else { need.cell_width };
    title.max(cell)
}

fn total(widths: &[u16]) -> u32 {
    let gaps = u32::from(GAP) * u32::try_from(widths.len().saturating_sub(1)).unwrap_or(u32::MAX);
    gaps.saturating_add(widths.iter().map(|width| u32::from(*width)).sum())
}

/// Splits a title where it may break: after `_` and spaces, and between Chinese characters, but not
/// inside brackets.
fn pieces(title: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut is_bracketed = false;
    for (at, character) in title.char_indices() {
        let breaks_before = !character.is_ascii() && !is_bracketed;
        if breaks_before && at > start {
            pieces.push(&title[start..at]);
            start = at;
        }
        is_bracketed = (is_bracketed || character == '（') && character != '）';
        let breaks_after = !character.is_ascii() || character == '_' || character == ' ';
        if breaks_after && !is_bracketed {
            let end = at + character.len_utf8();
            pieces.push(&title[start..end]);
            start = end;
        }
    }
    if start < title.len() {
        pieces.push(&title[start..]);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn need(title: &str, cell_width: u16, is_breakable: bool) -> Need {
        Need { title: title.to_owned(), cell_width, is_breakable }
    }

    #[track_caller]
    fn check(needs: &[Need], limit: Option<u16>, expected: Option<&[u16]>) {
        assert_eq!(widths(needs, limit).as_deref(), expected);
    }

    #[test]
    fn columns_are_as_wide_as_needed_and_give_way_widest_first() {
        let needs = [need("部门", 20, true), need("cases_aggregated", 10, false)];
        check(&needs, None, Some(&[20, 16]));
        check(&needs, Some(80), Some(&[20, 16]));
        check(&needs, Some(30), Some(&[14, 14]));
        check(&needs, Some(24), Some(&[12, 10]));
        check(&needs, Some(23), None);
    }

    #[test]
    fn titles_break_after_underscores_and_between_characters() {
        assert_eq!(broken_title("evaluations_aggregated", 12), "evaluations_\naggregated");
        assert_eq!(broken_title("办件数据汇聚量", 8), "办件数据\n汇聚量");
        assert_eq!(broken_title("办件占比（%）", 8), "办件占比\n（%）");
        assert_eq!(broken_title("办件占比（%）", 10), "办件占比\n（%）");
        assert_eq!(broken_title("note", 2), "note");
        assert_eq!(text_width("青松ok"), 6);
    }
}
