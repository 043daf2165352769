//! What others do to a host: mail for its mailboxes and aliases, mail of local programs, probes, and visitors nobody asked for.

use std::sync::Arc;

use super::host::Host;
use super::queue::{Envelope, Place, Wanted};
use super::render::SECOND;
use super::replies::{Filled, Means, reply};
use super::truth::Fact;

impl Host<'_> {
    /// One thing of these.
    pub(super) fn inbound(&mut self, at: i64) {
        match self.rng.below(100) {
            0..15 => self.mail_for_us(at),
            15..20 => self.cron(at),
            20..25 => self.probe(at),
            25..45 => self.postscreen(at),
            45..75 => self.reject(at),
            75..88 => self.guess_password(at),
            88..94 => self.statistics(at),
            _ => self.reader(at),
        }
    }

    /// An address from which nothing good comes.
    fn stranger(&mut self) -> String {
        format!("203.0.113.{}", 1 + self.rng.below(250))
    }

    /// A mail from outside: into a mailbox, or by a virtual alias to a person elsewhere.
    fn mail_for_us(&mut self, at: i64) {
        let (domain, person) = self.somebody();
        let Some(sender) = self.world.domains.get(domain) else { return };
        let (name, ip) = self.rng.pick(&sender.relays).clone();
        let address: Arc<str> = format!("user{person}@{}", sender.name).into();
        let role = *self.rng.pick(&["info", "sales", "press", "jobs"]);
        let alias: Arc<str> = format!("{role}@office.example.net").into();
        let mailbox = Wanted { address: Arc::clone(&alias), original: None, place: Place::Home };
        let to = if self.rng.permille(400) {
            let (domain, person) = self.somebody();
            let Some(elsewhere) = self.person(domain, person) else { return };
            vec![Wanted { original: Some(alias), ..elsewhere }]
        } else {
            vec![mailbox]
        };
        let envelope = Envelope {
            sender: address,
            message_id: format!("{:x}@{name}", at / SECOND).into(),
            size: 4_000 + self.rng.below(90_000),
            is_unfiltered: self.options.filters,
            is_own_bounce: false,
        };
        let message = self.enter(at, envelope, to);
        let Some((queue_id, number)) = self.messages.get(message).map(|entry| (Arc::clone(&entry.queue_id), entry.number))
        else {
            return;
        };
        let pid = self.agents.fresh();
        let client = format_args!("connect from {name}[{ip}]");
        self.journal.line(at - 200_000, "postfix/smtpd", pid, Fact::Noise, client);
        let text = format_args!("{queue_id}: client={name}[{ip}]");
        self.journal.line(at, "postfix/smtpd", pid, Fact::Began(number), text);
        self.queue(at + 90_000, message, true);
        let text = format_args!("disconnect from {name}[{ip}] ehlo=2 starttls=1 mail=1 rcpt=1 data=1 quit=1 commands=7");
        self.journal.line(at + 140_000, "postfix/smtpd", pid, Fact::Noise, text);
    }

    /// A domain and a person of the world, every domain that has a server as likely as the others.
    fn somebody(&mut self) -> (usize, u64) {
        let domain = self.rng.below(self.world.domains.len() as u64) as usize;
        (domain, self.rng.below(30))
    }

    /// cron writes to root, whom an alias sends on.
    fn cron(&mut self, at: i64) {
        let host = &self.options.name;
        let root: Arc<str> = format!("root@{host}").into();
        let envelope = Envelope {
            sender: Arc::clone(&root),
            message_id: format!("cron.{:x}@{host}", at / SECOND).into(),
            size: 900,
            is_unfiltered: false,
            is_own_bounce: false,
        };
        let to = Wanted { address: root, original: Some("root".into()), place: Place::Alias(0, 7) };
        let message = self.enter(at, envelope, vec![to]);
        let Some((queue_id, number)) = self.messages.get(message).map(|entry| (Arc::clone(&entry.queue_id), entry.number))
        else {
            return;
        };
        self.say(at, "postfix/pickup", Fact::Began(number), format_args!("{queue_id}: uid=0 from=<root>"));
        self.queue(at + 3_000, message, true);
    }

    /// Postfix asks a server whether it would take mail for an address: a message that never was.
    fn probe(&mut self, at: i64) {
        let (domain, person) = self.somebody();
        let Some(whom) = self.person(domain, person) else { return };
        let Some(provider) = self.world.domains.get(domain).map(|domain| domain.provider) else { return };
        let Some((name, ip)) = self.world.domains.get(domain).and_then(|domain| domain.relays.first()).cloned() else { return };
        let sender: Arc<str> = format!("double-bounce@{}", self.options.name).into();
        let envelope = Envelope {
            sender: Arc::clone(&sender),
            message_id: "".into(),
            size: 260,
            is_unfiltered: false,
            is_own_bounce: false,
        };
        let message = self.enter(at, envelope, Vec::new());
        let Some(entry) = self.messages.get_mut(message) else { return };
        entry.runs = None;
        let (queue_id, number, address) = (Arc::clone(&entry.queue_id), entry.number, &whom.address);
        let id = format!("{:x}.{queue_id}@{}", at / SECOND, self.options.name);
        self.say(at, "postfix/cleanup", Fact::Context(number), format_args!("{queue_id}: message-id=<{id}>"));
        let text = format_args!("{queue_id}: from=<{sender}>, size=260, nrcpt=1 (queue active)");
        self.say(at + 900, "postfix/qmgr", Fact::Context(number), text);
        let is_unknown = self.rng.permille(200);
        let (word, status, text) = if is_unknown {
            let refusal = reply(provider, Means::UnknownUser, &mut self.rng);
            let filled = Filled {
                text: refusal.text,
                chance: self.rng.bits(),
                ours: &self.options.address,
                helo: &self.options.name,
                recipient: address,
                sender: &sender,
                relay: &name,
                relay_ip: &ip,
                seconds: at / SECOND,
            };
            ("undeliverable", refusal.status, format!("host {name}[{ip}] said: {filled} (in reply to RCPT TO command)"))
        } else {
            ("deliverable", "2.1.5", "250 2.1.5 Ok".to_owned())
        };
        let line = format_args!(
            "{queue_id}: to=<{address}>, relay={name}[{ip}]:25, delay=0.6, delays=0.01/0/0.4/0.19, dsn={status}, status={word} ({text})"
        );
        let pid = self.agents.take(at, at + 700_000);
        self.journal.line(at + 600_000, "postfix/smtp", pid, Fact::Probe, line);
        self.say(at + 601_000, "postfix/qmgr", Fact::Removed(number), format_args!("{queue_id}: removed"));
    }

    fn postscreen(&mut self, at: i64) {
        let (ip, port) = (self.stranger(), 1025 + self.rng.below(60_000));
        let ours = &self.options.address;
        let service = "postfix/postscreen";
        self.say(at, service, Fact::Noise, format_args!("CONNECT from [{ip}]:{port} to [{ours}]:25"));
        if self.rng.permille(300) {
            return self.say(at + 2_000, service, Fact::Noise, format_args!("PASS OLD [{ip}]:{port}"));
        }
        let text = format_args!("addr {ip} listed by domain zen.dnsbl.example as 127.0.0.4");
        self.say(at + 90_000, "postfix/dnsblog", Fact::Noise, text);
        self.say(at + 100_000, service, Fact::Noise, format_args!("PREGREET 11 after 0.1 from [{ip}]:{port}: EHLO User\\r\\n"));
        self.say(at + 200_000, service, Fact::Noise, format_args!("DNSBL rank 4 for [{ip}]:{port}"));
        let text = format_args!(
            "NOQUEUE: reject: RCPT from [{ip}]:{port}: 550 5.7.1 Service unavailable; client [{ip}] blocked using zen.dnsbl.example; from=<win@prize.example>, to=<info@office.example.net>, proto=ESMTP, helo=<User>"
        );
        self.say(at + 6 * SECOND, service, Fact::Inbound(1), text);
        self.say(at + 6 * SECOND + 200_000, service, Fact::Noise, format_args!("DISCONNECT [{ip}]:{port}"));
    }

    fn reject(&mut self, at: i64) {
        let ip = self.stranger();
        let user = self.rng.below(400);
        let pid = self.agents.fresh();
        let service = "postfix/smtpd";
        self.journal.line(at, service, pid, Fact::Noise, format_args!("connect from unknown[{ip}]"));
        let why = *self.rng.pick(&[
            "454 4.7.1 <@>: Relay access denied",
            "550 5.1.1 <@>: Recipient address rejected: User unknown in virtual mailbox table",
            "450 4.2.0 <@>: Recipient address rejected: Greylisted, see http://postgrey.example/help/office.example.net.html",
        ]);
        let to = format!("user{user}@office.example.net");
        let why = why.replace('@', &to);
        let text =
            format!("NOQUEUE: reject: RCPT from unknown[{ip}]: {why}; from=<a@prize.example> to=<{to}> proto=ESMTP helo=<pc>");
        self.journal.line(at + 400_000, service, pid, Fact::Inbound(1), format_args!("{text}"));
        if self.rng.permille(150) {
            let times = 2 + self.rng.below(4) as u32;
            let text = format_args!("message repeated {times} times: [ {text}]");
            self.journal.line(at + 3 * SECOND, service, pid, Fact::Inbound(times), text);
        }
        let text = format_args!("lost connection after RCPT from unknown[{ip}]");
        self.journal.line(at + 4 * SECOND, service, pid, Fact::Noise, text);
        let text = format_args!("disconnect from unknown[{ip}] ehlo=1 mail=1 rcpt=0/1 commands=2/3");
        self.journal.line(at + 4 * SECOND, service, pid, Fact::Noise, text);
    }

    fn guess_password(&mut self, at: i64) {
        let ip = self.stranger();
        let pid = self.agents.fresh();
        let service = "postfix/submission/smtpd";
        let text = format!("warning: unknown[{ip}]: SASL LOGIN authentication failed: UGFzc3dvcmQ6");
        self.journal.line(at, service, pid, Fact::Noise, format_args!("connect from unknown[{ip}]"));
        self.journal.line(at + SECOND, service, pid, Fact::Noise, format_args!("{text}"));
        let times = 2 + self.rng.below(9);
        self.journal.line(
            at + 5 * SECOND,
            service,
            pid,
            Fact::Noise,
            format_args!("message repeated {times} times: [ {text}]"),
        );
    }

    fn statistics(&mut self, at: i64) {
        let ip = self.stranger();
        let stamp = super::render::utc(at).strftime("%b %e %H:%M:%S").to_string();
        let text = format_args!("statistics: max connection rate 2/60s for (smtp:{ip}) at {stamp}");
        self.say(at, "postfix/anvil", Fact::Noise, text);
        self.say(at, "postfix/scache", Fact::Noise, format_args!("statistics: domain lookup hits=3 miss=9 success=25%"));
    }

    /// Somebody fetches mail: another program's line in the same log.
    fn reader(&mut self, at: i64) {
        let ip = self.stranger();
        let user = *self.rng.pick(&["info", "sales", "press"]);
        let text =
            format_args!("Login: user=<{user}@office.example.net>, method=PLAIN, rip={ip}, lip={}, TLS", self.options.address);
        self.say(at, "dovecot: imap-login", Fact::Noise, text);
    }
}
