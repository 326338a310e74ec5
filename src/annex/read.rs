//! A whole document: head, tables, figures, findings.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rayon::prelude::*;

use crate::annex::columns::LabelIndex;
use crate::annex::damage::{Sign, are_of_damage, signs_of_damage};
use crate::annex::departments::DepartmentIndex;
use crate::annex::error::MAX_UNKNOWN;
use crate::annex::layout::PeriodRule;
use crate::annex::leftovers::leftovers;
use crate::annex::notice::read_notice;
use crate::annex::period::{PeriodContext, Reach};
use crate::annex::persons::mask_persons;
use crate::annex::prose::{ProseOutcome, read_prose};
use crate::annex::regions::RegionIndex;
use crate::annex::repeats::{Mark, Repeats, drop_repeats};
use crate::annex::rows::RowNames;
use crate::annex::segments::segments;
use crate::annex::table::{TableContext, TableOutcome, read_table};
use crate::annex::tables::{AnnexTable, find_tables};
use crate::annex::time_words::{Stated, TimeSpan, stated_time};
use crate::annex::undeclared::undeclared;
use crate::annex::units::{stated_unit, told_unit};
use crate::annex::{
    AnnexError, ColumnRole, Draft, Layout, Layouts, OnUnknown, Purpose, READER, ReadOptions,
    Reading, ReadingContext, TableReading, Unknown,
};
use crate::diag::{Finding, Message, Severity};
use crate::model::{Notice, Observation, Origin, Place, Release};
use crate::refdata::RefData;
use crate::source::{Block, Document, Remark, RemarkKind};

/// What a document is called.
#[derive(Debug, Clone, Copy)]
pub struct DocumentName<'a> {
    /// As the user gave it, with its folders: for messages.
    pub shown: &'a str,
    /// Without folders: what stays with the figures.
    pub file_name: &'a str,
}

/// What documents are read by, besides what they say themselves.
#[derive(Debug, Clone, Copy)]
pub struct Reference<'a> {
    /// Reference tables.
    pub refdata: &'a RefData,
    /// Saved layouts.
    pub layouts: &'a Layouts,
}

/// Tables that are read side by side.
const TABLES_AT_ONCE: usize = 256;

/// Rows at the top of a grid among which a layout looks for labels.
const MAX_HEADER_ROWS: usize = 4;

/// Reads every table of a document, and the sentences that a saved layout knows.
///
/// The findings of one document come in the order of its lines. Refused are damaged copies,
/// documents without a table and without such sentences, without a known issuer, with a column whose
/// time nobody states or that states it in words not understood, and, unless
/// [`OnUnknown::LeaveOut`] is given, with unknown columns or rows.
pub fn read(
    document: Document,
    name: DocumentName<'_>,
    reference: Reference<'_>,
    options: &ReadOptions,
) -> Result<Reading, AnnexError> {
    read_for(Purpose::Figures, document, name, reference, options)
}

/// Refuses a document that [`read`] refuses, for the same reasons, without keeping a figure of it.
///
/// Of a large document this takes far less memory. What is taken here may still be refused by
/// [`read`], which alone decides.
pub fn check(
    document: Document,
    name: DocumentName<'_>,
    reference: Reference<'_>,
    options: &ReadOptions,
) -> Result<(), AnnexError> {
    read_for(Purpose::Verdict, document, name, reference, options).map(drop)
}

