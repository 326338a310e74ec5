//! Charts: a part of its own for each, with its values in it, and the frame in which it stands in the text.
//!
//! There is no workbook behind a chart: what it draws is told in its part, so that nothing in the file is
//! a formula or a link.

use crate::diag::Lang;
use crate::report::content::{Chart, ChartKind, Mark, Series};
use crate::report::docx::story::RELATIONS;
use crate::report::docx::xml::Xml;
use crate::report::shown::mark_words;

/// The namespaces of drawings, of charts, and of what stands in a line of text.
const DRAWING: &str = "http://schemas.openxmlformats.org/drawingml/2006/main";
const CHART: &str = "http://schemas.openxmlformats.org/drawingml/2006/chart";
const IN_LINE: &str = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing";

/// English Metric Units in a twentieth of a point, and in a millimetre.
const EMU_OF_TWIP: u32 = 635;
const EMU_OF_MILLIMETRE: u32 = 36_000;
/// Heights in millimetres: of a chart over time; of a lying bar, of what stands around bars, and of a chart
/// of bars at most, so that it leaves room for its title on a page that lies.
const HEIGHT: u32 = 78;
const BAR_HEIGHT: u32 = 7;
const AROUND_BARS: u32 = 18;
const MAX_HEIGHT: u32 = 120;

/// Colours of series, and signs that tell them apart without colour. Of more they come again.
const COLOURS: [&str; 8] =
    ["2F6FBD", "D07A1F", "3C9A5F", "B0455A", "7A5FB5", "5D7F8F", "B59A2A", "C2607F"];
const SIGNS: [&str; 6] = ["circle", "square", "triangle", "diamond", "x", "plus"];
/// Colour of the lines behind a chart.
const GRID: &str = "D9D9D9";
/// Height of letters, in hundredths of a point.
const LETTERS: &str = "900";

/// Names of the two axes in a part.
const NAMES: &str = "1";
const VALUES: &str = "2";

/// Returns the id by which the text refers to a chart, counted from 1.
pub(super) fn id_of(number: usize) -> String {
    format!("rIdChart{number}")
}

/// Returns the file of a chart within the folder of the text.
pub(super) fn file_of(number: usize) -> String {
    format!("charts/chart{number}.xml")
}

/// Writes the frame of a chart, as wide as the text, in twentieths of a point.
pub(super) fn frame(xml: &mut Xml, chart: &Chart, number: usize, width: u32) {
    let size = [("cx", width * EMU_OF_TWIP), ("cy", height_of(chart) * EMU_OF_MILLIMETRE)]
        .map(|(name, length)| (name, length.to_string()));
    let number_of_all = number.to_string();
    let none = ["distT", "distB", "distL", "distR"].map(|side| (side, "0"));
    let namespace = [("xmlns:wp", IN_LINE)];
    xml.element("w:drawing", &[], |xml| {
        xml.element("wp:inline", &[&none[..], &namespace].concat(), |xml| {
            xml.empty("wp:extent", &size.each_ref().map(|(name, length)| (*name, length.as_str())));
            let told = [("id", &*number_of_all), ("name", &*chart.id), ("descr", &*chart.title)];
            xml.empty("wp:docPr", &told);
            xml.element("a:graphic", &[("xmlns:a", DRAWING)], |xml| {
                xml.element("a:graphicData", &[("uri", CHART)], |xml| {
                    let id = id_of(number);
                    let namespaces = [("xmlns:c", CHART), ("xmlns:r", RELATIONS)];
                    xml.empty("c:chart", &[&namespaces[..], &[("r:id", &*id)]].concat());
                });
            });
        });
    });
}

fn height_of(chart: &Chart) -> u32 {
    let n_bars = u32::try_from(chart.x.len()).unwrap_or(u32::MAX);
    match chart.kind {
        ChartKind::Bar => {
            n_bars.saturating_mul(BAR_HEIGHT).saturating_add(AROUND_BARS).clamp(HEIGHT, MAX_HEIGHT)
        }
        ChartKind::Line | ChartKind::Column | ChartKind::Stacked => HEIGHT,
    }
}

