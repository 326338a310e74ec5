//! What a number format makes of a number: the stored one, another one by commas that divide by a
//! thousand or by a point that is only a character, as in `0!.0,"万"`, or one with text beside it.

use crate::source::plain_number::plain;
use crate::source::sheets::sections::{Section, Sign, sections};

/// Characters of a text beside a number that are shown.
const MAX_WORD_CHARS: usize = 4;

/// What stands before a number of which nobody can tell how it shows.
const UNSHOWN: char = '≠';

/// Words for powers of ten, as cells have them.
pub(super) const WORDS: [(char, usize); 3] = [('千', 3), ('万', 4), ('亿', 8)];

/// Characters by which the text around a number makes another one of it: 15万, 约15, <15, 15-00.
const CHANGES: &str = "千万亿百十约近超余多预计<>≈≤≥零〇一二三四五六七八九两-−+.,:/()，．：（）";

/// How a number shows by a section of its format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::source) enum Look {
    /// As it is stored, rounded or not.
    Stored,
    /// As another number.
    Scaled(Scaling),
    /// With text beside it, as `15件`.
    Beside(Words),
    /// As something from which nobody can tell the stored number.
    Unshown,
}

/// How numbers show by a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::source) struct Looks {
    positive: Look,
    negative: Look,
    zero: Look,
}

/// How a format shows a number as another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::source) struct Scaling {
    /// The power of ten by which the number that shows is smaller.
    exponent: u8,
    /// Decimals that show.
    n_decimals: u8,
    /// The word for that power of ten behind it: the stored number is meant.
    word: Option<char>,
}

/// Texts that show before and behind a number, ended by zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::source) struct Words {
    before: [char; MAX_WORD_CHARS],
    behind: [char; MAX_WORD_CHARS],
}

impl Looks {
    /// Returns how a format shows numbers; `None` where it shows them all as they are stored.
    pub(super) fn of(code: &str) -> Option<Self> {
        if code.trim().is_empty() {
            return None;
        }
        let looks = Self::of_sections(sections(code));
        (looks != Self::all(Look::Stored)).then_some(looks)
    }

    /// The looks of a format whose numbers all show in one way.
    pub(super) fn all(look: Look) -> Self {
        Self { positive: look, negative: look, zero: look }
    }

    fn of_sections(mut sections: Vec<Section>) -> Self {
        let has_text = sections.len() > 3 || sections.last().is_some_and(|last| last.is_text);
        if has_text && sections.len() > 1 {
            sections.pop();
        }
        // Which section is for which numbers is not looked at: they have to agree.
        if sections.iter().any(|section| section.is_limited) {
            let is_stored = |section: &Section| {
                section.look() == Look::Stored && section.sign != Sign::Character
            };
            let is_same = sections.iter().all(is_stored);
            return Self::all(if is_same { Look::Stored } else { Look::Unshown });
        }
        let Some(positive) = sections.first() else { return Self::all(Look::Stored) };
        let (negative, zero) = (sections.get(1), sections.get(2));
        let mut shown = sections.iter().filter(|section| section.n_digits > 0);
        if shown.any(|section| section.exponent() != positive.exponent()) {
            return Self::all(Look::Unshown);
        }
        let look_below_zero = |section: &Section| match section.sign {
            Sign::Nothing => Look::Unshown,
            Sign::Colour | Sign::Character => section.look(),
        };
        let own = match positive.sign {
            Sign::Character => Look::Unshown,
            Sign::Nothing | Sign::Colour => positive.look(),
        };
        Self {
            positive: own,
            negative: negative.map_or(own, look_below_zero),
            zero: zero.unwrap_or(positive).look_at_zero(),
        }
    }

    /// Returns how a number shows.
    pub(super) fn look(self, value: f64) -> Look {
        match value {
            value if value > 0.0 => self.positive,
            value if value < 0.0 => self.negative,
            _ => self.zero,
        }
    }

