//! The rows behind the counts as frames: the views `attempts` and `outcomes` that a query can name.
//!
//! A view holds what the tables count and nothing else, so that counting its rows gives their sums. Rows are sorted by time, host and
//! message; only the columns that a query names are made, since there may be millions of rows.

use std::borrow::Cow;
use std::collections::BTreeMap;

use polars::prelude::{DataFrame, PolarsResult};

use super::column::{Cell, Column, Kind};
use super::frame::Builder;
use super::frames::{network, reason, speaker, stage, status, whole};
use super::names::{Names, utf8};
use super::veil::Veil;
use crate::cubes::kept::{Kept, KeptAttempt, KeptOutcome};
use crate::event::{Enhanced, Sort};
use crate::intern::{Id, Interner};

/// A view of single rows.
pub struct RowView {
    /// As it stands behind `FROM`.
    pub name: &'static str,
    /// One sentence.
    pub about: &'static str,
    /// What a row is.
    pub counts: &'static str,
    /// Gives its columns, in order.
    pub columns: fn() -> Vec<Column>,
}

/// The view of attempts.
pub static ATTEMPTS: RowView = RowView {
    name: "attempts",
    about: "Every attempt that lies in the period, of the mail that the run is about.",
    counts: "attempts: those of sort real (with --scope all also local) are in the figures",
    columns: || ATTEMPT_FIELDS.iter().map(|field| field.column).collect(),
};

/// The view of outcomes.
pub static OUTCOMES: RowView = RowView {
    name: "outcomes",
    about: "Every message × recipient that was received in the period, as it stood when the settling time was over.",
    counts: "outcomes",
    columns: || OUTCOME_FIELDS.iter().map(|field| field.column).collect(),
};

/// Both.
pub static ROW_VIEWS: [&RowView; 2] = [&ATTEMPTS, &OUTCOMES];

/// One column: what it means, and how a row's cell is made.
struct Field<R> {
    column: Column,
    cell: for<'a> fn(&R, &'a Shown<'_>) -> Cell<'a>,
}

impl<R> Field<R> {
    const fn key(
        name: &'static str,
        kind: Kind,
        meaning: &'static str,
        cell: for<'a> fn(&R, &'a Shown<'_>) -> Cell<'a>,
    ) -> Self {
        Self { column: Column::key(name, kind, meaning), cell }
    }

    const fn text(name: &'static str, meaning: &'static str, cell: for<'a> fn(&R, &'a Shown<'_>) -> Cell<'a>) -> Self {
        Self::key(name, Kind::Text, meaning, cell)
    }

    const fn flag(name: &'static str, meaning: &'static str, cell: for<'a> fn(&R, &'a Shown<'_>) -> Cell<'a>) -> Self {
        Self::key(name, Kind::Flag, meaning, cell)
    }

    const fn count(
        name: &'static str,
        unit: &'static str,
        meaning: &'static str,
        cell: for<'a> fn(&R, &'a Shown<'_>) -> Cell<'a>,
    ) -> Self {
        Self { column: Column::count(name, unit, meaning), cell }
    }

    const fn or_null(self) -> Self {
        Self { column: self.column.or_null(), cell: self.cell }
    }
}

const MESSAGE: &str = "The message: a hash of host, instance, queue id and first stamp. A row is told by it, recipient_no and, of attempts, \
                       attempt_no.";
const RECIPIENT_NO: &str = "Number of the recipient within the message, from 0.";

type OfAttempt = Field<KeptAttempt>;
type OfOutcome = Field<KeptOutcome>;

