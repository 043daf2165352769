//! One Postfix host: the queue manager's agenda and the life of a message, line by line.
//!
//! A discrete event simulation: tasks are taken in order of time, each writes its lines and plans what follows. `smtp` holds what a
//! delivery agent does, `inbound` what others do to the host.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::HostOptions;
use super::queue::{Envelope, Message, Place, Recipient, Wanted};
use super::render::{DAY, HOUR, Journal, LogFile, SECOND};
use super::rng::Rng;
use super::scenario::SENDERS;
use super::truth::{Book, Fact, Truth};
use super::world::{Arrival, World};

/// Postfix gives up after this time (`maximal_queue_lifetime`).
const LIFETIME: i64 = 5 * DAY;
/// The queue manager looks at deferred mail this often (`queue_run_delay`).
const QUEUE_RUN: i64 = 300 * SECOND;

/// What to do at some time.
#[derive(Debug)]
pub(super) enum Task {
    /// A client hands in a message.
    Submit(Arrival),
    /// Somebody else's mail for us, a local program's mail, or no mail at all.
    Inbound,
    /// The queue manager tries a message.
    Activate(usize),
    /// `postsuper -r` for some of the deferred mail.
    Requeue,
    /// `postsuper -d` for some of the deferred mail.
    Delete,
}

/// A client's open connection.
#[derive(Debug)]
struct Session {
    pid: u32,
    last: i64,
    count: u32,
}

/// A host at work.
pub(super) struct Host<'a> {
    pub(super) number: usize,
    pub(super) options: &'a HostOptions,
    pub(super) world: &'a World,
    pub(super) rng: Rng,
    pub(super) journal: Journal,
    pub(super) book: Book,
    pub(super) messages: Vec<Message>,
    agenda: BTreeMap<(i64, u64), Task>,
    serial: u64,
    sessions: HashMap<usize, Session>,
    ids: super::ids::Ids,
    pub(super) agents: super::ids::Processes,
    /// Domains that the queue manager holds dead: until when, status and reason.
    pub(super) dead: HashMap<usize, (i64, &'static str, String)>,
}

impl<'a> Host<'a> {
    /// A host with its month before it.
    pub(super) fn new(number: usize, hosts: usize, options: &'a HostOptions, world: &'a World, mut rng: Rng) -> Self {
        let arrivals = world.arrivals(number, hosts, &mut rng);
        let inbound = arrivals.len() as u64 * options.noise / 1000;
        let mut host = Self {
            number,
            options,
            world,
            rng,
            journal: Journal::default(),
            book: Book::default(),
            messages: Vec::new(),
            agenda: BTreeMap::new(),
            serial: 0,
            sessions: HashMap::new(),
            ids: super::ids::Ids::new(options.long_ids),
            agents: super::ids::Processes::default(),
            dead: HashMap::new(),
        };
        for arrival in arrivals {
            host.plan(arrival.time, Task::Submit(arrival));
        }
        for _ in 0..inbound {
            let at = host.world.moment(&mut host.rng);
            host.plan(at, Task::Inbound);
        }
        for day in (2..world.days).step_by(7) {
            host.plan(world.start + day * DAY + 10 * HOUR, Task::Requeue);
            host.plan(world.start + day * DAY + 15 * HOUR, Task::Delete);
        }
        host
    }

    /// Works until the month is over, and gives the files and the truth.
    pub(super) fn run(mut self) -> (Vec<LogFile>, Truth) {
        let end = self.world.start + self.world.days * DAY;
        while let Some(((at, _), task)) = self.agenda.pop_first() {
            if at >= end {
                break;
            }
            match task {
                Task::Submit(arrival) => self.submit(at, &arrival),
                Task::Inbound => self.inbound(at),
                Task::Activate(message) => self.activate(at, message),
                Task::Requeue => self.requeue(at),
                Task::Delete => self.delete(at),
            }
        }
        let sessions: BTreeMap<usize, Session> = self.sessions.drain().collect();
        for (sender, session) in sessions {
            self.disconnect(sender, &session);
        }
        let Self { journal, book, options, mut rng, .. } = self;
        journal.publish((&options.name, book), (self.world.start, end), &options.syslog, &mut rng)
    }

