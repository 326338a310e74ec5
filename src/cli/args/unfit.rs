//! Values that an argument cannot take: told in the language of the reader, which the parser of the command
//! line does not know.

use std::error::Error;
use std::fmt;

use clap::error::{ContextKind, ContextValue};

use crate::diag::{Lang, Message};

/// Why an argument cannot take a value, as what it can take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unfit(Message);

impl Unfit {
    /// Says how values are written.
    pub(super) fn new(reason: Message) -> Self {
        Self(reason)
    }

    /// Says which words there are.
    pub(super) fn one_of<'w>(words: impl IntoIterator<Item = &'w str>) -> Self {
        Self(Message::new("usage.one_of").with_list("words", words))
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text(Lang::En))
    }
}

impl Error for Unfit {}

/// Returns what is said of a value that its argument cannot take; `None` where something else is wrong.
pub(in crate::cli) fn unfit_value(error: &clap::Error) -> Option<Message> {
    let text = |kind: ContextKind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let own = error.source().and_then(|source| source.downcast_ref::<Unfit>());
    let Unfit(reason) = match (own, error.get(ContextKind::ValidValue)) {
        (Some(own), _) => own.clone(),
        (None, Some(ContextValue::Strings(words))) if !words.is_empty() => {
            Unfit::one_of(words.iter().map(String::as_str))
        }
        _ => return None,
    };
    let message = Message::new("usage.value_unfit")
        .with("value", text(ContextKind::InvalidValue)?)
        .with("argument", text(ContextKind::InvalidArg)?);
    Some(message.with_sentence("reason", &reason.text(Lang::Zh), &reason.text(Lang::En)))
}
