//! The evidence of a report: a file that says from what it was made, so that it can be made again.
//!
//! It has the definition and the questions as they stood, what was read, what checks gave, the hashes of
//! the files that came of it, and every figure. It says nothing of when it was made: the same report has
//! the same evidence.

mod compare;
mod figures;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

use crate::diag::{Diagnose, Lang, Message, impl_error};
use crate::fsio::hash_hex;
use crate::lake::{BatchRecord, SnapshotView};
use crate::query::{Catalogue, Query};
use crate::report::content::{QuestionAsked, Report};

pub use compare::{Difference, compare_figures};
pub use figures::FigureTable;

/// The format of the file; the version goes up with every change that a reader of it could notice.
const FORMAT: (&str, u32) = ("tongban-evidence", 1);

/// What a report was made from and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    format: String,
    version: u32,
    /// Version of tongban that made the report.
    pub tool_version: String,
    /// Engines that answered, each with its version.
    pub engines: Vec<(String, String)>,
    /// Name of the report.
    pub report: String,
    /// Language of the report.
    pub lang: Lang,
    /// The definition of the report, whole.
    pub definition: String,
    /// BLAKE3 of the definition, 64 hexadecimal digits.
    pub definition_hash: String,
    /// What the report is to be given to be the same again.
    pub params: Vec<(String, String)>,
    /// The snapshot that was read.
    pub snapshot: i64,
    /// When it was committed, naive Beijing time.
    pub committed_at: Option<NaiveDateTime>,
    /// The day whose knowledge was asked for, where one was.
    pub as_of: Option<NaiveDate>,
    /// The batches of the snapshot, in the order of their commits.
    pub batches: Vec<EvidenceBatch>,
    /// Every data file of the snapshot below the lake, with its BLAKE3.
    pub data: BTreeMap<String, String>,
    /// Hash of the reference data that the workspace adds or overrides, where it does.
    pub reference_hash: Option<String>,
    /// The text of every question, and of every view that one reads, by id.
    pub queries: BTreeMap<String, QueryText>,
    /// What was asked, in order, and what the second engine said.
    pub questions: Vec<EvidenceQuestion>,
    /// The files of the report.
    pub outputs: Vec<EvidenceOutput>,
    /// Every figure of its tables and its prose.
    pub figures: Vec<FigureTable>,
}

/// A batch that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceBatch {
    /// Its id.
    pub batch: String,
    /// Name of the file.
    pub file_name: String,
    /// BLAKE3 of the file, 64 hexadecimal digits.
    pub source_hash: String,
}

/// A question or a view as it stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueryText {
    /// The whole file.
    pub sql: String,
    /// BLAKE3 of it, 64 hexadecimal digits.
    pub hash: String,
}

/// A question that was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceQuestion {
    /// Id of the query.
    pub query: String,
    /// Its parameters.
    pub params: Vec<(String, String)>,
    /// Rows of the answer.
    pub n_rows: usize,
    /// `equal` or `unchecked`.
    pub check: String,
}

/// A file of the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceOutput {
    /// Its name.
    pub file_name: String,
    /// Its format, as `html`.
    pub format: String,
    /// Its size.
    pub size_bytes: u64,
    /// BLAKE3 of its bytes, 64 hexadecimal digits.
    pub blake3: String,
}

impl EvidenceOutput {
    /// Returns the evidence of a file.
    pub fn of(file_name: &str, format: &str, bytes: &[u8]) -> Self {
        Self {
            file_name: file_name.to_owned(),
            format: format.to_owned(),
            size_bytes: bytes.len() as u64,
            blake3: hash_hex(bytes),
        }
    }
}

/// What a report was made from, beside its content.
#[derive(Clone, Copy)]
pub struct Origin<'a> {
    /// The text of its definition.
    pub definition: &'a str,
    /// Names of the parameters that it can be given.
    pub param_names: &'a [String],
    /// Queries and views.
    pub catalogue: &'a Catalogue,
    /// The state of the lake.
    pub snapshot: &'a SnapshotView,
    /// The folder of the lake.
    pub lake: &'a Path,
    /// Hash of the workspace's reference data.
    pub reference_hash: Option<&'a str>,
}

impl Evidence {
    /// Returns the evidence of a report and its files.
    pub fn of(report: &Report, origin: &Origin<'_>, outputs: Vec<EvidenceOutput>) -> Self {
        let from = &report.provenance;
        let given = from.params.iter().filter(|(name, _)| origin.param_names.contains(name));
        let file = |path: &Path| {
            path.strip_prefix(origin.lake).unwrap_or(path).to_string_lossy().into_owned()
        };
        let (format, version) = FORMAT;
        Self {
            format: format.to_owned(),
            version,
            tool_version: from.tool_version.clone(),
            engines: from.engines.clone(),
            report: report.name.clone(),
            lang: report.lang,
            definition: origin.definition.to_owned(),
            definition_hash: from.definition_hash.clone(),
            params: given.cloned().collect(),
            snapshot: from.snapshot,
            committed_at: from.committed_at,
            as_of: from.as_of,
            batches: origin.snapshot.batches.iter().map(batch_of).collect(),
            data: origin
                .snapshot
                .data_files()
                .map(|(path, hash)| (file(path), hash.to_owned()))
                .collect(),
            reference_hash: origin.reference_hash.map(str::to_owned),
            queries: query_texts(&from.questions, origin.catalogue),
            questions: from.questions.iter().map(question_of).collect(),
            outputs,
            figures: figures::figures_of(report),
        }
    }

