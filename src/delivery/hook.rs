//! A message to a webhook: its form for each service, its way there, and the answer.

use std::error::Error;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url};
use serde_json::{Value, json};

use crate::delivery::answer::judge;
use crate::delivery::secret::Hidden;
use crate::delivery::{DeliveryError, HookKind, HookWay, Parcel, ParcelFile, Secret, sign};
use crate::diag::{Lang, Message};
use crate::fsio::hash_hex;
use crate::model::base64;

/// Bytes of a text that 企业微信 takes; the other services take many times as many.
const MAX_TEXT_BYTES: usize = 2048;
/// Bytes of an answer that are read.
const MAX_ANSWER_BYTES: usize = 64 << 10;
/// Version of the form of plain JSON.
const JSON_VERSION: u32 = 1;

/// A message that is ready.
pub(super) struct Post<'a> {
    pub(super) way: &'a HookWay,
    /// The address, with its key.
    pub(super) url: &'a str,
    /// The secret of its sign, or its token.
    pub(super) secret: Option<&'a Secret>,
    /// How long all of it may take.
    pub(super) time: Duration,
    /// What the service may say, and we do not repeat.
    pub(super) hidden: Hidden,
}

impl Post<'_> {
    /// Sends the message, and fails unless the service answers that it took it.
    pub(super) async fn send(
        self,
        parcel: &Parcel<'_>,
        attached: &[&ParcelFile],
    ) -> Result<(), DeliveryError> {
        let mut url = Url::parse(self.url).map_err(|_| DeliveryError::AddressUnfit)?;
        let server = server_of(&url).ok_or(DeliveryError::AddressUnfit)?;
        let is_clear = match url.scheme() {
            "https" => false,
            "http" if self.way.is_clear_allowed => true,
            "http" => return Err(DeliveryError::AddressInTheClear { server }),
            _ => return Err(DeliveryError::AddressUnfit),
        };
        let body = message(self.way, parcel, attached, self.secret);
        if let (HookKind::DingTalk, Some(secret)) = (self.way.kind, self.secret) {
            let time_ms = parcel.sent_at.timestamp_millis();
            let sign = sign::dingtalk(secret, time_ms);
            url.query_pairs_mut()
                .append_pair("timestamp", &time_ms.to_string())
                .append_pair("sign", &sign);
        }
        let failed = |error| self.failed(&server, error);
        let client = Client::builder()
            .redirect(Policy::none())
            .https_only(!is_clear)
            .tls_built_in_root_certs(!is_clear)
            .http1_only()
            .timeout(self.time)
            .build()
            .map_err(|error| DeliveryError::Start {
                reason: self.hidden.clean(&deepest(&error)),
            })?;
        let mut request = client.post(url).json(&body);
        if let (HookKind::Json, Some(token)) = (self.way.kind, self.secret) {
            request = request.bearer_auth(token.reveal());
        }
        let mut response = request.send().await.map_err(failed)?;
        let status = response.status().as_u16();
        let answer = start_of(&mut response).await.map_err(failed)?;
        judge(self.way.kind, status, &answer, (&server, &self.hidden))
    }

    /// Returns why there was no answer, without the address.
    fn failed(&self, server: &str, error: reqwest::Error) -> DeliveryError {
        let server = server.to_owned();
        if error.is_timeout() {
            return DeliveryError::Timeout { server, seconds: self.time.as_secs() };
        }
        let is_connected = !error.is_connect();
        let error = error.without_url();
        let reason = deepest(&error);
        if ["certificate", "TLS", "tls"].iter().any(|word| reason.contains(word)) {
            return DeliveryError::of_tls(&server, self.hidden.clean(&reason));
        }
        let mut source: Option<&dyn Error> = Some(&error);
        while let Some(found) = source {
            if let Some(error) = found.downcast_ref::<std::io::Error>() {
                return DeliveryError::of_io(&server, error, is_connected);
            }
            source = found.source();
        }
        let reason = Message::new("io.other").with("reason", self.hidden.clean(&reason));
        if is_connected {
            DeliveryError::Broken { server, reason }
        } else {
            DeliveryError::Unreachable { server, reason }
        }
    }
}

/// The host of an address and its port, where it has one: what of it may be told.
fn server_of(url: &Url) -> Option<String> {
    let host = url.host_str().filter(|host| !host.is_empty())?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

/// What the cause says that has no cause.
fn deepest(error: &reqwest::Error) -> String {
    let mut last: &dyn Error = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}

async fn start_of(response: &mut Response) -> Result<Vec<u8>, reqwest::Error> {
    let mut answer = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        let room = MAX_ANSWER_BYTES - answer.len();
        answer.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if answer.len() == MAX_ANSWER_BYTES {
            break;
        }
    }
    Ok(answer)
}

