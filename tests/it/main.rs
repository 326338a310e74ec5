//! Integration tests: one binary, one module per subject.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that fails says where; one that skips says why"
)]

mod asked_wrong; // names and periods that there are none of
mod awkward; // rows that mislead, each in a case of a question
mod beside; // what is connected beside what is sent
mod canaries; // made-up persons, found nowhere afterwards
mod case_file; // what case files say
mod cases; // query cases on DuckDB, on the Polars twins and on Sail
mod commands; // what commands print, and their exit codes
mod comparable; // figures under departments that took over
mod data; // reference tables against their sidecars
mod delivery; // reports sent by mail and to webhooks
mod docs; // README blocks run, commands and queries are documented
mod explain; // figures traced to their cells, reference tables
mod export; // datasets for other tools: shapes, choices, what may not leave, complete or absent
mod export_readers; // the same, read by other readers
mod faults; // bad input, two at once, read-only folders, full disks
mod file_returns; // files that go back beside others of their batch
mod fixtures; // one layout or quirk a file
mod flows; // flows of single periods add up to what was published
mod formats; // the notice in every format
mod history;
mod hostile; // files made to do harm: refused by name, or read
mod interrupted; // Ctrl-C during long work
mod judging; // rows of record files, accepted or returned
mod kills; // ingests of records killed at any moment
mod lake; // check, retract, restore, gc, repair; doctor, completions, manual
#[path = "../laws/tables/mod.rs"]
mod laws; // tables in every layout and format, and the law that they keep
mod layouts; // saved layouts, sources read again
mod measured; // commands with the memory that they took
mod memory; // large documents take little memory of the parent
mod metamorphic; // changed documents give observations that follow
mod mirror; // the Delta mirror, as other readers find it
mod mixing; // sums that mix figures are warned of
mod notebooks; // notebooks on exports
mod notice; // the whole published notice
mod notice_draft; // the next notice, drafted and read back
mod packages; // the archive that users download
mod periods; // questions about one period, over the figures of that period alone
mod profiles; // profiles of records, listed and refused
mod python; // independent readers of the lake's Parquet
mod record_forms; // forms in which records come, and what is said about them
mod record_like;
mod record_rules; // a small judge of made-up rows
mod record_tables; // records as engines see them, pseudonyms as nobody does
mod records; // record files in the lake, every row accounted for
mod report; // reports made, refused, and made again
mod report_files; // files of reports as other programs read them
mod report_pages; // pages: what data never becomes, and what they do in a browser
mod returned; // records that went back: counted, and listed for departments
mod returned_again; // returns that are told of again, and what closes them
mod rollup; // counts of records always equal a count of all of them
mod roundtrip; // tables are read as they were printed, or not at all
mod schedule; // reports that are due, delivered, proved
mod support; // workspaces, commands, expectations
mod synth; // made-up record files against their truth
mod tidy; // house rules
mod trend; // how figures move
mod trend_reference; // statistics beside those of the libraries that others use
mod trend_series; // series for statistics, known and made up
mod truth; // made-up records judged as their truth says
mod wrong_twins; // mistakes that a twin could make, each caught by a case
