//! From an event to the fact that is kept of it.

use std::hash::{BuildHasher, Hash, Hasher};
use std::num::{NonZeroU32, NonZeroU64};

use foldhash::fast::FixedState;
use memchr::memmem;

use super::lexicon::Lexicon;
use super::life::{Effect, Fact, Ticket, arrived};
use super::log::At;
use super::tale::{Tale, Words};
use crate::event::{Event, Head, Key, Target, What};

/// What an event of a message does to the life that it meets; None if it tells of no message.
pub(super) fn effect(what: &What<'_>, at: &At) -> Option<Effect> {
    match what {
        What::Begin { .. } => Some(Effect::Boundary),
        What::MessageId(_) => Some(Effect::Names),
        What::Continues { .. } => Some(Effect::Continues),
        What::Attempt(attempt) => Some(Effect::Tries { arrived: attempt.delay_ms.map(|delay| arrived(at.time, delay)) }),
        What::Reply { .. } | What::Feedback { .. } => Some(Effect::Joins),
        What::Sender { .. }
        | What::Recipient { .. }
        | What::Offered { .. }
        | What::Redirected
        | What::Split
        | What::Campaign(_)
        | What::ReplyAhead { .. }
        | What::GaveUp { .. }
        | What::Cancelled { .. }
        | What::OwnBounce { .. }
        | What::Close(_) => Some(Effect::Belongs),
        What::Channel { .. }
        | What::Start { .. }
        | What::Linked { .. }
        | What::Inbound { .. }
        | What::Repeat { .. }
        | What::Piece { .. }
        | What::Restart => None,
    }
}

/// The fact that an event tells of a message, its text kept in `tale`. None: an attempt, which needs more, or nothing of a message.
pub(super) fn fact(event: &Event<'_>, tale: &mut Tale, lexicon: &mut Lexicon) -> Option<Fact> {
    match event.what {
        What::Begin { origin, .. } => Some(Fact::Begin(origin)),
        What::Sender { address, size, recipients } => {
            let (size, recipients) = (size.and_then(NonZeroU64::new), recipients.and_then(NonZeroU32::new));
            Some(Fact::Sender { address: tale.keep(address), size, recipients })
        }
        What::MessageId(text) => Some(Fact::MessageId(tale.keep(text))),
        What::Redirected => Some(Fact::Redirected),
        What::Split => Some(Fact::Split),
        What::Campaign(text) => Some(Fact::Campaign(lexicon.texts.intern(text))),
        What::Recipient { index, address } => Some(Fact::Recipient { index, address: tale.keep(address) }),
        What::Offered { is_taken, size } => Some(Fact::Offered { is_taken, size: size.and_then(NonZeroU64::new) }),
        What::GaveUp { target } => Some(Fact::GaveUp(tale.keep_whom(&target))),
        What::Cancelled { target } => Some(Fact::Cancelled(tale.keep_whom(&target))),
        What::OwnBounce { .. } => Some(Fact::OwnBounce),
        What::Close(how) => Some(Fact::Close(how)),
        What::Reply { target, reply } => Some(Fact::Reply(words(&target, reply, false, tale, lexicon))),
        What::ReplyAhead { target, reply, speaker } => {
            Some(Fact::ReplyAhead { whom: tale.keep_whom(&target), line: tale.keep(reply), speaker })
        }
        What::Feedback { complaint, recipient, reply } => {
            Some(Fact::Feedback(words(&Target::Address(recipient), reply, complaint, tale, lexicon)))
        }
        What::Continues { previous } => {
            Some(Fact::Continues { previous: tale.keep(previous), ticket: Ticket::new(event.head.pos) })
        }
        What::Attempt(_)
        | What::Channel { .. }
        | What::Start { .. }
        | What::Linked { .. }
        | What::Inbound { .. }
        | What::Repeat { .. }
        | What::Piece { .. }
        | What::Restart => None,
    }
}

