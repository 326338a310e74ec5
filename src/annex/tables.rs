//! Grids with what stands around them: title, period line, unit line above, notes below.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::annex::caption_words::{hides_time, is_headline};
use crate::annex::note_words::measure_of_note;
use crate::annex::notice::is_head_line;
use crate::annex::pages::is_page_mark;
use crate::annex::segments::Segments;
use crate::annex::time_words::{
    Stated, TimeSpan, is_of_another_thing, mentions_time, stated_time, time_words, until_single_day,
};
use crate::annex::units::{caption_unit, unit_around};
use crate::source::{Block, Grid, Paragraph};

/// A grid and the paragraphs that belong to it.
#[derive(Debug, Clone)]
pub(super) struct AnnexTable<'a> {
    /// Title; empty where there is none.
    pub(super) title: String,
    /// What the title says about time, or the name of the sheet where nothing on it tells one.
    pub(super) title_time: Stated,
    /// The line above the grid that says which time the figures are about, and what it says.
    caption: Option<(Paragraph, Stated)>,
    /// Further lines above the grid that say something about time.
    pub(super) other_times: Vec<Paragraph>,
    /// Unit printed with the table, as 万条.
    pub(super) unit: Option<String>,
    /// All short paragraphs right above the grid.
    pub(super) captions: Vec<&'a str>,
    /// Those of them that belong to the table and are neither its title nor all unit or all time, as
    /// （西宁市）.
    pub(super) subtitles: Vec<&'a str>,
    /// The cells.
    pub(super) grid: &'a Grid,
    /// The notes below, one per item, numbers removed.
    pub(super) notes: Vec<Paragraph>,
}

impl AnnexTable<'_> {
    /// Returns what the line above the grid says about time.
    pub(super) fn caption_time(&self) -> Stated {
        self.caption.as_ref().map_or(Stated::Nothing, |(_, stated)| *stated)
    }

    /// Returns the line above the grid that says something about time.
    pub(super) fn caption_text(&self) -> Option<&str> {
        self.caption.as_ref().map(|(paragraph, _)| paragraph.text.as_str())
    }

    /// Returns the lines above the grid, its title included, that tell a part of a time, as 1-9月, or speak of
    /// one that was not understood.
    pub(super) fn times_seen(&self) -> TimesSeen<'_> {
        let title = Some(self.title.as_str()).filter(|title| !self.captions.contains(title));
        let mut seen = TimesSeen::default();
        for line in self.captions.iter().copied().chain(title) {
            match caption_time(line) {
                Stated::Time(span) if span.is_year => {}
                Stated::Time(_) => seen.in_part.push(line),
                Stated::Nothing if mentions_time(line) => seen.not_understood.push(line),
                Stated::Nothing | Stated::Relative(_) | Stated::Unclear => {}
            }
        }
        seen
    }

    /// Returns the line above the grid, where it states another time than the title does.
    pub(super) fn caption_that_differs(&self) -> Option<&Paragraph> {
        let (paragraph, stated) = self.caption.as_ref()?;
        let (caption, title) = (stated.span()?, self.title_time.span()?);
        let differs = if title.is_year {
            caption.year().is_some_and(|year| Some(year) != title.year())
        } else {
            caption.in_year(title.year()) != title
        };
        differs.then_some(paragraph)
    }
}

/// What the lines above a grid say about time.
#[derive(Debug, Default)]
pub(super) struct TimesSeen<'t> {
    /// Those that tell a time, if not all of it.
    pub(super) in_part: Vec<&'t str>,
    /// Those that speak of a time which is not the one of the figures, or not understood.
    pub(super) not_understood: Vec<&'t str>,
}

