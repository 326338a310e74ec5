//! What is asked for, and the series of rows that it comes to.

use crate::model::text_enum;
use crate::source::Encoding;
use crate::synth::SynthError;
use crate::synth::datasets::{CASES, DATASETS, Dataset, EVALUATIONS};
use crate::synth::figures::{Department, Figures, apportioned, scaled};
use crate::synth::format::SynthFormat;
use crate::synth::plan::{Series, SeriesParts, Share};
use crate::synth::trap::Trap;

text_enum! {
    /// How the files are packed.
    Packing {
        /// As gzip.
        Gz = "gz",
        /// As Zstandard.
        Zst = "zst",
    }
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SynthSettings {
    /// Which records.
    pub choice: Choice,
    /// Share of rows with something wrong, in millionths of all rows.
    pub faults_millionths: u64,
    /// Format of the files.
    pub format: SynthFormat,
    /// Encoding of text.
    pub encoding: Encoding,
    /// How files of text are packed.
    pub packing: Option<Packing>,
    /// Seed of all chance.
    pub seed: u64,
    /// Files of each dataset.
    pub n_files: u64,
    /// The trap that each file is as a whole.
    pub trap: Option<Trap>,
}

impl SynthSettings {
    /// Whether files are neither packed nor in another encoding: Parquet has its own of both.
    pub fn is_plain(&self) -> bool {
        self.packing.is_none() && self.encoding == Encoding::Utf8
    }
}

/// Which records are made up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// As many of each department as the notice counts, and those that it says were returned.
    Notice {
        /// By how much fewer or more, in millionths.
        scale_millionths: u64,
    },
    /// Rows of the datasets of a profile.
    Rows {
        /// The profile.
        profile: String,
        /// One dataset of it; all of them without.
        dataset: Option<String>,
        /// Rows of each dataset.
        n_rows: u64,
    },
}

/// The time of the event in cases and evaluations.
const CASES_COUNTED_BY: &str = "accept_date";
const EVALUATIONS_COUNTED_BY: &str = "assessTime";

/// Columns that a trap needs; a dataset with one of them can be it.
fn trap_columns(trap: Trap) -> &'static [&'static str] {
    match trap {
        Trap::MinuteIsMonth => {
            &["cd_batch", "申请时间", "受理时间", "环节开始时间", "assessTime", "serviceTime"]
        }
        Trap::ConstantOffset => &[
            "apply_date",
            "event_start_time",
            "special_time",
            "环节开始时间",
            "assessTime",
            "resultDate",
        ],
        Trap::ConstantRating => &["assessTime", "评价时间"],
        Trap::ReversedScale => &["evalDetail"],
        Trap::RepeatedText => &["writingEvaluation", "文字评价"],
        Trap::TestWords => &["applyer_name", "申请者名称", "userName", "评价人"],
    }
}

/// Returns the series that settings come to.
pub(super) fn series_of(
    settings: &SynthSettings,
    figures: &Figures,
) -> Result<Vec<Series>, SynthError> {
    let parts = match &settings.choice {
        Choice::Notice { scale_millionths } => {
            notice_parts(settings, &figures.departments, *scale_millionths)
        }
        Choice::Rows { profile, dataset, n_rows } => {
            let datasets = datasets_of(profile, dataset.as_deref())?;
            let n_offices = figures.departments.len();
            datasets
                .iter()
                .zip(0..)
                .map(|(dataset, number)| {
                    rows_parts(settings, dataset, *n_rows, (number, n_offices))
                })
                .collect()
        }
    };
    let mut parts: Vec<SeriesParts> = parts;
    if let Some(trap) = settings.trap {
        let columns = trap_columns(trap);
        let can_be = |dataset: &Dataset| dataset.header.iter().any(|name| columns.contains(name));
        parts.retain(|part| can_be(part.dataset));
        if parts.is_empty() {
            let datasets = DATASETS.iter().filter(|dataset| can_be(dataset));
            let datasets = datasets.map(|it| format!("{} {}", it.profile, it.id)).collect();
            return Err(SynthError::TrapMisfit { trap: trap.as_str(), datasets });
        }
    }
    let series: Vec<Series> = parts.into_iter().map(Series::of).collect();
    let series: Vec<Series> = series.into_iter().filter(|series| series.n_rows() > 0).collect();
    if series.is_empty() { Err(SynthError::NoRows) } else { Ok(series) }
}

