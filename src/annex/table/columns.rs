//! The columns of a table: by a saved layout, else by their labels.

use crate::annex::cells::parse_cell;
use crate::annex::columns::{IndicatorMatch, LabelMeaning, time_of_levels, unit_of_row_label};
use crate::annex::definitions::Counted;
use crate::annex::footnotes::Marked;
use crate::annex::header::{Header, HeaderColumn};
use crate::annex::labels::{YEAR_PLACE, is_grouping, label_parts, normalise};
use crate::annex::layout::{LayoutIndicator, LayoutMeaning, LayoutRole};
use crate::annex::period::{
    ColumnPeriod, NoPeriod, PeriodContext, PeriodDoubt, Reach, column_period,
};
use crate::annex::table::TableReader;
use crate::annex::tables::tells_time_of_figures;
use crate::annex::time_words::{Relation, Stated, TimeSpan, is_cumulative, stated_time};
use crate::annex::units::unit_scale;
use crate::annex::{AnnexError, ColumnReading, ColumnRole, IndicatorColumn, Unknown};
use crate::diag::{Finding, Message, Severity};
use crate::model::Place;
use crate::refdata::Indicator;

/// Texts below a column without a label that are told.
const MAX_SAMPLES: usize = 3;

/// What a column of figures says about itself.
struct FigureColumn<'a> {
    label: &'a str,
    place: Place,
    indicator: &'a Indicator,
    /// Similarity of the label to a known one.
    score: f64,
    time: Stated,
    /// Whether its known label has the year in it.
    is_of_year: bool,
    unit: Option<String>,
    /// What the saved layout says about it.
    layout: Option<&'a LayoutIndicator>,
}

impl FigureColumn<'_> {
    /// Whether the saved layout says how its figures add up.
    fn is_settled(&self) -> bool {
        self.layout.is_some_and(|layout| layout.accumulation.is_some())
    }
}

