//! What `--departments comparable` says: which figures were moved, added up or left where they are,
//! and which successions are not verified.

use std::collections::{BTreeMap, BTreeSet};

use crate::cli::context::Context;
use crate::cli::explain::{Row, rows_of, text};
use crate::cli::failure::Failure;
use crate::cli::session::Session;
use crate::diag::{Lang, Message, joined, word};
use crate::engine::DuckDb;
use crate::model::Departments;
use crate::query::{Query, bind};
use crate::refdata::{Step, Successions};

/// Accounts for every department and region that a succession touches.
const ACCOUNT: &str = "quality/comparability";
/// The view that shows figures under comparable departments.
const FIGURES: &str = "observations_latest";

/// Adds the question that accounts for what is made comparable to those that are asked, where one of
/// them reads such figures.
pub(super) fn with_account<'a>(
    session: &'a Session,
    mut queries: Vec<&'a Query>,
) -> Result<Vec<&'a Query>, Failure> {
    let reads_figures = queries
        .iter()
        .any(|query| session.catalogue.views_for(query).iter().any(|view| view.name() == FIGURES));
    if session.figures.departments == Departments::Comparable && reads_figures {
        queries.push(session.catalogue.get(ACCOUNT)?);
    }
    Ok(queries)
}

/// Whether these questions account for what is made comparable.
pub(super) fn is_accounted(session: &Session, queries: &[&Query]) -> bool {
    session.figures.departments == Departments::Comparable
        && queries.last().is_some_and(|query| query.id == ACCOUNT)
}

/// Says what was made comparable, once; nothing where figures are shown as reported.
pub(super) fn tell(context: &Context, session: &Session, engine: &DuckDb) -> Result<(), Failure> {
    if session.figures.departments != Departments::Comparable {
        return Ok(());
    }
    let account = session.catalogue.get(ACCOUNT)?;
    let rows = rows_of(&engine.run(account, &bind(account, &[])?)?)?;
    let successions = session.refdata.successions();
    let changed_regions = successions.regions().into_iter().map(|known| known.body).collect();
    let told = Account { rows: &rows, names: Names::of(session), successions, changed_regions };
    for message in told.moved().into_iter().chain(told.added()) {
        context.ui.status(&message);
    }
    for message in told.left().into_iter().chain(told.apart()).chain(told.unverified()) {
        context.ui.warning(&message);
    }
    Ok(())
}

/// The names of departments and regions.
struct Names(BTreeMap<String, String>);

impl Names {
    fn of(session: &Session) -> Self {
        let mut names = BTreeMap::new();
        for table in session.refdata.tables() {
            let (id, name) = match table.name {
                "departments" => ("department", "name_zh"),
                "regions" => ("region", "name"),
                _ => continue,
            };
            names.extend(table.rows().map(|row| (row.text(id), row.text(name))));
        }
        Self(names)
    }

    fn of_body(&self, id: &str) -> String {
        self.0.get(id).cloned().unwrap_or_else(|| id.to_owned())
    }
}

/// The answer of the accounting question, with what names and explains it.
struct Account<'a> {
    rows: &'a [Row],
    names: Names,
    successions: Successions,
    /// Regions that have or are a successor.
    changed_regions: BTreeSet<String>,
}

