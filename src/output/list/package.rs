//! A ZIP container of the parts of a workbook: those of a small one taken over as they are packed, long
//! ones packed as they come.

use std::io::{self, Read, Write};

use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

/// How a part is kept: as it is, or deflated.
const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// Version 2.0 of the format reads it; sizes stand behind the data, names are UTF-8.
const VERSION: u16 = 20;
const FLAGS: u16 = 0x0808;
/// The same where the sizes stand before the data.
const FLAGS_OF_STORED: u16 = 0x0800;
/// Midnight of 1 January 1980.
const TIME: [u8; 4] = [0, 0, 0x21, 0];

/// Signatures of the pieces of a container.
const LOCAL: [u8; 4] = *b"PK\x03\x04";
const SIZES: [u8; 4] = *b"PK\x07\x08";
const CENTRAL: [u8; 4] = *b"PK\x01\x02";
const END: [u8; 4] = *b"PK\x05\x06";

/// Bytes of the end of a container without a comment.
const END_BYTES: usize = 22;

/// Rows are packed quickly: they are much alike, and more effort saves little.
const LEVEL: u32 = 2;

/// A part of a container in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part<'a> {
    pub(super) name: &'a str,
    method: u16,
    crc: u32,
    size: u32,
    packed: &'a [u8],
}

/// Returns the parts of a container that the workbook library wrote; `None` where it is none.
pub(super) fn parts(bytes: &[u8]) -> Option<Vec<Part<'_>>> {
    let end = bytes.get(bytes.len().checked_sub(END_BYTES)?..)?;
    if !end.starts_with(&END) {
        return None;
    }
    let (count, mut at) = (u16_at(end, 10)?, u32_at(end, 16)? as usize);
    let mut parts = Vec::new();
    for _ in 0..count {
        let entry = bytes.get(at..).filter(|entry| entry.starts_with(&CENTRAL))?;
        let lengths = [28, 30, 32].map(|place| u16_at(entry, place).unwrap_or(0) as usize);
        let name = std::str::from_utf8(entry.get(46..46 + lengths[0])?).ok()?;
        let local = bytes.get(u32_at(entry, 42)? as usize..)?;
        let start = 30 + u16_at(local, 26)? as usize + u16_at(local, 28)? as usize;
        let packed = local.get(start..start + u32_at(entry, 20)? as usize)?;
        parts.push(Part {
            name,
            method: u16_at(entry, 10)?,
            crc: u32_at(entry, 16)?,
            size: u32_at(entry, 24)?,
            packed,
        });
        at += 46 + lengths.iter().sum::<usize>();
    }
    Some(parts)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

impl Part<'_> {
    /// Returns the text of the part.
    pub(super) fn text(&self) -> io::Result<String> {
        let mut text = String::new();
        match self.method {
            STORED => (&mut &*self.packed).read_to_string(&mut text)?,
            _ => DeflateDecoder::new(self.packed).read_to_string(&mut text)?,
        };
        Ok(text)
    }
}

/// A part that was written, as the end of the container lists it.
struct Entry {
    name: String,
    method: u16,
    offset: u32,
    /// Check sum, packed size and size, as the container has them.
    sums: [u8; 12],
}

/// A container while it is written, from front to back.
pub(super) struct Package<W: Write> {
    sink: W,
    n_bytes: u64,
    entries: Vec<Entry>,
    packer: Option<Packer>,
}

/// The data of the part that is being written.
struct Packer {
    encoder: DeflateEncoder<Vec<u8>>,
    crc: Crc,
    n_bytes: u64,
    n_packed: u64,
}

impl<W: Write> Package<W> {
    pub(super) fn new(sink: W) -> Self {
        Self { sink, n_bytes: 0, entries: Vec::new(), packer: None }
    }

    /// Takes over a part of another container.
    pub(super) fn copy(&mut self, part: &Part<'_>) -> io::Result<()> {
        let sums = sums(part.crc, part.packed.len() as u64, u64::from(part.size))?;
        self.start(part.name, part.method)?;
        self.put(part.packed)?;
        self.end(sums)
    }

    /// Writes a part as it is, so that its text stands in the file.
    pub(super) fn store(&mut self, name: &str, text: &str) -> io::Result<()> {
        let mut crc = Crc::new();
        crc.update(text.as_bytes());
        let sums = sums(crc.sum(), text.len() as u64, text.len() as u64)?;
        // What is stored has no end of its own, so its sizes stand before it as well.
        self.start_of(name, STORED, FLAGS_OF_STORED, sums)?;
        self.put(text.as_bytes())?;
        self.close(sums);
        Ok(())
    }

