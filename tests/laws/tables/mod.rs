//! Tables that chance makes, printed in every layout and format, and read back.
//!
//! What is read must be what was printed, or a refusal, or a missing value that a finding names; with
//! damage to the document as well as without. All documents are synthetic.

mod carrier;
pub(crate) mod chance;
mod computed;
mod damage;
mod document;
mod family;
mod figures;
mod formats;
pub(crate) mod hostile;
mod judge;
mod layouts;
pub(crate) mod legacy;
mod levels;
mod maker;
pub(crate) mod office;
mod page;
mod places;
mod report;
mod saved;
mod sentence;
mod times;

use std::ops::Range;

use tongban::refdata::RefData;
use tongban::source::{Block, parse_document};

use carrier::{CARRIERS, Carrier};
use chance::Chance;
use damage::Damage;
use document::Document;
use judge::{File, Verdict, findings, judge};
use maker::Maker;
use report::{Report, Way};

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
        let header_form = carrier.header_form(&mut chance);
        let document = Maker::new(refdata, &mut chance).document(header_form);
        // Only tables are damaged.
        let is_damaged = seed / n_carriers % 2 == 1 && !document.tables.is_empty();
        let damage = if is_damaged { *chance.pick(&Damage::ALL) } else { Damage::None };
        // Only lines of text can run into each other.
        let damage = match damage {
            Damage::LinesJoined if !carrier.is_text() => Damage::CellDropped,
            damage => damage,
        };
        let bytes = carrier.bytes_of(&document, (damage, header_form), &mut chance);
        Self { carrier_idx, carrier, damage, document, bytes }
    }

    fn file(&self) -> File<'_> {
        let is_damaged = self.damage != Damage::None;
        File { bytes: &self.bytes, name: self.carrier.file_name, is_damaged }
    }

    fn verdict(&self, refdata: &RefData) -> Verdict {
        judge(&self.document, self.file(), refdata)
    }
}

/// Reads the documents of these seeds.
pub(crate) fn check(seeds: Range<u64>) -> Report {
    let refdata = RefData::load(&[]).unwrap();
    let mut report = Report::default();
    for seed in seeds {
        let case = Case::new(seed, &refdata);
        let verdict = case.verdict(&refdata);
        let n_tables = case.document.tables.len() + usize::from(case.document.sentence.is_some());
        let Case { carrier_idx, damage, .. } = case;
        let way = Way { carrier_idx, damage, kind: case.document.kind };
        report.add(way, (seed, n_tables), verdict);
    }
    report
}

/// Shows the document of a seed as it is cut into cells, and what comes of it.
pub(crate) fn shown(seed: u64) -> String {
    let refdata = RefData::load(&[]).unwrap();
    shown_case(Case::new(seed, &refdata))
}

fn shown_case(case: Case) -> String {
    let refdata = RefData::load(&[]).unwrap();
    let verdict = case.verdict(&refdata);
    let findings = findings(&case.document, case.file(), &refdata);
    let Case { carrier, damage, document, bytes, .. } = case;
    let kind = document.kind.name();
    let mut lines = vec![format!("{}, {}, {kind}", carrier.name, damage.name())];
    lines.extend(document.layouts.into_iter().map(|(name, text)| format!("# {name}\n{text}")));
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
    lines.extend(findings);
    lines.push(format!("{verdict:#?}"));
    lines.join("\n")
}
