//! Passwords, keys and tokens: where they are kept, and how they stay out of everything that is said.

use std::fmt;
use std::hint::black_box;
use std::path::PathBuf;

use crate::diag::printable;
use crate::model::base64;

/// What stands in the place of a secret.
const HIDDEN: &str = "…";
/// Shorter parts of an address are words that hold nothing secret, as `send` and `v2`.
const MIN_SECRET_CHARS: usize = 8;
/// Characters of what a service says that are told.
const MAX_SAID_CHARS: usize = 300;

/// Where a secret is kept. Neither the settings nor any definition holds one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// A file, below the workspace where its path is not absolute.
    File(PathBuf),
    /// A variable of the environment.
    Variable(String),
}

/// A secret. It is never shown, and overwritten when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// Takes the secret out of the text of a file or a variable: what stands there without line ends at its
    /// end. `None` where that is nothing, or has a control character as a second line would.
    pub fn of(text: &str) -> Option<Self> {
        let text = text.trim_end_matches(['\r', '\n']);
        let is_fit = !text.is_empty() && !text.chars().any(char::is_control);
        is_fit.then(|| Self(text.as_bytes().to_vec()))
    }

    /// Returns the secret itself, for the service that it is for.
    pub(super) fn reveal(&self) -> &str {
        std::str::from_utf8(&self.0).expect("it was made of text")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.fill(0);
        // Keeps the compiler from leaving out a write that nothing reads.
        black_box(&self.0);
    }
}

/// What must not be repeated of what a service or a library says.
#[derive(Default)]
pub(super) struct Hidden(Vec<String>);

impl Hidden {
    /// Adds a secret, as it is and as mail servers are sent it.
    pub(super) fn add(&mut self, secret: &Secret) {
        let plain = secret.reveal();
        self.0.push(plain.to_owned());
        self.0.push(base64(plain.as_bytes()));
    }

    /// Adds a text as it is.
    pub(super) fn add_text(&mut self, text: String) {
        self.0.push(text);
    }

    /// Adds the address of a webhook, and every part of it that may be its key.
    pub(super) fn add_address(&mut self, url: &str) {
        self.0.push(url.to_owned());
        let (_, behind) = url.split_once("://").unwrap_or_default();
        let path = behind.split_once('/').map(|(_, path)| path).unwrap_or_default();
        let parts = path.split(['/', '?', '&', '=', '#']);
        self.0.extend(parts.filter(|part| part.len() >= MIN_SECRET_CHARS).map(str::to_owned));
        // As in the form with a name and a password in front of the host.
        let (user, _) =
            behind.split('/').next().unwrap_or_default().split_once('@').unwrap_or_default();
        self.0.extend(user.split(':').filter(|part| !part.is_empty()).map(str::to_owned));
    }

    /// Returns a text of somebody else as it may be told: without secrets, in one line, of bounded length.
    pub(super) fn clean(&self, said: &str) -> String {
        let mut longest_first: Vec<&String> = self.0.iter().collect();
        longest_first.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        let mut text = said.to_owned();
        for secret in longest_first {
            text = text.replace(secret.as_str(), HIDDEN);
        }
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut told: String = printable(&line).chars().take(MAX_SAID_CHARS).collect();
        if told.len() < line.len() && told.chars().count() == MAX_SAID_CHARS {
            told.push('…');
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_the_line_of_a_file() {
        assert_eq!(Secret::of("pass word\n").unwrap().reveal(), "pass word");
        assert_eq!(Secret::of("密码\r\n").unwrap().reveal(), "密码");
        for text in ["", "\n", "one\ntwo\n", "a\0b"] {
            assert_eq!(Secret::of(text), None, "{text:?}");
        }
        assert_eq!(format!("{:?}", Secret::of("hunter22")), "Some(Secret(..))");
    }

    #[test]
    fn what_a_service_repeats_of_a_secret_is_not_told() {
        let mut hidden = Hidden::default();
        hidden.add(&Secret::of("hunter22").unwrap());
        hidden.add_address("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx");
        hidden.add_address("https://li:geheim@open.feishu.cn/open-apis/bot/v2/hook/0a1b2c3d-9999");
        let said =
            "send?key=693a91f6-7xxx, hook/0a1b2c3d-9999 for li:geheim\n hunter22 aHVudGVyMjI=";
        assert_eq!(hidden.clean(said), "send?key=…, hook/… for …:… … …");
        assert_eq!(
            hidden.clean("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx"),
            "…"
        );
        assert_eq!(hidden.clean("a\u{202e}b\tc"), "a\\u{202e}b c");
        assert_eq!(hidden.clean(&"x".repeat(1000)).chars().count(), MAX_SAID_CHARS + 1);
    }
}
