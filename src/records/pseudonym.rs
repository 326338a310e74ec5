//! Pseudonyms of personal values: keyed hashes, which only who holds the key can make again.
//!
//! A plain hash of an identity number or a phone number is undone by trying all of them, so the hash is
//! an HMAC with a key of 32 bytes. Each column is a domain of its own: the same number under another
//! column has another pseudonym, so that columns cannot be joined with each other by accident.

use std::fmt;
use std::hint::black_box;

use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use sha2::block_api::compress256;
use sm3::Sm3;

use crate::model::text_enum;
use crate::records::profile::PseudonymColumn;

text_enum! {
    /// The hash behind the pseudonyms of a workspace.
    KeyedHash {
        /// HMAC-SHA-256.
        Sha256 = "hmac-sha256",
        /// HMAC-SM3 (GB/T 32905).
        Sm3 = "hmac-sm3",
    }
}

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;
/// Bytes of a pseudonym: the first of the HMAC.
pub const PSEUDONYM_BYTES: usize = 16;
/// Domain of the id of a key; no column has this name.
const KEY_ID_DOMAIN: &str = "key id";
/// Bytes that both hashes take at a time.
const BLOCK_BYTES: usize = 64;
/// Where the last block has the length of the message.
const LENGTH_AT: usize = BLOCK_BYTES - 8;
/// Stands behind the last byte of a message.
const END_OF_MESSAGE: u8 = 0x80;
/// Bytes of a whole hash.
const HASH_BYTES: usize = 32;
/// State of SHA-256 before the first block.
const SHA256_START: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// The key of a workspace's pseudonyms. It is never shown, and overwritten when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct PseudonymKey([u8; KEY_BYTES]);

impl PseudonymKey {
    /// Returns the key of these bytes; `None` unless they are 32.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl fmt::Debug for PseudonymKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PseudonymKey(..)")
    }
}

impl Drop for PseudonymKey {
    fn drop(&mut self) {
        self.0.fill(0);
        // Keeps the compiler from leaving out a write that nothing reads.
        black_box(&self.0);
    }
}

/// Makes the pseudonyms of all columns.
#[derive(Clone)]
pub struct Pseudonyms {
    key: PseudonymKey,
    hash: KeyedHash,
}

impl fmt::Debug for Pseudonyms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pseudonyms({}, ..)", self.hash)
    }
}

impl Pseudonyms {
    /// Returns pseudonyms under a key.
    pub fn new(key: PseudonymKey, hash: KeyedHash) -> Self {
        Self { key, hash }
    }

    /// Returns the hash behind the pseudonyms.
    pub fn hash(&self) -> KeyedHash {
        self.hash
    }

    /// Returns what tells the key from others without saying anything about it: 16 hexadecimal digits.
    pub fn key_id(&self) -> String {
        let id = self.of_domain(KEY_ID_DOMAIN).of("");
        id[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Returns the maker of one column's pseudonyms.
    pub fn of_column(&self, column: PseudonymColumn) -> ColumnPseudonyms {
        self.of_domain(column.as_str())
    }

    fn of_domain(&self, domain: &str) -> ColumnPseudonyms {
        let mut prefix = domain.as_bytes().to_vec();
        prefix.push(0);
        let inner = match self.hash {
            KeyedHash::Sha256 => Inner::Sha256(Sha256Column::new(&self.key, &prefix)),
            KeyedHash::Sm3 => {
                let mut mac =
                    Hmac::<Sm3>::new_from_slice(&self.key.0).expect("a key of any length will do");
                mac.update(&prefix);
                Inner::Sm3(Box::new(mac))
            }
        };
        ColumnPseudonyms(inner)
    }
}

/// Makes the pseudonyms of one column: HMAC(key, column || 0 || value), its first 16 bytes.
#[derive(Clone)]
pub struct ColumnPseudonyms(Inner);

/// What does not depend on the value is done once: the blocks of the key, and what the domain begins.
#[derive(Clone)]
enum Inner {
    Sha256(Sha256Column),
    Sm3(Box<Hmac<Sm3>>),
}

impl fmt::Debug for ColumnPseudonyms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ColumnPseudonyms(..)")
    }
}

