//! How styles set text apart from what it stands at, with what they take over from the styles they build
//! on.

use std::collections::BTreeMap;

use crate::source::RemarkKind;

/// Styles that build on each other, at most; no program makes as many.
const MAX_CHAIN: usize = 256;

/// How text is set apart from what it stands at, as far as properties say so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct TextLook {
    /// Whether it is raised or lowered.
    pub(super) raised: Option<bool>,
    /// Whether it is struck through.
    pub(super) struck: Option<bool>,
    /// Whether it does not show.
    pub(super) hidden: Option<bool>,
}

impl TextLook {
    /// Returns these properties and, where they say nothing, those below them.
    pub(super) fn over(self, below: Self) -> Self {
        Self {
            raised: self.raised.or(below.raised),
            struck: self.struck.or(below.struck),
            hidden: self.hidden.or(below.hidden),
        }
    }

    /// Returns these properties and others of the same text or style: each of them can set it apart, as one
    /// line through the text and two of them are properties of their own.
    pub(super) fn with(self, other: Self) -> Self {
        let either = |one: Option<bool>, other: Option<bool>| match (one, other) {
            (Some(one), Some(other)) => Some(one || other),
            _ => one.or(other),
        };
        Self {
            raised: either(self.raised, other.raised),
            struck: either(self.struck, other.struck),
            hidden: either(self.hidden, other.hidden),
        }
    }

    /// Returns how text is set apart; `None` where it is not.
    pub(super) fn apart(self) -> Option<RemarkKind> {
        let kinds = [
            (self.hidden, RemarkKind::TextHidden),
            (self.raised, RemarkKind::Raised),
            (self.struck, RemarkKind::Struck),
        ];
        kinds.into_iter().find(|(is_on, _)| *is_on == Some(true)).map(|(_, kind)| kind)
    }
}

/// Styles of one family.
#[derive(Debug, Default)]
pub(super) struct Styles {
    by_name: BTreeMap<String, Style>,
    /// What holds where no style says otherwise.
    default: TextLook,
    /// The style of what names none.
    default_name: Option<String>,
}

#[derive(Debug)]
struct Style {
    parent: Option<String>,
    look: TextLook,
}

impl Styles {
    /// Adds a style that says nothing yet; of several with the same name the last counts.
    pub(super) fn add(&mut self, name: String, parent: Option<String>) {
        self.by_name.insert(name, Style { parent, look: TextLook::default() });
    }

    /// Lets a style take over what another one says.
    pub(super) fn set_parent(&mut self, name: &str, parent: String) {
        if let Some(style) = self.by_name.get_mut(name) {
            style.parent = Some(parent);
        }
    }

    /// Adds properties to a style; without a name, to what holds where no style says otherwise.
    pub(super) fn set(&mut self, name: Option<&str>, look: TextLook) {
        match name.map(|name| self.by_name.get_mut(name)) {
            Some(Some(style)) => style.look = style.look.with(look),
            Some(None) => {}
            None => self.default = self.default.with(look),
        }
    }

    /// Makes a style that of what names none.
    pub(super) fn set_default_name(&mut self, name: &str) {
        self.default_name = Some(name.to_owned());
    }

    /// Returns how a style sets text apart, with what it takes over.
    pub(super) fn look(&self, name: Option<&str>) -> TextLook {
        let mut look = TextLook::default();
        let mut next = name.or(self.default_name.as_deref());
        for _ in 0..MAX_CHAIN {
            let Some(style) = next.and_then(|name| self.by_name.get(name)) else { break };
            look = look.over(style.look);
            next = style.parent.as_deref();
        }
        look.over(self.default)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_take_over_what_they_do_not_say() {
        let raised = |raised| TextLook { raised: Some(raised), ..TextLook::default() };
        let struck = TextLook { struck: Some(true), ..TextLook::default() };
        let mut styles = Styles::default();
        for (name, parent) in
            [("a", None), ("b", Some("a")), ("c", Some("b")), ("round", Some("round"))]
        {
            styles.add(name.to_owned(), parent.map(str::to_owned));
        }
        styles.set(Some("a"), raised(true));
        styles.set(Some("c"), raised(false));
        styles.set(Some("other"), raised(true));
        let apart = |styles: &Styles, name| styles.look(name).apart();
        assert_eq!(apart(&styles, Some("b")), Some(RemarkKind::Raised));
        for name in [Some("c"), Some("round"), Some("other"), None] {
            assert_eq!(apart(&styles, name), None, "{name:?}");
        }
        styles.set_default_name("b");
        assert_eq!(apart(&styles, None), Some(RemarkKind::Raised));
        styles.set(None, struck);
        assert_eq!(apart(&styles, Some("c")), Some(RemarkKind::Struck));
    }
}
