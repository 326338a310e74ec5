//! Tables that go on in a grid of their own without a header, as on the next page of a document.

use std::sync::LazyLock;

use regex::Regex;

use crate::annex::cells::parse_cell;
use crate::annex::columns::{LabelIndex, LabelMeaning};
use crate::annex::rows::is_total;
use crate::source::{Block, Grid, Row, RowShape};

/// Rows at the top of a grid among which its header is looked for.
const MAX_HEADER_ROWS: usize = 8;

static PAGE_MARK: LazyLock<Regex> = LazyLock::new(|| {
    // Four digits alone are a year.
    Regex::new(
        r"(?x)
        ^ [-—–－\s]* \d{1,3} [-—–－\s]* $
        | ^ [-—–－]+ \s* \d{4} \s* [-—–－]+ $
        | ^ 第\s*\d{1,4}\s*页 (?: [\s，,/]* 共\s*\d{1,4}\s*页 )? $",
    )
    .expect("the pattern is constant")
});

/// Whether a line is the number of a page, as — 2 — and 第2页 共3页.
pub(super) fn is_page_mark(text: &str) -> bool {
    PAGE_MARK.is_match(text.trim())
}

/// Puts the rows of a grid without a header behind those of the grid right before it, where the
/// running numbers go on.
///
/// Nothing stands between the two, they have the same number of columns, and the first number is the
/// one that follows the last. Sheets are grids of their own.
pub(super) fn with_pages_joined(blocks: Vec<Block>, labels: &LabelIndex) -> Vec<Block> {
    let mut joined: Vec<Block> = Vec::with_capacity(blocks.len());
    for block in blocks {
        match (joined.last_mut(), block) {
            (Some(Block::Grid(before)), Block::Grid(grid)) if goes_on(before, &grid, labels) => {
                before.rows.extend(grid.rows);
                before.strays.extend(grid.strays);
            }
            (_, block) => joined.push(block),
        }
    }
    joined
}

fn goes_on(before: &Grid, grid: &Grid, labels: &LabelIndex) -> bool {
    let (Some(last), Some(first)) = (before.rows.last(), grid.rows.first()) else { return false };
    let counts_rows = before.rows.iter().take(MAX_HEADER_ROWS).any(|row| {
        let label = row.cells.first().map_or("", |cell| cell.text.as_str());
        labels.meaning(label) == LabelMeaning::RunningNumber
    });
    let (Some(number), Some(next)) = (running_number(last), running_number(first)) else {
        return false;
    };
    let has_total = last.cells.iter().any(|cell| is_total(&cell.text));
    let is_of_sheet = first.spot.sheet().is_some() || last.spot.sheet().is_some();
    before.n_columns == grid.n_columns
        && grid.name.is_none()
        && counts_rows
        && !has_total
        && !is_of_sheet
        && number.checked_add(1) == Some(next)
}

/// The running number in the first cell of a whole row.
fn running_number(row: &Row) -> Option<u64> {
    let text = row.cells.first().filter(|_| row.shape == RowShape::Whole)?.text.as_str();
    text.parse().ok()
}

/// Whether a grid begins with figures in the place of a header.
pub(super) fn lacks_header(grid: &Grid, labels: &LabelIndex) -> bool {
    let cells = || grid.rows.first().into_iter().flat_map(|row| &row.cells);
    cells().any(|cell| parse_cell(&cell.text).is_figure())
        && !cells().any(|cell| !cell.text.is_empty() && labels.begins_header(&cell.text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_pages_are_told_from_other_lines() {
        for text in ["2", "— 2 —", "-12-", "第2页", "第 2 页 共 3 页", "第2页/共3页", "— 1024 —"]
        {
            assert!(is_page_mark(text), "{text}");
        }
        for text in ["第2页情况表", "2021年", "2020", "附件2", "—", ""] {
            assert!(!is_page_mark(text), "{text}");
        }
    }
}
