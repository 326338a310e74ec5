//! Words of a table's title, and of the line with its time, that are not understood.

use crate::annex::caption_words::unknown_words;
use crate::annex::table::TableReader;
use crate::annex::{ColumnReading, ColumnRole};
use crate::diag::{Finding, Message, Severity};

impl TableReader<'_> {
    /// Tells which words of the title, and of the line with the time of the figures, were not
    /// understood. A saved layout knows what its tables are.
    pub(super) fn report_caption_words(&mut self, columns: &[ColumnReading]) {
        if self.layout.is_some() {
            return;
        }
        let names = self.names_in_title(columns);
        // What a sheet is called may be anything, and a number alone is that of a page.
        let is_name = |title: &str| self.table.grid.name.as_deref() == Some(title);
        let says_something = |title: &&str| title.chars().any(char::is_alphabetic);
        let title = Some(self.table.title.as_str()).filter(says_something);
        let title = title.filter(|title| self.table.title_time.span().is_some() || !is_name(title));
        let caption =
            self.table.caption_text().filter(|_| self.table.caption_time().span().is_some());
        let lines: Vec<&str> = title.into_iter().chain(caption).collect();
        for line in lines {
            let words = unknown_words(line, &names);
            if words.is_empty() {
                continue;
            }
            let message =
                Message::new("caption.words").with("words", words.join("、")).with("text", line);
            let finding = Finding::new(Severity::Warning, message, self.table_place());
            self.findings.push(finding.quoting(line));
        }
    }

    /// Returns the names that a title may have in it: of the issuer's region, and of bodies where rows
    /// are none.
    fn names_in_title(&self, columns: &[ColumnReading]) -> Vec<String> {
        let title = &self.table.title;
        let regions = self.context.regions.named_in(title).into_iter().map(str::to_owned);
        let has_departments = columns.iter().any(|column| column.role == ColumnRole::Department);
        let bodies = self.context.departments.names_in(title).map(|(name, _)| name.to_owned());
        let mut names: Vec<String> = regions.chain(bodies.filter(|_| !has_departments)).collect();
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        names
    }
}
