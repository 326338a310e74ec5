//! The tables of the catalog.
//!
//! Columns that mean the same as in the catalog of `DuckLake` carry its names. Times are naive Beijing
//! time as text, so that they sort and read as they are.

/// `application_id` of a catalog: "tong" in ASCII.
pub(super) const APPLICATION_ID: i32 = 0x746f_6e67;

/// `user_version` of a catalog: the version of the format below.
pub(super) const FORMAT_VERSION: i32 = 5;

/// The oldest version that is still read; the first run that writes makes it the latest.
pub(super) const OLDEST_VERSION: i32 = 1;

/// The tables of version 1.
///
/// A row of `batches` or `files` is live in snapshot N when it begins at or before N and does not
/// end at or before N.
pub(super) const TABLES: &str = "
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
CREATE TABLE runs (
    run           INTEGER PRIMARY KEY AUTOINCREMENT,
    batch         TEXT NOT NULL,
    source_hash   TEXT NOT NULL,
    base_snapshot INTEGER NOT NULL,
    pid           INTEGER NOT NULL,
    boot_id       TEXT NOT NULL,
    command       TEXT NOT NULL,
    started_at    TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('open', 'committed', 'aborted'))
) STRICT;
CREATE INDEX runs_open ON runs (run) WHERE state = 'open';
CREATE TABLE snapshots (
    snapshot     INTEGER PRIMARY KEY CHECK (snapshot >= 1),
    committed_at TEXT NOT NULL,
    command      TEXT NOT NULL,
    author       TEXT NOT NULL,
    message      TEXT NOT NULL,
    run          INTEGER NOT NULL UNIQUE REFERENCES runs (run)
) STRICT;
CREATE TABLE files (
    file            INTEGER PRIMARY KEY,
    table_name      TEXT NOT NULL,
    path            TEXT NOT NULL UNIQUE,
    run             INTEGER NOT NULL REFERENCES runs (run),
    record_count    INTEGER NOT NULL CHECK (record_count >= 0),
    file_size_bytes INTEGER NOT NULL CHECK (file_size_bytes > 0),
    blake3          TEXT NOT NULL CHECK (length(blake3) = 64),
    begin_snapshot  INTEGER NOT NULL REFERENCES snapshots (snapshot),
    end_snapshot    INTEGER REFERENCES snapshots (snapshot),
    CHECK (end_snapshot > begin_snapshot)
) STRICT;
CREATE INDEX files_begin ON files (begin_snapshot);
CREATE INDEX files_end ON files (end_snapshot) WHERE end_snapshot IS NOT NULL;
CREATE INDEX files_run ON files (run);
CREATE TABLE batches (
    batch           TEXT NOT NULL,
    run             INTEGER NOT NULL UNIQUE REFERENCES runs (run),
    source_hash     TEXT NOT NULL,
    source_kind     TEXT NOT NULL,
    file_name       TEXT NOT NULL,
    document_number TEXT,
    issuer          TEXT,
    title           TEXT,
    dated           TEXT,
    published_on    TEXT,
    layout          TEXT,
    reading         TEXT NOT NULL,
    tool_version    TEXT NOT NULL,
    is_synthetic    INTEGER NOT NULL CHECK (is_synthetic IN (0, 1)),
    rows_received   INTEGER NOT NULL,
    rows_accepted   INTEGER NOT NULL,
    rows_updated    INTEGER NOT NULL,
    rows_deleted    INTEGER NOT NULL,
    rows_returned   INTEGER NOT NULL,
    rows_duplicate  INTEGER NOT NULL,
    n_observations  INTEGER NOT NULL,
    n_findings      INTEGER NOT NULL,
    received_at     TEXT NOT NULL,
    committed_at    TEXT NOT NULL,
    begin_snapshot  INTEGER NOT NULL REFERENCES snapshots (snapshot),
    end_snapshot    INTEGER REFERENCES snapshots (snapshot),
    superseded_by   TEXT,
    retracted_by    TEXT,
    PRIMARY KEY (batch, begin_snapshot),
    CHECK (end_snapshot > begin_snapshot),
    CHECK (rows_received = rows_accepted + rows_updated + rows_deleted + rows_returned
           + rows_duplicate)
) STRICT;
CREATE UNIQUE INDEX batches_live ON batches (batch) WHERE end_snapshot IS NULL;
CREATE INDEX batches_begin ON batches (begin_snapshot);
CREATE INDEX batches_end ON batches (end_snapshot) WHERE end_snapshot IS NOT NULL;
CREATE INDEX batches_source ON batches (source_hash);
CREATE TABLE audit (
    entry    INTEGER PRIMARY KEY,
    snapshot INTEGER NOT NULL UNIQUE REFERENCES snapshots (snapshot),
    record   TEXT NOT NULL,
    hash     TEXT NOT NULL CHECK (length(hash) = 64)
) STRICT;
";

/// What each version adds to the one before it, from version 2 on.
pub(super) const ADDED: [&str; 4] = [BATCH_FILES, REPORT_RUNS, REPORT_DELIVERIES, COLLECTED];

