//! What an element of a page does to the text that stands in it.

use scraper::{ElementRef, Node};

use crate::source::container::limit;
use crate::source::html::styles::Styles;
use crate::source::limits::MAX_DEPTH;
use crate::source::{RemarkKind, SourceError};

/// Elements whose content is no text of the article. Forms are not among them: whole pages stand in
/// one; their controls are.
const LEFT_OUT: [&str; 16] = [
    "script", "style", "noscript", "head", "nav", "header", "footer", "select", "option", "button",
    "iframe", "object", "svg", "textarea", "template", "input",
];

/// Elements that stand in a line of text. All others divide it.
const INLINE: [&str; 30] = [
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "dfn", "em", "font",
    "i", "ins", "kbd", "label", "mark", "nobr", "q", "samp", "small", "span", "strong", "time",
    "tt", "u", "var", "wbr", "basefont",
];

/// Elements deeper than these are chrome at best; browsers stop near 512 too.
const MAX_PAGE_DEPTH: usize = MAX_DEPTH * 2;

/// Text that is set apart from what it stands at, and how.
pub(super) type Apart = (RemarkKind, String);

/// Whether an element holds no text of the article.
pub(super) fn is_left_out(element: ElementRef<'_>) -> bool {
    LEFT_OUT.contains(&element.value().name())
}

/// Whether an element stands in a line of text, so that what it holds goes on from what is before it.
///
/// Marks that Word leaves in pages, as `o:p` and `st1:chsdate`, are unknown to browsers and do.
pub(super) fn is_inline(element: ElementRef<'_>, styles: &Styles) -> bool {
    let name = element.value().name();
    (INLINE.contains(&name) || name.contains(':')) && !styles.effect(element).is_block
}

/// Whether an element is not shown.
pub(super) fn is_hidden(element: ElementRef<'_>, styles: &Styles) -> bool {
    element.attr("hidden").is_some() || styles.effect(element).is_hidden
}

/// Returns what stands in an element, without scripts and controls.
pub(super) fn text_of(element: ElementRef<'_>) -> String {
    let is_shown = |around: ElementRef<'_>| !is_left_out(around);
    let texts = element.descendants().filter_map(|node| {
        let text = node.value().as_text()?;
        let parent = node.parent().and_then(ElementRef::wrap);
        parent.is_none_or(is_shown).then_some(&**text)
    });
    texts.collect()
}

/// Refuses an element that stands too deep.
pub(super) fn check_depth(depth: usize, file_name: &str) -> Result<(), SourceError> {
    if depth > MAX_PAGE_DEPTH {
        return Err(limit(file_name, "nested_elements", MAX_PAGE_DEPTH as u64));
    }
    Ok(())
}

/// Why the text of an element is left out where it is not shown or set apart; `None` where it is read.
pub(super) fn left_out_as(element: ElementRef<'_>, styles: &Styles) -> Option<RemarkKind> {
    if is_hidden(element, styles) {
        return Some(RemarkKind::TextHidden);
    }
    apart(element, styles)
}

/// How all that stands in an element is set apart, by itself or by what is around it.
pub(super) fn apart_within(element: ElementRef<'_>, styles: &Styles) -> Option<RemarkKind> {
    let around = element.ancestors().filter_map(ElementRef::wrap);
    std::iter::once(element).chain(around).find_map(|element| apart(element, styles))
}

/// How the text of an element is set apart from what it stands at; `None` where it is not.
pub(super) fn apart(element: ElementRef<'_>, styles: &Styles) -> Option<RemarkKind> {
    match element.value().name() {
        "sup" | "sub" => return Some(RemarkKind::Raised),
        "s" | "strike" | "del" => return Some(RemarkKind::Struck),
        _ => {}
    }
    let effect = styles.effect(element);
    if effect.is_raised || (effect.is_shifted && is_inline(element, styles)) {
        return Some(RemarkKind::Raised);
    }
    effect.is_struck.then_some(RemarkKind::Struck)
}

/// The text of a cell while it is read.
#[derive(Default)]
pub(super) struct CellText {
    /// The text; its line breaks are those of the page, and more of them where something divides it.
    pub(super) text: String,
    /// What is set apart from it and was left out.
    pub(super) apart: Vec<Apart>,
}

impl CellText {
    /// Reads the text of a cell, without scripts and hidden parts; `around` says how that of its row is
    /// set apart.
    ///
    /// Whatever divides a line of text does so in a cell too: two figures must not become one.
    pub(super) fn of(
        cell: ElementRef<'_>,
        around: Option<RemarkKind>,
        styles: &Styles,
        file_name: &str,
    ) -> Result<Self, SourceError> {
        let mut read = Self::default();
        match apart(cell, styles).or(around) {
            Some(kind) => read.apart.push((kind, text_of(cell))),
            None => read.add(cell, 0, styles, file_name)?,
        }
        Ok(read)
    }

    fn add(
        &mut self,
        element: ElementRef<'_>,
        depth: usize,
        styles: &Styles,
        file_name: &str,
    ) -> Result<(), SourceError> {
        check_depth(depth, file_name)?;
        for child in element.children() {
            if let Node::Text(text) = child.value() {
                self.text.push_str(text);
                continue;
            }
            let Some(child) = ElementRef::wrap(child) else { continue };
            let divides = !is_inline(child, styles);
            if let Some(kind) = left_out_as(child, styles) {
                self.apart.push((kind, text_of(child)));
                continue;
            }
            if divides {
                self.text.push('\n');
            }
            if !is_left_out(child) {
                self.add(child, depth + 1, styles, file_name)?;
            }
            if divides {
                self.text.push('\n');
            }
        }
        Ok(())
    }
}
