//! A saved layout written from what a document shows, for the user to complete.

use crate::annex::cells::parse_cell;
use crate::annex::columns::{LabelIndex, LabelMeaning};
use crate::annex::departments::DepartmentIndex;
use crate::annex::header::{Header, HeaderColumn, guessed_header, read_header};
use crate::annex::labels::label_parts;
use crate::annex::regions::RegionIndex;
use crate::annex::rows::RowNames;
use crate::annex::segments::segments;
use crate::annex::tables::{AnnexTable, find_tables};
use crate::annex::units::unit_scale;
use crate::annex::{AnnexError, Reference};
use crate::source::{Document, Grid};

/// First cells of a column shown beside it.
const MAX_SAMPLES: usize = 3;

/// What a layout begins with, for whoever completes it.
const INTRODUCTION: &str = "\
# How one family of tables is read. Complete the places marked with ?, then delete the line `draft`.
#
# A column has a role (running_number, department, region, breakdown, remark, computed, ignored) or an
# indicator. Optional for an indicator: unit (as printed, 万件 is scaled), accumulation (point, period,
# year_to_date, since_launch), years_back (1 for a column of the year before), states
# ({ \"已对接\" = \"connected\" }). Optional for any: position (from 1, where labels cannot tell columns apart) and
# check: { ratio = [\"办结量\", \"受理量\"] }, { sum = […] }, { difference = […] }, { share_of = … },
# { rank_by = … }. Under [table]: header_rows, and period (stated, month_before, year_to_month_before,
# since_launch) for tables that print none. [source] may give issuer, origin and release.
";

/// Writes a layout for one table of a document, as TOML; `number` counts tables from 1.
///
/// Columns that are known carry their meaning; the others a question mark, with a stanza for an
/// indicator of their own. Fails when the document has no such table.
pub fn layout_sketch(
    document: &Document,
    reference: Reference<'_>,
    number: usize,
    file_name: &str,
) -> Result<String, AnnexError> {
    let labels = LabelIndex::new(reference.refdata, reference.layouts);
    let segments = segments(document.blocks.clone(), &labels);
    let found = find_tables(&segments);
    let table = number.checked_sub(1).and_then(|idx| found.get(idx));
    let table =
        table.ok_or_else(|| AnnexError::TableMissing { file_name: file_name.to_owned() })?;
    // Which departments a row may name is of no account here: any province's will do.
    let departments = DepartmentIndex::new(reference.refdata, "");
    let regions = RegionIndex::new(reference.refdata, "");
    let names = RowNames { departments: &departments, regions: &regions };
    Ok(match read_header(table.grid, &labels, names, None) {
        Ok(header) => written(table, &header, Placing::ByLabel, &labels),
        Err(_) => {
            written(table, &guessed_header(table.grid, &labels), Placing::ByPosition, &labels)
        }
    })
}

/// Returns what a saved layout would say about the columns of a header that could not be read, on one
/// line.
pub(super) fn columns_on_a_line(grid: &Grid, labels: &LabelIndex) -> String {
    let header = guessed_header(grid, labels);
    let mut unused = String::new();
    let columns = header.columns.iter().enumerate().map(|(idx, column)| {
        let samples = samples(grid, header.body_start, idx);
        let lines = column_lines(column, &samples, labels, &mut unused);
        // A comment would end the line.
        let parts: Vec<&str> = lines.lines().map(|line| line.trim_end_matches(" # ?")).collect();
        format!("{{ position = {}, {} }}", idx + 1, parts.join(", "))
    });
    format!("columns = [{}]", columns.collect::<Vec<_>>().join(", "))
}

/// How a layout knows its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Placing {
    ByLabel,
    /// Because labels could not be told apart.
    ByPosition,
}

fn written(
    table: &AnnexTable<'_>,
    header: &Header,
    placing: Placing,
    labels: &LabelIndex,
) -> String {
    let mut text = INTRODUCTION.to_owned();
    let title = quoted(&table.title);
    text.push_str(&format!(
        "format     = 1\nversion    = 1\ndraft      = true\nsummary    = \"?\"\nsummary_zh = {title}\n"
    ));
    // Digits change from one edition to the next.
    let pattern = without_digits(&regex::escape(&table.title));
    text.push_str(&format!("\n[recognise]\ntitle = '{pattern}'\n"));
    let leaves = header.columns.iter().map(leaf).filter(|label| !label.is_empty());
    let leaves: Vec<String> = leaves.map(quoted).collect();
    text.push_str(&format!("columns = [{}]\n", leaves.join(", ")));
    text.push_str("\n[source]\n# origin  = \"reported\"\n# release = \"draft\"\n");
    let n_rows = header.n_rows;
    text.push_str(&format!("\n[table]\nheader_rows = {n_rows}\n# period = \"stated\"\n"));
    let mut indicators = String::new();
    for (idx, column) in header.columns.iter().enumerate() {
        let samples = samples(table.grid, header.body_start, idx);
        text.push_str(&format!("\n# {}\n[[columns]]\n", samples.join(" · ")));
        if placing == Placing::ByPosition {
            text.push_str(&format!("position = {}\n", idx + 1));
        }
        text.push_str(&column_lines(column, &samples, labels, &mut indicators));
    }
    text.push_str(&indicators);
    text
}