    /// Whether numbers show as they are stored, with text beside them, whatever their sign.
    pub(super) fn is_beside(self) -> bool {
        matches!(self.positive, Look::Beside(_)) && self == Self::all(self.positive)
    }
}

impl Section {
    /// How a number shows by this section, its sign apart.
    fn look(&self) -> Look {
        let is_plain = self.before.is_empty() && matches!(self.behind.as_str(), "" | ".");
        if self.is_text {
            return if is_plain { Look::Stored } else { Look::Unshown };
        }
        if self.is_broken || self.n_digits == 0 {
            return Look::Unshown;
        }
        if self.exponent() == 0 && is_plain {
            return Look::Stored;
        }
        if self.exponent() == 0 {
            return Words::of(&self.before, &self.behind).map_or(Look::Unshown, Look::Beside);
        }
        let is_word = |(word, exponent): &&(char, usize)| {
            self.behind == word.to_string() && *exponent == self.exponent()
        };
        let word = WORDS.iter().find(is_word).map(|(word, _)| *word);
        if !self.before.is_empty() || (word.is_none() && !self.behind.is_empty()) {
            return Look::Unshown;
        }
        // No number has as many digits as would not fit.
        let small = |n: usize| u8::try_from(n).unwrap_or(u8::MAX);
        let n_decimals = small(self.n_decimals + self.n_behind_mark);
        Look::Scaled(Scaling { exponent: small(self.exponent()), n_decimals, word })
    }

    /// How zero shows by this section: a dash stands for it, and a section may show nothing at all.
    fn look_at_zero(&self) -> Look {
        if self.n_zeros > 0 || self.is_text || self.is_composed {
            return self.look();
        }
        let is_dash = match self.before.as_str() {
            "" => self.sign == Sign::Character,
            before => matches!(before, "—" | "–" | "－"),
        };
        if is_dash && self.behind.is_empty() && !self.is_broken {
            Look::Stored
        } else {
            Look::Unshown
        }
    }
}

impl Words {
    /// Returns texts; `None` where they are too long, or make another number of the one they stand at.
    fn of(before: &str, behind: &str) -> Option<Self> {
        let array = |text: &str| {
            let changes = |c: char| c.is_numeric() || CHANGES.contains(c) || c == '\0';
            let is_changed = text.chars().any(changes);
            let mut array = ['\0'; MAX_WORD_CHARS];
            let is_long = text.chars().count() > MAX_WORD_CHARS;
            array.iter_mut().zip(text.chars()).for_each(|(place, c)| *place = c);
            (!is_changed && !is_long).then_some(array)
        };
        Some(Self { before: array(before)?, behind: array(behind)? })
    }

    /// Returns a number with the texts beside it.
    fn around(self, number: &str) -> String {
        let text = |word: [char; MAX_WORD_CHARS]| word.into_iter().take_while(|c| *c != '\0');
        text(self.before).chain(number.chars()).chain(text(self.behind)).collect()
    }
}

/// Returns a number with texts before and behind it; `None` where they make another one of it.
pub(super) fn beside(before: &str, number: &str, behind: &str) -> Option<String> {
    Words::of(before, behind).map(|words| words.around(number))
}

/// Returns a text that nobody takes for a number, with what is stored.
pub(super) fn unshown(stored: &str) -> String {
    format!("{UNSHOWN}{stored}")
}

/// Whether a text is one that nobody takes for a number.
pub(super) fn is_unshown(text: &str) -> bool {
    text.starts_with(UNSHOWN)
}

impl Look {
    /// Returns a number as it is shown, where nothing is lost by that; anything else is a text that nobody
    /// takes for a number, with what is stored.
    pub(super) fn text(self, value: f64) -> String {
        let stored = plain(value);
        match self {
            Self::Stored => stored,
            Self::Beside(words) => words.around(&stored),
            Self::Scaled(scaling) => scaling.text(&stored),
            Self::Unshown => unshown(&stored),
        }
    }
}

