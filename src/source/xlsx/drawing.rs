//! Text that lies over the cells of a sheet: in text boxes and other shapes.

use crate::source::SourceError;
use crate::source::container::Container;
use crate::source::xml::{XmlEvent, XmlReader};

/// Returns the text of the shapes of each drawing that has any, in the order of the archive.
pub(super) fn texts_over_cells(
    container: &mut Container<'_>,
    file_name: &str,
) -> Result<Vec<String>, SourceError> {
    // Beside them stand their relations, and drawings of comments in another form.
    let is_drawing = |name: &&String| {
        let file = name.strip_prefix("xl/drawings/").filter(|file| !file.contains('/'));
        file.and_then(|file| file.rsplit_once('.')).is_some_and(|(_, extension)| extension == "xml")
    };
    let parts: Vec<String> = container.names().iter().filter(is_drawing).cloned().collect();
    let mut texts = Vec::new();
    for part in parts {
        let bytes = container.read(&part)?.unwrap_or_default();
        let text = text_of_shapes(XmlReader::new(bytes.as_slice(), file_name, &part))?;
        texts.extend(Some(text).filter(|text| !text.is_empty()));
    }
    Ok(texts)
}

/// Returns the paragraphs of all shapes, without white space at their ends.
fn text_of_shapes(mut xml: XmlReader<'_, &[u8]>) -> Result<String, SourceError> {
    let mut text = String::new();
    let mut is_text = false;
    loop {
        match xml.next()? {
            XmlEvent::Open(element) => {
                is_text = element.name() == "t";
                if element.name() == "p" {
                    text.push(' ');
                }
            }
            XmlEvent::Close => is_text = false,
            XmlEvent::Text(piece) if is_text => text.push_str(&piece),
            XmlEvent::Text(_) => {}
            XmlEvent::End => return Ok(text.trim().to_owned()),
        }
    }
}