static ANNEX_MARK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^附(?:件|表)\s*[\d一二三四五六七八九十]*\s*[:：]?$").expect("constant")
});
static NOTE_START: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s*(?:备\s*注|注|(?:填\s*表\s*)?说\s*明)\s*[:：]\s*").expect("constant")
});
static NOTE_ITEM: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[\((（]?\d{1,2}[\)）.．、]").expect("constant"));

/// Longer paragraphs above a grid are prose, not captions.
const MAX_CAPTION_CHARS: usize = 80;
/// More paragraphs than this above a grid are not searched for captions.
const MAX_CAPTIONS: usize = 4;

/// Returns every grid with what belongs to it, in order.
pub(super) fn find_tables(segments: &Segments) -> Vec<AnnexTable<'_>> {
    let blocks = &segments.blocks;
    let mut tables: Vec<AnnexTable<'_>> = Vec::new();
    let mut above: Vec<&Paragraph> = Vec::new();
    let mut before = Before::default();
    let mut first_page = 0;
    let mut idx = 0;
    while idx < blocks.len() {
        match &blocks[idx] {
            Block::Paragraph(paragraph) => {
                // What stands on another sheet belongs to nothing here.
                if paragraph.spot.sheet() != before.sheet {
                    above.clear();
                    before = Before { sheet: paragraph.spot.sheet(), cut_from: None };
                }
                // Where a page ends within a table, its number stands between the parts.
                if tables.is_empty() || !is_page_mark(&paragraph.text) {
                    above.push(paragraph);
                }
            }
            Block::Grid(grid) => {
                let sheet = sheet_of(grid);
                let cut_from = segments.cut_from.get(idx).copied();
                if sheet != before.sheet {
                    above.clear();
                }
                let (notes, n_taken) = notes_below(&blocks[idx + 1..], sheet);
                let table = framed(grid, &above, notes);
                let is_section = before.cut_from.is_some()
                    && before.cut_from == cut_from
                    && !above.iter().any(|paragraph| begins_table(&paragraph.text));
                let follows = above.is_empty() && before.sheet == sheet;
                let goes_on = tables.last().is_some_and(|last| continues(last, &table));
                let last = tables.last().filter(|_| is_section || follows || goes_on);
                let table = under(last, table);
                let repeats =
                    follows && tables.last().is_some_and(|last| has_labels_of(last, &table));
                first_page = if goes_on || repeats { first_page } else { tables.len() };
                // What stands below the last page holds for those before it; those behind one with a
                // unit have it from there.
                if table.unit.is_some() {
                    let pages = tables[first_page..].iter_mut().rev();
                    pages
                        .take_while(|page| page.unit.is_none())
                        .for_each(|page| page.unit.clone_from(&table.unit));
                }
                tables.push(table);
                before = Before { sheet, cut_from };
                above.clear();
                idx += n_taken;
            }
        }
        idx += 1;
    }
    tables
}

fn sheet_of(grid: &Grid) -> Option<usize> {
    grid.rows.first().and_then(|row| row.spot.sheet())
}

/// Returns the notes of a grid, and how many of the blocks behind it begin as notes do.
fn notes_below(blocks: &[Block], sheet: Option<usize>) -> (Vec<Paragraph>, usize) {
    let below = blocks.iter().map_while(|block| match block {
        Block::Paragraph(paragraph) if paragraph.spot.sheet() == sheet => Some(paragraph),
        Block::Paragraph(_) | Block::Grid(_) => None,
    });
    let (mut notes, n_taken) = take_notes(below.clone());
    // Above another table lines that begin otherwise are that one's.
    let next = blocks.get(below.clone().count());
    let is_above_grid = matches!(next, Some(Block::Grid(next)) if sheet_of(next) == sheet);
    notes.extend(below.skip(n_taken).map_while(loose_note).filter(|_| !is_above_grid));
    (notes, n_taken)
}

/// Whether a line is the heading of a table of its own, and not of a section.
fn begins_table(text: &str) -> bool {
    ANNEX_MARK.is_match(text) || text.ends_with(['表', '况', '计'])
}

/// Where the table before stood.
#[derive(Default)]
struct Before {
    sheet: Option<usize>,
    /// Number of the grid that it was cut from.
    cut_from: Option<usize>,
}

