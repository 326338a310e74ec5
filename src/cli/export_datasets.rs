//! Which datasets are exported, and what of them may leave.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;

use arrow::array::RecordBatch;

use crate::cli::args::ExportArgs;
use crate::cli::export::failure;
use crate::cli::failure::Failure;
use crate::cli::names::with_ids;
use crate::cli::query::follows_as_of;
use crate::cli::session::Session;
use crate::diag::{Lang, Message, nearest_names, word};
use crate::engine::{DuckDb, EngineError, Tables, table_names};
use crate::export::{
    Column, Dataset, Guard, Lacking, Reference, RowFilter, Rows, Shape, StoredFile,
    columns_of_batch, columns_of_query, columns_of_table, hide_small_cells, reshape,
};
use crate::model::ShownOrigin;
use crate::query::{Query, QueryOrigin, bind};
use crate::table::{FIGURE_KEY, LakeTable, stored_schema_of};

/// The dataset of published figures, and the view that it is.
const FIGURES: &str = "figures";
const FIGURES_VIEW: &str = "observations_latest";
/// Reference tables that figures refer to, in the order in which shapes take them.
const REFERENCES: [&str; 3] = ["indicators", "departments", "regions"];
/// Tables of the catalog that are exported. The log of the lake is not: it names files of whatever kind.
const CATALOG_TABLES: [&str; 2] = ["batches", "batch_files"];
/// By these columns rows are known to be records.
const RECORD_COLUMNS: [&str; 3] = ["record_key", "source_row", "project_no"];
/// The note of a reference table beside rows that were chosen.
pub(super) const WHOLE: &str = "export.whole";
/// The note of a dataset in which counts are hidden.
const SMALL_CELLS: &str = "export.small_cells";