/// Returns the message in the form of its service. Texts are sent as texts, never in a form in which they
/// could be links, marks or calls of people.
fn message(
    way: &HookWay,
    parcel: &Parcel<'_>,
    attached: &[&ParcelFile],
    secret: Option<&Secret>,
) -> Value {
    let subject = match &way.keyword {
        Some(keyword) => format!("{keyword} {}", parcel.subject()),
        None => parcel.subject(),
    };
    let lines = parcel.lines(attached, way.link.as_deref());
    let text = || std::iter::once(&subject).chain(&lines).cloned().collect::<Vec<_>>().join("\n");
    match way.kind {
        HookKind::WeCom => {
            json!({ "msgtype": "text", "text": { "content": within(&text(), MAX_TEXT_BYTES) } })
        }
        HookKind::DingTalk => json!({ "msgtype": "text", "text": { "content": text() } }),
        HookKind::Feishu => {
            let lang = if parcel.lang == Lang::Zh { "zh_cn" } else { "en_us" };
            let line = |text: &String| json!([{ "tag": "text", "text": text }]);
            let lines: Vec<Value> = lines.iter().map(line).collect();
            let mut body = json!({
                "msg_type": "post",
                "content": { "post": { lang: { "title": subject, "content": lines } } },
            });
            if let Some(secret) = secret {
                let time_s = parcel.sent_at.timestamp();
                body["timestamp"] = json!(time_s.to_string());
                body["sign"] = json!(sign::feishu(secret, time_s));
            }
            body
        }
        HookKind::Json => plain(parcel, attached, way.link.as_deref()),
    }
}

/// Returns all that is known, for programs.
fn plain(parcel: &Parcel<'_>, attached: &[&ParcelFile], link: Option<&str>) -> Value {
    let file = |file: &ParcelFile| {
        let mut shown = json!({
            "name": file.name,
            "size_bytes": file.bytes.len(),
            "blake3": hash_hex(&file.bytes),
        });
        if attached.iter().any(|along| along.name == file.name) {
            shown["content_base64"] = json!(base64(&file.bytes));
        }
        shown
    };
    json!({
        "format": "tongban delivery",
        "version": JSON_VERSION,
        "id": parcel.id,
        "is_test": parcel.is_test(),
        "report": parcel.report,
        "title": parcel.title,
        "subtitle": parcel.subtitle,
        "lang": parcel.lang.as_str(),
        "due_at": parcel.due_at.format("%Y-%m-%dT%H:%M:%S+08:00").to_string(),
        "is_synthetic": parcel.is_synthetic,
        "snapshot": parcel.snapshot,
        "link": link,
        "files": parcel.files.iter().map(file).collect::<Vec<_>>(),
    })
}

/// Returns as much of a text as some bytes have room for.
fn within(text: &str, max_bytes: usize) -> String {
    const MORE: &str = "…";
    if text.len() <= max_bytes {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(max_bytes - MORE.len());
    format!("{}{MORE}", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::Address;
    use crate::delivery::tests::{files, parcel};

    fn way(kind: HookKind) -> HookWay {
        HookWay {
            kind,
            url: Address::Open("https://hook.example.cn/in".to_owned()),
            secret: None,
            is_clear_allowed: false,
            keyword: None,
            link: None,
        }
    }

    #[test]
    fn each_service_is_sent_its_form() {
        let files = files();
        let parcel = parcel(&files);
        let lines = parcel.lines(&[], None);
        let text = format!("{}\n{}", parcel.subject(), lines.join("\n"));
        let of = |kind| message(&way(kind), &parcel, &[], None);
        let plain = json!({ "msgtype": "text", "text": { "content": text } });
        assert_eq!(of(HookKind::WeCom), plain);
        assert_eq!(of(HookKind::DingTalk), plain);
        let post = &of(HookKind::Feishu)["content"]["post"]["zh_cn"];
        assert_eq!(post["title"], json!(parcel.subject()));
        assert_eq!(post["content"][0], json!([{ "tag": "text", "text": lines[0] }]));
        let keyed = HookWay { keyword: Some("通办".to_owned()), ..way(HookKind::DingTalk) };
        let keyed = message(&keyed, &parcel, &[], None);
        assert_eq!(keyed["text"]["content"], json!(format!("通办 {text}")));
    }

    #[test]
    fn feishu_has_time_and_sign_in_the_message() {
        let files = files();
        let secret = Secret::of("hunter22").unwrap();
        let signed = message(&way(HookKind::Feishu), &parcel(&files), &[], Some(&secret));
        assert_eq!(signed["timestamp"], json!("1636070401"));
        assert_eq!(signed["sign"], json!(sign::feishu(&secret, 1_636_070_401)));
    }

    #[test]
    fn programs_are_told_everything_and_sent_what_goes_along() {
        let files = files();
        let parcel = parcel(&files);
        let body = message(&way(HookKind::Json), &parcel, &[&files[0]], None);
        assert_eq!(body["is_synthetic"], json!(false));
        let made_up = Parcel { is_synthetic: true, ..parcel.clone() };
        let told = message(&way(HookKind::Json), &made_up, &[], None);
        assert_eq!(told["is_synthetic"], json!(true));
        assert_eq!(body["due_at"], json!("2021-11-05T08:00:00+08:00"));
        assert_eq!(body["files"][0]["content_base64"], json!(base64(&files[0].bytes)));
        assert_eq!(body["files"][1]["blake3"], json!(hash_hex(&files[1].bytes)));
        assert!(body["files"][1].get("content_base64").is_none());
    }

    #[test]
    fn a_text_is_cut_between_two_characters() {
        assert_eq!(within("报表", 6), "报表");
        assert_eq!(within("报表数据", 9), "报表…");
        assert_eq!(within("报表数据", 11), "报表…");
    }
}
