//! From a definition to content: every block asked, in order.

use chrono::{Datelike, NaiveDate, NaiveDateTime};

use crate::diag::{Lang, Message};
use crate::engine::{DuckDb, POLARS_VERSION, Polars};
use crate::lake::{BatchRecord, SnapshotView};
use crate::query::{Catalogue, Query};
use crate::refdata::RefData;
use crate::report::ReportError;
use crate::report::accounts::accounts;
use crate::report::asking::{Answer, Asker};
use crate::report::cells::Cells;
use crate::report::content::{
    BatchRead, Block, Chart, Provenance, Report, Row, Section, Series, Span, Table, TablePurpose,
    Value,
};
use crate::report::definition::{
    BlockHead, BlockPlan, Bound, ChartPlan, Chosen, Definition, TablePlan,
};
use crate::report::merged::merged;
use crate::report::notice::{
    NoticeDefinition, NoticeError, NoticeParams, deciding, draft, period_of,
};
use crate::report::params::{Given, check_names, chosen};
use crate::report::shown::shown;
use crate::report::trends::{FIGURES, Trends};
use crate::table::ResultTable;
use crate::trend::Bodies;

/// What a report is made from: one state of a lake, and the engines over it.
pub struct Sources<'a> {
    /// Queries and views.
    pub catalogue: &'a Catalogue,
    /// Reference tables.
    pub refdata: &'a RefData,
    /// The state of the lake.
    pub snapshot: &'a SnapshotView,
    /// The day whose knowledge is asked for; `None` for all.
    pub as_of: Option<NaiveDate>,
    /// The engine that answers.
    pub duckdb: &'a DuckDb,
    /// The engine that answers again.
    pub polars: &'a Polars,
}

/// Returns the questions of a definition, each once: their tables are what the engines must see.
pub fn queries_of<'a>(
    definition: &Definition,
    catalogue: &'a Catalogue,
) -> Result<Vec<&'a Query>, ReportError> {
    let blocks = definition.sections.iter().flat_map(|section| &section.blocks);
    let asked = blocks.filter_map(|block| match block {
        BlockPlan::Table(TablePlan { ask, .. }) | BlockPlan::Chart(ChartPlan { ask, .. }) => {
            Some(ask.query.as_str())
        }
        BlockPlan::Headlines { .. } | BlockPlan::TrendTable(_) | BlockPlan::TrendChart(_) => {
            Some(FIGURES)
        }
        BlockPlan::Text(_) | BlockPlan::Accounts { .. } => None,
    });
    let mut ids: Vec<&str> = if let Some(notice) = &definition.notice {
        notice.queries().collect()
    } else {
        let states = definition.states.iter().map(|_| FIGURES);
        std::iter::once(definition.period_query.as_str()).chain(states).chain(asked).collect()
    };
    ids.sort_unstable();
    ids.dedup();
    ids.into_iter().map(|id| catalogue.get(id).map_err(ReportError::Query)).collect()
}

/// Makes the content of a report.
///
/// The same definition, parameters and state of the lake give the same content. Fails where engines
/// differ, and where the period has no figures.
pub fn make(
    definition: &Definition,
    sources: &Sources<'_>,
    given: &Given,
) -> Result<Report, ReportError> {
    let mut asker = Asker::new(sources);
    if let Some(notice) = &definition.notice {
        return drafted(definition, notice, given, asker);
    }
    let chosen = chosen(definition, given, &mut asker)?;
    let bodies = Bodies::of(sources.refdata);
    let mut maker = Maker { asker, bodies, chosen: &chosen, lang: given.lang };
    let mut sections = Vec::new();
    for plan in &definition.sections {
        let mut blocks = Vec::new();
        for block in &plan.blocks {
            let mut block = maker.block(block)?;
            maker.note_unchecked(&mut block);
            blocks.push(block);
        }
        sections.push(Section {
            id: plan.id.clone(),
            title: plan.title.text(given.lang).to_owned(),
            start: plan.start,
            blocks,
        });
    }
    let Maker { asker, .. } = maker;
    let provenance = provenance(definition, chosen.values.clone(), asker)?;
    give_accounts(definition, &mut sections, &provenance, given.lang);
    Ok(Report {
        name: definition.name.clone(),
        title: definition.title.text(given.lang).to_owned(),
        subtitle: Some(subtitle(&chosen, sources.refdata, given.lang)),
        lang: given.lang,
        period_end: chosen.period_end,
        is_synthetic: sources.snapshot.is_synthetic,
        letter: None,
        sections,
        provenance,
    })
}