/// Returns the part with a chart.
pub(super) fn part(chart: &Chart, lang: Lang) -> Vec<u8> {
    let mut xml = Xml::begin();
    let namespaces = [("xmlns:c", CHART), ("xmlns:a", DRAWING)];
    xml.element("c:chartSpace", &namespaces, |xml| {
        value(xml, "c:roundedCorners", "0");
        xml.element("c:chart", &[], |xml| {
            // The title stands above it, as those of tables do.
            value(xml, "c:autoTitleDeleted", "1");
            xml.element("c:plotArea", &[], |xml| {
                xml.empty("c:layout", &[]);
                plot(xml, chart, lang);
                name_axis(xml, chart);
                value_axis(xml, chart);
            });
            if chart.series.len() > 1 {
                xml.element("c:legend", &[], |xml| {
                    value(xml, "c:legendPos", "b");
                    value(xml, "c:overlay", "0");
                });
            }
            value(xml, "c:plotVisOnly", "1");
            // A value that is not known is none, and never zero.
            value(xml, "c:dispBlanksAs", "gap");
        });
        xml.element("c:spPr", &[], |xml| {
            xml.element("a:ln", &[], |xml| xml.empty("a:noFill", &[]));
        });
        letters(xml);
    });
    xml.finish()
}

fn plot(xml: &mut Xml, chart: &Chart, lang: Lang) {
    let is_line = chart.kind == ChartKind::Line;
    xml.element(if is_line { "c:lineChart" } else { "c:barChart" }, &[], |xml| {
        let (direction, grouping) = match chart.kind {
            ChartKind::Line => (None, "standard"),
            ChartKind::Column => (Some("col"), "clustered"),
            ChartKind::Stacked => (Some("col"), "stacked"),
            ChartKind::Bar => (Some("bar"), "clustered"),
        };
        if let Some(direction) = direction {
            value(xml, "c:barDir", direction);
        }
        value(xml, "c:grouping", grouping);
        value(xml, "c:varyColors", "0");
        for idx in 0..chart.series.len() {
            series_of(xml, chart, idx, lang);
        }
        if is_line {
            value(xml, "c:marker", "1");
        } else {
            value(xml, "c:gapWidth", "60");
            if chart.kind == ChartKind::Stacked {
                value(xml, "c:overlap", "100");
            }
        }
        value(xml, "c:axId", NAMES);
        value(xml, "c:axId", VALUES);
    });
}

fn series_of(xml: &mut Xml, chart: &Chart, idx: usize, lang: Lang) {
    let series = &chart.series[idx];
    let is_line = chart.kind == ChartKind::Line;
    let colour = COLOURS[idx % COLOURS.len()];
    xml.element("c:ser", &[], |xml| {
        value(xml, "c:idx", &idx.to_string());
        value(xml, "c:order", &idx.to_string());
        xml.element("c:tx", &[], |xml| text(xml, "c:v", &series.name));
        xml.element("c:spPr", &[], |xml| {
            if is_line {
                xml.element("a:ln", &[("w", "19050")], |xml| filled(xml, colour));
            } else {
                filled(xml, colour);
            }
        });
        if is_line {
            xml.element("c:marker", &[], |xml| {
                value(xml, "c:symbol", SIGNS[idx % SIGNS.len()]);
                value(xml, "c:size", "4");
                xml.element("c:spPr", &[], |xml| {
                    filled(xml, colour);
                    xml.element("a:ln", &[], |xml| filled(xml, colour));
                });
            });
        } else {
            value(xml, "c:invertIfNegative", "0");
        }
        labels(xml, series, lang);
        xml.element("c:cat", &[], |xml| {
            xml.element("c:strLit", &[], |xml| {
                value(xml, "c:ptCount", &chart.x.len().to_string());
                for (at, label) in chart.x.iter().enumerate() {
                    point(xml, at, label);
                }
            });
        });
        xml.element("c:val", &[], |xml| {
            xml.element("c:numLit", &[], |xml| {
                text(xml, "c:formatCode", "General");
                value(xml, "c:ptCount", &series.values.len().to_string());
                for (at, known) in series.values.iter().enumerate() {
                    if let Some(known) = known.filter(|known| known.is_finite()) {
                        point(xml, at, &known.to_string());
                    }
                }
            });
        });
        if is_line {
            value(xml, "c:smooth", "0");
        }
    });
}