fn read_for(
    purpose: Purpose<'_>,
    mut document: Document,
    name: DocumentName<'_>,
    reference: Reference<'_>,
    options: &ReadOptions,
) -> Result<Reading, AnnexError> {
    let Reference { refdata, layouts } = reference;
    mask_persons(&mut document.blocks);
    let (file_name, labels) = (name.shown, LabelIndex::new(refdata, layouts));
    let mut findings: Vec<Finding> = document.remarks.iter().flat_map(remarked).collect();
    let segments = segments(document.blocks, &labels);
    let blocks = &segments.blocks;
    findings.extend(damage(blocks, file_name)?);
    let found = find_tables(&segments);
    let mut notice = read_notice(blocks);
    let applied = Applied::find(layouts, &notice, &found);
    if applied.is_empty() && found.is_empty() {
        return Err(no_table(blocks, &labels, file_name));
    }
    let issuer = options.issuer.clone().or_else(|| notice.issuer.clone());
    notice.issuer = issuer.or(applied.one_of(|layout| layout.issuer.clone(), file_name)?);
    let region = issuer_region(&notice, refdata, file_name)?;
    let departments = DepartmentIndex::new(refdata, &region);
    let regions = RegionIndex::new(refdata, &region);
    let context = ReadingContext {
        refdata,
        departments: &departments,
        regions: &regions,
        period: period_of_document(&notice, options),
    };
    let mut parts = Parts { findings, ..Parts::default() };
    let names = RowNames { departments: &departments, regions: &regions };
    parts.findings.extend(leftovers(blocks, names, layouts));
    let time_in_text = time_in_text(blocks, &found);
    parts.take_prose(blocks, &applied, &context, time_in_text);
    let tables = TableContext {
        labels: &labels,
        departments: context.departments,
        regions: context.regions,
        refdata,
        file_name,
        period: context.period,
        document_title: notice.title.as_deref().unwrap_or_default(),
        unit_in_text: unit_in_text(blocks),
        time_in_text,
        unknown: options.unknown,
        purpose,
    };
    parts.take_tables(&found, &applied, &tables)?;
    parts.take_contradicted(&found, &applied, &tables)?;
    parts.leave_once(file_name)?;
    let parts = parts.accepted(file_name, options, &applied)?;
    let Parts { tables, prose, mut findings, unknown, .. } = parts;
    findings.extend(annex_without_table(blocks).filter(|_| tables.is_empty()));
    findings.extend(unknown.iter().map(left_out));
    let published_on = published_on(&notice, options, last_day(&tables), &mut findings);
    findings.sort_by_key(|finding| finding.place.spot);
    let (origin, release) = standing(&notice, options, &applied, file_name)?;
    Ok(Reading {
        edition: edition(&notice, published_on, name.file_name),
        origin,
        release,
        layouts: applied.ids(),
        way: applied.way(options, refdata),
        notice,
        region,
        published_on,
        n_left_out: tables.iter().map(|table: &TableReading| table.n_left_out).sum(),
        tables,
        prose,
        findings,
    })
}

/// What a document says about time outside its tables.
fn period_of_document(notice: &Notice, options: &ReadOptions) -> PeriodContext {
    PeriodContext {
        given: options.period,
        as_of_day: options.as_of_day,
        caption: Stated::Nothing,
        title: Stated::Nothing,
        document_title: notice.title.as_deref().map_or(Stated::Nothing, stated_time),
        dated: notice.dated,
        rule: PeriodRule::Stated,
        reach: Reach::Printed,
    }
}

/// What was read so far.
#[derive(Default)]
struct Parts {
    tables: Vec<TableReading>,
    prose: Vec<Observation>,
    findings: Vec<Finding>,
    unknown: Vec<Unknown>,
    /// What is left of the figures of each table, where none is kept.
    marks: Vec<Vec<Mark>>,
}

impl Parts {
    /// Leaves every figure once; refuses a document with too many findings by now.
    fn leave_once(&mut self, file_name: &str) -> Result<(), AnnexError> {
        let of_tables = self.tables.iter_mut().map(|table| &mut table.observations);
        let all = of_tables.chain([&mut self.prose]).collect();
        drop_repeats(all, &mut self.findings, &mut self.unknown);
        AnnexError::check_findings(self.findings.len(), file_name)
    }

    /// Refuses what is unknown, unless it is to be left out, and a document without any figure.
    fn accepted(
        mut self,
        file_name: &str,
        options: &ReadOptions,
        applied: &Applied<'_>,
    ) -> Result<Self, AnnexError> {
        let file_name = file_name.to_owned();
        let has_figures = self.tables.iter().any(|table| !table.observations.is_empty())
            || self.marks.iter().any(|marks| !marks.is_empty());
        if !self.unknown.is_empty() {
            return match options.unknown {
                OnUnknown::Refuse => {
                    self.unknown.truncate(MAX_UNKNOWN);
                    let drafts = applied.drafts.clone();
                    Err(AnnexError::Unknown { file_name, unknown: self.unknown, drafts })
                }
                OnUnknown::LeaveOut => Ok(self),
            };
        }
        if has_figures || !self.prose.is_empty() {
            return Ok(self);
        }
        Err(AnnexError::TableMissing { file_name })
    }

