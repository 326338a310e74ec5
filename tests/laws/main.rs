//! Laws that hold for any document, tried on as many as there is time for.
//!
//! `tables` prints tables that chance makes and reads them back; `hostile` does so among lines, rows and
//! figures that look like what they are not; `bytes` damages the bytes of files
//! and sees that no reader panics, aborts, hangs or takes too much memory. All can be had again:
//! every document follows from a number.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a harness reads the clock, its arguments, the environment and files"
)]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the report is what it is for")]

mod bytes;
mod tables;

use std::error::Error;
use std::process::ExitCode;

type Outcome<T> = Result<T, Box<dyn Error>>;

const USAGE: &str = "arguments: tables [--count N] [--first N] | tables --show N \
                     | hostile [--count N] [--first N] | hostile --show N | bytes [--seconds N] [--reader NAME] [--first N] [--count N] | --smoke";

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Returns whether all laws held.
fn run() -> Outcome<bool> {
    // Cargo adds `--bench`.
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    match args.first().map(String::as_str) {
        Some("tables") => match value(&args, "--show")? {
            Some(seed) => {
                println!("{}", tables::shown(seed));
                Ok(true)
            }
            None => Ok(check_tables(
                value(&args, "--first")?.unwrap_or(0),
                value(&args, "--count")?.unwrap_or(10_000),
            )),
        },
        Some("hostile") => match value(&args, "--show")? {
            Some(seed) => {
                println!("{}", tables::hostile::shown(seed));
                Ok(true)
            }
            None => Ok(check_hostile(
                value(&args, "--first")?.unwrap_or(0),
                value(&args, "--count")?.unwrap_or(10_000),
            )),
        },
        Some("bytes") => bytes::run(&bytes::Options {
            seconds: value(&args, "--seconds")?.unwrap_or(600.0),
            reader: value(&args, "--reader")?,
            first: value(&args, "--first")?.unwrap_or(0),
            count: value(&args, "--count")?,
            converts: true,
        }),
        Some("--smoke") => bytes::run(&bytes::Options {
            seconds: 0.1,
            reader: None,
            first: 0,
            count: None,
            converts: false,
        }),
        Some(bytes::CHILD) => bytes::child(&args[1..]).map(|()| true),
        _ => Err(USAGE.into()),
    }
}

/// Reads what follows an argument; `None` when it is not there.
fn value<T: std::str::FromStr>(args: &[String], name: &str) -> Outcome<Option<T>> {
    let Some(at) = args.iter().position(|arg| arg == name) else { return Ok(None) };
    let text = args.get(at + 1).ok_or_else(|| format!("{name} needs a value"))?;
    text.parse().map(Some).map_err(|_| format!("{name} {text}: not understood").into())
}

/// Returns whether the law held in hostile surroundings.
fn check_hostile(first: u64, count: u64) -> bool {
    let start = std::time::Instant::now();
    let report = tables::hostile::check(first..first + count);
    println!("{report}");
    println!("{count} documents in {:.1} s", start.elapsed().as_secs_f64());
    report.first_broken().is_none() && report.is_read_often_enough()
}

/// Returns whether the law held, and every carrier was read often enough.
fn check_tables(first: u64, count: u64) -> bool {
    let start = std::time::Instant::now();
    let report = tables::check(first..first + count);
    println!("{report}");
    println!("{count} documents in {:.1} s", start.elapsed().as_secs_f64());
    report.first_broken().is_none() && report.too_rarely_read().is_empty()
}
