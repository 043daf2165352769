//! Events as lines of text: what a fixture expects.

use std::fmt::Write as _;

use bstr::BStr;
use jiff::Timestamp;
use mailtally::event::{Attempt, Event, Head, Key, Share, Sink, Target, What};

/// Writes events as lines.
#[derive(Default)]
pub(crate) struct Rendering(pub(crate) String);

impl Sink for Rendering {
    fn event(&mut self, event: &Event<'_>) {
        let Event { head, key, what } = event;
        writeln!(self.0, "    {} {} {}", show_head(head), show_key(key), show_what(what)).unwrap();
    }
}

/// What is not logged shows as `-`.
fn show(text: &[u8]) -> String {
    if text.is_empty() { "-".to_owned() } else { BStr::new(text).to_string() }
}

fn show_head(head: &Head<'_>) -> String {
    let time = head.time.map_or("-".to_owned(), |at| Timestamp::from_microsecond(at.0).unwrap().to_string());
    let pid = head.pid.map_or(String::new(), |pid| format!("[{pid}]"));
    format!("{time} {} {}{pid}", show(head.host), show(head.instance))
}

fn show_key(key: &Key<'_>) -> String {
    match key {
        Key::Message(id) => show(id),
        Key::Slot(slot) => format!("slot {}", show(slot)),
        Key::Whole => "whole".to_owned(),
    }
}

fn show_target(target: &Target<'_>) -> String {
    match target {
        Target::Address(address) => format!("<{}>", BStr::new(address)),
        Target::Index(index) => format!("recipient {index}"),
        Target::AllOpen => "all open".to_owned(),
        Target::Awaited => "all awaited".to_owned(),
        Target::Share(Share { number, domain, count, of }) => format!("share {number} {} {count} of {of}", show(domain)),
        Target::OfSlot => "the slot's".to_owned(),
    }
}

fn show_what(what: &What<'_>) -> String {
    match what {
        What::Begin { origin, client } => format!("begin {origin:?} {}", show(client)),
        What::Sender { address, size, recipients } => {
            format!("sender <{}> size {size:?} recipients {recipients:?}", BStr::new(address))
        }
        What::MessageId(id) => format!("message-id {}", show(id)),
        What::Recipient { index, address } => format!("recipient {index:?} <{}>", BStr::new(address)),
        What::Offered { is_taken, size } => format!("offered taken {is_taken} size {size:?}"),
        What::Redirected => "redirected".to_owned(),
        What::Split => "split".to_owned(),
        What::Campaign(name) => format!("campaign {}", show(name)),
        What::Channel { source, relay, relay_ip, tls } => {
            format!("channel from {} to {} [{}] tls {}", show(source), show(relay), show(relay_ip), show(tls))
        }
        What::Start { message, target, sort } => format!("start {} {} {sort:?}", show(message), show_target(target)),
        What::Attempt(attempt) => show_attempt(attempt),
        What::Reply { target, reply } => format!("reply {} {}", show_target(target), show(reply)),
        What::ReplyAhead { target, reply, speaker } => {
            format!("reply ahead {} by {speaker:?} {}", show_target(target), show(reply))
        }
        What::Cancelled { target } => format!("cancelled {}", show_target(target)),
        What::GaveUp { target } => format!("gave up {}", show_target(target)),
        What::Linked { parent } => format!("linked to {}", show(parent)),
        What::Continues { previous } => format!("continues {}", show(previous)),
        What::OwnBounce { about } => format!("own bounce about {}", show(about)),
        What::Feedback { complaint, recipient, reply } => {
            format!("feedback complaint {complaint} <{}> {}", BStr::new(recipient), show(reply))
        }
        What::Inbound { reply } => format!("inbound {}", show(reply)),
        What::Repeat { times } => format!("repeat {times}"),
        What::Piece { index, of, text } => format!("piece {index} of {of} {}", show(text)),
        What::Close(closing) => format!("close {closing:?}"),
        What::Restart => "restart".to_owned(),
    }
}

fn show_attempt(attempt: &Attempt<'_>) -> String {
    let mut line = format!("attempt {}", show_target(&attempt.target));
    let mut add = |name: &str, value: String| write!(line, " {name} {value}").unwrap();
    if let Some(original) = attempt.original {
        add("for", format!("<{}>", BStr::new(original)));
    }
    let enhanced = attempt.enhanced.map_or("-".to_owned(), |enhanced| enhanced.to_string());
    let code = attempt.code.map_or("-".to_owned(), |code| code.to_string());
    add("is", format!("{:?} {:?}", attempt.status, attempt.sort));
    add("by", format!("{:?} at {:?}", attempt.speaker, attempt.stage));
    add("relay", format!("{} [{}]", show(attempt.relay), show(attempt.relay_ip)));
    if !attempt.source.is_empty() {
        add("source", show(attempt.source));
    }
    if let Some(slot) = attempt.slot {
        add("slot", show(slot));
    }
    if let Some(delay) = attempt.delay_ms {
        add("after", format!("{delay} ms"));
    }
    if let Some(parts) = attempt.parts_ms {
        add("parts", format!("{parts:?}"));
    }
    if !attempt.tls.is_empty() {
        add("tls", show(attempt.tls));
    }
    if attempt.times != 1 {
        add("times", attempt.times.to_string());
    }
    add("says", format!("{code} {enhanced} {}", show(attempt.reply)));
    line
}
