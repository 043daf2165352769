//! A small world of mail hosts: writes their logs and says what really happened.
//!
//! Shared by the tests, the benches and `examples/make_sample_logs.rs`, which include it by path. Everything follows from the seed;
//! no clock is read. `world` is what lies outside (domains, people, campaigns, bad days), `replies` its words; `host`, `smtp` and
//! `inbound` are a Postfix, `relay` with `sendmail` and `exim` the other MTAs; `render` makes files of the lines, and `truth` folds what
//! the lines should be understood to say.

#![expect(
    clippy::case_sensitive_file_extension_comparisons,
    clippy::match_same_arms,
    clippy::similar_names,
    clippy::struct_excessive_bools,
    clippy::unused_self,
    clippy::verbose_bit_mask,
    clippy::wildcard_enum_match_arm,
    clippy::wrong_self_convention,
    reason = "the simulator writes what it was told to, from its own closed sets, and is read by tests alone"
)]

pub(crate) mod relay;
pub(crate) mod render;
pub(crate) mod truth;

mod exim;
mod host;
mod ids;
mod inbound;
mod queue;
mod replies;
mod rng;
mod scenario;
mod sendmail;
mod smtp;
mod world;

#[cfg(test)]
mod check;

use jiff::civil::Date;

use host::Host;
use relay::Mta;
use render::{LogFile, Rotation, Stamps, Syslog, midnight};
use rng::Rng;
use scenario::Month;
use truth::Truth;
use world::World;

/// What is to be simulated.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) seed: u64,
    /// The first day.
    pub(crate) start: Date,
    /// Whose bad days the world has.
    pub(crate) month: Month,
    pub(crate) days: i64,
    /// Messages handed in by clients in a whole month, all hosts together; about as many recipients.
    pub(crate) messages: u64,
    /// Small recipient domains beside the named ones.
    pub(crate) tail: u64,
    pub(crate) hosts: Vec<HostOptions>,
}

/// One host.
#[derive(Clone, Debug)]
pub(crate) struct HostOptions {
    pub(crate) name: String,
    /// Its address, as the replies of others name it.
    pub(crate) address: String,
    pub(crate) syslog: Syslog,
    /// `enable_long_queue_ids`
    pub(crate) long_ids: bool,
    /// All mail passes a content filter on 127.0.0.1:10024.
    pub(crate) filters: bool,
    /// Logs as Postfix 3.11 does: `tls=`, and the bounce daemon's line before cleanup's.
    pub(crate) is_recent: bool,
    /// `soft_bounce`: what fails for good stays in the queue.
    pub(crate) soft_bounce: bool,
    /// Writes to the sender when mail waits for four hours.
    pub(crate) warns: bool,
    /// opendkim signs and says so.
    pub(crate) signs: bool,
    /// Things that others do to this host, for each thousand messages handed in.
    pub(crate) noise: u64,
}

impl HostOptions {
    /// A plain host: RFC 3164 stamps, short ids, one file, no filter, nothing lost.
    pub(crate) fn new(name: &str, address: &str) -> Self {
        let syslog = Syslog { stamps: Stamps::Rfc3164, rotation: Rotation::Never, lost: 0, disorder: 0 };
        Self {
            name: name.to_owned(),
            address: address.to_owned(),
            syslog,
            long_ids: false,
            filters: false,
            is_recent: false,
            soft_bounce: false,
            warns: false,
            signs: true,
            noise: 120,
        }
    }
}

impl Options {
    /// October 2026 on two hosts: `mx1`, a plain one, and `mx2` with ISO stamps, long ids and a content filter.
    pub(crate) fn october(seed: u64, messages: u64) -> Self {
        let mut second = HostOptions::new("mx2", "192.0.2.20");
        second.syslog.stamps = Stamps::Iso;
        (second.long_ids, second.filters, second.is_recent, second.warns) = (true, true, true, true);
        let hosts = vec![HostOptions::new("mx1", "192.0.2.10"), second];
        Self { seed, start: jiff::civil::date(2026, 10, 1), days: 31, month: Month::October, messages, tail: 40, hosts }
    }
}

/// The logs of all hosts, each host's oldest file first, and what happened.
pub(crate) fn simulate(options: &Options) -> (Vec<LogFile>, Truth) {
    let world = World::new(options.month, (midnight(options.start), options.days), options.messages, options.tail);
    let mut files = Vec::new();
    let mut truth = Truth::default();
    for (number, host) in options.hosts.iter().enumerate() {
        let rng = Rng::new(options.seed, number as u64);
        let (logs, outcomes) = Host::new(number, options.hosts.len(), host, &world, rng).run();
        files.extend(logs);
        truth.outcomes.extend(outcomes.outcomes);
        truth.lines.extend(outcomes.lines);
    }
    (files, truth)
}

