//! The columns of the view `attempts`.

use super::{Field, MESSAGE, RECIPIENT_NO, code, hash};
use crate::cubes::kept::KeptAttempt;
use crate::event::Sort;
use crate::tables::column::{Cell, Kind};
use crate::tables::frames::{network, reason, speaker, stage, status, whole};

type Attempt = Field<KeptAttempt>;

/// Its columns.
pub(super) static FIELDS: [Attempt; 33] = [
    Attempt::key("day", Kind::Day, "Day of the attempt, UTC.", |row, _| Cell::Day(row.time.day())),
    Attempt::key("time", Kind::Time, "When it ended.", |row, _| Cell::Time(row.time.0)),
    Attempt::text("host", "Host that wrote the log.", |row, shown| shown.text(row.host)),
    Attempt::key("message", Kind::Whole, MESSAGE, |row, _| hash(row.message)),
    Attempt::key("recipient_no", Kind::Whole, RECIPIENT_NO, |row, _| whole(u64::from(row.recipient_no))),
    Attempt::key(
        "attempt_no",
        Kind::Whole,
        "Number of the attempt within its outcome, from 1, those that the MTA put back without trying included.",
        |row, _| whole(u64::from(row.attempt_no)),
    ),
    Attempt::flag("is_first", "Whether it is the first real attempt of its outcome.", |row, _| Cell::Flag(row.is_first)),
    Attempt::text("recipient", "Recipient address after rewriting; empty where the log names none.", |row, shown| {
        shown.person(row.recipient)
    }),
    Attempt::text("domain", "Recipient domain.", |row, shown| shown.text(row.domain)),
    Attempt::text("provider", "Who runs the mailbox, as this attempt shows it.", |row, shown| shown.text(row.route)),
    Attempt::text("source", "Who sent: IP or virtual MTA, else host/instance.", |row, shown| shown.text(row.source)),
    Attempt::text("relay", "The host that answered or was sought; empty where none is named.", |row, shown| {
        shown.text(row.relay)
    }),
    Attempt::text("relay_ip", "Its address; empty where none is logged.", |row, shown| shown.text(row.relay_ip)),
    Attempt::text("network", "ipv4, ipv6 or unknown.", |row, _| Cell::Text(network(row.network))),
    Attempt::text("status", "As logged: delivered, deferred, failed, expired, unknown.", |row, _| {
        Cell::Text(status(row.status))
    }),
    Attempt::text(
        "sort",
        "real: a host was contacted or sought. suspended: put back without trying. own: decided by our MTA alone. local: stored at home.",
        |row, _| Cell::Text(sort(row.sort)),
    ),
    Attempt::text("speaker", "Who spoke: remote, connection, dns, own, unknown.", |row, _| Cell::Text(speaker(row.speaker))),
    Attempt::text("stage", "At which command the reply came.", |row, _| Cell::Text(stage(row.stage))),
    Attempt::key("code", Kind::Whole, "Reply code; null where no server answered or none is logged.", |row, _| code(row.code))
        .or_null(),
    Attempt::text("enhanced", "Enhanced status; null where none is logged.", |row, shown| shown.enhanced(row.enhanced))
        .or_null(),
    Attempt::text("signature", "The masked reply; null where nothing failed.", |row, shown| shown.text_or_null(row.signature))
        .or_null(),
    Attempt::text("disposition", "What it came to: delivered, deferred, bounced, blocked, unknown.", |row, _| {
        Cell::Text(row.disposition.name())
    }),
    Attempt::text("category", "Why it failed; null where nothing failed.", |row, _| reason(row.reason)[0]).or_null(),
    Attempt::text("class", "Whose problem it is; null where nothing failed.", |row, _| reason(row.reason)[1]).or_null(),
    Attempt::count("delay_ms", "ms", "Since the message's arrival in this queue; null where not logged.", |row, _| {
        row.delay_ms.map_or(Cell::Null, Cell::Whole)
    })
    .or_null(),
    Attempt::count("before_ms", "ms", "Of it, before the queue manager; null where not logged.", |row, _| part(row, 0))
        .or_null(),
    Attempt::count("queue_ms", "ms", "Of it, in the queue; null where not logged.", |row, _| part(row, 1)).or_null(),
    Attempt::count("connect_ms", "ms", "Of it, connecting; null where not logged.", |row, _| part(row, 2)).or_null(),
    Attempt::count("send_ms", "ms", "Of it, transmitting; null where not logged.", |row, _| part(row, 3)).or_null(),
    Attempt::text("tls", "TLS version or policy as logged; empty where nothing is.", |row, shown| shown.text(row.tls)),
    Attempt::key("hour", Kind::Whole, "Hour of the day, UTC, 0 to 23.", |row, _| {
        Cell::Whole(i64::from(row.time.hour().rem_euclid(24)))
    }),
    Attempt::text("input", "The file that holds its record.", |row, shown| shown.path(row.pos.file)),
    Attempt::count("place", "bytes", "Byte of the file's decompressed content where its record begins.", |row, _| {
        whole(row.pos.offset)
    }),
];

fn part(row: &KeptAttempt, which: usize) -> Cell<'static> {
    let part = row.parts_ms.and_then(|parts| parts.get(which).copied());
    part.map_or(Cell::Null, |ms| Cell::Whole(i64::from(ms)))
}

const fn sort(sort: Sort) -> &'static str {
    match sort {
        Sort::Real => "real",
        Sort::Suspended => "suspended",
        Sort::Hop => "hop",
        Sort::Local => "local",
        Sort::Own => "own",
        Sort::Probe => "probe",
        Sort::NotSent => "not-sent",
    }
}
