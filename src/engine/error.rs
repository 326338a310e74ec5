//! Why an engine did not answer.

use std::path::PathBuf;

use crate::diag::{Diagnose, Message, impl_error};
use crate::fsio::FsError;
use crate::table::ParquetError;

/// An engine could not be set up or did not answer.
#[derive(Debug)]
pub enum EngineError {
    /// A data file could not be read.
    File(FsError),
    /// A data file does not have the content that was committed.
    FileChanged {
        /// The file.
        path: PathBuf,
    },
    /// A data file is no Parquet of its table.
    FileDamaged {
        /// The file.
        path: PathBuf,
        /// What the reader says.
        error: ParquetError,
    },
    /// The thread in which the engine started ended before it had.
    Stopped,
    /// There is no table of this name.
    TableUnknown {
        /// The name.
        table: String,
    },
    /// The query has no Polars twin.
    NoTwin {
        /// Id of the query.
        query: String,
    },
    /// The engine could not be set up.
    Setup {
        /// What the engine says.
        reason: String,
    },
    /// A statement failed.
    Statement {
        /// Id of the query, or `sql` for one that the user typed.
        query: String,
        /// What the engine says.
        reason: String,
    },
    /// A query of the workspace gives other columns than its head says.
    ReturnsDiffer {
        /// Id of the query.
        query: String,
        /// Columns that the head promises, in its order.
        promised: String,
        /// Columns that the statement gives, in its order.
        found: String,
    },
    /// A view of the workspace is no single SELECT.
    View {
        /// Its name.
        view: String,
        /// Why.
        error: Box<EngineError>,
    },
    /// A statement that the user typed cannot be parsed.
    Syntax {
        /// What the engine says.
        reason: String,
    },
    /// A statement that the user typed is no single SELECT.
    NotASelect {
        /// Number of statements that were found; 1 when it is of another kind.
        n_statements: usize,
    },
    /// A statement that the user typed calls a function that does more than read.
    FunctionRefused {
        /// The function.
        function: String,
    },
    /// A DuckDB file could not be written.
    Database {
        /// The file.
        path: PathBuf,
        /// What the engine says.
        reason: String,
    },
    /// A table does not have the columns that an analysis needs.
    Analysis {
        /// Id of the query.
        query: String,
        /// What the engine says.
        reason: String,
    },
}

impl_error!(EngineError);

impl Diagnose for EngineError {
    fn message(&self) -> Message {
        match self {
            Self::File(error) => error.message(),
            Self::FileDamaged { path, .. } | Self::FileChanged { path } => {
                Message::new("engine.file_damaged").with("path", path.display())
            }
            Self::Setup { .. } | Self::Stopped => Message::new("engine.setup"),
            Self::Database { path, .. } => {
                Message::new("engine.database").with("path", path.display())
            }
            Self::View { view, .. } => Message::new("engine.view").with("view", view),
            Self::TableUnknown { table } => {
                Message::new("engine.table_unknown").with("table", table)
            }
            Self::NoTwin { query } => Message::new("query.no_twin").with("query", query),
            Self::Statement { query, .. } => Message::new("engine.statement").with("query", query),
            Self::ReturnsDiffer { query, promised, found } => Message::new("engine.returns_differ")
                .with("query", query)
                .with("promised", promised)
                .with("found", found),
            Self::Syntax { .. } => Message::new("engine.syntax"),
            Self::NotASelect { n_statements: 0 } => Message::new("engine.no_statement"),
            Self::NotASelect { n_statements: 1 } => Message::new("engine.not_a_select"),
            Self::NotASelect { n_statements } => {
                Message::new("engine.several_statements").with("count", n_statements)
            }
            Self::FunctionRefused { function } => {
                Message::new("engine.function_refused").with("function", function)
            }
            Self::Analysis { query, .. } => Message::new("engine.analysis").with("query", query),
        }
    }

    fn causes(&self) -> Vec<Message> {
        match self {
            Self::Setup { reason }
            | Self::Database { reason, .. }
            | Self::Statement { reason, .. }
            | Self::Syntax { reason }
            | Self::Analysis { reason, .. } => {
                vec![Message::new("io.other").with("reason", reason)]
            }
            Self::View { error, .. } => {
                let mut causes = vec![error.message()];
                causes.extend(error.causes());
                causes
            }
            Self::File(error) => error.causes(),
            Self::FileDamaged { error, .. } => error.causes(),
            Self::Stopped => vec![Message::new("engine.stopped")],
            Self::NotASelect { .. }
            | Self::FunctionRefused { .. }
            | Self::ReturnsDiffer { .. }
            | Self::FileChanged { .. }
            | Self::TableUnknown { .. }
            | Self::NoTwin { .. } => Vec::new(),
        }
    }
}
