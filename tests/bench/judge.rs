//! How long a row takes from its fields to the columns of the lake, on one thread, in processor time.

use std::fs;

use tongban::records::judge::{Judge, Receipt};
use tongban::records::profile::Profiles;
use tongban::records::pseudonym::{KeyedHash, PseudonymKey, Pseudonyms};
use tongban::refdata::RefData;
use tongban::source::rows::RowBlock;

use crate::{Effort, Outcome};

/// Rows of a block: about 3 MB of text.
const BLOCK_ROWS: usize = 10_000;
/// Blocks that are judged: a million rows.
const N_BLOCKS: usize = 100;
/// The columns of the file, which are those of `up_pro_accept` that files mostly have.
const HEADER: [&str; 21] = [
    "row_guid",
    "project_no",
    "catalog_code",
    "task_code",
    "task_handle_item",
    "task_name",
    "task_version",
    "project_type",
    "applyer_name",
    "applyer_type",
    "applyer_page_type",
    "applyer_page_code",
    "apply_date",
    "apply_type",
    "contact_mobile",
    "org_name",
    "org_code",
    "accept_date",
    "cd_operation",
    "cd_time",
    "cd_batch",
];
/// The last column, without which the dataset is not whole.
const DATA_SOURCE: &str = "data_source";

/// Judges a million rows and prints how long a row takes.
pub(crate) fn measure(effort: Effort) -> Outcome<()> {
    let n_blocks = if effort == Effort::Full { N_BLOCKS } else { 2 };
    let refdata = RefData::load(&[])?;
    let profiles = Profiles::load(&[], &refdata)?;
    let profile = profiles.get("up-exchange").ok_or("the profile is missing")?;
    let dataset = profile.datasets.iter().find(|dataset| dataset.id == "up_pro_accept");
    let header: Vec<String> = header().map(str::to_owned).collect();
    let fit = Profiles::fit(profile, dataset.ok_or("the dataset is missing")?, &header);
    for hash in KeyedHash::ALL {
        let key = PseudonymKey::from_bytes(&[7; 32]).ok_or("a key has 32 bytes")?;
        let judge = Judge::new(&fit, receipt(), &Pseudonyms::new(key, *hash), &refdata);
        for is_sound in [true, false] {
            let blocks: Vec<RowBlock> = (0..4)
                .map(|number| block(number, is_sound))
                .collect::<Option<_>>()
                .ok_or("rows")?;
            let started_s = processor_s()?;
            let (mut n_rows, mut n_returned) = (0, 0);
            for number in 0..n_blocks {
                let judged = judge.judge(&blocks[number % blocks.len()]);
                n_rows += judged.n_rows;
                n_returned += judged.n_returned;
            }
            let elapsed_s = processor_s()? - started_s;
            let n_rows_f64 = f64::from(u32::try_from(n_rows)?);
            println!(
                "judge {n_rows} rows of {} columns, {hash}, {n_returned} returned: \
                 {:.3} µs a row, {:.2} M rows/s",
                header.len(),
                elapsed_s * 1e6 / n_rows_f64,
                n_rows_f64 / elapsed_s / 1e6,
            );
        }
    }
    Ok(())
}

/// Returns the time that this thread has had a processor: what else the machine does is left out.
fn processor_s() -> Outcome<f64> {
    let stat = fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: f64 = stat.split(' ').next().unwrap_or_default().parse()?;
    Ok(nanoseconds / 1e9)
}

fn header() -> impl Iterator<Item = &'static str> {
    HEADER.into_iter().chain([DATA_SOURCE])
}

fn receipt() -> Receipt {
    Receipt {
        batch: "synthetic".to_owned(),
        file_idx: 0,
        file_name: "synthetic.csv".to_owned(),
        received_at: 1_767_225_600_000_000,
        returned_by: "tongban".to_owned(),
    }
}

/// Returns a block of rows that nobody sent; of those that are not sound every tenth breaks a rule.
fn block(number: usize, is_sound: bool) -> Option<RowBlock> {
    let rows = (0..BLOCK_ROWS).map(|row| {
        let seed = number * BLOCK_ROWS + row;
        let item = seed * 7919 % 1200;
        let body = "11440232MB2D06811W";
        let catalog = format!("0001{:08}", 17_051_000 + item);
        let task = format!("{body}4{catalog}");
        let (day, hour, minute) = (seed % 28 + 1, seed * 31 % 24, seed * 17 % 60);
        let time = |shift: usize| {
            format!(
                "2021-{:02}-{day:02} {hour:02}:{minute:02}:{:02}",
                seed % 9 + 1,
                seed % 50 + shift
            )
        };
        let id = identity(seed);
        let kind = if is_sound || !seed.is_multiple_of(10) { "1" } else { "7" };
        vec![
            format!(
                "{:032x}",
                (seed as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
            ),
            format!("{task}20210901{:04}", seed % 10_000),
            catalog.clone(),
            task.clone(),
            format!("{task}{:02}", item % 90 + 1),
            format!("某某事项第{item}项（含变更、延续、补办）"),
            "1".to_owned(),
            kind.to_owned(),
            format!("某{}", ideograph(seed)),
            "1".to_owned(),
            "111".to_owned(),
            id,
            time(0),
            "1".to_owned(),
            format!("138{:08}", seed % 100_000_000),
            "省人力资源社会保障厅".to_owned(),
            body.to_owned(),
            time(5),
            "I".to_owned(),
            time(9),
            format!("batch-{:04}", seed / 5000),
            "163".to_owned(),
        ]
    });
    RowBlock::from_rows(number, 2, HEADER.len() + 1, rows)
}

fn ideograph(seed: usize) -> char {
    u32::try_from(0x4e00 + seed % 5000).ok().and_then(char::from_u32).unwrap_or('某')
}

/// Returns a number with the right check digit. Its region is no county, so that it is nobody's.
fn identity(seed: usize) -> String {
    const WEIGHTS: [usize; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let (year, month, day) = (seed % 60 + 1940, seed % 12 + 1, seed % 28 + 1);
    let body = format!("630100{year}{month:02}{day:02}{:03}", seed % 1000);
    let digits = body.bytes().map(|byte| usize::from(byte - b'0'));
    let sum: usize = digits.zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    format!("{body}{}", char::from(b"10X98765432"[sum % 11]))
}
