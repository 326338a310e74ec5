//! Lines outside of tables that look like what is left of one: figures, and departments beside them.
//!
//! A table that was not recognised, or not to its end, must not vanish without a word.

use std::collections::BTreeSet;

use crate::annex::Layouts;
use crate::annex::cells::{is_part_of_figure, parse_cell};
use crate::annex::columns::behind_row_label;
use crate::annex::labels::normalise;
use crate::annex::layout::{Layout, LayoutMeaning, LayoutRole};
use crate::annex::rows::RowNames;
use crate::annex::tables::{begins_note, is_annex_mark};
use crate::diag::{Finding, Message, Severity};
use crate::model::Place;
use crate::source::{Block, Paragraph};

/// A name that is broken into more pieces is not looked for.
const MAX_PIECES: usize = 3;
/// As many lines with a name alone are rows whose cells are words.
const MIN_LISTED: usize = 3;
/// Longer lines are prose.
const MAX_CHARS: usize = 240;
/// Longer lines are no words for states.
const MAX_STATE_BYTES: usize = 120;
/// Longer words stand in the place of no figure.
const MAX_WORD_CHARS: usize = 12;
/// What stands between the cells of a line.
const SEPARATORS: [char; 5] = ['\t', '|', '｜', '│', ' '];

/// What a line outside of tables looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    /// Nothing but figures.
    Figures,
    /// The name of a department and nothing else.
    Department,
    /// The name of a department and figures.
    Row,
    /// Words and a figure behind them.
    EndsInFigure,
    /// The name of a department and a word in the place of a figure.
    NameAndWord,
    /// A word that a saved layout has for a state.
    State,
    /// Prose.
    Prose,
}

/// Returns a warning for each line that looks like part of a table and stands in none.
pub(super) fn leftovers(blocks: &[Block], names: RowNames<'_>, layouts: &Layouts) -> Vec<Finding> {
    let below_header = lines_of_layouts(blocks, layouts);
    let is_state = |text: &str| {
        text.len() <= MAX_STATE_BYTES && layouts.iter().any(|layout| layout.is_state(text))
    };
    let lines: Vec<(Option<&Paragraph>, Look)> = blocks
        .iter()
        .map(|block| match block {
            Block::Paragraph(paragraph) if is_state(&paragraph.text) => {
                (Some(paragraph), Look::State)
            }
            Block::Paragraph(paragraph) => (Some(paragraph), look_of(&paragraph.text, names)),
            Block::Grid(_) => (None, Look::Prose),
        })
        .collect();
    let is_of_table = |at: Option<usize>| {
        let look = at.and_then(|at| lines.get(at)).map(|(_, look)| *look);
        matches!(look, Some(Look::Figures | Look::Row))
    };
    let is_below_grid =
        |at: usize| at.checked_sub(1).is_some_and(|above| matches!(blocks[above], Block::Grid(_)));
    let is_above_grid = |at: usize| matches!(blocks.get(at + 1), Some(Block::Grid(_)));
    let is_beside_rows = |at: usize| is_of_table(at.checked_sub(1)) || is_of_table(Some(at + 1));
    let is_signature = |at: usize| {
        let below = lines.get(at + 1).and_then(|(paragraph, _)| *paragraph);
        below.is_some_and(|below| below.text.contains('年') && below.text.ends_with('日'))
    };
    let alone = lines.iter().filter(|(_, look)| *look == Look::Department);
    let alone: BTreeSet<&str> =
        alone.filter_map(|(paragraph, _)| Some(paragraph.as_ref()?.text.as_str())).collect();
    let has_list = alone.len() >= MIN_LISTED;
    let mut findings = Vec::new();
    for (at, (paragraph, look)) in lines.iter().enumerate() {
        let is_left = match look {
            _ if below_header[at] => true,
            Look::Figures | Look::Row | Look::State => true,
            Look::EndsInFigure => is_beside_rows(at),
            Look::NameAndWord => is_beside_rows(at) || is_below_grid(at) || is_above_grid(at),
            Look::Department => {
                has_list || is_beside_rows(at) || (is_below_grid(at) && !is_signature(at))
            }
            Look::Prose => false,
        };
        let Some(paragraph) = paragraph else { continue };
        if is_left {
            let name = broken_name(&lines[..at], *look, names);
            findings.push(left(paragraph, &(name + &paragraph.text)));
        } else if matches!(look, Look::Prose | Look::EndsInFigure) {
            let above = at.checked_sub(1).and_then(|above| lines[above].0);
            let row = row_run_together(paragraph, above, names);
            findings.extend(row.map(|row| left(paragraph, &row)));
        }
    }
    findings
}

