//! A set of files: record files, the truth about them, the mark, and the codes of the departments.

use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::diag::{Lang, Message};
use crate::fsio::{self, FsError, HashingFile, Mode};
use crate::model::{SYNTHETIC_FILE, SYNTHETIC_NOTE_FILE, SyntheticFile, SyntheticSet, TRUTH_FILE};
use crate::synth::SynthError;
use crate::synth::calendar::Calendar;
use crate::synth::case::{Making, Office, department_code};
use crate::synth::faults::rule_id;
use crate::synth::figures::Figures;
use crate::synth::format::SynthFormat;
use crate::synth::making::{Block, TAGS_AGREE, Workshop};
use crate::synth::plan::Series;
use crate::synth::settings::{SynthSettings, series_of};
use crate::synth::sink::{Sink, extension};
use crate::synth::workbook::MAX_SHEET_ROWS;

/// Rows that are made up at a time.
const BLOCK_ROWS: u64 = 4096;
/// Blocks that are made up while as many others are written; they are what takes memory.
const BLOCKS: u64 = 8;
/// Bytes of a row of text, about: enough to tell whether there is room.
const ROW_BYTES: u64 = 480;

/// Folder of rows of reference tables, for a workspace.
const REFDATA_FOLDER: &str = "refdata";
/// File that tells which department the made-up codes belong to.
const CODES_FILE: &str = "department_codes.csv";
/// Columns of the reference table `department_codes`.
const CODES_HEADER: &str = "org_code,department,region,valid_from,valid_to,source,confidence\n";
/// Columns of the truth file.
const TRUTH_HEADER: &str = "file,source_row,outcome,rules,warnings\n";

/// How far the work is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Rows that were written.
    pub n_rows: u64,
    /// Rows that there will be.
    pub n_rows_expected: u64,
    /// Bytes of text that they took.
    pub n_bytes: u64,
}

/// Makes up a set of record files in the folder `dir`, which must be free or empty.
///
/// Everything is written beside it, and comes to its name at once when it is complete: an interrupted
/// run leaves `.<name>.part`, which the next one removes. `tell` is called now and then.
pub fn synthesise(
    dir: &Path,
    settings: &SynthSettings,
    tell: &mut (dyn FnMut(Progress) + Send),
) -> Result<SyntheticSet, SynthError> {
    let figures = Figures::of_notice()?;
    let series = series_of(settings, &figures)?;
    check_sheets(settings, &series)?;
    let departments = figures.departments.iter().enumerate();
    let offices: Vec<Office> =
        departments.map(|(number, department)| Office::of(number, department)).collect();
    let calendar = Calendar::of(figures.period);
    let n_rows_expected = series.iter().map(Series::n_rows).sum();
    let part = prepare(dir, n_rows_expected * ROW_BYTES)?;
    let truth = HashingFile::create(&part.join(TRUTH_FILE)).map_err(SynthError::File)?;
    let mut writer = Writer {
        part: &part,
        settings,
        truth,
        progress: Progress { n_rows_expected, ..Progress::default() },
        tell,
    };
    writer.tell_truth(TRUTH_HEADER)?;
    let tags_disagree = rule_id(TAGS_AGREE.0, TAGS_AGREE.1);
    let mut files = Vec::new();
    for series in &series {
        let making = Making { seed: settings.seed, calendar: &calendar, trap: series.trap };
        let (format, encoding) = (settings.format, settings.encoding);
        let tags_disagree = &tags_disagree;
        let workshop =
            Workshop { series, offices: &offices, making, format, encoding, tags_disagree };
        for (idx, rows) in series.files().enumerate() {
            files.push(writer.write_file(&workshop, idx, rows)?);
        }
    }
    writer.truth.finish(Mode::Public).map_err(SynthError::File)?;
    let set = SyntheticSet::of_records(settings.seed, files);
    let beside = Beside { note: "synth.note", refdata: (CODES_FILE, department_codes(&figures)) };
    write_beside(&part, &set, &beside)?;
    fsio::move_into_place(&part, dir).map_err(SynthError::File)?;
    Ok(set)
}

/// Refuses files that have more rows than a sheet can.
fn check_sheets(settings: &SynthSettings, series: &[Series]) -> Result<(), SynthError> {
    let longest = series.iter().flat_map(Series::files).map(|rows| rows.end - rows.start + 1).max();
    match longest {
        Some(n_rows) if settings.format == SynthFormat::Xlsx && n_rows > MAX_SHEET_ROWS => {
            Err(SynthError::SheetFull { n_rows })
        }
        _ => Ok(()),
    }
}

/// Returns the folder in which the files, of about so many bytes, are written until they are complete.
pub(super) fn prepare(dir: &Path, needed_bytes: u64) -> Result<PathBuf, SynthError> {
    let taken = || SynthError::FolderTaken { path: dir.to_owned() };
    if fsio::exists(dir) {
        let entries = fsio::list_folder(dir).map_err(|_| taken())?;
        if !entries.is_empty() {
            return Err(taken());
        }
    }
    // A folder is named by its last step: `.` and `..` are none of ours.
    let name = dir.file_name().ok_or_else(taken)?;
    let parent = dir.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    fsio::create_private_dir(parent).map_err(SynthError::File)?;
    let free_bytes = fsio::free_bytes(parent).map_err(SynthError::File)?;
    if free_bytes < needed_bytes {
        return Err(SynthError::NoRoom { path: parent.to_owned(), free_bytes, needed_bytes });
    }
    let part = parent.join(format!(".{}.part", name.to_string_lossy()));
    fsio::remove_dir_tree(&part).map_err(SynthError::File)?;
    fsio::create_private_dir(&part).map_err(SynthError::File)?;
    Ok(part)
}

