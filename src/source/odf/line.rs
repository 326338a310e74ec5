//! Text of a paragraph, with the white space that counts.

/// White space written as an element, at most; a line is never that long.
const MAX_SPACES: usize = 100;

/// The text of a paragraph while it is read.
///
/// White space in the XML is layout and counts as one space; spaces, tabs and line breaks that were
/// typed have elements of their own.
#[derive(Default)]
pub(super) struct Line {
    text: String,
    /// Whether the last character came from white space in the XML.
    is_after_space: bool,
}

impl Line {
    /// Adds text as it stands in the XML.
    pub(super) fn text(&mut self, piece: &str) {
        for c in piece.chars() {
            let is_space = matches!(c, ' ' | '\t' | '\n' | '\r');
            if !is_space {
                self.text.push(c);
            } else if !self.is_after_space && !self.text.is_empty() {
                self.text.push(' ');
            }
            self.is_after_space = is_space;
        }
    }

    /// Adds spaces that were typed.
    pub(super) fn spaces(&mut self, n_spaces: usize) {
        self.text.extend(std::iter::repeat_n(' ', n_spaces.min(MAX_SPACES)));
        self.is_after_space = false;
    }

    /// Adds a character that was typed.
    pub(super) fn character(&mut self, character: char) {
        self.text.push(character);
        self.is_after_space = false;
    }

    /// Returns the text.
    pub(super) fn finish(self) -> String {
        self.text
    }
}
