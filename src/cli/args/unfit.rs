//! Arguments that are wrong, and values that they cannot take: told in the language of the reader, which the
//! parser of the command line does not know.

use std::error::Error;
use std::fmt;
use std::num::ParseIntError;

use clap::error::{ContextKind, ContextValue, ErrorKind};

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

/// Returns what is said of arguments that are wrong, where it can be said in two languages; `None` for the
/// rest, which the parser words itself: what a help shows, and what it has no name for.
pub(in crate::cli) fn misuse(error: &clap::Error) -> Option<Message> {
    let named = |code: &'static str, near: &'static str, wanted: ContextKind, like: ContextKind| {
        let similar = texts(error, like);
        let message = Message::new(if similar.is_empty() { code } else { near });
        let message = message.with("name", texts(error, wanted).first()?);
        Some(if similar.is_empty() { message } else { message.with_list("near", similar) })
    };
    match error.kind() {
        ErrorKind::UnknownArgument => named(
            "usage.argument_unknown",
            "usage.argument_unknown_near",
            ContextKind::InvalidArg,
            ContextKind::SuggestedArg,
        ),
        ErrorKind::InvalidSubcommand => named(
            "usage.command_unknown",
            "usage.command_unknown_near",
            ContextKind::InvalidSubcommand,
            ContextKind::SuggestedSubcommand,
        ),
        ErrorKind::MissingRequiredArgument => {
            let missing = texts(error, ContextKind::InvalidArg);
            Some(Message::new("usage.arguments_missing").with_list("names", missing))
        }
        ErrorKind::ArgumentConflict => {
            let name = texts(error, ContextKind::InvalidArg).first().copied()?;
            let others: Vec<&str> = texts(error, ContextKind::PriorArg);
            Some(if others.iter().all(|other| *other == name) {
                Message::new("usage.argument_repeated").with("name", name)
            } else {
                Message::new("usage.arguments_conflict")
                    .with("name", name)
                    .with_list("others", others)
            })
        }
        _ => unfit_value(error),
    }
}

/// Returns what an error says of one kind, as texts; none where it says nothing.
fn texts(error: &clap::Error, kind: ContextKind) -> Vec<&str> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text],
        Some(ContextValue::Strings(texts)) => texts.iter().map(String::as_str).collect(),
        _ => Vec::new(),
    }
}

/// Returns what is said of a value that its argument cannot take; `None` where something else is wrong.
fn unfit_value(error: &clap::Error) -> Option<Message> {
    let value = texts(error, ContextKind::InvalidValue).first().copied()?;
    let argument = texts(error, ContextKind::InvalidArg).first().copied()?;
    if value.is_empty() {
        return Some(Message::new("usage.value_missing").with("argument", argument));
    }
    let words = texts(error, ContextKind::ValidValue);
    let Unfit(reason) = match error.source() {
        Some(source) => source.downcast_ref().cloned().or_else(|| unfit_number(source, value))?,
        None if !words.is_empty() => Unfit::one_of(words),
        None => return None,
    };
    let message = Message::new("usage.value_unfit").with("value", value).with("argument", argument);
    Some(message.with_sentence("reason", &reason.text(Lang::Zh), &reason.text(Lang::En)))
}

/// Returns why a number is none, or not one of those that its argument takes.
fn unfit_number(source: &(dyn Error + 'static), value: &str) -> Option<Unfit> {
    if source.is::<ParseIntError>() {
        return Some(Unfit::new(Message::new("usage.whole_number")));
    }
    // The parser has no type for this.
    let text = source.to_string();
    let range = text.strip_prefix(value)?.strip_prefix(" is not in ")?;
    Some(Unfit::new(Message::new("usage.range").with("range", range)))
}
