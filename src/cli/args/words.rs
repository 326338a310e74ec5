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

/// The first day of a year, half, quarter, month or day.
pub(super) fn parse_first_day(text: &str) -> Result<NaiveDate, Unfit> {
    days_of(text).map(|(first, _)| first)
}

/// The last day of a year, half, quarter, month or day.
pub(super) fn parse_last_day(text: &str) -> Result<NaiveDate, Unfit> {
    days_of(text).map(|(_, last)| last)
}

fn days_of(text: &str) -> Result<(NaiveDate, NaiveDate), Unfit> {
    span_of(&with_hyphens(text)).ok_or_else(|| unfit("usage.time"))
}

/// Returns a time that is written in Chinese, 2021年8月, or in digits alone, 202108, as 2021-8 or 2021-08.
fn with_hyphens(text: &str) -> String {
    let text = text.trim().replace(['年', '月'], "-").replace('日', "");
    let text = text.trim_end_matches('-');
    let is_of_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    match (is_of_digits, text.len()) {
        (true, 6) => format!("{}-{}", &text[..4], &text[4..]),
        (true, 8) => format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]),
        _ => text.to_owned(),
    }
}

/// Returns the first and the last day of a time as 2021, 2021-H1, 2021-Q3, 2021-09 or 2021-09-30.
fn span_of(text: &str) -> Option<(NaiveDate, NaiveDate)> {
    let parts: Vec<&str> = text.split('-').collect();
    let year = parts.first()?.parse().ok().filter(|year| (1900..=2999).contains(year))?;
    let months = |first: u32, n_months: u32| {
        let start = NaiveDate::from_ymd_opt(year, first, 1)?;
        Some((start, start.checked_add_months(Months::new(n_months))?.pred_opt()?))
    };
    let of_length = |number: &str, n_months: u32| {
        let number: u32 = number.parse().ok().filter(|number| *number > 0)?;
        months((number - 1).checked_mul(n_months)?.checked_add(1)?, n_months)
    };
    match parts.as_slice() {
        [_] => months(1, 12),
        [_, part] => match part.split_at_checked(1) {
            Some(("H" | "h", number)) => of_length(number, 6),
            Some(("Q" | "q", number)) => of_length(number, 3),
            _ => months(part.parse().ok()?, 1),
        },
        [_, month, day] => {
            let day = NaiveDate::from_ymd_opt(year, month.parse().ok()?, day.parse().ok()?)?;
            Some((day, day))
        }
        _ => None,
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_understood_as_answers_and_people_write_it() {
        for (text, days) in [
            ("2021", Some("2021-01-01 2021-12-31")),
            ("2021年", Some("2021-01-01 2021-12-31")),
            ("2020-H1", Some("2020-01-01 2020-06-30")),
            ("2020-H2", Some("2020-07-01 2020-12-31")),
            ("2020-Q3", Some("2020-07-01 2020-09-30")),
            ("2020-q1", Some("2020-01-01 2020-03-31")),
            ("2020-02", Some("2020-02-01 2020-02-29")),
            ("2021年8月", Some("2021-08-01 2021-08-31")),
            ("202108", Some("2021-08-01 2021-08-31")),
            ("2021-08-31", Some("2021-08-31 2021-08-31")),
            ("2021年8月31日", Some("2021-08-31 2021-08-31")),
            ("20210831", Some("2021-08-31 2021-08-31")),
            ("2020-Q5", None),
            ("2020-Q0", None),
            ("2020-H3", None),
            ("2021-13", None),
            ("2021-02-30", None),
            ("21-08", None),
            ("8月", None),
            ("", None),
        ] {
            let found = days_of(text).ok().map(|(first, last)| format!("{first} {last}"));
            assert_eq!(found.as_deref(), days, "{text}");
        }
    }
}
