//! The world that the hosts send to: domains and their people, who sends what and when, and what goes wrong on which days.

use super::render::{DAY, HOUR};
use super::replies::{Means, Provider};
use super::rng::{Rng, Weights, scramble};
use super::scenario::{Audience, CONSUMER, Episode, HOSTED, Month, Nature, SENDERS, SPECIAL, WORDS, When};

/// A recipient domain.
#[derive(Debug)]
pub(crate) struct Domain {
    pub(crate) name: String,
    pub(crate) provider: Provider,
    nature: Nature,
    /// Share of all mail; only its ratio to the others means something.
    weight: u64,
    /// Addresses that our lists hold.
    pub(crate) people: u64,
    /// Mail exchangers: name and address. A domain without a name service entry has none.
    pub(crate) relays: Vec<(String, String)>,
}

/// A message as it is handed in.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    pub(crate) time: i64,
    /// Number of the sender.
    pub(crate) sender: usize,
    /// Recipients: number of the domain, number of the person.
    pub(crate) recipients: Vec<(usize, u64)>,
}

/// Everything outside the hosts.
#[derive(Debug)]
pub(crate) struct World {
    /// Midnight before the first day, microseconds since 1970.
    pub(crate) start: i64,
    pub(crate) days: i64,
    month: Month,
    messages: u64,
    pub(crate) domains: Vec<Domain>,
    pick: Weights,
    hours: Weights,
}

/// Mail by hour of the day, and by day from Monday to Sunday.
const BY_HOUR: [u64; 24] = [3, 2, 2, 2, 3, 5, 12, 25, 48, 60, 62, 58, 45, 50, 56, 54, 48, 40, 32, 26, 22, 16, 10, 6];
const BY_DAY: [u64; 7] = [10, 11, 10, 11, 9, 4, 3];

impl World {
    /// The world of `days` days of a month from `start` (a midnight, microseconds since 1970), in which `messages` are handed in;
    /// `tail` small domains beside those that have a name here.
    pub(crate) fn new(month: Month, (start, days): (i64, i64), messages: u64, tail: u64) -> Self {
        let mut domains: Vec<Domain> =
            CONSUMER.iter().map(|&(name, provider, weight)| domain(name.to_owned(), provider, Nature::Sound, weight)).collect();
        domains
            .extend(SPECIAL.iter().map(|&(name, nature, weight)| domain(name.to_owned(), Provider::Postfix, nature, weight)));
        domains.extend((0..).zip(WORDS).map(|(number, word)| {
            let provider = HOSTED.into_iter().cycle().nth(number).unwrap_or(Provider::Postfix);
            domain(format!("{word}.example"), provider, Nature::Sound, 16 - number as u64 / 2)
        }));
        domains.extend((0..tail).map(|number| {
            let word = |bits: u64| WORDS.get(bits as usize % WORDS.len()).copied().unwrap_or_default();
            let chance = scramble(number);
            let provider = HOSTED.get(chance as usize % HOSTED.len()).copied().unwrap_or(Provider::Postfix);
            let greylists = provider == Provider::Postfix && chance >> 40 & 3 == 0;
            let nature = if greylists { Nature::Greylists } else { Nature::Sound };
            domain(format!("{}-{}{number}.example", word(chance >> 8), word(chance >> 20)), provider, nature, 1)
        }));
        // What lies in the tail weighs 150 of 1,000, however many domains it holds.
        let scale = |number: usize, weight: u64| {
            if number < domains.len() - tail as usize { weight * tail.max(150) } else { weight * 150 }
        };
        let pick = Weights::new(domains.iter().enumerate().map(|(number, domain)| scale(number, domain.weight)));
        for domain in &mut domains {
            domain.people = 40 + domain.weight * messages / 3000;
        }
        let first = super::render::utc(start).weekday().to_monday_zero_offset() as usize;
        let hours = (0..days as usize * 24).map(|hour| {
            let day = BY_DAY.get((first + hour / 24) % 7).copied().unwrap_or(1);
            day * BY_HOUR.get(hour % 24).copied().unwrap_or(1)
        });
        Self { start, days, month, messages, domains, pick, hours: Weights::new(hours) }
    }