/// October 2026 on one host, `mx3`, that runs another MTA.
pub(crate) fn simulate_relay(mta: Mta, stamps: Stamps, seed: u64, (messages, tail): (u64, u64)) -> (Vec<LogFile>, Truth) {
    let options = Options { tail, ..Options::october(seed, messages) };
    relay_of(&options, mta, (0, "mx3", "192.0.2.30"), &Syslog { stamps, rotation: Rotation::Never, lost: 0, disorder: 0 })
}

/// The month of `options` on one host that runs another MTA; their hosts are not looked at.
pub(crate) fn relay_of(options: &Options, mta: Mta, host: relay::Place<'_>, syslog: &Syslog) -> (Vec<LogFile>, Truth) {
    let world = World::new(options.month, (midnight(options.start), options.days), options.messages, options.tail);
    relay::run(mta, host, syslog, &world, Rng::new(options.seed, 3))
}

/// About `bytes` of one plain log of October 2026 on one host that sends to 20,000 domains; ends on a line.
pub(crate) fn postfix_month(bytes: usize, seed: u64) -> Vec<u8> {
    sized(bytes, |messages| {
        let mut options = Options::october(seed, messages);
        options.hosts.truncate(1);
        options.tail = 20_000;
        simulate(&options).0
    })
}

/// The same of a host that runs another MTA.
pub(crate) fn relay_month(mta: Mta, stamps: Stamps, bytes: usize, seed: u64) -> Vec<u8> {
    sized(bytes, |messages| simulate_relay(mta, stamps, seed, (messages, 20_000)).0)
}

/// The log that `month` gives for as many messages as make `bytes`.
fn sized(bytes: usize, month: impl Fn(u64) -> Vec<LogFile>) -> Vec<u8> {
    let log = |messages| month(messages).pop().map(|file| file.bytes).unwrap_or_default();
    let sample = 2_000;
    let each = log(sample).len() / sample as usize;
    let mut text = log((bytes / each.max(1)) as u64 * 106 / 100 + 50);
    text.truncate(bytes);
    let end = text.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    text.truncate(end);
    text
}

/// What `sample-logs/` holds: two months of four hosts, two Postfix, a Sendmail and an Exim; each file with the name of its month's
/// folder. Names carry dates, since a fresh checkout has no file times.
pub(crate) fn sample_logs() -> Vec<(&'static str, LogFile)> {
    let date = jiff::civil::date;
    let october = [4, 11, 18, 25, 31].map(|day| date(2026, 10, day)).into_iter().chain([date(2026, 11, 1)]).collect();
    let september = [6, 13, 20, 27, 30].map(|day| date(2026, 9, day)).into_iter().chain([date(2026, 10, 1)]).collect();
    let before = Options { start: date(2026, 9, 1), days: 30, month: Month::September, ..Options::october(2025, 5_600) };
    let months: [(&str, Options, Vec<Date>); 2] =
        [("2026-09", before, september), ("2026-10", Options::october(2026, 6_000), october)];
    months
        .into_iter()
        .flat_map(|(folder, options, dates)| sample_month(options, dates).map(move |file| (folder, file)))
        .collect()
}

fn sample_month(mut options: Options, dates: Vec<Date>) -> impl Iterator<Item = LogFile> {
    let rotation = Rotation::Dated { dates, plain: 1 };
    for host in &mut options.hosts {
        host.signs = false;
        host.noise = 40;
        host.syslog.rotation = rotation.clone();
    }
    let (mut files, _) = simulate(&options);
    let small = Options { messages: options.messages / 8, seed: options.seed + 7, ..options };
    let syslog = |stamps| Syslog { stamps, rotation: rotation.clone(), lost: 0, disorder: 0 };
    let others = [
        (Mta::Sendmail { says_done: true }, (2, "mx3", "192.0.2.30"), Stamps::Rfc3164, "maillog"),
        (Mta::Exim { names_recipients: true }, (3, "mx4", "192.0.2.40"), Stamps::Exim, "mainlog"),
    ];
    for (mta, host, stamps, name) in others {
        let (logs, _) = relay_of(&small, mta, host, &syslog(stamps));
        files.extend(logs.into_iter().map(|log| LogFile { name: log.name.replace("mail.log", name), ..log }));
    }
    files.into_iter()
}
