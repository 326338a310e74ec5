//! The page of GB/T 9704-2012, in twentieths of a point.
//!
//! The standard gives 天头 37 mm, 订口 28 mm and 版心 156 × 225 mm on A4, 22 lines of 28 characters; the
//! other two margins follow. A page that lies is the same page, turned to the left.

use crate::report::docx::paper::Orientation;
use crate::report::docx::xml::Xml;

/// Width and height of A4, 210 × 297 mm.
const SHEET: [u32; 2] = [11_906, 16_838];
/// 天头, 37 mm.
const TOP: u32 = 2_098;
/// 订口, 28 mm.
const BINDING: u32 = 1_588;
/// 切口, what is left beside 156 mm.
const OUTER: u32 = 1_474;
/// 地脚, 35 mm.
const BOTTOM: u32 = 1_984;
/// From the edge of the paper to the header.
const HEADER: u32 = 1_134;
/// From the edge of the paper to the foot of the page number, 25 mm: its dashes then stand 7 mm below the
/// text.
const FOOTER: u32 = 1_417;

/// Height of a line: 22 of them in 225 mm, rounded down, because otherwise only 21 fit.
pub(super) const LINE: u32 = 579;
/// What stands between characters of 16 points, in twentieths of a point: 28 of them fill 156 mm and 29 do
/// not. A grid of characters, as the standard thinks of it, would say the same; but LibreOffice gives every
/// character that is wider than its cell two of them.
pub(super) const CHARACTER_SPACE: &str = "-5";

/// Returns the width of the text on a page.
pub(super) fn text_width(orientation: Orientation) -> u32 {
    let [width, height] = SHEET;
    match orientation {
        Orientation::Portrait => width - BINDING - OUTER,
        Orientation::Landscape => height - TOP - BOTTOM,
    }
}

/// Writes the properties of a section: header and footers, page, grid.
pub(super) fn write(xml: &mut Xml, orientation: Orientation, has_header: bool) {
    xml.element("w:sectPr", &[], |xml| {
        for kind in ["default", "even"] {
            if has_header {
                xml.empty("w:headerReference", &[("w:type", kind), ("r:id", "rIdHeader")]);
            }
        }
        xml.empty("w:footerReference", &[("w:type", "default"), ("r:id", "rIdFooterOdd")]);
        xml.empty("w:footerReference", &[("w:type", "even"), ("r:id", "rIdFooterEven")]);
        xml.value("w:type", "nextPage");
        let [width, height] = SHEET.map(|side| side.to_string());
        match orientation {
            Orientation::Portrait => xml.empty("w:pgSz", &[("w:w", &width), ("w:h", &height)]),
            Orientation::Landscape => {
                let turned = [("w:w", &*height), ("w:h", &*width), ("w:orient", "landscape")];
                xml.empty("w:pgSz", &turned);
            }
        }
        let [top, right, bottom, left] = match orientation {
            Orientation::Portrait => [TOP, OUTER, BOTTOM, BINDING],
            Orientation::Landscape => [BINDING, TOP, OUTER, BOTTOM],
        };
        let margins = [
            ("w:top", top),
            ("w:right", right),
            ("w:bottom", bottom),
            ("w:left", left),
            ("w:header", HEADER.min(top)),
            ("w:footer", FOOTER.min(bottom)),
            ("w:gutter", 0),
        ]
        .map(|(name, width)| (name, width.to_string()));
        xml.empty("w:pgMar", &margins.each_ref().map(|(name, width)| (*name, width.as_str())));
        let line = LINE.to_string();
        xml.empty("w:docGrid", &[("w:type", "lines"), ("w:linePitch", &line)]);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Twentieths of a point in a millimetre.
    const MILLIMETRE: f64 = 1440.0 / 25.4;

    #[test]
    fn the_text_is_as_large_as_the_standard_has_it() {
        let width = f64::from(text_width(Orientation::Portrait));
        assert!((width / MILLIMETRE - 156.0).abs() < 0.05, "{width}");
        let height = f64::from(SHEET[1] - TOP - BOTTOM);
        assert!((height / MILLIMETRE - 225.0).abs() < 0.05, "{height}");
        assert!(f64::from(22 * LINE) <= height && f64::from(23 * LINE) > height);
        let character = 16.0 * 20.0 + CHARACTER_SPACE.parse::<f64>().unwrap();
        assert!(28.0 * character <= width && 29.0 * character > width);
    }
}
