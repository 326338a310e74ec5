//! Connections to the catalog: how SQLite is set up, and how it is read where it cannot be written.

use std::ops::Deref;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};

use crate::fsio::{self, FileStamp};
use crate::lake::LakeError;
use crate::lake::layout::Layout;
use crate::lake::schema::{ADDED, APPLICATION_ID, FORMAT_VERSION, TABLES};

/// How long SQLite waits for another process to finish its transaction. Writers have waited for each other
/// before, so it takes long only where something is wrong, and then several times.
const BUSY_LIMIT: Duration = Duration::from_secs(10);

/// How often a catalog that cannot be locked is read again when it changed meanwhile.
const MAX_ATTEMPTS: usize = 5;

/// The catalog of a lake. Every use opens a connection of its own, except while somebody holds one.
#[derive(Debug, Clone)]
pub(super) struct Catalog {
    path: PathBuf,
    is_writable: bool,
    held: Arc<Mutex<Held>>,
}

/// The connection that several uses share, one after the other.
#[derive(Debug, Default)]
struct Held {
    n_holders: usize,
    idle: Option<OpenCatalog>,
}

/// A connection for reading and writing beside other processes, and the file that it is open on.
#[derive(Debug)]
pub(super) struct OpenCatalog {
    connection: Connection,
    stamp: Option<FileStamp>,
}

impl Deref for OpenCatalog {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

/// Has all uses of the catalog share a connection until it is dropped.
#[derive(Debug)]
pub(super) struct CatalogHold {
    held: Arc<Mutex<Held>>,
}

impl Drop for CatalogHold {
    fn drop(&mut self) {
        let mut held = locked(&self.held);
        held.n_holders -= 1;
        if held.n_holders == 0 {
            held.idle = None;
        }
    }
}

/// How a connection gets at the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Beside other processes, for writing.
    Shared,
    /// Beside other processes, with the log they left and no right to write.
    SharedReadOnly,
    /// A finished file without a log, in a folder where nothing may be created. Nothing is locked,
    /// so the file must be seen not to change meanwhile.
    Immutable,
    /// With a log, on a disk too full for the index of the log, which is kept in memory instead.
    Alone,
}

impl Catalog {
    pub(super) fn new(path: PathBuf, is_writable: bool) -> Self {
        Self { path, is_writable, held: Arc::default() }
    }

    /// Keeps one connection open until what is returned is dropped.
    ///
    /// Opening one takes longer than most of what is asked of it, and closing the last one folds the log
    /// into the catalog, which costs four syncs.
    pub(super) fn hold(&self) -> CatalogHold {
        locked(&self.held).n_holders += 1;
        CatalogHold { held: Arc::clone(&self.held) }
    }

