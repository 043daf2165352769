//! Recipients whom the appliance takes out of its queue without a delivery: the operator's `deleterecipients`, the list of those who never get
//! mail (global unsubscribe), a query of the directory while a mail is worked on, the appliance's own quarantine for spam. Without these
//! lines `Message finished` would leave their outcome unknown.

use super::super::cursor::{skip_blanks, split_text};
use super::mail::{Mail, plain};
use super::words::{numbered, recipients};
use crate::event::{Attempt, Closing, Key, Kind, Sort, Speaker, Status, Target, What};

/// What follows the number of a mail of which nothing leaves: content filters, policies, quarantines. `Message finished` comes behind it.
pub(super) const OUT: [&[u8]; 3] = [b"was dropped by ", b"was bounced by ", b"deleted from all quarantines"];

/// `MID m over RPC completed on connection c`: how releases until 4.7 say that a mail is in the quarantine for spam.
pub(super) fn quarantined(mail: &mut Mail<'_, '_>, text: &[u8]) -> Option<Kind> {
    let (id, rest) = numbered(text, b"MID")?;
    rest.starts_with(b" over RPC completed").then_some(())?;
    mail.say(Key::Message(id), What::Close(Closing::Cancelled));
    Some(Kind::Context)
}

/// Lines that begin with `RPC`, `Global unsubscribe` or `LDAP`.
pub(super) fn read(mail: &mut Mail<'_, '_>, text: &[u8]) -> Option<Kind> {
    if let Some(rest) = text.strip_prefix(b"RPC Message done ") {
        // All that are still open go to the quarantine; what is released from it begins anew under another number.
        let (id, _) = numbered(rest, b"MID")?;
        mail.say(Key::Message(id), What::Close(Closing::Cancelled));
        return Some(Kind::Context);
    }
    if let Some(entry) = text.strip_prefix(b"Global unsubscribe matched entry ") {
        let (id, _) = numbered(entry, b"MID")?;
        unsubscribed(mail, Key::Message(id), entry);
        return Some(Kind::Context);
    }
    queried(mail, text.strip_prefix(b"LDAP: ")?)
}

/// `MID m to [0, 1]`
pub(super) fn deleted(mail: &mut Mail<'_, '_>, text: &[u8]) -> Option<Kind> {
    let (id, rest) = numbered(text, b"MID")?;
    let rest = skip_blanks(rest).strip_prefix(b"to ")?;
    let (indices, _) = recipients(rest.strip_prefix(b"RID ").unwrap_or(rest))?;
    for index in indices {
        mail.say(Key::Message(id), What::Cancelled { target: Target::Index(index) });
    }
    Some(Kind::Context)
}

/// `ENTRY [MID: m ]RID[:] k Address[:] a[ Action dropped|bounced]`. A bounce has a line of its own.
pub(super) fn unsubscribed(mail: &mut Mail<'_, '_>, key: Key<'_>, entry: &[u8]) {
    if let Some((index, rest)) = index(entry)
        && split_text(rest, b" Action bounced").is_none()
    {
        mail.say(key, What::Cancelled { target: Target::Index(index) });
    }
}

/// `Drop query NAME MID m RID k address a`, `Bounce query …`: he is not in the directory. `unable to process, MID m bouncing
/// recipients`: it did not answer. Other queries change nothing that is counted.
fn queried(mail: &mut Mail<'_, '_>, text: &[u8]) -> Option<Kind> {
    let is_of_all = text.starts_with(b"unable to process, ");
    let is_bounce = is_of_all || text.starts_with(b"Bounce query ");
    if !is_bounce && !text.starts_with(b"Drop query ") {
        return None;
    }
    let (id, rest) = numbered(text, b"MID")?;
    let target = if is_of_all {
        rest.starts_with(b" bouncing recipients").then_some(Target::AllOpen)?
    } else {
        Target::Index(index(rest)?.0)
    };
    if !is_bounce {
        mail.say(Key::Message(id), What::Cancelled { target });
        return Some(Kind::Context);
    }
    let attempt = Attempt { sort: Sort::Own, speaker: Speaker::Own, reply: text, ..plain(target, b"", Status::Failed) };
    mail.say(Key::Message(id), What::Attempt(Attempt { times: mail.times, ..attempt }));
    Some(Kind::Delivery)
}

/// The number of a recipient behind `RID`, and what follows it.
fn index(text: &[u8]) -> Option<(u32, &[u8])> {
    let (digits, rest) = numbered(text, b"RID")?;
    let index = super::super::cursor::number(digits)?;
    Some((u32::try_from(index).ok()?, rest))
}
