//! Words of a table's title, and of the lines between it and the figures, that are not understood.

use std::sync::LazyLock;

use regex::Regex;

use crate::annex::caption_words::unknown_words;
use crate::annex::table::TableReader;
use crate::annex::time_words::{is_of_paper, mentions_time};
use crate::annex::{ColumnReading, ColumnRole};
use crate::diag::{Finding, Message, Severity};

static OF_PAPER: LazyLock<Regex> = LazyLock::new(|| {
    let labels = "(?:填报|报送|制表|填表|编制|主办|承办)(?:单位|部门|机构|机关)?|(?:数据|资料)?来源|提供单位|表号|文号|\
                  制定机关|批准机关|备案机关|批准文号|有效期至?|审核人?|负责人|单位负责人|填表人|经办人|联系人|联系电话|电话";
    Regex::new(&format!("^[(（]?(?:{labels})(?:[(（](?:盖章|公章|签章|签字)[)）])?[:：]"))
        .expect("the pattern is constant")
});

/// Whether a line begins by telling who made the paper.
fn is_of_paper_alone(line: &str) -> bool {
    let compact: String = line.chars().filter(|c| !c.is_whitespace()).collect();
    OF_PAPER.is_match(&compact)
}

impl TableReader<'_> {
    /// Tells which words of the title, and of the lines that belong to it, were not understood. A saved
    /// layout knows what its tables are.
    pub(super) fn report_caption_words(&mut self, columns: &[ColumnReading]) {
        if self.layout.is_some() {
            return;
        }
        // What a sheet is called may be anything, and a number alone is that of a page.
        let is_name = |title: &str| self.table.grid.name.as_deref() == Some(title);
        let says_something = |title: &&str| title.chars().any(char::is_alphabetic);
        let title = Some(self.table.title.as_str()).filter(says_something);
        let title = title.filter(|title| self.table.title_time.span().is_some() || !is_name(title));
        let caption =
            self.table.caption_text().filter(|_| self.table.caption_time().span().is_some());
        let subtitles = self.table.subtitles.iter().copied();
        // Who made the paper says nothing about the figures, unless it is somebody of another region.
        let is_of_paper =
            |line: &str| is_of_paper_alone(line) || (is_of_paper(line) && mentions_time(line));
        let is_told = |line: &&str| !is_of_paper(line) || self.other_regions(line).is_some();
        let subtitles = subtitles.filter(says_something).filter(is_told);
        let mut lines: Vec<&str> = title.into_iter().chain(subtitles).collect();
        lines.extend(caption.filter(|caption| !lines.contains(caption)));
        for line in lines {
            let mut words = unknown_words(line, &self.names_in(line, columns));
            // A day that is not understood as the time of the figures is told by another finding.
            words.retain(|word| word.chars().any(|c| c.is_alphabetic() && !"年月日".contains(c)));
            if words.is_empty() {
                continue;
            }
            let message =
                Message::new("caption.words").with("words", words.join("、")).with("text", line);
            let finding = Finding::new(Severity::Warning, message, self.table_place());
            self.findings.push(finding.quoting(line));
        }
    }

    /// Returns the names that a line may have in it: of the issuer's region, and of bodies where rows
    /// are none.
    fn names_in(&self, line: &str, columns: &[ColumnReading]) -> Vec<String> {
        let regions = self.context.regions.named_in(line).into_iter().map(str::to_owned);
        let has_departments = columns.iter().any(|column| column.role == ColumnRole::Department);
        let bodies = self.context.departments.names_in(line).map(|(name, _)| name.to_owned());
        let mut names: Vec<String> = regions.chain(bodies.filter(|_| !has_departments)).collect();
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        names
    }
}
