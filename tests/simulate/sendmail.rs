//! What Sendmail logs: submissions by its own program over loopback, one record for all recipients with one outcome, notifications.

use std::sync::Arc;

use super::relay::{Answer, Message, Recipient, Relay, Wanted, is_bare, lines};
use super::render::{SECOND, utc};
use super::replies::Means;
use super::truth::{Fact, Said};

/// A queue id: the time in base 60, two digits of sequence, a process.
pub(super) fn id(at: i64, serial: u64) -> String {
    const DIGITS: &[u8; 60] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwx";
    let time = utc(at);
    let year = (i64::from(time.year()) - 1900).rem_euclid(60);
    let parts = [
        year,
        i64::from(time.month()) - 1,
        i64::from(time.day()),
        i64::from(time.hour()),
        i64::from(time.minute()),
        i64::from(time.second()),
        (serial / 60 % 60) as i64,
        (serial % 60) as i64,
    ];
    let digit = |part: i64| DIGITS.get(part as usize).map_or('0', |&digit| char::from(digit));
    format!("{}{:06}", parts.map(digit).iter().collect::<String>(), 1_000 + serial / 3600 % 900_000)
}

/// `[d+]hh:mm:ss` since `from`.
fn since(from: i64, at: i64) -> String {
    let seconds = (at - from).max(0) / SECOND;
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let clock = format!("{:02}:{:02}:{:02}", rest / 3_600, rest / 60 % 60, rest % 60);
    if days > 0 { format!("{days}+{clock}") } else { clock }
}

