//! The truth held against a scan of the text that knows nothing but `grep`.

use std::collections::BTreeMap;

use mailtally::rows::End;

use super::render::{LogFile, Rotation};
use super::{Options, postfix_month, simulate};

/// How many lines have `word`.
fn lines(files: &[LogFile], host: &str, word: &str) -> u64 {
    let texts = files.iter().filter(|file| file.host == host).map(|file| String::from_utf8(file.text().unwrap()).unwrap());
    texts.map(|text| text.lines().filter(|line| line.contains(word)).count() as u64).sum()
}

#[test]
fn the_truth_counts_what_a_naive_scan_finds() {
    let mut options = Options::october(7, 4000);
    options.hosts[0].syslog.rotation = Rotation::Numbered(5);
    options.hosts[1].soft_bounce = true;
    let (files, truth) = simulate(&options);
    for (host, counts) in options.hosts.iter().zip(&truth.lines) {
        let found = |word| lines(&files, &host.name, word);
        assert_eq!(found(" "), counts.all);
        assert_eq!(found(" status=sent ("), counts.sent);
        assert_eq!(found(" status=bounced ("), counts.bounced);
        assert_eq!(found(" status=deferred ("), counts.deferred);
        assert_eq!(found(" status=SOFTBOUNCE ("), counts.soft_bounced);
        assert_eq!(found("(delivery temporarily suspended"), counts.suspended);
        assert_eq!(found("]:10024, ") + found("(forwarded as"), counts.handed);
        assert_eq!(found("deliverable ("), counts.probes);
        assert_eq!(found(", status=expired, returned"), counts.expired);
        assert_eq!(found(": requeued"), counts.requeued);
        assert_eq!(found(" notification: "), counts.notified);
        let by_operator = files.iter().filter(|file| file.host == host.name);
        let texts = by_operator.map(|file| String::from_utf8(file.text().unwrap()).unwrap()).collect::<String>();
        let removed =
            |service: &str| texts.lines().filter(|line| line.contains(service) && line.ends_with(": removed")).count() as u64;
        assert_eq!(removed("postfix/qmgr["), counts.removed);
        assert_eq!(removed("postfix/postsuper["), counts.cancelled);
    }
}

#[test]
fn every_end_and_every_figure_occurs() {
    let mut options = Options::october(7, 4000);
    options.hosts[0].soft_bounce = false;
    let (_, truth) = simulate(&options);
    for end in
        [End::Accepted, End::Refused, End::Expired, End::Deferred, End::Queued, End::Cancelled, End::HandedOn, End::Local]
    {
        assert!(truth.ended(end) > 0, "{end:?}");
    }
    assert_eq!(truth.ended(End::Unknown), 0);
    assert!(truth.outcomes.iter().any(|outcome| outcome.life > 0));
    assert!(truth.outcomes.iter().any(|outcome| outcome.is_own_bounce));
    assert!(truth.outcomes.iter().any(|outcome| outcome.suspended > 0 && outcome.end == End::Accepted));
    assert!(truth.outcomes.iter().any(|outcome| outcome.original.is_some()));
    let attempts: u64 = truth.outcomes.iter().map(|outcome| u64::from(outcome.attempts)).sum();
    let all: u64 = truth.lines.iter().map(|lines| lines.attempts() - lines.suspended - lines.handed - lines.stored).sum();
    assert_eq!(attempts, all);
    let domains: u64 = truth.by_domain().values().flat_map(BTreeMap::values).sum();
    assert_eq!(domains + truth.ended(End::HandedOn), truth.outcomes.len() as u64);
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let bytes = |seed| simulate(&Options::october(seed, 300)).0.into_iter().map(|file| file.bytes).collect::<Vec<_>>();
    assert_eq!(bytes(3), bytes(3));
    assert_ne!(bytes(3), bytes(4));
}

#[test]
fn rotation_cuts_and_changes_no_line() {
    let mut options = Options::october(5, 500);
    options.hosts.truncate(1);
    let whole = simulate(&options).0.remove(0).bytes;
    options.hosts[0].syslog.rotation = Rotation::Numbered(4);
    let files = simulate(&options).0;
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["mail.log.3.gz", "mail.log.2.gz", "mail.log.1", "mail.log"]);
    assert_eq!(files.iter().flat_map(|file| file.text().unwrap()).collect::<Vec<u8>>(), whole);
}

#[test]
fn a_month_for_the_benches_has_the_length_asked_for() {
    let month = postfix_month(1 << 20, 1);
    assert!((1_000_000..=1 << 20).contains(&month.len()), "{}", month.len());
    assert_eq!(month.last(), Some(&b'\n'));
}
