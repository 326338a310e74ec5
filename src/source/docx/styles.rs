//! How the styles of a DOCX file set text apart from what it stands at.

use crate::source::container::Container;
use crate::source::styles::{Styles, TextLook};
use crate::source::xml::{Element, XmlEvent, XmlReader};
use crate::source::{RemarkKind, SourceError};

/// The part with the styles.
const PART: &str = "word/styles.xml";

/// Half points by which text is raised or lowered before a reader sees it.
const MIN_SHIFT: i64 = 3;

/// The styles of paragraphs and of runs.
#[derive(Default)]
pub(super) struct TextStyles {
    paragraphs: Styles,
    runs: Styles,
    /// What holds where no style says otherwise.
    default: TextLook,
}

/// A family of styles, and the name of one of them.
type Named = (Family, String);

#[derive(Clone, Copy)]
enum Family {
    Paragraphs,
    Runs,
}

impl TextStyles {
    /// Reads the styles; without such a part, none sets text apart.
    pub(super) fn parse(
        container: &mut Container<'_>,
        file_name: &str,
    ) -> Result<Self, SourceError> {
        let mut styles = Self::default();
        let Some(bytes) = container.read(PART)? else { return Ok(styles) };
        let mut xml = XmlReader::new(bytes.as_slice(), file_name, PART);
        let mut current = None;
        loop {
            let depth = xml.depth();
            let is_over = match xml.next()? {
                XmlEvent::Open(element) => styles.take(depth, &element, &mut current),
                XmlEvent::End => return Ok(styles),
                XmlEvent::Close | XmlEvent::Text(_) => false,
            };
            if is_over {
                xml.skip_element()?;
            }
        }
    }

    /// Takes an element that stands below `depth` others; returns whether it is to be passed over.
    fn take(&mut self, depth: usize, element: &Element<'_>, current: &mut Option<Named>) -> bool {
        match (depth, element.name()) {
            (0, _) | (1, "docDefaults") | (2, "rPrDefault" | "rPr") | (3, "rPr") => return false,
            (1, "style") => {
                *current = self.begin(element);
                return current.is_none();
            }
            (2, "basedOn") => {
                if let (Some((family, name)), Some(parent)) = (current, element.attribute("val")) {
                    self.family(*family).set_parent(name, parent);
                }
            }
            (3, _) => {
                if let Some((family, name)) = current {
                    self.family(*family).set(Some(name), look_of(element));
                }
            }
            (4, _) => self.default = self.default.with(look_of(element)),
            // Marks of paragraphs and parts of tables have properties of the same names.
            _ => {}
        }
        true
    }

    /// Adds a style; `None` for those of tables and lists.
    fn begin(&mut self, element: &Element<'_>) -> Option<Named> {
        let name = element.attribute("styleId")?;
        let family = match element.attribute("type").as_deref() {
            Some("paragraph") | None => Family::Paragraphs,
            Some("character") => Family::Runs,
            Some(_) => return None,
        };
        self.family(family).add(name.clone(), None);
        if element.is_on("default") {
            self.family(family).set_default_name(&name);
        }
        Some((family, name))
    }

    fn family(&mut self, family: Family) -> &mut Styles {
        match family {
            Family::Paragraphs => &mut self.paragraphs,
            Family::Runs => &mut self.runs,
        }
    }

    /// Returns what the style of a paragraph says of its text.
    pub(super) fn of_paragraph(&self, style: Option<&str>) -> TextLook {
        self.paragraphs.look(style)
    }

    /// Returns how a run is set apart, by its own properties, its style and that of its paragraph.
    ///
    /// Styles of both that strike text through or hide it switch each other off in some programs: here
    /// each of them counts.
    pub(super) fn apart(&self, run: &RunLook, paragraph: TextLook) -> Option<RemarkKind> {
        let style = self.runs.look(run.style.as_deref());
        let styles = TextLook { raised: style.over(paragraph).raised, ..style.with(paragraph) };
        run.look.over(styles).over(self.default).apart()
    }
}

/// What the properties of a run say.
#[derive(Default)]
pub(super) struct RunLook {
    style: Option<String>,
    look: TextLook,
    is_white: bool,
    is_filled: bool,
}

impl RunLook {
    /// Adds a property.
    pub(super) fn add(&mut self, property: &Element<'_>) {
        if property.name() == "rStyle" {
            self.style = property.attribute("val");
        }
        let value = property.attribute("val");
        match property.name() {
            "color" => self.is_white = value.is_some_and(|value| is_white(&value)),
            "highlight" => self.is_filled |= !matches!(value.as_deref(), Some("none" | "white")),
            _ => self.is_filled |= is_fill(property),
        }
        self.look = self.look.with(look_of(property));
    }

    /// Whether the text is as white as the paper, as far as the run says.
    pub(super) fn is_white_on_paper(&self) -> bool {
        self.is_white && !self.is_filled
    }
}

/// Whether a property of a run, a paragraph or a cell fills what is behind its text with a colour.
pub(super) fn is_fill(property: &Element<'_>) -> bool {
    let is_coloured = |name: &str, none: &[&str]| {
        let value = property.attribute(name);
        value.is_some_and(|value| !none.contains(&&*value) && !is_white(&value))
    };
    property.name() == "shd"
        && (is_coloured("fill", &["auto", ""]) || is_coloured("val", &["clear", "nil", ""]))
}

fn is_white(colour: &str) -> bool {
    colour.eq_ignore_ascii_case("FFFFFF")
}

/// Returns what a property says.
fn look_of(property: &Element<'_>) -> TextLook {
    let value = property.attribute("val");
    let is_on = || Some(!matches!(value.as_deref(), Some("0" | "false" | "off" | "none")));
    let mut look = TextLook::default();
    match property.name() {
        "vertAlign" => {
            look.raised = Some(matches!(value.as_deref(), Some("superscript" | "subscript")));
        }
        // In half points; what cannot be read is taken for something that sets apart.
        "position" => {
            let shift = value.map_or(Ok(0), |value| value.trim().parse::<i64>());
            look.raised = Some(shift.map_or(true, |shift| shift.saturating_abs() >= MIN_SHIFT));
        }
        "strike" | "dstrike" => look.struck = is_on(),
        "vanish" => look.hidden = is_on(),
        _ => {}
    }
    look
}
