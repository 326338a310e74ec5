//! What style declarations, as `display:none`, make of the text that they are for.

use std::ops::BitOr;

/// Pixels by which text is moved out of its line before a reader sees it.
const MIN_SHIFT: f64 = 2.0;
/// Pixels by which text is moved out of the page.
const FAR: f64 = -99.0;

/// What declarations make of text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Effect {
    /// Whether it does not show.
    pub(super) is_hidden: bool,
    /// Whether it is raised or lowered.
    pub(super) is_raised: bool,
    /// Whether it is moved up or down, which sets apart what stands in a line.
    pub(super) is_shifted: bool,
    /// Whether it is struck through.
    pub(super) is_struck: bool,
    /// Whether it divides the line in which it stands.
    pub(super) is_block: bool,
}

impl BitOr for Effect {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self {
            is_hidden: self.is_hidden || other.is_hidden,
            is_raised: self.is_raised || other.is_raised,
            is_shifted: self.is_shifted || other.is_shifted,
            is_struck: self.is_struck || other.is_struck,
            is_block: self.is_block || other.is_block,
        }
    }
}

impl Effect {
    /// Returns what declarations do, as they stand in the attribute of an element or in a rule.
    pub(super) fn of(declarations: &str) -> Self {
        let lower: String = declarations.to_lowercase().split_whitespace().collect();
        let mut effect = Self::default();
        let (mut is_moved, mut is_relative, mut is_placed) = (false, false, false);
        let (mut is_far, mut is_cut, mut has_no_size) = (false, false, false);
        for (name, value) in lower.split(';').filter_map(|declared| declared.split_once(':')) {
            let length = length(value);
            let is_shift = length.is_some_and(|length| length.abs() > MIN_SHIFT);
            match name {
                "display" => {
                    effect.is_hidden |= value.starts_with("none");
                    let blocks = ["block", "flex", "grid", "table", "list-item"];
                    effect.is_block |= blocks.iter().any(|block| value.starts_with(block));
                }
                "visibility" => {
                    effect.is_hidden |=
                        value.starts_with("hidden") || value.starts_with("collapse");
                }
                "mso-hide" => effect.is_hidden |= value.starts_with("all"),
                "font-size" => effect.is_hidden |= length.is_some_and(|length| length <= 1.0),
                "font" => effect.is_hidden |= value.starts_with("0/") || value.starts_with("0px"),
                "opacity" => effect.is_hidden |= length == Some(0.0),
                "clip-path" => effect.is_hidden |= value.starts_with("inset("),
                "clip" => effect.is_hidden |= value.starts_with("rect("),
                "text-indent" => effect.is_hidden |= length.is_some_and(|length| length <= FAR),
                "vertical-align" => {
                    effect.is_raised |= value.starts_with("super") || value.starts_with("sub");
                    effect.is_shifted |= is_shift;
                }
                "mso-text-raise" => effect.is_shifted |= is_shift,
                "text-decoration" | "text-decoration-line" => {
                    effect.is_struck |= value.contains("line-through");
                }
                "position" => {
                    is_relative |= value.starts_with("relative");
                    is_placed |= value.starts_with("absolute") || value.starts_with("fixed");
                }
                "top" | "bottom" | "left" | "right" => {
                    is_moved |= matches!(name, "top" | "bottom") && is_shift;
                    is_far |= length.is_some_and(|length| length <= FAR);
                }
                "overflow" => is_cut |= value.starts_with("hidden"),
                "height" | "max-height" | "width" | "max-width" => {
                    has_no_size |= length.is_some_and(|length| length <= 1.0);
                }
                _ => {}
            }
        }
        effect.is_hidden |= (is_placed && is_far) || (is_cut && has_no_size);
        effect.is_shifted |= is_relative && is_moved;
        effect
    }
}

/// Returns a length in pixels, or a number without a unit; `None` for anything else.
fn length(value: &str) -> Option<f64> {
    let end = value.find(|c: char| !(c.is_ascii_digit() || matches!(c, '-' | '+' | '.')));
    let (number, unit) = value.split_at(end.unwrap_or(value.len()));
    let unit = unit.trim_end_matches("!important");
    let pixels = match unit {
        "px" | "" => 1.0,
        "pt" => 4.0 / 3.0,
        "%" => 0.16,
        "em" | "rem" => 16.0,
        "ex" => 8.0,
        "mm" => 3.8,
        "cm" => 38.0,
        "in" => 96.0,
        _ => return None,
    };
    number.parse().ok().map(|number: f64| number * pixels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(declarations: &[&str], expected: Effect) {
        for declared in declarations {
            assert_eq!(Effect::of(declared), expected, "{declared}");
        }
    }

    #[test]
    fn text_is_hidden_in_many_ways() {
        let hidden = [
            "display:none",
            "Display : NONE !important",
            "visibility: hidden",
            "font-size:0",
            "font-size:0px!important",
            "font:0/0 a",
            "opacity:0",
            "mso-hide:all",
            "position:absolute;left:-999px",
            "position:absolute;left:-10em",
            "text-indent:-9999px",
            "height:0;overflow:hidden",
        ];
        check(&hidden, Effect { is_hidden: true, ..Effect::default() });
        let shown = [
            "",
            "color:red;font-size:12px",
            "opacity:0.5",
            "position:absolute;left:0",
            "vertical-align:middle",
            "vertical-align:-1px",
            "position:relative;left:-5px",
            "text-indent:2em",
            "overflow:hidden",
            "text-decoration:none",
        ];
        check(&shown, Effect::default());
    }

    #[test]
    fn text_is_set_apart_in_its_line() {
        check(
            &["vertical-align: super", "VERTICAL-ALIGN:sub"],
            Effect { is_raised: true, ..Effect::default() },
        );
        let shifted = Effect { is_shifted: true, ..Effect::default() };
        check(
            &[
                "vertical-align:5px",
                "vertical-align:40%",
                "position:relative;top:-.5em",
                "mso-text-raise:3.0pt",
            ],
            shifted,
        );
        check(
            &["text-decoration:line-through", "text-decoration-line: underline line-through"],
            Effect { is_struck: true, ..Effect::default() },
        );
        check(
            &["display:block", "display:table-cell"],
            Effect { is_block: true, ..Effect::default() },
        );
    }
}
