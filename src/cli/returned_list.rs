//! `tongban returned --list` and `--lists`: the records that go back to a department, in a file for it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow::array::{Array, AsArray, Date32Array, RecordBatch, StringArray};
use arrow::datatypes::{Date32Type, Int64Type};
use indicatif::ProgressBar;

use crate::cli::args::ReturnedArgs;
use crate::cli::context::Context;
use crate::cli::explain::{Row, rows_of, text};
use crate::cli::failure::{Failure, FailureKind};
use crate::cli::interrupt;
use crate::cli::returned::{Filters, PARTS, ROWS, Returns, number};
use crate::cli::returned_sheet::{Labels, Told, columns, plan_of, returned_by};
use crate::cli::workspace::is_of_workspace;
use crate::diag::{Lang, Message};
use crate::fsio::{self, FsError, Mode, PartFile, PlainFile};
use crate::output::{ListCell, ListFormat, ListPlan, ListWriter, OutputError, is_list};
use crate::table::{RETURNED_HERE, ResultTable};

/// Rows of a file that are counted together.
const SPAN: i64 = 20_000;

/// Reasons that are asked for at a time, at most, unless one span has more.
const PIECE: i64 = 100_000;

/// Bytes by which a list is known.
const START_BYTES: usize = 4_096;

pub(super) fn run(context: &Context, args: &ReturnedArgs) -> Result<(), Failure> {
    let format = match &args.list {
        Some(path) => format_of(path)?,
        None => args.list_format,
    };
    let returns = Returns::open(context, args)?;
    let lang = context.lang_given.unwrap_or(Lang::Zh);
    let lists = Lists {
        context,
        labels: Labels::new(returns.session.workspace.reference()?.profiles()?, lang),
        told: Told::of(&returns, context)?,
        returns,
        lang,
        format,
        is_cancelled: interrupt::watch(),
    };
    let mut pieces = lists.pieces()?;
    if let Some(path) = &args.list {
        let department = lists.returns.filters.department.clone();
        let Some(pieces) = pieces.remove(&department) else { return Err(lists.nothing()?) };
        let target = target_of(path)?;
        let department = department.as_deref();
        return lists.write(&Wanted { department, pieces: &pieces, target: &target });
    }
    let folder = args.lists.clone().unwrap_or_default();
    lists.write_all(&folder, &pieces)
}

/// Rows of one file whose reasons are asked for at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    batch: String,
    file_name: String,
    first_row: i64,
    end_row: i64,
    n_reasons: i64,
}

/// A list that is to be written.
struct Wanted<'a> {
    department: Option<&'a str>,
    pieces: &'a [Piece],
    target: &'a Path,
}

/// Pieces of each department; those of records without one under `None`.
type Pieces = BTreeMap<Option<String>, Vec<Piece>>;

/// Lists that are to be written.
struct Lists<'a> {
    context: &'a Context,
    returns: Returns,
    labels: Labels,
    told: Told,
    lang: Lang,
    format: ListFormat,
    is_cancelled: Arc<AtomicBool>,
}

