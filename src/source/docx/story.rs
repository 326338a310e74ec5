//! The main text of a DOCX file, from its XML.

use std::io::BufRead;

use crate::model::Spot;
use crate::source::blocks::BlockBuilder;
use crate::source::docx::styles::{RunLook, TextStyles, is_fill};
use crate::source::docx::table::{Table, TableCell, TableRow};
use crate::source::docx::tag::Tag;
use crate::source::flow::{Part, emit};
use crate::source::hidden::{Hidden, list};
use crate::source::remarks::{remark, remark_apart, remark_once};
use crate::source::styles::TextLook;
use crate::source::xml::{Element, XmlEvent, XmlReader};
use crate::source::{Block, Remark, RemarkKind, SourceError};

/// Reads the blocks of a text, and what is to be said about it.
pub(super) fn read<R: BufRead>(
    xml: XmlReader<'_, R>,
    styles: TextStyles,
    file_name: &str,
) -> Result<(Vec<Block>, Vec<Remark>), SourceError> {
    let mut reader = StoryReader {
        xml,
        styles,
        file_name,
        blocks: BlockBuilder::default(),
        remarks: Vec::new(),
        n_paragraphs: 0,
        chosen: Vec::new(),
        paragraph_look: TextLook::default(),
        apart: None,
        is_white: false,
        is_filled: false,
    };
    let mut flow = Flow::default();
    while let Some(tag) = reader.next_tag(0)? {
        reader.part(tag, &mut flow)?;
        if !flow.is_open {
            emit(&mut flow.parts, &mut reader.blocks);
        }
    }
    emit(&mut flow.parts, &mut reader.blocks);
    Ok((reader.blocks.finish(), reader.remarks))
}

/// Parts of the text, of a cell or of a frame, in order.
#[derive(Default)]
struct Flow {
    parts: Vec<Part>,
    /// Whether the mark of the last paragraph was deleted: the next one continues it.
    is_open: bool,
}

impl Flow {
    fn paragraph(&mut self, text: String, spot: Spot, is_mark_deleted: bool) {
        if text.trim().is_empty() {
            // A paragraph that was deleted as a whole ends nothing.
            self.is_open &= is_mark_deleted;
            return;
        }
        match self.parts.last_mut() {
            Some(Part::Paragraph { text: before, .. }) if self.is_open => before.push_str(&text),
            _ => self.parts.push(Part::Paragraph { text, spot }),
        }
        self.is_open = is_mark_deleted;
    }

    fn table(&mut self, parts: Vec<Part>) {
        self.is_open = false;
        self.parts.extend(parts);
    }
}

struct StoryReader<'n, R> {
    xml: XmlReader<'n, R>,
    styles: TextStyles,
    file_name: &'n str,
    blocks: BlockBuilder,
    remarks: Vec<Remark>,
    n_paragraphs: usize,
    /// Depths of alternatives that were taken, while others beside them may follow.
    chosen: Vec<usize>,
    /// What the style of the current paragraph says of its text.
    paragraph_look: TextLook,
    /// How the text of the current run is set apart from what it stands at.
    apart: Option<RemarkKind>,
    /// Whether the text of the current run is as white as the paper.
    is_white: bool,
    /// Whether the current paragraph or cell has a colour behind its text.
    is_filled: bool,
}

/// A text, and where white pieces of it begin and end.
#[derive(Default)]
struct Piecewise {
    text: String,
    white: Vec<std::ops::Range<usize>>,
}

impl Piecewise {
    fn push(&mut self, piece: &str, is_white: bool) {
        let start = self.text.len();
        self.text.push_str(piece);
        if is_white {
            self.white.push(start..self.text.len());
        }
    }

    /// Takes the white pieces out, unless all of the text is white and stands on a colour: then it
    /// shows.
    fn split(self, is_filled: bool) -> (String, Vec<String>) {
        let Self { mut text, white } = self;
        let n_white: usize = white.iter().map(|range| text[range.clone()].trim().len()).sum();
        let is_all = text.split_whitespace().map(str::len).sum::<usize>() <= n_white;
        if is_filled && is_all {
            return (text, Vec::new());
        }
        let pieces = white.iter().map(|range| text[range.clone()].to_owned()).collect();
        white.into_iter().rev().for_each(|range| text.replace_range(range, ""));
        (text, pieces)
    }
}

