//! Documents that are no annex: they hold records, or the numbers of persons. Nothing of them is read,
//! kept or repeated.

use std::collections::BTreeMap;

use crate::diag::{Diagnose, Message, impl_error};
use crate::ingest::records::{NearestDataset, nearest_dataset};
use crate::model::{Place, Spot, check_resident_id, is_mobile};
use crate::records::profile::{FieldNames, Profiles};
use crate::source::{Block, Document, Paragraph};

/// Rows at the top of a table, and lines of a text, among which a header is looked for.
const HEADER_ROWS: usize = 20;
/// Rows with the number of a person in one column from which on they are not there by chance.
const MANY_ROWS: usize = 3;
/// Of the filled cells of a column, one in so many has to be the number of a person.
const MIN_PART: usize = 4;
/// Cells of a row that are looked at: no dataset has as many fields.
const MAX_CELLS: usize = 256;
/// What separates the fields of a line.
const SEPARATORS: [char; 9] = [',', '，', ';', '；', '|', '｜', '\t', ' ', '\u{3000}'];

/// Why a document is no annex.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordLike {
    /// A row of it is the header of a record file, or was meant to be.
    Header {
        /// The file.
        file_name: String,
        /// The dataset that is nearest.
        nearest: NearestDataset,
        /// Where the row stands.
        spot: Spot,
        /// Whether anything stands above it.
        is_first: bool,
    },
    /// A column of it has numbers of persons.
    Numbers {
        /// The file.
        file_name: String,
        /// How many rows have one.
        n_rows: usize,
        /// Where the first of them stands.
        spot: Spot,
    },
}

impl_error!(RecordLike);

impl Diagnose for RecordLike {
    fn message(&self) -> Message {
        match self {
            Self::Header { file_name, nearest, is_first, .. } => match nearest.fault(file_name) {
                Some(fault) => fault,
                None if *is_first => Message::new("ingest.holds_records")
                    .with("file", file_name)
                    .with("dataset", nearest.shown()),
                None => self.header_below(),
            },
            Self::Numbers { file_name, n_rows, spot } => Message::new("ingest.holds_persons")
                .with("file", file_name)
                .with("count", n_rows)
                .at(Place::at(*spot)),
        }
    }

    fn details(&self) -> Vec<Message> {
        match self {
            Self::Header { file_name, nearest, is_first: false, .. }
                if nearest.fault(file_name).is_some() =>
            {
                vec![self.header_below()]
            }
            _ => Vec::new(),
        }
    }
}

impl RecordLike {
    fn header_below(&self) -> Message {
        let Self::Header { file_name, nearest, spot, .. } = self else {
            unreachable!("only a header stands below something")
        };
        Message::new("ingest.records_below")
            .with("file", file_name)
            .with("dataset", nearest.shown())
            .at(Place::at(*spot))
    }
}

/// Refuses a document that holds records or numbers of persons.
///
/// An annex counts; what it counts has no identity or mobile numbers. A table is refused where one
/// of its columns has them in three rows and a quarter of its cells, or in half of the rows. The number
/// of whom to call, at the foot of a form, is neither.
pub(super) fn refuse_record_like(
    document: &Document,
    file_name: &str,
    profiles: &Profiles,
) -> Result<(), RecordLike> {
    let names = FieldNames::of(profiles);
    let mut of_lines = Survey::default();
    for (idx, block) in document.blocks.iter().enumerate() {
        match block {
            Block::Paragraph(line) => of_lines.take_line(line, &names),
            Block::Grid(grid) => {
                let mut of_grid = Survey { is_below: idx > 0, ..Survey::default() };
                for row in &grid.rows {
                    of_grid.take(row.cells.iter().map(|cell| cell.text.as_ref()), row.spot, &names);
                }
                of_grid.refuse(file_name, profiles)?;
                grid.strays.iter().for_each(|line| of_lines.take_line(line, &names));
            }
        }
    }
    of_lines.refuse(file_name, profiles)
}

/// What was seen of the rows of a table, or of the lines of a text.
#[derive(Default)]
struct Survey {
    /// Whether something stands above the first row.
    is_below: bool,
    n_rows: usize,
    header: Option<Header>,
    columns: BTreeMap<usize, ColumnCount>,
}

/// A row that is a header of records.
struct Header {
    cells: Vec<String>,
    spot: Spot,
    is_first: bool,
}

/// What is counted of a column.
#[derive(Default)]
struct ColumnCount {
    n_filled: usize,
    n_persons: usize,
    first: Option<Spot>,
}

impl Survey {
    /// Takes a line as the fields that it would have.
    fn take_line(&mut self, line: &Paragraph, names: &FieldNames) {
        self.take(line.text.split(SEPARATORS).map(unquoted), line.spot, names);
    }

