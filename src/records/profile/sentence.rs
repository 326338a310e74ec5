//! What rules say when they are broken, where a profile does not say it itself.

use crate::diag::{Lang, Message};
use crate::records::profile::{
    BatchRuleKind, Condition, Confidence, Field, PartTest, RecordColumn, RuleKind, Sentence,
    ValueType,
};

/// Adds to a sentence that its rule is inferred or unverified.
pub(super) fn doubted(sentence: Sentence, confidence: Confidence) -> Sentence {
    let code = match confidence {
        Confidence::Sourced => return sentence,
        Confidence::Inferred => "rule.inferred",
        Confidence::Unverified => "rule.unverified",
    };
    let with_doubt = |text: &str, lang| Message::new(code).with("sentence", text).text(lang);
    Sentence { zh: with_doubt(&sentence.zh, Lang::Zh), en: with_doubt(&sentence.en, Lang::En) }
}

/// Returns what a rule says.
pub(super) fn rule_sentence(kind: &RuleKind, fields: &[Field], confidence: Confidence) -> Sentence {
    let sentence = |lang| rule_message(kind, fields, lang).text(lang);
    doubted(Sentence { zh: sentence(Lang::Zh), en: sentence(Lang::En) }, confidence)
}

/// Returns what a batch rule says.
pub(super) fn batch_sentence(
    kind: &BatchRuleKind,
    fields: &[Field],
    confidence: Confidence,
) -> Sentence {
    let sentence = |lang| batch_message(kind, fields, lang).text(lang);
    doubted(Sentence { zh: sentence(Lang::Zh), en: sentence(Lang::En) }, confidence)
}

fn rule_message(kind: &RuleKind, fields: &[Field], lang: Lang) -> Message {
    let field = |idx: &usize| fields[*idx].shown(lang);
    let about = |code, idx: &usize| Message::new(code).with("field", field(idx));
    match kind {
        RuleKind::Required { field } => about("rule.required", field),
        RuleKind::RequiredWhen { field, when } => {
            about("rule.required_when", field).with("condition", condition(when, fields, lang))
        }
        RuleKind::OneOf { fields: all, when: None } => {
            Message::new("rule.one_of").with("fields", list(all, fields, lang))
        }
        RuleKind::OneOf { fields: all, when: Some(when) } => Message::new("rule.one_of_when")
            .with("fields", list(all, fields, lang))
            .with("condition", condition(when, fields, lang)),
        RuleKind::Length { field, min_chars: 0, max_chars } => {
            about("rule.length_most", field).with("max", max_chars)
        }
        RuleKind::Length { field, min_chars, max_chars } if min_chars == max_chars => {
            about("rule.length_exact", field).with("max", max_chars)
        }
        RuleKind::Length { field, min_chars, max_chars } => {
            about("rule.length", field).with("min", min_chars).with("max", max_chars)
        }
        RuleKind::Type { field } => type_message(*field, fields, lang),
        RuleKind::Known { field } => known_message(*field, fields, lang),
        RuleKind::InUse { field } => about("rule.in_use", field),
        RuleKind::Meaning { field } => {
            let is_scale = fields[*field].column == Some(RecordColumn::Satisfaction);
            about(if is_scale { "rule.direction" } else { "rule.meaning" }, field)
        }
        RuleKind::Personal { field } => about("rule.personal", field),
        RuleKind::Checksum { field, .. } => about("rule.checksum", field),
        RuleKind::Certificate { cert_type, number, .. } => {
            about("rule.certificate", number).with("kind", field(cert_type))
        }
        RuleKind::Part { field, part, test } => {
            let code = match test {
                PartTest::Digits => "rule.part_digits",
                PartTest::In(_) => "rule.part_codes",
                PartTest::Checksum(_) => "rule.part_checksum",
                PartTest::Equals { .. } => "rule.part_equals",
            };
            let message = about(code, field).with("first", part.first).with("last", part.last);
            match test {
                PartTest::Equals { field: other } => {
                    message.with("other", fields[*other].shown(lang))
                }
                _ => message,
            }
        }
        RuleKind::Order { first, then, .. } => about("rule.order", first).with("then", field(then)),
        RuleKind::NotFuture { field, .. } => {
            let is_arrival = fields[*field].column == Some(RecordColumn::ArrivedAt);
            about(if is_arrival { "rule.not_future_push" } else { "rule.not_future" }, field)
        }
        RuleKind::Pattern { field, .. } => about("rule.pattern", field),
        RuleKind::Agree { field, other, .. } => {
            about("rule.agree", field).with("other", fields[*other].shown(lang))
        }
        RuleKind::TagsAgree { tags, satisfaction } => {
            about("rule.tags_agree", tags).with("other", field(satisfaction))
        }
    }
}

