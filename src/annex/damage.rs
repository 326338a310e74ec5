//! Copies of documents that lost or gained text on their way: refused before a figure is read.
//!
//! Such copies circulate on pages that republish notices. One sign alone may be a slip of the
//! author's; two kinds of signs show that the text cannot be trusted.

use std::sync::LazyLock;

use regex::Regex;

use crate::model::Spot;
use crate::source::Block;

/// A sign of damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Sign {
    /// Code of its words.
    pub(super) word: &'static str,
    /// The first place that shows it.
    pub(super) spot: Spot,
}

/// Kinds of signs that damage shows, as words and patterns.
static SIGNS: LazyLock<Vec<(&'static str, Regex)>> = LazyLock::new(|| {
    let pattern = |text: &str| Regex::new(text).expect("the pattern is constant");
    vec![
        ("damage.bracket", pattern(r"\p{Han}[〔\[(（](?:19|20)\d{3,}号")),
        ("damage.date", pattern(r"(?:^|日期[:：]\s*)(?:19|20)\d{5}$")),
        ("damage.doubled", pattern(r"，，|、、|；；|。。|,,|：：")),
        ("damage.question_mark", pattern(r"\p{Han}[?？]\p{Han}|[?？]\d|\p{Han}[?？]$")),
        ("damage.replaced", pattern(r"\u{FFFD}|锟斤拷|烫烫烫|鈥")),
        ("damage.romanised", pattern(r"\p{Han}[a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü]{2,}")),
    ]
});

/// Characters that only traditional writing has, from words that every notice prints.
const TRADITIONAL: &str =
    "國務廳發號數據單條檔關於為從總標題應與機構後對錄區鄉鎮縣辦報統計時間項評價歸";

/// More traditional characters than this are no quotation.
const MAX_TRADITIONAL: usize = 8;

/// Rows of a grid that are looked at: a copy is damaged from its beginning on.
const MAX_ROWS: usize = 200;

/// Returns the kinds of signs that a document shows, each with its first place.
pub(super) fn signs_of_damage(blocks: &[Block]) -> Vec<Sign> {
    let texts: Vec<(&str, Spot)> = blocks.iter().flat_map(texts_of).collect();
    let mut signs: Vec<Sign> = SIGNS
        .iter()
        .filter_map(|(word, pattern)| {
            let (_, spot) = texts.iter().find(|(text, _)| pattern.is_match(text))?;
            Some(Sign { word, spot: *spot })
        })
        .collect();
    let is_traditional = |text: &str| text.chars().filter(|c| TRADITIONAL.contains(*c)).count();
    let n_traditional: usize = texts.iter().map(|(text, _)| is_traditional(text)).sum();
    if n_traditional > MAX_TRADITIONAL {
        let first = texts.iter().find(|(text, _)| is_traditional(text) > 0);
        signs.extend(first.map(|(_, spot)| Sign { word: "damage.traditional", spot: *spot }));
    }
    signs
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
