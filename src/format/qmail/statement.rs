//! What qmail-send says in one line.

use super::super::cursor::{number, rsplit_text, split_byte};
use super::report::{self, Report};
use super::{delivery_number, numbered, split_queue};
use crate::event::{Attempt, Closing, Event, Head, Key, Kind, Origin, Sink, Sort, Status, Target, What};

/// A line, taken apart.
#[derive(Clone, Copy, Debug)]
enum Statement<'a> {
    /// `new msg M`
    New { message: &'a [u8] },
    /// `info msg M: bytes B from <SENDER> qp Q uid U`
    Info { message: &'a [u8], bytes: &'a [u8], sender: &'a [u8] },
    /// `starting delivery D: msg M to local A`, `… to remote A`
    Starting { delivery: &'a [u8], message: &'a [u8], sort: Sort, address: &'a [u8] },
    /// `delivery D: success: REPORT`
    Ended { delivery: &'a [u8], status: Status, report: &'a [u8] },
    /// `bounce msg M qp Q`, `triple bounce: discarding bounce/M`
    Bounce,
    /// `end msg M`, `end msg M qmail-send: QUEUE`
    End { message: &'a [u8] },
    /// `status: exiting`
    Exiting,
    /// `status: local 0/10 remote 1/20`, `warning: …`, `alert: …`
    Noise,
}

/// Whether only qmail writes such a line.
pub(super) fn is_certain(text: &[u8]) -> bool {
    match told(split_queue(text).0) {
        Some(Statement::Noise) => text.starts_with(b"status: local "),
        Some(Statement::Exiting) | None => false,
        Some(
            Statement::New { .. }
            | Statement::Info { .. }
            | Statement::Starting { .. }
            | Statement::Ended { .. }
            | Statement::Bounce
            | Statement::End { .. },
        ) => true,
    }
}

/// Whether this is how a delivery ended.
pub(super) fn is_result(text: &[u8]) -> bool {
    ended(text).is_some()
}

fn told(text: &[u8]) -> Option<Statement<'_>> {
    match text.first()? {
        b'n' => digits(text.strip_prefix(b"new msg ")?).map(|message| Statement::New { message }),
        b'e' => end_of(text),
        b'd' => ended(text).or_else(|| text.starts_with(b"double bounce: discarding").then_some(Statement::Bounce)),
        b's' => starting(text).or_else(|| status(text)),
        b'i' => info(text),
        b'b' => {
            let (message, rest) = numbered(text.strip_prefix(b"bounce msg ")?, b' ')?;
            (!message.is_empty() && rest.starts_with(b"qp ")).then_some(Statement::Bounce)
        }
        b't' => text.starts_with(b"triple bounce: discarding").then_some(Statement::Bounce),
        b'w' => text.starts_with(b"warning: ").then_some(Statement::Noise),
        b'a' => text.starts_with(b"alert: ").then_some(Statement::Noise),
        _ => None,
    }
}

fn digits(text: &[u8]) -> Option<&[u8]> {
    (!text.is_empty() && text.iter().all(u8::is_ascii_digit)).then_some(text)
}

/// `end msg M`, and indimail's `end msg M qmail-send:`, whose queue follows.
fn end_of(text: &[u8]) -> Option<Statement<'_>> {
    let text = text.strip_prefix(b"end msg ")?;
    let message = match split_byte(text, b' ') {
        Some((message, program)) => program.ends_with(b":").then_some(message)?,
        None => text,
    };
    digits(message).map(|message| Statement::End { message })
}

fn status(text: &[u8]) -> Option<Statement<'_>> {
    let text = text.strip_prefix(b"status: ")?;
    if text == b"exiting" {
        return Some(Statement::Exiting);
    }
    text.starts_with(b"local ").then_some(Statement::Noise)
}

