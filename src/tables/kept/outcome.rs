//! The columns of the view `outcomes`.

use super::{Field, MESSAGE, RECIPIENT_NO, code, hash};
use crate::cubes::kept::KeptOutcome;
use crate::tables::column::{Cell, Kind};
use crate::tables::frames::{reason, whole};

type Outcome = Field<KeptOutcome>;

/// Its columns.
pub(super) static FIELDS: [Outcome; 41] = [
    Outcome::key("day", Kind::Day, "Day of reception, UTC.", |row, _| Cell::Day(row.key.day)),
    Outcome::key("received", Kind::Time, "Reception by this queue, else first sight.", |row, _| Cell::Time(row.received.0)),
    Outcome::key("last", Kind::Time, "When it ended, or its last event.", |row, _| Cell::Time(row.last.0)),
    Outcome::key(
        "seen_until",
        Kind::Time,
        "Until when the log shows that nothing more happened: of mail that waits, as far as its host's log goes, seven days after its last record at most.",
        |row, _| Cell::Time(row.seen_until.0),
    ),
    Outcome::text("host", "Host that wrote the log.", |row, shown| shown.text(row.host)),
    Outcome::key("message", Kind::Whole, MESSAGE, |row, _| hash(row.message)),
    Outcome::key("recipient_no", Kind::Whole, RECIPIENT_NO, |row, _| whole(u64::from(row.recipient_no))),
    Outcome::flag(
        "is_first_of_message",
        "Whether it is the first outcome of its message: count these to count messages.",
        |row, _| Cell::Flag(row.counts.messages > 0),
    ),
    Outcome::text("recipient", "Recipient address after rewriting; empty where the log names none.", |row, shown| {
        shown.person(row.recipient)
    }),
    Outcome::text("original", "The recipient as asked for, where it differs; empty otherwise.", |row, shown| {
        shown.person(row.original)
    }),
    Outcome::text("domain", "Recipient domain.", |row, shown| shown.text(row.key.domain)),
    Outcome::text(
        "provider",
        "Who runs the mailbox, as the last attempt that tells shows it; empty for mail never tried.",
        |row, shown| shown.text(row.key.route),
    ),
    Outcome::text("source", "Who sent, at the last attempt; empty for mail never tried.", |row, shown| shown.text(row.source)),
    Outcome::text(
        "relay",
        "The host that answered or was sought at the last attempt; empty where none is named.",
        |row, shown| shown.text(row.relay),
    ),
    Outcome::text("state", "How it ended: as the columns of `domains` are named.", |row, _| Cell::Text(row.key.state.name())),
    Outcome::text("category", "Why it failed; null where nothing failed.", |row, _| reason(row.key.reason)[0]).or_null(),
    Outcome::text("class", "Whose problem it is; null where nothing failed.", |row, _| reason(row.key.reason)[1]).or_null(),
    Outcome::key("code", Kind::Whole, "Reply code of the last attempt; null where none is logged.", |row, _| code(row.code))
        .or_null(),
    Outcome::text("enhanced", "Enhanced status of the last attempt; null where none is logged.", |row, shown| {
        shown.enhanced(row.enhanced)
    })
    .or_null(),
    Outcome::text("signature", "Masked reply of the last attempt; null where that did not fail.", |row, shown| {
        shown.text_or_null(row.signature)
    })
    .or_null(),
    Outcome::text("sender", "Envelope sender; empty for the null reverse-path and where not known.", |row, shown| {
        shown.person(row.sender)
    }),
    Outcome::text("sender_domain", "Its domain; empty where there is none.", |row, shown| shown.text(row.sender_domain)),
    Outcome::text("message_id", "Message-ID; empty where not logged.", |row, shown| shown.word(row.message_id)),
    Outcome::text("campaign", "Job or campaign; empty where the format has none.", |row, shown| shown.text(row.campaign)),
    Outcome::text("queue_id", "Queue id.", |row, shown| shown.word(row.queue_id)),
    Outcome::text("instance", "MTA instance; empty where there is but one.", |row, shown| shown.text(row.instance)),
    Outcome::count("size", "bytes", "Of the message; null where not logged.", |row, _| row.size.map_or(Cell::Null, whole))
        .or_null(),
    Outcome::count("attempts", "attempts", "Real attempts, whether or not they lie in the period.", |row, _| {
        whole(row.counts.attempts)
    }),
    Outcome::flag("is_attempted", "Whether it was tried at all, or put back without trying.", |row, _| {
        Cell::Flag(row.counts.attempted > 0)
    }),
    Outcome::flag("deferred_once", "Whether it had a temporary failure, real or suspended.", |row, _| {
        Cell::Flag(row.counts.deferred_once > 0)
    }),
    Outcome::flag("first_try", "Whether it was delivered at the first real attempt.", |row, _| {
        Cell::Flag(row.counts.first_try > 0)
    }),
    Outcome::flag(
        "recovered",
        "Whether it was delivered after a temporary failure, at a later real attempt than the first.",
        |row, _| Cell::Flag(row.counts.recovered > 0),
    ),
    Outcome::flag("touched_by_block", "Whether it is resolved and a reply was of a block category.", |row, _| {
        Cell::Flag(row.counts.touched_by_block > 0)
    }),
    Outcome::count("age_ms", "ms", "From reception to its end or last event.", |row, _| {
        Cell::Whole(row.last.0.saturating_sub(row.received.0) / 1_000)
    }),
    Outcome::count(
        "waited_ms",
        "ms",
        "From the first temporary failure to its end, or as long as the log shows it to wait; 0 without one.",
        |row, _| whole(row.counts.waited_ms),
    ),
    Outcome::key("hour", Kind::Whole, "Hour of the day of reception, UTC, 0 to 23.", |row, _| {
        Cell::Whole(i64::from(row.received.hour().rem_euclid(24)))
    }),
    Outcome::flag("is_forwarded", "Whether it was asked for under another address, or came from a stranger.", |row, _| {
        Cell::Flag(row.is_forwarded)
    }),
    Outcome::flag("is_head_lost", "Whether the message began before the first record that was read.", |row, _| {
        Cell::Flag(row.is_head_lost)
    }),
    Outcome::flag(
        "is_tail_open",
        "Whether the log ends, or falls silent for a week, before the message left the queue.",
        |row, _| Cell::Flag(row.is_tail_open),
    ),
    Outcome::key("bounced_later", Kind::Time, "When a bounce came after it was accepted; null where none did.", |row, _| {
        row.bounced_later.map_or(Cell::Null, |time| Cell::Time(time.0))
    })
    .or_null(),
    Outcome::key("complained", Kind::Time, "When a complaint came in; null where none did.", |row, _| {
        row.complained.map_or(Cell::Null, |time| Cell::Time(time.0))
    })
    .or_null(),
];