    /// Plans a task; of two for one time, the first planned is the first done.
    pub(super) fn plan(&mut self, at: i64, task: Task) {
        self.serial += 1;
        self.agenda.insert((at, self.serial), task);
    }

    /// A pid that this service has for a while.
    pub(super) fn pid(&self, service: &str, at: i64) -> u32 {
        let name = service.bytes().fold(0, |sum: u64, byte| super::rng::scramble(sum ^ u64::from(byte)));
        40_000 + (super::rng::scramble(name ^ (at / HOUR) as u64) % 25_000) as u32
    }

    /// A line of a service with a pid of its own choice.
    pub(super) fn say(&mut self, at: i64, service: &str, fact: Fact, text: std::fmt::Arguments<'_>) {
        let pid = self.pid(service, at);
        self.journal.line(at, service, pid, fact, text);
    }

    /// Puts a message into the queue under a new id; says nothing yet.
    pub(super) fn enter(&mut self, at: i64, envelope: Envelope, to: Vec<Wanted>) -> usize {
        let queue_id = self.ids.take(at, &mut self.rng);
        let recipients = to.iter().map(|wanted| (&wanted.address, wanted.original.as_ref()));
        let (number, first) = self.book.enter(&queue_id, &envelope.sender, envelope.is_own_bounce, recipients);
        let recipient = |(outcome, wanted)| Recipient { wanted, outcome, is_open: true, tries: 0 };
        let to = (first..).zip(to).map(recipient).collect();
        self.messages.push(Message {
            queue_id,
            number,
            envelope,
            arrived: at,
            to,
            runs: Some(0),
            busy_until: at,
            warned: false,
        });
        self.messages.len() - 1
    }

    /// cleanup's and the queue manager's first lines of a message; plans its first activation. Where no line before these told of
    /// the message, it begins with cleanup's.
    pub(super) fn queue(&mut self, at: i64, message: usize, has_begun: bool) {
        let Some(entry) = self.messages.get(message) else { return };
        let Message { queue_id, number, envelope, to, .. } = entry.clone();
        let Envelope { sender, message_id, size, .. } = envelope;
        let fact = if has_begun { Fact::Context(number) } else { Fact::Began(number) };
        self.say(at, "postfix/cleanup", fact, format_args!("{queue_id}: message-id=<{message_id}>"));
        let signs = !sender.is_empty() && !envelope.is_unfiltered && self.options.signs;
        if let Some((_, domain)) = sender.rsplit_once('@').filter(|_| signs) {
            let text = format_args!("{queue_id}: DKIM-Signature field added (s=mail, d={domain})");
            self.say(at + 900, "opendkim", Fact::Context(number), text);
        }
        let count = to.len();
        let text = format_args!("{queue_id}: from=<{sender}>, size={size}, nrcpt={count} (queue active)");
        self.say(at + 1500, "postfix/qmgr", Fact::Kept(number), text);
        self.plan(at + 1600, Task::Activate(message));
    }

    /// A client submits a message, over its open connection if there is one.
    fn submit(&mut self, at: i64, arrival: &Arrival) {
        let Some(sender) = SENDERS.get(arrival.sender) else { return };
        if let Some(session) = self.sessions.remove(&arrival.sender) {
            if session.last + 20 * SECOND < at || session.count > 50 {
                self.disconnect(arrival.sender, &session);
            } else {
                self.sessions.insert(arrival.sender, session);
            }
        }
        let (name, ip) = sender.client;
        let pid = if let Some(session) = self.sessions.get_mut(&arrival.sender) {
            (session.last, session.count) = (at, session.count + 1);
            session.pid
        } else {
            let pid = self.agents.fresh();
            self.sessions.insert(arrival.sender, Session { pid, last: at, count: 1 });
            let line = format_args!("connect from {name}[{ip}]");
            self.journal.line(at - 300_000, "postfix/submission/smtpd", pid, Fact::Noise, line);
            pid
        };
        let to = arrival.recipients.iter().filter_map(|&(domain, person)| self.person(domain, person)).collect();
        let chance = self.rng.below(1 << 20);
        let envelope = Envelope {
            sender: sender.address.into(),
            message_id: format!("{}.{chance:x}@{name}", at / SECOND).into(),
            size: sender.size + chance % 2000,
            is_unfiltered: self.options.filters,
            is_own_bounce: false,
        };
        let user = sender.address.split(['@', '.']).nth(1).unwrap_or_default();
        let message = self.enter(at, envelope, to);
        let Some(Message { queue_id, number, .. }) = self.messages.get(message) else { return };
        let text = format_args!("{queue_id}: client={name}[{ip}], sasl_method=PLAIN, sasl_username={user}");
        self.journal.line(at, "postfix/submission/smtpd", pid, Fact::Began(*number), text);
        self.queue(at + 12_000, message, true);
    }

