//! Annex tables of government-service notices as a Parquet lake that answers questions.
//!
//! The modules are listed from the bottom up; each uses only those above it in the list. A person
//! reads them in the order in which data flows: a file becomes a document (`source`), a document
//! becomes observations and findings (`annex`), these are committed (`ingest`, `lake`), and engines
//! answer questions over one snapshot (`query`, `engine`, `analysis`), also about change over time
//! (`trend`), reports put answers together (`report`), which come to their readers when they are due
//! (`schedule`, `delivery`), and datasets go out to other tools (`export`), which can also read the lake
//! through a mirror of it (`mirror`).

pub mod model;

pub mod diag;

pub mod fsio;

pub mod sandbox;

pub mod refdata;

pub mod table;

pub mod output;

pub mod source;

pub mod annex;

pub mod records;

pub mod lake;

pub mod rollup;

pub mod ingest;

pub mod query;

pub mod engine;

pub mod analysis;

pub mod trend;

pub mod schedule;

pub mod delivery;

pub mod report;

pub mod export;

pub mod mirror;

pub mod synth;

pub mod cli;