impl TableReader<'_> {
    pub(super) fn read_columns(
        &mut self,
        header: &Header,
    ) -> Result<Vec<ColumnReading>, AnnexError> {
        let mut columns: Vec<ColumnReading> = Vec::new();
        let mut labels = header.columns.iter().filter_map(|column| column.levels.last());
        self.unit_of_rows = labels.find_map(|label| unit_of_row_label(label));
        for (idx, column) in header.columns.iter().enumerate() {
            let place = self.header_place(header.n_rows, idx, column.cell.spot);
            let label = column.label();
            let layout_column =
                self.layout.and_then(|layout| layout.column_at(idx + 1, &column.level_texts()));
            let role = match layout_column {
                Some(at) if !self.is_labelled(at, column) => {
                    self.unknown.push(self.not_of_layout(at, &label, place));
                    ColumnRole::LeftOut
                }
                Some(at) => match self.other_measure_above(at, column) {
                    Some(label) => {
                        self.unknown.push(Unknown::LabelAbove { label, place });
                        ColumnRole::LeftOut
                    }
                    None => self.role_by_layout(at, column, place)?,
                },
                None => self.role_by_label(idx, column, place)?,
            };
            let is_pair = is_region_pair(&columns, &role, &label);
            let says_again = columns.iter().any(|column| says_the_same(&column.role, &role));
            let role = if says_again && !is_pair {
                self.unknown.push(Unknown::ColumnRepeated { label: label.clone(), place });
                ColumnRole::LeftOut
            } else {
                role
            };
            columns.push(ColumnReading { label, role, layout_column });
        }
        self.refuse_lone_totals(&mut columns, header);
        self.report_inferred_periods(&columns);
        Ok(columns)
    }

    /// Whether a column prints a label that the layout has for its place. One without a label may
    /// be anything but figures; one with half a bracket lacks what stands in it.
    fn is_labelled(&self, at: usize, column: &HeaderColumn) -> bool {
        let known = self.layout.and_then(|layout| layout.columns.get(at));
        known.is_some_and(|known| {
            let is_bare =
                column.levels.is_empty() && matches!(known.meaning, LayoutMeaning::Role(_));
            let is_whole = label_parts(&column.levels.concat()).is_whole;
            is_bare || (is_whole && known.is_labelled(&column.level_texts()))
        })
    }

    /// Returns a label above a column of figures that makes another measure of it: one that says more
    /// than what it groups, and that the layout does not know.
    fn other_measure_above(&self, at: usize, column: &HeaderColumn) -> Option<String> {
        let layout = self.layout?;
        let known = layout.columns.get(at)?;
        let (leaf, above) = column.levels.split_last()?;
        let leaf = label_parts(leaf).name;
        let is_own = |label: &String| {
            let name = label_parts(label).name;
            known.is_called(&name) || known.is_called(&format!("{name}{leaf}"))
        };
        let mut others = above.iter().filter(|label| {
            let name = label_parts(label).name;
            !is_own(label) && !layout.recognises(&name) && !is_grouping(&name, &leaf)
        });
        let is_figures = matches!(known.meaning, LayoutMeaning::Indicator(_));
        others.next().filter(|_| is_figures).cloned()
    }

    fn not_of_layout(&self, at: usize, printed: &str, place: Place) -> Unknown {
        let known = self.layout.and_then(|layout| layout.columns.get(at));
        let label = known.and_then(|known| known.labels.first()).cloned().unwrap_or_default();
        Unknown::LabelOfLayout { label, printed: printed.to_owned(), place }
    }

    /// Returns what a column is by the saved layout.
    fn role_by_layout(
        &mut self,
        at: usize,
        column: &HeaderColumn,
        place: Place,
    ) -> Result<ColumnRole, AnnexError> {
        let Some(known) = self.layout.and_then(|layout| layout.columns.get(at)) else {
            return Ok(ColumnRole::LeftOut);
        };
        let of_layout = match &known.meaning {
            LayoutMeaning::Role(role) => return Ok(role_of(*role)),
            LayoutMeaning::Indicator(of_layout) => of_layout,
        };
        let known = self.context.refdata.indicators();
        let indicator = known.iter().find(|known| known.indicator == of_layout.indicator);
        let Some(indicator) = indicator else { return Ok(ColumnRole::LeftOut) };
        let levels = column.level_texts();
        let parts: Vec<_> = levels.iter().map(|label| label_parts(label)).collect();
        let figures = FigureColumn {
            label: &column.label(),
            place,
            indicator,
            score: 1.0,
            time: time_of_levels(&parts),
            unit: parts.into_iter().rev().find_map(|parts| parts.unit),
            is_of_year: false,
            layout: Some(of_layout),
        };
        Ok(self.indicator_column(&figures)?.map_or(ColumnRole::LeftOut, ColumnRole::Indicator))
    }

    /// Returns what a column is by its labels, or notes that nobody knows it.
    fn role_by_label(
        &mut self,
        idx: usize,
        column: &HeaderColumn,
        place: Place,
    ) -> Result<ColumnRole, AnnexError> {
        if column.levels.is_empty() && self.is_blank(idx) {
            return Ok(ColumnRole::Blank);
        }
        if column.levels.is_empty() && self.is_count(idx) {
            return Ok(ColumnRole::RunningNumber);
        }
        let label = column.label();
        let meaning = self.meaning_without_marks(column, place);
        let meaning =
            meaning.unwrap_or_else(|| self.context.labels.meaning_of_levels(&column.level_texts()));
        Ok(match meaning {
            LabelMeaning::RunningNumber => ColumnRole::RunningNumber,
            LabelMeaning::Department => ColumnRole::Department,
            LabelMeaning::Region => ColumnRole::Region,
            LabelMeaning::Remark => ColumnRole::Remark,
            LabelMeaning::Total => ColumnRole::Computed,
            LabelMeaning::Indicator(found) => {
                self.report_fuzzy(&label, place, &found);
                let figures = FigureColumn {
                    label: &label,
                    place,
                    indicator: &found.indicator,
                    score: found.score,
                    time: found.parts.time,
                    is_of_year: found.known_label.contains(YEAR_PLACE),
                    unit: found.parts.unit.clone(),
                    layout: None,
                };
                let column = self.indicator_column(&figures)?;
                column.map_or(ColumnRole::LeftOut, ColumnRole::Indicator)
            }
            LabelMeaning::Unknown(_) if label.is_empty() => {
                let label = self.samples_below(idx);
                self.unknown.push(Unknown::ColumnUnnamed { label, place });
                ColumnRole::LeftOut
            }
            LabelMeaning::Unknown(nearest) => {
                self.unknown.push(self.unknown_column(column, nearest, place));
                ColumnRole::LeftOut
            }
        })
    }

    /// What is wrong with a column whose labels mean nothing known.
    fn unknown_column(&self, column: &HeaderColumn, nearest: Vec<String>, place: Place) -> Unknown {
        let label = column.label();
        let parts: Vec<_> = column.level_texts().into_iter().map(label_parts).collect();
        let rows = self.table.grid.rows.iter().skip(place.row.unwrap_or(1));
        let idx = place.column.map_or(0, |column| column - 1);
        let cells = rows.filter_map(|row| row.cells.get(idx)).map(|cell| cell.text.as_str());
        let mut texts = cells.filter(|text| !text.is_empty()).peekable();
        let has_texts = texts.peek().is_some();
        if has_texts
            && nearest.is_empty()
            && texts.all(|text| !parse_cell(text).stands_for_figure())
        {
            return Unknown::ColumnOfTexts { label, place };
        }
        let is_unnamed = parts.iter().all(|parts| parts.name.is_empty());
        if is_unnamed && time_of_levels(&parts) != Stated::Nothing {
            return Unknown::ColumnOfTime { label, place };
        }
        let entry = match parts.as_slice() {
            [_] | [] => label.clone(),
            levels => levels.iter().map(|parts| parts.name.as_str()).collect(),
        };
        Unknown::Column { label, place, nearest, entry }
    }

    /// Returns what a column means by its labels without the marks of footnotes, and tells so; `None` where
    /// there is no mark, or the rest is no label as it is known.
    fn meaning_without_marks(
        &mut self,
        column: &HeaderColumn,
        place: Place,
    ) -> Option<LabelMeaning> {
        let levels = column.level_texts();
        let marked: Vec<Option<Marked<'_>>> =
            levels.iter().map(|level| Marked::parse(level)).collect();
        if marked.iter().all(Option::is_none) {
            return None;
        }
        let rest = levels.iter().zip(&marked);
        let rest: Vec<&str> = rest
            .map(|(level, marked)| marked.as_ref().map_or(*level, |marked| marked.rest.as_str()))
            .collect();
        let meaning = self.context.labels.meaning_of_levels(&rest);
        let is_known = match &meaning {
            LabelMeaning::Indicator(found) => found.score >= 1.0,
            LabelMeaning::Unknown(_) => false,
            _ => true,
        };
        if !is_known {
            return None;
        }
        let labels = levels.iter().zip(marked);
        for (label, marked) in labels.filter_map(|(label, marked)| Some((label, marked?))) {
            let finding = marked.finding(label, Severity::Info, place);
            self.findings.push(finding.labelled(None, Some(label)));
        }
        Some(meaning)
    }

    /// Returns the first texts below a column without a label.
    fn samples_below(&self, idx: usize) -> String {
        let cells = self.table.grid.rows.iter().filter_map(|row| row.cells.get(idx));
        let texts = cells.map(|cell| cell.text.as_str()).filter(|text| !text.is_empty());
        texts.take(MAX_SAMPLES).collect::<Vec<_>>().join("、")
    }

    fn report_fuzzy(&mut self, label: &str, place: Place, found: &IndicatorMatch) {
        if found.score >= 1.0 {
            return;
        }
        let message = Message::new("column.fuzzy")
            .with("label", label)
            .with("known", &found.known_label)
            .with("score", format!("{:.2}", found.score));
        let finding = Finding::new(Severity::Info, message, place);
        self.findings
            .push(finding.labelled(None, Some(label)).comparing(label, &found.known_label));
    }

    /// Whether nothing stands in a column.
    fn is_blank(&self, idx: usize) -> bool {
        let cells = self.table.grid.rows.iter().filter_map(|row| row.cells.get(idx));
        cells.into_iter().all(|cell| cell.text.is_empty())
    }

    /// Whether a first column without a label counts its rows from 1.
    fn is_count(&self, idx: usize) -> bool {
        let texts = self.table.grid.rows.iter().filter_map(|row| row.cells.get(idx));
        let counts = texts.map(|cell| cell.text.as_str()).filter(|text| !text.is_empty());
        idx == 0 && counts.enumerate().all(|(at, text)| text == (at + 1).to_string())
    }

    /// Returns how a column of an indicator is read; `None` when its unit cannot be.
    fn indicator_column(
        &mut self,
        column: &FigureColumn<'_>,
    ) -> Result<Option<IndicatorColumn>, AnnexError> {
        let FigureColumn { label, place, indicator, layout, .. } = *column;
        let of_layout = layout.and_then(|layout| layout.unit.as_ref());
        let of_table = self.unit_of_table();
        let printed_unit = column.unit.as_ref().or(of_table.as_ref()).or(of_layout);
        let read_unit = match printed_unit {
            Some(unit) => unit_scale(unit),
            None => Some((indicator.unit.as_str(), 0)),
        };
        // A scale alone multiplies the indicator's own unit.
        let read_unit = read_unit.map(|(unit, exponent)| match unit {
            "" => (indicator.unit.as_str(), exponent),
            unit => (unit, exponent),
        });
        // 条 are not 件: figures in another unit are no figures of this indicator.
        let Some((unit, exponent)) = read_unit.filter(|(unit, _)| *unit == indicator.unit) else {
            self.unknown.push(Unknown::Unit {
                label: label.to_owned(),
                place,
                unit: printed_unit.cloned().unwrap_or_default(),
                expected: indicator.unit.clone(),
            });
            return Ok(None);
        };
        if let (None, Some(unit)) = (printed_unit, &self.context.unit_in_text) {
            let message = Message::new("unit.in_text").with("column", label).with("unit", unit);
            let finding = Finding::new(Severity::Warning, message, place);
            self.findings.push(finding.labelled(None, Some(label)));
        }
        self.report_scales(column);
        let Some(time) = self.time_of(column)? else { return Ok(None) };
        let counted = Counted { indicator, period: time.period };
        let definition = counted.definition(self.context.refdata);
        let findings = counted.findings(self.context.refdata, place).into_iter();
        self.findings.extend(findings.map(|finding| finding.labelled(None, Some(label))));
        Ok(Some(IndicatorColumn {
            indicator: indicator.indicator.as_str().into(),
            definition,
            kind: indicator.kind,
            score: column.score,
            unit: unit.into(),
            exponent,
            accumulation: time.accumulation,
            period: time.period,
            period_basis: time.basis,
            doubts: time.doubts,
        }))
    }

    /// Returns the unit of the figures whose columns print none: where the label of the rows and the text
    /// around the table print different ones, both of them, so that columns are refused.
    fn unit_of_table(&self) -> Option<String> {
        match (&self.unit_of_rows, &self.table.unit) {
            (Some(of_rows), Some(around)) if of_rows != around => {
                Some(format!("{of_rows}、{around}"))
            }
            (of_rows, around) => of_rows.clone().or_else(|| around.clone()),
        }
    }

    /// Tells where a label prints another scale than the line above the table: the label counts.
    fn report_scales(&mut self, column: &FigureColumn<'_>) {
        let (Some(own), Some(above)) = (&column.unit, self.unit_of_table()) else { return };
        let (Some(scale), Some(scale_above)) = (unit_scale(own), unit_scale(&above)) else {
            return;
        };
        // A line about another unit is about other columns.
        let is_other_unit = ![scale.0, scale_above.0].contains(&"") && scale.0 != scale_above.0;
        if is_other_unit || scale.1 == scale_above.1 {
            return;
        }
        let message = Message::new("unit.scales_differ")
            .with("column", column.label)
            .with("unit", own)
            .with("above", &above);
        let finding = Finding::new(Severity::Warning, message, column.place);
        self.findings.push(finding.labelled(None, Some(column.label)).comparing(own, above));
    }

    /// Returns the words about the time of a column that are not understood: the nearest ones that say
    /// something unclear, else the nearest that say anything.
    fn unclear_words(&self, label: &str, of_label: Stated) -> String {
        let title = self.table.title.as_str();
        let sheet =
            self.table.grid.name.as_deref().filter(|_| stated_time(title) == Stated::Nothing);
        let told = [
            (of_label, label),
            (self.table.caption_time(), self.table.caption_text().unwrap_or_default()),
            (self.table.title_time, sheet.unwrap_or(title)),
            (self.context.period.document_title, self.context.document_title),
        ];
        let is_unclear = |stated: &Stated| matches!(stated, Stated::Unclear | Stated::Relative(_));
        let unclear = told.iter().find(|(stated, _)| is_unclear(stated));
        let any = told.iter().find(|(stated, _)| *stated != Stated::Nothing);
        unclear.or(any).map_or(label, |(_, words)| words).to_owned()
    }

    /// Returns since when the figures of a column count. A saved layout that says how they add up is
    /// right, and so is a label of a month.
    fn reach_of(&self, column: &FigureColumn<'_>) -> Reach {
        let is_of_month = column.time == Stated::Relative(Relation::SameMonth);
        if column.is_settled() || is_of_month {
            return Reach::Printed;
        }
        let is_of_year = ["当年", "本年"].iter().any(|words| column.label.contains(words));
        if column.is_of_year || is_of_year {
            return Reach::OfYear;
        }
        let around = self.table.captions.iter().copied().chain([self.table.title.as_str()]);
        let notes = self.table.notes.iter().map(|note| note.text.as_str());
        let mut texts = around
            .chain([column.label, self.context.document_title])
            .chain(notes.filter(|note| tells_time_of_figures(note)));
        if texts.any(is_cumulative) { Reach::Cumulative } else { Reach::Printed }
    }

    /// Returns the time of a column; `None` when it lies before all calendars.
    fn time_of(&mut self, column: &FigureColumn<'_>) -> Result<Option<ColumnPeriod>, AnnexError> {
        let FigureColumn { label, place, indicator, layout, .. } = *column;
        let reach = self.reach_of(column);
        let context = PeriodContext {
            reach,
            caption: self.table.caption_time(),
            title: self.table.title_time,
            rule: self.layout.map(|layout| layout.period).unwrap_or_default(),
            ..self.context.period
        };
        let words = self.unclear_words(label, column.time);
        let seen = self.table.times_seen().not_understood.join("、");
        let is_of_other_year = layout.is_some_and(|layout| layout.years_back == 0)
            && column.time == Stated::Relative(Relation::OtherYear);
        let refused = |error| {
            let (file_name, column) = (self.context.file_name.to_owned(), label.to_owned());
            match error {
                NoPeriod::Unclear if is_of_other_year => {
                    AnnexError::PeriodOfOtherYear { file_name, column, place }
                }
                NoPeriod::Unsaid if seen.is_empty() => {
                    AnnexError::PeriodUnknown { file_name, column, place }
                }
                NoPeriod::Unsaid => {
                    AnnexError::PeriodUnclear { file_name, column, words: seen.clone(), place }
                }
                NoPeriod::Unclear => {
                    AnnexError::PeriodUnclear { file_name, column, words: words.clone(), place }
                }
            }
        };
        let years_back = layout.map_or(0, |layout| layout.years_back);
        let printed = match column.time {
            Stated::Nothing if label.contains("历年") && !column.is_settled() => Stated::Unclear,
            // The layout says which year 上年 is.
            Stated::Relative(Relation::OtherYear) if years_back > 0 => Stated::Nothing,
            printed => printed,
        };
        let time = column_period(&context, indicator.kind, printed).map_err(refused)?;
        if time.doubts.contains(&PeriodDoubt::Hours) {
            let message =
                Message::new("period.hours").with("column", label).with("period", time.period);
            let finding = Finding::new(Severity::Warning, message, place);
            self.findings.push(finding.labelled(None, Some(label)));
        }
        // A year that is printed is the year.
        let has_year = printed.span().and_then(TimeSpan::year).is_some();
        let years_back = if has_year { 0 } else { years_back };
        let Some(period) = time.period.years_back(years_back) else { return Ok(None) };
        let time = ColumnPeriod { period, ..time };
        match layout.and_then(|layout| layout.accumulation) {
            Some(accumulation) => {
                let time = time.accumulated_as(accumulation);
                time.map(Some).ok_or_else(|| refused(NoPeriod::Unclear))
            }
            None => Ok(Some(time)),
        }
    }
}

