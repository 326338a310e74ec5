//! Which spots of a table are hidden: those with a small count, and those from which one would follow.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;

use crate::export::ExportError;
use crate::export::small_cells::algebra::{Determined, Equation, Roots, determined};
use crate::export::small_cells::table::{Along, Cell, Table};

/// What an equation says.
#[derive(Debug, Clone, Copy)]
enum Telling {
    /// What the cells of a line add up to.
    Line(usize),
    /// That a hidden cell is the difference of what there was at its end and at its beginning.
    Span(usize),
}

/// Spots, some of them hidden.
pub(super) struct Hiding<'a> {
    table: &'a Table,
    least: f64,
    hidden: Vec<bool>,
}

impl<'a> Hiding<'a> {
    /// Hides what has a count below `least`, and then more until none of what is hidden follows from what is
    /// shown, from the sums of lines, and from what lies in what.
    pub(super) fn of(
        table: &'a Table,
        least: f64,
        is_cancelled: &AtomicBool,
    ) -> Result<Self, ExportError> {
        let mut hidden = vec![false; table.n_spots];
        for cell in table.cells.iter().filter(|cell| cell.is_small(least)) {
            hidden[cell.spot] = true;
        }
        let mut hiding = Self { table, least, hidden };
        loop {
            let mut is_changed = false;
            for line in &table.lines {
                is_changed |= hiding.cover(&line.cells);
            }
            // First what somebody knows who knows totals over time; but that such a total tells a cell, where
            // nothing helps, does not make up for another way to it.
            for known in [&[Along::Dimension, Along::Time][..], &[Along::Dimension]] {
                is_changed = is_changed || hiding.hide_what_tells(known, is_cancelled)?;
            }
            if !is_changed {
                return Ok(hiding);
            }
        }
    }

    /// Returns which rows are hidden.
    pub(super) fn rows(&self) -> Vec<bool> {
        let is_hidden = |spot: &Option<usize>| spot.is_some_and(|spot| self.hidden[spot]);
        self.table.spots.iter().map(is_hidden).collect()
    }

    /// Returns which rows are hidden, or stand with such a one in a line or a series.
    pub(super) fn rows_beside(&self) -> Vec<bool> {
        let mut beside = self.hidden.clone();
        let lines = self.table.lines.iter().map(|line| &line.cells).chain(&self.table.series);
        for cells in lines.filter(|cells| cells.iter().any(|cell| self.is_hidden(*cell))) {
            for cell in cells {
                beside[self.table.cells[*cell].spot] = true;
            }
        }
        let is_beside = |spot: &Option<usize>| spot.is_some_and(|spot| beside[spot]);
        self.table.spots.iter().map(is_beside).collect()
    }

    fn is_hidden(&self, cell: usize) -> bool {
        self.hidden[self.table.cells[cell].spot]
    }

