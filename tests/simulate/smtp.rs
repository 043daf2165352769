//! What the delivery agents of a host do with one message, and how they log it.

use std::fmt;
use std::sync::Arc;

use super::host::Host;
use super::queue::{Envelope, Message, Place, Recipient, Wanted};
use super::render::SECOND;
use super::replies::{At, Filled, Means, Reply, reply};
use super::truth::{Fact, Said};

/// How long a destination is left alone after nobody answered (`minimal_backoff_time`).
const DEAD_TIME: i64 = 300 * SECOND;

/// Seconds with two significant digits, as Postfix prints delays; from microseconds.
struct Delay(i64);

impl fmt::Display for Delay {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hundredths = self.0.max(0) / 10_000;
        let (whole, part) = (hundredths / 100, hundredths % 100);
        match (whole, part) {
            (10.., _) | (_, 0) => write!(to, "{whole}"),
            (1.., 0..10) => write!(to, "{whole}"),
            (1.., _) => write!(to, "{whole}.{}", part / 10),
            (_, part) if part % 10 == 0 => write!(to, "0.{}", part / 10),
            _ => write!(to, "0.{part:02}"),
        }
    }
}

/// When an attempt began and how long its parts took, microseconds.
#[derive(Clone, Copy)]
struct Course {
    arrived: i64,
    active: i64,
    waited: i64,
    connecting: i64,
    sending: i64,
}

impl Course {
    fn end(&self) -> i64 {
        self.active + self.waited + self.connecting + self.sending
    }
}

impl fmt::Display for Course {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { arrived, active, waited, connecting, sending } = *self;
        let (all, before) = (Delay(self.end() - arrived), Delay(active - arrived));
        write!(to, "delay={all}, delays={before}/{}/{}/{}", Delay(waited), Delay(connecting), Delay(sending))
    }
}

/// `to=<A>`, and `orig_to=<B>` where something else was asked for.
struct To<'a>(&'a Wanted);

impl fmt::Display for To<'_> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "to=<{}>", self.0.address)?;
        self.0.original.as_ref().map_or(Ok(()), |original| write!(to, ", orig_to=<{original}>"))
    }
}

