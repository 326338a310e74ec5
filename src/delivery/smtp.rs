//! A mail on its way to its server: connection, encryption, login, receivers, and the mail itself.
//!
//! The library speaks to the server. How one logs in is decided here: the library would begin with ways that
//! it then cannot go on with, and servers count that as an attempt.

use std::time::Duration;

use mail_send::smtp::AssertReply;
use mail_send::smtp::message::Parameters;
use mail_send::{SmtpClient, SmtpClientBuilder};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use crate::delivery::secret::Hidden;
use crate::delivery::{DeliveryError, MailTls, MailWay, Secret};
use crate::diag::{Message, name_list};
use crate::model::base64;

/// What came of the mail for each receiver, in their order.
pub(super) type Answers = Vec<Result<(), DeliveryError>>;

/// A mail that is ready, and to whom it goes.
pub(super) struct Mail<'a> {
    pub(super) way: &'a MailWay,
    pub(super) password: Option<&'a Secret>,
    pub(super) receivers: &'a [String],
    /// Its bytes.
    pub(super) letter: &'a [u8],
    /// How long all of it may take.
    pub(super) time: Duration,
    /// What the server may say, and we do not repeat.
    pub(super) hidden: Hidden,
}

impl Mail<'_> {
    /// Sends the mail once for all receivers that the server takes. Fails where it goes to none of them.
    pub(super) async fn send(mut self) -> Result<Answers, DeliveryError> {
        if let (Some((user, _)), Some(password)) = (&self.way.login, self.password) {
            self.hidden.add_text(base64(plain_login(user, password).as_bytes()));
        }
        let server = self.server();
        match timeout(self.time, self.talk()).await {
            Ok(outcome) => outcome,
            Err(_) => Err(DeliveryError::Timeout { server, seconds: self.time.as_secs() }),
        }
    }

    fn server(&self) -> String {
        format!("{}:{}", self.way.server, self.way.port)
    }

    async fn talk(&self) -> Result<Answers, DeliveryError> {
        let broken = |error| self.failed(error);
        let stream = self.connected().await?;
        let local = name_of(&stream);
        let mut client = SmtpClient { stream, timeout: self.time };
        match self.way.tls {
            MailTls::None => {
                self.greeted(&mut client).await?;
                self.go_on(client, &local).await
            }
            MailTls::Implicit => {
                let secure = self.secure()?;
                let secured = client.into_tls(&secure.tls_connector, &self.way.server).await;
                let mut client = secured.map_err(broken)?;
                self.greeted(&mut client).await?;
                self.go_on(client, &local).await
            }
            MailTls::StartTls => {
                self.greeted(&mut client).await?;
                if !self.offer(&mut client, &local).await?.has_starttls {
                    return Err(DeliveryError::NoStartTls { server: self.server() });
                }
                let secure = self.secure()?;
                let secured = client.start_tls(&secure.tls_connector, &self.way.server).await;
                // What the server offered before counts for nothing: anybody may have said it.
                self.go_on(secured.map_err(broken)?, &local).await
            }
        }
    }

    /// Returns what has the means to encrypt: the certificates of authorities that the machine knows.
    fn secure(&self) -> Result<SmtpClientBuilder<String>, DeliveryError> {
        SmtpClientBuilder::new(self.way.server.clone(), self.way.port)
            .map_err(|reason| DeliveryError::of_tls(&self.server(), reason))
    }

    async fn greeted<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        client: &mut SmtpClient<S>,
    ) -> Result<(), DeliveryError> {
        let greeting = client.read().await.map_err(|error| self.failed(error))?;
        greeting.assert_positive_completion().map_err(|error| self.failed(error))
    }

    /// Greets the server and returns what it says that it can do.
    async fn offer<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        client: &mut SmtpClient<S>,
        local: &str,
    ) -> Result<Offer, DeliveryError> {
        let broken = |error| self.failed(error);
        let hello = client.cmd(format!("EHLO {local}\r\n")).await.map_err(broken)?;
        Ok(Offer::of(hello.into_positive_completion().map_err(broken)?.message()))
    }

    async fn connected(&self) -> Result<TcpStream, DeliveryError> {
        let failed = |error: &std::io::Error| DeliveryError::of_io(&self.server(), error, false);
        let found = lookup_host((self.way.server.as_str(), self.way.port)).await;
        let mut refused = None;
        for address in found.map_err(|error| failed(&error))? {
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok(stream),
                Err(error) => refused = Some(error),
            }
        }
        let none = || std::io::Error::from(std::io::ErrorKind::HostUnreachable);
        Err(failed(&refused.unwrap_or_else(none)))
    }

    /// Goes on where the connection is as the settings want it: login, receivers, mail.
    async fn go_on<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        mut client: SmtpClient<S>,
        local: &str,
    ) -> Result<Answers, DeliveryError> {
        let broken = |error| self.failed(error);
        let offer = self.offer(&mut client, local).await?;
        if let Some(max) = offer.max_bytes.filter(|max| *max < self.letter.len() as u64) {
            let size = self.letter.len() as u64;
            return Err(DeliveryError::TooLarge { size, max, is_of_server: true });
        }
        if let (Some((user, _)), Some(password)) = (&self.way.login, self.password) {
            self.log_in(&mut client, &offer, (user, password)).await?;
        }
        client.mail_from(&self.way.from, &Parameters::new()).await.map_err(broken)?;
        let mut answers = Answers::new();
        for receiver in self.receivers {
            let command = format!("RCPT TO:<{receiver}>\r\n");
            let reply = client.cmd(command).await.map_err(broken)?;
            let answer = self.hidden.clean(&shown(reply.code, reply.message()));
            answers.push(if reply.is_positive_completion() {
                Ok(())
            } else {
                Err(DeliveryError::ReceiverRefused { receiver: receiver.clone(), answer })
            });
        }
        if answers.iter().any(Result::is_ok) {
            client.data(self.letter).await.map_err(broken)?;
        }
        // The mail is the server's now. Its farewell is not waited for: a server that is slow with it would make
        // a mail that was delivered one that was not.
        client.stream.write_all(b"QUIT\r\n").await.unwrap_or_default();
        client.stream.flush().await.unwrap_or_default();
        Ok(answers)
    }

    async fn log_in<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        client: &mut SmtpClient<S>,
        offer: &Offer,
        (user, password): (&str, &Secret),
    ) -> Result<(), DeliveryError> {
        let broken = |error| self.failed(error);
        let steps = if offer.has("PLAIN") {
            vec![format!("AUTH PLAIN {}\r\n", base64(plain_login(user, password).as_bytes()))]
        } else if offer.has("LOGIN") {
            let encoded = |text: &str| format!("{}\r\n", base64(text.as_bytes()));
            vec!["AUTH LOGIN\r\n".to_owned(), encoded(user), encoded(password.reveal())]
        } else {
            let offered = name_list(&offer.logins);
            return Err(DeliveryError::NoLogin { server: self.server(), offered });
        };
        let last = steps.len() - 1;
        for (idx, step) in steps.into_iter().enumerate() {
            let reply = client.cmd(step).await.map_err(broken)?;
            let wanted = if idx == last { 235 } else { 334 };
            if reply.code != wanted {
                return Err(DeliveryError::LoginRefused {
                    server: self.server(),
                    user: user.to_owned(),
                    answer: self.hidden.clean(&shown(reply.code, reply.message())),
                });
            }
        }
        Ok(())
    }

    fn failed(&self, error: mail_send::Error) -> DeliveryError {
        use mail_send::Error;
        let server = self.server();
        match error {
            Error::Io(error) => DeliveryError::of_io(&server, &error, true),
            Error::Tls(error) => DeliveryError::of_tls(&server, error.to_string()),
            Error::InvalidTLSName => {
                DeliveryError::of_tls(&server, Error::InvalidTLSName.to_string())
            }
            Error::Timeout => DeliveryError::Timeout { server, seconds: self.time.as_secs() },
            Error::MissingStartTls => DeliveryError::NoStartTls { server },
            Error::UnexpectedReply(reply) => {
                let answer = self.hidden.clean(&shown(reply.code, reply.message()));
                DeliveryError::MailRefused { server, answer }
            }
            // A server that ends the connection gives no reply, too.
            _ => DeliveryError::Broken { server, reason: Message::new("delivery.net_closed") },
        }
    }
}

