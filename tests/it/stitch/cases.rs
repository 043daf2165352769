//! A known answer for each kind of event. Every case is also cut at every place, and joined from both ends.

mod messages;
mod moved;
mod recipients;
mod seen;
mod shares;
mod slots;
mod words;

use std::collections::BTreeMap;
use std::fmt::Write;

use mailtally::event::{Closing, Origin, Sort, Status, Target, What};
use mailtally::intern::{Id, Interner, Translation};
use mailtally::rows::{AttemptRow, FeedbackRow, OutcomeRow, RowSink};
use mailtally::stitch::Noted;

use super::collect::Everything;
use super::script::{Said, delivered, failed, run, run_from_the_right, to};

/// What matters of a case, a line per outcome: `ID RECIPIENT END: STATUS…`.
#[derive(Default)]
struct Lines(BTreeMap<String, u32>);

impl RowSink for Lines {
    fn outcome(&mut self, texts: &Interner, row: &OutcomeRow<'_>, attempts: &[AttemptRow]) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let id = |id: Id| text(texts.text(id));
        let mut line = format!("{} {} {:?}:", text(row.queue_id), text(row.recipient), row.end);
        for row in attempts {
            write!(line, " {:?}", row.status).expect("text");
            let facts = [("relay", row.relay_ip), ("source", row.source), ("tls", row.tls), ("says", row.signature)];
            for (name, value) in facts.into_iter().filter(|(_, value)| *value != Id::EMPTY) {
                let value = id(value);
                if value != "mx/mta" {
                    write!(line, " {name}={value}").expect("text");
                }
            }
        }
        let flags = [
            ("later", row.bounced_later.is_some()),
            ("complained", row.complained.is_some()),
            ("first", row.is_first_of_message),
            ("lost", row.is_head_lost),
        ];
        for (name, _) in flags.into_iter().filter(|flag| flag.1) {
            write!(line, " +{name}").expect("text");
        }
        for (name, value) in [("from", row.sender), ("next", row.handed_to), ("mid", row.message_id)] {
            if !value.is_empty() {
                write!(line, " {name}={}", text(value)).expect("text");
            }
        }
        *self.0.entry(line).or_default() += 1;
    }

    fn evidence(&mut self, _: &AttemptRow, _: &[u8]) {}

    fn feedback(&mut self, _: &Interner, row: &FeedbackRow<'_>) {
        let line = format!("feedback {} matched={}", String::from_utf8_lossy(row.recipient), row.is_matched);
        *self.0.entry(line).or_default() += 1;
    }

    fn absorb(&mut self, other: Self, _: &Translation) {
        for (row, count) in other.0 {
            *self.0.entry(row).or_default() += count;
        }
    }
}

#[track_caller]
fn check(events: &[Said], expected: &[&str]) -> Noted {
    let (lines, noted) = run::<Lines>(events, &[]);
    let lines: Vec<String> = lines.0.into_iter().flat_map(|(line, count)| vec![line; count as usize]).collect();
    let mut expected: Vec<String> = expected.iter().map(|&line| line.to_owned()).collect();
    expected.sort();
    assert_eq!(lines, expected);
    let (all, _) = run::<Everything>(events, &[]);
    for cut in 1..events.len() {
        for cuts in [vec![cut], vec![cut, cut + 1], vec![cut / 2, cut]] {
            for (name, (parts, parts_noted)) in
                [("left", run::<Everything>(events, &cuts)), ("right", run_from_the_right::<Everything>(events, &cuts))]
            {
                assert!(parts == all, "cut at {cuts:?}, joined from the {name}\n{}", all.differences(&parts));
                assert_eq!(parts_noted, noted, "cut at {cuts:?}, joined from the {name}");
            }
        }
    }
    noted
}

const BEGIN: What<'static> = What::Begin { origin: Origin::Submitted, client: b"" };
const DONE: What<'static> = What::Close(Closing::Done);

const fn sender(address: &'static str) -> What<'static> {
    What::Sender { address: address.as_bytes(), size: Some(1000), recipients: None }
}

const fn recipient(index: u32, address: &'static str) -> What<'static> {
    What::Recipient { index: Some(index), address: address.as_bytes() }
}

const fn start(message: &'static str, address: &'static str, sort: Sort) -> What<'static> {
    What::Start { message: message.as_bytes(), target: Target::Address(address.as_bytes()), sort }
}

const fn channel(source: &'static str, relay_ip: &'static str, tls: &'static str) -> What<'static> {
    What::Channel { source: source.as_bytes(), relay: b"", relay_ip: relay_ip.as_bytes(), tls: tls.as_bytes() }
}

const fn feedback(complaint: bool, recipient: &'static str) -> What<'static> {
    What::Feedback { complaint, recipient: recipient.as_bytes(), reply: b"550 gone" }
}

fn accepted(address: &'static str) -> What<'static> {
    What::Attempt(delivered(to(address)))
}

fn deferred(address: &'static str, reply: &'static str) -> What<'static> {
    What::Attempt(failed(to(address), Status::Deferred, reply))
}

fn bounced(address: &'static str, reply: &'static str) -> What<'static> {
    What::Attempt(failed(to(address), Status::Failed, reply))
}
