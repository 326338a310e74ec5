//! Typed view of the reference tables in `data/`, with a workspace's own rows on top.

mod bodies;
mod codes;
mod definitions;
mod names;
mod sidecar;
mod spans;
mod succession;
mod table;
mod targets;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::diag::{Diagnose, Message, impl_error};
use crate::model::text_enum;
use crate::refdata::table::RefRow;

pub use bodies::{Department, Handover, Region, RegionLevel};
pub use codes::{Code, DepartmentCode};
pub use definitions::{Definition, DefinitionOn};
pub use names::normalise;
pub use sidecar::{Column, ColumnType, Sidecar};
pub use spans::{DateSource, DepartmentSpan, RecordedDate};
pub use succession::{Obstacle, Step, Successions, Successor};
pub use table::RefTable;
pub use targets::Target;

/// Names a table with its two files in `data/`, compiled in.
macro_rules! built_in {
    ($name:literal) => {
        (
            $name,
            include_str!(concat!("../../data/", $name, ".csv")),
            include_str!(concat!("../../data/", $name, ".toml")),
        )
    };
}

/// The built-in tables: name, rows, sidecar.
const BUILT_IN: [(&str, &str, &str); 12] = [
    built_in!("codes"),
    built_in!("department_codes"),
    built_in!("department_names"),
    built_in!("department_succession"),
    built_in!("departments"),
    built_in!("indicator_labels"),
    built_in!("indicators"),
    built_in!("items_due"),
    built_in!("region_names"),
    built_in!("region_succession"),
    built_in!("regions"),
    built_in!("targets"),
];

/// Tables that only questions are answered with: what a workspace says there changes no reading.
const FOR_QUESTIONS: [&str; 2] = ["items_due", "targets"];

/// A reference table could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefDataError {
    /// A file in `refdata/` has the name of no table.
    TableUnknown {
        /// The name.
        table: String,
    },
    /// A row does not fit its table.
    RowInvalid {
        /// The table.
        table: String,
        /// Line of the file, from 1.
        line: u64,
        /// What is wrong.
        reason: Message,
    },
    /// The province that the settings name is none of those in `regions`.
    ProvinceUnknown {
        /// The code.
        found: String,
        /// The codes of the provinces.
        known: Vec<String>,
    },
}

impl_error!(RefDataError);

impl Diagnose for RefDataError {
    fn message(&self) -> Message {
        match self {
            Self::TableUnknown { table } => {
                let known: Vec<&str> = BUILT_IN.iter().map(|(name, _, _)| *name).collect();
                Message::new("refdata.table_unknown")
                    .with("table", table)
                    .with("known", known.join(", "))
            }
            Self::RowInvalid { table, line, .. } => {
                Message::new("refdata.row_invalid").with("table", table).with("line", line)
            }
            Self::ProvinceUnknown { found, known } => Message::new("refdata.province_unknown")
                .with("found", found)
                .with_list("known", known),
        }
    }

    fn causes(&self) -> Vec<Message> {
        match self {
            Self::TableUnknown { .. } | Self::ProvinceUnknown { .. } => Vec::new(),
            Self::RowInvalid { reason, .. } => vec![reason.clone()],
        }
    }
}

text_enum! {
    /// What an indicator measures.
    IndicatorKind {
        /// A quantity at one time.
        Stock = "stock",
        /// A quantity over a period.
        Flow = "flow",
        /// A proportion.
        Ratio = "ratio",
    }
}

/// A measured quantity, in its current definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indicator {
    /// Id.
    pub indicator: String,
    /// Version of the definition.
    pub definition: i32,
    /// Chinese name.
    pub name_zh: String,
    /// Part of the reform that it belongs to, as `aggregation`.
    pub area: String,
    /// What it measures.
    pub kind: IndicatorKind,
    /// Unit of its values.
    pub unit: String,
}