static ATTEMPT_FIELDS: [OfAttempt; 33] = [
    OfAttempt::key("day", Kind::Day, "Day of the attempt, UTC.", |row, _| Cell::Day(row.time.day())),
    OfAttempt::key("time", Kind::Time, "When it ended.", |row, _| Cell::Time(row.time.0)),
    OfAttempt::text("host", "Host that wrote the log.", |row, shown| shown.text(row.host)),
    OfAttempt::key("message", Kind::Whole, MESSAGE, |row, _| hash(row.message)),
    OfAttempt::key("recipient_no", Kind::Whole, RECIPIENT_NO, |row, _| whole(u64::from(row.recipient_no))),
    OfAttempt::key(
        "attempt_no",
        Kind::Whole,
        "Number of the attempt within its outcome, from 1, those that the MTA put back without trying included.",
        |row, _| whole(u64::from(row.attempt_no)),
    ),
    OfAttempt::flag("is_first", "Whether it is the first real attempt of its outcome.", |row, _| Cell::Flag(row.is_first)),
    OfAttempt::text("recipient", "Recipient address after rewriting; empty where the log names none.", |row, shown| {
        shown.person(row.recipient)
    }),
    OfAttempt::text("domain", "Recipient domain.", |row, shown| shown.text(row.domain)),
    OfAttempt::text("provider", "Who runs the mailbox, as this attempt shows it.", |row, shown| shown.text(row.route)),
    OfAttempt::text("source", "Who sent: IP or virtual MTA, else host/instance.", |row, shown| shown.text(row.source)),
    OfAttempt::text("relay", "The host that answered or was sought; empty where none is named.", |row, shown| {
        shown.text(row.relay)
    }),
    OfAttempt::text("relay_ip", "Its address; empty where none is logged.", |row, shown| shown.text(row.relay_ip)),
    OfAttempt::text("network", "ipv4, ipv6 or unknown.", |row, _| Cell::Text(network(row.network))),
    OfAttempt::text("status", "As logged: delivered, deferred, failed, expired, unknown.", |row, _| {
        Cell::Text(status(row.status))
    }),
    OfAttempt::text(
        "sort",
        "real: a host was contacted or sought. suspended: put back without trying. own: decided by our MTA alone. local: stored at home.",
        |row, _| Cell::Text(sort(row.sort)),
    ),
    OfAttempt::text("speaker", "Who spoke: remote, connection, dns, own, unknown.", |row, _| Cell::Text(speaker(row.speaker))),
    OfAttempt::text("stage", "At which command the reply came.", |row, _| Cell::Text(stage(row.stage))),
    OfAttempt::key("code", Kind::Whole, "Reply code; null where no server answered or none is logged.", |row, _| {
        code(row.code)
    })
    .or_null(),
    OfAttempt::text("enhanced", "Enhanced status; null where none is logged.", |row, shown| shown.enhanced(row.enhanced))
        .or_null(),
    OfAttempt::text("signature", "The masked reply; null where nothing failed.", |row, shown| {
        shown.text_or_null(row.signature)
    })
    .or_null(),
    OfAttempt::text("disposition", "What it came to: delivered, deferred, bounced, blocked, unknown.", |row, _| {
        Cell::Text(row.disposition.name())
    }),
    OfAttempt::text("category", "Why it failed; null where nothing failed.", |row, _| reason(row.reason)[0]).or_null(),
    OfAttempt::text("class", "Whose problem it is; null where nothing failed.", |row, _| reason(row.reason)[1]).or_null(),
    OfAttempt::count("delay_ms", "ms", "Since the message's arrival in this queue; null where not logged.", |row, _| {
        row.delay_ms.map_or(Cell::Null, Cell::Whole)
    })
    .or_null(),
    OfAttempt::count("before_ms", "ms", "Of it, before the queue manager; null where not logged.", |row, _| part(row, 0))
        .or_null(),
    OfAttempt::count("queue_ms", "ms", "Of it, in the queue; null where not logged.", |row, _| part(row, 1)).or_null(),
    OfAttempt::count("connect_ms", "ms", "Of it, connecting; null where not logged.", |row, _| part(row, 2)).or_null(),
    OfAttempt::count("send_ms", "ms", "Of it, transmitting; null where not logged.", |row, _| part(row, 3)).or_null(),
    OfAttempt::text("tls", "TLS version or policy as logged; empty where nothing is.", |row, shown| shown.text(row.tls)),
    OfAttempt::key("hour", Kind::Whole, "Hour of the day, UTC, 0 to 23.", |row, _| {
        Cell::Whole(i64::from(row.time.hour().rem_euclid(24)))
    }),
    OfAttempt::text("input", "The file that holds its record.", |row, shown| shown.path(row.pos.file)),
    OfAttempt::count("place", "bytes", "Byte of the file's decompressed content where its record begins.", |row, _| {
        whole(row.pos.offset)
    }),
];

