//! Damaged files: every one follows from its reader, the seeds and a number.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::ops::{damage, damage_record};
use super::reader::Reader;
use super::seeds::Seed;
use crate::tables::chance::Chance;
use crate::tables::legacy::xls_file;

/// Larger files are not made: what grows in them is found in smaller ones.
const MAX_BYTES: usize = 1 << 20;

/// Returns the damaged file of a number.
pub(crate) fn mutated(reader: Reader, seeds: &[Seed], number: u64) -> Vec<u8> {
    let mut chance = Chance::new(number ^ 0x5EED_0000_0000_0000);
    let seed = &seeds[chance.below(seeds.len())];
    let other = &seeds[chance.below(seeds.len())];
    let is_raw = chance.in_hundred(15);
    let mut bytes = match seed {
        Seed { members, .. } if reader.is_container() && !is_raw && !members.is_empty() => {
            repacked(seed, other, &mut chance)
        }
        Seed { stream: Some(stream), .. } if !is_raw => {
            let mut stream = stream.clone();
            let lender = other.stream.as_deref().unwrap_or(&other.bytes);
            damage_stream(&mut stream, lender, &mut chance);
            xls_file(&stream)
        }
        _ => {
            let mut bytes = seed.bytes.clone();
            if matches!(reader, Reader::Xls) || reader.is_container() {
                damage_stream(&mut bytes, &other.bytes, &mut chance);
            } else {
                damage(&mut bytes, &other.bytes, &mut chance);
            }
            bytes
        }
    };
    bytes.truncate(MAX_BYTES);
    bytes
}

/// Damages bytes that are records and not text.
fn damage_stream(stream: &mut Vec<u8>, other: &[u8], chance: &mut Chance) {
    for _ in 0..chance.between(1, 4) {
        if chance.in_hundred(65) {
            damage_record(stream, chance);
        } else {
            damage(stream, other, chance);
        }
    }
}

/// Damages what stands in a container and packs it again, so that its own checks let it pass.
fn repacked(seed: &Seed, other: &Seed, chance: &mut Chance) -> Vec<u8> {
    let mut members = seed.members.clone();
    for _ in 0..*chance.pick(&[1, 1, 1, 2, 3]) {
        let at = chance.below(members.len());
        let name = members[at].0.clone();
        let same = other.members.iter().find(|(known, _)| *known == name);
        let lender = same.or(other.members.first()).map_or(&[][..], |(_, bytes)| bytes);
        match chance.below(30) {
            0 => drop(members.remove(at)),
            1 => members[at].1 = lender.to_vec(),
            2 => {
                let to = chance.below(members.len());
                let moved = members[to].1.clone();
                members[at].1 = moved;
            }
            3 => {
                let mut name = members[at].0.clone().into_bytes();
                damage(&mut name, b"../word/document.xml", chance);
                members[at].0 = String::from_utf8_lossy(&name).into_owned();
            }
            _ => damage(&mut members[at].1, lender, chance),
        }
        if members.is_empty() {
            break;
        }
    }
    packed(&members, chance)
}

fn packed(members: &[(String, Vec<u8>)], chance: &mut Chance) -> Vec<u8> {
    let method = *chance.pick(&[CompressionMethod::Stored, CompressionMethod::Deflated]);
    let options = SimpleFileOptions::default().compression_method(method);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        // A name that the writer does not take is left out.
        if writer.start_file(name.as_str(), options).is_ok() {
            writer.write_all(&bytes[..bytes.len().min(MAX_BYTES)]).unwrap();
        }
    }
    writer.finish().unwrap().into_inner()
}