fn info(text: &[u8]) -> Option<Statement<'_>> {
    let (message, rest) = numbered(text.strip_prefix(b"info msg ")?, b':')?;
    let (bytes, rest) = numbered(rest.strip_prefix(b" bytes ")?, b' ')?;
    let rest = rest.strip_prefix(b"from <")?;
    // From the end: a sender may hold any byte, also those that end it.
    let (sender, _) = rsplit_text(rest, b"> qp ").or_else(|| split_byte(rest, b'>'))?;
    Some(Statement::Info { message, bytes, sender })
}

fn starting(text: &[u8]) -> Option<Statement<'_>> {
    let (delivery, rest) = delivery_number(text.strip_prefix(b"starting delivery ")?)?;
    let (message, rest) = numbered(rest.strip_prefix(b" msg ")?, b' ')?;
    let rest = rest.strip_prefix(b"to ")?;
    if let Some(address) = rest.strip_prefix(b"remote ") {
        return Some(Statement::Starting { delivery, message, sort: Sort::Real, address });
    }
    let address = without_domain(rest.strip_prefix(b"local ")?);
    Some(Statement::Starting { delivery, message, sort: Sort::Local, address })
}

/// `example.com-postmaster@example.com` of a virtual domain: what stands before the user is qmail's.
fn without_domain(address: &[u8]) -> &[u8] {
    let Some(at) = memchr::memrchr(b'@', address) else { return address };
    let domain = address.get(at + 1..).unwrap_or_default();
    let is_prefixed = !domain.is_empty()
        && address.get(..domain.len()).is_some_and(|front| front.eq_ignore_ascii_case(domain))
        && address.get(domain.len()) == Some(&b'-')
        && domain.len() + 1 < at;
    if is_prefixed { address.get(domain.len() + 1..).unwrap_or(address) } else { address }
}

/// `owner-@host-@[]`: what qmail-send makes each recipient's own sender of, `owner-kim=example.com@host`. Notifications go to
/// `owner-@host`.
fn without_variable_end(sender: &[u8]) -> &[u8] {
    sender.strip_suffix(b"-@[]").unwrap_or(sender)
}

fn ended(text: &[u8]) -> Option<Statement<'_>> {
    let (delivery, rest) = delivery_number(text.strip_prefix(b"delivery ")?)?;
    let rest = rest.strip_prefix(b" ")?;
    if rest.starts_with(b"report mangled, will defer") {
        return Some(Statement::Ended { delivery, status: Status::Deferred, report: rest });
    }
    let (word, report) = split_byte(rest, b':')?;
    let status = match word {
        b"success" => Status::Delivered,
        b"deferral" => Status::Deferred,
        b"failure" => Status::Failed,
        _ => return None,
    };
    Some(Statement::Ended { delivery, status, report: report.strip_prefix(b" ").unwrap_or(report) })
}

/// Reads a line into events; None if qmail-send does not write such a line.
pub(super) fn read<'a>(head: Head<'a>, text: &'a [u8], times: u32, into: &mut dyn Sink) -> Option<Kind> {
    let (text, queue) = split_queue(text);
    let head = Head { instance: if queue.is_empty() { b"qmail" } else { queue }, ..head };
    let mut say = |key, what| into.event(&Event { head, key, what });
    match told(text)? {
        Statement::New { message } => {
            say(Key::Message(message), What::Begin { origin: Origin::Unknown, client: b"" });
        }
        Statement::Info { message, bytes, sender } => {
            let is_bounce = sender.is_empty() || sender == b"#@[]";
            let address = if is_bounce { b"" } else { without_variable_end(sender) };
            say(Key::Message(message), What::Sender { address, size: number(bytes), recipients: None });
            if is_bounce {
                say(Key::Message(message), What::OwnBounce { about: b"" });
            }
        }
        Statement::Starting { delivery, message, sort, address } => {
            if delivery == b"1" || delivery.starts_with(b"1.") {
                // Counted up from 1 since qmail-send began.
                say(Key::Whole, What::Restart);
            }
            say(Key::Slot(delivery), What::Start { message, target: Target::Address(address), sort });
        }
        Statement::Ended { delivery, status, report } => {
            end(delivery, status, &report::read(report, status), times, &mut say);
            return Some(Kind::Delivery);
        }
        Statement::End { message } => say(Key::Message(message), What::Close(Closing::Done)),
        Statement::Exiting => say(Key::Whole, What::Restart),
        Statement::Bounce => {}
        Statement::Noise => return Some(Kind::Other),
    }
    Some(Kind::Context)
}