    fn take_prose(
        &mut self,
        blocks: &[Block],
        applied: &Applied<'_>,
        context: &ReadingContext<'_>,
        time_in_text: Option<&str>,
    ) {
        for layout in &applied.of_prose {
            let ProseOutcome { observations, findings, unknown } =
                read_prose(blocks, layout, context, time_in_text);
            self.prose.extend(observations);
            self.findings.extend(findings);
            self.unknown.extend(unknown);
        }
        let told = (self.prose.as_slice(), self.findings.as_slice());
        let undeclared = undeclared(blocks, context, told);
        self.findings.extend(undeclared);
    }

    fn take_tables(
        &mut self,
        found: &[AnnexTable<'_>],
        applied: &Applied<'_>,
        context: &TableContext<'_>,
    ) -> Result<(), AnnexError> {
        // A form of many sheets has as many tables. The first error counts, so that it is always the
        // same one.
        let keeps = matches!(context.purpose, Purpose::Figures);
        let read = |idx: usize| {
            let outcome = read_table(idx + 1, &found[idx], applied.of_tables[idx], context)?;
            let TableOutcome { reading, findings, unknown, marks } = outcome;
            // What is not kept goes at once, before the next table is read.
            Ok(TableOutcome { reading: reading.filter(|_| keeps), findings, unknown, marks })
        };
        for start in (0..found.len()).step_by(TABLES_AT_ONCE) {
            let end = found.len().min(start + TABLES_AT_ONCE);
            let outcomes: Vec<_> = (start..end).into_par_iter().map(read).collect();
            for outcome in outcomes {
                let outcome = outcome?;
                self.findings.extend(outcome.findings);
                self.unknown.extend(outcome.unknown);
                self.tables.extend(outcome.reading);
                self.marks.push(outcome.marks);
            }
            let n_findings = self.findings.len() + self.unknown.len();
            AnnexError::check_findings(n_findings, context.file_name)?;
            if context.unknown == OnUnknown::Refuse && self.unknown.len() >= MAX_UNKNOWN {
                break;
            }
        }
        Ok(())
    }

    /// Reads figures once more of which no more is left than that they contradict each other: the
    /// document is refused by them, with their places.
    fn take_contradicted(
        &mut self,
        found: &[AnnexTable<'_>],
        applied: &Applied<'_>,
        context: &TableContext<'_>,
    ) -> Result<(), AnnexError> {
        if !matches!(context.purpose, Purpose::Verdict) {
            return Ok(());
        }
        self.marks.push(self.prose.iter().map(Mark::of).collect());
        let Repeats { contradicted, n_repeated } = Repeats::among(&self.marks);
        if contradicted.is_empty() || context.unknown == OnUnknown::LeaveOut {
            return AnnexError::check_findings(self.findings.len() + n_repeated, context.file_name);
        }
        let context = TableContext { purpose: Purpose::Only(&contradicted), ..context.clone() };
        for (idx, (table, layout)) in found.iter().zip(&applied.of_tables).enumerate() {
            self.tables.extend(read_table(idx + 1, table, *layout, &context)?.reading);
        }
        Ok(())
    }
}

/// The saved layouts that a document is read by.
struct Applied<'a> {
    /// For each table, in order.
    of_tables: Vec<Option<&'a Layout>>,
    of_prose: Vec<&'a Layout>,
    /// Drafts that fit tables which no layout reads.
    drafts: Vec<Draft>,
}

impl<'a> Applied<'a> {
    fn find(layouts: &'a Layouts, notice: &Notice, found: &[AnnexTable<'_>]) -> Self {
        let document: Vec<&str> =
            [&notice.title, &notice.document_number].into_iter().flatten().map(|t| &**t).collect();
        let mut drafts = Vec::new();
        let mut of_table = |(idx, table): (usize, &AnnexTable<'_>)| {
            let rows = table.grid.rows.iter().take(MAX_HEADER_ROWS);
            let labels: Vec<&str> =
                rows.flat_map(|row| &row.cells).map(|cell| cell.text.as_str()).collect();
            let title = table.title.as_str();
            let read_by =
                layouts.iter().find(|layout| layout.reads_table(title, &labels, &document));
            let fits = |layout: &&Layout| layout.is_draft_of_table(title, &labels, &document);
            let draft = layouts.iter().find(fits).filter(|_| read_by.is_none());
            if let Some(layout) = draft {
                Draft::add_table(&mut drafts, layout, idx + 1);
            }
            read_by
        };
        Self {
            of_tables: found.iter().enumerate().map(&mut of_table).collect(),
            drafts,
            of_prose: layouts.iter().filter(|layout| layout.reads_prose(&document)).collect(),
        }
    }

