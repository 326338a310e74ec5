//! Which figures of an indicator stand in one list: those of the departments of one region or of regions as
//! a whole, undivided or of one part; and what is told of those that do not.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::diag::Message;
use crate::refdata::{Indicator, RegionLevel, Successions};
use crate::trend::Trend;
use crate::trend::bodies::Bodies;
use crate::trend::error::TrendError;
use crate::trend::figure::Figure;
use crate::trend::remarks::named;

/// Whose figures are wanted; what is not said is chosen by the figures.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Code of the region whose departments are wanted.
    pub region: Option<String>,
    /// Ids of departments.
    pub departments: Vec<String>,
    /// Codes of regions that are wanted as a whole; not together with departments.
    pub regions: Vec<String>,
    /// A part of a further dimension.
    pub breakdown: Option<String>,
    /// Who took over from whom, where figures stand under the bodies of today.
    pub successions: Option<Successions>,
}

/// The figures of one list.
#[derive(Debug, Clone)]
pub struct Choice {
    /// The figures.
    pub figures: Vec<Figure>,
    /// What is to be told of others.
    pub notes: Vec<Message>,
    /// Ids of the departments, or codes of the regions, that are shown; empty for all.
    shown: Vec<String>,
    /// Parts of bodies that have no undivided figure, where others have.
    parts_only: Vec<(String, String)>,
    /// Ids and codes of those with figures of other parts than the one that is wanted, or undivided ones.
    in_other_parts: BTreeSet<String>,
    /// Departments that are wanted, each with a region whose figures of it are not in the list.
    elsewhere: BTreeSet<(String, String)>,
}

impl Choice {
    /// Chooses among the figures of an indicator.
    ///
    /// Of regions that which was wanted, else the only province with figures of departments (of all those
    /// that are wanted and have some), else all. Undivided figures, where there are any, unless a part was
    /// wanted.
    pub fn of(figures: Vec<Figure>, wanted: &Wanted, bodies: &Bodies) -> Result<Self, TrendError> {
        let mut choice = Self {
            figures,
            notes: Vec::new(),
            shown: [&wanted.departments[..], &wanted.regions[..]].concat(),
            parts_only: Vec::new(),
            in_other_parts: BTreeSet::new(),
            elsewhere: BTreeSet::new(),
        };
        let everywhere = choice.regions_of_departments(wanted);
        match wanted.region.as_ref().or_else(|| choice.region_by_its_departments(wanted)) {
            Some(region) => choice.take_region(region, wanted, bodies)?,
            None if wanted.regions.is_empty() => choice.take_usual_regions(wanted, bodies),
            None => choice.take_named_regions(wanted, bodies)?,
        }
        let here = choice.regions_of_departments(wanted);
        choice.elsewhere = everywhere.into_iter().filter(|pair| !here.contains(pair)).collect();
        choice.take_part(wanted, bodies)?;
        Ok(choice)
    }

