//! Copies of documents that lost or gained text on their way: refused before a figure is read.
//!
//! Such copies circulate on pages that republish notices, and what they lost in their head they may
//! have lost in their figures. A sign that no author makes is enough; of those that may be a slip of
//! the author's, it takes two kinds.

use std::sync::LazyLock;

use regex::Regex;

use crate::annex::cells::is_part_of_figure;
use crate::annex::labels::ordinary_width;
use crate::model::Spot;
use crate::source::{Block, Paragraph};

/// A sign of damage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sign {
    /// Code of its words.
    pub(super) word: &'static str,
    /// The first place that shows it.
    pub(super) spot: Spot,
    /// What stands there.
    pub(super) found: String,
    /// Whether no author makes it: text was deleted, or is foreign.
    is_certain: bool,
}

/// A kind of signs that the texts of a document show one by one.
struct Kind {
    word: &'static str,
    pattern: Regex,
    /// In how many texts it has to stand to be no slip any more.
    n_certain: usize,
}

/// Kinds of signs that damage shows.
static KINDS: LazyLock<Vec<Kind>> = LazyLock::new(|| {
    let kind = |word, text: &str, n_certain| Kind { word, pattern: pattern(text), n_certain };
    vec![
        kind("damage.number", &format!(r"\p{{Han}}(?:{HALF_BRACKETS})"), 2),
        kind("damage.doubled", r"，，|、、|；；|。。|,,|：：", 3),
        kind("damage.question_mark", r"\p{Han}[?？]\p{Han}|[?？]\d|\p{Han}[?？]$", usize::MAX),
        kind("damage.replaced", r"\u{FFFD}", usize::MAX),
        kind("damage.replaced", r"锟斤拷|烫烫烫|鈥", 1),
        kind("damage.romanised", r"\p{Han}[a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü]{2,}", usize::MAX),
        kind("damage.romanised", r"\p{Han}[a-z]*[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ]", 2),
    ]
});

/// A document's number with one bracket only.
const HALF_BRACKETS: &str =
    r"〔(?:19|20)\d{3,}号|\[(?:19|20)\d{3,}号|(?:19|20)\d{2}[〕\]]\d{1,5}号";

/// A document's own number, alone on its line or behind its label, that lacks brackets or digits of
/// its year.
static OWN_NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    let damaged = format!(
        r"(?:{HALF_BRACKETS}|\((?:19|20)\d{{3,}}号|(?:19|20)\d{{2}}\)\d{{1,5}}号|[〔\[(](?:\d|\d{{3}}|\d{{5,}})[〕\])]\d{{1,5}}号)"
    );
    pattern(&format!(
        r"^\(?\p{{Han}}{{2,12}}{damaged}\)?$|(?:发文字号|文号):\p{{Han}}{{2,12}}{damaged}|^\(?\p{{Han}}{{1,11}}[函发办字电](?:19|20)\d{{3,}}号\)?$|(?:发文字号|文号):\p{{Han}}{{2,12}}(?:19|20)\d{{3,}}号"
    ))
});

/// Digits that may be a date without 年, 月 and 日: where a date is announced, or alone on a line.
static DATE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:日期|时间|期间):(?P<labelled>(?:19|20)\d{5})\)?$|截[至止](?P<until>(?:19|20)\d{5})(?:\D|$)|^(?P<alone>(?:19|20)\d{5})$",
    )
});

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is constant")
}

/// Characters that only traditional writing has, from words that every notice prints.
const TRADITIONAL: &str =
    "國務廳發號數據單條檔關於為從總標題應與機構後對錄區鄉鎮縣辦報統計時間項評價歸";

/// More traditional characters than this are no quotation: the text was converted, and back again it
/// is not the same.
const MAX_TRADITIONAL: usize = 8;

/// Rows of a grid that are looked at: a copy is damaged from its beginning on.
const MAX_ROWS: usize = 200;

/// Characters of a text that are quoted.
const MAX_QUOTED_CHARS: usize = 24;

