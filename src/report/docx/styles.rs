//! How each role looks: fonts by name, sizes, indents.
//!
//! The fonts are those that official papers are set in. They are licensed, so they are named and never
//! put into the file; where one is absent, a program takes the other name that `FONTS` gives, or its own.

use crate::report::docx::page::{CHARACTER_SPACE, LINE};
use crate::report::docx::paper::Role;
use crate::report::docx::xml::Xml;

/// The font of body text.
const FANGSONG: &str = "仿宋_GB2312";
/// The font of headings of the first level.
const HEITI: &str = "黑体";
/// The font of headings of the second level.
const KAITI: &str = "楷体_GB2312";
/// The font of titles.
const XIAOBIAOSONG: &str = "方正小标宋简体";
/// The font of page numbers.
const SONGTI: &str = "宋体";

/// Fonts by name, and under which other name they or the next best one is known.
const FONTS: [(&str, &str); 5] = [
    (FANGSONG, "FangSong"),
    (HEITI, "SimHei"),
    (KAITI, "KaiTi"),
    (XIAOBIAOSONG, "STZhongsong"),
    (SONGTI, "SimSun"),
];

/// 二号, 三号, 四号 and 小四 in half points.
const NO_2: u32 = 44;
const NO_3: u32 = 32;
const NO_4: u32 = 28;
const SMALL_4: u32 = 24;
/// 小五 in half points.
const SMALL_5: u32 = 18;

/// How a role looks.
struct Look {
    role: Role,
    id: &'static str,
    name: &'static str,
    font: &'static str,
    half_points: u32,
    align: &'static str,
    /// Height of a line in twentieths of a point.
    line: u32,
    /// Characters by which the first line, all lines from the left, and all from the right are indented.
    indent: Indent,
    /// Level in the outline, from 0.
    outline: Option<u32>,
    /// Whether it stays on the page of what follows.
    is_with_next: bool,
}

/// Indents in characters of the paragraph's own size.
#[derive(Clone, Copy)]
struct Indent {
    first: u32,
    left: u32,
    right: u32,
    hanging: u32,
}

const NONE: Indent = Indent { first: 0, left: 0, right: 0, hanging: 0 };
const TWO_IN: Indent = Indent { first: 2, ..NONE };

const fn look(role: Role, id: &'static str, name: &'static str) -> Look {
    Look {
        role,
        id,
        name,
        font: FANGSONG,
        half_points: NO_3,
        align: "both",
        line: LINE,
        indent: NONE,
        outline: None,
        is_with_next: false,
    }
}

/// The looks of all roles. The first is what the others build on.
const LOOKS: [Look; 24] = [
    Look { indent: TWO_IN, ..look(Role::Body, "Normal", "Normal") },
    // A signature is never without text on its page.
    Look { indent: TWO_IN, is_with_next: true, ..look(Role::BodyEnd, "BodyEnd", "Body End") },
    Look {
        font: XIAOBIAOSONG,
        half_points: NO_2,
        align: "center",
        line: 700,
        is_with_next: true,
        ..look(Role::Title, "Title", "Title")
    },
    Look {
        font: KAITI,
        align: "center",
        is_with_next: true,
        ..look(Role::Subtitle, "Subtitle", "Subtitle")
    },
    Look { align: "center", ..look(Role::Number, "DocumentNumber", "Document Number") },
    look(Role::Addressees, "Addressees", "Addressees"),
    Look {
        font: HEITI,
        indent: TWO_IN,
        outline: Some(0),
        is_with_next: true,
        ..look(Role::Heading1, "Heading1", "heading 1")
    },
    Look {
        font: KAITI,
        indent: TWO_IN,
        outline: Some(1),
        is_with_next: true,
        ..look(Role::Heading2, "Heading2", "heading 2")
    },
    Look {
        indent: TWO_IN,
        outline: Some(2),
        is_with_next: true,
        ..look(Role::Heading3, "Heading3", "heading 3")
    },
    Look {
        indent: Indent { left: 6, hanging: 4, ..NONE },
        align: "left",
        is_with_next: true,
        ..look(Role::Attachment, "Attachment", "Attachment")
    },
    Look {
        indent: Indent { right: 2, ..NONE },
        align: "right",
        is_with_next: true,
        ..look(Role::Signature, "Signed", "Signed")
    },
    Look {
        indent: Indent { right: 4, ..NONE },
        align: "right",
        ..look(Role::Dated, "Dated", "Dated")
    },
    Look {
        font: HEITI,
        align: "left",
        is_with_next: true,
        ..look(Role::AnnexLabel, "AnnexLabel", "Annex Label")
    },
    Look {
        font: XIAOBIAOSONG,
        half_points: NO_2,
        align: "center",
        line: 700,
        outline: Some(0),
        is_with_next: true,
        ..look(Role::AnnexTitle, "AnnexTitle", "Annex Title")
    },
    Look {
        font: KAITI,
        half_points: NO_4,
        align: "center",
        is_with_next: true,
        ..look(Role::Caption, "TableCaption", "Table Caption")
    },
    Look {
        half_points: SMALL_4,
        // What cannot be broken, as the names of questions, would leave gaps between the other words.
        align: "left",
        line: 400,
        indent: TWO_IN,
        ..look(Role::Note, "TableNote", "Table Note")
    },
    Look { font: KAITI, indent: TWO_IN, ..look(Role::Remark, "Remark", "Remark") },
    Look {
        font: HEITI,
        half_points: SMALL_4,
        align: "center",
        line: 340,
        ..look(Role::ColumnLabel, "ColumnLabel", "Column Label")
    },
    Look {
        half_points: SMALL_4,
        align: "center",
        line: 340,
        ..look(Role::CellWords, "CellWords", "Cell Words")
    },
    Look {
        half_points: SMALL_4,
        align: "center",
        line: 340,
        ..look(Role::CellNumber, "CellNumber", "Cell Number")
    },
    Look {
        font: HEITI,
        half_points: SMALL_5,
        align: "center",
        line: 260,
        ..look(Role::DenseLabel, "DenseLabel", "Dense Label")
    },
    Look {
        half_points: SMALL_5,
        align: "left",
        line: 260,
        ..look(Role::DenseWords, "DenseWords", "Dense Words")
    },
    Look {
        half_points: SMALL_5,
        align: "right",
        line: 260,
        ..look(Role::DenseNumber, "DenseNumber", "Dense Number")
    },
    // A signature is never alone on its page: the names of the annexes above it come along.
    Look { is_with_next: true, ..look(Role::Blank, "BlankLine", "Blank Line") },
];

