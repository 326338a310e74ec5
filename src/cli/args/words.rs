//! Words and values as they are typed.

use chrono::NaiveDate;

use crate::cli::args::records::ReturnedBy;
use crate::diag::{Lang, Severity};
use crate::engine::EngineKind;
use crate::model::{Departments, Origin, Release};
use crate::output::{Format, ListFormat};
use crate::source::Encoding;
use crate::synth::{Packing, SynthFormat, Trap};

/// Words of a closed list, as clap wants a parser for them.
pub(super) fn parse_word<T: Copy>(
    text: &str,
    all: &[T],
    word: impl Fn(T) -> &'static str,
) -> Result<T, String> {
    let found = all.iter().copied().find(|value| word(*value) == text);
    found.ok_or_else(|| {
        let words: Vec<&str> = all.iter().map(|value| word(*value)).collect();
        format!("one of {}", words.join(", "))
    })
}

pub(super) fn parse_lang(text: &str) -> Result<Lang, String> {
    parse_word(text, Lang::ALL, Lang::as_str)
}

pub(super) fn parse_severity(text: &str) -> Result<Severity, String> {
    parse_word(text, Severity::ALL, Severity::as_str)
}

pub(super) fn parse_origin(text: &str) -> Result<Origin, String> {
    parse_word(text, Origin::ALL, Origin::as_str)
}

pub(super) fn parse_release(text: &str) -> Result<Release, String> {
    parse_word(text, Release::ALL, Release::as_str)
}

pub(super) fn parse_departments(text: &str) -> Result<Departments, String> {
    parse_word(text, Departments::ALL, Departments::as_str)
}

pub(super) fn parse_engine(text: &str) -> Result<EngineKind, String> {
    parse_word(text, EngineKind::ALL, EngineKind::as_str)
}

pub(super) fn parse_returned_by(text: &str) -> Result<ReturnedBy, String> {
    parse_word(text, &ReturnedBy::ALL, ReturnedBy::as_str)
}

pub(super) fn parse_list_format(text: &str) -> Result<ListFormat, String> {
    parse_word(text, ListFormat::ALL, ListFormat::as_str)
}

pub(super) fn parse_format(text: &str) -> Result<Format, String> {
    parse_word(text, Format::ALL, Format::as_str)
}

pub(super) fn parse_synth_format(text: &str) -> Result<SynthFormat, String> {
    parse_word(text, SynthFormat::ALL, SynthFormat::as_str)
}

pub(super) fn parse_packing(text: &str) -> Result<Packing, String> {
    parse_word(text, Packing::ALL, Packing::as_str)
}

pub(super) fn parse_trap(text: &str) -> Result<Trap, String> {
    parse_word(text, Trap::ALL, Trap::as_str)
}

pub(super) fn parse_encoding(text: &str) -> Result<Encoding, String> {
    let written = |encoding| match encoding {
        Encoding::Utf8 => "utf-8",
        Encoding::Gb18030 => "gb18030",
        Encoding::Utf16Le => "utf-16",
        Encoding::Utf16Be => "utf-16be",
    };
    parse_word(text, Encoding::ALL, written)
}

pub(super) fn parse_share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "a share is a number from 0 to 1".to_owned())
}

pub(super) fn parse_scale(text: &str) -> Result<f64, String> {
    let scale = text.parse().ok().filter(|scale| (0.000_001..=100.0).contains(scale));
    scale.ok_or_else(|| "a number from 0.000001 to 100".to_owned())
}

pub(super) fn parse_day(text: &str) -> Result<NaiveDate, String> {
    text.parse().map_err(|_| "a day is written as 2021-09-30".to_owned())
}

pub(super) fn parse_pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("written as NAME=VALUE".to_owned()),
    }
}
