//! Series drawn with dots for the terminal: a line chart with axes, and a sparkline of a few columns.
//!
//! Braille dots are used because they are one column wide on every terminal; block elements are two on
//! some Chinese ones.

use crate::output::layout::text_width;
use crate::output::number::shown_double;

/// Dots of a character, from its left to its right, from its top to its bottom.
const DOTS: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];
/// The character without dots.
const BLANK: u32 = 0x2800;

/// Lines of the plot itself, without axis and labels.
const PLOT_LINES: usize = 12;
/// Least columns of the plot.
const MIN_COLUMNS: usize = 16;
/// Steps between the labels of the vertical axis, about.
const N_STEPS: f64 = 4.0;

/// A line chart in the making.
#[derive(Debug, Clone, Copy)]
pub struct Chart<'a> {
    /// The values in the order of time; `None` leaves a gap.
    pub values: &'a [Option<f64>],
    /// Labels of the horizontal axis: position among the values and text. Those that would overlap an
    /// earlier one are left out.
    pub labels: &'a [(usize, String)],
    /// Positions before which nothing can be compared; a dotted line stands there.
    pub breaks: &'a [usize],
    /// Marks under the axis: position and character.
    pub marks: &'a [(usize, char)],
    /// Columns that the whole chart may take.
    pub width: u16,
}

