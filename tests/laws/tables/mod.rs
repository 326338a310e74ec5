//! Tables that chance makes, printed in every layout and format, and read back.
//!
//! What is read must be what was printed, or a refusal, or a missing value that a finding names; with
//! damage to the document as well as without. All documents are synthetic.

mod carrier;
pub(crate) mod chance;
mod damage;
mod document;
mod figures;
mod formats;
mod judge;
mod layouts;
pub(crate) mod legacy;
pub(crate) mod office;
mod page;
mod report;

use std::ops::Range;

use tongban::refdata::RefData;
use tongban::source::{Block, parse_document};

use carrier::{CARRIERS, Carrier};
use chance::Chance;
use damage::Damage;
use document::{Document, Maker};
use judge::judge;
use report::Report;

/// One document: what it says, how it came, what befell it.
pub(crate) struct Case {
    carrier_idx: usize,
    /// The layout and format that it has.
    pub(crate) carrier: Carrier,
    damage: Damage,
    document: Document,
    /// The file.
    pub(crate) bytes: Vec<u8>,
}

impl Case {
    /// Makes the document of a seed: one carrier after the other, half of them damaged.
    pub(crate) fn new(seed: u64, refdata: &RefData) -> Self {
        let mut chance = Chance::new(seed);
        let n_carriers = u64::try_from(CARRIERS.len()).expect("there are few");
        let carrier_idx = usize::try_from(seed % n_carriers).expect("there are few");
        let carrier = CARRIERS[carrier_idx];
        let document = Maker::new(refdata, &mut chance).document();
        let is_damaged = seed / n_carriers % 2 == 1;
        let damage = if is_damaged { *chance.pick(&Damage::ALL) } else { Damage::None };
        // Only lines of text can run into each other.
        let damage = match damage {
            Damage::LinesJoined if !carrier.is_text() => Damage::CellDropped,
            damage => damage,
        };
        let bytes = carrier.bytes_of(&document, damage, &mut chance);
        Self { carrier_idx, carrier, damage, document, bytes }
    }
}

/// Reads the documents of these seeds.
pub(crate) fn check(seeds: Range<u64>) -> Report {
    let refdata = RefData::load(&[]).unwrap();
    let mut report = Report::default();
    for seed in seeds {
        let case = Case::new(seed, &refdata);
        let verdict = judge(&case.document, &case.bytes, case.carrier.file_name, &refdata);
        let n_tables = case.document.tables.len();
        report.add((case.carrier_idx, case.damage), (seed, n_tables), verdict);
    }
    report
}

/// Shows the document of a seed as it is cut into cells, and what comes of it.
pub(crate) fn shown(seed: u64) -> String {
    let refdata = RefData::load(&[]).unwrap();
    let Case { carrier, damage, document, bytes, .. } = Case::new(seed, &refdata);
    let verdict = judge(&document, &bytes, carrier.file_name, &refdata);
    let mut lines = vec![format!("{}, {}", carrier.name, damage.name())];
    if let Ok(text) = str::from_utf8(&bytes) {
        lines.push(text.to_owned());
    }
    match parse_document(&bytes, carrier.file_name) {
        Err(error) => lines.push(error.to_string()),
        Ok(parsed) => lines.extend(parsed.blocks.iter().flat_map(|block| match block {
            Block::Paragraph(paragraph) => vec![format!("{}: {}", paragraph.spot, paragraph.text)],
            Block::Grid(grid) => {
                let rows = grid.rows.iter().map(|row| {
                    let cells: Vec<&str> = row.cells.iter().map(|cell| &*cell.text).collect();
                    format!("{}| {} {:?}", row.spot, cells.join(" | "), row.shape)
                });
                let strays = grid.strays.iter().map(|stray| format!("stray {}", stray.text));
                rows.chain(strays).collect()
            }
        })),
    }
    lines.push(format!("{verdict:#?}"));
    lines.join("\n")
}