fn framed<'a>(grid: &'a Grid, above: &[&'a Paragraph], notes: Vec<Paragraph>) -> AnnexTable<'a> {
    let captions = captions(above);
    let texts: Vec<&str> = captions.iter().map(|caption| caption.text.as_str()).collect();
    let is_title = |caption: &&str| !is_unit_line(caption) && !is_time_line(caption);
    // Below the mark of an annex its title comes first; without one, the nearest caption is it.
    let has_mark = has_mark(above);
    let chosen = |is_title: &dyn Fn(&&str) -> bool| {
        let mut titles = texts.iter().copied().filter(is_title);
        if has_mark { titles.next() } else { titles.next_back() }
    };
    // A line that is made as titles are is one before any other.
    let headline = chosen(&|line| is_title(line) && is_headline(line));
    let title = headline.or_else(|| chosen(&is_title));
    // Without the mark of an annex what stands above the title may belong to something else.
    let title_at = title.and_then(|title| texts.iter().rposition(|text| *text == title));
    let below_title = if has_mark { 0 } else { title_at.map_or(0, |at| at + 1) };
    let is_subtitle = |caption: &&str| is_title(caption) && Some(*caption) != title;
    let subtitles = texts[below_title..].iter().copied().filter(is_subtitle).collect();
    let title = title.map(str::to_owned).or_else(|| grid.name.clone()).unwrap_or_default();
    // A unit that is not understood is kept: its columns are refused rather than read unscaled.
    let unit = unit_around(
        &title,
        texts.iter().copied(),
        notes.iter().map(|note| note.text.as_str()),
        &figure_labels(grid),
    );
    let title_time = line_time(&title);
    let others = captions.iter().rev().copied().filter(|caption| caption.text != title);
    let (caption, other_times) = timed_lines(others, title_time);
    // What the sheet is called tells the time where nothing on it does.
    let is_untold = title_time == Stated::Nothing && caption.is_none();
    let of_sheet = grid.name.as_deref().filter(|_| is_untold).map(line_time);
    let title_time = match of_sheet {
        Some(stated @ Stated::Time(_)) => stated,
        _ => title_time,
    };
    AnnexTable {
        title,
        title_time,
        caption,
        other_times,
        unit,
        captions: texts,
        subtitles,
        grid,
        notes,
    }
}

/// Returns the labels of a grid behind its first column, running numbers left out.
fn figure_labels(grid: &Grid) -> Vec<&str> {
    let labels = grid.rows.first().into_iter().flat_map(|row| &row.cells);
    let labels = labels.map(|cell| cell.text.as_str());
    labels.filter(|label| !label.is_empty() && *label != "序号").skip(1).collect()
}

/// Finds the line that says which time the figures are about: one that tells the whole of it behind
/// 统计时间 or such a label, else one that says nothing else, else the nearest. Also returns the other lines that speak of a time.
fn timed_lines<'a>(
    nearest_first: impl Iterator<Item = &'a Paragraph>,
    title_time: Stated,
) -> (Option<(Paragraph, Stated)>, Vec<Paragraph>) {
    let mut timed: Vec<(&Paragraph, Stated)> = nearest_first
        .map(|line| (line, caption_time(&line.text)))
        .filter(|(_, stated)| match stated {
            Stated::Nothing => false,
            // 与上年同期相比 below a title with the time adds nothing to it.
            Stated::Relative(_) => title_time.span().is_none(),
            Stated::Time(_) | Stated::Unclear => true,
        })
        .collect();
    let is_of_figures =
        |line: &Paragraph| !is_of_another_thing(&line.text) && !hides_time(&line.text);
    let tells_period = |line: &Paragraph, stated: &Stated| {
        let is_whole = stated.span().is_some_and(TimeSpan::is_complete);
        behind_time_label(&line.text).is_some() && is_whole
    };
    let chosen = timed
        .iter()
        .position(|(line, stated)| tells_period(line, stated) && is_of_figures(line))
        .or_else(|| {
            timed.iter().position(|(line, _)| is_time_line(&line.text) && is_of_figures(line))
        })
        .or_else(|| timed.iter().position(|(line, _)| is_of_figures(line)))
        // The time of something else makes that of the figures doubtful where nothing else tells it.
        .or_else(|| (!timed.is_empty() && title_time.span().is_none()).then_some(0));
    let caption = chosen.map(|idx| timed.remove(idx));
    let caption = caption.map(|(line, stated)| (line.clone(), stated));
    (caption, timed.into_iter().map(|(line, _)| line.clone()).collect())
}

/// What a title or another line says about the time of the figures below it.
fn line_time(text: &str) -> Stated {
    match stated_time(text) {
        Stated::Time(_) if is_of_another_thing(text) || hides_time(text) => Stated::Unclear,
        stated => stated,
    }
}

