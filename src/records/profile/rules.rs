//! Rules that a profile's file states.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use serde::Deserialize;
use toml::Spanned;

use crate::diag::{Message, Severity};
use crate::records::profile::fields::as_code;
use crate::records::profile::file::ProfileText;
use crate::records::profile::sentence::{batch_sentence, doubted, rule_sentence};
use crate::records::profile::{
    BatchRule, BatchRuleKind, Checksum, Condition, Confidence, Dataset, Field, Part, PartTest,
    ProfileError, RecordColumn, Rule, RuleKind, Sentence, ValueType,
};

/// Seconds by which a time may be later than it should at most: ten years.
const MAX_TOLERANCE_S: i64 = 10 * 365 * 24 * 60 * 60;

/// A rule as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenRule {
    pub(super) id: Spanned<String>,
    check: Spanned<WrittenCheck>,
    severity: Option<Spanned<String>>,
    basis: Spanned<String>,
    zh: Option<String>,
    en: Option<String>,
}

/// What a rule asks for, as it is written; names are those of fields.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum WrittenCheck {
    RequiredWhen {
        field: Spanned<String>,
        when: Spanned<WrittenWhen>,
    },
    OneOf {
        fields: Vec<Spanned<String>>,
        when: Option<Spanned<WrittenWhen>>,
    },
    Length {
        field: Spanned<String>,
        #[serde(default)]
        min_chars: usize,
        max_chars: usize,
    },
    Checksum {
        field: Spanned<String>,
        of: Spanned<String>,
    },
    Part {
        field: Spanned<String>,
        first: usize,
        last: usize,
        test: Spanned<WrittenTest>,
    },
    Order {
        first: Spanned<String>,
        then: Spanned<String>,
        tolerance_s: Option<Spanned<i64>>,
    },
    NotFuture {
        field: Spanned<String>,
        tolerance_s: Option<Spanned<i64>>,
    },
    Pattern {
        field: Spanned<String>,
        pattern: Spanned<String>,
    },
    Agree {
        field: Spanned<String>,
        other: Spanned<String>,
        pairs: BTreeMap<String, Spanned<String>>,
    },
    TagsAgree {
        tags: Spanned<String>,
        satisfaction: Spanned<String>,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenWhen {
    field: Spanned<String>,
    /// The codes that it has; without any, that it is not blank.
    #[serde(default)]
    codes: Vec<String>,
}

/// What a part of a value is held to, as it is written.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum WrittenTest {
    Digits,
    Codes(Vec<String>),
    Table(Spanned<String>),
    Checksum(Spanned<String>),
    Equals(Spanned<String>),
}

/// A batch rule as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenBatchRule {
    pub(super) id: Spanned<String>,
    look_for: Spanned<WrittenSign>,
    min_rows: u64,
    min_share: Spanned<f64>,
    severity: Option<Spanned<String>>,
    basis: Spanned<String>,
    zh: Option<String>,
    en: Option<String>,
}

/// What a batch rule looks for, as it is written; names are those of fields.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum WrittenSign {
    MinuteIsMonth {
        fields: Vec<Spanned<String>>,
    },
    ConstantOffset {
        from: Spanned<String>,
        to: Spanned<String>,
    },
    ConstantValue {
        field: Spanned<String>,
    },
    ReversedSatisfaction {
        satisfaction: Spanned<String>,
        tags: Spanned<String>,
    },
    ReversedCaseType {
        case_type: Spanned<String>,
        from: Spanned<String>,
        to: Spanned<String>,
    },
    TestWords {
        fields: Vec<Spanned<String>>,
        words: Vec<String>,
        #[serde(default)]
        except: Vec<String>,
    },
    DefaultRatings {
        channel: Spanned<String>,
    },
    RepeatedContent,
    Unique {
        fields: Vec<Spanned<String>>,
        when: Option<Spanned<WrittenWhen>>,
    },
}