/// The lowest label of a column that says more than a unit or a time; empty without one.
fn leaf(column: &HeaderColumn) -> &str {
    let mut labels = column.levels.iter().rev();
    labels.find(|label| !label_parts(label).name.is_empty()).map_or("", String::as_str)
}

/// The lines of one column; an unknown one with figures adds a stanza for an indicator.
fn column_lines(
    column: &HeaderColumn,
    samples: &[String],
    labels: &LabelIndex,
    indicators: &mut String,
) -> String {
    let label = Some(leaf(column)).filter(|label| !label.is_empty());
    // A layout knows a column by a time where nothing else is printed.
    let time = || column.levels.last().map(String::as_str).filter(|text| !text.is_empty());
    let label = label.or_else(time).unwrap_or("?");
    let label = quoted(label);
    let meaning = match labels.meaning_of_levels(&column.level_texts()) {
        LabelMeaning::RunningNumber => "role = \"running_number\"".to_owned(),
        LabelMeaning::Department => "role = \"department\"".to_owned(),
        LabelMeaning::Region => "role = \"region\"".to_owned(),
        LabelMeaning::Remark => "role = \"remark\"".to_owned(),
        LabelMeaning::Total => "role = \"computed\"".to_owned(),
        LabelMeaning::Indicator(found) => {
            format!("indicator = {}", quoted(&found.indicator.indicator))
        }
        LabelMeaning::Unknown(_) if !samples.iter().any(|text| is_figure(text)) => {
            "role = \"breakdown\" # ?".to_owned()
        }
        LabelMeaning::Unknown(_) => {
            let parts = label_parts(leaf(column));
            let is_percent = samples.iter().any(|text| text.ends_with('%'));
            let unit = parts.unit.or_else(|| is_percent.then(|| "%".to_owned()));
            indicators.push_str(&indicator_stanza(column, unit.as_deref()));
            "indicator = \"?\"".to_owned()
        }
    };
    format!("label = {label}\n{meaning}\n")
}

fn is_figure(text: &str) -> bool {
    parse_cell(text).is_figure()
}

fn indicator_stanza(column: &HeaderColumn, unit: Option<&str>) -> String {
    // A time is no name of an indicator.
    let name = match leaf(column) {
        "" => quoted("?"),
        _ => quoted(&column.levels.concat()),
    };
    let kind = if unit == Some("%") { "ratio" } else { "flow" };
    // Figures are kept in the unit alone; the scale of the table is not that of the next one.
    let is_scaled = |unit: &&str| unit_scale(unit).is_none_or(|(_, exponent)| exponent > 0);
    let scaled = unit.filter(is_scaled);
    let unit = quoted(unit.filter(|_| scaled.is_none()).unwrap_or("?"));
    let printed = scaled.map_or_else(String::new, |scaled| format!(" # printed: {scaled}"));
    format!(
        "\n[[indicators]]\nindicator = \"?\"\nname_zh = {name}\nname_en = \"?\"\narea = \"?\"\nkind = \"{kind}\" # stock, flow or ratio\nunit = {unit}{printed}\ndefinition_zh = \"?\"\ndefinition_en = \"?\"\nsource = \"?\"\nconfidence = \"?\"\n"
    )
}

/// The first texts of a column below the header.
fn samples(grid: &Grid, n_header_rows: usize, idx: usize) -> Vec<String> {
    let rows = grid.rows.iter().skip(n_header_rows);
    let texts = rows.filter_map(|row| row.cells.get(idx)).map(|cell| cell.text.replace('\n', " "));
    texts.filter(|text| !text.is_empty()).take(MAX_SAMPLES).collect()
}

/// A text as a TOML string.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A pattern with every run of digits standing for any digits.
fn without_digits(pattern: &str) -> String {
    let mut out = String::new();
    for c in pattern.replace('\'', ".").chars() {
        if !c.is_ascii_digit() {
            out.push(c);
        } else if !out.ends_with(r"\d+") {
            out.push_str(r"\d+");
        }
    }
    out
}