/// The character style of what differs from the notice before.
pub(super) const CHANGED: &str = "Changed";
/// The character style of what is not known yet.
pub(super) const OPEN: &str = "Open";
/// The character style of marks.
pub(super) const MARK: &str = "Mark";
/// The paragraph style of page numbers.
pub(super) const PAGE_NUMBER: &str = "PageNumber";
/// The paragraph style of headers.
pub(super) const HEADER: &str = "PageHeader";

/// Returns the id of the style of a role.
pub(super) fn id_of(role: Role) -> &'static str {
    LOOKS.iter().find(|look| look.role == role).map_or(LOOKS[0].id, |look| look.id)
}

/// Returns the part with the styles.
pub(super) fn part() -> Vec<u8> {
    let mut xml = Xml::begin();
    let namespace = [("xmlns:w", super::WORDPROCESSING)];
    xml.element("w:styles", &namespace, |xml| {
        xml.element("w:docDefaults", &[], |xml| {
            xml.element("w:rPrDefault", &[], |xml| {
                xml.element("w:rPr", &[], |xml| {
                    font(xml, FANGSONG);
                    size(xml, NO_3);
                    // Of digits and Latin words in every language: lines break within them by the
                    // rules of Chinese, as 99.|0%, where they are said to be Chinese.
                    xml.empty("w:lang", &[("w:val", "en-US"), ("w:eastAsia", "zh-CN")]);
                });
            });
            xml.element("w:pPrDefault", &[], |_| {});
        });
        for look in &LOOKS {
            paragraph_style(xml, look);
        }
        plain_style(xml, PAGE_NUMBER, "Page Number Line", SONGTI, NO_4);
        plain_style(xml, HEADER, "Page Header", KAITI, SMALL_4);
        character_style(xml, CHANGED, |xml| {
            let fill = [("w:val", "clear"), ("w:color", "auto"), ("w:fill", "FFE699")];
            xml.empty("w:shd", &fill);
        });
        character_style(xml, OPEN, |xml| {
            let fill = [("w:val", "clear"), ("w:color", "auto"), ("w:fill", "D9D9D9")];
            xml.empty("w:shd", &fill);
        });
        character_style(xml, MARK, |xml| xml.value("w:vertAlign", "superscript"));
    });
    xml.finish()
}

/// Returns the part with the fonts.
pub(super) fn font_part() -> Vec<u8> {
    let mut xml = Xml::begin();
    xml.element("w:fonts", &[("xmlns:w", super::WORDPROCESSING)], |xml| {
        for (name, other_name) in FONTS {
            xml.element("w:font", &[("w:name", name)], |xml| {
                xml.value("w:altName", other_name);
                xml.value("w:charset", "86");
            });
        }
    });
    xml.finish()
}

