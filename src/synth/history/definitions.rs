//! The two definitions of cases that made-up forms count by, as rows of the reference table `indicators`.

use crate::refdata::RefData;
use crate::synth::SynthError;
use crate::synth::figures::unreadable;
use crate::synth::history::form::AGGREGATED;
use crate::synth::history::plants::{NEW_DEFINITION, OLD_DEFINITION, REDEFINED};

/// What the old definition says.
const OLD_ZH: &str = "合成数据所用的旧口径：各部门自建业务系统推送、省平台已收下的办件数据条数，加上在一体化政务服务平台上直接办理的办件。";
const OLD_EN: &str = "The older definition of made-up forms: rows of case data that departments' own systems pushed and the platform took in, and the cases handled on the platform itself.";

/// Returns the rows for a workspace with made-up forms: the definition of the notice holds from the month on
/// in which the forms say so, and another one before.
pub(super) fn definitions() -> Result<String, SynthError> {
    let refdata = RefData::load(&[]).map_err(|error| unreadable(error.to_string()))?;
    let indicators = refdata.tables().find(|table| table.name == "indicators");
    let indicators = indicators.ok_or_else(|| unreadable("indicators".to_owned()))?;
    let new = NEW_DEFINITION.to_string();
    let is_it =
        |indicator: String, definition: String| indicator == AGGREGATED[0] && definition == new;
    let known = indicators.rows().find(|row| is_it(row.text("indicator"), row.text("definition")));
    let known = known.ok_or_else(|| unreadable(AGGREGATED[0].to_owned()))?;
    let row = |changes: &[(&str, String)]| {
        let value = |column: &String| {
            let changed = changes.iter().find(|(name, _)| name == column);
            quoted(&changed.map_or_else(|| known.text(column), |(_, value)| value.clone()))
        };
        indicators.columns.iter().map(value).collect::<Vec<_>>().join(",") + "\n"
    };
    let old = row(&[
        ("definition", OLD_DEFINITION.to_string()),
        ("definition_zh", OLD_ZH.to_owned()),
        ("definition_en", OLD_EN.to_owned()),
        ("valid_to", REDEFINED.previous().last_day().to_string()),
        ("source", "synthetic".to_owned()),
        ("confidence", "made up".to_owned()),
    ]);
    let since = REDEFINED.previous().last_day().succ_opt();
    let since = since.map(|day| day.to_string()).unwrap_or_default();
    let new = row(&[("valid_from", since)]);
    Ok(indicators.columns.join(",") + "\n" + &old + &new)
}

/// Returns a value as a field of CSV.
fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('"', "\"\""))
}