fn end<'a>(delivery: &'a [u8], status: Status, report: &'a Report<'a>, times: u32, say: &mut impl FnMut(Key<'a>, What<'a>)) {
    let attempt = Attempt {
        target: Target::OfSlot,
        original: None,
        slot: Some(delivery),
        // The log calls it a failure, with the words of the last deferral.
        status: if report.is_expired { Status::Expired } else { status },
        sort: report.sort,
        speaker: report.speaker,
        stage: report.stage,
        relay: report.relay,
        relay_ip: report.relay_ip,
        source: b"",
        code: report.code,
        enhanced: report.enhanced,
        reply: &report.reply,
        delay_ms: None,
        parts_ms: None,
        tls: b"",
        times,
        nth: 1,
    };
    say(Key::Slot(delivery), What::Attempt(attempt));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn qmails_lines_are_told_from_others() {
        for line in [
            "new msg 53",
            "info msg 53: bytes 246 from <me@domain> qp 20345 uid 666",
            "starting delivery 1: msg 53 to local me@domain",
            "delivery 1: success: did_1+0+0/",
            "delivery 7: report mangled, will defer",
            "status: local 1/10 remote 0/20",
            "bounce msg 53 qp 20357",
            "triple bounce: discarding bounce/53",
            "end msg 53 queue2",
            "end msg 53 qmail-send: queue2",
            "starting delivery 1.2: msg 53 to remote me@domain slowq",
            "delivery 1.2: deferral: CNAME_lookup_failed_temporarily._(#4.4.3)/ queue2",
            "delivery 7: report mangled, will defer: queue2",
        ] {
            assert!(is_certain(line.as_bytes()), "{line}");
        }
        for line in [
            "new message",
            "status: exiting",
            "delivery 1: done",
            "delivery 1.2.3: success: x",
            "end msg 53 of many",
            "starting delivery of 5",
            "info: x",
            "warning: x",
            "",
        ] {
            assert!(!is_certain(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn a_virtual_domains_prefix_is_qmails() {
        let address = |text: &'static str| std::str::from_utf8(without_domain(text.as_bytes())).unwrap();
        assert_eq!(address("example.com-postmaster@example.com"), "postmaster@example.com");
        assert_eq!(address("example.com-a-b@Example.com"), "a-b@Example.com");
        assert_eq!(address("me@domain"), "me@domain");
        assert_eq!(address("example.com-@example.com"), "example.com-@example.com");
        assert_eq!(address("alias-x"), "alias-x");
    }

    #[test]
    fn a_sender_that_varies_with_the_recipient_is_of_its_own_domain() {
        let sender = |text: &'static str| std::str::from_utf8(without_variable_end(text.as_bytes())).unwrap();
        assert_eq!(sender("news-@example.org-@[]"), "news-@example.org");
        assert_eq!(sender("news-kim=example.com@example.org"), "news-kim=example.com@example.org");
        assert_eq!(sender("#@[]"), "#@[]");
    }

    #[test]
    fn a_sender_may_hold_what_ends_it() {
        let Some(Statement::Info { sender, .. }) = told(b"info msg 1: bytes 2 from <a> qp b@c> qp 3 uid 4") else { panic!() };
        assert_eq!(sender, b"a> qp b@c");
        let Some(Statement::Info { sender, .. }) = told(b"info msg 1: bytes 2 from <a@b>") else { panic!() };
        assert_eq!(sender, b"a@b");
    }
}
