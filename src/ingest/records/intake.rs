//! The files of a batch before any row is judged: what they are, and the dataset that all of them fit.

use std::collections::BTreeSet;
use std::path::Path;

use crate::fsio::FileDigest;
use crate::ingest::records::{RecordSettings, RecordsError};
use crate::lake::BatchFile;
use crate::records::profile::{Fit, Fits, Profiles};
use crate::sandbox::Program;
use crate::source::rows::{RowFile, record_files};

/// What the user says about the profile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileChoice {
    /// Id of the profile; the one that fits where it is not given.
    pub profile: Option<String>,
    /// Id of the dataset in it; the one that fits where it is not given.
    pub dataset: Option<String>,
}

/// The files of a batch.
#[derive(Debug)]
pub(super) struct Intake<'a> {
    pub(super) files: Vec<IntakeFile<'a>>,
}

/// One of them.
#[derive(Debug)]
pub(super) struct IntakeFile<'a> {
    pub(super) source: RowFile,
    /// Its name in the batch, where no other file has it.
    pub(super) name: String,
    /// Size and hash of its bytes.
    pub(super) digest: FileDigest,
    /// How its header fits the dataset.
    pub(super) fit: Fit<'a>,
}

/// Tells whether a file is a record file by its header: whether some profile fits it.
///
/// Fails when the file cannot be opened as one.
pub fn fits_a_profile(
    path: &Path,
    profiles: &Profiles,
    program: &Program,
) -> Result<bool, RecordsError> {
    let files = record_files(path).map_err(RecordsError::File)?;
    let Some(first) = files.first() else { return Ok(false) };
    let reader = first.open(program).map_err(RecordsError::File)?;
    let fits = profiles.fitting(reader.header());
    Ok(!matches!(fits, Fits::None(_)))
}

impl<'a> Intake<'a> {
    /// Opens files, finds the dataset that all of them fit, and takes their hashes.
    pub(super) fn open(
        paths: &[&Path],
        profiles: &'a Profiles,
        choice: &ProfileChoice,
        program: &Program,
    ) -> Result<Self, RecordsError> {
        choice.check(profiles)?;
        let mut files: Vec<IntakeFile<'a>> = Vec::new();
        let mut names = BTreeSet::new();
        for path in paths {
            for source in record_files(path).map_err(RecordsError::File)? {
                let reader = source.open(program).map_err(RecordsError::File)?;
                let fit = choice.fit(profiles, reader.header(), &source.shown())?;
                drop(reader);
                if let Some(first) = files.first()
                    && name_of(&first.fit) != name_of(&fit)
                {
                    return Err(RecordsError::FilesDiffer {
                        first: (first.source.shown(), name_of(&first.fit)),
                        other: (source.shown(), name_of(&fit)),
                    });
                }
                let short = source.file_name();
                let name = if names.contains(&short) { source.shown() } else { short };
                if !names.insert(name.clone()) {
                    return Err(RecordsError::FileTwice { file_name: name });
                }
                let digest = source.digest().map_err(RecordsError::File)?;
                files.push(IntakeFile { source, name, digest, fit });
            }
        }
        if files.is_empty() { Err(RecordsError::NoFiles) } else { Ok(Self { files }) }
    }

    /// Returns the fit of the first file, whose profile and dataset are those of all.
    fn first_fit(&self) -> &Fit<'a> {
        &self.files[0].fit
    }

    /// Returns the profile with its version and the dataset, as batches record them.
    pub(super) fn name(&self) -> String {
        name_of(self.first_fit())
    }

    /// Returns the name of the batch: that of its first file, and how many there are besides.
    pub(super) fn title(&self) -> String {
        match self.files.len() {
            1 => self.files[0].name.clone(),
            n_files => format!("{} +{}", self.files[0].name, n_files - 1),
        }
    }

    /// Returns the size of all files.
    pub(super) fn size_bytes(&self) -> u64 {
        self.files.iter().map(|file| file.digest.size_bytes).sum()
    }

    /// Returns the files as the catalog has them; how many rows each has is not known yet.
    pub(super) fn batch_files(&self) -> Vec<BatchFile> {
        let file = |file: &IntakeFile<'_>| BatchFile {
            file_name: file.name.clone(),
            source_hash: file.digest.blake3.clone(),
            size_bytes: file.digest.size_bytes,
            rows_received: 0,
        };
        self.files.iter().map(file).collect()
    }

    /// Returns how the files are judged: whatever may make the same rows come out otherwise.
    pub(super) fn reading(&self, judge: &str, settings: &RecordSettings<'_>) -> String {
        let fit = self.first_fit();
        let pseudonyms = format!("{}:{}", settings.pseudonyms.hash(), settings.key_id);
        let parts = [
            judge.to_owned(),
            format!("profile={}@{}", name_of(fit), fit.profile.hash),
            format!("pseudonyms={pseudonyms}"),
        ];
        let own = settings.refdata.overrides_hash().map(|hash| format!("refdata={hash}"));
        parts.into_iter().chain(own).collect::<Vec<_>>().join(" ")
    }
}

