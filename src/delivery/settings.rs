//! Deliveries as the settings of a workspace name them: `[deliveries.NAME]`, checked when they are read.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv6Addr;
use std::num::NonZeroU16;
use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use serde::de::IgnoredAny;
use toml::Spanned;

use crate::delivery::way::MAIL;
use crate::delivery::{
    Address, Delivery, HookKind, HookWay, MailTls, MailWay, SecretSource, SettingsFault, Way,
};
use crate::diag::{Message, name_list, nearest_names};

/// Seconds that a delivery may take where the settings name no number.
const TIMEOUT_S: u32 = 120;
/// Longest time that the settings may give a delivery.
const MAX_TIMEOUT_S: u32 = 3600;
/// Megabytes of a mail where the settings name no number: most servers take 20 to 50.
const MAX_MAIL_MB: u32 = 20;
/// Largest number of megabytes that the settings may name.
const MOST_MAIL_MB: u32 = 200;
/// Receivers of one mail.
const MAX_RECEIVERS: usize = 100;
/// Characters of a name, of a keyword or of the name of a sender.
const MAX_NAME_CHARS: usize = 64;
/// Longest address of a mailbox (RFC 5321, section 4.5.3.1.3).
const MAX_ADDRESS_BYTES: usize = 254;

/// `[deliveries]` as written, by name.
pub type WrittenDeliveries = BTreeMap<Spanned<String>, WrittenDelivery>;

/// All keys of all kinds: which of them a delivery has, its kind says. Keys by which a secret would stand in
/// the settings are known, so that they can be refused without their values being repeated.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenDelivery {
    kind: Spanned<String>,
    timeout_s: Option<Spanned<u32>>,
    server: Option<Spanned<String>>,
    port: Option<Spanned<NonZeroU16>>,
    tls: Option<Spanned<String>>,
    user: Option<Spanned<String>>,
    password_file: Option<Spanned<String>>,
    password_env: Option<Spanned<String>>,
    from: Option<Spanned<String>>,
    from_name: Option<Spanned<String>>,
    to: Option<Spanned<Vec<Spanned<String>>>>,
    attach: Option<Spanned<Vec<Spanned<String>>>>,
    max_mb: Option<Spanned<u32>>,
    url: Option<Spanned<String>>,
    url_file: Option<Spanned<String>>,
    url_env: Option<Spanned<String>>,
    secret_file: Option<Spanned<String>>,
    secret_env: Option<Spanned<String>>,
    token_file: Option<Spanned<String>>,
    token_env: Option<Spanned<String>>,
    keyword: Option<Spanned<String>>,
    link: Option<Spanned<String>>,
    password: Option<Spanned<IgnoredAny>>,
    secret: Option<Spanned<IgnoredAny>>,
    token: Option<Spanned<IgnoredAny>>,
    key: Option<Spanned<IgnoredAny>>,
}

type Spot = Option<Range<usize>>;

impl WrittenDelivery {
    /// Returns the keys that are given, with where each stands.
    fn given(&self) -> Vec<(&'static str, Range<usize>)> {
        fn at<T>(value: Option<&Spanned<T>>) -> Spot {
            value.map(Spanned::span)
        }
        let keys = [
            ("server", at(self.server.as_ref())),
            ("port", at(self.port.as_ref())),
            ("tls", at(self.tls.as_ref())),
            ("user", at(self.user.as_ref())),
            ("password_file", at(self.password_file.as_ref())),
            ("password_env", at(self.password_env.as_ref())),
            ("from", at(self.from.as_ref())),
            ("from_name", at(self.from_name.as_ref())),
            ("to", at(self.to.as_ref())),
            ("attach", at(self.attach.as_ref())),
            ("max_mb", at(self.max_mb.as_ref())),
            ("url", at(self.url.as_ref())),
            ("url_file", at(self.url_file.as_ref())),
            ("url_env", at(self.url_env.as_ref())),
            ("secret_file", at(self.secret_file.as_ref())),
            ("secret_env", at(self.secret_env.as_ref())),
            ("token_file", at(self.token_file.as_ref())),
            ("token_env", at(self.token_env.as_ref())),
            ("keyword", at(self.keyword.as_ref())),
            ("link", at(self.link.as_ref())),
        ];
        keys.into_iter().filter_map(|(key, spot)| Some((key, spot?))).collect()
    }

