//! Takes all that the stitch gives, as text, so that two runs can be compared whatever their ids and their order.

use std::collections::BTreeMap;

use mailtally::event::Micros;
use mailtally::intern::{Id, Interner, Translation};
use mailtally::rows::{AttemptRow, FeedbackRow, OutcomeRow, RowSink};

/// Everything that was given, and how often.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Everything(pub(super) BTreeMap<String, u32>);

impl Everything {
    fn add(&mut self, text: String) {
        *self.0.entry(text).or_default() += 1;
    }

    /// What one has and the other has not.
    pub(super) fn differences(&self, other: &Self) -> String {
        let side = |mark: char, one: &Self, two: &Self| {
            let only = one.0.iter().filter(|(row, count)| two.0.get(*row) != Some(count));
            only.map(|(row, count)| (row.clone(), mark, *count)).collect::<Vec<_>>()
        };
        let mut all = [side('-', self, other), side('+', other, self)].concat();
        all.sort();
        let lines: Vec<_> = all.iter().take(10).map(|(row, mark, count)| format!("{mark} {count} x {row}")).collect();
        format!("{} differences\n{}", all.len(), lines.join("\n"))
    }
}

/// A row of an attempt in words; `with_place` adds where its record stands.
fn attempt(texts: &Interner, row: &AttemptRow) -> String {
    let text = |id: Id| String::from_utf8_lossy(texts.text(id)).into_owned();
    format!(
        "{}@{}:{} {:?}/{:?}/{:?}/{:?} relay={}[{}]{:?} source={} route={} {} {:?} '{}' {:?} {:?} tls={} pid={}",
        row.time.0 / Micros::SECOND,
        row.pos.file,
        row.pos.offset,
        row.status,
        row.sort,
        row.speaker,
        row.stage,
        text(row.relay),
        text(row.relay_ip),
        row.network,
        text(row.source),
        text(row.route),
        row.code,
        row.enhanced.map(|enhanced| enhanced.to_string()),
        text(row.signature),
        row.delay_ms,
        row.parts_ms,
        text(row.tls),
        row.pid,
    )
}

impl RowSink for Everything {
    fn outcome(&mut self, texts: &Interner, row: &OutcomeRow<'_>, attempts: &[AttemptRow]) {
        let id = |id: Id| String::from_utf8_lossy(texts.text(id)).into_owned();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let bounced = row.bounced_later.map(|bounced| (bounced.time.0, bounced.code, id(bounced.signature)));
        let attempts: Vec<String> = attempts.iter().map(|row| attempt(texts, row)).collect();
        self.add(format!(
            "{} {}/{} {}..{} until {} seen {} ended {:?} to {} ({}) {} from {} ({}) id {} campaign {} {:?} {:?} lost={} first={} no={} \
             {:?} {:?} open={} next={} later={bounced:?} complained={:?} [{}] message {:x}",
            text(row.queue_id),
            id(row.host),
            id(row.instance),
            row.received.0,
            row.last.0,
            row.seen_until.0,
            row.first_seen.0,
            row.ended,
            text(row.recipient),
            text(row.original),
            id(row.domain),
            text(row.sender),
            id(row.sender_domain),
            text(row.message_id),
            id(row.campaign),
            row.end,
            row.traffic,
            row.is_head_lost,
            row.is_first_of_message,
            row.recipient_no,
            row.origin,
            row.size,
            row.is_tail_open,
            text(row.handed_to),
            row.complained,
            attempts.join("; "),
            row.message,
        ));
    }

    fn evidence(&mut self, texts_row: &AttemptRow, record: &[u8]) {
        // Ids mean something else in every run: the place and the record tell which it is.
        self.add(format!("evidence {:?} {:?} {}", texts_row.pos, texts_row.status, String::from_utf8_lossy(record)));
    }

    fn feedback(&mut self, texts: &Interner, row: &FeedbackRow<'_>) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        self.add(format!(
            "feedback {} {} {} ({}) complaint={} {} '{}' matched={}",
            row.time.0,
            text(row.queue_id),
            text(row.recipient),
            text(texts.text(row.domain)),
            row.is_complaint,
            row.code,
            text(texts.text(row.signature)),
            row.is_matched,
        ));
    }

    fn inbound(&mut self, texts: &Interner, host: Id, time: Micros, reply: &[u8]) {
        let host = String::from_utf8_lossy(texts.text(host)).into_owned();
        self.add(format!("inbound {host} {} {}", time.0, String::from_utf8_lossy(reply)));
    }

    fn absorb(&mut self, other: Self, _: &Translation) {
        for (row, count) in other.0 {
            *self.0.entry(row).or_default() += count;
        }
    }
}
