//! How a report that was made comes to its readers beside a folder: by mail, and by messages to the robots of
//! chat groups or to any other webhook.
//!
//! Only this module reaches the network. Its libraries are asynchronous; they run on one thread, in here, until
//! one delivery is over. They look for certificates of authorities where the machine keeps them
//! (`SSL_CERT_FILE` and `SSL_CERT_DIR` win), and the HTTP library goes through the proxy that `HTTPS_PROXY`,
//! `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` name. Mail goes to its server directly.

mod answer;
mod channel;
mod error;
mod hook;
mod letter;
mod parcel;
mod retry;
mod secret;
mod settings;
mod sign;
mod smtp;
#[cfg(test)]
mod tests;
mod way;

pub use channel::{Channel, Outcome};
pub use error::{DeliveryError, SettingsFault};
pub use parcel::{Parcel, ParcelFile};
pub use retry::next_attempt;
pub use secret::{Secret, SecretSource};
pub use settings::{WrittenDeliveries, checked};
pub use way::{Address, Delivery, HookKind, HookWay, MailTls, MailWay, Way};