    fn disconnect(&mut self, sender: usize, session: &Session) {
        let Some((name, ip)) = SENDERS.get(sender).map(|sender| sender.client) else { return };
        let count = session.count;
        let text = format_args!(
            "disconnect from {name}[{ip}] ehlo=2 starttls=1 auth=1 mail={count} rcpt={count} data={count} quit=1 commands={}",
            count * 3 + 5
        );
        self.journal.line(session.last + 400_000, "postfix/submission/smtpd", session.pid, Fact::Noise, text);
    }

    /// A recipient of the world.
    pub(super) fn person(&self, domain: usize, person: u64) -> Option<Wanted> {
        let name = &self.world.domains.get(domain)?.name;
        Some(Wanted { address: format!("user{person}@{name}").into(), original: None, place: Place::Person(domain, person) })
    }

    /// The queue manager takes a message: attempts, then notification, expiry, the next time or the end.
    fn activate(&mut self, at: i64, message: usize) {
        let Some(entry) = self.messages.get_mut(message) else { return };
        let Some(runs) = entry.runs else { return };
        entry.runs = Some(runs + 1);
        let Message { queue_id, number, envelope, arrived, .. } = entry.clone();
        if runs > 0 {
            let (sender, size, count) = (&envelope.sender, envelope.size, entry.to.len());
            let text = format_args!("{queue_id}: from=<{sender}>, size={size}, nrcpt={count} (queue active)");
            self.say(at, "postfix/qmgr", Fact::Context(number), text);
        }
        let (mut end, has_bounced) = self.deliver(at, message);
        if has_bounced {
            end = self.notify(end + 4_000, message, "sender non-delivery notification");
        }
        if self.messages.get(message).is_some_and(|entry| entry.to.iter().all(|to| !to.is_open)) {
            return self.remove(end + 1_000, message);
        }
        if end - arrived > LIFETIME {
            let text = format_args!("{queue_id}: from=<{}>, status=expired, returned to sender", envelope.sender);
            self.say(end + 800, "postfix/qmgr", Fact::Expired(number), text);
            end = self.notify(end + 4_000, message, "sender non-delivery notification");
            return self.remove(end + 1_000, message);
        }
        let is_late = self.options.warns && end - arrived > 4 * HOUR;
        if is_late && self.messages.get_mut(message).is_some_and(|entry| !std::mem::replace(&mut entry.warned, true)) {
            end = self.notify(end + 3_000, message, "sender delay notification");
        }
        if let Some(entry) = self.messages.get_mut(message) {
            entry.busy_until = end;
        }
        // Twice the age, between 300 and 4,000 seconds; then the next queue run, which takes all that are due.
        let due = end + (end - arrived).clamp(300 * SECOND, 4000 * SECOND);
        let run = due + (QUEUE_RUN - due % QUEUE_RUN) + 7 * SECOND;
        let spread = self.rng.between(0, 200_000);
        self.plan(run + spread, Task::Activate(message));
    }

    fn remove(&mut self, at: i64, message: usize) {
        let Some(entry) = self.messages.get_mut(message) else { return };
        entry.runs = None;
        let (queue_id, number) = (Arc::clone(&entry.queue_id), entry.number);
        self.say(at, "postfix/qmgr", Fact::Removed(number), format_args!("{queue_id}: removed"));
        self.ids.give_back(at, queue_id, &mut self.rng);
    }