impl Account<'_> {
    fn treated<'r>(&'r self, treatment: &'static str) -> impl Iterator<Item = &'r Row> {
        self.rows.iter().filter(move |row| text(row, "treatment").as_deref() == Some(treatment))
    }

    /// The name of a row's department: as reported, or with `comparable_` the one that took over. The
    /// region names it where the region changed, because then all its departments did.
    fn name(&self, row: &Row, prefix: &str) -> String {
        let value = |name: &str| text(row, name).unwrap_or_default();
        let region = value(&format!("{prefix}region"));
        let department = value(&format!("{prefix}department"));
        let has_region_changed = self.changed_regions.contains(&region);
        let is_same_department = value("department") == value("comparable_department");
        if department.is_empty() || (has_region_changed && is_same_department) {
            self.names.of_body(&region)
        } else if has_region_changed {
            format!("{}{}", self.names.of_body(&region), self.names.of_body(&department))
        } else {
            self.names.of_body(&department)
        }
    }

    fn moved(&self) -> Option<Message> {
        let pairs = self
            .treated("moved")
            .map(|row| format!("{} → {}", self.name(row, ""), self.name(row, "comparable_")));
        listed("comparable.moved", pairs)
    }

    fn added(&self) -> Option<Message> {
        let mut sums: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for row in self.treated("added") {
            sums.entry(self.name(row, "comparable_")).or_default().insert(self.name(row, ""));
        }
        let sums = sums.into_iter().map(|(own, parts)| {
            let parts: Vec<String> = parts.into_iter().collect();
            format!("{own} = {}", parts.join(" + "))
        });
        listed("comparable.added", sums)
    }

    /// Bodies whose chain ends although a succession goes on.
    fn left(&self) -> Vec<Message> {
        let mut by_obstacle: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for row in self.rows {
            let code = match text(row, "obstacle").as_deref() {
                Some("several_successors") => "comparable.several",
                Some("other_level") => "comparable.other_level",
                Some(_) => "comparable.circle",
                None => continue,
            };
            by_obstacle.entry(code).or_default().insert(self.end_of_chain(row));
        }
        let known = ["comparable.several", "comparable.other_level", "comparable.circle"];
        let messages = known
            .into_iter()
            .filter_map(|code| listed(code, by_obstacle.get(code).into_iter().flatten().cloned()));
        messages.collect()
    }

    /// The last member of a chain with those that it cannot be followed to.
    fn end_of_chain(&self, row: &Row) -> String {
        let region = text(row, "comparable_region").unwrap_or_default();
        let department = text(row, "comparable_department");
        let mut next = self.successions.direct_successors(&region, department.as_deref());
        let mut end = department.unwrap_or_else(|| region.clone());
        if next.is_empty() {
            next = self.successions.direct_successors(&region, None);
            end = region;
        }
        let next: Vec<String> = next.iter().map(|id| self.names.of_body(id)).collect();
        format!("{} → {}", self.names.of_body(&end), next.join(" / "))
    }

    fn apart(&self) -> Option<Message> {
        let is_apart = |row: &&Row| {
            text(row, "treatment").is_some_and(|treatment| treatment.starts_with("apart"))
        };
        let bodies = self.rows.iter().filter(is_apart).map(|row| {
            let n_figures = text(row, "n_figures").unwrap_or_default();
            let pair = format!("{} | {}", self.name(row, ""), self.name(row, "comparable_"));
            format!("{pair}: {n_figures}")
        });
        listed("comparable.apart", bodies)
    }

    /// Successions that were used and are not verified.
    fn unverified(&self) -> Option<Message> {
        let used = self.treated("moved").chain(self.treated("added"));
        let steps = used.flat_map(|row| {
            let region = text(row, "region").unwrap_or_default();
            self.successions.steps(&region, text(row, "department").as_deref())
        });
        let doubtful: BTreeSet<_> = steps.filter(|step| !step.is_verified()).collect();
        if doubtful.is_empty() {
            return None;
        }
        let [zh, en] = [Lang::Zh, Lang::En].map(|lang| {
            let worded = doubtful.iter().map(|step| self.worded(step, lang));
            // Several chains may go the same way.
            let worded: BTreeSet<String> = worded.collect();
            joined(&worded.into_iter().collect::<Vec<String>>(), lang)
        });
        Some(Message::new("comparable.unverified").with_sentence("names", &zh, &en))
    }

    /// A succession with its time and how sure it is. What stands behind the first word of that is English.
    fn worded(&self, step: &Step, lang: Lang) -> String {
        let on = if step.changed_on.is_empty() { "?" } else { &step.changed_on };
        let (from, to) =
            (self.names.of_body(&step.predecessor), self.names.of_body(&step.successor));
        let sure = &step.confidence;
        let level = sure.split(';').next().unwrap_or_default();
        let known = format!("confidence.{level}");
        match (lang, word(&known, lang)) {
            (Lang::Zh, level) if level != known => {
                format!("{from} → {to}（{on}，可信程度{level}）")
            }
            _ => format!("{from} → {to} ({on}; {sure})"),
        }
    }
}

/// A message that lists some names, each once; `None` without any.
fn listed(code: &'static str, names: impl Iterator<Item = String>) -> Option<Message> {
    let names: BTreeSet<String> = names.collect();
    (!names.is_empty()).then(|| Message::new(code).with_list("names", names))
}