/// A name of a department in a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DepartmentName {
    /// The name as it may be printed.
    pub name: String,
    /// Region in which it means this department.
    pub region: String,
    /// Id of the department, shared by all figures about it.
    pub department: Arc<str>,
    /// Year or date at which the name went out of use, as far as it is known to have.
    pub valid_to: Option<String>,
}

/// A name of a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionName {
    /// The name as it may be printed.
    pub name: String,
    /// Code of the region.
    pub region: String,
    /// Whether the code is in use.
    pub is_current: bool,
    /// Whether it is an entry without a level that stands for several regions, as 市辖区.
    pub is_collective: bool,
}

/// A row of `indicators` that a saved layout brings.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns of `data/indicators.toml`, which explains them")]
pub struct IndicatorRow {
    pub indicator: String,
    pub definition: i32,
    pub name_zh: String,
    pub name_en: String,
    pub area: String,
    pub kind: IndicatorKind,
    pub unit: String,
    pub definition_zh: String,
    pub definition_en: String,
    pub source: String,
    pub confidence: String,
}

/// Returns the code of the one province that the built-in rows of `regions` have.
fn built_in_province(regions: &RefTable) -> String {
    let is_province = |row: &RefRow<'_>| row.text("level") == RegionLevel::Province.as_str();
    let provinces = || regions.rows().filter(is_province);
    let built_in = provinces().find(|row| row.own_line().is_none());
    // A workspace may have written the built-in row anew.
    let province = built_in.or_else(|| provinces().next());
    province.map(|row| row.text("region")).unwrap_or_default()
}

/// All reference tables, built-in rows and the workspace's own.
#[derive(Debug, Clone)]
pub struct RefData {
    tables: BTreeMap<&'static str, RefTable>,
    /// The workspace's rows, as they were given.
    overrides: Vec<(String, String)>,
    /// Hash of the workspace's rows that sources are read with; `None` without any.
    overrides_hash: Option<String>,
    /// The province whose departments push records.
    province: String,
}

impl RefData {
    /// Loads the built-in tables and puts the workspace's rows on top.
    ///
    /// `overrides` are pairs of a table's name and CSV text with its columns, in any order, where
    /// columns that may be empty can be left out. A row with a known key replaces that row.
    pub fn load(overrides: &[(String, String)]) -> Result<Self, RefDataError> {
        let mut tables = BTreeMap::new();
        for (name, rows, sidecar) in BUILT_IN {
            let mut table = RefTable::parse(name, rows, Sidecar::built_in(name, sidecar))?;
            for (_, text) in overrides.iter().filter(|(table_name, _)| table_name == name) {
                table.extend(text)?;
            }
            tables.insert(name, table);
        }
        if let Some((table, _)) = overrides.iter().find(|(name, _)| !tables.contains_key(&**name)) {
            return Err(RefDataError::TableUnknown { table: table.clone() });
        }
        let tables = tables;
        names::check_names(&tables)?;
        definitions::check_definitions(&tables["indicators"])?;
        for table in tables.values() {
            table.check_references(|name, column| values_of(&tables, name, column))?;
        }
        let hashed: String = overrides
            .iter()
            .filter(|(name, _)| !FOR_QUESTIONS.contains(&&**name))
            .map(|(name, text)| format!("{name}\n{text}\n"))
            .collect();
        let overrides_hash =
            (!hashed.is_empty()).then(|| blake3::hash(hashed.as_bytes()).to_hex()[..16].to_owned());
        let province = built_in_province(&tables["regions"]);
        let refdata = Self { tables, overrides: overrides.to_vec(), overrides_hash, province };
        names::check_regions_of_names(&refdata)?;
        Ok(refdata)
    }

