//! Profiles: one interface or standard for records, as versioned data.
//!
//! A profile names the datasets of an interface, the fields of each with their types, code tables
//! and directions, what is personal and what becomes of it, and the rules that a record and a whole
//! batch are held to. Judging by them is left to others.

mod builtin;
mod column;
mod error;
mod fields;
mod file;
mod fit;
mod near;
mod rule;
mod rules;
mod sentence;
mod value;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::diag::Lang;
use crate::model::text_enum;
use crate::refdata::RefData;

pub use column::{ColumnForm, PseudonymColumn, RecordColumn, RecordKind, RecordType};
pub use error::ProfileError;
pub use fit::{Fit, Fits};
pub use near::FieldNames;
pub use rule::{
    ARRIVAL_TOLERANCE_S, BatchRule, BatchRuleKind, Condition, Confidence, Part, PartTest, Rule,
    RuleKind, Sentence,
};
pub use value::{Checksum, DateFormat, Mask, TagSets, ValueType};

text_enum! {
    /// On whose system the records of a dataset came to be.
    Scope {
        /// Pushed by a self-built system of a department.
        Pushed = "pushed",
        /// Handled on the platform itself.
        Platform = "platform",
    }
}

/// One interface or standard for records.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Its name: that of its file.
    pub id: String,
    /// Version of its content; goes up when it judges otherwise.
    pub version: u32,
    /// What it is, in Chinese.
    pub title_zh: String,
    /// The same in English.
    pub title_en: String,
    /// Where it comes from.
    pub source: String,
    /// Whether it comes with the program.
    pub is_builtin: bool,
    /// First 16 hexadecimal digits of the BLAKE3 of its file; part of how a batch was read.
    pub hash: String,
    /// The text of its file.
    pub text: String,
    /// Share of returned rows, from 0 to 1, above which a whole batch goes back; `None` for never.
    pub max_returned_share: Option<f64>,
    /// Its datasets, in the order of the file.
    pub datasets: Vec<Dataset>,
}

/// One kind of file of an interface.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// Its name within the profile, as `up_pro_accept`.
    pub id: String,
    /// What a row is, in Chinese.
    pub title_zh: String,
    /// The same in English.
    pub title_en: String,
    /// Into which tables its records go.
    pub kind: RecordKind,
    /// What a record says about its case.
    pub record_type: RecordTypeOf,
    /// On whose system its records came to be.
    pub scope: Scope,
    /// Who made the returns that it lists; `None` unless its kind is `returns`.
    pub returned_by: Option<String>,
    /// Positions of the fields that identify a record together; at least one.
    pub key: Vec<usize>,
    /// Position of the field with the time of what a record tells; `None` where there is no such
    /// field and records count by their arrival.
    pub event: Option<usize>,
    /// Its fields, in the order of the file.
    pub fields: Vec<Field>,
    /// What each record is held to: the rules that follow from the fields, field by field, then those
    /// that the profile states. Ids are unique among these and the batch rules.
    pub rules: Vec<Rule>,
    /// What all records of a batch together are held to.
    pub batch_rules: Vec<BatchRule>,
}

/// What a record says about its case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordTypeOf {
    /// The same for all records; evaluations and returns have none.
    All(Option<RecordType>),
    /// Told by the code in a field; a code that is not in the map has none.
    ByField {
        /// Position of the field.
        field: usize,
        /// What each code says.
        types: BTreeMap<String, RecordType>,
    },
}

/// One field of a dataset.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name, as in the source of the profile.
    pub name: String,
    /// Other names that a header may have for it beside its label in Chinese; case, underscores,
    /// width and white space never matter.
    pub aliases: Vec<String>,
    /// What it is called in Chinese.
    pub label_zh: String,
    /// What it is called in English.
    pub label_en: String,
    /// Where its value goes; `None` where it is checked and not kept.
    pub column: Option<RecordColumn>,
    /// What its values look like.
    pub value: ValueType,
    /// Characters that a value may have at most; `None` for any number.
    pub max_chars: Option<usize>,
    /// Whether a file has to have its column: an `error` if blank, part of the key, or the event.
    pub is_needed: bool,
    /// What becomes of it where it is about a person; `None` where it is not.
    pub personal: Option<Personal>,
    /// How a value is shown to people.
    pub mask: Mask,
    /// What the codes mean, in the words of [`RecordColumn::words`], or in whole numbers for a
    /// satisfaction. Where it is empty and the column has words or is the satisfaction, what codes
    /// mean is not declared, and the column stays null.
    ///
    /// Codes are compared after trimming, in ordinary width and upper case.
    pub meaning: BTreeMap<String, String>,
    /// The word that counts for a code without a meaning; `None` leaves the column null.
    pub otherwise: Option<String>,
    /// What is doubtful or was left out, in Chinese and English.
    pub note: Option<Sentence>,
}

