//! A report as a paper: sections to pages, blocks to paragraphs and tables.

use crate::diag::{Lang, Message};
use crate::model::SYNTHETIC_PART_SENTENCE;
use crate::report::content::{
    Block, Cell, CellFormat, Chart, Column, Letter, Mark, Report, RowKind, Section, SectionStart,
    Span, Table, TablePurpose, Value,
};
use crate::report::docx::page::text_width;
use crate::report::docx::paper::{
    Emphasis, Orientation, Paper, PaperBlock, PaperColumn, PaperParagraph, PaperRow, PaperSection,
    PaperTable, Role, Run,
};
use crate::report::docx::table::needed_width;
use crate::report::letter::{self, LetterLine};
use crate::report::shown::shown;
use crate::report::told::{bracketed, cell_told, closing_accounts, folded, is_hash, title_of};

/// Rows of a table that a paper has at most; others are named by their number.
const MAX_ROWS: usize = 500;

/// Digits of a hash that are printed.
const HASH_DIGITS: usize = 12;

/// What stands in a cell without a value of which something must be known.
const NO_VALUE: &str = "—";

/// Returns a report as the bytes of a DOCX file.
pub(in crate::report) fn to_docx(report: &Report) -> Vec<u8> {
    super::write(&paper_of(report))
}

/// Returns a report as a paper: an official one where it is one, else all of its sections, and last where
/// it comes from.
pub(super) fn paper_of(report: &Report) -> Paper {
    if let Some(letter) = &report.letter {
        return letter_of(report, letter);
    }
    let mut pages = Pages::new(report);
    // The title stands on the pages of the first section, however they lie.
    if let Some(first) = report.sections.first().filter(|first| !letter::is_annex(first)) {
        pages.sections[0].orientation = pages.orientation(first.start, &first.blocks);
    }
    pages.paragraph(Role::Title, &report.title);
    if let Some(subtitle) = &report.subtitle {
        pages.paragraph(Role::Subtitle, subtitle);
    }
    for section in &report.sections {
        pages.begin(section.start, &section.blocks);
        pages.paragraph(Role::Heading1, &section.title);
        pages.blocks(&section.blocks);
    }
    let accounts: Vec<Block> = closing_accounts(report).into_iter().map(Block::Table).collect();
    if !accounts.is_empty() {
        pages.begin(SectionStart::Page, &accounts);
        pages.blocks(&accounts);
    }
    pages.finish(None)
}

/// Returns a report as an official paper: sections on pages of their own are its annexes, and where it
/// comes from is told elsewhere.
fn letter_of(report: &Report, letter: &Letter) -> Paper {
    let mut pages = Pages::new(report);
    pages.line(Role::Number, letter::number(letter));
    pages.paragraph(Role::Blank, "");
    pages.paragraph(Role::Title, &letter.title);
    pages.paragraph(Role::Blank, "");
    if let Some(addressees) = &letter.addressees {
        pages.paragraph(Role::Addressees, addressees);
    }
    let (annexes, text): (Vec<&Section>, Vec<&Section>) =
        report.sections.iter().partition(|section| letter::is_annex(section));
    for section in text {
        if !section.title.is_empty() {
            pages.paragraph(Role::Heading1, &section.title);
        }
        pages.blocks(&section.blocks);
    }
    pages.end_of_text();
    pages.attachments(&annexes);
    pages.close(letter);
    let is_one = annexes.len() == 1;
    for (idx, section) in annexes.iter().enumerate() {
        pages.begin(section.start, &section.blocks);
        pages.paragraph(Role::AnnexLabel, &annex_label(if is_one { None } else { Some(idx + 1) }));
        pages.paragraph(Role::Blank, "");
        pages.paragraph(Role::AnnexTitle, &section.title);
        pages.annex(&section.blocks);
    }
    pages.finish(letter.header.as_deref())
}

/// Returns the label of an annex. Official papers are Chinese, so it is, too.
fn annex_label(number: Option<usize>) -> String {
    number.map_or_else(|| "附件".to_owned(), |number| format!("附件{number}"))
}

/// Pages that are filled one after the other.
struct Pages<'a> {
    report: &'a Report,
    sections: Vec<PaperSection>,
}

impl<'a> Pages<'a> {
    fn new(report: &'a Report) -> Self {
        let first = PaperSection { orientation: Orientation::Portrait, blocks: Vec::new() };
        let mut pages = Self { report, sections: vec![first] };
        if report.is_synthetic {
            pages.paragraph(Role::Subtitle, &synthetic(report.lang));
            // A reader of documents knows by this sentence that not all in one is real.
            pages.paragraph(Role::Subtitle, SYNTHETIC_PART_SENTENCE);
        }
        pages
    }

    fn push(&mut self, block: PaperBlock) {
        let section = self.sections.last_mut().expect("there is a first one");
        section.blocks.push(block);
    }

