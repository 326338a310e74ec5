//! `tongban explain`: from a figure back to its cell, its document and the checks it passed, or to the
//! batches of records that it was counted from.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::cli::args::ExplainArgs;
use crate::cli::comparable;
use crate::cli::context::Context;
use crate::cli::empty::{MAX_PERIODS, nearest_days};
use crate::cli::explain_counted;
use crate::cli::failure::Failure;
use crate::cli::names::{Named, id_of, with_ids};
use crate::cli::session::{Session, deliver, deliver_text, format_of};
use crate::diag::{Lang, Message, joined, word};
use crate::engine::{DuckDb, StartingDuckDb};
use crate::output::{Format, RenderOptions, render};
use crate::query::{Query, bind};
use crate::table::ResultTable;

/// Answers with every vintage of a figure.
const PROVENANCE: &str = "quality/provenance";
/// Answers with what each batch of records added to a figure.
const COUNTED: &str = "quality/counted";
/// Answers with every figure of an indicator.
const FIGURES: &str = "trend/figures";
/// Answers with what was wrong, odd or assumed.
const FINDINGS: &str = "quality/findings";

/// A row of an answer: names of columns and their values.
pub(super) type Row = Map<String, Value>;

/// The figures that are asked for.
struct Wanted {
    indicator: String,
    department: Option<String>,
    period: Option<String>,
    /// The rest of the key, as far as a row of an answer has it: names of parameters with values.
    rest: Vec<(&'static str, String)>,
}

impl Wanted {
    /// Returns it as parameters of a question; what is known beside indicator, department and period only
    /// where it is to be whole.
    fn params(&self, is_whole: bool) -> Vec<(String, String)> {
        let own = [
            ("indicator", Some(&self.indicator)),
            ("department", self.department.as_ref()),
            ("period", self.period.as_ref()),
        ];
        let rest = self.rest.iter().filter(|_| is_whole).map(|(name, value)| (*name, Some(value)));
        let given = own.into_iter().chain(rest);
        given.filter_map(|(name, value)| Some((name.to_owned(), value?.clone()))).collect()
    }
}

pub(super) fn run(context: &Context, args: &ExplainArgs) -> Result<(), Failure> {
    let starting = DuckDb::start();
    let session = Session::open(context, &args.snapshot, args.departments.by())?;
    let tracer = Tracer::open(&session, starting, args)?;
    comparable::tell(context, &session, &tracer.engine)?;
    let wanted = match (&args.indicator, &args.query) {
        (Some(indicator), _) => vec![Wanted {
            indicator: id_of(&session.refdata, Named::Indicator, indicator)?,
            department: match &args.department {
                Some(name) => Some(id_of(&session.refdata, Named::Department, name)?),
                None => None,
            },
            period: args.period.map(|period| period.to_string()),
            rest: Vec::new(),
        }],
        (None, Some(name)) => {
            let query = session.catalogue.get(name)?;
            let given = with_ids(&session.refdata, query, &args.params)?;
            tracer.figures_of_row(query, args.row.unwrap_or(1), &given)?
        }
        (None, None) => unreachable!("clap wants one of them"),
    };
    if format_of(&args.output)? != Format::Table {
        let [figure] = wanted.as_slice() else {
            return Err(Failure::usage(Message::new("explain.one_figure")));
        };
        let vintages = tracer.provenance(figure)?;
        let told = if vintages.n_rows() == 0 { tracer.counted(figure)? } else { vintages };
        return deliver(context, &told, &args.output);
    }
    let mut told = Vec::new();
    for figure in &wanted {
        let vintages = rows_of(&tracer.provenance(figure)?)?;
        let counted = rows_of(&tracer.counted(figure)?)?;
        if vintages.is_empty() && counted.is_empty() {
            return Err(Failure::user(tracer.none(figure)?));
        }
        told.extend(vintages.iter().map(|vintage| tracer.told(vintage, context.lang())));
        told.extend(explain_counted::told(&counted, context.lang()));
    }
    tracer.engine.leave();
    deliver_text(context, &told.join("\n"), &args.output)
}

/// An engine with all that a figure is traced through.
struct Tracer<'a> {
    engine: DuckDb,
    provenance: &'a Query,
    counted: &'a Query,
    figures: &'a Query,
    findings: Vec<Row>,
    /// The area of every indicator.
    areas: BTreeMap<String, String>,
}

