//! Which tables and views hold figures: in which of their columns, and which others tell those apart.

use std::collections::BTreeSet;

use crate::table::FIGURE_KEY;

/// What tells figures apart, in the tables and views that hold them.
pub(super) const DIMENSIONS: [&str; 13] = [
    "accumulation",
    "batch",
    "breakdown",
    "definition",
    "department",
    "edition",
    "indicator",
    "origin",
    "period_end",
    "period_start",
    "region",
    "unit",
    VERSION,
];

/// How figures count over time.
pub(super) const ACCUMULATION: &str = "accumulation";

/// The document that states a figure.
pub(super) const BATCH: &str = "batch";

/// What tells figures of the same place and time apart in views that may have several.
pub(super) const VERSION: &str = "version";

/// The column of figures.
pub(super) const VALUE: &str = "value";

/// Views that have one vintage of every figure, so that none of them needs to be looked for.
const EACH_ONCE: [&str; 3] =
    ["observations_as_reported", "observations_comparable", "observations_latest"];

/// Views that may have a figure once in each edition.
const BY_EDITION: [&str; 3] =
    ["aggregation_by_edition", "cells_by_edition", "integration_by_edition"];

/// The view of what was added between figures: its values are of their own spans, whatever the figures
/// count from, and add up where those do not overlap.
const FLOWS: &str = "period_flows";

/// How those values count over time.
pub(super) const FLOW: &str = "flow";

/// Columns of figures, with how they count where no column of their view says so.
type Columns = &'static [(&'static str, Option<&'static str>)];

const AGGREGATED: Columns = &[
    ("cases_aggregated", None),
    ("evaluations_aggregated", None),
    ("records_pushed", None),
    ("records_returned", None),
];

const APPS: Columns =
    &[("apps_connected", Some("point")), ("apps_connected_in_year", Some("year_to_date"))];

const ITEMS: Columns = &[("items_connected", Some("point")), ("items_on_platform", Some("point"))];

const ORIGINS: Columns =
    &[("derived", None), ("platform", None), ("published", None), ("reported", None)];

/// Views with a column of figures for each indicator or for each origin.
const WIDE: [(&str, &[Columns]); 6] = [
    ("aggregation_by_edition", &[AGGREGATED]),
    ("aggregation_by_period", &[AGGREGATED]),
    ("integration_by_edition", &[APPS, ITEMS]),
    ("integration_by_period", &[APPS, ITEMS]),
    ("integration_with_aggregation", &[AGGREGATED, ITEMS]),
    ("observations_by_origin", &[ORIGINS]),
];

/// What the values of a column, or of an expression, are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Figures {
    /// The columns of tables and views that are added up in each of them.
    pub(super) columns: BTreeSet<&'static str>,
    /// Whether those are all. Where each is from one of several columns, or where columns of one name
    /// are added up, it is not known what is.
    pub(super) is_followed: bool,
    /// How they count over time, where no column of their rows says so.
    pub(super) accumulation: Option<&'static str>,
    /// Whether nothing else is in each of them. Products of several columns are not: a rate times what
    /// it is a rate of may be added up.
    pub(super) is_plain: bool,
    /// Whether the dimensions of a row tell its figure from all others, so that one which comes again was
    /// repeated.
    pub(super) is_keyed: bool,
    /// Whether their rows were joined with others, which may repeat them.
    pub(super) is_joined: bool,
}

/// A column that a source offers.
#[derive(Debug, Clone)]
pub(super) struct Column {
    /// Its name, in lower case.
    pub(super) name: String,
    /// The dimension that it is, in a table or view; empty where it is none or is made by a SELECT.
    pub(super) dimension: &'static str,
    /// The figures, or amounts made of them, that it holds; `None` where it holds something else.
    pub(super) figures: Option<Figures>,
}

/// Returns the name under which a SELECT inside another hands a dimension on.
pub(super) fn carried(dimension: &str) -> String {
    format!("__tongban_{dimension}")
}

/// Whether a column of this name holds figures in some table or view.
pub(super) fn is_of_figures(name: &str) -> bool {
    let mut wide = WIDE.iter().flat_map(|(_, parts)| parts.iter().copied().flatten());
    name.eq_ignore_ascii_case(VALUE) || wide.any(|(known, _)| name.eq_ignore_ascii_case(known))
}

