//! `--fail-on`: conditions by which a run that is nobody's to look at tells that somebody should: exit code 4.

use std::str::FromStr;

use clap::ValueEnum;

use super::say::say;
use crate::compare::{Comparison, verdict};
use crate::insights::number;
use crate::provider::{Providers, SELF_HOSTED, UNREACHED};
use crate::report::text::shortened;
use crate::stats::Rate;
use crate::tables::derived::Derived;
use crate::tables::{Cell, Table, Tables, providers, unknown_users};
use crate::visible::visible;

/// `FIGURE[@PROVIDER]<PERCENT` or `>`: a figure of all mail, or of the mail to a provider, as the tables `providers` and `unknown_users`
/// have it.
#[derive(Clone)]
pub(super) struct Condition {
    /// As it was written.
    text: String,
    table: &'static Table,
    figure: Derived,
    /// None: all together.
    provider: Option<String>,
    is_above: bool,
    percent: f64,
}

/// The rates that conditions may name, with their tables.
fn figures() -> impl Iterator<Item = (&'static str, &'static Table, Derived)> {
    [&providers::TABLE, &unknown_users::TABLE].into_iter().flat_map(|table| {
        let rates = table.derived.iter().filter(|derived| matches!(derived, Derived::Rate { .. }));
        rates.filter_map(move |rate| Some((rate.columns().first()?.name, table, *rate)))
    })
}

impl FromStr for Condition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let place = text.find(['<', '>']).ok_or("write a figure, < or >, and a percentage: block_rate>1")?;
        if text.contains('=') {
            return Err("there are only < and >, no =: block_rate>1".to_owned());
        }
        let (what, rest) = text.split_at(place);
        let (name, provider) = match what.trim().split_once('@') {
            Some((name, provider)) => (name, Some(known(provider)?.to_owned())),
            None => (what.trim(), None),
        };
        let Some((_, table, figure)) = figures().find(|(known, ..)| *known == name) else {
            let known: Vec<&str> = figures().map(|(known, ..)| known).collect();
            return Err(format!("there is no figure {name:?}; these are: {}", known.join(", ")));
        };
        let (sign, share) = rest.split_at(1);
        let share = share.trim().trim_end_matches('%').trim_end();
        let percent: f64 = share.parse().map_err(|_| format!("{share:?} is no percentage"))?;
        if !(0.0..=100.0).contains(&percent) {
            return Err(format!("{share} % is no share: 0 to 100"));
        }
        Ok(Self { text: text.to_owned(), table, figure, provider, is_above: sign == ">", percent })
    }
}

/// The id of a provider that tables may have: of another no condition could ever hold.
fn known(provider: &str) -> Result<&'static str, String> {
    let routes = [UNREACHED, SELF_HOSTED];
    let route = routes.into_iter().find(|route| route.eq_ignore_ascii_case(provider));
    let providers = Providers::builtin();
    route.or_else(|| providers.named(provider)).ok_or_else(|| {
        let near = providers.nearest(provider).map_or_else(String::new, |near| format!(" Is {near} meant?"));
        format!("there is no provider {provider:?}.{near} `mailtally query LOGS 'SELECT provider FROM providers'` lists those of a log")
    })
}

impl Condition {
    /// Says of what the condition asks how it stands, if it holds. A figure of nothing holds no condition.
    pub(super) fn told(&self, tables: &Tables) -> Option<String> {
        let rate = self.rate(tables);
        let percent = rate.value()? * 100.0;
        let holds = if self.is_above { percent > self.percent } else { percent < self.percent };
        holds.then(|| format!("--fail-on {}: it is {} ({}).", self.text, number::rate(rate), number::base(rate)))
    }

    /// The rate over the rows that are meant: those of single days are parts of others.
    fn rate(&self, tables: &Tables) -> Rate {
        let columns = self.table.columns;
        let place = |name| columns.iter().position(|column| column.name == name);
        let (provider, day) = (place("provider"), place("day"));
        let (mut part, mut of) = (0, 0);
        (self.table.rows)(tables, &mut |cells| {
            let is_of_day = day.and_then(|day| cells.get(day)).is_some_and(|day| *day != Cell::Null);
            let whose = provider.and_then(|provider| cells.get(provider));
            let is_ours = |ours: &str| matches!(whose, Some(Cell::Text(name)) if name.eq_ignore_ascii_case(ours));
            if is_of_day || !self.provider.as_deref().is_none_or(is_ours) {
                return;
            }
            if let Some(rate) = self.figure.rate(columns, cells) {
                (part, of) = (part + rate.part, of + rate.of);
            }
        });
        Rate::new(part, of)
    }
}