/// Returns the kinds of signs that a document shows, each with its first place.
pub(super) fn signs_of_damage(blocks: &[Block]) -> Vec<Sign> {
    let texts: Vec<(&str, Spot)> = blocks.iter().flat_map(texts_of).collect();
    let mut signs: Vec<Sign> = own_number(blocks).into_iter().chain(date(blocks)).collect();
    signs.extend(KINDS.iter().filter_map(|kind| kind.sign_in(&texts)));
    let n_traditional = |text: &str| text.chars().filter(|c| TRADITIONAL.contains(*c)).count();
    if texts.iter().map(|(text, _)| n_traditional(text)).sum::<usize>() > MAX_TRADITIONAL {
        let first = texts.iter().find(|(text, _)| n_traditional(text) > 0);
        signs.extend(first.map(|(text, spot)| certain("damage.traditional", *spot, text)));
    }
    // Of one kind, the certain sign counts.
    signs.sort_by_key(|sign| (sign.word, !sign.is_certain, sign.spot));
    signs.dedup_by_key(|sign| sign.word);
    signs
}

/// Whether signs show that a document is damaged: one that no author makes, or two kinds.
pub(super) fn are_of_damage(signs: &[Sign]) -> bool {
    signs.len() > 1 || signs.iter().any(|sign| sign.is_certain)
}

impl Kind {
    fn sign_in(&self, texts: &[(&str, Spot)]) -> Option<Sign> {
        let mut showing = texts.iter().filter_map(|(text, spot)| {
            let found = self.pattern.find(text)?;
            Some(Sign {
                word: self.word,
                spot: *spot,
                found: quoted(&text[found.start()..]),
                is_certain: false,
            })
        });
        let first = showing.next()?;
        let is_certain = self.n_certain == 1 || showing.nth(self.n_certain - 2).is_some();
        Some(Sign { is_certain, ..first })
    }
}

fn certain(word: &'static str, spot: Spot, text: &str) -> Sign {
    Sign { word, spot, found: quoted(text), is_certain: true }
}

/// The beginning of a text.
fn quoted(text: &str) -> String {
    text.chars().take(MAX_QUOTED_CHARS).collect()
}

/// The text in ordinary width, without white space: heads are spaced out.
fn compact(text: &str) -> String {
    ordinary_width(text).chars().filter(|c| !c.is_whitespace()).collect()
}

fn own_number(blocks: &[Block]) -> Option<Sign> {
    blocks.iter().filter_map(paragraph_of).find_map(|paragraph| {
        let text = compact(&paragraph.text);
        let found = OWN_NUMBER.find(&text)?;
        Some(certain("damage.number", paragraph.spot, found.as_str()))
    })
}

/// Returns the first date that lost 年, 月 and 日. Digits alone on a line, with figures or a table
/// beside them, may be a figure.
fn date(blocks: &[Block]) -> Option<Sign> {
    blocks.iter().enumerate().find_map(|(at, block)| {
        let paragraph = paragraph_of(block)?;
        let text = compact(&paragraph.text);
        let found = DATE.captures(&text)?;
        let digits = ["labelled", "until", "alone"].iter().find_map(|name| found.name(name))?;
        let is_figure = |at: usize| match blocks.get(at) {
            Some(Block::Paragraph(beside)) => is_part_of_figure(&beside.text),
            Some(Block::Grid(_)) => true,
            None => false,
        };
        let has_figures = is_figure(at + 1) || at.checked_sub(1).is_some_and(is_figure);
        let may_be_figure = found.name("alone").is_some() && has_figures;
        (is_date(digits.as_str()) && !may_be_figure)
            .then(|| certain("damage.date", paragraph.spot, &text))
    })
}

/// Whether seven digits are the year, the month and the day of a date, the latter without a zero in
/// front.
fn is_date(digits: &str) -> bool {
    let part = |range: std::ops::Range<usize>| digits.get(range)?.parse::<u32>().ok();
    let is_in = |value: Option<u32>, first: u32, last: u32| {
        value.is_some_and(|value| (first..=last).contains(&value))
    };
    let short_month = is_in(part(4..5), 1, 9) && is_in(part(5..7), 10, 31);
    let long_month = is_in(part(4..6), 10, 12) && is_in(part(6..7), 1, 9);
    short_month || long_month
}

