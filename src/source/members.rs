//! Files of an archive: which of them are documents, and how a child gives back several at once.

use bytes::{Buf, Bytes};

use crate::source::SourceError;
use crate::source::container::Container;
use crate::source::limits::MAX_FILE_BYTES;

/// Extensions of documents.
const EXTENSIONS: [&str; 14] = [
    "txt", "html", "htm", "docx", "docm", "odt", "xlsx", "xlsm", "xls", "et", "ods", "csv", "tsv",
    "zip",
];

/// What systems and office programs leave beside documents, under names that end like theirs.
const LEFTOVERS: [&str; 2] = ["._", "~$"];

/// Bytes after which a reply ends with the member that it has come to.
const REPLY_BYTES: usize = 8 << 20;

/// The bytes of a member follow.
const BYTES: u8 = 0;
/// The reason why a member could not be unpacked follows, as JSON.
const REFUSED: u8 = 1;

/// A member by its position, and its bytes or the reason why it could not be unpacked.
pub type Member = (usize, Result<Bytes, SourceError>);

/// Returns whether a file, named with its folders, is a document by its name.
///
/// Files that are named by the user are read whatever their names; this is for those that lie in a
/// folder or an archive.
pub fn is_document_name(name: &str) -> bool {
    !is_leftover(name) && extension_of(name).is_some_and(|end| EXTENSIONS.contains(&end.as_str()))
}

/// Returns whether a file, named with its folders, is what a system or an office program left.
pub(super) fn is_leftover(name: &str) -> bool {
    let mut folders: Vec<&str> = name.split(['/', '\\']).collect();
    let file_name = folders.pop().unwrap_or_default();
    folders.contains(&"__MACOSX") || LEFTOVERS.iter().any(|start| file_name.starts_with(start))
}

/// Returns the extension of a file, named with its folders, in lower case.
pub(super) fn extension_of(name: &str) -> Option<String> {
    let file_name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    file_name.rsplit_once('.').map(|(_, end)| end.to_lowercase())
}

/// Unpacks the documents of an archive from a position on, as many as a reply takes: at least one,
/// where there is one.
///
/// Each is its position, how it went, its length, and bytes.
pub(super) fn packed_from(container: &mut Container<'_>, start: usize, file_name: &str) -> Vec<u8> {
    let wanted = container.names().iter().enumerate().skip(start);
    let wanted = wanted.filter(|(_, name)| is_document_name(name));
    let wanted: Vec<(usize, String)> = wanted.map(|(idx, name)| (idx, name.clone())).collect();
    let mut reply = Vec::new();
    for (idx, name) in wanted {
        let (kind, content) = match container.read_at_most(&name, MAX_FILE_BYTES) {
            Ok(Some(bytes)) => (BYTES, bytes),
            Ok(None) => (REFUSED, refusal(&SourceError::Empty { file_name: file_name.to_owned() })),
            Err(error) => (REFUSED, refusal(&error)),
        };
        for number in [idx, content.len()] {
            reply.extend(u64::try_from(number).unwrap_or(u64::MAX).to_le_bytes());
        }
        reply.push(kind);
        reply.extend(content);
        if reply.len() > REPLY_BYTES {
            break;
        }
    }
    reply
}

fn refusal(error: &SourceError) -> Vec<u8> {
    serde_json::to_vec(error).expect("an error has text keys only")
}

/// Parses members that were packed; `None` when the bytes are none. Nothing that they say about sizes
/// is believed.
pub fn parse_members(mut reply: Bytes) -> Option<Vec<Member>> {
    let mut members = Vec::new();
    while !reply.is_empty() {
        let idx = number(&mut reply)?;
        let n_bytes = number(&mut reply)?;
        let kind = reply.try_get_u8().ok()?;
        // Members are parts of the reply: there is never a second copy of them.
        let content = (n_bytes <= reply.len()).then(|| reply.split_to(n_bytes))?;
        let member = match kind {
            BYTES => Ok(content),
            REFUSED => Err(serde_json::from_slice(&content).ok()?),
            _ => return None,
        };
        members.push((idx, member));
    }
    Some(members)
}

fn number(reply: &mut Bytes) -> Option<usize> {
    usize::try_from(reply.try_get_u64_le().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    /// Packs an archive of files of so many bytes each.
    fn archive(files: &[(&str, usize)]) -> Vec<u8> {
        let options =
            SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, n_bytes) in files {
            writer.start_file(*name, options).unwrap();
            writer.write_all(&vec![b'x'; *n_bytes]).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    /// Shows the members from a position on, by position and length.
    fn shown(files: &[(&str, usize)], start: usize) -> Vec<(usize, usize)> {
        let bytes = archive(files);
        let mut container = Container::open(&bytes, "a.zip").unwrap();
        let members = parse_members(packed_from(&mut container, start, "a.zip").into()).unwrap();
        members.into_iter().map(|(idx, member)| (idx, member.unwrap().len())).collect()
    }

    #[test]
    fn pictures_and_leftovers_are_no_documents() {
        for name in ["通报.docx", "a/b.TXT", "a\\b.xls", "in.zip", "a.xlsm", "a.docm"] {
            assert!(is_document_name(name), "{name}");
        }
        for name in [
            "a.png",
            "__MACOSX/._通报.docx",
            "a/__MACOSX/b.docx",
            "._通报.docx",
            "~$通报.docx",
            ".DS_Store",
            "desktop.ini",
            "README",
            "a.docx/",
        ] {
            assert!(!is_document_name(name), "{name}");
        }
    }

    #[test]
    fn a_reply_has_as_many_documents_as_fit() {
        let files = [("a.txt", 3), ("b.png", 5), ("c.txt", 0), ("d.csv", 7)];
        assert_eq!(shown(&files, 0), [(0, 3), (2, 0), (3, 7)]);
        assert_eq!(shown(&files, 1), [(2, 0), (3, 7)]);
        assert_eq!(shown(&files, 4), []);
        let large = [("a.txt", REPLY_BYTES), ("b.txt", 1), ("c.txt", 1)];
        assert_eq!(shown(&large, 0), [(0, REPLY_BYTES)]);
        assert_eq!(shown(&large, 1), [(1, 1), (2, 1)]);
    }

    #[test]
    fn bytes_that_are_no_members_are_refused() {
        let whole = {
            let bytes = archive(&[("a.txt", 3)]);
            packed_from(&mut Container::open(&bytes, "a.zip").unwrap(), 0, "a.zip")
        };
        let parse_members = |bytes: &[u8]| parse_members(Bytes::copy_from_slice(bytes));
        assert!(parse_members(&whole).is_some());
        for n_bytes in 1..whole.len() {
            assert_eq!(parse_members(&whole[..n_bytes]), None, "{n_bytes}");
        }
        let mut huge = whole;
        huge[8..16].copy_from_slice(&u64::MAX.to_le_bytes());
        assert_eq!(parse_members(&huge), None);
    }
}
