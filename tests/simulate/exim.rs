//! What Exim logs: a reception, a record for each address, notifications, the end of each message.

use std::sync::Arc;

use super::relay::{Answer, Message, Recipient, Relay, Wanted, is_bare, lines};
use super::render::SECOND;
use super::replies::{At, Means};
use super::truth::{Fact, Said};

/// A message id: seconds, process and fraction in base 62.
pub(super) fn id(at: i64, serial: u64) -> String {
    let base_62 = |mut value: u64, length: usize| {
        const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        let mut digits = vec!['0'; length];
        for digit in digits.iter_mut().rev() {
            *digit = DIGITS.get((value % 62) as usize).map_or('0', |&digit| char::from(digit));
            value /= 62;
        }
        digits.into_iter().collect::<String>()
    };
    let seconds = base_62(at.div_euclid(SECOND) as u64, 6);
    // Old ids and new ones: an upgrade in mid-month.
    if serial.is_multiple_of(2) {
        format!("{seconds}-{}-{}", base_62(serial, 6), base_62(at.rem_euclid(SECOND) as u64 / 500, 2))
    } else {
        format!("{seconds}-{}-{}", base_62(serial, 11), base_62(at.rem_euclid(SECOND) as u64, 4))
    }
}

/// `3s`, `2m7s`, `1d3h5m`: since `from`.
fn since(from: i64, at: i64) -> String {
    let mut seconds = (at - from).max(0) / SECOND;
    let mut text = String::new();
    for (unit, length) in [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)] {
        if seconds >= length || (unit == 's' && text.is_empty()) {
            text.push_str(&(seconds / length).to_string());
            text.push(unit);
            seconds %= length;
        }
    }
    text
}

/// At which command an answer came, and the number that Exim has for it.
fn stage(at: At, message: &Message, address: &str) -> (String, i32) {
    match at {
        At::Greeting => ("initial connection".to_owned(), 0),
        At::Command("MAIL FROM") => (format!("pipelined MAIL FROM:<{}> SIZE={}", message.sender, message.size), -45),
        At::Command("RCPT TO") => (format!("RCPT TO:<{address}>"), -44),
        At::Command(_) | At::Bare => ("end of data".to_owned(), -46),
    }
}

/// What is said of one address.
fn told(message: &Message, to: &Recipient, answer: &Answer<'_>, flag: &str) -> (Fact, String) {
    let Answer { reply, text, relay: (relay, ip), domain, ended, .. } = *answer;
    let words = lines(text).join("\\n");
    let (channel, host) =
        ("X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=yes DN=\"C=US,O=Mail: Co,CN=mx\"", format!("H={relay} [{ip}]"));
    let whom = format!("{}{}", to.address, alias(to));
    let away = format!("{whom} R=dnslookup T=remote_smtp");
    let (stage, error) = stage(reply.at, message, &to.address);
    let refusal = format!("SMTP error from remote mail server after {stage}: {words}");
    let (said, line) = match reply.means {
        Means::NoSuchDomain => return (Fact::Refused(to.outcome), format!("** {whom}: Unrouteable address")),
        Means::Taken => {
            let waited = since(message.arrived, ended);
            (Said::Sent, format!("{flag} {away} {host} {channel} C=\"{words}\" QT={waited} DT=1s"))
        }
        Means::TakesNoMail => (Said::Bounced, format!("** {whom} R=dnslookup: an MX or SRV record indicated no SMTP service")),
        Means::Unreachable => (Said::Deferred, format!("== {away} defer (110): Connection timed out {host} DT=2m7s")),
        Means::Lost => {
            (Said::Deferred, format!("== {away} defer (-18) {host}: Remote host closed connection in response to {stage}"))
        }
        Means::NoNameService => {
            (Said::Deferred, format!("== {whom} R=dnslookup defer (-1): host lookup for {domain} did not complete"))
        }
        means if means.is_final() => (Said::Bounced, format!("** {away} {host} {channel}: {refusal}")),
        _ => (Said::Deferred, format!("== {away} defer ({error}) {host}: {refusal}")),
    };
    (Fact::Tried(to.outcome, said), line)
}

/// ` <ALIAS>`, where one was asked for.
fn alias(to: &Recipient) -> String {
    to.original.as_ref().map_or(String::new(), |original| format!(" <{original}>"))
}

