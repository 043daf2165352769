//! A whole run's tables: verdicts, blocks, examples, folding, and that what does not add up is refused.

use super::super::{Account, Limits, Tables, TablesError};
use crate::classify::{Category, Class, Classifier};
use crate::cubes::keys::{BlockCounts, HourCounts, OutcomeBlock, OutcomeCounts, ReplyCounts};
use crate::cubes::retries::{Retry, RetryCounts};
use crate::cubes::{
    AttemptChannel, AttemptCode, AttemptHour, AttemptReply, Disposition, OutcomeDomain, OutcomeSender, Reason, SenderCounts,
    State, Tally,
};
use crate::event::{Micros, Speaker, Stage, Status};
use crate::intern::{Id, Interner};
use crate::rows::Network;

const BLOCKED: Reason = Reason { category: Category::ReputationBlock, class: Class::Policy };
const SIGNATURE: &str = "550 5.7.1 Your IP address has a poor reputation and is blocked";

/// Collects a run.
#[derive(Default)]
struct Run {
    tally: Tally,
    interner: Interner,
}

impl Run {
    fn id(&mut self, text: &str) -> Id {
        self.interner.intern(text.as_bytes())
    }

    /// Attempts of one hour to a domain behind a route; the refused ones with a block's words.
    fn hour(&mut self, hour: i32, [domain, route, source]: [&str; 3], accepted: u64, refused: u64) {
        let (domain, route, source, signature) = (self.id(domain), self.id(route), self.id(source), self.id(SIGNATURE));
        let key = AttemptHour {
            hour,
            route,
            source,
            status: Status::Delivered,
            reason: None,
            stage: Stage::EndOfData,
            speaker: Speaker::Remote,
            is_first: true,
        };
        let day = hour.div_euclid(24);
        let tally = &mut self.tally;
        for (disposition, status, reason, state, n) in [
            (Disposition::Delivered, Status::Delivered, None, State::Delivered, accepted),
            (Disposition::Blocked, Status::Failed, Some(BLOCKED), State::Blocked, refused),
        ] {
            if n == 0 {
                continue;
            }
            // Accepted in one minute of the hour, refused in five others, each hour.
            let minutes = if reason.is_none() { 1 << 5 } else { 1 << 10 | 1 << 20 | 1 << 30 | 1 << 40 | 1 << 50 };
            tally.counts.attempt_hours.add(AttemptHour { status, reason, ..key }, HourCounts { attempts: n, minutes });
            tally.counts.attempt_codes.add(AttemptCode { domain, route, disposition, code: 550, enhanced: None }, n);
            let counts = OutcomeCounts { outcomes: n, messages: n, attempts: n, attempted: n, ..OutcomeCounts::default() };
            tally.counts.outcome_domains.add(OutcomeDomain { day, domain, route, state, reason }, counts);
            let is_delivered = status == Status::Delivered;
            tally
                .counts
                .attempt_channels
                .add(AttemptChannel { day, route, source, network: Network::V4, tls: Id::EMPTY, is_delivered }, n);
            let delivered = if is_delivered { n } else { 0 };
            tally
                .counts
                .retries
                .add(Retry { route, number: 1, gap_q_ms: 0, lifetime: 0 }, RetryCounts { attempts: n, delivered, in_vain: 0 });
            let sender = OutcomeSender { day, route, source, sender_domain: Id::EMPTY, state, reason, tries: 1 };
            tally
                .counts
                .outcome_senders
                .add(sender, SenderCounts { outcomes: n, messages: n, attempts: n, ..SenderCounts::default() });
        }
        if refused > 0 {
            let time = Micros(i64::from(hour) * Micros::HOUR);
            let counts = ReplyCounts { attempts: refused, first: time, last: time };
            tally.counts.attempt_replies.add(AttemptReply { hour, route, source, signature }, counts);
            let key =
                OutcomeBlock { route, source, first_hour: hour, last_hour: hour, is_throttle: false, state: State::Blocked };
            tally.counts.outcome_blocks.add(key, BlockCounts { outcomes: refused, waited_ms: 7 });
        }
    }

