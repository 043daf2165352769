//! Addresses that must leave the list.

use super::{Finding, Harm, Tone, Unit, evidence, figure, number, total};
use crate::tables::Tables;
use crate::tables::lists::{self, Listed};

pub(super) fn find(tables: &Tables) -> Vec<Finding> {
    let dead = tables.totals.suppressed;
    if dead == 0 {
        return Vec::new();
    }
    let share = total::rate(dead, tables.totals.addresses);
    let of = |is: &dyn Fn(&Listed) -> bool| tables.suppress.iter().filter(|row| is(row)).count() as i64;
    let by_reason = |reason: &str| number::count(of(&|row| &*row.reason == reason));
    let again: Vec<i64> =
        tables.suppress.iter().filter(|row| &*row.basis == lists::EXPLICIT).map(|row| row.failures - 1).collect();
    let (mailed, mails) = (again.iter().filter(|more| **more > 0).count() as i64, again.iter().sum::<i64>());
    let mailed_again = match mailed {
        0 => String::new(),
        mailed => format!(
            " {} mailed again after that, {}.",
            number::many(mailed, "was", "were"),
            number::many(mails, "time", "times")
        ),
    };
    let rows = evidence::signatures(tables, |row| row.class == "hard");
    vec![Finding {
        id: "dead-addresses".to_owned(),
        tone: Tone::Problem,
        headline: format!("{} leave the list", number::many(dead, "address must", "addresses must")),
        sentence: format!(
            "{} leave the list: {} of the {} tried. Servers call such addresses unknown, closed or full time and again, their domain takes \
             no mail, or their owners want none.{mailed_again}",
            number::many(dead, "address must", "addresses must"),
            number::rate(share),
            number::count(tables.totals.addresses),
        ),
        why: "Providers read mail to dead addresses as a sign of a bought or neglected list; it comes before blocks."
            .to_owned(),
        todo: "Remove them before the next mailing: mailtally lists writes them to suppress.csv, each with its reply."
            .to_owned(),
        figures: vec![
            figure("addresses", number::base(share)),
            figure("unknown user", by_reason("unknown-user")),
            figure("closed mailbox", by_reason("inactive-mailbox")),
            figure("domain that takes no mail", by_reason("bad-domain")),
            figure("full too often", by_reason("mailbox-full")),
            figure(
                "refused us or complained",
                number::count(of(&|row| ["complaint", "recipient-refuses-sender"].contains(&&*row.reason))),
            ),
        ],
        table: "suppress",
        help: None,
        evidence: evidence::lines(&rows),
        harm: Harm::of(dead, 0).counted(Unit::Addresses),
    }]
}
