//! The schedule of a definition: when the report is due, in which formats, where its files go, and to whom.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use serde::Deserialize;
use toml::Spanned;

use crate::diag::{Diagnose, Lang, Message};
use crate::query::ParamValue;
use crate::refdata::RefData;
use crate::report::definition::file::{ReportText, text_of};
use crate::report::definition::{ReportParam, check_region};
use crate::report::notice::NoticeParams;
use crate::report::{ReportError, ReportFormat};
use crate::schedule::Timing;

/// When a report is due, and what is made of it then.
#[derive(Debug, Clone, PartialEq)]
pub struct SchedulePlan {
    /// When it is due.
    pub timing: Timing,
    /// Formats of its files, each once.
    pub formats: Vec<ReportFormat>,
    /// Language of the report.
    pub lang: Lang,
    /// Parameters that it is given; the period is the last one that has figures.
    pub params: Vec<(String, String)>,
    /// Folder to which its files are brought beside that of the workspace; below the workspace where it
    /// is no absolute path.
    pub folder: Option<String>,
    /// Names of deliveries in the settings of the workspace, each once.
    pub deliver: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenSchedule {
    cron: Spanned<String>,
    zone: Spanned<String>,
    formats: Spanned<Vec<Spanned<String>>>,
    lang: Spanned<String>,
    region: Option<Spanned<String>>,
    folder: Option<Spanned<String>>,
    #[serde(default)]
    params: BTreeMap<Spanned<String>, Spanned<toml::Value>>,
    #[serde(default)]
    deliver: Vec<Spanned<String>>,
}

/// What a notice has beside all that its own reader checks.
#[derive(Deserialize)]
struct OnlySchedule {
    schedule: Option<WrittenSchedule>,
}

/// Reads the schedule of a notice; `None` where it has none.
pub(super) fn of_notice(
    name: &str,
    text: &str,
    params: &[ReportParam],
    refdata: &RefData,
) -> Result<Option<SchedulePlan>, ReportError> {
    let file = ReportText { name, text };
    let written: OnlySchedule = toml::from_str(text).map_err(|error| file.unread(&error))?;
    let Some(schedule) = written.schedule else { return Ok(None) };
    for (name, value) in &schedule.params {
        let given = [(name.get_ref().clone(), text_of(value.get_ref()))];
        NoticeParams::parse(&given).map_err(|error| file.fault(&value.span(), error.message()))?;
    }
    schedule.checked(&file, params, refdata).map(Some)
}

impl WrittenSchedule {
    /// Checks the schedule of a report with some parameters beside the period and the region.
    pub(super) fn checked(
        &self,
        file: &ReportText<'_>,
        params: &[ReportParam],
        refdata: &RefData,
    ) -> Result<SchedulePlan, ReportError> {
        let timing = Timing::parse(self.cron.get_ref(), self.zone.get_ref()).map_err(|error| {
            let span = match error.message().code {
                "schedule.cron" | "schedule.never" => self.cron.span(),
                _ => self.zone.span(),
            };
            file.fault(&span, error.message())
        })?;
        let mut formats = Vec::new();
        for written in self.formats.get_ref() {
            let format = file.word(written, ReportFormat::ALL, ReportFormat::as_str)?;
            if !formats.contains(&format) {
                formats.push(format);
            }
        }
        if formats.is_empty() {
            return Err(file.fault(&self.formats.span(), Message::new("report.formats_none")));
        }
        let lang = file.word(&self.lang, Lang::ALL, Lang::as_str)?;
        if let Some(region) = &self.region {
            check_region(region.get_ref(), refdata)
                .map_err(|reason| file.fault(&region.span(), reason))?;
        }
        let region = self.region.iter();
        let region = region.map(|region| ("region".to_owned(), region.get_ref().clone()));
        Ok(SchedulePlan {
            timing,
            formats,
            lang,
            params: region.chain(self.params(file, params)?).collect(),
            folder: self.folder.as_ref().map(|folder| folder_of(folder, file)).transpose()?,
            deliver: self.deliveries(file)?,
        })
    }

    /// Returns the values of the report's own parameters.
    fn params(
        &self,
        file: &ReportText<'_>,
        known: &[ReportParam],
    ) -> Result<Vec<(String, String)>, ReportError> {
        let mut params = Vec::new();
        for (name, written) in &self.params {
            let Some(param) = known.iter().find(|param| param.name == *name.get_ref()) else {
                let names: Vec<&str> = known.iter().map(|param| param.name.as_str()).collect();
                return Err(file.unknown("report.value_unknown", name, &names));
            };
            let pair = (param.name.clone(), text_of(written.get_ref()));
            if ParamValue::parse(&pair.1, param.data_type).is_none() {
                let reason = Message::new("report.param_value")
                    .with("parameter", &param.name)
                    .with("type", param.data_type)
                    .with("found", &pair.1);
                return Err(file.fault(&written.span(), reason));
            }
            params.push(pair);
        }
        Ok(params)
    }

    fn deliveries(&self, file: &ReportText<'_>) -> Result<Vec<String>, ReportError> {
        let mut names: Vec<String> = Vec::new();
        for written in &self.deliver {
            let name = written.get_ref();
            // Whether the settings know it is seen where both are there: a definition stands alone.
            if name.trim().is_empty() || name.chars().any(char::is_control) {
                let reason = Message::new("report.deliver_unfit").with("found", name);
                return Err(file.fault(&written.span(), reason));
            }
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        Ok(names)
    }
}

fn folder_of(written: &Spanned<String>, file: &ReportText<'_>) -> Result<String, ReportError> {
    let folder = written.get_ref();
    let leads_up = |part| matches!(part, Component::ParentDir);
    let is_plain = !folder.trim().is_empty() && !folder.contains('\0');
    if is_plain && !Path::new(folder).components().any(leads_up) {
        return Ok(folder.clone());
    }
    let reason = Message::new("report.folder_unfit").with("path", folder);
    Err(file.fault(&written.span(), reason))
}
