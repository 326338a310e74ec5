//! Figures that chance makes: as they are printed, and what they are.

use tongban::model::Qualifier;

use super::chance::Chance;
use super::document::{STATES, Shape, Style};

/// Marks in the place of a figure that say that there is none.
pub(crate) const DASHES: [&str; 7] = ["—", "-", "－", "–", "——", "--", "/"];

/// One printed figure.
#[derive(Debug, Clone)]
pub(crate) struct Figure {
    pub(crate) printed: String,
    /// What it is as printed, in hundredths, before its column's scale; `None` where none stands.
    pub(crate) hundredths: Option<i64>,
    pub(crate) qualifier: Option<Qualifier>,
    /// What it stands for, where it is a word for a state.
    pub(crate) state: Option<&'static str>,
    /// Whether nobody can tell what it is, so that nothing may be read without a finding.
    pub(crate) is_doubtful: bool,
}

impl Figure {
    /// Returns a figure that is so many hundredths.
    pub(crate) fn new(printed: String, hundredths: i64) -> Self {
        Self {
            printed,
            hundredths: Some(hundredths),
            qualifier: None,
            state: None,
            is_doubtful: false,
        }
    }

    /// Returns a figure that is none.
    pub(crate) fn none(printed: &str) -> Self {
        Self {
            printed: printed.to_owned(),
            hundredths: None,
            qualifier: None,
            state: None,
            is_doubtful: false,
        }
    }

    /// Returns the value in the unit of a column that is printed smaller by a power of ten.
    pub(crate) fn value(&self, exponent: i32) -> Option<f64> {
        let text = format!("{}e{}", self.hundredths?, exponent - 2);
        Some(text.parse().expect("it is written as a number"))
    }
}

/// Makes a figure of a column.
pub(crate) fn cell(chance: &mut Chance, style: &Style) -> Figure {
    match style.shape {
        Shape::Count if style.exponent > 0 => {
            let hundredths = whole(chance) % 100_000_000;
            Figure::new(decimal(hundredths, 2), hundredths)
        }
        Shape::Count => count(chance, &style.unit),
        Shape::PlainCount => {
            let number = whole(chance);
            Figure::new(number.to_string(), number * 100)
        }
        Shape::Percent => percent(chance),
        Shape::State => state(chance),
        Shape::Computed => Figure::none("—"),
    }
}

fn count(chance: &mut Chance, unit: &str) -> Figure {
    let number = whole(chance);
    let plain = number.to_string();
    match chance.below(60) {
        0..=5 => Figure::new(with_commas(number), number * 100),
        6 => Figure::new(wide(&plain), number * 100),
        7 => Figure::new(format!("{plain}{unit}"), number * 100),
        8 => {
            let tenths = number % 100_000;
            Figure::new(format!("{}万", decimal(tenths, 1)), tenths * 100_000)
        }
        9 => Figure {
            qualifier: Some(Qualifier::MoreThan),
            ..Figure::new(format!("{plain}余"), number * 100)
        },
        10 => Figure::none("—"),
        11 => Figure::none(""),
        _ => Figure::new(plain, number * 100),
    }
}

fn percent(chance: &mut Chance) -> Figure {
    let hundredths = i64::try_from(chance.between(0, 10_000)).expect("it is small");
    let (tenths, whole) = (hundredths / 10, hundredths / 100);
    match chance.below(12) {
        0 => Figure::new("0".to_owned(), 0),
        1 => Figure::new("100%".to_owned(), 10_000),
        2 => Figure::new(format!("{whole} %"), whole * 100),
        3 => Figure::new(decimal(hundredths, 2), hundredths),
        4 => Figure::new(wide(&whole.to_string()) + "％", whole * 100),
        5 => Figure::none("—"),
        6 => Figure::new(format!("{}%", decimal(tenths, 1)), tenths * 10),
        _ => Figure::new(format!("{}%", decimal(hundredths, 2)), hundredths),
    }
}

fn state(chance: &mut Chance) -> Figure {
    // A word that the layout does not have is no state.
    if chance.in_hundred(4) {
        return Figure::none("暂缓");
    }
    let (word, state) = *chance.pick(&STATES);
    Figure { state: Some(state), ..Figure::none(word) }
}

/// A count: often 0, mostly small, sometimes of eight digits.
pub(crate) fn whole(chance: &mut Chance) -> i64 {
    let most = *chance.pick(&[1, 1, 10, 100, 100, 5_000, 100_000, 20_000_000]);
    i64::try_from(chance.below(most)).expect("it is small")
}

/// Prints the sum of figures of one column.
pub(crate) fn total<'a>(figures: impl Iterator<Item = &'a Figure>) -> String {
    let sum: i64 = figures.filter_map(|figure| figure.hundredths).sum();
    if sum % 100 == 0 { (sum / 100).to_string() } else { decimal(sum, 2) }
}

/// Prints a whole number of tenths or hundredths as a decimal.
pub(crate) fn decimal(number: i64, n_decimals: usize) -> String {
    let digits = format!("{number:0>width$}", width = n_decimals + 1);
    let (before, after) = digits.split_at(digits.len() - n_decimals);
    format!("{before}.{after}")
}

pub(crate) fn with_commas(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (idx, digit) in digits.chars().enumerate() {
        if idx > 0 && (digits.len() - idx).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Prints digits as wide as Chinese characters.
pub(crate) fn wide(digits: &str) -> String {
    digits.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).expect("a wide digit")).collect()
}
