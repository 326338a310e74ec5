//! Elements of ODF, by what the readers do about them.

use crate::source::RemarkKind;
use crate::source::odf::styles::Family;
use crate::source::sheets::{Epoch, NumberKind, boolean_text, iso_date_text, stored_text};
use crate::source::styles::TextLook;
use crate::source::xml::Element;

/// Something in the content of a document.
pub(super) enum Token {
    /// Text as it stands in the XML.
    Text(String),
    /// A paragraph or a heading, with the name of its style.
    StyledParagraph(Option<String>),
    /// A paragraph or a heading.
    Paragraph,
    /// Spaces that were typed.
    Spaces(usize),
    /// Another character that was typed.
    Character(char),
    /// A frame or a shape, which may hold paragraphs.
    Frame,
    /// A table of a text, or a sheet.
    Table {
        /// Its name.
        name: String,
        /// The name of its style.
        style: Option<String>,
    },
    /// Columns of a table.
    Columns(Repeated),
    /// Rows of a table that are all alike.
    Rows(Repeated),
    /// Cells that are all alike.
    Cells(CellToken),
    /// Cells that others cover.
    Covered(usize),
    /// A style.
    Style {
        /// Its name, where it is one of tables.
        of_tables: Option<String>,
        /// What it is, where it is one of texts, paragraphs or cells.
        of_texts: Option<NamedStyle>,
    },
    /// The last style says whether its text is raised, lowered, struck through or hidden.
    SetsApart(TextLook),
    /// Text of a style, by its name.
    Span(Option<String>),
    /// Text that is raised, lowered or struck through.
    Apart(RemarkKind),
    /// The last style is one of tables that are hidden.
    HidesTables,
    /// What was deleted and inserted while changes were tracked.
    TrackedChanges,
    /// A footnote or a comment.
    SideText,
    /// An object of another program.
    Embedded,
    /// Texts that are not shown.
    LeftOut,
    /// An element whose content stands in its place.
    Other,
    /// The end of an element.
    Closed,
}

/// A style of texts, paragraphs or cells.
#[derive(Debug)]
pub(super) struct NamedStyle {
    /// What it is for.
    pub(super) family: Family,
    /// Its name; `None` for what holds where no style says otherwise.
    pub(super) name: Option<String>,
    /// The name of the style from which it takes over what it does not say.
    pub(super) parent: Option<String>,
}

/// Rows or columns that are all alike.
#[derive(Debug, Clone, Copy)]
pub(super) struct Repeated {
    /// How many there are, at least 1. Not to be trusted.
    pub(super) n: usize,
    /// Whether their author hid them.
    pub(super) is_hidden: bool,
}

/// Cells that are all alike, without the text that stands in them.
pub(super) struct CellToken {
    /// How many there are, at least 1. Not to be trusted.
    pub(super) n: usize,
    /// Rows that the cell covers, at least 1. Not to be trusted.
    pub(super) n_rows: usize,
    /// Columns that the cell covers, at least 1. Not to be trusted.
    pub(super) n_columns: usize,
    /// The value, where its text depends on how it is shown.
    pub(super) value: Option<String>,
    /// The value where the cell has no text.
    pub(super) spare: Option<String>,
    /// Whether the value is the result of a formula.
    pub(super) has_formula: bool,
    /// The name of its style.
    pub(super) style: Option<String>,
}