    fn take<'c>(
        &mut self,
        cells: impl Iterator<Item = &'c str> + Clone,
        spot: Spot,
        names: &FieldNames,
    ) {
        let cells = cells.take(MAX_CELLS);
        if cells.clone().all(str::is_empty) {
            return;
        }
        if self.header.is_none() && self.n_rows < HEADER_ROWS && names.are_header(cells.clone()) {
            let cells = cells.clone().map(str::to_owned).collect();
            let is_first = self.n_rows == 0 && !self.is_below;
            self.header = Some(Header { cells, spot, is_first });
        }
        self.n_rows += 1;
        for (idx, cell) in cells.enumerate().filter(|(_, cell)| !cell.is_empty()) {
            let column = self.columns.entry(idx).or_default();
            column.n_filled += 1;
            if is_person(cell) {
                column.n_persons += 1;
                column.first.get_or_insert(spot);
            }
        }
    }

    fn refuse(self, file_name: &str, profiles: &Profiles) -> Result<(), RecordLike> {
        let file_name = file_name.to_owned();
        if let Some(Header { cells, spot, is_first }) = self.header {
            let nearest = nearest_dataset(profiles, &cells);
            return Err(RecordLike::Header { file_name, nearest, spot, is_first });
        }
        let has_many = |column: &&ColumnCount| {
            let is_often =
                column.n_persons >= MANY_ROWS && column.n_persons * MIN_PART >= column.n_filled;
            is_often || column.n_persons > 0 && column.n_persons * 2 >= self.n_rows
        };
        let most = self.columns.values().filter(has_many).max_by_key(|column| column.n_persons);
        match most.and_then(|most| Some((most.n_persons, most.first?))) {
            Some((n_rows, spot)) => Err(RecordLike::Numbers { file_name, n_rows, spot }),
            None => Ok(()),
        }
    }
}

fn unquoted(field: &str) -> &str {
    field.trim().trim_matches('"').trim()
}

/// Whether a cell is nothing but a valid resident identity number or a mobile number. None of the
/// latter begins with 10, 11 or 12.
fn is_person(cell: &str) -> bool {
    let cell = unquoted(cell);
    // Spreadsheets show numbers as text by a mark in front of them.
    let cell = cell.strip_prefix('\'').unwrap_or(cell);
    if !matches!(cell.len(), 11 | 15 | 18) {
        return false;
    }
    is_mobile(cell) && cell.as_bytes()[1] > b'2'
        || check_resident_id(&cell.to_ascii_uppercase()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refdata::RefData;
    use crate::source::parse_document;

    #[track_caller]
    fn check(file_name: &str, text: &str, expected: Option<&str>) {
        let profiles = Profiles::load(&[], &RefData::load(&[]).unwrap()).unwrap();
        let document = parse_document(text.as_bytes(), file_name).unwrap();
        let refusal = refuse_record_like(&document, file_name, &profiles).err();
        let said = refusal.map(|refusal| {
            let details = refusal.details();
            let said = std::iter::once(refusal.message()).chain(details);
            said.map(|message| message.text(crate::diag::Lang::En)).collect::<Vec<_>>().join("; ")
        });
        assert_eq!(said.as_deref(), expected);
    }

    /// A header that lacks nothing.
    const WHOLE: &str = "areaCode,deptCode,projectNo,userName,certkeyGOV,userProp,satisfaction,\
        assessTime,assessNumber,pf,writingEvaluation,evalDetail,acceptDate";

    #[test]
    fn a_header_of_records_refuses_the_document() {
        let dataset = "evaluation-interface/1 hcp_offlinereport";
        check(
            "a.csv",
            &format!("{WHOLE}\n1\n"),
            Some(&format!("`a.csv` holds records ({dataset}) and is no annex")),
        );
        check(
            "a.csv",
            &format!("好差评数据\n{WHOLE}\n1\n"),
            Some(&format!(
                "`a.csv` holds records ({dataset}), but their header is not the first line (line 2)"
            )),
        );
        check(
            "a.csv",
            &format!("好差评数据\n{}\n1\n", WHOLE.replace("satisfaction,", "")),
            Some(&format!(
                "`a.csv` is nearest to {dataset}, but lacks 1 columns: `satisfaction`; `a.csv` holds \
                 records ({dataset}), but their header is not the first line (line 2)"
            )),
        );
        check(
            "a.txt",
            &format!("好差评数据\n{}\n", WHOLE.replace(',', "，")),
            Some(&format!(
                "`a.txt` holds records ({dataset}), but their header is not the first line (line 2)"
            )),
        );
    }

    #[test]
    fn a_column_of_persons_refuses_the_document() {
        let refused = |count: usize| {
            format!(
                "`a.csv` has identity or mobile numbers in {count} rows, the first at line 2: it is no \
                 annex, and nothing of it was read or kept"
            )
        };
        let rows = |value: &str, n_rows: usize| {
            format!("部门,数\n{}", format!("甲,{value}\n").repeat(n_rows))
        };
        check("a.csv", &rows("13800000000", 3), Some(&refused(3)));
        check("a.csv", &rows("63010019000101001x", 3), Some(&refused(3)));
        check("a.csv", &rows("\"'630100040229001\"", 3), Some(&refused(3)));
        // One row, and nothing else.
        check("a.csv", "甲,13800000000\n", Some(&refused(1).replace("line 2", "line 1")));
        // Figures, a wrong number, and numbers inside a text.
        for value in ["12800000000", "63010019000101001", "13800000", "电话13800000000"] {
            check("a.csv", &rows(value, 3), None);
        }
    }

    #[test]
    fn whom_to_call_refuses_nothing() {
        let form = "部门,数\n甲,1\n乙,2\n合计,3\n联系电话,13800000000\n";
        check("a.csv", form, None);
        check(
            "a.txt",
            "通报\n部门 数\n甲 1\n乙 2\n联系电话：13800000000\n联系人 13900000000\n",
            None,
        );
    }
}
