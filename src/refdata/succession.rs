//! Who took over from whom: chains of departments and regions, as far as there is one successor.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::text_enum;
use crate::refdata::RefData;

text_enum! {
    /// Why a chain ends although a succession goes on from its last member.
    Obstacle {
        /// Several took over, and nobody says which figure went to whom.
        Several = "several_successors",
        /// The chain comes back to itself.
        Circle = "circle",
        /// The successor is of another level, as the prefecture that a county lay in: its figures
        /// may contain those of the predecessor.
        Level = "other_level",
    }
}

/// Where the chain of a department or region ends.
///
/// The last members of chains are listed as well, with themselves as successor and no steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Successor {
    /// The region of a department; for a region, the region itself.
    pub region: String,
    /// The department or region as reported.
    pub body: String,
    /// The last that took over.
    pub successor: String,
    /// Number of steps from one to the other.
    pub n_steps: i32,
    /// Whether nobody else is a predecessor on the way: a mere change of name, as far as recorded.
    pub is_sole: bool,
    /// Why the chain ends there although a succession goes on.
    pub obstacle: Option<Obstacle>,
}

/// One recorded succession that a chain uses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    /// Who passed on.
    pub predecessor: String,
    /// Who took over.
    pub successor: String,
    /// Year or date of the change; empty where it is not known.
    pub changed_on: String,
    /// What is certain and what is not.
    pub confidence: String,
}

impl Step {
    /// Whether the succession counts as verified: its confidence begins with `high` and calls
    /// nothing unverified.
    pub fn is_verified(&self) -> bool {
        self.confidence.starts_with("high") && !self.confidence.contains("unverified")
    }
}

/// All successions of departments and regions, ready to be followed.
///
/// A succession of departments holds in one region; where that region has a successor itself, it
/// holds there.
#[derive(Debug, Clone)]
pub struct Successions {
    regions: Handovers,
    departments: BTreeMap<String, Handovers>,
}

impl Successions {
    /// Reads `region_succession` and `department_succession`.
    pub(super) fn of(data: &RefData) -> Self {
        let mut regions = Handovers::default();
        let tiers: BTreeMap<String, Option<u8>> = data.tables["regions"]
            .rows()
            .map(|row| (row.text("region"), tier(&row.text("level"))))
            .collect();
        for row in data.tables["region_succession"].rows() {
            let (retired, successor) = (row.text("retired"), row.text("successor"));
            let tier_of = |region: &String| tiers.get(region).copied().flatten();
            if tier_of(&retired).is_none() || tier_of(&retired) != tier_of(&successor) {
                regions.barred.insert(retired.clone());
            }
            regions.add(Step {
                predecessor: retired,
                successor,
                changed_on: String::new(),
                confidence: row.text("confidence"),
            });
        }
        let mut departments: BTreeMap<String, Handovers> = BTreeMap::new();
        for row in data.tables["department_succession"].rows() {
            let region = regions.follow(&row.text("region")).last;
            departments.entry(region).or_default().add(Step {
                predecessor: row.text("predecessor"),
                successor: row.text("successor"),
                changed_on: row.text("changed_on"),
                confidence: row.text("confidence"),
            });
        }
        Self { regions, departments }
    }

    /// Returns where every region that has or is a successor ends, by code.
    pub fn regions(&self) -> Vec<Successor> {
        self.regions.successors(None)
    }

    /// Returns where every department that has or is a successor ends, by region and department.
    pub fn departments(&self) -> Vec<Successor> {
        let by_region = self.departments.iter();
        by_region.flat_map(|(region, handovers)| handovers.successors(Some(region))).collect()
    }

    /// Returns the successions that lead from a body to the one its figures are compared under, in
    /// their order: those of its region, then those of the department.
    pub fn steps(&self, region: &str, department: Option<&str>) -> Vec<Step> {
        let followed = self.regions.follow(region);
        let handovers = self.departments.get(&followed.last);
        let own = handovers.zip(department).map(|(known, name)| known.follow(name).steps);
        followed.steps.into_iter().chain(own.unwrap_or_default()).collect()
    }

    /// Returns the direct successors of a region, or of a department in it; empty where none is
    /// known.
    pub fn direct_successors(&self, region: &str, department: Option<&str>) -> Vec<String> {
        let of = |known: &Handovers, body: &str| -> Vec<String> {
            known.next.get(body).map(|steps| steps.keys().cloned().collect()).unwrap_or_default()
        };
        match department {
            None => of(&self.regions, region),
            Some(name) => self.departments.get(region).map(|d| of(d, name)).unwrap_or_default(),
        }
    }
}

/// Successions of one kind, by predecessor and successor.
#[derive(Debug, Clone, Default)]
struct Handovers {
    next: BTreeMap<String, BTreeMap<String, Step>>,
    /// Predecessors whose successor is of another level.
    barred: BTreeSet<String>,
}

/// A chain that was followed.
struct Followed {
    last: String,
    steps: Vec<Step>,
    obstacle: Option<Obstacle>,
}

impl Handovers {
    /// Adds a succession; one to itself changes nothing.
    fn add(&mut self, step: Step) {
        if step.predecessor != step.successor {
            let successors = self.next.entry(step.predecessor.clone()).or_default();
            successors.insert(step.successor.clone(), step);
        }
    }