    /// Shows what was wanted; fails where a trend of these figures has nothing of it.
    pub fn shown_in(
        &self,
        trend: Trend,
        wanted: &Wanted,
        indicator: &Indicator,
        bodies: &Bodies,
    ) -> Result<Trend, TrendError> {
        if self.shown.is_empty() {
            return Ok(trend);
        }
        let has = |name: &String| trend.all.iter().any(|series| series.subject.is_of(name));
        let Some(missing) = self.shown.iter().find(|name| !has(name)) else {
            return Ok(trend.showing(&self.shown));
        };
        if let Some(error) = passed_on(missing, wanted, &self.figures, bodies) {
            return Err(error);
        }
        let name = bodies.any_name(missing);
        let own = self.figures.iter().filter(|figure| figure.subject.is_of(missing));
        let days: BTreeSet<NaiveDate> = own.map(|figure| figure.period.end).collect();
        if let (Some(first_day), Some(last_day)) = (days.first(), days.last()) {
            let days = (*first_day, *last_day);
            return Err(TrendError::OnlyInOtherPeriods {
                name,
                shown: (trend.plan.first, trend.plan.last),
                days,
            });
        }
        let parts: BTreeSet<&str> = self
            .parts_only
            .iter()
            .filter(|(body, _)| body == missing)
            .map(|(_, part)| part.as_str())
            .collect();
        if !parts.is_empty() {
            let parts = parts.into_iter().map(str::to_owned).collect();
            return Err(TrendError::OnlyInParts { name, parts });
        }
        if let Some(part) = &wanted.breakdown
            && self.in_other_parts.contains(missing)
        {
            return Err(TrendError::WithoutPart { name, part: part.clone() });
        }
        let mut subjects: Vec<_> = trend.all.iter().map(|series| &series.subject).collect();
        subjects.sort_by_key(|subject| (bodies.order_of(subject), *subject));
        if wanted.departments.contains(missing) {
            let elsewhere = self.elsewhere.iter().filter(|(department, _)| department == missing);
            let regions: BTreeSet<&str> = elsewhere.map(|(_, region)| region.as_str()).collect();
            if !regions.is_empty() {
                let regions = named_regions(regions, bodies);
                return Err(TrendError::OnlyInOtherRegions { department: name, regions });
            }
            let mut seen = BTreeSet::new();
            let known = subjects
                .iter()
                .filter_map(|subject| subject.department.as_ref())
                .filter(|department| seen.insert(*department))
                .map(|department| bodies.department_name(department))
                .collect();
            let indicator = Box::new(indicator.clone());
            return Err(TrendError::DepartmentWithoutFigures {
                department: name,
                indicator,
                known,
            });
        }
        let regions = subjects.iter().map(|subject| subject.region.as_str());
        Err(region_without_figures(missing, regions.collect(), bodies))
    }

    /// The departments that are wanted, each with every region that has figures of it, and of the part that
    /// is wanted; all departments where none is wanted.
    fn regions_of_departments(&self, wanted: &Wanted) -> BTreeSet<(String, String)> {
        let pair = |figure: &Figure| {
            let department = figure.subject.department.clone()?;
            let is_wanted =
                wanted.departments.is_empty() || wanted.departments.contains(&department);
            let is_of_part =
                wanted.breakdown.is_none() || wanted.breakdown == figure.subject.breakdown;
            (is_wanted && is_of_part).then(|| (department, figure.subject.region.clone()))
        };
        self.figures.iter().filter_map(pair).collect()
    }

