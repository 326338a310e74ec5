//! Departments and regions of records, by the codes and names that senders give.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::records::checksum::org_code_in;
use crate::refdata::{RefData, normalise};

/// First digits of the codes of provinces, autonomous regions, municipalities and special regions
/// (GB/T 2260). A code that begins with others is that of no region.
const PROVINCES: [&str; 34] = [
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41",
    "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71",
    "81", "82",
];

/// Departments by code and by name. Names count where they are known exactly, aliases included: what is
/// only like a known name is no match, because nobody looks at millions of rows one by one.
#[derive(Debug, Clone)]
pub struct Departments {
    by_code: BTreeMap<String, Arc<str>>,
    by_name: BTreeMap<String, Arc<str>>,
}

impl Departments {
    /// Returns the departments of a region.
    pub fn new(refdata: &RefData, region: &str) -> Self {
        let codes = refdata.tables().find(|table| table.name == "department_codes");
        let rows = codes.into_iter().flat_map(crate::refdata::RefTable::rows);
        let by_code = rows.map(|row| (row.text("org_code"), Arc::from(row.text("department"))));
        let by_code = by_code.collect();
        let mut by_name: BTreeMap<String, Arc<str>> = BTreeMap::new();
        let names = refdata.department_names(region);
        for name in &names {
            by_name.entry(normalise(&name.name)).or_insert_with(|| Arc::clone(&name.department));
        }
        let of_region =
            refdata.region_names(region).into_iter().filter(|name| name.region == region);
        for prefix in of_region.map(|name| normalise(&name.name)) {
            for name in &names {
                // A name in full is known in short, too: 省民政厅 for 青海省民政厅; and the other way.
                for other in other_forms(&normalise(&name.name), &prefix) {
                    by_name.entry(other).or_insert_with(|| Arc::clone(&name.department));
                }
            }
        }
        Self { by_code, by_name }
    }

    /// Returns the department of a code in its normal form. A credit code is also found by the
    /// organisation code inside.
    pub fn by_code(&self, code: &str) -> Option<&Arc<str>> {
        let inside = || self.by_code.get(org_code_in(code).filter(|_| code.len() == 18)?);
        self.by_code.get(code).or_else(inside)
    }

    /// Returns the department of a name.
    pub fn by_name(&self, name: &str) -> Option<&Arc<str>> {
        self.by_name.get(&normalise(name))
    }
}

/// Returns a name that begins with its region in short, and one that begins in short in full.
fn other_forms(name: &str, region: &str) -> Vec<String> {
    let Some(kind) = region.chars().next_back() else { return Vec::new() };
    let rest_of = |prefix: &str| name.strip_prefix(prefix).filter(|rest| !rest.is_empty());
    let short = rest_of(region).map(|rest| format!("{kind}{rest}"));
    let full = rest_of(&kind.to_string()).map(|rest| format!("{region}{rest}"));
    short.into_iter().chain(full).collect()
}

/// The regions that are known, in use or not.
#[derive(Debug, Clone)]
pub struct Regions {
    is_current: BTreeMap<String, bool>,
    province: String,
}

impl Regions {
    /// Returns the regions of a province.
    pub fn new(refdata: &RefData, province: &str) -> Self {
        let names = refdata.region_names(province).into_iter();
        let is_current = names.map(|name| (name.region, name.is_current)).collect();
        Self { is_current, province: province.get(..2).unwrap_or_default().to_owned() }
    }

    /// Whether a code is one of 6, 9 or 12 digits.
    pub fn is_code(code: &str) -> bool {
        matches!(code.len(), 6 | 9 | 12) && code.bytes().all(|byte| byte.is_ascii_digit())
    }

    /// Whether a code, or the first six digits of a longer one, is known; of other provinces, of which
    /// nothing else is known, whether it begins as their codes do.
    pub fn is_known(&self, code: &str) -> bool {
        let is_elsewhere = !code.starts_with(&self.province);
        let has_province = code.get(..2).is_some_and(|first| PROVINCES.contains(&first));
        self.found(code).is_some() || is_elsewhere && has_province
    }

    /// Whether a code is in use, as far as is known.
    pub fn is_in_use(&self, code: &str) -> bool {
        self.found(code) != Some(false)
    }

    /// Returns whether a code, or that of the county in it, is in use; `None` where it is not known.
    fn found(&self, code: &str) -> Option<bool> {
        let whole = self.is_current.get(normal_region(code));
        whole.or_else(|| self.is_current.get(code.get(..6)?)).copied()
    }
}

/// Returns a code without the zeros that only make it longer: 6 digits down to the county, 9 for a town,
/// 12 for a village. A code that was retired stays as it was sent.
pub fn normal_region(code: &str) -> &str {
    let shorter = |code: &str, length: usize| {
        code.len() == length + 3 && code.is_char_boundary(length) && code[length..] == *"000"
    };
    let code = if shorter(code, 9) { &code[..9] } else { code };
    if shorter(code, 6) { &code[..6] } else { code }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn departments_are_found_by_exact_names_only() {
        let departments = Departments::new(&RefData::load(&[]).unwrap(), "630000");
        let found = |name: &str| departments.by_name(name).map(|department| &**department);
        assert_eq!(found("省民政厅"), Some("civil_affairs"));
        assert_eq!(found("青海省民政厅"), Some("civil_affairs"));
        assert_eq!(found(" 省民政厅 "), Some("civil_affairs"));
        assert_eq!(found("省民政局"), None);
        assert_eq!(found("西宁市民政局"), None);
        assert_eq!(found(""), None);
        assert_eq!(departments.by_code("").map(|department| &**department), None);
    }

    #[test]
    fn regions_are_known_in_every_length() {
        let regions = Regions::new(&RefData::load(&[]).unwrap(), "630000");
        for code in ["630102", "630102001", "630102001002", "630102000000"] {
            assert!(Regions::is_code(code) && regions.is_known(code), "{code}");
            assert!(regions.is_in_use(code), "{code}");
        }
        // 湟中县 has become a district under another code.
        assert!(regions.is_known("630122") && !regions.is_in_use("630122"));
        assert!(!regions.is_known("639999"));
        for code in ["630104999", "630104999001"] {
            assert!(regions.is_known(code), "{code}: the list has no towns");
        }
        for code in ["639999001", "639999001001"] {
            assert!(!regions.is_known(code), "{code}");
        }
        // Of other provinces the first two digits are known.
        for code in ["110101", "110000", "820000000000", "440232001"] {
            assert!(regions.is_known(code), "{code}");
        }
        for code in ["999999", "000000", "160000", "000000000000"] {
            assert!(!regions.is_known(code), "{code}");
        }
        for code in ["", "63010", "63010a", "６３０１０２", "6301020"] {
            assert!(!Regions::is_code(code), "{code}");
        }
    }

    #[test]
    fn zeros_that_only_make_a_code_longer_are_left_out() {
        for (code, normal) in [
            ("630102", "630102"),
            ("630102000", "630102"),
            ("630102000000", "630102"),
            ("630102001000", "630102001"),
            ("630102001002", "630102001002"),
            ("630000000000", "630000"),
            ("", ""),
        ] {
            assert_eq!(normal_region(code), normal);
        }
    }
}