    /// Reads evidence. Fails for what is none, and for a version that this program does not know.
    pub fn parse(text: &str) -> Result<Self, EvidenceError> {
        #[derive(Deserialize)]
        struct Head {
            format: String,
            version: u32,
        }
        let (format, known) = FORMAT;
        let head: Head = serde_json::from_str(text)
            .map_err(|error| EvidenceError::Garbled { reason: error.to_string() })?;
        if head.format != format {
            return Err(EvidenceError::Foreign { found: head.format });
        }
        if head.version != known {
            return Err(EvidenceError::VersionUnknown { found: head.version, known });
        }
        serde_json::from_str(text)
            .map_err(|error| EvidenceError::Garbled { reason: error.to_string() })
    }

    /// Returns the file, with a final line break.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("evidence has plain names");
        bytes.push(b'\n');
        bytes
    }

    /// Returns why the report cannot be made again from a lake whose batches, retracted ones included, are
    /// these; `None` where nothing forbids it.
    pub fn obstacle(&self, batches: &[BatchRecord], latest: i64) -> Option<Message> {
        if self.snapshot > latest {
            let message = Message::new("verify.snapshot_absent").with("snapshot", self.snapshot);
            return Some(message.with("latest", latest));
        }
        self.batches.iter().find_map(|wanted| {
            let is_it = |batch: &&BatchRecord| {
                batch.batch.as_str() == wanted.batch && batch.source_hash == wanted.source_hash
            };
            let named = |code| {
                Message::new(code).with("batch", &wanted.batch).with("file", &wanted.file_name)
            };
            let mut found = batches.iter().filter(is_it).peekable();
            if found.peek().is_none() {
                return Some(named("verify.batch_absent"));
            }
            let by = found.find_map(|batch| batch.retracted_by.as_deref())?;
            Some(named("verify.batch_retracted").with("by", by))
        })
    }
}

fn batch_of(batch: &BatchRecord) -> EvidenceBatch {
    EvidenceBatch {
        batch: batch.batch.to_string(),
        file_name: batch.file_name.clone(),
        source_hash: batch.source_hash.clone(),
    }
}

fn question_of(question: &QuestionAsked) -> EvidenceQuestion {
    EvidenceQuestion {
        query: question.asked.query.clone(),
        params: question.asked.params.clone(),
        n_rows: question.n_rows,
        check: question.check.to_string(),
    }
}

fn query_texts(asked: &[QuestionAsked], catalogue: &Catalogue) -> BTreeMap<String, QueryText> {
    // Not each of them is a query: a table of a trend has none of its own.
    let queries = asked.iter().filter_map(|asked| catalogue.get(&asked.asked.query).ok());
    let with_views = queries
        .flat_map(|query| catalogue.views_for(query).into_iter().chain(std::iter::once(query)));
    let text =
        |query: &Query| QueryText { sql: query.sql.clone(), hash: hash_hex(query.sql.as_bytes()) };
    with_views.map(|query| (query.id.clone(), text(query))).collect()
}

/// A file is no evidence that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EvidenceError {
    /// It is no JSON of the form.
    Garbled {
        /// What the reader says.
        reason: String,
    },
    /// It is of another format.
    Foreign {
        /// The format that it names.
        found: String,
    },
    /// It is of a version that is not known.
    VersionUnknown {
        /// Its version.
        found: u32,
        /// The version that is known.
        known: u32,
    },
}

impl_error!(EvidenceError);

impl EvidenceError {
    /// Whether the file says that it is evidence, although it cannot be read.
    pub fn is_of_evidence(&self) -> bool {
        matches!(self, Self::VersionUnknown { .. })
    }
}

impl Diagnose for EvidenceError {
    fn message(&self) -> Message {
        match self {
            Self::Garbled { .. } => Message::new("verify.garbled"),
            Self::Foreign { found } => Message::new("verify.foreign").with("found", found),
            Self::VersionUnknown { found, known } => {
                Message::new("verify.version").with("found", found).with("known", known)
            }
        }
    }

    fn causes(&self) -> Vec<Message> {
        match self {
            Self::Garbled { reason } => vec![Message::new("io.other").with("reason", reason)],
            Self::Foreign { .. } | Self::VersionUnknown { .. } => Vec::new(),
        }
    }
}
