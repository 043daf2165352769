//! A host that runs another MTA than Postfix: the same world, the same mail, other habits and other words.
//!
//! A discrete event simulation like [`super::host`], but smaller: messages come in, are tried at once and then at each run of the
//! queue, and leave with or without a notification. What is logged of it is [`super::sendmail`]'s and [`super::exim`]'s affair.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::render::{DAY, HOUR, Journal, LogFile, SECOND, Syslog};
use super::replies::{At, Filled, Means, Reply, reply};
use super::rng::Rng;
use super::scenario::SENDERS;
use super::truth::{Book, Truth};
use super::world::{Arrival, World};

/// The queue is run this often.
const QUEUE_RUN: i64 = 1800 * SECOND;
/// How long a host that did not answer is left alone.
const DEAD_TIME: i64 = 3600 * SECOND;

/// The MTA of a relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mta {
    /// Sendmail; whether its log level shows the end of each message.
    Sendmail { says_done: bool },
    /// Exim; whether its log names recipients when a message comes in.
    Exim { names_recipients: bool },
}

/// A recipient as it is entered.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) address: Arc<str>,
    /// The alias that was asked for, where there is one.
    pub(super) original: Option<Arc<str>>,
    /// Domain and person of the world. None: the sender of what came back, who is at home; or an alias, which goes on as others.
    pub(super) place: Option<(usize, u64)>,
}

impl Wanted {
    pub(super) fn at_home(address: &Arc<str>) -> Self {
        Self { address: Arc::clone(address), original: None, place: None }
    }
}

/// A recipient of a message in the queue.
#[derive(Clone, Debug)]
pub(super) struct Recipient {
    pub(super) address: Arc<str>,
    pub(super) original: Option<Arc<str>>,
    pub(super) place: Option<(usize, u64)>,
    /// Number in the book.
    pub(super) outcome: u32,
    pub(super) is_open: bool,
    tries: u32,
}

/// A message in the queue.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) queue_id: Arc<str>,
    /// Number in the book.
    pub(super) number: u32,
    /// Empty for a notification.
    pub(super) sender: Arc<str>,
    pub(super) header_id: Arc<str>,
    pub(super) size: u64,
    pub(super) arrived: i64,
    pub(super) to: Vec<Recipient>,
    /// How often it was tried.
    pub(super) runs: u32,
}

impl Message {
    fn is_open(&self) -> bool {
        self.to.iter().any(|to| to.is_open)
    }
}

/// One server's answer about some recipients of a message.
pub(super) struct Answer<'a> {
    pub(super) reply: &'static Reply,
    /// The reply, its variable parts filled.
    pub(super) text: &'a str,
    pub(super) relay: &'a (String, String),
    pub(super) domain: &'a str,
    /// When it began and ended.
    pub(super) began: i64,
    pub(super) ended: i64,
    pub(super) pid: u32,
}

enum Task {
    Submit(Arrival),
    Run(usize),
    /// The operator deletes what waits.
    Delete,
}

/// A host at work.
pub(super) struct Relay<'a> {
    pub(super) mta: Mta,
    /// Which of the hosts that bad days are about it is.
    number: usize,
    pub(super) name: &'a str,
    pub(super) address: &'a str,
    pub(super) journal: Journal,
    pub(super) book: Book,
    pub(super) rng: Rng,
    world: &'a World,
    messages: Vec<Message>,
    agenda: BTreeMap<(i64, u64), Task>,
    serial: u64,
    /// Domains whose hosts did not answer: until when.
    dead: HashMap<usize, i64>,
}

/// Its number among the hosts that bad days are about, its name and its address.
pub(crate) type Place<'a> = (usize, &'a str, &'a str);

/// The month of one host.
pub(crate) fn run(
    mta: Mta,
    (number, name, address): Place<'_>,
    syslog: &Syslog,
    world: &World,
    rng: Rng,
) -> (Vec<LogFile>, Truth) {
    let mut relay = Relay {
        mta,
        number,
        name,
        address,
        journal: Journal::default(),
        book: Book::default(),
        rng,
        world,
        messages: Vec::new(),
        agenda: BTreeMap::new(),
        serial: 0,
        dead: HashMap::new(),
    };
    for arrival in world.arrivals(0, 1, &mut relay.rng) {
        relay.plan(arrival.time, Task::Submit(arrival));
    }
    for day in (3..world.days).step_by(6) {
        relay.plan(world.start + day * DAY + 15 * HOUR, Task::Delete);
    }
    let end = world.start + world.days * DAY;
    while let Some(((at, _), task)) = relay.agenda.pop_first() {
        if at >= end {
            break;
        }
        match task {
            Task::Submit(arrival) => relay.submit(at, &arrival),
            Task::Run(message) => relay.try_all(at, message),
            Task::Delete => relay.delete(at),
        }
    }
    let Relay { journal, book, mut rng, .. } = relay;
    journal.publish((name, book), (world.start, end), syslog, &mut rng)
}

