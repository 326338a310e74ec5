//! Named queries: their heads, parameters and what they return, from `queries/` and from a
//! workspace. No engine: the SQL is text here.

mod bind;
mod catalogue;
mod column;
mod error;
mod head;
mod list;
mod names;
mod sql;
mod types;

use crate::diag::Lang;
use crate::model::text_enum;

pub use bind::bind;
pub use catalogue::Catalogue;
pub use column::{
    Beside, ColumnFormat, ColumnUnit, ColumnValues, ReferenceList, ReturnColumn, unit_of_comment,
};
pub use error::QueryError;
pub use head::{Head, Param, Several};
pub use types::{ColumnType, ParamType, ParamValue};

text_enum! {
    /// Where a query comes from.
    QueryOrigin {
        /// Compiled in.
        Builtin = "builtin",
        /// A file of the workspace, which may replace a built-in query of the same id.
        Workspace = "workspace",
    }
}

/// One statement with the head that describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// Its path below `queries/`, without ending: `aggregation/by_department`.
    pub id: String,
    /// The whole file, head included; it runs as it stands.
    pub sql: String,
    /// What the head says.
    pub head: Head,
    /// Where it comes from.
    pub origin: QueryOrigin,
}

impl Query {
    /// Reads a query from the text of its file.
    ///
    /// Checks that the head is complete and that the statement names exactly the parameters that the
    /// head declares.
    pub fn parse(id: &str, text: &str, origin: QueryOrigin) -> Result<Self, QueryError> {
        let head = head::parse_head(&file_of(id), text)?;
        sql::check_parameters(&file_of(id), text, &head)?;
        Ok(Self { id: id.to_owned(), sql: text.to_owned(), head, origin })
    }

    /// Returns the file that it was read from, as messages name it.
    pub fn file(&self) -> String {
        file_of(&self.id)
    }

    /// Returns the last part of the id: the name by which other queries read a view.
    pub fn name(&self) -> &str {
        names::bare(&self.id)
    }

    /// Returns the statement without the semicolon at its end, as it stands inside another one.
    pub fn select(&self) -> &str {
        self.sql.trim_end().trim_end_matches(';').trim_end()
    }

    /// Returns what the query answers, in one line.
    pub fn summary(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.head.summary,
            Lang::Zh => &self.head.summary_zh,
        }
    }
}

fn file_of(id: &str) -> String {
    format!("queries/{id}.sql")
}