    fn tables(mut self, limits: &Limits) -> Result<Tables, TablesError> {
        let account = Account { paths: vec!["mail.log".to_owned()], ..Account::default() };
        Tables::build(self.tally, &mut self.interner, Classifier::builtin(), account, limits)
    }
}

const MICROSOFT: [&str; 3] = ["example.org", "microsoft", "192.0.2.1"];

/// Two days with ten hours of refusals.
fn blocked(who: [&str; 3]) -> Run {
    let mut run = Run::default();
    for hour in 0..48 {
        let is_bad = (20..30).contains(&hour);
        run.hour(hour, who, if is_bad { 2 } else { 50 }, if is_bad { 48 } else { 0 });
    }
    run
}

#[test]
fn a_block_is_told_with_its_words_its_hours_and_its_cost() {
    let tables = blocked(MICROSOFT).tables(&Limits::default()).unwrap();
    let [block] = tables.blocks.as_slice() else { panic!("{:?}", tables.blocks) };
    let hour = |hour: i64| Micros(hour * Micros::HOUR);
    assert_eq!((block.provider.as_str(), block.source.as_str(), block.kind.as_str()), ("microsoft", "192.0.2.1", "block"));
    let minute = |hour: i64, minute: i64| Some(Micros(hour * Micros::HOUR + minute * Micros::MINUTE));
    assert_eq!((block.onset_after, block.first_hour, block.onset), (minute(20, 5), hour(20), minute(20, 10)));
    assert_eq!((block.last_hour, block.lift_before, block.hours), (hour(29), minute(30, 5), 10));
    assert_eq!((block.other_attempts, block.other_refused), (None, None));
    assert_eq!((block.attempts, block.refused, block.lost, block.delayed, block.waited_ms), (500, 480, 480, 0, 70));
    assert_eq!((block.signature.as_str(), block.category.as_str()), (SIGNATURE, "reputation-block"));
}

#[test]
fn all_sources_together_are_told_only_where_they_are_more_than_one() {
    let mut run = blocked(MICROSOFT);
    run.hour(2, ["example.org", "microsoft", "192.0.2.2"], 50, 0);
    let sources = |tables: Tables| tables.blocks.iter().map(|block| block.source.clone()).collect::<Vec<_>>();
    assert_eq!(sources(run.tables(&Limits::default()).unwrap()), ["192.0.2.1"]);
    let mut run = blocked(MICROSOFT);
    for hour in 20..30 {
        run.hour(hour, ["example.org", "microsoft", "192.0.2.2"], 0, 48);
    }
    assert_eq!(sources(run.tables(&Limits::default()).unwrap()), ["(all)", "192.0.2.1", "192.0.2.2"]);
}

#[test]
fn what_the_other_sources_met_meanwhile_is_told_of_each_source() {
    let mut run = blocked(MICROSOFT);
    for hour in 0..48 {
        run.hour(hour, ["example.org", "microsoft", "192.0.2.2"], 40, u64::from(hour == 21));
    }
    let tables = run.tables(&Limits::default()).unwrap();
    let row = tables.blocks.iter().find(|row| row.source == "192.0.2.1").unwrap();
    assert_eq!((row.hours, row.other_attempts, row.other_refused), (10, Some(401), Some(1)));
    assert!(tables.blocks.iter().filter(|row| row.source == "(all)").all(|row| row.other_attempts.is_none()));
}

#[test]
fn a_stamp_of_another_century_costs_nothing() {
    let mut run = blocked(MICROSOFT);
    run.hour(-800_000, MICROSOFT, 1, 0);
    run.hour(1_900_000, MICROSOFT, 1, 0);
    assert_eq!(run.tables(&Limits::default()).unwrap().blocks.len(), 1);
}

