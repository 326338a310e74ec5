//! Number formats that show another number than the stored one: by commas that divide by a thousand,
//! or by a decimal point that is only a character, as in `0!.0,"万"`.

use crate::source::plain_number::plain;

/// How a format shows a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::source) struct Scaling {
    /// The power of ten by which the number that shows is smaller.
    exponent: u8,
    /// Decimals that show.
    n_decimals: u8,
    /// What is known of the text around it.
    around: Around,
}

/// What stands around a scaled number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Around {
    /// Nothing: what the number is counted in stands elsewhere, if anywhere.
    Nothing,
    /// The word for the power of ten by which it is scaled: the stored number is meant.
    Word(char),
    /// Something else, or sections that scale differently.
    Other,
}

/// Words for powers of ten, as cells have them.
const WORDS: [(char, usize); 3] = [('千', 3), ('万', 4), ('亿', 8)];

/// Characters by which the text around a number makes another one of it: 15万, 约15, <15.
const CHANGES: &str = "千万亿百约近超余多预计<>≈≤≥";

/// Returns how a format scales numbers; `None` where it shows them as they are stored.
pub(super) fn scaling_of(code: &str) -> Option<Scaling> {
    let sections: Vec<Section> = sections(code).filter(|section| section.n_digits > 0).collect();
    let first = sections.first()?;
    let shows_more = |section: &Section| {
        section.before.chars().chain(section.behind.chars()).any(|c| CHANGES.contains(c))
    };
    if sections.iter().all(|section| section.exponent() == 0) {
        let is_changed = sections.iter().any(shows_more);
        return is_changed.then_some(Scaling { exponent: 0, n_decimals: 0, around: Around::Other });
    }
    let is_same = sections.iter().all(|section| section == first);
    let is_word = |(word, exponent): &&(char, usize)| {
        first.behind == word.to_string() && *exponent == first.exponent()
    };
    let around = match WORDS.iter().find(is_word) {
        _ if !is_same || first.is_limited || !first.before.is_empty() => Around::Other,
        Some((word, _)) => Around::Word(*word),
        None if first.behind.is_empty() => Around::Nothing,
        None => Around::Other,
    };
    // No number has as many digits as would not fit.
    let small = |n: usize| u8::try_from(n).unwrap_or(u8::MAX);
    let n_decimals = small(first.n_decimals + first.n_behind_mark);
    Some(Scaling { exponent: small(first.exponent()), n_decimals, around })
}

/// Returns how a number is to be read that a cell shows as another one than it stores; `None` where it
/// shows the stored one, rounded or not, or nothing that is understood.
///
/// For formats that say what they do only by the text that shows.
pub(in crate::source) fn as_shown(stored: &str, shown: &str) -> Option<String> {
    let value: f64 = stored.parse().ok()?;
    let (number, behind) = leading_number(shown.trim())?;
    let n_decimals = number.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let word = WORDS.iter().find(|(word, _)| behind.starts_with(*word));
    let exponent = word.map_or(0, |(_, exponent)| *exponent);
    let scaled: f64 = format!("{number}e{exponent}").parse().ok()?;
    let rounding: f64 = format!("0.50000001e{exponent}").parse().ok()?;
    let rounding = rounding / 10_f64.powi(i32::try_from(n_decimals).ok()?);
    let is_same = (scaled - value).abs() <= rounding;
    match word {
        Some((word, exponent)) if is_same && behind == word.to_string() => {
            Some(format!("{}{word}", divided(stored, *exponent)))
        }
        _ if is_same => None,
        None if digits(&number) == digits(stored) => Some(number),
        _ => Some(unshown(stored)),
    }
}

/// Returns a text that nobody takes for a number, with what is stored.
pub(super) fn unshown(stored: &str) -> String {
    format!("≠{stored}")
}

/// Returns the number that a text begins with, without separators, and what stands behind it; `None`
/// where it is no plain number, as a fraction or a date.
fn leading_number(text: &str) -> Option<(String, &str)> {
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, ',' | '.' | '-');
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    let (number, behind) = text.split_at(end);
    let number = number.replace(',', "");
    let is_other = behind.starts_with(['/', ':', 'e', 'E', '%', ' ']);
    (!is_other && number.parse::<f64>().is_ok()).then_some((number, behind))
}