impl<'a> Tracer<'a> {
    fn open(
        session: &'a Session,
        starting: StartingDuckDb,
        args: &ExplainArgs,
    ) -> Result<Self, Failure> {
        let provenance = session.catalogue.get(PROVENANCE)?;
        let counted = session.catalogue.get(COUNTED)?;
        let figures = session.catalogue.get(FIGURES)?;
        let findings = session.catalogue.get(FINDINGS)?;
        let mut queries = vec![provenance, counted, figures, findings];
        if let Some(name) = &args.query {
            queries.push(session.catalogue.get(name)?);
        }
        let queries = comparable::with_account(session, queries)?;
        let tables = session.tables_for(&queries, &args.snapshot)?;
        let engine = starting.open(&tables, &session.default_limits())?;
        let findings = rows_of(&engine.run(findings, &bind(findings, &[])?)?)?;
        let indicators = session.refdata.indicators().into_iter();
        let areas = indicators.map(|known| (known.indicator, known.area)).collect();
        Ok(Self { engine, provenance, counted, figures, findings, areas })
    }

    /// Returns the vintages of a figure.
    ///
    /// What a row says beside indicator, department and period may be about the row and not about the
    /// figure: a total has the region of its document, a span is that of other columns. So where there
    /// is no such figure, it does not count.
    fn provenance(&self, figure: &Wanted) -> Result<ResultTable, Failure> {
        let of_figure = |is_whole| bind(self.provenance, &figure.params(is_whole));
        let vintages = self.engine.run(self.provenance, &of_figure(true)?)?;
        if vintages.n_rows() > 0 || figure.rest.is_empty() {
            return Ok(vintages);
        }
        Ok(self.engine.run(self.provenance, &of_figure(false)?)?)
    }

    /// Returns what the batches of records added to a figure; nothing where it is not one that is counted.
    fn counted(&self, figure: &Wanted) -> Result<ResultTable, Failure> {
        Ok(self.engine.run(self.counted, &bind(self.counted, &figure.params(true))?)?)
    }

    /// Says that there is no such figure, and for which periods there is one.
    fn none(&self, figure: &Wanted) -> Result<Message, Failure> {
        let message = Message::new("explain.none").with("indicator", &figure.indicator);
        let period = figure.period.as_ref().and_then(|period| period.parse().ok());
        let Some(period) = period else { return Ok(message) };
        let any = Wanted {
            indicator: figure.indicator.clone(),
            department: figure.department.clone(),
            period: None,
            rest: Vec::new(),
        };
        let of_indicator = [("indicator".to_owned(), figure.indicator.clone())];
        let stated = rows_of(&self.engine.run(self.figures, &bind(self.figures, &of_indicator)?)?)?;
        let is_of_department = |row: &&Row| {
            let wanted = figure.department.as_ref();
            wanted.is_none() || text(row, "department").as_ref() == wanted
        };
        // Those counted from records are told by the latest month alone.
        let counted = rows_of(&self.counted(&any)?)?;
        let rows = stated.iter().filter(is_of_department).chain(&counted);
        let ends = rows.filter_map(|row| text(row, "period_end"));
        let mut near = nearest_days(ends, period);
        near.truncate(MAX_PERIODS);
        if near.is_empty() {
            return Ok(message);
        }
        let message = Message::new("explain.none_near").with("indicator", &figure.indicator);
        Ok(message.with("period", period).with_list("near", near))
    }

