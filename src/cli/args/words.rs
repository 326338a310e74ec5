//! Words and values as they are typed.

use chrono::{Months, NaiveDate};

use crate::cli::args::records::ReturnedBy;
use crate::cli::args::unfit::Unfit;
use crate::diag::{Lang, Message, Severity};
use crate::engine::EngineKind;
use crate::export::{ExportFormat, Headers, Shape};
use crate::model::{Departments, Origin, Release, ShownOrigin};
use crate::output::{Format, ListFormat};
use crate::report::ReportFormat;
use crate::source::Encoding;
use crate::synth::{Packing, SynthFormat, Trap};
use crate::trend::{Frequency, TrendTable};

/// Words of a closed list, as clap wants a parser for them.
pub(super) fn parse_word<T: Copy>(
    text: &str,
    all: &[T],
    word: impl Fn(T) -> &'static str,
) -> Result<T, Unfit> {
    let found = all.iter().copied().find(|value| word(*value) == text);
    found.ok_or_else(|| Unfit::one_of(all.iter().map(|value| word(*value))))
}

fn unfit(code: &'static str) -> Unfit {
    Unfit::new(Message::new(code))
}

pub(super) fn parse_lang(text: &str) -> Result<Lang, Unfit> {
    parse_word(text, Lang::ALL, Lang::as_str)
}

pub(super) fn parse_severity(text: &str) -> Result<Severity, Unfit> {
    parse_word(text, Severity::ALL, Severity::as_str)
}

pub(super) fn parse_origin(text: &str) -> Result<Origin, Unfit> {
    parse_word(text, Origin::ALL, Origin::as_str)
}

/// Whose stated figures; those counted from records are no statement.
pub(super) fn parse_shown_origin(text: &str) -> Result<ShownOrigin, Unfit> {
    let stated = [ShownOrigin::Published, ShownOrigin::Reported, ShownOrigin::Platform];
    parse_word(text, &stated, ShownOrigin::as_str)
}

pub(super) fn parse_release(text: &str) -> Result<Release, Unfit> {
    parse_word(text, Release::ALL, Release::as_str)
}

pub(super) fn parse_departments(text: &str) -> Result<Departments, Unfit> {
    parse_word(text, Departments::ALL, Departments::as_str)
}

pub(super) fn parse_engine(text: &str) -> Result<EngineKind, Unfit> {
    parse_word(text, EngineKind::ALL, EngineKind::as_str)
}

pub(super) fn parse_returned_by(text: &str) -> Result<ReturnedBy, Unfit> {
    parse_word(text, &ReturnedBy::ALL, ReturnedBy::as_str)
}

pub(super) fn parse_list_format(text: &str) -> Result<ListFormat, Unfit> {
    parse_word(text, ListFormat::ALL, ListFormat::as_str)
}

pub(super) fn parse_format(text: &str) -> Result<Format, Unfit> {
    parse_word(text, Format::ALL, Format::as_str)
}

pub(super) fn parse_report_format(text: &str) -> Result<ReportFormat, Unfit> {
    parse_word(text, ReportFormat::ALL, ReportFormat::as_str)
}

pub(super) fn parse_export_format(text: &str) -> Result<ExportFormat, Unfit> {
    parse_word(text, ExportFormat::ALL, ExportFormat::as_str)
}

pub(super) fn parse_headers(text: &str) -> Result<Headers, Unfit> {
    parse_word(text, Headers::ALL, Headers::as_str)
}

pub(super) fn parse_shape(text: &str) -> Result<Shape, Unfit> {
    parse_word(text, Shape::ALL, Shape::as_str)
}

pub(super) fn parse_synth_format(text: &str) -> Result<SynthFormat, Unfit> {
    parse_word(text, SynthFormat::ALL, SynthFormat::as_str)
}

pub(super) fn parse_packing(text: &str) -> Result<Packing, Unfit> {
    parse_word(text, Packing::ALL, Packing::as_str)
}

pub(super) fn parse_trap(text: &str) -> Result<Trap, Unfit> {
    parse_word(text, Trap::ALL, Trap::as_str)
}

pub(super) fn parse_encoding(text: &str) -> Result<Encoding, Unfit> {
    let written = |encoding| match encoding {
        Encoding::Utf8 => "utf-8",
        Encoding::Gb18030 => "gb18030",
        Encoding::Utf16Le => "utf-16",
        Encoding::Utf16Be => "utf-16be",
    };
    parse_word(text, Encoding::ALL, written)
}

pub(super) fn parse_share(text: &str) -> Result<f64, Unfit> {
    let share = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| unfit("usage.share"))
}

pub(super) fn parse_scale(text: &str) -> Result<f64, Unfit> {
    let scale = text.parse().ok().filter(|scale| (0.000_001..=100.0).contains(scale));
    scale.ok_or_else(|| unfit("usage.scale"))
}

pub(super) fn parse_day(text: &str) -> Result<NaiveDate, Unfit> {
    text.parse().map_err(|_| unfit("usage.day"))
}

/// The first day of a year, month or day.
pub(super) fn parse_first_day(text: &str) -> Result<NaiveDate, Unfit> {
    days_of(text).map(|(first, _)| first)
}

/// The last day of a year, month or day.
pub(super) fn parse_last_day(text: &str) -> Result<NaiveDate, Unfit> {
    days_of(text).map(|(_, last)| last)
}

fn days_of(text: &str) -> Result<(NaiveDate, NaiveDate), Unfit> {
    let last_before = |day: Option<NaiveDate>| day.and_then(|day| day.pred_opt());
    let numbers: Option<Vec<u32>> = text.split('-').map(|part| part.parse().ok()).collect();
    let year = |year: u32| i32::try_from(year).ok().filter(|year| (1900..=2999).contains(year));
    let days = match numbers.as_deref() {
        Some([of_year]) => year(*of_year).and_then(|year| {
            let last = last_before(NaiveDate::from_ymd_opt(year + 1, 1, 1))?;
            Some((NaiveDate::from_ymd_opt(year, 1, 1)?, last))
        }),
        Some([of_year, month]) => year(*of_year).and_then(|year| {
            let first = NaiveDate::from_ymd_opt(year, *month, 1)?;
            Some((first, last_before(first.checked_add_months(Months::new(1)))?))
        }),
        _ => text.parse().ok().map(|day: NaiveDate| (day, day)),
    };
    days.ok_or_else(|| unfit("usage.time"))
}

pub(super) fn parse_frequency(text: &str) -> Result<Frequency, Unfit> {
    parse_word(text, Frequency::ALL, Frequency::as_str)
}

pub(super) fn parse_trend_table(text: &str) -> Result<TrendTable, Unfit> {
    parse_word(text, TrendTable::ALL, TrendTable::as_str)
}

/// Whose figures a trend shows, those counted from records among them.
pub(super) fn parse_trend_origin(text: &str) -> Result<ShownOrigin, Unfit> {
    parse_word(text, ShownOrigin::ALL, ShownOrigin::as_str)
}

pub(super) fn parse_pair(text: &str) -> Result<(String, String), Unfit> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(unfit("usage.pair")),
    }
}
