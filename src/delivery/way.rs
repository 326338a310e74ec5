//! What a delivery is: a way to readers, by mail or to a webhook.

use std::time::Duration;

use crate::delivery::SecretSource;
use crate::model::text_enum;

text_enum! {
    /// How the connection to a mail server is encrypted.
    MailTls {
        /// From the first byte on.
        Implicit = "implicit",
        /// After the server was asked to; one that cannot is not used.
        StartTls = "starttls",
        /// Not at all, because the settings say so.
        None = "none",
    }
}

text_enum! {
    /// The form of the message that a webhook takes, and of its answer.
    HookKind {
        /// 企业微信.
        WeCom = "wecom",
        /// 钉钉.
        DingTalk = "dingtalk",
        /// 飞书.
        Feishu = "feishu",
        /// Everything that is known of the report, for programs.
        Json = "json",
    }
}

/// The word of the kind that is no webhook.
pub(super) const MAIL: &str = "mail";

/// A way to readers, by its name in the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its name.
    pub name: String,
    /// How it gets there.
    pub way: Way,
    /// How long one attempt may take.
    pub timeout: Duration,
    /// Endings of the files that go along, as `docx`; `None` for all of them.
    pub attach: Option<Vec<String>>,
}

/// How something gets to readers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// As mail.
    Mail(MailWay),
    /// As a message to a webhook.
    Hook(HookWay),
}

/// A mail server, and who writes to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailWay {
    /// Name or number of the server.
    pub server: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: MailTls,
    /// As whom to log in, and where the password is kept; `None` where nobody has to.
    pub login: Option<(String, SecretSource)>,
    /// Address of the sender.
    pub from: String,
    /// Name of the sender.
    pub from_name: Option<String>,
    /// Addresses of the receivers, each once.
    pub to: Vec<String>,
    /// Bytes that a mail may have.
    pub max_bytes: u64,
}

/// A webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookWay {
    /// What it takes.
    pub kind: HookKind,
    /// Its address.
    pub url: Address,
    /// Where the secret is kept with which messages are signed, or the token that goes along.
    pub secret: Option<SecretSource>,
    /// Whether it may be reached without encryption.
    pub is_clear_allowed: bool,
    /// A word that the robot asks of every message.
    pub keyword: Option<String>,
    /// Where readers find the files.
    pub link: Option<String>,
}

/// Where a webhook is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// An address without a key in it.
    Open(String),
    /// Where an address is kept that has one.
    Secret(SecretSource),
}

impl Delivery {
    /// Returns the word of its kind.
    pub fn kind(&self) -> &'static str {
        match &self.way {
            Way::Mail(_) => MAIL,
            Way::Hook(hook) => hook.kind.as_str(),
        }
    }

    /// Whether a password, a token or a key of its address goes with what is sent.
    pub fn sends_secret(&self) -> bool {
        match &self.way {
            Way::Mail(mail) => mail.login.is_some(),
            Way::Hook(hook) => {
                let has_token = hook.kind == HookKind::Json && hook.secret.is_some();
                has_token || matches!(hook.url, Address::Secret(_))
            }
        }
    }

    /// Whether the settings allow that others on the network read what is sent.
    pub fn is_in_the_clear(&self) -> bool {
        match &self.way {
            Way::Mail(mail) => mail.tls == MailTls::None,
            Way::Hook(hook) => hook.is_clear_allowed,
        }
    }
}
