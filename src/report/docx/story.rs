//! The text of a paper: sections, paragraphs, runs.

use crate::report::docx::chart;
use crate::report::docx::page;
use crate::report::docx::paper::{
    Emphasis, Paper, PaperBlock, PaperParagraph, PaperSection, Role, Run,
};
use crate::report::docx::styles::{CHANGED, MARK, OPEN, id_of};
use crate::report::docx::table;
use crate::report::docx::xml::Xml;

/// The namespace of identifiers of other parts.
pub(super) const RELATIONS: &str =
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// Notes below a table that stay on one page; more of them may fill one.
const KEPT_NOTES: usize = 6;

/// Whether something has to stand on the page of what follows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keeping {
    /// Wherever there is room.
    Free,
    /// On the page of what follows.
    WithNext,
}

/// Returns the part with the text.
pub(super) fn part(paper: &Paper) -> Vec<u8> {
    let mut xml = Xml::begin();
    let namespaces = [("xmlns:w", super::WORDPROCESSING), ("xmlns:r", RELATIONS)];
    xml.element("w:document", &namespaces, |xml| {
        xml.element("w:body", &[], |xml| {
            let has_header = paper.header.is_some();
            let Some((last, others)) = paper.sections.split_last() else { return };
            let mut n_charts = 0;
            for section in others {
                blocks(xml, section, Some(has_header), &mut n_charts);
            }
            // The last section has its properties behind its text and not within it.
            blocks(xml, last, None, &mut n_charts);
            page::write(xml, last.orientation, has_header);
        });
    });
    xml.finish()
}

/// Writes the blocks of a section. `ends` tells that the properties of the section stand in its last
/// paragraph, and whether the paper has a header; `n_charts` counts the charts of the paper.
fn blocks(xml: &mut Xml, section: &PaperSection, ends: Option<bool>, n_charts: &mut usize) {
    let properties = |xml: &mut Xml| {
        if let Some(has_header) = ends {
            page::write(xml, section.orientation, has_header);
        }
    };
    let width = page::text_width(section.orientation);
    if section.blocks.is_empty() {
        low_paragraph(xml, properties);
    }
    for (idx, block) in section.blocks.iter().enumerate() {
        let next = section.blocks.get(idx + 1);
        let may_be_kept = !is_note(block) || n_notes_around(&section.blocks, idx) <= KEPT_NOTES;
        let is_kept = may_be_kept && next.is_some_and(is_note);
        let keeping = if is_kept { Keeping::WithNext } else { Keeping::Free };
        match (block, next) {
            (PaperBlock::Paragraph(text), None) => paragraph(xml, text, keeping, properties),
            (PaperBlock::Paragraph(text), Some(_)) => paragraph(xml, text, keeping, |_| {}),
            (PaperBlock::Chart(drawn), next) => {
                *n_charts += 1;
                chart_paragraph(xml, keeping, |xml| chart::frame(xml, drawn, *n_charts, width));
                if next.is_none() {
                    low_paragraph(xml, properties);
                }
            }
            (PaperBlock::Table(grid), next) => {
                table::write(xml, grid, width, keeping);
                // Tables that follow each other would become one, and behind the last one there has to be
                // a paragraph in any case.
                match next {
                    None => low_paragraph(xml, properties),
                    Some(PaperBlock::Table(_)) => low_paragraph(xml, |_| {}),
                    Some(PaperBlock::Paragraph(_) | PaperBlock::Chart(_)) => {}
                }
            }
        }
    }
}

fn is_note(block: &PaperBlock) -> bool {
    matches!(block, PaperBlock::Paragraph(text) if text.role == Role::Note)
}

/// Counts the notes that a note stands among.
fn n_notes_around(blocks: &[PaperBlock], idx: usize) -> usize {
    let before = blocks[..idx].iter().rev().take_while(|block| is_note(block)).count();
    before + blocks[idx..].iter().take_while(|block| is_note(block)).count()
}

/// Writes an empty paragraph that is as low as can be, so that it makes no page.
fn low_paragraph(xml: &mut Xml, rest: impl FnOnce(&mut Xml)) {
    xml.element("w:p", &[], |xml| {
        xml.element("w:pPr", &[], |xml| {
            xml.value("w:snapToGrid", "0");
            let low =
                [("w:before", "0"), ("w:after", "0"), ("w:line", "20"), ("w:lineRule", "exact")];
            xml.empty("w:spacing", &low);
            rest(xml);
        });
    });
}

/// Writes a paragraph that is as high as the chart in it.
fn chart_paragraph(xml: &mut Xml, keeping: Keeping, frame: impl FnOnce(&mut Xml)) {
    xml.element("w:p", &[], |xml| {
        xml.element("w:pPr", &[], |xml| {
            keep(xml, keeping);
            xml.value("w:snapToGrid", "0");
            let high =
                [("w:before", "0"), ("w:after", "0"), ("w:line", "240"), ("w:lineRule", "auto")];
            xml.empty("w:spacing", &high);
            xml.empty("w:ind", &[("w:firstLineChars", "0"), ("w:firstLine", "0")]);
            xml.value("w:jc", "center");
        });
        xml.element("w:r", &[], frame);
    });
}

/// Writes a paragraph, with what `rest` adds to the end of its properties.
fn paragraph(xml: &mut Xml, text: &PaperParagraph, keeping: Keeping, rest: impl FnOnce(&mut Xml)) {
    xml.element("w:p", &[], |xml| {
        xml.element("w:pPr", &[], |xml| {
            // What stands so by default needs no name.
            if text.role != Role::Body {
                xml.value("w:pStyle", id_of(text.role));
            }
            keep(xml, keeping);
            rest(xml);
        });
        runs(xml, &text.runs);
    });
}

/// Writes a paragraph in a cell.
pub(super) fn cell_paragraph(xml: &mut Xml, role: Role, keeping: Keeping, pieces: &[Run]) {
    xml.element("w:p", &[], |xml| {
        xml.element("w:pPr", &[], |xml| {
            xml.value("w:pStyle", id_of(role));
            keep(xml, keeping);
        });
        runs(xml, pieces);
    });
}

fn keep(xml: &mut Xml, keeping: Keeping) {
    if keeping == Keeping::WithNext {
        xml.empty("w:keepNext", &[]);
    }
}

fn runs(xml: &mut Xml, pieces: &[Run]) {
    for run in pieces.iter().filter(|run| !run.text.is_empty()) {
        xml.element("w:r", &[], |xml| {
            let style = match run.emphasis {
                Emphasis::Plain => None,
                Emphasis::Changed => Some(CHANGED),
                Emphasis::Open => Some(OPEN),
                Emphasis::Mark => Some(MARK),
            };
            if let Some(style) = style {
                xml.element("w:rPr", &[], |xml| xml.value("w:rStyle", style));
            }
            characters(xml, &run.text);
        });
    }
}

/// Writes text; line ends and tabs have elements of their own.
fn characters(xml: &mut Xml, text: &str) {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let end = rest.find(['\n', '\t']).unwrap_or(rest.len());
        let (piece, behind) = rest.split_at(end);
        if !piece.is_empty() {
            xml.element("w:t", &[("xml:space", "preserve")], |xml| xml.text(piece));
        }
        let mut behind = behind.chars();
        match behind.next() {
            Some('\n') => xml.empty("w:br", &[]),
            Some(_) => xml.empty("w:tab", &[]),
            None => {}
        }
        rest = behind.as_str();
    }
}