    fn paragraph(&mut self, role: Role, text: &str) {
        self.push(PaperBlock::Paragraph(PaperParagraph::of(role, text)));
    }

    fn line(&mut self, role: Role, line: LetterLine) {
        let emphasis = if line.is_open { Emphasis::Open } else { Emphasis::Plain };
        let runs = vec![Run { text: line.text, emphasis }];
        self.push(PaperBlock::Paragraph(PaperParagraph { role, runs }));
    }

    /// Begins a new page where the section asks for one, or its tables do not fit on the current one.
    fn begin(&mut self, start: SectionStart, blocks: &[Block]) {
        let orientation = self.orientation(start, blocks);
        let is_same = self.sections.last().is_some_and(|last| last.orientation == orientation);
        if start != SectionStart::Below || !is_same {
            self.sections.push(PaperSection { orientation, blocks: Vec::new() });
        }
    }

    /// How the pages of a section lie: its tables have to fit.
    fn orientation(&self, start: SectionStart, blocks: &[Block]) -> Orientation {
        let lang = self.report.lang;
        let is_wide = blocks.iter().any(|block| {
            let room = text_width(Orientation::Portrait);
            match block {
                Block::Table(table) => needed_width(&grid_of(table, lang).0) > room,
                // It is as wide as the page.
                Block::Chart(_)
                | Block::Heading { .. }
                | Block::Paragraph { .. }
                | Block::Remark { .. } => false,
            }
        });
        match start {
            SectionStart::WidePage => Orientation::Landscape,
            SectionStart::Below | SectionStart::Page if is_wide => Orientation::Landscape,
            SectionStart::Below | SectionStart::Page => Orientation::Portrait,
        }
    }

    fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            match block {
                Block::Heading { level, text } => {
                    let role = if *level <= 2 { Role::Heading2 } else { Role::Heading3 };
                    self.paragraph(role, text);
                }
                Block::Paragraph { spans } => {
                    let runs = spans.iter().map(run_of).collect();
                    self.push(PaperBlock::Paragraph(PaperParagraph { role: Role::Body, runs }));
                }
                Block::Remark { text } => self.paragraph(Role::Remark, text),
                Block::Table(table) => self.table(table),
                Block::Chart(chart) => self.chart(chart),
            }
        }
    }

    /// Adds what stands in an annex: text there is a caption.
    fn annex(&mut self, blocks: &[Block]) {
        for block in blocks {
            match block {
                Block::Paragraph { spans } => {
                    let runs = spans.iter().map(run_of).collect();
                    self.push(PaperBlock::Paragraph(PaperParagraph { role: Role::Caption, runs }));
                }
                other => self.blocks(std::slice::from_ref(other)),
            }
        }
    }

    fn table(&mut self, table: &Table) {
        let lang = self.report.lang;
        // The title of an annex is that of its section.
        if table.purpose != TablePurpose::Annex {
            self.paragraph(Role::Caption, &table.title);
        }
        let (grid, told) = grid_of(table, lang);
        let (_, said) = folded(table, lang);
        self.push(PaperBlock::Table(grid));
        for (number, words) in (1_usize..).zip(told) {
            let runs = vec![
                Run { text: number.to_string(), emphasis: Emphasis::Mark },
                Run::plain(format!(" {words}")),
            ];
            self.push(PaperBlock::Paragraph(PaperParagraph { role: Role::Note, runs }));
        }
        if table.rows.len() > MAX_ROWS {
            let left_out = Message::new("report.paper_rows_left_out")
                .with("rows", table.rows.len())
                .with("shown", MAX_ROWS);
            self.paragraph(Role::Note, &left_out.text(lang));
        }
        for note in said.iter().chain(&table.notes) {
            self.paragraph(Role::Note, note);
        }
    }

    /// Adds a chart between its title and its notes. Its values stand in formats that have room for them.
    fn chart(&mut self, chart: &Chart) {
        let title = match &chart.unit {
            Some(unit) => bracketed(&chart.title, unit, self.report.lang),
            None => chart.title.clone(),
        };
        self.paragraph(Role::Caption, &title);
        self.push(PaperBlock::Chart(chart.clone()));
        for note in &chart.notes {
            self.paragraph(Role::Note, note);
        }
    }

    /// Keeps the last paragraph of the text with what stands below it.
    fn end_of_text(&mut self) {
        let blocks = self.sections.last_mut().map(|section| &mut section.blocks);
        if let Some(PaperBlock::Paragraph(last)) = blocks.and_then(|blocks| blocks.last_mut())
            && last.role == Role::Body
        {
            last.role = Role::BodyEnd;
        }
    }

    /// 附件说明: one line below the text, names under each other.
    fn attachments(&mut self, annexes: &[&Section]) {
        if annexes.is_empty() {
            return;
        }
        self.paragraph(Role::Blank, "");
        for line in letter::attachments(annexes) {
            self.paragraph(Role::Attachment, &line);
        }
    }

    /// 署名 and 成文日期.
    fn close(&mut self, letter: &Letter) {
        self.paragraph(Role::Blank, "");
        self.paragraph(Role::Blank, "");
        if let Some(signature) = &letter.signature {
            self.paragraph(Role::Signature, signature);
        }
        self.line(Role::Dated, letter::dated(letter));
    }

    fn finish(self, header: Option<&str>) -> Paper {
        let synthetic = self.report.is_synthetic.then(|| synthetic(self.report.lang));
        let header: Vec<&str> = [header, synthetic.as_deref()].into_iter().flatten().collect();
        Paper {
            title: self.report.title.clone(),
            lang: self.report.lang,
            header: (!header.is_empty()).then(|| header.join("　")),
            sections: self.sections,
        }
    }
}