    /// Has records belong to the departments of another province than the one that comes with the program,
    /// by its code, which `regions` has to have. It counts as something that changes how sources are read.
    pub fn in_province(mut self, region: &str) -> Result<Self, RefDataError> {
        if region == self.province {
            return Ok(self);
        }
        let regions = self.regions().into_iter();
        let provinces = regions.filter(|known| known.level == Some(RegionLevel::Province));
        let known: Vec<String> = provinces.map(|known| known.region).collect();
        if !known.iter().any(|code| code == region) {
            return Err(RefDataError::ProvinceUnknown { found: region.to_owned(), known });
        }
        let own = self.overrides_hash.unwrap_or_default();
        let hash = blake3::hash(format!("{own}\nprovince\n{region}\n").as_bytes()).to_hex();
        self.overrides_hash = Some(hash[..16].to_owned());
        region.clone_into(&mut self.province);
        Ok(self)
    }

    /// Returns the code of the province whose departments push records.
    pub fn province(&self) -> &str {
        &self.province
    }

    /// Returns all tables by name.
    pub fn tables(&self) -> impl Iterator<Item = &RefTable> {
        self.tables.values()
    }

    /// Returns what the workspace's own rows change in how sources are read, as a hash; `None` when
    /// they change nothing.
    pub fn overrides_hash(&self) -> Option<&str> {
        self.overrides_hash.as_deref()
    }

    /// Returns the workspace's own rows as they were given, to load the same tables elsewhere.
    pub fn overrides(&self) -> &[(String, String)] {
        &self.overrides
    }

    /// Returns every indicator in its highest definition, by id. Which one figures count under is for
    /// [`definition_on`](Self::definition_on) to say.
    pub fn indicators(&self) -> Vec<Indicator> {
        let mut latest: BTreeMap<String, Indicator> = BTreeMap::new();
        for row in self.tables["indicators"].rows() {
            let indicator = Indicator {
                indicator: row.text("indicator"),
                definition: row.text("definition").parse().expect("the sidecar says int"),
                name_zh: row.text("name_zh"),
                area: row.text("area"),
                kind: IndicatorKind::parse(&row.text("kind")).expect("the sidecar lists the kinds"),
                unit: row.text("unit"),
            };
            // Keys are text: 10 stands before 9.
            let known = latest.get(&indicator.indicator).map(|known| known.definition);
            if known.is_none_or(|known| known < indicator.definition) {
                latest.insert(indicator.indicator.clone(), indicator);
            }
        }
        latest.into_values().collect()
    }

    /// Adds an indicator that a saved layout brings.
    ///
    /// One that is there already stays as it is; refused when it has another kind or unit.
    pub fn add_indicator(&mut self, row: &IndicatorRow) -> Result<(), Message> {
        let known = self.indicators();
        if let Some(known) = known.iter().find(|known| known.indicator == row.indicator) {
            let is_same = known.kind == row.kind && known.unit == row.unit;
            return if is_same {
                Ok(())
            } else {
                Err(Message::new("layout.indicator_differs").with("indicator", &row.indicator))
            };
        }
        let definition = row.definition.to_string();
        let values = [
            ("indicator", row.indicator.as_str()),
            ("definition", &definition),
            ("name_zh", &row.name_zh),
            ("name_en", &row.name_en),
            ("area", &row.area),
            ("kind", row.kind.as_str()),
            ("unit", &row.unit),
            ("definition_zh", &row.definition_zh),
            ("definition_en", &row.definition_en),
            ("source", &row.source),
            ("confidence", &row.confidence),
        ];
        let table = self.tables.get_mut("indicators").expect("a built-in table");
        table.add_row(&values)
    }

    /// Returns every name of a region that lies in another one, or is it, at any depth.
    pub fn region_names(&self, within: &str) -> Vec<RegionName> {
        let parents: BTreeMap<String, String> = self.tables["regions"]
            .rows()
            .map(|row| (row.text("region"), row.text("parent")))
            .collect();
        // Divisions have five levels; a table with a circle must not hold us up.
        let is_within = |region: &str| {
            std::iter::successors(Some(region), |region| parents.get(*region).map(String::as_str))
                .take(6)
                .any(|region| region == within)
        };
        let known: BTreeMap<String, (bool, bool)> = self.tables["regions"]
            .rows()
            .map(|row| {
                let kind = (row.text("status") == "current", row.text("level").is_empty());
                (row.text("region"), kind)
            })
            .collect();
        let rows = self.tables["regions"].rows().chain(self.tables["region_names"].rows());
        rows.map(|row| {
            let region = row.text("region");
            let (is_current, is_collective) = known.get(&region).copied().unwrap_or((false, false));
            RegionName { name: row.text("name"), region, is_current, is_collective }
        })
        .filter(|name| is_within(&name.region))
        .collect()
    }