fn shown(code: u16, message: &str) -> String {
    format!("{code} {message}")
}

/// What is sent to log in at once (RFC 4616).
fn plain_login(user: &str, password: &Secret) -> String {
    format!("\0{user}\0{}", password.reveal())
}

/// By what we greet a server: the number of our end of the connection. The name of the machine is nobody's
/// business, and servers that check names often find none of it.
fn name_of(stream: &TcpStream) -> String {
    match stream.local_addr() {
        Ok(address) if address.is_ipv6() => format!("[IPv6:{}]", address.ip()),
        Ok(address) => format!("[{}]", address.ip()),
        Err(_) => "[127.0.0.1]".to_owned(),
    }
}

/// What a server says that it can do.
#[derive(Debug, PartialEq, Eq)]
struct Offer {
    /// Bytes that a mail may have at most; `None` where it does not say.
    max_bytes: Option<u64>,
    /// Ways to log in, in capitals.
    logins: Vec<String>,
    /// Whether it can go on encrypted.
    has_starttls: bool,
}

impl Offer {
    /// Reads the answer to a greeting: the first line names the server, each other one what it can.
    fn of(answer: &str) -> Self {
        let mut offer = Self { max_bytes: None, logins: Vec::new(), has_starttls: false };
        for line in answer.lines().skip(1) {
            // `AUTH=LOGIN` is how servers said it before there was a standard.
            let line = line.to_ascii_uppercase().replace('=', " ");
            let mut words = line.split_whitespace();
            match words.next() {
                Some("SIZE") => {
                    let size = words.next().and_then(|text| text.parse().ok());
                    offer.max_bytes = size.filter(|size| *size > 0);
                }
                Some("STARTTLS") => offer.has_starttls = true,
                Some("AUTH") => offer.logins.extend(words.map(str::to_owned)),
                _ => {}
            }
        }
        offer
    }

    fn has(&self, way: &str) -> bool {
        self.logins.iter().any(|known| known == way)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_is_read_line_by_line() {
        let offer = Offer::of(
            "mail.example.cn\n8BITMIME\nAUTH cram-md5 LOGIN\nAUTH=LOGIN\nsize 1000\nSTARTTLS",
        );
        assert!(offer.has_starttls);
        assert_eq!(offer.max_bytes, Some(1000));
        assert!(offer.has("LOGIN") && !offer.has("PLAIN") && offer.has("CRAM-MD5"));
        let none = Offer::of("AUTH PLAIN\nSIZE\nSIZE 0");
        assert_eq!(none, Offer { max_bytes: None, logins: Vec::new(), has_starttls: false });
    }
}
