//! The file of a layout: TOML, checked while it is read.

use std::collections::BTreeMap;
use std::ops::Range;

use regex::Regex;
use serde::Deserialize;
use toml::Spanned;

use crate::annex::labels::label_parts;
use crate::annex::layout::{
    Check, Layout, LayoutColumn, LayoutError, LayoutIndicator, LayoutMeaning, LayoutRole,
    PeriodRule, ProseFigure, ProsePattern, Recognise,
};
use crate::annex::units::unit_scale;
use crate::diag::{Message, nearest_names};
use crate::fsio::hash_hex;
use crate::model::{Accumulation, Origin, Release};
use crate::refdata::{Indicator, IndicatorKind, IndicatorRow, RefData};

/// Version of the form of the file.
const FORMAT: u32 = 1;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenLayout {
    format: Spanned<u32>,
    version: u32,
    summary: String,
    summary_zh: String,
    #[serde(default)]
    draft: bool,
    recognise: Spanned<WrittenRecognise>,
    #[serde(default)]
    source: WrittenSource,
    #[serde(default)]
    table: WrittenTable,
    #[serde(default)]
    columns: Vec<Spanned<WrittenColumn>>,
    #[serde(default)]
    prose: Vec<WrittenProse>,
    #[serde(default)]
    indicators: Vec<Spanned<WrittenIndicator>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRecognise {
    title: Option<Spanned<String>>,
    document: Option<Spanned<String>>,
    #[serde(default)]
    columns: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSource {
    issuer: Option<String>,
    origin: Option<Spanned<String>>,
    release: Option<Spanned<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTable {
    header_rows: Option<usize>,
    period: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenColumn {
    label: Option<String>,
    #[serde(default)]
    labels: Vec<String>,
    position: Option<usize>,
    role: Option<Spanned<String>>,
    indicator: Option<Spanned<String>>,
    unit: Option<Spanned<String>>,
    accumulation: Option<Spanned<String>>,
    #[serde(default)]
    years_back: u32,
    #[serde(default)]
    states: BTreeMap<String, String>,
    check: Option<Spanned<WrittenCheck>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenCheck {
    #[serde(default)]
    ratio: Vec<String>,
    #[serde(default)]
    sum: Vec<String>,
    #[serde(default)]
    difference: Vec<String>,
    share_of: Option<String>,
    rank_by: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenProse {
    pattern: Spanned<String>,
    figures: Vec<Spanned<WrittenFigure>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenFigure {
    capture: String,
    indicator: Spanned<String>,
    region: Option<Spanned<String>>,
    breakdown: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenIndicator {
    indicator: String,
    #[serde(default = "first_definition")]
    definition: i32,
    name_zh: String,
    name_en: String,
    area: String,
    kind: Spanned<String>,
    unit: String,
    definition_zh: String,
    definition_en: String,
    source: String,
    confidence: String,
}

fn first_definition() -> i32 {
    1
}

/// Reads a layout and adds its indicators to the reference tables.
pub(super) fn parse(
    name: &str,
    text: &str,
    is_builtin: bool,
    refdata: &mut RefData,
) -> Result<Layout, LayoutError> {
    let file = LayoutText { name, text };
    let written: WrittenLayout = toml::from_str(text).map_err(|error| {
        let span = error.span().unwrap_or_default();
        file.fault(&span, Message::new("io.other").with("reason", error.message()))
    })?;
    if *written.format.get_ref() != FORMAT {
        let reason = Message::new("layout.format")
            .with("found", written.format.get_ref())
            .with("known", FORMAT);
        return Err(file.fault(&written.format.span(), reason));
    }
    if let Some(span) = question_mark(text).filter(|_| !written.draft) {
        return Err(file.fault(&span, Message::new("layout.incomplete")));
    }
    let (mut columns, mut prose) = (Vec::new(), Vec::new());
    // A draft still has its question marks, and is not applied.
    if !written.draft {
        for indicator in &written.indicators {
            file.add_indicator(indicator, refdata)?;
        }
        columns = file.columns(&written.columns, refdata)?;
        let patterns = written.prose.iter().map(|prose| file.prose(prose, refdata));
        prose = patterns.collect::<Result<_, _>>()?;
    }
    let source = &written.source;
    Ok(Layout {
        name: name.to_owned(),
        version: written.version,
        summary: written.summary,
        summary_zh: written.summary_zh,
        is_builtin,
        is_draft: written.draft,
        open_lines: if written.draft { open_lines(text) } else { Vec::new() },
        hash: hash_hex(text.as_bytes())[..16].to_owned(),
        issuer: source.issuer.clone(),
        origin: file.word(source.origin.as_ref(), Origin::ALL, Origin::as_str)?,
        release: file.word(source.release.as_ref(), Release::ALL, Release::as_str)?,
        header_rows: written.table.header_rows,
        period: file
            .word(written.table.period.as_ref(), PeriodRule::ALL, PeriodRule::as_str)?
            .unwrap_or_default(),
        columns,
        prose,
        recognise: file.recognise(&written.recognise)?,
        has_columns: !written.columns.is_empty() || written.table.header_rows.is_some(),
    })
}

/// Returns where in a line a value still is a question mark; comments may have some.
fn open_value(line: &str) -> Option<usize> {
    line.split('#').next().unwrap_or_default().find("\"?\"")
}

/// Returns the lines, from 1, with a value that still is a question mark.
fn open_lines(text: &str) -> Vec<usize> {
    let lines = text.lines().enumerate().filter(|(_, line)| open_value(line).is_some());
    lines.map(|(idx, _)| idx + 1).collect()
}

/// Returns the place of the first value that still is a question mark.
fn question_mark(text: &str) -> Option<Range<usize>> {
    let mut start = 0;
    text.split_inclusive('\n').find_map(|line| {
        let value = open_value(line);
        let found = value.map(|at| start + at..start + at + 3);
        start += line.len();
        found
    })
}

/// The text of a layout, to say in which line something is wrong.
struct LayoutText<'a> {
    name: &'a str,
    text: &'a str,
}

impl LayoutText<'_> {
    fn fault(&self, span: &Range<usize>, reason: Message) -> LayoutError {
        let before = self.text.get(..span.start).unwrap_or_default();
        LayoutError::Invalid {
            layout: self.name.to_owned(),
            line: before.matches('\n').count() + 1,
            reason,
        }
    }

    /// A word of a closed list.
    fn word<T: Copy>(
        &self,
        written: Option<&Spanned<String>>,
        all: &[T],
        as_str: impl Fn(T) -> &'static str,
    ) -> Result<Option<T>, LayoutError> {
        let Some(written) = written else { return Ok(None) };
        let word = written.get_ref();
        let found = all.iter().copied().find(|value| as_str(*value) == word.as_str());
        found.map(Some).ok_or_else(|| {
            let known: Vec<&str> = all.iter().map(|value| as_str(*value)).collect();
            let reason =
                Message::new("layout.word").with("found", word).with("known", known.join(", "));
            self.fault(&written.span(), reason)
        })
    }

    fn pattern(&self, written: &Spanned<String>) -> Result<Regex, LayoutError> {
        Regex::new(written.get_ref()).map_err(|error| {
            let reason = error.to_string();
            let last = reason.lines().last().unwrap_or_default().trim().to_owned();
            self.fault(&written.span(), Message::new("layout.pattern").with("reason", last))
        })
    }

    fn recognise(&self, written: &Spanned<WrittenRecognise>) -> Result<Recognise, LayoutError> {
        let parts = written.get_ref();
        if parts.title.is_none() && parts.document.is_none() && parts.columns.is_empty() {
            return Err(self.fault(&written.span(), Message::new("layout.recognises_all")));
        }
        Ok(Recognise {
            title: parts.title.as_ref().map(|title| self.pattern(title)).transpose()?,
            document: parts.document.as_ref().map(|text| self.pattern(text)).transpose()?,
            columns: parts.columns.iter().map(|label| label_parts(label).name).collect(),
        })
    }

    fn add_indicator(
        &self,
        written: &Spanned<WrittenIndicator>,
        refdata: &mut RefData,
    ) -> Result<(), LayoutError> {
        let parts = written.get_ref();
        let kind = self.word(Some(&parts.kind), IndicatorKind::ALL, IndicatorKind::as_str)?;
        let row = IndicatorRow {
            indicator: parts.indicator.clone(),
            definition: parts.definition,
            name_zh: parts.name_zh.clone(),
            name_en: parts.name_en.clone(),
            area: parts.area.clone(),
            kind: kind.unwrap_or(IndicatorKind::Flow),
            unit: parts.unit.clone(),
            definition_zh: parts.definition_zh.clone(),
            definition_en: parts.definition_en.clone(),
            source: parts.source.clone(),
            confidence: parts.confidence.clone(),
        };
        refdata.add_indicator(&row).map_err(|reason| self.fault(&written.span(), reason))
    }

    fn known_indicator(
        &self,
        written: &Spanned<String>,
        refdata: &RefData,
    ) -> Result<Indicator, LayoutError> {
        let wanted = written.get_ref();
        let known = refdata.indicators();
        if let Some(found) = known.iter().find(|known| known.indicator == *wanted) {
            return Ok(found.clone());
        }
        let near = nearest_names(wanted, known.iter().map(|known| known.indicator.as_str()));
        let code = if near.is_empty() {
            "layout.indicator_unknown"
        } else {
            "layout.indicator_unknown_near"
        };
        let reason = Message::new(code).with("indicator", wanted).with("near", near.join(", "));
        Err(self.fault(&written.span(), reason))
    }

    /// A unit that the figures of an indicator may be printed in, with or without a scale.
    fn unit(
        &self,
        written: Option<&Spanned<String>>,
        indicator: &Indicator,
    ) -> Result<Option<String>, LayoutError> {
        let Some(written) = written else { return Ok(None) };
        let unit = written.get_ref();
        match unit_scale(unit) {
            Some((base, _)) if base.is_empty() || base == indicator.unit => Ok(Some(unit.clone())),
            _ => {
                let reason = Message::new("layout.unit")
                    .with("unit", unit)
                    .with("indicator", &indicator.indicator)
                    .with("expected", &indicator.unit);
                Err(self.fault(&written.span(), reason))
            }
        }
    }

    /// A way of adding up that an indicator's figures can have: a stock counts on one day.
    fn accumulation(
        &self,
        written: Option<&Spanned<String>>,
        indicator: &Indicator,
    ) -> Result<Option<Accumulation>, LayoutError> {
        let found = self.word(written, Accumulation::ALL, Accumulation::as_str)?;
        match (found, written) {
            (Some(found), Some(written))
                if indicator.kind == IndicatorKind::Stock && found != Accumulation::Point =>
            {
                let reason = Message::new("layout.accumulation")
                    .with("found", found)
                    .with("indicator", &indicator.indicator);
                Err(self.fault(&written.span(), reason))
            }
            _ => Ok(found),
        }
    }

    /// The code of a region that is known.
    fn region(
        &self,
        written: Option<&Spanned<String>>,
        refdata: &RefData,
    ) -> Result<Option<String>, LayoutError> {
        let Some(written) = written else { return Ok(None) };
        let region = written.get_ref();
        if refdata.region_names(region).is_empty() {
            let reason = Message::new("layout.region").with("region", region);
            return Err(self.fault(&written.span(), reason));
        }
        Ok(Some(region.clone()))
    }

    fn columns(
        &self,
        written: &[Spanned<WrittenColumn>],
        refdata: &RefData,
    ) -> Result<Vec<LayoutColumn>, LayoutError> {
        let all_labels: Vec<Vec<String>> = written
            .iter()
            .map(|column| {
                let column = column.get_ref();
                column.label.iter().chain(&column.labels).cloned().collect()
            })
            .collect();
        let columns = written.iter().zip(&all_labels);
        columns
            .map(|(column, labels)| {
                let parts = column.get_ref();
                if labels.is_empty() {
                    let reason = Message::new("layout.column_without_label");
                    return Err(self.fault(&column.span(), reason));
                }
                Ok(LayoutColumn {
                    labels: labels.clone(),
                    position: parts.position,
                    meaning: self.meaning(column, refdata)?,
                    check: match &parts.check {
                        Some(check) => Some(self.check(check, &all_labels)?),
                        None => None,
                    },
                })
            })
            .collect()
    }

    fn meaning(
        &self,
        written: &Spanned<WrittenColumn>,
        refdata: &RefData,
    ) -> Result<LayoutMeaning, LayoutError> {
        let column = written.get_ref();
        let role = self.word(column.role.as_ref(), LayoutRole::ALL, LayoutRole::as_str)?;
        match (role, &column.indicator) {
            (Some(role), None) => Ok(LayoutMeaning::Role(role)),
            (None, Some(indicator)) => {
                let known = self.known_indicator(indicator, refdata)?;
                Ok(LayoutMeaning::Indicator(LayoutIndicator {
                    unit: self.unit(column.unit.as_ref(), &known)?,
                    accumulation: self.accumulation(column.accumulation.as_ref(), &known)?,
                    indicator: known.indicator,
                    years_back: column.years_back,
                    states: column.states.clone().into_iter().collect(),
                }))
            }
            _ => Err(self.fault(&written.span(), Message::new("layout.role_or_indicator"))),
        }
    }

    fn check(
        &self,
        written: &Spanned<WrittenCheck>,
        all_labels: &[Vec<String>],
    ) -> Result<Check, LayoutError> {
        let parts = written.get_ref();
        let is_given = [
            !parts.ratio.is_empty(),
            !parts.sum.is_empty(),
            !parts.difference.is_empty(),
            parts.share_of.is_some(),
            parts.rank_by.is_some(),
        ];
        if is_given.iter().filter(|is_given| **is_given).count() != 1 {
            return Err(self.fault(&written.span(), Message::new("layout.check")));
        }
        let at = |label: &String| {
            all_labels.iter().position(|labels| labels.contains(label)).ok_or_else(|| {
                let reason = Message::new("layout.check_column").with("label", label);
                self.fault(&written.span(), reason)
            })
        };
        match (parts.ratio.as_slice(), parts.sum.as_slice(), parts.difference.as_slice()) {
            ([part, whole], [], []) => Ok(Check::Ratio(at(part)?, at(whole)?)),
            ([], [_, ..], []) => {
                Ok(Check::Sum(parts.sum.iter().map(at).collect::<Result<_, _>>()?))
            }
            ([], [], [minuend, less]) => Ok(Check::Difference(at(minuend)?, at(less)?)),
            ([], [], []) => match (&parts.share_of, &parts.rank_by) {
                (Some(label), None) => Ok(Check::Share(at(label)?)),
                (None, Some(label)) => Ok(Check::Rank(at(label)?)),
                _ => Err(self.fault(&written.span(), Message::new("layout.check"))),
            },
            _ => Err(self.fault(&written.span(), Message::new("layout.check"))),
        }
    }

    fn prose(
        &self,
        written: &WrittenProse,
        refdata: &RefData,
    ) -> Result<ProsePattern, LayoutError> {
        let pattern = self.pattern(&written.pattern)?;
        let figures: Result<Vec<ProseFigure>, LayoutError> = written
            .figures
            .iter()
            .map(|figure| {
                let parts = figure.get_ref();
                if !pattern.capture_names().flatten().any(|name| name == parts.capture) {
                    let reason =
                        Message::new("layout.capture_unknown").with("capture", &parts.capture);
                    return Err(self.fault(&figure.span(), reason));
                }
                Ok(ProseFigure {
                    capture: parts.capture.clone(),
                    indicator: self.known_indicator(&parts.indicator, refdata)?.indicator,
                    region: self.region(parts.region.as_ref(), refdata)?,
                    breakdown: parts.breakdown.clone(),
                })
            })
            .collect();
        Ok(ProsePattern { pattern, figures: figures? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Diagnose, Lang};

    const HEAD: &str = "format = 1\nversion = 1\nsummary = \"a\"\nsummary_zh = \"甲\"\n";

    #[track_caller]
    fn check(rest: &str, expected: &str) {
        let mut refdata = RefData::load(&[]).unwrap();
        let shown = match parse("a", &format!("{HEAD}{rest}"), false, &mut refdata) {
            Ok(layout) => {
                format!("{} columns, {} patterns", layout.columns.len(), layout.prose.len())
            }
            Err(error) => {
                let LayoutError::Invalid { line, .. } = &error;
                format!("line {line}: {}", error.causes()[0].text(Lang::En))
            }
        };
        assert_eq!(shown, expected);
    }

    #[test]
    fn faults_are_told_with_their_line() {
        let recognise = "[recognise]\ntitle = \"热线\"\n";
        check(recognise, "0 columns, 0 patterns");
        check(
            "[recognise]\n",
            "line 5: it recognises everything: give a title, a document or columns",
        );
        check(
            &format!(
                "{recognise}[[columns]]\nlabel = \"受理量\"\nindicator = \"cases_agregated\"\n"
            ),
            "line 9: there is no indicator `cases_agregated`; near are cases_aggregated, cases_aggregated_by_arrival",
        );
        check(
            &format!("{recognise}[[columns]]\nlabel = \"受理量\"\nrole = \"rank\"\n"),
            "line 9: `rank` is none of running_number, department, region, breakdown, remark, computed, ignored",
        );
        check(
            &format!(
                "{recognise}[[prose]]\npattern = '(?<n>\\d+)项'\nfigures = [{{ capture = \"m\", indicator = \"cases_aggregated\" }}]\n"
            ),
            "line 9: the pattern has no group named `m`",
        );
        let column = format!(
            "{recognise}[[columns]]\nlabel = \"受理量\"\nindicator = \"cases_aggregated\"\n"
        );
        check(&format!("{column}unit = \"万条\"\n"), "1 columns, 0 patterns");
        check(
            &format!("{column}unit = \"火箭\"\n"),
            "line 10: `火箭` is no unit of `cases_aggregated`, which is counted in 条",
        );
        check(
            &format!("{column}unit = \"万件\"\n"),
            "line 10: `万件` is no unit of `cases_aggregated`, which is counted in 条",
        );
        check(
            &format!("{column}check = {{ sum = [\"受理量\"], share_of = \"受理量\" }}\n"),
            "line 10: a check is one of `ratio` and `difference` of two columns, `sum` of several, `share_of` and `rank_by` of one",
        );
        check(
            &format!(
                "{recognise}[[columns]]\nlabel = \"总数\"\nindicator = \"apps_connected\"\naccumulation = \"period\"\n"
            ),
            "line 10: `apps_connected` is a stock, which counts on one day; `period` is not `point`",
        );
        let prose = |region: &str| {
            format!(
                "{recognise}[[prose]]\npattern = '(?<n>\\d+)项'\nfigures = [{{ capture = \"n\", indicator = \"cases_aggregated\", region = \"{region}\" }}]\n"
            )
        };
        check(&prose("632500"), "0 columns, 1 patterns");
        check(&prose("海南州"), "line 9: `海南州` is no code of a region");
        check(
            &format!("{recognise}[[columns]]\nlabel = \"受理量\"\n"),
            "line 7: a column has either a role or an indicator",
        );
    }

    #[test]
    fn a_question_mark_that_is_left_is_named_by_its_line() {
        let column = "# \"?\"\n[[columns]]\nlabel = \"受理量\"\nindicator = \"?\"\n";
        check(
            &format!("[recognise]\ntitle = \"热线\"\n{column}"),
            "line 10: the question mark in this line is not completed",
        );
    }

    #[test]
    fn a_draft_may_have_question_marks() {
        let column = "[[columns]]\nlabel = \"受理量\"\nindicator = \"?\"\n";
        check(
            &format!("draft = true\n[recognise]\ntitle = \"热线\"\n{column}"),
            "0 columns, 0 patterns",
        );
    }

    #[test]
    fn only_a_draft_with_columns_fits_tables() {
        let fits = |rest: &str| {
            let text = format!("{HEAD}draft = true\n[recognise]\ndocument = \"热线\"\n{rest}");
            let layout = parse("a", &text, false, &mut RefData::load(&[]).unwrap()).unwrap();
            layout.is_draft_of_table("合成", &["渠道"], &["热线通知"])
        };
        assert!(!fits("[[prose]]\npattern = \"?\"\nfigures = []\n"));
        assert!(fits("[[columns]]\nlabel = \"受理量\"\nindicator = \"?\"\n"));
        assert!(fits("[table]\nheader_rows = 2\n"));
    }

    #[test]
    fn a_layout_brings_indicators_of_its_own() {
        let text = "[recognise]\ntitle = \"热线\"\n[[columns]]\nlabel = \"受理量\"\nindicator = \"hotline_accepted\"\n[[indicators]]\nindicator = \"hotline_accepted\"\nname_zh = \"热线受理量\"\nname_en = \"Calls accepted\"\narea = \"hotline\"\nkind = \"flow\"\nunit = \"件\"\ndefinition_zh = \"略\"\ndefinition_en = \"-\"\nsource = \"-\"\nconfidence = \"-\"\n";
        check(text, "1 columns, 0 patterns");
        check(
            &text.replace("hotline_accepted", "cases_aggregated"),
            "line 10: the indicator `cases_aggregated` is there already, with another kind or unit",
        );
    }
}
