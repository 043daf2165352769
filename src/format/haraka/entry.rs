//! One entry of the log, out of any of its formats.

use std::borrow::Cow;

use memchr::memchr_iter;

use crate::format::cursor::{Cursor, number, split_byte, split_text};

/// What one line says.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry<'a> {
    /// `CONNECTION.TRANSACTION.ITEM`, of which the later parts may be missing; empty for none.
    pub(super) uuid: &'a [u8],
    /// The part of Haraka that wrote it: `core`, `outbound`, a plugin.
    pub(super) origin: &'a [u8],
    /// Its words.
    pub(super) message: Cow<'a, [u8]>,
    /// The members of the record of a delivery.
    pub(super) delivered: Option<Delivered<'a>>,
    /// What stands beside the words, where the format keeps that apart.
    pub(super) fields: Fields<'a>,
}

/// What the records of a reception say beside their words: `code=OK msg="" sender=a@b`, `mid=<a@b> size=256`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fields<'a> {
    /// What the hooks decided.
    pub(super) code: Cow<'a, [u8]>,
    /// What the client was told.
    pub(super) msg: Cow<'a, [u8]>,
    /// Envelope sender.
    pub(super) sender: Cow<'a, [u8]>,
    /// Message-ID with its angle brackets.
    pub(super) mid: Cow<'a, [u8]>,
    /// Bytes.
    pub(super) size: Cow<'a, [u8]>,
}

impl<'a> Fields<'a> {
    /// The fields that `text` is made of.
    pub(super) fn of(text: &'a [u8]) -> Self {
        let mut fields = Self::default();
        pairs(text).for_each(|(name, value)| fields.take(name, value));
        fields
    }

    fn take(&mut self, name: &[u8], value: Cow<'a, [u8]>) {
        match name {
            b"code" => self.code = value,
            b"msg" => self.msg = value,
            b"sender" => self.sender = value,
            b"mid" => self.mid = value,
            b"size" => self.size = value,
            _ => {}
        }
    }
}

/// `delivered file=… domain=… host=… …`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Delivered<'a> {
    /// `ARRIVAL_NEXT_TRIES_PID_RANDOM_COUNTER_HOST`, times in milliseconds.
    pub(super) file: Cow<'a, [u8]>,
    /// Of the recipients.
    pub(super) domain: Cow<'a, [u8]>,
    /// The MX.
    pub(super) host: Cow<'a, [u8]>,
    /// Its address, or the path of a socket.
    pub(super) ip: Cow<'a, [u8]>,
    /// `SMTP` or `LMTP`.
    pub(super) mode: Cow<'a, [u8]>,
    /// `Y` or `N`.
    pub(super) tls: Cow<'a, [u8]>,
    /// The reply without code and enhanced status.
    pub(super) response: Cow<'a, [u8]>,
    /// Seconds since the mail was queued, with a fraction.
    pub(super) delay: Cow<'a, [u8]>,
    /// `ACCEPTED/DEFERRED/REJECTED`, numbers of recipients.
    pub(super) recipients: Cow<'a, [u8]>,
}

impl<'a> Delivered<'a> {
    /// The members of `text`, from `delivered file=` on.
    fn of(text: &'a [u8]) -> Option<Self> {
        let mut delivered = Self::default();
        for (name, value) in pairs(text) {
            let member = match name {
                b"delivered file" => &mut delivered.file,
                b"domain" => &mut delivered.domain,
                b"host" => &mut delivered.host,
                b"ip" => &mut delivered.ip,
                b"mode" => &mut delivered.mode,
                b"tls" => &mut delivered.tls,
                b"response" => &mut delivered.response,
                b"delay" => &mut delivered.delay,
                b"rcpts" => &mut delivered.recipients,
                _ => continue,
            };
            *member = value;
        }
        (!delivered.file.is_empty()).then_some(delivered)
    }
}

/// Brackets before which the entry must begin: what carries a line has few.
const MOST_BRACKETS: usize = 8;

impl<'a> Entry<'a> {
    /// The entry in a line, wherever it begins.
    pub(super) fn of(line: &'a [u8]) -> Option<Self> {
        let line = line.trim_ascii_end();
        let mut brackets = memchr_iter(b'[', line).take(MOST_BRACKETS);
        let entry = brackets.find_map(|at| Self::bracketed(line.get(at..)?)).or_else(|| Self::logfmt(line))?;
        Some(entry.undressed())
    }

    /// `[LEVEL] [UUID] [origin] message`, in colours on a terminal.
    fn bracketed(text: &'a [u8]) -> Option<Self> {
        let mut at = Cursor(text.strip_prefix(b"[")?);
        is_level(at.until(b']')?).then_some(())?;
        at.take(b" [").then_some(())?;
        let uuid = at.until(b']').filter(|uuid| is_uuid(uuid))?;
        at.take(b" [").then_some(())?;
        let origin = at.until(b']')?;
        let message = at.0.trim_ascii_start();
        Some(Self { uuid, origin, message: message.into(), ..Self::default() })
    }

    /// `level=NOTICE uuid=… source=outbound message="…" name=value`
    fn logfmt(line: &'a [u8]) -> Option<Self> {
        let at = memchr::memmem::find(line, b"level=")?;
        let text = line.get(at..)?;
        let mut entry = Self::default();
        let mut is_level = false;
        for (name, value) in pairs(text) {
            match (name, value) {
                (b"level", level) => is_level = self::is_level(&level),
                (b"uuid", Cow::Borrowed(uuid)) => entry.uuid = uuid,
                (b"source" | b"origin", Cow::Borrowed(origin)) => entry.origin = origin,
                (b"message", message) => entry.message = message,
                (name, value) => entry.fields.take(name, value),
            }
        }
        entry.delivered = split_text(text, b"delivered file=").and_then(|(before, _)| Delivered::of(text.get(before.len()..)?));
        (is_level && is_uuid(entry.uuid)).then_some(entry)
    }