impl<R: BufRead> StoryReader<'_, R> {
    /// Returns the next element that makes a difference; `None` at the end of the element that is
    /// as deep as `inside`.
    fn next_tag(&mut self, inside: usize) -> Result<Option<Tag>, SourceError> {
        loop {
            let tag = match self.xml.next()? {
                XmlEvent::Open(element) => Tag::of(element.name()),
                XmlEvent::Close => Tag::Closed,
                XmlEvent::Text(_) => continue,
                XmlEvent::End => return Ok(None),
            };
            let depth = self.xml.depth();
            match tag {
                Tag::Closed if depth < inside => return Ok(None),
                Tag::Closed | Tag::Other => {}
                Tag::LeftOut => self.xml.skip_element()?,
                Tag::Inserted => self.remark(RemarkKind::TrackedChanges),
                Tag::Deleted => {
                    self.remark(RemarkKind::TrackedChanges);
                    self.xml.skip_element()?;
                }
                Tag::Embedded => {
                    self.remark(RemarkKind::Embedded);
                    self.xml.skip_element()?;
                }
                Tag::Run => {
                    self.is_white = false;
                    self.apart = self.styles.apart(&RunLook::default(), self.paragraph_look);
                }
                Tag::RunProperties => self.apart = self.run_properties()?,
                Tag::Alternatives => self.chosen.retain(|known| *known <= depth),
                // The same text box is written for new and for old programs: the first one counts.
                Tag::Alternative if self.chosen.contains(&depth) => self.xml.skip_element()?,
                Tag::Alternative => self.chosen.push(depth),
                tag => return Ok(Some(tag)),
            }
        }
    }

    fn remark(&mut self, kind: RemarkKind) {
        let spot = Spot::paragraph(self.n_paragraphs.max(1));
        remark_once(&mut self.remarks, kind, Some(spot));
    }

    fn part(&mut self, tag: Tag, flow: &mut Flow) -> Result<(), SourceError> {
        match tag {
            Tag::Paragraph => self.paragraph(flow),
            Tag::Table => {
                flow.table(self.table()?);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn paragraph(&mut self, flow: &mut Flow) -> Result<(), SourceError> {
        let inside = self.xml.depth();
        let spot = self.blocks.next_spot();
        self.n_paragraphs += 1;
        let mut text = Piecewise::default();
        let mut is_mark_deleted = false;
        let mut aside = Flow::default();
        // A text box stands inside a run, and its paragraphs have runs of their own.
        let around = (self.apart.take(), self.paragraph_look, self.is_white, self.is_filled);
        self.paragraph_look = self.styles.of_paragraph(None);
        while let Some(tag) = self.next_tag(inside)? {
            match (tag, self.apart) {
                (Tag::Text, None) => {
                    let mut piece = String::new();
                    self.text(&mut piece)?;
                    text.push(&piece, self.is_white);
                }
                (Tag::Text, Some(kind)) => {
                    let mut left_out = String::new();
                    self.text(&mut left_out)?;
                    remark_apart(&mut self.remarks, kind, &left_out, Some(spot));
                }
                // Tabs and line breaks divide cells whatever they look like.
                (Tag::Character(character), apart)
                    if apart.is_none() || character.is_whitespace() =>
                {
                    text.text.push(character);
                }
                (Tag::ParagraphProperties, _) => is_mark_deleted = self.paragraph_properties()?,
                // Within a paragraph these can only stand in a text box.
                (Tag::Paragraph | Tag::Table, _) => self.part(tag, &mut aside)?,
                _ => {}
            }
        }
        let (text, white) = text.split(self.is_filled);
        for left_out in white {
            remark_apart(&mut self.remarks, RemarkKind::TextHidden, &left_out, Some(spot));
        }
        (self.apart, self.paragraph_look, self.is_white, self.is_filled) = around;
        flow.paragraph(text, spot, is_mark_deleted);
        if !aside.parts.is_empty() {
            flow.parts.push(Part::Aside(aside.parts));
        }
        Ok(())
    }

    /// Takes the text of the element that was opened last.
    fn text(&mut self, text: &mut String) -> Result<(), SourceError> {
        let outside = self.xml.depth().saturating_sub(1);
        while self.xml.depth() > outside {
            match self.xml.next()? {
                // Line breaks have elements of their own; these come from the layout of the XML.
                XmlEvent::Text(piece) => text.push_str(&piece.replace(['\n', '\r'], " ")),
                XmlEvent::Open(_) | XmlEvent::Close => {}
                XmlEvent::End => break,
            }
        }
        Ok(())
    }

    /// Shows each property, and how deep it stands from 1, to a closure.
    fn properties(&mut self, mut take: impl FnMut(usize, &Element<'_>)) -> Result<(), SourceError> {
        let mut depth = 0_usize;
        loop {
            match self.xml.next()? {
                XmlEvent::Open(element) => {
                    depth += 1;
                    take(depth, &element);
                }
                XmlEvent::Close if depth == 0 => return Ok(()),
                XmlEvent::Close => depth -= 1,
                XmlEvent::Text(_) => {}
                XmlEvent::End => return Ok(()),
            }
        }
    }

    /// Returns how the text of a run is set apart; the element of its properties was opened last.
    fn run_properties(&mut self) -> Result<Option<RemarkKind>, SourceError> {
        let mut run = RunLook::default();
        self.properties(|depth, property| {
            if depth == 1 {
                run.add(property);
            }
        })?;
        self.is_white = run.is_white_on_paper();
        Ok(self.styles.apart(&run, self.paragraph_look))
    }

    /// Takes the style of a paragraph, and returns whether the mark at its end was deleted.
    fn paragraph_properties(&mut self) -> Result<bool, SourceError> {
        let mut is_in_mark = false;
        let mut style = None;
        let (mut is_deleted, mut is_inserted, mut is_filled) = (false, false, false);
        self.properties(|depth, property| match (depth, Tag::of(property.name())) {
            (1, _) => {
                is_filled |= is_fill(property);
                is_in_mark = property.name() == "rPr";
                if property.name() == "pStyle" {
                    style = property.attribute("val");
                }
            }
            (2, Tag::Deleted) if is_in_mark => is_deleted = true,
            (2, Tag::Inserted) if is_in_mark => is_inserted = true,
            _ => {}
        })?;
        self.is_filled |= is_filled;
        self.paragraph_look = self.styles.of_paragraph(style.as_deref());
        if is_deleted || is_inserted {
            self.remark(RemarkKind::TrackedChanges);
        }
        Ok(is_deleted)
    }

    fn table(&mut self) -> Result<Vec<Part>, SourceError> {
        let inside = self.xml.depth();
        let mut table = Table::new(self.file_name);
        let (mut n_rows, mut hidden, mut first_hidden) = (0, Hidden::default(), None);
        while let Some(tag) = self.next_tag(inside)? {
            if tag == Tag::Row
                && let Some(row) = self.row()?
            {
                n_rows += usize::from(!row.cells.is_empty());
                if row.is_hidden && row.has_text() {
                    hidden.add(n_rows, n_rows);
                    first_hidden = first_hidden.or(row.cells.first().map(|cell| cell.spot));
                }
                table.row(row)?;
            }
        }
        if first_hidden.is_some() {
            let rows: Vec<usize> = (1..=n_rows).collect();
            let what = list(&hidden.among(&rows));
            remark(&mut self.remarks, RemarkKind::RowsHidden, what, first_hidden);
        }
        Ok(table.finish())
    }

    /// Returns a row; `None` for one that was deleted while changes were tracked.
    fn row(&mut self) -> Result<Option<TableRow>, SourceError> {
        let inside = self.xml.depth();
        let mut row = TableRow::default();
        let (mut is_deleted, mut is_inserted) = (false, false);
        while let Some(tag) = self.next_tag(inside)? {
            match tag {
                Tag::Cell => row.cells.extend(self.cell()?),
                Tag::RowProperties => {
                    self.properties(|depth, property| match (depth, property.name()) {
                        (1, "gridBefore") => row.n_before = property.number("val").unwrap_or(0),
                        (1, "gridAfter") => row.n_after = property.number("val").unwrap_or(0),
                        (1, "hidden") => {
                            let value = property.attribute("val");
                            let is_off = matches!(value.as_deref(), Some("0" | "false" | "off"));
                            row.is_hidden = !is_off;
                        }
                        (1, "del") => is_deleted = true,
                        (1, "ins") => is_inserted = true,
                        _ => {}
                    })?;
                }
                _ => {}
            }
        }
        if is_deleted || is_inserted {
            self.remark(RemarkKind::TrackedChanges);
        }
        Ok((!is_deleted).then_some(row))
    }

    /// Returns a cell; `None` for one that was deleted while changes were tracked.
    fn cell(&mut self) -> Result<Option<TableCell>, SourceError> {
        let inside = self.xml.depth();
        // A cell begins with its first paragraph: the next one.
        let spot = Spot::paragraph(self.n_paragraphs + 1);
        let (mut n_columns, mut is_continued) = (1, false);
        let (mut is_deleted, mut is_changed) = (false, false);
        let mut flow = Flow::default();
        let (around, mut is_filled) = (self.is_filled, false);
        while let Some(tag) = self.next_tag(inside)? {
            if tag == Tag::CellProperties {
                self.properties(|depth, property| match (depth, property.name()) {
                    (1, "shd") => is_filled = is_fill(property),
                    (1, "cellDel") => is_deleted = true,
                    (1, "cellIns" | "cellMerge") => is_changed = true,
                    (1, "gridSpan") => n_columns = property.number("val").unwrap_or(1),
                    // Without a value it means `continue`.
                    (1, "vMerge") => {
                        is_continued = property.attribute("val").as_deref() != Some("restart");
                    }
                    _ => {}
                })?;
                self.is_filled |= is_filled;
            } else {
                self.part(tag, &mut flow)?;
            }
        }
        self.is_filled = around;
        if is_deleted || is_changed {
            self.remark(RemarkKind::TrackedChanges);
        }
        let cell = TableCell { parts: flow.parts, spot, n_columns, is_continued };
        Ok((!is_deleted).then_some(cell))
    }
}