impl Relay<'_> {
    fn plan(&mut self, at: i64, task: Task) {
        self.serial += 1;
        self.agenda.insert((at, self.serial), task);
    }

    /// Puts a message into the queue; says nothing yet.
    pub(super) fn enter(&mut self, at: i64, (sender, message_id, size): (&Arc<str>, &Arc<str>, u64), to: &[Wanted]) -> Message {
        let serial = self.serial + self.messages.len() as u64;
        let queue_id: Arc<str> = match self.mta {
            Mta::Sendmail { .. } => super::sendmail::id(at, serial).into(),
            Mta::Exim { .. } => super::exim::id(at, serial).into(),
        };
        self.serial += 1;
        let addresses = to.iter().map(|wanted| (&wanted.address, wanted.original.as_ref()));
        let (number, first) = self.book.enter(&queue_id, sender, sender.is_empty(), addresses);
        let recipient = |(outcome, wanted): (u32, &Wanted)| Recipient {
            address: Arc::clone(&wanted.address),
            original: wanted.original.clone(),
            place: wanted.place,
            outcome,
            is_open: true,
            tries: 0,
        };
        let to = (first..).zip(to).map(recipient).collect();
        let (sender, header_id) = (Arc::clone(sender), Arc::clone(message_id));
        Message { queue_id, number, sender, header_id, size, arrived: at, to, runs: 0 }
    }

    fn submit(&mut self, at: i64, arrival: &Arrival) {
        let Some(sender) = SENDERS.get(arrival.sender) else { return };
        let name = |&(domain, person): &(usize, u64)| {
            let address: Arc<str> = format!("user{person}@{}", self.world.domains.get(domain)?.name).into();
            Some(Wanted { address, original: None, place: Some((domain, person)) })
        };
        let mut to: Vec<_> = arrival.recipients.iter().filter_map(name).collect();
        if let (Mta::Exim { .. }, Some(first), true) = (self.mta, to.first_mut(), self.rng.permille(40)) {
            first.original = Some(format!("team{}@example.org", at % 97).into());
        }
        let chance = self.rng.below(1 << 20);
        let envelope = (
            &sender.address.into(),
            &format!("{}.{chance:x}@{}", at / SECOND, sender.client.0).into(),
            sender.size + chance % 2000,
        );
        let (message, from) = match self.mta {
            Mta::Sendmail { .. } => self.sendmail_takes(at, envelope, &to, sender.client),
            Mta::Exim { names_recipients } => self.exim_takes(at, envelope, &to, (sender.client, names_recipients)),
        };
        self.messages.push(message);
        if let Some(from) = from {
            self.plan(from, Task::Run(self.messages.len() - 1));
        }
    }

    /// Tries every open recipient, domain after domain.
    fn try_all(&mut self, at: i64, index: usize) {
        let Some(mut message) = self.messages.get(index).cloned().filter(Message::is_open) else { return };
        let mut end = at;
        let mut failed = Vec::new();
        let domains: std::collections::BTreeSet<usize> =
            message.to.iter().filter(|to| to.is_open).filter_map(|to| Some(to.place?.0)).collect();
        for domain in domains {
            if message.runs > 0 && self.dead.get(&domain).is_some_and(|until| at < *until) {
                let open: Vec<_> = open_of(&message, domain).collect();
                let Some(relay) = self.world.domains.get(domain).and_then(|domain| domain.relays.first()).cloned() else {
                    continue;
                };
                match self.mta {
                    Mta::Sendmail { .. } => self.sendmail_skips(at, &message, &open, &relay.0),
                    Mta::Exim { .. } => self.exim_skips(at, &message, &open),
                }
                continue;
            }
            end = end.max(self.converse(at, &mut message, domain, &mut failed));
        }
        message.runs += 1;
        let is_old = end - message.arrived > 5 * DAY;
        if is_old && message.is_open() {
            failed.extend(message.to.iter().filter(|to| to.is_open).cloned());
            match self.mta {
                Mta::Sendmail { .. } => {}
                Mta::Exim { .. } => self.exim_gives_up(end + 50_000, &mut message),
            }
        }
        let is_over = is_old || !message.is_open();
        if !failed.is_empty() {
            end = match self.mta {
                Mta::Sendmail { .. } => self.sendmail_notifies(end + 100_000, &mut message, is_old),
                Mta::Exim { .. } => self.exim_notifies(end + 100_000, &message),
            };
        }
        if is_over {
            match self.mta {
                Mta::Sendmail { says_done } => self.sendmail_ends(end + 200_000, &message, says_done),
                Mta::Exim { .. } => self.exim_ends(end + 200_000, &message),
            }
        } else {
            let due = end + 60 * SECOND;
            let spread = self.rng.between(0, 90 * SECOND);
            self.plan(due + (QUEUE_RUN - due % QUEUE_RUN) + spread, Task::Run(index));
        }
        if let Some(entry) = self.messages.get_mut(index) {
            *entry = message;
        }
    }

    /// One conversation with a domain's server; recipients with the same answer are told together. Gives its end.
    fn converse(&mut self, at: i64, message: &mut Message, domain: usize, failed: &mut Vec<Recipient>) -> i64 {
        let Some(target) = self.world.domains.get(domain) else { return at };
        let relay = self.rng.pick(&target.relays).clone();
        let began = at + self.rng.skewed(300_000);
        let pid = 1_000 + self.rng.below(30_000) as u32;
        let chance = self.rng.bits();
        let mut end = began + 100_000 + self.rng.skewed(900_000);
        let mut answers: Vec<(&'static Reply, Vec<Recipient>)> = Vec::new();
        for to in message.to.iter_mut().filter(|to| to.is_open && to.place.is_some_and(|place| place.0 == domain)) {
            let Some(place) = to.place else { continue };
            let means = self.world.answer(at, self.number, &message.sender, place, to.tries, &mut self.rng);
            to.tries += 1;
            to.is_open = means != Means::Taken && !means.is_final();
            let reply = reply(target.provider, means, &mut self.rng);
            match answers.iter_mut().find(|(known, _)| std::ptr::eq(*known, reply)) {
                Some((_, recipients)) => recipients.push(to.clone()),
                None => answers.push((reply, vec![to.clone()])),
            }
        }
        for (reply, recipients) in answers {
            if reply.means == Means::Unreachable {
                end = began + 127 * SECOND;
                self.dead.insert(domain, end + DEAD_TIME);
            }
            if reply.means.is_final() {
                failed.extend(recipients.iter().cloned());
            }
            let Some(first) = recipients.first() else { continue };
            let filled = Filled {
                text: reply.text,
                chance,
                ours: self.address,
                helo: self.name,
                recipient: &first.address,
                sender: &message.sender,
                relay: &relay.0,
                relay_ip: &relay.1,
                seconds: end / SECOND,
            };
            let text = filled.to_string();
            let answer = Answer { reply, text: &text, relay: &relay, domain: &target.name, began, ended: end, pid };
            match self.mta {
                Mta::Sendmail { .. } => self.sendmail_tried(message, &recipients, &answer),
                Mta::Exim { .. } => self.exim_tried(message, &recipients, &answer),
            }
        }
        end
    }

    /// Some of what waits is deleted.
    fn delete(&mut self, at: i64) {
        let waiting: Vec<usize> = (0..)
            .zip(&self.messages)
            .filter(|(_, message)| message.runs > 0 && message.arrived + 5 * DAY > at && message.is_open())
            .map(|(index, _)| index)
            .collect();
        for index in waiting.into_iter().step_by(3) {
            let Mta::Exim { .. } = self.mta else { return };
            let Some(mut message) = self.messages.get(index).cloned() else { continue };
            self.exim_deletes(at, &mut message);
            if let Some(entry) = self.messages.get_mut(index) {
                *entry = message;
            }
        }
    }
}

/// Open recipients at a domain.
fn open_of(message: &Message, domain: usize) -> impl Iterator<Item = Recipient> + '_ {
    message.to.iter().filter(move |to| to.is_open && to.place.is_some_and(|place| place.0 == domain)).cloned()
}

/// The lines of a reply that Postfix has folded into one: each repeats the code.
pub(super) fn lines(reply: &str) -> Vec<&str> {
    let Some(code) = reply.get(..3).filter(|code| code.bytes().all(|byte| byte.is_ascii_digit())) else { return vec![reply] };
    let starts = |at: &usize| {
        let rest = reply.get(*at..).unwrap_or_default();
        rest.strip_prefix(' ').and_then(|rest| rest.strip_prefix(code)).is_some_and(|rest| rest.starts_with([' ', '-']))
    };
    let mut from = 0;
    let mut lines = Vec::new();
    for at in (1..reply.len()).filter(|at| reply.is_char_boundary(*at)).filter(starts) {
        lines.extend(reply.get(from..at));
        from = at + 1;
    }
    lines.extend(reply.get(from..));
    lines
}

/// Whether an answer is no reply of a server.
pub(super) fn is_bare(reply: &Reply) -> bool {
    reply.at == At::Bare && reply.means != Means::Taken
}