/// Returns the digits of a plain decimal, without zeros at its ends.
fn digits(decimal: &str) -> String {
    let digits: String = decimal.chars().filter(char::is_ascii_digit).collect();
    digits.trim_matches('0').to_owned()
}

impl Scaling {
    /// Returns a number as it is shown, where nothing is lost by that: 31770 is `3.1770` by `0!.0000`,
    /// and `3.177万` by `0!.0,"万"`, whose word says what it is counted in.
    ///
    /// Anything else is a text that nobody takes for a number, with what is stored.
    pub(super) fn text(self, value: f64) -> String {
        let stored = plain(value);
        let exact = divided(&stored, self.exponent.into());
        let n_decimals = exact.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        let n_shown = usize::from(self.n_decimals);
        match self.around {
            Around::Word(word) => format!("{exact}{word}"),
            Around::Nothing if n_decimals <= n_shown => {
                let point = if n_decimals == 0 && n_shown > 0 { "." } else { "" };
                format!("{exact}{point}{}", "0".repeat(n_shown - n_decimals))
            }
            Around::Nothing | Around::Other => unshown(&stored),
        }
    }
}

/// Divides a plain decimal by a power of ten, exactly.
fn divided(decimal: &str, exponent: usize) -> String {
    let (sign, digits) = match decimal.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", decimal),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let whole = format!("{whole:0>width$}", width = exponent + 1);
    let (whole, moved) = whole.split_at(whole.len() - exponent);
    let fraction = format!("{moved}{fraction}");
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let whole = if whole.is_empty() { "0" } else { whole };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// What a section of a format does: there are up to four, for positive numbers, negative ones, zero
/// and text.
#[derive(Debug, Default, PartialEq, Eq)]
struct Section {
    /// Places for digits.
    n_digits: usize,
    /// Those behind the decimal point.
    n_decimals: usize,
    /// Those behind a point that is only a character.
    n_behind_mark: usize,
    /// Commas that divide by a thousand.
    n_commas: usize,
    /// Text before the digits, its sign left out.
    before: String,
    /// Text behind the digits.
    behind: String,
    /// Whether the section is for some numbers only, as `[>=10000]` says.
    is_limited: bool,
}

impl Section {
    fn exponent(&self) -> usize {
        3 * self.n_commas + self.n_behind_mark
    }
}

/// Takes a format apart.
fn sections(code: &str) -> impl Iterator<Item = Section> {
    let mut all = vec![Reader::default()];
    let mut rest = code.chars();
    while let Some(c) = rest.next() {
        let Some(reader) = all.last_mut() else { break };
        match c {
            ';' => all.push(Reader::default()),
            '0' | '#' | '?' => reader.digit(),
            '.' => reader.point(),
            ',' => reader.n_pending += 1,
            '"' => rest.by_ref().take_while(|c| *c != '"').for_each(|c| reader.character(c)),
            '\\' | '!' => rest.next().into_iter().for_each(|c| reader.character(c)),
            '_' | '*' => drop(rest.next()),
            '[' => {
                let inside: String = rest.by_ref().take_while(|c| *c != ']').collect();
                reader.section.is_limited |= inside.starts_with(['<', '>', '=']);
            }
            c if c.is_whitespace() => {}
            c => reader.character(c),
        }
    }
    all.into_iter().map(Reader::finish)
}

/// A section while it is taken apart.
#[derive(Default)]
struct Reader {
    section: Section,
    /// Commas that may stand between digits or behind them all.
    n_pending: usize,
    is_behind_point: bool,
    is_behind_mark: bool,
}

impl Reader {
    fn digit(&mut self) {
        let section = &mut self.section;
        // What has digits on both sides is a part of the number.
        let is_mark = section.behind == ".";
        self.is_behind_mark |= is_mark;
        if !is_mark {
            section.before.push_str(&section.behind);
        }
        section.behind.clear();
        section.n_digits += 1;
        section.n_decimals += usize::from(self.is_behind_point);
        section.n_behind_mark += usize::from(self.is_behind_mark && !self.is_behind_point);
        self.n_pending = 0;
    }

    fn point(&mut self) {
        self.end_digits();
        self.is_behind_point = true;
    }

    /// Commas divide where no digit of the same part follows.
    fn end_digits(&mut self) {
        if self.section.n_digits > 0 {
            self.section.n_commas += self.n_pending;
        }
        self.n_pending = 0;
    }

    fn character(&mut self, c: char) {
        let section = &mut self.section;
        match c {
            '-' | '+' | '(' | ')' => {}
            c if section.n_digits == 0 => section.before.push(c),
            c => section.behind.push(c),
        }
    }

    fn finish(mut self) -> Section {
        self.end_digits();
        self.section
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(code: &str, value: f64, expected: &str) {
        let shown = scaling_of(code).map(|scaling| scaling.text(value));
        assert_eq!(shown.as_deref().unwrap_or("as stored"), expected, "{code}");
    }

    #[test]
    fn a_point_that_is_a_character_moves_the_digits() {
        check("0!.0000", 31_770.0, "3.1770");
        check("0\\.0000", 31_770.0, "3.1770");
        check("0\".\"0000", 500.0, "0.0500");
        check("0!.0000;-0!.0000", -31_770.0, "-3.1770");
        check("0!.0000", 31_770.5, "≠31770.5");
    }

    #[test]
    fn commas_behind_the_digits_divide() {
        check("#,##0,", 31_000.0, "31");
        check("#,##0,", 31_770.0, "≠31770");
        check("0.00,", 31_770.0, "31.77");
        check("#,##0,.00", 31_770.0, "31.77");
        check("0,,", 31_770.0, "≠31770");
    }

    #[test]
    fn a_word_for_the_scale_keeps_every_digit() {
        check("0!.0,\"万\"", 31_770.0, "3.177万");
        check("0!.0,万", 31_770.0, "3.177万");
        check("0!.00,,\"亿\"", 123_456_789.0, "1.23456789亿");
        check("0!.0,\"千\"", 31_770.0, "≠31770");
        check("0!.0,\"万元\"", 31_770.0, "≠31770");
        check("\"约\"0!.0,\"万\"", 31_770.0, "≠31770");
        check("[>=10000]0!.0,\"万\";0", 31_770.0, "≠31770");
        check("0!.0,\"万\";0", 31_770.0, "≠31770");
    }

    #[test]
    fn a_word_beside_the_number_makes_another_one_of_it() {
        for code in
            ["0\"万条\"", "0\\万", "0万", "0\" 亿\"", "0 \"千\"", "0\"百\"", "\"约\"0", "\"<\"0"]
        {
            check(code, 15.0, "≠15");
        }
        check("0\"件\"", 15.0, "as stored");
        check("0\" 条\";-0\" 条\"", 15.0, "as stored");
    }

    #[test]
    fn what_shows_tells_how_a_number_is_scaled() {
        let check = |stored, shown, expected: Option<&str>| {
            assert_eq!(as_shown(stored, shown).as_deref(), expected, "{stored} {shown}");
        };
        check("31770", "3.1770", Some("3.1770"));
        check("31770", "32", Some("≠31770"));
        check("31770", "3.2万", Some("3.177万"));
        check("31770", "3.2万元", None);
        check("-31770", "-3.1770", Some("-3.1770"));
        for shown in ["31,770", "31770.00", "31770件", "3.2E+04", "shown", "###", "2021-09-30", ""]
        {
            check("31770", shown, None);
        }
        check("0.25", "1/4", None);
        check("2.5", "3", None);
    }

    #[test]
    fn other_formats_show_what_is_stored() {
        for code in [
            "General",
            "0.00",
            "#,##0",
            "#,##0.00_);[Red]\\(#,##0.00\\)",
            "_ * #,##0_ ;_ * \\-#,##0_ ;_ * \"-\"??_ ;_ @_ ",
            "0\".\"",
            "0.00E+00",
            "# ?/?",
            "@",
            "0\"件\"",
            "[DBNum1]0",
        ] {
            check(code, 31_770.0, "as stored");
        }
    }
}
