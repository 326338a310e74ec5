//! A report as a mail: its headers, its text, its files as attachments.

use mail_send::mail_builder::MessageBuilder;
use mail_send::mail_builder::headers::address::Address;
use mail_send::mail_builder::headers::content_type::ContentType;
use mail_send::mail_builder::headers::raw::Raw;
use mail_send::mail_builder::mime::{BodyPart, MimePart};

use crate::delivery::{MailWay, Parcel, ParcelFile};

/// Media types of the files of reports, by the ending of their names.
const MEDIA_TYPES: [(&str, &str); 5] = [
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("html", "text/html"),
    ("json", "application/json"),
    ("md", "text/markdown"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
];

/// Returns the bytes of a mail. The same parcel to the same receivers gives the same bytes, with an id that
/// does not change between attempts.
pub(super) fn letter(
    way: &MailWay,
    delivery: &str,
    parcel: &Parcel<'_>,
    (attached, receivers): (&[&ParcelFile], &[String]),
) -> Vec<u8> {
    let digits = parcel.digits(delivery);
    let domain = way.from.split_once('@').map(|(_, domain)| domain).unwrap_or_default();
    let mut text = parcel.lines(attached, None).join("\r\n");
    text.push_str("\r\n");
    if let Some(closing) = parcel.closing() {
        text.push_str(&format!("\r\n{closing}\r\n"));
    }
    let to = receivers.iter().map(|address| Address::from(address.as_str())).collect();
    let message = MessageBuilder::new()
        .from(Address::new_address(way.from_name.as_deref(), way.from.as_str()))
        .to(Address::new_list(to))
        .subject(parcel.subject())
        .date(parcel.sent_at.timestamp())
        .message_id(format!("tongban.{digits}@{domain}"))
        // Robots that answer letters leave this one alone (RFC 3834).
        .header("Auto-Submitted", Raw::new("auto-generated"));
    let text = MimePart::new("text/plain", BodyPart::Text(text.into()));
    let body = if attached.is_empty() {
        text
    } else {
        let parts = std::iter::once(text).chain(attached.iter().map(|file| part_of(file)));
        let mixed = ContentType::new("multipart/mixed");
        let mixed = mixed.attribute("boundary", format!("=_{digits}"));
        MimePart::new(mixed, parts.collect::<Vec<_>>())
    };
    message.body(body).write_to_vec().expect("memory takes what is written")
}

fn part_of(file: &ParcelFile) -> MimePart<'_> {
    let ending = file.name.rsplit('.').next().unwrap_or_default();
    let known = MEDIA_TYPES.iter().find(|(known, _)| *known == ending);
    let media_type = known.map_or("application/octet-stream", |(_, media_type)| media_type);
    // As bytes, which stay those of the file whatever its type: no line end is changed on the way.
    let mut content_type = ContentType::new(media_type);
    if media_type.starts_with("text/") {
        content_type = content_type.attribute("charset", "utf-8");
    }
    MimePart::new(content_type, BodyPart::Binary(file.bytes.as_slice().into()))
        .attachment(file.name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::MailTls;
    use crate::delivery::tests::{files, parcel};
    use crate::model::base64;

    fn way() -> MailWay {
        MailWay {
            server: "mail.example.cn".to_owned(),
            port: 465,
            tls: MailTls::Implicit,
            login: None,
            from: "tb@example.cn".to_owned(),
            from_name: Some("数据组".to_owned()),
            to: Vec::new(),
            max_bytes: 1 << 20,
        }
    }

    #[test]
    fn a_letter_has_its_headers_its_text_and_its_files() {
        let files = files();
        let parcel = parcel(&files);
        let to = ["a@example.cn".to_owned(), "b@example.cn".to_owned()];
        let bytes = letter(&way(), "office", &parcel, (&parcel.attached(None), &to));
        let text = String::from_utf8(bytes.clone()).unwrap();
        let (headers, body) = text.split_once("\r\n\r\n").unwrap();
        for header in [
            "To: <a@example.cn>, <b@example.cn>\r\n",
            "Date: Fri, 5 Nov 2021 00:00:01 +0000\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "MIME-Version: 1.0\r\n",
        ] {
            assert!(format!("{headers}\r\n").contains(header), "{header}: {headers}");
        }
        assert!(headers.contains("<tb@example.cn>") && !headers.contains("数"), "{headers}");
        let digits = parcel.digits("office");
        assert!(
            headers.contains(&format!("Message-ID: <tongban.{digits}@example.cn>")),
            "{headers}"
        );
        assert_eq!(body.matches(&format!("--=_{digits}\r\n")).count(), 4, "{body}");
        assert!(body.contains(&base64(&files[0].bytes)), "{body}");
        // RFC 2231, which every reader of mail knows.
        assert!(body.contains("filename*=UTF-8''%E6%9C%88%E6%8A%A5_2021-09.docx"), "{body}");
        assert!(text.lines().all(|line| line.len() <= 998 && line.is_ascii()), "{text}");
        assert_eq!(letter(&way(), "office", &parcel, (&parcel.attached(None), &to)), bytes);
    }
}
