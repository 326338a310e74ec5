//! `tongban read-document`: the child process that looks at what strangers wrote.

use std::fs::File;
use std::io::{BufWriter, Read, stdin, stdout};
use std::os::fd::AsFd;

use crate::cli::args::ReadDocumentArgs;
use crate::cli::failure::Failure;
use crate::cli::ui::print_bytes;
use crate::diag::{Message, io_reason};
use crate::ingest::answer_child;
use crate::sandbox::{DOCUMENT_LIMITS, confine, record_limits};
use crate::source::Request;
use crate::source::rows::answer_rows;

/// Reads a document from standard input and writes the reply to standard output.
///
/// Nothing is read before the process has taken its own rights away. How far that went is the first
/// byte that it writes.
pub(super) fn run(args: &ReadDocumentArgs) -> Result<(), Failure> {
    if args.rows {
        return read_rows(&args.name);
    }
    let confinement = confine(DOCUMENT_LIMITS)?;
    let mut input = Vec::new();
    stdin().lock().read_to_end(&mut input).map_err(|error| input_failure(&error))?;
    let request = args.unpack.map_or(Request::Open, Request::Unpack);
    print_bytes(&[confinement.mark()])?;
    let answer = answer_child(request, input, &args.name)
        .ok_or_else(|| Failure::internal(Message::new("ingest.reply").with("file", &args.name)))?;
    print_bytes(&answer)
}

/// Writes the rows of the file that standard input is, as they come.
fn read_rows(name: &str) -> Result<(), Failure> {
    let input = stdin().as_fd().try_clone_to_owned().map(File::from);
    let file = input.map_err(|error| input_failure(&error))?;
    let size_bytes = file.metadata().map_err(|error| input_failure(&error))?.len();
    let confinement = confine(record_limits(size_bytes))?;
    print_bytes(&[confinement.mark()])?;
    answer_rows(file, name, &mut BufWriter::with_capacity(1 << 16, stdout().lock()));
    Ok(())
}

fn input_failure(error: &std::io::Error) -> Failure {
    let mut failure = Failure::user(Message::new("ui.stdin"));
    failure.causes.push(io_reason(error));
    failure
}