/// How many changes are named.
const NAMED: usize = 5;

/// Which changes between two periods somebody should look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Turn {
    /// A change with the verdict *worse*
    Worse,
    /// Any change
    Change,
}

impl Turn {
    /// Says how many such changes there are, if there are any.
    pub(super) fn told(self, comparison: &Comparison) -> Option<String> {
        let is_such = |verdict: &str| match self {
            Self::Worse => verdict == verdict::WORSE,
            Self::Change => verdict::is_change(verdict),
        };
        let name = if self == Self::Worse { "worse" } else { "change" };
        let such: Vec<_> = comparison.changes.iter().filter(|row| is_such(&row.verdict)).collect();
        let named = such.iter().take(NAMED).map(|row| {
            let parts = [row.provider.as_str(), row.key.as_str()].into_iter().filter(|part| !part.is_empty());
            let of = parts.map(|part| shortened(&visible(part), 40)).collect::<Vec<_>>().join(" ");
            if of.is_empty() { row.metric.clone() } else { format!("{} of {of}", row.metric) }
        });
        let named = named.collect::<Vec<_>>().join(", ");
        let more = such.len().saturating_sub(NAMED);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let count = number::many(such.len() as i64, "figure", "figures");
        (!such.is_empty()).then(|| format!("--fail-on {name}: {count}: {named}{more}."))
    }
}

/// Tells which conditions hold, on stderr, also where no notes are wanted: they are what the exit code is about.
pub(super) fn tell(told: impl IntoIterator<Item = String>) -> bool {
    let mut any = false;
    for words in told {
        say(words);
        any = true;
    }
    any
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::providers::Provider;
    use crate::tables::unknown_users::UnknownUsers;

    fn told(condition: &str) -> Option<String> {
        let google =
            Provider { provider: "google".to_owned(), delivered: 90, blocked: 10, lost_to_blocks: 10, ..Provider::default() };
        let yahoo =
            Provider { provider: "yahoo".to_owned(), delivered: 100, deferred_once: 3, attempted: 100, ..Provider::default() };
        let users = |provider: &str, unknown| UnknownUsers {
            provider: provider.to_owned(),
            day: None,
            attempted: 60,
            judged: 50,
            unknown,
            held_back: 0,
            full: 0,
        };
        let tables = Tables {
            providers: vec![google, yahoo],
            unknown_users: vec![users("google", 1), users("yahoo", 1)],
            ..Tables::default()
        };
        condition.parse::<Condition>().ok().unwrap().told(&tables)
    }

    #[test]
    fn a_condition_is_about_all_mail_or_a_providers() {
        assert_eq!(told("block_rate>4.9").unwrap(), "--fail-on block_rate>4.9: it is 5.0\u{a0}% (10 of 200).");
        assert_eq!(told("block_rate > 5%"), None);
        assert!(told("block_rate@Google>9").is_some() && told("block_rate@yahoo>0").is_none());
        assert!(told("delivered_rate<96").is_some() && told("accepted_rate<95").is_none());
        assert!(told("deferral_rate@yahoo>2").is_some() && told("deferral_rate>3").is_none());
        assert!(told("unknown_user_rate>1.9").unwrap().ends_with("(2 of 100)."));
        assert!(told("unknown_user_rate@google<3").is_some());
    }

    #[test]
    fn a_figure_of_nothing_holds_no_condition() {
        assert_eq!((told("deferral_rate@google>0"), told("block_rate@apple<100")), (None, None));
    }

    #[test]
    fn what_is_no_condition_is_said() {
        for (wrong, why) in [
            ("block_rate", "block_rate>1"),
            ("blocks>1", "there is no figure \"blocks\"; these are: delivered_rate"),
            ("block_rate>much", "\"much\" is no percentage"),
            ("block_rate>101", "0 to 100"),
            ("block_rate>", "\"\" is no percentage"),
            ("block_rate>NaN", "is no share"),
            ("block_rate>=1", "there are only < and >"),
            ("block_rate@gogle>0", "no provider \"gogle\". Is google meant?"),
        ] {
            let error = wrong.parse::<Condition>().err().unwrap();
            assert!(error.contains(why), "{error}");
        }
    }
}