fn type_message(field: usize, fields: &[Field], lang: Lang) -> Message {
    let about = |code| Message::new(code).with("field", fields[field].shown(lang));
    match &fields[field].value {
        ValueType::Int { min, max } => about("rule.type_int").with("min", min).with("max", max),
        ValueType::DateTime(forms) => {
            // Of many the first, which is the one that the source has.
            about("rule.type_time").with("form", forms.first().map_or("", |form| form.as_str()))
        }
        ValueType::Region => about("rule.type_region"),
        _ => about("rule.type_mobile"),
    }
}

fn known_message(field: usize, fields: &[Field], lang: Lang) -> Message {
    let about = |code| Message::new(code).with("field", fields[field].shown(lang));
    match &fields[field].value {
        ValueType::Region => about("rule.known_region"),
        ValueType::Code { table: Some(table), .. } => {
            about("rule.known_table").with("table", table)
        }
        ValueType::Code { table: None, codes } => {
            let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
            about("rule.known_codes").with("codes", codes.join(separator(lang)))
        }
        _ => about("rule.known_tags"),
    }
}

fn batch_message(kind: &BatchRuleKind, fields: &[Field], lang: Lang) -> Message {
    let about = |code, idx: usize| Message::new(code).with("field", fields[idx].shown(lang));
    match kind {
        BatchRuleKind::MinuteIsMonth { fields: all } => {
            Message::new("rule.minute_is_month").with("fields", list(all, fields, lang))
        }
        BatchRuleKind::ConstantOffset { from, to } => {
            about("rule.constant_offset", *from).with("other", fields[*to].shown(lang))
        }
        BatchRuleKind::ConstantValue { field } => about("rule.constant_value", *field),
        BatchRuleKind::ReversedSatisfaction { satisfaction, tags } => {
            about("rule.reversed_satisfaction", *satisfaction)
                .with("other", fields[*tags].shown(lang))
        }
        BatchRuleKind::ReversedCaseType { case_type, .. } => {
            about("rule.reversed_case_type", *case_type)
        }
        BatchRuleKind::TestWords { fields: all, words, .. } => Message::new("rule.test_words")
            .with("fields", list(all, fields, lang))
            .with("words", words.join(separator(lang))),
        BatchRuleKind::DefaultRatings { channel } => about("rule.default_ratings", *channel),
        BatchRuleKind::RepeatedContent => Message::new("rule.repeated_content"),
        BatchRuleKind::Unique { fields: all, .. } => {
            Message::new("rule.unique").with("fields", list(all, fields, lang))
        }
    }
}

fn condition(when: &Condition, fields: &[Field], lang: Lang) -> String {
    let message = match when {
        Condition::In { field, codes } => {
            let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
            Message::new("rule.when_in")
                .with("field", fields[*field].shown(lang))
                .with("codes", codes.join(separator(lang)))
        }
        Condition::Given { field } => {
            Message::new("rule.when_given").with("field", fields[*field].shown(lang))
        }
    };
    message.text(lang)
}

fn list(all: &[usize], fields: &[Field], lang: Lang) -> String {
    let names: Vec<String> = all.iter().map(|idx| fields[*idx].shown(lang)).collect();
    names.join(separator(lang))
}

fn separator(lang: Lang) -> &'static str {
    match lang {
        Lang::En => ", ",
        Lang::Zh => "、",
    }
}
