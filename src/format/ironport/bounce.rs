//! Bounced, delayed, possibly delivered: a line for one recipient that has the reply. In the mail log, and with addresses in place of
//! numbers in the bounce log.

use memchr::memmem::find;

use super::super::cursor::{Cursor, split_byte, split_text};
use super::super::numbers;
use super::literal::{self, Reply};
use super::mail::{Mail, plain, reason, without_reply};
use super::words::{address, numbered, recipients};
use crate::event::{Attempt, Enhanced, Key, Kind, Sort, Speaker, Stage, Status, Target, What};

/// What follows `Bounced: ` and the like.
pub(super) fn read(mail: &mut Mail<'_, '_>, status: Status, text: &[u8]) -> Option<Kind> {
    if let Some(kind) = of_bounce_log(mail, status, text) {
        return Some(kind);
    }
    let (slot, rest) = numbered(text, b"DCID").unwrap_or((b"", text));
    let (id, rest) = numbered(rest, b"MID").or_else(|| numbered(rest, b"Message"))?;
    let mut at = Cursor(rest);
    let sender = behind(&mut at, b"From:");
    let recipient = behind(&mut at, b"To:");
    at.blanks();
    at.take(b"to ");
    at.take(b"RID ");
    let (indices, rest) = recipients(at.0)?;
    let (own, reason) = reason(rest.strip_prefix(b" - ").unwrap_or(rest));
    let told = Told::new(status, own, literal::reply(reason), without_reply(reason));
    let key = Key::Message(id);
    if let Some(address) = sender {
        mail.say(key, What::Sender { address, size: None, recipients: None });
    }
    for index in indices {
        if let Some(address) = recipient {
            mail.say(key, What::Recipient { index: Some(index), address });
        }
        let target = recipient.map_or(Target::Index(index), Target::Address);
        told.attempt(mail, key, target, slot);
    }
    Some(Kind::Delivery)
}

/// The address behind a name, with or without a blank between them.
fn behind<'a>(at: &mut Cursor<'a>, name: &[u8]) -> Option<&'a [u8]> {
    at.blanks();
    at.take(name).then(|| {
        at.blanks();
        address(at)
    })
}

/// `MID:RID From:<s> To:<r> Reason: "5.1.0 - Unknown address error" Response: "('550', ['text'])"[ Headers: …]`
fn of_bounce_log(mail: &mut Mail<'_, '_>, status: Status, text: &[u8]) -> Option<Kind> {
    let (id, rest) = split_byte(text, b':')?;
    if id.is_empty() || !id.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let (mut indices, rest) = recipients(rest)?;
    let mut at = Cursor(rest.strip_prefix(b" From:")?);
    let sender = address(&mut at);
    at.blanks();
    at.take(b"To:").then_some(())?;
    let recipient = address(&mut at);
    // Cut before the reason, the line still says whom it is about.
    let why = || {
        let (_, rest) = split_text(at.0, b"Reason:")?;
        let (_, rest) = split_byte(rest, b'"')?;
        split_text(rest, b"\" Response: ").or_else(|| split_byte(rest, b'"'))
    };
    let (words, rest) = why().unwrap_or_default();
    let (own, words) = reason(words);
    let told = Told::new(status, own, literal::reply(rest), words);
    let key = Key::Message(id);
    mail.say(key, What::Sender { address: sender, size: None, recipients: None });
    if let Some(index) = indices.next() {
        mail.say(key, What::Recipient { index: Some(index), address: recipient });
    }
    told.attempt(mail, key, Target::Address(recipient), b"");
    Some(Kind::Delivery)
}

/// The most bytes of a reply that are kept: all recipients of a record share it, and both are as long as a stranger made them.
pub(super) const LONGEST_REPLY: usize = 4 << 10;

/// What became of a try, and why.
pub(super) struct Told {
    pub(super) status: Status,
    pub(super) speaker: Speaker,
    pub(super) code: Option<u16>,
    pub(super) enhanced: Option<Enhanced>,
    pub(super) reply: Vec<u8>,
}

impl Told {
    /// `own`: how the appliance itself reads the reply, which is the same for nearly all of them.
    pub(super) fn new(status: Status, own: Option<Enhanced>, reply: Option<Reply>, reason: &[u8]) -> Self {
        // Cut before it says why: it may have been age.
        let is_cut = status == Status::Failed && own.is_none() && reply.is_none();
        let Reply { code, mut text } = reply.unwrap_or(Reply { code: None, text: Vec::new() });
        text.truncate(LONGEST_REPLY);
        let sent = match numbers::code(&text) {
            Some((_, rest)) => numbers::enhanced(rest),
            None => None,
        };
        let speaker = match status {
            // The connection died behind the data.
            Status::Unknown if code.is_none() => Speaker::Connection,
            Status::Unknown | Status::Delivered | Status::Deferred | Status::Failed | Status::Expired => {
                speaker(code, &text, own)
            }
        };
        if text.is_empty() {
            text.extend_from_slice(reason.get(..LONGEST_REPLY).unwrap_or(reason));
        }
        let is_too_old = own == Some(Enhanced { class: 5, subject: 4, detail: 7 });
        let status = match status {
            Status::Failed if is_too_old => Status::Expired,
            Status::Failed if is_cut => Status::Unknown,
            Status::Failed | Status::Delivered | Status::Deferred | Status::Expired | Status::Unknown => status,
        };
        Self { status, speaker, code, enhanced: sent.or(own), reply: text }
    }

    fn attempt(&self, mail: &mut Mail<'_, '_>, key: Key<'_>, target: Target<'_>, slot: &[u8]) {
        let is_asked = slot != b"0" || matches!(self.speaker, Speaker::Remote | Speaker::Dns);
        let attempt = Attempt {
            sort: if is_asked { Sort::Real } else { Sort::Own },
            speaker: self.speaker,
            stage: if self.status == Status::Unknown { Stage::EndOfData } else { Stage::Unknown },
            code: self.code,
            enhanced: self.enhanced,
            reply: &self.reply,
            times: mail.times,
            ..plain(target, slot, self.status)
        };
        mail.say(key, What::Attempt(attempt));
    }
}

/// Without a code no server answered, and the words tell why.
fn speaker(code: Option<u16>, text: &[u8], own: Option<Enhanced>) -> Speaker {
    let has = |words: &[u8]| find(text, words).is_some();
    if code.is_some() {
        Speaker::Remote
    } else if has(b"DNS ")
        || has(b"NXDomain")
        || (text.is_empty() && own.is_some_and(|own| (own.subject, own.detail) == (1, 2)))
    {
        Speaker::Dns
    } else if text.is_empty() {
        Speaker::Own
    } else {
        Speaker::Connection
    }
}