    /// Returns the keys that would hold a secret.
    fn secrets(&self) -> [(&'static str, Spot, &'static str); 4] {
        fn at(value: Option<&Spanned<IgnoredAny>>) -> Spot {
            value.map(Spanned::span)
        }
        [
            ("password", at(self.password.as_ref()), "password_file"),
            ("secret", at(self.secret.as_ref()), "secret_file"),
            ("token", at(self.token.as_ref()), "token_file"),
            ("key", at(self.key.as_ref()), "url_file"),
        ]
    }
}

/// A kind of delivery: its word, the keys that it must have, and those that it may have.
type Kind = (&'static str, &'static [&'static str], &'static [&'static str]);

const KINDS: [Kind; 5] = [
    (
        MAIL,
        &["server", "from", "to"],
        &["port", "tls", "user", "password_file", "password_env", "from_name", "attach", "max_mb"],
    ),
    ("wecom", &[], &["url_file", "url_env", "tls", "link"]),
    (
        "dingtalk",
        &[],
        &["url_file", "url_env", "secret_file", "secret_env", "tls", "keyword", "link"],
    ),
    (
        "feishu",
        &[],
        &["url_file", "url_env", "secret_file", "secret_env", "tls", "keyword", "link"],
    ),
    (
        "json",
        &[],
        &["url", "url_file", "url_env", "token_file", "token_env", "tls", "attach", "link"],
    ),
];

/// Checks the deliveries of a settings file, whose text is given for the lines of what is wrong. They come in
/// the order of their names.
pub fn checked(text: &str, written: &WrittenDeliveries) -> Result<Vec<Delivery>, SettingsFault> {
    let file = SettingsText(text);
    let one = |(name, written): (&Spanned<String>, &WrittenDelivery)| {
        if !is_name(name.get_ref()) {
            let reason = Message::new("delivery.name_unfit").with("name", name.get_ref());
            return Err(file.fault(&name.span(), reason));
        }
        Checks { file: &file, written, at: name.span() }.delivery(name.get_ref())
    };
    written.iter().map(one).collect()
}

/// Whether a text is fit to be the name of a delivery, which the catalog keeps and commands print.
fn is_name(text: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    !text.is_empty() && text.chars().all(is_part) && text.chars().count() <= MAX_NAME_CHARS
}

/// The text of the settings, to say in which line something is wrong.
struct SettingsText<'a>(&'a str);

impl SettingsText<'_> {
    fn fault(&self, span: &Range<usize>, reason: Message) -> SettingsFault {
        let before = self.0.get(..span.start).unwrap_or_default();
        SettingsFault { line: before.matches('\n').count() + 1, reason }
    }
}

/// One delivery while it is checked.
struct Checks<'a> {
    file: &'a SettingsText<'a>,
    written: &'a WrittenDelivery,
    at: Range<usize>,
}

