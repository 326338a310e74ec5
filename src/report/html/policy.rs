//! What a page may do: run the scripts that it comes with, and nothing else.

use sha2::{Digest, Sha256};

/// Returns the policy of a page with some scripts, as the text of its header field.
pub(super) fn policy(scripts: &[&str]) -> String {
    let hashes = scripts.iter().map(|script| format!("'sha256-{}'", sha256_base64(script)));
    let hashes = hashes.collect::<Vec<_>>().join(" ");
    format!(
        "default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; \
         base-uri 'none'; form-action 'none'"
    )
}

fn sha256_base64(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let hash = Sha256::digest(text.as_bytes());
    let mut encoded = String::with_capacity(44);
    for three in hash.chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let digit = (bits >> (18 - 6 * at)) & 63;
            let is_padding = at > three.len();
            encoded.push(if is_padding { '=' } else { char::from(DIGITS[digit as usize]) });
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_written_as_browsers_compare_them() {
        // As `printf '' | openssl dgst -sha256 -binary | base64` and with `abc` say.
        assert_eq!(sha256_base64(""), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
        assert_eq!(sha256_base64("abc"), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
        assert!(policy(&["abc"]).starts_with("default-src 'none'; script-src 'sha256-ungWv"));
    }
}
