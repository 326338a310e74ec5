//! What every page carries: its template, looks and script, and the engine of its charts with its licence.

/// The template.
pub(super) const PAGE: &str = include_str!("../../../data/reports/html/page.html");
/// The looks.
pub(super) const STYLE: &str = include_str!("../../../data/reports/html/style.css");
/// What the page does.
pub(super) const SCRIPT: &str = include_str!("../../../data/reports/html/page.js");
/// The engine of the charts, as its makers build it.
pub(super) const ECHARTS: &str =
    include_str!(concat!(env!("ECHARTS_DIR"), "/echarts.common.min.js"));
/// Its licence.
pub(super) const LICENCE: &str = include_str!(concat!(env!("ECHARTS_DIR"), "/LICENSE"));
/// The licence of what it has from d3.
pub(super) const LICENCE_D3: &str =
    include_str!(concat!(env!("ECHARTS_DIR"), "/licenses/LICENSE-d3"));
/// Whose it is.
pub(super) const NOTICE: &str = include_str!(concat!(env!("ECHARTS_DIR"), "/NOTICE"));
