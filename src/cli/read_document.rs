//! `tongban read-document`: the child process that looks at what strangers wrote.

use std::io::{Read, stdin};

use crate::cli::args::ReadDocumentArgs;
use crate::cli::failure::Failure;
use crate::cli::ui::print_bytes;
use crate::diag::Message;
use crate::ingest::answer_child;
use crate::sandbox::{DOCUMENT_LIMITS, confine};
use crate::source::Request;

/// Reads a document from standard input and writes the reply to standard output.
///
/// Nothing is read before the process has taken its own rights away. How far that went is the first
/// byte that it writes.
pub(super) fn run(args: &ReadDocumentArgs) -> Result<(), Failure> {
    let confinement = confine(DOCUMENT_LIMITS)?;
    let mut input = Vec::new();
    stdin().lock().read_to_end(&mut input).map_err(|error| {
        let mut failure = Failure::user(Message::new("ui.stdin"));
        failure.causes.push(crate::diag::io_reason(&error));
        failure
    })?;
    let request = args.unpack.map_or(Request::Open, Request::Unpack);
    print_bytes(&[confinement.mark()])?;
    let answer = answer_child(request, input, &args.name)
        .ok_or_else(|| Failure::internal(Message::new("ingest.reply").with("file", &args.name)))?;
    print_bytes(&answer)
}
