//! What is delivered, and what is said about it, in the language of the reader.

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::diag::{Lang, Message, printable};
use crate::fsio::hash_hex;

/// Characters of a title that go into a subject.
const MAX_TITLE_CHARS: usize = 120;

/// A file that goes along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParcelFile {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A report with its files on the way to readers, or a test without any.
#[derive(Debug, Clone)]
pub struct Parcel<'a> {
    /// Tells it from every other one; the same at every attempt, so that what comes twice is seen to.
    pub id: String,
    /// Name of the report; empty for a test.
    pub report: &'a str,
    /// Its title.
    pub title: &'a str,
    /// What stands below the title: the period and the region.
    pub subtitle: &'a str,
    /// Language of the reader.
    pub lang: Lang,
    /// When it was due, naive Beijing time.
    pub due_at: NaiveDateTime,
    /// Whether any of its figures comes from made-up data.
    pub is_synthetic: bool,
    /// The snapshot that it was made from.
    pub snapshot: Option<i64>,
    /// All of its files.
    pub files: &'a [ParcelFile],
    /// Now.
    pub sent_at: DateTime<Utc>,
}

impl Parcel<'_> {
    /// Whether it is a test.
    pub(super) fn is_test(&self) -> bool {
        self.report.is_empty()
    }

    /// Returns the files that go along: those with one of the endings; all where there are none.
    pub(super) fn attached(&self, endings: Option<&[String]>) -> Vec<&ParcelFile> {
        let is_wanted = |file: &&ParcelFile| match endings {
            None => true,
            Some(endings) => endings.iter().any(|ending| {
                file.name.strip_suffix(ending.as_str()).is_some_and(|stem| stem.ends_with('.'))
            }),
        };
        self.files.iter().filter(is_wanted).collect()
    }

    /// Returns the subject, in one line.
    pub(super) fn subject(&self) -> String {
        if self.is_test() {
            return self.said(&Message::new("delivery.test_subject"));
        }
        let title = in_one_line(self.title);
        let subject = match in_one_line(self.subtitle) {
            subtitle if subtitle.is_empty() => title,
            subtitle => self.said(
                &Message::new("delivery.subject").with("title", title).with("subtitle", subtitle),
            ),
        };
        if self.is_synthetic {
            return self.said(&Message::new("delivery.synthetic_subject").with("subject", subject));
        }
        subject
    }

    /// Returns what is said below the subject, a line each: that data is made up, where it is, when it was due,
    /// what it was made from, which files there are and which of them go along.
    pub(super) fn lines(&self, attached: &[&ParcelFile], link: Option<&str>) -> Vec<String> {
        if self.is_test() {
            return vec![self.said(&Message::new("delivery.test_text"))];
        }
        let mut lines = Vec::new();
        if self.is_synthetic {
            lines.push(self.said(&Message::new("report.page_synthetic")));
        }
        let due = self.due_at.format("%Y-%m-%d %H:%M");
        lines.push(self.said(&Message::new("delivery.due").with("due", due)));
        if let Some(snapshot) = self.snapshot {
            lines.push(self.said(&Message::new("delivery.snapshot").with("snapshot", snapshot)));
        }
        let is_along = |file: &ParcelFile| attached.iter().any(|along| along.name == file.name);
        for file in self.files {
            let code = if is_along(file) { "delivery.file_along" } else { "delivery.file" };
            let size = file.bytes.len().div_ceil(1024);
            let message = Message::new(code).with("file", printable(&file.name)).with("size", size);
            lines.push(self.said(&message));
        }
        if let Some(link) = link {
            lines.push(self.said(&Message::new("delivery.link").with("link", link)));
        }
        lines
    }

    /// Returns what is said at the end of a mail: by whom it was sent, and how it is proved.
    pub(super) fn closing(&self) -> Option<String> {
        (!self.is_test()).then(|| self.said(&Message::new("delivery.closing")))
    }

    /// Returns digits that tell this parcel, to this way, from all others.
    pub(super) fn digits(&self, delivery: &str) -> String {
        hash_hex(format!("{}\n{delivery}", self.id).as_bytes())[..32].to_owned()
    }

    fn said(&self, message: &Message) -> String {
        message.text(self.lang)
    }
}

/// Returns a text of a report as part of a subject: in one line, with nothing hidden in it, of bounded length.
fn in_one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let shown = printable(&line);
    if shown.chars().count() <= MAX_TITLE_CHARS {
        return shown;
    }
    shown.chars().take(MAX_TITLE_CHARS - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::delivery::tests::{files, parcel};

    #[test]
    fn files_go_along_by_their_endings() {
        let files = files();
        let parcel = parcel(&files);
        let along = |endings: &[&str]| {
            let endings: Vec<String> = endings.iter().map(|text| (*text).to_owned()).collect();
            parcel.attached(Some(&endings)).len()
        };
        assert_eq!(parcel.attached(None).len(), 3);
        assert_eq!((along(&[]), along(&["docx"]), along(&["evidence.json", "html"])), (0, 1, 2));
        assert_eq!((along(&["json"]), along(&["ocx"])), (1, 0));
    }

    #[test]
    fn a_subject_is_one_line_without_anything_hidden() {
        let files = files();
        let mut parcel = parcel(&files);
        assert_eq!(parcel.subject(), "办件月报（2021年9月 青海省）");
        let title = format!("a\r\nBcc: x@y.cn\u{202e}{}", "长".repeat(500));
        parcel.title = &title;
        parcel.subtitle = "";
        let subject = parcel.subject();
        assert!(subject.starts_with("a Bcc: x@y.cn\\u{202e}长"), "{subject}");
        assert_eq!(subject.chars().count(), MAX_TITLE_CHARS);
    }

    #[test]
    fn made_up_data_is_told_first() {
        let files = files();
        let parcel = Parcel { is_synthetic: true, ..parcel(&files) };
        assert_eq!(parcel.subject(), "【合成数据】办件月报（2021年9月 青海省）");
        assert!(parcel.lines(&[], None)[0].starts_with("本报告含合成数据"));
    }

    #[test]
    fn the_text_tells_what_goes_along_and_where_the_rest_is() {
        let files = files();
        let parcel = parcel(&files);
        let along = parcel.attached(Some(&["docx".to_owned()]));
        let lines = parcel.lines(&along, Some("https://intra.example.cn/reports/"));
        assert_eq!(
            lines,
            [
                "计划生成时间：2021-11-05 08:00",
                "数据快照：3",
                "附件：月报_2021-09.docx（1 KB）",
                "文件：月报_2021-09.html（1 KB）",
                "文件：月报_2021-09.evidence.json（1 KB）",
                "查看：https://intra.example.cn/reports/",
            ]
        );
        assert_ne!(parcel.digits("one"), parcel.digits("two"));
    }
}