/// Writes the signs of what must be known of values beside them; the notes below have it in words. What is
/// made up stands on every page.
fn labels(xml: &mut Xml, series: &Series, lang: Lang) {
    let marks_at = |at: usize| -> Vec<String> {
        let marks =
            series.marks.iter().filter(|(idx, mark)| *idx == at && *mark != Mark::Synthetic);
        marks.map(|(_, mark)| mark_words(*mark, lang).0).collect()
    };
    let marked: Vec<(usize, String)> = (0..series.values.len())
        .map(|at| (at, marks_at(at).join(" ")))
        .filter(|(at, marks)| !marks.is_empty() && series.values[*at].is_some())
        .collect();
    if marked.is_empty() {
        return;
    }
    let shows = |xml: &mut Xml, is_shown: &str| {
        value(xml, "c:showLegendKey", "0");
        value(xml, "c:showVal", is_shown);
        for name in ["c:showCatName", "c:showSerName", "c:showPercent", "c:showBubbleSize"] {
            value(xml, name, "0");
        }
    };
    xml.element("c:dLbls", &[], |xml| {
        for (at, marks) in &marked {
            xml.element("c:dLbl", &[], |xml| {
                value(xml, "c:idx", &at.to_string());
                xml.element("c:tx", &[], |xml| rich(xml, marks));
                shows(xml, "1");
            });
        }
        shows(xml, "0");
    });
}

fn name_axis(xml: &mut Xml, chart: &Chart) {
    let is_lying = chart.kind == ChartKind::Bar;
    xml.element("c:catAx", &[], |xml| {
        value(xml, "c:axId", NAMES);
        xml.element("c:scaling", &[], |xml| {
            // The first bar on top.
            value(xml, "c:orientation", if is_lying { "maxMin" } else { "minMax" });
        });
        value(xml, "c:delete", "0");
        value(xml, "c:axPos", if is_lying { "l" } else { "b" });
        value(xml, "c:majorTickMark", "none");
        value(xml, "c:minorTickMark", "none");
        // Below whatever is less than zero.
        value(xml, "c:tickLblPos", "low");
        value(xml, "c:crossAx", VALUES);
        value(xml, "c:crosses", "autoZero");
        value(xml, "c:noMultiLvlLbl", "1");
    });
}

fn value_axis(xml: &mut Xml, chart: &Chart) {
    let is_lying = chart.kind == ChartKind::Bar;
    xml.element("c:valAx", &[], |xml| {
        value(xml, "c:axId", VALUES);
        xml.element("c:scaling", &[], |xml| value(xml, "c:orientation", "minMax"));
        value(xml, "c:delete", "0");
        value(xml, "c:axPos", if is_lying { "b" } else { "l" });
        xml.element("c:majorGridlines", &[], |xml| {
            xml.element("c:spPr", &[], |xml| {
                xml.element("a:ln", &[("w", "6350")], |xml| filled(xml, GRID));
            });
        });
        let format = if is_small(chart) { "General" } else { "#,##0" };
        xml.empty("c:numFmt", &[("formatCode", format), ("sourceLinked", "0")]);
        value(xml, "c:majorTickMark", "none");
        value(xml, "c:minorTickMark", "none");
        value(xml, "c:tickLblPos", "nextTo");
        value(xml, "c:crossAx", NAMES);
        // Of lying bars the names go downwards, so the numbers below stand where the names end.
        value(xml, "c:crosses", if is_lying { "max" } else { "autoZero" });
        value(xml, "c:crossBetween", "between");
    });
}

/// Whether no value has two digits, so that its decimals count.
fn is_small(chart: &Chart) -> bool {
    let values = chart.series.iter().flat_map(|series| series.values.iter().flatten());
    values.fold(0.0_f64, |most, value| most.max(value.abs())) < 10.0
}

fn value(xml: &mut Xml, name: &str, value: &str) {
    xml.empty(name, &[("val", value)]);
}

fn text(xml: &mut Xml, name: &str, text: &str) {
    xml.element(name, &[], |xml| xml.text(text));
}

fn point(xml: &mut Xml, at: usize, told: &str) {
    xml.element("c:pt", &[("idx", &at.to_string())], |xml| text(xml, "c:v", told));
}

fn filled(xml: &mut Xml, colour: &str) {
    xml.element("a:solidFill", &[], |xml| value(xml, "a:srgbClr", colour));
}

fn rich(xml: &mut Xml, told: &str) {
    xml.element("c:rich", &[], |xml| {
        xml.empty("a:bodyPr", &[]);
        xml.element("a:p", &[], |xml| xml.element("a:r", &[], |xml| text(xml, "a:t", told)));
    });
}

/// Writes how high letters are.
fn letters(xml: &mut Xml) {
    xml.element("c:txPr", &[], |xml| {
        xml.empty("a:bodyPr", &[]);
        xml.element("a:p", &[], |xml| {
            xml.element("a:pPr", &[], |xml| xml.empty("a:defRPr", &[("sz", LETTERS)]));
        });
    });
}
