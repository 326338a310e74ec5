//! Record files from bytes to rows that are accepted or returned.

use std::io::Cursor;

use arrow::array::{Array, AsArray};
use arrow::datatypes::Int32Type;
use tongban::records::judge::{Judge, Judged, Receipt};
use tongban::records::profile::Profiles;
use tongban::records::pseudonym::{KeyedHash, PseudonymKey, Pseudonyms};
use tongban::refdata::RefData;
use tongban::source::rows::read_rows;

const HEADER: &str = "projectNo,assessNumber,assessTime,satisfaction,deptCode,certkeyGOV,userProp";

/// Judges a file of ratings.
fn judged(text: &str) -> Vec<Judged> {
    let refdata = RefData::load(&[]).unwrap();
    let profiles = Profiles::load(&[], &refdata).unwrap();
    let profile = profiles.get("evaluation-interface").unwrap();
    let mut rows = read_rows(Box::new(Cursor::new(text.to_owned().into_bytes())), "r.csv").unwrap();
    let fit = Profiles::fit(profile, &profile.datasets[0], rows.header());
    let receipt = Receipt {
        batch: "b1".to_owned(),
        file_idx: 0,
        file_name: "r.csv".to_owned(),
        received_at: 1_633_060_800_000_000,
        returned_by: "tongban".to_owned(),
    };
    let key = PseudonymKey::from_bytes(&[7; 32]).unwrap();
    let judge = Judge::new(&fit, receipt, &Pseudonyms::new(key, KeyedHash::Sm3), &refdata);
    let mut judged = Vec::new();
    while let Some(block) = rows.next_block().unwrap() {
        judged.push(judge.judge(&block));
    }
    judged
}

#[test]
fn a_record_that_cannot_be_read_goes_back_for_that_alone() {
    let code = "11440232MB2D06811W";
    let text = format!(
        "{HEADER}\nA1,1,2021-09-01,5,{code},63010019000101001X,1\nA2,1,2021-09-01\n\
         A3,1,2021-09-31,5,{code},,1\nA4,2,2021-09-02,4,{code},,1\n"
    );
    let judged = judged(&text);
    let [judged] = judged.as_slice() else { panic!("one block") };
    assert_eq!((judged.n_rows, judged.n_returned, judged.accepted().records.num_rows()), (4, 2, 2));
    let returned = &judged.returned;
    let words = |name: &str, row: usize| {
        let column = returned[name].as_dictionary::<Int32Type>();
        let words = column.downcast_dict::<arrow::array::StringArray>().unwrap();
        words.into_iter().nth(row).unwrap().map(str::to_owned)
    };
    assert_eq!(returned.num_rows(), 2);
    assert_eq!(words("rule", 0).as_deref(), Some("record.too_few_fields"));
    assert_eq!(words("rule", 1).as_deref(), Some("assessTime.type"));
    assert_eq!(words("field", 0), None);
    assert_eq!(words("field", 1).as_deref(), Some("assessTime"));
    assert!(words("message_en", 0).unwrap().contains('3'));
    assert!(words("message_zh", 0).is_some_and(|text| !text.is_ascii()));
    assert!(returned["record_key"].is_null(0));
    assert_eq!(judged.notes.broken.len(), 1);
}
