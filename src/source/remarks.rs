//! Remarks on a document while it is read: each kind is named so many times, and counted from there on.

use crate::model::Spot;
use crate::source::{Remark, RemarkKind};

/// Remarks of one kind that are named.
const MAX_NAMED: usize = 20;
/// Characters of a text that was left out, in a remark.
const MAX_SHOWN_CHARS: usize = 40;

/// Adds a remark; where enough of its kind are named, the last of them counts it.
pub(super) fn remark(
    remarks: &mut Vec<Remark>,
    kind: RemarkKind,
    what: String,
    spot: Option<Spot>,
) {
    match remarks.iter_mut().filter(|known| known.kind == kind).nth(MAX_NAMED - 1) {
        Some(last) => last.n_more += 1,
        None => remarks.push(Remark::new(kind, what, spot)),
    }
}

/// Adds a remark on text that was left out because it is set apart from what it stands at: it is
/// raised, lowered or struck through.
///
/// The mark of a footnote would become a digit of the figure before it. Blank text is nothing.
pub(super) fn remark_apart(
    remarks: &mut Vec<Remark>,
    kind: RemarkKind,
    text: &str,
    spot: Option<Spot>,
) {
    let text = text.trim();
    if !text.is_empty() {
        remark(remarks, kind, text.chars().take(MAX_SHOWN_CHARS).collect(), spot);
    }
}

/// Adds a remark about a document as a whole, with the first place that gave rise to it.
pub(super) fn remark_once(remarks: &mut Vec<Remark>, kind: RemarkKind, spot: Option<Spot>) {
    if remarks.iter().all(|known| known.kind != kind) {
        remarks.push(Remark::new(kind, "", spot));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_twenty_first_of_a_kind_is_counted() {
        let mut remarks = Vec::new();
        for number in 1..=23 {
            let spot = Some(Spot::line(number));
            remark_apart(&mut remarks, RemarkKind::Struck, &number.to_string(), spot);
            remark_apart(&mut remarks, RemarkKind::Struck, " ", spot);
        }
        remark_apart(&mut remarks, RemarkKind::Raised, &"长".repeat(41), None);
        remark_once(&mut remarks, RemarkKind::Macros, None);
        remark_once(&mut remarks, RemarkKind::Macros, None);
        let counts: Vec<usize> = remarks.iter().map(|remark| remark.n_more).collect();
        assert_eq!(counts, [&[0; 19][..], &[3, 0, 0]].concat());
        assert_eq!(remarks[19].what, "20");
        assert_eq!(remarks[20].what, "长".repeat(40));
    }
}
