//! Code tables of standards and interfaces, and the codes by which records name bodies.

use std::collections::{BTreeMap, BTreeSet};

use crate::refdata::RefData;

/// One code of a code table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// The code as it is sent.
    pub code: String,
    /// What it means, in Chinese.
    pub label_zh: String,
    /// What it means, in English.
    pub label_en: String,
}

/// The body that a code of records stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DepartmentCode {
    /// Id of the department.
    pub department: String,
    /// Code of the body's region.
    pub region: String,
}

impl RefData {
    /// Returns the codes of a table, by code; none when there is no such table.
    pub fn code_table(&self, name: &str) -> Vec<Code> {
        let rows = self.tables["codes"].rows().filter(|row| row.text("code_table") == name);
        rows.map(|row| Code {
            code: row.text("code"),
            label_zh: row.text("label_zh"),
            label_en: row.text("label_en"),
        })
        .collect()
    }

    /// Returns the names of the code tables.
    pub fn code_tables(&self) -> BTreeSet<String> {
        self.tables["codes"].rows().map(|row| row.text("code_table")).collect()
    }

    /// Returns the bodies that the codes of records stand for, by code.
    pub fn department_codes(&self) -> BTreeMap<String, DepartmentCode> {
        let rows = self.tables["department_codes"].rows();
        rows.map(|row| {
            let body =
                DepartmentCode { department: row.text("department"), region: row.text("region") };
            (row.text("org_code"), body)
        })
        .collect()
    }
}
