//! Tables printed in parts side by side, with the header repeated over each: put below one another.

use std::ops::Range;

use crate::annex::cells::parse_cell;
use crate::annex::columns::{LabelIndex, LabelMeaning};
use crate::annex::labels::normalise;
use crate::source::{Cell, Row, RowShape, Span};

/// More parts than this stand beside each other nowhere.
const MAX_PARTS: usize = 3;

/// Returns the rows with the parts of a table below one another, header first, and the number of
/// columns of a part; `None` for a table that is no such one.
///
/// The same labels over each part say so, the name of what a row is about among them. A cell that
/// reaches from one part into another, or a row that is not whole, leaves the table as it is.
pub(super) fn below_one_another(rows: &[Row], labels: &LabelIndex) -> Option<(Vec<Row>, usize)> {
    let parts = parts(rows.first()?, labels)?;
    let width = parts.first()?.len();
    let n_header_rows = n_header_rows(rows);
    let mut columns: Vec<Vec<Row>> = vec![Vec::new(); parts.len()];
    for (at, row) in rows.iter().enumerate() {
        let rest = is_rest_of_first(rows, at, width);
        for (part, column) in parts.iter().zip(&mut columns) {
            let cells = match (rest, part.start) {
                (true, 0) => row.cells.clone(),
                (true, _) => vec![Cell::single("", row.spot); width],
                (false, _) => part_of(row, part)?,
            };
            column.push(Row { cells, shape: RowShape::Whole, spot: row.spot });
        }
    }
    let bodies: Vec<Vec<Row>> =
        columns.iter_mut().map(|column| column.split_off(n_header_rows)).collect();
    let mut all = columns.swap_remove(0);
    if count_goes_across(&bodies) {
        let has_reach = |row: &Row| row.cells.iter().any(|cell| cell.span != Span::Single);
        if bodies.iter().flatten().any(has_reach) {
            return None;
        }
        let n_rows = bodies.first().map_or(0, Vec::len);
        all.extend((0..n_rows).flat_map(|at| bodies.iter().map(move |body| body[at].clone())));
    } else {
        all.extend(bodies.into_iter().flatten());
    }
    Some((all, width))
}

/// Returns the columns of each part, where a header repeats its labels; a blank column may stand
/// between two.
fn parts(header: &Row, labels: &LabelIndex) -> Option<Vec<Range<usize>>> {
    let n_columns = header.cells.len();
    let names: Vec<String> = header.cells.iter().map(|cell| normalise(&cell.text)).collect();
    let cut = |n_parts: usize, gap: usize| -> Option<Vec<Range<usize>>> {
        let width = (n_columns + gap) / n_parts;
        let starts = (0..n_parts).map(|part| part * width);
        let parts: Vec<Range<usize>> = starts.map(|start| start..start + width - gap).collect();
        let is_exact = width * n_parts == n_columns + gap && width > gap + 1;
        let first = names.get(parts.first()?.clone())?;
        let is_repeated = parts.iter().all(|part| names.get(part.clone()) == Some(first));
        let is_labelled = !first.iter().any(String::is_empty)
            && first.iter().any(|name| {
                matches!(labels.meaning(name), LabelMeaning::Department | LabelMeaning::Region)
            });
        let has_gaps = parts[1..].iter().all(|part| gap == 0 || names[part.start - 1].is_empty());
        (is_exact && is_repeated && is_labelled && has_gaps).then_some(parts)
    };
    (2..=MAX_PARTS).find_map(|n_parts| cut(n_parts, 0).or_else(|| cut(n_parts, 1)))
}

/// Returns how many rows the header reaches down, as its spans say.
fn n_header_rows(rows: &[Row]) -> usize {
    let reach = rows[0].cells.iter().map(|cell| match cell.span {
        Span::Wide { n_rows, .. } => n_rows,
        Span::Single | Span::Covered { .. } => 1,
    });
    reach.max().unwrap_or(1).min(rows.len())
}

/// The cells of a row in one part; `None` where they are not whole.
fn part_of(row: &Row, part: &Range<usize>) -> Option<Vec<Cell>> {
    if row.shape != RowShape::Whole {
        return None;
    }
    let cells = row.cells.get(part.clone())?;
    let stays_inside = cells.iter().enumerate().all(|(at, cell)| match cell.span {
        Span::Wide { n_columns, .. } => at + n_columns <= cells.len(),
        Span::Covered { left, .. } => left <= at,
        Span::Single => true,
    });
    stays_inside.then(|| cells.to_vec())
}

/// Whether the last row of a text has the first part only: the count of that goes on in it, and
/// nothing stands behind.
fn is_rest_of_first(rows: &[Row], at: usize, width: usize) -> bool {
    let row = &rows[at];
    let number = |row: &Row| row.cells.first()?.text.parse::<u64>().ok();
    let above = at.checked_sub(1).and_then(|above| number(&rows[above]));
    at + 1 == rows.len()
        && row.cells.len() == width
        && matches!(&row.shape, RowShape::Ragged { readings } if readings.is_empty())
        && above.is_some_and(|above| number(row).is_some_and(|number| number > above))
}

/// Whether the count of the rows goes from part to part in each row, and not down each part.
fn count_goes_across(bodies: &[Vec<Row>]) -> bool {
    let first = |body: &Vec<Row>| {
        let text = &body.first()?.cells.first()?.text;
        parse_cell(text).is_figure().then(|| text.parse::<u64>().ok())?
    };
    let firsts: Vec<Option<u64>> = bodies.iter().map(first).collect();
    firsts.windows(2).all(|pair| match (pair[0], pair[1]) {
        (Some(left), Some(right)) => left + 1 == right,
        _ => false,
    }) && bodies.iter().all(|body| body.len() > 1)
}
