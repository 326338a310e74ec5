//! Trends as tables: the first page, the series with all their periods, and what must be known of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int32Array, RecordBatch, StringArray,
};
use arrow::datatypes::{Date32Type, Field, Schema};
use chrono::NaiveDate;

use crate::diag::Lang;
use crate::model::text_enum;
use crate::table::ResultTable;
use crate::trend::compare::{Comparison, NotCompared};
use crate::trend::frequency::Slot;
use crate::trend::point::{Made, Point};
use crate::trend::series::Series;
use crate::trend::standing::Standing;
use crate::trend::{Bodies, Trend};

text_enum! {
    /// The tables that a trend consists of.
    TrendTable {
        /// One row for every series, with its last period.
        Page = "page",
        /// Every period of every series.
        Series = "series",
        /// What must be known of the periods.
        Remarks = "remarks",
        /// What the statistics of the series say.
        Appendix = "appendix",
        /// The targets of the series, and whether they will be met.
        Targets = "targets",
    }
}

/// Columns in the making.
#[derive(Default)]
pub(super) struct Columns {
    fields: Vec<Field>,
    columns: Vec<ArrayRef>,
}

impl Columns {
    fn add(&mut self, name: &str, column: ArrayRef, is_nullable: bool) {
        self.fields.push(Field::new(name, column.data_type().clone(), is_nullable));
        self.columns.push(column);
    }

    pub(super) fn text(&mut self, name: &str, values: impl Iterator<Item = Option<String>>) {
        self.add(name, Arc::new(values.collect::<StringArray>()), true);
    }

    pub(super) fn required(&mut self, name: &str, values: impl Iterator<Item = String>) {
        self.add(name, Arc::new(values.map(Some).collect::<StringArray>()), false);
    }

    pub(super) fn doubles(&mut self, name: &str, values: impl Iterator<Item = Option<f64>>) {
        self.add(name, Arc::new(values.collect::<Float64Array>()), true);
    }

    pub(super) fn ints(&mut self, name: &str, values: impl Iterator<Item = Option<i32>>) {
        self.add(name, Arc::new(values.collect::<Int32Array>()), true);
    }

    fn truths(&mut self, name: &str, values: impl Iterator<Item = bool>) {
        self.add(name, Arc::new(values.map(Some).collect::<BooleanArray>()), false);
    }

    pub(super) fn days(&mut self, name: &str, values: impl Iterator<Item = NaiveDate>) {
        let days = values.map(|day| Some(Date32Type::from_naive_date(day)));
        self.add(name, Arc::new(days.collect::<Date32Array>()), false);
    }

    pub(super) fn some_days(
        &mut self,
        name: &str,
        values: impl Iterator<Item = Option<NaiveDate>>,
    ) {
        let days = values.map(|day| day.map(Date32Type::from_naive_date));
        self.add(name, Arc::new(days.collect::<Date32Array>()), true);
    }

    pub(super) fn subjects<'a>(
        &mut self,
        series: impl Iterator<Item = &'a Series> + Clone,
        bodies: &Bodies,
    ) {
        let name_of = |id: &String| bodies.department_name(id);
        let departments = series.clone().map(|one| one.subject.department.as_ref());
        self.required("region", series.clone().map(|one| one.subject.region.clone()));
        let regions = series.clone().map(|one| bodies.region_name(&one.subject.region));
        self.required("region_name", regions);
        self.text("department", departments.clone().map(Option::<&String>::cloned));
        self.text("department_name", departments.map(|id| id.map(name_of)));
        self.text("breakdown", series.map(|one| one.subject.breakdown.clone()));
    }

    fn comparisons(&mut self, names: [&str; 4], all: &[Comparison]) {
        let [before, change, growth, reason] = names;
        self.doubles(before, all.iter().map(|one| one.before));
        self.doubles(change, all.iter().map(|one| one.change));
        self.doubles(growth, all.iter().map(|one| one.growth_pct));
        let word = |reason: NotCompared| reason.as_str().to_owned();
        self.text(reason, all.iter().map(|one| one.not_compared.map(word)));
    }

    pub(super) fn table(self) -> ResultTable {
        let schema = Arc::new(Schema::new(self.fields));
        let batch = RecordBatch::try_new(schema, self.columns)
            .expect("every column has one value a row, and required ones no null");
        ResultTable::of(batch)
    }
}

