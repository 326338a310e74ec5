//! XML parts of documents, event by event, without anything that XML can do harm with.

use std::borrow::Cow;
use std::io::BufRead;

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};

use crate::source::SourceError;
use crate::source::container::{limit, read_error};
use crate::source::limits::MAX_DEPTH;

/// Something that stands in an XML part.
pub(super) enum XmlEvent<'a> {
    /// An element begins; an empty one also ends, as an event of its own.
    Open(Element<'a>),
    /// The element that was opened last ends.
    Close,
    /// Text, references resolved. Text between two tags can come in several pieces.
    Text(Cow<'a, str>),
    /// The part ends.
    End,
}

/// The beginning of an element.
pub(super) struct Element<'a>(BytesStart<'a>);

impl Element<'_> {
    /// Returns the name without the prefix of its namespace.
    pub(super) fn name(&self) -> &str {
        self.0.local_name().into_inner()
    }

    /// Returns the attributes in order, named without prefix.
    pub(super) fn attributes(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        // The reader refuses an element with others.
        self.checked_attributes().flatten()
    }

    /// Whether all attributes are XML: without one, a cell would be read as something else.
    fn is_well_formed(&self) -> bool {
        self.checked_attributes().all(|attribute| attribute.is_some())
    }

    /// Returns the attributes in order, named without prefix; `None` for those that are no XML.
    fn checked_attributes(&self) -> impl Iterator<Item = Option<(&str, Cow<'_, str>)>> {
        let mut attributes = self.0.attributes();
        // Nothing here depends on a name that is given twice, and to look for one takes long.
        attributes.with_checks(false);
        attributes.map(|attribute| {
            let attribute = attribute.ok()?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
            Some((attribute.key.local_name().into_inner(), value))
        })
    }

    /// Returns the value of an attribute, named without prefix; `None` where it is absent.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        let mut attributes = self.attributes();
        attributes.find(|(known, _)| *known == name).map(|(_, value)| value.into_owned())
    }

    /// Returns the value of an attribute as a number; `None` where it is absent or no number.
    pub(super) fn number(&self, name: &str) -> Option<usize> {
        self.attribute(name)?.trim().parse().ok()
    }

    /// Returns whether an attribute is switched on: `1`, `true` or `on`.
    pub(super) fn is_on(&self, name: &str) -> bool {
        self.attribute(name).is_some_and(|value| matches!(value.as_str(), "1" | "true" | "on"))
    }
}

/// A reader of one XML part.
///
/// A document type is refused, so that no entity is ever declared or fetched; so is nesting deeper
/// than documents have.
pub(super) struct XmlReader<'n, R> {
    reader: Reader<R>,
    buffer: Vec<u8>,
    depth: usize,
    /// Whether the element that was opened last is empty, and its end has not been told yet.
    is_end_due: bool,
    /// Whether nothing has been read since the last tag: between text and the tag behind it the reader
    /// relies on what comes next.
    is_behind_tag: bool,
    file_name: &'n str,
    part: &'n str,
}

impl<'n, R: BufRead> XmlReader<'n, R> {
    /// Returns a reader of a part; the names are for messages.
    pub(super) fn new(input: R, file_name: &'n str, part: &'n str) -> Self {
        let reader = Reader::from_reader(input);
        Self {
            reader,
            buffer: Vec::new(),
            depth: 0,
            is_end_due: false,
            is_behind_tag: false,
            file_name,
            part,
        }
    }

    /// Returns how many elements are open.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// Returns the next event.
    pub(super) fn next(&mut self) -> Result<XmlEvent<'_>, SourceError> {
        if std::mem::take(&mut self.is_end_due) {
            self.depth = self.depth.saturating_sub(1);
            return Ok(XmlEvent::Close);
        }
        self.buffer.clear();
        let (file_name, part) = (self.file_name, self.part);
        let event = self.reader.read_event_into(&mut self.buffer);
        self.is_behind_tag = matches!(event, Ok(Event::Start(_) | Event::Empty(_) | Event::End(_)));
        match event.map_err(|error| xml_error(&error, file_name, part))? {
            event @ (Event::Start(_) | Event::Empty(_)) => {
                self.is_end_due = matches!(event, Event::Empty(_));
                let (Event::Start(start) | Event::Empty(start)) = event else {
                    unreachable!("it is one of both")
                };
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err(limit(file_name, "nested_elements", MAX_DEPTH as u64));
                }
                let element = Element(start);
                if !element.is_well_formed() {
                    return Err(damaged(file_name, part, "flaw.attribute_malformed"));
                }
                Ok(XmlEvent::Open(element))
            }
            Event::End(_) => {
                self.depth = self.depth.saturating_sub(1);
                Ok(XmlEvent::Close)
            }
            Event::Text(text) => Ok(XmlEvent::Text(text.xml_content(XmlVersion::Implicit1_0))),
            Event::CData(text) => Ok(XmlEvent::Text(text.xml_content(XmlVersion::Implicit1_0))),
            Event::GeneralRef(reference) => {
                let resolved = match reference.resolve_char_ref() {
                    Ok(Some(c)) => Some(Cow::Owned(c.to_string())),
                    Ok(None) => resolve_predefined_entity(&reference).map(Cow::Borrowed),
                    Err(_) => None,
                };
                resolved.map(XmlEvent::Text).ok_or_else(|| {
                    let part = format!("{part} `&{};`", &*reference);
                    damaged(file_name, &part, "flaw.entity_unknown")
                })
            }
            Event::DocType(_) => Err(damaged(file_name, part, "flaw.document_type")),
            Event::Eof if self.depth > 0 => Err(damaged(file_name, part, "flaw.ends_early")),
            Event::Eof => Ok(XmlEvent::End),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => Ok(XmlEvent::Text("".into())),
        }
    }

    /// Hands the bytes that come next to `parse`, which takes whole elements of a plain form off them
    /// and returns how many bytes they are; `None` where it takes nothing.
    ///
    /// A large sheet has millions of cells of one form, and event by event they take twice as long.
    /// How many bytes there are is chance.
    pub(super) fn take_plain<T>(
        &mut self,
        parse: impl FnOnce(&[u8]) -> Option<(T, usize)>,
    ) -> Option<T> {
        if self.is_end_due || !self.is_behind_tag {
            return None;
        }
        let mut stream = self.reader.stream();
        // What is wrong with the input the next event tells.
        let (taken, n_bytes) = parse(stream.fill_buf().ok()?)?;
        stream.consume(n_bytes);
        Some(taken)
    }

    /// Passes over the rest of the element that was opened last.
    pub(super) fn skip_element(&mut self) -> Result<(), SourceError> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            if matches!(self.next()?, XmlEvent::End) {
                break;
            }
        }
        Ok(())
    }
}

fn xml_error(error: &quick_xml::Error, file_name: &str, part: &str) -> SourceError {
    match error {
        quick_xml::Error::Io(error) => read_error(error, file_name, part),
        other => damaged(file_name, part, &other.to_string()),
    }
}

fn damaged(file_name: &str, part: &str, reason: &str) -> SourceError {
    SourceError::Damaged {
        file_name: file_name.to_owned(),
        part: part.to_owned(),
        reason: reason.to_owned(),
    }
}