    /// Runs `query` in one read transaction.
    pub(super) fn read<T>(
        &self,
        query: impl Fn(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, LakeError> {
        let result = if self.is_writable {
            // On a full disk the index of the log cannot be made; what is committed stays readable.
            match self.read_by(Way::Shared, &query) {
                Err(error) if is_lack_of_room(&error) => {
                    self.read_beside_writers(Way::Alone, &query).map_err(|_| error)
                }
                other => other,
            }
        } else {
            self.read_beside_writers(Way::SharedReadOnly, &query)
        };
        result.map_err(|source| self.read_error(source))
    }

    /// Reads without a right to lock: by `with_log` where a log stands beside the catalog, else as a
    /// finished file, until one was seen not to change meanwhile.
    ///
    /// Fails as busy where it changed every time: an answer from a file that changes may mix two
    /// states of it.
    fn read_beside_writers<T>(
        &self,
        with_log: Way,
        query: &impl Fn(&Connection) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        for _ in 0..MAX_ATTEMPTS {
            // Anew each time: the log comes and goes with the writers.
            if self.has_log() {
                return self.read_by(with_log, query);
            }
            let before = fsio::stamp(&self.path);
            let result = self.read_by(Way::Immutable, query);
            if fsio::stamp(&self.path) == before && !self.has_log() {
                return result;
            }
        }
        let busy = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
        Err(rusqlite::Error::SqliteFailure(busy, None))
    }

    fn read_by<T>(
        &self,
        way: Way,
        query: &impl Fn(&Connection) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let open = match way {
            Way::Shared => self.open()?,
            _ => OpenCatalog { connection: self.connect(way)?, stamp: None },
        };
        open.pragma_update(None, "query_only", true)?;
        let tx = Transaction::new_unchecked(&open, TransactionBehavior::Deferred)?;
        let answer = query(&tx)?;
        drop(tx);
        self.give_back(open);
        Ok(answer)
    }

    /// Runs `change` in one write transaction that is durable when this returns.
    ///
    /// After an error the outcome of the transaction is unknown; only changes that may be repeated
    /// or left out go through here.
    pub(super) fn write<T>(
        &self,
        change: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, LakeError> {
        self.begin_and_commit(change).map_err(|source| self.write_error(source))
    }

    fn begin_and_commit<T>(
        &self,
        change: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let open = self.open()?;
        let tx = Transaction::new_unchecked(&open, TransactionBehavior::Immediate)?;
        let value = change(&tx)?;
        tx.commit()?;
        self.give_back(open);
        Ok(value)
    }

    /// Returns a connection for writing. Whoever has no failure on it gives it back.
    pub(super) fn open_to_write(&self) -> Result<OpenCatalog, LakeError> {
        self.open().map_err(|source| self.write_error(source))
    }

    /// Returns the connection that is held, unless it is in use or its file was replaced; else a new one.
    fn open(&self) -> rusqlite::Result<OpenCatalog> {
        // Before the connection is made: one to the file before must not pass for one to the next.
        let stamp = fsio::stamp(&self.path);
        let is_current = |idle: &OpenCatalog| match (&idle.stamp, &stamp) {
            (Some(idle), Some(now)) => idle.is_of_same_file(now),
            _ => false,
        };
        let idle = locked(&self.held).idle.take();
        if let Some(open) = idle.filter(is_current) {
            open.pragma_update(None, "query_only", false)?;
            return Ok(open);
        }
        Ok(OpenCatalog { connection: self.connect(Way::Shared)?, stamp })
    }

    /// Keeps a connection for the next use while somebody holds one.
    pub(super) fn give_back(&self, open: OpenCatalog) {
        let mut held = locked(&self.held);
        if held.n_holders > 0 && open.stamp.is_some() && open.is_autocommit() {
            held.idle = Some(open);
        }
    }

    /// Creates the tables in an empty catalog, all or none.
    pub(super) fn create_tables(&self) -> Result<(), LakeError> {
        self.write(create_tables)
    }

    /// Brings an older catalog to the latest version, all or nothing.
    ///
    /// Called by a writer before its run begins, and not where a lake is only read: until something is
    /// committed, an older program can still use it.
    pub(super) fn upgrade(&self) -> Result<(), LakeError> {
        let (_, version, _) = self.identity()?;
        if version >= FORMAT_VERSION {
            return Ok(());
        }
        self.write(upgrade_tables)
    }

    /// Returns `application_id`, `user_version` and the number of tables.
    pub(super) fn identity(&self) -> Result<(i32, i32, i64), LakeError> {
        self.read(|connection| {
            let application_id =
                connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
            let version = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
            let n_tables =
                connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
            Ok((application_id, version, n_tables))
        })
    }

    pub(super) fn read_error(&self, source: rusqlite::Error) -> LakeError {
        let root = self.path.parent().unwrap_or(Path::new(""));
        let backup = Layout::new(root).latest_backup();
        LakeError::CatalogRead { path: self.path.clone(), backup, source: Box::new(source) }
    }

    pub(super) fn write_error(&self, source: rusqlite::Error) -> LakeError {
        LakeError::CatalogWrite { path: self.path.clone(), source: Box::new(source) }
    }

    /// Tells whether a log with committed pages stands beside the catalog.
    fn has_log(&self) -> bool {
        let mut log = self.path.clone().into_os_string();
        log.push("-wal");
        !matches!(fsio::size_bytes(Path::new(&log)), Ok(None | Some(0)))
    }

    fn connect(&self, way: Way) -> rusqlite::Result<Connection> {
        let flags = match way {
            Way::Shared | Way::Alone => OpenFlags::SQLITE_OPEN_READ_WRITE,
            Way::SharedReadOnly => OpenFlags::SQLITE_OPEN_READ_ONLY,
            Way::Immutable => OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI,
        };
        // Never used by two threads at a time, so nothing has to be locked for every column that is read.
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = match way {
            Way::Immutable => Connection::open_with_flags(immutable_uri(&self.path), flags),
            _ => Connection::open_with_flags(&self.path, flags),
        }?;
        connection.busy_timeout(BUSY_LIMIT)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        // Whoever only reads leaves the log beside the catalog, and both as they were.
        let is_reading = matches!(way, Way::SharedReadOnly | Way::Immutable);
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, is_reading)?;
        if way == Way::Alone {
            connection.execute_batch("PRAGMA locking_mode = EXCLUSIVE")?;
        }
        // FULL: with NORMAL an acknowledged commit is lost at a power cut.
        connection.execute_batch(
            "PRAGMA trusted_schema = OFF;
             PRAGMA cell_size_check = ON;
             PRAGMA mmap_size = 0;
             PRAGMA foreign_keys = ON;
             PRAGMA synchronous = FULL;",
        )?;
        if way == Way::Shared {
            connection.execute_batch("PRAGMA journal_mode = WAL")?;
        }
        Ok(connection)
    }
}

/// Takes what is held. A thread that panicked left a whole state behind.
fn locked(held: &Mutex<Held>) -> MutexGuard<'_, Held> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns the version of the library behind the catalog.
pub fn sqlite_version() -> &'static str {
    rusqlite::version()
}

/// Creates the tables of the latest version in an empty database.
pub(super) fn create_tables(tx: &Connection) -> rusqlite::Result<()> {
    create_tables_of(tx, FORMAT_VERSION)
}

/// Creates the tables of a version in an empty database.
pub(super) fn create_tables_of(tx: &Connection, version: i32) -> rusqlite::Result<()> {
    tx.execute_batch(TABLES)?;
    let n_added = usize::try_from(version - 1).unwrap_or(0).min(ADDED.len());
    tx.execute_batch(&ADDED[..n_added].concat())?;
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    tx.pragma_update(None, "user_version", version)
}

/// Adds to the tables what later versions have.
pub(super) fn upgrade_tables(tx: &Connection) -> rusqlite::Result<()> {
    // Another writer may have done it meanwhile.
    let version: i32 = tx.pragma_query_value(None, "user_version", |row| row.get(0))?;
    for (before, added) in (1..).zip(ADDED) {
        if version <= before {
            tx.execute_batch(added)?;
        }
    }
    tx.pragma_update(None, "user_version", FORMAT_VERSION.max(version))
}

/// Tells whether an error may come from files that could not be made beside the catalog.
fn is_lack_of_room(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure | ErrorCode::CannotOpen)
    )
}