const ON_BEFORE: [&str; 4] = ["previous_value", "change", "growth_pct", "not_compared"];
const ON_YEAR: [&str; 4] =
    ["year_before_value", "change_on_year", "growth_on_year_pct", "not_compared_on_year"];

/// Returns the first page: one row for every series with its last period, the largest value first.
///
/// Columns: `region`, `region_name`, `department`, `department_name` (both null for a region as a whole),
/// `breakdown`, `period` (as 2021-09 or 2021-Q3), `unit`, `value`, `previous_value`, `change`,
/// `growth_pct` (percent of the previous value), `not_compared` (why there is none), the same four on
/// the same period of the year before, `share_pct` (percent of the sum over all departments, or regions
/// of the level, with a value), `rank` among the departments of the province, or the regions of the level,
/// `n_ranked` (how many of them have one), `rank_before` in the period before among those that had one
/// then, `rank_movement` (places up among those with a rank in both whose values can be compared, so not
/// always the difference of the two; negative down), `course` (a sparkline of the last periods, made by
/// `spark`), `is_approximate` (one of its figures is rounded, estimated or told with a qualifier), `remarks`
/// on that period.
pub fn page_table(
    trend: &Trend,
    bodies: &Bodies,
    lang: Lang,
    spark: impl Fn(&[Option<f64>]) -> String,
) -> ResultTable {
    let last = trend.plan.last;
    let rows: Vec<(&Series, &Point)> =
        trend.shown().filter_map(|(_, series)| Some((series, series.at(last)?))).collect();
    let mut columns = Columns::default();
    columns.subjects(rows.iter().map(|(series, _)| *series), bodies);
    columns.required("period", rows.iter().map(|(_, point)| point.slot.to_string()));
    columns.text("unit", rows.iter().map(|(series, _)| series.unit().map(str::to_owned)));
    columns.doubles("value", rows.iter().map(|(_, point)| point.value));
    let on_before: Vec<Comparison> =
        rows.iter().map(|(series, point)| trend.on_before(series, point)).collect();
    columns.comparisons(ON_BEFORE, &on_before);
    let on_year: Vec<Comparison> =
        rows.iter().map(|(series, point)| trend.on_year(series, point)).collect();
    columns.comparisons(ON_YEAR, &on_year);
    let of_shown = |slot| {
        let all = trend.standings(slot, bodies);
        trend.shown().map(|(idx, _)| all[idx]).collect::<Vec<Standing>>()
    };
    let (now, before) = (of_shown(last), of_shown(last.before()));
    columns.doubles("share_pct", now.iter().map(|standing| standing.share_pct));
    columns.ints("rank", now.iter().map(|standing| standing.rank));
    let n_ranked = |standing: &Standing| standing.rank.map(|_| standing.n_ranked);
    columns.ints("n_ranked", now.iter().map(n_ranked));
    columns.ints("rank_before", before.iter().map(|standing| standing.rank));
    let movements = trend.movements(last, bodies);
    columns.ints("rank_movement", trend.shown().map(|(idx, _)| movements[idx]));
    columns.required(
        "course",
        rows.iter().map(|(series, _)| spark(&values_of(trend.periods(series)))),
    );
    columns.truths("is_approximate", rows.iter().map(|(_, point)| point.is_approximate()));
    columns.text("remarks", rows.iter().map(|(_, point)| remarks_of(point, lang)));
    columns.table()
}

