//! A parcel for tests of what is made of one.

use crate::delivery::{Parcel, ParcelFile};
use crate::diag::Lang;

pub(super) fn parcel(files: &[ParcelFile]) -> Parcel<'_> {
    Parcel {
        id: "monthly 2021-11-05".to_owned(),
        report: "monthly",
        title: "办件月报",
        subtitle: "2021年9月\n青海省",
        lang: Lang::Zh,
        due_at: "2021-11-05T08:00:00".parse().unwrap(),
        is_synthetic: false,
        snapshot: Some(3),
        files,
        sent_at: "2021-11-05T00:00:01Z".parse().unwrap(),
    }
}

pub(super) fn files() -> Vec<ParcelFile> {
    let file =
        |name: &str, bytes: &[u8]| ParcelFile { name: name.to_owned(), bytes: bytes.to_vec() };
    vec![
        file("月报_2021-09.docx", &[0, 255, 13, 10, 46, 10]),
        file("月报_2021-09.html", b"<p>\n.\nfrom\n"),
        file("月报_2021-09.evidence.json", b"{}"),
    ]
}