fn paragraph_style(xml: &mut Xml, look: &Look) {
    let is_first = look.role == LOOKS[0].role;
    let kind = match look.id {
        _ if is_first => ("w:default", "1"),
        id if is_known(id) => ("w:customStyle", "0"),
        _ => ("w:customStyle", "1"),
    };
    let attributes = [("w:type", "paragraph"), kind, ("w:styleId", look.id)];
    xml.element("w:style", &attributes, |xml| {
        xml.value("w:name", look.name);
        if !is_first {
            xml.value("w:basedOn", LOOKS[0].id);
        }
        xml.empty("w:qFormat", &[]);
        xml.element("w:pPr", &[], |xml| {
            if look.is_with_next {
                xml.empty("w:keepNext", &[]);
            }
            if look.line < LINE {
                // Lines of tables are lower than those of the grid.
                xml.value("w:snapToGrid", "0");
            }
            let line = look.line.to_string();
            let spacing =
                [("w:before", "0"), ("w:after", "0"), ("w:line", &line), ("w:lineRule", "exact")];
            xml.empty("w:spacing", &spacing);
            indent(xml, look);
            xml.value("w:jc", look.align);
            if let Some(level) = look.outline {
                xml.value("w:outlineLvl", &level.to_string());
            }
        });
        xml.element("w:rPr", &[], |xml| {
            font(xml, look.font);
            // Only lines of text are held to a number of characters.
            xml.value("w:spacing", if look.half_points == NO_3 { CHARACTER_SPACE } else { "0" });
            size(xml, look.half_points);
        });
    });
}

/// Whether programs have a style of this name of their own.
fn is_known(id: &str) -> bool {
    matches!(id, "Title" | "Subtitle") || id.starts_with("Heading")
}

fn indent(xml: &mut Xml, look: &Look) {
    // In twentieths of a point for programs that do not count in characters: one has ten half points.
    let twips = |characters: u32| (characters * look.half_points * 10).to_string();
    let hundredths = |characters: u32| (characters * 100).to_string();
    let Indent { first, left, right, hanging } = look.indent;
    let mut attributes = vec![
        ("w:leftChars", hundredths(left)),
        ("w:left", twips(left)),
        ("w:rightChars", hundredths(right)),
        ("w:right", twips(right)),
    ];
    if hanging > 0 {
        attributes.push(("w:hangingChars", hundredths(hanging)));
        attributes.push(("w:hanging", twips(hanging)));
    } else {
        attributes.push(("w:firstLineChars", hundredths(first)));
        attributes.push(("w:firstLine", twips(first)));
    }
    let attributes: Vec<(&str, &str)> =
        attributes.iter().map(|(name, value)| (*name, value.as_str())).collect();
    xml.empty("w:ind", &attributes);
}

/// A style of what stands outside the text.
fn plain_style(xml: &mut Xml, id: &str, name: &str, family: &str, half_points: u32) {
    let attributes = [("w:type", "paragraph"), ("w:customStyle", "1"), ("w:styleId", id)];
    xml.element("w:style", &attributes, |xml| {
        xml.value("w:name", name);
        xml.element("w:pPr", &[], |xml| {
            xml.value("w:snapToGrid", "0");
            xml.empty("w:spacing", &[("w:before", "0"), ("w:after", "0")]);
        });
        xml.element("w:rPr", &[], |xml| {
            font(xml, family);
            size(xml, half_points);
        });
    });
}

fn character_style(xml: &mut Xml, id: &str, look: impl FnOnce(&mut Xml)) {
    let attributes = [("w:type", "character"), ("w:customStyle", "1"), ("w:styleId", id)];
    xml.element("w:style", &attributes, |xml| {
        xml.value("w:name", id);
        xml.element("w:rPr", &[], look);
    });
}

/// The same font for all scripts: digits are set in the font of the text.
fn font(xml: &mut Xml, name: &str) {
    let scripts = ["w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"].map(|script| (script, name));
    xml.empty("w:rFonts", &scripts);
}

fn size(xml: &mut Xml, half_points: u32) {
    let size = half_points.to_string();
    xml.value("w:sz", &size);
    xml.value("w:szCs", &size);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_role_has_one_look_and_every_look_another_style() {
        let roles: BTreeSet<Role> = LOOKS.iter().map(|look| look.role).collect();
        assert_eq!(roles.len(), LOOKS.len());
        let ids: BTreeSet<&str> = LOOKS.iter().map(|look| look.id).collect();
        assert_eq!(ids.len(), LOOKS.len());
        assert_eq!(id_of(Role::Title), "Title");
    }
}