/// What a caption says about time. One that names the time of counting may name a single day.
fn caption_time(caption: &str) -> Stated {
    let stated = line_time(caption);
    match (stated, behind_time_label(caption)) {
        (Stated::Nothing, Some(day)) => until_single_day(day),
        (Stated::Relative(_), Some(_)) => Stated::Unclear,
        _ => stated,
    }
}

/// Returns what stands behind 统计时间 and the like.
fn behind_time_label(caption: &str) -> Option<&str> {
    let text = caption.trim_start_matches(['(', '（']).trim_end_matches([')', '）']);
    let labels =
        ["统计时间", "统计期间", "统计周期", "统计期", "数据时间", "统计时点", "时间", "期间"];
    let behind = labels.iter().find_map(|label| text.strip_prefix(label))?;
    Some(behind.trim_start_matches([':', '：', ' ', '为']))
}

/// A table right below another one, or cut from the same grid, stands under the same heading: what
/// it does not print itself holds for it too.
fn under<'a>(before: Option<&AnnexTable<'a>>, table: AnnexTable<'a>) -> AnnexTable<'a> {
    let Some(before) = before else { return table };
    let has_title = !table.title.is_empty();
    AnnexTable {
        unit: table.unit.or_else(|| before.unit.clone()),
        caption: table.caption.or_else(|| before.caption.clone()),
        title_time: match table.title_time {
            Stated::Nothing => before.title_time,
            stated => stated,
        },
        title: if has_title { table.title } else { before.title.clone() },
        ..table
    }
}

/// Whether a table goes on with another one, as 续表 or （续） above its repeated header say.
fn continues(before: &AnnexTable<'_>, table: &AnnexTable<'_>) -> bool {
    let says_so =
        |text: &&str| text.contains("续表") || text.contains("（续") || text.contains("(续");
    let is_told = table.captions.iter().chain([&table.title.as_str()]).any(says_so);
    is_told && has_labels_of(before, table)
}

/// Whether two tables have the same labels, in any order: each is read by its own header.
fn has_labels_of(before: &AnnexTable<'_>, table: &AnnexTable<'_>) -> bool {
    let labels = |grid: &Grid| -> BTreeSet<String> {
        let header = grid.rows.first().into_iter().flat_map(|row| &row.cells);
        header.map(|cell| cell.text.to_string()).collect()
    };
    labels(before.grid) == labels(table.grid)
}

/// Whether a caption says nothing but a time.
fn is_time_line(caption: &str) -> bool {
    if behind_time_label(caption).is_some() {
        return true;
    }
    let words = time_words(caption);
    words.stated != Stated::Nothing && words.rest.trim_matches(PUNCTUATION).is_empty()
}

/// Whether a caption says nothing but a unit.
fn is_unit_line(caption: &str) -> bool {
    caption_unit(caption).is_some()
        && (caption.trim_start_matches(PUNCTUATION).starts_with("单")
            || caption.chars().count() <= MAX_UNIT_LINE_CHARS)
}

/// Longer captions with a unit say more than that.
const MAX_UNIT_LINE_CHARS: usize = 16;

/// Marks around and between the parts of a caption.
const PUNCTUATION: &[char] =
    &['(', ')', '（', '）', ':', '：', ',', '，', ';', '；', ' ', '\u{3000}', '、'];

/// Whether the mark of an annex stands near above a grid.
fn has_mark(above: &[&Paragraph]) -> bool {
    let mut near = above.iter().rev().take(MAX_CAPTIONS + 1);
    near.any(|paragraph| ANNEX_MARK.is_match(&paragraph.text))
}

/// Returns the short paragraphs right above a grid, down from the mark of the annex if there is one.
fn captions<'a>(above: &[&'a Paragraph]) -> Vec<&'a Paragraph> {
    // Below the mark of an annex no line is of the document's head.
    let has_mark = has_mark(above);
    let is_of_head = |paragraph: &&Paragraph| is_head_line(&paragraph.text);
    let near = above.iter().rev().take(MAX_CAPTIONS).copied();
    let mut captions: Vec<&Paragraph> = near
        .take_while(|paragraph| !ANNEX_MARK.is_match(&paragraph.text))
        .take_while(|paragraph| {
            paragraph.text.chars().count() <= MAX_CAPTION_CHARS
                && !paragraph.text.ends_with('。')
                && (has_mark || !is_of_head(paragraph))
        })
        .filter(|paragraph| !is_of_head(paragraph))
        .collect();
    captions.reverse();
    captions
}

