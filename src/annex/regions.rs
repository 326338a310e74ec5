//! Row labels to regions, exactly, within the issuer's region.

use std::collections::BTreeMap;

use crate::annex::Unknown;
use crate::annex::labels::{normalise, similarity};
use crate::diag::{Finding, Message, Severity};
use crate::model::Place;
use crate::refdata::{RefData, RegionName};

/// Known names listed when none matches.
const NEAREST: usize = 3;
/// Names less alike than this are not listed.
const MIN_LISTED: f64 = 0.4;

/// Names of other regions that are told at most.
const MAX_TOLD: usize = 3;

/// What may stand behind the name of a region when its government is meant.
const SUFFIXES: [&str; 3] = ["人民政府", "政府", "管委会"];

/// What the figures of a region's own bodies are kept under, so that they are not those of the region
/// as a whole.
const OWN_LEVEL: &str = "本级";
/// Labels of a region's own bodies that do not say of which one, and the last character of its name;
/// empty where they leave that open, too.
const OWN_LEVELS: [(&str, &str); 6] = [
    ("市本级", "市"),
    ("州本级", "州"),
    ("县本级", "县"),
    ("区本级", "区"),
    ("市级", "市"),
    ("本级", ""),
];
/// Labels of a province's own bodies.
const OWN_LEVELS_OF_PROVINCE: [&str; 2] = ["省本级", "省级"];

/// The whole country and its provinces (GB/T 2260).
const OUTSIDE: [&str; 35] = [
    "全国",
    "北京市",
    "天津市",
    "河北省",
    "山西省",
    "内蒙古自治区",
    "辽宁省",
    "吉林省",
    "黑龙江省",
    "上海市",
    "江苏省",
    "浙江省",
    "安徽省",
    "福建省",
    "江西省",
    "山东省",
    "河南省",
    "湖北省",
    "湖南省",
    "广东省",
    "广西壮族自治区",
    "海南省",
    "重庆市",
    "四川省",
    "贵州省",
    "云南省",
    "西藏自治区",
    "陕西省",
    "甘肃省",
    "青海省",
    "宁夏回族自治区",
    "新疆维吾尔自治区",
    "台湾省",
    "香港特别行政区",
    "澳门特别行政区",
];

/// The region that a label means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RegionMatch {
    pub(super) region: String,
    /// Whether the code is in use.
    pub(super) is_current: bool,
    /// Whether only the region's own bodies are meant, without those of the divisions below it.
    pub(super) is_own_level: bool,
}

/// Why a label means no region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoRegion {
    /// It is not known; the nearest known names.
    Unknown(Vec<String>),
    /// It is a part of a region, as 市本级 and 市辖区, and does not say of which one.
    PartOfUnsaid,
}

impl NoRegion {
    /// Returns what is wrong with a label that stands at a place.
    pub(super) fn of_label(self, label: &str, place: Place) -> Unknown {
        let label = label.to_owned();
        match self {
            Self::Unknown(nearest) => Unknown::Region { label, place, nearest },
            Self::PartOfUnsaid => Unknown::RegionPart { label, place },
        }
    }
}

impl RegionMatch {
    /// Returns what is to be told about a label that was taken for this region: that its code is out
    /// of use, or that it is not the whole of it.
    pub(super) fn finding(&self, label: &str, place: Place) -> Option<Finding> {
        let code = match (self.is_own_level, self.is_current) {
            (true, _) => "region.own_level",
            (false, false) => "region.retired",
            (false, true) => return None,
        };
        let message = Message::new(code).with("label", label).with("region", &self.region);
        Some(Finding::new(Severity::Info, message, place).labelled(Some(label), None))
    }
}

/// The names of all divisions of one region.
pub(super) struct RegionIndex {
    /// The region in which names are looked for.
    within: String,
    names: BTreeMap<String, Vec<RegionName>>,
}

impl RegionIndex {
    pub(super) fn new(refdata: &RefData, within: &str) -> Self {
        let mut names: BTreeMap<String, Vec<RegionName>> = BTreeMap::new();
        for name in refdata.region_names(within) {
            names.entry(normalise(&name.name)).or_default().push(name);
        }
        Self { within: within.to_owned(), names }
    }

