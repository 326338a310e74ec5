//! `cargo bench --bench bench -- rows`: record files to blocks, in megabytes of text a second, beside the
//! `csv` crate on the same files.
#![expect(clippy::disallowed_methods, reason = "a benchmark writes what it measures")]
#![expect(clippy::print_stdout, reason = "the report is what it is for")]

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use encoding_rs::GB18030;
use flate2::Compression;
use flate2::write::GzEncoder;
use tongban::fsio::hash_file;
use tongban::sandbox::Program;
use tongban::source::rows::record_files;

use crate::{Effort, Outcome};

/// Rows of the file, about 170 bytes each.
const N_ROWS: usize = 2_500_000;
const N_ROWS_SMOKE: usize = 1_000;
const HEADER: [&str; 14] = [
    "rowguid",
    "projectNo",
    "orgcode",
    "orgname",
    "acceptdate",
    "taskname",
    "applicant",
    "certno",
    "mobile",
    "handle",
    "state",
    "step",
    "satisfaction",
    "cd_time",
];

/// How the file stands on the disk.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Plain,
    Quoted,
    Gzip,
    Zstd,
    Gb18030,
}

/// Measures every form and prints a line for each.
pub(crate) fn measure(effort: Effort) -> Outcome<()> {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    println!(
        "{:<10}{:>10}{:>10}{:>12}{:>12}{:>12}",
        "form", "text MB", "file MB", "rows MB/s", "csv MB/s", "hash MB/s"
    );
    for (name, form) in [
        ("plain", Form::Plain),
        ("quoted", Form::Quoted),
        ("gzip", Form::Gzip),
        ("zstd", Form::Zstd),
        ("GB18030", Form::Gb18030),
    ] {
        let path = dir.path().join(name);
        let n_bytes = write_file(&path, form, effort)?;
        let rows = best(effort, || count_rows(&path))?;
        let peer = match form {
            Form::Plain | Form::Quoted => Some(best(effort, || count_records(&path))?),
            Form::Gzip | Form::Zstd | Form::Gb18030 => None,
        };
        if peer.is_some_and(|(n_rows, _)| n_rows != rows.0) {
            return Err(format!("{name}: {} rows, and another reader has others", rows.0).into());
        }
        let file_bytes = fs::metadata(&path)?.len();
        let hash = best(effort, || Ok(hash_file(&File::open(&path)?)?.size_bytes))?;
        #[expect(clippy::cast_precision_loss, reason = "sizes are below 2^53")]
        let speed = |bytes: u64, seconds: f64| bytes as f64 / 1e6 / seconds;
        let peer = peer.map(|(_, seconds)| format!("{:.0}", speed(n_bytes, seconds)));
        println!(
            "{name:<10}{:>10}{:>10}{:>12.0}{:>12}{:>12.0}",
            n_bytes / 1_000_000,
            file_bytes / 1_000_000,
            speed(n_bytes, rows.1),
            peer.unwrap_or_default(),
            speed(file_bytes, hash.1),
        );
    }
    Ok(())
}

/// Runs a task several times and returns its answer and the least time it took, in seconds.
fn best(effort: Effort, task: impl Fn() -> Outcome<u64>) -> Outcome<(u64, f64)> {
    let n_runs = if effort == Effort::Smoke { 1 } else { 5 };
    let mut fastest: Option<(u64, f64)> = None;
    for _ in 0..n_runs {
        let start = Instant::now();
        let answer = task()?;
        let seconds = start.elapsed().as_secs_f64();
        fastest = Some(match fastest {
            Some((answer, least)) if least < seconds => (answer, least),
            _ => (answer, seconds),
        });
    }
    fastest.ok_or_else(|| "nothing was run".into())
}

/// Reads a file to its end and returns how many rows it has, all of them without a fault.
fn count_rows(path: &Path) -> Outcome<u64> {
    let mut n_rows = 0;
    for file in record_files(path)? {
        let mut reader = file.open(&Program::new(PathBuf::new()))?;
        while let Some(block) = reader.next_block()? {
            if let Some(fault) = block.faults().first() {
                return Err(format!("row {}: {}", fault.source_row, fault.kind).into());
            }
            n_rows += block.n_rows() as u64;
        }
    }
    Ok(n_rows)
}

/// The same with the `csv` crate.
fn count_records(path: &Path) -> Outcome<u64> {
    let mut reader = csv::Reader::from_reader(BufReader::with_capacity(1 << 20, File::open(path)?));
    let mut record = csv::StringRecord::new();
    let mut n_rows = 0;
    while reader.read_record(&mut record)? {
        n_rows += 1;
    }
    Ok(n_rows)
}

/// Writes the file and returns how many bytes of text it has.
fn write_file(path: &Path, form: Form, effort: Effort) -> Outcome<u64> {
    let file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let n_rows = if effort == Effort::Smoke { N_ROWS_SMOKE } else { N_ROWS };
    match form {
        Form::Plain | Form::Quoted => write_rows(file, form, n_rows).map(|(_, n_bytes)| n_bytes),
        Form::Gb18030 => write_rows(file, form, n_rows).map(|(_, n_bytes)| n_bytes),
        Form::Gzip => {
            let (encoder, n_bytes) =
                write_rows(GzEncoder::new(file, Compression::fast()), form, n_rows)?;
            encoder.finish()?.flush()?;
            Ok(n_bytes)
        }
        Form::Zstd => {
            let (encoder, n_bytes) =
                write_rows(zstd::stream::Encoder::new(file, 3)?, form, n_rows)?;
            encoder.finish()?.flush()?;
            Ok(n_bytes)
        }
    }
}

fn write_rows<W: Write>(mut out: W, form: Form, n_rows: usize) -> Outcome<(W, u64)> {
    let quote = if form == Form::Quoted { "\"" } else { "" };
    let separator = format!("{quote},{quote}");
    let mut n_bytes = 0;
    let mut line = String::new();
    for number in 0..=n_rows {
        line.clear();
        if number == 0 {
            writeln!(line, "{quote}{}{quote}", HEADER.join(&separator))?;
        } else {
            let fields = fields_of(number);
            writeln!(line, "{quote}{}{quote}", fields.join(&separator))?;
        }
        n_bytes += line.len() as u64;
        match form {
            Form::Gb18030 => out.write_all(&GB18030.encode(&line).0)?,
            _ => out.write_all(line.as_bytes())?,
        }
    }
    out.flush()?;
    Ok((out, n_bytes))
}

/// Fields as records have them: identifiers, codes, times, a few words.
fn fields_of(number: usize) -> [String; 14] {
    let mixed = number.wrapping_mul(2_654_435_761) % 1_000_000_007;
    let time = |hour: usize| {
        format!(
            "2021-{:02}-{:02} {:02}:{:02}:{:02}",
            mixed % 12 + 1,
            mixed % 28 + 1,
            hour,
            mixed % 60,
            number % 60
        )
    };
    [
        format!("{mixed:010x}{number:010x}"),
        format!("6301{mixed:012}"),
        format!("11630000{:09}X", mixed % 97),
        "青海省水利厅".to_owned(),
        time(9),
        "取水许可审批".to_owned(),
        "王某某".to_owned(),
        format!("630102{mixed:012}"),
        format!("138{:08}", mixed % 100_000_000),
        String::new(),
        (mixed % 5).to_string(),
        "受理".to_owned(),
        (mixed % 5 + 1).to_string(),
        time(17),
    ]
}