/// Makes the content of a notice.
fn drafted(
    definition: &Definition,
    notice: &NoticeDefinition,
    given: &Given,
    mut asker: Asker<'_>,
) -> Result<Report, ReportError> {
    check_names(definition, &given.params)?;
    let mut params = NoticeParams::parse(&given.params)?;
    // Asked as it would be had the period been given, so that the draft is the same.
    if let Some(asked) = deciding(notice, &params) {
        let latest = asker.look_up(&asked.query, &asked.params)?;
        params = params.about(&ResultTable::of(latest.rows));
    }
    let drafted = draft(notice, &params, |asked| {
        let answer = asker.ask(&asked.query, &asked.params)?;
        Ok::<_, ReportError>((answer.asked, ResultTable::of(answer.rows)))
    });
    let draft = match drafted {
        Err(ReportError::Notice(NoticeError::WithoutFigures { query, region })) => {
            return Err(without_figures(notice, &params, &asker, query, &region));
        }
        drafted => drafted?,
    };
    let is_synthetic = asker.sources().snapshot.is_synthetic;
    let provenance = provenance(definition, draft.params.clone(), asker)?;
    Ok(draft.into_report(&definition.name, is_synthetic, provenance))
}

/// Says that a region has no figures for the period, and which is the latest that has some.
fn without_figures(
    notice: &NoticeDefinition,
    params: &NoticeParams,
    asker: &Asker<'_>,
    query: String,
    region: &str,
) -> ReportError {
    let (open, period) = params.without_period();
    let latest = deciding(notice, &open).filter(|_| period.is_some());
    let latest = latest.and_then(|asked| asker.look_up(&asked.query, &asked.params).ok());
    ReportError::PeriodWithoutFigures {
        period_end: period.unwrap_or_default(),
        region: Some(Bodies::of(asker.sources().refdata).region_name(region)),
        latest: latest.and_then(|latest| period_of(&ResultTable::of(latest.rows))),
        query,
    }
}

/// Returns where a report comes from, once all of its questions were asked.
fn provenance(
    definition: &Definition,
    params: Vec<(String, String)>,
    asker: Asker<'_>,
) -> Result<Provenance, ReportError> {
    let sources = asker.sources();
    Ok(Provenance {
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        definition_hash: definition.hash.clone(),
        params,
        snapshot: sources.snapshot.number,
        committed_at: committed_at(sources.snapshot),
        as_of: sources.as_of,
        batches: sources.snapshot.batches.iter().map(batch_read).collect(),
        questions: asker.into_asked(),
        engines: vec![
            ("DuckDB".to_owned(), sources.duckdb.version().map_err(ReportError::Engine)?),
            ("Polars".to_owned(), POLARS_VERSION.to_owned()),
        ],
    })
}

/// Puts the accounts where the definition wants them: all questions have been asked by then.
fn give_accounts(
    definition: &Definition,
    sections: &mut [Section],
    provenance: &Provenance,
    lang: Lang,
) {
    for (plan, section) in definition.sections.iter().zip(sections) {
        let blocks = std::mem::take(&mut section.blocks);
        for (plan, block) in plan.blocks.iter().zip(blocks) {
            match plan {
                BlockPlan::Accounts { head } => {
                    let text = head.title.text(lang).to_owned();
                    section.blocks.push(Block::Heading { level: 2, text });
                    let tables = accounts(provenance, &head.id, lang);
                    section.blocks.extend(tables.into_iter().map(Block::Table));
                }
                _ => section.blocks.push(block),
            }
        }
    }
}

struct Maker<'a, 'b> {
    asker: Asker<'a>,
    bodies: Bodies,
    chosen: &'b Chosen,
    lang: Lang,
}