/// Draws a chart, lines of at most its width; nothing where no value is known.
///
/// The vertical axis begins at zero unless there are values below it, so that a small change does not
/// look like a large one.
pub fn chart(chart: &Chart<'_>) -> String {
    let known = chart.values.iter().flatten().copied();
    let (low, high) =
        known.fold((0.0_f64, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
    if chart.values.iter().all(Option::is_none) {
        return String::new();
    }
    let scale = Scale::of(low, high);
    let ticks = scale.ticks();
    let label_width = ticks.iter().map(|tick| tick.text.chars().count()).max().unwrap_or(0);
    let n_columns = usize::from(chart.width).saturating_sub(label_width + 2).max(MIN_COLUMNS);
    let mut plot = Plot::new(n_columns, chart.values.len());
    plot.draw_line(chart, &scale);
    let mut text = String::new();
    for line in 0..PLOT_LINES {
        let tick = ticks.iter().find(|tick| tick.dot / 4 == line);
        let label = tick.map_or("", |tick| &tick.text);
        let axis = if tick.is_some() { '+' } else { '|' };
        let drawn = plot.line(line, chart.breaks);
        text.push_str(format!("{label:>label_width$} {axis}{drawn}").trim_end());
        text.push('\n');
    }
    text.push_str(&format!("{:label_width$} +{}\n", "", "-".repeat(n_columns)));
    let marks: Vec<(usize, String)> =
        chart.marks.iter().map(|(idx, mark)| (*idx, mark.to_string())).collect();
    for row in [&marks[..], chart.labels] {
        let placed = plot.placed(row);
        if !placed.trim().is_empty() {
            text.push_str(format!("{:label_width$}  {placed}", "").trim_end());
            text.push('\n');
        }
    }
    text
}

/// Draws values as columns of dots, two values a character: the lowest dot stands for the least, zero
/// where nothing is below it. A value that is not known leaves its column empty.
pub fn sparkline(values: &[Option<f64>]) -> String {
    let known = values.iter().flatten().copied();
    let (low, high) =
        known.fold((0.0_f64, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
    let span = if high > low { high - low } else { 1.0 };
    let pair = |pair: &[Option<f64>]| {
        let mut dots = 0;
        for (side, value) in pair.iter().enumerate() {
            let Some(value) = value else { continue };
            let n_dots = 1 + rounded(3.0 * (value - low) / span);
            for dot in DOTS[side].iter().rev().take(n_dots) {
                dots |= dot;
            }
        }
        braille(dots)
    };
    values.chunks(2).map(pair).collect()
}

/// A label of the vertical axis.
struct Tick {
    /// Its dot, from the top.
    dot: usize,
    text: String,
}

/// From values to dots.
struct Scale {
    low: f64,
    high: f64,
    step: f64,
}

impl Scale {
    /// A scale whose ends and steps are round numbers.
    fn of(low: f64, high: f64) -> Self {
        let high = if high > low { high } else { low + 1.0 };
        let raw = (high - low) / N_STEPS;
        let power = 10_f64.powf(raw.log10().floor());
        let round = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().find(|step| step * power >= raw);
        let step = round.unwrap_or(10.0) * power;
        let high = (high / step).ceil() * step;
        let low = (low / step).floor() * step;
        Self { low, high, step }
    }

    /// The dot of a value, from the top.
    fn dot(&self, value: f64) -> usize {
        let last = 4 * PLOT_LINES - 1;
        let share = (self.high - value) / (self.high - self.low);
        rounded(share * index_as_float(last)).min(last)
    }

    fn ticks(&self) -> Vec<Tick> {
        let n_steps = rounded((self.high - self.low) / self.step);
        let tick = |idx: usize| {
            let value = self.low + index_as_float(idx) * self.step;
            Tick { dot: self.dot(value), text: shown_double(value) }
        };
        (0..=n_steps).map(tick).collect()
    }
}

/// The dots of a chart.
struct Plot {
    n_columns: usize,
    n_values: usize,
    dots: Vec<Vec<u8>>,
}

impl Plot {
    fn new(n_columns: usize, n_values: usize) -> Self {
        Self { n_columns, n_values, dots: vec![vec![0; n_columns]; PLOT_LINES] }
    }

    /// The column of dots, two a character, of a value.
    fn dot_column(&self, idx: usize) -> usize {
        let last = 2 * self.n_columns - 1;
        if self.n_values < 2 { last / 2 } else { idx * last / (self.n_values - 1) }
    }

    fn draw_line(&mut self, chart: &Chart<'_>, scale: &Scale) {
        let mut before: Option<(usize, usize)> = None;
        for (idx, value) in chart.values.iter().enumerate() {
            let Some(value) = value else {
                before = None;
                continue;
            };
            let here = (self.dot_column(idx), scale.dot(*value));
            let from = before.filter(|_| !chart.breaks.contains(&idx)).unwrap_or(here);
            self.connect(from, here);
            before = Some(here);
        }
    }

    /// Sets the dots on the way from one to another, one at least in every column between them.
    fn connect(&mut self, from: (usize, usize), to: (usize, usize)) {
        let n_steps = from.0.abs_diff(to.0).max(from.1.abs_diff(to.1)).max(1);
        for step in 0..=n_steps {
            let between = |from: usize, to: usize| {
                let share = index_as_float(step) / index_as_float(n_steps);
                rounded(index_as_float(from) * (1.0 - share) + index_as_float(to) * share)
            };
            self.set(between(from.0, to.0), between(from.1, to.1));
        }
    }

    fn set(&mut self, column: usize, row: usize) {
        self.dots[row / 4][column / 2] |= DOTS[column % 2][row % 4];
    }

    /// One line of characters, with a dotted line at breaks where nothing else stands.
    fn line(&self, line: usize, breaks: &[usize]) -> String {
        let columns: Vec<usize> = breaks.iter().map(|idx| self.dot_column(*idx) / 2).collect();
        let character = |(column, dots): (usize, &u8)| match *dots {
            0 if columns.contains(&column) => ':',
            0 => ' ',
            dots => braille(dots),
        };
        self.dots[line].iter().enumerate().map(character).collect()
    }

    /// Texts under the axis, each at the column of its value, as far as they fit.
    fn placed(&self, texts: &[(usize, String)]) -> String {
        let mut line = String::new();
        let mut used = 0;
        for (idx, text) in texts {
            let width = usize::from(text_width(text));
            let column = (self.dot_column(*idx) / 2).min(self.n_columns.saturating_sub(width));
            let is_free = used == 0 || column > used;
            if is_free && column >= used {
                line.push_str(&" ".repeat(column - used));
                line.push_str(text);
                used = column + width;
            }
        }
        line
    }
}

fn braille(dots: u8) -> char {
    char::from_u32(BLANK + u32::from(dots)).expect("the block of braille has 256 characters")
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "positions in a chart are small and not negative; a float beyond saturates"
)]
fn rounded(value: f64) -> usize {
    value.round() as usize
}

#[expect(clippy::cast_precision_loss, reason = "positions in a chart are small")]
fn index_as_float(idx: usize) -> f64 {
    idx as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(values: &[Option<f64>], breaks: &[usize]) -> String {
        let labels = [(0, "2020".to_owned()), (values.len() - 1, "2021".to_owned())];
        chart(&Chart { values, labels: &labels, breaks, marks: &[], width: 30 })
    }

    #[test]
    fn a_rising_line_goes_from_the_lower_left_to_the_upper_right() {
        let text = drawn(&[Some(0.0), Some(50.0), Some(100.0)], &[]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), PLOT_LINES + 2, "{text}");
        assert!(lines[0].starts_with("100 +") && lines[0].ends_with('⠊'), "{text}");
        assert!(lines[11].starts_with("  0 +⡠"), "{text}");
        assert_eq!(lines[12], "    +-------------------------");
        assert_eq!(lines[13], "     2020                 2021");
    }

    #[test]
    fn no_line_is_wider_than_asked_for() {
        for width in [20, 40, 80, 120] {
            let values: Vec<Option<f64>> = (0..90).map(|n| Some(f64::from(n * n))).collect();
            let labels: Vec<(usize, String)> = (0..90).map(|n| (n, format!("20{n:02}"))).collect();
            let text =
                chart(&Chart { values: &values, labels: &labels, breaks: &[], marks: &[], width });
            for line in text.lines() {
                assert!(text_width(line) <= width.max(22), "{width}: {line}");
            }
        }
    }

    #[test]
    fn a_gap_and_a_break_stay_open() {
        let whole = drawn(&[Some(9.0), Some(9.0), Some(9.0), Some(9.0)], &[]);
        let gap = drawn(&[Some(9.0), Some(9.0), None, Some(9.0)], &[]);
        let broken = drawn(&[Some(9.0), Some(9.0), Some(9.0), Some(9.0)], &[2]);
        let n_dots = |text: &str| text.chars().filter(|c| ('⠁'..='⣿').contains(c)).count();
        assert!(n_dots(&gap) < n_dots(&whole) && n_dots(&broken) < n_dots(&whole));
        assert!(broken.lines().filter(|line| line.contains(':')).count() > 5, "{broken}");
    }

    #[test]
    fn nothing_known_draws_nothing() {
        assert_eq!(drawn(&[None, None], &[]), "");
    }

    #[test]
    fn a_sparkline_tells_zero_from_nothing() {
        assert_eq!(sparkline(&[Some(0.0), Some(3.0), None, Some(1.0)]), "⣸⢠");
        assert_eq!(sparkline(&[None, None]), "⠀");
        assert_eq!(sparkline(&[Some(5.0)]), "⡇");
    }
}
