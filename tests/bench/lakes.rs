//! `cargo bench --bench bench -- lakes`: lakes of one, a hundred and five thousand notices.
//!
//! On each, a question beside the DuckDB shell, with the same SQL on the same files, and a check of
//! whether every file stands as the catalog says. The notices are the one that ships, of another month
//! or printed on another day, so that an answer has to choose among all of them.

#![expect(clippy::disallowed_methods, reason = "a benchmark writes what it measures")]
#![expect(clippy::print_stdout, reason = "the report is what it is for")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use chrono::{Days, Months, NaiveDate};
use tongban::query::{Catalogue, bind};
use tongban::table::LakeTable;

use crate::shell::{Scripts, duckdb, write_script};
use crate::{
    Effort, HEADER, Length, Measure, NOTICE, NextCommand, Outcome, QUERY, data_facts, finish,
    line_of, print_facts, print_table, tongban,
};

/// Notices in a lake, and in how many milliseconds a question is to be answered there.
const LAKES: [(usize, f64); 3] = [(1, 80.0), (100, 80.0), (5_000, 150.0)];
/// The same, as small as it can be to see that it runs.
const SMALL_LAKES: [(usize, f64); 2] = [(1, 80.0), (5, 80.0)];
/// A check of ten thousand files takes no longer than this.
const MAX_CHECK_MS: f64 = 5_000.0;
/// Months that the notices are about; further ones are later prints of the same months.
const N_MONTHS: usize = 200;

/// Makes the lakes one after the other and prints a table for each.
pub(crate) fn measure(effort: Effort, dir: &Path, shell: Option<&Path>) -> Outcome<()> {
    let lakes: &[(usize, f64)] = if effort == Effort::Full { &LAKES } else { &SMALL_LAKES };
    for (n_notices, target_ms) in lakes {
        let workspace = dir.join(format!("{n_notices} notices"));
        let begun = Instant::now();
        make(&workspace, *n_notices)?;
        let made_in = begun.elapsed().as_secs_f64();
        measure_one(&workspace, *target_ms, effort, shell)?;
        println!("made:   in {made_in:.1} s, each notice durable before the next\n");
        fs::remove_dir_all(&workspace)?;
    }
    Ok(())
}

fn measure_one(
    workspace: &Path,
    target_ms: f64,
    effort: Effort,
    shell: Option<&Path>,
) -> Outcome<()> {
    let exported = workspace.join("shell");
    fs::create_dir(&exported)?;
    let scripts = Scripts::of(workspace, &exported)?;
    let data = data_facts(workspace, &scripts.snapshot, &[LakeTable::Observations])?;
    print_facts(workspace, shell, &data)?;
    println!("files:  {} in the lake", n_files(&workspace.join("lake"))?);
    let catalogue = Catalogue::builtin();
    let query = catalogue.get(QUERY)?;
    let script = scripts.query(&catalogue, query, &bind(query, &[])?)?;
    let script = write_script(&exported, "query", &script)?;
    let measures = [
        Measure {
            name: format!("query {QUERY}"),
            target_ms: Some(target_ms),
            command: Box::new(|| Ok(tongban(workspace, &["query", QUERY, "--format", "csv"]))),
            peer: shell.map(|shell| -> NextCommand<'_> {
                let script: PathBuf = script.clone();
                Box::new(move || Ok(duckdb(shell, workspace, &script)))
            }),
            length: Length::Short,
        },
        Measure {
            name: "lake check".to_owned(),
            target_ms: Some(MAX_CHECK_MS),
            command: Box::new(|| Ok(tongban(workspace, &["lake", "check"]))),
            peer: None,
            length: Length::Medium,
        },
    ];
    let mut lines = vec![HEADER.map(str::to_owned)];
    for measure in &measures {
        lines.push(line_of(measure, effort)?);
    }
    print_table(&lines)
}

/// Makes a workspace and reads the notices into its lake.
fn make(workspace: &Path, n_notices: usize) -> Outcome<()> {
    let folder = workspace.join("notices");
    fs::create_dir_all(&folder)?;
    for number in 0..n_notices {
        fs::write(folder.join(format!("{number:04}.txt")), notice(number)?)?;
    }
    finish(&mut tongban(workspace, &["init"]))?;
    finish(&mut tongban(workspace, &["ingest", "--quiet", "notices"]))?;
    Ok(())
}

/// The notice that ships, about the first months of a year up to another one, dated afterwards.
fn notice(number: usize) -> Outcome<String> {
    let first = NaiveDate::from_ymd_opt(2005, 1, 31).ok_or("no such day")?;
    let month = u32::try_from(number % N_MONTHS)?;
    let until = first.checked_add_months(Months::new(month)).ok_or("after all days")?;
    let print = u64::try_from(number / N_MONTHS)?;
    let dated = until.checked_add_days(Days::new(20 + print)).ok_or("after all days")?;
    let period = format!("{}年1月1日—{}", until.format("%Y"), until.format("%-m月%-d日"));
    let changes = [
        ("〔2021〕185号", format!("〔{}〕{}号", dated.format("%Y"), 1000 + number)),
        ("2021-11-24", dated.to_string()),
        ("2021年1月1日—9月30日", period),
        ("2021年", until.format("%Y年").to_string()),
    ];
    let mut text = NOTICE.to_owned();
    for (from, to) in changes {
        if !text.contains(from) {
            return Err(format!("the notice has no `{from}` any more").into());
        }
        text = text.replace(from, &to);
    }
    Ok(text)
}

fn n_files(folder: &Path) -> Outcome<usize> {
    let mut n_found = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        n_found += if entry.file_type()?.is_dir() { n_files(&entry.path())? } else { 1 };
    }
    Ok(n_found)
}