impl Checks<'_> {
    fn fault(&self, span: &Range<usize>, reason: Message) -> SettingsFault {
        self.file.fault(span, reason)
    }

    /// Returns a fault of a value, which is never repeated: it may be a secret in the wrong place.
    fn unfit(&self, code: &'static str, key: &str, span: &Range<usize>) -> SettingsFault {
        self.fault(span, Message::new(code).with("key", key))
    }

    fn delivery(&self, name: &str) -> Result<Delivery, SettingsFault> {
        self.keys()?;
        let written = self.written;
        let timeout_s =
            self.number("timeout_s", written.timeout_s.as_ref(), TIMEOUT_S, MAX_TIMEOUT_S)?;
        let way = match HookKind::parse(written.kind.get_ref()) {
            None => Way::Mail(self.mail()?),
            Some(kind) => Way::Hook(self.hook(kind)?),
        };
        let all_go_along = matches!(way, Way::Mail(_));
        let attach = self.endings()?;
        Ok(Delivery {
            name: name.to_owned(),
            way,
            timeout: Duration::from_secs(timeout_s.into()),
            attach: if all_go_along { attach } else { Some(attach.unwrap_or_default()) },
        })
    }

    /// Checks that the kind is known and has the keys that it needs, and no others.
    fn keys(&self) -> Result<(), SettingsFault> {
        let kind = self.written.kind.get_ref();
        let Some((_, needed, allowed)) = KINDS.iter().find(|(word, _, _)| word == kind) else {
            let known = KINDS.iter().map(|(word, _, _)| *word);
            let reason = Message::new("delivery.kind_unknown")
                .with("found", kind)
                .with("known", name_list(&known.collect::<Vec<_>>()));
            return Err(self.fault(&self.written.kind.span(), reason));
        };
        for (key, spot, file_key) in self.written.secrets() {
            if let Some(span) = spot {
                let reason = Message::new("delivery.secret_in_settings").with("key", key);
                return Err(self.fault(&span, reason.with("instead", file_key)));
            }
        }
        let given = self.written.given();
        for (key, span) in &given {
            if needed.contains(key) || allowed.contains(key) {
                continue;
            }
            let code = if *key == "url" {
                "delivery.url_in_settings"
            } else {
                "delivery.key_of_other_kind"
            };
            let keys = needed.iter().chain(*allowed).chain(&["timeout_s"]);
            let reason = Message::new(code)
                .with("key", key)
                .with("kind", kind)
                .with("known", name_list(&keys.copied().collect::<Vec<_>>()));
            return Err(self.fault(span, reason));
        }
        match needed.iter().find(|needed| !given.iter().any(|(key, _)| key == *needed)) {
            None => Ok(()),
            Some(key) => {
                let reason =
                    Message::new("delivery.key_missing").with("key", key).with("kind", kind);
                Err(self.fault(&self.at, reason))
            }
        }
    }

    fn mail(&self) -> Result<MailWay, SettingsFault> {
        let written = self.written;
        let tls = written.tls.as_ref().map(|tls| self.word(tls, MailTls::ALL, MailTls::as_str));
        let tls = tls.transpose()?.unwrap_or(MailTls::Implicit);
        let usual_port = match tls {
            MailTls::Implicit => 465,
            MailTls::StartTls => 587,
            MailTls::None => 25,
        };
        let server = self.required("server", written.server.as_ref(), is_host)?;
        let from = self.required("from", written.from.as_ref(), is_mail_address)?;
        let max_mb = self.number("max_mb", written.max_mb.as_ref(), MAX_MAIL_MB, MOST_MAIL_MB)?;
        Ok(MailWay {
            server,
            port: written.port.as_ref().map_or(usual_port, |port| port.get_ref().get()),
            tls,
            login: self.login()?,
            from,
            from_name: self.optional("from_name", written.from_name.as_ref(), is_short)?,
            to: self.receivers()?,
            max_bytes: u64::from(max_mb) << 20,
        })
    }

    fn login(&self) -> Result<Option<(String, SecretSource)>, SettingsFault> {
        let written = self.written;
        let user = self.optional("user", written.user.as_ref(), is_plain)?;
        let files = (written.password_file.as_ref(), written.password_env.as_ref());
        match (user, self.source("password", files)?) {
            (None, None) => Ok(None),
            (Some(user), Some(password)) => Ok(Some((user, password))),
            _ => Err(self.fault(&self.at, Message::new("delivery.login_in_part"))),
        }
    }

    fn receivers(&self) -> Result<Vec<String>, SettingsFault> {
        let Some(written) = &self.written.to else { return Ok(Vec::new()) };
        let mut seen = BTreeSet::new();
        let mut to = Vec::new();
        for address in written.get_ref() {
            if !is_mail_address(address.get_ref()) {
                return Err(self.unfit("delivery.address_unfit", "to", &address.span()));
            }
            // Names of mailboxes differ in case in theory only.
            if seen.insert(address.get_ref().to_lowercase()) {
                to.push(address.get_ref().clone());
            }
        }
        if to.is_empty() || to.len() > MAX_RECEIVERS {
            let reason = Message::new("delivery.receivers").with("max", MAX_RECEIVERS);
            return Err(self.fault(&written.span(), reason));
        }
        Ok(to)
    }

    fn hook(&self, kind: HookKind) -> Result<HookWay, SettingsFault> {
        let written = self.written;
        let kept = self.source("url", (written.url_file.as_ref(), written.url_env.as_ref()))?;
        let url = match (&written.url, kept) {
            (None, Some(source)) => Address::Secret(source),
            (Some(url), None) if is_open_url(url.get_ref()) => Address::Open(url.get_ref().clone()),
            (Some(url), None) => return Err(self.unfit("delivery.url_unfit", "url", &url.span())),
            _ => {
                let key = if kind == HookKind::Json { "url" } else { "url_file" };
                return Err(self.unfit("delivery.one_of", key, &self.at));
            }
        };
        let (name, kept) = match kind {
            HookKind::Json => ("token", (written.token_file.as_ref(), written.token_env.as_ref())),
            _ => ("secret", (written.secret_file.as_ref(), written.secret_env.as_ref())),
        };
        if let Some(tls) = &written.tls {
            self.word(tls, &[MailTls::None], MailTls::as_str)?;
        }
        let is_clear_allowed = written.tls.is_some();
        if let Some(url) = &written.url
            && !is_clear_allowed
            && !url.get_ref().starts_with("https://")
        {
            return Err(self.unfit("delivery.url_in_the_clear", "url", &url.span()));
        }
        Ok(HookWay {
            kind,
            url,
            secret: self.source(name, kept)?,
            is_clear_allowed,
            keyword: self.optional("keyword", written.keyword.as_ref(), is_short)?,
            link: self.optional("link", written.link.as_ref(), is_url)?,
        })
    }

    fn endings(&self) -> Result<Option<Vec<String>>, SettingsFault> {
        let Some(written) = &self.written.attach else { return Ok(None) };
        let is_ending = |text: &str| {
            !text.is_empty()
                && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.')
        };
        let one = |ending: &Spanned<String>| {
            let text = ending.get_ref().trim_start_matches('.');
            if is_ending(text) {
                Ok(text.to_owned())
            } else {
                Err(self.unfit("delivery.ending_unfit", "attach", &ending.span()))
            }
        };
        written.get_ref().iter().map(one).collect::<Result<_, _>>().map(Some)
    }

    /// Returns where a secret is kept: in the one of two places that is given.
    fn source(
        &self,
        name: &str,
        (file, variable): (Option<&Spanned<String>>, Option<&Spanned<String>>),
    ) -> Result<Option<SecretSource>, SettingsFault> {
        match (file, variable) {
            (None, None) => Ok(None),
            (Some(_), Some(second)) => {
                Err(self.unfit("delivery.two_sources", name, &second.span()))
            }
            (Some(file), None) if is_plain(file.get_ref()) => {
                Ok(Some(SecretSource::File(PathBuf::from(file.get_ref()))))
            }
            (Some(file), None) => Err(self.unfit("delivery.blank", name, &file.span())),
            (None, Some(variable)) if is_variable(variable.get_ref()) => {
                Ok(Some(SecretSource::Variable(variable.get_ref().clone())))
            }
            (None, Some(variable)) => {
                Err(self.unfit("delivery.variable_unfit", name, &variable.span()))
            }
        }
    }

    fn required(
        &self,
        key: &str,
        written: Option<&Spanned<String>>,
        is_fit: fn(&str) -> bool,
    ) -> Result<String, SettingsFault> {
        self.optional(key, written, is_fit).map(Option::unwrap_or_default)
    }

    fn optional(
        &self,
        key: &str,
        written: Option<&Spanned<String>>,
        is_fit: fn(&str) -> bool,
    ) -> Result<Option<String>, SettingsFault> {
        let Some(written) = written else { return Ok(None) };
        if is_fit(written.get_ref()) {
            return Ok(Some(written.get_ref().clone()));
        }
        let code = match key {
            "from" => "delivery.address_unfit",
            "server" => "delivery.server_unfit",
            "link" => "delivery.url_unfit",
            _ => "delivery.blank",
        };
        Err(self.unfit(code, key, &written.span()))
    }

    fn number(
        &self,
        key: &str,
        written: Option<&Spanned<u32>>,
        usual: u32,
        max: u32,
    ) -> Result<u32, SettingsFault> {
        let Some(written) = written else { return Ok(usual) };
        let number = *written.get_ref();
        if (1..=max).contains(&number) {
            return Ok(number);
        }
        let reason = Message::new("delivery.number").with("key", key).with("max", max);
        Err(self.fault(&written.span(), reason))
    }

    fn word<T: Copy>(
        &self,
        written: &Spanned<String>,
        all: &[T],
        as_str: fn(T) -> &'static str,
    ) -> Result<T, SettingsFault> {
        let found = all.iter().find(|value| as_str(**value) == written.get_ref());
        found.copied().ok_or_else(|| {
            let known: Vec<&str> = all.iter().map(|value| as_str(*value)).collect();
            let similar = nearest_names(written.get_ref(), known.iter().copied());
            let code = if similar.is_empty() { "delivery.word" } else { "delivery.word_similar" };
            let reason = Message::new(code)
                .with("found", written.get_ref())
                .with("known", name_list(&known))
                .with("similar", name_list(&similar));
            self.fault(&written.span(), reason)
        })
    }
}

