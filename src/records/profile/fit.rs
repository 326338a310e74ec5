//! Which dataset a file's header fits.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

use crate::records::profile::{Dataset, Profile, Profiles};

/// How a header fits a dataset.
#[derive(Debug, Clone)]
pub struct Fit<'a> {
    /// The profile.
    pub profile: &'a Profile,
    /// The dataset.
    pub dataset: &'a Dataset,
    /// For each field of the dataset, in its order: the column of the header from 0; `None` where the
    /// header has none.
    pub columns: Vec<Option<usize>>,
    /// Positions of the fields whose column a file has to have and this one has not.
    pub missing: Vec<usize>,
    /// Columns of the header, from 0, that are no field of the dataset. They are not read.
    pub unknown: Vec<usize>,
    /// Columns of the header, from 0, that name a field that an earlier column is already.
    pub repeated: Vec<usize>,
}

/// Which datasets a header fits.
#[derive(Debug, Clone)]
pub enum Fits<'a> {
    /// This one.
    One(Box<Fit<'a>>),
    /// Several, and none has all the columns of the header that another one has, and more.
    Several(Vec<Fit<'a>>),
    /// None; that which is nearest, where it has any column of the header.
    None(Option<Box<Fit<'a>>>),
}

impl Fit<'_> {
    /// Whether a file with this header can be judged: nothing missing, no column twice.
    pub fn is_whole(&self) -> bool {
        self.missing.is_empty() && self.repeated.is_empty()
    }

    /// Returns the number of fields that the header has.
    pub fn n_known(&self) -> usize {
        self.columns.iter().flatten().count()
    }
}

impl Profiles {
    /// Returns which datasets a header fits. Case, underscores, width and white space do not matter.
    ///
    /// A dataset that has all the columns which another one has, and more, is preferred to that, even
    /// where it misses some: a file is more likely a faulty one of its own kind than a whole one of
    /// another.
    pub fn fitting(&self, header: &[String]) -> Fits<'_> {
        chosen(self.iter().flat_map(|profile| profile.fits(header)).collect())
    }

    /// Returns how a header fits one dataset of a profile.
    pub fn fit<'a>(profile: &'a Profile, dataset: &'a Dataset, header: &[String]) -> Fit<'a> {
        let names: Vec<String> = header.iter().map(|name| folded(name)).collect();
        fit_of(profile, dataset, &names)
    }
}

impl Profile {
    /// Returns which of its datasets a header fits, as [`Profiles::fitting`] does.
    pub fn fitting(&self, header: &[String]) -> Fits<'_> {
        chosen(self.fits(header).collect())
    }

    /// Returns how a header fits each of its datasets, in their order.
    pub fn fits(&self, header: &[String]) -> impl Iterator<Item = Fit<'_>> {
        self.datasets.iter().map(|dataset| Profiles::fit(self, dataset, header))
    }
}

/// Chooses among the fits of one header.
fn chosen(fits: Vec<Fit<'_>>) -> Fits<'_> {
    let is_outdone = |fit: &Fit<'_>| fits.iter().any(|other| has_more(other, fit));
    let is_best: Vec<bool> = fits.iter().map(|fit| fit.n_known() > 0 && !is_outdone(fit)).collect();
    let best = fits.into_iter().zip(is_best).filter_map(|(fit, is_best)| is_best.then_some(fit));
    let (mut whole, other): (Vec<_>, Vec<_>) = best.partition(Fit::is_whole);
    match whole.len() {
        0 => Fits::None(nearest(other).map(Box::new)),
        1 => Fits::One(Box::new(whole.remove(0))),
        _ => Fits::Several(whole),
    }
}

/// Returns a name of a column in the form in which they are compared: ordinary width, lower case,
/// letters and digits only.
pub(super) fn folded(name: &str) -> String {
    name.nfkc().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()).collect()
}

fn fit_of<'a>(profile: &'a Profile, dataset: &'a Dataset, names: &[String]) -> Fit<'a> {
    let mut fields: BTreeMap<String, usize> = BTreeMap::new();
    for (idx, field) in dataset.fields.iter().enumerate() {
        fields.extend(field.names().map(|name| (folded(name), idx)));
    }
    let mut columns = vec![None; dataset.fields.len()];
    let (mut unknown, mut repeated) = (Vec::new(), Vec::new());
    for (at, name) in names.iter().enumerate() {
        match fields.get(name) {
            None => unknown.push(at),
            Some(field) if columns[*field].is_some() => repeated.push(at),
            Some(field) => columns[*field] = Some(at),
        }
    }
    let is_missing =
        |(idx, column): (usize, &Option<usize>)| column.is_none() && dataset.fields[idx].is_needed;
    let missing = (0..columns.len()).filter(|idx| is_missing((*idx, &columns[*idx]))).collect();
    Fit { profile, dataset, columns, missing, unknown, repeated }
}

/// Whether one fit has all the columns of the header that another one has, and more.
fn has_more(fit: &Fit<'_>, other: &Fit<'_>) -> bool {
    let is_known = |fit: &Fit<'_>, column: usize| fit.columns.contains(&Some(column));
    fit.n_known() > other.n_known()
        && other.columns.iter().flatten().all(|column| is_known(fit, *column))
}

/// Returns the fit that lacks the least; of equals, the one that knows the most, then the first.
fn nearest(fits: Vec<Fit<'_>>) -> Option<Fit<'_>> {
    fits.into_iter().min_by_key(|fit| {
        (fit.missing.len() + fit.repeated.len(), std::cmp::Reverse(fit.n_known()))
    })
}
