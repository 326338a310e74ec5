//! The signs by which robots of chat groups know that a message comes from somebody who has their secret.

use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::delivery::Secret;
use crate::model::base64;

/// Returns the sign of `DingTalk` for a time in milliseconds: the secret is the key, time and secret are the
/// message.
pub(super) fn dingtalk(secret: &Secret, time_ms: i64) -> String {
    hmac_sha256(secret.reveal().as_bytes(), &text_of(time_ms, secret))
}

/// Returns the sign of Feishu for a time in seconds: time and secret are the key, and the message is empty.
pub(super) fn feishu(secret: &Secret, time_s: i64) -> String {
    hmac_sha256(&text_of(time_s, secret), b"")
}

fn text_of(time: i64, secret: &Secret) -> Vec<u8> {
    format!("{time}\n{}", secret.reveal()).into_bytes()
}

fn hmac_sha256(key: &[u8], message: &[u8]) -> String {
    let mut hash = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length is fit");
    hash.update(message);
    base64(&hash.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_those_that_the_services_ask_for() {
        let secret = Secret::of("SEC0123456789abcdef").unwrap();
        // printf '%s\n%s' TIME SECRET | openssl dgst -sha256 -hmac SECRET -binary | base64
        assert_eq!(
            dingtalk(&secret, 1_636_070_400_000),
            "fqOxX0U+52McXo1fk0hJfezpSeAWYzqbxTPCD+KIV98="
        );
        // openssl dgst -sha256 -mac HMAC -macopt hexkey:$(printf '%s\n%s' TIME SECRET | xxd -p) -binary
        assert_eq!(feishu(&secret, 1_636_070_400), "Frhxmz2ZPJ92nFwFGKBveb5w22/NVx7EIxpZmr5zkjM=");
    }
}