impl<'a> Maker<'a, '_> {
    fn block(&mut self, plan: &BlockPlan) -> Result<Block, ReportError> {
        match plan {
            BlockPlan::Text(words) => {
                let text = words.text(self.lang).to_owned();
                Ok(Block::Paragraph { spans: vec![Span::Text { text }] })
            }
            BlockPlan::Headlines { head, indicators } => {
                let table = self.trends().headlines(head, indicators)?;
                Ok(self.table_or_remark(head, table))
            }
            BlockPlan::TrendTable(plan) => {
                let table = self.trends().table(plan)?;
                Ok(self.table_or_remark(&plan.head, table))
            }
            BlockPlan::TrendChart(plan) => {
                let chart = self.trends().chart(plan)?;
                Ok(chart.map_or_else(|| self.nothing(&plan.head), Block::Chart))
            }
            BlockPlan::Table(plan) => self.table(plan),
            BlockPlan::Chart(plan) => self.chart(plan),
            BlockPlan::Accounts { head } => Ok(self.nothing(head)),
        }
    }

    fn trends(&mut self) -> Trends<'a, '_> {
        Trends {
            asker: &mut self.asker,
            bodies: &self.bodies,
            chosen: self.chosen,
            lang: self.lang,
        }
    }

    fn table_or_remark(&self, head: &BlockHead, table: Option<Table>) -> Block {
        table.map_or_else(|| self.nothing(head), Block::Table)
    }

    /// Says that there is nothing to show, where that is the answer.
    fn nothing(&self, head: &BlockHead) -> Block {
        let message = Message::new("report.nothing").with("title", head.title.text(self.lang));
        Block::Remark { text: message.text(self.lang) }
    }

    /// Says below what the second engine did not answer that it did not.
    fn note_unchecked(&self, block: &mut Block) {
        let (asked, notes) = match block {
            Block::Table(table) => (&table.asked, &mut table.notes),
            Block::Chart(chart) => (&chart.asked, &mut chart.notes),
            Block::Heading { .. } | Block::Paragraph { .. } | Block::Remark { .. } => return,
        };
        if asked.as_ref().is_some_and(|asked| self.asker.is_unchecked(asked)) {
            notes.push(Message::new("report.note_unchecked").text(self.lang));
        }
    }

    /// Says that no row has what a table is about, and which rows there are, by their first column.
    fn none(&self, plan: &TablePlan, answer: &Answer<'_>, rows: &[usize], needs: &str) -> Block {
        let title = plan.head.title.text(self.lang);
        let text = match &plan.none {
            Some(none) => none.text(self.lang).to_owned(),
            None => Message::new("report.none_with")
                .with("title", title)
                .with("rows", rows.len())
                .with("column", self.cells().label(needs))
                .text(self.lang),
        };
        let (columns, cells) = self.cells().table(answer, &plan.columns[..1], &[], rows);
        let mut names: Vec<String> = Vec::new();
        for cell in cells.iter().filter_map(|row| row.cells.first()) {
            let name = shown(&cell.value, columns[0].format, self.lang);
            if !name.is_empty() && !names.contains(&name) {
                names.push(name);
            }
        }
        let message =
            Message::new("report.none_listed").with("none", text).with_list("names", names);
        Block::Remark { text: message.text(self.lang) }
    }

    fn table(&mut self, plan: &TablePlan) -> Result<Block, ReportError> {
        let TablePlan { head, ask, columns, units, merge, needs, top, .. } = plan;
        let answer = self.asker.ask(&ask.query, &self.values(&ask.params))?;
        let mut rows = answer.rows_where(&self.values(&ask.rows_where));
        let mut notes = self.notes(head);
        if let Some(needs) = needs {
            let all = rows.clone();
            rows.retain(|row| answer.value(needs, *row) != Value::Missing);
            if rows.is_empty() && !all.is_empty() {
                return Ok(self.none(plan, &answer, &all, needs));
            }
            if rows.len() < all.len() {
                let message = Message::new("report.note_without")
                    .with("rows", all.len() - rows.len())
                    .with("column", self.cells().label(needs));
                notes.push(message.text(self.lang));
            }
        }
        if rows.is_empty() {
            return Ok(self.nothing(head));
        }
        let mut n_rows = rows.len();
        if merge.is_empty() {
            // What is left out needs no cells.
            rows.truncate(top.unwrap_or(n_rows));
        }
        let (columns, rows) = self.cells().table(&answer, columns, units, &rows);
        let mut rows = merged(rows, &columns, merge, self.lang);
        if !merge.is_empty() {
            n_rows = rows.len();
            rows.truncate(top.unwrap_or(n_rows));
        }
        if rows.len() < n_rows {
            let message = Message::new("report.note_first").with("shown", rows.len());
            notes.push(message.with("rows", n_rows).text(self.lang));
        }
        Ok(Block::Table(Table {
            id: head.id.clone(),
            title: head.title.text(self.lang).to_owned(),
            purpose: TablePurpose::Reading,
            columns,
            rows,
            notes,
            asked: Some(answer.asked),
        }))
    }

    fn chart(&mut self, plan: &ChartPlan) -> Result<Block, ReportError> {
        let ChartPlan { head, ask, kind, x, y, unit, top } = plan;
        let answer = self.asker.ask(&ask.query, &self.values(&ask.params))?;
        let mut rows = answer.rows_where(&self.values(&ask.rows_where));
        // A bar without a value is no bar.
        rows.retain(|row| y.iter().any(|name| answer.value(name, *row).as_number().is_some()));
        let n_rows = rows.len();
        rows.truncate(top.unwrap_or(n_rows));
        if rows.is_empty() {
            return Ok(self.nothing(head));
        }
        let mut notes = self.notes(head);
        if rows.len() < n_rows {
            let message = Message::new("report.note_first").with("shown", rows.len());
            notes.push(message.with("rows", n_rows).text(self.lang));
        }
        let names: Vec<String> = std::iter::once(x).chain(y).cloned().collect();
        let (columns, cells) = self.cells().table(&answer, &names, &[], &rows);
        let label = |row: &Row| {
            let (cell, column) = (&row.cells[0], &columns[0]);
            match &cell.value {
                Value::Text(text) => text.clone(),
                value => shown(value, column.format, self.lang),
            }
        };
        let series = columns.iter().enumerate().skip(1).map(|(idx, column)| Series {
            name: column.label.clone(),
            values: cells.iter().map(|row| row.cells[idx].value.as_number()).collect(),
            marks: cells
                .iter()
                .enumerate()
                .flat_map(|(at, row)| row.cells[idx].marks.iter().map(move |mark| (at, *mark)))
                .collect(),
        });
        Ok(Block::Chart(Chart {
            id: head.id.clone(),
            title: head.title.text(self.lang).to_owned(),
            kind: *kind,
            x_label: columns[0].label.clone(),
            x: cells.iter().map(label).collect(),
            unit: unit.clone().or_else(|| columns[1].unit.clone()),
            series: series.collect(),
            notes,
            asked: Some(answer.asked),
        }))
    }

    fn values(&self, bound: &[(String, Bound)]) -> Vec<(String, String)> {
        bound.iter().map(|(name, value)| (name.clone(), self.chosen.text(value))).collect()
    }

    fn notes(&self, head: &BlockHead) -> Vec<String> {
        head.notes.iter().map(|note| note.text(self.lang).to_owned()).collect()
    }

    fn cells(&self) -> Cells<'_> {
        Cells { refdata: self.asker.sources().refdata, lang: self.lang }
    }
}

