//! The file of a profile: TOML, checked while it is read.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use crate::diag::{Message, nearest_names};
use crate::fsio::hash_hex;
use crate::records::profile::fields::{OWN, WrittenField, as_code};
use crate::records::profile::fit::folded;
use crate::records::profile::rules::{WrittenBatchRule, WrittenRule};
use crate::records::profile::{
    Confidence, Dataset, DateFormat, Field, Profile, ProfileError, RecordKind, RecordType,
    RecordTypeOf, Rule, RuleKind, Scope, ValueType,
};
use crate::refdata::RefData;
use crate::table::RETURNED_HERE;

/// Version of the form of the file.
const FORMAT: u32 = 1;

/// Marks of a basis that need no source: inferred, unverified, and what this program itself needs in
/// order to count a record.
const OWN_MARKS: [&str; 3] = ["INF", "BK", OWN];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenProfile {
    format: Spanned<u32>,
    version: u32,
    title_zh: String,
    title_en: String,
    source: String,
    max_returned_share: Option<Spanned<f64>>,
    time_formats: Option<Vec<Spanned<String>>>,
    /// Marks that a basis may name, and what they stand for.
    #[serde(default)]
    sources: BTreeMap<String, String>,
    datasets: Vec<Spanned<WrittenDataset>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenDataset {
    id: Spanned<String>,
    title_zh: String,
    title_en: String,
    kind: Spanned<String>,
    record_type: Option<Spanned<String>>,
    record_type_by: Option<Spanned<WrittenTypeBy>>,
    scope: Option<Spanned<String>>,
    returned_by: Option<Spanned<String>>,
    key: Spanned<Vec<Spanned<String>>>,
    event: Option<Spanned<String>>,
    /// Where the rules that follow from the fields come from.
    basis: Spanned<String>,
    fields: Vec<Spanned<WrittenField>>,
    #[serde(default)]
    rules: Vec<Spanned<WrittenRule>>,
    #[serde(default)]
    batch_rules: Vec<Spanned<WrittenBatchRule>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTypeBy {
    field: Spanned<String>,
    types: BTreeMap<String, Spanned<String>>,
}

/// Reads a profile.
pub(super) fn parse(
    name: &str,
    text: &str,
    is_builtin: bool,
    refdata: &RefData,
) -> Result<Profile, ProfileError> {
    let place = Place { name, text };
    let written: WrittenProfile = toml::from_str(text).map_err(|error| {
        let span = error.span().unwrap_or_default();
        place.fault(&span, Message::new("io.other").with("reason", error.message()))
    })?;
    if *written.format.get_ref() != FORMAT {
        let reason = Message::new("profile.format")
            .with("found", written.format.get_ref())
            .with("known", FORMAT);
        return Err(place.fault(&written.format.span(), reason));
    }
    if let Some(share) = &written.max_returned_share {
        place.check_share(share)?;
    }
    let formats = match &written.time_formats {
        None => DateFormat::USUAL.to_vec(),
        Some(words) => {
            let words = words.iter();
            let formats = words.map(|word| place.word(word, DateFormat::ALL, DateFormat::as_str));
            formats.collect::<Result<_, _>>()?
        }
    };
    let file = ProfileText { place, sources: &written.sources, formats, refdata };
    let mut datasets: Vec<Dataset> = Vec::new();
    for written in &written.datasets {
        let dataset = file.dataset(written.get_ref())?;
        if datasets.iter().any(|known| known.id == dataset.id) {
            let reason = Message::new("profile.repeated").with("name", &dataset.id);
            return Err(place.fault(&written.get_ref().id.span(), reason));
        }
        datasets.push(dataset);
    }
    Ok(Profile {
        id: name.to_owned(),
        version: written.version,
        title_zh: written.title_zh,
        title_en: written.title_en,
        source: written.source,
        is_builtin,
        hash: hash_hex(text.as_bytes())[..16].to_owned(),
        text: text.to_owned(),
        max_returned_share: written.max_returned_share.map(Spanned::into_inner),
        datasets,
    })
}

/// Name and text of a file, to say in which line something is wrong.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    name: &'a str,
    text: &'a str,
}

impl Place<'_> {
    pub(super) fn fault(&self, span: &Range<usize>, reason: Message) -> ProfileError {
        let before = self.text.get(..span.start).unwrap_or_default();
        ProfileError::Invalid {
            profile: self.name.to_owned(),
            line: before.matches('\n').count() + 1,
            reason,
        }
    }

    /// A word of a closed list.
    pub(super) fn word<T: Copy>(
        &self,
        written: &Spanned<String>,
        all: &[T],
        as_str: impl Fn(T) -> &'static str,
    ) -> Result<T, ProfileError> {
        let word = written.get_ref();
        let found = all.iter().copied().find(|value| as_str(*value) == word.as_str());
        found.ok_or_else(|| {
            let known: Vec<&str> = all.iter().map(|value| as_str(*value)).collect();
            self.not_among(written, &known)
        })
    }

    /// The fault of a word that is not in a closed list.
    pub(super) fn not_among(&self, written: &Spanned<String>, known: &[&str]) -> ProfileError {
        let reason = Message::new("layout.word")
            .with("found", written.get_ref())
            .with("known", known.join(", "));
        self.fault(&written.span(), reason)
    }

    /// The fault of a name that nothing has, with the nearest that are known.
    pub(super) fn unknown<'a>(
        &self,
        written: &Spanned<String>,
        code: &'static str,
        known: impl Iterator<Item = &'a str> + Clone,
    ) -> ProfileError {
        let wanted = written.get_ref();
        let mut near = nearest_names(wanted, known.clone());
        if near.is_empty() {
            near = known.take(20).map(str::to_owned).collect();
        }
        let reason = Message::new(code).with("found", wanted).with("near", near.join(", "));
        self.fault(&written.span(), reason)
    }

    /// Refuses a share that is none.
    pub(super) fn check_share(&self, share: &Spanned<f64>) -> Result<(), ProfileError> {
        let is_share = *share.get_ref() > 0.0 && *share.get_ref() <= 1.0;
        let reason = || Message::new("profile.share").with("found", share.get_ref());
        if is_share { Ok(()) } else { Err(self.fault(&share.span(), reason())) }
    }
}