    /// Returns the region of a label, or why it means none.
    ///
    /// Of regions that bear the same name the one in use counts; of retired ones the last, which has
    /// the highest code below a region that is in use. Names are too short to forgive a slip.
    pub(super) fn find(&self, label: &str) -> Result<RegionMatch, NoRegion> {
        self.find_normal(&normalise(label), None)
    }

    /// The same among the divisions of another region, which stands beside the label.
    pub(super) fn find_below(&self, label: &str, above: &str) -> Result<RegionMatch, NoRegion> {
        self.find_normal(&normalise(label), Some(above))
    }

    fn find_normal(&self, wanted: &str, above: Option<&str>) -> Result<RegionMatch, NoRegion> {
        if let Some(found) = self.own_level(wanted, above) {
            return found;
        }
        let mut spellings = vec![wanted];
        spellings.extend(SUFFIXES.iter().filter_map(|suffix| wanted.strip_suffix(suffix)));
        let is_allowed =
            |name: &&RegionName| above.is_none_or(|above| lies_in(&name.region, above));
        let found = spellings.iter().find_map(|spelling| self.names.get(*spelling));
        let found: Vec<&RegionName> = found.into_iter().flatten().filter(is_allowed).collect();
        // 市辖区 is a name in every city; an entry right below the province is one of a kind.
        let is_part = |name: &&RegionName| name.is_collective && !name.region.ends_with("00");
        if !found.is_empty() && found.iter().all(is_part) && self.nearest_above(above).is_none() {
            return Err(NoRegion::PartOfUnsaid);
        }
        if found.is_empty() {
            let below = spellings.iter().find_map(|spelling| self.qualified(spelling, above));
            return below.ok_or_else(|| NoRegion::Unknown(self.near(wanted)));
        }
        self.chosen(&found)
    }

    /// Returns what 本级 and the like mean; `None` for other labels.
    fn own_level(
        &self,
        wanted: &str,
        above: Option<&str>,
    ) -> Option<Result<RegionMatch, NoRegion>> {
        let own = |region: &str| RegionMatch {
            region: region.to_owned(),
            is_current: true,
            is_own_level: true,
        };
        if OWN_LEVELS_OF_PROVINCE.contains(&wanted) {
            let is_its_own = above.is_none() && self.within.ends_with("0000");
            return is_its_own.then(|| Ok(own(&self.within)));
        }
        if let Some((_, end)) = OWN_LEVELS.iter().find(|(label, _)| *label == wanted) {
            let Some(region) = self.nearest_above(above) else {
                return Some(Err(NoRegion::PartOfUnsaid));
            };
            let names = self.names.values().flatten();
            let mut of_region = names.filter(|name| name.region == region);
            let fits = of_region.any(|name| name.name.ends_with(end));
            return Some(if fits { Ok(own(region)) } else { Err(NoRegion::PartOfUnsaid) });
        }
        // 西宁市本级, 西宁市市本级.
        let found = OWN_LEVELS.iter().filter(|(label, _)| label.ends_with(OWN_LEVEL)).find_map(
            |(label, _)| {
                let name = wanted.strip_suffix(label)?;
                self.find_normal(name, above).ok().filter(|found| !found.is_own_level)
            },
        )?;
        Some(Ok(RegionMatch { is_own_level: true, ..found }))
    }

    /// The region that a part of one belongs to: what stands beside it, else the issuer's own, where
    /// that has no such parts below it.
    fn nearest_above<'s>(&'s self, above: Option<&'s str>) -> Option<&'s str> {
        above.or_else(|| Some(self.within.as_str()).filter(|within| !within.ends_with("0000")))
    }