fn role_of(role: LayoutRole) -> ColumnRole {
    match role {
        LayoutRole::RunningNumber => ColumnRole::RunningNumber,
        LayoutRole::Department => ColumnRole::Department,
        LayoutRole::Region => ColumnRole::Region,
        LayoutRole::Breakdown => ColumnRole::Breakdown,
        LayoutRole::Remark => ColumnRole::Remark,
        LayoutRole::Computed => ColumnRole::Computed,
        LayoutRole::Ignored => ColumnRole::Ignored,
    }
}

/// Whether a column names regions that lie in those of the column before it, as 县区 beside 市州: two
/// columns of regions with other labels, side by side. Every row has to bear it out.
fn is_region_pair(before: &[ColumnReading], role: &ColumnRole, label: &str) -> bool {
    let n_regions = before.iter().filter(|column| column.role == ColumnRole::Region).count();
    let is_beside = before.last().is_some_and(|last| {
        last.role == ColumnRole::Region && normalise(&last.label) != normalise(label)
    });
    *role == ColumnRole::Region && n_regions == 1 && is_beside
}

/// Whether two columns would give figures with the same key, or say the same of a row.
fn says_the_same(a: &ColumnRole, b: &ColumnRole) -> bool {
    match (a, b) {
        (ColumnRole::Indicator(a), ColumnRole::Indicator(b)) => {
            a.indicator == b.indicator && a.period == b.period && a.accumulation == b.accumulation
        }
        (ColumnRole::Department, ColumnRole::Department)
        | (ColumnRole::Region, ColumnRole::Region)
        | (ColumnRole::Breakdown, ColumnRole::Breakdown) => true,
        _ => false,
    }
}
