//! `--fail-on`: conditions by which a run that is nobody's to look at tells that somebody should: exit code 4.

use std::str::FromStr;

use clap::ValueEnum;

use crate::compare::{Comparison, verdict};
use crate::insights::{number, total};
use crate::stats::Rate;
use crate::tables::Tables;
use crate::tables::providers::Provider;

/// `FIGURE[@PROVIDER]<PERCENT` or `>`: a figure of all mail, or of the mail to a provider, as the tables `providers` and `unknown_users`
/// have it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Condition {
    /// As it was written.
    text: String,
    figure: Figure,
    provider: String,
    is_above: bool,
    percent: f64,
}

/// Columns that conditions may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Figure {
    Delivered,
    Accepted,
    Deferral,
    Hard,
    Soft,
    Block,
    UnknownUser,
}

const FIGURES: [(&str, Figure); 7] = [
    ("delivered_rate", Figure::Delivered),
    ("accepted_rate", Figure::Accepted),
    ("deferral_rate", Figure::Deferral),
    ("hard_rate", Figure::Hard),
    ("soft_rate", Figure::Soft),
    ("block_rate", Figure::Block),
    ("unknown_user_rate", Figure::UnknownUser),
];

impl FromStr for Condition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let place = text.find(['<', '>']).ok_or("write a figure, < or >, and a percentage: block_rate>1")?;
        let (what, rest) = text.split_at(place);
        let (name, provider) = what.trim().split_once('@').unwrap_or((what.trim(), total::ALL));
        let Some(&(_, figure)) = FIGURES.iter().find(|(known, _)| *known == name) else {
            return Err(format!("there is no figure {name:?}; these are: {}", FIGURES.map(|(known, _)| known).join(", ")));
        };
        let (sign, share) = rest.split_at(1);
        let share = share.trim().trim_end_matches('%').trim_end();
        let percent: f64 = share.parse().map_err(|_| format!("{share:?} is no percentage"))?;
        if !(0.0..=100.0).contains(&percent) {
            return Err(format!("{share} % is no share: 0 to 100"));
        }
        Ok(Self { text: text.to_owned(), figure, provider: provider.to_owned(), is_above: sign == ">", percent })
    }
}

impl Condition {
    /// Says of what the condition asks how it stands, if it holds. A figure of nothing holds no condition.
    pub(super) fn told(&self, tables: &Tables) -> Option<String> {
        let rate = self.rate(tables)?;
        let percent = rate.value()? * 100.0;
        let holds = if self.is_above { percent > self.percent } else { percent < self.percent };
        holds.then(|| format!("--fail-on {}: it is {} ({}).", self.text, number::rate(rate), number::base(rate)))
    }

    fn rate(&self, tables: &Tables) -> Option<Rate> {
        let is_ours = |provider: &str| provider.eq_ignore_ascii_case(&self.provider);
        let is_all = self.provider == total::ALL;
        if self.figure == Figure::UnknownUser && is_all {
            return Some(total::unknown_users(tables));
        }
        if self.figure == Figure::UnknownUser {
            let users = tables.unknown_users.iter().find(|row| row.day.is_none() && is_ours(&row.provider))?;
            return Some(total::rate(users.unknown, users.judged));
        }
        let row: Provider =
            if is_all { total::all(tables) } else { tables.providers.iter().find(|row| is_ours(&row.provider))?.clone() };
        let resolved = total::resolved(&row);
        Some(match self.figure {
            Figure::Delivered => total::rate(row.delivered, resolved),
            Figure::Accepted => total::rate(row.delivered + row.bounced_later, resolved),
            Figure::Deferral => total::rate(row.deferred_once, row.attempted),
            Figure::Hard => total::rate(row.hard, resolved),
            Figure::Soft => total::rate(row.soft, resolved),
            Figure::Block | Figure::UnknownUser => total::rate(row.lost_to_blocks, resolved),
        })
    }
}

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
        let count = comparison.changes.iter().filter(|row| is_such(&row.verdict)).count();
        (count > 0).then(|| format!("--fail-on {name}: {}.", number::many(count as i64, "figure", "figures")))
    }
}

/// Tells which conditions hold, on stderr, also where no notes are wanted: they are what the exit code is about.
#[expect(clippy::print_stderr, reason = "messages go to stderr")]
pub(super) fn tell(told: impl IntoIterator<Item = String>) -> bool {
    let mut any = false;
    for words in told {
        eprintln!("mailtally: {words}");
        any = true;
    }
    any
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::unknown_users::UnknownUsers;

    fn told(condition: &str) -> Option<String> {
        let google =
            Provider { provider: "google".to_owned(), delivered: 90, blocked: 10, lost_to_blocks: 10, ..total::empty() };
        let yahoo =
            Provider { provider: "yahoo".to_owned(), delivered: 100, deferred_once: 3, attempted: 100, ..total::empty() };
        let users = |provider: &str, unknown| UnknownUsers {
            provider: provider.to_owned(),
            day: None,
            attempted: 60,
            judged: 50,
            unknown,
            full: 0,
        };
        let tables = Tables {
            providers: vec![google, yahoo],
            unknown_users: vec![users("google", 1), users("yahoo", 1)],
            ..Tables::default()
        };
        condition.parse::<Condition>().unwrap().told(&tables)
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
        assert_eq!((told("deferral_rate@google>0"), told("block_rate@nobody<100")), (None, None));
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
        ] {
            let error = wrong.parse::<Condition>().unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }
}
