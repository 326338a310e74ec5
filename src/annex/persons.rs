//! Numbers of persons in a document, masked before anything of it is read.
//!
//! Notes, remarks and labels are kept with the figures. A figure is left as it is printed: one that looks
//! like a phone is told when it is read.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use crate::annex::cells::parse_cell;
use crate::diag::masked_persons;
use crate::source::{Block, Paragraph};

/// A count of as many digits as a phone number has, with what is counted.
static COUNT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[0-9０-９]{11}(?:[余多]|[万亿千]?[条件项次元份户宗封])").expect("constant")
});

/// Masks the numbers of persons in all texts of a document.
pub(super) fn mask_persons(blocks: &mut [Block]) {
    for block in blocks {
        match block {
            Block::Paragraph(paragraph) => mask_paragraph(paragraph),
            Block::Grid(grid) => {
                grid.strays.iter_mut().for_each(mask_paragraph);
                for cell in grid.rows.iter_mut().flat_map(|row| &mut row.cells) {
                    if let Some(text) = masked(&cell.text) {
                        cell.text = text.into();
                    }
                }
            }
        }
    }
}

/// Returns a label or remark without the number of a person that is all of it: as a figure it was left.
pub(super) fn masked_label(label: &str) -> Cow<'_, str> {
    if parse_cell(label).is_figure() { masked_persons(label) } else { Cow::Borrowed(label) }
}

fn mask_paragraph(paragraph: &mut Paragraph) {
    if let Some(text) = masked(&paragraph.text) {
        paragraph.text = text;
    }
}

/// Returns a text without its numbers of persons; `None` where it has none, or is a figure.
fn masked(text: &str) -> Option<String> {
    let whole = masked_persons(text);
    if whole == text || parse_cell(text).is_figure() {
        return None;
    }
    let mut masked = String::with_capacity(text.len());
    let mut from = 0;
    for count in COUNT.find_iter(text) {
        masked.push_str(&masked_persons(&text[from..count.start()]));
        masked.push_str(count.as_str());
        from = count.end();
    }
    masked.push_str(&masked_persons(&text[from..]));
    Some(masked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_persons_go_and_figures_stay() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(masked(text).as_deref(), expected, "{text}");
        };
        check("联系人李四13800000000", Some("联系人李四138****0000"));
        check("13800000000x", Some("********000X"));
        check("630100 1900 0101 0011", Some("**************0011"));
        check("累计13800000000条，电话13800000000", Some("累计13800000000条，电话138****0000"));
        check("13800000000", None);
        check("13,800,000,000", None);
        check("省公安厅", None);
    }
}