    /// Writes the sender a mail about a failure or a delay, and gives the time after it.
    fn notify(&mut self, at: i64, about: usize, what: &str) -> i64 {
        let Some(entry) = self.messages.get(about) else { return at };
        let Message { queue_id, number, envelope, .. } = entry.clone();
        if envelope.sender.is_empty() {
            return at;
        }
        let is_home = envelope.sender.ends_with("example.com");
        let place = if is_home { Place::Home } else { Place::Owner };
        let to = vec![Wanted { address: Arc::clone(&envelope.sender), original: None, place }];
        let stamp = super::render::utc(at).strftime("%Y%m%d%H%M%S").to_string();
        let bounce = Envelope {
            sender: "".into(),
            message_id: format!("{stamp}.{queue_id}@{}", self.options.name).into(),
            size: 3_100 + envelope.size.min(50_000),
            is_unfiltered: false,
            is_own_bounce: true,
        };
        let message = self.enter(at, bounce, to);
        let Some(second) = self.messages.get(message).map(|entry| Arc::clone(&entry.queue_id)) else { return at };
        // Since 3.11 the bounce daemon speaks before cleanup does.
        let offset = if self.options.is_recent { -500 } else { 700 };
        let text = format_args!("{queue_id}: {what}: {second}");
        self.say(at + offset, "postfix/bounce", Fact::Notified(number), text);
        self.queue(at, message, false);
        at + 1_600
    }

    /// Some of the messages that wait for another attempt.
    fn deferred(&mut self, at: i64) -> Vec<usize> {
        let waits = |entry: &Message| entry.runs.is_some_and(|runs| runs > 0) && entry.busy_until < at;
        let all: Vec<usize> = (0..).zip(&self.messages).filter(|(_, entry)| waits(entry)).map(|(number, _)| number).collect();
        all.into_iter().filter(|_| self.rng.permille(250)).take(40).collect()
    }

    fn delete(&mut self, at: i64) {
        let chosen = self.deferred(at);
        for &message in &chosen {
            let Some(entry) = self.messages.get_mut(message) else { continue };
            entry.runs = None;
            let (queue_id, number) = (Arc::clone(&entry.queue_id), entry.number);
            self.say(at, "postfix/postsuper", Fact::Cancelled(number), format_args!("{queue_id}: removed"));
            self.ids.give_back(at, queue_id, &mut self.rng);
        }
        let ending = if chosen.len() == 1 { "" } else { "s" };
        self.say(at, "postfix/postsuper", Fact::Noise, format_args!("Deleted: {} message{ending}", chosen.len()));
    }

    /// The same mail under new ids, its finished recipients left out; a content filter sees it again.
    fn requeue(&mut self, at: i64) {
        let chosen = self.deferred(at);
        for (&message, delay) in chosen.iter().zip((1..).map(|number| number * 30_000)) {
            let Some(entry) = self.messages.get_mut(message) else { continue };
            entry.runs = None;
            let Message { queue_id, number: previous, mut envelope, to, .. } = entry.clone();
            self.say(at, "postfix/postsuper", Fact::Requeued(previous), format_args!("{queue_id}: requeued"));
            envelope.is_unfiltered = self.options.filters;
            let to = to.into_iter().filter(|to| to.is_open).map(|to| to.wanted).collect();
            let sender = Arc::clone(&envelope.sender);
            let next = self.enter(at + SECOND + delay, envelope, to);
            let Some((second, number)) = self.messages.get(next).map(|entry| (Arc::clone(&entry.queue_id), entry.number))
            else {
                continue;
            };
            self.book.requeue(previous, number);
            let text = format_args!("{second}: uid=109 from=<{sender}> orig_id={queue_id}");
            self.say(at + SECOND + delay, "postfix/pickup", Fact::Began(number), text);
            self.queue(at + SECOND + delay + 5_000, next, true);
            self.ids.give_back(at + 2 * SECOND + delay, queue_id, &mut self.rng);
        }
        let ending = if chosen.len() == 1 { "" } else { "s" };
        self.say(at + 1000, "postfix/postsuper", Fact::Noise, format_args!("Requeued: {} message{ending}", chosen.len()));
    }
}
