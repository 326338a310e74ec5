//! A report as JSON, for machines: everything that its content has, under a format with a version.

use serde::Serialize;

use crate::report::content::{CONTENT_FORMAT, Report};

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    version: u32,
    #[serde(flatten)]
    report: &'a Report,
}

/// Returns a report as one object, indented, with a final line break. Numbers read back as they were.
pub(super) fn to_json(report: &Report) -> Vec<u8> {
    let (format, version) = CONTENT_FORMAT;
    let document = Document { format, version, report };
    let mut bytes =
        serde_json::to_vec_pretty(&document).expect("content has plain names and finite numbers");
    bytes.push(b'\n');
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{hostile, sample};

    #[test]
    fn the_object_names_its_format_and_has_every_figure() {
        let bytes = to_json(&sample());
        assert_eq!(bytes, to_json(&sample()));
        let read: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(read["format"], "tongban-report");
        assert_eq!(read["version"], 1);
        assert_eq!(read["lang"], "zh");
        assert_eq!(read["period_end"], "2021-08-31");
        let table = &read["sections"][0]["blocks"][2];
        assert_eq!(table["block"], "table");
        assert_eq!(table["columns"][1]["format"]["kind"], "number");
        assert_eq!(table["rows"][0]["cells"][1]["value"], 12_741_337);
        assert_eq!(table["rows"][0]["cells"][1]["marks"][0], "date_inferred");
        assert!(table["rows"][1]["cells"][1]["value"].is_null());
        assert_eq!(read["provenance"]["questions"][0]["check"], "equal");
    }

    #[test]
    fn texts_come_back_as_they_were() {
        let (report, payloads) = hostile();
        let read: serde_json::Value = serde_json::from_slice(&to_json(&report)).unwrap();
        for (row, payload) in payloads.iter().enumerate() {
            assert_eq!(
                read["sections"][0]["blocks"][0]["rows"][row]["cells"][0]["value"],
                *payload
            );
        }
    }
}
