PRAGMA foreign_keys = OFF;
BEGIN TRANSACTION;
CREATE TABLE audit (
    entry    INTEGER PRIMARY KEY,
    snapshot INTEGER NOT NULL UNIQUE REFERENCES snapshots (snapshot),
    record   TEXT NOT NULL,
    hash     TEXT NOT NULL CHECK (length(hash) = 64)
) STRICT;
INSERT INTO "audit" VALUES(1,1,'{"batches":[{"batch":"42b430865d2fc122","committed_at":"2021-11-16T03:13:20.000000","dated":null,"document_number":null,"file_name":"form.csv","is_synthetic":0,"issuer":"青海省人民政府办公厅","layout":null,"n_findings":0,"n_observations":2,"published_on":null,"reading":"annex/3 issuer=青海省人民政府办公厅 as_of_day=2021-09-29","received_at":"2021-11-16T03:13:20.000000","rows_accepted":2,"rows_deleted":0,"rows_duplicate":0,"rows_received":2,"rows_returned":0,"rows_updated":0,"run":1,"source_hash":"0ab5e97f37b0d9197232cc01a6f38f47f02863a46b20bb70a54553c37a70dd38","source_kind":"form","title":null,"tool_version":"0.1.0"}],"ended_batches":[],"ended_files":[],"files":[{"blake3":"994fe010a656639f7073fae048951fe45219b9638bb2481892ceb8f75395181b","file_size_bytes":8171,"path":"data/observations/1-1.parquet","record_count":2,"run":1,"table_name":"observations"},{"blake3":"883936d38df477a0ced6fc11992ce5e2e99daab23948e0b391853ac4dc406b6d","file_size_bytes":5737,"path":"data/totals/1-2.parquet","record_count":1,"run":1,"table_name":"totals"}],"snapshots":[{"author":"li","command":"tongban ingest ../form.csv --issuer 青海省人民政府办公厅 --as-of-day 2021-09-29","committed_at":"2021-11-16T03:13:20.000000","message":"form.csv","run":1,"snapshot":1}]}','472c610a68e2d39df19663599df60be80ae84e2ce7979d908fd53d6b65d89fbf');
INSERT INTO "audit" VALUES(2,2,'{"batches":[{"batch":"b10b980303fe9f52","committed_at":"2021-11-16T04:13:20.000000","dated":null,"document_number":null,"file_name":"form.csv","is_synthetic":0,"issuer":"青海省人民政府办公厅","layout":null,"n_findings":0,"n_observations":2,"published_on":null,"reading":"annex/3 issuer=青海省人民政府办公厅 as_of_day=2021-09-30","received_at":"2021-11-16T03:13:20.000000","rows_accepted":2,"rows_deleted":0,"rows_duplicate":0,"rows_received":2,"rows_returned":0,"rows_updated":0,"run":2,"source_hash":"0ab5e97f37b0d9197232cc01a6f38f47f02863a46b20bb70a54553c37a70dd38","source_kind":"form","title":null,"tool_version":"0.1.0"}],"ended_batches":[{"batch":"42b430865d2fc122","begin_snapshot":1,"retracted_by":null,"superseded_by":"b10b980303fe9f52"}],"ended_files":[{"path":"data/observations/1-1.parquet"},{"path":"data/totals/1-2.parquet"}],"files":[{"blake3":"9a2030fb2e38a64dfe15264e761b0587a0fc2e92d2d12fb3b38baa9b0eeb5f45","file_size_bytes":8171,"path":"data/observations/2-1.parquet","record_count":2,"run":2,"table_name":"observations"},{"blake3":"4effcc1d73b9b695e88358664d5af8058be15770b070ac4abe90d0afca98e31e","file_size_bytes":5737,"path":"data/totals/2-2.parquet","record_count":1,"run":2,"table_name":"totals"}],"snapshots":[{"author":"li","command":"tongban ingest ../form.csv --issuer 青海省人民政府办公厅 --as-of-day 2021-09-30","committed_at":"2021-11-16T04:13:20.000000","message":"form.csv","run":2,"snapshot":2}]}','cb1cae98bb15ec34a0c6b727d803db87b03d93a85642705f2ddb149224b4234b');
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
INSERT INTO "batches" VALUES('42b430865d2fc122',1,'0ab5e97f37b0d9197232cc01a6f38f47f02863a46b20bb70a54553c37a70dd38','form','form.csv',NULL,'青海省人民政府办公厅',NULL,NULL,NULL,NULL,'annex/3 issuer=青海省人民政府办公厅 as_of_day=2021-09-29','0.1.0',0,2,2,0,0,0,0,2,0,'2021-11-16T03:13:20.000000','2021-11-16T03:13:20.000000',1,2,'b10b980303fe9f52',NULL);
INSERT INTO "batches" VALUES('b10b980303fe9f52',2,'0ab5e97f37b0d9197232cc01a6f38f47f02863a46b20bb70a54553c37a70dd38','form','form.csv',NULL,'青海省人民政府办公厅',NULL,NULL,NULL,NULL,'annex/3 issuer=青海省人民政府办公厅 as_of_day=2021-09-30','0.1.0',0,2,2,0,0,0,0,2,0,'2021-11-16T03:13:20.000000','2021-11-16T04:13:20.000000',2,NULL,NULL,NULL);
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
INSERT INTO "files" VALUES(1,'observations','data/observations/1-1.parquet',1,2,8171,'994fe010a656639f7073fae048951fe45219b9638bb2481892ceb8f75395181b',1,2);
INSERT INTO "files" VALUES(2,'totals','data/totals/1-2.parquet',1,1,5737,'883936d38df477a0ced6fc11992ce5e2e99daab23948e0b391853ac4dc406b6d',1,2);
INSERT INTO "files" VALUES(3,'observations','data/observations/2-1.parquet',2,2,8171,'9a2030fb2e38a64dfe15264e761b0587a0fc2e92d2d12fb3b38baa9b0eeb5f45',2,NULL);
INSERT INTO "files" VALUES(4,'totals','data/totals/2-2.parquet',2,1,5737,'4effcc1d73b9b695e88358664d5af8058be15770b070ac4abe90d0afca98e31e',2,NULL);
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
INSERT INTO "runs" VALUES(1,'42b430865d2fc122','0ab5e97f37b0d9197232cc01a6f38f47f02863a46b20bb70a54553c37a70dd38',0,28823,'1c1cafb3-adf6-451e-899f-bca901fe5a14','tongban ingest ../form.csv --issuer 青海省人民政府办公厅 --as-of-day 2021-09-29','2021-11-16T03:13:20.000000','committed');
INSERT INTO "runs" VALUES(2,'b10b980303fe9f52','0ab5e97f37b0d9197232cc01a6f38f47f02863a46b20bb70a54553c37a70dd38',1,29034,'1c1cafb3-adf6-451e-899f-bca901fe5a14','tongban ingest ../form.csv --issuer 青海省人民政府办公厅 --as-of-day 2021-09-30','2021-11-16T04:13:20.000000','committed');
CREATE TABLE snapshots (
    snapshot     INTEGER PRIMARY KEY CHECK (snapshot >= 1),
    committed_at TEXT NOT NULL,
    command      TEXT NOT NULL,
    author       TEXT NOT NULL,
    message      TEXT NOT NULL,
    run          INTEGER NOT NULL UNIQUE REFERENCES runs (run)
) STRICT;
INSERT INTO "snapshots" VALUES(1,'2021-11-16T03:13:20.000000','tongban ingest ../form.csv --issuer 青海省人民政府办公厅 --as-of-day 2021-09-29','li','form.csv',1);
INSERT INTO "snapshots" VALUES(2,'2021-11-16T04:13:20.000000','tongban ingest ../form.csv --issuer 青海省人民政府办公厅 --as-of-day 2021-09-30','li','form.csv',2);
CREATE INDEX runs_open ON runs (run) WHERE state = 'open';
CREATE INDEX files_begin ON files (begin_snapshot);
CREATE INDEX files_end ON files (end_snapshot) WHERE end_snapshot IS NOT NULL;
CREATE INDEX files_run ON files (run);
CREATE UNIQUE INDEX batches_live ON batches (batch) WHERE end_snapshot IS NULL;
CREATE INDEX batches_begin ON batches (begin_snapshot);
CREATE INDEX batches_end ON batches (end_snapshot) WHERE end_snapshot IS NOT NULL;
CREATE INDEX batches_source ON batches (source_hash);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('runs',2);
COMMIT;
PRAGMA application_id = 1953459815;
PRAGMA user_version = 1;
PRAGMA journal_mode = WAL;
