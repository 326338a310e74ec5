//! The schedule of a definition: when the report is due, in which formats, and where its files go.

use std::path::{Component, Path};

use serde::Deserialize;
use toml::Spanned;

use crate::diag::{Diagnose, Lang, Message};
use crate::report::definition::file::ReportText;
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
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenSchedule {
    cron: Spanned<String>,
    zone: Spanned<String>,
    formats: Spanned<Vec<Spanned<String>>>,
    lang: Spanned<String>,
    region: Option<String>,
    folder: Option<Spanned<String>>,
}

impl WrittenSchedule {
    /// Checks the schedule.
    pub(super) fn checked(&self, file: &ReportText<'_>) -> Result<SchedulePlan, ReportError> {
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
        let region = self.region.iter().map(|region| ("region".to_owned(), region.clone()));
        Ok(SchedulePlan {
            timing,
            formats,
            lang,
            params: region.collect(),
            folder: self.folder.as_ref().map(|folder| folder_of(folder, file)).transpose()?,
        })
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