/// Tells for each block whether it is a line of a table that a saved layout has and that was not
/// recognised as one: the labels of the layout, on a line or one below the other, and what stands below
/// them down to a note, a sentence or the next table.
fn lines_of_layouts(blocks: &[Block], layouts: &Layouts) -> Vec<bool> {
    let headers: Vec<LayoutHeader> = layouts.iter().map(LayoutHeader::of).collect();
    let line = |at: usize| match blocks.get(at) {
        Some(Block::Paragraph(paragraph)) if !is_long(&paragraph.text) => {
            Some(paragraph.text.as_str())
        }
        _ => None,
    };
    let is_inside =
        |text: &&str| !begins_note(text) && !is_annex_mark(text) && !text.ends_with('。');
    let mut is_left = vec![false; blocks.len()];
    let mut at = 0;
    while at < blocks.len() {
        let begins = headers.iter().any(|header| header.begins((at..).map_while(line)));
        let n_lines = if begins { (at..).map_while(line).take_while(is_inside).count() } else { 0 };
        is_left[at..at + n_lines].fill(true);
        at += n_lines.max(1);
    }
    is_left
}

/// The labels of a layout, made comparable.
struct LayoutHeader {
    /// Those of the columns that say what a row is about.
    rows: Vec<String>,
    /// Those of each column of figures.
    figures: Vec<Vec<String>>,
}

impl LayoutHeader {
    fn of(layout: &Layout) -> Self {
        let (mut rows, mut figures) = (Vec::new(), Vec::new());
        for column in &layout.columns {
            let labels = column.labels.iter().map(|label| normalise(label));
            let labels: Vec<String> = labels.filter(|label| !label.is_empty()).collect();
            match column.meaning {
                LayoutMeaning::Indicator(_) => figures.push(labels),
                LayoutMeaning::Role(
                    LayoutRole::Computed | LayoutRole::Ignored | LayoutRole::Remark,
                ) => {}
                LayoutMeaning::Role(_) => rows.extend(labels),
            }
        }
        Self { rows, figures }
    }

    /// Whether lines begin with it: a label of rows and half of those of figures, on the first line, or
    /// one below the other with as many lines between them.
    fn begins<'a>(&self, mut lines: impl Iterator<Item = &'a str>) -> bool {
        let Some(first) = lines.next().map(compact) else { return false };
        let own = self.rows.iter().find_map(|label| first.strip_prefix(label.as_str()));
        let rest = own.or_else(|| behind_row_label(&first));
        let Some(rest) = rest.filter(|_| !self.figures.is_empty()) else { return false };
        let n_columns = self.rows.len() + self.figures.len();
        let n_below = if rest.is_empty() { 2 * (n_columns + 1) } else { 0 };
        let text = rest.to_owned() + &lines.take(n_below).map(compact).collect::<String>();
        let is_printed = |labels: &&Vec<String>| labels.iter().any(|label| text.contains(label));
        2 * self.figures.iter().filter(is_printed).count() >= self.figures.len()
    }
}

/// A line made comparable, without what stands between its cells.
fn compact(line: &str) -> String {
    normalise(&line.replace(SEPARATORS, ""))
}

/// Returns the name that the lines above a figure make together, and a space; empty without one.
fn broken_name(above: &[(Option<&Paragraph>, Look)], look: Look, names: RowNames<'_>) -> String {
    let mut name = String::new();
    for (paragraph, above_look) in above.iter().rev().take(MAX_PIECES) {
        let text = paragraph.map_or("", |paragraph| paragraph.text.as_str());
        if !matches!(look, Look::Figures | Look::State)
            || *above_look != Look::Prose
            || is_long(text)
        {
            break;
        }
        name.insert_str(0, text);
        if names.knows(&name) {
            return name + " ";
        }
    }
    String::new()
}