    /// The one region that was named as a whole, where only its departments have figures.
    fn region_by_its_departments<'w>(&self, wanted: &'w Wanted) -> Option<&'w String> {
        let [region] = wanted.regions.as_slice() else { return None };
        let is_own = |figure: &&Figure| figure.subject.region == *region;
        let own: Vec<&Figure> = self.figures.iter().filter(is_own).collect();
        let has_whole = own.iter().any(|figure| figure.subject.department.is_none());
        (!own.is_empty() && !has_whole).then_some(region)
    }

    /// Keeps the departments of a region; where it has only figures as a whole, regions as a whole with
    /// this one shown.
    fn take_region(
        &mut self,
        region: &str,
        wanted: &Wanted,
        bodies: &Bodies,
    ) -> Result<(), TrendError> {
        self.check_region(region, wanted, bodies, |_| true)?;
        let is_own = |figure: &Figure| figure.subject.region == region;
        let has_departments =
            self.figures.iter().any(|figure| is_own(figure) && figure.subject.department.is_some());
        if has_departments || !wanted.departments.is_empty() {
            self.figures.retain(is_own);
            self.shown.retain(|shown| shown != region);
        } else {
            self.figures.retain(|figure| figure.subject.department.is_none());
            self.shown = vec![region.to_owned()];
        }
        Ok(())
    }

    /// Keeps regions as a whole.
    fn take_named_regions(&mut self, wanted: &Wanted, bodies: &Bodies) -> Result<(), TrendError> {
        let is_whole = |figure: &Figure| figure.subject.department.is_none();
        for region in &wanted.regions {
            let is_own = |figure: &&Figure| figure.subject.region == *region;
            let mut own = self.figures.iter().filter(is_own).peekable();
            if own.peek().is_some() && !own.any(is_whole) {
                let whole = self.figures.iter().filter(|figure| is_whole(figure));
                let known = whole.map(|figure| figure.subject.region.as_str()).collect();
                return Err(TrendError::OnlyOfDepartments {
                    region: bodies.region_name(region),
                    known: named_regions(known, bodies),
                });
            }
            self.check_region(region, wanted, bodies, is_whole)?;
        }
        self.figures.retain(|figure| figure.subject.department.is_none());
        Ok(())
    }

    /// Keeps the departments of one region, where their figures tell which; else regions as a whole where no
    /// department is wanted; else the departments of all regions.
    fn take_usual_regions(&mut self, wanted: &Wanted, bodies: &Bodies) {
        let has_whole = self.figures.iter().any(|figure| figure.subject.department.is_none());
        if let Some(region) = self.usual_region(wanted, bodies) {
            let all = self.figures.iter().map(|figure| figure.subject.region.as_str());
            let others: BTreeSet<&str> = all.filter(|other| *other != region).collect();
            if wanted.departments.is_empty() {
                self.notes.extend(left_out("trend.other_regions", others, bodies));
            }
            self.figures.retain(|figure| figure.subject.region == region);
        } else if has_whole && wanted.departments.is_empty() {
            let of_departments =
                self.figures.iter().filter(|figure| figure.subject.department.is_some());
            let regions = of_departments.map(|figure| figure.subject.region.as_str()).collect();
            self.notes.extend(left_out("trend.departments_left_out", regions, bodies));
            self.figures.retain(|figure| figure.subject.department.is_none());
        }
    }

    /// The only province with figures of departments. Where some departments are wanted, the only province,
    /// else the only region, with figures of all those of them that have any.
    fn usual_region(&self, wanted: &Wanted, bodies: &Bodies) -> Option<String> {
        let only = |regions: &[&String]| match regions {
            [region] => Some((*region).clone()),
            _ => None,
        };
        let is_province = |region: &&String| bodies.level_of(region) == Some(RegionLevel::Province);
        let of_wanted = self.regions_of_departments(wanted);
        let has_wanted = !wanted.departments.is_empty() && !of_wanted.is_empty();
        let of_any = if has_wanted {
            of_wanted
        } else {
            // Nobody who is wanted has a figure: those of the others say who has.
            self.regions_of_departments(&Wanted::default())
        };
        let departments: BTreeSet<&String> = of_any.iter().map(|(one, _)| one).collect();
        let mut by_region: BTreeMap<&String, usize> = BTreeMap::new();
        for (_, region) in &of_any {
            *by_region.entry(region).or_default() += 1;
        }
        let n_needed = if has_wanted { departments.len() } else { 1 };
        let regions: Vec<&String> = by_region
            .into_iter()
            .filter(|(_, n_departments)| *n_departments >= n_needed)
            .map(|(region, _)| region)
            .collect();
        let provinces: Vec<&String> = regions.iter().copied().filter(is_province).collect();
        only(&provinces).or_else(|| only(&regions).filter(|_| has_wanted))
    }

    /// Keeps the part that is wanted; without one undivided figures where there are such.
    fn take_part(&mut self, wanted: &Wanted, bodies: &Bodies) -> Result<(), TrendError> {
        let of = |figure: &Figure| figure.subject.breakdown.clone();
        let parts: BTreeSet<String> = self.figures.iter().filter_map(of).collect();
        let listed = || parts.iter().cloned().collect::<Vec<String>>();
        if let Some(part) = &wanted.breakdown {
            if !parts.contains(part) {
                return Err(TrendError::PartUnknown { part: part.clone(), known: listed() });
            }
            let is_of_part = |figure: &Figure| figure.subject.breakdown.as_ref() == Some(part);
            let others = self.figures.iter().filter(|figure| !is_of_part(figure));
            self.in_other_parts = others.map(|figure| figure.subject.id().to_owned()).collect();
            self.figures.retain(is_of_part);
            return Ok(());
        }
        if parts.is_empty() {
            return Ok(());
        }
        let is_shown = |figure: &Figure| {
            self.shown.is_empty() || self.shown.iter().any(|name| figure.subject.is_of(name))
        };
        let is_whole = |figure: &&Figure| figure.subject.breakdown.is_none();
        // Where nobody who is shown has a figure, all are looked at.
        let has_shown = self.figures.iter().any(is_shown);
        let has_whole = self.figures.iter().filter(is_whole).any(|one| !has_shown || is_shown(one));
        let code = if has_whole { "trend.parts_left_out" } else { "trend.only_parts" };
        let of_shown = self.figures.iter().filter(|one| !has_shown || is_shown(one));
        let own: BTreeSet<&str> =
            of_shown.filter_map(|one| one.subject.breakdown.as_deref()).collect();
        if !own.is_empty() {
            self.notes.push(Message::new(code).with_list("parts", own));
        }
        if !has_whole {
            self.figures.retain(|figure| figure.subject.breakdown.is_some());
            return Ok(());
        }
        let whole: BTreeSet<_> =
            self.figures.iter().filter(is_whole).map(|figure| figure.subject.body()).collect();
        let divided = self.figures.iter().filter(|figure| !whole.contains(&figure.subject.body()));
        let shown = divided.clone().filter(|figure| is_shown(figure));
        let names: BTreeSet<String> = shown.map(|figure| bodies.name_of(&figure.subject)).collect();
        self.parts_only =
            divided.filter_map(|one| Some((one.subject.id().to_owned(), of(one)?))).collect();
        if !names.is_empty() {
            let names: Vec<String> = names.into_iter().collect();
            self.notes.push(named(Message::new("trend.bodies_only_in_parts"), "names", &names));
        }
        self.figures.retain(|figure| figure.subject.breakdown.is_none());
        Ok(())
    }

    /// Fails where a region has no figure of some kind.
    fn check_region(
        &self,
        region: &str,
        wanted: &Wanted,
        bodies: &Bodies,
        is_of_kind: impl Fn(&Figure) -> bool,
    ) -> Result<(), TrendError> {
        let of_kind = self.figures.iter().filter(|figure| is_of_kind(figure));
        let known: BTreeSet<&str> = of_kind.map(|figure| figure.subject.region.as_str()).collect();
        if known.contains(region) {
            return Ok(());
        }
        let without_figures = || {
            if !known.is_empty() {
                return region_without_figures(region, known, bodies);
            }
            let all = self.figures.iter().map(|figure| figure.subject.region.as_str());
            TrendError::OnlyDepartmentsHave {
                region: bodies.region_name(region),
                known: named_regions(all.collect(), bodies),
            }
        };
        Err(passed_on(region, wanted, &self.figures, bodies).unwrap_or_else(without_figures))
    }
}

