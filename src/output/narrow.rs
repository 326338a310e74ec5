//! What gives way when a table is wider than the terminal: columns, but never facts in silence.
//!
//! First what is the same in every row moves above the table, then ids that stand beside a name and
//! columns that only order the rows are left out. What is then still too wide is written as records
//! or, where these would be many, loses columns from its right. Whatever is left out is named below.

use crate::diag::{Lang, Message, column_title, name_list};
use crate::output::human::Role;
use crate::output::layout::{Need, text_width, widths};

/// Up to so many rows are read more easily as records than with columns left out.
const MAX_RECORDS: usize = 5;

/// A table with fewer columns than this says too little.
const MIN_COLUMNS: usize = 3;

/// A column as texts, ready to be laid out.
#[derive(Debug, Clone)]
pub(super) struct TextColumn {
    /// The column's own name.
    pub(super) name: String,
    /// Its title in the reader's language.
    pub(super) title: String,
    /// How its cells are shown.
    pub(super) role: Role,
    /// One text per row.
    pub(super) cells: Vec<String>,
    cell_width: u16,
}

/// A table that fits, with what moved out of it.
pub(super) struct Fitted<'a> {
    /// Columns that hold one value only.
    pub(super) above: Vec<&'a TextColumn>,
    /// The columns that stay.
    pub(super) columns: Vec<&'a TextColumn>,
    /// Their widths.
    pub(super) widths: Vec<u16>,
    /// Names of the columns that are not shown.
    pub(super) left_out: Vec<&'a str>,
}

impl TextColumn {
    /// Returns a column of these texts.
    pub(super) fn new(name: &str, title: String, role: Role, cells: Vec<String>) -> Self {
        let cell_width = cells.iter().map(|cell| text_width(cell)).max().unwrap_or_default();
        Self { name: name.to_owned(), title, role, cells, cell_width }
    }

    fn need(&self) -> Need {
        Need {
            title: self.title.clone(),
            cell_width: self.cell_width,
            is_breakable: self.role.is_breakable(),
        }
    }

    /// Returns whether every one of several rows holds the same text.
    fn is_constant(&self) -> bool {
        self.cells.len() > 1 && self.cells.windows(2).all(|pair| pair[0] == pair[1])
    }
}

/// Returns the table as it fits `limit`; `None` where only records fit.
pub(super) fn fit(columns: &[TextColumn], limit: Option<u16>) -> Option<Fitted<'_>> {
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let is_beside_name = |column: &TextColumn| {
        column.name.ends_with("_order") || names.contains(&format!("{}_name", column.name).as_str())
    };
    let everything =
        Chosen { above: Vec::new(), shown: columns.iter().collect(), left_out: Vec::new() };
    let lifted = everything.clone().lift(|column| column.role != Role::Quantity);
    let trimmed = lifted.clone().leave_out(is_beside_name);
    let mut least = trimmed.clone().lift(|_| true);
    for chosen in [everything, lifted, trimmed, least.clone()] {
        if let Some(fitted) = chosen.fitted(limit) {
            return Some(fitted);
        }
    }
    let n_rows = columns.first().map_or(0, |column| column.cells.len());
    while n_rows > MAX_RECORDS && least.shown.len() > MIN_COLUMNS {
        least.left_out.extend(least.shown.pop());
        if let Some(fitted) = least.clone().fitted(limit) {
            return Some(fitted);
        }
    }
    None
}

/// The columns of a table by where they go.
#[derive(Clone)]
struct Chosen<'a> {
    above: Vec<&'a TextColumn>,
    shown: Vec<&'a TextColumn>,
    left_out: Vec<&'a TextColumn>,
}

impl<'a> Chosen<'a> {
    /// Moves the columns that hold one value only, and that `may` be lifted, above the table.
    fn lift(mut self, may: impl Fn(&TextColumn) -> bool) -> Self {
        let (above, shown) =
            self.shown.into_iter().partition(|column| column.is_constant() && may(column));
        self.shown = shown;
        self.above.extend::<Vec<_>>(above);
        self
    }

    fn leave_out(mut self, is_needless: impl Fn(&TextColumn) -> bool) -> Self {
        let (left_out, shown) = self.shown.into_iter().partition(|column| is_needless(column));
        self.shown = shown;
        self.left_out.extend::<Vec<_>>(left_out);
        self
    }

