//! How long we let a provider alone that refused us.

use std::ops::RangeInclusive;

use super::series::Hours;
use crate::event::Micros;

/// The longest time between two attempts that follow each other among some hours, to the minute; None: there are no two minutes with
/// any. How they ended does not matter: a connection that failed is an attempt, too.
pub(super) fn longest_pause(hours: &Hours, among: RangeInclusive<i32>) -> Option<i64> {
    let minutes = hours.range(among).flat_map(|(&at, hour)| {
        let is_tried = move |minute: &i64| hour.trying >> minute & 1 == 1;
        (0..60_i64).filter(is_tried).map(move |minute| i64::from(at) * 60 + minute)
    });
    let mut before = None;
    let pauses = minutes.filter_map(|minute| before.replace(minute).map(|before| minute - before));
    pauses.max().map(|minutes| minutes * Micros::MINUTE / 1_000)
}

#[cfg(test)]
mod tests {
    use super::super::series::Hour;
    use super::*;

    #[test]
    fn a_pause_lies_between_two_attempts_within_the_hours() {
        let hours: Hours = [(7, 1), (10, 1 << 5 | 1 << 6 | 1 << 50), (13, 1 << 20 | 1 << 21), (30, 1)]
            .map(|(at, trying)| (at, Hour { trying, ..Hour::default() }))
            .into();
        // From 10:50 to 13:20. What lies before and after is none of it.
        assert_eq!(longest_pause(&hours, 10..=13), Some(150 * 60_000));
        assert_eq!(longest_pause(&hours, 10..=10), Some(44 * 60_000));
        assert_eq!(longest_pause(&hours, 7..=7), None);
        assert_eq!(longest_pause(&hours, 14..=20), None);
    }
}
