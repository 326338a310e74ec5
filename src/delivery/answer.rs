//! What a service answers to a message: taken or not. The status of HTTP says little; robots of chat groups
//! answer 200 to what they refuse.

use serde_json::Value;

use crate::delivery::secret::Hidden;
use crate::delivery::{DeliveryError, HookKind};

/// Judges an answer, and fails unless the service says that it took the message.
pub(super) fn judge(
    kind: HookKind,
    status: u16,
    body: &[u8],
    (server, hidden): (&str, &Hidden),
) -> Result<(), DeliveryError> {
    let text = String::from_utf8_lossy(body);
    let server = server.to_owned();
    let answer = serde_json::from_slice::<Value>(body).ok();
    let code = answer.as_ref().and_then(|answer| code_of(kind, answer));
    let words = || {
        let told = answer.as_ref().and_then(words_of).unwrap_or(&text);
        hidden.clean(told)
    };
    if !(200..300).contains(&status) {
        return Err(DeliveryError::Status { server, status, answer: words() });
    }
    match code {
        Some(code) if is_success(kind, &code) => Ok(()),
        Some(code) => {
            let code = hidden.clean(&code);
            Err(DeliveryError::ServiceRefused { server, code, answer: words() })
        }
        // Whoever takes plain JSON may say nothing beside the status.
        None if kind == HookKind::Json => Ok(()),
        None => Err(DeliveryError::AnswerUnknown { server, answer: words() }),
    }
}

/// The code of an answer, as text: 企业微信 and 钉钉 call it `errcode`, 飞书 `code` (`StatusCode` before).
fn code_of(kind: HookKind, answer: &Value) -> Option<String> {
    let names: &[&str] = match kind {
        HookKind::WeCom | HookKind::DingTalk => &["errcode"],
        HookKind::Feishu => &["code", "StatusCode"],
        HookKind::Json => &["errcode", "code"],
    };
    match names.iter().find_map(|name| answer.get(name))? {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        _ => None,
    }
}

/// 0 everywhere; many a service says 200 in its own words, too, and so may one that takes plain JSON.
fn is_success(kind: HookKind, code: &str) -> bool {
    code == "0" || kind == HookKind::Json && code == "200"
}

fn words_of(answer: &Value) -> Option<&str> {
    ["errmsg", "msg", "message", "StatusMessage"].iter().find_map(|name| answer.get(name)?.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Diagnose, Lang};

    #[track_caller]
    fn check(kind: HookKind, status: u16, body: &str, expected: &str) {
        let mut hidden = Hidden::default();
        hidden.add_address("https://hook.example.cn/in?key=geheim-geheim");
        let said = match judge(kind, status, body.as_bytes(), ("hook.example.cn", &hidden)) {
            Ok(()) => "taken".to_owned(),
            Err(error) => {
                let causes = error.causes().into_iter();
                std::iter::once(error.message())
                    .chain(causes)
                    .map(|message| message.text(Lang::En))
                    .collect::<Vec<_>>()
                    .join(": ")
            }
        };
        assert_eq!(said, expected, "{body}");
    }

    #[test]
    fn a_service_says_itself_whether_it_took_a_message() {
        use HookKind::{DingTalk, Feishu, Json, WeCom};
        for (kind, body) in [
            (WeCom, r#"{"errcode":0,"errmsg":"ok"}"#),
            (DingTalk, r#"{"errmsg":"ok","errcode":0}"#),
            (
                Feishu,
                r#"{"StatusCode":0,"StatusMessage":"success","code":0,"data":{},"msg":"success"}"#,
            ),
            (Feishu, r#"{"StatusCode":0,"StatusMessage":"success"}"#),
            (Json, ""),
            (Json, "thanks"),
            (Json, r#"{"code":200,"message":"ok"}"#),
            (Json, r#"{"code":"0"}"#),
        ] {
            check(kind, 200, body, "taken");
        }
        check(
            WeCom,
            200,
            r#"{"errcode":93000,"errmsg":"invalid webhook url geheim-geheim"}"#,
            "hook.example.cn did not take the message (code 93000): it answered: invalid webhook url …",
        );
        check(
            DingTalk,
            200,
            r#"{"errcode":310000,"errmsg":"sign not match"}"#,
            "hook.example.cn did not take the message (code 310000): it answered: sign not match",
        );
        check(
            Feishu,
            200,
            r#"{"code":19021,"msg":"sign match fail"}"#,
            "hook.example.cn did not take the message (code 19021): it answered: sign match fail",
        );
        check(
            Json,
            200,
            r#"{"code":500}"#,
            "hook.example.cn did not take the message (code 500): it answered: {\"code\":500}",
        );
        check(
            WeCom,
            200,
            "<html>",
            "the answer of hook.example.cn is none that the service gives: it answered: <html>",
        );
        check(Json, 503, "busy", "hook.example.cn answered with status 503: it answered: busy");
        check(WeCom, 302, "", "hook.example.cn answered with status 302");
        check(
            WeCom,
            500,
            r#"{"errcode":0}"#,
            "hook.example.cn answered with status 500: it answered: {\"errcode\":0}",
        );
    }
}
