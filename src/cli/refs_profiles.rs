//! `tongban refs profiles`: the profiles of records, and one of them as fields and rules.

use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray};
use arrow::datatypes::DataType;

use crate::cli::failure::Failure;
use crate::cli::refs::{counts_of, result_of, texts_of};
use crate::diag::{Lang, Message, Severity, nearest_names};
use crate::records::profile::{
    BatchRule, Confidence, Dataset, Field, Personal, Profile, Profiles, RecordColumn, Rule,
};
use crate::table::ResultTable;

/// Returns the profiles: version, where they come from, how much they say.
pub(super) fn list(profiles: &Profiles, lang: Lang) -> ResultTable {
    let all: Vec<&Profile> = profiles.iter().collect();
    let state = |profile: &Profile| if profile.is_builtin { "builtin" } else { "own" };
    let sum = |profile: &Profile, count: fn(&Dataset) -> usize| {
        profile.datasets.iter().map(count).sum::<usize>()
    };
    let rules = |dataset: &Dataset| dataset.rules.len() + dataset.batch_rules.len();
    result_of(vec![
        ("profile", DataType::Utf8, texts_of(&all, |profile| Some(profile.name()))),
        ("state", DataType::Utf8, texts_of(&all, |profile| Some(state(profile).to_owned()))),
        ("n_datasets", DataType::Int32, counts_of(&all, |profile| profile.datasets.len())),
        ("n_fields", DataType::Int32, counts_of(&all, |p| sum(p, |dataset| dataset.fields.len()))),
        ("n_rules", DataType::Int32, counts_of(&all, |profile| sum(profile, rules))),
        ("summary", DataType::Utf8, texts_of(&all, |profile| Some(profile.title(lang).to_owned()))),
    ])
}

/// A profile, and those of its datasets that were asked for.
pub(super) struct Chosen<'a> {
    pub(super) profile: &'a Profile,
    datasets: Vec<&'a Dataset>,
}

/// Returns the profile of a name, with all datasets or, for `profile/dataset`, that one.
pub(super) fn chosen<'a>(profiles: &'a Profiles, name: &str) -> Result<Chosen<'a>, Failure> {
    let (id, dataset) = match name.split_once('/') {
        Some((id, dataset)) => (id, Some(dataset)),
        None => (name, None),
    };
    let Some(profile) = profiles.get(id) else {
        let ids: Vec<&str> = profiles.iter().map(|profile| profile.id.as_str()).collect();
        return Err(unknown("refs.profile_unknown", id, &ids));
    };
    let is_wanted = |known: &&Dataset| dataset.is_none_or(|wanted| known.id == wanted);
    let datasets: Vec<&Dataset> = profile.datasets.iter().filter(is_wanted).collect();
    if datasets.is_empty() {
        let ids: Vec<&str> = profile.datasets.iter().map(|known| known.id.as_str()).collect();
        return Err(unknown("refs.dataset_unknown", dataset.unwrap_or_default(), &ids));
    }
    Ok(Chosen { profile, datasets })
}

/// Returns fields, rules and batch rules, dataset by dataset.
pub(super) fn shown(chosen: &Chosen<'_>, lang: Lang) -> ResultTable {
    let mut lines = Vec::new();
    for dataset in &chosen.datasets {
        let id = dataset.id.as_str();
        lines.extend(dataset.fields.iter().map(|field| Line::of_field(id, field, lang)));
        lines.extend(dataset.rules.iter().map(|rule| Line::of_rule(id, rule, lang)));
        lines.extend(dataset.batch_rules.iter().map(|rule| Line::of_batch_rule(id, rule, lang)));
    }
    table(&lines)
}

fn unknown(code: &'static str, name: &str, known: &[&str]) -> Failure {
    let near = nearest_names(name, known.iter().copied());
    let message = Message::new(code).with("name", name);
    Failure::user(if near.is_empty() {
        message.with_list("near", known)
    } else {
        message.with_list("near", near)
    })
}

/// A field or a rule.
struct Line<'a> {
    dataset: &'a str,
    part: &'static str,
    name: &'a str,
    kind: &'static str,
    column: Option<&'static str>,
    personal: Option<&'static str>,
    severity: Option<Severity>,
    basis: Option<&'a str>,
    confidence: Option<Confidence>,
    text: String,
}

impl<'a> Line<'a> {
    fn of_field(dataset: &'a str, field: &'a Field, lang: Lang) -> Self {
        let mut text = field.label(lang).to_owned();
        if !field.aliases.is_empty() {
            let aliases = Message::new("refs.aliases").with_list("aliases", &field.aliases);
            text.push_str(&aliases.text(lang));
        }
        if let Some(note) = &field.note {
            text.push_str(&Message::new("refs.note").with("note", note.text(lang)).text(lang));
        }
        Self {
            dataset,
            part: "field",
            name: &field.name,
            kind: field.value.as_str(),
            column: field.column.map(RecordColumn::as_str),
            personal: field.personal.map(|personal| match personal {
                Personal::Pseudonym(column) => column.as_str(),
                Personal::Drop => "drop",
                Personal::Secret => "secret",
            }),
            severity: None,
            basis: None,
            confidence: None,
            text,
        }
    }

    fn of_rule(dataset: &'a str, rule: &'a Rule, lang: Lang) -> Self {
        Self {
            dataset,
            part: "rule",
            name: &rule.id,
            kind: rule.kind.as_str(),
            column: None,
            personal: None,
            severity: Some(rule.severity),
            basis: Some(&rule.basis),
            confidence: Some(rule.confidence),
            text: rule.sentence.text(lang).to_owned(),
        }
    }

    fn of_batch_rule(dataset: &'a str, rule: &'a BatchRule, lang: Lang) -> Self {
        Self {
            dataset,
            part: "batch_rule",
            name: &rule.id,
            kind: rule.kind.as_str(),
            column: None,
            personal: None,
            severity: Some(rule.severity),
            basis: Some(&rule.basis),
            confidence: Some(rule.confidence),
            text: rule.sentence.text(lang).to_owned(),
        }
    }
}

fn table(lines: &[Line<'_>]) -> ResultTable {
    let texts = |value: &dyn Fn(&Line<'_>) -> Option<String>| -> ArrayRef {
        Arc::new(lines.iter().map(value).collect::<StringArray>())
    };
    let owned = |text: Option<&str>| text.map(str::to_owned);
    result_of(vec![
        ("dataset", DataType::Utf8, texts(&|line| owned(Some(line.dataset)))),
        ("part", DataType::Utf8, texts(&|line| owned(Some(line.part)))),
        ("name", DataType::Utf8, texts(&|line| owned(Some(line.name)))),
        ("kind", DataType::Utf8, texts(&|line| owned(Some(line.kind)))),
        ("column", DataType::Utf8, texts(&|line| owned(line.column))),
        ("personal", DataType::Utf8, texts(&|line| owned(line.personal))),
        ("severity", DataType::Utf8, texts(&|line| owned(line.severity.map(Severity::as_str)))),
        ("basis", DataType::Utf8, texts(&|line| owned(line.basis))),
        (
            "confidence",
            DataType::Utf8,
            texts(&|line| owned(line.confidence.map(Confidence::as_str))),
        ),
        ("text", DataType::Utf8, texts(&|line| Some(line.text.clone()))),
    ])
}