impl Token {
    /// Returns what an element is.
    pub(super) fn of(element: &Element<'_>) -> Self {
        match element.name() {
            "p" | "h" => Self::StyledParagraph(element.attribute("style-name")),
            "span" => Self::Span(element.attribute("style-name")),
            "s" => Self::Spaces(count(element, "c")),
            "tab" => Self::Character('\t'),
            "line-break" => Self::Character('\n'),
            "frame" | "g" | "custom-shape" | "rect" | "circle" | "ellipse" | "line"
            | "polyline" | "polygon" | "regular-polygon" | "path" | "connector" | "caption" => {
                Self::Frame
            }
            "table" => Self::Table {
                name: element.attribute("name").unwrap_or_default(),
                style: element.attribute("style-name"),
            },
            "table-column" => Self::Columns(repeated(element, "number-columns-repeated")),
            "table-row" => Self::Rows(repeated(element, "number-rows-repeated")),
            "table-cell" => Self::Cells(CellToken::of(element)),
            "covered-table-cell" => Self::Covered(count(element, "number-columns-repeated")),
            "style" | "default-style" => style(element),
            "text-properties" => Self::SetsApart(look(element)),
            "table-properties" => match element.attribute("display").as_deref() {
                Some("false") => Self::HidesTables,
                _ => Self::Other,
            },
            "tracked-changes" => Self::TrackedChanges,
            "note" | "annotation" => Self::SideText,
            "object" | "object-ole" | "floating-frame" | "plugin" | "applet" => Self::Embedded,
            // Phonetic guides, code, controls, and what linked files held when they were last seen.
            "ruby-text" | "script" | "scripts" | "forms" | "dde-links" => Self::LeftOut,
            _ => Self::Other,
        }
    }
}

impl CellToken {
    fn of(element: &Element<'_>) -> Self {
        Self {
            n: count(element, "number-columns-repeated"),
            n_rows: count(element, "number-rows-spanned"),
            n_columns: count(element, "number-columns-spanned"),
            value: value(element),
            spare: element.attribute("string-value").or_else(|| element.attribute("time-value")),
            has_formula: element.attribute("formula").is_some(),
            style: element.attribute("style-name"),
        }
    }
}

fn style(element: &Element<'_>) -> Token {
    let family = element.attribute("family");
    let name = || element.attribute("name").filter(|_| element.name() == "style");
    let of_texts = match family.as_deref() {
        Some("text") => Some(Family::Text),
        Some("paragraph") => Some(Family::Paragraph),
        Some("table-cell") => Some(Family::Cell),
        _ => None,
    };
    let parent = || element.attribute("parent-style-name");
    Token::Style {
        of_tables: name().filter(|_| family.as_deref() == Some("table")),
        of_texts: of_texts.map(|family| NamedStyle { family, name: name(), parent: parent() }),
    }
}

/// Returns what properties say about how text is set apart.
fn look(properties: &Element<'_>) -> TextLook {
    let display = properties.attribute("display");
    // `super 58%`, `sub`, or by how much as `33% 58%`; `0% 100%` is where text stands.
    let position = properties.attribute("text-position");
    let raise = position.as_deref().and_then(|position| position.split_whitespace().next());
    let lines = ["text-line-through-style", "text-line-through-type"];
    let lines: Vec<String> =
        lines.into_iter().filter_map(|name| properties.attribute(name)).collect();
    TextLook {
        raised: raise.map(|raise| raise.trim_end_matches('%').parse() != Ok(0.0)),
        struck: (!lines.is_empty()).then(|| lines.iter().any(|line| line != "none")),
        hidden: display.map(|display| display == "none"),
    }
}

/// Returns the value of a cell as text; `None` where its own text says it best.
fn value(element: &Element<'_>) -> Option<String> {
    let number = |kind| {
        let text = stored_text(element.attribute("value")?.trim(), kind, Epoch::Y1900)?;
        Some(text.into_string())
    };
    match element.attribute("value-type")?.as_str() {
        "float" | "currency" => number(NumberKind::Plain),
        "percentage" => number(NumberKind::Percent),
        "date" => element.attribute("date-value").map(|stored| iso_date_text(stored.trim())),
        "boolean" => element.attribute("boolean-value").map(|v| boolean_text(v.trim() == "true")),
        _ => None,
    }
}

fn repeated(element: &Element<'_>, name: &str) -> Repeated {
    let visibility = element.attribute("visibility");
    Repeated {
        n: count(element, name),
        is_hidden: matches!(visibility.as_deref(), Some("collapse" | "filter")),
    }
}

fn count(element: &Element<'_>, name: &str) -> usize {
    element.number(name).unwrap_or(1).max(1)
}