    fn is_empty(&self) -> bool {
        self.of_prose.is_empty() && self.of_tables.iter().all(Option::is_none)
    }

    /// Every layout once, by name.
    fn all(&self) -> BTreeMap<&str, &Layout> {
        let layouts = self.of_tables.iter().flatten().chain(&self.of_prose);
        layouts.map(|layout| (layout.name.as_str(), *layout)).collect()
    }

    fn ids(&self) -> Vec<String> {
        self.all().values().map(|layout| layout.id()).collect()
    }

    /// Returns what the layouts of a document agree on; refused when they do not.
    fn one_of<T: PartialEq>(
        &self,
        part: impl Fn(&Layout) -> Option<T>,
        file_name: &str,
    ) -> Result<Option<T>, AnnexError> {
        let mut told: Vec<T> = Vec::new();
        for layout in self.all().values() {
            told.extend(part(layout).filter(|value| !told.contains(value)));
        }
        if told.len() > 1 {
            let layouts = self.ids().join("、");
            return Err(AnnexError::LayoutsDisagree { file_name: file_name.to_owned(), layouts });
        }
        Ok(told.pop())
    }

    /// The way of reading as one line; see [`Reading::way`].
    fn way(&self, options: &ReadOptions, refdata: &RefData) -> String {
        let mut parts = vec![READER.to_owned()];
        parts.extend(options.given().iter().map(|(name, value)| format!("{name}={value}")));
        let all = self.all();
        let layouts: Vec<String> =
            all.values().map(|layout| format!("{}@{}", layout.id(), layout.hash)).collect();
        if !layouts.is_empty() {
            parts.push(format!("layouts={}", layouts.join(",")));
        }
        parts.extend(refdata.overrides_hash().map(|hash| format!("refdata={hash}")));
        parts.join(" ")
    }
}

/// Refuses a damaged copy; a sign that may be a slip of the author's is a finding.
fn damage(blocks: &[Block], file_name: &str) -> Result<Option<Finding>, AnnexError> {
    let signs = signs_of_damage(blocks);
    if are_of_damage(&signs) {
        let shown = |sign: &Sign| (sign.word, sign.found.clone(), Place::at(sign.spot));
        let signs = signs.iter().map(shown).collect();
        return Err(AnnexError::Damaged { file_name: file_name.to_owned(), signs });
    }
    Ok(signs.first().map(|sign| {
        let message = Message::new("document.suspect");
        let message = message.with_coded("sign", sign.word).with("text", &sign.found);
        let finding = Finding::new(Severity::Warning, message, Place::at(sign.spot));
        finding.quoting(&sign.found)
    }))
}

fn paragraphs(blocks: &[Block]) -> impl Iterator<Item = &str> {
    blocks.iter().filter_map(|block| match block {
        Block::Paragraph(paragraph) => Some(paragraph.text.as_str()),
        Block::Grid(_) => None,
    })
}

/// Why a document has no table: where a line is a label that headers begin with, one may begin there.
fn no_table(blocks: &[Block], labels: &LabelIndex, file_name: &str) -> AnnexError {
    let file_name = file_name.to_owned();
    let begun = blocks.iter().find_map(|block| match block {
        Block::Paragraph(paragraph) if labels.begins_header(&paragraph.text) => Some(paragraph),
        _ => None,
    });
    match begun {
        Some(begun) => {
            let (line, place) = (begun.text.clone(), Place::at(begun.spot));
            AnnexError::TableBroken { file_name, line, place }
        }
        None => AnnexError::TableMissing { file_name },
    }
}

/// Tells that a document names an annex and has no table.
fn annex_without_table(blocks: &[Block]) -> Option<Finding> {
    let annex = blocks.iter().find_map(|block| match block {
        Block::Paragraph(paragraph) if paragraph.text.trim_start().starts_with("附件") => {
            Some(paragraph)
        }
        _ => None,
    })?;
    let message = Message::new("annex.without_table").with("text", &annex.text);
    let finding = Finding::new(Severity::Warning, message, Place::at(annex.spot));
    Some(finding.quoting(&annex.text))
}

/// Returns a scaled unit that the text of a document states outside its tables.
fn unit_in_text(blocks: &[Block]) -> Option<String> {
    let mut units =
        paragraphs(blocks).filter_map(|text| stated_unit(text).or_else(|| told_unit(text)));
    units.find(|unit| unit.starts_with(['十', '百', '千', '万', '亿', '萬', '億']))
}