    /// Begins a part whose content follows in pieces.
    pub(super) fn begin(&mut self, name: &str) -> io::Result<()> {
        self.start(name, DEFLATED)?;
        let encoder = DeflateEncoder::new(Vec::new(), Compression::new(LEVEL));
        self.packer = Some(Packer { encoder, crc: Crc::new(), n_bytes: 0, n_packed: 0 });
        Ok(())
    }

    /// Adds to the part that was begun.
    pub(super) fn add(&mut self, bytes: &[u8]) -> io::Result<()> {
        let packer = self.packer.as_mut().expect("a part was begun");
        packer.crc.update(bytes);
        packer.n_bytes += bytes.len() as u64;
        packer.encoder.write_all(bytes)?;
        let ready = std::mem::take(packer.encoder.get_mut());
        packer.n_packed += ready.len() as u64;
        self.put(&ready)
    }

    /// Ends the part that was begun.
    pub(super) fn finish_part(&mut self) -> io::Result<()> {
        let packer = self.packer.take().expect("a part was begun");
        let rest = packer.encoder.finish()?;
        self.put(&rest)?;
        let n_packed = packer.n_packed + rest.len() as u64;
        let sums = sums(packer.crc.sum(), n_packed, packer.n_bytes)?;
        self.end(sums)
    }

    /// Writes the list of parts and gives the sink back.
    pub(super) fn finish(mut self) -> io::Result<W> {
        let start = size(self.n_bytes)?;
        let entries = std::mem::take(&mut self.entries);
        for entry in &entries {
            let flags = if entry.method == STORED { FLAGS_OF_STORED } else { FLAGS };
            let head: [&[u8]; 8] = [
                &CENTRAL,
                &VERSION.to_le_bytes(),
                &common(entry.method, flags),
                &entry.sums,
                &length_of(&entry.name),
                // No extra field, no comment, on the first disk, no attributes.
                &[0; 12],
                &entry.offset.to_le_bytes(),
                entry.name.as_bytes(),
            ];
            self.put(&head.concat())?;
        }
        let length = size(self.n_bytes)? - start;
        let count = u16::try_from(entries.len()).map_err(|_| too_large())?.to_le_bytes();
        let end: [&[u8]; 7] =
            [&END, &[0; 4], &count, &count, &length.to_le_bytes(), &start.to_le_bytes(), &[0; 2]];
        self.put(&end.concat())?;
        self.sink.flush()?;
        Ok(self.sink)
    }

    fn start(&mut self, name: &str, method: u16) -> io::Result<()> {
        self.start_of(name, method, FLAGS, [0; 12])
    }

    fn start_of(&mut self, name: &str, method: u16, flags: u16, sums: [u8; 12]) -> io::Result<()> {
        let offset = size(self.n_bytes)?;
        let head: [&[u8]; 6] =
            [&LOCAL, &common(method, flags), &sums, &length_of(name), &[0; 2], name.as_bytes()];
        self.put(&head.concat())?;
        self.entries.push(Entry { name: name.to_owned(), method, offset, sums });
        Ok(())
    }

    fn end(&mut self, sums: [u8; 12]) -> io::Result<()> {
        self.put(&[&SIZES[..], &sums].concat())?;
        self.close(sums);
        Ok(())
    }

    fn close(&mut self, sums: [u8; 12]) {
        self.entries.last_mut().expect("a part was started").sums = sums;
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.n_bytes += bytes.len() as u64;
        self.sink.write_all(bytes)
    }
}

/// Version, flags, method and time.
fn common(method: u16, flags: u16) -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[..2].copy_from_slice(&VERSION.to_le_bytes());
    bytes[2..4].copy_from_slice(&flags.to_le_bytes());
    bytes[4..6].copy_from_slice(&method.to_le_bytes());
    bytes[6..].copy_from_slice(&TIME);
    bytes
}

fn sums(crc: u32, n_packed: u64, n_bytes: u64) -> io::Result<[u8; 12]> {
    let mut sums = [0; 12];
    sums[..4].copy_from_slice(&crc.to_le_bytes());
    sums[4..8].copy_from_slice(&size(n_packed)?.to_le_bytes());
    sums[8..].copy_from_slice(&size(n_bytes)?.to_le_bytes());
    Ok(sums)
}

/// Returns a position or size as a container of this version stores it.
fn size(n_bytes: u64) -> io::Result<u32> {
    u32::try_from(n_bytes).map_err(|_| too_large())
}

fn length_of(name: &str) -> [u8; 2] {
    u16::try_from(name.len()).expect("names of parts are short").to_le_bytes()
}

fn too_large() -> io::Error {
    io::ErrorKind::FileTooLarge.into()
}
