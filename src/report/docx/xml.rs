//! XML parts, element by element: everything escaped, nothing in them that XML forbids.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

/// What stands for a character that a document cannot hold.
const REPLACEMENT: char = '\u{fffd}';

/// Why writing cannot fail.
const IN_MEMORY: &str = "memory takes any bytes";

/// One part of a package while it is written.
pub(super) struct Xml {
    writer: Writer<Vec<u8>>,
}

impl Xml {
    /// Begins a part.
    pub(super) fn begin() -> Self {
        let mut writer = Writer::new(Vec::new());
        let declaration = BytesDecl::new("1.0", Some("UTF-8"), Some("yes"));
        writer.write_event(Event::Decl(declaration)).expect(IN_MEMORY);
        Self { writer }
    }

    /// Writes an element with what `inside` writes.
    pub(super) fn element(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        inside: impl FnOnce(&mut Self),
    ) {
        self.event(Event::Start(started(name, attributes)));
        inside(self);
        self.event(Event::End(BytesEnd::new(name)));
    }

    /// Writes an element without content.
    pub(super) fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.event(Event::Empty(started(name, attributes)));
    }

    /// Writes an element that has nothing but the attribute `w:val`.
    pub(super) fn value(&mut self, name: &str, value: &str) {
        self.empty(name, &[("w:val", value)]);
    }

    /// Writes text.
    pub(super) fn text(&mut self, text: &str) {
        self.event(Event::Text(BytesText::new(&allowed(text))));
    }

    /// Ends the part and returns its bytes.
    pub(super) fn finish(self) -> Vec<u8> {
        self.writer.into_inner()
    }

    fn event(&mut self, event: Event<'_>) {
        self.writer.write_event(event).expect(IN_MEMORY);
    }
}

fn started<'a>(name: &'a str, attributes: &[(&str, &str)]) -> BytesStart<'a> {
    let mut start = BytesStart::new(name);
    for (key, value) in attributes {
        start.push_attribute((*key, allowed(value).as_str()));
    }
    start
}

/// Returns the text with a mark in the place of every character that XML forbids, or that makes a reader
/// see its neighbours in another order than they stand.
fn allowed(text: &str) -> String {
    text.chars()
        .map(|character| if is_allowed(character) { character } else { REPLACEMENT })
        .collect()
}

fn is_allowed(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' => true,
        // Marks of direction; noncharacters, of which XML itself forbids the last two and which mean
        // nothing.
        '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{61c}'
        | '\u{fdd0}'..='\u{fdef}'
        | '\u{fffe}'
        | '\u{ffff}' => false,
        other => !other.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut xml = Xml::begin();
        xml.element("t", &[("a", text)], |xml| xml.text(text));
        let bytes = String::from_utf8(xml.finish()).unwrap();
        let (_, element) = bytes.split_once("?>").unwrap();
        assert_eq!(element, expected);
    }

    #[test]
    fn markup_in_texts_is_text() {
        check(
            "</w:t>&lt;'\"",
            "<t a=\"&lt;/w:t&gt;&amp;lt;&apos;&quot;\">&lt;/w:t&gt;&amp;lt;&apos;&quot;</t>",
        );
        check("青海省 ]]>", "<t a=\"青海省 ]]&gt;\">青海省 ]]&gt;</t>");
    }

    #[test]
    fn what_no_document_may_hold_is_marked() {
        for character in [
            '\0', '\u{1}', '\u{b}', '\u{1f}', '\u{7f}', '\u{9b}', '\u{202e}', '\u{fdd0}',
            '\u{ffff}',
        ] {
            let marked = "1\u{fffd}2";
            check(&format!("1{character}2"), &format!("<t a=\"{marked}\">{marked}</t>"));
        }
    }

    #[test]
    fn elements_stand_in_one_another() {
        let mut xml = Xml::begin();
        xml.element("a", &[], |xml| {
            xml.value("b", "1");
            xml.empty("c", &[]);
        });
        let bytes = String::from_utf8(xml.finish()).unwrap();
        assert_eq!(
            bytes,
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><a><b w:val=\"1\"/><c/></a>"
        );
    }
}