    /// Returns the region of a name behind that of a region in which it lies, as 西宁市城东区.
    fn qualified(&self, wanted: &str, above: Option<&str>) -> Option<RegionMatch> {
        let mut begun: Vec<(&str, &RegionName)> = self
            .names
            .iter()
            .filter_map(|(name, regions)| Some((wanted.strip_prefix(name.as_str())?, regions)))
            .flat_map(|(rest, regions)| regions.iter().map(move |region| (rest, region)))
            .filter(|(rest, region)| {
                let is_in = above.is_none_or(|above| lies_in(&region.region, above));
                !rest.is_empty() && !region.is_collective && is_in
            })
            .collect();
        // The longest name first, of several codes the one in use.
        begun.sort_by_key(|(rest, region)| (rest.len(), !region.is_current, &region.region));
        begun.iter().find_map(|(rest, region)| self.find_normal(rest, Some(&region.region)).ok())
    }

    /// Returns the known names that are nearest to a label, best first.
    fn near(&self, wanted: &str) -> Vec<String> {
        let mut scored: Vec<(f64, &RegionName)> = self
            .names
            .iter()
            .filter_map(|(name, regions)| Some((similarity(wanted, name), regions.first()?)))
            .filter(|(score, _)| *score >= MIN_LISTED)
            .collect();
        scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.name.cmp(&b.1.name)));
        scored.into_iter().take(NEAREST).map(|(_, n)| n.name.clone()).collect()
    }

    /// Returns the region that counts of those that bear one name.
    fn chosen(&self, found: &[&RegionName]) -> Result<RegionMatch, NoRegion> {
        let matched = |name: &RegionName, is_current| RegionMatch {
            region: name.region.clone(),
            is_current,
            is_own_level: false,
        };
        let current: Vec<&RegionName> =
            found.iter().copied().filter(|name| name.is_current).collect();
        match current.as_slice() {
            // Townships of several counties share names: which is meant is not said.
            [first, rest @ ..] if rest.iter().any(|other| other.region != first.region) => {
                let all = found.iter().map(|name| format!("{} {}", name.name, name.region));
                Err(NoRegion::Unknown(all.collect()))
            }
            [first, ..] => Ok(matched(first, true)),
            [] => {
                let is_known_parent = |name: &&&RegionName| {
                    let above = format!("{}00", &name.region[..4]);
                    let all = self.names.values().flatten();
                    all.into_iter().any(|other| other.region == above && other.is_current)
                };
                let last = found
                    .iter()
                    .filter(is_known_parent)
                    .max_by(|a, b| a.region.cmp(&b.region))
                    .or_else(|| found.iter().max_by(|a, b| a.region.cmp(&b.region)));
                last.map(|name| matched(name, false)).ok_or_else(|| NoRegion::Unknown(Vec::new()))
            }
        }
    }
}

/// Returns the row dimension of figures of a region, or of its own level, together with one that the
/// row has besides.
pub(super) fn breakdown_of_region(is_own_level: bool, of_row: Option<&str>) -> Option<String> {
    match (is_own_level, of_row) {
        (true, Some(of_row)) => Some(format!("{OWN_LEVEL}/{of_row}")),
        (true, None) => Some(OWN_LEVEL.to_owned()),
        (false, of_row) => of_row.map(str::to_owned),
    }
}

/// Returns the name of a region without the word for its kind, as 西宁 and 新疆; `None` where less than two
/// characters would be left.
fn short_name(name: &str) -> Option<&str> {
    let kinds = [
        "特别行政区",
        "维吾尔自治区",
        "壮族自治区",
        "回族自治区",
        "自治区",
        "地区",
        "省",
        "市",
        "州",
    ];
    let short = kinds.iter().find_map(|kind| name.strip_suffix(kind))?;
    (short.chars().count() >= 2 && !short.ends_with("自治")).then_some(short)
}

/// Whether a code is that of a region or of a division of it.
fn lies_in(code: &str, region: &str) -> bool {
    let mut shared = region;
    while let Some(shorter) = shared.strip_suffix("00").filter(|_| region.len() == 6) {
        shared = shorter;
    }
    code.starts_with(shared)
}

impl RegionIndex {
    /// Whether a label is a name of a region or of a part of one, even where it is not said of which.
    pub(super) fn knows(&self, label: &str) -> bool {
        self.names.contains_key(&normalise(label))
            || matches!(self.find(label), Ok(_) | Err(NoRegion::PartOfUnsaid))
    }