/// What writes the files of a set.
struct Writer<'a> {
    part: &'a Path,
    settings: &'a SynthSettings,
    truth: HashingFile,
    progress: Progress,
    tell: &'a mut (dyn FnMut(Progress) + Send),
}

impl Writer<'_> {
    fn tell_truth(&mut self, lines: &str) -> Result<(), SynthError> {
        let failed = |error| FsError::write(&self.part.join(TRUTH_FILE), error);
        self.truth.write_all(lines.as_bytes()).map_err(|error| SynthError::File(failed(error)))
    }

    /// Writes one file: while blocks are written, the next ones are made up.
    fn write_file(
        &mut self,
        workshop: &Workshop<'_>,
        idx: usize,
        rows: Range<u64>,
    ) -> Result<SyntheticFile, SynthError> {
        let series = workshop.series;
        let name = format!("{}.{}", series.file_name(idx), extension(self.settings));
        let path = self.part.join(&name);
        let mut sink = Sink::create(&path, series.dataset.header, self.settings)?;
        let mut counts = [0; 5];
        let mut made: Vec<Block> = Vec::new();
        let mut next = rows.start;
        while next < rows.end || !made.is_empty() {
            let starts: Vec<u64> = (0..BLOCKS)
                .map(|n| next + n * BLOCK_ROWS)
                .take_while(|start| *start < rows.end)
                .collect();
            next = rows.end.min(next + BLOCKS * BLOCK_ROWS);
            let block_at = |start: u64| {
                let block = start..rows.end.min(start + BLOCK_ROWS);
                workshop.block(block, rows.start, &name)
            };
            let (fresh, written) = rayon::join(
                || starts.into_par_iter().map(block_at).collect::<Vec<_>>(),
                || made.iter().try_for_each(|block| self.write_block(&mut sink, block, &path)),
            );
            written?;
            for block in &fresh {
                for (count, more) in counts.iter_mut().zip(block.counts) {
                    *count += more;
                }
            }
            made = fresh;
        }
        let digest = sink.finish(&path)?;
        let [rows_accepted, rows_updated, rows_deleted, rows_returned, rows_duplicate] = counts;
        Ok(SyntheticFile {
            name,
            blake3: digest.blake3,
            size_bytes: digest.size_bytes,
            profile: series.dataset.profile.to_owned(),
            dataset: series.dataset.id.to_owned(),
            trap: series.trap.map(|trap| trap.as_str().to_owned()),
            warnings_of_every_row: series
                .dataset
                .every_row
                .iter()
                .map(|(field, kind)| rule_id(field, kind))
                .collect(),
            rows_accepted,
            rows_updated,
            rows_deleted,
            rows_returned,
            rows_duplicate,
        })
    }

    fn write_block(
        &mut self,
        sink: &mut Sink,
        block: &Block,
        path: &Path,
    ) -> Result<(), SynthError> {
        sink.write(&block.chunk, path)?;
        self.tell_truth(&block.truth)?;
        self.progress.n_rows += block.counts.iter().sum::<u64>();
        self.progress.n_bytes += block.chunk.size_bytes();
        (self.tell)(self.progress);
        Ok(())
    }
}

/// What stands beside the files of a set.
pub(super) struct Beside {
    /// Code of the text that says what the files are.
    pub(super) note: &'static str,
    /// Name and rows of a reference table, for a workspace.
    pub(super) refdata: (&'static str, String),
}

/// Writes the mark, in words and for programs, and the rows of a reference table.
pub(super) fn write_beside(
    part: &Path,
    set: &SyntheticSet,
    beside: &Beside,
) -> Result<(), SynthError> {
    let note = [Lang::Zh, Lang::En].map(|lang| Message::new(beside.note).text(lang)).join("\n");
    let folder = part.join(REFDATA_FOLDER);
    fsio::create_private_dir(&folder).map_err(SynthError::File)?;
    let (name, rows) = &beside.refdata;
    let files = [
        (part.join(SYNTHETIC_NOTE_FILE), note + "\n"),
        (folder.join(name), rows.clone()),
        (part.join(SYNTHETIC_FILE), set.to_text()),
    ];
    for (path, text) in files {
        fsio::write_atomic(&path, text.as_bytes(), Mode::Public).map_err(SynthError::File)?;
    }
    Ok(())
}

/// Returns the reference table that says whose the made-up codes are.
fn department_codes(figures: &Figures) -> String {
    let mut rows: Vec<String> = figures
        .departments
        .iter()
        .enumerate()
        .map(|(number, department)| {
            let code = department_code(number);
            format!("{code},{},630000,,,synthetic,made up\n", department.id)
        })
        .collect();
    rows.sort();
    format!("{CODES_HEADER}{}", rows.concat())
}