fn immutable_uri(path: &Path) -> String {
    let as_it_may_stand = |byte: &u8| match byte {
        b'/' | b'-' | b'_' | b'.' => String::from(char::from(*byte)),
        byte if byte.is_ascii_alphanumeric() => String::from(char::from(*byte)),
        byte => format!("%{byte:02X}"),
    };
    let path: String = path.as_os_str().as_bytes().iter().map(as_it_may_stand).collect();
    format!("file:{path}?immutable=1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Diagnose;

    #[test]
    fn an_answer_from_a_file_that_keeps_changing_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("catalog.db");
        fsio::create_file(&path, fsio::Mode::Private).unwrap();
        Catalog::new(path.clone(), true).create_tables().unwrap();
        let reading = Catalog::new(path.clone(), false);
        let n_asked = std::cell::Cell::new(0);
        let read_while_changing = |n_changes: usize| {
            n_asked.set(0);
            reading.read(|connection| {
                n_asked.set(n_asked.get() + 1);
                if n_asked.get() <= n_changes {
                    let writing = Catalog::new(path.clone(), true);
                    let sql =
                        format!("INSERT INTO meta VALUES ('{n_changes} {}', '')", n_asked.get());
                    writing.write(|tx| tx.execute(&sql, [])).unwrap();
                }
                connection.query_row("SELECT count(*) FROM meta", [], |row| row.get::<_, i64>(0))
            })
        };
        assert_eq!(read_while_changing(0).unwrap(), 0);
        // Too late for the first attempt, seen by the second.
        assert_eq!(read_while_changing(1).unwrap(), 1);
        assert_eq!(n_asked.get(), 2);
        let error = read_while_changing(MAX_ATTEMPTS).unwrap_err();
        assert_eq!(error.causes()[0].code, "lake.catalog_busy");
    }

    /// Makes a catalog in which `meta` has one key.
    fn catalog_with(path: &Path, key: &str) -> Catalog {
        fsio::create_file(path, fsio::Mode::Private).unwrap();
        let catalog = Catalog::new(path.to_owned(), true);
        catalog.create_tables().unwrap();
        catalog.write(|tx| tx.execute("INSERT INTO meta VALUES (?1, '')", [key])).unwrap();
        catalog
    }

    fn keys(catalog: &Catalog) -> String {
        let query = "SELECT group_concat(key ORDER BY key) FROM meta";
        catalog.read(|connection| connection.query_row(query, [], |row| row.get(0))).unwrap()
    }

    /// Whether the catalog is asked through the connection that was marked, if any was.
    fn is_marked(connection: &Connection) -> rusqlite::Result<bool> {
        connection.table_exists(Some("temp"), "mark")
    }

    #[test]
    fn uses_share_a_connection_only_while_it_is_held_and_after_success() {
        let folder = tempfile::tempdir().unwrap();
        let catalog = catalog_with(&folder.path().join("catalog.db"), "a");
        let mark = |tx: &Connection| tx.execute_batch("CREATE TEMP TABLE IF NOT EXISTS mark (a)");
        catalog.write(mark).unwrap();
        assert!(!catalog.read(is_marked).unwrap(), "not held");
        let hold = catalog.hold();
        let other = catalog.hold();
        catalog.write(mark).unwrap();
        assert!(catalog.read(is_marked).unwrap());
        drop(other);
        assert!(catalog.write(is_marked).unwrap(), "held by one still");
        // One within another.
        let inner = catalog.read(|outer| Ok((is_marked(outer)?, keys(&catalog)))).unwrap();
        assert_eq!(inner, (true, "a".to_owned()));
        // A failure may leave anything behind.
        catalog.write(mark).unwrap();
        catalog.write(|tx| tx.execute("INSERT INTO meta VALUES ('a', '')", [])).unwrap_err();
        assert!(!catalog.read(is_marked).unwrap());
        let refused = catalog.read(|connection| connection.execute("DELETE FROM meta", []));
        refused.unwrap_err();
        assert_eq!(keys(&catalog), "a");
        catalog.write(mark).unwrap();
        drop(hold);
        assert!(!catalog.read(is_marked).unwrap());
    }

    #[test]
    fn a_connection_that_is_held_is_not_used_for_the_file_before() {
        let folder = tempfile::tempdir().unwrap();
        let [path, next] = ["catalog.db", "next.db"].map(|name| folder.path().join(name));
        let catalog = catalog_with(&path, "before");
        let _hold = catalog.hold();
        assert_eq!(keys(&catalog), "before");
        catalog_with(&next, "after");
        fsio::move_into_place(&next, &path).unwrap();
        assert_eq!(keys(&catalog), "after");
        catalog.write(|tx| tx.execute("INSERT INTO meta VALUES ('more', '')", [])).unwrap();
        assert_eq!(keys(&Catalog::new(path, true)), "after,more");
    }

    #[test]
    fn every_byte_of_a_path_survives_in_a_uri() {
        let uri = immutable_uri(Path::new("/a b/湖?#%.db"));
        assert_eq!(uri, "file:/a%20b/%E6%B9%96%3F%23%25.db?immutable=1");
    }
}
