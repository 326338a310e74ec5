//! What keeps a header from fitting the dataset that it is nearest to.

use crate::diag::{Message, name_list};
use crate::records::profile::{Fit, Fits, Profiles};

/// Columns that are named in a message at most.
const MAX_NAMED: usize = 10;

/// The dataset that a header is nearest to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NearestDataset {
    /// Its name with that of its profile; several where it fits several. Empty where there is none.
    datasets: Vec<String>,
    /// Columns of it that the header lacks.
    missing: Vec<String>,
    /// Columns of the header that mean a field which another one means already.
    repeated: Vec<String>,
}

/// Returns the dataset of any profile that a header is nearest to.
pub(in crate::ingest) fn nearest_dataset(profiles: &Profiles, header: &[String]) -> NearestDataset {
    NearestDataset::of(&profiles.fitting(header), header)
}

/// A profile with its version, and the dataset, as in `up-exchange/1 up_pro_accept`.
pub(super) fn name_of(fit: &Fit<'_>) -> String {
    format!("{} {}", fit.profile.name(), fit.dataset.id)
}

impl NearestDataset {
    /// Returns what the fits of a header come to.
    pub(super) fn of(fits: &Fits<'_>, header: &[String]) -> Self {
        let fit = match fits {
            Fits::One(fit) | Fits::None(Some(fit)) => fit,
            Fits::Several(fits) => {
                return Self { datasets: fits.iter().map(name_of).collect(), ..Self::default() };
            }
            Fits::None(None) => return Self::default(),
        };
        let name_of_field = |field: &usize| fit.dataset.fields[*field].name.clone();
        Self {
            datasets: vec![name_of(fit)],
            missing: fit.missing.iter().map(name_of_field).collect(),
            repeated: fit.repeated.iter().map(|at| header[*at].clone()).collect(),
        }
    }

    /// Returns the names of the datasets for a sentence.
    pub(in crate::ingest) fn shown(&self) -> String {
        self.datasets.join(", ")
    }

    /// Returns what is wrong with the header; `None` where it fits.
    pub(in crate::ingest) fn fault(&self, file_name: &str) -> Option<Message> {
        self.fault_of(file_name, None)
    }

    /// The same, where the user has named the profile or the dataset and need not be told to.
    pub(super) fn fault_of(&self, file_name: &str, chosen: Option<&str>) -> Option<Message> {
        if self.datasets.is_empty() {
            let message = match chosen {
                Some(chosen) => Message::new("records.none_fits_chosen").with("name", chosen),
                None => Message::new("records.none_fits"),
            };
            return Some(message.with("file", file_name));
        }
        let (code, columns) = match (self.missing.as_slice(), self.repeated.as_slice()) {
            ([], []) => return None,
            ([], repeated) => ("records.columns_repeated", repeated),
            (missing, _) if chosen.is_some() => ("records.columns_missing_chosen", missing),
            (missing, _) => ("records.columns_missing", missing),
        };
        let shown = &columns[..columns.len().min(MAX_NAMED)];
        let message = Message::new(code)
            .with("file", file_name)
            .with("dataset", self.shown())
            .with("count", columns.len())
            .with("columns", name_list(shown));
        Some(message)
    }
}