static OUTCOME_FIELDS: [OfOutcome; 40] = [
    OfOutcome::key("day", Kind::Day, "Day of reception, UTC.", |row, _| Cell::Day(row.key.day)),
    OfOutcome::key("received", Kind::Time, "Reception by this queue, else first sight.", |row, _| Cell::Time(row.received.0)),
    OfOutcome::key("last", Kind::Time, "When it ended, or its last event.", |row, _| Cell::Time(row.last.0)),
    OfOutcome::text("host", "Host that wrote the log.", |row, shown| shown.text(row.host)),
    OfOutcome::key("message", Kind::Whole, MESSAGE, |row, _| hash(row.message)),
    OfOutcome::key("recipient_no", Kind::Whole, RECIPIENT_NO, |row, _| whole(u64::from(row.recipient_no))),
    OfOutcome::flag(
        "is_first_of_message",
        "Whether it is the first outcome of its message: count these to count messages.",
        |row, _| Cell::Flag(row.counts.messages > 0),
    ),
    OfOutcome::text("recipient", "Recipient address after rewriting; empty where the log names none.", |row, shown| {
        shown.person(row.recipient)
    }),
    OfOutcome::text("original", "The recipient as asked for, where it differs; empty otherwise.", |row, shown| {
        shown.person(row.original)
    }),
    OfOutcome::text("domain", "Recipient domain.", |row, shown| shown.text(row.key.domain)),
    OfOutcome::text(
        "provider",
        "Who runs the mailbox, as the last attempt that tells shows it; empty for mail never tried.",
        |row, shown| shown.text(row.key.route),
    ),
    OfOutcome::text("source", "Who sent, at the last attempt; empty for mail never tried.", |row, shown| {
        shown.text(row.source)
    }),
    OfOutcome::text(
        "relay",
        "The host that answered or was sought at the last attempt; empty where none is named.",
        |row, shown| shown.text(row.relay),
    ),
    OfOutcome::text("state", "How it ended: as the columns of `domains` are named.", |row, _| Cell::Text(row.key.state.name())),
    OfOutcome::text("category", "Why it failed; null where nothing failed.", |row, _| reason(row.key.reason)[0]).or_null(),
    OfOutcome::text("class", "Whose problem it is; null where nothing failed.", |row, _| reason(row.key.reason)[1]).or_null(),
    OfOutcome::key("code", Kind::Whole, "Reply code of the last attempt; null where none is logged.", |row, _| code(row.code))
        .or_null(),
    OfOutcome::text("enhanced", "Enhanced status of the last attempt; null where none is logged.", |row, shown| {
        shown.enhanced(row.enhanced)
    })
    .or_null(),
    OfOutcome::text("signature", "Masked reply of the last attempt; null where that did not fail.", |row, shown| {
        shown.text_or_null(row.signature)
    })
    .or_null(),
    OfOutcome::text("sender", "Envelope sender; empty for the null reverse-path and where not known.", |row, shown| {
        shown.person(row.sender)
    }),
    OfOutcome::text("sender_domain", "Its domain; empty where there is none.", |row, shown| shown.text(row.sender_domain)),
    OfOutcome::text("message_id", "Message-ID; empty where not logged.", |row, shown| shown.word(row.message_id)),
    OfOutcome::text("campaign", "Job or campaign; empty where the format has none.", |row, shown| shown.text(row.campaign)),
    OfOutcome::text("queue_id", "Queue id.", |row, shown| shown.word(row.queue_id)),
    OfOutcome::text("instance", "MTA instance; empty where there is but one.", |row, shown| shown.text(row.instance)),
    OfOutcome::count("size", "bytes", "Of the message; null where not logged.", |row, _| row.size.map_or(Cell::Null, whole))
        .or_null(),
    OfOutcome::count("attempts", "attempts", "Real attempts, whether or not they lie in the period.", |row, _| {
        whole(row.counts.attempts)
    }),
    OfOutcome::flag("is_attempted", "Whether it was tried at all, or put back without trying.", |row, _| {
        Cell::Flag(row.counts.attempted > 0)
    }),
    OfOutcome::flag("deferred_once", "Whether it had a temporary failure, real or suspended.", |row, _| {
        Cell::Flag(row.counts.deferred_once > 0)
    }),
    OfOutcome::flag("first_try", "Whether it was delivered at the first real attempt.", |row, _| {
        Cell::Flag(row.counts.first_try > 0)
    }),
    OfOutcome::flag("recovered", "Whether it was delivered after a temporary failure.", |row, _| {
        Cell::Flag(row.counts.recovered > 0)
    }),
    OfOutcome::flag("touched_by_block", "Whether a reply was of a block category.", |row, _| {
        Cell::Flag(row.counts.touched_by_block > 0)
    }),
    OfOutcome::count("age_ms", "ms", "From reception to its end or last event.", |row, _| {
        Cell::Whole(row.last.0.saturating_sub(row.received.0) / 1_000)
    }),
    OfOutcome::count("waited_ms", "ms", "From the first temporary failure to the same; 0 without one.", |row, _| {
        whole(row.counts.waited_ms)
    }),
    OfOutcome::key("hour", Kind::Whole, "Hour of the day of reception, UTC, 0 to 23.", |row, _| {
        Cell::Whole(i64::from(row.received.hour().rem_euclid(24)))
    }),
    OfOutcome::flag("is_forwarded", "Whether it was asked for under another address, or came from a stranger.", |row, _| {
        Cell::Flag(row.is_forwarded)
    }),
    OfOutcome::flag("is_head_lost", "Whether the message began before the first record that was read.", |row, _| {
        Cell::Flag(row.is_head_lost)
    }),
    OfOutcome::flag(
        "is_tail_open",
        "Whether the log ends, or falls silent for a week, before the message left the queue.",
        |row, _| Cell::Flag(row.is_tail_open),
    ),
    OfOutcome::key("bounced_later", Kind::Time, "When a bounce came after it was accepted; null where none did.", |row, _| {
        row.bounced_later.map_or(Cell::Null, |time| Cell::Time(time.0))
    })
    .or_null(),
    OfOutcome::key("complained", Kind::Time, "When a complaint came in; null where none did.", |row, _| {
        row.complained.map_or(Cell::Null, |time| Cell::Time(time.0))
    })
    .or_null(),
];

