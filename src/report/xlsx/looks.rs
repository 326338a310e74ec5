//! What cells look like: number formats, alignment, borders.

use std::collections::BTreeMap;

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder};

use crate::output::workbook::{HEAD, LINE};
use crate::report::content::{CellFormat, RowKind, Value};
use crate::report::told::n_decimals;

/// Colour of cells of which something must be known.
const TOLD: Color = Color::RGB(0x00FF_F2CC);

/// What a cell looks like.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Look {
    /// How its number is written; empty for texts.
    pub(super) number: String,
    /// Whether it stands at the right.
    pub(super) is_right: bool,
    /// Whether it is of a row of totals.
    pub(super) is_total: bool,
    /// Whether something must be known of it.
    pub(super) is_told: bool,
}

impl Look {
    /// Returns the look of a cell.
    pub(super) fn of(value: &Value, format: CellFormat, kind: RowKind, is_told: bool) -> Self {
        Self {
            number: number_format(value, format),
            is_right: is_right_aligned(format),
            is_total: kind == RowKind::Total,
            is_told,
        }
    }
}

/// Whether the cells of a column stand at the right: what is counted or measured.
pub(super) fn is_right_aligned(format: CellFormat) -> bool {
    matches!(
        format,
        CellFormat::Number { .. }
            | CellFormat::Percent { .. }
            | CellFormat::Change { .. }
            | CellFormat::PercentChange { .. }
    )
}

/// Returns how a spreadsheet writes a value; empty for texts.
fn number_format(value: &Value, format: CellFormat) -> String {
    match value {
        Value::Day(_) if format == CellFormat::Month => return "yyyy\\-mm".to_owned(),
        Value::Day(_) => return "yyyy\\-mm\\-dd".to_owned(),
        Value::Instant(_) => return "yyyy\\-mm\\-dd hh:mm:ss".to_owned(),
        _ => {}
    }
    if !matches!(value, Value::Number(_) | Value::Whole(_)) {
        return String::new();
    }
    let decimals = n_decimals(value, format);
    let point = if decimals > 0 { "." } else { "" };
    let digits = format!("#,##0{point}{}", "0".repeat(decimals));
    match format {
        CellFormat::Text | CellFormat::Id => "0".to_owned(),
        CellFormat::Percent { .. } => format!("{digits}%"),
        CellFormat::Change { .. } => format!("+{digits};-{digits};{digits}"),
        CellFormat::PercentChange { .. } => format!("+{digits}%;-{digits}%;{digits}%"),
        _ => digits,
    }
}

/// The looks of a workbook, each made once.
pub(super) struct Looks {
    pub(super) title: Format,
    pub(super) mark: Format,
    pub(super) heading: Format,
    pub(super) head: Format,
    pub(super) number_head: Format,
    pub(super) plain: Format,
    pub(super) note: Format,
    cells: BTreeMap<Look, Format>,
}

impl Looks {
    pub(super) fn new() -> Self {
        let wrapped = || Format::new().set_text_wrap().set_align(FormatAlign::Top);
        let head = || {
            wrapped()
                .set_border(FormatBorder::Thin)
                .set_border_color(LINE)
                .set_bold()
                .set_background_color(HEAD)
        };
        Self {
            title: Format::new().set_bold().set_font_size(14),
            mark: Format::new().set_bold().set_font_color(Color::Red),
            heading: Format::new().set_bold().set_font_size(12),
            head: head().set_align(FormatAlign::Left).set_indent(1),
            number_head: head().set_align(FormatAlign::Right),
            plain: Format::new(),
            note: wrapped(),
            cells: BTreeMap::new(),
        }
    }

    /// Returns the format of a look.
    pub(super) fn cell(&mut self, look: Look) -> &Format {
        self.cells.entry(look).or_insert_with_key(|look| {
            let align = if look.is_right { FormatAlign::Right } else { FormatAlign::Left };
            let mut format = Format::new()
                .set_border(FormatBorder::Thin)
                .set_border_color(LINE)
                .set_align(FormatAlign::Top)
                .set_align(align);
            // Apart from a number that ends where it begins.
            format = format.set_indent(u8::from(!look.is_right));
            if look.number.is_empty() {
                format = format.set_text_wrap();
            } else {
                format = format.set_num_format(&look.number);
            }
            if look.is_total {
                format = format.set_bold().set_border_top(FormatBorder::Medium);
            }
            if look.is_told {
                format = format.set_background_color(TOLD);
            }
            format
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: f64, format: CellFormat, expected: &str) {
        assert_eq!(number_format(&Value::Number(value), format), expected);
    }

    #[test]
    fn numbers_have_the_format_of_their_column() {
        check(1_234.0, CellFormat::Number { decimals: 2 }, "#,##0");
        check(1_234.56, CellFormat::Number { decimals: 1 }, "#,##0.0");
        check(12.5, CellFormat::Percent { decimals: 1 }, "#,##0.0%");
        check(-3.0, CellFormat::Change { decimals: 0 }, "+#,##0;-#,##0;#,##0");
        let format = CellFormat::PercentChange { decimals: 1 };
        check(8.0, format, "+#,##0.0%;-#,##0.0%;#,##0.0%");
        assert_eq!(number_format(&Value::Whole(630_000), CellFormat::Id), "0");
        assert_eq!(number_format(&Value::Text("=1".to_owned()), CellFormat::Text), "");
    }
}
