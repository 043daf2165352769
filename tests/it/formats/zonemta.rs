//! `ZoneMTA`: what its records come to where they do not stand alone.

use mailtally::intern::{Interner, Translation};
use mailtally::rows::{AttemptRow, OutcomeRow, RowSink};

use super::cuts::stitched;
use super::{fixtures, records};

/// Every outcome in words.
#[derive(Default)]
struct Fates(Vec<String>);

impl RowSink for Fates {
    fn outcome(&mut self, texts: &Interner, row: &OutcomeRow<'_>, attempts: &[AttemptRow]) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let relays: Vec<_> = attempts.iter().map(|attempt| text(texts.text(attempt.relay_ip))).collect();
        let (recipient, size) = (text(row.recipient), row.size.unwrap_or_default());
        self.0.push(format!("{recipient} {size} {:?} {:?} [{}]", row.traffic, row.end, relays.join(" ")));
    }

    fn evidence(&mut self, _: &AttemptRow, _: &[u8]) {}

    fn absorb(&mut self, other: Self, _: &Translation) {
        self.0.extend(other.0);
    }
}

#[test]
fn what_becomes_of_each_recipient_does_not_depend_on_the_cut() {
    let path = fixtures("zonemta").into_iter().find(|path| path.ends_with("life.log")).unwrap();
    let log = std::fs::read(path).unwrap();
    let expected = [
        "ann@example.com 1204 Outbound Accepted [198.51.100.26]",
        "bob@example.net 1204 Outbound Refused [198.51.100.27 198.51.100.31]",
        "cem@example.org 1204 Outbound Cancelled [198.51.100.28]",
        "dan@example.edu 1204 Outbound Refused [198.51.100.30]",
        "eve@example.com 1204 Outbound NotSent []",
        "fay@example.net 1204 Outbound Expired [198.51.100.27]",
        "news@sender.example 1395 OwnBounce Accepted [198.51.100.29]",
    ];
    for cut in 0..records(&log).count() {
        let mut fates = stitched("zonemta", &log, cut, Fates::default).1.0;
        fates.sort();
        assert_eq!(fates, expected, "cut at {cut}");
    }
}
