//! Tables in hostile surroundings: lines, rows and figures that look like what they are not.
//!
//! What a table says is written here by hand and owes nothing to the program: labels, names, times
//! and units are its own words, and what stands around them is drawn from lists of what people write.
//! Every figure has to be read as it is meant, or a finding has to name what makes it doubtful.

mod draft;
mod figures;
mod labels;
mod lines;
mod report;
mod rows;
mod units;

use std::ops::Range;

use tongban::refdata::RefData;

use super::Case;
use super::carrier::CARRIERS;
use super::chance::Chance;
use super::damage::Damage;
use super::page::{Item, laid_out};
use draft::Draft;
use report::Report;

/// Something hostile, by its name in reports.
type Trick = (&'static str, fn(&mut Draft<'_>));

/// What is hostile in a document.
struct Hostility {
    names: Vec<&'static str>,
    /// The texts that were drawn.
    played: Vec<String>,
}

impl Hostility {
    fn told(&self) -> String {
        format!("{} [{}]", self.names.join(", "), self.played.join(" | "))
    }
}

const TRICKS: [Trick; 22] = [
    ("caption with another time", lines::time_in_caption),
    ("title with another time", lines::time_in_title),
    ("note with another time", lines::time_in_note),
    ("note that moves the time", lines::note_of_another_time),
    ("title of another region", lines::region_in_title),
    ("title of another measure", lines::measure_in_title),
    ("caption of another measure", lines::measure_in_caption),
    ("unit in a caption", units::unit_in_caption),
    ("unit behind the time", units::unit_behind_time),
    ("unit in the title", units::unit_in_title),
    ("unit in a header", units::unit_in_header),
    ("unit in a note", units::unit_in_note),
    ("two units", units::two_units),
    ("label of another measure", labels::measure_in_label),
    ("label above of another measure", labels::measure_above),
    ("row that is no member", rows::no_member),
    ("section that changes all below", rows::section),
    ("header again", rows::header_again),
    ("page break", rows::page_break),
    ("odd figure", figures::odd_figure),
    ("merged cells", figures::merged),
    ("struck, raised or hidden", figures::marked),
];

/// Makes the document of a seed, with the names of what is hostile in it.
fn case(seed: u64) -> (Case, Hostility) {
    let mut chance = Chance::new(seed ^ 0x5bd1_e995);
    let n_carriers = u64::try_from(CARRIERS.len()).expect("there are few");
    let carrier_idx = usize::try_from(seed % n_carriers).expect("there are few");
    let carrier = CARRIERS[carrier_idx];
    let abilities = carrier.abilities(carrier.header_form(&mut chance));
    let n_tricks = *chance.pick(&[1, 1, 1, 1, 1, 2, 2, 3]);
    let tricks = chance.some(&TRICKS, n_tricks);
    let mut draft = Draft::new(carrier, abilities, &mut chance);
    for (_, play) in &tricks {
        play(&mut draft);
    }
    let played = std::mem::take(&mut draft.played);
    let (document, edits) = draft.finished();
    // What chance adds of itself would move the rows that are to be changed.
    let plain = super::page::Abilities { has_sections: false, two_levels: 0, ..abilities };
    let items = laid_out(&document, plain, &mut chance);
    let items: Vec<Item> = edits.applied(items, abilities);
    let bytes = carrier.printed(&items, Damage::None, &mut chance);
    let names = tricks.iter().map(|(name, _)| *name).collect();
    let case = Case { carrier_idx, carrier, damage: Damage::None, document, bytes };
    (case, Hostility { names, played })
}

/// Reads the documents of these seeds.
pub(crate) fn check(seeds: Range<u64>) -> Report {
    let refdata = RefData::load(&[]).unwrap();
    let mut report = Report::default();
    for seed in seeds {
        let (case, hostility) = case(seed);
        report.add(seed, (case.carrier.name, &hostility), case.verdict(&refdata));
    }
    report
}

/// Shows the document of a seed as it is cut into cells, and what comes of it.
pub(crate) fn shown(seed: u64) -> String {
    let (case, hostility) = case(seed);
    format!("{}\n{}", hostility.told(), super::shown_case(case))
}