impl ProfileText<'_> {
    /// Reads a rule.
    pub(super) fn rule(
        &self,
        written: &Spanned<WrittenRule>,
        dataset: &Dataset,
    ) -> Result<Rule, ProfileError> {
        let parts = written.get_ref();
        let fields = dataset.fields.as_slice();
        let kind = self.check(&parts.check, fields)?;
        let (severity, confidence) =
            self.grounds(parts.severity.as_ref(), &parts.basis, Severity::Error)?;
        let sentence = match self.own_sentence(parts.zh.as_ref(), parts.en.as_ref(), &parts.id)? {
            Some(own) => doubted(own, confidence),
            None => rule_sentence(&kind, fields, confidence),
        };
        let basis = parts.basis.get_ref().clone();
        Ok(Rule { id: parts.id.get_ref().clone(), kind, severity, basis, confidence, sentence })
    }

    /// Reads a batch rule.
    pub(super) fn batch_rule(
        &self,
        written: &Spanned<WrittenBatchRule>,
        dataset: &Dataset,
    ) -> Result<BatchRule, ProfileError> {
        let parts = written.get_ref();
        let fields = dataset.fields.as_slice();
        let kind = self.sign(&parts.look_for, fields)?;
        self.place.check_share(&parts.min_share)?;
        let (severity, confidence) =
            self.grounds(parts.severity.as_ref(), &parts.basis, Severity::Warning)?;
        let sentence = match self.own_sentence(parts.zh.as_ref(), parts.en.as_ref(), &parts.id)? {
            Some(own) => doubted(own, confidence),
            None => batch_sentence(&kind, fields, confidence),
        };
        Ok(BatchRule {
            id: parts.id.get_ref().clone(),
            kind,
            min_rows: parts.min_rows,
            min_share: *parts.min_share.get_ref(),
            severity,
            basis: parts.basis.get_ref().clone(),
            confidence,
            sentence,
        })
    }

    fn grounds(
        &self,
        severity: Option<&Spanned<String>>,
        basis: &Spanned<String>,
        default: Severity,
    ) -> Result<(Severity, Confidence), ProfileError> {
        let confidence = self.confidence(basis)?;
        Ok((self.severity(severity, confidence, default)?, confidence))
    }

    /// A sentence of the rule's own, which it has in both languages or in none.
    fn own_sentence(
        &self,
        zh: Option<&String>,
        en: Option<&String>,
        id: &Spanned<String>,
    ) -> Result<Option<Sentence>, ProfileError> {
        match (zh, en) {
            (Some(zh), Some(en)) => Ok(Some(Sentence { zh: zh.clone(), en: en.clone() })),
            (None, None) => Ok(None),
            _ => Err(self.place.fault(&id.span(), Message::new("profile.one_language"))),
        }
    }

    fn check(
        &self,
        written: &Spanned<WrittenCheck>,
        fields: &[Field],
    ) -> Result<RuleKind, ProfileError> {
        Ok(match written.get_ref() {
            WrittenCheck::RequiredWhen { field, when } => RuleKind::RequiredWhen {
                field: self.idx(field, fields)?,
                when: self.condition(when, fields)?,
            },
            WrittenCheck::OneOf { fields: names, when } => RuleKind::OneOf {
                fields: self.indices(names, fields)?,
                when: when.as_ref().map(|when| self.condition(when, fields)).transpose()?,
            },
            WrittenCheck::Length { field, min_chars, max_chars } => RuleKind::Length {
                field: self.idx(field, fields)?,
                min_chars: *min_chars,
                max_chars: *max_chars,
            },
            WrittenCheck::Checksum { field, of } => RuleKind::Checksum {
                field: self.idx(field, fields)?,
                checksum: self.place.word(of, Checksum::ALL, Checksum::as_str)?,
            },
            WrittenCheck::Part { field, first, last, test } => {
                let part = Part { first: *first, last: *last };
                if part.first == 0 || part.last < part.first {
                    let reason = Message::new("profile.part");
                    return Err(self.place.fault(&written.span(), reason));
                }
                let field = self.idx(field, fields)?;
                RuleKind::Part { field, part, test: self.test(test, fields)? }
            }
            WrittenCheck::Order { first, then, tolerance_s } => RuleKind::Order {
                first: self.time_idx(first, fields)?,
                then: self.time_idx(then, fields)?,
                tolerance_s: self.tolerance(tolerance_s.as_ref())?,
            },
            WrittenCheck::NotFuture { field, tolerance_s } => RuleKind::NotFuture {
                field: self.time_idx(field, fields)?,
                tolerance_s: self.tolerance(tolerance_s.as_ref())?,
            },
            WrittenCheck::Pattern { field, pattern } => RuleKind::Pattern {
                field: self.idx(field, fields)?,
                pattern: self.pattern(pattern)?,
            },
            WrittenCheck::Agree { field, other, pairs } => {
                let (field, other) = (self.idx(field, fields)?, self.idx(other, fields)?);
                let pairs = pairs.iter().map(|(code, word)| {
                    self.check_code(&fields[field], code, &word.span())?;
                    self.check_code(&fields[other], word.get_ref(), &word.span())?;
                    Ok((as_code(code), as_code(word.get_ref())))
                });
                RuleKind::Agree { field, other, pairs: pairs.collect::<Result<_, _>>()? }
            }
            WrittenCheck::TagsAgree { tags, satisfaction } => RuleKind::TagsAgree {
                tags: self.tags_idx(tags, fields)?,
                satisfaction: self.column_idx(satisfaction, fields, RecordColumn::Satisfaction)?,
            },
        })
    }

    /// Seconds by which a time may be later than it should; 0 where nothing is said.
    fn tolerance(&self, written: Option<&Spanned<i64>>) -> Result<i64, ProfileError> {
        let Some(written) = written else { return Ok(0) };
        if (0..=MAX_TOLERANCE_S).contains(written.get_ref()) {
            return Ok(*written.get_ref());
        }
        let reason = Message::new("profile.tolerance")
            .with("found", written.get_ref())
            .with("max", MAX_TOLERANCE_S);
        Err(self.place.fault(&written.span(), reason))
    }

    fn test(
        &self,
        written: &Spanned<WrittenTest>,
        fields: &[Field],
    ) -> Result<PartTest, ProfileError> {
        Ok(match written.get_ref() {
            WrittenTest::Digits => PartTest::Digits,
            WrittenTest::Codes(codes) => {
                PartTest::In(codes.iter().map(|code| as_code(code)).collect())
            }
            WrittenTest::Table(table) => PartTest::In(self.code_table(table)?),
            WrittenTest::Checksum(of) => {
                PartTest::Checksum(self.place.word(of, Checksum::ALL, Checksum::as_str)?)
            }
            WrittenTest::Equals(field) => PartTest::Equals { field: self.idx(field, fields)? },
        })
    }

    fn sign(
        &self,
        written: &Spanned<WrittenSign>,
        fields: &[Field],
    ) -> Result<BatchRuleKind, ProfileError> {
        Ok(match written.get_ref() {
            WrittenSign::MinuteIsMonth { fields: names } => {
                let times = names.iter().map(|name| self.time_idx(name, fields));
                BatchRuleKind::MinuteIsMonth { fields: times.collect::<Result<_, _>>()? }
            }
            WrittenSign::ConstantOffset { from, to } => BatchRuleKind::ConstantOffset {
                from: self.time_idx(from, fields)?,
                to: self.time_idx(to, fields)?,
            },
            WrittenSign::ConstantValue { field } => {
                BatchRuleKind::ConstantValue { field: self.idx(field, fields)? }
            }
            WrittenSign::ReversedSatisfaction { satisfaction, tags } => {
                BatchRuleKind::ReversedSatisfaction {
                    satisfaction: self.column_idx(
                        satisfaction,
                        fields,
                        RecordColumn::Satisfaction,
                    )?,
                    tags: self.tags_idx(tags, fields)?,
                }
            }
            WrittenSign::ReversedCaseType { case_type, from, to } => {
                BatchRuleKind::ReversedCaseType {
                    case_type: self.column_idx(case_type, fields, RecordColumn::CaseType)?,
                    from: self.time_idx(from, fields)?,
                    to: self.time_idx(to, fields)?,
                }
            }
            WrittenSign::TestWords { fields: names, words, except } => BatchRuleKind::TestWords {
                fields: self.indices(names, fields)?,
                words: words.clone(),
                except: except.clone(),
            },
            WrittenSign::DefaultRatings { channel } => BatchRuleKind::DefaultRatings {
                channel: self.column_idx(channel, fields, RecordColumn::Channel)?,
            },
            WrittenSign::RepeatedContent => BatchRuleKind::RepeatedContent,
            WrittenSign::Unique { fields: names, when } => BatchRuleKind::Unique {
                fields: self.indices(names, fields)?,
                when: when.as_ref().map(|when| self.condition(when, fields)).transpose()?,
            },
        })
    }

    fn condition(
        &self,
        written: &Spanned<WrittenWhen>,
        fields: &[Field],
    ) -> Result<Condition, ProfileError> {
        let when = written.get_ref();
        let field = self.idx(&when.field, fields)?;
        for code in &when.codes {
            self.check_code(&fields[field], code, &written.span())?;
        }
        let codes: BTreeSet<String> = when.codes.iter().map(|code| as_code(code)).collect();
        Ok(if codes.is_empty() {
            Condition::Given { field }
        } else {
            Condition::In { field, codes }
        })
    }

    fn pattern(&self, written: &Spanned<String>) -> Result<Regex, ProfileError> {
        let anchored = format!(r"\A(?:{})\z", written.get_ref());
        Regex::new(&anchored).map_err(|error| {
            let reason = error.to_string();
            let last = reason.lines().last().unwrap_or_default().trim().to_owned();
            let reason = Message::new("layout.pattern").with("reason", last);
            self.place.fault(&written.span(), reason)
        })
    }

    fn indices(
        &self,
        names: &[Spanned<String>],
        fields: &[Field],
    ) -> Result<Vec<usize>, ProfileError> {
        names.iter().map(|name| self.idx(name, fields)).collect()
    }

    fn time_idx(&self, name: &Spanned<String>, fields: &[Field]) -> Result<usize, ProfileError> {
        self.idx_of(name, fields, "time", |value| matches!(value, ValueType::DateTime(_)))
    }

    fn tags_idx(&self, name: &Spanned<String>, fields: &[Field]) -> Result<usize, ProfileError> {
        self.idx_of(name, fields, "tags", |value| matches!(value, ValueType::Tags(_)))
    }

    /// The position of the field that goes to a column.
    fn column_idx(
        &self,
        name: &Spanned<String>,
        fields: &[Field],
        column: RecordColumn,
    ) -> Result<usize, ProfileError> {
        let idx = self.idx(name, fields)?;
        if fields[idx].column == Some(column) {
            return Ok(idx);
        }
        let reason = Message::new("profile.field_column")
            .with("field", name.get_ref())
            .with("column", column);
        Err(self.place.fault(&name.span(), reason))
    }
}