/// Whether a text is in one line and not blank.
fn is_plain(text: &str) -> bool {
    !text.trim().is_empty() && !text.chars().any(char::is_control)
}

fn is_short(text: &str) -> bool {
    is_plain(text) && text.chars().count() <= MAX_NAME_CHARS
}

/// Whether a text may be the name or the number of a server. Names beyond ASCII are written as `xn--…`.
fn is_host(text: &str) -> bool {
    let is_part = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
    let is_name = !text.is_empty() && text.bytes().all(is_part);
    is_name || text.parse::<Ipv6Addr>().is_ok()
}

/// Whether a text is the address of a mailbox that every server takes. What could end a command or a header
/// is none.
fn is_mail_address(text: &str) -> bool {
    let is_local = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b);
    let is_domain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
    text.len() <= MAX_ADDRESS_BYTES
        && text.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && local.bytes().all(is_local)
                && !domain.is_empty()
                && domain.bytes().all(is_domain)
        })
}

fn is_variable(text: &str) -> bool {
    let is_part = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    text.bytes().all(is_part) && text.bytes().next().is_some_and(|b| !b.is_ascii_digit())
}

/// Whether a text is an address of the web in one word.
pub(super) fn is_url(text: &str) -> bool {
    let behind = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let is_word = || !text.chars().any(|c| c.is_whitespace() || c.is_control());
    behind.is_some_and(|behind| !behind.is_empty() && !behind.starts_with('/')) && is_word()
}