impl Scaling {
    /// Returns a number as it is shown: 31770 is `3.1770` by `0!.0000`, and `3.177万` by `0!.0,"万"`,
    /// whose word says what it is counted in.
    fn text(self, stored: &str) -> String {
        let exact = divided(stored, self.exponent.into());
        let n_decimals = exact.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        let n_shown = usize::from(self.n_decimals);
        match self.word {
            Some(word) => format!("{exact}{word}"),
            None if n_decimals <= n_shown => {
                let point = if n_decimals == 0 && n_shown > 0 { "." } else { "" };
                format!("{exact}{point}{}", "0".repeat(n_shown - n_decimals))
            }
            None => unshown(stored),
        }
    }
}

/// Divides a plain decimal by a power of ten, exactly.
pub(super) fn divided(decimal: &str, exponent: usize) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(code: &str, value: f64, expected: &str) {
        let look = Looks::of(code).map_or(Look::Stored, |looks| looks.look(value));
        let shown = (look != Look::Stored).then(|| look.text(value));
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
    }

    #[test]
    fn a_unit_beside_the_number_shows() {
        for code in [
            "0\"件\"",
            "General\"件\"",
            "general件",
            "G/通用格式\"件\"",
            "#,##0\\件",
            "Standard\"件\"",
        ] {
            check(code, 15.0, "15件");
        }
        check("0\" 条\";-0\" 条\"", -15.0, "-15条");
        check("0\" 条\";-0\" 条\"", 0.0, "0条");
        check("0.0\"%\"", 57.0, "57%");
        check("¥#,##0.00", 5.0, "¥5");
        check("[$¥-804]#,##0;[$¥-804]-#,##0", -5.0, "¥-5");
        check("0\"个工作日内\"", 5.0, "≠5");
        check("0\"件\";0", 5.0, "5件");
        check("0\"件\";0", -5.0, "≠-5");
    }

    #[test]
    fn digits_of_the_format_are_none_of_the_number() {
        for code in [
            "#\"0\"", "0\"00\"", "0\\0", "\"1\"0", "10", "00-00", "0\" \"0", "0_-0", "0 0",
            "0.0 0", "0-", "-0", "(0)", "*00", "*-0", "0\"五\"", "0.0.0", "\"-\"", "\"无\"", ";;;",
            "aaaa", "\"1\"@",
        ] {
            check(code, 12.0, "≠12");
        }
    }

    #[test]
    fn the_sign_decides_which_section_shows() {
        check("0;0", -5.0, "≠-5");
        check("0;0", 5.0, "as stored");
        check("0;[Red]0", -5.0, "as stored");
        check("0;\"负\"0", -5.0, "≠-5");
        check("0;-0;;@", 0.0, "≠0");
        check("0;-0;;@", 5.0, "as stored");
        check("0;-0;\"-\"", 0.0, "as stored");
        check("#,###", 0.0, "≠0");
        check("#,###", 1234.0, "as stored");
        check("0;;", -5.0, "≠-5");
        check("[=0]\"无\";0", 0.0, "≠0");
        check("[Red][<60]0;[Blue]0", 5.0, "as stored");
    }

    #[test]
    fn other_formats_show_what_is_stored() {
        for code in [
            "",
            "General",
            "General;-General",
            "0.00",
            "#,##0",
            "# ##0",
            "#,##0.00_);[Red]\\(#,##0.00\\)",
            "_ * #,##0_ ;_ * \\-#,##0_ ;_ * \"-\"??_ ;_ @_ ",
            "0\".\"",
            "0.00E+00",
            "# ?/?",
            "# ?/16",
            "@",
            "+0;-0",
            "[DBNum1]0",
        ] {
            for value in [31_770.0, 0.0, -31_770.0] {
                check(code, value, "as stored");
            }
        }
    }
}
