//! Records of a BIFF8 stream: a type, a length and bytes, one behind the other.

use crate::source::SourceError;

/// One record.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    /// What it is.
    pub(super) kind: u16,
    /// What it holds, without the records that continue it.
    pub(super) data: &'a [u8],
}

impl Record<'_> {
    /// Returns two bytes as a number; `None` behind the end.
    pub(super) fn u16(&self, offset: usize) -> Option<u16> {
        self.data.get(offset..)?.first_chunk().copied().map(u16::from_le_bytes)
    }

    /// Returns four bytes as a number; `None` behind the end.
    pub(super) fn u32(&self, offset: usize) -> Option<u32> {
        self.data.get(offset..)?.first_chunk().copied().map(u32::from_le_bytes)
    }
}

/// The records from some place on; an error in place of one that is cut off.
pub(super) struct Records<'a> {
    rest: &'a [u8],
    file_name: &'a str,
}

impl<'a> Records<'a> {
    /// Returns the records of a stream; the name is for messages.
    pub(super) fn new(rest: &'a [u8], file_name: &'a str) -> Self {
        Self { rest, file_name }
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, SourceError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let head = Record { kind: 0, data: self.rest };
        let whole = head.u16(0).zip(head.u16(2)).and_then(|(kind, n_bytes)| {
            let (data, rest) = self.rest.get(4..)?.split_at_checked(usize::from(n_bytes))?;
            Some((Record { kind, data }, rest))
        });
        let Some((record, rest)) = whole else {
            self.rest = &[];
            return Some(Err(damaged(self.file_name, "flaw.cut_off")));
        };
        self.rest = rest;
        Some(Ok(record))
    }
}

/// Returns the error for a stream that is not as it must be.
pub(super) fn damaged(file_name: &str, reason: &str) -> SourceError {
    SourceError::Damaged {
        file_name: file_name.to_owned(),
        part: "Workbook".to_owned(),
        reason: reason.to_owned(),
    }
}

/// Returns the error for something in the stream that is not as it must be, with its name.
pub(super) fn damaged_part(file_name: &str, part: &str, reason: &str) -> SourceError {
    SourceError::Damaged {
        file_name: file_name.to_owned(),
        part: format!("Workbook `{part}`"),
        reason: reason.to_owned(),
    }
}