/// The bits of a hash as a signed number: unsigned ones are decimals elsewhere.
const fn hash(hash: u64) -> Cell<'static> {
    Cell::Whole(hash.cast_signed())
}

fn code(code: u16) -> Cell<'static> {
    if code == 0 { Cell::Null } else { Cell::Whole(i64::from(code)) }
}

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

/// What the ids of kept rows read.
struct Shown<'a> {
    names: Names<'a>,
    words: Vec<Cow<'a, str>>,
    /// The same words, where addresses have other names: they are addresses.
    persons: Option<Vec<String>>,
    enhanced: BTreeMap<Enhanced, String>,
    paths: &'a [String],
}

impl Shown<'_> {
    fn text(&self, id: Id) -> Cell<'_> {
        Cell::Text(self.names.text(id))
    }

    fn text_or_null(&self, id: Id) -> Cell<'_> {
        if id == Id::EMPTY { Cell::Null } else { self.text(id) }
    }

    fn word(&self, id: Id) -> Cell<'_> {
        Cell::Text(self.words.get(id.0 as usize).map_or("", Cow::as_ref))
    }

    fn person(&self, id: Id) -> Cell<'_> {
        let Some(persons) = &self.persons else { return self.word(id) };
        Cell::Text(persons.get(id.0 as usize).map_or("", String::as_str))
    }

    fn enhanced(&self, status: Option<Enhanced>) -> Cell<'_> {
        status.and_then(|status| self.enhanced.get(&status)).map_or(Cell::Null, |text| Cell::Text(text))
    }

    fn path(&self, file: u32) -> Cell<'_> {
        Cell::Text(self.paths.get(file as usize).map_or("", String::as_str))
    }
}