fn words(target: &Target<'_>, reply: &[u8], is_complaint: bool, tale: &mut Tale, lexicon: &mut Lexicon) -> u32 {
    let told = lexicon.told(reply);
    let whom = tale.keep_whom(target);
    tale.push_words(Words { whom, told, is_complaint })
}

/// A record without its stamps, as far as it shows where they end: behind the tag of a process, and behind what is but digits and signs.
fn unstamped<'a>(head: &Head<'a>) -> &'a [u8] {
    const TAG_ENDS: &[u8] = b"]: ";
    let tag = head.pid.and_then(|_| memmem::find(head.record, TAG_ENDS));
    let text = tag.and_then(|at| head.record.get(at + TAG_ENDS.len()..)).unwrap_or(head.record);
    let is_of_stamp = |byte: &u8| byte.is_ascii_digit() || b" -+:.,T".contains(byte);
    let stamp = text.iter().take_while(|byte| is_of_stamp(byte)).count();
    text.get(stamp..).unwrap_or_default()
}

/// A number for what an event says, the same in every file that says it: who, of what, and the words. What the file alone
/// adds (its stamps, the process, what it lost) is left out. `before` is what the same record said before.
pub(super) fn print(event: &Event<'_>, at: &At, before: u64) -> u64 {
    let mut hash = FixedState::with_seed(0x7072_696e).build_hasher();
    (at.writer, before).hash(&mut hash);
    // Not every file of a host tells the process. Only a number that is used again needs it.
    let pid = event.head.pid.filter(|_| matches!(event.key, Key::Slot(_)));
    pid.hash(&mut hash);
    std::mem::discriminant(&event.what).hash(&mut hash);
    match event.key {
        Key::Message(id) | Key::Slot(id) => id.hash(&mut hash),
        Key::Whole => unstamped(&event.head).hash(&mut hash),
    }
    match event.what {
        What::Begin { client: text, .. }
        | What::MessageId(text)
        | What::Campaign(text)
        | What::Linked { parent: text }
        | What::Continues { previous: text }
        | What::OwnBounce { about: text }
        | What::Inbound { reply: text }
        | What::Piece { text, .. } => text.hash(&mut hash),
        What::Sender { address, size, recipients } => (address, size, recipients).hash(&mut hash),
        What::Recipient { index, address } => (index, address).hash(&mut hash),
        What::Offered { is_taken, size } => (is_taken, size).hash(&mut hash),
        What::Attempt(attempt) => {
            hash_target(&attempt.target, &mut hash);
            (attempt.original, attempt.slot, attempt.status, attempt.sort, attempt.reply, attempt.delay_ms).hash(&mut hash);
            (attempt.code, attempt.enhanced, attempt.relay).hash(&mut hash);
        }
        What::Reply { target, reply } | What::ReplyAhead { target, reply, .. } => {
            hash_target(&target, &mut hash);
            reply.hash(&mut hash);
        }
        What::GaveUp { target } | What::Cancelled { target } => hash_target(&target, &mut hash),
        What::Feedback { complaint, recipient, reply } => (complaint, recipient, reply).hash(&mut hash),
        What::Close(how) => std::mem::discriminant(&how).hash(&mut hash),
        What::Channel { source, relay, relay_ip, tls } => (source, relay, relay_ip, tls).hash(&mut hash),
        What::Start { message, target, .. } => {
            message.hash(&mut hash);
            hash_target(&target, &mut hash);
        }
        What::Redirected | What::Split | What::Repeat { .. } | What::Restart => {}
    }
    hash.finish()
}

fn hash_target(target: &Target<'_>, hash: &mut impl Hasher) {
    match target {
        Target::Address(address) => address.hash(hash),
        Target::Index(index) => index.hash(hash),
        Target::AllOpen => 1_u8.hash(hash),
        Target::OfSlot => 2_u8.hash(hash),
        Target::Awaited => 3_u8.hash(hash),
        Target::Share(share) => share.hash(hash),
    }
}