    /// Whether a label is a name of the region in which names are looked for, as a whole.
    pub(super) fn is_whole(&self, label: &str) -> bool {
        let label = normalise(label);
        let names = SUFFIXES.iter().filter_map(|suffix| label.strip_suffix(suffix));
        names.chain([label.as_str()]).any(|name| self.means(name, &self.within))
    }

    /// Returns the names of regions that stand in a text. Names of two characters, which may be part
    /// of other words, do not count.
    pub(super) fn named_in(&self, text: &str) -> Vec<&str> {
        let text = normalise(text);
        let names = self.names.keys().map(String::as_str);
        names.filter(|name| name.chars().count() >= 3 && text.contains(name)).collect()
    }

    /// Returns the names of other provinces, and of the whole country, that stand in a text.
    pub(super) fn named_outside(&self, text: &str) -> Vec<&'static str> {
        let text = normalise(text);
        let is_named = |name: &&str| text.contains(name) && !self.names.contains_key(*name);
        OUTSIDE.into_iter().filter(is_named).collect()
    }

    /// Returns a text with a bar in the place of each name of a region, and of a province before one.
    pub(super) fn without_names_of(&self, text: &str, region: &str) -> String {
        let mut own: Vec<&str> = self.names.keys().map(String::as_str).collect();
        own.retain(|name| self.means(name, region));
        let short: Vec<&str> = own.iter().filter_map(|name| short_name(name)).collect();
        own.extend(short);
        own.sort_by_key(|name| std::cmp::Reverse(name.len()));
        let text = own.iter().fold(text.to_owned(), |text, name| text.replace(name, "|"));
        OUTSIDE.iter().fold(text, |text, name| text.replace(&format!("{name}|"), "|"))
    }

    /// Returns the region other than one that a text names without 市 or 州: of cities and prefectures, because
    /// names of counties are words, too (平安, 互助).
    pub(super) fn short_names_in(&self, text: &str, region: &str) -> Option<String> {
        let is_other = |known: &RegionName| {
            let is_large = known.region.ends_with("00") || known.name.ends_with('市');
            known.region.len() == 6 && is_large && known.region != region
        };
        let others = self.names.iter().filter(|(_, known)| known.iter().any(is_other));
        let mut short = others.filter_map(|(name, _)| short_name(name));
        short.find(|name| text.contains(name)).map(str::to_owned)
    }

    /// Returns the province, or the whole country, that a text names in any way and that is not above or
    /// among the regions known here.
    pub(super) fn outside_in_short(&self, text: &str) -> Option<String> {
        let is_own = |name: &str| {
            self.names.keys().any(|known| known == name || short_name(known) == Some(name))
        };
        let mut outside = OUTSIDE.into_iter().filter(|name| !is_own(name));
        let short = |name: &'static str| short_name(name).unwrap_or(name);
        outside.find(|name| text.contains(short(name)) && !is_own(short(name))).map(str::to_owned)
    }

    /// Returns the names of regions other than one that stand in a text, in their order and the longest
    /// at each place, as one text that tells three of them at most.
    pub(super) fn others_named_in(&self, text: &str, own: &str) -> Option<String> {
        let below = self.named_in(text).into_iter().filter(|name| !self.means(name, own));
        let named: Vec<&str> = below.chain(self.named_outside(text)).collect();
        let is_part = |name: &str| named.iter().any(|other| *other != name && other.contains(name));
        let mut told: Vec<&str> = named.iter().copied().filter(|name| !is_part(name)).collect();
        let normal = normalise(text);
        told.sort_by_key(|name| normal.find(name));
        let more = if told.len() > MAX_TOLD { "…" } else { "" };
        told.truncate(MAX_TOLD);
        (!told.is_empty()).then(|| told.join("、") + more)
    }

    /// Whether a known name may mean a region.
    pub(super) fn means(&self, name: &str, region: &str) -> bool {
        self.names.get(name).is_some_and(|found| found.iter().any(|known| known.region == region))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(label: &str, expected: &str) {
        check_within("630000", None, label, expected);
    }

    #[track_caller]
    fn check_within(within: &str, above: Option<&str>, label: &str, expected: &str) {
        let index = RegionIndex::new(&RefData::load(&[]).unwrap(), within);
        let found = match above {
            Some(above) => index.find_below(label, above),
            None => index.find(label),
        };
        let shown = match found {
            Ok(found) if found.is_own_level => format!("{} {OWN_LEVEL}", found.region),
            Ok(found) if found.is_current => found.region,
            Ok(found) => format!("{} retired", found.region),
            Err(NoRegion::Unknown(nearest)) => format!("unknown, nearest {}", nearest.join(" ")),
            Err(NoRegion::PartOfUnsaid) => "part of unsaid".to_owned(),
        };
        assert_eq!(shown, expected, "{label}");
    }

    #[test]
    fn short_and_long_names_mean_the_same_region() {
        check("海南州", "632500");
        check("海南藏族自治州", "632500");
        check("海 东 市", "630200");
        check("西宁市人民政府", "630100");
        check("大柴旦行委", "632857");
        check("互助县", "630223");
    }

    #[test]
    fn retired_names_have_the_code_that_they_had_last() {
        check("同仁县", "632321 retired");
        check("湟中县", "630122 retired");
        check("平安县", "630221 retired");
        check("海东地区", "632100 retired");
    }

    #[test]
    fn other_regions_in_a_title_are_told_with_their_whole_names() {
        let index = RegionIndex::new(&RefData::load(&[]).unwrap(), "630000");
        let named = |title: &str| index.others_named_in(title, "630000").unwrap_or_default();
        assert_eq!(named("青海省各部门情况表"), "");
        assert_eq!(named("海东市、西宁市各部门情况表"), "海东市、西宁市");
        assert_eq!(named("海南藏族自治州情况表"), "海南藏族自治州");
        assert_eq!(named("西宁市、海东市、海南州、海北州情况表"), "西宁市、海东市、海南州…");
        assert_eq!(named("西宁市与甘肃省情况表"), "西宁市、甘肃省");
    }

    #[test]
    fn nothing_near_is_taken_for_a_region() {
        check("海冬市", "unknown, nearest 海东市");
        check("兰州市", "unknown, nearest ");
    }
    #[test]
    fn a_name_may_stand_behind_that_of_the_region_in_which_it_lies() {
        check("西宁市城东区", "630102");
        check("青海省海东市平安区", "630203");
        check("海西州格尔木市", "632801");
        check("青海省西宁市城东区人民政府", "630102");
        check("海东地区平安县", "632121 retired");
        check("西宁市湟中县", "630122 retired");
        check("西宁市平安区", "unknown, nearest 平安区 西宁市");
        check("海西州大柴旦行委", "632857");
    }

    #[test]
    fn the_own_level_of_a_region_is_not_the_region() {
        check("西宁市本级", "630100 本级");
        check("海西州本级", "632800 本级");
        check("西宁市市本级", "630100 本级");
        check("省本级", "630000 本级");
        check("青海省本级", "630000 本级");
        for label in ["市本级", "州本级", "本级", "市级", "市辖区"] {
            check(label, "part of unsaid");
        }
        check_within("630000", Some("630100"), "市本级", "630100 本级");
        check_within("630000", Some("632800"), "州本级", "632800 本级");
        check_within("630000", Some("632800"), "市本级", "part of unsaid");
        check_within("630100", None, "市本级", "630100 本级");
        check_within("630100", None, "市辖区", "630101 retired");
        check("西宁市市辖区", "630101 retired");
        check("省直辖行政单位", "632400 retired");
    }

    #[test]
    fn a_name_beside_that_of_another_region_is_unknown() {
        check_within("630000", Some("630100"), "城东区", "630102");
        check_within("630000", Some("630200"), "城东区", "unknown, nearest 城东区 城中区 城北区");
        check_within("630000", Some("630200"), "湟中县", "unknown, nearest 湟中县 湟中区 湟源县");
    }
}
