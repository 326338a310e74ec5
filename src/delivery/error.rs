//! What is wrong with a delivery in the settings, and why one failed.

use std::io::{self, ErrorKind};

use crate::diag::{Diagnose, Message, impl_error, io_reason};

/// A delivery in the settings is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsFault {
    /// Line of the settings, from 1.
    pub line: usize,
    /// What is wrong.
    pub reason: Message,
}

/// Something was not delivered. No field has a secret, and no address of a webhook is whole.
#[derive(Debug)]
pub enum DeliveryError {
    /// The address of a webhook, as it is kept, is none.
    AddressUnfit,
    /// The address of a webhook is one without encryption, and the settings do not allow that.
    AddressInTheClear {
        /// Its host.
        server: String,
    },
    /// The libraries could not be started.
    Start {
        /// What they say.
        reason: String,
    },
    /// The server could not be reached.
    Unreachable {
        /// Its name and port.
        server: String,
        /// Why not.
        reason: Message,
    },
    /// The connection ended before everything was said.
    Broken {
        /// Its name and port.
        server: String,
        /// What is known of it.
        reason: Message,
    },
    /// It took too long.
    Timeout {
        /// Its name and port.
        server: String,
        /// Seconds that it was given.
        seconds: u64,
    },
    /// There is no encrypted connection.
    Tls {
        /// Its name and port.
        server: String,
        /// What the library says.
        reason: String,
        /// Whether it is the certificate.
        is_certificate: bool,
    },
    /// The mail server knows no STARTTLS.
    NoStartTls {
        /// Its name and port.
        server: String,
    },
    /// The mail server knows no way to log in that we know.
    NoLogin {
        /// Its name and port.
        server: String,
        /// Ways that it knows.
        offered: String,
    },
    /// The mail server does not let us in.
    LoginRefused {
        /// Its name and port.
        server: String,
        /// As whom.
        user: String,
        /// What it answered.
        answer: String,
    },
    /// The mail server takes nothing for a receiver.
    ReceiverRefused {
        /// The receiver.
        receiver: String,
        /// What it answered.
        answer: String,
    },
    /// The mail server refused a command or the mail.
    MailRefused {
        /// Its name and port.
        server: String,
        /// What it answered.
        answer: String,
    },
    /// The mail has more bytes than it may have.
    TooLarge {
        /// Bytes of the mail.
        size: u64,
        /// Bytes that it may have.
        max: u64,
        /// Whether the server says so, and not the settings.
        is_of_server: bool,
    },
    /// The answer has another status than one of success.
    Status {
        /// Host of the webhook.
        server: String,
        /// The status.
        status: u16,
        /// What it answered.
        answer: String,
    },
    /// The answer is none that the service gives.
    AnswerUnknown {
        /// Host of the webhook.
        server: String,
        /// What it answered.
        answer: String,
    },
    /// The service answered that it did not take the message.
    ServiceRefused {
        /// Host of the webhook.
        server: String,
        /// Its code.
        code: String,
        /// Its words.
        answer: String,
    },
}

impl_error!(DeliveryError);

impl DeliveryError {
    /// Returns what came of a connection that failed with an error of the system.
    pub(super) fn of_io(server: &str, error: &io::Error, is_connected: bool) -> Self {
        let (server, reason) = (server.to_owned(), network_reason(error));
        if is_connected {
            Self::Broken { server, reason }
        } else {
            Self::Unreachable { server, reason }
        }
    }

    /// Returns that there is no encrypted connection, with what the library says about it.
    pub(super) fn of_tls(server: &str, reason: String) -> Self {
        let is_certificate = reason.contains("certificate");
        Self::Tls { server: server.to_owned(), reason, is_certificate }
    }
}

/// What a network does beside what a disk does, in words both languages have.
fn network_reason(error: &io::Error) -> Message {
    let code = match error.kind() {
        ErrorKind::ConnectionRefused => "delivery.net_refused",
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => "delivery.net_reset",
        ErrorKind::UnexpectedEof => "delivery.net_closed",
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => "delivery.net_unreachable",
        _ if error.to_string().contains("failed to lookup address") => "delivery.net_name",
        _ => return io_reason(error),
    };
    Message::new(code)
}

/// Megabytes with one digit, rounded up.
fn megabytes(bytes: u64) -> String {
    let tenths = (bytes * 10).div_ceil(1 << 20);
    format!("{}.{}", tenths / 10, tenths % 10)
}

impl Diagnose for DeliveryError {
    fn message(&self) -> Message {
        let about = |code, server: &str| Message::new(code).with("server", server);
        match self {
            Self::AddressUnfit => Message::new("delivery.address_kept_unfit"),
            Self::AddressInTheClear { server } => about("delivery.address_in_the_clear", server),
            Self::Start { .. } => Message::new("delivery.start"),
            Self::Unreachable { server, .. } => about("delivery.unreachable", server),
            Self::Broken { server, .. } => about("delivery.broken", server),
            Self::Timeout { server, seconds } => {
                about("delivery.timeout", server).with("seconds", seconds)
            }
            Self::Tls { server, is_certificate: true, .. } => about("delivery.certificate", server),
            Self::Tls { server, .. } => about("delivery.tls", server),
            Self::NoStartTls { server } => about("delivery.no_starttls", server),
            Self::NoLogin { server, offered } => {
                about("delivery.no_login", server).with("offered", offered)
            }
            Self::LoginRefused { server, user, .. } => {
                about("delivery.login_refused", server).with("user", user)
            }
            Self::ReceiverRefused { receiver, .. } => {
                Message::new("delivery.receiver_refused").with("receiver", receiver)
            }
            Self::MailRefused { server, .. } => about("delivery.mail_refused", server),
            Self::TooLarge { size, max, is_of_server } => {
                let code =
                    if *is_of_server { "delivery.too_large_server" } else { "delivery.too_large" };
                Message::new(code).with("size", megabytes(*size)).with("max", megabytes(*max))
            }
            Self::Status { server, status, .. } => {
                about("delivery.status", server).with("status", status)
            }
            Self::AnswerUnknown { server, .. } => about("delivery.answer_unknown", server),
            Self::ServiceRefused { server, code, .. } => {
                about("delivery.service_refused", server).with("code", code)
            }
        }
    }

    fn causes(&self) -> Vec<Message> {
        match self {
            Self::Start { reason } | Self::Tls { reason, .. } => {
                vec![Message::new("io.other").with("reason", reason)]
            }
            Self::Unreachable { reason, .. } | Self::Broken { reason, .. } => vec![reason.clone()],
            Self::LoginRefused { answer, .. }
            | Self::ReceiverRefused { answer, .. }
            | Self::MailRefused { answer, .. }
            | Self::Status { answer, .. }
            | Self::AnswerUnknown { answer, .. }
            | Self::ServiceRefused { answer, .. }
                if !answer.is_empty() =>
            {
                vec![Message::new("delivery.answered").with("answer", answer)]
            }
            _ => Vec::new(),
        }
    }
}