    /// The mail that is handed to host `host` of `hosts`, in order of time.
    pub(crate) fn arrivals(&self, host: usize, hosts: usize, rng: &mut Rng) -> Vec<Arrival> {
        let mut arrivals = Vec::new();
        for (number, sender) in SENDERS.iter().enumerate() {
            if sender.audience == Audience::Bought && !self.month.has_bought_lists() {
                continue;
            }
            for &(share, when) in sender.streams {
                let all = self.messages * share / 1000;
                let count = match sender.host {
                    None => all / hosts as u64,
                    Some(uses) if uses % hosts == host => all,
                    Some(_) => 0,
                };
                for _ in 0..count {
                    let time = self.time(when, rng);
                    if time < self.start + self.days * DAY {
                        arrivals.push(Arrival { time, sender: number, recipients: self.audience(sender.audience, rng) });
                    }
                }
            }
        }
        arrivals.sort_by_key(|arrival| arrival.time);
        arrivals
    }

    /// A moment of the month, busy hours more often.
    pub(crate) fn moment(&self, rng: &mut Rng) -> i64 {
        self.start + self.hours.pick(rng) as i64 * HOUR + rng.between(0, HOUR - 1)
    }

    fn time(&self, when: When, rng: &mut Rng) -> i64 {
        match when {
            When::Always => self.moment(rng),
            When::Campaign(from, hours) => self.start + from * HOUR + rng.between(0, hours * HOUR - 1),
        }
    }

    fn audience(&self, audience: Audience, rng: &mut Rng) -> Vec<(usize, u64)> {
        let count = if audience == Audience::Office && rng.permille(350) { rng.between(2, 5) } else { 1 };
        let mut people: Vec<(usize, u64)> = Vec::new();
        for _ in 0..count {
            let domain = self.pick.pick(rng);
            let known = self.domains.get(domain).map_or(1, |domain| domain.people);
            let strange = audience == Audience::Bought && rng.permille(450);
            let person = if strange { known + rng.below(known * 9) } else { rng.below(known) };
            if !people.contains(&(domain, person)) {
                people.push((domain, person));
            }
        }
        people
    }

    /// What `domain` answers to the attempt number `tries` (from 0) of host `host` to reach a person.
    pub(crate) fn answer(&self, at: i64, host: usize, sender: &str, to: (usize, u64), tries: u32, rng: &mut Rng) -> Means {
        let Some(domain) = self.domains.get(to.0) else { return Means::NoSuchDomain };
        let hour = (at - self.start) / HOUR;
        match domain.nature {
            Nature::Gone => return Means::NoSuchDomain,
            Nature::NullMx => return Means::TakesNoMail,
            Nature::Unreachable => return Means::Unreachable,
            Nature::NoNameService => return Means::NoNameService,
            Nature::Down(from, to) if (from..to).contains(&hour) => return Means::Unreachable,
            Nature::Greylists if tries == 0 => return Means::Greylisted,
            Nature::Sound | Nature::Greylists | Nature::Down(..) => {}
        }
        let holds = |episode: &&Episode| {
            episode.providers.contains(&domain.provider)
                && episode.host.is_none_or(|only| only == host)
                && episode.sender.is_none_or(|only| sender.rsplit_once('@').is_some_and(|(_, from)| from == only))
                && (episode.hours.0..episode.hours.1).contains(&hour)
        };
        if let Some(episode) = self.month.episodes().iter().find(holds)
            && rng.permille(episode.share)
        {
            return episode.means;
        }
        person(domain, to.1, self.month.stale()).unwrap_or_else(|| match rng.below(1000) {
            0 | 1 => Means::Lost,
            2 => Means::ServerError,
            3 => Means::Spam,
            _ if domain.provider == Provider::Orange && rng.permille(150) => Means::Throttled,
            _ if domain.provider == Provider::Mimecast && tries == 0 && rng.permille(100) => Means::Greylisted,
            _ => Means::Taken,
        })
    }
}

