PRAGMA foreign_keys = OFF;
BEGIN TRANSACTION;
CREATE TABLE audit (
    entry    INTEGER PRIMARY KEY,
    snapshot INTEGER NOT NULL UNIQUE REFERENCES snapshots (snapshot),
    record   TEXT NOT NULL,
    hash     TEXT NOT NULL CHECK (length(hash) = 64)
) STRICT;
INSERT INTO "audit" VALUES(1,1,'{"batch_files":[{"file_idx":0,"file_name":"up_pro_accept.csv","rows_received":12,"run":1,"size_bytes":4369,"source_hash":"39109ea0cb7c9acb9e3400dde1c67a5114c82a8432c215da39175ede8518450a"}],"batches":[{"batch":"1947ed56514f548e","committed_at":"2021-11-16T11:53:20.000000","dated":null,"document_number":null,"file_name":"up_pro_accept.csv","is_synthetic":1,"issuer":null,"layout":"up-exchange/1 up_pro_accept","n_findings":3,"n_observations":0,"published_on":null,"reading":"records/5 profile=up-exchange/1 up_pro_accept@af400ae15845c729 pseudonyms=hmac-sha256:f92e1a20c71b16cc refdata=02f80a31b95916ec","received_at":"2021-11-16T11:53:20.000000","rows_accepted":10,"rows_deleted":0,"rows_duplicate":0,"rows_received":12,"rows_returned":2,"rows_updated":0,"run":1,"source_hash":"39109ea0cb7c9acb9e3400dde1c67a5114c82a8432c215da39175ede8518450a","source_kind":"records","title":null,"tool_version":"0.1.0"}],"ended_batches":[],"ended_files":[],"files":[{"blake3":"c2c51b9b138a6d71432c5d7c12c48515be04b6778bf207cfe96ed8eea281320f","file_size_bytes":8526,"path":"data/cases/1-2.parquet","record_count":10,"run":1,"table_name":"cases"},{"blake3":"0d36955f2679b25ed8e2f02e5bf84ddab5003a2dfe579d0ed1bd3518f2a51a2c","file_size_bytes":2253,"path":"data/cases__pii/1-3.parquet","record_count":10,"run":1,"table_name":"cases__pii"},{"blake3":"52c12ec0ffbcb6b08749db76a11aa951da46ae4f785fc2392fe27fa1250ca204","file_size_bytes":5358,"path":"data/findings/1-1.parquet","record_count":3,"run":1,"table_name":"findings"},{"blake3":"db50a0f53c2c7686a0fa004335ed6d7270fef0e8fa7b8917fb6bc577efaeed48","file_size_bytes":3791,"path":"data/record_counts/1-5.parquet","record_count":12,"run":1,"table_name":"record_counts"},{"blake3":"40fec255d96d71276e152d576253c8a957ea821a967942c35e98e41f5416124e","file_size_bytes":4107,"path":"data/returned/1-4.parquet","record_count":2,"run":1,"table_name":"returned"}],"snapshots":[{"author":"li","command":"tongban ingest ../recs/up_pro_accept.csv","committed_at":"2021-11-16T11:53:20.000000","message":"up_pro_accept.csv","run":1,"snapshot":1}]}','4a4033c10b7e3f0b4056162579ed686911653fe02931123076b2b5286401f5d1');
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
INSERT INTO "batch_files" VALUES(1,0,'up_pro_accept.csv','39109ea0cb7c9acb9e3400dde1c67a5114c82a8432c215da39175ede8518450a',4369,12);
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
INSERT INTO "batches" VALUES('1947ed56514f548e',1,'39109ea0cb7c9acb9e3400dde1c67a5114c82a8432c215da39175ede8518450a','records','up_pro_accept.csv',NULL,NULL,NULL,NULL,NULL,'up-exchange/1 up_pro_accept','records/5 profile=up-exchange/1 up_pro_accept@af400ae15845c729 pseudonyms=hmac-sha256:f92e1a20c71b16cc refdata=02f80a31b95916ec','0.1.0',1,12,10,0,0,2,0,0,3,'2021-11-16T11:53:20.000000','2021-11-16T11:53:20.000000',1,NULL,NULL,NULL);
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
INSERT INTO "files" VALUES(1,'findings','data/findings/1-1.parquet',1,3,5358,'52c12ec0ffbcb6b08749db76a11aa951da46ae4f785fc2392fe27fa1250ca204',1,NULL);
INSERT INTO "files" VALUES(2,'cases','data/cases/1-2.parquet',1,10,8526,'c2c51b9b138a6d71432c5d7c12c48515be04b6778bf207cfe96ed8eea281320f',1,NULL);
INSERT INTO "files" VALUES(3,'cases__pii','data/cases__pii/1-3.parquet',1,10,2253,'0d36955f2679b25ed8e2f02e5bf84ddab5003a2dfe579d0ed1bd3518f2a51a2c',1,NULL);
INSERT INTO "files" VALUES(4,'returned','data/returned/1-4.parquet',1,2,4107,'40fec255d96d71276e152d576253c8a957ea821a967942c35e98e41f5416124e',1,NULL);
INSERT INTO "files" VALUES(5,'record_counts','data/record_counts/1-5.parquet',1,12,3791,'db50a0f53c2c7686a0fa004335ed6d7270fef0e8fa7b8917fb6bc577efaeed48',1,NULL);
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
INSERT INTO "meta" VALUES('is_synthetic','1');
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
INSERT INTO "runs" VALUES(1,'1947ed56514f548e','39109ea0cb7c9acb9e3400dde1c67a5114c82a8432c215da39175ede8518450a',0,8652,'b0d45cc0-dba4-4fff-b8ce-a1f2e0d15c5e','tongban ingest ../recs/up_pro_accept.csv','2021-11-16T11:53:20.000000','committed');
CREATE TABLE snapshots (
    snapshot     INTEGER PRIMARY KEY CHECK (snapshot >= 1),
    committed_at TEXT NOT NULL,
    command      TEXT NOT NULL,
    author       TEXT NOT NULL,
    message      TEXT NOT NULL,
    run          INTEGER NOT NULL UNIQUE REFERENCES runs (run)
) STRICT;
INSERT INTO "snapshots" VALUES(1,'2021-11-16T11:53:20.000000','tongban ingest ../recs/up_pro_accept.csv','li','up_pro_accept.csv',1);
CREATE INDEX runs_open ON runs (run) WHERE state = 'open';
CREATE INDEX files_begin ON files (begin_snapshot);
CREATE INDEX files_end ON files (end_snapshot) WHERE end_snapshot IS NOT NULL;
CREATE INDEX files_run ON files (run);
CREATE UNIQUE INDEX batches_live ON batches (batch) WHERE end_snapshot IS NULL;
CREATE INDEX batches_begin ON batches (begin_snapshot);
CREATE INDEX batches_end ON batches (end_snapshot) WHERE end_snapshot IS NOT NULL;
CREATE INDEX batches_source ON batches (source_hash);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('runs',1);
COMMIT;
PRAGMA application_id = 1953459815;
PRAGMA user_version = 2;
PRAGMA journal_mode = WAL;