fn paragraph_of(block: &Block) -> Option<&Paragraph> {
    match block {
        Block::Paragraph(paragraph) => Some(paragraph),
        Block::Grid(_) => None,
    }
}

/// The texts of a block that are worth a look: paragraphs, and the cells that hold words.
fn texts_of(block: &Block) -> Vec<(&str, Spot)> {
    match block {
        Block::Paragraph(paragraph) => vec![(paragraph.text.as_str(), paragraph.spot)],
        Block::Grid(grid) => {
            let cells = grid.rows.iter().take(MAX_ROWS).flat_map(|row| &row.cells);
            let is_number = |text: &str| text.chars().all(|c| c.is_ascii_digit() || c == '.');
            cells
                .filter(|cell| !cell.text.is_empty() && !is_number(&cell.text))
                .map(|cell| (cell.text.as_str(), cell.spot))
                .collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::parse_document;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let signs = signs_of_damage(&parse_document(text.as_bytes(), "a.txt").unwrap().blocks);
        let shown: Vec<String> = signs
            .iter()
            .map(|sign| {
                let mark = if sign.is_certain { "!" } else { "" };
                format!("{}{mark} {}", sign.word.trim_start_matches("damage."), sign.found)
            })
            .collect();
        assert_eq!(shown.join("/"), expected, "{text}");
    }

    #[test]
    fn a_number_that_lacks_a_bracket_or_digits_is_certain_where_it_is_the_documents_own() {
        check("青政办函〔2021185号\n", "number! 青政办函〔2021185号");
        check("文 号：青政〔201827号\n", "number! 文号:青政〔201827号");
        check("(青政办函2021〕185号)\n", "number! (青政办函2021〕185号)");
        check("青政办函2021185号\n", "number! 青政办函2021185号");
        check("青政办函〔202〕185号\n", "number! 青政办函〔202〕185号");
        check("青政办函（2021185号\n", "number! 青政办函(2021185号");
        check("根据《通知》(青政办〔201968号)要求\n", "number 办〔201968号)要求");
        check(
            "根据《通知》(青政办〔201968号)要求\n以及青政〔201827号文件\n",
            "number! 办〔201968号)要求",
        );
    }

    #[test]
    fn numbers_of_other_things_are_whole() {
        for text in [
            "青政办函〔2021〕185号",
            "发文字号：青政办函(2021)185号",
            "根据《通知》(青政办〔2019〕68号)要求",
            "按照工程(2021001号标段)的进度",
            "省水利厅公告2021年第1号",
            "青公网安备20010202000123号",
            "青政办函〔2021〕号",
            "国办发[93]12号",
        ] {
            check(text, "");
        }
    }

    #[test]
    fn a_date_without_its_characters_is_certain_and_a_figure_is_none() {
        check("青海省人民政府办公厅\n2019719\n", "date! 2019719");
        check("成文日期：2019719\n", "date! 成文日期:2019719");
        check("(统计时间:2023331)\n", "date! (统计时间:2023331)");
        check("截至2019719，全省共办件5件\n", "date! 截至2019719,全省共办件5件");
        check("2012345\n", "");
        check("省水利厅\n12\n2019719\n", "");
        check("共办件2019719件\n成文日期：20190719\n统计时间：2021年1月1日\n", "");
    }

    #[test]
    fn slips_are_certain_only_where_they_are_many() {
        check("一，，二\n", "doubled ，，二");
        check("一，，二\n三、、四\n五。。六\n", "doubled! ，，二");
        check("怎么办？谁来办？由群众评价。\n", "question_mark 办？谁来办？由群众评价。");
        check("鈥滀竴\n", "replaced! 鈥滀竴");
        check("民政廳mín zhèng\n水利shuǐ\n", "romanised! 廳mín zhèng");
        check("微信app上\n", "romanised 信app上");
    }
}
