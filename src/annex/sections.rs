//! Rows that open a section and print what its rows add up to, as 一、省直部门.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::annex::rows::{BodyRow, RowNames};

/// How deep a section lies: 一、 above （一）.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SectionLevel {
    /// 一、
    Upper,
    /// （一）
    Lower,
}

/// A Chinese number as sections have it, before a text or alone in the cell of the running number.
static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    let number = "[一二三四五六七八九十]{1,3}";
    Regex::new(&format!(
        r"^\s*(?:(?P<lower>[(（]\s*{number}\s*[)）]、?)|{number}\s*(?:[、.．]|$))\s*"
    ))
    .expect("constant")
});

/// Marks the rows that open a section and print its sums: assertions as 小计 is one.
///
/// Such a row has a Chinese number and no known name, and rows of its own below it. Without these it
/// may as well be the only row about what it names; so it stays what it is, a row with an unknown
/// name.
pub(super) fn mark_sections(rows: &mut [BodyRow<'_>], names: RowNames<'_>) {
    // Where rows with names are counted so, a row without a known one is what it is, too.
    if rows.iter().any(|row| numbered(row).is_some_and(|(_, rest)| is_name(rest, names))) {
        return;
    }
    let levels: Vec<Option<SectionLevel>> = rows.iter().map(|row| level_of(row, names)).collect();
    for at in 0..rows.len() {
        let Some(level) = levels[at] else { continue };
        let end =
            end_of(at, level, &levels, |below| rows[below].is_total && !rows[below].is_subtotal);
        let has_rows = (at + 1..end).any(|below| levels[below].is_none() && !rows[below].is_total);
        if has_rows {
            let row = &mut rows[at];
            row.is_total = true;
            row.is_subtotal = true;
            row.section = Some(level);
        }
    }
}

/// Returns the position behind the last row of a section: that of the next one which is not below it,
/// or of a total of all.
fn end_of(
    at: usize,
    level: SectionLevel,
    levels: &[Option<SectionLevel>],
    is_total: impl Fn(usize) -> bool,
) -> usize {
    let ends =
        |below: &usize| levels[*below].is_some_and(|other| other <= level) || is_total(*below);
    (at + 1..levels.len()).find(ends).unwrap_or(levels.len())
}

/// Returns which rows a row of sums adds up, as positions: those of its section; for 小计 those above
/// it, up to the one before, or below it where a table begins with one.
pub(super) fn covered(rows: &[BodyRow<'_>], at: usize) -> std::ops::Range<usize> {
    if let Some(level) = rows[at].section {
        let levels: Vec<Option<SectionLevel>> = rows.iter().map(|row| row.section).collect();
        let is_total = |below: usize| rows[below].is_total && !rows[below].is_subtotal;
        return at + 1..end_of(at, level, &levels, is_total);
    }
    let is_plain = |row: &BodyRow<'_>| row.is_subtotal && row.section.is_none();
    let mut parts = rows.iter().filter(|row| !row.is_total || row.is_subtotal);
    let begins_with_one = parts.next().is_some_and(is_plain);
    let is_bound = |row: &BodyRow<'_>| row.is_total;
    if begins_with_one {
        let next = rows[at + 1..].iter().position(is_bound);
        return at + 1..next.map_or(rows.len(), |next| at + 1 + next);
    }
    let before = rows[..at].iter().rposition(is_plain);
    before.map_or(0, |before| before + 1)..at
}

fn level_of(row: &BodyRow<'_>, names: RowNames<'_>) -> Option<SectionLevel> {
    if row.is_total || row.is_alone {
        return None;
    }
    let (found, rest) = numbered(row)?;
    (!rest.is_empty() && !is_name(rest, names)).then_some(found)
}

/// Returns how deep the Chinese number of a row lies, and its label without one.
fn numbered<'r>(row: &'r BodyRow<'_>) -> Option<(SectionLevel, &'r str)> {
    let in_label = captured(&row.label);
    let rest = in_label.as_ref().map_or(&*row.label, |found| &row.label[found[0].len()..]);
    let number = row.running_number.as_deref().and_then(captured);
    let found = in_label.or(number)?;
    let is_lower = found.name("lower").is_some();
    Some((if is_lower { SectionLevel::Lower } else { SectionLevel::Upper }, rest))
}

/// The number at the beginning of a text. Most rows have none, and to look for it takes long.
fn captured(text: &str) -> Option<Captures<'_>> {
    let begins = |c: char| "一二三四五六七八九十(（".contains(c);
    text.trim_start().starts_with(begins).then(|| NUMBER.captures(text))?
}

/// Whether a line begins with a Chinese number as sections have it, and says more than that.
pub(super) fn begins_section(line: &str) -> bool {
    captured(line).is_some_and(|found| found[0].len() < line.trim_end().len())
}

fn is_name(text: &str, names: RowNames<'_>) -> bool {
    names.knows(text) || names.departments.find(text).is_ok()
}
