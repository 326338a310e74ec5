//! Word processing files after GB/T 9704-2012, written part by part.
//!
//! The same paper is the same bytes: parts come in one order, the times of the container are fixed and the
//! properties tell none. Texts are texts: what comes from data becomes neither markup nor a field nor a
//! link.

mod chart;
mod layout;
mod page;
mod paper;
mod parts;
mod story;
mod styles;
mod table;
mod xml;

#[cfg(test)]
mod tests;

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::report::docx::paper::Paper;

pub(super) use layout::to_docx;

use crate::report::docx::parts::PageSide;

/// The namespace of word processing.
const WORDPROCESSING: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

/// Returns a paper as the bytes of a DOCX file.
fn write(paper: &Paper) -> Vec<u8> {
    let mut package = Package::begin();
    package.part("[Content_Types].xml", &parts::content_types(paper));
    package.part("_rels/.rels", &parts::package_relations());
    package.part("word/document.xml", &story::part(paper));
    package.part("word/_rels/document.xml.rels", &parts::text_relations(paper));
    package.part("word/styles.xml", &styles::part());
    package.part("word/settings.xml", &parts::settings());
    package.part("word/fontTable.xml", &styles::font_part());
    package.part("word/footer1.xml", &parts::footer(PageSide::Right));
    package.part("word/footer2.xml", &parts::footer(PageSide::Left));
    if let Some(header) = &paper.header {
        package.part("word/header1.xml", &parts::header(header));
    }
    for (number, drawn) in (1..).zip(paper.charts()) {
        let name = format!("word/{}", chart::file_of(number));
        package.part(&name, &chart::part(drawn, paper.lang));
    }
    package.part("docProps/core.xml", &parts::core_properties(paper));
    package.part("docProps/app.xml", &parts::application_properties());
    package.finish()
}

/// Why writing cannot fail.
const IN_MEMORY: &str = "memory takes the parts of a paper, each far below 4 GB";

struct Package(ZipWriter<Cursor<Vec<u8>>>);

impl Package {
    fn begin() -> Self {
        Self(ZipWriter::new(Cursor::new(Vec::new())))
    }

    fn part(&mut self, name: &str, content: &[u8]) {
        // The first day that a container can tell, whatever the clock says.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default());
        self.0.start_file(name, options).expect(IN_MEMORY);
        self.0.write_all(content).expect(IN_MEMORY);
    }

    fn finish(self) -> Vec<u8> {
        self.0.finish().expect(IN_MEMORY).into_inner()
    }
}