impl Relay<'_> {
    /// A message comes in: one in four from a program of this machine, by the submission queue and over loopback.
    pub(super) fn sendmail_takes(
        &mut self,
        at: i64,
        (sender, message_id, size): (&Arc<str>, &Arc<str>, u64),
        to: &[Wanted],
        (client, ip): (&str, &str),
    ) -> (Message, Option<i64>) {
        let count = to.len();
        if !self.rng.permille(250) {
            let message = self.enter(at, (sender, message_id, size), to);
            let id = &message.queue_id;
            let text = format_args!(
                "{id}: from=<{sender}>, size={size}, class=0, nrcpts={count}, msgid=<{message_id}>, proto=ESMTPA, daemon=MTA, auth=PLAIN, relay={client} [{ip}]"
            );
            self.journal.line(at, "sm-mta", 2_000 + (at % 977) as u32, Fact::Began(message.number), text);
            return (message, Some(at + 120_000));
        }
        let pid = 3_000 + (at % 977) as u32;
        let first = self.enter(at, (sender, message_id, size), to);
        let id = &first.queue_id;
        let text =
            format_args!("{id}: from=news, size={size}, class=0, nrcpts={count}, msgid=<{message_id}>, relay=news@localhost");
        self.journal.line(at, "sendmail", pid, Fact::Began(first.number), text);
        let second = self.enter(at + 400_000, (sender, message_id, size + 300), to);
        let (id, size) = (&second.queue_id, second.size);
        let text = format_args!(
            "{id}: from=<{sender}>, size={size}, class=0, nrcpts={count}, msgid=<{message_id}>, proto=ESMTP, daemon=MSA, relay=localhost.localdomain [127.0.0.1]"
        );
        self.journal.line(at + 400_000, "sm-mta", pid + 1, Fact::Began(second.number), text);
        let list: Vec<&str> = first.to.iter().map(|to| &*to.address).collect();
        let text = format_args!(
            "{}: to={}, ctladdr=news (1000/1000), delay=00:00:00, xdelay=00:00:00, mailer=relay, pri={}, relay=[127.0.0.1] [127.0.0.1], dsn=2.0.0, stat=Sent ({} Message accepted for delivery)",
            first.queue_id,
            list.join(","),
            30_000 + size,
            second.queue_id
        );
        let facts = first.to.iter().map(|to| Fact::Handed(to.outcome));
        self.journal.line_of_many(at + 500_000, ("sendmail", pid), facts, text);
        (second, Some(at + 600_000))
    }

    pub(super) fn sendmail_tried(&mut self, message: &Message, to: &[Recipient], answer: &Answer<'_>) {
        let Answer { reply, text, relay: (relay, ip), domain, began, ended, pid } = *answer;
        let first = lines(text).first().copied().unwrap_or_default();
        let status = reply.status;
        let (dsn, stat) = match reply.means {
            Means::Taken => (status, format!("Sent ({})", first.trim_start_matches("250 ").trim_start_matches("2.0.0 "))),
            Means::NoSuchDomain => ("5.1.2", format!("Host unknown (Name server: {domain}.: host not found)")),
            Means::UnknownUser if text.starts_with("550") => ("5.1.1", "User unknown".to_owned()),
            means if means.is_final() => ("5.0.0", "Service unavailable".to_owned()),
            Means::Unreachable => ("4.0.0", format!("Deferred: Connection timed out with {relay}.")),
            Means::Lost => ("4.0.0", format!("Deferred: Connection reset by {relay}. during client DATA status")),
            Means::NoNameService => ("4.4.3", format!("Deferred: Name server: {domain}.: host name lookup failure")),
            _ => (status, format!("Deferred: {first}")),
        };
        if !is_bare(reply) {
            let line = format_args!(
                "STARTTLS=client, relay={relay}., version=TLSv1.3, verify=FAIL, cipher=TLS_AES_256_GCM_SHA384, bits=256/256"
            );
            self.journal.line(began + 30_000, "sm-mta", pid, Fact::Noise, line);
        }
        let host = if matches!(reply.means, Means::NoSuchDomain | Means::NoNameService) {
            domain.to_owned()
        } else {
            format!("{relay}. [{}{ip}]", if ip.contains(':') { "IPv6:" } else { "" })
        };
        let said = match reply.means {
            Means::Taken => Said::Sent,
            means if means.is_final() => Said::Bounced,
            _ => Said::Deferred,
        };
        let (delay, xdelay) = (since(message.arrived, ended), since(began, ended));
        let id = &message.queue_id;
        // A list that does not fit one line goes on in the next.
        let split = if to.len() > 2 && self.rng.permille(300) { to.len() - 1 } else { 0 };
        let (front, back) = to.split_at_checked(split).unwrap_or((&[], to));
        for (part, more) in [(front, ", [more]"), (back, "")].into_iter().filter(|(part, _)| !part.is_empty()) {
            let list: Vec<String> = part.iter().map(|to| format!("<{}>", to.address)).collect();
            let line = format_args!(
                "{id}: to={}{more}, delay={delay}, xdelay={xdelay}, mailer=esmtp, pri={}, relay={host}, dsn={dsn}, stat={stat}",
                list.join(","),
                120_000 + message.runs * 90_000,
            );
            let facts = part.iter().map(|to| Fact::Tried(to.outcome, said));
            self.journal.line_of_many(ended, ("sm-mta", pid), facts, line);
        }
    }

    /// The host was down a moment ago: nothing is tried.
    pub(super) fn sendmail_skips(&mut self, at: i64, message: &Message, to: &[Recipient], relay: &str) {
        let list: Vec<String> = to.iter().map(|to| format!("<{}>", to.address)).collect();
        let line = format_args!(
            "{}: to={}, delay={}, xdelay=00:00:00, mailer=esmtp, pri={}, relay={relay}., dsn=4.0.0, stat=Deferred",
            message.queue_id,
            list.join(","),
            since(message.arrived, at),
            120_000 + message.runs * 90_000,
        );
        let facts = to.iter().map(|to| Fact::Suspended(to.outcome));
        self.journal.line_of_many(at, ("sm-mta", 9_000 + (at % 977) as u32), facts, line);
    }

    /// Writes to the sender, who is at home.
    pub(super) fn sendmail_notifies(&mut self, at: i64, message: &mut Message, is_old: bool) -> i64 {
        let why = if is_old { "Cannot send message for 5 days" } else { "User unknown" };
        let to = [Wanted::at_home(&message.sender)];
        let bounce = self.enter(at, (&"".into(), &message.header_id, 2_000), &to);
        let pid = 9_000 + (at % 977) as u32;
        let (id, second) = (&message.queue_id, &bounce.queue_id);
        let text = format_args!("{id}: {second}: DSN: {why}");
        let about = if is_old { Fact::Expired(message.number) } else { Fact::Notified(message.number) };
        self.journal.line_of_many(at, ("sm-mta", pid), [about, Fact::Kept(bounce.number)].into_iter(), text);
        if is_old {
            for to in &mut message.to {
                to.is_open = false;
            }
        }
        for to in &bounce.to {
            let text = format_args!(
                "{second}: to=<{}>, delay=00:00:00, xdelay=00:00:00, mailer=local, pri=31000, dsn=2.0.0, stat=Sent",
                to.address
            );
            self.journal.line(at + 80_000, "sm-mta", pid, Fact::Stored(to.outcome), text);
        }
        at + 100_000
    }

    pub(super) fn sendmail_ends(&mut self, at: i64, message: &Message, says_done: bool) {
        if says_done {
            let (delay, tries) = (since(message.arrived, at), message.runs);
            let text = format_args!("{}: done; delay={delay}, ntries={tries}", message.queue_id);
            self.journal.line(at, "sm-mta", 9_000 + (at % 977) as u32, Fact::Removed(message.number), text);
        }
    }
}
