//! What a page may do: run the scripts that it comes with, and nothing else.

use sha2::{Digest, Sha256};

use crate::model::base64;

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
    base64(&Sha256::digest(text.as_bytes()))
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
