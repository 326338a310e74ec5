//! The files of a batch before any row is judged: what they are, and the dataset that all of them fit.

use std::collections::BTreeSet;
use std::path::Path;

use crate::diag::Finding;
use crate::fsio::FileDigest;
use crate::ingest::records::nearest::{NearestDataset, name_of};
use crate::ingest::records::notes::{on_columns, on_passed_over};
use crate::ingest::records::{RecordSettings, RecordsError};
use crate::lake::{BatchFile, BatchRecord};
use crate::records::profile::{FieldNames, Fit, Fits, Profiles};
use crate::sandbox::Program;
use crate::source::rows::{MemberKind, RecordFileError, RowFile, record_files};

/// What the word of a reading begins with that names the key of its pseudonyms.
const PSEUDONYMS: &str = "pseudonyms=";

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
    /// Names of files beside them in archives that hold no records.
    pub(super) passed_over: Vec<String>,
}

/// One of them.
#[derive(Debug)]
pub(super) struct IntakeFile<'a> {
    pub(super) source: RowFile,
    /// Its name in the batch, where no other file has it.
    pub(super) name: String,
    /// Size and hash of its bytes.
    pub(super) digest: FileDigest,
    /// Names of its columns.
    pub(super) header: Vec<String>,
    /// How its header fits the dataset.
    pub(super) fit: Fit<'a>,
}

/// Files of an archive that are looked at, to find out whether it holds records.
const MEMBERS_LOOKED_AT: usize = 16;

/// Tells whether a file holds records by its header: whether some profile fits it, or it was meant to
/// fit one.
///
/// Fails when the file cannot be opened as one.
pub fn holds_records(
    path: &Path,
    profiles: &Profiles,
    program: &Program,
) -> Result<bool, RecordsError> {
    let names = FieldNames::of(profiles);
    let are_header = |header: &[String]| {
        names.are_header(header.iter().map(String::as_str))
            || !matches!(profiles.fitting(header), Fits::None(_))
    };
    let files = record_files(path).map_err(RecordsError::File)?;
    let is_read =
        |file: &&RowFile| matches!(file.member_kind(), MemberKind::Rows | MemberKind::Text);
    let mut failure = None;
    for file in files.iter().filter(is_read).take(MEMBERS_LOOKED_AT) {
        match file.open(program) {
            Ok(reader) if are_header(reader.header()) => return Ok(true),
            Ok(_) => (),
            Err(error) if error.header().is_some_and(are_header) => return Ok(true),
            // No document is JSON, and records may be.
            Err(RecordFileError::JsonWhole { .. }) => return Ok(true),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    failure.map_or(Ok(false), |error| Err(RecordsError::File(error)))
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
        let mut intake = Self { files: Vec::new(), passed_over: Vec::new() };
        let mut names = BTreeSet::new();
        for path in paths {
            for source in record_files(path).map_err(RecordsError::File)? {
                let shown = source.shown();
                let kind = source.member_kind();
                if kind == MemberKind::Binary {
                    return Err(RecordsError::MemberBinary { file_name: shown });
                }
                let is_read = kind != MemberKind::Other;
                let reader = is_read.then(|| source.open(program)).transpose();
                let header = match reader.map_err(RecordsError::File)? {
                    // A text of one column beside record files tells about them.
                    Some(reader) if kind == MemberKind::Rows || reader.header().len() > 1 => {
                        reader.header().to_vec()
                    }
                    _ => {
                        intake.passed_over.push(source.file_name());
                        continue;
                    }
                };
                let fit = choice.fit(profiles, &header, &shown)?;
                intake.check_dataset(&fit, &shown)?;
                let short = source.file_name();
                let name = if names.contains(&short) { shown } else { short };
                if !names.insert(name.clone()) {
                    return Err(RecordsError::FileTwice { file_name: name });
                }
                let digest = source.digest().map_err(RecordsError::File)?;
                intake.files.push(IntakeFile { source, name, digest, header, fit });
            }
        }
        if intake.files.is_empty() { Err(RecordsError::NoFiles) } else { Ok(intake) }
    }

    /// Fails where a file is of another dataset than the first.
    fn check_dataset(&self, fit: &Fit<'_>, shown: &str) -> Result<(), RecordsError> {
        match self.files.first() {
            Some(first) if name_of(&first.fit) != name_of(fit) => Err(RecordsError::FilesDiffer {
                first: (first.source.shown(), name_of(&first.fit)),
                other: (shown.to_owned(), name_of(fit)),
            }),
            _ => Ok(()),
        }
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

    /// Returns what there is to tell about the files before their rows are judged.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let of_files = self.files.iter().flat_map(on_columns);
        of_files.chain(on_passed_over(&self.passed_over)).collect()
    }

    /// Returns how the files are judged: whatever may make the same rows come out otherwise.
    pub(super) fn reading(&self, judge: &str, settings: &RecordSettings<'_>) -> String {
        let fit = self.first_fit();
        let parts = [
            judge.to_owned(),
            format!("profile={}@{}", name_of(fit), fit.profile.hash),
            format!("{PSEUDONYMS}{}", key_name(settings)),
        ];
        let own = settings.refdata.overrides_hash().map(|hash| format!("refdata={hash}"));
        parts.into_iter().chain(own).collect::<Vec<_>>().join(" ")
    }
}

/// Returns the name of the key of the pseudonyms: their hash, and what tells the key from others.
pub(super) fn key_name(settings: &RecordSettings<'_>) -> String {
    format!("{}:{}", settings.pseudonyms.hash(), settings.key_id)
}

/// Returns the name of the key under which a live batch of records was taken, `None` for any other batch.
pub(super) fn key_of(batch: &BatchRecord) -> Option<&str> {
    let is_live = batch.superseded_by.is_none() && batch.retracted_by.is_none();
    let mut words = batch.reading.split(' ').filter(|_| is_live);
    words.find_map(|word| word.strip_prefix(PSEUDONYMS))
}

/// Returns the names of the keys of pseudonyms under which live records were taken.
pub fn keys_in_use(batches: &[BatchRecord]) -> BTreeSet<String> {
    batches.iter().filter_map(key_of).map(str::to_owned).collect()
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
                is_profile_chosen: self.profile.is_some(),
            }),
            fits @ Fits::None(_) => {
                let nearest = NearestDataset::of(&fits, header);
                let chosen = self.profile.clone().or_else(|| self.dataset.clone());
                Err(RecordsError::NoneFits { file_name, nearest, chosen })
            }
        }
    }
}
