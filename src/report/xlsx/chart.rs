//! A chart of the workbook's own, over the cells of its table.

use rust_xlsxwriter::{
    Chart as Drawing, ChartAxisCrossing, ChartAxisLabelPosition, ChartDataLabel, ChartEmptyCells,
    ChartLegendPosition, ChartLine, ChartMarker, ChartMarkerType, ChartType, Worksheet, XlsxError,
};

use crate::diag::{Lang, printable};
use crate::output::workbook::LINE;
use crate::report::content::{Chart, ChartKind, Mark, Series};
use crate::report::shown::mark_words;
use crate::report::xlsx::sheet::{Stand, fit_to_page};

/// Series that a chart of a spreadsheet can have.
const MAX_SERIES: usize = 255;

/// Characters of what is told to readers who do not see the chart.
const MAX_TOLD_CHARS: usize = 120;

/// Pixels of a chart; lying bars need some for each.
const WIDTH: u32 = 860;
const HEIGHT: u32 = 420;
const BAR_HEIGHT: u32 = 22;
const MAX_HEIGHT: u32 = 1_600;
/// Pixels of a line of the table above it.
const LINE_PIXELS: u32 = 22;

/// Draws a chart below its table, whose parts stand where `stand` says, so that both print at their size.
/// Without labels there is nothing to draw.
///
/// Names and titles are references to cells: as texts they would be taken for formulas where they look
/// like some.
pub(super) fn draw(
    sheet: &mut Worksheet,
    chart: &Chart,
    stand: Stand,
    lang: Lang,
) -> Result<(), XlsxError> {
    if chart.x.is_empty() || chart.series.is_empty() {
        return Ok(());
    }
    let name = sheet.name();
    let mut drawing = Drawing::new(kind_of(chart.kind));
    let (first, last) = (stand.head + 1, stand.last_body);
    for (column, series) in (1_u16..).zip(chart.series.iter().take(MAX_SERIES)) {
        let drawn = drawing.add_series();
        drawn
            .set_name((name.as_str(), stand.head, column))
            .set_categories((name.as_str(), first, 0, last, 0))
            .set_values((name.as_str(), first, column, last, column));
        if chart.kind == ChartKind::Line {
            // A value between two gaps has no line.
            let mut marker = ChartMarker::new();
            drawn.set_marker(marker.set_type(ChartMarkerType::Circle).set_size(4));
        }
        let labels = labels_of(series, chart.x.len(), lang);
        if !labels.is_empty() {
            drawn.set_custom_data_labels(&labels);
        }
    }
    drawing.title().set_name((name.as_str(), stand.title, 0));
    let is_lying = chart.kind == ChartKind::Bar;
    let names = if is_lying { drawing.y_axis() } else { drawing.x_axis() };
    // Below whatever is less than zero.
    names.set_name((name.as_str(), stand.head, 0)).set_label_position(ChartAxisLabelPosition::Low);
    if is_lying {
        // The first on top, and the numbers at the bottom all the same.
        names.set_reverse().set_crossing(ChartAxisCrossing::Max);
    }
    let values = if is_lying { drawing.x_axis() } else { drawing.y_axis() };
    let mut line = ChartLine::new();
    line.set_color(LINE).set_width(0.5);
    values.set_major_gridlines_line(&line);
    match (stand.unit, chart.unit.as_deref()) {
        (_, Some("%")) => values.set_num_format("0%"),
        (Some(unit), _) => {
            values.set_name((name.as_str(), unit, 0)).set_num_format(number_format(chart))
        }
        (None, _) => values.set_num_format(number_format(chart)),
    };
    drawing.legend().set_position(ChartLegendPosition::Bottom);
    if chart.series.len() == 1 {
        drawing.legend().set_hidden();
    }
    // A value that is not known is none, and never zero.
    drawing.show_empty_cells_as(ChartEmptyCells::Gaps);
    let told: String = printable(&chart.title).chars().take(MAX_TOLD_CHARS).collect();
    drawing.set_width(WIDTH).set_height(height_of(chart)).set_alt_text(told);
    sheet.insert_chart(stand.below, 0, &drawing)?;
    // As many series as there are: the table is as wide as the chart below it.
    sheet.set_portrait();
    fit_to_page(sheet, stand.below + height_of(chart).div_ceil(LINE_PIXELS), false);
    Ok(())
}

/// Thousands stand apart; small values have decimals.
fn number_format(chart: &Chart) -> &'static str {
    let values = chart.series.iter().flat_map(|series| series.values.iter().flatten());
    let most = values.fold(0.0_f64, |most, value| most.max(value.abs()));
    if most < 10.0 { "General" } else { "#,##0" }
}

fn kind_of(kind: ChartKind) -> ChartType {
    match kind {
        ChartKind::Line => ChartType::Line,
        ChartKind::Column => ChartType::Column,
        ChartKind::Bar => ChartType::Bar,
        ChartKind::Stacked => ChartType::ColumnStacked,
    }
}

fn height_of(chart: &Chart) -> u32 {
    let n_labels = u32::try_from(chart.x.len()).unwrap_or(u32::MAX);
    match chart.kind {
        ChartKind::Bar => n_labels.saturating_mul(BAR_HEIGHT).clamp(HEIGHT, MAX_HEIGHT),
        _ => HEIGHT,
    }
}

/// Returns a label for every value, with the signs of what must be known of it, which the table beside the
/// chart has in words; none where there is nothing. What is made up stands on every page.
fn labels_of(series: &Series, n_values: usize, lang: Lang) -> Vec<ChartDataLabel> {
    let told = |idx: usize| -> Vec<Mark> {
        let marks = series.marks.iter().filter(|(at, mark)| *at == idx && *mark != Mark::Synthetic);
        marks.map(|(_, mark)| *mark).collect()
    };
    if (0..n_values).all(|idx| told(idx).is_empty()) {
        return Vec::new();
    }
    let label = |idx| match told(idx).as_slice() {
        [] => ChartDataLabel::new().set_hidden().to_custom(),
        marks => {
            let short: Vec<String> = marks.iter().map(|mark| mark_words(*mark, lang).0).collect();
            ChartDataLabel::new().set_value(&short.join(" ")).to_custom()
        }
    };
    (0..n_values).map(label).collect()
}