/// Returns the columns of a table or view of which only the names are known.
pub(super) fn columns_of(relation: &str, names: &[String]) -> Vec<Column> {
    let relation = relation.to_lowercase();
    let names: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    // Whether a figure comes again can be told by its whole key only.
    let may_come_again =
        FIGURE_KEY.iter().all(|part| has(part)) && !EACH_ONCE.contains(&&*relation);
    let has_key =
        FIGURE_KEY.iter().all(|part| has(part)) || WIDE.iter().any(|(view, _)| *view == relation);
    // A place is a department of a region, and one of them alone may be several.
    let has_places = has("department") && has("region");
    let dimension = |name: &str| match name {
        ACCUMULATION if relation == FLOWS => VERSION,
        "edition" if BY_EDITION.contains(&&*relation) => VERSION,
        BATCH | "edition" if !may_come_again => "",
        "department" | "region" if !has_places => "",
        VERSION => "",
        _ => DIMENSIONS.into_iter().find(|known| *known == name).unwrap_or_default(),
    };
    let of = |name: &str| {
        let plain = |column: &'static str, accumulation: Option<&'static str>| Figures {
            columns: BTreeSet::from([column]),
            is_followed: true,
            accumulation,
            is_plain: true,
            is_keyed: has_key,
            is_joined: false,
        };
        if name == VALUE {
            let accumulation = (relation == FLOWS).then_some(FLOW);
            return has("indicator").then(|| plain(VALUE, accumulation));
        }
        let (_, parts) = WIDE.iter().find(|(view, _)| *view == relation)?;
        let mut columns = parts.iter().copied().flatten();
        columns.find(|(known, _)| *known == name).map(|&(known, how)| plain(known, how))
    };
    let column = |name: &String| Column {
        name: name.clone(),
        dimension: dimension(name),
        figures: of(name),
    };
    names.iter().map(column).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::{Catalogue, ColumnType, Query};

    /// The views that come with the program.
    fn catalogue() -> Catalogue {
        Catalogue::builtin()
    }

    fn view<'a>(catalogue: &'a Catalogue, name: &str) -> &'a Query {
        catalogue.views().into_iter().find(|view| view.name() == name).unwrap()
    }

    /// The columns of a view, of one type or of all.
    fn columns(view: &Query, data_type: Option<ColumnType>) -> Vec<&str> {
        let returns = view.head.returns.iter();
        let returns = returns.filter(|column| data_type.is_none_or(|it| column.data_type == it));
        returns.map(|column| column.name.as_str()).collect()
    }

    #[test]
    fn views_with_a_column_for_each_indicator_have_those_columns() {
        let catalogue = catalogue();
        for (name, parts) in WIDE {
            let mut expected = columns(view(&catalogue, name), Some(ColumnType::Double));
            let mut known: Vec<&str> =
                parts.iter().copied().flatten().map(|(column, _)| *column).collect();
            expected.sort_unstable();
            known.sort_unstable();
            assert_eq!(known, expected, "{name}");
        }
    }

    #[test]
    fn a_view_with_several_columns_of_figures_is_known() {
        let indicators = [APPS, ITEMS, AGGREGATED].concat();
        let catalogue = catalogue();
        for view in catalogue.views() {
            let columns = columns(view, Some(ColumnType::Double));
            let is_wide = indicators.iter().any(|(column, _)| columns.contains(column));
            let is_known = WIDE.iter().any(|(name, _)| *name == view.name());
            assert!(is_known || !is_wide, "{}", view.name());
        }
    }

    #[test]
    fn views_of_figures_have_what_is_known_of_them() {
        let catalogue = catalogue();
        for name in EACH_ONCE {
            let columns = columns(view(&catalogue, name), None);
            let has = |wanted: &str| columns.contains(&wanted);
            assert!(
                FIGURE_KEY.iter().all(|part| has(part)) && has(VALUE) && has(BATCH),
                "{columns:?}"
            );
        }
        for name in BY_EDITION {
            assert!(columns(view(&catalogue, name), None).contains(&"edition"), "{name}");
        }
        let flows = columns(view(&catalogue, FLOWS), None);
        for wanted in ["indicator", "period_start", "period_end", ACCUMULATION, VALUE] {
            assert!(flows.contains(&wanted), "{wanted}");
        }
    }
}