/// Whether a line has more characters than one of a table.
fn is_long(text: &str) -> bool {
    text.chars().nth(MAX_CHARS).is_some()
}

fn left(paragraph: &Paragraph, text: &str) -> Finding {
    let message = Message::new("row.stray").with("text", text);
    let finding = Finding::new(Severity::Warning, message, Place::at(paragraph.spot));
    finding.quoting(text)
}

/// Returns a name with a figure right behind it, where that is all that a line holds, or the end of
/// what the line above begins.
fn row_run_together(
    paragraph: &Paragraph,
    above: Option<&Paragraph>,
    names: RowNames<'_>,
) -> Option<String> {
    let text = paragraph.text.as_str();
    let name = text.trim_end_matches(|c: char| c.is_numeric() || ",.%".contains(c));
    if name.is_empty() || name.len() == text.len() || is_long(text) {
        return None;
    }
    if names.knows(name) {
        return Some(text.to_owned());
    }
    let above = above.filter(|above| !is_long(&above.text))?;
    let joined = [above.text.as_str(), name].concat();
    names.knows(&joined).then(|| [above.text.as_str(), text].concat())
}

fn look_of(text: &str, names: RowNames<'_>) -> Look {
    if is_long(text) {
        return Look::Prose;
    }
    let is_known = |text: &str| names.knows(text);
    let is_figure = |text: &&str| is_part_of_figure(text) || parse_cell(text).is_figure();
    let pieces: Vec<&str> = text.split(SEPARATORS).filter(|piece| !piece.is_empty()).collect();
    let n_figures = pieces.iter().filter(|piece| is_figure(piece)).count();
    let n_words = pieces.len() - n_figures;
    match (n_words, n_figures) {
        (0, 1..) => Look::Figures,
        (1.., 0) if is_known(&pieces.concat()) => Look::Department,
        (2.., 0) if is_name_and_word(&pieces, names) => Look::NameAndWord,
        (1.., 1..) => {
            let mut runs = pieces.split(is_figure).filter(|run| !run.is_empty());
            let has_department =
                runs.any(|run| run.iter().any(|word| is_known(word)) || is_known(&run.concat()));
            // A dash stands in the place of a figure; the number of a page stands between two.
            let stands_for_figure =
                |text: &&str| is_figure(text) || parse_cell(text).stands_for_figure();
            let ends = pieces.iter().rev().take_while(|piece| stands_for_figure(piece)).count();
            let ends_as_row = ends > 1 && ends < pieces.len();
            // 1 电话 5: a number, a name and a figure.
            let ends = [pieces.first(), pieces.last()];
            let is_numbered = n_words == 1 && ends.into_iter().flatten().all(is_figure);
            let words: String = pieces.iter().copied().filter(|piece| !is_figure(piece)).collect();
            let is_row = has_department || ends_as_row || is_numbered || is_known(&words);
            match pieces.last() {
                _ if is_row => Look::Row,
                Some(last) if is_figure(last) => Look::EndsInFigure,
                _ => Look::Prose,
            }
        }
        _ => Look::Prose,
    }
}

