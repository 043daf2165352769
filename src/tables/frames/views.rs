//! The views that SQL files can name: what each is about, and its columns.

use crate::tables::column::{Column, Kind};

/// A view that SQL files can name.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// As it stands behind `FROM`.
    pub name: &'static str,
    /// One sentence.
    pub about: &'static str,
    /// Its columns, in order.
    pub columns: &'static [Column],
}

const DAY: Column = Column::key("day", Kind::Day, "Day of reception, UTC.");
const HOUR: Column = Column::key("hour", Kind::Time, "Hour of the attempt: its beginning.");
const DOMAIN: Column = Column::key("domain", Kind::Text, "Recipient domain; empty where the log names no recipient.");
const ROUTE: Column = Column::key("route", Kind::Text, "Who runs the mailbox, as the attempt shows it.");
const SOURCE: Column = Column::key("source", Kind::Text, "Who sent.");
const STATE: Column = Column::key("state", Kind::Text, "End state of the outcome.");
const CATEGORY: Column = Column::key("category", Kind::Text, "Why it failed; null where nothing failed.").or_null();
const CLASS: Column = Column::key("class", Kind::Text, "Whose problem it is; null where nothing failed.").or_null();
const ATTEMPTS: Column = Column::count("attempts", "attempts", "Real attempts.");
const OUTCOMES: Column = Column::count("outcomes", "outcomes", "Messages × recipients.");

/// Cube of outcomes by day, domain, route, state and reason.
pub const OUTCOME_DOMAINS: View = View {
    name: "outcome_domains",
    about: "Outcomes of the scope by day of reception, recipient domain, route, end state and reason.",
    columns: &[
        DAY,
        DOMAIN,
        ROUTE,
        STATE,
        CATEGORY,
        CLASS,
        OUTCOMES,
        Column::count("messages", "messages", "Messages, each counted at its first outcome."),
        ATTEMPTS,
        Column::count("deferred_once", "outcomes", "With at least one temporary failure, real or suspended."),
        Column::count("attempted", "outcomes", "With at least one attempt row, real or suspended."),
        Column::count("first_try", "outcomes", "Delivered at the first real attempt."),
        Column::count("recovered", "outcomes", "Delivered at a later real attempt than the first, after a temporary failure."),
        Column::count("touched_by_block", "outcomes", "Resolved, with at least one reply of a block category."),
        Column::count(
            "waited_ms",
            "ms",
            "Sum of end less first temporary failure; of mail that waits, as long as the log shows it.",
        ),
    ],
};

/// Cube of attempts by hour, route and source.
pub const ATTEMPT_HOURS: View = View {
    name: "attempt_hours",
    about: "Real attempts by hour, route, source, status, reason, stage and speaker.",
    columns: &[
        HOUR,
        ROUTE,
        SOURCE,
        Column::key("status", Kind::Text, "As logged: delivered, deferred, failed, expired, unknown."),
        CATEGORY,
        CLASS,
        Column::key("stage", Kind::Text, "At which command the reply came."),
        Column::key("speaker", Kind::Text, "Who spoke: remote, connection, dns, own, unknown."),
        Column::key("is_first", Kind::Flag, "The first real attempt of its outcome."),
        ATTEMPTS,
    ],
};

/// Cube of failed attempts by hour and reply.
pub const ATTEMPT_REPLIES: View = View {
    name: "attempt_replies",
    about: "Failed real attempts by hour, route, source and masked reply.",
    columns: &[
        HOUR,
        ROUTE,
        SOURCE,
        Column::key("signature", Kind::Text, "The masked reply."),
        ATTEMPTS,
        Column::key("first_seen", Kind::Time, "The earliest."),
        Column::key("last_seen", Kind::Time, "The latest."),
    ],
};