fn committed_at(snapshot: &SnapshotView) -> Option<NaiveDateTime> {
    let found = snapshot.snapshots.iter().find(|known| known.number == snapshot.number);
    found.map(|found| found.committed_at)
}

fn batch_read(batch: &BatchRecord) -> BatchRead {
    BatchRead {
        batch: batch.batch.to_string(),
        kind: batch.source_kind.to_string(),
        file_name: batch.file_name.clone(),
        source_hash: batch.source_hash.clone(),
        document_number: batch.notice.document_number.clone(),
        published_on: batch.notice.published_on,
        rows_received: batch.rows_received,
        rows_accepted: batch.rows_accepted,
        rows_returned: batch.rows_returned,
        is_synthetic: batch.is_synthetic,
    }
}

/// Whether a day is the last of its month: a period up to it goes by the name of the month.
pub fn is_end_of_month(day: NaiveDate) -> bool {
    day.succ_opt().is_some_and(|next| next.day() == 1)
}

/// The region and the period: a month by its name, another span by its last day.
fn subtitle(chosen: &Chosen, refdata: &RefData, lang: Lang) -> String {
    let day = chosen.period_end;
    let period = if is_end_of_month(day) {
        day.format(&Message::new("report.month_format").text(lang)).to_string()
    } else {
        Message::new("report.until_day").with("day", day).text(lang)
    };
    let region = Bodies::of(refdata).region_name(&chosen.region);
    Message::new("report.subtitle").with("region", region).with("period", period).text(lang)
}
