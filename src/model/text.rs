//! Short texts, of which a form has millions.

/// A text that is mostly short: up to 24 bytes, which are 24 digits or 8 Chinese characters, it takes
/// no memory of its own.
pub type Text = compact_str::CompactString;