/// Says who took over from a department or region whose figures stand there.
fn passed_on(id: &str, wanted: &Wanted, figures: &[Figure], bodies: &Bodies) -> Option<TrendError> {
    let successions = wanted.successions.as_ref()?;
    let has_figures = |region: &str| figures.iter().any(|figure| figure.subject.region == region);
    let of_departments =
        successions.departments().into_iter().filter(|known| has_figures(&known.region));
    let mut all = of_departments.chain(successions.regions());
    let found = all.find(|known| known.body == id && known.n_steps > 0)?;
    Some(TrendError::PassedOn {
        name: bodies.any_name(id),
        successor: bodies.any_name(&found.successor),
    })
}

/// Says of which regions figures are left out; nothing where of none.
fn left_out(code: &'static str, regions: BTreeSet<&str>, bodies: &Bodies) -> Option<Message> {
    let regions = named_regions(regions, bodies);
    (!regions.is_empty()).then(|| named(Message::new(code), "regions", &regions))
}

fn region_without_figures(region: &str, known: BTreeSet<&str>, bodies: &Bodies) -> TrendError {
    TrendError::RegionWithoutFigures {
        region: bodies.region_name(region),
        known: named_regions(known, bodies),
    }
}

/// Regions by name and code: several have one name.
fn named_regions(regions: BTreeSet<&str>, bodies: &Bodies) -> Vec<String> {
    let named = |code: &str| match bodies.regions.get(code) {
        Some(region) => format!("{} ({code})", region.name),
        None => code.to_owned(),
    };
    regions.into_iter().map(named).collect()
}