/// The file of a profile and what its parts are checked against.
pub(super) struct ProfileText<'a> {
    pub(super) place: Place<'a>,
    sources: &'a BTreeMap<String, String>,
    pub(super) formats: Vec<DateFormat>,
    pub(super) refdata: &'a RefData,
}

impl ProfileText<'_> {
    fn dataset(&self, written: &WrittenDataset) -> Result<Dataset, ProfileError> {
        let place = &self.place;
        let kind = place.word(&written.kind, RecordKind::ALL, RecordKind::as_str)?;
        self.confidence(&written.basis)?;
        let mut fields = Vec::new();
        for field in &written.fields {
            fields.push(self.field(field, kind)?);
        }
        self.check_names(&written.fields, &fields)?;
        self.check_columns(&written.fields, &fields)?;
        let key = self.key(&written.key, &fields)?;
        let event = self.event(written, &fields)?;
        let mut rules: Vec<Rule> = Vec::new();
        for (idx, field) in written.fields.iter().enumerate() {
            // Without a part of its key a record cannot be told from others, and would take their place.
            let is_key = key.contains(&idx);
            rules.extend(self.implied_rules(&fields, idx, (field, &written.basis), is_key)?);
            rules.extend(Self::arrival_rule(&fields, idx));
            if kind != RecordKind::Returns {
                rules.extend(Self::personal_rule(&fields, idx, is_key));
            }
        }
        for (idx, field) in fields.iter_mut().enumerate() {
            let is_required = rules.iter().any(|rule| rule.returns_blank(idx));
            field.is_needed = is_required || key.contains(&idx) || event == Some(idx);
        }
        let mut dataset = Dataset {
            id: written.id.get_ref().clone(),
            title_zh: written.title_zh.clone(),
            title_en: written.title_en.clone(),
            kind,
            record_type: self.record_type(written, kind, &fields)?,
            scope: match &written.scope {
                Some(word) => place.word(word, Scope::ALL, Scope::as_str)?,
                None => Scope::Pushed,
            },
            returned_by: self.returned_by(written, kind)?,
            key,
            event,
            fields,
            rules,
            batch_rules: Vec::new(),
        };
        for written in &written.rules {
            let rule = self.rule(written, &dataset)?;
            if !self.is_own(&rule, &dataset, &written.get_ref().id)? {
                dataset.rules.push(rule);
            }
        }
        for rule in &written.batch_rules {
            let rule = self.batch_rule(rule, &dataset)?;
            dataset.batch_rules.push(rule);
        }
        self.check_ids(written, &dataset)?;
        Ok(dataset)
    }

    /// The position of a field by its name.
    pub(super) fn idx(
        &self,
        written: &Spanned<String>,
        fields: &[Field],
    ) -> Result<usize, ProfileError> {
        let at = fields.iter().position(|field| field.name == *written.get_ref());
        let names = || fields.iter().map(|field| field.name.as_str());
        at.ok_or_else(|| self.place.unknown(written, "profile.field_unknown", names()))
    }

    /// The position of a field of a certain type; `wanted` names that type.
    pub(super) fn idx_of(
        &self,
        written: &Spanned<String>,
        fields: &[Field],
        wanted: &'static str,
        is_wanted: impl Fn(&ValueType) -> bool,
    ) -> Result<usize, ProfileError> {
        let idx = self.idx(written, fields)?;
        if is_wanted(&fields[idx].value) {
            return Ok(idx);
        }
        let reason = Message::new("profile.field_type")
            .with("field", written.get_ref())
            .with("found", fields[idx].value.as_str())
            .with("wanted", wanted);
        Err(self.place.fault(&written.span(), reason))
    }

    /// How well founded a basis is; each of its marks is one of the sources that the file names, or
    /// says that there is none.
    pub(super) fn confidence(&self, basis: &Spanned<String>) -> Result<Confidence, ProfileError> {
        let marks: Vec<&str> = basis.get_ref().split_whitespace().collect();
        let is_known = |mark: &str| OWN_MARKS.contains(&mark) || self.sources.contains_key(mark);
        if marks.is_empty() || !marks.iter().all(|mark| is_known(mark)) {
            let known = self.sources.keys().map(String::as_str).chain(OWN_MARKS);
            return Err(self.place.not_among(basis, &known.collect::<Vec<_>>()));
        }
        Ok(if marks.contains(&"BK") {
            Confidence::Unverified
        } else if marks.contains(&"INF") {
            Confidence::Inferred
        } else {
            Confidence::Sourced
        })
    }

    /// Refuses two fields that a header could name alike.
    fn check_names(
        &self,
        written: &[Spanned<WrittenField>],
        fields: &[Field],
    ) -> Result<(), ProfileError> {
        let mut known: BTreeMap<String, usize> = BTreeMap::new();
        for (idx, field) in fields.iter().enumerate() {
            for name in field.names() {
                let first = *known.entry(folded(name)).or_insert(idx);
                if first != idx {
                    let reason = Message::new("profile.name_clash")
                        .with("name", name)
                        .with("first", &fields[first].name)
                        .with("second", &field.name);
                    return Err(self.place.fault(&written[idx].span(), reason));
                }
            }
        }
        Ok(())
    }

    /// Refuses two fields that go to one column.
    fn check_columns(
        &self,
        written: &[Spanned<WrittenField>],
        fields: &[Field],
    ) -> Result<(), ProfileError> {
        let mut known = BTreeSet::new();
        for (field, written) in fields.iter().zip(written) {
            let column = field.column.map(|column| column.as_str().to_owned());
            let pseudonym = field.pseudonym().map(|column| format!("__pii.{column}"));
            for column in column.into_iter().chain(pseudonym) {
                if !known.insert(column.clone()) {
                    let reason = Message::new("profile.column_twice").with("column", column);
                    return Err(self.place.fault(&written.span(), reason));
                }
            }
        }
        Ok(())
    }

    fn key(
        &self,
        written: &Spanned<Vec<Spanned<String>>>,
        fields: &[Field],
    ) -> Result<Vec<usize>, ProfileError> {
        let names = written.get_ref().iter();
        let key: Vec<usize> = names.map(|name| self.idx(name, fields)).collect::<Result<_, _>>()?;
        let is_personal = key.iter().any(|idx| fields[*idx].personal.is_some());
        if key.is_empty() || is_personal {
            return Err(self.place.fault(&written.span(), Message::new("profile.key")));
        }
        Ok(key)
    }

    fn event(
        &self,
        written: &WrittenDataset,
        fields: &[Field],
    ) -> Result<Option<usize>, ProfileError> {
        let is_time = |value: &ValueType| matches!(value, ValueType::DateTime(_));
        let idx_of = |name| self.idx_of(name, fields, "time", is_time);
        written.event.as_ref().map(idx_of).transpose()
    }

    fn record_type(
        &self,
        written: &WrittenDataset,
        kind: RecordKind,
        fields: &[Field],
    ) -> Result<RecordTypeOf, ProfileError> {
        let type_of = |word| self.place.word(word, RecordType::ALL, RecordType::as_str);
        let is_of_cases = kind == RecordKind::Cases;
        match (&written.record_type, &written.record_type_by) {
            (Some(word), None) if is_of_cases => Ok(RecordTypeOf::All(Some(type_of(word)?))),
            (None, Some(by)) if is_of_cases => {
                let by = by.get_ref();
                let is_code = |value: &ValueType| matches!(value, ValueType::Code { .. });
                let field = self.idx_of(&by.field, fields, "code", is_code)?;
                let types = by.types.iter().map(|(code, word)| {
                    self.check_code(&fields[field], code, &word.span())?;
                    Ok((as_code(code), type_of(word)?))
                });
                Ok(RecordTypeOf::ByField { field, types: types.collect::<Result<_, _>>()? })
            }
            (None, None) if !is_of_cases => Ok(RecordTypeOf::All(None)),
            _ => Err(self.place.fault(&written.kind.span(), Message::new("profile.record_type"))),
        }
    }

    fn returned_by(
        &self,
        written: &WrittenDataset,
        kind: RecordKind,
    ) -> Result<Option<String>, ProfileError> {
        let who = written.returned_by.as_ref();
        if who.is_some() != (kind == RecordKind::Returns) {
            return Err(self
                .place
                .fault(&written.kind.span(), Message::new("profile.returned_by")));
        }
        // Lists would take what it tells of for what was returned here.
        if let Some(own) =
            who.filter(|who| who.get_ref().trim().eq_ignore_ascii_case(RETURNED_HERE))
        {
            let reason = Message::new("profile.returned_by_own").with("found", own.get_ref());
            return Err(self.place.fault(&own.span(), reason));
        }
        Ok(who.map(|who| who.get_ref().clone()))
    }

    /// Whether a rule is one that this program has itself, under the same id: profiles had to state it once.
    /// Refused is one that differs, for it would not do what it says.
    fn is_own(
        &self,
        rule: &Rule,
        dataset: &Dataset,
        id: &Spanned<String>,
    ) -> Result<bool, ProfileError> {
        let is_of_time = |rule: &Rule| matches!(rule.kind, RuleKind::NotFuture { .. });
        let mut known = dataset.rules.iter();
        let own = known.find(|own| own.id == rule.id && own.basis == OWN && is_of_time(own));
        let Some(own) = own.filter(|_| is_of_time(rule)) else { return Ok(false) };
        let does_the_same = match (&own.kind, &rule.kind) {
            (
                RuleKind::NotFuture { field, tolerance_s },
                RuleKind::NotFuture { field: other, tolerance_s: other_s },
            ) => (field, tolerance_s, own.severity) == (other, other_s, rule.severity),
            _ => false,
        };
        if does_the_same {
            return Ok(true);
        }
        let reason = Message::new("profile.rule_own").with("name", id.get_ref());
        Err(self.place.fault(&id.span(), reason))
    }

    /// Refuses two rules with one id.
    fn check_ids(&self, written: &WrittenDataset, dataset: &Dataset) -> Result<(), ProfileError> {
        let stated = written.rules.iter().map(|rule| &rule.get_ref().id);
        let stated = stated.chain(written.batch_rules.iter().map(|rule| &rule.get_ref().id));
        let all: Vec<&str> = dataset.rule_ids().collect();
        for id in stated {
            if all.iter().filter(|known| *known == id.get_ref()).count() > 1 {
                let reason = Message::new("profile.repeated").with("name", id.get_ref());
                return Err(self.place.fault(&id.span(), reason));
            }
        }
        Ok(())
    }
}