/// What is wrong with this person's mailbox; the same today and tomorrow. Of a thousand that we know, `stale` do not exist any more.
fn person(domain: &Domain, number: u64, stale: u64) -> Option<Means> {
    let chance = scramble(number ^ scramble(domain.name.len() as u64 * 31 + domain.weight)) % 1000;
    let is_stranger = number >= domain.people && chance < 550;
    match chance {
        _ if is_stranger => Some(Means::UnknownUser),
        990..=999 if 999 - chance < stale => Some(Means::UnknownUser),
        986..=987 => Some(Means::FullForNow),
        988..=989 => Some(Means::Full),
        _ => None,
    }
}

/// A domain with the mail exchangers that its provider gives it.
fn domain(name: String, provider: Provider, nature: Nature, weight: u64) -> Domain {
    let chance = scramble(name.bytes().fold(7, |sum, byte| scramble(sum ^ u64::from(byte))));
    let dashed = name.replace('.', "-");
    let names: Vec<String> = match provider {
        Provider::Google if name == "gmail.com" => {
            vec!["gmail-smtp-in.l.google.com".to_owned(), "alt1.gmail-smtp-in.l.google.com".to_owned()]
        }
        Provider::Google => vec!["aspmx.l.google.com".to_owned(), "alt1.aspmx.l.google.com".to_owned()],
        Provider::Microsoft => vec![format!("{dashed}.olc.protection.outlook.com")],
        Provider::Yahoo if name == "aol.com" => vec!["mx-aol.mail.gm0.yahoodns.net".to_owned()],
        Provider::Yahoo => vec!["mta5.am0.yahoodns.net".to_owned(), "mta6.am0.yahoodns.net".to_owned()],
        Provider::Apple => vec!["mx01.mail.icloud.com".to_owned(), "mx02.mail.icloud.com".to_owned()],
        Provider::Gmx if name == "web.de" => vec!["mx-ha02.web.de".to_owned(), "mx-ha03.web.de".to_owned()],
        Provider::Gmx => vec!["mx00.emig.gmx.net".to_owned(), "mx01.emig.gmx.net".to_owned()],
        Provider::Comcast => vec!["mx1.mxge.comcast.net".to_owned(), "mx2.mxge.comcast.net".to_owned()],
        Provider::Orange => vec!["smtp-in.orange.fr".to_owned()],
        Provider::Telekom => vec!["mx00.t-online.de".to_owned(), "mx03.t-online.de".to_owned()],
        Provider::Microsoft365 => vec![format!("{dashed}.mail.protection.outlook.com")],
        Provider::Proofpoint => {
            let customer = chance & 0xfffff;
            vec![format!("mxa-{customer:08x}.gslb.pphosted.com"), format!("mxb-{customer:08x}.gslb.pphosted.com")]
        }
        Provider::Mimecast => vec!["eu-smtp-inbound-1.mimecast.com".to_owned(), "eu-smtp-inbound-2.mimecast.com".to_owned()],
        Provider::Barracuda => vec![format!("d{}a.ess.barracudanetworks.com", 100_000 + chance % 90_000)],
        Provider::Postfix => vec![format!("mx1.{name}"), format!("mx2.{name}")],
        Provider::Exim => vec![format!("mail.{name}")],
    };
    let address = |number: u64| match (chance >> 8) + number {
        bits if provider == Provider::Google && bits & 3 == 0 => format!("2001:db8:4{:x}::1a", bits >> 4 & 0xff),
        bits if bits & 1 == 0 => format!("198.51.100.{}", 1 + (bits >> 3) % 250),
        bits => format!("203.0.113.{}", 1 + (bits >> 3) % 250),
    };
    let relays = (0..).zip(names).map(|(number, name)| (name, address(number * 9))).collect();
    Domain { name, provider, nature, weight, people: 0, relays }
}
