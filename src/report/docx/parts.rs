//! The parts of the package beside the text: what they are, how they belong together, header and footers.
//!
//! Nothing here comes from data except the title and the line above the pages, and nothing tells a time.

use crate::report::docx::chart;
use crate::report::docx::paper::Paper;
use crate::report::docx::styles::{HEADER, PAGE_NUMBER};
use crate::report::docx::xml::Xml;

/// Kinds of parts begin with this.
const KINDS: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml";
/// Kinds of relationships begin with this.
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
/// The namespace of lists of relationships.
const RELATIONSHIPS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
/// The namespace of the properties of a package, and what its relationships begin with.
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
/// Kinds of parts of any package begin with this.
const PACKAGE_KINDS: &str = "application/vnd.openxmlformats-package";

/// A part that belongs to the text.
struct Side {
    /// Name of the file without its ending.
    file: &'static str,
    kind: &'static str,
    id: &'static str,
}

const fn side(file: &'static str, kind: &'static str, id: &'static str) -> Side {
    Side { file, kind, id }
}

/// The parts that belong to the text. The last is there only where the paper has a header.
const SIDES: [Side; 6] = [
    side("styles", "styles", "rIdStyles"),
    side("settings", "settings", "rIdSettings"),
    side("fontTable", "fontTable", "rIdFonts"),
    side("footer1", "footer", "rIdFooterOdd"),
    side("footer2", "footer", "rIdFooterEven"),
    side("header1", "header", "rIdHeader"),
];

fn sides(paper: &Paper) -> impl Iterator<Item = &'static Side> {
    let n_sides = if paper.header.is_some() { SIDES.len() } else { SIDES.len() - 1 };
    SIDES.iter().take(n_sides)
}

/// Returns the list of what kind each part is.
pub(super) fn content_types(paper: &Paper) -> Vec<u8> {
    let mut xml = Xml::begin();
    let namespace = format!("{PACKAGE}/content-types");
    xml.element("Types", &[("xmlns", &namespace)], |xml| {
        let relations = format!("{PACKAGE_KINDS}.relationships+xml");
        xml.empty("Default", &[("Extension", "rels"), ("ContentType", &relations)]);
        xml.empty("Default", &[("Extension", "xml"), ("ContentType", "application/xml")]);
        let mut part = |name: &str, kind: &str| {
            xml.empty("Override", &[("PartName", name), ("ContentType", kind)]);
        };
        part("/word/document.xml", &format!("{KINDS}.document.main+xml"));
        for side in sides(paper) {
            part(&format!("/word/{}.xml", side.file), &format!("{KINDS}.{}+xml", side.kind));
        }
        for (number, _) in (1..).zip(paper.charts()) {
            let kind = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml";
            part(&format!("/word/{}", chart::file_of(number)), kind);
        }
        part("/docProps/core.xml", &format!("{PACKAGE_KINDS}.core-properties+xml"));
        let application = "application/vnd.openxmlformats-officedocument.extended-properties+xml";
        part("/docProps/app.xml", application);
    });
    xml.finish()
}

/// Returns what the package consists of.
pub(super) fn package_relations() -> Vec<u8> {
    let core = format!("{PACKAGE}/relationships/metadata/core-properties");
    relations(&[
        (
            "rIdText".to_owned(),
            format!("{RELATIONS}/officeDocument"),
            "word/document.xml".to_owned(),
        ),
        ("rIdCore".to_owned(), core, "docProps/core.xml".to_owned()),
        (
            "rIdApp".to_owned(),
            format!("{RELATIONS}/extended-properties"),
            "docProps/app.xml".to_owned(),
        ),
    ])
}

/// Returns what belongs to the text.
pub(super) fn text_relations(paper: &Paper) -> Vec<u8> {
    let side = |side: &Side| {
        (side.id.to_owned(), format!("{RELATIONS}/{}", side.kind), format!("{}.xml", side.file))
    };
    let chart =
        |(number, _)| (chart::id_of(number), format!("{RELATIONS}/chart"), chart::file_of(number));
    let listed = sides(paper).map(side).chain((1..).zip(paper.charts()).map(chart));
    relations(&listed.collect::<Vec<_>>())
}