    /// Returns the table with the widths of its columns; `None` when it does not fit or is empty.
    fn fitted(self, limit: Option<u16>) -> Option<Fitted<'a>> {
        let needs: Vec<Need> = self.shown.iter().map(|column| column.need()).collect();
        let widths = widths(&needs, limit).filter(|widths| !widths.is_empty())?;
        Some(Fitted {
            above: self.above,
            columns: self.shown,
            widths,
            left_out: self.left_out.into_iter().map(|column| column.name.as_str()).collect(),
        })
    }
}

/// Returns the lines above the table, as many facts on each as fit; empty when there are none.
pub(super) fn heading(above: &[&TextColumn], limit: Option<u16>) -> String {
    const GAP: &str = "   ";
    let limit = u32::from(limit.unwrap_or(u16::MAX));
    let width = |text: &str| u32::from(text_width(text));
    let mut lines: Vec<String> = Vec::new();
    for column in above {
        let value = column.cells.first().map_or("", String::as_str);
        let fact = format!("{}: {value}", column.title);
        match lines.last_mut() {
            Some(line) if width(line) + width(GAP) + width(&fact) <= limit => {
                line.push_str(GAP);
                line.push_str(&fact);
            }
            _ => lines.push(fact),
        }
    }
    if lines.is_empty() { String::new() } else { lines.join("\n") + "\n\n" }
}

/// Returns the line below the table that names what is not shown; empty when all is.
pub(super) fn footing(left_out: &[&str], lang: Lang) -> String {
    if left_out.is_empty() {
        return String::new();
    }
    let titles: Vec<String> = left_out.iter().map(|name| column_title(name, lang)).collect();
    let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    let message = Message::new("output.left_out").with("columns", name_list(&titles));
    message.text(lang) + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, role: Role, cells: &[&str]) -> TextColumn {
        let cells = cells.iter().map(|cell| (*cell).to_owned()).collect();
        TextColumn::new(name, name.to_owned(), role, cells)
    }

    /// Six rows of departments, 9 to 14 columns wide each.
    fn columns() -> Vec<TextColumn> {
        let ids = ["police", "health", "justice", "finance", "water", "trade"];
        let figures = ["1,873", "2,994", "252", "0", "0", "0"];
        vec![
            column("region", Role::Text, &["630000"; 6]),
            column("department", Role::Text, &ids),
            column("department_name", Role::Text, &ids),
            column("pushed", Role::Quantity, &["100,000"; 6]),
            column("cases", Role::Quantity, &figures),
            column("kept", Role::Quantity, &figures),
            column("cause_order", Role::Quantity, &figures),
        ]
    }

    #[track_caller]
    fn check(limit: u16, expected: &str) {
        let names = |columns: &[&TextColumn]| {
            columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(" ")
        };
        let columns = columns();
        let found = fit(&columns, Some(limit)).map_or("records".to_owned(), |fitted| {
            let left_out = fitted.left_out.join(" ");
            format!("{} / {} / {left_out}", names(&fitted.above), names(&fitted.columns))
        });
        assert_eq!(found, expected);
    }

    #[test]
    fn what_says_least_gives_way_first() {
        check(69, " / region department department_name pushed cases kept cause_order / ");
        check(58, "region / department department_name pushed cases kept cause_order / ");
        check(40, "region / department_name pushed cases kept / department cause_order");
        check(30, "region pushed / department_name cases kept / department cause_order");
        check(10, "records");
    }

    #[test]
    fn facts_of_any_length_stand_above_the_table() {
        let long = "x".repeat(65_530);
        let above = [column("a", Role::Text, &[&long]), column("b", Role::Text, &["短"])];
        let above: Vec<&TextColumn> = above.iter().collect();
        for limit in [None, Some(80)] {
            assert_eq!(heading(&above, limit), format!("a: {long}\nb: 短\n\n"));
        }
    }

    #[test]
    fn what_is_left_out_is_named() {
        assert_eq!(footing(&[], Lang::En), "");
        for (lang, name) in [(Lang::En, "`p_value`"), (Lang::Zh, "`p 值`")] {
            let text = footing(&["p_value"], lang);
            assert!(text.contains(name), "{text}");
        }
    }
}
