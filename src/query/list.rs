//! Every query that is compiled in. A file that is not named here is not part of the program.

/// Id and text of a query.
pub(super) type Source = (&'static str, &'static str);

macro_rules! sources {
    ($($id:literal),+ $(,)?) => {
        &[$(($id, include_str!(concat!("../../queries/", $id, ".sql"))),)+]
    };
}

/// Queries that can be asked by name, sorted by id.
pub(super) const QUERIES: &[Source] = sources![
    "aggregation/backfill",
    "aggregation/by_department",
    "aggregation/concentration",
    "aggregation/contribution",
    "aggregation/first_pass",
    "aggregation/gaps",
    "aggregation/monthly",
    "aggregation/period_flows",
    "aggregation/returned",
    "aggregation/returned_parts",
    "aggregation/returned_published",
    "aggregation/returned_rows",
    "aggregation/timeliness",
    "aggregation/without_evaluations",
    "aggregation/zero_causes",
    "integration/by_department",
    "integration/connected_without_data",
    "integration/coverage",
    "integration/method_mix",
    "integration/progress",
    "integration/ranking",
    "integration/stock_reconciliation",
    "notice/annex",
    "notice/totals",
    "quality/comparability",
    "quality/counted",
    "quality/department_validity",
    "quality/findings",
    "quality/origins",
    "quality/provenance",
    "quality/revisions",
    "quality/sources_compared",
    "quality/totals",
    "reach/cross_province",
    "reach/five_level",
    "reach/one_thing",
    "reach/online_rate",
    "satisfaction/by_channel",
    "satisfaction/monthly",
    "satisfaction/negative_handling",
    "targets/attainment",
    "targets/behind",
    "targets/schedule",
    "trend/figures",
];

/// Views that queries read by their last name, sorted by id.
pub(super) const VIEWS: &[Source] = sources![
    "views/aggregation_by_edition",
    "views/aggregation_by_period",
    "views/cases_first",
    "views/cases_latest",
    "views/cells_by_edition",
    "views/cells_by_period",
    "views/derived_observations",
    "views/evaluations_first",
    "views/evaluations_latest",
    "views/figure_notes",
    "views/figures_by_period",
    "views/integration_by_edition",
    "views/integration_by_period",
    "views/integration_with_aggregation",
    "views/observations_by_origin",
    "views/observations_comparable",
    "views/observations_latest",
    "views/period_flows",
    "views/returned_records",
    "views/succession_parts",
    "views/targets_judged",
];
