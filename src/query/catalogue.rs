//! All queries and views that can be used: built in, and from a workspace.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use crate::model::Departments;
use crate::query::list::{QUERIES, Source, VIEWS};
use crate::query::names::{bare, resolve};
use crate::query::{Query, QueryError, QueryOrigin};

/// Ids of views begin with this.
const VIEW_FOLDER: &str = "views/";
/// The view of figures that questions are built on.
const LATEST: &str = "observations_latest";
/// The same as its file has it, whatever [`LATEST`] stands for.
const AS_REPORTED: &str = "observations_as_reported";
/// What [`LATEST`] stands for where figures are shown under comparable departments.
const COMPARABLE: &str = "observations_comparable";

/// Queries by id and views by name.
#[derive(Debug, Clone)]
pub struct Catalogue {
    queries: BTreeMap<String, Kept>,
    views: BTreeMap<String, Kept>,
}

/// A query, or a built-in one that is parsed when it is asked for: most commands need one of 65.
#[derive(Debug, Clone)]
enum Kept {
    Parsed(Box<Query>),
    Builtin(Source, OnceLock<Box<Query>>),
}

impl Kept {
    fn builtin(source: &Source) -> Self {
        Self::Builtin(*source, OnceLock::new())
    }

    fn query(&self) -> &Query {
        match self {
            Self::Parsed(query) => query,
            Self::Builtin((id, text), parsed) => parsed.get_or_init(|| {
                let query = Query::parse(id, text, QueryOrigin::Builtin);
                Box::new(query.unwrap_or_else(|error| unreachable!("a test reads `{id}`: {error}")))
            }),
        }
    }
}

impl Catalogue {
    /// Returns the queries and views that are compiled in.
    #[must_use]
    pub fn builtin() -> Self {
        let queries = QUERIES.iter().map(|source| (source.0.to_owned(), Kept::builtin(source)));
        let views = VIEWS.iter().map(|source| (bare(source.0).to_owned(), Kept::builtin(source)));
        let mut catalogue = Self { queries: queries.collect(), views: views.collect() };
        catalogue.name_again(LATEST, AS_REPORTED);
        catalogue
    }

    /// Adds the queries of a workspace, given as ids (the path below its `queries/` without ending)
    /// and texts. Ids that begin with `views/` are views.
    ///
    /// One with the id of a built-in query replaces it and shows so by its origin.
    pub fn with_workspace(mut self, files: Vec<(String, String)>) -> Result<Self, QueryError> {
        // A test checks those that are built in.
        if files.is_empty() {
            return Ok(self);
        }
        for (id, text) in files {
            self.add(Query::parse(&id, &text, QueryOrigin::Workspace)?);
        }
        self.name_again(LATEST, AS_REPORTED);
        self.check_views()?;
        Ok(self)
    }

    /// Has everything that reads `observations_latest` show figures under the departments chosen.
    #[must_use]
    pub fn with_departments(mut self, departments: Departments) -> Self {
        let source = match departments {
            Departments::AsReported => AS_REPORTED,
            Departments::Comparable => COMPARABLE,
        };
        self.name_again(source, LATEST);
        self
    }

    /// Returns a query by its id, or by the last part of it where only one has it.
    pub fn get(&self, wanted: &str) -> Result<&Query, QueryError> {
        match resolve(wanted, self.queries.keys().map(String::as_str)) {
            Ok(id) => Ok(self.queries[id].query()),
            Err(QueryError::Unknown { wanted, similar }) if similar.is_empty() => {
                let similar = self.titled(&wanted);
                Err(QueryError::Unknown { wanted, similar })
            }
            Err(error) => Err(error),
        }
    }

    /// Returns the ids of questions with some words in their titles, as 接而未汇.
    fn titled(&self, words: &str) -> Vec<String> {
        const MOST: usize = 5;
        let words = words.trim().to_lowercase();
        let has = |title: &str| title.to_lowercase().contains(&words);
        let found = self.queries().filter(|query| {
            !words.is_empty() && (has(&query.head.summary_zh) || has(&query.head.summary))
        });
        found.take(MOST).map(|query| query.id.clone()).collect()
    }

    /// Returns every query that can be asked, by id.
    pub fn queries(&self) -> impl Iterator<Item = &Query> {
        self.queries.values().map(Kept::query)
    }

    /// Returns every view, each after the views that it reads.
    pub fn views(&self) -> Vec<&Query> {
        self.views_named(self.views.keys().map(String::as_str))
    }

