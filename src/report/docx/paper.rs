//! A paper as it is laid out: sections of paragraphs and tables, each with its role.
//!
//! These are plain values. How a role looks is said in `styles`, how a page looks in `page`.

use crate::diag::Lang;
use crate::report::content::Chart;

/// A paper, whole.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Paper {
    /// What it is called, in the properties of the file.
    pub(super) title: String,
    /// The language of its text.
    pub(super) lang: Lang,
    /// What stands above every page; `None` for nothing.
    pub(super) header: Option<String>,
    /// Its sections, each on pages of its own; at least one.
    pub(super) sections: Vec<PaperSection>,
}

/// Pages of one orientation.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PaperSection {
    /// How its pages lie.
    pub(super) orientation: Orientation,
    /// What stands on them, in order.
    pub(super) blocks: Vec<PaperBlock>,
}

/// How a page lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Orientation {
    /// Higher than wide.
    Portrait,
    /// Wider than high.
    Landscape,
}

/// One thing after another.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum PaperBlock {
    /// A paragraph.
    Paragraph(PaperParagraph),
    /// A table.
    Table(PaperTable),
    /// A chart, whose title and notes stand around it.
    Chart(Chart),
}

/// A paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PaperParagraph {
    /// What it is to the paper, and so how it looks.
    pub(super) role: Role,
    /// Its text in pieces.
    pub(super) runs: Vec<Run>,
}

/// A piece of text. A line end in it begins a new line, a tab stays one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    /// As it stands; never markup.
    pub(super) text: String,
    /// How it is set off from the text around it.
    pub(super) emphasis: Emphasis,
}

/// How a piece of text is set off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Emphasis {
    /// Not at all.
    Plain,
    /// On a ground of colour: it differs from the notice before.
    Changed,
    /// On a grey ground: somebody has to put something in its place.
    Open,
    /// Raised and small, behind what it is about.
    Mark,
}

/// What a paragraph is to the paper, after GB/T 9704-2012 where that knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// Body text: 28 characters a line, the first one two characters in.
    Body,
    /// The last of body text, which stays on the page of what follows.
    BodyEnd,
    /// 标题.
    Title,
    /// What stands small below the title.
    Subtitle,
    /// 发文字号.
    Number,
    /// 主送机关.
    Addressees,
    /// A heading of the first level, as 一、.
    Heading1,
    /// A heading of the second level, as （一）.
    Heading2,
    /// A heading of a lower level, as 1. or （1）.
    Heading3,
    /// A line of 附件说明.
    Attachment,
    /// 发文机关署名.
    Signature,
    /// 成文日期.
    Dated,
    /// The label of an annex, as 附件1.
    AnnexLabel,
    /// The title of an annex.
    AnnexTitle,
    /// What stands between the title of a table and the table, or at its head.
    Caption,
    /// A note below a table.
    Note,
    /// Something to be heeded.
    Remark,
    /// A label of a column.
    ColumnLabel,
    /// Words in a cell.
    CellWords,
    /// A number, or what stands for one, in a cell.
    CellNumber,
    /// A label of a column of a dense table.
    DenseLabel,
    /// Words in a cell of a dense table.
    DenseWords,
    /// A number in a cell of a dense table.
    DenseNumber,
    /// An empty line.
    Blank,
}

/// A table with a header row that is repeated on every page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PaperTable {
    /// Whether its text is small: many columns have to stand beside each other. Annexes are set as they are
    /// published.
    pub(super) is_dense: bool,
    /// Its columns, at least one.
    pub(super) columns: Vec<PaperColumn>,
    /// Its rows below the header, each with a cell for every column.
    pub(super) rows: Vec<PaperRow>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PaperColumn {
    /// Its label.
    pub(super) label: String,
    /// Whether its cells are numbers, which stand in the middle as in published annexes, or words.
    pub(super) role: Role,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PaperRow {
    /// The text of each cell, in pieces.
    pub(super) cells: Vec<Vec<Run>>,
}

impl Paper {
    /// Returns its charts in order.
    pub(super) fn charts(&self) -> impl Iterator<Item = &Chart> {
        self.sections.iter().flat_map(|section| &section.blocks).filter_map(|block| match block {
            PaperBlock::Chart(chart) => Some(chart),
            PaperBlock::Paragraph(_) | PaperBlock::Table(_) => None,
        })
    }
}

impl Run {
    /// Returns a piece of text that is not set off.
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), emphasis: Emphasis::Plain }
    }
}

impl PaperParagraph {
    /// Returns a paragraph of one plain piece.
    pub(super) fn of(role: Role, text: impl Into<String>) -> Self {
        Self { role, runs: vec![Run::plain(text)] }
    }
}
