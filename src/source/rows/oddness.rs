//! Text that can be read as GB18030 and is hardly meant to be.
//!
//! Most byte pairs are characters in GB18030, so that text in Big5 reads as nonsense without an error. Its
//! most common characters come out as characters for private use, kana, Greek and Cyrillic ones: about
//! four in ten. Records have next to none of them: rare characters of names were for private use in older
//! tables, one in a name of three, and no file consists of such names alone.

use std::collections::BTreeSet;

use crate::source::rows::text::Piece;

/// Characters beyond ASCII that are judged together.
const WINDOW_CHARS: u64 = 4096;
/// Of these, one in so many is too many.
const ODD_SHARE: u64 = 5;
/// Different characters that it takes: one name in every row is no other encoding.
const ODD_KINDS: usize = 3;

/// What speaks against the encoding of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OddText {
    /// The line in which the first of the characters stands that are hardly meant, from 1.
    pub(super) line: u64,
    /// How many in a hundred characters beyond ASCII are such.
    pub(super) percent: u64,
}

/// Counts characters that are hardly meant.
#[derive(Debug, Default)]
pub(super) struct Oddness {
    n_wide: u64,
    n_odd: u64,
    kinds: BTreeSet<char>,
    /// Where the first of the window stands.
    first_line: Option<u64>,
    /// Line breaks in front of the window and in it.
    n_breaks: u64,
    found: Option<OddText>,
}

impl Oddness {
    /// Passes over a text that is not judged.
    pub(super) fn skip(&mut self, text: &str) {
        self.n_breaks += memchr::memchr_iter(b'\n', text.as_bytes()).count() as u64;
    }

    /// Takes the text that comes next.
    pub(super) fn take(&mut self, text: &str, piece: Piece) {
        for character in text.chars() {
            self.n_breaks += u64::from(character == '\n');
            if character.is_ascii() {
                continue;
            }
            self.n_wide += 1;
            if is_odd(character) {
                self.n_odd += 1;
                self.first_line.get_or_insert(self.n_breaks + 1);
                if self.kinds.len() < ODD_KINDS {
                    self.kinds.insert(character);
                }
            }
            if self.n_wide >= WINDOW_CHARS {
                self.judge();
            }
        }
        if piece == Piece::Last {
            self.judge();
        }
    }

    /// Returns what was found.
    pub(super) fn found(&self) -> Option<OddText> {
        self.found
    }

    /// Judges the window and begins the next one.
    fn judge(&mut self) {
        let is_odd = self.n_odd * ODD_SHARE >= self.n_wide && self.kinds.len() >= ODD_KINDS;
        if let Some(line) = self.first_line.filter(|_| is_odd && self.found.is_none()) {
            self.found = Some(OddText { line, percent: self.n_odd * 100 / self.n_wide });
        }
        (self.n_wide, self.n_odd, self.first_line) = (0, 0, None);
        self.kinds.clear();
    }
}

/// Whether a character is for private use, a kana, Greek or Cyrillic.
fn is_odd(character: char) -> bool {
    matches!(character, '\u{370}'..='\u{4ff}' | '\u{3040}'..='\u{30ff}' | '\u{e000}'..='\u{f8ff}')
}

#[cfg(test)]
mod tests {
    use encoding_rs::{BIG5, GB18030};

    use super::*;

    /// What is found in bytes that are read as GB18030, in pieces of so many characters.
    fn found(bytes: &[u8], piece_chars: usize) -> Option<OddText> {
        let text = GB18030.decode_without_bom_handling_and_without_replacement(bytes).unwrap();
        let chars: Vec<char> = text.chars().collect();
        let mut oddness = Oddness::default();
        oddness.skip("row_guid,task_name\n");
        for piece in chars.chunks(piece_chars) {
            oddness.take(&piece.iter().collect::<String>(), Piece::Inner);
        }
        oddness.take("", Piece::Last);
        oddness.found()
    }

    const ROWS: [&str; 3] = [
        "A1,公共服務查詢,某甲\n",
        "A2,社會團體成立登記,省民政廳\n",
        "A3,老年人優待證,青海省西寧市\n",
    ];

    #[test]
    fn text_in_big5_is_told_from_the_first_rows_on() {
        for n_rows in [1, 2, 3, 900] {
            let rows: String = ROWS.iter().cycle().take(n_rows).copied().collect();
            let (big5, _, has_errors) = BIG5.encode(&rows);
            assert!(!has_errors);
            for piece_chars in [1, 7, 100_000] {
                let odd = found(&big5, piece_chars).unwrap();
                assert_eq!(odd.line, 2);
                assert!((30..=60).contains(&odd.percent), "{n_rows}: {odd:?}");
            }
            assert_eq!(found(&GB18030.encode(&rows).0, 7), None);
        }
    }

    #[test]
    fn rows_in_another_encoding_are_found_behind_many_others() {
        let before = GB18030.encode(&"A1,公共服务查询\n".repeat(5000)).0.into_owned();
        let behind = BIG5.encode(&ROWS.concat().repeat(200)).0.into_owned();
        let odd = found(&[before, behind].concat(), 999).unwrap();
        assert!((4500..5100).contains(&odd.line), "{odd:?}");
    }

    #[test]
    fn rare_names_are_names() {
        // 䶮 and others were for private use in older tables; 㛃 is of an extension.
        let names = ["张\u{e863}", "㛃某", "赵\u{e5e5}甲", "李䶮", "钱\u{e815}乙", "孙\u{e843}"];
        let rows: String = names
            .iter()
            .map(|name| format!("A1,{name},公共服务查询,省民政厅,社会团体成立登记\n"))
            .collect();
        assert_eq!(found(&GB18030.encode(&rows).0, 9), None);
        // One name in every row, and little else.
        let rows = "A1,张\u{e863}\n".repeat(5000);
        assert_eq!(found(&GB18030.encode(&rows).0, 9), None);
        let some = "A1,のの公共服务查询,省民政厅\n".repeat(10);
        assert_eq!(found(&GB18030.encode(&some).0, 9), None);
    }
}
