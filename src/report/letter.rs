//! What stands around the text of an official paper, in words. Papers are Chinese, so it is, too.

use chrono::Datelike;

use crate::report::content::{Letter, Report, Section, SectionStart};

/// What stands in the place of 发文字号 and 成文日期 until they are known: no reader takes it for a number or
/// a day.
const NUMBER_OPEN: &str = "（发文字号待定）";
const DATED_OPEN: &str = "（成文日期待定）";

/// A line around the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LetterLine {
    /// Its words.
    pub(super) text: String,
    /// Whether somebody has to put something in its place.
    pub(super) is_open: bool,
}

impl LetterLine {
    fn known(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_open: false }
    }

    fn known_or(text: Option<String>, open: &str) -> Self {
        match text {
            Some(text) => Self::known(text),
            None => Self { text: open.to_owned(), is_open: true },
        }
    }
}

/// Returns 发文字号, or what stands in its place.
pub(super) fn number(letter: &Letter) -> LetterLine {
    LetterLine::known_or(letter.number.clone(), NUMBER_OPEN)
}

/// Returns 成文日期, or what stands in its place.
pub(super) fn dated(letter: &Letter) -> LetterLine {
    let words =
        |day: chrono::NaiveDate| format!("{}年{}月{}日", day.year(), day.month(), day.day());
    LetterLine::known_or(letter.dated.map(words), DATED_OPEN)
}

/// Whether a section is an annex of its paper.
pub(super) fn is_annex(section: &Section) -> bool {
    section.start != SectionStart::Below
}

/// Returns 附件说明: the titles of the annexes, under each other.
pub(super) fn attachments(annexes: &[&Section]) -> Vec<String> {
    let line = |(idx, section): (usize, &&Section)| match (idx, annexes.len()) {
        (0, 1) => format!("附件：{}", section.title),
        (0, _) => format!("附件：1.{}", section.title),
        // As wide as the word and its colon above.
        _ => format!("　　　{}.{}", idx + 1, section.title),
    };
    annexes.iter().enumerate().map(line).collect()
}

/// Returns the lines between the title and the text; none for a report that is no official paper.
pub(super) fn above(report: &Report) -> Vec<LetterLine> {
    let Some(letter) = &report.letter else { return Vec::new() };
    let addressees = letter.addressees.iter().map(LetterLine::known);
    let header = letter.header.iter().map(LetterLine::known);
    header.chain([number(letter)]).chain(addressees).collect()
}

/// Returns the lines between the text and the annexes; none for a report that is no official paper.
pub(super) fn below(report: &Report) -> Vec<LetterLine> {
    let Some(letter) = &report.letter else { return Vec::new() };
    let annexes: Vec<&Section> =
        report.sections.iter().filter(|section| is_annex(section)).collect();
    let attachments = attachments(&annexes).into_iter().map(LetterLine::known);
    let signature = letter.signature.iter().map(LetterLine::known);
    attachments.chain(signature).chain([dated(letter)]).collect()
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::report::sample::sample;

    fn texts(lines: &[LetterLine]) -> Vec<(&str, bool)> {
        lines.iter().map(|line| (line.text.as_str(), line.is_open)).collect()
    }

    #[test]
    fn what_is_not_known_yet_has_something_in_its_place() {
        let mut report = sample();
        assert!(above(&report).is_empty() && below(&report).is_empty());
        report.letter = Some(Letter::default());
        report.sections.truncate(1);
        report.sections[0].start = SectionStart::Below;
        assert_eq!(texts(&above(&report)), [("（发文字号待定）", true)]);
        assert_eq!(texts(&below(&report)), [("（成文日期待定）", true)]);
        let annex = Section {
            title: "甲表".to_owned(),
            start: SectionStart::Page,
            ..report.sections[0].clone()
        };
        report.sections.push(annex);
        report.letter = Some(Letter {
            header: Some("代拟稿".to_owned()),
            number: Some("青政办函〔2021〕1号".to_owned()),
            addressees: Some("各单位：".to_owned()),
            signature: Some("办公厅".to_owned()),
            dated: NaiveDate::from_ymd_opt(2021, 11, 4),
            ..Letter::default()
        });
        let known = [("代拟稿", false), ("青政办函〔2021〕1号", false), ("各单位：", false)];
        assert_eq!(texts(&above(&report)), known);
        let known = [("附件：甲表", false), ("办公厅", false), ("2021年11月4日", false)];
        assert_eq!(texts(&below(&report)), known);
    }
}