    /// Follows the chain of a body to its last member.
    fn follow(&self, body: &str) -> Followed {
        let mut followed = Followed { last: body.to_owned(), steps: Vec::new(), obstacle: None };
        let mut seen = BTreeSet::from([body]);
        let mut at = body;
        while let Some(successors) = self.next.get(at) {
            let mut steps = successors.values();
            let (Some(step), None) = (steps.next(), steps.next()) else {
                return Followed { obstacle: Some(Obstacle::Several), ..followed };
            };
            if self.barred.contains(at) {
                return Followed { obstacle: Some(Obstacle::Level), ..followed };
            }
            at = &step.successor;
            if !seen.insert(at) {
                let last = body.to_owned();
                return Followed { last, steps: Vec::new(), obstacle: Some(Obstacle::Circle) };
            }
            followed.last.clone_from(&step.successor);
            followed.steps.push(step.clone());
        }
        followed
    }

    fn n_predecessors(&self, body: &str) -> usize {
        self.next.values().filter(|successors| successors.contains_key(body)).count()
    }

    /// Returns every body that has or is a last successor, by name.
    fn successors(&self, region: Option<&String>) -> Vec<Successor> {
        let lasts = self.next.keys().map(|body| self.follow(body).last);
        let bodies: BTreeSet<String> = self.next.keys().cloned().chain(lasts).collect();
        let resolved = bodies.into_iter().map(|body| {
            let followed = self.follow(&body);
            let is_sole = followed.steps.iter().all(|s| self.n_predecessors(&s.successor) == 1);
            Successor {
                region: region.unwrap_or(&body).clone(),
                successor: followed.last,
                n_steps: i32::try_from(followed.steps.len()).unwrap_or(i32::MAX),
                is_sole,
                obstacle: followed.obstacle,
                body,
            }
        });
        resolved.collect()
    }
}

/// The tier of a division; `None` for collective entries, which stand for no division.
fn tier(level: &str) -> Option<u8> {
    match level {
        "province" => Some(1),
        "prefecture_city" | "autonomous_prefecture" | "prefecture" => Some(2),
        "" => None,
        _ => Some(3),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(successors: &[Successor], body: &str) -> String {
        let found = successors.iter().find(|known| known.body == body);
        found.map_or_else(
            || "-".to_owned(),
            |known| {
                let obstacle = known.obstacle.map_or("", Obstacle::as_str);
                let sole = if known.is_sole { "sole" } else { "shared" };
                format!("{} {} {sole} {obstacle}", known.successor, known.n_steps)
                    .trim_end()
                    .to_owned()
            },
        )
    }

    #[track_caller]
    fn check_department(own: &str, body: &str, expected: &str) {
        let rows = format!("predecessor,successor,region,source,confidence\n{own}");
        let data = RefData::load(&[("department_succession".to_owned(), rows)]).unwrap();
        assert_eq!(shown(&data.successions().departments(), body), expected, "{body}");
    }

    #[track_caller]
    fn check_region(body: &str, expected: &str) {
        let data = RefData::load(&[]).unwrap();
        assert_eq!(shown(&data.successions().regions(), body), expected, "{body}");
    }

    #[test]
    fn a_chain_is_followed_to_its_end() {
        check_department("", "poverty_alleviation", "agriculture 2 shared");
        check_department("", "rural_revitalisation", "agriculture 1 shared");
        check_department("", "agriculture", "agriculture 0 sole");
        check_department("", "state_tax", "tax 1 shared");
        check_department("", "forestry", "forestry_grassland 1 sole");
        check_department("", "water", "-");
    }

    #[test]
    fn a_chain_ends_where_several_took_over_or_nobody_last() {
        check_department("", "food_drug", "food_drug 0 sole several_successors");
        let before = "water,food_drug,630000,own,high\n";
        check_department(before, "water", "food_drug 1 sole several_successors");
        let circle = "water,sports,630000,own,high\nsports,water,630000,own,high\n";
        check_department(circle, "water", "water 0 sole circle");
        check_department("water,water,630000,own,high\n", "water", "-");
    }

    #[test]
    fn a_region_goes_on_in_one_of_its_own_level() {
        check_region("630122", "630106 1 shared");
        check_region("632321", "632301 1 sole");
        check_region("632100", "630200 1 sole");
        check_region("630111", "630111 0 sole several_successors");
        check_region("632824", "632824 0 sole other_level");
        check_region("630101", "630101 0 sole other_level");
        check_region("630000", "-");
    }

    #[test]
    fn a_department_goes_on_in_the_region_that_took_over() {
        let rows = "predecessor,successor,region,source,confidence\nwater,sports,632321,own,high\n";
        let own = vec![("department_succession".to_owned(), rows.to_owned())];
        let successions = RefData::load(&own).unwrap().successions();
        let found = successions.departments();
        let found = found.iter().find(|known| known.body == "water").unwrap();
        assert_eq!((found.region.as_str(), found.successor.as_str()), ("632301", "sports"));
        let steps = successions.steps("632321", Some("water"));
        let names: Vec<&str> = steps.iter().map(|step| step.successor.as_str()).collect();
        assert_eq!(names, ["632301", "sports"]);
        assert!(steps.iter().all(Step::is_verified));
        assert_eq!(successions.steps("630000", Some("audit")), []);
        let split = successions.direct_successors("630000", Some("food_drug"));
        assert_eq!(split, ["drug_regulation", "market_regulation"]);
    }
}
