//! Why record files did not enter the lake.

use arrow::error::ArrowError;

use crate::diag::{Diagnose, Message, impl_error, name_list, nearest_names};
use crate::fsio::FsError;
use crate::ingest::records::aside::AsideError;
use crate::ingest::records::nearest::NearestDataset;
use crate::lake::LakeError;
use crate::model::BatchId;
use crate::source::rows::RecordFileError;

/// Record files did not enter the lake; it is as it was.
#[derive(Debug)]
pub enum RecordsError {
    /// A file could not be read to its end.
    File(RecordFileError),
    /// The lake took no rows, or not the batch.
    Lake(LakeError),
    /// Rows that were set aside could not be kept.
    Scratch(FsError),
    /// Rows could not be put together.
    Rows(ArrowError),
    /// No file was named.
    NoFiles,
    /// There is no profile of this name.
    ProfileUnknown {
        /// The name.
        wanted: String,
        /// Those there are.
        known: Vec<String>,
    },
    /// The profile has no dataset of this name.
    DatasetUnknown {
        /// The name.
        wanted: String,
        /// Those it has.
        known: Vec<String>,
    },
    /// The header fits no dataset.
    NoneFits {
        /// The file.
        file_name: String,
        /// What is nearest to it.
        nearest: NearestDataset,
        /// The profile that the user named, or the dataset.
        chosen: Option<String>,
    },
    /// The header fits several datasets equally well.
    SeveralFit {
        /// The file.
        file_name: String,
        /// The datasets.
        datasets: Vec<String>,
        /// Whether they are those of a profile that the user named.
        is_profile_chosen: bool,
    },
    /// A workbook or Parquet inside an archive.
    MemberBinary {
        /// The archive, and the name in it.
        file_name: String,
    },
    /// Two files fit different datasets, and one batch has one dataset.
    FilesDiffer {
        /// A file and its dataset.
        first: (String, String),
        /// Another one.
        other: (String, String),
    },
    /// The same file was named twice.
    FileTwice {
        /// The file.
        file_name: String,
    },
    /// Records in the lake were taken under another key of pseudonyms.
    KeyDiffers {
        /// The first batch of those.
        batch: BatchId,
    },
    /// The records stand in more months than any that happened do.
    MonthsScattered {
        /// Different pairs of a month of the event and one of the arrival, department by department.
        n_cells: usize,
    },
    /// A file was changed while it was read.
    Changed {
        /// The file.
        file_name: String,
    },
    /// The user ended it.
    Cancelled,
}

impl_error!(RecordsError);

impl From<AsideError> for RecordsError {
    fn from(error: AsideError) -> Self {
        match error {
            AsideError::File(error) => Self::Scratch(error),
            AsideError::Rows(error) => Self::Rows(error),
        }
    }
}

impl RecordsError {
    fn inner(&self) -> Option<&dyn Diagnose> {
        match self {
            Self::File(error) => Some(error),
            Self::Lake(error) => Some(error),
            Self::Scratch(error) => Some(error),
            _ => None,
        }
    }
}

impl Diagnose for RecordsError {
    fn message(&self) -> Message {
        match self {
            Self::File(error) => error.message(),
            Self::Lake(error) => error.message(),
            Self::Scratch(error) => error.message(),
            Self::Rows(_) => Message::new("records.rows"),
            Self::NoFiles => Message::new("records.no_files"),
            Self::ProfileUnknown { wanted, known } => {
                unknown("records.profile_unknown", wanted, known)
            }
            Self::DatasetUnknown { wanted, known } => {
                unknown("records.dataset_unknown", wanted, known)
            }
            Self::NoneFits { file_name, nearest, chosen } => {
                nearest.fault_of(file_name, chosen.as_deref()).unwrap_or_else(|| {
                    // What fits by its columns and was not taken cannot be told better.
                    Message::new("records.none_fits").with("file", file_name)
                })
            }
            Self::MemberBinary { file_name } => {
                Message::new("records.member_binary").with("file", file_name)
            }
            Self::SeveralFit { file_name, datasets, is_profile_chosen } => {
                let code = match is_profile_chosen {
                    true => "records.several_fit_chosen",
                    false => "records.several_fit",
                };
                Message::new(code).with("file", file_name).with("datasets", name_list(datasets))
            }
            Self::FilesDiffer { first, other } => Message::new("records.files_differ")
                .with("first", &first.0)
                .with("first_dataset", &first.1)
                .with("other", &other.0)
                .with("other_dataset", &other.1),
            Self::FileTwice { file_name } => {
                Message::new("records.file_twice").with("file", file_name)
            }
            Self::KeyDiffers { batch } => Message::new("records.key_differs").with("batch", batch),
            Self::MonthsScattered { n_cells } => {
                Message::new("records.months_scattered").with("count", n_cells)
            }
            Self::Changed { file_name } => {
                Message::new("record_file.changed").with("file", file_name)
            }
            Self::Cancelled => Message::new("records.cancelled"),
        }
    }

    fn causes(&self) -> Vec<Message> {
        match self {
            Self::Rows(error) => vec![Message::new("io.other").with("reason", error)],
            _ => self.inner().map(Diagnose::causes).unwrap_or_default(),
        }
    }

    fn details(&self) -> Vec<Message> {
        self.inner().map(Diagnose::details).unwrap_or_default()
    }
}

fn unknown(code: &'static str, wanted: &str, known: &[String]) -> Message {
    let near = nearest_names(wanted, known.iter().map(String::as_str));
    let shown = if near.is_empty() { known } else { &near };
    Message::new(code).with("name", wanted).with("known", name_list(shown))
}