    /// Returns pairs of a column label, as printed, and the indicator that it means.
    pub fn indicator_labels(&self) -> Vec<(String, String)> {
        let rows = self.tables["indicator_labels"].rows();
        rows.map(|row| (row.text("label"), row.text("indicator"))).collect()
    }

    /// Returns every name of a department in one region.
    pub fn department_names(&self, region: &str) -> Vec<DepartmentName> {
        let rows = self.tables["department_names"].rows();
        rows.map(|row| DepartmentName {
            name: row.text("name"),
            region: row.text("region"),
            department: row.text("department").into(),
            valid_to: Some(row.text("valid_to")).filter(|date| !date.is_empty()),
        })
        .filter(|name| name.region == region)
        .collect()
    }

    /// Returns the successions of departments and regions, ready to be followed.
    pub fn successions(&self) -> Successions {
        Successions::of(self)
    }

    /// Returns when departments existed at most, by region and department, where a date is known.
    pub fn department_spans(&self) -> Vec<DepartmentSpan> {
        spans::department_spans(self)
    }

    /// Returns the region that a text begins with the name of, down to the lowest that it names:
    /// 青海省西宁市城东区人民政府 is the district's.
    ///
    /// A current code is preferred to a retired one of the same name. `None` when the text begins
    /// with no region, or goes on with one that lies elsewhere.
    pub fn region_at_start(&self, text: &str) -> Option<String> {
        self.lowest_at_start(text).map(|(region, _)| region)
    }

    /// Returns the name of another region with which the name of a department of `region` begins, as
    /// 西宁市 in 西宁市公安局, or 省 where the region is no province.
    ///
    /// The regions in which `region` lies may stand before the name of a department, and retired ones
    /// may be what the region was called.
    pub fn other_region_in_name<'n>(&self, name: &'n str, region: &str) -> Option<&'n str> {
        const PROVINCE: &str = "省";
        if name.starts_with(PROVINCE) {
            return (!region.ends_with("0000")).then_some(PROVINCE);
        }
        let (named, rest) = self.lowest_at_start(name)?;
        let is_other = named != region && !self.is_within(region, &named);
        let is_current = || {
            let mut rows = self.tables["regions"].rows();
            rows.any(|row| row.text("region") == named && row.text("status") == "current")
        };
        // The bare name of a region is what another check looks at.
        (is_other && !rest.is_empty() && is_current()).then(|| &name[..name.len() - rest.len()])
    }

    /// Returns the code of a region of this name that does not lie in `above`; `None` where the name is not
    /// known, or that of one which does.
    pub fn region_elsewhere(&self, name: &str, above: &str) -> Option<String> {
        let (region, rest) = self.lowest_at_start(name)?;
        let is_elsewhere = region != above && !self.is_within(&region, above);
        (rest.is_empty() && is_elsewhere).then_some(region)
    }

    fn lowest_at_start<'t>(&self, text: &'t str) -> Option<(String, &'t str)> {
        let (mut found, mut rest) = self.region_named_at_start(text, |_| true)?;
        while !rest.is_empty() {
            let below = self.region_named_at_start(rest, |region| self.is_within(region, &found));
            match below {
                Some(below) => (found, rest) = below,
                None if self.region_named_at_start(rest, |_| true).is_some() => return None,
                None => break,
            }
        }
        Some((found, rest))
    }

    /// Returns the region with the longest name that a text begins with, and the rest of the text.
    fn region_named_at_start<'t>(
        &self,
        text: &'t str,
        is_allowed: impl Fn(&str) -> bool,
    ) -> Option<(String, &'t str)> {
        let rows = self.tables["regions"].rows();
        let current: BTreeSet<String> = rows
            .filter(|row| row.text("status") == "current")
            .map(|row| row.text("region"))
            .collect();
        let rows = self.tables["regions"].rows().chain(self.tables["region_names"].rows());
        let mut found: Vec<(usize, bool, String)> = rows
            .filter(|row| text.starts_with(&row.text("name")) && is_allowed(&row.text("region")))
            .map(|row| {
                let region = row.text("region");
                (row.text("name").len(), current.contains(&region), region)
            })
            .collect();
        found.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.cmp(&a.1)).then(a.2.cmp(&b.2)));
        let (n_bytes, _, region) = found.into_iter().next()?;
        Some((region, &text[n_bytes..]))
    }

    /// Whether a region lies below another one, at any depth.
    fn is_within(&self, region: &str, above: &str) -> bool {
        let parent = |region: &str| {
            let mut rows = self.tables["regions"].rows();
            rows.find(|row| row.text("region") == region).map(|row| row.text("parent"))
        };
        // Divisions have five levels; a table with a circle must not hold us up.
        std::iter::successors(parent(region), |region| parent(region))
            .take(5)
            .any(|region| region == above)
    }
}