/// Whether a line is the mark of an annex, 附件2.
pub(super) fn is_annex_mark(text: &str) -> bool {
    ANNEX_MARK.is_match(text)
}

/// Whether a line or the first cell of a row begins a note.
pub(super) fn begins_note(text: &str) -> bool {
    NOTE_START.is_match(text)
}

/// Takes the notes off the paragraphs below a grid; also returns how many paragraphs they were.
///
/// Notes begin with 备注, 注, 说明 or 填表说明 and go on while paragraphs are numbered.
fn take_notes<'a>(below: impl Iterator<Item = &'a Paragraph>) -> (Vec<Paragraph>, usize) {
    let mut notes = Vec::new();
    let mut n_taken = 0;
    for paragraph in below {
        let start = NOTE_START.find(&paragraph.text);
        if start.is_none() && (n_taken == 0 || !NOTE_ITEM.is_match(&paragraph.text)) {
            break;
        }
        let text = &paragraph.text[start.map_or(0, |found| found.end())..];
        let items = split_items(text);
        notes.extend(items.into_iter().map(|text| Paragraph { text, spot: paragraph.spot }));
        n_taken += 1;
    }
    (notes, n_taken)
}

/// Returns a line below a table that is no note by its beginning and tells a time, a unit or what the
/// figures are as one does.
fn loose_note(paragraph: &Paragraph) -> Option<Paragraph> {
    let text = paragraph.text.trim_start_matches(['*', '※']);
    let is_short = text.chars().count() <= MAX_CAPTION_CHARS && !is_head_line(text);
    let tells_time = tells_time_of_figures(text) && stated_time(text) != Stated::Nothing;
    let says_what = tells_time_of_row(text) || measure_of_note(text).is_some();
    let is_note = is_short && (tells_time || says_what || caption_unit(text).is_some());
    is_note.then(|| Paragraph { text: text.to_owned(), spot: paragraph.spot })
}

/// Words by which a line tells when figures were counted, or of when they are.
const TIME_WORDS: [&str; 10] =
    ["统计时间", "统计期", "统计时点", "截至", "截止", "数据", "本表", "表内", "表中", "以上"];

/// Whether a line speaks of the time of figures.
pub(super) fn tells_time_of_figures(text: &str) -> bool {
    TIME_WORDS.iter().any(|label| text.contains(label))
}

static TIME_OF_ROW: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"^\p{Han}{2,20}[厅局办委院会部团行州市县区](?:的?(?:数据|数字|数量|办件|评价)+)?(?:均|都|统计)?(?:[为是系至到]|截[至止])",
    )
    .expect("the pattern is constant")
});

/// Whether a line says of something that is called as a row may be that it is of another time, as
/// 省水利厅为2021年1-6月.
pub(super) fn tells_time_of_row(text: &str) -> bool {
    TIME_OF_ROW.is_match(text) && stated_time(text) != Stated::Nothing
}

/// Splits `1.…。2.…。` at its running numbers. A decimal is no running number.
fn split_items(text: &str) -> Vec<String> {
    let mut starts = Vec::new();
    let mut from = 0;
    for number in 1.. {
        let Some((at, after)) = find_item(text, from, number) else { break };
        starts.push((at, after));
        from = after;
    }
    if starts.is_empty() {
        let item = NOTE_ITEM.find(text).map_or(0, |found| found.end());
        return vec![text[item..].trim().to_owned()];
    }
    let before = text[..starts[0].0].trim();
    let mut items: Vec<String> = Vec::new();
    items.extend((!before.is_empty()).then(|| before.to_owned()));
    for (idx, (_, after)) in starts.iter().enumerate() {
        let end = starts.get(idx + 1).map_or(text.len(), |(at, _)| *at);
        items.push(text[*after..end].trim().to_owned());
    }
    items
}