impl Lists<'_> {
    /// Returns what has to be asked for, in the order of batches, files and rows.
    fn pieces(&self) -> Result<Pieces, Failure> {
        let mut params = self.returns.filters.params();
        params.push(("span".to_owned(), SPAN.to_string()));
        let mut pieces = Pieces::new();
        for part in rows_of(&self.returns.ask(PARTS, &params)?)? {
            add_part(pieces.entry(text(&part, "department")).or_default(), &part);
        }
        Ok(pieces)
    }

    /// Why there is nothing to write, as a failure: a list from before would pass for one of today.
    fn nothing(&self) -> Result<Failure, Failure> {
        let mut failure = Failure::user(Message::new("returned.list_empty"));
        failure.causes.push(self.returns.why_empty()?);
        Ok(failure)
    }

    /// Writes the list of each department into a folder.
    fn write_all(&self, folder: &Path, pieces: &Pieces) -> Result<(), Failure> {
        if pieces.is_empty() {
            return Err(self.nothing()?);
        }
        let standing = fsio::final_path(folder)?;
        if is_of_workspace(&standing.join(self.file_name(None))) {
            let message = Message::new("output.of_workspace").with("path", folder.display());
            return Err(Failure::user(message));
        }
        fsio::create_private_dir(&standing)?;
        let mut targets = BTreeMap::new();
        for department in pieces.keys() {
            let path = folder.join(self.file_name(department.as_deref()));
            targets.insert(department.clone(), target_of(&path)?);
        }
        for (department, pieces) in pieces {
            let target = &targets[department];
            self.write(&Wanted { department: department.as_deref(), pieces, target })?;
        }
        self.warn_of_older(&standing, &targets)
    }

    /// Warns of lists in the folder of departments that have nothing to correct any more.
    fn warn_of_older(
        &self,
        folder: &Path,
        targets: &BTreeMap<Option<String>, PathBuf>,
    ) -> Result<(), Failure> {
        let mut older = Vec::new();
        for path in fsio::list_files(folder)? {
            let is_written = targets.values().any(|target| *target == path);
            if !is_written && is_own(&path).unwrap_or(false) {
                older.push(path.file_name().unwrap_or_default().to_string_lossy().into_owned());
            }
        }
        if !older.is_empty() {
            let message = Message::new("returned.list_older").with_list("files", older);
            self.context.ui.warning(&message);
        }
        Ok(())
    }

    /// Returns the name of the file for a department.
    fn file_name(&self, department: Option<&str>) -> String {
        let message = Message::new("list.workbook_name");
        let message = match (department, self.lang) {
            (Some(id), Lang::En) => message.with("department", id),
            (Some(id), Lang::Zh) => {
                message.with("department", self.told.name_of(Some(id), self.lang))
            }
            (None, _) => message.with_coded("department", "list.unknown_department"),
        };
        // A name becomes a file, never a folder.
        let name = message.text(self.lang).replace(['/', '\\'], "_");
        format!("{name}.{}", self.format.as_str())
    }

    /// Writes the list of one department.
    fn write(&self, wanted: &Wanted<'_>) -> Result<(), Failure> {
        let Wanted { department, pieces, target } = *wanted;
        let n_reasons: i64 = pieces.iter().map(|piece| piece.n_reasons).sum();
        let plan = plan_of(&self.returns, &self.told, department, self.lang, n_reasons);
        let bar = self.context.ui.rows_bar();
        bar.set_length(plan.n_rows);
        let written = self.write_rows(&plan, wanted, &bar);
        bar.finish_and_clear();
        let (n_rows, n_neutralised, n_cut) = written?;
        let promised = self.told.n_rows(department);
        if n_rows != promised {
            let unlike =
                Message::new("returned.list_unlike").with("rows", n_rows).with("counted", promised);
            return Err(Failure::internal(unlike));
        }
        let message = Message::new("returned.list_written")
            .with("path", target.display())
            .with("rows", n_rows)
            .with("reasons", n_reasons);
        self.context.ui.status(&message);
        if n_neutralised > 0 {
            let message = Message::new("returned.list_neutralised").with("count", n_neutralised);
            self.context.ui.status(&message);
        }
        if n_cut > 0 {
            self.context.ui.warning(&Message::new("returned.list_cut").with("count", n_cut));
        }
        Ok(())
    }

    /// Writes the file; returns how many records it has, how many texts were neutralised, and cut.
    fn write_rows(
        &self,
        plan: &ListPlan,
        wanted: &Wanted<'_>,
        bar: &ProgressBar,
    ) -> Result<(i64, u64, u64), Failure> {
        let Wanted { department, pieces, target } = *wanted;
        let failed = |error: OutputError| match error {
            OutputError::Sink(error) => FsError::write(target, error).into(),
            other => Failure::from(other),
        };
        let file = PartFile::create(target, Mode::Public)?;
        let mut list = ListWriter::begin(self.format, plan, file).map_err(failed)?;
        let mut n_rows = 0;
        for piece in pieces {
            if self.is_cancelled.load(Ordering::Relaxed) {
                let cancelled = Failure::user(Message::new("returned.list_cancelled"));
                return Err(Failure { kind: FailureKind::Interrupted, ..cancelled });
            }
            let mut last_row = None;
            for batch in self.rows(department, piece)?.batches {
                n_rows += self.push_all(&mut list, piece, &batch, &mut last_row).map_err(failed)?;
                bar.inc(batch.num_rows() as u64);
            }
        }
        let done = list.finish().map_err(failed)?;
        if self.told.n_rows(department) == n_rows {
            done.sink.finish()?;
        }
        Ok((n_rows, done.n_neutralised, done.n_cut))
    }

    fn rows(&self, department: Option<&str>, piece: &Piece) -> Result<ResultTable, Failure> {
        let mut params = self.returns.filters.params();
        params.retain(|(name, _)| !["department", "batch"].contains(&name.as_str()));
        let department = department.map(|id| ("department", id.to_owned()));
        let given = [
            ("batch", piece.batch.clone()),
            ("file_name", piece.file_name.clone()),
            ("first_row", piece.first_row.to_string()),
            ("end_row", piece.end_row.to_string()),
        ];
        params.extend(
            given.into_iter().chain(department).map(|(name, value)| (name.to_owned(), value)),
        );
        self.returns.ask(ROWS, &params)
    }

    /// Adds rows to a list; returns how many different rows of the file they are about.
    fn push_all(
        &self,
        list: &mut ListWriter<PartFile>,
        piece: &Piece,
        rows: &RecordBatch,
        last_row: &mut Option<i64>,
    ) -> Result<i64, OutputError> {
        let here = returned_by(self.lang);
        let batch = Reasons::of(rows, self.lang);
        let mut n_rows = 0;
        for at in 0..rows.num_rows() {
            let row = batch.source_rows.value(at);
            n_rows += i64::from(*last_row != Some(row));
            *last_row = Some(row);
            let field =
                self.labels.of(batch.profile.value(at), batch.record_type(at), batch.field(at));
            let mut cells = vec![
                ListCell::Text(&piece.file_name),
                ListCell::Number(row),
                text_cell(&batch.record_key, at),
                field.as_deref().map_or(ListCell::Blank, ListCell::Text),
                text_cell(&batch.field, at),
                text_cell(&batch.found, at),
                text_cell(&batch.message, at),
                day_cell(&batch.returned_on, at),
                match batch.returned_by.value(at) {
                    RETURNED_HERE => ListCell::Text(&here),
                    other => ListCell::Text(other),
                },
                text_cell(&batch.org_code, at),
                text_cell(&batch.org_name, at),
                text_cell(&batch.rule, at),
                ListCell::Text(&piece.batch),
            ];
            if self.returns.filters.is_with_closed {
                cells.push(day_cell(&batch.closed_on, at));
            }
            if let Some(mark) = &self.told.mark {
                cells.push(ListCell::Text(mark.get(self.lang)));
            }
            list.push(&cells)?;
        }
        Ok(n_rows)
    }
}