/// Cube of attempts by domain and code.
pub const ATTEMPT_CODES: View = View {
    name: "attempt_codes",
    about: "Real attempts by recipient domain, route, disposition, reply code and enhanced status.",
    columns: &[
        DOMAIN,
        ROUTE,
        Column::key("disposition", Kind::Text, "Delivered, deferred, bounced, blocked, unknown."),
        Column::key("code", Kind::Whole, "Reply code; null where no server answered or none is logged.").or_null(),
        Column::key("enhanced", Kind::Text, "Enhanced status; null where none is logged.").or_null(),
        ATTEMPTS,
    ],
};

/// Cube of ages of outcomes.
pub const DELAYS: View = View {
    name: "outcome_delays",
    about: "Outcomes that were tried, by route, day of reception, what ended the waiting and after how long.",
    columns: &[
        ROUTE,
        DAY,
        Column::key("event", Kind::Text, "Accepted, failed or open."),
        Column::count("age_q_ms", "ms", "Time from reception to the event, rounded down to three significant digits."),
        OUTCOMES,
    ],
};

/// Cube of outcomes that a block touched.
pub const OUTCOME_BLOCKS: View = View {
    name: "outcome_blocks",
    about: "Outcomes with a block or throttling reply, by the hours of the first and the last; those with both stand in it twice.",
    columns: &[
        ROUTE,
        SOURCE,
        Column::key("first_hour", Kind::Time, "Hour of the first reply of a block category, or of the first rate limit."),
        Column::key("last_hour", Kind::Time, "Hour of the last such reply."),
        Column::key("is_throttle", Kind::Flag, "Whether the replies were rate limits."),
        STATE,
        OUTCOMES,
        Column::count("waited_ms", "ms", "Sum of end less first such reply."),
    ],
};

/// Cube of outcomes by who sent them.
pub const OUTCOME_SENDERS: View = View {
    name: "outcome_senders",
    about: "Outcomes of the scope by day of reception, route, source, sender domain, end state, reason and number of attempts.",
    columns: &[
        DAY,
        ROUTE,
        Column::key("source", Kind::Text, "Who sent; empty for mail that was never tried."),
        Column::key("sender_domain", Kind::Text, "Domain of the envelope sender; empty where there is none."),
        STATE,
        CATEGORY,
        CLASS,
        Column::count("tries", "attempts", "Real attempts of each outcome; 11 stands for all above 10."),
        OUTCOMES,
        Column::count("messages", "messages", "Messages, each counted at its first outcome."),
        ATTEMPTS,
        Column::count("deferred_once", "outcomes", "With at least one temporary failure, real or suspended."),
        Column::count("attempted", "outcomes", "That were tried at all, or put back without trying."),
        Column::count("forwarded", "outcomes", "Asked for under another address, or taken from a stranger."),
        Column::count("complained", "outcomes", "With a complaint that the log itself records."),
    ],
};

/// Cube of attempts by channel.
pub const ATTEMPT_CHANNELS: View = View {
    name: "attempt_channels",
    about: "Real attempts by route, source, network protocol and TLS version; rows of several days stand one by one.",
    columns: &[
        ROUTE,
        SOURCE,
        Column::key("network", Kind::Text, "ipv4, ipv6 or unknown."),
        Column::key("tls", Kind::Text, "TLS version or policy as logged; empty where nothing is."),
        ATTEMPTS,
        Column::count("delivered", "attempts", "Of these, accepted."),
    ],
};

/// Cube of inbound rejects.
pub const INBOUND: View = View {
    name: "inbound",
    about: "Mail of others that we refused, by day, host and the code of our reply.",
    columns: &[
        Column::key("day", Kind::Day, "Day, UTC."),
        Column::key("host", Kind::Text, "Host that refused."),
        Column::key("code", Kind::Whole, "Code of our reply; null where none is logged.").or_null(),
        Column::key("enhanced", Kind::Text, "Enhanced status; null where none is logged.").or_null(),
        Column::count("rejects", "rejects", "Refusals."),
    ],
};
