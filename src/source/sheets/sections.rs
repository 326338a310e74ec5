//! Number formats taken apart: what each of their sections shows besides the digits of a number.

/// Names of the general format; some programs write it in their own language.
const GENERAL: [&str; 3] = ["general", "standard", "g/通用格式"];

/// What a section of a format does: there are up to four, for positive numbers, negative ones, zero
/// and text.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Section {
    /// Places for digits.
    pub(super) n_digits: usize,
    /// Those that show a zero where the number has no digit.
    pub(super) n_zeros: usize,
    /// Those behind the decimal point.
    pub(super) n_decimals: usize,
    /// Those behind a point that is only a character.
    pub(super) n_behind_mark: usize,
    /// Commas that divide by a thousand.
    pub(super) n_commas: usize,
    /// Text before the digits, its sign left out.
    pub(super) before: String,
    /// Text behind the digits.
    pub(super) behind: String,
    /// The sign that the section writes.
    pub(super) sign: Sign,
    /// Whether characters stand among the digits or fill up the cell.
    pub(super) is_broken: bool,
    /// Whether the section is for some numbers only, as `[>=10000]` says.
    pub(super) is_limited: bool,
    /// Whether the section is for text.
    pub(super) is_text: bool,
    /// Whether the number shows as a fraction or with an exponent.
    pub(super) is_composed: bool,
}

/// How a section writes that a number is below zero.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// Not at all.
    #[default]
    Nothing,
    /// By its colour, as `[Red]0`.
    Colour,
    /// By a sign or by parentheses.
    Character,
}

impl Section {
    /// Returns the power of ten by which the number that shows is smaller.
    pub(super) fn exponent(&self) -> usize {
        3 * self.n_commas + self.n_behind_mark
    }
}

/// Returns the name of the general format that a text begins with; `None` where there is none.
pub(super) fn general_name(text: &str) -> Option<&'static str> {
    GENERAL
        .into_iter()
        .find(|name| text.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)))
}

/// Takes a format apart.
pub(super) fn sections(code: &str) -> Vec<Section> {
    let mut all = vec![Reader::default()];
    let mut rest = code.chars();
    while let Some(reader) = all.last_mut() {
        if let Some(name) = general_name(rest.as_str()) {
            reader.digit('0');
            rest = rest.as_str()[name.len()..].chars();
            continue;
        }
        let Some(c) = rest.next() else { break };
        match c {
            ';' => all.push(Reader::default()),
            '0' | '#' | '?' => reader.digit(c),
            '.' => reader.point(),
            ',' => reader.n_pending += 1,
            '/' if reader.section.n_digits > 0 => reader.compose(),
            'E' | 'e' if reader.section.n_digits > 0 && rest.as_str().starts_with(['+', '-']) => {
                rest.next();
                reader.compose();
            }
            '1'..='9' if reader.section.is_composed => {}
            '"' => rest.by_ref().take_while(|c| *c != '"').for_each(|c| reader.character(c)),
            '\\' | '!' => rest.next().into_iter().for_each(|c| reader.character(c)),
            '_' => rest.next().into_iter().for_each(|_| reader.character(' ')),
            '*' => reader.section.is_broken |= rest.next().is_some_and(|c| !c.is_whitespace()),
            '[' => {
                let inside: String = rest.by_ref().take_while(|c| *c != ']').collect();
                reader.brackets(&inside);
            }
            '@' => reader.section.is_text = true,
            // The kind of the number says so.
            '%' => {}
            c => reader.character(c),
        }
    }
    all.into_iter().map(Reader::finish).collect()
}

/// A section while it is taken apart.
#[derive(Default)]
struct Reader {
    section: Section,
    /// Commas that may stand between digits or behind them all.
    n_pending: usize,
    /// Places for digits since the last space among them; `None` without one.
    n_grouped: Option<usize>,
    is_behind_space: bool,
    is_behind_point: bool,
    is_behind_mark: bool,
    has_parenthesis: bool,
}

impl Reader {
    fn digit(&mut self, place: char) {
        if self.section.is_composed {
            return;
        }
        if self.is_behind_space && self.section.n_digits > 0 {
            self.end_group();
            self.n_grouped = Some(0);
            self.section.is_broken |= self.is_behind_point;
        }
        self.is_behind_space = false;
        self.n_grouped = self.n_grouped.map(|n_digits| n_digits + 1);
        let section = &mut self.section;
        // What has digits on both sides is a part of the number.
        let is_mark = section.behind == ".";
        self.is_behind_mark |= is_mark;
        section.is_broken |= !is_mark && !section.behind.is_empty();
        section.behind.clear();
        section.n_digits += 1;
        section.n_zeros += usize::from(place == '0');
        section.n_decimals += usize::from(self.is_behind_point);
        section.n_behind_mark += usize::from(self.is_behind_mark && !self.is_behind_point);
        self.n_pending = 0;
    }

    fn point(&mut self) {
        self.end_digits();
        self.section.is_broken |= self.is_behind_point;
        self.is_behind_point = true;
    }

    /// What follows belongs to a fraction or an exponent.
    fn compose(&mut self) {
        self.n_grouped = None;
        self.section.is_composed = true;
    }

    /// Commas divide where no digit of the same part follows.
    fn end_digits(&mut self) {
        if self.section.n_digits > 0 {
            self.section.n_commas += self.n_pending;
        }
        self.n_pending = 0;
        self.end_group();
    }

    /// Spaces set thousands apart; digits set apart otherwise are several numbers to a reader.
    fn end_group(&mut self) {
        let n_grouped = self.n_grouped.take().unwrap_or_default();
        self.section.is_broken |= !n_grouped.is_multiple_of(3);
    }

    fn brackets(&mut self, inside: &str) {
        let lower = inside.to_lowercase();
        if lower.starts_with(['<', '>', '=']) {
            self.section.is_limited = true;
        } else if let Some(currency) = inside.strip_prefix('$') {
            let currency = currency.split('-').next().unwrap_or_default();
            currency.chars().for_each(|c| self.character(c));
        } else if ["red", "红", "color", "颜色"].iter().any(|name| lower.starts_with(name))
            && self.section.sign == Sign::Nothing
        {
            self.section.sign = Sign::Colour;
        }
    }

    fn character(&mut self, c: char) {
        let section = &mut self.section;
        match c {
            c if c.is_whitespace() => self.is_behind_space = true,
            '-' | '−' | '(' if section.n_digits == 0 => {
                section.sign = Sign::Character;
                self.has_parenthesis |= c == '(';
            }
            '+' if section.n_digits == 0 => {}
            ')' if self.has_parenthesis => {}
            c if section.n_digits == 0 => section.before.push(c),
            c => section.behind.push(c),
        }
    }

    fn finish(mut self) -> Section {
        self.end_digits();
        self.section
    }
}