#[test]
fn replies_are_told_with_verdict_and_example() {
    let mut run = blocked(MICROSOFT);
    let [route, signature, source] = [run.id("microsoft"), run.id(SIGNATURE), run.id("192.0.2.1")];
    let example = crate::cubes::evidence::Example {
        time: Micros(0),
        pos: crate::event::Pos { file: 0, offset: 17 },
        record: b"a record, gr\xfcn".to_vec(),
    };
    run.tally.evidence.add(route, signature, source, example);
    let tables = run.tables(&Limits::default()).unwrap();
    let [reply] = tables.signatures.as_slice() else { panic!("{:?}", tables.signatures) };
    assert_eq!((reply.category.as_str(), reply.class.as_str(), reply.attempts), ("reputation-block", "policy", 480));
    assert_eq!((reply.first_seen, reply.last_seen), (Micros(20 * Micros::HOUR), Micros(29 * Micros::HOUR)));
    assert_eq!((reply.example.as_str(), reply.path.as_str(), reply.offset), ("a record, gr\\xFCn", "mail.log", 17));
}

#[test]
fn most_attempts_decide_who_runs_a_domain() {
    let mut run = Run::default();
    run.hour(0, ["a.example", "google", "s"], 3, 0);
    run.hour(0, ["a.example", "self-hosted", "s"], 2, 0);
    run.hour(0, ["www.b.example", "google", "s"], 2, 0);
    run.hour(0, ["www.b.example", "self-hosted", "s"], 3, 0);
    run.hour(0, ["c.example", "microsoft", "s"], 1, 0);
    run.hour(0, ["c.example", "google", "s"], 1, 0);
    run.hour(0, ["d.example", "unreached", "s"], 9, 0);
    run.hour(0, ["d.example", "yahoo", "s"], 1, 0);
    let tables = run.tables(&Limits::default()).unwrap();
    let mut providers: Vec<_> = tables.domains.iter().map(|row| (row.domain.as_str(), row.provider.as_str())).collect();
    providers.sort_unstable();
    let wanted = [("a.example", "google"), ("c.example", "google"), ("d.example", "yahoo"), ("www.b.example", "b.example")];
    assert_eq!(providers, wanted);
}

#[test]
fn a_tail_keeps_its_provider() {
    let mut run = Run::default();
    for (domain, route, n) in [
        ("big.example", "google", 90),
        ("a.example", "google", 2),
        ("b.example", "google", 3),
        ("c.example", "self-hosted", 4),
        ("d.example", "self-hosted", 5),
    ] {
        run.hour(0, [domain, route, "s"], n, 0);
    }
    let tables = run.tables(&Limits { rows: 3, ..Limits::default() }).unwrap();
    let rows: Vec<_> = tables.domains.iter().map(|row| (row.domain.as_str(), row.provider.as_str(), row.outcomes)).collect();
    assert_eq!(rows, [("big.example", "google", 90), ("(other)", "(other)", 9), ("(other google)", "google", 5)]);
    let google = tables.providers.iter().find(|row| row.provider == "google").unwrap();
    assert_eq!((google.outcomes, tables.totals.outcomes), (95, 104));
    let folded: Vec<_> = tables.totals.folded.iter().map(|fold| (fold.view, fold.names, fold.volume)).collect();
    assert_eq!(folded, [("outcome_domains", 4, 14), ("attempt_codes", 4, 14)]);
}

#[test]
fn cubes_that_disagree_are_refused() {
    let mut run = blocked(MICROSOFT);
    let domain = run.id("example.org");
    let key = AttemptCode { domain, route: Id::EMPTY, disposition: Disposition::Delivered, code: 250, enhanced: None };
    run.tally.counts.attempt_codes.add(key, 1);
    let error = run.tables(&Limits::default()).unwrap_err().to_string();
    assert!(error.contains("attempts by hour and by code are 2400 and 2401"), "{error}");
}

#[test]
fn a_table_that_does_not_add_up_is_refused() {
    let mut run = blocked(MICROSOFT);
    let [domain, route] = [run.id("example.org"), run.id("microsoft")];
    // More deferred than there are outcomes.
    let key = OutcomeDomain { day: 0, domain, route, state: State::Delivered, reason: None };
    run.tally.counts.outcome_domains.add(key, OutcomeCounts { deferred_once: 10_000, ..OutcomeCounts::default() });
    let error = run.tables(&Limits::default()).unwrap_err();
    assert!(matches!(error, TablesError::Mismatch { table: "domains", .. }), "{error}");
}

#[test]
fn nothing_counted_gives_empty_tables() {
    let tables = Run::default().tables(&Limits::default()).unwrap();
    assert_eq!(tables, Tables::default());
}