fn is_name_and_word(pieces: &[&str], names: RowNames<'_>) -> bool {
    let Some((word, name)) = pieces.split_last() else { return false };
    word.chars().count() <= MAX_WORD_CHARS && names.knows(&name.concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annex::departments::DepartmentIndex;
    use crate::annex::regions::RegionIndex;
    use crate::refdata::RefData;
    use crate::source::parse_document;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        check_with(text, &[], expected);
    }

    #[track_caller]
    fn check_with(text: &str, own: &[(String, String)], expected: &str) {
        let mut refdata = RefData::load(&[]).unwrap();
        let layouts = Layouts::load(own, &mut refdata).unwrap();
        let departments = DepartmentIndex::new(&refdata, "630000");
        let regions = RegionIndex::new(&refdata, "630000");
        let names = RowNames { departments: &departments, regions: &regions };
        let document = parse_document(text.as_bytes(), "a.txt").unwrap();
        let findings = leftovers(&document.blocks, names, &layouts);
        let found: Vec<String> = findings.into_iter().filter_map(|finding| finding.found).collect();
        assert_eq!(found.join("/"), expected);
    }

    #[test]
    fn lines_of_a_table_that_was_not_recognised_are_told() {
        check(
            "一句话\n省水利厅\n4.\n一句话\n青海省民政厅 5 6\n一句话\n3 | 省司法厅 | 7",
            "省水利厅/4./青海省民政厅 5 6/3 | 省司法厅 | 7",
        );
        check("一句话\n省司\n法厅1,234\n省民政厅5", "省司法厅1,234/省民政厅5");
        check("一句话\n省司\n法厅\n5", "省司法厅 5");
        check("部门 甲 乙某厅 5 6", "部门 甲 乙某厅 5 6");
        // A name that does not say what it is a part of is one of a table all the same.
        check("一句话\n5 省直辖行政单位 72% 9 部分接通", "5 省直辖行政单位 72% 9 部分接通");
        check("省 交 通 厅 5 总计 5\n电话 5 —", "省 交 通 厅 5 总计 5/电话 5 —");
        check("海晏县\n杂多县 99\n一句话", "海晏县/杂多县 99");
        check("省水利厅\n已接通\n省民政厅\n未接通\n省司法厅\n已接通", "省水利厅/省民政厅/省司法厅");
        check("一句话\n海南州 5 已接通\n一句话\n3 电话 7", "海南州 5 已接通/3 电话 7");
    }

    #[test]
    fn a_line_is_as_long_as_its_characters() {
        // 100 characters between, which take 300 bytes.
        let above = ["省", "水"].join(&"\u{3000}".repeat(100));
        check(&format!("一句话\n{above}利厅5"), &format!("{above}利厅5"));
        check(&format!("一句话\n{above}\n利厅5"), &format!("{above}利厅5"));
        check(&format!("一句话\n{above}\n利厅\n5"), &format!("{above}利厅 5"));
    }

    #[test]
    fn a_line_that_ends_in_a_figure_is_told_beside_rows() {
        check("单位 退回数据量(条)教育厅 58余\n残联 58", "单位 退回数据量(条)教育厅 58余/残联 58");
        check("一句话 58余\n一句话", "");
    }

    #[test]
    fn a_name_with_a_word_for_its_figure_is_told_beside_a_table() {
        check("部门 甲\n省水利厅 4\n省民政厅 5\n省司法厅 ≤6\n一句话", "省司法厅 ≤6");
        check("省司法厅 零\n部门 甲\n省水利厅 4\n省民政厅 5", "省司法厅 零");
        check("一句话\n省司法厅 负责\n一句话", "");
    }

    #[test]
    fn the_lines_of_a_table_of_a_layout_are_told() {
        let layout = "format = 1\nversion = 1\nsummary = \"a\"\nsummary_zh = \"a\"\n\
            [recognise]\ntitle = \"热线\"\n\
            [[columns]]\nlabel = \"渠道\"\nrole = \"breakdown\"\n\
            [[columns]]\nlabel = \"办结数\"\nindicator = \"cases_aggregated\"\n\
            [[columns]]\nlabel = \"评价数\"\nindicator = \"evaluations_aggregated\"\n";
        let own = [("hotline".to_owned(), layout.to_owned())];
        check_with(
            "热线情况表\n渠 道 办结数(件) 评价数\n电话 已接通 5\n备注：一句话\n一句话 5",
            &own,
            "渠 道 办结数(件) 评价数/电话 已接通 5",
        );
        check_with(
            "渠道\n1,234\n办结数\n评价数\n电话\n一句话。",
            &own,
            "渠道/1,234/办结数/评价数/电话",
        );
        check_with("渠道\n一句话\n另一句话", &own, "");
        check_with(
            "序号 渠道 办结数 评价数\n1 电话 已接通 5",
            &own,
            "序号 渠道 办结数 评价数/1 电话 已接通 5",
        );
        check_with("部门名称 |\n办结数 |\n某厅 |", &own, "部门名称 |/办结数 |/某厅 |");
    }

    #[test]
    fn prose_and_signatures_are_left_alone() {
        check(
            "青海省人民政府办公厅\n2021年11月24日\n— 3 —\n完成406个乡镇、4474个村\n1.省水利厅负责\n",
            "",
        );
    }
}