    fn cell(&self, cell: usize) -> &'a Cell {
        &self.table.cells[cell]
    }

    fn hide(&mut self, cell: usize) {
        self.hidden[self.table.cells[cell].spot] = true;
    }

    /// Hides further cells of a line until its hidden ones together are not small in any count. Returns whether
    /// it hid some.
    fn cover(&mut self, line: &[usize]) -> bool {
        let mut is_changed = false;
        loop {
            let of: Vec<&Cell> = line
                .iter()
                .filter(|cell| self.is_hidden(**cell))
                .map(|cell| self.cell(*cell))
                .collect();
            let Some(first) = of.first() else { return is_changed };
            let lacking = (0..first.counts.len()).find(|count| {
                let small = of.iter().any(|cell| {
                    let value = cell.counts[*count];
                    value > 0.0 && value < self.least
                });
                let sum: f64 = of.iter().map(|cell| cell.counts[*count]).sum();
                let n_with = of.iter().filter(|cell| cell.counts[*count] > 0.0).count();
                small && (sum < self.least || n_with < 2)
            });
            let alone = (of.len() < 2).then_some(None);
            let Some(wanted) = lacking.map(Some).or(alone) else { return is_changed };
            let value = |cell: &Cell| wanted.map_or(cell.size(), |it| cell.counts[it]);
            let Some(next) = self.smallest(line.iter().copied(), value) else { return is_changed };
            self.hide(next);
            is_changed = true;
        }
    }

    /// Returns the smallest of some cells that are shown and count something, so that as little as possible is
    /// lost; of equal ones the first.
    fn smallest(
        &self,
        cells: impl Iterator<Item = usize>,
        value: impl Fn(&Cell) -> f64,
    ) -> Option<usize> {
        let shown = cells.filter(|cell| !self.is_hidden(*cell) && value(self.cell(*cell)) > 0.0);
        shown.min_by(|a, b| value(self.cell(*a)).total_cmp(&value(self.cell(*b))))
    }

    /// Hides one more cell of what tells each hidden cell that follows, where the sums of lines along `known` are.
    /// Returns whether it hid some.
    fn hide_what_tells(
        &mut self,
        known: &[Along],
        is_cancelled: &AtomicBool,
    ) -> Result<bool, ExportError> {
        let (equations, tellings) = self.equations(known);
        let links = self.links();
        let before = self.hidden.clone();
        let mut is_changed = false;
        for found in determined(&equations, is_cancelled)? {
            if found.unknown >= self.table.cells.len() {
                continue;
            }
            let cells = self.telling_cells(&found, &tellings, &links);
            let cells: BTreeSet<usize> =
                cells.into_iter().filter(|cell| !before[self.cell(*cell).spot]).collect();
            // Where one of them went for another cell, this one may follow no more.
            let is_told = cells.iter().all(|cell| !self.is_hidden(*cell));
            if let Some(next) = self.smallest(cells.into_iter(), Cell::size).filter(|_| is_told) {
                self.hide(next);
                is_changed = true;
            }
        }
        Ok(is_changed)
    }

    /// Returns the equations of the hidden cells, each with what it says. Unknowns are the cells and, behind
    /// them, what there was at days: these are one where what is shown says how they differ.
    fn equations(&self, known: &[Along]) -> (Vec<Equation>, Vec<Telling>) {
        let n_cells = self.table.cells.len();
        let mut equations = Vec::new();
        let mut tellings = Vec::new();
        let mut roots = Roots::default();
        let spans =
            || self.table.cells.iter().enumerate().filter_map(|(at, cell)| Some((at, cell.span?)));
        for (_, (start, end)) in spans().filter(|(cell, _)| !self.is_hidden(*cell)) {
            roots.join(start, end);
        }
        let mut edges: Vec<(usize, usize, usize)> = spans()
            .filter(|(cell, _)| self.is_hidden(*cell))
            .map(|(cell, (start, end))| (cell, roots.of(start), roots.of(end)))
            .collect();
        keep_circles(&mut edges);
        for (cell, start, end) in edges {
            let mut equation = vec![(cell, 1)];
            if start != end {
                equation.extend([(n_cells + start, 1), (n_cells + end, -1)]);
            }
            equations.push(equation);
            tellings.push(Telling::Span(cell));
        }
        let lines = self.table.lines.iter().enumerate();
        for (at, line) in lines.filter(|(_, line)| known.contains(&line.along)) {
            let hidden = line.cells.iter().filter(|cell| self.is_hidden(**cell));
            let equation: Equation = hidden.map(|cell| (*cell, 1)).collect();
            if !equation.is_empty() {
                equations.push(equation);
                tellings.push(Telling::Line(at));
            }
        }
        (equations, tellings)
    }

    /// Returns the days that each day is linked with by a cell that is shown, and that cell.
    fn links(&self) -> BTreeMap<usize, Vec<(usize, usize)>> {
        let mut links: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
        for (at, cell) in self.table.cells.iter().enumerate() {
            if let Some((start, end)) = cell.span.filter(|_| !self.is_hidden(at)) {
                links.entry(start).or_default().push((end, at));
                links.entry(end).or_default().push((start, at));
            }
        }
        links
    }

    /// Returns the cells by which a hidden one follows: those of the lines, and those on the ways between days at
    /// which the hidden ones begin and end.
    fn telling_cells(
        &self,
        found: &Determined,
        tellings: &[Telling],
        links: &BTreeMap<usize, Vec<(usize, usize)>>,
    ) -> BTreeSet<usize> {
        let mut cells = BTreeSet::new();
        let mut days = BTreeSet::new();
        for telling in found.by.iter().map(|at| tellings[*at]) {
            match telling {
                Telling::Line(line) => cells.extend(&self.table.lines[line].cells),
                Telling::Span(cell) => {
                    let (start, end) = self.cell(cell).span.unwrap_or_default();
                    days.extend([start, end]);
                }
            }
        }
        while let Some(from) = days.pop_first() {
            for to in ways_from(from, links, &days) {
                days.remove(&to.0);
                cells.extend(to.1);
            }
        }
        cells
    }
}

/// Leaves those edges that are part of a circle, as far as counting the ends tells: the others say nothing but
/// what there was at a day that no other knows.
fn keep_circles(edges: &mut Vec<(usize, usize, usize)>) {
    loop {
        let mut n_ends: BTreeMap<usize, usize> = BTreeMap::new();
        for (_, start, end) in edges.iter().filter(|(_, start, end)| start != end) {
            *n_ends.entry(*start).or_default() += 1;
            *n_ends.entry(*end).or_default() += 1;
        }
        let n_before = edges.len();
        let is_open = |day: &usize| n_ends.get(day) == Some(&1);
        edges.retain(|(_, start, end)| start == end || !is_open(start) && !is_open(end));
        if edges.len() == n_before {
            return;
        }
    }
}

/// Returns those of some days that can be reached from a day over what is shown, each with the cells on a
/// shortest way to it.
fn ways_from(
    from: usize,
    links: &BTreeMap<usize, Vec<(usize, usize)>>,
    wanted: &BTreeSet<usize>,
) -> Vec<(usize, Vec<usize>)> {
    let mut came_by: BTreeMap<usize, Option<(usize, usize)>> = BTreeMap::from([(from, None)]);
    let mut queue = vec![from];
    let mut at = 0;
    while let Some(day) = queue.get(at).copied() {
        at += 1;
        for (next, cell) in links.get(&day).into_iter().flatten() {
            if let Entry::Vacant(unseen) = came_by.entry(*next) {
                unseen.insert(Some((day, *cell)));
                queue.push(*next);
            }
        }
    }
    let way = |to: &usize| {
        let mut cells = Vec::new();
        let mut day = *to;
        while let Some((before, cell)) = came_by.get(&day).copied().flatten() {
            cells.push(cell);
            day = before;
        }
        (*to, cells)
    };
    wanted.iter().filter(|day| came_by.contains_key(*day)).map(way).collect()
}