impl Host<'_> {
    /// Tries every open recipient of a message. Gives the time of the last line, and whether somebody was refused.
    pub(super) fn deliver(&mut self, at: i64, message: usize) -> (i64, bool) {
        let Some(entry) = self.messages.get(message) else { return (at, false) };
        let entry = entry.clone();
        let open: Vec<usize> = (0..).zip(&entry.to).filter(|(_, to)| to.is_open).map(|(number, _)| number).collect();
        if entry.envelope.is_unfiltered {
            return (self.filter(at, message, &entry, &open), false);
        }
        let (mut end, mut has_bounced) = (at, false);
        let mut domains: Vec<usize> = Vec::new();
        for number in open {
            let Some(to) = entry.to.get(number) else { continue };
            let time = match to.wanted.place {
                Place::Person(domain, _) if domains.contains(&domain) => continue,
                Place::Person(domain, _) => {
                    domains.push(domain);
                    let (time, bounced) = self.transaction(at, message, &entry, domain);
                    has_bounced |= bounced;
                    time
                }
                Place::Owner => self.to_owner(at, message, &entry, number),
                Place::Home => self.store(at, message, &entry, number),
                Place::Alias(domain, person) => self.forward(at, message, &entry, (number, domain, person)),
            };
            end = end.max(time);
        }
        (end, has_bounced)
    }

    fn finish(&mut self, message: usize, number: usize) {
        if let Some(to) = self.messages.get_mut(message).and_then(|entry| entry.to.get_mut(number)) {
            to.is_open = false;
        }
    }

    /// One conversation with a domain's server about all recipients there.
    fn transaction(&mut self, at: i64, message: usize, entry: &Message, domain: usize) -> (i64, bool) {
        let here = |to: &Recipient| to.is_open && matches!(to.wanted.place, Place::Person(of, _) if of == domain);
        let recipients: Vec<(usize, Recipient)> = (0..).zip(entry.to.iter().cloned()).filter(|(_, to)| here(to)).collect();
        if self.dead.get(&domain).is_some_and(|(until, ..)| at < *until) {
            return (self.suspend(at, entry, domain, &recipients), false);
        }
        let Some(provider) = self.world.domains.get(domain).map(|domain| domain.provider) else { return (at, false) };
        let relays = &self.world.domains.get(domain).map_or(&[][..], |domain| &domain.relays);
        let relay = self.rng.pick(relays).clone();
        let waited = if entry.envelope.size > 30_000 { self.rng.below(240_000_000) as i64 } else { self.rng.skewed(15_000) };
        let (mut connecting, sending) = (self.rng.skewed(250_000), self.rng.skewed(400_000));
        let mut answers = Vec::new();
        for (number, to) in &recipients {
            let Place::Person(_, person) = to.wanted.place else { continue };
            let means = self.world.answer(at, self.number, &entry.envelope.sender, (domain, person), to.tries, &mut self.rng);
            answers.push((*number, to, reply(provider, means, &mut self.rng)));
        }
        let is_bare =
            |means| matches!(means, Means::Unreachable | Means::NoSuchDomain | Means::TakesNoMail | Means::NoNameService);
        if answers.iter().any(|(_, _, reply)| reply.means == Means::Unreachable) {
            connecting = 30 * SECOND * relays.len() as i64 + 20_000;
        }
        let course = Course { arrived: entry.arrived, active: at, waited, connecting, sending };
        let begin = at + waited;
        let pid = self.agents.take(begin, course.end() + 100);
        if answers.iter().any(|(_, _, reply)| !is_bare(reply.means)) {
            self.secure(begin + connecting * 3 / 4, pid, &relay);
        }
        let chance = self.rng.bits();
        let mut bounced = false;
        for (number, to, reply) in answers {
            bounced |= self.attempt((message, number), (entry, to), (pid, course), &relay, (reply, chance));
            if matches!(reply.means, Means::Unreachable | Means::NoNameService) || reply.at == At::Greeting {
                let reason = self.worded(reply, chance, entry, &to.wanted, &relay, course.end());
                self.dead.insert(domain, (course.end() + DEAD_TIME, reply.status, reason));
            }
        }
        (course.end(), bounced)
    }

    /// The TLS line of a connection, for which only pid and time tell whose it is.
    fn secure(&mut self, at: i64, pid: u32, (relay, ip): &(String, String)) {
        let trust = if relay.ends_with(".example") { "Untrusted" } else { "Trusted" };
        let text = format_args!(
            "{trust} TLS connection established to {relay}[{ip}]:25: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)"
        );
        self.journal.line(at, "postfix/smtp", pid, Fact::Noise, text);
    }

    /// The text in the parentheses of a status line, or what is said of a dead destination.
    fn worded(&self, reply: &Reply, chance: u64, entry: &Message, to: &Wanted, relay: &(String, String), at: i64) -> String {
        let (name, ip) = relay;
        let filled = Filled {
            text: reply.text,
            chance,
            ours: &self.options.address,
            helo: &self.options.name,
            recipient: &to.address,
            sender: &entry.envelope.sender,
            relay: name,
            relay_ip: ip,
            seconds: at / SECOND,
        };
        match reply.at {
            At::Bare => filled.to_string(),
            At::Greeting => format!("host {name}[{ip}] refused to talk to me: {filled}"),
            At::Command(command) => format!("host {name}[{ip}] said: {filled} (in reply to {command} command)"),
        }
    }

    /// One recipient's line. True: refused for good.
    fn attempt(
        &mut self,
        (message, number): (usize, usize),
        (entry, to): (&Message, &Recipient),
        (pid, course): (u32, Course),
        relay: &(String, String),
        (reply, chance): (&'static Reply, u64),
    ) -> bool {
        let Recipient { wanted, outcome, .. } = to;
        let text = self.worded(reply, chance, entry, wanted, relay, course.end());
        let is_refused = reply.means.is_final() && !self.options.soft_bounce;
        let said = match reply.means {
            Means::Taken => Said::Sent,
            _ if is_refused => Said::Bounced,
            means if means.is_final() => Said::SoftBounce,
            _ => Said::Deferred,
        };
        let word = match said {
            Said::Sent => "sent",
            Said::Bounced => "bounced",
            Said::Deferred => "deferred",
            Said::SoftBounce => "SOFTBOUNCE",
        };
        let status =
            if said == Said::SoftBounce { format!("4{}", reply.status.trim_start_matches('5')) } else { reply.status.into() };
        let queue_id = &entry.queue_id;
        let (name, ip) = relay;
        let no_relay =
            matches!(reply.means, Means::Unreachable | Means::NoSuchDomain | Means::TakesNoMail | Means::NoNameService);
        let tls = if self.options.is_recent && !no_relay { ", tls=may" } else { "" };
        let relay = if no_relay { "none".to_owned() } else { format!("{name}[{ip}]:25") };
        let reused = if !no_relay && chance % 16 == 0 && course.waited > SECOND { ", conn_use=2" } else { "" };
        if said == Said::Deferred && matches!(reply.at, At::Command(_)) && chance & 3 == 0 {
            // The client tries the next mail exchanger first: a detail, no attempt.
            let detail = format_args!("{queue_id}: {text}");
            self.journal.line(course.end() - 180_000, "postfix/smtp", pid, Fact::Context(entry.number), detail);
        }
        let to = To(wanted);
        let line = format_args!("{queue_id}: {to}, relay={relay}{reused}, {course}{tls}, dsn={status}, status={word} ({text})");
        self.journal.line(course.end(), "postfix/smtp", pid, Fact::Tried(*outcome, said), line);
        if let Some(to) = self.messages.get_mut(message).and_then(|entry| entry.to.get_mut(number)) {
            to.tries += 1;
            to.is_open = matches!(said, Said::Deferred | Said::SoftBounce);
        }
        is_refused
    }

    /// The destination is dead: the error agent puts the mail back without trying.
    fn suspend(&mut self, at: i64, entry: &Message, domain: usize, recipients: &[(usize, Recipient)]) -> i64 {
        let Some((_, status, reason)) = self.dead.get(&domain).cloned() else { return at };
        let course = Course { arrived: entry.arrived, active: at, waited: 12_000, connecting: 0, sending: 11_000 };
        for (_, to) in recipients {
            let (queue_id, whom) = (&entry.queue_id, To(&to.wanted));
            let text = format_args!(
                "{queue_id}: {whom}, relay=none, {course}, dsn={status}, status=deferred (delivery temporarily suspended: {reason})"
            );
            self.say(course.end(), "postfix/error", Fact::Suspended(to.outcome), text);
        }
        course.end()
    }

    /// A notification to the sender's own server.
    fn to_owner(&mut self, at: i64, message: usize, entry: &Message, number: usize) -> i64 {
        let Some(to) = entry.to.get(number) else { return at };
        let course = Course {
            arrived: entry.arrived,
            active: at,
            waited: 4_000,
            connecting: self.rng.skewed(120_000),
            sending: self.rng.skewed(90_000),
        };
        let relay = (format!("mail.{}", to.wanted.address.rsplit('@').next().unwrap_or_default()), "198.51.100.25".to_owned());
        let pid = self.agents.take(at, course.end() + 100);
        let taken = reply(super::replies::Provider::Postfix, Means::Taken, &mut self.rng);
        let chance = self.rng.bits();
        self.attempt((message, number), (entry, to), (pid, course), &relay, (taken, chance));
        course.end()
    }

    /// A mailbox of this host.
    fn store(&mut self, at: i64, message: usize, entry: &Message, number: usize) -> i64 {
        let Some(to) = entry.to.get(number) else { return at };
        let course =
            Course { arrived: entry.arrived, active: at, waited: 3_000, connecting: 0, sending: self.rng.skewed(30_000) };
        let (queue_id, whom, host) = (&entry.queue_id, To(&to.wanted), &self.options.name);
        let (service, relay, text) = match self.rng.below(4) {
            0 => ("postfix/local", "local".to_owned(), "delivered to mailbox".to_owned()),
            1 => ("postfix/virtual", "virtual".to_owned(), "delivered to maildir".to_owned()),
            2 => ("postfix/pipe", "dovecot".to_owned(), "delivered via dovecot service".to_owned()),
            _ => {
                let text = format!("250 2.0.0 <{}> 0GXW{:x}AfBw Saved", to.wanted.address, at / SECOND);
                ("postfix/lmtp", format!("{host}[private/dovecot-lmtp]"), text)
            }
        };
        let line = format_args!("{queue_id}: {whom}, relay={relay}, {course}, dsn=2.0.0, status=sent ({text})");
        let fact = Fact::Stored(to.outcome);
        self.say(course.end(), service, fact, line);
        self.finish(message, number);
        course.end()
    }

    /// An alias: the mail goes on to a person elsewhere as a message of its own.
    fn forward(&mut self, at: i64, message: usize, entry: &Message, (number, domain, person): (usize, usize, u64)) -> i64 {
        let (Some(to), Some(mut next)) = (entry.to.get(number), self.person(domain, person)) else { return at };
        next.original = Some(Arc::clone(&to.wanted.address));
        let course = Course { arrived: entry.arrived, active: at, waited: 3_000, connecting: 0, sending: 20_000 };
        let child = self.enter(at + 10_000, entry.envelope.clone(), vec![next]);
        let Some(second) = self.messages.get(child).map(|child| Arc::clone(&child.queue_id)) else { return at };
        // local(8) hands the mail to cleanup, whose line is the first of the new message.
        self.queue(at + 10_000, child, false);
        let (queue_id, whom) = (&entry.queue_id, To(&to.wanted));
        let line = format_args!("{queue_id}: {whom}, relay=local, {course}, dsn=2.0.0, status=sent (forwarded as {second})");
        self.say(course.end(), "postfix/local", Fact::Handed(to.outcome), line);
        self.finish(message, number);
        course.end()
    }

    /// All recipients through the content filter on loopback, which sends the mail back under one new id, or under two.
    fn filter(&mut self, at: i64, message: usize, entry: &Message, open: &[usize]) -> i64 {
        let course =
            Course { arrived: entry.arrived, active: at, waited: 5_000, connecting: 2_000, sending: self.rng.skewed(300_000) };
        let end = course.end();
        let split = if open.len() > 1 && self.rng.permille(200) { 1 } else { open.len() };
        let (first, second) = open.split_at_checked(split).unwrap_or((open, &[]));
        let pid = self.agents.take(at, end + 100);
        for group in [first, second].into_iter().filter(|group| !group.is_empty()) {
            let to: Vec<Recipient> = group.iter().filter_map(|&number| entry.to.get(number).cloned()).collect();
            let envelope = Envelope { is_unfiltered: false, ..entry.envelope.clone() };
            let child = self.enter(end - 40_000, envelope, to.iter().map(|to| to.wanted.clone()).collect());
            let Some((next, number)) = self.messages.get(child).map(|child| (Arc::clone(&child.queue_id), child.number)) else {
                continue;
            };
            let queue_id = &entry.queue_id;
            let text =
                format_args!("{next}: client=localhost[127.0.0.1], orig_queue_id={queue_id}, orig_client=localhost[127.0.0.1]");
            self.say(end - 40_000, "postfix/10025/smtpd", Fact::Began(number), text);
            self.queue(end - 30_000, child, true);
            let (sender, id) = (&entry.envelope.sender, &entry.envelope.message_id);
            let text = format_args!(
                "({:05}-{:02}) Passed CLEAN {{RelayedOpenRelay}}, [127.0.0.1] <{sender}> -> <{}>, Queue-ID: {queue_id}, Message-ID: <{id}>, Hits: -1.2, size: {}, queued_as: {next}, {} ms",
                at / SECOND % 90_000,
                number % 20,
                to.first().map_or("", |to| &to.wanted.address),
                entry.envelope.size,
                course.sending / 1000,
            );
            self.say(end - 10_000, "amavis", Fact::Noise, text);
            for to in &to {
                let whom = To(&to.wanted);
                let line = format_args!(
                    "{queue_id}: {whom}, relay=127.0.0.1[127.0.0.1]:10024, {course}, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as {next})"
                );
                self.journal.line(end, "postfix/smtp", pid, Fact::Handed(to.outcome), line);
            }
        }
        for &number in open {
            self.finish(message, number);
        }
        end
    }
}