/// What a name stands for.
enum Source<'a> {
    /// A table of the lake with figures, or with what documents say.
    Stated(LakeTable),
    /// A table of the lake with records, read from its files.
    Records(LakeTable),
    /// A table that is small: of reference data or of the catalog.
    Small(&'a str),
    /// A view.
    View(&'a Query),
}

/// Plans the datasets of an export.
pub(super) struct Planner<'a> {
    session: &'a Session,
    args: &'a ExportArgs,
    filter: RowFilter,
    tables: Vec<(String, Source<'a>)>,
    queries: Vec<&'a Query>,
    has_figures: bool,
    has_references: bool,
    is_cancelled: &'a AtomicBool,
}

impl<'a> Planner<'a> {
    /// Finds what is asked for. Fails where a name stands for nothing, or for what may not leave.
    pub(super) fn new(
        session: &'a Session,
        args: &'a ExportArgs,
        filter: RowFilter,
        is_cancelled: &'a AtomicBool,
    ) -> Result<Self, Failure> {
        let is_default = args.tables.is_empty() && args.queries.is_empty();
        let has_figures = is_default || args.tables.iter().any(|name| name == FIGURES);
        if args.shape != Shape::Long && !has_figures {
            let message = Message::new("export.shape_without_figures").with("shape", args.shape);
            return Err(Failure::usage(message));
        }
        let mut planner = Self {
            session,
            args,
            filter,
            tables: Vec::new(),
            queries: Vec::new(),
            has_figures,
            has_references: is_default || args.shape != Shape::Long,
            is_cancelled,
        };
        for name in args.tables.iter().filter(|name| *name != FIGURES) {
            planner.add_table(name)?;
        }
        for name in &args.queries {
            let query = session.catalogue.get(name)?;
            planner.check_query(query, query.id.as_str())?;
            planner.queries.push(query);
        }
        planner.check_filter()?;
        planner.check_own()?;
        planner.check_params()?;
        Ok(planner)
    }

    /// Returns what the engine has to have.
    pub(super) fn tables(&self) -> Result<Tables, Failure> {
        let mut names: BTreeSet<&str> = BTreeSet::new();
        if self.has_figures {
            names.insert(FIGURES_VIEW);
        }
        for (name, source) in &self.tables {
            if !matches!(source, Source::Records(_)) {
                names.insert(name.as_str());
            }
        }
        let published_only = !self.args.unpublished;
        self.session.tables_to_export(&self.queries, &names, (&self.args.snapshot, published_only))
    }

    /// Returns the datasets; those of questions and of figures with their rows.
    pub(super) fn datasets(&self, duckdb: &DuckDb) -> Result<Vec<Dataset>, Failure> {
        let mut datasets = Vec::new();
        if self.has_figures {
            datasets.extend(self.figures(duckdb)?);
        }
        for (name, source) in &self.tables {
            datasets.extend(self.of_table(duckdb, name, source)?);
        }
        for query in &self.queries {
            datasets.push(self.of_query(duckdb, query)?);
        }
        note_those_together(&mut datasets);
        Ok(datasets)
    }

    fn add_table(&mut self, name: &'a str) -> Result<(), Failure> {
        let source = self.source_of(name)?;
        let refused = |code| Failure::user(Message::new(code).with("dataset", name));
        match &source {
            Source::Records(_) | Source::Small("batch_files") if !self.args.records => {
                return Err(refused("export.records_needed"));
            }
            Source::View(view) => self.check_query(view, name)?,
            _ => {}
        }
        let is_of_lake = matches!(source, Source::Stated(_) | Source::Records(_));
        if is_of_lake && self.args.snapshot.as_of.is_some() {
            return Err(Failure::usage(Message::new("export.as_of_ignored").with("dataset", name)));
        }
        self.tables.push((name.to_owned(), source));
        Ok(())
    }

    /// Refuses a choice of rows where only reference tables are asked for, which have none.
    fn check_filter(&self) -> Result<(), Failure> {
        let is_reference = |(_, source): &(String, Source<'_>)| match source {
            Source::Small(table) => !CATALOG_TABLES.contains(table),
            _ => false,
        };
        let has_others = self.has_figures || !self.queries.is_empty();
        if self.filter.is_all() || has_others || !self.tables.iter().all(is_reference) {
            return Ok(());
        }
        let names = self.tables.iter().map(|(name, _)| name);
        Err(Failure::user(Message::new("export.filter_references").with_list("datasets", names)))
    }

    fn source_of(&self, name: &'a str) -> Result<Source<'a>, Failure> {
        let session = self.session;
        let is_own = |table: &LakeTable| !table.is_personal();
        if let Some(table) = LakeTable::parse(name).filter(is_own) {
            let is_of_records = table.holds_records();
            return Ok(if is_of_records { Source::Records(table) } else { Source::Stated(table) });
        }
        if let Some(view) = session.catalogue.views().into_iter().find(|view| view.name() == name) {
            return Ok(Source::View(view));
        }
        if CATALOG_TABLES.contains(&name) || session.refdata.tables().any(|it| it.name == name) {
            return Ok(Source::Small(name));
        }
        let views = session.catalogue.views();
        let of_lake = LakeTable::ALL.iter().copied().filter(is_own).map(LakeTable::as_str);
        let mut known: Vec<&str> = of_lake.chain(CATALOG_TABLES).chain([FIGURES]).collect();
        known.extend(views.iter().map(|view| view.name()));
        known.extend(session.refdata.tables().map(|table| table.name));
        let others = table_names(&session.refdata).into_iter().filter(|it| !known.contains(it));
        let others: Vec<&str> = others.collect();
        let near = nearest_names(name, known.into_iter());
        let refused = |code| Message::new(code).with("name", name);
        let message = match (others.contains(&name), near.is_empty()) {
            (true, true) => refused("export.table_sql_only"),
            (true, false) => refused("export.table_sql_only").advised("export.table_sql_only_near"),
            (false, true) => refused("export.table_unknown").with_list("others", others),
            (false, false) => refused("export.table_unknown_near"),
        };
        Err(Failure::user(message.with_list("nearest", near)))
    }

    /// Whether a question or view reads records, directly or through views.
    fn reads_records(&self, query: &Query) -> bool {
        let tables = self.session.catalogue.tables_for(query);
        tables.iter().any(|name| LakeTable::parse(name).is_some_and(LakeTable::holds_records))
    }

    /// Whether its rows are records, or may be: those of a workspace can call their columns as they like.
    fn may_be_records(&self, query: &Query) -> bool {
        let returns = &query.head.returns;
        let is_named = returns.iter().any(|column| RECORD_COLUMNS.contains(&column.name.as_str()));
        let views = self.session.catalogue.views_for(query);
        let is_typed = query.origin == QueryOrigin::Workspace
            || views.iter().any(|view| view.origin == QueryOrigin::Workspace);
        self.reads_records(query) && (is_named || is_typed)
    }

    /// Refuses a question or view whose rows may not leave, or that does not follow a choice.
    fn check_query(&self, query: &Query, name: &str) -> Result<(), Failure> {
        let refused = |code| Failure::user(Message::new(code).with("dataset", name));
        if self.may_be_records(query) && !self.args.records {
            return Err(refused("export.records_needed"));
        }
        if self.reads_records(query) && !self.is_record_view(query) && !self.args.unpublished {
            return Err(refused("export.unpublished_needed"));
        }
        if self.args.snapshot.as_of.is_some() && !follows_as_of(self.session, query) {
            return Err(Failure::usage(Message::new("export.as_of_ignored").with("dataset", name)));
        }
        Ok(())
    }

    /// Whether a question or view is that of the workspace, or reads such a one.
    fn is_own(&self, query: &Query) -> bool {
        let views = self.session.catalogue.views_for(query);
        let mut all = views.into_iter().chain([query]);
        all.any(|query| query.origin == QueryOrigin::Workspace)
    }

    /// Refuses questions and views of a workspace beside what has records in its tables: all are asked in one
    /// engine, and what somebody wrote may read more than its head says.
    fn check_own(&self) -> Result<(), Failure> {
        if self.args.records {
            return Ok(());
        }
        let views = self.tables.iter().filter_map(|(name, source)| match source {
            Source::View(view) => Some((name.as_str(), *view)),
            _ => None,
        });
        let queries = self.queries.iter().map(|query| (query.id.as_str(), *query));
        let mut asked: Vec<(&str, &Query)> = views.chain(queries).collect();
        if self.has_figures {
            asked.extend(self.figures_view().map(|view| (FIGURES, view)));
        }
        let own = asked.iter().find(|(_, query)| self.is_own(query));
        let of_records = asked.iter().find(|(_, query)| self.reads_records(query));
        match (own, of_records) {
            (Some((name, _)), Some((other, _))) => Err(Failure::user(
                Message::new("export.own_beside_records")
                    .with("dataset", name)
                    .with("other", other),
            )),
            _ => Ok(()),
        }
    }

    /// Whether the rows of a view are records, as those of the lake are: they are no figures.
    fn is_record_view(&self, query: &Query) -> bool {
        let returns = &query.head.returns;
        let is_named = returns.iter().any(|column| RECORD_COLUMNS.contains(&column.name.as_str()));
        is_named && self.reads_records(query)
    }

    fn check_params(&self) -> Result<(), Failure> {
        let has = |name: &str| {
            self.queries.iter().any(|query| query.head.params.iter().any(|it| it.name == name))
        };
        let lost = self.args.params.iter().find(|(name, _)| !has(name));
        match (lost, self.queries.first()) {
            // Says which parameters there are.
            (Some(pair), Some(query)) => Ok(bind(query, std::slice::from_ref(pair)).map(drop)?),
            _ => Ok(()),
        }
    }

    /// Returns the filter of a dataset. Fails where it has no columns to choose its rows by: more would leave
    /// than was asked for.
    fn filter_for(&self, name: &str, columns: &[Column]) -> Result<RowFilter, Failure> {
        check_fits(&self.filter, name, columns)?;
        Ok(self.filter.clone())
    }

    fn figures_view(&self) -> Option<&'a Query> {
        let views = self.session.catalogue.views();
        views.into_iter().find(|view| view.name() == FIGURES_VIEW)
    }

    fn figures(&self, duckdb: &DuckDb) -> Result<Vec<Dataset>, Failure> {
        let Some(view) = self.figures_view() else {
            return Err(Failure::internal(
                Message::new("export.table_unknown").with("name", FIGURES_VIEW),
            ));
        };
        let mut figures = self.of_view(duckdb, FIGURES, view)?;
        let refers = |column: &str, dataset: &str| Reference {
            column: column.to_owned(),
            dataset: dataset.to_owned(),
            key: column.to_owned(),
        };
        if !self.has_references {
            return Ok(vec![figures]);
        }
        figures.references = vec![refers("department", "departments"), refers("region", "regions")];
        let references = REFERENCES.map(|name| self.reference(name));
        let [indicators, departments, regions] = references;
        let references = [indicators?, departments?, regions?];
        Ok(reshape(self.args.shape, figures, references)?)
    }

    fn of_table(
        &self,
        duckdb: &DuckDb,
        name: &str,
        source: &Source<'_>,
    ) -> Result<Vec<Dataset>, Failure> {
        Ok(match source {
            Source::View(view) => vec![self.of_view(duckdb, name, view)?],
            Source::Small(table) if CATALOG_TABLES.contains(table) => {
                let dataset = held(Self::described(name, Vec::new()), scanned(duckdb, name, &[])?);
                let filter = self.filter_for(name, &dataset.columns)?;
                vec![Dataset { filter, ..dataset }]
            }
            Source::Small(table) => vec![self.reference(table)?],
            Source::Stated(table) => vec![self.stated(duckdb, *table)?],
            Source::Records(table) => {
                let mut datasets = vec![self.stored(*table, &self.filter)?];
                if self.args.pseudonyms {
                    let personal = match table {
                        LakeTable::Cases => Some(LakeTable::CasesPii),
                        LakeTable::Evaluations => Some(LakeTable::EvaluationsPii),
                        _ => None,
                    };
                    let personal = personal.map(|it| self.stored(it, &RowFilter::default()));
                    datasets.extend(personal.transpose()?);
                }
                datasets
            }
        })
    }

    fn described(name: &str, columns: Vec<Column>) -> Dataset {
        let code = format!("table.{name}");
        let title = |lang| {
            let title = word(&code, lang);
            if title == code { name.to_owned() } else { title }
        };
        Dataset {
            name: name.to_owned(),
            title: [title(Lang::En), title(Lang::Zh)],
            columns,
            key: Vec::new(),
            references: Vec::new(),
            rows: Rows::Held(Vec::new()),
            filter: RowFilter::default(),
            notes: Vec::new(),
        }
    }

    /// Returns a reference table, which is exported whole, and says so where rows of others are chosen.
    fn reference(&self, name: &str) -> Result<Dataset, Failure> {
        let table = self.session.refdata.tables().find(|table| table.name == name);
        let Some(table) = table else {
            return Err(Failure::user(Message::new("export.table_unknown").with("name", name)));
        };
        let rows = crate::table::reference_batch(table);
        let columns = columns_of_table(table, &rows);
        let is_required =
            |key: &String| columns.iter().any(|column| column.name == *key && !column.is_nullable);
        let key = table.sidecar.key.clone();
        let key = if key.iter().all(is_required) { key } else { Vec::new() };
        let described = Self::described(name, columns);
        let title = [table.sidecar.row.clone(), described.title[1].clone()];
        let whole = (!self.filter.is_all()).then(|| Message::new(WHOLE));
        let notes = whole.into_iter().collect();
        Ok(Dataset { key, title, rows: Rows::Held(vec![rows]), notes, ..described })
    }

    /// Returns a table of figures, or of what documents say: with unpublished ones among them in memory, so that
    /// small counts can be left out.
    fn stated(&self, duckdb: &DuckDb, table: LakeTable) -> Result<Dataset, Failure> {
        let columns = columns_of_batch(&stored_schema_of(table));
        let filter = self.filter_for(table.as_str(), &columns)?;
        let dataset = Dataset { filter, ..Self::described(table.as_str(), columns) };
        if !self.args.unpublished {
            let rows = Rows::Scanned { table: table.as_str().to_owned() };
            return Ok(Dataset { rows, ..dataset });
        }
        let mut dataset = held(dataset, scanned(duckdb, table.as_str(), &[])?);
        if table == LakeTable::Observations {
            let by = FIGURE_KEY.map(str::to_owned);
            self.hide_small(&mut dataset, Guard::Stated, &by)?;
        }
        Ok(dataset)
    }

    fn stored(&self, table: LakeTable, filter: &RowFilter) -> Result<Dataset, Failure> {
        let snapshot = &self.session.snapshot;
        let columns = columns_of_batch(&stored_schema_of(table));
        check_fits(filter, table.as_str(), &columns)?;
        let files = snapshot.files.get(&table).into_iter().flatten();
        let files = files.map(|path| StoredFile {
            path: path.clone(),
            blake3: snapshot.hash_of(path).map(str::to_owned).unwrap_or_default(),
        });
        let rows = Rows::Stored { table, files: files.collect() };
        let filter = filter.clone();
        Ok(Dataset { rows, filter, ..Self::described(table.as_str(), columns) })
    }

    fn of_view(&self, duckdb: &DuckDb, name: &str, view: &Query) -> Result<Dataset, Failure> {
        let columns = columns_of_query(view);
        let filter = self.filter_for(name, &columns)?;
        let dataset =
            Dataset { title: self.title_of(view), filter, ..Self::described(name, columns) };
        if self.is_record_view(view) {
            // Millions of rows, in the order in which they come.
            let rows = Rows::Scanned { table: view.name().to_owned() };
            return Ok(Dataset { rows, ..dataset });
        }
        let rows = scanned(duckdb, view.name(), &view.head.order)?;
        let dataset = Dataset { rows: Rows::Held(rows), ..dataset };
        self.guarded(view, dataset)
    }

    /// Returns what a view holds. That of figures says that they are the published ones, where they are.
    fn title_of(&self, view: &Query) -> [String; 2] {
        let origin = self.args.figures.origin;
        if view.name() == FIGURES_VIEW && origin != ShownOrigin::Published {
            let title = Message::new("export.title_of_origin").with("origin", origin);
            return [Lang::En, Lang::Zh].map(|lang| title.text(lang));
        }
        [view.head.summary.clone(), view.head.summary_zh.clone()]
    }

    fn of_query(&self, duckdb: &DuckDb, query: &Query) -> Result<Dataset, Failure> {
        let name = query.id.replace('/', "_");
        let columns = columns_of_query(query);
        let filter = self.filter_for(&query.id, &columns)?;
        let has = |name: &str| query.head.params.iter().any(|param| param.name == name);
        let given: Vec<(String, String)> =
            self.args.params.iter().filter(|(name, _)| has(name)).cloned().collect();
        let given = with_ids(&self.session.refdata, query, &given)?;
        let answer = duckdb.run(query, &bind(query, &given)?)?;
        let title = [query.head.summary.clone(), query.head.summary_zh.clone()];
        let rows = Rows::Held(answer.batches);
        let dataset = Dataset { title, rows, filter, ..Self::described(&name, columns) };
        let mut dataset = self.guarded(query, dataset)?;
        // What may be left out chooses some of all records.
        let narrows = |name: &str| {
            query.head.params.iter().any(|param| param.is_optional && param.name == name)
        };
        let chosen = given.iter().filter(|(name, _)| narrows(name));
        let chosen: Vec<String> = chosen.map(|(name, value)| format!("{name}={value}")).collect();
        if !chosen.is_empty() && hides(&dataset) {
            let note = Message::new("export.hidden_narrowed").with_list("params", chosen);
            dataset.notes.push(note);
        }
        Ok(dataset)
    }

    /// Leaves out small counts where a question or view has some that nobody published.
    fn guarded(&self, query: &Query, mut dataset: Dataset) -> Result<Dataset, Failure> {
        let has = |name: &str| dataset.columns.iter().any(|column| column.name == name);
        let guard = if self.is_record_view(query) || !self.args.unpublished {
            None
        } else if self.reads_records(query) {
            Some(Guard::Counted)
        } else {
            (has("breakdown") && has("unit")).then_some(Guard::Stated)
        };
        if let Some(guard) = guard {
            self.hide_small(&mut dataset, guard, &query.head.order)?;
        }
        Ok(dataset)
    }

    fn hide_small(
        &self,
        dataset: &mut Dataset,
        guard: Guard,
        by: &[String],
    ) -> Result<(), Failure> {
        let least = self.args.min_cell;
        let hidden = hide_small_cells(dataset, guard, by, least, self.is_cancelled);
        hidden.map(drop).map_err(failure)
    }
}

/// Fails where a dataset has no columns to choose its rows by.
fn check_fits(filter: &RowFilter, name: &str, columns: &[Column]) -> Result<(), Failure> {
    let code = match filter.lacking(columns) {
        None => return Ok(()),
        Some(Lacking::Time) => "export.filter_no_time",
        Some(Lacking::Department) => "export.filter_no_department",
    };
    Err(Failure::user(Message::new(code).with("dataset", name)))
}

/// Whether small counts were left out of a dataset.
fn hides(dataset: &Dataset) -> bool {
    dataset.notes.iter().any(|note| note.code == SMALL_CELLS)
}

/// Says of datasets that hide something, where there are several: each was looked at by itself.
fn note_those_together(datasets: &mut [Dataset]) {
    let names: Vec<String> =
        datasets.iter().filter(|it| hides(it)).map(|it| it.name.clone()).collect();
    if names.len() < 2 {
        return;
    }
    for dataset in datasets.iter_mut().filter(|dataset| hides(dataset)) {
        let others = names.iter().filter(|name| **name != dataset.name);
        let note = Message::new("export.hidden_together").with_list("datasets", others);
        dataset.notes.push(note);
    }
}

/// Returns a dataset with rows that say of which columns they are, where it does not know them yet.
fn held(dataset: Dataset, rows: Vec<RecordBatch>) -> Dataset {
    let described = dataset.columns.is_empty();
    let columns = rows.first().filter(|_| described).map(|rows| columns_of_batch(&rows.schema()));
    let columns = columns.unwrap_or_else(|| dataset.columns.clone());
    Dataset { rows: Rows::Held(rows), columns, ..dataset }
}

/// Reads a table or view of the engine.
fn scanned(duckdb: &DuckDb, name: &str, order: &[String]) -> Result<Vec<RecordBatch>, Failure> {
    let mut rows = Vec::new();
    let schema = duckdb.scan(name, order, |batch| {
        rows.push(batch);
        Ok::<(), EngineError>(())
    })?;
    if rows.is_empty() {
        rows.push(RecordBatch::new_empty(schema));
    }
    Ok(rows)
}