/// Characters of a paragraph that a finding quotes.
const MAX_QUOTED_CHARS: usize = 60;

/// Returns the beginning of a paragraph of a document that tells a whole period and is no table's
/// caption.
fn time_in_text<'a>(blocks: &'a [Block], found: &[AnnexTable<'_>]) -> Option<&'a str> {
    let is_caption = |text: &&str| found.iter().any(|table| table.captions.contains(text));
    let tells = |text: &&str| stated_time(text).span().is_some_and(TimeSpan::is_complete);
    let told = paragraphs(blocks).find(|text| tells(text) && !is_caption(text))?;
    let end = told.char_indices().nth(MAX_QUOTED_CHARS).map_or(told.len(), |(at, _)| at);
    Some(&told[..end])
}

fn issuer_region(
    notice: &Notice,
    refdata: &RefData,
    file_name: &str,
) -> Result<String, AnnexError> {
    let region = notice.issuer.as_deref().and_then(|issuer| refdata.region_at_start(issuer));
    region.ok_or_else(|| AnnexError::IssuerUnknown {
        file_name: file_name.to_owned(),
        found: notice.issuer.clone(),
    })
}

/// Who states the figures and how far they may travel: as given, as the layouts say, else published
/// where the document bears a number.
fn standing(
    notice: &Notice,
    options: &ReadOptions,
    applied: &Applied<'_>,
    file_name: &str,
) -> Result<(Origin, Release), AnnexError> {
    let (origin, release) = if notice.document_number.is_some() {
        (Origin::Published, Release::Published)
    } else {
        (Origin::Reported, Release::Draft)
    };
    let of_layout = applied.one_of(|layout| layout.origin, file_name)?;
    let release_of_layout = applied.one_of(|layout| layout.release, file_name)?;
    Ok((
        options.origin.or(of_layout).unwrap_or(origin),
        options.release.or(release_of_layout).unwrap_or(release),
    ))
}

/// The number of the notice. Of a document without one the title with its date, because a series
/// shares the title; of one without a title the file's name.
fn edition(notice: &Notice, published_on: Option<NaiveDate>, file_name: &str) -> String {
    if let Some(number) = &notice.document_number {
        return number.clone();
    }
    match (&notice.title, notice.dated.or(published_on)) {
        (Some(title), Some(date)) => format!("{title} {date}"),
        (Some(title), None) => title.clone(),
        (None, _) => file_name.to_owned(),
    }
}

/// The day that counts for vintages: given, stated, or the date of the document with a finding, as there is
/// one about a day that cannot be right and one where none is found. `last` is the end of the figures'
/// latest period.
fn published_on(
    notice: &Notice,
    options: &ReadOptions,
    last: Option<NaiveDate>,
    findings: &mut Vec<Finding>,
) -> Option<NaiveDate> {
    let mut tell = |severity, message: Message| {
        findings.push(Finding::new(severity, message, Place::default()));
    };
    match (options.published_on.or(notice.published_on), notice.dated) {
        (Some(published), dated) => {
            let is_before = |day: &NaiveDate| published < *day;
            if let Some(dated) = dated.filter(is_before) {
                let message = Message::new("published_on.before_dated").with("dated", dated);
                tell(Severity::Warning, message.with("published", published));
            } else if let Some(last) = last.filter(is_before) {
                let message = Message::new("published_on.before_end").with("end", last);
                tell(Severity::Warning, message.with("published", published));
            }
            Some(published)
        }
        (None, Some(dated)) if notice.document_number.is_some() => {
            let message = Message::new("published_on.assumed").with("dated", dated);
            tell(Severity::Info, message);
            Some(dated)
        }
        (None, _) => {
            tell(Severity::Info, Message::new("published_on.missing"));
            None
        }
    }
}

/// Returns the end of the latest period of a table's columns.
fn last_day(tables: &[TableReading]) -> Option<NaiveDate> {
    let columns = tables.iter().flat_map(|table| &table.columns);
    let ends = columns.filter_map(|column| match &column.role {
        ColumnRole::Indicator(indicator) => Some(indicator.period.end),
        _ => None,
    });
    ends.max()
}

fn left_out(unknown: &Unknown) -> Finding {
    Finding::new(Severity::Error, unknown.message(), unknown.place())
}

/// A remark of the reader as a finding, and how many more there are of its kind as another one.
fn remarked(remark: &Remark) -> Vec<Finding> {
    let severity = match remark.kind {
        RemarkKind::SheetHidden
        | RemarkKind::RowsHidden
        | RemarkKind::ColumnsHidden
        | RemarkKind::FormulaWithoutValue
        | RemarkKind::TextOverCells
        | RemarkKind::Raised
        | RemarkKind::Struck
        | RemarkKind::TextHidden
        | RemarkKind::MarksRead
        | RemarkKind::NumberScaled
        | RemarkKind::FormatUnknown => Severity::Warning,
        RemarkKind::TrackedChanges
        | RemarkKind::Macros
        | RemarkKind::Embedded
        | RemarkKind::SideTexts => Severity::Info,
    };
    let message = Message::new(remark.kind.as_str()).with("what", &remark.what);
    let place = remark.spot.map(Place::at).unwrap_or_default();
    let finding = Finding::new(severity, message, place);
    let more = (remark.n_more > 0).then(|| {
        let message = Message::new("source.more_of_kind").with("count", remark.n_more);
        Finding::new(severity, message.with("kind", remark.kind.as_str()), place)
    });
    [Some(finding), more].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::parse_document;

    #[test]
    fn a_title_that_a_series_shares_is_told_apart_by_the_date() {
        let day = NaiveDate::from_ymd_opt(2024, 1, 31);
        let later = NaiveDate::from_ymd_opt(2024, 2, 5);
        let titled = Notice { title: Some("汇聚情况通报".to_owned()), ..Notice::default() };
        let dated = Notice { dated: day, ..titled.clone() };
        assert_eq!(edition(&dated, later, "a.txt"), "汇聚情况通报 2024-01-31");
        assert_eq!(edition(&titled, later, "a.txt"), "汇聚情况通报 2024-02-05");
        assert_eq!(edition(&titled, None, "a.txt"), "汇聚情况通报");
        assert_eq!(edition(&Notice::default(), later, "a.txt"), "a.txt");
        let numbered = Notice { document_number: Some("〔2024〕1号".to_owned()), ..dated };
        assert_eq!(edition(&numbered, later, "a.txt"), "〔2024〕1号");
    }

    #[track_caller]
    fn check_codes(head: &str, sheet: Option<&str>, expected: &[&str]) {
        let text = format!(
            "发布机构：青海省人民政府办公厅\n{head}附件\n汇聚情况表\n（2022年1—6月）\n\
             单位\t办件数据汇聚量(条)\n省公安厅\t1200\n省民政厅\t16\n"
        );
        let mut document = parse_document(text.as_bytes(), "a.txt").unwrap();
        for block in &mut document.blocks {
            if let Block::Grid(grid) = block {
                grid.name = sheet.map(str::to_owned);
            }
        }
        let name = DocumentName { shown: "a.txt", file_name: "a.txt" };
        let refdata = RefData::load(&[]).unwrap();
        let reference = Reference { refdata: &refdata, layouts: &Layouts::default() };
        let reading = read(document, name, reference, &ReadOptions::default()).unwrap();
        let codes: Vec<&str> = reading.findings.iter().map(|found| found.message.code).collect();
        assert_eq!(codes, expected, "{head}{sheet:?}");
    }

    #[test]
    fn a_day_of_publication_that_cannot_be_right_or_is_not_there_is_told() {
        let number = "发文字号：青政办函〔2022〕8号\n";
        let dated = "成文日期：2022-07-20\n";
        check_codes(&format!("{number}{dated}发布日期：2022-07-21\n"), None, &[]);
        check_codes(&format!("{number}{dated}"), None, &["published_on.assumed"]);
        check_codes(number, None, &["published_on.missing"]);
        check_codes(dated, None, &["published_on.missing"]);
        let before = format!("{number}{dated}发布日期：2022-07-01\n");
        check_codes(&before, None, &["published_on.before_dated"]);
        let before = format!("{number}发布日期：2022-06-01\n");
        check_codes(&before, None, &["published_on.before_end"]);
    }

    #[test]
    fn a_sheet_that_is_called_by_another_time_than_its_table_tells_is_told() {
        let head = "成文日期：2022-07-20\n发布日期：2022-07-21\n";
        check_codes(head, Some("2022年5月"), &["sheet.other_time"]);
        check_codes(head, Some("2021年上半年"), &["sheet.other_time"]);
        for name in ["2022年6月", "2022年上半年", "6月", "Sheet1"] {
            check_codes(head, Some(name), &[]);
        }
    }
}
