//! Elements of DOCX, by what the reader does about them.

/// What an element is to the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    /// A paragraph.
    Paragraph,
    /// Properties of a paragraph, those of its mark among them.
    ParagraphProperties,
    /// A run, whose text has the same properties all over.
    Run,
    /// Properties of a run.
    RunProperties,
    /// Text of a run.
    Text,
    /// A character that has an element of its own.
    Character(char),
    /// A table.
    Table,
    /// A row of a table.
    Row,
    /// Properties of a row.
    RowProperties,
    /// A cell of a row.
    Cell,
    /// Properties of a cell.
    CellProperties,
    /// Content that was inserted while changes were tracked.
    Inserted,
    /// Content that was deleted or moved away while changes were tracked.
    Deleted,
    /// Several versions of the same content.
    Alternatives,
    /// One of these versions.
    Alternative,
    /// An object of another program, or another file.
    Embedded,
    /// Properties and texts that are not shown.
    LeftOut,
    /// An element whose content stands in its place.
    Other,
    /// The end of an element.
    Closed,
}

impl Tag {
    /// Returns what an element of this local name is.
    pub(super) fn of(name: &str) -> Self {
        match name {
            "p" => Self::Paragraph,
            "pPr" => Self::ParagraphProperties,
            "r" => Self::Run,
            "rPr" => Self::RunProperties,
            "t" => Self::Text,
            "tab" | "ptab" => Self::Character('\t'),
            "br" | "cr" => Self::Character('\n'),
            "noBreakHyphen" => Self::Character('-'),
            "tbl" => Self::Table,
            "tr" => Self::Row,
            "trPr" => Self::RowProperties,
            "tc" => Self::Cell,
            "tcPr" => Self::CellProperties,
            "ins" | "moveTo" => Self::Inserted,
            "del" | "moveFrom" => Self::Deleted,
            "AlternateContent" => Self::Alternatives,
            "Choice" | "Fallback" => Self::Alternative,
            "altChunk" | "object" | "subDoc" => Self::Embedded,
            "sectPr" | "sdtPr" | "sdtEndPr" | "tblPr" | "tblPrEx" | "tblGrid" | "instrText"
            | "delText" | "delInstrText" | "rt" => Self::LeftOut,
            _ => Self::Other,
        }
    }
}
