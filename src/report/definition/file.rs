//! The file of a definition: TOML, checked while it is read.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use crate::diag::{Diagnose, Lang, Message, name_list, nearest_names};
use crate::fsio::hash_hex;
use crate::query::{Catalogue, ParamType, ParamValue, Query, QueryError, ReturnColumn, bind};
use crate::refdata::RefData;
use crate::report::ReportError;
use crate::report::content::{ChartKind, SectionStart};
use crate::report::definition::schedule::WrittenSchedule;
use crate::report::definition::unread::reason_of;
use crate::report::definition::{
    AskPlan, BlockHead, BlockPlan, Bound, ChartPlan, Counting, Definition, ReportParam,
    SectionPlan, TablePlan, TrendChartPlan, TrendPlan, TrendTablePlan, Words, cell_text,
    check_region,
};
use crate::trend::Frequency;

/// Version of the form of the file.
const FORMAT: u32 = 1;
/// Keys that every file has at its top.
const REQUIRED: [&str; 6] = ["format", "title", "title_zh", "summary", "summary_zh", "periods"];
/// Values that every report has, and texts of their form: what questions are given for them while a
/// definition is checked.
const GIVEN: [(&str, &str); 6] = [
    ("period", "2021-09-30"),
    ("month", "2021-09-01"),
    ("year", "2021-01-01"),
    ("state", "2021-09-30"),
    ("region", "630000"),
    ("lang", "zh"),
];
/// Periods of a trend where the definition names no number.
const PERIODS: usize = 36;
/// Departments of a chart where the definition names no number.
const TOP: usize = 6;
/// Keys that every block may have.
const ALWAYS: [&str; 2] = ["kind", "id"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenReport {
    format: Spanned<u32>,
    title: String,
    title_zh: String,
    summary: String,
    summary_zh: String,
    periods: Spanned<String>,
    states: Option<Spanned<String>>,
    region: Option<Spanned<String>>,
    #[serde(default)]
    params: BTreeMap<Spanned<String>, Spanned<WrittenParam>>,
    #[serde(default)]
    sections: Vec<Spanned<WrittenSection>>,
    schedule: Option<WrittenSchedule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenParam {
    #[serde(rename = "type")]
    data_type: Spanned<String>,
    default: Spanned<toml::Value>,
    help: String,
    help_zh: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSection {
    id: Spanned<String>,
    title: String,
    title_zh: String,
    start: Option<Spanned<String>>,
    #[serde(default)]
    blocks: Vec<Spanned<WrittenBlock>>,
}

/// All keys of all kinds of blocks: which of them one has, its kind says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenBlock {
    kind: Spanned<String>,
    id: Option<Spanned<String>>,
    title: Option<String>,
    title_zh: Option<String>,
    note: Option<String>,
    note_zh: Option<String>,
    text: Option<String>,
    text_zh: Option<String>,
    query: Option<Spanned<String>>,
    #[serde(default)]
    params: BTreeMap<Spanned<String>, Spanned<toml::Value>>,
    #[serde(default, rename = "where")]
    rows_where: BTreeMap<Spanned<String>, Spanned<toml::Value>>,
    #[serde(default)]
    columns: Vec<Spanned<String>>,
    #[serde(default)]
    units: BTreeMap<Spanned<String>, String>,
    indicator: Option<Spanned<String>>,
    #[serde(default)]
    indicators: Vec<Spanned<String>>,
    frequency: Option<Spanned<String>>,
    counting: Option<Spanned<String>>,
    periods: Option<Spanned<usize>>,
    chart: Option<Spanned<String>>,
    x: Option<Spanned<String>>,
    #[serde(default)]
    y: Vec<Spanned<String>>,
    unit: Option<String>,
    #[serde(default)]
    merge: Vec<Spanned<String>>,
    needs: Option<Spanned<String>>,
    none: Option<String>,
    none_zh: Option<String>,
    changes: Option<bool>,
    top: Option<Spanned<usize>>,
    skip: Option<usize>,
}

impl WrittenBlock {
    /// Returns the keys that are given, beside those that every block has.
    fn given(&self) -> Vec<&'static str> {
        let keys = [
            ("title", self.title.is_some()),
            ("title_zh", self.title_zh.is_some()),
            ("note", self.note.is_some()),
            ("note_zh", self.note_zh.is_some()),
            ("text", self.text.is_some()),
            ("text_zh", self.text_zh.is_some()),
            ("query", self.query.is_some()),
            ("params", !self.params.is_empty()),
            ("where", !self.rows_where.is_empty()),
            ("columns", !self.columns.is_empty()),
            ("units", !self.units.is_empty()),
            ("indicator", self.indicator.is_some()),
            ("indicators", !self.indicators.is_empty()),
            ("frequency", self.frequency.is_some()),
            ("counting", self.counting.is_some()),
            ("periods", self.periods.is_some()),
            ("chart", self.chart.is_some()),
            ("x", self.x.is_some()),
            ("y", !self.y.is_empty()),
            ("unit", self.unit.is_some()),
            ("merge", !self.merge.is_empty()),
            ("needs", self.needs.is_some()),
            ("none", self.none.is_some()),
            ("none_zh", self.none_zh.is_some()),
            ("changes", self.changes.is_some()),
            ("top", self.top.is_some()),
            ("skip", self.skip.is_some()),
        ];
        keys.into_iter().filter(|(_, is_given)| *is_given).map(|(key, _)| key).collect()
    }
}

/// A kind of block: its word, the keys that it must have, and those that it may have.
type Kind = (&'static str, &'static [&'static str], &'static [&'static str]);

const KINDS: [Kind; 7] = [
    ("text", &["text", "text_zh"], &[]),
    ("headlines", &["title", "title_zh", "indicators"], &["note", "note_zh"]),
    (
        "table",
        &["title", "title_zh", "query"],
        &[
            "note", "note_zh", "params", "where", "columns", "units", "merge", "needs", "none",
            "none_zh", "top",
        ],
    ),
    (
        "chart",
        &["title", "title_zh", "query", "chart", "x", "y"],
        &["note", "note_zh", "params", "where", "unit", "top"],
    ),
    (
        "trend_table",
        &["title", "title_zh", "indicator"],
        &["note", "note_zh", "frequency", "counting", "periods", "changes"],
    ),
    (
        "trend_chart",
        &["title", "title_zh", "indicator", "chart"],
        &["note", "note_zh", "frequency", "counting", "periods", "top", "skip"],
    ),
    ("accounts", &["title", "title_zh"], &["note", "note_zh"]),
];

/// Reads a definition.
pub(super) fn parse(
    name: &str,
    text: &str,
    catalogue: &Catalogue,
    refdata: &RefData,
) -> Result<Definition, ReportError> {
    let file = ReportText { name, text };
    let written: WrittenReport = toml::from_str(text).map_err(|error| file.unread(&error))?;
    if *written.format.get_ref() != FORMAT {
        let reason = Message::new("report.format")
            .with("found", written.format.get_ref())
            .with("known", FORMAT);
        return Err(file.fault(&written.format.span(), reason));
    }
    let params = file.params(&written.params)?;
    let mut samples: Vec<(String, String)> =
        GIVEN.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    samples.extend(params.iter().map(|param| (param.name.clone(), param.default.clone())));
    let checks =
        Checks { file: &file, catalogue, refdata, samples, ids: BTreeSet::new(), n_blocks: 0 };
    let period_query = checks.period_query(&written.periods)?;
    let states = written.states.as_ref().map(|name| checks.indicator(name)).transpose()?;
    let sections = checks.sections(&written.sections)?;
    if let Some(region) = &written.region {
        check_region(region.get_ref(), refdata)
            .map_err(|reason| file.fault(&region.span(), reason))?;
    }
    let schedule = written.schedule.map(|schedule| schedule.checked(&file, &params, refdata));
    let schedule = schedule.transpose()?;
    Ok(Definition {
        name: name.to_owned(),
        is_builtin: false,
        hash: hash_hex(text.as_bytes()),
        text: text.to_owned(),
        title: Words { en: written.title, zh: written.title_zh },
        summary: Words { en: written.summary, zh: written.summary_zh },
        period_query,
        states,
        params,
        region: written.region.map(Spanned::into_inner),
        sections,
        schedule,
        notice: None,
    })
}

/// The text of a definition, to say in which line something is wrong.
pub(super) struct ReportText<'a> {
    pub(super) name: &'a str,
    pub(super) text: &'a str,
}

impl ReportText<'_> {
    /// Says that the file is none of its form.
    pub(super) fn unread(&self, error: &toml::de::Error) -> ReportError {
        let span = error.span().unwrap_or_default();
        self.fault(&span, reason_of(error, self.text, &REQUIRED))
    }

    pub(super) fn fault(&self, span: &Range<usize>, reason: Message) -> ReportError {
        let before = self.text.get(..span.start).unwrap_or_default();
        ReportError::Invalid {
            report: self.name.to_owned(),
            line: before.matches('\n').count() + 1,
            reason,
        }
    }

    /// Parameters in the order in which they are written.
    fn params(
        &self,
        written: &BTreeMap<Spanned<String>, Spanned<WrittenParam>>,
    ) -> Result<Vec<ReportParam>, ReportError> {
        let mut entries: Vec<_> = written.iter().collect();
        entries.sort_by_key(|(name, _)| name.span().start);
        let param = |(name, param): (&Spanned<String>, &Spanned<WrittenParam>)| {
            if GIVEN.iter().any(|(given, _)| given == name.get_ref()) {
                let reason = Message::new("report.param_given").with("parameter", name.get_ref());
                return Err(self.fault(&name.span(), reason));
            }
            let written = param.get_ref();
            let data_type = self.word(&written.data_type, ParamType::ALL, ParamType::as_str)?;
            let default = text_of(written.default.get_ref());
            if ParamValue::parse(&default, data_type).is_none() {
                let reason = Message::new("report.param_default")
                    .with("parameter", name.get_ref())
                    .with("type", data_type)
                    .with("found", &default);
                return Err(self.fault(&written.default.span(), reason));
            }
            let help = Words { en: written.help.clone(), zh: written.help_zh.clone() };
            Ok(ReportParam { name: name.get_ref().clone(), data_type, default, help })
        };
        entries.into_iter().map(param).collect()
    }

    /// A word of a closed list.
    pub(super) fn word<T: Copy>(
        &self,
        written: &Spanned<String>,
        all: &[T],
        as_str: impl Fn(T) -> &'static str,
    ) -> Result<T, ReportError> {
        let word = written.get_ref();
        let found = all.iter().copied().find(|value| as_str(*value) == word.as_str());
        found.ok_or_else(|| {
            let known: Vec<&str> = all.iter().map(|value| as_str(*value)).collect();
            self.unknown("report.word", written, &known)
        })
    }

    /// Says that something is not among what is known.
    pub(super) fn unknown(
        &self,
        code: &'static str,
        written: &Spanned<String>,
        known: &[&str],
    ) -> ReportError {
        let near = nearest_names(written.get_ref(), known.iter().copied());
        let names = if near.is_empty() { name_list(known) } else { name_list(&near) };
        let reason = Message::new(code).with("found", written.get_ref()).with("known", names);
        self.fault(&written.span(), reason)
    }
}

/// What a definition is checked against.
struct Checks<'a> {
    file: &'a ReportText<'a>,
    catalogue: &'a Catalogue,
    refdata: &'a RefData,
    /// Texts of the form that the values of the report have, by name.
    samples: Vec<(String, String)>,
    ids: BTreeSet<String>,
    n_blocks: usize,
}

impl<'a> Checks<'a> {
    /// The question that tells the periods: it takes one and says which it answers for, and where.
    fn period_query(&self, written: &Spanned<String>) -> Result<String, ReportError> {
        let query = self.query(written)?;
        let has_param = query
            .head
            .params
            .iter()
            .any(|param| param.name == "period" && param.data_type == ParamType::Date);
        let returns = |name: &str| query.head.returns.iter().any(|column| column.name == name);
        if has_param && returns("period_end") && returns("region") {
            return Ok(query.id.clone());
        }
        let reason = Message::new("report.without_periods").with("query", &query.id);
        Err(self.file.fault(&written.span(), reason))
    }

    fn query(&self, written: &Spanned<String>) -> Result<&'a Query, ReportError> {
        let found = self.catalogue.get(written.get_ref());
        found.map_err(|error| self.file.fault(&written.span(), error.message()))
    }

    fn sections(
        mut self,
        written: &[Spanned<WrittenSection>],
    ) -> Result<Vec<SectionPlan>, ReportError> {
        let mut sections = Vec::new();
        for section in written {
            let parts = section.get_ref();
            self.take_id(&parts.id)?;
            let start = match &parts.start {
                Some(start) => self.file.word(start, SectionStart::ALL, SectionStart::as_str)?,
                None => SectionStart::Below,
            };
            let mut blocks = Vec::new();
            for block in &parts.blocks {
                blocks.push(self.block(block, parts.id.get_ref())?);
            }
            sections.push(SectionPlan {
                id: parts.id.get_ref().clone(),
                title: Words { en: parts.title.clone(), zh: parts.title_zh.clone() },
                start,
                blocks,
            });
        }
        Ok(sections)
    }

    /// Ids become names of sheets, anchors and files: they are plain and stand once.
    fn take_id(&mut self, id: &Spanned<String>) -> Result<(), ReportError> {
        let text = id.get_ref();
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let is_plain = text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.chars().all(is_plain)
            && text.len() <= 40;
        let code = if !is_plain {
            "report.id_form"
        } else if !self.ids.insert(text.clone()) {
            "report.id_twice"
        } else {
            return Ok(());
        };
        Err(self.file.fault(&id.span(), Message::new(code).with("id", text)))
    }

    fn block(
        &mut self,
        written: &Spanned<WrittenBlock>,
        section: &str,
    ) -> Result<BlockPlan, ReportError> {
        let parts = written.get_ref();
        self.check_keys(parts)?;
        if parts.kind.get_ref() == "text" {
            return Ok(BlockPlan::Text(words(parts.text.as_ref(), parts.text_zh.as_ref())));
        }
        self.n_blocks += 1;
        let id = match &parts.id {
            Some(id) => {
                self.take_id(id)?;
                id.get_ref().clone()
            }
            None => format!("{section}-{}", self.n_blocks),
        };
        let notes = parts.note.iter().map(|_| words(parts.note.as_ref(), parts.note_zh.as_ref()));
        let title = words(parts.title.as_ref(), parts.title_zh.as_ref());
        let head = BlockHead { id, title, notes: notes.collect() };
        match parts.kind.get_ref().as_str() {
            "headlines" => {
                let indicators = parts.indicators.iter().map(|name| self.indicator(name));
                Ok(BlockPlan::Headlines { head, indicators: indicators.collect::<Result<_, _>>()? })
            }
            "table" => self.table(head, parts),
            "chart" => self.chart(head, parts),
            "trend_table" => Ok(BlockPlan::TrendTable(TrendTablePlan {
                head,
                trend: self.trend(parts)?,
                has_changes: parts.changes.unwrap_or(true),
            })),
            "trend_chart" => Ok(BlockPlan::TrendChart(TrendChartPlan {
                head,
                trend: self.trend(parts)?,
                kind: self
                    .chart_kind(parts, &[ChartKind::Line, ChartKind::Column, ChartKind::Stacked])?,
                top: self.count(parts.top.as_ref())?.unwrap_or(TOP),
                skip: parts.skip.unwrap_or_default(),
            })),
            _ => Ok(BlockPlan::Accounts { head }),
        }
    }

    /// Every key that the kind of the block needs is there, and no other but those that it may have.
    fn check_keys(&self, block: &WrittenBlock) -> Result<(), ReportError> {
        let word = block.kind.get_ref().as_str();
        let Some((_, needed, allowed)) = KINDS.iter().find(|(kind, _, _)| *kind == word) else {
            let known: Vec<&str> = KINDS.iter().map(|(kind, _, _)| *kind).collect();
            return Err(self.file.unknown("report.word", &block.kind, &known));
        };
        let given = block.given();
        let is_known =
            |key: &&&str| needed.contains(key) || allowed.contains(key) || ALWAYS.contains(key);
        let foreign = given.iter().find(|key| !is_known(key));
        let missing = needed.iter().find(|key| !given.contains(key));
        let half =
            [("note", "note_zh"), ("note_zh", "note"), ("none", "none_zh"), ("none_zh", "none")];
        let half = half.iter().find(|(one, other)| given.contains(one) && !given.contains(other));
        let (code, key) = match (foreign, missing, half) {
            (Some(key), _, _) => ("report.key_foreign", *key),
            (None, Some(key), _) | (None, None, Some((_, key))) => ("report.key_missing", *key),
            (None, None, None) => return Ok(()),
        };
        let reason = Message::new(code).with("key", key).with("kind", word);
        Err(self.file.fault(&block.kind.span(), reason))
    }

    fn table(&self, head: BlockHead, parts: &WrittenBlock) -> Result<BlockPlan, ReportError> {
        let (query, ask) = self.ask(parts)?;
        let mut columns = Vec::new();
        for column in &parts.columns {
            self.check_column(query, column)?;
            columns.push(column.get_ref().clone());
        }
        if columns.is_empty() {
            columns.clone_from(&query.head.show);
        }
        if columns.is_empty() {
            columns = query.head.returns.iter().map(|column| column.name.clone()).collect();
        }
        let mut units = Vec::new();
        for (column, unit) in &parts.units {
            self.check_column(query, column)?;
            units.push((column.get_ref().clone(), unit.clone()));
        }
        for column in parts.merge.iter().chain(&parts.needs) {
            self.check_column(query, column)?;
        }
        let merge = parts.merge.iter().map(|column| column.get_ref().clone()).collect();
        let needs = parts.needs.as_ref().map(|needs| needs.get_ref().clone());
        let top = self.count(parts.top.as_ref())?;
        let none = parts.none.as_ref().map(|none| words(Some(none), parts.none_zh.as_ref()));
        Ok(BlockPlan::Table(TablePlan { head, ask, columns, units, merge, needs, none, top }))
    }

    fn chart(&self, head: BlockHead, parts: &WrittenBlock) -> Result<BlockPlan, ReportError> {
        let (query, ask) = self.ask(parts)?;
        let x = parts.x.as_ref().expect("the kind needs it");
        self.check_column(query, x)?;
        for y in &parts.y {
            self.check_column(query, y)?;
        }
        Ok(BlockPlan::Chart(ChartPlan {
            head,
            ask,
            kind: self.chart_kind(parts, ChartKind::ALL)?,
            x: x.get_ref().clone(),
            y: parts.y.iter().map(|y| y.get_ref().clone()).collect(),
            unit: parts.unit.clone(),
            top: self.count(parts.top.as_ref())?,
        }))
    }

    fn chart_kind(
        &self,
        parts: &WrittenBlock,
        all: &[ChartKind],
    ) -> Result<ChartKind, ReportError> {
        let chart = parts.chart.as_ref().expect("the kind needs it");
        self.file.word(chart, all, ChartKind::as_str)
    }

    fn count(&self, written: Option<&Spanned<usize>>) -> Result<Option<usize>, ReportError> {
        match written {
            Some(count) if *count.get_ref() == 0 => {
                Err(self.file.fault(&count.span(), Message::new("report.count_zero")))
            }
            written => Ok(written.map(|count| *count.get_ref())),
        }
    }

    fn trend(&self, parts: &WrittenBlock) -> Result<TrendPlan, ReportError> {
        let indicator = parts.indicator.as_ref().expect("the kind needs it");
        let frequency = match &parts.frequency {
            Some(word) => Some(self.file.word(word, Frequency::ALL, Frequency::as_str)?),
            None => None,
        };
        let counting = match &parts.counting {
            Some(word) => self.file.word(word, Counting::ALL, Counting::as_str)?,
            None => Counting::Period,
        };
        Ok(TrendPlan {
            indicator: self.indicator(indicator)?,
            frequency,
            counting,
            periods: self.count(parts.periods.as_ref())?.unwrap_or(PERIODS),
        })
    }

    fn indicator(&self, written: &Spanned<String>) -> Result<String, ReportError> {
        let known = self.refdata.indicators();
        let known: Vec<&str> = known.iter().map(|known| known.indicator.as_str()).collect();
        if known.contains(&written.get_ref().as_str()) {
            return Ok(written.get_ref().clone());
        }
        Err(self.file.unknown("report.indicator_unknown", written, &known))
    }

    /// The question of a block, with everything that is given to it.
    fn ask(&self, parts: &WrittenBlock) -> Result<(&'a Query, AskPlan), ReportError> {
        let written = parts.query.as_ref().expect("the kind needs it");
        let query = self.query(written)?;
        let mut params = Vec::new();
        let mut given = Vec::new();
        for (name, value) in &parts.params {
            let bound = self.bound(value)?;
            let pair = (name.get_ref().clone(), self.sample(&bound));
            // Alone, so that what is wrong with it has its line.
            match bind(query, std::slice::from_ref(&pair)) {
                Err(QueryError::ParameterMissing { .. }) | Ok(_) => {}
                Err(error @ QueryError::ParameterUnknown { .. }) => {
                    return Err(self.file.fault(&name.span(), error.message()));
                }
                Err(error) => return Err(self.file.fault(&value.span(), error.message())),
            }
            given.push(pair);
            params.push((name.get_ref().clone(), bound));
        }
        if let Err(error) = bind(query, &given) {
            let reason = match error {
                QueryError::ParameterMissing { query, parameter, .. } => {
                    Message::new("report.param_missing")
                        .with("query", query)
                        .with("parameter", parameter)
                }
                error => error.message(),
            };
            return Err(self.file.fault(&written.span(), reason));
        }
        let rows_where = parts.rows_where.iter();
        let rows_where = rows_where.map(|(column, value)| self.condition(query, column, value));
        let rows_where = rows_where.collect::<Result<_, _>>()?;
        Ok((query, AskPlan { query: query.id.clone(), params, rows_where }))
    }

    /// What cells of a column have to be: something that they can be.
    fn condition(
        &self,
        query: &Query,
        column: &Spanned<String>,
        value: &Spanned<toml::Value>,
    ) -> Result<(String, Bound), ReportError> {
        let returned = column_of(query, column.get_ref());
        let returned = returned.ok_or_else(|| self.column_unknown(query, column))?;
        let bound = self.bound(value)?;
        let text = cell_text(query, returned, &self.sample(&bound), self.refdata)
            .map_err(|reason| self.file.fault(&value.span(), reason))?;
        let bound = match bound {
            Bound::Literal(_) => Bound::Literal(text),
            Bound::Parameter(name) => Bound::Parameter(name),
        };
        Ok((column.get_ref().clone(), bound))
    }

    fn check_column(&self, query: &Query, written: &Spanned<String>) -> Result<(), ReportError> {
        let wanted = written.get_ref().replace("{lang}", Lang::En.as_str());
        match column_of(query, &wanted) {
            Some(_) => Ok(()),
            None => Err(self.column_unknown(query, written)),
        }
    }

    fn column_unknown(&self, query: &Query, written: &Spanned<String>) -> ReportError {
        let known: Vec<&str> =
            query.head.returns.iter().map(|column| column.name.as_str()).collect();
        let near = nearest_names(written.get_ref(), known.iter().copied());
        let reason = Message::new("report.column_unknown")
            .with("column", written.get_ref())
            .with("query", &query.id)
            .with("known", if near.is_empty() { name_list(&known) } else { name_list(&near) });
        self.file.fault(&written.span(), reason)
    }

    /// A value: a literal, or `$name` for one of the report.
    fn bound(&self, written: &Spanned<toml::Value>) -> Result<Bound, ReportError> {
        let text = match written.get_ref() {
            toml::Value::Array(_) | toml::Value::Table(_) => {
                return Err(self.file.fault(&written.span(), Message::new("report.value_form")));
            }
            value => text_of(value),
        };
        let Some(name) = text.strip_prefix('$') else { return Ok(Bound::Literal(text)) };
        if self.samples.iter().any(|(known, _)| known == name) {
            return Ok(Bound::Parameter(name.to_owned()));
        }
        let known: Vec<String> =
            self.samples.iter().map(|(known, _)| format!("${known}")).collect();
        let reason = Message::new("report.value_unknown")
            .with("found", &text)
            .with("known", name_list(&known));
        Err(self.file.fault(&written.span(), reason))
    }

    fn sample(&self, bound: &Bound) -> String {
        match bound {
            Bound::Literal(text) => text.clone(),
            Bound::Parameter(name) => {
                let found = self.samples.iter().find(|(known, _)| known == name);
                found.map(|(_, text)| text.clone()).unwrap_or_default()
            }
        }
    }
}

fn column_of<'q>(query: &'q Query, name: &str) -> Option<&'q ReturnColumn> {
    query.head.returns.iter().find(|column| column.name == name)
}

fn words(en: Option<&String>, zh: Option<&String>) -> Words {
    Words { en: en.cloned().unwrap_or_default(), zh: zh.cloned().unwrap_or_default() }
}

/// A value as a parameter of a question is written.
pub(super) fn text_of(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