/// The columns of an answer with reasons.
struct Reasons {
    source_rows: arrow::array::PrimitiveArray<Int64Type>,
    record_type: StringArray,
    record_key: StringArray,
    org_code: StringArray,
    org_name: StringArray,
    rule: StringArray,
    field: StringArray,
    found: StringArray,
    message: StringArray,
    returned_on: Date32Array,
    returned_by: StringArray,
    profile: StringArray,
    closed_on: Date32Array,
}

impl Reasons {
    fn of(rows: &RecordBatch, lang: Lang) -> Self {
        let column = |name: &str| rows.column_by_name(name).expect("the head promises it");
        let texts = |name: &str| column(name).as_string::<i32>().clone();
        let days = |name: &str| column(name).as_primitive::<Date32Type>().clone();
        Self {
            source_rows: column("source_row").as_primitive().clone(),
            record_type: texts("record_type"),
            record_key: texts("record_key"),
            org_code: texts("org_code"),
            org_name: texts("org_name"),
            rule: texts("rule"),
            field: texts("field"),
            found: texts("found"),
            message: texts(&format!("message_{}", lang.as_str())),
            returned_on: days("returned_on"),
            returned_by: texts("returned_by"),
            profile: texts("profile"),
            closed_on: days("closed_on"),
        }
    }

    fn record_type(&self, at: usize) -> Option<&str> {
        self.record_type.is_valid(at).then(|| self.record_type.value(at))
    }

    fn field(&self, at: usize) -> Option<&str> {
        self.field.is_valid(at).then(|| self.field.value(at))
    }
}