/// Returns the values of a column.
fn values_of(
    tables: &BTreeMap<&'static str, RefTable>,
    name: &str,
    column: &str,
) -> BTreeSet<String> {
    let rows = tables.get(name).into_iter().flat_map(RefTable::rows);
    rows.map(|row| row.text(column)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(table: &str, rows: &str) -> Result<RefData, RefDataError> {
        RefData::load(&[(table.to_owned(), rows.to_owned())])
    }

    #[test]
    fn the_province_is_the_one_that_the_settings_name() {
        assert_eq!(RefData::load(&[]).unwrap().province(), "630000");
        let rows = "region,name,level,parent,status,source,confidence\n\
                    620000,甘肃省,province,,current,own,high\n";
        let refdata = with("regions", rows).unwrap();
        let hash = refdata.overrides_hash().map(str::to_owned);
        assert_eq!(refdata.province(), "630000", "a neighbour may be known");
        let same = refdata.clone().in_province("630000").unwrap();
        assert_eq!(same.overrides_hash().map(str::to_owned), hash);
        let other = refdata.in_province("620000").unwrap();
        assert_eq!(other.province(), "620000");
        assert_ne!(other.overrides_hash().map(str::to_owned), hash);
        for unknown in ["620000", "630100"] {
            let error = RefData::load(&[]).unwrap().in_province(unknown).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!(
                    "the setting `province` is `{unknown}`: no province of the reference table regions; \
                     there are 630000"
                )
            );
        }
    }

    #[test]
    fn a_row_that_refers_to_nothing_is_refused_with_its_line() {
        let header = "name,region,department,name_kind,source,confidence\n";
        let rows = |department: &str| {
            format!("{header}# our own\n省治水办,630000,{department},alias,own,high\n")
        };
        assert!(with("department_names", &rows("water")).is_ok());
        let refused = with("department_names", &rows("watre")).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "line 3 of `refdata/department_names.csv` does not fit the table"
        );
        let reason = refused.causes()[0].text(crate::diag::Lang::En);
        assert!(reason.contains("`watre`") && reason.contains("departments"), "{reason}");
        // A row of the workspace can be what another one refers to.
        let departments = "department,name_zh,name_en,kind,official_order,source,confidence\n\
            watre,省治水办,Office of Waters,provincial,99,own,high\n";
        let both = [("department_names", rows("watre")), ("departments", departments.to_owned())];
        let both = both.map(|(table, rows)| (table.to_owned(), rows));
        assert!(RefData::load(&both).is_ok());
    }

    #[test]
    fn a_row_whose_last_day_is_before_its_first_is_refused_with_its_line() {
        let header = "indicator,region,level,department,direction,value,unit,valid_from,valid_to,source,\
            confidence\n";
        let rows = |last: &str| {
            format!(
                "{header}cases_aggregated,630000,,tax,at_least,100,条,2026-01-01,{last},own,high\n"
            )
        };
        assert!(with("targets", &rows("2026-01-01")).is_ok());
        assert!(with("targets", &rows("")).is_ok());
        let refused = with("targets", &rows("2025-12-31")).unwrap_err();
        assert_eq!(refused.to_string(), "line 2 of `refdata/targets.csv` does not fit the table");
        assert_eq!(
            refused.causes()[0].text(crate::diag::Lang::En),
            "`valid_to` is 2025-12-31, before `valid_from`, which is 2026-01-01"
        );
        let names = "name,region,department,name_kind,valid_from,valid_to,source,confidence\n\
            省治水办,630000,water,alias,2018,2017-12-31,own,high\n";
        // Years and days told in words are not compared.
        assert!(with("department_names", names).is_ok());
    }

    #[test]
    fn what_only_questions_use_changes_no_reading() {
        let header = "indicator,region,level,department,direction,value,unit,valid_from,valid_to,source,\
            confidence\n";
        let rows = |department: &str| {
            format!(
                "{header}cases_aggregated,630000,,{department},at_least,100,条,2026-01-01,2026-12-31,own,high\n"
            )
        };
        assert_eq!(with("targets", &rows("water")).unwrap().overrides_hash(), None);
        assert!(with("targets", &rows("watre")).is_err());
        let due = "region,department,valid_from,items_due,source,confidence\n\
            630000,water,2026-01-01,12,own,high\n";
        assert_eq!(with("items_due", due).unwrap().overrides_hash(), None);
        assert!(with("items_due", &due.replace("12", "twelve")).is_err());
        let names = "name,region,department,name_kind,source,confidence\n\
            省治水办,630000,water,alias,own,high\n";
        assert!(with("department_names", names).unwrap().overrides_hash().is_some());
    }

    #[test]
    fn the_tenth_definition_is_later_than_the_ninth() {
        let header = "indicator,definition,name_zh,name_en,area,kind,unit,definition_zh,\
            definition_en,source,confidence\n";
        let row = |n: u8| {
            format!("apps_connected,{n},第{n}版,apps,integration,stock,项,口径,text,own,high\n")
        };
        let refdata = with("indicators", &format!("{header}{}{}", row(9), row(10))).unwrap();
        let found = refdata.indicators();
        let found = found.iter().find(|known| known.indicator == "apps_connected").unwrap();
        assert_eq!((found.definition, found.name_zh.as_str()), (10, "第10版"));
    }

    #[track_caller]
    fn check(issuer: &str, expected: Option<&str>) {
        let refdata = RefData::load(&[]).unwrap();
        assert_eq!(refdata.region_at_start(issuer).as_deref(), expected, "{issuer}");
    }

    #[test]
    fn an_issuer_is_of_the_lowest_region_that_it_names() {
        check("青海省人民政府办公厅", Some("630000"));
        check("青海省西宁市人民政府办公厅", Some("630100"));
        check("西宁市城东区人民政府", Some("630102"));
        check("海北藏族自治州人民政府", Some("632200"));
        check("海西州人民政府办公室", Some("632800"));
        check("西宁市玉树市人民政府", None);
        check("某省人民政府", None);
    }

    #[test]
    fn a_region_lies_in_those_above_it_and_in_no_other() {
        let refdata = RefData::load(&[]).unwrap();
        let elsewhere = |name: &str, above: &str| refdata.region_elsewhere(name, above);
        assert_eq!(elsewhere("城北区", "630200").as_deref(), Some("630105"));
        assert_eq!(elsewhere("城北区", "630100"), None);
        assert_eq!(elsewhere("城北区", "630000"), None);
        assert_eq!(elsewhere("城北区办", "630200"), None);
        assert_eq!(elsewhere("某某区", "630200"), None);
    }
}