impl ProfileChoice {
    /// Fails when a name is none of a profile or dataset.
    fn check(&self, profiles: &Profiles) -> Result<(), RecordsError> {
        let ids = || profiles.iter().map(|profile| profile.id.clone());
        if let Some(wanted) = self.profile.as_ref().filter(|wanted| profiles.get(wanted).is_none())
        {
            return Err(RecordsError::ProfileUnknown {
                wanted: wanted.clone(),
                known: ids().collect(),
            });
        }
        let Some(wanted) = &self.dataset else { return Ok(()) };
        let among =
            profiles.iter().filter(|other| self.profile.as_ref().is_none_or(|p| *p == other.id));
        let known: Vec<String> = among
            .flat_map(|profile| profile.datasets.iter().map(|dataset| dataset.id.clone()))
            .collect();
        if known.contains(wanted) {
            return Ok(());
        }
        Err(RecordsError::DatasetUnknown { wanted: wanted.clone(), known })
    }

    /// Returns how a header fits what is chosen.
    fn fits<'a>(&self, profiles: &'a Profiles, header: &[String]) -> Fits<'a> {
        let profile = self.profile.as_ref().and_then(|wanted| profiles.get(wanted));
        let Some(dataset) = &self.dataset else {
            return match profile {
                Some(profile) => profile.fitting(header),
                None => profiles.fitting(header),
            };
        };
        let among = profiles.iter().filter(|other| profile.is_none_or(|only| only.id == other.id));
        let fits = among.flat_map(|profile| profile.fits(header));
        let mut of_dataset: Vec<Fit<'a>> = fits.filter(|fit| fit.dataset.id == *dataset).collect();
        match of_dataset.len() {
            1 if of_dataset[0].is_whole() => Fits::One(Box::new(of_dataset.remove(0))),
            0 | 1 => Fits::None(of_dataset.pop().map(Box::new)),
            _ => Fits::Several(of_dataset),
        }
    }

    /// Returns how a header fits the one dataset that is chosen or that fits.
    fn fit<'a>(
        &self,
        profiles: &'a Profiles,
        header: &[String],
        shown: &str,
    ) -> Result<Fit<'a>, RecordsError> {
        let file_name = shown.to_owned();
        match self.fits(profiles, header) {
            Fits::One(fit) => Ok(*fit),
            Fits::Several(fits) => Err(RecordsError::SeveralFit {
                file_name,
                datasets: fits.iter().map(name_of).collect(),
            }),
            Fits::None(nearest) => Err(RecordsError::NoneFits {
                file_name,
                nearest: nearest.as_ref().map(|fit| name_of(fit)),
                missing: nearest.iter().flat_map(|fit| missing(fit)).collect(),
                repeated: nearest
                    .iter()
                    .flat_map(|fit| fit.repeated.iter().map(|at| header[*at].clone()))
                    .collect(),
            }),
        }
    }
}

fn missing(fit: &Fit<'_>) -> Vec<String> {
    fit.missing.iter().map(|field| fit.dataset.fields[*field].name.clone()).collect()
}

/// A profile with its version, and the dataset, as in `up-exchange/1 up_pro_accept`.
fn name_of(fit: &Fit<'_>) -> String {
    format!("{} {}", fit.profile.name(), fit.dataset.id)
}