/// What becomes of a value that is about a person. It never reaches the lake as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Personal {
    /// Kept as a keyed pseudonym.
    Pseudonym(PseudonymColumn),
    /// Checked, shown masked and not kept; a column such as the length of a text may be.
    Drop,
    /// A password or the like: never shown, not even masked, and never kept.
    Secret,
}

/// All profiles: a workspace's own and those of the program.
#[derive(Debug, Clone, Default)]
pub struct Profiles {
    profiles: Vec<Profile>,
}

impl Profiles {
    /// Loads a workspace's profiles (name and text) and those of the program.
    ///
    /// A profile with the name of one of the program's takes its place. Refused, with the line, is
    /// whatever does not fit: unknown keys, fields, columns and code tables that are not there, rules
    /// without a basis.
    pub fn load(own: &[(String, String)], refdata: &RefData) -> Result<Self, ProfileError> {
        let mut profiles = Vec::new();
        // A shell makes the file before the command that is to fill it begins.
        let own: Vec<_> = own.iter().filter(|(_, text)| !text.trim().is_empty()).collect();
        for (name, text) in &own {
            profiles.push(file::parse(name, text, false, refdata)?);
        }
        for (name, text) in builtin::PROFILES {
            if !own.iter().any(|(own_name, _)| own_name == name) {
                profiles.push(file::parse(name, text, true, refdata)?);
            }
        }
        profiles.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(Self { profiles })
    }

    /// Returns all of them, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Profile> {
        self.profiles.iter()
    }

    /// Returns the profile with this id.
    pub fn get(&self, id: &str) -> Option<&Profile> {
        self.profiles.iter().find(|profile| profile.id == id)
    }
}

impl Profile {
    /// Returns id and version, as batches record them.
    pub fn name(&self) -> String {
        format!("{}/{}", self.id, self.version)
    }

    /// Returns its title in a language.
    pub fn title(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.title_en,
            Lang::Zh => &self.title_zh,
        }
    }
}

impl Dataset {
    /// Returns the position of the field with this name; aliases do not count.
    pub fn field_idx(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }

    /// Returns the position of the field whose value goes to a column.
    pub fn field_of(&self, column: RecordColumn) -> Option<usize> {
        self.fields.iter().position(|field| field.column == Some(column))
    }

    /// Returns the position of the field whose pseudonym goes to a column.
    pub fn pseudonym_of(&self, column: PseudonymColumn) -> Option<usize> {
        let personal = Some(Personal::Pseudonym(column));
        self.fields.iter().position(|field| field.personal == personal)
    }

    /// Returns the ids of all its rules: of records first, then of batches.
    pub fn rule_ids(&self) -> impl Iterator<Item = &str> {
        let of_records = self.rules.iter().map(|rule| rule.id.as_str());
        of_records.chain(self.batch_rules.iter().map(|rule| rule.id.as_str()))
    }

    /// Returns its title in a language.
    pub fn title(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.title_en,
            Lang::Zh => &self.title_zh,
        }
    }
}

impl Field {
    /// Returns every name that a header may have for it.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let own = [self.name.as_str(), self.label_zh.as_str()];
        own.into_iter().chain(self.aliases.iter().map(String::as_str))
    }

    /// Returns the column that its pseudonym goes to.
    pub fn pseudonym(&self) -> Option<PseudonymColumn> {
        match self.personal {
            Some(Personal::Pseudonym(column)) => Some(column),
            _ => None,
        }
    }

    /// Whether some of its codes have no declared meaning though its column asks for one.
    pub fn has_undeclared_codes(&self) -> bool {
        let Some(column) = self.column else { return false };
        let is_scale = column == RecordColumn::Satisfaction;
        let ValueType::Code { codes, .. } = &self.value else { return false };
        let is_declared = |code: &String| self.meaning.contains_key(code);
        let asks = is_scale || !column.words().is_empty();
        asks && self.otherwise.is_none() && !codes.iter().all(is_declared)
    }

    /// Returns name and label as sentences have them.
    pub fn shown(&self, lang: Lang) -> String {
        match lang {
            Lang::En => format!("`{}` ({})", self.name, self.label_en),
            Lang::Zh => format!("“{}”（{}）", self.label_zh, self.name),
        }
    }

    /// Returns what it is called in a language.
    pub fn label(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.label_en,
            Lang::Zh => &self.label_zh,
        }
    }
}
