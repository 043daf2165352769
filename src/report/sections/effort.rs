//! What sending cost: attempts for each delivery, time in the queue, attempts that failed for now and those that could have been spared.

use crate::insights::{blocks, number, total};
use crate::tables::{ALL, Tables};

/// How many attempts a delivery took and how long mail waited, how many attempts failed for now, and how many could have been spared.
pub(super) fn told(tables: &Tables) -> String {
    let (attempts, deferred) =
        tables.heatmap.iter().fold((0, 0), |(all, put_off), row| (all + row.attempts, put_off + row.deferred));
    let dead: i64 = tables.retry_schedule.iter().filter(|row| row.provider == ALL).map(|row| row.in_vain).sum();
    // What was accepted in spite of a block was not in vain.
    let in_blocks = blocks::refused_once(tables);
    let all = total::all(tables);
    let mut told = Vec::new();
    if all.delivered > 0 {
        let each = tables.totals.attempts as f64 / all.delivered as f64;
        let waited = match all.waited_ms {
            0 => String::new(),
            waited => {
                format!(" What was put off waited {} from its first failure on, all of it added up.", number::hours(waited))
            }
        };
        told.push(format!("There were {each:.2} real attempts for each delivery.{waited}"));
    }
    if deferred > 0 {
        told.push(format!(
            "{} of real attempts failed for now: a temporary refusal, or no answer.",
            number::rate_in_full(total::rate(deferred, attempts))
        ));
    }
    if dead + in_blocks > 0 {
        told.push(format!(
            "{} of real attempts could have been spared: {} after a reply that had called the address dead, {} refused while a block kept \
             their source out.",
            number::rate_in_full(total::rate(dead + in_blocks, tables.totals.attempts)),
            number::count(dead),
            number::count(in_blocks),
        ));
    }
    told.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::fixture;
    use crate::tables::heatmap;
    use crate::tables::providers::Provider;

    fn plain(text: &str) -> String {
        text.replace('\u{a0}', " ")
    }

    #[test]
    fn attempts_that_could_have_been_spared_are_told_beside_those_that_failed_for_now() {
        let mut tables = fixture::small();
        tables.providers.clear();
        tables.totals.attempts = 1_000_000;
        tables.heatmap = vec![heatmap::Cell { attempts: 1_000_000, deferred: 50_000, ..heatmap::Cell::default() }];
        assert_eq!(
            plain(&told(&tables)),
            "5.0 % (50,000 of 1,000,000) of real attempts failed for now: a temporary refusal, or no answer. 2.9 % (29,190 of 1,000,000) of real \
             attempts could have been spared: 72 after a reply that had called the address dead, 29,118 refused while a block kept their \
             source out."
        );
        for row in &mut tables.blocks {
            row.provider = "self-hosted".to_owned();
        }
        assert!(
            plain(&told(&tables))
                .contains("could have been spared: 72 after a reply that had called the address dead, 0 refused")
        );
        assert_eq!(told(&Tables::default()), "");
    }

    #[test]
    fn a_delivery_takes_so_many_attempts_and_what_was_put_off_so_many_hours() {
        let mut tables = Tables {
            providers: vec![Provider { delivered: 400, waited_ms: 9_000_000, ..Provider::default() }],
            ..Tables::default()
        };
        tables.totals.attempts = 510;
        let wanted = "There were 1.27 real attempts for each delivery. What was put off waited 3 h from its first failure on, all of it added up.";
        assert_eq!(plain(&told(&tables)), wanted);
        tables.providers[0].waited_ms = 0;
        assert_eq!(told(&tables), "There were 1.27 real attempts for each delivery.");
    }
}