fn relations(listed: &[(String, String, String)]) -> Vec<u8> {
    let mut xml = Xml::begin();
    xml.element("Relationships", &[("xmlns", RELATIONSHIPS)], |xml| {
        for (id, kind, target) in listed {
            xml.empty("Relationship", &[("Id", id), ("Type", kind), ("Target", target)]);
        }
    });
    xml.finish()
}

/// Returns who made the file and what it is called. There are no times in it.
pub(super) fn core_properties(paper: &Paper) -> Vec<u8> {
    let mut xml = Xml::begin();
    let core = format!("{PACKAGE}/metadata/core-properties");
    let namespaces = [("xmlns:cp", &*core), ("xmlns:dc", "http://purl.org/dc/elements/1.1/")];
    xml.element("cp:coreProperties", &namespaces, |xml| {
        xml.element("dc:title", &[], |xml| xml.text(&paper.title));
        xml.element("dc:creator", &[], |xml| xml.text("tongban"));
    });
    xml.finish()
}

/// Returns which program made the file. Its version is left out: the same paper is the same file.
pub(super) fn application_properties() -> Vec<u8> {
    let mut xml = Xml::begin();
    let namespace = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties";
    xml.element("Properties", &[("xmlns", namespace)], |xml| {
        xml.element("Application", &[], |xml| xml.text("tongban"));
    });
    xml.finish()
}

/// Returns the settings of the paper.
pub(super) fn settings() -> Vec<u8> {
    let mut xml = Xml::begin();
    xml.element("w:settings", &[("xmlns:w", super::WORDPROCESSING)], |xml| {
        // Page numbers stand at the right of odd pages and at the left of even ones.
        xml.empty("w:evenAndOddHeaders", &[]);
        // Punctuation keeps its width, or a line would not have 28 characters.
        xml.value("w:characterSpacingControl", "doNotCompress");
        xml.element("w:compat", &[], |xml| {
            let mode = [
                ("w:name", "compatibilityMode"),
                ("w:uri", "http://schemas.microsoft.com/office/word"),
                ("w:val", "15"),
            ];
            xml.empty("w:compatSetting", &mode);
        });
    });
    xml.finish()
}

/// On which side of a page its number stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PageSide {
    Right,
    Left,
}

/// Returns a footer: the number of the page between two dashes, one character from the edge of the text.
pub(super) fn footer(side: PageSide) -> Vec<u8> {
    let mut xml = Xml::begin();
    xml.element("w:ftr", &[("xmlns:w", super::WORDPROCESSING)], |xml| {
        xml.element("w:p", &[], |xml| {
            xml.element("w:pPr", &[], |xml| {
                xml.value("w:pStyle", PAGE_NUMBER);
                let (align, indent) = match side {
                    PageSide::Right => ("right", ["w:rightChars", "w:right"]),
                    PageSide::Left => ("left", ["w:leftChars", "w:left"]),
                };
                let [characters, twips] = indent;
                xml.empty("w:ind", &[(characters, "100"), (twips, "280")]);
                xml.value("w:jc", align);
            });
            run(xml, "— ");
            xml.element("w:fldSimple", &[("w:instr", " PAGE ")], |xml| run(xml, "1"));
            run(xml, " —");
        });
    });
    xml.finish()
}

/// Returns the header of all pages.
pub(super) fn header(text: &str) -> Vec<u8> {
    let mut xml = Xml::begin();
    xml.element("w:hdr", &[("xmlns:w", super::WORDPROCESSING)], |xml| {
        xml.element("w:p", &[], |xml| {
            xml.element("w:pPr", &[], |xml| {
                xml.value("w:pStyle", HEADER);
                xml.value("w:jc", "right");
            });
            run(xml, text);
        });
    });
    xml.finish()
}

fn run(xml: &mut Xml, text: &str) {
    xml.element("w:r", &[], |xml| {
        xml.element("w:t", &[("xml:space", "preserve")], |xml| xml.text(text));
    });
}