    /// Returns the views that a query reads, directly or through others, each after those that it
    /// reads.
    pub fn views_for(&self, query: &Query) -> Vec<&Query> {
        self.views_named(query.head.reads.iter().map(String::as_str))
    }

    /// Returns the name of the view that is called so in SQL, where case does not count.
    pub fn view_called(&self, name: &str) -> Option<&str> {
        self.views.keys().map(String::as_str).find(|known| known.eq_ignore_ascii_case(name))
    }

    /// Returns some views by their names, with those that they read, each after those that it reads. Names
    /// of no view are passed over.
    pub fn views_named<'a>(&self, names: impl Iterator<Item = &'a str>) -> Vec<&Query> {
        let mut ordered = Vec::new();
        let mut seen = BTreeSet::new();
        for name in names {
            self.visit(name, &mut seen, &mut ordered);
        }
        ordered
    }

    /// Returns the tables, not views, that a query reads, directly or through views.
    pub fn tables_for(&self, query: &Query) -> BTreeSet<&str> {
        let views = self.views_for(query);
        let own = self.queries.get(&query.id).or_else(|| self.views.get(query.name()));
        let own = own.map(Kept::query);
        let direct = own.filter(|own| own.id == query.id).into_iter();
        let reads = direct.chain(views).flat_map(|query| &query.head.reads);
        reads.map(String::as_str).filter(|name| !self.views.contains_key(*name)).collect()
    }

    fn add(&mut self, query: Query) {
        let (to, name) = if query.id.starts_with(VIEW_FOLDER) {
            (&mut self.views, query.name().to_owned())
        } else {
            (&mut self.queries, query.id.clone())
        };
        to.insert(name, Kept::Parsed(Box::new(query)));
    }

    /// Gives what a view says a second name.
    fn name_again(&mut self, view: &str, name: &str) {
        if let Some(view) = self.views.get(view).map(Kept::query) {
            let again = Query { id: format!("{VIEW_FOLDER}{name}"), ..view.clone() };
            self.add(again);
        }
    }

    fn visit<'a>(&'a self, name: &str, seen: &mut BTreeSet<&'a str>, to: &mut Vec<&'a Query>) {
        let Some(view) = self.views.get(name).map(Kept::query) else { return };
        if seen.insert(view.name()) {
            for read in &view.head.reads {
                self.visit(read, seen, to);
            }
            to.push(view);
        }
    }

    /// Views have no parameters and never read themselves, through whatever others.
    fn check_views(&self) -> Result<(), QueryError> {
        for view in self.views.values().map(Kept::query) {
            if let Some(param) = view.head.params.first() {
                return Err(QueryError::ViewParameter {
                    file: view.file(),
                    parameter: param.name.clone(),
                });
            }
        }
        // After ordering, a view that stands before one that it reads is part of a circle.
        let ordered = self.views();
        let place = |name: &str| ordered.iter().position(|view| view.name() == name);
        for (idx, view) in ordered.iter().enumerate() {
            let later = |read: &&String| place(read).is_some_and(|at| at >= idx);
            if let Some(read) = view.head.reads.iter().find(later) {
                return Err(QueryError::ViewCircle { file: view.file(), view: read.clone() });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(id: &str, reads: &str) -> (String, String) {
        let text = format!(
            "/*---\nsummary = \"s\"\nsummary_zh = \"s\"\nreads = [{reads}]\norder = [\"x\"]\n\
             [returns]\nx = \"int\"\n---*/\nSELECT 1 AS x ORDER BY x;\n"
        );
        (id.to_owned(), text)
    }

    fn catalogue(files: &[(&str, &str)]) -> Result<Catalogue, QueryError> {
        let empty = Catalogue { queries: BTreeMap::new(), views: BTreeMap::new() };
        empty.with_workspace(files.iter().map(|(id, reads)| file(id, reads)).collect())
    }

    fn names<'a>(queries: impl IntoIterator<Item = &'a Query>) -> String {
        queries.into_iter().map(Query::name).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn everything_built_in_can_be_read() {
        let catalogue = Catalogue::builtin();
        catalogue.check_views().unwrap();
        assert_eq!(catalogue.queries().count(), QUERIES.len());
        // One has two names.
        assert_eq!(catalogue.views().len(), VIEWS.len() + 1);
        for query in catalogue.queries() {
            assert_eq!(query.origin, QueryOrigin::Builtin);
            assert!(!query.head.order.is_empty(), "{} has no order", query.id);
        }
        let ids: Vec<&str> = QUERIES.iter().chain(VIEWS).map(|(id, _)| *id).collect();
        assert!(QUERIES.is_sorted() && VIEWS.is_sorted(), "{ids:?}");
    }

    #[test]
    fn only_what_a_query_reads_is_needed_for_it() {
        let files = [
            ("a/q", "\"late\", \"departments\""),
            ("views/early", "\"observations\""),
            ("views/late", "\"early\", \"session\""),
            ("views/other", "\"late\""),
        ];
        let catalogue = catalogue(&files).unwrap();
        let query = catalogue.get("q").unwrap();
        assert_eq!(names(catalogue.views_for(query)), "early late");
        assert_eq!(names(catalogue.views()), "early late other");
        let tables: Vec<&str> = catalogue.tables_for(query).into_iter().collect();
        assert_eq!(tables, ["departments", "observations", "session"]);
    }

    #[test]
    fn figures_are_read_from_the_view_that_was_chosen() {
        let read = |departments: Departments| {
            let catalogue = Catalogue::builtin().with_departments(departments);
            let query = catalogue.get("aggregation/by_department").unwrap();
            names(catalogue.views_for(query))
        };
        assert_eq!(
            read(Departments::AsReported),
            "observations_latest cells_by_period aggregation_by_period"
        );
        assert_eq!(
            read(Departments::Comparable),
            "observations_as_reported succession_parts observations_latest cells_by_period aggregation_by_period"
        );
        let files = vec![file("views/observations_latest", "\"totals\"")];
        let own = Catalogue::builtin().with_workspace(files).unwrap();
        let own = own.with_departments(Departments::Comparable);
        let query = own.get("aggregation/by_department").unwrap();
        assert!(own.tables_for(query).contains("totals"), "the workspace's figures are combined");
    }

    #[test]
    fn lists_of_returns_have_the_records_that_their_summary_counts() {
        let catalogue = Catalogue::builtin();
        let [summary, parts, rows] = ["returned", "returned_parts", "returned_rows"]
            .map(|name| catalogue.get(&format!("aggregation/{name}")).unwrap());
        let conditions = |query: &Query, names: &[&str]| -> Vec<String> {
            let lines = query.sql.lines().map(|line| {
                let line = line.trim_start();
                line.strip_prefix("WHERE ").or_else(|| line.strip_prefix("AND ")).unwrap_or("")
            });
            let of_one = |line: &&str| names.iter().any(|name| line.contains(&format!("${name} ")));
            lines.filter(of_one).map(str::to_owned).collect()
        };
        let params = |query: &Query, names: &[&str]| -> Vec<_> {
            let params = query.head.params.iter().cloned();
            params.filter(|param| names.contains(&param.name.as_str())).collect()
        };
        // A part of a file has one department and one batch.
        for (list, names) in [
            (parts, &["department", "batch", "rule", "profile", "since", "until"][..]),
            (rows, &["rule", "profile", "since", "until"]),
        ] {
            assert_eq!(params(list, names), params(summary, names), "{}", list.id);
            assert_eq!(conditions(list, names), conditions(summary, names), "{}", list.id);
            assert_eq!(conditions(list, names).len(), names.len(), "{}", list.id);
        }
        let open = "($closed OR rec.closed_by IS NULL)";
        assert!(parts.sql.contains(open) && rows.sql.contains(open));
    }

    #[test]
    fn views_that_read_each_other_are_refused() {
        let files = [("views/a", "\"b\""), ("views/b", "\"c\""), ("views/c", "\"a\"")];
        let error = catalogue(&files).unwrap_err();
        assert!(matches!(error, QueryError::ViewCircle { .. }), "{error}");
        assert!(catalogue(&[("views/a", "\"a\"")]).is_err());
    }

    #[test]
    fn a_workspace_query_replaces_a_built_in_one_and_says_so() {
        let files = vec![file("quality/totals", "\"totals\""), file("own/new", "")];
        let catalogue = Catalogue::builtin().with_workspace(files).unwrap();
        assert_eq!(catalogue.get("quality/totals").unwrap().origin, QueryOrigin::Workspace);
        assert_eq!(catalogue.get("new").unwrap().head.summary, "s");
        assert_eq!(catalogue.queries().count(), QUERIES.len() + 1);
    }
}