fn datasets_of(profile: &str, dataset: Option<&str>) -> Result<Vec<&'static Dataset>, SynthError> {
    let unknown = |wanted: &str, known: Vec<String>| {
        Err(SynthError::NameUnknown { wanted: wanted.to_owned(), known })
    };
    let of_profile: Vec<&Dataset> =
        DATASETS.iter().copied().filter(|it| it.profile == profile).collect();
    if of_profile.is_empty() {
        let mut known: Vec<String> = DATASETS.iter().map(|it| it.profile.to_owned()).collect();
        known.dedup();
        return unknown(profile, known);
    }
    let Some(wanted) = dataset else { return Ok(of_profile) };
    let found: Vec<&Dataset> = of_profile.iter().copied().filter(|it| it.id == wanted).collect();
    if found.is_empty() {
        return unknown(wanted, of_profile.iter().map(|it| it.id.to_owned()).collect());
    }
    Ok(found)
}

/// Returns the parts of the default set. Rows with faults come on top of what the notice counts, and
/// no record has a second version, so that what is accepted adds up to the notice.
fn notice_parts(
    settings: &SynthSettings,
    departments: &[Department],
    scale_millionths: u64,
) -> Vec<SeriesParts> {
    let scaled_of = |count: fn(&Department) -> u64| {
        let counts: Vec<u64> = departments.iter().map(count).collect();
        scaled(&counts, scale_millionths)
    };
    let shares_of = |accepted: Vec<u64>| {
        let faulty = scaled(&accepted, settings.faults_millionths);
        let shares = accepted.into_iter().zip(faulty).enumerate();
        let shares = shares.map(|(office, (accepted, faulty))| {
            let duplicates = (faulty / 5).min(accepted);
            Share {
                office,
                accepted,
                duplicates,
                returned: faulty - duplicates,
                ..Share::default()
            }
        });
        shares.collect::<Vec<_>>()
    };
    let cases = shares_of(scaled_of(|it| it.cases));
    let evaluations = shares_of(scaled_of(|it| it.evaluations));
    let returned = scaled_of(|it| it.returned).into_iter().enumerate();
    let returned =
        returned.map(|(office, returned)| Share { office, returned, ..Share::default() });
    let part = |number, dataset: &'static Dataset, shares, counted_by| SeriesParts {
        dataset,
        stem: dataset.id.to_owned(),
        number,
        shares,
        always: None,
        // The notice counts them within its period.
        counted_by: Some(counted_by),
        named_by: None,
        warned_per_mille: per_mille(settings),
        trap: settings.trap,
        n_files: settings.n_files,
    };
    let mut all_returned = part(2, CASES, returned.collect(), CASES_COUNTED_BY);
    all_returned.stem = format!("{}-returned", CASES.id);
    // What the sender never filled in: the catalogue code of the national standard.
    all_returned.always = Some("catalog_code");
    // The notice says whose they were.
    all_returned.named_by = Some("org_name");
    // Nothing honest is among them, and a trap shows in honest rows only.
    if settings.trap.is_some() {
        all_returned.shares.clear();
    }
    vec![
        part(0, CASES, cases, CASES_COUNTED_BY),
        part(1, EVALUATIONS, evaluations, EVALUATIONS_COUNTED_BY),
        all_returned,
    ]
}

