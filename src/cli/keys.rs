//! The key of a workspace's pseudonyms: made once, kept outside the lake, readable by its owner alone.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::cli::failure::Failure;
use crate::cli::workspace::Workspace;
use crate::diag::Message;
use crate::fsio::{self, Mode};
use crate::records::pseudonym::{KEY_BYTES, KeyedHash, PseudonymKey, Pseudonyms};

/// Folder of a workspace in which its keys stand. Whoever copies the lake does not copy them.
pub(super) const KEYS: &str = "keys";

/// Name of the file with the key of the pseudonyms.
const FILE: &str = "pseudonym-key";

/// What the file begins with: the format and its version. The key follows, in hexadecimal digits.
const MAGIC: &str = "tongban pseudonym key 1: ";

/// What the line after it begins with, where the key was made for a lake that has records under others:
/// their names follow. Whoever made it knows that pseudonyms will not fit those.
const AFTER: &str = "after: ";

/// Makes the key of a workspace and returns where it stands. One that is there stays: with another
/// key nobody would know again whom a pseudonym stands for. `after` has the names of the keys under which
/// the lake has records.
pub(super) fn create(root: &Path, after: &BTreeSet<String>) -> Result<PathBuf, Failure> {
    let path = path_in(root);
    if fsio::exists(&path) {
        return Ok(path);
    }
    fsio::create_private_dir(&root.join(KEYS))?;
    let digits: String =
        fsio::random_bytes::<KEY_BYTES>()?.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut text = format!("{MAGIC}{digits}\n");
    if !after.is_empty() {
        let names: Vec<&str> = after.iter().map(String::as_str).collect();
        text = format!("{text}{AFTER}{}\n", names.join(" "));
    }
    fsio::write_atomic(&path, text.as_bytes(), Mode::Private)?;
    Ok(path)
}

/// The key of a workspace, ready for use.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) pseudonyms: Pseudonyms,
    /// Tells it from other keys and says nothing about it.
    pub(super) id: String,
    /// Names of the keys that it was made after.
    pub(super) after: BTreeSet<String>,
}

/// Reads the key of a workspace, which nobody else may read or change.
pub(super) fn load(workspace: &Workspace, hash: KeyedHash) -> Result<Key, Failure> {
    let path = path_in(&workspace.root);
    if !fsio::exists(&path) {
        return Err(Failure::user(Message::new("keys.missing").with("path", path.display())));
    }
    fsio::check_secret(&path)?;
    let text = fsio::read_text(&path)?;
    let (first, second) = text.trim_end().split_once('\n').unwrap_or((text.trim_end(), AFTER));
    let key = first.strip_prefix(MAGIC).and_then(bytes_of_hex);
    let after = second.strip_prefix(AFTER);
    let (key, after) = key
        .and_then(|bytes| PseudonymKey::from_bytes(&bytes))
        .zip(after)
        .ok_or_else(|| Failure::user(Message::new("keys.damaged").with("path", path.display())))?;
    let pseudonyms = Pseudonyms::new(key, hash);
    let id = pseudonyms.key_id();
    let after = after.split_whitespace().map(str::to_owned).collect();
    Ok(Key { pseudonyms, id, after })
}

fn path_in(root: &Path) -> PathBuf {
    root.join(KEYS).join(FILE)
}

fn bytes_of_hex(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    pairs.map(|pair| byte(pair).filter(|_| pair.len() == 2)).collect()
}