/// What version 2 adds: the files of a batch of records. A batch is known by its run here, because it
/// may begin more than once.
const BATCH_FILES: &str = "
CREATE TABLE batch_files (
    run           INTEGER NOT NULL REFERENCES batches (run),
    file_idx      INTEGER NOT NULL CHECK (file_idx >= 0),
    file_name     TEXT NOT NULL,
    source_hash   TEXT NOT NULL CHECK (length(source_hash) = 64),
    size_bytes    INTEGER NOT NULL CHECK (size_bytes >= 0),
    rows_received INTEGER NOT NULL CHECK (rows_received >= 0),
    PRIMARY KEY (run, file_idx),
    UNIQUE (run, file_name)
) STRICT;
";

/// What version 3 adds: since when reports are due by which schedule, the runs of those that were due,
/// and the files that a run gave, each with where it was to go and whether it came there.
const REPORT_RUNS: &str = "
CREATE TABLE report_schedules (
    report   TEXT PRIMARY KEY,
    schedule TEXT NOT NULL,
    since    TEXT NOT NULL
) STRICT;
CREATE TABLE report_runs (
    report_run INTEGER PRIMARY KEY AUTOINCREMENT,
    report     TEXT NOT NULL,
    due_at     TEXT NOT NULL,
    n_missed   INTEGER NOT NULL CHECK (n_missed >= 0),
    command    TEXT NOT NULL,
    author     TEXT NOT NULL,
    started_at TEXT NOT NULL,
    ended_at   TEXT,
    state      TEXT NOT NULL CHECK (state IN ('open', 'done', 'undelivered', 'failed', 'aborted')),
    snapshot   INTEGER,
    reasons    TEXT NOT NULL,
    CHECK ((ended_at IS NULL) = (state = 'open'))
) STRICT;
CREATE INDEX report_runs_due ON report_runs (report, due_at);
CREATE TABLE report_outputs (
    report_run   INTEGER NOT NULL REFERENCES report_runs (report_run),
    output_idx   INTEGER NOT NULL CHECK (output_idx >= 0),
    file_name    TEXT NOT NULL,
    size_bytes   INTEGER NOT NULL CHECK (size_bytes >= 0),
    blake3       TEXT NOT NULL CHECK (length(blake3) = 64),
    destination  TEXT NOT NULL,
    n_attempts   INTEGER NOT NULL CHECK (n_attempts >= 0),
    delivered_at TEXT,
    PRIMARY KEY (report_run, output_idx)
) STRICT;
";

/// What version 4 adds: to whom the report of a run is sent beside its folders, and what came of it. What has
/// neither a time of delivery nor one of the next attempt was given up.
const REPORT_DELIVERIES: &str = "
CREATE TABLE report_deliveries (
    report_run   INTEGER NOT NULL REFERENCES report_runs (report_run),
    delivery_idx INTEGER NOT NULL CHECK (delivery_idx >= 0),
    delivery     TEXT NOT NULL,
    receiver     TEXT NOT NULL,
    title        TEXT NOT NULL,
    subtitle     TEXT NOT NULL,
    lang         TEXT NOT NULL,
    n_attempts   INTEGER NOT NULL CHECK (n_attempts >= 0),
    next_at      TEXT,
    delivered_at TEXT,
    reasons      TEXT NOT NULL,
    PRIMARY KEY (report_run, delivery_idx),
    CHECK (next_at IS NULL OR delivered_at IS NULL)
) STRICT;
";

/// What version 5 adds: which snapshots were given up with which; files that no readable snapshot names,
/// since when, and whether they are gone; and files that hold the rows of several others, to be read
/// instead of them. The rows of `files` stay, for the audit chain is made from them; what is read instead of
/// them is in no chain, so each proves by a hash of itself and of its members which they are.
const COLLECTED: &str = "
CREATE TABLE expirations (
    snapshot INTEGER PRIMARY KEY REFERENCES snapshots (snapshot),
    oldest   INTEGER NOT NULL CHECK (oldest BETWEEN 1 AND snapshot)
) STRICT;
CREATE TABLE collected (
    path       TEXT PRIMARY KEY,
    marked_at  TEXT NOT NULL,
    head       INTEGER NOT NULL,
    size_bytes INTEGER,
    removed_at TEXT
) STRICT;
CREATE TABLE merges (
    merge           INTEGER PRIMARY KEY,
    table_name      TEXT NOT NULL,
    path            TEXT NOT NULL UNIQUE,
    record_count    INTEGER NOT NULL CHECK (record_count >= 0),
    file_size_bytes INTEGER NOT NULL CHECK (file_size_bytes > 0),
    blake3          TEXT NOT NULL CHECK (length(blake3) = 64),
    proof           TEXT NOT NULL CHECK (length(proof) = 64)
) STRICT;
CREATE TABLE merge_members (
    merge INTEGER NOT NULL REFERENCES merges (merge),
    file  INTEGER NOT NULL REFERENCES files (file),
    PRIMARY KEY (merge, file)
) STRICT, WITHOUT ROWID;
";