/// Says that a report holds made-up data.
fn synthetic(lang: Lang) -> String {
    Message::new("report.page_synthetic").text(lang)
}

fn run_of(span: &Span) -> Run {
    match span {
        Span::Text { text } => Run::plain(text),
        Span::Figure(figure) => {
            Run { text: figure.shown.clone(), emphasis: emphasis_of(&figure.marks) }
        }
    }
}

fn emphasis_of(marks: &[Mark]) -> Emphasis {
    if marks.contains(&Mark::Changed) { Emphasis::Changed } else { Emphasis::Plain }
}

/// Returns a table as it is drawn, and what its raised numbers stand for, in order.
///
/// An annex has none, and its numbers stand as in published ones: without marks between thousands.
fn grid_of(table: &Table, lang: Lang) -> (PaperTable, Vec<String>) {
    let is_annex = table.purpose == TablePurpose::Annex;
    let mut told: Vec<String> = Vec::new();
    // A course is drawn where there is something to draw with.
    let (are_folded, _) = folded(table, lang);
    let are_drawn: Vec<bool> = are_folded
        .iter()
        .zip(&table.columns)
        .map(|(is_folded, column)| !is_folded && column.format != CellFormat::Course)
        .collect();
    let columns = table.columns.iter().zip(&are_drawn).filter(|(_, is_drawn)| **is_drawn).map(
        |(column, _)| PaperColumn {
            label: if is_annex { column.label.clone() } else { title_of(column, lang) },
            role: role_of(column.format),
        },
    );
    let rows = table.rows.iter().filter(|row| row.kind == RowKind::Body).take(MAX_ROWS);
    let totals = table.rows.iter().filter(|row| row.kind == RowKind::Total);
    let rows = rows.chain(totals).map(|row| {
        let cells = row.cells.iter().zip(&table.columns).zip(&are_drawn);
        let cells = cells.filter(|(_, is_drawn)| **is_drawn).map(|((cell, column), _)| {
            if is_annex {
                return annex_cell(cell);
            }
            cell_runs(cell, column, lang, &mut told)
        });
        PaperRow { cells: cells.collect() }
    });
    let rows = rows.collect();
    (PaperTable { is_dense: !is_annex, columns: columns.collect(), rows }, told)
}

/// Returns a text, a hash by its first digits.
fn cut_hash(text: String, format: CellFormat) -> String {
    if is_hash(&text, format) { format!("{}…", &text[..HASH_DIGITS]) } else { text }
}

fn role_of(format: CellFormat) -> Role {
    match format {
        CellFormat::Text | CellFormat::Id | CellFormat::Truth => Role::CellWords,
        _ => Role::CellNumber,
    }
}

fn annex_cell(cell: &Cell) -> Vec<Run> {
    let text = match &cell.value {
        // The shortest text that reads back as the same number; whole ones have no decimals.
        Value::Number(number) => number.to_string(),
        Value::Whole(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        _ => String::new(),
    };
    vec![Run { text, emphasis: emphasis_of(&cell.marks) }]
}

/// Returns a cell as people read it, with a raised number for what must be known of it.
fn cell_runs(cell: &Cell, column: &Column, lang: Lang, told: &mut Vec<String>) -> Vec<Run> {
    let text = cut_hash(shown(&cell.value, column.format, lang), column.format);
    let words = cell_told(cell, lang);
    // A raised number alone would be taken for a value.
    let text = if text.is_empty() && !words.is_empty() { NO_VALUE.to_owned() } else { text };
    let mut runs = vec![Run { text, emphasis: emphasis_of(&cell.marks) }];
    if !words.is_empty() {
        let known = told.iter().position(|known| *known == words);
        let idx = known.unwrap_or_else(|| {
            told.push(words);
            told.len() - 1
        });
        runs.push(Run { text: (idx + 1).to_string(), emphasis: Emphasis::Mark });
    }
    runs
}