impl ColumnPseudonyms {
    /// Returns the pseudonym of a value in its normal form.
    pub fn of(&self, value: &str) -> [u8; PSEUDONYM_BYTES] {
        match &self.0 {
            Inner::Sha256(column) => column.of(value.as_bytes()),
            Inner::Sm3(mac) => {
                let mut mac = Hmac::clone(mac);
                mac.update(value.as_bytes());
                let whole = mac.finalize().into_bytes();
                std::array::from_fn(|idx| whole[idx])
            }
        }
    }
}

/// HMAC-SHA-256 over blocks, because two compressions are all that a short value needs.
#[derive(Clone)]
struct Sha256Column {
    /// State after the block of the inner key.
    inner: [u32; 8],
    /// State after the block of the outer key.
    outer: [u32; 8],
    /// A block that begins with the domain and its end.
    begun: [u8; BLOCK_BYTES],
    n_begun: usize,
    /// A block that is complete but for the inner hash, which takes its first half.
    ended: [u8; BLOCK_BYTES],
}

impl Drop for Sha256Column {
    fn drop(&mut self) {
        self.inner.fill(0);
        self.outer.fill(0);
        black_box((&self.inner, &self.outer));
    }
}

impl Sha256Column {
    fn new(key: &PseudonymKey, prefix: &[u8]) -> Self {
        let after_key = |pad: u8| {
            let mut block = [pad; BLOCK_BYTES];
            block.iter_mut().zip(key.0).for_each(|(byte, of_key)| *byte ^= of_key);
            let mut state = SHA256_START;
            compress256(&mut state, &[block]);
            block.fill(0);
            black_box(&block);
            state
        };
        let (mut begun, mut ended) = ([0; BLOCK_BYTES], [0; BLOCK_BYTES]);
        begun[..prefix.len()].copy_from_slice(prefix);
        ended[HASH_BYTES] = END_OF_MESSAGE;
        ended[LENGTH_AT..].copy_from_slice(&n_bits(HASH_BYTES));
        let [inner, outer] = [0x36, 0x5c].map(after_key);
        Self { inner, outer, begun, n_begun: prefix.len(), ended }
    }

    fn of(&self, value: &[u8]) -> [u8; PSEUDONYM_BYTES] {
        let mut state = self.inner;
        let mut block = self.begun;
        let n_bytes = self.n_begun + value.len();
        let (first, rest) = value.split_at(value.len().min(BLOCK_BYTES - self.n_begun));
        let mut filled = self.n_begun + first.len();
        block[self.n_begun..filled].copy_from_slice(first);
        if filled == BLOCK_BYTES {
            compress256(&mut state, &[block]);
            let mut blocks = rest.chunks_exact(BLOCK_BYTES);
            for whole in &mut blocks {
                block.copy_from_slice(whole);
                compress256(&mut state, &[block]);
            }
            block = [0; BLOCK_BYTES];
            filled = blocks.remainder().len();
            block[..filled].copy_from_slice(blocks.remainder());
        }
        block[filled] = END_OF_MESSAGE;
        if filled >= LENGTH_AT {
            compress256(&mut state, &[block]);
            block = [0; BLOCK_BYTES];
        }
        block[LENGTH_AT..].copy_from_slice(&n_bits(n_bytes));
        compress256(&mut state, &[block]);
        let mut block = self.ended;
        block[..HASH_BYTES].as_chunks_mut().0.iter_mut().zip(state).for_each(|(bytes, word)| {
            *bytes = word.to_be_bytes();
        });
        let mut state = self.outer;
        compress256(&mut state, &[block]);
        let mut pseudonym = [0; PSEUDONYM_BYTES];
        pseudonym.as_chunks_mut().0.iter_mut().zip(state).for_each(|(bytes, word)| {
            *bytes = word.to_be_bytes();
        });
        pseudonym
    }
}

