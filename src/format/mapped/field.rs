//! What a column or a member can mean, and how such are usually called.

use serde::Deserialize;

/// What a column or a member means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Field {
    /// When it happened.
    Time,
    /// The recipient's address, or several.
    Recipient,
    /// What came of it, in words that the mapping explains.
    Status,
    /// What the server said.
    Reply,
    /// The reply code, where it stands apart.
    Code,
    /// The enhanced status, where it stands apart.
    Enhanced,
    /// The envelope sender.
    Sender,
    /// The Message-ID header.
    MessageId,
    /// The id that all records of one message share.
    QueueId,
    /// The host that answered.
    Relay,
    /// Its address.
    RelayIp,
    /// The address or name that sent.
    Source,
    /// Job, campaign or mailing.
    Campaign,
    /// TLS version of the channel.
    Tls,
    /// The host that wrote the log.
    Host,
    /// Bytes of the message.
    Size,
    /// Seconds since the message was taken.
    Delay,
    /// Milliseconds since the message was taken.
    DelayMs,
}

impl Field {
    /// How many there are.
    pub(super) const COUNT: usize = 18;

    /// All of them, in the order in which a mapping is written.
    pub(super) const ALL: [Self; Self::COUNT] = [
        Self::Time,
        Self::Recipient,
        Self::Status,
        Self::Reply,
        Self::Code,
        Self::Enhanced,
        Self::Sender,
        Self::MessageId,
        Self::QueueId,
        Self::Relay,
        Self::RelayIp,
        Self::Source,
        Self::Campaign,
        Self::Tls,
        Self::Host,
        Self::Size,
        Self::Delay,
        Self::DelayMs,
    ];

    /// Its name in a mapping.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Recipient => "recipient",
            Self::Status => "status",
            Self::Reply => "reply",
            Self::Code => "code",
            Self::Enhanced => "enhanced",
            Self::Sender => "sender",
            Self::MessageId => "message_id",
            Self::QueueId => "queue_id",
            Self::Relay => "relay",
            Self::RelayIp => "relay_ip",
            Self::Source => "source",
            Self::Campaign => "campaign",
            Self::Tls => "tls",
            Self::Host => "host",
            Self::Size => "size",
            Self::Delay => "delay",
            Self::DelayMs => "delay_ms",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_listed_at_their_own_place_and_named_as_they_are_read() {
        for (place, field) in Field::ALL.into_iter().enumerate() {
            assert_eq!(field as usize, place, "{field:?}");
            let read: Field = toml::Value::String(field.name().to_owned()).try_into().unwrap();
            assert_eq!(read, field);
        }
    }
}
