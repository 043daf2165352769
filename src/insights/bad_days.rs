//! Days on which a provider knew fewer of our addresses than on the others: where a list, a form or an import went wrong.

use super::number;
use super::thresholds::UNKNOWN_USERS;
use super::total;
use crate::stats::Rate;
use crate::stats::segments::median;
use crate::tables::Tables;
use crate::tables::unknown_users::UnknownUsers;

/// A day stands out if it surely has this many times the usual rate.
const TIMES: f64 = 2.0;
/// How many days are named.
const NAMED: usize = 3;

/// Days that stand out, and what they were like beside the others. An address counts on each day on which it was tried.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadDays {
    /// In order.
    pub days: Vec<i32>,
    /// Unknown of judged addresses on them.
    pub on_them: Rate,
    /// Likewise on the others.
    pub on_others: Rate,
}

/// The days of a provider that stand out, if they hold half of its unknown addresses or more. None: it went like that all the time, or
/// there is but one day.
pub(super) fn find(tables: &Tables, provider: &str) -> Option<BadDays> {
    let days = tables.unknown_users.iter().filter(|row| row.provider == provider);
    let mut days: Vec<(i32, Rate)> = days.filter_map(|row| Some((row.day?, rate(row)))).collect();
    days.sort_unstable();
    let judged = days.iter().filter(|(_, rate)| !rate.is_too_little());
    let usual = median(&mut judged.filter_map(|(_, rate)| rate.value()).collect::<Vec<_>>()).max(UNKNOWN_USERS.watch);
    let is_bad = |rate: &Rate| !rate.is_too_little() && rate.interval().is_some_and(|interval| interval.lower > TIMES * usual);
    let (bad, others): (Vec<_>, Vec<_>) = days.into_iter().partition(|(_, rate)| is_bad(rate));
    let sum = |days: &[(i32, Rate)]| Rate::sum(&days.iter().map(|(_, rate)| *rate).collect::<Vec<_>>());
    let (on_them, on_others) = (sum(&bad), sum(&others));
    let stand_out = !bad.is_empty() && bad.len() < others.len() && on_them.part >= on_others.part;
    stand_out.then(|| BadDays { days: bad.into_iter().map(|(day, _)| day).collect(), on_them, on_others })
}

/// Those called unknown all at once with many good ones left aside.
fn rate(row: &UnknownUsers) -> Rate {
    total::rate(row.unknown - row.held_back, row.judged)
}

impl BadDays {
    /// The days by name: `Mon 2026-10-05 and Tue 2026-10-06`, or how many from when to when.
    pub(super) fn names(&self) -> String {
        let date = |day: Option<&i32>| day.map_or_else(String::new, |day| number::date(*day));
        match self.days.as_slice() {
            [one] => date(Some(one)),
            [before @ .., last] if self.days.len() <= NAMED => {
                let before: Vec<String> = before.iter().map(|day| number::date(*day)).collect();
                format!("{} and {}", before.join(", "), date(Some(last)))
            }
            many => {
                format!(
                    "{} between {} and {}",
                    number::many(many.len() as i64, "day", "days"),
                    date(many.first()),
                    date(many.last())
                )
            }
        }
    }

    /// What they were like, as a sentence.
    pub(super) fn sentence(&self) -> String {
        format!(
            "On {} {} were unknown, on the others {}.",
            self.names(),
            number::rate_in_full(self.on_them),
            number::rate_in_full(self.on_others)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables(days: &[(i64, i64)]) -> Tables {
        let row = |(day, &(unknown, judged)): (i32, &(i64, i64))| UnknownUsers {
            provider: "google".to_owned(),
            day: Some(20_727 + day),
            attempted: judged,
            judged,
            unknown,
            ..UnknownUsers::default()
        };
        Tables { unknown_users: (0..).zip(days).map(row).collect(), ..Tables::default() }
    }

    #[test]
    fn days_of_many_unknown_users_stand_out_of_those_of_few() {
        let found = find(&tables(&[(3, 300), (4, 300), (2, 300), (62, 300), (66, 300), (3, 300)]), "google").unwrap();
        assert_eq!(found.days, [20_730, 20_731]);
        assert_eq!(
            found.sentence().replace('\u{a0}', " "),
            "On Sun 2026-10-04 and Mon 2026-10-05 21.3 % (128 of 600) were unknown, on the others 1.0 % (12 of 1,200)."
        );
    }

    #[test]
    fn no_day_stands_out_of_a_list_that_is_old_as_a_whole() {
        for days in [&[(20, 300), (24, 300), (15, 300), (22, 300)][..], &[(90, 300)], &[], &[(1, 300), (2, 300), (20, 29)]] {
            assert_eq!(find(&tables(days), "google"), None);
        }
    }
}
