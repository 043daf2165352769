//! What most services say of one message: a meaning, and the fields that go with it. From there to events is the same for all.

use super::{Telling, Value, address};
use crate::event::{Attempt, Enhanced, Kind, Micros, Sort, Speaker, Status, What};
use crate::format::said::{Said, attempt, said, sort};

/// What an event of a service means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The service took the mail from us.
    Accepted,
    /// It tried to hand it on, and this came of it.
    Tried(Status),
    /// It refused to send it: suppressed, or against its rules.
    NotSent,
    /// A bounce came back after the delivery.
    BouncedLater,
    /// The recipient complained.
    Complaint,
    /// Opened, clicked, unsubscribed, or nothing of a delivery.
    Aside,
}

/// One event of a service. What the service does not say stays empty.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Story<'r> {
    /// The service: the instance of its events, since it names no host.
    pub(crate) service: &'r str,
    /// The host that wrote the log; most services name none.
    pub(crate) host: &'r [u8],
    /// When it happened.
    pub(crate) time: Option<Micros>,
    /// The message.
    pub(crate) id: &'r Value<'r>,
    /// Its envelope sender.
    pub(crate) sender: &'r Value<'r>,
    /// Its size in bytes.
    pub(crate) size: Option<u64>,
    /// For whom: each recipient has an attempt of its own.
    pub(crate) recipients: &'r [Value<'r>],
    /// Its Message-ID header.
    pub(crate) message_id: &'r Value<'r>,
    /// Its campaign.
    pub(crate) campaign: &'r Value<'r>,
    /// The reply code that stands in a field of its own.
    pub(crate) code: Option<u16>,
    /// The enhanced status that does.
    pub(crate) enhanced: Option<Enhanced>,
    /// The reply, or the service's own words.
    pub(crate) words: &'r str,
    /// Who spoke, if that is known better than by the words.
    pub(crate) speaker: Option<Speaker>,
    /// The host that answered.
    pub(crate) relay: &'r [u8],
    /// Its address.
    pub(crate) relay_ip: &'r [u8],
    /// The address or name that sent.
    pub(crate) source: &'r [u8],
    /// TLS version of the channel.
    pub(crate) tls: &'r [u8],
    /// Since the service took it.
    pub(crate) delay_ms: Option<i64>,
}

/// Stands for what is not said.
pub(crate) const NOTHING: &Value<'static> = &Value::Nothing;

impl<'r> Story<'r> {
    /// A story of which nothing is known yet.
    pub(crate) fn of(service: &'r str) -> Self {
        Self {
            service,
            host: b"",
            time: None,
            id: NOTHING,
            sender: NOTHING,
            size: None,
            recipients: &[],
            message_id: NOTHING,
            campaign: NOTHING,
            code: None,
            enhanced: None,
            words: "",
            speaker: None,
            relay: b"",
            relay_ip: b"",
            source: b"",
            tls: b"",
            delay_ms: None,
        }
    }

    /// Tells it.
    pub(crate) fn tell(&self, meaning: Meaning, telling: &mut Telling<'_>) -> Kind {
        telling.id.clear();
        self.id.write(telling.id);
        self.tell_keyed(meaning, telling)
    }

    /// Tells it of the message whose id was put into `telling.id`.
    pub(crate) fn tell_keyed(&self, meaning: Meaning, telling: &mut Telling<'_>) -> Kind {
        let (mut message, buffer) = telling.keyed(self.host, self.service, self.time);
        let is_report = matches!(meaning, Meaning::BouncedLater | Meaning::Complaint);
        if meaning == Meaning::Aside {
            return Kind::Other;
        }
        if !is_report {
            message.sender(self.sender, self.size);
            message.campaign(self.campaign);
        }
        let words = said(self.code, self.enhanced, self.words.as_bytes(), buffer);
        // An event without a recipient is an event still.
        let recipients = if self.recipients.is_empty() { std::slice::from_ref(NOTHING) } else { self.recipients };
        for recipient in recipients {
            match meaning {
                Meaning::Accepted => message.recipient(recipient),
                Meaning::Tried(status) => message.attempt(self.attempt(recipient, status, &words)),
                Meaning::NotSent => message.attempt(Attempt {
                    sort: Sort::NotSent,
                    speaker: Speaker::Own,
                    ..self.attempt(recipient, Status::Failed, &words)
                }),
                Meaning::BouncedLater | Meaning::Complaint => {
                    message.feedback(meaning == Meaning::Complaint, recipient, words.reply);
                }
                Meaning::Aside => {}
            }
        }
        // Who took the mail is not told by all: sites choose which events they get.
        if matches!(meaning, Meaning::Accepted | Meaning::Tried(_)) {
            let id = address(self.message_id.text());
            if !id.is_empty() {
                message.say(What::MessageId(id));
            }
        }
        if matches!(meaning, Meaning::Tried(_)) { Kind::Delivery } else { Kind::Context }
    }

    fn attempt<'a>(&'a self, recipient: &'a Value<'_>, status: Status, words: &Said<'a>) -> Attempt<'a> {
        let speaker = match self.speaker {
            Some(speaker) => speaker,
            None if status == Status::Delivered => Speaker::Remote,
            None => words.speaker,
        };
        Attempt {
            sort: sort(status, speaker),
            speaker,
            code: words.code.filter(|_| speaker == Speaker::Remote),
            relay: self.relay,
            relay_ip: self.relay_ip,
            source: self.source,
            tls: self.tls,
            delay_ms: self.delay_ms.filter(|delay| *delay >= 0),
            ..attempt(address(recipient.text()), status, words)
        }
    }
}