    /// Returns the figures that a row of an answer shows: its columns that are named after an
    /// indicator, or the indicator that the row names.
    fn figures_of_row(
        &self,
        query: &Query,
        number: usize,
        given: &[(String, String)],
    ) -> Result<Vec<Wanted>, Failure> {
        let rows = rows_of(&self.engine.run(query, &bind(query, given)?)?)?;
        let row = number.checked_sub(1).and_then(|idx| rows.get(idx)).ok_or_else(|| {
            let message = Message::new("explain.row_unknown");
            Failure::user(message.with("rows", rows.len()).with("row", number))
        })?;
        let named = text(row, "indicator").filter(|name| self.areas.contains_key(name));
        let columns = row.keys().filter(|name| self.areas.contains_key(*name)).cloned();
        let indicators: Vec<String> = named.into_iter().chain(columns).collect();
        let department = text(row, "department").or_else(|| text(row, "largest_department"));
        let figures: Vec<Wanted> = indicators
            .into_iter()
            .filter(|indicator| row.get(indicator).is_none_or(|value| !value.is_null()))
            .map(|indicator| self.wanted(row, indicator, department.clone()))
            .collect();
        if figures.is_empty() {
            let message = Message::new("explain.row_without_figure").with("row", number);
            return Err(Failure::user(message));
        }
        Ok(figures)
    }

    /// Returns the figure of an indicator that a row shows. Integration figures have a period of their
    /// own beside that of aggregation, and then no other part of its span.
    fn wanted(&self, row: &Row, indicator: String, department: Option<String>) -> Wanted {
        let is_integration = self.areas.get(&indicator).is_some_and(|area| area == "integration");
        let own = text(row, "integration_period_end").filter(|_| is_integration);
        let names: &[&'static str] = if own.is_some() {
            &["region"]
        } else {
            &["region", "breakdown", "accumulation", "period_start"]
        };
        let rest = names.iter().filter_map(|name| Some((*name, text(row, name)?))).collect();
        let period = own.or_else(|| text(row, "period_end"));
        Wanted { indicator, department, period, rest }
    }

    /// Returns one vintage of a figure, told from the value down to the source.
    fn told(&self, row: &Row, lang: Lang) -> String {
        let value = |name: &str| text(row, name).unwrap_or_default();
        let mut lines = vec![headline(row, lang)];
        let mut say = |message: Message| lines.push(message.text(lang));
        let is_in_cell = text(row, "column_label").is_some();
        if value("place").contains("note=") {
            say(Message::new("explain.printed_in_note").with("printed", value("printed")));
        } else if !is_in_cell {
            say(Message::new("explain.printed_in_text")
                .with("printed", value("printed"))
                .with("sentence", value("row_label")));
        } else {
            say(Message::new("explain.printed")
                .with("printed", value("printed"))
                .with("row", value("row_label"))
                .with("column", value("column_label")));
        }
        let place = place_words(&value("place"), lang);
        say(Message::new("explain.place").with("file", value("file_name")).with("place", place));
        let parts = ["document_number", "issuer", "title"]
            .map(|name| text(row, name).unwrap_or_else(|| Message::new("inspect.none").text(lang)));
        say(Message::new("explain.document")
            .with("document", &parts[0])
            .with("issuer", &parts[1])
            .with("title", &parts[2]));
        say(Message::new("explain.period").with("basis", word(&value("period_basis"), lang)));
        if let Some(note) = text(row, "note") {
            say(Message::new("explain.note").with("note", note));
        }
        if is_in_cell {
            say(checked(row));
        }
        for finding in self.findings.iter().filter(|finding| is_about(finding, row)) {
            let column = format!("message_{}", lang.as_str());
            let sentence = text(finding, &column).unwrap_or_default();
            let place = place_words(&text(finding, "place").unwrap_or_default(), lang);
            say(Message::new("explain.finding").with("message", sentence).with("place", place));
        }
        say(Message::new("explain.batch")
            .with("batch", value("batch"))
            .with("snapshot", value("snapshot"))
            .with("received_at", value("received_at"))
            .with("reading", value("reading"))
            .with("version", value("tool_version")));
        say(Message::new("explain.source").with("hash", value("source_hash")));
        if value("origin") != "published" {
            // `reported` is also what an ordinary figure is.
            let origin = word(&format!("origin.{}", value("origin")), lang);
            say(Message::new("explain.other_origin").with("origin", origin));
        } else if row.get("is_shown") != Some(&Value::Bool(true)) {
            say(Message::new("explain.older"));
        } else if let Some(message) = shown_elsewhere(row, lang) {
            say(message);
        }
        lines.join("\n") + "\n"
    }
}

