//! Fields of a profile's file, and the rules that follow from them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;
use unicode_normalization::UnicodeNormalization;

use crate::diag::{Message, Severity};
use crate::records::profile::file::ProfileText;
use crate::records::profile::sentence::rule_sentence;
use crate::records::profile::{
    ARRIVAL_TOLERANCE_S, Checksum, ColumnForm, Confidence, Field, Mask, Personal, ProfileError,
    PseudonymColumn, RecordColumn, RecordKind, Rule, RuleKind, Sentence, TagSets, ValueType,
};

/// Mark of what this program itself needs in order to count a record.
pub(super) const OWN: &str = "OWN";

/// Best and worst of a satisfaction.
const GRADES: std::ops::RangeInclusive<u8> = 1..=5;

/// A field as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenField {
    name: String,
    zh: String,
    en: String,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(rename = "type")]
    value: WrittenType,
    #[serde(default)]
    required: bool,
    max_chars: Option<usize>,
    column: Option<Spanned<String>>,
    personal: Option<Spanned<String>>,
    mask: Option<Spanned<String>>,
    #[serde(default)]
    meaning: BTreeMap<String, Spanned<String>>,
    /// Direction of a satisfaction.
    scale: Option<Spanned<String>>,
    otherwise: Option<Spanned<String>>,
    basis: Option<Spanned<String>>,
    #[serde(default)]
    rules: WrittenImplied,
    note_zh: Option<String>,
    note_en: Option<String>,
}

/// Types as they are written: a word, or a word with what belongs to it.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum WrittenType {
    Text,
    Code {
        table: Spanned<String>,
    },
    CodeOf {
        codes: Vec<String>,
    },
    Tags {
        active: Spanned<String>,
        retired: Spanned<String>,
    },
    Int {
        min: i64,
        max: i64,
    },
    Time,
    Region,
    Uscc,
    Mobile,
    Certificate {
        /// Name of the field with the kind of document.
        kind: Spanned<String>,
        /// Which check digits numbers have, by the codes of the kinds.
        checks: BTreeMap<String, Spanned<String>>,
    },
}

/// What is said about the rules that follow from a field.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenImplied {
    required: Option<Spanned<WrittenGrounds>>,
    length: Option<Spanned<WrittenGrounds>>,
    #[serde(rename = "type")]
    value: Option<Spanned<WrittenGrounds>>,
    known: Option<Spanned<WrittenGrounds>>,
    in_use: Option<Spanned<WrittenGrounds>>,
    meaning: Option<Spanned<WrittenGrounds>>,
    checksum: Option<Spanned<WrittenGrounds>>,
    certificate: Option<Spanned<WrittenGrounds>>,
}

/// Severity and basis of a rule, where they are not those of its kind and its field.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenGrounds {
    severity: Option<Spanned<String>>,
    basis: Option<Spanned<String>>,
}

impl WrittenImplied {
    fn of(&self, kind: &str) -> Option<&Spanned<WrittenGrounds>> {
        match kind {
            "required" => self.required.as_ref(),
            "length" => self.length.as_ref(),
            "type" => self.value.as_ref(),
            "known" => self.known.as_ref(),
            "in_use" => self.in_use.as_ref(),
            "meaning" => self.meaning.as_ref(),
            "checksum" => self.checksum.as_ref(),
            "certificate" => self.certificate.as_ref(),
            _ => None,
        }
    }

    /// All that are written, with the kinds of their rules.
    fn all(&self) -> impl Iterator<Item = (&'static str, &Spanned<WrittenGrounds>)> {
        const KINDS: [&str; 8] =
            ["required", "length", "type", "known", "in_use", "meaning", "checksum", "certificate"];
        KINDS.into_iter().filter_map(|kind| Some((kind, self.of(kind)?)))
    }
}

/// Returns a code in the form in which codes are compared: ordinary width, trimmed, upper case.
pub(super) fn as_code(written: &str) -> String {
    written.trim().nfkc().flat_map(char::to_uppercase).collect()
}