/// Finds the running number of an item at the beginning of a sentence, from a byte position on.
fn find_item(text: &str, from: usize, number: usize) -> Option<(usize, usize)> {
    let digits = number.to_string();
    text[from..].match_indices(&digits).find_map(|(offset, _)| {
        let at = from + offset;
        let after = at + digits.len();
        let starts_sentence =
            text[..at].trim_end().chars().last().is_none_or(|c| "。；;:：.!".contains(c));
        let mark = text[after..].chars().next().filter(|c| ".．、".contains(*c))?;
        let after = after + mark.len_utf8();
        let is_decimal = text[after..].starts_with(|c: char| c.is_ascii_digit());
        (starts_sentence && !is_decimal).then_some((at, after))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::parse_document;

    const GRID: &str = "序号\t部门\t甲\n1\t省水利厅\t4\n2\t合计\t4\n";

    #[track_caller]
    fn check(before: &str, after: &str, expected: &str) {
        let text = format!("{before}\n{GRID}{after}");
        let document = parse_document(text.as_bytes(), "a.txt").unwrap();
        let cut_from = (0..document.blocks.len()).collect();
        let segments = Segments { blocks: document.blocks, cut_from };
        let table = &find_tables(&segments)[0];
        let span = table.caption_time().span().or(table.title_time.span());
        let period = span.and_then(|span| span.resolve(None, None));
        let period = period.map(|found| found.period.to_string()).unwrap_or_default();
        let notes: Vec<&str> = table.notes.iter().map(|note| note.text.as_str()).collect();
        let unit = table.unit.clone().unwrap_or_default();
        assert_eq!(format!("{}|{period}|{unit}|{}", table.title, notes.join("/")), expected);
    }

    #[test]
    fn title_period_and_unit_stand_above() {
        check(
            "附件2\n汇聚情况表\n(统计时间:2021年1月1日—9月30日)",
            "",
            "汇聚情况表|2021-01-01..2021-09-30||",
        );
        check(
            "附件\n2023年1-3月办件情况\n单位：万件",
            "",
            "2023年1-3月办件情况|2023-01-01..2023-03-31|万件|",
        );
        check("前面是一段话。\n汇聚情况表", "", "汇聚情况表|||");
        check(
            "附件2\n汇聚情况表\n（统计时间：2022年1月1日—6月30日）\n（数据截至2022年7月5日）",
            "",
            "汇聚情况表|2022-01-01..2022-06-30||",
        );
        check("青海省人民政府办公厅\n热线情况表\n单位：件", "", "热线情况表||件|");
    }

    #[test]
    fn a_sheet_is_of_the_time_that_it_is_called_by_where_nothing_on_it_tells_one() {
        let period = |title: &str, name: &str| {
            let mut document =
                parse_document(format!("{title}\n{GRID}").as_bytes(), "a.txt").unwrap();
            for block in &mut document.blocks {
                if let Block::Grid(grid) = block {
                    grid.name = Some(name.to_owned());
                }
            }
            let cut_from = (0..document.blocks.len()).collect();
            let segments = Segments { blocks: document.blocks, cut_from };
            let table = &find_tables(&segments)[0];
            let span = table.caption_time().span().or(table.title_time.span());
            let period = span.and_then(|span| span.resolve(None, None));
            period.map(|found| found.period.to_string()).unwrap_or_default()
        };
        assert_eq!(period("汇聚情况表", "2022年1月"), "2022-01-01..2022-01-31");
        assert_eq!(period("汇聚情况表", "2022年1月底稿"), "");
        assert_eq!(period("汇聚情况表", "Sheet1"), "");
        assert_eq!(period("汇聚情况表\n（2021年3月）", "2022年1月"), "2021-03-01..2021-03-31");
        assert_eq!(period("2021年3月汇聚情况表", "2022年1月"), "2021-03-01..2021-03-31");
    }

    #[test]
    fn lines_below_the_last_table_tell_its_unit_and_time_without_a_mark_too() {
        check("表", "*数据单位：万条\n", "表||万条|数据单位：万条");
        check("表", "以上为2020年数据\n省水利厅\n", "表|||以上为2020年数据");
        check("表", "附件2\n别的表\n单位：万条\n", "表|||");
        check("表", "单位：万条\n甲表\n部门\t乙\n省水利厅\t4\n省民政厅\t5\n", "表|||");
    }

    #[test]
    fn a_page_that_ends_within_a_table_changes_neither_time_nor_unit() {
        for mark in ["第2页 共3页", "— 2 —", "续表", "汇聚情况表（续）"] {
            let text = format!(
                "汇聚情况表\n（2021年1-6月）\n部门\t甲\t乙\n省水利厅\t4\t5\n省民政厅\t6\t7\n{mark}\n\
                 部门\t乙\t甲\n省司法厅\t4\t5\n省教育厅\t6\t7\n注：单位：万条。\n"
            );
            let document = parse_document(text.as_bytes(), "a.txt").unwrap();
            let cut_from = (0..document.blocks.len()).collect();
            let segments = Segments { blocks: document.blocks, cut_from };
            let tables = find_tables(&segments);
            assert_eq!(tables.len(), 2, "{mark}");
            for table in tables {
                let period = table.caption_time().span().and_then(|span| span.resolve(None, None));
                let period = period.map(|found| found.period.to_string());
                assert_eq!(period.as_deref(), Some("2021-01-01..2021-06-30"), "{mark}");
                assert_eq!(table.unit.as_deref(), Some("万条"), "{mark}");
            }
        }
    }

    #[test]
    fn the_unit_below_the_last_page_is_that_of_its_pages_and_of_no_other_table() {
        let page = |labels: &str| format!("部门\t{labels}\n省水利厅\t4\t5\n省民政厅\t6\t7\n");
        let parts = |units: [&str; 3]| {
            let [first, second, third] = units;
            let mark = "续表\n";
            format!(
                "别的情况表\n{}汇聚情况表\n{}{first}{mark}{}{second}{mark}{}{third}",
                page("丙\t乙"),
                page("甲\t乙"),
                page("乙\t甲"),
                page("甲\t乙"),
            )
        };
        let units = |text: String| {
            let document = parse_document(text.as_bytes(), "a.txt").unwrap();
            let cut_from = (0..document.blocks.len()).collect();
            let segments = Segments { blocks: document.blocks, cut_from };
            let tables = find_tables(&segments).into_iter();
            tables.map(|table| table.unit.unwrap_or_default()).collect::<Vec<_>>().join("|")
        };
        assert_eq!(units(parts(["", "", "注：单位：万条。\n"])), "|万条|万条|万条");
        assert_eq!(units(parts(["", "注：单位：万条。\n", ""])), "|万条|万条|万条");
        assert_eq!(units(parts(["注：单位：件。\n", "", "注：单位：万条。\n"])), "|件|件|万条");
    }

    #[test]
    fn a_single_day_is_the_end_of_a_time_only_where_it_is_all() {
        let caption = |text: &str| match caption_time(text) {
            Stated::Time(span) => span.resolve(None, None).unwrap().period.to_string(),
            other => format!("{other:?}"),
        };
        let first_nine = "2021-01-01..2021-09-30";
        assert_eq!(caption("统计时间：2021年9月30日"), first_nine);
        assert_eq!(caption("（统计时间：2021-09-30 24:00）"), first_nine);
        assert_eq!(caption("统计时间：2021-01-01 00:00:00至2021-09-30 23:59:59"), first_nine);
        assert_eq!(caption("统计时间：2021年1月1日零时至9月30日24时"), first_nine);
        assert_eq!(caption("统计时间：2021年1月1日（含）至9月30日（含）"), first_nine);
        assert_eq!(caption("统计时间：2021年1月1日开始，到办结"), "Unclear");
        assert_eq!(caption("统计时间：本月"), "Unclear");
        assert_eq!(caption("填报日期：2021年9月30日"), "Nothing");
    }

    #[test]
    fn lines_of_the_head_are_no_captions() {
        check("索引号：015/2021-1\n成文日期：2021-11", "", "|||");
        check("成文日期：2021年11月\n汇聚情况表", "", "汇聚情况表|||");
    }

    #[test]
    fn notes_come_apart_at_their_numbers() {
        check(
            "表",
            "备注:1.不含3.5版。2.全部退回，共2.1万条。\n附件2\n",
            "表|||不含3.5版。/全部退回，共2.1万条。",
        );
        check("表", "填表说明：全部退回。\n2.另一句。\n", "表|||全部退回。/另一句。");
        check("表", "注：一句话。\n2.另一句。\n别的段落\n", "表|||一句话。/另一句。");
    }
}