/// The rows that a run kept, with what they read.
pub struct Rows {
    kept: Box<Kept>,
    texts: Interner,
    paths: Vec<String>,
    veil: Option<Veil>,
}

/// Rows of a frame that are put together at a time.
const BATCH: usize = 1 << 18;

impl Rows {
    /// Rows with the texts of their ids, and the paths of the files by rank. With a veil, addresses have other names.
    #[must_use]
    pub fn new(kept: Box<Kept>, texts: Interner, paths: Vec<String>, veil: Option<Veil>) -> Self {
        Self { kept, texts, paths, veil }
    }

    /// Frames of the views with those columns that `is_wanted` names, and the first one in any case.
    pub(super) fn frames(mut self, is_wanted: &dyn Fn(&str) -> bool) -> PolarsResult<[(&'static str, DataFrame); 2]> {
        let names = Names::of(&self.texts);
        self.kept.attempts.sort_unstable_by_key(|row| {
            (row.time, names.rank(row.host), row.message, row.recipient_no, row.attempt_no, row.pos, row.status)
        });
        self.kept.outcomes.sort_unstable_by_key(|row| {
            (
                row.received,
                names.rank(row.host),
                row.message,
                row.recipient_no,
                row.last,
                names.rank(row.key.domain),
                row.key.state,
            )
        });
        let kept = &self.kept;
        let statuses = kept.attempts.iter().map(|row| row.enhanced).chain(kept.outcomes.iter().map(|row| row.enhanced));
        let words: Vec<Cow<'_, str>> = (0..kept.words.len()).map(|id| utf8(kept.words.text(Id(id as u32)))).collect();
        let veiled = |veil: &Veil| words.iter().map(|word| veil.text(word).into_owned().into()).collect();
        let shown = Shown {
            names,
            persons: self.veil.as_ref().map(|veil| words.iter().map(|word| veil.person(word)).collect()),
            words: self.veil.as_ref().map(veiled).unwrap_or(words),
            enhanced: statuses.flatten().map(|status| (status, status.to_string())).collect(),
            paths: &self.paths,
        };
        Ok([
            (ATTEMPTS.name, frame(&ATTEMPT_FIELDS, &kept.attempts, &shown, is_wanted)?),
            (OUTCOMES.name, frame(&OUTCOME_FIELDS, &kept.outcomes, &shown, is_wanted)?),
        ])
    }
}

fn frame<R>(fields: &[Field<R>], rows: &[R], shown: &Shown<'_>, is_wanted: &dyn Fn(&str) -> bool) -> PolarsResult<DataFrame> {
    let fields: Vec<&Field<R>> = fields
        .iter()
        .enumerate()
        .filter(|(place, field)| *place == 0 || is_wanted(field.column.name))
        .map(|(_, field)| field)
        .collect();
    let columns: Vec<Column> = fields.iter().map(|field| field.column).collect();
    let of_batch = |rows: &[R]| {
        let mut builder = Builder::new(&columns, rows.len());
        rows.iter().for_each(|row| builder.push(fields.iter().map(|field| (field.cell)(row, shown))));
        builder.frame()
    };
    let mut batches = rows.chunks(BATCH);
    let mut frame = of_batch(batches.next().unwrap_or_default())?;
    for batch in batches {
        frame.vstack_mut(&of_batch(batch)?)?;
    }
    Ok(frame)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_of_a_view_is_documented_once() {
        for view in ROW_VIEWS {
            let columns = (view.columns)();
            let names: std::collections::BTreeSet<_> = columns.iter().map(|column| column.name).collect();
            assert_eq!(names.len(), columns.len(), "{}: a name twice", view.name);
            assert_eq!(columns.first().map(|column| column.name), Some("day"));
            for column in columns {
                assert!(column.meaning.len() > 5 && column.meaning.ends_with('.'), "{}.{}", view.name, column.name);
                let is_word = column.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
                assert!(is_word, "{}.{}", view.name, column.name);
            }
        }
    }
}
