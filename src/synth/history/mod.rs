//! Made-up forms of the years before the example notice: monthly, cumulative, marked, with planted changes.
//!
//! Nothing here is shared with what reads forms: the truth is written from the figures that were made
//! up. The same seed gives the same bytes.

mod definitions;
mod ends;
mod form;
mod making;
mod month;
mod notes;
mod paper;
mod plants;
mod series;
mod truth;

use std::path::Path;

use crate::fsio::{self, Mode};
use crate::model::{PLANTED_FILE, SyntheticForm, SyntheticSet, TRUTH_FILE};
use crate::synth::SynthError;
use crate::synth::history::definitions::definitions;
use crate::synth::history::ends::Ends;
use crate::synth::history::form::Form;
use crate::synth::history::making::History;
use crate::synth::history::paper::Paper;
use crate::synth::history::truth::{planted, truth};
use crate::synth::write::{Beside, prepare, write_beside};

/// Bytes of a form, about: enough to tell whether there is room.
const FORM_BYTES: u64 = 16_384;
/// File of the reference table with the definitions of indicators.
const DEFINITIONS_FILE: &str = "indicators.csv";

/// Makes up forms in the folder `dir`, which must be free or empty, from a seed.
///
/// Everything is written beside it, and comes to its name at once when it is complete.
pub fn synthesise_forms(dir: &Path, seed: u64) -> Result<SyntheticSet, SynthError> {
    let history = History::of(&Ends::of_notice()?, seed);
    let definitions = definitions()?;
    let part = prepare(dir, history.forms.len() as u64 * FORM_BYTES)?;
    let mut named: Vec<(String, &Form)> = Vec::new();
    let mut forms = Vec::new();
    for form in &history.forms {
        let paper = Paper::of(form);
        let name = format!("{}.{}", form.stem(), paper.extension());
        let digest = paper.write(form, &part.join(&name))?;
        forms.push(SyntheticForm {
            name: name.clone(),
            blake3: digest.blake3,
            size_bytes: digest.size_bytes,
            edition: form.number.clone(),
            published_on: form.published_on,
            period_end: form.month.last_day(),
            n_figures: form.n_figures(),
        });
        named.push((name, form));
    }
    let texts = [(TRUTH_FILE, truth(&named)), (PLANTED_FILE, planted(&history.planted, &named))];
    for (name, text) in texts {
        fsio::write_atomic(&part.join(name), text.as_bytes(), Mode::Public)
            .map_err(SynthError::File)?;
    }
    let set = SyntheticSet::of_forms(seed, forms);
    let beside = Beside { note: "synth.forms_note", refdata: (DEFINITIONS_FILE, definitions) };
    write_beside(&part, &set, &beside)?;
    fsio::move_into_place(&part, dir).map_err(SynthError::File)?;
    Ok(set)
}