impl ProfileText<'_> {
    /// Reads a field. Whether its column is needed is decided by its rules, later.
    pub(super) fn field(
        &self,
        written: &Spanned<WrittenField>,
        kind: RecordKind,
    ) -> Result<Field, ProfileError> {
        let span = written.span();
        let written = written.get_ref();
        let value = self.value(&written.value)?;
        let column = self.column(written, kind, &value)?;
        let personal = self.personal(written, kind, column)?;
        if personal.is_none() && matches!(value, ValueType::Certificate | ValueType::Mobile) {
            return Err(self.place.fault(&span, Message::new("profile.personal_missing")));
        }
        let meaning = self.meaning(written, &value, column, &span)?;
        let note = match (&written.note_zh, &written.note_en) {
            (Some(zh), Some(en)) => Some(Sentence { zh: zh.clone(), en: en.clone() }),
            (None, None) => None,
            _ => return Err(self.place.fault(&span, Message::new("profile.one_language"))),
        };
        Ok(Field {
            name: written.name.clone(),
            aliases: written.aliases.clone(),
            label_zh: written.zh.clone(),
            label_en: written.en.clone(),
            column,
            value,
            max_chars: written.max_chars,
            is_needed: false,
            personal,
            mask: self.mask(written, personal)?,
            meaning,
            otherwise: self.otherwise(written, column)?,
            note,
        })
    }

    fn value(&self, written: &WrittenType) -> Result<ValueType, ProfileError> {
        Ok(match written {
            WrittenType::Text => ValueType::Text,
            WrittenType::Code { table } => ValueType::Code {
                codes: self.code_table(table)?,
                table: Some(table.get_ref().clone()),
            },
            WrittenType::CodeOf { codes } => {
                ValueType::Code { table: None, codes: codes.iter().map(|c| as_code(c)).collect() }
            }
            WrittenType::Tags { active, retired } => ValueType::Tags(TagSets {
                active: self.code_table(active)?,
                active_table: active.get_ref().clone(),
                retired: self.code_table(retired)?,
                retired_table: retired.get_ref().clone(),
            }),
            WrittenType::Int { min, max } => ValueType::Int { min: *min, max: *max },
            WrittenType::Time => ValueType::DateTime(self.formats.clone()),
            WrittenType::Region => ValueType::Region,
            WrittenType::Uscc => ValueType::Uscc,
            WrittenType::Mobile => ValueType::Mobile,
            WrittenType::Certificate { .. } => ValueType::Certificate,
        })
    }

    /// The codes of a table in `codes`.
    pub(super) fn code_table(
        &self,
        written: &Spanned<String>,
    ) -> Result<BTreeSet<String>, ProfileError> {
        let codes = self.refdata.code_table(written.get_ref());
        if codes.is_empty() {
            let known = self.refdata.code_tables();
            let known = known.iter().map(String::as_str);
            return Err(self.place.unknown(written, "profile.table_unknown", known));
        }
        Ok(codes.iter().map(|code| as_code(&code.code)).collect())
    }

    /// The column of a field, which its kind of records has and its type fits.
    fn column(
        &self,
        written: &WrittenField,
        kind: RecordKind,
        value: &ValueType,
    ) -> Result<Option<RecordColumn>, ProfileError> {
        let Some(word) = &written.column else { return Ok(None) };
        let all = RecordColumn::ALL.iter().copied();
        let known: Vec<RecordColumn> =
            all.filter(|column| column.kinds().contains(&kind)).collect();
        let column = self.place.word(word, &known, RecordColumn::as_str)?;
        let fits = match (column, column.form()) {
            (RecordColumn::Satisfaction, _) => {
                matches!(value, ValueType::Code { codes, .. } if is_grades(codes))
            }
            (RecordColumn::TextLength, _) => *value == ValueType::Text,
            (_, ColumnForm::Time) => matches!(value, ValueType::DateTime(_)),
            (_, ColumnForm::Int) => matches!(value, ValueType::Int { .. }),
            (_, ColumnForm::Words(_)) => matches!(value, ValueType::Code { .. }),
            (_, ColumnForm::Text) => !matches!(value, ValueType::DateTime(_)),
        };
        if fits {
            return Ok(Some(column));
        }
        let reason = Message::new("profile.column_type")
            .with("column", column)
            .with("found", value.as_str());
        Err(self.place.fault(&word.span(), reason))
    }

    fn personal(
        &self,
        written: &WrittenField,
        kind: RecordKind,
        column: Option<RecordColumn>,
    ) -> Result<Option<Personal>, ProfileError> {
        let Some(word) = &written.personal else { return Ok(None) };
        // What is about a person must not go where everybody looks; how long it is may.
        if column.is_some_and(|column| column != RecordColumn::TextLength) {
            return Err(self.place.fault(&word.span(), Message::new("profile.personal_column")));
        }
        match word.get_ref().as_str() {
            "drop" => Ok(Some(Personal::Drop)),
            "secret" => Ok(Some(Personal::Secret)),
            _ => {
                let all = PseudonymColumn::ALL.iter().copied();
                let all = all.filter(|column| column.kinds().contains(&kind));
                let found = all.clone().find(|column| column.as_str() == word.get_ref());
                let known: Vec<&str> = ["drop", "secret"]
                    .into_iter()
                    .chain(all.map(PseudonymColumn::as_str))
                    .collect();
                let found = found.ok_or_else(|| self.place.not_among(word, &known))?;
                Ok(Some(Personal::Pseudonym(found)))
            }
        }
    }

    /// How a value is shown: what is about a person never as it is.
    fn mask(
        &self,
        written: &WrittenField,
        personal: Option<Personal>,
    ) -> Result<Mask, ProfileError> {
        let given = written.mask.as_ref();
        let given = given
            .map(|word| Ok((word, self.place.word(word, Mask::ALL, Mask::as_str)?)))
            .transpose()?;
        match (personal, given) {
            (Some(personal), Some((word, mask))) => {
                let is_open =
                    mask == Mask::Plain || personal == Personal::Secret && mask != Mask::Hidden;
                let reason = || Message::new("profile.mask_open");
                if is_open { Err(self.place.fault(&word.span(), reason())) } else { Ok(mask) }
            }
            (None, given) => Ok(given.map_or(Mask::Plain, |(_, mask)| mask)),
            (Some(Personal::Pseudonym(column)), None) => Ok(column.mask()),
            (Some(Personal::Drop | Personal::Secret), None) => Ok(Mask::Hidden),
        }
    }

    fn meaning(
        &self,
        written: &WrittenField,
        value: &ValueType,
        column: Option<RecordColumn>,
        span: &Range<usize>,
    ) -> Result<BTreeMap<String, String>, ProfileError> {
        if (column == Some(RecordColumn::Satisfaction)) != written.scale.is_some() {
            return Err(self.place.fault(span, Message::new("profile.scale")));
        }
        if let Some(scale) = &written.scale {
            return match scale.get_ref().as_str() {
                "5_best" => Ok(grades(|grade| grade)),
                "1_best" => Ok(grades(|grade| 6 - grade)),
                "undeclared" => Ok(BTreeMap::new()),
                _ => Err(self.place.not_among(scale, &["5_best", "1_best", "undeclared"])),
            };
        }
        let mut meaning = BTreeMap::new();
        for (code, word) in &written.meaning {
            let ValueType::Code { codes, .. } = value else {
                return Err(self.place.fault(&word.span(), Message::new("profile.meaning")));
            };
            self.check_word(word, column)?;
            self.check_code_in(codes, code, &word.span())?;
            meaning.insert(as_code(code), word.get_ref().clone());
        }
        Ok(meaning)
    }

    fn otherwise(
        &self,
        written: &WrittenField,
        column: Option<RecordColumn>,
    ) -> Result<Option<String>, ProfileError> {
        let Some(word) = &written.otherwise else { return Ok(None) };
        self.check_word(word, column)?;
        Ok(Some(word.get_ref().clone()))
    }

    /// Refuses a word that is none of those of a column, or of a column without words.
    fn check_word(
        &self,
        word: &Spanned<String>,
        column: Option<RecordColumn>,
    ) -> Result<(), ProfileError> {
        let words = column.map_or(&[][..], RecordColumn::words);
        if words.is_empty() {
            return Err(self.place.fault(&word.span(), Message::new("profile.meaning")));
        }
        if words.contains(&word.get_ref().as_str()) {
            return Ok(());
        }
        Err(self.place.not_among(word, words))
    }

    /// Refuses a code that a field does not have.
    pub(super) fn check_code(
        &self,
        field: &Field,
        code: &str,
        span: &Range<usize>,
    ) -> Result<(), ProfileError> {
        match &field.value {
            ValueType::Code { codes, .. } => self.check_code_in(codes, code, span),
            _ => Ok(()),
        }
    }

    fn check_code_in(
        &self,
        codes: &BTreeSet<String>,
        code: &str,
        span: &Range<usize>,
    ) -> Result<(), ProfileError> {
        if codes.contains(&as_code(code)) {
            return Ok(());
        }
        let known: Vec<&str> = codes.iter().map(String::as_str).collect();
        let reason = Message::new("profile.code_unknown")
            .with("found", code)
            .with("known", known.join(", "));
        Err(self.place.fault(span, reason))
    }

    /// The rules that follow from a field, given with the basis of its dataset.
    pub(super) fn implied_rules(
        &self,
        fields: &[Field],
        idx: usize,
        (written, basis): (&Spanned<WrittenField>, &Spanned<String>),
        is_key: bool,
    ) -> Result<Vec<Rule>, ProfileError> {
        let parts = written.get_ref();
        let kinds = self.implied_kinds(fields, idx, parts, is_key)?;
        // What a rule about codes without a meaning says may stay when their meaning is declared.
        let is_idle = |kind: &str| kind == "meaning" && fields[idx].column.is_some();
        for (kind, grounds) in parts.rules.all() {
            if !is_idle(kind) && !kinds.iter().any(|(_, known)| *known == kind) {
                let reason = Message::new("profile.rule_not_implied").with("rule", kind);
                return Err(self.place.fault(&grounds.span(), reason));
            }
        }
        let own_need = Spanned::new(written.span(), OWN.to_owned());
        let rule = |(kind, name): (RuleKind, &'static str)| {
            let grounds = parts.rules.of(name).map(Spanned::get_ref);
            let of_rule = grounds.and_then(|grounds| grounds.basis.as_ref());
            let needed = (is_key && !parts.required && name == "required").then_some(&own_need);
            let basis = of_rule.or(needed).or(parts.basis.as_ref()).unwrap_or(basis);
            let confidence = self.confidence(basis)?;
            let severity = self.severity(
                grounds.and_then(|grounds| grounds.severity.as_ref()),
                confidence,
                default_severity(name),
            )?;
            if is_key && name == "required" && severity != Severity::Error {
                let span = parts.rules.of(name).map_or(written.span(), Spanned::span);
                return Err(self.place.fault(&span, Message::new("profile.key_blank")));
            }
            Ok(Rule {
                id: format!("{}.{name}", parts.name),
                sentence: rule_sentence(&kind, fields, confidence),
                kind,
                severity,
                basis: basis.get_ref().clone(),
                confidence,
            })
        };
        kinds.into_iter().map(rule).collect()
    }

    /// The rule that nothing was pushed more than an hour after it was ingested, by which clocks may differ. A
    /// time that says so is not kept: that of the ingest counts in its place, for a record could never be
    /// changed again otherwise.
    pub(super) fn arrival_rule(fields: &[Field], idx: usize) -> Option<Rule> {
        let field = &fields[idx];
        let is_time = matches!(field.value, ValueType::DateTime(_));
        if !is_time || field.column != Some(RecordColumn::ArrivedAt) {
            return None;
        }
        let kind = RuleKind::NotFuture { field: idx, tolerance_s: ARRIVAL_TOLERANCE_S };
        Some(own_rule(fields, idx, kind, Severity::Warning))
    }

    /// The rule that the values of a field which are kept as they are sent are no numbers of persons.
    ///
    /// A profile cannot leave it out or let it only warn: what is about a person is stored nowhere. In
    /// names and titles that are no part of the key such numbers are masked instead.
    pub(super) fn personal_rule(fields: &[Field], idx: usize, is_key: bool) -> Option<Rule> {
        let field = &fields[idx];
        let is_code = field
            .column
            .is_some_and(|column| column.form() == ColumnForm::Text && !column.is_free_text());
        let is_time = matches!(field.value, ValueType::DateTime(_));
        if field.personal.is_some() || is_time || !(is_code || is_key) {
            return None;
        }
        Some(own_rule(fields, idx, RuleKind::Personal { field: idx }, Severity::Error))
    }

    fn implied_kinds(
        &self,
        fields: &[Field],
        field: usize,
        written: &WrittenField,
        is_key: bool,
    ) -> Result<Vec<(RuleKind, &'static str)>, ProfileError> {
        let mut kinds = Vec::new();
        if written.required || is_key {
            kinds.push((RuleKind::Required { field }, "required"));
        }
        if let Some(max_chars) = written.max_chars {
            kinds.push((RuleKind::Length { field, min_chars: 0, max_chars }, "length"));
        }
        let checksum = Checksum::Uscc;
        match &written.value {
            WrittenType::Text => {}
            WrittenType::Code { .. } | WrittenType::CodeOf { .. } => {
                kinds.push((RuleKind::Known { field }, "known"));
                if fields[field].has_undeclared_codes() {
                    kinds.push((RuleKind::Meaning { field }, "meaning"));
                }
            }
            WrittenType::Tags { .. } => {
                kinds.push((RuleKind::Known { field }, "known"));
                kinds.push((RuleKind::InUse { field }, "in_use"));
            }
            WrittenType::Int { .. } | WrittenType::Time | WrittenType::Mobile => {
                kinds.push((RuleKind::Type { field }, "type"));
            }
            WrittenType::Region => {
                kinds.push((RuleKind::Type { field }, "type"));
                kinds.push((RuleKind::Known { field }, "known"));
                kinds.push((RuleKind::InUse { field }, "in_use"));
            }
            WrittenType::Uscc => kinds.push((RuleKind::Checksum { field, checksum }, "checksum")),
            WrittenType::Certificate { kind, checks } => {
                kinds.push((self.certificate(fields, field, kind, checks)?, "certificate"));
            }
        }
        Ok(kinds)
    }

    fn certificate(
        &self,
        fields: &[Field],
        number: usize,
        kind: &Spanned<String>,
        checks: &BTreeMap<String, Spanned<String>>,
    ) -> Result<RuleKind, ProfileError> {
        let is_code = |value: &ValueType| matches!(value, ValueType::Code { .. });
        let cert_type = self.idx_of(kind, fields, "code", is_code)?;
        let checks = checks.iter().map(|(code, word)| {
            self.check_code(&fields[cert_type], code, &word.span())?;
            let checksum = self.place.word(word, Checksum::ALL, Checksum::as_str)?;
            Ok((as_code(code), checksum))
        });
        Ok(RuleKind::Certificate { cert_type, number, checks: checks.collect::<Result<_, _>>()? })
    }

    /// The severity of a rule: as written, else that of its kind. What no source states only warns.
    pub(super) fn severity(
        &self,
        written: Option<&Spanned<String>>,
        confidence: Confidence,
        default: Severity,
    ) -> Result<Severity, ProfileError> {
        let is_sourced = confidence == Confidence::Sourced;
        let Some(word) = written else {
            return Ok(if is_sourced { default } else { default.min(Severity::Warning) });
        };
        let severity = self.place.word(word, Severity::ALL, Severity::as_str)?;
        if severity == Severity::Error && !is_sourced {
            return Err(self.place.fault(&word.span(), Message::new("profile.error_unsourced")));
        }
        Ok(severity)
    }
}

/// A rule about a field that this program itself needs, whatever a profile says.
fn own_rule(fields: &[Field], idx: usize, kind: RuleKind, severity: Severity) -> Rule {
    let confidence = Confidence::Sourced;
    Rule {
        id: format!("{}.{}", fields[idx].name, kind.as_str()),
        sentence: rule_sentence(&kind, fields, confidence),
        kind,
        severity,
        basis: OWN.to_owned(),
        confidence,
    }
}

/// What becomes of a record that breaks a rule of a kind, where nothing else is said.
fn default_severity(kind: &str) -> Severity {
    match kind {
        "in_use" | "meaning" | "certificate" => Severity::Warning,
        _ => Severity::Error,
    }
}

/// Whether codes are those of a satisfaction.
fn is_grades(codes: &BTreeSet<String>) -> bool {
    codes.iter().eq(GRADES.map(|grade| grade.to_string()).collect::<Vec<_>>().iter())
}

fn grades(meaning: impl Fn(u8) -> u8) -> BTreeMap<String, String> {
    GRADES.map(|grade| (grade.to_string(), meaning(grade).to_string())).collect()
}