/// Returns every period of the series, those of the largest last value first, in the order of time.
///
/// Columns: those of the subject, `period`, `period_start`, `period_end`, `unit`, `value`, `made`
/// (stated, difference of two cumulative figures, sum of parts, none), `definition`, the comparisons
/// of the first page, `share_pct`, `rank`, `is_break`, `is_date_inferred`, `is_approximate`, `remarks`.
pub fn series_table(trend: &Trend, bodies: &Bodies, lang: Lang) -> ResultTable {
    let standings: BTreeMap<Slot, Vec<Standing>> = trend
        .plan
        .first
        .to(trend.plan.last)
        .map(|slot| (slot, trend.standings(slot, bodies)))
        .collect();
    let rows: Vec<(usize, &Series, &Point)> = trend
        .shown()
        .flat_map(|(idx, series)| {
            trend.periods(series).iter().map(move |point| (idx, series, point))
        })
        .collect();
    let points = || rows.iter().map(|(_, _, point)| *point);
    let mut columns = Columns::default();
    columns.subjects(rows.iter().map(|(_, series, _)| *series), bodies);
    columns.required("period", points().map(|point| point.slot.to_string()));
    columns.days("period_start", points().map(|point| point.slot.first_day()));
    columns.days("period_end", points().map(|point| point.slot.last_day()));
    columns.text(
        "unit",
        rows.iter().map(|(_, series, point)| {
            point.unit.clone().or_else(|| series.unit().map(str::to_owned))
        }),
    );
    columns.doubles("value", points().map(|point| point.value));
    columns.required("made", points().map(|point| made_of(point).as_str().to_owned()));
    columns.ints("definition", points().map(|point| point.definition));
    let on_before: Vec<Comparison> =
        rows.iter().map(|(_, series, point)| trend.on_before(series, point)).collect();
    columns.comparisons(ON_BEFORE, &on_before);
    let on_year: Vec<Comparison> =
        rows.iter().map(|(_, series, point)| trend.on_year(series, point)).collect();
    columns.comparisons(ON_YEAR, &on_year);
    let standing = |(idx, _, point): &(usize, &Series, &Point)| {
        standings.get(&point.slot).and_then(|all| all.get(*idx)).copied().unwrap_or_default()
    };
    columns.doubles("share_pct", rows.iter().map(|row| standing(row).share_pct));
    columns.ints("rank", rows.iter().map(|row| standing(row).rank));
    columns.truths("is_break", points().map(|point| point.is_break));
    columns.truths("is_date_inferred", points().map(|point| point.is_date_inferred));
    columns.truths("is_approximate", points().map(Point::is_approximate));
    columns.text("remarks", points().map(|point| remarks_of(point, lang)));
    columns.table()
}

/// Returns what must be known of the series, one row a remark: subject, `period`, `remark`.
pub fn remarks_table(trend: &Trend, bodies: &Bodies, lang: Lang) -> ResultTable {
    let rows: Vec<(&Series, &Point, String)> = trend
        .shown()
        .flat_map(|(_, series)| trend.remarked(series).map(move |point| (series, point)))
        .flat_map(|(series, point)| {
            point.remarks.iter().map(move |remark| (series, point, remark.text(lang)))
        })
        .collect();
    let mut columns = Columns::default();
    columns.subjects(rows.iter().map(|(series, _, _)| *series), bodies);
    columns.required("period", rows.iter().map(|(_, point, _)| point.slot.to_string()));
    columns.required("remark", rows.iter().map(|(_, _, remark)| remark.clone()));
    columns.table()
}

fn made_of(point: &Point) -> Made {
    if point.value.is_some() { point.made } else { Made::None }
}

fn values_of(points: &[Point]) -> Vec<Option<f64>> {
    points.iter().map(|point| point.value).collect()
}

fn remarks_of(point: &Point, lang: Lang) -> Option<String> {
    let texts: Vec<String> = point.remarks.iter().map(|remark| remark.text(lang)).collect();
    (!texts.is_empty()).then(|| texts.join(if lang == Lang::Zh { "；" } else { "; " }))
}
