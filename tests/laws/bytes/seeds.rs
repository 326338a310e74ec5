//! Files that are damaged: tables that chance made, small ones made by hand, converted notices.

use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;

use tongban::refdata::RefData;
use tongban::source::{Request, answer};
use zip::ZipArchive;

use super::handmade;
use super::reader::Reader;
use crate::tables::Case;
use crate::tables::office::packed;

/// The transcription that ships with the program.
const NOTICE: &str = include_str!("../../../data/notices/qinghai-2021-185.txt");
/// Documents that chance makes for each reader.
const N_MADE: usize = 24;
/// Documents that are looked through for them.
const N_TRIED: u64 = 600;
/// Larger files take too long to read to be read often.
const MAX_BYTES: usize = 256 << 10;

/// A file before it is damaged.
#[derive(Debug, Clone)]
pub(crate) struct Seed {
    pub(crate) bytes: Vec<u8>,
    /// What it holds, where it is a container: names and bytes.
    pub(crate) members: Vec<(String, Vec<u8>)>,
    /// The stream of records, where it is a legacy workbook.
    pub(crate) stream: Option<Vec<u8>>,
}

/// Returns the seeds of a reader; `dir` has converted files.
pub(crate) fn seeds(reader: Reader, dir: Option<&Path>) -> Vec<Seed> {
    let mut files = match reader {
        Reader::Archive => archives(),
        Reader::Reply => replies(),
        _ => made(reader),
    };
    files.extend(handmade::files(reader));
    files.extend(dir.into_iter().flat_map(|dir| converted(reader, dir)));
    files.retain(|bytes| bytes.len() <= MAX_BYTES);
    files.into_iter().map(seed).collect()
}

/// Documents that chance makes, in the format of a reader.
fn made(reader: Reader) -> Vec<Vec<u8>> {
    let refdata = RefData::load(&[]).unwrap();
    let mut files: Vec<Vec<u8>> = Vec::new();
    if reader == Reader::Text {
        files.push(NOTICE.as_bytes().to_vec());
    }
    let cases = (0..N_TRIED).map(|seed| Case::new(seed, &refdata));
    let fitting = cases.filter(|case| {
        let extension = case.carrier.file_name.rsplit('.').next();
        extension == Some(reader.name()) || (reader == Reader::Csv && extension == Some("tsv"))
    });
    files.extend(fitting.take(N_MADE).map(|case| case.bytes));
    files
}

fn archives() -> Vec<Vec<u8>> {
    let first = |reader| made(reader).swap_remove(0);
    let inner = packed(&[("通报.txt", NOTICE)]);
    vec![
        packed(&[("通报.txt", NOTICE), ("附件/", "")]),
        packed(&[("a/b.txt", NOTICE.as_bytes().to_vec()), ("c.csv", first(Reader::Csv))]),
        packed(&[("d.docx", first(Reader::Docx)), ("e.xlsx", first(Reader::Xlsx))]),
        packed(&[("f.zip", inner), ("g.html", first(Reader::Html))]),
    ]
}

fn replies() -> Vec<Vec<u8>> {
    let readers = [Reader::Text, Reader::Html, Reader::Docx, Reader::Xlsx, Reader::Ods];
    let mut replies = Vec::new();
    for reader in readers {
        let name = format!("a.{}", reader.name());
        let files = made(reader).into_iter().take(4);
        replies.extend(files.map(|bytes| answer(Request::Open, &bytes, &name)));
    }
    replies.push(answer(Request::Open, &archives()[0], "a.zip"));
    replies.push(answer(Request::Unpack(0), &archives()[0], "a.zip"));
    replies
}

/// The files of a folder that have the extension of a reader, in order.
fn converted(reader: Reader, dir: &Path) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == reader.name()));
    paths.into_iter().filter_map(|path| fs::read(path).ok()).collect()
}

fn seed(bytes: Vec<u8>) -> Seed {
    let members = members(&bytes).unwrap_or_default();
    let stream = stream(&bytes);
    Seed { bytes, members, stream }
}

fn members(bytes: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut members = Vec::new();
    for idx in 0..archive.len() {
        let mut entry = archive.by_index(idx).ok()?;
        let mut content = Vec::new();
        entry.read_to_end(&mut content).ok()?;
        members.push((entry.name().ok()?.into_owned(), content));
    }
    Some(members)
}

fn stream(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes)).ok()?;
    let mut content = Vec::new();
    file.open_stream("Workbook").ok()?.read_to_end(&mut content).ok()?;
    Some(content)
}