/// Whether an address may stand in the settings: it has no place for a key.
fn is_open_url(text: &str) -> bool {
    is_url(text) && !text.contains(['?', '@', '#'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Lang;

    fn read(text: &str) -> Result<Vec<Delivery>, SettingsFault> {
        #[derive(Deserialize)]
        struct Settings {
            deliveries: WrittenDeliveries,
        }
        let settings: Settings = toml::from_str(text).unwrap();
        checked(text, &settings.deliveries)
    }

    const MAIL_TEXT: &str = "[deliveries.office]\nkind = \"mail\"\nserver = \"mail.example.cn\"\n\
                             from = \"tb@example.cn\"\nto = [\"a@example.cn\", \"A@example.cn\", \"b@example.cn\"]\n";

    #[test]
    fn a_mail_has_what_is_usual_where_nothing_is_said() {
        let text = format!("{MAIL_TEXT}user = \"tb\"\npassword_file = \"keys/mail\"\n");
        let deliveries = read(&text).unwrap();
        let Way::Mail(mail) = &deliveries[0].way else { panic!("{deliveries:?}") };
        assert_eq!((mail.port, mail.tls), (465, MailTls::Implicit));
        assert_eq!(mail.to, ["a@example.cn", "b@example.cn"]);
        assert_eq!(mail.login, Some(("tb".to_owned(), SecretSource::File("keys/mail".into()))));
        assert_eq!((deliveries[0].kind(), &deliveries[0].attach), ("mail", &None));
        assert!(!deliveries[0].is_in_the_clear());
        let text = format!(
            "{MAIL_TEXT}tls = \"starttls\"\nmax_mb = 1\ntimeout_s = 9\nattach = [\".docx\"]\n"
        );
        let deliveries = read(&text).unwrap();
        let Way::Mail(mail) = &deliveries[0].way else { panic!("{deliveries:?}") };
        assert_eq!((mail.port, mail.max_bytes, mail.login.as_ref()), (587, 1 << 20, None));
        assert_eq!(deliveries[0].timeout, Duration::from_secs(9));
        assert_eq!(deliveries[0].attach, Some(vec!["docx".to_owned()]));
    }

    #[test]
    fn webhooks_keep_their_addresses_elsewhere() {
        let text = "[deliveries.one]\nkind = \"dingtalk\"\nurl_env = \"DING_URL\"\nsecret_file = \"keys/ding\"\n\
                    [deliveries.two]\nkind = \"json\"\nurl = \"https://hook.example.cn/in\"\ntoken_env = \"T\"\n";
        let deliveries = read(text).unwrap();
        let hooks: Vec<&HookWay> = deliveries
            .iter()
            .map(|delivery| match &delivery.way {
                Way::Hook(hook) => hook,
                Way::Mail(mail) => panic!("{mail:?}"),
            })
            .collect();
        assert_eq!(hooks[0].url, Address::Secret(SecretSource::Variable("DING_URL".to_owned())));
        assert_eq!(hooks[0].secret, Some(SecretSource::File("keys/ding".into())));
        assert_eq!(hooks[1].url, Address::Open("https://hook.example.cn/in".to_owned()));
        assert_eq!(hooks[1].secret, Some(SecretSource::Variable("T".to_owned())));
        assert_eq!(deliveries[1].attach, Some(Vec::new()));
    }

    #[track_caller]
    fn check_refused(text: &str, line: usize, code: &str) {
        let fault = read(text).unwrap_err();
        let said = fault.reason.text(Lang::En);
        assert_eq!((fault.line, fault.reason.code), (line, code), "{said}");
        assert!(!said.contains("hunter22"), "{said}");
    }

    #[test]
    fn what_is_no_mail_is_refused_with_its_line() {
        for (more, code) in [
            ("password = \"hunter22\"", "delivery.secret_in_settings"),
            ("url_file = \"hunter22\"", "delivery.key_of_other_kind"),
            ("tls = \"ssl\"", "delivery.word"),
            ("port = 25\nmax_mb = 0", "delivery.number"),
            ("timeout_s = 86400", "delivery.number"),
            ("from_name = \"a\\nBcc: x\"", "delivery.blank"),
            ("attach = [\"*\"]", "delivery.ending_unfit"),
        ] {
            let line = 5 + more.lines().count();
            check_refused(&format!("{MAIL_TEXT}{more}\n"), line, code);
        }
        check_refused(&format!("{MAIL_TEXT}user = \"tb\"\n"), 1, "delivery.login_in_part");
        check_refused(&MAIL_TEXT.replace("server", "#"), 1, "delivery.key_missing");
        check_refused(&MAIL_TEXT.replace("mail\"", "pigeon\""), 2, "delivery.kind_unknown");
        check_refused(&MAIL_TEXT.replace("office", "\"a b\""), 1, "delivery.name_unfit");
        for server in ["a b", "mail.example.cn:587", "[::1]", ""] {
            let text = MAIL_TEXT.replace("mail.example.cn", server);
            check_refused(&text, 3, "delivery.server_unfit");
        }
        for address in ["tb", "tb@", "@x", "a b@x.cn", "a@x.cn>\\r\\nRCPT", "王@x.cn", "a@b@c"] {
            check_refused(
                &MAIL_TEXT.replace("tb@example.cn", address),
                4,
                "delivery.address_unfit",
            );
            check_refused(
                &MAIL_TEXT.replace("b@example.cn\"]", &format!("{address}\"]")),
                5,
                "delivery.address_unfit",
            );
        }
        let none = MAIL_TEXT.split("to =").next().unwrap();
        check_refused(&format!("{none}to = []\n"), 5, "delivery.receivers");
    }

    #[test]
    fn what_is_no_webhook_is_refused_with_its_line() {
        let head = "[deliveries.group]\nkind = \"wecom\"\n";
        check_refused(head, 1, "delivery.one_of");
        let url = "url = \"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=hunter22\"\n";
        check_refused(&format!("{head}{url}"), 3, "delivery.url_in_settings");
        check_refused(&format!("{head}key = \"hunter22\"\n"), 3, "delivery.secret_in_settings");
        check_refused(
            &format!("{head}url_env = \"https://hunter22\"\n"),
            3,
            "delivery.variable_unfit",
        );
        check_refused(
            &format!("{head}url_env = \"U\"\nurl_file = \"f\"\n"),
            3,
            "delivery.two_sources",
        );
        check_refused(&format!("{head}url_env = \"U\"\ntls = \"starttls\"\n"), 4, "delivery.word");
        let head = "[deliveries.hook]\nkind = \"json\"\n";
        check_refused(&format!("{head}{url}"), 3, "delivery.url_unfit");
        check_refused(
            &format!("{head}url = \"http://a.example.cn/in\"\n"),
            3,
            "delivery.url_in_the_clear",
        );
        let clear = format!("{head}url = \"http://a.example.cn/in\"\ntls = \"none\"\n");
        assert!(read(&clear).unwrap()[0].is_in_the_clear());
    }
}
