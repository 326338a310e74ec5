PRAGMA foreign_keys = OFF;
BEGIN TRANSACTION;
CREATE TABLE audit (
    entry    INTEGER PRIMARY KEY,
    snapshot INTEGER NOT NULL UNIQUE REFERENCES snapshots (snapshot),
    record   TEXT NOT NULL,
    hash     TEXT NOT NULL CHECK (length(hash) = 64)
) STRICT;
INSERT INTO "audit" VALUES(1,1,'{"batches":[{"batch":"3b4755d736b0ba9b","committed_at":"2022-01-01T08:00:00.000000","dated":"2021-11-24","document_number":"青政办函〔2021〕185号","file_name":"notice.txt","is_synthetic":0,"issuer":"青海省人民政府办公厅","layout":"qinghai-progress/1","n_findings":6,"n_observations":172,"published_on":"2021-11-24","reading":"annex/8 layouts=qinghai-progress/1@04c4451dba76450d","received_at":"2022-01-01T08:00:00.000000","rows_accepted":172,"rows_deleted":0,"rows_duplicate":0,"rows_received":172,"rows_returned":0,"rows_updated":0,"run":1,"source_hash":"042b9d4d48fe4051250fbc0abf88e9865743a191a823912ef0fd91f90e7953dd","source_kind":"notice","title":"关于政务服务“一网通办、一事通办”工作进展情况的通报","tool_version":"0.1.0"}],"ended_batches":[],"ended_files":[],"files":[{"blake3":"5bc65724e706bbdbe51130ed73c02e09750d80fa6faa998871a9c3b3395f28e8","file_size_bytes":6632,"path":"data/findings/1-3.parquet","record_count":6,"run":1,"table_name":"findings"},{"blake3":"ce6604373275cd306d0d4e57bd7887fffbc8eb3cc5ca230362fd4ceff7ee9674","file_size_bytes":11778,"path":"data/observations/1-1.parquet","record_count":172,"run":1,"table_name":"observations"},{"blake3":"4dec16a2f71e1d050d92c2544e00a1cc8be0e2436be5117084b2616309307ae8","file_size_bytes":6048,"path":"data/totals/1-2.parquet","record_count":6,"run":1,"table_name":"totals"}],"snapshots":[{"author":"li","command":"tongban ingest notice.txt --lang en","committed_at":"2022-01-01T08:00:00.000000","message":"关于政务服务“一网通办、一事通办”工作进展情况的通报","run":1,"snapshot":1}]}','41648987f56b9b0ad2420d2bc4970d55d3ce74e3018fdbd81cd92b862083afc0');
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
INSERT INTO "batches" VALUES('3b4755d736b0ba9b',1,'042b9d4d48fe4051250fbc0abf88e9865743a191a823912ef0fd91f90e7953dd','notice','notice.txt','青政办函〔2021〕185号','青海省人民政府办公厅','关于政务服务“一网通办、一事通办”工作进展情况的通报','2021-11-24','2021-11-24','qinghai-progress/1','annex/8 layouts=qinghai-progress/1@04c4451dba76450d','0.1.0',0,172,172,0,0,0,0,172,6,'2022-01-01T08:00:00.000000','2022-01-01T08:00:00.000000',1,NULL,NULL,NULL);
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
INSERT INTO "files" VALUES(1,'observations','data/observations/1-1.parquet',1,172,11778,'ce6604373275cd306d0d4e57bd7887fffbc8eb3cc5ca230362fd4ceff7ee9674',1,NULL);
INSERT INTO "files" VALUES(2,'totals','data/totals/1-2.parquet',1,6,6048,'4dec16a2f71e1d050d92c2544e00a1cc8be0e2436be5117084b2616309307ae8',1,NULL);
INSERT INTO "files" VALUES(3,'findings','data/findings/1-3.parquet',1,6,6632,'5bc65724e706bbdbe51130ed73c02e09750d80fa6faa998871a9c3b3395f28e8',1,NULL);
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
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
INSERT INTO "report_deliveries" VALUES(1,0,'office','office@example.cn','政务服务数据月度趋势报告','青海省 · 2021年9月','zh',1,'2022-04-01T08:05:00.000000',NULL,'[{"code":"delivery.unreachable","facts":[["server",{"Text":"127.0.0.1:9"}]]},{"code":"delivery.net_refused","facts":[]}]');
INSERT INTO "report_deliveries" VALUES(1,1,'office','archive@example.cn','政务服务数据月度趋势报告','青海省 · 2021年9月','zh',1,'2022-04-01T08:05:00.000000',NULL,'[{"code":"delivery.unreachable","facts":[["server",{"Text":"127.0.0.1:9"}]]},{"code":"delivery.net_refused","facts":[]}]');
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
INSERT INTO "report_outputs" VALUES(1,0,'monthly_2021-09_2022-03-05.html',943777,'01536eb8ef6b0da0df4cc32e0898aa20115d61c964000a114cd693d77bb6f078','/srv/office/out/monthly',1,'2022-04-01T08:00:00.000000');
INSERT INTO "report_outputs" VALUES(1,1,'monthly_2021-09_2022-03-05.evidence.json',280873,'ae4c2c6d12640bf90933066d4431d321430a90ffe3d03b4785328ba09233a622','/srv/office/out/monthly',1,'2022-04-01T08:00:00.000000');
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
INSERT INTO "report_runs" VALUES(1,'monthly','2022-03-05T08:00:00.000000',2,'tongban schedule run-due --lang en','li','2022-04-01T08:00:00.000000','2022-04-01T08:00:00.000000','undelivered',1,'[]');
CREATE TABLE report_schedules (
    report   TEXT PRIMARY KEY,
    schedule TEXT NOT NULL,
    since    TEXT NOT NULL
) STRICT;
INSERT INTO "report_schedules" VALUES('monthly','0 8 5 * * Asia/Shanghai','2022-01-01T08:00:00.000000');
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
INSERT INTO "runs" VALUES(1,'3b4755d736b0ba9b','042b9d4d48fe4051250fbc0abf88e9865743a191a823912ef0fd91f90e7953dd',0,5652,'b0d45cc0-dba4-4fff-b8ce-a1f2e0d15c5e','tongban ingest notice.txt --lang en','2022-01-01T08:00:00.000000','committed');
CREATE TABLE snapshots (
    snapshot     INTEGER PRIMARY KEY CHECK (snapshot >= 1),
    committed_at TEXT NOT NULL,
    command      TEXT NOT NULL,
    author       TEXT NOT NULL,
    message      TEXT NOT NULL,
    run          INTEGER NOT NULL UNIQUE REFERENCES runs (run)
) STRICT;
INSERT INTO "snapshots" VALUES(1,'2022-01-01T08:00:00.000000','tongban ingest notice.txt --lang en','li','关于政务服务“一网通办、一事通办”工作进展情况的通报',1);
CREATE INDEX runs_open ON runs (run) WHERE state = 'open';
CREATE INDEX files_begin ON files (begin_snapshot);
CREATE INDEX files_end ON files (end_snapshot) WHERE end_snapshot IS NOT NULL;
CREATE INDEX files_run ON files (run);
CREATE UNIQUE INDEX batches_live ON batches (batch) WHERE end_snapshot IS NULL;
CREATE INDEX batches_begin ON batches (begin_snapshot);
CREATE INDEX batches_end ON batches (end_snapshot) WHERE end_snapshot IS NOT NULL;
CREATE INDEX batches_source ON batches (source_hash);
CREATE INDEX report_runs_due ON report_runs (report, due_at);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('runs',1);
INSERT INTO "sqlite_sequence" VALUES('report_runs',1);
COMMIT;
PRAGMA application_id = 1953459815;
PRAGMA user_version = 4;
PRAGMA journal_mode = WAL;