/// The length of a message of so many bytes behind the block of the key, as its last block has it.
fn n_bits(n_bytes: usize) -> [u8; 8] {
    (8 * (n_bytes + BLOCK_BYTES) as u64).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sha2::Sha256;
    use sm3::digest::Digest;

    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn pseudonyms(hash: KeyedHash) -> Pseudonyms {
        let key: Vec<u8> = (0..32).collect();
        Pseudonyms::new(PseudonymKey::from_bytes(&key).unwrap(), hash)
    }

    /// What the definition says, word for word.
    fn plainly(hash: KeyedHash, domain: &str, value: &str) -> Vec<u8> {
        let key: Vec<u8> = (0..32).collect();
        let message = [domain.as_bytes(), &[0], value.as_bytes()].concat();
        let whole = match hash {
            KeyedHash::Sha256 => {
                let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
                mac.update(&message);
                mac.finalize().into_bytes().to_vec()
            }
            KeyedHash::Sm3 => {
                let mut mac = Hmac::<Sm3>::new_from_slice(&key).unwrap();
                mac.update(&message);
                mac.finalize().into_bytes().to_vec()
            }
        };
        whole[..PSEUDONYM_BYTES].to_vec()
    }

    #[test]
    fn the_hashes_are_those_of_the_standards() {
        // GB/T 32905-2016, examples 1 and 2.
        assert_eq!(
            hex(&Sm3::digest(b"abc")),
            "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
        );
        assert_eq!(
            hex(&Sm3::digest(b"abcd".repeat(16))),
            "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
        );
        // RFC 4231, test cases 1 and 2.
        let mac = |key: &[u8], message: &[u8]| {
            let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
            mac.update(message);
            hex(&mac.finalize().into_bytes())
        };
        assert_eq!(
            mac(&[0x0b; 20], b"Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        );
        assert_eq!(
            mac(b"Jefe", b"what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn a_short_key_padded_with_zeros_is_the_key_of_the_rfc() {
        // RFC 4231, test case 1: a key of 20 bytes is the same as one of 32 that ends in zeros. The
        // domain is empty, so the message begins with its end: both sides hash that.
        let mut key = [0; KEY_BYTES];
        key[..20].fill(0x0b);
        let ours = Pseudonyms::new(PseudonymKey(key), KeyedHash::Sha256).of_domain("");
        let mut mac = Hmac::<Sha256>::new_from_slice(&[0x0b; 20]).unwrap();
        mac.update(b"\0Hi There");
        assert_eq!(ours.of("Hi There"), mac.finalize().into_bytes()[..16]);
    }

    #[test]
    fn columns_are_domains_of_their_own() {
        for hash in KeyedHash::ALL {
            let pseudonyms = pseudonyms(*hash);
            let of = |column| pseudonyms.of_column(column).of("63010019000101001X");
            let applicant = of(PseudonymColumn::ApplicantCode);
            assert_ne!(applicant, of(PseudonymColumn::ContactCode));
            assert_eq!(applicant, of(PseudonymColumn::ApplicantCode));
            let expected = plainly(*hash, "applicant_code", "63010019000101001X");
            assert_eq!(applicant.to_vec(), expected);
        }
    }

    #[test]
    fn keys_have_32_bytes_and_are_never_shown() {
        assert!(PseudonymKey::from_bytes(&[7; 31]).is_none());
        assert!(PseudonymKey::from_bytes(&[7; 33]).is_none());
        let key = PseudonymKey::from_bytes(&[0xa7; 32]).unwrap();
        let pseudonyms = Pseudonyms::new(key.clone(), KeyedHash::Sha256);
        let column = pseudonyms.of_column(PseudonymColumn::Address);
        let shown = format!("{key:?} {pseudonyms:?} {column:?}");
        assert_eq!(shown, "PseudonymKey(..) Pseudonyms(hmac-sha256, ..) ColumnPseudonyms(..)");
    }

    proptest! {
        #[test]
        fn values_of_any_length_hash_as_the_definition_says(value in "\\PC{0,90}") {
            for hash in KeyedHash::ALL {
                let ours = pseudonyms(*hash).of_column(PseudonymColumn::ContactName).of(&value);
                prop_assert_eq!(ours.to_vec(), plainly(*hash, "contact_name", &value));
            }
        }

        #[test]
        fn every_length_around_a_block_is_padded_right(length in 0_usize..200) {
            let value = "x".repeat(length);
            let ours = pseudonyms(KeyedHash::Sha256).of_column(PseudonymColumn::Address).of(&value);
            prop_assert_eq!(ours.to_vec(), plainly(KeyedHash::Sha256, "address", &value));
        }
    }
}
