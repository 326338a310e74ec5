//! Names of sheets: what a spreadsheet takes as one, and no two of them alike.

use crate::diag::printable;

/// Units of UTF-16 that the name of a sheet can have.
const MAX_NAME_UNITS: usize = 31;

/// Characters that it cannot have.
const FORBIDDEN: [char; 7] = ['[', ']', ':', '*', '?', '/', '\\'];

/// Names that have been given, as spreadsheets compare them: without case.
#[derive(Debug, Default)]
pub(super) struct SheetNames {
    taken: Vec<String>,
}

impl SheetNames {
    /// Returns a name for a sheet that no other has, as near to `title` as a name can be.
    pub(super) fn name(&mut self, title: &str) -> String {
        let plain: String = printable(title)
            .chars()
            .map(|character| if FORBIDDEN.contains(&character) { ' ' } else { character })
            .collect();
        let plain = plain.trim_matches(['\'', ' ']);
        let numbered = |number: u32| match number {
            // One program keeps the name `History` for itself.
            1 if plain.is_empty() || plain.eq_ignore_ascii_case("history") => None,
            1 => Some(cut_to(plain, MAX_NAME_UNITS)),
            _ => {
                let end = format!(" {number}");
                let name = cut_to(plain, MAX_NAME_UNITS - end.len()) + &end;
                Some(name.trim_start().to_owned())
            }
        };
        let name = (1..=u32::MAX)
            .filter_map(numbered)
            .find(|name| !self.taken.contains(&name.to_lowercase()))
            .expect("there are more numbers than sheets");
        self.taken.push(name.to_lowercase());
        name
    }
}

/// Returns as many characters as fit, without an apostrophe or a blank at the end.
fn cut_to(text: &str, max_units: usize) -> String {
    let mut n_units = 0;
    let is_kept = |character: &char| {
        n_units += character.len_utf16();
        n_units <= max_units
    };
    let kept: String = text.chars().take_while(is_kept).collect();
    kept.trim_end_matches(['\'', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(titles: &[&str], expected: &[&str]) {
        let mut names = SheetNames::default();
        let given: Vec<String> = titles.iter().map(|title| names.name(title)).collect();
        assert_eq!(given, expected);
        for name in given {
            rust_xlsxwriter::utility::check_sheet_name(&name).unwrap();
        }
    }

    #[test]
    fn names_are_what_a_spreadsheet_takes() {
        check(&["各部门汇聚情况"], &["各部门汇聚情况"]);
        check(&["a/b: [c]*?\\"], &["a b   c"]);
        check(&["'=1+1'"], &["=1+1"]);
        check(&["", "  ", "History"], &["2", "3", "History 2"]);
        check(&["\n\u{202e}x"], &["n u{202e}x"]);
    }

    #[test]
    fn no_two_names_are_alike() {
        check(&["Totals", "TOTALS", "totals"], &["Totals", "TOTALS 2", "totals 3"]);
        let long = "长".repeat(40);
        check(&[&long, &long], &[&"长".repeat(31), &format!("{} 2", "长".repeat(29))]);
        check(&[&"😀".repeat(20)], &[&"😀".repeat(15)]);
    }
}