/// Returns where a list comes to stand. Fails where something stands that is no list.
fn target_of(path: &Path) -> Result<PathBuf, Failure> {
    let target = fsio::final_path(path)?;
    if is_of_workspace(&target) {
        let message = Message::new("output.of_workspace").with("path", path.display());
        return Err(Failure::user(message));
    }
    if fsio::exists(&target) && !is_own(&target)? {
        let message = Message::new("returned.list_taken").with("path", path.display());
        return Err(Failure::user(message));
    }
    Ok(target)
}

/// Whether a file is a list that was written here.
fn is_own(path: &Path) -> Result<bool, Failure> {
    let file = PlainFile::open(path)?;
    let mut start = vec![0; START_BYTES];
    let n_bytes = file.read_at(&mut start, 0).map_err(|error| FsError::read(path, error))?;
    let start = &start[..n_bytes];
    let is_titled = |lang: &Lang| {
        let filters = Filters::default();
        let titles: Vec<String> =
            columns(*lang, &filters, false).into_iter().map(|column| column.title).collect();
        is_list(start, &titles)
    };
    Ok(Lang::ALL.iter().any(is_titled))
}

fn text_cell(texts: &StringArray, at: usize) -> ListCell<'_> {
    if texts.is_valid(at) { ListCell::Text(texts.value(at)) } else { ListCell::Blank }
}

fn day_cell(days: &Date32Array, at: usize) -> ListCell<'static> {
    let day = days.is_valid(at).then(|| days.value_as_date(at)).flatten();
    day.map_or(ListCell::Blank, ListCell::Day)
}

/// Adds a part of a file, to the last piece where both fit into one.
fn add_part(pieces: &mut Vec<Piece>, part: &Row) {
    let of = |column: &str| text(part, column).unwrap_or_default();
    let part = Piece {
        batch: of("batch"),
        file_name: of("file_name"),
        first_row: number(part, "part") * SPAN,
        end_row: (number(part, "part") + 1) * SPAN,
        n_reasons: number(part, "n_reasons"),
    };
    let last = pieces.last_mut().filter(|last| {
        last.batch == part.batch
            && last.file_name == part.file_name
            && last.n_reasons + part.n_reasons <= PIECE
    });
    match last {
        Some(last) => {
            last.end_row = part.end_row;
            last.n_reasons += part.n_reasons;
        }
        None => pieces.push(part),
    }
}

/// Returns the format that the name of a file says.
fn format_of(path: &Path) -> Result<ListFormat, Failure> {
    let end = path.extension().map(|end| end.to_string_lossy().to_lowercase());
    end.as_deref().and_then(ListFormat::parse).ok_or_else(|| {
        Failure::usage(Message::new("returned.list_format").with("path", path.display()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(first_row: i64, end_row: i64, n_reasons: i64) -> Piece {
        Piece { batch: "b".to_owned(), file_name: "f".to_owned(), first_row, end_row, n_reasons }
    }

    #[test]
    fn parts_are_asked_for_together_as_long_as_they_are_few() {
        let mut pieces = Vec::new();
        for (file_name, part, n_reasons) in
            [("f", 0, 60_000), ("f", 2, 40_000), ("f", 3, 1), ("f", 4, 250_000), ("g", 0, 1)]
        {
            let row = serde_json::json!({
                "batch": "b", "file_name": file_name, "part": part, "n_reasons": n_reasons,
            });
            add_part(&mut pieces, row.as_object().unwrap());
        }
        let other = Piece { file_name: "g".to_owned(), ..piece(0, 20_000, 1) };
        let expected = [
            piece(0, 60_000, 100_000),
            piece(60_000, 80_000, 1),
            piece(80_000, 100_000, 250_000),
            other,
        ];
        assert_eq!(pieces, expected);
    }

    #[test]
    fn the_name_of_the_file_says_the_format() {
        assert_eq!(format_of(Path::new("a/税务局.XLSX")).unwrap(), ListFormat::Xlsx);
        assert_eq!(format_of(Path::new("a.csv")).unwrap(), ListFormat::Csv);
        for name in ["a", "a.xls", "a.txt"] {
            assert_eq!(format_of(Path::new(name)).unwrap_err().exit_code(), 2, "{name}");
        }
    }
}
