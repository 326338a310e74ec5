//! A delivery with its secrets: what sends.

use std::future::Future;

use crate::delivery::hook::Post;
use crate::delivery::letter::letter;
use crate::delivery::secret::Hidden;
use crate::delivery::smtp::{Answers, Mail};
use crate::delivery::{
    Address, Delivery, DeliveryError, Parcel, ParcelFile, Secret, SecretSource, Way,
};
use crate::diag::{Diagnose, Message};

/// What came of a delivery for one receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The receiver, as [`Delivery::receivers`] names it.
    pub receiver: String,
    /// Why nothing came to it: what failed, then its causes.
    pub result: Result<(), Vec<Message>>,
}

/// A delivery that is ready to send.
#[derive(Debug)]
pub struct Channel<'a> {
    delivery: &'a Delivery,
    /// The password, or the address of a webhook where it is kept elsewhere.
    key: Option<Secret>,
    /// The secret of a sign, or a token.
    second: Option<Secret>,
}

impl Delivery {
    /// Returns who gets what is delivered: the addresses of a mail, or the one webhook by its kind.
    pub fn receivers(&self) -> Vec<String> {
        match &self.way {
            Way::Mail(mail) => mail.to.clone(),
            Way::Hook(hook) => vec![hook.kind.as_str().to_owned()],
        }
    }

    /// Makes the delivery ready: `read` gets the secrets from where they are kept.
    pub fn open<E>(
        &self,
        mut read: impl FnMut(&SecretSource) -> Result<Secret, E>,
    ) -> Result<Channel<'_>, E> {
        let (key, second) = match &self.way {
            Way::Mail(mail) => (mail.login.as_ref().map(|(_, password)| password), None),
            Way::Hook(hook) => match &hook.url {
                Address::Open(_) => (None, hook.secret.as_ref()),
                Address::Secret(source) => (Some(source), hook.secret.as_ref()),
            },
        };
        Ok(Channel {
            delivery: self,
            key: key.map(&mut read).transpose()?,
            second: second.map(&mut read).transpose()?,
        })
    }
}

impl Channel<'_> {
    /// Sends a parcel to some of the receivers, once; all of them are told of.
    pub fn deliver(&self, parcel: &Parcel<'_>, receivers: &[String]) -> Vec<Outcome> {
        let attached = parcel.attached(self.delivery.attach.as_deref());
        let answers = match &self.delivery.way {
            Way::Mail(_) => self.mailed(parcel, &attached, receivers),
            Way::Hook(_) => self.posted(parcel, &attached).map(|()| vec![Ok(())]),
        };
        let reasons = |error: DeliveryError| {
            std::iter::once(error.message()).chain(error.causes()).collect::<Vec<_>>()
        };
        let answers: Vec<Result<(), Vec<Message>>> = match answers {
            Ok(answers) => answers.into_iter().map(|answer| answer.map_err(reasons)).collect(),
            Err(error) => vec![Err(reasons(error)); receivers.len()],
        };
        let told = receivers.iter().zip(answers);
        told.map(|(receiver, result)| Outcome { receiver: receiver.clone(), result }).collect()
    }

    fn mailed(
        &self,
        parcel: &Parcel<'_>,
        attached: &[&ParcelFile],
        receivers: &[String],
    ) -> Result<Answers, DeliveryError> {
        let Delivery { name, way: Way::Mail(way), timeout, .. } = self.delivery else {
            return Ok(Answers::new());
        };
        let letter = letter(way, name, parcel, (attached, receivers));
        let size = letter.len() as u64;
        if size > way.max_bytes {
            let max = way.max_bytes;
            return Err(DeliveryError::TooLarge { size, max, is_of_server: false });
        }
        let mut hidden = Hidden::default();
        self.key.iter().for_each(|password| hidden.add(password));
        let mail = Mail {
            way,
            password: self.key.as_ref(),
            receivers,
            letter: &letter,
            time: *timeout,
            hidden,
        };
        run(mail.send())
    }

    fn posted(&self, parcel: &Parcel<'_>, attached: &[&ParcelFile]) -> Result<(), DeliveryError> {
        let Delivery { way: Way::Hook(way), timeout, .. } = self.delivery else { return Ok(()) };
        let url = match (&way.url, &self.key) {
            (Address::Open(url), _) => url,
            (Address::Secret(_), Some(kept)) => kept.reveal(),
            (Address::Secret(_), None) => return Err(DeliveryError::AddressUnfit),
        };
        let mut hidden = Hidden::default();
        hidden.add_address(url);
        self.second.iter().for_each(|secret| hidden.add(secret));
        let post = Post { way, url, secret: self.second.as_ref(), time: *timeout, hidden };
        run(post.send(parcel, attached))
    }
}

/// Runs one delivery to its end on this thread.
fn run<T>(delivery: impl Future<Output = Result<T, DeliveryError>>) -> Result<T, DeliveryError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| DeliveryError::Start { reason: error.to_string() })?;
    let outcome = runtime.block_on(delivery);
    // Names are looked up on a thread of their own, which cannot be ended and is not waited for.
    runtime.shutdown_background();
    outcome
}