    /// Takes off what older versions put before the words, and reads the members of a delivery.
    fn undressed(mut self) -> Self {
        let Cow::Borrowed(mut message) = self.message else { return self };
        if let Some(rest) = message.strip_prefix(b"[outbound] ") {
            (self.origin, message) = (b"outbound", rest);
        }
        if let Some((b"", rest)) = split_byte(message, b'[')
            && let Some((_other_uuid, rest)) = split_text(rest, b"] ")
        {
            message = rest;
        }
        if message.starts_with(b"delivered file=") {
            self.delivered = Delivered::of(message);
        }
        self.message = message.into();
        self
    }

    /// Whether the outbound side wrote it.
    pub(super) fn is_outbound(&self) -> bool {
        self.origin == b"outbound" || self.origin.starts_with(b"outbound/")
    }

    /// Which share of its message an item is, from 1: the last part of the UUID; 0 for none.
    pub(super) fn share(&self) -> u16 {
        let last = self.uuid.rsplit(|&byte| byte == b'.').next().filter(|last| last.len() < self.uuid.len());
        last.and_then(number).and_then(|number| u16::try_from(number).ok()).unwrap_or_default()
    }

    /// Whether it is of an item that no client brought: Haraka's own notifications have no connection.
    pub(super) fn is_of_own_mail(&self) -> bool {
        self.is_outbound() && memchr_iter(b'.', self.uuid).count() == 1
    }

    /// Connection and transaction: what all lines about one message have in common; empty if there is none.
    pub(super) fn message_id(&self) -> &'a [u8] {
        let mut dots = memchr_iter(b'.', self.uuid);
        let Some(_first) = dots.next() else { return b"" };
        let end = dots.next().unwrap_or(self.uuid.len());
        self.uuid.get(..end).unwrap_or_default()
    }
}

/// A UUID with the numbers of transaction and item behind it; `-` for none.
fn is_uuid(text: &[u8]) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_hexdigit() || matches!(byte, b'-' | b'.');
    text == b"-" || text.len() >= 36 && text.iter().all(is_part)
}

fn is_level(word: &[u8]) -> bool {
    matches!(word, b"DATA" | b"PROTOCOL" | b"DEBUG" | b"INFO" | b"NOTICE" | b"WARN" | b"ERROR" | b"CRIT" | b"ALERT" | b"EMERG")
}

/// `name=value name="value with \" escapes" …`; a name may hold blanks.
fn pairs(text: &[u8]) -> impl Iterator<Item = (&[u8], Cow<'_, [u8]>)> {
    let mut at = Cursor(text);
    std::iter::from_fn(move || {
        let name = at.until(b'=')?.trim_ascii_start();
        if !at.take(b"\"") {
            return Some((name, Cow::Borrowed(at.word())));
        }
        let (value, rest) = at.0.split_at_checked(quoted_end(at.0))?;
        at.0 = rest.get(1..).unwrap_or_default();
        Some((name, unescaped(value)))
    })
}

/// Where the quote that ends a quoted value is; the end of the text if it is cut.
fn quoted_end(text: &[u8]) -> usize {
    let mut is_escaped = false;
    let end = text.iter().position(|&byte| {
        let ends = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        ends
    });
    end.unwrap_or(text.len())
}

/// A value without the backslashes before quotes and backslashes.
fn unescaped(value: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'\\', value).is_none() {
        return Cow::Borrowed(value);
    }
    let mut plain = Vec::with_capacity(value.len());
    let mut bytes = value.iter().copied();
    while let Some(byte) = bytes.next() {
        plain.push(if byte == b'\\' { bytes.next().unwrap_or(byte) } else { byte });
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_end_at_a_blank_or_at_their_quote() {
        let text = br#"delivered file=1_2 domain=b.example host="m x" response="250 \"ok\" a\\b" delay="" end"#;
        let found: Vec<(&[u8], Cow<'_, [u8]>)> = pairs(text).collect();
        let found: Vec<(&[u8], &[u8])> = found.iter().map(|(name, value)| (*name, &**value)).collect();
        assert_eq!(
            found,
            [
                (&b"delivered file"[..], &b"1_2"[..]),
                (b"domain", b"b.example"),
                (b"host", b"m x"),
                (b"response", br#"250 "ok" a\b"#),
                (b"delay", b""),
            ]
        );
    }

    #[test]
    fn a_message_is_connection_and_transaction() {
        let id = |uuid: &'static str| Entry { uuid: uuid.as_bytes(), ..Entry::default() }.message_id();
        assert_eq!((id("A-B.1.2"), id("A-B.1"), id("A-B"), id("-")), (&b"A-B.1"[..], &b"A-B.1"[..], &b""[..], &b""[..]));
    }

    #[test]
    fn the_last_part_is_the_share() {
        let share = |uuid: &'static str| Entry { uuid: uuid.as_bytes(), ..Entry::default() }.share();
        assert_eq!((share("A-B.1.12"), share("A-B.3"), share("A-B"), share("12"), share("A.1.x")), (12, 3, 0, 0, 0));
    }
}