/// Whether a finding is about a figure: about its cell, its row, the header of its column or a note
/// that explains it; about its whole table, as an assumed period is; or about its sentence.
fn is_about(finding: &Row, figure: &Row) -> bool {
    if text(finding, "batch") != text(figure, "batch") {
        return false;
    }
    let own = Parts::of(&text(figure, "place").unwrap_or_default());
    let other = Parts::of(&text(finding, "place").unwrap_or_default());
    if other.table != own.table {
        return false;
    }
    let is_in_column = other.column.is_none() || other.column == own.column;
    let (label, other_label) = (text(figure, "column_label"), text(finding, "column_label"));
    let has_row = other.row.is_some() || text(finding, "row_label").is_some();
    let is_on_cell = own.row.is_some() && other.row == own.row && is_in_column;
    let is_on_header =
        label.is_some() && other_label == label && text(finding, "row_label").is_none();
    let is_on_table = own.table.is_some()
        && !has_row
        && other.note.is_none()
        && is_in_column
        && other_label.is_none();
    let is_on_sentence = own.table.is_none() && own.spot.is_some() && other.spot == own.spot;
    // A zero that a note explains points at the note, wherever in the table it stands.
    let is_on_note = other.note.is_some()
        && (other.note == own.note || text(finding, "found") == text(figure, "note"));
    is_on_cell || is_on_header || is_on_table || is_on_sentence || is_on_note
}

/// What a figure is of, and what it says.
pub(super) fn headline(row: &Row, lang: Lang) -> String {
    let value = |name: &str| text(row, name).unwrap_or_default();
    let subject: Vec<String> =
        ["department_name", "breakdown"].into_iter().filter_map(|name| text(row, name)).collect();
    let subject = if subject.is_empty() {
        Message::new("explain.whole_region").text(lang)
    } else {
        joined(&subject, lang)
    };
    let period = match text(row, "period_start") {
        Some(start) if start == value("period_end") => start,
        Some(start) => format!("{start}..{}", value("period_end")),
        None => format!("..{}", value("period_end")),
    };
    let figure = text(row, "value").unwrap_or_else(|| Message::new("explain.no_value").text(lang));
    let marks = [value("qualifier"), value("obs_status")];
    let marks: Vec<String> = marks
        .iter()
        .filter(|mark| !mark.is_empty() && *mark != "reported")
        .map(|mark| word(mark, lang))
        .collect();
    let status = if marks.is_empty() {
        String::new()
    } else {
        Message::new("explain.status").with_list("status", marks).text(lang)
    };
    Message::new("explain.figure")
        .with("indicator", value("indicator_name"))
        .with("department", subject)
        .with("region", value("region"))
        .with("accumulation", word(&value("accumulation"), lang))
        .with("period", period)
        .with("value", figure)
        .with("unit", value("unit"))
        .with("status", status)
        .text(lang)
}

/// Where questions show a figure that is not shown as it was reported; `None` for any other.
fn shown_elsewhere(row: &Row, lang: Lang) -> Option<Message> {
    let value = |name: &str| text(row, name).unwrap_or_default();
    let is_sum = text(row, "n_parts").is_some_and(|n_parts| n_parts != "1");
    let has_moved = value("shown_department") != value("department")
        || value("shown_region") != value("region");
    if !is_sum && !has_moved {
        return None;
    }
    let whole = || Message::new("explain.whole_region").text(lang);
    let code = if is_sum { "explain.shown_in_sum" } else { "explain.shown_under" };
    let sum = text(row, "shown_value").unwrap_or_else(|| word("missing", lang));
    let message = Message::new(code)
        .with("department", text(row, "shown_department_name").unwrap_or_else(whole))
        .with("region", value("shown_region"));
    if !is_sum {
        return Some(message);
    }
    Some(
        message
            .with("parts", value("n_parts"))
            .with("sum", sum)
            .with("unit", value("unit"))
            .with("status", word(&value("shown_status"), lang)),
    )
}

/// What the total of the figure's column says.
fn checked(row: &Row) -> Message {
    let value = |name: &str| text(row, name).unwrap_or_default();
    match row.get("reconciled") {
        Some(Value::Bool(true)) => {
            Message::new("explain.reconciled").with("printed", value("total_printed"))
        }
        Some(Value::Bool(false)) => Message::new("explain.mismatch")
            .with("printed", value("total_printed"))
            .with("sum", value("total_sum")),
        _ => Message::new("explain.no_total"),
    }
}

