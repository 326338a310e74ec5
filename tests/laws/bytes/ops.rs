//! Damage to bytes: bits, ranges, numbers, and words that readers know.

use crate::tables::chance::Chance;

/// Numbers at which something changes.
const NUMBERS: [&str; 20] = [
    "0",
    "1",
    "-1",
    "2",
    "7",
    "255",
    "256",
    "4095",
    "4097",
    "16384",
    "16385",
    "65535",
    "65536",
    "1048576",
    "1048577",
    "2147483648",
    "4294967295",
    "18446744073709551615",
    "99999999999999999999999",
    "1e308",
];

/// Words that readers know, and what confuses them.
const WORDS: [&str; 48] = [
    "\t",
    "\n",
    "\r",
    "\n\n",
    "|",
    " | ",
    "　",
    ",",
    "\"",
    ";",
    "序号",
    "部门",
    "单位",
    "合计",
    "小计",
    "备注:",
    "附件2",
    "单位：万条",
    "截至2021年9月",
    "1,234",
    "—",
    "50%",
    "省水利厅",
    "近16000多个",
    "<table>",
    "</table>",
    "<tr><td>",
    "<td rowspan=0>",
    "<td colspan=4096>",
    "<br>",
    "<p>",
    "<w:vMerge/>",
    "<w:gridSpan w:val=\"3\"/>",
    "<w:gridBefore w:val=\"9\"/>",
    "<w:tbl>",
    "</w:tc>",
    "<mergeCell ref=\"A1:XFD1048576\"/>",
    "r=\"XFD1048576\"",
    "t=\"s\"",
    "<v>1e309</v>",
    " table:number-rows-repeated=\"1048576\"",
    " table:number-columns-spanned=\"99\"",
    "<table:covered-table-cell/>",
    "<!DOCTYPE x>",
    "&#0;",
    "&#x10FFFF;",
    "<![CDATA[",
    "-->",
];

/// Damages bytes in several places; `other` lends pieces.
pub(crate) fn damage(bytes: &mut Vec<u8>, other: &[u8], chance: &mut Chance) {
    let most = *chance.pick(&[1, 1, 2, 4, 8]);
    for _ in 0..chance.between(1, most) {
        damage_once(bytes, other, chance);
    }
}

fn damage_once(bytes: &mut Vec<u8>, other: &[u8], chance: &mut Chance) {
    let at = place(bytes, chance);
    let end = end_behind(bytes, at, chance);
    match chance.below(14) {
        0 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << chance.below(8);
            }
        }
        1 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = *chance.pick(&[0, 0x20, 0x7F, 0x80, 0xFE, 0xFF, b'<', b'"', b'\n']);
            }
        }
        2 => insert(bytes, at, &chance.next().to_le_bytes()[..chance.between(1, 8)]),
        3 => drop(bytes.drain(at..end)),
        4 => {
            let piece = bytes[at..end].to_vec();
            insert(bytes, end, &piece);
        }
        5 => {
            let piece = bytes[at..end].to_vec();
            let to = place(bytes, chance);
            insert(bytes, to, &piece);
        }
        6 => {
            let from = place(other, chance);
            let piece = other[from..end_behind(other, from, chance)].to_vec();
            insert(bytes, at, &piece);
        }
        7 => {
            let from = place(other, chance);
            let piece = &other[from..end_behind(other, from, chance)];
            bytes.splice(at..end, piece.iter().copied());
        }
        8 => bytes.truncate(at.max(1)),
        9..=11 => replace_number(bytes, at, chance),
        _ => insert(bytes, at, chance.pick(&WORDS).as_bytes()),
    }
}

fn insert(bytes: &mut Vec<u8>, at: usize, piece: &[u8]) {
    let at = at.min(bytes.len());
    bytes.splice(at..at, piece.iter().copied());
}

/// A place in bytes, mostly where a character begins.
fn place(bytes: &[u8], chance: &mut Chance) -> usize {
    let at = chance.below(bytes.len() + 1);
    if chance.in_hundred(15) { at } else { next_start(bytes, at) }
}

/// The end of a piece: mostly short.
fn end_behind(bytes: &[u8], at: usize, chance: &mut Chance) -> usize {
    let most = *chance.pick(&[2, 8, 40, 200, 4_000]);
    next_start(bytes, (at + 1 + chance.below(most)).min(bytes.len())).max(at).min(bytes.len())
}

/// The next byte, from `at` on, that does not continue a character of UTF-8.
fn next_start(bytes: &[u8], at: usize) -> usize {
    let behind = bytes.get(at..).unwrap_or_default();
    at + behind.iter().take_while(|byte| **byte & 0xC0 == 0x80).count()
}

/// Replaces the next number from `at` on.
fn replace_number(bytes: &mut Vec<u8>, at: usize, chance: &mut Chance) {
    let Some(start) = bytes[at..].iter().position(u8::is_ascii_digit).map(|start| at + start)
    else {
        return;
    };
    let n_digits = bytes[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number = chance.pick(&NUMBERS).as_bytes().to_vec();
    bytes.splice(start..start + n_digits, number);
}

/// Puts a number at which something changes into records of numbers.
pub(crate) fn damage_record(bytes: &mut [u8], chance: &mut Chance) {
    if bytes.len() < 8 {
        return;
    }
    let at = chance.below(bytes.len() - 7);
    let number =
        *chance.pick(&[0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0xFFFF_FFFF, u64::MAX]);
    let n_bytes = *chance.pick(&[1, 2, 4, 8]);
    bytes[at..at + n_bytes].copy_from_slice(&number.to_le_bytes()[..n_bytes]);
}