/// Returns the part of one dataset, its rows spread evenly over all offices.
fn rows_parts(
    settings: &SynthSettings,
    dataset: &'static Dataset,
    n_rows: u64,
    (number, n_offices): (u64, usize),
) -> SeriesParts {
    let faulty = scaled(&[n_rows], settings.faults_millionths)[0].min(n_rows);
    let part_of = |count: u64, percent: u64| count * percent / 100;
    // Each row that is sent again needs a faultless one before it.
    let comes_again = !dataset.again.corrected.is_empty();
    let paired = if comes_again { faulty.min(n_rows - faulty) } else { 0 };
    let has_operation = !dataset.again.operation.is_empty();
    let duplicates = part_of(paired, 15);
    let updated = part_of(paired, 10);
    let deleted = if has_operation { part_of(paired, 5) } else { 0 };
    let returned = faulty - duplicates - updated - deleted;
    let evenly = |total: u64| apportioned(total.into(), &vec![1; n_offices]);
    let accepted = evenly(n_rows - faulty);
    let again = [evenly(duplicates), evenly(updated), evenly(deleted)];
    let returned = evenly(returned);
    let shares = (0..n_offices).map(|office| {
        let mut share = Share {
            office,
            accepted: accepted[office],
            duplicates: again[0][office],
            updated: again[1][office],
            deleted: again[2][office],
            returned: returned[office],
        };
        share.keep_within_accepted();
        share
    });
    SeriesParts {
        dataset,
        stem: dataset.id.to_owned(),
        number,
        shares: shares.collect(),
        always: None,
        counted_by: None,
        named_by: None,
        warned_per_mille: per_mille(settings),
        trap: settings.trap,
        n_files: settings.n_files,
    }
}

fn per_mille(settings: &SynthSettings) -> u64 {
    settings.faults_millionths / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(choice: Choice, faults_millionths: u64) -> SynthSettings {
        SynthSettings {
            choice,
            faults_millionths,
            format: SynthFormat::Csv,
            encoding: Encoding::Utf8,
            packing: None,
            seed: 1,
            n_files: 1,
            trap: None,
        }
    }

    #[test]
    fn the_whole_default_set_has_what_the_notice_counts() {
        let figures = Figures::of_notice().unwrap();
        let whole = Choice::Notice { scale_millionths: 1_000_000 };
        let series = series_of(&settings(whole, 10_000), &figures).unwrap();
        let accepted = |series: &Series, office: usize| -> u64 {
            let own = series.shares.iter().filter(|share| share.office == office);
            own.map(|share| share.accepted).sum()
        };
        for (office, department) in figures.departments.iter().enumerate() {
            assert_eq!(accepted(&series[0], office), department.cases, "{}", department.id);
            assert_eq!(accepted(&series[1], office), department.evaluations, "{}", department.id);
            assert_eq!(accepted(&series[2], office), 0);
        }
        let returned: u64 = series[2].shares.iter().map(|share| share.returned).sum();
        assert_eq!(returned, 4_500_000);
        assert_eq!(series[2].n_rows(), 4_500_000);
        // 1 % on top, some of it duplicates, and no second versions.
        assert_eq!(series[0].n_rows(), 12_869_796 + 128_698);
        assert!(series.iter().flat_map(|it| &it.shares).all(|it| it.updated + it.deleted == 0));
    }

    #[test]
    fn rows_of_a_profile_are_as_many_as_asked_for() {
        let figures = Figures::of_notice().unwrap();
        for (n_rows, faults) in [(1, 0), (1, 1_000_000), (50, 500_000), (10_000, 10_000)] {
            let rows = Choice::Rows { profile: "up-exchange".to_owned(), dataset: None, n_rows };
            let series = series_of(&settings(rows, faults), &figures).unwrap();
            assert_eq!(series.len(), 6);
            for series in series {
                assert_eq!(series.n_rows(), n_rows);
                let faulty: u64 = series.shares.iter().map(|it| it.returned).sum();
                assert!(faulty <= n_rows * faults / 1_000_000);
            }
        }
    }
}
