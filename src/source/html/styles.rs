//! What the style sheets of a page and the attributes of its elements make of text.

use std::collections::BTreeMap;
use std::ptr;

use scraper::node::Element;
use scraper::{ElementRef, Html, Selector};

use crate::source::SourceError;
use crate::source::container::limit;
use crate::source::html::declarations::Effect;
use crate::source::html::rules::{is_for_screen, last_compound, parse};

/// Selectors of rules that make something of text, at most.
const MAX_SELECTORS: usize = 1_000;
/// Characters of a selector, at most.
const MAX_SELECTOR_CHARS: usize = 1_000;

/// States that no element is in while nobody touches it.
const STATES: [&str; 3] = [":hover", ":active", ":focus"];

/// What the style sheets of a page make of the text of its elements, by where these are in memory.
pub(super) struct Styles(BTreeMap<*const Element, Effect>);

impl Styles {
    /// Reads the style sheets that stand in a page.
    ///
    /// Which rule counts where several are for one element is not looked at: text that one of them sets
    /// apart is set apart. Sheets in other files are not followed.
    pub(super) fn of(page: &Html, file_name: &str) -> Result<Self, SourceError> {
        let mut effects: BTreeMap<*const Element, Effect> = BTreeMap::new();
        let mut n_selectors = 0;
        let sheets = page.root_element().descendent_elements();
        for sheet in sheets.filter(|element| element.value().name() == "style") {
            if sheet.attr("media").is_some_and(|media| !is_for_screen(media)) {
                continue;
            }
            let css: String = sheet.text().collect();
            for rule in parse(&css, file_name)? {
                for selector in rule.selectors.iter().filter_map(|text| selector_of(text)) {
                    n_selectors += 1;
                    if n_selectors > MAX_SELECTORS {
                        return Err(limit(file_name, "selectors", MAX_SELECTORS as u64));
                    }
                    for element in page.select(&selector) {
                        let effect = effects.entry(ptr::from_ref(element.value())).or_default();
                        *effect = *effect | rule.effect;
                    }
                }
            }
        }
        Ok(Self(effects))
    }

    /// Returns what styles make of the text of an element.
    pub(super) fn effect(&self, element: ElementRef<'_>) -> Effect {
        let own = element.attr("style").map_or_else(Effect::default, Effect::of);
        own | self.0.get(&ptr::from_ref(element.value())).copied().unwrap_or_default()
    }
}

/// Returns what a selector selects, or more than that where not all of it is understood; `None` where it
/// selects no text of an element as it stands.
fn selector_of(text: &str) -> Option<Selector> {
    let is_state = STATES.iter().any(|state| text.contains(state)) && !text.contains(":not(");
    let is_beside = [":before", ":after"].iter().any(|end| text.ends_with(end));
    let is_pseudo_element = text.contains("::") && !text.contains("::first-");
    if is_state || is_beside || is_pseudo_element {
        return None;
    }
    let is_understood = !text.contains('&') && text.len() <= MAX_SELECTOR_CHARS;
    let exact = is_understood.then(|| Selector::parse(text).ok()).flatten();
    exact.or_else(|| match last_compound(text).as_str() {
        "" => Selector::parse("*").ok(),
        compound if compound.len() > MAX_SELECTOR_CHARS => Selector::parse("*").ok(),
        compound => Selector::parse(compound).ok(),
    })
}