/// The numbers in a stored place.
#[derive(Debug, Default, PartialEq)]
struct Parts {
    table: Option<String>,
    row: Option<String>,
    column: Option<String>,
    note: Option<String>,
    /// Where in the file it begins, as `line=85`.
    spot: Option<String>,
}

impl Parts {
    fn of(place: &str) -> Self {
        let part = |name: &str| {
            let mut words = place.split(' ');
            words.find_map(|word| word.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned)
        };
        let spot = |name: &str| part(name).map(|number| format!("{name}={number}"));
        Self {
            table: part("table"),
            row: part("row"),
            column: part("column"),
            note: part("note"),
            spot: spot("line").or_else(|| spot("paragraph")),
        }
    }
}

/// A stored place in the reader's words.
fn place_words(place: &str, lang: Lang) -> String {
    let words = place.split(' ').filter_map(|part| part.split_once('='));
    let worded = words.map(|(name, number)| {
        let code = match name {
            "table" => "place.table",
            "row" => "place.row",
            "column" => "place.column",
            "note" => "place.note",
            "line" => "place.line",
            "paragraph" => "place.paragraph",
            "sheet" => "place.sheet",
            _ => "place.cell",
        };
        Message::new(code).with("number", number).text(lang)
    });
    let separator = if lang == Lang::Zh { "" } else { ", " };
    worded.collect::<Vec<_>>().join(separator)
}

/// Returns a value as text; `None` where it is null or absent.
pub(super) fn text(row: &Row, column: &str) -> Option<String> {
    match row.get(column)? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// Returns the rows of an answer.
pub(super) fn rows_of(table: &ResultTable) -> Result<Vec<Row>, Failure> {
    let mut bytes = Vec::new();
    let options = RenderOptions { lang: Lang::En, width: None };
    render(table, Format::Jsonl, options, &mut bytes)?;
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    Ok(lines.map(|line| serde_json::from_slice(line).expect("JSON lines are objects")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(batch: &str, place: &str, labels: (Option<&str>, Option<&str>)) -> Row {
        let row = serde_json::json!({
            "batch": batch, "place": place, "row_label": labels.0, "column_label": labels.1,
        });
        row.as_object().cloned().unwrap()
    }

    /// Checks findings of batch `b` by their place and label of a row and column.
    #[track_caller]
    fn check(figure: &Row, place: &str, labels: (Option<&str>, Option<&str>), expected: bool) {
        assert_eq!(is_about(&row("b", place, labels), figure), expected, "{place} {labels:?}");
    }

    #[test]
    fn a_figure_of_a_table_has_the_findings_of_its_cell_row_column_and_table() {
        let cell = row("b", "table=2 row=11 column=3 line=72", (Some("r"), Some("c")));
        check(&cell, "table=2 row=11 column=3 line=72", (Some("r"), Some("c")), true);
        check(&cell, "table=2 row=11 line=72", (Some("r"), None), true);
        check(&cell, "table=2 row=11 column=4 line=72", (Some("r"), Some("d")), false);
        check(&cell, "table=2 row=12 column=3 line=73", (Some("q"), Some("c")), false);
        check(&cell, "table=2 row=1 column=3 line=62", (None, Some("c")), true);
        check(&cell, "table=2 line=60", (None, None), true);
        check(&cell, "table=2", (None, None), true);
        check(&cell, "table=2 line=60", (None, Some("d")), false);
        check(&cell, "table=2 column=4 line=60", (None, None), false);
        check(&cell, "table=1 line=20", (None, None), false);
        check(&cell, "line=72", (None, None), false);
        assert!(!is_about(&row("other", "table=2 line=60", (None, None)), &cell));
    }

    #[test]
    fn a_figure_of_a_sentence_has_the_findings_of_its_paragraph() {
        let figure = row("b", "paragraph=12", (Some("一句话"), None));
        check(&figure, "paragraph=12", (None, None), true);
        check(&figure, "paragraph=13", (None, None), false);
        check(&figure, "table=1 paragraph=12", (None, None), false);
        check(&figure, "", (None, None), false);
    }
}
