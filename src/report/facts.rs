//! What all sections look at: the tables, and what is computed from them once.

use std::collections::BTreeSet;

use crate::insights::interval::Days;
use crate::insights::{Finding, findings, name, number, smarthost, total};
use crate::report::About;
use crate::report::replies::{self, Reply};
use crate::report::taken::Taken;
use crate::stats::Rate;
use crate::tables::delays::DelayRow;
use crate::tables::providers::Provider;
use crate::tables::signatures::Signature;
use crate::tables::timeline::Day;
use crate::tables::{ALL, Tables};

/// How many providers have a row in the table of all figures.
pub const PROVIDERS: usize = 50;

/// The id of a provider's row.
#[must_use]
pub fn provider_id(provider: &str) -> String {
    name::anchor("provider", provider)
}

/// The tables of a period and what follows from them.
pub struct Facts<'a> {
    /// The tables.
    pub tables: &'a Tables,
    /// What the page says of itself.
    pub about: &'a About,
    /// All providers together.
    pub all: Provider,
    /// Domains that run their own servers, together; None: there are fewer than two.
    pub self_hosted: Option<Provider>,
    /// A smarthost took most of the mail: what the providers did is not to be seen.
    pub is_behind_smarthost: bool,
    /// What is known of mail that was taken: whether it may be called delivered.
    pub taken: Taken,
    /// What the tables say in words, problems by harm, then what was not found.
    pub findings: Vec<Finding>,
    /// How the delivered rate spreads over the days.
    pub delivered: Days<'a>,
    /// How the share of mail that was lost to blocks spreads over the days.
    pub lost_to_blocks: Days<'a>,
    /// How the share of hard bounces spreads over the days.
    pub hard: Days<'a>,
    /// How the share that was accepted within an hour spreads over the days.
    pub within_hour: Days<'a>,
    /// How the share of unknown users spreads over the days.
    pub unknown_users: Days<'a>,
    /// The replies of failures, the commonest first.
    pub replies: Vec<Reply<'a>>,
    /// Ids of the replies that the page shows.
    shown_replies: BTreeSet<String>,
    /// Providers that the page shows in its table of all figures.
    shown_providers: BTreeSet<&'a str>,
    /// All providers together, day by day, a row for each calendar day of the period; empty without mail.
    pub days: Vec<Day>,
}

impl<'a> Facts<'a> {
    /// The commonest failure reply of a provider, or of all together. None: nobody refused anything.
    #[must_use]
    pub fn top_reply(&self, provider: &str) -> Option<&'a Signature> {
        let replies = self.tables.signatures.iter().filter(|reply| provider == ALL || reply.provider == provider);
        replies.max_by(|one, other| one.attempts.cmp(&other.attempts).then_with(|| other.signature.cmp(&one.signature)))
    }

    /// Looks at the tables.
    #[must_use]
    pub fn of(tables: &'a Tables, about: &'a About) -> Self {
        let replies = replies::replies(&tables.signatures);
        let self_hosted = self_hosted(&tables.providers);
        let is_always = |id: &str| name::ALWAYS.contains(&id);
        let shown = tables.providers.iter().enumerate().filter(|(at, row)| *at < PROVIDERS || is_always(&row.provider));
        Self {
            tables,
            about,
            shown_replies: replies
                .iter()
                .take(replies::MOST)
                .map(|one| replies::id(&one.top.provider, &one.top.signature))
                .collect(),
            shown_providers: shown
                .map(|(_, row)| row.provider.as_str())
                .chain(name::ALWAYS)
                .chain(self_hosted.is_some().then_some(name::SELF_HOSTED))
                .collect(),
            self_hosted,
            replies,
            all: total::all(tables),
            is_behind_smarthost: smarthost::hides_providers(tables),
            taken: Taken::of(tables),
            findings: findings(tables),
            delivered: Days::delivered(tables),
            lost_to_blocks: Days::lost_to_blocks(tables),
            hard: Days::hard(tables),
            within_hour: Days::within_hour(tables),
            unknown_users: Days::unknown_users(tables),
            days: days(tables, |_| true),
        }
    }

    /// The days of one provider, a row for each calendar day of the period.
    #[must_use]
    pub fn days_of(&self, provider: &str) -> Vec<Day> {
        days(self.tables, |row| row.provider == provider)
    }

    /// Delivered of resolved.
    #[must_use]
    pub fn delivered_rate(row: &Provider) -> Rate {
        total::rate(row.delivered, total::resolved(row))
    }

    /// Whether the provider has a row in the table of all figures.
    #[must_use]
    pub fn is_shown(&self, provider: &str) -> bool {
        self.shown_providers.contains(provider)
    }

    /// To the provider's row; empty where it has none.
    #[must_use]
    pub fn provider_link(&self, provider: &str) -> String {
        if self.is_shown(provider) { format!("#{}", provider_id(provider)) } else { String::new() }
    }

    /// To where a reply is shown; empty where it is not.
    #[must_use]
    pub fn reply_link(&self, provider: &str, signature: &str) -> String {
        let id = replies::id(provider, signature);
        if self.shown_replies.contains(&id) { format!("#{id}") } else { String::new() }
    }

    /// The row of the table `delays` for a provider.
    #[must_use]
    pub fn delay(&self, provider: &str) -> Option<&'a DelayRow> {
        self.tables.delays.iter().find(|row| row.provider == provider)
    }

    /// The heading of the page.
    #[must_use]
    pub fn title(&self) -> String {
        match (&self.about.title, total::period(self.tables)) {
            (Some(title), _) => title.clone(),
            (None, Some((first, last))) => format!("Delivery report · {}", number::period(first, last)),
            (None, None) => "Delivery report".to_owned(),
        }
    }
}

/// The rows of domains that run their own servers, added up: replies, delays and blocks know them together only.
fn self_hosted(rows: &[Provider]) -> Option<Provider> {
    let own: Vec<Provider> = rows.iter().filter(|row| name::route(&row.provider) == name::SELF_HOSTED).cloned().collect();
    (own.len() > 1).then(|| Provider { provider: name::SELF_HOSTED.to_owned(), ..total::sum(&own) })
}

/// The rows that `belongs` chooses, added up by day; a row for each calendar day of the period.
fn days(tables: &Tables, belongs: impl Fn(&Day) -> bool) -> Vec<Day> {
    let Some((first, last)) = total::period(tables) else { return Vec::new() };
    let mut days: Vec<Day> = (first..=last).map(|day| Day { day, ..Day::default() }).collect();
    for row in tables.timeline.iter().filter(|row| belongs(row)) {
        let at = usize::try_from(i64::from(row.day) - i64::from(first)).unwrap_or(usize::MAX);
        if let Some(day) = days.get_mut(at) {
            add(day, row);
        }
    }
    days
}

const fn add(sum: &mut Day, row: &Day) {
    sum.attempts += row.attempts;
    sum.outcomes += row.outcomes;
    sum.delivered += row.delivered;
    sum.bounced_later += row.bounced_later;
    sum.bounced += row.bounced;
    sum.blocked += row.blocked;
    sum.expired += row.expired;
    sum.deferred += row.deferred;
    sum.queued += row.queued;
    sum.cancelled += row.cancelled;
    sum.unknown += row.unknown;
    sum.recovered += row.recovered;
    sum.deferred_once += row.deferred_once;
    sum.lost_to_blocks += row.lost_to_blocks;
    sum.hard += row.hard;
}

/// Outcomes of the day with a known end.
#[must_use]
pub const fn resolved(day: &Day) -> i64 {
    day.bounced_later + day.delivered + day.blocked + day.bounced + day.expired
}
