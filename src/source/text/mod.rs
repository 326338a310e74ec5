//! Plain text: lines with tabs are rows of grids, other lines are paragraphs.

mod fit;
mod grid;
mod lines;

#[cfg(test)]
mod tests;

pub(super) use grid::parse_blocks;