impl Relay<'_> {
    /// A message comes in; some go out at the same time, and their deliveries are logged before their receptions.
    pub(super) fn exim_takes(
        &mut self,
        at: i64,
        (sender, message_id, size): (&Arc<str>, &Arc<str>, u64),
        to: &[Wanted],
        ((client, ip), names_recipients): ((&str, &str), bool),
    ) -> (Message, Option<i64>) {
        let aliases = to.iter().filter_map(|to| to.original.as_ref()).map(Wanted::at_home).filter(|_| names_recipients);
        let all: Vec<Wanted> = to.iter().cloned().chain(aliases).collect();
        let mut message = self.enter(at, (sender, message_id, size), &all);
        let pid = 2_000 + (at % 977) as u32;
        let is_cut_through = self.rng.permille(20) && to.iter().all(|to| to.original.is_none());
        let id = Arc::clone(&message.queue_id);
        for to in message.to.iter_mut().filter(|to| to.place.is_none() || is_cut_through) {
            to.is_open = false;
        }
        if is_cut_through {
            for to in &message.to {
                let text = format_args!(
                    "{id} >> {} R=dnslookup T=remote_smtp H=gate.example.net [198.51.100.9] C=\"250 2.0.0 Ok\"",
                    to.address
                );
                self.journal.line(at - 20_000, "exim", pid, Fact::Tried(to.outcome, Said::Sent), text);
            }
        }
        let list: Vec<&str> = to.iter().map(|to| &**to.original.as_ref().unwrap_or(&to.address)).collect();
        let list = if names_recipients { format!(" for {}", list.join(" ")) } else { String::new() };
        let text = format_args!(
            "{id} <= {sender} H={client} (app) [{ip}]:41234 P=esmtpsa X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=no A=plain:app S={size} id={message_id} T=\"News for \\\"you\\\" for all\"{list}"
        );
        let aliases = message.to.iter().filter(|to| to.place.is_none()).map(|to| Fact::Handed(to.outcome));
        let facts: Vec<Fact> = std::iter::once(Fact::Began(message.number)).chain(aliases).collect();
        self.journal.line_of_many(at, ("exim", pid), facts.into_iter(), text);
        if is_cut_through {
            self.exim_ends(at + 10_000, &message);
            return (message, None);
        }
        (message, Some(at + 50_000))
    }

    pub(super) fn exim_tried(&mut self, message: &Message, to: &[Recipient], answer: &Answer<'_>) {
        let Answer { reply, relay: (relay, ip), ended, pid, .. } = *answer;
        let id = &message.queue_id;
        if is_bare(reply) {
            let text = format_args!("{id} H={relay} [{ip}] Connection timed out");
            self.journal.line(ended, "exim", pid, Fact::Context(message.number), text);
        }
        for (number, to) in (0..).zip(to) {
            let flag = if number == 0 { "=>" } else { "->" };
            let (fact, line) = told(message, to, answer, flag);
            self.journal.line(ended, "exim", pid, fact, format_args!("{id} {line}"));
        }
    }

    /// The time to try again has not come.
    pub(super) fn exim_skips(&mut self, at: i64, message: &Message, to: &[Recipient]) {
        for to in to {
            let domain = to.address.rsplit('@').next().unwrap_or_default();
            let text = format_args!(
                "{} == {}{} R=dnslookup T=remote_smtp defer (-54): retry time not reached for any host for '{domain}'",
                message.queue_id,
                to.address,
                alias(to)
            );
            self.journal.line(at, "exim", 9_000 + (at % 977) as u32, Fact::Suspended(to.outcome), text);
        }
    }

    pub(super) fn exim_gives_up(&mut self, at: i64, message: &mut Message) {
        for to in message.to.iter_mut().filter(|to| to.is_open) {
            to.is_open = false;
            let text = format_args!("{} ** {}{}: retry timeout exceeded", message.queue_id, to.address, alias(to));
            self.journal.line(at, "exim", 9_000 + (at % 977) as u32, Fact::GivenUp(to.outcome), text);
        }
    }

    /// Writes to the sender, who is at home.
    pub(super) fn exim_notifies(&mut self, at: i64, message: &Message) -> i64 {
        let user: Arc<str> = message.sender.split('@').next().unwrap_or_default().into();
        let bounce = self.enter(at, (&"".into(), &message.header_id, 2_000), &[Wanted::at_home(&user)]);
        let pid = 9_000 + (at % 977) as u32;
        let (id, about) = (&bounce.queue_id, &message.queue_id);
        let text = format_args!("{id} <= <> R={about} U=exim P=local S=2000");
        self.journal.line(at, "exim", pid, Fact::Began(bounce.number), text);
        for to in &bounce.to {
            let text = format_args!("{id} => {} <{}> R=local_user T=local_delivery", to.address, message.sender);
            self.journal.line(at + 60_000, "exim", pid, Fact::Stored(to.outcome), text);
        }
        self.journal.line(at + 80_000, "exim", pid, Fact::Removed(bounce.number), format_args!("{id} Completed"));
        at + 100_000
    }

    pub(super) fn exim_ends(&mut self, at: i64, message: &Message) {
        let text = format_args!("{} Completed", message.queue_id);
        self.journal.line(at, "exim", 9_000 + (at % 977) as u32, Fact::Removed(message.number), text);
    }

    pub(super) fn exim_deletes(&mut self, at: i64, message: &mut Message) {
        for to in &mut message.to {
            to.is_open = false;
        }
        let pid = 9_000 + (at % 977) as u32;
        let id = &message.queue_id;
        self.journal.line(at, "exim", pid, Fact::Cancelled(message.number), format_args!("{id} removed by root"));
        self.journal.line(at + 10, "exim", pid, Fact::Removed(message.number), format_args!("{id} Completed"));
    }
}
